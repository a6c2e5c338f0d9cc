r"""An agent's program that hands its agent more tools.

What it flags
    In programs that run agents: tools of servers that are newly asked for and given to the model
    (`load_mcp_tools`, `MCPServerStdio`, `GetMCPTools`, a `type: 'mcp'` tool, MCP functions of a
    kernel); a tool that runs, writes, deletes or browses and that joins a list of tools
    (`ShellTool()`, `executeCommand`, `Tools.ExecuteBash`, `"Bash"` among the allowed ones).

Why it matters
    What a model may do is the list of its tools. With one that runs commands, or one whose
    tools somebody else's server chooses, every text that it reads may become a deed.

How to review it
    Does somebody have to agree before the tool acts? Who writes the server's descriptions of
    its tools, which the model reads as well?

Not flagged
    Programs that serve such tools to others, tools that are renamed or only read; files that
    are new as a whole, tests, examples and prose.

Seen in
    OWASP LLM06, Excessive Agency; CVE-2025-54136: a server's entry, once approved, could be
    another program; tool poisoning of MCP servers (2025).
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import FileView, Hit, Rule, Stability, View
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.openers import Openers
from reviewqueue.scan.structure.pairs import Pair, finds, pairs_losing, tokens
from reviewqueue.scan.structure.said import is_sentence

_ASIDE = frozenset(
    {Label.TEST, Label.DOCS, Label.GENERATED, Label.VENDORED, Label.LOCK, Label.DATA}
)
_CONNECTS = (
    r"\bload_mcp_tools\b|\bMCPServer(?:Stdio|Sse|SSE|StreamableHttp|HTTP)\b|"
    r"\bMultiServerMCPClient\b|\bM[cC][pP]Toolset?\b|(?i:\bget_?(?:all_?)?mcp_?tools\b)|"
    r"\bAddMcpFunctions\w*|\bcreateMCPClient\b|\bexperimental_createMCPClient\b|"
    r"\bMcpToolProvider\b|\bMCPServerAdapter\b|\bHostedMCPTool\b|\bhostedMcpTool\b|"
    r"['\"]?type['\"]?\s*[:=]\s*['\"]mcp['\"]|(?i:\bconnect\w*_?mcp_?servers?\s*\()|"
    r"\bmcp_servers\s*=\s*(?:None|\[|self|config|settings|\w+\.)|\bMcpClientPlugin\b|"
    r"\bSyncMcpToolCallbackProvider\b"
)
"""Tools of servers, asked for and given to a model."""
_SERVES = (
    r"(?i)(?:^|[/_.-])(?:fast|rust|lib|py|java|csharp|ts|typescript)?-?mcp[/_.-]|sdk|(?:^|"
    r"/)mcps?(?:/|$)"
)
"""Paths of what is about such servers itself."""
_ENTRY = (
    r"^[ \t]*(?:new[ ]+|&|Box::new\(|Arc::new\(|Tools?[.:]+|['\"])?[\w.:]*(?:[sS]hell|[bB]ash|"
    r"[eE]xec(?:ute)?[A-Z_]|[rR]un_?[cC]ommand|[eE]xecute_?[cC]ommand|[pP]ython_?R[eE][pP][lL]|"
    r"[wW]rite_?[fF]ile|[tT]erminal|[cC]omputer|[aA]pply_?[pP]atch|"
    r"[cC]ode_?[iI]nterpreter)\w*(?:\([^()\n]*\))?\)?['\"]?,?[ \t]*$"
)
"""A tool that acts, on a line of its own."""
_TOOLS = r"(?i)\b\w*tool(?:sets?|s|kit|box)\b\s*(?:\w*\s*)?(?:[:=(\[{]|->|do\b)"
_SAME_LINE = (
    r"(?i)\b\w*(?:tools|toolkit|default_?tools|allowed_?tools|plugins)['\"]?\s*(?::[^=\n]*)?[:=(]"
)
_CALLED = (
    r"\btools\.(?:append|extend|push|insert|add)\(|\btools[ \t]*\+=|\.(?:defaultTools|withTools|"
    r"WithTools|tools|add_tool|AddTool|addTool|register_tool|registerTool|"
    r"Plugins\.Add\w*)(?:<\w+>)?\("
)
_ACTS = (
    r"(?i)shell|bash|terminal|exec(?:ute)?_?(?:command|code|bash|tool)|run_?command|repl|write|"
    r"file_?system|code_?interp|computer|subprocess|(?:\+=|\.(?:append|extend|push|"
    r"add)\()[^\n]*(?:list_?tools\(|mcp_?\w*tools)"
)
_ABOVE = 40
"""Lines above a tool in which the name of its list stands."""
_MOST = 50
"""Tools that are looked at."""
_TOLD = "an agent newly has a tool that acts"


def check(view: View) -> Iterator[Hit]:
    """Mark tools that an agent newly has."""
    for file in view.where(_CONNECTS, side=Side.NEW):
        if _counts(file) and not finds(_SERVES)(file.path.encode()):
            yield from _connected(file)
    for file in view.where(_ENTRY, side=Side.NEW):
        if _counts(file):
            yield from _joined(file)
    for file in view.where(_CALLED, side=Side.NEW):
        if _counts(file) and not finds(_SERVES)(file.path.encode()):
            yield from _given(file)
    for file in view.where(_SAME_LINE, side=Side.OLD):
        if _counts(file):
            for pair in pairs_losing(file, _SAME_LINE):
                yield from _longer(file, pair)


def _counts(file: FileView) -> bool:
    if not file.labels.isdisjoint(_ASIDE):
        return False
    return file.status in {"M", "R"} and Label.SOURCE in file.labels and "example" not in file.path


def _connected(file: FileView) -> Iterator[Hit]:
    """Tell the first place where servers' tools are asked for; another such one is no news."""
    if file.matches(_CONNECTS, Side.OLD):
        return
    for line in file.new(_CONNECTS):
        if not (is_comment(line.whole) or is_sentence(file, line.whole)):
            yield Hit.at(file, line, "an agent newly has the tools of servers")
            return


def _joined(file: FileView) -> Iterator[Hit]:
    """Tell the first tool that joins a list of tools."""
    openers = Openers(file, reach=_ABOVE)
    for line in file.new(_ENTRY)[:_MOST]:
        if line.number and finds(_TOOLS)(openers.above(line.number)):
            yield Hit.at(file, line, _TOLD)
            return


def _given(file: FileView) -> Iterator[Hit]:
    """Tell the first call that gives an agent such a tool."""
    for line in file.new(_CALLED):
        if finds(_ACTS)(line.whole) and not is_comment(line.whole):
            yield Hit.at(file, line, _TOLD)
            return


def _longer(file: FileView, pair: Pair) -> Iterator[Hit]:
    """Tell a list of tools on one line that has one more that acts."""
    if not all(finds(_SAME_LINE)(text) for text in (pair.old, pair.new)):
        return
    was, now = set(tokens(pair.old)), set(tokens(pair.new))
    is_on = pair.new.lower().count(b"true") > pair.old.lower().count(b"true")
    came = now if is_on else now - was
    if any(finds(_ACTS)(word) for word in came) and not is_comment(pair.new):
        yield Hit.on(file, pair.new_line, pair.new, _TOLD)


RULE = Rule(
    id="agent-tools-added",
    pathway=Pathway.PERMISSIONS,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="gives an agent more tools",
    added_triggers=(_CONNECTS, _ENTRY, _CALLED),
    removed_triggers=(_SAME_LINE,),
    check=check,
    budget=0.005,
)
