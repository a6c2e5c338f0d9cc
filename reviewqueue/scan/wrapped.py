"""Lines that stay, and are put between marks by which they do nothing any more.

A block comment, a string that nobody reads, a condition that never holds: only the marks come,
and what stands between them is the same as before.
"""

from collections.abc import Callable, Container, Iterator, Sequence

from reviewqueue.scan.hunks import Marked, numbered
from reviewqueue.scan.pairs import Numbered, finds
from reviewqueue.scan.rule import FileView

Found = Callable[[bytes], bool]

_NEVER = r"^[ \t]*(?:if|when|while)[ \t]*\(?[ \t]*(?:[Ff]alse|0|nil)[ \t]*\)?"
_OPENS: tuple[tuple[str, str], ...] = (
    (r"^[ \t]*(?:\{[ \t]*)?/\*(?:[^*\n]|\*[^/\n])*\**$", r"\*/"),
    (r"^[ \t]*#[ \t]*if[ \t]+(?:0|false)\b", r"^[ \t]*#[ \t]*(?:endif|else|elif)\b"),
    (r"^=(?:begin|pod|comment|for[ ]comment)\b", r"^=(?:end|cut)\b"),
    (r"^[ \t]*--\[=*\[[^\]\n]*$", r"\]=*\]"),
    (r"^[ \t]*<!--(?:[^-\n]|-[^-\n])*$", r"-->"),
    (r"^[ \t]*\(\*(?:[^*\n]|\*[^)\n])*$", r"\*\)"),
    (r"^[ \t]*\{-(?:[^-\n]|-[^}\n])*$", r"-\}"),
    (_NEVER + r"[ \t]*(?::|\{|then)?[ \t]*$", r"^[ \t]*\}"),
)
"""What begins such a block, on a line of its own, and what ends it."""
_STRINGS = (b'"""', b"'''")
_ALONE = r"^[ \t]*[rR]?(?:\"\"\"|''')[^\"'\n]*$"
_QUICK = (
    r"/\*|#[ \t]*if[ \t]|^=[bpcf]|--\[|<!--|\(\*|\{-|\"\"\"|'''|"
    r"\b(?:if|when|while)[ \t]*\(?[ \t]*(?:[Ff]alse|0|nil)"
)
_NEW = 12
"""Lines by which the new ones may outnumber those that were there."""
_REACH = 400
"""Lines up to which such a block is followed."""


def wrapped(file: FileView, wanted: str) -> Iterator[tuple[Numbered, Numbered]]:
    """Yield each mark that came before lines that were there, with the first that is wanted."""
    if file.status == "A" or not finds(_QUICK)(file.added):
        return
    before = {b"".join(text.split()) for _, text in file.removed_lines()} - {b""}
    for hunk in file.hunks():
        if any(line[:1] == b"+" and finds(_QUICK)(line[1:]) for line in hunk[2]):
            after = [line for line in numbered(hunk) if line[0] != b"-"]
            yield from _blocks(after, before, finds(wanted))


def _blocks(
    after: Sequence[Marked], before: Container[bytes], is_wanted: Found
) -> Iterator[tuple[Numbered, Numbered]]:
    at, inside = 0, False
    while at < len(after):
        mark, number, text = after[at]
        end = 0 if inside or mark != b"+" else _end(after, at, before)
        held = (line for line in after[at + 1 : end] if is_wanted(line[2]))
        found = next(held, None) if end else None
        if found:
            yield (number, text), found[1:]
        if end:
            at = end
        else:
            inside ^= sum(map(text.count, _STRINGS)) % 2 == 1
            at += 1


def _end(after: Sequence[Marked], at: int, before: Container[bytes]) -> int:
    """Return the place after what a mark holds, if these are lines that were there; or 0."""
    text = after[at][2]
    if finds(_ALONE)(text):
        quote = next(quote for quote in _STRINGS if quote in text)
        end = _followed(after, at, before, lambda line: quote in line)
        return end if end and after[end - 1][0] == b"+" and quote in after[end - 1][2] else 0
    ends = next((ends for opens, ends in _OPENS if finds(opens)(text)), "")
    return _followed(after, at, before, finds(ends)) if ends else 0


def _followed(after: Sequence[Marked], at: int, before: Container[bytes], is_end: Found) -> int:
    """Return the place after the line that ends a block of which most lines were there; or 0."""
    first = next((line for line in after[at + 1 : at + _REACH] if line[2].strip()), None)
    if first is None or not _was_there(first, before):
        return 0
    kept, end = 0, at + 1
    for line in after[at + 1 : at + _REACH]:
        end += 1
        if is_end(line[2]):
            break
        kept += _was_there(line, before)
        if end - at - 2 * kept > _NEW:
            return 0
    return end if 2 * kept > end - at - 2 else 0


def _was_there(line: Marked, before: Container[bytes]) -> bool:
    mark, _, text = line
    return mark == b" " or b"".join(text.split()) in before
