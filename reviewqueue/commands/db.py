"""``reviewqueue db``: create or upgrade the database."""

from contextlib import closing

import click

from reviewqueue.commands import CommandError
from reviewqueue.settings import read_settings
from reviewqueue.store import Store, StoreError


@click.group()
def db() -> None:
    """Create or upgrade the database.

    SQLite in the data folder (REVIEWQUEUE_DATA_DIR), or what DATABASE_URL names:
    postgresql://USER:PASSWORD@HOST/NAME or sqlite:////PATH.
    """


@db.command()
def upgrade() -> None:
    """Bring the tables to this version's; create them where there are none.

    Repeatable: does nothing when the database is up to date. All of it happens in one
    transaction, or none.
    """
    settings = read_settings()
    try:
        with closing(Store(settings.store_url, settings.anchor)) as store:
            upgraded = store.upgrade()
    except (StoreError, OSError) as error:
        raise CommandError(str(error)) from error
    click.echo("upgraded" if upgraded else "up to date")
