r"""A test that is still there, and that no run finds or carries out.

What it flags
    Tests and assertions that are comments now, or stand between marks by which nothing of
    them runs: of a comment, a string, a condition that never holds; tests that are left
    before their first deed, or put on a list of those that do not run; tests and their files
    renamed so that a test run does not find them.

Why it matters
    The test seems to be there for whoever reads the file, and reports nothing any more.

How to review it
    Run the test by its new name, or without its comment marks: does it fail?
    Ask for the reason, and the date by which it is back.

Not flagged
    Tests moved or renamed so that they are still found; examples that are no tests;
    comments that explain, before or between tests.

Seen in
    Baker et al. (2025), "Monitoring reasoning models for misbehavior": agents in training
    that left before the tests ran, to be rewarded.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.effects.wrapped import wrapped
from reviewqueue.scan.rule import FileView, Hit, Rule, Stability, View, expression
from reviewqueue.scan.structure.commented import commented_out
from reviewqueue.scan.structure.hunks import numbered, placed
from reviewqueue.scan.structure.pairs import finds, holding
from reviewqueue.scan.structure.tested import ANY_NAME, NEAR, TEST, bare, is_quiet, names_of

_COMMENTED = (
    r"^[ \t]*(?://|#|--|;|\*|/\*|<!--)[ \t]*(?:(?:async[ ]+)?def[ ]+test|func[ ]+Test|@Test\b|"
    r"(?:it|test|describe|context|specify)(?:\.\w+)?[ ]*\(|#\[test|\[(?:Fact|Test)\b|"
    r"(?:await[ ]+)?(?:(?:\$?this|self|static|parent|\$I|t|s|suite|debug|prop)(?:->|::|\.|_))?"
    r"(?:assert|Assert(?:ions)?(?:\.|::)|expect[A-Z_]?\w*[ ]*[({]|refute|require\.|Require\(|"
    r"(?:Error|Fatal|Fail)(?:f|Now)?\()|(?:t|s|suite)\.(?:Equal|NotEqual|NoError|True|False|Nil|"
    r"NotNil|Contains|Len)\(|EXPECT_|ASSERT_|XCTAssert|BOOST_(?:CHECK|REQUIRE)|(?:CHECK|"
    r"REQUIRE)(?:_\w+)?\(|is_expected\b|[\w.\])(]+\.should(?:_not)?\b|cy\.[^\n]*\.should\(|"
    r"(?:import|require)\b[^\n]*tests?/|['\"]\.{0,2}/?[\w/.-]*(?:test|"
    r"spec)[\w/.-]*['\"],?[ \t]*\r?$)"
)
_TEST_LINE = r"\btest|@Test\b|\b(?:it|describe|context|specify)\b|\[(?:Fact|Test)\b"
_TESTS = (
    rf"{TEST}|^[ \t]*(?:self\.|t\.|this\.)?(?:assert|expect|EXPECT_|ASSERT_|XCTAssert|"
    r"Assert\.|require\.|t\.(?:Error|Fatal)|BOOST_(?:CHECK|REQUIRE)|CHECK\(|REQUIRE\(|"
    r"should)|\.should\b|(?i:^[ \t]*describe\b)"
)
_LIST = (
    r"(?i)\b(?:skip(?:ped|s|_?list)?|known_?fail\w*|xfail\w*|expected_?fail\w*|flaky|ignored?|"
    r"disabled?|quarantined?|"
    r"excluded?|broken|unsupported)_?(?:tests?|specs?|cases|suites?|list|modules|"
    r"files)?\w*['\"]?[ \t]*(?::[^=\n]*)?(?:=|:)[ \t]*(?:new[ ]\w+|set|list|"
    r"frozenset|Set|vec!|HashSet)?[ \t]*[(\[{]"
)
"""The beginning of a list of tests that do not run."""
_LISTED = (
    r"(?i)(?:^|[/_.-])(?:skip|skip_?list|skip_?tests?|known_?fail\w*|xfail\w*|expected_?fail\w*|"
    r"flaky|quarantine\w*|disabled_?tests?|test_?exclu\w*)(?:[._-][\w.-]*)?$"
)
"""Files that are such a list."""
_ENTRY = r"^[ \t]*(?:-[ \t]+)?(?:['\"][^'\"\n]{4,}['\"],?|[\w./:\[\]-]{6,})[ \t]*(?:[#/][^\n]*)?$"
_LEFT = (
    r"^[ \t]*return(?:[ \t]+(?:nil|None|Ok\(\(\)\)|null|undefined|0|77))?[ \t]*;?[ \t]*(?:(?:#|"
    r"//)[^\n]*)?$"
)
"""What leaves a test before it ran."""
_FOUND = (
    r"(?i)(?:^|/)(?:test_[^/]*|[^/]*(?:_test|_spec|\.test|\.spec|\.cy|\.e2e|Tests?|Spec|"
    r"(?-i:IT)|TestCase))\.\w+$"
)
"""Paths in which a test run finds tests."""
_MANY = 500
"""Tests that go from which a file is written anew rather than changed."""

_LONGEST = 200
"""Bytes of a test's name that somebody wrote."""


def check(view: View) -> Iterator[Hit]:
    """Mark tests that stay, and no longer run."""
    for file in view.labelled(Label.TEST):
        yield from _listed(file)
        yield from _left(file)
        yield from _unnamed(file)
        for (number, text), _ in wrapped(file, _TESTS):
            told = "tests or assertions stand in a comment, or in what never runs"
            yield Hit.on(file, number, text, told)
    yield from _commented(view)
    yield from _renamed(view)


def _listed(file: FileView) -> Iterator[Hit]:
    """Mark tests that are put on a list of those that do not run."""
    if not file.added or file.status not in {"M", "R"}:
        return
    whole = expression(_LISTED).search(file.path.encode()) is not None
    if not (whole or expression(_LIST).search(b"\n".join(_unchanged(file)))):
        return
    gone = {bare(text) for _, text in file.removed_lines()}
    for number, text, is_listed in _entries(file):
        if (whole or is_listed) and bare(text) not in gone:
            yield Hit.on(file, number, text, "a test is put on the list of those that do not run")


def _unchanged(file: FileView) -> Iterator[bytes]:
    return (line[1:] for _, _, lines in file.hunks() for line in lines if line[:1] == b" ")


def _entries(file: FileView) -> Iterator[tuple[int, bytes, bool]]:
    """Yield the new entries, and whether each stands in such a list, which was there before."""
    entry, begins = finds(_ENTRY), finds(_LIST)
    for hunk in file.hunks():
        left = 0
        for mark, number, text in numbered(hunk):
            left -= 1
            if mark == b"-" or is_quiet(text):
                continue
            if not entry(text):
                left = NEAR + 1 if mark == b" " and begins(text) else 0
            elif mark == b"+":
                yield number, text, left > 0


def _left(file: FileView) -> Iterator[Hit]:
    """Mark a way out that is put before the first deed of a test."""
    if b"return" not in file.added or file.status != "M":
        return
    test, leaves = expression(TEST), expression(_LEFT)
    for number, place, hunk in placed(file):
        if not leaves.search(hunk[place][1:]):
            continue
        reach = reversed(hunk[max(0, place - NEAR) : place])
        preceding = (line for line in reach if line[:1] not in {b"-", b"\\"})
        before = next((line for line in preceding if not is_quiet(line[1:])), b"+")
        if before[:1] == b" " and test.search(before[1:]):
            yield Hit.on(file, number, hunk[place][1:], "a test is left before it does anything")


def _unnamed(file: FileView) -> Iterator[Hit]:
    """Mark tests that have a name by which no test run finds them."""
    gone = {name.lower() for line in file.gone(TEST) for name in names_of(line)}
    if not 0 < len(gone) <= _MANY:
        return
    named, test, holds = expression(ANY_NAME), expression(TEST), holding(gone, _LONGEST)
    for number, text in file.added_lines():
        found = named.search(text)
        if not found or test.search(text):
            continue
        now = found[1].lower()
        if holds(now[1:]) or holds(now[:-1]):
            yield Hit.on(
                file, number, text, "a test is renamed so that a test run does not find it"
            )


def _commented(view: View) -> Iterator[Hit]:
    """Mark tests and assertions that are comments now."""
    for file in view.where(_COMMENTED, side=Side.NEW):
        if Label.DOCS in file.labels or not file.removed:
            continue
        wanted = {line.number for line in file.new(_COMMENTED)}
        tests = expression(_TEST_LINE)
        for number, text, _ in commented_out(file):
            if number in wanted and (Label.TEST in file.labels or tests.search(text)):
                yield Hit.on(file, number, text, "a test or an assertion is commented out")


def _renamed(view: View) -> Iterator[Hit]:
    """Mark tests whose new name is no longer found by a test run."""
    found = expression(_FOUND)
    for file in view.files:
        if file.status != "R" or Label.SOURCE not in file.old_labels:
            continue
        if Label.TEST not in file.labels and Label.TEST not in file.old_labels:
            continue
        if found.search(file.old_path.encode()) and not found.search(file.path.encode()):
            yield Hit(
                message="a test is renamed so that a test run does not find it",
                text=f"{file.old_path} → {file.path}",
                path=file.path,
            )


RULE = Rule(
    id="test-put-out-of-reach",
    pathway=Pathway.SAFETY_SABOTAGE,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="leaves tests in place that no run finds or carries out",
    added_triggers=(_COMMENTED,),
    removed_triggers=(TEST,),
    wakes=frozenset({Label.TEST}),
    check=check,
    version=4,
)
