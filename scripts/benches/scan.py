"""How fast a scan is, on real commits: ours, unidiff's parse and detect-secrets in one run.

"pattern rules" parses, matches and locates every pattern of the catalogue; "all rules" adds
the checks, which look at structure; "fast" searches with Hyperscan, where it is installed.
detect-secrets takes a share of the diffs, and is left out, with a word, where it is not
installed.

Diffs are taken out of git once. Each round then runs every engine over all of them, taking
turns block by block, in one process on one core; what is reported is the median of the
rounds, in seconds of processor time. The first, cold round is reported apart.
"""

import argparse
import gc
import importlib
import importlib.metadata
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from corpora.commits import Commits, RepositoryError, read
from unidiff.patch import PatchSet

from reviewqueue import __version__
from reviewqueue.forge.fast import searches
from reviewqueue.rules import catalogue
from reviewqueue.scan.diff import Diff
from reviewqueue.scan.engine import Scanner
from reviewqueue.scan.parser import Unscannable, parse
from reviewqueue.scan.rule import Rule, Subject

_UNIDIFF, _BARE, _SCAN = "unidiff parse", "bare parse", "pattern rules"
_ALL, _FAST = "all rules", ", fast"
_BARS = {"patterns / unidiff": 2.5, "patterns / bare": 0.5, "patterns / detect-secrets": 50.0}
_P95 = 20.0
"""Milliseconds that nineteen of twenty commits stay under with all rules on."""
_SECRETS_SHARE = 30
"""Every so many diffs go to detect-secrets, which is slow."""
_SALT = b"bench"
_BLOCK = 500
"""Diffs that one engine takes in a row: other load on the machine meets all alike."""


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and return 0, 1 where a bar is missed, or 2 where there is no diff."""
    options = _options(arguments)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    share = -(-options.commits // len(options.git))
    try:
        inputs = [read(directory, share) for directory in options.git]
    except RepositoryError as error:
        print(f"scripts/bench scan: {error}", file=sys.stderr)
        return 2
    diffs = [diff for each in inputs for diff in each.diffs][: options.commits]
    times = _measure(diffs, options.rounds)
    result = _result(inputs, diffs, times, options.rounds)
    result["milliseconds"] = _each(diffs)
    slow = _against_secrets(diffs)
    if slow is not None:
        own = result["engines"][_SCAN]["seconds"] / result["bytes"]
        result["ratios"]["patterns / detect-secrets"] = round(slow / own, 1)
    print(json.dumps(result, indent=1) if options.json else _table(result))
    met = all(result["ratios"].get(name, bar) >= bar for name, bar in _BARS.items())
    return 0 if met and result["milliseconds"]["p95"] < _P95 else 1


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench scan", description=__doc__)
    parser.add_argument(
        "--git",
        action="append",
        type=Path,
        metavar="DIR",
        required=True,
        help="a repository, or a folder that holds one as `repo`; may be given several times",
    )
    parser.add_argument("--commits", type=int, default=3000, help="in all (default 3000)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args(arguments)


def _measure(diffs: Sequence[bytes], rounds: int) -> dict[str, list[float]]:
    """Return seconds by engine, the first of each being the cold one."""
    engines: dict[str, Callable[[bytes], object]] = {_UNIDIFF: _unidiff, _BARE: parse}
    patterns = [_patterns_of(rule) for rule in catalogue() if rule.patterns]
    for name, rules in ((_SCAN, patterns), (_ALL, catalogue())):
        engines[name] = _scanning(Scanner(rules, _SALT))
        if compiled := searches():
            engines[name + _FAST] = _scanning(Scanner(rules, _SALT, compiled))
    times: dict[str, list[float]] = {name: [0.0] * (rounds + 1) for name in engines}
    for number in range(rounds + 1):
        for first in range(0, len(diffs), _BLOCK):
            for name, engine in engines.items():
                gc.collect()
                start = time.process_time()
                for diff in diffs[first : first + _BLOCK]:
                    engine(diff)
                times[name][number] += time.process_time() - start
    return times


def _scanning(scanner: Scanner) -> Callable[[bytes], object]:
    return lambda diff: scanner.scan(Diff(diff), Subject())


def _patterns_of(rule: Rule) -> Rule:
    """Return the rule without what looks at structure."""
    nothing: tuple[str, ...] = ()
    return replace(
        rule,
        check=None,
        triggers=nothing,
        added_triggers=nothing,
        removed_triggers=nothing,
        wakes=frozenset(),
    )


def _each(diffs: Sequence[bytes]) -> dict[str, float]:
    """Return how long single commits take with all rules, warm, in milliseconds."""
    scanner = Scanner(catalogue(), _SALT)
    taken: list[float] = []
    for last in (False, True):
        for diff in diffs:
            start = time.process_time()
            scanner.scan(Diff(diff), Subject())
            if last:
                taken.append((time.process_time() - start) * 1e3)
    taken.sort()
    at = {"p50": len(taken) // 2, "p95": len(taken) * 95 // 100, "max": len(taken) - 1}
    return {name: round(taken[place], 2) for name, place in at.items()}


def _against_secrets(diffs: Sequence[bytes]) -> float | None:
    """Return detect-secrets' seconds a byte by its scan of diffs; None where it is absent."""
    try:
        scan_diff = importlib.import_module("detect_secrets.core.scan").scan_diff
        settings = importlib.import_module("detect_secrets.settings")
    except ImportError:
        return None
    texts = [diff.decode("utf-8", "replace") for diff in diffs[::_SECRETS_SHARE]]
    start = time.process_time()
    with settings.default_settings():
        # By default it passes over every file that is not on this machine.
        settings.get_settings().disable_filters("detect_secrets.filters.common.is_invalid_file")
        for text in texts:
            list(scan_diff(text))
    return (time.process_time() - start) / sum(map(len, texts))


def _unidiff(diff: bytes) -> object:
    """Parse as unidiff's users do; replacing what is not UTF-8 costs it nothing extra."""
    return PatchSet(diff.decode("utf-8", "replace"))


def _result(
    inputs: Sequence[Commits],
    diffs: Sequence[bytes],
    times: dict[str, list[float]],
    rounds: int,
) -> dict[str, Any]:
    size = sum(map(len, diffs))
    medians = {name: statistics.median(each[1:]) for name, each in times.items()}
    return {
        "bench": "scan",
        "inputs": {each.name: len(each.diffs) for each in inputs},
        "commits": len(diffs),
        "bytes": size,
        "files": sum(diff.count(b"\ndiff --git ") + 1 for diff in diffs),
        "lines": sum(diff.count(b"\n") for diff in diffs),
        "unscannable": sum(_is_unscannable(diff) for diff in diffs),
        "rules": len(catalogue()),
        "patterns": sum(bool(rule.patterns) for rule in catalogue()),
        "rounds": rounds,
        "engines": {
            name: {
                "seconds": round(medians[name], 4),
                "spread": [round(min(each[1:]), 4), round(max(each[1:]), 4)],
                "cold_seconds": round(each[0], 4),
                "megabytes_per_second": round(size / 1e6 / medians[name], 1),
                "microseconds_per_commit": round(medians[name] / len(diffs) * 1e6, 1),
            }
            for name, each in times.items()
        },
        "ratios": {
            "patterns / unidiff": round(medians[_UNIDIFF] / medians[_SCAN], 2),
            "patterns / bare": round(medians[_BARE] / medians[_SCAN], 2),
            **{
                f"patterns{_FAST} / {name.split()[0]}": round(medians[name] / medians[fast], 2)
                for name in (_UNIDIFF, _BARE)
                if (fast := _SCAN + _FAST) in medians
            },
            "all / unidiff": round(medians[_UNIDIFF] / medians[_ALL], 2),
            "all / bare": round(medians[_BARE] / medians[_ALL], 2),
            "bare / unidiff": round(medians[_UNIDIFF] / medians[_BARE], 2),
        },
        "bars": _BARS,
        "versions": _versions(),
    }


def _is_unscannable(diff: bytes) -> bool:
    try:
        parse(diff)
    except Unscannable:
        return True
    return False


def _versions() -> dict[str, str]:
    return {
        "reviewqueue": __version__,
        "unidiff": importlib.metadata.version("unidiff"),
        "google-re2": importlib.metadata.version("google-re2"),
        "python": platform.python_version(),
        "git": subprocess.run(["git", "--version"], capture_output=True, check=True)
        .stdout.decode()
        .split()[-1],
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
    }


def _table(result: dict[str, Any]) -> str:
    inputs = ", ".join(f"{name} ({count})" for name, count in result["inputs"].items())
    size = f"{result['bytes'] / 1e6:.1f} MB of diff, {result['files']} files"
    counts = f"{result['lines']} lines, {result['unscannable']} unscannable"
    lines = [
        f"scan: {result['commits']} commits, {size}, {counts}",
        f"of: {inputs}",
        f"{result['rules']} rules, {result['patterns']} of them with patterns",
        f"medians of {result['rounds']} warm rounds, one process",
        "",
        f"{'':<20}{'s':>9}{'min':>9}{'max':>9}{'cold s':>9}{'MB/s':>8}{'µs/commit':>11}",
    ]
    for name, each in result["engines"].items():
        low, high = each["spread"]
        lines.append(
            f"{name:<20}{each['seconds']:>9.3f}{low:>9.3f}{high:>9.3f}{each['cold_seconds']:>9.3f}"
            f"{each['megabytes_per_second']:>8.1f}{each['microseconds_per_commit']:>11.1f}"
        )
    lines.append("")
    for name, ratio in result["ratios"].items():
        bar = result["bars"].get(name)
        lines.append(f"{name:<26}{ratio:>9.2f}" + (f"   (bar {bar})" if bar else ""))
    if _SCAN + _FAST not in result["engines"]:
        lines.append("hyperscan is not installed: no fast searches")
    if "patterns / detect-secrets" not in result["ratios"]:
        lines.append("detect-secrets is not installed: not compared")
    each = result["milliseconds"]
    lines.append(
        f"one commit, all rules: p50 {each['p50']} ms, p95 {each['p95']} ms (bar {_P95}), "
        f"max {each['max']} ms"
    )
    lines.append("; ".join(f"{name} {version}" for name, version in result["versions"].items()))
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
