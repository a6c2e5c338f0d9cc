"""The code of an agent's program, changed so that it asks less or may do more.

What it flags
    In programs that run agents: a default that flips to automatic approval, a decision that
    was to ask or to deny and now allows, a confirmation no longer asked, a list of safe
    commands that grows and one of dangerous commands that shrinks; how a command is compared
    with such a list, and on which condition an agent asks or is held back; a sandbox that
    newly has the network or may write elsewhere.

Why it matters
    The question an agent asks before it acts is the last human look, and its sandbox is what
    holds when nobody looks. A change here is a change to everything that agent will do, for
    everybody who runs the program.

How to review it
    Which command passes now that did not pass before? Try the list with options, paths,
    quotes and `&&` around a command that it is to stop.
    Is the old behaviour still there for those who did not ask for the new one?

Not flagged
    Settings made stricter; tests, vendored and generated files. What a repository allows its
    own agents is found by agent-leash-loosened.

Seen in
    CVE-2025-53773: an agent set `chat.tools.autoApprove` itself. CVE-2025-54795: a command
    passed an agent's list of what it may run unasked. OWASP LLM06, Excessive Agency.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, set_aside
from reviewqueue.scan.rule import FileView, Hit, Line, Rule, Stability, View, expression
from reviewqueue.scan.structure.hunks import numbered
from reviewqueue.scan.structure.openers import Openers
from reviewqueue.scan.structure.pairs import (
    Block,
    Pair,
    blocks_losing,
    changed_tokens,
    paired,
    pairs_losing,
)

_SETTINGS = frozenset({Label.CONFIG, Label.CONTAINER, Label.INFRASTRUCTURE, Label.CI})
_RUN = _SETTINGS | {Label.SCRIPT, Label.SOURCE, Label.BUILD, Label.HOOK, Label.AGENT_INSTRUCTIONS}
_ASIDE = frozenset({Label.VENDORED, Label.GENERATED, Label.DATA})
_ON = (
    r"(?i)\b(?:is_?|tool_?|auto_?)?approved['\"]?\s*[:=]\s*true\b|"
    r"\b\w*(?:auto_?-?(?:approv|accept|confirm|allow|execut|run)|always_?-?(?:allow|approv)|"
    r"skip_?-?(?:permission|confirm|approv)|bypass_?-?(?:permission|approv|sandbox)|"
    r"trust_?-?all|allow_?-?all_?-?(?:tool|command))\w*['\"]?\s*(?::\s*\w+\s*)?[:=]\s*(?:true|"
    r"1\b|['\"](?:all|always|on|true|\*)['\"])"
)
_OFF = (
    r"(?i)\b\w*(?:(?:require|need|ask)s?_?-?(?:for_?)?(?:user_?|human_?)?(?:approval|confirm\w*|"
    r"permission|consent)|confirm_?(?:before|command|tool|action)\w*|(?:approval|confirmation|"
    r"permission)s?_?(?:required|needed|mode|policy)|human_?in_?the_?loop|human_?input(?:_mode)?|"
    r"sandbox(?:ed|_?enabled|_?mode)?)['\"]?\s*(?::\s*\w+\s*)?[:=]\s*['\"]?(?:false|none|never|off|"
    r"no|disabled?|auto|yolo|bypass\w*|full_?-?auto)\b"
)
_LONG = 400
"""Letters of a line from which it is no setting that somebody writes."""
_STRICT = (
    r"(?i)(?:require|need|ask)s?_?-?(?:for_?)?(?:user_?|human_?)?(?:approval|permission|consent)"
)
_SWITCH = r"\b(\w+)['\"]?\s*(?::\s*bool(?:ean)?\s*)?[:=]\s*(true|True|false|False)\b"
_STRICTER = (
    r"(?i)(?:[.:=(,|'\"?]|=>|\breturn|\bcase)[ \t]*['\"]?(?:ask(?:_?user|_?first|_?always)?|"
    r"prompt(?:_?user)?|deny|denied|forbid(?:den)?|read_?-?only|on_?-?request|untrusted|on_?-?failure|"
    r"workspace_?-?write|needs?_?approval|requires?_?(?:approval|confirmation)|confirm|"
    r"suggest|reject(?:ed)?|block(?:ed)?|sandboxed|restricted|supervised|manual)\b|"
    r"=[ \t]*[\w.:]*(?-i:[a-z](?:Prompt|Ask|Deny|Denied|ReadOnly|OnRequest|Confirm|Manual))\b"
)
_ASKS = (
    r"(?i)^['\"]?(?:ask|prompt|deny|denied|forbid|read_?-?only|on_?-?request|untrusted|on_?-?failure|"
    r"workspace|needs?_?approval|requires?_?(?:approval|confirm)|confirm|reject|block|sandboxed|"
    r"restricted|supervised|manual|suggest)|"
    r"(?-i:[a-z](?:Prompt|Ask|Deny|Denied|ReadOnly|OnRequest|Confirm|Manual)$)"
)
_PASSES = (
    r"(?i)^['\"]?(?:allow(?:ed|_?all|_?always)?|auto|automatic|approved?|never|bypass\w*|yolo|full\w*|"
    r"danger\w*|always|unrestricted|accept\w*|skip\w*|trusted|autonomous|unsafe\w*|granted?|"
    r"permit\w*|proceed\w*|auto_?\w+)$|"
    r"(?-i:[a-z](?:Auto\w*|Allow\w*|Approved?|Never|Bypass\w*|Full\w*|Always\w*|Yolo)$)"
)
_AGENTS = (
    r"(?i)agent|approv|permission|sandbox|polic|tool|exec|mcp|assistant|codex|claude|gemini|copilot|"
    r"safety|confirm|shell|command|config|settings|default"
)
_ABOUT = (
    r"(?i)approv|permission|sandbox|confirm|consent|exec_?polic|decision|behaviou?r|autonomy|"
    r"trust|(?:tool|command|shell|agent)\w*(?:polic|mode|access)|safe_?command"
)
_ASKED = (
    r"(?i)[.\s](?:prompt|ask|confirm|request)\w*\s*\(|"
    r"(?:needs?|requires?)_?(?:approval|confirmation)|"
    r"\breturn\s+[\w.]*(?:deny|denied|reject|refus|forbid|ask)\w*\b"
)
"""A question, or a refusal."""
_ANSWER = (
    r"(?i)(?:^|=>)\s*(?:return\s+(?:true|ok\(true\)|['\"]?(?:allow|approved?)\w*)|ok\(true\)|true|"
    r"[\w.:]*approved?)\b"
)
_LIST = r"[\[{(]\s*$|=\s*new\s+\w+\(|=\s*\{|=\s*\["
_ITEM = (
    r"^[ \t]*(?:-[ \t]*)?(?:[rb]|re\.compile\(r?|regexp\.MustCompile\()?['\"`/]"
    r"[^'\"`\n]{1,80}['\"`/]i?\)?[ \t]*,?[ \t]*(?:(?://|#)[^\n]*)?$"
)
_SAFE = (
    r"(?i)safe|allow|trusted|approved|permitted|white_?-?list|auto_?-?(?:run|exec|appr)|read_?only"
)
_COMMAND = (
    r"^[ \t]*(?:-[ \t]*)?(?:[rb]|re\.compile\(r?)?['\"`/]\^?(?:\\b)?(?:git|npm|pnpm|yarn|go|"
    r"cargo|pip|docker|kubectl|curl|wget|ssh|scp|rm|mv|cp|cat|find|sed|awk|make|python3?|node|bash|sh|chmod|sudo|"
    r"systemctl|brew|apt(?:-get)?|nc|dd|xargs|tee|env|perl|ruby|gh|aws|terraform|helm|psql|mount|eval)"
    r"\b[^'\"`\n]*['\"`/]i?\)?,?[ \t]*$"
)
"""A command on a line of its own: of which list, stands above it."""
_BAD = (
    r"(?i)danger|deny|denied|block|forbid|unsafe|black_?-?list|banned|destructive|disallow|risky|"
    r"sensitive"
)
_MATCHED = (
    r"(?i)\b\w*(?:block|deny|denied|disallow|forbidden|banned|dangerous|restricted|black|white|allow|safe|"
    r"trusted)(?:ed|able)?_?(?:list\w*|commands?|cmds?|patterns?|tools?|prefix\w*|regex\w*|actions?|"
    r"executables?|binaries|programs?)\b|"
    r"(?-i:\b(?:DENIED|BLOCKED|FORBIDDEN|BANNED|DANGEROUS|ALLOWED|SAFE|TRUSTED))(?:\.\w|\)|\])|"
    r"\bin (?-i:(?:DENIED|BLOCKED|FORBIDDEN|BANNED|DANGEROUS|ALLOWED|SAFE|TRUSTED))\b"
)
"""A list by its name of what may, or may not, be done."""
_COMPARES = (
    r"(?i)\b(?:any|some|every|all|in|include[sd]?|contains?|has|(?:starts?|ends?)_?with|match\w*|test|"
    r"search|fnmatch\w*|glob\w*|HasPrefix|indexOf|find|exact|lower|strip|trim|split)\b|[=!]=|=~|=>"
)
_COMMENT = r"^[ \t]*(?://|#|\*|--|/\*)"
_OR = r"\|\||\bor\b"
_DONE = r"(?i)tool|command|cmd|shell|exec|bash|action|agent|mcp|sandbox|terminal"
_HOLDS = rf"{_DONE}|permission|approv"
_DECIDES = (
    r"(?i)permission_?mode|explicitly_?allowed|always_?(?:manual|ask|allow)|(?:was|is|auto|pre)_?approved|"
    r"approved_?(?:dangerous|command|tool)|(?:needs?|requires?)_?(?:approval|confirmation|permission)|"
    r"should_?(?:confirm|ask)_?(?:tool|command|exec\w*|permission|approval)|skip_?permission|yolo"
)
_IF = r"^[ \t]*(?:\}?[ ]*else[ ]+)?(?:if|elif|elsif|unless|when|guard|while)\b"
_CONFINED = (
    r"(?i)\b((?:allow_?|enable_?|has_?)?(?:network|internet)(?:_?access|_?enabled)?|"
    r"full_?disk_?\w+|writable(?:_?(?:roots?|paths?|dirs?))?|read_?only(?:_?root\w*|_?fs)?)"
    r"['\"]?\s*(?::\s*bool\w*\s*)?[:=]\s*([^\n]+)"
)
_CONFINES = r"(?i)sandbox|seatbelt|landlock|bwrap|bubblewrap|isolat|jail|agent"
_OPEN = r"^(?:true|True|enabled|full)\b"
_CLOSED = r"^(?:false|False|disabled|none|nil|null|None)\b"
_EVERYWHERE = r"['\"](?:/|~/?|\*+|/\*+|C:\\*)['\"]"
_LISTS = (
    r"(?i)approval|auto[^/]*approv|permission[^/]*(?:mode|polic|setting)|safe[^/]*command|"
    r"(?:tool|sandbox|exec|command)[^/]*polic|danger[^/]*(?:command|pattern)|(?:allow|deny|block)[^/]*list"
)
_TRUE = frozenset({b"true", b"True"})


def check(view: View) -> Iterator[Hit]:
    """Mark approvals that newly come by themselves, and questions that are not asked."""
    for file in view.where(_ON, _OFF, side=Side.NEW):
        if not file.labels.isdisjoint(_RUN) and not _is_aside(file):
            yield from _switched(file)
    for file in view.labelled(Label.APPROVALS):
        if expression(_LISTS).search(file.path.encode()) and not _is_aside(file):
            yield from _flipped(file)
            yield from _listed(file)
    for file in view.where(_COMMAND):
        is_there = file.status == "M" and not expression(_LISTS).search(file.path.encode())
        if is_there and _is_program(file):
            yield from _listed(file, by_path=False)
    for trigger, told in (
        (_STRICTER, _decided),
        (_MATCHED, _compared),
        (_CONFINED, _released),
        (_DECIDES, _conditions),
    ):
        for file in view.where(trigger, side=Side.OLD):
            if _is_program(file):
                yield from told(file)


def _is_program(file: FileView) -> bool:
    return Label.SOURCE in file.labels and file.status != "D" and not _is_aside(file)


def _switched(file: FileView) -> Iterator[Hit]:
    """Tell switches that approve, and those that no longer ask."""
    for line in file.new(_ON):
        yield _told(file, line, "an agent's action is newly approved by itself", None)
    for line in file.new(_OFF):
        severity = None if _is_loosened(file, line) else Severity.LOW
        yield _told(file, line, "a question that an agent asks is switched off", severity)


def _compared(file: FileView) -> Iterator[Hit]:
    """Tell another comparison with the same list of what may, or may not, be run."""
    compares, is_agents = expression(_COMPARES), expression(_DONE).search(file.path.encode())
    for block in blocks_losing(file, _MATCHED):
        old = [text for _, text in block.old if compares.search(text)]
        was = {name: text for text in old for name in _names(text)}
        for number, text in block.new if was else ():
            name = next((name for name in _names(text) if name in was), b"")
            about = is_agents or expression(_DONE).search(text)
            if name and about and compares.search(text) and _differ(name, was[name], text):
                message = "what is compared with this list, or how, decides what an agent may run"
                yield Hit.on(file, number, text, message)


def _names(text: bytes) -> list[bytes]:
    return [bytes(found[0]) for found in expression(_MATCHED).finditer(text)]


def _differ(name: bytes, old: bytes, new: bytes) -> bool:
    """Return whether a comparison is another one, and not merely joined by one that refuses."""
    if expression(_COMMENT).search(new):
        return False
    was, now = (b" ".join(text.split()).strip(b"{:;, ") for text in (old, new))
    is_longer = was in now and expression(_OR).search(now[len(was) :]) is not None
    return was != now and not (is_longer and expression(_BAD).search(name))


def _conditions(file: FileView) -> Iterator[Hit]:
    """Tell another condition for asking, or for not asking, before an agent acts."""
    decides, condition = expression(_DECIDES), expression(_IF)
    is_agents = expression(_HOLDS).search(file.path.encode()) is not None
    for block in blocks_losing(file, _DECIDES):
        old = [text for _, text in block.old if decides.search(text) and condition.search(text)]
        if not old or not (is_agents or any(expression(_DONE).search(text) for text in old)):
            continue
        kept = {b"".join(text.split()) for text in old}
        for number, text in block.new:
            if condition.search(text) and b"".join(text.split()) not in kept:
                told = "when an agent has to ask, or is held back, is decided by another condition"
                yield Hit.on(file, number, text, told)
                break


def _released(file: FileView) -> Iterator[Hit]:
    """Tell what a sandbox lets out, or in, where it did not."""
    if not expression(_CONFINES).search(file.path.encode()):
        return
    for pair in pairs_losing(file, _CONFINED):
        old, new = (expression(_CONFINED).search(text) for text in (pair.old, pair.new))
        if old and new and old[1] == new[1] and _is_wider(old[1], old[2], new[2]):
            message = "what an agent runs in its sandbox newly reaches further"
            yield Hit.on(file, pair.new_line, pair.new, message)


def _is_wider(name: bytes, old: bytes, new: bytes) -> bool:
    before, after = (_OPEN, _CLOSED) if b"only" in name.lower() else (_CLOSED, _OPEN)
    flips = expression(before).search(old) and expression(after).search(new)
    everywhere = expression(_EVERYWHERE)
    return bool(flips or (everywhere.search(new) and not everywhere.search(old)))


def _is_aside(file: FileView) -> bool:
    return set_aside(file.labels) or not file.labels.isdisjoint(_ASIDE)


def _told(file: FileView, line: Line, message: str, severity: Severity | None) -> Hit:
    is_setting = len(line.text) < _LONG and not line.text.startswith(("//", "#", "*"))
    severity = severity if is_setting else Severity.LOW
    return Hit.at(file, line, message, severity=severity, discountable=True)


def _is_loosened(file: FileView, line: Line) -> bool:
    """Return whether a line that began alike is gone, or the setting's name leaves no doubt."""
    word = expression(r"\w+").search(line.whole)
    was_there = word is not None and bytes(word[0]) in file.removed
    return was_there or expression(_STRICT).search(line.whole) is not None


def _decided(file: FileView) -> Iterator[Hit]:
    """Tell decisions that were to ask or to deny, and now let pass."""
    path, openers = file.path.encode(), Openers(file)
    for block in blocks_losing(file, _STRICTER) if expression(_AGENTS).search(path) else ():
        softer = [(pair.new_line, pair.new) for pair in paired(block) if _is_softer(pair)]
        for number, text in softer[:1] or _answer(block):
            places = (text, openers.above(number), path)
            if any(expression(_ABOUT).search(place) for place in places):
                message = "what was asked or denied before an agent acts is now let through"
                yield Hit.on(file, number, text, message)


def _is_softer(pair: Pair) -> bool:
    changed = changed_tokens(pair)
    went = [*changed.gone, *(old for old, _ in changed.swapped)]
    came = [*changed.came, *(new for _, new in changed.swapped)]
    strict, lax = expression(_ASKS), expression(_PASSES)
    return any(strict.search(word) for word in went) and any(lax.search(word) for word in came)


def _answer(block: Block) -> tuple[tuple[int, bytes], ...]:
    """Return the fixed answer that a question, or a refusal, gives way to; empty for none."""
    is_answer = len(block.new) == 1 and expression(_ANSWER).search(block.new[0][1])
    asked = expression(_ASKED)
    return block.new if is_answer and any(asked.search(text) for _, text in block.old) else ()


def _listed(file: FileView, *, by_path: bool = True) -> Iterator[Hit]:
    """Tell what a list of what is safe gains, and one of what is dangerous loses."""
    item, opens = expression(_ITEM if by_path else _COMMAND), expression(_LIST)
    bad = expression(_BAD)
    for hunk in file.hunks():
        lines = numbered(hunk)
        was = {_bare(text) for mark, _, text in lines if mark != b"+"}
        now = {_bare(text) for mark, _, text in lines if mark != b"-"}
        name = file.path.encode() if by_path else b""
        for mark, number, text in lines:
            if opens.search(text):
                name = text
            elif mark == b" " or not item.search(text):
                continue
            elif mark == b"-" and bad.search(name) and _bare(text) not in now:
                message = "what an agent had to ask for, or could not do, is taken off its list"
                yield Hit.on(file, number, text, message, side=Side.OLD)
            elif mark == b"+" and _is_of_safe(name) and _bare(text) not in was:
                yield Hit.on(file, number, text, "what an agent may do unasked grows")


def _is_of_safe(name: bytes) -> bool:
    return bool(expression(_SAFE).search(name)) and not expression(_BAD).search(name)


def _bare(text: bytes) -> bytes:
    return text.strip(b" \t,")


def _flipped(file: FileView) -> Iterator[Hit]:
    """Tell switches that were off in what was removed, and are on in what was added."""
    were = {bytes(m[1]) for m in expression(_SWITCH).finditer(file.removed) if m[2] not in _TRUE}
    for number, text in file.added_lines() if were else ():
        found = expression(_SWITCH).search(text)
        if found and found[1] in were and found[2] in _TRUE:
            message = "a setting of what an agent may do unasked is switched on"
            yield Hit.on(file, number, text, message)


RULE = Rule(
    id="agent-product-loosened",
    pathway=Pathway.PERMISSIONS,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="lets the agents of a program ask less, or do more",
    triggers=(_COMMAND,),
    added_triggers=(_ON, _OFF),
    removed_triggers=(_STRICTER, _MATCHED, _CONFINED, _DECIDES),
    wakes=frozenset({Label.APPROVALS}),
    check=check,
    version=2,
)
