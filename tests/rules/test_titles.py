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
        ("Drop the shoe size from the customers table", DELETION),
        ("Delete the orders view", DELETION),
        ("Reset the whole database before each run", DELETION),
        ("Run the importer every night", "running-announced"),
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
    ],
)
def test_it_does_not_hear_the_opposite_or_another_thing(title: str) -> None:
    assert announced(title) == set()


def test_data_are_chosen_only_where_data_are_read() -> None:
    title = "Exclude the old newspaper corpus"
    assert announced(title, "training/sources.py") == {CHOICE}
    assert announced(title) == set()
