r"""A stranger's package, newly taken in and run at once.

What it flags
    A new dependency of a program that is no widely used name, where the same change loads it
    and one more thing speaks against it: the rest of the change is small, so that what is new
    is inside the package, and the change's own words leave it out (low, where they name it);
    it is loaded for its effect alone; its version says that it is just
    born; its name says that it installs, updates or tracks; it is loaded where keys, wallets or
    passwords are handled; or the program gets more rights at the same time.
    Also a new dependency whose name continues that of one beside it (`-utils`, `-helper`,
    `-core`), and, where keys are handled, such a package that is newly loaded. Where no
    manifest of the change names it, a stranger's package that is only loaded.

Why it matters
    The few lines that load it are all that a reviewer sees. What runs from now on, with the
    program's rights, is written and can be changed by whoever owns that name.

How to review it
    Look the package up: its age, its owner, its source, how many use it. Read it; it is small.
    Ask what it does that the few lines here could not.

Not flagged
    Widely used packages and those of known houses, packages under a scope (`@owner/name`), new
    manifests, what only tests load, style sheets; another major version of a module, packages of
    the same repository.

Seen in
    ATT&CK T1195.001 (compromise of dependencies and tools); flatmap-stream taken into
    event-stream 3.3.6 (2018), electron-native-notify taken into the Agama wallet (2019),
    peacenotwar taken into node-ipc (CVE-2022-23812).
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, fold, set_aside
from reviewqueue.scan.rule import FileView, Hit, Rule, Stability, View, expression
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.hunks import shown
from reviewqueue.scan.structure.kinds import is_code
from reviewqueue.scan.structure.packages import is_known, named

_TAKEN_IN = 3
"""New dependencies of one manifest beyond which none of them is hidden."""
_MOST = 12
"""Strangers of one change beyond which it is about more than one of them."""
_SMALL = 150
"""Added lines of programs up to which the package is the change."""
_LARGE = 600
"""Added lines of programs beyond which words for keys stand in every change."""
_LITTLE = "there is little else in the change"
_LOOKED_AT = 2_000
"""Added lines of a manifest, and lines of one of its hunks, that are read."""
_ASIDE = frozenset({Label.MANIFEST, Label.TEST, Label.VENDORED})
_SPOKEN = 4
"""Letters of a part of a name beyond which a text that names the package says it."""
_MAJOR = re.compile(r"/v\d+$")
"""What of a module's name in Go is its version."""
_OWN = re.compile(rb"workspace:|\bpath\s*=\s*\"|[\"'](?:file|link):")
"""A package that stands in the same repository."""
_REFERENCE = r"<PackageReference\s+Include="
_PROJECTS = ("proj", ".props", ".targets")
_YOUNG = re.compile(rb"[\"'=:\s]\s*[\^~>=]*(?:0\.0\.\d|[\"'](?:\*|latest|x)[\"'])")
_ACTS = re.compile(
    r"(?:^|[-_.])(?:(?:un)?install(?:er|s)?|updater?|autoupdate|track(?:er|ing)?|telemetry|"
    r"analytics|miner|sponsor(?:link|s)?|inject(?:or)?|loader|downloader|bootstrapp?er)(?:$|[-_.])"
)
_KEYS = (
    r"(?i)wallet|mnemonic|seed_?phrase|private_?key|secret_?key|key_?(?:store|pair|ring|vault)|"
    r"passw(?:or)?d|passphrase|credential|\bsign(?:er|ing|transaction|message)\b|payment|checkout"
)
_RIGHTS = (
    r"\btarget['\"]?\s*:\s*['\"](?:electron|node)|\bnodeIntegration\w*['\"]?\s*:\s*true|"
    r"\bcontextIsolation['\"]?\s*:\s*false|\bsandbox['\"]?\s*:\s*false|\ballowRunning\w+|"
    r"<uses-permission|\"permissions\"\s*:"
)
_STYLE = re.compile(
    r"css|style|theme|font|icon|polyfill|shim|setup|register|jest|vitest|types?$|dotenv|regenerator"
)
_MORE = r"(?:utils?|helpers?|core|js|lib|tools?|extras?|common|sdk|api|plus|native|wrapper)"
_CONTINUES = rf"-{_MORE}['\"]\)?;?\r?$"
_CONTINUING = re.compile(rf"[-_.]{_MORE}$")
_BARE = r"^(?:require\(['\"][a-z][\w.-]*['\"]\)|import ['\"][a-z][\w-]*['\"]);?\r?$"
_TAKING = (".go", ".dart", ".swift", ".sol", ".proto")
"""Files where to load by a bare name is to take what the package has."""
_LOADED = re.compile(
    rb"(?:\brequire\s*\(?\s*|\bfrom\s+|\bimport\s*\(?\s*)['\"]([\w.@/-]{3,80})['\"]"
)


class _New(NamedTuple):
    """A dependency that a manifest newly names."""

    number: int
    text: bytes
    name: str


def check(view: View) -> Iterator[Hit]:
    """Mark new dependencies that are used at once, where something speaks against them."""
    yield from _continued(view)
    yield from _loaded_alone(view)
    projects = (
        f for f in view.where(_REFERENCE, side=Side.NEW) if fold(f.path).endswith(_PROJECTS)
    )
    manifests = (*view.labelled(Label.MANIFEST), *projects)
    few: list[tuple[FileView, _New]] = []
    marked: set[str] = set()
    for file in dict.fromkeys(manifests):
        count, strangers = _strangers(file)
        beside = _names(file) if strangers else frozenset()
        for new in strangers:
            before = _continues(new.name)
            if before in beside and new.name not in marked:
                marked.add(new.name)
                told = f"{new.name} continues the name of {before}: is it of the same owner?"
                yield Hit.on(file, new.number, new.text, told)
        if count <= _TAKEN_IN:
            few.extend((file, new) for new in strangers)
    if 0 < len(few) <= _MOST:
        left = [(file, new) for file, new in few if new.name not in marked]
        yield from _used_at_once(view, left)


def _used_at_once(view: View, strangers: Sequence[tuple[FileView, _New]]) -> Iterator[Hit]:
    """Mark strangers that a program loads in the same change, where more speaks against them."""
    programs = tuple(_programs(view))
    seen: set[str] = set()
    for file, new in strangers:
        users = [one for one in programs if _uses(one.added.lower(), new)]
        if new.name in seen or not users:
            continue
        against = _against(view, new, users, programs)
        if against or _size(programs) <= _SMALL:
            seen.add(new.name)
            told = f"{new.name} is newly taken in and run at once: {against or _LITTLE}"
            severity = None if against else Severity.LOW
            yield Hit.on(file, new.number, new.text, told, severity=severity)


def _strangers(file: FileView) -> tuple[int, Sequence[_New]]:
    """Return how many packages a manifest newly names, and the strangers among them."""
    if file.status != "M" or {Label.TEST, Label.VENDORED} & file.labels:
        return 0, ()
    new = [
        _New(number, text, name)
        for number, text in islice(file.added_lines(), _LOOKED_AT)
        if (name := named(file, text)) and not name.startswith("@")
    ]
    if not new:
        return 0, ()
    old = {_MAJOR.sub("", name) for _, text in file.removed_lines() if (name := named(file, text))}
    new = [one for one in new if _MAJOR.sub("", one.name) not in old and not _OWN.search(one.text)]
    strangers = [one for one in new if not is_known(file.path, one.name)]
    return len(new), strangers


def _continues(name: str) -> str:
    """Return the name that another one continues; empty for none."""
    return name[: found.start()] if (found := _CONTINUING.search(name)) else ""


def _names(file: FileView) -> frozenset[str]:
    """Return the packages that the lines of a manifest's hunks name, on either side."""
    names = {named(file, line[1:]) for _, _, lines in file.hunks() for line in lines[:_LOOKED_AT]}
    return frozenset(names - {""})


def _programs(view: View) -> Iterator[FileView]:
    """Yield the changed files that may load a package."""
    for file in view.files:
        if file.added and is_code(file) and not _ASIDE & file.labels:
            yield file


def _against(view: View, new: _New, users: Sequence[FileView], programs: Sequence[FileView]) -> str:
    """Return what speaks against a new dependency; empty for nothing."""
    if any(_only_loads(file, new.name) for file in users):
        return "it is loaded for its effect alone"
    if _ACTS.search(new.name):
        return "its name says that it installs, updates or tracks"
    if any(map(_handles_keys, users)) and _size(programs) <= _LARGE:
        return "where keys or passwords are handled"
    if _YOUNG.search(new.text):
        return "its version says that it has only just begun"
    return _beside(view, new, programs)


def _beside(view: View, new: _New, programs: Sequence[FileView]) -> str:
    """Return what the rest of the change tells against a new dependency; empty for nothing."""
    if any(expression(_RIGHTS).search(file.added) for file in programs):
        return "and the program gets more rights in the same change"
    # Where much is new, a package that nobody names is one of the things it needs.
    if _size(programs) <= _SMALL and not _is_named(view, new.name):
        return "there is little else in the change, and it does not name it"
    return ""


def _size(programs: Sequence[FileView]) -> int:
    """Return how many lines the programs of the change gain."""
    return sum(file.added.count(b"\n") for file in programs)


def _is_named(view: View, name: str) -> bool:
    """Return whether the change's own words name a package."""
    words = f"{view.subject.title}\n{view.subject.message}".lower()
    short = name.rpartition("/")[2]
    parts = [part for part in re.split(r"[-_.]", short) if len(part) > _SPOKEN]
    return short in words or (bool(parts) and all(part in words for part in parts))


def _uses(text: bytes, new: _New) -> bool:
    """Return whether a program's new text, in lower case, loads a package of that name."""
    whole = new.name.lower()
    module = re.sub(r"[-/]", "_", whole.rpartition("/")[2])
    vendor = re.sub(r"[-_]", "", whole.partition("/")[0])
    # The names are looked for first: an expression for each would read all of a large change.
    if not any(name.encode() in text for name in (whole, module, vendor + "\\")):
        return False
    name, module, vendor = map(re.escape, (whole, module, vendor))
    loads = (
        rf"(?:require|import|from)\s*\(?\s*['\"]{name}['\"/]|^\s*\"{name}[/\"]|"
        r"^\s*(?:import|from|use|using|pub use|extern crate)\s+(?:static\s+)?"
        rf"(?:{module}|{name})\b|^\s*use\s+{vendor}\\"
    )
    return re.search(loads.encode(), text, re.MULTILINE) is not None


def _only_loads(file: FileView, name: str) -> bool:
    """Return whether a program loads a package and takes nothing from it."""
    if _STYLE.search(name):
        return False
    bare = rf"^\s*(?:import\s*|require\s*\(?\s*)['\"]{re.escape(name)}['\"]\s*\)?\s*;?\s*$"
    return re.search(bare.encode(), file.added, re.MULTILINE) is not None


def _handles_keys(file: FileView) -> bool:
    keys = expression(_KEYS)
    return bool(keys.search(file.path.encode("utf-8", "surrogatepass")) or keys.search(file.added))


def _continued(view: View) -> Iterator[Hit]:
    """Mark, where keys are handled, a package whose name continues that of another one."""
    for file in view.where(_CONTINUES, side=Side.NEW):
        if set_aside(file.labels) or not is_code(file) or not _handles_keys(file):
            continue
        loaded = set(_LOADED.findall(shown(file)))
        for line in file.new(_CONTINUES):
            found = _LOADED.search(line.whole)
            if not found or is_comment(line.whole) or found[1][:1] in b"@.":
                continue
            before = found[1].rpartition(b"-")[0]
            if before in loaded and b"/" not in before:
                told = f"{found[1].decode()} is newly loaded beside {before.decode()}, where keys "
                yield Hit.at(file, line, f"{told}are handled: is it of the same owner?")


def _loaded_alone(view: View) -> Iterator[Hit]:
    """Mark a stranger's package that is only loaded, where no manifest of the change names it."""
    if view.labelled(Label.MANIFEST):
        return
    for file in view.where(_BARE, side=Side.NEW):
        if file.status == "A" or set_aside(file.labels) or not is_code(file):
            continue
        if file.path.endswith(_TAKING):
            continue
        for line in file.new(_BARE):
            found = _LOADED.search(line.whole)
            name = found[1].decode() if found else ""
            if name and not (_STYLE.search(name) or is_known("package.json", name)):
                told = f"{name} is newly loaded for its effect alone, and nothing is taken from it"
                yield Hit.at(file, line, told)


RULE = Rule(
    id="dependency-taken-in",
    pathway=Pathway.BACKDOOR,
    severity=Severity.MEDIUM,
    confidence=Confidence.LOW,
    stability=Stability.STABLE,
    summary="takes in a stranger's package and runs it at once",
    wakes=frozenset({Label.MANIFEST}),
    added_triggers=(_REFERENCE, _CONTINUES, _BARE),
    version=5,
    check=check,
)
