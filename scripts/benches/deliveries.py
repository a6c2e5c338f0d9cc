"""What kill -9 costs: deliveries with duplicates, the server killed five times meanwhile.

Runs the test that checks every effect, and reports its figures: a real server, a real git
repository, one in five deliveries sent twice. The median of the rounds; a round in which
anything is lost or done twice fails.
"""

import argparse
import json
import os
import platform
import re
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_TEST = "tests/pipeline/deliveries/test_worker.py"
_FIGURES = re.compile(
    r"(?P<posted>\d+) posted of (?P<deliveries>\d+) deliveries, (?P<kills>\d+) kills: "
    r"(?P<post_seconds>[\d.]+) s to post, (?P<seconds>[\d.]+) s in all, (?P<again>\d+) re-att"
)


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and return 0, or 1 where a round failed."""
    parser = argparse.ArgumentParser(prog="scripts/bench deliveries", description=__doc__)
    parser.add_argument("--deliveries", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    rounds = [_round(options.deliveries) for _ in range(options.rounds)]
    found = [figures for figures in rounds if figures]
    result = (
        {
            "bench": "deliveries",
            "python": platform.python_version(),
            "rounds": len(rounds),
            "failed": len(rounds) - len(found),
            **{name: statistics.median(each[name] for each in found) for name in found[0]},
        }
        if found
        else {"bench": "deliveries", "rounds": len(rounds), "failed": len(rounds)}
    )
    print(json.dumps(result, indent=1) if options.json else _table(result))
    return 0 if len(found) == len(rounds) else 1


def _round(deliveries: int) -> dict[str, float]:
    """Return one round's figures; empty where it failed, which is then shown."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", _TEST, "-k", "kills"]
    environment = {**os.environ, "DELIVERIES": str(deliveries)}
    done = subprocess.run(
        command, cwd=_ROOT, env=environment, capture_output=True, text=True, check=False
    )
    figures = _FIGURES.search(done.stdout)
    if done.returncode or figures is None:
        print(done.stdout[-5000:], file=sys.stderr)
        return {}
    return {name: float(value) for name, value in figures.groupdict().items()}


def _table(result: dict[str, object]) -> str:
    return "\n".join(f"{name:<14} {value}" for name, value in result.items())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
