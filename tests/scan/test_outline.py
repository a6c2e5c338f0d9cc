"""Fragments of YAML, HCL and JSON: which keys a value stands under, and what was gained."""

import time

import pytest

from reviewqueue.domain.finding import Side
from reviewqueue.rules import catalogue
from reviewqueue.scan.diff import Diff
from reviewqueue.scan.engine import Scanner
from reviewqueue.scan.parser import FilePatch, Hunk
from reviewqueue.scan.rule import Subject
from reviewqueue.scan.structure.outline import Entry, cut, gained, outline, unread
from reviewqueue.scan.view import ChangedFile


def changed(*lines: str) -> ChangedFile:
    """Return a file with one hunk; each line carries its marker."""
    marked = [line.encode() for line in lines]
    return ChangedFile(FilePatch(b"a", b"a", hunks=[Hunk(1, 1, marked)]))


def read(*lines: str, side: Side = Side.NEW) -> list[tuple[str, str]]:
    """Return (path joined by dots, value) of what has a value."""
    found = [entry for entry in outline(changed(*lines), side) if entry.value]
    return [(".".join(entry.path), entry.value) for entry in found]


def values(entries: list[Entry]) -> list[str]:
    return [entry.value for entry in entries]


def test_it_reads_lists_in_both_forms_of_yaml_alike() -> None:
    short = read("+rules:", '+- resources: ["pods", secrets]', "+  verbs: [get]")
    long = read("+rules:", "+- resources:", "+  - pods", "+  - secrets", "+  verbs:", "+    - get")
    assert short == long
    assert short == [
        ("rules.[].resources.[]", "pods"),
        ("rules.[].resources.[]", "secrets"),
        ("rules.[].verbs.[]", "get"),
    ]


def test_it_gives_an_added_item_the_keys_of_its_context() -> None:
    (entry,) = [
        e
        for e in outline(changed(" rules:", " - verbs:", "   - get", "+  - list"), Side.NEW)
        if e.is_changed
    ]
    assert entry.path == ("rules", "[]", "verbs", "[]")
    assert (entry.key, entry.value, entry.number) == ("verbs", "list", 4)


def test_it_reads_hcl_blocks_and_calls() -> None:
    assert read(
        '+resource "cloud_member" "team" {',
        "+  roles = toset([",
        '+    "a.reader",  # why',
        "+  ])",
        "+  ingress {",
        '+    cidr = ["10.0.0.0/8"]',
        "+  }",
        "+}",
    ) == [
        ("resource cloud_member team.roles", "toset"),
        ("resource cloud_member team.roles.[]", "a.reader"),
        ("resource cloud_member team.ingress.cidr.[]", "10.0.0.0/8"),
    ]


def test_it_reads_json_over_lines_and_within_one() -> None:
    assert read('+{"Statement": [{"Action": ["s3:*"], "Effect": "Allow"}]}') == [
        ("Statement.[].Action.[]", "s3:*"),
        ("Statement.[].Effect", "Allow"),
    ]
    assert read(
        "+{", '+  "Statement": [', "+    {", '+      "Action": "s3:*"', "+    }", "+  ]", "+}"
    ) == [("Statement.[].Action", "s3:*")]


def test_it_passes_over_templates_comments_and_other_documents() -> None:
    assert read(
        "+spec:", "+  # a: b", "+{{- if .Values.x }}", "+  a: {{ .Values.y }}", "+---", "+  b: c"
    ) == [("spec.a", "{{ .Values.y }}"), ("b", "c")]


def test_it_keeps_a_block_of_text_as_text_of_its_key() -> None:
    assert read("+run: |", "+  key: [value", "+", "+  - item", "+next: 1") == [
        ("run", "key: [value"),
        ("run", "- item"),
        ("next", "1"),
    ]


def test_it_reads_each_side_with_its_own_numbers() -> None:
    lines = (" a:", "-  - x", "+  - y", "   - z")
    old = [(e.value, e.number) for e in outline(changed(*lines), Side.OLD) if e.value]
    new = [(e.value, e.number) for e in outline(changed(*lines), Side.NEW) if e.value]
    assert old == [("x", 2), ("z", 3)]
    assert new == [("y", 2), ("z", 3)]


def test_it_takes_tabs_as_indentation() -> None:
    assert read("+{", '+\t"allow": [', '+\t\t"a"', "+\t]", "+}") == [("allow.[]", "a")]


def test_it_tells_only_what_was_gained() -> None:
    file = changed(" - verbs: [get, list]", "-  resources: [pods]", "+  resources: [pods, secrets]")
    assert values(gained(file, frozenset({"resources", "verbs"}))) == ["secrets"]


@pytest.mark.parametrize(
    "lines",
    [
        ("-verbs: [get, list]", "+verbs:", "+- list", "+- get"),
        ("-verbs: [get, list]", "+verbs: [list]"),
        ("+verbs: [get]", " other: 1", "-verbs: [get]"),
        ("-names: [a]", "+names: [a, b]"),
    ],
    ids=["reordered", "narrowed", "moved", "another key"],
)
def test_it_takes_nothing_else_for_a_gain(lines: tuple[str, ...]) -> None:
    assert gained(changed(*lines), frozenset({"verbs"})) == []


def test_it_counts_the_same_value_in_one_more_rule_as_a_gain() -> None:
    file = changed(" - verbs: [get]", "+- verbs: [get]")
    assert values(gained(file, frozenset({"verbs"}))) == ["get"]


def test_it_makes_a_hit_of_an_entry() -> None:
    file = changed(" verbs:", "+  - list ")
    (entry,) = gained(file, frozenset({"verbs"}))
    hit = entry.hit(file, "told")
    assert (hit.path, hit.line, hit.text, hit.side) == ("a", 2, "- list", Side.NEW)


@pytest.mark.parametrize(
    "lines",
    [
        ("+" + "[" * 200_000,),
        ("+" + "a: [{" * 200_000,),
        ("+" + "x" * 10_000_000,),
        ("+" + '"\\' * 5_000_000,),
        tuple("+" + " " * depth + "a:" for depth in range(2_000)),
        tuple("+" + "- " * 2_000 for _ in range(200)),
        ("+a: &a [x]", *(f"+b{n}: &b{n} [*b{n - 1}, *b{n - 1}]" for n in range(1, 100))),
        tuple("+" + "\t" * n + "}" for n in range(2_000)),
        tuple("+- a: {b: [c]}" for _ in range(200_000)),
        ("+", "+-", "+:", "+ = ", "+-- -", "+\xff\xfe", "+{{", "+}}", '+"', "+'", "+${", "\\ No"),
    ],
    ids=[
        "brackets",
        "keys in brackets",
        "a long line",
        "quotes",
        "deep",
        "dashes",
        "a bomb",
        "tabs",
        "many lines",
        "odd lines",
    ],
)
def test_it_reads_hostile_text_in_linear_time(lines: tuple[str, ...]) -> None:
    twice = (lines[0] + lines[0][1:],) if len(lines) == 1 else lines * 2
    assert any(cost(twice) <= 4 * max(cost(lines), LEAST) for _ in range(3))


LEAST = 0.02
"""Seconds below which a machine's noise is larger than what is measured."""


def cost(lines: tuple[str, ...]) -> float:
    file = changed(*lines)
    started = time.process_time()
    for entry in outline(file, Side.NEW):
        assert len(entry.path) <= 70
    return time.process_time() - started


def long_lines(count: int) -> list[str]:
    return ["+key: value"] * count


def test_it_tells_the_lines_that_it_does_not_read() -> None:
    assert list(unread(changed(*long_lines(50_000)))) == []
    assert list(unread(changed(*long_lines(50_000), "-gone", "+more: 1", " same"))) == [
        (50_001, b"more: 1")
    ]


def test_it_counts_its_limit_over_all_hunks() -> None:
    lines = [line.encode() for line in long_lines(30_000)]
    hunks = [Hunk(1, 1, lines), Hunk(40_000, 40_000, lines)]
    file = ChangedFile(FilePatch(b"a", b"a", hunks=hunks))
    assert next(iter(unread(file))) == (60_000, b"key: value")


def test_it_tells_a_line_that_it_does_not_read_to_its_end() -> None:
    assert [number for number, _ in unread(changed("+a: 1", "+" + "x" * 4_097))] == [2]
    assert list(unread(changed("+" + "x" * 4_096, "-" + "x" * 5_000, " " + "x" * 5_000))) == []


def test_it_marks_where_it_stops_once() -> None:
    file = changed("+a: 1", "+b: " + "x" * 5_000, "+c: " + "y" * 5_000)
    (hit,) = cut(file, "not compared")
    assert (hit.message, hit.line, hit.side) == ("not compared", 2, Side.NEW)
    assert list(cut(changed("+a: 1"), "not compared")) == []


_CLUSTER = ("cluster-access-widened", "k8s/role.yaml", "rules:")
_CLOUD = ("iam-widened", "infra/main.tf", 'role = "viewer"')
_WORKFLOW = ("workflow-template-injection", ".github/workflows/ci.yml", "on: push")
_NETWORK = ("opened-to-the-world", "infra/main.tf", "ingress {")
_BLANKS = " " * 5_000


@pytest.mark.parametrize(
    ("rule", "path", "first", "after"),
    [
        (*_CLUSTER, [*["# x"] * 50_000, "- verbs: [list]"]),
        (*_CLUSTER, [f"- verbs: [{_BLANKS}list]"]),
        (*_CLOUD, [*["# x"] * 50_000, 'members = ["a"]']),
        (*_CLOUD, [f'members = [{_BLANKS}"a"]']),
        (*_WORKFLOW, [*["# x"] * 50_000, "- run: echo ${{ github.event.issue.title }}"]),
        (*_WORKFLOW, [f"- run: echo {_BLANKS} ${{{{ github.event.issue.title }}}}"]),
        (*_NETWORK, [*["# x"] * 50_000, 'cidr_blocks = ["0.0.0.0/0"]']),
        (*_NETWORK, [f'cidr_blocks = [{_BLANKS}"0.0.0.0/0"]']),
    ],
)
def test_no_rule_takes_what_it_does_not_read_for_clean(
    rule: str, path: str, first: str, after: list[str]
) -> None:
    patch = (
        f"diff --git a/{path} b/{path}\nindex 1111111..2222222 100644\n--- a/{path}\n+++ b/{path}\n"
        f"@@ -1 +1,{len(after) + 1} @@\n {first}\n" + "".join(f"+{line}\n" for line in after)
    )
    rules = [one for one in catalogue() if one.id == rule]
    scan = Scanner(rules, b"salt").scan(Diff(patch.encode()), Subject())
    assert [finding.rule for finding in scan.findings] == [rule]
