# The world of facts comes from a fixture, so its class has no name here.
# Statements are built from the names of our own tables.
# ruff: noqa: ANN401, S608 -- a fixture's type lives in conftest; tampering is written in SQL

import hashlib
import io
import json
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from reviewqueue.domain.event import Handled
from reviewqueue.store import Head, Store, StoreError, Verification
from reviewqueue.store.canonical import canonical
from reviewqueue.store.ledger import canonical_event, digest
from reviewqueue.store.tables import PROJECTED, TABLES

ROUNDS, TAMPERINGS = 20, 50
VERIFIER = Path(__file__).parents[2] / "scripts" / "verify_ledger.py"
EVENT_COLUMNS = TABLES["event"].columns.keys()


@dataclass(frozen=True)
class Built:
    """A closed database, an older copy of it, and the anchor of the newer."""

    path: Path
    older: Path
    anchor: Path
    head: Head
    older_head: Head
    facts: tuple[tuple[Any, str, Any], ...]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, make_world: Callable[[], Any]) -> Built:
    folder = tmp_path_factory.mktemp("built")
    path, older, anchor = folder / "r.db", folder / "older.db", folder / "ledger-head"
    world, recorded = make_world(), []
    store = Store(f"sqlite:///{path}", anchor)
    store.upgrade()
    facts = list(world.facts(6))
    for part in (facts[:30], facts[30:]):
        with store.writing() as writer:
            for fact in part:
                recorded.append((world.tick(), "reviewqueue", fact))
                writer.record(*recorded[-1])
        for number in range(3):
            delivery, body = f"{len(recorded)}-{number}", b"{%d}" % number
            store.receive(delivery, "push", {}, body, world.tick())
            with store.writing() as writer:
                handled = Handled(
                    delivery=delivery,
                    event="push",
                    digest=store_digest(body),
                    outcome="read",
                )
                recorded.append((world.tick(), "reviewqueue", handled))
                assert writer.handle(delivery, handled, recorded[-1][0])
        if part[0] is facts[0]:
            older_head = store.head()
            checkpoint(path)
            shutil.copy(path, older)
    head = store.head()
    store.close()
    checkpoint(path)
    return Built(path, older, anchor, head, older_head, tuple(recorded))


def store_digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def checkpoint(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


class Tamperer:
    """Somebody with the database file, a free hand and time."""

    def __init__(self, built: Built, copy: Path, chance: random.Random) -> None:
        self.built, self.copy, self.chance = built, copy, chance
        shutil.copy(built.path, copy)
        self.db = sqlite3.connect(copy, isolation_level=None)
        self.db.execute("PRAGMA synchronous = OFF")
        self.guards = self.db.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall()
        for name, _ in self.guards:
            self.db.execute(f"DROP TRIGGER {name}")

    def close(self) -> None:
        """Leave everything as it was found, but for the tampering."""
        for _, statement in self.guards:
            self.db.execute(statement)
        self.db.close()

    def other(self, value: Any) -> Any:
        """Return another value of the same look."""
        if value is None:
            return "x"
        if isinstance(value, int):
            return value + self.chance.choice([-1, 1, 7])
        if isinstance(value, bytes):
            return value + b"!"
        place = self.chance.randrange(len(value) + 1)
        return self.chance.choice(
            [
                value + " ",
                value[:place] + self.chance.choice("aZ9 é") + value[place:],
                value[1:] if value else "x",
                value.swapcase() if value.swapcase() != value else value + "x",
                value.encode(),
            ]
        )

    def seqs(self, number: int) -> list[int]:
        return sorted(self.chance.sample(range(1, self.built.head.seq + 1), number))

    def rows(self, table: str) -> list[int]:
        found = self.db.execute(f"SELECT rowid FROM {table} ORDER BY rowid")
        return [rowid for (rowid,) in found]

    # Each returns what the first bad row must be, or None where it may be several.

    def edit_event(self) -> int | None:
        (seq,) = self.seqs(1)
        column = self.chance.choice(EVENT_COLUMNS)
        ((value,),) = self.db.execute(f"SELECT {column} FROM event WHERE seq = ?", (seq,))
        other = self.built.head.seq + 5 if column == "seq" else self.other(value)
        self.db.execute(f"UPDATE event SET {column} = ? WHERE seq = ?", (other, seq))
        return seq

    def edit_event_and_rehash_it(self) -> int | None:
        (seq,) = self.seqs(1)
        row = self._event(seq)
        row["actor"] = "mallory"
        self._write(seq, row)
        return None if seq == self.built.head.seq else seq + 1

    def delete_events(self) -> int | None:
        first = self.chance.randint(1, self.built.head.seq)
        last = min(first + self.chance.choice([0, 0, 1, 5]), self.built.head.seq)
        self.db.execute("DELETE FROM event WHERE seq BETWEEN ? AND ?", (first, last))
        return first

    def delete_event_and_close_the_gap(self) -> int | None:
        (seq,) = self.seqs(1)
        self.db.execute("DELETE FROM event WHERE seq = ?", (seq,))
        for later in range(seq + 1, self.built.head.seq + 1):
            self.db.execute("UPDATE event SET seq = ? WHERE seq = ?", (later - 1, later))
        return seq

    def insert_event(self) -> int | None:
        place, source = self.chance.randint(1, self.built.head.seq), self.seqs(1)[0]
        for later in range(self.built.head.seq, place - 1, -1):
            self.db.execute("UPDATE event SET seq = ? WHERE seq = ?", (later + 1, later))
        source += source >= place
        self.db.execute(
            "INSERT INTO event SELECT ?, at, actor, kind, subject, payload, previous, hash "
            "FROM event WHERE seq = ?",
            (place, source),
        )
        return place if source != place + 1 else None

    def append_a_decision(self) -> int | None:
        """A chain that holds, over tables that do not know of it."""
        ((payload,), *_) = self.db.execute(
            "SELECT payload FROM event WHERE kind = 'decision.made' ORDER BY seq"
        )
        forged = {**json.loads(payload), "id": "forged", "reviewer": {"name": "M"}}
        forged["reviewer"] |= {"email": "", "login": "mallory"}
        last = self.built.head.seq
        row = {**self._event(last), "kind": "decision.made", "payload": canonical(forged)}
        row |= {"seq": last + 1, "previous": self.built.head.hash, "subject": forged["change"]}
        row["hash"] = digest(row["previous"], canonical_event(row))
        marks = ", ".join("?" * len(row))
        self.db.execute(
            f"INSERT INTO event ({', '.join(row)}) VALUES ({marks})", tuple(row.values())
        )
        return None

    def swap_events(self) -> int | None:
        one, other = self.seqs(2)
        for before, after in ((one, -1), (other, one), (-1, other)):
            self.db.execute("UPDATE event SET seq = ? WHERE seq = ?", (after, before))
        return one

    def cut_tail(self) -> int | None:
        keep = self.chance.randint(0, self.built.head.seq - 1)
        self.db.execute("DELETE FROM event WHERE seq > ?", (keep,))
        return keep + 1

    def rehash_the_chain(self) -> int | None:
        (seq,) = self.seqs(1)
        row = self._event(seq)
        row["actor"] = "mallory"
        self._write(seq, row)
        for later in range(seq + 1, self.built.head.seq + 1):
            ((previous,),) = self.db.execute("SELECT hash FROM event WHERE seq = ?", (later - 1,))
            self._write(later, {**self._event(later), "previous": previous})
        return self.built.head.seq

    def edit_row(self) -> int | None:
        table = self.chance.choice(PROJECTED)
        rowid = self.chance.choice(self.rows(table.name))
        column = self.chance.choice(table.columns.keys())
        ((value,),) = self.db.execute(
            f"SELECT {column} FROM {table.name} WHERE rowid = ?", (rowid,)
        )
        self.db.execute(
            f"UPDATE {table.name} SET {column} = ? WHERE rowid = ?", (self.other(value), rowid)
        )
        return None

    def delete_row(self) -> int | None:
        table = self.chance.choice(PROJECTED)
        rowid = self.chance.choice(self.rows(table.name))
        self.db.execute(f"DELETE FROM {table.name} WHERE rowid = ?", (rowid,))
        return None

    def insert_row(self) -> int | None:
        table = self.chance.choice(PROJECTED)
        rowid = self.chance.choice(self.rows(table.name))
        columns = table.columns.keys()
        row = dict(
            zip(
                columns,
                *self.db.execute(
                    f"SELECT {', '.join(columns)} FROM {table.name} WHERE rowid = ?", (rowid,)
                ),
                strict=True,
            )
        )
        key = self.chance.choice([column.name for column in table.primary_key])
        row[key] = row[key] + 1_000 if isinstance(row[key], int) else f"{row[key]}x"
        self.db.execute(
            f"INSERT INTO {table.name} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})",
            tuple(row.values()),
        )
        return None

    def edit_delivery(self) -> int | None:
        rowid = self.chance.choice(self.rows("delivery"))
        column = self.chance.choice(["id", "event", "body", "digest", "handled"])
        ((value,),) = self.db.execute(f"SELECT {column} FROM delivery WHERE rowid = ?", (rowid,))
        other = 1 - value if column == "handled" else self.other(value)
        self.db.execute(f"UPDATE delivery SET {column} = ? WHERE rowid = ?", (other, rowid))
        return None

    def delete_delivery(self) -> int | None:
        rowid = self.chance.choice(self.rows("delivery"))
        self.db.execute("DELETE FROM delivery WHERE rowid = ?", (rowid,))
        return None

    def remove_a_guard(self) -> int | None:
        self.guards.remove(self.chance.choice(self.guards))
        return None

    def blunt_a_guard(self) -> int | None:
        index = self.chance.randrange(len(self.guards))
        name, _ = self.guards[index]
        blunt = f"CREATE TRIGGER {name} BEFORE DELETE ON event BEGIN SELECT 1; END"
        self.guards[index] = (name, blunt)
        return None

    def _event(self, seq: int) -> dict[str, Any]:
        columns = ", ".join(EVENT_COLUMNS)
        (row,) = self.db.execute(f"SELECT {columns} FROM event WHERE seq = ?", (seq,))
        return dict(zip(EVENT_COLUMNS, row, strict=True))

    def _write(self, seq: int, row: dict[str, Any]) -> None:
        row["hash"] = digest(row["previous"], canonical_event(row))
        self.db.execute(
            f"UPDATE event SET {', '.join(f'{name} = ?' for name in row)} WHERE seq = ?",
            (*row.values(), seq),
        )


TRICKS = [
    name
    for name in vars(Tamperer)
    if not name.startswith("_") and name not in {"close", "other", "seqs", "rows"}
]


def _verify(built: Built, path: Path, head: Head | None = None) -> Verification:
    store = Store(f"sqlite:///{path}", built.anchor)
    found = store.verify(head)
    store.close()
    return found


def test_it_finds_nothing_where_nothing_was_touched(built: Built, tmp_path: Path) -> None:
    shutil.copy(built.path, tmp_path / "copy.db")
    found = _verify(built, tmp_path / "copy.db")
    assert found == Verification(problem=None, head=built.head, expected=built.head)


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_it_finds_each_of_many_random_tamperings(built: Built, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 -- the same tamperings every time
    missed = []
    copy = tmp_path / "copy.db"
    store = Store(f"sqlite:///{copy}", built.anchor)
    for number in range(TAMPERINGS):
        tamperer = Tamperer(built, copy, chance)
        trick = TRICKS[(seed * TAMPERINGS + number) % len(TRICKS)]
        expected = getattr(tamperer, trick)()
        tamperer.close()
        found = store.verify()
        store.close()
        if found.ok or (expected is not None and found.seq != expected):
            missed.append((trick, expected, found))
        for path in tmp_path.glob("copy.db*"):
            path.unlink()
    assert missed == []


def test_it_finds_a_restored_backup(built: Built, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    shutil.copy(built.older, copy)
    found = _verify(built, copy)
    assert found.problem is not None
    assert "its tail is cut, or an older database was restored" in found.problem
    assert (found.head, found.seq) == (built.older_head, built.older_head.seq + 1)
    assert _verify(built, copy, built.older_head).ok


@pytest.mark.parametrize("seed", range(10))
def test_it_finds_a_history_rewritten_whole(built: Built, tmp_path: Path, seed: int) -> None:
    """Chain, tables and guards all hold: only the head kept elsewhere tells."""
    chance = random.Random(seed)  # noqa: S311 -- the same histories every time
    copy = tmp_path / "copy.db"
    store = Store(f"sqlite:///{copy}")
    store.upgrade()
    forged = chance.randrange(len(built.facts))
    with store.writing() as writer:
        for number, (at, actor, fact) in enumerate(built.facts):
            if isinstance(fact, Handled):
                continue
            writer.record(at, "mallory" if number >= forged else actor, fact)
    assert store.verify().ok
    store.close()
    assert not _verify(built, copy).ok


def test_it_names_the_row_and_column_of_a_table(built: Built, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    tamperer = Tamperer(built, copy, random.Random(0))  # noqa: S311 -- draws nothing
    tamperer.db.execute("UPDATE decision SET kind = 'comment' WHERE rowid = 2")
    ((key,),) = tamperer.db.execute("SELECT id FROM decision WHERE rowid = 2")
    tamperer.close()
    found = _verify(built, copy)
    assert (found.table, found.key, found.seq) == ("decision", key, None)
    assert found.problem == f"table decision, row {key}: kind is not what the ledger says"


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("UPDATE event SET actor = CAST(x'ff00fe' AS TEXT) WHERE seq = 4", "event 4 was altered"),
        ("UPDATE event SET at = CAST(at AS BLOB) WHERE seq = 4", "event 4 was altered"),
        ("UPDATE event SET payload = replace(payload, ':', ': ') WHERE seq = 4", "event 4"),
        ("UPDATE change SET title = CAST(x'ff' AS TEXT)", "table change"),
        ("UPDATE change SET opened_at = 'never'", "table change"),
        ("UPDATE change SET author = '{'", "table change"),
        ("UPDATE scan SET files = 1e300", "table scan"),
        ("UPDATE delivery SET body = 'text'", "table delivery"),
        ("DROP TABLE landing", "table landing cannot be read"),
        ("DELETE FROM event", "the ledger ends at event 0"),
        ("DELETE FROM event WHERE seq = 1", "event 1 is missing"),
        ("DELETE FROM event WHERE seq < 4", "1 to 3 are missing"),
    ],
)
def test_it_answers_in_one_line_whatever_it_meets(
    built: Built, tmp_path: Path, statement: str, problem: str
) -> None:
    copy = tmp_path / "copy.db"
    tamperer = Tamperer(built, copy, random.Random(0))  # noqa: S311 -- draws nothing
    tamperer.db.execute(statement)
    tamperer.close()
    found = _verify(built, copy)
    assert found.problem is not None
    assert found.problem.startswith(problem)
    assert "\n" not in found.problem
    assert found.problem.isascii()


def test_it_reads_events_that_were_written_before_a_noun_grew(built: Built, tmp_path: Path) -> None:
    """An event without a field that has a default today replays with that default."""
    copy = tmp_path / "copy.db"
    tamperer = Tamperer(built, copy, random.Random(0))  # noqa: S311 -- draws nothing
    last = tamperer._event(built.head.seq)
    payload = {"repository": "acme-app", "tip": "", "heads": 0, "landings": 0, "left_out": {}}
    row = {**last, "seq": last["seq"] + 1, "previous": last["hash"], "kind": "repository.pulled"}
    row |= {"payload": canonical(payload), "subject": "acme-app"}
    row["hash"] = digest(row["previous"], canonical_event(row))
    tamperer.db.execute(
        f"INSERT INTO event ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})",
        tuple(row.values()),
    )
    tamperer.db.execute(
        "INSERT INTO pull VALUES (?, ?, 'acme-app', '', 0, 0, '{}', '[]')",
        (row["seq"], row["at"]),
    )
    tamperer.close()
    assert _verify(built, copy).problem is None


@pytest.fixture
def altered(empty_postgresql: str, world: Any) -> Iterator[Callable[..., Verification]]:
    store = Store(empty_postgresql)
    store.upgrade()
    world.fill(store, 4)
    head = store.head()

    def alter(*statements: str) -> Verification:
        engine = sa.create_engine(empty_postgresql, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
        engine.dispose()
        return store.verify(head)

    yield alter
    store.close()


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("UPDATE event SET actor = 'me' WHERE seq = 4", "event 4 was altered"),
        ("DELETE FROM event WHERE seq = 4", "event 4 is missing"),
        ("DELETE FROM event WHERE seq > 4", "the ledger ends at event 4"),
        ("TRUNCATE event", "the ledger ends at event 0"),
        ("UPDATE decision SET kind = 'comment'", "table decision"),
        ("DELETE FROM jump", "table jump"),
        ('UPDATE change SET author = author || \'{"name": "x"}\'', "table change"),
        ("UPDATE landing SET landed_at = landed_at + interval '1 s'", "table landing"),
        ("DROP TRIGGER event_no_delete ON event", "the ledger's guard event_no_delete"),
    ],
)
def test_it_finds_tampering_on_postgresql(
    altered: Callable[..., Verification], statement: str, problem: str
) -> None:
    assert altered().problem is None
    found = altered(
        "ALTER TABLE event DISABLE TRIGGER ALL",
        statement,
        *(
            f"ALTER TABLE event ENABLE ALWAYS TRIGGER {name}"
            for name in ("event_no_update", "event_no_truncate", "event_in_order")
        ),
        *(
            ["ALTER TABLE event ENABLE ALWAYS TRIGGER event_no_delete"]
            if "DROP" not in statement
            else []
        ),
    )
    assert found.problem is not None
    assert found.problem.startswith(problem)


def test_it_finds_a_guard_that_is_switched_off_on_postgresql(
    altered: Callable[..., Verification],
) -> None:
    found = altered("ALTER TABLE event DISABLE TRIGGER event_no_truncate")
    assert found.problem == "the ledger's guard event_no_truncate is missing or altered"


def test_it_exports_what_an_independent_script_verifies(
    store: Store, world: Any, tmp_path: Path
) -> None:
    world.fill(store, 3)
    head, file = store.head(), io.StringIO()
    assert store.export(file) == head.seq
    lines = file.getvalue().splitlines()

    def check(content: list[str], *given: str) -> tuple[int, str]:
        path = tmp_path / "ledger.jsonl"
        path.write_text("".join(f"{line}\n" for line in content))
        done = subprocess.run(
            [sys.executable, "-I", VERIFIER, path, *given],
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    assert check(lines) == (0, f"sound, head {head}\n")
    assert check(lines, str(head))[0] == 0
    assert check(lines[:-1], str(head)) == (1, f"the head {head} is not in it\n")
    altered = lines[4].replace('"actor":"reviewqueue"', '"actor":"mallory"')
    for content, problem in (
        ([*lines[:4], altered, *lines[5:]], "line 5: its hash does not match"),
        ([*lines[:4], *lines[5:]], "line 5: does not follow"),
        ([*lines[:4], lines[5], lines[4], *lines[6:]], "line 5: does not follow"),
        ([*lines[:5], lines[4], *lines[5:]], "line 6: does not follow"),
        ([*lines[:4], lines[4].replace(":", ": ", 1), *lines[5:]], "line 5: not canonical"),
    ):
        code, said = check(content)
        assert code == 1
        assert said.startswith(problem)


def test_it_takes_no_head_that_is_none(built: Built, tmp_path: Path) -> None:
    shutil.copy(built.path, tmp_path / "copy.db")
    store = Store(f"sqlite:///{tmp_path / 'copy.db'}")
    for head in ("", "12", "12:ab", "x:" + "0" * 64, "1:" + "G" * 64):
        with pytest.raises(StoreError, match="SEQ:HASH"):
            store.verify(head)
    for head in (f"{built.head.seq}:{'0' * 64}", f"0:{'1' * 64}", f"1:{built.head.hash}"):
        assert not store.verify(head).ok
    store.close()
