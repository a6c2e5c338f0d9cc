"""One diff in, findings and risk out; unknown is never a pass."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewqueue.domain.finding import Confidence, Pathway, Risk, Scan, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.rules import catalogue
from reviewqueue.scan.diff import Diff, FileFacts, Unread
from reviewqueue.scan.engine import RULE_FAILED, UNREAD, UNSCANNABLE, Scanner
from reviewqueue.scan.rule import (
    Capability,
    Check,
    Hit,
    On,
    Pattern,
    Rule,
    Stability,
    Subject,
    View,
)

SALT = b"salt"
NOTHING = Subject()
SECRET = "AKIAQ7T3ZPL5RMW2KDVC"


def rule(
    id_: str = "a-rule",
    *,
    patterns: tuple[Pattern, ...] = (),
    triggers: tuple[str, ...] = (),
    check: Check | None = None,
    severity: Severity = Severity.MEDIUM,
    stability: Stability = Stability.STABLE,
    capability: Capability | None = None,
) -> Rule:
    return Rule(
        id=id_,
        pathway=Pathway.BACKDOOR,
        severity=severity,
        confidence=Confidence.MEDIUM,
        stability=stability,
        summary="does",
        patterns=patterns,
        triggers=triggers,
        check=check,
        capability=capability,
    )


def added(path: str, text: str, mode: str = "100644") -> bytes:
    """Return the patch of a new file."""
    lines = text.splitlines()
    head = f"diff --git a/{path} b/{path}\nnew file mode {mode}\nindex 0000000..2222222\n"
    head += f"--- /dev/null\n+++ b/{path}\n@@ -0,0 +1,{len(lines)} @@\n"
    return (head + "".join(f"+{line}\n" for line in lines)).encode()


def edited(path: str, old: str, new: str) -> bytes:
    """Return the patch of a changed file without context."""
    head = f"diff --git a/{path} b/{path}\nindex 1111111..2222222 100644\n"
    head += f"--- a/{path}\n+++ b/{path}\n"
    before, after = old.splitlines(), new.splitlines()
    head += f"@@ -1,{len(before)} +1,{len(after)} @@\n"
    return (head + "".join(f"-{x}\n" for x in before) + "".join(f"+{x}\n" for x in after)).encode()


def binary(path: str, mode: str = "100644") -> bytes:
    return (
        f"diff --git a/{path} b/{path}\nnew file mode {mode}\nindex 0000000..2222222\n"
        f"Binary files /dev/null and b/{path} differ\n"
    ).encode()


def scan(patch: bytes, *rules: Rule, subject: Subject = NOTHING) -> Scan:
    return Scanner(rules, SALT).scan(Diff(patch=patch), subject)


BAD = rule(patterns=(Pattern("bad", "is bad"),))


def test_it_finds_nothing_in_nothing() -> None:
    result = scan(b"", BAD)
    assert (result.risk, result.findings, result.unscannable) == (Risk.NONE, (), None)
    assert (result.files, result.added, result.removed) == (0, 0, 0)


def test_it_notes_a_line_that_a_pattern_says_weighs_low() -> None:
    said = rule(patterns=(Pattern("bad", "is bad", noted=r"^say "),))
    assert scan(edited("a.py", "x\n", "say bad\n"), said).risk is Risk.LOW
    assert scan(edited("a.py", "x\n", "say bad\nbad\n"), said).risk is Risk.MEDIUM


def test_it_gives_what_a_reviewer_needs() -> None:
    result = scan(edited("src/a.py", "x\n", "y\n  bad = 1\n"), BAD)
    (finding,) = result.findings
    (place,) = finding.locations
    assert (finding.rule, finding.severity, finding.message) == ("a-rule", "medium", "is bad")
    assert (place.path, place.line, place.side, place.evidence) == (
        "src/a.py",
        2,
        Side.NEW,
        "bad = 1",
    )
    assert (result.risk, result.files, result.added, result.removed) == (Risk.MEDIUM, 1, 2, 1)


def test_it_looks_at_removed_lines_where_a_pattern_says_so() -> None:
    guard = rule(patterns=(Pattern("check", "a check is gone", on=On.REMOVED),))
    (finding,) = scan(edited("a.py", "x\ncheck()\n", "x\n"), guard).findings
    assert (finding.locations[0].line, finding.locations[0].side) == (2, Side.OLD)
    assert scan(edited("a.py", "x\n", "check()\n"), guard).findings == ()


def test_it_joins_forty_hits_of_a_rule_in_a_file_to_one_finding() -> None:
    text = "".join(f"bad {number}\n" for number in range(60))
    (finding,) = scan(added("a.py", text), BAD).findings
    assert len(finding.locations) == 40
    assert finding.message == "is bad; 40 of 60 places are listed"


def test_it_counts_a_line_that_two_patterns_mark_once() -> None:
    twice = rule(patterns=(Pattern("bad", "is bad"), Pattern("bad 1", "is worse")))
    (finding,) = scan(added("a.py", "bad 1\n"), twice).findings
    assert len(finding.locations) == 1
    assert finding.message == "is bad; is worse"


def test_it_tells_of_one_line_in_the_same_words_however_rules_are_written() -> None:
    of_one = (Pattern("bad 1", "is worse"), Pattern("bad", "is bad"))
    for patterns in (of_one, of_one[::-1]):
        (finding,) = scan(added("a.py", "bad 1\n"), rule(patterns=patterns)).findings
        assert finding.message == "is bad; is worse"


def test_it_keeps_findings_of_two_files_apart() -> None:
    result = scan(added("a.py", "bad\n") + added("b.py", "bad\n"), BAD)
    assert [finding.path for finding in result.findings] == ["a.py", "b.py"]


def test_it_keeps_patterns_to_their_places() -> None:
    ci = rule(patterns=(Pattern("bad", "m", only=frozenset({Label.CI})),))
    no_tests = rule(patterns=(Pattern("bad", "m", never=frozenset({Label.TEST})),))
    python = rule(patterns=(Pattern("bad", "m", globs=("*.py",)),))
    assert scan(added("a.py", "bad\n"), ci).findings == ()
    assert scan(added(".github/workflows/a.yml", "bad\n"), ci).findings
    assert scan(added("tests/a.py", "bad\n"), no_tests).findings == ()
    assert scan(added("A.PY", "bad\n"), python).findings
    assert scan(added("a.js", "bad\n"), python).findings == ()


def test_it_applies_patterns_to_names() -> None:
    path = rule("p", patterns=(Pattern(r"\$\{IFS\}", "m", on=On.PATH),))
    branch = rule("b", patterns=(Pattern("bad", "m", on=On.BRANCH),))
    title = rule("t", patterns=(Pattern("bad", "m", on=On.TITLE),))
    subject = Subject(message="a bad thing\n\nmore", branch="bad-branch")
    result = scan(added("a${IFS}b", "x\n"), path, branch, title, subject=subject)
    assert [(f.rule, f.path) for f in result.findings] == [("b", ""), ("p", "a${IFS}b"), ("t", "")]


def test_it_weighs_a_pattern_less_in_prose_but_not_where_something_runs() -> None:
    assert scan(added("docs/a.md", "bad\n"), BAD).risk is Risk.LOW
    assert scan(added("docs/conf.py", "bad\n"), BAD).risk is Risk.MEDIUM
    assert scan(added("tests/test_a.py", "bad\n"), BAD).risk is Risk.MEDIUM


def test_it_raises_what_fits_together() -> None:
    hunts = rule("h", patterns=(Pattern("hunt", "m"),), capability=Capability.READS_SECRETS)
    sends = rule("s", patterns=(Pattern("send", "m"),), capability=Capability.SENDS)
    assert scan(added("a.py", "hunt\n"), hunts, sends).risk is Risk.MEDIUM
    assert scan(added("a.py", "hunt\nsend\n"), hunts, sends).risk is Risk.HIGH


def test_it_lets_a_preview_rule_inform_and_never_gate() -> None:
    preview = rule(
        patterns=(Pattern("bad", "m"),), severity=Severity.HIGH, stability=Stability.PREVIEW
    )
    (finding,) = scan(added("a.py", "bad\n"), preview).findings
    assert (finding.severity, finding.message) == (Severity.LOW, "m (preview)")


def test_it_makes_a_crashed_rule_a_finding_that_hides_no_other() -> None:
    def crash(_: View) -> Iterator[Hit]:
        raise ZeroDivisionError

    def crash_late(_: View) -> Iterator[Hit]:
        yield Hit(message="before", text="x", path="a.py")
        raise ValueError("late")

    rules = (rule("one", check=crash), rule("two", check=crash_late), BAD)
    result = scan(added("a.py", "bad\n"), *rules)
    failed = [finding for finding in result.findings if finding.rule == RULE_FAILED]
    assert result.risk is Risk.HIGH
    assert len(failed) == 1
    assert [place.evidence for place in failed[0].locations] == ["one", "two"]
    assert "crashed (ZeroDivisionError)" in failed[0].message
    assert {finding.rule for finding in result.findings} >= {"a-rule", "two"}


def test_it_wakes_a_check_only_where_its_trigger_matched() -> None:
    seen: list[str] = []

    def look(view: View) -> Iterator[Hit]:
        seen.extend(file.path for file in view.where("wake"))
        return iter(())

    sleeper = rule(triggers=("wake",), check=look)
    scan(added("a.py", "nothing\n"), sleeper)
    assert seen == []
    scan(added("a.py", "nothing\n") + edited("b.py", "wake\n", "x\n"), sleeper)
    assert seen == ["b.py"]


@pytest.mark.parametrize(
    "patch",
    [
        b"diff --git a/a b/a\n",
        b"not a diff",
        added("a.py", "bad\n")[:-4],
        b"\x00\xff" * 50,
        b"diff --cc a\nindex 1,2..3\n--- a/a\n+++ b/a\n@@@ -1,1 -1,1 +1,2 @@@\n  a\n++b\n",
    ],
)
def test_it_never_takes_what_it_cannot_read_for_clean(patch: bytes) -> None:
    result = scan(patch, BAD)
    assert result.unscannable
    assert result.risk is Risk.HIGH
    assert UNSCANNABLE in {finding.rule for finding in result.findings}


def test_it_holds_the_patch_against_the_list_of_git() -> None:
    facts = FileFacts("A", b"", b"b.py", 0, 0o100644, "0", "1", 1, 0)
    diff = Diff(patch=added("a.py", "x\n"), files=(facts,))
    result = Scanner([BAD], SALT).scan(diff, NOTHING)
    assert result.unscannable == "b.py is missing from the patch"
    assert result.risk is Risk.HIGH


def test_it_still_looks_at_names_where_the_patch_cannot_be_read() -> None:
    facts = FileFacts("M", b"CLAUDE.md", b"CLAUDE.md", 0o100644, 0o100644, "1", "2", 1, 1)
    diff = Diff(patch=b"broken", files=(facts,))
    result = Scanner(catalogue(), SALT).scan(diff, NOTHING)
    assert result.unscannable
    assert result.risk is Risk.CRITICAL


@pytest.mark.parametrize(
    ("path", "mode", "severity", "unscannable"),
    [
        ("logo.png", "100644", Severity.LOW, False),
        ("tests/files/bad-3.xz", "100644", Severity.MEDIUM, False),
        ("lib/native.so", "100644", Severity.HIGH, False),
        ("bin/tool", "100755", Severity.HIGH, True),
        ("src/app.py", "100644", Severity.HIGH, True),
        (".github/workflows/x.yml", "100644", Severity.HIGH, True),
    ],
)
def test_it_tells_a_file_that_was_not_seen_by_where_it_stands(
    path: str, mode: str, severity: Severity, *, unscannable: bool
) -> None:
    result = scan(binary(path, mode), BAD)
    (finding,) = result.findings
    assert (finding.rule, finding.path, finding.severity) == (UNREAD, path, severity)
    assert bool(result.unscannable) is unscannable


@pytest.mark.parametrize(
    ("manifest", "severity"),
    [
        ("app/package.json", Severity.LOW),
        ("app/web/package.json", Severity.LOW),
        ("package.json", Severity.MEDIUM),
        ("application/package.json", Severity.MEDIUM),
    ],
)
def test_a_binary_lock_weighs_less_where_its_manifest_changes_too(
    manifest: str, severity: Severity
) -> None:
    patch = binary("app/bun.lockb", "100644") + added(manifest, '{"name": "app"}\n')
    (finding,) = scan(patch, BAD).findings
    assert (finding.rule, finding.severity) == (UNREAD, severity)


@pytest.mark.parametrize("reason", ["submodule", "LFS", "too large", "missing object"])
def test_it_tells_what_the_reader_left_out(reason: str) -> None:
    unread = Unread(b"vendor/lib", reason)
    result = Scanner([BAD], SALT).scan(Diff(patch=b"", unread=(unread,)), NOTHING)
    assert result.unscannable == f"vendor/lib: {reason}, not seen"
    assert result.risk is Risk.HIGH


@pytest.mark.parametrize(
    ("path", "severity"), [(".github/x.sh", Severity.HIGH), ("notes/a.txt", Severity.LOW)]
)
def test_it_reads_over_nul_bytes_and_tells_of_them(path: str, severity: Severity) -> None:
    result = scan(added(path, "b\0ad\n"), BAD)
    told = {finding.rule: finding for finding in result.findings}
    assert set(told) == {UNREAD, BAD.id}
    assert told[UNREAD].severity is severity
    assert told[BAD.id].locations[0].line == 1
    assert not result.unscannable


def test_it_reads_over_nul_bytes_of_parts_that_came_before() -> None:
    part = added("a.py", "b\0ad\n")
    diff = Diff(added("b.py", "ok\n"), earlier=(part,))
    result = Scanner([BAD], SALT).scan(diff, NOTHING)
    assert [(finding.rule, finding.locations[0].path) for finding in result.findings] == [
        (BAD.id, "a.py")
    ]


def test_what_is_slight_in_a_test_is_not_where_machines_read_it() -> None:
    pattern = Pattern("bad", "bad", slight=frozenset({Label.TEST}))
    slight = rule(patterns=(pattern,), severity=Severity.HIGH)
    (finding,) = scan(added("tests/a_test.py", "bad\n"), slight).findings
    assert finding.severity is Severity.LOW
    (finding,) = scan(added(".github/workflows/a_test.yml", "bad\n"), slight).findings
    assert finding.severity is Severity.HIGH


def test_a_nul_byte_that_goes_is_not_told() -> None:
    result = scan(edited("tools/x.sh", "o\0ld", "new"), BAD)
    assert result.findings == ()


def test_it_masks_secrets_in_evidence_and_keeps_it_short() -> None:
    (finding,) = scan(added("a.py", f"bad = '{SECRET}' " + "x y " * 200), BAD).findings
    evidence = finding.locations[0].evidence
    assert SECRET not in evidence
    assert SECRET[6:] not in evidence
    assert len(evidence) <= 200


def test_it_shows_no_secret_anywhere_in_a_scan() -> None:
    body = f"aws_key = '{SECRET}'\nrequests.post(u, json=dict(os.environ), k='{SECRET}')\n"
    subject = Subject(message=f"docs: {SECRET}", branch=f"x/{SECRET}", title=f"Fix typo {SECRET}")
    result = Scanner(catalogue(), SALT).scan(Diff(patch=added("a.py", body)), subject)
    assert result.findings
    assert SECRET not in repr(result)


def test_it_keeps_the_fingerprint_when_code_moves() -> None:
    (one,) = scan(edited("a.py", "x\n", "bad = 1\n"), BAD).findings
    (other,) = scan(edited("a.py", "x\n", "\n\n    bad  = 1\n"), BAD).findings
    assert one.fingerprint == other.fingerprint
    assert one.locations[0].line != other.locations[0].line


@pytest.mark.parametrize("text", ["bad = 2\n", "bad = 1\nbad = 2\n", "bad = 1\nbad = 1\n"])
def test_it_changes_the_fingerprint_with_every_added_or_altered_place(text: str) -> None:
    (one,) = scan(added("a.py", "bad = 1\n"), BAD).findings
    (other,) = scan(added("a.py", text), BAD).findings
    assert one.fingerprint != other.fingerprint


def test_it_changes_the_fingerprint_where_only_a_masked_secret_differs() -> None:
    (one,) = scan(added("a.py", f"bad = '{SECRET}'\n"), BAD).findings
    (other,) = scan(added("a.py", f"bad = '{SECRET[:-1]}D'\n"), BAD).findings
    assert one.fingerprint != other.fingerprint


def test_it_changes_the_fingerprint_beyond_the_places_that_are_listed() -> None:
    text = "".join(f"bad {number}\n" for number in range(60))
    (one,) = scan(added("a.py", text), BAD).findings
    (other,) = scan(added("a.py", text.replace("bad 59", "bad 60")), BAD).findings
    assert one.locations == other.locations
    assert one.fingerprint != other.fingerprint


def test_it_tells_where_a_check_could_not_look_at_every_place() -> None:
    def look(view: View) -> Iterator[Hit]:
        for file in view.where("key"):
            for line in file.new("key"):
                if "real" in line.text:
                    yield Hit.at(file, line, "is real")

    many = "".join(f"key {number}\n" for number in range(10_001))
    picky = rule(triggers=("key",), check=look)
    assert scan(added("a.py", many[: -len("key 10000\n")]), picky).findings == ()
    (finding,) = scan(added("a.py", many + "key real\n"), picky).findings
    assert finding.severity is Severity.MEDIUM
    assert finding.message == "more places than are looked at one by one"


def test_it_keys_fingerprints_with_the_salt() -> None:
    diff = Diff(patch=added("a.py", "bad\n"))
    prints = {
        Scanner([BAD], salt).scan(diff, NOTHING).findings[0].fingerprint
        for salt in (b"", b"one", b"two" * 50)
    }
    assert len(prints) == 3


def test_it_names_its_rules_by_a_version_that_any_change_changes() -> None:
    changed = [
        BAD,
        rule(patterns=(Pattern("bat", "is bad"),)),
        rule(patterns=(Pattern("bad", "is bad", severity=Severity.LOW),)),
        rule(patterns=(Pattern("bad", "is bad"),), severity=Severity.LOW),
        rule(patterns=(Pattern("bad", "is bad"),), stability=Stability.PREVIEW),
    ]
    versions = [Scanner([one], SALT).rules_version for one in changed]
    assert len(set(versions)) == len(versions)
    two = (BAD, rule("b", patterns=(Pattern("x", "m"),)))
    assert Scanner(two, SALT).rules_version == Scanner(two[::-1], SALT).rules_version
    assert scan(b"", BAD).rules_version == versions[0]


def test_it_answers_the_same_twice() -> None:
    patch = added("a.py", "bad\nexec(base64.b64decode(x))\n")
    scanner = Scanner(catalogue(), SALT)
    assert scanner.scan(Diff(patch=patch), NOTHING) == scanner.scan(Diff(patch=patch), NOTHING)


SAMPLES = sorted((Path(__file__).parent.parent / "rules").glob("*/*/*.diff"))
FULL = Scanner(catalogue(), SALT)


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_it_survives_any_damage(data: st.DataObject) -> None:
    patch = bytearray(data.draw(st.sampled_from(SAMPLES)).read_bytes())
    for _ in range(data.draw(st.integers(0, 4))):
        at = data.draw(st.integers(0, len(patch) - 1))
        patch[at] = data.draw(st.integers(0, 255))
    names = st.text(max_size=20)
    subject = Subject(data.draw(names), data.draw(names), data.draw(names))
    result = FULL.scan(Diff(patch=bytes(patch)), subject)
    assert RULE_FAILED not in {finding.rule for finding in result.findings}
    assert (result.unscannable is None) or result.risk.rank >= Risk.HIGH.rank


@settings(deadline=None, max_examples=100)
@given(st.lists(st.sampled_from(SAMPLES), min_size=1, max_size=4, unique=True))
def test_it_never_lowers_the_risk_by_one_more_file(chosen: list[Path]) -> None:
    patches = [sample.read_bytes() for sample in chosen if b"rename" not in sample.read_bytes()]
    texts = [
        patch[patch.index(b"diff --git") :]
        .replace(b" a/", b" a/%d/" % at)
        .replace(b" b/", b" b/%d/" % at)
        for at, patch in enumerate(patches)
    ]
    risks = [FULL.scan(Diff(patch=b"".join(texts[:n])), NOTHING) for n in range(len(texts) + 1)]
    # What these miss in one file, another file may hold: moved, or what it was made from.
    kinds = {
        "claimed-work-absent",
        "deletion-protection-removed",
        "generated-changed-alone",
        "guard-narrowed",
        "guard-removed",
        "limit-taken-off",
        "log-or-audit-removed",
        "monitoring-switched-off",
        "store-no-longer-declared",
        "test-skipped-or-removed",
    }
    ranks = [
        max((Risk(f.severity).rank for f in one.findings if f.rule not in kinds), default=0)
        for one in risks
    ]
    assert ranks == sorted(ranks)
