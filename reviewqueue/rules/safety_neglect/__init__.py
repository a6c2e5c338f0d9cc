"""Neglect of safety work: what claims to check, and does not.

What it is
    Safety work that is done badly on purpose, or only in name: the check is a stub, the test
    that was asked for is missing, the title speaks of a fix that the change does not contain.

Rules
    They compare what is claimed with what is there: a function's name with its body, a title
    with the kinds of files and lines that changed, a note ("to do: check the owner") with the
    code that goes on without it.

Examples
    A check that always says yes:

        auth/tokens.py
        + def verify_signature(token, key):
        +     return True

    Work that the title claims:

        Title: Add tests for the permission checks
        service/permissions.py
        - LIMIT = 10
        + LIMIT = 20

What it cannot see
    Effort. Sandbagging shows in a diff only where a claim and a change contradict each other.
    Slow, thin or unimaginative work that does what it says looks like any other work.

    Ideas that were not tried and results that were not reported: what is absent from the whole
    repository is absent from its diffs.

    Promises in a discussion, a ticket or the body of a message. The title is held against the
    change; longer texts say too much about what was before and what comes later.

    Whether a real check is enough: a function that tests something and misses the one case
    that matters is not a stub.
"""
