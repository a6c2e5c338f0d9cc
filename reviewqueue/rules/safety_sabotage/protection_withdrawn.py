r"""A protection taken back, with the reason or the test that it had.

What it flags
    In a change whose programs lose at least as much as they gain: a comment that gave a
    reason of security (an attack, a bypass, "must not", "untrusted") removed together with
    the code below it; tests of a refusal (by their name, or by an attack's text in them)
    removed together with program lines; any tests removed together with a few lines of the
    program, where next to no test comes in their place.

Why it matters
    A fix is one small piece of code, a sentence that says why, and a test that fails
    without it. All three going together is what it looks like when a fix is undone, by
    mistake in a merge as much as on purpose.

How to review it
    Read the removed reason: is it no longer true?
    Run the removed test against this change: does it fail?
    Look in the history for the change that brought the lines.

Not flagged
    Reasons and tests that stay or move; comments whose word means other things as often
    ("prevents", "credentials", "symlink"), above code that neither asks nor protects;
    tests that others replace; the paths that a test imports from; long removals of a whole
    feature, unless they take a refusal's tests along; changes that grow. Tests that go with the
    very function they asked are a low finding.

Seen in
    CVE-2024-6387 ("regreSSHion"): a fix of 2006 (CVE-2006-5051) in OpenSSH that a later
    change took out again.
"""

from collections.abc import Callable, Iterator, Sequence

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.effects.guards import (
    is_condition,
    is_presence,
    is_program,
    is_refusal,
    is_security,
    lines,
    programs,
)
from reviewqueue.scan.rule import FileView, Hit, Rule, Stability, View, expression
from reviewqueue.scan.structure.comments import is_bare, is_comment
from reviewqueue.scan.structure.pairs import Block, Numbered, blocks, matching

_WORDS = (
    r"\b(?:secur(?:e|ity|ely)|attack(?:er|s)?|malicious|untrusted|"
    r"travers\w+|inject\w*|spoof\w*|bypass\w*|vulnerab\w+|CVE-\d|GHSA-|privileg\w+|exploit\w*|"
    r"exfiltrat\w*|leak(?:s|ed|ing)?|sanitiz\w+|escap(?:e|es|ed|ing)|unauthori[sz]ed|impersonat\w+|"
    r"defen[sc]e|tamper\w*|forged?|hijack\w*|timing|overflow\w*|out.of.bounds|denial|redos|ssrf|"
    r"xss|csrf|crafted|open redirect|smuggl\w+|rebinding|clickjack\w*|brute.?force\w*|toctou|"
    r"confused deputy|prototype|symlink\w*|allow.?list|den(?:y|ied)|reject\w*|refus\w+|prevent\w*|"
    r"protect\w*|must (?:not|never|only)|never (?:trust|allow|expose|let)|fail.?closed|"
    r"only (?:the )?(?:owner|admin|trusted)|permission\w*|trusted|credential\w*|secret\w*|"
    r"arbitrary|hostile|restrict\w*|unsafe|danger\w*|abus\w+)\b"
)
_WORD = f"(?i){_WORDS}"
_REASON = rf"(?i)(?:#|//|\*|--|<!--|;)[^\n]*{_WORDS}"
_WEAK = (
    r"(?i)^(?:prevent\w*|only (?:the )?(?:owner|admin|trusted)|symlink\w*|abus\w+|danger\w*|"
    r"unsafe|credential\w*|secret\w*|permission\w*|reject\w*|timing|prototype|"
    r"must (?:not|never|only)|leak(?:s|ed|ing)?|escap(?:e|es|ed|ing)|protect\w*|arbitrary|trusted|"
    r"overflow\w*|inject\w*|refus\w+|den(?:y|ied)|restrict\w*|defen[sc]e)$"
)
"""Words that speak of security only where the code below them does."""
_NAME = (
    r"^[ \t]*(?:(?:async[ \t]+)?def[ \t]+test\w*|func[ \t]+(?:\([^)\n]*\)[ \t]*)?Test\w+|"
    r"(?:it|test|describe|context|specify|scenario)(?:\.\w+)?[ \t]*\(?[ \t]*['\"`][^'\"`\n]+|"
    r"(?:pub[ \t]+)?(?:async[ \t]+)?fn[ \t]+\w+|(?:(?:public|private|internal|async|static)[ \t]+)*"
    r"(?:void|Task)[ \t]+\w+[ \t]*\(|fun[ \t]+`?[\w ]+|(?:public[ \t]+)?function[ \t]+test\w+|"
    r"TEST(?:_F|_P)?[ \t]*\([^)\n]*|test[ \t]+\"[^\"\n]+)"
)
_REFUSES = (
    r"(?i)secur(?:ity|ely)|attack|malicious|untrusted|travers(?:al|e)|inject|spoof|bypass|vulnerab|"
    r"cve.\d|ghsa|privileg|exploit|unauthori[sz]ed|impersonat|tamper|hijack|overflow|out.of.bounds|"
    r"redos|ssrf|xss|csrf|proto(?:type|__)|symlink|reject|refus|forbid|den(?:y|ies|ied)|disallow|"
    r"not.allow|sanitiz|escap|(?:is|are|be).blocked|blocks|redact|leak|expire|revoked|permission|"
    r"restrict|unsafe|invalid|must.not|cannot|rate.?limit|too.(?:large|long|many)|validat"
)
_ATTACK = (
    r"(?i)<script|\.\./\.\.|javascript:|%2e%2e|%0d%0a|__proto__|' or '|/etc/passwd|<img|\\x00|"
    r"\\u0000|169\.254\.169\.254"
)
_IMPORTS = (
    r"^[ \t]*(?:(?:import|export)\b[^;\n]*[ }]from[ ]|import[ (]|\}[ ]*from[ ]|"
    r"(?:const|let|var)[ ][^=\n]*=[ ]*require\()[ ]*[\"'`][./\w@-]+[\"'`]\)?;?[ \t]*$"
)
"""A line that only brings in what stands in another folder."""
_DEMANDS = r"(?i)assert|expect|should|require\.|\bt\.(?:error|fatal)|\bverify\("
_MAKES = (
    r"^[ \t]*(?:(?:export|default|pub|async|static|public|private|protected|internal|"
    r"const)[ ]+)*"
    r"(?:def|fn|func|function|class|struct)[ ]+(?:\([^)\n]*\)[ ]*)?(\w{4,})|"
    r"^[ \t]*(?:public|private|protected|internal)[ ][\w<>\[\]?,. ]*[\w>\]?][ ]+(\w{4,})\(|"
    r"^[ \t]+(\w{4,}):[ ]*\w*[pP]rocedure\b"
)
"""What a line of a program defines."""
_LITTLE = 60
"""Removed lines of programs up to which tests that go along are about these lines."""
_PIECE = 120
"""Removed lines of programs up to which a comment is the reason of what goes with it."""
_LONGEST = 60
"""Lines of a block above which it is more than one thing."""
_NAMES = 1_000
"""Names that are looked for in the tests that go."""
_REST = 4
"""So many removed lines of tests to one that is added are a removal."""


def check(view: View) -> Iterator[Hit]:
    """Ask only of changes that take away, and only what is cheap to ask first."""
    if not any(file.removed for file in view.files):
        return
    changed = view.once(programs)
    lost, gained = _counts(changed)
    if not lost or gained > lost:
        return
    if lost <= _PIECE:
        yield from _reasons(view.where(_REASON, side=Side.OLD), changed)
    tests = [file for file in view.labelled(Label.TEST) if _is_test(file)]
    went, came = _counts(tests)
    if went > came:
        is_little = lost <= _LITTLE and came * _REST <= went
        yield from _tests(tests, _made(changed), is_little=is_little)


def _counts(files: Sequence[FileView]) -> tuple[int, int]:
    """Return how many lines are lost and gained; what is gained beyond that is not counted."""
    lost = sum([file.removed.count(b"\n") for file in files if file.removed])
    return lost, lines([file.added for file in files], lost) if lost else 0


def _is_test(file: FileView) -> bool:
    return Label.TEST in file.labels and Label.SOURCE in file.labels


def _reasons(files: Sequence[FileView], programs: Sequence[FileView]) -> Iterator[Hit]:
    """Mark the reasons that no program gives any more, each with the code that it was for."""
    there = b"\n".join(file.added for file in programs).lower() if files else b""
    for file in filter(is_program, files):
        for block in blocks(file, _REASON, range(2, _LONGEST + 1)):
            found = _reason(file, block, there)
            if found:
                told = "the reason for a protection is removed, together with its code"
                yield Hit.on(file, *found, told, side=Side.OLD)


def _reason(file: FileView, block: Block, there: bytes) -> Numbered | None:
    """Return the comment of a block that gave a reason, none of whose words is still there."""
    code = [text for _, text in block.old if not (is_bare(text) or is_comment(text))]
    if not code:
        return None
    whole = b"\n".join(code)
    asks = any(is_condition(line) and not is_presence(file, line) for line in code)
    speaks = is_security(whole) or (is_refusal(whole) and asks)
    for number, text in block.old:
        if is_comment(text):
            words = {found.lower() for found in expression(_WORD).findall(text)}
            strong = speaks or not all(expression(_WEAK).search(word) for word in words)
            if words and strong and not any(word in there for word in words):
                return number, text
    return None


def _made(programs: Sequence[FileView]) -> list[bytes]:
    """Return the first names that the programs defined, and do no longer."""
    makes = expression(_MAKES)
    now = {name for file in programs for names in makes.findall(file.added) for name in names}
    found = (names for file in programs for names in makes.findall(file.removed))
    old = dict.fromkeys(name for names in found for name in names if name)
    return [name for name in old if name not in now][:_NAMES]


def _tests(tests: Sequence[FileView], made: Sequence[bytes], *, is_little: bool) -> Iterator[Hit]:
    """Mark the first test of a refusal that goes; where little of the program went, any test.

    Less those that ask what is no longer there: they go with their subject.
    """
    gone = b"\n".join(file.removed for file in tests)
    severity = Severity.LOW if any(name in gone for name in made) else Severity.MEDIUM
    told = "a test of a refusal is removed, together with lines of the program"
    found = next(_lost(tests, f"{_REFUSES}|{_ATTACK}", _is_of_refusal), None)
    if not found and is_little:
        told = "tests are removed, together with the few program lines that they were for"
        found = next(_lost(tests, _DEMANDS, bool), None)
    if found:
        yield Hit.on(*found, told, side=Side.OLD, severity=severity)


def _is_of_refusal(text: bytes) -> bool:
    """Return whether a line names a test of a refusal, or holds the text of an attack."""
    named = expression(_NAME).search(text)
    if named and expression(_REFUSES).search(named[0]):
        return True
    return bool(expression(_ATTACK).search(text)) and not expression(_IMPORTS).search(text)


def _lost(
    tests: Sequence[FileView], regex: str, wanted: Callable[[bytes], bool]
) -> Iterator[tuple[FileView, int, bytes]]:
    """Yield the wanted lines on which an expression matches, and that no test has any more."""
    there = frozenset(line.strip() for file in tests for line in file.added.split(b"\n"))
    for file in tests:
        for number, text in _lines(file, regex):
            if wanted(text) and text.strip() not in there:
                yield file, number, text


def _lines(file: FileView, regex: str) -> Iterator[Numbered]:
    """Yield the removed lines on which an expression matches."""
    places = matching(file.removed, regex) if file.removed else ()
    if places:
        wanted = frozenset(places)
        yield from (line for at, line in enumerate(file.removed_lines()) if at in wanted)


RULE = Rule(
    id="protection-withdrawn",
    pathway=Pathway.SAFETY_SABOTAGE,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="takes a protection back, with the reason or the test that it had",
    version=7,
    removed_triggers=(_REASON,),
    wakes=frozenset({Label.TEST}),
    check=check,
)
