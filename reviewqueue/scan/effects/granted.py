"""Levels of access that settings give to a name which had none."""

from collections.abc import Iterator

from reviewqueue.scan.rule import FileView, expression
from reviewqueue.scan.structure.openers import Openers
from reviewqueue.scan.structure.pairs import Numbered, finds

LEVEL = (
    r"(?i)[:=][ \t]*['\"]?(?:write|admin|maintain|push|owner|maintainer|administrator|"
    r"superuser|full_access|read-write|readwrite)['\"]?,?[ \t]*(?:#[^\n]*)?$"
)
"""A level that lets somebody change something: a trigger."""
_NAME = r"^[ \t]*['\"]?([\w.@/-]+)['\"]?[ \t]*[:=]"
_GIVES = (
    r"(?i)\b(?:access|teams?|collaborators?|members?|groups?|grants?|individuals?|accounts?|"
    r"principals?|maintainers|bindings?|acls?)\b['\"]?[ \t]*(?:\]|[:={]|$)"
)
"""What such names stand under."""
_NO_NAME = (
    r"(?i)^(?:role|type|mode|level|permissions?|access|name|kind|default|user|owner|author)s?$"
)


def granted(file: FileView) -> Iterator[Numbered]:
    """Yield the new lines that give a level to a name beside which others have one."""
    name, openers = expression(_NAME), Openers(file)
    before = {bytes(found[1]) for _, text in file.removed_lines() if (found := name.search(text))}
    for line in file.new(LEVEL):
        found = name.search(line.whole)
        if line.number is None or found is None or finds(_NO_NAME)(found[1]):
            continue
        if bytes(found[1]) not in before and finds(_GIVES)(openers.above(line.number)):
            yield line.number, line.whole
