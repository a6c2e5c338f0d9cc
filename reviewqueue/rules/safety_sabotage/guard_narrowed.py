"""A guard that still stands, and lets more through.

What it flags
    A removed line and the line that takes its place, where only protection went: a call
    that escaped, quoted, cleaned, masked or checked its argument is gone and the argument
    stays; a term of a condition is dropped; a query or a call is no longer limited to an
    owner, a tenant or a project; an equality becomes a prefix, suffix or substring test,
    an expression loses its anchors; a protecting setting is switched off, a permissive one
    on; a guard is put into a comment. Declarations, too: a name gives way to its unguarded
    counterpart (`ownerProcedure`, `textContent`, `checked_mul`), an entry leaves a list of
    hidden fields or of middleware, a rule leaves a validation, a lesser right is asked for,
    fewer characters are escaped.

Why it matters
    The guard is still there for whoever skims the file. One name less on a line is how
    most vulnerabilities come back.

How to review it
    Read the old and the new line side by side: what passes now that did not pass before?
    Look for the place that does the dropped part now; without one, ask for it.
    With a query: whose rows does it return, to whom?

Not flagged
    Names that stand elsewhere in the change as often as before; lines that gain as much as
    they lose; calls whose value went with them; names that say safe and mean numbers or
    width; several equalities that become a look into a list; comments, tests and prose.

Seen in
    CWE-79, CWE-78 and CWE-89 (output or input no longer neutralised), CWE-639 (access
    through a key that the user controls), CWE-185 (incorrect regular expression) and
    CWE-1188 (insecure default).
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.guards import (
    PROTECTING,
    SECURITY,
    SETTING,
    Balance,
    is_comment,
    is_harmless,
    is_long,
    is_program,
    shrinks,
)
from reviewqueue.scan.lesser import DECLARING, is_weaker, lesser
from reviewqueue.scan.pairs import (
    ANY,
    MOST,
    SOME,
    Block,
    Changed,
    Pair,
    blocks,
    changed_tokens,
    condensed,
    dropped_conjuncts,
    finds,
    likeness,
    paired,
    tokens,
)
from reviewqueue.scan.rule import FileView, Hit, Rule, Stability, View, expression

_CLEANS = (
    r"(?i)^\w*(?:escap(?:e|ed|ing|ejs)|quote|quoted|saniti[sz]|redact|purif(?:y|ied)|encode|safe_|_safe|"
    r"clean_|_clean|secure|canonical|realpath|validat|verif|filter_format|bleach|clamp|restrict|"
    r"authori[sz]|csrf|signature|mask_|protected\w|is_?relative|checked_|summarize|special_?chars|"
    r"MaxBytesReader|LimitReader|LimitedReader|Sandboxed|noopener)\w*$|"
    r"^(?:clean|e|h|safe[A-Z]\w*|mask|min|take|constr|conint|confloat|condecimal|Depends|permit|"
    r"own_?property|has_?own|hasOwn\w*)$"
)
_CLEANED = (
    r"(?i)^(?:saniti[sz]ed|escaped|safe|redacted|quoted|purified|masked|validated)_?\w+$|"
    r"^(?:require|ensure|check|verify|is)_?(?:auth|login|logged|signed|admin|perm|role|owner|member|"
    r"csrf)\w*$|^(?:authenticate|auth(?:orize|entication)?_?(?:middleware|guard|required|handler)|"
    r"csrf_?protection|rate_?limit(?:er)?|requires_auth|only[A-Z]\w+|nonReentrant|whenNotPaused|current_(?:user|account|tenant|team|"
    r"organi[sz]ation|member))$|^auth\w*interceptor$|"
    r"^(?:expected|permitted|trusted)_?(?:iss|aud|host|origin|state|nonce|hash|sig|alg)\w*$|^(?:Authenticated|Authorized|Verified|Require)[A-Z]?\w*$"
)
"""Values that were cleaned, and guards handed over by name; the others must be called."""
_SCOPE = (
    r"(?i)^\w*(?:user|owner|team|org|organi[sz]ation|tenant|project|account|workspace|provider|"
    r"customer|member|creator|visibility)_?(?:ids?|key)?$"
)
_PROTECTION = (
    r"(?i)permi|author|auth|forbid|acl|rbac|csrf|trust|sanit|escap|redact|allow|deny|reject|"
    r"restrict|sign|verif|valid|secur|safe|owner|tenant|admin|access|priv|token|password|secret|"
    r"role|member|limit|max|expire|revok|disabled|internal|confirm|protect|guard|sandbox|ident|"
    r"scope|namespace|\blen\b|size|host|origin|scheme|path|user|team|org|symlink|\.\.|public|"
    r"provider"
)
_CONDITION = (
    r"^[ \t]*(?:\}?[ \t]*else[ \t]+)?(?:if|elif|elsif|while|return|unless|guard|when|case|and|or|"
    r"assert)\b|&&|\|\||\bwhere\b|\bif\b.*\belse\b|=[^=\n]*\band\b"
)
_SPEAKS = (
    r"^[ \t]*(?:-[ \t]*)?(?:import|from|use|using|#include|include|name:|description:|export \*|"
    r"required:)"
)
"""What a line begins with that does nothing of itself."""
_TRAILING = r"[ \t](?://|#)[ \t].*$"
_WIDER = frozenset(
    b"includes startswith startsWith endswith endsWith contains indexOf HasPrefix HasSuffix "
    b"Contains search StartsWith EndsWith starts_with ends_with hasPrefix hasSuffix find".split()
)
_EXACT = frozenset(
    b"== === != !== equals Equals Equal fullmatch match is_relative_to isPathInDir eql".split()
)
_EITHER = frozenset({b"||", b"or"})
"""What several equalities are joined by, that a look into a list replaces."""
_ANCHORED = r"['\"/`]\^|\$['\"/`]"
_OPENS = (
    r"(?i)auto|allow|skip|insecure|trust|public|unsafe|bypass|disable_?\w*(?:auth|check|verif|valid|"
    r"secur|sandbox|protect)|execut|anonymous|no_?(?:auth|verif|check)|ignore|expose|debug|yolo|"
    r"danger"
)
_HOLDS = (
    r"(?i)verif|requir|secure|strict|enforc|protect|safe|validat|sandbox|saniti|escape|auth|"
    r"http_?only|csrf|confirm|approv|restrict|encrypt|mask|redact|private|read_?only|audit"
)
_ON = frozenset({b"true", b"yes", b"on", b"enabled", b"enable", b"allow", b"always"})
_COERCES = frozenset(b"int float Number parseInt UUID uuid intval Atoi ParseInt Integer".split())
"""Names that let nothing but a number or an identifier through."""
_OUTSIDE = r"(?i)request|\bparams?\b|\bquery|\bGET\b|\bPOST\b|\bargs\b|\binput\b|\bargv\b"
"""Where a value comes from outside."""
_OPTIONS = (
    r"(?i)^(?:filter|check\w*|verif\w*|validat\w*|safe|strict\w*|algorithms?|audience|issuer|"
    r"auto_?escape|escape|timeout|limit|max_?\w+|min_?\w+|allowed_?\w*|expected_?\w*|secure|"
    r"http_?only|same_?site|gt|ge|lt|le|pattern|regex|sandbox|permission\w*|scopes?|required_\w+|"
    r"content_?type|mime_?type|media_?type|rel|csrf\w*|integrity|checksum|sha256)$"
)
"""Names of options that hold a value, or a caller, back."""
_BOUNDLESS = frozenset(
    b"MAX MaxInt MaxInt64 MaxInt32 MaxUint64 MaxUint32 MAX_VALUE MAX_SAFE_INTEGER maxsize Infinity "
    b"inf INT_MAX SIZE_MAX ULONG_MAX UINT_MAX INFINITY".split()
)
"""What no value ever exceeds."""
_BY_NAME = (
    r"(?i)^\w*(?:escape|saniti[sz]e|purify|redact|encode|htmlspecialchars|strip_tags)\w*$|"
    r"^(?:encrypted|hashed)$"
)
"""What cleans wherever it is handed over by name."""
_HANDS = frozenset({b"(", b",", b"'", b'"', b"&", b":"})
_TAKES = frozenset({b")", b",", b"'", b'"'})
"""What stands before and after a name that is handed over."""
_CALLS = frozenset({b"(", b"!"})
"""What follows a name that is called."""
_ASSIGNS = frozenset({b"=", b":=", b":", b"+="})
"""What follows a name that is only given its value here."""
_CONTINUED = r"^[ \t]*(?:&&|\|\||and\b|or\b)|(?:&&|\|\||\band|\bor|\\)[ \t]*$"
"""A line of a condition that spans several."""
_DEMANDS = frozenset({b"Valid", b"Validated", b"NotNull", b"NotBlank", b"Size", b"Pattern"})
"""Marks that demand something of a value."""
_STILL = (
    r"(?i)saturat|overflowing|admin|auth|owner|secur|protect|restrict|permi|^safe|verif|^filtered"
)
"""New names that speak of a protection of their own."""
_GIVES = frozenset({b"=", b":"})
"""What stands between an option and its value."""
_OPENS_OPTION = frozenset({b"(", b",", b"{", b"a"})
_LIMITS = r"(?i)^[ \t]*(?:\}?[ \t]*else[ \t]+)?(?:if|elif|while|unless|guard)\b|limit|max|quota"
_FLIPPED = "a protecting setting is switched to the less safe side"
_NO_SETTING = frozenset({Label.TEST, Label.DOCS, Label.LOCK, Label.GENERATED, Label.VENDORED})
_FEW = 3
"""New tokens up to which a line that loses protection was not simply written anew."""
_SOMEWHAT = 0.3
"""Share of the tokens that two lines have in common that stand alone in their block."""
_SHORT = 16
"""Lines of a block up to which it is looked at as one statement."""


class _Context:
    """What is asked of the change beside the pair; counted when first asked."""

    def __init__(self, view: View) -> None:
        """Keep the change."""
        self._view = view

    @cached_property
    def balance(self) -> Balance:
        """The words of every program."""
        return Balance(filter(is_program, self._view.files))

    @cached_property
    def is_smaller(self) -> bool:
        """Whether the change takes more away than it brings."""
        return shrinks(self._view.files)


def check(view: View) -> Iterator[Hit]:
    """Compare the lines of every program where protecting words stood."""
    context = _Context(view)
    for file in view.where(*_TRIGGERS, side=Side.OLD):
        if not (file.added or _is_setting(file)) or not (is_program(file) or _is_setting(file)):
            continue
        if not is_program(file) and (found := _too_long(file)):
            yield found
        for block in blocks(file, _ANY, SOME):
            short = condensed(block) if block.new else block
            if short.new and not (is_long(short) and is_program(file)):
                yield from _hits(file, short, context)


def _too_long(file: FileView) -> Hit | None:
    """Tell the first switch of a block of settings that is too long to be compared."""
    if file.removed.count(b"\n") <= MOST:
        return None
    switch = expression(SETTING)
    for block in blocks(file, SETTING, ANY[MOST + 1 :]):
        for number, text in block.old:
            if switch.search(text):
                told = "a long piece of settings is removed or rewritten: compare it as a whole"
                return Hit.on(file, number, text, told, side=Side.OLD, severity=Severity.LOW)
    return None


def _speaks(text: bytes) -> bool:
    """Whether lines hold a word that a guard is written in."""
    return finds(_ANY)(text)


def _is_setting(file: FileView) -> bool:
    """Return whether a program reads its switches from the file."""
    found = file.labels
    return Label.CONFIG in found and file.status in "MR" and _NO_SETTING.isdisjoint(found)


def _hits(file: FileView, block: Block, context: _Context) -> Iterator[Hit]:
    told = False
    for pair in _pairs(block):
        if is_comment(pair.old):
            continue
        message = _message(pair, context, is_code=is_program(file))
        if message:
            told = True
            yield _hit(file, pair, message)
    whole = None if told or not is_program(file) else _joined(block)
    if whole and _drops_term(whole, changed_tokens(whole), context):
        yield _hit(file, whole, "a condition has lost a term")


def _pairs(block: Block) -> Iterator[Pair]:
    """Yield the pairs of a block that speak of protection; two lines alone need be less alike."""
    found = list(paired(block, _speaks))
    yield from found
    if not found and len(block.old) == len(block.new) == 1 and _speaks(block.old[0][1]):
        (old_line, old), (new_line, new) = *block.old, *block.new
        pair = Pair(old_line, new_line, old, new)
        if _SOMEWHAT <= likeness(pair) < 1:
            yield pair


def _hit(file: FileView, pair: Pair, message: str) -> Hit:
    return Hit(
        message=message,
        text=f"{_shown(pair.old)} -> {_shown(pair.new)}",
        path=file.path,
        line=pair.new_line,
        side=Side.NEW,
        key=b" ".join((*pair.old.split(), b"->", *pair.new.split())),
    )


def _shown(text: bytes) -> str:
    return b" ".join(text.split())[:300].decode("utf-8", "replace")


def _message(pair: Pair, context: _Context, *, is_code: bool) -> str:
    if is_comment(pair.new):
        return _commented(pair)
    bare = Pair(pair.old_line, pair.new_line, _bare(pair.old), _bare(pair.new))
    changed = changed_tokens(bare)
    if not is_code:
        return _FLIPPED if _flips(bare, changed, context) else ""
    if is_weaker(changed):
        return "a call that holds a limit or a check is replaced by one that does not"
    if finds(_SPEAKS)(pair.old):
        return ""
    told = lesser(bare, changed, context.balance.is_lost)
    return told or next((told for applies, told in _KINDS if applies(bare, changed, context)), "")


def _bare(text: bytes) -> bytes:
    """Return a line without the comment at its end."""
    return expression(_TRAILING).sub(b"", text) if b"//" in text or b"#" in text else text


def _commented(pair: Pair) -> str:
    """Tell a guard that became a comment, word for word."""
    if tokens(pair.old) == tokens(pair.new.lstrip(b" \t#/*<!-;"))[: len(tokens(pair.old))]:
        security = expression(SECURITY).search(pair.old)
        return "a line that guards is put into a comment" if security else ""
    return ""


def _unwraps(pair: Pair, changed: Changed, context: _Context) -> bool:
    """Whether a cleaning or checking name is gone, and nothing like it came."""
    gone = [*changed.gone, *(old for old, _ in changed.swapped)]
    came = [*changed.came, *(new for _, new in changed.swapped)]
    there = frozenset(tokens(pair.new))
    lost = frozenset(gone) - there
    if not lost or len(came) > max(_FEW, len(gone)):
        return False
    lost = _used(pair.old, lost, there)
    if not lost or any(map(finds(f"{_STILL}|{_CLEANS}"), came)):
        return False
    return any(map(context.balance.is_lost, lost))


def _used(text: bytes, lost: frozenset[bytes], there: frozenset[bytes]) -> frozenset[bytes]:
    """Return which names clean or check on a line: called, piped to, or cleaned values.

    What they were called with must be there still: a value that went, too, lets nothing through.
    """
    words = tokens(text)
    cleans, cleaned = finds(_CLEANS), finds(_CLEANED)
    outside, by_name = finds(_OUTSIDE)(text), finds(_BY_NAME)
    return frozenset(
        word
        for at, (before, word, after) in enumerate(
            zip((b"", *words), words, (*words[1:], b""), strict=False)
        )
        if word in lost
        and not is_harmless(word)
        and _stays(words, at, there)
        and (
            (after not in _ASSIGNS and cleaned(word))
            or ((after in _CALLS or before == b"|") and cleans(word))
            or (word in _COERCES and after == b"(" and outside)
            or (before == b"@" and word in _DEMANDS)
            or (before in _HANDS and after in _TAKES and by_name(word))
        )
    )


def _stays(words: Sequence[bytes], at: int, there: frozenset[bytes]) -> bool:
    """Return whether one of the names that a call was made with is on the new line, too."""
    depth, names = 0, []
    for word in words[at + 1 :]:
        depth += (word == b"(") - (word == b")")
        if depth <= 0:
            break
        if word[:1].isalpha() or word[:1] == b"_":
            names.append(word)
    return not names or not there.isdisjoint(names)


def _drops_term(pair: Pair, changed: Changed, context: _Context) -> bool:
    """Whether a term of a condition that speaks of protection is gone."""
    if len(changed.came) + len(changed.swapped) >= _FEW:
        return False
    terms = dropped_conjuncts(pair)
    if not (terms and expression(_CONDITION).search(pair.old)):
        return False
    protects = expression(_PROTECTION)
    return context.is_smaller and any(
        protects.search(b" ".join(term)) and any(context.balance.is_lost(word) for word in term)
        for term in terms
    )


def _unscopes(pair: Pair, changed: Changed, context: _Context) -> bool:
    """Whether a query or a call is no longer limited to somebody's own."""
    if changed.came or not changed.gone or len(changed.swapped) > 1:
        return False
    scope, there = expression(_SCOPE), frozenset(tokens(pair.new))
    lost = [word for word in changed.gone if word not in there and scope.search(word)]
    if not lost or b"(" not in there or not context.is_smaller:
        return False
    return any(map(context.balance.is_lost, lost))


def _loosens(pair: Pair, changed: Changed, _: _Context) -> bool:
    """Whether a comparison accepts more than before."""
    gone = frozenset((*changed.gone, *(old for old, _ in changed.swapped)))
    came = frozenset((*changed.came, *(new for _, new in changed.swapped)))
    if not finds(_PROTECTION)(pair.old):
        return False
    if came & _WIDER and gone & _EXACT and not (gone & _WIDER or came & _EXACT):
        return _EITHER.isdisjoint(gone)
    unanchored = (gone & {b"^", b"$"}) and not came & {b"^", b"$"}
    return bool(unanchored) and expression(_ANCHORED).search(pair.old) is not None


def _flips(pair: Pair, changed: Changed, _: _Context) -> bool:
    """Whether only a switch changed, to the side that protects less."""
    if changed.gone or changed.came or len(changed.swapped) != 1:
        return False
    opens = expression(_OPENS).search(pair.old) is not None
    holds = not opens and expression(_HOLDS).search(pair.old) is not None
    return any(opens if new.lower() in _ON else holds for _old, new in changed.switches)


def _drops_option(pair: Pair, changed: Changed, _: _Context) -> bool:
    """Whether an option that holds something back is no longer given, and nothing else is."""
    if changed.came or len(changed.swapped) > 1 or not changed.gone:
        return False
    old, options = tokens(pair.old), expression(_OPTIONS)
    given = {
        word
        for before, word, mark in zip(old, old[1:], old[2:], strict=False)
        if mark in _GIVES and before in _OPENS_OPTION and options.search(word)
    }
    there = frozenset(tokens(pair.new))
    if b"text/plain" not in pair.old:
        given = {word for word in given if b"type" not in word.lower()}
    return any(word in given and word not in there for word in changed.gone)


def _unbounds(pair: Pair, changed: Changed, _: _Context) -> bool:
    """Whether a limit became one that nothing reaches."""
    came = frozenset((*changed.came, *(new for _old, new in changed.swapped)))
    if not came & _BOUNDLESS or _BOUNDLESS & frozenset(tokens(pair.old)):
        return False
    return expression(_LIMITS).search(pair.old) is not None


def _joined(block: Block) -> Pair | None:
    """Return a short block as one line before and after; None where it is no condition."""
    if len(block.old) + len(block.new) > _SHORT:
        return None
    if not any(finds(_CONTINUED)(text) for _, text in block.old):
        return None
    old = b" ".join(text.strip() for _, text in block.old if not is_comment(text))
    new = b" ".join(text.strip() for _, text in block.new if not is_comment(text))
    if len(tokens(new)) <= _FEW:
        return None
    return Pair(block.old[0][0], block.new[0][0], old, new)


_KINDS: tuple[tuple[Callable[[Pair, Changed, _Context], bool], str], ...] = (
    (_unwraps, "what cleaned or checked a value is gone, and the value stays"),
    (_drops_term, "a condition has lost a term"),
    (_unscopes, "no longer limited to an owner's, a user's or a project's own"),
    (_loosens, "a comparison accepts more than before"),
    (_flips, _FLIPPED),
    (_drops_option, "an option that held something back is no longer given"),
    (_unbounds, "a limit becomes one that nothing reaches"),
)
_TRIGGERS = (PROTECTING, SETTING, DECLARING)
_ANY = "|".join(f"(?:{regex})" for regex in _TRIGGERS)

RULE = Rule(
    id="guard-narrowed",
    pathway=Pathway.SAFETY_SABOTAGE,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    version=4,
    summary="leaves a guard standing that lets more through",
    removed_triggers=_TRIGGERS,
    check=check,
)
