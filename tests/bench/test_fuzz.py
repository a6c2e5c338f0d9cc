"""The fuzzer: it makes what it says, and notices each broken promise."""

from collections.abc import Callable
from pathlib import Path

import fuzz
import pytest

from reviewqueue.domain.finding import Confidence, Pathway, Severity
from reviewqueue.scan.engine import Scanner
from reviewqueue.scan.parser import parse
from reviewqueue.scan.rule import Rule, Stability, View

SEED = (
    b"diff --git a/a.py b/a.py\nindex 1111111..2222222 100644\n--- a/a.py\n+++ b/a.py\n"
    b"@@ -1,2 +1,2 @@\n x = 1\n-y = 1\n+y = 2\n"
)


@pytest.mark.parametrize("kind", range(8))
def test_it_makes_the_same_input_of_the_same_bytes(kind: int) -> None:
    data = bytes([0, kind]) + bytes(range(256)) * 3
    one = fuzz.made_of(data, [SEED], parse(SEED))
    assert one == fuzz.made_of(data, [SEED], parse(SEED))
    if one.added is not None:
        assert sum(file.added_count for file in parse(one.patch)) == one.added


def test_it_makes_something_of_no_bytes() -> None:
    assert fuzz.made_of(b"", [SEED], parse(SEED)).patch == b""


def test_it_tells_an_input_that_can_be_read_from_one_that_cannot() -> None:
    scanner = Scanner([], b"salt")
    assert fuzz.holds(fuzz.Input(SEED, 1), scanner)
    assert not fuzz.holds(fuzz.Input(SEED[:-4]), scanner)


def test_it_notices_lines_that_are_lost_and_rules_that_fail() -> None:
    with pytest.raises(fuzz.Broken, match="lost or made up"):
        fuzz.holds(fuzz.Input(SEED, 2), Scanner([], b"salt"))
    with pytest.raises(fuzz.Broken, match="well-formed diff is refused"):
        fuzz.holds(fuzz.Input(SEED[:-4], 1), Scanner([], b"salt"))
    with pytest.raises(fuzz.Broken, match="a-rule crashed"):
        fuzz.holds(fuzz.Input(SEED, 1), Scanner([_failing()], b"salt"))


def test_it_keeps_and_counts_what_broke(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = fuzz.Run(1, tmp_path)
    run.scanner = Scanner([_failing()], b"salt")
    made: Callable[..., fuzz.Input] = lambda *_: fuzz.Input(SEED, 1)  # noqa: E731 -- its type is the point
    monkeypatch.setattr(fuzz, "made_of", made)
    run.feed(b"1")
    run.feed(b"2")
    assert run.finish() == 1
    assert [path.read_bytes() for path in tmp_path.glob("*.diff")] == [SEED]
    assert "2 times: Broken: the rule a-rule crashed" in capsys.readouterr().out


def test_it_says_when_an_engine_is_not_there(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fuzz, "find_spec", lambda _: None)
    assert fuzz.main(["--engine", "atheris"]) == 2
    assert "atheris is not installed" in capsys.readouterr().out


def test_it_runs_for_the_time_that_it_is_given(capsys: pytest.CaptureFixture[str]) -> None:
    assert fuzz.main(["--seconds", "0"]) == 0
    assert "0 promises broken" in capsys.readouterr().out


def _failing() -> Rule:
    def check(_: View) -> None:
        raise ValueError

    return Rule(
        id="a-rule",
        pathway=Pathway.BACKDOOR,
        severity=Severity.LOW,
        confidence=Confidence.LOW,
        stability=Stability.PREVIEW,
        summary="does something",
        check=check,  # type: ignore[arg-type]  # a check that breaks its promise
    )
