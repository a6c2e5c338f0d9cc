"""The flow: what comes from the forge, through every engine, into the record.

pull        a repository is read: every open head and every landing is accounted for
examine     one revision: attributed, and its diff scanned
observe     what was examined is recorded, reviewers asked, the verdict reached
decide      a reviewer's form: a Decision or a Disposition, and the verdict anew
land        a merge: matched to the change it landed, and classified for good
report      landings in, the weekly report out
deliveries  a delivery from GitHub has its one effect
"""

from reviewqueue.pipeline.decide import Outdated, Refused, decide, dispose, seen_token
from reviewqueue.pipeline.pull import PullError, pull
from reviewqueue.pipeline.report import change_diff, weekly_report

__all__ = [
    "Outdated",
    "PullError",
    "Refused",
    "change_diff",
    "decide",
    "dispose",
    "pull",
    "seen_token",
    "weekly_report",
]
