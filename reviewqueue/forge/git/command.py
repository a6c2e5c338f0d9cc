"""Running git so that nothing but its arguments decides what it does.

No setting of the machine, of the user or of the repository that is read reaches git:
the environment is made from scratch, and what a repository's own configuration could
turn on (hooks, filters, drivers, helpers, lazy fetching) is turned off.
"""

import os
import re
import signal
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread, Timer
from typing import Any, BinaryIO, cast

Progress = Callable[[str, int, int | None], None]
"""Called with what is done, how much of it, and of how much in all (None if unknown)."""

EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
"""The tree without files, which every repository knows."""

QUICK = 60.0
"""Seconds for a look-up."""
SLOW = 900.0
"""Seconds for a walk, a difference or a pack."""
PULL = 6 * 3600.0
"""Seconds for a whole transfer; a stalled one is cut by ``http.lowSpeedTime``."""

_CHUNK = 1 << 20
_KEPT_LINES = 20
_LONGEST_LINE = 300
_OBJECT_NAME = re.compile(r"[0-9a-f]{40}")
_PROGRESS = re.compile(
    r"^(?:remote: )?(?P<what>[A-Z][a-z]+ [a-z]+): +\d+% \((?P<n>\d+)/(?P<of>\d+)\)"
)
_CREDENTIALS = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*://)(?P<user>[^/\s'\"]*)@")
_INHERITED = frozenset(
    {
        *("PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "LD_LIBRARY_PATH"),
        *("SSH_AUTH_SOCK", "SSH_AGENT_PID", "SSL_CERT_FILE", "SSL_CERT_DIR"),
        # Which certificates this machine trusts is its owner's to say.
        *("GIT_SSL_CAINFO", "GIT_SSL_CAPATH"),
        *("http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"),
        *("no_proxy", "NO_PROXY"),
    }
)
_ENVIRONMENT = {
    "LC_ALL": "C",
    "TZ": "UTC",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_GRAFT_FILE": os.devnull,
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_SSH_COMMAND": "ssh -oBatchMode=yes",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_PROTOCOL_FROM_USER": "0",
    "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh",
    "GIT_LITERAL_PATHSPECS": "1",
}
_SETTINGS = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.attributesFile=/dev/null",
    "core.excludesFile=/dev/null",
    "core.alternateRefsCommand=true",
    "core.pager=cat",
    "core.quotePath=true",
    "core.multiPackIndex=false",
    "core.bigFileThreshold=32m",
    "core.packedRefsTimeout=10000",
    "credential.helper=",
    "diff.algorithm=myers",
    "diff.noprefix=false",
    "fetch.unpackLimit=1",
    "fetch.fsckObjects=false",
    "fetch.writeCommitGraph=false",
    "gc.auto=0",
    "gc.autoDetach=false",
    "http.lowSpeedLimit=100",
    "http.lowSpeedTime=120",
    "i18n.logOutputEncoding=UTF-8",
    "log.showSignature=false",
    "log.showRoot=true",
    "maintenance.auto=false",
    "merge.renames=true",
    "pack.useSparse=false",
    "protocol.ext.allow=never",
    "protocol.version=2",
    "submodule.recurse=false",
)
_NO_GIT = "git is not installed, or not on the PATH"
_FULL = r"No space left on device|File too large|Disk quota exceeded"
_PLAIN_WORDS = {
    _NO_GIT: "^env: ",
    "the disk is full": _FULL,
    "no such host": "Could not resolve host|unable to look up|Name or service not known",
    "cannot be reached": (
        "Failed to connect|Couldn't connect|Connection (?:refused|timed out|reset)"
        "|unable to connect|Operation too slow|No route to host|Empty reply from server"
        "|Network is unreachable"
    ),
    "asks for credentials that were not given, or refuses them": (
        r"could not read (?:Username|Password)|Authentication failed|Permission denied [(,]"
        "|returned error: 40[13]|Host key verification failed"
    ),
    "is not a git repository": (
        "does not appear to be a git repository|not a git repository|not valid: is this a git"
        "|repository '.*' not found|Repository not found|returned error: 404"
    ),
    "uses a refused protocol": "transport '.*' not allowed|Unable to find remote helper",
    "has damaged or missing objects": (
        "corrupt|inflate|bad object|could not parse|cannot be read|unable to read|unreadable"
        "|hash mismatch|SHA1 COLLISION|missing (?:blob|tree|commit)|bad tree|bad pack|garbage"
        "|Failed to traverse|revision walk setup failed|unresolved deltas|invalid index-pack"
        "|packfile .* (?:truncated|does not match|cannot|far too short)|unknown object type"
        "|did not send all necessary objects|Could not read"
    ),
    "broke off": "early EOF|hung up unexpectedly|unexpected disconnect",
    "uses object names other than SHA-1": "mismatched algorithms|unknown object format",
}


class GitError(Exception):
    """Git could not do it; the message is one clear line that holds no credentials."""

    def __init__(self, message: str) -> None:
        """Take the message; what it quotes is made printable and harmless."""
        super().__init__(_plain(message))


class OversizeError(GitError):
    """Git gave more than the caller can take."""


Input = bytes | Iterable[str] | BinaryIO
"""What git reads: bytes, lines, or another process's output."""


@dataclass(frozen=True, slots=True)
class Git:
    """Git on one repository, ours by preference."""

    directory: Path
    """The repository's git directory."""
    held: tuple[int, ...] = ()
    """Descriptors that every process keeps open, so that a lock outlives our death."""
    name: str = ""
    """What errors call the repository."""
    extra: Mapping[str, str] = field(default_factory=dict)
    """Further environment; reaches no command line."""

    def run(
        self,
        *arguments: str,
        stdin: Input = b"",
        limit: int | None = None,
        timeout: float = SLOW,
        report: Progress | None = None,
    ) -> bytes:
        """Return what git writes, byte for byte.

        Raises GitError when git fails or takes more than ``timeout`` seconds, and
        OversizeError when there are more than ``limit`` bytes.
        """
        pieces, size = [], 0
        with self._running(arguments, stdin, timeout, report) as process:
            for piece in process:
                size += len(piece)
                if limit is not None and size > limit:
                    raise OversizeError(f"{_plain(self.name)}: more than {limit} bytes at once")
                pieces.append(piece)
            process.check()
        return b"".join(pieces)

    def status(self, *arguments: str, stdin: Input = b"") -> tuple[int, bytes]:
        """Return git's exit status and output where 1 is an answer and not a failure."""
        with self._running(arguments, stdin, SLOW, None) as process:
            out = b"".join(process)
            if (status := process.wait()) != 1:
                process.check()
        return status, out

    def records(self, *arguments: str, stdin: Input = b"") -> Iterator[bytes]:
        """Yield what git writes, cut after each NUL, without holding all of it."""
        with self._running(arguments, stdin, SLOW, None) as process:
            rest = b""
            for piece in process:
                *whole, rest = (rest + piece).split(b"\0")
                yield from whole
            process.check()
            if rest:
                yield rest

    def pipe(
        self,
        giving: Sequence[str],
        into: "Git",
        taking: Sequence[str],
        *,
        stdin: Input,
        report: Progress | None = None,
    ) -> bytes:
        """Return what ``into`` makes of what this repository gives."""
        with (
            self._running(giving, stdin, PULL, report) as giver,
            into._running(taking, giver.stdout, PULL, None) as taker,  # noqa: SLF001  # its own class
        ):
            giver.stdout.close()
            out = b"".join(taker)
            taken, given = taker.wait(), giver.wait()
            if taken and (given in {0, -signal.SIGPIPE} or taker.out_of_space):
                taker.check()
            giver.check()
        return out

    @contextmanager
    def _running(
        self, arguments: Sequence[str], stdin: Input, timeout: float, report: Progress | None
    ) -> Iterator["_Process"]:
        with _opened(stdin) as source:
            process = _Process(self, arguments, source, timeout, report)
            try:
                yield process
            finally:
                process.end()


class _Process:
    """One git process: its output is read here, its complaints on the side."""

    def __init__(
        self,
        git: Git,
        arguments: Sequence[str],
        source: BinaryIO | None,
        timeout: float,
        report: Progress | None,
    ) -> None:
        self._process = _start(git, arguments, source)
        self._report = report
        self._name = git.name
        self._complaint: deque[str] = deque(maxlen=_KEPT_LINES)
        self._timeout = timeout
        self._late = False
        self.stdout: BinaryIO = self._process.stdout
        self._listener = Thread(target=self._listen, daemon=True)
        self._listener.start()
        self._timer = Timer(timeout, self._expire)
        self._timer.daemon = True
        self._timer.start()

    def __iter__(self) -> Iterator[bytes]:
        while piece := self.stdout.read(_CHUNK):
            yield piece

    def wait(self) -> int:
        """Return the exit status, negative if a signal ended it."""
        status: int = self._process.proc.wait()
        self._listener.join()
        return status

    def check(self) -> None:
        """Raise GitError unless it ended well."""
        status = self.wait()
        if self._late:
            raise GitError(f"git took more than {self._timeout:.0f} seconds{_of(self._name)}")
        if status:
            raise GitError(explain(status, self._complaint, self._name))

    @property
    def out_of_space(self) -> bool:
        """Whether it complained of a full disk."""
        return any(re.search(_FULL, line) for line in self._complaint)

    def end(self) -> None:
        """End the process and its children if they still run, and free everything."""
        self._timer.cancel()
        if self._process.proc.poll() is None:
            self._kill()
        self.wait()
        for stream in (self.stdout, self._process.stderr):
            stream.close()

    def _expire(self) -> None:
        self._late = True
        self._kill()

    def _kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def _listen(self) -> None:
        rest = ""
        while piece := self._process.stderr.read1(_CHUNK):
            *lines, rest = re.split(r"[\r\n]", rest + piece.decode(errors="replace"))
            for line in lines:
                self._hear(line)
        self._hear(rest)

    def _hear(self, line: str) -> None:
        if at := _PROGRESS.match(line):
            if self._report:
                self._report(at["what"], int(at["n"]), int(at["of"]))
        elif line.strip():
            self._complaint.append(line)


def _start(git: Git, arguments: Sequence[str], source: BinaryIO | None) -> Any:  # noqa: ANN401  # GitPython's wrapper has no public type
    environment = {**_ENVIRONMENT, "GIT_DIR": os.fspath(git.directory), **git.extra}
    # GitPython adds to our environment but takes nothing away; env(1) does, and it is
    # told names only, so that no value reaches a command line.
    ours = _INHERITED | environment.keys()
    unset = [word for name in os.environ if name not in ours for word in ("-u", name)]
    settings = [word for setting in _SETTINGS for word in ("-c", setting)]
    try:
        # A sixth of a second, and an ImportError where there is no git.
        from git import cmd  # noqa: PLC0415  # see above
        from git.exc import GitCommandNotFound  # noqa: PLC0415  # see above
    except ImportError as error:
        raise GitError(_NO_GIT) from error
    try:
        return cmd.Git(os.fspath(git.directory)).execute(
            ["env", *unset, "git", *settings, *arguments],
            istream=source,
            as_process=True,
            env=environment,
            pass_fds=git.held,
            start_new_session=True,
        )
    except GitCommandNotFound as error:
        raise GitError(_NO_GIT) from error
    except OSError as error:
        raise GitError(f"git could not be started: {error.strerror}") from error


@contextmanager
def _opened(stdin: Input) -> Iterator[BinaryIO | None]:
    """Give git's input as a file: a pipe that we fill could wait for us for ever."""
    if isinstance(stdin, bytes) and not stdin:
        yield None
    elif hasattr(stdin, "fileno"):
        yield cast("BinaryIO", stdin)
    else:
        with tempfile.TemporaryFile() as file:
            try:
                _fill(file, stdin)
            except OSError as error:
                raise GitError(f"git's input cannot be kept: {error.strerror}") from error
            yield file


def _fill(file: BinaryIO, stdin: bytes | Iterable[str]) -> None:
    if isinstance(stdin, bytes):
        file.write(stdin)
    else:
        file.writelines(f"{line}\n".encode(errors="surrogateescape") for line in stdin)
    file.seek(0)


def explain(status: int, complaint: Iterable[str], name: str) -> str:
    """Return git's failure as one plain line without credentials."""
    lines = list(complaint)
    blame = [line for line in lines if line.startswith(("fatal:", "error:"))]
    said = next(iter(sorted(blame, reverse=True)), lines[-1] if lines else "")
    detail = _plain(said)
    for words, pattern in _PLAIN_WORDS.items():
        if any(re.search(pattern, line) for line in lines):
            return f"{_plain(name) or 'the repository'}: {words} (git: {detail})"
    if status < 0:
        stopped_by = (
            signal.Signals(-status).name if -status in set(signal.Signals) else str(-status)
        )
        words = (
            "the disk is full, or a limit was met" if stopped_by == "SIGXFSZ" else "git was stopped"
        )
        return f"{_plain(name) or 'the repository'}: {words} ({stopped_by})"
    return f"git failed{_of(name)}: {detail or f'exit status {status}'}"


def _of(name: str) -> str:
    return f" on {_plain(name)}" if name else ""


def _plain(text: str) -> str:
    text = strip_credentials(re.sub(r"^(?:fatal|error|remote|warning): ", "", text.strip()))
    text = "".join(c if c.isprintable() else "?" for c in text)
    return text if len(text) <= _LONGEST_LINE else text[:_LONGEST_LINE] + "…"


def strip_credentials(text: str) -> str:
    """Return an address, or a text with addresses in it, without user names and passwords.

    The user of an ``ssh://`` address is part of the place and stays; its password goes.
    """
    return _CREDENTIALS.sub(_without_secret, text)


def _without_secret(found: re.Match[str]) -> str:
    scheme = found["scheme"]
    if scheme.lower() in {"ssh://", "git+ssh://", "ssh+git://"}:
        return f"{scheme}{found['user'].split(':')[0]}@"
    return scheme


def object_name(text: str) -> str:
    """Return ``text`` if it is a full object name; anything else is a GitError."""
    if not _OBJECT_NAME.fullmatch(text):
        raise GitError(f"not a full commit id: {_plain(text)!r}")
    return text
