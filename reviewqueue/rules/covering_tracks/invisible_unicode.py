"""Characters that a reviewer cannot see.

What it flags
    Added lines, paths, titles or branch names with characters that reorder text
    (bidirectional controls), that are invisible (zero width, tags, fillers, rows of
    variation selectors), or with a letter from another alphabet inside of an otherwise
    Latin identifier.

Why it matters
    The reviewer reads one program and the machine runs another. Invisible text can also
    carry orders to an agent that reads the file.

How to review it
    Show the line with its code points: the finding names them.
    Ask for the characters to be written as escapes, or removed.

Not flagged
    Lines of a binary lock, joiners inside of emoji and in scripts that need them, a byte-order
    mark at the start of a file or title, directional marks in prose and translations, text in
    other alphabets.

Seen in
    Trojan Source (CVE-2021-42574, CVE-2021-42694); the Glassworm editor extensions of
    October 2025, whose program text was written in variation selectors.
"""

import unicodedata
from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, runs
from reviewqueue.scan.rule import Capability, FileView, Hit, Rule, Stability, View, Wake, expression

_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_INVISIBLE = frozenset("\u200b\u2060\u2061\u2062\u2063\u2064\u115f\u1160\u3164\uffa0\u180e\u00ad")
_JOINERS = frozenset("\u200c\u200d\u200e\u200f\ufeff")
_TAGS = range(0xE0000, 0xE0080)
_SELECTORS = frozenset(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")
_FLAG = "\U0001f3f4"
_REORDERS = r"\xe2\x80[\xaa-\xae]|\xe2\x81[\xa6-\xa9]"
"""The UTF-8 bytes of the bidirectional controls."""
_SUSPECT = (
    r"\xe2\x80[\x8b-\x8f]|\xe2\x81[\xa0-\xa4]|\xef\xbb\xbf|\xc2\xad|\xe1\x85[\x9f\xa0]|"
    r"\xf3\xa0[\x84-\x87]|(?:\xef\xb8[\x80-\x8f]){2}|\xe3\x85\xa4|\xef\xbe\xa0|\xe1\xa0\x8e|"
    r"\xf3\xa0[\x80\x81]|[A-Za-z_]\xef\xb8[\x80-\x8f]|"
    r"[A-Za-z_](?:[\xcd-\xd4][\x80-\xbf]|\xe1[\x8e\x8f][\x80-\xbf])|"
    r"(?:[\xcd-\xd4][\x80-\xbf]|\xe1[\x8e\x8f][\x80-\xbf])[A-Za-z_]"
)
"""The UTF-8 bytes of hidden characters, and of foreign letters that touch Latin ones."""
_STYLED = r"\xf0\x9d[\x90-\x9f][\x80-\xbf]|\xef\xbc[\xa1-\xba]|\xef\xbd[\x81-\x9a]"
"""The UTF-8 bytes of bold, script and wide Latin letters, which Python reads as plain ones."""
_ALIKE = ("CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE")
_LETTERS_OF_FORMULAS = frozenset("\u03bc\u00b5\u0394\u03c0\u03bb\u03c3\u03b1\u03b2\u03b8\u03b5")
_TWINS = frozenset(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u04bb\u051b\u051d"
    "\u043a\u043c\u0442\u0432\u043d\u0433\u043f\u0410\u0412\u0415\u041a\u041c\u041d\u041e"
    "\u0420\u0421\u0422\u0423\u0425\u0406\u0408\u0405\u03bf\u03bd\u03c5\u03c1\u03ba\u03c7"
    "\u03b9\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5"
    "\u03a7\u0585\u057d\u0570\u0578\u0581"
)
"""Letters that look like Latin ones: a word of nothing else can be read as a Latin one."""
_NAME = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789"


def check(view: View) -> Iterator[Hit]:
    """Look at every text that is not plain ASCII."""
    for name, text in (("branch", view.subject.branch), ("title", view.subject.headline)):
        if not text.isascii() and (found := _hidden(text.removeprefix("\ufeff"))):
            yield Hit(message=f"the {name} contains {_named(found)}", text=_escaped(text))
    for file in view.files:
        if not file.path.isascii() and (found := _hidden(file.path)):
            yield Hit(
                message=f"the path contains {_named(found)}",
                text=_escaped(file.path),
                path=file.path,
            )
    for file in view.where(_REORDERS, _SUSPECT, side=Side.NEW):
        yield from _lines(file)
    for file in view.where(_STYLED, side=Side.NEW):
        if Label.SOURCE in file.labels:
            yield from _styled(file)


def _styled(file: FileView) -> Iterator[Hit]:
    """Tell names of code that are written in letters which only look like plain ones."""
    name = expression(rf"(?:{_STYLED}){{2,}}[\w\x80-\xff]*\s*[(.=]")
    for line in file.new(_STYLED):
        if name.search(line.whole):
            yield Hit(
                message="a name is written in letters that only look like plain ones",
                text=line.text,
                path=file.path,
                line=line.number,
                side=Side.NEW,
                key=line.key,
            )


def _lines(file: FileView) -> Iterator[Hit]:
    program = runs(file.labels)
    for line in (*file.new(_REORDERS), *file.new(_SUSPECT)):
        if Label.LOCK in file.labels and not _is_text(line.whole):
            continue
        text = line.text.removeprefix("\ufeff") if line.number == 1 else line.text
        if found := _hidden(text):
            message = f"the line contains {_named(found)}"
            severity = _severity(found, program=program)
        elif program and (word := _mixed(text)):
            message = f"the name {_escaped(word)} mixes alphabets that look alike"
            severity = Severity.MEDIUM
        else:
            continue
        yield Hit(
            message=message,
            text=_escaped(text),
            path=file.path,
            line=line.number,
            side=Side.NEW,
            severity=severity,
            key=line.key,
        )


def _is_text(line: bytes) -> bool:
    """Return whether a line is UTF-8: a lock that is not is read by its tool alone."""
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _severity(found: str, *, program: bool) -> Severity:
    if any(char in _BIDI or char in _SELECTORS or ord(char) in _TAGS for char in found):
        return Severity.HIGH if program else Severity.MEDIUM
    return Severity.MEDIUM if program else Severity.LOW


def _hidden(text: str) -> str:
    """Return the characters of the text that nobody sees."""
    return "".join(
        char
        for at, char in enumerate(text)
        if not char.isascii() and _is_hidden(char, text[max(0, at - 2) : at], text[at + 1 : at + 2])
    )


def _is_hidden(char: str, before: str, after: str) -> bool:
    if char in _BIDI or char in _INVISIBLE:
        return True
    if char in _SELECTORS:
        # After a plain letter there is nothing to select: it only makes another name of it.
        return before[-1:] in _SELECTORS or before[-1:] in _LETTERS
    if ord(char) in _TAGS:
        return not any(ord(other) in _TAGS or other == _FLAG for other in before)
    if char in _JOINERS:
        plain = (not before or before[-1].isascii()) and (not after or after.isascii())
        return plain and (char == "\ufeff" or bool(before.strip() or after.strip()))
    return False


def _mixed(text: str) -> str:
    """Return the first identifier that mixes Latin with letters that look like it."""
    word = ""
    for char in f"{text} ":
        if char in _NAME or (not char.isascii() and char.isalpha()):
            word += char
            continue
        if not word.isascii() and _is_mixed(word) and not _is_of_two_languages(word):
            return word
        word = ""
    return ""


def _is_mixed(word: str) -> bool:
    foreign = [char for char in word if not char.isascii()]
    latin = sum(char.isascii() and char.isalpha() for char in word)
    alike = all(unicodedata.name(char, "").startswith(_ALIKE) for char in foreign)
    return alike and latin > len(foreign) and not _LETTERS_OF_FORMULAS & set(foreign)


def _is_of_two_languages(word: str) -> bool:
    """Return whether each part of a name is of one alphabet, and none could be read as Latin."""
    foreign = [part for part in word.split("_") if not part.isascii()]
    return not any(
        any(char.isascii() and char.isalpha() for char in part) or set(part) <= _TWINS
        for part in foreign
    )


def _named(found: str) -> str:
    codes = sorted({f"U+{ord(char):04X}" for char in found})
    return f"characters that nobody sees ({', '.join(codes[:5])})"


def _escaped(text: str) -> str:
    return "".join(
        char if char.isascii() or char.isalnum() else f"\\u{{{ord(char):x}}}"
        for char in text.strip()[:2_000]
    )


RULE = Rule(
    id="invisible-unicode",
    pathway=Pathway.COVERING_TRACKS,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    stability=Stability.STABLE,
    summary="contains characters that a reviewer cannot see",
    version=5,
    capability=Capability.HIDES,
    added_triggers=(_REORDERS, _SUSPECT, _STYLED),
    wakes=frozenset({Wake.ODD_NAMES}),
    check=check,
)
