r"""A loop in which a program stays for ever.

What it flags
    An added loop without an end (`while (true)`, `for (;;)`, `loop {`, up to `Infinity`)
    in whose body, as far as the change shows it, nothing ends it, waits or hands over:
    no `break`, `return`, `await`, `sleep`, `read` or the like. High where it stands at a
    file's top level, so that merely loading the file hangs, or prints or fills memory.
    Also fork bombs.

Why it matters
    A library that hangs takes down everything that loads it; in a dependency one such
    line is sabotage that needs no network and no secret.

How to review it
    Find the line that leaves the loop; if there is none, ask what it is for.
    Look at whether merely importing the file runs it.

Not flagged
    Loops that wait, read, yield or can leave; tests and prose.

Seen in
    ATT&CK T1499 (endpoint denial of service); CWE-835; colors 1.4.1 and 1.4.44-liberty-2 on
    npm (January 2022).
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import FileView, Hit, Line, Rule, Stability, View, expression
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.hunks import on_side
from reviewqueue.scan.structure.kinds import is_code

_TO_INFINITY = (
    r"[<>!]=?\s*(?:Number\.POSITIVE_INFINITY|Number\.MAX_VALUE|Infinity)\b|"
    r"\bfloat\s*\(\s*['\"]inf|\bmath\.inf\b|\bitertools\.(?:count|repeat|cycle)\s*\("
)
_FOREVER = (
    r"\bwhile\s*\(?\s*(?:true|True|TRUE|1|!0|:|!!1)\s*[:){;]|\bfor\s*\(\s*;\s*;\s*\)|"
    r"^[ \t]*(?:\w+:\s*)?loop\s*(?:\{|do\b)|^[ \t]*for\s*\{|"
    r"\bwhile\s+(?:true|:|\[\s*1)|\buntil\s+false\b"
)
_LOOPS = r"\b(?:for|while|until|loop|do)\b"
_BOMB = (
    r":\s*\(\)\s*\{\s*:\s*\|\s*:\s*&\s*\}|\bwhile\b[^\n]*\bos\.fork\s*\(\)|"
    r"\.repeat\s*\(\s*1e9|%0\|%0"
)
_LEAVES = (
    r"(?i)\b(?:break|return|throw|raise|yield|await|exit|die|panic|goto|abort|continue\s+\w|last|"
    r"done|quit|stop\w*|process|select|poll\w*|recv\w*|receive\w*|read\w*|accept\w*|wait\w*|sleep\w*|"
    r"join|lock|acquire|park|listen\w*|next|get\w*|pop\w*|shift|dequeue|take|consume|fetch\w*|"
    r"serve\w*|run\w*|step|tick|input|prompt|scan\w*|fgets|getline|block\w*|delay\w*|pause|"
    r"unreachable|exec\w*|handle\w*|epoll\w*|flush|case|spin_loop|yield_now|advance|parse\w*|peek|"
    r"bump|eat|token\w*|chunk\w*|event\w*|cmd|command|queue|match|loop\.\w+|hlt|wfi|halt|nop|asm)\b|"
    r"<-|->|\?;|time\.|_(?:get|read|next|recv|wait|sleep|pop)\b|\bUntil\b|\.(?:Read|Next|Wait|Recv)"
)
_SHOUTS = r"console\.\w+\s*\(|\bprint\w*!?\s*\(|\becho\b|\.push\s*\(|\.append\s*\(|\+=|malloc|alloc"
_BODY = 25
"""Lines of a loop's body that are read."""


def check(view: View) -> Iterator[Hit]:
    """Mark loops that nothing in sight leaves."""
    for regex in (_TO_INFINITY, _FOREVER):
        for file in view.where(regex, side=Side.NEW):
            if _is_program(file):
                yield from _stuck(file, regex)
    for file in view.where(_BOMB, side=Side.NEW):
        if is_code(file):
            for line in file.new(_BOMB):
                yield Hit.at(file, line, "starts copies of itself, or fills memory, without end")


def _is_program(file: FileView) -> bool:
    if not is_code(file) or not file.labels & {Label.SOURCE, Label.SCRIPT}:
        return False
    return file.labels.isdisjoint({Label.TEST, Label.VENDORED})


def _stuck(file: FileView, regex: str) -> Iterator[Hit]:
    lines = file.new(regex)
    known = _new_side(file) if lines else {}
    for line in lines:
        severity = _severity(line, known, is_whole_needed=regex == _FOREVER)
        if severity:
            if severity is Severity.MEDIUM and _indent(line.whole) == 0 and _is_loaded(file):
                severity = Severity.HIGH
            message = "loops for ever: nothing in sight ends it or waits"
            yield Hit.at(file, line, message, severity=severity)


def _severity(line: Line, known: dict[int, bytes], *, is_whole_needed: bool) -> Severity | None:
    """Return what the loop weighs; None where something may end it."""
    head = line.whole.split(b"\n", 1)[0]
    if line.number is None or is_comment(head) or not expression(_LOOPS).search(head):
        return None
    body, is_whole = _body(known, line.number, _indent(head))
    if not _is_complete(head) and (not body or (is_whole_needed and not is_whole)):
        return None
    leaves, shouts = expression(_LEAVES), expression(_SHOUTS)
    if any(leaves.search(text) for text in (head.split(b"{", 1)[-1], *body)):
        return None
    is_loud = any(shouts.search(text) for text in (head, *body))
    return Severity.HIGH if is_loud else Severity.MEDIUM


def _new_side(file: FileView) -> dict[int, bytes]:
    """Return the lines that the change shows of the file as it is now, by number."""
    known: dict[int, bytes] = {}
    for _, start, lines in file.hunks():
        known.update(enumerate([line[1:] for line in on_side(lines, Side.NEW)], start))
    return known


def _body(known: dict[int, bytes], number: int, indent: int) -> tuple[list[bytes], bool]:
    """Return the lines below that are indented deeper, and whether their end was seen."""
    found: list[bytes] = []
    for at in range(number + 1, number + 1 + _BODY):
        text = known.get(at)
        if text is None:
            return found, False
        if text.strip() and _indent(text) <= indent and text.strip() not in {b"{", b"do"}:
            return found, True
        found.append(text)
    return found, False


def _is_complete(head: bytes) -> bool:
    """Return whether a loop ends on the line that it begins on."""
    return b"}" in head or head.rstrip().endswith((b";", b"done"))


def _indent(text: bytes) -> int:
    wide = text.expandtabs(4)
    return len(wide) - len(wide.lstrip())


def _is_loaded(file: FileView) -> bool:
    """Return whether others load the file, rather than run it."""
    return Label.SCRIPT not in file.labels


RULE = Rule(
    id="endless-loop",
    pathway=Pathway.BACKDOOR,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="stays in a loop for ever",
    added_triggers=(_TO_INFINITY, _FOREVER, _BOMB),
    version=2,
    check=check,
)
