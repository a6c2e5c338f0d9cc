r"""An application's own rule of access that lets more people in.

What it flags
    A route, a method or a path that asks for a lesser role than before (`ROLE_ADMIN` to
    `ROLE_USER`, `maintainer` to `developer`), or for one of more roles: in annotations,
    decorators, calls and settings. A right to change something that a table of roles newly gives
    to one of them. A yes that newly comes before the question in a function that decides who may
    do something, or in what a guard is told by, also where what was to be shown is missing;
    and a search among one's own that newly also finds what is public or shared.
    In languages of policies (Rego, Cedar, Polar, OpenFGA, rules of a data base for applications,
    tables of Casbin, permissions of Hasura): a condition that is gone or became weaker, a line
    that permits something newly, a filter that is empty.

Why it matters
    Where an application keeps its rights in a vocabulary of its own, a single word changes who
    may delete, read or pay. Nothing else of the change looks like security.

How to review it
    Who holds the role that is asked for now, and what can that person newly do here?
    Does a test show that somebody without the role is still turned away?

Not flagged
    Higher roles, conditions that are new, an answer where there is nothing to ask about, rules
    for what is new as a whole, rights that something is compared with, tests, prose.

Seen in
    OWASP A01:2021 (broken access control); CWE-863 (incorrect authorization), CWE-269 (improper
    privilege management). CVE-2025-48757: generated projects whose rows anybody could read.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.effects.early import HANDED_ON, YES, early
from reviewqueue.scan.rule import FileView, Hit, Pattern, Rule, Stability, View, expression
from reviewqueue.scan.structure.hunks import Marked, numbered
from reviewqueue.scan.structure.keyed import keyed
from reviewqueue.scan.structure.pairs import Pair, blocks_losing, changed_tokens, finds, paired

_RUN = frozenset({Label.SOURCE, Label.CONFIG, Label.INFRASTRUCTURE, Label.CI})
_ASIDE = frozenset({Label.TEST, Label.DOCS, Label.GENERATED, Label.VENDORED, Label.LOCK})
_ASKS = (
    r"(?i)@?\bRoles(?:Allowed)?\s*\(|@Secured\b|@PreAuthorize\b|\bIsGranted\b|\bhas_?(?:Any)?_?"
    r"(?:Role|Authority|Permission|Scope)s?\s*\(|\[Authorize\b|\brequires?_?(?:any_?)?(?:role|"
    r"permission|"
    r"scope|level|group)s?\b|\brequired_?\w*(?:role|level|permission|scope|group)s?\b|"
    r"\bmin(?:imum)?_?(?:access_?)?(?:role|level)\b|\b(?:push|merge|unprotect|create|"
    r"view)_access_level\b|"
    r"@auth\(|\ballow(?:ed)?_?(?:roles|scopes)\b|\broles?['\"]?\s*[:=]\s*(?:\[|ROLE_|['\"]ROLE_)|"
    r"\bRequireRole\s*\(|\bauthorize_?(?:roles?|any)\s*\(|"
    r"\b(?:public|protected|private|user|admin|owner|member|authed|machine|"
    r"staff)\w*Proc(?:edure)?\b"
)
_RANKS = {
    name: rank
    for rank, names in enumerate(
        (
            (
                "anonymous public guest everyone permit_all permitall "
                "is_authenticated_anonymously none"
            ),
            (
                "user authenticated protected authed private member viewer reader reporter read "
                "basic customer isauthenticated"
            ),
            "editor writer developer contributor write staff support moderator operator agent",
            "maintainer manager lead maintain supervisor",
            "admin administrator owner superuser superadmin root super_admin sysadmin",
        )
    )
    for name in names.split()
}
_PREFIX = r"(?i)^(?:role_|role\.|is_|scope_)|_role$|_required$|_only$|_?proc(?:edure)?$"
_LANGUAGE = (
    r"(?i)\.(?:rego|cedar|polar|fga|sentinel|rules)$|(?:^|/)(?:firestore|storage|"
    r"database)\.rules|polic\w*\.csv$"
)
_CLAUSE = (
    r"\binput\.\w|\bprincipal\b|\brequest\.auth\b|\bresource\.(?:data\.)?\w|\bactor\b|"
    r"\bdefine\s+\w+\s*:|"
    r"\bunless\s*\{|\bwhen\s*\{"
)
_TABLE = (
    r"(?i)permission|rbac|authz|abilit(?:y|ies)|(?:^|[/_.-])roles?[_.-]|/acl|scopes?[_.-]|"
    r"capabilit"
)
"""Paths of files in which a program says who may do what."""
_RIGHT = (
    r"\bcan\s+:(?:manage|destroy|delete|update|create|write|admin)\b|"
    r"['\"][\w-]+[:.](?:write|delete|create|update|manage|admin|impersonate|export|execute|"
    r"approve|publish|"
    r"\*)['\"]|\bPerm(?:ission)?s?(?:\.|::)?_?(?:Write|Delete|Create|Update|Manage|Admin|"
    r"Impersonate|Export|Execute|"
    r"WRITE|DELETE|CREATE|UPDATE|MANAGE|ADMIN)\w*|['\"](?:write|delete|manage|admin|"
    r"impersonate)['\"]"
)
_ROLE = r"(?i)role|\buser|editor|viewer|support|agent|moderator|member|guest|permission|=>\s*\["
_COMPARED = r"[!=]==?[ \t]*['\"][\w:.-]+['\"]"
"""A name that something is compared with: no entry of a table."""
_COMMENT = r"^[ \t]*(?:#|//|\*|--)"
_LEAST = 0.75
"""Share of a condition's length that a weaker one has at most."""


def check(view: View) -> Iterator[Hit]:
    """Compare which roles are asked for, and what policies demand."""
    for file in view.where(_ASKS, side=Side.OLD):
        if _counts(file) and not file.labels.isdisjoint(_RUN):
            yield from _asked(file)
    for file in view.where(_RIGHT, side=Side.NEW):
        if _counts(file) and expression(_TABLE).search(file.path.encode()):
            yield from _tabled(file)
    for file in view.where(YES, HANDED_ON, side=Side.NEW):
        if _counts(file) and Label.SOURCE in file.labels:
            for number, text in early(file):
                yield Hit.on(file, number, text, "who meets this is let pass unasked")
    for file in view.where(_CLAUSE, side=Side.OLD):
        if _counts(file) and expression(_LANGUAGE).search(file.path.encode()):
            yield from _clauses(file)


def _counts(file: FileView) -> bool:
    is_aside = "test" in file.path or not file.labels.isdisjoint(_ASIDE)
    return file.status in {"M", "R"} and not is_aside


def _tabled(file: FileView) -> Iterator[Hit]:
    """Tell rights that a table of roles gained, next to lines that stay."""
    comment, compared = expression(_COMMENT), finds(_COMPARED)
    for hunk in file.hunks():
        lines = numbered(hunk)
        if not _is_table(lines):
            continue
        before = _rights(text for mark, _, text in lines if mark == b"-")
        for mark, number, text in lines:
            rights = _rights([text]) if mark == b"+" and not compared(text) else Counter()
            came = [right for right, times in rights.items() if times > before[right]]
            if came and not comment.search(text):
                shown = min(came).decode("utf-8", "replace")
                yield Hit.on(file, number, text, f"a role may newly do more: {shown}")
                break


def _rights(lines: Iterable[bytes]) -> Counter[bytes]:
    right = expression(_RIGHT)
    return Counter(bytes(word) for line in lines for word in right.findall(line))


def _is_table(lines: Sequence[Marked]) -> bool:
    """Return whether what was there shows rights, or roles that have some."""
    right, role = expression(_RIGHT), expression(_ROLE)
    if any(right.search(text) for mark, _, text in lines if mark != b"+"):
        return True
    return any(role.search(text) for mark, _, text in lines if mark == b" ")


def _asked(file: FileView) -> Iterator[Hit]:
    asks = expression(_ASKS)
    for block in blocks_losing(file, _ASKS):
        pairs = list(paired(block))
        for pair, whole in (*zip(pairs, pairs, strict=True), *keyed(block, pairs)):
            if asks.search(pair.old) and asks.search(pair.new):
                told = _lower(pair) or _more(pair)
                if told:
                    yield Hit.on(file, whole.new_line, whole.new, told)


def _lower(pair: Pair) -> str:
    """Return what is said of a role that gave way to a lesser one."""
    for old, new in changed_tokens(pair).swapped:
        was, now = _rank(old), _rank(new)
        if 0 <= now < was:
            return f"a lesser role is asked for: {old.decode()} → {new.decode()}"
    return ""


def _more(pair: Pair) -> str:
    """Return what is said of roles, one of which is enough, that became more."""
    changed = changed_tokens(pair)
    for old, new in changed.swapped:
        name = expression(_PREFIX).sub(b"", old)
        if name != old and new.startswith(name) and b"And" in new[len(name) :]:
            return f"one more role is enough: {old.decode()} → {new.decode()}"
    if changed.gone or changed.swapped:
        return ""
    roles = [word for word in changed.came if _rank(word) >= 0 or b"role" in word.lower()]
    shown = b", ".join(roles[-1:]).decode("utf-8", "replace")
    return f"one more role is enough: {shown}" if roles else ""


def _rank(word: bytes) -> int:
    name = word.decode("latin-1").lower()
    bare = expression(_PREFIX).sub(b"", name.encode("latin-1")).decode("latin-1")
    return _RANKS.get(name, _RANKS.get(bare, -1))


def _clauses(file: FileView) -> Iterator[Hit]:
    """Tell clauses that a policy lost, or that a shorter one took the place of."""
    clause, comment = expression(_CLAUSE), expression(_COMMENT)
    for block in blocks_losing(file, _CLAUSE):
        partners = {pair.old_line: pair for pair in paired(block)}
        for number, text in block.old:
            if not clause.search(text) or comment.search(text):
                continue
            pair = partners.get(number)
            if pair is None and len(block.new) < len(block.old):
                told = "a condition of a policy is gone"
                yield Hit.on(file, number, text, told, side=Side.OLD)
            elif pair and len(pair.new.strip()) < _LEAST * len(text.strip()):
                yield Hit.on(file, pair.new_line, pair.new, "a condition of a policy is weaker")


RULE = Rule(
    id="access-rule-widened",
    pathway=Pathway.PERMISSIONS,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="lets more people do something in an application",
    patterns=(
        Pattern(
            r"^[pg]2?,[ \t]*[\w:*@.-]+,[ \t]*[^\s,]+",
            "a table of rights permits something newly",
            globs=("*polic*.csv", "*rbac*.csv", "*casbin*", "*permission*.csv"),
        ),
        Pattern(
            r"^[ \t]+filter['\"]?:[ \t]*\{\}[ \t]*$",
            "rows are shown, or changed, without a condition",
            globs=("*metadata/*", "*hasura*"),
        ),
        Pattern(
            r"\b[oO]r(?:Where\w*|_where)?\(\s*(?:['\":]|\w+\s*=>\s*\w+\.|"
            r"\w+\.)\s*(?:is_?)?(?:public|shared|"
            r"global|system_?wide|everyone)\w*",
            "what is looked for among one's own is newly found among others', too",
            only=frozenset({Label.SOURCE}),
            never=_ASIDE,
        ),
        Pattern(
            r"\ballow\s+[\w,\t ]+:\s*if\s+request\.auth(?:\.uid)?\s*!=\s*null\s*;",
            "whoever has signed in may do this",
            globs=("*.rules",),
        ),
    ),
    added_triggers=(_RIGHT, YES, HANDED_ON),
    removed_triggers=(_ASKS, _CLAUSE),
    check=check,
    budget=0.003,
    version=4,
)
