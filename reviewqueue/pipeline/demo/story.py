"""The demo's story: 26 weeks of one repository, two teams, and the agents that they run.

Payments reads nearly everything all along. Research does too, until about half-time; then
approvals go stale, operators approve and merge alone, and some changes never pass a queue.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from random import Random

from reviewqueue.domain.people import Person
from reviewqueue.domain.review import Answer, DecisionKind
from reviewqueue.pipeline.demo import chores, payments, places, research, words
from reviewqueue.pipeline.demo.chores import once
from reviewqueue.pipeline.demo.danger import DANGERS, Danger, Ending
from reviewqueue.pipeline.demo.desk import Draft, Recipe, draft_any
from reviewqueue.pipeline.demo.history import History, Stamp
from reviewqueue.pipeline.demo.people import AGENTS, PAYMENTS, RESEARCH, DemoAgent, Signature, Team
from reviewqueue.pipeline.demo.shape import Decide, Dispose, Files, Step, Story

WEEKS = 26
_SEED = 20260407
_FIRST_NUMBER = 1200
_PULLED_AT = time(10)
_LANDING_AT = time(8)
_HUMAN_COMMITS = 0.45
"""Chance that a team's people land something of their own on a working day."""
_LEAD_IN = timedelta(days=5)
"""Changes open before the first week, so that it has landings like any other."""
_LAST_DAYS = 5
"""The last working days: every other change of theirs still waits at the end."""
_RECIPES: dict[str, list[tuple[int, Recipe]]] = {
    PAYMENTS.handle: [*payments.RECIPES, (1, once(chores.PAYMENTS))],
    RESEARCH.handle: [*research.RECIPES, (1, once(chores.RESEARCH))],
}
_NOW = {
    PAYMENTS.handle: once(chores.PAYMENTS_NOW),
    RESEARCH.handle: once(chores.RESEARCH_NOW),
}
"""What is left for the last days, so that the queue holds honest alarms as well."""
_TEAMS = {team.handle: team for team in (PAYMENTS, RESEARCH)}
_UNREVIEWED = {
    PAYMENTS.handle: (Ending.STALE, Ending.ALONE),
    RESEARCH.handle: (Ending.STALE, Ending.ALONE, Ending.REQUESTER, Ending.ALONE, Ending.PUSHED),
}
"""How a team's unreviewed changes come to land, in turn."""


def reviewed_share(team: str, week: int) -> float:
    """Return the share of a team's ordinary changes that is reviewed at head in a week."""
    if team == PAYMENTS.handle:
        return 0.975
    healthy, slide, bottom = 15, 0.065, 0.38
    return 0.96 if week < healthy else max(bottom, 0.88 - slide * (week - healthy))


def tell(end: datetime) -> Story:
    """Return the story that ends at ``end``: 26 whole ISO weeks, and the days since.

    The same ``end`` gives the same story, to the byte.
    """
    return _Teller(end.astimezone(UTC)).tell()


@dataclass(slots=True)
class _Open:
    """A change on its way."""

    number: int
    team: Team
    operator: Person
    signature: Signature
    draft: Draft
    branch: str
    base: str
    before: Files
    """What its paths held on the main branch when it was opened."""
    heads: list[str] = field(default_factory=list)
    files: Files = field(default_factory=dict)
    """What its head makes of its paths."""

    @property
    def ref(self) -> str:
        return f"refs/pull/{self.number}/head"

    def message(self) -> str:
        return f"{self.draft.title}\n\n{self.draft.body}\n\n{self.signature.trailers}\n"


class _Teller:
    """Tells the story day by day: what lands, what opens, then what people decide."""

    def __init__(self, end: datetime) -> None:
        self.end = end
        self.rng = Random(_SEED)  # noqa: S311 -- a story, not a secret
        self.start = end.date() - timedelta(days=end.weekday(), weeks=WEEKS)
        self.days = _working_days(self.start - _LEAD_IN, end)
        self.history = History()
        self.desk = self.history.desk
        self.steps: list[Step | Decide | Dispose] = []
        self.number = _FIRST_NUMBER
        self.today = 0
        self.landed_today = 0
        self.waiting = False
        self.debts = dict.fromkeys(_TEAMS, 0.0)
        self.turns = dict.fromkeys(_TEAMS, 0)
        self.mornings: dict[int, list[Callable[[], None]]] = defaultdict(list)
        self.afternoons: dict[int, list[Callable[[], None]]] = defaultdict(list)

    def tell(self) -> Story:
        self._lay_ground()
        self._plan_dangers()
        for today in range(len(self.days)):
            self.today = today
            self.landed_today = 0
            for morning in self.mornings.pop(self.today, ()):
                morning()
            for team in _TEAMS.values():
                self._land_something_human(team)
            for handle, count in self._quota().items():
                for _ in range(count):
                    self._start_ordinary(_TEAMS[handle])
            self.steps.append(Step(at=self._at(_PULLED_AT), moves=self.history.moved()))
            for afternoon in self.afternoons.pop(self.today, ()):
                afternoon()
        self.steps.sort(key=lambda step: step.at)
        return Story(
            repository="acme/platform",
            default_branch="main",
            commits=tuple(self.history.commits),
            steps=tuple(self.steps),
        )

    # The calendar.

    def _at(self, clock: time, minutes: int = 0) -> datetime:
        day = self.days[self.today]
        return datetime.combine(day, clock, UTC) + timedelta(minutes=minutes)

    def _week(self) -> int:
        return (self.days[self.today] - self.start).days // 7

    def _late(self) -> bool:
        return self.today >= len(self.days) - _LAST_DAYS

    def _quota(self) -> dict[str, int]:
        """Return how many changes each team's agents open on a day: six or seven a week."""
        if self._late():
            return {PAYMENTS.handle: 1 + self.today % 2, RESEARCH.handle: 2 - self.today % 2}
        return {handle: self.rng.choice((0, 1, 1, 1, 2, 2, 2)) for handle in _TEAMS}

    def _plan_dangers(self) -> None:
        for one in DANGERS:
            self.desk.held |= one.paths
            if one.week == WEEKS:
                day = len(self.days) - 1 - one.day
            else:
                day = self.days.index(self.start + timedelta(weeks=one.week, days=one.day))
            self.mornings[day].append(partial(self._start_danger, one))

    # What lands on the main branch.

    def _lay_ground(self) -> None:
        """Commit the first files, folder by folder, in the weeks before the story."""
        files = payments.ground() | research.ground() | places.ground()
        folders: dict[str, dict[str, str]] = defaultdict(dict)
        for path, text in sorted(files.items()):
            folders["/".join(path.split("/")[:-1][:3])][path] = text
        at = datetime.combine(self.days[0], time(9), UTC) - timedelta(days=2 * len(folders))
        for folder, group in folders.items():
            team = RESEARCH if folder.startswith(("research", "evals", "dash")) else PAYMENTS
            author = self.rng.choice((*team.reviewers, *team.operators))
            title = f"Start {folder}" if folder else "Start the repository"
            self.history.advance(Stamp(title, author, author, at), group)
            at += timedelta(days=2) - timedelta(hours=self.rng.choice((0, 1, 2)))
        self.steps.append(Step(at=self._at(time(7)), moves=self.history.moved()))

    def _advance(
        self, message: str, author: Person, committer: Person, files: Files, *, merged: str = ""
    ) -> None:
        """Put a commit on the main branch this morning."""
        self.landed_today += 1
        at = self._at(_LANDING_AT, self.landed_today)
        self.history.advance(Stamp(message, author, committer, at), files, merged=merged)

    def _land(self, change: _Open, by: Person) -> None:
        """Merge or squash a change's head, and delete the head."""
        if change.team.squashes:
            message = change.message().replace("\n", f" (#{change.number})\n", 1)
            self._advance(message, change.signature.author, by, change.files)
        else:
            message = f"Merge pull request #{change.number} from acme/{change.branch}\n\n"
            message += f"{change.draft.title}\n"
            self._advance(message, by, by, change.files, merged=change.heads[-1])
        self._close(change)

    def _close(self, change: _Open) -> None:
        self.history.moves[change.ref] = None
        self.desk.held -= set(change.before)

    def _land_something_human(self, team: Team) -> None:
        if self.rng.random() > _HUMAN_COMMITS:
            return
        author = self.rng.choice((*team.reviewers, *team.reviewers, *team.operators))
        draft = draft_any(_RECIPES[team.handle], self.desk, self.rng)
        self.number += 1
        message = f"{draft.title} (#{self.number})\n\n{draft.body}\n"
        self._advance(message, author, author, draft.files)

    # Changes.

    def _open(self, team: Team, draft: Draft, agent: DemoAgent, paths: frozenset[str]) -> _Open:
        self.number += 1
        operator = self.rng.choice(team.operators)
        change = _Open(
            number=self.number,
            team=team,
            operator=operator,
            signature=agent.sign(operator, self.rng),
            draft=draft,
            branch=f"{agent.prefix}{draft.slug}",
            base=self.history.tip,
            before={path: self.desk.files.get(path) for path in paths},
        )
        self.desk.held |= paths
        return change

    def _push(self, change: _Open, files: Files, *, forced: bool = False) -> None:
        """Give a change a new head: on top of the last one, or in its place."""
        amends = bool(change.heads) and not forced
        parent = change.heads[-1] if amends else change.base
        was = {**change.before, **change.files} if amends else change.before
        wanted = {**change.before, **files}
        edit = {path: text for path, text in wanted.items() if text != was.get(path)}
        message = change.message()
        if amends:
            message = f"Address the review\n\n{change.signature.trailers}\n"
        signature = change.signature
        at = self._at(time(8, 40), self.rng.randrange(70))
        stamp = Stamp(message, signature.author, signature.committer, at)
        key = self.history.commit(stamp, (parent,), edit)
        change.heads.append(key)
        change.files = {path: text for path, text in wanted.items() if text != change.before[path]}
        self.history.moves[change.ref] = key

    def _start_ordinary(self, team: Team) -> None:
        ending = self._ending(team)
        draft = _NOW[team.handle](self.desk, self.rng) if ending is Ending.WAITING else None
        draft = draft or draft_any(_RECIPES[team.handle], self.desk, self.rng)
        agent = self.rng.choices(AGENTS, weights=[agent.weight for agent in AGENTS])[0]
        change = self._open(team, draft, agent, frozenset(draft.files))
        self._follow(change, ending)

    def _ending(self, team: Team) -> Ending:
        """Return how an ordinary change ends, holding the share that the week asks for."""
        if self._late():
            self.waiting = not self.waiting
            if self.waiting:
                return Ending.WAITING
        self.debts[team.handle] += 1 - reviewed_share(team.handle, self._week())
        if self.debts[team.handle] < 1:
            return Ending.REVIEWED
        self.debts[team.handle] -= 1
        turn = self.turns[team.handle]
        self.turns[team.handle] += 1
        return _UNREVIEWED[team.handle][turn % len(_UNREVIEWED[team.handle])]

    def _follow(self, change: _Open, ending: Ending) -> None:
        """Open an ordinary change, and plan what becomes of it."""
        files = change.draft.files
        if ending is Ending.PUSHED:
            self._push_straight(change)
        elif ending is Ending.STALE:
            self._push(change, _first_part(files))
            self._after(0, partial(self._approve, change, self._reviewer(change)))
            note = {f"{_notes(change)}": f"{change.draft.title} (#{change.number}).\n"}
            self._morning(1, partial(self._push, change, {**files, **note}, forced=True))
            change.before = {**change.before, **dict.fromkeys(note)}
            self._morning(2, partial(self._land, change, change.operator))
        elif ending in {Ending.ALONE, Ending.REQUESTER}:
            self._push(change, files)
            if ending is Ending.REQUESTER:
                self._after(0, partial(self._approve, change, change.operator))
            self._morning(1, partial(self._land, change, change.operator))
        elif ending is Ending.WAITING:
            self._push(change, files)
            if self.rng.random() < 1 / 4:
                self._after(1, partial(self._comment, change, self._reviewer(change)))
        else:
            self._review(change)

    def _review(self, change: _Open) -> None:
        """Plan a real review: perhaps a question, perhaps a second round, then an approval."""
        reviewer, files = self._reviewer(change), change.draft.files
        delay = self.rng.choices((0, 1, 2, 3), weights=(45, 30, 15, 10))[0]
        if len(files) > 1 and self.rng.random() < 1 / 3:
            self._push(change, _first_part(files))
            body = self.rng.choice(words.OBJECTIONS)
            self._after(delay, partial(self._object, change, reviewer, body))
            self._morning(delay + 1, partial(self._push, change, files))
            delay += 1
        else:
            self._push(change, files)
            if self.rng.random() < 1 / 8:
                self._after(delay, partial(self._comment, change, reviewer))
        self._after(delay, partial(self._approve, change, reviewer))
        self._morning(delay + 1, partial(self._land, change, reviewer))

    def _push_straight(self, change: _Open) -> None:
        signature = change.signature
        self.desk.held -= set(change.before)
        self._advance(change.message(), signature.author, signature.committer, change.draft.files)

    # The dangerous ones.

    def _start_danger(self, one: Danger) -> None:
        team = _TEAMS[one.team]
        agent = next(agent for agent in AGENTS if agent.id == one.agent)
        change = self._open(team, one.draft(self.desk), agent, one.paths)
        plan: Mapping[Ending, Callable[[_Open, Danger], None]] = {
            Ending.REFUSED: self._refuse,
            Ending.MENDED: self._mend,
            Ending.OBJECTED: self._refuse_for_now,
            Ending.STALE: self._slip_past,
            Ending.OVERTAKEN: self._overtake,
            Ending.HALF: self._approve_once,
        }
        if one.ending in plan:
            plan[one.ending](change, one)
        else:
            self._follow(change, one.ending)

    def _refuse(self, change: _Open, one: Danger) -> None:
        self._object_tomorrow(change, one, self._reviewer(change))
        self._morning(2, partial(self._close, change))

    def _refuse_for_now(self, change: _Open, one: Danger) -> None:
        self._object_tomorrow(change, one, self._reviewer(change))

    def _object_tomorrow(self, change: _Open, one: Danger, reviewer: Person) -> None:
        self._push(change, change.draft.files)
        self._after(1, partial(self._answer, change, reviewer, Answer.CONFIRMED, words.CONFIRMED))
        self._after(1, partial(self._object, change, reviewer, one.objection))

    def _mend(self, change: _Open, one: Danger) -> None:
        mended = one.plain(self.desk)
        first, second = self.rng.sample(self._reviewers(change), k=2)
        self._object_tomorrow(change, one, first)
        self._morning(2, partial(self._push, change, mended))
        self._after(2, partial(self._approve, change, first, words.REMOVED))
        self._after(2, partial(self._approve, change, second, words.REMOVED))
        self._morning(3, partial(self._land, change, first))

    def _slip_past(self, change: _Open, one: Danger) -> None:
        self._overtake(change, one)
        self._morning(2, partial(self._land, change, change.operator))

    def _overtake(self, change: _Open, one: Danger) -> None:
        self._push(change, one.plain(self.desk))
        self._after(0, partial(self._approve, change, self._reviewer(change)))
        self._morning(1, partial(self._push, change, change.draft.files, forced=True))

    def _approve_once(self, change: _Open, _: Danger) -> None:
        self._push(change, change.draft.files)
        self._after(1, partial(self._approve, change, self._reviewer(change)))

    # What people decide.

    def _morning(self, days: int, action: Callable[[], None]) -> None:
        self.mornings[self.today + days].append(action)

    def _after(self, days: int, action: Callable[[], None]) -> None:
        self.afternoons[self.today + days].append(action)

    def _reviewers(self, change: _Open) -> list[Person]:
        return [person for person in change.team.reviewers if person != change.operator]

    def _reviewer(self, change: _Open) -> Person:
        return self.rng.choice(self._reviewers(change))

    def _approve(self, change: _Open, reviewer: Person, body: str | None = None) -> None:
        careless = self.rng.random() > reviewed_share(change.team.handle, self._week())
        if body is None:
            body = self.rng.choice(words.HURRIED if careless else words.APPROVALS)
        if not careless:
            reason = self.rng.choice(words.REASONS)
            self._answer(change, reviewer, Answer.FALSE_POSITIVE, reason)
        self._decide(change, reviewer, DecisionKind.APPROVE, body)

    def _object(self, change: _Open, reviewer: Person, body: str) -> None:
        self._decide(change, reviewer, DecisionKind.REQUEST_CHANGES, body)

    def _comment(self, change: _Open, reviewer: Person) -> None:
        body = self.rng.choice(words.QUESTIONS)
        self._decide(change, reviewer, DecisionKind.COMMENT, body)

    def _answer(self, change: _Open, reviewer: Person, answer: Answer, reason: str) -> None:
        self._add(
            Dispose(
                at=self._moment(),
                ref=change.ref,
                revision=change.heads[-1],
                reviewer=reviewer,
                answer=answer,
                reason=reason,
            )
        )

    def _decide(self, change: _Open, reviewer: Person, kind: DecisionKind, body: str) -> None:
        self._add(
            Decide(
                at=self._moment(),
                ref=change.ref,
                revision=change.heads[-1],
                reviewer=reviewer,
                kind=kind,
                body=body,
            )
        )

    def _moment(self) -> datetime:
        """Return a time this afternoon, later than any before."""
        last = max(self.steps[-1].at, self._at(_PULLED_AT, 15))
        return last + timedelta(minutes=self.rng.randrange(3, 40), seconds=self.rng.randrange(60))

    def _add(self, step: Decide | Dispose) -> None:
        if step.at <= self.end:
            self.steps.append(step)


def _working_days(first: date, end: datetime) -> list[date]:
    """Return Mondays to Fridays, up to the last whose pull lies before the end."""
    count = (end.date() - first).days + 1
    days = [first + timedelta(days=offset) for offset in range(count)]
    saturday = 5
    return [
        day
        for day in days
        if day.weekday() < saturday and datetime.combine(day, _PULLED_AT, UTC) <= end
    ]


def _first_part(files: Files) -> Files:
    """Return an edit without its last file, if it has more than one."""
    return dict(list(files.items())[: max(1, len(files) - 1)])


def _notes(change: _Open) -> str:
    folder = "research" if change.team is RESEARCH else payments.ROOT
    return f"{folder}/changes/{change.number}.md"
