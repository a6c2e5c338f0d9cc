"""Who is asked to look, and why them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewqueue.domain.attribution import Attribution, Certainty
from reviewqueue.domain.change import Change, DatedBy, Revision
from reviewqueue.domain.event import Assigned
from reviewqueue.domain.finding import Risk
from reviewqueue.domain.history import Touch
from reviewqueue.domain.machines import is_machine
from reviewqueue.domain.owners import Owners, parse_owners
from reviewqueue.domain.people import Person, same_person
from reviewqueue.domain.review import RosterMember, disqualification
from reviewqueue.routing import Expertise, assign, derive_roster

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
ANN = Person("Ann Lee", "ann@corp.io")
BOB = Person("Bob Ray", "7+bobray@users.noreply.github.com")
EVE = Person("Eve Fox", "eve@corp.io")
OPERATOR = Person("Oper Ator", "oper@corp.io")
AUTHOR = Person("Au Thor", "au@corp.io")
AGENT = Person("Claude", "noreply@anthropic.com")
CHANGE = Change(
    id="c" * 12,
    repository="r",
    ref="refs/pull/1/head",
    branch="claude/fix",
    number=1,
    title="Fix",
    author=AUTHOR,
    opened_at=NOW,
    dated_by=DatedBy.FORGE,
)
REVISION = Revision(
    change=CHANGE.id,
    number=1,
    sha="2" * 40,
    base="0" * 40,
    seen_at=NOW,
    message="Fix",
    authors=(AGENT, AUTHOR),
    pusher=AUTHOR,
    commits=("2" * 40,),
    content_id="x",
)
CLAUDE = Attribution("claude", Certainty.DECLARED, OPERATOR, ("author",))


def touch(author: Person, days: float, *paths: str, number: int = 0) -> Touch:
    sha = f"{number:08d}{author.email}{days}"
    return Touch(sha, author, NOW - timedelta(days=days), paths or ("pay/a.go",))


def members(*persons: Person) -> tuple[RosterMember, ...]:
    return tuple(RosterMember(person=person, source="derived") for person in persons)


def route(
    *roster: Person,
    touches: tuple[Touch, ...] = (),
    owners: Owners | None = None,
    paths: tuple[str, ...] = ("pay/a.go",),
    load: dict[str, int] | None = None,
    risk: Risk | None = Risk.LOW,
    revision: Revision = REVISION,
    now: datetime = NOW,
) -> Assigned:
    expertise = Expertise()
    expertise.learn(touches)
    return assign(
        CHANGE,
        revision,
        CLAUDE,
        paths,
        owners or Owners(),
        expertise,
        members(*roster),
        load or {},
        risk,
        now,
    )


def names(assigned: Assigned) -> list[str]:
    return [assignment.reviewer.name for assignment in assigned.assignments]


def test_it_asks_who_wrote_there_and_says_so() -> None:
    touches = (
        *(touch(ANN, 3 + n, number=n) for n in range(14)),
        *(touch(EVE, 20, "web/x.ts", number=n) for n in range(30)),
        *(touch(EVE, 300, number=n) for n in range(26)),
    )
    assigned = route(ANN, EVE, touches=touches)

    assert names(assigned) == ["Ann Lee"]
    assert "wrote 14 of the last 40 changes to pay/a.go, last 3 days ago" in (
        assigned.assignments[0].reasons
    )
    assert assigned.note == ""


def test_it_asks_an_owner_by_address_or_login_and_names_the_line() -> None:
    owners = parse_owners(b"* @nobody\n\n/pay/ @BobRay\n/web/ EVE@corp.io\n")

    pay = route(ANN, BOB, EVE, owners=owners)
    web = route(ANN, BOB, EVE, owners=owners, paths=("web/a", "web/b"))

    assert names(pay) == ["Bob Ray"]
    assert pay.assignments[0].reasons == ("owns /pay/ (CODEOWNERS line 3)",)
    assert names(web) == ["Eve Fox"]
    assert web.assignments[0].reasons == ("owns /web/ (CODEOWNERS line 4), 2 touched paths",)


def test_it_never_asks_who_had_a_part_nor_a_machine() -> None:
    parties = (OPERATOR, AUTHOR, AGENT, Person("x[bot]", "x[bot]@users.noreply.github.com"))
    everyone = tuple(touch(person, 1, number=n) for n, person in enumerate(parties))
    assigned = route(*parties, touches=everyone)

    assert assigned.assignments == ()
    assert "Oper Ator is the operator who ran the agent" in assigned.note
    assert "Au Thor opened the change" in assigned.note
    assert "Claude is a machine" in assigned.note


def test_it_says_so_where_the_roster_is_empty() -> None:
    assert route().note == "nobody could be assigned: the roster is empty"


@pytest.mark.parametrize(
    ("risk", "wanted", "hours"),
    [
        (Risk.NONE, 1, 72),
        (Risk.LOW, 1, 72),
        (Risk.MEDIUM, 1, 72),
        (Risk.HIGH, 2, 24),
        (Risk.CRITICAL, 2, 4),
        (None, 2, 24),
    ],
)
def test_it_asks_more_people_sooner_at_higher_risk(
    risk: Risk | None, wanted: int, hours: int
) -> None:
    assigned = route(ANN, BOB, EVE, risk=risk)

    assert len(assigned.assignments) == wanted
    assert {one.due_at - one.at for one in assigned.assignments} == {timedelta(hours=hours)}


def test_it_asks_one_person_once_and_says_that_one_is_missing() -> None:
    assigned = route(ANN, Person("Ann Lee", "ann@home.org"), risk=Risk.HIGH)

    assert names(assigned) == ["Ann Lee"]
    assert assigned.note.startswith("2 wanted, 1 found among 2 on the roster")


def test_it_spreads_the_load_a_little() -> None:
    touches = (touch(ANN, 5, number=1), touch(EVE, 6, number=2))

    assert names(route(ANN, EVE, touches=touches)) == ["Ann Lee"]
    loaded = route(ANN, EVE, touches=touches, load={"ann@corp.io": 2, "bob": 1})
    assert names(loaded) == ["Eve Fox"]
    assert (
        "carries 2 open assignments" in route(ANN, load={"ann@corp.io": 2}).assignments[0].reasons
    )


def test_it_asks_the_least_loaded_where_nobody_knows_the_paths() -> None:
    assigned = route(ANN, EVE, load={"ann@corp.io": 1}, paths=("new/x",))

    assert names(assigned) == ["Eve Fox"]
    assert "knows none of the touched paths" in assigned.assignments[0].reasons[0]


def test_it_takes_a_recent_writer_before_an_old_one() -> None:
    old = tuple(touch(EVE, 200 + n, number=n) for n in range(3))

    assert names(route(ANN, EVE, touches=(touch(ANN, 2), *old))) == ["Ann Lee"]


def test_it_takes_the_writer_of_the_same_folder_before_one_of_the_whole() -> None:
    others = tuple(touch(EVE, 1, f"web/{n}.ts", number=n) for n in range(9))

    near = tuple(touch(ANN, 40, "pay/b.go", number=n) for n in range(3))

    assert names(route(ANN, EVE, touches=(*near, *others))) == ["Ann Lee"]


def test_it_forgets_who_wrote_nothing_for_a_year() -> None:
    expertise = Expertise()
    expertise.learn([touch(ANN, 400)])

    assert expertise.rank(["pay/a.go"], NOW) == ()


def test_it_learns_nothing_from_machines_and_sweeps() -> None:
    expertise = Expertise()
    expertise.learn([touch(AGENT, 1), touch(ANN, 1, *(f"pay/{n}" for n in range(300)))])

    assert expertise.rank(["pay/a.go"], NOW) == ()


def test_it_does_not_look_into_the_future() -> None:
    expertise = Expertise()
    expertise.learn([touch(ANN, 10), touch(EVE, -10)])

    assert [known.person for known in expertise.rank(["pay/a.go"], NOW)] == [ANN]
    later = expertise.rank(["pay/a.go"], NOW + timedelta(days=11))
    assert {known.person for known in later} == {ANN, EVE}


def test_it_joins_the_names_of_one_person_under_the_newest() -> None:
    home = Person("Ann Lee", "ann@home.org")
    expertise = Expertise()
    expertise.learn([touch(ANN, 10), touch(EVE, 5), touch(home, 2)])
    known = expertise.rank(["pay/a.go"], NOW)

    assert [one.person for one in known] == [home, EVE]
    assert (known[0].wrote, known[0].of) == (2, 3)


def test_it_learns_in_parts_as_in_one() -> None:
    touches = [
        touch(person, 30 - n, f"pay/{n % 3}", number=n)
        for n, person in enumerate([ANN, EVE, ANN, BOB, EVE, ANN])
    ]
    whole, parts = Expertise(), Expertise()
    whole.learn(touches)
    parts.learn(touches[:3])
    parts.learn(touches[3:])

    assert whole.rank(["pay/1"], NOW) == parts.rank(["pay/1"], NOW)


def test_it_bears_hostile_dates_and_paths() -> None:
    first, last = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)
    deep = "a/" * 3000 + "b"
    touches = (
        Touch("1", ANN, first, (deep,)),
        Touch("2", EVE, last, (deep,)),
        touch(BOB, 1, deep),
    )

    assert names(route(ANN, BOB, EVE, touches=touches, paths=(deep,))) == ["Bob Ray"]
    assert names(route(ANN, touches=touches, paths=())) == ["Ann Lee"]
    many = tuple(f"{n}/x" for n in range(9000))
    assert names(route(ANN, touches=touches, paths=many)) == ["Ann Lee"]


def test_it_derives_the_roster_from_the_humans_of_ninety_days() -> None:
    home = Person("Ann Lee", "ann@home.org")
    touches = [
        touch(ANN, 80),
        touch(home, 3),
        touch(EVE, 89, number=1),
        touch(BOB, 91),
        touch(AGENT, 1),
        touch(Person("dependabot[bot]", "49699333+dependabot[bot]@users.noreply.github.com"), 1),
        touch(OPERATOR, -1),
    ]
    roster = derive_roster(touches, NOW)

    assert [(member.person, member.source) for member in roster] == [
        (home, "derived: 2 commits on the default branch in the last 90 days"),
        (EVE, "derived: 1 commit on the default branch in the last 90 days"),
    ]
    assert derive_roster(reversed(touches), NOW) == roster


_persons = st.sampled_from([ANN, BOB, EVE, OPERATOR, AUTHOR, AGENT])
_touches = st.lists(
    st.builds(touch, _persons, st.integers(0, 400), st.sampled_from(["a/b", "a/c", "d"])),
    max_size=12,
)


@given(
    touches=_touches,
    roster=st.lists(_persons, max_size=6),
    named=st.lists(_persons, max_size=3),
    risk=st.sampled_from([None, *Risk]),
    paths=st.lists(st.sampled_from(["a/b", "a/x", "d", "e"]), max_size=3),
)
def test_it_asks_only_the_eligible_each_once_with_reasons_and_the_same_again(
    touches: list[Touch],
    roster: list[Person],
    named: list[Person],
    risk: Risk | None,
    paths: list[str],
) -> None:
    revision = replace(REVISION, authors=(*REVISION.authors, *named))

    def ask() -> Assigned:
        return route(
            *roster, touches=tuple(touches), risk=risk, paths=tuple(paths), revision=revision
        )

    assigned = ask()
    asked = [assignment.reviewer for assignment in assigned.assignments]
    for person in asked:
        assert person in roster
        assert not is_machine(person)
        assert disqualification(person, CHANGE, revision, CLAUDE) is None
    assert not any(same_person(a, b) for n, a in enumerate(asked) for b in asked[n + 1 :])
    assert all(assignment.reasons for assignment in assigned.assignments)
    assert bool(assigned.note) == (len(asked) < (1 if risk in list(Risk)[:3] else 2))
    assert ask() == assigned
