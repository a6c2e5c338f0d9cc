r"""A command, a lookup or an expression made of what somebody has sent.

What it flags
    Added lines on which, or some lines below which, a value of a request gets into a
    command or an expression language: Perl's `qx`, backticks, `system` and opened pipes;
    Ruby's `%x` and backticks; PHP's backticks; `eval`, `sh -c` and pipes into a shell of
    `$QUERY_STRING`; `os.execute` of Lua; and, on the Java platform, JNDI lookups, SpEL,
    EL, OGNL, MVEL, JEXL, Groovy and templates.

Why it matters
    Whoever can send a request runs programs on the machine. It is one of the shortest
    backdoors there are, and hides well in a message of an error.

How to review it
    Ask why a request should name what is run at all.
    Ask for a list of arguments without a shell, or a table of allowed names.

Not flagged
    Values that are quoted or made a number on the line; tests and documents.

Seen in
    The backdoor in Webmin 1.890 to 1.920 (CVE-2019-15107: `qx` of a form's old password);
    Log4Shell (CVE-2021-44228, JNDI lookup of what was sent); CVE-2017-5638 (OGNL of a
    request's header); CWE-78, CWE-917, CWE-74.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, set_aside
from reviewqueue.scan.rule import (
    Capability,
    FileView,
    Hit,
    Pattern,
    Rule,
    Stability,
    View,
    expression,
    is_named,
)
from reviewqueue.scan.structure.flow import uses
from reviewqueue.scan.structure.kinds import is_code

_SENT = (
    r"\$\{?(?:in|q|cgi|query|form|FORM|QUERY|params?|input|INPUT)(?:->)?\{|"
    r"->(?:param|cookie|http|header|url_param|query_param|body_parameters)\s*\(|"
    r"\$_(?:GET|POST|REQUEST|COOKIE|SERVER)\b|\bparams\[|\bparams\.\w|\bcookies\[|"
    r"\b(?:QUERY_STRING|REQUEST_URI|PATH_INFO|HTTP_(?:USER_AGENT|REFERER|COOKIE|X_\w+|HOST))\b|"
    r"\bgetParameter(?:Values|Map)?\s*\(|\bgetHeader\s*\(|\bgetQueryString\s*\(|\bgetCookies\s*\(|"
    r"\bgetPathInfo\s*\(|@(?:Request(?:Param|Header|Body)|PathVariable|QueryParam|HeaderParam|"
    r"PathParam|FormParam|CookieValue)\b|"
    r"\.formvalue\s*\(|\bngx\.(?:var\.(?:arg|http)_|req\.get_\w+)"
)
"""What somebody outside has sent."""
_JVM = ("*.java", "*.kt", "*.kts", "*.scala", "*.groovy", "*.gsp", "*.jsp*", "*.xhtml")
_PERL = (
    r"\bqx\b|`|\b(?:system(?:_logged)?|exec|eval)\b|\bIPC::\w+|\brun3\b|\bbackquote\w*|\bexecute_command\b|"
    r"\bopen\w*\b[^\n]*(?:['\"]-\||['\"]\|-|\|\s*['\"]|['\"]\s*\|)"
)
_RUBY = (
    r"%x\s?[^\w\s=]|`[^`\n]*#\{|\b(?:IO\.popen|Open3\.\w+|PTY\.spawn)\b|"
    r"(?:^|[^.\w:])(?:system|exec|spawn|eval)[ (]"
)
_PHP = r"`|\b(?:shell_exec|passthru|proc_open|popen|pcntl_exec|system|exec)\s*\("
_SHELL = r"\beval\b|\b(?:ba|z|da|k)?sh\s+-c\b|\|\s*(?:ba|z|da|k)?sh\b|\bsource\s+/dev/stdin"
_LUA = (
    r"\b(?:os\.execute|io\.popen|loadstring|luci\.(?:sys|util)\.(?:call|exec)\w*|sys\.exec\w*|"
    r"util\.exec\w*)\b"
)
_LOOKS_UP = (
    r"(?i)(?:ctx|context|jndi\w*|naming\w*)(?:\(\))?\s*\.\s*lookup\s*\(|\bdoLookup\s*\(|"
    r"\bjndi\w*\.lookup|\bparseExpression\s*\(|\bcreate(?:Value|Method)Expression\s*\(|"
    r"\bOgnl\w*\.\w+\s*\(|\bMVEL\.\w+\s*\(|\bJexl\w*\b|\bELProcessor\b|"
    r"\b(?:evaluateExpressionGet|evaluateExpression|TextParseUtil\.\w+|findValue)\s*\(|"
    r"\bGroovyShell\b|\bEval\.(?:me|x)\s*\(|\bVelocity\.evaluate\s*\(|\bengine\w*\.eval\s*\(|"
    r"\bbuildConstraintViolationWithTemplate\s*\(|\bgetRuntime\(\)\s*\.\s*exec\s*\(|"
    r"\bProcessBuilder\s*\(|\bstringTemplateLoader\.putTemplate|\.execute\(\)\.text\b"
)
_INTO_COMMAND = "puts what somebody has sent into a command"
_PHPS = ("*.php", "*.php?", "*.phtml", "*.inc", "*.module")
_CALLED = (
    r"\$_(?:GET|POST|REQUEST|COOKIE)\s*\[[^\]\n]*\]\s*\(|"
    r"\$\w+\[['\"]?\w+['\"]?\]\s*\(\s*(?:stripslashes\()?\$\w+\[['\"]?\w+['\"]?\]|"
    r"\b(?:array_map|call_user_func\w*|register_\w+_function|ob_start|forward_static_call\w*|"
    r"iterator_apply)\s*\(\s*@?(?:stripslashes\()?\$_(?:GET|POST|REQUEST|COOKIE)|"
    r"\b(?:array_(?:filter|walk\w*|reduce|diff_u\w+|udiff\w*|intersect_u\w+|uintersect\w*)|"
    r"u[ak]?sort|preg_replace_callback)\s*\([^;\n]*,\s*@?(?:stripslashes\()?"
    r"\$_(?:GET|POST|REQUEST|COOKIE)\s*\[[^\]\n]*\]\s*\)|"
    r"\bextract\s*\(\s*\$_(?:GET|POST|REQUEST|COOKIE)|"
    r"\b(?:include|require)(?:_once)?[ (]*\"(?:[^\"\n]*\\x[0-9a-fA-F]{2}){4}"
)
"""A function whose name a request brings, or what it brings taken for variables."""
_LANGUAGES = (
    (("*.pl", "*.pm", "*.cgi", "*.fcgi", "*.al", "*.psgi"), _PERL, _INTO_COMMAND),
    (("*.rb", "*.erb", "*.ru", "*.rake", "*.haml", "*.slim"), _RUBY, _INTO_COMMAND),
    (_PHPS, _PHP, _INTO_COMMAND),
    (("*.lua", "*.conf", "*.htm"), _LUA, _INTO_COMMAND),
    (
        ("*.sh", "*.bash", "*.ksh", "*cgi-bin/*"),
        _SHELL,
        "lets a shell run what somebody has sent",
    ),
    (_JVM, _LOOKS_UP, "looks up or evaluates what somebody has sent"),
)
_CLEANED = (
    r"(?i)quotemeta|escapeshell|shellescape|shellwords|shell_quote|quote_path|un_?urlize|"
    r"\bint(?:val)?\s*\(|\.to_i\b|parseInt|valueOf|=~\s*/\^|escape_?arg|quoted?\w*\s*\(|"
    r"\.escapeHtml|tonumber|allow_?list|whitelist|SimpleEvaluationContext"
)


def check(view: View) -> Iterator[Hit]:
    """Mark commands and expressions that get what a request holds."""
    for file in view.where(_SENT, side=Side.NEW):
        if is_code(file) and not set_aside(file.labels) and Label.VENDORED not in file.labels:
            yield from _run(file)


def _run(file: FileView) -> Iterator[Hit]:
    cleaned = expression(_CLEANED)
    for globs, runs, message in _LANGUAGES:
        if not is_named(file.path, globs):
            continue
        for use in uses(file, _SENT, runs):
            if not (cleaned.search(use.text) or cleaned.search(use.origin)):
                yield Hit.on(file, use.number, use.text, message)


RULE = Rule(
    id="request-decides-what-runs",
    pathway=Pathway.BACKDOOR,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="puts what somebody has sent into a command or an expression",
    version=3,
    capability=Capability.EXECUTES,
    patterns=(
        Pattern(
            regex=_CALLED,
            message="lets a request name the function or the variables of a program",
            never=frozenset({Label.DOCS, Label.VENDORED}),
            globs=_PHPS,
        ),
    ),
    added_triggers=(_SENT,),
    check=check,
)
