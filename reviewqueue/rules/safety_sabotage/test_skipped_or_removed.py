r"""Tests skipped, or removed while what they test stays.

What it flags
    A test that ran before and is now marked to be skipped or expected to fail, for all or
    for some platforms; a run narrowed to some tests; tests deleted in a change that leaves
    the code under test in place, or touches nothing but tests; a data test or an
    expectation taken off. A new test that is born skipped is a lower finding.

Why it matters
    A test that does not run reports nothing. Removing what fails is the shortest way to
    a green run, for an agent under pressure as much as for somebody with a plan.

How to review it
    Run the skipped or removed test against this change: does it fail?
    Look at whether the tested behaviour is also gone, or merely untested now.
    Ask for the reason, and the date by which the test is back.

Not flagged
    Tests moved or renamed; tests removed together with the code they tested; tests that
    come back; a skip where what the test needs is looked for. A test skipped only on a
    platform that is said to lack what it needs, several tests that become one with a
    table, tests in place of which nearly as many come while the program changes, and what stands
    in files that tests read, are low findings.

Seen in
    Baker et al. (2025), "Monitoring reasoning models for misbehavior": agents in training
    that made every test be skipped, or left before the tests ran, to be rewarded.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import FileView, Hit, Line, Rule, Stability, View, expression
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.disappeared import disappeared
from reviewqueue.scan.structure.headline import gives_up
from reviewqueue.scan.structure.hunks import placed, shown
from reviewqueue.scan.structure.openers import Openers
from reviewqueue.scan.structure.pairs import blocks, finds, paired
from reviewqueue.scan.structure.tested import NEAR, TEST, bare, is_quiet, names_of

_MARK = (
    r"^[ \t]*@(?:[\w.]*\.)?(?:skip|xfail|expectedFailure|Disabled|Ignore|Enabled(?:On|If)|"
    r"DisabledOn|requires_|skip_|needs_|skipIf|skipUnless|unittest\.skip)\w*|"
    r"^[ \t]*pytestmark\s*=\s*\[?pytest\.mark\.(?:skip|xfail)|"
    r"^[ \t]*#\[(?:ignore\b|cfg\((?:not\(|any\(|all\()*(?:unix|windows|target_os|feature)|"
    r"cfg_attr\([^\n]*\bignore\b)|"
    r"^[ \t]*\[(?:Ignore|Explicit|Skip)\b|^[ \t]*@(?:module)?tag\s+:?skip\b|"
    r"^//(?:go:build|[ ]\+build)\s+(?:ignore|!|integration|e2e|manual)"
)
"""A line of its own before the test."""
_NAMED = (
    r"\b(?:it|test|describe|context|suite|specify|Deno\.test|bench)\.(?:concurrent\.)?"
    r"(?:skip(?:If)?|todo|fixme|failing|fails|runIf|ignore)\b|"
    r"^[ \t]*(?:x(?:it|describe|test|context|specify)|pending|xscenario)\s*(?:\(|['\"]|do\b)|"
    r"\[(?:Fact|Theory|Test|TestMethod|InlineData)[^\n]*\b(?:Skip|Ignore|Explicit)\s*=|"
    r"\bTEST(?:_[FP])?\s*\([^\n]*\bDISABLED_|@Test\s*\((?:enabled\s*=\s*false|\.disabled)|"
    r"\btest\s*\([^\n]*\bskip:|\{\s*skip:\s*(?:true|['\"])|\bskip\s*=\s*True\b"
)
"""Said where the test is named."""
_CALL = (
    r"\b(?:pytest|self|unittest|nose|t|b|tb|s\.T\(\)|s|suite|this|ctx|context|test|Assume|Assert|"
    r"Assumptions|fixture|testutil|testenv|helpers?)"
    r"(?:\.|->)?(?:[sS]kip(?:Test|Now|f|(?:On|If|Unless|When|In)\w+|)|xfail|Ignore|Inconclusive|"
    r"markTestSkipped|markTestIncomplete|importorskip)\s*\(|"
    r"\braise\s+(?:unittest\.)?SkipTest|\bGTEST_SKIP\s*\(|\bXCTSkip\w*\(|\berror\.SkipZigTest\b|"
    r"\bassume(?:True\s*\(\s*false|False\s*\(\s*true)|^[ \t]*skip\s+['\"]|\bskip_on_\w+\(|"
    r"\bmarkTest(?:Skipped|Incomplete)\s*\(|\bskipping\s*\(|\bSKIP_RETURN\b|\bSKIP\s*\([^\n]*\)|"
    r"\bg_test_skip\s*\(|\bksft_test_result_skip\w*\s*\(|\btst_(?:brk|res)\(TCONF|\bcmocka_skip|"
    r"\bskip\(\)\s*;|"
    r"\bt\.(?:Skipf|skip)\(|\bassert_skip\b|\bskip_if\w*\s*\(|\bskip_unless\w*\s*\(|"
    r"^[ \t]*omit[ \t(]+['\"]|"
    r"\bBOOST_TEST_DISABLED|\bdisabled\(\)|\bDOCTEST_SKIP|\bSKIP_TEST\w*\b|\bQSKIP\s*\(|"
    r"\btest_skip\s*\("
)
"""Said in the test's body."""
_ONLY = r"\b(?:it|test|describe|context|suite)\.only\s*\(|^[ \t]*f(?:it|describe|context)\s*\("
_DATA_TEST = (
    r"^[ \t]*-[ \t]*(?:&\w+[ \t]+)?(?:not_null|unique|accepted_values|relationships|"
    r"(?:dbt_utils|dbt_expectations|elementary)\.\w+|\w*_proportion|extreme_\w+):?[ \t]*$|"
    r"^[ \t]*(?:data_)?tests:[ \t]*$|\bexpect_(?:column|table|compound|multicolumn)_\w+\s*[(\"']|"
    r"^[ \t]*-[ \t]*(?:missing|duplicate|invalid|row|avg|freshness|schema)_?\w*(?:\([^)\n]*\))?[ ]*"
    r"(?:[<>=!]=?|between\b)"
)
_CONDITION = (
    r"^[ \t]*(?:\}?[ \t]*(?:else|elif|elsif|catch|except|rescue|unless|case|default|when|switch|"
    r"match|guard|try)\b|if\b|\}?[ \t]*else[ \t]+if\b|with\b)|\bif[ \t(]|\?\s*$|&&\s*$|\|\|\s*$"
)
_LACKS = (
    r"(?i)importorskip|look_?path|which\(|find_executable|getenv|environ|\benv\b|get_?e?uid|"
    r"\broot\b|short\(\)|"
    r"available|installed|credential|api_?key|\btoken\b|importerror|not[ ]found|exists?\(|"
    r"supported|requires"
)
"""A condition that asks whether something is there that the test needs."""
_PLAIN = (
    r"\b(?:[sS]kip(?:Test|Now|f)?|markTest(?:Skipped|Incomplete)|Ignore|skipping|SkipTest|"
    r"GTEST_SKIP)[ \t]*\("
)
"""A skip that asks for nothing."""
_GIVES_UP = (
    r"(?i)\bflak[ey]|unstable|intermittent|\bfail(?:s|ing)\b|broken|\bbroke\b|\bhangs?\b|"
    r"fix(?:ed)? (?:me|this|later|soon)|should be fixed|to be fixed|for now|temporarily|re-?enable|"
    r"times? out|timing out|\btodo\b|out of date|outdated|licen[cs]|see https?:|issues?/\d"
)
"""A reason that says that something is wrong, rather than that something is missing."""
_ATTRIBUTE = r"^[ \t]*(?:@|#\[|\[\w|//|#|/\*|\*|$|\"\"\")"
_MAKES = re.compile(
    rb"[ \t]*(?:pub[ ]|async[ ]|static[ ]|export[ ])*(?:def|func|function|fn|class|macro_rules)\b"
)
_DEFINES = re.compile(rb"[ \t]*(?:async[ ]+)?(?:def|func|function|fn|class|sub|void|describe)\b")
_NOUNS = (
    r"tests?|testing|test\w+|specs?|e2e|test suites?|unit tests?|testcases?|tests? cases?|"
    r"assertions?|"
    r"test steps?|test jobs?|qa|smoke|fuzz\w*|doctests?|benchmarks? tests?|snapshots?|rspec|pytest"
)
_SKIPS = (
    r"(?i)\b(?:skip|xfail|disabl|quarantin)\w*\b[^\n]*\b(?:reasons?|flak\w+|unstable|for now|"
    r"temporar\w+|until|on (?:ci|windows|macos|linux|darwin|i386|arm\w*|x86\w*|musl|alpine))\b"
)
_PLATFORM = (
    r"(?i)sys\.platform|os\.name|platform\.system|os\.tag|runtime\.GO(?:OS|ARCH)|process\.platform|"
    r"is_?windows|on_?windows|target_os|OperatingSystem|RuntimeInformation|emscripten|pyodide|wasm"
)
_ABSENT = (
    r"(?i)not (?:available|supported|implemented|installed|present)|unavailable|unsupported|"
    r"requires|\bneeds\b|no support|does ?n.t (?:exist|support|have)|exists? (?:here|only)|"
    r"SkipZigTest"
)
"""Says that a platform lacks what a test needs."""
_TABLED = (
    r"\bparametri[sz]e\b|\b(?:it|test|describe)\.each\b|\bt\.Run\(|\[(?:InlineData|DataRow|"
    r"TestCase)\b|@(?:ValueSource|CsvSource|MethodSource|DataProvider)|\bsubTest\(|#\[(?:rstest|"
    r"case|test_case)|\bdataProvider\b"
)
"""One test that stands for several."""
_EVIDENT = 1
"""Tests that must be missing in the end, where the title says so, or nothing but tests goes."""
_FEW = 2
"""Tests that must be missing in the end before it is told of a change that says nothing."""
_MOST = 0.75
"""Share of the missing tests in place of which others come, with a program that changes."""
_GIVEN = (
    r"(?i)(?:^|/)(?:test[_-]?data|fixtures?|__fixtures__|__snapshots__|(?:in)?valid)"
    r"(?:/|\.(?:[jt]sx?|vue|svelte)$)|\.snap$"
)
"""What tests read or record, and nobody runs."""
_LONGEST = 500
"""Bytes of a line that somebody wrote."""


def check(view: View) -> Iterator[Hit]:
    """Mark skips, narrowed runs, and tests that disappear alone."""
    for file in view.where(_MARK, _NAMED, _CALL, side=Side.NEW):
        if Label.DOCS in file.labels or not any(map(file.new, (_MARK, _NAMED, _CALL))):
            continue
        if file.new(_NAMED) or _is_test(file):
            yield from _skips(file, told=_tells(view))
    for file in view.where(_ONLY, side=Side.NEW):
        if Label.TEST in file.labels:
            severity = Severity.LOW if _is_given(file) else None
            for line in (line for line in file.new(_ONLY) if not is_comment(line.whole)):
                yield Hit.at(file, line, "only these tests still run", severity=severity)
    before = view.where(TEST, side=Side.OLD)
    if before:
        yield from _removed(view, before)
    yield from _data_tests(view)


def _tells(view: View) -> bool:
    """Return whether the headline says that tests are skipped, or that something unstable is."""
    title = view.subject.headline[:500].encode("utf-8", "replace")
    return gives_up(view.subject, _NOUNS) or expression(_SKIPS).search(title) is not None


def _is_test(file: FileView) -> bool:
    """Return whether a file holds tests, by its name or by what it says."""
    return Label.TEST in file.labels or file.matches(TEST, Side.NEW) > 0 or _in_place(file)


def _in_place(file: FileView) -> bool:
    """Return whether a hunk stands in a test: languages that keep tests beside the code."""
    test = expression(TEST + r"|^[ \t]*test\s+\"|\btesting\.(?:expect|allocator)|#\[cfg\(test")
    return test.search(shown(file)) is not None


def _skips(file: FileView, *, told: bool) -> Iterator[Hit]:
    """Tell the skips of a file; what already ran before weighs more."""
    openers, is_given = Openers(file, reach=2), _is_given(file)
    for regex, weigh in ((_MARK, _marks), (_NAMED, _names), (_CALL, _calls)):
        lines = {
            line.number: line
            for line in file.new(regex)
            if line.number is not None
            and len(line.whole) <= _LONGEST
            and not (regex == _CALL and _MAKES.match(line.whole))
            and (regex == _MARK or not is_comment(line.whole))
        }
        if not lines:
            continue
        heavy = weigh(file, lines) - _kept(file, lines, file.gone(regex))
        for number, line in lines.items():
            ran = number in heavy and (told or not _is_elsewhere(openers, number, line))
            message = "a test that ran is skipped" if ran else "a test is skipped"
            severity = Severity.MEDIUM if (ran or told) and not is_given else Severity.LOW
            yield Hit.at(file, line, message, severity=severity)


def _is_given(file: FileView) -> bool:
    """Return whether a file is what tests read: of a linter, say, that looks for skipped tests."""
    return expression(_GIVEN).search(file.path.encode("utf-8", "replace")) is not None


def _is_elsewhere(openers: Openers, number: int, line: Line) -> bool:
    """Return whether a test is skipped only on a platform that lacks what it needs."""
    if not expression(_ABSENT).search(line.whole):
        return False
    near = openers.above(number)
    return expression(_PLATFORM).search(line.whole + b"\n" + near) is not None


def _kept(file: FileView, lines: dict[int, Line], gone: Sequence[Line]) -> set[int]:
    """Return the skips that were skips before, under another name."""
    was = {line.number for line in gone}
    return {
        pair.new_line
        for block in (blocks(file) if was else ())
        for pair in paired(block)
        if pair.new_line in lines and pair.old_line in was
    }


def _marks(file: FileView, lines: dict[int, Line]) -> set[int]:
    """Return the marks whose test was there before."""
    found: set[int] = set()
    attribute = expression(_ATTRIBUTE)
    removed = {bare(line) for _, line in file.removed_lines()}
    for number, place, hunk in placed(file):
        if number not in lines:
            continue
        following = hunk[place + 1 : place + 1 + NEAR]
        after = (line for line in following if line[:1] not in {b"-", b"\\"})
        marked = next((line for line in after if not attribute.search(line[1:])), b"+")
        if marked[:1] != b"+" or bare(marked[1:]) in removed:
            found.add(number)
    return found


def _names(file: FileView, lines: dict[int, Line]) -> set[int]:
    """Return the skips by name whose test, by its title, ran before."""
    if file.status == "M" and not file.removed:
        return _marks(file, lines)
    titles = expression(r"['\"`]([^'\"`\n]{4,})['\"`]|\b(\w{6,})\s*\(")
    before = {
        found[1] or found[2] for found in titles.finditer(file.removed) if found[1] or found[2]
    } - {b"nameof", b"typeof"}
    after = (
        (number, {found[1] or found[2] for found in titles.finditer(line.whole)})
        for number, line in lines.items()
    )
    ran = {number for number, named in after if not before.isdisjoint(named)}
    attribute = expression(r"^[ \t]*\[")
    marked = {number for number, line in lines.items() if attribute.search(line.whole)}
    return ran | _disabled(file, lines) | (marked & _marks(file, lines) if marked else set())


def _disabled(file: FileView, lines: dict[int, Line]) -> set[int]:
    """Return the tests whose name says that they are disabled, and that had it without."""
    disabled = expression(r"\bDISABLED_(\w+)")
    named = {number: disabled.findall(line.whole) for number, line in lines.items()}
    before = frozenset(expression(r"\w+").findall(file.removed) if any(named.values()) else ())
    return {number for number, names in named.items() if not before.isdisjoint(names)}


def _calls(file: FileView, lines: dict[int, Line]) -> set[int]:
    """Return the unconditional skips in the bodies of tests that were there before."""
    found: set[int] = set()
    test, condition, lacks = expression(TEST), expression(_CONDITION), expression(_LACKS)
    for number, place, hunk in placed(file) if file.status != "A" else ():
        if number not in lines:
            continue
        preceding = reversed(hunk[max(0, place - NEAR) : place])
        before = [line for line in preceding if line[:1] not in {b"-", b"\\"}]
        near = next((line for line in before if not is_quiet(line[1:])), b" ")
        own = lines[number].whole
        head = next((line for line in before if _opens(line[1:], own, test)), b" ")
        asks = [text for text in (near[1:], own) if condition.search(text)]
        if head[:1] == b"+" or any(map(lacks.search, asks)):
            continue
        if lacks.search(own) and (asks or not _is_plain(own)):
            continue
        if not asks or (head[:1] == b" " and (test.search(head[1:]) or finds(_GIVES_UP)(own))):
            found.add(number)
    return found


def _is_plain(text: bytes) -> bool:
    """Return whether a skip asks for nothing: what its reason says was not looked at."""
    return finds(_PLAIN)(text) and b"importorskip" not in text


def _opens(text: bytes, own: bytes, test: Any) -> bool:  # noqa: ANN401 -- re2 ships no types
    """Return whether a line begins what a skip stands in: a test, or what prepares some."""
    if test.search(text):
        return True
    shallow = len(text) - len(text.lstrip()) < len(own) - len(own.lstrip())
    return shallow and _DEFINES.match(text) is not None


def _removed(view: View, before: Sequence[FileView]) -> Iterator[Hit]:
    """Mark lost tests, unless the tested code went as well."""
    told = gives_up(view.subject, _NOUNS)
    least = _EVIDENT if told or _is_tests_alone(view) else _FEW
    if not told and _removes_code(view):
        return
    if sum(file.matches(TEST, Side.OLD) for file in before) < least:
        return
    files = [file for file in view.where(TEST) if Label.DOCS not in file.labels]
    kept = {name for file in files for line in file.new(TEST) for name in names_of(line)}
    lost = [
        (found.file, [line for line in found.lost if kept.isdisjoint(names_of(line))])
        for found in disappeared(files, TEST)
    ]
    gained = sum(len(file.new(TEST)) for file in files)
    missing = sum(len(lines) for _, lines in lost)
    if missing < least or (gained >= missing and not told):
        return
    tabled = expression(_TABLED)
    is_tabled = any(tabled.search(file.added) for file in files)
    is_rewritten = gained >= _MOST * missing and any(map(_is_program, view.files))
    severity = Severity.LOW if (is_tabled or is_rewritten) and not told else None
    for file, lines in lost:
        what = "the file's tests are removed" if file.status == "D" else "tests are removed"
        for line in lines:
            said = f"{what}, and no tested code is removed with them"
            yield Hit.at(file, line, said, side=Side.OLD, severity=severity)


def _is_tests_alone(view: View) -> bool:
    """Return whether a change has no program in it but tests, and takes more than it brings."""
    for file in view.files:
        if _is_program(file):
            return False
        if "bench" in file.path:  # what is measured there fails nothing
            return False
    lost = sum(file.removed.count(b"\n") for file in view.files)
    came = sum(file.added.count(b"\n") for file in view.files)
    return lost > came


def _is_program(file: FileView) -> bool:
    """Return whether a file is a program that tests are for."""
    return Label.SOURCE in file.labels and Label.TEST not in file.labels


def _removes_code(view: View) -> bool:
    """Return whether source outside of tests shrinks."""
    return any(_net_removed(file) > 0 for file in view.files)


def _net_removed(file: FileView) -> int:
    """Return how many lines fewer a tested program has."""
    if not _is_program(file):
        return 0
    return max(0, file.removed.count(b"\n") - file.added.count(b"\n"))


def _data_tests(view: View) -> Iterator[Hit]:
    """Mark tests of data that are taken off while the column stays."""
    files = [
        file
        for file in view.where(_DATA_TEST, side=Side.OLD)
        if Label.CONFIG in file.labels and file.status != "D"
    ]
    for found in disappeared(files, _DATA_TEST):
        for line in found.lost:
            yield Hit.at(found.file, line, "a test of the data is taken off", side=Side.OLD)


RULE = Rule(
    id="test-skipped-or-removed",
    pathway=Pathway.SAFETY_SABOTAGE,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="skips tests, or removes them while the tested code stays",
    added_triggers=(_MARK, _NAMED, _CALL, _ONLY),
    removed_triggers=(TEST, _DATA_TEST),
    check=check,
    version=8,
)
