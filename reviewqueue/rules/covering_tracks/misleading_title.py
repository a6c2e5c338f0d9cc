r"""A title that says less than the change does.

What it flags
    A title that says documentation, typo, comment, formatting or white space, on a change
    that adds or removes program lines outside of tests, be it one that does something else
    than before (a number, an operator, a condition, a call). A title that says types, lint,
    rename, version or tests, on a change that newly acts (network, timers, processes, page
    content) or touches workflows and hooks; the same under a title that says nothing ("fix bug",
    "update", "some fun").

Why it matters
    A reviewer gives a typo a second's look. Who wants a change not to be read gives it
    a title that nobody opens.

How to review it
    Read the files that are not prose as if the title were missing.
    Ask for a title that says what the change does.

Not flagged
    Comments, texts, docstrings, spelling and white space in source; scripts that make
    documentation, under a title about documentation; what only tests use, under a title about
    tests; pictures; new files below a folder of examples, or named so, under a title that adds
    or is about examples; which version of a tool a step of CI sets up; the sentences of a page;
    titles that name the code as well, or say by their kind (`feat:`) that more changes. A workflow
    that only looks in another folder of the documentation, under a title about it, is a low
    finding; so are style sheets, parts of a project's site that do not act, under `docs:`, and
    examples inside docstrings.

Seen in
    The backdoor put into PHP's source in March 2021, "fix typo". colors.js 1.4.1 (January
    2022) and the protest code in web libraries of 2022. ATT&CK T1036 (masquerading).
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import FileView, Hit, Rule, Stability, View, expression
from reviewqueue.scan.structure.pairs import Pair, changed_tokens, pairs
from reviewqueue.scan.structure.said import is_sentence

_WORDS = (
    r"(?i)^(?:(?:docs?|style|typos?)(?:\([^)]*\))?!?:|(?:chore|fix|ci|"
    r"minor)(?:\([^)]*\))?!?:\s*(?:fix\s+)?(?:a\s+)?typos?\b|(?:fix(?:e[sd])?|correct(?:s|"
    r"ed)?)\s+(?:a\s+|some\s+|minor\s+|small\s+)?(?:typos?|spelling|grammar|white\s?space|"
    r"indentation|formatting|comments?|docs?|docstrings?)\b|(?:update|improve|clean\s?up|reword|"
    r"add)\s+(?:the\s+)?(?:readme|docs?|documentation|comments?|docstrings?|"
    r"changelog)(?:\s+(?:for|to|of|in|on|about|with)\b|\s*$|\s*[(:])|typos?\b|"
    r"(?:re)?format(?:ting)?\b|white\s?space\b)"
)
_SMALL = (
    r"(?i)^(?:\w+(?:\([^)]*\))?!?:\s*)?(?:(?:add|fix|update|improve|correct|complete)(?:s|es|ed|"
    r"ing)?\s+(?:some\s+|more\s+|missing\s+|the\s+|jsdoc\s+|typescript\s+|ts\s+)*(?:types?|"
    r"typings?|type\s+(?:hints?|annotations?|definitions?)|annotations?|jsdoc|lint(?:er|ing)?|"
    r"eslint|tests?|unit\s+tests?|translations?|copyright|licen[cs]e|badges?)\b|(?:bump|upgrade|"
    r"update)\s+(?:the\s+)?(?:\S+\s+(?:from|to)\b|version|dep(?:endenc(?:y|ies)|s)\b|lock\s?file|"
    r"v?\d+\.)|release\s+v?\d|version\s+bump|v?\d+\.\d+\.\d+\W*$|rename\s|lint\b|prettier\b|"
    r"(?:remove|sort|order|organi[sz]e)\s+(?:unused\s+)?imports)|"
    r"^(?:chore\(deps[\w-]*\)|test|tests|lint):"
)
_EMPTY = (
    r"(?i)^(?:\w+(?:\([^)]*\))?!?:\s*)?(?:(?:(?:small|minor|tiny|quick|some|more|misc|various|"
    r"general|simple|little|another|the|a|few|last|final|other)\W*)*(?:fix(?:e[sd])?|bugs?|"
    r"bug\s?fix(?:e[sd])?|updates?|wip|misc|clean\s?-?up|changes?|stuff|tweaks?|improvements?|"
    r"temp|tmp|asdf\w*|oops|things?|edits?|work|commit|save|checkpoint|refactor(?:ing)?|"
    r"housekeeping|maintenance|patch|small|minor)(?:\s+(?:a\s+|some\s+|the\s+|small\s+|"
    r"minor\s+)?(?:bugs?|changes?|stuff|things?|fix(?:es)?|issues?|updates?|tweaks?|code|files?|"
    r"errors?|problems?|it|this|up|again))?|(?:add|have|more|just|for|making)?\s*(?:some\s+|"
    r"a\s+(?:little\s+|bit\s+of\s+)?)?(?:fun|jokes?|easter\s?eggs?|surprise|lol|magic|goodies)|"
    r"[^\w\s]+|\w)?\W*$"
)
_FEATURE = r"(?i)^(?:feat|perf|refactor)(?:\([^)]*\))?!?:\s*(?:rename|bump|upgrade|update)\b"
"""Says by its kind that more than a word changes."""
_WIDER = (
    r"(?i);\s*\w|\b(?:and|&|\+)\s+\w|"
    r"\b(?:fix|add|implement|refactor|remove|change)\w*\s+(?:bug|support|api)"
)
_SAYS_CI = (
    r"(?i)\btests?\b|\b(?:ci|jobs?|workflows?|pipelines?|actions?|lint\w*|badges?|release|bump)\b"
)
"""Titles that a change of CI belongs to."""
_SILENT = (
    r"^[ \t]*(?:#|//|/\*|\*|\*/|<!--|--\s|;|\"\"\"|'''|>>>|\.\.\.)|"
    r"^[ \t]*$|^[ \t]*[{}()\[\],;]*\s*$"
)
_DEED = (
    r"^[ \t]*(?:if|elif|else\s+if|for|while|return|raise|throw|import|from|def|class|func|fn|"
    r"const|let|var|try|except|catch|with|await|assert|del|exec|export|use|pub|public|private|"
    r"switch|case)\b|^[ \t]*[\w.\[\]'\"]+\s*(?:[:+*/|&-]?=)[^=]|"
    r"^[ \t]*[\w.:]+\([^)\n]*\)\s*;?\s*$|"
    r"^[ \t]*-?[ \t]*(?:run|uses|script|command|entrypoint|env|permissions|on)\s*:"
)
_ACTS = (
    r"\b(?:setTimeout|setInterval|XMLHttpRequest|child_process|subprocess|Runtime\.getRuntime|"
    r"popen|ShellExecute|WebSocket|sendBeacon|urlopen|urlretrieve|socket\.|eval|execSync|"
    r"spawnSync?|createElement|innerHTML|localStorage|pointerEvents|navigator\.|http\.Get|"
    r"http\.Post|exec\.Command|Process\.Start|os\.system|document\.write)\b|\bfetch\s*\(|"
    r"\brequests\.(?:get|post|put)\s*\(|\.src\s*=\s*['\"`]https?://|"
    r"\b(?:pre|post)?install['\"]\s*:|\bwhile\s*\(?(?:true|1|True)\b|<\s*Infinity\b|"
    r"\bfor\s*\(\s*;\s*;"
)
_DECIDES = (
    r"^(?:if|elif|else if|return|raise|throw|await|while)\b[^\n]{4,}|^-?[ ]*(?:run|uses|if|"
    r"script):[ ]*\S"
)
_BARE_CALL = r"^[\w.:>-]+\([^\n]*\);?$"
_CALLS = r"\w\([^\n]*\)"
"""What of a program says what is done: a condition or a way out, else a call."""
_TEXTS = r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|`[^`\n]*`|(?://|#)[^\n]*$"
_OPERATORS = frozenset(
    b"! != == === !== < > <= >= && || and or not in is + - * / % | & ^ << >> return raise throw "
    b"await continue break if else += -=".split()
)
_SPELT = 0.75
"""Share of the letters that a word and its other spelling have in common."""
_SEVERAL = 3
"""Program lines below which each must be seen to behave otherwise."""
_FOR_TESTS = (
    r"(?i)(?:^|/)(?:_*tests?_*|testing|test[_-]?(?:utils?|helpers?|support|kit|data|harness|infra)|"
    r"e2e|fixtures?|mocks?)(?:/|\.\w+$)"
)
"""Where a project keeps what only its tests use."""
_SAYS_TESTS = r"(?i)^(?:tests?\b|(?:\w+(?:\([^)]*\))?!?:\s*)?\w+\s+(?:\w+\s+)?(?:unit\s+)?tests?\b)"
_SAYS_EXAMPLES = (
    r"(?i)^docs?\((?:[\w/.-]*/)?(?:examples?|samples?|demos?|tutorials?)\)!?:|"
    r"^(?:docs?(?:\([^)]*\))?!?:[ ]*)?add(?:s|ed|ing)?\b[^:;]*\b"
    r"(?:examples?|samples?|demos?|tutorials?)\b"
)
_EXAMPLES = (
    r"(?i)(?:^|/)(?:examples?|samples?|demos?|tutorials?)/|[._-](?:examples?|samples?|demos?)\.\w+$"
)
_LOOKS_IN_DOCS = r"(\b(?:find|ls|grep)[ ]+)[\"']?(?:\./)?docs?(?:/[\w-]+)*/?[\"']?([ )|;]|$)"
"""A command that only looks, and a folder of documentation."""
_KIND_DOCS = r"(?i)^docs?(?:\([^)]*\))?!?:"
_SITE = (
    r"(?i)(?:^|/)(?:landing|web-?site|www|home-?page|blog|docs?-?(?:site|web|app|ui))"
    r"(?:[-_.]\w+)*/(?:.*/)?[^/]+\.(?:[jt]sx|vue|svelte|astro|mdx)$"
)
"""A page, or a part of one, of the site that a project tells of itself on."""
_STYLE = r"(?i)\.(?:css|scss|sass|less|styl)$"
_LOADS = r"(?i)https?://|@import|expression\("
_VERSION = r"^-?[ ]*(?:with:$|['\"]?(?:[\w-]+-)?versions?['\"]?:[ ]*['\"\w.^~*<>= -]*(?:#[^\n]*)?$)"
"""Which version of a tool a step sets up."""
_QUOTES = (b'"""', b"'''")
_PAGE = r"(?i)\.x?html?$"
_SENTENCE = r"^(?:[A-Za-z][\w'-]*[,.;:!?)]*(?:[ ]+\(?|$)){5,}(?:[\w'-]+[,.;:!?)]*)?(?:</\w+>)*$"
_END_OF_ONE = r"^[A-Za-z][\w' ,-]*[.!?](?:</(?:p|li|b|i|em|strong|span|td|div|h\d)>)+$"
"""A line of a page that is only said."""
_DOC_TOOL = (
    r"(?i)docs?\b|doc[s_-]|openapi|swagger|llms|sphinx|mkdocs|changelog|readme|storybook|"
    r"locale|i18n"
)
_NO_PROGRAM = frozenset({Label.TEST, Label.DOCS, Label.GENERATED, Label.LOCK, Label.MEDIA})
_PROGRAM = frozenset({Label.SOURCE, Label.SCRIPT, Label.CI, Label.BUILD, Label.HOOK})
_TOUCHY = frozenset({Label.CI, Label.HOOK, Label.BUILD})
_RUNS_FOR_ALL = frozenset({Label.CI, Label.HOOK})


class _Claim(NamedTuple):
    """What a title says, and what then does not fit."""

    regex: str
    message: str
    acts_only: bool
    """Only what acts, or runs for everybody, is told."""


_CLAIMS = (
    _Claim(
        _WORDS, "the title speaks of words only, but program lines change here", acts_only=False
    ),
    _Claim(
        _EMPTY, "the title says nothing, and this newly acts or runs for everybody", acts_only=True
    ),
    _Claim(_SMALL, "the title speaks of something small, but this newly acts", acts_only=True),
)


def check(view: View) -> Iterator[Hit]:
    """Mark what does not fit the title."""
    title = view.subject.headline[:500].encode("utf-8", "replace").strip()
    claim = next((claim for claim in _CLAIMS if expression(claim.regex).search(title)), None)
    if not title or claim is None:
        return
    if claim.regex == _SMALL and expression(_FEATURE).search(title):
        return
    if not claim.acts_only and expression(_WIDER).search(title):
        return
    says_ci = claim.regex != _EMPTY and expression(_SAYS_CI).search(title) is not None
    formatting = b"format" in title.lower() or title.lower().startswith(b"style")
    documents = claim.regex == _WORDS and not formatting
    belongs = _DOC_TOOL if documents else ""
    if claim.regex == _SMALL and expression(_SAYS_TESTS).search(title):
        belongs = _FOR_TESTS
    for file in view.files:
        if not _is_program(file) or (says_ci and Label.CI in file.labels):
            continue
        if claim.regex != _EMPTY and _is_new_example(file, title):
            continue
        if belongs and expression(belongs).search(file.path.encode("utf-8", "replace")):
            continue
        is_site = documents and _is_of_site(file, title)
        yield from _deeds(file, claim, formatting=formatting, is_mild=is_site)


def _is_of_site(file: FileView, title: bytes) -> bool:
    """Return whether a file only shows something, where documentation is a site: no deed in it."""
    path = file.path.encode("utf-8", "replace")
    if expression(_STYLE).search(path):
        return expression(_LOADS).search(file.added) is None
    if not expression(_KIND_DOCS).search(title) or not expression(_SITE).search(path):
        return False
    return expression(_ACTS).search(file.added) is None


def _is_new_example(file: FileView, title: bytes) -> bool:
    """Return whether a file is the example that a title tells of, and no build reads it."""
    if file.status != "A" or not file.labels.isdisjoint(_TOUCHY):
        return False
    if not expression(_SAYS_EXAMPLES).search(title):
        return False
    return expression(_EXAMPLES).search(file.path.encode("utf-8", "replace")) is not None


def _is_program(file: FileView) -> bool:
    return file.labels.isdisjoint(_NO_PROGRAM) and not file.labels.isdisjoint(_PROGRAM)


def _deeds(file: FileView, claim: _Claim, *, formatting: bool, is_mild: bool) -> Iterator[Hit]:
    """Tell a file whose program changes: its letters too, where formatting was said."""
    for_all = not file.labels.isdisjoint(_RUNS_FOR_ALL)
    if claim.acts_only and not for_all and not expression(_ACTS).search(file.added):
        return
    added, removed = _program(file.added), _program(file.removed)
    if formatting and b"".join(sorted(added)) == b"".join(sorted(removed)):
        return
    if formatting and _letters(file.added) == _letters(file.removed):
        return
    before, after = frozenset(removed), frozenset(added)
    changed = [text for text in added if text not in before]
    gone = [text for text in removed if text not in after]
    looks = not formatting and _only_looks(changed, gone)
    differing = _acting if claim.acts_only else _behaving
    changed, gone = differing(file, changed, gone)
    if not (changed or gone):
        return
    severe = bool(file.labels & _TOUCHY)
    is_mild = is_mild or looks or (not claim.acts_only and _is_in_docstrings(file, changed, gone))
    shown = _telling(changed or gone)
    number = next((n for n, text in file.added_lines() if text.strip() == shown), None)
    yield Hit(
        message=claim.message,
        text=shown[:2_000].decode("utf-8", "replace"),
        path=file.path,
        line=number,
        side=Side.NEW if number else Side.NONE,
        severity=Severity.LOW if is_mild or (formatting and not severe) else Severity.MEDIUM,
        key=b"\n".join([*changed, *gone]),
    )


def _is_in_docstrings(file: FileView, changed: list[bytes], gone: list[bytes]) -> bool:
    """Return whether these lines of a Python file all stand in docstrings, as the hunks show."""
    if not file.path.endswith((".py", ".pyi")):
        return False
    deeds = ({*changed}, {*gone})
    for _, _, lines in file.hunks():
        for side, other in enumerate((b"-", b"+")):
            kept = [line for line in lines if line[:1] not in {other, b"\\"}]
            if not deeds[side].isdisjoint(_outside(kept)):
                return False
    return True


def _outside(lines: Sequence[bytes]) -> Iterator[bytes]:
    """Yield the changed lines of a hunk that no docstring holds, stripped.

    Quotes alone on a line close a docstring that began above the hunk, if they are its first, no
    line right above them opens a block, and all others in it come in twos.
    """
    quoted = [
        (at, line[1:].strip())
        for at, line in enumerate(lines)
        if any(line.count(mark) % 2 for mark in _QUOTES)
    ]
    within = len(quoted) % 2 == 1 and quoted[0][1] in _QUOTES and quoted[0][0] > 0
    within = within and not lines[quoted[0][0] - 1].rstrip().endswith(b":")
    turns = {at for at, _ in quoted}
    for at, line in enumerate(lines):
        if at in turns:
            within = not within
        elif not within and line[:1] in {b"+", b"-"}:
            yield line[1:].strip()


def _only_looks(changed: list[bytes], gone: list[bytes]) -> bool:
    """Return whether lines only look in another folder of the documentation than before."""
    looks = expression(_LOOKS_IN_DOCS)
    if not changed or not all(looks.search(text) for text in (*changed, *gone)):
        return False
    new, old = (
        sorted(bytes(looks.sub(rb"\1docs\2", text)) for text in lines) for lines in (changed, gone)
    )
    return new == old


def _is_said(file: FileView, text: bytes) -> bool:
    """Return whether a line is a sentence: of a docstring, or of a page."""
    if not expression(_PAGE).search(file.path.encode("utf-8", "replace")):
        return is_sentence(file, text)
    return expression(f"{_SENTENCE}|{_END_OF_ONE}").search(text.strip()) is not None


def _behaving(
    file: FileView, changed: list[bytes], gone: list[bytes]
) -> tuple[list[bytes], list[bytes]]:
    """Leave out what is only spelt otherwise; of a small change, keep what behaves otherwise.

    Another number, switch, operator or call, or a deed that comes or goes; neither a text nor a
    name spelt in another way.
    """
    found = list(pairs(file))
    alike = [pair for pair in found if not _behaves(pair)]
    if expression(_PAGE).search(file.path.encode("utf-8", "replace")):
        changed, gone = (
            [text for text in lines if not _is_said(file, text)] for lines in (changed, gone)
        )
    new, old = {pair.new.strip() for pair in alike}, {pair.old.strip() for pair in alike}
    changed = [text for text in changed if text not in new]
    gone = [text for text in gone if text not in old]
    if len(changed) + len(gone) >= _SEVERAL:
        return changed, gone
    silent, decides = expression(_SILENT), expression(f"{_DECIDES}|{_BARE_CALL}")
    behaves = [
        pair
        for pair in found
        if _behaves(pair) and not silent.search(pair.old) and not _is_said(file, pair.new)
    ]
    new, old = {pair.new.strip() for pair in behaves}, {pair.old.strip() for pair in behaves}
    return (
        [text for text in changed if text in new or decides.search(text)]
        or [pair.new.strip() for pair in behaves],
        [text for text in gone if text not in old and decides.search(text)],
    )


def _behaves(pair: Pair) -> bool:
    text, word = expression(_TEXTS), expression(r"^[A-Za-z_]\w+$")
    old, new = (bytes(text.sub(b"''", line)) for line in (pair.old, pair.new))
    changed = changed_tokens(Pair(pair.old_line, pair.new_line, old, new))
    if changed.switches or changed.numbers:
        return True
    if any(token in _OPERATORS or word.search(token) for token in (*changed.gone, *changed.came)):
        return True
    return any(
        (old in _OPERATORS) != (new in _OPERATORS)
        or (old != new and old in _OPERATORS)
        or (word.search(old) and word.search(new) and not _is_respelt(old, new))
        for old, new in changed.swapped
    )


def _is_respelt(old: bytes, new: bytes) -> bool:
    """Return whether two words are one, spelt in two ways."""
    shared = sum((Counter(old.lower()) & Counter(new.lower())).values())
    return 2 * shared >= _SPELT * (len(old) + len(new))


def _acting(
    file: FileView, changed: list[bytes], gone: list[bytes]
) -> tuple[list[bytes], list[bytes]]:
    """Keep what runs for everybody, and what newly acts."""
    if file.labels & _RUNS_FOR_ALL:
        version = expression(_VERSION)
        kept = [
            [text for text in lines if b"uses:" not in text and not version.search(text)]
            for lines in (changed, gone)
        ]
        return kept[0], kept[1]
    acts, silent = expression(_ACTS), expression(_SILENT)
    acted = {match[0] for match in acts.finditer(file.removed)}
    return [
        text.strip()
        for _, text in file.added_lines()
        if (found := acts.search(text)) and found[0] not in acted and not silent.search(text)
    ], []


def _telling(lines: Sequence[bytes]) -> bytes:
    """Return the line that says most of what is done, rather than one that only opens a block."""
    for regex in (_DECIDES, _CALLS):
        tells = expression(regex)
        for line in lines:
            if tells.search(line):
                return line
    return lines[0]


def _program(text: bytes) -> list[bytes]:
    """Return the lines that do something, stripped."""
    silent, deed = expression(_SILENT), expression(_DEED)
    starts = (match.start() for match in deed.finditer(text))
    lines = (text[start : text.find(b"\n", start)].strip() for start in starts)
    return [line for line in lines if not silent.search(line)]


def _letters(text: bytes) -> bytes:
    return b"".join(text.split()).translate(None, b"\"',;()")


RULE = Rule(
    id="misleading-title",
    pathway=Pathway.COVERING_TRACKS,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="changes behaviour under a title that says less",
    version=7,
    check=check,
)
