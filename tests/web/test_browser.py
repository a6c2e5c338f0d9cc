# ruff: noqa: ANN401, ARG001 -- a fixture's type lives in conftest; some only set the scene
"""The pages in a real browser, against a running server."""

import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect
from werkzeug.serving import make_server

from reviewqueue.settings import Settings


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {
        **browser_type_launch_args,
        "executable_path": "/usr/bin/chromium",
        "args": [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ],
    }


@pytest.fixture(scope="session")
def base_url() -> None:
    """Stand in for the plugin's own, whose form pytest 9 warns about."""


@pytest.fixture
def address(seeded: Any, app: Flask, settings: Settings) -> Iterator[str]:
    server = make_server(settings.host, 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://{settings.host}:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


def listen(page: Page) -> list[str]:
    """Collect what the console complains of, policy violations among it."""
    said: list[str] = []
    page.on("console", lambda m: said.append(m.text) if m.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


@pytest.fixture
def tab(page: Page, address: str) -> Iterator[Page]:
    """A tab signed in as Ada; the console has to stay silent."""
    said = listen(page)
    page.goto(f"{address}/sign-in")
    page.get_by_role("button", name="Ada Lovelace").click()
    expect(page.locator("footer")).to_contain_text("Press ? for keys")
    yield page
    assert said == []


def test_it_walks_the_queue_by_keys(tab: Page, seeded: Any) -> None:
    expect(tab.locator("tr[data-stop]")).to_have_count(5)
    tab.keyboard.press("j")
    tab.keyboard.press("j")
    expect(tab.locator("tr.here .title")).to_contain_text("Bump the container")
    tab.keyboard.press("k")
    expect(tab.locator("tr.here .title")).to_have_text("Speed up session start in the deploy tool")
    expect(tab.locator("tr.here .title")).to_be_focused()

    tab.keyboard.press("Enter")

    expect(tab).to_have_url(re.compile(rf"/changes/{seeded.dangerous.id}$"))
    tab.keyboard.press("j")
    expect(tab.locator("article.here")).to_contain_text("credential-hunt")
    tab.keyboard.press("u")
    expect(tab.get_by_role("heading", name="Queue")).to_be_visible()


def test_it_explains_its_keys_in_a_dialog(tab: Page) -> None:
    dialog = tab.get_by_role("dialog", name="Keyboard")

    tab.keyboard.press("?")
    expect(dialog).to_be_visible()
    tab.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    tab.get_by_role("button", name="Keyboard shortcuts").click()
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()


def test_it_leaves_keys_to_the_field_one_types_in(tab: Page, seeded: Any, address: str) -> None:
    tab.goto(f"{address}/changes/{seeded.plain.id}")
    tab.locator("#body").fill("")
    tab.locator("#body").press_sequentially("just a ? jk")

    expect(tab.locator("#body")).to_have_value("just a ? jk")
    expect(tab.get_by_role("dialog")).to_be_hidden()


def test_it_filters_without_loading_the_page_anew(tab: Page) -> None:
    tab.evaluate("window.kept = true")

    tab.get_by_label("Agent").select_option("copilot")

    expect(tab.locator("tr[data-stop]")).to_have_count(1)
    expect(tab).to_have_url(re.compile("agent=copilot"))
    assert tab.evaluate("window.kept") is True
    tab.go_back()
    expect(tab.locator("tr[data-stop]")).to_have_count(5)


def test_it_switches_the_diff_in_place(tab: Page, seeded: Any, address: str) -> None:
    tab.goto(f"{address}/changes/{seeded.dangerous.id}")
    tab.locator("#body").fill("half a thought")

    tab.get_by_role("link", name="Split").click()

    expect(tab.locator("table.diff.split").first).to_be_visible()
    expect(tab.locator("#body")).to_have_value("half a thought")


def test_it_goes_from_a_finding_to_its_line_in_a_folded_file(
    tab: Page, seeded: Any, address: str
) -> None:
    tab.goto(f"{address}/changes/{seeded.dangerous.id}")
    tab.locator("#file-1 > summary").click()
    expect(tab.locator("#file-1-n8")).to_be_hidden()

    tab.get_by_role("link", name="deploy/session.py:8").click()

    expect(tab.locator("#file-1-n8")).to_be_in_viewport()


def test_it_answers_a_finding_in_place(tab: Page, seeded: Any, address: str) -> None:
    tab.goto(f"{address}/changes/{seeded.dangerous.id}")
    finding = tab.locator("article", has_text="credential-hunt")
    finding.get_by_text("Answer", exact=True).click()
    finding.get_by_label("Confirmed").check()
    finding.get_by_label("Why, for those who come after you").fill("It reads a live token.")

    finding.get_by_role("button", name="Record the answer").click()

    expect(finding.locator(".answer")).to_contain_text("It reads a live token.")
    expect(tab.locator("#open-findings")).to_have_text("3 findings, 2 without an answer")
    expect(tab.locator("#timeline")).to_contain_text("Answered credential-hunt: confirmed")
    expect(finding.get_by_role("link", name="deploy/session.py:8")).to_be_visible()


def test_it_says_so_in_place_where_the_page_is_outdated(
    page: Page, address: str, seeded: Any, store: Any
) -> None:
    page.goto(f"{address}/sign-in")
    page.get_by_role("button", name="Ada Lovelace").click()
    page.goto(f"{address}/changes/{seeded.dangerous.id}")
    finding = page.locator("article", has_text="credential-hunt")
    finding.get_by_text("Answer", exact=True).click()
    finding.get_by_label("False positive").check()
    finding.get_by_label("Why, for those who come after you").fill("Seen before.")
    seeded.corpus.scan(seeded.dangerous, ())

    finding.get_by_role("button", name="Record the answer").click()

    expect(page.get_by_role("alert")).to_contain_text("Something changed while you were reading")
    with store.reading() as reader:
        assert reader.dispositions(seeded.dangerous.id) == ()


def test_it_goes_by_hand_from_queue_to_decision(tab: Page) -> None:
    tab.get_by_role("link", name="Explain sessions in the handbook").click()
    tab.get_by_role("button", name="Approve").click()

    expect(tab.locator("#notice")).to_contain_text("Recorded: approve")
    expect(tab.locator("#verdict")).to_contain_text("Enforcing would let this merge.")
    expect(tab.locator("#timeline")).to_contain_text("development")


def test_it_works_without_scripts(browser: Browser, address: str, seeded: Any) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/sign-in")
    page.get_by_role("button", name="Ada Lovelace").click()
    page.get_by_label("Agent").select_option("copilot")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator("tr[data-stop]")).to_have_count(1)

    page.goto(f"{address}/changes/{seeded.dangerous.id}")
    page.get_by_role("link", name="Split").click()
    expect(page.locator("table.diff.split").first).to_be_visible()
    finding = page.locator("article", has_text="public-paste")
    finding.locator("summary", has_text="Answer").click()
    finding.get_by_label("Accepted risk").check()
    finding.get_by_label("Why, for those who come after you").fill("A sandbox.")
    finding.get_by_role("button", name="Record the answer").click()
    expect(page.locator("#notice")).to_contain_text("Recorded: accepted risk.")
    page.locator("#body").fill("Fine.")
    page.get_by_role("button", name="Comment").click()
    expect(page.locator("#notice")).to_contain_text("Recorded: comment")
    page.get_by_role("button", name=re.compile("^Theme")).click()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_follows_the_system_and_the_toggle(browser: Browser, address: str, scheme: Any) -> None:
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    page.goto(address)

    def dark() -> bool:
        color = page.evaluate("getComputedStyle(document.body).backgroundColor")
        return sum(int(part) for part in re.findall(r"\d+", color)[:3]) < 3 * 128

    assert dark() == (scheme == "dark")
    page.get_by_role("button", name=re.compile("^Theme")).click()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    assert not dark()
    page.get_by_role("button", name=re.compile("^Theme")).click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert dark()
    context.close()


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/changes/{id}",
        "/changes/{id}?view=split",
        "/coverage",
        "/reports/2026-W46",
        "/rules",
        "/rules/credential-hunt",
        "/rules/pathways/backdoor",
        "/ledger",
        "/sign-in",
    ],
)
@pytest.mark.parametrize("width", [1280, 390])
def test_it_fits_the_window_and_keeps_the_policy(
    context: BrowserContext, address: str, seeded: Any, path: str, width: int
) -> None:
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 800})
    said = listen(page)

    page.goto(address + path.format(id=seeded.dangerous.id))
    page.wait_for_load_state("networkidle")

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert said == []


@pytest.mark.parametrize(
    "path", ["/rules", "/rules/agent-leash-loosened", "/rules/pathways/backdoor"]
)
def test_it_shows_what_a_rule_catches_on_a_phone(
    context: BrowserContext, address: str, path: str
) -> None:
    page = context.new_page()
    page.set_viewport_size({"width": 390, "height": 800})

    page.goto(address + path)

    cut = "e => e.scrollWidth > e.clientWidth && /auto|scroll/.test(getComputedStyle(e).overflowX)"
    assert page.evaluate(f"[...document.querySelectorAll('main *')].filter({cut}).length") == 0
    cells = "[...document.querySelectorAll('main td')].map(e => e.getBoundingClientRect().right)"
    assert max(page.evaluate(cells)) <= 390


def test_it_shows_the_picture(tab: Page, address: str) -> None:
    tab.goto(f"{address}/coverage")
    tab.wait_for_load_state("networkidle")

    assert tab.evaluate("document.querySelector('.chart img').naturalWidth") > 0
