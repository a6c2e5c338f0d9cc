"""Which lines of a program choose otherwise, and which only read otherwise."""

import pytest

from reviewqueue.domain.finding import Side
from reviewqueue.scan.effects.choices import choices
from reviewqueue.scan.parser import parse
from reviewqueue.scan.view import ChangedFile


def changed(body: str, path: str = "corpus/filter.py") -> ChangedFile:
    lines = body.splitlines()
    old = sum(line[0] in " -" for line in lines)
    new = sum(line[0] in " +" for line in lines)
    head = f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n@@ -1,{old} +1,{new} @@\n"
    (patch,) = parse((head + "\n".join(lines) + "\n").encode())
    return ChangedFile(patch)


def told(body: str) -> list[tuple[int, str]]:
    return [(choice.number, choice.what) for choice in choices(changed(body))]


@pytest.mark.parametrize(
    "body",
    [
        "-    if score > 0.8:\n+    if score > 0.2:",
        "-    return len(words) > LEAST and is_text(doc)\n+    return len(words) > LEAST",
        "-    key = hash(doc.text)\n+    key = hash(doc.url)",
        '-    if "{" or "}" in text:\n+    if "{" in text or "}" in text:',
        "-    kept = scores[:, 0]\n+    kept = scores[0]",
        "-    keep = rank(doc)\n+    keep = bool(rank(doc))",
    ],
)
def test_a_line_that_takes_otherwise_is_a_choice(body: str) -> None:
    assert told(body) == [(1, "changed")]


@pytest.mark.parametrize(
    "body",
    [
        (
            "-    if score > least:\n-        log(least)\n+    if score > lowest:\n"
            "+        log(lowest)\n-    least = 3\n+    lowest = 3"
        ),
        '-    logger.info("kept %d", 3)\n+    logger.info("kept %d of all", 4)',
        "-    # keep 3 of them\n+    # keep 4 of them",
        "-    return keep(doc, limit)\n+    return keep(\n+        doc,\n+        limit,\n+    )",
        "-from corpus import keep\n+from corpus.kept import keep",
        "-def keep(doc, score):\n+def keep(doc: Doc, score: float) -> bool:",
    ],
)
def test_names_wording_and_layout_are_none(body: str) -> None:
    assert told(body) == []


def test_a_condition_that_comes_or_goes_is_one_and_a_new_function_is_not() -> None:
    skips = (
        "     for doc in docs:\n+        if doc.lang_score < 1:\n+            continue\n     done()"
    )
    (choice,) = choices(changed(skips))
    assert (choice.number, choice.side, choice.what) == (2, Side.NEW, "added")
    (choice,) = choices(changed(skips.replace("\n+", "\n-")))
    assert (choice.number, choice.side, choice.what) == (2, Side.OLD, "removed")
    assert told("+def keep(doc):\n+    if doc.lang_score < 1:\n+        return False") == []


def test_a_choice_keeps_the_line_as_it_was() -> None:
    (choice,) = choices(changed("-    if score > 0.8:\n+    if score > 0.2:"))
    assert choice.before == b"    if score > 0.8:"
