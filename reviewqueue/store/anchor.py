"""The ledger's head, kept outside the database.

A file that only ever moves forward along one chain. It is written after the commit: a
process killed in between leaves it behind, which is no sign of tampering.
"""

import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from reviewqueue.store.ledger import Head, StoreError, read_head


def read_anchor(path: Path) -> Head | None:
    """Return the anchored head, or None where there is no file.

    Raises StoreError for a file that holds no head.
    """
    try:
        text = path.read_text(encoding="ascii")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"the anchored head {path} cannot be read") from error
    try:
        return read_head(text)
    except StoreError:
        raise StoreError(f"the anchored head {path} holds no SEQ:HASH") from None


def move_anchor(path: Path, head: Head, holds: Callable[[Head], bool]) -> bool:
    """Write the head, unless a later one is there; return whether it was written.

    ``holds`` says whether the ledger still holds an earlier head. Where it does not
    (a restored or rebuilt database) or the file holds no head, the file stays: it is
    the evidence.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _locked(path):
        try:
            anchored = read_anchor(path)
        except StoreError:
            return False
        if anchored is not None and (anchored.seq >= head.seq or not holds(anchored)):
            return False
        _replace(path, f"{head}\n")
        return True


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.with_name(f"{path.name}.lock").open("a", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _replace(path: Path, text: str) -> None:
    descriptor, name = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
