"""When two names are one person: in doubt they are."""

import itertools

import pytest

from reviewqueue.domain.people import Person, logins, noreply, people, same_person

ANN = Person("Ann Lee", "ann@corp.io", "annlee")


@pytest.mark.parametrize(
    "other",
    [
        Person("Ann Lee"),
        Person("ann  LEE", "private@home.org"),
        Person("\uff21nn Lee", "x@y.org"),
        Person("A. L.", "Ann@Corp.IO"),
        Person("A. L.", "ann+agent@corp.io"),
        Person("A. L.", "12+AnnLee@users.noreply.github.com"),
        Person("A. L.", "annlee@users.noreply.github.com"),
        Person("", "", "AnnLee"),
    ],
)
def test_it_takes_two_names_with_one_trait_for_one_person(other: Person) -> None:
    assert same_person(ANN, other)
    assert same_person(other, ANN)


@pytest.mark.parametrize(
    "other",
    [
        Person("Ann", "ann@other.org"),
        Person("Bob Ray", "bob@corp.io", "bob"),
        Person("Ann Leeds", "ann@corp.com"),
        Person("", "", ""),
        Person("Lee", "12+ann@users.noreply.github.com"),
    ],
)
def test_it_keeps_apart_what_shares_nothing(other: Person) -> None:
    assert not same_person(ANN, other)


def test_it_does_not_merge_people_by_a_one_word_name() -> None:
    assert not same_person(Person("Alex", "a@x.org"), Person("Alex", "b@y.org"))
    assert same_person(Person("Alex"), Person("alex"))


def test_it_does_not_merge_accounts_by_what_stands_before_the_plus() -> None:
    one = Person("A", "12+ann@users.noreply.github.com")

    assert not same_person(one, Person("B", "12+bob@users.noreply.github.com"))


def test_it_reads_both_forms_of_a_noreply_address() -> None:
    assert noreply("12+Ann@users.noreply.github.com") == (12, "ann")
    assert noreply("Ann@users.noreply.github.com") == (None, "ann")
    assert noreply("ann@corp.io") == (None, "")
    assert noreply("9" * 5000 + "+x@users.noreply.github.com")[1] == "x"
    assert logins(Person("A", "Ann@users.noreply.github.com", "Lee")) == {"ann", "lee"}


def test_it_groups_people_through_a_third_name_in_any_order() -> None:
    one, two = Person("Ann Lee", "a@x.org"), Person("A. L.", "a@home.org")
    bridge = Person("Ann Lee", "a@home.org")

    for order in itertools.permutations([one, two, bridge, Person("Bob Ray", "b@x.org")]):
        assert sorted(len(group) for group in people(order)) == [1, 3]


def test_it_prints_a_person_as_git_does() -> None:
    assert [str(ANN), str(Person("Ann")), str(Person("", "", "ann"))] == [
        "Ann Lee <ann@corp.io>",
        "Ann",
        "ann",
    ]
    assert (ANN.handle, Person("Ann", "A@x").handle) == ("annlee", "a@x")
