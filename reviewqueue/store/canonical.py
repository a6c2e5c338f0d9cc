"""The canonical form of a fact: what is hashed, stored and compared.

Sorted keys, no spaces, ASCII only, instants in UTC with six decimals. Text that a
database cannot hold (NUL, lone surrogates) is replaced here, before it is hashed, so
that ledger and tables agree on every database.
"""

import json
import re
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from typing import Any

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_ENCODER = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False
)
_PLAIN = frozenset({type(None), bool, int, float})
_INSTANT_LENGTH = len("2026-11-21T10:06:00.000000Z")


def instant(at: datetime) -> str:
    """Return the instant in UTC, 27 characters, ordered as text as in time.

    Raises ValueError for a naive datetime.
    """
    if at.utcoffset() is None:
        raise ValueError("an instant without a time zone cannot be recorded")
    text = at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
    return f"{text}Z"


def read_instant(text: str) -> datetime:
    """Return the aware UTC datetime that :func:`instant` wrote; ValueError if it did not."""
    if len(text) != _INSTANT_LENGTH or not text.endswith("Z"):
        raise ValueError(f"{text[:40]!r} is no canonical instant")
    return datetime.fromisoformat(text)


def canonical(value: object) -> str:
    """Return the canonical JSON text of a plain value."""
    return _ENCODER.encode(value)


def text(value: str) -> str:
    """Return the text with what no database can hold replaced by U+FFFD."""
    return _UNSTORABLE.sub("\ufffd", value)


def plain(value: object) -> Any:  # noqa: ANN401 -- JSON of any shape
    """Return nouns as dictionaries, lists, strings, numbers, booleans and None.

    Raises TypeError for what has no canonical form.
    """
    kind = type(value)
    if kind in _PLAIN:
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return text(value)
    return instant(value) if isinstance(value, datetime) else _plain_parts(value, kind)


def _plain_parts(value: object, kind: Any) -> Any:  # noqa: ANN401 -- JSON of any shape
    if isinstance(value, tuple | list):
        return [plain(part) for part in value]
    if isinstance(value, dict):
        return {text(str(key)): plain(part) for key, part in value.items()}
    return {name: plain(getattr(value, name)) for name in _names(kind)}


@cache
def _names(noun: Any) -> tuple[str, ...]:  # noqa: ANN401 -- any class
    if not is_dataclass(noun):
        raise TypeError(f"a {noun.__name__} has no canonical form")
    return tuple(field.name for field in fields(noun))
