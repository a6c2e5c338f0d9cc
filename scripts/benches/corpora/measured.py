"""One item scanned and attributed, as the product does it, with the time it took."""

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from corpora.items import Item, Kind
from corpora.mirrors import Mirrors, Source
from reviewqueue.attribution import attribute
from reviewqueue.domain.finding import Finding, Pathway, Severity
from reviewqueue.scan.engine import Scanner
from reviewqueue.scan.rule import Subject

_READERS = 4
"""Calls of git at a time."""
_WARMING = 200
"""Items that are scanned once before: expressions are made ready when they are first asked."""
_FLAGGED = frozenset({Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL})
_STOPPING = _FLAGGED - {Severity.MEDIUM}


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What the product says of one item."""

    item: Item
    headline: str
    """The first line of the commit's message, for people to read."""
    findings: tuple[Finding, ...]
    unscannable: str = ""
    agent: str = ""
    """The agent that the commit is attributed to; empty for none."""
    milliseconds: float = 0.0
    """Processor time of the scan."""

    @property
    def flagged(self) -> tuple[Finding, ...]:
        """The findings at medium or above."""
        return tuple(found for found in self.findings if found.severity in _FLAGGED)

    @property
    def counted(self) -> tuple[Finding, ...]:
        """The findings at medium or above outside the gate pathway, which has its own column."""
        return tuple(found for found in self.flagged if found.pathway is not Pathway.GATE)

    @property
    def is_high(self) -> bool:
        """Whether a finding outside the gate pathway is high or critical."""
        return any(found.severity in _STOPPING for found in self.counted)

    @property
    def is_gate(self) -> bool:
        """Whether the gate pathway has something to say at medium or above."""
        return any(found.pathway is Pathway.GATE for found in self.flagged)


def measure(
    items: Sequence[Item],
    mirrors: Mirrors,
    scanner: Scanner,
    told: Callable[[int], None],
) -> Iterator[tuple[Item, Measured | str]]:
    """Yield each item with what was measured, or why it could not be had, in order.

    ``told`` is called with how many are done.
    """
    gc.disable()
    with ThreadPoolExecutor(_READERS) as pool:
        first = items[:_WARMING]
        for item, source in zip(first, pool.map(mirrors.read, first), strict=True):
            if not isinstance(source, str):
                measured(item, source, scanner)
        # As the product's own process of scans does: what is warm stays.
        gc.freeze()
        pairs = zip(items, pool.map(mirrors.read, items), strict=True)
        for number, (item, source) in enumerate(pairs, 1):
            if isinstance(source, str):
                yield item, source
            else:
                yield item, measured(item, source, scanner)
                gc.collect()
            told(number)


def measured(item: Item, source: Source, scanner: Scanner) -> Measured:
    """Scan and attribute one item."""
    message = source.commit.message if item.message_counts else ""
    subject = Subject(message=message, branch=item.branch)
    start = time.thread_time()
    scan = scanner.scan(source.diff, subject)
    spent = time.thread_time() - start
    return Measured(
        item=item,
        headline=source.commit.subject,
        findings=scan.findings,
        unscannable=scan.unscannable or "",
        agent="" if item.kind is Kind.ATTACK else _agent(item, source),
        milliseconds=spent * 1000,
    )


def _agent(item: Item, source: Source) -> str:
    return attribute([source.commit], branch=item.branch).agent or ""
