r"""A right that was there, and now reaches something or somebody else.

What it flags
    Resources newly named in a cloud policy whose actions stay (`Resource`, `resources`,
    `NotResource` shortened), compared as sets. A line that gives or holds back a right
    and is moved, word for word, to stand under another owner of the same file: a write
    scope from one job to another, an action from one statement to another, `privileged`
    from one service to another, a command from an agent's `deny` list to its `allow`
    list.

Why it matters
    No line of such a change is new, or the new one is only an address. What may be done,
    and to what, changes all the same.

How to review it
    Read the whole statement, job or service that the line now stands in.
    Who holds the right there, and what does that resource hold?
    A `*` after a shorter prefix is a wider resource.

Not flagged
    Resources that are narrowed, or written in another way; lines that are reordered under
    their owner, move together with it, or move further in or out; a write scope of a job that
    only a step of it keeps; where the diff does not show the owners. New actions are found by
    iam-widened.

Seen in
    ATT&CK T1098 (account manipulation) and T1484 (domain or tenant policy modification);
    CWE-266 (incorrect privilege assignment), CWE-732.
"""

from collections import Counter
from collections.abc import Iterator
from fnmatch import fnmatchcase

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, Labels, set_aside
from reviewqueue.scan.rule import FileView, Hit, Rule, Stability, View, expression
from reviewqueue.scan.structure.hunks import shown
from reviewqueue.scan.structure.outline import ITEM, Entry, outline
from reviewqueue.scan.structure.standing import Standing, moved

_PLACES = frozenset({Label.CI, Label.CONTAINER, Label.INFRASTRUCTURE, Label.CONFIG})
_WOKEN = (Label.INFRASTRUCTURE, Label.CONFIG)
_PROGRAMS = _PLACES | {Label.SOURCE}
_ASIDE = frozenset({Label.VENDORED, Label.GENERATED, Label.LOCK, Label.DATA, Label.DOCS})
_RESOURCE = (
    r"\barn:(?:aws|\$\{|\*)|\.[aA]rn\b|\b(?:[Nn]ot_?)?[Rr]esources?['\"]?\s*[:=]\s*\[?\s*['\"]\*|"
    r"^[ \t]*(?:-[ \t]*)?['\"]\*['\"],?[ \t]*$"
)
_PART = (
    r"['\"]?\b(?:Condition|NotAction|NotResource|NotPrincipal|Principal|AWS|"
    r"Federated|CanonicalUser|String(?:Not)?(?:Equals|Like)|Arn(?:Equals|Like)|IpAddress)['\"]?\s*:|"
    r"['\"\s][a-z0-9-]+\.amazonaws\.com['\"]?,?\s*\]?$|"
    r"\baws:(?:Source|Principal|Requested|Resource|Called)[A-Z]\w+|"
    r"^[ \t]*(?:-[ \t]*)?['\"]?[a-z0-9-]+:[A-Z*][\w*]*['\"]?,?[ \t]*$"
)
"""What a policy in JSON or YAML is made of."""
_POLICY = (
    r"(?i)\b(?:not_?)?actions?['\"]?\s*[:=]|\beffect['\"]?\s*[:=]|"
    r"['\"](?:s3|iam|sts|ecr|ec2|kms|rds|es|logs|sqs|sns|ssm|dynamodb|lambda|secretsmanager):\w"
)
_WHOLE_POLICY = (
    r"(?i)\b(?:not_?)?actions?['\"]?\s*[:=]\s*(?:\[|['\"]|[a-z0-9-]+:[A-Z*]|$)|"
    r"\beffect['\"]?\s*[:=]\s*['\"]?(?:allow|deny)\b|\baws_iam_policy_document\b|"
    r"\bassume_?role|^[ \t]*resources\s*=\s*\[|"
    r"\btest\s*=\s*['\"](?:String|Arn|Bool|IpAddress|NotIp|Null|Numeric|Date|ForA)"
)
_VERBS = r"\bverbs['\"]?\s*[:=]"
_NAMES = frozenset({"resource", "resources"})
_WHO = frozenset(
    [
        "identifiers",
        "aws",
        "service",
        "federated",
        "canonicaluser",
        "account_ids",
        "accounts",
        "name_regex",
        "trusted_accounts",
        "allowed_accounts",
        "principal",
        "principals",
        "members",
        "member",
    ]
)
_CONDITIONS = frozenset({"condition", "conditions"})
_UNSAID = frozenset({"test", "variable", "type", "title", "description"})
_EXCEPT = frozenset({"notresource", "not_resources"})
_LEFT_OUT = frozenset({"notaction", "not_actions", "notprincipal", "not_principals"})
_ACTIONS = frozenset({"action", "actions"})
_PARTS = _ACTIONS | {"sid", "effect", "resource", "resources"}
_ELSEWHERE = r"(?i)target_?group|certificate|alarm|log_?group|dashboard|tags?$|output|value$"
"""Addresses under such names give nobody anything."""
_KINDS = {
    "resource": "a policy newly reaches {}",
    "who": "a policy newly holds for {}",
    "condition": "a policy's condition is newly met by {}",
}
_ADDRESS = r"^(?:arn:|\*$|\$\{)|\.[aA]rn\b"
_CONDITION = r"^[ \t]*(?:['\"]?Conditions?['\"]?\s*[:=]|condition\s*\{|dynamic\s+\"condition\")"
_STATEMENT = (
    r"^[ \t]*(?:-[ \t]*)?(?:statement\s*\{|['\"]?(?i:effect|sid)['\"]?\s*[:=]|"
    r"resource\s+\"|data\s+\"|role\s*=)"
)
_SPELLING = str.maketrans("", "", "${}\"' ")
_PATTERNS = 100
"""Addresses with a star, gone, that may have covered others."""
_SHOWN = 80
"""Letters of an owner that a message shows."""
_SCOPES = (
    r"(?:actions|attestations|checks|contents|deployments|id-token|issues|packages|pages|"
    r"pull-requests|security-events|statuses|workflows)"
)
_GRANT = (
    rf"^[ \t]+['\"]?{_SCOPES}['\"]?\s*:\s*['\"]?write\b|"
    r"^[ \t]+secrets\s*:\s*inherit\b|^[ \t]{2,8}environment\s*:\s*['\"]?[\w$]|"
    r"^[ \t]*-?[ \t]*if\s*:[^\n]*(?:author_association|github\.(?:actor|repository)\b|"
    r"\.login\b|head\.repo)|"
    r"^[ \t]*['\"]?(?:privileged|allowPrivilegeEscalation|hostNetwork|hostPID|hostIPC|"
    r"runAsNonRoot|readOnlyRootFilesystem|runAsUser|privileged_mode|persist-credentials|"
    r"automountServiceAccountToken)['\"]?\s*[:=]\s*\w|"
    r"^[ \t]*-[ \t]*['\"]?/(?:var/)?run/docker\.sock|"
    r"^[ \t]*-[ \t]*['\"]?(?:SYS_(?:ADMIN|PTRACE|MODULE|RAWIO)|NET_(?:ADMIN|RAW)|ALL)\b|"
    r"^[ \t]*['\"](?:Bash|Write|Edit|MultiEdit|WebFetch|Read|Shell|mcp__\w+)"
    r"(?:\([^\n]*\))?['\"],?[ \t]*$|"
    r"^[ \t]*['\"]?[Rr]esources?['\"]?\s*[:=]\s*\[?\s*['\"]\*['\"]|"
    r"^[ \t]*['\"]?[Ee]ffect['\"]?\s*[:=]\s*['\"]|"
    r"^[ \t]*['\"][a-z0-9-]+:(?:\*|[A-Z*][A-Za-z*]*)['\"],?[ \t]*$|"
    r"^[ \t]*-[ \t]*['\"]?(?:create|update|patch|delete|deletecollection|impersonate|bind|"
    r"escalate|secrets|pods/exec|serviceaccounts/token)['\"]?[ \t]*$"
)


_WRITES = rf"^[ \t]+['\"]?{_SCOPES}['\"]?\s*:\s*['\"]?write\b"
"""A scope, that gives and never holds back."""


def check(view: View) -> Iterator[Hit]:
    """Mark what policies newly reach and no longer hold back, and rights that moved."""
    settings = (file for file in view.labelled(*_WOKEN) if _may_be_policy(file))
    for file in dict.fromkeys((*settings, *view.where(_RESOURCE))):
        if _is_place(file, _PROGRAMS):
            yield from _compared(file)
    for file in view.where(_GRANT, side=Side.OLD):
        if _is_place(file, _PLACES):
            yield from _moved(file)


def _may_be_policy(file: FileView) -> bool:
    if Label.INFRASTRUCTURE in file.labels:
        return True
    part = expression(_PART)
    return any(part.search(text) for text in (file.added, file.removed) if text)


def _is_place(file: FileView, places: Labels) -> bool:
    """Return whether machines read a file that was there before."""
    if file.status not in {"M", "R"} or file.labels.isdisjoint(places):
        return False
    return file.labels.isdisjoint(_ASIDE) and not set_aside(file.labels)


def _compared(file: FileView) -> Iterator[Hit]:
    """Compare a policy's parts before and after: only what lets more through is told."""
    text = shown(file)
    if expression(_VERBS).search(text):
        return
    is_whole = expression(_WHOLE_POLICY).search(text) is not None
    is_settings = not file.labels.isdisjoint(_PLACES)
    if not (is_whole or is_settings):
        return
    is_policy = is_whole or _is_policy(file, text)
    new, old = list(outline(file, Side.NEW)), list(outline(file, Side.OLD))
    yield from _reached(file, new, old, is_policy=is_policy, is_whole=is_whole)
    if is_policy:
        yield from _excepted(file, new, old)
    if is_whole:
        yield from _unconditional(file)
        yield from _allowed(file, new, old)


def _is_policy(file: FileView, text: bytes) -> bool:
    about = expression(r"(?i)iam|polic|role|permission").search(file.path.encode())
    return about is not None or expression(_POLICY).search(text) is not None


def _reached(
    file: FileView, new: list[Entry], old: list[Entry], *, is_policy: bool, is_whole: bool
) -> Iterator[Hit]:
    """Tell what a policy has more of, unless one that goes covered it."""

    def kind(entry: Entry) -> str:
        return _kind(file, entry, is_policy=is_policy, is_whole=is_whole)

    before = [_spelt(entry) for entry in old if entry.is_changed and "*" in entry.value]
    before = before[:_PATTERNS]
    counted = Counter((kind(entry), _spelt(entry)) for entry in new)
    counted.subtract((kind(entry), _spelt(entry)) for entry in old)
    for entry in new:
        what = kind(entry) if entry.is_changed else ""
        place = (what, _spelt(entry))
        if what and counted[place] > 0 and not any(_covers(was, place[1]) for was in before):
            counted[place] -= 1
            yield entry.hit(file, _KINDS[what].format(entry.value[:120]), discountable=True)


def _kind(file: FileView, entry: Entry, *, is_policy: bool, is_whole: bool) -> str:
    """Return which part of a policy an entry is; empty for none."""
    if not entry.value or entry.value in {"[", "{", "]", "}"}:
        return ""
    if is_whole and (part := _part(entry)):
        return part.strip("-")
    if not expression(_ADDRESS).search(entry.value.encode()):
        return ""
    is_named = entry.key in _NAMES or (not entry.key and entry.value != "*")
    if is_policy and is_named:
        return "resource"
    # In a declaration a list's name can be above what the hunk shows.
    return "resource" if _is_given(file, entry) else ""


def _part(entry: Entry) -> str:
    """Return what an entry is by its names; a dash where it says nothing."""
    if entry.key == "values" or not _CONDITIONS.isdisjoint(entry.under):
        return "-" if entry.key in _UNSAID else "condition"
    if entry.key in _WHO:
        return "who"
    return "resource" if entry.key in _NAMES else ""


def _is_given(file: FileView, entry: Entry) -> bool:
    if Label.INFRASTRUCTURE not in file.labels or entry.value == "*":
        return False
    is_item = entry.path[-1:] == (ITEM,) or not entry.key
    return is_item and not expression(_ELSEWHERE).search(entry.key.encode())


def _excepted(file: FileView, new: list[Entry], old: list[Entry]) -> Iterator[Hit]:
    """Tell what a policy no longer leaves out: addresses, actions and identities."""
    for names in (_EXCEPT, _LEFT_OUT):
        before = [entry for entry in old if entry.key in names and entry.value]
        after = Counter(_spelt(entry) for entry in new if entry.key in names and entry.value)
        lost = [entry for entry in before if entry.is_changed and not after[_spelt(entry)]]
        if lost and len(before) > after.total() > 0:
            told = "what a policy left out is no longer left out"
            yield Hit.on(file, lost[0].number, lost[0].line, told, side=Side.OLD)


def _unconditional(file: FileView) -> Iterator[Hit]:
    """Tell a condition that is gone while its statement stays."""
    regex, statement = expression(_CONDITION), expression(_STATEMENT)
    gone = [(number, text) for number, text in file.removed_lines() if regex.search(text)]
    came = sum(regex.search(text) is not None for _, text in file.added_lines())
    left = sum(statement.search(text) is not None for _, text in file.removed_lines())
    left -= sum(statement.search(text) is not None for _, text in file.added_lines())
    if len(gone) > came and left <= 0:
        number, text = gone[0]
        told = "a condition that held a policy's rights back is gone"
        yield Hit.on(file, number, text, told, side=Side.OLD)


def _allowed(file: FileView, new: list[Entry], old: list[Entry]) -> Iterator[Hit]:
    """Tell actions that a statement denied, and that none denies now."""
    after = Counter(_spelt(entry) for entry in _denied(new))
    if not after or any(value == "*" or value.endswith(":*") for value in after):
        return
    for entry in _denied(old):
        if entry.is_changed and not after[_spelt(entry)]:
            told = f"what was denied no longer is: {entry.value[:120]}"
            yield Hit.on(file, entry.number, entry.line, told, side=Side.OLD)
            return


def _denied(entries: list[Entry]) -> Iterator[Entry]:
    """Yield the actions of the statements that deny, wherever in them the effect stands."""
    statement: list[Entry] = []
    is_denial, seen, last = False, set[str](), ""
    for entry in entries:
        part = next((name for name in entry.under if name in _PARTS), "")
        if entry.key == "statement" or (part and part in seen and part != last):
            yield from statement if is_denial else ()
            statement, is_denial, seen = [], False, set()
        if part:
            seen.add(part)
            last = part
        is_denial = is_denial or (part == "effect" and entry.value.lower() == "deny")
        if part in _ACTIONS and entry.value:
            statement.append(entry)
    yield from statement if is_denial else ()


def _spelt(entry: Entry) -> str:
    """Return a value as it reads in whatever spelling."""
    return entry.value.translate(_SPELLING)


def _covers(pattern: str, address: str) -> bool:
    return fnmatchcase(address, pattern.replace("[", "[[]")) if "*" in pattern else False


def _moved(file: FileView) -> Iterator[Hit]:
    for before, after in moved(file, _GRANT):
        if expression(_WRITES).search(after.whole) and _is_within(before, after):
            continue
        old, new = next(_owners(before, after), ("one place", "another"))
        message = f"what gives or holds back a right is moved from {old} to {new}"
        yield Hit.on(file, after.number, after.whole, message, discountable=True)


def _is_within(before: Standing, after: Standing) -> bool:
    """Return whether a line now stands in a part of what it stood in, under the same name."""
    old, new = ([(owner.text, owner.holds) for owner in line.owners] for line in (before, after))
    around = old[1:]
    if not around or any(holds for _, holds in around) or len(new) <= len(old):
        return False
    return new[:1] == old[:1] and new[-len(around) :] == around


def _owners(before: Standing, after: Standing) -> Iterator[tuple[str, str]]:
    """Yield what the two lines stand in, outwards, as far as both have names that differ."""
    for old, new in zip(before.owners, after.owners, strict=False):
        if old.text != new.text and not (old.holds or new.holds):
            yield _shown(old.text), _shown(new.text)


def _shown(text: bytes) -> str:
    return text.decode("utf-8", "replace")[:_SHOWN]


RULE = Rule(
    id="right-reaches-further",
    pathway=Pathway.PERMISSIONS,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="lets a right that was there reach something or somebody else",
    triggers=(_RESOURCE,),
    removed_triggers=(_GRANT,),
    wakes=frozenset(_WOKEN),
    check=check,
    budget=0.005,
    version=3,
)
