"""Progress on long work: bars on a terminal, a line a step elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

Report = Callable[[str, int, int | None], None]
"""What, how much is done, of how much (None: not known)."""
_EVERY = 5.0
"""Seconds between lines where there is no terminal."""


@contextmanager
def progress() -> Iterator[Report]:
    """Give what long work reports to; on standard error."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _lines()
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as bars:
        tasks: dict[str, TaskID] = {}

        def report(what: str, done: int, total: int | None) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total)
            bars.update(tasks[what], completed=done, total=total)

        yield report


def _lines() -> Report:
    said, at = "", 0.0

    def report(what: str, done: int, total: int | None) -> None:
        nonlocal said, at
        now = time.monotonic()
        finished = total is not None and done >= total > 0
        if what == said and not finished and now - at < _EVERY:
            return
        said, at = what, now
        of = f" {done} of {total}" if total else f" {done}" if done else ""
        click.echo(f"{what}{of}", err=True)

    return report
