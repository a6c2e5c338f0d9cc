"""One sign that an agent had a part in a change, and the reading of texts for signs."""

from dataclasses import dataclass

from reviewqueue.domain.attribution import Certainty
from reviewqueue.domain.machines import Identified, Identity

_SHOWN = 160
"""Characters of hostile text that a sentence quotes."""
_BOT = "[bot]"
"""What the forge puts behind the name of an account that works by itself."""


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign of one agent."""

    agent: str
    certainty: Certainty
    sentence: str
    by_account: bool = False
    """Its own account wrote or opened something: that weighs before an address that a
    tool adds to somebody's commit, where both are equally sure."""

    @property
    def weight(self) -> tuple[int, bool]:
        """What decides between two signs: certainty, then whether an account acted."""
        return self.certainty.rank, self.by_account


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
    acts = certainty is Certainty.DECLARED and _BOT in who.lower()
    return Sign(identity.machine.id, certainty, f"{where} {quoted(who)}{by}", by_account=acts)
