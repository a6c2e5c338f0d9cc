r"""A guard that stands and is never asked.

What it flags
    Conditions that can no longer be true or false (`if False and …`, `&& false`,
    `|| true`); marks and settings that let anybody past a framework's guard
    (`[AllowAnonymous]`, `permitAll()`, `AllowAny`, `skip_before_action :authenticate`,
    `csrf().disable()`, `requireAuth: false`, `--disable-auth`); a switch in the
    environment that skips authentication, permission, validation or verification. In front
    of such a guard, a new condition on the path that hands the request on. A route that is moved
    out of a group that is guarded, or in front of the line that guards what follows.

Why it matters
    The guard's code is untouched, so that neither its tests nor a search for it show
    that nothing reaches it any more. A switch meant for development is one variable
    away from production.

How to review it
    Which routes or calls does the mark cover: one, a controller, everything?
    Who can set the switch, and is it refused in production?
    A condition with a constant in it should be written as what it is, or go.

Not flagged
    The same in tests and prose; marks that were there before; conditions on a path where
    nothing that is shown guards. Entries of a list of what passes are pass-list-grown's.

Seen in
    CWE-489 (active debug code), CWE-570 and CWE-571 (expression always false or true),
    CWE-306 (missing authentication for a critical function).
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.effects.exempted import PASSING, let_past
from reviewqueue.scan.effects.guards import is_program, programs
from reviewqueue.scan.effects.regrouped import left_group
from reviewqueue.scan.rule import Hit, Pattern, Rule, Stability, View

_ASIDE = frozenset({Label.TEST, Label.DOCS, Label.GENERATED, Label.VENDORED, Label.LOCK})
_SAFE_WORD = (
    r"(?:auth|authn|authz|authentication|authorization|login|permissions?|access_checks?|acl|rbac|"
    r"security|csrf|rate_?limit\w*|signature\w*|validation|verification|verify|sandbox|"
    r"token_check|2fa|mfa|policy|safety)"
)
_SKIPPED = r"(?:skip|disable|bypass|no|ignore|without)"
_PAST = "anybody gets past the framework's guard here"


def check(view: View) -> Iterator[Hit]:
    """Mark conditions on a path that hand a request on, in front of a guard."""
    for file in filter(is_program, view.where(PASSING, side=Side.NEW)):
        for number, text in let_past(file):
            yield Hit.on(file, number, text, "a path is newly let past a guard")
    for file in view.once(programs):
        for number, text in left_group(file) if file.removed and file.added else ():
            told = "a way in is no longer in the group, or behind the line, that is guarded"
            yield Hit.on(file, number, text, told)


RULE = Rule(
    id="guard-bypassed",
    pathway=Pathway.SAFETY_SABOTAGE,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="leaves a guard in place that is never asked",
    version=5,
    added_triggers=(PASSING,),
    wakes=frozenset({Label.SOURCE}),
    check=check,
    patterns=(
        Pattern(
            r"\bif[ \t]*\([ \t]*(?:false|0)[ \t]*&&|&&[ \t]*false[ \t]*\)|"
            r"\bif[ \t]+False[ \t]+and\b|\band[ \t]+False[ \t]*:|\bor[ \t]+True[ \t]*:|"
            r"\|\|[ \t]*true[ \t]*\)[ \t]*\{|"
            r"\bif[ \t]*\([ \t]*true[ \t]*\|\||\bif[ \t]+(?:True|1)[ \t]+or\b|"
            r"\bif[ \t]+(?:false|true)[ \t]*(?:&&|\|\|)|(?:&&[ \t]*false|\|\|[ \t]*true)[ \t]*\{|"
            r"&&[ \t]*false[ \t]*;|^#[ \t]*if[ \t]+0\b|\bif[ \t]*\([ \t]*0[ \t]*\)|"
            r"\b(?:if|unless):[ \t]*(?:->[ \t]*\{[ \t]*(?:false|true)|(?:proc|lambda)[ \t]*\{[ \t]*"
            r"(?:false|true))|\bif[ \t]+False[ \t]*:|\bif[ \t]*\([ \t]*false[ \t]*\)|"
            r"^[ \t]*if[ \t]+false[ \t]*[{:]",
            "a condition can no longer decide anything",
            never=_ASIDE,
        ),
        Pattern(
            r"\[AllowAnonymous\b|\.AllowAnonymous\(\)|\bpermitAll\b|@PermitAll\b|"
            r"\b(?:permission_classes|authentication_classes)\s*=\s*[\[(]\s*(?:AllowAny\b|[\])])|"
            r"\bskip_(?:before_action|before_filter|authorization|authorize_resource|"
            r"load_and_authorize_resource)\b|\bskip_verify_authorized\b|"
            r"\bAbstractHttpConfigurer::disable|"
            r"@(?:SkipAuth|Public|NoAuth|Anonymous)\(\)|\bDisableAntiforgery\(\)|"
            r"\[IgnoreAntiforgeryToken\b|\bcsrf_exempt\b|"
            r"\bcsrf_protection['\"]?[ ]*(?:=>|[:=])[ ]*false|"
            r"\bSkip(?:ClientID|Issuer|Expiry)Check:[ ]*true|"
            r"\bInsecureSkipSignatureCheck:[ ]*true|\bauthenticity_token:[ ]*false\b|"
            r"\.excludePathPatterns\(|\bignoring(?:RequestMatchers|AntMatchers)\(|\bweb\.ignoring\(\)|"
            r"^[ \t]*auth_(?:basic|request)[ ]+off\b",
            _PAST,
            never=_ASIDE,
        ),
        Pattern(r"(?i)\bcsrf\b", _PAST, line=r"(?i)\bcsrf\b[^\n]{0,40}\bdisable\b", never=_ASIDE),
        Pattern(r"\breflector\.get\w*\([^\n]*(?i:public|skip|anonymous)", _PAST, never=_ASIDE),
        Pattern(
            r"(?i)\b(?:require|requires|need|needs|enable|enforce|use|check)_?"
            r"(?:auth|authentication|authorization|login|permissions?|rbac|acl|csrf)\w*['\"]?\]?"
            r"[ \t]*[:=][ \t]*['\"]?(?:false|no|off|0)\b|"
            r"\b(?:disable|skip|bypass|no)[-_]?(?:auth|authn|authz|authentication|authorization|rbac|"
            r"login|csrf|permission_?checks?|security_?checks?)['\"]?\]?[ \t]*[:=][ \t]*['\"]?"
            r"(?:true|yes|on|1)\b|\s--(?:disable|no|skip|bypass|without)-auth\w*\b(?:[^:=]|=true)",
            "authentication or authorisation is switched off",
            never=_ASIDE,
        ),
        Pattern(
            rf"(?i)\b{_SKIPPED}_?{_SAFE_WORD}",
            "a switch in the environment skips a guard",
            line=r"(?i)(?:getenv|environ|process\.env|ENV\[|env::var|Environment\.Get)[^\n]{0,20}"
            rf"\b{_SKIPPED}_?{_SAFE_WORD}",
            never=_ASIDE,
        ),
        Pattern(
            rf"(?i)\bif\b[^\n]*\b(?:DEBUG|skip_?{_SAFE_WORD}|bypass_?\w*|disable_?{_SAFE_WORD}|"
            rf"no_?auth|insecure|test_?mode|is_?dev(?:elopment)?)\b[ \t]*(?:\|\||or\b)[^\n]*"
            rf"(?:{_SAFE_WORD}|valid|token|allowed|admin|owner|csrf|method)",
            "a switch lets anybody past a guard",
            never=_ASIDE,
        ),
    ),
)
