"""Agents' settings: what they newly allow is told, what is moved or stricter is not."""

import time

import pytest

from reviewqueue.domain.paths import Label
from reviewqueue.scan.effects.agents import loosened
from reviewqueue.scan.parser import parse
from reviewqueue.scan.view import ChangedFile


def told(path: str, *lines: str) -> list[str]:
    """Return the messages about a change; each line carries its marker."""
    return [hit.message for hit in loosened(changed(path, *lines))]


def changed(path: str, *lines: str) -> ChangedFile:
    old = sum(line[:1] in " -" for line in lines)
    new = sum(line[:1] in " +" for line in lines)
    head = f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n@@ -1,{old} +1,{new} @@\n"
    patches = list(parse((head + "".join(f"{line}\n" for line in lines)).encode()))
    return ChangedFile(patches[0])


ASKED = "what an agent had to ask for is allowed"
BARRED = "what holds an agent back is switched off"
REACHES = "an agent may do something unasked, or reaches further"
GROWS = "an agent's list of what it may do without asking grows"
SERVES = "an agent newly has the tools of a server"
OTHER = "the server whose tools an agent has is another program"
RUNS = "a command newly runs by itself whenever an agent works"
FALLS = "what an agent could not do, or had to ask for, is taken off its list"


@pytest.mark.parametrize(
    ("path", "lines", "message"),
    [
        ("opencode.json", (' "permission": {', '-  "bash": "ask"', '+  "bash": "allow"'), ASKED),
        (".continue/a.yaml", (" tools:", "-  policy: ask", "+  policy: automatic"), ASKED),
        (".gemini/settings.json", (" {", '-  "sandbox": true', '+  "sandbox": false'), BARRED),
        (".codex/config.toml", (" [sandbox_workspace_write]", "+network_access = true"), REACHES),
        (".aider.conf.yml", (" model: x", "+yes-always: true"), REACHES),
        (".zed/settings.json", (' "agent": {', '+  "always_allow_tool_actions": true'), ""),
        (".roo/mcp.json", (' "fs": {', '+  "alwaysAllow": ["write_file"]'), GROWS),
        (".cursor/cli.json", (' "allow": [', '+  "Shell(*)",', '   "Shell(ls)"'), GROWS),
        (".vscode/mcp.json", (' "servers": {', '+  "pg": { "command": "pg-mcp" }'), SERVES),
        (".mcp.json", (' "pg": {', '-  "command": "pg-mcp"', '+  "command": "/tmp/x"'), OTHER),
        (".claude/settings.json", (' "hooks": {', '+  "Stop": [{"command": "./x"}]'), RUNS),
        (".claude/settings.json", (" {", '+  "apiKeyHelper": "./key.sh",'), RUNS),
        (".claude/settings.json", (' "deny": [', '-  "Read(.env)",', '   "Bash(rm:*)"'), FALLS),
        (".claude/agents/a.md", (" ---", "-tools: Read", "+tools: Read, Bash", " ---"), GROWS),
    ],
)
def test_it_tells_what_is_newly_allowed(path: str, lines: tuple[str, ...], message: str) -> None:
    assert told(path, *lines) == [message or REACHES]


@pytest.mark.parametrize(
    ("path", "lines"),
    [
        ("opencode.json", (' "permission": {', '-  "bash": "allow"', '+  "bash": "ask"')),
        (".gemini/settings.json", (" {", '-  "sandbox": false', '+  "sandbox": true')),
        (".claude/settings.json", (' "allow": [', '+  "Bash(npm run lint:*)",', '   "Read"')),
        (".claude/settings.json", (' "deny": [', '+  "Bash(curl:*)",', '   "Read"')),
        (
            ".claude/settings.json",
            (' "allow": [', '-  "Bash(rm:*)",', '   "X",', '+  "Bash(rm:*)"'),
        ),
        (".mcp.json", (' "pg": {', '   "command": "pg",', '-  "args": []', '+  "args": ["-q"]')),
        (".claude/agents/a.md", (" ---", "-tools: Read, Bash", "+tools: Read", " ---")),
        ("config/settings.json", (" {", '-  "sandbox": true', '+  "sandbox": false')),
        (".gemini/settings.json", (" {", '-  "task": "build"', '+  "task": "none"')),
    ],
)
def test_it_leaves_alone_what_is_not(path: str, lines: tuple[str, ...]) -> None:
    assert told(path, *lines) == []


def test_settings_that_are_not_read_to_their_end_are_told() -> None:
    [message] = told(".claude/settings.json", " {", "+" + '"x": 1,' * 2_000)
    assert "not read to the end" in message


def test_settings_of_nothing_but_brackets_break_nothing() -> None:
    bare = (
        " " + "{" * 150,
        '-  "sandbox": false,',
        '+  "sandbox": true,',
        '   "coreTools": ["ReadFileTool"],',
        '-  "excludeTools": []',
        '   "excludeTools": ["run_shell_command"]',
    )
    assert told(".gemini/settings.json", *bare) is not None


def test_the_cost_is_linear() -> None:
    file = changed(".claude/settings.json", " {", *['+ "allow": ["Bash(*)"],'] * 20_000)
    assert Label.AGENT_INSTRUCTIONS in file.labels
    start = time.perf_counter()
    assert list(loosened(file))
    assert time.perf_counter() - start < 5
