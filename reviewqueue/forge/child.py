"""What runs in the child: one scanner, asked over a pipe, until the parent is gone.

Questions come pickled from the parent, which we trust. Answers go back as JSON: whoever
read hostile input is not to be believed anything that could run.
"""

import ctypes
import gc
import json
import os
import pickle
import queue
import resource
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from functools import cache
from importlib import import_module
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, BinaryIO, TypeVar, get_args, get_origin, get_type_hints

from reviewqueue.domain.finding import Scan
from reviewqueue.forge.fast import searches
from reviewqueue.scan.diff import Diff
from reviewqueue.scan.engine import Scanner
from reviewqueue.scan.rule import Subject

T = TypeVar("T")
_Asked = queue.SimpleQueue[tuple[Diff, Subject]]
HEADER = 8
"""Bytes before each message that hold its length, big-endian."""
_GRACE = 5.0
"""Seconds after the parent's limit at which we end by ourselves, should it be gone."""
_IDLE = 600.0
"""Seconds after which a child that nobody asks frees its memory by ending."""
_LARGE = 1 << 19
"""Bytes of a patch after which memory is freed."""
_MANY = 50_000
"""Objects that were made since it was, likewise."""


def main() -> None:
    """Serve on standard input and output, as the parent's first message says."""
    questions, answers = os.fdopen(os.dup(0), "rb"), os.dup(1)
    told = json.loads(_read(questions) or b"{}")
    _alone()
    try:
        module, _, name = told["catalogue"].partition(":")
        catalogue = getattr(import_module(module), name)()
        scanner = Scanner(catalogue, bytes.fromhex(told["salt"]), searches())
    except Exception as error:  # noqa: BLE001 -- whatever it is, the parent tells it
        _write(answers, {"error": f"{type(error).__name__}: {error}"})
        return
    _write(answers, {"rules": scanner.rules_version})
    serve(scanner.scan, questions, answers, told["seconds"], told["megabytes"])


def serve(
    scan: Callable[[Diff, Subject], Scan],
    questions: BinaryIO,
    answers: int,
    seconds: float,
    megabytes: int,
) -> None:
    """Answer every question; never returns, as the process ends with its parent."""
    _alone()
    _limit(megabytes)
    # What was compiled stays, and a scan keeps nearly all it makes until its end: to look
    # for garbage meanwhile would take half the time of a diff of many files.
    gc.freeze()
    gc.disable()
    asked: _Asked = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(questions, asked), daemon=True).start()
    with suppress(queue.Empty):
        while True:
            diff, subject = asked.get(timeout=_IDLE)
            signal.setitimer(signal.ITIMER_REAL, seconds + _GRACE)
            answer = plain(scan(diff, subject))
            is_large = len(diff.patch) > _LARGE
            del diff, subject
            signal.setitimer(signal.ITIMER_REAL, 0)
            _write(answers, answer)
            del answer
            if is_large or gc.get_count()[0] > _MANY:
                _free()
    os._exit(0)


def _free() -> None:
    """Give back to the system what the last scans held, as far as it lets us."""
    gc.collect()
    with suppress(AttributeError, OSError):  # not every C library has it
        ctypes.CDLL(None).malloc_trim(0)


def _listen(questions: BinaryIO, asked: _Asked) -> None:
    """Pass on what is asked; end the process, whatever it does, when the parent is gone."""
    while (rest := _read(questions)) is not None and (patch := _read(questions)) is not None:
        diff, subject = pickle.loads(rest)  # noqa: S301 -- our parent wrote it
        asked.put((replace(diff, patch=patch), subject))
        del rest, patch, diff, subject
    os._exit(0)


def _alone() -> None:
    """Leave the terminal and the parent's files alone, and end only as the parent says."""
    with suppress(OSError):
        os.setsid()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    os.close(nothing)


def _limit(megabytes: int) -> None:
    """Bound what the kernel gives us, beyond what the parent watches for, and dump nothing."""
    most = 2 * megabytes << 20
    for kind, value in ((resource.RLIMIT_DATA, most), (resource.RLIMIT_CORE, 0)):
        with suppress(ValueError, OSError):
            resource.setrlimit(kind, (value, value))
    with suppress(OSError):  # where memory runs out, we are to go, and not who asks us
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def _read(questions: BinaryIO) -> bytes | None:
    """Return the next message; None where there is no more."""
    size = questions.read(HEADER)
    message = questions.read(int.from_bytes(size, "big"))
    return message if len(size) == HEADER and len(message) == int.from_bytes(size, "big") else None


def _write(descriptor: int, answer: Any) -> None:  # noqa: ANN401 -- any JSON
    message = json.dumps(answer).encode()
    for part in (header(message), message):
        left = memoryview(part)
        while left:
            left = left[os.write(descriptor, left) :]


def header(message: bytes) -> bytes:
    """Return what goes before a message."""
    return len(message).to_bytes(HEADER, "big")


def plain(noun: object) -> object:
    """Return a dataclass as JSON: the list of its fields' values, in order."""
    if is_dataclass(noun):
        return [plain(getattr(noun, field.name)) for field in fields(noun)]
    return [plain(one) for one in noun] if isinstance(noun, tuple) else noun


def scan_of(value: object) -> Scan:
    """Return the scan that :func:`plain` was given; ValueError where it is nothing like one."""
    found: Scan = _reader(Scan)(value)
    return found


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:  # noqa: ANN401 -- a type, or an alias of one
    if is_dataclass(kind):
        return _dataclass_reader(kind)
    if get_origin(kind) is tuple:
        one = _reader(get_args(kind)[0])
        return lambda value: tuple(map(one, _of(list, value)))
    if isinstance(kind, UnionType):
        (other,) = (_reader(one) for one in get_args(kind) if one is not NoneType)
        return lambda value: None if value is None else other(value)
    if issubclass(kind, Enum):
        return lambda value: kind(_of(str, value))
    return lambda value: _of(kind, value)


def _dataclass_reader(kind: Any) -> Callable[[Any], Any]:  # noqa: ANN401 -- a dataclass
    hints = get_type_hints(kind)
    names = [field.name for field in fields(kind)]
    readers = [_reader(hints[name]) for name in names]

    def read(value: object) -> object:
        parts = _of(list, value)
        found = [one(part) for one, part in zip(readers, parts, strict=True)]
        return kind(**dict(zip(names, found, strict=True)))

    return read


def _of(kind: type[T], value: object) -> T:
    if type(value) is not kind:
        raise ValueError(f"{type(value).__name__} where {kind.__name__} is expected")
    return value


if __name__ == "__main__":
    sys.exit("this is started by reviewqueue itself")
