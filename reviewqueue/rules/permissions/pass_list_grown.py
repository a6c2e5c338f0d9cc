r"""A list of who or what passes by a check, one entry longer.

What it flags
    Entries that join a list of what need not show more: addresses and networks that may come in
    (`TRUSTED_NETWORKS`, `allow 203.0.113.5;` of a server, `Require ip`, a line of `pg_hba.conf`, a
    rule that accepts), paths and routes that are public or exempt, models and tools that everybody
    may use, users and domains that a check leaves out. In code, in settings and in the words of
    servers and firewalls, where the list was there before; also in a file that is such a list
    by its own name. Also a list that is new, where its name says that what is on it is excused
    from a check (`skip_auth_routes`, `unprotected`, `allow-unauthenticated`), and a list of what
    alone is allowed that is emptied.

Why it matters
    The check stays as it is, and its tests pass: who is let by stands in the list. One more
    address is one more machine from which the door is open.

How to review it
    Whose address, path or name is it, and who asked for it? Is it still theirs in a year?
    Does what is let by change anything, or show what is others'?

Not flagged
    Other lists that are new as a whole, entries that are moved or go, a machine's own addresses,
    lists of what is refused, what a list's own file imports; files of words, of lints and of tests;
    comments, tests and prose. What HTML is cleaned to is allow-list-widened's.

Seen in
    ATT&CK T1562.007 (modify a firewall), CWE-183 (permissive list of allowed inputs), CWE-306
    (missing authentication for a critical function), OWASP A01:2021.
"""

from collections.abc import Iterator, Sequence

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.effects.excused import EXCUSES, HELD_TO, excused, is_emptied
from reviewqueue.scan.effects.exempted import ELEMENT, LISTED, entries, lets_more_past
from reviewqueue.scan.effects.guards import is_program
from reviewqueue.scan.rule import FileView, Hit, Pattern, Rule, Stability, View, expression
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.hunks import Marked, numbered, shown_after
from reviewqueue.scan.structure.pairs import Pair, finds, pairs_losing

_RUN = frozenset({Label.SOURCE, Label.CONFIG, Label.INFRASTRUCTURE, Label.CONTAINER, Label.SCRIPT})
_ASIDE = frozenset(
    {
        Label.TEST,
        Label.DOCS,
        Label.GENERATED,
        Label.VENDORED,
        Label.LOCK,
        Label.DATA,
        Label.CI,
        Label.AGENT_INSTRUCTIONS,
    }
)
_PASSES = (
    r"(?:public|exempt(?:ed)?|skip(?:ped)?|bypass(?:ed)?|allow(?:ed)?|trusted|white_?list(?:ed)?|"
    r"unauthenticated|no_?auth|anonymous|unprotected|excluded?_?(?:from_?)?(?:auth|csrf)|open|"
    r"internal|permit(?:ted)?|authorized|admin|vpn|office|privileged|un(?:limited|metered|guarded)|"
    r"ignored?_?auth|guest|free)"
)
_WHAT = (
    r"(?:ips?|ip_?addresses|addresses|networks?|cidrs?|ranges|subnets|paths?|routes?|urls?|uris?|"
    r"endpoints?|prefix(?:es)?|models?|actions|views|pages|controllers|methods|operations|users?|"
    r"emails?|accounts|clients|tenants|orgs|domains|procedures|rpcs|queries|mutations)"
)
_LIST = (
    rf"(?i)\b\w*{_PASSES}_?(?:\w+_)?{_WHAT}\b|\b(?:allowed|trusted|exempt(?:ed|ions)?|"
    rf"permitted)\b['\"]?[ \t]*[:=]|\b(?:ips?|cidrs?|paths?|routes?|urls?)_?"
    r"(?:allow|white)_?(?:list|ed)\b|\bsrcIpRanges\b|\b(?:ip|auth|path|route|model)_?(?:allow|"
    r"white)list\b|"
    r"\b(?:allow|white)list_?(?:ips?|paths?|routes?|models?)\b"
)
"""A list by its name of what passes."""
_NO_LIST = (
    r"(?i)deny|denied|block|forbid|private|disallow|reject|\bnot_|restricted|reserved|protected_|"
    r"metadata|\btest|mock|example|fixture|static|assets|image|cache|sitemap|robots"
)
_ITEM = (
    r"^[ \t]*(?:-[ \t]+)?(?:(?:r|b|f|re_path\(|path\(|re\.compile\(r?|regexp\.MustCompile\()?"
    r"['\"`/][^'\"`\n]{1,100}['\"`]?\)?(?:[ \t]*(?::|=>)[ \t]*(?:true|\{\}|struct\{\}\{\}))?|"
    r"[/\w][\w./*:-]{2,80})[ \t]*,?[ \t]*(?:(?:#|//)[^\n]*)?$"
)
_ENTRY = (
    r"^[ \t]*(?:-[ \t]+)?['\"][\w./*{}:^$@()?+\\-]+['\"](?:[ \t]*(?::|=>)[ \t]*(?:true|\{\}|"
    r"struct\{\}\{\}))?,?[ \t]*$|^[ \t]+-?[ \t]*/\w[\w/*.:-]*[ \t]*$|"
    r"^[ \t]*-[ \t]+\d{1,3}(?:\.\d{1,3}){3}(?:/\d+)?[ \t]*$"
)
"""An entry on a line of its own."""
_SAME_LINE = (
    rf"(?:{_LIST})['\"]?[ \t]*(?::[ \t]*[\w<>\[\]., |]+?)?[ \t]*(?:[:=]=?>?)[ \t]*(?:new )"
    rf"?[\w.<>]*[ \t]*[\[({{]"
)
_ADDRESS = r"\b\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,2})?\b"
_ADMITTED = (
    r"(?i)allow|trust|permit|white|\bacl\b|remote_ip|source|\bsrc\b|\bfrom\b|authorized|admin|"
    r"ranges?\b|proxies"
)
_NO_ADDRESSES = (
    r"(?i)deny|denied|block|forbid|reject|no_?proxy|route|dns|nameserver|version|subnet|listen|"
    r"bind|allowed_?hosts|destination"
)
_TEXTS = r"['\"`]([^'\"`\n]{2,100})['\"`]"
_OWN = (
    r"^(?:127\.|localhost|::1|10\.0\.0\.1\b|/(?:health\w*|healthz|ready\w*|live\w*|ping|up|"
    r"favicon\.ico|robots\.txt|static/?|assets/?)/?\*?$)"
)
_OPENS = r"[\[({:=]\s*$|%[wi][\[({]|=\s*new\b|\bHashSet|\bset\("
_AROUND = b" \t,-"
"""What stands around an entry."""
_QUOTES = b"'\""
_ABOVE = 40
"""Lines above an entry in which the name of its list stands."""
_SHOWN = 2_000
"""Lines of a hunk that are read."""
_TOLD = "on a list of what passes by a check, newly: {}"
_ONE_MORE = "one more is let through by a list in this file"


def check(view: View) -> Iterator[Hit]:
    """Compare lists, by their names, before and after."""
    for file in view.where(_ENTRY, ELEMENT, side=Side.NEW):
        yield from _entered(file)
    yield from _named(view)
    for file in filter(_counts, view.where(_ADDRESS, side=Side.OLD)):
        for pair in pairs_losing(file, _ADDRESS):
            yield from _reached(file, pair)
    for file in filter(_counts, view.where(_LIST, LISTED, side=Side.OLD)):
        for pair in pairs_losing(file, _LIST, LISTED):
            yield from _longer(file, pair)


def _named(view: View) -> Iterator[Hit]:
    """Tell lists that are new and excuse by their name, and those that are emptied."""
    for file in view.where(EXCUSES, side=Side.NEW):
        if file.status != "D" and file.labels.isdisjoint(_ASIDE):
            for number, text in excused(file):
                yield Hit.on(file, number, text, "a list excuses what is on it from a check")
    for file in filter(_counts, view.where(HELD_TO, side=Side.OLD)):
        for pair in filter(is_emptied, pairs_losing(file, HELD_TO)):
            told = "a list of what alone was allowed is empty: does that allow everything?"
            yield Hit.on(file, pair.new_line, pair.new, told)


def _counts(file: FileView) -> bool:
    is_meant = file.labels.isdisjoint(_ASIDE) and not file.labels.isdisjoint(_RUN)
    return is_meant and file.status in {"M", "R"}


def _entered(file: FileView) -> Iterator[Hit]:
    """Tell what joins a list of places, or a file that is one; of others, the first of a hunk."""
    listed = dict(entries(file)) if is_program(file) else {}
    for number, text in listed.items():
        yield Hit.on(file, number, text, _ONE_MORE)
    if _counts(file) and finds(_LIST)(shown_after(file)):
        for hunk in file.hunks():
            joined = _joined(file, numbered(hunk, _SHOWN))
            yield from (hit for hit in joined if hit.line not in listed)


def _joined(file: FileView, lines: Sequence[Marked]) -> Iterator[Hit]:
    """Tell the first entry of a hunk that joins a list which was there."""
    if not any(finds(_LIST)(text) for _, _, text in lines):
        return
    gone = {text.strip(_AROUND) for mark, _, text in lines if mark == b"-"}
    named, opened = False, -1
    for place, (mark, number, text) in enumerate(lines):
        if mark == b"-" or is_comment(text):
            continue
        if not finds(_ITEM)(text) or finds(_OPENS)(text):
            named, opened = mark == b" " and _names_list(text), place
        elif mark == b"+" and named and place - opened <= _ABOVE and finds(_ENTRY)(text):
            entry = text.strip(_AROUND)
            if entry not in gone and not finds(_OWN)(entry.strip(_QUOTES)):
                told = _TOLD.format(entry.strip(_QUOTES).decode("utf-8", "replace"))
                yield Hit.on(file, number, text, told)
                return


def _names_list(text: bytes) -> bool:
    return finds(_LIST)(text) and finds(_OPENS)(text.rstrip()) and not finds(_NO_LIST)(text)


def _reached(file: FileView, pair: Pair) -> Iterator[Hit]:
    """Tell a line of addresses that kept those it had, and has more."""
    if is_comment(pair.new) or finds(_NO_ADDRESSES)(pair.new) or not finds(_ADMITTED)(pair.new):
        return
    was, now = (set(expression(_ADDRESS).findall(text)) for text in (pair.old, pair.new))
    if now > was:
        told = _TOLD.format(min(now - was).decode("latin-1"))
        yield Hit.on(file, pair.new_line, pair.new, told)


def _longer(file: FileView, pair: Pair) -> Iterator[Hit]:
    """Tell a list on one line that kept its entries, and has more."""
    if is_comment(pair.new):
        return
    came = _came(pair)
    if came or lets_more_past(pair):
        told = _TOLD.format(min(came).decode("utf-8", "replace")) if came else _ONE_MORE
        yield Hit.on(file, pair.new_line, pair.new, told)


def _came(pair: Pair) -> list[bytes]:
    """Return the entries of a list on one line that are new; none where an old one went."""
    if not all(finds(_SAME_LINE)(text) for text in (pair.old, pair.new)):
        return []
    if finds(_NO_LIST)(pair.new.partition(b"=")[0]):
        return []
    was, now = (set(expression(_TEXTS).findall(text)) for text in (pair.old, pair.new))
    return [] if was - now else [entry for entry in now - was if not finds(_OWN)(entry)]


RULE = Rule(
    id="pass-list-grown",
    pathway=Pathway.PERMISSIONS,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="puts one more on a list of what passes by a check",
    patterns=(
        Pattern(
            r"^[ \t]*allow[ \t]+(?:\d{1,3}\.\d|[0-9a-fA-F]{1,4}:)[\d./:a-fA-F]*[ \t]*;|"
            r"^[ \t]*Require[ \t]+(?:ip|host|forward-dns)[ \t]+\S|"
            r"^[ \t]*Allow[ \t]+from[ \t]+[\d.]{3}|"
            r"^[ \t]*(?:sshd|ALL|in\.\w+)[ \t]*:[ \t]*(?:\d{1,3}\.|ALL\b)",
            "another address may reach what a server holds back",
            only=_RUN,
            never=frozenset({Label.TEST, Label.DOCS}),
        ),
        Pattern(
            r"^[ \t]*(?:host(?:no)?(?:ssl|gssenc)?|local)[ \t]+[^\s=]|"
            r"\btype:[ \t]*['\"]?host(?:ssl)?\b",
            "somebody else may sign in to a database",
            line=r"^[ \t]*(?:host(?:no)?(?:ssl|gssenc)?|"
            r"local)[ \t]+\S+[ \t]+\S+[ \t]+(?:\S+[ \t]+)?(?:trust|md5|password|"
            r"scram-sha-256|peer|ident|cert|ldap)\b|"
            r"\btype:[ \t]*['\"]?host(?:ssl)?\b[^\n]*\baddress:",
            globs=("*pg_hba*", "*postgres*", "*.y*ml", "*.conf*", "*.j2"),
            never=frozenset({Label.TEST, Label.DOCS}),
        ),
        Pattern(
            r"(?:^|\s)-[AI][ \t]+(?:INPUT|FORWARD)\b[^\n]*-j[ \t]+ACCEPT\b|"
            r"\bfirewall-cmd\s[^\n]*--add-(?:port|service|source|rich-rule|forward-port)|"
            r"^[ \t]*(?:ip6?\s+saddr\s[^\n]*|(?:tcp|udp)\s+dport\s[^\n]*)\baccept\b|"
            r"\bNew-NetFirewallRule\b[^\n]*Allow|\bnetworking\.firewall\.(?:allowed|trusted|"
            r"interfaces)\w*|"
            r"\ballowed(?:TCP|UDP)Port(?:Range)?s\s*=",
            "a firewall lets more in",
            line=r"^[^\n]{0,1000}$",
            never=_ASIDE,
        ),
        Pattern(
            r"\bPUBLIC_ACCESS\b|\bIS_AUTHENTICATED_ANONYMOUSLY\b|^acl[ \t]+\S+[ \t]+(?:dstdomain|"
            r"dst|src)[ \t]|^http_access[ \t]+allow[ \t]",
            "who comes this way, or goes there, is let pass",
            only=frozenset({Label.CONFIG, Label.INFRASTRUCTURE}),
            never=_ASIDE,
        ),
        Pattern(
            r"^[ \t]*<(?:port|service|source|forward-port)\s",
            "a firewall lets more in",
            line=r"\s(?:port|name|address|protocol)=",
            globs=("*firewalld*", "*/zones/*.xml"),
        ),
    ),
    added_triggers=(_ENTRY, ELEMENT, EXCUSES),
    removed_triggers=(HELD_TO, _LIST, LISTED, _ADDRESS),
    check=check,
    version=5,
    budget=0.005,
)
