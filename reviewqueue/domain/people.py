"""People, and when two names are the same person."""

import re
from dataclasses import dataclass

_NOREPLY = re.compile(r"^(?:\d+\+)?(?P<login>[^@+]+)@users\.noreply\.github\.com$")


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


def traits(person: Person) -> frozenset[str]:
    """Return everything that identifies a person; one shared trait makes two the same.

    A one-word name is no trait: there are many Alexes.
    """
    found = set()
    email = person.email.strip().lower()
    login = person.login.strip().lower()
    if email:
        found.add(f"mail:{email}")
    if noreply := _NOREPLY.match(email):
        login = login or noreply["login"]
    if login:
        found.add(f"login:{login}")
    name = " ".join(person.name.lower().split())
    if " " in name:
        found.add(f"name:{name}")
    return frozenset(found) or frozenset({f"name:{name}"})


def same_person(one: Person, other: Person) -> bool:
    """Return whether two names may be one person.

    Errs towards yes: taking two people for one can only exclude a reviewer, while
    taking one for two would let somebody approve their own change.
    """
    return not traits(one).isdisjoint(traits(other))
