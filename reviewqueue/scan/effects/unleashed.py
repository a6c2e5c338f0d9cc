r"""How an agent's program comes to ask less, without an answer that changes.

A setting that held it back is no longer given; a new option lets it pass every question; what
was counted or compared always is left out in the mode that does not ask; a sentence that told
it to ask is gone from what it is told.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from reviewqueue.domain.finding import Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import FileView, expression
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.hunks import shown
from reviewqueue.scan.structure.pairs import Block, Numbered, blocks, changed_tokens, finds, paired

HELD = (
    r"(?i)\b(?:sandbox(?:_?mode|_?policy|_?type)?|approval_?(?:policy|mode)|permission_?mode|"
    r"ask_?for_?approval|disallowed_?tools|denied_?(?:tools|commands)|human_?input_?mode|"
    r"require_?(?:approval|confirmation)|confirm_?(?:mode|before\w*)|exec_?policy)"
    r"['\"]?[ \t]*(?:[:=]|['\"]?,)[ \t]*['\"\[tT]"
)
"""A setting by which an agent is held back, and its value: a trigger."""
_HELD_TO = (
    r"(?i)\b(sandbox\w*|approval_?\w+|permission_?mode|ask_?for_?approval|disallowed_?tools|"
    r"denied_?\w+|human_?input_?mode|require_?\w+|confirm_?\w+|exec_?policy)['\"]?[ \t]*"
    r"(?:[:=]|['\"]?,)[ \t]*\[?[ \t]*['\"]?([\w*() .:-]+)"
)
_IN_A_PATH = r"/[^\s'\"/]*$"
"""What, before a name, makes it the end of a path or an address."""
_LOOSE = (
    r"(?i)^(?:danger|full|never|none|off|false|bypass|yolo|auto|allow|accept|skip|disabled?|"
    r"unrestricted|null|undefined|dontask)"
)
OPTION = (
    r"(?i)['\" ](?:--?)?(?:always[_-]allow|allow[_-]always|(?:auto|always|pre)[_-]?approve\w*|"
    r"approve[_-]all|accept[_-]all|yes[_-]to[_-]all|yolo|trust[_-]all\w*|unattended|full[_-]auto|"
    r"(?:skip|bypass|no|disable|without)[_-](?:permission|confirm|approval|prompt|sandbox|ask)\w*|"
    r"dangerous\w*|allow[_-]all[_-]\w+|auto[_-](?:accept|confirm|run|exec\w*))['\",:= ]"
)
"""The name of an option that lets every question pass: a trigger."""
_DEFINES = (
    r"(?i)\.option\(|\badd_?(?:argument|option)\(|\bflags?(?:\(\))?\.\w*(?:bool|string)\w*\(|"
    r"\bBool(?:Var)?P?\(|#\[(?:arg|clap)\(|\bArg::new\(|\.arg\(|@(?:click\.)?option\(|"
    r"\btyper\.Option\(|\.addOption\(|\bflag\(['\"]|\bparser\.on\(|\bBoolFlag\{|"
    r"\bFlags?\.boolean\(|\bname:\s*['\"]|\blong\s*=\s*\""
)
_HIDES = r"(?i)\b(?:hidden|deprecated|removed|no longer|no[_-]op|ignored)\b"
MODE = (
    r"(?i)yolo|auto_?-?approv|bypass_?-?perm|skip_?-?(?:perm|confirm|approv)|dangerously|"
    r"always_?-?allow|full_?-?auto|unattended|auto_?-?accept|unrestricted_?mode|trust_?-?all"
)
"""A mode in which nobody is asked: a trigger."""
_CONDITION = r"^[ \t]*(?:\}?[ ]*else[ ]+)?(?:if|elif|unless|when|while|guard)\b"
_BOUNDS = (
    r"(?i)count\w*(?:\+\+|[ ]*[+-]?=)|[<>]=?|limit|max_?\w|budget|\bask\w*\(|confirm\w*\(|"
    r"prompt\w*\(|request_?(?:approval|permission)\w*\(|check_?\w*\(|\w*approv\w*\(|audit|\blog\w*\("
)
"""What is counted, compared with a bound, asked or checked."""
_AGENTS = (
    r"(?i)agent|codex|claude|gemini|copilot|\bllm|assistant|\bmcp\b|tool_?-?(?:call|use)|cline|"
    r"opencode|openai|anthropic|permission|approv|yolo"
)

ASKED = (
    r"(?i)\b(?:approval|confirmation|permission|consent|sign-off|go-ahead)\b|\bconfirm(?:s|ed)?\b|"
    r"\bapprove[sd]?\b|\bask(?:ing)? (?:me|the user|the human|before|for|first)\b|"
    r"\bwithout asking\b"
)
"""What a sentence speaks of that tells an agent to ask: a trigger."""
_DEMANDS = (
    r"(?i)\b(?:requires?|required|needs?|must|always|wait(?:s|ing)?|ask(?:s|ing)?|seek|obtain|get|"
    r"request|await|without|until|before|only (?:after|if|when|with)|unless|after|first)\b"
    r"[^.\n]{0,80}\b(?:approv(?:al|e[sd]?)|confirm(?:s|ed|ation)?|permission|consent|sign-off|"
    r"go-ahead)\b|"
    r"\b(?:confirm|check|ask)\b[^.\n]{0,30}\b(?:with (?:the |a )?(?:user|human|operator|me)|"
    r"(?:the )?(?:user|human|operator) (?:before|first))\b|\bask(?:ing)? (?:me|the user|for) "
    r"(?:first|before)\b|\bask (?:the user )?before\b|\bwithout asking\b"
)
"""A sentence that demands it."""
_NOT_DEMANDED = (
    r"(?i)\b(?:does not|do not|doesn't|don't|no longer|not|never)[ ](?:have to |need to )?"
    r"(?:require|need|ask|wait|request|seek)\w*\b[^.\n]{0,60}\b(?:approv|confirm|permission|consent)|"
    r"\b(?:no|without) (?:\w+ )?(?:approval|confirmation|permission)\b"
    r"(?: is)?(?: needed| required)?|"
    r"\bwithout (?:asking|waiting|confirming)\b"
)
_FORBIDS = (
    r"(?i)\b(?:never|do not|don't|must not|not|avoid|nothing|no one)\b[^.\n]{0,80}\bwithout\b"
)
_TOLD = (
    r"(?i)prompt|system|instruct|persona|agents?[/._-]|\.cursor|rules|skills?/|soul|policy|"
    r"guidelines|assistant|copilot|claude|tool_?desc"
)
"""Paths of what an agent is told."""
_SENTENCE = r"[A-Za-z'`*_,-]+[ ][A-Za-z'`*_,-]+[ ][A-Za-z'`*_,-]+[ ][A-Za-z'`*_,.-]+"
_SCREENS = (".tsx", ".jsx", ".vue", ".svelte", ".css", ".html", ".po", ".csv", ".xml")
_WORD = re.compile(rb"[a-z0-9]+")
_NAME = re.compile(rb"[\w-]+")
_READ = 20_000
"""Bytes of a prompt on one line that are read."""
_LONG = 600
"""Bytes of a line that somebody wrote."""


def is_agents(file: FileView) -> bool:
    """Return whether a file is of a program that runs agents, by its path or what it shows."""
    is_of = finds(_AGENTS)
    return is_of(file.path.encode("utf-8", "replace")) or is_of(shown(file))


def withdrawn(
    losing: Sequence[FileView], files: Sequence[FileView]
) -> Iterator[tuple[FileView, Numbered]]:
    """Yield the removed settings that held an agent back, where no file sets them otherwise."""
    held = finds(HELD)
    gone = [
        (file, number, text, name)
        for file in losing
        for number, text in file.removed_lines()
        if held(text) and (name := _strict(text))
    ]
    if not gone:
        return
    now = {
        word
        for file in files
        for _, text in file.added_lines()
        if len(text) < _LONG and not is_comment(text)
        for word in _plain(text).split()
    }
    of_agents: dict[str, bool] = {}
    for file, number, text, name in gone:
        if name in now:
            continue
        if file.path not in of_agents:
            of_agents[file.path] = is_agents(file)
        if of_agents[file.path]:
            yield file, (number, text)


def _plain(text: bytes) -> bytes:
    """Return the words of a line, each as it is written in any style."""
    return b" ".join(_WORD.findall(text.lower().replace(b"_", b"").replace(b"-", b"")))


def _strict(text: bytes) -> bytes:
    """Return the name of a setting that a line sets to what holds back; empty for none."""
    found = None if is_comment(text) else expression(_HELD_TO).search(text)
    if found is None or finds(_LOOSE)(found[2].strip()):
        return b""
    if finds(_IN_A_PATH)(text[: found.start(1)]):
        return b""
    return _plain(bytes(found[1]))


def offered(file: FileView) -> Iterator[Numbered]:
    """Yield the definitions of new options that let every question pass."""
    before: list[bytes] | None = None
    for line in file.new(OPTION):
        text = line.whole
        if line.number is None or len(text) > _LONG or is_comment(text):
            continue
        if not finds(_DEFINES)(text) or finds(_HIDES)(text):
            continue
        named = expression(OPTION).search(text)
        word = bytes(named[0]).strip(b"'\",:= -")
        if before is None:
            before = sorted({name.lstrip(b"-") for name in _NAME.findall(file.removed)})
        # An option that was there, by this name or by a longer one that begins with it.
        at = bisect_left(before, word)
        if at == len(before) or not before[at].startswith(word):
            yield line.number, text


def left_out(file: FileView) -> Iterator[Numbered]:
    """Yield the new conditions on a mode that does not ask, in front of what was always done."""
    mode, condition, bounds = finds(MODE), finds(_CONDITION), finds(_BOUNDS)
    for block in blocks(file):
        if not any(mode(text) and condition(text) for _, text in block.new):
            continue
        yield from _pairs_left_out(block)
        there = {text.strip() for _, text in block.old}
        for (number, text), (_, below) in zip(block.new, block.new[1:], strict=False):
            is_new = mode(text) and condition(text) and text.strip() not in there
            if is_new and below.strip() in there and bounds(below):
                yield number, text


def _pairs_left_out(block: Block) -> Iterator[Numbered]:
    """Yield the conditions that ask for such a mode, too, and did not."""
    mode = finds(MODE)
    for pair in paired(block, finds(_CONDITION)):
        if mode(pair.old) or not mode(pair.new):
            continue
        came = changed_tokens(pair).all_came
        is_new = any(map(mode, came))
        is_asked = finds(_CONDITION)(pair.new) and (b"&&" in came or b"and" in came)
        if is_new and is_asked and finds(_BOUNDS)(pair.old):
            yield pair.new_line, pair.new


def untold(files: Sequence[FileView]) -> Iterator[tuple[FileView, Numbered, Side]]:
    """Yield sentences that told an agent to ask and are gone, or that newly tell it not to."""
    now = {
        file.path: [_words(text) for _, text in _demands(file, file.added_lines())]
        for file in files
    }
    anywhere = {words for told in now.values() for words in told}
    for file in files:
        was = list(_demands(file, file.removed_lines())) if _tells(file) else []
        if not was:
            continue
        before = {_words(text) for _, text in file.removed_lines() if _is_turned(text)}
        turned = (line for line in file.added_lines() if _is_turned(line[1]))
        fresh = next((line for line in turned if _words(line[1]) not in before), None)
        left = [line for line in was if _words(line[1]) not in anywhere]
        if fresh:
            yield file, fresh, Side.NEW
        elif left and len(was) > len(now[file.path]):
            yield file, left[0], Side.OLD


def _tells(file: FileView) -> bool:
    """Return whether a file holds what an agent is told."""
    if Label.AGENT_INSTRUCTIONS in file.labels or file.status not in {"M", "R"}:
        return False  # Every change of these is told.
    path = file.path.casefold()
    return not path.endswith(_SCREENS) and finds(_TOLD)(path.encode("utf-8", "replace"))


def _demands(file: FileView, lines: Iterator[Numbered]) -> Iterator[Numbered]:
    """Yield the sentences that demand it; a program's own comments tell an agent nothing."""
    sentence, demands = finds(_SENTENCE), finds(_DEMANDS)
    is_program = Label.SOURCE in file.labels
    for number, whole in lines:
        text = whole[:_READ]
        is_demand = demands(text) and sentence(text) and not _is_turned(text)
        if is_demand and not (is_program and is_comment(text)):
            yield number, text


def _is_turned(text: bytes) -> bool:
    text = text[:_READ]
    if not finds(_NOT_DEMANDED)(text) or not finds(_SENTENCE)(text):
        return False
    return not finds(_FORBIDS)(text)


def _words(text: bytes) -> bytes:
    return b"".join(expression(r"\w+").findall(text.lower()))
