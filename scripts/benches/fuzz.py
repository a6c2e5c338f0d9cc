"""Feed mutated diffs to the parser, the cross-check and the whole scan; tell what breaks.

The rules' own samples are the seeds. What must hold of every input: nothing is raised but
Unscannable, the added lines are all there, no rule fails, a diff agrees with its own list of
files, and the time is bounded by the size. Each broken promise is told once, its first
input kept; atheris is guided by coverage, hypothesis needs nothing but the tests' own packages.
"""

import argparse
import hashlib
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from tempfile import gettempdir
from types import FunctionType
from typing import Any

from reviewqueue.rules import catalogue
from reviewqueue.scan.diff import Diff, FileFacts
from reviewqueue.scan.engine import RULE_FAILED, Scanner
from reviewqueue.scan.parser import FilePatch, Unscannable, cross_check, parse
from reviewqueue.scan.rule import Subject

_SAMPLES = Path(__file__).parents[2] / "tests" / "rules"
_LONGEST = 20_000
"""Bytes that guide one input."""
_LARGE = 100_000
"""Bytes of a file's lines beyond which they are not edited further."""
_BATCH = 200
"""Inputs that hypothesis makes before the clock is looked at."""
_FIXED, _PER_BYTE = 1.0, 40e-6
"""Seconds of processor time allowed for any input, and for each of its bytes: many times
what is usual, coverage counted, so that only what is not linear is told."""
_OWN = ("the scan failed", "the parser failed")
"""How the engine tells its own crash."""
_WORDS = (
    *(b"eval(", b"exec(", b"base64", b"curl | sh", b"rm -rf $", b"if: always()", b"${{", b"}}"),
    *(
        b"permissions:",
        b"  ",
        b"\t",
        b"\r",
        b"\0",
        b"\xe2\x80\xae",
        b"\xff\xfe",
        b"\xf0\x9f\x92\xa9",
    ),
    *(b"'" * 9, b'"' * 9, b"(" * 200, b"[" * 200, b"{" * 200, b"\\" * 99, b"- " * 99, b"a" * 5000),
    *(b"@@ -1 +1 @@", b"--- a/x", b"+++ b/x", b"diff --git a/x b/x", b"\\ No newline", b"assert "),
    *(b"https://x.example/", b"password = '", b"DROP TABLE ", b"999999999999", b"# ", b"/*", b"*/"),
)
_PATHS = (
    *(b".github/workflows/ci.yml", b"a.py", b"package.json", b"Dockerfile", b"main.tf", b"x.sql"),
    *(
        b"package-lock.json",
        b"AGENTS.md",
        b"tests/test_a.py",
        b"a\xcc\x81 b",
        b"data.jsonl",
        b"Makefile",
    ),
)


class Broken(Exception):  # noqa: N818 -- the word that the result carries
    """An input for which a promise does not hold."""


class Choices:
    """Decisions read off the bytes that guide an input; zero where they have run out."""

    def __init__(self, data: bytes) -> None:
        """Start at the first byte."""
        self._data, self._at = data, 0

    @property
    def is_over(self) -> bool:
        """Whether every byte is used."""
        return self._at >= len(self._data)

    def below(self, limit: int) -> int:
        """Return a number from 0 to limit - 1."""
        chosen = self._data[self._at : self._at + 2]
        self._at += 2
        return int.from_bytes(chosen, "big") % limit

    def rest(self) -> bytes:
        """Return all bytes that are left."""
        left, self._at = self._data[self._at :], len(self._data)
        return left


@dataclass(slots=True)
class Input:
    """One diff, and what is known of it because it was made here."""

    patch: bytes
    added: int | None = None
    """Lines that it adds; None where the bytes were changed blindly."""


def main(arguments: Sequence[str]) -> int:
    """Run until the time is over; 0 where every promise held, 1 where one broke, 2 unable."""
    options = _options(arguments)
    if find_spec(options.engine) is None:
        print(f"fuzz: {options.engine} is not installed: pip install {options.engine}, or choose")
        print("the other engine with --engine")
        return 2
    run = Run(options.seconds, options.keep, options.seed)
    about = f"{options.engine}, {options.seconds} s, seed {run.seed}, {len(run.raw)} samples"
    print(f"fuzz: {about}", flush=True)
    return (_atheris if options.engine == "atheris" else _hypothesis)(run)


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench fuzz", description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--engine", choices=["hypothesis", "atheris"], default="hypothesis")
    parser.add_argument("--seed", type=int, default=1, help="other inputs for another (default 1)")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="where to write what broke")
    return parser.parse_args(arguments)


@dataclass
class Run:
    """The seeds, the scanner, and what was met."""

    seconds: int
    keep: Path | None = None
    seed: int = 1
    inputs: int = 0
    read: int = 0
    """Inputs that could be read: the others were refused as unscannable."""
    size: int = 0
    slowest: float = 0.0
    """Processor seconds of the slowest input."""
    broken: dict[str, int] = field(default_factory=dict)
    """How often each promise broke."""

    def __post_init__(self) -> None:
        """Compile the catalogue and read the samples."""
        self.scanner = Scanner(catalogue(), b"fuzz")
        self.raw = [path.read_bytes() for path in sorted(_SAMPLES.glob("*/*/*.diff"))]
        self.seeds = [file for raw in self.raw for file in parse(raw) if file.hunks]
        self._start = self._told = time.monotonic()

    @property
    def is_over(self) -> bool:
        """Whether the time is up."""
        return time.monotonic() - self._start > self.seconds

    def feed(self, data: bytes) -> None:
        """Make an input of the bytes, and note the promise that it breaks."""
        made = made_of(data, self.raw, self.seeds)
        before = time.process_time()
        try:
            self.read += holds(made, self.scanner)
            self._check_time(made, time.process_time() - before)
        except Exception as error:  # noqa: BLE001 -- that is what is looked for
            self._tell(error, made.patch)
        self.inputs += 1
        self.size += len(made.patch)
        if time.monotonic() - self._told > 60:  # noqa: PLR2004 -- a minute
            self._told = time.monotonic()
            print(self.summary(), flush=True)

    def summary(self) -> str:
        """Return the figures in one line."""
        return (
            f"fuzz: {time.monotonic() - self._start:.0f} s, {self.inputs} inputs "
            f"({self.size >> 20} MB), {self.read} of them read, slowest {self.slowest:.2f} s, "
            f"{len(self.broken)} promises broken"
        )

    def finish(self) -> int:
        """Print the figures; return the exit code."""
        print(self.summary())
        for name, count in self.broken.items():
            print(f"  {count} times: {name}")
        return 1 if self.broken else 0

    def _check_time(self, made: Input, seconds: float) -> None:
        if seconds > max(self.slowest, _FIXED):
            self._keep("slowest", made.patch)
        self.slowest = max(self.slowest, seconds)
        if seconds > _FIXED + _PER_BYTE * len(made.patch):
            raise Broken("an input takes more time than its size allows")

    def _tell(self, error: Exception, patch: bytes) -> None:
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = "" if isinstance(error, Broken) else f" at {Path(last.filename).name}:{last.lineno}"
        name = f"{type(error).__name__}: {str(error)[:200]}{where}"
        self.broken[name] = self.broken.get(name, 0) + 1
        if self.broken[name] > 1:
            return
        digest = hashlib.sha256(patch).hexdigest()[:12]
        print(f"fuzz: {name} (input {digest}, {len(patch)} bytes)", flush=True)
        self._keep(digest, patch)

    def _keep(self, name: str, patch: bytes) -> None:
        if self.keep:
            self.keep.mkdir(parents=True, exist_ok=True)
            (self.keep / f"{name}.diff").write_bytes(patch)


# --- engines


def _hypothesis(run: Run) -> int:
    from hypothesis import HealthCheck, given, seed, settings  # noqa: PLC0415 -- one of two engines
    from hypothesis.strategies import binary  # noqa: PLC0415 -- likewise

    @settings(
        max_examples=_BATCH,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(binary(max_size=_LONGEST))
    def batch(data: bytes) -> None:
        # Few drawn bytes say little: stretched, they guide a longer input.
        run.feed(b"".join(hashlib.sha256(data + b"%d" % n).digest() for n in range(len(data))))
        run.feed(data)

    number = run.seed
    while not run.is_over:
        seed(number)(batch)()
        number += 1_000_003  # so that no other seed repeats these batches
    return run.finish()


def _atheris(run: Run) -> int:
    atheris: Any = import_module("atheris")

    def target(data: bytes) -> None:
        run.feed(data)
        if run.is_over:
            code = run.finish()
            sys.stdout.flush()
            # The engine never returns, and its own way out tells nothing.
            os._exit(code)

    for function in _functions():
        atheris.instrument_func(function)
    # The engine's own clock and its own way to keep inputs would stop the run.
    flags = ["-len_control=0", "-timeout=3600", "-rss_limit_mb=4096", "-verbosity=0"]
    flags.append(f"-seed={run.seed}")
    flags.append(f"-artifact_prefix={run.keep or gettempdir()}/")
    atheris.Setup([sys.argv[0], f"-max_len={_LONGEST}", *flags], target)
    atheris.Fuzz()
    return run.finish()


def _functions() -> Iterator[FunctionType]:
    """Yield every function of the scan and of the rules, and their classes' own."""
    for name, module in list(sys.modules.items()):
        if not name.startswith(("reviewqueue.scan", "reviewqueue.rules")):
            continue
        for value in list(vars(module).values()):
            inside = list(vars(value).values()) if isinstance(value, type) else []
            for one in (value, *inside):
                if isinstance(one, FunctionType) and one.__module__ == name:
                    yield one


# --- inputs


def made_of(data: bytes, raw: Sequence[bytes], seeds: Sequence[FilePatch]) -> Input:
    """Return the diff that the bytes stand for: blind, a sample with errors, or made anew."""
    choices = Choices(data)
    kind = choices.below(8)
    if kind == 0:
        return Input(choices.rest())
    if kind == 1:
        return Input(_spoilt(choices, raw))
    return _made_anew(choices, seeds)


def _spoilt(choices: Choices, raw: Sequence[bytes]) -> bytes:
    text = bytearray(raw[choices.below(len(raw))])
    while not choices.is_over:
        at, length = choices.below(len(text) + 1), choices.below(40)
        kind = choices.below(4)
        if kind == 0:
            del text[at : at + length]
        elif kind == 1:
            text[at:at] = _WORDS[choices.below(len(_WORDS))]
        elif kind == 2:  # noqa: PLR2004 -- one of four
            text[at:at] = text[at : at + length]
        else:
            text[at : at + 1] = bytes([choices.below(256)])
    return bytes(text)


def _made_anew(choices: Choices, seeds: Sequence[FilePatch]) -> Input:
    """Return a well-formed diff: one or more files of samples with lines edited at will."""
    patch, added = b"", 0
    paths: set[bytes] = set()
    for _ in range(1 + choices.below(3)):
        file = seeds[choices.below(len(seeds))]
        lines = _edited(choices, [line for hunk in file.hunks for line in hunk.lines], seeds)
        path = file.path if choices.below(3) else _PATHS[choices.below(len(_PATHS))]
        if path in paths or not any(line[:1] in {b"+", b"-"} for line in lines):
            continue
        paths.add(path)
        patch += _written(path, lines)
        added += sum(line[:1] == b"+" for line in lines)
    return Input(patch, added)


def _edited(choices: Choices, lines: list[bytes], seeds: Sequence[FilePatch]) -> list[bytes]:
    lines = [line for line in lines if line[:1] in {b"+", b"-", b" "}]
    for _ in range(choices.below(24)):
        if not lines:
            break
        at = choices.below(len(lines))
        _EDITS[choices.below(len(_EDITS))](choices, lines, at)
        if choices.below(12) == 0:
            other = seeds[choices.below(len(seeds))].hunks[0].lines
            lines[at:at] = [line for line in other if line[:1] in {b"+", b"-", b" "}]
        if sum(map(len, lines)) > _LARGE:
            break
    return lines


def _insert_word(choices: Choices, lines: list[bytes], at: int) -> None:
    place = 1 + choices.below(len(lines[at]))
    word = _WORDS[choices.below(len(_WORDS))]
    lines[at] = (lines[at][:place] + word + lines[at][place:])[:1_000_000]


def _drop_part(choices: Choices, lines: list[bytes], at: int) -> None:
    place = 1 + choices.below(len(lines[at]))
    lines[at] = lines[at][:place] + lines[at][place + choices.below(30) :]


def _turn(choices: Choices, lines: list[bytes], at: int) -> None:
    lines[at] = (b"+", b"-", b" ")[choices.below(3)] + lines[at][1:]


def _drop(_: Choices, lines: list[bytes], at: int) -> None:
    del lines[at]


def _repeat(choices: Choices, lines: list[bytes], at: int) -> None:
    lines[at:at] = [lines[at]] * min(choices.below(400), 200_000 // (len(lines) + 1))


def _repeat_part(choices: Choices, lines: list[bytes], at: int) -> None:
    place = 1 + choices.below(len(lines[at]))
    part = lines[at][place : place + 1 + choices.below(40)]
    lines[at] = (lines[at][:place] + part * choices.below(300) + lines[at][place:])[:1_000_000]


def _swap(choices: Choices, lines: list[bytes], at: int) -> None:
    other = choices.below(len(lines))
    lines[at], lines[other] = lines[other], lines[at]


_EDITS: tuple[Callable[[Choices, list[bytes], int], None], ...] = (
    *(_insert_word, _insert_word, _drop_part, _turn, _turn, _drop),
    *(_repeat, _repeat_part, _swap),
)


def _written(path: bytes, lines: list[bytes]) -> bytes:
    old = sum(line[:1] != b"+" for line in lines)
    new = sum(line[:1] != b"-" for line in lines)
    name = b'"a/%s"', b'"b/%s"'
    octal = b"".join(b"\\%03o" % byte if byte > 126 else b"%c" % byte for byte in path)  # noqa: PLR2004 -- ASCII
    sides = tuple(side % octal for side in name) if octal != path else (b"a/" + path, b"b/" + path)
    return (
        b"diff --git %s %s\nindex 11111111..22222222 100644\n" % sides
        + b"--- %s\n+++ %s\n" % sides
        + b"@@ -%d,%d +%d,%d @@\n" % (bool(old), old, bool(new), new)
        + b"".join(line + b"\n" for line in lines)
    )


# --- promises


def holds(made: Input, scanner: Scanner) -> bool:
    """Return whether the input could be read; raise where a promise does not hold."""
    patches = _parsed(made)
    _check_scan(made, scanner, is_read=patches is not None)
    return patches is not None


def _parsed(made: Input) -> tuple[FilePatch, ...] | None:
    try:
        patches = parse(made.patch)
    except Unscannable as reason:
        if made.added is not None:
            raise Broken(f"a well-formed diff is refused: {reason}") from reason
        return None
    for patch in patches:
        _check_lines(patch)
    if made.added is not None and sum(patch.added_count for patch in patches) != made.added:
        raise Broken("added lines are lost or made up")
    if len({(patch.old_path, patch.new_path) for patch in patches}) == len(patches):
        _check_facts(patches)
    return patches


def _check_lines(patch: FilePatch) -> None:
    sides = (
        (patch.added, patch.added_count, [*patch.added_lines()], b"+"),
        (patch.removed, patch.removed_count, [*patch.removed_lines()], b"-"),
    )
    for text, count, numbered, mark in sides:
        shown = [line[1:] for hunk in patch.hunks for line in hunk.lines if line[:1] == mark]
        if not (count == len(shown) == len(numbered) == text.count(b"\n")):
            raise Broken("a side's lines are not as many as are counted")
        if text != b"".join(line + b"\n" for line in shown):
            raise Broken("a side's text is not its lines")
        if [line for _, line in numbered] != shown:
            raise Broken("the numbered lines are not the lines")


def _check_facts(patches: tuple[FilePatch, ...]) -> None:
    facts = tuple(_facts(patch, 0) for patch in patches)
    difference = cross_check(patches, facts)
    if difference:
        raise Broken(f"a diff does not agree with its own list of files: {difference}")
    if patches and not patches[0].binary:
        more = (_facts(patches[0], 1), *facts[1:])
        if cross_check(patches, more) is None:
            raise Broken("a line too few is not noticed")


def _facts(patch: FilePatch, more: int) -> FileFacts:
    return FileFacts(
        status=patch.status,
        old_path=patch.old_path,
        new_path=patch.new_path,
        old_mode=patch.old_mode,
        new_mode=patch.new_mode,
        old_blob="1" * 40,
        new_blob="2" * 40,
        added=None if patch.binary else patch.added_count + more,
        removed=None if patch.binary else patch.removed_count,
    )


def _check_scan(made: Input, scanner: Scanner, *, is_read: bool) -> None:
    headline = made.patch[-80:].decode("utf-8", "replace")
    scan = scanner.scan(Diff(made.patch), Subject(message=headline, branch=headline[:40]))
    failed = next((one for one in scan.findings if one.rule == RULE_FAILED), None)
    if failed:
        raise Broken(failed.message)
    told = scan.unscannable or ""
    if told.startswith(_OWN):
        raise Broken(told)
    if not is_read and not told:
        raise Broken("what could not be read is not told")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
