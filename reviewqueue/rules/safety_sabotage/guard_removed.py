"""A guard that is gone: a check of identity, permission or safety, removed.

What it flags
    Removed lines that demanded something before going on, where the change puts no such line
    back anywhere: login and permission decorators, middleware, `raise PermissionError`,
    `abort(403)`, calls that verify a signature, a token or an origin, content filters and
    moderation calls, rate limits, demands on what is stored, locks, references and waiting for
    others, a session that begins anew, masking of secrets, lists of what is allowed, marks on
    what may be called, sent or read back (`@RequirePOST`, `#[Locked]`, `[JsonIgnore]`,
    `__wakeup`), what a token had to fulfil (its algorithm, issuer, audience), what keeps a
    request out of private networks, and the token of a form that stays. A deleted file, or a
    function, that checked something, where what asked it stays and asks no more; the other
    branch that gave a value back its least; a call that guards, or holds a limit, that is put
    into a comment. Also a condition that went with its refusal, where both speak of protection
    and the change takes more away than it brings; and where a change does next to nothing but
    take away, any condition that ended the work.

Why it matters
    What a program no longer refuses is invisible in what was added: only the removed
    side of the diff shows it.

How to review it
    Find out who can now reach what stands below the removed line.
    Look for the guard's new place, and whether it covers the same paths.
    Ask for a test that is refused before this change and after it.

Not flagged
    Guards that only move within their file; several conditions that became one answer; names of
    a path below another that are only shown; tests and prose; guards removed with the whole
    file they stood in; conditions that only ask whether a thing is there, unless it is
    somebody, or the refusal speaks of protection; functions that nothing called; names that say
    safe and mean numbers, width or a text to search for; in a change that takes more than a
    hundred lines of programs away, conditions that say nothing of protection; how an error is
    worded where its kind is declared; a line of a workflow, for no other reason than that it is
    all that goes. A guard that is changed, or moved to another file word for
    word, whose file gains as many calls that guard, or that is called once in place of several
    times, is a low finding: compare the two. So is one that goes with the whole function that
    returned what it made, where nothing comes instead, and a method that nothing called, of a
    class without bases. Low, too, are: what guards by its words or by a condition alone, and not
    by a name of its own, where the change brings nearly as much as it takes, or takes thousands
    of lines, unless it is about who may do what; all that stands in a function which the change
    takes away whole and nothing called; a reason whose place another refusal takes, a condition
    in whose place another one refuses in the same words; a limit that goes with its query;
    conditions on trying again, and those that only decide what a browser shows.

Seen in
    CWE-862 (missing authorization) and CWE-693 (protection mechanism failure); ATT&CK
    T1562.001, Impair Defenses: Disable or Modify Tools. The 2003 attempt on the Linux
    kernel (`current->uid = 0` in `sys_wait4`) shows how small such an edit can be.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, cached_property

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.effects.balance import Balance
from reviewqueue.scan.effects.excused_guards import (
    Near,
    idle_lines,
    told_anew,
    used_words,
    with_query,
)
from reviewqueue.scan.effects.goes_along import goes_with_its_use, is_method_of_its_own
from reviewqueue.scan.effects.guards import (
    PROTECTING,
    SETTING,
    balance,
    guards_as_often,
    in_browser,
    is_harmless,
    is_program,
    lines,
    long_block,
    lost_guards,
    may_refuse,
    programs,
    shrinks,
)
from reviewqueue.scan.effects.laxer import COMPARING
from reviewqueue.scan.effects.lesser import DECLARING
from reviewqueue.scan.effects.named import (
    BOUNDING,
    CALLS,
    COUNTED,
    KINDS,
    REASON,
    SHOWS,
    WORDED,
    bare_forms,
)
from reviewqueue.scan.effects.ranks import RANKED
from reviewqueue.scan.effects.taken import (
    conditions,
    deleted_checks,
    fallbacks,
    is_deleted_program,
    losses,
    only_takes,
)
from reviewqueue.scan.effects.unasked import unasked
from reviewqueue.scan.effects.unwrapped import WRAPPING
from reviewqueue.scan.matcher import Matcher
from reviewqueue.scan.rule import FileView, Hit, Line, Rule, Stability, View, expression
from reviewqueue.scan.structure.commented import switched_off, walled_off
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.disappeared import disappeared
from reviewqueue.scan.structure.pairs import finds

_MAKES = (
    r"^(?:export[ ]|default[ ]|pub(?:\(\w+\))?[ ]|async[ ]|static[ ]|inline[ ])*(?:def|fn|func|"
    r"function|class)[ ]+(\w+)"
)
"""What defines, at a file's margin, what is of use only where it is called."""
_METHOD = r"^[ \t]+(?:async[ \t]+)?def[ \t]+(\w+)\("
_CALLED = r"(\w+)[ \t]*[(!]"
_TRIGGERS = (PROTECTING, SETTING, DECLARING, WRAPPING, COMPARING, BOUNDING, RANKED)
_COMMENTED = "what guarded, or held a limit, is put into a comment"
_FEW = 40
"""Lost guards of a file of which each is looked at with what stands around it."""
_GROWTH = 4
"""So many times as much added as removed text is growth, and takes nothing away."""
_MOST = 2_000
"""Removed lines of a change above which it is a rewrite, to be read as a whole."""
_SMALL = 60
"""Removed lines of programs up to which each is weighed by itself."""
_UNNAMED = 100
"""Removed lines of programs up to which a condition counts that says nothing of protection."""
_TAKES = 2
"""So many times as much removed as added text, in lines, takes away, and rewrites nothing."""
_WHOM = (
    r"(?i)permission|unauth|authori[sz]|authenticat|forbid|denied|\b40[13]\b|csrf|xsrf|ssrf|"
    r"travers|verify_?(?:sig|tok|jwt|webhook)|invalid.signature|hmac|checksum|(?:allow|block|deny|black|white)_?list|trusted|is_?admin|"
    r"owner|tenant|origin\b|privilege|sandbox|revoked|impersonat|invalid (?:token|credential|"
    r"session|password)"
)
"""Words that are about who may do what, and about nothing else."""
_RETRIES = r"(?i)\bretr(?:y|ies)|_retr(?:y|ies)|Retr(?:y|ies)"
"""Conditions on how often something is tried again."""
_DECLARES = r"^[ \t]*#\[error\("
"""What only says how an error is worded."""
_CASE = r"^[ \t]*case\b"
_REACH = 8
"""Removed lines from a condition within which its refusal stands."""


@cache
def _matcher() -> Matcher:
    """Return what tells at once which kinds match a text."""
    return Matcher((), [[regex for regex, _ in (*KINDS, *WORDED)]])


class _Change:
    """What is asked of the whole change; looked up when first asked."""

    def __init__(self, view: View, files: Sequence[FileView]) -> None:
        """Keep the change, and its files where something that protects is removed."""
        self._view, self.files = view, files
        self._idle: dict[str, frozenset[int]] = {}

    @cached_property
    def programs(self) -> tuple[FileView, ...]:
        """Every file that machines run."""
        return self._view.once(programs)

    @cached_property
    def gone(self) -> list[FileView]:
        """Every program that is deleted."""
        return [file for file in self._view.files if is_deleted_program(file)]

    @cached_property
    def balance(self) -> Balance:
        """What all of them lost and kept."""
        return self._view.once(balance)

    @cached_property
    def _removed(self) -> list[tuple[FileView, frozenset[int]]]:
        """The files, each with the numbers of the kinds that match what was removed."""
        matcher = _matcher()
        return [
            (file, frozenset(matcher.matching(file.removed, added=False))) for file in self.files
        ]

    @cached_property
    def called(self) -> frozenset[bytes]:
        """What removed lines call, other than those that define something at the margin."""
        makes = finds(_MAKES)
        texts = (text for file in self.programs for text in file.removed.split(b"\n"))
        meant = b"\n".join(text for text in texts if not (makes(text) or is_comment(text)))
        return frozenset(expression(_CALLED).findall(meant))

    @cached_property
    def still_made(self) -> frozenset[bytes]:
        """What added lines define at the margin: what was there, and is only changed."""
        made = expression(_MAKES)
        return frozenset(name for file in self.files for name in made.findall(file.added))

    @cached_property
    def methods_in_use(self) -> frozenset[bytes]:
        """What removed lines call, or added lines define, among methods."""
        method, called = expression(_METHOD), expression(_CALLED)
        removed = (line for file in self.programs for line in file.removed.split(b"\n"))
        texts = [line for line in removed if not (method.search(line) or is_comment(line))]
        made = (name for file in self.programs for name in method.findall(file.added))
        return frozenset((*called.findall(b"\n".join(texts)), *made))

    @cached_property
    def _counts(self) -> tuple[int, int]:
        """How many lines programs lost, with those that are deleted, and gained."""
        files = (*self.programs, *self.gone)
        lost = lines([file.removed for file in files], _MOST)
        return lost, lines([file.added for file in files], lost)

    @cached_property
    def takes_away(self) -> bool:
        """Whether the change takes away so plainly that what it says of guards counts.

        A change that brings as much as it takes, or is as long as a whole feature, says a thing
        in other words, or says it no more, far more often than it lets something through.
        """
        lost, gained = self._counts
        return lost <= _MOST and gained * (1 if lost <= _SMALL else _TAKES) <= lost

    @cached_property
    def is_short(self) -> bool:
        """Whether programs lose so little that any condition among it may be the point."""
        return self._counts[0] <= _UNNAMED

    @cached_property
    def in_use(self) -> frozenset[bytes]:
        """Every word of added lines, and of removed ones that neither define nor import."""
        return used_words(self.programs)

    def idle(self, file: FileView) -> frozenset[int]:
        """Return the removed lines of whole functions that nothing called, and that are gone."""
        if file.path not in self._idle:
            self._idle[file.path] = frozenset(idle_lines(file, self.in_use))
        return self._idle[file.path]

    def is_shown(self, file: FileView, text: bytes) -> bool:
        """Return whether a line only decides what a browser shows."""
        return in_browser(self._view, file, text)

    def newly_called(self, regex: str) -> frozenset[bytes]:
        """Return the calls of a kind that came; none where the kind is none of calls."""
        files = self.programs if regex in CALLS else ()
        return frozenset(name for file in files for name in _names(regex, file.added))

    def losing(self, regex: str) -> list[FileView]:
        """Return the files where lines of a kind disappear."""
        number = _matcher().index[regex]
        return [file for file, found in self._removed if number in found and file.gone(regex)]

    @cached_property
    def is_smaller(self) -> bool:
        """Whether the change takes more away than it brings."""
        return self._view.once(shrinks)

    def takes(self) -> bool:
        """Return whether programs lose some lines, and no fewer than they gain."""
        files = self._view.files
        size = sum([len(file.removed) for file in files])
        if not size or sum([len(file.added) for file in files]) > _GROWTH * size:
            return False
        lost = lines([file.removed for file in self.programs], _MOST)
        if not 0 < lost <= _MOST:
            return False
        return lines([file.added for file in self.programs], lost) <= lost


def check(view: View) -> Iterator[Hit]:
    """Mark the guards that are lost, each line once; less, those replaced or moved."""
    for file in view.once(programs):
        for number, text in walled_off(file) if file.status in {"M", "R"} else ():
            yield Hit.on(file, number, text, _COMMENTED)
    if not any(file.removed for file in view.files):
        return
    files = [file for file in view.where(*_TRIGGERS, side=Side.OLD) if is_program(file)]
    change = _Change(view, files)
    kinds = (_named, _forms, _conditions, _worded) if files else ()
    found = [hit for kind in (*kinds, _deleted) for hit in kind(change)]
    found += _off(change)
    found += _unasked(change)
    yield from found
    if change.takes():
        told = {(hit.path, hit.line) for hit in found}
        yield from (hit for hit in _taken(change) if (hit.path, hit.line) not in told)


def _named(change: _Change) -> Iterator[Hit]:
    """Mark guards of the kinds that are guards by their names."""
    for regex, kind in KINDS:
        if not change.losing(regex):
            continue
        came = change.newly_called(regex)
        for found in disappeared(change.programs, regex):
            lost = [line for line in found.lost if _is_meant(regex, line, change)]
            told, severity = f"{kind} is removed", Severity.MEDIUM
            if guards_as_often(found.file) or _is_gathered(regex, lost, came):
                told, severity = f"{kind} is changed", Severity.LOW
            yield from _hits(found.file, lost, told, severity)
            if regex in COUNTED and _loses_some(regex, found.file):
                told = f"a part of {kind} is removed"
                yield from _hits(found.file, found.replaced, told, Severity.MEDIUM)
            else:
                yield from _hits(found.file, found.replaced, f"{kind} is changed", Severity.LOW)
            yield from _hits(
                found.file, found.moved, f"{kind} is moved to another file", Severity.LOW
            )


def _off(change: _Change) -> Iterator[Hit]:
    """Mark what guarded, or held a limit, and is a comment now."""
    for file in change.programs:
        for number, text in switched_off(file) if file.status in {"M", "R"} else ():
            yield Hit.on(file, number, text, _COMMENTED)


def _unasked(change: _Change) -> Iterator[Hit]:
    """Mark functions that held something back, and that nothing asks any more."""
    for file, number, text in unasked(change.programs):
        told = "a function that asked and refused is removed, and what called it goes on without"
        yield Hit.on(file, number, text, told, side=Side.OLD)


def _forms(change: _Change) -> Iterator[Hit]:
    """Mark what forms said that they were no forgery by, where the forms stay."""
    for file in change.files:
        for line in bare_forms(file):
            told = "a form no longer says by a token that it is no forgery"
            yield Hit.at(file, line, told, side=Side.OLD)


def _deleted(change: _Change) -> Iterator[Hit]:
    """Mark files that checked something, and that nothing asks any more."""
    for file, number, text in deleted_checks(change.gone, change.programs, change.balance):
        told = "a file that checked something is deleted, and what asked it does not any more"
        yield Hit.on(file, number, text, told, side=Side.OLD)


def _taken(change: _Change) -> Iterator[Hit]:
    """Mark what is gone whole, whatever its words: asked only where the change takes away."""
    changed = [file for file in change.programs if file.removed or file.added]
    if only_takes(changed):
        for file, (number, text, told) in losses(changed):
            yield Hit.on(file, number, text, told, side=Side.OLD)
    for file in changed:
        for number, text in fallbacks(file):
            told = "what a value falls back to is removed: it keeps what it was"
            yield Hit.on(file, number, text, told, side=Side.OLD)
        for number, text in conditions(file, change.balance) if change.is_short else ():
            told = "a condition that ended the work is removed, and nothing stands in its place"
            idle = number in change.idle(file) or change.is_shown(file, text)
            weight = Severity.LOW if idle else None
            yield Hit.on(file, number, text, told, side=Side.OLD, severity=weight)


def _conditions(change: _Change) -> Iterator[Hit]:
    """Mark conditions that went with their refusals, where the change or the file shrinks."""
    for file in change.files:
        is_smaller = file.removed.count(b"\n") > file.added.count(b"\n")
        if may_refuse(file.removed) and (is_smaller or change.is_smaller):
            near = Near(file)
            for number, text in lost_guards(file, change.balance):
                told = "a condition that refused is removed"
                weight = None if _counts(near, number, text, change) else Severity.LOW
                yield Hit.on(file, number, text, told, side=Side.OLD, severity=weight)
        if found := long_block(file, change.balance):
            told = "a long piece that protects is removed or rewritten: compare it as a whole"
            yield Hit.on(file, *found, told, side=Side.OLD, severity=Severity.LOW)


def _worded(change: _Change) -> Iterator[Hit]:
    """Mark calls, reasons and lists that nowhere come back, by their names."""
    for regex, kind in WORDED:
        losing = change.losing(regex)
        if regex == REASON:
            losing = [file for file in losing if Label.SOURCE in file.labels]
        if not (losing and change.is_smaller):
            continue
        lost: Counter[bytes] = Counter()
        for file in change.programs:
            lost.update(_names(regex, file.removed))
            lost.subtract(_names(regex, file.added))
        for file in losing:
            excused = told_anew(file, regex) | with_query(file, regex)
            meant = [
                line
                for line in file.gone(regex)
                if any(lost[name] > 0 for name in _names(regex, line.whole))
                and _is_meant(regex, line, change)
            ]
            severity = Severity.LOW if meant and guards_as_often(file) else Severity.MEDIUM
            for line in meant:
                told = f"{kind} is removed"
                is_noted = (
                    (len(meant) <= _FEW and _goes_along(file, line, change))
                    or not (change.takes_away or finds(_WHOM)(line.whole))
                    or line.number in excused
                    or line.number in change.idle(file)
                    or change.is_shown(file, line.whole)
                )
                weight = Severity.LOW if is_noted else severity
                yield Hit.at(file, line, told, side=Side.OLD, severity=weight)


def _counts(near: Near, number: int, text: bytes, change: _Change) -> bool:
    """Return whether a lost condition counts: it is short, or about who may do what."""
    file = near.file
    if number in change.idle(file) or change.is_shown(file, text) or finds(_RETRIES)(text):
        return False
    gone = near.removed.within(range(number, number + _REACH))
    if number in near.asked_anew and any(map(near.still_says, gone.split(b"\n"))):
        return False
    return finds(_WHOM)(gone) or (change.takes_away and not finds(_CASE)(text))


def _goes_along(file: FileView, line: Line, change: _Change) -> bool:
    """Return whether a guard goes with all it guarded, or is a method that nothing called."""
    if goes_with_its_use(file, line):
        return not any(other.added for other in change.programs)
    made = expression(_METHOD).search(line.whole)
    if not made or not is_method_of_its_own(file, line):
        return False
    return bytes(made[1]) not in change.methods_in_use


def _is_meant(regex: str, line: Line, change: _Change) -> bool:
    """Return whether a line that says it guards does: no remark, nothing that nobody called."""
    if is_comment(line.whole) or finds(SHOWS)(line.whole) or finds(_DECLARES)(line.whole):
        return False
    if all(map(is_harmless, _names(regex, line.whole))):
        return False
    made = expression(_MAKES).search(line.whole)
    return not made or made[1] in change.called or made[1] in change.still_made


def _is_gathered(regex: str, lost: Iterable[Line], came: frozenset[bytes]) -> bool:
    """Return whether all calls that are gone are made by what came, once for all of them."""
    gone = {name for line in lost for name in _names(regex, line.whole)}
    return bool(gone) and gone <= came


def _loses_some(regex: str, file: FileView) -> bool:
    """Return whether a file has fewer of what an expression finds, and none that is new."""
    old, new = (Counter(_names(regex, text)) for text in (file.removed, file.added))
    return bool(old - new) and not new - old


def _names(regex: str, text: bytes) -> list[bytes]:
    """Return what an expression finds, in lower case."""
    return [found.lower().strip(b"'\"`") for found in expression(regex).findall(text)]


def _hits(file: FileView, lines: Iterable[Line], message: str, severity: Severity) -> Iterator[Hit]:
    return (Hit.at(file, line, message, side=Side.OLD, severity=severity) for line in lines)


RULE = Rule(
    id="guard-removed",
    pathway=Pathway.SAFETY_SABOTAGE,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="removes a guard: a check of identity, permission or safety",
    removed_triggers=_TRIGGERS,
    wakes=frozenset({Label.SOURCE}),
    check=check,
    version=13,
)
