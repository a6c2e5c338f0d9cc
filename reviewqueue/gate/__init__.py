"""May this revision merge: requirements in, a tree of verdicts with sentences out.

Scrutiny only tightens: no fact that an agent controls, and no further finding, sign of
an agent or worse risk, turns a verdict that blocks into one that passes. What is not
known is an error, never a pass.
"""

from reviewqueue.gate.evaluate import evaluate

__all__ = ["evaluate"]
