# ruff: noqa: ANN401, ARG001 -- a fixture's type lives in conftest; some only set the scene
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from reviewqueue.domain.people import Person


def titles(text: str) -> list[str]:
    return [part.split("</bdi>")[0] for part in text.split("<bdi>")[1:]]


def test_it_lists_open_changes_most_urgent_first(seeded: Any, visitor: Any) -> None:
    assert titles(visitor.get("/").text) == [
        "Speed up session start in the deploy tool",
        "Bump the container&#39;s base image and its lock file",
        "Retry the upload of telemetry",
        "Rename two helpers",
        "Explain sessions in the handbook",
    ]


def test_it_says_who_was_asked_and_what_a_change_waits_for(seeded: Any, visitor: Any) -> None:
    text = visitor.get("/").text

    assert "Ada Lovelace" in text
    assert "No human approved" in text
    assert "3 findings" in text


def test_it_never_calls_an_unscanned_change_clean(corpus: Any, visitor: Any) -> None:
    corpus.repository()
    corpus.change("Not looked at", scanned=False)

    text = visitor.get("/").text

    assert "not scanned" in text
    assert 'class="badge-level none"' not in text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("risk=critical", ["Speed up session start in the deploy tool"]),
        ("agent=copilot", ["Explain sessions in the handbook"]),
        ("repository=lighthouse&agent=devin", ["Retry the upload of telemetry"]),
        ("state=landed", ["Cache the chart of the tides"]),
        ("reviewer=katherine@harbour.example", ["Explain sessions in the handbook"]),
        ("agent=kilo", []),
        ("repository=nowhere", []),
    ],
)
def test_it_filters_by_the_address(
    seeded: Any,
    visitor: Any,
    query: str,
    expected: list[str],
) -> None:
    assert titles(visitor.get(f"/?{query}").text) == expected


@pytest.mark.parametrize("query", ["risk=worst", "state=merged", "page=-1", "page=x", "page=%00"])
def test_it_takes_a_filter_that_makes_no_sense_for_none(
    seeded: Any,
    visitor: Any,
    query: str,
) -> None:
    assert len(titles(visitor.get(f"/?{query}").text)) == 5


def test_it_shows_what_was_asked_of_me(seeded: Any, visitor: Any) -> None:
    visitor.act_as(Person("Katherine Johnson", "katherine@harbour.example"))

    assert titles(visitor.get("/?reviewer=mine").text) == ["Explain sessions in the handbook"]


def test_it_counts_each_risk_under_the_other_filters(seeded: Any, visitor: Any) -> None:
    text = visitor.get("/?repository=harbour&risk=critical").text

    assert 'All <span class="n">3</span>' in text
    assert 'critical <span class="n">1</span>' in text


def test_it_gives_htmx_the_rows_alone(seeded: Any, visitor: Any) -> None:
    text = visitor.get("/", headers={"HX-Request": "true", "HX-Target": "queue"}).text

    assert "<html" not in text
    assert len(titles(text)) == 5


def test_it_gives_htmx_a_short_address(seeded: Any, visitor: Any) -> None:
    answer = visitor.get(
        "/?agent=copilot&risk=&state=open", headers={"HX-Request": "true", "HX-Target": "queue"}
    )

    assert answer.headers["HX-Push-Url"] == "/?agent=copilot"


def test_it_goes_page_by_page(corpus: Any, visitor: Any) -> None:
    corpus.repository()
    for number in range(51):
        corpus.change(f"Change {number}", age=timedelta(hours=number + 1))

    first, second = visitor.get("/").text, visitor.get("/?page=2").text

    assert (len(titles(first)), titles(second)) == (50, ["Change 0"])
    assert "50 of 51" in first
    assert "There are 51 changes" in visitor.get("/?page=9").text


def test_it_teaches_where_nothing_is_observed(store: Any, visitor: Any) -> None:
    assert "reviewqueue pull PATH_OR_URL" in visitor.get("/").text


def test_it_says_where_nothing_waits(corpus: Any, visitor: Any) -> None:
    corpus.repository()

    assert "Nothing waits" in visitor.get("/").text


def test_it_says_where_the_filters_leave_nothing(seeded: Any, visitor: Any) -> None:
    assert "No change matches these filters" in visitor.get("/?agent=kilo").text


def test_it_dates_relatively_with_the_utc_time_behind(seeded: Any, visitor: Any) -> None:
    assert (
        '<time datetime="2026-11-21T05:00:00Z" title="2026-11-21 05:00:00 UTC">5 h ago</time>'
        in visitor.get("/").text
    )


def test_it_reads_without_sign_in(
    seeded: Any,
    make_app: Callable[..., Flask],
) -> None:
    text = make_app().test_client().get("/").text

    assert len(titles(text)) == 5
    assert "read only" in text
