"""What a condition that decides lost of its terms, or had turned round.

Which terms protect is told by what the condition does: one that refuses does so for each of
its alternatives, one that grants asks for all of its terms at once. The condition before and
the one after are one where they share a term.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from reviewqueue.scan.effects.asked import DECIDING, Condition, Term, conditions, has_plain
from reviewqueue.scan.effects.balance import Lost
from reviewqueue.scan.effects.demanded import is_demand
from reviewqueue.scan.rule import FileView
from reviewqueue.scan.structure.pairs import finds

_DENIES = r"(?i)owner|permi(?:ssion|tted)|forbid|\b40[13]\b|unauthor|denied|access\b|not_?allowed"
_THERE = (
    r"^(?:not |! ?)*[@$]? ?[\w$]+(?: (?:\.|->|::|\?\.) #?[\w$]+)*(?: \( \))?"
    r"(?: (?:==|===|!=|!==|is|is not) (?:null|nil|None|undefined|nullptr|\" \"|' '|0))?$|"
    r"^(?:! )?(?:isset|empty|defined|len|typeof) \(? ?[\w$.>-]+ ?\)?$"
)
"""A term that asks only whether a thing is there."""
_SOMEBODY = (
    r"(?i)user|session|login|account|token|cookie|credential|auth|admin|role|member|caller|"
    r"actor|sender|origin|host|tenant|consent|approv|confirm|revok|expire|valid|allow|lock|owner|"
    r"safe|trust|permi|secur|public|private|verif|sign|\.\.|type|[<>]"
)
_STATE = r"\b(?:is|has)_[a-z]|\b(?:is|has)[A-Z]"
"""How a name says what is so, rather than that there is something."""
_ATTACK = r"['\"/] ?(?:\.\.|/ \.\.|//|<|javascript|%2|\\ [0x]|@)"
"""Text that attacks are made of."""
_COMPARES = frozenset(
    b"in startswith startsWith starts_with endswith endsWith ends_with HasPrefix HasSuffix "
    b"Contains contains includes has == === != !== equals fullmatch match search".split()
)
_PLACE = r"(?i)\b(?:url|path(?:name|_info)?|uri|route|endpoint)\b.*['\"] ?/"
_FLAG = r"^(?:not |! ?)?[\w.$>\-@?: ]+(?: \( \))?$"
_MAY = (
    r"(?i)\b(?:def|func|fn|function|fun|bool|boolean)[ ]+(?:\([^)]*\)[ ]*)?(?:self\.)?_?"
    r"(?:(?:can|may)_?\w+|(?:is|has)_?(?:permi|auth|allow|access|owner|admin|"
    r"white_?list|exempt|trusted|excused|bypass)\w*|"
    r"(?:authori[sz]ed|allowed|permitted))[?]?[ ]*(?:\(|$)"
)
"""A function that answers whether somebody may do something."""
_BOUNDS = frozenset({b"<", b">", b"<=", b">="})
_NOUGHT = frozenset(b"> >= != !== == === . -> ? 0 1 None null HasValue is not".split())
"""What asks whether a limit is set."""
_LIMIT = r"(?i)max|limit|quota|cap$|budget|ceiling|allowance"
_VALUE = 3
"""Words of a comparison that its value and its sign take."""
_NEAR = 4
"""Lines above an answer among which its function begins."""
_MOST = 150
"""Lines of a hunk up to which its conditions are read."""
_LOST = "a condition has lost a term that held something back"

Weaker = tuple[Condition, Condition, str]
"""The condition before, after, and what was found."""


def weakened(file: FileView, is_lost: Lost) -> Iterator[Weaker]:
    """Yield the conditions of a file that let more through than they did."""
    for old_at, new_at, lines in file.hunks():
        if len(lines) > _MOST:
            continue
        plain = has_plain(lines, b"-") or has_plain(lines, b"+")
        old = list(conditions(lines, b"-", old_at, plain=plain))
        new = list(conditions(lines, b"+", new_at, plain=plain)) if old else []
        for before in old:
            after = next((other for other in new if _is_same(before, other)), None)
            told = _weaker(before, after, is_lost) if after else ""
            if after and told:
                yield before, after, told


def _positive(term: Term) -> Term:
    return term[1:] if term[:1] in {(b"!",), (b"not",)} else term


def _is_same(one: Condition, other: Condition) -> bool:
    """Return whether two conditions are one, before and after: with a term in common."""
    if one.head != other.head or not (one.way or other.way):
        return False
    return not frozenset(map(_positive, one.terms)).isdisjoint(map(_positive, other.terms))


def _alone(condition: Condition) -> Condition:
    """Return a condition without what stands below its own lines: that is another's."""
    if condition.head != "if":
        return condition
    inside, *below, always = condition.body.split(b"\n")
    depth, own = -1, []
    for line in below:
        indent = len(line) - len(line.lstrip())
        if line.strip() and indent < depth:
            break
        depth = indent if line.strip() and depth < 0 else depth
        own.append(line)
    return replace(condition, body=b"\n".join((inside, *own, always)))


def _weaker(old: Condition, new: Condition, is_lost: Lost) -> str:
    old, new = _alone(old), _alone(new)
    protecting = new.protecting
    if not protecting or protecting != old.protecting or not _decides(old) or is_demand(old):
        return ""
    gone = frozenset(old.terms) - frozenset(new.terms)
    came = frozenset(new.terms) - frozenset(old.terms)
    other = "and" if protecting == "or" else "or"
    if _is_turned(old, new, protecting, other):
        return "a condition that decides had its sense turned: a case that was held back passes"
    if gone and not came and _held_back(old, new, gone, is_lost):
        return _LOST
    if _is_asked_otherwise(gone, came) and _says_so(old):
        return "a condition that decides compares in another way"
    excepts = came and not gone and new.way == other and old.way in {"", other}
    return _excepted(old, came) if excepts else ""


def _excepted(old: Condition, came: frozenset[Term]) -> str:
    """Return what a condition that holds fewer cases back makes an exception for."""
    if _is_no_limit(came, old.terms):
        return "a limit holds only where it is set: nought now means none"
    if _says_so(old) and all(_is_exception(term, old.terms) for term in came):
        return "a condition that decides makes an exception now"
    if old.head == "value" and _answers(old):
        return "who may do something is answered by one more case now"
    return ""


def _decides(condition: Condition) -> bool:
    """Return whether a value that is only computed says of itself that it decides."""
    if condition.head != "value" or finds(DECIDING)(condition.above + condition.text):
        return True
    return _answers(condition)


def _answers(condition: Condition) -> bool:
    """Return whether a value is what a function answers with that is asked who may do something."""
    return finds(_MAY)(b"\n".join(condition.above.rsplit(b"\n", _NEAR)[-_NEAR:]))


def _says_so(condition: Condition) -> bool:
    """Return whether a condition, or what it refuses with, speaks of who may do what."""
    return finds(DECIDING)(condition.text) or finds(_DENIES)(condition.body)


def _is_turned(old: Condition, new: Condition, protecting: str, other: str) -> bool:
    """Return whether the same terms, negated or not, are joined the other way."""
    if old.way != protecting or new.way != other:
        return False
    return frozenset(map(_positive, old.terms)) <= frozenset(map(_positive, new.terms))


def _held_back(old: Condition, new: Condition, gone: frozenset[Term], is_lost: Lost) -> bool:
    """Return whether one of the terms that went protected."""
    if old.head == "value" and any(finds(_ATTACK)(b" ".join(term)) for term in gone):
        return True
    if old.way != old.protecting or new.way not in {"", old.protecting}:
        return False
    told = finds(_STATE if old.head != "value" else _SOMEBODY)
    meant = [term for term in gone if _means(term) or told(b" ".join(term))]
    return any(any(map(is_lost, term)) for term in meant)


def _means(term: Term) -> bool:
    """Return whether a term is more than a look whether something is there."""
    text = b" ".join(term)
    return not finds(_THERE)(text) or finds(_SOMEBODY)(text)


def _is_asked_otherwise(gone: frozenset[Term], came: frozenset[Term]) -> bool:
    """Return whether one term asks of the same names by another comparison."""
    if len(gone) != 1 or len(came) != 1:
        return False
    old, new = (frozenset(term) for (term,) in (gone, came))
    names = [
        frozenset(word for word in term - _COMPARES if word[:1].isalpha()) for term in (old, new)
    ]
    return bool(names[0]) and names[0] == names[1] and old & _COMPARES != new & _COMPARES


def _is_no_limit(came: frozenset[Term], others: Sequence[Term]) -> bool:
    """Return whether all that came is whether the limit, that others compare with, is set."""
    limits = {
        word
        for term in others
        if not _BOUNDS.isdisjoint(term)
        for word in term
        if word[:1].isalpha() or word[:1] in b"_$"
    }
    limited = any(map(finds(_LIMIT), limits))
    return limited and all(term and _NOUGHT | limits >= frozenset(term) for term in came)


def _is_exception(term: Term, others: Sequence[Term]) -> bool:
    """Return whether a term is a mere flag, or what another term asks with another value."""
    if finds(_FLAG)(b" ".join(term)) or finds(_PLACE)(b" ".join(term)):
        return True
    return any(len(term) >= _VALUE and term[:-_VALUE] == other[:-_VALUE] for other in others)
