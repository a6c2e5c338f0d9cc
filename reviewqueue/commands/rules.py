"""``reviewqueue rules``: what is looked for, and why; rules tried on diffs, and begun."""

import json
import re
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path

import click

from reviewqueue.commands import CommandError, samples, skeleton
from reviewqueue.domain.finding import Pathway, Severity
from reviewqueue.rules import catalogue
from reviewqueue.scan.rule import HEADINGS, Rule, sections

_COLUMNS = ("id", "pathway", "severity", "confidence", "stability")
_COLOURS = {
    Severity.LOW: None,
    Severity.MEDIUM: "yellow",
    Severity.HIGH: "red",
    Severity.CRITICAL: "bright_red",
}
_ID = re.compile(r"[a-z]+(-[a-z]+)*")
_FORMATS = click.Choice(["text", "json"])


@click.group()
def rules() -> None:
    """List, explain, test or begin rules.

    A rule is one file of the catalogue; its folder is the pathway that it watches. `rules
    list` gives all of them, `rules show ID` the page of one, `rules test` runs each over its
    own diffs, `rules new PATHWAY ID` begins one.
    """


@rules.command("list")
@click.option("--format", "shape", type=_FORMATS, default="text", help="How to print.")
def list_rules(shape: str) -> None:
    """List every rule, by pathway."""
    ordered = sorted(catalogue(), key=lambda rule: (rule.pathway, rule.id))
    if shape == "json":
        click.echo(json.dumps([_row(rule) for rule in ordered], indent=2))
        return
    widths = {
        name: max(len(name), *(len(str(getattr(rule, name))) for rule in ordered))
        for name in _COLUMNS
    }
    click.secho(
        "  ".join([*(name.upper().ljust(widths[name]) for name in _COLUMNS), "THIS CHANGE …"])
    )
    for rule in ordered:
        cells = [_cell(rule, name, widths[name]) for name in _COLUMNS]
        click.echo("  ".join([*cells, rule.summary]))
    click.echo(f"\n{len(ordered)} rules. `reviewqueue rules show ID` explains one.")


@rules.command("show")
@click.argument("rule_id", metavar="ID")
@click.option("--format", "shape", type=_FORMATS, default="text", help="How to print.")
def show_rule(rule_id: str, shape: str) -> None:
    """Explain one rule: what it flags, why, how to review it, what it leaves alone."""
    rule = _known(rule_id)
    if shape == "json":
        click.echo(json.dumps(_row(rule) | {"docs": sections(rule.docs)}, indent=2))
        return
    told = sections(rule.docs)
    click.secho(rule.id, bold=True)
    click.echo(f"{told['']}\n")
    click.echo(
        f"pathway {rule.pathway} · severity {rule.severity} · confidence {rule.confidence} · "
        f"{rule.stability} · version {rule.version}"
    )
    click.echo(f"budget: at most {rule.budget:.2%} of honest commits at medium or above")
    for heading in HEADINGS:
        if not told.get(heading):
            continue
        click.secho(f"\n{heading}", bold=True)
        click.echo("\n".join(f"  {line}".rstrip() for line in told[heading].splitlines()))


@rules.command("test")
@click.argument("names", nargs=-1, metavar="[RULE…]")
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=Path("tests/rules"),
    show_default=True,
    metavar="DIR",
    help="Holds PATHWAY/RULE/{flagged,clean}-….diff.",
)
@click.pass_context
def test_rules(ctx: click.Context, names: tuple[str, ...], folder: Path) -> None:
    """Run each rule over its flagged and clean diffs; exit 1 where one does not hold.

    A flagged diff begins with `Expect: severity path[:line]`, the first finding of the rule
    alone; `Title:` and `Branch:` lines may follow.
    """
    if not folder.is_dir():
        raise CommandError(f"{folder} is no folder: run it in a checkout, or give --folder")
    wanted = [_known(name) for name in dict.fromkeys(names)]
    wanted = wanted or [rule for rule in catalogue() if not rule.built_in]
    said = [] if names else list(_strays(folder))
    count = 0
    for rule in wanted:
        found = samples.read(folder / rule.pathway / rule.id)
        count += len(found)
        said += [f"{rule.id}: {problem}" for problem in samples.problems(rule, found)]
    for line in said:
        click.echo(line)
    were = "all as expected" if not said else f"{len(said)} not as expected"
    click.echo(f"{_counted(len(wanted), 'rule')}, {_counted(count, 'diff')}: {were}")
    ctx.exit(1 if said else 0)


@rules.command("new")
@click.argument("pathway", type=click.Choice([str(one) for one in Pathway]))
@click.argument("rule_id", metavar="ID")
@click.option(
    "--root",
    type=click.Path(path_type=Path),
    default=Path(),
    metavar="DIR",
    help="The checkout to write into; by default this folder.",
)
def new_rule(pathway: str, rule_id: str, root: Path) -> None:
    """Write a rule to begin with, and its four diffs.

    ID is lower-case words with dashes, for ever the rule's name. Nothing that exists is
    overwritten.
    """
    if not _ID.fullmatch(rule_id):
        raise CommandError(f"{rule_id!r} is no name for a rule: lower-case words with dashes")
    if not (root / "reviewqueue/rules" / pathway).is_dir():
        raise CommandError(f"{root.resolve()} is no checkout of reviewqueue: give --root")
    files = {root / path: text for path, text in skeleton.files(Pathway(pathway), rule_id).items()}
    _refuse_existing(rule_id, root, files)
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
        click.echo(path)
    click.echo(
        "\nReplace every placeholder, then `reviewqueue rules test "
        f"{rule_id}`, and pin the rule in tests/rules/test_catalogue.py."
    )


def _refuse_existing(rule_id: str, root: Path, files: dict[Path, str]) -> None:
    named = (root / "reviewqueue/rules").glob(f"*/{rule_id.replace('-', '_')}.py")
    for taken in (*named, *(path for path in files if path.exists())):
        raise CommandError(f"{taken} exists")
    if rule_id in {rule.id for rule in catalogue()}:
        raise CommandError(f"a rule is called {rule_id} already")


def _strays(folder: Path) -> Iterator[str]:
    """Yield the folders of samples that belong to no rule."""
    known = {(str(rule.pathway), rule.id) for rule in catalogue()}
    for path in sorted({sample.parent for sample in folder.glob("*/*/*.diff")}):
        if (path.parent.name, path.name) not in known:
            yield f"{path.name}: {path} belongs to no rule"


def _known(rule_id: str) -> Rule:
    known = {rule.id: rule for rule in catalogue()}
    if rule_id not in known:
        near = get_close_matches(rule_id, known, n=1)
        hint = f"did you mean {near[0]}?" if near else "see `reviewqueue rules list`"
        raise CommandError(f"no rule is called {rule_id!r}; {hint}")
    return known[rule_id]


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _cell(rule: Rule, name: str, width: int) -> str:
    text = str(getattr(rule, name)).ljust(width)
    return click.style(text, fg=_COLOURS[rule.severity]) if name == "severity" else text


def _row(rule: Rule) -> dict[str, object]:
    facts = {name: str(getattr(rule, name)) for name in _COLUMNS}
    more = {"summary": rule.summary, "version": rule.version, "budget": rule.budget}
    return {**facts, **more}
