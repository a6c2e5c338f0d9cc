"""An early yes: a new way out of what decides, in front of the question that it asks.

What decides is known by the name of the function that the new lines stand in, or of the call
whose closure they are: shown above them, or written by git behind the hunk's numbers.
"""

from collections.abc import Callable, Container, Iterator, Sequence

from reviewqueue.domain.paths import fold
from reviewqueue.scan.rule import FileView
from reviewqueue.scan.structure.comments import is_bare, is_comment
from reviewqueue.scan.structure.hunks import Marked, numbered, shown
from reviewqueue.scan.structure.pairs import Numbered, finds

YES = (
    r"^[ \t]*return(?:[ \t]+(?:true|True|nil|null|None|undefined|Ok\((?:\(\)|true)\)|"
    r"next\(\)))?[ \t]*;?[ \t]*\}?$|"
    r"\bif\b[^\n]*[):{][ \t]*return(?:[ \t]+(?:true|True|nil|next\(\)))?[ \t]*;?[ \t]*\}?$|"
    r"^[ \t]*return(?:[ ]+(?:true|nil))?[ ]+(?:if|unless)[ ]"
)
"""An answer that lets pass: a trigger."""
HANDED_ON = (
    r"\breturn[ ]+(?:await[ ]+)?(?:\$?next|call_next|(?:self\.)?_?get_response|handler|self\.app|"
    r"self\.inner\.call)\(|\bnext\.ServeHTTP\(|\b[cC]hain\.doFilter\("
)
"""How what stands in front of a program hands a request on: likewise a trigger."""
_ANSWERS = f"{YES}|{HANDED_ON}"
_IF = (
    r"^[ \t]*\}?[ \t]*(?:else[ ]+|el)?(?:if|when|unless)\b|^[ \t]*return\b[^\n]*[ ](?:if|unless)[ ]"
)
_EMPTY = (
    r"(?i)\bnot\b|!\s*[\w(]|\bis none\b|[=!]=\s*(?:nil|null|none|undefined|['\"]{2})|\berr\b|"
    r"\bunless\b|empty|\blen\(|\.(?:len|length|size|count)\b|"
    r"disabled|enabled|is_?null|is_?nil|\bno_|\.is_none\(|===?\s*(?:0|false)\b|isinstance|typeof|"
    r"\bcache"
)
"""Conditions on there being nothing to ask about."""
_SHOWS = (
    r"(?i)\b(?:origin|referr?er|signature|csrf_?token|xsrf_?token|nonce|auth(?:orization)?_?header|"
    r"api_?key|access_?token|bearer|secret|host_?header|state)\b"
)
"""What somebody has to show: where it is missing, there is all the more to ask."""
_LEFT_OUT = (
    r"(?i)(?:\b|_)(?:skip|no|exempt|bypass|ignore|disable[ds]?)_?"
    r"(?:auth|csrf|xsrf|check|verif|valid|perm|sig|protect|limit|sandbox)"
)
"""A mark by which somebody is not asked."""
_VERB = (
    r"can|may|is|has|check|verif(?:y|ies)|authori[sz]e|authenticate|ensure|enforce|require|validate|"
    r"allow|permit|guard|assert|deny|should|must|reject|restrict|protect"
)
_NOUN = (
    r"access|permi\w+|allow\w*|auth\w*|roles?|owner|limit|models?|tools?|quota|privilege|scope|"
    r"restrict\w*|key|blocked|denied|use|see|view|edit|read|write|delete|manage|call|csrf|xsrf|"
    r"origin|signature|token|password|credential|trusted|host|captcha|mfa|otp|login|logged|admin|"
    r"member|approv\w*|confirm\w*|consent|activate"
)
_NAME = (
    rf"(?i:_?(?:{_VERB})_?\w*(?:{_NOUN})\w*|\w*(?:auth|csrf|xsrf|permission|policy|throttle|limit)"
    r"\w*_?(?:middleware|guard|filter|interceptor|hook|required)|authori[sz]e\w*|authenticate\w*|require[A-Z_]\w*)"
    r"[!?]?"
)
"""What a function is called that decides."""
_OF_FAILURE = (
    r"\b(?:is|has)(?:_?\w*(?:Error|Exception|Invalid|Missing)|_(?:\w*_)?(?:error|exception|invalid))"
    r"\w*\s*[(<=:]"
)
"""A function that only tells what went wrong."""
_METHOD = (
    r"^[ \t]*(?:(?:public|private|protected|internal|static|async|override|final|virtual|export|"
    r"void)[ \t]+)*"
)
_GIVEN = r"^[ \t]*(?:export[ ]+)?(?:const|let|var)[ ]+"
_LAMBDA = r"\b[^=\n]*=[ ]*(?:async[ ]*)?(?:function\b|\(|\w+[ ]*=>)[^;]*$"
_FUNCTION = r"^[ \t]*(?:[\w@]+\s+){0,5}(?:func|def|fn|function|fun|sub|bool|boolean)\b"
_DECIDER = (
    rf"{_FUNCTION}[^\n]*?\b{_NAME}\s*(?:[(<]|$)|{_METHOD}{_NAME}\([^;]*$|{_GIVEN}{_NAME}{_LAMBDA}"
)
_INSISTS = (
    r"(?i)\b_?(?:ensure|assert|enforce|require|verify|authori[sz]e|check|validate|deny|"
    r"reject|guard)"
)
"""What a function is called that refuses, whether that is shown or not."""
_GUARD = r"\b(?:csrf|xsrf|csrfProtection|verifyOrigin|checkOrigin|CheckOrigin|cors)[ ]*[(:=]"
"""A guard of a framework that is told by a closure what to let pass."""
_POLICY = r"(?i)polic(?:y|ies)|authz|authori[sz]|permission|access_?control|(?:^|/)acl|rbac|abilit"
_MAY = (
    r"^[ \t]*(?:[\w@]+\s+){0,5}(?:func|def|fn|function|fun)\s[^\n]*\(|^[ \t]*def[ ]+\w+[?!]?[ \t]*$"
)
_CALLABLE = rf"{_MAY}|{_METHOD}\w+\((?:[^;]*[{{,(])?[ \t]*$|{_GIVEN}\w+{_LAMBDA}"
_NO_NAME = r"^[ \t]*\}?[ \t]*(?:if|for|while|switch|catch|return|else|elif|with|await|foreach)\b"
_REFUSES = (
    r"(?i)\breturn\s+(?:false|err|0|forbidden|deny)|\braise\b|\bthrow\b|\bErr\(|forbid|denied|"
    r"unauthori[sz]ed|"
    r"\b40[13]\b|\breturn\s+[\w.$>!-]+\s*(?:\.|->|===?|\(|\bin\b|[<>])"
)
_STRONG = r"(?i)\b40[13]\b|forbid|unauthori[sz]ed|denied"
"""A refusal of somebody, by whatever stands in front of a program."""
_OF_POLICY = r"\bclass[ ]+\w*(?:Policy|Permission|Guard|Ability|Authori[sz]er|Voter)\b"
_SHOWN = 2_000
"""Lines of a hunk that are read."""
_LONG = 2_000
"""Bytes of a function's first line that are kept: every answer below asks for them again."""
_BETWEEN = 30
"""Lines between two hunks that may be of one function."""
_BELOW = 2
"""Lines below a condition in which its answer stands."""


def early(file: FileView) -> Iterator[Numbered]:
    """Yield the new conditions that answer yes before what was there has asked."""
    is_policy = finds(_POLICY)(fold(file.path).encode("utf-8", "replace"))
    is_class = any(map(finds(_OF_POLICY), (*file.headings(), shown(file))))
    decides = finds(f"{_DECIDER}|{_MAY}" if is_policy or is_class else _DECIDER)
    certain = finds(f"{_INSISTS}|{_MAY}" if is_class else _INSISTS)
    known, after = b"", 0
    for hunk, heading in zip(file.hunks(), file.headings(), strict=True):
        if _begins(heading) or hunk[1] - after > _BETWEEN:
            known = heading
        lines = [line for line in numbered(hunk, _SHOWN) if line[0] != b"-"]
        gone = {_name(line[1:]) for line in hunk[2][:_SHOWN] if line[:1] == b"-"}
        answers = [line[:1] for line in hunk[2][:_SHOWN] if finds(_ANSWERS)(line[1:])]
        if answers.count(b"+") > answers.count(b"-"):
            yield from _in(lines, known, gone, decides, certain)
        after = hunk[1] + len(lines)
        for mark, _, text in lines:
            if _begins(text):
                known = text[:_LONG] if mark == b" " or _name(text) in gone else b""


def _in(
    lines: Sequence[Marked],
    known: bytes,
    gone: Container[bytes],
    decides: Callable[[bytes], bool],
    certain: Callable[[bytes], bool],
) -> Iterator[Numbered]:
    """Yield the first early answer of a hunk; what is certain refuses, shown or not."""
    refused = max((at for at, line in enumerate(lines) if _refuses(line)), default=-1)
    header, guard, asked = known, -1, (b"", 0, b"")
    is_if, is_yes, is_guard = map(finds, (_IF, YES, _GUARD))
    hands = finds(HANDED_ON)
    denied = max((at for at, line in enumerate(lines) if _denies(line)), default=-1)
    is_new = False
    for at, (mark, number, text) in enumerate(lines):
        if is_comment(text) or is_bare(text):
            continue
        if 0 <= _depth(text) <= guard:
            guard = -1
        if mark == b" " and is_guard(text):
            guard = _depth(text)
        if _begins(text):
            is_new = mark != b" " and _name(text) not in gone
            header, asked = b"" if is_new else text[:_LONG], (b"", 0, b"")
        elif is_if(text):
            is_other = b"return" in text and not (is_yes(text) or hands(text))
            asked = (b"", 0, b"") if is_other else (mark, number, text)
        if not mark == asked[0] == b"+":
            continue
        is_asked = decides(header) and not finds(_OF_FAILURE)(header)
        answers = is_yes(text) and (guard >= 0 or is_asked)
        if (
            (
                (answers and (at < refused or certain(header)))
                or (hands(text) and at < denied and not is_new)
            )
            and number - asked[1] <= _BELOW
            and _counts(asked[2])
        ):
            yield asked[1], asked[2]
            break


def _begins(text: bytes) -> bool:
    """Return whether a line begins a function."""
    return finds(_CALLABLE)(text) and not finds(_NO_NAME)(text)


def _counts(text: bytes) -> bool:
    """Return whether a condition is more than that there is nothing to ask about."""
    return not finds(_EMPTY)(text) or finds(_SHOWS)(text) or finds(_LEFT_OUT)(text)


def _name(text: bytes) -> bytes:
    """Return what stands before the first bracket of a line: a function's name, and its kind."""
    return text.partition(b"(")[0].strip()


def _refuses(line: Marked) -> bool:
    return line[0] == b" " and finds(_REFUSES)(line[2])


def _denies(line: Marked) -> bool:
    return line[0] == b" " and finds(_STRONG)(line[2]) and not is_comment(line[2])


def _depth(text: bytes) -> int:
    start = text[: len(text) - len(text.lstrip())]
    return len(start.expandtabs(8))
