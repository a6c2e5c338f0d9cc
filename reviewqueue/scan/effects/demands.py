r"""What a command or a setting insists on, so that a lesser fault fails the check, too.

Warnings that are errors, full coverage, races that are looked for, all packages rather than
one: a command that is the same but for such a word asks for less, and is as green as before.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from reviewqueue.scan.rule import FileView, expression
from reviewqueue.scan.structure.comments import is_comment, uncommented
from reviewqueue.scan.structure.pairs import Block, Numbered, Pair, blocks, finds, paired

INSISTS = (
    r"-Werror\b|-D ?warnings\b|--max-warnings[= ]0|--check-coverage\b|[ ]--100\b|"
    r"[ ]--strict(?:-[\w-]+)?\b|-warnaserror\b|--warnings-as-errors\b|"
    r"--fatal-(?:warnings|infos|meson-warnings)\b|--error-on-warnings?\b|"
    r"--fail-(?:on|level|threshold|if)[\w-]*|--forbid-only\b|[ ]-race\b|--exit-code[= ]1\b|"
    r"[ ]--error\b|-Xfatal-warnings\b|--all-(?:features|targets|files)\b|[ ]--pedantic\b|"
    r"-Wall\b|-Wextra\b|-fsanitize=\w+|[ ]-W[ ]+error\b|--exit-non-zero-on[\w-]*|"
    r"--require-[\w-]+|--enforce-[\w-]+|--abort-on[\w-]*|--werror\b"
)
"""Options that make a check ask for more, rare enough to be looked for everywhere: a trigger."""
HOLDS = (
    r"(?i)\b(?:strict(?:_?\w+)?|noImplicit\w+|noUnused\w+|noUnchecked\w+|noFallthrough\w+|"
    r"fail_?on\w+|fail_if\w*|(?:treat|all)?_?warnings?_?as_?err\w*|disallow_\w+|warn_\w+|"
    r"check_untyped_defs|xfail_strict|forbid_?only|werror|forbidOnly|error_?on_?\w+|"
    r"break_?build\w*|abortOnError)['\"]?[ \t]*[:=>][ \t]*['\"]?(?:true|error|always|yes|on)\b"
)
"""Settings that do, switched on: likewise."""
_SETTINGS = (
    r"(?i)(?:tsconfig|jsconfig)[^/]*\.json$|(?:mypy|pytest|tox|ruff|pyright|flow)[^/]*$|"
    r"(?:pyproject\.toml|setup\.cfg|pom\.xml|mkdocs\.ya?ml|analysis_options\.yaml|build\.sbt|"
    r"\.(?:gradle|kts|csproj|fsproj|vbproj|props|targets))$|"
    r"(?:lint|playwright|jest|vitest|meson|phpunit|phpstan|psalm|checkstyle|sonar)[^/]*$"
)
"""Files in which such settings are about checks."""
_OFF = (
    r"(?i)[:=>][ \t]*['\"]?(?:false|no|off|never|warn\w*|ignore)\b|^[ \t]*(?://|#|;|<!--)|^[ \t]*$"
)
_OPTION = r"^[ \t]*(?:-[ \t]+)?['\"]?(?:--?[\w=. ,-]+)['\"]?[ \t]*,?[ \t]*\\?[ \t]*$"
"""A line that holds options alone."""
_KEY = r"^[ \t<'\"]*(?:-[ \t]+)?['\"]?([\w.-]+)"
_VARIABLE = (
    r"^[ \t]*(?:-[ \t]+|export[ \t]+|ENV[ \t]+)?(\w*(?i:flags|opts|options|args))[ \t]*[:+]?[:=]"
)
"""What options are given to a tool in."""
_LONGEST = 400
"""Bytes of a line that is a command."""
_FEW = 4
"""Removed lines up to which a block of settings is changed, not written anew."""

Lesser = tuple[Numbered, str, bool]
"""A line, what it no longer insists on, and whether it is the new one."""


def insisted(files: Sequence[FileView]) -> frozenset[bytes]:
    """Return the options that stand less often in these files than before.

    None where a setting that may mean the same was switched on.
    """
    fewer: Counter[bytes] = Counter()
    for file in files:
        fewer.update(map(_folded, expression(INSISTS).findall(uncommented(file.removed))))
    for file in files if fewer else ():
        added = uncommented(file.added)
        if finds(HOLDS)(added):
            return frozenset()
        fewer.subtract(map(_folded, expression(INSISTS).findall(added)))
    return frozenset(option for option, count in fewer.items() if count > 0)


def no_longer_insisted(file: FileView, lost: frozenset[bytes]) -> Iterator[Lesser]:
    """Yield the lines that lost one of these options, and say the rest as before."""
    for block in blocks(file, INSISTS) if lost else ():
        for pair in _pairs(block):
            gone = _named(pair.old, lost) - _named(pair.new, lost)
            if gone and len(pair.old) <= _LONGEST:
                yield (pair.new_line, pair.new), _told(gone), True
        for number, text in block.old if not block.new else ():
            if finds(_OPTION)(text) and (gone := _named(text, lost)):
                yield (number, text), _told(gone), False


def no_longer_held(file: FileView) -> Iterator[Lesser]:
    """Yield the settings that made a check ask for more, and are off or gone."""
    if not finds(_SETTINGS)(file.path.encode("utf-8", "replace")):
        return
    kept = {_key(text) for text in file.added.split(b"\n") if finds(HOLDS)(text)}
    for block in blocks(file, HOLDS, of=range(1, _FEW + 1)):
        now = {_key(text): (number, text) for number, text in block.new}
        for line in block.old:
            key = _key(line[1])
            if not finds(HOLDS)(line[1]) or key in kept or is_comment(line[1]):
                continue
            after = now.get(key)
            if after is None and len(block.new) <= len(block.old):
                yield line, key.decode("utf-8", "replace"), False
            elif after is not None and finds(_OFF)(after[1]):
                yield after, key.decode("utf-8", "replace"), True


def _pairs(block: Block) -> Iterator[Pair]:
    """Yield the lines with an option, before and after; of a lone variable whatever it holds."""
    if len(block.old) == len(block.new) == 1:
        (before, old), (after, new) = *block.old, *block.new
        if _goes_on(old, new):
            yield Pair(before, after, old, new)
            return
    yield from paired(block, finds(INSISTS))


def _goes_on(old: bytes, new: bytes) -> bool:
    """Return whether two lines give options to the same variable."""
    first, second = (expression(_VARIABLE).search(text) for text in (old, new))
    return bool(first and second and first[1] == second[1])


def _named(text: bytes, lost: frozenset[bytes]) -> frozenset[bytes]:
    return frozenset(map(_folded, expression(INSISTS).findall(text))) & lost


def _folded(option: bytes) -> bytes:
    return b" ".join(option.split()).replace(b"=", b" ").replace(b"-D warnings", b"-Dwarnings")


def _told(options: frozenset[bytes]) -> str:
    return min(options).decode("utf-8", "replace")


def _key(text: bytes) -> bytes:
    found = expression(_KEY).search(text)
    return bytes(found[1]) if found else b""
