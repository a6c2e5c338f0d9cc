"""Functions that say of one example whether it is kept, and lists of what is left out.

A training program names them alike wherever it stands: `drop_long`, `filter_empty`, `is_valid`,
of a sample, an example or a record. What one returns, or asks before, decides what is learned.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Side
from reviewqueue.scan.effects.choices import Choice, choices
from reviewqueue.scan.rule import FileView, expression
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.hunks import numbered
from reviewqueue.scan.structure.pairs import Pair, finds, pairs_losing

SAMPLE = (
    r"(?i)\b(?:sample|example|record|datapoint|datum|doc|document|utterance|conversation|instance|"
    r"row|feature|element|messages?)s?(?:\[['\"]|\.get\(['\"])|\binput_ids\b|\bloss_mask\b|"
    r"\battention_mask\b|\btoken_ids\b|\blen\((?:sample|example|doc|text)s?\b"
)
"""A part of one example: a trigger."""
LEFT_OUT = (
    r"(?i)\b(?:exclu(?:de[ds]?|sions?)|skip(?:ped)?|drop(?:ped)?|ban(?:ned)?|blacklist(?:ed)?|bad|"
    r"ignore[ds]?|blocked|deny|denied|block_?list|deny_?list|stop_?words?)(?:_\w+)?[ \t]*"
    r"(?::[^=\n]+)?(?:\+=|\|=|=|:|\.(?:append|extend|add|update)\()[ \t]*(?:set\(|frozenset\()?"
    r"[\[({ ]*['\"]"
)
"""A list of what is left out, and the first on it: a trigger."""
_FUNCTION = (
    r"^([ \t]*)(?:pub[ ]|async[ ]|private[ ])?(?:def|fn|function)[ ]+(\w+)[ ]*\(([^\n]*)|"
    r"^([ \t]*)(\w+)[ ]*(?:=|<-)[ ]*(?:lambda[ ]|function\()([^\n]*)"
)
_SIEVES = (
    r"(?i)(?:^|_)(?:drop|filter|keep|(?:is_)?valid|should|remove|accept|reject|exclude|discard|"
    r"retain|dedup\w*|prune|is_(?:good|bad|ok|clean|long|short|empty)|has_enough)(?:_|ed|$)"
)
_OF_ONE = (
    r"(?i)\b(?:sample|example|record|data_?point|datum|doc|document|utterance|conversation|instance|"
    r"row|features?|element|batch|item|entry|messages?|text|x)s?\b"
)
_LEARNED = (
    r"(?i)input_ids|token_?ids|tokeniz|attention_mask|loss_mask|seq(?:uence)?_?len|\blabels\b|"
    r"num_proc|\bload_dataset|\btrain_(?:data|ds|set)"
)
_PLACES = (
    r"(?i)(?:^|[/_.-])(?:corpus|corpora|datasets?|train(?:ing|er|ers)?|pre_?train\w*|fine_?-?tun\w*|"
    r"sft|rlhf|dpo|grpo|crawl\w*|curat\w*|collat\w*)(?:[/_.-]|$)"
)
_LANGUAGES = (".py", ".scala", ".jl", ".r", ".rs", ".go", ".java", ".sh", ".pl")
_RETURNS = r"^[ \t]*(?:return|yield)\b|\bif\b|[<>]=?|[=!]=|\bnot[ ]in\b|\bany\(|\ball\("
_TEXTS = r"['\"]([^'\"\n]{1,200})['\"]"
_SHOWN = 4_000
"""Lines of a hunk that are read."""


def sieved(file: FileView) -> Iterator[Choice]:
    """Yield what such functions, which were there, decide otherwise now."""
    if not file.path.casefold().endswith(_LANGUAGES):
        return
    within = {side: _within(file, side) for side in (Side.OLD, Side.NEW)}
    if not any(within.values()):
        return
    for choice in choices(file):
        decides = finds(_RETURNS)(choice.text) or finds(_RETURNS)(choice.before)
        is_another = _bare(choice.text) != _bare(choice.before)
        if decides and is_another and choice.number in within[choice.side]:
            yield choice


def _bare(text: bytes) -> bytes:
    """Return a line without what is said behind it."""
    return b"".join(text.partition(b" #")[0].partition(b" //")[0].split())


def _within(file: FileView, side: Side) -> frozenset[int]:
    """Return the numbers of the lines of one side that stand in such a function."""
    found: set[int] = set()
    is_place = finds(_PLACES)(file.path.encode("utf-8", "replace"))
    other = b"-" if side is Side.NEW else b"+"
    for hunk in file.hunks():
        lines = numbered(hunk, _SHOWN)
        if not (is_place or any(finds(_LEARNED)(text) for _, _, text in lines)):
            continue
        depth = -1
        for mark, number, text in lines:
            opens = expression(_FUNCTION).search(text) if mark != other else None
            indent = len(text) - len(text.lstrip())
            if opens:
                indented, name, taken = opens.groups()[:3] if opens[2] else opens.groups()[3:]
                is_sieve = finds(_SIEVES)(name) and finds(_OF_ONE)(taken)
                depth = len(indented) if is_sieve else -1
                if is_sieve:
                    found.add(number)
            elif mark != other and text.strip() and indent <= depth:
                depth = -1
            elif depth >= 0 and mark != other:
                found.add(number)
    return frozenset(found)


def excluded(file: FileView) -> Iterator[Pair]:
    """Yield the lists of what is left out that name more, or less, than they did."""
    if not finds(_PLACES)(file.path.encode("utf-8", "replace")):
        return
    for pair in pairs_losing(file, LEFT_OUT):
        if is_comment(pair.new) or not finds(LEFT_OUT)(pair.new):
            continue
        was, now = (set(expression(_TEXTS).findall(text)) for text in (pair.old, pair.new))
        if was != now:
            yield pair
