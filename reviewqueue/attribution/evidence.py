"""One sign that an agent had a part in a change, and the reading of texts for signs."""

from dataclasses import dataclass

from reviewqueue.domain.attribution import Certainty
from reviewqueue.domain.machines import Identified, Identity

_SHOWN = 160
"""Characters of hostile text that a sentence quotes."""


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign of one agent."""

    agent: str
    certainty: Certainty
    sentence: str


def quoted(text: str) -> str:
    """Return hostile text fit for a sentence: one line, no control characters, cut."""
    line = "".join(c if c.isprintable() else " " for c in text[: _SHOWN * 2])
    line = " ".join(line.split())
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1]}…"


def sign_of(identity: Identity, where: str, who: str) -> Sign:
    """Return the sign that an identified agent gives as ``where`` (author, trailer, …)."""
    certainty, by = {
        Identified.ACCOUNT: (Certainty.DECLARED, ""),
        Identified.FULL_NAME: (Certainty.INFERRED, ", by its name alone"),
        Identified.NAME: (Certainty.SUSPECTED, ", by a name that a person might bear"),
    }[identity.by]
    if identity.misnamed:
        by = ", whose name speaks of another agent; the address decides"
    return Sign(identity.machine.id, certainty, f"{where} {quoted(who)}{by}")
