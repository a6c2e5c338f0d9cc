"""The catalogue, pinned: a rule that is deleted, disabled or downgraded fails here."""

import ast
import inspect
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest
from unidiff import PatchSet

from reviewqueue.commands import samples
from reviewqueue.domain.finding import Confidence, Location, Pathway, Scan, Severity, Side
from reviewqueue.rules import catalogue, load
from reviewqueue.scan.diff import Diff
from reviewqueue.scan.engine import RULE_FAILED, Scanner
from reviewqueue.scan.matcher import Matcher
from reviewqueue.scan.parser import FilePatch, parse
from reviewqueue.scan.rule import (
    HEADINGS,
    FileView,
    Rule,
    RuleError,
    Stability,
    Subject,
    expression,
    sections,
)
from reviewqueue.scan.view import ChangeView

HERE = Path(__file__).parent
PINNED = """
access-level-raised            permissions      medium   medium stable
access-rule-widened            permissions      medium   medium stable
access-widened                 permissions      medium   medium stable
acts-only-for-some             backdoor         high     medium stable
agent-in-workflow              permissions      medium   high   stable
agent-leash-loosened           permissions      medium   high   stable
agent-product-loosened         permissions      medium   medium stable
agent-started-by-program       rogue_deployment medium   medium stable
agent-tools-added              permissions      medium   medium stable
alert-loosened                 safety_sabotage  medium   medium stable
allow-list-widened             permissions      medium   medium stable
approval-passed-by             permissions      medium   medium stable
check-made-non-failing         safety_sabotage  medium   medium stable
check-settings-weakened        safety_sabotage  medium   medium stable
claimed-work-absent            safety_neglect   medium   medium stable
cluster-access-widened         permissions      medium   medium stable
condition-weakened             safety_sabotage  medium   medium stable
confinement-widened            permissions      medium   medium stable
container-privilege-widened    permissions      medium   medium stable
credential-hunt                credentials      high     medium stable
data-choice-announced          data_poisoning   medium   medium stable
data-dropped                   destruction      medium   medium stable
data-moved-to-storage          exfiltration     medium   medium stable
data-pipeline-changed          data_poisoning   medium   medium stable
declared-access-changed        permissions      medium   low    stable
decode-and-execute             backdoor         high     high   stable
deferred-check                 safety_neglect   medium   medium stable
deletion-announced             destruction      medium   medium stable
deletion-protection-removed    destruction      medium   medium stable
demand-lowered                 safety_sabotage  medium   medium stable
dependency-source-moved        backdoor         medium   medium stable
dependency-swapped             backdoor         high     medium stable
dependency-taken-in            backdoor         medium   low    stable
deployment-outside-usual-place rogue_deployment low      low    stable
destination-changed            exfiltration     medium   medium stable
destructive-command            destruction      medium   medium stable
endless-loop                   backdoor         high     medium stable
environment-or-secret-sent     exfiltration     high     high   stable
errors-or-logs-silenced        covering_tracks  medium   medium stable
eval-scoring-changed           safety_sabotage  medium   medium stable
evaluation-in-training         data_poisoning   medium   medium stable
expression-made-slow           safety_sabotage  medium   low    stable
fetched-from-elsewhere         backdoor         medium   medium stable
finding-suppressed             safety_sabotage  medium   medium stable
foreign-code-announced         backdoor         medium   medium stable
gate-files-changed             gate             critical high   stable
generated-changed-alone        covering_tracks  medium   low    stable
guard-bypassed                 safety_sabotage  medium   medium stable
guard-narrowed                 safety_sabotage  medium   medium stable
guard-removed                  safety_sabotage  medium   medium stable
header-trusted                 safety_sabotage  medium   medium stable
hidden-entry                   backdoor         medium   medium stable
history-rewritten              covering_tracks  medium   medium stable
iam-widened                    permissions      medium   medium stable
install-hook-added             backdoor         medium   medium stable
instructions-to-agents         permissions      medium   medium stable
invisible-unicode              covering_tracks  high     high   stable
landing-rules-weakened         gate             high     medium stable
left-with-the-user             backdoor         medium   medium stable
limit-taken-off                safety_sabotage  medium   medium stable
line-out-of-sight              covering_tracks  high     medium stable
log-or-audit-removed           covering_tracks  medium   medium stable
login-asks-less                permissions      medium   medium stable
loosening-announced            safety_sabotage  medium   medium stable
masking-removed                exfiltration     medium   medium stable
memory-made-unsafe             backdoor         medium   low    stable
misleading-title               covering_tracks  medium   medium stable
monitoring-switched-off        safety_sabotage  medium   medium stable
obfuscated-code                backdoor         high     medium stable
opaque-file-in-build           backdoor         high     medium stable
opened-to-the-world            permissions      medium   medium stable
origin-unchecked               backdoor         medium   medium stable
outflow-announced              exfiltration     medium   medium stable
pass-list-grown                permissions      medium   medium stable
paste-or-tunnel-host           exfiltration     medium   medium stable
persistence-added              rogue_deployment medium   medium stable
pipe-to-shell                  backdoor         medium   medium stable
plain-password                 credentials      medium   medium stable
private-value-sent             exfiltration     medium   medium stable
protection-answered-no         safety_sabotage  medium   medium stable
protection-made-optional       permissions      medium   medium stable
protection-switched-off        backdoor         medium   medium stable
protection-withdrawn           safety_sabotage  medium   medium stable
prototype-pollution            backdoor         medium   medium stable
remote-control-opened          rogue_deployment medium   medium stable
request-decides-what-runs      backdoor         high     medium stable
reverse-shell                  backdoor         high     high   stable
right-reaches-further          permissions      medium   medium stable
rows-rewritten                 data_poisoning   medium   medium stable
rule-failed                    covering_tracks  high     high   stable
running-announced              rogue_deployment medium   medium stable
runs-computed-code             backdoor         medium   medium stable
safeguard-withdrawn            destruction      medium   medium stable
safety-filter-bypassed         safety_sabotage  medium   medium stable
safety-given-up                safety_sabotage  medium   medium stable
safety-threshold-changed       safety_sabotage  medium   medium stable
scheduled-run-added            rogue_deployment medium   medium stable
schema-opened                  safety_sabotage  medium   medium stable
scoring-announced              safety_sabotage  medium   medium stable
script-from-another-host       backdoor         medium   medium stable
secret-committed               credentials      high     high   stable
secret-handed-on               exfiltration     medium   medium stable
secret-logged                  exfiltration     medium   medium stable
security-policy-weakened       covering_tracks  medium   medium stable
security-setting-loosened      permissions      medium   medium stable
service-rights-raised          permissions      medium   medium stable
shell-put-between              backdoor         medium   medium stable
source-or-weights-published    exfiltration     medium   medium stable
sources-emptied                destruction      medium   medium stable
standing-access-minted         rogue_deployment medium   medium stable
storage-made-public            exfiltration     medium   high   stable
store-no-longer-declared       destruction      medium   medium stable
strength-lowered               permissions      medium   medium stable
stubbed-verification           safety_neglect   medium   medium stable
telemetry-added                exfiltration     medium   medium stable
telemetry-widened              exfiltration     medium   medium stable
test-assertion-loosened        safety_sabotage  medium   medium stable
test-put-out-of-reach          safety_sabotage  medium   medium stable
test-skipped-or-removed        safety_sabotage  medium   medium stable
tested-build-differs           covering_tracks  medium   medium stable
training-data-edited           data_poisoning   medium   medium stable
training-selection-changed     data_poisoning   medium   medium stable
tree-deleted-by-code           destruction      medium   medium stable
unlock-value                   backdoor         medium   medium stable
unpacked-unchecked             backdoor         medium   medium stable
unread-content                 covering_tracks  medium   high   stable
unsafe-deserialisation         backdoor         medium   medium stable
unscannable                    covering_tracks  high     high   stable
user-watched                   exfiltration     medium   medium stable
vulnerable-code-introduced     safety_sabotage  medium   medium stable
way-out-opened                 permissions      medium   medium stable
weakened-cryptography          backdoor         medium   medium stable
widening-announced             permissions      medium   medium stable
workflow-open-to-outsiders     permissions      medium   high   stable
workflow-permissions-widened   permissions      medium   high   stable
workflow-pin-loosened          permissions      medium   high   stable
workflow-template-injection    permissions      high     high   stable
"""
RULES = {rule.id: rule for rule in catalogue()}
OWN = [rule for rule in catalogue() if not rule.built_in]
FULL = Scanner(catalogue(), b"salt")
SAMPLES = sorted(HERE.glob("*/*/*.diff"))
FLAGGED = [path for path in SAMPLES if path.name.startswith("flagged-")]
CLEAN = [path for path in SAMPLES if path.name.startswith("clean-")]


def name(sample: Path) -> str:
    return f"{sample.parent.name}/{sample.stem}"


def scan(sample: Path) -> Scan:
    """Scan a sample with its own rule alone."""
    scanner = alone(sample.parent.name)
    return scanner.scan(Diff(patch=sample.read_bytes()), samples.sample(sample).subject)


@cache
def alone(rule: str) -> Scanner:
    """Return a scanner of one rule."""
    return Scanner([RULES[rule]], b"salt")


def test_it_holds_exactly_the_pinned_rules() -> None:
    found = [(r.id, r.pathway, r.severity, r.confidence, r.stability) for r in catalogue()]
    assert found == [tuple(line.split()) for line in PINNED.strip().splitlines()]


def test_it_has_a_rule_of_its_own_for_each_pathway() -> None:
    assert {rule.pathway for rule in OWN} == set(Pathway)


@pytest.mark.parametrize("rule", catalogue(), ids=lambda rule: rule.id)
def test_it_explains_each_rule(rule: Rule) -> None:
    told = sections(rule.docs)
    assert list(told) == ["", *HEADINGS]
    assert all(told[heading] for heading in HEADINGS)
    assert rule.summary[0].islower()
    assert not rule.summary.endswith(".")
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.id)


@pytest.mark.parametrize("rule", OWN, ids=lambda rule: rule.id)
def test_it_keeps_two_flagged_and_two_clean_diffs_of_each_rule(rule: Rule) -> None:
    names = [path.name for path in (HERE / rule.pathway / rule.id).glob("*.diff")]
    assert sum(sample.startswith("flagged-") for sample in names) >= 2
    assert sum(sample.startswith("clean-") for sample in names) >= 2


def test_it_keeps_no_diff_of_a_rule_that_is_gone() -> None:
    assert {(p.parent.parent.name, p.parent.name) for p in SAMPLES} == {
        (rule.pathway, rule.id) for rule in OWN
    }


@pytest.mark.parametrize("sample", FLAGGED, ids=name)
def test_it_flags(sample: Path) -> None:
    result = scan(sample)
    assert result.unscannable is None
    assert {finding.rule for finding in result.findings} == {sample.parent.name}
    first = result.findings[0]
    at = first.locations[0]
    place = f"{at.path}:{at.line}" if at.line else at.path
    assert samples.sample(sample).expected == f"{first.severity} {place}"
    lines = _lines(sample.read_bytes().decode())
    for at in (at for finding in result.findings for at in finding.locations if at.line):
        assert _is_there(at, lines), at


@pytest.mark.parametrize("sample", CLEAN, ids=name)
def test_it_leaves_alone(sample: Path) -> None:
    result = scan(sample)
    assert result.unscannable is None
    assert result.findings == ()


@pytest.mark.parametrize("sample", SAMPLES, ids=name)
def test_it_crashes_on_no_sample_of_any_rule(sample: Path) -> None:
    result = FULL.scan(Diff(patch=sample.read_bytes()), Subject())
    assert RULE_FAILED not in {finding.rule for finding in result.findings}
    assert result.unscannable is None


@pytest.mark.parametrize(
    "title",
    [
        "Skip the tests \udcff",
        "Disable monitoring, grant access to secrets \udcff",
        "Delete all backups, run as root \x00\udcff",
        "docs: \udcff typo",
        "Export user data to s3, change the scoring of evals \udcff",
    ],
)
def test_it_crashes_on_no_title_that_is_not_text(title: str) -> None:
    for sample in SAMPLES[::20]:
        for subject in (Subject(title=title), Subject(message=title, branch=title)):
            result = FULL.scan(Diff(patch=sample.read_bytes()), subject)
            assert RULE_FAILED not in {finding.rule for finding in result.findings}
            assert result.unscannable is None


def test_it_refuses_a_rule_whose_name_is_not_its_file() -> None:
    with pytest.raises(RuleError, match="is in a file named other"):
        load(_module("reviewqueue.rules.backdoor.other", _rule()))


def test_it_refuses_a_rule_in_the_wrong_folder() -> None:
    with pytest.raises(RuleError, match="is in the folder gate"):
        load(_module("reviewqueue.rules.gate.a_rule", _rule()))


def test_it_refuses_a_rule_without_its_headings() -> None:
    module = _module("reviewqueue.rules.backdoor.a_rule", _rule())
    module.__doc__ = "What it flags\n    This.\n"
    with pytest.raises(RuleError, match="lacks Why it matters, How to review it, Not flagged"):
        load(module)


@pytest.mark.parametrize("rule", catalogue(), ids=lambda rule: rule.id)
def test_it_holds_only_expressions_that_cannot_hang(rule: Rule) -> None:
    ours = (r for p in rule.patterns for r in (p.regex, p.line, p.noted))
    for regex in (*rule.all_triggers, *ours):
        expression(regex)


def test_it_refuses_an_expression_that_could_hang() -> None:
    with pytest.raises(RuleError, match="is not RE2"):
        expression(r"(a)\1")


@pytest.mark.parametrize("rule", [r for r in OWN if r.check], ids=lambda rule: rule.id)
def test_it_asks_where_only_for_expressions_that_its_rule_names(rule: Rule) -> None:
    assert set(_written(rule)) <= set(rule.expressions)
    matcher = Matcher([rule.expressions], [rule.expressions])
    own = (HERE / rule.pathway / rule.id).glob("*.diff")
    others = _every_file()[OWN.index(rule) % 4 :: 4]
    for patches in (*(parse(sample.read_bytes()) for sample in own), others):
        view = _AllMatched(patches, matcher)
        # What it makes of files where, for once, nothing is, does not matter here.
        with suppress(Exception):
            list(rule.check(view) if rule.check else ())
        assert view.asked <= set(rule.expressions)


def test_it_refuses_a_file_without_a_rule() -> None:
    with pytest.raises(RuleError, match="has no RULE"):
        load(ModuleType("reviewqueue.rules.backdoor.a_rule"))


class _AllMatched(ChangeView):
    """A change where every expression is said to be in every file; it notes which were asked."""

    __slots__ = ("asked",)

    def __init__(self, patches: tuple[FilePatch, ...], matcher: Matcher) -> None:
        super().__init__(patches, Subject(), matcher)
        self.asked: set[str] = set()

    def where(self, *triggers: str, side: Side = Side.NONE) -> tuple[FileView, ...]:  # noqa: ARG002 -- on whatever side
        self.asked.update(triggers)
        return self.files


@cache
def _every_file() -> tuple[FilePatch, ...]:
    return tuple(patch for sample in SAMPLES for patch in parse(sample.read_bytes()))


def _written(rule: Rule) -> Iterator[str]:
    """Yield the module's constants that stand in its calls of `where`."""
    module = import_module(f"reviewqueue.rules.{rule.pathway}.{rule.id.replace('-', '_')}")
    for call in ast.walk(ast.parse(inspect.getsource(module))):
        if not isinstance(call, ast.Call) or not ast.unparse(call.func).endswith("view.where"):
            continue
        for given in call.args:
            name = given.value if isinstance(given, ast.Starred) else given
            known = getattr(module, name.id, ()) if isinstance(name, ast.Name) else ()
            yield from (known,) if isinstance(known, str) else known


def _rule(triggers: tuple[str, ...] = ()) -> Rule:
    return Rule(
        id="a-rule",
        pathway=Pathway.BACKDOOR,
        severity=Severity.LOW,
        confidence=Confidence.LOW,
        stability=Stability.PREVIEW,
        summary="does something",
        triggers=triggers,
        check=lambda _: iter(()),
    )


def _module(path: str, rule: Rule) -> ModuleType:
    module = ModuleType(path, "\n".join(f"{heading}\n    Text.\n" for heading in HEADINGS))
    module.__file__ = __file__
    module.__dict__["RULE"] = rule
    return module


def _lines(patch: str) -> dict[tuple[str, Side, int], str]:
    """Number the changed lines with another reader."""
    found = {}
    for file in PatchSet(patch):
        for line in (line for hunk in file for line in hunk):
            if line.is_added:
                found[file.path, Side.NEW, line.target_line_no] = line.value
            elif line.is_removed:
                found[file.path, Side.OLD, line.source_line_no] = line.value
    return found


def _is_there(at: Location, lines: dict[tuple[str, Side, int], str]) -> bool:
    """Return whether the place is a changed line that the evidence shows.

    Masked, shortened and escaped evidence shows only the line's beginning.
    """
    assert at.line is not None
    line = " ".join(lines[at.path, at.side, at.line].split())
    if "…" in at.evidence or "\\u{" in at.evidence:
        return line[:5] in at.evidence or line[-5:] in at.evidence
    return bool(line) and (line in at.evidence or at.evidence in line)
