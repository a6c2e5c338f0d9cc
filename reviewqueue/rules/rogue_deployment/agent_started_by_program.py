"""An agent or a model that a program starts, without anybody sitting in front of it.

What it flags
    Added code, scripts, jobs or workflows that run a coding agent non-interactively (Claude
    Code, Codex, Gemini, Aider, Cursor, OpenCode, OpenHands, Goose, Amp …) or serve a model to
    others: `claude -p`, `codex exec`, agent actions, agent SDK loops, `vllm serve`,
    `ollama serve`, text-generation servers, new inference endpoints in a cloud.

Why it matters
    An agent that starts agents multiplies what nobody reads; a model that is served where
    nobody lists it can be used by anyone, for anything, unwatched.

How to review it
    Who gives it its task, and can an outsider's text become that task?
    Which tools, keys and network does it have, and what stops it?
    An endpoint: who may call it, who pays, who watches?

Not flagged
    Names of agents in prose; configuration of an agent that a person starts.

Seen in
    ATT&CK T1496 (Resource Hijacking), T1059; the Nx compromise of August 2025 (s1ngularity)
    started victims' own Claude, Gemini and Q command lines to search for secrets.
"""

from reviewqueue.domain.finding import Confidence, Pathway, Severity
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import Pattern, Rule, Stability

_NEVER = frozenset(
    {Label.LOCK, Label.GENERATED, Label.VENDORED, Label.DATA, Label.DOCS, Label.TEST}
)

RULE = Rule(
    id="agent-started-by-program",
    pathway=Pathway.ROGUE_DEPLOYMENT,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="starts an agent, or serves a model, without a person",
    patterns=(
        Pattern(
            r"\bclaude\s+(?:-p|--print|--dangerously\S*)\s|\bcodex\s+(?:exec|e|--full-auto|"
            r"--yolo)\b|"
            r"\bgemini\s+(?:-p|--prompt|--yolo|-y)\s|\baider\s+(?:--message|-m|--yes\S*|--msg)\b|"
            r"\bcursor-agent\s+(?:-p|--print|--force)\b|\bopencode\s+run\b|\bgoose\s+run\b|"
            r"\bamp\s+(?:-x|--execute)\b|\bopenhands\s+[^\n]*--(?:task|headless)\b|"
            r"\bcopilot\s+(?:-p|--allow-all)|"
            r"\bqwen\s+(?:-p|--yolo)\b|\bkilocode\s+--auto\b|\bcline\s+[^\n]*--(?:yolo|oneshot)\b|"
            r"\bq\s+chat\s+[^\n]*--(?:no-interactive|trust-all-tools)",
            "runs a coding agent without a person",
            never=_NEVER,
        ),
        Pattern(
            r"[\"'](?:claude|codex|gemini|aider|cursor-agent|opencode|goose|"
            r"openhands)[\"']\s*,\s*\[?\s*[\"']"
            r"(?:-p|--print|exec|run|--message|--yes\S*|--yolo|--prompt|--dangerously\S*|"
            r"--headless|"
            r"--full-auto)[\"']",
            "starts a coding agent as a process",
            never=_NEVER,
        ),
        Pattern(
            r"^[ \t]*-?[ \t]*uses:\s*['\"]?[\w.-]+/(?:claude-code(?:-base)?-action|codex-action|"
            r"run-gemini-cli|gemini-cli-action|aider-github-action|openhands-resolver\w*|"
            r"opencode[\w/-]*|"
            r"cursor-action|cline-action|swe-agent-action|devin-action)\b",
            "a workflow runs a coding agent",
        ),
        Pattern(
            r"\bclaude_agent_sdk\b|@anthropic-ai/claude-agent-sdk|\bclaude_code_sdk\b|"
            r"@anthropic-ai/claude-code\b|@openai/codex-sdk|\bpermission_?[mM]ode\s*[:=]\s*[\"']"
            r"bypassPermissions",
            "starts agents from a program",
            line=r"(?i)\bimport\b|\bfrom\b|require\(|install|npx|bypass",
            never=_NEVER | {Label.MANIFEST},
        ),
        Pattern(
            r"\bvllm\s+serve\b|\bvllm\.entrypoints\.\w+|\bollama\s+serve\b|"
            r"\bOLLAMA_HOST\s*[=:]\s*[\"']?"
            r"(?:https?://)?0\.0\.0\.0|\btext-generation-(?:launcher|inference)\b|"
            r"\bsglang\.launch_server\b|"
            r"\bllama-server\s|\btritonserver\s|\bbentoml\s+(?:serve|deploy)\b|"
            r"\blitellm\s+--(?:model|config)\b|"
            r"\btabbyapi\b|\blmdeploy\s+serve\b|\bmlflow\s+models\s+serve\b|"
            r"\btorchserve\s+--start\b|"
            r"\bghcr\.io/huggingface/text-generation-inference|\bollama/ollama\b|"
            r"\bvllm/vllm-openai\b",
            "serves a model",
            never=_NEVER,
        ),
        Pattern(
            r"\bcreate_endpoint(?:_config)?\s*\(|\bCreateEndpoint(?:Config)?Command\s*\(|"
            r"\baws_sagemaker_endpoint\w*|\bgoogle_vertex_ai_endpoint\b|\bEndpoint\.create\s*\(|"
            r"\bendpoints\s+(?:create|deploy-model)\b|\bcreate_inference_endpoint\s*\(|"
            r"\bkind:\s*['\"]?InferenceService\b|\bazurerm_cognitive_deployment\b|"
            r"\baz\s+ml\s+online-(?:endpoint|deployment)\s+create\b|\baws_bedrock_provisioned\w+|"
            r"\breplicate\.deployments\.create\b|\brunpodctl\s+create\b|\bvastai\s+create\b",
            "deploys a model endpoint",
            line=r"(?i)sagemaker|endpoint|inference|vertex|bedrock|deployment|pod|instance",
            never=_NEVER,
        ),
    ),
)
