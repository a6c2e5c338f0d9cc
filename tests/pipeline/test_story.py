"""The demo's story: deterministic, in order, and true to what it sets out to show."""

import ast
import re
import subprocess
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reviewqueue.domain.people import Person, same_person
from reviewqueue.domain.review import DecisionKind
from reviewqueue.forge.git.fast_import import PlannedCommit, move_refs, write_repository
from reviewqueue.pipeline.demo.history import MAIN
from reviewqueue.pipeline.demo.people import PAYMENTS, RESEARCH
from reviewqueue.pipeline.demo.shape import Decide, Dispose, Step, Story
from reviewqueue.pipeline.demo.story import WEEKS, tell

END = datetime(2026, 11, 21, 10, tzinfo=UTC)
ENDS = [
    END,
    datetime(2026, 11, 16, 0, 30, tzinfo=UTC),
    datetime(2027, 1, 1, 12, tzinfo=UTC),
    datetime(2026, 3, 4, 9, 59, tzinfo=UTC),
    datetime(2028, 2, 29, 23, 59, tzinfo=UTC),
]
TARGET = 0.9


@pytest.fixture(scope="module", params=ENDS, ids=lambda end: f"{end:%a %d %b %Y %H:%M}")
def end(request: pytest.FixtureRequest) -> datetime:
    return request.param


@pytest.fixture(scope="module")
def story(end: datetime) -> Story:
    return tell(end)


@dataclass
class Landed:
    at: datetime
    team: str
    heads: list[str]
    by: list[Person]
    approvals: list[Decide]

    @property
    def reviewed(self) -> bool:
        return any(
            one.revision == self.heads[-1]
            and not any(same_person(one.reviewer, person) for person in self.by)
            for one in self.approvals
        )


def agents(commit: PlannedCommit) -> bool:
    signs = ("Co-Authored-By: Claude", "Codex <", "[bot]", "devin.ai", "cursoragent@")
    words = f"{commit.author} {commit.message}"
    return any(sign in words for sign in signs)


def people_of(commit: PlannedCommit) -> list[Person]:
    found = [commit.author, commit.committer or commit.author]
    for name, email in re.findall(r"(?im)^co-authored-by: (.*) <(.*)>$", commit.message):
        found.append(Person(name, email))
    return found


def git(directory: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", "--git-dir", str(directory), *arguments], check=True, capture_output=True, text=True
    ).stdout.strip()


def chain(commits: Mapping[str, PlannedCommit], key: str | None, until: str) -> list[PlannedCommit]:
    """The first parents from ``key`` back to ``until``, which is left out, oldest first."""
    found = []
    while key and key != until:
        found.append(commits[key])
        key = next(iter(commits[key].parents), None)
    assert key in {until, None}
    return found[::-1]


def first_parents(story: Story) -> Iterator[tuple[Step, PlannedCommit]]:
    """Every commit that reached the main branch after the first step, with its step."""
    commits = {commit.key: commit for commit in story.commits}
    tip = ""
    for step in story.steps:
        if not isinstance(step, Step) or MAIN not in step.moves:
            continue
        if tip:
            for commit in chain(commits, step.moves[MAIN], tip):
                yield step, commit
        tip = step.moves[MAIN] or ""


def landings(story: Story) -> list[Landed]:
    commits = {commit.key: commit for commit in story.commits}
    heads: dict[str, list[str]] = defaultdict(list)
    approvals: dict[str, list[Decide]] = defaultdict(list)
    for step in story.steps:
        if isinstance(step, Step):
            for ref, key in step.moves.items():
                if ref != MAIN and key:
                    heads[ref].append(key)
        elif isinstance(step, Decide) and step.kind is DecisionKind.APPROVE:
            approvals[step.ref].append(step)
    found = []
    for step, commit in first_parents(story):
        number = re.search(r"#(\d+)", commit.message.split("\n")[0])
        ref = f"refs/pull/{number[1]}/head" if number else ""
        paths = " ".join(file.path.decode() for file in commit.files)
        team = RESEARCH if re.search(r"(^| )(research|evals|dashboard)/", paths) else PAYMENTS
        if ref in heads:
            head = commits[heads[ref][-1]]
            found.append(Landed(step.at, team.handle, heads[ref], people_of(head), approvals[ref]))
        elif agents(commit):
            found.append(Landed(step.at, team.handle, [""], people_of(commit), []))
    return found


def weekly(story: Story, team: str) -> list[tuple[int, int]]:
    weeks: dict[tuple[int, int], list[bool]] = defaultdict(list)
    for landed in landings(story):
        if landed.team == team:
            weeks[landed.at.isocalendar()[:2]].append(landed.reviewed)
    return [(sum(week), len(week)) for _, week in sorted(weeks.items())]


def alarm_week(shares: list[tuple[int, int]], bound: float) -> int | None:
    """The betting e-detector on reviewed shares; the index of the week of its alarm."""
    stakes = [stake / (1 - TARGET) for stake in (0.1, 0.3, 0.6, 0.9)]
    wealth = [0.0] * len(stakes)
    for index, (k, n) in enumerate(shares):
        wealth = [
            (one + 1) * max(0.0, 1 + stake * (TARGET - k / n))
            for one, stake in zip(wealth, stakes, strict=True)
        ]
        if sum(wealth) / len(wealth) >= bound:
            return index
    return None


def test_it_tells_the_same_story_twice(end: datetime) -> None:
    assert tell(end) == tell(end)


def test_it_goes_forward_in_time(story: Story, end: datetime) -> None:
    dates = [step.at for step in story.steps]
    assert dates == sorted(dates)
    assert dates[-1] <= end
    made = {commit.key: commit.at for commit in story.commits}
    for step in story.steps:
        if isinstance(step, Step):
            assert all(made[key] <= step.at for key in step.moves.values() if key)


def test_it_pulls_at_most_twice_a_day(story: Story) -> None:
    days = Counter(step.at.date() for step in story.steps if isinstance(step, Step))
    assert max(days.values()) <= 2
    assert WEEKS * 5 <= len(days) <= (WEEKS + 2) * 5


def test_it_names_parents_before_children(story: Story) -> None:
    seen: set[str] = set()
    for commit in story.commits:
        assert seen.issuperset(commit.parents)
        assert commit.key not in seen
        seen.add(commit.key)


def test_it_never_turns_the_main_branch_back(story: Story) -> None:
    dates = [commit.at for _, commit in first_parents(story)]
    assert dates == sorted(dates)


def test_it_decides_on_what_is_there(story: Story) -> None:
    heads: dict[str, str] = {}
    for step in story.steps:
        if isinstance(step, Step):
            for ref, key in step.moves.items():
                if key is None:
                    del heads[ref]
                else:
                    heads[ref] = key
        else:
            assert heads[step.ref] == step.revision


def test_it_merges_what_the_heads_hold(tmp_path: Path) -> None:
    story = tell(END)
    ids = write_repository(tmp_path, story.commits)
    planned = {commit.key: commit for commit in story.commits}
    heads: dict[str, str] = {}
    pairs, landed = [], []
    tip = ""
    for step in story.steps:
        if not isinstance(step, Step):
            continue
        for commit in chain(planned, step.moves.get(MAIN), tip) if tip else ():
            number = re.search(r"#(\d+)", commit.message.split("\n")[0])
            head = heads.get(f"refs/pull/{number[1]}/head") if number else None
            if head:
                pairs.append(f"{ids[commit.parents[0]]} {ids[head]}")
                landed.append(ids[commit.key])
        tip = step.moves.get(MAIN) or tip
        heads |= {ref: key for ref, key in step.moves.items() if key}
    merged = [git(tmp_path, "merge-tree", "--write-tree", *pair.split()) for pair in pairs[::4]]
    trees = [git(tmp_path, "rev-parse", f"{sha}^{{tree}}") for sha in landed[::4]]
    assert len(pairs) > 300
    assert merged == trees


def test_it_moves_real_refs(tmp_path: Path) -> None:
    story = tell(END)
    ids = write_repository(tmp_path, story.commits)
    refs: dict[str, str] = {}
    for step in story.steps:
        if isinstance(step, Step):
            move_refs(tmp_path, {ref: key and ids[key] for ref, key in step.moves.items()})
            refs |= {ref: ids[key] for ref, key in step.moves.items() if key}
            refs = {ref: sha for ref, sha in refs.items() if step.moves.get(ref, "") is not None}
    listed = git(tmp_path, "for-each-ref", "--format=%(refname) %(objectname)")
    assert dict(line.split(" ") for line in listed.splitlines()) == refs


def test_it_keeps_a_queue_worth_looking_at(story: Story) -> None:
    heads: dict[str, int] = {}
    approved: set[tuple[str, str | None]] = set()
    objected: set[str] = set()
    now: dict[str, str] = {}
    for step in story.steps:
        if isinstance(step, Step):
            for ref, key in step.moves.items():
                if key is None:
                    heads.pop(ref)
                elif ref != MAIN:
                    heads[ref] = heads.get(ref, 0) + 1
                    now[ref] = key
        elif isinstance(step, Decide):
            if step.kind is DecisionKind.APPROVE:
                approved.add((step.ref, step.revision))
            elif step.kind is DecisionKind.REQUEST_CHANGES:
                objected.add(step.ref)
    assert 12 <= len(heads) <= 18
    assert any((ref, now[ref]) in approved for ref in heads)
    assert any(
        heads[ref] > 1 and (ref, now[ref]) not in approved and ref in {one for one, _ in approved}
        for ref in heads
    )
    assert objected & set(heads)


def test_it_has_about_seven_changes_a_week_and_team(story: Story) -> None:
    refs = {ref for step in story.steps if isinstance(step, Step) for ref in step.moves}
    assert 330 <= len(refs) - 1 <= 380


def test_it_uses_several_agents_and_people(story: Story) -> None:
    text = "\n".join(commit.message for commit in story.commits)
    authors = {commit.author.name for commit in story.commits}
    assert "noreply@anthropic.com" in text
    assert "noreply@openai.com" in text
    assert {"Devin AI", "Cursor Agent", "copilot-swe-agent[bot]"} <= authors
    assert {one.name for one in (*PAYMENTS.reviewers, *RESEARCH.reviewers)} <= authors


def test_it_answers_findings_with_reasons(story: Story) -> None:
    answers = [step for step in story.steps if isinstance(step, Dispose)]
    assert all(step.reason for step in answers)
    assert len({step.answer for step in answers}) > 1


def test_it_shows_one_healthy_team_and_one_that_erodes(story: Story) -> None:
    healthy = weekly(story, PAYMENTS.handle)
    eroding = weekly(story, RESEARCH.handle)
    assert sum(k for k, _ in healthy) / sum(n for _, n in healthy) >= 0.955
    early, late = eroding[:15], eroding[-3:]
    assert sum(k for k, _ in early) / sum(n for _, n in early) >= 0.9
    assert sum(k for k, _ in late) / sum(n for _, n in late) <= 0.6


def test_it_makes_the_detector_speak_of_the_eroding_team_only(story: Story) -> None:
    bound = 52.0 * 2
    assert alarm_week(weekly(story, PAYMENTS.handle), bound) is None
    week = alarm_week(weekly(story, RESEARCH.handle), bound)
    assert week is not None
    assert 16 <= week <= 24


def test_it_writes_python_that_parses(story: Story) -> None:
    for commit in story.commits:
        for file in commit.files:
            if file.path.endswith(b".py") and file.content:
                ast.parse(file.content)


def test_it_varies_what_is_changed(story: Story) -> None:
    titles = [commit.message.split("\n")[0] for commit in story.commits]
    assert len(set(titles)) > 0.6 * len(titles)
    endings = Counter(
        file.path.rsplit(b".", 1)[-1] for commit in story.commits for file in commit.files
    )
    assert {b"go", b"sql", b"py", b"yaml", b"tsx", b"md"} <= set(endings)
