"""What guards by its name: the words of frameworks and libraries, whatever stands around them.

A decorator, a middleware, a refusal, an option of a parser of tokens, the hidden field of a
form, a client that stays away from private networks: the name is enough.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import FileView, Line, expression
from reviewqueue.scan.structure.comments import is_comment

CLAIMS = (
    r"\b(?:JWT::decode|jwt\.(?:decode|verify|ParseWithClaims)|jwtVerify|JWT\.decode)\(|\bjwt\.With(?:ValidMethods|Issuer|Audience|AllAudiences|Expiration\w*|Subject|IssuedAt)\b|"
    r"\.(?:(?:with|require|setExpected|setRequired?)(?:AnyOf)?(?:Issuer|Audience|Subject|"
    r"ExpirationTime|JwtId)s?|withClaimPresence|setJwsAlgorithmConstraints|"
    r"setVerificationKeyResolver|setValidationConstraints|set_(?:audience|issuer|"
    r"required_spec_claims))\(|\bValidIssuers?[ ]*=|\bValidAudiences?[ ]*=|"
    r"\bverify_(?:aud|iss|exp|nbf|iat|signature)['\"]?[ ]*(?:=>|[:=])[ ]*[tT]rue|"
    r"\brequire['\"]?[ ]*[:=][ ]*\[['\"](?:exp|iat|aud|iss|nbf|sub)['\"]|"
    r"\b(?i:want_?(?:assertions?|messages?|response)_?signed)\b|"
    r"\brequired?_?[cC]laims['\"]?[ ]*[:=]"
)
"""What a parser of tokens is told to refuse."""
FORGED = (
    r"\b(?:csurf|lusca\.csrf|csrf\.Protect|CSRFProtect|asgi_csrf|doubleCsrf\w*|csrfSync|"
    r"fastifyCsrf\w*|CSRFMiddleware|CsrfMiddleware|CsrfGuard|nosurf\.New\w*)\b[ ]*\(|"
    r"\b(?i:(?:is|validate|verify|check)_?csrf\w*)\(|csrfTokenRepository\("
)
"""What refuses requests that another site had somebody's browser send."""
FIELD = (
    r"\{%-?[ ]*csrf_token\b|@csrf\b|\bcsrf_(?:field|input|meta_tags?|hidden\w*)\b|"
    r"AntiForgeryToken\(|\b_csrf\.token\b|name=['\"](?:_?csrf[\w-]*|_token|authenticity_token|"
    r"__RequestVerificationToken|csrfmiddlewaretoken|_?xsrf\w*)['\"]|(?i:x-(?:csrf|xsrf)-token)|\bxsrf(?:Header|Cookie)Name\b"
)
"""What a form, or a request of a page, says that it is no forgery by."""
REACH = (
    r"NoPrivateNetwork|\bSsrfFilter\b|\bssrf_?(?i:filter|guard|protect|safe|req\w*|agent)\w*|"
    r"RequestFiltering\w*Agent|\b(?i:is_?(?:private|internal|loopback|non_?public|public|"
    r"blocked|global|reserved)_?(?:ips?|addr\w*|hosts?|urls?|net\w*))[ ]*\(|"
    r"\.Is(?:Loopback|LinkLocalUnicast|Unspecified)\(\)|\.is_(?:private|loopback|link_local|"
    r"reserved|global)\b(?:\(\))?|is(?:SiteLocal|Loopback|LinkLocal|AnyLocal)Address\(\)|"
    r"\bCheckRedirect[ ]*[:=]|\b[dD]ialer\.Control[ ]*=|\bControl:[ ]+\w|\bO_NOFOLLOW\b|"
    r"\bmax_?hops:?[ =]+0\b|\.redirect\([ ]*(?:\w+::)*Policy::none|"
    r"redirect:[ ]*['\"](?:manual|error)['\"]|"
    r"\bCURLOPT_(?:REDIR_)?PROTOCOLS|\bmax_?[rR]edirects['\"]?[ ]*(?:=>|[=:])[ ]*0\b|"
    r"\b(?:allow|follow)_?[rR]edirects?['\"]?[ ]*(?:=>|[=:])[ ]*(?:[fF]alse)\b|ErrUseLastResponse|"
    r"\bFOLLOWLOCATION[^\n]*(?:false|0)\b|\bCURLOPT_FOLLOWLOCATION,[ ]*(?:false|0)\b|"
    r"\bresolve_?[bB]eneath\b|RESOLVE_BENEATH|\bAT_SYMLINK_NOFOLLOW\b"
)
"""What keeps a request, or a path, out of where it must not go."""
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
    r"\b(?:Throttle\w*|VerifyCsrfToken|Authenticate\w*|EnsureEmailIsVerified|ValidateSignature|"
    r"Authorize|RequirePassword|TrustHosts|EncryptCookies)::class\b|^[ \t]*['\"][\w.]*(?:Csrf\w*|"
    r"Security|Clickjacking|XFrameOptions|Authentication|RateLimit\w*|Throttl\w*)Middleware['\"]|"
    r"\bbefore_(?:action|filter)[ \t]+:(?:auth|require|verify|check|ensure)\w*|"
    r"\bprotect_from_forgery\b|\[(?:ValidateAntiForgeryToken|Authorize|RequireHttps|"
    r"EnableRateLimiting)\b|"
    r"\bonly(?:Role|Owner|Admin|Governance|Minter|Operator|Authori[sz]ed)\b[ ]*(?:\(|\{|public|"
    r"external|returns)|"
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
REASON = (
    r"(?i)['\"`][^'\"`\n]*(?:not (?:allowed|permitted|authori[sz]ed)|do(?:es)? not have (?:access|"
    r"perm)|access denied|permission denied|unauthori[sz]ed|forbidden|refus(?:e|ing) |traversal|"
    r"unsafe|untrusted|outside (?:of )?the|must not|exceeds?|too (?:large|many|long)|"
    r"invalid (?:token|signature|path|url|host|origin|credential|user|session)|reserved)"
)
_LIST = (
    r"(?i)^[ \t]*(?:(?:export|const|var|let|private|public|static|final|readonly|pub)[ \t]+)*_?\w*"
    r"(?:allow(?:ed)?_?list|whitelist|blocklist|blacklist|deny_?list|allowed_\w+|forbidden_\w+|"
    r"unsafe_\w+|denied_\w+|trusted_\w+|disallowed_\w+)\w*[ \t]*(?::[^=\n]*)?=[ \t]*"
    r"(?:[^\s\w>=]|new\b|\w*(?:set|list|map|array|tuple|regex|compile|vec|of)\w*!?[ (\[{<.]|$|"
    r"(?-i:[A-Z_]{3,}))"
)
_OPTION = (
    r"(?i)\b(?:require_?(?:auth|login|csrf|https|ssl|tls|sign|approv|confirm|perm|mfa|2fa|pass|"
    r"verif|"
    r"review)\w*|secure|http_?only|verify\w*|strict\w*|csrf\w*|same_?site|saniti[sz]e\w*|"
    r"escape\w*|validate\w*|auto_?escape)['\"]?[ \t]*[:=][ \t]*['\"]?(?:true|strict|lax)\b"
)
OWN = (
    r"(?:\.(?:where|filter(?:_by)?|eq|and_?[wW]here|scope\w*)\(|\bAND[ \t]+|\bWHERE[ \t]+)"
    r"[\w.\"'`({: \t]{0,30}(?i:tenant|owner|user|organi[sz]ation|org|team|project|account|"
    r"workspace|customer|member|created)_?(?i:id|by)\b"
    r"['\"`]?[ \t]*(?:,|:|=>|==?=?|IN\b)[ \t]*[^\s\w]?"
)
_STORED = (
    r"^[ \t]*validates_(?:format|inclusion|exclusion|length|numericality)_of\b|"
    r"^[ \t]*validates[ (]+:\w[^\n]*\b(?:format|inclusion|exclusion|length|numericality):"
)
KINDS = (
    (_DECORATOR, "a guard on who may come in"),
    (_MIDDLEWARE, "a guard before all that follows"),
    (_REFUSAL, "a refusal"),
    (_VERIFICATION, "a verification"),
    (_FILTER, "a filter"),
    (_STORED, "a demand on what is stored"),
    (CLAIMS, "what a token had to fulfil"),
    (FORGED, "what refuses forged requests"),
    (REACH, "what keeps a request or a path out of private places"),
)
"""What guards by its name alone."""
COUNTED = frozenset({CLAIMS, REACH})
"""Those of which several stand on a line, and each counts."""
CALLS = frozenset({_VERIFICATION, _FILTER})
"""Those that are calls, and may be gathered in one place."""
SHOWS = r"\brelative_to\([^\n]*\)\.as_posix\(|\bstr\([^\n]*\.relative_to\("
"""Asks for a path below another only to show it."""
WORDED = (
    (_CALL, "a call that checks or cleans"),
    (REASON, "a refusal and its reason"),
    (_LIST, "a list of what is allowed or not"),
    (_OPTION, "an option that protects"),
    (OWN, "a limit to somebody's own rows"),
)
"""What guards by its words, where the change takes away."""
BOUNDING = "|".join(f"(?:{regex})" for regex in (CLAIMS, FORGED, FIELD, REACH))
"""Any of them: a trigger."""
_FORM = r"(?i)<form\b|\bform_(?:for|with|tag)\b|fetch\(|axios|\.(?:post|put|ajax)\("
"""What such a token is sent with."""


def bare_forms(file: FileView) -> Iterator[Line]:
    """Yield the tokens against forged requests that are gone from forms that stay."""
    if Label.SOURCE not in file.labels or not file.gone(FIELD):
        return
    forms = expression(_FORM)
    if len(forms.findall(file.removed)) > len(forms.findall(file.added)):
        return
    gone, new = file.gone(FIELD), file.new(FIELD)
    if len(gone) > len(new) and file.matches(FIELD, Side.NEW) <= len(new):
        yield from (line for line in gone if not is_comment(line.whole))
