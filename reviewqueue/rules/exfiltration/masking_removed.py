"""What kept a secret out of sight, taken away.

What it flags
    Removed masking, redaction and scrubbing of what is logged, reported or shown: a call
    that hides a value, `no_log`, `::add-mask::`, `core.setSecret`, `sensitive = true`, types
    that do not print what they hold, a value put among the secrets that a log leaves out, a
    branch that overwrites one more shape of data with a placeholder.

Why it matters
    The value passes on as it is, wherever it went before: to logs, error reports, answers.
    Nothing fails when a mask goes, so nobody sees it.

How to review it
    Which values pass here now, and who reads the place where they end?
    Where another way of hiding came in its stead: does it cover the same shapes?

Not flagged
    A masked message that goes altogether, whatever words it shares with others; masking that
    moves to another file or gets another name; columns and fields that only tell that something
    was redacted.

Seen in
    CWE-532 (Insertion of Sensitive Information into Log File), CWE-212 (Improper Removal of
    Sensitive Information Before Storage or Transfer), CWE-209, ATT&CK T1552.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, set_aside
from reviewqueue.scan.rule import FileView, Hit, Line, Rule, Stability, View, expression
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.disappeared import disappeared
from reviewqueue.scan.structure.hunks import on_side
from reviewqueue.scan.structure.pairs import finds
from reviewqueue.scan.structure.said import is_sentence
from reviewqueue.scan.structure.values import values

_MASKING = (
    r"(?i)redact|\bno_log\s*:\s*(?:true|yes)|::add-mask::|\bcore\.setSecret\(|"
    r"^[ \t]*sensitive\s*=\s*true\b|\bSecretStr\b|\brepr\s*=\s*False\b|\bhide_input\s*=\s*True|"
    r"['\"`]\*{3,}|[=:]\s*\*{3,}|\bscrub_?\w*\(|"
    r"\bmask_?(?:secret|token|password|key|cred|sensitive|pattern)\w*|"
    r"\bsanitized?_?(?:url|header|log|command|cmd|error|env)\w*|\bremove_password\w*|\[filtered\]|"
    r"\w*masked\(\)|\bsecret_?masker?\b|^[ \t]*set\s+\+x\b|"
    r"\b\w*(?:token|secret|password|api_?key)\.(?:substring|substr|slice)\(\s*0\b|"
    r"\b(?:add|register|remember|track)_?(?:to_?|new_?)?(?:secret|mask|sensitive|redact)\w*\(|"
    r"\bset_?secret\(|\bwith_?(?:password|secret|token)\w*\(\s*['\"](?:\*|<|\[|redact)|\b(?:hide|"
    r"obscure|conceal|censor|obfuscate)_?(?:secret|password|token|credential|value|key|sensitive|"
    r"input)\w*\b|\bmask(?:ed|ing|s)?(?:_?(?:value|output|string|text|env\w*|log\w*|header\w*|url|"
    r"data|it))\w*\b|\bmasked\s*:\s*true|\bConvertTo-SecureString\b|\bGuardedString\b|"
    r"\bgetpass\.getpass\(|\bread\s+-\w*s\w*\b[^\n]*(?i:pass|secret|token)|"
    r"#\[(?:\\?\w+\\)*SensitiveParameter\b|"
    r"\b(?:hidden|sensitive|secret|writeOnly)[\"']?\s*[:=]\s*[tT]rue\b|\bnoparams\b|\b(?:do(?:n'?|"
    r" no)t|never|avoid|not to)\s+(?:log|leak|expos|disclos)\w*\b[^\n]*(?:secret|token|passw|"
    r"credential|\bkeys?\b|sensitive|\bpii\b|private)|"
    r"leak(?:s|ing)?\s+(?:secret|sensitive|credential|token|key|password|info)"
)
_PLACEHOLDER = (
    r"(?:=|\(|\belse|:|\breturn|^)[ \t]*[\"'`](?:data:)?(?:\.\.\.|[\[<(](?i:redacted|hidden|"
    r"masked|omitted|removed|filtered|scrubbed|sanitized|secret|private|stripped|elided)[\])>]|"
    r"x{4,})[\"'`][ \t]*[,;)]*$"
)
_ABOUT = (
    r"(?i)redact|mask|scrub|sanit|hid(?:e|den)|secret|sensitiv|passw|token|private|\bpii\b|audit|"
    r"anonymi|inline|payload|\blog(?:s|ged|ging|ger)?\b"
)
_WARNS = (
    r"(?i)\b(?:do(?:n'?| no)t|never|avoid|not to)\s+(?:log|leak|expos|disclos)|\bleak(?:s|ing)?\b"
)
_IMPORTS = r"^[ \t]*(?:from|import|use|using|require|const \{[^}\n]*\}\s*=\s*require)\b"
_TELLS = (
    r"(?i)\b(?:_?s?log(?:ger|ging)?(?:\(\))?\??\.\w+|console\.\w+|e?print(?:f|ln)?!?|puts|echo|"
    r"dbg!|fmt\.\w+|(?:warn|info|debug|trace|error)!|print_\w+|\w+\.(?:info|debug|warn(?:ing)?|"
    r"error|trace))\s*[ (]|^[ \t]*`|"
    r"^[ \t]*\w*(?:redact|mask|sanitiz|scrub)\w*\([^()\n]*\),?[ \t]*$"
)
"""A message, or one value of a message that stands on several lines."""
_FLAG = (
    r"(?i)redacted_?thinking|\b\w*(?:redact|mask)\w*[\"']?[ \t]*[:=][ \t]*(?:false|off|no|0)\b|"
    r"(?i)[\"'\[.]redacted[\"']?\]?[ \t]*(?:=|\)|,|$|:|==)|\bredacted[ \t]*=|\bis_?redacted\b|"
    r"\bredact\w*_count\b"
)
"""A field that says whether something is redacted, and redacts nothing."""
_SHORTER = r"\brepr\s*=\s*False\b"
_GUARDED = r"(?i)secret|passw|token|key|cred|auth|cookie|private|sensitive|\bpii\b|sess|cert|pin\b"
_HIDER = r"(?i)\b(\w*(?:redact|mask|scrub|sanitiz|censor|obfuscat)\w*)[ \t]*\("
_WORD = r"\b%s[ \t]*[(<]"
_NAME = r"([A-Za-z_]\w{2,})[ \t]*(?:[^\w\s(]|\s\w|$)"
_MASKED = r"\b(\w{3,}?)_?(?i:masked|redacted|sanitized|obfuscated)"
"""What is masked, in the name of what masks it."""
_COMMON = frozenset(
    b"self this log logger logging console print printf println info debug warn warning error "
    b"trace return const let var func def str string format value None null true false err".split()
)
_LONGEST = 2_000
_NEAR = 8
"""Lines around a placeholder in which what it is for is named."""
_TOLD = "what kept a secret out of sight is removed"


def check(view: View) -> Iterator[Hit]:
    """Mark lines that hid something, where nothing comes in their stead."""
    if view.where(_MASKING, side=Side.OLD):
        yield from _unmasked(view)
    for file in view.where(_PLACEHOLDER, side=Side.OLD):
        if file.status != "D" and not _is_set_aside(file):
            yield from _shapes(file)


def _is_set_aside(file: FileView) -> bool:
    return set_aside(file.labels) or not file.labels.isdisjoint({Label.LOCK, Label.VENDORED})


def _unmasked(view: View) -> Iterator[Hit]:
    files = [file for file in view.where(_MASKING) if not set_aside(file.labels)]
    gained = {file.path: len(file.new(_MASKING)) for file in files}
    for found in disappeared(files, _MASKING):
        file = found.file
        elsewhere = sum(gained.values()) - gained[file.path]
        if file.status == "D" or Label.LOCK in file.labels or elsewhere >= len(found.lost):
            continue
        for line in found.lost:
            if _is_only_said(file, line) or _still_hides(file, line):
                continue
            if _still_passes(file, line):
                yield Hit.at(file, line, _TOLD, side=Side.OLD)


def _is_only_said(file: FileView, line: Line) -> bool:
    """Return whether a lost line hid nothing: words, unless they warn, a flag, or an import."""
    if expression(_WARNS).search(line.whole):
        return False
    if is_comment(line.whole) or is_sentence(file, line.whole):
        return True
    said = expression(_IMPORTS).search(line.whole) or expression(_FLAG).search(line.whole)
    return said is not None or _is_only_shorter(line.whole)


def _is_only_shorter(text: bytes) -> bool:
    """Return whether a field is left out of what is printed, and nothing says that it is secret."""
    return finds(_SHORTER)(text) and not finds(_GUARDED)(expression(_SHORTER).sub(b"", text))


def _still_hides(file: FileView, line: Line) -> bool:
    """Return whether added lines call by the same names what a lost line hid with."""
    names = {found[1] for found in expression(_HIDER).finditer(line.whole[:_LONGEST])}
    text = file.added
    return bool(names) and all(expression(_WORD % name.decode()).search(text) for name in names)


def _still_passes(file: FileView, line: Line) -> bool:
    """Return whether what a masked message showed is still named by an added line."""
    if not expression(_TELLS).search(line.whole):
        return True
    told = values(line.whole[:_LONGEST])
    names = (expression(regex).finditer(told) for regex in (_NAME, _MASKED))
    shown = {found[1] for one in names for found in one} - _COMMON
    return any(found[1] in shown for found in expression(_NAME).finditer(file.added))


def _shapes(file: FileView) -> Iterator[Hit]:
    """Mark the branches that overwrote one more shape of data with a placeholder."""
    for line in file.gone(_PLACEHOLDER):
        if not is_comment(line.whole) and _is_about_secrets(file, line):
            yield Hit.at(
                file, line, "one more shape of data is no longer overwritten", side=Side.OLD
            )


def _is_about_secrets(file: FileView, line: Line) -> bool:
    number = line.number or 0
    for start, _, lines in file.hunks():
        shown = on_side(lines, Side.OLD)
        if start <= number < start + len(shown):
            at = number - start
            near = b"\n".join(shown[max(0, at - _NEAR) : at + _NEAR])
            return expression(_ABOUT).search(near + file.path.encode()) is not None
    return False


RULE = Rule(
    id="masking-removed",
    pathway=Pathway.EXFILTRATION,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="no longer hides a secret that it hid",
    triggers=(_MASKING,),
    removed_triggers=(_PLACEHOLDER,),
    version=4,
    check=check,
)
