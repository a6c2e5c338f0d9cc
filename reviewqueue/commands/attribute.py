"""``reviewqueue attribute``: which agent wrote a commit, and who ran it."""

import json
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from reviewqueue.commands.answers import plain
from reviewqueue.domain.attribution import Attribution
from reviewqueue.domain.people import Person

_EXIT_ERROR = 2


@click.command()
@click.option(
    "--git",
    "directory",
    required=True,
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The repository: a working clone or a bare one. It is only read.",
)
@click.argument("revs", nargs=-1, metavar="[REV]...")
@click.option("--stdin", is_flag=True, help="Read one REV a line; answers come in order.")
@click.option("--branch", default="", metavar="NAME", help="The branch that the commits came on.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "jsonl"]),
    default="text",
    show_default=True,
    help="text for people; jsonl: one object a line.",
)
def attribute(
    directory: Path, revs: tuple[str, ...], *, stdin: bool, branch: str, form: str
) -> None:
    """Say which agent wrote a commit or range, how sure that is, and who ran the agent.

    REV is a commit, or A..B for all commits of B that A has not. Each jsonl object has rev,
    agent (null where no sign was seen, which proves nothing), confidence (declared,
    inferred, suspected, none), operator ("Name <mail>" or null) and evidence.

    Example: git rev-list -20 HEAD | reviewqueue attribute --git . --stdin
    """
    if stdin == bool(revs):
        raise click.UsageError("give one or more REVs, or --stdin")
    names = _lines() if stdin else iter(revs)
    failed = False
    for rev, found in _answers(directory, names, branch):
        if isinstance(found, Attribution):
            click.echo(_as_json(rev, found) if form == "jsonl" else _as_text(rev, found))
        else:
            failed = True
            click.echo(f"Error: {plain(rev)}: {_printable(str(found))}", err=True)
    if failed:
        sys.exit(_EXIT_ERROR)


def _answers(
    directory: Path, revs: Iterable[str], branch: str
) -> Iterator[tuple[str, Attribution | str]]:
    # Reading git is slow to import; --help and usage errors do without it.
    from reviewqueue.pipeline.scanning import attribute_git  # noqa: PLC0415 -- slow to import

    return attribute_git(directory, revs, branch=branch)


def _lines() -> Iterator[str]:
    """Yield each line of standard input as soon as it is there."""
    for line in iter(sys.stdin.buffer.readline, b""):
        if name := os.fsdecode(line.strip()):
            yield name


def _as_json(rev: str, found: Attribution) -> str:
    return json.dumps(
        {
            "rev": plain(rev),
            "agent": found.agent,
            "confidence": found.confidence.value,
            "operator": _operator(found.operator),
            "evidence": list(found.evidence),
        }
    )


def _as_text(rev: str, found: Attribution) -> str:
    """Return the answer and its reasons, indented; no control character gets through."""
    who = found.agent or ("a bot" if found.mechanical else "no agent seen")
    operator = _operator(found.operator)
    ran = f", run by {operator} ({found.operator_evidence})" if operator else ""
    lines = [
        f"{plain(rev)}: {who} ({found.confidence}){ran}",
        *(f"  {it}" for it in found.evidence),
    ]
    return "\n".join(_printable(line) for line in lines)


def _operator(person: Person | None) -> str | None:
    return _printable(str(person)) if person else None


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)
