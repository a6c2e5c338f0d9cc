"""A repository or a release that is now fetched from somebody else.

What it flags
    An address in code, a script, a manifest or a workflow that keeps the repository's name and
    changes its owner or its host (`git+https:`, `git clone`, `….git`, `github:`, submodules,
    releases, archives, raw files, installers, `uses:` of a workflow, modules of Terraform), or
    that keeps all and gives up the protected connection: `https:` or `ssh` becomes `git://` or
    `http:`.

Why it matters
    The line still looks like the same dependency, and what it brings is now written by another
    hand. Forks are how a stranger's code gets the name of a known project.

How to review it
    Ask who owns the new address, and why the old one does not do.
    Compare the two at the commit that is fetched, and pin that commit.

Not flagged
    Another version or commit of the same repository, links in documents, in comments and in a
    manifest's own `repository` and `homepage`, a connection that gets protected.

Seen in
    ATT&CK T1195.001 (compromise of dependencies and tools); repojacking of renamed GitHub
    accounts; CWE-829, CWE-319.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import FileView, Hit, Rule, Stability, View, expression
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.kinds import is_code
from reviewqueue.scan.structure.pairs import Block, Numbered, blocks

_CERTAIN = (
    r"\bgit\+(?:https?|ssh|git)|\bgit\s+clone\b|\bgit://|\bgit@[\w.-]+:|://[^\s'\"]+\.git\b|"
    r"/releases/(?:latest/)?download/|\braw\.githubusercontent\.com/|\bcodeload\.github\.com/|"
    r"\.com/[\w.-]+/[\w.-]+/(?:archive|tarball|zipball|raw)/|"
    r"\b(?:github|gitlab|bitbucket)['\"]?\s*(?::|=>|=)\s*['\"]?[\w.-]+/[\w.-]+|"
    r"\bgit['\"]?\s*(?::|=>|=)\s*['\"]https?:|\b(?:repo_url|url-base|repoURL|clone_url)\b|"
    r"\buses:[ \t]*['\"]?[\w-]+/|\bsource[ \t]*=[ \t]*\"[\w-]+/[\w-]+/|"
    r"REPO(?:SITORY)?\w*[ \t]*[:=][ \t]*['\"]?[\w-]+/|\brepository:[ \t]*['\"]?[\w-]+/"
)
_FETCHED = rf"{_CERTAIN}|['\"\s]https://git(?:hub|lab)\.com/"
_PLAIN = r"https://git(?:hub|lab)\.com/[\w.-]+/[\w.-]+/?(?:['\"\s,)]|$)"
"""Something of a build that names no more than a repository."""
_BUILDS = frozenset(
    {Label.BUILD, Label.CI, Label.SCRIPT, Label.CONTAINER, Label.INFRASTRUCTURE, Label.HOOK}
)
_ADDRESS = re.compile(
    rb"(?P<scheme>(?:git\+)?(?:https?|ssh|git)://(?:[\w.%-]+(?::[^@\s'\"/]*)?@)?|git@|"
    rb"\b(?:github|gitlab|bitbucket|uses|source|repository|\w{0,20}REPO(?:SITORY)?\w{0,20})"
    rb"['\"]?\s{0,3}(?::|=>|=)\s{0,3}['\"]?)"
    rb"(?P<host>[\w-]+(?:\.[\w-]+)+(?::\d+)?(?=[/:]))?[/:]?(?P<path>[\w.~-]+(?:/[\w.~-]+)+)"
)
_OPEN = frozenset({b"git", b"http", b"git+git", b"git+http"})
_LINK = (
    r"^[ \t]*['\"]?(?:homepage|bugs|website|documentation|docs|changelog|funding|"
    r"source_?code|issues?|href|\$schema|readme|link|author|project_?urls?)['\"]?\s*[:=]|"
    r"^[ \t]*\"(?:url|repository)\"\s*:|^[ \t]*repository\s*=|href=|^\s*import\s|"
    r"^\s*\"?github\.com/"
)
_HOSTS = {b"raw.githubusercontent.com": b"github.com", b"codeload.github.com": b"github.com"}
_PARTS = 2
"""An owner and a name: what the path of a repository has at least."""
_FEW = 4
"""Repositories of one owner beyond which a project has moved as a whole."""


class _Source(NamedTuple):
    """From where something is fetched."""

    is_open: bool
    """Over a connection that nothing protects."""
    host: bytes
    """Without its last part: ``github.com`` and ``github:`` are one."""
    owner: bytes
    name: bytes


def check(view: View) -> Iterator[Hit]:
    """Mark addresses that keep a repository's name, and give it another owner."""
    found: list[tuple[Hit, bytes]] = []
    for file in view.where(_FETCHED, side=Side.OLD):
        if not is_code(file) or Label.VENDORED in file.labels or not file.new(_FETCHED):
            continue
        for block in blocks(file, _FETCHED):
            found.extend(_moved(file, block))
    owners = [owner for _, owner in found]
    yield from (hit for hit, owner in found if owners.count(owner) <= _FEW)


def _moved(file: FileView, block: Block) -> Iterator[tuple[Hit, bytes]]:
    """Yield the hits of a block, each with the owner that was."""
    builds = not _BUILDS.isdisjoint(file.labels)
    old = {source.name: source for line in block.old for source in _sources(line, builds=builds)}
    for line in block.new if old else ():
        for source in _sources(line, builds=builds):
            before = old.get(source.name)
            told = _told(before, source) if before else ""
            if before and told:
                yield Hit.on(file, *line, told), before.owner


def _told(before: _Source, now: _Source) -> str:
    name = now.name.decode("latin-1")
    if (before.host, before.owner) == (now.host, now.owner):
        if now.is_open and not before.is_open:
            return f"{name} is now fetched over a connection that anybody on the way can change"
        return ""
    whose = b"/".join(filter(None, (now.host, now.owner))).decode("latin-1")
    return f"{name} is now fetched from {whose}: somebody else's"


def _sources(line: Numbered, *, builds: bool) -> Iterator[_Source]:
    """Yield the repositories that a line fetches."""
    text = line[1][:2000]
    if is_comment(text) or expression(_LINK).search(text):
        return
    if not expression(_CERTAIN).search(text) and not (builds and expression(_PLAIN).search(text)):
        return
    for found in _ADDRESS.finditer(text):
        parts = found["path"].split(b"/")
        if len(parts) < _PARTS or not parts[0].strip(b"."):
            continue
        host = (found["host"] or _implied(found["scheme"])).lower()
        is_open = found["scheme"].partition(b"://")[0] in _OPEN
        name = parts[1].lower().removesuffix(b".git")
        house = _HOSTS.get(host, host).rpartition(b".")[0] or host
        yield _Source(is_open, house, parts[0].lower(), name)


def _implied(scheme: bytes) -> bytes:
    """Return the host that an address without one means: the same for all that name none."""
    return next((host for host in (b"gitlab", b"bitbucket") if scheme.startswith(host)), b"github")


RULE = Rule(
    id="fetched-from-elsewhere",
    pathway=Pathway.BACKDOOR,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="fetches a repository of the same name from somebody else",
    removed_triggers=(_FETCHED,),
    version=2,
    check=check,
)
