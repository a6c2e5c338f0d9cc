"""A refusal, or what protects, that was meant for all, and stands below a new condition now.

The line is still there, word for word, so that neither a search for it nor a count of what
refuses tells that somebody no longer gets there. Told by where it stands: deeper than before,
with a condition above it that is new, and whose other branch refuses nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from reviewqueue.scan.effects.guards import REFUSING, is_condition, is_presence, is_program
from reviewqueue.scan.rule import FileView, View, expression
from reviewqueue.scan.structure.comments import is_bare, is_comment
from reviewqueue.scan.structure.pairs import Block, Numbered, blocks, finds, tokens

_REFUSAL = REFUSING + (
    r"|\bhttp\.Error\(|\bsend_?[eE]rror\(|\.status\(40|\bStatus(?:Forbidden|Unauthorized)\b|"
    r"(?i:forbidden\(|unauthori[sz]ed\()"
)
_ASKS_LEAVE = (
    r"^[ \t]*(?:[\w$]+(?:\.|->))*(?:use|Use|register|add_middleware|plug|UseMiddleware)\b[ ]*\(?"
    r"[^\n]*(?i:auth[^o]|csrf|xsrf|helmet|limit|throttl|permission|guard|verif|protect)"
)
"""A guard that all that follows stands behind."""
_VERIFIES = (
    r"(?i)^[^\"'#\n(]*\b_?(?:validate|verify|authori[sz]e|authenticate|saniti[sz]e|enforce|"
    r"check_?(?:sig|perm|auth|acc|hash|sum|cert|tok|valid))\w*[!?]?\("
)
"""A call that validates, on a line that does nothing before it."""
_OPTIONS = (
    r"\b(\w{4,})(?:[ ]+\*?bool\b|\??[ ]*:[ ]*(?:Optional\[)?[bB]ool(?:ean)?\b)|"
    r"\b(?:bool|boolean|Boolean)\??[ ]+(\w{4,})"
)
"""Where a switch is declared, and its name."""
_PROTECTS = (
    r"(?i)\b[\w.$\[\]'\"-]*(?:[cx]srf|nosniff|x-frame|frame_?options|content-?security|hsts|"
    r"strict-?transport)[^\n=]*=[^=]|\b(?:\w+[.>])*(?:sanitiz|escape_?html|purif|encrypt|"
    r"verify_|verify[A-Z(]|scrub|redact|mask_|confirm|ask_?(?:user|permission|approval|"
    r"confirm)|request_?(?:approval|permission|confirm))\w*\("
)
"""What protects whoever it is done to."""
_REFUSES = f"{_REFUSAL}|{_ASKS_LEAVE}"
_HELD = f"{_REFUSES}|{_PROTECTS}"
_ELSE = r"^[ \t]*\}?[ \t]*else\b[ \t]*[{:]?[ \t]*$|^[ \t]*\}?[ \t]*default[ \t]*:"
_SPEAKS = (
    r"['\"`][^'\"`\n]*[A-Za-z]{3}|[A-Z]\w*(?:Error|Exception|Denied|Forbidden)|\b40\d\b|"
    r":\w|[a-z]_[a-z]"
)
"""A refusal that says what it refuses, and does not only hand on what went wrong."""
_HANDS_ON = r"\b(?:err|e|ex|exc|error)\b[ ]*(?:[),;.]|$)"
"""A refusal that hands on what went wrong."""
_FAILED = r"\b(?:err(?:or)?|ok|e|ex|exc|result)\b"
"""Asks whether something went wrong."""
_SWITCH = (
    r"(?i)conf(?:ig)?\b|settings?\b|options?\b|opts\b|(?-i:\b[A-Z_]{5,}\b)|\benv|feature|flag|"
    r"mode\b|strict\b|debug\b"
)
"""A switch, rather than something that may be missing."""
_OF_PROTECTION = (
    r"(?i)\b(?:conf(?:ig)?|settings?|options?|opts|env|flags?|features?|self|this)(?:\.|->|\[['\"])"
    r"\w*(?:[cx]srf|auth|verif|valid|sanit|escap|secur|protect|encrypt|check|strict|confirm|approv|ask|prompt)"
)
_SHORT = 40
"""Removed lines of a block up to which it is read as one refusal and what is around it."""
_LONG = 100
_ASKS = r"^(?:\}?[ ]*else[ ])?(?:if|unless)\b"
_DEEPEST = 1 << 20
_TAB = 8

_Above = tuple[int, bytes, int, bool, bool]
"""A line's number, its text, its depth, whether it asks, and whether it is another branch."""


def excused(file: FileView) -> Iterator[Numbered]:
    """Yield the new conditions that keep a refusal, or what protects, from some whom it met."""
    holds = finds(_HELD)
    if not (holds(file.removed) and holds(file.added)):
        return
    for block in blocks(file, _HELD, of=range(1, _SHORT + 1)):
        if 0 < len(block.new) <= _LONG:
            words: set[bytes] = set()
            for number, text, refuses in _held(block, _guards(block)):
                words = words or {word for _, line in block.old for word in tokens(line)}
                if (refuses and _is_excuse(file, words, text)) or _is_switch(block, text):
                    yield number, text
                    break


def made_optional(file: FileView, view: View) -> Iterator[Numbered]:
    """Yield the conditions on a new option, below which a validation of all stands now."""
    verifies = finds(_VERIFIES)
    if not (verifies(file.removed) and verifies(file.added)):
        return
    options = view.once(_new_options)
    for block in blocks(file, _VERIFIES, of=range(1, _SHORT + 1)):
        if 0 < len(block.new) <= _LONG:
            old = {
                text.strip(): _depth(text)
                for _, text in block.old
                if verifies(text) and not is_comment(text)
            }
            yield from (
                (number, text)
                for number, text, _ in _held(block, old)
                if not options.isdisjoint(tokens(text))
            )


def _new_options(view: View) -> frozenset[bytes]:
    """Return the names of the switches that a change's programs declare, and did not before."""
    declared = expression(_OPTIONS)
    old, new = (
        {one or other for file in view.files for one, other in declared.findall(side(file))}
        for side in (_removed, _added)
    )
    return frozenset(new - old)


def _removed(file: FileView) -> bytes:
    return file.removed if is_program(file) else b""


def _added(file: FileView) -> bytes:
    return file.added if is_program(file) else b""


def _is_excuse(file: FileView, words: set[bytes], text: bytes) -> bool:
    """Return whether a condition asks something else than what was asked, or went wrong."""
    if finds(_FAILED)(text) or (is_presence(file, text) and not finds(_SWITCH)(text)):
        return False
    return not words.issuperset(tokens(text))


def _is_switch(block: Block, text: bytes) -> bool:
    """Return whether a condition newly asks a setting that bears the name of a protection."""
    said = text.strip()
    return finds(_OF_PROTECTION)(text) and all(line.strip() != said for _, line in block.old)


def _guards(block: Block) -> dict[bytes, int]:
    """Return what refused or protected in a block, with its depth; none where there is more now."""
    speaks, failed, acts = finds(_SPEAKS), finds(_HANDS_ON), finds(f"{_ASKS_LEAVE}|{_PROTECTS}")
    before, after = (sum(_holds(text) for _, text in side) for side in (block.old, block.new))
    return {
        text.strip(): _depth(text)
        for _, text in (block.old if after <= before else ())
        if _holds(text) and (speaks(text) or acts(text)) and not failed(text)
    }


def _held(block: Block, old: Mapping[bytes, int]) -> Iterator[tuple[int, bytes, bool]]:
    """Yield the conditions of a block that some of its old lines stand below, or behind, now.

    Third, whether that line refuses.
    """
    if not old:
        return
    refuses = finds(_REFUSES)
    depths = {text.strip(): _depth(text) for _, text in block.old if not is_bare(text)}
    moved = [
        depths[text.strip()]
        for _, text in block.new
        if _depth(text) > depths.get(text.strip(), _DEEPEST)
    ]
    above: list[_Above] = []
    told: set[int] = set()
    for number, text in block.new:
        said = text.strip()
        was = old.get(said)
        if was is None:
            if any(map(finds(_ASKS), _rests(said, _unasked(block, old)))):
                yield number, text, True
        elif _depth(text) > was:
            for line in _holders(above, _depth(text), min(moved)):
                # What several refusals stand below is no other excuse for the second one.
                if line[0] not in told:
                    told.add(line[0])
                    yield *line, refuses(text)
        if not (is_bare(text) or is_comment(text)):
            is_other = finds(_ELSE)(text)
            above.append((number, text, _depth(text), is_condition(text), is_other))


def _unasked(block: Block, old: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the refusals that stood below no condition of their block."""
    before = dict(zip((text.strip() for _, text in block.old[1:]), block.old, strict=False))
    asks = finds(_ASKS)
    yield from (text for text in old if not asks(before.get(text, (0, b""))[1].strip()))


def _rests(said: bytes, old: Iterable[bytes]) -> Iterator[bytes]:
    """Yield what stands before and after a refusal that only stood for itself."""
    for refusal in old:
        before, found, after = said.partition(refusal.rstrip(b";"))
        if found:
            yield before.strip() + after.strip(b"; \t")


def _holds(text: bytes) -> bool:
    return finds(_HELD)(text) and not is_comment(text)


def _holders(above: Sequence[_Above], depth: int, least: int) -> Iterator[Numbered]:
    """Yield the conditions that a line of a depth stands below, or in the other branch of."""
    other = -1
    for number, text, own, asks, is_other in reversed(above):
        if own == other and asks:
            yield number, text
            other = -1
        elif least <= own < depth:
            depth = own
            if is_other:
                other = own
            elif asks:
                yield number, text
        elif own < least:
            return


def _depth(text: bytes) -> int:
    start = text[: len(text) - len(text.lstrip())]
    return len(start.expandtabs(_TAB))
