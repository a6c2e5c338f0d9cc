"""Signs in, attribution out."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from reviewqueue.attribution.branches import branch_sign, merged_branches
from reviewqueue.attribution.evidence import Sign, quoted, sign_of
from reviewqueue.attribution.operator import is_aider, operator
from reviewqueue.attribution.trailers import signs
from reviewqueue.domain.agents import AGENTS, MachineKind
from reviewqueue.domain.attribution import Attribution, Certainty
from reviewqueue.domain.change import Commit
from reviewqueue.domain.machines import identify
from reviewqueue.domain.people import Person

_LISTED = 50
"""Evidence sentences kept of one change; what is beyond is counted."""
_LABELS = {label: machine.id for machine in AGENTS for label in machine.labels}


def attribute(  # noqa: PLR0913  # each is one place where an agent signs
    commits: Sequence[Commit],
    *,
    branch: str = "",
    opener: Person | None = None,
    title: str = "",
    body: str = "",
    labels: Sequence[str] = (),
) -> Attribution:
    """Return who wrote a change, by all that its commits and the forge show.

    ``commits`` newest first. The strongest certainty wins; among equals who wrote, or
    opened, or has an account that works by itself; then the first seen: opener, commits,
    branch, labels, title and description. No sign gives agent None, which says nothing
    about who wrote it.
    """
    found: list[Sign] = []
    if opener is not None:
        found += _person_signs(opener, "opened by")
    signed: list[Commit] = []
    for commit in commits:
        of_commit = list(_commit_signs(commit))
        found += of_commit
        if of_commit:
            signed.append(commit)
    found += _forge_signs(branch, labels, title, body)
    if not found:
        return _without_agent(commits, opener)
    best = max(found, key=lambda sign: sign.weight)
    texts = (body, *(commit.message for commit in commits))
    who, why = operator(signed or commits, opener, texts)
    return Attribution(
        agent=best.agent,
        confidence=best.certainty,
        operator=who,
        evidence=_sentences(found),
        operator_evidence=why,
    )


def strongest(one: Attribution, other: Attribution) -> Attribution:
    """Return the stronger of two attributions of one change, with the evidence of both.

    Ties go to ``one``. An operator or a machine's part once seen stays seen.
    """
    winner, loser = (one, other) if one.confidence.rank >= other.confidence.rank else (other, one)
    known = winner if winner.operator is not None or loser.operator is None else loser
    return Attribution(
        agent=winner.agent,
        confidence=winner.confidence,
        operator=known.operator,
        evidence=tuple(dict.fromkeys((*winner.evidence, *loser.evidence)))[: _LISTED + 1],
        operator_evidence=known.operator_evidence,
        mechanical=winner.agent is None and (winner.mechanical or loser.mechanical),
    )


def _commit_signs(commit: Commit) -> Iterator[Sign]:
    where = f"commit {commit.sha[:12]}"
    yield from _person_signs(commit.author, f"{where}: author")
    if commit.committer != commit.author:
        yield from _person_signs(commit.committer, f"{where}: committer")
    yield from signs(commit.message, where=where)
    for branch in merged_branches(commit.subject):
        sign = branch_sign(branch, f"{where}: a merge with branch")
        if sign is not None:
            yield sign


def _person_signs(person: Person, where: str) -> Iterator[Sign]:
    if is_aider(person):
        said = f"{where} {quoted(str(person))}"
        yield Sign("aider", Certainty.DECLARED, said, by_account=True)
    identity = identify(person)
    if identity is not None and identity.machine.kind is MachineKind.AGENT:
        yield replace(sign_of(identity, where, str(person)), by_account=True)


def _forge_signs(branch: str, labels: Sequence[str], title: str, body: str) -> Iterator[Sign]:
    sign = branch_sign(branch, "branch") if branch else None
    if sign is not None:
        yield sign
    for label in labels:
        if label.strip().lower() in _LABELS:
            agent = _LABELS[label.strip().lower()]
            yield Sign(agent, Certainty.INFERRED, f"label {quoted(label)}")
    yield from signs(title, where="title")
    yield from signs(body, where="description")


def _sentences(found: Iterable[Sign]) -> tuple[str, ...]:
    ordered = sorted(found, key=lambda sign: -sign.certainty.rank)
    counts = Counter(f"{sign.sentence} ({sign.agent}, {sign.certainty})" for sign in ordered)
    listed = tuple(counts)
    more = len(listed) - _LISTED
    return (*listed[:_LISTED], f"and {more} more signs") if more > 0 else listed


def _without_agent(commits: Sequence[Commit], opener: Person | None) -> Attribution:
    """Return the attribution of a change that no agent signed: mechanical, or nobody's."""
    persons = [commit.author for commit in commits]
    persons += [opener] if opener is not None else []
    bots = [person for person in persons if identify(person) is not None]
    mechanical = bool(bots) and len(bots) == len(persons)
    evidence = tuple(
        dict.fromkeys(f"written by the bot account {quoted(str(bot))}" for bot in bots)
    )
    return Attribution(
        agent=None,
        confidence=Certainty.NONE,
        operator=None,
        evidence=evidence[:_LISTED],
        mechanical=mechanical,
    )
