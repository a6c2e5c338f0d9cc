"""Choosing the reviewers of one revision."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from reviewqueue.domain.attribution import Attribution
from reviewqueue.domain.change import Change, Revision
from reviewqueue.domain.event import Assigned
from reviewqueue.domain.finding import Risk
from reviewqueue.domain.machines import is_machine
from reviewqueue.domain.owners import OwnerRule, Owners
from reviewqueue.domain.people import Person, logins, same_person, traits
from reviewqueue.domain.review import Assignment, RosterMember, disqualification
from reviewqueue.routing.expertise import Expertise, Known

DUE = {Risk.CRITICAL: timedelta(hours=4), Risk.HIGH: timedelta(days=1)}
"""Critical within half a working day, high by the next."""
DUE_ELSE = timedelta(days=3)
"""An agent's change that waits longer gets merged around its reviewers."""
OWNING = 1.0
"""Owning every path weighs as much as knowing them best."""
LOAD = 0.25
"""How much the mean load of the loaded divides by: it evens out a little, and in trials
cost no accuracy in one project and six points in the other."""
_NAMED = 5
"""People or paths that one sentence lists."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    person: Person
    score: float
    carries: int
    """Open assignments."""
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """What bears on every candidate alike."""

    paths: frozenset[str]
    rules: dict[str, OwnerRule]
    """By path, the line of CODEOWNERS that gives it owners."""
    known: dict[str, Known]
    """By trait, what the person is known to know."""
    best: float
    """The highest score of anybody, on the roster or not."""
    load: Mapping[str, int]
    mean_load: float
    now: datetime


def assign(  # noqa: PLR0913, PLR0917  # all that bears on who is asked
    change: Change,
    revision: Revision,
    attribution: Attribution,
    paths: Sequence[str],
    owners: Owners,
    expertise: Expertise,
    roster: Sequence[RosterMember],
    load: Mapping[str, int],
    risk: Risk | None,
    now: datetime,
) -> Assigned:
    """Return who is asked to review a revision, best first, each with reasons.

    ``paths`` are the touched ones, ``load`` open assignments by handle, ``risk`` None
    where the revision could not be scanned, which asks for as many people as high risk.
    Nobody who had a part in the change is asked, and no machine. Fewer than wanted, or
    nobody, leaves a note that says why.
    """
    wanted = 1 if risk in (Risk.NONE, Risk.LOW, Risk.MEDIUM) else 2
    refused: list[str] = []
    eligible: list[RosterMember] = []
    for member in roster:
        why = _ineligible(member.person, change, revision, attribution)
        if why is None:
            eligible.append(member)
        else:
            refused.append(f"{member.person.name or member.person.handle} {why}")
    case = _case(paths, owners, expertise, load, now)
    candidates = sorted((_candidate(member, case) for member in eligible), key=_order)
    chosen = _distinct(candidates, wanted)
    due = now + DUE.get(risk or Risk.HIGH, DUE_ELSE)
    assignments = tuple(
        Assignment(
            change=change.id,
            revision=revision.sha,
            reviewer=candidate.person,
            reasons=candidate.reasons,
            at=now,
            due_at=due,
        )
        for candidate in chosen
    )
    note = _note(len(chosen), wanted, len(roster), refused)
    return Assigned(change=change.id, revision=revision.sha, assignments=assignments, note=note)


def _case(
    paths: Sequence[str],
    owners: Owners,
    expertise: Expertise,
    load: Mapping[str, int],
    now: datetime,
) -> _Case:
    ranked = expertise.rank(paths, now)
    known: dict[str, Known] = {}
    for one in ranked:
        for trait in traits(one.person):
            known.setdefault(trait, one)
    loaded = [count for count in load.values() if count > 0]
    return _Case(
        paths=frozenset(paths),
        rules={path: rule for path in paths if (rule := owners.rule_of(path)) and rule.owners},
        known=known,
        best=ranked[0].score if ranked else 1.0,
        load=load,
        mean_load=sum(loaded) / len(loaded) if loaded else 1.0,
        now=now,
    )


def _ineligible(
    person: Person, change: Change, revision: Revision, attribution: Attribution
) -> str | None:
    if is_machine(person):
        return "is a machine"
    return disqualification(person, change, revision, attribution)


def _candidate(member: RosterMember, case: _Case) -> _Candidate:
    person = member.person
    reasons: list[str] = []
    owned, by_rule = _owned(person, case.rules)
    if owned:
        reasons.append(_owning_reason(owned, by_rule))
    score = OWNING * len(owned) / len(case.paths) if case.paths else 0.0
    known = [case.known[trait] for trait in traits(person) if trait in case.known]
    if known:
        knows = max(known, key=lambda one: (one.score, one.person.handle))
        score += knows.score / case.best
        reasons.append(_knowing_reason(knows, case))
    if not reasons:
        reasons.append(f"is on the roster ({member.source}); knows none of the touched paths")
    carries = case.load.get(person.handle, 0)
    if carries:
        reasons.append(f"carries {carries} open assignment{'s' if carries > 1 else ''}")
    score /= 1 + LOAD * carries / case.mean_load
    return _Candidate(person, score, carries, tuple(reasons))


def _order(candidate: _Candidate) -> tuple[float, int, str]:
    return -candidate.score, candidate.carries, candidate.person.handle


def _owned(person: Person, rules: Mapping[str, OwnerRule]) -> tuple[list[str], dict[int, str]]:
    """Return the paths a person owns by name, and the lines of CODEOWNERS that say so."""
    names = {person.email.strip().lower(), *(f"@{login}" for login in logins(person))} - {""}
    owned = {
        path: rule
        for path, rule in rules.items()
        if not names.isdisjoint(owner.lower() for owner in rule.owners)
    }
    return list(owned), {rule.line: rule.pattern for rule in owned.values()}


def _owning_reason(owned: list[str], by_rule: dict[int, str]) -> str:
    lines = [f"{by_rule[line]} (CODEOWNERS line {line})" for line in sorted(by_rule)]
    more = len(lines) - _NAMED
    listed = ", ".join(lines[:_NAMED]) + (f" and {more} more lines" if more > 0 else "")
    touched = f", {len(owned)} touched paths" if len(owned) > 1 else ""
    return f"owns {listed}{touched}"


def _knowing_reason(knows: Known, case: _Case) -> str:
    days = max(0, (case.now - knows.last).days)
    when = "today" if days == 0 else "yesterday" if days == 1 else f"{days} days ago"
    place = f"to {knows.folder}" if knows.folder in case.paths else f"under {knows.folder}"
    where = place if knows.folder else "to the repository"
    if knows.wrote == 0:
        return f"wrote none of the last {knows.of} changes {where}, but earlier ones, last {when}"
    return f"wrote {knows.wrote} of the last {knows.of} changes {where}, last {when}"


def _distinct(candidates: Sequence[_Candidate], wanted: int) -> list[_Candidate]:
    chosen: list[_Candidate] = []
    for candidate in candidates:
        if len(chosen) == wanted:
            break
        if not any(same_person(candidate.person, other.person) for other in chosen):
            chosen.append(candidate)
    return chosen


def _note(chosen: int, wanted: int, members: int, refused: list[str]) -> str:
    """Return why fewer than wanted were assigned, or an empty text."""
    if chosen == wanted:
        return ""
    found = f"{wanted} wanted, {chosen} found" if chosen else "nobody could be assigned"
    if not members:
        return f"{found}: the roster is empty"
    more = len(refused) - _NAMED
    listed = "; ".join(refused[:_NAMED]) + (f"; and {more} more" if more > 0 else "")
    why = f"not asked: {listed}" if refused else "the roster has no more people"
    return f"{found} among {members} on the roster: {why}"
