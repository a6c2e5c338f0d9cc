# ruff: noqa: ANN401, ARG001 -- a fixture's type lives in conftest; some only set the scene
"""What a docstring means, as a page shows it: always escaped."""

from dataclasses import replace
from typing import Any

import pytest

from reviewqueue.rules import catalogue
from reviewqueue.web import rules
from reviewqueue.web.prose import blocks, inline, steps

EVIL = "`<script>alert(1)</script>`"
SAFE = "<code>&lt;script&gt;alert(1)&lt;/script&gt;</code>"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain & simple", "plain &amp; simple"),
        (EVIL, SAFE),
        ("<b>`a`</b>", "&lt;b&gt;<code>a</code>&lt;/b&gt;"),
        ("run `rm -rf` or `dd`.", "run <code>rm -rf</code> or <code>dd</code>."),
        ("a ` alone", "a ` alone"),
        ("`a` and ` alone", "<code>a</code> and ` alone"),
        ("``", "``"),
        ('`"onload="x`', "<code>&#34;onload=&#34;x</code>"),
        ("`a\u202eb`", '<code>a<span class="unseen"'),
        ("a\u202e`b`", 'a<span class="unseen"'),
    ],
)
def test_it_shows_what_stands_in_backticks_as_code(text: str, shown: str) -> None:
    assert inline(text).startswith(shown)


def test_it_never_lets_code_reach_over_another() -> None:
    assert inline("`" * 4_000).count("`") == 4_000
    assert inline("`a" * 4_000).count("<code>") == 2_000


def test_it_tells_paragraphs_lists_and_code_apart() -> None:
    text = "One\nline.\n\n- a\n  more\n- b\n\n    x = 1\n    - y\n\nThen:\n* c\n* d\n"
    assert list(blocks(text)) == [
        ("text", "One line."),
        ("list", ["a more", "b"]),
        ("code", "x = 1\n- y"),
        ("text", "Then:"),
        ("list", ["c", "d"]),
    ]


def test_a_step_begins_on_a_line_of_its_own() -> None:
    text = "Ask who runs it. Wait\nfor the answer.\nLook at `a.b`: is\nit there?\nThen decide."
    assert list(steps(text)) == [
        (
            "list",
            [
                "Ask who runs it. Wait for the answer.",
                "Look at `a.b`: is it there?",
                "Then decide.",
            ],
        )
    ]
    assert list(steps("Ask who\nruns it.")) == [("text", "Ask who runs it.")]
    assert list(steps("- a.\n- b.\n\n    c.\n    D.")) == [
        ("list", ["a.", "b."]),
        ("code", "c.\nD."),
    ]


def test_a_rules_page_escapes_all_that_the_rule_says(
    visitor: Any, store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = next(one for one in catalogue() if one.patterns and not one.built_in)
    headings = ("What it flags", "Why it matters", "How to review it", "Not flagged", "Seen in")
    docs = f"{EVIL}.\n\n" + "\n".join(f"{one}\n    {EVIL} it is.\n" for one in headings)
    pattern = replace(rule.patterns[0], message=f"holds {EVIL}")
    told = replace(rule, docs=docs, summary=f"does {EVIL}", patterns=(pattern,))
    monkeypatch.setattr(rules, "catalogue", lambda: (told,))
    monkeypatch.setattr(rules, "explained", lambda _: {"": EVIL, "Rules": EVIL})
    pages = {
        f"/rules/{rule.id}": len(headings) + 3,
        f"/rules/pathways/{rule.pathway}": 4,
        "/rules": 1,
    }
    for path, count in pages.items():
        page = visitor.get(path).text
        assert "<script>alert" not in page
        assert page.count(SAFE) == count, path
