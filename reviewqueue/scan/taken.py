"""What a change takes away whole, and puts nothing in its place.

A guard need not speak of protection: a condition that ended the work, and is gone together
with its refusal, let something through from then on. Nor need it be a condition, where a
change does nothing but take a few lines away: then each of them was the point of the change.
"""

from collections.abc import Iterable, Iterator, Sequence

from reviewqueue.scan.balance import Balance
from reviewqueue.scan.comments import is_comment
from reviewqueue.scan.guards import (
    PROTECTING,
    SECURITY,
    is_condition,
    is_harmless,
    is_presence,
    is_program,
    lines,
)
from reviewqueue.scan.pairs import ANY, Block, Numbered, blocks, finds, tokens
from reviewqueue.scan.rule import FileView
from reviewqueue.scan.said import is_sentence

_ASKS = (
    r"^[ \t]*(?:\}?[ \t]*else[ \t]+)?(?:(?:if|elif|elsif|unless|guard|when|case)\b|ensure!|"
    r"require(?:That)?\()|^[ \t]*(?:return|next|raise|throw)\b[^\n]*[ ](?:if|unless)[ ]"
)
_ENDS = (
    r"\b(?:raise|throw|abort\w*|panic!?|bail!?|die|exit|reject)\b|\breturn\b[^\n]*(?:[Ee]rr|false|"
    r"False|-1\b|-E[A-Z]+|40\d|[Ff]orbid|[Uu]nauth|[Dd]enied|reject|undefined)|\bErr\(|"
    r"\bgoto\s+\w|\breturn;|\.status\(4|sendStatus\(4|^[ \t]*(?:assert\w*|ensure!|"
    r"debug_assert\w*!)|^[ \t]*continue;?[ \t]*$|^[ \t]*return[ \t]*$|ThrowIf|"
    r"\breturn\b[^\n]*\w(?:ERROR|_ERR\w*)\b|\berr\w*!\(|"
    r"(?:set|raise)_?[eE]rror\("
)
_OTHERWISE = r"^[ \t]*\}?[ \t]*else\b"
_REFUSES = (
    r"\b(?:raise|throw|abort\w*|panic!?|bail!?|die|exit|reject|deny|forbid\w*)\b|\b40[13]\b|\bErr\("
)
_SAYS = (
    r"^[ \t]*(?:#|//|/\*|\*[ \t/]|import\b|from\b|use\b|using\b|package\b|\.{0,3}\)|print|"
    r"console\.|fmt\.|log(?:ger|ging)?\.|def[ ]|class[ ]|(?:pub[ ]|export[ ]|async[ ])*(?:func|"
    r"function|fn|struct|interface|type|enum)[ ]|@(?:property|Override|override|staticmethod|"
    r"deprecated)|<\w|\w+:[ ]*$|(?:const|let|var)[ ]\w+[ ]=[ ]require)|"
    r"^[ \t]*[\"'`][^\"'`]*[\"'`]?[ \t]*[+.]?[ \t]*$|\blog(?:ger|ging)?\."
)
"""Lines that do nothing of themselves, or only make something new."""
_CLEANS = (
    r"\b(?:g?sub!?|replace(?:All|_all|First)?|ReplaceAll\w*|[Tt]rim\w*|l?r?strip|min|max|"
    r"take|clamp|limit|truncate|memset|explicit_bzero|zeroize|wipe|free\w*|\w+_free|close|cancel|"
    r"(?:un)?lock|flush|rotate\w*|regenerate\w*|reset\w*|renew\w*|confirm\w*|throttle\w*|deny\w*|"
    r"sanity\w*|check\w*|ensure\w*|enforce\w*|verify\w*|validat\w*|assert\w*|require[A-Z_]\w*|"
    r"drop_privileges|setuid|chmod|umask|filter\w*|exclude\w*|delete|pop|discard|"
    r"setFeature|setXInclude\w*|setExpand\w*|setEntityResolver|disallow\w*|sanit\w*)[ \t]*!?\("
)
_EMPTIED = r"(?:->|\.|\b)\w+[ \t]*=[ \t]*(?:NULL|nullptr|None|null|nil|0)[ \t]*;?[ \t]*$"
_OFF = (
    r"(?i)(?:eval|exec|debug|unsafe|script|entit|redirect|follow|trace|"
    r"expos)\w*['\"]?\]?[ \t]*[:=]+[ \t]*(?:false|0|none|off)\b|(?:secur|safe|strict|protect|rotat|"
    r"isolat|httponly|same_?site|timeout|expir|max|limit|depth|confirm|algorithms|audience|issuer|"
    r"minversion|clientauth)\w*['\"]?\]?[ \t]*[:=]+[ \t]*\S"
)
"""A setting that keeps something back: a switch that was off, a limit, a protection that was on."""
_ITEM = (
    r"^[ \t]*(?:-[ \t]+)?(?:[\"':][\w./*:@ -]+[\"']?|\w+)(?:[ \t]*(?:=>|"
    r":)[ \t]*\d+)?,?[ \t]*(?:#[^\n]*)?$"
)
_DENIES = (
    r"(?i)unsafe|block_?list|black_?list|den(?:y|ied)|forbid|disallow|danger|restricted|sensitive|"
    r"protected|reserved|banned|excluded?_|suspicious|insecure|untrusted|internal_only|read_?only"
)
_MAKES = r"^[ \t]*(?:[a-z]+[ ])*(?:def|class|func(?:tion)?|fn|struct|interface|enum)[ ]"
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


def only_takes(files: Iterable[FileView]) -> bool:
    """Return whether the programs of a change lose a few lines, and gain none."""
    programs = list(filter(is_program, files))
    if not 0 < lines([file.removed for file in programs], 4 * _FEW) <= 4 * _FEW:
        return False
    return not any(any(map(_acts, file.added_lines())) for file in programs if file.added)


def losses(files: Sequence[FileView]) -> Iterator[tuple[FileView, Loss]]:
    """Yield what each file of such a change lost that can have protected: its first such line."""
    found = [(file, block) for file in files for block in blocks(file, of=ANY[1:])]
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
        if denies(_around(file, old[0][0])) or denies(file.path.encode()):
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
        kinds = (SECURITY, PROTECTING, _CLEANS, _EMPTIED, _OFF)
        if any(finds(regex)(_meant(text)) for regex in kinds):
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


def _around(file: FileView, wanted: int) -> bytes:
    """Return the unchanged lines of the hunk that an old line stands in."""
    for start, _, hunk in file.hunks():
        if start <= wanted < start + len(hunk):
            return b"\n".join(line[1:] for line in hunk)
    return b""


def _acting(of: Sequence[Numbered]) -> list[Numbered]:
    """Return the lines that are neither empty, nor brackets alone, nor comments."""
    return [line for line in of if _acts(line)]


def _acts(line: Numbered) -> bool:
    _, text = line
    return bool(text.strip(b" \t\r{}()[];,")) and not is_comment(text)
