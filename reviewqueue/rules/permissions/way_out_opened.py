r"""A network's rules that let more pass: ports, names and ways out.

What it flags
    In policies of a cluster's network, in a mesh's entries and in lists of where a build may
    send: a port, an address, a name or another part of the cluster that joins what was there, on
    the way in or out (`egress`, `toFQDNs`, `ServiceEntry`, `extraEgress`, `allowed-endpoints`); a
    rule that allows in a policy that denied; ports in a host's list of open ones.

Why it matters
    The way out is what keeps stolen data in. A policy with one more name in it looks as strict
    as before, and lets pass whatever that name stands for.

How to review it
    Which program needs it, and could it be named instead of all? What does the name stand for:
    anybody's buckets lie under a cloud's own domain.

Not flagged
    Policies that are new as a whole, entries that go or move, be it with their whole block to
    another file of the folder; tests and prose. Addresses that may
    come in are opened-to-the-world's.

Seen in
    ATT&CK T1562.007 (disable or modify a cloud's firewall), T1041 and T1567 (exfiltration, over
    a web service); CWE-923.
"""

from collections import Counter
from collections.abc import Iterator, Mapping

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, Labels
from reviewqueue.scan.rule import FileView, Hit, On, Pattern, Rule, Stability, View
from reviewqueue.scan.structure.hunks import shown
from reviewqueue.scan.structure.moved_blocks import Place, moved_blocks
from reviewqueue.scan.structure.openers import Openers
from reviewqueue.scan.structure.outline import Entry, outline
from reviewqueue.scan.structure.pairs import finds

_SETTINGS = frozenset({Label.CONFIG, Label.INFRASTRUCTURE, Label.CI})
_DECLARED = frozenset({Label.CONFIG, Label.INFRASTRUCTURE})
_ASIDE = frozenset({Label.TEST, Label.DOCS, Label.GENERATED, Label.VENDORED, Label.LOCK})
_PART = (
    r"^[ \t]*-?[ \t]*['\"]?(?:port|endPort|cidr|match(?:Name|Pattern)|dnsName|cidrSelector|"
    r"toFQDNs|toEntities|toCIDR|toCIDRSet|"
    r"namespaceSelector|podSelector|ipBlock|extraEgress|egress|action|nets|domains)['\"]?[ \t]*:"
)
_ABOUT = r"(?i)network_?-?polic|\begress\b|extraEgress|toFQDNs|\btoEntities\b|netpol"
_PATH = r"(?i)netpol|network[_-]?polic|egress"
_KEYS = frozenset(
    {
        "port",
        "endport",
        "cidr",
        "matchname",
        "dnsname",
        "cidrselector",
        "matchpattern",
        "toentities",
        "tocidr",
        "nets",
        "domains",
    }
)
_OUT = frozenset(
    {"egress", "extraegress", "egressrules", "tofqdns", "toentities", "tocidr", "tocidrset"}
)
_SELECTS = frozenset({"namespaceselector", "podselector", "ipblock"})
_NOT = frozenset({"except", "egressdeny", "ingressdeny", "todeny"})
_ENDPOINT = r"^[ \t]*(?:-[ \t]+)?['\"]?[\w*.-]+\.[a-z]{2,}(?::\d{2,5})?['\"]?,?[ \t]*\\?[ \t]*$"
_ENDPOINTS = (
    r"(?i)allowed[_-](?:endpoints|domains|hosts|urls)|egress|outbound|network_?domains|"
    r"\bfor[ \t]+\w*(?:domain|host|endpoint)\w*[ \t]+in\b"
)
_OPEN_PORTS = (
    r"(?i)\b(?:\w+_)?(?:firewall|ufw|iptables|open|allowed)_(?:\w+_)?(?:tcp_|udp_)?ports\b|"
    r"\bfirewall_rules\b"
)
_NUMBER = r"^[ \t]*-[ \t]*['\"]?(?:\d{2,5}(?::\d+)?(?:/(?:tcp|udp))?|\d{2,5}-\d{2,5})['\"]?[ \t]*$"
_WAY = (
    r"\bresource\s+\"(?:aws_vpc_security_group_egress_rule|google_compute_router_nat|"
    r"aws_nat_gateway|aws_vpc_peering_connection\w*|google_compute_network_peering|"
    r"azurerm_virtual_network_peering|aws_ec2_transit_gateway_vpc_attachment)\""
)
_NEW_WAY = "a network newly has a way out"
_ABOVE = 40
"""Lines above an entry in which the name of its list stands."""
_MOST = 50
"""Entries of a list that are looked at."""


def check(view: View) -> Iterator[Hit]:
    """Compare what network rules let pass, before and after."""
    for file in view.where(_PART, side=Side.NEW):
        if _counts(file) and finds(_ABOUT)(shown(file) + file.path.encode()):
            yield from _opened(file)
    for file in view.where(_NUMBER, _ENDPOINT, side=Side.NEW):
        if _counts(file, _SETTINGS | {Label.SCRIPT}):
            yield from _listed(file)
    for file in view.where(_WAY, side=Side.NEW):
        if file.labels.isdisjoint(_ASIDE) and not file.labels.isdisjoint(_DECLARED):
            yield from _ways(file, view.once(moved_blocks))


def _counts(file: FileView, where: Labels = _SETTINGS) -> bool:
    is_meant = file.labels.isdisjoint(_ASIDE) and not file.labels.isdisjoint(where)
    return is_meant and file.status in {"M", "R"}


def _opened(file: FileView) -> Iterator[Hit]:
    """Tell the first port, name or part of the cluster that newly passes."""
    is_policy = finds(_PATH)(file.path.encode())
    before = Counter(
        (entry.key, entry.value) for entry in outline(file, Side.OLD) if entry.is_changed
    )
    for entry in outline(file, Side.NEW):
        place = (entry.key, entry.value)
        if not entry.is_changed or not _passes(entry, is_policy=is_policy):
            continue
        if before[place] > 0:
            before[place] -= 1
            continue
        yield entry.hit(file, f"a network's rule lets more pass: {entry.key} {entry.value[:60]}")
        return


def _passes(entry: Entry, *, is_policy: bool) -> bool:
    """Return whether an entry says what passes by a rule of a network."""
    names = set(entry.under)
    if names & _NOT or not entry.value:
        return False
    if entry.key == "action":
        return entry.value.lower() == "allow"
    is_part = entry.key in _KEYS or names & _SELECTS
    return bool(is_part and (is_policy or names & _OUT))


def _ways(file: FileView, moved: Mapping[Place, frozenset[int]]) -> Iterator[Hit]:
    """Tell ways out of a network that are declared, and stood in no other file before."""
    elsewhere = moved.get((file.path, Side.NEW), frozenset())
    for line in file.new(_WAY):
        if line.number not in elsewhere:
            yield Hit.at(file, line, _NEW_WAY, discountable=True)


def _listed(file: FileView) -> Iterator[Hit]:
    """Tell the first port, or host, that joins a list by its name."""
    openers = Openers(file, reach=_ABOVE)
    kinds = (
        (_NUMBER, _OPEN_PORTS, "a host has one more open port"),
        (_ENDPOINT, _ENDPOINTS, "what runs here may send to one more place"),
    )
    for trigger, name, message in kinds:
        for line in file.new(trigger)[:_MOST]:
            if line.number and finds(name)(openers.above(line.number)):
                yield Hit.at(file, line, message)
                break


RULE = Rule(
    id="way-out-opened",
    pathway=Pathway.PERMISSIONS,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="lets more pass by a network's rules",
    patterns=(
        Pattern(
            r"^kind:[ \t]*['\"]?(?:ServiceEntry|EgressGateway|EgressFirewall|"
            r"CiliumEgressGatewayPolicy)\b|"
            r"\blocation:[ \t]*['\"]?MESH_EXTERNAL\b|\bmode:[ \t]*['\"]?ALLOW_ANY\b",
            _NEW_WAY,
            only=_DECLARED,
            never=_ASIDE,
        ),
        Pattern(
            r"\bnetwork(?:_mode|Mode)?['\"]?\s*[:=]\s*['\"]?none\b|--network[= ]none\b|"
            r"--net[= ]none\b|^[ \t]*internal['\"]?\s*:\s*true\b",
            "what ran without a network, or only with its own, newly has one",
            on=On.REMOVED,
            only=frozenset({Label.CONTAINER, Label.INFRASTRUCTURE, Label.SCRIPT}),
            never=_ASIDE,
        ),
        Pattern(
            r"\b(?:allowExternal(?:Egress)?|allow_?(?:all_?)?egress|egressAllowAll|"
            r"allowAllEgress)['\"]?\s*[:=]\s*"
            r"['\"]?true\b|\bpolicyTypes['\"]?\s*:\s*\[\s*\]",
            "a network's rules no longer hold back what goes out",
            only=_DECLARED,
            never=_ASIDE,
        ),
    ),
    added_triggers=(_PART, _NUMBER, _ENDPOINT, _WAY),
    check=check,
    budget=0.004,
    version=2,
)
