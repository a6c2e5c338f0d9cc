r"""Memory that is freed once more, or whose bound goes.

What it flags
    In Rust, access without a check (`get_unchecked`). In C and C++: an added `free` of
    something that the change does not allocate, right before a function ends or jumps to
    its end; a pointer that is no longer set to NULL after it was freed; a copy whose length
    is no longer held below a maximum. A comparison with the most that a number can be that
    is gone (`SIZE_MAX - n`), a product in place of `calloc`, `reallocarray` or what else
    tells of an overflow, a length that is kept in a narrower type than `size_t`. A text
    that was printed by `"%s"`, and is the format now; a copy up to a length that gives way
    to one that goes on to the text's end.

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
    feasibility of stealthily introducing vulnerabilities"); CWE-415, CWE-416, CWE-787,
    CWE-190, CWE-197; CWE-134 for formats.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import (
    FileView,
    Hit,
    Pattern,
    Rule,
    Stability,
    View,
    expression,
    is_named,
)
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.hunks import on_side
from reviewqueue.scan.structure.pairs import MOST, SOME, Block, blocks, finds

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
_MOST_OF = (
    r"\b(?:S?SIZE|SSIZE|U?INT(?:\d+|PTR|MAX)?|U?L?LONG|USHRT|PTRDIFF|OFF_T|Py_SSIZE_T|G_MAXSIZE|"
    r"G_MAXU?INT\d*)_MAX\b|\bG_MAX(?:SIZE|U?INT\d*)\b|\bPY_SSIZE_T_MAX\b|std::numeric_limits<"
)
"""The most that a number can be: a trigger."""
_SAFELY = (
    r"\b(?:calloc|reallocarray|xcalloc|kcalloc|kmalloc_array|kvmalloc_array|kvcalloc|array_size|"
    r"struct_size|size_add|size_mul|check_(?:add|mul|sub)_overflow|__builtin_\w+_overflow|"
    r"ckd_(?:add|mul|sub)|g_(?:malloc|try_malloc)0?_n|g_new0?|av_malloc_array|av_calloc|"
    r"OPENSSL_malloc_array|Add2Ptr|SIZE_MULT|base::Checked\w+)\s*\("
)
"""What adds or multiplies, and tells when that is too much: a trigger."""
_AS_TEXT = r'"%s(?:\\n)?"\s*,\s*'
"""A format that only takes a text as it is: a trigger."""
_DIVIDES = r"\b(?:if|while|assert)\b[^\n]*\w[ ]*/[ ]*[\w(][^\n]*[!=]=[ ]*\w"
"""A product that is divided again, to see whether it was too large: a trigger."""
_BOUNDED = (
    r"\b(?:strn(?:cpy|cat|len)|strl(?:cpy|cat)|strscpy|snprintf|vsnprintf|fgets|(?:strcpy|strcat|"
    r"memcpy|sprintf)_s)\s*\("
)
"""What copies a text up to a length: a trigger."""
_UNBOUNDED = r"\b(?:strcpy|strcat|sprintf|vsprintf|gets|stpcpy)\s*\("
_ALLOCATES = r"\b\w*(?:alloc\w*|ALLOC\w*|new)\s*[(\[][^\n]*\w\s*\*\s*[\w(]"
_LENGTH = (
    r"\b(size_t|ssize_t|uint64_t|u64|uint32_t|u32|unsigned long|unsigned int|unsigned|int|short|"
    r"unsigned short|uint16_t|u16|int16_t|uint8_t|u8|unsigned char|char|int32_t)[ ]+"
    r"(\w*(?i:len|length|size|count|cnt|bytes|offset|off|total)\w*)[ ]*[=;,)]"
)
"""A length, and what it is kept in."""
_WIDE = (
    r"\b(?:size_t|uint64_t|u64|unsigned long|uint32_t|u32|unsigned int|unsigned)[ ]+"
    r"\w*(?i:len|size|count|cnt|bytes|off|total)"
)
"""A length that is kept in a wide type: a trigger."""
_WIDTHS = {
    name: width
    for width, names in enumerate(
        (
            "uint8_t,u8,unsigned char,char",
            "short,int16_t,uint16_t,u16,unsigned short",
            "int,int32_t",
            "unsigned int,unsigned,uint32_t,u32,ssize_t",
            "size_t,uint64_t,u64,unsigned long",
        )
    )
    for name in names.encode().split(b",")
}
"""How much a type holds without a sign, narrow ones first."""
_LONGEST = 2000
"""Bytes of a line that are looked at."""
_LEAVES = r"^[ \t]*(?:return\b|goto\s|break;|continue;)"
_C = ("*.c", "*.cc", "*.cpp", "*.cxx", "*.h", "*.hpp", "*.hh", "*.m", "*.mm", "*.inc")
_GIVEN = re.compile(rb"\b(\w+)\s*=(?=[^=])")
_POINTED = re.compile(rb"&\s*(\w+(?:(?:->|\.)\w+)*)")
_HANDED = re.compile(rb"\(\s*&?(?:[\w.>-]*[.>-])?(\w+)\s*\)")
_WORD = re.compile(rb"\w+")
"""Linear, since each begins at a word or a mark of its own."""
_COMPARES = r"[<>]"
_SIGNED = 2
"""The widest of the types that are too narrow for a length."""
_SHORT = 40
"""Lines of a side of a block up to which it is looked at."""
_SMALL = 3
"""Added lines of a place that only frees."""


def check(view: View) -> Iterator[Hit]:
    """Mark what is freed besides, what keeps its value, and what loses its bound."""
    for file in _looked_at(view.where(_FREES, side=Side.NEW)):
        yield from _freed_besides(file)
    for file in _looked_at(view.where(_NULLED, _BOUND, side=Side.OLD)):
        for block in blocks(file, rf"{_NULLED}|{_BOUND}", SOME):
            yield from _lost(file, block)
    for file in _looked_at(view.where(_MOST_OF, _SAFELY, _WIDE, _DIVIDES, side=Side.OLD)):
        most = expression(_MOST_OF)
        is_less = len(most.findall(file.removed)) > len(most.findall(file.added))
        overflows = b"overflow" in file.added
        wanted = f"{_MOST_OF}|{_SAFELY}|{_WIDE}|{_DIVIDES}"
        for block in blocks(file, wanted, range(1, _SHORT + 1)):
            if len(block.new) <= _SHORT:
                yield from _overflowing(file, block, is_less=is_less, overflows=overflows)
    for file in _looked_at(view.where(_AS_TEXT, side=Side.OLD)):
        yield from _formats(file)
    for file in _looked_at(view.where(_BOUNDED, side=Side.OLD)):
        yield from _endless(file)


def _endless(file: FileView) -> Iterator[Hit]:
    """Mark copies that go on to the end of a text, in place of those up to a length."""
    bounded, endless = finds(_BOUNDED), finds(_UNBOUNDED)
    for block in blocks(file, _BOUNDED, range(1, _SHORT + 1)):
        if len(block.new) > _SHORT or bounded(b"\n".join(text for _, text in block.new)):
            continue
        for number, text in block.new:
            if endless(text) and not is_comment(text):
                yield Hit.on(file, number, text, "a text is copied however long it is")
                break


def _formats(file: FileView) -> Iterator[Hit]:
    """Mark the lines that are what was there but for the format in front of a text."""
    as_text = expression(_AS_TEXT)
    for block in blocks(file, _AS_TEXT, SOME):
        bare = {b"".join(as_text.sub(b"", text[:_LONGEST]).split()) for _, text in block.old}
        kept = {b"".join(text[:_LONGEST].split()) for _, text in block.old}
        for number, text in block.new:
            said = b"".join(text[:_LONGEST].split())
            if said in bare and said not in kept and b"(" in said:
                yield Hit.on(file, number, text, "a text that comes from elsewhere is the format")


def _looked_at(files: Iterable[FileView]) -> Iterator[FileView]:
    aside = {Label.TEST, Label.VENDORED, Label.GENERATED, Label.DOCS}
    return (
        file
        for file in files
        if is_named(file.path, _C) and file.labels.isdisjoint(aside) and file.status == "M"
    )


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
    words: frozenset[bytes] | None = None
    is_unbounded = finds(_COPIES)(new) and not finds(_BOUND)(new)
    for number, text in block.old:
        message = ""
        if frees and finds(_NULLED)(text):
            name = text.partition(b"=")[0].strip()
            words = frozenset(_WORD.findall(new)) if words is None else words
            is_there = words.issuperset(_WORD.findall(name)) and name in new
            if is_there and name + b" =" not in new and b"&" + name not in new:
                message = "keeps its value after it was freed"
        elif is_unbounded and finds(_BOUND)(text) and finds(_COPIES)(text):
            message = "a copy's length is no longer held below a maximum"
        if message:
            yield Hit.on(file, number, text, message, side=Side.OLD)


def _overflowing(file: FileView, block: Block, *, is_less: bool, overflows: bool) -> Iterator[Hit]:
    """Tell sums and lengths that no longer tell when they are too large."""
    most, safely, overflow = map(finds, (_MOST_OF, _SAFELY, "overflow"))
    multiplied = finds(f"{_SAFELY}|{_DIVIDES}")
    new = b"\n".join(text for _, text in block.new)
    allocates = finds(_ALLOCATES)(new)
    for number, text in () if multiplied(new) or most(new) else block.old:
        if is_comment(text):
            continue
        message = ""
        if is_less and most(text) and finds(_COMPARES)(text):
            message = "a length is no longer held below the most that a number can be"
        elif allocates and multiplied(text):
            message = "a size is multiplied, and nothing tells any more when it is too large"
        elif not overflows and safely(text) and overflow(text):
            message = "nothing tells any more when a sum is too large"
        if message:
            yield Hit.on(file, number, text, message, side=Side.OLD)
            return
    before = _lengths(text for _, text in block.old)
    for number, text in block.new:
        for name, width in _lengths([text]).items():
            if width <= _SIGNED < before.get(name, 0):
                message = "a length is kept in a type that is too narrow for it"
                yield Hit.on(file, number, text, message)
                return


def _lengths(lines: Iterable[bytes]) -> dict[bytes, int]:
    """Return how wide the lengths are that lines declare."""
    length = expression(_LENGTH)
    return {name: _WIDTHS[kind] for text in lines for kind, name in length.findall(text)}


RULE = Rule(
    id="memory-made-unsafe",
    pathway=Pathway.BACKDOOR,
    severity=Severity.MEDIUM,
    confidence=Confidence.LOW,
    stability=Stability.STABLE,
    summary="frees memory once more, or takes a bound of it away",
    version=4,
    patterns=(
        Pattern(
            r"\b(?:get_unchecked(?:_mut)?|unwrap_unchecked|unreachable_unchecked|"
            r"from_utf8_unchecked(?:_mut)?)\s*\(",
            "memory is read without asking whether it is there, or what it holds",
            globs=("*.rs",),
            never=frozenset({Label.TEST, Label.DOCS, Label.VENDORED, Label.GENERATED}),
        ),
    ),
    added_triggers=(_FREES,),
    removed_triggers=(_NULLED, _BOUND, _MOST_OF, _SAFELY, _WIDE, _AS_TEXT, _BOUNDED, _DIVIDES),
    check=check,
)
