r"""How strong a protection is, lowered.

What it flags
    Numbers that a protection hangs on, half or twice what they were: the least length of a
    password, the cost of its hash, how often somebody may guess and how long that is remembered,
    how long a session, a token or a key holds, in any unit and by any call, also where it newly
    holds for ever.

Why it matters
    The protection is still there, and every test of it passes. What it costs to get past it is
    the number.

How to review it
    Who asked for it, and for whom: tests and one's own machine can have their own value.
    What does the change mean for somebody with a stolen token, or with a list of passwords?

Not flagged
    Numbers that make it stronger, or that change by less than a half; numbers of other things.

Seen in
    CWE-521 (weak password requirements), CWE-307 (excessive authentication attempts), CWE-613
    (insufficient session expiration), CWE-916 (insufficient effort for a password's hash).
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.effects.lasting import LIVES, longer
from reviewqueue.scan.rule import FileView, Hit, Rule, Stability, View, expression
from reviewqueue.scan.structure.pairs import Pair, changed_tokens, pairs_losing

_ASIDE = frozenset(
    {Label.GENERATED, Label.VENDORED, Label.LOCK, Label.DATA, Label.DOCS, Label.TEST}
)
_STRENGTH = (
    r"(?i)\b(?:\w*password_?\w*length|(?:min\w*_?)?length_?\w*password|\w*max_?\w*(?:attempts|failures|"
    r"retries_before_lock\w*)|bcrypt_?\w*(?:cost|rounds)|stretches|pbkdf2\w*iterations|"
    r"\w*(?:session|token|cookie|jwt|lockout)_?\w*(?:timeout|lifetime|ttl|expir\w*|max_?age|duration))\b"
    r"['\"]?\s*(?::=|=>|[:=]|\s)\s*['\"]?\d"
)
"""How long a password is, how dear a guess, how long a session holds."""
_LESS_IS_WEAKER = r"(?i)length|cost|rounds|stretches|iterations|lockout"
_BY = 2
"""How many times as much is a change of strength rather than of taste."""
_TRIES = r"(?i)attempts|failures|retries"
_OF_SIGNING_IN = r"(?i)login|auth|passw|\bpin\b|otp|lock|verif|sign_?in|guess|mfa|captcha"
"""Tries of anything else are no protection."""


def check(view: View) -> Iterator[Hit]:
    """Compare the numbers before and after."""
    told: set[tuple[str, int | None]] = set()
    for file in view.where(_STRENGTH, side=Side.OLD):
        if file.labels.isdisjoint(_ASIDE):
            for hit in _weaker(file):
                told.add((hit.path, hit.line))
                yield hit
    for file in view.where(LIVES, side=Side.OLD):
        if file.labels.isdisjoint(_ASIDE) and file.status in {"M", "R"}:
            for pair, how in longer(file):
                if (file.path, pair.new_line) not in told:
                    message = f"what lets somebody in lives much longer: {how}"
                    yield Hit.on(file, pair.new_line, pair.new, message)


def _weaker(file: FileView) -> Iterator[Hit]:
    """Tell numbers that say how strong a protection is, and are half or double now."""
    strength = expression(_STRENGTH)
    for pair in pairs_losing(file, _STRENGTH):
        if strength.search(pair.old) and strength.search(pair.new) and _is_protection(file, pair):
            for was, now in _numbers(pair):
                if _is_weaker(pair, was, now):
                    message = f"a protection is made weaker: {was} → {now}"
                    yield Hit.on(file, pair.new_line, pair.new, message)


def _is_protection(file: FileView, pair: Pair) -> bool:
    if not expression(_TRIES).search(pair.new):
        return True
    return expression(_OF_SIGNING_IN).search(file.path.encode() + b" " + pair.new) is not None


def _numbers(pair: Pair) -> Iterator[tuple[int, int]]:
    """Yield the whole numbers that changed; of a range, its lower end."""
    digits = expression(r"^\d{1,12}")
    for old, new in changed_tokens(pair).numbers:
        was, now = digits.search(old), digits.search(new)
        if was and now:
            yield int(was[0]), int(now[0])


def _is_weaker(pair: Pair, was: int, now: int) -> bool:
    if expression(_LESS_IS_WEAKER).search(pair.new):
        return now * _BY <= was
    return now >= was * _BY > 0


RULE = Rule(
    id="strength-lowered",
    pathway=Pathway.PERMISSIONS,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="makes a protection cheaper to get past",
    removed_triggers=(_STRENGTH, LIVES),
    check=check,
    budget=0.003,
    version=2,
)
