"""Who wrote a change: agent, operator, and how we know."""

from dataclasses import dataclass
from enum import StrEnum

from reviewqueue.domain.people import Person


class Certainty(StrEnum):
    """How sure an attribution is; absence of a sign proves nothing."""

    DECLARED = "declared"
    """The account, author, or a trailer says so."""
    INFERRED = "inferred"
    """A body marker, a label or a branch name says so."""
    SUSPECTED = "suspected"
    """A weak sign only."""
    NONE = "none"

    @property
    def rank(self) -> int:
        """The strength, from 0 (none) to 3 (declared)."""
        return [Certainty.NONE, Certainty.SUSPECTED, Certainty.INFERRED, Certainty.DECLARED].index(
            self
        )


@dataclass(frozen=True, slots=True)
class Attribution:
    """The agent that wrote a change, and the human who ran it."""

    agent: str | None
    """The agent's id (``claude``, ``copilot`` …), or None where no sign was seen."""
    confidence: Certainty
    operator: Person | None
    """The human who ran the agent, or None where nobody is known."""
    evidence: tuple[str, ...]
    """What was seen, one sentence each, strongest first."""
    operator_evidence: str = ""
    """Why this operator; says so when it is only a claim that the agent wrote itself."""
    mechanical: bool = False
    """A dependency or release bot: neither a human nor a coding agent."""


UNATTRIBUTED = Attribution(agent=None, confidence=Certainty.NONE, operator=None, evidence=())
