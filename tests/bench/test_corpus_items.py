"""The manifests: what a row is, told by its fields."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from corpora.items import Kind, ManifestError, read, read_disputed

Row = Callable[..., dict[str, Any]]


def written(tmp_path: Path, *rows: dict[str, Any] | str) -> Path:
    path = tmp_path / "rows.jsonl"
    texts = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("\n".join(texts) + "\n")
    return path


def test_it_tells_rows_by_their_fields(tmp_path: Path, row: Row) -> None:
    path = written(
        tmp_path,
        row(category="persistence", tier="sensitive", agent="not one"),
        row(tier="malicious"),
        row(agent="claude", strength="trailer", languages=["Go"]),
        "",
        row(certainty="pre-agent-era"),
    )
    attack, other, agent, human = read([path])

    assert [attack.kind, other.kind] == [Kind.ATTACK] * 2
    assert (attack.agent, attack.category) == ("", "persistence")
    assert (agent.kind, agent.agent, agent.languages) == (Kind.AGENT, "claude", ("Go",))
    assert (human.kind, human.certainty) == (Kind.HUMAN, "pre-agent-era")


@pytest.mark.parametrize(
    ("fields", "counts"),
    [
        ({}, True),
        ({"message_usable": True}, True),
        ({"message_usable": False}, False),
        ({"reverse": True}, False),
        ({"reverse": True, "message_usable": True}, False),
    ],
)
def test_it_counts_a_message_that_belongs_to_what_is_scanned(
    tmp_path: Path,
    row: Row,
    fields: dict[str, Any],
    counts: bool,  # noqa: FBT001 -- what is expected
) -> None:
    (item,) = read([written(tmp_path, row(tier="sensitive", **fields))])

    assert item.message_counts is counts


@pytest.mark.parametrize(
    ("fields", "branch"),
    [
        ({"evidence": 'branch: merge 1a "Merge pull request #7 from ann/codex/fix"'}, "codex/fix"),
        ({"evidence": "branch: cursor/fix"}, "cursor/fix"),
        ({"evidence": "branch: cursor/fix", "branch": "devin/fix"}, "devin/fix"),
        ({"evidence": "trailer: Merge pull request #7 from ann/codex/fix-it"}, ""),
        ({}, ""),
    ],
)
def test_it_finds_the_branch_in_the_evidence(
    tmp_path: Path, row: Row, fields: dict[str, Any], branch: str
) -> None:
    (item,) = read([written(tmp_path, row(agent="codex", **fields))])

    assert item.branch == branch


def test_it_takes_a_path_only_where_the_file_is_the_item(tmp_path: Path, row: Row) -> None:
    path = written(
        tmp_path,
        row(tier="demo", kind="file", path="a.py"),
        row(tier="demo", kind="commit", path="a.py"),
    )

    assert [item.path for item in read([path])] == ["a.py", ""]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("{", "Expecting"),
        ("[]", "not an object"),
        ('{"id": "x", "repo": "a/b", "rev": "1"}', "none of category, tier, agent or certainty"),
        ('{"tier": "demo", "repo": "a/b", "rev": "1"}', "no id"),
        ('{"tier": "demo", "id": "x", "repo": "a/b", "rev": null}', "no rev"),
        ('{"tier": "demo", "id": "x", "repo": "a/b", "rev": "1", "kind": "file"}', "no path"),
    ],
)
def test_it_refuses_a_row_and_says_where(tmp_path: Path, line: str, complaint: str) -> None:
    with pytest.raises(ManifestError, match=r"rows\.jsonl:2: ") as caught:
        read([written(tmp_path, '{"id":"i","repo":"a/b","rev":"1","agent":"x"}', line)])

    assert complaint in str(caught.value)


def test_it_wants_a_reason_for_every_disputed_label(tmp_path: Path) -> None:
    given = written(tmp_path, {"id": "x", "reason": "adds a column, nothing else"})
    assert read_disputed(given) == {"x": "adds a column, nothing else"}

    with pytest.raises(ManifestError, match="with a reason"):
        read_disputed(written(tmp_path, {"id": "x", "reason": " "}))


def test_it_says_which_manifest_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="gone"):
        read([tmp_path / "gone"])
