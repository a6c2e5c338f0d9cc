"""A network, a storage or a page opened to everybody.

What it flags
    Added: firewalls and security groups open to `0.0.0.0/0` or `::/0`; buckets, blobs,
    snapshots, images and databases made public, or their public access blocks taken away;
    cluster and database endpoints made public; any origin allowed (CORS), also with
    credentials; a content security policy that allows `unsafe-inline`, `unsafe-eval` or
    `*`; database rules and host-based access that let everybody in.

Why it matters
    What is open is found by scanners within minutes, and stays open long after the reason
    for it is forgotten.

How to review it
    Who has to reach this, from where? Name these networks or origins.
    Any origin together with cookies lets every page act as the signed-in person.

Not flagged
    Outgoing rules and routes; addresses a program only listens on; CORS for one origin.

Seen in
    Exposed storage and databases are ATT&CK T1530 and T1190; public snapshots T1537.
    CWE-942 (permissive cross-domain policy), CWE-284. The open MongoDB and Elasticsearch
    wipes (2017, and "Meow", 2020).
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, set_aside
from reviewqueue.scan.outline import Entry, beyond, outline
from reviewqueue.scan.rule import FileView, Hit, Pattern, Rule, Stability, View, expression

_CONFIG = frozenset({Label.CONFIG, Label.INFRASTRUCTURE, Label.CONTAINER, Label.CI})
_RUN = _CONFIG | {Label.SCRIPT, Label.SOURCE, Label.BUILD}
_WORLD = r"\b0\.0\.0\.0/0\b|['\"\s\[]::/0\b"
_OUT = r"(?i)egress|outbound|route|destination|\bdest\b|no_proxy|nat\b|allowed_?ips|allowedips"
_FIREWALL = (
    r"(?i)ingress|cidr|security_?-?group|source_?-?(?:range|address|ip)|firewall|allow|authorized|"
    r"from_?port|whitelist|\binbound\b|peer\.|ipv[46]|trusted|\bufw\b|iptables|remote_ip_prefix"
)


def check(view: View) -> Iterator[Hit]:
    """Mark the whole world as a source, as far as keys and words tell source from target."""
    for file in view.where(_WORLD, side=Side.NEW):
        if file.labels.isdisjoint(_RUN) or _is_prose(file):
            continue
        lines = {line.number for line in file.new(_WORLD)}
        told: set[int] = set()
        for entry in outline(file, Side.NEW) if lines else ():
            if entry.number in lines - told and _is_source(entry):
                told.add(entry.number)
                message = "a network is opened to the whole world"
                yield entry.hit(file, message, discountable=True)
        for line in beyond(file, file.new(_WORLD)):
            if line.number not in told:
                severity = Severity.LOW if file.labels.isdisjoint(_CONFIG) else None
                message = "the whole world is named in text that is too long to be read in full"
                yield Hit.at(file, line, message, severity=severity, discountable=True)


def _is_prose(file: FileView) -> bool:
    return Label.DOCS in file.labels and set_aside(file.labels)


def _is_source(entry: Entry) -> bool:
    text = b" ".join([*(key.encode() for key in entry.under), entry.line])
    return not expression(_OUT).search(text) and bool(expression(_FIREWALL).search(text))


RULE = Rule(
    id="opened-to-the-world",
    pathway=Pathway.PERMISSIONS,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="opens a network, a storage or a page to everybody",
    patterns=(
        Pattern(
            r"\bpublic-read(?:-write)?\b|\bPublicRead(?:Write)?\b|\bPUBLIC_READ(?:_WRITE)?\b|"
            r"\bpublicReadAccess\s*[:=]\s*true|\bpublic_read_access\s*=\s*True|"
            r"\b(?:predefinedAcl|predefined_acl)['\"]?\s*[:=]\s*['\"]?public|"
            r"\bmake_?[pP]ublic\s*\(|\bblob_anonymous_access|"
            r"\b(?:allow_?[bB]lob_?[pP]ublic_?[aA]ccess|"
            r"allow_nested_items_to_be_public)['\"]?\s*[:=]\s*true|"
            r"\bcontainer_access_type\s*=\s*['\"](?:blob|container)|--public-access[= ](?:blob|"
            r"container)",
            "a storage is made public",
            only=_RUN,
        ),
        Pattern(
            r"(?i)\b(?:block_?public_?\w+|ignore_?public_?acls|restrict_?public_?buckets|"
            r"uniform_?bucket_?level_?access|enforce_?ssl)['\"]?\s*[:=]\s*['\"]?false\b|"
            r"\bdelete-public-access-block\b|\bDeletePublicAccessBlock\b|"
            r"\bpublic_access_prevention\s*=\s*['\"]inherited",
            "what kept a storage from being public is switched off",
            only=_RUN,
        ),
        Pattern(
            r"\bpublicly_?[aA]ccessible['\"]?\s*[:=]\s*['\"]?[tT]rue|"
            r"\bPubliclyAccessible['\"]?\s*:\s*['\"]?true|"
            r"--publicly-accessible\b|\b(?:public_network_access_enabled|endpoint_public_access)"
            r"['\"]?\s*[:=]\s*true|\bendpointPublicAccess['\"]?\s*:\s*true|"
            r"\bpublicNetworkAccess['\"]?\s*:\s*['\"]Enabled|\benable_public_ip\s*=\s*true|"
            r"\bassociate_public_ip_address\s*=\s*true|--allow-unauthenticated\b|"
            r"\bauthorization_?[tT]ype['\"]?\s*[:=]\s*['\"]NONE|\bFunctionUrlAuthType\.NONE|"
            r"\bAuthType['\"]?\s*:\s*['\"]?NONE\b|\benable_private_nodes\s*=\s*false",
            "a service is newly reachable from everywhere, or without signing in",
            only=_RUN,
        ),
        Pattern(
            r"\bufw\s+(?:allow|disable)\b|\biptables\s+(?:-F|-P\s+(?:INPUT|FORWARD)\s+ACCEPT)|"
            r"\bsetenforce\s+0\b|\bSELINUX=(?:disabled|permissive)|\bnft\s+flush\s+ruleset|"
            r"\bsystemctl\s+(?:disable|stop|mask)\s+(?:--now\s+)?(?:firewalld|ufw|apparmor|auditd)|"
            r"\bauthorize-security-group-ingress\b|\bfirewall-rules\s+create\b|"
            r"netsh\s+advfirewall\s+[^\n]*(?:off|allow)|\bSet-NetFirewallProfile\b|"
            r"\bauthorize_security_group_ingress\(|\bAuthorizeSecurityGroupIngress\b|"
            r"\bPeer\.any_?[iI]pv[46]\(|\bec2\.Peer\.any|\ballow_?[fF]rom_?[aA]ny_?[iI]pv4\(",
            "a firewall is opened or switched off",
            only=_RUN,
        ),
        Pattern(
            r"(?i)\bprotected-mode\s+no\b|\blisten_addresses\s*=\s*'\*'|"
            r"^host(?:ssl)?\s+\S+\s+\S+\s+\S+\s+trust\b|\bPOSTGRES_HOST_AUTH_METHOD['\"]?\s*[:=]\s*"
            r"['\"]?trust\b|\bxpack\.security\.enabled\s*[:=]\s*['\"]?false|"
            r"\ballow\s+(?:read|write|create|update|delete)[\w,\s]*:\s*if\s+true\s*;|"
            r"['\"]\.(?:read|write)['\"]\s*:\s*(?:true|['\"]true)|"
            r"\b(?:PermitRootLogin|PasswordAuthentication|PermitEmptyPasswords)\s+yes\b|"
            r"\bMYSQL_ALLOW_EMPTY_PASSWORD\b|\ballow_?anonymous['\"]?\s*[:=]\s*true\b|"
            r"\bGF_AUTH_ANONYMOUS_ENABLED['\"]?\s*[:=]\s*['\"]?true",
            "a database or service lets everybody in",
            only=_RUN,
        ),
        Pattern(
            r"(?i)access-control-allow-origin['\"]?\s*[:,=]?\s*['\"]?\*|"
            r"\ballow_?origins?['\"]?\s*[:=(]\s*\[?\s*['\"]\*['\"]|"
            r"\bCORS_(?:ALLOW_ALL_ORIGINS|ORIGIN_ALLOW_ALL)\s*=\s*True|"
            r"\b(?:Allow(?:All|Any)Origins?\b|allowedOrigin(?:Pattern)?s?\s*\(\s*\"\*|"
            r"SetIsOriginAllowed)|"
            r"\bAllowedOrigins\s*:\s*\[\]string\{\"\*|"
            r"@CrossOrigin\s*(?:\(\s*(?:origins\s*=\s*)?\"\*|$)|"
            r"\bcors\(\)|\bcors\s*:\s*true\b|\bcors\(\s*\{\s*origin\s*:\s*(?:true|['\"]\*)|"
            r"\borigin\s*:\s*(?:['\"]\*['\"]|\(\s*_?origin|true\s*,)|\bheader_up\s+Origin|"
            r"\bcheckOrigin['\"]?\s*:\s*false|\bCheckOrigin\s*[:=]\s*func[^\n]*return\s+true|"
            r"\bcors_allowed_origins\s*=\s*['\"]\*|\ballowedOrigins?['\"]?\s*[:=]\s*\[?\s*['\"]\*",
            "any page on the web may use this service",
            only=_RUN,
        ),
        Pattern(
            r"'unsafe-(?:inline|eval|hashes)'|\bunsafe-eval\b|"
            r"\b(?:script|default|connect|frame|object)-src\s+(?:'\w+'\s+)?\*(?:[\s;'\"]|$)|"
            r"\bframe-ancestors\s+\*|\bcontentSecurityPolicy\s*:\s*false",
            "a page may run or load more than before",
            line=r"-src\b|(?i)csp|security.?policy|frame-ancestors|contentSecurityPolicy",
            only=_RUN,
        ),
    ),
    triggers=(_WORLD,),
    check=check,
    budget=0.006,
)
