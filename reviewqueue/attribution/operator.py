"""The human who ran the agent, as far as anything says so."""

import re
from collections.abc import Iterable, Sequence

from reviewqueue.attribution.evidence import quoted
from reviewqueue.attribution.trailers import co_authors, person_in
from reviewqueue.domain.change import Commit
from reviewqueue.domain.machines import is_machine
from reviewqueue.domain.people import Person

_REQUESTED = re.compile(
    r"[\s*_>-]{0,8}(?:requested|prompted|initiated)[ -]by\s?:[\s*_]{0,4}(?P<who>\S.*)",
    re.IGNORECASE,
)
_BEHALF = re.compile(r"\s{0,8}agent-signature:.{1,80}? on behalf of (?P<who>\S.*)", re.IGNORECASE)
_IN_BRACKETS = re.compile(r"(?P<name>[^()<>]*)[(<](?P<mail>[^()<>\s]+@[^()<>\s]+)[)>].*")
_READ = 500
"""Characters of a line that are read for a name."""
_AIDER = re.compile(r"\s*\(aider\)\s*$", re.IGNORECASE)

Claim = tuple[Person, str]
"""A person, and the sentence why they are the operator."""


def is_aider(person: Person) -> bool:
    """Return whether the name carries aider's suffix, as in ``Jane Doe (aider)``."""
    return _AIDER.search(person.name) is not None


def human(person: Person) -> Person:
    """Return the person without an agent's suffix on the name."""
    return Person(_AIDER.sub("", person.name), person.email, person.login)


def operator(
    signed: Sequence[Commit], opener: Person | None, texts: Iterable[str]
) -> tuple[Person | None, str]:
    """Return the operator with the reason, or ``(None, reason)``.

    ``signed`` are the commits that an agent had a part in, newest first; ``texts`` the
    description and messages. Who opened the change comes first, then the human author of
    what an agent co-signed, then the human committer; what the agent itself wrote comes
    last and says so.
    """
    claims = [claim for text in texts for claim in _claims(text)]
    found = _opened(opener) or _authored(signed) or _committed(signed)
    told = f"the agent's own text names {quoted(str(claims[0]))}, a claim" if claims else ""
    if found is not None:
        person, why = found
        return person, f"{why}; {told}" if told else why
    if claims:
        return claims[0], told
    named = _named(signed)
    if named is not None:
        return named
    return None, "nothing seen says who ran the agent"


def _opened(opener: Person | None) -> Claim | None:
    if opener is None or is_machine(opener):
        return None
    return human(opener), "opened the change"


def _authored(signed: Sequence[Commit]) -> Claim | None:
    for commit in signed:
        if not is_machine(commit.author):
            return (
                human(commit.author),
                f"author of commit {commit.sha[:12]}, in which the agent had a part",
            )
    return None


def _committed(signed: Sequence[Commit]) -> Claim | None:
    for commit in signed:
        if not is_machine(commit.committer):
            return (
                human(commit.committer),
                f"committer of commit {commit.sha[:12]}, which the agent wrote",
            )
    return None


def _named(signed: Sequence[Commit]) -> Claim | None:
    for commit in signed:
        for person in co_authors(commit.message):
            if not is_machine(person):
                return (
                    human(person),
                    f"named as co-author by the agent in commit {commit.sha[:12]}, a claim",
                )
    return None


def _claims(text: str) -> Iterable[Person]:
    for long_line in text.splitlines():
        line = long_line[:_READ]
        found = _REQUESTED.fullmatch(line) or _BEHALF.fullmatch(line)
        if found is None:
            continue
        bracketed = _IN_BRACKETS.fullmatch(found["who"])
        person = (
            Person(bracketed["name"].strip(" *_\"'"), bracketed["mail"])
            if bracketed
            else person_in(found["who"].strip(" *_\"'"))
        )
        if person is not None and not is_machine(person):
            yield _with_login(person)


def _with_login(person: Person) -> Person:
    """Return ``@login`` as a person of that login: a claim, but it can only exclude."""
    if person.name.startswith("@") and " " not in person.name:
        return Person(person.name[1:], person.email, person.name[1:])
    return person
