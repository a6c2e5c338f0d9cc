"""How often a rule is right, as the people who answered its findings say."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from reviewqueue.domain.attribution import Attribution
from reviewqueue.domain.change import Change, Revision
from reviewqueue.domain.machines import is_machine
from reviewqueue.domain.review import Answer, Disposition, disqualification, same_account

FEWEST = 10
"""Answered findings below which no share is given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A person's answer to a finding, with what decides whether it counts."""

    disposition: Disposition
    change: Change
    revision: Revision
    attribution: Attribution

    @property
    def refusal(self) -> str | None:
        """Why the answer does not count, or None: "is the operator who ran the agent", …."""
        if is_machine(self.disposition.reviewer):
            return "is a machine"
        if not self.disposition.reason.strip():
            return "gave no reason"
        return disqualification(
            self.disposition.reviewer, self.change, self.revision, self.attribution
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Precision:
    """Findings of one rule by what people said of them; each finding is counted once."""

    found: int
    """All findings, answered or not."""
    confirmed: int
    accepted: int
    """Real, and taken as a risk."""
    false: int
    disputed: int
    """False for somebody and real for somebody else: counted as not right."""
    not_counted: int
    """Answers of people who had a part in the change, of machines, or without a reason."""
    development: int
    """Answers that count, and were made under the development sign-in."""

    @property
    def n(self) -> int:
        """How many findings were answered by somebody whose answer counts."""
        return self.confirmed + self.accepted + self.false + self.disputed

    @property
    def k(self) -> int:
        """How many of these were real for everybody who answered."""
        return self.confirmed + self.accepted

    @property
    def few(self) -> bool:
        """Whether they are too few for a share."""
        return self.n < FEWEST


def precision(answers: Iterable[Answered], found: int) -> Precision:
    """Count a rule's findings by their answers; ``answers`` in any order.

    Of each person the latest answer to a finding holds; the same finding in a later
    revision is the same finding.
    """
    latest: defaultdict[tuple[str, str], list[Disposition]] = defaultdict(list)
    not_counted = 0
    for one in sorted(answers, key=lambda answer: answer.disposition.at):
        if one.refusal is not None:
            not_counted += 1
            continue
        said = one.disposition
        key = (said.change, said.fingerprint)
        others = [x for x in latest[key] if not same_account(x.reviewer, said.reviewer)]
        latest[key] = [*others, said]
    kinds = Counter(_kind({said.answer for said in of}) for of in latest.values())
    return Precision(
        found=found,
        confirmed=kinds[Answer.CONFIRMED],
        accepted=kinds[Answer.ACCEPTED_RISK],
        false=kinds[Answer.FALSE_POSITIVE],
        disputed=kinds[None],
        not_counted=not_counted,
        development=sum(said.development for of in latest.values() for said in of),
    )


def _kind(answers: set[Answer]) -> Answer | None:
    """Return what was said of one finding; None where people disagree whether it is real."""
    if len(answers) > 1 and Answer.FALSE_POSITIVE in answers:
        return None
    return Answer.CONFIRMED if Answer.CONFIRMED in answers else answers.pop()
