"""``reviewqueue rules``: what is looked for, and why."""

import json
from difflib import get_close_matches

import click

from reviewqueue.commands import CommandError
from reviewqueue.domain.finding import Severity
from reviewqueue.rules import catalogue
from reviewqueue.scan.rule import HEADINGS, Rule, sections

_COLUMNS = ("id", "pathway", "severity", "confidence", "stability")
_COLOURS = {
    Severity.LOW: None,
    Severity.MEDIUM: "yellow",
    Severity.HIGH: "red",
    Severity.CRITICAL: "bright_red",
}
_FORMATS = click.Choice(["text", "json"])


@click.group()
def rules() -> None:
    """List or explain the rules.

    A rule is one file of the catalogue; its folder is the pathway that it watches. `rules
    list` gives all of them, `rules show ID` the page of one.
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
    known = {rule.id: rule for rule in catalogue()}
    rule = known.get(rule_id)
    if rule is None:
        near = get_close_matches(rule_id, known, n=1)
        hint = f"did you mean {near[0]}?" if near else "see `reviewqueue rules list`"
        raise CommandError(f"no rule is called {rule_id!r}; {hint}")
    if shape == "json":
        click.echo(json.dumps(_row(rule) | {"docs": sections(rule.docs)}, indent=2))
        return
    told = sections(rule.docs)
    click.secho(rule.id, bold=True)
    click.echo(f"{told['']}\n")
    click.echo(
        f"pathway {rule.pathway} · severity {rule.severity} · confidence {rule.confidence} · "
        f"{rule.stability}"
    )
    for heading in HEADINGS:
        click.secho(f"\n{heading}", bold=True)
        click.echo("\n".join(f"  {line}".rstrip() for line in told[heading].splitlines()))


def _cell(rule: Rule, name: str, width: int) -> str:
    text = str(getattr(rule, name)).ljust(width)
    return click.style(text, fg=_COLOURS[rule.severity]) if name == "severity" else text


def _row(rule: Rule) -> dict[str, str]:
    return {name: str(getattr(rule, name)) for name in _COLUMNS} | {"summary": rule.summary}
