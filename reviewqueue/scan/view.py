"""The change as the rules' checks see it: what matched where, found when asked for."""

from collections.abc import Iterator
from functools import cached_property, lru_cache

from reviewqueue.domain.finding import Side
from reviewqueue.domain.paths import Label, Labels, labels
from reviewqueue.scan.matcher import Matcher, Sides
from reviewqueue.scan.parser import FilePatch, display
from reviewqueue.scan.rule import FileView, Line, Occasion, Subject, Wake


@lru_cache(maxsize=1 << 14)
def _named(path: bytes) -> tuple[str, Labels]:
    shown = display(path)
    return shown, labels(shown)


class ChangedFile:
    """One file of the change; see FileView."""

    __slots__ = ("_sides", "labels", "patch", "path")

    def __init__(self, patch: FilePatch) -> None:
        """Wrap a parsed file."""
        self.patch = patch
        self.path, self.labels = _named(patch.path)
        self._sides: Sides | None = None

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

    def new(self, trigger: str) -> tuple[Line, ...]:
        """Return the net-new places of an expression."""
        return self._net(trigger, added=True)

    def gone(self, trigger: str) -> tuple[Line, ...]:
        """Return the places of an expression that disappeared."""
        return self._net(trigger, added=False)

    def matches(self, trigger: str, side: Side) -> int:
        """Return on how many lines of one side an expression matches."""
        return self._both().count(trigger, added=side is Side.NEW)

    def _net(self, regex: str, *, added: bool) -> tuple[Line, ...]:
        return self._both().net(regex, added=added)

    def _both(self) -> Sides:
        if self._sides is None:
            self._sides = Sides(self.patch)
        return self._sides


_NONE: list[ChangedFile] = []


class ChangeView:
    """The whole change; see View."""

    def __init__(self, files: tuple[ChangedFile, ...], subject: Subject, matcher: Matcher) -> None:
        """Match every expression against every side of every file."""
        self.subject = subject
        self._files = files
        self._index = matcher.index
        self._fired = matcher.fired
        self._new: dict[int, list[ChangedFile]] = {}
        self._old: dict[int, list[ChangedFile]] = {}
        fired, new, old = matcher.fired, self._new, self._old
        for file in files:
            patch = file.patch
            if patch.added:
                for number in fired(patch.added):
                    new.setdefault(number, []).append(file)
            if patch.removed:
                for number in fired(patch.removed):
                    old.setdefault(number, []).append(file)

    @property
    def files(self) -> tuple[FileView, ...]:
        """Every file of the change."""
        return self._files

    def where(self, *triggers: str, side: Side = Side.NONE) -> tuple[FileView, ...]:
        """Return the files where one of these expressions matched, each once."""
        found: dict[int, FileView] = {}
        for trigger in triggers:
            number = self._index[trigger]
            if side is not Side.OLD:
                found.update((id(file), file) for file in self._new.get(number, _NONE))
            if side is not Side.NEW:
                found.update((id(file), file) for file in self._old.get(number, _NONE))
        return tuple(found.values())

    def labelled(self, *wanted: Label) -> tuple[FileView, ...]:
        """Return the files with one of these labels, before or after."""
        some = frozenset(wanted)
        return tuple(
            file
            for file in self._files
            if not some.isdisjoint(file.labels)
            or (file.patch.status == "R" and not some.isdisjoint(file.old_labels))
        )

    def matched(self, regex: str, *, added: bool) -> list[ChangedFile]:
        """Return the files where one expression matched on one side."""
        return (self._new if added else self._old).get(self._index[regex], _NONE)

    def is_named(self, regex: str) -> bool:
        """Return whether an expression matches in any path, before or after."""
        return self._index[regex] in self._named

    @property
    def fired(self) -> set[int]:
        """The numbers of the expressions that matched anywhere, paths included."""
        return {*self._new, *self._old, *self._named}

    @cached_property
    def paths(self) -> dict[str, None]:
        """Every path, before and after."""
        found = dict.fromkeys(file.path for file in self._files)
        found.update((file.old_path, None) for file in self._files if file.patch.status in "RC")
        return found

    @cached_property
    def occasions(self) -> frozenset[Occasion]:
        """What in the change's names and modes may wake a check."""
        found: set[Occasion] = set()
        for file in self._files:
            found |= file.labels
            patch = file.patch
            if patch.status == "R":
                found |= file.old_labels
            if patch.old_mode != patch.new_mode and patch.old_mode:
                found.add(Wake.MODES)
        subject = self.subject
        if not (self._names.isascii() and f"{subject.branch}{subject.headline}".isascii()):
            found.add(Wake.ODD_NAMES)
        return frozenset(found)

    @cached_property
    def _names(self) -> bytes:
        return "\n".join(self.paths).encode("utf-8", "surrogatepass")

    @cached_property
    def _named(self) -> list[int]:
        return self._fired(self._names)
