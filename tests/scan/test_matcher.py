"""What fired, what is new, and on which line."""

from itertools import chain, repeat

import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewqueue.scan.matcher import Matcher, Sides
from reviewqueue.scan.parser import FilePatch, parse
from reviewqueue.scan.rule import RuleError, expression

CALL = r"post\("


def patch(old: bytes, new: bytes, start: int = 1, context: bytes = b"") -> FilePatch:
    """Return one file whose old lines are replaced by the new ones."""
    body = b"".join(b" %s\n" % line for line in context.splitlines())
    body += b"".join(b"-%s\n" % line for line in old.split(b"\n")[:-1])
    body += b"".join(b"+%s\n" % line for line in new.split(b"\n")[:-1])
    before = old.count(b"\n") + len(context.splitlines())
    after = new.count(b"\n") + len(context.splitlines())
    head = b"diff --git a/f b/f\nindex 1111111..2222222 100644\n--- a/f\n+++ b/f\n"
    hunk = b"@@ -%d,%d +%d,%d @@\n" % (start, before, start, after)
    (file,) = parse(head + hunk + body)
    return file


def numbers(file: FilePatch, regex: str, *, added: bool = True) -> list[int | None]:
    return [place.number for place in Sides(file).net(regex, added=added)]


def test_it_says_which_expressions_match_anywhere() -> None:
    matcher = Matcher([[r"^foo", r"bar$", "(?i)BAZ", "qux"]])
    assert sorted(matcher.matching(b"x\nfoo bar\nbaz\n", added=True)) == [0, 1, 2]
    assert matcher.matching(b"nothing\n", added=True) == []
    assert matcher.matching(b"", added=True) == []


def test_it_counts_an_expression_that_two_rules_share_once() -> None:
    matcher = Matcher([["a", "b", "a"]])
    assert matcher.regexes == ("a", "b")
    assert matcher.index == {"a": 0, "b": 1}


def test_it_matches_bytes_that_are_no_text() -> None:
    assert Matcher([[r"a\xffb"]]).matching(b"a\xffb\n", added=True) == [0]
    assert Matcher([["evil"]]).matching(b"\x80\xfe evil \xff\n", added=True) == [0]


@pytest.mark.parametrize("regex", [r"(?=a)", r"(a)\1", r"(?<!a)b", "(", "ä"])
def test_it_refuses_what_is_not_re2(regex: str) -> None:
    with pytest.raises(RuleError):
        expression(regex)
    with pytest.raises((RuleError, re2.error)):
        Matcher([[regex]])


def test_it_finds_the_line_of_each_new_match() -> None:
    file = patch(b"old\n", b"a\npost(1)\nb\npost(2)\n", start=10, context=b"c\nd\n")
    assert numbers(file, CALL) == [13, 15]


def test_it_finds_the_line_over_several_hunks() -> None:
    head = b"diff --git a/f b/f\nindex 1111111..2222222 100644\n--- a/f\n+++ b/f\n"
    first = b"@@ -1,2 +1,3 @@\n a\n+post(1)\n b\n"
    second = b"@@ -40,2 +41,3 @@\n y\n+x\n-z\n+post(2)\n"
    (file,) = parse(head + first + second)
    assert numbers(file, CALL) == [2, 43]


def test_it_leaves_out_what_only_moved_or_was_indented() -> None:
    file = patch(b"post(1)\nb\n", b"b\n    post(1)\n")
    assert numbers(file, CALL) == []
    assert numbers(file, CALL, added=False) == []


def test_it_sees_a_call_whose_destination_alone_changed() -> None:
    file = patch(b'post("https://ours/x")\n', b'post("https://theirs/x")\n')
    assert numbers(file, CALL) == [1]
    assert numbers(file, CALL, added=False) == [1]


def test_it_sees_what_was_once_and_is_now_twice() -> None:
    file = patch(b"post(1)\n", b"post(1)\na\npost(1)\n")
    assert numbers(file, CALL) == [3]


def test_it_sees_what_disappeared() -> None:
    file = patch(b"a\nassert x\nassert y\n", b"assert x\n", start=5)
    assert numbers(file, "assert", added=False) == [7]


def test_it_gives_one_place_for_each_line() -> None:
    file = patch(b"a\n", b"post(1); post(2)\n")
    assert numbers(file, CALL) == [1]


def test_it_matches_over_lines_and_gives_the_first() -> None:
    file = patch(b"a\n", b"x\npost(\n  'there'\n)\n")
    (place,) = Sides(file).net(r"post\(\s*'there'", added=True)
    assert place.number == 2
    assert place.text == "post(\n  'there'"


def test_it_shows_a_very_long_line_from_the_matched_word_on() -> None:
    file = patch(b"a\n", b"x " * 5_000 + b"prefix=post(1) " + b"y" * 5_000 + b"\n")
    (place,) = Sides(file).net(CALL, added=True)
    assert place.text.startswith("prefix=post(1)")
    assert len(place.text) == 2_000


def test_it_tells_long_lines_apart_by_their_end() -> None:
    long = b"post(" + b"x" * 9_000
    file = patch(long + b"1\n", long + b"2\n")
    assert numbers(file, CALL) == [1]


LINES = st.lists(
    st.sampled_from(
        [b"post(1)", b"  post(1)", b"post(2)", b"", b"a", b"\r", b"\xff", b"post(\x0c)"]
    ),
    min_size=1,
    max_size=12,
)


@settings(deadline=None)
@given(LINES, LINES)
def test_it_agrees_with_counting_lines_by_hand(old: list[bytes], new: list[bytes]) -> None:
    file = patch(b"".join(x + b"\n" for x in old), b"".join(x + b"\n" for x in new))
    before = [b" ".join(line.split()) for line in old if b"post(" in line]
    expected = []
    for number, line in zip(chain(range(1, len(new) + 1), repeat(0)), new, strict=False):
        folded = b" ".join(line.split())
        if b"post(" in line and folded in before:
            before.remove(folded)
        elif b"post(" in line:
            expected.append(number)
    assert numbers(file, CALL) == expected


def test_it_compares_the_text_after_ten_thousand_matches_as_one_piece() -> None:
    many = b"".join(b"post(%d)\n" % number for number in range(10_500))
    other = many.replace(b"post(10499)", b"post(0)")
    assert Sides(patch(many, many)).net(CALL, added=True) == ()
    (rest,) = Sides(patch(many, other)).net(CALL, added=True)
    assert (rest.number, rest.text) == (None, "more places than are looked at one by one")
