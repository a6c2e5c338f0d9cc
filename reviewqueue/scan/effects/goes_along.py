"""Guards that go together with all that they can be seen to have guarded.

Nothing is let through by that alone: what asked for the whole, and still does, fails. It is
a sign, and no proof, since a framework may ask for a function by its name.
"""

from collections.abc import Iterator, Sequence

from reviewqueue.domain.finding import Side
from reviewqueue.scan.rule import FileView, Line, expression
from reviewqueue.scan.structure.hunks import Marked, numbered, on_side

_METHOD = r"^[ \t]+(?:async[ \t]+)?def[ \t]+[a-z]\w*\("
_MARGIN = r"^[A-Za-z_$]"
"""What git takes for the head of what follows."""
_UNBASED = r"^class[ \t]+\w+[ \t]*(?:\([ \t]*\))?[ \t]*:"
_BINDS = r"^[ \t]*(?:const|let|var)[ \t]+(\w+)[ \t]*(?::[^=\n]+)?=[ \t]*(?:await[ \t]+)?[\w.]+\("
_HEAD = r"=>[ \t]*\{[ \t]*$|\bfunction\b[^\n]*\{[ \t]*$"
_PASSED_ON = r"\bnext\b|\bnext_?handler\b"
"""What only lets others go on has guarded them."""
_BRACKETS = ((b"{", b"}"), (b"(", b")"))
_RUN = 400
"""Lines that go together, of which more are not read."""


def is_method_of_its_own(file: FileView, line: Line) -> bool:
    """Return whether a removed line begins a method of a Python class that has no bases.

    It overrides nothing, so what called it does not get a laxer one instead.
    """
    if not file.path.endswith(".py") or not expression(_METHOD).search(line.whole):
        return False
    margin, unbased = expression(_MARGIN), expression(_UNBASED)
    for (start, _, lines), owner in zip(file.hunks(), file.headings(), strict=False):
        above = on_side(lines, Side.OLD)[: max((line.number or 0) - start, 0)]
        if start <= (line.number or 0) < start + len(on_side(lines, Side.OLD)):
            heads = [text[1:] for text in above if margin.search(text[1:])]
            return unbased.search((heads or [owner])[-1]) is not None
    return False


def goes_with_its_use(file: FileView, line: Line) -> bool:
    """Return whether a guard's result was only handed on by a function that goes as a whole.

    Only of a file that gains nothing, in a language of brackets.
    """
    bound = expression(_BINDS).search(line.whole)
    if file.added or not bound:
        return False
    return any(_is_whole(run, line, bytes(bound[1])) for run in _runs(file))


def _runs(file: FileView) -> Iterator[list[Marked]]:
    """Yield the lines that are removed together."""
    for hunk in file.hunks():
        run: list[Marked] = []
        for line in numbered(hunk):
            if line[0] == b"-":
                run.append(line)
            elif run:
                yield run
                run = []
        if run:
            yield run


def _is_whole(run: Sequence[Marked], line: Line, name: bytes) -> bool:
    """Return whether a guard's whole function is in a run of lines, and returns what it made."""
    at = next((place for place, (_, number, _) in enumerate(run) if number == line.number), -1)
    if at < 0 or len(run) > _RUN:
        return False
    texts = [text for _, _, text in run]
    whole = b"\n".join(texts)
    if expression(_PASSED_ON).search(whole) or not _is_balanced(whole):
        return False
    depth, head = _depth(texts[at]), expression(_HEAD)
    is_begun = any(_depth(text) < depth and head.search(text) for text in texts[:at])
    used = expression(rf"\breturn\b[^\n]*\([^\n]*\b{name.decode()}\b")
    return is_begun and any(map(used.search, texts[at + 1 :]))


def _is_balanced(text: bytes) -> bool:
    """Return whether every bracket of a text is closed, and none that it does not open."""
    for opening, closing in _BRACKETS:
        left = 0
        for line in text.split(b"\n"):
            left += line.count(opening) - line.count(closing)
            if left < 0:
                return False
        if left:
            return False
    return True


def _depth(text: bytes) -> int:
    return len(text) - len(text.lstrip())
