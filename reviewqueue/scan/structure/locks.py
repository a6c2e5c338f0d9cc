r"""What a lock file newly says of packages that keep their name and their version.

A lock names for each package its version, where it comes from and the checksum of its content.
An upgrade changes them together; whoever exchanges a package changes one of them alone. No lock
is parsed: a line is read as the ecosystem's own tool writes it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from reviewqueue.domain.finding import Severity, Side
from reviewqueue.scan.rule import FileView, Hit
from reviewqueue.scan.structure.hunks import on_side
from reviewqueue.scan.structure.pairs import Block, blocks

RESOLVED = r"\bresolved\"?:?\s+\"?https?://|\bresolution:\s*\{[^\n]*tarball"
"""Where npm, Yarn and pnpm take a package from: a trigger of who asks."""
INTEGRITY = r"\bintegrity\"?:?\s+\"?sha|\bintegrity:\s*sha"
"""Their checksum of it, likewise."""
GO_SUM = r"\sh1:[A-Za-z0-9+/]"
"""Go's, likewise."""
PINNED = (
    r"^checksum = \"|\{file = \"[^\"\n]+\", hash = |^[ \t]+resolved \"https?:[^\"\n]*#[0-9a-f]{40}|"
    r"\"https://api\.github\.com/repos/[^\"\n]*ball/|^[ \t]+remote: |^source = \"git|"
    r"^[ \t]+(?:--hash=sha256:|sha256 \"|\"sha256\": )"
)
"""What other tools write, likewise."""
_SUMS: Mapping[str, Sequence[re.Pattern[bytes]]] = {
    GO_SUM: (re.compile(rb"(\S+ v\S+) (h1:\S+)"),),
    PINNED: (
        re.compile(rb"\{file = \"([^\"\n]+)\", hash = \"(sha\d+:[0-9a-f]+)\""),
        re.compile(rb"(?m)^[ \t]+resolved \"(https?:[^\"#\n]*)#([0-9a-f]{40})\""),
    ),
}
"""Lines that tell what they are the checksum of, and the checksum."""
_CHECKSUM = re.compile(rb"(?m)^[ \t]*\"?checksum\"?\s*[=:]\s*\"[0-9a-f]+\"")
_VERSION = re.compile(rb"(?m)^[ \t]*\"?version\"?\s*[=:]\s*\"")
_HASH = re.compile(rb"(sha\d+)-([A-Za-z0-9+/=]{8,200})")
_ARCHIVE = re.compile(rb"repos/([\w.-]+)/([\w.-]+)/\w+ball/")
_HOST = re.compile(rb"https?://([^/\"'\s:]+)")
_AT = re.compile(rb"\bresol[uv]\w+[^\n]*(?:\n[^\n]*)?")
"""Where a lock says from where: more lines than :data:`RESOLVED` finds, and quicker."""
_OWN_HOST = re.compile(
    rb"registry\.(?:npmjs\.(?:org|com)|yarnpkg\.com)|codeload\.github\.com|npm\.jsr\.io|"
    rb"(?:files\.)?py(?:thonhosted|pi)\.org"
)
"""The ecosystems' own registries."""
_ADDRESS = re.compile(rb"https?://[^/\"\s]+/((?:@[^/\"\s]+/|@[^/\"\s]+%2[fF])?[^/\"\s]+)/-/")
_FOLDER = b"node_modules/"
_ENTRY = re.compile(rb"[ \t]*\"?((?:@[\w.~-]+/)?[\w.~-]+)(?:@[^\n]*)?\"?:")
"""The beginning of an entry, after the last of these folders."""
_OPENS = (b":", b"{")
"""How the line ends that begins an entry."""
_ALIAS = re.compile(rb"\"npm:((?:@[\w.~-]+/)?[\w.~-]+)@")
"""A package that had another name before, too."""
_HEAD = 3
"""Lines below the beginning of an entry in which its address stands."""
_NOT_NEW = frozenset({b"-", b"\\"})
_ANOTHER_SUM = "the lock gives another checksum for a version that stays the same"


def foreign(file: FileView) -> Iterator[Hit]:
    """Mark packages from a host that is no registry, nor where the lock took others from."""
    if all(map(_OWN_HOST.fullmatch, _HOST.findall(b"".join(_AT.findall(file.added))))):
        return
    known = {host.lower() for line in file.gone(RESOLVED) for host in _HOST.findall(line.whole)}
    for line in file.new(RESOLVED):
        hosts = {host.lower() for host in _HOST.findall(line.whole)}
        if hosts and hosts.isdisjoint(known) and not any(map(_OWN_HOST.fullmatch, hosts)):
            yield Hit.at(file, line, "the lock takes a package from a host that is no registry")


def misnamed(file: FileView) -> Iterator[Hit]:
    """Mark addresses that belong to another package than the entry they stand in."""
    if b"/-/" not in file.added:
        return
    others = {number for _, start, lines in file.hunks() for number in _of_others(start, lines)}
    for line in file.new(RESOLVED) if others else ():
        if line.number in others:
            told = "the lock takes a package from the address of another one"
            yield Hit.at(file, line, told, severity=Severity.HIGH)


def other_owners(file: FileView) -> Iterator[Hit]:
    """Mark packages whose archive now comes from another owner's repository of that name."""
    old: dict[bytes, bytes] = {name: owner for owner, name in _ARCHIVE.findall(file.removed)}
    for line in file.new(PINNED) if old else ():
        found = _ARCHIVE.search(line.whole)
        if found and old.get(found[2], bytes(found[1])).lower() != found[1].lower():
            told = f"the lock takes {found[2].decode('latin-1')} from another owner's repository"
            yield Hit.at(file, line, told, severity=Severity.HIGH)


def resummed(file: FileView, trigger: str) -> Iterator[Hit]:
    """Mark checksums that change where their own line tells of what: :data:`GO_SUM` and such."""
    for regex in _SUMS[trigger]:
        old = dict(regex.findall(file.removed))
        if all(old.get(name, value) == value for name, value in regex.findall(file.added)):
            continue
        for line in file.new(trigger):
            found = regex.search(line.whole)
            if found and old.get(found[1], found[2]) != found[2]:
                yield Hit.at(file, line, _ANOTHER_SUM, severity=Severity.HIGH)


def resummed_below(file: FileView) -> Iterator[Hit]:
    """Mark checksums whose entry, by the lines above them, has the version it had."""
    sums, versions = _CHECKSUM.findall(file.removed), _VERSION.findall(file.removed)
    if len(sums) <= len(versions):
        return
    for _, start, lines in file.hunks():
        number, version, lost = start, b"", False
        for line in lines:
            mark, text = line[:1], line[1:]
            if _VERSION.match(text):
                version, lost = mark, False
            elif _CHECKSUM.match(text):
                if mark == b"+" and lost and version == b" ":
                    yield Hit.on(file, number, text, _ANOTHER_SUM, severity=Severity.HIGH)
                lost = mark == b"-"
            number += mark not in _NOT_NEW


def resummed_in_place(file: FileView) -> Iterator[Hit]:
    """Mark checksums (:data:`INTEGRITY`) that change while the line above them stays."""
    numbers: set[int] = set()
    for block in blocks(file) if file.removed else ():
        if len(block.old) == len(block.new):
            numbers.update(_other_sums(block))
    for line in file.new(INTEGRITY) if numbers else ():
        if line.number in numbers:
            yield Hit.at(file, line, _ANOTHER_SUM, severity=Severity.HIGH)


def _of_others(start: int, lines: Sequence[bytes]) -> Iterator[int]:
    """Yield the added addresses that belong to another package than the entry they stand in."""
    if b"/-/" not in b"\n".join(lines):
        return
    kept = on_side(lines, Side.NEW)
    aliases = {name for line in lines if line[:1] != b"+" for name in _ALIAS.findall(line)}
    for at, line in enumerate(kept):
        if b"/-/" in line and line[:1] == b"+" and (address := _ADDRESS.search(line)):
            entry = _entry(kept[max(0, at - _HEAD) : at])
            name = address[1].replace(b"%2f", b"/").replace(b"%2F", b"/")
            if entry and name != entry and name not in aliases:
                yield start + at


def _entry(above: Sequence[bytes]) -> bytes:
    """Return the name at which the entry begins that some lines end in; empty where unknown."""
    for line in reversed(above):
        if b'"name"' in line or b"/-/" in line:
            return b""
        named = _ENTRY.match(line[1:].rpartition(_FOLDER)[2])
        if named and line.rstrip().endswith(_OPENS):
            return b"" if b"npm:" in line else named[1]
    return b""


def _other_sums(block: Block) -> Iterator[int]:
    """Yield the lines of a block whose checksum changed, and the line above them did not."""
    above = (b"", b"")
    for (_, old), (number, new) in zip(block.old, block.new, strict=True):
        if b"sha" in new and _is_same(*above):
            before, after = _HASH.search(old), _HASH.search(new)
            if before and after and before[1] == after[1] and before[2] != after[2]:
                yield number
        above = old, new


def _is_same(old: bytes, new: bytes) -> bool:
    """Return whether two lines tell the same address or version, whatever stands after a ``#``."""
    return old == new or old.split(b"#")[0].split() == new.split(b"#")[0].split()
