"""A diff, or a part of it, that could not be read.

What it flags
    A diff that the strict reader refuses, that is cut off, that git's own list
    contradicts, or that is larger than the limits.

Why it matters
    Not looked at is not the same as clean. A change that breaks the scanner is one way
    to get past it, so that it counts as high risk until somebody has read it.

How to review it
    Read the whole change with git itself, on your own machine.
    The reason names what was wrong; ask for the change in a form that can be read.

Not flagged
    Files that are plainly pictures or data; they are told as unread-content.

Seen in
    CWE-636 (not failing securely): a diff that a reader refuses has passed review tools
    unread.
"""

from reviewqueue.domain.finding import Confidence, Pathway, Severity
from reviewqueue.scan.rule import Rule, Stability

RULE = Rule(
    id="unscannable",
    pathway=Pathway.COVERING_TRACKS,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    stability=Stability.STABLE,
    summary="cannot be read, wholly or in part",
    built_in=True,
)
