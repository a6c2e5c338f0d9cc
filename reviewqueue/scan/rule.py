r"""What a rule is: one file, its explanation, and patterns as data or a check.

A rule's module docstring carries the headings of :data:`HEADINGS`; its ``RULE`` names
what it catches. Patterns are RE2 over bytes (Latin-1): no look-around, no backreference,
so that no rule can hang a scan; ``(?m)`` is implied. Write ``[^\n]`` rather than ``.``
where a class is meant, and remember that ``\s`` crosses lines on purpose.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Protocol, TypeVar

import re2

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, Labels, fold, read_by_machines

HEADINGS = ("What it flags", "Why it matters", "How to review it", "Not flagged", "Seen in")


T = TypeVar("T")

_SHOWN = 2_000
"""Bytes of a line that are kept as text; identity covers all of it."""
_SHORT = 64
"""Bytes of a line that is its own identity; a longer one's is its hash."""


class RuleError(Exception):
    """A rule cannot be used; the message names it and says why."""


class Stability(StrEnum):
    """Where a rule is in its life; preview rules inform and never gate."""

    PREVIEW = "preview"
    STABLE = "stable"


class On(StrEnum):
    """What a pattern is matched against."""

    ADDED = "added"
    """Added lines, net-new: the same text was not removed from the same file."""
    REMOVED = "removed"
    """Removed lines, net-gone: the same text was not added to the same file."""
    PATH = "path"
    BRANCH = "branch"
    TITLE = "title"


class Wake(StrEnum):
    """What, besides labels and matches, may wake a check."""

    MODES = "a file's mode changed"
    ODD_NAMES = "a path, the branch or the title is not plain ASCII"


Occasion = Label | Wake


class Capability(StrEnum):
    """What code gains by what a rule found; two that fit together weigh more."""

    DECODES = "decodes hidden content"
    EXECUTES = "executes"
    READS_SECRETS = "reads secrets"
    SENDS = "sends data out"
    PERSISTS = "stays after the task"
    HIDES = "hides itself"


@dataclass(frozen=True, slots=True)
class Pattern:
    """One RE2 expression, where it applies, and what a match means."""

    regex: str
    message: str
    """One sentence part: what was found and why it matters."""
    on: On = On.ADDED
    line: str = ""
    """The whole matched lines must match this, too; asked only of what was located, so
    that the expression all files are searched for can be a rare word."""
    only: Labels = frozenset()
    """Applies only where the path has one of these labels; empty for everywhere."""
    never: Labels = frozenset()
    """Does not apply where the path has one of these labels."""
    globs: tuple[str, ...] = ()
    """Applies only to paths (folded: lower case) that match one; empty for every path."""
    noted: str = ""
    """Whole matched lines that match this, too, weigh low."""
    slight: Labels = frozenset()
    """A match weighs low where the path has one of these labels, unless machines read it."""
    severity: Severity | None = None
    """Instead of the rule's own."""

    def severity_of(self, line: "Line", found: Labels = frozenset()) -> Severity | None:
        """Return what a matched line in a path with these labels weighs; None: as the rule says."""
        if not (self.slight.isdisjoint(found) or read_by_machines(found)):
            return Severity.LOW
        is_noted = self.noted and expression(self.noted).search(line.whole)
        return Severity.LOW if is_noted else self.severity

    def applies(self, path: str, found: Labels) -> bool:
        """Return whether the pattern is meant for a path with these labels."""
        if self.only and self.only.isdisjoint(found):
            return False
        if not self.never.isdisjoint(found):
            return False
        return not self.globs or is_named(path, self.globs)


@lru_cache(maxsize=1 << 12)
def is_named(path: str, globs: tuple[str, ...]) -> bool:
    """Return whether a path, as a lax file system finds it, matches one of the globs."""
    return any(fnmatchcase(fold(path), glob) for glob in globs)


class Line(Protocol):
    """A place where an expression matched."""

    @property
    def number(self) -> int | None:
        """1-based on the side; None for all places beyond a file's ten thousandth together."""

    @property
    def text(self) -> str:
        """The whole matched line or lines, decoded, stripped, at most some kilobytes."""

    @property
    def whole(self) -> bytes:
        """The matched line or lines, however long."""

    @property
    def key(self) -> bytes:
        """What tells this place from another: its text with white space folded."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a change says of itself; hostile text like the rest."""

    message: str = ""
    branch: str = ""
    title: str = ""

    @property
    def is_ascii(self) -> bool:
        """Whether branch and headline are plain ASCII."""
        return self.branch.isascii() and self.headline.isascii()

    @property
    def headline(self) -> str:
        """The title, or the message's first line where there is none."""
        return self.title or self.message.strip().split("\n", 1)[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One place that a rule marks."""

    message: str
    text: str
    """The evidence, unmasked; the engine masks it before anybody sees it."""
    path: str = ""
    """Empty where the hit is about the whole change."""
    line: int | None = None
    side: Side = Side.NONE
    severity: Severity | None = None
    """Instead of the rule's own."""
    confidence: Confidence | None = None
    discountable: bool = False
    """Weighs one level less in prose; a match of a pattern does."""
    key: bytes = b""
    """Identity of the place; the folded text where empty."""

    @classmethod
    def on(  # noqa: PLR0913 -- the last three are by name
        cls,
        file: "FileView",
        number: int | None,
        text: bytes,
        message: str,
        *,
        side: Side = Side.NEW,
        severity: Severity | None = None,
        confidence: Confidence | None = None,
        discountable: bool = False,
    ) -> "Hit":
        """Return the hit of a line that a check read itself; its identity covers all of it."""
        return cls(
            message=message,
            text=text[:_SHOWN].decode("utf-8", "replace").strip(),
            path=file.path,
            line=number,
            side=side,
            severity=severity,
            confidence=confidence,
            discountable=discountable,
            key=identity(text),
        )

    @classmethod
    def at(  # noqa: PLR0913 -- the last three are by name
        cls,
        file: "FileView",
        line: Line,
        message: str,
        *,
        side: Side = Side.NEW,
        severity: Severity | None = None,
        discountable: bool = False,
    ) -> "Hit":
        """Return the hit of a line that a trigger found."""
        return cls(
            message=message,
            text=line.text,
            path=file.path,
            line=line.number,
            side=side,
            severity=severity,
            discountable=discountable,
            key=line.key,
        )


class FileView(Protocol):
    """One file of the change, as a rule's check sees it."""

    @property
    def path(self) -> str:
        """The new path (the old one of a deleted file), safe to show."""

    @property
    def old_path(self) -> str:
        """The path before; empty for a new file."""

    @property
    def labels(self) -> Labels:
        """The labels of :attr:`path`."""

    @property
    def old_labels(self) -> Labels:
        """The labels of :attr:`old_path`."""

    @property
    def status(self) -> str:
        """A C D M R or T."""

    @property
    def old_mode(self) -> int:
        """0 where there was no file, or it is unknown."""

    @property
    def new_mode(self) -> int:
        """0 where there is no file, or it is unknown."""

    @property
    def added(self) -> bytes:
        r"""The added lines, each ended by ``\n``."""

    @property
    def removed(self) -> bytes:
        r"""The removed lines, each ended by ``\n``."""

    def added_lines(self) -> Iterator[tuple[int, bytes]]:
        """Yield (1-based new line number, text) of each added line."""

    def removed_lines(self) -> Iterator[tuple[int, bytes]]:
        """Yield (1-based old line number, text) of each removed line."""

    def hunks(self) -> Iterator[tuple[int, int, list[bytes]]]:
        """Yield (old start, new start, lines with their marker) of each hunk."""

    def headings(self) -> Iterator[bytes]:
        """Yield what git wrote behind each hunk's numbers: the function's first line, mostly."""

    def new(self, trigger: str) -> tuple[Line, ...]:
        """Return the net-new places of one of the rule's triggers."""

    def gone(self, trigger: str) -> tuple[Line, ...]:
        """Return the places of one of the rule's triggers that disappeared."""

    def matches(self, trigger: str, side: Side) -> int:
        """Return on how many lines of a side one of the triggers matches, new or not."""


class View(Protocol):
    """The whole change, as a rule's check sees it."""

    @property
    def files(self) -> tuple[FileView, ...]:
        """Every file of the change."""

    @property
    def subject(self) -> Subject:
        """What the change says of itself."""

    def where(self, *triggers: str, side: Side = Side.NONE) -> tuple[FileView, ...]:
        """Return the files where one of these triggers matched: on a side, or on either.

        A match need not be net-new: ask the file.
        """

    def labelled(self, *wanted: Label) -> tuple[FileView, ...]:
        """Return the files with one of these labels, before or after the change."""

    def once(self, asked: Callable[["View"], T]) -> T:
        """Return what a function says of the change: the first time it, then the same again.

        For what costs a pass over all text, and several rules ask.
        """


Check = Callable[[View], Iterator[Hit]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing that is caught, with the words to explain it."""

    id: str
    """The file's name with ``-`` for ``_``: stable for ever."""
    pathway: Pathway
    severity: Severity
    confidence: Confidence
    stability: Stability
    summary: str
    """What is caught, as the end of "this change …": a verb in the third person."""
    patterns: tuple[Pattern, ...] = ()
    triggers: tuple[str, ...] = ()
    """Expressions that wake the check where they match, on either side."""
    added_triggers: tuple[str, ...] = ()
    """Likewise, but a match on the removed side alone does not wake it."""
    removed_triggers: tuple[str, ...] = ()
    """Likewise, but a match on the added side alone does not wake it."""
    wakes: frozenset[Occasion] = frozenset()
    """Labels of a path, and other facts, that wake the check; without any, and without
    triggers, it sees every change."""
    check: Check | None = None
    capability: Capability | None = None
    in_place: bool = False
    """What it marks does something only where it is looked for: low in a test's specimen."""
    version: int = 1
    """Counted up whenever what is flagged changes."""
    budget: float = 0.01
    """At most this share of honest commits may carry it at medium or above."""
    built_in: bool = False
    """Found by the engine itself; the file only explains it."""
    docs: str = ""
    """The module's docstring, filled in by the catalogue."""
    source: str = ""
    """SHA-256 of the module's file, filled in by the catalogue."""

    @property
    def all_triggers(self) -> tuple[str, ...]:
        """Every expression that may wake the check."""
        return (*self.triggers, *self.added_triggers, *self.removed_triggers)

    @property
    def matched(self) -> tuple[str, ...]:
        """Every pattern's expression that is matched against content or paths."""
        return tuple(p.regex for p in self.patterns if p.on not in {On.BRANCH, On.TITLE})

    @property
    def expressions(self) -> tuple[str, ...]:
        """Every expression that is matched against content or paths."""
        return (*self.matched, *self.all_triggers)

    @property
    def sees_every_change(self) -> bool:
        """Whether nothing in particular wakes its check."""
        return self.check is not None and not self.all_triggers and not self.wakes


def identity(text: bytes) -> bytes:
    """Return what tells a place from another: its text with white space folded, or its hash."""
    folded = b" ".join(text.split()).rstrip(b",;")
    return folded if len(folded) <= _SHORT else blake2b(folded, digest_size=32).digest()


def sections(docs: str) -> dict[str, str]:
    """Split a rule's docstring into its headings' texts, in order, each dedented.

    The part before the first heading is under the empty name.
    """
    found: dict[str, list[str]] = {"": []}
    current = ""
    for line in docs.splitlines():
        if line.strip() in HEADINGS and not line.startswith(" "):
            current = line.strip()
            found[current] = []
        else:
            found[current].append(line.removeprefix("    "))
    return {name: "\n".join(lines).strip() for name, lines in found.items()}


def validate(rule: Rule) -> None:
    """Raise RuleError unless the rule is complete."""
    present = sections(rule.docs)
    if missing := [heading for heading in HEADINGS if not present.get(heading)]:
        raise RuleError(f"rule {rule.id}: the docstring lacks {', '.join(missing)}")
    if not (rule.patterns or rule.check or rule.built_in):
        raise RuleError(f"rule {rule.id}: neither patterns nor a check")


def options() -> Any:  # noqa: ANN401 -- re2 ships no types
    """Return the matching options: bytes as Latin-1, silent, memory bounded."""
    chosen = re2.Options()
    chosen.encoding = re2.Options.Encoding.LATIN1
    chosen.log_errors = False
    chosen.max_mem = 256 << 20
    return chosen


def encoded(regex: str) -> bytes:
    """Return the expression as the bytes that are compiled, ``(?m)`` in front.

    Raises RuleError on characters outside ASCII: content is matched as bytes.
    """
    try:
        return b"(?m)" + regex.encode("ascii")
    except UnicodeEncodeError as error:
        raise RuleError(f"expression {regex!r} is not ASCII: match such text in a check") from error


@lru_cache(maxsize=1 << 13)
def expression(regex: str) -> Any:  # noqa: ANN401 -- re2 ships no types
    """Return the compiled RE2 expression; RuleError where RE2 does not know the syntax."""
    try:
        return re2.compile(encoded(regex), options=options())
    except re2.error as error:
        raise RuleError(f"expression {regex!r} is not RE2: {error}") from error
