"""``reviewqueue ledger``: verify or export the append-only record."""

import sys
from contextlib import closing
from pathlib import Path
from typing import TextIO

import click

from reviewqueue.commands import CommandError
from reviewqueue.settings import Settings, read_settings
from reviewqueue.store import Head, Store, StoreError, Verification

_EXIT_FOUND = 1

_database = click.option(
    "--database",
    metavar="URL",
    help="Another database than DATABASE_URL or the data folder's.",
)


@click.group()
def ledger() -> None:
    """Verify or export the append-only record.

    Every state change is an event. Each event's hash covers the one before it, and every
    table can be rebuilt from the events alone.
    """


@ledger.command()
@click.option(
    "--head",
    metavar="SEQ:HASH",
    help="Check against this head, kept elsewhere (each report prints one), instead of "
    "the one anchored in the data folder.",
)
@_database
def verify(head: str | None, database: str | None) -> None:
    r"""Find any edit, deletion, insertion or reordering, and name the first bad row.

    Walks the chain of hashes, compares it with the head kept outside the database (so
    that a cut tail, a rebuilt chain or a restored older database is found too), replays
    every event into fresh tables and compares them with the stored ones row by row.

    Exits with 0 if all is sound, 1 if something was touched, 2 if it cannot be told.

    \b
    Examples:
      reviewqueue ledger verify
      reviewqueue ledger verify --head 1204:9f2c…  --database sqlite:///backup.db
    """
    settings = read_settings()
    try:
        with closing(_store(settings, database)) as store:
            found = store.verify(head)
    except StoreError as error:
        raise CommandError(str(error)) from error
    if not found.ok:
        click.echo(f"NOT SOUND: {found.problem}")
        sys.exit(_EXIT_FOUND)
    click.echo(f"sound: {found.head.seq} events, every table as they say")
    click.echo(f"head: {found.head}")
    click.echo(_checked_against(found, anchored=head is None, path=settings.anchor))


@ledger.command()
@click.argument("file", default="-", type=click.File("w", encoding="utf-8", lazy=True))
@_database
def export(file: TextIO, database: str | None) -> None:
    r"""Write the ledger to FILE (or - for standard output) as JSON lines, oldest first.

    Each line is one event as canonical JSON: sorted keys, no spaces, ASCII. Its hash is
    the SHA-256 of `previous` followed by the line without `hash` and `previous`; the
    first event's `previous` is 64 zeros. scripts/verify_ledger.py checks it, with
    nothing but Python's standard library.

    \b
    Example:
      reviewqueue ledger export ledger.jsonl && python3 verify_ledger.py ledger.jsonl
    """
    try:
        with closing(_store(read_settings(), database)) as store:
            written = store.export(file)
    except StoreError as error:
        raise CommandError(str(error)) from error
    click.echo(f"{written} events", err=True)


def _store(settings: Settings, database: str | None) -> Store:
    """Open the database asked for; another one than ours has no anchor of ours."""
    url = settings.store_url
    if database is not None:
        url = read_settings(database_url=database).store_url
    return Store(url, settings.anchor if url == settings.store_url else None)


def _checked_against(found: Verification, *, anchored: bool, path: Path) -> str:
    if found.expected is None:
        return "checked against no head: a cut tail or a rebuilt chain would not be seen"
    return f"checked against: {_short(found.expected)} ({path if anchored else 'as given'})"


def _short(head: Head) -> str:
    return f"event {head.seq}, {head.hash[:12]}…"
