"""A network, a storage or a page opened to everybody.

What it flags
    Added: firewalls and security groups open to `0.0.0.0/0` or `::/0`; buckets, blobs,
    snapshots, images and databases made public, or their public access blocks taken away;
    cluster and database endpoints made public; any origin allowed (CORS), also with
    credentials; database rules and host-based access that let everybody in. Where
    infrastructure is declared, any way in that is newly opened: rules for incoming traffic,
    another source, a wider range or more ports in one that was there, a network policy's new
    source, an address put beside others in a list; a service that only its own machine or
    cluster could reach, and others can now: also one of Kubernetes that newly has a balancer,
    outer addresses, or a port of the machine it runs on.

Why it matters
    What is open is found by scanners within minutes, and stays open long after the reason
    for it is forgotten.

How to review it
    Who has to reach this, from where? Name these networks or origins.
    Any origin together with cookies lets every page act as the signed-in person.

Not flagged
    What a service that is new is open to from the start; a balancer within its network;
    outgoing rules and routes; addresses a program only listens on; CORS for one origin; lines
    of more than a thousand letters, which are made by a build.

Seen in
    Exposed storage and databases are ATT&CK T1530 and T1190; public snapshots T1537.
    CWE-942 (permissive cross-domain policy), CWE-284. The open MongoDB and Elasticsearch
    wipes (2017, and "Meow", 2020).
"""

from collections import Counter
from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, set_aside
from reviewqueue.scan.effects.exposed import OUTSIDE, exposed
from reviewqueue.scan.effects.let_in import let_in
from reviewqueue.scan.rule import FileView, Hit, Pattern, Rule, Stability, View, expression
from reviewqueue.scan.structure.hunks import shown
from reviewqueue.scan.structure.outline import ITEM, Entry, beyond, outline
from reviewqueue.scan.structure.pairs import Pair, pairs_losing

_CONFIG = frozenset({Label.CONFIG, Label.INFRASTRUCTURE, Label.CONTAINER, Label.CI})
_RUN = _CONFIG | {Label.SCRIPT, Label.SOURCE, Label.BUILD}
_COMMENTED = r"^[ \t]*(?:#|//|\*|--)"
_WORLD = r"\b0\.0\.0\.0/0\b|['\"\s\[>]::/0\b"
_INGRESS = (
    r"\bresource\s+\"(?:aws_vpc_security_group_ingress_rule|google_compute_(?:firewall\w*|"
    r"region_network_firewall_policy_rule)|azurerm_(?:network_security_rule|\w*firewall_(?:rule|"
    r"network_rule|nat_rule|application_rule)\w*)|openstack_networking_secgroup_rule_v2|"
    r"(?:digitalocean|hcloud|linode|vultr)_(?:database_)?firewall\w*|"
    r"alicloud_security_group_rule|oci_core_network_security_group_security_rule|"
    r"ibm_is_security_group_rule|cloudfoundry_asg|mongodbatlas_project_ip_access_list)\"|"
    r"^[ \t]*(?:ingress\s*(?:\{|=\s*\[)|dynamic\s+\"ingress\"|authorized_networks\s*\{)|"
    r"\btype\s*=\s*\"(?:ingress|INGRESS)\"|\bAWS::EC2::SecurityGroupIngress\b|"
    r"^[ \t]*['\"]?SecurityGroupIngress['\"]?\s*:|"
    r"\bdirection['\"]?\s*[:=]\s*['\"](?:[iI]nbound|INGRESS|ingress)['\"]|"
    r"\bvirtualNetworkRules['\"]?\s*:|\bfirewallRules@"
)
"""A way in that infrastructure newly declares."""
_INGRESS_CALL = (
    r"\.(?:addIngressRule|add_ingress_rule|AddIngressRule)\(|"
    r"\.connections?(?:\(\))?\.(?:allow(?:Default)?(?:Port)?From\w*|allow(?:_default)?(?:_port)?_from\w*|"
    r"Allow(?:Default)?(?:Port)?From\w*)\(|"
    r"\bec2\.(?:New)?(?:SecurityGroupRule|SecurityGroupIngress\w*|CfnSecurityGroupIngress)\("
)
_SOURCE = (
    r"\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}/\d|"
    r"^[ \t]*-?[ \t]*['\"]?(?:namespaceSelector|podSelector|ipBlock|from|principals|"
    r"source_?[sS]ecurity_?[gG]roup\w*|fromEndpoints|fromEntities|fromCIDR|notNamespaces)"
    r"['\"]?\s*[:=]"
)
_ANY = r"^[ \t]*(?:default\s*[:=]\s*\[?|-)\s*['\"]\*['\"]"
_CORS = r"(?i)cors|origins?\b"
_CIDR = r"\b\d{1,3}(?:\.\d{1,3}){3}/\d{1,2}\b"
_SOURCES = (
    r"(?i)cidr_?(?:block|range)?s$|source_?-?(?:range|address|ip|cidr|prefix)|allow\w*_?(?:ip|cidr|"
    r"network|range|source)|(?:white|allow)_?-?list|trusted_?(?:ip|prox|network|cidr)|"
    r"(?:ips?|cidrs?|networks?|hosts?|nets)_?allow\w*|allow_?from|authorized_?(?:network|ip)|ingress|inbound|securitygroupingress|cidr_?ip|^(?:ipblock|cidr)$"
)
_NOT_SOURCES = (
    r"(?i)egress|outbound|route|destination|\bdest\b|no_?proxy|\bnat\b|subnet|\bvpc|"
    r"(?:pod|service|cluster|node|docker|bridge)s?_?-?(?:ipv4_?)?(?:cidr|network|range)|deny|block_?list"
)
_MESH = r"\b(?:Cilium\w*|Global\w*)?(?:NetworkPolicy|AuthorizationPolicy|ServerAuthorization)\b"
_OPENED_BY = frozenset({"from", "fromendpoints", "fromentities", "fromcidr", "sources"})
_SELECTED = frozenset({"namespaceselector", "podselector", "ipblock"})
_PORTS = (
    r"(?i)\b(?:from|to|min|max)_?port(?:_range)?(?:_min|_max)?['\"]?\s*[:=]\s*\"?\d|"
    r"\bprotocol['\"]?\s*[:=]"
)
_PORT = r"(?i)\b(from|to)_?port['\"]?\s*[:=]\s*\"?(\d+)"
_ANY_PROTOCOL = r"(?i)\bprotocol['\"]?\s*[:=]\s*['\"]?(?:-1|all|any|\*)\b"
_EXPOSED = (
    r"\b0\.0\.0\.0\b|['\"]\*?:\d{2,5}['\"]|\b(?:LoadBalancer|NodePort)\b|"
    r"\binternal['\"]?\s*[:=]\s*false\b|^[ \t]*-[ \t]*['\"]?\d{2,5}:\d{2,5}"
)
"""What others than the own machine or cluster can reach."""
_INSIDE = (
    r"\b127\.0\.0\.1\b|\blocalhost\b|\bClusterIP\b|\binternal['\"]?\s*[:=]\s*true\b|"
    r"\b(?:LOCALHOST|LOOPBACK)\b"
)
_OUT = r"(?i)egress|outbound|route|destination|\bdest\b|no_proxy|nat\b|allowed_?ips"
_FIREWALL = (
    r"(?i)ingress|cidr|security_?-?group|source_?-?(?:range|address|ip)|firewall|allow|authorized|"
    r"from_?port|whitelist|\binbound\b|peer\.|ipv[46]|trusted|networks\b|\bufw\b|iptables|remote_ip_prefix"
)


def check(view: View) -> Iterator[Hit]:
    """Mark the whole world as a source, as far as keys and words tell source from target."""
    for file in view.where(_WORLD, side=Side.NEW):
        if not file.labels.isdisjoint(_RUN) and not _is_prose(file):
            yield from _to_all(file)
    yield from _opened(view)
    for file in view.where(_ANY, side=Side.NEW):
        yield from _any_origin(file)
    for file in view.where(_EXPOSED, side=Side.NEW):
        is_read = not file.labels.isdisjoint(_RUN) and not set_aside(file.labels)
        if is_read and expression(_INSIDE).search(file.removed):
            yield from _exposed(file)
    for file in filter(_is_settings, view.where(OUTSIDE, side=Side.NEW)):
        for entry in exposed(file):
            yield entry.hit(file, "a service of the cluster newly has a way in from outside")


def _to_all(file: FileView) -> Iterator[Hit]:
    """Tell the whole world as a source."""
    lines = {line.number for line in file.new(_WORLD)}
    told: set[int] = set()
    for entry in outline(file, Side.NEW) if lines else ():
        if entry.number in lines and entry.number not in told and _is_source(entry):
            told.add(entry.number)
            message = "a network is opened to the whole world"
            yield entry.hit(file, message, discountable=True)
    for line in beyond(file, file.new(_WORLD)):
        if line.number not in told:
            severity = Severity.LOW if file.labels.isdisjoint(_CONFIG) else None
            message = "the whole world is named in text that is too long to be read in full"
            yield Hit.at(file, line, message, severity=severity, discountable=True)


def _any_origin(file: FileView) -> Iterator[Hit]:
    if file.labels.isdisjoint(_CONFIG) or set_aside(file.labels):
        return
    for entry in outline(file, Side.NEW):
        names = " ".join(entry.under[-3:]).encode()
        if entry.is_changed and entry.value == "*" and expression(_CORS).search(names):
            yield entry.hit(file, "any page on the web may use this service")


def _opened(view: View) -> Iterator[Hit]:
    """Mark sources and ports that a way in newly has."""
    for file in view.where(_SOURCE, side=Side.NEW):
        if _is_settings(file):
            yield from _sources(file)
            for number, text in let_in(file):
                yield Hit.on(file, number, text, "a list of who may come in has another address")
    for file in view.where(_PORTS, side=Side.OLD):
        if Label.INFRASTRUCTURE in file.labels and _is_settings(file):
            for pair in pairs_losing(file, _PORTS):
                if _has_more_ports(pair) and not expression(_OUT).search(pair.new):
                    yield Hit.on(file, pair.new_line, pair.new, "a way in is opened for more ports")


def _is_settings(file: FileView) -> bool:
    if file.labels.isdisjoint(_CONFIG) or set_aside(file.labels):
        return False
    return file.status in {"M", "R"} and file.labels.isdisjoint({Label.LOCK, Label.GENERATED})


def _sources(file: FileView) -> Iterator[Hit]:
    """Tell addresses, and parts of a cluster, that may come in where others already could."""
    is_mesh = expression(_MESH).search(shown(file) + file.path.encode()) is not None
    new = [entry for entry in outline(file, Side.NEW) if _is_way_in(entry, is_mesh=is_mesh)]
    old = Counter(
        (entry.key, entry.value)
        for entry in outline(file, Side.OLD)
        if _is_way_in(entry, is_mesh=is_mesh)
    )
    told: set[int] = set()
    for entry in new:
        place = (entry.key, entry.value)
        if old[place] > 0:
            old[place] -= 1
        elif entry.is_changed and entry.number not in told and b"0.0.0.0/0" not in entry.line:
            told.add(entry.number)
            yield entry.hit(file, f"a network is opened to another source: {entry.value[:80]}")


def _is_way_in(entry: Entry, *, is_mesh: bool) -> bool:
    """Return whether an entry is an address, or a part of a cluster, that may come in."""
    key = entry.line.partition(b":" if b":" in entry.line else b"=")[0].strip(b" \t-'\"")
    names = " ".join(entry.under).encode() + b" " + key
    if not entry.value or expression(_NOT_SOURCES).search(names):
        return False
    if not _SELECTED.isdisjoint(entry.under) and ITEM in entry.path:
        return "to" not in entry.under
    if is_mesh and not _OPENED_BY.isdisjoint(entry.under):
        return True
    if entry.key in {"source_security_group_id", "sourcesecuritygroupid"}:
        return True
    is_address = expression(_CIDR).search(entry.value.encode()) is not None
    return is_address and expression(_SOURCES).search(names) is not None


def _has_more_ports(pair: Pair) -> bool:
    was = {side[1].lower(): int(side[2]) for side in expression(_PORT).finditer(pair.old)}
    now = {side[1].lower(): int(side[2]) for side in expression(_PORT).finditer(pair.new)}
    everything = expression(_ANY_PROTOCOL)
    if everything.search(pair.new) and not everything.search(pair.old):
        return True
    return any(
        name in was and (now[name] < was[name] if name == b"from" else now[name] > was[name])
        for name in now
    )


def _exposed(file: FileView) -> Iterator[Hit]:
    """Tell what only its own machine or cluster could reach, and others can now."""
    inside = expression(_INSIDE)
    for pair in pairs_losing(file, _INSIDE):
        was = inside.search(pair.old)
        if not was or inside.search(pair.new) or not expression(_EXPOSED).search(pair.new):
            continue
        if expression(rf"{_COMMENTED}|https?://").search(pair.new):
            continue
        message = "what only its own machine or network could reach is opened to others"
        yield Hit.on(file, pair.new_line, pair.new, message)


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
            _INGRESS,
            "a network newly has a way in",
            only=frozenset({Label.INFRASTRUCTURE}),
            never=frozenset({Label.TEST, Label.DOCS}),
        ),
        Pattern(
            _INGRESS_CALL,
            "a network newly has a way in",
            only=_RUN,
            never=frozenset({Label.TEST, Label.DOCS}),
        ),
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
            r"\bAuth(?:Type|orizer)['\"]?\s*:\s*['\"]?NONE\b|\benable_private_nodes\s*=\s*false",
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
            r"\ballow\s+(?:read|write|create|update|delete)[\w,\t ]*(?::\s*if\s+true\s*)?;|"
            r"['\"]\.(?:read|write)['\"]\s*:\s*(?:true|['\"]true)|"
            r"\bRequire\s+all\s+granted\b|\bAllow\s+from\s+all\b|\bskip-grant-tables\b|--noauth\b|"
            r"\b(?:PermitRootLogin|PasswordAuthentication|PermitEmptyPasswords)\s+yes\b|"
            r"^[ \t]*-[ \t]*['\"]?0\.0\.0\.0:(?:22|2375|3306|5432|6379|9200|11211|27017):|"
            r"\ballow-(?:transfer|update|recursion|query)\s*\{\s*any\s*;|\bdisable_plaintext_auth\s*=\s*no\b|"
            r"\bMYSQL_ALLOW_EMPTY_PASSWORD\b|\ballow_?anonymous['\"]?\s*[:=]\s*true\b|"
            r"\bGF_AUTH_ANONYMOUS_ENABLED['\"]?\s*[:=]\s*['\"]?true",
            "a database or service lets everybody in",
            only=_RUN,
        ),
        Pattern(
            r"(?i)access-control-allow-origin['\"]?\s*[:,=]?\s*['\"]?(?:\*|\$http_origin|"
            r"(?:req|request|ctx|r)\.(?:headers?|get)\b|%\{origin)|"
            r"\ballow(?:ed)?_?origins?(?:_?patterns?)?['\"]?\s*(?:=>|[:=(])\s*\[?\s*['\"]\*['\"]|"
            r"\bcors-allow-origin['\"]?\s*:\s*['\"]?\*|"
            r"\ballow_?origin\(\s*(?:Any|AllowOrigin::any|tower_http::cors::Any)\b|"
            r"\bCors(?:Layer)?::(?:very_)?permissive\b|\ballow_?any_?origin\b|\ballow_?all_?origins?\b|"
            r"^[ \t]*origins\s+['\"]\*['\"]|"
            r"\bCORS\(\s*\w+(?:\s*,\s*supports_credentials\s*=\s*True)?\s*\)|"
            r"\ballow_?origin_?regex['\"]?\s*[:=]\s*r?['\"]\^?\.[*+]|\bcrossorigin\.any\b|"
            r"\bCORS_(?:ALLOW_ALL_ORIGINS|ORIGIN_ALLOW_ALL)\s*=\s*True|"
            r"\b(?:Allow(?:All|Any)Origins?\b|allowedOrigin(?:Pattern)?s?\s*\(\s*\"\*|"
            r"SetIsOriginAllowed)|"
            r"\bAllow(?:ed)?Origins?\b[^\n\"]{0,40}[\"']\*[\"']|\bWithOrigins\(\s*\"\*|"
            r"\baddAllowedOrigin(?:Pattern)?\(\s*\"\*|\bCORS_ORIGINS?\b[^\n]{0,40}(?::-|[=:]\s*['\"]?)(?:true\b|\*)|"
            r"\bCORS_[A-Z_]*['\"]?\s*[:=]\s*['\"]?\*|\b(?:CSRF_TRUSTED_ORIGINS|ALLOWED_ORIGINS)\b[^\n]*['\"](?:https?://)?\*|"
            r"@CrossOrigin\s*(?:\(\s*(?:origins\s*=\s*)?\"\*|$)|"
            r"\bcors\(\s*\{\s*origin\s*:\s*(?:true|['\"]\*)|"
            r"\borigin\s*:\s*(?:['\"]\*['\"]|\(\s*_?origin|true\s*,)|\bheader_up\s+Origin|"
            r"\bcheck_?Origin['\"]?\s*:\s*false|\bCheckOrigin\s*[:=]\s*func[^\n]*return\s+true|"
            r"\bcors_allowed_origins\s*=\s*['\"]\*|\ballowedOrigins?['\"]?\s*[:=]\s*\[?\s*['\"]\*",
            "any page on the web may use this service",
            line=r"^[^\n]{0,1000}$",
            only=_RUN,
        ),
        Pattern(
            r"\bcors\(\)|\bcors\s*:\s*true\b",
            "any page on the web may use this service",
            line=r"^[^\n]{0,1000}$",
            only=_RUN,
            never=frozenset({Label.TEST}),
        ),
    ),
    triggers=(_WORLD,),
    added_triggers=(_SOURCE, _EXPOSED, _ANY, OUTSIDE),
    removed_triggers=(_PORTS, _INSIDE),
    check=check,
    budget=0.006,
    version=5,
)
