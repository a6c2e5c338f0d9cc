# ruff: noqa: ANN401 -- a fixture's type lives in conftest; some only set the scene
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reviewqueue import pipeline
from reviewqueue.domain.finding import (
    Confidence,
    Finding,
    Location,
    Pathway,
    Severity,
    Side,
)
from reviewqueue.domain.landing import ReviewClass
from reviewqueue.domain.people import Person
from reviewqueue.scan.diff import Diff
from reviewqueue.web.prose import inline
from reviewqueue.web.rules import briefs

ADA = Person("Ada Lovelace", "ada@harbour.example")
LINUS = Person("Linus Operator", "linus@harbour.example")


@pytest.fixture
def page(seeded: Any, visitor: Any) -> str:
    text: str = visitor.get(f"/changes/{seeded.dangerous.id}").text
    return text


def test_it_says_who_wrote_it_and_how_that_is_known(page: str) -> None:
    assert "the author of its commits is Claude &lt;noreply@anthropic.com&gt;" in page
    assert "declared" in page
    assert "Linus Operator committed what the agent wrote" in page


def test_it_lists_findings_most_severe_first_each_with_its_rule(page: str) -> None:
    order = [
        page.index(f'aria-label="{rule}"')
        for rule in ("credential-hunt", "public-paste", "guard-removed")
    ]

    assert order == sorted(order)
    assert 'href="/rules/guard-removed"' in page
    assert "token = os.environ[&#34;DEPLOY_TOKEN&#34;]" in page


def test_it_links_to_no_rule_that_is_gone(page: str) -> None:
    assert 'href="/rules/public-paste"' not in page
    assert page.count("no longer in the catalogue") == 1


def test_a_finding_begins_with_what_where_why_and_what_to_look_at(page: str) -> None:
    article = page.split('aria-label="credential-hunt"')[1].split("</article>", maxsplit=1)[0]
    told = briefs()["credential-hunt"]
    parts = (
        "reads a deployment credential from the environment and uses it at once",
        "deploy/session.py:8",
        "token = os.environ[&#34;DEPLOY_TOKEN&#34;]",
        inline(told.why),
        inline(told.look),
        'href="/rules/credential-hunt"',
    )
    order = [article.index(part) for part in parts]
    assert order == sorted(order)


def test_it_explains_a_rule_once(corpus: Any, visitor: Any) -> None:
    corpus.repository()
    found = tuple(
        Finding(
            "guard-removed",
            Pathway.SAFETY_SABOTAGE,
            Severity.HIGH,
            Confidence.LOW,
            f"takes `check_{name}()` away",
            (Location(f"{name}.py", 1, Side.OLD, "<`b`>"),),
            name * 16,
        )
        for name in "ab"
    )
    text = visitor.get(f"/changes/{corpus.change('Twice', findings=found).id}").text

    assert text.count(inline(briefs()["guard-removed"].why)) == 1
    assert f'<a href="#finding-{"a" * 16}">Why, and what to look at' in text
    assert "takes <code>check_b()</code> away" in text
    assert "&lt;`b`&gt;" in text


def test_it_links_a_finding_to_its_line(page: str) -> None:
    assert 'href="#file-1-n8"' in page
    assert '<tr id="file-1-n8">' in page
    assert '<tr id="file-1-o4">' in page


def test_it_links_a_finding_to_its_file_where_the_line_is_not_shown(
    corpus: Any, visitor: Any
) -> None:
    corpus.repository()
    places = (Location("deploy/session.py", 900, Side.NEW, "far away"),)
    far = Finding("rule", Pathway.GATE, Severity.LOW, Confidence.LOW, "why", places, "e" * 16)
    made = corpus.change("Far", findings=(far,))

    assert 'href="#file-1"' in visitor.get(f"/changes/{made.id}").text


def test_it_goes_through_a_great_many_files_page_by_page(
    corpus: Any, visitor: Any, patches: dict[str, Diff]
) -> None:
    corpus.repository()
    places = (Location("f301.txt", 1, Side.NEW, "x"),)
    found = Finding("rule", Pathway.GATE, Severity.LOW, Confidence.LOW, "why", places, "e" * 16)
    made = corpus.change("Many files", findings=(found,))
    patches[made.sha] = Diff(
        b"".join(
            b"diff --git a/f%d.txt b/f%d.txt\nnew file mode 100644\nindex 0000000..1111111\n"
            b"--- /dev/null\n+++ b/f%d.txt\n@@ -0,0 +1 @@\n+x\n" % (number, number, number)
            for number in range(302)
        )
    )

    first = visitor.get(f"/changes/{made.id}").text
    second = visitor.get(f"/changes/{made.id}?page=2").text

    assert "Files 1 to 300 of 302" in first
    assert f"/changes/{made.id}/files/302?revision={made.sha}" in first
    assert 'href="#file-302-n1"' in second
    assert "Earlier files" in second


def test_it_says_when_a_review_was_due(corpus: Any, visitor: Any) -> None:
    corpus.repository()
    made = corpus.change("Late")

    assert "due <time" in visitor.get(f"/changes/{made.id}").text


def test_it_says_who_was_asked_and_why(page: str) -> None:
    assert "Who was asked" in page
    assert "owns deploy/ (CODEOWNERS line 3)" in page


def test_it_says_why_me(seeded: Any, visitor: Any) -> None:
    text = visitor.act_as(ADA).get(f"/changes/{seeded.dangerous.id}").text

    assert "Why you" in text


def test_it_says_why_nobody_was_asked(seeded: Any, visitor: Any) -> None:
    made = seeded.corpus.change("Orphan", reviewers=())

    assert "nobody on the roster had no part in it" in visitor.get(f"/changes/{made.id}").text


def test_it_shows_the_verdict_as_a_tree_and_what_enforcing_would_say(page: str) -> None:
    assert "Enforcing would hold this merge." in page
    assert "two humans and every finding answered, at high or critical risk" in page
    assert "Nobody who counts has answered it." in page


def test_it_shows_the_diff_split_side_by_side(seeded: Any, visitor: Any) -> None:
    text = visitor.get(f"/changes/{seeded.dangerous.id}?view=split").text

    assert '<table class="diff split">' in text
    assert 'id="file-1-n8"' in text


def test_it_gives_htmx_the_diff_alone(seeded: Any, visitor: Any) -> None:
    text = visitor.get(
        f"/changes/{seeded.dangerous.id}?view=split",
        headers={"HX-Request": "true", "HX-Target": "diff"},
    ).text

    assert "<html" not in text
    assert "Your decision" not in text
    assert '<table class="diff split">' in text


def test_it_shows_one_file_as_a_page_and_as_a_fragment(seeded: Any, visitor: Any) -> None:
    path = f"/changes/{seeded.dangerous.id}/files/2"

    assert "A session opens with" in visitor.get(path).text
    fragment = visitor.get(path, headers={"HX-Request": "true"}).text
    assert fragment.lstrip().startswith("<details")


def test_it_says_why_there_is_no_diff_and_shows_the_rest(
    seeded: Any, visitor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> Diff:
        raise pipeline.Refused("The mirror of this repository is not on this machine.")

    monkeypatch.setattr(pipeline, "change_diff", refuse)

    text = visitor.get(f"/changes/{seeded.dangerous.id}").text

    assert "The mirror of this repository is not on this machine." in text
    assert "credential-hunt" in text


def test_it_shows_that_part_of_a_diff_was_not_read(
    seeded: Any, visitor: Any, patches: dict[str, Diff]
) -> None:
    patches[seeded.dangerous.sha] = Diff(b"garbage that is no diff\n")

    text = visitor.get(f"/changes/{seeded.dangerous.id}").text

    assert "could not be read" in text
    assert "garbage that is no diff" in text


def test_it_never_calls_unread_clean(corpus: Any, visitor: Any) -> None:
    corpus.repository()
    unread = corpus.change("Unread", unscannable="cut short: the last line does not end")
    unscanned = corpus.change("Unscanned", scanned=False)

    first = visitor.get(f"/changes/{unread.id}").text
    second = visitor.get(f"/changes/{unscanned.id}").text

    assert "cut short: the last line does not end" in first
    assert "no rule found anything" not in first
    assert "Not scanned yet." in second
    assert "no rule found anything" not in second


def test_it_shows_an_older_revision_and_leads_to_the_newest(seeded: Any, visitor: Any) -> None:
    made = seeded.dangerous
    newer = seeded.corpus.revision(
        made.change, 2, seen_at=datetime(2026, 11, 21, 9, tzinfo=UTC), message="again"
    )
    visitor.act_as(ADA)

    old = visitor.get(f"/changes/{made.id}?revision={made.sha}").text
    new = visitor.get(f"/changes/{made.id}").text

    assert "a newer one exists" in old
    assert 'name="seen"' not in old
    assert f'value="{newer.sha}"' in new
    assert f"revision={made.sha}" in new


def test_it_shows_a_landing_with_its_class(seeded: Any, visitor: Any) -> None:
    text = visitor.get(f"/changes/{seeded.landed.id}").text

    assert "A · reviewed at head" in text
    assert "Ada Lovelace approved the content that landed." in text


def test_it_tells_the_story_newest_first(page: str) -> None:
    order = [
        page.index(text)
        for text in ("Asked to review: Ada", "Scanned revision", "Attributed to", "Revision 1 seen")
    ]

    assert order == sorted(order)


def test_it_warns_who_cannot_count(seeded: Any, visitor: Any) -> None:
    made = seeded.corpus.change("Mine", reviewers=(LINUS,))

    text = visitor.act_as(LINUS).get(f"/changes/{made.id}").text

    assert "cannot count: Linus Operator is the operator who ran the agent" in text


def test_it_offers_no_form_without_a_person(seeded: Any, visitor: Any) -> None:
    text = visitor.get(f"/changes/{seeded.dangerous.id}").text

    assert "To decide, say who you are." in text
    assert 'name="decision"' not in text
    assert 'name="answer"' not in text


def test_it_says_what_a_claim_is_worth(corpus: Any, visitor: Any) -> None:
    corpus.repository()
    made = corpus.change("Claims", age=timedelta(days=4))
    corpus.land(made, ReviewClass.NONE)

    assert "F · none" in visitor.get(f"/changes/{made.id}").text


@pytest.mark.parametrize(
    "path",
    ["/changes/nothing", "/changes/{id}?revision=0000", "/changes/{id}/files/99"],
)
def test_it_knows_no_other_change_revision_or_file(seeded: Any, visitor: Any, path: str) -> None:
    answer = visitor.get(path.format(id=seeded.dangerous.id))

    assert answer.status_code == 404
    assert "Nothing here" in answer.text


def test_it_folds_places_beyond_eight(corpus: Any, visitor: Any) -> None:
    corpus.repository()
    places = tuple(Location("a.py", line, Side.NEW, "x") for line in range(1, 13))
    many = Finding("rule", Pathway.GATE, Severity.LOW, Confidence.LOW, "why", places, "f" * 16)
    made = corpus.change("Many", findings=(many,))

    assert "and 4 more places" in visitor.get(f"/changes/{made.id}").text
