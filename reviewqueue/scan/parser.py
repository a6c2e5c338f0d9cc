r"""A strict reader of unified diffs: bytes in, files and counted hunks out.

Lines end at ``\n`` only, and a hunk is exactly as long as its header says, so that no
line of content is ever taken for a header, nor a header for content. Whatever does not
add up raises :class:`Unscannable`: a diff that was not understood is never an empty one.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import compress, islice
from operator import itemgetter
from stat import S_IFMT

from reviewqueue.scan.diff import FileFacts

MAX_BYTES = 160 << 20
"""Of a whole diff: a fifth more than the largest honest one met; keeps a scan's memory below
1.5 GB."""
MAX_FILES = 250_000
"""Of one diff: more than the largest public monorepos change at once."""
MAX_LINES = 6_000_000
"""Of one diff: short lines cost 30 times their size, so bytes do not bound memory."""
MAX_LINE = 16 << 20
"""Bytes of one line: nobody reads it, and evidence and display work line by line."""
MAX_PATH = 4096
"""Bytes of a path: no system opens a longer one."""

_SECTION = b"\ndiff --git "
_DEV_NULL = b"/dev/null"
_EMPTY_BLOBS = (
    b"e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
    b"473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
)
_PREFIXES = frozenset(b"abciow12")
"""First letters of git's own prefixes: plain, mnemonic, and of ``--no-index``."""

_HUNK = re.compile(rb"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@")
_HEADING = 200
"""Bytes of a hunk's heading that are kept; git writes no more than eighty."""
_RUN = re.compile(rb"[ +\-\\]*")
_FIRST = itemgetter(0)
_AT_ONCE = 50_000
"""Lines that are copied before they are joined."""
_AT = ord("@")
_PLUS = bytes(byte == ord("+") for byte in range(256))
_MINUS = bytes(byte == ord("-") for byte in range(256))
_EXTENDED = (
    b"index ",
    b"old mode ",
    b"new mode ",
    b"new file mode ",
    b"deleted file mode ",
    b"similarity index ",
    b"dissimilarity index ",
    b"rename from ",
    b"rename to ",
    b"copy from ",
    b"copy to ",
)
_INDEX = re.compile(rb"([0-9a-f]{4,64})\.\.([0-9a-f]{4,64})(?: ([0-7]{6}))?")
_EDITED = re.compile(rb"index [0-9a-f]{4,64}\.\.[0-9a-f]{4,64} ([0-7]{6})")
_MODE = re.compile(rb"[0-7]{6}")
_QUOTED = re.compile(rb'"((?:[^"\\\n]|\\(?:[abtnvfr"\\]|[0-3][0-7]{2}))*)"')
_ESCAPE = re.compile(rb'\\([abtnvfr"\\]|[0-3][0-7]{2})')
_LETTERS = dict(zip(b'abtnvfr"\\', b'\a\b\t\n\v\f\r"\\', strict=True))
_BASE85 = re.compile(rb"[A-Za-z][0-9A-Za-z!#$%&()*+;<=>?@^_`{|}~-]{5,65}")
_SIGNATURE = re.compile(rb"-- \n[0-9][\w.()+ -]*\n*")
_MAIL = re.compile(rb"(?:From [0-9a-f]{40,64} |(?:From|Subject|Date|Message-Id): )")
_TALK = re.compile(
    rb"^(?:@@|--- |\+\+\+ |\*\*\* |diff -|Index: |GIT binary patch|Binary files |Only in |Files "
    rb"|(?:old|new|new file|deleted file) mode [0-7]{6}|(?:dis)?similarity index \d"
    rb"|(?:rename|copy) (?:from|to) |index [0-9a-f]+\.\.[0-9a-f]+|\* Unmerged path "
    rb"|Submodule .*(?:\.\.[0-9a-f.][0-9a-f]{4}|contains )|\d+(?:,\d+)?[acd]\d+(?:,\d+)?\r?$"
    rb"|\xef\xbb\xbf|\x1b)",
    re.MULTILINE,
)
_BETWEEN = (b"Index: ", b"====", b"diff -")
_EPOCHS = (b"1970-01-01", b"1969-12-31")


class Unscannable(Exception):  # noqa: N818 -- the word that the result carries
    """The diff, or a part of it, could not be read; ``str()`` is the reason, one line."""


@dataclass(slots=True)
class Hunk:
    """One hunk, verified against the counts in its header."""

    old_start: int
    new_start: int
    lines: list[bytes]
    r"""With their marker byte (`` ``, ``+``, ``-``, ``\``), without ``\n``."""
    heading: bytes = b""
    """The line above that git found to head the hunk (a function's, mostly), or its beginning."""


@dataclass(slots=True)
class FilePatch:
    """What a diff does to one file."""

    old_path: bytes
    """Empty where the file is new."""
    new_path: bytes
    """Empty where the file is deleted."""
    old_mode: int = 0
    """0o100644 …; 0 where there was none or the diff does not say."""
    new_mode: int = 0
    status: str = "M"
    """A, C, D, M, R or T, as git names them."""
    binary: bool = False
    """git showed no lines: the content was not seen."""
    hunks: list[Hunk] = field(default_factory=list)
    added: bytes = b""
    r"""All added lines without marker, each ended by ``\n``."""
    removed: bytes = b""
    r"""All removed lines without marker, each ended by ``\n``."""
    added_count: int = 0
    removed_count: int = 0

    @property
    def path(self) -> bytes:
        """The path after the change, or before it where the file is deleted."""
        return self.new_path or self.old_path

    def added_lines(self) -> Iterator[tuple[int, bytes]]:
        """Yield each added line with its 1-based number in the new file."""
        return self._numbered(b"+", b"-")

    def removed_lines(self) -> Iterator[tuple[int, bytes]]:
        """Yield each removed line with its 1-based number in the old file."""
        return self._numbered(b"-", b"+")

    def _numbered(self, wanted: bytes, other: bytes) -> Iterator[tuple[int, bytes]]:
        skipped = (other, b"\\")
        for hunk in self.hunks:
            number = hunk.new_start if wanted == b"+" else hunk.old_start
            for line in hunk.lines:
                mark = line[:1]
                if mark == wanted:
                    yield number, line[1:]
                if mark not in skipped:
                    number += 1


def parse(patch: bytes) -> tuple[FilePatch, ...]:
    """Read a unified diff, as git writes it or plain; an empty one has no files.

    Text before the first file (of ``git show`` or of a mail) is passed over if nothing in
    it could be taken for a file. Raises Unscannable on anything that is not understood.
    """
    _check_size(patch)
    if not patch.strip(b"\n"):
        return ()
    if patch[-1:] != b"\n":
        raise Unscannable("cut short: the last line does not end")
    if patch.startswith(_SECTION[1:]):
        sections = patch.split(_SECTION)
        sections[0] = sections[0][len(_SECTION) - 1 :]
        return _git_files(sections, mail=False)
    before, *sections = patch.split(_SECTION)
    if not sections:
        return _plain_files(patch)
    mail = _MAIL.match(before) is not None
    _check_talk(before)
    if mail and b"\n---\n" not in before + b"\n":
        raise Unscannable("a file header inside a commit message")
    return _git_files(sections, mail=mail)


def display(path: bytes) -> str:
    """Return a path as text, one for each path: what is not plain UTF-8 as ``%XX``."""
    text = path.decode(errors="surrogateescape")
    if text.isascii() and text.isprintable() and "%" not in text:
        return text
    return "".join(map(_shown, text, [*text[1:], ""], [*text[2:], "", ""][: len(text)]))


def cross_check(patches: tuple[FilePatch, ...], files: tuple[FileFacts, ...]) -> str | None:
    """Compare a parsed patch with git's own list; return the first difference, or None."""
    ours = {(patch.old_path, patch.new_path): patch for patch in patches}
    if len(ours) != len(patches):
        return "the patch names a file twice"
    for facts in files:
        key = _sides(facts)
        patch = ours.pop(key, None)
        name = display(key[1] or key[0])
        if patch is None:
            return f"{name} is missing from the patch"
        difference = _difference(patch, facts)
        if difference:
            return f"{name}: {difference}"
    for patch in ours.values():
        return f"{display(patch.path)} is in the patch, but not in git's list"
    return None


def _sides(facts: FileFacts) -> tuple[bytes, bytes]:
    old, new = facts.old_path or facts.new_path, facts.new_path or facts.old_path
    return (b"" if facts.status == "A" else old), (b"" if facts.status == "D" else new)


def _difference(patch: FilePatch, facts: FileFacts) -> str | None:
    if patch.status != facts.status:
        return f"the patch says {patch.status}, git says {facts.status}"
    modes = ((patch.old_mode, facts.old_mode), (patch.new_mode, facts.new_mode))
    if any(ours and ours != theirs for ours, theirs in modes):
        return "the modes differ"
    if patch.binary or facts.added is None or facts.removed is None:
        # A binary file that was only moved or made executable shows nothing, as it should.
        moved = facts.old_blob == facts.new_blob and not (patch.hunks or patch.binary)
        same = moved or (patch.binary and facts.added is None)
        return None if same else "binary on one side only"
    added = patch.added_count - facts.added
    removed = patch.removed_count - facts.removed
    # A changed type is shown as deleted and added in full; git counts what differs.
    same = added == removed >= 0 if patch.status == "T" else added == removed == 0
    if same:
        return None
    return (
        f"the patch has +{patch.added_count} -{patch.removed_count} lines, "
        f"git counts +{facts.added} -{facts.removed}"
    )


def _shown(letter: str, second: str, third: str) -> str:
    if letter == "%":
        return "%25" if _is_hex(second) and _is_hex(third) else letter
    if letter.isprintable() or unicodedata.category(letter) not in _HIDDEN:
        return letter
    return "".join(f"%{byte:02X}" for byte in letter.encode(errors="surrogateescape"))


_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def _is_hex(letter: str) -> bool:
    return letter != "" and letter in "0123456789abcdefABCDEF"


def _check_size(patch: bytes) -> None:
    size = len(patch)
    if size > MAX_BYTES:
        raise Unscannable(f"too large: {size} bytes, the limit is {MAX_BYTES}")
    if size > MAX_LINES and patch.count(b"\n") > MAX_LINES:
        raise Unscannable(f"too large: more than {MAX_LINES} lines")


def _check_talk(before: bytes) -> None:
    """Refuse text before the first file that could itself be (part of) a file."""
    found = _TALK.search(before)
    if found:
        raise Unscannable("a file header, or a part of one, in the text before the first file")


# --- files as git writes them


def _git_files(sections: list[bytes], *, mail: bool) -> tuple[FilePatch, ...]:
    if len(sections) > MAX_FILES:
        raise Unscannable(f"too large: {len(sections)} files, the limit is {MAX_FILES}")
    files: list[FilePatch] = []
    sections[-1] = _without_end(sections[-1], mail=mail)
    sections.reverse()
    while sections:
        file = _git_file(sections.pop())  # nobody else holds it: freed when it is split
        if file.status == "A" and files and _is_type_change(files[-1], file):
            file = _joined(files.pop(), file)
        files.append(file)
    return tuple(files)


def _without_end(section: bytes, *, mail: bool) -> bytes:
    """Cut the last line's end, and the signature of a mail."""
    if mail:
        start = section.rfind(b"\n-- \n") + 1
        if start and _SIGNATURE.fullmatch(section, start):
            section = section[:start]
    return section[:-1]


def _is_type_change(before: FilePatch, after: FilePatch) -> bool:
    return (
        before.status == "D"
        and before.old_path == after.new_path
        and S_IFMT(before.old_mode) != S_IFMT(after.new_mode)
    )


def _joined(before: FilePatch, after: FilePatch) -> FilePatch:
    """Make one file of what git shows as deleted and added: its type changed."""
    return FilePatch(
        before.old_path,
        after.new_path,
        before.old_mode,
        after.new_mode,
        "T",
        before.binary or after.binary,
        before.hunks + after.hunks,
        before.added + after.added,
        before.removed + after.removed,
        before.added_count + after.added_count,
        before.removed_count + after.removed_count,
    )


def _split(text: bytes) -> tuple[list[bytes], bytes]:
    """Return the lines, none of them empty, and the first byte of each."""
    lines = text.split(b"\n")
    if len(text) > MAX_LINE and max(map(len, lines)) > MAX_LINE:
        raise Unscannable(f"too large: a line of more than {MAX_LINE} bytes")
    try:
        marks = bytes(map(_FIRST, lines))
    except IndexError:
        marks = b"\r"
    if b"\r" in marks:
        # Context that lost its blank on the way.
        lines = [b" " + line if line in {b"", b"\r"} else line for line in lines]
        marks = bytes(map(_FIRST, lines))
    return lines, marks


def _git_file(section: bytes) -> FilePatch:
    lines, marks = _split(section)
    del section
    file = _edited(lines) if marks[1:5] == b"i-+@" else None
    if file:
        at = _read_hunks(file, lines, marks, 4)
    else:
        file, at = _other(lines, marks)
    if at < len(lines):
        _check_blank(lines[at:])
    return file


def _other(lines: list[bytes], marks: bytes) -> tuple[FilePatch, int]:
    """Return the file of any header, and the first line that is not part of it."""
    names = lines[0]
    if names[-1:] == b"\r":
        raise Unscannable("a carriage return in a header: the diff was rewritten")
    facts, at = _extended(lines)
    if marks[at : at + 2] == b"-+":
        sides = _written(lines[at], b"--- "), _written(lines[at + 1], b"+++ ")
        file = _named(names, facts, sides)
        if marks[at + 2 : at + 3] != b"@":
            raise Unscannable("a file header without a hunk")
        return file, _read_hunks(file, lines, marks, at + 2)
    file = _named(names, facts, None)
    if at < len(lines):
        at = _binary(file, lines, at) or at
    if not file.binary:
        _check_empty(file, facts)
    return file, at


def _edited(lines: list[bytes]) -> FilePatch | None:
    """Return the file of the plainest header there is, which most have; None for another."""
    names, index, old, new = lines[:4]
    path = old[6:]
    if old[:6] != b"--- a/" or new[:6] != b"+++ b/" or path != new[6:]:
        return None
    if path[-1:] in {b"\t", b"\r"}:
        return None
    found = _EDITED.fullmatch(index)
    if not found or names != b"a/%s b/%s" % (path, path):
        return None
    _check_paths(path, path)
    mode = int(found[1], 8)
    return FilePatch(path, path, mode, mode)


def _check_blank(lines: list[bytes]) -> None:
    for line in lines:
        _refuse_known(line)
        if line.strip():
            raise Unscannable("text between files that belongs to none")


def _extended(lines: list[bytes]) -> tuple[dict[bytes, bytes], int]:
    facts: dict[bytes, bytes] = {}
    for at, line in enumerate(lines[1:], 1):
        for name in _EXTENDED:
            if line.startswith(name):
                break
        else:
            return facts, at
        if name in facts:
            raise Unscannable("a file header says a thing twice")
        facts[name] = line[len(name) :]
    return facts, len(lines)


def _written(line: bytes, start: bytes) -> bytes:
    if not line.startswith(start):
        raise Unscannable("a file header is broken")
    name = line[4:]
    return name[:-1] if name[-1:] == b"\t" else name


def _named(names: bytes, facts: dict[bytes, bytes], sides: tuple[bytes, bytes] | None) -> FilePatch:
    """Find paths, modes and status; every place that names a path must agree."""
    file = FilePatch(b"", b"")
    _set_modes(file, facts)
    moved = _moved(facts)
    if moved:
        file.status = "R" if b"rename to " in facts else "C"
        old, new = moved
        left, right = _split_moved(names, old, new)
        if (left, right) != (old, new) and (_bare(left), _bare(right)) != (old, new):
            raise Unscannable("a file header names different paths")
    else:
        left, right = _split_names(names, sides)
        old, new = (left, right) if left == right else (_bare(left), _bare(right))
    if sides:
        _check_sides(file.status, sides, left, right)
    _check_paths(old, new)
    file.old_path = b"" if file.status == "A" else old
    file.new_path = b"" if file.status == "D" else new
    return file


def _check_paths(old: bytes, new: bytes) -> None:
    """Refuse what is no path of a file, or would be another one once it is resolved."""
    for path in (old, new) if old != new else (old,):
        if not path or b"\0" in path:
            raise Unscannable("a file header without a path")
        if len(path) > MAX_PATH:
            raise Unscannable(f"too large: a path of more than {MAX_PATH} bytes")
        steps = b"/%s/" % path
        if b"//" in steps or b"/./" in steps or b"/../" in steps:
            raise Unscannable("a path with empty, . or .. parts")


def _set_modes(file: FilePatch, facts: dict[bytes, bytes]) -> None:
    index = facts.get(b"index ")
    if index is not None:
        found = _INDEX.fullmatch(index)
        if not found:
            raise Unscannable("a broken index line")
        if found[3]:
            file.old_mode = file.new_mode = int(found[3], 8)
        if len(facts) == 1:
            return
    if b"new file mode " in facts:
        file.status, file.old_mode = "A", 0
        file.new_mode = _mode(facts[b"new file mode "])
    elif b"deleted file mode " in facts:
        file.status, file.new_mode = "D", 0
        file.old_mode = _mode(facts[b"deleted file mode "])
    elif b"old mode " in facts and b"new mode " in facts:
        file.old_mode, file.new_mode = _mode(facts[b"old mode "]), _mode(facts[b"new mode "])
    _check_whole(facts)


def _check_whole(facts: dict[bytes, bytes]) -> None:
    """Refuse headers that git never writes: halves of pairs, and two fates at once."""
    pairs = ((b"old mode ", b"new mode "), (b"rename from ", b"rename to "))
    for one, other in (*pairs, (b"copy from ", b"copy to ")):
        if (one in facts) != (other in facts):
            raise Unscannable("half a file header")
    fates = (b"new file mode ", b"deleted file mode ", b"rename to ", b"copy to ")
    if sum(fate in facts for fate in fates) > 1:
        raise Unscannable("a file header says two things at once")


def _mode(text: bytes) -> int:
    if not _MODE.fullmatch(text):
        raise Unscannable("a broken file mode")
    return int(text, 8)


def _moved(facts: dict[bytes, bytes]) -> tuple[bytes, bytes] | None:
    for kind in (b"rename", b"copy"):
        if kind + b" to " in facts:
            return _unquoted(facts[kind + b" from "]), _unquoted(facts[kind + b" to "])
    return None


def _split_moved(names: bytes, old: bytes, new: bytes) -> tuple[bytes, bytes]:
    """Split ``a/old b/new``, where the paths themselves are known."""
    if names[:1] == b'"':
        return _split_quoted(names)
    for prefix in (2, 0):
        at = len(old) + prefix
        if names[at : at + 1] == b" " and names[at - len(old) : at] == old:
            right = _unquoted(names[at + 1 :])
            if right[prefix:] == new:
                return names[:at], right
    raise Unscannable("a file header names different paths")


def _split_quoted(names: bytes) -> tuple[bytes, bytes]:
    found = _QUOTED.match(names)
    if not found or names[found.end() : found.end() + 1] != b" ":
        raise Unscannable("a broken quoted path")
    return _unquoted(found[0]), _unquoted(names[found.end() + 1 :])


def _split_names(names: bytes, sides: tuple[bytes, bytes] | None) -> tuple[bytes, bytes]:
    """Split ``a/path b/path``: both are equally long, so that it can only be the middle."""
    if sides and _DEV_NULL not in sides:
        if names != sides[0] + b" " + sides[1]:
            raise Unscannable("a file header names different paths")
        return _unquoted(sides[0]), _unquoted(sides[1])
    if names[:1] == b'"':
        left, right = _split_quoted(names)
    else:
        middle = len(names) // 2
        if names[middle : middle + 1] != b" " or names[-1:] == b'"':
            raise Unscannable("a file header with unclear paths")
        left, right = names[:middle], names[middle + 1 :]
    if left != right and _bare(left) != _bare(right):
        raise Unscannable("a file header with unclear paths")
    return left, right


def _check_sides(status: str, sides: tuple[bytes, bytes], left: bytes, right: bytes) -> None:
    expected = (_DEV_NULL if status == "A" else left, _DEV_NULL if status == "D" else right)
    if (_unquoted(sides[0]), _unquoted(sides[1])) != expected:
        raise Unscannable("a file header names different paths")


def _bare(side: bytes) -> bytes:
    if side[1:2] != b"/" or side[0] not in _PREFIXES:
        raise Unscannable("a file header with unknown path prefixes")
    return side[2:]


def _unquoted(name: bytes) -> bytes:
    if name[:1] != b'"':
        if name[-1:] == b"\r":
            raise Unscannable("a carriage return in a header: the diff was rewritten")
        return name
    found = _QUOTED.fullmatch(name)
    if not found:
        raise Unscannable("a broken quoted path")
    return _ESCAPE.sub(_unescaped, found[1])


def _unescaped(found: re.Match[bytes]) -> bytes:
    code = found[1]
    return bytes((int(code, 8) if len(code) > 1 else _LETTERS[code[0]],))


def _check_empty(file: FilePatch, facts: dict[bytes, bytes]) -> None:
    """Refuse a file without lines unless its header says that none have changed."""
    index = _INDEX.fullmatch(facts.get(b"index ", b""))
    if file.status in {"A", "D"} and index:
        blob = index[2] if file.status == "A" else index[1]
        known = any(empty.startswith(blob) for empty in _EMPTY_BLOBS)
    elif file.status in {"R", "C"}:
        known = facts.get(b"similarity index ") == b"100%" and not index
    else:
        known = b"old mode " in facts and not index
    if not known:
        raise Unscannable("a changed file whose lines are not shown")


def _binary(file: FilePatch, lines: list[bytes], at: int) -> int:
    """Pass over a binary file's section; 0 if it is none."""
    line = lines[at]
    if line.startswith(b"Binary files ") and line.endswith(b" differ"):
        file.binary = True
        return at + 1
    if line != b"GIT binary patch":
        return 0
    file.binary = True
    at += 1
    for _ in range(2):
        if at < len(lines) and lines[at].startswith((b"literal ", b"delta ")):
            at = _base85(lines, at)
    return at


def _base85(lines: list[bytes], at: int) -> int:
    kind, _, size = lines[at].partition(b" ")
    if not size.isdigit():
        raise Unscannable(f"a binary patch with a broken {kind.decode()}")
    for end in range(at + 1, len(lines)):
        line = lines[end]
        if not line.strip(b" "):
            return end + 1
        letter = line[0] - 64 if line[0] < ord("a") else line[0] - 70
        if not _BASE85.fullmatch(line) or len(line) != 1 + (letter + 3) // 4 * 5:
            break
    raise Unscannable("a broken binary patch")


# --- hunks


def _read_hunks(file: FilePatch, lines: list[bytes], marks: bytes, at: int) -> int:
    """Read all hunks from ``lines[at]`` on; return the first line that is in none."""
    first, count, hunks = at, marks.count, file.hunks
    size, added, removed, ends = len(marks), 0, 0, 0
    unended = b"\\" in marks
    while at < size and marks[at] == _AT:
        found = _HUNK.match(lines[at])
        if not found:
            raise Unscannable("a broken hunk header")
        old_start, old, new_start, new = found.groups(b"1")
        heading = lines[at][found.end() : found.end() + _HEADING].strip()
        at += 1
        end = _RUN.match(marks, at).end()  # type: ignore[union-attr]  # matches the empty string
        plus, minus = count(b"+", at, end), count(b"-", at, end)
        if unended:
            ends = _count_ends(lines, marks, at, end)
        length = end - at - ends
        if length - minus != int(new) or length - plus != int(old):
            end, plus, minus = _exact(marks, at, int(old), int(new))
        if not (plus or minus):
            raise Unscannable("a hunk that changes nothing: not a line-by-line diff")
        hunks.append(Hunk(int(old_start), int(new_start), lines[at:end], heading))
        added += plus
        removed += minus
        at = end
    file.added_count, file.removed_count = added, removed
    body, kinds = lines[first:at], marks[first:at]
    if added:
        file.added = _chosen(body, kinds.translate(_PLUS))
    if removed:
        file.removed = _chosen(body, kinds.translate(_MINUS))
    return at


def _count_ends(lines: list[bytes], marks: bytes, start: int, end: int) -> int:
    r"""Count the ``\ No newline at end of file`` lines: each must follow a line."""
    found, at = 0, marks.find(b"\\", start, end)
    while at >= 0:
        if at == start or marks[at - 1] == marks[at] or not lines[at].startswith(b"\\ "):
            raise Unscannable("a misplaced backslash line")
        found, at = found + 1, marks.find(b"\\", at + 1, end)
    return found


def _exact(marks: bytes, start: int, old: int, new: int) -> tuple[int, int, int]:
    """Count a hunk line by line; return its end, its added and its removed lines."""
    plus = minus = 0
    for at in range(start, len(marks)):
        mark = marks[at : at + 1]
        if mark == b"\\":
            continue
        if (old, new) == (0, 0):
            return at, plus, minus
        if mark not in b" +-" or (mark != b"+" and not old) or (mark != b"-" and not new):
            raise Unscannable("a hunk is not as long as its header says")
        plus += mark == b"+"
        minus += mark == b"-"
        old -= mark != b"+"
        new -= mark != b"-"
    if (old, new) != (0, 0):
        raise Unscannable("a hunk is cut short")
    return len(marks), plus, minus


def _chosen(lines: list[bytes], mask: bytes) -> bytes:
    """Join the chosen lines without their markers; of very many, only some at once are copied."""
    if len(lines) <= _AT_ONCE:
        return b"\n".join([line[1:] for line in compress(lines, mask)]) + b"\n"
    chosen = compress(lines, mask)
    pieces = []
    while some := list(islice(chosen, _AT_ONCE)):
        pieces.append(b"\n".join([line[1:] for line in some]))
    pieces.append(b"")
    return b"\n".join(pieces)


# --- plain files


def _plain_files(patch: bytes) -> tuple[FilePatch, ...]:
    """Read ``---``/``+++`` files without git's headers, as diff, quilt and others write."""
    mail = _MAIL.match(patch) is not None
    lines, marks = _split(_without_end(patch, mail=mail))
    at = _first_plain(lines, marks)
    for line in lines[:at]:
        _refuse_known(line)
    _check_talk(b"\n".join(line for line in lines[:at] if not line.startswith(_BETWEEN)))
    files: list[FilePatch] = []
    while at < len(lines):
        if marks[at : at + 3] == b"-+@":
            file = _plain_file(lines[at], lines[at + 1])
            at = _read_hunks(file, lines, marks, at + 2)
            _set_plain_status(file, lines, at)
            files.append(file)
            if len(files) > MAX_FILES:
                raise Unscannable(f"too large: more than {MAX_FILES} files")
        else:
            _refuse_known(lines[at])
            if not lines[at].startswith(_BETWEEN):
                _check_blank(lines[at : at + 1])
            at += 1
    return tuple(files)


def _first_plain(lines: list[bytes], marks: bytes) -> int:
    at = marks.find(b"-+@")
    while at >= 0 and not (lines[at].startswith(b"--- ") and lines[at + 1].startswith(b"+++ ")):
        at = marks.find(b"-+@", at + 1)
    if at >= 0:
        return at
    for line in lines:
        _refuse_known(line)
    raise Unscannable("not a diff: no file header found")


def _plain_file(old_line: bytes, new_line: bytes) -> FilePatch:
    old, new = _plain_name(old_line, b"--- "), _plain_name(new_line, b"+++ ")
    if old == new == _DEV_NULL:
        raise Unscannable("a file header without a path")
    prefixed = old.startswith(b"a/") or old == _DEV_NULL
    if prefixed and (new.startswith(b"b/") or new == _DEV_NULL):
        old = old if old == _DEV_NULL else old[2:]
        new = new if new == _DEV_NULL else new[2:]
    _check_paths(new if old == _DEV_NULL else old, old if new == _DEV_NULL else new)
    if old == _DEV_NULL:
        return FilePatch(b"", new, status="A")
    return FilePatch(old, b"", status="D") if new == _DEV_NULL else FilePatch(old, new)


def _plain_name(line: bytes, start: bytes) -> bytes:
    if not line.startswith(start):
        raise Unscannable("a file header is broken")
    name = _unquoted(line[4:].split(b"\t", 1)[0])
    return name if name == _DEV_NULL else name.removeprefix(b"/").removeprefix(b"./")


def _set_plain_status(file: FilePatch, lines: list[bytes], at: int) -> None:
    """Take GNU diff's way of saying that a file was not there: the first second of 1970."""
    header = at - sum(len(hunk.lines) + 1 for hunk in file.hunks) - 2
    old, new = (line.partition(b"\t")[2] for line in lines[header : header + 2])
    hunk = file.hunks[0]
    if file.status == "M" and old.startswith(_EPOCHS) and not hunk.old_start:
        file.status, file.old_path = "A", b""
    elif file.status == "M" and new.startswith(_EPOCHS) and not hunk.new_start:
        file.status, file.new_path = "D", b""


def _refuse_known(line: bytes) -> None:
    """Name the forms of diff that are known but show too little to be judged."""
    if line.startswith((b"diff --cc ", b"diff --combined ", b"@@@")):
        raise Unscannable("a combined diff of a merge: compare with each parent instead")
    if line.startswith(b"Submodule "):
        raise Unscannable("a submodule's log instead of its change")
    if re.match(rb"(?:commit|From) [0-9a-f]{40}", line):
        raise Unscannable("more than one commit, or one without a diff")
