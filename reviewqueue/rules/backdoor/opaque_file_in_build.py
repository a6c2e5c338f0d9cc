r"""A file nobody can read, and a build that touches it.

What it flags
    A binary or packed file that is added in the change in which a build file, a script or
    CI newly names it; build files that unpack, cut or translate bytes and pipe the result
    into a shell; build steps that newly fetch a program and run it, or that replace
    source files with what they fetched; macros of a configure script that evaluate what
    they pick out of files by a pattern. A file run as a program that by its name is data
    (`sh fixtures/good.txt`); a submodule moved to a commit that the diff does not show.
    Also bytes that one line unpacks into a file and runs.

Why it matters
    This is the shape of the xz backdoor: the payload lay in two "corrupt" test files, and
    one line of a build script took it out.

How to review it
    Unpack the file yourself and read what comes out.
    Ask for the source of the file, and a build step that makes it from that.

Not flagged
    Pictures, fonts and data that a build merely copies; wrappers' jars that a build file
    does not newly name. Another version of what was fetched from the same owner's place is low.

Seen in
    CVE-2024-3094 (xz 5.6.0 and 5.6.1); the build server implant of SolarWinds (2020);
    the release script of the Amazon Q extension that fetched replacement source
    (CVE-2025-8217); ATT&CK T1195.002, T1027.003.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, fold, read_by_machines
from reviewqueue.scan.rule import (
    Capability,
    FileView,
    Hit,
    Line,
    Rule,
    Stability,
    View,
    expression,
    is_named,
)
from reviewqueue.scan.structure.addresses import fetches_as_before
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.flow import uses
from reviewqueue.scan.structure.kinds import SAID, is_code
from reviewqueue.scan.structure.pairs import finds

_PIPED = (
    r"\b(?:xz|lzma|bzip2|gzip|zstd|openssl|base64|xxd|dd|tail|head|tr|sed|awk|unxz|xzcat|zcat|gunzip|"
    r"bunzip2|uudecode|ar|cpio|tar|grep|cut|strings|rev)\s[^\n]*\|\s*(?:/bin/|\$\{?)?(?:(?:ba|z|da|k)?sh|SHELL|eval)\b"
)
_UNPACKS = (
    r"\bxz\s+-\w*d|\bunxz\b|\bxzcat\b|\blzma\b|\bbzip2\s+-\w*d|\bgunzip\b|\bgzip\s+-\w*d|\bzcat\b|"
    r"openssl\s+(?:enc|aes[\w-]*)\s[^\n]*-d|\bbase64\s+(?:-d|-D|--decode)|\bxxd\s+-r|\btail\s+-c|"
    r"\bhead\s+-c|\btr\s+[\"'\\]|\buudecode\b|\bdd\s+if=|\bgrep\s+-\w*a|\bcut\s+-[bc]|\bstrings\s|\brev\b"
)
_EVALUATED = r"\beval\s+[\"']?(?:`|\$\$?\(|\$\[?\w)|\|\s*eval\b"
"""What a macro of a configure script has evaluated."""
_TAKES = rf"{_EVALUATED}|\$\w[^\n|]*\|\s*eval\b"
_PICKED = r"(?:`|\$\()\s*(?:[ef]?grep|find|sed|awk|head|tail|cut|dd|strings)\s"
"""Text that a macro picks out of files by a pattern."""
_OF_FILES = (
    r"\$\{?(?:top_|abs_)?(?:srcdir|builddir)|\btests?/|\bfiles?/|grep\s+-\w*[arR]|\./|"
    r"\.(?:dat|bin|data|txt|xz|gz|in)\b"
)
_MACROS = ("*.m4", "*.ac", "*.am", "*configure.in", "*/configure", "configure", "*.mk", "*makefile")
_SHELL_CURL = (
    r"\b(?:exec|spawn|execFile|run|call|check_call|check_output|system|popen|Popen|sh)\w*\s*[(\[]+\s*"
    r"['\"`](?:curl|wget)\b|\burlretrieve\s*\(|\bcurl_easy_setopt\b|\bDownloadFile\s*\(|\bcurl_exec\b"
)
_RAW = (
    r"(?:raw\.githubusercontent\.com|gist\.githubusercontent\.com|gist\.github\.com|raw\.githack\.com|"
    r"cdn\.rawgit\.com|rawgit\.com|pastebin\.com/raw|hastebin\.com/raw|/-/raw/|bitbucket\.org/[^\s'\"]+/raw|"
    r"paste\.ee/r/|rentry\.co/[^\s'\"]+/raw|transfer\.sh|file\.io/|0x0\.st|dpaste\.\w+|termbin\.com)"
)
_RUNS = (
    r"\b(?:exec|spawn|system|popen|eval|import|require|subprocess|os\.exec|Popen|chmod|source|"
    r"Invoke-Expression|Start-Process|fork|runpy|importlib)\w*\b|\b(?:ba|z)?sh\s|\./|"
    r"(?i:writeFile|write_text|write_bytes|\.write\s*\(|-[oO]\b|outfile|output)"
)
_PLAIN_USE = (
    r"(?i)\.(?:png|jpe?g|gif|svg|webp|ico|md|txt|css|mp4|ttf|woff2?|csv|json|ya?ml|xml)\b|badge|\$schema|"
    r"LICENSE|README|CHANGELOG"
)
_FROM_DATA = (
    r"(?:^|[\s;&|(=\"'`@])(?:bash|sh|zsh|source|python[\d.]*|node|perl|ruby|php)\s+(?:-\w+\s+)*"
    r"[\"']?[\w./${}()-]*[\w-]+\.(?:txt|dat|csv|json|md|png|jpe?g|gif|svg|pdf|bin|log|xml|html?|"
    r"ya?ml|lock|map|woff2?)\b[\"']?\s*(?:$|[;&|)\"'`])|"
    r"\b(?:run_path|execfile|load_source|exec\s*\(\s*open|eval\s*\(\s*open)\s*\(\s*[\"']"
    r"[^\"'\n]*\.(?:txt|dat|csv|json|md|png|jpe?g|gif|svg|bin|log|xml|html?|ya?ml)[\"']"
)
"""A file that by its name is no program, run as one."""
_COMMIT = r"^Subproject commit [0-9a-f]{40}"
_SUBMODULE = 0o160000
"""The mode of what is a commit of another repository."""
_BUILDS = frozenset({Label.BUILD, Label.CI, Label.SCRIPT, Label.CONTAINER, Label.HOOK})
_PASSIVE = frozenset({Label.MEDIA, Label.DOCS})
_PACKED = (
    ".xz", ".lzma", ".gz", ".tgz", ".bz2", ".zst", ".zip", ".7z", ".rar", ".tar", ".bin", ".dat",
    ".o", ".a", ".so", ".dll", ".dylib", ".exe", ".jar", ".pyc", ".whl", ".node", ".wasm", ".img",
    ".bk", ".bak", ".enc", ".blob", ".raw", ".dump", ".pack", ".elf", ".ko", ".class", ".deb",
    ".rpm",
)  # fmt: skip
_SHORTEST = 4
_MOST = 200
"""Opaque files of one change that are looked for in the build files."""
_FOLDERS = (
    "scripts/",
    "script/",
    "build/",
    "tools/",
    "ci/",
    "packaging/",
    "release/",
    "bin/",
    "hack/",
)
_OUT_AND_RUN = (
    r"\b(?:xz|lzma|bzip2|gzip|gunzip|zcat|zstd|openssl|base64|xxd|dd|tail|head|tr|unxz|xzcat|uudecode)\s[^\n]*>\s*[\w./$-]+\s*"
    r"(?:&&|;)\s*(?:chmod\s[^\n;&]*(?:&&|;)\s*)?(?:(?:ba|z|da)?sh\s+|\./|\.\s+)[\w./$-]"
)
"""Bytes that are unpacked into a file, and that file run, on one line."""


def check(view: View) -> Iterator[Hit]:
    """Mark opaque files that a build names, and builds that run what they unpack or fetch."""
    opaque = [file for file in view.files if _is_opaque(file)][:_MOST]
    if opaque:
        yield from _named(view, opaque)
    for file in view.where(_PIPED, side=Side.NEW):
        if _is_build(file):
            yield from _unpacked(file)
    for file in view.where(_OUT_AND_RUN, side=Side.NEW):
        if is_code(file):
            for line in _acting(file.new(_OUT_AND_RUN)):
                yield Hit.at(file, line, "unpacks bytes into a file and runs it")
    yield from _unlike_their_names(view)
    yield from _evaluated(view)
    for file in view.where(_SHELL_CURL, _RAW, side=Side.NEW):
        if is_code(file) and _is_build(file) and Label.TEST not in file.labels:
            yield from _fetched(file)


def _unlike_their_names(view: View) -> Iterator[Hit]:
    """Mark programs that by their names are none, and programs that nobody sees here."""
    for file in view.where(_FROM_DATA, side=Side.NEW):
        if is_code(file):
            for line in _acting(file.new(_FROM_DATA)):
                message = "runs a file as a program that by its name is none"
                yield Hit.at(file, line, message, severity=Severity.MEDIUM)
    for file in view.where(_COMMIT, side=Side.NEW):
        for line in file.new(_COMMIT) if file.new_mode == _SUBMODULE else ():
            message = "a submodule moves to a commit whose content is not in this diff"
            yield Hit.at(file, line, message, severity=Severity.MEDIUM)


def _evaluated(view: View) -> Iterator[Hit]:
    """Mark macros that evaluate what they pick out of the project's files by a pattern."""
    of_files = expression(_OF_FILES)
    for file in view.where(_EVALUATED, side=Side.NEW):
        if not is_named(file.path, _MACROS) or Label.VENDORED in file.labels:
            continue
        for use in uses(file, _PICKED, _TAKES):
            if of_files.search(use.origin):
                message = "evaluates what it picks out of files by a pattern: nobody sees what runs"
                yield Hit.on(file, use.number, use.text, message)


def _is_opaque(file: FileView) -> bool:
    if file.added or file.removed or file.status not in {"A", "M"}:
        return False
    if file.old_mode and file.new_mode and file.old_mode != file.new_mode:
        return False
    return file.labels.isdisjoint(_PASSIVE)


def _is_build(file: FileView) -> bool:
    if not file.labels.isdisjoint(_BUILDS):
        return True
    folded = fold(file.path)
    is_tool = any(folded.startswith(name) or f"/{name}" in folded for name in _FOLDERS)
    return is_tool and Label.SOURCE in file.labels


def _named(view: View, opaque: list[FileView]) -> Iterator[Hit]:
    """Mark where a build, or what else machines read, newly names one of the opaque files."""
    for file in view.files:
        if not file.added or not (_is_build(file) or read_by_machines(file.labels)):
            continue
        for other in opaque:
            base = other.path.rpartition("/")[2]
            if len(base) < _SHORTEST or base.encode() not in file.added:
                continue
            yield from _name_hits(file, base)


def _name_hits(file: FileView, base: str) -> Iterator[Hit]:
    """Mark the first added line that names a file."""
    is_packed = base.lower().endswith(_PACKED)
    for number, text in file.added_lines():
        if base.encode() in text and not is_comment(text):
            yield Hit.on(
                file,
                number,
                text,
                f"names {base}, which the same change adds and nobody can read",
                severity=Severity.HIGH if is_packed else Severity.MEDIUM,
            )
            return


def _unpacked(file: FileView) -> Iterator[Hit]:
    unpacks = expression(_UNPACKS)
    for line in file.new(_PIPED):
        if unpacks.search(line.whole) and not is_comment(line.whole):
            yield Hit.at(file, line, "unpacks bytes and pipes them into a shell")


def _fetched(file: FileView) -> Iterator[Hit]:
    """Mark what a build fetches from a changeable address, where it also writes or runs it."""
    excused = rf"{_PLAIN_USE}|{SAID}"
    addresses, calls = (_acting(file.new(regex), excused) for regex in (_RAW, _SHELL_CURL))
    if addresses and (calls or any(finds(_RUNS)(line.whole) for line in addresses)):
        severity = Severity.HIGH if calls else Severity.MEDIUM
        severity = Severity.LOW if fetches_as_before(file) else severity
        for line in addresses:
            message = "fetches what it uses from an address whose content can change"
            yield Hit.at(file, line, message, severity=severity)
    elif calls and Label.SOURCE in file.labels:
        for line in calls:
            message = "a program of the build downloads with a tool of the shell"
            yield Hit.at(file, line, message, severity=Severity.MEDIUM)


def _acting(lines: tuple[Line, ...], unless: str = SAID) -> list[Line]:
    """Return the lines that are neither a comment nor only said to somebody."""
    excused = finds(unless)
    return [line for line in lines if not is_comment(line.whole) and not excused(line.whole)]


RULE = Rule(
    id="opaque-file-in-build",
    version=6,
    pathway=Pathway.BACKDOOR,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="lets a build use what nobody can read",
    capability=Capability.EXECUTES,
    added_triggers=(_PIPED, _EVALUATED, _OUT_AND_RUN, _SHELL_CURL, _RAW, _FROM_DATA, _COMMIT),
    wakes=frozenset({Label.BINARY, Label.BUILD, Label.CI, Label.SCRIPT, Label.CONTAINER}),
    check=check,
)
