"""What an expression needs is there wherever it matches, and costs less to look for."""

import warnings
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from reviewqueue.rules import catalogue
from reviewqueue.scan.matcher import Matcher
from reviewqueue.scan.parser import parse
from reviewqueue.scan.prefilter import needed
from reviewqueue.scan.rule import Rule, RuleError, expression

REGEXES = sorted({regex for rule in catalogue() for regex in rule.expressions})
MATCHER = Matcher([REGEXES[::2], REGEXES[1::2]])
RULES = Path(__file__).parents[1] / "rules"


def weakened(regex: str) -> set[str]:
    return set(needed(regex)[0])


@pytest.mark.parametrize(
    ("regex", "parts"),
    [
        (r"sudoers[^\n]*NOPASSWD", {"sudoers", "NOPASSWD"}),
        (r"\bgcore\s+-?\w", {r"\bgcore(?:[\s])+(?:\x2d)?[\w]"}),
        (r"(?i)xterm[^\n]*ab", {"(?i)xterm"}),
        (r"auditd[^\n]*[:=]auditctl", {"auditd", r"[\x3a\x3d]auditctl"}),
        (r"return[^\n]*import", {"return", "import"}),
        (r"tcpdump[^\n]*return", {"tcpdump"}),
        (r"(?:gdbus|strace)\w*pid\b", {r"(?:gdbus|strace)(?:[\w])*pid\b"}),
        (r"\w*gdbus\w*[^\n]*\w+pid\b", {"gdbus", r"pid\b"}),
        (r"(?:gdbus|strace\w*)", {"(?:gdbus|strace)"}),
        (r"\breturn[^\n]*xterm|\bimport[^\n]*gcore", {"(?:xterm|gcore)"}),
        (r"\breturn[^\n]*xterm|\bimport\w*", {r"(?:xterm|\bimport)"}),
    ],
)
def test_it_keeps_what_stands_between_long_loops(regex: str, parts: set[str]) -> None:
    assert weakened(regex) == parts


@pytest.mark.parametrize(
    "regex",
    [
        r"a[^\n]*b",
        r"[[:alpha:]]+secret",
        r"(?s)secret.key",
        r"secret\z",
        r"\pLsecret",
        "x{,5}secret",
    ],
)
def test_it_leaves_alone_what_says_too_little_or_is_read_otherwise_by_python(regex: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        parts, _ = needed(regex)
    text = b"a b secret secretxkey"
    whole = expression(regex).search(text)
    assert whole is None or all(expression(part).search(text) for part in parts)


@pytest.mark.parametrize("rule", catalogue(), ids=lambda rule: rule.id)
def test_it_finds_what_every_expression_alone_finds(rule: Rule) -> None:
    """In each of a rule's samples: its own, and a few of all others, others for each."""
    for place, sample in enumerate(sorted((RULES / rule.pathway / rule.id).glob("*.diff"))):
        asked = {
            number: regex
            for number, regex in enumerate(MATCHER.regexes)
            if regex in rule.expressions or number % 16 == place % 16
        }
        for patch in parse(sample.read_bytes()):
            for text in filter(None, (patch.added, patch.removed)):
                alone = {
                    number for number, regex in asked.items() if expression(regex).search(text)
                }
                assert set(MATCHER.matching(text, added=True)) & asked.keys() == alone, sample


@settings(deadline=None, max_examples=400, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_it_finds_whatever_an_expression_can_match(data: st.DataObject) -> None:
    regex = data.draw(st.sampled_from(REGEXES))
    try:
        text = data.draw(
            st.from_regex(regex.replace("(?m)", ""), alphabet=st.characters(codec="ascii"))
        )
    except Exception:  # noqa: BLE001 -- what Python cannot generate is not tried
        return
    content = text.encode()
    if expression(regex).search(content):
        assert MATCHER.index[regex] in MATCHER.matching(content, added=True)


_LETTERS = "aabbcEo0_-. "
_PIECES = st.one_of(
    st.text("abcEo0", min_size=1, max_size=5),
    st.sampled_from(
        [r"\b", "^", "$", ".", r"\w", r"\s", "[ab]", "[^a\n]", r"\.", r"\d", "for", "-", r"[\w.-]"]
    ),
)


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    group = st.sampled_from(["({})", "(?:{})", "(?i:{})", "(?-i:{})", "(?s:{})"])
    loop = st.sampled_from(["*", "+", "?", "*?", "+?", "{2}", "{0,2}", "{2,}", "{1,20}", "{0,9}"])
    return st.one_of(
        st.lists(inner, min_size=1, max_size=4).map("".join),
        st.tuples(group, st.lists(inner, min_size=1, max_size=4).map("|".join)).map(
            lambda pair: pair[0].format(pair[1])
        ),
        st.tuples(inner, loop).map(lambda pair: f"(?:{pair[0]}){pair[1]}"),
        st.lists(inner, min_size=2, max_size=3).map("|(?i)".join),
    )


@settings(deadline=None, max_examples=600, suppress_health_check=list(HealthCheck))
@given(
    st.recursive(_PIECES, _grown, max_leaves=9),
    st.lists(st.text(_LETTERS + "\n", max_size=12), min_size=1, max_size=12),
)
@example("(?:0|(?i)0){2}", ["0"])
@example("E|00(?s:.)", ["00\n"])
def test_what_an_expression_needs_is_wherever_it_matches(regex: str, texts: list[str]) -> None:
    try:
        expression(regex)
    except RuleError:  # too many repetitions
        return
    parts, is_exact = needed(regex)
    for text in map(str.encode, texts):
        matches = expression(regex).search(text) is not None
        found = [expression(part).search(text) is not None for part in parts]
        assert all(found) or not matches
        assert not (is_exact and all(found)) or matches
