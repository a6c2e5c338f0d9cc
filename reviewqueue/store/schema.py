"""The schema's version: Alembic, run from inside the package."""

from functools import cache
from importlib.resources import files

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from reviewqueue.store.ledger import StoreError


@cache
def newest() -> str:
    """Return the newest version that this code knows."""
    return str(ScriptDirectory.from_config(configuration()).get_current_head())


def version(connection: sa.Connection) -> str | None:
    """Return the database's version; None for an empty database."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(connection: sa.Connection, to: str = "head") -> None:
    """Upgrade within the connection's transaction; raises StoreError for a later version."""
    scripts = ScriptDirectory.from_config(configuration()).walk_revisions()
    there = version(connection)
    if there is not None and there not in {script.revision for script in scripts}:
        raise StoreError(f"the database is of a later version ({there}): upgrade reviewqueue")
    command.upgrade(configuration(connection), to)


def downgrade(connection: sa.Connection, to: str) -> None:
    """Downgrade within the connection's transaction."""
    command.downgrade(configuration(connection), to)


def check(connection: sa.Connection) -> None:
    """Raise alembic's CommandError where tables and migrations disagree."""
    command.check(configuration(connection))


def require_newest(connection: sa.Connection) -> None:
    """Raise StoreError unless the schema is the newest."""
    there = version(connection)
    if there is None:
        raise StoreError("this database holds no reviewqueue: run `reviewqueue db upgrade`")
    if there != newest():
        raise StoreError(f"the database is at version {there}: run `reviewqueue db upgrade`")


def configuration(connection: sa.Connection | None = None) -> Config:
    """Return Alembic's configuration for the scripts inside the package."""
    config = Config()
    scripts = str(files("reviewqueue.store") / "migrations")
    config.set_main_option("script_location", scripts.replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
