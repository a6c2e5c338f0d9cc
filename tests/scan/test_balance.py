"""What a change lost and what it kept, however much is asked."""

import time

from reviewqueue.scan.effects.balance import Balance
from reviewqueue.scan.effects.guards import loses_words
from reviewqueue.scan.parser import parse
from reviewqueue.scan.view import ChangedFile


def changed(old: list[str], new: list[str]) -> ChangedFile:
    head = f"diff --git a/f.py b/f.py\n--- a/f.py\n+++ b/f.py\n@@ -1,{len(old)} +1,{len(new)} @@\n"
    lines = [*(f"-{line}" for line in old), *(f"+{line}" for line in new)]
    return ChangedFile(parse((head + "\n".join(lines) + "\n").encode())[0])


def test_it_answers_many_questions_as_it_answers_each() -> None:
    old = ["if safe(a) and a.b$c:", "  keep 1.5", "quote(a)", "deny 2.5", "", "x.y", "safe"]
    files = [
        changed(old, ["    keep 1.5", "deny()"]),
        changed(["quote(a)"], ["quote(a)", "if safe(a)"]),
    ]
    words = b"safe quote a b$c b keep deny x.y x unheard if ( and 1.5 2.5 3.5".split()
    lines = [line.encode() for line in ["keep 1.5", "deny", "quote(a)", "", "x", *old]]
    texts = [b"safe(", b"denied deny", b"quote(a)", b"x", b"allowed"]
    asked = Balance(files)
    for _ in range(2):
        for word in words:
            assert asked.is_lost(word) == Balance(files).is_lost(word), word
        for line in lines:
            assert asked.keeps(line) == Balance(files).keeps(line), line
        for text in texts:
            assert loses_words(asked, text) == loses_words(Balance(files), text), text


def test_a_word_is_lost_where_it_stands_less_often() -> None:
    balance = Balance([changed(["a 1.5 b", "a"], ["a 1.5"])])
    assert balance.is_lost(b"a")
    assert balance.is_lost(b"b")
    assert not balance.is_lost(b"1.5")
    assert not balance.is_lost(b"c")


def test_beyond_many_words_every_other_one_counts_as_lost() -> None:
    words = [f"deny{number}" for number in range(400)]
    balance = Balance([changed(words, words)])
    lost = [balance.is_lost_anyhow(word.encode()) for word in words]
    assert lost == [False] * 300 + [True] * 100


def cost(size: int) -> float:
    words = [f"1.{number}" for number in range(size)]
    balance = Balance([changed([" ".join(words)], [" ".join(words)])])
    started = time.process_time()
    assert not any(balance.is_lost(word.encode()) for word in words)
    assert balance.is_lost_anyhow(b"x") is False
    return time.process_time() - started


def test_its_cost_grows_with_the_size() -> None:
    assert any(cost(40_000) <= 8 * cost(10_000) for _ in range(3))
