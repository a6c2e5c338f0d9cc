r"""A tool that is fetched and unpacked, and nobody compares it with anything.

What it flags
    In scripts, images, builds, workflows, playbooks and programs: an archive, a package or a
    program that is newly fetched from the network and, in the same command or a few lines
    below, unpacked or installed (`wget` and `tar`, `curl … | tar`, `install -m`, `ADD
    https://…`, `unarchive` with an address, `Expand-Archive`, `extractall`), where no checksum or
    signature stands near; an archive that a build's own language fetches without a hash
    (`http_archive`, `FetchContent_Declare`, `ExternalProject_Add`, `fetchurl`).

Why it matters
    What comes is whatever lies there at that hour. Whoever holds the server, or the name, holds
    the build, and every machine that trains or runs with it.

How to review it
    Whose address is it, and is the version in it? Ask for the checksum beside it, or for a
    package that is signed.

Not flagged
    Fetching that a checksum or a signature follows; another version of what was fetched
    before, or another file of the same owner's; data and models, documents and tests; what is
    run at once, or made executable by `chmod`, which pipe-to-shell marks.

Seen in
    CWE-494 (download of code without integrity check); ATT&CK T1195.002. Codecov, 2021: an
    uploader that was fetched anew by every build, and changed on its server; found by the one
    who compared its checksum.
"""

from collections.abc import Iterator, Sequence

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import FileView, Hit, Rule, Stability, View, is_named
from reviewqueue.scan.structure.addresses import fetches_as_before
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.hunks import Marked, numbered
from reviewqueue.scan.structure.kinds import SAID
from reviewqueue.scan.structure.pairs import finds

_RUN = frozenset(
    {
        Label.SCRIPT,
        Label.CONTAINER,
        Label.BUILD,
        Label.CI,
        Label.INFRASTRUCTURE,
        Label.HOOK,
        Label.SOURCE,
        Label.CONFIG,
    }
)
_ASIDE = frozenset(
    {Label.DOCS, Label.VENDORED, Label.GENERATED, Label.LOCK, Label.DATA, Label.TEST}
)
_ARCHIVE = r"\.(?:tar(?:\.\w+)?|t[gbx]z|zip|zst|xz|7z|deb|rpm|whl|AppImage|msi|exe|pkg|dmg|run)\b"
_FETCH = (
    r"\b(?:curl|wget|aria2c)\s|\b(?:Invoke-WebRequest|iwr|Start-BitsTransfer|DownloadFile)\b|"
    r"\burlretrieve\s*\(|^[ \t]*ADD\s+(?:--\S+\s+)*https?://|\b(?:unarchive|get_url)\s*:|"
    r"\bhttp_archive\s*\(|\b(?:FetchContent_Declare|ExternalProject_Add)\s*\(|\bfetch(?:url|zip|"
    r"Tarball)\s*[\"({]|"
    rf"https?://[^\s'\"<>)]*{_ARCHIVE}|\bfetch\s*\([^\n]*\.(?:tgz|tar|zip)\b"
)
_NAMED = rf"https?://[^\s'\"]*{_ARCHIVE}|https?://|\$\{{?\w+"
_INSTALLS = r"\b(?:apk|apt(?:-get)?|yum|dnf|brew|pacman|zypper)\b[^\n/]*\b(?:curl|wget)\b[^\n/]*$"
"""The fetching program itself, from a package."""
_RUN_AT_ONCE = r"\|\s*(?:sudo\s+(?:-\w+\s+)*)?(?:/\S*/)?(?:ba|z|da|k)?sh\b"
_HTTP = r"https?://"
_ALONE = (
    r"\b(?:curl|wget)\s[^\n]*\|\s*(?:sudo\s+)?(?:tar|bsdtar|unzip|dpkg|cpio|gunzip|zcat|xz)\b|"
    r"^[ \t]*ADD\s+(?:--\S+\s+)*https?://"
)
"""Fetched and unpacked, or put where it runs, in one breath."""
_DECLARES = (
    r"\b(?:http_archive|FetchContent_Declare|ExternalProject_Add|fetch(?:url|zip|Tarball))\s*[\"({]"
)
_PLAYBOOK = r"\bunarchive\s*:"
_UNPACKS = (
    r"\b(?:tar|bsdtar)\s+(?:--?\w\S*\s+)*(?:-\S*x|x|--extract|-C\s)|\bunzip[\s(]|"
    r"\bextract[ \t]*=>?[ \t]*true\b|\bdpkg\s+(?:-i|--install|-x)\b|\brpm\s+-[iU]|"
    r"\bapt(?:-get)?\s+install\s[^\n]*\./|\bExpand-Archive\b|\bextract(?:all|Tar|Zip)\w*\s*\(|"
    r"\bunpack_archive\s*\(|\b7z\s+x\b|\bmsiexec\b|\btar\.(?:x|extract)\s*\(|"
    r"\binstall\s+-\w*m\s*0?7|\b(?:ba)?sh\s+[\w./${}-]+\.(?:sh|run)\b"
)
_CHECKED = (
    r"(?i)sha-?(?:1|256|384|512)|shasum|md5sum|checksum|\bgpgv?\b|\bcosign\b|minisign|signify|"
    r"\bdigest\b|hashlib|createHash|get-filehash|\bURL_HASH\b|\bintegrity\b|\bhash\s*=|--verify|"
    r"attestation"
)
_NO_TOOL = (
    r"(?i)dataset|/data/|\bdata[-_./]|model|weights|corpus|corpora|imagenet|coco|huggingface\.co|"
    r"zenodo|"
    r"kaggle|fonts?\b|images?/|localhost|127\.0\.0\.1|github\.com/[^\n]*/archive/[0-9a-f]{40}|"
    r"/fixtures?/|backup|\.sql\b|-X\s*(?:POST|PUT)|api\.github\.com|examples?\.json|\.json\b"
)
_REACH = 12
"""Lines from a fetch in which what is fetched is unpacked, or checked."""
_SHOWN = 2_000
"""Lines of a hunk that are read."""
_TOLD = "what is fetched here is unpacked or run without being compared with a checksum"


def check(view: View) -> Iterator[Hit]:
    """Mark what is newly fetched and unpacked, and compared with nothing."""
    for file in view.where(_FETCH, side=Side.NEW):
        if _counts(file) and not _is_only_newer(file):
            yield from _unchecked(file)


def _counts(file: FileView) -> bool:
    if not file.labels.isdisjoint(_ASIDE):
        return False
    return not file.labels.isdisjoint(_RUN) or is_named(file.path, ("*.sbatch", "*.slurm"))


def _is_only_newer(file: FileView) -> bool:
    """Return whether as much was fetched before: another version, or another place."""
    return len(file.gone(_FETCH)) >= len(file.new(_FETCH)) or fetches_as_before(file)


def _unchecked(file: FileView) -> Iterator[Hit]:
    """Mark the first such place of each hunk."""
    wanted = {line.number for line in file.new(_FETCH)}
    for hunk in file.hunks():
        lines = [line for line in numbered(hunk, _SHOWN) if line[0] != b"-"]
        for place, (mark, number, text) in enumerate(lines):
            if mark == b"+" and number in wanted and _is_unpacked(lines, place, text):
                yield Hit.on(file, number, text, _TOLD)
                break


def _is_unpacked(lines: Sequence[Marked], place: int, text: bytes) -> bool:
    """Return whether what a line fetches is put to use near it, and is not checked there."""
    if is_comment(text) or any(finds(regex)(text) for regex in (SAID, _INSTALLS, _RUN_AT_ONCE)):
        return False
    here = b"\n".join(near for _, _, near in lines[place : place + _REACH])
    about = here if finds(_DECLARES)(text) else here[: here.find(b"\n", len(text) + 1) + 1 or None]
    if not finds(_NAMED)(about) or finds(_NO_TOOL)(about):
        return False
    around = b"\n".join(near for _, _, near in lines[max(0, place - _REACH) : place + 2 * _REACH])
    if finds(_CHECKED)(around):
        return False
    if finds(_ALONE)(text) or (finds(_DECLARES)(text) and finds(_HTTP)(here)):
        return True
    if finds(_PLAYBOOK)(text):
        return finds(_HTTP)(here)
    return finds(_UNPACKS)(here)


RULE = Rule(
    id="unpacked-unchecked",
    pathway=Pathway.BACKDOOR,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="fetches and unpacks a tool that nothing is compared with",
    added_triggers=(_FETCH,),
    check=check,
    version=4,
    budget=0.005,
)
