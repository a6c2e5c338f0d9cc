"""Permissions widened, the agent's own among them.

What it is
    Somebody or something may do more than before: a workflow's token, a role in a cloud or a
    cluster, a container on its host, everybody on the internet, or the coding agent itself,
    whose questions are skipped, whose list of allowed commands grows, or who is given orders by
    a text that it reads.

Rules
    What a file grants before and after is compared as sets, so that only what widened is
    flagged; the order of a list, or a right that was narrowed, is not. Workflows are read for
    who may start them, what they are given and what strangers can write into them. An agent's
    own leash (settings, allow-lists, hooks, tool servers, instruction files) is looked for in
    every repository and every agent's format; orders to agents are looked for in any file.
    Levels of access kept as data (members, teams, projects) are compared by rank, and settings
    that hold others back (encryption, sign-in, policies, debug modes) by what took their place.

Examples
    A token that may write:

        .github/workflows/ci.yml
        + permissions: write-all

    An agent that no longer asks:

        scripts/nightly.sh
        + claude -p "$(cat task.md)" --dangerously-skip-permissions

What it cannot see
    Settings that are no files: a forge's branch rules and fork policy, whether secrets are
    given to pull requests of forks, roles given in a console, an organisation's defaults.

    What a name stands for. A managed policy, a group or a role changes its content elsewhere;
    a diff shows who is given it.

    Rights that add up over several files or accounts: each is compared within its file.

    Whether a right is needed. A widened right is flagged, also where it is the task.

    Orders to agents that do not read as orders: a persuasive text without an imperative, one in
    a picture, or one on a page that is only linked to.

    Owners of code and branch rules kept as files are the gate's page, not this one's.
"""
