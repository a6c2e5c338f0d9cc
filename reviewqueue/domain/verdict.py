"""The gate's answer: a tree with a sentence on each node."""

from dataclasses import dataclass
from enum import StrEnum


class VerdictStatus(StrEnum):
    """The state of a requirement, in Gerrit's six words."""

    SATISFIED = "satisfied"
    UNSATISFIED = "unsatisfied"
    OVERRIDDEN = "overridden"
    BYPASSED = "bypassed"
    NOT_APPLICABLE = "not applicable"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One requirement's answer; the root is the answer on the whole change."""

    requirement: str
    status: VerdictStatus
    sentence: str
    """Why, and who or what could change it."""
    children: tuple["Verdict", ...] = ()
