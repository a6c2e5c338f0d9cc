"""Somebody's level of access raised, in the files that say who may do what.

What it flags
    In files of members, teams, projects and access: a name added to a list of owners,
    administrators, maintainers, approvers or writers; a role, permission or level that becomes
    a higher one (`read` to `admin`, `guest` to `owner`), also in Terraform and in a tool's
    settings; a new entry of the highest rank. In other settings and in declared infrastructure:
    a name added to a list of who may read, write, own or pass by, where a right is spoken of;
    what was private and is public; a secret newly handed to repositories. Anywhere: commands
    and settings that make somebody owner of a package, collaborator of a repository or
    administrator of a tool.

Why it matters
    Where access is kept as data, one line of JSON is the whole act of giving it, and nothing
    else of the change looks like security. What such a file says is carried out by a robot.

How to review it
    Does the person exist, under exactly this name, and who asked for the access?
    Is the level needed for good? Has somebody who answers for the project agreed?

Not flagged
    Names that are removed, moved or re-ordered; levels that become lower; people named on a
    page only. A plain member is only noted where the file speaks of no rights. Ports, one a line,
    are way-out-opened's.

Seen in
    event-stream (November 2018): a stranger was made maintainer, and published the theft of
    wallets. xz (CVE-2024-3094): the persona behind it was first made a maintainer. ATT&CK T1098
    (account manipulation).
"""

from collections import Counter
from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, set_aside
from reviewqueue.scan.rule import FileView, Hit, On, Pattern, Rule, Stability, View, expression
from reviewqueue.scan.structure.hunks import shown_after
from reviewqueue.scan.structure.openers import Openers
from reviewqueue.scan.structure.outline import ITEM, Entry, cut, gained, outline
from reviewqueue.scan.structure.pairs import Pair, blocks, changed_tokens, finds, paired

_PLACES = frozenset({Label.CONFIG, Label.INFRASTRUCTURE, Label.MEMBERS, Label.RIGHTS})
_RUN = _PLACES | {Label.SCRIPT, Label.CI, Label.BUILD, Label.HOOK}
_RANKS = {
    name: rank
    for rank, names in enumerate(
        (
            "none no noone disabled nobody",
            "minimal guest pull read reader viewer view readonly anonymous authenticated",
            "triage reporter member user contributor commenter basic standard limited",
            "write push writer developer editor edit collaborator operator readwrite modify",
            "maintain maintainer manager manage moderator lead",
            "admin administer administrator owner root superuser super full everything",
        )
    )
    for name in names.split()
}
_HIGH, _HIGHEST = 3, 5
_SHOWN = 2_000
"""Lines of a hunk in which a list of names is looked for."""
_NAMES = "|".join(sorted(_RANKS))
_LEVEL = (
    rf"(?i)(?:role|permission|access|level|privilege|grade|right)s?['\"]?\s*[:=]\s*\[?\s*['\"]?"
    rf"(?:{_NAMES})\b"
)
"""A level by its usual names, on one line."""
_ANY_LEVEL = rf"{_LEVEL}|[:=]\s*['\"]?(?:{_NAMES})['\"]?,?\s*$"
"""A level under any name: for files that hold nothing else."""


def _set(names: str) -> frozenset[str]:
    return frozenset(names.split())


_LEADING = _set(
    "admin admins administrators owner owners maintainer maintainers maintain approver "
    "approvers lead leads root superusers sudoers committers push write writers developers "
    "stewards core operators bypass bypass_actors release-managers release_managers releasers "
    "publishers recipe-maintainers codeowners security"
)
_BELONGING = _set(
    "member members user users collaborators people triage read reviewers contributors teams "
    "usernames logins accounts groups"
)
_LEVELS = _set(
    "role roles permission permissions access access_level accesslevel level privilege "
    "org_role orgrole"
)
_RIGHTS = (
    r"(?i)\b(?:permissions?|access|privacy|repos|repositories|roles?|bypass|levels?|paths|leads?|"
    r"owners?|admins?|maintainers?)\b"
)
_WORD_ALONE = (
    r":\s*['\"](?:guest|reporter|developer|maintainer|owner|admin|triage|maintain|write|push|pull|"
    r"read|viewer|editor|member)['\"],?\s*$"
)
"""A level under anybody's name: what stands around it says whether it is one of access."""
_AROUND = r"(?i)access|permission|member|collaborator|role|grant|acl|maintainers|teams?\b"
_WHO_LIST = (
    r"(?i)\b[\w-]*(?:members?|users?|groups?|teams?|viewers?|editors?|readers?|writers?|owners?|"
    r"bypass\w*|subscribers?|principals?|admins?|approvers?|maintainers?|collaborators?|"
    r"_access|(?:allowed|trusted|permitted)_\w+s|service_?accounts?|superusers?|sudoers?|subjects?|"
    r"identit(?:y|ies)|issuers?|committers?|operators?|"
    r"capabilities|permissions|privileges|scopes|policies|roles|grants|rights)"
    r"['\"]?\s*(?:=>|[:=])\s*(?:[\[{]|$)"
)
_IS_WHO = (
    r"(?:^|[_-])(?:members?|users?|(?:work)?groups?|teams?|viewers?|editors?|readers?|writers?|"
    r"owners?|bypass\w*|subscribers?|principals?|admins?|approvers?|maintainers?|"
    r"collaborators?|service_?accounts?|superusers?|sudoers?|subjects?|identit(?:y|ies)|issuers?|"
    r"committers?|operators?)$|_access$|(?:^|[:._-])(?:allowed|trusted|permitted)_\w+s$"
)
_WHO_VALUE = (
    r"(?i)(?:^[ \t]*(?:-[ \t]+)?|\{[ \t]*)['\"]?[\w.:-]*(?:users?|members?|groups?|teams?|"
    r"admins?|owners?|approvers?|"
    r"maintainers?|sudoers?|superusers?|principals?|accounts?|account_ids|identifiers|arns|name_regex)"
    r"['\"]?\s*(?:=>|[:=])\s*\S"
)
_JOINS = r"(?i)\s\+\s|\b(?:concat|(?:set)?union|merge|combine|flatten|distinct)\b"
_PRIVILEGED = (
    r"(?i)admin|sudo|root|super|owner|maint|approv|privil|power|assum|principal|trust|operator|dba|"
    r"deploy|release|ssh|access|iam|account"
)
_TOP = "a tool's highest rights are given"
_PORTS = r"(?i)allowed_(?:\w+_)?ports$"
_PORT = r"^[ \t]*-[ \t]*['\"]?\d{2}"
_MAY_LIST = (
    r"(?i)(?:^|[_-])(?:capabilit(?:y|ies)|permissions?|privileges?|scopes|policies|roles|grants|rights|"
    r"operations|managed_policy_arns)$"
)
_STRONG = (
    r"(?i)(?:^|[\W_])(?:create|update|delete|write|writer|admin\w*|sudo|root|manage\w*|power\w*|"
    r"full\w*|edit|editor|owner|patch|exec|all|rw|readwrite|super\w*|impersonate)(?:[\W_]|$)|^\*$"
)
_IDENTIFIES = frozenset({"email", "username", "login", "github", "user", "arn", "principal"})
_SPEAKS_OF_RIGHTS = (
    r"(?i)(?:^|[\W_])(?:roles?|access|permissions?|visibility|grants?|acls?|privileges?|authz|"
    r"authoriz\w+|rights?|bypass\w*|viewers|readers|writers|push|pull|admins?|sudo\w*|ssh|allowed|"
    r"trusted|permitted|superusers?|polic(?:y|ies)|capabilit(?:y|ies)|rbac|vault|privileged|oidc\w*|assume\w*|irsa|iam|login)(?:[\W_]|$)|"
    r"\b(?:user|group|workgroup|serviceaccount|domain|principalset):[\w@.-]+"
)
_ASIDE = frozenset({Label.GENERATED, Label.VENDORED, Label.LOCK, Label.DOCS})
_NO_LIST = _ASIDE | {Label.MANIFEST, Label.CI, Label.BUILD}
_SWITCHED_ON = (
    r"(?i)^[ \t]*['\"]?[\w./-]*(?:admin|owner|write|push|maintain|bypass)[\w-]*['\"]?\s*[:=]\s*"
    r"true\b"
)


def check(view: View) -> Iterator[Hit]:
    """Compare who is on which list, and at which level, before and after."""
    members = {file for file in view.labelled(Label.MEMBERS) if _counts(file)}
    for file in view.labelled(Label.MEMBERS):
        if file in members and file.added and file.status != "D":
            yield from _joined(file)
            yield from _raised(file, _ANY_LEVEL)
            yield from cut(file, "who has access is not compared from here on: too long")
    for file in view.labelled(Label.CONFIG, Label.INFRASTRUCTURE):
        if file not in members and file.status == "M" and _is_read(file):
            yield from _listed(file)
            yield from _extended(file)
    for file in view.where(_LEVEL, _WORD_ALONE, side=Side.OLD):
        if file not in members and _counts(file):
            yield from _raised(file, f"{_LEVEL}|{_WORD_ALONE}")


def _counts(file: FileView) -> bool:
    is_aside = set_aside(file.labels) or not file.labels.isdisjoint(_ASIDE)
    return not is_aside and not file.labels.isdisjoint(_PLACES)


def _joined(file: FileView) -> Iterator[Hit]:
    """Tell names that a list gained, levels of the highest rank, and rights switched on."""
    text = shown_after(file) + file.path.encode()
    is_of_rights = expression(_RIGHTS).search(text) is not None
    for entry in gained(file, _LEADING | _BELONGING | _LEVELS):
        yield from _told(file, entry, is_of_rights=is_of_rights)
    for number, text in file.added_lines():
        if is_of_rights and expression(_SWITCHED_ON).search(text):
            yield Hit.on(file, number, text, "a wide right is switched on for somebody")


def _is_read(file: FileView) -> bool:
    return bool(file.added) and not set_aside(file.labels) and file.labels.isdisjoint(_NO_LIST)


def _extended(file: FileView) -> Iterator[Hit]:
    """Tell lists of who may do more that are joined with another, and names matched by more."""
    who, joins = expression(_WHO_VALUE), expression(_JOINS)
    if not (b"regex" in file.added or joins.search(file.added)):
        return
    for block in blocks(file, _WHO_VALUE):
        for pair in paired(block):
            if not (who.search(pair.new) and expression(_PRIVILEGED).search(pair.new)):
                continue
            changed = changed_tokens(pair)
            is_wider = b"|" in changed.came and b"regex" in pair.new
            if is_wider or len(joins.findall(pair.new)) > len(joins.findall(pair.old)):
                message = "who may do this is joined with another list"
                yield Hit.on(file, pair.new_line, pair.new, message)


def _listed(file: FileView) -> Iterator[Hit]:
    """Tell names that a list of who may do what gained."""
    shown = b"\n".join(line[1:] for _, _, lines in file.hunks() for line in lines[:_SHOWN])
    if not all(expression(regex).search(shown) for regex in (_WHO_LIST, _SPEAKS_OF_RIGHTS)):
        return
    who, named = expression(f"{_IS_WHO}|{_MAY_LIST}"), expression(_IS_WHO)
    strong = expression(_STRONG)
    new, old = (
        [entry for entry in outline(file, side) if entry.value and who.search(_list(entry))]
        for side in (Side.NEW, Side.OLD)
    )
    before = Counter((entry.key, entry.value) for entry in old)
    for entry in new:
        place = (entry.key, entry.value)
        if before[place] > 0:
            before[place] -= 1
        elif not (entry.is_changed and _is_name(entry)):
            continue
        elif named.search(_list(entry)) or strong.search(entry.value.encode()):
            yield entry.hit(file, f"newly among the {entry.key}: {entry.value[:80]}")


def _list(entry: Entry) -> bytes:
    """Return the name of the list that an entry, or what identifies one of its items, is in."""
    is_one = entry.key in _IDENTIFIES and ITEM in entry.path and len(entry.under) > 1
    return (entry.under[-2] if is_one else entry.key).encode()


def _is_name(entry: Entry) -> bool:
    if b"\\n" in entry.line or b". " in entry.line:
        return False
    if finds(_PORTS)(_list(entry)) and finds(_PORT)(entry.line):
        return False
    is_item = (
        entry.path[-1:] == (ITEM,)
        or entry.key in _IDENTIFIES
        or entry.line.rstrip().endswith((b"]", b"],"))
    )
    return is_item and expression(r"^[\w$.{}@:/+*-]+$").search(entry.value.encode()) is not None


def _told(file: FileView, entry: Entry, *, is_of_rights: bool) -> Iterator[Hit]:
    rank = _RANKS.get(entry.value.lower(), 0)
    if entry.key in _LEVELS:
        if rank >= _HIGHEST and file.status != "A":
            yield entry.hit(file, f"somebody has the highest level of access: {entry.value}")
    elif entry.key in _LEADING and not rank and entry.value not in {"true", "false"}:
        yield entry.hit(file, f"newly among the {entry.key}: {entry.value}")
    elif entry.key in _BELONGING and not rank:
        severity = None if is_of_rights else Severity.LOW
        message = f"newly belongs to those who have access: {entry.value}"
        yield entry.hit(file, message, severity=severity)


def _raised(file: FileView, level: str) -> Iterator[Hit]:
    """Tell levels that became higher ones in their place."""
    matches = expression(level).search
    openers, around = Openers(file), expression(_AROUND)
    for block in blocks(file, level):
        for pair in paired(block):
            if not (matches(pair.old) and matches(pair.new)):
                continue
            places = (pair.new, openers.above(pair.new_line), file.path.encode())
            if expression(_LEVEL).search(pair.new) or any(map(around.search, places)):
                yield from _step(file, pair)


def _step(file: FileView, pair: Pair) -> Iterator[Hit]:
    for old, new in changed_tokens(pair).swapped:
        was, now = (_RANKS.get(word.decode("latin-1").lower(), -1) for word in (old, new))
        if 0 <= was < now >= _HIGH:
            message = f"a level of access is raised: {old.decode()} → {new.decode()}"
            yield Hit.on(file, pair.new_line, pair.new, message)


RULE = Rule(
    id="access-level-raised",
    pathway=Pathway.PERMISSIONS,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="gives somebody a higher level of access",
    patterns=(
        Pattern(
            r"\bresource\s+\"github_(?:actions|codespaces|dependabot)_(?:organization_|environment_)?"
            r"secret\w*\"|\bresource\s+\"github_\w*bypass\w*\"|\b\w*_?bypassers\s*=|"
            r"\bresource\s+\"gitlab_(?:group|project|instance)_variable\"",
            "a secret, or leave to pass by a rule, is newly handed out",
            only=frozenset({Label.INFRASTRUCTURE}),
        ),
        Pattern(
            r"(?i)\bvisibility['\"]?\s*[:=]\s*['\"]?(?:private|restricted|internal)\b",
            "what was private no longer is",
            on=On.REMOVED,
            only=frozenset({Label.CONFIG, Label.INFRASTRUCTURE}),
            never=frozenset({Label.TEST, Label.DOCS, Label.BUILD}),
        ),
        Pattern(
            r"(?i)_(?:access|admins?|administrator|power_?users?|super_?user|root|ssh|rdp|bastion|exec|"
            r"console|assume|impersonat(?:e|ion)|write|owner)(?:_(?:access|enabled|allowed|roles?|"
            r"polic(?:y|ies)|users?|groups?|permissions?|privileges|session|login|host|rule))?\s*=\s*true\b",
            "a wide right is switched on",
            line=r"(?i)\b(?:allow|grant|enable|give|create|is|has)_(?:\w+_)?(?:access|admins?|"
            r"administrator|power_?users?|super_?user|root|ssh|rdp|bastion|exec|console|assume|"
            r"impersonat\w+|write|owner)(?:_\w+)?\s*=\s*true\b",
            only=frozenset({Label.INFRASTRUCTURE}),
            never=frozenset({Label.TEST, Label.DOCS}),
        ),
        Pattern(
            r"\b(?:is_)?public_(?:bigquery|json|access|read|data\w*|repo\w*|link|view\w*|table|"
            r"download|sharing|listing|dashboard)\w*['\"]?\s*[:=]\s*true\b",
            "what was for a few is newly public",
            only=frozenset({Label.CONFIG, Label.INFRASTRUCTURE}),
            never=frozenset({Label.TEST, Label.DOCS}),
        ),
        Pattern(
            r"\b(?:npm|yarn|pnpm)\s+(?:owner\s+add|access\s+grant)\b|\bcargo\s+owner\s+--add\b|"
            r"\bgem\s+owner\s+[^\n]*(?:--add|-a)\b|/collaborators/\S+[^\n]*(?:PUT|permission)|"
            r"\bgh\s+api\s[^\n]*/(?:memberships|collaborators)/|\baddCollaborator\s*\(|"
            r"\badd_collaborator\s*\(|\b(?:add_to_collaborators|setMembershipForUser)\s*\(|"
            r"\bcreatesuperuser\b",
            "somebody is made an owner, a collaborator or an administrator",
            only=_RUN | {Label.SOURCE},
            never=frozenset({Label.TEST, Label.DOCS}),
        ),
        Pattern(
            r"\w/[A-Z]\w{1,8}\w{0,8}\w{0,8}:[\w@.*-]",
            _TOP,
            line=r"^[ \t]*(?:-[ \t]*)?['\"]?(?:(?:USER|GROUP|EITHER):)?(?:Overall|Job|Agent|"
            r"Credentials|Run|View|SCM|Item|Node|[A-Z]\w+\.[A-Z]\w+)/[A-Z]\w+:[\w@.*-]+['\"]?,?"
            r"[ \t]*$",
            only=_RUN,
            never=frozenset({Label.TEST, Label.DOCS}),
        ),
        Pattern(
            r"\bhudson\.model\.(?:(?:Hudson|Item|Computer|Run)\.[A-Z]\w+:[\w@.-]+|Hudson\.Administer\b)|"
            r"\bOverall/Administer\b|['\"](?:realm-admin|manage-(?:realm|users|clients))['\"]|"
            r"\borg_role\s*=\s*(?:Admin|Editor)\b|\bGF_(?:AUTH_ANONYMOUS|USERS_AUTO_ASSIGN)_ORG_ROLE"
            r"['\"]?\s*[:=]\s*['\"]?(?:Admin|Editor)|^[ \t]*(?:label-[\w-]+|submit|push|forge\w+|"
            r"create|owner)\s*=\s*(?:[\w.+-]+\s+)*group\s|\bpush\s*=\s*\+force\s+group\b|"
            r"\bis_superuser['\"]?\s*[:=]\s*[Tt]rue\b",
            _TOP,
            only=_RUN,
            never=frozenset({Label.TEST, Label.DOCS}),
        ),
    ),
    removed_triggers=(_LEVEL, _WORD_ALONE),
    wakes=frozenset({Label.MEMBERS, Label.CONFIG, Label.INFRASTRUCTURE}),
    check=check,
    version=3,
)
