r"""What the settings of tools that check code say: which files they are, and what they switch off.

A rule is left out by its value (``off``), or by its name in a list of those that do not count;
and it goes from a list of those that do. Both are compared as sets.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from reviewqueue.domain.finding import Side
from reviewqueue.scan.rule import FileView
from reviewqueue.scan.structure.hunks import shown
from reviewqueue.scan.structure.openers import Openers
from reviewqueue.scan.structure.pairs import Numbered, finds

CHECKERS = (
    r"(?i)(?:^|/)(?:\.pre-commit-config\.ya?ml|\.?lefthook\.ya?ml|\.flake8|\.?pylintrc|"
    r"\.?mypy\.ini|\.?ruff\.toml|pyrightconfig\.json|\.isort\.cfg|\.coveragerc|\.?codecov\.ya?ml|"
    r"\.eslintrc(?:\.\w+)?|eslint\.config\.\w+|\.stylelintrc(?:\.\w+)?|stylelint\.config\.\w+|"
    r"biome\.jsonc?|\.oxlintrc\.json|tslint\.json|\.jshintrc|\.?golangci\.(?:ya?ml|toml)|"
    r"\.?clippy\.toml|deny\.toml|\.rubocop(?:_\w+)?\.ya?ml|phpstan[\w.-]*\.neon(?:\.dist)?|"
    r"psalm\.xml(?:\.dist)?|phpcs\.xml(?:\.dist)?|\.bandit|\.semgrep\.ya?ml|\.gitleaks\.toml|"
    r"\.?trivy\.ya?ml|\.yamllint(?:\.ya?ml)?|\.markdownlint[\w-]*\.\w+|\.hadolint\.ya?ml|"
    r"\.shellcheckrc|\.tflint\.hcl|sonar-project\.properties|\.?commitlintrc?(?:\.config)?\.\w+|"
    r"checkstyle[\w-]*\.xml|pmd[\w-]*\.xml|detekt[\w-]*\.ya?ml|\.swiftlint\.ya?ml|\.clang-tidy|"
    r"analysis_options\.ya?ml|\.credo\.exs|\.lintstagedrc(?:\.\w+)?|\.overcommit\.yml|"
    r"\.checkov\.ya?ml|\.ansible-lint|\.sqlfluff|\.ameba\.yml|\.scalafix\.conf|\.secrets\.baseline)$"
)
"""The names of the settings of what checks code."""
TOOL = (
    r"(?i)lint|ruff|flake8|mypy|pyright|black|isort|biome|prettier|rubocop|clippy|phpstan|psalm|"
    r"bandit|semgrep|hooks|husky|pre-commit|lefthook|checkstyle|detekt|coverage|scan"
)
"""What a line about such a tool speaks of."""
_SHARED = r"(?i)(?:^|/)(?:pyproject\.toml|setup\.cfg|tox\.ini|package\.json|Cargo\.toml)$"
"""Files that hold such settings among others."""
_CHOSEN = (
    r"(?i)\b(?:extend[-_])?(?:select|enable[d]?|plugins?|extends|checks|linters|enabled_rules|"
    r"opt_in_rules|only_rules)['\"]?[ \t]*[:=]"
)
_LEFT = (
    r"(?i)\b(?:extend[-_])?(?:ignore[ds]?|disable[d]?|disabled_rules|skips?|exclude_?rules|"
    r"suppress\w*|noqa|off)['\"]?[ \t]*[:=]"
)
_VALUE = re.compile(
    rb"^[ \t]*['\"]?([@A-Za-z][\w/@.-]*)['\"]?[ \t]*[:=][ \t]*\[?[ \t]*"
    rb"(?:['\"](?:off|allow|ignore|disabled?|none)['\"]|off\b|0[ \t]*[,\]])"
)
_WARNING = re.compile(rb"^[ \t]*['\"](?:ignore|error|default|always|once|module):")
"""What Python does with a warning: nothing that is checked."""
_SWITCHED = re.compile(rb"^[ \t]*['\"]?(?:[Ee]nabled|active)['\"]?[ \t]*:[ \t]*false\b")
"""What is said below the name of a rule."""
_ITEM = re.compile(
    rb"^[ \t]*(?:-[ \t]+)?['\"]?([@A-Za-z][\w/@.-]*)['\"]?[ \t]*(?:,[ \t]*)?(?:[#/][^\n]*)?$"
)
_LIST = re.compile(rb"[:=][ \t]*\[?([^\]\n#]*)")
_ENTRY = re.compile(rb"[@A-Za-z*-][\w/@.*-]*")
_PARTLY = r"(?i)per-file|overrides|tests?\b|\*"
"""What narrows a list to some files."""
_HOOK = re.compile(rb"^[ \t]*-[ \t]+id:[ \t]*['\"]?([\w.-]+)")
_LONGEST = 400
"""Bytes of a line of settings."""
_MOST = 5_000
"""Changed lines above which settings are data."""


class Switched(NamedTuple):
    """What one side of a file's changed lines says of rules, each with its first line."""

    chosen: dict[bytes, Numbered]
    left: dict[bytes, Numbered]
    kept: set[bytes]
    """What stood in a list that is still there."""


def is_checker(path: str) -> bool:
    """Return whether a file holds nothing but the settings of what checks code."""
    return finds(CHECKERS)(path.encode("utf-8", "replace"))


def has_settings(file: FileView) -> bool:
    """Return whether a file holds such settings, if only among others."""
    path = file.old_path or file.path
    if is_checker(path):
        return True
    return finds(_SHARED)(path.encode("utf-8", "replace")) and finds(TOOL)(shown(file))


def switched(file: FileView, side: Side) -> Switched:
    """Return what the changed lines of a side choose, and leave out; nothing of very many."""
    found = Switched({}, {}, set())
    text = file.added if side is Side.NEW else file.removed
    if text.count(b"\n") > _MOST:
        return found
    openers = Openers(file, side)
    other = file.removed if side is Side.NEW else file.added
    goes_on, gone = finds(_CHOSEN)(other), frozenset(text.split(b"\n"))
    for number, line in file.added_lines() if side is Side.NEW else file.removed_lines():
        said = list(_said(line, openers, number))
        for is_chosen, name in said:
            (found.chosen if is_chosen else found.left).setdefault(name, (number, line))
        is_inline = finds(_CHOSEN)(line)
        if said and (goes_on if is_inline else _heading(openers.above(number)) not in gone):
            found.kept.update(name for _, name in said)
    return found


def _said(line: bytes, openers: Openers, number: int) -> Iterator[tuple[bool, bytes]]:
    """Yield what a line says of rules: whether one is chosen, and its name."""
    if len(line) > _LONGEST or line.lstrip()[:1] in {b"#", b"/"} or _WARNING.match(line):
        return
    if _SWITCHED.match(line):
        yield False, _heading(openers.above(number)).strip(b" \t'\"{:")
        return
    value, item = _VALUE.match(line), _ITEM.match(line)
    is_list = finds(_CHOSEN)(line) or finds(_LEFT)(line)
    if is_list:
        given = _LIST.search(line)
        for name in _ENTRY.findall(given[1]) if given and not finds(_PARTLY)(line) else ():
            yield finds(_CHOSEN)(line), name
    elif value:
        yield False, value[1]
    elif item:
        above = openers.above(number)
        chosen, left = (finds(regex)(_heading(above)) for regex in (_CHOSEN, _LEFT))
        if (chosen or left) and not finds(_PARTLY)(above):
            yield chosen, item[1]


def _heading(above: bytes) -> bytes:
    return above.split(b"\n", 1)[0]


def lost_hooks(file: FileView) -> Iterator[Numbered]:
    """Yield the hooks that a list of hooks loses, where none comes to it."""
    old = {found[1]: line for line in file.removed_lines() if (found := _HOOK.match(line[1]))}
    new = {found[1] for _, text in file.added_lines() if (found := _HOOK.match(text))}
    if old and not new - old.keys():
        yield from (line for name, line in old.items() if name not in new)
