"""A guard that still stands, and lets more through.

What it flags
    A removed line and the line that takes its place, where only protection went: a call that
    escaped, quoted, cleaned, masked or checked its argument is gone and the argument stays; a
    term of a condition is dropped; a query or a call is no longer limited to an owner, a tenant
    or a project; an equality becomes a prefix, suffix or substring test, an expression loses
    its anchors; a protecting setting is switched off, a permissive one on; a guard is put into
    a comment. Declarations, too: a name gives way to its unguarded counterpart
    (`ownerProcedure`, `textContent`, `checked_mul`) or to one that lets more in
    (`requireAdminOrUser`, `authenticated` for `adminOnly`, `MustRepoAdmin` for `MustAdmin`), a
    guard is asked of some only (`before_action …, except:`, a call that stands behind a
    condition now), an entry leaves a list of hidden fields or of middleware, a rule leaves a
    validation, another right is asked for, fewer characters are escaped, a list of what is
    blocked or allowed is asked in another way, a path need no longer stay below its root, a
    server no longer names its address, a refusal no longer ends the work, a call that verifies
    is given no identity, key, issuer or the like to verify against.

Why it matters
    The guard is still there for whoever skims the file. One name less on a line is how
    most vulnerabilities come back.

How to review it
    Read the old and the new line side by side: what passes now that did not pass before?
    Look for the place that does the dropped part now; without one, ask for it.
    With a query: whose rows does it return, to whom?

Not flagged
    Names that stand elsewhere in the change as often as before; lines that gain as much as they
    lose; calls whose value went with them; names that say safe and mean numbers or width; calls
    of a function that lost the parameter itself; lines that are only broken otherwise;
    functions of another name; what another guard, by its name, took the place of; several
    equalities that become a look into a list; comments, tests and prose. Places that join a
    list of what need not pass are pass-list-grown's. What only decides what a browser shows (a
    component, and nothing that cleans text or an address) is a low finding. Of a block of
    settings that is too long to be compared, the first switch is a low finding.

Seen in
    CWE-79, CWE-78 and CWE-89 (output or input no longer neutralised), CWE-639 (access
    through a key that the user controls), CWE-185 (incorrect regular expression) and
    CWE-1188 (insecure default).
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.effects.balance import Lost
from reviewqueue.scan.effects.conjuncts import drops_term, joined
from reviewqueue.scan.effects.exempted import (
    NARROWS,
    held_by_condition,
    is_asked_of_fewer,
)
from reviewqueue.scan.effects.given import drops_option, flips, unbounds
from reviewqueue.scan.effects.guards import (
    PROTECTING,
    SECURITY,
    SETTING,
    balance,
    in_browser,
    is_long,
    is_program,
    shrinks,
)
from reviewqueue.scan.effects.lacking import LACKING, lacking
from reviewqueue.scan.effects.laxer import (
    COMPARING,
    WIDENED,
    is_another_question,
    is_asked_of_less,
    is_asked_otherwise,
    is_bound_wider,
    is_laxer,
    is_prefix_only,
    is_widened,
)
from reviewqueue.scan.effects.lesser import (
    DECLARING,
    is_no_longer_plain,
    is_weaker,
    lesser,
)
from reviewqueue.scan.effects.narrower import loses_replacements
from reviewqueue.scan.effects.ranks import CALLER, RANKED, is_for_more, unscopes
from reviewqueue.scan.effects.unwrapped import (
    WRAPPING,
    is_let_out,
    is_untagged,
    is_unwrapped,
    takes_as_given,
)
from reviewqueue.scan.rule import FileView, Hit, Rule, Stability, View, expression
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.keyed import keyed
from reviewqueue.scan.structure.pairs import (
    ANY,
    MOST,
    SOME,
    Block,
    Changed,
    Pair,
    blocks,
    changed_tokens,
    condensed,
    exchanged,
    finds,
    is_reflowed,
    likeness,
    paired,
    tokens,
)

_SPEAKS = (
    r"^[ \t]*(?:-[ \t]*)?(?:(?:import|from|use|using|include)\b|#include|(?:name|"
    r"description):[^(]*$|export \*|required:)"
)
"""What a line begins with that does nothing of itself."""
_BEGINS = r"^[ \t]*(?:\w+[ ])*(?:def|func|fn|function)[ ]+(?:\([^)\n]*\)[ ]*)?(\w+)"
_TRAILING = r"[ \t](?://|#)[ \t].*$"
_WIDER = "a guard gives way to one that lets more in"
_FEWER = "a guard is no longer asked everywhere"
_LOST_TERM = "a condition has lost a term"
_ASKED_OTHERWISE = "a list of what is let in or kept out is asked otherwise"
_FLIPPED = "a protecting setting is switched to the less safe side"
_NO_SETTING = frozenset({Label.TEST, Label.DOCS, Label.LOCK, Label.GENERATED, Label.VENDORED})
_FEW = 3
"""New tokens up to which a line that loses protection was not simply written anew."""
_SOMEWHAT = 0.3
"""Share of the tokens that two lines have in common that stand alone in their block."""
_ENDS = frozenset(b"return raise throw abort die exit panic bail reject deny".split())
_REFUSAL = (
    r"(?i)unauthori[sz]ed|forbidden|denied|\b40[0134]\b|not allowed|permission|bad request|invalid|"
    r"error\(|exception\(|err\("
)
_ALIKE = 0.6
"""Likeness of two lines that say the same, and only one of them by refusing."""
_SHORT = 16
"""Lines of a block up to which it is looked at as one statement."""


def check(view: View) -> Iterator[Hit]:
    """Compare the lines of programs and settings where protecting words stood."""
    for file in view.where(*_TRIGGERS, side=Side.OLD):
        if is_program(file):
            yield from _compared(file, view)
            if is_prefix_only(file.removed, file.added):
                told = "the way up is looked for in one place of a path only"
                number, text = next(iter(file.added_lines()))
                yield Hit.on(file, number, text, told)
        elif _is_setting(file):
            if found := _too_long(file):
                yield found
            yield from _compared(file, view)
    for file in filter(is_program, view.where(LACKING, side=Side.OLD)):
        yield from lacking(file, view)
    for file in filter(is_program, view.where(WIDENED, NARROWS, side=Side.NEW)):
        yield from _widened(file) if file.removed else ()


def _compared(file: FileView, view: View) -> Iterator[Hit]:
    """Compare the blocks where protecting words stood; of a program, those that are short."""
    for block in blocks(file, _ANY, SOME) if file.added else ():
        short = condensed(block) if block.new else block
        if short.new and not (is_long(short) and is_program(file)):
            yield from _hits(file, short, view)


def _widened(file: FileView) -> Iterator[Hit]:
    """Mark the lines whose guard became one that lets more in, by its name."""
    for block in blocks(file, of=range(1, _SHORT + 1)):
        if any(finds(_WIDENS)(text) for _, text in block.new):
            for short, whole in keyed(block):
                if is_widened(changed_tokens(short)):
                    yield exchanged(file, whole, _WIDER)
            for pair in paired(block):
                if is_widened(changed_tokens(pair)) and not is_comment(pair.new):
                    yield exchanged(file, pair, _WIDER)
                elif is_asked_of_fewer(pair):
                    yield exchanged(file, pair, _FEWER)


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
    return Label.CONFIG in found and file.status in {"M", "R"} and _NO_SETTING.isdisjoint(found)


def _hits(file: FileView, block: Block, view: View) -> Iterator[Hit]:
    told: set[int] = set()
    for short, lines in keyed(block) if is_program(file) else ():
        if _speaks(short.old) and (message := _message(short, view, is_code=True)):
            told.add(short.old_line)
            yield _weighed(view, file, lines, message)
    for pair in () if is_reflowed(block) else _pairs(block):
        if is_comment(pair.old) or _is_another(pair) or pair.old_line in told:
            continue
        message = _message(pair, view, is_code=is_program(file))
        if message:
            told.add(pair.old_line)
            yield _weighed(view, file, pair, message)
    whole = None if told or not is_program(file) else joined(block)
    if whole and _drops_a_term(whole, changed_tokens(whole), view):
        yield _weighed(view, file, whole, _LOST_TERM)
    elif not told and is_program(file) and block.new:
        yield from _as_whole(file, block)


def _weighed(view: View, file: FileView, pair: Pair, message: str) -> Hit:
    """Return a hit of a pair; low where the line only decides what a browser shows."""
    hit = exchanged(file, pair, message)
    return replace(hit, severity=Severity.LOW) if in_browser(view, file, pair.old) else hit


def _as_whole(file: FileView, block: Block) -> Iterator[Hit]:
    """Mark a block that lets more through by what it says as a whole."""
    old, new = (
        [text for _, text in side if not is_comment(text)] for side in (block.old, block.new)
    )
    told = ""
    if is_another_question(old, new):
        told = _ASKED_OTHERWISE
    elif is_no_longer_plain(b"\n".join(old), b"\n".join(new)):
        told = "an answer is no longer said to be plain text"
    elif len(old) <= _SHORT and loses_replacements(b"\n".join(old), b"\n".join(new)):
        told = "fewer characters are escaped or cleaned than before"
    elif found := held_by_condition(block):
        yield Hit.on(file, *found, _FEWER)
    if told:
        number, text = block.new[0]
        yield Hit.on(file, number, text, told)


def _pairs(block: Block) -> Iterator[Pair]:
    """Yield the pairs of a block that speak of protection; few lines alone need be less alike."""
    found = list(paired(block, _speaks))
    yield from found
    if found or not 0 < len(block.old) == len(block.new) <= _FEW:
        return
    for (old_line, old), (new_line, new) in zip(block.old, block.new, strict=True):
        pair = Pair(old_line, new_line, old, new)
        if _speaks(old) and _SOMEWHAT <= likeness(pair) < 1:
            yield pair


def _message(pair: Pair, view: View, *, is_code: bool) -> str:
    if is_comment(pair.new):
        return _commented(pair)
    bare = Pair(pair.old_line, pair.new_line, _bare(pair.old), _bare(pair.new))
    changed = changed_tokens(bare)
    if not is_code:
        return _FLIPPED if flips(bare, changed) else ""
    if is_weaker(changed):
        return "a call that holds a limit or a check is replaced by one that does not"
    if finds(_SPEAKS)(pair.old):
        return ""
    told = lesser(bare, changed, _lost(view))
    return told or next((told for applies, told in _KINDS if applies(bare, changed, view)), "")


def _is_another(pair: Pair) -> bool:
    """Return whether the lines begin functions of different names, and are not much alike."""
    old, new = (expression(_BEGINS).search(text) for text in (pair.old, pair.new))
    return bool(old and new and old[1] != new[1]) and likeness(pair) < _ALIKE


def _bare(text: bytes) -> bytes:
    """Return a line without the comment at its end."""
    return expression(_TRAILING).sub(b"", text) if b"//" in text or b"#" in text else text


def _commented(pair: Pair) -> str:
    """Tell a guard that became a comment, word for word."""
    if tokens(pair.old) == tokens(pair.new.lstrip(b" \t#/*<!-;"))[: len(tokens(pair.old))]:
        security = expression(SECURITY).search(pair.old)
        return "a line that guards is put into a comment" if security else ""
    return ""


def _lost(view: View) -> Lost:
    """Return what knows whether a word stands less often in the programs of a change."""
    return view.once(balance).is_lost


def _drops_a_term(pair: Pair, changed: Changed, view: View) -> bool:
    """Whether a term that speaks of protection is gone, where the change takes away."""
    return drops_term(pair, changed, _lost(view)) and view.once(shrinks)


def _no_longer_ends(pair: Pair, changed: Changed, view: View) -> bool:
    """Whether a refusal is only told, and the work goes on."""
    gone = _ENDS.intersection(changed.all_gone)
    if _ENDS & frozenset(tokens(pair.new)) or not any(map(_lost(view), gone)):
        return False
    return finds(_REFUSAL)(pair.old) and likeness(pair) >= _ALIKE


_KINDS: tuple[tuple[Callable[[Pair, Changed, View], bool], str], ...] = (
    (
        lambda p, c, x: is_unwrapped(p, c, _lost(x)),
        "what cleaned or checked a value is gone, and the value stays",
    ),
    (
        lambda p, c, _: takes_as_given(p, c),
        "a value is taken as it was given, in place of the one that was looked at",
    ),
    (_drops_a_term, _LOST_TERM),
    (
        lambda p, c, x: x.once(shrinks) and unscopes(p, c, _lost(x)),
        "no longer limited to an owner's, a user's or a project's own",
    ),
    (lambda p, c, _: is_laxer(p, c), "a comparison accepts more than before"),
    (lambda p, c, _: is_bound_wider(p, c), "a server no longer names the address it listens on"),
    (lambda p, c, _: is_asked_of_less(p, c), "a comparison with a limit is about less than before"),
    (_no_longer_ends, "a refusal no longer ends the work"),
    (lambda p, _, __: is_untagged(p), "a value is no longer written by the tag that escapes it"),
    (
        lambda p, c, x: is_let_out(p, c, _lost(x)),
        "a path need no longer stay below a place",
    ),
    (lambda p, c, _: is_asked_otherwise(p, c), _ASKED_OTHERWISE),
    (lambda _, c, __: is_widened(c), _WIDER),
    (lambda p, c, x: is_for_more(p, c, _lost(x)), _WIDER),
    (lambda p, _, __: is_asked_of_fewer(p), _FEWER),
    (lambda p, c, _: flips(p, c), _FLIPPED),
    (
        lambda p, c, x: drops_option(p, c, _lost(x)),
        "an option that held something back is no longer given",
    ),
    (lambda p, c, _: unbounds(p, c), "a limit becomes one that nothing reaches"),
)
_TRIGGERS = (PROTECTING, SETTING, DECLARING, WRAPPING, COMPARING, RANKED, CALLER)
_WIDENS = f"{WIDENED}|{NARROWS}"
_ANY = "|".join(f"(?:{regex})" for regex in _TRIGGERS)

RULE = Rule(
    id="guard-narrowed",
    pathway=Pathway.SAFETY_SABOTAGE,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    version=11,
    summary="leaves a guard standing that lets more through",
    removed_triggers=(*_TRIGGERS, LACKING),
    added_triggers=(WIDENED, NARROWS),
    check=check,
)
