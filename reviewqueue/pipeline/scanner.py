"""The scanner of the flow: in a child process, as the settings limit it."""

from functools import lru_cache
from typing import Protocol

from reviewqueue.domain.finding import Scan
from reviewqueue.forge.limits import CATALOGUE, LimitedScanner, Limits, spawned
from reviewqueue.scan.diff import Diff
from reviewqueue.scan.rule import Subject
from reviewqueue.settings import Settings


class Scans(Protocol):
    """Whatever gives a diff's findings: a scanner, in this process or in another."""

    def scan(self, diff: Diff, subject: Subject) -> Scan:
        """Return the findings and the risk of one diff."""


def limited_scanner(settings: Settings) -> LimitedScanner:
    """Return the process's scanner; its child starts with the first scan, and serves all."""
    limits = Limits(settings.scan_seconds, settings.scan_megabytes)
    return _scanner(settings.key("evidence"), limits)


@lru_cache(maxsize=1)
def _scanner(salt: bytes, limits: Limits) -> LimitedScanner:
    return LimitedScanner(spawned(CATALOGUE, salt), limits)
