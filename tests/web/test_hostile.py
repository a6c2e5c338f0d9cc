# ruff: noqa: ANN401 -- a fixture's type lives in conftest; some only set the scene
"""One hostile text in every field that a change's author controls, on every page."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest

from reviewqueue.domain.attribution import Attribution, Certainty
from reviewqueue.domain.change import Change, DatedBy, Repository, RepositoryKind, Revision
from reviewqueue.domain.event import Assigned, Attributed, Evaluated, Pulled, Scanned
from reviewqueue.domain.finding import (
    Confidence,
    Finding,
    Location,
    Pathway,
    Risk,
    Scan,
    Severity,
    Side,
    fingerprint,
)
from reviewqueue.domain.landing import ReviewClass
from reviewqueue.domain.people import Person
from reviewqueue.domain.review import (
    Answer,
    Assignment,
    Decision,
    DecisionKind,
    Disposition,
    Source,
)
from reviewqueue.domain.verdict import Verdict, VerdictStatus
from reviewqueue.scan.diff import Diff, Unread

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
EVIL = (
    "</title></textarea><script>alert(1)</script><img src=x onerror=alert(1)>"
    "\"'><svg onload=alert(1)> {{ 7*7 }} {% raw %} \u202egnp.exe\u2066 \u200b\x1b[31m \ufeff\u3164"
    " javascript:alert(1) \U000e0041"
)
HIDDEN = "\u202e\u2066\u200b\x1b\ufeff\u3164\U000e0041"
PERSON = Person(EVIL, "evil\u202e@<script>.example", EVIL)
SHA = "a" * 40
CHANGE = "c" * 12
PATCH = b"""diff --git a/x.py b/x.py
index 1111111..2222222 100644
--- a/x.py
+++ b/x.py
@@ -1,2 +1,3 @@
 </td></table><script>alert(1)</script>
+{{ 7*7 }} \xe2\x80\xae\xe2\x81\xa6 \x1b[31m " onmouseover="alert(1)
 \xff\xfe
"""


class Strict(HTMLParser):
    """Reads a page as a browser would, and keeps every element and attribute."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[str | None] = []
        self.handlers: list[str] = []
        self.targets: list[str] = []
        self.images: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "script":
            self.scripts.append(given.get("src"))
        if tag == "img":
            self.images.append(given.get("src") or "")
        self.handlers += [name for name in given if name.startswith("on")]
        self.targets += [given[name] or "" for name in ("href", "action", "src") if name in given]


def record(corpus: Any) -> None:
    places = (
        Location("x.py", 2, Side.NEW, EVIL),
        Location(EVIL.replace("/", ""), 1, Side.OLD, EVIL),
        Location("", None, Side.NONE, EVIL),
    )
    finding = Finding(
        EVIL[:60].replace("/", ""),
        Pathway.GATE,
        Severity.CRITICAL,
        Confidence.LOW,
        EVIL,
        places,
        fingerprint("evil", places),
    )
    assignment = Assignment(
        change=CHANGE,
        revision=SHA,
        reviewer=PERSON,
        reasons=(EVIL,),
        at=NOW,
        due_at=NOW + timedelta(days=1),
    )
    leaf = Verdict(EVIL, VerdictStatus.ERROR, EVIL)
    root = Verdict(EVIL, VerdictStatus.UNSATISFIED, EVIL, (leaf, replace(leaf, children=(leaf,))))
    attribution = Attribution(EVIL, Certainty.DECLARED, PERSON, (EVIL,), EVIL)
    scan = Scan(Risk.CRITICAL, (finding,), EVIL, 1, 1, 0, EVIL)
    landing = corpus.landing("evil", ReviewClass.STALE, NOW - timedelta(days=3), EVIL)
    corpus.record(
        Repository(
            id="evil",
            name=EVIL,
            address=EVIL,
            kind=RepositoryKind.DEMO,
            default_branch=EVIL,
            first_seen_at=NOW,
        ),
        Change(
            id=CHANGE,
            repository="evil",
            ref=EVIL,
            branch=EVIL,
            number=None,
            title=EVIL,
            author=PERSON,
            opened_at=NOW,
            dated_by=DatedBy.COMMIT,
        ),
        Revision(
            change=CHANGE,
            number=1,
            sha=SHA,
            base="b" * 40,
            seen_at=NOW,
            message=EVIL,
            authors=(PERSON,),
            pusher=PERSON,
            commits=(SHA,),
            content_id="",
        ),
        Attributed(change=CHANGE, revision=SHA, attribution=attribution),
        Scanned(change=CHANGE, revision=SHA, scan=scan),
        Assigned(change=CHANGE, revision=SHA, assignments=(assignment,), note=EVIL),
        Decision(
            id="d",
            change=CHANGE,
            revision=SHA,
            reviewer=PERSON,
            kind=DecisionKind.COMMENT,
            body=EVIL,
            at=NOW,
            source=Source.PAGE,
        ),
        Disposition(
            change=CHANGE,
            revision=SHA,
            fingerprint=finding.fingerprint,
            rule=EVIL,
            answer=Answer.ACCEPTED_RISK,
            reason=EVIL,
            reviewer=PERSON,
            at=NOW,
        ),
        Evaluated(change=CHANGE, revision=SHA, verdict=root),
        replace(
            landing,
            change=CHANGE,
            title=EVIL,
            by=PERSON,
            reason=EVIL,
            claims=(EVIL,),
            attribution=attribution,
            risk=Risk.CRITICAL,
        ),
        Pulled(repository="evil", tip=EVIL, heads=1, landings=1, left_out={EVIL: 1}, notes=(EVIL,)),
        at=NOW,
    )


@pytest.mark.parametrize("person", [None, PERSON], ids=["nobody", "somebody"])
@pytest.mark.parametrize(
    "path",
    [
        "/",
        f"/changes/{CHANGE}",
        f"/changes/{CHANGE}?view=split",
        f"/changes/{CHANGE}/files/1",
        "/coverage",
        "/reports/2026-W47",
        "/reports/2026-W47?repository=evil",
        "/ledger",
        "/sign-in",
        "/sign-in?next=javascript:alert(1)",
        '/?repository="><script>alert(1)</script>&agent="><script>&reviewer=\u202e<script>',
        '/rules?pathway="><script>alert(1)</script>',
        "/rules/<script>alert(1)</script>",
        "/<script>alert(1)</script>",
    ],
)
def test_it_runs_and_hides_nothing_that_others_wrote(
    corpus: Any, visitor: Any, patches: dict[str, Diff], path: str, person: Person | None
) -> None:
    record(corpus)
    patches[SHA] = Diff(PATCH, unread=(Unread(EVIL.encode(), EVIL),))
    if person is not None:
        visitor.act_as(person)

    page = Strict()
    text = visitor.get(path).text
    page.feed(text)

    assert {str(one).split("?")[0] for one in page.scripts} == {
        "/static/htmx.min.js",
        "/static/app.js",
    }
    assert page.handlers == []
    assert "x" not in page.images
    assert not [one for one in page.targets if one.strip().lower().startswith("javascript:")]
    assert not set(HIDDEN) & set(text)
    assert "49 " not in text.split("<title>")[1].split("</title>")[0]


def test_it_shows_in_a_diff_what_hides(corpus: Any, visitor: Any, patches: dict[str, Diff]) -> None:
    record(corpus)
    patches[SHA] = Diff(PATCH)

    text = visitor.get(f"/changes/{CHANGE}").text

    assert '<span class="unseen" title="U+202E RIGHT-TO-LEFT OVERRIDE">U+202E</span>' in text
    assert '<span class="unseen" title="byte 0xFF, not UTF-8">xFF</span>' in text


def test_it_shows_the_file_that_was_not_read(
    corpus: Any, visitor: Any, patches: dict[str, Diff]
) -> None:
    record(corpus)
    patches[SHA] = Diff(PATCH, unread=(Unread(EVIL.encode(), "NUL in source"),))

    assert "Its content was not read: NUL in source." in visitor.get(f"/changes/{CHANGE}").text
