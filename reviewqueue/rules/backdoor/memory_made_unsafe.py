r"""Memory that is freed once more, or whose bound goes.

What it flags
    In C and C++: an added `free` of something that the change does not allocate, right
    before a function ends or jumps to its end; a pointer that is no longer set to NULL
    after it was freed; a copy whose length is no longer held below a maximum.

Why it matters
    Freed twice, or used after it was freed, memory belongs to whoever fills it next. One
    line in an error's path does it, and reads like a leak's repair.

How to review it
    Look for who else frees it: the caller, the label that is jumped to, a destructor.
    Run the path with a sanitizer for addresses.

Not flagged
    What the lines around allocate or free again; new files; a variable that is gone as well;
    tests.

Seen in
    The commits that a study of the University of Minnesota sent to Linux in 2020 ("On the
    feasibility of stealthily introducing vulnerabilities"); CWE-415, CWE-416, CWE-787.
"""

import re
from collections import Counter
from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.hunks import on_side
from reviewqueue.scan.pairs import MOST, SOME, Block, blocks, finds
from reviewqueue.scan.rule import FileView, Hit, Rule, Stability, View, expression, is_named

_FREES = (
    r"^[ \t]*\w*(?:free|FREE|put_device|fput|release_sock|kref_put|of_node_put|brelse)\w*\s*"
    r"\([^()\n]*\)\s*;"
)
_FREED = r"^[ \t]*\w+\s*\(\s*&?([A-Za-z_]\w*(?:(?:->|\.)\w+)*)(?:\s*,[^()\n]*)?\)\s*;"
_NULLED = r"^[ \t]*[A-Za-z_][\w.>\[\]-]*\s*=\s*(?:NULL|nullptr)\s*;"
_BOUND = r"\b(?:MIN|min|min_t|std::min|PR_MIN|FFMIN|XMIN|g_min|umin|clamp_t?|CLAMP)\s*(?:<\w+>)?\("
_COPIES = (
    r"\b(?:memcpy|memmove|strncpy|strncat|copy_(?:from|to)_user|read|recv|fread|bcopy|CopyMemory|"
    r"snprintf|std::copy_n|wmemcpy|RtlCopyMemory)\s*\("
)
_LEAVES = r"^[ \t]*(?:return\b|goto\s|break;|continue;)"
_C = ("*.c", "*.cc", "*.cpp", "*.cxx", "*.h", "*.hpp", "*.hh", "*.m", "*.mm", "*.inc")
_GIVEN = re.compile(rb"\b(\w+)\s*=(?=[^=])")
_POINTED = re.compile(rb"&\s*(\w+(?:(?:->|\.)\w+)*)")
_HANDED = re.compile(rb"\(\s*&?(?:[\w.>-]*[.>-])?(\w+)\s*\)")
_WORD = re.compile(rb"\w+")
"""Linear, since each begins at a word or a mark of its own."""
_SMALL = 3
"""Added lines of a place that only frees."""


def check(view: View) -> Iterator[Hit]:
    """Mark what is freed besides, what keeps its value, and what loses its bound."""
    for file in view.where(_FREES, side=Side.NEW):
        if _is_looked_at(file):
            yield from _freed_besides(file)
    for file in view.where(_NULLED, _BOUND, side=Side.OLD):
        if _is_looked_at(file):
            for block in blocks(file, rf"{_NULLED}|{_BOUND}", SOME):
                yield from _lost(file, block)


def _is_looked_at(file: FileView) -> bool:
    aside = {Label.TEST, Label.VENDORED, Label.GENERATED, Label.DOCS}
    return is_named(file.path, _C) and file.labels.isdisjoint(aside) and file.status == "M"


def _freed_besides(file: FileView) -> Iterator[Hit]:
    """Mark what is freed right before a line that leaves and that was there."""
    frees, freed, leaves = expression(_FREES), expression(_FREED), expression(_LEAVES)
    for _, start, lines in file.hunks():
        shown = on_side(lines, Side.NEW)
        owned: frozenset[bytes] | None = None
        removed = frozenset(line[1:] for line in lines if line[:1] == b"-")
        for at, line in enumerate(shown[:-1]):
            found = freed.search(line[1:]) if line[:1] == b"+" and frees.search(line[1:]) else None
            below = shown[at + 1]
            if not found or not leaves.search(below[1:]) or not _is_alone(shown, at):
                continue
            owned = _owned(lines) if owned is None else owned
            if _last(found[1]) not in owned and (below[:1] == b" " or below[1:] in removed):
                message = "is freed here besides: who else frees it?"
                yield Hit.on(file, start + at, line[1:], message)


def _last(name: bytes) -> bytes:
    """Return the last part of the name of a variable, or of a part of one."""
    return name.rpartition(b">")[2].rpartition(b".")[2]


def _owned(lines: list[bytes]) -> frozenset[bytes]:
    """Return the variables that the lines of a hunk give a value, or hand on more than once."""
    whole = b"\n".join(line[1:] for line in lines)
    given = set(_GIVEN.findall(whole))
    pointed = {part for chain in _POINTED.findall(whole) for part in _WORD.findall(chain)}
    handed = Counter(_HANDED.findall(whole))
    return frozenset(given | pointed | {name for name, count in handed.items() if count > 1})


def _is_alone(shown: list[bytes], at: int) -> bool:
    """Return whether hardly anything is added around a line."""
    return sum(line[:1] == b"+" for line in shown[max(0, at - 8) : at + 8]) <= _SMALL


def _lost(file: FileView, block: Block) -> Iterator[Hit]:
    """Tell a pointer that keeps its value though freed, and a copy without its maximum."""
    if len(block.new) > MOST:
        return
    new = b"\n".join(text for _, text in block.new)
    old = b"\n".join(text for _, text in block.old)
    frees = finds(_FREES)(old) and finds(_FREES)(new)
    is_unbounded = finds(_COPIES)(new) and not finds(_BOUND)(new)
    for number, text in block.old:
        message = ""
        if frees and finds(_NULLED)(text):
            name = text.partition(b"=")[0].strip()
            if name in new and name + b" =" not in new and b"&" + name not in new:
                message = "keeps its value after it was freed"
        elif is_unbounded and finds(_BOUND)(text) and finds(_COPIES)(text):
            message = "a copy's length is no longer held below a maximum"
        if message:
            yield Hit.on(file, number, text, message, side=Side.OLD)


RULE = Rule(
    id="memory-made-unsafe",
    pathway=Pathway.BACKDOOR,
    severity=Severity.MEDIUM,
    confidence=Confidence.LOW,
    stability=Stability.STABLE,
    summary="frees memory once more, or takes a bound of it away",
    version=2,
    added_triggers=(_FREES,),
    removed_triggers=(_NULLED, _BOUND),
    check=check,
)
