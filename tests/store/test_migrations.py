# The world of facts comes from a fixture, so its class has no name here.
# ruff: noqa: ANN401 -- a fixture's type lives in conftest

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DBAPIError

from reviewqueue.store import Store, StoreError, schema
from reviewqueue.store.engine import open_engine, reading, writing
from reviewqueue.store.guards import missing_guards

BATCH_MODE = """
def upgrade():
    with op.batch_alter_table("event", recreate="always") as table:
        table.alter_column("actor", nullable=True)
"""
DROPS_A_GUARD = """
def upgrade():
    op.execute("DROP TRIGGER event_no_delete" + {on!r})
"""
HARMLESS = """
def upgrade():
    op.add_column("event", sa.Column("note", sa.String(), nullable=True))
"""


def _steps() -> list[str]:
    scripts = ScriptDirectory.from_config(schema.configuration()).walk_revisions()
    return [script.revision for script in reversed(list(scripts))]


@pytest.fixture
def engine(url: str, tmp_path: Path) -> Iterator[sa.Engine]:
    if url.startswith("sqlite"):
        (tmp_path / "reviewqueue.db").touch()
    engine = open_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture
def add_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Put one more migration behind the newest."""

    def add(body: str) -> None:
        scripts = tmp_path / "migrations"
        shutil.copytree(Path(schema.__file__).parent / "migrations", scripts)
        head = 'import sqlalchemy as sa\nfrom alembic import op\n\nrevision = "next"\n'
        head += f"down_revision = {_steps()[-1]!r}\n"
        (scripts / "versions" / "next.py").write_text(head + body)
        usual = schema.configuration

        def configuration(connection: sa.Connection | None = None) -> Any:
            config = usual(connection)
            config.set_main_option("script_location", str(scripts))
            return config

        monkeypatch.setattr(schema, "configuration", configuration)

    return add


def test_it_goes_up_checks_and_comes_down_with_the_guards_at_every_step(
    engine: sa.Engine,
) -> None:
    for step in _steps():
        with writing(engine) as connection:
            schema.upgrade(connection, step)
            assert missing_guards(connection) == ()
    with reading(engine) as connection:
        schema.check(connection)
    with writing(engine) as connection:
        schema.downgrade(connection, "base")
        assert sa.inspect(connection).get_table_names() == ["alembic_version"]
        assert set(missing_guards(connection)) >= {"event_no_update", "event_no_delete"}
    with writing(engine) as connection:
        schema.upgrade(connection)
        assert missing_guards(connection) == ()


def test_it_upgrades_once_and_then_finds_nothing_to_do(
    url: str, statements: Callable[[Store], list[str]]
) -> None:
    store = Store(url)
    assert store.upgrade() is True
    seen = statements(store)
    assert store.upgrade() is False
    assert not [s for s in seen if s.startswith(("CREATE", "INSERT", "UPDATE", "DROP"))]
    store.close()


def test_it_refuses_a_database_of_a_later_version(url: str, engine: sa.Engine) -> None:
    store = Store(url)
    store.upgrade()
    with writing(engine) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'later'")
    for act in (store.upgrade, store.verify):
        with pytest.raises(StoreError, match="later"):
            act()
    store.close()


def test_it_refuses_batch_mode_on_the_ledger(
    tmp_path: Path, add_step: Callable[[str], None]
) -> None:
    (tmp_path / "r.db").touch()
    engine = open_engine(f"sqlite:///{tmp_path / 'r.db'}")
    add_step(BATCH_MODE)
    with pytest.raises(Exception, match="never migrate it in batch mode"), writing(engine) as c:
        command.upgrade(schema.configuration(c), "next")
    with reading(engine) as connection:
        assert schema.version(connection) is None
    engine.dispose()


def test_it_refuses_a_step_that_drops_a_guard_and_takes_it_back(
    engine: sa.Engine, add_step: Callable[[str], None]
) -> None:
    with writing(engine) as connection:
        schema.upgrade(connection)
    newest = _steps()[-1]
    add_step(DROPS_A_GUARD.format(on="" if engine.dialect.name == "sqlite" else " ON event"))
    with pytest.raises(Exception, match="guard event_no_delete"), writing(engine) as connection:
        command.upgrade(schema.configuration(connection), "next")
    with reading(engine) as connection:
        assert schema.version(connection) == newest
        assert missing_guards(connection) == ()


def test_it_lets_a_step_add_a_column_to_the_ledger(
    engine: sa.Engine, add_step: Callable[[str], None]
) -> None:
    add_step(HARMLESS)
    with writing(engine) as connection:
        command.upgrade(schema.configuration(connection), "next")
    with reading(engine) as connection:
        assert schema.version(connection) == "next"
        assert missing_guards(connection) == ()


EDITS = [
    "UPDATE event SET actor = 'me' WHERE seq = 2",
    "UPDATE event SET seq = 99 WHERE seq = 2",
    "DELETE FROM event WHERE seq = (SELECT max(seq) FROM event)",
    "DELETE FROM event",
    (
        "INSERT INTO event SELECT seq + 1, at, actor, kind, subject, payload, previous, hash"
        " FROM event WHERE seq = (SELECT max(seq) FROM event)"
    ),
    (
        "INSERT INTO event SELECT seq + 2, at, actor, kind, subject, payload, hash, hash"
        " FROM event WHERE seq = (SELECT max(seq) FROM event)"
    ),
    "INSERT INTO event SELECT * FROM event WHERE seq = 1",
]
SQLITE_EDITS = [
    (
        "REPLACE INTO event SELECT seq, at, 'me', kind, subject, payload, previous, hash"
        " FROM event WHERE seq = 2"
    ),
    (
        "INSERT OR REPLACE INTO event SELECT seq, at, 'me', kind, subject, payload, previous, hash"
        " FROM event WHERE seq = (SELECT max(seq) FROM event)"
    ),
    "UPDATE OR REPLACE event SET seq = 1 WHERE seq = 2",
    (
        "INSERT INTO event(at, actor, kind, subject, payload, previous, hash)"
        " SELECT at, actor, kind, subject, payload, previous, hash FROM event WHERE seq = 1"
    ),
]
POSTGRESQL_EDITS = [
    "TRUNCATE event",
    "TRUNCATE event CASCADE",
    "SET session_replication_role = replica; UPDATE event SET actor = 'me'",
    "SET session_replication_role = replica; DELETE FROM event",
    (
        "INSERT INTO event SELECT * FROM event WHERE seq = 2"
        " ON CONFLICT (seq) DO UPDATE SET actor = 'me'"
    ),
]


def test_it_refuses_every_edit_of_the_ledger(store: Store, engine: sa.Engine, world: Any) -> None:
    world.fill(store, 1)
    head = store.head()
    more = SQLITE_EDITS if engine.dialect.name == "sqlite" else POSTGRESQL_EDITS
    for edit in (*EDITS, *more):
        with (
            pytest.raises(DBAPIError, match=r"append-only|follows the one before"),
            writing(engine) as connection,
        ):
            connection.exec_driver_sql(edit)
    assert store.head() == head
    assert store.verify().ok


@pytest.mark.parametrize("edit", [*EDITS, *SQLITE_EDITS])
def test_it_refuses_edits_over_a_connection_without_pragmas(
    tmp_path: Path, world: Any, edit: str
) -> None:
    path = tmp_path / "r.db"
    store = Store(f"sqlite:///{path}")
    store.upgrade()
    world.fill(store, 1)
    foreign = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError, match=r"append-only|follows the one before"):
        foreign.execute(edit)
    foreign.close()
    assert store.verify().ok
    store.close()


def test_it_keeps_its_promises_to_the_disk_on_every_connection(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'r.db'}")
    store.upgrade()
    with store.writing() as writer:
        found = {
            name: writer._connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in (
                "journal_mode",
                "busy_timeout",
                "foreign_keys",
                "synchronous",
                "recursive_triggers",
            )
        }
    assert found == {
        "journal_mode": "wal",
        "busy_timeout": 10_000,
        "foreign_keys": 1,
        "synchronous": 2,
        "recursive_triggers": 1,
    }
    store.close()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("", "no SQLAlchemy URL"),
        ("nonsense", "no SQLAlchemy URL"),
        ("mysql://a:secret@b/c", "no database this store knows"),
        ("sqlite:////nowhere/at/all.db", "there is no database at"),
        ("postgresql+psycopg://u:secret@127.0.0.1:1/x", "cannot be opened"),
    ],
)
def test_it_says_in_one_line_what_is_wrong_with_a_database(url: str, message: str) -> None:
    with pytest.raises(StoreError, match=message) as error:
        Store(url).verify()
    assert "\n" not in str(error.value)
    assert "secret" not in str(error.value)


def test_it_creates_no_database_by_looking(tmp_path: Path) -> None:
    path = tmp_path / "none.db"
    with pytest.raises(StoreError):
        Store(f"sqlite:///{path}").verify()
    assert list(tmp_path.iterdir()) == []
    sqlite3.connect(path).close()
    path.touch()
    with pytest.raises(StoreError, match="db upgrade"):
        Store(f"sqlite:///{path}").verify()
