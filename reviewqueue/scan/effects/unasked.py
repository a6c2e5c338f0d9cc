"""A function that held something back, and is gone together with the calls of it.

What it is called does not matter: that it asks and refuses does, and that what called it stays
and goes on without.
"""

import re
from collections.abc import Iterator, Sequence

from reviewqueue.scan.effects.guards import REFUSING, is_condition, is_presence, lines
from reviewqueue.scan.rule import FileView, expression
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.pairs import MOST, Block, blocks, finds, paired

_DEFINES = (
    r"^[ \t]*(?:(?:export|default|pub(?:\(\w+\))?|async|static|inline|private|protected|public|"
    r"internal|override|final|func|function|def|fn|fun|sub|void|bool|int|error|self\.)[ \t]+)*"
    r"(?:func|function|def|fn|fun|sub|void|bool|int|static)[ \t]+(?:\([^)\n]*\)[ \t]*)?(?:self\.)?"
    r"(\w{4,})[ \t]*[!?]?(?:\(|$)"
)
_CALLED = r"\b(\w{4,})\("
_WORD = re.compile(rb"\w+")
_REACH = 14
"""Lines below its first within which a function asks and refuses."""
_FAILED = r"\b(?:err(?:or)?|ok|exc|ex|e)\b"
_BELOW = 3
_MOST = 400
"""Removed lines of a change above which it is a rewrite."""
_CALL = 3
"""Removed lines of a block up to which a call is the point of it."""

Unasked = tuple[FileView, int, bytes]


def unasked(files: Sequence[FileView]) -> Iterator[Unasked]:
    """Yield the functions that asked and refused, and that nothing calls any more."""
    if lines([file.removed for file in files], _MOST) > _MOST:
        return
    refuses = expression(REFUSING)
    lost = sum(len(refuses.findall(file.removed)) for file in files)
    if lost <= sum(len(refuses.findall(file.added)) for file in files):
        return
    found = [item for file in files for item in _defined(file)]
    if not found:
        return
    left = _left_behind(files)
    found = [item for item in found if item[-1] in left]
    named = {item[-1] for item in found}
    for file in files if named else ():
        for _, text in file.added_lines():
            if not named.isdisjoint(words := _WORD.findall(text)) and not is_comment(text):
                named.difference_update(words)
    yield from (item[:-1] for item in found if item[-1] in named)


def _defined(file: FileView) -> Iterator[tuple[FileView, int, bytes, bytes]]:
    """Yield the functions that a file loses, and that asked and refused."""
    defines, refuses = expression(_DEFINES), finds(REFUSING)
    if not refuses(file.removed):
        return
    for block in blocks(file, _DEFINES, of=range(2, MOST)):
        for at, (number, text) in enumerate(block.old):
            found = defines.search(text)
            if not found:
                continue
            body = [line for _, line in block.old[at + 1 : at + _REACH] if not is_comment(line)]
            end = next((k for k, line in enumerate(body) if defines.search(line)), len(body))
            if _asks_and_refuses(file, body[:end]):
                yield file, number, text, found[1]


def _asks_and_refuses(file: FileView, body: Sequence[bytes]) -> bool:
    """Return whether a condition of some lines refuses, and not only for what went wrong."""
    refuses, failed = finds(REFUSING), finds(_FAILED)
    return any(
        is_condition(text)
        and not (failed(text) or is_presence(file, text))
        and any(refuses(line) and not failed(line) for line in body[at : at + _BELOW])
        for at, text in enumerate(body)
    )


def _left_behind(files: Sequence[FileView]) -> frozenset[bytes]:
    """Return the names of what something that stays called, and goes on without."""
    defines, called = finds(_DEFINES), expression(_CALLED)
    found: set[bytes] = set()
    for file in files:
        if file.status not in {"M", "R"}:
            continue
        for block in blocks(file, _CALLED):
            stays = _goes_on(block)
            for number, text in block.old:
                if number in stays and not defines(text):
                    found.update(called.findall(text))
    return frozenset(found)


def _goes_on(block: Block) -> frozenset[int]:
    """Return the removed lines of a block in whose place there is something, or that are few."""
    if block.new:
        return frozenset(pair.old_line for pair in paired(block))
    return frozenset(number for number, _ in block.old if len(block.old) <= _CALL)
