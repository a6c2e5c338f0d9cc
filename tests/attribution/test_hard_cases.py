"""Who wrote it, where names mislead, agents meet, and messages were mangled on the way."""

import time
from collections.abc import Callable

import pytest

from reviewqueue.attribution import attribute
from reviewqueue.domain.attribution import UNATTRIBUTED, Certainty
from reviewqueue.domain.change import Commit
from reviewqueue.domain.machines import is_machine
from reviewqueue.domain.people import Person

MakeCommit = Callable[..., Commit]
GITHUB = "users.noreply.github.com"
CLAUDE = "Claude Opus 4.8 <noreply@anthropic.com>"
CODEX = "OpenAI Codex <codex@openai.com>"
COPILOT = f"copilot-swe-agent[bot] <198982749+Copilot@{GITHUB}>"
REVIEW_BOT = f"ellipsis-dev[bot] <65095814+ellipsis-dev[bot]@{GITHUB}>"

NAMESAKES = [
    "Devin Gould <dgould@gmail.com>",
    "Devin <devin@hey.com>",
    f"devin <4711+devin@{GITHUB}>",
    "Jules Verne <jules@nantes.fr>",
    f"Jules <jules-dev@{GITHUB}>",
    "Claude Shannon <claude@mit.edu>",
    f"Jean-Claude Martin <12+jeanclaude@{GITHUB}>",
    f"claude-martin <13+claude-martin@{GITHUB}>",
    "Cody Swartz <cody@swartz.dev>",
    "Amp Chen <amp.chen@gmail.com>",
    "Gemini Ganesan <gg@corp.io>",
    "Warp Lindqvist <warp@lindqvist.se>",
    "Aider Kaya <aider@kaya.com.tr>",
    "Kilo Watt <kilo@watt.org>",
    "Goose Bradshaw <goose@navy.mil>",
    "Sam Staff <sam@anthropic.com>",
    "Sam Staff <sam@cursor.com>",
]


@pytest.mark.parametrize("who", NAMESAKES)
def test_it_takes_no_namesake_for_the_agent(commit: MakeCommit, who: str) -> None:
    person = commit(author=who).author

    assert attribute([commit(author=who)]) == UNATTRIBUTED
    assert attribute([commit(f"Do it\n\nCo-authored-by: {who}")]) == UNATTRIBUTED
    assert attribute([commit(f"Do it\n\nSigned-off-by: {who}\nReviewed-by: {who}")]) == UNATTRIBUTED
    assert attribute([commit()], opener=person) == UNATTRIBUTED
    assert not is_machine(person)


@pytest.mark.parametrize(
    "message",
    [
        "Fix cursor position after undo",
        "cursor: reset on alternate screen",
        "Let Claude review what Devin wrote\n\nJules and Codex agreed.",
        "Document how to use GitHub Copilot",
        "Merge pull request #7 from devin/main",
        "Merge pull request #7 from claude/fix-typo",
        "Merge branch 'fix/cursor-jump'",
        "Remove the line Co-authored-by: Claude <noreply@anthropic.com> from the template",
        "Escape \\n before Co-authored-by: lines",
    ],
)
def test_it_reads_nothing_into_talk_about_agents(commit: MakeCommit, message: str) -> None:
    assert attribute([commit(message)]) == UNATTRIBUTED


@pytest.mark.parametrize("bot", [REVIEW_BOT, f"cubic <191113872+cubic-dev-ai[bot]@{GITHUB}>"])
def test_it_looks_past_a_review_bot_to_the_agent(commit: MakeCommit, bot: str) -> None:
    found = attribute([commit(f"Do it\n\nCo-authored-by: {bot}\nCo-authored-by: {CODEX}")])

    assert (found.agent, found.confidence) == ("codex", Certainty.DECLARED)
    assert attribute([commit(f"Do it\n\nCo-authored-by: {bot}")]).agent is None


def test_it_takes_a_review_bots_suggestion_for_less_than_what_an_agent_signed(
    commit: MakeCommit,
) -> None:
    autofix = f"Copilot Autofix powered by AI <223894421+github-code-quality[bot]@{GITHUB}>"
    found = attribute([commit(f"Do it\n\nCo-authored-by: {autofix}\nCo-authored-by: {CLAUDE}")])

    assert (found.agent, found.confidence) == ("claude", Certainty.DECLARED)


@pytest.mark.parametrize(
    ("trailer", "agent"),
    [
        ("Co-authored-by: Codex Opus 4.6 <noreply@anthropic.com>", "claude"),
        ("Co-authored-by: Claude <codex@openai.com>", "codex"),
        ("Co-authored-by: Copilot <cursoragent@cursor.com>", "cursor"),
        ("Co-Authored-By: Claude noreply@anthropic.com", "claude"),
        ("Co-authored-by: Claude Opus 4.8", "claude"),
        ("co-authored-by: <noreply@anthropic.com>", "claude"),
        ("Coauthored-by: Claude <noreply@anthropic.com>", "claude"),
        ("Co-authored-by: opencode <opencode@sst.dev>", None),
        ("Co-authored-by: Cline Evaluation <cline@example.com>", None),
        ("Co-authored-by: codex-app-server <codex@corp.io>", "codex"),
        ("Co-authored-by: claude-code <dev@corp.io>", "claude"),
    ],
)
def test_it_knows_what_a_wrong_trailer_is_worth(
    commit: MakeCommit, trailer: str, agent: str | None
) -> None:
    assert attribute([commit(f"Do it\n\n{trailer}")]).agent == agent


@pytest.mark.parametrize(
    ("message", "agent"),
    [
        ("Add it  🤖 Generated with [Claude Code](https://claude.ai/code)", "claude"),
        (f"Add it    Co-Authored-By: {CLAUDE}", "claude"),
        (f"Add it\\n\\nBecause.\\n\\nCo-authored-by: {CODEX}", "codex"),
        (f"Add it\\n\\nCo-authored-by: Ann Lee <a@x>\\nCo-authored-by: {CODEX}", "codex"),
        ("Add it\\n\\nMade-with: Cursor", "cursor"),
        ("Add it\r\n\r\nMade-with: Cursor\r\n", "cursor"),
    ],
)
def test_it_reads_a_message_whose_lines_were_joined(
    commit: MakeCommit, message: str, agent: str
) -> None:
    found = attribute([commit(message)])

    assert (found.agent, found.confidence) == (agent, Certainty.DECLARED)


def test_it_reads_a_hostile_message_in_no_time(commit: MakeCommit) -> None:
    start = time.process_time()
    for text in (" " * 200_000, "\\n" * 200_000, "co-authored-by:" * 20_000, "  🤖" * 50_000):
        assert attribute([commit(f"x{text}y")]).agent is None
    assert time.process_time() - start < 5


def test_it_puts_an_account_that_works_by_itself_before_a_tools_address(
    commit: MakeCommit,
) -> None:
    """Squashed together, both are co-authors; only one of them pushed commits of its own."""
    message = f"Do it\n\nCo-authored-by: {CLAUDE}\nCo-authored-by: {COPILOT}"
    found = attribute([commit(message)])

    assert (found.agent, found.confidence) == ("copilot", Certainty.DECLARED)
    assert any("claude, declared" in sentence for sentence in found.evidence)


@pytest.mark.parametrize("by", ["author", "committer", "opener"])
def test_it_puts_who_wrote_it_before_every_co_author(commit: MakeCommit, by: str) -> None:
    message = f"Do it\n\nCo-authored-by: {COPILOT}"
    found = {
        "author": lambda: attribute([commit(message, author=CLAUDE)]),
        "committer": lambda: attribute([commit(message, committer=CLAUDE)]),
        "opener": lambda: attribute([commit(message)], opener=Person("", login="claude[bot]")),
    }[by]()

    assert found.agent == "claude"


def test_it_does_not_let_an_account_outweigh_certainty(commit: MakeCommit) -> None:
    autofix = f"Copilot Autofix powered by AI <62310815+github-advanced-security[bot]@{GITHUB}>"
    message = f"Do it\n\nCo-authored-by: {autofix}\nMade-with: Cursor"

    assert attribute([commit(message)]).agent == "cursor"
