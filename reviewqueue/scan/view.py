"""The change as the rules' checks see it: what matched where, found when asked for."""

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import lru_cache
from typing import Any

from reviewqueue.domain.finding import Side
from reviewqueue.domain.paths import Label, Labels, labels
from reviewqueue.scan.matcher import Matcher, Sides
from reviewqueue.scan.parser import FilePatch, display
from reviewqueue.scan.rule import FileView, Line, Occasion, Subject, T, View, Wake

_SILENT: Collection[int] = ()


@lru_cache(maxsize=1 << 14)
def _named(path: bytes) -> tuple[str, Labels]:
    shown = display(path)
    return shown, labels(shown)


class ChangedFile:
    """One file of the change; see FileView."""

    __slots__ = (
        "_known",
        "_matcher",
        "_sides",
        "labels",
        "new_numbers",
        "old_numbers",
        "patch",
        "path",
    )

    def __init__(self, patch: FilePatch, matcher: Matcher | None = None) -> None:
        """Wrap a parsed file, and match the expressions of a catalogue against its sides."""
        self.patch = patch
        self.path, self.labels = _named(patch.new_path or patch.old_path)
        self._sides: Sides | None = None
        self._matcher = matcher
        self._known: dict[tuple[int, Side], bool] | None = None
        self.new_numbers: Collection[int] = _SILENT
        self.old_numbers: Collection[int] = _SILENT
        if matcher:
            if added := patch.added:
                self.new_numbers = matcher.added(added)
            if removed := patch.removed:
                self.old_numbers = matcher.removed(removed)

    def has(self, number: int, side: Side) -> bool:
        """Return whether an expression that may match on a side does."""
        if self._known is None:
            self._known = {}
        known = self._known.get((number, side))
        if known is None:
            text = self.patch.added if side is Side.NEW else self.patch.removed
            known = self._matcher is not None and self._matcher.is_in(number, text)
            self._known[number, side] = known
        return known

    @property
    def old_path(self) -> str:
        """The path before; empty for a new file."""
        return _named(self.patch.old_path)[0]

    @property
    def old_labels(self) -> Labels:
        """The labels of the path before."""
        return _named(self.patch.old_path)[1]

    @property
    def status(self) -> str:
        """A C D M R or T."""
        return self.patch.status

    @property
    def old_mode(self) -> int:
        """0 where there was no file, or it is unknown."""
        return self.patch.old_mode

    @property
    def new_mode(self) -> int:
        """0 where there is no file, or it is unknown."""
        return self.patch.new_mode

    @property
    def added(self) -> bytes:
        """The added lines."""
        return self.patch.added

    @property
    def removed(self) -> bytes:
        """The removed lines."""
        return self.patch.removed

    def added_lines(self) -> Iterator[tuple[int, bytes]]:
        """Yield the added lines with their numbers."""
        return self.patch.added_lines()

    def removed_lines(self) -> Iterator[tuple[int, bytes]]:
        """Yield the removed lines with their numbers."""
        return self.patch.removed_lines()

    def hunks(self) -> Iterator[tuple[int, int, list[bytes]]]:
        """Yield (old start, new start, marked lines) of each hunk."""
        return ((hunk.old_start, hunk.new_start, hunk.lines) for hunk in self.patch.hunks)

    def headings(self) -> Iterator[bytes]:
        """Yield the heading of each hunk, in their order."""
        return (hunk.heading for hunk in self.patch.hunks)

    def new(self, trigger: str) -> tuple[Line, ...]:
        """Return the net-new places of an expression."""
        return self._net(trigger, added=True)

    def gone(self, trigger: str) -> tuple[Line, ...]:
        """Return the places of an expression that disappeared."""
        return self._net(trigger, added=False)

    def matches(self, trigger: str, side: Side) -> int:
        """Return on how many lines of one side an expression matches."""
        return self._both().count(trigger, added=side is Side.NEW)

    def is_overflowing(self, trigger: str, side: Side) -> bool:
        """Return whether the search for an expression was given up; False if none was made."""
        return self._sides is not None and self._sides.overflows(trigger, added=side is Side.NEW)

    def _net(self, regex: str, *, added: bool) -> tuple[Line, ...]:
        return self._both().net(regex, added=added)

    def _both(self) -> Sides:
        if self._sides is None:
            self._sides = Sides(self.patch, self._is_silent)
        return self._sides

    def _is_silent(self, regex: str, added: bool) -> bool:  # noqa: FBT001 -- a callback
        matcher = self._matcher
        number = matcher.index.get(regex) if matcher else None
        if matcher is None or number not in matcher.searched[0 if added else 1]:
            return False
        return number not in (self.new_numbers if added else self.old_numbers)


_NONE: Sequence[ChangedFile] = ()


class ChangeView:
    """The whole change; see View."""

    __slots__ = (
        "_files",
        "_matcher",
        "_said",
        "_there",
        "named",
        "occasions",
        "paths",
        "possible",
        "subject",
    )

    def __init__(self, patches: Sequence[FilePatch], subject: Subject, matcher: Matcher) -> None:
        """Match every expression against every side of every file, and against the names.

        Sets ``paths`` (before and after), ``occasions`` (what in names and modes may wake a
        check), ``named`` (the numbers of the expressions that match a path), and ``possible``
        (by side, the files where each number may match).
        """
        self.subject = subject
        self._matcher = matcher
        self._files = files = tuple([ChangedFile(patch, matcher) for patch in patches])
        self._there: dict[tuple[int, Side], list[ChangedFile]] = {}
        self._said: dict[Callable[[View], Any], Any] = {}
        new: dict[int, list[ChangedFile]] = {}
        old: dict[int, list[ChangedFile]] = {}
        for file in files:
            for number in file.new_numbers:
                new.setdefault(number, []).append(file)
            for number in file.old_numbers:
                old.setdefault(number, []).append(file)
        self.possible = {Side.NEW: new, Side.OLD: old}
        self.paths: dict[str, None]
        self.occasions: frozenset[Occasion]
        self._look_at_names()
        names = "\n".join(self.paths).encode("utf-8", "surrogatepass")
        self.named: Sequence[int] = matcher.names(names) if names else ()

    @property
    def files(self) -> tuple[FileView, ...]:
        """Every file of the change."""
        return self._files

    def where(self, *triggers: str, side: Side = Side.NONE) -> tuple[FileView, ...]:
        """Return the files where one of these expressions matched, each once."""
        found: dict[int, FileView] = {}
        for trigger in triggers:
            if side is not Side.OLD:
                found.update((id(file), file) for file in self._matched(trigger, Side.NEW))
            if side is not Side.NEW:
                found.update((id(file), file) for file in self._matched(trigger, Side.OLD))
        return tuple(found.values())

    def is_there(self, number: int, side: Side) -> bool:
        """Return whether an expression matches on a side of any file."""
        return any(file.has(number, side) for file in self.possible[side].get(number, _NONE))

    def _matched(self, trigger: str, side: Side) -> list[ChangedFile]:
        """Return the files where an expression matched on one side.

        One that wakes its check from the other side only is looked for in all, once.
        """
        number = self._matcher.index[trigger]
        found = self._there.get((number, side))
        if found is None:
            if number in self._matcher.searched[0 if side is Side.NEW else 1]:
                possible = self.possible[side].get(number, _NONE)
                found = [file for file in possible if file.has(number, side)]
            else:
                found = [file for file in self._files if file.matches(trigger, side)]
            self._there[number, side] = found
        return found

    def labelled(self, *wanted: Label) -> tuple[FileView, ...]:
        """Return the files with one of these labels, before or after."""
        some = self.occasions.intersection(wanted)
        if not some:
            return ()
        return tuple(
            file
            for file in self._files
            if not some.isdisjoint(file.labels)
            or (file.patch.status == "R" and not some.isdisjoint(file.old_labels))
        )

    def once(self, asked: Callable[[View], T]) -> T:
        """Return what a function says of the change, asked the first time only."""
        if asked not in self._said:
            self._said[asked] = asked(self)
        said: T = self._said[asked]
        return said

    def overflowing(self, trigger: str) -> Iterator[tuple[FileView, Side]]:
        """Yield the files, and their sides, with more matches than were looked at."""
        number = self._matcher.index[trigger]
        for side, files in self.possible.items():
            for file in files.get(number, _NONE):
                if file.is_overflowing(trigger, side):
                    yield file, side

    def _look_at_names(self) -> None:
        """Match the paths, and note what else may wake a check."""
        paths: dict[str, None] = {}
        occasions: set[Occasion] = set()
        for file in self._files:
            patch = file.patch
            paths[file.path] = None
            occasions |= file.labels
            if patch.status == "R" or patch.status == "C":  # noqa: PLR1714 -- for every file
                paths[file.old_path] = None
                occasions |= file.old_labels
            if patch.old_mode != patch.new_mode and patch.old_mode:
                occasions.add(Wake.MODES)
        if not ("".join(paths).isascii() and self.subject.is_ascii):
            occasions.add(Wake.ODD_NAMES)
        self.paths = paths
        self.occasions = frozenset(occasions)
