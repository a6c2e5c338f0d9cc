"""Hyperscan's searches: what they overlook, RE2 would never be asked for."""

import os
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from reviewqueue.forge.fast import searches
from reviewqueue.rules import catalogue
from reviewqueue.scan.diff import Diff
from reviewqueue.scan.engine import Scanner
from reviewqueue.scan.matcher import Compile, Search, set_of
from reviewqueue.scan.rule import Subject, encoded

hyperscan = pytest.importorskip(
    "hyperscan", reason="hyperscan 0.6.0 has no wheel for this Python or processor"
)
RULES = Path(__file__).parents[1] / "rules"
SAMPLES = {rule.id: sorted((RULES / rule.pathway / rule.id).glob("*.diff")) for rule in catalogue()}
EXPRESSIONS = tuple(
    dict.fromkeys(encoded(each) for rule in catalogue() for each in rule.expressions[::5])
)
"""Some of every rule's: to compile all of them at once takes half a minute."""
WORDS = sorted(
    {
        word.encode()
        for rule in catalogue()
        for each in rule.expressions
        for word in re.findall(r"[A-Za-z_]{3,}", each)
    }
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kept")


@pytest.fixture(scope="module")
def compiled(folder: Path) -> Compile:
    found = searches(folder)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def both(compiled: Compile) -> tuple[Search, Search]:
    """Many expressions of the catalogue in one search of each kind."""
    return compiled(EXPRESSIONS), set_of(EXPRESSIONS)


def test_every_sample_of_every_rule_gives_the_same_scan(compiled: Compile) -> None:
    found = 0
    for rule in catalogue():
        plain, fast = Scanner([rule], b""), Scanner([rule], b"", compiled)
        for sample in SAMPLES[rule.id]:
            content = sample.read_bytes()
            diff = Diff(content[content.index(b"diff --git") :])
            expected = plain.scan(diff, Subject())
            assert fast.scan(diff, Subject()) == expected, sample
            found += len(expected.findings)
    assert found > sum(map(len, SAMPLES.values())) / 2


PIECES = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from([b"\n", b"\n\t", b" ", b"\t", b"\r\n", b"\x0b", b"\x0c", b"\xc2\xa0", b"\0"]),
    st.sampled_from([b"(", b")", b"=", b": ", b"{", b"}", b"'", b'"', b"/", b"$", b"-", b"--"]),
    st.integers(0, 10**6).map(lambda number: b"%d" % number),
    st.binary(max_size=8),
    st.integers(1, 90).map(lambda size: b"a" * size),
)


@given(st.lists(PIECES, max_size=40).map(b"".join))
def test_any_text_holds_the_same_for_both(both: tuple[Search, Search], text: bytes) -> None:
    fast, plain = both
    assert fast(text) == plain(text)


@pytest.mark.parametrize("line", [b"\tfor {", b"\tcount = 0", b"curl x | sh", b"eval(atob(x))"])
def test_it_overlooks_nothing_wherever_a_line_stands(
    both: tuple[Search, Search], line: bytes
) -> None:
    """As Vectorscan does where it looks for many expressions."""
    fast, plain = both
    for before in range(150):
        text = b"a" * before + b"\n" + line + b"\n"
        assert fast(text) == plain(text), before


def test_a_vertical_tab_is_no_space(compiled: Compile) -> None:
    fast = compiled([rb"a\sb", rb"a\Sb"])
    assert fast(b"a b") == [0]
    assert fast(b"a\x0bb") == [1]


def test_what_it_does_not_know_is_searched_by_re2(compiled: Compile) -> None:
    assert compiled([rb"a(?U)b+", b"c"])(b"xxabbb c") == [0, 1]


def test_what_neither_knows_is_refused(compiled: Compile) -> None:
    with pytest.raises(re2.error, match="failed to add"):
        compiled([rb"(?=a)b"])


def test_a_broken_search_is_unscannable_and_not_clean() -> None:
    def broken(_: object) -> Search:
        def search(_: bytes) -> list[int]:
            raise hyperscan.HyperscanError("scratch in use")

        return search

    diff = Diff(b"diff --git a/f b/f\n--- a/f\n+++ b/f\n@@ -0,0 +1 @@\n+x\n")
    assert Scanner(catalogue(), b"", broken).scan(diff, Subject()).unscannable


def made(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.hs"))


def test_it_is_compiled_once_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for_all = searches(tmp_path / "kept")
    assert for_all is not None
    assert for_all([b"abc"])(b"xabc") == [0]
    (kept,) = made(tmp_path / "kept")
    assert (tmp_path / "kept").stat().st_mode & 0o077 == 0
    monkeypatch.setattr(hyperscan, "Database", None)  # nothing can be compiled now
    assert for_all([b"abc"])(b"xabc") == [0]
    assert made(tmp_path / "kept") == [kept]


def test_another_catalogue_is_compiled_anew(tmp_path: Path) -> None:
    compile_all = searches(tmp_path / "kept")
    assert compile_all is not None
    assert compile_all([b"abc"])(b"abc def") == [0]
    assert compile_all([b"def", b"abc"])(b"abc") == [1]
    assert len(made(tmp_path / "kept")) == 2


@pytest.mark.parametrize("spoil", ["truncated", "nonsense", "writable by others"])
def test_what_cannot_be_trusted_is_made_anew(tmp_path: Path, spoil: str) -> None:
    compile_all = searches(tmp_path / "kept")
    assert compile_all is not None
    compile_all([b"abc"])
    (kept,) = made(tmp_path / "kept")
    good = kept.read_bytes()
    if spoil == "truncated":
        kept.write_bytes(good[:-9])
    elif spoil == "nonsense":
        kept.write_bytes(os.urandom(len(good)))
    else:
        kept.write_bytes(searches_for(b"zzz", tmp_path))  # sound, and looks for another thing
        kept.chmod(0o666)
    assert compile_all([b"abc"])(b"xabc") == [0]
    assert made(tmp_path / "kept")[0].read_bytes() == good


def searches_for(expression: bytes, folder: Path) -> bytes:
    other = searches(folder / "other")
    assert other is not None
    other([expression])
    return made(folder / "other")[0].read_bytes()


def test_nowhere_to_keep_it_is_no_harm(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    compile_all = searches(tmp_path / "file" / "kept")
    assert compile_all is not None
    assert compile_all([b"abc"])(b"xabc") == [0]


def test_what_nobody_used_for_a_month_goes(tmp_path: Path) -> None:
    compile_all = searches(tmp_path / "kept")
    assert compile_all is not None
    compile_all([b"abc"])
    (old,) = made(tmp_path / "kept")
    os.utime(old, (0, 0))
    compile_all([b"def"])
    assert old not in made(tmp_path / "kept")
    assert len(made(tmp_path / "kept")) == 1


def test_nothing_is_made_where_none_may_be(tmp_path: Path) -> None:
    compile_all = searches(tmp_path / "kept", make=False)
    assert compile_all is not None
    assert compile_all([b"abc"])(b"xabc") == [0]
    assert not (tmp_path / "kept").exists()


@pytest.mark.parametrize("module", [None, SimpleNamespace(__version__="0.9.1")])
def test_without_it_or_with_one_that_overlooks_things_there_is_none(
    module: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "hyperscan", module)
    assert searches() is None
