r"""A title that says that code comes from somewhere else, or that data are run.

What it flags
    A change whose own title takes a dependency or an image from a fork, a branch, an archive or
    a script, downloads what is built already, installs by itself, or lets remote, dynamic or a
    user's code be run. It marks the changed line that shares most with the title.

Why it matters
    What is installed from elsewhere runs with the rights of the project, and nobody here
    reviews what it becomes tomorrow.

How to review it
    Who owns the place, is a commit or a hash named, and what ends the exception?

Not flagged
    Titles of documentation, tests and dependency updates; what stops doing so.

Seen in
    ATT&CK T1195 (supply chain compromise). Codecov's installer (April 2021), changed at its
    source and run by thousands of pipelines.
"""

from reviewqueue.domain.finding import Confidence, Pathway, Severity
from reviewqueue.scan.announced import Announcement, announcing
from reviewqueue.scan.rule import Rule, Stability

_INSTALLS = Announcement(
    r"\b(?:install|pull|fetch|download|us|switch|point|mov|build|load|vendor)(?:e|es|s|ed|ing)?\b"
    r"[^:;]{0,50}\b(?:from (?:a |the |my |our |its )?(?:fork|source|git|master|main|branch|s3|"
    r"gist|script|internet|tarball|nightly)\b|(?:a |the |my |our )?fork(?:ed)?"
    r"(?:$| (?:image|of|with|until|for)\b)|git://|unverified\b|unsigned\b|untrusted\b)|"
    r"\b(?:download|fetch|pull|install)(?:s|ed|ing)?\b[^:;]{0,30}\b(?:nightly|binar(?:y|ies)|"
    r"pre-?built|installers?|(?:the )?latest \w+$|at (?:runtime|build time|startup))\b|"
    r"\bauto-?install\w*\b|\bcurl\b[^:;]{0,20}\b(?:bash|sh)\b",
    "the title says that code is taken from somewhere else",
)
_RUNS = Announcement(
    r"\b(?:remote|arbitrary|dynamic|user[- ]supplied) (?:code|imports?|evaluation|execution)\b|"
    r"\b(?:enabl|allow|us|support|add|switch)(?:e|es|s|ed|ing)?\b[^:;]{0,30}\b(?:shell execution|"
    r"shell=true|pickle\b|unpickl\w*|eval\(|exec\(|code execution)",
    "the title says that data or foreign code are run",
)


RULE = Rule(
    id="foreign-code-announced",
    pathway=Pathway.BACKDOOR,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="says that code comes from somewhere else",
    version=2,
    check=announcing(_INSTALLS, _RUNS),
)
