"""Small Python functions that the research team's agents write: first as they come, then mended."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Snippet:
    """A function, a test of it, and the edit that mends its edge case."""

    module: str
    name: str
    code: str
    test: str
    mend: tuple[str, str]
    """A line of ``code``, and what stands in its place afterwards."""
    why: str
    """What was wrong with the first form."""


SNIPPETS = (
    Snippet(
        "research/training/schedule.py",
        "cosine_warmup",
        '''
def cosine_warmup(step: int, warmup: int, total: int, peak: float) -> float:
    """Rise linearly to the peak, then fall along a cosine to zero."""
    if step < warmup:
        return peak * step / warmup
    done = (step - warmup) / (total - warmup)
    return peak * 0.5 * (1 + math.cos(math.pi * done))
''',
        "assert cosine_warmup(10, warmup=10, total=100, peak=3e-4) == 3e-4",
        (
            "    done = (step - warmup) / (total - warmup)\n",
            "    done = min(1.0, (step - warmup) / max(1, total - warmup))\n",
        ),
        "A resumed run steps past `total`, and the rate rose again.",
    ),
    Snippet(
        "research/training/schedule.py",
        "inverse_sqrt",
        '''
def inverse_sqrt(step: int, warmup: int, peak: float) -> float:
    """Fall with the square root of the step once warm."""
    return peak * (warmup / step) ** 0.5
''',
        "assert inverse_sqrt(400, warmup=100, peak=1.0) == 0.5",
        (
            "    return peak * (warmup / step) ** 0.5\n",
            "    return peak * min(1.0, (warmup / max(1, step)) ** 0.5)\n",
        ),
        "Step 0 divided by zero.",
    ),
    Snippet(
        "research/training/batches.py",
        "batched",
        '''
def batched(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    """Yield lists of up to ``size`` rows."""
    batch: list[Row] = []
    for row in rows:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
''',
        "assert list(batched([{}, {}], 2)) == [[{}, {}]]",
        (
            "            batch = []\n",
            "            batch = []\n    if batch:\n        yield batch\n",
        ),
        "The last, shorter batch was dropped.",
    ),
    Snippet(
        "research/training/batches.py",
        "pad_to_longest",
        '''
def pad_to_longest(sequences: list[list[int]], filler: int) -> list[list[int]]:
    """Make all sequences as long as the longest."""
    longest = max(len(sequence) for sequence in sequences)
    return [sequence + [filler] * (longest - len(sequence)) for sequence in sequences]
''',
        "assert pad_to_longest([[1], [1, 2]], 0) == [[1, 0], [1, 2]]",
        (
            "    longest = max(len(sequence) for sequence in sequences)\n",
            "    longest = max((len(sequence) for sequence in sequences), default=0)\n",
        ),
        "An empty batch raised ValueError at the end of an epoch.",
    ),
    Snippet(
        "research/training/checkpoints.py",
        "newest",
        '''
def newest(folder: Path) -> Path | None:
    """Return the checkpoint with the highest step."""
    found = list(folder.glob("step-*.pt"))
    return max(found, default=None)
''',
        'assert newest(Path("nowhere")) is None',
        (
            "    return max(found, default=None)\n",
            "    return max(found, key=step_of, default=None)\n",
        ),
        "`step-9` sorted after `step-10`.",
    ),
    Snippet(
        "research/training/checkpoints.py",
        "step_of",
        '''
def step_of(path: Path) -> int:
    """Return the step a checkpoint's name carries."""
    return int(path.stem.split("-")[1])
''',
        'assert step_of(Path("step-120.pt")) == 120',
        (
            '    return int(path.stem.split("-")[1])\n',
            '    return int(path.stem.rsplit("-", 1)[-1])\n',
        ),
        "Names such as `step-ema-120` were misread.",
    ),
    Snippet(
        "research/metrics/calibration.py",
        "brier",
        '''
def brier(chances: Sequence[float], outcomes: Sequence[int]) -> float:
    """Return the mean squared distance of chances and outcomes."""
    return sum((p - y) ** 2 for p, y in zip(chances, outcomes)) / len(chances)
''',
        "assert brier([1.0, 0.0], [1, 0]) == 0",
        (
            "for p, y in zip(chances, outcomes)) / len(chances)\n",
            "for p, y in zip(chances, outcomes, strict=True)) / len(chances)\n",
        ),
        "Lists of unequal length were cut silently.",
    ),
    Snippet(
        "research/metrics/calibration.py",
        "reliability",
        '''
def reliability(chances: Sequence[float], bins: int = 10) -> list[int]:
    """Count predictions by bin."""
    counts = [0] * bins
    for chance in chances:
        counts[int(chance * bins)] += 1
    return counts
''',
        "assert sum(reliability([0.05, 0.55])) == 2",
        (
            "        counts[int(chance * bins)] += 1\n",
            "        counts[min(int(chance * bins), bins - 1)] += 1\n",
        ),
        "A chance of exactly 1.0 was out of range.",
    ),
    Snippet(
        "research/metrics/intervals.py",
        "bootstrap",
        '''
def bootstrap(values: Sequence[float], rounds: int, rng: random.Random) -> tuple[float, float]:
    """Return a 90 % interval of the mean by resampling."""
    means = sorted(fmean(rng.choices(values, k=len(values))) for _ in range(rounds))
    return means[int(rounds * 0.05)], means[int(rounds * 0.95)]
''',
        "assert bootstrap([1.0], 100, random.Random(1)) == (1.0, 1.0)",
        (
            "    return means[int(rounds * 0.05)], means[int(rounds * 0.95)]\n",
            "    return means[int(rounds * 0.05)], means[math.ceil(rounds * 0.95) - 1]\n",
        ),
        "The upper end was one place too high.",
    ),
    Snippet(
        "research/metrics/intervals.py",
        "standard_error",
        '''
def standard_error(values: Sequence[float]) -> float:
    """Return the standard error of the mean."""
    return stdev(values) / len(values) ** 0.5
''',
        "assert standard_error([1.0, 1.0]) == 0",
        (
            "    return stdev(values) / len(values) ** 0.5\n",
            (
                '    if len(values) < 2:\n        return float("inf")\n'
                "    return stdev(values) / len(values) ** 0.5\n"
            ),
        ),
        "One sample raised StatisticsError in the nightly table.",
    ),
    Snippet(
        "research/data/text.py",
        "collapse_spaces",
        '''
def collapse_spaces(text: str) -> str:
    """Make every run of white space one space."""
    return re.sub(r" +", " ", text).strip()
''',
        'assert collapse_spaces(" a   b ") == "a b"',
        (
            '    return re.sub(r" +", " ", text).strip()\n',
            '    return " ".join(text.split())\n',
        ),
        "Tabs and newlines were kept.",
    ),
    Snippet(
        "research/data/text.py",
        "chunks",
        '''
def chunks(text: str, size: int, overlap: int) -> list[str]:
    """Cut a text into overlapping pieces."""
    return [text[at : at + size] for at in range(0, len(text), size - overlap)]
''',
        'assert chunks("abcd", 2, 0) == ["ab", "cd"]',
        (
            "    return [text[at : at + size] for at in range(0, len(text), size - overlap)]\n",
            (
                "    if overlap >= size:\n"
                '        raise ValueError("the overlap must be below the size")\n'
                "    return [text[at : at + size] for at in range(0, len(text), size - overlap)]\n"
            ),
        ),
        "An overlap as large as the piece never ended.",
    ),
    Snippet(
        "research/data/dedupe.py",
        "shingles",
        '''
def shingles(text: str, width: int = 5) -> set[tuple[str, ...]]:
    """Return the runs of ``width`` words."""
    words = text.split()
    return {tuple(words[at : at + width]) for at in range(len(words) - width)}
''',
        'assert len(shingles("a b c d e f", 3)) == 4',
        ("range(len(words) - width)}\n", "range(max(1, len(words) - width + 1))}\n"),
        "The last run was left out, and short texts had none at all.",
    ),
    Snippet(
        "research/data/dedupe.py",
        "jaccard",
        '''
def jaccard(one: set[Any], other: set[Any]) -> float:
    """Return how much two sets have in common."""
    return len(one & other) / len(one | other)
''',
        "assert jaccard({1, 2}, {2, 3}) == 1 / 3",
        (
            "    return len(one & other) / len(one | other)\n",
            "    return len(one & other) / len(one | other) if one or other else 1.0\n",
        ),
        "Two empty documents divided by zero.",
    ),
    Snippet(
        "research/data/loader.py",
        "read_rows",
        '''
def read_rows(path: Path) -> Iterator[Row]:
    """Yield the rows of a JSON lines file."""
    for line in path.open():
        yield json.loads(line)
''',
        "assert list(read_rows(FIXTURES / 'two.jsonl')) == [{'id': 1}, {'id': 2}]",
        (
            "    for line in path.open():\n        yield json.loads(line)\n",
            (
                '    with path.open(encoding="utf-8") as file:\n        for line in file:\n'
                "            if line.strip():\n                yield json.loads(line)\n"
            ),
        ),
        "The file stayed open, and a blank last line raised.",
    ),
    Snippet(
        "research/data/loader.py",
        "shard_of",
        '''
def shard_of(name: str, shards: int) -> int:
    """Return which shard a document belongs to."""
    return hash(name) % shards
''',
        'assert 0 <= shard_of("a", 4) < 4',
        (
            "    return hash(name) % shards\n",
            "    return zlib.crc32(name.encode()) % shards\n",
        ),
        "`hash` of a string differs from process to process.",
    ),
    Snippet(
        "research/probes/linear.py",
        "accuracy",
        '''
def accuracy(predicted: Sequence[int], truth: Sequence[int]) -> float:
    """Return the share that was right."""
    return sum(p == t for p, t in zip(predicted, truth)) / len(truth)
''',
        "assert accuracy([1, 0], [1, 1]) == 0.5",
        (
            "zip(predicted, truth)) / len(truth)\n",
            "zip(predicted, truth, strict=True)) / len(truth)\n",
        ),
        "A probe on the wrong layer gave fewer predictions, unnoticed.",
    ),
    Snippet(
        "research/probes/linear.py",
        "majority",
        '''
def majority(truth: Sequence[int]) -> float:
    """Return the accuracy of always answering the commonest label."""
    return max(Counter(truth).values()) / len(truth)
''',
        "assert majority([1, 1, 0]) == 2 / 3",
        (
            "    return max(Counter(truth).values()) / len(truth)\n",
            "    return max(Counter(truth).values(), default=0) / max(1, len(truth))\n",
        ),
        "An empty fold raised.",
    ),
    Snippet(
        "research/sampling/nucleus.py",
        "softmax",
        '''
def softmax(logits: Sequence[float], temperature: float = 1.0) -> list[float]:
    """Turn logits into chances."""
    weights = [math.exp(logit / temperature) for logit in logits]
    return [weight / sum(weights) for weight in weights]
''',
        "assert sum(softmax([1.0, 2.0])) == 1.0",
        (
            "    weights = [math.exp(logit / temperature) for logit in logits]\n",
            (
                "    top = max(logits)\n"
                "    weights = [math.exp((logit - top) / temperature) for logit in logits]\n"
            ),
        ),
        "Logits above 709 overflowed.",
    ),
    Snippet(
        "research/sampling/nucleus.py",
        "nucleus",
        '''
def nucleus(chances: Sequence[float], mass: float) -> list[int]:
    """Return the fewest tokens that hold the mass."""
    kept, total = [], 0.0
    for token in sorted(range(len(chances)), key=chances.__getitem__, reverse=True):
        if total > mass:
            break
        kept.append(token)
        total += chances[token]
    return kept
''',
        "assert nucleus([0.6, 0.3, 0.1], 0.5) == [0]",
        ("        if total > mass:\n", "        if kept and total >= mass:\n"),
        "One token too many was kept when the mass was met exactly.",
    ),
    Snippet(
        "research/runs/names.py",
        "run_name",
        '''
def run_name(config: Mapping[str, object], at: datetime) -> str:
    """Name a run by its date and a short digest of its configuration."""
    digest = hashlib.sha256(repr(config).encode()).hexdigest()[:8]
    return f"{at:%Y%m%d}-{digest}"
''',
        "assert run_name({}, datetime(2026, 1, 2, tzinfo=UTC)).startswith('20260102-')",
        ("sha256(repr(config).encode())", "sha256(json.dumps(config, sort_keys=True).encode())"),
        "The order of keys changed the name.",
    ),
    Snippet(
        "research/runs/names.py",
        "readable_count",
        '''
def readable_count(count: int) -> str:
    """Write a large count shortly: 1.3M, 7.0B."""
    for size, letter in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if count > size:
            return f"{count / size:.1f}{letter}"
    return str(count)
''',
        'assert readable_count(1_300_000) == "1.3M"',
        ("        if count > size:\n", "        if count >= size:\n"),
        "Exactly one million was written out in full.",
    ),
    Snippet(
        "evals/scoring.py",
        "exact_match",
        '''
def exact_match(answer: str, wanted: str) -> bool:
    """Return whether an answer is the wanted one."""
    return answer.strip() == wanted
''',
        'assert exact_match("42 ", "42")',
        (
            "    return answer.strip() == wanted\n",
            "    return answer.strip().casefold() == wanted.strip().casefold()\n",
        ),
        "`Yes` and `yes` were scored apart.",
    ),
    Snippet(
        "evals/scoring.py",
        "last_number",
        '''
def last_number(answer: str) -> float | None:
    """Return the last number an answer names."""
    found = re.findall(r"[0-9]+", answer)
    return float(found[-1]) if found else None
''',
        'assert last_number("3 and 4") == 4',
        (
            '    found = re.findall(r"[0-9]+", answer)\n',
            '    found = re.findall(r"-?[0-9]+(?:\\.[0-9]+)?", answer.replace(",", ""))\n',
        ),
        "Negative numbers, decimals and thousands were misread.",
    ),
    Snippet(
        "evals/report.py",
        "table",
        '''
def table(rows: Sequence[tuple[str, float]]) -> str:
    """Write scores as a Markdown table."""
    lines = [f"| {name} | {score:.2f} |" for name, score in rows]
    return "\\n".join(["| suite | score |", "|---|---|", *lines])
''',
        'assert "| a | 0.50 |" in table([("a", 0.5)])',
        (
            '    lines = [f"| {name} | {score:.2f} |" for name, score in rows]\n',
            '    lines = [f"| {name} | {score:.3f} |" for name, score in sorted(rows)]\n',
        ),
        "The order changed from run to run, and two digits hid small drops.",
    ),
    Snippet(
        "evals/report.py",
        "dropped",
        '''
def dropped(before: Mapping[str, float], after: Mapping[str, float]) -> list[str]:
    """Return the suites whose score fell by more than a point."""
    return [name for name in before if before[name] - after[name] > 0.01]
''',
        'assert dropped({"a": 1.0}, {"a": 0.9}) == ["a"]',
        (
            "    return [name for name in before if before[name] - after[name] > 0.01]\n",
            "    return [name for name in before if before[name] - after.get(name, 0.0) > 0.01]\n",
        ),
        "A suite that did not run at all raised KeyError; it counts as dropped now.",
    ),
)
