r"""Code that newly lets outside text become program, query or page.

What it flags
    On added lines: a value written into a page as markup (`innerHTML`,
    `dangerouslySetInnerHTML`, `v-html`, `|safe`, `mark_safe`) where text was written
    before; a query put together from strings; a command for a shell with values in it; an
    archive unpacked wherever its entries say (low); what a request brings, where a few lines
    on it decides what is run, opened, asked, fetched or shown.

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
    CWE-22 (path traversal; the archive form is known as Zip Slip).
"""

from collections.abc import Container, Iterable, Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.flow import uses
from reviewqueue.scan.guards import is_program
from reviewqueue.scan.pairs import Block, Pair, blocks, finds, paired, tokens
from reviewqueue.scan.rule import FileView, Hit, Pattern, Rule, Stability, View, expression

_ASIDE = frozenset(
    {Label.TEST, Label.DOCS, Label.GENERATED, Label.VENDORED, Label.LOCK, Label.DATA}
)
_MARKUP = (
    r"\b(?:innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|v-html|mark_safe|"
    r"html_safe|"
    r"document\.write|codeToHtml|bypassSecurityTrust\w+|Html\.Raw)\b|\|[ \t]*safe\b|\{\{\{|"
    r"autoescape[ \t]+(?:off|false)|\.html\(|\{!!|<%==|<%=[ ]*raw\b|<%-[ ]|\|[ \t]*raw\b|th:utext|"
    r"<j:out\b|"
    r"ng-bind-html|\{@html|escapeXml=['\"]false|\.append\([^\n]*['\"]<"
)
_RAW = (
    r"\{!!|<%==|<%=[ ]*raw\b|<%-[ ]|\|[ \t]*(?:raw|safe)\b|th:utext|<j:out\b|\bmark_safe\(|"
    r"\bMarkup\(|SafeString|ng-bind-html|\bv-html|\{@html|"
    r"\{\{\{|\{\{&|Html\.Raw|html_safe|\[innerHTML\]|escapeXml=['\"]false|autoescape[ \t]+(?:off|"
    r"false)|"
    r"insertAdjacentHTML|\.append\([^\n]*['\"]<"
)
"""How a page takes a value as markup."""
_AS_MARKUP = frozenset(
    b"innerHTML outerHTML insertAdjacentHTML dangerouslySetInnerHTML mark_safe html_safe safe "
    b"Raw raw codeToHtml SafeString Markup html".split()
)
_AS_TEXT = frozenset(
    b"innerText textContent createTextNode escape escapeHtml escapejs codeToHast esc "
    b"conditional_escape format_html html_escape insertAdjacentText nodeValue".split()
)
_SHARED = 2
"""Names that two lines share which are about the same value."""
_PLACEHOLDER = r"%s\b|\?[ \t]*[,)\"'`]|\$\d|[=(,][ \t]*:\w+|@\w+"
_PASTED = r"\{[\w.]+|\$\{|['\"][ \t]*%[ \t]*\(?\w|\+[ \t]*\w|\.format\("
_FORMATTED = (
    r"(?:Sprintf|\.format|String\.format|format!)\([^\n]*(?i:select|insert|update|delete)[ ]"
)
_CONSTANT = r"=[ \t]*(?:'[^'\n]*'|\"[^\"\n]*\"|`[^`$\n]*`)[ \t]*;?[ \t]*$"
_QUERY = (
    r"(?i)['\"`][ \t]*(?:select[ \t][^\n]*[ \t]from|insert[ \t]+into|update[ \t]+\S+[ \t]+set|"
    r"delete[ \t]+from)[ \t]"
)
_REQUEST = (
    r"\b(?:req|request|ctx\.request|ctx|event|self\.request|flask\.request)\.(?:query|body|params|"
    r"args|form|values|GET|POST|"
    r"COOKIES|cookies|files|FILES|headers|data|json|query_params|queryStringParameters|param|"
    r"originalUrl)\b"
    r"(?:\.|\[|\s*\(|\?\.)|\bgetParameter(?:Values)?\s*\(|\bgetQueryString\s*\(|"
    r"\$_(?:GET|POST|REQUEST|COOKIE|FILES)\b|\bparams\[:\w|\bcookies\[:\w|\.FormValue\s*\(|"
    r"\.URL\.Query\(\)|\bRequest\.(?:Query|Form|QueryString|Params|Cookies)\b|"
    r"\blocation\.(?:hash|search|href)\b|\bURLSearchParams\s*\(|\bdocument\.(?:referrer|URL)\b"
)
"""What somebody outside has sent."""
_RUN_BY = (
    r"(?:^|[^\w\n.>:])(?:exec|execSync|execFile\w*|spawn\w*|system|popen|shell_exec|passthru|"
    r"proc_open|"
    r"eval|Function|open|fopen|readfile|file_get_contents|require|include(?:_once)?|require_once|"
    r"render_template_string|unserialize|send_file|unlink)\s*\(|\b(?:os\.(?:system|popen|Open|"
    r"ReadFile|Remove|Create)|"
    r"subprocess\.\w+|exec\.Command\w*|child_process\.\w+|cp\.exec\w*|shell\.exec|vm\.run\w+|"
    r"new\s+ProcessBuilder|"
    r"getRuntime\(\)\.exec|Process\.Start|instance_eval|class_eval|constantize|render\s+inline|"
    r"File\.(?:open|read|new|"
    r"ReadAll\w+|Open\w*)|IO\.popen|Kernel\.\w+|new\s+File\w*|Paths\.get|Path\.Combine|"
    r"ioutil\.ReadFile|"
    r"fs\.\w+|readFile\w*|createReadStream|sendFile|sendfile|Template|from_string|pickle\.loads?|"
    r"yaml\.(?:unsafe_)?load|"
    r"Marshal\.load|deserialize|runIn\w*Context|loadstring|xpath|parseXml\w*|libxmljs\.\w+|"
    r"sendRedirect|redirect_to|http\.Redirect|HttpResponseRedirect|res\.redirect|LocalRedirect|"
    r"NextResponse\.redirect)\s*\(?|"
    r"\$where\b|`[^`\n]*#\{"
)
_SHOWN_BY = (
    r"\b(?:res\.(?:send|write|end)|document\.write(?:ln)?|HttpResponse|make_response|"
    r"getWriter\(\)\.\w+|"
    r"Response\.Write|\$\([^)\n]*\)\.(?:html|append)|insertAdjacentHTML|mark_safe|Markup|Html\.Raw|"
    r"template\.(?:HTML|JS|URL|CSS|HTMLAttr)|SafeString|(?:out|writer)\.print\w*)\s*\(|\b(?:inner|"
    r"outer)HTML\s*\+?=|"
    r"\.html_safe\b|\bFprintf?\s*\(\s*w\s*,|^[ \t]*(?:echo|print)\s"
)
_ASKED_BY = (
    r"(?:\bexecute(?:many|Query|Update|Script)?|\bquery|\braw|\bcreate(?:SQL|Native)?Query|\bexec|"
    r"\bQueryRow\w*|"
    r"\bwhere|\bfind_by_sql|mysqli?_query|pg_query|SqlCommand|\bRawSQL|\bsqlRestriction|"
    r"\bselectOne)\s*[({][^\n]*"
    r"(?:['\"`][ \t]*(?:\+|\.|%)[ \t]*[\w$(]|\$\{|#\{|\{\w|Sprintf|\.format\(|\$_)"
)
_SENT_TO = (
    rf"\b(?:fetch|axios(?:\.\w+)?|requests\.\w+|httpx\.\w+|urlopen|http\.Get|got|needle|"
    rf"request\.get|curl_init|"
    rf"URI\.open|open-uri|Net::HTTP\.get\w*)\s*\(\s*(?:{_REQUEST})"
)
_CLEANED = (
    r"(?i)escape|saniti[sz]|clean|encode|htmlspecialchars|htmlentities|shlex|quote|basename|"
    r"secure_filename|"
    r"\bint\(|parse(?:Int|Float)|Number\(|Atoi|intval|valid|allow|\bsafe\w*\(|safe_(?:load|join)|"
    r"whitelist|"
    r"strip|hash|stringify|json\(|startsWith|\blen\(|\bisset\(|\.length\b|typeof|=>\s*\{\s*$|"
    r"\breverse\(|url_for\(|"
    r"\?\s*[,)\"']|\$\d|%s[^\n]*,\s*[\[(]|:\w+[\"'`,)]|assert|expect\("
)
_SINKS = (
    (_RUN_BY, "what a request brings decides what is run, opened or where somebody is sent"),
    (_SHOWN_BY, "what a request brings is written into a page"),
    (_ASKED_BY, "what a request brings is pasted into a query"),
    (_SENT_TO, "what a request brings decides which address the server asks"),
)
_ANY_SINK = "|".join(f"(?:{sink})" for sink, _ in _SINKS)
_REACH = 6
"""Lines that a value of a request is followed for."""
_NOW_MARKUP = "a value that was text is now written as markup"


def check(view: View) -> Iterator[Hit]:
    """Mark what lets text from outside reach what runs, shows or asks it."""
    yield from _no_longer_apart(view)
    cleaned = expression(_CLEANED)
    for file in view.where(_REQUEST, side=Side.NEW):
        for use in uses(file, _REQUEST, _ANY_SINK, _REACH) if is_program(file) else ():
            if not (cleaned.search(use.text) or cleaned.search(use.origin)):
                told = next(told for sink, told in _SINKS if expression(sink).search(use.text))
                yield Hit.on(file, use.number, use.text, told)


def _no_longer_apart(view: View) -> Iterator[Hit]:
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
            yield Hit.on(file, number, text, _NOW_MARKUP)
    pairs = list(paired(block))
    if not pairs and len(block.old) == len(block.new) == 1:
        (old_line, old), (new_line, new) = *block.old, *block.new
        pairs = [Pair(old_line, new_line, old, new)]
    for pair in pairs:
        if pair.new_line in lines and _is_pasted(pair):
            told = "a query's parameter is now pasted into its text"
            yield Hit.on(file, pair.new_line, pair.new, told)
        elif pair.new_line in lines and _is_unescaped(pair):
            yield Hit.on(file, pair.new_line, pair.new, _NOW_MARKUP)


def _is_unescaped(pair: Pair) -> bool:
    """Return whether a line is the same, but for the mark that its value is markup."""
    old, new = frozenset(tokens(pair.old)), frozenset(tokens(pair.new))
    if expression(_CONSTANT).search(pair.new):
        return False
    raw = finds(_RAW)
    if raw(pair.new) and not raw(pair.old):
        return len([name for name in old & new if name[:1].isalpha()]) >= _SHARED
    return bool((new - old) & _AS_MARKUP) and len(old - new) <= 1


def _words(lines: Iterable[bytes]) -> frozenset[bytes]:
    return frozenset(word for text in lines for word in tokens(text))


def _is_pasted(pair: Pair) -> bool:
    """Return whether a query had its values apart from its text, and no longer has."""
    held, pasted = expression(_PLACEHOLDER), expression(_PASTED)
    if held.search(pair.old) and expression(_FORMATTED).search(pair.new):
        return not expression(_FORMATTED).search(pair.old)
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
    summary="lets text from outside become program, query or page",
    version=4,
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
            r"\.extractall\(",
            "an archive is unpacked wherever its entries say",
            line=r"\b(?:tar|tf|t|tgz|tarball|tar_?file|archive)\w*\.extractall\(",
            never=_ASIDE,
            severity=Severity.LOW,
        ),
    ),
    added_triggers=(_MARKUP, _QUERY, _REQUEST),
    check=check,
)
