"""Probes: what asks a service whether it is well, and is content with less.

The command of a container's health check, the probes of Kubernetes, and the function that
answers them. A probe that drops one of its questions, that cannot fail, or that only looks
whether a port is open, calls well what is not.
"""

from collections.abc import Callable, Iterator

from reviewqueue.domain.finding import Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.effects.conjuncts import dropped_conjuncts
from reviewqueue.scan.rule import FileView, Hit, View
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.openers import Openers
from reviewqueue.scan.structure.pairs import (
    Block,
    Pair,
    blocks_losing,
    changed_tokens,
    exchanged,
    finds,
    paired,
)

ASKS = (
    r"^HEALTHCHECK\b|\bCMD-SHELL\b|\btest:[ \t]*[\[\"']?[\w\"'/]|\b(?:httpGet|tcpSocket):|"
    r"_isready\b|\b(?:curl|wget|mysqladmin|redis-cli|grpc_health_probe|mongosh)\b|"
    r"^[ \t]+CMD[ \t]|\bcommand:[ \t]*\["
)
"""What a probe asks with: a trigger of what is removed."""
FAILS = (
    r"(?i)\b503\b|unhealthy|not[ _-]?ready\b|service_?unavailable|degraded|\bnot[ _]?serving|"
    r"Health\.down\(|Status\.DOWN|HealthCheckResult"
)
"""How a program says that it is not well: likewise."""
_HEALTH = r"(?i)health_?-?check|(?:liveness|readiness|startup)_?probe|\bprobe\b"
_ANSWERS = (
    r"(?i)(?:def|func|fn|function|fun|public|private|async|sub|class|proc|get|route|handle\w*|"
    r"map\w*)\b[^\n]*(?:health|ready|readiness|liveness|livez|alive)"
)
_CONTENT = (
    r"(?i)\|\|[ ]*(?:/(?:usr/)?bin/)?(?:true\b|exit 0|:|echo\b)|"
    r"(?:\bCMD(?:-SHELL)?|-c|\btest:|\bcommand:)['\", \[]*(?:/(?:usr/)?bin/)?"
    r"(?:true\b|exit 0|echo\b|:[ ]*(?:['\"\]]|$))|;[ ]*(?:true|exit 0)[ '\"\])]*$"
)
"""What succeeds whatever was asked."""
_FAILING_CURL = r"\bcurl\b[^\n|&;]*[ '\"](?:-[a-zA-Z]*f[a-zA-Z]*|--fail[a-z-]*)(?:[ '\",]|$)"
"""Takes an answer that tells of an error for one."""
_CURL = r"\bcurl\b"
_MORE = r"\b(?:httpGet|exec|grpc):"
_PORT = r"\btcpSocket:"
_ALSO = r"^[ \t]*&&|&&[ \t]*\\?[ \t]*$"
_FEW = 3
"""New tokens from which a command was written anew rather than robbed of a question."""
_REACH = 40
"""Lines above a line that may name the function it stands in."""


def asked_less(view: View, counts: Callable[[FileView], bool]) -> Iterator[Hit]:
    """Mark the probes that ask for less than before."""
    for file in filter(counts, view.where(ASKS, side=Side.OLD)):
        if file.status == "M":
            yield from _commands(file)
    for file in filter(counts, view.where(FAILS, side=Side.OLD)):
        if file.status == "M" and Label.SOURCE in file.labels:
            yield from _answers(file)


def _commands(file: FileView) -> Iterator[Hit]:
    """Tell the commands that drop a question, or cannot fail."""
    health, old = finds(_HEALTH), Openers(file, Side.OLD)
    is_named = health(file.path.encode("utf-8", "replace"))
    for block in blocks_losing(file, ASKS):
        yield from _only_a_port(file, block)
        number, text = block.old[0]
        alone = not block.new and len(block.old) == 1 and finds(_ALSO)(text)
        if alone and (is_named or health(old.above(number))):
            yield Hit.on(file, number, text, "a health check asks for less", side=Side.OLD)
        for pair in paired(block):
            told = _told(pair)
            if told and (is_named or health(pair.old) or health(old.above(pair.old_line))):
                yield exchanged(file, pair, told)


def _only_a_port(file: FileView, block: Block) -> Iterator[Hit]:
    """Tell a probe of Kubernetes that asked the service, and now only knocks."""
    was, now = (b"\n".join([text for _, text in side]) for side in (block.old, block.new))
    asks, knocks = finds(_MORE), finds(_PORT)
    if asks(was) and knocks(now) and not asks(now) and not knocks(was):
        number, text = next(one for one in block.new if knocks(one[1]))
        yield Hit.on(file, number, text, "a probe only asks whether a port is open now")


def _told(pair: Pair) -> str:
    """Return what a health check asks less of; empty where it does not."""
    content, fails = finds(_CONTENT), finds(_FAILING_CURL)
    if content(pair.new) and not content(pair.old):
        return "a health check cannot fail any more"
    if fails(pair.old) and finds(_CURL)(pair.new) and not fails(pair.new):
        return "a health check takes an error for a good answer"
    fewer = pair.old.count(b"&&") > pair.new.count(b"&&")
    if fewer and len(changed_tokens(pair).all_came) < _FEW and dropped_conjuncts(pair):
        return "a health check asks for less"
    return ""


def _answers(file: FileView) -> Iterator[Hit]:
    """Tell the functions that no longer say that the service is not well."""
    lost = {line.number for line in file.gone(FAILS)}
    if sum(not is_comment(line.whole) for line in file.new(FAILS)) >= len(lost):
        return
    fails, openers = finds(FAILS), Openers(file, Side.OLD, reach=_REACH)
    for block in blocks_losing(file, FAILS):
        if any(fails(text) and not is_comment(text) for _, text in block.new):
            continue
        number, text = next(one for one in block.old if one[0] in lost)
        if not is_comment(text) and finds(_ANSWERS)(openers.above(number)):
            told = "what answers a health check no longer says that the service is not well"
            yield Hit.on(file, number, text, told, side=Side.OLD)
