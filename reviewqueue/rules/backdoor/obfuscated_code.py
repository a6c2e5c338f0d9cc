r"""Code written so that it cannot be read.

What it flags
    Names of dangerous functions that are put together at run time (`'ex' + 'ec'`,
    reversed, from character codes, from `\x65\x76` escapes, through
    `getattr(__builtins__, …)` or `globals()[…]`); text escaped where letters would do;
    output of packers and obfuscators (`_0x3fa1`, `eval(function(p,a,c,k,e,d)`, JSFuck,
    `__pyarmor__`); shell words assembled from pieces; a dangerous function given another
    name, or parted from its brackets by a comment; letters of a plain word in a setting
    or a workflow written as escapes (`"p\x65rmissions"`); whole programs, machine code and
    other texts that are kept encoded; hidden windows; whole command lines whose every output
    is thrown away; programs started silently and detached (low, unless what is started
    is fetched, lies hidden or is given as a text).

Why it matters
    A word that is hidden is hidden from a reviewer and from every search. Honest code
    has no reason to spell `exec` with plus signs.

How to review it
    Write down what the expression evaluates to, outside of any interpreter.
    Reject what cannot be read; generated code belongs beside its source.

Not flagged
    Escapes of bytes that are no letters, short escapes, one redirect to `/dev/null`,
    strings that are joined from words of their own, names of routes looked up by a
    `reverse("…")`, the first bytes by which a file's kind is told. A text between quotes in
    a test, which nothing on its line runs, is low.

Seen in
    ATT&CK T1027 (obfuscated files or information) and T1564.003 (hidden window);
    ua-parser-js 0.7.29 and coa 2.0.3 on npm (October and November 2021), event-stream's
    flatmap-stream 0.1.1 (2018).
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import Capability, Hit, Pattern, Rule, Stability, View, expression
from reviewqueue.scan.structure.kinds import Kind, expressions, hits, is_code

_PYTHON = ("*.py", "*.pyw", "*.pyx", "*.pth", "*.ipynb", "*.y*ml")
_SHELL = ("*.sh", "*.bash", "*.zsh", "*.ksh", "*makefile*", "*dockerfile*", "*.y*ml", "*.command")
_ESCAPED = (
    r"(?:\\x[2-7][0-9a-fA-F]){6}|(?:\\u00[2-7][0-9a-fA-F]){5}|"
    r"(?:\\u\{?0{0,2}[2-7][0-9a-fA-F]\}){5}|(?:\\1[0-7][0-7]){4}"
)
_SPLIT = (
    r"['\"](?:e|ev|eva|ex|exe)['\"]\s*[+.]\s*['\"](?:val|al|l|xec|ec|c)\b|"
    r"['\"](?:s|sy|sys|syst)['\"]\s*[+.]\s*['\"](?:ystem|stem|tem|em)\b|"
    r"['\"](?:child|chil|ch|child_)['\"]\s*[+.]\s*['\"](?:_?process|d_process|ild_process|_pro)\b|"
    r"['\"](?:sub|su|subp)['\"]\s*[+.]\s*['\"](?:process|bprocess|rocess)\b|"
    r"['\"](?:b64|base|base6|ba)['\"]\s*[+.]\s*['\"](?:decode|64|4|se64|64_decode|64decode)\b|"
    r"['\"]__(?:imp|im|built|bui)?['\"]\s*[+.]\s*['\"](?:import|ort|port|ins|ltins|builtins)__|"
    r"['\"](?:Func|Fun|F)['\"]\s*[+.]\s*['\"](?:tion|ction|unction)['\"]|"
    r"['\"](?:power|pow|p|inv|invoke-?|i)['\"]\s*[+.]\s*['\"](?:shell|ershell|oke-?ex\w*|ex|"
    r"expression)\b|"
    r"['\"](?:po|pop|ass|ass?e|pass|shell_?|cu|wg)['\"]\s*[+.]\s*['\"](?:pen|en|ert|rt|thru|"
    r"exec|_exec|rl|et)['\"]"
)
_REVERSED = (
    r"['\"](?:lave|cexe|metsys|nepop|tressa|noitcnuf|noitcnuF|ssecorp_dlihc|ssecorpbus|"
    r"edoced_?46(?:b|esab)|46esab|lehs|llehs|llehsrewop|tropmi|__tropmi__|llehs_?cexe)['\"(\s]"
)
_JOINED = (
    r"\[\s*['\"]\w{1,12}['\"]\s*[+.]\s*['\"]\w{1,12}['\"]\s*\]|"
    r"\{\s*['\"]\w{1,12}['\"]\s*\+\s*['\"]\w{1,12}['\"]\s*:|"
    r"\b(?:import_module|__import__|require|import|getattr|forName|getMethod|Kernel\.send|"
    r"LoadLibrary\w*|dlsym|GetProcAddress)\s*\(\s*(?:[\w.]+\s*,\s*)?"
    r"['\"][\w./:-]{1,20}['\"]\s*[+.]\s*['\"]\w{1,20}['\"]\s*[,)]"
)
_PARTED = (
    r"\b(?:eval|exec|execSync|system|popen|Function|require|atob|unserialize|shell_exec|passthru|"
    r"assert|compile|Command|spawn)\s*(?:/\*[^*\n]*\*/|[\x80-\xff]{2,3}\()|"
    r"\b(?:exec|os|subprocess|Runtime|process|child_process)\s*(?:\.\s*/\*[^*\n]*\*/|"
    r"/\*[^*\n]*\*/\s*\.)|(?i:\b(?:drop|truncate|delete|grant|union)/\*[^*\n]*\*/)"
)
_RENAMED = "gives a dangerous function another name"
_KINDS = (
    Kind(
        r"\b(?:getattr|setattr|hasattr|vars)\s*\(\s*(?:__builtins__|builtins|__import__\s*\()|"
        r"__builtins__\s*(?:\[|\.__dict__)|\bbuiltins\.__dict__|"
        r"\b(?:globals|locals|vars)\s*\(\)\s*\[\s*['\"](?:__builtins__|__import__|exec|eval|os)|"
        r"\b(?:globals|locals)\s*\(\)\s*\[\s*['\"]\w*['\"]\s*\+|"
        r"\b(?:os|subprocess|builtins|socket|ctypes)\s*\.\s*(?:__dict__\s*\[|"
        r"__getattribute__\s*\()|\.__globals__\s*\[\s*['\"](?:os|__)|__subclasses__\s*\(\)\s*\[",
        "reaches built-in functions by a detour, so that no search finds their names",
        globs=_PYTHON,
        unless=r"\b(?:monkeypatch|mocker|mock)\.\w+\s*\(|\bpatch\.object\s*\(|"
        r"__import__\s*\(\s*['\"](?:logging|json|math|datetime|time|re|typing|collections|random|uuid|"
        r"decimal|enum|functools|itertools|string|textwrap|pathlib|operator|warnings)['\"]",
    ),
    Kind(
        r"\bgetattr\s*\(\s*(?:os|subprocess|sys|socket|shutil|ctypes|marshal|importlib|base64)\s*,",
        "calls a dangerous function by a name that is put together or hidden",
        line=r"['\"](?:system|popen|exec\w*|eval|Popen|run|call|check_\w+|spawn\w*|loads|b64decode|"
        r"import_module|getoutput)['\"]\s*\)|\+|\[::|chr\(|decode|join",
        globs=_PYTHON,
    ),
    Kind(
        r"\b__import__\s*\(\s*(?:['\"](?:os|subprocess|builtins|base64|zlib|marshal|socket|ctypes|"
        r"pty|urllib[\w.]*|requests|shutil|codecs)['\"]\s*\)\s*\.|['\"][^'\"\n]*['\"]\s*(?:\+|"
        r"\[::)|b?['\"]\\|(?:''|\"\")\.join|chr\s*\(|base64|bytes)",
        "imports and uses a module in one expression, as hidden programs do",
        globs=_PYTHON,
        unless=r"os['\"]\s*\)\s*\.(?:path|getpid|sep|environ|getcwd|makedirs|linesep|urandom)\b",
    ),
    Kind(
        r"(?:['\"]\w['\"]\s*,\s*){5}",
        "puts a text together from single letters, so that no search finds it",
        severity=Severity.MEDIUM,
        line=r"(?i)\bjoin\b|implode|concat|format!|\bpaste0?\s*\(|String\.Join|mkString",
        unless=r"(?i)assert|expect|split|sorted?\b|range|random|alphabet|letters|chars\b",
        but=("*.json", "*.y*ml", "*.md", "*.csv"),
    ),
    Kind(_SPLIT, "puts the name of a dangerous function together from pieces"),
    Kind(
        r"\w['\"] ?[+.] ?['\"]\w{1,20}['\"] ?[\],):]",
        "puts a name together from pieces, so that no search finds it",
        severity=Severity.MEDIUM,
        line=_JOINED,
    ),
    Kind(
        r"\*/ ?[(A-Za-z]|\xc2\xa0\(|\xe2\x80[\x80-\xaf]\(|\xe3\x80\x80\(|\xef\xbb\xbf\(",
        "parts a dangerous name from what belongs to it, so that no search finds it",
        severity=Severity.MEDIUM,
        line=_PARTED,
        but=("*.md", "*.txt"),
    ),
    Kind(
        r"^[ \t]*(?:\w+\s*=\s*)?(?:eval|exec|os\.system|os\.popen|__import__|getattr)\s*\\\r?$",
        "parts a dangerous name from its brackets by a line's end",
        severity=Severity.MEDIUM,
        globs=("*.py", "*.pyw", "*.pyx", "*.pth"),
    ),
    Kind(
        r"\\u00(?:4[1-9a-fA-F]|5[0-9aAfF]|6[1-9a-fA-F]|7[0-9aA])[A-Za-z]{2}|"
        r"[A-Za-z]{2}\\u00(?:4[1-9a-fA-F]|5[0-9aAfF]|6[1-9a-fA-F]|7[0-9aA])|"
        r"[A-Za-z]\\x(?:4[1-9a-fA-F]|5[0-9aAfF]|6[1-9a-fA-F]|7[0-9aA]|2[dD])[A-Za-z]",
        "writes a plain letter inside a word as an escape, so that no search finds it",
        severity=Severity.MEDIUM,
        globs=("*.json", "*.y*ml", "*.toml", "*.js", "*.ts", "*.mjs", "*.cjs", "*.jsx", "*.tsx"),
        unless=r"\\\\[xu]|\\u00[89a-fA-F]|\\u[1-9a-fA-F]|\[\^?[^\]\n]*\\[xu]",
    ),
    Kind(
        r"= ?(?:exec|eval|__import__|os\.system|os\.popen|subprocess\.(?:run|call|Popen|check_call|"
        r"check_output|getoutput)|(?:globalThis|window|global)\.(?:eval|Function)|"
        r"child_process\.(?:exec|spawn)(?:Sync)?|(?:pickle|marshal|dill)\.loads);?\r?$",
        _RENAMED,
        severity=Severity.MEDIUM,
        line=r"^[ \t]*(?:(?:const|let|var)\s+)?[A-Za-z_]\w*\s*=",
        globs=("*.py", "*.pyw", "*.js", "*.ts", "*.mjs", "*.cjs"),
    ),
    Kind(
        r"\b(?:system|popen|Popen|run|call|check_output|check_call|execv?p?e?|loads|rmtree|"
        r"eval|exec|environ|import_module|b64decode) as [A-Za-z_]",
        _RENAMED,
        severity=Severity.MEDIUM,
        line=r"\bfrom\s+(?:subprocess|os|pickle|marshal|dill|shutil|builtins|importlib|base64)\s+import\s",
        globs=("*.py", "*.pyw"),
        unless=r"\bas\s+(?:_?(?:os_|sys_|pickle_|json_|std_|py_)?(?:system|popen|run|call|loads|environ|env|"
        r"rmtree|b64decode|import_module|check_output|subprocess_\w+|_?[a-z_]*(?:environ|run|"
        r"popen|rmtree|loads|import\w*|exec\w*|b64\w*|decode\w*|call|output|proc\w*)[a-z_]*))\b",
    ),
    Kind(
        r"[\"'`](?:MZ\\x90|\\x4[dD]\\x5[aA]\\x90|\\x7f(?:ELF|\\x45\\x4[cC]\\x46)|"
        r"4[dD]5[aA]90000300|TVqQAAMAAAAEAAAA|f0VMRgIBAQ|7f454c460[12])",
        "keeps a whole program, as bytes, in a text",
        line=r"(?:\\x[0-9a-fA-F]{2}[^\"'\\\n]{0,4}){24}|[0-9a-fA-F]{48}|[A-Za-z0-9+/]{48}",
    ),
    Kind(
        r"(?i)\b(?:\$?\w*shell_?code\w*|(?:buf|payload|"
        r"\$?sc))\s*(?:\[\s*\d*\s*\])?\s*(?::\s*\w+\s*)?=\s*"
        r"(?:\(?\s*b?[\"']\\x|[({@\[]?\s*0x[0-9a-f]{2}\s*,|\[Byte\[\]\]|$|\{\s*$|new\s+byte)",
        "keeps machine code as data, to run it in memory",
        line=r"(?i)shell_?code|(?:\\x[0-9a-f]{2}){8}|(?:0x[0-9a-f]{1,2}\s*,\s*){8}",
        severity=Severity.MEDIUM,
    ),
    Kind(_REVERSED, "spells the name of a dangerous function backwards"),
    Kind(
        r"(?:chr\s*\(\s*(?:0x)?[0-9a-fA-F]+\s*\)\s*[+.,&]\s*){3}|"
        r"\bString\.fromCharCode\s*\((?:\s*(?:0x)?[0-9a-fA-F]+\s*,){4}|"
        r"(?:\[char\]\s*\(?\s*(?:0x)?[0-9a-fA-F]+\)?\s*\+\s*){2}|"
        r"\bjoin\s*\(\s*(?:map\s*\(\s*chr\b|\[?\s*chr\s*\()|"
        r"-join\s*\(?\s*\[char\[\]\]|\bbytes\s*\(\s*\[(?:\s*\d+\s*,){8}[^\n]*decode|"
        r"\bpack\s*\(\s*['\"][CcUH]\*['\"]",
        "writes text as a list of character codes",
        unless=r"random|string\.ascii|range\(\s*(?:97|65|ord)",
    ),
    Kind(
        _ESCAPED,
        "writes plain letters as escapes, so that no search finds them",
        but=("*.json", "*.po", "*.properties", "*.strings", "*.svg", "*.css", "*.proto"),
    ),
    Kind(
        r"\b_0x[0-9a-fA-F]{4}|\beval\s*\(\s*function\s*\(\s*p\s*,\s*a\s*,\s*c\s*,\s*k|"
        r"\(!\[\]\s*\+\s*\[\]\)|\(!!\[\]\s*\+\s*\[\]\)|\[\]\s*\[\s*\(?\s*!\[\]|"
        r"\+!\+\[\]\s*\+|while\s*\(\s*!!\[\]\s*\)|"
        r"__pyarmor__|\bpyarmor_runtime|\bfrom\s+pytransform\b|\bO0O0O|\bIlIlI",
        "is the output of a packer or an obfuscator",
    ),
    Kind(
        r"\[\s*['\"]constructor['\"]\s*\]\s*(?:\[|\()|\.constructor\s*\.\s*constructor\s*\(|"
        r"\.constructor\s*\(\s*['\"`]return\b|"
        r"\b(?:self|this)\s*\[\s*['\"][^'\"\n]*['\"]\s*\+\s*['\"]|"
        r"\b(?:window|globalThis|global|top|process)\s*\[\s*['\"][^'\"\n]*['\"]\s*\+|"
        r"\b(?:window|globalThis|global|self|this|top|process)\s*\[\s*(?:"
        r"atob\s*\(|_0x|['\"]\\[xu]|String\.fromCharCode|Buffer\.from)|"
        r"\brequire\s*\(\s*(?:atob\s*\(|Buffer\.from|String\.fromCharCode|_0x|['\"]\\[xu]|"
        r"\[[^\]\n]*\]\s*\.\s*join|['\"][a-z_]{1,9}['\"]\s*\+\s*['\"])",
        "reaches a function or a module by a name that is put together or hidden",
        globs=("*.js", "*.mjs", "*.cjs", "*.ts", "*.jsx", "*.tsx", "*.htm*", "*.vue", "*.y*ml"),
    ),
    Kind(
        r"['\"]\s*\.\s*split\s*\(\s*['\"]{2}\s*\)\s*\.\s*reverse\s*\(\)|\b(?:strrev|"
        r"StrReverse)\s*\(\s*['\"]|"
        r"\b(?:exec|eval|execSync|__import__|import_module|b64decode|b16decode|a2b_\w+|"
        r"unhexlify|fromhex|getattr|decompress|loads)\s*\([^\n]*\[::-1\]|"
        r"\b(?i:reverse)\s*\(?\s*['\"][^'\"\n]*(?:lave|cexe|metsys|nepop|ptth|llehs|tropmi|"
        r"46esab|ssecorp|exe\.|hsab|tressa|lruc|tegw|noitcnuF)",
        "turns a reversed text back into one that is used",
    ),
    Kind(
        r"\$\{?['\"]\\x|\$GLOBALS\s*\[\s*['\"]\\|\$\{['\"]GLOBALS['\"]\}|"
        r"\$\w+\s*=\s*['\"]\w{1,3}['\"]\s*\.\s*['\"]\w{1,3}['\"]\s*\.|"
        r"\$_{2,}\s*=|\$\{\s*['\"]_|\$\w+\s*=\s*['\"](?:base64_decode|gzinflate|str_rot13|"
        r"assert)['\"]",
        "hides names in PHP behind variables, escapes or joined pieces",
        globs=("*.php", "*.php?", "*.phtml", "*.inc", "*.y*ml"),
    ),
    Kind(
        r"(?:\$\{[A-Za-z_]\w*:\d+:1\}){2}|\$'(?:\\x[0-9a-fA-F]{2}|\\[0-7]{3}){3}|"
        r"\brev\s*<<<|\|\s*rev\s*\|\s*(?:/bin/)?(?:ba|z|da)?sh\b|"
        r"\w\$\{IFS\}\w|\b[a-z]{1,3}(?:''|\"\")[a-z]{1,3}(?:''|\"\")[a-z]|"
        r"(?:printf|echo\s+-e)\s[^\n|]*\\x[^\n|]*\|\s*(?:/bin/)?(?:ba|z|da)?sh\b|"
        r"\btr\s+['\"]?[^\s'\"]+['\"]?\s+['\"]?[^\s'\"]+['\"]?[^\n|]*\|\s*(?:/bin/)?(?:ba|z|"
        r"da)?sh\b|\b[a-z]\\[a-z]\\[a-z]\\?[a-z]*\s+-|"
        r"\|\s*(?:sudo\s+)?(?:[a-z]{1,4}(?:''|\"\"|\\)[a-z]{1,4}|['\"][a-z]{1,3}['\"][a-z]{1,3})\b|"
        r"^[ \t]*[a-z]{1,3}'[a-z]{1,3}'[a-z]*\s+-",
        "puts shell words together from pieces, so that no search finds them",
        globs=_SHELL,
    ),
    Kind(
        r"(?i)\b[a-z]`[a-z]+`[a-z]|\{\d\}\{\d\}\{\d\}[^\n'\"]*['\"]\s*-f\s*['\"]|"
        r"\b[a-z]\^[a-z]\^[a-z]",
        "puts a command together from pieces, so that no search finds it",
        globs=("*.ps1", "*.psm1", "*.bat", "*.cmd", "*.vbs", "*.hta", "*.y*ml"),
    ),
    Kind(
        r"(?i)-w(?:indowstyle)?\s+hidden\b|"
        r"\bWindowStyle\s*[.=]\s*(?:ProcessWindowStyle\.)?Hidden\b|\bSW_HIDE\b",
        "hides a command or its window on Windows",
        globs=(
            "*.ps1",
            "*.psm1",
            "*.bat",
            "*.cmd",
            "*.vbs",
            "*.cs",
            "*.js",
            "*.ts",
            "*.py",
            "*.go",
        ),
    ),
    Kind(
        r"/dev/null[^\n]*/dev/null[^\n]*/dev/null",
        "runs several commands on one line and throws away all they say",
        severity=Severity.MEDIUM,
        globs=_SHELL,
    ),
    Kind(
        r"(?:\b(?:nohup|setsid)\b|\|\s*(?:/bin/)?(?:ba|z|da)?sh\b)[^\n]*[^2\n]>\s*/dev/null",
        "runs a program in the background, or from the network, and throws away what it says",
        severity=Severity.MEDIUM,
        globs=_SHELL,
        unless=r"command\s+-v|which\s|type\s+-",
    ),
)
_LITERAL = (
    r"(?:Buffer\.from|\batob|b64decode|base64_decode|FromBase64String|decode64|DecodeString)"
    r"\s*\(\s*b?['\"`][A-Za-z0-9+/=_-]{16}"
)
_MUTE = (
    r"\bstdio['\"]?\s*:\s*['\"]ignore|\bstdin\s*=\s*(?:subprocess\.)?DEVNULL|\bCREATE_NO_WINDOW\b"
)
_DETACHED = (
    r"\bdetached['\"]?\s*:\s*true|\bstart_new_session\s*=\s*True|\bDETACHED_PROCESS\b|"
    r"\bos\.setsid\b|\bstdout\s*=\s*(?:subprocess\.)?DEVNULL"
)
_SECRETLY = (
    r"/(?:tmp|shm)/|\btmpdir\(|\bgettempdir\b|\bTEMP\b|['\"]-(?:e|c|enc\w*)['\"]|\bcurl\b|"
    r"\bwget\b|https?\.get\s*\(|\brequests\.get\b|\burlopen\b|\bCREATE_NO_WINDOW\b|"
    r"\bb64decode\b|\batob\b"
)
"""What else there is in a file that starts something hidden: fetched, hidden or given as text."""
_SILENT = "starts a program that nobody sees: detached or mute on every stream"


def check(view: View) -> Iterator[Hit]:
    """Mark hidden names, and programs that newly run so that nobody sees them."""
    yield from hits(view, _KINDS, tested=Severity.LOW)
    for file in view.where(_MUTE, side=Side.NEW):
        if not is_code(file) or Label.VENDORED in file.labels:
            continue
        mute = file.new(_MUTE)
        if mute and file.new(_DETACHED):
            hides = expression(_SECRETLY).search(file.added)
            for line in mute:
                severity = Severity.MEDIUM if hides else Severity.LOW
                yield Hit.at(file, line, _SILENT, severity=severity)


RULE = Rule(
    id="obfuscated-code",
    pathway=Pathway.BACKDOOR,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    version=4,
    summary="contains code written so that it cannot be read",
    capability=Capability.HIDES,
    patterns=(
        Pattern(
            _LITERAL,
            "keeps a text of the program encoded, so that no search finds it",
            severity=Severity.MEDIUM,
            never=frozenset({Label.DOCS, Label.DATA, Label.GENERATED, Label.LOCK}),
        ),
    ),
    added_triggers=(*expressions(_KINDS), _MUTE),
    check=check,
)
