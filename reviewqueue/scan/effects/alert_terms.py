"""The expression of an alert or a detection, where it comes to be true of less.

Compared by its terms: one more that is joined by ``and`` or ``unless``, one more matcher of a
label, fewer alternatives in one. A figure that is only kept from dividing by zero is as before.
"""

import re
from collections import Counter
from collections.abc import Iterator

from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import FileView, Hit, expression
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.pairs import (
    Block,
    Pair,
    blocks,
    changed_tokens,
    exchanged,
    finds,
    paired,
)

TERMS = (
    r"\bunless\b|[=!]~[ ]*\\?[\"']|!=\\?\"|\band[ ]+(?:on|ignoring|not)\b|\bAND[ ]NOT\b|"
    r"\bexpr(?:ession)?['\"]?[ ]*[:=]|\b(?:condition|query)['\"]?[ ]*[:=][ ]*[\"'(\w]|"
    r"\(last_\d+[mhd]\):"
)
"""Triggers: what an alert's expression is made of."""
_PLACE = r"(?i)alert|(?:^|[/_-])rules?[/._-]|monitor|prometheus|falco|sigma|detection|sentinel|siem"
_NO_PLACE = r"(?i)dashboard|recording|compose|\.github/"
_JOINS = r"^[ \t]*(?:and|unless|AND)\b|\b(?:and|unless)[ \t]*$"
_JOINED = frozenset({b"and", b"unless", b"AND", b"&&", b"not", b"NOT"})
_OR = frozenset({b"or", b"OR", b"||"})
_FIGURES = (
    r"[\w:]\{[^}\n]*=~?\\?[\"']|\)[ ]*(?:[<>]=?|==)[ ]*[\d.]|\b(?:rate|sum|avg|max|min|increase)\b"
)
"""What the lines of such an expression look like."""
_KEY = r"^[ \t]*-?[ \t]*\w+:(?:[ ]|$)"
_ASKED = r"(?i)\b(?:expr(?:ession)?|condition|query|filter|criteria)['\"]?[ ]*[:=]|\(last_\d"
_MATCHER = re.compile(rb"(?<!\w)(\w+)[ ]*(=~|!~|!=|=)[ ]*\\?([\"'])([^\"'\n]*?)\\?\3")
_BRACES = re.compile(rb"\{[^{}\n]{0,500}\}")
_TAG = re.compile(rb"(?<=[{,])!?[a-z_.]+:[\w.*-]+")
_NAME = r"\b[A-Za-z:]+_[\w:]+"
_MODIFIERS = frozenset({b"group_left", b"group_right"})
"""What looks like a figure's name, and says how two figures are matched."""
_ABOVE_ZERO = re.compile(rb"(?:>|!=)[ ]*0[\s)]*\\?[\"']?$")
"""Asked without the white space at the end, which two parts could share in many ways."""
_FEW = 8
"""Added lines up to which a term came alone, rather than an alert."""
_LONGEST = 2_000
_MOST = 5_000
"""Expressions of a file that are compared: nobody writes more into one change by hand."""


def narrowed(file: FileView) -> Iterator[Hit]:
    """Mark the expressions of alerts that are true of less than before."""
    path = file.path.encode("utf-8", "replace")
    if Label.SOURCE in file.labels and not path.endswith(b"sonnet"):
        return
    if file.status != "M" or not finds(_PLACE)(path) or finds(_NO_PLACE)(path):
        return
    left = _MOST
    for block in blocks(file):
        if not block.old and _is_term(block):
            number, text = block.new[0]
            yield Hit.on(file, number, text, "an alert's expression asks for one thing more")
        for pair in paired(block, _is_asked) if left > 0 else ():
            left -= 1
            if told := _told(pair):
                yield exchanged(file, pair, told)


def _is_asked(text: bytes) -> bool:
    return len(text) <= _LONGEST and (finds(_ASKED)(text) or finds(_FIGURES)(text))


def _is_term(block: Block) -> bool:
    """Return whether new lines are one more term, joined to the terms around them."""
    texts = [text for _, text in block.new[: _FEW + 1] if text.strip() and not is_comment(text)]
    if not texts or len(texts) > _FEW or any(map(finds(_KEY), texts)):
        return False
    joins, figures = finds(_JOINS), finds(_FIGURES)
    return (joins(texts[0]) or joins(texts[-1])) and any(map(figures, texts))


def _told(pair: Pair) -> str:
    """Return in which way an expression asks for less; empty where it does not."""
    if _has_fewer_matches(pair):
        return "an alert's expression looks at fewer things"
    changed = changed_tokens(pair)
    came = frozenset(changed.came)
    if changed.gone or changed.swapped or not came & _JOINED or came & _OR:
        return ""
    return "" if _divides(pair) else "an alert's expression asks for one thing more"


def _divides(pair: Pair) -> bool:
    """Return whether all that came is that what the expression divides by is not zero."""
    asked = pair.new.rpartition(b" and ")[2].rstrip()
    names = _names(asked)
    if not (names and _ABOVE_ZERO.search(asked)):
        return False
    return names <= _names(pair.old.partition(b"/")[2])


def _names(text: bytes) -> frozenset[bytes]:
    return frozenset(expression(_NAME).findall(text)) - _MODIFIERS


def _has_fewer_matches(pair: Pair) -> bool:
    """Return whether the selectors differ in nothing but what they leave out now."""
    if _BRACES.sub(b"{}", pair.old).split() != _BRACES.sub(b"{}", pair.new).split():
        return False
    was, now = (_BRACES.findall(text) for text in (pair.old, pair.new))
    less = [_is_less(old, new) for old, new in zip(was, now, strict=True) if old != new]
    return bool(less) and all(less)


def _is_less(old: bytes, new: bytes) -> bool:
    """Return whether a selector has one more matcher, or a matcher lets fewer through."""
    was, now = Counter(_TAG.findall(old)), Counter(_TAG.findall(new))
    before, after = ({(m[0], m[1]): m[3] for m in _MATCHER.findall(text)} for text in (old, new))
    if before.keys() - after.keys() or was - now:
        return False
    if after.keys() - before.keys() or now - was:
        return all(after[key] == value for key, value in before.items())
    return all(_lets_less(key[1], value, after[key]) for key, value in before.items())


def _lets_less(sign: bytes, old: bytes, new: bytes) -> bool:
    was, now = (frozenset(text.strip(b"()^$").split(b"|")) for text in (old, new))
    return now >= was if sign in {b"!~", b"!="} else now <= was
