"""Whether what one added line gets is what another, some lines below, uses: by names alone.

No parser: a value is followed through assignments, callbacks, loops and writes into files that
are named in the text. Good enough to tell `exec(code)` below `code = fetch(…)` from an `exec`
that merely stands near a `fetch`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from reviewqueue.scan.rule import FileView, expression
from reviewqueue.scan.structure.comments import is_comment

_REACH = 12
"""Lines that a value is followed for after it was last seen."""
_LONGEST = 1_000
"""Bytes of a line that somebody wrote; what is longer is not followed."""
_MOST = 5_000
"""Lines of a file that are followed."""
_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_TEXT = r"[\"'`]([^\"'`\s]{4,120})[\"'`]|(?:^|[\s=])(/tmp/[\w./-]+|\$\{?\w+)"
_GIVEN = (
    r"^[^=(\n]*?([A-Za-z_]\w*(?:\s*,\s*[A-Za-z_]\w*)*)[\])\s]*(?::[^=\n(]+)?(?::=|\+=|=)(?:[^=]|$)|"
    r"\bfor\s*\([^:\n]*?\b(\w+)\s*:\s|\bforeach\s*\([^\n]*?\b(\w+)\s+in\s|"
    r"\b(?:as|each|for)\s+\(?\$?(\w+(?:\s*,\s*\w+|\s*=>\s*\$\w+)*)|"
    r"\(?\s*([A-Za-z_]\w*(?:\s*,\s*\w+)*)\s*\)?\s*(?:=>|->\s*\{)|"
    r"\bfunction\s*\w*\s*\(([^)\n]*)\)|\b(?:Ok|Some)\((\w+)\)\s*=|([A-Za-z_]\w*)\s*[.+]=|"
    r"\b([A-Za-z_]\w*)\.(?:append|push(?:_str)?|add|extend|[wW]rite(?:String)?|update|set)\s*\(|"
    r"\|\s*(\w+)\s*\||\bdef\s+\w+\s*\(([^)\n]*)\)|@\w+(?:\([^)\n]*\))?\s+\w+\s+(\w+)|"
    r"\b(?:func|fn|fun)\s+(?:\([^)\n]*\)\s*)?\w+\s*\(([^)\n]*)\)|"
    r"^\s*(?:(?:public|private|protected|static|async|final|override|void|constructor)\b\s*)+\w*\s*\(([^)\n]*)\)|"
    r"\b(?:while|if)\s*\(\s*(\w+)\s*=[^=]|\{\s*([\w\s,:]+)\}\s*=[^=]"
)
_MOVED = (
    r"(?i)\b(?:f?read|recv|f?write|io\.copy|copy|pipe|save|put|append|push|extend|urlretrieve|"
    r"download|create|fs\.open|os\.open|s?n?printf|strn?(?:cpy|cat)|memcpy|"
    r"outfile)\w*\b[^(\n]*[( ](.*)"
)
FETCHES = (
    r"\brequests\.(?:get|post|request)\s*\(|\bhttpx\.(?:get|post|stream)\s*\(|\burlopen\s*\(|"
    r"\burlretrieve\s*\(|\bhttp\.Get\s*\(|\bhttp\.NewRequest\w*\s*\(|\bfetch\s*\(\s*[`'\"\w]|"
    r"\bhttps?\.get\s*\(|\baxios\b[^\n]*\(|\bgot(?:\.\w+)?\s*\(|\breqwest::|\bureq::|"
    r"\bDownload(?:File|String|Data)\w*\s*\(|\bGet(?:ByteArray|String|Stream)Async\s*\(|"
    r"\.openStream\s*\(|\bURI\.open\s*\(|\bopen-uri\b|\bNet::HTTP\b|\bfile_get_contents\s*\(\s*['\"]http|"
    r"\bData\s*\(\s*contentsOf:|\bURLSession\b|\bWebClient\b|\bHTTPoison\.get|\bReq\.get!?\s*\(|"
    r"\b\w*[cC]lient\.(?:Do|get|Get|send)\s*\(|\bsession\.get\s*\(|"
    r"\bLWP::|\bhttp\.request\s*\(|\bInvoke-(?:WebRequest|RestMethod)\b|\b(?:iwr|irm)\s|"
    r"\b(?:curl|wget)\s[^\n|]*(?:-[a-zA-Z]*[oO]\b|--output)|\bcurl_easy_perform\b|\bURLDownloadToFile\w*|"
    r"\bfile\s*\(\s*DOWNLOAD\b|\bHttpClient\b[^\n]*\bsend\s*\("
)
"""Calls that give what a machine elsewhere says."""
RUNS = (
    r"\b(?:os\.system|os\.popen|os\.startfile|os\.exec\w+|subprocess\.\w+|Popen|check_output|getoutput|"
    r"execSync|execFile(?:Sync)?|spawnSync|shell_exec|passthru|proc_open|IO\.popen|Open3\.\w+|"
    r"exec\.Command(?:Context)?|Command::new|ProcessBuilder|Process\.Start|ShellExecute\w*|"
    r"CreateProcess\w*|WinExec|plugin\.Open|Library::new|dlopen|LoadLibrary\w*|loadstring|execute_process|"
    r"System\.load|create_subprocess_\w+|io\.popen|System\.cmd|System\.shell|"
    r"DexClassLoader|PathClassLoader)\s*[({]|\bexecutableURL\s*=|\bcmd(?:\.exe)?\s+/c\s+[($]|"
    r"\.arg\s*\(|\bStart-Process\s|\bInvoke-Expression\b|\biex\s|\bFunction\s*\(|"
    r"\brunIn(?:New|This)?Context\s*\(|(?:^|[^\w\n.])(?:exec|execv\w*|eval|spawn|system|popen|compile|require)\s*\(|"
    r"\b(?:cp|child_process|childProcess|getRuntime\(\))\s*\.\s*(?:exec|spawn|fork)\s*\(|"
    r"\bAssembly\.Load\w*\s*\("
)
"""Calls that start a program, or run a text as one."""
SENDS = (
    r"\brequests\.get\s*\([^\n]*(?:params\s*=|\{)|\burlopen\s*\(|\burllib\.request\.(?:urlopen|Request)\s*\(|"
    r"\b(?:requests|httpx|axios|got|needle|superagent|session|client)\.(?:post|put|patch|request)\s*\(|"
    r"\.sendall?\s*\(|\.sendto\s*\(|\.send_message\s*\(|\.sendmail\s*\(|\.sendMail\s*\(|\.set_content\s*\(|"
    r"\.storbinary\s*\(|\.request\s*\(\s*[\"'](?:POST|PUT)|(?:^|[^\w\n.])(?:fetch|axios|send)\s*\(|"
    r"\bsendBeacon\s*\(|\bnew\s+Image\b[^\n]*\.src\s*=|\.src\s*=\s*[`'\"]https?:|\bhttps?\.(?:get|request)\s*\(|"
    r"\breq\.(?:write|end)\s*\(|\bhttp\.(?:Post\w*|NewRequest\w*)\s*\(|\breqwest::|\bureq::|\.send_(?:json|string)\s*\(|"
    r"\.body\s*\(|\.json\s*\(\s*&|\.(?:Post|Put|Send)\w*Async\s*\(|\bUpload(?:String|Data|File)\w*\s*\(|"
    r"\bBodyPublishers\.|\bNet::HTTP\.post\w*|\bRestClient\.post|\bHTTParty\.post|\bFaraday\.post|"
    r"\bfile_get_contents\s*\(\s*['\"]https?:|\bcurl_setopt\s*\([^\n]*POSTFIELDS|\bCURLOPT_(?:POSTFIELDS|URL)\b|"
    r"\bcurl\s[^\n]*(?:-d|--data\S*|-F|--form|-T|--upload-file)\b|\bInvoke-(?:RestMethod|WebRequest)\b|"
    r"\bpostFor(?:Object|Entity)\s*\(|\.exchange\s*\(|\bhttpBody\s*=|\.dataTask\s*\(|\bHTTPoison\.post|"
    r"\.emit\s*\(|\.upload(?:_file|_fileobj|File)?\s*\(|\bmail\s*\("
)
"""Calls that hand something to a machine elsewhere."""
REACHES = (
    rf"{SENDS}|\b(?:requests|httpx|session|axios|got|http|curl)\.(?:get|post|put|Get|request)\s*\(|"
    r"\bNet::HTTP\b|\.openStream\s*\(|\bfile_get_contents\s*\(|\bwp_remote_(?:get|post)\s*\(|"
    r"(?:\$|\bjQuery)\.(?:post|ajax|get\w*)\s*[('\"]|\$http\.(?:get|post)\s*\(|\b(?:URI\.create|new\s+URL)\s*\(|"
    r"\b(?:curl|wget)\s[^\n]*https?://[^\n]*\$|\bsetRequest(?:Header|Property)\s*\(|\.Get\w*Async\s*\(|"
    r"[hH]eaders?(?:\(\))?\.(?:[sS]et|[aA]dd|update)\s*\(|\.(?:add)?[hH]eader\s*\(|\.(?:set|add)Value\s*\(|"
    r"\bheaders?[\"']?\]?\s*(?:\[|=>|[:=]\s*[\[{'\"])|\breq(?:uest)?\[[\"']|:httpc\.request|\bLWP\b|"
    r"->(?:get|post)\s*\(\s*[\"']https?:|\.url\s*\(\s*[\"']https?:|\b(?:new\s+WebSocket)\s*\("
)
"""Calls that reach a machine elsewhere, which an address or a header tells enough."""
_PLAIN = frozenset(
    b"self this os sys err error ex i j n nil null none None True False true false await async "
    b"return const let var auto final if else elif for in of new try with def func fn function "
    b"json len str String fs io http https requests subprocess process require import "
    b"ctx mut my local public private static void int char byte and or not as get post run "
    b"exec call url utf8 utf encode decode open read write close format print shell sh bash node "
    b"python std env console log logger Promise Buffer from to is ok _ session".split()
)
_TYPE = b"string"
"""A name where it stands alone, a type among other names."""
_ABROAD = r"(?:https?|wss?|ftp)://[\w-]+\.[\w.-]|[\"'`]\d+(?:\.\d+){3}[\"'`]"
_AT_HOME = (
    r"://(?:localhost|127\.|0\.0\.0\.0|10\.|192\.168\.|[\w.-]+\.(?:local|internal|svc|test|invalid|localhost)\b|"
    r"(?:[\w-]+\.)*example\.(?:com|org|net)\b)|[\"'`](?:127|0|10)\.\d"
)


@dataclass(frozen=True, slots=True)
class Use:
    """An added line that uses what another gave."""

    number: int
    text: bytes
    """The line that uses it."""
    source: int
    origin: bytes
    """The line that gave it."""


def uses(file: FileView, source: str, sink: str, reach: int = _REACH) -> Iterator[Use]:
    """Yield the added lines where a sink gets what a source gave, at most so far above it."""
    gives, takes = expression(source), expression(sink)
    if not (gives.search(file.added) and takes.search(file.added)):
        return
    carried: dict[bytes, tuple[int, int, bytes]] = {}
    for count, (number, text) in enumerate(file.added_lines()):
        if count >= _MOST:
            return
        if len(text) > _LONGEST or is_comment(text):
            continue
        given = gives.search(text)
        taken = takes.search(text) if given or carried else None
        origin = _origin(carried, text[taken.start() :] if taken else text, number - reach)
        if taken and given and not origin and _within(text, given.start(), taken.start()):
            origin = (number, number, text)
        if taken and origin:
            yield Use(number, text, origin[1], origin[2])
        if given:
            origin = (number, number, text)
        if origin or (origin := _origin(carried, text, number - reach)):
            for name in _receivers(text):
                carried[name] = (number, *origin[1:])


def abroad(file: FileView) -> list[int]:
    """Return the added lines that name a machine elsewhere in full, ascending."""
    names, home = expression(_ABROAD), expression(_AT_HOME)
    if not names.search(file.added):
        return []
    return [
        number
        for number, text in file.added_lines()
        if len(text) <= _LONGEST and names.search(text) and not home.search(text)
    ]


def _within(text: bytes, given: int, taken: int) -> bool:
    """Return whether on one line the sink gets what the source gives."""
    if given > taken:
        return True
    return not set(_receivers(text[:taken])).isdisjoint(_words(text[taken:]))


def _origin(
    carried: dict[bytes, tuple[int, int, bytes]], text: bytes, oldest: int
) -> tuple[int, int, bytes] | None:
    """Return where a value comes from that a text names; None where it names none."""
    for name in _words(text) if carried else ():
        if (found := carried.get(name)) and found[0] >= oldest:
            return found
    return None


def _words(text: bytes) -> Iterator[bytes]:
    for found in expression(_NAME).finditer(text):
        if found[0] not in _PLAIN:
            yield found[0]
    for found in expression(_TEXT).finditer(text):
        yield found[1] or found[2]


def _receivers(text: bytes) -> Iterator[bytes]:
    """Yield the names and the paths that a line puts a value into."""
    for found in expression(_GIVEN).finditer(text):
        names = tuple(_words(b" ".join(group for group in found.groups() if group)))
        yield from names if len(names) == 1 else (name for name in names if name != _TYPE)
    if moved := expression(_MOVED).search(text):
        yield from _words(moved[1])
