"""A file whose content was not seen, or that git shows to nobody.

What it flags
    Binary files, submodules, large-file pointers, files above the size limit, and objects
    that are missing. High where the content runs or decides what runs; low for pictures,
    fonts and the like, and for a binary lockfile whose manifest changes with it, which says
    what is asked for; medium otherwise.
    Source whose new lines carry NUL bytes: git and the forge call it binary and show none of
    it. It is read here all the same; high where it runs.

Why it matters
    The xz backdoor came in as two binary test files and one line in a build script that
    unpacked them. What no rule has read must not look clean.

How to review it
    Find out where the file comes from, and build it again from its source.
    Look in the same change for a build file or a script that touches it.

Not flagged
    Nothing: each such file is told, only its weight differs.

Seen in
    The xz backdoor (CVE-2024-3094), whose payload came as two binary test files.
"""

from reviewqueue.domain.finding import Confidence, Pathway, Severity
from reviewqueue.scan.rule import Rule, Stability

RULE = Rule(
    id="unread-content",
    pathway=Pathway.COVERING_TRACKS,
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    stability=Stability.STABLE,
    summary="contains a file whose content was not seen, or that git shows to nobody",
    built_in=True,
)
