"""The same change in the midst of its whole file: more is known, and never less is told."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Protocol

import pytest

from reviewqueue.domain.finding import Scan
from reviewqueue.rules import catalogue
from reviewqueue.scan.diff import Diff, FileFacts
from reviewqueue.scan.engine import Scanner
from reviewqueue.scan.parser import parse
from reviewqueue.scan.rule import Subject
from reviewqueue.scan.whole import widened

Scanned = Callable[[Diff], Scan]
Tree = Mapping[bytes, tuple[str, bytes]]

_PATH = b".claude/settings.json"
_COMMAND = b'      "Bash(git push:*)",\n'


class Git(Protocol):
    """See the conftest of this folder."""

    def diff(self, old: Tree, new: Tree, *flags: str) -> tuple[bytes, tuple[FileFacts, ...]]: ...


def settings(allowed: bytes, denied: bytes) -> Tree:
    """Return an agent's lists, with entries so far from their names that no hunk shows these."""
    more = b"".join(b'      "Bash(tool-%d:*)",\n' % number for number in range(8))
    lists = (b'    "allow": [\n', more, allowed, b'      "Read(a)"\n    ],\n')
    other = (b'    "deny": [\n', more, denied, b'      "Read(b)"\n    ]\n')
    text = b"".join((b'{\n  "permissions": {\n', *lists, *other, b"  }\n}\n"))
    return {_PATH: ("100644", text)}


@pytest.fixture(scope="module")
def scanned() -> Scanned:
    """Give the scan of a diff by one rule."""
    rules = [rule for rule in catalogue() if rule.id == "right-reaches-further"]
    scanner = Scanner(rules, b"salt")
    return lambda diff: scanner.scan(diff, Subject())


@pytest.fixture
def both(git: Git) -> Diff:
    """Give a command that is moved from one list to the other, as a patch and as a whole."""
    before, after = settings(b"", _COMMAND), settings(_COMMAND, b"")
    patch, files = git.diff(before, after)
    whole, _ = git.diff(before, after, "--unified=1000")
    return Diff(patch, files, whole=whole)


def test_it_tells_what_no_hunk_shows(scanned: Scanned, both: Diff) -> None:
    assert not scanned(replace(both, whole=b"")).findings
    (finding,) = scanned(both).findings
    assert finding.message.endswith('moved from "deny": [ to "allow": [')
    assert (finding.locations[0].path, finding.locations[0].line) == (_PATH.decode(), 12)


def test_it_keeps_what_is_changed_and_where(both: Diff) -> None:
    (narrow,), (wide,) = parse(both.patch), widened(parse(both.patch), both.whole)
    assert (wide.added, wide.removed, wide.status) == (narrow.added, narrow.removed, "M")
    assert [*wide.added_lines()] == [*narrow.added_lines()]
    assert [*wide.removed_lines()] == [*narrow.removed_lines()]
    assert len(wide.hunks) == 1 < len(narrow.hunks)


@pytest.mark.parametrize(
    "change",
    [
        lambda whole: whole.replace(b"+      ", b"+       "),
        lambda whole: whole.replace(b"-      ", b"-       "),
        lambda whole: whole.replace(_PATH, b"elsewhere.json"),
        lambda whole: whole[:-40],
        lambda _: b"nothing",
    ],
)
def test_what_shows_another_change_is_not_looked_at(
    both: Diff, change: Callable[[bytes], bytes]
) -> None:
    assert widened(parse(both.patch), change(both.whole)) == parse(both.patch)


def test_an_unreadable_patch_stays_unreadable(scanned: Scanned, both: Diff) -> None:
    assert scanned(replace(both, patch=both.patch[:-40])).unscannable
