"""Scanning at a limited cost: in a child process that is killed when it takes too much.

One child serves many diffs. Whatever a diff does to it (a loop, a crash, memory without
end), the parent goes on: the diff is tried once more in a fresh child, then it is called
unscannable, and is not tried again.
"""

import hashlib
import json
import os
import pickle
import select
import signal
import sys
import threading
import time
import weakref
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, NoReturn

from reviewqueue.domain.finding import Scan
from reviewqueue.forge.child import HEADER, header, scan_of, serve
from reviewqueue.scan.diff import Diff
from reviewqueue.scan.engine import Scanner
from reviewqueue.scan.rule import Subject

CATALOGUE = "reviewqueue.rules:catalogue"
"""The installed rules: a change to the product's own is judged by these, never by itself."""
_TRIES = 2
_START = 120.0
"""Seconds in which a child has to be ready, on the slowest of machines."""
_LOOK = 50
"""Milliseconds between looks at a child's memory."""
_LONGEST = 256 << 20
"""Bytes of an answer."""
_CHUNK = 1 << 20
_PAGE = os.sysconf("SC_PAGE_SIZE")
_INHERITED = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR", "HOME", "XDG_CACHE_HOME")
"""Environment that the child needs to import what we did, and to find what is kept; no key
and no address among it."""
_BOOT = """
import json, sys
sys.path[:] = json.loads(sys.argv[1])
sys.dont_write_bytecode = True
from reviewqueue.forge.child import main
main()
"""
"""Run isolated (-I): a module that lies in the folder we scan in must not be imported."""


class ScannerError(Exception):
    """There is no child to scan with, whatever the diff; one line."""


class _StoppedError(Exception):
    """The child did not live to answer; the message says why."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one diff may cost."""

    seconds: float
    megabytes: int


Start = Callable[[Limits], "Child"]
"""Starts a child that is ready to scan; raises ScannerError."""


class LimitedScanner:
    """Scans as :class:`Scanner` does, one diff at a time, in children of its own."""

    def __init__(self, start: Start, limits: Limits) -> None:
        """Prepare; the first scan starts a child."""
        self._start = start
        self._limits = limits
        self._child: Child | None = None
        self._alone = threading.Lock()
        self._given_up: dict[bytes, str] = {}
        """Why, by the identity of what was killed twice."""

    def scan(self, diff: Diff, subject: Subject) -> Scan:
        """Return the findings and the risk of one diff, from whatever thread.

        One that was stopped twice is unscannable; what its names alone give is found all
        the same. Raises ScannerError where no child can be started.
        """
        with self._alone:
            # To tell one diff from another costs time, which only the first kill is worth.
            reason = self._given_up.get(_identity(diff, subject)) if self._given_up else None
            if reason is None:
                scan, reason = self._tried(diff, subject)
                if scan is not None:
                    return scan
                self._given_up[_identity(diff, subject)] = reason
            problem = f"the scan was stopped: {reason}"
            named = Diff(b"", files=diff.files, unread=diff.unread, problem=problem)
            with suppress(_StoppedError):
                return self._ask(named, subject)
            try:
                return self._ask(Diff(b"", problem=problem), Subject())
            except _StoppedError as error:
                raise ScannerError(f"the scanner does not work: {error}") from error

    def close(self) -> None:
        """End the child; the next scan starts another."""
        with self._alone:
            self._drop()

    def _tried(self, diff: Diff, subject: Subject) -> tuple[Scan | None, str]:
        reason = ""
        for _ in range(_TRIES):
            try:
                return self._ask(diff, subject), ""
            except _StoppedError as error:
                reason = str(error)
        return None, reason

    def _ask(self, diff: Diff, subject: Subject) -> Scan:
        child = self._ready()
        # The patch goes as it is: one copy less of what may be large.
        rest = pickle.dumps((replace(diff, patch=b""), subject), pickle.HIGHEST_PROTOCOL)
        try:
            child.send(rest, diff.patch, limits=self._limits)
            return scan_of(child.receive())
        except BaseException as error:
            self._drop()  # what it would still say is not the answer to the next question
            if isinstance(error, ValueError | TypeError | RecursionError):
                raise _StoppedError("its process answered nonsense") from error
            raise

    def _ready(self) -> "Child":
        """Return a child that lives and is ours: one that was forked with us is not."""
        if self._child is None or not self._child.lives():
            self._drop()
            self._child = self._start(self._limits)
        return self._child

    def _drop(self) -> None:
        if self._child is not None:
            self._child.end()
            self._child = None


class Child:
    """A child process and the pipes to it."""

    def __init__(self, pid: int, into: int, out: int) -> None:
        """Take a process that runs, the descriptor to write to, and the one to read from."""
        self._pid = pid
        self._owner = os.getpid()
        self._into, self._out = into, out
        for descriptor in (into, out):
            os.set_blocking(descriptor, False)
        self._limits: Limits | None = None
        self._until = 0.0
        # Also where it is forgotten. At the interpreter's exit it is killed, but the pipes
        # stay: a thread may be reading still, and must not read what took their numbers.
        self._killing = weakref.finalize(self, _kill, pid, self._owner)
        self._closing = weakref.finalize(self, _close, into, out)
        self._closing.atexit = False

    @property
    def pid(self) -> int:
        """The number of its process."""
        return self._pid

    def end(self) -> None:
        """Kill it, and free what it held; once or more often."""
        self._killing()
        self._closing()

    def lives(self) -> bool:
        """Return whether it is there to be asked, by this process."""
        if os.getpid() != self._owner or not self._killing.alive:
            return False
        return os.waitid(os.P_PID, self._pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None

    def send(self, *messages: bytes, limits: Limits | None = None) -> None:
        """Ask; the limits are on all that it does from here until it has answered."""
        self._limits = limits
        self._until = time.monotonic() + (limits.seconds if limits else _START)
        for message in messages:
            for part in (header(message), message):
                self._write(memoryview(part))

    def receive(self) -> Any:  # noqa: ANN401 -- any JSON
        """Return what it answers."""
        size = int.from_bytes(self._exactly(HEADER), "big")
        if size > _LONGEST:
            raise ValueError(f"an answer of {size} bytes")
        return json.loads(self._exactly(size))

    def _write(self, left: memoryview) -> None:
        while left:
            self._wait(self._into, select.POLLOUT)
            try:
                left = left[os.write(self._into, left[:_CHUNK]) :]
            except BlockingIOError:
                continue
            except OSError:
                self._ended()

    def _exactly(self, size: int) -> bytes:
        found = bytearray()
        while len(found) < size:
            self._wait(self._out, select.POLLIN)
            piece = os.read(self._out, min(_CHUNK, size - len(found)))
            if not piece:
                self._ended()
            found += piece
        return bytes(found)

    def _wait(self, descriptor: int, event: int) -> None:
        """Return when the pipe is ready; raise where the child took too long or too much."""
        waiting = select.poll()
        waiting.register(descriptor, event)
        while not waiting.poll(_LOOK):
            if time.monotonic() > self._until:
                raise _StoppedError(self._late())
            if self._limits and _megabytes(self._pid) > self._limits.megabytes:
                raise _StoppedError(f"more than {self._limits.megabytes} MB")

    def _late(self) -> str:
        return f"more than {self._limits.seconds if self._limits else _START:g} s"

    def _ended(self) -> NoReturn:
        """Raise what ended it; a child that closed its pipe is ending, or is made to."""
        try:
            os.kill(self._pid, signal.SIGKILL)
            ended = os.waitid(os.P_PID, self._pid, os.WEXITED | os.WNOWAIT)
        except (ChildProcessError, ProcessLookupError):
            ended = None
        if ended is None or ended.si_code == os.CLD_EXITED:
            raise _StoppedError("its process ended")
        if ended.si_status == signal.SIGALRM:
            raise _StoppedError(self._late())
        raise _StoppedError(f"its process was killed ({signal.Signals(ended.si_status).name})")


def spawned(catalogue: str, salt: bytes) -> Start:
    """Return what starts a new interpreter, whatever threads and locks this process has.

    ``catalogue`` is ``module:function``, called there for the rules.
    """

    def start(limits: Limits) -> Child:
        child = _run([sys.executable, "-I", "-c", _BOOT, json.dumps(sys.path)])
        told = {"catalogue": catalogue, "salt": salt.hex(), **asdict(limits)}
        try:
            child.send(json.dumps(told).encode())
            answer = child.receive()
        except (_StoppedError, ValueError) as error:
            child.end()
            raise ScannerError(f"the scanner could not be started: {error}") from error
        if "error" in answer:
            child.end()
            raise ScannerError(f"the scanner could not be made: {answer['error']}")
        return child

    return start


def forked(scanner: Scanner) -> Start:
    """Return what starts a copy of this process, at next to no cost.

    Only for a process of one thread that holds no lock: a copy keeps what it finds.
    """

    def start(limits: Limits) -> Child:
        questions, into, out, answers = *os.pipe(), *os.pipe()
        try:
            pid = os.fork()
        except OSError as error:
            raise ScannerError(f"the scanner could not be started: {error.strerror}") from error
        if not pid:
            try:
                os.close(into)
                os.close(out)
                asked = os.fdopen(questions, "rb")
                serve(scanner.scan, asked, answers, limits.seconds, limits.megabytes)
            finally:
                os._exit(1)
        os.close(questions)
        os.close(answers)
        return Child(pid, into, out)

    return start


def _run(command: list[str]) -> Child:
    questions, into, out, answers = *os.pipe(), *os.pipe()
    files = (
        (os.POSIX_SPAWN_DUP2, questions, 0),
        (os.POSIX_SPAWN_DUP2, answers, 1),
        (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
    )
    environment = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    try:
        pid = os.posix_spawn(command[0], command, environment, file_actions=files)
    except OSError as error:
        os.close(into)
        os.close(out)
        raise ScannerError(f"the scanner could not be started: {error.strerror}") from error
    finally:
        os.close(questions)
        os.close(answers)
    return Child(pid, into, out)


def _close(*descriptors: int) -> None:
    for descriptor in descriptors:
        os.close(descriptor)


def _kill(pid: int, owner: int) -> None:
    """Kill and bury a process where it is our own child still."""
    if os.getpid() == owner:
        with suppress(ChildProcessError):
            os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _megabytes(pid: int) -> int:
    """Return the memory that a process holds; 0 where the system does not say."""
    try:
        pages = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]
    except (OSError, IndexError):
        return 0
    return int(pages) * _PAGE >> 20


def _identity(diff: Diff, subject: Subject) -> bytes:
    rest = repr((replace(diff, patch=b""), subject))
    digest = hashlib.blake2b(diff.patch, digest_size=16)
    digest.update(rest.encode("utf-8", "surrogatepass"))
    return digest.digest()
