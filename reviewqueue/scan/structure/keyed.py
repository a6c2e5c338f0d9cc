"""What a name was given before a change and is given after it, however its lines are broken."""

from collections.abc import Iterator, Sequence

from reviewqueue.scan.rule import expression
from reviewqueue.scan.structure.pairs import Block, Pair, paired

_GIVEN = (
    r"^[ \t]*(?:(?:export|default|const|let|var|public|private|protected|static|readonly|final|val)"
    r"[ ]+)*['\"]?([\w$-]+)['\"]?[ ]*(?::=|[:=])[ ]*(?:await[ ]+|new[ ]+)?([A-Za-z_$][\w$]*)"
)


def keyed(block: Block, pairs: Sequence[Pair] | None = None) -> Iterator[tuple[Pair, Pair]]:
    """Yield, of names that stand on both sides, what they are first given: where that differs.

    Only where the two lines are none of the block's pairs: those given, if they are known. Of
    each, what is to be compared, which ends with the first word that the name is given, and
    the whole lines.
    """
    if not (block.old and block.new):
        return
    given = expression(_GIVEN)
    found_pairs = paired(block) if pairs is None else pairs
    known = {pair.old_line: pair.new_line for pair in found_pairs}
    new: dict[bytes, tuple[int, bytes, bytes, bytes]] = {}
    for number, text in block.new:
        if found := given.search(text):
            new.setdefault(found[1], (number, found[2], text[: found.end()], text))
    for number, text in block.old:
        found = given.search(text)
        if not found or found[1] not in new:
            continue
        at, value, said, whole = new[found[1]]
        if value != found[2] and known.get(number) != at:
            short = Pair(number, at, text[: found.end()], said)
            yield short, Pair(number, at, text, whole)
