"""A guard that is gone: a check of identity, permission or safety, removed.

What it flags
    Removed lines that demanded something before going on, where the change puts no such
    line back anywhere: login and permission decorators, middleware, `raise
    PermissionError`, `abort(403)`, calls that verify a signature, a token or an origin,
    content filters and moderation calls, rate limits.

Why it matters
    What a program no longer refuses is invisible in what was added: only the removed
    side of the diff shows it.

How to review it
    Find out who can now reach what stands below the removed line.
    Look for the guard's new place, and whether it covers the same paths.

Not flagged
    Guards that only move within their file; tests and prose; guards removed with the
    whole file they stood in. A guard that is changed, or moved to another file word for
    word, is a low finding: compare the two.
"""

from collections.abc import Iterable, Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, read_by_machines
from reviewqueue.scan.disappeared import disappeared
from reviewqueue.scan.rule import FileView, Hit, Line, Rule, Stability, View

_DECORATOR = (
    r"^[ \t]*@(?:\w+\.)*(?:login_required|permissions?_required|requires?_auth\w*|"
    r"requires?_(?:login|permissions?|roles?|admin|scopes?)|auth(?:enticated|orized|_required)?|"
    r"admin_required|staff_member_required|user_passes_test|jwt_required|roles_(?:required|allowed)|"
    r"PreAuthorize|Secured|RolesAllowed|Authorize|UseGuards|csrf_protect|rate_?limit(?:ed)?|limiter"
    r"\.limit|throttle)\b|"
    r"\bDepends\s*\(\s*(?:get_current_\w*user|require_\w+|verify_\w+|check_\w*(?:auth|perm)\w*)"
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
    r"IsLocal|compare_digest|timingSafeEqual|ConstantTimeCompare)\s*\("
)
_FILTER = (
    r"(?i)(?:(?:moderat(?:e|ion)|content_?filter|safety_?(?:check|filter|classifier)|"
    r"guardrails?|toxicity|jailbreak|refusal|redact|saniti[sz]e|escape_?html|is_?safe\w*)\w*)\s*\("
)
_KINDS = (
    (_DECORATOR, "a guard on who may come in"),
    (_REFUSAL, "a refusal"),
    (_VERIFICATION, "a verification"),
    (_FILTER, "a filter"),
)


def check(view: View) -> Iterator[Hit]:
    """Mark the guards of each kind that are lost; less, those replaced or moved."""
    for regex, kind in _KINDS:
        if not view.where(regex, side=Side.OLD):
            continue
        for found in disappeared([file for file in view.where(regex) if _is_program(file)], regex):
            if found.file.status == "D":
                continue
            yield from _hits(found.file, found.lost, f"{kind} is removed", Severity.MEDIUM)
            yield from _hits(found.file, found.replaced, f"{kind} is changed", Severity.LOW)
            yield from _hits(
                found.file, found.moved, f"{kind} is moved to another file", Severity.LOW
            )


def _hits(file: FileView, lines: Iterable[Line], message: str, severity: Severity) -> Iterator[Hit]:
    return (Hit.at(file, line, message, side=Side.OLD, severity=severity) for line in lines)


def _is_program(file: FileView) -> bool:
    if file.labels & {Label.GENERATED, Label.VENDORED}:
        return False
    if Label.TEST in file.labels and not read_by_machines(file.labels):
        return False
    return Label.SOURCE in file.labels


RULE = Rule(
    id="guard-removed",
    pathway=Pathway.SAFETY_SABOTAGE,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="removes a guard: a check of identity, permission or safety",
    triggers=tuple(regex for regex, _ in _KINDS),
    check=check,
)
