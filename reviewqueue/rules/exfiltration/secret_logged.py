"""A secret, or everything at once, printed or logged.

What it flags
    Added log and print calls whose value is a token, password, key or credential; the whole
    environment, all of a workflow's secrets, the headers, the cookies or the body of a request
    printed; a server or a client told to log whole requests; `echo` of a
    secret in a script or a workflow; `set -x` beside secrets; values that were made or read
    as secrets some lines above, and are shown under another name.

Why it matters
    Logs are kept for long, copied to other systems and read by many. A secret that was
    logged once has to be replaced.

How to review it
    Read what the value holds where this runs; log whether it is there, or its last letters.

Not flagged
    Messages that only speak of a secret; lengths, hashes and masked values; counts of tokens
    of a language model; values piped to a command or written to a file; lines that only
    moved; programs that are examples.

Seen in
    CWE-532 (Insertion of Sensitive Information into Log File), ATT&CK T1552; the
    tj-actions/changed-files compromise of March 2025 (CVE-2025-30066) printed secrets into
    workflow logs.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import (
    FileView,
    Hit,
    Pattern,
    Rule,
    Stability,
    View,
    expression,
    is_named,
)
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.said import is_sentence, is_value
from reviewqueue.scan.structure.values import values

_CALL = (
    r"\b(?:_?s?log(?:ger|ging)?(?:\(\))?\??\.\w+|getLogger\(\)\.\w+|console\.\w+|print(?:f|ln|ln!|"
    r"f!)?!?|eprintln!|dbg!|puts|_?echo|syslog|g_(?:print|message|debug|warning)|NSLog|os_log|"
    r"fmt\.(?:P|Fp)rint\w*|System\.(?:out|err)\.\w+|Console\.Write\w*|Write-(?:Host|Output|"
    r"Verbose|Debug|Information)|(?:Log|LOG)(?:ger|GER)?(?:\.|::)\w+|tracing::\w+!|(?:warn|info|debug|trace|"
    r"error)!|self\.log|click\.echo|pprint|var_dump|print_r|error_log|ngx\.log|core\.(?:info|debug|notice|"
    r"warning|setOutput)|st\.write)\s*[ (]"
)
_SENSITIVE = (
    r"(?i:secret|passw(?:or)?d|passphrase|api[_ -]?key|credentials?|private[_ -]?key|"
    r"access[_ -]?key|auth_?header|authorization|bearer|connection_?string|cookies?|token|\bpw)"
)
_LOGGED = rf"{_CALL}[^\n]*{_SENSITIVE}[\"']?\]?\s*(?:(?:is |are )?[,)}}:;|.!?\"'{{%#=$]|$)"
_SPOKEN = (
    r"(?i)\b(?:api[_ -]?key|passw(?:or)?d|passphrase|client[_ -]?secret|secret[_ -]?key|"
    r"private[_ -]?key|access[_ -]?key|(?:access|auth|bearer|refresh|session|api|"
    r"deploy)[_ -]?token|secret|credentials?)(?:\s+is|"
    r"\s+are)?\s*[:=]?\s*(?:\\?[\"']?(?:\$?\{[^{}\n]*\}|#\{[^{}\n]*\}|%[svq]|\$\w+)|"
    r"[\"'`]\s*(?:[+,.]|<<)\s*[A-Za-z_$])"
)
"""A message that names a secret, and has the place for a value right after it."""
_BESIDE = (
    r"(?i)^[^\n{%$#+,.]*[{%$#+,.<\s\"'`]*(?:\w+(?:\.|->|::|\[))*(?:e|ex|exc|\w*(?:name|_id|\.id|count|type|"
    r"path|file|len|url|status|error|err|exists?|valid\w*|env\w*|provider|version|arn|expir\w*|"
    r"scope\w*|key_?id|prefix|hint))\b"
)
"""What is shown beside a secret, and is none."""
_MADE = (
    r"(?i)\b(?:secrets\.token_\w+|token_(?:hex|urlsafe|bytes)|(?:generate|create|issue|new|make|"
    r"rotate|mint|get|read|fetch|load|decrypt|random)_?(?:\w*_)?(?:api_?key|passw(?:or)?d|secret|"
    r"access_?token|auth_?token|private_?key|credentials?)\w*)\s*\(|\b(?:getenv|environ|env|ENV|"
    r"Getenv|config)\W{1,4}\w*(?:PASSWORD|PASSWD|SECRET|API_?KEY|PRIVATE_KEY|ACCESS_KEY|"
    r"AUTH_TOKEN|ACCESS_TOKEN)\w*|\bopenssl\s+rand\b|\bpwgen\s"
)
_PRIVATE = r"(?i)key|token|secret|pass|pw|cred"
_RECEIVER = r"(?:^|[\s,(])\$?([A-Za-z_]\w*)\s*(?::\s*[\w<>\[\]&]+\s*)?(?::=|=)[^=>]"
_REACH = 12
"""Lines below the making of a secret within which its name stands for it."""
_NAMED = (
    r"(?i)(?:^|[^\w\n.$-])\$?\{?((?:\w+(?:\.|->|::|\?\.))*\w*(?:secret|passw(?:or)?d|passphrase|"
    r"api_?key|credentials?|private_?key|access_?key|auth_?header|authorization|bearer|"
    r"connection_?string|cookies?|token|\bpw)(?:_?value)?)[\"']?\]?\s*(?:[,)}:;|!?\"']|"
    r"\.(?:to_?string|value|get|reveal|expose|unwrap)\w*|$)"
)
_ANOTHER = (
    r"(?i)(?:max|num|total|next|page|sync|continuation|cancel(?:lation)?|eos|bos|pad|unk|stop|"
    r"prompt|completion|input|output|n|last|current|prev|special|start|end|mask|sep|cls|first|"
    r"generated|per|each|lex|peek|has|is|no|missing|invalid|need|use|show|set|with)_?\w*(?:token|"
    r"password|secret|key|credentials?|cookies?)$"
)
_HARMLESS = (
    r"(?i)redact|mask|\bhash|sha256|\blen\s*\(|sanitiz|\.length\b|\.size\b|\bbool\s*\(|\.slice\(|"
    r"\.substr|\.startswith|\[:\s*\d|\[-\d|obfusc|censor|\*\*\*|fingerprint|typeof|\btype\(|!!|"
    r"is not none|is none|[!=]==?\s*(?:null|nil|none|undefined)|\?\s*[\"']|\bend\s*=|flush\s*=|"
    r"\bjest\b|expect\(|assert"
)
_PIPED = r"(?:[^|]\|[^|]|(?:^|[^=-])>>?\s*[^&\s=]|<<<|::add-mask::|--password-stdin)"
_EVERYTHING = (
    rf"{_CALL}[^\n]*(?:\bos\.environ\b\s*[,)}}]|\bprocess\.env\b\s*[,)}}]|\bos\.Environ\(\)|"
    r"\bGetEnvironmentVariables\(\)|\b[sS]tart_?[iI]nfo\.Environment\w*\s*[,)]|"
    r"\.Environment(?:Variables)?\s*[,)]|\benv::vars\(\)|\bENV\.(?:to_h|inspect)|"
    r"System\.getenv\(\)\s*[,)+]|"
    r"\bImportMeta\.env\s*[,)])|\b[jJ]oin\s*\([^\n]*(?:\bos\.environ\.items\(|"
    r"\b[sS]tart_?[iI]nfo\.Environment\b|\bos\.Environ\(\)|"
    r"\bGetEnvironmentVariables\(\))|\bObject\.entries\(process\.env\)[^\n]*\.join\("
)
_TRAFFIC = rf"{_CALL}[^\n]*(?i:headers?\b|cookies|body\b|get_?content\(|get_?reader\(|params)"
_CARRIED = (
    r"(?i)\b(?:(?:\w+(?:\(\))?(?:\.|->|\?\.))*(?:re[qs]|request|resp(?:onse)?|ctx|context|r|httprequest|event|config|"
    r"entity|exchange|c)(?:\(\))?(?:\.|->|\?\.)(?:get_?|raw_?|all_?)*(?:headers?|cookies)|"
    r"(?:request_?|req_?|http_?|all_?|auth_?|incoming_?|upstream_?)headers|"
    r"(?:\w+(?:\.|->|\?\.))*(?:req(?:uest)?|httprequest)(?:\.|->|\?\.)(?:get_?|raw_?)?(?:body|"
    r"content|reader|params)|(?:raw_?)?(?:request|req)_?body)\b(?:\(\))?"
    r"(?:(?:\.|->)(?:to_\w+|inspect|all|lines|text|json|entries|toString|names)\b(?:\(\))?)*"
    r"\s*(?:[,)}\];]|\.collect|$)"
)
"""The headers, cookies or the body that somebody sent, as a whole."""
_BARE = r"(?i)(?:^|[\s,({=:])headers\s*(?:[,)}]|$)"
_SENT = r"(?i)request|incoming|upstream|\burl\b|https?|\bapi\b|calling|sending"
_WORD = r"([A-Za-z_]\w*)"
_LONGEST = 2_000
_SHOWING = (
    "*/examples/*",
    "examples/*",
    "*/demo/*",
    "demo/*",
    "*/demos/*",
    "*/samples/*",
    "*/tutorials/*",
)
"""Where what is shown is the reader's own."""
_HELD = r"\bsecrets\.|\$[{(]?\w*(?:TOKEN|SECRET|PASSWORD|API_?KEY)\w*\b"
_TRACE = r"^[ \t]*(?:-[ \t]+)?(?:run:\s*)?set\s+-\w*x\w*\b|\bbash\s+-\w*x"


def check(view: View) -> Iterator[Hit]:
    """Mark what newly tells a secret."""
    for file in view.where(_LOGGED, side=Side.NEW):
        if _is_read(file):
            yield from _logged(file)
    for file in view.where(_MADE, side=Side.NEW):
        if _is_read(file) and Label.TEST not in file.labels:
            yield from _made(file)
    for file in view.where(_TRAFFIC, side=Side.NEW):
        if _is_read(file):
            yield from _carried(file)
    for file in view.where(_TRACE, side=Side.NEW):
        if file.labels & {Label.CI, Label.SCRIPT} and expression(_HELD).search(file.added):
            for line in file.new(_TRACE):
                yield Hit.at(file, line, "prints every command, and the secrets in it")


def _carried(file: FileView) -> Iterator[Hit]:
    """Mark messages that show the headers or the body of a request as a whole."""
    for line in file.new(_TRAFFIC):
        told = line.whole[:_LONGEST]
        call = expression(_CALL).search(told)
        if not call or is_comment(told) or _is_example(file, told, call.start()):
            continue
        shown = values(told[call.end() - 1 :])
        bare = expression(_BARE).search(shown) and expression(_SENT).search(told)
        if not (bare or expression(_CARRIED).search(shown)) or _is_harmless(told, shown):
            continue
        message = "writes what a request carries, which often holds credentials, to the log"
        yield Hit.at(file, line, message, discountable=True)


def _is_read(file: FileView) -> bool:
    """Return whether a program's own messages are looked for in the file."""
    if file.labels & {Label.LOCK, Label.GENERATED, Label.VENDORED, Label.DATA, Label.DOCS}:
        return False
    return not is_named(file.path, _SHOWING)


def _made(file: FileView) -> Iterator[Hit]:
    """Mark calls that show a value which was made or read as a secret some lines above."""
    holds: dict[bytes, int] = {}
    gone = {line.strip() for line in file.removed.split(b"\n")}
    grouped = _into_files(file)
    for number, text in file.added_lines():
        line = text[:_LONGEST]
        call = expression(_CALL).search(line) if holds else None
        if call and not is_comment(line):
            shown = values(line[call.end() - 1 :])
            name = "" if _is_harmless(line, shown) else _held(shown, holds, number)
            if name and number not in grouped and text.strip() not in gone:
                told = f"{name}, which holds a secret, is written to the log or the screen"
                yield Hit.on(file, number, text, told, discountable=True)
        made, given = expression(_MADE).search(line), expression(_RECEIVER).search(line)
        if made and given and (b"token_" not in made[0] or expression(_PRIVATE).search(given[1])):
            holds[given[1]] = number


def _held(shown: bytes, holds: dict[bytes, int], number: int) -> str:
    """Return the first name in what is shown that holds a secret; empty where none does."""
    for found in expression(_WORD).finditer(shown):
        if number - holds.get(found[1], -_REACH - 1) <= _REACH:
            return str(found[1].decode())
    return ""


def _logged(file: FileView) -> Iterator[Hit]:
    grouped = _into_files(file)
    for line in file.new(_LOGGED):
        told = line.text.encode()[:2000].replace(b"$(", b"${")
        call = expression(_CALL).search(told)
        if not call or is_comment(line.whole) or _is_example(file, told, call.start()):
            continue
        shown = values(told[call.end() - 1 :])
        if _is_harmless(told, shown) or (line.number or 0) in grouped:
            continue
        if name := _secret_name(shown) or _spoken_of(told, call.start()):
            message = f"the value of {name} is written to the log or the screen"
            yield Hit.at(file, line, message, discountable=True)


def _spoken_of(told: bytes, at: int) -> str:
    """Return what a message shows right after it names a secret; empty where nothing."""
    found = expression(_SPOKEN).search(told, at)
    if found is None or b"username=" in told:
        return ""
    shown = expression(r"%[svqd]|\{\}").sub(b"", told[found.start() :])
    if expression(_BESIDE).search(shown):
        return ""
    return "a secret"


def _into_files(file: FileView) -> set[int]:
    """Return the lines of a script's groups whose output goes into a file or a command."""
    if b"\n}" not in file.added and b" }" not in file.added:
        return set()
    grouped: set[int] = set()
    opened: list[int] | None = None
    for number, text in file.added_lines():
        bare = text.strip()
        if bare == b"{":
            opened = []
        elif opened is not None and bare.startswith(b"}"):
            grouped.update(opened if expression(r"^\}\s*(?:>|\|)").search(bare) else ())
            opened = None
        elif opened is not None:
            opened.append(number)
    return grouped


def _is_example(file: FileView, told: bytes, at: int) -> bool:
    """Return whether a call is only a text: in a test, in a docstring, between quotes."""
    if is_sentence(file, told) or (Label.TEST in file.labels and is_value(told, at)):
        return True
    program = Label.SOURCE in file.labels and file.labels.isdisjoint({Label.SCRIPT, Label.CI})
    return program and expression(_CALL).search(values(told)) is None


def _is_harmless(told: bytes, shown: bytes) -> bool:
    """Return whether a call masks, measures or hands on what it shows."""
    if b"::add-mask::" in told or expression(_HARMLESS).search(shown):
        return True
    return expression(_PIPED).search(shown) is not None


def _secret_name(shown: bytes) -> str:
    """Return the first name of a secret in what a call shows; empty where none is."""
    for found in expression(_NAMED).finditer(shown):
        name = found[1]
        if not expression(_ANOTHER).search(name.rpartition(b".")[2]):
            return str(name.decode("utf-8", "replace"))
    return ""


RULE = Rule(
    id="secret-logged",
    pathway=Pathway.EXFILTRATION,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    version=5,
    summary="writes a secret to a log",
    patterns=(
        Pattern(
            r"\btoJSON\s*\(\s*secrets\s*\)",
            "hands out all of a workflow's secrets at once",
            severity=Severity.HIGH,
        ),
        Pattern(
            r"\becho\b[^\n]*\$\{\{\s*secrets\.",
            "prints a workflow's secret",
            line=r"\becho\s[^\n|>]*\$\{\{\s*secrets\.[^\n|>]*$",
            severity=Severity.HIGH,
        ),
        Pattern(
            r"(?i)\b(?:log(?:ger|ging)?\.\w+|console\.\w+|print|self\.log)\s*\([^\n]*(?:[{(,]\s*|"
            r"\$\{)(?:vars\()?(?:\w+\.)*(?:config|settings|env_?vars|credentials)\s*\)?\s*[,)}]",
            "writes a whole configuration, which often holds keys, to the log",
            line=r"(?i)(?:log(?:ger|ging)?\.\w+|console\.\w+|print|self\.log)\s*\([^\n]{0,200}"
            r"(?:\{(?:[^{}\n]*\W)?(?:config|settings|env_?vars|credentials)\)?\}"
            r")|(?:log(?:ger|ging)?\.\w+|console\.\w+|print|self\.log)\s*\((?:[^()\n]{0,200},)?"
            r"\s*(?:\w+\.)*(?:config|settings|env_?vars|credentials)\s*\)",
        ),
        Pattern(
            r"\becho\b[^\n]*(?:\$\{\{\s*secrets\.|"
            r"\$[{(]?\w*(?:SECRET|TOKEN|PASSWORD|API_?KEY|PASSWD|CREDENTIAL\w*)[})]?)"
            r"[^\n|>]*\|\s*(?:base64|rev|xxd|od|tr|sed|hexdump|openssl\s+base64)\b[^\n>]*$",
            "prints a secret, changed so that nothing masks it",
            line=r"\|\s*(?:base64|rev|xxd|od|tr|sed|hexdump|openssl)\b(?:[^\n|>]*\|\s*(?:base64|rev|xxd|tr|sed)\b)*[^\n|>]*$",
            only=frozenset({Label.CI}),
            severity=Severity.HIGH,
        ),
        Pattern(
            r"^[ \t]*sensitive[ \t]*=[ \t]*false\b|\bnonsensitive\s*\(",
            "shows a secret among the outputs",
            globs=("*.tf", "*.hcl"),
        ),
        Pattern(
            r"(?i)\.(?:info|debug|warn|error|trace)\s*\(\s*\"[^\"\n]*"
            r"(?:token|secret|password|api[ _]?key|credential)"
            r"\w*\s*(?:is\s*|[:=]\s*)?\{\}\"",
            "writes a secret to the log",
            globs=("*.java", "*.kt", "*.scala", "*.groovy"),
        ),
        Pattern(_EVERYTHING, "prints the whole environment", severity=Severity.MEDIUM),
        Pattern(
            r"^[ \t]*-?[ \t]*(?:run:\s*)?(?:env|printenv|export\s+-p|set)[ \t]*"
            r"(?:$|\|[ \t]*(?:sort|base64|grep)\b)",
            "prints the whole environment",
            line=r"\b(?:env|printenv|export\s+-p)\b",
            only=frozenset({Label.CI, Label.SCRIPT, Label.CONTAINER}),
        ),
        Pattern(
            r"\blog_format\b[^\n]*\$(?:http_authorization|http_cookie|request_body)|"
            r"%REQ\((?i:authorization|cookie|x-api-key)\)%|"
            r"\bHttpLoggingFields\.(?:All|Request(?:Headers|Body|PropertiesAndHeaders)?)\b|"
            r"\bhttputil\.DumpRequest\w*\([^\n]*true\)|"
            r"\b(?:HTTPConnection\.)?debuglevel[ ]*=[ ]*[1-9]|"
            r"\b(?:HttpLoggingInterceptor\.)?Level\.(?:BODY|HEADERS)\b|\.wiretap\(true|"
            r"\borg\.apache\.http\.(?:wire|headers)['\"]?[ \t]*[:=][ \t]*(?:DEBUG|TRACE)\b|"
            r"\bbodies:[ \t]*true",
            "whole requests are logged, with the credentials they carry",
            never=frozenset({Label.TEST, Label.DOCS, Label.VENDORED}),
        ),
    ),
    added_triggers=(_LOGGED, _MADE, _TRACE, _TRAFFIC),
    check=check,
)
