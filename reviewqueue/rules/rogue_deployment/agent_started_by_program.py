"""An agent or a model that a program starts, without anybody sitting in front of it.

What it flags
    Added code, scripts, jobs or workflows that run a coding agent non-interactively (Claude
    Code, Codex, Gemini, Aider, Cursor, OpenCode, OpenHands, Goose, Amp …) or serve a model to
    others: `claude -p`, `codex exec`, agent actions, agent SDK loops, `vllm serve`,
    `ollama serve`, text-generation servers, new inference endpoints in a cloud.
    Also an address of a model that is not its maker's.

Why it matters
    An agent that starts agents multiplies what nobody reads; a model that is served where
    nobody lists it can be used by anyone, for anything, unwatched.

How to review it
    Who gives it its task, and can an outsider's text become that task?
    Which tools, keys and network does it have, and what stops it?
    An endpoint: who may call it, who pays, who watches?

Not flagged
    An agent's action raised to another version; names of agents in prose; configuration of
    an agent that a person starts. Only noted: a workflow kept as data of tests.

Seen in
    ATT&CK T1496 (Resource Hijacking), T1059; the Nx compromise of August 2025 (s1ngularity)
    started victims' own Claude, Gemini and Q command lines to search for secrets.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import Hit, Line, Rule, Stability, View, expression
from reviewqueue.scan.structure.kinds import Kind, expressions, marked
from reviewqueue.scan.structure.said import is_sentence

_NEVER = frozenset(
    {Label.LOCK, Label.GENERATED, Label.VENDORED, Label.DATA, Label.DOCS, Label.TEST}
)

_MANIFESTS = (
    "*package.json",
    "*pyproject.toml",
    "*requirements*.txt",
    "*pipfile",
    "*deno.json*",
    "*environment.y*ml",
)
_KINDS = (
    Kind(
        r"\bclaude\s+(?:-p|--print|--dangerously\S*)\s|\bcodex\s+(?:exec|e|--full-auto|--yolo)\b|"
        r"\bgemini\s+(?:-p|--prompt|--yolo|-y)\s|\baider\s+(?:--message|-m|--yes\S*|--msg)\b|"
        r"\bcursor-agent\s+(?:-p|--print|--force)\b|\bopencode\s+run\b|\bgoose\s+run\b|"
        r"\bamp\s+(?:-x|--execute)\b|\bopenhands\s+[^\n]*--(?:task|headless)\b|"
        r"\bcopilot\s+(?:-p|--allow-all)|\bdroid\s+exec\b|\bauggie\s+(?:-p|--print|--quiet)\b|"
        r"\bjules\s+(?:new|remote)\b|\bkiro-cli\s+chat\s+[^\n]*--no-interactive|"
        r"\bqwen\s+(?:-p|--yolo)\b|\bkilocode\s+--auto\b|\bcline\s+[^\n]*--(?:yolo|oneshot)\b|"
        r"\bq\s+chat\s+[^\n]*--(?:no-interactive|trust-all-tools)",
        "runs a coding agent without a person",
    ),
    Kind(
        r"[\"'](?:claude|codex|gemini|aider|cursor-agent|opencode|goose|"
        r"openhands)[\"']\s*,\s*\[?\s*[\"'](?:-p|--print|exec|run|--message|--yes\S*|--yolo|"
        r"--prompt|--dangerously\S*|--headless|--full-auto)[\"']|"
        r"\bCommand::new\s*\(\s*\"(?:claude|codex|gemini|aider|opencode|goose)\"|"
        r"create_task\s*\([^\n]*\bAgent\s*\(|"
        r"\b(?:spawn|launch|start|create)_?(?:sub_?)?agents?\s*\(|\bAgent\s*\([^\n]*ALL_TOOLS",
        "starts a coding agent as a process",
    ),
    Kind(
        r"^[ \t]*-?[ \t]*uses:\s*['\"]?[\w.-]+/(?:claude-code(?:-base)?-action|codex-action|"
        r"run-gemini-cli|gemini-cli-action|aider-github-action|openhands-resolver\w*|"
        r"opencode[\w/-]*|droid-action|jules-action|jules-invoke|amp-action|goose-action|"
        r"cursor-action|cline-action|swe-agent-action|devin-action)\b",
        "a workflow runs a coding agent",
    ),
    Kind(
        r"\bclaude_agent_sdk\b|@anthropic-ai/claude-agent-sdk|\bclaude_code_sdk\b|"
        r"@anthropic-ai/claude-code\b|@openai/codex-sdk|\bpermission_?[mM]ode\s*[:=]\s*[\"']"
        r"bypassPermissions",
        "starts agents from a program",
        line=r"(?i)\bimport\b|\bfrom\b|require\(|install|npx|bypass",
        but=_MANIFESTS,
    ),
    Kind(
        r"\bvllm\s+serve\b|\bvllm\.entrypoints\.\w+|\bollama\s+serve\b|"
        r"\bOLLAMA_HOST\s*[=:]\s*[\"']?(?:https?://)?0\.0\.0\.0|"
        r"\btext-generation-(?:launcher|inference)\b|\bsglang\.launch_server\b|\bllama-server\s|"
        r"\btritonserver\s|\bbentoml\s+(?:serve|deploy)\b|\blitellm\s+--(?:model|config)\b|"
        r"\btabbyapi\b|\blmdeploy\s+serve\b|\bmlflow\s+models\s+serve\b|\btorchserve\s+--start\b|"
        r"\bghcr\.io/huggingface/text-generation-inference|\bollama/ollama\b|\bvllm/vllm-openai\b|"
        r"\b(?:uvicorn|hypercorn)\.run\s*\([^\n]*0\.0\.0\.0|\bmlx_lm\.server\b|"
        r"\bxinference(?:-local)?\s|\bkoboldcpp\b|\bllamafile\b[^\n]*--server|"
        r"\bray\s+serve\s+(?:run|deploy)",
        "serves a model",
        unless=r"https?://[^\s\"']*(?:text-generation-inference|vllm|ollama|llama)",
    ),
    Kind(
        r"\b(?:OpenAI|AsyncOpenAI|AzureOpenAI|Anthropic|AsyncAnthropic|ChatOpenAI|ChatAnthropic|"
        r"Mistral|Groq|GoogleGenAI|Ollama|createOpenAI|createAnthropic|InferenceClient|"
        r"HfInference)\s*\(",
        "asks a model at another address than its maker's",
        line=r"(?i)\b\w*(?:base_?url|api_?base|endpoint|azure_?endpoint)['\"]?\s*[:=]\s*(?:[^,\n]*(?:\?\?|\|\||,|or)\s*)?[fb]?['\"`]"
        r"(?:https?:)?//?[^'\"`\n]*\.[a-z]{2,}",
    ),
    Kind(
        r"(?i)^[ \t]*[\"']?(?:export\s+)?(?:ANTHROPIC|OPENAI|AZURE_OPENAI|GEMINI|MISTRAL|CLAUDE|"
        r"LLM|MODEL)\w*_(?:BASE_?URL|API_?BASE|ENDPOINT|API_?HOST)[\"']?\s*[:=]\s*[\"']?https?://",
        "sends what is asked of a model to another address than its maker's",
        line=r"(?i)https?://[\w-]+(?:\.[\w-]+)+",
    ),
    Kind(
        r"\bcreate_endpoint(?:_config)?\s*\(|\bCreateEndpoint(?:Config)?Command\s*\(|"
        r"\baws_sagemaker_endpoint\w*|\bgoogle_vertex_ai_endpoint\b|\bEndpoint\.create\s*\(|"
        r"\bendpoints\s+(?:create|deploy-model)\b|\bcreate_inference_endpoint\s*\(|"
        r"\bkind:\s*['\"]?InferenceService\b|\bazurerm_cognitive_deployment\b|"
        r"\baz\s+ml\s+online-(?:endpoint|deployment)\s+create\b|\baws_bedrock_provisioned\w+|"
        r"\breplicate\.deployments\.create\b|\brunpodctl\s+create\b|\bvastai\s+create\b",
        "deploys a model endpoint",
        line=r"(?i)sagemaker|endpoint|inference|vertex|bedrock|deployment|pod|instance",
    ),
)


_PACKAGE = r"\b(?:npm|npx|bunx?|pnpm|yarn)\s[^\n]*\s(@[\w.-]+/[\w.-]+)"
_ADVICE = (
    r"[\"'`][^\"'`\n]*\b(?i:install (?:it|the [\w ]+) (?:with|using|via|by)|"
    r"not (?:found|detected|installed|available))\b"
)
"""A sentence that tells somebody what to do."""


def check(view: View) -> Iterator[Hit]:
    """Mark each place that starts an agent or serves a model, but not the words that tell of it."""
    for kind, file, line in marked(view, _KINDS):
        is_workflow = "uses:" in kind.regex
        gone = file.gone(kind.regex)
        if is_workflow and _action(line) in {_action(one) for one in gone}:
            continue
        if Label.SCRIPT not in file.labels and expression(_ADVICE).search(line.whole):
            continue
        if (package := _package(line)) and package in map(_package, gone):
            continue
        if (is_workflow or file.labels.isdisjoint(_NEVER)) and not is_sentence(file, line.whole):
            yield Hit.at(file, line, kind.message, severity=kind.severity)


def _package(line: Line) -> bytes:
    """Return the package that a line installs or runs, of whatever version; or nothing."""
    found = expression(_PACKAGE).search(line.whole)
    return found[1] if found else b""


def _action(line: Line) -> bytes:
    """Return the name of the action that a line uses, without its version."""
    return line.whole.partition(b"uses:")[2].partition(b"@")[0].strip(b" '\"")


RULE = Rule(
    id="agent-started-by-program",
    pathway=Pathway.ROGUE_DEPLOYMENT,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="starts an agent, or serves a model, without a person",
    version=4,
    in_place=True,
    added_triggers=expressions(_KINDS),
    check=check,
)
