import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewqueue.domain.people import Person
from reviewqueue.store.canonical import canonical, instant, plain, read_instant, text
from reviewqueue.store.ledger import canonical_event, digest, export_line

ANY_TEXT = st.text(st.characters())
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))
# Hypothesis takes its bounds without a zone.
INSTANTS = st.datetimes(
    datetime.min + timedelta(days=2),  # noqa: DTZ901 -- a bound
    datetime.max - timedelta(days=2),  # noqa: DTZ901 -- a bound
    timezones=ZONES,
)
ROWS = st.fixed_dictionaries(
    {
        "seq": st.integers(1, 2**53),
        "at": ANY_TEXT,
        "actor": ANY_TEXT,
        "kind": ANY_TEXT,
        "subject": ANY_TEXT,
        "payload": st.dictionaries(ANY_TEXT, ANY_TEXT | st.integers() | st.none()).map(canonical),
    }
)


@given(INSTANTS)
def test_it_writes_every_instant_in_utc_at_one_length(at: datetime) -> None:
    written = instant(at)
    assert len(written) == 27
    assert read_instant(written) == at
    assert read_instant(written).tzinfo is UTC


@given(INSTANTS, INSTANTS)
def test_it_orders_instants_as_text_as_in_time(one: datetime, other: datetime) -> None:
    assert (instant(one) < instant(other)) == (one < other)


@pytest.mark.parametrize(
    "written", ["", "2026-11-21T10:06:00Z", "2026-11-21T10:06:00.000000", "nonsense" * 4]
)
def test_it_reads_no_other_form_of_an_instant(written: str) -> None:
    with pytest.raises(ValueError, match=r"canonical|isoformat"):
        read_instant(written)


@given(ANY_TEXT)
def test_it_makes_all_text_storable_and_leaves_storable_text_alone(found: str) -> None:
    stored = text(found)
    assert "\0" not in stored
    assert stored.encode().decode() == stored
    assert len(stored) == len(found)
    assert text(stored) == stored


@given(ANY_TEXT, ANY_TEXT)
def test_it_writes_ascii_that_reads_back(name: str, email: str) -> None:
    written = canonical(plain(Person(name, email)))
    assert written.isascii()
    assert json.loads(written) == {"name": text(name), "email": text(email), "login": ""}
    assert canonical(json.loads(written)) == written


def test_it_has_no_canonical_form_for_what_is_no_fact() -> None:
    with pytest.raises(TypeError, match="no canonical form"):
        plain(object())


@given(ROWS)
def test_it_writes_an_event_as_the_canonical_json_of_its_parts(row: dict[str, object]) -> None:
    nested = {**row, "payload": json.loads(str(row["payload"]))}
    assert canonical_event(row) == canonical(nested)
    hashes = {"previous": "0" * 64, "hash": digest("0" * 64, canonical_event(row))}
    assert export_line({**row, **hashes}) == canonical({**nested, **hashes})


@given(ROWS, ROWS)
def test_it_writes_different_events_differently(
    one: dict[str, object], other: dict[str, object]
) -> None:
    assert (canonical_event(one) == canonical_event(other)) == (one == other)
