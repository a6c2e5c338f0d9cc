"""CODEOWNERS: who owns which paths, as GitHub reads the file.

The last matching line wins; a line without owners un-owns its paths; a line that cannot
be read is skipped and reported. Matching takes time linear in the path for each line,
so that no file can stall it.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

_T = TypeVar("_T")

MAX_BYTES = 3 * 1024 * 1024
"""A larger file is not loaded at all, as on GitHub."""
_REMEMBERED = 20_000
"""Paths whose answer is kept."""
_SECTION = re.compile(r"\^?\[[^\[\]]+\](?:\[\d+\])?(?:\s+(?P<owners>[^#]*))?(?:#.*)?")
"""GitLab's section header; its lines count like any other's."""
_LOGIN = re.compile(r"@[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,98}[A-Za-z0-9_])?(?:\[bot\])?")
_TEAM = re.compile(r"@[A-Za-z0-9][A-Za-z0-9_.-]{0,98}(?:/[A-Za-z0-9_][A-Za-z0-9_.-]{0,98}){1,20}")
_MAIL = re.compile(r"[^@\s<>]{1,200}@[^@\s<>]{1,200}")


@dataclass(frozen=True, slots=True)
class Segment:
    """What one folder or file name of a pattern matches."""

    literal: str | None
    """The name itself, where there is no wildcard."""
    tokens: tuple[str, ...] = ()
    """Else: ``*``, ``?``, a character, or a backslash with the character it escapes."""

    def matches(self, name: str) -> bool:
        """Return whether a name matches as a whole."""
        if self.literal is not None:
            return self.literal == name
        return _wild(self.tokens, name, is_any=lambda part: part == "*", is_one=_is_one)


ANY = Segment(None, ("**",))
"""Any number of folders, none too."""
ONE = Segment(None, ("*",))
"""Exactly one name."""


@dataclass(frozen=True, slots=True)
class OwnerRule:
    """One line that could be read."""

    line: int
    """1-based."""
    pattern: str
    """As written."""
    owners: tuple[str, ...]
    """``@user``, ``@org/team`` or e-mail; empty: nobody owns what matches."""
    segments: tuple[Segment, ...] = field(repr=False)
    """The pattern from the root to the end of a path."""


@dataclass(frozen=True, slots=True)
class Owners:
    """A CODEOWNERS file."""

    rules: tuple[OwnerRule, ...] = ()
    problems: tuple[str, ...] = ()
    """What was skipped and why, a sentence each with its line."""
    _seen: dict[str, OwnerRule | None] = field(
        default_factory=dict, compare=False, repr=False, init=False
    )

    def rule_of(self, path: str) -> OwnerRule | None:
        """Return the last line that matches a path (from the root, no leading slash)."""
        if path not in self._seen:
            if len(self._seen) >= _REMEMBERED:
                self._seen.clear()
            parts = path.split("/")
            matching = (rule for rule in reversed(self.rules) if _covers(rule.segments, parts))
            self._seen[path] = next(matching, None)
        return self._seen[path]

    def of(self, path: str) -> tuple[str, ...]:
        """Return the owners of a path as the file names them; empty where nobody owns it."""
        rule = self.rule_of(path)
        return rule.owners if rule else ()

    def team_of(self, lines: Mapping[str, int]) -> str:
        """Return the ``@org/team`` that owns most changed lines, or an empty text.

        ``lines`` are changed lines by path; a path of two teams counts for both; ties go
        to the name that sorts first.
        """
        owned: dict[str, int] = {}
        for path, count in lines.items():
            for owner in self.of(path):
                if "/" in owner and "@" not in owner[1:]:
                    owned[owner] = owned.get(owner, 0) + count
        return min(owned, key=lambda team: (-owned[team], team), default="")


def parse_owners(text: bytes) -> Owners:
    """Read a CODEOWNERS file; whatever it holds, this returns."""
    if len(text) > MAX_BYTES:
        return Owners(problems=(f"the file is larger than {MAX_BYTES} bytes and is not read",))
    rules: list[OwnerRule] = []
    problems: list[str] = []
    defaults: tuple[str, ...] = ()
    for number, raw in enumerate(text.decode("utf-8", "replace").split("\n"), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        section = _SECTION.fullmatch(line)
        if section is not None:
            named = (section["owners"] or "").split()
            defaults = tuple(owner for owner in named if _is_owner(owner))
            continue
        rule = _rule(number, line, defaults)
        if isinstance(rule, OwnerRule):
            rules.append(rule)
        else:
            problems.append(f"line {number}: {rule}; skipped")
    return Owners(tuple(rules), tuple(problems))


def _covers(segments: tuple[Segment, ...], parts: Sequence[str]) -> bool:
    return _wild(segments, parts, is_any=lambda it: it is ANY, is_one=Segment.matches)


def _wild(
    pattern: Sequence[_T],
    text: Sequence[str],
    *,
    is_any: Callable[[_T], bool],
    is_one: Callable[[_T, str], bool],
) -> bool:
    """Match a whole text against a pattern with "any number" items, greedily.

    Going back to the last such item alone is enough, so the time is at most the product
    of the two lengths.
    """
    at = here = 0
    star = -1
    tried = 0
    while here < len(text):
        if at < len(pattern) and is_any(pattern[at]):
            star, tried = at, here
            at += 1
        elif at < len(pattern) and is_one(pattern[at], text[here]):
            at, here = at + 1, here + 1
        elif star >= 0:
            tried += 1
            at, here = star + 1, tried
        else:
            return False
    return all(is_any(item) for item in pattern[at:])


def _is_one(part: str, character: str) -> bool:
    return part == "?" or part[-1] == character


def _rule(number: int, line: str, defaults: tuple[str, ...]) -> OwnerRule | str:
    words = _words(line)
    pattern, owners = words[0], tuple(words[1:])
    problem = _problem(pattern)
    if problem is not None:
        return problem
    for owner in owners:
        if not _is_owner(owner):
            return f"“{owner[:80]}” is no @user, @org/team or e-mail address"
    return OwnerRule(number, pattern, owners or defaults, _segments(pattern))


def _is_owner(text: str) -> bool:
    return any(form.fullmatch(text) for form in (_LOGIN, _TEAM, _MAIL))


def _words(line: str) -> list[str]:
    """Split at unescaped white space, up to a word that starts a comment."""
    words: list[str] = []
    word = ""
    escaped = False
    for character in line:
        if not escaped and character.isspace():
            if word:
                words.append(word)
            word = ""
            continue
        if character == "#" and not word and words:
            return words
        word += character
        escaped = character == "\\" and not escaped
    return [*words, word] if word else words


def _problem(pattern: str) -> str | None:
    if pattern.startswith("!"):
        return "negation (!) is not supported"
    if pattern.startswith("\\#"):
        return "a pattern cannot begin with an escaped #"
    if re.search(r"(?<!\\)\[", pattern):
        return "character ranges ([ ]) are not supported"
    if "***" in pattern:
        return "three asterisks in a row"
    if pattern.endswith("\\") and not pattern.endswith("\\\\"):
        return "the pattern ends in a lone backslash"
    return None


def _segments(pattern: str) -> tuple[Segment, ...]:
    """Return the pattern from the root to the end of a path.

    A name covers itself and everything under it, a last ``*`` only what lies directly in
    the folder; without a slash before its end a pattern matches at any depth.
    """
    names = pattern.split("/")
    if names[0] == "":
        names = names[1:]
    elif len(names) == 1 or names[1:] == [""]:
        names = ["**", *names]
    if names == [""]:
        return (Segment(""),)  # "/" matches nothing
    segments = [_segment(name) for name in names[:-1]]
    if names[-1] in ("", "**"):
        return (*segments, ONE, ANY)
    last = _segment(names[-1])
    return (*segments, last) if last == ONE else (*segments, last, ANY)


def _segment(name: str) -> Segment:
    if name == "**":
        return ANY
    tokens = tuple(re.findall(r"\\.|[^\\]", name))
    if "*" not in tokens and "?" not in tokens:
        return Segment("".join(token[-1] for token in tokens))
    return ONE if tokens == ONE.tokens else Segment(None, tokens)
