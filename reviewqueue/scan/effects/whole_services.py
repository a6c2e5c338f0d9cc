"""Whether a service that containers are composed of goes as a whole, with what watched it.

A health check has nothing to ask once its service is gone. It is told from one that a service
loses, or that is lost on the way to a service of another name.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Side
from reviewqueue.domain.paths import fold
from reviewqueue.scan.rule import FileView, expression
from reviewqueue.scan.structure.hunks import on_side

_OPENS = r"^[ ]*([\w.-]+):[ \t]*$"
_IS_SERVICE = r"^[ ]*(?:image|build|command|entrypoint|extends|<<)[ ]*:"
_WATCHES = (
    r"(?i)monitor|alert|watch|health|audit|metric|exporter|collector|agent|prometheus|grafana|loki|"
    r"tempo|jaeger|zipkin|otel|telemetry|sentry|falco|wazuh|ossec|crowdsec|fail2ban|suricata|log|"
    r"trac(?:e|ing)|uptime|probe|scan|guard|waf|firewall"
)
"""The name of a service, or of its image, that is a watcher itself."""
_IMAGE = r"^[ ]*image[ ]*:"


def goes_whole(file: FileView, number: int) -> bool:
    """Return whether a removed line of a composition goes with all of its service.

    Where another service comes at the same level, it may be the same one: then it does not.
    """
    if "compose" not in fold(file.path).rpartition("/")[2]:
        return False
    opener, service, depth = _service(file, number)
    found = expression(_OPENS).search(opener)
    images = [text for text in service if expression(_IMAGE).search(text)]
    if not found or expression(_WATCHES).search(b"\n".join([opener, *images])):
        return False
    level = _indent(opener)
    comes = (text for _, text in file.added_lines() if expression(_OPENS).search(text))
    if any(_indent(text) == level for text in comes):
        return False
    return any(_indent(text) == depth and expression(_IS_SERVICE).search(text) for text in service)


def _service(file: FileView, number: int) -> tuple[bytes, list[bytes], int]:
    """Return the removed line that opens what a line stands in, those between, and the depth."""
    side = list(_old(file, number))
    if not side:
        return b"", [], 0
    depth = _indent(side[-1][1:])
    between: list[bytes] = []
    for marked in reversed(side[:-1]):
        text = marked[1:]
        if marked[:1] != b"-":
            break
        if text.strip() and _indent(text) < depth:
            return text, between, depth
        between.append(text)
    return b"", [], 0


def _old(file: FileView, number: int) -> Iterator[bytes]:
    """Yield the lines of a hunk as they were, with their marks, up to a line of that number."""
    for start, _, lines in file.hunks():
        side = on_side(lines, Side.OLD)
        if start <= number < start + len(side):
            yield from side[: number - start + 1]
            return


def _indent(text: bytes) -> int:
    return len(text) - len(text.lstrip())
