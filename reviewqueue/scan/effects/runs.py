r"""What a command that checks leaves out, and what it insists on: as sets, before and after.

Whatever the tool: an option that excludes, ignores or skips names what is left out, an
expression with ``not`` does, and so does a path below the one that was looked at. An option
that makes an error of a warning is what the command insists on.
"""

import re
from collections.abc import Iterator

from reviewqueue.scan.rule import FileView, expression
from reviewqueue.scan.structure.checks import RUNS, installs
from reviewqueue.scan.structure.comments import uncommented
from reviewqueue.scan.structure.pairs import Block, Numbered, Pair, blocks, finds, matching, paired

LESS = "tests or findings no longer count"
_SPEAKS = (
    b"name:",
    b"- name:",
    b"#",
    b"path:",
    b"key:",
    b"tox:",
    b"allowed_tools:",
    b"//",
    b"*",
    b"echo ",
)
"""What a line begins with that only speaks of a check."""

_WORD = re.compile(rb"(?:[^\s\"'`]|\"[^\"\n]*\"|'[^'\n]*')+")
"""A word of a command, with what is quoted in it."""
_SCRIPT = re.compile(rb"[ \t]*\"[\w:./-]+\"[ \t]*:[ \t]*\"((?:[^\"\\\n]|\\.)*)\"[ \t]*,?$")
"""A command that has a name, in a manifest; asked without the white space at its end, which two
parts could share in many ways."""
_SLASH = re.compile(rb"/")
_QUOTES = re.compile(rb"\\?[\"'`]")
_OFF = frozenset(b"false no 0".split())
_LONGEST = 2000
"""Bytes of a line that are looked at."""
_JOINS = frozenset({b"&&", b"||", b"|", b";", b"&", b"\\"})
_OPTION = (
    r"^--?(?:[a-z]+-)*(?:exclude|ignore|skip|deselect|omit|disable|invert|without)"
    r"(?:-[a-z-]+|[A-Z]\w*)?$|^--(?:test|path)\w*Ignore\w*$|^--grep-invert$|^-(?:LE|skip)$|"
    r"^-D[\w.]*(?i:skip)[\w.]*$|^-[dD]isable\w*$"
)
"""An option that leaves out what it names."""
_NO_CHECK = (
    r"(?i)cache|progress|install|build|generat|interactive|color|banner|update|warn|output|"
    r"download|if-present|engine|script|platform|prompt|git|lock|telemetry|log|docker|push|"
    r"publish|deploy|version|commit|gpg|javadoc|source|sign"
)
"""What may be left out of a run, and every test runs as before."""
_TAKEN_BY = {
    b"-x": r"(?i)\bgradlew?\b",
    b"-E": r"\bctest\b",
    b"-pl": r"\bmvnw?\b",
}
"""Short options, and the tools for which they leave out what follows."""
_MEANT = {
    b"-x": r"(?i)test|check|lint|verif|detekt|spotless|pmd|spotbugs|jacoco|coverage",
    b"-E": r"\w",
    b"-pl": r"^['\"]?!",
}
_SELECTS = frozenset({b"-m", b"-k", b"-E", b"--filter-expr", b"--grep", b"-tags", b"-t", b"-g"})
_ONLY = (
    r"^(?:--lib|--bins?|--doc|--tests?|--testNamePattern|--testPathPattern\w*|--grep|--filter|"
    r"--package|-Dtest|-Dit\.test|-Dgroups|--only-?[cC]hanged|--changed\w*|--affected|"
    r"--last-failed|--lf|--group|--testsuite|--spec|--only(?:-\w+)?)$"
)
"""An option that names what alone is looked at."""
_ONLY_OF = {
    b"-k": r"\b(?:pytest|py\.test|unittest)\b",
    b"-p": r"\bcargo\b",
    b"-t": r"\b(?:jest|vitest)\b",
    b"-g": r"\b(?:mocha|playwright)\b",
    b"-R": r"\bctest\b",
    b"-run": r"\bgo\s+test\b|\bgotestsum\b",
}
"""Likewise, but only of some tools."""
_NOT = re.compile(rb"(?:\bnot\s+|(?<![\w!])!(?=[\w(])|(?<![\w~])~(?=\w))(?:\(\s*)?([\w:.@/-]+)")
_PATH = (
    r"^(?:\.{0,2}/?(?:[\w.*-]+/)*(?:[\w*-]*(?:tests?|spec|e2e|src|integration|pkg|packages|apps|"
    r"crates)[\w*-]*/[\w./*:-]*|\.\.\.)|tests?/?|src|spec|e2e|integration|\.)$"
)
"""A path that tests or sources are looked for in."""
_TESTS = r"\b(?:pytest|py\.test|jest|vitest|mocha|rspec|phpunit|playwright|cypress)\b"
"""What looks everywhere where no path is named."""
_PART = (
    r"(?i)^(?:[\w./]+[:/_-])?(?:tests?|unit|integration|e2e|lint\w*|type-?check|tsc|eslint|ruff|"
    r"mypy|pyright|pytest|jest|vitest|mocha|audit|scan|security|sast|verify|validate|coverage|"
    r"check|clippy|vet|fmt|conformance|fuzz|smoke)(?:[:_-]\w+)*(?:\.sh)?$"
)
"""A part of a command that checks something by its name."""
_NOTHING = (
    r"(?:run:|^\t@?|^[ \t]*-|['\"]:[ ]*['\"])[ ]*['\"]?"
    r"(?:echo\b[^&;|\n]*|true|:|exit 0|/bin/true)['\"]?,?[ ]*$"
)
_FILTERS = re.compile(rb"(?:_tag_filters|tag_filters|_filter)=(\S+)")
_BUT = r"\bgo list\b[^|\n]*\|[^\n]*grep +-\w*v\w* +(?:-\w+ +)*(\S+)"


def words(text: bytes) -> list[bytes]:
    """Return the words of a command, without quotes around a whole one."""
    text = text[:_LONGEST]
    script = _SCRIPT.match(text.rstrip(b" \t\r"))
    return [_bare(word) for word in _WORD.findall(_QUOTES.sub(b"'", script[1]) if script else text)]


def left_out(text: bytes) -> frozenset[bytes]:
    """Return what a command leaves out of what it would look at, each with its option."""
    text = text[:_LONGEST]
    found = words(text)
    after = (*found[1:], b"")
    # What is said twice leaves out no more than once.
    said = dict.fromkeys(zip(found, after, strict=True))
    options = (entry for word, next_ in said for entry in _by_option(text, word, next_))
    return frozenset((*options, *_by_filter(text)))


def _by_option(text: bytes, word: bytes, following: bytes) -> Iterator[bytes]:
    """Yield what an option leaves out; its own name where all else is left out."""
    name, _, value = word.partition(b"=")
    given = value or following
    if name in _SELECTS:
        for entry in _NOT.findall(given):
            yield b"not " + entry
    if name in _TAKEN_BY:
        if finds(_TAKEN_BY[name])(text) and finds(_MEANT[name])(given):
            yield name + b" " + given
    elif finds(_OPTION)(name) and not finds(_NO_CHECK)(name):
        if value.lower() not in _OFF:
            is_alone = not value and (following[:1] == b"-" or name[:2] == b"-D")
            for entry in _entries(b"" if is_alone else given):
                yield name + b" " + entry
    elif name == b"-short" or finds(_ONLY_OF.get(name, _ONLY))(text if name in _ONLY_OF else name):
        yield name


def _by_filter(text: bytes) -> Iterator[bytes]:
    """Yield what a filter of names, or of the list of all packages, takes out."""
    for given in _FILTERS.findall(text):
        yield from (b"not " + entry[1:] for entry in _entries(given) if entry[:1] == b"-")
    yield from (b"not " + given for given in expression(_BUT).findall(text))


def _entries(given: bytes) -> list[bytes]:
    """Return what a value names, if it is a list; one nameless entry if nothing."""
    if given in _JOINS:
        return [b""]
    return [part for part in given.strip(b"'\"").split(b",") if part] or [b""]


def _bare(word: bytes) -> bytes:
    return word[1:-1] if len(word) > 1 and word[0] == word[-1] and word[:1] in b"'\"" else word


def is_nearer(old: bytes, new: bytes) -> bool:
    """Return whether a command looks only below the paths that it looked at, or at fewer."""
    was, now = _paths(old), _paths(new)
    if not was and now and finds(_TESTS)(new):
        return frozenset(words(old)) <= frozenset(words(new))
    if not (was and now) or len(now) > len(was) or was <= now:
        return False
    return all(_is_below(path, was) for path in now)


def _paths(text: bytes) -> frozenset[bytes]:
    """Return the paths that a command names, of a kind: ``.`` for all there is."""
    return frozenset(
        word.removesuffix(b"...").strip(b"/").removeprefix(b"./") or b"."
        for word in words(text)
        if finds(_PATH)(word)
    )


def _is_below(path: bytes, others: frozenset[bytes]) -> bool:
    """Return whether one of some paths is this one, or a folder that it lies in."""
    if path in others or b"." in others:
        return True
    return any(path[: found.start()] in others for found in _SLASH.finditer(path))


def narrowed(file: FileView) -> Iterator[tuple[Numbered, str]]:
    """Yield the commands that look at less than before, with what they lost.

    None where the file runs more checks than before: what one leaves out, another has.
    """
    told = [
        ((pair.new_line, pair.new), less)
        for block in blocks(file, RUNS)
        for pair in _commands(block)
        if not (_only_speaks(pair.old) or _only_speaks(pair.new)) and (less := _less(pair))
    ]
    if told:
        old, new = (len(matching(uncommented(side), RUNS)) for side in (file.removed, file.added))
        if old >= new:
            yield from told


def _commands(block: Block) -> Iterator[Pair]:
    """Yield the commands that check, before and after; a lone line is one however it changed."""
    if len(block.old) == len(block.new) == 1:
        (before, old), (after, new) = *block.old, *block.new
        yield Pair(before, after, old, new)
    else:
        yield from paired(block, finds(RUNS))


def _only_speaks(text: bytes) -> bool:
    """Return whether a line names checks, or brings their tools, and runs none."""
    bare = text.strip()
    return bare.startswith(_SPEAKS) or installs(bare)


def _less(pair: Pair) -> str:
    """Say what a command no longer looks at; nothing where it is another, or looks at as much."""
    lost = lost_part(pair.old, pair.new)
    if lost:
        return f"a command no longer runs {lost.decode('utf-8', 'replace')[:60]}"
    if not finds(RUNS)(pair.new):
        return "a check is replaced by nothing" if does_nothing(pair.new) else ""
    if left_out(pair.old) < left_out(pair.new):
        return LESS
    return "a check looks at fewer paths" if is_nearer(pair.old, pair.new) else ""


def lost_part(old: bytes, new: bytes) -> bytes:
    """Return what a command did by name to check something, and does not, with nothing for it."""
    was, now = words(old), frozenset(words(new))
    if not now < frozenset(was):
        return b""
    return next((word for word in was if word not in now and finds(_PART)(word)), b"")


def does_nothing(text: bytes) -> bool:
    """Return whether a command is one that always succeeds, and does nothing else."""
    return finds(_NOTHING)(text)
