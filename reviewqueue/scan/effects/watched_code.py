"""Bots that watch a project's dependencies and code: what their settings no longer cover.

A bot is there by its file: without it nothing is watched, and an entry that goes is a folder
or a language of which nobody hears again. Compared as sets: what the same change takes out of
the project need not be watched, and entries that are joined into one still are.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator

from reviewqueue.domain.finding import Side
from reviewqueue.scan.rule import FileView, Hit, View, is_named
from reviewqueue.scan.structure.comments import is_bare, is_comment
from reviewqueue.scan.structure.outline import Entry, outline

ENTRIES = (
    r"\bpackage-ecosystem['\"]?:|^[ \t]*['\"]?director(?:y|ies)['\"]?:|"
    r"\bopen-pull-requests-limit['\"]?:[ \t]*0\b|\benabledManagers\b|"
    r"\bsonar\.(?:sources|projectKey|organization|host)\b|"
    r"\blanguages?['\"]?:[ \t]*[\[\w'\"]|\"enabled\"[ ]*:[ ]*false|\benabled:[ ]*false"
)
"""Triggers: what a bot is to look after, and how it is told to look after nothing."""
_UPDATES = (
    "*dependabot.y*ml",
    "*renovate.json*",
    "*.renovaterc*",
    "*pyup.yml",
    "*greenkeeper.json",
)
_SCANS = (
    "*sonar-project.properties",
    "*.sonarcloud.properties",
    "*.snyk",
    "*codecov.y*ml",
    "*.coveralls.yml",
    "*.codeclimate.yml",
    "*.codacy.y*ml",
    "*.deepsource.toml",
    "*.scrutinizer.yml",
    "*.lgtm.yml",
    "*.whitesource",
    "*.gitguardian.y*ml",
)
_DEPENDABOT = "*dependabot.y*ml"
_RENOVATE = ("*renovate.json*", "*.renovaterc*")
_CODEQL = ("*workflows/*codeql*.y*ml",)
_OF_ONE_KIND = frozenset(
    ("major", "minor", "patch", "pin", "digest", "pindigest", "lockfilemaintenance", "bump")
)
"""What of an update may be left out: everything else is still told."""
_HOMES = frozenset(("", ".github", ".gitlab", ".config", ".circleci"))
"""Where the settings of a whole project are, rather than those of a part that went."""
_ANY = "*"
_MOST = 32
"""Lost entries of which is asked whether the project lost what they were about."""
_MOST_LEFT = 200
"""Files that went among which the root's are looked for."""

Watched = dict[tuple[str, str], Entry]
"""What is looked after, each with the entry that says so."""


def unwatched(view: View) -> Iterator[Hit]:
    """Mark what a bot no longer looks after."""
    for names in (_UPDATES, _SCANS):
        named = [file for file in view.files if is_named(file.path, names)]
        whole = [file for file in named if file.path.rpartition("/")[0] in _HOMES]
        if whole and all(file.status == "D" for file in named):
            yield from _deleted(whole[0])
    for file in view.where(ENTRIES):
        if file.status != "M":
            continue
        if is_named(file.path, (_DEPENDABOT,)):
            yield from _fewer_folders(view, file)
            yield from _switched_off(file)
        elif is_named(file.path, _RENOVATE):
            told = "a bot that watches dependencies looks after fewer kinds"
            yield from _fewer(file, "enabledmanagers", told)
            yield from _switched_off(file)
        elif is_named(file.path, _CODEQL):
            yield from _fewer(file, "language", "a scanner of code looks at fewer languages")


def _deleted(file: FileView) -> Iterator[Hit]:
    for number, text in file.removed_lines():
        if not is_comment(text) and not is_bare(text) and text.strip() != b"---":
            told = "what watches the dependencies or the code is no longer set up"
            yield Hit.on(file, number, text, told, side=Side.OLD)
            return


def _fewer_folders(view: View, file: FileView) -> Iterator[Hit]:
    """Tell folders and ecosystems that no update is offered for any more."""
    was, now = (_folders(outline(file, side)) for side in (Side.OLD, Side.NEW))
    lost = [place for place in was if place not in now]
    gained = [place for place in now if place not in was]
    if len(lost) <= len(gained) or any(_ANY in folder for _, folder in gained):
        return
    left = view.once(_Left)
    for place in lost[:_MOST]:
        if not left.has(*place):
            told = "a bot that watches dependencies has an entry less"
            yield Hit.on(file, was[place].number, was[place].line, told, side=Side.OLD)
            return


def _folders(entries: Iterable[Entry]) -> Watched:
    """Return the pairs of an ecosystem and a folder, as far as the hunks show them."""
    found: Watched = {}
    kind, named = "", None
    for entry in entries:
        if entry.key == "package-ecosystem" and entry.value:
            kind, named = entry.value, entry
            found[(kind, "")] = entry
        elif entry.key in {"directory", "directories"} and entry.value:
            found.pop((kind, ""), None)
            found[(kind, entry.value.rstrip("/") or "/")] = named or entry
    return found


class _Left:
    """What a change takes out of the project: files, and the folders that they were in."""

    def __init__(self, view: View) -> None:
        moved = (file.old_path for file in view.files if file.status == "R")
        paths = [*moved, *(file.path for file in view.files if file.status == "D")]
        self._paths = paths[:_MOST_LEFT]
        # In order, the files below a folder follow its name; a set of all folders of a path
        # would take the square of its length.
        self._sorted = sorted(paths)

    def has(self, kind: str, folder: str) -> bool:
        """Return whether what an ecosystem is about was among it, in a folder or at the root."""
        prefix = folder.strip("/.")
        if prefix:
            below = f"{prefix}/"
            at = bisect_left(self._sorted, below)
            return at < len(self._sorted) and self._sorted[at].startswith(below)
        return any(_is_of(kind, path) for path in self._paths)


def _is_of(kind: str, path: str) -> bool:
    """Return whether a file at the root is what an ecosystem is about."""
    if kind == "gitsubmodule":
        return path == ".gitmodules"
    if kind == "github-actions":
        return path.startswith(".github/workflows/")
    if kind in {"docker", "docker-compose"}:
        return "docker" in path.lower()
    return "/" not in path and path.lower().endswith(
        (".toml", ".txt", ".lock", ".json", ".mod", ".xml", ".gradle", "gemfile", ".tf", ".cfg")
    )


def _fewer(file: FileView, key: str, told: str) -> Iterator[Hit]:
    """Tell a list of what is looked after that has fewer items now."""
    was, now = (_listed(file, side, {key, f"{key}s"}) for side in (Side.OLD, Side.NEW))
    lost = [entry for name, entry in was.items() if name not in now]
    if now and len(lost) > len([name for name in now if name not in was]):
        yield Hit.on(file, lost[0].number, lost[0].line, told, side=Side.OLD)


def _listed(file: FileView, side: Side, keys: set[str]) -> dict[str, Entry]:
    return {
        name: entry
        for entry in outline(file, side)
        if entry.key in keys
        for name in entry.value.replace(",", " ").split()
    }


def _switched_off(file: FileView) -> Iterator[Hit]:
    """Tell bots, or parts of them, that are told to do nothing."""
    is_renovate = is_named(file.path, _RENOVATE)
    for entry in outline(file, Side.NEW):
        if not entry.is_changed:
            continue
        nothing = entry.key == "open-pull-requests-limit" and entry.value == "0"
        if is_renovate and entry.key == "enabled" and entry.value == "false":
            nothing = "packagerules" not in entry.under and _OF_ONE_KIND.isdisjoint(entry.under)
        if nothing:
            yield entry.hit(file, "what watches the dependencies is told to do nothing")
