r"""What an evaluation is fed with, what its judge is told, and what happens to a tested patch.

None of it computes a score, and all of it decides one: another answer is taken to be the
answer, another set of cases to be the test, another sentence to be the rule.
"""

import re
from collections.abc import Iterator

from reviewqueue.domain.finding import Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.effects.training_run import is_run
from reviewqueue.scan.rule import FileView, expression
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.hunks import shown
from reviewqueue.scan.structure.outline import Entry, outline
from reviewqueue.scan.structure.pairs import Numbered, Pair, finds, pairs_losing

FED = (
    r"(?i)\b(?:eval(?:uation)?|val|valid|validation|test|dev|hold_?out)_?"
    r"(?:data(?:_?set|_?loader)?|ds|set|loader|split|file)s?['\"]?[ \t]*[=:][ \t]*\S|"
    r"\b(?:submission|(?:model|predicted|student|candidate|final)_?(?:answer|output|response)|"
    r"prediction|completion_to_score|answer_to_grade)s?['\"]?[ \t]*[=:][ \t]*\S"
)
"""What is measured, or on what, by the name under which it is given: a trigger."""
_NAME = r"(?i)\b(\w+)['\"]?[ \t]*[=:][ \t]*([^\n]*)"
_ANSWER = r"(?i)submission|answer|output|response|prediction|completion"
_SCORED = r"(?i)\bscor(?:e|er|es|ers|ing)\b|\bgrad(?:e|er|ing)\b|\bget_?Score|\bjudge"
_DECLARED = (
    r"(?i)^\s*(?:def|fn|func|function|class|interface|type)\b|:\s*(?:str|list|dict|string|any)\b"
)

APPLIED = (
    r"\bgit[ '\",]+apply\b|\bpatch[ '\",]+(?:--\w|-p\d)|\b(?:APPLY|apply)_(?:PATCH|patch)\w*\b|"
    r"\bgit[ '\",]+(?:checkout|reset|stash|restore)[ '\",]+[^\n]{0,80}\btests?\b|"
    r"\bpytest[ ]+-|['\"](?:npx?|yarn|pnpm)[ ][^'\"\n]{0,20}\b(?:jest|mocha|vitest|test)\b|"
    r"['\"](?:go|cargo|mvn|make|bundle exec|tox)[ ]+[^'\"\n]{0,20}\btest\b"
)
"""How a tested patch gets into the tree, and how its tests are run: a trigger."""
_COMMAND = (
    r"\bgit[ '\",]+(?:apply|checkout|reset|stash|restore)\b|\bpatch[ '\",]+(?:--\w|-p\d)|"
    r"\b(?:pytest|jest|mocha|vitest|test)\b"
)

_TOLD = (
    r"^(?:(?:\w+_)?(?:prompts?|instructions?|rubrics?|criteri(?:a|on)|guidelines?|template)|system|"
    r"choice_\w+|eval_type|asserts?|assertions?|expected_behaviou?r|scoring_guide)$"
)
"""Keys of what a judge is told, and chooses between."""
JUDGES = (
    r"(?i)model_?graded|judge|grader|grading|rubric|llm_?eval|eval_?criteria|scor(?:er|ing)|critic"
)
"""Paths of what judges."""
_OF_JUDGING = (
    r"(?i)\bevaluat|\bgrad(?:e|ing)\b|\bjudg|\bscor(?:e|ing)\b|rubric|criteri|\bcorrect|"
    r"choice_s|\bsubmission\b|\[(?:BEGIN|END) DATA\]"
)

_LONG = 400
"""Bytes of a line from which it binds no name."""
_FEW = 8
"""Lines of a name that are looked at."""
_WORD = re.compile(rb"\w+")


def fed(file: FileView) -> Iterator[Pair]:
    """Yield the lines by which something else is measured, or on something else."""
    pairs = [pair for pair in pairs_losing(file, FED) if _is_other(pair)]
    if not pairs:
        return
    text, is_renamed = shown(file), _Renamed(file)
    is_scored, learns = finds(_SCORED)(text), Label.EVALUATION in file.labels or is_run(file)
    for pair in pairs:
        is_answer = finds(_ANSWER)(_named(pair.old)[0])
        if (is_scored if is_answer else learns) and not is_renamed(pair):
            yield pair


class _Renamed:
    """Tells whether what is given is the same, under the name that the change gives it."""

    def __init__(self, file: FileView) -> None:
        self._came = {text.strip() for _, text in file.added_lines() if len(text) < _LONG}
        self._gone: dict[bytes, list[bytes]] = {}
        for _, text in file.removed_lines():
            for word in frozenset(_WORD.findall(text)) if len(text) < _LONG else ():
                lines = self._gone.setdefault(word, [])
                if len(lines) < _FEW:
                    lines.append(text.strip())

    def __call__(self, pair: Pair) -> bool:
        old, new = _named(pair.old)[1], _named(pair.new)[1]
        if not (_WORD.fullmatch(old) and _WORD.fullmatch(new)):
            return False
        here = {pair.old.strip(), pair.new.strip()}
        return any(
            said in self._came and said not in here
            for text in self._gone.get(old, ())
            if text not in here
            for said in _renamed(text, old, new)
        )


def _renamed(text: bytes, old: bytes, new: bytes) -> tuple[bytes, bytes]:
    """Return a text with another name in all places of one, and in the first of them alone."""
    # No expression is made of the name: compiling one for each pair costs more than all else.
    everywhere = _WORD.sub(lambda word: new if word[0] == old else word[0], text)
    first = next(word.start() for word in _WORD.finditer(text) if word[0] == old)
    return everywhere, text[:first] + new + text[first + len(old) :]


def _is_other(pair: Pair) -> bool:
    """Return whether two lines give the same name another value."""
    if is_comment(pair.new) or finds(_DECLARED)(pair.new):
        return False
    was, now = _named(pair.old), _named(pair.new)
    return bool(was[0]) and was[0] == now[0] and was[1] != now[1]


def _named(text: bytes) -> tuple[bytes, bytes]:
    """Return the name of what is given on a line, and what it is."""
    at = expression(FED).search(text)
    found = expression(_NAME).search(text[at.start() :]) if at else None
    if found is None:
        return b"", b""
    return bytes(found[1]), b"".join(bytes(found[2]).rstrip(b", \t").split())


def applied(file: FileView) -> Iterator[Numbered]:
    """Yield the first new line that puts a tested patch into its tree in another way."""
    command = expression(_COMMAND)
    was = {b"".join(line.whole.split()) for line in file.gone(APPLIED)}
    for line in file.new(APPLIED):
        text = b"".join(line.whole.split())
        is_other = line.number is not None and text not in was and not is_comment(line.whole)
        if is_other and command.search(line.whole) and line.number is not None:
            yield line.number, line.whole
            return


def told(file: FileView) -> Iterator[tuple[Entry, Side]]:
    """Yield the first sentence, or choice, that a judge's settings no longer tell it."""
    path = file.path.encode("utf-8", "replace")
    if not finds(JUDGES)(path) and not finds(_OF_JUDGING)(shown(file)):
        return
    before, after = (
        [entry for entry in outline(file, side) if entry.value and _is_told(entry)]
        for side in (Side.OLD, Side.NEW)
    )
    left = {_said(entry) for entry in after}
    for entry in before:
        if entry.is_changed and _said(entry) not in left:
            yield entry, Side.OLD
            return


def _said(entry: Entry) -> tuple[tuple[str, ...], str]:
    return entry.under[-1:], " ".join(entry.value.split())


def _is_told(entry: Entry) -> bool:
    return any(finds(_TOLD)(name.encode()) for name in entry.under)
