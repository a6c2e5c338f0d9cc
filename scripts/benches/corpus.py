"""How much of what is dangerous a scan notices, and how much honest work it stops.

Manifests (JSON lines) say which commits of which public repositories to measure: attacks
(rows with a category or tier), agents' commits presumed benign (rows with an agent) and
human commits (rows with a certainty). Their diffs come out of bare mirrors, are scanned
with the whole catalogue and attributed; then recall, rates of false alarms, the cost of
each rule, attribution and time are counted, each against its bar. Agents' commits are
presumed benign, not read: their rates are rates of flags, an upper bound of false alarms.

A label may be wrong. The file of disputed labels names the items, by the manifests' own ids,
whose diff was read and does not show what its label says, each with the reason; recall is
told both with and without them. Ids that no manifest has count for nothing.
"""

import argparse
import json
import random
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from corpora.figures import figures
from corpora.items import Item, Kind, ManifestError, read, read_disputed
from corpora.measured import Measured, measure
from corpora.mirrors import Mirrors, mirrors
from corpora.tables import LISTS, as_json, as_text, lines, sample_rows, sample_text

from reviewqueue.forge.fast import searches
from reviewqueue.rules import catalogue
from reviewqueue.scan.engine import Scanner

_DISPUTED = Path(__file__).with_name("disputed.jsonl")
_SALT = b"bench"
_EVERY = 100
"""Items between two words on progress."""


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and return 0, or 1 where a bar is missed."""
    options = _options(arguments)
    try:
        items = read(options.manifests)
        disputed = read_disputed(options.disputed) if options.disputed else {}
    except ManifestError as error:
        print(f"scripts/bench corpus: {error}", file=sys.stderr)
        return 2
    if options.sample is not None:
        items = tuple(item for item in items if item.kind is Kind.AGENT)
    scanner = Scanner(catalogue(), _SALT, searches())
    with mirrors(options.mirrors) as found_in:
        results, missing = _measure(items, found_in, scanner)
    if options.sample is not None:
        return _sample(results, options)
    if options.list:
        print("\n".join(lines(results, options.list, disputed)))
        return 0
    found = figures(results, missing, disputed, catalogue())
    about = _about(options, items, disputed, scanner)
    print(json.dumps(as_json(found, about), indent=1) if options.json else as_text(found, about))
    return 0 if found.is_met else 1


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/bench corpus",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("mirrors", type=Path, help="bare repositories as OWNER+NAME/repo")
    parser.add_argument("manifests", type=Path, nargs="+", metavar="MANIFEST")
    parser.add_argument("--json", action="store_true")
    parser.add_argument(
        "--disputed",
        type=Path,
        metavar="FILE",
        default=_DISPUTED if _DISPUTED.exists() else None,
        help="labels held to be wrong: JSON lines of id and reason (default: %(default)s)",
    )
    parser.add_argument("--list", choices=LISTS, help="print single items instead of tables")
    parser.add_argument(
        "--sample", type=int, metavar="N", help="print N flagged agents' commits, to be read"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the sample (default 0)")
    return parser.parse_args(arguments)


def _measure(
    items: Sequence[Item], mirrors: Mirrors, scanner: Scanner
) -> tuple[list[Measured], list[str]]:
    """Return what was measured, and why each of the other items was not."""
    results: list[Measured] = []
    missing: list[str] = []
    for item, result in measure(items, mirrors, scanner, _progress(len(items))):
        if isinstance(result, Measured):
            results.append(result)
        else:
            missing.append(result if item.repository in result else f"{item.id}: {result}")
    return results, missing


def _progress(total: int) -> Callable[[int], None]:
    def told(done: int) -> None:
        if done % _EVERY == 0 or done == total:
            print(f"scripts/bench corpus: {done} of {total} items", file=sys.stderr, flush=True)

    return told


def _sample(results: Sequence[Measured], options: argparse.Namespace) -> int:
    """Print some of the flagged commits, the same for the same seed."""
    flagged = sorted((one for one in results if one.counted), key=lambda one: one.item.id)
    count = min(options.sample, len(flagged))
    chosen = random.Random(options.seed).sample(flagged, count)  # noqa: S311 -- no secret
    if options.json:
        print(json.dumps(sample_rows(chosen), indent=1))
    else:
        print(f"{count} of {len(flagged)} flagged commits, seed {options.seed}\n")
        print(sample_text(chosen))
    return 0


def _about(
    options: argparse.Namespace,
    items: Sequence[Item],
    disputed: dict[str, str],
    scanner: Scanner,
) -> dict[str, Any]:
    kinds = {str(kind): sum(1 for item in items if item.kind is kind) for kind in Kind}
    known = disputed.keys() & {item.id for item in items}
    return {
        "bench": "corpus",
        "manifests": ", ".join(path.name for path in options.manifests),
        "items": ", ".join(f"{count} {kind}" for kind, count in kinds.items()),
        "rules": f"{len(catalogue())}, version {scanner.rules_version}",
        "disputed": f"{len(known)} labels ({options.disputed or 'no file'})",
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
