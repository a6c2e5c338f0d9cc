"""Whom a guard lets in, by its name: few, or all who are somebody; and whose things it shows.

A route stays guarded when its guard gives way to one that asks for less; only the name on the
line says so, in whatever form the guard is asked: a decorator, a middleware, a type.
"""

import itertools
from collections.abc import Iterator

from reviewqueue.scan.effects.balance import Lost
from reviewqueue.scan.rule import expression
from reviewqueue.scan.structure.pairs import Changed, Pair, finds, parts, tokens

RANKED = (
    r"\b(?:get_?)?(?i:current)_?[aA]dmin|\b(?:Admin|Staff|Superuser|Owner)(?:User|Auth|Session|"
    r"Only|Claims|Guard|Context)\b|@(?:hasRole|auth|hasPermission)\([^)\n]*(?:ADMIN|OWNER)|"
    r"\bscopes?['\"]?[ ]*[=:(][ ]*\[?['\"]\w*(?:admin|write|delete|manage)|"
    r"\b(?:mw|auth|guards?|middleware)\.(?:Admin|Owner|Staff)\b|\bdefine(?:Admin|Owner|Staff)\w+|"
    r"\.(?:admin|owner|staff|superuser)\?|\bwith(?:Admin|Owner|Staff)\b|\bonly[A-Z]\w+\(|"
    r"(?i:is_?(?:\w{1,12}_?)?(?:owner|staff|superuser|moderator|maintainer))\w*\b|"
    r"@(?:\w+\.)*(?:admin|staff|owner|superuser|manager|moderator)_?(?:required|only)\b|"
    r"\b[a-z]+(?:Admin|Owner|Staff)(?:Proc|Procedure|Route)\b|(?:user|admin|owner)_?[pP]roc\b|"
    r"\b(?i:must|require|requires|ensure|only|check|is|has|verify|assert|need)_?(?:_?be_?)?"
    r"(?:[aA]dmin|[oO]wner|[sS]taff|[sS]uper_?[uU]ser)\b"
)
"""Guards for few, in words that are rare enough: a trigger."""
_SCOPE = (
    r"(?i)^\w*(?:user|owner|team|org|organi[sz]ation|tenant|project|account|workspace|provider|"
    r"customer|member|creator|visibility|caller|actor|principal|requester)_?(?:ids?|key)?$"
)
CALLER = (
    r"[(,][ ]*(?:self\.|ctx\.|context\.|req(?:uest)?\.|\w+[=:][ ]*)?(?:current_?)?"
    r"(?i:user|actor|caller|principal|viewer|requester|tenant)(?i:_?id)?[ ]*[,)]"
)
"""Who asks, given to a call: a trigger."""
_OF_PACKAGE = r"[ (,]user\.[A-Z]\w+"
"""A name of another package of Go, and nobody's."""
_TAKEN_APART = r"^[ \t]*(?:export[ ]+)?(?:const|let|var|val)[ ]+[{\[(][^=\n]*[}\])][ ]*=[ ]"
"""What a call gave, taken apart into names: none of them is given to it."""
_FEW = frozenset(
    b"admin admins administrator superuser superadmin root owner owners staff moderator manager "
    b"maintainer operator sysadmin internal".split()
)
_MANY = frozenset(
    b"user users member members auth authed authenticated authentication authenticate login "
    b"logged signed session any anyone public guest viewer reader optional anonymous everyone "
    b"everybody account anybody protected present persisted event".split()
)
_PLAIN = frozenset(
    b"is has have require requires required ensure must only need needs check get current assert "
    b"verify authorize allow user users access role roles permission permissions guard middleware "
    b"in with by the a user login proc procedure token action query mutation handler route "
    b"endpoint define".split()
)
"""Words of a guard's name that say nothing of whom it lets in."""
_PARTS = frozenset(
    b"repo repository project org organization organisation team group member own workspace space "
    b"room channel board site tenant account department dept unit branch local event".split()
)
"""Parts of the whole, each with admins of its own; they stand in front of the rank."""
_ASKED = (
    r"^[ \t]*(?:[@\[]|#\[)|[ ]@\w|Depends\(|[mM]iddleware|\.(?:get|post|put|patch|delete|use|all|"
    r"route|group|Delete|Get|Post|Put|Patch|DELETE|GET|POST|PUT|PATCH|Handle\w*|With)\(|"
    r"before_action|\bplug\b|"
    r"permission_classes|\bonly[A-Z]|(?:[pP]roc(?:edure)?|Action|Query|Mutation|Handler|"
    r"Resolver)\b|\b(?:fn|func|function|def)[ ]|[rR]oles?\b|[gG]uards?\b|canActivate|"
    r":[ ]*\w+\(|\.\w+\?|=[ ]*with[A-Z]|_required|(?i:require|ensure|assert|authori[sz]e)"
)
"""A line on which it is said who may come."""
_ROLE = r"(?i)roles?(?:\b|_)|\b(?:mw|auth)\.|middleware|guards?\b|level\b|authori|\.\w+\?"
"""A line on which a bare word is a role."""
_MOST = 6
"""Words of a difference above which the line is another one."""


def is_for_more(pair: Pair, changed: Changed, is_lost: Lost) -> bool:
    """Return whether a guard for few gave way to one for all who are somebody."""
    gone, came = set(changed.all_gone), set(changed.all_came)
    if not (gone and came) or not finds(_ASKED)(pair.old) or not finds(_ASKED)(pair.new):
        return False
    few = [word for word in _named(gone) if _ranks(word) & _FEW]
    many = [word for word in _named(came) if _ranks(word) & _MANY and not _ranks(word) & _FEW]
    ranked = [word for word in _named(came) if _ranks(word) & _FEW]
    if not few or max(map(len, (few, many, ranked))) > _MOST:
        return False
    is_role = finds(_ROLE)(pair.old)
    return any(
        (is_role or _is_guard(old))
        and is_lost(old)
        and (
            any(_rest(old) == _rest(new) for new in many)
            or any(_is_of_part(old, new) for new in ranked)
        )
        for old in few
    )


def unscopes(pair: Pair, changed: Changed, is_lost: Lost) -> bool:
    """Return whether a query or a call is no longer limited to somebody's own."""
    if changed.came or not changed.gone or len(changed.swapped) > 1:
        return False
    scope, there = finds(_SCOPE), frozenset(tokens(pair.new))
    given = frozenset(tokens(expression(_TAKEN_APART).sub(b"", pair.old)))
    lost = [w for w in changed.gone if w in given and w not in there and scope(w)]
    if not lost or b"(" not in there or finds(_OF_PACKAGE)(pair.old):
        return False
    return any(map(is_lost, lost))


def _named(words: set[bytes]) -> Iterator[bytes]:
    return (word for word in sorted(words) if word[:1].isalpha())


def _ranks(name: bytes) -> frozenset[bytes]:
    return frozenset(parts(name))


def _rest(name: bytes) -> frozenset[bytes]:
    """Return what a name says beside whom it lets in."""
    return _ranks(name) - _FEW - _MANY - _PLAIN


def _is_of_part(old: bytes, new: bytes) -> bool:
    """Return whether a name that ranks somebody now does so for a part of the whole only."""
    was, now = parts(old), parts(new)
    if len(now) <= len(was) or not _PARTS.isdisjoint(was):
        return False
    in_front = any(part in _PARTS and few in _FEW for part, few in itertools.pairwise(now))
    return in_front and [word for word in now if word not in _PARTS] == was


def _is_guard(name: bytes) -> bool:
    """Return whether a name says that it asks, and not only whom it means."""
    return bool(_ranks(name) & _PLAIN)
