"""Who must look at a change, and why them."""

from reviewqueue.routing.assign import assign
from reviewqueue.routing.expertise import Expertise, Known
from reviewqueue.routing.roster import derive_roster

__all__ = ["Expertise", "Known", "assign", "derive_roster"]
