"""The change blocks in which something of one kind goes: the rest is not compared.

Pairing lines is dear beside finding them; a rule that looks for what became of its own
lines asks only the blocks that held some.
"""

from collections.abc import Iterator

from reviewqueue.scan.pairs import Block, Pair, blocks, paired
from reviewqueue.scan.rule import FileView


def blocks_losing(file: FileView, *triggers: str) -> Iterator[Block]:
    """Yield the blocks with a removed line that one of these expressions lost there."""
    lost = {line.number for trigger in triggers for line in file.gone(trigger)}
    if not lost:
        return
    for block in blocks(file):
        if any(number in lost for number, _ in block.old):
            yield block


def pairs_losing(file: FileView, *triggers: str) -> Iterator[Pair]:
    """Yield the pairs of these blocks."""
    for block in blocks_losing(file, *triggers):
        yield from paired(block)
