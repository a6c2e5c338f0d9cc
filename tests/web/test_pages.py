# ruff: noqa: ANN401, ARG001 -- a fixture's type lives in conftest; some only set the scene
import re
from collections.abc import Callable
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from reviewqueue.rules import catalogue
from reviewqueue.settings import read_settings
from reviewqueue.store import Store, StoreError
from reviewqueue.web import create_app

PATHS = (
    "/",
    "/?state=landed",
    "/changes/{id}",
    "/changes/{id}?view=split",
    "/changes/{id}/files/1",
    "/coverage",
    "/reports/2026-W46",
    "/rules",
    "/rules/credential-hunt",
    "/rules/pathways/backdoor",
    "/ledger",
    "/sign-in",
    "/nothing",
)


class Inline(HTMLParser):
    """Collects what a strict policy would not run or apply, and unbalanced elements."""

    VOID = frozenset({"meta", "link", "input", "img", "br", "col", "source", "hr"})

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.open: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "style" or (tag == "script" and "src" not in given):
            self.found.append(f"<{tag}>")
        self.found += [f"{tag} {name}" for name in given if name == "style" or name[:2] == "on"]
        self.found += [f"{tag} {name}" for name in given if name.startswith("hx-on")]
        if "id" in given:
            self.ids.append(given["id"] or "")
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.open = self.open[:-1] if tag not in self.VOID else self.open

    def handle_endtag(self, tag: str) -> None:
        assert self.open
        assert self.open.pop() == tag


@pytest.fixture
def each(seeded: Any, visitor: Any) -> Callable[[str], Any]:
    return lambda path: visitor.get(path.format(id=seeded.dangerous.id))


@pytest.mark.parametrize("path", PATHS)
def test_it_runs_nothing_inline_and_closes_what_it_opens(
    each: Callable[[str], Any], path: str
) -> None:
    parsed = Inline()
    parsed.feed(each(path).text)

    assert parsed.found == []
    assert parsed.open == []
    assert len(parsed.ids) == len(set(parsed.ids))


@pytest.mark.parametrize("path", [*PATHS, "/healthz", "/static/app.css"])
def test_it_sends_the_strict_headers_everywhere(each: Callable[[str], Any], path: str) -> None:
    headers = each(path).headers

    assert headers["Content-Security-Policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; "
        "base-uri 'none'"
    )
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("path", PATHS)
def test_it_fetches_nothing_from_elsewhere(each: Callable[[str], Any], path: str) -> None:
    assert not re.findall(r'(?:src|href|action|srcset)="(?:https?:)?//', each(path).text)


def test_it_lets_no_cache_keep_a_page_and_lets_it_keep_an_asset(
    each: Callable[[str], Any],
) -> None:
    page, asset = each("/"), each("/static/app.css")

    assert page.headers["Cache-Control"] == "private, no-store"
    assert {"Cookie", "HX-Request"} <= set(page.vary)
    assert asset.headers["Cache-Control"] == "public, max-age=86400"


def test_it_configures_htmx_for_the_strict_policy(each: Callable[[str], Any]) -> None:
    text = each("/").text

    for setting in ("includeIndicatorStyles", "allowEval", "allowScriptTags"):
        assert f"&#34;{setting}&#34;: false" in text


@pytest.mark.parametrize(
    ("path", "code"), [("/nothing", 404), ("/theme", 405), ("/changes/x", 404), ("/rules/x", 404)]
)
def test_it_shows_errors_in_the_same_design(
    each: Callable[[str], Any], path: str, code: int
) -> None:
    answer = each(path)

    assert answer.status_code == code
    assert "Nothing here" in answer.text
    assert 'class="bar"' in answer.text


def test_it_hides_the_cause_of_a_fault(
    seeded: Any,
    app: Flask,
    visit: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the password is hunter2")

    monkeypatch.setattr("reviewqueue.web.queue.Filters.asked", fail)

    answer = visit(app.test_client()).get("/")

    assert answer.status_code == 500
    assert "Something broke on our side" in answer.text
    assert "hunter2" not in answer.text


def test_it_says_that_the_database_is_busy(
    seeded: Any,
    app: Flask,
    visit: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def busy(*_: object, **__: object) -> None:
        raise StoreError("the database /srv/secret is busy")

    monkeypatch.setattr("reviewqueue.web.queue.Filters.asked", busy)

    answer = visit(app.test_client()).get("/")

    assert answer.status_code == 503
    assert "try again in a moment" in answer.text
    assert "/srv/secret" not in answer.text


@pytest.mark.parametrize("path", ["/", "/ledger", "/healthz"])
def test_it_says_how_to_set_up_a_database(visit: Any, tmp_path: Path, path: str) -> None:
    settings = read_settings(data_dir=tmp_path, secret_key="a key for tests", database_url="")
    (tmp_path / "reviewqueue.db").touch()
    app = create_app(settings)

    answer = visit(app.test_client()).get(path)

    assert answer.status_code == 503
    assert "reviewqueue db upgrade" in answer.text


def test_it_says_that_it_is_well(seeded: Any, visitor: Any, store: Any) -> None:
    answer = visitor.get("/healthz")

    assert answer.json == {"status": "ok", "events": store.head().seq}
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(("theme", "following"), [("dark", "auto"), ("light", "dark")])
def test_it_keeps_the_chosen_theme(visitor: Any, store: Any, theme: str, following: str) -> None:
    done = visitor.post("/theme", theme=theme, next="/rules")

    assert (done.status_code, done.location) == (303, "/rules")
    text = visitor.get("/").text
    assert f'<html lang="en" data-theme="{theme}">' in text
    assert f'name="theme" value="{following}"' in text


def test_it_takes_no_other_theme(visitor: Any, store: Any) -> None:
    assert visitor.post("/theme", theme='"><script>').status_code == 400
    visitor.client.set_cookie("theme", '"><script>', domain="localhost")
    assert 'data-theme="auto"' in visitor.get("/").text


def test_it_lists_every_rule_and_shows_each(visitor: Any, store: Any) -> None:
    text = visitor.get("/rules").text

    for rule in catalogue():
        assert f'href="/rules/{rule.id}"' in text
        page = visitor.get(f"/rules/{rule.id}").text
        for heading in ("What it flags", "Why it matters", "How to review it", "Not flagged"):
            assert f"<h2>{heading}</h2>" in page


def test_it_lists_the_rules_of_one_pathway(visitor: Any, store: Any) -> None:
    text = visitor.get("/rules?pathway=credentials").text

    assert "credential-hunt" in text
    assert "reverse-shell" not in text


def test_it_shows_the_ledger_newest_first_with_its_head(
    seeded: Any,
    visitor: Any,
    store: Any,
) -> None:
    head = store.head()

    text = visitor.get("/ledger").text

    assert str(head) in text
    numbers = [int(found) for found in re.findall(r'id="event-(\d+)"', text)]
    assert numbers == list(range(head.seq, head.seq - 100, -1))


def test_it_pages_through_the_ledger(seeded: Any, visitor: Any) -> None:
    text = visitor.get(
        "/ledger?before=50", headers={"HX-Request": "true", "HX-Target": "events"}
    ).text

    assert "<html" not in text
    assert re.findall(r'id="event-(\d+)"', text)[0] == "49"


@pytest.mark.parametrize("before", ["x", "-1", "9" * 30, "%00"])
def test_it_takes_a_place_that_makes_no_sense_for_the_end(
    seeded: Any,
    visitor: Any,
    before: str,
) -> None:
    assert visitor.get(f"/ledger?before={before}").status_code == 200


def test_it_shows_the_deliveries_that_were_given_up(store: Store, visitor: Any) -> None:
    assert "given up" not in visitor.get("/ledger").text
    store.receive("d-1", "push", {}, b"{}", datetime.now(UTC))
    for _ in range(5):
        store.attempted("d-1", "the repository is <away>")

    text = visitor.get("/ledger").text

    assert "Deliveries given up" in text
    assert "the repository is &lt;away&gt;" in text
