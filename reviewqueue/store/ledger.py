"""The ledger: events in a chain of hashes, appended and never altered.

``hash = SHA-256(previous + event)``, both as ASCII, where ``event`` is the canonical
JSON object of ``seq, at, actor, kind, subject, payload``. The first event's
``previous`` is 64 zeros.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import TypeAdapter

from reviewqueue.domain.change import Change, Repository
from reviewqueue.domain.event import KINDS, Event, Fact, Handled
from reviewqueue.domain.landing import Landing
from reviewqueue.store.canonical import canonical, instant, plain, text

_HASH_DIGITS = 64
_FACTS: dict[str, TypeAdapter[Any]] = {kind: TypeAdapter(noun) for kind, noun in KINDS.items()}


class StoreError(Exception):
    """The store cannot do it; the message is one clear line."""


class Head(NamedTuple):
    """The ledger's end: its length and last hash."""

    seq: int
    hash: str

    def __str__(self) -> str:
        """Return ``SEQ:HASH``, as it is anchored and printed."""
        return f"{self.seq}:{self.hash}"


EMPTY = Head(0, "0" * _HASH_DIGITS)
"""The head before the first event."""


@dataclass(frozen=True, slots=True)
class Recorded(Event):
    """An event with its place in the ledger."""

    seq: int
    """1 for the first."""
    subject: str
    """The change, repository or delivery it is about."""
    previous: str
    hash: str


def read_head(text: str) -> Head:
    """Return the head that ``SEQ:HASH`` names; raises StoreError for anything else."""
    seq, _, digest = text.strip().partition(":")
    well_formed = len(digest) == _HASH_DIGITS and not set(digest) - set("0123456789abcdef")
    if not (seq.isascii() and seq.isdigit() and well_formed):
        raise StoreError(f"{text.strip()[:90]!r} is no ledger head: write SEQ:HASH")
    return Head(int(seq), digest)


def digest(previous: str, event: str) -> str:
    """Return the hash of a canonical event after the previous hash."""
    return hashlib.sha256(f"{previous}{event}".encode("utf-8", "surrogatepass")).hexdigest()


def canonical_event(row: dict[str, Any]) -> str:
    """Return the canonical JSON of a row's event: what is hashed beside ``previous``.

    The payload is canonical text already and goes in as it stands, so that the
    smallest edit of its bytes changes the hash.
    """
    return (
        f'{{"actor":{canonical(row["actor"])},"at":{canonical(row["at"])}'
        f',"kind":{canonical(row["kind"])},"payload":{row["payload"]}'
        f',"seq":{row["seq"]},"subject":{canonical(row["subject"])}}}'
    )


def export_line(row: dict[str, Any]) -> str:
    """Return the row as one canonical JSON object, with both hashes."""
    return (
        f'{{"actor":{canonical(row["actor"])},"at":{canonical(row["at"])}'
        f',"hash":{canonical(row["hash"])},"kind":{canonical(row["kind"])}'
        f',"payload":{row["payload"]},"previous":{canonical(row["previous"])}'
        f',"seq":{row["seq"]},"subject":{canonical(row["subject"])}}}'
    )


def make_row(head: Head, at: datetime, actor: str, fact: Fact) -> tuple[dict[str, Any], Any]:
    """Return the next row of the ledger, and its payload as plain values."""
    payload = plain(fact)
    row = {
        "seq": head.seq + 1,
        "at": instant(at),
        "actor": text(actor),
        "kind": Event(at, actor, fact).kind,
        "subject": text(subject_of(fact)),
        "payload": canonical(payload),
        "previous": head.hash,
    }
    row["hash"] = digest(head.hash, canonical_event(row))
    return row, payload


def subject_of(fact: Fact) -> str:
    """Return the change that a fact is about, else the repository, else the delivery."""
    if isinstance(fact, Repository | Change):
        return fact.id
    if isinstance(fact, Landing):
        return fact.change or fact.repository
    if isinstance(fact, Handled):
        return fact.delivery
    return str(getattr(fact, "change", None) or getattr(fact, "repository", ""))


def read_fact(kind: str, payload: str) -> Fact:
    """Return the noun of a payload; raises StoreError where it is none."""
    try:
        fact: Fact = _FACTS[kind].validate_json(payload)
    except (KeyError, ValueError) as error:
        raise StoreError(f"no {kind} can be read from its payload") from error
    return fact
