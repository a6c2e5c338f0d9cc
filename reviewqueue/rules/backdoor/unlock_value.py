r"""A value in the code that opens the door.

What it flags
    Conditions that compare a password, key or credential with a text in the code, or a
    user's name with a fixed one on the way to success; request headers and parameters
    named to bypass or debug that decide; an assignment of user 0 where a comparison is
    meant; names such as `master_password`, `bypass_auth`, `backdoor`.

Why it matters
    Whoever knows the value is in, on every installation, and it stays in the history.

How to review it
    Ask what happens for a caller who sends exactly this value.
    Look at whether the branch skips a check that all others pass.

Not flagged
    Comparisons with an empty or placeholder text, names of form fields.

Seen in
    CWE-798 (hard-coded credentials), CWE-912 (hidden functionality); the attempt on
    Linux's `wait4` (2003), vsftpd 2.3.4 (CVE-2011-2523), ProFTPD 1.3.3c (2010), Juniper
    ScreenOS (CVE-2015-7755).
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity
from reviewqueue.domain.paths import Label
from reviewqueue.scan.kinds import Kind, expressions, marked
from reviewqueue.scan.rule import Hit, Rule, Stability, View

_PLACEHOLDER = (
    r"(?i)(?:===?|equals\w*\s*\(|Equals\s*\(|\beq)\s*\(?\s*['\"](?:|string|object|undefined|null|none|"
    r"true|false|yes|no|password|passwd|secret|token|text|hidden|\*+|x+|redacted\w*|<[^'\"]*|"
    r"\$\{?\w*|change_?me\w*|your[-_ ]\w[^'\"]*|example\w*|(?:default|required|optional|"
    r"invalid|basic|bearer|disabled|enabled|unset|missing|other|show|input|error|empty|new|current|confirm)[^\'\"]*)['\"]"
)
_KINDS = (
    Kind(
        r"(?i)\b\w*(?:password|passwd|passphrase|passwort|secret_?key|secret|api_?key|access_?key|"
        r"access_?code|licen[cs]e_?key|auth_?key|pin_?code|credential)\b(?:['\"]\])?\s*\)?\s*"
        r"(?:===?|\.equals|\beq\b)\s*\(?\s*b?['\"][^'\"\n]{3}",
        "lets a password that is written in the code decide",
        line=r"\b(?:if|elif|else|unless|when|return|case|and|or)\b|&&|\|\||\?",
        unless=rf"{_PLACEHOLDER}|(?i:display|type|mode|kind|field|name)\w*\s*===?",
    ),
    Kind(
        r"(?i)\b(?:strn?(?:case)?cmp|memcmp|timingsafe_bcmp)\s*\(\s*\w*(?:pass|pw|secret|key|auth|user|"
        r"login)\w*\s*,\s*\"[^\"\n]{3}",
        "lets a text that is written in the code decide",
        line=r"\bif\b|return|&&|\|\||\?",
    ),
    Kind(
        r"(?i)\b(?:user(?:_?name|_?id)?|login|email|account|role)\w*\s*(?:===?|\.equals\s*\(|\beq\b)\s*"
        r"['\"][^'\"\n]{3}[^\n]*(?:return\s+(?:true|next\s*\(|1\b)|=\s*true\b|allow|grant)",
        "lets one fixed name in without a check",
        line=r"(?i)\bif\b|&&|\|\||\band\b|\bor\b|\?",
    ),
    Kind(
        r"(?i)['\"](?:http_)?x[-_][\w-]*(?:backdoor|bypass|god|magic|master|override|debug|unlock|skip|"
        r"super|no-?auth)[\w-]*['\"]",
        "lets a header that anybody can send switch something",
        line=r"(?i)header|META|getallheaders|request|req\.|\bctx\b",
        unless=r"(?i)x-http-method-override|\.set\s*\(|setHeader|allow_?headers|expose",
    ),
    Kind(
        r"(?i)\b(?:back_?door|master_?(?:password|passwd|token)|god_?mode|magic_?(?:password|token|cookie|"
        r"login|value)|bypass_?(?:auth\w*|login|password|2fa|mfa|otp|verification|signature)|"
        r"(?:auth|login|2fa|mfa|otp)_?bypass|universal_?(?:password|otp)|skip_?(?:2fa|mfa|otp)|"
        r"secret_?(?:login|admin|door|entrance))\w*\s*(?::=|===?|[:=(])",
        "names a way round the check of who may come in",
        unless=r"(?i)(?:assert|detect|prevent|block|reject|deny|rule|scan|no_|not\s|forbid|test_)",
    ),
    Kind(
        r"\buid\s*=\s*0\s*\)|\beuid\s*=\s*0\s*\)|->\s*uid(?:\.val)?\s*=\s*0\b",
        "assigns the superuser where a comparison is expected",
        severity=Severity.HIGH,
        line=r"\bif\b|&&|\|\||current|cred",
        globs=("*.c", "*.h", "*.cc", "*.cpp", "*.go", "*.rs", "*.js", "*.ts", "*.php", "*.java"),
    ),
    Kind(
        r"(?i)\b(?:is_?admin|is_?root|is_?superuser|is_?authenticated|is_?authorized|authenticated|"
        r"authorized|logged_?in)\w*\s*=\s*[^=\n]*\|\|\s*[^\n]*(?:===?|\.includes\s*\(|\.startsWith)",
        "opens a second way to be somebody who may come in",
        line=r"['\"][^'\"]+['\"]",
    ),
)


def check(view: View) -> Iterator[Hit]:
    """Mark each value that decides."""
    for kind, file, line in marked(view, _KINDS):
        if file.labels.isdisjoint({Label.SOURCE, Label.SCRIPT}):
            continue
        yield Hit.at(file, line, kind.message, severity=kind.severity, discountable=True)


RULE = Rule(
    id="unlock-value",
    pathway=Pathway.BACKDOOR,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="lets a value in the code open the door",
    added_triggers=expressions(_KINDS),
    check=check,
)
