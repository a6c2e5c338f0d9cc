r"""A dependency taken from somewhere else than the registry.

What it flags
    Manifests and settings that newly take code from a git address, a tarball, a fork or
    another registry (`git+https:`, `--extra-index-url`, `replace … =>`, `[patch.…]`,
    `registry=`, submodules), and lock files that disagree: another host than before, an
    address that belongs to another package, the same version with another checksum. A package
    of the system that is installed from an address instead of a repository.
    Also an image of the same name from another registry or owner, and locks of other tools
    (Cargo, Poetry, Yarn, Bundler, Composer) with another checksum, owner or source.

Why it matters
    What is reviewed is the name and the version; what is installed comes from the
    address. A second index lets anybody who takes the name there win.

How to review it
    Compare the address with the package's own, and pin it to a commit.
    Rebuild the lock from the manifest in a clean checkout and compare.

Not flagged
    Folders of the same repository, the well-known registries, links in descriptions.

Seen in
    ATT&CK T1195.001 (compromise of dependencies and tools); dependency confusion
    (A. Birsan, 2021); torchtriton on PyPI (December 2022); lockfile injection
    (L. Tal, 2019).
"""

import re
from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import FileView, Hit, Line, Rule, Stability, View, expression
from reviewqueue.scan.structure.kinds import Kind, expressions, marked
from reviewqueue.scan.structure.locks import (
    GO_SUM,
    INTEGRITY,
    PINNED,
    RESOLVED,
    foreign,
    misnamed,
    other_owners,
    resummed,
    resummed_below,
    resummed_in_place,
)

_REGISTRY = (
    r"(?i)https?://(?:[\w.-]+\.)?(?:npmjs\.(?:org|com)|yarnpkg\.com|py(?:pi|thonhosted)\.org|"
    r"crates\.io|rubygems\.org|packagist\.org|repo1?\.maven\.org|maven\.apache\.org|"
    r"plugins\.gradle\.org|maven\.google\.com|nuget\.org|jsr\.io|golang\.org|hex\.pm|"
    r"download\.pytorch\.org|pub\.dev|conda\.anaconda\.org|deno\.land)"
)
_KINDS = (
    Kind(
        r"[:@\"](?:git(?:\+\w+)?:|git@|git\+|github:|gitlab:|bitbucket:|gist:)|"
        r"\.(?:git|tgz|tar\.gz|zip)[\"#?]|//codeload\.|//pkg\.pr|/(?:archive|tarball)/",
        "takes a dependency from an address instead of the registry",
        line=r"\"[@\w./-]+\"\s*:\s*\"(?:(?:npm:[^\"]*@)?(?:git(?:\+\w+)?:|git@|git\+|github:|"
        r"gitlab:|bitbucket:|gist:)|https?://[^\"]*\.git\b|https?://[^\"]*\.(?:tgz|tar\.gz|zip)|"
        r"https?://(?:codeload|pkg\.pr|github\.com/[^\"]*(?:archive|tarball)))",
        unless=r"^[ \t]*\"(?:url|homepage|repository|bugs|type|registry|\$schema|href|website|"
        r"funding|issues|docs|source|author|email|license|image|icon)\"",
        globs=("package.json", "*/package.json", "*composer.json", "*deno.json*", "*bower.json"),
    ),
    Kind(
        r"\"[@\w./-]+\"\s*:\s*\"http://",
        "takes a dependency over a connection that anybody can change",
        unless=r"\"(?:url|homepage|repository|bugs|type|registry|\$schema|href|website|web|"
        r"funding|issues|docs|source|author|email|license|image|icon|proxy|\w*[uU]rl|\w*[uU][rR][iI])\"\s*:|localhost|127\.0",
        globs=("package.json", "*/package.json", "*npm*.json"),
    ),
    Kind(
        r"\"type\"\s*:\s*\"(?:vcs|git|package|composer|artifact)\"",
        "takes PHP packages from another source",
        globs=("*composer.json",),
    ),
    Kind(
        r"\bgit\+(?:https?|ssh|git|file):|--(?:extra-)?index-url|--find-links|--trusted-host|"
        r"^[ \t]*(?:-e\s+)?https?://|\s@\s+https?://",
        "takes a Python package from an address or another index",
        unless=_REGISTRY,
        globs=(
            "*requirements*",
            "*constraints*",
            "*pyproject.toml",
            "*setup.py",
            "*setup.cfg",
            "*pipfile",
            "*environment.y*ml",
            "*tox.ini",
        ),
    ),
    Kind(
        r"\bgit\+(?:https?|ssh|git|file):|--(?:extra-)?index-url|--find-links|--trusted-host",
        "takes a Python package from an address or another index",
        line=r"\b(?:pip[\d.]*|uv|pipx|install|poetry|pdm)\b",
        unless=_REGISTRY,
        globs=("*dockerfile*", "*.sh", "*workflows/*.y*ml", "*makefile"),
    ),
    Kind(
        r"\bgit\s*=\s*['\"]|\burl\s*=\s*['\"]https?://[^'\"\n]*\.(?:whl|tar\.gz|tgz|zip)['\"]|"
        r"^[ \t]*url\s*=\s*['\"]https?://[^'\"\n]*(?:/simple|pypi|index)\b|"
        r"^[ \t]*\[+(?:tool\.uv\.index|tool\.poetry\.source|patch\.|source\.|registries)|"
        r"\breplace-with\s*=|\bindex-url\s*=|\bextra-index-url\s*=|\bregistry\s*=\s*['\"]|"
        r"\bregistry-index\s*=",
        "takes a dependency from a git address, a file or another registry",
        unless=_REGISTRY,
        globs=(
            "*pyproject.toml",
            "*cargo.toml",
            "*pipfile",
            "*.cargo/config*",
            "*uv.toml",
            "*bunfig.toml",
            "*gopkg.toml",
        ),
    ),
    Kind(
        r"[ \t]=>[ \t]+[\w-]{1,8}[\w-]{0,8}\.[\w.-]{1,8}[\w.-]{0,8}/",
        "puts another module in the place of a dependency",
        line=r"^[ \t]*(?:replace\s+)?[\w./~-]+(?:\s+v\S+)?\s+=>\s+[\w-]+\.[\w.-]+/",
        globs=("go.mod", "*/go.mod", "go.work"),
    ),
    Kind(
        r"\b(?:git|github|bitbucket|gist)\s*(?::|=>)\s*['\"]|^[ \t]*source\s+['\"]http",
        "takes a gem from a git address or another source",
        unless=r"rubygems\.org|git_source",
        globs=("*gemfile", "*.gemspec", "*podfile", "*puppetfile", "*berksfile"),
    ),
    Kind(
        r"(?i)^[ \t]*(?:@[\w.-]+:)?(?:npm_?)?registry(?:Server)?['\"]?\s*[=: ]\s*['\"]?https?:|"
        r"\bindex-url\s*=|\bextra-index-url\s*=|\btrusted-host\s*=|"
        r"<add\s+key=[^\n]*value=\"https?:|\bGOPROXY\s*=|\bGONOSUMDB\s*=|\bGOFLAGS\s*=[^\n]*-insecure|"
        r"\bnpm\s+config\s+set\s+registry|\bUV_(?:EXTRA_)?INDEX_URL\b|\bPIP_(?:EXTRA_)?INDEX_URL\b",
        "takes every package from another registry",
        unless=_REGISTRY,
        globs=(
            "*.npmrc",
            "*.yarnrc*",
            "*pip.conf",
            "*pip.ini",
            "*nuget.config",
            "*dockerfile*",
            "*.env*",
            "*.sh",
            "*bunfig.toml",
            "*makefile",
            "*workflows/*.y*ml",
            "*.pypirc",
        ),
    ),
    Kind(
        r"^[ \t]*source\s*=\s*\"(?:git::|git@|github\.com/|bitbucket\.org/|https?://|s3::|gcs::|hg::)",
        "takes a module from an address instead of the registry",
        globs=("*.tf", "*.hcl"),
    ),
    Kind(
        r"\b(?:npm|pnpm|yarn|bun)\s+(?:(?:[^v\s]|v[^i])[^\n]*)?--registry[= ]\S|"
        r"\bpip[\d.]*\s+config\s+set\s+\S*index-url|"
        r"\bbundle\s+config\s[^\n]*mirror|\bgem\s+sources\s+(?:-a|--add)|\bgo\s+env\s+-w\s+GO(?:PROXY|NOSUM|FLAGS)|"
        r"\byarn\s+config\s+set\s+(?:npmR|r)egistry|\bcargo\s[^\n]*--registry\s|\bnuget\s+sources?\s+add|"
        r"\bhelm\s+repo\s+add\s[^\n]*http:|\bconda\s+config\s+--(?:add|prepend)\s+channels\s+http",
        "takes every package from another registry",
        unless=_REGISTRY,
    ),
    Kind(
        r"\b(?:yum|dnf|microdnf|zypper|apk|rpm|apt|apt-get)[ ]+(?:-\S+[ ]+)*"
        r"(?:(?:local)?install|add|-[iUvh]+)[ ][^\n]*https?://",
        "installs a package from an address, which no repository vouches for",
        unless=r"(?i)fedoraproject\.org|remirepo|centos\.org|redhat\.com|rpmfusion|rockylinux|"
        r"almalinux|opensuse\.org|https?://(?:repo|repos|mirror\w*|packages|download|yum|rpms?|apt)\.",
    ),
    Kind(
        r"^[ \t]*-[ \t]*['\"]?https?://",
        "takes packages from another channel",
        unless=_REGISTRY,
        globs=("*environment*.y*ml", "*.condarc", "*conda*.y*ml"),
    ),
    Kind(
        r"\"npm:[@a-z]",
        "puts another package under the name of a dependency",
        line=r"\"((?:@[\w.-]+/)?[\w.-]+)\"\s*:\s*\"npm:",
        globs=("package.json", "*/package.json"),
    ),
    Kind(
        r"^[ \t]*url\s*=\s*\S",
        "takes a submodule from another address",
        globs=("*.gitmodules",),
    ),
    Kind(
        r"^[ \t]*<url>\s*http:|\bmaven\s*(?:\{|\()[^\n]*https?:|<repository>[^\n]*https?:|"
        r"\bmaven\(['\"]https?:",
        "takes Java packages from another repository",
        unless=_REGISTRY,
        globs=("*.gradle", "*.gradle.kts", "*pom.xml", "*build.sbt"),
    ),
)
_ALIAS = r"\"((?:@[\w.-]+/)?[\w.-]+)\"\s*:\s*\"npm:((?:@[\w.-]+/)?[\w.-]+)@"
_OTHER_SOURCE = r"^[ \t]+remote: https?:|^source = \"git"
_IMAGE = (
    r"^(?i:FROM)[ \t]+(?:--\S+[ \t]+)?[\w./-]+[:@]|^[ \t]*-?[ \t]*image:[ \t]*['\"]?[\w./-]+[:@]"
)
_REFERENCE = re.compile(
    rb"(?:FROM|from|image:)\s+(?:--\S+\s+)?['\"]?((?:[\w.:-]+/)*)([\w.-]+[:@][\w.-]+)"
)
_OFFICIAL = re.compile(
    rb"(?:docker\.io/)?(?:library/)?$|(?:public\.ecr\.aws/docker/library|mirror\.gcr\.io/library|"
    rb"mcr\.microsoft\.com|gcr\.io/distroless|registry\.k8s\.io|quay\.io/prometheus)/"
)
_LONGEST = 500
"""Bytes of a line that are read."""
_GO_SUMS = ("go.sum", "go.work.sum")


def check(view: View) -> Iterator[Hit]:
    """Mark moved sources, and locks that disagree with what they say."""
    for kind, file, line in marked(view, _KINDS):
        if Label.LOCK not in file.labels and not _is_of_that_name(line):
            yield Hit.at(file, line, kind.message, severity=kind.severity)
    for file in _locks(view, RESOLVED):
        yield from foreign(file)
        yield from misnamed(file)
    for file in _locks(view, INTEGRITY):
        yield from resummed_in_place(file)
    for file in view.where(GO_SUM, side=Side.NEW):
        if file.path.endswith(_GO_SUMS):
            yield from resummed(file, GO_SUM)
    for file in _locks(view, PINNED):
        yield from resummed(file, PINNED)
        yield from resummed_below(file)
        yield from other_owners(file)
        yield from _other_sources(file)
    for file in view.where(_IMAGE, side=Side.NEW):
        if file.removed and file.labels.isdisjoint({Label.DOCS, Label.TEST, Label.VENDORED}):
            yield from _images(file)


def _is_of_that_name(line: Line) -> bool:
    """Return whether a dependency's other name only says more than the package's own."""
    found = expression(_ALIAS).search(line.whole[:_LONGEST])
    return found is not None and found[1].startswith(found[2] + b"-")


def _locks(view: View, trigger: str) -> Iterator[FileView]:
    """Yield the lock files in whose added lines a trigger matches."""
    return (file for file in view.where(trigger, side=Side.NEW) if Label.LOCK in file.labels)


def _other_sources(file: FileView) -> Iterator[Hit]:
    """Mark what a lock that was there newly takes from no registry."""
    for line in file.new(_OTHER_SOURCE) if file.removed else ():
        if not expression(_REGISTRY).search(line.whole):
            yield Hit.at(file, line, "the lock takes a package from somewhere else")


def _images(file: FileView) -> Iterator[Hit]:
    """Mark images that keep their name and tag, and come from somewhere else."""
    old = {name: place for line in file.gone(_IMAGE) for place, name in _placed(line)}
    for line in file.new(_IMAGE) if old else ():
        for place, name in _placed(line):
            if name in old and old[name] != place and not _OFFICIAL.match(place):
                yield Hit.at(file, line, "takes an image of the same name from somewhere else")


def _placed(line: Line) -> Iterator[tuple[bytes, bytes]]:
    """Yield the place, down to its last slash, and the name with its tag of a line's image."""
    if found := _REFERENCE.search(line.whole[:_LONGEST]):
        yield found[1], found[2]


RULE = Rule(
    id="dependency-source-moved",
    pathway=Pathway.BACKDOOR,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="takes a dependency from somewhere else than the registry",
    version=7,
    added_triggers=(
        *expressions(_KINDS),
        RESOLVED,
        INTEGRITY,
        GO_SUM,
        PINNED,
        _IMAGE,
        _OTHER_SOURCE,
    ),
    check=check,
)
