"""A rule that crashed on this change.

What it flags
    Any rule that stopped with an error instead of an answer; the other rules' findings
    stand beside it.

Why it matters
    What the rule would have found is unknown, and a change can be made so that a rule
    crashes on it. Unknown is never a pass.

How to review it
    Read what the named rule looks for on its page, and look for that yourself.
    Report the crash with the change, so that the rule is repaired.

Not flagged
    Rules that ran and found nothing.

Seen in
    Detection engines that fail open on hostile input: CWE-636 (not failing securely).
"""

from reviewqueue.domain.finding import Confidence, Pathway, Severity
from reviewqueue.scan.rule import Rule, Stability

RULE = Rule(
    id="rule-failed",
    pathway=Pathway.COVERING_TRACKS,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    stability=Stability.STABLE,
    summary="made a rule crash",
    built_in=True,
)
