"""What is let past a guard by the place it asks for: in the guard itself, or where it is named.

The guard stays as strict as it was for all that reaches it; what no longer reaches it is
written as a path, a prefix or an action.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from reviewqueue.scan.effects.asked import ASKS
from reviewqueue.scan.rule import FileView, expression
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.hunks import Marked, numbered, shown
from reviewqueue.scan.structure.pairs import Block, Numbered, Pair, finds

PASSING = (
    r"\breturn[ ]+next\(\)|\bnext\.ServeHTTP\(|\bget_response\([ ]*req|\bcall_next\([ ]*req|"
    r"\b_?next\([ ]*c(?:on)?te?xt?\b|[cC]hain\.doFilter\(|\$next\([ ]*\$req|"
    r"\bNextResponse\.next\(|\b[cC]hain\.filter\(|"
    r"\bnext\.run\(|"
    r"\.(?:url|path|originalUrl)\.(?:startsWith|includes|match)\([^\n]*\)[ ]*return\b|"
    r"\brequest\.(?:endpoint|blueprint)\b[ ]*(?:not[ ]+)?(?:in\b|[=!]=)|"
    r"\bself\.app\([ ]*scope|\bshouldNotFilter\("
)
"""How what stands in front of a program hands a request on: a trigger."""
_PLACE = (
    r"(?i)\b(?:path(?:name|_info|info)?|url|uri|route|endpoint|get_?(?:request_?uri|path|"
    r"servlet_?path)|original_?url|request_?uri|starts_?with_?segments|full_?path)\b"
)
_GUARD = (
    r"(?i)auth(?:[^o]|$|ori[sz])|csrf|xsrf|verif|permission|signature|login|signed|tenant|"
    r"api_?key|jwt|protect|forbid|\b40[13]\b"
)
"""What such a guard speaks of."""
_EXCEPTION = r"\bskip_(?:before|after|authori|verify|load)\w*"
NARROWS = _EXCEPTION + (
    r"|\bbefore_(?:action|filter)\b[^\n]*,[ ]*(?:if|unless|except|only):|"
    r"\bvalidates?\b[^\n]*,[ ]*(?:if|unless):[^\n]*(?:path|exempt|required\?|skip)|"
    r"->middleware\([^\n]*\)->(?:except|only)\(|\.excludePathPatterns\(|\.unless\([ ]*\{[ ]*path|"
    r"\bUseWhen\(|\bmiddleware\([^\n]*['\"](?:except|"
    r"only)['\"][ ]*=>|\badd_middleware\(|\.use\([ ]*(?:['\"`]/|unless)"
)
"""A guard that is asked of some only: a trigger."""
_OPTION = (
    r",[ ]*(?:if|unless|except|only):|\)->(?:except|only)\(|\.excludePathPatterns\(|"
    r"\.unless\([ ]*\{|\bUseWhen\(|['\"](?:except|only)['\"][ ]*=>|\.use\([ ]*unless\w*\(|"
    r",[ ]*\w*(?:exclud|skip|exempt|ignor|except|bypass|public|unauth|anonym|open_|whitelist)"
    r"\w*[ ]*[=:]"
)
_MOUNTED = r"\.use\([ ]*['\"`]/[^'\"`\n]+['\"`],[ ]*"
"""What is used below a path only."""
_ONLY = r"[, ](?:if|unless|except|only):"
_CALL = (
    r"(?i)^(?:await[ ]|return[ ]|yield[ ]|self\.|this\.)*_?\w*(?:auth(?:enticate|orize|_)|verif|"
    r"require|"
    r"ensure|check_?(?:auth|perm|acc|csrf|tok|sig|own|lim|rate|quota)|csrf|forbid|protect|validate_?"
    r"(?:tok|sig|csrf|req|inp)|rate_?limit|assert_?(?:can|own|adm|perm))\w*[!]?(?:\(|;|$|[ ]\w)"
)
"""A statement that asks for leave."""
_IF = r"\b(?:if|unless|and|when)\b|&&|[ ][?][ ]"
_DEMANDS = (
    r"(?i)auth|jwt|api_?key|login|signed|verif|require|ensure|check|admin|token|csrf|permission|member|owner|"
    r"throttle|password|set_current"
)
LISTED = (
    r"(?i)\b\w*(?:public|exempt|skip(?:ped)?|exclud(?:ed|e)|unauth\w*|no_?auth|anonymous|bypass|"
    r"open|unprotected|auth_?free|white_?list(?:ed)?)_?(?:paths?|routes?|urls?|endpoints?|pages?|"
    r"prefix(?:es)?|patterns?|views?|actions?)\b['\"]?[ ]*(?::[^=\n]*)?[=:(]|"
    r"\bmatcher:[ ]*\[?['\"][^\n]*\(\?!"
)
"""A list of what need not pass a guard: a trigger."""
_ENTRY = r"['\"]([/^][\w/.*:{}^$-]+)['\"]|\(\?!([\w|/.]+)"
ELEMENT = r"^[ \t]*r?['\"][\w./*:{}^$-]+['\"],?[ \t]*$"
"""An entry of a list on a line of its own: a trigger."""
_IS_LIST = (
    r"(?i)(?:white|allow(?:ed)?|safe|permit(?:ted)?|trust(?:ed)?)[_-]?(?:list|commands?|hosts?|"
    r"domains?|origins?|tags?|attributes?|params?|syscalls?|builtins?|modules?|imports?|ips?|"
    r"schemes?|protocols?|programs?|binaries|urls?|tools?|users?)[\w-]*\.\w+$"
)
_OF_MARKUP = r"(?i)safe_?list|(?:^|[^s])allow_?list|white_?list|sanitiz|purif|scrub|bleach"
_MARKUP = r"(?i)attr|tags?\b|element|scheme|protocol|html|svg"
_IMPORTED = r"^[ \t]*\"[\w.-]+(?:/[\w.-]+)*\"[ \t]*$"
"""A package that a Go file imports: an entry of a list has a comma there."""
_NO_LIST = (
    r"(?i)disallow|vulture|spell|lint|typo|tests?\b|_test|word|i18n|locale|licen[cs]e|flak|leak"
)
_BY_NAME = r"\brequest\.(?:endpoint|blueprint)\b"
_LEAVES = r"\breturn(?:[ ]+(?:None|nil|null))?[ ;]*$"
_BELOW = 3
"""Lines below a condition within which it hands the request on."""


def let_past(file: FileView) -> Iterator[Numbered]:
    """Yield the new conditions on a place that hand the request on, in front of a guard."""
    if file.status == "A":
        return
    guards = finds(_GUARD)
    is_guard = guards(file.path.encode("utf-8", "replace"))
    for hunk in file.hunks():
        lines = [line for line in numbered(hunk) if line[0] != b"-"]
        if is_guard or guards(b"\n".join([text for mark, _, text in lines if mark == b" "])):
            yield from _passing(lines)


def _passing(lines: Sequence[Marked]) -> Iterator[Numbered]:
    asks, place, passing = finds(ASKS), finds(_PLACE), finds(PASSING)
    by_name, leaves = finds(_BY_NAME), finds(_LEAVES)
    for at, (mark, number, text) in enumerate(lines):
        if mark != b"+" or not asks(text) or not place(text) or is_comment(text):
            continue
        near = [line for line in lines[max(0, at - 1) : at + 1 + _BELOW] if line[0] == b"+"]
        if any(passing(line) for _, _, line in near) and (
            not by_name(text) or any(leaves(line) for _, _, line in near)
        ):
            yield number, text


def is_of_markup(file: FileView) -> bool:
    """Return whether a file is a list of what HTML is cleaned to, by its name and its lines."""
    path = file.path.encode("utf-8", "replace")
    return finds(_OF_MARKUP)(path) and finds(_MARKUP)(shown(file))


def entries(file: FileView) -> Iterator[Numbered]:
    """Yield the new entries of lists of what is let through, by the name of list or file.

    Not of a file that is a list of markup: its entries mean something else.
    """
    if file.status != "M":
        return
    path = file.path.encode("utf-8", "replace")
    named = finds(_IS_LIST)(path) and not (finds(_NO_LIST)(path) or is_of_markup(file))
    within = None if named else _within(file)
    if within == frozenset():
        return
    entry = finds(ELEMENT)
    before = {text.strip(b" \t,") for _, text in file.removed_lines() if entry(text)}
    for number, text in file.added_lines():
        is_listed = within is None or number in within
        if file.path.endswith(".go") and finds(_IMPORTED)(text):
            continue
        if is_listed and entry(text) and text.strip(b" \t,") not in before:
            yield number, text


def _within(file: FileView) -> frozenset[int]:
    """Return the numbers of the new entries of a list of what need not pass a guard."""
    opens, entry, found = finds(LISTED), finds(ELEMENT), set()
    for hunk in file.hunks():
        is_open = False
        for mark, number, text in numbered(hunk):
            if mark == b"-":
                continue
            if mark == b"+" and is_open:
                found.add(number)
            is_open = (entry(text) and is_open) or (mark == b" " and opens(text))
    return frozenset(found)


def is_asked_of_fewer(pair: Pair) -> bool:
    """Return whether a guard that was asked of all is asked of some only."""
    if finds(_EXCEPTION)(pair.old) and finds(_EXCEPTION)(pair.new):
        return finds(_ONLY)(pair.old) and not finds(_ONLY)(pair.new)
    if _is_conditional(pair):
        return True
    mounted = expression(_MOUNTED).sub(b".use(", pair.new)
    if mounted != pair.new and mounted.split() == pair.old.split() and finds(_DEMANDS)(pair.old):
        return True
    option = finds(_OPTION)
    if option(pair.old) or not (option(pair.new) and finds(NARROWS)(pair.new)):
        return False
    return finds(_DEMANDS)(pair.old) and not is_comment(pair.old)


def _is_conditional(pair: Pair) -> bool:
    """Return whether a statement that asks for leave stands behind a condition now."""
    old, new = pair.old.strip().rstrip(b";"), pair.new.strip()
    if old not in new or not finds(_CALL)(old) or is_comment(new):
        return False
    return finds(_IF)(new.replace(old, b"")) and not finds(_IF)(old)


def held_by_condition(block: Block) -> Numbered | None:
    """Return the new condition that holds a guard which was asked always."""
    asked = {text.strip() for _, text in block.old if finds(_CALL)(text.strip())}
    before = {text.strip() for _, text in block.old}
    for (number, above), (_, text) in pairwise(block.new):
        if text.strip() in asked and above.strip() not in before and finds(ASKS)(above):
            return number, above
    return None


def lets_more_past(pair: Pair) -> bool:
    """Return whether a list of places that need not pass a guard gained one, and lost none."""
    names = finds(LISTED)
    if not (names(pair.old) and names(pair.new)):
        return False
    old, new = (
        {
            part
            for found in expression(_ENTRY).findall(text)
            for part in b"|".join(found).split(b"|")
        }
        for text in (pair.old, pair.new)
    )
    return old < new
