"""A function that claims to check, and always says yes.

What it flags
    An added function whose name promises a check (verify, validate, authorise,
    is_safe, has_permission, moderate …) and whose whole body is an unconditional yes:
    `return True`, `return nil`, `Ok(())`, `=> true`, `pass`; a body replaced by one; a yes
    put before the rest of such a body, which is then never reached.

Why it matters
    Callers believe the name. A stub that was to be filled in later, or one that only
    looks like the promised safety work, lets everything through and looks done.

How to review it
    Read the message: does it claim that the check exists?
    Look at the callers: what do they do once this says yes?
    Ask for a test in which the check says no.

Not flagged
    Functions that decide anything before they say yes; doubles in tests; abstract
    methods, and functions that say no, or that something is required.

Seen in
    Baker et al. (2025), "Monitoring reasoning models for misbehavior": an agent in
    training made the verification always succeed; CVE-2014-1266 ("goto fail"), where one
    line made all of a signature check after it unreachable.
"""

from collections.abc import Iterator, Sequence
from itertools import islice

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import FileView, Hit, Rule, Stability, View, expression

_YES = (
    r"^[ \t]*(?:(?:return[ \t\r\f]+(?:True|true|TRUE|YES|nil|None|Ok\(\(\)\)|Ok\(true\)|\[\]|1|"
    r"true,[ ]nil|\(?True,[ \t\r\f]*(?:None|''|\"\"|\[\]|\{\})\)?|Promise\.resolve\(true\)|"
    r"Task\.FromResult\(true\)|Task\.CompletedTask|Optional\.empty\(\)|Mono\.just\(true\))"
    r"|return[ ]next\(\)|return[ \t]+!![\w.]+|Ok\(\(\)\)|Ok\(true\)|true|"
    r"pass)[ \t\r\f]*;?[ \t\r\f]*(?:#|//|$)|"
    r"return[ \t\r\f]+\{[ ]*(?:valid|ok|success|allowed|safe|isValid|passed|verified)['\"]?:[ ]*"
    r"true[ ,}])"
)
_YES_LINE = rf"{_YES}[^\n]*"
"""Always one whole line."""
_PROMISED = (
    r"(?:(?:verif(?:y|ies)|validat(?:e|es)|authori[sz]e|authenticate|"
    r"is_?(?:safe|valid|allowed|authori[sz]ed|authenticated|trusted|permitted|admin|harmful_free)|"
    r"has_?(?:permission|access|role)|can(?:_|access|edit|delete|view|write|merge|user|perform|"
    r"execute|create|update|read|manage|publish|invoke|run)|check|guard|require|ensure|enforce|"
    r"allow|permit|accept|verified|valid|protect|csrf|moderate|scan_?for|"
    r"detect_?(?:abuse|jailbreak|injection|secrets?|malicious))\w*)\s*[(=]"
)
"""The name that promises."""
_PROMISE_HEAD = (
    r"(?:(?:export|public|private|protected|static|async|pub(?:\([^)]*\))?|override|"
    r"default|virtual|final|internal|suspend)\s+)*(?:(?:def|fun|func(?:tion)?|fn|sub|proc|"
    r"bool(?:ean)?|"
    r"Task<bool>|Boolean|Bool|int|void|error|const|let)\s+)?(?:self\.)?(?:\([^)]*\)\s*)?"
    rf"(?:[A-Za-z]*_)?_*{_PROMISED}"
)
_PROMISE = rf"(?i)^[ \t]*{_PROMISE_HEAD}[^\n]*[:{{=)(,][ \t]*$"
_NO_HEAD = (
    r"(?i)^[ \t]*[\w.]+\([^()]*\);?[ \t]*$|\bis_?required\b|\b(?:if|elif|while|return|await)\b"
)
"""A call, or a name for which yes is the strict answer."""
_AT_ONCE = (
    rf"(?i)^[ \t]*{_PROMISE_HEAD}[^\n]*(?:=>[ \t]*(?:true|Promise\.resolve\(true\))|"
    r"\{[ \t]*(?:return[ ](?:true|nil|Ok\(\(\)\)|1)|true|Ok\(\(\)\))[ \t]*;?[ \t]*\}|"
    r":[ \t]*return[ ]True|=[ \t]*(?:lambda[^\n:]*:[ \t]*True|true|\([^\n)]*\)[ ]*->[ ]*true))"
    r"[ \t]*[;,]?[ \t]*$"
)
"""A function on one line that says yes."""
_ATTRIBUTE = r"^[ \t]*[\w:-]+=\{true\}[ \t]*/?>?[ \t\r]*$"
"""What a piece of a page is given."""
_QUIET = (
    r"^[ \t]*(?:#|//|\*|/\*|\"\"\"|'''|$|[{}]\s*$)|^[ \t]*(?:\"\"\"|''')[^\n]*(?:\"\"\"|''')\s*$"
)
_ELSEWHERE = frozenset({Label.TEST, Label.DOCS, Label.GENERATED, Label.VENDORED})
_ALWAYS = "a function that promises a check always says yes"
_CUT_OFF = "the rest of a check is never reached"
_BACK = 12
"""Lines that may stand between a function's head and its yes."""


def check(view: View) -> Iterator[Hit]:
    """Mark an added yes that directly follows the head of a function that promises."""
    for file in view.where(_YES, _AT_ONCE, side=Side.NEW):
        if file.labels.isdisjoint(_ELSEWHERE) and Label.SOURCE in file.labels:
            yield from _stubs(file)
            for line in file.new(_AT_ONCE):
                if not expression(_ATTRIBUTE).search(line.whole):
                    yield Hit.at(file, line, _ALWAYS)


def _stubs(file: FileView) -> Iterator[Hit]:
    yes = {b"+" + line for line in expression(_YES_LINE).findall(file.added)}
    promises = expression(f"(?i){_PROMISED}")
    for _, start, lines in file.hunks():
        if yes.isdisjoint(lines) or not promises.search(b"\n".join(lines)):
            continue
        after = [line for line in lines if line[:1] not in {b"-", b"\\"}]
        for at, line in enumerate(after):
            head = _head(after, at) if line in yes else None
            if head is None:
                continue
            told = _ALWAYS if _ends(after, at) else _CUT_OFF if b"return" in line else ""
            if told:
                text = f"{_shown(after[head])} … {_shown(line)}"
                yield Hit(message=told, text=text, path=file.path, line=start + at, side=Side.NEW)


def _head(lines: Sequence[bytes], at: int) -> int | None:
    """Return where the promising function starts that this line is the first deed of."""
    promise, quiet = expression(_PROMISE), expression(_QUIET)
    in_docstring = False
    for back in islice(range(at - 1, -1, -1), _BACK):
        text = lines[back][1:]
        if promise.search(text):
            if expression(_NO_HEAD).search(text):
                return None
            return None if back and b"abstract" in lines[back - 1].lower() else back
        if text.count(b'"""') % 2 or text.count(b"'''") % 2:
            in_docstring = not in_docstring
            continue
        if not in_docstring and not quiet.search(text) and not _continues(text):
            return None
    return None


def _continues(text: bytes) -> bool:
    """Return whether a line is the rest of a function's head over several lines."""
    stripped = text.strip()
    return stripped.endswith((b"):", b"{")) and stripped.startswith(b")")


def _ends(lines: Sequence[bytes], at: int) -> bool:
    """Return whether nothing of the same body follows."""
    following = lines[at + 1][1:] if at + 1 < len(lines) else b""
    indent = len(lines[at][1:]) - len(lines[at][1:].lstrip())
    return not following.strip() or len(following) - len(following.lstrip()) < indent


def _shown(line: bytes) -> str:
    return line[1:].decode("utf-8", "replace").strip()


RULE = Rule(
    id="stubbed-verification",
    pathway=Pathway.SAFETY_NEGLECT,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="adds a check that always says yes",
    version=5,
    added_triggers=(_YES, _AT_ONCE),
    check=check,
)
