r"""What a check demands, lowered: a floor, a severity, a part of what it runs.

What it flags
    A coverage floor or a quality threshold that goes down or away, a ceiling of warnings
    that goes up; the severity from which a scanner or an audit fails, raised, or left out
    of those that count; a lint, or a rule about dependencies, that was denied and is let
    through; an option or a setting that made warnings errors, looked at all parts, or asked
    for full coverage, gone from a command or a file that stays; a test, lint or verify
    command, or the list of what a job waits for, that loses a part; tests that a build, or
    a manifest, no longer declares.

Why it matters
    The check runs and is green as before. It only asks for less, and nobody is told which
    part it no longer asks for.

How to review it
    Ask what fails under the old demand today.
    A floor that goes down needs the same sign-off as the code it lets through.

Not flagged
    Demands that rise, or that move to another file; a tool that another one replaces; words
    that are common elsewhere, where the file is not about checks. One of several forms of a check
    (`test:watch`) that goes while the check itself is named anew is a low finding. Comments
    demand nothing.

Seen in
    CICD-SEC-1, insufficient flow control mechanisms, of OWASP's top ten of CI/CD risks.
"""

from collections.abc import Iterator
from itertools import chain

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.effects.demands import (
    HOLDS,
    INSISTS,
    insisted,
    no_longer_held,
    no_longer_insisted,
)
from reviewqueue.scan.rule import FileView, Hit, Line, Rule, Stability, View, expression
from reviewqueue.scan.structure.disappeared import disappeared
from reviewqueue.scan.structure.pairs import Changed, Pair, changed_tokens, finds, pairs_losing

_READ = frozenset(
    {
        Label.CI,
        Label.BUILD,
        Label.HOOK,
        Label.SCRIPT,
        Label.CONTAINER,
        Label.MANIFEST,
        Label.CONFIG,
    }
)
"""What a check's settings stand in."""
_FLOOR = (
    r"(?i)\b(?:fail[_-]under|cov-fail-under|min(?:imum)?(?:[_-]?(?:coverage|score|accuracy|"
    r"pass[_-]?rate|covered[_-]?ratio|msi))?|coverage[_-]?threshold|"
    r"max[_-]warnings|threshold|target|minimum_coverage\w*|fail[_-]under[_-]\w+|"
    r"lines|branches|functions|statements)['\"]?\s*(?:[:=>]|[ ])\s*['\"]?(\d+(?:\.\d+)?)"
)
_CEILINGS = ("warnings", "threshold")
_LOOSE_FLOOR = ("lines", "branches", "functions", "statements", '"', "min", "threshold", "target")
"""Names that are common elsewhere: told only where both values are there."""
_VAGUE = ("min", "threshold", "target", "lines", "branches", "functions", "statements")
"""Names that mean a floor only where the file is about checks."""
_COVERAGE = (
    r"(?i)cov(?:erage|ered)?|codecov|jacoco|vitest|jest|nyc|c8|sonar|lint|quality|mutation|"
    r"lighthouse"
)
_HELD = r"(?i)coverage|threshold|cover(?:ed)?_?ratio"
"""What a line says of itself that holds such a floor."""
_FEW = 6
"""Removed lines up to which a job is only changed."""
_LEVEL = (
    r"(?i)\b(?:fail-on-severity|severity-threshold|severity|audit[-_]level|"
    r"failBuildOnCVSS|fail[-_]on|min(?:imum)?[-_]severity|failure-threshold|min-confidence)"
    r"['\"]?[ \t]*[= :>][ \t]*['\"]?(?:critical|high|medium|moderate|low|info|none|unknown|"
    r"negligible|error|warning|note|style|\d)"
)
_LEVELS = (
    b"none unknown info style note negligible",
    b"low",
    b"medium moderate warning warn",
    b"high error",
    b"critical",
)
_RANK = {word: rank for rank, words in enumerate(_LEVELS) for word in words.split()}
_ABOUT = (
    r"(?i)audit|trivy|snyk|grype|anchore|depend|owasp|cvss|scan|lint|bandit|semgrep|checkov|sast|"
    r"codeql|hadolint|kics|tfsec|shellcheck|security"
)
"""What a severity must be about: that of an alert is another thing."""
_GATE = (
    r"^(?:all|default|test|check|ci|verify|lint|all-?tests?|presubmit)[\w-]*[ \t]*:|"
    r"['\"](?:pre)?(?:test|check|ci|verify|lint|validate|precommit|prepush|prepublishOnly)[\w:-]*"
    r"['\"][ \t]*:[ \t]*['\"]|"
    r"\b(?:needs|events?|on|suites?|tests?|checks?|testpaths|test_?paths|test[-_]types?|"
    r"linters?)['\"]?[ \t]*[:=]"
    r"[ \t]*\[|\bneeds:[ \t]*\w|^[ \t]*(?:testpaths|env_?list)[ \t]*="
)
"""A command that runs several checks, or the list of jobs that another waits for."""
_DECLARES = (
    r"\benable_testing\(|\badd_test\(|\b(?:gtest|catch|doctest)_discover_tests\(|<testsuite\b|"
    r"^[ \t]*test\([ \t]*['\"]|^[ \t]*benchmark\([ \t]*['\"]|\w_test\([ \t]*$|"
    r"^[ \t]*['\"](?:pre|post)?(?:test|lint|check|verify|typecheck)(?::[\w:-]*)?['\"][ \t]*:|"
    r"['\"]pre-(?:commit|push)['\"][ \t]*:[ \t]*['\"\[]"
)
"""How a build, or a manifest, says that there is something to run that checks."""
_DENIES = (
    r"[:=][ \t]*(?:\{[ \t]*level[ \t]*=[ \t]*)?['\"](?:deny|forbid)['\"]|#!\[(?:deny|forbid)\("
)
_STRICT = rf"(?:{_LEVEL})|(?:{_GATE})|(?:{_DENIES})"
_STRICTNESS = {b"allow": 0, b"ignore": 0, b"off": 0, b"warn": 1, b"deny": 2, b"forbid": 3}
_PARTS = (
    r"(?i)^(?:\w*[-_])?(?:tests?|unit|integration|e2e|lint\w*|typecheck|tsc|eslint|ruff|mypy|"
    r"pytest|"
    r"jest|vitest|mocha|audit|scan|security|sast|codeql|verify|validate|coverage|check|clippy|vet|"
    r"fmt|format|prettier|conformance|fuzz|smoke|pull_request|merge_group|"
    r"schedule|cron)(?:[-_]\w*)?$"
)


def check(view: View) -> Iterator[Hit]:
    """Mark floors that sink, severities that rise, and checks that lose a part."""
    yield from _floors(view)
    yield from _alone(view)
    yield from _insisted(view)
    yield from _declared(view)
    for file in view.where(_STRICT, side=Side.OLD):
        if file.status == "D" or file.labels.isdisjoint(_READ) or Label.DOCS in file.labels:
            continue
        for pair in pairs_losing(file, _STRICT):
            raised = _raised(pair)
            about = raised if raised and _speaks(file, _ABOUT) else ""
            if told := about or _shortened(pair) or _allowed(pair):
                yield Hit.on(file, pair.new_line, pair.new, told)


def _insisted(view: View) -> Iterator[Hit]:
    """Mark commands and settings that say the same, but for what made them strict."""
    losing = view.where(INSISTS, side=Side.OLD)
    files = list(filter(_is_read, view.files)) if losing else []
    lost = insisted(files)
    found = [(file, lesser) for file in files for lesser in no_longer_insisted(file, lost)]
    for file in view.where(HOLDS, side=Side.OLD):
        if _is_read(file):
            found.extend((file, lesser) for lesser in no_longer_held(file))
    for file, ((number, text), name, is_new) in found:
        told = f"a check no longer insists: {name[:60]} is gone"
        yield Hit.on(file, number, text, told, side=Side.NEW if is_new else Side.OLD)


def _declared(view: View) -> Iterator[Hit]:
    """Mark what a build had to run to check itself, and no longer names."""
    files = [file for file in view.where(_DECLARES) if _is_build(file)]
    for found in disappeared(files, _DECLARES):
        if found.file.status == "M":
            kept = {_named(line) for line in found.file.new(_DECLARES)}
            for line in found.lost:
                if _named(line) not in kept:
                    told = "a build no longer names what checks it"
                    # Of several forms of one check, another is still named.
                    weight = Severity.LOW if _base(_named(line)) in kept else None
                    yield Hit.at(found.file, line, told, side=Side.OLD, severity=weight)


def _named(line: Line) -> str:
    """Return what a line of a manifest gives a name to, or of a build all that it says."""
    return line.text.partition('":')[0]


def _base(name: str) -> str:
    """Return the check that a name is a form of, as in ``test:watch``."""
    return name.partition(":")[0]


def _is_build(file: FileView) -> bool:
    return not file.labels.isdisjoint({Label.BUILD, Label.CONFIG}) and _is_read(file)


def _is_read(file: FileView) -> bool:
    """Return whether a file that is still there holds settings or commands."""
    is_kept = file.status != "D" and not file.labels.isdisjoint(_READ)
    return is_kept and file.labels.isdisjoint({Label.DOCS, Label.LOCK})


def _speaks(file: FileView, regex: str) -> bool:
    """Return whether the file, by its name or what is shown of it, speaks of something."""
    texts = (b"\n".join(lines) for _, _, lines in file.hunks())
    return any(map(finds(regex), chain([file.path.encode()], texts)))


def _raised(pair: Pair) -> str:
    """Say that findings of a lesser severity no longer count; nothing where they do."""
    level = expression(_LEVEL)
    if not (level.search(pair.old) and level.search(pair.new)):
        return ""
    changed = changed_tokens(pair)
    for old, new in (*changed.swapped, *changed.numbers):
        was, now = _RANK.get(old.lower()), _RANK.get(new.lower())
        if was is not None and now is not None and now > was:
            return f"findings below {new.decode()} no longer count: it was {old.decode()}"
    if b"CVSS" in pair.old and any(float(new) > float(old) for old, new in _figures(changed)):
        return "weaknesses of a higher score than before no longer count"
    lost = [token.decode().lower() for token in changed.gone if token.lower() in _RANK]
    if lost and not changed.came and not changed.swapped:
        return f"findings of this severity no longer count: {', '.join(lost)}"
    return ""


def _figures(changed: Changed) -> Iterator[tuple[bytes, bytes]]:
    return ((old, new) for old, new in changed.numbers if _is_figure(old) and _is_figure(new))


def _is_figure(text: bytes) -> bool:
    return expression(r"^\d{1,9}(?:\.\d{1,9})?$").search(text) is not None


def _shortened(pair: Pair) -> str:
    """Say which part of a check went, where nothing came for it."""
    changed, part = changed_tokens(pair), expression(_PARTS)
    gate = expression(_GATE)
    if changed.came or changed.swapped or not (gate.search(pair.old) and gate.search(pair.new)):
        return ""
    kept = pair.new.split()
    lost = [word for word in changed.gone if part.search(word) and word not in kept]
    return f"what checks no longer runs, or waits for, {lost[0].decode()[:60]}" if lost else ""


def _allowed(pair: Pair) -> str:
    """Say that a lint, or a check of dependencies, no longer refuses what it refused."""
    for old, new in changed_tokens(pair).swapped:
        was, now = _STRICTNESS.get(old), _STRICTNESS.get(new)
        if was is not None and now is not None and now < was > 1:
            return f"what a check refused is let through: {old.decode()} → {new.decode()}"
    return ""


def _alone(view: View) -> Iterator[Hit]:
    """Mark jobs that no longer wait for checks, and crates that no longer refuse."""
    for file in view.where(_STRICT, side=Side.OLD):
        if file.status != "M" or Label.DOCS in file.labels:
            continue
        for line in _fewer(file, b"#!["):
            told = "what the compiler refused is no longer refused"
            yield Hit.at(file, line, told, side=Side.OLD)
        for line in _fewer(file, b"needs:") if _is_small(file) else ():
            if _waits_for_checks(line):
                yield Hit.at(file, line, "a job no longer waits for the checks", side=Side.OLD)


def _fewer(file: FileView, begins: bytes) -> list[Line]:
    """Return the lines with such a beginning that are gone, where fewer came for them."""
    gone, new = (
        [line for line in lines if line.whole.lstrip().startswith(begins)]
        for lines in (file.gone(_STRICT), file.new(_STRICT))
    )
    return gone if len(gone) > len(new) else []


def _waits_for_checks(line: Line) -> bool:
    return any(map(expression(_PARTS).search, expression(r"[\w-]+").findall(line.whole)))


def _is_small(file: FileView) -> bool:
    """Return whether so few lines go that the job itself is still there."""
    return Label.CI in file.labels and file.removed.count(b"\n") <= _FEW


def _floors(view: View) -> Iterator[Hit]:
    """Tell floors that go down or away, and ceilings of warnings that go up."""
    for file in view.where(_FLOOR, side=Side.OLD):
        if Label.DOCS in file.labels or Label.LOCK in file.labels:
            continue
        if file.labels.isdisjoint(_READ):
            continue
        new = {_name(line): line for line in file.new(_FLOOR)}
        clear = _speaks(file, _COVERAGE)
        for old in file.gone(_FLOOR):
            if clear or not _name(old).startswith(_VAGUE):
                yield from _loosened(file, old, new.get(_name(old)))


def _is_ceiling(line: Line) -> bool:
    return any(word in _name(line) for word in _CEILINGS) and "coverage" not in _name(line)


def _name(line: Line) -> str:
    """Return what stands before a floor's figure."""
    text = line.text.encode()
    found = expression(_FLOOR).search(text)
    return text[: found.start(1)].decode("utf-8", "replace").strip().lower() if found else ""


def _value(line: Line) -> float:
    found = expression(_FLOOR).search(line.text.encode())
    return float(found[1]) if found else 0.0


def _loosened(file: FileView, old: Line, new: Line | None) -> Iterator[Hit]:
    """Tell a floor that is gone, or has a figure now that demands less."""
    if new is None:
        if not _name(old).startswith(_LOOSE_FLOOR) or expression(_HELD).search(old.whole):
            yield Hit.at(file, old, "a floor that a check held is removed", side=Side.OLD)
    elif _value(new) != _value(old) and (_value(new) < _value(old)) != _is_ceiling(old):
        told = f"what a check demands is loosened from {_value(old):g} to {_value(new):g}"
        yield Hit.at(file, new, told)


RULE = Rule(
    id="demand-lowered",
    pathway=Pathway.SAFETY_SABOTAGE,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="lowers what a check demands",
    removed_triggers=(_FLOOR, _STRICT, INSISTS, HOLDS),
    triggers=(_DECLARES,),
    check=check,
    version=3,
)
