r"""Lists by whose own name those that stand on them need not show what all others must.

Such a list is a hole even where it is new as a whole: what it excuses was asked before.
"""

from collections.abc import Iterator

from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import FileView, expression
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.pairs import Numbered, Pair, finds

_PLACES = (
    r"(?:paths?|routes?|urls?|uris?|endpoints?|pages?|prefix(?:es)?|patterns?|views?|actions?|"
    r"methods?|hosts?|ips?|networks?|users?|groups?|roles?|clients?|origins?|locations?|ports?|"
    r"operations?|queries|mutations)"
)
_PROOF = r"(?:auth(?:n|z|entication|ori[sz]ation)?|jwt|csrf|xsrf|login|mfa|2fa|basic_?auth|sso)"
EXCUSES = (
    rf"(?i)(?:unprotected[_.-]?(?:{_PLACES}\b|\w+)|unauthenticated[_.-]?{_PLACES}|"
    r"allow[_-]?unauthenticated|security\.ignored|"
    rf"exempt(?:ed)?[_-]?{_PLACES}|{_PLACES}[_-]?exempt(?:ed)?|"
    rf"(?:skip|bypass|exempt|exclude[ds]?|ignore[ds]?)[_-]?(?:from[_-]?)?{_PROOF}[_-]?"
    rf"(?:for|regex|preflight|{_PLACES})|"
    rf"{_PROOF}[_-]?(?:exempt(?:ed|ions?)?|exclude[ds]?|exclusions?|skip(?:ped)?|ignore[ds]?|bypass|"
    rf"white_?list(?:ed)?|allow_?list)(?:[_-]?{_PLACES})?|no[_-]?auth[_-]?{_PLACES})"
    r"[\w.-]*['\"]?[ \t]*(?:=>|:=|[:=])"
)
"""A trigger: the end of a name, and what gives it a value."""
_SET = (
    r"^[ \t]*(?:-[ \t]+)?(?:(?:export|const|let|var|static|final|private|public|readonly|self\.|"
    r"this\.|app\.|config\.|settings\.)[ \t]*)*['\"]?[\w.-]+['\"]?[ \t]*"
    r"(?::[ \t]*[A-Z][\w<>\[\], ]*|:[ \t]*(?:list|set|tuple|frozenset|string)\b[\w<>\[\], .]*)?"
    r"(?:=>|:=|[:=])[ \t]*([^\n]*)$"
)
_NOTHING = (
    r"(?i)^(?:false|no|off|0|none|nil|null|undefined|['\"]{2}|\[\]|\{\}|\(\)|list\(\)|set\(\)|~)?"
    r"[ \t]*[,;]?[ \t]*(?:(?:#|//)[^\n]*)?$"
)
_WRITTEN = r"^(?:new[ ]\w+\(|\w*[sS]et\(|frozenset\(|Array\.of\(|List\.of\(|Set\.of\()?[\[({'\"]"
"""How a program writes such a list down, rather than taking it from elsewhere."""
_ITEM = r"^[ \t]*-[ \t]+\S"
_DATA = frozenset({Label.CONFIG, Label.INFRASTRUCTURE, Label.CONTAINER, Label.CI})

HELD_TO = (
    r"(?i)(?:allow(?:ed|list)?|permitted|trusted|white_?list(?:ed)?|restrict(?:ed)?_?to|"
    r"limit(?:ed)?_?to|confined_?to)_?[\w]*['\"]?[ \t]*(?::[^=\n\[]*)?[:=][ \t]*[\[({'\"]"
)
"""A trigger: a list of what alone is allowed."""
_NOT_OPEN = r"(?i)tool|command|permission|host|origin|admin|scope|skip|bash|action"
"""Where nothing on the list is nothing allowed, or its reader is known to say so."""


def is_emptied(pair: Pair) -> bool:
    """Return whether a list of what alone is allowed has nothing on it any more."""
    was, now = (expression(_SET).search(text) for text in (pair.old, pair.new))
    if was is None or now is None or finds(_NOT_OPEN)(pair.new):
        return False
    names = [bytes(found[0])[: found.start(1) - found.start()].strip() for found in (was, now)]
    return (
        names[0] == names[1]
        and finds(HELD_TO)(pair.old)
        and not finds(_NOTHING)(bytes(was[1]).strip())
        and bytes(now[1]).strip() != b""
        and finds(_NOTHING)(bytes(now[1]).strip())
    )


def excused(file: FileView) -> Iterator[Numbered]:
    """Yield the net-new lines that begin such a list and put something on it."""
    is_data = not file.labels.isdisjoint(_DATA)
    if not is_data and file.status == "A":
        return
    lines = [line for line in file.new(EXCUSES) if line.number is not None]
    named = finds(EXCUSES)
    before = {_name(text) for _, text in file.removed_lines() if named(text)} if lines else set()
    following = dict(file.added_lines()) if lines else {}
    for line in lines:
        text = line.whole
        found = None if is_comment(text) else expression(_SET).search(text)
        if found is None or _name(text) in before or line.number is None:
            continue
        value = bytes(found[1]).strip()
        if not value and is_data:
            is_set = finds(_ITEM)(following.get(line.number + 1, b""))
        else:
            is_set = not finds(_NOTHING)(value) and (is_data or finds(_WRITTEN)(value))
        if is_set:
            yield line.number, text


def _name(text: bytes) -> bytes:
    found = expression(EXCUSES).search(text)
    return bytes(found[0]).strip(b" \t'\"=:>").lower() if found else b""
