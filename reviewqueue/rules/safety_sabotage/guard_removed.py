"""A guard that is gone: a check of identity, permission or safety, removed.

What it flags
    Removed lines that demanded something before going on, where the change puts no such
    line back anywhere: login and permission decorators, middleware, `raise
    PermissionError`, `abort(403)`, calls that verify a signature, a token or an origin,
    content filters and moderation calls, rate limits, masking of secrets, lists of what is
    allowed, marks on what may be called, sent or read back (`@RequirePOST`, `#[Locked]`,
    `[JsonIgnore]`, `__wakeup`). Also a condition that went with its
    refusal, where both speak of protection and the change takes more away than it brings;
    and where a change does next to nothing but take away, any condition that ended the work.

Why it matters
    What a program no longer refuses is invisible in what was added: only the removed
    side of the diff shows it.

How to review it
    Find out who can now reach what stands below the removed line.
    Look for the guard's new place, and whether it covers the same paths.
    Ask for a test that is refused before this change and after it.

Not flagged
    Guards that only move within their file; tests and prose; guards removed with the
    whole file they stood in; conditions that only ask whether a thing is there, unless it
    is somebody, or the refusal speaks of protection; functions that nothing called; names
    that say safe and mean numbers or width. A guard that is changed, or moved to
    another file word for word, or whose file gains as many calls that guard, is a low
    finding: compare the two.

Seen in
    CWE-862 (missing authorization) and CWE-693 (protection mechanism failure); ATT&CK
    T1562.001, Impair Defenses: Disable or Modify Tools. The 2003 attempt on the Linux
    kernel (`current->uid = 0` in `sys_wait4`) shows how small such an edit can be.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, cached_property

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.balance import Balance
from reviewqueue.scan.comments import is_comment
from reviewqueue.scan.disappeared import disappeared
from reviewqueue.scan.guards import (
    PROTECTING,
    SETTING,
    guards_as_often,
    is_harmless,
    is_program,
    lines,
    long_block,
    lost_guards,
    may_refuse,
    shrinks,
)
from reviewqueue.scan.laxer import COMPARING
from reviewqueue.scan.lesser import DECLARING
from reviewqueue.scan.matcher import Matcher
from reviewqueue.scan.pairs import finds
from reviewqueue.scan.rule import FileView, Hit, Line, Rule, Stability, View, expression
from reviewqueue.scan.taken import conditions, losses, only_takes
from reviewqueue.scan.unwrapped import WRAPPING

_DECORATOR = (
    r"^[ \t]*@(?:\w+\.)*(?:login_required|permissions?_required|requires?_auth\w*|"
    r"requires?_(?:login|permissions?|roles?|admin|scopes?)|auth(?:enticated|orized|_required)?|"
    r"admin_required|staff_member_required|user_passes_test|jwt_required|roles_(?:required|"
    r"allowed)|"
    r"PreAuthorize|Secured|RolesAllowed|Authorize|UseGuards|csrf_protect|rate_?limit(?:ed)?|limiter"
    r"\.limit|throttle|RequirePOST|JsonIgnore)\b|^[ \t]*\[JsonIgnore\b|"
    r"^[ \t]*#\[(?:Locked|Hidden|SensitiveParameter|Guarded)\b|"
    r"\bfunction[ \t]+__(?:wakeup|unserialize)\b|\bObject[ \t]+readResolve\(|"
    r"\bDepends\s*\(\s*(?:get_current_\w*user|require_\w+|verify_\w+|check_\w*(?:auth|perm)\w*)"
)
_MIDDLEWARE = (
    r"\.(?:use|before|beforeEach|register|add_middleware|addFilter\w*|"
    r"UseMiddleware)\([^\n]*(?i:auth|csrf|"
    r"helmet|limit|throttl|permission|verif|protect|saniti|guard)|"
    r"\.(?:Use(?:Authorization|Authentication|RateLimiter|HttpsRedirection|Hsts|Antiforgery)|"
    r"RequireAuthorization|authenticated|hasRole|hasAuthority|hasAnyRole)\(|"
    r"->middleware\([ \t]*\[?['\"](?:auth|can|throttle|verified|signed)|"
    r"\bbefore_(?:action|filter)[ \t]+:(?:auth|require|verify|check|ensure)\w*|"
    r"\bprotect_from_forgery\b|\[(?:ValidateAntiForgeryToken|Authorize|RequireHttps|"
    r"EnableRateLimiting)\b|"
    r"\b(?:LoginRequired|PermissionRequired|UserPassesTest)Mixin\b|\bpermission_classes\s*=|"
    r"#\[(?:IsGranted|Security)\b|^[ \t]*authorize!?[ \t(]|\bGate::(?:authorize|allows|denies)\(|"
    r"->authorize\(|^[ \t]*(?:csrf\w*|secureHeaders|helmet|rateLimit(?:er)?|authInterceptor|"
    r"bearerAuth|basicAuth)\([ \t]*"
    r"(?:\{|\)|$)|(?:Unary|Stream)(?:Server)?Interceptor\([^\n]*(?i:auth|limit|verif|valid)"
)
_REFUSAL = (
    r"\braise\s+(?:\w+\.)*(?:PermissionError|PermissionDenied|Forbidden|Unauthorized|"
    r"NotAuthenticated|AuthenticationFailed|AuthenticationError|AccessDenied|InvalidSignature\w*|"
    r"SuspiciousOperation|SecurityError)\b|\babort\s*\(\s*40[13]\b|"
    r"HTTPException\s*\(\s*(?:status_code\s*=\s*)?(?:status\.HTTP_)?40[13]|"
    r"(?:res|response|ctx|c|w)\.(?:status|sendStatus|AbortWithStatus\w*|WriteHeader|throw)\s*\(\s*"
    r"(?:http\.Status(?:Unauthorized|Forbidden)|40[13])\b|"
    r"http\.Error\([^\n]*http\.Status(?:Unauthorized|Forbidden)|"
    r"throw\s+new\s+(?:\w+\.)*(?:Unauthorized|Forbidden|AccessDenied|Security)\w*"
)
_VERIFICATION = (
    r"(?i)(?:verify_?(?:signature|token|jwt|password|origin|checksum|hash|webhook|"
    r"certificate|hmac)|check_?(?:permissions?|auth\w*|access|csrf|origin)|is_?authorized|"
    r"is_?authenticated|has_?permissions?|require_?(?:auth|login|permission|admin|role)\w*|"
    r"ensure_?(?:auth|permission|admin|allowed)\w*|assert_?(?:allowed|safe|permitted|authorized)|"
    r"constant_time_compare|is_relative_to|relative_to|commonpath|secure_filename|safe_join|"
    r"IsLocal|hash_equals|secure_compare|FixedTimeEquals|compare_digest|timingSafeEqual|"
    r"ConstantTimeCompare)\s*\("
)
_FILTER = (
    r"(?i)(?:(?:moderat(?:e|ion)|content_?filter|safety_?(?:check|filter|classifier)|"
    r"guardrails?|toxicity|jailbreak|refusal|redact|saniti[sz]e|escape_?html|is_?safe\w*)\w*)\s*\("
)
_CALL = (
    r"(?i)\b_?(?:validat(?:e|es|ed|or)|verif(?:y|ies)|sanit[iz]+e|escape_?(?:html|shell|sql|xml|"
    r"js|args?|attr|regex|string)?|redact|authori[sz]e|enforce|restrict|reject|protect|"
    r"is_?(?:allowed|permitted|author|safe|valid|trusted|private|owner|admin|expired|disabled|"
    r"internal|blocked|within)|has_?(?:access|perm|role|scope)|(?:check|assert|require|ensure)_?"
    r"(?:perm|auth|access|owner|csrf|origin|sig|safe|quota|limit|unsafe|valid|admin|role|member|"
    r"token|scope|allowed|rate|path|url|host|not_)|can_?(?:access|view|edit|read|write|delete|"
    r"manage))\w*[ \t]*(?:\(|![^=])|"
    r"\b(?:check|assert|require|ensure|enforce|verify)(?-i:[A-Z]|_)\w*(?:auth|csrf|token|perm|"
    r"access|role|origin|admin|owner|quota|limit|login|session|sign|secur|safe)\w*[ \t]*\(|"
    r"\b\w*xss\w*\(|"
    r"\b\w*(?:safe_|secure_|_secure|(?-i:Secure)|_secrets)\w*[ \t]*\(|\b(?-i:safe[A-Z])\w*\(|"
    r"\b(?:OpenRoot|EvalSymlinks|realpath(?:Sync)?|canonicalize|SecureJoin|IsLocal|is_symlink|"
    r"lstat\w*)[ \t]*\("
)
_REASON = (
    r"(?i)['\"`][^'\"`\n]*(?:not (?:allowed|permitted|authori[sz]ed)|do(?:es)? not have (?:access|"
    r"perm)|access denied|permission denied|unauthori[sz]ed|forbidden|refus(?:e|ing) |traversal|"
    r"unsafe|untrusted|outside (?:of )?the|must not|exceeds?|too (?:large|many|long)|"
    r"invalid (?:token|signature|path|url|host|origin|credential|user|session)|reserved)"
)
_LIST = (
    r"(?i)^[ \t]*(?:(?:export|const|var|let|private|public|static|final|readonly|pub)[ \t]+)*_?\w*"
    r"(?:allow(?:ed)?_?list|whitelist|blocklist|blacklist|deny_?list|allowed_\w+|forbidden_\w+|"
    r"unsafe_\w+|denied_\w+|trusted_\w+|disallowed_\w+)\w*[ \t]*(?::[^=\n]*)?="
)
_OPTION = (
    r"(?i)\b(?:require_?(?:auth|login|csrf|https|ssl|tls|sign|approv|confirm|perm|mfa|2fa|pass|"
    r"verif|"
    r"review)\w*|secure|http_?only|verify\w*|strict\w*|csrf\w*|same_?site|saniti[sz]e\w*|"
    r"escape\w*|validate\w*|auto_?escape)['\"]?[ \t]*[:=][ \t]*['\"]?(?:true|strict|lax)\b"
)
_OWN = (
    r"(?:\.(?:where|filter(?:_by)?|eq|and_?[wW]here|scope\w*)\(|\bAND[ \t]+|\bWHERE[ \t]+)"
    r"[\w.\"'`({: \t]{0,30}(?i:tenant|owner|user|organi[sz]ation|org|team|project|account|"
    r"workspace|customer|member|created)_?(?i:id|by)\b"
    r"['\"`]?[ \t]*(?:,|:|=>|==?=?|IN\b)[ \t]*[^\s\w]?"
)
_KINDS = (
    (_DECORATOR, "a guard on who may come in"),
    (_MIDDLEWARE, "a guard before all that follows"),
    (_REFUSAL, "a refusal"),
    (_VERIFICATION, "a verification"),
    (_FILTER, "a filter"),
)
_WORDED = (
    (_CALL, "a call that checks or cleans"),
    (_REASON, "a refusal and its reason"),
    (_LIST, "a list of what is allowed or not"),
    (_OPTION, "an option that protects"),
    (_OWN, "a limit to somebody's own rows"),
)
_MAKES = (
    r"^(?:export[ ]|default[ ]|pub(?:\(\w+\))?[ ]|async[ ]|static[ ]|inline[ ])*(?:def|fn|func|"
    r"function|class)[ ]+(\w+)"
)
"""What defines, at a file's margin, what is of use only where it is called."""
_CALLED = r"(\w+)[ \t]*[(!]"
_TRIGGERS = (PROTECTING, SETTING, DECLARING, WRAPPING, COMPARING)
_GROWTH = 4
"""So many times as much added as removed text is growth, and takes nothing away."""
_MOST = 2_000
"""Removed lines of a change above which it is a rewrite, to be read as a whole."""


@cache
def _matcher() -> Matcher:
    """Return what tells at once which kinds match a text."""
    return Matcher((), [[regex for regex, _ in (*_KINDS, *_WORDED)]])


class _Change:
    """What is asked of the whole change; looked up when first asked."""

    def __init__(self, view: View, files: Sequence[FileView]) -> None:
        """Keep the change, and its files where something that protects is removed."""
        self._view, self.files = view, files

    @cached_property
    def programs(self) -> list[FileView]:
        """Every file that machines run."""
        return [file for file in self._view.files if is_program(file)]

    @cached_property
    def balance(self) -> Balance:
        """What all of them lost and kept."""
        return Balance(self.programs)

    @cached_property
    def _removed(self) -> list[tuple[FileView, frozenset[int]]]:
        """The files, each with the numbers of the kinds that match what was removed."""
        matcher = _matcher()
        return [
            (file, frozenset(matcher.matching(file.removed, added=False))) for file in self.files
        ]

    @cached_property
    def called(self) -> frozenset[bytes]:
        """What removed lines call, other than those that define something at the margin."""
        makes = finds(_MAKES)
        texts = (text for file in self.programs for text in file.removed.split(b"\n"))
        meant = b"\n".join(text for text in texts if not (makes(text) or is_comment(text)))
        return frozenset(expression(_CALLED).findall(meant))

    def losing(self, regex: str) -> list[FileView]:
        """Return the files where lines of a kind disappear."""
        number = _matcher().index[regex]
        return [file for file, found in self._removed if number in found and file.gone(regex)]

    @cached_property
    def is_smaller(self) -> bool:
        """Whether the change takes more away than it brings."""
        return shrinks(self._view.files)

    def takes(self) -> bool:
        """Return whether programs lose some lines, and no fewer than they gain."""
        files = self._view.files
        size = sum([len(file.removed) for file in files])
        if not size or sum([len(file.added) for file in files]) > _GROWTH * size:
            return False
        lost = lines([file.removed for file in self.programs], _MOST)
        if not 0 < lost <= _MOST:
            return False
        return lines([file.added for file in self.programs], lost) <= lost


def check(view: View) -> Iterator[Hit]:
    """Mark the guards that are lost, each line once; less, those replaced or moved."""
    if not any(file.removed for file in view.files):
        return
    files = [file for file in view.where(*_TRIGGERS, side=Side.OLD) if is_program(file)]
    change = _Change(view, files)
    found = [*_named(change), *_conditions(change), *_worded(change)] if files else []
    yield from found
    if change.takes():
        told = {(hit.path, hit.line) for hit in found}
        yield from (hit for hit in _taken(change) if (hit.path, hit.line) not in told)


def _named(change: _Change) -> Iterator[Hit]:
    """Mark guards of the kinds that are guards by their names."""
    for regex, kind in _KINDS:
        if not change.losing(regex):
            continue
        for found in disappeared(change.programs, regex):
            lost = [line for line in found.lost if _is_meant(regex, line, change)]
            told, severity = f"{kind} is removed", Severity.MEDIUM
            if guards_as_often(found.file):
                told, severity = f"{kind} is changed", Severity.LOW
            yield from _hits(found.file, lost, told, severity)
            yield from _hits(found.file, found.replaced, f"{kind} is changed", Severity.LOW)
            yield from _hits(
                found.file, found.moved, f"{kind} is moved to another file", Severity.LOW
            )


def _taken(change: _Change) -> Iterator[Hit]:
    """Mark what is gone whole, whatever its words: asked only where the change takes away."""
    programs = [file for file in change.programs if file.removed or file.added]
    if only_takes(programs):
        for file, (number, text, told) in losses(programs):
            yield Hit.on(file, number, text, told, side=Side.OLD)
    for file in programs:
        for number, text in conditions(file, change.balance):
            told = "a condition that ended the work is removed, and nothing stands in its place"
            yield Hit.on(file, number, text, told, side=Side.OLD)


def _conditions(change: _Change) -> Iterator[Hit]:
    """Mark conditions that went with their refusals, where the change or the file shrinks."""
    for file in change.files:
        is_smaller = file.removed.count(b"\n") > file.added.count(b"\n")
        if may_refuse(file.removed) and (is_smaller or change.is_smaller):
            for number, text in lost_guards(file, change.balance):
                told = "a condition that refused is removed"
                yield Hit.on(file, number, text, told, side=Side.OLD)
        if found := long_block(file, change.balance):
            told = "a long piece that protects is removed or rewritten: compare it as a whole"
            yield Hit.on(file, *found, told, side=Side.OLD, severity=Severity.LOW)


def _worded(change: _Change) -> Iterator[Hit]:
    """Mark calls, reasons and lists that nowhere come back, by their names."""
    for regex, kind in _WORDED:
        losing = change.losing(regex)
        if not (losing and change.is_smaller):
            continue
        lost: Counter[bytes] = Counter()
        for file in change.programs:
            lost.update(_names(regex, file.removed))
            lost.subtract(_names(regex, file.added))
        for file in losing:
            for line in file.gone(regex):
                names = _names(regex, line.whole)
                if any(lost[name] > 0 for name in names) and _is_meant(regex, line, change):
                    severity = Severity.LOW if guards_as_often(file) else Severity.MEDIUM
                    told = f"{kind} is removed"
                    yield Hit.at(file, line, told, side=Side.OLD, severity=severity)


def _is_meant(regex: str, line: Line, change: _Change) -> bool:
    """Return whether a line that says it guards does: no remark, nothing that nobody called."""
    names = _names(regex, line.whole)
    if is_comment(line.whole) or all(map(is_harmless, names)):
        return False
    made = expression(_MAKES).search(line.whole)
    return not made or made[1] in change.called


def _names(regex: str, text: bytes) -> list[bytes]:
    """Return what an expression finds, in lower case."""
    return [found.lower() for found in expression(regex).findall(text)]


def _hits(file: FileView, lines: Iterable[Line], message: str, severity: Severity) -> Iterator[Hit]:
    return (Hit.at(file, line, message, side=Side.OLD, severity=severity) for line in lines)


RULE = Rule(
    id="guard-removed",
    pathway=Pathway.SAFETY_SABOTAGE,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="removes a guard: a check of identity, permission or safety",
    removed_triggers=_TRIGGERS,
    wakes=frozenset({Label.SOURCE}),
    check=check,
    version=7,
)
