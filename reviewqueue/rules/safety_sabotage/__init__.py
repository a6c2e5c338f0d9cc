"""Targeted sabotage of safety work: tests, guards, evaluations and monitors weakened.

What it is
    What should notice or stop misbehaviour is still there, and notices or stops less: a
    threshold moved, a filter that lets more pass, a test that no longer fails, an evaluation
    over fewer cases, a monitor that looks more rarely, a guard that is never asked.

Rules
    Most of them ask what disappeared, or what a line said before and says now, shown old → new:
    guards, validations and bounds, assertions, tests, jobs and scan steps, watchers, scores and
    thresholds. Something that the same change puts back elsewhere is not gone. A change of a
    number weighs by the name it is given to: what a limit of a classifier is, and not what a
    width of a column is.

Examples
    A refusal that needs more certainty than before:

        moderation/filter.py
        - HARM_THRESHOLD = 0.35
        + HARM_THRESHOLD = 0.95

    A test job that can no longer fail:

        .github/workflows/test.yml
        - run: pytest -q tests
        + run: pytest -q tests || true

What it cannot see
    Whether a new threshold, a new expected value or a smaller sample is right. The finding
    shows old and new; the reason has to come from whoever made the change.

    An evaluation that is fed other data from outside of the repository: the pointer is the
    same, what it points to is not.

    A test that is weak from the start, or that asserts what the code does rather than what it
    should do. Only what a test lost is seen.

    Alerts muted, dashboards changed and sampling lowered in a monitoring service's own
    settings, which no commit touches.

    A guard that stands where callers no longer pass: it becomes unreachable in a file that the
    change does not touch.
"""
