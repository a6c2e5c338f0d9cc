r"""A title that says that somebody or something may do more.

What it flags
    A change whose own title grants, allows, opens or exposes: access, permissions, roles,
    network paths, secrets; that adds a service account, a sudoer or a role's rights; that runs
    something as root or without seccomp; that lets an agent do more, asks for less proof of who
    somebody is, passes reviews by, approves by itself, trusts remote code, or makes a policy
    more permissive. It marks the changed line that shares most with the title.

Why it matters
    The author knows that a right widens and says so. In an application's own words, or in a
    tool's that no rule knows, the title may be the only thing that shows it.

How to review it
    Who asked for it, and is it more than what was asked for?
    See whether the title tells all: it may mention the harmless half.

Not flagged
    Titles that take rights away, forbid or restrict, or speak of what asks for them, or of
    workflows that name their few rights; merges, reverts, and changes of documentation alone.
    A title that says nothing proves nothing. Credentials that a program gives to a call of its own
    are a low finding: no setting, job or output gets them.

Seen in
    ATT&CK T1098 (account manipulation), T1548 (abuse of elevation control).
"""

from reviewqueue.domain.finding import Confidence, Pathway, Severity
from reviewqueue.scan.effects.announced import OF_IT, Announcement, announcing
from reviewqueue.scan.rule import Rule, Stability

_GIVES = (
    r"\b(?:grant(?:s|ed|ing)?|allow(?:s|ed|ing)?|permit(?:s|ted|ting)?|lets?|letting|"
    r"giv(?:e|es|en|ing)|authori[sz](?:e|es|ed|ing)|white-?list(?:s|ed|ing)?|"
    r"relax(?:es|ed|ing)?|loosen(?:s|ed|ing)?|widen(?:s|ed|ing)?|escalat(?:e|es|ed|ing)|"
    r"elevat(?:e|es|ed|ing)|broaden(?:s|ed|ing)?|expos(?:e|es|ed|ing)|open(?:s|ed|ing)?(?: up)?)\b"
)
_RIGHTS = (
    r"(?:(?:write|read|admin|root|ssh|network|internet|egress|ingress|unrestricted|full|direct|"
    r"cross-origin|cross-account|outbound|inbound) access|access (?:to|for)|permissions?|"
    r"privileges?|roles?|iam|rbac|acls?|assumerole|passrole|network polic(?:y|ies)|netpols?|"
    r"security groups?|firewall|ingress|egress|port \d+|ssh|sudo\w*|cross-origin|any origin|cors|"
    r"secrets?|unauthenticated|anonymous|public(?:ly)? (?:access|read|write)|world-readable|ips?|"
    r"ip address(?:es)?|cidrs?|(?:machine|service|guest|password|basic|key) auth\w*)\b"
)
_WHO = (
    r"(?:admins?|admin users?|administrators?|superusers?|service accounts?|machine users?|"
    r"deploy users?|ci users?|github actions|runners?|contractors?|maintainers?|everyone|guests?|"
    r"root|nodes?|pods?|workloads?|lambdas?|\w+ (?:role|group|team))"
)
_ADDS = (
    r"\b(?:add|extend|assign|attach|enabl|updat|creat|mak|set|expand|increas)(?:e?s|e|e?d|ing)?\b"
)
_OF_ASKING = (
    r"\b(?:permission|privilege|rbac|role)s? (?:polic(?:y|ies)|checks?|checking|checkers?|prompts?|"
    r"requests?|errors?|denials?|guards?|gates?|gating|validation|enforcement|handling|handlers?|"
    r"docs|documentation|tests?|engine|systems?|models?|tables?|pages?|screens?|badges?|hooks?|"
    r"boundar(?:y|ies)|warnings?|dialogs?|explanations?)\b"
)
"""What asks for rights gives none."""
_SPELT_OUT = (
    r"\b(?:explicit|minimal|minimum|least[- ]privileged?|read-?only|restrictive|narrow(?:er)?|"
    r"top-level)(?: [\w-]+){0,2} permissions?(?: (?:blocks?|keys?|declarations?)\b|"
    r"(?: [\w-]+){0,4} (?:workflows?|github actions)\b)"
)
"""A workflow that names its rights has no more by that: what it names is read in its lines."""
_PROOF = (
    r"(?:tokens?|sessions?|cookies?|jwts?|certificates?|certs?|logins?|auth|passwords?|keys?|"
    r"invites?|credentials?|remember[- ]me)\b"
)
_HANDED_ON = (
    r"(?i)(?:^|/)\.(?:github|gitlab|circleci|buildkite|azure-pipelines)|\.ya?ml$|\.tf(?:vars)?$|"
    r"\.(?:sh|bash|ps1|toml|ini|cfg|conf|properties|json|env\w*)$|(?:^|/)(?:dockerfile|jenkinsfile|"
    r"makefile|\.env)|compose|\bsecrets?\.|secrets?:|\bsecret_?(?:key|name|value|ref)|"
    r"-----BEGIN|authorized_keys|(?:api|access|deploy|ssh|private|master)_?-?keys?\b|"
    r"default_?(?:password|secret|user|token|key)|\bprint\w*\("
)
"""Where secrets are handed on to what runs elsewhere, or are written down."""
_WIDENS = (
    Announcement(
        r"\b(?:give|gives|giving|grant\w*|assign\w*|add(?:s|ed|ing)?|"
        r"allow\w*)\b(?: [\w./*-]+){0,5} (?:full|"
        r"root|write|owner|admin\w*|broader|wider|unrestricted|complete)\b(?: \w+){0,2} (?:access|"
        r"permissions?|rights|perms|roles?)\b|\bgrant\w*\b[^:;]{0,40}\badmin\b|"
        r"\b(?:allow|open|expos|permit|add)\w*\b[^:;]{0,30}(?:\b0\.0\.0\.0\b|::/0|\banywhere\b|"
        r"\bpublic internet\b)|"
        r"\bwild-?card\w*\b[^:;]{0,30}\b(?:permissions?|polic\w+|actions?|resources?|kms|iam|cors|origins?)\b|"
        r"\b(?:broaden|widen|expand|extend|open up)(?:s|ed|ing)?\b[^:;]{0,30}\b(?:trust|scopes?|"
        r"roles?|polic\w+|"
        r"access|permissions?|allow-?list|privileges?)\b|\bcross[- ]account\b[^:;]{0,20}\baccess\b|"
        r"\b(?:expos|mount|shar|pass)\w*\b[^:;]{0,20}\bdocker[ ._]?sock(?:et)?\b",
        "the title says that somebody or something may do more from here on",
        unless=r"\b(?:page|form|button|docs?|test\w*|fix\w*|error|prevent\w*|ui|validat\w*|check\w*)\b",
    ),
    Announcement(
        r"\b(?:allow|enabl|permit|accept)(?:s|e|es|ed|ing)?\b(?: [\w./'-]+){0,3} (?:sign-?ups?|"
        r"sign up|(?:self-)?registration|unauthenticated|http_?remote_user|remote[_ ]user|"
        r"auth(?:entication)? (?:via|by|through|from|using)|impersonat\w*|passwordless)\b",
        "the title says that others may come in, or otherwise than so far",
        unless=r"\b(?:page|form|button|error|prevent\w*|docs?|test\w*|fix\w*)\b",
    ),
    Announcement(
        r"\b(?:add|creat|attach|open)(?:s|e|es|ed|ing)?\b(?: [\w./'-]+){0,5} (?:security groups?|"
        r"cluster ?role ?bindings?|role ?bindings?|cluster ?roles?|ssh keys?|public keys?|"
        r"authorized keys?|deploy keys?|node ?ports?|public (?:ip|access|subnet)s?)\b",
        "the title says that somebody newly has a way in",
        unless=r"\b(?:support for|validation|page|form|ui|docs?|test\w*|example|field|option|"
        r"pinning|fix\w*|verif\w*)\b",
    ),
    Announcement(
        rf"{_GIVES}[^:;]{{0,50}}\b{_RIGHTS}|{_GIVES}[^:;]{{0,15}}\b{_WHO}\b[^:;]{{0,20}}\bto\b",
        "the title says that somebody or something may do more from here on",
    ),
    Announcement(
        rf"{_ADDS}[^:;]{{0,60}}\b(?:permissions?\b|privileges?\b|(?:\w+ )?roles? (?:to|for)\b|"
        r"iam (?:polic\w+|permissions?|roles?|access)\b|rbac\b|admin (?:service accounts?|access|"
        r"rights?|roles?)\b|service accounts?\b|(?:as|a) (?:an? )?(?:sudo\w*|admin|owner|"
        r"maintainer|superuser|approver|codeowner)\b|sudo\w*|write access\b|public access\b|"
        r"(?:ingress|egress|firewall|security group) rules?\b|cross-account\b|"
        r"to (?:the )?(?:\w+ )?(?:admins?|owners?|maintainers?|approvers?|codeowners|sudo\w*|"
        r"wheel|docker group|trusted \w+)\b|(?:more|additional|extra) ports\b|"
        r"to (?:the )?(?:\w+ ){0,2}allowed (?:hosts?|users?|origins?|domains?|ips?|commands?|"
        r"tools?|urls?)\b|to (?:the )?(?:\w+ ){0,2}trusted (?:hosts?|users?|origins?|domains?|"
        r"keys?|proxies)\b)|\b(?:cluster|super|org|global|domain)[- ]?admin\b",
        "the title says that a right, a role or an account is added",
        unless=rf"{_OF_ASKING}|{_SPELT_OUT}",
    ),
    Announcement(
        r"\b(?:run|install|execut|launch|start)(?:s|es|e|ed|ing|ning)?\b[^:;]{0,60}"
        r"\bas (?:root|admin\w*|privileged|superuser|system)\b|\b(?:seccomp|apparmor|selinux|"
        r"unconfined|privileged (?:mode|containers?|pods?)|host ?network|hostpath|docker ?sock|"
        r"cap_(?:add|sys\w*|net\w*)|sys_admin|net_admin|privilege ?escalation|root user|uid 0|"
        r"chmod 777|world[- ]writable|setuid|suid|"
        r"mount(?:s|ed|ing)? (?:the )?(?:host|docker|root|home))\b",
        "the title says that something runs with more rights, or less confined",
    ),
    Announcement(
        r"\b(?:add|expos|giv|pass|hand|provid|shar|inject|mount|show|print|output)(?:e|s|es|ed|"
        r"ing)?\b[^:;]{0,30}\b(?:\w+ secrets\b|secrets? (?:to|for|in)\b|deploy keys?\b|"
        r"access keys?\b|ssh keys?\b)|\bsecrets? inherit\w*|\binherit\w* (?:\w+ )?secrets?\b|"
        r"\badd(?:s|ed|ing)? (?:back )?(?:[\w.-]+ ){0,3}?(?:(?:api|ssh|deploy|access|"
        r"service) keys?|credentials|secrets|(?:api|access|bearer|auth|npm|pypi|deploy|"
        r"github) tokens?) (?:for|to|in|into|on)\b|\bdefault (?:\w+ )?(?:passwords?|api[- ]?keys?|"
        r"secrets?|credentials?|logins?)\b",
        "the title says that secrets or keys reach further",
        unless=r"\benv[. ](?:example|sample|template)\b|\breadme\b|\bdocs?\b|"
        r"\bapplication default credentials\b|\bworkload identity\b",
        shown=_HANDED_ON,
    ),
    Announcement(
        r"\b(?:open|expos|bind|listen|publish|forward)(?:e|es|s|ed|ing|"
        r"ning)?\b[^:;]{0,40}\b(?:ports?|0\.0\.0\.0|all interfaces|nodeport|public ip|"
        r"to the (?:internet|world|public)|externally|ip ranges?|cidrs?)\b",
        "the title says that something can be reached from further away",
    ),
    Announcement(
        r"\bauto-?merg(?:e|es|ed|ing)\b|\b(?:bypass|skip|without|relax|remov|drop|reduc|disabl)"
        r"(?:e|es|s|ed|ing|ping|ped)?\b[^:;]{0,30}\b(?:code ?reviews?|reviewers?|approvals?|"
        r"approvers?|"
        r"sign-?offs?|codeowners?|branch protections?|required (?:checks?|status\w*|reviews?)|"
        r"rulesets?|merge queue)\b|\bself-?(?:approv|merg)\w*|\b(?:admin|force)[- ]merg\w*",
        "the title says that reviews or approvals are passed by",
        unless=rf"\bauto-?merg\w*{OF_IT}",
    ),
    Announcement(
        r"\b(?:publicly (?:accessible|available|readable|reachable)|without (?:auth\w*|login|"
        r"logging in|a? ?passwords?|tokens?|credentials|permission|confirmation|asking)|"
        r"no[- ]auth|(?:static|global|master|shared) passwords?|(?:publicly|"
        r"public) (?:\w+ )?(?:buckets?|access|acls?|endpoints?|subnets?|viewers?)|(?:all|any|"
        r"every) (?:users?|clients?|hosts?|origins?) (?:to|can|may|access|read|write)|"
        r"allow[-_](?:all|any|unsafe|insecure|anonymous|public|root|write\w*)|optional auth\w*|"
        r"passwordless|guest access|default password)\b|\b(?:mak|turn|set|chang)(?:e|es|s|ing|"
        r"ed)?\b[^:;]{0,40}\bpublic(?:$|[ ](?:by|for|to|in|on|so|and)\b)|\b(?:extend|increas|"
        r"lengthen|rais)(?:e|es|s|ed|ing)?\b[^:;]{0,30}\b(?:session|token|cookie|jwt|certificate|"
        r"login)s?\b[^:;]{0,15}\b(?:lifetime|expir\w*|ttl|duration|validity)",
        "the title says that less proof of identity is asked for",
    ),
    Announcement(
        r"\b(?:allow|let|permit|grant|giv|enabl)(?:e|es|s|ed|ing)?\b[^:;]{0,20}\b(?:claude|codex|"
        r"copilot|gemini|cursor|agents?|bots?|assistants?|llms?|ai)\b[^:;]{0,40}\b(?:access|"
        r"writ\w+|run|execut\w*|push|edit|merge|commands?|permissions?)\b|\b(?:allowed[- ]?tools|"
        r"skip[- ]permissions|dangerously|yolo|auto-?accept|full[- ]auto|bypass ?permissions|"
        r"permission mode|unrestricted)\b",
        "the title says that an agent may do more",
    ),
    Announcement(
        r"\b(?:relaxed|permissive|more open|less restrictive|"
        r"less strict) (?:\w+ )?(?:permissions?|polic\w+|rules?|access|cors|csp|acls?)\b|"
        r"\bauto-?approv\w*|\b(?:allow|accept|support|enabl|us|permit|fetch|implement)(?:s|es|e|"
        r"ed|ing)?\b[^:;]{0,40}\b(?:over http|from http|plain ?http|insecure|plain ?text|"
        r"unencrypted|self-signed|legacy (?:deseriali\w+|auth\w*|tls|ssl|ciphers?|algorithms?)|"
        r"md5|sha-?1|rc4|3?des|tls ?1\.[01]|sslv\d)\b|\ballow\w*\b[^:;]{0,40}\b(?:absolute urls?|"
        r"external urls?|iframes?|inline (?:scripts?|styles?))\b|\bus\w+ pull_request_target\b|"
        r"\b(?:allow|add|support|enabl|let|implement)\w*\b[^:;]{0,30}\b(?:admin bypass|"
        r"bypass (?:\w+ ){0,2}(?:for|of|mode|flag|option|list)|escape hatch|back ?door|master key|"
        r"impersonat\w+|god ?mode|break[- ]?glass|sudo mode)\b|\balways[- ](?:pass|allow|succeed|"
        r"approve)\b|\bunsafe-(?:inline|eval)\b|\btrust_?remote_?code\b|\bshell=true\b|"
        r"\b(?:to (?:the )?(?:\w+ ){0,2}(?:allow-?list|bypass list|exemptions?)|white-?list\w*|"
        r"allow-?listed)\b|\bbypass(?:es|ers)?\b[^:;]{0,40}\b(?:permissions?|verification|"
        r"approval|auth\w*|checks?|review|protection|sandbox|csrf|2fa)\b",
        "the title says that a policy becomes more permissive",
    ),
    Announcement(
        rf"\b{_PROOF}[^:;]{{0,30}}\b(?:to|for) (?:\d+|one|two|three|six|an?) ?"
        r"(?:d|h|w|days?|weeks?|months?|years?|hours?)\b|\b(?:extend|increas|lengthen|rais|bump|"
        rf"prolong|doubl|longer)(?:e|es|s|d|ed|ing)?\b[^:;]{{0,30}}\b{_PROOF}[^:;]{{0,15}}\b"
        r"(?:time-?out|lifetime|life|expir\w*|ttl|duration|validity|age|period)|"
        rf"\b(?:never[- ]expir\w+|non-?expiring|long[- ]lived) {_PROOF}|\b(?:without|no) expir\w+",
        "the title says that a token, a session or a key lasts longer",
        unless=r"\b(?:reduc|shorten|lower|decreas)\w*",
    ),
    Announcement(
        r"\btrust(?:s|ed|ing)? (?:the )?(?:x-?forwarded\S*|x-real\S*|forwarded|prox(?:y|ies)|"
        r"(?:\w+ )?headers?|all|any|every|client|upstream|user|self)\b|\b(?:allow|accept|permit|"
        r"support|us|enabl)(?:e|es|s|ed|ing)? (?:plain |unencrypted )?http (?:for|in|on|redirect|"
        r"urls?|callbacks?|endpoints?|origins?|schemes?|connections?)\b|\b(?:fall(?:s|"
        r"ing)?[- ]?back|"
        r"default(?:s|ed|ing)?) to (?:an? |the )?(?:anonymous|guest|admin\w*|root|public|superuser|"
        r"unauthenticated|no auth|owner)\b",
        "the title says that something is believed that nobody proves",
        unless=r"\b(?:only|stop|verify)\b",
    ),
    Announcement(
        r"\bhard-?cod(?:e|ed|es|ing)\b[^:;]{0,30}\b(?:keys?|secrets?|tokens?|passwords?|"
        r"credentials?)\b|\bstatic (?:secret|api|signing|encryption) ?keys?\b",
        "the title says that a key stands in the code",
        unless=r"\b(?:remov|replac|avoid|fix|no|eliminat|drop|detect|instead|from|check)\w*",
    ),
    Announcement(
        r"\b(?:without|skip(?:s|ped|ping)?|bypass(?:es|ed|ing)?|disabl\w*|no|remov\w*|drop\w*|"
        r"suppress\w*) (?:the |any |\w+ ){0,2}(?:(?:permission|consent|trust) (?:prompts?|dialogs?|"
        r"requests?|steps?|gates?|pop-?ups?)|(?:confirmation|approval)s?)\b|\bunattended (?:mode|"
        r"runs?|operation|execution)\b|\b(?:danger-)?full-access\b|\bbash\((?:\*|[\w-]+[: ]\*)|"
        r"--(?:always-allow|allow-all|no-confirm|no-sandbox|trust-all|force-yes|"
        r"skip-\w*(?:check|auth|verif|perm)\w*|disable-\w*(?:check|auth|verif|security|sandbox)\w*|"
        r"insecure\b|no-verify|unsafe\b)",
        "the title says that nobody is asked before something is done",
        unless=r"\b(?:remov|drop)\w* --|\b(?:fix|error|crash|fail)\w*",
    ),
    Announcement(
        r"\b(?:do not|don'?t|doesn'?t|never|no longer|stop) (?:ask|prompt|confirm)(?:s|ed|ing)?"
        r"(?: (?:for|before|user|when|to|on|the)\b|$)",
        "the title says that nobody is asked before something is done",
        negated=True,
        unless=r"\bpassword|re-?auth\w*",
    ),
    Announcement(
        r"\b(?:id-token|contents|packages|pull-requests|issues|actions|statuses|checks|deployments|"
        r"attestations|pages|security-events)(?:: ?write| write (?:permission|access|scope|"
        r"token)s?)|"
        r"\bid-token write\b|"
        r"\bpull_request_target\b|\b(?:us|switch|need|requir|replac)\w*\b[^:;]{0,30}\b(?:pats?|"
        r"personal access tokens?|admin tokens?|bot tokens?|bot pat|github app tokens?)\b|"
        r"\b(?:self-?hosted|own|arc|on-prem\w*) runners?\b|\brunner scale ?set\b|\b(?:allow|let)\w*"
        r"[^:;]{0,30}\bpush(?:es|ing)? (?:directly )?to (?:main|master|protected)\b",
        "the title says that a job of CI has more rights, or runs elsewhere",
        unless=r"\b(?:remov|drop|reduc|restrict|read-only|least|detect|rules?|labels?|conflict\w*|"
        r"away from|github-hosted)\b",
    ),
    Announcement(
        r"\b(?:s3|ec2|iam|sts|kms|sqs|sns|ecr|ecs|eks|ssm|lambda|dynamodb|secretsmanager|"
        r"cloudwatch|rds|route53):(?:\w*\*|\w+)|\b(?:administrator|poweruser)\w*access\b|"
        r"\w+fullaccess\b|\battach(?:es|ed|ing)?\b[^:;]{0,30}\bpolic(?:y|ies)\b|\bextend\w*\b"
        r"[^:;]{0,20}\b(?:iam |role |trust |access )?(?:policy|policies|permissions?)\b|\b(?:add|"
        r"updat|extend)\w*\b[^:;]{0,30}\btrust (?:policy|relationship|for)\b|\b(?:grant|mak|promot|"
        r"add)(?:e|es|s|ed|ing|d)?\b[^:;]{0,25}\b(?:as|an?|to) (?:admins?|administrators?|"
        r"owners?)\b|"
        r"\bgrant(?:s|ed|ing)? \w+ (?:admin|owner)\b|\bgiv\w* \w+ access to\b",
        "the title says that a right, a role or an account is added",
        unless=r"\b(?:remov\w*|page|panel|dashboard|ui|menu|docs?|test\w*|fix\w*|pages)\b",
    ),
    Announcement(
        r"\bcodeowners?\b|\b(?:let|allow)\w*\b[^:;]{0,20}\b(?:bots?|apps?|actions?)\b[^:;]{0,15}"
        r"\b(?:approve|merge|push|review)\w*|\bmerg(?:e|es|ed|ing) (?:prs? |changes? )?without\b|"
        r"\bwithout (?:waiting for )?(?:ci|checks)\b|\b(?:fewer|less|one|1|single|"
        r"zero) (?:required )?"
        r"(?:reviewers?|approvals?|approvers?)\b",
        "the title says who has to look at changes",
        unless=r"\b(?:typo|paths?|active|correct)\b",
    ),
)


RULE = Rule(
    id="widening-announced",
    pathway=Pathway.PERMISSIONS,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="says that somebody or something may do more",
    version=8,
    check=announcing(*_WIDENS),
)
