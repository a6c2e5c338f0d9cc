"""Where a workflow limits its tokens for the first time, or goes on doing so.

Without a block of permissions a job has what the repository gives by default, without limits
an application's token has all that the application has: what is named then where nothing was
may be less than before. Nothing is concluded from what the hunks do not show.
"""

from collections.abc import Iterator, Sequence

from reviewqueue.domain.finding import Side
from reviewqueue.scan.rule import FileView, expression
from reviewqueue.scan.structure.hunks import Marked, numbered, on_side

BLOCK = r"^[ \t]*['\"]?permissions['\"]?\s*:"
APPLICATION = (
    r"\buses:[^\n]*(?:create-github-app-token|github-app-token|workflow-application-token|"
    r"app-token-action)@"
)
LIMIT = r"^[ \t]*permission-[a-z-]+['\"]?\s*:"
"""Without any of these an application's token may do all that the application may."""
_TOP = r"^permissions:[ \t]*(?:#[^\n]*)?$"
_READS = (
    r"^permissions:[ \t]*(?:"
    r"(?:\{(?:[ \t]*[\w-]+:[ \t]*(?:read|none)[ \t]*,?)*[ \t]*\}|read-all)[ \t]*(?:#[^\n]*)?$|"
    r"(?:#[^\n]*)?\n(?:[ \t]+[\w-]+:[ \t]*(?:read|none)[ \t]*(?:#[^\n]*)?\n|"
    r"[ \t]*(?:#[^\n]*)?\n)+\w)"
)
"""The whole block of a workflow, up to what follows it, in which nothing is written."""
_USES = r"^[ \t]*(?:-[ \t]+)?uses[ \t]*:"
_WITH = r"^[ \t]*with[ \t]*:[ \t]*(?:#[^\n]*)?$"
_KEY = r"^[ \t]*private[-_]key[ \t]*:"


def in_first_blocks(file: FileView) -> set[int]:
    """Return the new lines in blocks of permissions that are new as a whole.

    There are none unless a workflow that has no block yet gets one for all its jobs.
    """
    is_first = not file.matches(BLOCK, Side.OLD) and expression(_TOP).search(file.added)
    return {number for hunk in file.hunks() if is_first for number in _blocked(numbered(hunk))}


def _blocked(lines: Sequence[Marked]) -> Iterator[int]:
    opens, is_new, depth = expression(BLOCK), False, 0
    for mark, number, text in lines:
        if mark == b"-":
            continue
        if opens.search(text):
            is_new, depth = mark == b"+", _depth(text)
        elif _says(text) and _depth(text) <= depth:
            is_new = False
        if is_new:
            yield number


def reads_at_most(file: FileView) -> bool:
    """Return whether a workflow is seen to give jobs that say nothing no right to write."""
    reads = expression(_READS)
    sides = (on_side(lines, Side.NEW) for _, _, lines in file.hunks())
    return any(reads.search(b"\n".join([line[1:] for line in side])) for side in sides)


def first_limits(file: FileView) -> set[int]:
    """Return the new lines that limit an application's token which nothing limited."""
    return {
        number
        for hunk in file.hunks()
        for inputs in _inputs(numbered(hunk))
        if _is_unlimited(inputs)
        for mark, number, _ in inputs
        if mark == b"+"
    }


def _inputs(lines: Sequence[Marked]) -> Iterator[list[Marked]]:
    """Yield what stands below each `with` of a step that asks for such a token, before too."""
    application, uses, opens = (expression(regex) for regex in (APPLICATION, _USES, _WITH))
    is_asked, found, depth = False, list[Marked](), -1
    for line in lines:
        mark, _, text = line
        if depth >= 0 and _says(text) and _depth(text) <= depth:
            yield found
            depth = -1
        if depth >= 0:
            found.append(line)
        elif mark == b" " and is_asked and opens.search(text):
            found, depth = [], _depth(text)
        elif uses.search(text) or text.lstrip().startswith(b"- "):
            is_asked = mark == b" " and application.search(text) is not None


def _is_unlimited(inputs: Sequence[Marked]) -> bool:
    """Return whether what was there had a key, and no limit."""
    before = [text for mark, _, text in inputs if mark != b"+"]
    kept = [text for mark, _, text in inputs if mark == b" "]
    limit, key = expression(LIMIT), expression(_KEY)
    return any(map(key.search, kept)) and not any(map(limit.search, before))


def _says(text: bytes) -> bool:
    bare = text.strip()
    return bool(bare) and not bare.startswith(b"#")


def _depth(text: bytes) -> int:
    return len(text) - len(text.lstrip())
