"""Guards that are gone and yet weigh little: told anew, gone with what they limited, or idle."""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property

from reviewqueue.domain.finding import Side
from reviewqueue.scan.effects.guards import is_condition, is_refusal
from reviewqueue.scan.effects.named import OWN, REASON
from reviewqueue.scan.rule import FileView, expression
from reviewqueue.scan.structure.comments import is_bare, is_comment
from reviewqueue.scan.structure.hunks import ChangedLines, shown_after
from reviewqueue.scan.structure.pairs import ANY, blocks, finds, paired

_REGISTERED = (
    r"(?i)middleware|handle|hook|filter|guard|intercept|before|request|proxy|auth|permission|"
    r"polic(?:y|ies)|^(?:main|init|setup)$"
)
"""Names by which a framework may call a function, though no program does."""
_HEAD = (
    r"^(?:export[ ]|pub(?:\(\w+\))?[ ]|async[ ]|static[ ]|inline[ ])*(?:(?:def|fn|func|function)"
    r"[ ]+(\w+)|(?:const|let|var)[ ]+(\w+)[^=\n]*=[ ]*(?:async\b[ ]*)?(?:<|\(|function\b))"
)
"""What begins a function at a file's margin."""
_IMPORTS = r"^[ \t]*(?:(?:import|from|use|using)\b|export[ ]+[{*]|\w+,?[ \t]*$)"
_WORD = re.compile(rb"\w+")
_BRACKETS = ((b"{", b"}"), (b"(", b")"))
_SAYS = r"[\"'`]\w"
"""A refusal that gives a reason."""
_QUERY = r"(?i)\bSELECT\b|\bUPDATE\b|\bDELETE[ ]+FROM\b"
"""What begins a query."""


class Near:
    """What stands around the removed conditions of a file; looked up when first asked."""

    def __init__(self, file: FileView) -> None:
        """Keep the file."""
        self.file = file

    @cached_property
    def removed(self) -> ChangedLines:
        """The removed lines."""
        return ChangedLines(self.file, Side.OLD)

    @cached_property
    def asked_anew(self) -> frozenset[int]:
        """The removed lines in whose place another condition stands."""
        return frozenset(
            number
            for block in blocks(self.file)
            if any(is_condition(text) for _, text in block.new)
            for number, _ in block.old
        )

    @cached_property
    def _left(self) -> frozenset[bytes]:
        """The lines that the file has now, as far as the change shows them."""
        return frozenset(map(bytes.strip, shown_after(self.file).split(b"\n")))

    def still_says(self, line: bytes) -> bool:
        """Return whether the file still refuses, with a reason, in the words of a line."""
        return finds(_SAYS)(line) and is_refusal(line) and line.strip() in self._left


def told_anew(file: FileView, regex: str) -> frozenset[int | None]:
    """Return the lines of a reason whose place another refusal, or another reason, takes."""
    if regex != REASON:
        return frozenset()
    reasons = finds(REASON)
    return frozenset(
        pair.old_line
        for block in blocks(file, REASON)
        for pair in paired(block)
        if is_refusal(pair.new) or reasons(pair.new)
    )


def with_query(file: FileView, regex: str) -> frozenset[int | None]:
    """Return the limits to somebody's own rows that go with the very query that they limited."""
    if regex != OWN:
        return frozenset()
    asks = finds(_QUERY)
    return frozenset(
        number
        for block in blocks(file, OWN)
        if not any(not is_bare(text) for _, text in block.new)
        and any(asks(text) for _, text in block.old)
        for number, _ in block.old
    )


def used_words(programs: Sequence[FileView]) -> frozenset[bytes]:
    """Return every word of added lines, and of removed ones that neither define nor import."""
    head, imports = finds(_HEAD), finds(_IMPORTS)
    used = (
        text
        for file in programs
        for text in file.removed.split(b"\n")
        if not (head(text) or imports(text) or is_comment(text))
    )
    texts = (*used, *(file.added for file in programs))
    return frozenset(_WORD.findall(b"\n".join(texts)))


def idle_lines(file: FileView, in_use: frozenset[bytes]) -> Iterator[int]:
    """Yield the removed lines of whole functions at the margin that nothing uses."""
    head = expression(_HEAD)
    for block in blocks(file, _HEAD, of=ANY[2:]):
        if any(not (is_bare(text) or is_comment(text)) for _, text in block.new):
            continue
        found = [(at, head.search(text)) for at, (_, text) in enumerate(block.old)]
        starts = [(at, bytes(name[1] or name[2])) for at, name in found if name]
        for (at, name), end in zip(
            starts, [*(at for at, _ in starts[1:]), len(block.old)], strict=True
        ):
            above = block.old[at - 1][1] if at else b""
            whole = b"\n".join([text for _, text in block.old[at:end]])
            if above[:1] in {b"@", b"#"} or name in in_use or finds(_REGISTERED)(name):
                continue
            if all(whole.count(opened) == whole.count(closed) for opened, closed in _BRACKETS):
                yield from (number for number, _ in block.old[at:end])
