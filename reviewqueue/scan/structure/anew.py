"""Places that are new in substance, not an old place that is only said otherwise.

A line that was moved under another name, re-indented or given one more argument did the same
before. Only so many lines are compared, and none of them long, so a hostile file costs no more
than a long one; what is beyond that counts as new.
"""

from collections.abc import Iterator

from reviewqueue.scan.rule import FileView, Line
from reviewqueue.scan.structure.pairs import bag, shared

_ALIKE = 0.6
"""Share of their tokens that two lines have in common to be one line, changed."""
_MOST = 32
"""Lines of either side that are compared."""
_LONGEST = 600
"""Bytes of a line that is compared."""


def anew(file: FileView, trigger: str, *, alike: float = _ALIKE) -> Iterator[Line]:
    """Yield the net-new places of a trigger that no lost place of it is like, in order."""
    lines = (line.whole for line in file.gone(trigger)[:_MOST])
    before = [bag(text) for text in lines if len(text) <= _LONGEST]
    for place, line in enumerate(file.new(trigger)):
        is_read = place < _MOST and len(line.whole) <= _LONGEST
        now = bag(line.whole) if before and is_read else frozenset()
        was = max(before, key=lambda old: shared(old, now)) if now else frozenset()
        if now and shared(was, now) >= alike:
            before.remove(was)
        else:
            yield line
