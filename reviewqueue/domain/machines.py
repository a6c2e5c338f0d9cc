"""Accounts that are no people: a machine never reviews, owns, or is asked to."""

import re
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from reviewqueue.domain.agents import AGENTS, MODELS, OTHERS, Machine, MachineKind
from reviewqueue.domain.people import Person, noreply

_MODEL = re.compile(
    r"(?:claude[ -](?:opus|sonnet|haiku|fable|\d)|gpt[ -]?\d|codex[ -](?:gpt|opus|\d)|gemini[ -]\d"
    r"|qwen\d).{0,60}"
)
"""A model's name as a display name."""
_JOINED = re.compile(r"[-_]+")
"""What joins the words of a product's name where it serves as a login."""
_PLACEHOLDER = re.compile(r"(?:.*@)?(?:example\.(?:com|org|net)|localhost|.*\.(?:local|invalid))|")
"""Addresses behind which nobody has a mailbox; also no address at all."""
_PREFIX = "app/"
"""What the forge's command line puts before a bot's login."""


class Identified(IntEnum):
    """By what a machine was recognised, weakest first."""

    NAME = 1
    """One word under somebody's own address: a person may call themselves so."""
    FULL_NAME = 2
    """A product's or model's name, or an address behind which nobody has a mailbox."""
    ACCOUNT = 3
    """An address or account of its own."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A machine that a person turned out to be."""

    machine: Machine
    by: Identified
    misnamed: bool = False
    """The display name speaks of another agent than the address; the address decides."""


def _index() -> tuple[dict[str, Machine], dict[int, Machine], dict[str, Machine]]:
    mails: dict[str, Machine] = {}
    accounts: dict[int, Machine] = {}
    logins: dict[str, Machine] = {}
    for machine in (*AGENTS, *OTHERS):
        mails.update(dict.fromkeys(machine.mails, machine))
        accounts.update(dict.fromkeys(machine.accounts, machine))
        logins.update(dict.fromkeys(machine.logins, machine))
    return mails, accounts, logins


_MAILS, _ACCOUNTS, _LOGINS = _index()
_NAMES = {name: machine for machine in AGENTS for name in machine.names}
_BY_ID = {machine.id: machine for machine in AGENTS}


@lru_cache(maxsize=20_000)
def identify(person: Person) -> Identity | None:
    """Return the machine that the person is, or None for somebody who may be human.

    Addresses and accounts decide before names. Unlisted accounts whose login ends with
    ``[bot]`` are mechanical bots named after their login.
    """
    name = " ".join(person.name.lower().split())
    words = _JOINED.sub(" ", name)
    machine = _by_account(person, name)
    if machine is not None and not _signs_for_an_agent(name, machine):
        vouched = person.login or not person.email or not _is_placeholder(person.email)
        by = Identified.ACCOUNT if vouched else Identified.FULL_NAME
        return Identity(machine, by, misnamed=_speaks_of_another(name, machine))
    named = _NAMES.get(name) or _NAMES.get(words)
    if named is not None:
        alone = " " not in words and not _is_placeholder(person.email)
        return Identity(named, Identified.NAME if alone else Identified.FULL_NAME)
    if _MODEL.fullmatch(name):
        return Identity(_BY_ID[_model_agent(name) or "other"], Identified.FULL_NAME)
    return None


def is_machine(person: Person) -> bool:
    """Return whether the person is a bot or an agent, whose review never counts."""
    identity = identify(person)
    return identity is not None and identity.by is not Identified.NAME


def _by_account(person: Person, name: str) -> Machine | None:
    account, login = noreply(person.email)
    forge = person.login.strip().lower().removeprefix(_PREFIX)
    named = name if name.endswith("[bot]") else ""
    found = [
        machine
        for machine in (
            _LOGINS.get(forge),
            _LOGINS.get(login),
            _MAILS.get(person.email.strip().lower()),
            _ACCOUNTS.get(account) if account else None,
            _LOGINS.get(named),
        )
        if machine is not None
    ]
    # An agent before a bot: one account id carries the names of two.
    agents = [machine for machine in found if machine.kind is MachineKind.AGENT]
    return next(iter(agents or found), None) or _unlisted(forge, login, named)


def _unlisted(*logins: str) -> Machine | None:
    for login in logins:
        if login.endswith("[bot]"):
            return Machine(id=login, title=login, kind=MachineKind.MECHANICAL)
    return None


def _signs_for_an_agent(name: str, machine: Machine) -> bool:
    """Return whether a review bot's account carries an agent's own name."""
    return machine.kind is MachineKind.REVIEW_BOT and name in _NAMES


def _is_placeholder(email: str) -> bool:
    return _PLACEHOLDER.fullmatch(email.strip().lower()) is not None


def _model_agent(name: str) -> str | None:
    return next((agent for word, agent in MODELS if name.startswith(word)), None)


def _speaks_of_another(name: str, machine: Machine) -> bool:
    if machine.kind is not MachineKind.AGENT:
        return False
    first = re.split(r"[^a-z]", name, maxsplit=1)[0]
    other = _BY_ID.get(first)
    return other is not None and other.id != machine.id
