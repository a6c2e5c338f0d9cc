"""A human-review queue for code changes written by agents.

The flow, in order, each step a plain function from nouns to nouns:

    forge        a repository or a delivery   -> Change at a Revision
    attribution  commits, branch, author      -> Attribution
    scan, rules  the revision's diff          -> Findings, Risk
    routing      change, findings, roster     -> Assignments
    web          a reviewer's form            -> Decision, Dispositions
    gate         all of these                 -> Verdict
    pipeline     a merge on the main branch   -> Landing with its ReviewClass
    coverage     landings in a window         -> Coverage, Erosion, Report
    store        every step's fact            -> Event in the Ledger, and rows

``pipeline`` is the only room that knows them all.
"""

__version__ = "0.1.0"
