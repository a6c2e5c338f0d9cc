r"""A file that a program puts where its user keeps his own.

What it flags
    Added code that writes or copies a file into the Desktop, Documents, Pictures or
    OneDrive folder of whoever runs it: by the folder's name below the home folder, or by
    the system's name for it (`SpecialFolder.Desktop`, `CSIDL_DESKTOP`, `XDG_DESKTOP_DIR`).

Why it matters
    A library has no business there. Notes of protest, of ransom and of advertisement are
    left exactly there, and one that can write a note can write a program.

How to review it
    Ask whether the user has asked for the file, and can say where it goes.
    Ask what is overwritten when a file of the name is there.

Not flagged
    Shortcuts of an installer's own program; what a dialog, a download or an export of the
    user's puts there; paths that are only read; tests and documents.

Seen in
    peacenotwar in node-ipc 11.0.0 and 9.2.2 (2022: `WITH-LOVE-FROM-AMERICA.txt` on the
    Desktop and in OneDrive); ATT&CK T1491.001 (internal defacement), T1486.
"""

from collections.abc import Iterator
from itertools import islice

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, set_aside
from reviewqueue.scan.rule import FileView, Hit, Rule, Stability, View, expression
from reviewqueue.scan.structure.flow import uses
from reviewqueue.scan.structure.kinds import is_code
from reviewqueue.scan.structure.near import numbered, stands_in
from reviewqueue.scan.structure.pairs import finds

_OWN_FOLDER = (
    r"[/\\'\"`}](?:Desktop|OneDrive|Documents|My Documents|Pictures)(?:[/\\'\"`$]|$)|"
    r"\bSpecialFolder\.(?:Desktop\w*|MyDocuments|Personal|MyPictures)\b|\bCSIDL_(?:DESKTOP|PERSONAL)|"
    r"\bFOLDERID_(?:Desktop|Documents|Pictures)\b|\bNSDesktopDirectory\b|\bXDG_DESKTOP_DIR\b|"
    r"\bdesktopDirectory\b|\bdesktop_dir\s*\(|\bgetPath\(\s*['\"](?:desktop|documents|pictures)['\"]"
)
"""A folder in which a person keeps his own."""
_HOME = (
    r"(?i)~|home|userprofile|expanduser|/Users/|SpecialFolder|CSIDL|FOLDERID|NSDesktop|XDG_|"
    r"desktop_?dir|getPath|onedrive"
)
_WRITES = (
    r"\b(?:writeFile|appendFile|copyFile|createWriteStream|outputFile|rename|symlink|cp)(?:Sync)?\s*\(|"
    r"\bwrite(?:_text|_bytes|_all|Text|Bytes|AllText|AllBytes|AllLines)?\s*\(|"
    r"\b(?:File|IO)\.(?:write|open|Write\w*|Copy|Create\w*)\b|\bFileUtils\.(?:cp|mv|touch)|"
    r"\bos\.(?:WriteFile|Create|OpenFile)\s*\(|\bioutil\.WriteFile\s*\(|\bfs::(?:write|copy)\b|"
    r"\bFile::create\s*\(|\bopen\s*\([^\n]*['\"](?:w|a|x|wb|ab)\+?['\"]|\bshutil\.(?:copy|move)\w*\s*\(|"
    r"\bfile_put_contents\s*\(|\bfopen\s*\(|\bofstream\b|\bFiles\.(?:write\w*|copy|newBufferedWriter)\b|"
    r"\bFile(?:Writer|OutputStream)\s*\(|\bPrintWriter\s*\(|\bStreamWriter\s*\(|"
    r"\b(?:Set|Add)-Content\b|\bOut-File\b|\bCopy-Item\b|"
    r"^[ \t]*(?:cp|mv|install|touch|echo|printf|cat|tee)\s|"
    r"[^->=]>>?\s*[\"']?\$|\bwrite\w*\s*\(`?"
)
_DEFINES = (
    r"^[ \t]*(?:export\s+|async\s+|static\s+|public\s+|private\s+)*(?:def|function|func|fn|sub)\s+"
    r"([A-Za-z_]\w{2,60})\s*[({]"
)
_NAMES = r"^[ \t]*(?:const|let|var|val|final|my)?[ \t]*\$?([A-Za-z_]\w{3,40})[ \t]*:?="
_BODY, _FUNCTIONS, _LINES = 8, 20, 2_000
"""Lines of a function, functions and lines of a file that are read."""
_LONGEST = 2_000
"""Bytes of a line that are read."""
_ASKED_FOR = (
    r"(?i)dialog|picker|saveAs|defaultPath|download|screenshot|export|shortcut|\.desktop\b|\.lnk\b|"
    r"backup|argv|args\b|sandbox|containerURL|FileManager\.default"
)
"""Where the user is asked, or has asked for it."""


def check(view: View) -> Iterator[Hit]:
    """Mark what is written into folders that a person keeps."""
    for file in view.where(_OWN_FOLDER, side=Side.NEW):
        if is_code(file) and not set_aside(file.labels) and Label.SOURCE in file.labels:
            yield from _written(file)


def _written(file: FileView) -> Iterator[Hit]:
    writers = _writers(file)
    called = rf"\b(?:{'|'.join(writers)})\s*\(" if writers else ""
    runs = f"{_WRITES}|{called}" if called else _WRITES
    found = [(use.source, use.number, use.text) for use in uses(file, _OWN_FOLDER, runs)]
    if called and not found:
        found = list(_by_name(file, called))
    home, asked = (_lines(file, regex) if found else () for regex in (_HOME, _ASKED_FOR))
    for source, number, text in found:
        between = range(source, number + 1)
        if stands_in(home, between) and not stands_in(asked, between):
            message = "writes into a folder in which the user keeps his own files"
            yield Hit.on(file, number, text, message)


def _lines(file: FileView, regex: str) -> list[int]:
    """Return the numbers of the added lines on which an expression matches."""
    fits = finds(regex)
    return [number for number, text in file.added_lines() if fits(text)]


def _by_name(file: FileView, called: str) -> Iterator[tuple[int, int, bytes]]:
    """Yield where the file's own writing functions get a folder's name from further above."""
    names = {
        found[1].decode(): number
        for number, line in numbered(file.new(_OWN_FOLDER))
        if (found := expression(_NAMES).search(line.whole))
    }
    if not names:
        return
    gets = expression(rf"{called}[^\n]*\b(?:{'|'.join(names)})\b")
    for number, text in islice(file.added_lines(), _LINES):
        if gets.search(text[:_LONGEST]):
            yield min(names.values()), number, text
            return


def _writers(file: FileView) -> list[str]:
    """Return the names of the file's own functions that write."""
    names: list[str] = []
    defines, writes, last, name = expression(_DEFINES), expression(_WRITES), 0, ""
    for number, text in islice(file.added_lines(), _LINES):
        if found := defines.search(text[:_LONGEST]):
            last, name = number, found[1].decode()
        elif name and number - last <= _BODY and writes.search(text[:_LONGEST]):
            names.append(name)
            name = ""
    return names[:_FUNCTIONS]


RULE = Rule(
    id="left-with-the-user",
    pathway=Pathway.BACKDOOR,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="puts a file where the user keeps his own",
    version=2,
    added_triggers=(_OWN_FOLDER,),
    check=check,
)
