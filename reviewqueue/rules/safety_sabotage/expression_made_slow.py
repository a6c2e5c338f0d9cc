r"""A regular expression that takes its time, in place of what was quick.

What it flags
    A changed line whose regular expression now has two unbounded parts that can match the
    same text (`\s*,\s*`, `.*\s+`, `(\d*)-(\d*)`) or one inside the other (`(a+)+`), where
    the lines it replaces split, trimmed or matched without such parts.

Why it matters
    On text that almost matches, an engine that backtracks tries every way to divide it: a
    header or a field of some kilobytes holds a server for minutes. The quick form looks
    needlessly long, and is often a fix.

How to review it
    Who sends the text, and is its length limited before?
    Look in the history for the reason of the old form.
    Try the expression on thousands of the repeated character, without a match at the end.

Not flagged
    Expressions in new code; those whose old form had such parts, too; languages whose engine
    never backtracks; tests and prose.

Seen in
    CWE-1333 (inefficient regular expression complexity); the outage of Cloudflare on 2 July
    2019 (`.*(?:.*=.*)`).
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import fold
from reviewqueue.scan.effects.guards import is_program
from reviewqueue.scan.rule import Hit, Rule, Stability, View
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.pairs import Block, Numbered, blocks, finds

_SLOW = (
    r"\\s\*[^\s\\()\[\]|*+]{1,3}\\s\*|\.\*\\s[+*]|\\s[+*]\.[+*]|\\d\*\)?-\(?\\d\*|"
    r"[\w\])]\+\)[+*]|\]\*\)[+*]|\.\*\.\*"
)
_EXPRESSION = (
    r"(?i)\bre\.\w|regex|split|match|replace|gsub|\.sub\(|=~|pattern|\br['\"]|\.test\(|\.exec\(|"
    r"scan\(|[=(,:][ \t]*/[^/\n]+/"
)
"""What a regular expression is written with."""
_PLAIN = r"(?i)trim|strip|index|partition|charat|charcode|substr|slice|while\b|for\b"
"""What does without one."""
_LINEAR = (".go", ".rs")
"""Languages whose own engine takes linear time."""
_LONGEST = 24
"""Lines of either side up to which a block is one thing, written anew."""


def check(view: View) -> Iterator[Hit]:
    """Compare the blocks where such an expression came in place of something."""
    for file in view.where(_SLOW, side=Side.NEW):
        if not (file.removed and is_program(file)) or fold(file.path).endswith(_LINEAR):
            continue
        for block in blocks(file, of=range(1, _LONGEST + 1)):
            found = _slower(block)
            if found:
                told = "a regular expression that can be made to hang replaces what was quick"
                yield Hit.on(file, *found, told)


def _slower(block: Block) -> Numbered | None:
    """Return the first new line with such an expression, where no old one had any."""
    if len(block.new) > _LONGEST:
        return None
    slow, matches = finds(_SLOW), finds(_EXPRESSION)
    old = b"\n".join([text for _, text in block.old])
    if slow(old) or not (matches(old) or finds(_PLAIN)(old)):
        return None
    for number, text in block.new:
        if slow(text) and matches(text) and not is_comment(text):
            return number, text
    return None


RULE = Rule(
    id="expression-made-slow",
    pathway=Pathway.SAFETY_SABOTAGE,
    severity=Severity.MEDIUM,
    confidence=Confidence.LOW,
    stability=Stability.STABLE,
    summary="replaces what was quick by a regular expression that can be made to hang",
    added_triggers=(_SLOW,),
    version=2,
    check=check,
)
