"""Addresses that newly stand in a list of them.

A list of addresses is often longer than what a diff shows of it, so that the key it stands
under is out of sight: what stands beside an entry then says what it is.
"""

from collections.abc import Iterator, Sequence

from reviewqueue.domain.finding import Side
from reviewqueue.scan.rule import FileView, expression
from reviewqueue.scan.structure.hunks import Marked, numbered
from reviewqueue.scan.structure.outline import outline
from reviewqueue.scan.structure.pairs import Numbered, finds

_ADDRESS = r"\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,2})?"
_ITEM = rf"^[ \t]*(?:-[ \t]+)?['\"]?({_ADDRESS})['\"]?[ \t]*,?[ \t]*(?:(?:#|//|;)[^\n]*)?$"
"""An address on a line of its own."""
_INNER = r"^(?:10|127|169\.254|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.|^0\.|^255\.|^22[4-9]\.|^23\d\."
"""Networks of one's own, in which such lists more often share out than let in."""
_OTHERWISE = (
    r"(?i)egress|outbound|out-bound|route|destination|\bdest|no_?proxy|\bnat\b|subnet|\bvpc|deny|"
    r"denied|block|black_?list|banned|\bban\b|drop|reject|resolver|name_?-?server|\bdns\b|\bntp|"
    r"\bpool\b|reserved|advertis|\btargets?\b|upstream|backends?\b|scrape|except|exclude|\bpeers?\b"
)
"""What other lists of addresses are about."""


def let_in(file: FileView) -> Iterator[Numbered]:
    """Yield the new entries of lists of addresses, as far as nothing says what else they are."""
    if finds(_OTHERWISE)(file.path.encode("utf-8", "replace")):
        return
    gone = {bytes(address) for address in expression(rf"\b{_ADDRESS}\b").findall(file.removed)}
    found = [line for hunk in file.hunks() for line in _beside(numbered(hunk), gone)]
    if not found:
        return
    # Where a key is in sight, what it says is told by those who read keys.
    keyed = {entry.number for entry in outline(file, Side.NEW) if entry.under}
    yield from (line for line in found if line[0] not in keyed)


def _beside(lines: Sequence[Marked], gone: set[bytes]) -> Iterator[Numbered]:
    """Yield the added addresses that stand in a row with one that was there and stays."""
    item, otherwise = expression(_ITEM), finds(_OTHERWISE)
    run: list[Numbered] = []
    stays = False
    for mark, number, text in (*lines, (b" ", 0, b"")):
        if mark == b"-":
            continue
        address = item.search(text)
        if address is None:
            yield from run if stays else ()
            run, stays = [], False
        elif mark == b" ":
            stays = stays or not otherwise(text)
        elif address[1] not in gone and not otherwise(text) and not _is_inner(address[1]):
            run.append((number, text))


def _is_inner(address: bytes) -> bool:
    return finds(_INNER)(address)
