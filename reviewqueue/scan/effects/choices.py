"""What of a program decides which of many things are taken, and what they count.

In a file that does nothing else (its path says so) a condition, a comparison, a sampling or a
key that is another one now lets other things through. Nothing here knows whether that is
better: it only tells such a change from one of names, wording, logging and layout.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from reviewqueue.domain.finding import Side
from reviewqueue.scan.effects.respelt import is_respelt, named
from reviewqueue.scan.rule import FileView
from reviewqueue.scan.structure.hunks import on_side
from reviewqueue.scan.structure.pairs import (
    MOST,
    Block,
    Numbered,
    Pair,
    blocks,
    changed_tokens,
    finds,
    paired,
    tokens,
)
from reviewqueue.scan.structure.said import is_sentence

_QUIET = (
    r"^[ \t]*(?:#|//|/?\*|--|%|<!--|\"\"\"|'''|\$|import\b|from\s+[\w.]+\s+import\b|use\b|using\b|"
    r"package\b|library\(|require\(|@\w|echo\b|set -|\)|\]|\}|$)|"
    r"^[ \t]*(?:self\.)?_?(?:log(?:ger|ging)?|console|LOG|tqdm|warnings)\.|\bprint(?:ln|f)?!?\(|"
    r"\blog(?:ger|ging)?\.\w+\(|\badd_argument\(|\bhelp=|^[ \t]*(?:type|interface|class|struct)[ ]|"
    r"^[ \t]*\w+:[ ]*(?:Optional\[)?[A-Za-z][\w.]*(?:\[[^\]=]*\])*\]?,?[ \t]*(?:#|$)"
)
"""Lines that decide nothing: wording, imports, logging, declarations."""
_ASKS = (
    r"^[ \t]*(?:[&|+]|\|>|and\b|or\b)?[ \t]*(?:\}?[ ]*else[ ]+)?(?:if|elif|els?e?if|unless|while|"
    r"when|case|guard|assert\w*|until|where)\b|[ (](?:if|unless|for)[ ]\S+[ ](?:not[ ])?(?:in|is|"
    r"[<>=!])|[\w\])][ ]*(?:[<>]=?|[=!]==?)[ ]*[\w(\"'.-]|\b(?:continue|break|next|raise|throw)\b|"
    r"\bnot[ ]in\b|^[ \t]*for[ ]|[ ](?:-(?:gt|lt|ge|le|eq|ne))[ ]"
)
"""Conditions and comparisons."""
_TAKES = (
    r"\.(?:filter\w*|where|query|drop\w*|distinct|unique|sample\w*|shuffle|head|tail|limit|take\w*|"
    r"skip|select|union\w*|join|merge|group\w*|order\w*|sort\w*|isin|fillna|clip|batch|split|"
    r"except\w*|reduce|min|max|most_common|argmax|argsort|retain|reject|dedup\w*|add|insert|"
    r"intersect\w*|max_by|min_by|sortBy|concat\w*|interleave|repeat|mask\w*)[ ]*[!(]|"
    r"(?:^|[|;&( ])(?:shuf|head|tail|uniq|sort|grep|awk|sed|cut|comm|join|paste|jq|split|"
    r"sample)[ ]|\b(?:filter|mutate|slice|distinct|anti_join|left_join|inner_join|summari[sz]e|"
    r"sample_n|sample_frac|arrange|random|rng|rand|np\.random|Math\.random|shuffle|sample|runif|"
    r"complete\.cases|na\.omit|subset|majority|vote|tally|hash|md5|sha1|sha256|xxhash\w*|crc32|"
    r"simhash|minhash|len|min|max|sum|mean|median|round|abs|any|all|nchar)\w*[ ]*\(|\[[^\]\n]*(?::|"
    r"[<>=!]|,[ ])[^\]\n]*\]"
)
"""Calls and indices that take some of many."""
_SPEAKS = (
    r"(?i)(?:weight|prob(?:a|s|\b)|ratio|\brate|_rate|threshold|cut_?off|\bseed|frac|priorit|"
    r"quality|sampl|shuffl|filter|dedup|duplicat|mix(?:ture|ing|_)|split|label|mask|balanc|"
    r"blocklist|allow_?list|bad_?words|stop_?words|lang(?:uage|id|_)|n_?gram|min_?(?:len|words|"
    r"size|score|chars)|max_?(?:len|words|size|score|chars|tokens|samples|examples)|num_(?:samples|"
    r"examples|buckets|hashes|bands)|truncat|augment|curriculum|oversampl|keep|exclud|reject|"
    r"accept|score|rank|vote|review_count|consensus|agreement|pattern|regex|normali|tokeni|"
    r"signature|\bsig\b|\bkey\b|_key\b|hash|bucket|epochs?|repeat)"
)
"""What such a program speaks of where it decides."""
_SLICE = r"\w\[[^\]\n]*:"
_GIVES = r"^[ \t]*(?:return|yield)\b[ ]*[^\s;]"
_PASSES = (
    r"^[ \t]*if[ ](?:not[ ])?[^:{;\n]*[^:{;,\s]$|^[ \t]*(?:continue|next|break|yield\b.*|"
    r"return[ ]+(?:False|True|None|false|true|nil|\[\]))[ \t]*;?[ \t]*$"
)
"""What leaves something out, or lets it through."""
_SETS = r"[^=!<>]=[^=]|:[ ]*\S|\breturn\b|\byield\b|\("
_BEGINS = (
    r"^[ \t]*(?:(?:async|export|pub|public|static|private|override|final)[ ]+)*(?:def|func|fn|"
    r"function|class|fun|sub|trait|object|interface)\b"
)
_DEFAULT = (
    r"^[ \t]*(?:(?:val|var|let|final|private)[ ]+)?\w+[ ]*(?::[ ]*[^=\n]+)?=[ ]*[^=\n]+,?[ \t]*$"
)
_FEW = 24
"""Lines of an insertion up to which it is part of what was there."""
_SHOWN = 100_000
"""Bytes of the removed text in which names are looked for that it gave to something."""
_BOUND = re.compile(
    rb"\b([A-Za-z_]\w*+)[ ]*+(?::[^=\n]{0,40})?(?:[:+*/|-]?=(?!=)|,|[ ]in[ ]|\)[ ]*(?:->|:|\{))"
)
"""What stands where a name is given: assigned, a parameter, of a loop, or imported."""
_LONGEST = 600
"""Bytes of a line that somebody wrote."""
_LAYOUT = frozenset(b", ; ( ) { } [ ] : \" ' ` \\".split())
"""Tokens by which a line may differ without meaning anything else."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One line that takes, leaves or counts otherwise than before."""

    number: int
    text: bytes
    side: Side
    what: str
    """``changed``, ``removed`` or ``added``."""
    before: bytes = b""
    """The line as it was, of one that is changed."""


def choices(file: FileView, *, inserted: bool = True) -> Iterator[Choice]:
    """Yield the lines of a program that decide otherwise now, in the order of the diff."""
    names = Names(file)
    for block in blocks(file, of=range(MOST + 1)):
        if len(block.new) > MOST or is_only_wrapped(block):
            continue
        kept: set[int] = set()
        came: set[int] = set()
        for pair in paired(block):
            kept.add(pair.old_line)
            came.add(pair.new_line)
            if (_decides(file, pair.old) or _decides(file, pair.new)) and names.matters(pair):
                yield Choice(pair.new_line, pair.new, Side.NEW, "changed", pair.old)
        if inserted:
            yield from _rest(file, block, kept, came)


def is_only_wrapped(block: Block) -> bool:
    """Return whether both sides say the same in other lines."""
    old, new = (
        b"".join(_squeezed(text) for _, text in side).replace(b",", b"")
        for side in (block.old, block.new)
    )
    return old == new


def _rest(file: FileView, block: Block, kept: set[int], came: set[int]) -> Iterator[Choice]:
    """Yield what only one side has; a function that is new as a whole decides nothing yet."""
    yield from _alone(file, block.old, block.new, kept, (Side.OLD, "removed"))
    if len(block.new) - len(block.old) <= _FEW:
        yield from _alone(file, block.new, block.old, came, (Side.NEW, "added"))


def _alone(
    file: FileView,
    lines: Sequence[Numbered],
    others: Sequence[Numbered],
    paired_already: set[int],
    where: tuple[Side, str],
) -> Iterator[Choice]:
    """Yield the first line that chooses and has no counterpart, unless a function is one's own."""
    there = {_squeezed(text) for _, text in others}
    rest = [
        (number, text)
        for number, text in lines
        if number not in paired_already and _squeezed(text) not in there
    ]
    if any(finds(_BEGINS)(text) for _, text in rest):
        return
    if not any(finds(_SPEAKS)(text) or finds(_PASSES)(text) for _, text in rest):
        return
    for number, text in rest:
        if _chooses(file, text):
            yield Choice(number, text, *where)
            return


def _squeezed(text: bytes) -> bytes:
    return b"".join(text.split())


def _decides(file: FileView, text: bytes) -> bool:
    """Return whether a line takes part in a choice."""
    if len(text) > _LONGEST or finds(_QUIET)(text) or is_sentence(file, text):
        return False
    if finds(_ASKS)(text) or finds(_TAKES)(text) or finds(_GIVES)(text):
        return True
    return finds(_SPEAKS)(text) and finds(_SETS)(text)


def _chooses(file: FileView, text: bytes) -> bool:
    """Return whether a line that stands alone is a choice: a condition, a taking, a default."""
    if not _decides(file, text):
        return False
    if finds(_ASKS)(text) or finds(_DEFAULT)(text):
        return True
    return finds(_TAKES)(text) and finds(_SPEAKS)(text)


class Names:
    """Tells a new name for the same thing from another thing."""

    def __init__(self, file: FileView) -> None:
        """Take a file; its names are looked for when a pair asks."""
        self._file = file

    def matters(self, pair: Pair) -> bool:
        """Return whether more than names changes: a figure, an operator, a call, a key."""
        if is_respelt(pair.old, pair.new, self._named):
            return False
        changed = changed_tokens(pair)
        if changed.numbers or changed.switches:
            return True
        if finds(_BEGINS)(pair.new):
            return False
        word: Callable[[bytes], bool] = finds(r"^[A-Za-z_$]")
        odd = [token for token in (*changed.gone, *changed.came) if not word(token)]
        odd += [new for old, new in changed.swapped if not (word(old) and word(new))]
        if any(token not in _LAYOUT for token in odd) or (b":" in odd and _is_cut(pair)):
            return True
        if any(map(word, (*changed.gone, *changed.came))):
            return True
        return any(not self._is_renamed(pair, old, new) for old, new in changed.swapped)

    def _is_renamed(self, pair: Pair, old: bytes, new: bytes) -> bool:
        """Return whether one name took another's place, and the old one is gone everywhere."""
        if _is_quoted(pair.old, old) and _is_quoted(pair.new, new):
            return False
        if new in self._before or old in self._after:
            return False
        return _is_called(pair.old, old) or old in self._bound

    @cached_property
    def _named(self) -> dict[bytes, bytes]:
        """The names that the added lines give to values in a condition, and these."""
        return named(self._file)

    @cached_property
    def _bound(self) -> frozenset[bytes]:
        """The names that the removed lines gave to something."""
        return frozenset(_BOUND.findall(self._file.removed[:_SHOWN]))

    @cached_property
    def _before(self) -> frozenset[bytes]:
        return self._words(Side.OLD)

    @cached_property
    def _after(self) -> frozenset[bytes]:
        return self._words(Side.NEW)

    def _words(self, side: Side) -> frozenset[bytes]:
        """Return the words of one side of the file that the diff shows."""
        shown = (line for _, _, lines in self._file.hunks() for line in on_side(lines, side))
        return frozenset(word for line in shown for word in tokens(line[1:]))


def _is_cut(pair: Pair) -> bool:
    """Return whether another part of something is taken: a colon in its index came or went."""
    cut = finds(_SLICE)
    return cut(pair.old) or cut(pair.new)


def _is_called(line: bytes, word: bytes) -> bool:
    """Return whether a name is that of a call, a field or a type, which stands elsewhere."""
    at = line.find(word)
    after = line[at + len(word) :].lstrip()[:1]
    return (
        after == b"(" or line[at - 1 : at] == b"." or (word[:1].isupper() and word[1:2].islower())
    )


def _is_quoted(line: bytes, word: bytes) -> bool:
    """Return whether a word is text, or a field, rather than a name of the program's own."""
    at = line.find(word)
    return (
        at > 0
        and line[at - 1 : at] in {b'"', b"'", b"`", b"."}
        and (line[at + len(word) : at + len(word) + 1] != b"(")
    )
