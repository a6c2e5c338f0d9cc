"""Defaults that turn: what everybody had who said nothing, nobody has now."""

from collections.abc import Iterator

from reviewqueue.domain.finding import Side
from reviewqueue.scan.rule import FileView, expression
from reviewqueue.scan.structure.openers import Openers
from reviewqueue.scan.structure.pairs import Pair, finds, pairs_losing

ON_BY_DEFAULT = r"(?i)\bdefault['\"]?\s*[:=(]\s*true\b"
"""An option that is on where nothing is said: a trigger."""
_OFF = r"(?i)\bdefault['\"]?\s*[:=(]\s*false\b"
_PROTECTS = (
    r"(?i)redact|\bmask(?:ing|ed)?\b|sanitiz|sandbox|encrypt|signature|\bcsrf\b|verif(?:y|ication)|"
    r"require_?(?:auth|approval|confirm|login)|confirmation|approval|\bmfa\b|two.?factor|"
    r"security|trust(?:ed)?\b|protect|\baudit|certificate"
)
_NEAR = 7
"""Lines around a default in which its option is named or described."""


def no_longer_on(file: FileView) -> Iterator[Pair]:
    """Yield the defaults of options that protect, which are off now."""
    openers = Openers(file, Side.NEW)
    for pair in pairs_losing(file, ON_BY_DEFAULT):
        turns = finds(ON_BY_DEFAULT)(pair.old) and finds(_OFF)(pair.new)
        if turns and expression(_PROTECTS).search(openers.beside(pair.new_line, _NEAR)):
            yield pair
