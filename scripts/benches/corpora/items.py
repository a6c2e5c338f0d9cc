"""The manifests: which commits are measured, and what is known of each."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

_BRANCH = re.compile(r"Merge pull request \S+ from [^/\s]+/(?P<branch>[^\s\"]+)")
_EVIDENCE = "branch:"
"""What a row's evidence starts with where a branch gave the agent away."""


class ManifestError(Exception):
    """A manifest cannot be used; the message says where and why."""


class Kind(StrEnum):
    """What a row is, told by its fields."""

    ATTACK = "attack"
    """Must be noticed: the row has a ``category`` or a ``tier``."""
    AGENT = "agent"
    """An agent's commit, presumed benign: the row has an ``agent``."""
    HUMAN = "human"
    """A human's commit: the row has a ``certainty``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One commit, or one file as it was added, with its label."""

    kind: Kind
    id: str
    repository: str
    """``owner/name``."""
    revision: str
    path: str = ""
    """The one file that is taken whole, as an addition; empty for the whole commit."""
    reverse: bool = False
    """The inverse of the commit is what is scanned."""
    message_counts: bool = True
    """The commit's message belongs to what is scanned."""
    branch: str = ""
    tier: str = ""
    category: str = ""
    selected_by: str = ""
    detectable: bool = True
    """The diff alone shows what the label says."""
    why: str = ""
    agent: str = ""
    strength: str = ""
    """How plainly the agent is named: trailer, author, branch or weak."""
    languages: tuple[str, ...] = ()
    certainty: str = ""
    """How sure it is that no agent had a part."""


def read(manifests: Iterable[Path]) -> tuple[Item, ...]:
    """Return the items of all manifests in order; ManifestError on the first bad row."""
    return tuple(_item(where, row) for path in manifests for where, row in _rows(path))


def read_disputed(path: Path) -> dict[str, str]:
    """Return the reason by id of every label that somebody disputes."""
    disputed = {}
    for where, row in _rows(path):
        reason = str(row.get("reason") or "").strip()
        if not reason:
            raise ManifestError(f"{where}: a label is disputed with a reason, or not at all")
        disputed[_text(where, row, "id")] = reason
    return disputed


def _rows(path: Path) -> Iterable[tuple[str, Mapping[str, Any]]]:
    """Yield (``file:line``, row) of each line that is not blank."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ManifestError(f"{path}: {error}") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        where = f"{path}:{number}"
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise ManifestError(f"{where}: {error}") from error
        if not isinstance(row, dict):
            raise ManifestError(f"{where}: not an object")
        yield where, row


def _item(where: str, row: Mapping[str, Any]) -> Item:
    kind = _kind(where, row)
    whole_file = row.get("kind") == "file"
    reverse = bool(row.get("reverse"))
    return Item(
        kind=kind,
        id=_text(where, row, "id"),
        repository=_text(where, row, "repo"),
        revision=_text(where, row, "rev"),
        path=_text(where, row, "path") if whole_file else "",
        reverse=reverse,
        message_counts=row.get("message_usable") is not False and not reverse,
        branch=_branch(row),
        tier=str(row.get("tier") or ""),
        category=str(row.get("category") or ""),
        selected_by=str(row.get("selected_by") or ""),
        detectable=row.get("detectable_from_diff") is not False,
        why=str(row.get("why") or ""),
        agent=str(row.get("agent") or "") if kind is Kind.AGENT else "",
        strength=str(row.get("strength") or ""),
        languages=tuple(str(language) for language in row.get("languages") or ()),
        certainty=str(row.get("certainty") or ""),
    )


def _kind(where: str, row: Mapping[str, Any]) -> Kind:
    if "category" in row or "tier" in row:
        return Kind.ATTACK
    if "agent" in row:
        return Kind.AGENT
    if "certainty" in row:
        return Kind.HUMAN
    raise ManifestError(f"{where}: none of category, tier, agent or certainty")


def _text(where: str, row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    if not isinstance(value, str) or not value:
        raise ManifestError(f"{where}: no {name}")
    return value


def _branch(row: Mapping[str, Any]) -> str:
    """Return the branch the row names, or the one in the merge that its evidence quotes."""
    if row.get("branch"):
        return str(row["branch"])
    evidence = str(row.get("evidence") or "")
    if not evidence.startswith(_EVIDENCE):
        return ""
    found = _BRANCH.search(evidence)
    return found["branch"] if found else evidence.removeprefix(_EVIDENCE).strip()
