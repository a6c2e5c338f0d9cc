"""Traces removed, content hidden, the change misdescribed.

What it is
    The change, or what it does later, is made hard to see: logs and audit trails go, errors are
    swallowed, history or authorship is rewritten, text is invisible or out of sight, the title
    says less than the lines do, or the content is such that nobody could look at it.

Rules
    Some look for traces that disappear, some for text that hides (bidirectional and invisible
    characters, letters of other alphabets, code right of the window, commands in names), one
    holds the title against the change, one finds generated text that changes alone. Three are
    the scanner's own: what could not be read, a file that was not seen, and a rule that failed
    are findings, because not looked at must never look like clean.

Examples
    An audit trail that goes:

        service/session.py
        - audit.log("session.opened", user=user.id, ip=request.ip)

    A title that says less:

        Title: Fix typo in comment
        service/login.py
        - if not user.verified:
        -     raise PermissionDenied
        + return grant(user)

What it cannot see
    Commits made to look like another's. An author's name is what the commit says; that rules
    find tools which forge it is all a diff can show. Who pushed, and what the forge vouches
    for, is shown on the change's own page.

    Dates. They are the commit's own claim; the record goes by when a thing was first seen, and
    lists jumps of dates and rewritten branches.

    What happened on a machine: a shell's history cleared, a log emptied, a file's time set by
    hand.

    Whether generated text is what its source generates: that takes a build. A huge generated
    diff is read in full, but nobody can say which of its lines the generator wrote.

    A misleading body of a message, a misleading name, a comment that lies.

    A hint hidden in plain words, for a reader who knows the key.
"""
