r"""Program text that stands where no reviewer looks.

What it flags
    Code behind a long row of blanks in the same line, so that it begins right of the
    window; code below dozens of added empty lines; a name of a file, a branch or a title
    that carries a command; attributes that take source files out of the diffs.

Why it matters
    A diff view shows the left end of a line. What begins at column two hundred runs like
    everything else, and a name is put into a shell by whoever forgot the quotes.

How to review it
    Wrap the lines in your view, and read to the end.
    Ask for names without shell characters.

Not flagged
    Tables and drawings in prose and data; comments and continuation marks that are
    aligned at the right; fixed-width literals; attributes that bring a file back into the diffs.

Seen in
    The W4SP packages on PyPI (2022), whose loader stood behind blanks to the right of an
    honest import. ATT&CK T1027 (obfuscated files), T1564 (hide artifacts); CWE-78 for
    names that reach a shell.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, runs
from reviewqueue.scan.rule import (
    Capability,
    FileView,
    Hit,
    On,
    Pattern,
    Rule,
    Stability,
    View,
    expression,
)

_BLANKS = " {64}|\t{16}"
_CODE_BEHIND = (
    r"\S[^\n]*?(?: {100,}|\t{20,})([^\s#/*\\|\-'\"].*)|^(?: {180,}|\t{40,})(\S.*)|"
    r"[;{})](?: {64,}|\t{16,})([^\s#/*\\|\-'\"].*)"
)
_ACTS = (
    r"\b(?:eval|exec|require|import|fetch|Function|atob|system|spawn|__import__|subprocess|"
    r"child_process|global|process|window|setTimeout|curl|wget|socket)\b|_0x[0-9a-f]|"
    r"[\w.]+\([^)]*\)|="
)
_MANY = 48
_EMPTY_LINES = rf"\n{{{_MANY}}}"
_COMMAND = (
    r"\$\([^)]|\$\{IFS|\$IFS\b|`[^`]*`|;\s*(?:curl|wget|bash|sh|nc|python)\b|\|\s*(?:ba|z)?sh\b|"
    r"&&\s*\w|\bbase64\s+-d"
)
_SAID = (
    r"\$\((?:curl|wget|bash|sh|echo|id|whoami|cat|env|printenv|nc|touch|python)\b|\$\{IFS|"
    r"`(?:curl|wget|nc|bash)\s[^`]*`|\|\s*(?:base64\s+-d\s*\|\s*)?(?:ba|z)?sh\s*$|\{(?:curl|echo|"
    r"bash),"
)
_NO_PROGRAM = frozenset({Label.DOCS, Label.DATA, Label.MEDIA, Label.LOCK, Label.GENERATED})


def check(view: View) -> Iterator[Hit]:
    """Mark code behind blanks, and below emptiness."""
    for file in view.where(_BLANKS, side=Side.NEW):
        if _counts(file):
            yield from _behind(file)
    for file in view.where(_EMPTY_LINES, side=Side.NEW):
        if _counts(file):
            yield from _below(file)


def _counts(file: FileView) -> bool:
    return runs(file.labels) and file.labels.isdisjoint(_NO_PROGRAM)


def _behind(file: FileView) -> Iterator[Hit]:
    for line in file.new(_BLANKS):
        found = expression(_CODE_BEHIND).search(line.whole[:20_000])
        hidden = (found[1] or found[2] or found[3]) if found else b""
        if hidden and expression(_ACTS).search(hidden):
            yield Hit(
                message="code stands far to the right, behind blanks",
                text=hidden.decode("utf-8", "replace")[:2_000],
                path=file.path,
                line=line.number,
                side=Side.NEW,
                key=line.key,
            )


def _below(file: FileView) -> Iterator[Hit]:
    """Tell the first line after each long run of added empty lines."""
    empty = 0
    last = 0
    for number, text in file.added_lines():
        if not text.strip():
            empty = empty + 1 if number == last + 1 else 1
        elif empty >= _MANY and number == last + 1:
            yield Hit.on(file, number, text, f"code stands below {empty} empty lines")
            empty = 0
        else:
            empty = 0
        last = number


RULE = Rule(
    id="line-out-of-sight",
    version=4,
    pathway=Pathway.COVERING_TRACKS,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="puts program text where no reviewer looks",
    capability=Capability.HIDES,
    patterns=(
        Pattern(
            r"[ \t][-!]diff\b|[ \t]-text\b|[ \t]binary[ \t]*$|[ \t]filter=\w|"
            r"[ \t]linguist-(?:generated|vendored)(?:=true)?(?:[ \t\r]|$)",
            "takes files out of the diffs that reviewers see",
            globs=("*.gitattributes", "*.git/info/attributes"),
            severity=Severity.MEDIUM,
            line=r"^(?:\S*/)?\*{1,2}\s|^\S*\.(?:py|jsx?|tsx?|mjs|cjs|go|rs|java|kt|c|cc|cpp|h|"
            r"hpp|cs|rb|php|swift|scala|sh|sql|tf|ya?ml)\s+[^\n]*(?:[-!]diff|-text|binary|"
            r"filter=)|^(?:src|lib|app|pkg|cmd|internal|"
            r"scripts?)/\S*\s|^\.github/(?:\S*/)?(?:\*{1,2}|[\w*-]+\.ya?ml)\s",
        ),
        Pattern(_COMMAND, "the name of the file carries a command", on=On.PATH),
        Pattern(_COMMAND, "the name of the branch carries a command", on=On.BRANCH),
        Pattern(_SAID, "the title carries a command", on=On.TITLE),
    ),
    added_triggers=(_BLANKS, _EMPTY_LINES),
    check=check,
)
