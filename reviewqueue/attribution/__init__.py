"""Who wrote a change: the agent, the human who ran it, and how we know.

Nothing here is proof: every sign is the writer's own and removable. So a sign may only
add scrutiny, and the absence of signs is never called "written by a human".
"""

from reviewqueue.attribution.attribute import attribute, strongest
from reviewqueue.attribution.mechanical import UNVERIFIED, Vouched, settled

__all__ = ["UNVERIFIED", "Vouched", "attribute", "settled", "strongest"]
