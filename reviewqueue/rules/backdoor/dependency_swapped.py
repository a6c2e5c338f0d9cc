r"""A dependency whose name was changed, or only looks right.

What it flags
    In a manifest, a dependency replaced in its place by one whose name differs by a letter
    or two, by a hyphen or by a prefix; and a new dependency whose name is that near to a
    very widely used one.
    Also one of the same name under another owner (`proxy` to `@some/proxy`), and a name that
    contains or continues the old one, at the very same version.

Why it matters
    `python-dateutil` and `python3-dateutil` are two authors. A name that nearly fits is how
    a stranger's package gets installed on purpose.

How to review it
    Look the new name up in the registry: its age, its author, its source.
    Ask why the old one was replaced.

Not flagged
    New versions, additions and removals of names that resemble nothing, moves between
    sections of the manifest.

Seen in
    ATT&CK T1195.001; CWE-1357; crossenv on npm (2017), jeIlyfish and python3-dateutil on
    PyPI (2019), electorn and loadyaml on npm (2020).
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice, takewhile

from reviewqueue.domain.finding import Confidence, Pathway, Severity
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import FileView, Hit, Rule, Stability, View
from reviewqueue.scan.structure.packages import is_known, named, popular, version
from reviewqueue.scan.structure.pairs import Block, blocks

_PLAIN = frozenset((
    "preact", "color", "chroma", "expresso", "lodash-es", "vuex", "nuxt", "nest", "next-auth",
    "momentjs", "redux", "request", "rest", "requests-mock", "psycopg", "pyyml", "click-log",
    "serde_yaml", "syn1", "rand_core", "react-dnd", "vue3", "pytest-cov", "colorsys",
    "bcryptjs", "debugpy", "puppeteer-core", "playwright-core", "clip", "cla", "torchx",
    "torchtext", "pandera", "flake8", "numba", "semver2", "regexp", "chalks", "polars",
    "aiohttp-cors", "httpx2", "fake", "hyperx", "devices", "paramiko-ng", "rex", "passport-jwt",
))  # fmt: skip
"""Real packages, or too unlike in purpose, that a short edit turns into a popular name."""
_MAJOR = re.compile(r"/v\d+$")
"""The end of a Go module's name that tells its major version."""
_SHORTEST = 4
_LOOKED_AT = 2_000
"""Entries of one manifest that are compared; a longer one is generated."""
_MOST = 40
"""Names of one block that are compared, each with each."""


def check(view: View) -> Iterator[Hit]:
    """Mark the swapped names of every manifest."""
    for file in view.labelled(Label.MANIFEST):
        if Label.VENDORED in file.labels or not file.added:
            continue
        old = {name for _, text in file.removed_lines() if (name := named(file, text))}
        for block in blocks(file) if old else ():
            if block.old and block.new:
                yield from _swapped(file, block)
        yield from _lookalikes(file, old)


def _swapped(file: FileView, block: Block) -> Iterator[Hit]:
    """Mark names that took the place of one they nearly equal."""
    came = [(n, t, name) for n, t in block.new[:_LOOKED_AT] if (name := named(file, t))]
    kept = {name for *_, name in came}
    versions: dict[str, set[str]] = {}
    for _, text in block.old[:_LOOKED_AT]:
        if name := named(file, text):
            versions.setdefault(name, set()).add(version(text))
    left = [name for name in versions if name not in kept][:_MOST]
    for number, text, name in came[:_MOST]:
        for before in left if name not in versions else ():
            if _is_near(before, name):
                message = f"{before} is replaced by {name}, which only looks the same"
                yield _hit(file, number, text, message, Severity.HIGH)
            elif _is_of_another(before, name):
                message = f"{before} gives way to {name}: the same name, of another owner"
                yield _hit(file, number, text, message, Severity.MEDIUM)
            elif _is_beside(before, name) and version(text) in versions[before]:
                message = f"{name} stands where {before} was, at the very same version"
                yield _hit(file, number, text, message, Severity.MEDIUM)


def _lookalikes(file: FileView, old: set[str]) -> Iterator[Hit]:
    for number, text in islice(file.added_lines(), _LOOKED_AT):
        name = named(file, text)
        if not name or name in old or name in _PLAIN or len(name) <= _SHORTEST:
            continue
        if not is_known(file.path, name) and (known := _resembled(name, popular(file.path))):
            message = f"{name} is nearly the name of the widely used {known}"
            yield _hit(file, number, text, message, Severity.MEDIUM)


@lru_cache(maxsize=1 << 12)
def _resembled(name: str, known: frozenset[str]) -> str:
    """Return the widely used name that a name nearly is; empty for none."""
    near = (one for one in sorted(known) if len(one) > _SHORTEST and _is_near(one, name))
    return next(near, "")


def _hit(file: FileView, number: int, text: bytes, message: str, severity: Severity) -> Hit:
    return Hit.on(file, number, text, message, severity=severity)


def _is_near(one: str, other: str) -> bool:
    """Return whether two names differ by so little that a reader takes one for the other."""
    if one == other or min(len(one), len(other)) < _SHORTEST:
        return False
    if _bare(one) == _bare(other):
        return "/" not in one + other and one.replace("_", "-") != other.replace("_", "-")
    if abs(len(one) - len(other)) > 1 or one[:1] != other[:1]:
        return False
    if _digits(one) != _digits(other) and _letters(one) == _letters(other):
        return False
    return _distance_is_one(one, other)


@lru_cache(maxsize=1 << 12)
def _bare(name: str) -> str:
    """Return the name without marks and without what is put before it as a matter of form."""
    return re.sub(r"[-_.]", "", re.sub(r"^(?:python3?-|py3-|js-|node-)", "", name))


def _is_of_another(one: str, other: str) -> bool:
    """Return whether two names are one, of different owners; typings are not what they type."""
    one, other = _MAJOR.sub("", one), _MAJOR.sub("", other)
    if one == other or "@types/" in one + other or "/" not in one + other:
        return False
    return one.rpartition("/")[2] == other.rpartition("/")[2]


def _is_beside(one: str, other: str) -> bool:
    """Return whether one name is the other's beginning, its middle or of another house."""
    short, long = sorted((one, other), key=len)
    if len(short) < _SHORTEST or short == long:
        return False
    same = len(list(takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))))
    houses = one.partition(".")[2] == other.partition(".")[2] != ""
    return houses or same > _SHORTEST or short in long


def _digits(name: str) -> str:
    return re.sub(r"\D", "", name)


def _letters(name: str) -> str:
    return re.sub(r"\d", "", name)


def _distance_is_one(one: str, other: str) -> bool:
    """Return whether one letter more, less, other, or two swapped make them equal."""
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    first, second = one[start:], other[start:]
    return (
        first[1:] == second[1:]
        or first[1:] == second
        or first == second[1:]
        or (first[:2] == second[1::-1] and first[2:] == second[2:] and len(first) > 1)
    )


RULE = Rule(
    id="dependency-swapped",
    pathway=Pathway.BACKDOOR,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    version=4,
    summary="replaces a dependency by one whose name only looks right",
    wakes=frozenset({Label.MANIFEST}),
    check=check,
)
