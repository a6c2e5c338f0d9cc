"""The catalogue: what each rule catches, and how often it is right; each pathway's page."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from flask import Blueprint, abort, render_template, request

from reviewqueue.coverage import Answered, precision
from reviewqueue.coverage.precision import FEWEST
from reviewqueue.domain.finding import Pathway
from reviewqueue.rules import catalogue, explained
from reviewqueue.scan.rule import Rule, sections
from reviewqueue.store import Reader
from reviewqueue.web.prose import Block, blocks, steps
from reviewqueue.web.site import site

blueprint = Blueprint("rules", __name__)

_ANSWERS = 20
"""Answers that a rule's page lists, the newest first."""
WHY, LOOK = "Why it matters", "How to review it"
"""The headings that a reviewer needs first."""


@dataclass(frozen=True, slots=True)
class Brief:
    """What a reviewer needs of a rule to judge one of its findings."""

    why: str
    look: str


@cache
def briefs() -> dict[str, Brief]:
    """Return each rule's brief by id."""
    told = {rule.id: sections(rule.docs) for rule in catalogue()}
    return {id_: Brief(_folded(of[WHY]), _folded(of[LOOK])) for id_, of in told.items()}


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


@blueprint.get("/rules/pathways/<pathway>")
def pathway(pathway: str) -> str:
    """Show one pathway: what it is, its rules, and what they cannot see."""
    if pathway not in set(Pathway):
        abort(404)
    told = explained(Pathway(pathway))
    return render_template(
        "pathway.html",
        pathway=pathway,
        title=told.pop(""),
        sections=[(head, list(blocks(text))) for head, text in told.items()],
        rules=[rule for rule in catalogue() if rule.pathway == pathway],
        says=_says,
    )


@blueprint.get("/rules/<rule_id>")
def show(rule_id: str) -> str:
    """Show one rule, and how often people found it right."""
    rule = next((one for one in catalogue() if one.id == rule_id), None)
    if rule is None:
        abort(404)
    with site().store.reading() as reader:
        answers = list(_answers(reader, rule.id))
        found = reader.findings_of(rule.id)
    return render_template(
        "rule.html",
        rule=rule,
        told=_told(rule),
        first=(WHY, LOOK),
        precision=precision(answers, found),
        answers=answers[: -_ANSWERS - 1 : -1],
        total=len(answers),
        fewest=FEWEST,
    )


def _answers(reader: Reader, rule: str) -> Iterator[Answered]:
    """Yield every answer to a rule's findings, oldest first."""
    # Of one change there are many answers: each of its facts is read once.
    change_of, revision_of = cache(reader.change), cache(reader.revision)
    attribution_of = cache(reader.attribution)
    for disposition in reader.dispositions_of(rule):
        change = change_of(disposition.change)
        revision = revision_of(disposition.change, disposition.revision)
        if change and revision:
            yield Answered(
                disposition=disposition,
                change=change,
                revision=revision,
                attribution=attribution_of(change.id),
            )


def _told(rule: Rule) -> dict[str, list[Block]]:
    """Return what a rule says of itself by heading; its first line under the empty name."""
    return {
        head: list(steps(text) if head == LOOK else blocks(text))
        for head, text in sections(rule.docs).items()
    }


def _folded(text: str) -> str:
    return " ".join(text.split())


def _says(rule: Rule) -> list[str]:
    """Return what a rule's patterns say of a match, each once."""
    return list(dict.fromkeys(pattern.message for pattern in rule.patterns))
