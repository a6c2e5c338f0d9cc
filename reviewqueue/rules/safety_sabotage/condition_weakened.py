"""A condition that decides, and lets more through than it did.

What it flags
    A condition that refuses (raises, returns an error, answers 403) and lost one of its
    alternatives, or now makes an exception for a flag where it asked for an owner, a right or a
    member; a function that answers who may do something, with one more case for a yes; a
    condition that grants and lost one of the terms it demanded; either of them turned from
    "and" to "or", or so that a missing value passes (`!host || …` becomes `host && …`); either
    that compares the same things in another way (`!==` becomes `startsWith`); a refusal that
    stands, word for word, below or behind a new condition, and what protects (a header, a
    cleaning, a verification) below one that asks a setting of its name; a call that validates
    below a condition on an option that the change brings; a value, named by what is demanded
    (`must_sign`, `requires_auth`, `required?`), that one more term holds down or a case is gone
    from; a text or an expression, that is looked for and refused, which is longer, has fewer
    alternatives or must be the whole now; a limit that holds only where it is not nought. Also
    a condition that asked whether the program runs on a developer's machine, in no production
    or from the command line, and asks no longer, while what it held stays. The unchanged lines
    around tell what a condition does.

Why it matters
    Each term of such a condition is a case that somebody thought of. A condition that lost
    one still looks like the guard it was.

How to review it
    Name the case that passes now and did not pass before; who can bring it about?
    Look for the place that holds this case back instead.
    Ask for a test of exactly that case.

Not flagged
    Conditions that decide nothing; terms that only ask whether a thing, or a text, is there;
    terms whose names stand as often elsewhere in the change; refusals that hand on what went
    wrong, that others take the place of, or that stood below a condition before and share a line
    with it now; conditions below whose own lines nothing is refused; conditions
    written anew; tests and prose.

Seen in
    CWE-697 (incorrect comparison), CWE-863 (incorrect authorization) and CWE-670 (always
    incorrect control flow implementation).
"""

from collections.abc import Iterator, Sequence

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.effects.balance import Balance
from reviewqueue.scan.effects.demanded import fewer
from reviewqueue.scan.effects.guards import balance, is_program, lines
from reviewqueue.scan.effects.spared import excused, made_optional
from reviewqueue.scan.effects.spelled import caught_less
from reviewqueue.scan.effects.surroundings import ungated
from reviewqueue.scan.effects.terms import weakened
from reviewqueue.scan.rule import FileView, Hit, Rule, Stability, View
from reviewqueue.scan.structure.pairs import Pair, exchanged

_MOST = 400
"""Removed lines of a change above which it is a rewrite, to be read as a whole."""
_GROWTH = 2
_SLACK = 4
"""So many times as many added as removed lines, and so many more, are growth, which brings its
own conditions."""


def check(view: View) -> Iterator[Hit]:
    """Compare the conditions of the changed programs, unless these grow."""
    changed = [file for file in view.files if file.removed and is_program(file)]
    kept = view.once(balance)
    for file in changed:
        yield from _anyhow(file, kept)
        for number, text in made_optional(file, view):
            yield Hit.on(file, number, text, "a validation of all is asked for by a new option now")
    if _is_rewritten(changed):
        return
    for file in changed:
        for number, text in ungated(file, kept):
            told = "no longer asks whether it runs on a developer's machine, or by hand"
            yield Hit.on(file, number, text, told, side=Side.OLD)
    for file in changed:
        for before, after, told in weakened(file, kept.is_lost):
            pair = Pair(before.line, after.line, before.text, after.text)
            yield exchanged(file, pair, told)


def _anyhow(file: FileView, kept: Balance) -> Iterator[Hit]:
    """Mark what is told by itself, however much the programs grow."""
    for number, text in excused(file):
        yield Hit.on(
            file, number, text, "what refuses or protects met all, and is kept from some now"
        )
    for pair, told in caught_less(file):
        yield exchanged(file, pair, told)
    for before, after, told in fewer(file, kept.is_lost):
        pair = Pair(before.line, after.line, before.text, after.text)
        yield exchanged(file, pair, told)


def _is_rewritten(programs: Sequence[FileView]) -> bool:
    """Return whether programs lose or gain so much that they are written anew."""
    lost = lines([file.removed for file in programs], _MOST)
    most = _GROWTH * lost + _SLACK
    return lost > _MOST or lines([file.added for file in programs], most) > most


RULE = Rule(
    id="condition-weakened",
    pathway=Pathway.SAFETY_SABOTAGE,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="has a condition that decides let more through than it did",
    wakes=frozenset({Label.SOURCE}),
    check=check,
    version=7,
)
