"""The people and agents of the demo; nobody here is real."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from reviewqueue.domain.people import Person


def _person(name: str, mailbox: str) -> Person:
    return Person(name=name, email=f"{mailbox}@acme.example")


@dataclass(frozen=True, slots=True)
class Team:
    """A team that owns folders, reviews what changes there, and runs agents."""

    handle: str
    reviewers: tuple[Person, ...]
    operators: tuple[Person, ...]
    """Those who run agents; some review as well."""
    squashes: bool
    """Whether it squashes what it merges, or keeps merge commits."""


_AMARA = _person("Amara Okafor", "amara.okafor")
_JONAS = _person("Jonas Lindqvist", "jonas.lindqvist")
_MEI = _person("Mei-Ling Chen", "meiling.chen")
_RAFAEL = _person("Rafael Ortega", "rafael.ortega")
_HANNAH = _person("Hannah Weiss", "hannah.weiss")
_DIEGO = _person("Diego Fuentes", "diego.fuentes")
_PRIYA = _person("Priya Raghunathan", "priya.raghunathan")
_TOMASZ = _person("Tomasz Zieliński", "tomasz.zielinski")
_LEILA = _person("Leila Haddad", "leila.haddad")
_SAMUEL = _person("Samuel Adeyemi", "samuel.adeyemi")
_YUKI = _person("Yuki Tanaka", "yuki.tanaka")
_NOOR = _person("Noor Rahman", "noor.rahman")
_GRACE = _person("Grace Mwangi", "grace.mwangi")

PAYMENTS = Team(
    handle="@acme/payments",
    reviewers=(_AMARA, _JONAS, _MEI, _RAFAEL),
    operators=(_HANNAH, _DIEGO, _JONAS, _RAFAEL),
    squashes=False,
)
RESEARCH = Team(
    handle="@acme/research",
    reviewers=(_PRIYA, _TOMASZ, _LEILA, _SAMUEL),
    operators=(_YUKI, _NOOR, _GRACE, _SAMUEL),
    squashes=True,
)


@dataclass(frozen=True, slots=True)
class Signature:
    """How an agent signs a commit that an operator asked for."""

    author: Person
    committer: Person
    trailers: str


@dataclass(frozen=True, slots=True)
class DemoAgent:
    """An agent, its branches and its way of signing."""

    id: str
    prefix: str
    weight: int
    """How often it is used, relative to the others."""
    sign: Callable[[Person, Random], Signature]


def _co_author(trailer: str) -> Callable[[Person, Random], Signature]:
    """Sign as the operator's co-author: the operator commits."""
    return lambda operator, _: Signature(operator, operator, trailer)


def _own_account(bot: Person) -> Callable[[Person, Random], Signature]:
    """Sign with the agent's own account; the operator is the co-author."""
    return lambda operator, _: Signature(bot, bot, f"Co-authored-by: {operator}")


_DEVIN = Person("Devin AI", "158243242+devin-ai-integration[bot]@users.noreply.github.com")


def _devin(operator: Person, rng: Random) -> Signature:
    run = f"{rng.getrandbits(128):032x}"
    return Signature(
        _DEVIN,
        _DEVIN,
        f"Link to Devin run: https://app.devin.ai/sessions/{run}\n"
        f"Requested by: {operator.name} ({operator.email})\n\nCo-authored-by: {operator}",
    )


AGENTS = (
    DemoAgent(
        "claude",
        "claude/",
        8,
        _co_author(
            "🤖 Generated with [Claude Code](https://claude.com/claude-code)\n\n"
            "Co-Authored-By: Claude <noreply@anthropic.com>"
        ),
    ),
    DemoAgent(
        "copilot",
        "copilot/",
        5,
        _own_account(
            Person("copilot-swe-agent[bot]", "198982749+Copilot@users.noreply.github.com")
        ),
    ),
    DemoAgent("codex", "codex/", 5, _co_author("Co-authored-by: Codex <noreply@openai.com>")),
    DemoAgent("devin", "devin/", 3, _devin),
    DemoAgent(
        "cursor", "cursor/", 3, _own_account(Person("Cursor Agent", "cursoragent@cursor.com"))
    ),
    DemoAgent(
        "jules",
        "jules-",
        2,
        _own_account(
            Person(
                "google-labs-jules[bot]",
                "161369871+google-labs-jules[bot]@users.noreply.github.com",
            )
        ),
    ),
)
