"""Calls of the log that say less of an error than before: its place, its weight, or all of it.

A message that stays and loses the error beside it looks the same to whoever reads the change,
and tells nothing to whoever reads the log.
"""

import re
from collections.abc import Iterator
from functools import cached_property

from reviewqueue.domain.finding import Side
from reviewqueue.scan.rule import FileView, Hit, expression
from reviewqueue.scan.structure.call_spans import changed_calls
from reviewqueue.scan.structure.hunks import shown
from reviewqueue.scan.structure.pairs import Pair, finds, pairs_losing, tokens
from reviewqueue.scan.structure.values import values

ARGUMENT = (
    r"(?i)(?:error|exception|fail\w*|unable|could not|cannot|invalid)\b[^\n]*[\"'`][ \t]*,[ \t]*$|"
    r"^[ \t]*(?:err(?:or)?|exc(?:eption)?|throwable|cause)(?:\.\w+)*[ \t]*[,)]*[ \t]*$|"
    r"\bexc_info[ ]*=[ ]*[Tte]|\bstack[ ]*[:=]"
)
"""A trigger of what is removed: an argument, or a text with one after it, on its own line."""
LOGS_ERROR = (
    r"(?i)\b_?(?:log(?:ger|ging)?|slog|klog|logrus|console|sugar|rails\.logger|tracing)(?:\(\))?"
    r"(?:\.|->|::)(?:log_?|at_?)?(?:error|warn(?:ing)?|fatal|critical|exception|severe)\w*!?[ ]*"
    r"[ (]|\bWith(?:Error|Field)s?\([^\n]*\)\.(?:Error|Warn)\w*\(|\bLOG\((?:ERROR|WARNING|FATAL)\)|"
    r"\b(?:error|warn)![ ]*\(|\breport\(\$\w+\)"
)
"""A message of the log that says what went wrong: likewise."""
_ERROR = (
    r"(?i)\b(?:e|ex|exc|err|error|exception|exn|it|t|cause|reason|throwable|exc_info|stack\w*|"
    r"\w+(?:err|error|exception))\b"
)
"""What an error is called, outside of texts."""
_BOUND = (
    r"\bcatch[ ]*\((?:[\w.<>|\\]+[ ]+)*\$?(\w+)(?::[ ]*[\w.]+)?\)|"
    r"\bexcept[ ][^\n]*\bas[ ]+(\w+)[ ]*:|"
    r"\brescue\b[^\n]*=>[ ]*(\w+)"
)
"""The name of what is caught."""
_CALL = re.compile(
    rb"(?i)\b(\w*(?:log|logger|logging|slog|klog|console|tracing|sugar)(?:\(\))?(?:\.|->|::))"
    rb"(?:log_?|at_?)?(error|warn(?:ing)?|fatal|critical|exception|severe|info|debug|trace|verbose|"
    rb"fine)(?:f|w|ln|s|context|_?with_?\w+)?!?[ ]?\(|\b()(error|warn|info|debug|trace)![ ]?\("
)
_WEIGHT = {
    name: weight
    for weight, names in enumerate(
        (b"trace fine", b"debug verbose", b"info", b"warn warning", b"error severe exception")
    )
    for name in names.split()
} | dict.fromkeys((b"fatal", b"critical"), 5)
_STEPS = 2
"""Levels by which a message falls, until those who watch for errors no longer see it."""
_WARNS = 3
_STACK = frozenset({b"exc_info"})
_TEXT_OF = (
    r"^(?:str|repr|String)$|\.(?:message|msg|getMessage|getLocalizedMessage|to_s|toString|Message|"
    r"what|description|localizedDescription)$"
)
"""What is left of an error, where only its text is."""
_NO_ERROR = "the log no longer shows the error that it speaks of"
_LONG = 1_000
"""Bytes of a line above which it is no longer written by hand."""


def hidden(file: FileView) -> Iterator[Hit]:
    """Mark messages of the log that no longer show the error they speak of, or less of it."""
    logs, hides = expression(LOGS_ERROR), _Hides(file)
    for pair in pairs_losing(file, LOGS_ERROR):
        was, now = logs.search(pair.old), logs.search(pair.new)
        ends = pair.new.rstrip().endswith((b"{", b"(", b",", b"["))
        if not was or ends or max(len(pair.old), len(pair.new)) > _LONG:
            continue
        if now and hides(pair.old[was.start() :], pair.new[now.start() :]):
            yield Hit.on(file, pair.new_line, pair.new, _NO_ERROR)
        elif told := _told_less(pair):
            yield Hit.on(file, pair.new_line, pair.new, told)
    if not (file.gone(ARGUMENT) or file.gone(LOGS_ERROR)):
        return
    for old, new in changed_calls(file, LOGS_ERROR):
        if old.lines > 1 and old.changed and hides(old.text, new.text):
            yield Hit.on(file, *old.changed[-1], _NO_ERROR, side=Side.OLD)


class _Hides:
    """Whether a call of the log shows an error no longer: asked of the calls of one file."""

    def __init__(self, file: FileView) -> None:
        self._file = file

    def __call__(self, old: bytes, new: bytes) -> bool:
        """Return whether a call lost the name of an error, and gained none."""
        less, more = _names(old) - _names(new), _names(new) - _names(old)
        if not less or more or _names(new) >= _STACK:
            return False
        if any(map(finds(_ERROR), _names(old) & _names(new))):
            return False
        return any(map(finds(_ERROR), less)) or bool(less & self._caught)

    @cached_property
    def _caught(self) -> frozenset[bytes]:
        """The names under which errors are caught, as far as the hunks show them."""
        bound, binds = expression(_BOUND), finds(_BOUND)
        # Line by line, as a search that ends early may have read to the end of its line.
        lines = (text for text in shown(self._file).split(b"\n") if len(text) <= _LONG)
        found = (match for text in lines if binds(text) for match in bound.finditer(text))
        return frozenset(name for match in found for name in match.groups() if name)


def _names(call: bytes) -> frozenset[bytes]:
    """Return the names that a call of the log shows, and whether it shows the error by itself."""
    said = values(call.partition(b"(")[2] or call)
    by_itself = {b"exc_info"} if b"xception(" in call.partition(b"(")[0] + b"(" else set()
    return frozenset(expression(r"[A-Za-z_][\w.]*").findall(said)) | by_itself


def _told_less(pair: Pair) -> str:
    """Return what a call says less of, on one line before and after; empty where nothing."""
    was, now = _CALL.search(pair.old), _CALL.search(pair.new)
    if not (was and now):
        return ""
    old, new = pair.old[was.start() :], pair.new[now.start() :]
    before, after = _weight(was), _weight(now)
    if before >= _WARNS and before - after >= _STEPS and _is_the_same(old, new):
        return "an error is logged at a level that is read by few, or not kept"
    less, more = _names(old) - _names(new), _names(new) - _names(old)
    is_text = bool(less and more) and all(_is_text_of(less, name) for name in more)
    if after >= _WARNS and (is_text or less >= _STACK):
        return "the log no longer shows where an error came from"
    return ""


def _weight(call: re.Match[bytes]) -> int:
    return _WEIGHT[(call[2] or call[4]).lower()]


def _is_the_same(old: bytes, new: bytes) -> bool:
    """Return whether two calls show the same."""
    was, now = (tokens(text.partition(b"(")[2]) for text in (old, new))
    return bool(was) and was == now


def _is_text_of(errors: frozenset[bytes], name: bytes) -> bool:
    """Return whether a name is the text of one of some errors, or what makes a text of it."""
    return finds(_TEXT_OF)(name) and (
        name.partition(b".")[0] in errors or finds(r"^(?:str|repr|String)$")(name)
    )
