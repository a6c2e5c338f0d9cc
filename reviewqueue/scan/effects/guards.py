"""Guards in program text: what speaks of protection, what refuses, and what a change lost of it.

A guard is a condition followed by a refusal. Whether one is *lost* is asked of the whole
change: what comes back elsewhere, in other words too, was moved or rewritten.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache

from reviewqueue.domain.paths import Label, Labels, fold, is_own
from reviewqueue.scan.effects.balance import Balance
from reviewqueue.scan.rule import FileView, View, expression
from reviewqueue.scan.structure.comments import acting, is_comment
from reviewqueue.scan.structure.hunks import shown
from reviewqueue.scan.structure.pairs import (
    ANY,
    SOME,
    Block,
    Numbered,
    blocks,
    condensed,
    finds,
    is_reflowed,
    tokens,
)

PROTECTING = (
    r"(?i)redact|saniti[sz]|purif|passes_test|PreAuthorize|RolesAllowed|ssrf|csrf|xsrf|travers|hmac|whitelist|allow_?list|allowed|"
    r"permit|permission|unsafe|forbid|unauth|authori[sz]|den(?:y|ied)|trusted|tenant|escap(?:e|"
    r"ing)|symlink|realpath|canonicali|invalid|reject|restrict|privilege|refus(?:e|ing)|exceed|"
    r"revoked|expired|signature|nonce|quota|must not|may only|may contain|too (?:large|long|"
    r"many)|mutually exclusive|out of (?:range|bounds)|[ =(,]40[13]\b|HTTP_40[13]|\brbac\b|"
    r"\bacl\b|throttle|author_association|(?:is|check|require|requires|ensure|can|has|need|"
    r"login)_?(?:auth|admin|access|owner|role|login|required|safe|scope|member|disabled|private|"
    r"internal|confirm)|verif(?:y|ied|ies|ication)?_?(?:sig|tok|jwt|pass|orig|check|hash|web|"
    r"cert|user|own|acc|perm|=|\(|:)|validate(?:[ds]?[_(]|[a-z]+\()|validator|validated\b|"
    r"(?:is_?)?valid\(|\.valid\b|secure[_(dsj]|secure['\"]?[ \t]*[:=]|http_?only|same_?site|"
    r"safe_|_safe|\bsafe[ \t]*%|(?-i:safe[A-Z]|Safe[A-Z]\w)|shlex|quote\(|"
    r"sandbox['\"]?[ \t]*[:=]|rate_?limit|limits\.|clamp|limit (?:of|is|was|reached|exceed)|"
    r"reached (?:the|your|its) |max_?(?:size|len|bytes|depth|count)|filter_format|bleach|"
    r"moderat|guardrail|jailbreak|content_?filter|safety_?(?:check|filter|class)|toxicity|"
    r"refusal|blocklist|blacklist|helmet|UseGuards|HttpsRedirection|UseHsts|RequireHttps|"
    r"protect_from|auth_?(?:middleware|guard|handler)|[.]use\(auth|:authenticate|"
    r"authenticate(?:[_(]|user|token|req|admin)|(?:where|filter|filter_by|eq|"
    r"and)[( ](?:\{ ?)?['\"]?(?:user|project|account|workspace|created)_?(?:id|by)\b|"
    r"protected_?(?:proc|route)|secrets\(|mask_|confirmed\b|host(?:name)?(?: ===?| in\b|"
    r"\.(?:ends|starts))|(?:int|parseInt|Number|intval)\(\$?_?(?:self\.)?(?:req(?:uest)?\b|"
    r"params|query|GET)|relative_to|commonpath|compare_digest|timing_?safe|constant_?time|"
    r"evalsymlinks|islocal\(|openroot|strlcpy|strncpy|snprintf|literal_eval|execfile|"
    r"current_?user\b|request\.user\b|[_a-z]authenticated\b|&& len\(|(?:token|password|secret|"
    r"api_?key|credentials?)(?:\)? ?(?:==|is None|is nil)|\) ?\{|:$)|(?:owner|team|"
    r"organi[sz]ation|org|tenant|customer|member|provider)_?(?:id|by)\b|noopener|LocalRedirect|"
    r"Sandboxed|only(?-i:[A-Z]\w+)[ ]*(?:\{|public|external|returns)|MaxBytesReader|LimitReader|"
    r"auto_?escape|algorithms|special_?chars|constanttime|(?-i:Depends\(|\bField\(|conint|constr\()|"
    r"\.permit\(|(?:math\.)?\bmin\((?:int|parse|num)|\bprepare\(['\"]|has_?own|extractall|"
    r"authenticated[A-Z]?\w+|[>(][ ]*(?:self\.)?max\b|current_(?:account|tenant|team|organi)"
)
"""What guards are written in, rare enough to be looked for everywhere: a trigger of the rules
that look for lost guards."""
SETTING = (
    r"(?i)(?:auto|allow|skip|insecure|trust|public|unsafe|bypass|anonymous|ignore|expose|danger|"
    r"verif|requir|secure|strict|enforc|protect|safe|validat|sandbox|saniti|auth|http_?only|csrf|"
    r"confirm|approv|restrict|encrypt|mask|redact|private|read_?only|sensitive|debug|default|stack_?trace|"
    r"record_?[ioc]|capture_?|log_?\w*(?:bod|prompt|content|request)|sign_?up|accept_?invalid|introspect|"
    r"playground|swagger|share|follow_?[slr]|(?:force|use|enable)_?(?:ssl|tls|https))\w*['\"]?\]?"
    r"(?:[ \t]*[?]?:[ \t]*\w+)?[ \t]*(?:[:=,]|\?\?|\|\|)[ \t]*['\"]?(?:true|false|yes|no|on|off)\b"
)
"""A switch that protects or opens, with its value: likewise a trigger."""
SECURITY = (
    r"(?i)permi(?:ssion|tted)|authori[sz]|authenticat|unauth|forbid|csrf|xsrf|ssrf|travers|trusted|"
    r"sanit|redact|escape|allow_?list|whitelist|allowed|den(?:y|ied)|reject|restrict|signature|"
    r"hmac|verif|validat|invalid|secure|unsafe|owner|tenant|privilege|symlink|exceed|expired|"
    r"revoked|must not|must be|protect|sandbox|_access|can_?access|access(?:_?denied|ible)|"
    r"is_?admin|is_?safe|disabled|password|secret\b|too (?:large|long|many)|confirm|quota|"
    r"max_?(?:size|len|bytes|depth|count)|refus(?:e|ing)\b|limits?\b|sizeof|overflow|"
    r"out of (?:range|bounds)|may only|may contain|nonce|"
    r"https['\"]|\bscheme\b|expected_?(?:client|iss|aud|host|origin|hash|sig|alg|user|digest|checksum)|"
    r"(?:returned|stored|expected|saved)_?state|(?:owner|team|organi[sz]ation|org|tenant)_?id\b"
)
"""Words that security is written in: asked only of lines that a trigger found."""
CONDITION = (
    r"^[ \t]*(?:\}?[ \t]*else[ \t]+)?(?:if|elif|elsif|unless|guard|when|case|assert\w*!?|"
    r"IF|WHEN)\b|^[ \t]*require(?:That)?(?:[ \t]*\([ \t]*[^'\" \t]|[ \t]+[!\w])|"
    r"\b(?:if|unless)\b[ \t]*[(!@$\w]|^[ \t]*\[\[?[ \t]|\bensure!|\bor[ \t]+die\b|"
    r"ThrowIf|Guard\.Against"
)
"""How a line asks something."""
REFUSING = (
    r"\b(?:raise|throw|abort\w*|panic|bail|reject|deny|forbid|die|exit)\b|\bErr\(|\bensure!|"
    r"ThrowIf|Guard\.Against|\berr\w*!\(|(?:set|raise)_?[eE]rror\(|"
    r"\breturn\b[^\n]*(?:[Ee]rr|[fF]alse|[ (]-1\b|-E[A-Z]|[^\d\n]40\d(?:[^\d\n]|$)|"
    r"(?i:forbid|unauth|den(?:y|ied)|reject))"
)
"""How a line refuses aloud: by an error, or by an answer that says no."""
_REFUSAL = REFUSING + (
    r"|\b(?:sendError|next\(\s*(?:new\s+)?\w*Err\w*)\b|\.error\(|^[ \t]*continue\b|"
    r"\breturn\b[^\n]*(?:null|None|nil|[Rr]edirect|Response|pending)|"
    r"\breturn[ \t]*;?[ \t]*\}?[ \t]*$|"
    r"(?i:status(?:_?code)?|code)['\"]?\s*[(=:]\s*(?:\w+\.)*['\"]?(?:HTTP_)?40\d"
)
_CHOOSES = r"^[ \t]*[^\s#][^\n]*[ ]if[ ][^\n]*[ ]else[ ]"
"""A line that chooses between two values, and holds nothing back."""
_OF_GUARDS = (
    r"(?i:\w*(?:allowed|permi(?:ssion|tted)|authori[sz]|ensure_?\w|require_?\w|verif[iy]|validat|"
    r"saniti[sz]|escape|redact|check_?(?:access|perm|auth|visib)|is_relative_to|safe_?join|is_?safe|"
    r"forbid|reject|deny)\w*)[ \t]*\("
)
_GUARDING = rf"\b{_OF_GUARDS}"
"""A call whose name says that it guards."""
_MAKES_GUARD = rf"\b(?:def|fn|func|function)[ ]+{_OF_GUARDS}"
"""Where such a call is defined."""
_PROSE = 2
"""So many times as many new lines cannot all be comments."""
_REACH = 8
"""Lines from a condition within which its refusal stands."""
_ANSWER = 4
"""Lines up to which an answer is one expression."""
_YES = r"^[ \t]*return[ ]+(?:true|True|YES|Ok\(true\))[ ;]*$"
_ASKING = frozenset(b"if not elif else return pragma lax no cover then unless and or is".split())
_LONG = 60
"""Removed lines of a block from which it is a rewrite, to be read as a whole."""
_PRESENCE = (
    r"^[ \t]*(?:\}?[ \t]*else[ \t]+)?(?:if|elif|elsif|unless|when)\b[ \t]*\(?[ \t]*(?:not[ \t]+|!)?"
    r"[\w.$>@?-]+(?:[ \t]*(?:[!=]==?|is not|is)[ \t]*(?:null|nil|None|undefined|nullptr|\"\"|''))?"
    r"[ \t]*\)?"
    r"[ \t]*(?::|\{|then)?[ \t]*(?:return\b[^\n]*|\}?[ \t]*)$|"
    r"^[ \t]*guard[ \t]+(?:let|var)\b|^[ \t]*if[ \t]+let[ \t]+(?:Some|Err|Ok|None|\w+[ \t]*=)|"
    r"^[ \t]*if[ \t]*\(?[ \t]*(?:\w+[ \t]*:?=[^;\n]*;[ \t]*)?err(?:or)?\b[ \t]*"
    r"(?:!=[ \t]*nil)?[ \t]*\)?[ \t]*\{"
)
_SOMEBODY = (
    r"(?i)user|session|login|account|token|cookie|credential|key\b|auth|admin|role|member|caller|"
    r"actor|sender|origin|tenant|consent|approv|confirm|enabled|feature|safe|valid|allow|lock"
)
"""Whom, or whose leave, it means something to find missing."""
_DECIDES = r"(?i)rbac|authz|permission|\bacls?\b|sandbox|polic(?:y|ies)\b|authori[sz]"
"""Names of files that decide who may do what."""
_POINTS = (".c", ".h", ".cc", ".cpp", ".hpp", ".cxx", ".m", ".mm")
"""Languages in which what is not there must not be touched."""
_HARMLESS = (
    r"(?i)^[\w:.]*?_?(?:safe|sanit[iz]+e|clean|escape|valid(?:ate)?)_?(?:(?:string_?)?reg_?exp?|numpy|nan|num(?:ber)?s?|float|"
    r"int|bool|div|width|char|boundar|utf_?8|unicode|trunc|slice|substr|len|index|cast|get|load|dump|"
    r"parse|print|repr|format|round|display|title|label|colou?r|metric|area|json|serial|stringif|"
    r"close|copy|tool_?name|(?-i:Get|Int|Parse|Area))"
)
"""Names that say safe, and mean numbers, text or what may be missing."""
_BROWSER = r"(?i)\.(?:vue|svelte)$|/components/[^\n]*\.[jt]sx$"
"""Files whose conditions run in a browser, where whoever sits before it can pass them by."""
_SERVED = (
    r"\bgetServerSideProps\b|['\"]use server['\"]|\bcookies\(\)|\bNextRequest\b|\bredirect\(|"
    r"\bprisma\.|\bawait[ ]+(?:auth|currentUser|get(?:Server)?Session|getUser)\("
)
"""What such a file says where it runs on a server too."""
_CLEANS = (
    r"(?i)saniti[sz]|purif|escape_?(?:html|attr|url|xml|js)|html|xss|href|url|postmessage|"
    r"\borigin|csrf|xsrf"
)
"""What does protect in a browser: what is shown, where a link leads, who sends a message."""
_PIECE = 1 << 12
"""Bytes that are counted at once."""
_MOST_LINES = 20_000
"""Changed lines up to which a file is looked at block by block."""


def is_program(file: FileView) -> bool:
    """Return whether machines run a file, and it is still there: no test, no prose.

    A new file is one: what it holds may have been moved there.
    """
    return file.status != "D" and _is_run(file.labels)


@lru_cache(maxsize=1 << 10)
def _is_run(found: Labels) -> bool:
    return is_own(found) and (Label.SOURCE in found or Label.CI in found)


def lines(texts: Iterable[bytes], most: int) -> int:
    """Return how many lines some texts have; where that is more than ``most``, any such number.

    They are read no further than that, so that a small number costs little to compare with.
    """
    found = 0
    for text in texts:
        for at in range(0, len(text), _PIECE):
            found += text.count(b"\n", at, at + _PIECE)
            if found > most:
                return found
    return found


def programs(view: View) -> tuple[FileView, ...]:
    """Return every file that machines run."""
    return tuple(filter(is_program, view.files))


def balance(view: View) -> Balance:
    """Return what all programs of a change lost and kept."""
    return Balance(view.once(programs))


def shrinks(view: View) -> bool:
    """Return whether the programs of a change lose at least as many lines as they gain.

    A rewrite brings its guards back in other words, and grows; what only takes away does not.
    """
    sources = [f for f in view.files if Label.SOURCE in f.labels and Label.TEST not in f.labels]
    lost = sum([file.removed.count(b"\n") for file in sources])
    gained = lines([file.added for file in sources], _PROSE * lost)
    if lost >= gained or gained > _PROSE * lost:
        return lost >= gained
    return sum(acting(f.removed) for f in sources) >= sum(acting(f.added) for f in sources)


def is_refusal(text: bytes) -> bool:
    """Return whether a line ends the work: raises, returns an error, leaves a loop."""
    return finds(_REFUSAL)(text)


def is_condition(text: bytes) -> bool:
    """Return whether a line asks something."""
    return finds(CONDITION)(text)


def is_presence(file: FileView, text: bytes) -> bool:
    """Return whether a condition asks only whether something is there, or went wrong.

    Not where it is somebody who is asked for, not where a missing thing is a broken one, and
    not in a file that decides on rights.
    """
    if not finds(_PRESENCE)(text) or finds(_SOMEBODY)(text) or is_security(text):
        return False
    path = fold(file.path)
    return not (path.endswith(_POINTS) or finds(_DECIDES)(path.encode("utf-8", "replace")))


def guards_as_often(file: FileView) -> bool:
    """Return whether a file gains as many calls that guard, by their names, as it loses."""
    lost, gained = map(_guarding, (file.removed, file.added))
    return 0 < lost <= gained


def _guarding(text: bytes) -> int:
    """Return how many calls of a text guard, by their names; where they are made is none."""
    found = expression(_GUARDING).findall(text)
    return len(found) - len(expression(_MAKES_GUARD).findall(text))


def is_harmless(name: bytes) -> bool:
    """Return whether a name that says safe or clean means numbers, width or what is missing."""
    return finds(_HARMLESS)(name)


def is_security(text: bytes) -> bool:
    """Return whether text speaks of protection."""
    return finds(SECURITY)(text)


def in_browser(view: View, file: FileView, text: bytes) -> bool:
    """Return whether a line only decides what a browser shows, and cleans nothing there."""
    return file.path in view.once(_browsed) and not finds(_CLEANS)(text)


def _browsed(view: View) -> frozenset[str]:
    """Return the paths of the files that only a browser runs, as far as the change shows."""
    named, served = finds(_BROWSER), finds(_SERVED)
    files = (file for file in view.files if named(f"/{file.path}".encode("utf-8", "replace")))
    return frozenset(file.path for file in files if not served(shown(file)))


def loses_words(balance: Balance, text: bytes) -> bool:
    """Return whether a word of protection in a text stands less often than before."""
    found = (expression(regex).findall(text) for regex in (SECURITY, PROTECTING))
    # In order: a balance answers only so many words one by one.
    words = dict.fromkeys(word.lower() for words in found for word in words)
    return any(map(balance.is_lost_anyhow, words))


def lost_guards(file: FileView, balance: Balance | None = None) -> Iterator[Numbered]:
    """Yield the conditions of one file that went together with their refusals.

    Only those that speak of protection, and where the block's new lines neither ask nor
    refuse as often, nor the change keeps the line or its words. At most one of each block:
    its first.
    """
    if not (may_refuse(file.removed) and file.removed.count(b"\n") <= _MOST_LINES):
        return
    balance = balance or Balance([file])
    for block in blocks(file, _REFUSAL, SOME):
        whole = _whole(block.old)
        speaks = is_condition(whole) and is_security(whole)
        found = _guard(file, condensed(block), balance) if speaks else None
        if found:
            yield found


def may_refuse(text: bytes) -> bool:
    """Return whether a text holds both a condition and a refusal."""
    return is_refusal(text) and is_condition(text)


def is_long(block: Block) -> bool:
    """Return whether a block is too long to be read as one change."""
    return len(block.old) > _LONG


def long_block(file: FileView, balance: Balance) -> Numbered | None:
    """Return the first line of a block too long to be looked at that protects, and is lost."""
    if file.removed.count(b"\n") <= _LONG:
        return None
    speaks = finds(PROTECTING)
    for block in blocks(file, of=ANY[_LONG + 1 :]):
        left = condensed(block) if speaks(_whole(block.old)) else Block((), ())
        for number, text in left.old if is_long(left) else ():
            if speaks(text) and not balance.keeps(text):
                return number, text
    return None


def _whole(lines: Sequence[Numbered]) -> bytes:
    return b"\n".join([text for _, text in lines])


def _guard(file: FileView, block: Block, balance: Balance) -> Numbered | None:
    if is_long(block) or not may_refuse(_whole(block.old)) or is_reflowed(block):
        return None
    old = [(number, text) for number, text in block.old if not is_comment(text)]
    if not (_is_emptied(old, block.new, is_refusal) and _is_emptied(old, block.new, is_condition)):
        return None
    for place, (_, text) in enumerate(old):
        if is_condition(text):
            reach = [line for _, line in old[place : place + _REACH]]
            near = [line for _, line in old[max(0, place - _REACH) : place] if not block.new]
            around = b"\n".join((*near, *reach))
            spoken = b"\n".join(reach) if is_presence(file, text) else around
            if any(map(is_refusal, reach)) and is_security(spoken):
                is_kept = not loses_words(balance, around) or balance.keeps(text)
                return None if is_kept or _is_answered(old[place:], block.new) else old[place]
    return None


def _is_answered(old: Sequence[Numbered], new: Sequence[Numbered]) -> bool:
    """Return whether all that several conditions asked is one answer now, in one expression."""
    if len(new) > _ANSWER or not any(finds(_YES)(text) for _, text in old):
        return False
    asked = {word for _, text in old if is_condition(text) for word in tokens(text)}
    said = frozenset(word for _, text in new for word in tokens(text))
    return {word for word in asked if word[:1].isalpha()} - _ASKING <= said


def _is_emptied(
    old: Sequence[Numbered], new: Sequence[Numbered], kind: Callable[[bytes], bool]
) -> bool:
    """Return whether a block has fewer lines of a kind than before."""
    before = sum(1 for _, text in old if kind(text))
    chooses = finds(_CHOOSES)
    after = [text for _, text in new if kind(text) and not (is_comment(text) or chooses(text))]
    return before > len(after)
