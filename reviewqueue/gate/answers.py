"""Which findings have been answered, by whom, and whether the answer lets them pass."""

from collections.abc import Iterable, Sequence

from reviewqueue.domain.attribution import Attribution
from reviewqueue.domain.change import Change, Revision
from reviewqueue.domain.finding import Finding
from reviewqueue.domain.machines import is_machine
from reviewqueue.domain.review import Answer, Disposition, disqualification, same_account
from reviewqueue.domain.verdict import Verdict, VerdictStatus

_SHOWN = 200
"""Characters of a reason that a sentence quotes."""


def answered(
    finding: Finding,
    dispositions: Sequence[Disposition],
    change: Change,
    revision: Revision,
    attribution: Attribution,
) -> Verdict:
    """Return whether one finding is answered.

    ``dispositions`` are those that are vouched for. An answer counts for the fingerprint
    it was given, needs a reason, and lets a finding pass only from somebody who had no
    part in the change; "confirmed" blocks whoever says it, until they answer otherwise.
    """
    name = f"{finding.rule} in {finding.path or 'the change'}"
    latest = _latest(d for d in dispositions if d.fingerprint == finding.fingerprint)
    if not finding.fingerprint:
        return Verdict(name, VerdictStatus.ERROR, "The finding has no fingerprint to answer to.")
    confirmed = [d for d in latest if d.answer is Answer.CONFIRMED]
    if confirmed:
        by = "; ".join(_said(d) for d in confirmed)
        return Verdict(
            name, VerdictStatus.UNSATISFIED, f"Must be fixed: {by}. A new revision without it can."
        )
    refused = [(d, _refusal(d, change, revision, attribution)) for d in latest]
    counted = [d for d, why in refused if why is None]
    if counted:
        return Verdict(name, VerdictStatus.SATISFIED, f"{'; '.join(_said(d) for d in counted)}.")
    ignored = "; ".join(f"{_who(d)} {why}" for d, why in refused)
    return Verdict(
        name,
        VerdictStatus.UNSATISFIED,
        "Nobody who counts has answered it."
        + (f" Not counted: {ignored}." if ignored else "")
        + " Anybody who had no part in the change can.",
    )


def _latest(dispositions: Iterable[Disposition]) -> list[Disposition]:
    """Return each person's latest answer, oldest first."""
    latest: list[Disposition] = []
    for disposition in sorted(dispositions, key=lambda d: d.at):
        latest = [d for d in latest if not same_account(d.reviewer, disposition.reviewer)]
        latest.append(disposition)
    return latest


def _refusal(
    disposition: Disposition, change: Change, revision: Revision, attribution: Attribution
) -> str | None:
    if is_machine(disposition.reviewer):
        return "is a machine"
    if not disposition.reason.strip():
        return "gave no reason"
    return disqualification(disposition.reviewer, change, revision, attribution)


def _who(disposition: Disposition) -> str:
    return disposition.reviewer.name or disposition.reviewer.handle


def _said(disposition: Disposition) -> str:
    reason = " ".join(disposition.reason.split())[:_SHOWN]
    return f"{disposition.answer} by {_who(disposition)}{f' (“{reason}”)' if reason else ''}"
