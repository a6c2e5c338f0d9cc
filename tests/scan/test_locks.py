"""What a lock says otherwise of a package that keeps its name and its version."""

from collections.abc import Callable, Iterator
from functools import partial

import pytest

from reviewqueue.domain.finding import Severity
from reviewqueue.scan.parser import parse
from reviewqueue.scan.rule import FileView, Hit
from reviewqueue.scan.structure.locks import (
    GO_SUM,
    PINNED,
    foreign,
    misnamed,
    other_owners,
    resummed,
    resummed_below,
    resummed_in_place,
)
from reviewqueue.scan.view import ChangedFile

Marks = Callable[[FileView], Iterator[Hit]]
SUM, OTHER_SUM = "a" * 40, "b" * 40


def changed(path: str, *lines: str) -> ChangedFile:
    """A lock of which a hunk shows these marked lines."""
    old, new = (sum(line[0] != mark for line in lines) for mark in "+-")
    head = (
        f"diff --git a/{path} b/{path}\nindex 1111111..2222222 100644\n"
        f"--- a/{path}\n+++ b/{path}\n@@ -1,{old} +1,{new} @@\n"
    )
    return ChangedFile(parse((head + "\n".join(lines) + "\n").encode())[0])


def address(host: str, name: str) -> str:
    return f'      "resolved": "https://{host}/{name}/-/{name}-1.0.0.tgz"'


def entry(mark: str, name: str, inside: str, host: str) -> list[str]:
    return [f'{mark}    "node_modules/{name}": {{', mark + address(host, inside), f"{mark}    }}"]


@pytest.mark.parametrize(
    ("mark", "path", "lines", "expected"),
    [
        (foreign, "package-lock.json", entry("+", "lathe", "lathe", "203.0.113.7"), [2]),
        (
            foreign,
            "package-lock.json",
            [
                "-" + address("Packages.Oak.example", "oak"),
                *entry("+", "a", "a", "packages.oak.example"),
            ],
            [],
        ),
        (misnamed, "package-lock.json", entry("+", "lathe", "birch", "packages.example"), [2]),
        (misnamed, "package-lock.json", entry("+", "lathe", "lathe", "packages.example"), []),
        (
            other_owners,
            "composer.lock",
            [
                '-  "url": "https://api.github.com/repos/oak/lathe/zipball/1",',
                '+  "url": "https://api.github.com/repos/birch/lathe/zipball/1",',
            ],
            [1],
        ),
        (
            partial(resummed, trigger=GO_SUM),
            "go.sum",
            ["-oak.example/lathe v1.0.0 h1:AAAA=", "+oak.example/lathe v1.0.0 h1:BBBB="],
            [1],
        ),
        (
            partial(resummed, trigger=GO_SUM),
            "go.sum",
            ["-oak.example/lathe v1.0.0 h1:AAAA=", "+oak.example/lathe v1.1.0 h1:BBBB="],
            [],
        ),
        (
            partial(resummed, trigger=PINNED),
            "yarn.lock",
            [
                f'-  resolved "https://packages.example/lathe-1.0.0.tgz#{SUM}"',
                f'+  resolved "https://packages.example/lathe-1.0.0.tgz#{OTHER_SUM}"',
            ],
            [1],
        ),
        (
            resummed_below,
            "Cargo.lock",
            [' version = "1.0.0"', f'-checksum = "{SUM}"', f'+checksum = "{OTHER_SUM}"'],
            [2],
        ),
        (
            resummed_below,
            "Cargo.lock",
            [
                '-version = "1.0.0"',
                f'-checksum = "{SUM}"',
                '+version = "1.1.0"',
                f'+checksum = "{OTHER_SUM}"',
            ],
            [],
        ),
        (
            resummed_in_place,
            "package-lock.json",
            [
                ' "version": "1.0.0",',
                '-"integrity": "sha512-AAAAAAAAAAAA"',
                '+"integrity": "sha512-BBBBBBBBBBBB"',
            ],
            [2],
        ),
        (
            resummed_in_place,
            "package-lock.json",
            [
                '-"version": "1.0.0",',
                '-"integrity": "sha512-AAAAAAAAAAAA"',
                '+"version": "1.1.0",',
                '+"integrity": "sha512-BBBBBBBBBBBB"',
            ],
            [],
        ),
    ],
)
def test_it_marks_what_changes_alone(
    mark: Marks, path: str, lines: list[str], expected: list[int]
) -> None:
    hits = list(mark(changed(path, *lines)))
    assert [hit.line for hit in hits] == expected
    assert all(hit.severity in {None, Severity.HIGH} for hit in hits)
