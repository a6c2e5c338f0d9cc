"""A security scanner told not to look here.

What it flags
    An added mark that makes a security scanner pass over a line, a file or a weakness:
    `#nosec`, `nolint:gosec`, `checkov:skip`, `tfsec:ignore`, `trivy:ignore`, `nosemgrep`,
    `NOSONAR`, `codeql[…]`, `brakeman:ignore`, `noqa: S…`, `zizmor: ignore`; added entries
    of the lists of what is ignored (`.trivyignore`, `.snyk`, `.gitleaksignore`,
    `osv-scanner.toml`, `audit.toml`, `deny.toml`, `.nsprc`, `audit-ci.json`); the name of a
    published weakness that is newly excepted in any manifest, build or CI file; files that
    a scanner's own settings leave out; a file of suppressions put to use; a security rule
    of a linter that is switched off or removed, and a scanner that leaves the list of those
    that run.

Why it matters
    The scanner stays green, and nobody is told again. That is right for a false alarm,
    and just as convenient for a real one.

How to review it
    Ask for the reason next to the mark, and check it against the code it covers.
    Ask for a date after which the mark is looked at again.

Not flagged
    Marks about style; marks that only move; tests; weaknesses that are named as an example. Few
    marks that cover one line of a program each are low findings, and so are more of them that each
    name their rule and a reason; what the settings of a new scanner leave out. Lists of what a
    scanner looks at, and a folder that is left out under another path than before, are not told.

Seen in
    ATT&CK T1562.001 (impair defenses: disable or modify tools).
"""

from collections.abc import Container, Iterator

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
from reviewqueue.scan.structure.disappeared import disappeared
from reviewqueue.scan.structure.pairs import finds

_MARK = (
    r"(?i)#[ \t]*nosec\b|//[ \t]*#?nosec\b|nolint:[\w,]*gosec|checkov:skip=|tfsec:ignore|"
    r"trivy:ignore|kics-scan\s+(?:ignore|disable)|nosemgrep|\bNOSONAR\b|\blgtm\[|"
    r"(?://|#)[ \t]*codeql\[|brakeman:ignore|zizmor:\s*ignore|gitleaks:allow|"
    r"pragma:\s*allowlist\s+secret|trufflehog:ignore|DevSkim:\s*ignore|snyk:ignore|"
    r"phpcs:ignore\s+\w*Security|terrascan:ignore|hadolint\s+ignore=|noqa:[^\n]*\bS\d{3}\b|"
    r"@SuppressFBWarnings|detect-secrets:\s*allow"
)
_IN_CODE = (
    r"(?i)nosec\b|gosec|noqa|NOSONAR|allowlist\s+secret|SuppressFBWarnings|gitleaks:allow|"
    r"trufflehog:ignore|detect-secrets"
)
"""Marks that are common in code, and cover one line."""
_NAMED = r"(?i)\b(?:[GSB]\d{3,4}|CWE-\d+)\b"
_REASONED = (
    r"(?i)(?:\bG\d{3}|\bS\d{3}|\bB\d{3}|CWE-\d+|gosec|\])[ \t]*(?:--|//|#|-|:)[ \t]*[a-z]\S*[ ]+\S+"
)
"""A reason behind the one rule that a mark names."""
_MANY = 6
"""Marks of that kind in one change that are worth a look together."""
_LISTS = (
    ".trivyignore*",
    "*/.trivyignore*",
    ".snyk",
    "*/.snyk",
    "*.gitleaksignore",
    "*.grype.yaml",
    "*osv-scanner.toml",
    "*audit.toml",
    "*.nsprc",
    "*audit-ci.json*",
    "*brakeman.ignore",
    "*zizmor.yml",
)
_AUDITS = (
    "*.nsprc",
    "*audit-ci.json*",
    "*audit-exceptions*.json",
    "*.auditignore*",
    "*npm-audit*.json",
    "*audit-resolve.json",
)
"""Lists of what an audit of dependencies passes over."""
_ENTRY = (
    r"^[ \t]*(?:['\"]([\w@|>/.*:-]{3,200})['\"]|(\d{3,8}))[ \t]*,?[ \t\r]*$|"
    r"^[ \t]*['\"](\d{3,8}[\w|>@/.-]{0,200})['\"][ \t]*:[ \t]*[\[{'\"]"
)
"""An entry of a list, or the number of a weakness with what is said of it."""
_INLINE = (
    r"(?i)(?:except\w*|allow_?list|white_?list|ignore\w*|advisories)['\"]?[ \t]*:[ \t]*\[([^\]\n]+)"
)
_NAME = r"[\w@|>/.*:-]{3,200}"
_LONGEST = 2000
"""Bytes of a line that are looked at."""
_WEAKNESS = (
    r"\b(?:CVE-\d{4}-\d{4,}|GHSA(?:-[23456789cfghjmpqrvwx]{4}){3}|RUSTSEC-\d{4}-\d{4}|"
    r"PYSEC-\d{4}-\d+|"
    r"GO-\d{4}-\d{4}|SNYK-[A-Z]+-\w+-\d+|AVD-\w+-\d+)\b|\w/advisories/\d+"
)
_EXCEPTS = (
    r"(?i)ignor|except|allow|exclud|suppress|skip|accept|white_?list|waiv|baseline|disabl|"
    r"not_affected|false_?positive"
)
_MENDED = (
    r"(?i)(?:#|//)[^\n]*\b(?:mitigat|fix|address|resolv|patch|remed)\w*[ :]+(?:for[ ])?"
    r"(?:CVE|GHSA|RUSTSEC|PYSEC)-"
)
"""A remark that says which weakness a line is there to mend."""
_EXAMPLE = r"(?i)\be\.g\.|\bfor example\b|\bsuch as\b|\bexamples?:"
"""What says that a weakness only stands for any."""
_REMARK = r"(?:#|//)[^\n]*$"
_SETTINGS = frozenset(
    {Label.CI, Label.BUILD, Label.MANIFEST, Label.CONFIG, Label.HOOK, Label.SCRIPT}
)
_ABOVE = 12
"""Lines above an entry in which its list may begin."""
_SCANNERS = (
    r"(?:gosec|bandit|semgrep|gitleaks|trufflehog|detect-secrets|trivy|checkov|tfsec|brakeman|"
    r"govulncheck|"
    r"pip-audit|bundler?-audit|zizmor|osv-scanner|codeql|snyk|grype|njsscan|find-?sec-?bugs|"
    r"security-code-scan|"
    r"kics|terrascan|eslint-plugin-(?:security|no-unsanitized|no-secrets)|noUnsanitized|hadolint|"
    r"kube-linter)"
)
_ONE_OF = (
    rf"^[ \t]*(?:-[ \t]+)?(?:id:[ \t]*|"
    rf"repo:[ \t]*\S+/)?['\"]?(?:[\w@-]+/)?{_SCANNERS}['\"]?(?:[ \t]*:[ \t]*true)?,?[ \t]*$|"
    r"['\"](?:security/[\w-]+|no-unsanitized/\w+|no-(?:implied-)?eval|no-new-func|no-script-url|"
    r"(?:react/)?no-danger[\w-]*)['\"][ \t]*:[ \t]*\[?[ \t]*['\"]?(?:error|warn|[12])"
)
_LEAVES_OUT = (
    r"(?i)\b(?:paths?[-_]ignore|exclude\w*|excluded?[-_]\w+|ignore\w*|skip[-_]?\w*|disabled?\w*|"
    r"suppress\w*|"
    r"allow_?list|soft[-_]fail|query-filters|filter)['\"]?[ \t]*[:=]|[\w.*'\"]/\*\*|\*\*/[\w.*'\"]"
)
_TOLD = r"(?i)ignor|exclud|skip|disab|suppress|allow|soft|filter|[\w*]/[\w*]|\*"
_SETS_UP = (
    r"^[ \t]*(?:-[ \t]+)?(?:sonar\.(?:projectKey|sources)[ \t]*=|uses:|on:|queries:|rules:|"
    r"scanners?:|checks?:)"
)
"""What has a scanner run that did not, rather than only leave something out."""
_INCLUDED = r"^[ \t]*[\w.]*(?:inclusions|sources|tests)[ \t]*="
"""What is looked at, rather than left out."""
_KEY = r"^[ \t]*(?:-[ \t]+)?[\w-]+[ \t]*:"
_LOOKS_AT = r"^[ \t]*(?:paths?|includes?|sources?)[ \t]*:[ \t]*(?:#[^\n]*)?$"
"""A list of what is looked at."""
_LAST = r"^[ \t]*-[ \t]+['\"]?(?:[\w.*-]+/)+([\w.-]+/[\w.*-]+)/?['\"]?[ \t]*$"
_ANY_FOLDER = r"(?i)^(?:src|source|lib|libs|apps?|packages|pkg|main|internal|cmd|core|tests?|\*+)/"
"""A name that folders of any program have."""
_SCANS = (
    "*codeql*.y*ml",
    "*.semgrep.y*ml",
    "*semgrep*/*.y*ml",
    "*sonar-project.properties",
    "*trivy.y*ml",
    "*.checkov.y*ml",
    "*.bandit*",
    "*bandit.y*ml",
    "*.gosec*",
    "*.tfsec*",
    "*.tflint.hcl",
    "*gitleaks.toml",
    "*.hadolint.y*ml",
    "*.kube-linter.y*ml",
    "*checkmarx/*.y*ml",
    "*kics.*",
    "*.grype.y*ml",
    "*.snyk",
    "*.zap/*",
    "*.terrascan*",
    "*njsscan",
)
"""The settings of scanners."""
_LEFT_OUT = (
    "*.semgrepignore",
    "*.trivyignore",
    "*.gitleaksignore",
    "*.checkovignore",
    "*.banditignore",
    "*.tfsecignore",
    "*.snykignore",
    "*.secretlintignore",
    "*.grypeignore",
)
"""Lists of files or findings, of which each line is one that a scanner passes over."""
_ELSEWHERE = frozenset({Label.DOCS, Label.LOCK, Label.GENERATED, Label.VENDORED, Label.DATA})


def check(view: View) -> Iterator[Hit]:
    """Mark what a scanner is newly told to pass over; a mark that moves is not new."""
    yield from _excepted(view)
    yield from _listed(view)
    yield from _set(view)
    yield from _left_out(view)
    yield from _marked(view)


def _marked(view: View) -> Iterator[Hit]:
    """Mark the lines that a scanner passes over; less where these are few, and in code."""
    found = [
        (file, line)
        for file in view.where(_MARK, side=Side.NEW)
        if file.labels.isdisjoint(_ELSEWHERE) and Label.TEST not in file.labels
        for line in file.new(_MARK)[len(file.gone(_MARK)) :]
    ]
    in_code = expression(_IN_CODE)
    bare = (line for _, line in found if not _says_why(line.whole))
    few = sum(in_code.search(line.whole) is not None for line in bare) < _MANY
    for file, line in found:
        severity = Severity.LOW if few and in_code.search(line.whole) else None
        message = "a security scanner is told to pass over this line"
        yield Hit.at(file, line, message, severity=severity)


def _says_why(text: bytes) -> bool:
    """Return whether a mark names the one rule that it is about, and a reason."""
    return finds(_NAMED)(text) and finds(_REASONED)(text)


def _excepted(view: View) -> Iterator[Hit]:
    """Mark published weaknesses that are newly excepted, wherever a check's settings stand."""
    for file in view.where(_WEAKNESS, side=Side.NEW):
        if file.labels.isdisjoint(_SETTINGS) or not file.labels.isdisjoint(_ELSEWHERE):
            continue
        lines = {line.number: line for line in file.new(_WEAKNESS)}
        excepts = expression(_EXCEPTS)
        for number, above in _above(file, lines):
            line = lines[number]
            comment = line.text.startswith(("#", "//", "*")) or _is_mended(line.whole)
            comment = comment or expression(_EXAMPLE).search(line.whole) is not None
            if not comment and (excepts.search(line.whole) or excepts.search(above)):
                yield Hit.at(file, line, "a known weakness is newly excepted from a check")


def _is_mended(text: bytes) -> bool:
    """Return whether a weakness is named only in a remark that says that it is mended here."""
    if not expression(_MENDED).search(text) or expression(_EXCEPTS).search(text):
        return False
    return not expression(_WEAKNESS).search(expression(_REMARK).sub(b"", text))


def _listed(view: View) -> Iterator[Hit]:
    """Mark what comes to a list of exceptions from an audit, by whatever name it stands there."""
    for file in view.files:
        if file.status == "D" or not is_named(file.path, _AUDITS):
            continue
        gone = {entry for _, text in file.removed_lines() for entry in _entries(text)}
        for number, text in file.added_lines():
            if not gone.issuperset(_entries(text)):
                yield Hit.on(file, number, text, "an audit is told to pass over this")


def _set(view: View) -> Iterator[Hit]:
    """Mark what a scanner's own settings leave out; less where the scanner itself is new."""
    told = expression(_TOLD)
    for file in view.where(_LEAVES_OUT, side=Side.NEW):
        if not file.labels.isdisjoint({Label.DOCS, Label.TEST}) or not is_named(file.path, _SCANS):
            continue
        is_new = file.status == "A" and expression(_SETS_UP).search(file.added)
        severity = Severity.LOW if is_new else None
        looked_at = _looked_at(file)
        before = {_tail(text) for _, text in file.removed_lines()} - {b""}
        for line in file.new(_LEAVES_OUT):
            if line.number in looked_at or _tail(line.whole) in before:
                continue
            if told.search(line.whole) and not expression(_INCLUDED).search(line.whole):
                message = "a scanner's own settings leave more out"
                yield Hit.at(file, line, message, severity=severity, discountable=True)


def _looked_at(file: FileView) -> frozenset[int]:
    """Return the lines of lists of what is looked at, as far as the hunks or git name the lists."""
    key, includes = expression(_KEY), expression(_LOOKS_AT)
    found = set()
    for heading, (_, start, lines) in zip(file.headings(), file.hunks(), strict=True):
        is_included = includes.search(heading) is not None
        kept = [line[1:] for line in lines if line[:1] not in {b"-", b"\\"}]
        for number, text in enumerate(kept, start):
            if key.search(text):
                is_included = includes.search(text) is not None
            elif is_included:
                found.add(number)
    return frozenset(found)


def _tail(text: bytes) -> bytes:
    """Return the last two parts of an entry that is a path: a folder that moves keeps them."""
    found = expression(_LAST).search(text)
    return bytes(found[1]) if found and not expression(_ANY_FOLDER).search(found[1]) else b""


def _entries(text: bytes) -> list[bytes]:
    """Return what a line of a list names, or an object by its number; none of another line."""
    text = text[:_LONGEST]
    if found := expression(_INLINE).search(text):
        return list(expression(_NAME).findall(found[1]))
    found = expression(_ENTRY).search(text)
    return [bytes(found[1] or found[2] or found[3])] if found else []


def _above(file: FileView, wanted: Container[int | None]) -> Iterator[tuple[int, bytes]]:
    """Yield the numbers of wanted lines, each with what stands above it."""
    for _, start, lines in file.hunks():
        kept = [line[1:] for line in lines if line[:1] not in {b"-", b"\\"}]
        for at in range(len(kept)):
            if start + at in wanted:
                yield start + at, b"\n".join(kept[max(0, at - _ABOVE) : at])


def _left_out(view: View) -> Iterator[Hit]:
    """Mark scanners that leave a list of what runs."""
    files = [
        file
        for file in view.where(_ONE_OF, side=Side.OLD)
        if Label.CONFIG in file.labels and file.labels.isdisjoint(_ELSEWHERE | {Label.TEST})
    ]
    for found in disappeared(files, _ONE_OF):
        if found.file.status != "D":
            for line in found.lost:
                yield Hit.at(
                    found.file,
                    line,
                    "a security scanner, or a rule of one, no longer runs",
                    side=Side.OLD,
                )


RULE = Rule(
    id="finding-suppressed",
    pathway=Pathway.SAFETY_SABOTAGE,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="tells a security scanner not to look",
    patterns=(
        Pattern(
            r"\b(?:CVE-\d{4}-\d{4,}|GHSA-[\w-]{14}|RUSTSEC-\d{4}-\d{4}|AVD-\w+-\d+|SNYK-[\w-]+|"
            r"GO-\d{4}-\d{4}|PYSEC-\d{4}-\d+)",
            "a known weakness is put on the list of what is ignored",
            globs=_LISTS,
        ),
        Pattern(
            r"<suppressionFiles?>|\bsuppressionFiles?[ \t]*=|\bignore-unfixed\b|\bignoreUnfixed\b|"
            r"\bvulnerabilityAlerts['\"]?[ \t]*:[ \t]*\{[^}\n]*enabled['\"]?[ \t]*:[ \t]*false|"
            r"\bopen-pull-requests-limit:[ \t]*0\b|\bdependency-name:[ \t]*['\"]?\*",
            "a security scanner, or who updates what it found, is told to pass over more",
            only=frozenset({Label.CI, Label.BUILD, Label.MANIFEST, Label.CONFIG}),
            line=r"uppressionFile|true|--ignore-unfixed|lerts|limit|name",
            never=frozenset({Label.DOCS, Label.TEST, Label.LOCK}),
        ),
        Pattern(
            r"^[\w.!-]+(?:/[\w.*-]+)+/?$",
            "a security scanner is told to pass over this",
            globs=_LEFT_OUT,
        ),
        Pattern(
            r"['\"](?:security/[\w-]+|no-unsanitized/\w+|no-secrets/[\w-]+|"
            r"(?:react/)?no-danger[\w-]*|"
            r"no-(?:implied-)?eval|no-new-func|no-script-url|xss/[\w-]+|"
            r"@microsoft/sdl/[\w-]+)['\"][ \t]*:[ \t]*"
            r"\[?[ \t]*['\"]?(?:off|0)\b",
            "a linter's rule about security is switched off",
            never=frozenset({Label.DOCS, Label.TEST}),
        ),
        Pattern(
            r"['\" ,\[](?:S[2-7]\d\d|S10[2-9]|S11\d|B[1-7]\d\d|G[1-7]\d\d)\b",
            "a linter's rule about security is switched off",
            only=frozenset({Label.MANIFEST, Label.BUILD, Label.CONFIG}),
            line=r"(?i)(?:^[ \t]*(?:extend-)?|^[ \t]*['\"][^'\"]*['\"][ ]*=[ ]*\[[^\n]*|"
            r"\b(?:bandit|gosec)\b[^\n]*)(?:ignore|skips|per-file-ignores)\b",
            never=frozenset({Label.DOCS, Label.TEST, Label.LOCK}),
        ),
    ),
    added_triggers=(_MARK, _WEAKNESS, _LEAVES_OUT),
    removed_triggers=(_ONE_OF,),
    wakes=frozenset({Label.CONFIG}),
    version=6,
    check=check,
)
