"""Which platforms a list in CI names: what is tested there, and on what not any more.

Versions come and go with their support; a whole system, or a kind of processor, seldom does.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Side
from reviewqueue.scan.rule import FileView, expression
from reviewqueue.scan.structure.hunks import numbered
from reviewqueue.scan.structure.openers import Openers
from reviewqueue.scan.structure.pairs import Numbered, finds

_FAMILIES = {
    "Windows": r"(?i)\bwindows|\bwin(?:32|64|-x64|_amd64)\b|\bmsvc\b|-msvc\b",
    "macOS": r"(?i)\bmac-?os|\bdarwin\b|\bosx\b",
    "Linux": r"(?i)\bubuntu|\blinux\b|\bdebian|\bfedora|\balpine",
    "ARM": r"(?i)\barm64|aarch64|\barmv\d|-arm\b",
    "BSD": r"(?i)\b(?:free|open|net)bsd",
    "Android": r"(?i)\bandroid",
    "WebAssembly": r"(?i)\bwasm",
    "a 32-bit processor": r"(?i)\bi[36]86\b|\bx86\b",
    "a mainframe or POWER": r"(?i)\bs390x|\bppc64|\briscv",
}
_NAMES = "(?i)" + "|".join(regex.removeprefix("(?i)") for regex in _FAMILIES.values())
_LISTED = (
    r"^[ \t]*-[ \t]|\[|^[ \t]*['\"]?[\w.-]+['\"]?,?[ \t]*$|"
    r"^[ \t]*['\"]?(?i:imageName|vmImage|image|os|platform|target|host|runner|arch)['\"]?[ \t]*:"
)
"""A line of a list, or one that holds a whole list."""
_STEP = r"^[ \t]*(?:-[ \t]+)?(?:name|run|uses|if|needs|key|path|shell|script)[ \t]*:"
_SPEAKS = (
    r"^[ \t]*(?:-[ \t]+)?(?:run[ \t]*:[ \t]*)?(?:(?:echo|printf|Write-(?:Host|Output))\b|"
    r"(?:name|description)[ \t]*:)"
)
"""A line that only tells of a platform."""
_COMMENT = r"(?:^|[ \t])#[^\n]*"
_LONGEST = 2000
"""Bytes of a line that are looked at."""


def platforms(text: bytes) -> frozenset[str]:
    """Return the kinds of platforms that a line names, and that it does not only tell of."""
    if not finds(_NAMES)(text) or finds(_SPEAKS)(text[:_LONGEST]):
        return frozenset()
    said = expression(_COMMENT).sub(b"", text[:_LONGEST])
    return frozenset(name for name, regex in _FAMILIES.items() if finds(regex)(said))


def no_longer_tested(file: FileView, came: frozenset[str]) -> Iterator[tuple[Numbered, str]]:
    """Yield the old lines of lists that named a platform, where others stay, with its name.

    Nothing that came elsewhere counts.
    """
    if not finds(_NAMES)(file.removed):
        return
    openers = Openers(file, Side.OLD)
    for hunk in file.hunks():
        lines = numbered(hunk)
        lost = [
            (number, text)
            for mark, number, text in lines
            if mark == b"-" and finds(_LISTED)(text) and not finds(_STEP)(text)
        ]
        named = [(line, gone) for line in lost if (gone := platforms(line[1]) - came)]
        if not named:
            continue
        after = frozenset(
            name for mark, _, text in lines if mark != b"-" for name in platforms(text)
        )
        for line, names in named:
            gone = names - after
            if gone and after and b"exclude" not in openers.above(line[0]):
                yield line, min(gone)
