r"""Code that newly lets outside text become program, query or page.

What it flags
    On added lines: a value written into a page as markup (`innerHTML`,
    `dangerouslySetInnerHTML`, `v-html`, `|safe`, `{!!`, `template.HTML`, an engine for plain
    text) where text was written before; a query put together from strings, or that has a value
    pasted in where it was a parameter (`:name`, `?`, `#{name}`) before, also over several
    lines; a command for a shell with values in it; an archive unpacked wherever its entries
    say (low); what a request brings, where a few lines on it decides what is run, opened,
    asked, fetched or shown; a stack trace in what is answered.

Why it matters
    Each is a class of vulnerability with public exploits; one line of it is enough.

How to review it
    Follow the value back: can anybody outside put text there?
    Ask for the form that keeps text and program apart: parameters, argument lists,
    `textContent`, a filter on the entries.

Not flagged
    Constants; the number of a process or a port; values that are cleaned on the same line;
    values that no line before this change wrote as text; tests and prose.

Seen in
    CWE-79 (cross-site scripting), CWE-89 (SQL injection), CWE-78 (OS command injection),
    CWE-22 (path traversal; the archive form is known as Zip Slip).
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.effects.guards import is_long, is_program
from reviewqueue.scan.effects.pasted import BOUND, QUERY, UNCHECKED, first_pasted, is_pasted, names
from reviewqueue.scan.rule import FileView, Hit, Pattern, Rule, Stability, View, expression
from reviewqueue.scan.structure.flow import uses
from reviewqueue.scan.structure.markup import MARKUP, now_markup
from reviewqueue.scan.structure.pairs import Block, Pair, blocks, finds, paired

_ASIDE = frozenset(
    {Label.TEST, Label.DOCS, Label.GENERATED, Label.VENDORED, Label.LOCK, Label.DATA}
)
_REQUEST = (
    r"\b(?:req|request|ctx\.request|ctx|event|self\.request|flask\.request)\.(?:query|body|params|"
    r"args|form|values|GET|POST|COOKIES|cookies|files|FILES|headers|data|json|query_params|"
    r"queryStringParameters|param|originalUrl)\b(?:\.|\[|\s*\(|\?\.)|"
    r"\bgetParameter(?:Values)?\s*\(|\bgetQueryString\s*\(|\$_(?:GET|POST|REQUEST|COOKIE|FILES)\b|"
    r"\bparams\[:\w|\bcookies\[:\w|\.FormValue\s*\(|\.URL\.Query\(\)|\bRequest\.(?:Query|Form|"
    r"QueryString|Params|Cookies)\b|\blocation\.(?:hash|search|href)\b|\bURLSearchParams\s*\(|"
    r"\bdocument\.(?:referrer|URL)\b"
)
"""What somebody outside has sent."""
_RUN_BY = (
    r"(?:^|[^\w\n.>:])(?:exec|execSync|execFile\w*|spawn\w*|system|popen|shell_exec|passthru|"
    r"proc_open|eval|Function|open|fopen|readfile|file_get_contents|require|include(?:_once)?|"
    r"require_once|render_template_string|unserialize|send_file|unlink)\s*\(|\b(?:os\.(?:system|"
    r"popen|Open|ReadFile|Remove|Create)|subprocess\.\w+|exec\.Command\w*|child_process\.\w+|"
    r"cp\.exec\w*|shell\.exec|vm\.run\w+|new\s+ProcessBuilder|getRuntime\(\)\.exec|Process\.Start|"
    r"instance_eval|class_eval|constantize|render\s+inline|File\.(?:open|read|new|ReadAll\w+|"
    r"Open\w*)|IO\.popen|Kernel\.\w+|new\s+File\w*|Paths\.get|Path\.Combine|ioutil\.ReadFile|"
    r"fs\.\w+|readFile\w*|createReadStream|sendFile|sendfile|Template|from_string|pickle\.loads?|"
    r"yaml\.(?:unsafe_)?load|Marshal\.load|deserialize|runIn\w*Context|loadstring|xpath|"
    r"parseXml\w*|libxmljs\.\w+|sendRedirect|redirect_to|http\.Redirect|HttpResponseRedirect|"
    r"res\.redirect|LocalRedirect|NextResponse\.redirect)\s*\(?|\$where\b|`[^`\n]*#\{"
)
_SHOWN_BY = (
    r"\b(?:res\.(?:send|write|end)|document\.write(?:ln)?|HttpResponse|make_response|"
    r"getWriter\(\)\.\w+|Response\.Write|\$\([^)\n]*\)\.(?:html|append)|insertAdjacentHTML|"
    r"mark_safe|Markup|Html\.Raw|template\.(?:HTML|JS|URL|CSS|HTMLAttr)|SafeString|(?:out|"
    r"writer)\.print\w*)\s*\(|\b(?:inner|outer)HTML\s*\+?=|\.html_safe\b|\bFprintf?\s*\(\s*w\s*,|"
    r"^[ \t]*(?:echo|print)\s"
)
_ASKED_BY = (
    r"(?:\bexecute(?:many|Query|Update|Script)?|\bquery|\braw|\bcreate(?:SQL|Native)?Query|\bexec|"
    r"\bQueryRow\w*|\bwhere|\bfind_by_sql|mysqli?_query|pg_query|SqlCommand|\bRawSQL|"
    r"\bsqlRestriction|\bselectOne)\s*[({][^\n]*(?:['\"`][ \t]*(?:\+|\.|%)[ \t]*[\w$(]|\$\{|#\{|"
    r"\{\w|Sprintf|\.format\(|\$_)"
)
_SENT_TO = (
    rf"\b(?:fetch|axios(?:\.\w+)?|requests\.\w+|httpx\.\w+|urlopen|http\.Get|got|needle|"
    rf"request\.get|curl_init|"
    rf"URI\.open|open-uri|Net::HTTP\.get\w*)\s*\(\s*(?:{_REQUEST})"
)
_CLEANED = (
    r"(?i)escape|saniti[sz]|clean|encode|htmlspecialchars|htmlentities|shlex|quote|basename|"
    r"secure_filename|\bint\(|parse(?:Int|Float)|Number\(|Atoi|intval|valid|allow|\bsafe\w*\(|"
    r"safe_(?:load|join)|whitelist|strip|hash|stringify|json\(|startsWith|\blen\(|\bisset\(|"
    r"\.length\b|typeof|=>\s*\{\s*$|\breverse\(|url_for\(|\?\s*[,)\"']|\$\d|%s[^\n]*,\s*[\[(]|"
    r":\w+[\"'`,)]|assert|expect\("
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
_PASTED = "a query's parameter is now pasted into its text"
_MAPPED = r"#\{\w+"
"""A parameter in a query that stands in a file of its own."""


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
    bound = {file.path for file in view.where(BOUND, side=Side.OLD)}
    for file in view.where(MARKUP, QUERY, UNCHECKED, BOUND):
        is_bound = file.path in bound and bool(file.added)
        if not file.removed or not (is_program(file) or (is_bound and _is_mapper(file))):
            continue
        lines = [*file.new(MARKUP), *file.new(QUERY), *file.new(UNCHECKED)]
        numbers = frozenset(line.number for line in lines)
        there = names(file.removed) if is_bound else frozenset()
        for block in blocks(file) if numbers or is_bound else ():
            if block.old and (is_bound or any(number in numbers for number, _ in block.new)):
                yield from _hits(file, block, numbers, there)


def _is_mapper(file: FileView) -> bool:
    """Return whether a file of settings holds the queries of a program."""
    return file.path.endswith(".xml") and finds(_MAPPED)(file.removed)


def _hits(
    file: FileView, block: Block, numbers: frozenset[int | None], there: frozenset[bytes]
) -> Iterator[Hit]:
    pairs = list(paired(block))
    if not pairs and len(block.old) == len(block.new) == 1:
        (old_line, old), (new_line, new) = *block.old, *block.new
        pairs = [Pair(old_line, new_line, old, new)]
    for number, text in now_markup(block, pairs, file.path, numbers):
        yield Hit.on(file, number, text, "a value that was text is now written as markup")
    told = False
    for pair in pairs:
        if pair.new_line in numbers and is_pasted(pair):
            told = True
            yield Hit.on(file, pair.new_line, pair.new, _PASTED)
    if there and not told and not is_long(block) and (found := first_pasted(block, there)):
        yield Hit.on(file, *found, _PASTED)


RULE = Rule(
    id="vulnerable-code-introduced",
    pathway=Pathway.SAFETY_SABOTAGE,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="lets text from outside become program, query or page",
    version=8,
    patterns=(
        Pattern(
            rf"{QUERY}[^\n]*(?:['\"]\{{[\w.]+\}}['\"]|'%s'|'['\"][ \t]*\+|'\$\{{[\w.]+\}}'|"
            r"'%\([\w.]+\)s')",
            "a value is pasted between the quotes of a query",
            never=_ASIDE,
        ),
        Pattern(
            r"\bos\.(?:system|popen)\(|\b(?:execSync|exec)\([ \t]*`|\bshell[ \t]*=[ \t]*True\b|"
            r"\bgetRuntime\(\)\.exec\(|\b(?:shell_exec|passthru|proc_open)\(|"
            r"\bsh[\"'],[ \t]*[\"']-c[\"'],",
            "a command for a shell is put together from values",
            line=r"\([ \t]*f['\"][^\n]*\{|['\"][ \t]*(?:%[ \t]*[\w(]|\+[ \t]*[a-z])|"
            r"['\"]\.format\(|\$\{(?:[a-oq-z]|p[^io]|pi[^d]|po[^r])|\([^\n]*\$[a-z]|fmt\.Sprintf",
            never=_ASIDE,
        ),
        Pattern(
            r"\bformat_exc\(|\berr(?:or)?\.stack\b|\b(?:e|ex)\.stack\b|\bgetStackTrace|\.printStackTrace\(\w",
            "what went wrong inside is told to whoever asks",
            line=r"(?i)\b(?:jsonify|\w*response|send|render\w*|res\.\w+|resp\w*\.\w+|getWriter)\b"
            r"[^\n]{0,400}(?:format_exc\(|\.stack\b|getStackTrace)|"
            r"\.printStackTrace\(\s*(?:res|out|writer)",
            never=_ASIDE,
        ),
        Pattern(
            r"\brender_template_string\(|\bfrom_string\(|\bTemplate\(",
            "a template is put together from values, which then are program",
            line=r"(?:render_template_string|(?:env\w*|jinja\w*|engine)\.from_string|jinja2\.Template)\(\s*"
            r"(?:f['\"][^\n]*\{|['\"][^'\"\n]*['\"]\s*(?:\+|%|\.format\()|[a-z_]\w*\s*\+)",
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
    added_triggers=(MARKUP, QUERY, UNCHECKED, _REQUEST),
    removed_triggers=(BOUND,),
    check=check,
)
