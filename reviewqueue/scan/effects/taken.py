"""What a change takes away whole, and puts nothing in its place.

A guard need not speak of protection: a condition that ended the work, and is gone together
with its refusal, let something through from then on. Nor need it be a condition, where a
change does nothing but take a few lines away: then each of them was the point of the change.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import PurePosixPath

from reviewqueue.domain.paths import Label, set_aside
from reviewqueue.scan.effects.balance import Balance
from reviewqueue.scan.effects.guards import (
    PROTECTING,
    REFUSING,
    SECURITY,
    is_condition,
    is_harmless,
    is_presence,
    is_program,
    lines,
)
from reviewqueue.scan.rule import FileView, expression
from reviewqueue.scan.structure.comments import is_bare, is_comment
from reviewqueue.scan.structure.pairs import ANY, Block, Numbered, blocks, finds, tokens
from reviewqueue.scan.structure.said import is_sentence

_ASKS = (
    r"^[ \t]*(?:\}?[ \t]*else[ \t]+)?(?:(?:if|elif|elsif|unless|guard|when|case)\b|ensure!|"
    r"require(?:That)?\()|^[ \t]*(?:return|next|raise|throw)\b[^\n]*[ ](?:if|unless)[ ]"
)
_ENDS = REFUSING + (
    r"|\breturn\b[^\n]*(?:undefined|\w(?:ERROR|_ERR\w*)\b)|\bgoto\s+\w|\breturn;|\.status\(4|"
    r"sendStatus\(4|^[ \t]*(?:assert\w*|debug_assert\w*!|continue;?[ \t]*$|return[ \t]*$)"
)
_OTHERWISE = r"^[ \t]*\}?[ \t]*else\b"
_REFUSES = REFUSING + r"|\bforbid|\b40[13]\b"
_SAYS = (
    r"^[ \t]*(?:#|//|/\*|\*[ \t/]|import\b|from\b|use\b|using\b|package\b|\.{0,3}\)|print|"
    r"console\.|fmt\.|log(?:ger|ging)?\.|def[ ]|class[ ]|(?:pub[ ]|export[ ]|async[ ])*(?:func|"
    r"function|fn|struct|interface|type|enum)[ ]|@(?:property|Override|override|staticmethod|"
    r"deprecated)|<\w|\w+:[ ]*$|(?:const|let|var)[ ]\w+[ ]=[ ]require)|"
    r"^[ \t]*[\"'`][^\"'`]*[\"'`]?[ \t]*[+.]?[ \t]*$|\blog(?:ger|ging)?\."
)
"""Lines that do nothing of themselves, or only make something new."""
_CLEANS = (
    r"\b(?:g?sub!?|replace(?:All|_all|First)?|ReplaceAll\w*|[Tt]rim\w*|l?r?strip|min|max|take|"
    r"clamp|limit|truncate|memset|explicit_bzero|zeroize|wipe|free\w*|\w+_free|close|cancel|"
    r"(?:un)?lock|\w+_(?:un)?lock(?:_\w+)?|flush|rotate\w*|regenerate\w*|reset\w*|renew\w*|confirm\w*|throttle\w*|deny\w*|"
    r"sanity\w*|check\w*|ensure\w*|enforce\w*|verify\w*|validat\w*|assert\w*|require[A-Z_]\w*|"
    r"drop_privileges|setuid|chmod|umask|filter\w*|exclude\w*|delete|pop|discard|"
    r"\w+_(?:hold|sync)|(?:kref|refcount|atomic|sock|fget|dev|get)_(?:get|inc|hold|device)\w*|"
    r"synchronize_(?:rcu|net|srcu)|flush_work\w*|kthread_stop|disable_irq|napi_disable|"
    r"set\w*Filter|session_regenerate_id|cycle_key|changeSessionId|migrateSession|invalidate\w*|destroy_?[sS]ession|setFeature|setXInclude\w*|"
    r"setExpand\w*|setEntityResolver|disallow\w*|sanit\w*)[ \t]*!?\("
)
_RULE = (
    r"^[ \t]*@(?:\w+:)?(?:Is[A-Z]\w+|Matches|M(?:ax|in)(?:Length)?|Length|Not(?:Blank|Null|Empty)|"
    r"Size|Pattern|Valid(?:ated|ate)?|Email|Digits|Positive|Decimal\w+|Assert\w+|URL|Range)\b|"
    r"\bvalidates?(?:_\w+)?[ ]+:\w"
)
"""A rule that a value had to follow, said of it where it is declared."""
_LEAVES = r"(?i)session\w*\.(?:destroy|invalidate|clear|flush|regenerate|delete)\b"
_EMPTIED = r"(?:->|\.|\b)\w+[ \t]*=[ \t]*(?:NULL|nullptr|None|null|nil|0)[ \t]*;?[ \t]*$"
_OFF = (
    r"(?i)(?:eval|exec|debug|unsafe|script|entit|redirect|follow|trace|"
    r"expos)\w*['\"]?\]?[ \t]*[:=]+[ \t]*(?:false|0|none|off)\b|(?:secur|safe|strict|protect|rotat|"
    r"isolat|httponly|same_?site|timeout|expir|max|limit|depth|confirm|algorithms|audience|issuer|"
    r"minversion|clientauth|additional_?properties)\w*['\"]?\]?[ \t]*[:=]+[ \t]*\S"
)
"""A setting that keeps something back: a switch that was off, a limit, a protection that was on."""
_ITEM = (
    r"^[ \t]*(?:-[ \t]+)?(?:[\"':][\w./*:@ -]+[\"']?|\w+)(?:[ \t]*(?:=>|"
    r":)[ \t]*\d+)?,?[ \t]*(?:#[^\n]*)?$"
)
_DENIES = (
    r"(?i)unsafe|block_?list|blocked_?\w|private_?(?:ranges|networks?|ips)|169\.254|"
    r"black_?list|den(?:y|ied)|forbid|disallow|danger|restricted|sensitive|"
    r"protected|reserved|banned|excluded?_|suspicious|insecure|untrusted|internal_only|read_?only"
)
_MAKES = r"^[ \t]*(?:[a-z]+[ ])*(?:def|class|func(?:tion)?|fn|struct|interface|enum)[ ]"
_ELSE = r"^[ \t]*\}?[ \t]*(?:else\b[ \t]*[{:]?|default:)[ \t]*$"
_LEAST_VALUE = (
    r"^[ \t]*(?:self\.|this\.|\$this->|@)?([\w$.>\[\]'\"-]+)[ \t]*=[ \t]*(?:(ssl\.\w+)|(false|"
    r"False|FALSE|'[a-z]{3,}'|\"[a-z]{3,}\")|0|nil|null|None|NULL)[ \t]*;?[ \t]*$"
)
"""A value is given the least that it can be."""
_BRANCH = 6
"""Removed lines of a block up to which it is one branch."""
_CHECKS = (
    r"(?i)guard|check|valid|sanit|permission|authori[sz]|authenticat|csrf|verif|firewall|ssrf|"
    r"redact|is_?owner|(?:tenant|ip|access|auth|host|origin)_?filter|throttle|rate_?limit"
)
"""What a thing is called that checks."""
_DEFINED = (
    r"(?:\b(?:class|interface|trait|struct|object)[ ]+|\b(?:def|func|fn|function)[ ]+"
    r"(?:self\.)?)(\w+)"
)
_WORD = re.compile(rb"\w+")
_NAMES = 50
"""Names that are looked for of those that a file defines."""
_WHOLE = 12
"""Removed lines of a block up to which it is one guard, and no piece of a program."""
_FEW = 12
"""Removed lines of a change up to which each of them counts."""
_REACH = 5
"""Lines from a condition within which its refusal stands."""

Loss = tuple[int, bytes, str]
"""1-based old line number, the line, and what it was."""


def conditions(file: FileView, balance: Balance) -> Iterator[Numbered]:
    """Yield the conditions of a file that are gone whole: with their refusals, for nothing."""
    asks, ends, makes = finds(_ASKS), finds(_ENDS), finds(_MAKES)
    if not (ends(file.removed) and asks(file.removed)):
        return
    for block in blocks(file, _ENDS, of=range(1, _WHOLE + 1)):
        if any(map(_acts, block.new)):
            continue
        old = _acting(block.old)
        if any(makes(text) for _, text in old):
            continue
        for at, (number, text) in enumerate(old):
            if asks(text) and _is_ended(old, at) and not is_presence(file, text):
                if not balance.keeps(text):
                    yield number, text
                break


def fallbacks(file: FileView) -> Iterator[Numbered]:
    """Yield the other branches that only gave a value back its least, and are gone whole."""
    if not (finds(_ELSE)(file.removed) and finds(_LEAST_VALUE)(file.removed)):
        return
    around = _shown(file)
    for block in blocks(file, _ELSE, of=range(1, _BRANCH + 1)):
        old = _acting(block.old)
        if any(map(_acts, block.new)) or not old[1:] or not finds(_ELSE)(old[0][1]):
            continue
        names = {_assigned(text) for _, text in old[1:]}
        there = around(old[0][0])
        is_kept = b"" not in names and all(there.count(name) > 1 for name in names)
        if is_kept and not any(name in file.added for name in names):
            yield old[1]


def _assigned(text: bytes) -> bytes:
    """Return what a line gives its least value to; nothing where it does more than that."""
    found = expression(_LEAST_VALUE).search(text)
    if not found:
        return b""
    name = bytes(found[1])
    if found[2]:
        return name.split(b"[")[0].split(b".")[0]
    return name if found[3] or finds(SECURITY)(name) else b""


def is_deleted_program(file: FileView) -> bool:
    """Return whether a file that machines ran is gone."""
    return file.status == "D" and Label.SOURCE in file.labels and not set_aside(file.labels)


def deleted_checks(
    gone: Iterable[FileView], programs: Sequence[FileView], balance: Balance
) -> Iterator[tuple[FileView, int, bytes]]:
    """Yield, for each deleted file whose name says that it checks, where it was asked first.

    Only where a program that stays asked it, and asks nothing by a name that checks any more.
    """
    made = [frozenset(filter(balance.is_lost, _made(file))) for file in gone]
    asked = _asked(programs, frozenset().union(*made)) if any(made) else {}
    for names in made:
        if found := [asked[name] for name in names if name in asked]:
            place, number, text = min(found)
            yield programs[place], number, text


def _made(file: FileView) -> Iterator[bytes]:
    """Yield the names of checks that a file defines whose own name says that it checks."""
    checks = finds(_CHECKS)
    if checks(PurePosixPath(file.path).stem.encode("utf-8", "replace")):
        yield from filter(checks, expression(_DEFINED).findall(file.removed)[:_NAMES])


def _asked(
    programs: Iterable[FileView], names: frozenset[bytes]
) -> dict[bytes, tuple[int, int, bytes]]:
    """Return for each name the first program that no longer asks it: its place, line and text."""
    says, checks = finds(_SAYS), finds(_CHECKS)
    found: dict[bytes, tuple[int, int, bytes]] = {}
    for place, file in enumerate(programs):
        there = names.intersection(_WORD.findall(file.removed)) if file.status == "M" else ()
        if not there or checks(file.added):
            continue
        for number, text in file.removed_lines():
            if (asked := there.intersection(tokens(text))) and not (says(text) or is_comment(text)):
                for name in asked:
                    found.setdefault(name, (place, number, text))
    return found


def only_takes(files: Iterable[FileView]) -> bool:
    """Return whether the programs of a change lose a few lines, and gain none."""
    programs = list(filter(is_program, files))
    if not 0 < lines([file.removed for file in programs], 4 * _FEW) <= 4 * _FEW:
        return False
    return not any(any(map(_acts, file.added_lines())) for file in programs if file.added)


def losses(files: Sequence[FileView]) -> Iterator[tuple[FileView, Loss]]:
    """Yield what each file of such a change lost that can have protected: its first such line."""
    sources = [file for file in files if Label.SOURCE in file.labels]
    found = [(file, block) for file in sources for block in blocks(file, of=ANY[1:])]
    if sum(len(_acting(block.old)) for _, block in found) > _FEW:
        return
    for file, block in found:
        told = _loss(file, block)
        if told:
            yield file, told


def _loss(file: FileView, block: Block) -> Loss | None:
    old = _acting(block.old)
    if old and all(finds(_ITEM)(text) for _, text in old):
        denies = finds(_DENIES)
        if denies(_shown(file)(old[0][0])) or denies(file.path.encode()):
            return (*old[0], "an entry of a list of what is not allowed is removed")
        return None
    return None if old and finds(_SAYS)(old[0][1]) else _held(file, old)


def _held(file: FileView, old: Sequence[Numbered]) -> Loss | None:
    """Return the first of some lines that held something back."""
    for at, (number, text) in enumerate(old):
        if finds(_SAYS)(text) or is_sentence(file, text):
            continue
        if is_condition(text) and _is_ended(old, at):
            told = "a condition that ended the work is removed"
            return None if is_presence(file, text) else (number, text, told)
        kinds = (SECURITY, PROTECTING, _CLEANS, _EMPTIED, _OFF, _RULE, _LEAVES)
        meant = _meant(text)
        if any(finds(regex)(meant) for regex in kinds):
            return number, text, "all that the change does is to take this away"
    return None


def _meant(text: bytes) -> bytes:
    """Return a line without the names that only sound as if they guarded."""
    for name in filter(is_harmless, tokens(text)):
        text = text.replace(name, b"")
    return text


def _is_ended(old: Sequence[Numbered], at: int) -> bool:
    """Return whether the work ends soon after a condition: in its other branch, by a refusal."""
    ends, otherwise = finds(_ENDS), finds(_OTHERWISE)
    for place, (_, text) in enumerate(old[at : at + _REACH]):
        if place and otherwise(text):
            ends = finds(_REFUSES)
        if ends(text):
            return True
    return False


def _shown(file: FileView) -> Callable[[int], bytes]:
    """Return what gives all lines, of both sides, of the hunk that an old line stands in."""
    hunks = list(file.hunks())
    starts = [start for start, _, _ in hunks]

    @cache
    def text(at: int) -> bytes:
        return b"\n".join([line[1:] for line in hunks[at][2]])

    return lambda number: text(bisect_right(starts, number) - 1)


def _acting(of: Sequence[Numbered]) -> list[Numbered]:
    """Return the lines that are neither empty, nor brackets alone, nor comments."""
    return [line for line in of if _acts(line)]


def _acts(line: Numbered) -> bool:
    _, text = line
    return not (is_bare(text) or is_comment(text))
