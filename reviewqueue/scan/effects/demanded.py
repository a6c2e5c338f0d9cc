"""A value that says whether something is asked for, and says so of fewer than it did.

What such a value is given to, or the function that answers with it, is named by what is
demanded: the more terms are joined by "and", the fewer meet it.
"""

from collections.abc import Iterator

from reviewqueue.scan.effects.asked import Condition, Term, conditions
from reviewqueue.scan.effects.balance import Lost
from reviewqueue.scan.rule import FileView
from reviewqueue.scan.structure.pairs import finds, tokens

_WHAT = (
    r"auth|login|sign|check|verif|valid|approv|confirm|permi|mfa|2fa|otp|password|token|captcha|"
    r"review|consent|csrf|encrypt|scan|audit|limit|throttle|sandbox|escap|saniti|redact|mask"
)
_DEMANDS = (
    r"(?i)\b_?(?:is_?|should_?|must_?(?:be_?)?|needs?_?(?:to_?)?|has_?to_?|do_?)?(?:"
    rf"(?:requires?|enforces?|demands?|must|needs?|should)_?\w*(?:{_WHAT})\w*|"
    rf"\w*(?:{_WHAT})\w*_?(?:required|enforced|needed|mandatory)|required|enforced|"
    r"protected|restricted|blocked|forbidden|denied|banned|rate_?limited|throttled|"
    r"sensitive|dangerous|untrusted)\b"
)
"""How a value is called that demands something, or holds back."""
_JOINS = r"&&|\band\b|\|\||\bor\b"
_GIVES = frozenset({b"=", b":="})
_TARGET = 6
"""Words up to which what a value is given to reaches."""
_MOST = 150
"""Lines of a hunk up to which its conditions are read."""

Fewer = tuple[Condition, Condition, str]
"""The value before, after, and what was found."""


def fewer(file: FileView, is_lost: Lost) -> Iterator[Fewer]:
    """Yield the values that demand less than they did."""
    joins, demands = finds(_JOINS), finds(_DEMANDS)
    if not (joins(file.added) or joins(file.removed)):
        return
    for old_at, new_at, lines in file.hunks():
        if len(lines) > _MOST or not demands(b"\n".join(lines)):
            continue
        old = [c for c in conditions(lines, b"-", old_at) if is_demand(c)]
        new = [c for c in conditions(lines, b"+", new_at) if is_demand(c)] if old else []
        sets = [frozenset(after.terms) for after in new]
        for before in old:
            terms = frozenset(before.terms)
            for after, others in zip(new, sets, strict=True):
                if not terms.isdisjoint(others) and (
                    told := _told(before, after, terms, others, is_lost)
                ):
                    yield before, after, told
                    break


def is_demand(condition: Condition) -> bool:
    """Return whether a condition is a value, by the name of which something is demanded."""
    if condition.head != "value":
        return False
    words = tokens(condition.text)
    if not _GIVES.isdisjoint(words[:_TARGET]):
        return finds(_DEMANDS)(condition.text.partition(b"=")[0])
    last = condition.above.rstrip().rpartition(b"\n")[2]
    return finds(_DEMANDS)(last.partition(b"(")[0])


def _told(
    old: Condition,
    new: Condition,
    before: frozenset[Term],
    after: frozenset[Term],
    is_lost: Lost,
) -> str:
    if before < after and new.way == "and" and old.way in {"", "and"}:
        return "what is demanded is demanded of fewer: one more term must be met"
    if after < before and old.way == "or" and new.way in {"", "or"}:
        gone = (word for term in before - after for word in term if word[:1].isalpha())
        if any(map(is_lost, gone)):
            return "what is demanded is demanded of fewer: a case of it is gone"
    return ""
