"""Jobs of CI that move from a forge's hosted machines to others.

A hosted machine is thrown away after the job. Any other label of a runner names a machine that
somebody keeps, in whose network it stands and whose files the next job finds.
"""

from collections.abc import Iterator

from reviewqueue.scan.rule import FileView, expression
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.pairs import Block, Numbered, blocks, finds

_RUNS_ON = r"\b(?:runs-on|vmImage|resource_class)['\"]?[ \t]*:"
_OWN = r"\bself-hosted\b"
_VALUE = r"\b(?:runs-on|vmImage|resource_class)['\"]?[ \t]*:[ \t]*([^#\n]*)"
_BELOW = r"^[ \t]+(?:(?:group|labels)[ \t]*:|-[ \t])[ \t]*([^#\n:]+)$"
"""What a job runs on, under the key."""
_POOL = r"^[ \t]+(?:pool|name)[ \t]*:[ \t]*([^#\n]+)"
"""Likewise, where it stands in the place of an image."""
_PART = r"[^\s,'\"\[\]]+"
_HOSTED = (
    r"(?i)^(?:ubuntu|windows|macos|vs)(?:[-_.\d]|$)|-latest\b|^saas-|"
    r"^(?:[\dx]*(?:small|medium|large)|(?:arm|gpu|macos|windows|linux|m\d)\.[\w.-]+)(?:\+|$)"
)
_STANDS_FOR = r"\$\{\{|\$\(|<<|^[*&$]"
"""Not a name, but what stands for one."""
_NO_ENTRY = r"\b(?:if|name|run|description|echo)\b['\"]?[ \t]*:|[=!]="


def elsewhere(file: FileView) -> Iterator[Numbered]:
    """Yield the new lines by which a job of CI runs on another machine than a hosted one."""
    told = set()
    for block in blocks(file, _RUNS_ON):
        for number, text in _moved(block):
            told.add(number)
            yield number, text
    own = finds(_OWN)
    if not own(file.added) or any(own(t) and not is_comment(t) for _, t in file.removed_lines()):
        return
    for number, text in file.added_lines():
        if own(text) and number not in told and not (is_comment(text) or finds(_NO_ENTRY)(text)):
            yield number, text


def _moved(block: Block) -> Iterator[Numbered]:
    """Yield the line that names another machine where the old ones named hosted ones alone."""
    was = [_labels(_VALUE, text) for _, text in block.old if not is_comment(text)]
    before = {label for labels in was for label in labels}
    if not before or not all(map(finds(_HOSTED), before)):
        return
    below = _POOL if any(b"vmImage" in text for _, text in block.old) else _BELOW
    is_open = below is _POOL
    for number, text in block.new:
        labels = [] if is_comment(text) else _labels(_VALUE, text)
        if not labels and is_open:
            labels = _labels(below, text)
        is_open = below is _POOL or text.rstrip().endswith(b"runs-on:")
        if any(not finds(_HOSTED)(label) for label in labels):
            yield number, text
            return


def _labels(place: str, text: bytes) -> list[bytes]:
    value = expression(place).search(text)
    if value is None or finds(_STANDS_FOR)(value[1].strip()):
        return []
    return [bytes(part) for part in expression(_PART).findall(value[1])]
