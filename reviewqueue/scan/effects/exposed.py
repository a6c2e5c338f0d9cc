"""Services of a cluster that only the cluster could reach, and that get a way in from outside.

Of a service, or a workload, that was there: what one that is new is open to, whoever reads the
change sees beside it.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Side
from reviewqueue.scan.rule import FileView, is_named
from reviewqueue.scan.structure.hunks import shown_after
from reviewqueue.scan.structure.outline import ITEM, Entry, outline
from reviewqueue.scan.structure.pairs import finds

OUTSIDE = (
    r"^[ \t]*(?:-[ \t]+)?['\"]?(?:type['\"]?:[ \t]*['\"]?(?:LoadBalancer|NodePort)\b|"
    r"externalIPs['\"]?:|(?:host|node)Port['\"]?:[ \t]*['\"]?[1-9])"
)
"""What gives a service a way in from outside: a trigger of what is added."""
_TYPES = frozenset({"LoadBalancer", "NodePort", "ClusterIP"})
"""The last one is told where it gives way to another."""
_PORTS = frozenset({"hostport", "nodeport"})
_ADDRESSES = "externalips"
_INTERNAL = (
    r"(?i)load-?balancer-(?:internal|type)['\"]?:[ \t]*['\"]?(?:true|internal)|"
    r"load-balancer-scheme['\"]?:[ \t]*['\"]?internal\b"
)
"""A balancer that stays within its network."""

Path = tuple[str, ...]


def exposed(file: FileView) -> Iterator[Entry]:
    """Yield what newly gives services that were there a way in, once for each."""
    if not is_named(file.path, ("*.yaml", "*.yml")) or finds(_INTERNAL)(shown_after(file)):
        return
    told = {_parent(entry) for entry in outline(file, Side.OLD) if _opens(entry)}
    is_new: dict[Path, bool] = {}
    for entry in outline(file, Side.NEW):
        parent = _parent(entry)
        is_known = not is_new.get(parent, False)
        if entry.is_changed and is_known and parent not in told and _opens(entry):
            told.add(parent)
            yield entry
        is_new[entry.path] = entry.is_changed


def _parent(entry: Entry) -> Path:
    """Return the path of the key that an entry stands under, beyond the places in a list."""
    path = entry.path[:-1]
    while path and path[-1] == ITEM:
        path = path[:-1]
    return path


def _opens(entry: Entry) -> bool:
    """Return whether an entry gives a service a way in, or says that it has none."""
    if entry.path[-1:] == (ITEM,):
        return False
    if entry.key == "type":
        return entry.value in _TYPES
    if entry.key in _PORTS:
        return entry.value.isdigit() and entry.value != "0"
    return entry.key == _ADDRESSES and b"[]" not in entry.line
