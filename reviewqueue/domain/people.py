"""People, and when two names are the same person."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

_NOREPLY = re.compile(r"(?:(?P<id>\d+)\+)?(?P<login>[^@+]+)@users\.noreply\.github\.com")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as a commit, a payload or a sign-in names them."""

    name: str
    email: str = ""
    login: str = ""
    """The forge's login, where the forge itself vouched for it."""

    @property
    def handle(self) -> str:
        """The key a person is listed and addressed by: login, else e-mail, else name."""
        return self.login.lower() or self.email.lower() or self.name

    def __str__(self) -> str:
        """Return the person as git writes one."""
        return f"{self.name} <{self.email}>" if self.email else self.name or self.login


def noreply(email: str) -> tuple[int | None, str]:
    """Return account id and lower-cased login of a GitHub noreply address.

    ``ID+LOGIN@users.noreply.github.com`` and the older form without an id; ``(None, "")``
    for any other address.
    """
    found = _NOREPLY.fullmatch(email.strip().lower())
    if found is None:
        return None, ""
    return (int(found["id"][:18]) if found["id"] else None), found["login"]


def logins(person: Person) -> frozenset[str]:
    """Return the logins a person is known by, lower-cased: the forge's and the address's."""
    return frozenset(filter(None, (person.login.strip().lower(), noreply(person.email)[1])))


@lru_cache(maxsize=20_000)
def traits(person: Person) -> frozenset[str]:
    """Return everything that identifies a person; one shared trait makes two the same.

    A one-word name is no trait: there are many Alexes. What stands behind a ``+`` in an
    address is no other mailbox.
    """
    found = {f"login:{login}" for login in logins(person)}
    email = _fold(person.email)
    if email and not noreply(email)[1]:
        mailbox, at, host = email.rpartition("@")
        email = f"{mailbox.split('+', 1)[0] or mailbox}{at}{host}"
    if email:
        found.add(f"mail:{email}")
    name = _fold(person.name)
    if " " in name or not found:
        found.add(f"name:{name}")
    return frozenset(found)


def same_person(one: Person, other: Person) -> bool:
    """Return whether two names may be one person.

    Errs towards yes: taking two people for one can only exclude a reviewer, while
    taking one for two would let somebody approve their own change.
    """
    return not traits(one).isdisjoint(traits(other))


def people(persons: Iterable[Person]) -> tuple[tuple[Person, ...], ...]:
    """Return the persons in groups of one human each, in the order of first sight.

    Two that share no trait are still one where a third shares one with each.
    """
    groups: list[tuple[set[str], list[Person]]] = []
    for person in persons:
        marks = set(traits(person))
        touched = [group for group in groups if not marks.isdisjoint(group[0])]
        if not touched:
            groups.append((marks, [person]))
            continue
        first = touched[0]
        first[0].update(marks)
        for other in touched[1:]:
            first[0].update(other[0])
            first[1].extend(other[1])
            groups.remove(other)
        first[1].append(person)
    return tuple(tuple(members) for _, members in groups)


def _fold(text: str) -> str:
    """Return the text without differences that no reader sees: width, case, spacing."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(folded.split())
