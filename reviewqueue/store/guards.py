"""The triggers that keep the ledger append-only, whoever connects."""

import sqlalchemy as sa

from reviewqueue.store.ledger import EMPTY

_REFUSED = "the ledger is append-only"
_NOT_NEXT = "a ledger event follows the one before it"

_SQLITE = {
    "event_no_update": f"""
        CREATE TRIGGER event_no_update BEFORE UPDATE ON event
        BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END""",
    "event_no_delete": f"""
        CREATE TRIGGER event_no_delete BEFORE DELETE ON event
        BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END""",
    # REPLACE fires no delete trigger on a connection without recursive_triggers.
    "event_in_order": f"""
        CREATE TRIGGER event_in_order BEFORE INSERT ON event
        WHEN NEW.seq IS NOT 1 + coalesce((SELECT max(seq) FROM event), 0)
          OR NEW.previous IS NOT coalesce(
            (SELECT hash FROM event ORDER BY seq DESC LIMIT 1), '{EMPTY.hash}')
        BEGIN SELECT RAISE(ABORT, '{_NOT_NEXT}'); END""",  # noqa: S608 -- constants of ours
}

_POSTGRESQL_FUNCTIONS = {
    "event_refuse": f"""
        CREATE FUNCTION event_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION '{_REFUSED}'; END $$""",
    "event_follow": f"""
        CREATE FUNCTION event_follow() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE last record;
        BEGIN
          SELECT seq, hash INTO last FROM event ORDER BY seq DESC LIMIT 1;
          IF NEW.seq IS DISTINCT FROM 1 + coalesce(last.seq, 0)
            OR NEW.previous IS DISTINCT FROM coalesce(last.hash, '{EMPTY.hash}')
          THEN RAISE EXCEPTION '{_NOT_NEXT}'; END IF;
          RETURN NEW;
        END $$""",  # noqa: S608 -- constants of ours
}
_POSTGRESQL = {
    "event_no_update": "BEFORE UPDATE ON event FOR EACH ROW EXECUTE FUNCTION event_refuse()",
    "event_no_delete": "BEFORE DELETE ON event FOR EACH ROW EXECUTE FUNCTION event_refuse()",
    "event_no_truncate": (
        "BEFORE TRUNCATE ON event FOR EACH STATEMENT EXECUTE FUNCTION event_refuse()"
    ),
    "event_in_order": "BEFORE INSERT ON event FOR EACH ROW EXECUTE FUNCTION event_follow()",
}


def create_guards(connection: sa.Connection) -> None:
    """Create every guard on the ledger's table."""
    if connection.dialect.name == "sqlite":
        for statement in _SQLITE.values():
            connection.exec_driver_sql(statement)
        return
    for statement in _POSTGRESQL_FUNCTIONS.values():
        connection.exec_driver_sql(statement)
    for name, rest in _POSTGRESQL.items():
        connection.exec_driver_sql(f"CREATE TRIGGER {name} {rest}")
        # ALWAYS: session_replication_role = replica does not switch it off.
        connection.exec_driver_sql(f"ALTER TABLE event ENABLE ALWAYS TRIGGER {name}")


def drop_guards(connection: sa.Connection) -> None:
    """Drop the guards, before the ledger's own table is dropped."""
    if connection.dialect.name == "sqlite":
        for name in _SQLITE:
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        return
    for name in _POSTGRESQL:
        connection.exec_driver_sql(f"DROP TRIGGER {name} ON event")
    for name in _POSTGRESQL_FUNCTIONS:
        connection.exec_driver_sql(f"DROP FUNCTION {name}()")


def missing_guards(connection: sa.Connection) -> tuple[str, ...]:
    """Return the guards that are absent, switched off or altered, by name."""
    if connection.dialect.name == "sqlite":
        rows = connection.execute(
            sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        )
        there = {name: _folded(statement) for name, statement in rows}
        return tuple(n for n, statement in _SQLITE.items() if there.get(n) != _folded(statement))
    rows = connection.execute(
        sa.text(
            "SELECT t.tgname, t.tgenabled, p.prosrc FROM pg_trigger t "
            "JOIN pg_proc p ON p.oid = t.tgfoid "
            "WHERE t.tgrelid = to_regclass('event') AND NOT t.tgisinternal"
        )
    )
    bodies = [_folded(statement) for statement in _POSTGRESQL_FUNCTIONS.values()]
    sound = {
        name
        for name, enabled, source in rows
        if _letter(enabled) == "A" and any(_folded(source) in body for body in bodies)
    }
    return tuple(name for name in _POSTGRESQL if name not in sound)


def _folded(statement: str | None) -> str:
    return " ".join((statement or "").split())


def _letter(value: str | bytes) -> str:
    """Return PostgreSQL's "char" as text."""
    return value.decode() if isinstance(value, bytes) else value
