"""Decoding hidden content and executing it.

What it flags
    One added expression that decodes (base64, hex, zlib, rot13, character codes) and
    hands the result to an interpreter: Python's `exec`/`eval`, JavaScript's `eval` or
    `Function`, PHP's and Ruby's `eval`, Java's `defineClass`, C#'s `Assembly.Load`,
    PowerShell's `Invoke-Expression`, a shell. Also a file that newly does both, apart
    from each other; a program that is started right below where text is decoded; and what
    a script decodes and its shell runs some lines below.

Why it matters
    Nobody can review what is only there after decoding. Honest code has no reason to
    hide its own program text; nearly every published package backdoor does it.

How to review it
    Decode the text yourself, outside your shell, and read what it does.
    Ask why the program is not written in plain text.
    Look for where the encoded text comes from: a constant, a file, the network.

Not flagged
    Decoding that is only data (images, tokens), and executing plain text.

Seen in
    ATT&CK T1027 and T1140 (deobfuscate/decode files or information); event-stream's
    flatmap-stream 0.1.1 (2018), eslint-scope 3.7.2 (2018), the xz backdoor
    (CVE-2024-3094), bootstrap-sass 3.2.0.3 on RubyGems (CVE-2019-10842).
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.scan.rule import Capability, FileView, Hit, Pattern, Rule, Stability, View
from reviewqueue.scan.structure.flow import uses
from reviewqueue.scan.structure.kinds import is_code
from reviewqueue.scan.structure.near import numbered, stands_in

_DECODER = (
    r"(?:b(?:ase)?(?:64|85|32|16)_?decode|[ab]85decode|fromhex|unhexlify|a2b_(?:hex|base64)|"
    r"zlib\.decompress|lzma\.decompress|bz2\.decompress|rot_?13|atob\(|"
    r"fromCharCode|frombase64string|marshal\.loads|str_rot13|gzinflate|gzuncompress|hex2bin|"
    r"convert_uudecode|decode_base64|decode64|base64\.decode|unpack1?\s*\(\s*['\"][mHu]|pack\s*\(\s*['\"]H|"
    r"getDecoder\(\)|DatatypeConverter|codecs\.decode|fernet|\.decrypt\s*\(|cp1026|strrev\s*\()"
)
_RUNS = (
    r"(?i)(?:^|[^\w\n.])(?:exec|eval|execScript)\s*\(|\bnew\s+Function\s*\(|"
    r"\bInvoke-Expression\b|\bcompile\s*\([^\n]*['\"]exec['\"]|\beval\s+['\"]?\$\w|"
    r"\brunIn(?:This|New)Context\s*\(|\bAssembly\.Load\s*\(|\bdefineClass\s*\(|"
    r"\bloadstring\s*\(|\bcreate_function\s*\("
)
_DECODES = (
    rf"(?i){_DECODER}|Buffer\.from\([^\n]*['\"](?:base64|hex)['\"]|"
    r"base64\s+(?:-d|-D|--decode)|\bxxd\s+-r"
)
_CALLS = r"(?i)(?:^|[^\w\n.])(?:exec|eval|execScript|setTimeout)"
_STARTS = r"\bexec\.Command(?:Context)?\s*\(|\bCommand::new\s*\(|\bProcessBuilder\s*\("
_TEXT_DECODED = r"\.DecodeString\s*\(|\bbase64::(?:decode|engine)|getDecoder\(\)"
_SHELL_DECODES = r"\bbase64\s+(?:-d|-D|--decode)|\bxxd\s+-\w*r|\bopenssl\s+(?:enc\s+-d|base64\s+-d)"
_SHELL_RUNS = (
    r"(?:^|[\s;&|])(?:eval|exec|source|\.|(?:sudo\s+)?(?:/bin/)?(?:ba|z|da|k)?sh(?:\s+-c)?|"
    r"python[\d.]*\s+-c|perl\s+-e)\s+[\"']?[$./]"
)
_NEAR = 12
"""Lines between decoding and starting a program that are one deed."""


def check(view: View) -> Iterator[Hit]:
    """Mark what is decoded and executed, though not in one expression."""
    for file in view.where(_RUNS, side=Side.NEW):
        if not is_code(file):
            continue
        runs, decodes = file.new(_RUNS), file.new(_DECODES)
        if runs and decodes:
            for line in (*runs, *decodes):
                yield Hit.at(
                    file,
                    line,
                    "the file newly decodes content and newly executes text",
                    severity=Severity.MEDIUM,
                )
    for file in view.where(_SHELL_DECODES, side=Side.NEW):
        for use in uses(file, _SHELL_DECODES, _SHELL_RUNS) if is_code(file) else ():
            told = f"runs in a shell what line {use.source} decodes"
            yield Hit.on(file, use.number, use.text, told)
    for file in view.where(_STARTS, side=Side.NEW):
        if is_code(file):
            yield from _started(file)


def _started(file: FileView) -> Iterator[Hit]:
    """Mark programs that are started right below what decodes text."""
    decoded = [number for number, _ in numbered(file.new(_TEXT_DECODED))]
    for number, line in numbered(file.new(_STARTS)) if decoded else ():
        if stands_in(decoded, range(number - _NEAR, number + 1)):
            message = "starts a program right below where text is decoded"
            yield Hit.at(file, line, message, severity=Severity.MEDIUM)


RULE = Rule(
    id="decode-and-execute",
    pathway=Pathway.BACKDOOR,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    stability=Stability.STABLE,
    summary="decodes hidden content and executes it",
    capability=Capability.EXECUTES,
    patterns=(
        Pattern(
            rf"{_CALLS}\s*\([^\n]*{_DECODER}",
            "executes the result of a decoder",
            line=rf"{_CALLS}\s*\([^\n]{{0,300}}{_DECODER}",
        ),
        Pattern(
            r"(?:\bnew\s+Function|[^\w\n.]Function|(?:^|[^\w\n.])eval|runInThisContext|runInNewContext)"
            r"\s*\([^\n]*(?:atob\s*\(|fromCharCode|Buffer\.from\s*\()",
            "executes decoded JavaScript",
            line=r"(?:(?:^|[^\w\n.])(?:Function|eval)|runInThisContext|runInNewContext)\s*\([^\n]{0,300}"
            r"(?:atob\s*\(|fromCharCode|Buffer\.from\s*\()",
        ),
        Pattern(
            r"(?i)(?:\biex\b|\bInvoke-Expression\b)[^\n]*FromBase64String|"
            r"FromBase64String[^\n]*\|\s*(?:iex|Invoke-Expression)|"
            r"powershell(?:\.exe)?\s[^\n]*-e(?:nc(?:odedcommand)?)?\s+[A-Za-z0-9+/=]{40}",
            "executes encoded PowerShell",
        ),
        Pattern(
            r"(?i)\bAssembly\.Load\s*\([^\n]*(?:FromBase64|Decompress|Decrypt)|"
            r"\bdefineClass\s*\([^\n]*(?:decode|decrypt|Base64)|"
            r"\bload(?:string)?\s*\([^\n]*(?:base64|unhex|string\.char|gsub)|"
            r"\beval\s[^\n]*(?:decode_base64|unpack\s*\(|pack\s*\(|MIME::Base64)|"
            r"\bCallByName\b[^\n]*(?:Chr|StrReverse)",
            "executes or loads the result of a decoder",
            line=r"(?i)\bAssembly\.Load\s*\([^\n]{0,300}(?:FromBase64|Decompress|Decrypt)|"
            r"\bdefineClass\s*\([^\n]{0,300}(?:decode|decrypt|Base64)|"
            r"(?:^|[^\w\n.:])load(?:string)?\s*\([^\n]{0,120}(?:base64|unhex|string\.char|gsub)|"
            r"\beval\s[^\n]{0,200}(?:decode_base64|unpack\s*\(|pack\s*\(|MIME::Base64)|"
            r"\bCallByName\b[^\n]{0,200}(?:Chr|StrReverse)",
        ),
        Pattern(
            r"(?:base64\s+(?:-d|-D|--decode)|xxd\s+-r|openssl\s+enc\s+-d)[^\n|]*\|"
            r"(?:[^\n|]*\|)?\s*(?:sudo\s+)?(?:ba|z|da|k)?sh\b|"
            r"(?:eval|(?:ba|z|da|k)?sh\s+-c)\s+[\"'`]?\$?[(`][^\n]*"
            r"base64\s+(?:-d|-D|--decode)",
            "pipes decoded text into a shell",
        ),
        Pattern(
            r"\bimport\s*\(\s*[`'\"]data:(?:text|application)/javascript|new\s+Worker\s*\(\s*[`'\"]data:",
            "executes a text as a module",
        ),
        Pattern(
            r"(?:pickle|marshal|dill|cloudpickle)\.loads?\s*\([^\n]*"
            r"(?:b64decode|fromhex|unhexlify|decompress)",
            "loads an encoded object that can run code",
        ),
    ),
    version=2,
    added_triggers=(_RUNS, _DECODES, _STARTS, _SHELL_DECODES),
    check=check,
)
