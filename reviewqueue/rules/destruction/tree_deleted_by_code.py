r"""A program that deletes whole folders whose name it computes.

What it flags
    Added calls that delete a folder and all below it (`shutil.rmtree`, `fs.rm` with
    `recursive`, `os.RemoveAll`, `remove_dir_all`, `Directory.Delete`, `FileUtils.rm_rf`,
    `deleteRecursively`, `filesystem::remove_all`) where the path is a variable that is not
    plainly temporary; high where it is a root, a home or comes from the environment.

Why it matters
    The call asks nothing and follows whatever the variable holds: an empty setting, a
    parent folder, a link, or a name that somebody else chose.

How to review it
    Find out who decides the path, and what it is when a setting is missing.
    Ask for a check that the path lies below a folder of the program's own.

Not flagged
    Temporary, cache, build and output folders by their name, fixed relative paths, clean-up
    that a function does of its own (`defer os.RemoveAll`), a call that only names its folder in
    another way than before, tests.

Seen in
    node-ipc 10.1.1 (CVE-2022-23812), which overwrote files by country. ATT&CK T1485
    (data destruction).
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, set_aside
from reviewqueue.scan.rule import FileView, Hit, Line, Rule, Stability, View, expression
from reviewqueue.scan.structure.anew import anew

_DELETES = (
    r"\brmtree\s*\(|\bos\.RemoveAll\s*\(|\brmSync\s*\(|"
    r"\bfs(?:p|e|Promises|\.promises|-extra)?\.rm(?:dir)?\s*\(|\bremove_dir_all\s*\(|"
    r"\brimraf(?:\.sync|Sync)?\s*\(|\bDirectory\.Delete\s*\(|\bFileUtils\.(?:rm_rf?|remove_dir|"
    r"remove_entry|deleteDirectory|forceDelete|cleanDirectory)\b|\bdeleteRecursively\s*\(|"
    r"\bfs::remove_all\s*\(|\bfilesystem::remove_all\s*\(|\bemptyDir(?:Sync)?\s*\(|"
    r"\bfse?\.remove(?:Sync)?\s*\(|\bremove_tree\s*\(|\b(?:await|return|yield)\s+rm(?:dir)?\s*\(|"
    r"\bDeno\.remove\s*\("
)
_TAKEN = (
    r"(?:rmtree|RemoveAll|rmSync|(?:\.|\bawait\s+|\breturn\s+|\byield\s+)rm(?:dir)?|"
    r"remove_dir_all|rimraf(?:\.sync|Sync)?|Directory\.Delete|rm_rf?|remove_dir|remove_entry|"
    r"deleteDirectory|forceDelete|cleanDirectory|deleteRecursively|remove_all|emptyDir(?:Sync)?|"
    r"\.remove(?:Sync)?|remove_tree)\s*\(?\s*(&?[^\n,;]*)"
)
_RECEIVER = r"([^\n=;]*)\.deleteRecursively\s*\(\s*\)"
"""Kotlin names the folder before the call."""
_EITHER = r"\brmSync|[.\s]rm(?:dir)?\s*\(|Directory\.Delete|Deno\.remove"
"""Calls that delete one file, or a whole tree where they are told to."""
_ROOTS = (
    r"^[\"'`](?:/|~/?|/(?:home|etc|var|usr|opt|root|srv|Users)/?|[A-Za-z]:\\*)[\"'`]|"
    r"^(?:os\.path\.expanduser\(\s*[\"']~/?[\"']\)|(?:pathlib\.)?Path\.home\(\)\s*(?:[,)]|$)|"
    r"os\.homedir\(\)\s*(?:[,)]|$)|homedir\(\)\s*(?:[,)]|$)|os\.environ|os\.getenv|os\.Getenv|"
    r"process\.env|Environment\.GetFolderPath|std::env|env::var|System\.getenv|ENV\[)"
)
_OWN = (
    r"(?i)te?mp|cache|build|dist\b|_?out(?:put)?(?:_?(?:dir|path|folder))?\b|target\b|"
    r"stag(?:e|ing)|scratch|sandbox|work_?(?:dir|tree|space)|node_modules|pycache|coverage|"
    r"artifact|download|extract|test|mock|fixture|clone|checkout|generat|gen\b|unpack|venv|bundle|"
    r"snapshot|^[\"'`](?:\./)?[\w.-]+[\"'`]|^[\"'`](?:\./)?[\w.-]+/[\w./-]+[\"'`]|^\s*$|"
    r"^(?:i|x|e|s|item|v|n|o|k|f|it)\s*=>|^\w+\s*->"
)
_PRECIOUS = (
    r"(?i)home|root|data|base|project|work_?space|repo|storage|backup|volume|user|db\b|database|"
    r"upload|media|prod|deploy|parent|\.\.|argv|args|params|request|\breq\b|input|option|config|"
    r"settings|env|cwd|\*"
)
"""Names of what somebody keeps, or that somebody else gives."""
_DEFERRED = r"^\s*(?:defer\b|t\.Cleanup|afterEach|afterAll|addCleanup|finally\b|atexit)"


def check(view: View) -> Iterator[Hit]:
    """Look at what each recursive deletion is given."""
    for file in view.where(_DELETES, side=Side.NEW):
        if Label.SOURCE in file.labels and not set_aside(file.labels):
            was = any(any(_deletion(file, line)) for line in file.gone(_DELETES))
            for line in anew(file, _DELETES) if was else file.new(_DELETES):
                yield from _deletion(file, line)


def _deletion(file: FileView, line: Line) -> Iterator[Hit]:
    text = line.whole[:4_000]
    taken = expression(_TAKEN).search(text)
    path = taken[1].strip() if taken else b""
    if before := expression(_RECEIVER).search(text):
        path = before[1].strip()
    if _is_single(text) or expression(_DEFERRED).search(text):
        return
    if expression(_ROOTS).search(path):
        message = "deletes a root, a home, or whatever the environment says, with all below it"
        yield Hit.at(file, line, message, severity=Severity.HIGH)
    elif not expression(_OWN).search(path):
        message = "deletes a folder whose name is computed, with all below it"
        severity = None if expression(_PRECIOUS).search(path) else Severity.LOW
        yield Hit.at(file, line, message, severity=severity)


def _is_single(text: bytes) -> bool:
    """Return whether a call that can delete trees is asked for one file only."""
    if b"recursive" in text or b", true" in text:
        return False
    return expression(_EITHER).search(text) is not None


RULE = Rule(
    id="tree-deleted-by-code",
    pathway=Pathway.DESTRUCTION,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="deletes whole folders whose name is computed",
    added_triggers=(_DELETES,),
    check=check,
    version=4,
)
