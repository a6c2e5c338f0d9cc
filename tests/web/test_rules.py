# ruff: noqa: ANN401, ARG001 -- a fixture's type lives in conftest; some only set the scene
"""A rule's page says how often it was right; a pathway's page what it cannot see."""

import re
from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest

from reviewqueue.domain.finding import (
    Confidence,
    Finding,
    Location,
    Pathway,
    Severity,
    Side,
    fingerprint,
)
from reviewqueue.domain.people import Person
from reviewqueue.domain.review import Answer, Disposition
from reviewqueue.rules import catalogue, explained
from reviewqueue.scan.rule import sections
from reviewqueue.web.prose import inline

ADA = Person("Ada Lovelace", "ada@harbour.example")
OPERATOR = Person("Linus Operator", "linus@harbour.example")
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
RULE = "credential-hunt"
REAL, FALSE = Answer.CONFIRMED, Answer.FALSE_POSITIVE


def finding(number: int) -> Finding:
    places = (Location("a.py", number, Side.NEW, f"key {number}"),)
    return Finding(
        RULE,
        Pathway.CREDENTIALS,
        Severity.HIGH,
        Confidence.HIGH,
        "hunts",
        places,
        fingerprint(RULE, places),
    )


def text_of(page: Any) -> str:
    """Return a page's words, white space folded; code stands as its text."""
    words = re.sub(r"</?code>", "", page.text)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", words)).split())


@pytest.fixture
def answered(corpus: Any) -> Any:
    """Record a change with findings of a rule, and what people said of them."""

    def answered(*answers: Answer, found: int = 0, by: Person = ADA, **more: Any) -> Any:
        corpus.repository()
        findings = tuple(finding(number) for number in range(1, max(found, len(answers)) + 1))
        made = corpus.change("Hunt <b>for</b> keys", findings=findings)
        for one, answer in zip(findings, answers, strict=False):
            corpus.record(
                Disposition(
                    change=made.id,
                    revision=made.sha,
                    fingerprint=one.fingerprint,
                    rule=RULE,
                    answer=answer,
                    reason="I <i>looked</i>",
                    reviewer=by,
                    at=NOW,
                    **more,
                )
            )
        return made

    return answered


def test_it_says_that_nobody_answered(answered: Any, visitor: Any) -> None:
    answered(found=3)
    text = text_of(visitor.get(f"/rules/{RULE}"))
    assert "0 of 3 findings answered" in text
    assert "how often it is right is unknown" in text
    assert "%" not in text.split("How often it was right")[1].split("Patterns")[0]


def test_it_gives_no_share_of_too_few(answered: Any, visitor: Any) -> None:
    answered(*[REAL] * 7, *[FALSE] * 2, found=12)
    text = text_of(visitor.get(f"/rules/{RULE}"))
    assert "9 of 12 findings answered" in text
    assert "7 of 9 answered findings were real. That is too few to judge the rule by" in text
    assert "a share is given from 10 on" in text


def test_it_gives_k_of_n_and_the_rows_behind_it(answered: Any, visitor: Any) -> None:
    made = answered(*[REAL] * 6, *[Answer.ACCEPTED_RISK] * 2, *[FALSE] * 4, development=True)
    page = visitor.get(f"/rules/{RULE}")
    text = text_of(page)
    assert "8 of 12 answered findings were real (67 %)." in text
    assert "6 confirmed 2 accepted as a risk 4 false positives" in text
    assert "12 answers made under the development sign-in, which vouches for nobody" in text
    assert page.text.count(f'href="/changes/{made.id}"') == 12
    assert "I &lt;i&gt;looked&lt;/i&gt;" in page.text
    assert "Hunt &lt;b&gt;for&lt;/b&gt; keys" in page.text


def test_it_lists_the_newest_answers_only(answered: Any, visitor: Any) -> None:
    made = answered(*[REAL] * 30)
    page = visitor.get(f"/rules/{RULE}")
    assert "30 of 30 answered findings were real (100 %)." in text_of(page)
    assert "The newest 20 of 30 answers:" in text_of(page)
    assert page.text.count(f'href="/changes/{made.id}"') == 20


def test_it_does_not_count_who_had_a_part(answered: Any, visitor: Any) -> None:
    answered(FALSE, FALSE, by=OPERATOR)
    text = text_of(visitor.get(f"/rules/{RULE}"))
    assert "0 of 2 findings answered" in text
    assert "2 answers not counted" in text
    assert "not counted: is the operator who ran the agent" in text


def test_a_page_shows_all_that_a_rule_says_of_itself(visitor: Any, store: Any) -> None:
    for rule in catalogue():
        page = visitor.get(f"/rules/{rule.id}").text
        for heading in sections(rule.docs):
            assert not heading or f"<h2>{heading}</h2>" in page
        assert f"version {rule.version}" in page
        assert ("of honest commits" in page) is not rule.built_in
        assert f'href="/rules/pathways/{rule.pathway}"' in page


def test_a_page_begins_with_what_was_flagged_why_and_what_to_look_at(
    visitor: Any, store: Any
) -> None:
    for rule in catalogue():
        page = visitor.get(f"/rules/{rule.id}")
        told = sections(rule.docs)
        first = (
            f"What was flagged This change {rule.summary}.",
            f"Why it matters {told['Why it matters']}",
            f"How to review it {told['How to review it']}",
        )
        text = text_of(page).split(f"{rule.severity} ", 1)[1]
        assert text.startswith(" ".join(" ".join(first).replace("`", "").split()))


def test_it_shows_no_backtick_of_an_explanation(visitor: Any, store: Any) -> None:
    for rule in catalogue():
        page = visitor.get(f"/rules/{rule.id}").text
        assert "`" not in re.sub(r'(?s)<table class="data stacked patterns">.*', "", page)


@pytest.mark.parametrize("pathway", list(Pathway))
def test_each_pathway_has_its_page(visitor: Any, store: Any, pathway: Pathway) -> None:
    page = visitor.get(f"/rules/pathways/{pathway}")
    assert page.status_code == 200
    text = text_of(page)
    told = explained(pathway)
    assert f'href="/rules/pathways/{pathway}"' in visitor.get("/rules").text
    for heading, said in told.items():
        assert heading in text
        for part in said.split("\n\n"):
            if not part.startswith("    "):
                assert " ".join(part.replace("`", "").split()) in text
    for rule in catalogue():
        assert (f'href="/rules/{rule.id}"' in page.text) is (rule.pathway is pathway)
        if rule.pathway is pathway:
            assert inline(rule.summary) in page.text
            assert all(inline(one.message) in page.text for one in rule.patterns)


def test_its_examples_keep_their_lines(visitor: Any, store: Any) -> None:
    page = visitor.get("/rules/pathways/gate").text
    lines = ".github/CODEOWNERS\n- /deploy/ @acme/security\n+ /deploy/ @acme/bots"
    assert f"<pre>{lines}</pre>" in page


@pytest.mark.parametrize("name", ["no-such", "Backdoor", "backdoor/", "..%2f", "<b>"])
def test_there_is_no_page_of_another_pathway(visitor: Any, store: Any, name: str) -> None:
    assert visitor.get(f"/rules/pathways/{name}").status_code == 404
