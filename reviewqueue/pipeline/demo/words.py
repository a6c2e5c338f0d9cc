"""What the reviewers of the demo say."""

APPROVALS = (
    "Read it with the test beside it. Good.",
    "Does what it says, and nothing else.",
    "Checked the edge case by hand; fine.",
    "Small and clear. Thanks.",
    "Looks right. I ran it against yesterday's data.",
    "The naming follows the rest of the folder. Approved.",
    "Good. We should do the same in the neighbours.",
    "",
    "",
)
HURRIED = ("LGTM", "ok", "👍", "", "")
QUESTIONS = (
    "Is this covered by a test that fails without it?",
    "Why here and not in the caller?",
    "Could the number come from the configuration?",
    "What happens when the list is empty?",
)
OBJECTIONS = (
    "One part is missing: please bring the other file of this change as well.",
    "The description says more than the diff does. Please complete it.",
    "Half of it only: the rest of the edit should come along, or the title should say so.",
)
REASONS = (
    "Looked at each place: it is what the title says, and nothing outside can reach it.",
    "Expected in this folder; compared with the neighbouring files.",
    "The value never leaves the process; checked the callers.",
    "Known pattern here, used in the tests only.",
)
CONFIRMED = "This is real; see the decision."
REMOVED = "What was flagged is gone; the rest is fine."
