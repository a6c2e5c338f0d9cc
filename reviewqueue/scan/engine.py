"""One diff in, findings and risk out.

Read strictly, match everything at once, ask the checks that woke up, weigh, combine.
Whatever goes wrong on the way is itself a finding: what was not looked at never looks
clean, and a rule that crashes hides no other.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter

from reviewqueue.domain.finding import (
    Confidence,
    Finding,
    Location,
    Pathway,
    Risk,
    Scan,
    Severity,
    Side,
    fingerprint,
    worst,
)
from reviewqueue.domain.paths import Label, Labels, labels, runs
from reviewqueue.scan.combine import co_occur, ordered, severity_rank, weigh
from reviewqueue.scan.diff import Diff, FileFacts, Unread
from reviewqueue.scan.joined import join
from reviewqueue.scan.mask import mask
from reviewqueue.scan.matcher import REST, Compile, Matcher
from reviewqueue.scan.parser import FilePatch, Unscannable, cross_check, display, parse
from reviewqueue.scan.rule import (
    Capability,
    Hit,
    Line,
    Occasion,
    On,
    Pattern,
    Rule,
    Stability,
    Subject,
    expression,
)
from reviewqueue.scan.view import ChangedFile, ChangeView
from reviewqueue.scan.whole import widened

UNSCANNABLE = "unscannable"
UNREAD = "unread-content"
RULE_FAILED = "rule-failed"

_EVIDENCE = 200
"""Characters of evidence that are kept of one place."""
_PLACES = 40
"""Places that are kept of one finding; the fingerprint covers all."""
_MESSAGES = 3
"""Different messages that one finding joins."""
_NUL = "NUL bytes"
"""Why a file that was read is told all the same."""
_EXECUTABLE = 0o111
_SUBMODULE = 0o160000

_BUILT_IN = {
    id_: Rule(
        id=id_,
        pathway=Pathway.COVERING_TRACKS,
        severity=severity,
        confidence=Confidence.HIGH,
        stability=Stability.STABLE,
        summary="",
        built_in=True,
    )
    for id_, severity in (
        (UNSCANNABLE, Severity.HIGH),
        (UNREAD, Severity.MEDIUM),
        (RULE_FAILED, Severity.HIGH),
    )
}


@dataclass(frozen=True, slots=True)
class _Reading:
    """What reading a diff gave: the files, and why it may not be all."""

    patches: tuple[FilePatch, ...]
    unread: tuple[Unread, ...]
    problem: str | None


_Place = tuple[int, Pattern]
"""A rule's number, and one of its patterns."""
_Found = tuple[int, Pattern, Sequence[ChangedFile]]
"""Likewise, and where it matched; nowhere for a pattern on names."""


class _Wakes:
    """What each match or occasion calls for, so that nothing else is asked of a change."""

    def __init__(self, rules: Sequence[Rule], index: Mapping[str, int]) -> None:
        """Sort every pattern and every check by what wakes it."""
        self._patterns: dict[On, defaultdict[int, list[_Place]]] = {
            on: defaultdict(list) for on in (On.ADDED, On.REMOVED, On.PATH)
        }
        self._spoken: dict[On, list[_Found]] = {On.BRANCH: [], On.TITLE: []}
        self._new: defaultdict[int, set[int]] = defaultdict(set)
        self._old: defaultdict[int, set[int]] = defaultdict(set)
        self._occasions: defaultdict[Occasion, set[int]] = defaultdict(set)
        self._every = {at for at, rule in enumerate(rules) if rule.sees_every_change}
        for at, rule in enumerate(rules):
            for pattern in rule.patterns:
                if pattern.on in self._patterns:
                    self._patterns[pattern.on][index[pattern.regex]].append((at, pattern))
                else:
                    self._spoken[pattern.on].append((at, pattern, ()))
            for regex in (*rule.triggers, *rule.added_triggers):
                self._new[index[regex]].add(at)
            for regex in (*rule.triggers, *rule.removed_triggers):
                self._old[index[regex]].add(at)
            for occasion in rule.wakes:
                self._occasions[occasion].add(at)

    def of(self, view: ChangeView) -> tuple[list[_Found], Iterable[int]]:
        """Return the patterns to look up, and the numbers of the rules to ask, in order."""
        patterns = self._spoken[On.BRANCH].copy() if view.subject.branch else []
        if view.subject.headline:
            patterns += self._spoken[On.TITLE]
        checks = self._every
        for side, on, waking in (
            (Side.NEW, On.ADDED, self._new),
            (Side.OLD, On.REMOVED, self._old),
        ):
            for number, files in view.possible[side].items():
                wakes = waking.get(number)
                if wakes and not wakes <= checks and view.is_there(number, side):
                    checks = checks | wakes
                if places := self._patterns[on].get(number):
                    patterns.extend([(at, pattern, files) for at, pattern in places])
        for number in view.named:
            for at, pattern in self._patterns[On.PATH].get(number, ()):
                patterns.append((at, pattern, ()))
        for occasion in self._occasions.keys() & view.occasions:
            checks = checks | self._occasions[occasion]
        return patterns, sorted(checks)


class Scanner:
    """Applies one catalogue; made once, used for every diff."""

    def __init__(
        self, catalogue: Sequence[Rule], salt: bytes, compiled: Compile | None = None
    ) -> None:
        """Compile the catalogue; RuleError where an expression is not RE2.

        ``salt`` keys the hashes that stand for masked secrets and the fingerprints.
        ``compiled`` makes the searches, where that is not to be RE2's Set.
        """
        self._rules = tuple(rule for rule in catalogue if not rule.built_in)
        self._by_id = {rule.id: rule for rule in self._rules} | _BUILT_IN
        self._capabilities: dict[str, Capability] = {
            rule.id: rule.capability for rule in self._rules if rule.capability
        }
        self._matcher = _matcher(self._rules, compiled)
        self._wakes = _Wakes(self._rules, self._matcher.index)
        self._salt = salt
        self._key = hashlib.blake2b(salt, digest_size=32).digest()
        self.rules_version = _version(catalogue)
        """12 hex digits over every rule's id, severity, patterns and source."""

    def scan(self, diff: Diff, subject: Subject) -> Scan:
        """Return the findings and the risk of one diff; never raises on what it reads."""
        reading = _read(diff)
        try:
            findings = self._findings(self._all_hits(reading, subject))
        except Exception as error:  # noqa: BLE001 -- hostile input; told as unscannable below
            reading = replace(reading, problem=f"the scan failed: {_kind(error)}", patches=())
            findings = self._findings(_told(reading))
        if findings:
            findings = ordered(co_occur(findings, self._capabilities))
        return Scan(
            risk=worst(findings) if findings else Risk.NONE,
            findings=tuple(findings),
            unscannable=_reason(reading, findings),
            files=len(reading.patches),
            added=sum([patch.added_count for patch in reading.patches]),
            removed=sum([patch.removed_count for patch in reading.patches]),
            rules_version=self.rules_version,
        )

    def _all_hits(self, reading: _Reading, subject: Subject) -> list[tuple[Rule, Hit]]:
        view = ChangeView(reading.patches, subject, self._matcher)
        found = _told(reading)
        patterns, checks = self._wakes.of(view)
        for at, pattern, files in patterns:
            try:
                found.extend(
                    [(self._rules[at], hit) for hit in _pattern_hits(pattern, files, view)]
                )
            except Exception as error:  # noqa: BLE001 -- one rule's crash is a finding
                found.append((_BUILT_IN[RULE_FAILED], _failed_hit(self._rules[at], error)))
        for at in checks:
            rule = self._rules[at]
            try:
                found.extend((rule, hit) for hit in _check_hits(rule, view))
            except Exception as error:  # noqa: BLE001 -- likewise
                found.append((_BUILT_IN[RULE_FAILED], _failed_hit(rule, error)))
        return found

    def _findings(self, hits: Iterable[tuple[Rule, Hit]]) -> Sequence[Finding]:
        grouped: defaultdict[tuple[str, str], list[Hit]] = defaultdict(list)
        for rule, hit in hits:
            grouped[rule.id, hit.path].append(hit)
        return [self._finding(self._by_id[id_], path, of) for (id_, path), of in grouped.items()]

    def _finding(self, rule: Rule, path: str, hits: list[Hit]) -> Finding:
        """Make one finding of all hits of a rule in a file, the heaviest first."""
        given = labels(path)
        weighed = sorted(
            ((weigh(rule, hit, given), hit) for hit in hits),
            key=lambda one: (-severity_rank(one[0]), one[1].line or 0, one[1].message),
        )
        severity = weighed[0][0]
        messages = list(dict.fromkeys(hit.message for _, hit in weighed))
        # Two patterns may mark one line: that is one place.
        seen = {(hit.line, hit.side, hit.key or hit.text): hit for _, hit in reversed(weighed)}
        distinct = [*reversed(seen.values())]
        sure = max((hit.confidence or rule.confidence for hit in hits), key=_rank)
        places = len(distinct)
        message = "; ".join(messages[:_MESSAGES])
        if places > _PLACES:
            message = f"{message}; {_PLACES} of {places} places are listed"
        if rule.stability is Stability.PREVIEW:
            severity, message = Severity.LOW, f"{message} (preview)"
        return Finding(
            rule=rule.id,
            pathway=rule.pathway,
            severity=severity,
            confidence=sure,
            message=message,
            locations=tuple(self._location(hit) for hit in distinct[:_PLACES]),
            fingerprint=fingerprint(rule.id, (self._identity(hit) for hit in distinct)),
        )

    def _location(self, hit: Hit) -> Location:
        shown = " ".join(mask(hit.text, self._salt).split())
        if len(shown) > _EVIDENCE:
            shown = shown[: _EVIDENCE - 1] + "…"
        return Location(path=hit.path, line=hit.line, side=hit.side, evidence=shown)

    def _identity(self, hit: Hit) -> Location:
        """Return the place as the fingerprint sees it: a keyed hash, no text."""
        key = hit.key or " ".join(hit.text.split()).encode("utf-8", "surrogatepass")
        digest = hashlib.blake2b(key, key=self._key, digest_size=16).hexdigest()
        return Location(path=hit.path, line=None, side=hit.side, evidence=digest)


def _rank(confidence: Confidence) -> int:
    return list(Confidence).index(confidence)


def _read(diff: Diff) -> _Reading:
    """Parse and cross-check; on failure keep the names, so that rules on names still run."""
    if diff.problem:
        return _Reading(_names_only(diff.files or ()), diff.unread, diff.problem)
    try:
        patches = parse(diff.patch)
        problem = None if diff.files is None else cross_check(patches, diff.files)
    except Unscannable as reason:
        patches, problem = _names_only(diff.files or ()), str(reason)
    except Exception as error:  # noqa: BLE001 -- hostile input; nothing of it may pass unread
        patches, problem = _names_only(diff.files or ()), f"the parser failed: {_kind(error)}"
    if diff.whole and not problem:
        patches = widened(patches, diff.whole)
    hidden: list[Unread] = []
    if b"\0" in diff.patch:
        hidden = [Unread(file.path, _NUL) for file in patches if b"\0" in file.added]
        patches = tuple(map(_without_nul, patches))
    if diff.earlier and not problem:
        parts = (tuple(map(_without_nul, part)) for part in _readable(diff.earlier))
        patches = join([*parts, patches])
    unseen = [*(Unread(file.path, "binary") for file in patches if file.binary), *hidden]
    if not unseen:
        return _Reading(patches, diff.unread, problem)
    told = {unread.path for unread in diff.unread}
    unseen = [unread for unread in unseen if unread.path not in told]
    return _Reading(patches, (*diff.unread, *unseen), problem)


def _without_nul(file: FilePatch) -> FilePatch:
    """Read the lines as what runs them may: a NUL between two letters keeps no word apart."""
    if not any(b"\0" in line for hunk in file.hunks for line in hunk.lines):
        return file
    return replace(
        file,
        added=file.added.replace(b"\0", b""),
        removed=file.removed.replace(b"\0", b""),
        hunks=[
            replace(h, lines=[line.replace(b"\0", b"") for line in h.lines]) for h in file.hunks
        ],
    )


def _readable(patches: Iterable[bytes]) -> Iterator[tuple[FilePatch, ...]]:
    """Yield the earlier patches that can be read: of the others their own scan told."""
    for patch in patches:
        try:
            yield parse(patch)
        except Unscannable:
            continue


def _kind(error: BaseException) -> str:
    return type(error).__name__


def _names_only(files: Iterable[FileFacts]) -> tuple[FilePatch, ...]:
    return tuple(
        FilePatch(
            old_path=b"" if facts.status == "A" else facts.old_path or facts.new_path,
            new_path=b"" if facts.status == "D" else facts.new_path or facts.old_path,
            old_mode=facts.old_mode,
            new_mode=facts.new_mode,
            status=facts.status,
        )
        for facts in files
    )


def _matcher(rules: Iterable[Rule], compiled: Compile | None) -> Matcher:
    """Return the matcher of all rules: patterns apart from triggers, each on its side."""
    on: dict[On, list[str]] = {one: [] for one in On}
    new: list[str] = []
    old: list[str] = []
    for rule in rules:
        for pattern in rule.patterns:
            on[pattern.on].append(pattern.regex)
        new += (*rule.triggers, *rule.added_triggers)
        old += (*rule.triggers, *rule.removed_triggers)
    # Two smaller Sets hold fewer mixtures of what has begun than one of all triggers.
    added = (on[On.ADDED], new[::2], new[1::2])
    return Matcher(added, (on[On.REMOVED], old), on[On.PATH], compiled=compiled)


def _check_hits(rule: Rule, view: ChangeView) -> Iterator[Hit]:
    """Yield what the check finds, and where it could not look at every place."""
    if rule.check:
        yield from rule.check(view)
    for trigger in rule.all_triggers:
        for file, side in view.overflowing(trigger):
            yield Hit(message=REST, text=REST, path=file.path, side=side)


def _pattern_hits(
    pattern: Pattern, files: Sequence[ChangedFile], view: ChangeView
) -> Iterator[Hit]:
    if pattern.on is On.ADDED:
        return _content_hits(pattern, files, Side.NEW)
    if pattern.on is On.REMOVED:
        return _content_hits(pattern, files, Side.OLD)
    return _name_hits(pattern, view)


def _content_hits(pattern: Pattern, files: Sequence[ChangedFile], side: Side) -> Iterator[Hit]:
    for file in files:
        if pattern.applies(file.path, file.labels):
            lines = file.new(pattern.regex) if side is Side.NEW else file.gone(pattern.regex)
            for line in _refined(pattern, lines):
                yield Hit.at(
                    file,
                    line,
                    pattern.message,
                    side=side,
                    severity=pattern.severity_of(line, file.labels),
                    discountable=True,
                )


def _refined(pattern: Pattern, lines: tuple[Line, ...]) -> Iterable[Line]:
    if not pattern.line:
        return lines
    compiled = expression(pattern.line)
    return [line for line in lines if compiled.search(line.whole)]


def _name_hits(pattern: Pattern, view: ChangeView) -> Iterator[Hit]:
    for path, name in filter(itemgetter(1), _names(pattern, view)):
        fits = not path or pattern.applies(path, labels(path))
        if fits and expression(pattern.regex).search(name.encode("utf-8", "surrogatepass")):
            yield Hit(
                message=pattern.message,
                text=name,
                path=path,
                severity=pattern.severity,
                discountable=True,
            )


def _names(pattern: Pattern, view: ChangeView) -> Iterable[tuple[str, str]]:
    """Return (path, name) of what the pattern is about; the path is empty for the change."""
    if pattern.on is On.BRANCH:
        return [("", view.subject.branch)]
    if pattern.on is On.TITLE:
        return [("", view.subject.headline)]
    return [(path, path) for path in view.paths]


def _failed_hit(rule: Rule, error: Exception) -> Hit:
    return Hit(
        message=f"the rule {rule.id} crashed ({_kind(error)}): what it would have found is unknown",
        text=rule.id,
    )


def _unscannable_hit(problem: str) -> Hit:
    return Hit(message=f"this diff could not be read: {problem}", text=problem)


def _told(reading: _Reading) -> list[tuple[Rule, Hit]]:
    """Return what the reading itself has to tell."""
    found = [(_BUILT_IN[UNREAD], hit) for hit in _unread_hits(reading)] if reading.unread else []
    if reading.problem:
        found.append((_BUILT_IN[UNSCANNABLE], _unscannable_hit(reading.problem)))
    return found


def _unread_hits(reading: _Reading) -> Iterator[Hit]:
    """Tell what was not seen: high where it runs, low where nothing runs it."""
    patches = {patch.path: patch for patch in reading.patches}
    manifests = tuple(path for path in patches if Label.MANIFEST in labels(display(path)))
    for unread in reading.unread:
        path = display(unread.path)
        below = unread.path[: unread.path.rfind(b"/") + 1]
        told = Label.LOCK in labels(path) and any(one.startswith(below) for one in manifests)
        severity = _unread_severity(unread, patches.get(unread.path), labels(path))
        what = (
            "lines of this file carry NUL bytes, so that git and the forge may show nothing of it"
            if unread.reason == _NUL
            else f"this file's content was not seen ({unread.reason})"
        )
        yield Hit(
            message=what,
            text=unread.reason,
            path=path,
            severity=Severity.LOW if told and severity is Severity.MEDIUM else severity,
        )


def _unread_severity(unread: Unread, patch: FilePatch | None, found: Labels) -> Severity:
    if patch and patch.status == "D":
        return Severity.LOW
    mode = patch.new_mode if patch else 0
    executed = mode & _EXECUTABLE and Label.LOCK not in found
    if runs(found) or executed or mode == _SUBMODULE:
        return Severity.HIGH
    if unread.reason == _NUL or (Label.MEDIA in found and unread.reason in {"binary", "LFS"}):
        return Severity.LOW
    return Severity.MEDIUM if unread.reason == "binary" else Severity.HIGH


def _reason(reading: _Reading, findings: Iterable[Finding]) -> str | None:
    """Return why the diff, or a part of it that matters, was not read."""
    if reading.problem:
        return reading.problem
    hidden = [
        finding
        for finding in findings
        if finding.rule == UNREAD and finding.severity is Severity.HIGH and _is_text(finding)
    ]
    if not hidden:
        return None
    more = f" and {len(hidden) - 1} more files" if len(hidden) > 1 else ""
    return f"{hidden[0].path}{more}: {hidden[0].locations[0].evidence}, not seen"


def _is_text(finding: Finding) -> bool:
    """Return whether somebody could have read what was not read here.

    A program that was compiled nobody reads.
    """
    reason = finding.locations[0].evidence
    return reason != _NUL and not (Label.BINARY in labels(finding.path) and reason == "binary")


def _written(pattern: Pattern) -> str:
    """Return a pattern as the same text in every process: sets have no order of their own."""
    fixed = replace(pattern, only=frozenset(), never=frozenset(), slight=frozenset())
    return f"{fixed!r} {sorted(pattern.only)} {sorted(pattern.never)} {sorted(pattern.slight)}"


def _version(catalogue: Iterable[Rule]) -> str:
    digest = hashlib.sha256()
    for rule in sorted(catalogue, key=lambda rule: rule.id):
        facts = (
            rule.id,
            rule.pathway,
            rule.severity,
            rule.confidence,
            rule.stability,
            str(rule.version),
            *map(_written, rule.patterns),
            repr(rule.all_triggers),
            rule.source,
        )
        digest.update("\0".join(facts).encode() + b"\1")
    return digest.hexdigest()[:12]
