r"""Running text as a program.

What it flags
    Added calls that turn text into running code: `eval`, `exec`, `compile` and
    `FunctionType` in Python, `new Function` and `vm` in JavaScript, `eval`, `assert` and
    `create_function` in PHP, string `eval` in Ruby, Perl, Lua, R and shell, script engines,
    class definition and assembly loading in Java and C#, `Invoke-Expression` and
    `Add-Type` in PowerShell; and programs that hand text to another interpreter
    (`python -c`, `node -e`, `php -r`). High where the text comes from a request, the
    network, a cipher or a picture, and where memory is made executable.

Why it matters
    What runs is not in the diff: whoever controls the text controls the program, and a
    reviewer cannot see later what it was.

How to review it
    Find out where the text comes from, and who can change it.
    Ask for a table of functions, a parser or a plain import instead.

Not flagged
    Methods of that name (`model.eval()`, `regex.exec(…)`), definitions of them, comments
    and prose, docstrings; a function of that name which is called with arguments that
    Python's `eval` does not know (`eval(task, model=…)`).

Seen in
    ATT&CK T1059 (command and scripting interpreter), T1620 (reflective code loading);
    CWE-94 and CWE-95; the backdoor pushed to PHP's own repository in March 2021 (text of a
    request header was evaluated); rest-client 1.6.13 on RubyGems, 2019 (CVE-2019-15224).
"""

from collections.abc import Iterator
from itertools import islice

from reviewqueue.domain.finding import Confidence, Pathway, Severity
from reviewqueue.domain.paths import Label, fold
from reviewqueue.scan.rule import Capability, FileView, Hit, Line, Rule, Stability, View, expression
from reviewqueue.scan.structure.kinds import Kind, expressions, is_tested, marked
from reviewqueue.scan.structure.said import is_sentence
from reviewqueue.scan.structure.values import values

_JS = ("*.[jt]s", "*.[cm][jt]s", "*.[jt]sx", "*.vue", "*.svelte", "*.htm*", "*.coffee", "*.y*ml")
_PHP = ("*.php", "*.php?", "*.phtml", "*.inc", "*.module", "*.y*ml")
_PYTHON = ("*.py", "*.pyw", "*.pyi", "*.pyx", "*.ipynb", "*.pth", "*.y*ml")
_RUBY = ("*.rb", "*.erb", "*.gemspec", "*.rake", "*rakefile", "*gemfile")
_WINDOWS = ("*.ps1", "*.psm1", "*.bat", "*.cmd", "*.vbs", "*.y*ml", "*.cs", "*.hta")
_WINDOWS_SCRIPTS = (
    *("*.hta", "*.vb?", "*.js", "*.jse", "*.wsf", "*.sct"),
    *("*.ps1", "*.psm1", "*.xml", "*.htm*", "*.bas", "*.y*ml"),
)
_SHELL = ("*.sh", "*.bash", "*.zsh", "*.ksh", "*.y*ml", "*makefile*", "*dockerfile*", "*.mk")

_EVAL = r"(?:^|[^\w\n.$>:'\"-])(?:eval\s*|exec[ \t]*|execScript\s*)\("
_DEFINES = (
    r"\b(?:def|func|function|fn|fun|sub|void|int|bool|static|public|private|protected|abstract|"
    r"override|virtual)\s[^\n(=]*(?:eval|exec|execScript)\s*\(|"
    r"^[ \t]*(?:async\s+)?(?:eval|exec)\s*\([^)\n]*\)\s*(?::[^\n]*)?\{|[,({]\s*eval\s*\(\s*\)"
)
_REMOTE = (
    r"(?i)(?:\.decrypt\s*\(|decrypt\w*\s*\(|\.reveal\s*\(|unpickle|\.recv\s*\(|urlopen|"
    r"requests?\s*\.\s*(?:get|post|args|form|values|json|data|body|query|params|headers|cookies|"
    r"GET|POST)|(?:req|ctx|context)\s*\.\s*(?:body|query|params|headers|cookies)|\$_(?:GET|POST|"
    r"REQUEST|COOKIE|SERVER|FILES)|php://input|getallheaders|params\s*\[|cookies\s*\[|getHeader|"
    r"getParameter|http_get|open\s*\(\s*['\"]https?:|file_get_contents\s*\(\s*['\"]http|"
    r"fetch\s*\(|axios|\.responseText|(?:resp|response|res|r)\.(?:text|content|body|data)\b)"
)
_SPAWNS = (
    r"(?i)(?:exec|system|popen|spawn|passthru|proc_open|\bstart|command|\brun|\bcall|check_|"
    r"getoutput|process|subprocess|\bsh\.)\w*[!.]?\w*\s*(?:::new)?[(\[]|FileName|\bArguments\s*="
)
_INTERPRETERS = (
    r"(?:\S*[/\\])?(?:python[\d.]*|node(?:js)?|deno|bun|perl|ruby|php|lua|osascript|pwsh|"
    r"powershell|mshta|wscript|cscript|csi|groovy|jshell|dart|swift|julia|Rscript|elixir|tclsh|scala|"
    r"kotlin|clojure)(?:\.exe)?"
)
_EVALUATES = Kind(
    _EVAL,
    "runs text as a program: what it does is not in the diff",
    unless=rf"{_DEFINES}|\bexec\s*\(\s*['\"`](?:SELECT|INSERT|UPDATE|DELETE|CREATE|PRAGMA)\b",
    globs=(*_PYTHON, *_PHP, "*.coffee", "*.r", "*.pl", "*.pm", "*.rb", "*.tcl"),
)
_OF_TEXT = (
    _EVALUATES,
    Kind(
        r"(?:^|[^\w\n.$>:'\"-])eval\s*\(",
        "runs text as a program: what it does is not in the diff",
        unless=rf"{_DEFINES}|\beval\s*\(\s*\)",
        but=("*.sh", "*.bash", "*.go", "*.rs", "*.c", "*.h", "*.scm", "*.clj", "*.el"),
    ),
    Kind(
        r"\b(?:window|globalThis|global|builtins|vm)\s*\.\s*(?:eval|exec|execScript)\s*\(",
        "runs text as a program: what it does is not in the diff",
    ),
    Kind(
        r"\bself\s*\.\s*(?:eval|execScript)\s*\(",
        "runs text as a program: what it does is not in the diff",
        globs=_JS,
    ),
    Kind(
        r"\bFunction\s*\(\s*(?:['\"`\w$]|\.\.\.)",
        "makes a function of text: what it does is not in the diff",
        line=r"(?:^|[^\w\n.$]|\bnew\s+|globalThis\.|window\.)Function\s*\(",
        unless=r"return this|\.Function\s*\(\s*\w+\s*:|Function\s*\(\s*\w+\s*[:?]",
        globs=_JS,
    ),
    Kind(
        r"['\"](?:require-from-string|node-eval|safer-eval|vm2|notevil)['\"]\s*\)?\s*;?\s*$|"
        r"\brequireFromString\s*\(",
        "runs text as JavaScript",
        line=r"\bfrom\b|require|import",
        globs=_JS,
    ),
    Kind(
        r"\brunIn(?:This|New)?Context\s*\(|\bnew\s+vm\.Script\s*\(|"
        r"\bvm\.compileFunction\s*\(|\bset(?:Timeout|Interval)\s*\(\s*['\"][^'\"\n]*\(",
        "runs text as JavaScript",
        globs=_JS,
    ),
    Kind(
        r"\b(?:FunctionType|CodeType)\s*\(|\bcompile\s*\([^\n]*['\"](?:exec|eval)['\"]|"
        r"\b__import__\s*\(\s*[a-z_A-Z][^,\n]*(?:$|\))|\bcodeop\.compile_command|"
        r"\bInteractiveInterpreter\(",
        "makes code out of text or bytes",
        unless=r"isinstance\s*\(",
        globs=_PYTHON,
    ),
    Kind(
        r"\b(?:DexClassLoader|InMemoryDexClassLoader|PathClassLoader)\s*\(",
        "runs text or loaded bytes as a program",
        globs=("*.java", "*.kt", "*.scala"),
    ),
    Kind(
        r"\bcreate_function\s*\(|\bassert\s*\(\s*\$|\bpreg_replace\s*\(\s*['\"]/[^\n]*/\w*e\w*['\"]|"
        r"\bcall_user_func(?:_array)?\s*\(\s*\$|\$\w+\s*\(\s*\$_(?:GET|POST|REQUEST|COOKIE)|"
        r"\b(?:include|require)(?:_once)?\s*\(?\s*\$_|"
        r"\b(?:shell_exec|passthru|system|popen|proc_open|pcntl_exec)\s*\(\s*\$",
        "lets text or input decide what PHP runs",
        globs=_PHP,
    ),
    Kind(
        r"\b(?:instance|class|module)_eval\s*\(?\s*(?:<<|['\"%]|\w+[,)\s.]|#\{)|\bbinding\.eval\b|"
        r"\bKernel\.(?:eval|exec|system)\b|\bIseq\.compile|\.(?:public_)?send\s*\(?\s*params\b|"
        r"\b(?:const_get|constantize)\s*\(?\s*params\b|params[^\n]*\.constantize",
        "lets text decide what Ruby runs",
        unless=r"_eval\s+do\b",
        globs=(*_RUBY, "*.y*ml"),
    ),
    Kind(
        r"\beval[ \t]+[a-z_@$]\w*",
        "lets text decide what Ruby runs",
        line=r"(?:^|[=;{|]|\bdo|\breturn|<%=?|&&|\bthen)[ \t]*eval[ \t]+[a-z_@$][\w.]*[ \t]*"
        r"(?:$|[\[,;}(]|%>|\bif\b|\bunless\b|\brescue\b)",
        globs=_RUBY,
    ),
    Kind(
        r"\bCSharpScript\b|\bCSharpCodeProvider\b|\bCompileAssemblyFrom|\bCSharpCompilation\.Create|"
        r"\bAssembly\s*\.\s*(?:Load|LoadFile|UnsafeLoadFrom)\s*\(|\bDynamicMethod\s*\(|"
        r"\bActivator\.CreateInstance\s*\(\s*Type\.GetType",
        "compiles or loads code at run time",
        unless=r"^[ \t]*using\s",
        globs=("*.cs", "*.vb", "*.fs", "*.ps1", "*.psm1", "*.cshtml", "*.csx", "*.y*ml"),
    ),
    Kind(
        r"\bScriptEngineManager\b|\bgetEngineByName\s*\(|\bGroovyShell\s*\(|\bdefineClass\s*\(|"
        r"\bnew\s+URLClassLoader\b|\bgetRuntime\s*\(\)\s*\.\s*exec\s*\(|\bJavaCompiler\b|"
        r"\bnew\s+SpelExpressionParser\b|\bOgnl\.getValue\s*\(|\bMVEL\.eval\s*\(",
        "runs text or loaded bytes as a program",
        unless=r"^[ \t]*import\s",
        globs=("*.java", "*.kt", "*.kts", "*.scala", "*.groovy", "*.gradle", "*.jsp*", "*.y*ml"),
    ),
    Kind(
        r"\beval\s+(?:\$|q[qx]?\b|['\"])|\beval\s*\(?\s*parse\s*\(|\buplevel\s+#0|\bsource\s+\$",
        "runs text as a program",
        globs=("*.pl", "*.pm", "*.cgi", "*.r", "*.tcl"),
    ),
    Kind(
        r"\bzend_eval_string\w*\s*\(|\bPyRun_(?:Simple|Any)?(?:String|File)\w*\s*\(|"
        r"\bluaL?_(?:do|load)string\s*\(|\bJS_Eval\s*\(|\bduk_p?eval\w*\s*\(|\brb_eval_string\w*\s*\(|"
        r"\bTcl_Eval\w*\s*\(|\bevaluateScript\s*\(|\bmrb_load_string\s*\(",
        "runs text in an embedded interpreter",
        globs=("*.c", "*.cc", "*.cpp", "*.cxx", "*.h", "*.hpp", "*.m", "*.mm", "*.rs", "*.zig"),
    ),
)
"""What is worse where the text comes from outside."""
_KINDS = (
    *_OF_TEXT,
    Kind(
        r"\bimport_module\s*\(\s*(?:\w+\.)*(?:request|req|msg|message|payload|data|event|params|"
        r"body|job|task|kwargs)\b|\bimport_module\s*\(\s*\w+\[|\b(?:require|"
        r"import)\s*\([^)\n]*\b(?:req|request|ctx)\.(?:query|body|params)\b",
        "lets input decide which module is loaded and run",
    ),
    Kind(
        r"\bimport\s*\(\s*[`'\"]https?://|\.src\s*=\s*[`'\"](?:https?:)?//(?:[`'\"]\s*\+|\$\{)|"
        r"\bimportScripts\s*\(\s*[`'\"]?(?:https?:|\w+[,)])",
        "loads and runs code from elsewhere while it runs",
        globs=_JS,
    ),
    Kind(
        r"\bpip\._internal\b|\bpip\.main\s*\(|\bpipmain\s*\(",
        "installs packages while it runs",
        line=r"import|main\s*\(",
        globs=_PYTHON,
    ),
    Kind(
        r"\bProcess\.Start\s*\(\s*(?:new\s+ProcessStartInfo\s*\(\s*)?@?\"|\bFileName\s*=\s*@?\"",
        "starts an interpreter with a program given as text",
        line=rf"(?i)\"(?:{_INTERPRETERS}|cmd(?:\.exe)?|dotnet|bash|/bin/\w*sh|rundll32|regsvr32)"
        rf"(?:\.exe)?\"",
        globs=("*.cs", "*.vb", "*.fs", "*.csx", "*.cshtml", "*.y*ml"),
    ),
    Kind(
        r"\bload(?:string)?\s*\(\s*[^)\s]|\bdofile\s*\(\s*[a-z]",
        "runs text as Lua",
        globs=("*.lua", "*.nse"),
    ),
    Kind(
        r"(?i)\bInvoke-Expression\b|(?:^|[\s|;&(])iex[\s(]|\[ScriptBlock\]::Create|"
        r"\bAdd-Type\s[^\n]*-(?:TypeDefinition|MemberDefinition)|"
        r"\[(?:System\.)?Reflection\.Assembly\]::",
        "runs text or loaded bytes in PowerShell",
        globs=(*_WINDOWS, "*.psd1"),
    ),
    Kind(
        r"\beval\s+['\"]?\$[\w{@*]|\beval\s+['\"]?`",
        "runs the content of a variable as shell commands",
        globs=_SHELL,
    ),
    Kind(
        rf"['\"`]{_INTERPRETERS}\s+-{{1,2}}(?:c|e|r|ne|command|eval|enc|print)\s|"
        rf"['\"`]{_INTERPRETERS}['\"`]\s*,\s*[\[(]?\s*['\"`]-{{1,2}}(?:c|e|r|command|eval|"
        rf"enc)['\"`]|"
        r"\w\s*,\s*['\"`]-[ce]['\"`]\s*,\s*['\"`](?:import|require)\b",
        "hands a program as text to another interpreter",
        line=_SPAWNS,
        unless=r"(?i)--version|sys\.executable|^[ \t]*-?\s*run:|"
        r"-c['\"`]\s*,\s*(?:\"import [\w, ]+(?:; ?print\([^()\n]*\))?\"|"
        r"'import [\w, ]+(?:; ?print\([^()\n]*\))?')\s*[\],)]|"
        r"^[ \t]*RUN\b|^[ \t]*(?:CMD|ENTRYPOINT)\b",
        but=("*.sh", "*.bash", "*dockerfile*", "*package.json", "*.lock", "*.toml"),
    ),
    Kind(
        r"PAGE_EXECUTE_READWRITE|\bPROT_EXEC\b|\bCreateRemoteThread(?:Ex)?\b|"
        r"\bWriteProcessMemory\b|\bQueueUserAPC\b|\bRtlMoveMemory\b|\bNtUnmapViewOfSection\b|"
        r"\bfexecve\b|\bMAP_JIT\b",
        "makes memory executable or writes into another process",
    ),
    Kind(
        r"(?i)\b(?:CreateObject|ActiveXObject|GetObject|"
        r"-ComObject)\s*\(?\s*[\"']?(?:WScript\.Shell|Shell\.Application|MSXML2\.\w*XMLHTTP\S*|"
        r"Excel\.Application|Word\.Application|Outlook\.Application|MMC20\.Application|"
        r"Schedule\.Service|winmgmts:|script:)|\bnew:(?:[0-9a-f]{8}-|\{)",
        "gives a script the means to start programs of Windows",
        globs=_WINDOWS_SCRIPTS,
    ),
    Kind(
        r"(?i)\b(?:InstallUtil|regasm|regsvcs|msxsl|odbcconf|cmstp|mavinject\w*|presentationhost|"
        r"xwizard|ieexec|microsoft\.workflow\.compiler|desktopimgdownldr|forfiles|pcalua|"
        r"scriptrunner|syncappvpublishingserver|wmic\s+process\s+call|"
        r"wmic\s+/node:\S+\s+process)(?:\.exe)?\s+(?:[/-]|create|\S+\.(?:dll|inf|xsl|rsp|chm))|"
        r"\b[cw]script(?:\.exe)?\s+(?:/\S+\s+)*[\"']?(?:\S+\.(?:js|vbs|wsf|jse|vbe)\b|[#%$]\S+)|"
        r"\brundll32(?:\.exe)?\s+[^\n,]+,\s*\w+|\bregsvr32(?:\.exe)?\s+(?:/\w+\s+)*\S+",
        "lets a tool of Windows run code of somebody's choice",
        globs=(*_WINDOWS, "*.sct"),
    ),
    Kind(
        r"(?i)\bxp_cmdshell\b|\bsp_OACreate\b|\bCOPY\b[^\n;]*\b(?:FROM|TO)\s+PROGRAM\b|"
        r"\bload_extension\s*\(|\bsys_(?:exec|eval)\s*\(",
        "runs commands or native code from the database",
        severity=Severity.HIGH,
    ),
)
_NAMED = r"([A-Za-z_]\w*)\s*=(?:[^=]|$)"
_PYTHONS = frozenset({b"globals", b"locals", b"closure", b"source"})
_FAR = 5_000
"""Line beyond which a call's arguments are not asked for."""
_NEAR = 2_000
"""Bytes of a call's arguments that are read."""
_FOLLOWING = 8
"""Lines of a call that are read."""
_PROSE = (
    r"(?i)^\s*-?\s*[\w-]*(?:description|remediation|message|summary|help|title|note|hint)s?"
    r"\s*:\s*[\"'>|A-Z]"
)


def check(view: View) -> Iterator[Hit]:
    """Mark each place; worse, where the text visibly comes from outside."""
    remote = expression(_REMOTE)
    for kind, file, line in marked(view, _KINDS):
        if is_sentence(file, line.whole) or _is_told(file, line):
            continue
        if kind.message == _EVALUATES.message and _is_another(file, line):
            continue
        if kind in _OF_TEXT and remote.search(line.whole):
            tested = is_tested(file, line, kind.regex)
            yield Hit.at(
                file,
                line,
                "runs what came from a request, the network or a cipher as a program",
                severity=Severity.MEDIUM if tested else Severity.HIGH,
            )
        else:
            yield Hit.at(file, line, kind.message, severity=kind.severity)


def _is_told(file: FileView, line: Line) -> bool:
    """Return whether a line of YAML only explains something to its reader."""
    folded = fold(file.path)
    if Label.CI in file.labels or not folded.endswith((".yml", ".yaml")):
        return False
    return expression(_PROSE).search(line.whole) is not None


def _is_another(file: FileView, line: Line) -> bool:
    """Return whether a call is not of Python's own ``eval``, which takes no such names."""
    if line.number is None or line.number > _FAR:
        return False
    if not fold(file.path).endswith((".py", ".pyi", ".ipynb")):
        return False
    for _, start, lines in file.hunks():
        if start <= line.number < start + len(lines):
            at = line.number - start
            # One by one: a hunk may be long, and this is asked for each of its calls.
            shown = (text[1:] for text in lines if text[:1] in {b" ", b"+"})
            call = b"\n".join(islice(shown, at, at + _FOLLOWING + line.whole.count(b"\n")))
            found = expression(_EVAL).search(call)
            if found and _has_names(call[found.end() :]):
                return True
    return False


def _has_names(given: bytes) -> bool:
    """Return whether a call's own arguments have names that Python's ``eval`` does not know."""
    depth, at = 1, 0
    own = bytearray()
    while at < min(len(given), _NEAR) and depth:
        letter = given[at : at + 1]
        depth += (letter in b"([{") - (letter in b")]}")
        own += letter if depth == 1 else b""
        at += 1
    names = {found[1] for found in expression(_NAMED).finditer(values(bytes(own)))}
    return bool(names - _PYTHONS)


RULE = Rule(
    id="runs-computed-code",
    pathway=Pathway.BACKDOOR,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="runs text as a program",
    capability=Capability.EXECUTES,
    version=6,
    added_triggers=expressions(_KINDS),
    check=check,
)
