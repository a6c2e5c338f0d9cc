"""What each kind of event does to the tables.

Works on payloads as the ledger holds them and reads no table, so recording an event
and replaying it years later are the same act.
"""

from collections.abc import Callable
from typing import Any

from reviewqueue.store.stage import Stage

Payload = dict[str, Any]
Projector = Callable[[Stage, int, str, Payload], None]


def project(stage: Stage, seq: int, at: str, kind: str, payload: Payload) -> None:
    """Stage what the event makes of the tables; KeyError for an unknown kind."""
    _PROJECTORS[kind](stage, seq, at, payload)


def _repository(stage: Stage, _seq: int, _at: str, fact: Payload) -> None:
    stage.upsert("repository", fact)


def _change(stage: Stage, seq: int, _at: str, fact: Payload) -> None:
    life = {
        "seq": seq,
        "state": "open",
        "state_reason": "",
        "revision": "",
        "revision_number": 0,
        "assigned_note": "",
    }
    stage.upsert("change", {**fact, **life}, once=life)


def _revision(stage: Stage, _seq: int, _at: str, fact: Payload) -> None:
    stage.upsert("revision", fact)
    stage.advance(
        "change",
        {"id": fact["change"]},
        "revision_number",
        {"revision": fact["sha"], "revision_number": fact["number"]},
    )


def _head(stage: Stage, _seq: int, _at: str, fact: Payload) -> None:
    stage.upsert("head", fact)


def _jump(stage: Stage, seq: int, _at: str, fact: Payload) -> None:
    stage.insert("jump", {**fact, "seq": seq})


def _attributed(stage: Stage, _seq: int, _at: str, fact: Payload) -> None:
    row = {"change": fact["change"], "revision": fact["revision"], **fact["attribution"]}
    stage.upsert("attribution", row)


def _scanned(stage: Stage, _seq: int, at: str, fact: Payload) -> None:
    key = {"change": fact["change"], "revision": fact["revision"]}
    scan = dict(fact["scan"])
    findings = scan.pop("findings")
    stage.upsert("scan", {**key, "at": at, **scan})
    stage.delete("finding", key)
    for ordinal, finding in enumerate(findings, 1):
        stage.insert("finding", {**key, "ordinal": ordinal, **finding})


def _assigned(stage: Stage, _seq: int, _at: str, fact: Payload) -> None:
    stage.delete("assignment", {"change": fact["change"]})
    for ordinal, assignment in enumerate(fact["assignments"], 1):
        row = {**assignment, "change": fact["change"], "ordinal": ordinal}
        stage.insert("assignment", {**row, "handle": _handle(assignment["reviewer"])})
    stage.update("change", {"id": fact["change"]}, {"assigned_note": fact["note"]})


def _handle(person: Payload) -> str:
    login, email, name = str(person["login"]), str(person["email"]), str(person["name"])
    return login.lower() or email.lower() or name


def _decision(stage: Stage, seq: int, _at: str, fact: Payload) -> None:
    stage.upsert("decision", {**fact, "seq": seq}, once={"seq"})


def _disposition(stage: Stage, seq: int, _at: str, fact: Payload) -> None:
    stage.insert("disposition", {**fact, "seq": seq})


def _evaluated(stage: Stage, _seq: int, at: str, fact: Payload) -> None:
    root = fact["verdict"]
    stage.upsert(
        "verdict", {**fact, "at": at, "status": root["status"], "sentence": root["sentence"]}
    )


def _moved(stage: Stage, _seq: int, _at: str, fact: Payload) -> None:
    stage.update(
        "change", {"id": fact["change"]}, {"state": fact["state"], "state_reason": fact["reason"]}
    )


def _landing(stage: Stage, seq: int, _at: str, fact: Payload) -> None:
    later = {"later_class": None, "later_reason": None, "later_decision": None}
    stage.upsert("landing", {**fact, **later, "seq": seq}, once={*later, "seq"})


def _reviewed_later(stage: Stage, _seq: int, _at: str, fact: Payload) -> None:
    stage.update(
        "landing",
        {"repository": fact["repository"], "sha": fact["sha"]},
        {
            "later_class": fact["review_class"],
            "later_reason": fact["reason"],
            "later_decision": fact["decision"],
        },
    )


def _pulled(stage: Stage, seq: int, at: str, fact: Payload) -> None:
    stage.insert("pull", {**fact, "seq": seq, "at": at})


def _handled(stage: Stage, _seq: int, at: str, fact: Payload) -> None:
    stage.insert("handled", {**fact, "at": at})
    stage.update("delivery", {"id": fact["delivery"]}, {"handled": True}, must=False)


_PROJECTORS: dict[str, Projector] = {
    "repository.observed": _repository,
    "change.opened": _change,
    "revision.seen": _revision,
    "head.seen": _head,
    "history.jumped": _jump,
    "change.attributed": _attributed,
    "revision.scanned": _scanned,
    "change.assigned": _assigned,
    "decision.made": _decision,
    "finding.disposed": _disposition,
    "verdict.reached": _evaluated,
    "change.moved": _moved,
    "change.landed": _landing,
    "landing.reviewed": _reviewed_later,
    "repository.pulled": _pulled,
    "delivery.handled": _handled,
}
