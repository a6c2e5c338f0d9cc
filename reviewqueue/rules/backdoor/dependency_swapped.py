r"""A dependency whose name was changed, or only looks right.

What it flags
    In a manifest, a dependency replaced in its place by one whose name differs by a letter
    or two, by a hyphen or by a prefix; and a new dependency whose name is that near to a
    very widely used one.
    Also a name that contains or continues the old one, at the very same version.

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
from reviewqueue.scan.pairs import Block, blocks
from reviewqueue.scan.rule import FileView, Hit, Rule, Stability, View

_POPULAR = frozenset(
    [
        "requests",
        "urllib3",
        "numpy",
        "pandas",
        "django",
        "flask",
        "boto3",
        "botocore",
        "setuptools",
        "cryptography",
        "python-dateutil",
        "pyyaml",
        "certifi",
        "charset-normalizer",
        "typing-extensions",
        "packaging",
        "pydantic",
        "jinja2",
        "click",
        "colorama",
        "fastapi",
        "sqlalchemy",
        "pillow",
        "scipy",
        "matplotlib",
        "tensorflow",
        "torch",
        "transformers",
        "openai",
        "anthropic",
        "selenium",
        "beautifulsoup4",
        "lxml",
        "pytest",
        "virtualenv",
        "pycryptodome",
        "paramiko",
        "psycopg2",
        "pymongo",
        "redis",
        "celery",
        "scikit-learn",
        "tqdm",
        "aiohttp",
        "httpx",
        "jellyfish",
        "react",
        "react-dom",
        "lodash",
        "express",
        "axios",
        "chalk",
        "commander",
        "webpack",
        "typescript",
        "eslint",
        "prettier",
        "moment",
        "jquery",
        "underscore",
        "cross-env",
        "dotenv",
        "mongoose",
        "bluebird",
        "electron",
        "next",
        "vue",
        "rxjs",
        "discord.js",
        "web3",
        "ethers",
        "puppeteer",
        "playwright",
        "node-fetch",
        "body-parser",
        "socket.io",
        "nodemailer",
        "jsonwebtoken",
        "bcrypt",
        "passport",
        "minimist",
        "debug",
        "semver",
        "ua-parser-js",
        "event-stream",
        "colors",
        "faker",
        "serde",
        "serde_json",
        "tokio",
        "reqwest",
        "clap",
        "anyhow",
        "thiserror",
        "rand",
        "regex",
        "syn",
        "hyper",
        "chrono",
        "openssl",
        "rails",
        "rspec",
        "nokogiri",
        "devise",
        "sidekiq",
        "puma",
        "rest-client",
        "bootstrap-sass",
        "guzzle",
        "symfony",
        "laravel",
        "monolog",
        "phpunit",
        "gorilla",
        "logrus",
        "cobra",
        "viper",
        "testify",
    ]
)
_PLAIN = frozenset(
    [
        "preact",
        "color",
        "chroma",
        "expresso",
        "lodash-es",
        "vuex",
        "nuxt",
        "nest",
        "next-auth",
        "momentjs",
        "redux",
        "request",
        "rest",
        "requests-mock",
        "psycopg",
        "pyyml",
        "click-log",
        "serde_yaml",
        "syn1",
        "rand_core",
        "react-dnd",
        "vue3",
        "pytest-cov",
        "colorsys",
        "bcryptjs",
        "debugpy",
        "puppeteer-core",
        "playwright-core",
        "clip",
        "cla",
        "torchx",
        "torchtext",
        "pandera",
        "flake8",
        "numba",
        "semver2",
        "regexp",
        "chalks",
        "polars",
        "aiohttp-cors",
        "httpx2",
        "fake",
        "hyperx",
        "devices",
        "paramiko-ng",
        "rex",
        "passport-jwt",
    ]
)
"""Real packages, or too unlike in purpose, that a short edit turns into a popular name."""
_ENTRY = (
    re.compile(
        r"^\s*[\"']((?:@[\w.-]+/)?[A-Za-z][\w.-]*)[\"']\s*(?::|=>)\s*[\"'{]?\s*[\^~>=<*\dvlnwx]"
    ),
    re.compile(r"^\s*[\"']?([A-Za-z][\w.-]*)(?:\[[\w,\s-]*\])?\s*(?:[=~<>!]=|[<>])\s*[\d*]"),
    re.compile(r"^\s*([A-Za-z][\w-]*)\s*=\s*(?:[\"'][\^~>=<*\d]|\{[^\n]*version)"),
    re.compile(r"^\s*(?:require\s+)?((?:[\w-]+\.)+[\w-]+/[\w./-]+)\s+v\d"),
    re.compile(r"^\s*gem\s+[\"']([\w-]+)[\"']"),
    re.compile(r"^\s*([A-Za-z][\w.-]*)\s*$"),
    re.compile(r"^\s*<artifactId>([\w.-]+)</artifactId>"),
    re.compile(r"^\s*<PackageReference\s+(?:Include|Update)=\"([\w.-]+)\""),
    re.compile(r"^\s*<groupId>([\w.-]+)</groupId>"),
)
_NO_PACKAGES = frozenset(
    [
        "version",
        "name",
        "node",
        "npm",
        "python",
        "rust-version",
        "edition",
        "engines",
        "main",
        "private",
        "module",
        "type",
        "ruby",
        "resolver",
        "license",
        "description",
        "go",
        "toolchain",
        "vscode",
        "pnpm",
        "yarn",
    ]
)
_BARE_NAME = 5
_SHORTEST = 4
_LOOKED_AT = 2_000
"""Entries of one manifest that are compared; a longer one is generated."""


def check(view: View) -> Iterator[Hit]:
    """Mark the swapped names of every manifest."""
    for file in view.labelled(Label.MANIFEST):
        if Label.VENDORED in file.labels or not file.added:
            continue
        old = {name for _, text in file.removed_lines() if (name := _name(file, text))}
        for block in blocks(file) if old else ():
            if block.old and block.new:
                yield from _swapped(file, block)
        yield from _lookalikes(file, old)
        yield from _unnamed(view, file, old)


def _swapped(file: FileView, block: Block) -> Iterator[Hit]:
    """Mark names that took the place of one they nearly equal."""
    gone = [name for _, text in block.old[:_LOOKED_AT] if (name := _name(file, text))]
    came = [(n, t, name) for n, t in block.new[:_LOOKED_AT] if (name := _name(file, t))]
    kept = {name for *_, name in came}
    versions = {
        name: {_pinned(text) for _, text in block.old[:_LOOKED_AT] if _name(file, text) == name}
        for name in gone[:_MOST]
    }
    left = [name for name in gone if name not in kept][:_MOST]
    for number, text, name in came[:_MOST]:
        if name in gone:
            continue
        for before in left:
            if _is_near(before, name):
                message = f"{before} is replaced by {name}, which only looks the same"
                yield _hit(file, number, text, message, Severity.HIGH)
            elif _is_beside(before, name) and _pinned(text) in versions.get(before, ()):
                message = f"{name} stands where {before} was, at the very same version"
                yield _hit(file, number, text, message, Severity.MEDIUM)


_TAKEN_IN = 3
"""New dependencies of one change beyond which none of them is hidden."""


def _unnamed(view: View, file: FileView, old: set[str]) -> Iterator[Hit]:
    """Mark a new dependency that is used at once and that the change's own words leave out."""
    words = f"{view.subject.title}\n{view.subject.message}".lower()
    if not words.strip() or file.status != "M" or Label.TEST in file.labels:
        return
    new = [
        (number, text, name)
        for number, text in islice(file.added_lines(), _LOOKED_AT)
        if (name := _name(file, text)) and name not in old and name not in _POPULAR
    ]
    if not 0 < len(new) <= _TAKEN_IN:
        return
    for number, text, name in new:
        short = name.rpartition("/")[2]
        if any(part in words for part in re.split(r"[-_.]", short) if len(part) > _SHORTEST):
            continue
        if short not in words and _is_used(view, file, name):
            message = f"{name} is newly taken in and used, and the change does not name it"
            yield _hit(file, number, text, message, Severity.MEDIUM)


def _is_used(view: View, manifest: FileView, name: str) -> bool:
    """Return whether a program of the change newly loads a package of that name."""
    module = re.escape(name.replace("-", "_"))
    loads = re.compile(
        rf"(?:require|import|from)\s*\(?\s*['\"]{re.escape(name)}['\"/]|"
        rf"^\s*(?:import|from|use)\s+{module}\b".encode(),
        re.MULTILINE,
    )
    return any(
        loads.search(file.added)
        for file in view.files
        if file is not manifest and Label.SOURCE in file.labels and Label.TEST not in file.labels
    )


_MOST = 40
"""Names of one block that are compared, each with each."""


def _lookalikes(file: FileView, old: set[str]) -> Iterator[Hit]:
    for at, (number, text) in enumerate(file.added_lines()):
        if at >= _LOOKED_AT:
            return
        name = _name(file, text)
        if not name or name in old or name in _POPULAR or name in _PLAIN or len(name) <= _SHORTEST:
            continue
        popular = _resembled(name)
        if popular:
            message = f"{name} is nearly the name of the widely used {popular}"
            yield _hit(file, number, text, message, Severity.MEDIUM)


@lru_cache(maxsize=1 << 12)
def _resembled(name: str) -> str:
    """Return the widely used name that a name nearly is; empty for none."""
    near = (
        popular
        for popular in sorted(_POPULAR)
        if len(popular) > _SHORTEST and _is_near(popular, name)
    )
    return next(near, "")


def _hit(file: FileView, number: int, text: bytes, message: str, severity: Severity) -> Hit:
    return Hit.on(file, number, text, message, severity=severity)


def _name(file: FileView, text: bytes) -> str:
    """Return the package that a line of a manifest names; empty for none."""
    return _named(text[:300], file.path.endswith((".txt", ".in")))


@lru_cache(maxsize=1 << 12)
def _named(text: bytes, is_list: bool) -> str:  # noqa: FBT001 -- a key of the cache
    line = text.decode("utf-8", "replace")
    for at, entry in enumerate(_ENTRY):
        if at == _BARE_NAME and not is_list:
            continue
        if found := entry.match(line):
            name = found[1].lower()
            return "" if name in _NO_PACKAGES else name
    return ""


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


def _is_beside(one: str, other: str) -> bool:
    """Return whether one name is the other's beginning, its middle or of another house."""
    short, long = sorted((one, other), key=len)
    if len(short) < _SHORTEST or short == long:
        return False
    same = len(list(takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))))
    houses = one.partition(".")[2] == other.partition(".")[2] != ""
    return houses or same > _SHORTEST or short in long


def _pinned(text: bytes) -> str:
    """Return the version that a line of a manifest names; empty for none."""
    found = re.search(rb"\d+(?:\.\d+)+", text[:300])
    return found[0].decode() if found else ""


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
    version=2,
    summary="replaces a dependency by one whose name only looks right",
    wakes=frozenset({Label.MANIFEST}),
    check=check,
)
