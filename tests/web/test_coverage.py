# ruff: noqa: ANN401, ARG001 -- a fixture's type lives in conftest; some only set the scene
import json
from typing import Any

import pytest

from reviewqueue.domain.landing import ReviewClass


def test_it_says_which_team_erodes_and_since_when(seeded: Any, visitor: Any) -> None:
    text = visitor.get("/coverage").text

    assert "alarm" in text
    assert "likely began in 2026-W" in text
    assert "no sooner than every 52 weeks" in text


def test_it_prints_k_of_n_for_every_breakdown(seeded: Any, visitor: Any) -> None:
    text = visitor.get("/coverage").text

    for title in ("By team", "By agent", "By risk", "By repository"):
        assert title in text
    assert "pilots" in text


def test_it_narrows_to_a_repository(seeded: Any, visitor: Any) -> None:
    text = visitor.get(
        "/coverage?repository=harbour", headers={"HX-Request": "true", "HX-Target": "measures"}
    ).text

    assert "<html" not in text
    assert "pilots" in text
    assert "engines" not in text


def test_it_gives_no_share_where_there_are_too_few(corpus: Any, visitor: Any) -> None:
    corpus.repository()
    corpus.land(corpus.change("One"))

    text = visitor.get("/coverage").text

    assert "1 of 1 agents" in text
    assert "too few for a share" in text
    assert "100 %" not in text


def test_it_greys_the_figures_where_too_much_is_unknown(corpus: Any, visitor: Any) -> None:
    corpus.repository()
    corpus.land(corpus.change("One"))
    assert 'class="figures"' in visitor.get("/coverage").text

    corpus.land(corpus.change("Two"), ReviewClass.UNKNOWN)

    text = visitor.get("/coverage").text
    assert 'class="figures grey"' in text
    assert "1 unknown: reviewed, if at all, where we cannot see" in text


def test_it_teaches_where_nothing_landed(store: Any, visitor: Any) -> None:
    assert "Nothing landed in the last 26 weeks" in visitor.get("/coverage").text


def test_it_lists_exceptions_by_name(seeded: Any, visitor: Any) -> None:
    text = visitor.get("/reports/2026-W46").text

    assert "flagged and not reviewed" in text
    assert "Tidy the engines" in text


def test_it_draws_the_picture_for_each_theme(seeded: Any, visitor: Any) -> None:
    light, dark = (visitor.get(f"/coverage/chart.svg?theme={one}") for one in ("light", "dark"))

    assert light.mimetype == "image/svg+xml"
    assert light.text.startswith("<svg")
    assert light.text != dark.text
    assert "style=" not in light.text


def test_it_draws_the_same_picture_once(seeded: Any, visitor: Any) -> None:
    etag = visitor.get("/coverage/chart.svg").headers["ETag"]

    again = visitor.get("/coverage/chart.svg", headers={"If-None-Match": etag})
    dark = visitor.get("/coverage/chart.svg?theme=dark", headers={"If-None-Match": etag})

    assert (again.status_code, again.data) == (304, b"")
    assert dark.status_code == 200


def test_it_puts_the_figures_of_the_picture_beside_it(seeded: Any, visitor: Any) -> None:
    text = visitor.get("/reports/2026-W46").text

    assert "The figures of the picture" in text
    assert text.count('href="/reports/2026-W') > 26


def test_it_goes_to_the_last_closed_week(seeded: Any, visitor: Any) -> None:
    assert visitor.get("/report").location == "/reports/2026-W46"


def test_it_gives_a_report_as_page_markdown_and_json(seeded: Any, visitor: Any) -> None:
    page = visitor.get("/reports/2026-W46").text
    text = visitor.get("/reports/2026-W46.md")
    data = visitor.get("/reports/2026-W46.json")

    assert "Week 2026-W46" in page
    assert (text.mimetype, text.text.startswith("# ")) == ("text/markdown", True)
    assert json.loads(data.text)["week"] == "2026-W46"


def test_it_leads_to_the_weeks_beside(seeded: Any, visitor: Any) -> None:
    text = visitor.get("/reports/2026-W46").text

    assert 'rel="prev" href="/reports/2026-W45"' in text
    assert 'rel="next" href="/reports/2026-W47"' in text
    assert 'rel="next"' not in visitor.get("/reports/2026-W47").text


def test_it_says_that_a_week_still_runs(seeded: Any, visitor: Any) -> None:
    assert "still runs" in visitor.get("/reports/2026-W47").text


@pytest.mark.parametrize(
    "path",
    [
        "/reports/2026-W48",
        "/reports/2026-W99",
        "/reports/yesterday",
        "/reports/2026-W46?repository=nowhere",
        "/coverage?repository=nowhere",
        "/coverage/chart.svg?week=never",
    ],
)
def test_it_knows_no_other_week_or_repository(seeded: Any, visitor: Any, path: str) -> None:
    assert visitor.get(path).status_code == 404
