# ruff: noqa: ANN401 -- a fixture's type lives in conftest
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from reviewqueue.domain.change import Change, ChangeState, RepositoryKind
from reviewqueue.domain.event import Handled, Pulled
from reviewqueue.domain.landing import ReviewClass
from reviewqueue.domain.people import Person
from reviewqueue.domain.review import Decision, DecisionKind
from reviewqueue.domain.verdict import VerdictStatus
from reviewqueue.pipeline import PullError, decide, pull, seen_token
from reviewqueue.pipeline.deliveries import Looks, handle
from reviewqueue.settings import Settings
from reviewqueue.store import Store
from reviewqueue.web import create_app

Make = Callable[..., Any]


def verdict_of(desk: Any, change: str) -> VerdictStatus:
    with desk.store.reading() as reader:
        return reader.verdict(change).verdict.status


def decisions_of(desk: Any, number: int = 1) -> tuple[Decision, ...]:
    with desk.store.reading() as reader:
        return reader.decisions(desk.change(number).id)


# The forge's own examples


def test_it_takes_every_example_that_the_forge_gives(
    examples: list[dict[str, Any]], desk: Any, settings: Settings, signed: Make
) -> None:
    client = create_app(settings).test_client()
    sent = 0
    for event in examples:
        for number, example in enumerate(event["examples"]):
            body = json.dumps(example).encode()
            id_ = f"{event['name']}-{number}"
            answer = client.post(
                "/webhooks/github", data=body, headers=signed(event["name"], id_, body)
            )
            assert answer.status_code == 202, (id_, answer.json)
            sent += 1
    assert sent > 300
    for id_ in desk.store.waiting():
        assert desk.handle(id_)
    assert desk.store.waiting() == {}
    assert len(desk.facts(Handled)) == sent


def test_it_handles_every_example_as_if_it_came_from_a_repository_of_ours(
    examples: list[dict[str, Any]], desk: Any, origin: Any
) -> None:
    """Grafted onto a repository that is configured, and a change that is open there."""
    desk.deliver("pull_request")
    taken = {"pull_request", "pull_request_review", "push"}
    outcomes = []
    for event in (event for event in examples if event["name"] in taken):
        for example in event["examples"]:
            example["repository"]["full_name"] = "acme/app"
            if "pull_request" in example:
                example["pull_request"]["number"] = 1
            if "review" in example:
                example["review"]["commit_id"] = origin.ids["agent"]
            outcomes.append(desk.deliver(event["name"], json.dumps(example).encode()))
    assert len(outcomes) > 35
    assert "a review by Codertocat" in outcomes
    assert desk.store.waiting() == {}
    assert desk.store.verify().ok


def test_it_refuses_a_form_that_it_could_never_read(
    desk: Any, settings: Settings, signed: Make
) -> None:
    body = b"payload=%7B%7D"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = (
        create_app(settings)
        .test_client()
        .post("/webhooks/github", data=body, headers={**signed("push", "form-1", body), **form})
    )
    assert answer.status_code == 415
    assert "application/json" in answer.get_json()["error"]
    assert desk.store.waiting() == {}


# What is taken from a payload, and what never is


def test_it_reads_the_repository_and_takes_the_forges_word_on_a_change(
    desk: Any, a_pull_request: Make
) -> None:
    told = a_pull_request(title="Teach it", labels=[{"name": "risky"}, None, 3])
    assert desk.deliver("pull_request", pull_request=told) == "read again"
    change = desk.change()
    assert (change.title, change.branch, change.author.login, change.number) == (
        "Teach it",
        "branch-1",
        "bot-runner",
        1,
    )
    with desk.store.reading() as reader:
        (repository,) = reader.repositories()
    assert (repository.kind, repository.name) == (RepositoryKind.GITHUB, "acme/app")


def test_it_clones_what_is_configured_and_never_what_a_payload_names(
    desk: Any, tmp_path: Path, payload: Make
) -> None:
    lure = tmp_path / "lure.git"
    content = json.loads(payload("pull_request"))
    for key in ("clone_url", "git_url", "ssh_url", "url", "html_url", "svn_url", "mirror_url"):
        content["repository"][key] = f"file://{lure}"
    content["pull_request"]["head"]["repo"] = dict(content["repository"])
    assert desk.deliver("pull_request", json.dumps(content).encode()) == "read again"
    with desk.store.reading() as reader:
        addresses = [repository.address for repository in reader.repositories()]
    assert addresses == [desk.settings.github_repositories["acme/app"]]
    mirror = desk.settings.mirrors / "acme-app"
    assert not any(b"lure" in path.read_bytes() for path in mirror.rglob("*") if path.is_file())


@pytest.mark.parametrize("name", ["acme/other", "", "acme/app/../../etc", "-oProxyCommand=x/y"])
def test_it_leaves_repositories_that_are_not_configured_alone(desk: Any, name: str) -> None:
    outcome = desk.deliver("push", name=name)
    assert outcome == "a repository that is not configured here"
    assert desk.facts(Pulled) == []
    assert not desk.settings.mirrors.exists()


def test_it_knows_a_repository_in_any_case(desk: Any) -> None:
    assert desk.deliver("push", name="Acme/APP") == "read again"


def test_it_knows_a_repository_that_is_configured_under_a_new_name(
    desk: Any, a_review: Make, origin: Any
) -> None:
    desk.deliver("pull_request")
    names = {"acme/renamed": str(origin.path)}
    desk.settings = desk.settings.model_copy(update={"github_repositories": names})
    review = a_review(origin.ids["agent"])
    outcome = desk.deliver("pull_request_review", name="acme/renamed", review=review)
    assert outcome == "a review by carol"
    assert len(decisions_of(desk)) == 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not json",
        b"payload=%7B%7D",
        b"\xff\xfe\x00",
        b'{"repository":',
        b"[" * 200_000,
        b'{"a":' * 100_000,
        b"1" * 10_000,
    ],
)
def test_it_is_done_with_what_is_not_json(desk: Any, content: bytes) -> None:
    assert desk.deliver("pull_request", content) == "not JSON"
    assert desk.store.waiting() == {}


@pytest.mark.parametrize("content", [b"null", b"[]", b"3", b'"text"', b"{}", b"NaN"])
def test_it_is_done_with_json_of_another_shape(desk: Any, content: bytes) -> None:
    outcome = desk.deliver("pull_request_review", content)
    assert outcome == "a repository that is not configured here"


@pytest.mark.parametrize(
    "odd",
    [
        None,
        [],
        "text",
        {},
        {"number": "1"},
        {"number": True},
        {"number": -1, "state": "open"},
        {"number": 10**400, "state": "open"},
        {"number": 1, "state": "open", "user": None, "labels": None, "head": None, "title": None},
        {"number": 1, "state": "open", "user": {"login": 5}, "labels": [[]], "head": []},
    ],
)
def test_it_reads_the_repository_whatever_a_payload_lacks(desk: Any, odd: Any) -> None:
    assert desk.deliver("pull_request", pull_request=odd) == "read again"
    assert desk.change().author == Person("Claude", "noreply@anthropic.com")


def test_it_keeps_texts_that_no_database_holds(desk: Any, a_pull_request: Make) -> None:
    told = a_pull_request(title="nul \x00 and \ud800", body="\udfff\x00", head={"ref": "a\x00b"})
    assert desk.deliver("pull_request", pull_request=told) == "read again"
    assert desk.change().title.startswith("nul ")
    assert desk.store.verify().ok


def test_it_handles_a_change_whose_account_was_deleted(desk: Any, a_pull_request: Make) -> None:
    assert desk.deliver("pull_request", pull_request=a_pull_request(user=None)) == "read again"
    assert desk.change().author.login == ""


def test_it_reads_a_fork_from_our_repository(desk: Any, a_pull_request: Make) -> None:
    fork = {"full_name": "stranger/app", "clone_url": "https://github.example/stranger/app.git"}
    told = a_pull_request(head={"ref": "main", "sha": "f" * 40, "repo": fork})
    assert desk.deliver("pull_request", pull_request=told) == "read again"
    assert desk.change().branch == "main"
    assert desk.deliver("push", name="stranger/app") == "a repository that is not configured here"


def test_it_has_nothing_to_do_for_other_events(desk: Any) -> None:
    assert desk.deliver("issues") == "nothing to do for issues"
    assert desk.facts(Pulled) == []


# Reviews


def test_it_counts_a_review_by_a_person_on_the_commit_that_it_names(
    desk: Any, a_review: Make, origin: Any
) -> None:
    desk.deliver("pull_request")
    assert verdict_of(desk, desk.change().id) is VerdictStatus.UNSATISFIED
    review = a_review(origin.ids["agent"])
    assert desk.deliver("pull_request_review", review=review) == "a review by carol"
    (decision,) = decisions_of(desk)
    assert (decision.id, decision.revision, decision.kind, decision.body) == (
        "github-acme-app-7",
        origin.ids["agent"],
        DecisionKind.APPROVE,
        "read it",
    )
    assert verdict_of(desk, desk.change().id) is VerdictStatus.SATISFIED


def test_it_pins_a_review_to_an_older_revision(desk: Any, a_review: Make, origin: Any) -> None:
    old = origin.ids["agent"]
    desk.deliver("pull_request")
    origin.add("more", ["agent"], "refs/pull/1/head")
    desk.deliver("pull_request_review", review=a_review(old))
    (decision,) = decisions_of(desk)
    assert decision.revision == old
    assert verdict_of(desk, desk.change().id) is VerdictStatus.UNSATISFIED


@pytest.mark.parametrize("kind", ["Bot", "Organization", "Mannequin", "", None, 3])
def test_it_counts_no_review_by_what_is_no_persons_account(
    desk: Any, a_review: Make, origin: Any, kind: Any
) -> None:
    user = {"login": "helpful", "type": kind}
    outcome = desk.deliver("pull_request_review", review=a_review(origin.ids["agent"], user=user))
    assert outcome == "a review by helpful, which is no person's account: not counted"
    assert decisions_of(desk) == ()


def test_it_never_satisfies_by_a_bot_in_a_persons_account(
    desk: Any, a_review: Make, origin: Any
) -> None:
    review = a_review(origin.ids["agent"], login="devin-ai-integration[bot]")
    desk.deliver("pull_request_review", review=review)
    assert verdict_of(desk, desk.change().id) is VerdictStatus.UNSATISFIED


def test_it_never_satisfies_by_who_opened_the_change(
    desk: Any, a_review: Make, origin: Any
) -> None:
    review = a_review(origin.ids["agent"], login="Bot-Runner")
    desk.deliver("pull_request_review", review=review)
    assert verdict_of(desk, desk.change().id) is VerdictStatus.UNSATISFIED


@pytest.mark.parametrize(
    "lacking",
    [
        {"user": None},
        {"user": {}},
        {"id": None},
        {"id": "7"},
        {"id": True},
        {"commit_id": None},
        {"commit_id": ""},
        {"commit_id": "abc"},
        {"commit_id": "Z" * 40},
        {"commit_id": ["a"] * 40},
    ],
)
def test_it_counts_no_review_without_account_id_or_commit(
    desk: Any, a_review: Make, origin: Any, lacking: dict[str, Any]
) -> None:
    review = a_review(origin.ids["agent"], **lacking)
    outcome = desk.deliver("pull_request_review", review=review)
    assert outcome == "a review without account, id or commit: not counted"
    assert decisions_of(desk) == ()


@pytest.mark.parametrize("state", ["pending", "", None, 5, "approve"])
def test_it_counts_no_review_of_an_unknown_state(
    desk: Any, a_review: Make, origin: Any, state: Any
) -> None:
    review = a_review(origin.ids["agent"], state=state)
    outcome = desk.deliver("pull_request_review", review=review)
    assert outcome == "a review of an unknown state: not counted"
    assert decisions_of(desk) == ()


@pytest.mark.parametrize("at", [None, "soon", "2026-13-01", "0001-01-01T00:00:00+14:00", "9999"])
def test_it_dates_a_review_by_its_receipt_where_the_forge_gives_no_date(
    desk: Any, a_review: Make, origin: Any, at: Any
) -> None:
    review = a_review(origin.ids["agent"], submitted_at=at)
    assert desk.deliver("pull_request_review", review=review) == "a review by carol"
    assert decisions_of(desk)[0].at == desk.now


def test_it_dates_no_review_after_its_receipt(desk: Any, a_review: Make, origin: Any) -> None:
    review = a_review(origin.ids["agent"], submitted_at="2099-01-01T00:00:00Z")
    desk.deliver("pull_request_review", review=review)
    assert decisions_of(desk)[0].at == desk.now


def test_it_counts_no_review_of_a_persons_change(desk: Any, a_review: Make, origin: Any) -> None:
    outcome = desk.deliver(
        "pull_request_review",
        pull_request={"number": 2, "state": "open"},
        review=a_review(origin.ids["human"]),
    )
    assert outcome == "a review of what is no agent's change here"
    assert desk.facts(Decision) == []


def test_it_satisfies_nothing_by_a_review_of_a_commit_that_was_never_seen(
    desk: Any, a_review: Make
) -> None:
    desk.deliver("pull_request_review", review=a_review("a" * 40))
    assert verdict_of(desk, desk.change().id) is VerdictStatus.UNSATISFIED
    assert desk.store.verify().ok


def test_it_takes_a_dismissal_that_comes_before_its_review(
    desk: Any, a_review: Make, origin: Any
) -> None:
    dismissed = a_review(origin.ids["agent"], state="dismissed")
    desk.deliver("pull_request_review", action="dismissed", review=dismissed)
    late = desk.deliver(
        "pull_request_review", action="submitted", review=a_review(origin.ids["agent"])
    )
    assert late == "a review that is known"
    (decision,) = decisions_of(desk)
    assert decision.dismissed
    assert verdict_of(desk, desk.change().id) is VerdictStatus.UNSATISFIED


def test_it_takes_a_dismissal_back_from_what_was_satisfied(
    desk: Any, a_review: Make, origin: Any
) -> None:
    review = a_review(origin.ids["agent"])
    desk.deliver("pull_request_review", action="submitted", review=review)
    assert verdict_of(desk, desk.change().id) is VerdictStatus.SATISFIED
    dismissed = a_review(origin.ids["agent"], state="dismissed")
    desk.deliver("pull_request_review", action="dismissed", review=dismissed)
    assert len(decisions_of(desk)) == 1
    assert verdict_of(desk, desk.change().id) is VerdictStatus.UNSATISFIED


def test_it_takes_an_edited_review_once(desk: Any, a_review: Make, origin: Any) -> None:
    first = a_review(origin.ids["agent"])
    edited = a_review(origin.ids["agent"], body="on second thoughts")
    desk.deliver("pull_request_review", action="submitted", review=first)
    desk.deliver("pull_request_review", action="edited", review=edited)
    again = desk.deliver("pull_request_review", action="edited", review=edited)
    assert again == "a review that is known"
    assert [decision.body for decision in decisions_of(desk)] == ["on second thoughts"]


def test_it_keeps_an_edit_that_comes_before_its_review(
    desk: Any, a_review: Make, origin: Any
) -> None:
    first = a_review(origin.ids["agent"])
    edited = a_review(origin.ids["agent"], body="on second thoughts")
    desk.deliver("pull_request_review", action="edited", review=edited)
    desk.deliver("pull_request_review", action="submitted", review=first)
    assert [decision.body for decision in decisions_of(desk)] == ["on second thoughts"]


def test_it_lets_a_request_for_changes_supersede_an_approval(
    desk: Any, a_review: Make, origin: Any
) -> None:
    sha = origin.ids["agent"]
    desk.deliver("pull_request_review", review=a_review(sha, 7))
    later = "2026-11-20T08:45:00Z"
    objection = a_review(sha, 8, state="CHANGES_REQUESTED", submitted_at=later)
    desk.deliver("pull_request_review", review=objection)
    assert verdict_of(desk, desk.change().id) is VerdictStatus.UNSATISFIED


def test_it_counts_development_decisions_for_plain_repositories_only(
    desk: Any, origin: Any, tmp_path: Path
) -> None:
    desk.deliver("pull_request")
    plain = tmp_path / "plain.git"
    plain.symlink_to(origin.path)
    pull(desk.store, desk.settings, str(plain), now=desk.now)
    statuses = {}
    with desk.store.reading() as reader:
        found = [(reader.repository(one.repository), one) for one in reader.open_changes()]
    for repository, change in found:
        with desk.store.reading() as reader:
            revision = reader.latest_revision(change.id)
            scan = reader.scan(change.id, revision.sha)
        decide(
            desk.store,
            change=change.id,
            revision=revision.sha,
            kind=DecisionKind.APPROVE,
            body="",
            reviewer=Person("Carol", "carol@example.com"),
            seen=seen_token(finding.fingerprint for finding in scan.findings),
            now=desk.now + timedelta(minutes=1),
            development=True,
        )
        statuses[repository.kind] = verdict_of(desk, change.id)
    assert statuses == {
        RepositoryKind.GITHUB: VerdictStatus.UNSATISFIED,
        RepositoryKind.PLAIN: VerdictStatus.SATISFIED,
    }


# Once, and in any order


def test_it_gives_a_delivery_its_effect_once(desk: Any, a_review: Make, origin: Any) -> None:
    id_ = desk.receive("pull_request_review", review=a_review(origin.ids["agent"]))
    assert desk.handle(id_) == "a review by carol"
    assert desk.handle(id_) == "handled before"
    assert len(desk.facts(Handled)) == 1
    assert len(desk.facts(Decision)) == 1


def test_it_gives_one_review_in_two_deliveries_one_decision(
    desk: Any, a_review: Make, origin: Any
) -> None:
    for _ in range(2):
        desk.deliver(
            "pull_request_review", action="submitted", review=a_review(origin.ids["agent"])
        )
    assert len(desk.facts(Decision)) == 1


def test_it_keeps_what_the_forge_said_last_whatever_comes_last(
    desk: Any, a_pull_request: Make
) -> None:
    newer = a_pull_request(title="New title", updated_at="2026-11-20T08:20:00Z")
    older = a_pull_request(title="Old title", updated_at="2026-11-20T08:10:00Z")
    desk.deliver("pull_request", pull_request=newer)
    desk.deliver("pull_request", pull_request=older)
    assert desk.change().title == "New title"


def test_it_keeps_a_change_closed_that_was_opened_before(desk: Any, a_pull_request: Make) -> None:
    desk.deliver("pull_request")
    change = desk.change()
    closed = a_pull_request(state="closed", updated_at="2026-11-20T08:20:00Z")
    desk.deliver("pull_request", action="closed", pull_request=closed)
    desk.looks = Looks()  # as after a restart
    older = a_pull_request(labels=[{"name": "late"}], updated_at="2026-11-20T08:10:00Z")
    desk.deliver("pull_request", action="labeled", pull_request=older)
    with desk.store.reading() as reader:
        assert reader.state(change.id) is ChangeState.CLOSED


def test_it_closes_and_opens_a_change_as_the_forge_does(desk: Any, a_pull_request: Make) -> None:
    desk.deliver("pull_request")
    change = desk.change()
    states = []
    for minute, state in enumerate(("closed", "open", "closed"), 10):
        told = a_pull_request(state=state, updated_at=f"2026-11-20T08:{minute}:00Z")
        desk.deliver("pull_request", pull_request=told)
        with desk.store.reading() as reader:
            states.append(reader.state(change.id))
    assert states == [ChangeState.CLOSED, ChangeState.OPEN, ChangeState.CLOSED]


def test_it_takes_a_review_that_comes_before_its_change(
    desk: Any, a_review: Make, origin: Any
) -> None:
    review = a_review(origin.ids["agent"])
    assert desk.deliver("pull_request_review", review=review) == "a review by carol"
    assert desk.deliver("pull_request", action="opened") == "read again"
    assert len(decisions_of(desk)) == 1


def test_it_lands_a_squashed_change_once_whatever_is_said_of_it_later(
    desk: Any, a_review: Make, a_pull_request: Make, origin: Any
) -> None:
    desk.deliver("pull_request")
    change = desk.change()
    origin.add("agent-2", ["agent"], "refs/pull/1/head")
    desk.deliver("pull_request_review", review=a_review(origin.ids["agent-2"]))
    squashed = "Add agent (#1)\n\nCo-authored-by: Claude <noreply@anthropic.com>\n"
    files = {"agent.py": b"agent = 1\n", "agent-2.py": b"agent-2 = 1\n"}
    origin.add("squash", ["base"], "refs/heads/main", files=files, message=squashed)
    merged = {"state": "closed", "merged": True, "merged_at": "2026-11-20T08:40:00Z"}
    for minute in (40, 50):
        told = a_pull_request(**merged, updated_at=f"2026-11-20T08:{minute}:00Z")
        told["labels"] = [{"name": f"at {minute}"}]
        desk.deliver("pull_request", pull_request=told)
    with desk.store.reading() as reader:
        assert reader.state(change.id) is ChangeState.LANDED
        (landing,) = (one for one in reader.landings() if one.change)
        assert reader.change(change.id).opened_at == change.opened_at
        assert reader.open_changes() == ()
    assert landing.change == change.id
    assert len({one.id for one in desk.facts(Change)}) == 1
    assert desk.store.verify().ok


def test_it_classes_a_dismissed_review_after_the_merge_as_no_review(
    desk: Any, a_review: Make, origin: Any
) -> None:
    desk.deliver("pull_request")
    origin.add("merge", ["base", "agent"], "refs/heads/main", files={"agent.py": b"agent = 1\n"})
    review = a_review(origin.ids["agent"], state="dismissed")
    desk.deliver("pull_request_review", action="dismissed", review=review)
    with desk.store.reading() as reader:
        (landing,) = (one for one in reader.landings() if one.change)
    assert landing.review_class is ReviewClass.UNKNOWN


# One look for many, and never one too few


def looks_had(monkeypatch: pytest.MonkeyPatch, during: Any = None) -> list[Any]:
    had: list[Any] = []

    def watched(*arguments: Any, **more: Any) -> Pulled:
        had.append(more.get("facts"))
        pulled = pull(*arguments, **more)
        if during is not None:
            during(len(had))
        return pulled

    monkeypatch.setattr("reviewqueue.pipeline.deliveries.pull", watched)
    return had


def test_it_serves_all_that_wait_by_one_look(
    desk: Any, a_pull_request: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    had = looks_had(monkeypatch)
    told = [a_pull_request(title=f"T{n}", updated_at=f"2026-11-20T08:{n}:00Z") for n in (10, 11)]
    ids = [desk.receive("push"), *(desk.receive("pull_request", pull_request=x) for x in told)]
    for id_ in ids:
        desk.handle(id_)
    assert len(had) == 1
    assert desk.change().title == "T11"


def test_it_looks_again_for_what_is_received_during_a_look(
    desk: Any, origin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    late: list[str] = []

    def meanwhile(look: int) -> None:
        if look == 1:
            origin.add("late", ["agent"], "refs/pull/1/head")
            # Even where the clock stepped back while we looked.
            now, desk.now = desk.now, desk.now - timedelta(hours=1)
            late.append(desk.receive("push"))
            desk.now = now

    had = looks_had(monkeypatch, meanwhile)
    desk.deliver("push")
    desk.handle(late[0])
    assert len(had) == 2
    with desk.store.reading() as reader:
        assert reader.latest_revision(desk.change().id).sha == origin.ids["late"]


def test_it_tries_a_repository_that_is_away_once_for_many_deliveries(
    desk: Any, origin: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[int] = []

    def away(*arguments: Any, **more: Any) -> Pulled:
        tries.append(1)
        return pull(*arguments, **more)

    monkeypatch.setattr("reviewqueue.pipeline.deliveries.pull", away)
    origin.path.rename(tmp_path / "away.git")
    ids = [desk.receive("push") for _ in range(5)]
    for id_ in ids:
        with pytest.raises(PullError, match="does not exist"):
            desk.handle(id_)
    assert len(tries) == 1
    assert list(desk.store.waiting()) == ids
    tmp_path.joinpath("away.git").rename(origin.path)
    desk.looks = Looks()
    assert [desk.handle(id_) for id_ in ids] == ["read again"] * 5
    assert len(tries) == 2
    assert desk.store.waiting() == {}
    assert len(desk.facts(Handled)) == 5


def test_it_keeps_a_password_of_the_address_out_of_what_it_says(desk: Any, served: str) -> None:
    address = f"{served.replace('//', '//anna:hunter2@')}/nothing.git"
    desk.settings = desk.settings.model_copy(update={"github_repositories": {"acme/app": address}})
    with pytest.raises(PullError) as raised:
        desk.deliver("push")
    assert "hunter2" not in str(raised.value)


def test_it_records_nothing_twice_where_it_dies_between_look_and_effect(
    desk: Any, a_review: Make, origin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_ = desk.receive("pull_request_review", review=a_review(origin.ids["agent"]))

    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("reviewqueue.pipeline.deliveries.record_decision", die)
        with pytest.raises(KeyboardInterrupt):
            desk.handle(id_)
    assert list(desk.store.waiting()) == [id_]
    store = Store(desk.settings.store_url, desk.settings.anchor)
    (delivery,) = store.pending()
    assert handle(store, desk.settings, delivery, desk.now, Looks()) == "a review by carol"
    store.close()
    assert len(desk.facts(Change)) == 1
    assert len(desk.facts(Decision)) == 1
    assert desk.store.verify().ok
