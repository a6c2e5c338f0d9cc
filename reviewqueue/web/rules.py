"""The catalogue of rules: what each catches, why it matters, how to review it."""

from collections.abc import Iterator

from flask import Blueprint, abort, render_template, request

from reviewqueue.domain.finding import Pathway
from reviewqueue.rules import catalogue
from reviewqueue.scan.rule import Rule, sections

blueprint = Blueprint("rules", __name__)

Block = tuple[str, str | list[str]]


@blueprint.get("/rules")
def index() -> str:
    """Show the catalogue by pathway, or only its tables to htmx."""
    asked = request.args.get("pathway", "")
    chosen = [one for one in Pathway if asked in {"", one}]
    groups: dict[str, list[Rule]] = {}
    for pathway in chosen or list(Pathway):
        found = [rule for rule in catalogue() if rule.pathway is pathway]
        if found:
            groups[pathway] = found
    fragment = request.headers.get("HX-Target") == "rules"
    return render_template(
        "rules/table.html" if fragment else "rules.html",
        groups=groups,
        total=len(catalogue()),
        pathways=list(Pathway),
        pathway=asked,
    )


@blueprint.get("/rules/<rule_id>")
def show(rule_id: str) -> str:
    """Show one rule."""
    rule = next((one for one in catalogue() if one.id == rule_id), None)
    if rule is None:
        abort(404)
    return render_template(
        "rule.html",
        rule=rule,
        sections=[(head, list(blocks(text))) for head, text in sections(rule.docs).items()],
    )


def blocks(text: str) -> Iterator[Block]:
    """Split a section's text into paragraphs, lists and code, each as text to be escaped."""
    for part in text.split("\n\n"):
        lines = part.split("\n")
        if not part.strip():
            continue
        if all(line.startswith("    ") for line in lines):
            yield "code", "\n".join(line[4:] for line in lines)
        elif lines[0].lstrip().startswith(("- ", "* ")):
            yield "list", list(_items(lines))
        else:
            yield "text", " ".join(line.strip() for line in lines)


def _items(lines: list[str]) -> Iterator[str]:
    item = ""
    for line in lines:
        stripped = line.strip()
        if stripped.startswith(("- ", "* ")):
            if item:
                yield item
            item = stripped[2:]
        else:
            item = f"{item} {stripped}"
    yield item
