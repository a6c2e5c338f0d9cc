r"""Signs in a commit's message: co-authors, tool trailers, session links, markers.

Lines count wherever they stand, not only where git would see trailers: a squash merge
puts them in the middle, a script flattens them into one line or writes ``\n`` for the
line's end, and reading one too many only tightens.
"""

import re
from collections.abc import Iterator

from reviewqueue.attribution.evidence import Sign, quoted, sign_of
from reviewqueue.domain.agents import AGENTS, MODELS, Machine, MachineKind
from reviewqueue.domain.attribution import Certainty
from reviewqueue.domain.machines import identify
from reviewqueue.domain.people import Person

_FLATTENED = re.compile(r"\\n|[ \t]{2}(?=co-?authored-by\s?:|🤖)", re.IGNORECASE)
"""Where a line ended before something joined it to the one before."""
_CO_AUTHOR = re.compile(r"[\s>*-]{0,8}co-?authored-by\s?:(?P<who>.*)", re.IGNORECASE)
_TRAILER = re.compile(r"\s{0,8}(?P<key>[A-Za-z][A-Za-z-]{1,40})\s?:\s?(?P<value>\S.*)")
_PERSON = re.compile(r"(?P<name>[^<]*)<(?P<mail>[^<>]*)>?.*")
_READ = 500
"""Characters of a line that are read for a person."""
_TOOL_KEYS = frozenset({"assisted-by", "generated-by", "made-with", "generated-with"})
_TOOL_MODEL = re.compile(r"[A-Za-z][\w .-]{0,40}:[A-Za-z][\w.-]{1,60}(?:\s.*)?")
"""The kernel's form: ``Assisted-by: AGENT:MODEL [TOOLS]``."""
_GENERATED = re.compile(
    r"[\W_]{0,12}(?:co-)?generated (?:with|by|using|via)(?: the help of)?[\W_]{1,6}(?P<rest>\w.*)",
    re.IGNORECASE,
)
_AGENT_LOGS = re.compile(r"https://github\.com/[^/\s]+/[^/\s]+/sessions/\S+", re.IGNORECASE)

_TOOLS = sorted(
    ((tool, machine) for machine in AGENTS for tool in machine.tools),
    key=lambda pair: -len(pair[0]),
)
_KEYS = {key: machine for machine in AGENTS for key in machine.trailers}
_MARKERS = tuple((marker, machine) for machine in AGENTS for marker in machine.markers)
_BY_ID = {machine.id: machine for machine in AGENTS}


def person_in(text: str) -> Person | None:
    """Return the person of ``NAME <MAIL>``, or of either alone; None for an empty text."""
    text = text.strip()[:_READ]
    found = _PERSON.fullmatch(text)
    if found is None:
        return _without_brackets(text) if text else None
    name, mail = found["name"].strip().strip('"'), found["mail"].strip()
    return Person(name, mail) if name or mail else None


def _without_brackets(text: str) -> Person:
    name, _, last = text.rpartition(" ")
    return Person(name.strip(), last.strip("()[]")) if "@" in last[1:] else Person(text)


def co_authors(message: str) -> Iterator[Person]:
    """Yield the persons of every co-author line, machines included, in order."""
    for line in _lines(message):
        found = _CO_AUTHOR.fullmatch(line)
        person = person_in(found["who"]) if found else None
        if person is not None:
            yield person


def signs(text: str, *, where: str) -> Iterator[Sign]:
    """Yield the signs in a message or description, in the order they stand.

    ``where`` names the text in sentences: "commit 1a2b3c4d", "description", ….
    """
    for line in _lines(text):
        yield from _in_line(line, where)
    yield from _markers(text, where)


def _lines(text: str) -> Iterator[str]:
    """Yield the lines as they were written, before anything flattened them."""
    for line in text.splitlines():
        yield from _FLATTENED.split(line)


def _in_line(line: str, where: str) -> Iterator[Sign]:
    if found := _CO_AUTHOR.fullmatch(line):
        person = person_in(found["who"])
        identity = identify(person) if person else None
        if identity and identity.machine.kind is MachineKind.AGENT:
            yield sign_of(identity, f"{where}: co-author", str(person))
    elif found := _TRAILER.fullmatch(line):
        yield from _in_trailer(found["key"].lower(), found["value"].strip(), where)
    if (found := _GENERATED.fullmatch(line)) and (machine := _tool(found["rest"])):
        yield Sign(machine.id, Certainty.DECLARED, f"{where}: line “{quoted(line)}”")


def _in_trailer(key: str, value: str, where: str) -> Iterator[Sign]:
    said = f"{where}: trailer {key}: {quoted(value)}"
    if key == "agent-logs-url" and _AGENT_LOGS.fullmatch(value):
        yield Sign("copilot", Certainty.DECLARED, said)
    elif key == "agent-signature":
        yield Sign(_agent_of_model(value), Certainty.DECLARED, said)
    elif key in _KEYS:
        yield Sign(_KEYS[key].id, Certainty.DECLARED, said)
    elif key in _TOOL_KEYS:
        yield from _tool_sign(value, said)


def _tool_sign(value: str, said: str) -> Iterator[Sign]:
    if "<" in value:
        person = person_in(value)
        identity = identify(person) if person else None
        if identity and identity.machine.kind is MachineKind.AGENT:
            yield sign_of(identity, said, "")
    elif machine := _tool(value):
        yield Sign(machine.id, Certainty.DECLARED, said)
    elif _TOOL_MODEL.fullmatch(value):
        yield Sign("other", Certainty.SUSPECTED, f"{said}, a tool that is not in the table")


def _tool(text: str) -> Machine | None:
    """Return the agent whose name starts the text and is followed by no other word."""
    lowered = text.strip().lower().lstrip("[`*_(\"' ")
    for tool, machine in _TOOLS:
        if lowered.startswith(tool) and _ends(lowered[len(tool) :]):
            return machine
    return None


_END = re.compile(
    r"(?:\s*$|\s*[\[\]`*()•:,.;/|!]|\s+(?:v?\d|\(|-|cli\b|agent\b|ai\b|and\b|using\b|via\b"
    r"|opus\b|sonnet\b|haiku\b|fable\b|pro\b|flash\b|gpt\b|code\b|coding\b|in\b|for\b))"
)


def _ends(rest: str) -> bool:
    return _END.match(rest) is not None


def _agent_of_model(value: str) -> str:
    machine = _tool(value)
    if machine is not None:
        return machine.id
    word = re.split(r"[^a-z]", value.lower(), maxsplit=1)[0]
    return _BY_ID[word].id if word in _BY_ID else dict(MODELS).get(word, "other")


def _markers(text: str, where: str) -> Iterator[Sign]:
    lowered = text.lower()
    for marker, machine in _MARKERS:
        if marker in lowered:
            yield Sign(machine.id, Certainty.INFERRED, f"{where}: says “{marker}”")
