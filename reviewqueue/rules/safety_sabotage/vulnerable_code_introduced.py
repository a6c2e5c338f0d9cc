r"""Code that newly lets outside text become program, query, page or log.

What it flags
    On added lines: a value written into a page as markup (`innerHTML`,
    `dangerouslySetInnerHTML`, `v-html`, `|safe`, `mark_safe`) where text was written
    before; a query put together from strings; a command for a shell with values in it; an
    archive unpacked wherever its entries say; a password, token or secret printed or logged.

Why it matters
    Each is a class of vulnerability with public exploits; one line of it is enough.

How to review it
    Follow the value back: can anybody outside put text there?
    Ask for the form that keeps text and program apart: parameters, argument lists,
    `textContent`, a filter on the entries.

Not flagged
    Constants; values that are cleaned on the same line; tests and prose.

Seen in
    CWE-79 (cross-site scripting), CWE-89 (SQL injection), CWE-78 (OS command injection),
    CWE-22 (path traversal; the archive form is known as Zip Slip), CWE-532 (secrets in a log).
"""

from collections.abc import Container, Iterable, Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.guards import is_program
from reviewqueue.scan.pairs import Block, Pair, blocks, paired, tokens
from reviewqueue.scan.rule import FileView, Hit, Pattern, Rule, Stability, View, expression

_ASIDE = frozenset(
    {Label.TEST, Label.DOCS, Label.GENERATED, Label.VENDORED, Label.LOCK, Label.DATA}
)
_MARKUP = (
    r"\b(?:innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|v-html|mark_safe|html_safe|"
    r"document\.write|codeToHtml|bypassSecurityTrust\w+|Html\.Raw)\b|\|[ \t]*safe\b|\{\{\{|"
    r"autoescape[ \t]+(?:off|false)|\.html\("
)
_AS_MARKUP = frozenset(
    b"innerHTML outerHTML insertAdjacentHTML dangerouslySetInnerHTML mark_safe html_safe safe "
    b"Raw codeToHtml SafeString Markup".split()
)
_AS_TEXT = frozenset(
    b"innerText textContent createTextNode escape escapeHtml escapejs codeToHast esc "
    b"conditional_escape format_html html_escape insertAdjacentText nodeValue".split()
)
_PLACEHOLDER = r"%s\b|\?[ \t]*[,)\"'`]|\$\d|[=(,][ \t]*:\w+|@\w+"
_PASTED = r"\{[\w.]+|\$\{|['\"][ \t]*%[ \t]*\(?\w|\+[ \t]*\w|\.format\("
_CONSTANT = r"=[ \t]*(?:'[^'\n]*'|\"[^\"\n]*\"|`[^`$\n]*`)[ \t]*;?[ \t]*$"
_QUERY = (
    r"(?i)['\"`][ \t]*(?:select[ \t][^\n]*[ \t]from|insert[ \t]+into|update[ \t]+\S+[ \t]+set|"
    r"delete[ \t]+from)[ \t]"
)


def check(view: View) -> Iterator[Hit]:
    """Mark values that were text, or a query's parameters, and no longer are."""
    for file in view.where(_MARKUP, _QUERY, side=Side.NEW):
        if not (file.removed and is_program(file)):
            continue
        lines = {line.number for line in (*file.new(_MARKUP), *file.new(_QUERY))}
        for block in blocks(file) if lines else ():
            if block.old and any(number in lines for number, _ in block.new):
                yield from _hits(file, block, lines)


def _hits(file: FileView, block: Block, lines: Container[int | None]) -> Iterator[Hit]:
    had = _words(text for _, text in block.old)
    lost = had - _words(text for _, text in block.new)
    for number, text in block.new if lost & _AS_TEXT else ():
        if expression(_CONSTANT).search(text):
            continue
        if number in lines and (frozenset(tokens(text)) - had) & _AS_MARKUP:
            yield _hit(file, number, text, "a value that was text is now written as markup")
    for pair in paired(block):
        if pair.new_line in lines and _is_pasted(pair):
            told = "a query's parameter is now pasted into its text"
            yield _hit(file, pair.new_line, pair.new, told)


def _words(lines: Iterable[bytes]) -> frozenset[bytes]:
    return frozenset(word for text in lines for word in tokens(text))


def _hit(file: FileView, number: int, text: bytes, message: str) -> Hit:
    return Hit(
        message=message,
        text=text.decode("utf-8", "replace").strip(),
        path=file.path,
        line=number,
        side=Side.NEW,
        key=b" ".join(text.split()),
    )


def _is_pasted(pair: Pair) -> bool:
    """Return whether a query had its values apart from its text, and no longer has."""
    held, pasted = expression(_PLACEHOLDER), expression(_PASTED)
    if not expression(_QUERY).search(pair.new):
        return False
    was_apart = held.search(pair.old) and not pasted.search(pair.old)
    return bool(was_apart and pasted.search(pair.new) and not held.search(pair.new))


RULE = Rule(
    id="vulnerable-code-introduced",
    pathway=Pathway.SAFETY_SABOTAGE,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="lets text from outside become program, query, page or log",
    patterns=(
        Pattern(
            _QUERY,
            "a value is pasted between the quotes of a query",
            line=r"['\"]\{[\w.]+\}['\"]|'%s'|'['\"][ \t]*\+|'\$\{[\w.]+\}'|'%\([\w.]+\)s'",
            never=_ASIDE,
        ),
        Pattern(
            r"\bos\.(?:system|popen)\(|\b(?:execSync|exec)\([ \t]*`|\bshell[ \t]*=[ \t]*True\b|"
            r"\bgetRuntime\(\)\.exec\(|\b(?:shell_exec|passthru|proc_open)\(|"
            r"\bsh[\"'],[ \t]*[\"']-c[\"'],",
            "a command for a shell is put together from values",
            line=r"\([ \t]*f['\"][^\n]*\{|['\"][ \t]*(?:%[ \t]*[\w(]|\+[ \t]*[a-z])|"
            r"['\"]\.format\(|\$\{[a-z]|\([^\n]*\$[a-z]|fmt\.Sprintf",
            never=_ASIDE,
        ),
        Pattern(
            r"(?i)[,({+=][ \t]*[\w.]*(?:password|passwd|passphrase|secret|secret_?key|api_?key|"
            r"private_?key|\w_?token|\btoken|credentials)[ \t]*[,)}]",
            "a secret is printed or logged",
            line=r"(?i)^[ \t]*(?:print(?:ln|f)?|echo|puts|console\.(?:log|info|debug|warn|error)|"
            r"\w*log(?:ger|ging)?\.(?:debug|info|warn\w*|error|print\w*|log|trace)|fmt\.print\w*|"
            r"slog\.\w+|system\.out\.print\w*|console\.write\w*|(?:tracing::)?(?:e?println|info|debug|"
            r"warn|error|trace)!)[ \t]*[( ]",
            never=_ASIDE,
        ),
        Pattern(
            r"\.extractall\(",
            "an archive is unpacked wherever its entries say",
            line=r"\b(?:tar|tf|t|tgz|tarball|tar_?file|archive)\w*\.extractall\(",
            never=_ASIDE,
            severity=Severity.LOW,
        ),
    ),
    triggers=(_MARKUP, _QUERY),
    check=check,
)
