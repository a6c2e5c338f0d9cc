"""Lines that only speak, and lines that only begin as if they did."""

import pytest

from reviewqueue.scan.structure.comments import acting, is_bare, is_comment


@pytest.mark.parametrize(
    "text",
    [
        b"  # if a",
        b"#",
        b"// x",
        b" * @return",
        b" */",
        b"<!-- x",
        b"-- drop",
        b"% x",
        b"REM x",
        b"/* x */",
        b"/* x",
        b'"""Open the door."""',
        b"'''Open the door.",
        b"# a\n\n# b",
    ],
)
def test_it_knows_comments(text: bytes) -> None:
    assert is_comment(text)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\n\n",
        b"#[test]",
        b"#!/bin/sh",
        b"#define GO() run(door)",
        b"# define GO(x) run(x)",
        b"#include <door.h>",
        b"*pointer = 1",
        b"--count",
        b"%x(open door)",
        b"/* x */ run(door)",
        b"/**/ run(door)",
        b'""" x """; run(door)',
        b"# a\nrun(door)",
    ],
)
def test_it_takes_no_code_for_a_comment(text: bytes) -> None:
    assert not is_comment(text)


def test_it_is_quick_where_a_comment_seems_to_end_again_and_again() -> None:
    assert not is_comment(b"/*" + b"* /" * 100_000 + b"*/ run(door)")


def test_brackets_alone_do_nothing() -> None:
    assert all(map(is_bare, (b"", b" \t", b"});", b"  ],\r")))
    assert not any(map(is_bare, (b"end", b"{ x", b"#", b"...")))


def test_it_counts_the_lines_that_do_something() -> None:
    assert acting(b"") == acting(b"\n \r\n# a\n  // b\n") == 0
    assert acting(b"a = 1  # b\n\n#define A 1\n'c'\n<!-- d -->") == 3
