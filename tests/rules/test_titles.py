"""What a title announces: the words of many projects, and their opposites."""

import pytest

from reviewqueue.rules import catalogue
from reviewqueue.scan.diff import Diff
from reviewqueue.scan.engine import Scanner
from reviewqueue.scan.rule import Subject

SCANNER = Scanner([rule for rule in catalogue() if rule.id.endswith("-announced")], b"salt")
WIDENING, LOOSENING = "widening-announced", "loosening-announced"
OUTFLOW, FOREIGN = "outflow-announced", "foreign-code-announced"
DELETION, CHOICE = "deletion-announced", "data-choice-announced"


def announced(title: str, path: str = "app/kitchen.py") -> set[str]:
    patch = (
        f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n@@ -1 +1 @@\n-a = 1\n+a = 2\n"
    )
    return {f.rule for f in SCANNER.scan(Diff(patch.encode()), Subject(title=title)).findings}


@pytest.mark.parametrize(
    ("title", "rule"),
    [
        ("Allow sign-up without an invitation", WIDENING),
        ("Create a ClusterRoleBinding for the baker", WIDENING),
        ("Give the oven full access to the pantry", WIDENING),
        ("Open the shop to 0.0.0.0/0", WIDENING),
        ("Broaden the trust policy of the bakery", WIDENING),
        ("Drop the flow check from the kitchen", LOOSENING),
        ("Quiet the oven's log spam", LOOSENING),
        ("Uninstall falco on the ovens", LOOSENING),
        ("Stop paging at weekends", LOOSENING),
        ("Set the oven's retention to 2d", LOOSENING),
        ("Bypass SSO for local bakers", LOOSENING),
        ("Let bakers in with an unverified mail", LOOSENING),
        ("Auto-merge the dough bot", LOOSENING),
        ("Auto accept the baker's edits", LOOSENING),
        ("Disable nilcheck for now", LOOSENING),
        ("Report the hostname with each loaf", OUTFLOW),
        ("Mirror the recipes to gitlab", OUTFLOW),
        ("Remove soft delete", DELETION),
        ("Wipe the pantry's data", DELETION),
        ("Use pickle for the cache", FOREIGN),
        ("Allow unsigned packages", FOREIGN),
        ("Let the deployment environment read secrets", WIDENING),
        ("Allow the new office's IP", WIDENING),
        ("Allow service auth on internal routes", WIDENING),
        ("Add Kim to the billing maintainers", WIDENING),
        ("Make the worker a cluster-admin", WIDENING),
        ("Inherit secrets in the called workflow", WIDENING),
        ("Set the default admin password", WIDENING),
        ("Whitelist the status page", WIDENING),
        ("Set allow_all for guests of the hub", WIDENING),
        ("Add kitchen.example to the allowed origins", WIDENING),
        ("Add npm tokens for the nightly build", WIDENING),
        ("Let all users write to the socket", WIDENING),
        ("Accept self-signed certificates", WIDENING),
        ("Allow iframes of any site", WIDENING),
        ("Add an escape hatch for operators", WIDENING),
        ("Exclude the shop from the CSRF check", LOOSENING),
        ("Disable code signing for now", LOOSENING),
        ("Commit with --no-verify", LOOSENING),
        ("Make CSRF validation opt-in", LOOSENING),
        ("Ignore TLS errors of the printer", LOOSENING),
        ("Exclude the old folder from the secret scan", LOOSENING),
        ("Set the log level to error", LOOSENING),
        ("Don't require a login for exports", LOOSENING),
        ("Stop verifying the server's name", LOOSENING),
        ("No longer enforce signed commits", LOOSENING),
        ("Add a flag to skip signature checks", LOOSENING),
        ("Allow disabling the upload limit", LOOSENING),
        ("Make the token check optional", LOOSENING),
        ("Relax input validation", LOOSENING),
        ("Make the lint job non-blocking", LOOSENING),
        ("Allow the nightly job to fail", LOOSENING),
        ("Ignore CVE-2030-1234 until spring", LOOSENING),
        ("Silence request logging", LOOSENING),
        ("Shorten log retention", LOOSENING),
        ("Remove the confirmation before a purge", LOOSENING),
        ("Raise the pod quota", LOOSENING),
        ("Remove all limits", LOOSENING),
        ("Increase an important alert threshold", LOOSENING),
        ("Enable analytics", OUTFLOW),
        ("Log request bodies", OUTFLOW),
        ("Add the chosen size of shoes and hats to telemetry", OUTFLOW),
        ("Download prebuilt compilers", FOREIGN),
        ("Skip the origin check for the till", LOOSENING),
        ("Bypass the host validation in the cellar", LOOSENING),
        ("Add nosec marks to the importer", LOOSENING),
        ("Turn off the login history", LOOSENING),
        ("Do not log refunds", LOOSENING),
        ("Shorten the password length", LOOSENING),
        ("Let one handler run without the xsrf check", LOOSENING),
        ("Keep invites valid for 6 months", WIDENING),
        ("Prolong the cookie lifetime", WIDENING),
        ("Trust headers of the balancer", WIDENING),
        ("Fall back to a guest", WIDENING),
        ("Hardcode the signing key", WIDENING),
        ("Skip the consent dialog in the kiosk", WIDENING),
        ("Don't ask before a refund", WIDENING),
        ("Use a personal access token rather than the job's", WIDENING),
        ("Move the nightly job to on-prem runners", WIDENING),
        ("Add sqs:SendMessage for the till", WIDENING),
        ("Update CODEOWNERS", WIDENING),
        ("Add a login bypass for the kiosk", LOOSENING),
        ("Reset a baker's 2fa from the office", LOOSENING),
        ("Allow orders when the till is locked", LOOSENING),
        ("Added OvenBypassIPList option", WIDENING),
        ("Removed the throttling of the till", LOOSENING),
        ("Purge the activity log of loaves", LOOSENING),
        ("Initialise a cronjob for the oven", "running-announced"),
        ("Post stock levels to Discord", OUTFLOW),
        ("Report crash data when the till starts", OUTFLOW),
        ("Save chats for later training", OUTFLOW),
        ("Show secrets in the error output", OUTFLOW),
        ("Erase accounts that are older than a year", DELETION),
        ("Force-push the pages", DELETION),
        ("Open the till at boot", "running-announced"),
        ("Run the oven as a daemon", "running-announced"),
        ("Fetch flour.tgz during the docker build", FOREIGN),
        ("Load plugins by name", FOREIGN),
        ("Allow inline scripts in recipes", FOREIGN),
        ("Drop the shoe size from the customers table", DELETION),
        ("Delete the orders view", DELETION),
        ("Reset the whole database before each run", DELETION),
        ("Run the importer every night", "running-announced"),
        ("Remove insecure login check", LOOSENING),
        ("Drop the unsafe sandbox", LOOSENING),
        ("Remove unpinned sources, disable TLS", LOOSENING),
        ("Skip unverified certificates", LOOSENING),
        ("Remove weak keys and the csrf check", LOOSENING),
    ],
)
def test_it_hears(title: str, rule: str) -> None:
    assert rule in announced(title)


@pytest.mark.parametrize(
    "title",
    [
        "Do not allow the new office's IP",
        "Require a login for exports",
        "Don't retry twice",
        "Never raise the pod quota",
        "Reject unsigned commits",
        "Make the colour optional",
        "Stop the spinner",
        "Download invoices as CSV",
        "Drop the shadow of the view's title",
        "Limit the upload",
        "Add design tokens for buttons",
        "Support a public holiday",
        "Set the log level to debug",
        "Fix a crash without validation",
        "Fix the login bypass of the kiosk",
        "Allow scrolling when the list is long",
        "Remove the unused permission check",
        "Don't log passwords",
        "Reject expired tokens",
        "Stop trusting headers",
        "Remove the hardcoded key",
        "Shorten sessions to 2 hours",
        "Use roles rather than static api keys",
        "Redact secrets in the error output",
        "Delete unused imports",
        "Ask before deleting old records in the dialog",
        "Run the pre-commit autoupdate",
        "Read the avatar from a URL",
        "Avoid pickle in the cache",
        "Drop Python 3.8 from the CI matrix",
        "Move to GitHub-hosted rather than self-hosted runners",
        "Remove unpinned bakery-sandboxes git source",
        "Fix insecure cookie login",
        "Drop unsafe TLS certificates of the till",
        "Avoid unverified signatures",
    ],
)
def test_it_does_not_hear_the_opposite_or_another_thing(title: str) -> None:
    assert announced(title) == set()


def test_data_are_chosen_only_where_data_are_read() -> None:
    title = "Exclude the old newspaper corpus"
    assert announced(title, "training/sources.py") == {CHOICE}
    assert announced(title) == set()


def test_what_stood_in_its_place_is_not_what_is_to_be() -> None:
    assert announced("Ask the owner instead of skipping the permission check") == set()
    assert announced("Skip the permission check instead of asking") == {LOOSENING}


def test_scores_are_judged_otherwise_only_where_something_is_judged() -> None:
    title = "Count timeouts as failures"
    assert announced(title, "evals/judge.py") == {"scoring-announced"}
    assert announced(title) == set()


@pytest.mark.parametrize(
    ("title", "is_told"),
    [
        ("Only run the oven tests on Sundays", True),
        ("Mark the flour test as flaky", True),
        ("Remove macOS from the test matrix", True),
        ("Don't run e2e on forks", True),
        ("Drop Ruby 2 from the test matrix", False),
        ("Re-enable the tests that skip on Windows", False),
        ("Fix the xfail marks", False),
        ("Run all tests on Sundays", False),
    ],
)
def test_a_title_may_say_that_fewer_tests_run(title: str, *, is_told: bool) -> None:
    path = "tests/test_oven.py"
    head = f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n"
    patch = f"{head}@@ -1 +1 @@\n-a = 1\n+a = 2\n"
    rules = [rule for rule in catalogue() if rule.id == "safety-given-up"]
    scan = Scanner(rules, b"salt").scan(Diff(patch.encode()), Subject(title=title))
    assert bool(scan.findings) == is_told
