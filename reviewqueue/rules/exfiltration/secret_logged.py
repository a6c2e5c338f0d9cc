"""A secret, or everything at once, printed or logged.

What it flags
    Added log and print calls whose value is a token, password, key or credential; the whole
    environment, all of a workflow's secrets, request headers or cookies printed; `echo` of a
    secret in a script or a workflow; `set -x` beside secrets. Also what kept secrets out of
    logs, taken away: masking, redaction, `no_log`, `::add-mask::`, `sensitive = true`.

Why it matters
    Logs are kept for long, copied to other systems and read by many. A secret that was
    logged once has to be replaced.

How to review it
    Read what the value holds where this runs; log whether it is there, or its last letters.
    Where masking went away: which values pass here now?

Not flagged
    Messages that only speak of a secret; lengths, hashes and masked values; counts of tokens
    of a language model; values piped to a command or written to a file.

Seen in
    CWE-532 (Insertion of Sensitive Information into Log File), ATT&CK T1552; the
    tj-actions/changed-files compromise of March 2025 (CVE-2025-30066) printed secrets into
    workflow logs.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, set_aside
from reviewqueue.scan.disappeared import disappeared
from reviewqueue.scan.kinds import is_comment
from reviewqueue.scan.rule import (
    FileView,
    Hit,
    Line,
    Pattern,
    Rule,
    Stability,
    View,
    expression,
)
from reviewqueue.scan.said import is_sentence, is_value
from reviewqueue.scan.values import values

_CALL = (
    r"\b(?:_?s?log(?:ger|ging)?(?:\(\))?\??\.\w+|getLogger\(\)\.\w+|console\.\w+|print(?:f|ln|ln!|"
    r"f!)?!?|"
    r"eprintln!|dbg!|puts|_?echo|syslog|g_(?:print|message|debug|warning)|NSLog|os_log|"
    r"fmt\.(?:P|Fp)rint\w*|System\.(?:out|err)\.\w+|"
    r"Console\.Write\w*|Write-(?:Host|Output|Verbose|Debug|Information)|Log\.\w+|tracing::\w+!|"
    r"(?:warn|info|debug|trace|error)!|self\.log|click\.echo|pprint|var_dump|print_r|error_log|"
    r"core\.(?:info|debug|notice|warning|setOutput)|st\.write)\s*[ (]"
)
_SENSITIVE = (
    r"(?i:secret|passw(?:or)?d|passphrase|api_?key|apikey|credentials?|private_?key|access_?key|"
    r"auth_?header|authorization|bearer|connection_?string|cookies?|token)"
)
_LOGGED = rf"{_CALL}[^\n]*{_SENSITIVE}[\"']?\]?\s*(?:[,)}}:;|.!?\"']|$)"
_NAMED = (
    r"(?i)(?:^|[^\w\n.$-])\$?\{?((?:\w+(?:\.|->|::|\?\.))*\w*(?:secret|passw(?:or)?d|passphrase|"
    r"api_?key|"
    r"credentials?|private_?key|access_?key|auth_?header|authorization|bearer|connection_?string|"
    r"cookies?|token)(?:_?value)?)[\"']?\]?\s*(?:[,)}:;|!?\"']|\.(?:to_?string|value|get|reveal|"
    r"expose|unwrap)\w*|$)"
)
_ANOTHER = (
    r"(?i)(?:max|num|total|next|page|sync|continuation|cancel(?:lation)?|eos|bos|pad|unk|stop|"
    r"prompt|"
    r"completion|input|output|n|last|current|prev|special|start|end|mask|sep|cls|first|generated|"
    r"per|each|lex|peek|has|is|no|missing|invalid|need|use|show|set|with)_?\w*(?:token|password|"
    r"secret|key|credentials?|cookies?)$"
)
_HARMLESS = (
    r"(?i)redact|mask|\bhash|sha256|\blen\s*\(|sanitiz|\.length\b|\.size\b|\bbool\s*\(|\.slice\(|"
    r"\.substr|"
    r"\.startswith|\[:\s*\d|\[-\d|obfusc|censor|\*\*\*|fingerprint|typeof|\btype\(|!!|is not none|"
    r"is none|"
    r"[!=]==?\s*(?:null|nil|none|undefined)|\?\s*[\"']|\bend\s*=|flush\s*=|\.name\b|\.id\b|"
    r"\bjest\b|expect\(|assert"
)
_PIPED = r"(?:[^|]\|[^|]|>>?\s*[^&\s=]|<<<|::add-mask::|--password-stdin)"
_EVERYTHING = (
    rf"{_CALL}[^\n]*(?:\bos\.environ\b\s*[,)}}]|\bprocess\.env\b\s*[,)}}]|\bos\.Environ\(\)|"
    r"\bGetEnvironmentVariables\(\)|\b[sS]tart_?[iI]nfo\.Environment\w*\s*[,)]|"
    r"\.Environment(?:Variables)?\s*[,)]|"
    r"\benv::vars\(\)|\bENV\.(?:to_h|inspect)|System\.getenv\(\)\s*[,)+]|\bImportMeta\.env\s*[,)])"
)
_MASKING = (
    r"(?i)redact|\bno_log\s*:\s*(?:true|yes)|::add-mask::|\bcore\.setSecret\(|"
    r"^[ \t]*sensitive\s*=\s*true\b|\bSecretStr\b|\brepr\s*=\s*False\b|\bhide_input\s*=\s*True|"
    r"['\"`]\*{3,}|\bscrub_?\w*\(|\bmask_?(?:secret|token|password|key|cred|sensitive)\w*|"
    r"\bsanitized?_?(?:url|header|log|command|cmd|error|env)\w*|\bremove_password\w*|\[filtered\]|"
    r"\w*masked\(\)|\bsecret_?masker?\b|^[ \t]*set\s+\+x\b|"
    r"\b\w*(?:token|secret|password|api_?key)\.(?:substring|substr|slice)\(\s*0\b|"
    r"\b(?:add|register|remember|track)_?(?:to_?|new_?)?(?:secret|mask|sensitive|redact)\w*\(|"
    r"\bset_?secret\(|"
    r"\bwith_?(?:password|secret|token)\w*\(\s*['\"](?:\*|<|\[|redact)|\b(?:hide|obscure|"
    r"conceal|censor|obfuscate)_?"
    r"(?:secret|password|token|credential|value|key|sensitive|input)\w*\b|"
    r"\bmask(?:ed|ing|s)?(?:_?(?:value|output|string|text|env\w*|log\w*|header\w*|url|data|"
    r"it))\w*\b|\bmasked\s*:\s*true|"
    r"\bConvertTo-SecureString\b|\bGuardedString\b|\bgetpass\.getpass\(|"
    r"\bread\s+-\w*s\w*\b[^\n]*(?i:pass|secret|token)|"
    r"#\[(?:\\?\w+\\)*SensitiveParameter\b|\b(?:hidden|sensitive|secret|"
    r"writeOnly)[\"']?\s*[:=]\s*[tT]rue\b|\bnoparams\b|\b(?:do(?:n'?| no)t|never|avoid|"
    r"not to)\s+(?:log|leak|expos|disclos)\w*\b"
    r"[^\n]*(?:secret|token|passw|credential|\bkeys?\b|sensitive|\bpii\b|private)|"
    r"leak(?:s|ing)?\s+(?:secret|sensitive|credential|token|key|password|info)"
)
_WARNS = (
    r"(?i)\b(?:do(?:n'?| no)t|never|avoid|not to)\s+(?:log|leak|expos|disclos)|\bleak(?:s|ing)?\b"
)
_IMPORTS = r"^[ \t]*(?:from|import|use|using|require|const \{[^}\n]*\}\s*=\s*require)\b"
_TRACE = r"^[ \t]*(?:run:\s*)?set\s+-\w*x\w*\b|\bbash\s+-\w*x"


def check(view: View) -> Iterator[Hit]:
    """Mark what newly tells a secret, and what no longer hides one."""
    for file in view.where(_LOGGED, side=Side.NEW):
        if not file.labels & {Label.LOCK, Label.GENERATED, Label.VENDORED, Label.DATA}:
            yield from _logged(file)
    yield from _unmasked(view)
    for file in view.where(_TRACE, side=Side.NEW):
        if b"secrets." in file.added and file.labels & {Label.CI, Label.SCRIPT}:
            for line in file.new(_TRACE):
                yield Hit.at(file, line, "prints every command, and the secrets in it")


def _logged(file: FileView) -> Iterator[Hit]:
    for line in file.new(_LOGGED):
        found = expression(_CALL).search(line.whole)
        told = line.text.encode()[:2000]
        call = expression(_CALL).search(told)
        if not (found and call) or is_comment(line.whole) or _is_example(file, told, call.start()):
            continue
        shown = values(told[call.end() - 1 :])
        if name := _secret_name(shown):
            yield Hit.at(
                file,
                line,
                f"the value of {name} is written to the log or the screen",
                discountable=True,
            )


def _is_example(file: FileView, told: bytes, at: int) -> bool:
    """Return whether a call is only a text, in a test or in a docstring."""
    return is_sentence(file, told) or (Label.TEST in file.labels and is_value(told, at))


def _secret_name(shown: bytes) -> str:
    """Return the first name of a secret in what a call shows; empty where none is."""
    if expression(_HARMLESS).search(shown) or expression(_PIPED).search(shown):
        return ""
    for found in expression(_NAMED).finditer(shown):
        name = found[1]
        if not expression(_ANOTHER).search(name.rpartition(b".")[2]):
            return str(name.decode("utf-8", "replace"))
    return ""


def _unmasked(view: View) -> Iterator[Hit]:
    if not view.where(_MASKING, side=Side.OLD):
        return
    programs = [file for file in view.where(_MASKING) if not set_aside(file.labels)]
    for found in disappeared(programs, _MASKING):
        if found.file.status != "D" and Label.LOCK not in found.file.labels:
            for line in found.lost:
                if _is_only_said(found.file, line):
                    continue
                yield Hit.at(
                    found.file, line, "what kept a secret out of sight is removed", side=Side.OLD
                )


def _is_only_said(file: FileView, line: Line) -> bool:
    """Return whether a lost line hid nothing: words, unless they warn, or an import."""
    if expression(_WARNS).search(line.whole):
        return False
    if is_comment(line.whole) or is_sentence(file, line.whole):
        return True
    return expression(_IMPORTS).search(line.whole) is not None


RULE = Rule(
    id="secret-logged",
    pathway=Pathway.EXFILTRATION,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    version=2,
    summary="writes a secret to a log, or no longer masks one",
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
            r"\$\{)"
            r"(?:vars\()?(?:\w+\.)*\w*(?:config|settings|env_?vars|credentials)\s*\)?\s*[,)}]",
            "writes a whole configuration, which often holds keys, to the log",
            line=r"(?i)(?:log(?:ger|ging)?\.\w+|console\.\w+|print|self\.log)\s*\([^\n]{0,200}"
            r"(?:\{[^{}\n]*(?:config|settings|env_?vars|credentials)\)?\}"
            r")|(?:log(?:ger|ging)?\.\w+|console\.\w+|print|self\.log)\s*\((?:[^()\n]{0,200},)?"
            r"\s*(?:\w+\.)*\w*(?:config|settings|env_?vars|credentials)\s*\)",
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
            r"^[ \t]*-?[ \t]*(?:run:\s*)?(?:env|printenv|export\s+-p|set)(?:\s*\|\s*(?:sort|base64|"
            r"grep)[^\n]*)?"
            r"\s*$",
            "prints the whole environment",
            line=r"\b(?:env|printenv|export\s+-p)\b",
            only=frozenset({Label.CI, Label.SCRIPT, Label.CONTAINER}),
        ),
        Pattern(
            r"(?i)\b(?:console\.(?:log|info|debug)|print|log(?:ger|ging)?\.\w+)\s*\([^\n]*"
            r"(?:headers|cookies)\s*[,)}]",
            "writes request headers or cookies, which carry credentials, to the log",
            line=r"(?i)(?:console\.(?:log|info|debug)|print|log(?:ger|ging)?\.\w+)\s*\([^\n]{0,200}(?:req(?:uest)?|res(?:ponse)?|ctx|r)\.(?:headers?|cookies)\b\s*[,)}]",
        ),
    ),
    triggers=(_LOGGED, _MASKING, _TRACE),
    check=check,
)
