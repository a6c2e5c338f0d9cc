"""Who wrote it: the table of agents, row by row, and the traps in it."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewqueue.attribution import attribute, strongest
from reviewqueue.domain.agents import AGENTS, OTHERS
from reviewqueue.domain.attribution import UNATTRIBUTED, Attribution, Certainty
from reviewqueue.domain.change import Commit
from reviewqueue.domain.machines import is_machine
from reviewqueue.domain.people import Person

MakeCommit = Callable[..., Commit]
GITHUB = "users.noreply.github.com"

IDENTITIES = [
    ("copilot", f"copilot-swe-agent[bot] <198982749+Copilot@{GITHUB}>"),
    ("copilot", f"Copilot <198982749+Copilot@{GITHUB}>"),
    ("copilot", f"Copilot <223556219+Copilot@{GITHUB}>"),
    ("copilot", f"Copilot App <223556219+Copilot@{GITHUB}>"),
    ("copilot", f"Copilot <175728472+Copilot@{GITHUB}>"),
    ("copilot", f"Copilot Autofix powered by AI <175728472+Copilot@{GITHUB}>"),
    ("copilot", "Copilot <copilot@github.com>"),
    ("claude", "Claude <noreply@anthropic.com>"),
    ("claude", "Claude Opus 4.6 <NoReply@Anthropic.com>"),
    ("claude", "Claude <no-reply@anthropic.com>"),
    ("claude", "Claude <claude@anthropic.com>"),
    ("claude", f"claude[bot] <41898282+claude[bot]@{GITHUB}>"),
    ("claude", f"claude[bot] <41898282+github-actions[bot]@{GITHUB}>"),
    ("claude", f"claude[bot] <209825114+claude[bot]@{GITHUB}>"),
    ("claude", f"claude[bot] <claude[bot]@{GITHUB}>"),
    ("claude", f"anthropic-code-agent[bot] <242468646+Claude@{GITHUB}>"),
    ("devin", f"Devin AI <158243242+devin-ai-integration[bot]@{GITHUB}>"),
    ("devin", f"devin-ai-integration[bot] <devin-ai-integration[bot]@{GITHUB}>"),
    ("codex", "Codex <codex@openai.com>"),
    ("codex", "GPT 5.6 <codex@openai.com>"),
    ("codex", "Codex <noreply@openai.com>"),
    ("codex", f"chatgpt-codex-connector[bot] <199175422+chatgpt-codex-connector[bot]@{GITHUB}>"),
    ("codex", f"openai-codex[bot] <215057067+openai-codex[bot]@{GITHUB}>"),
    ("cursor", "Cursor Agent <cursoragent@cursor.com>"),
    ("cursor", f"cursor[bot] <206951365+cursor[bot]@{GITHUB}>"),
    ("cursor", "Cursor <ai@cursor.sh>"),
    ("openhands", "openhands <openhands@all-hands.dev>"),
    ("openhands", "OpenDevin <opendevin@all-hands.dev>"),
    ("openhands", "OpenDevin <opendevin@opendevin.ai>"),
    ("openhands", "OpenDevin Bot <bot@opendevin.com>"),
    ("openhands", f"OpenHands Bot <openhands-bot@{GITHUB}>"),
    ("jules", f"google-labs-jules[bot] <161369871+google-labs-jules[bot]@{GITHUB}>"),
    ("jules", f"jules-fleet[bot] <247082972+jules-fleet[bot]@{GITHUB}>"),
    ("amp", "Amp <amp@ampcode.com>"),
    ("roo", f"Roomote <219738659+roomote[bot]@{GITHUB}>"),
    ("kilo", f"kiloconnect[bot] <240665456+kiloconnect[bot]@{GITHUB}>"),
    ("kilo", f"kilo-code-bot[bot] <240665456+kilo-code-bot[bot]@{GITHUB}>"),
    ("cline", f"cline-cloud[bot] <276134852+cline-cloud[bot]@{GITHUB}>"),
    ("cline", f"Cline <cline-agent@{GITHUB}>"),
    ("opencode", f"opencode-agent[bot] <opencode-agent[bot]@{GITHUB}>"),
    ("opencode", "opencode <noreply@opencode.ai>"),
    ("gemini", "gemini-cli-robot <gemini-cli-robot@google.com>"),
    ("gemini", f"gemini-cli-robot <224641728+gemini-cli-robot@{GITHUB}>"),
    ("gemini", f"gemini-cli[bot] <gemini-cli[bot]@{GITHUB}>"),
    ("gemini", f"gemini-cli[bot] <218312386+gemini-cli[bot]@{GITHUB}>"),
    ("droid", f"factory-droid[bot] <138933559+factory-droid[bot]@{GITHUB}>"),
    ("droid", f"Droid <138933559+factory-droid-oss@{GITHUB}>"),
    ("kiro", f"Kiro Agent <244629292+kiro-agent@{GITHUB}>"),
    ("aider", "aider (gpt-5) <aider@aider.chat>"),
    ("warp", "Oz <oz-agent@warp.dev>"),
    ("warp", "Warp <agent@warp.dev>"),
    ("goose", "goose <goose@aaif.ai>"),
    ("mux", f"mux-bot[bot] <264182336+mux-bot[bot]@{GITHUB}>"),
    ("mentat", f"mentatbot[bot] <160964065+mentatbot[bot]@{GITHUB}>"),
    ("blink", f"blink-so[bot] <211532188+blink-so[bot]@{GITHUB}>"),
    ("blink", f"blinkagent[bot] <237617714+blinkagent[bot]@{GITHUB}>"),
    ("codeflash", f"codeflash-ai[bot] <148906541+codeflash-ai[bot]@{GITHUB}>"),
    ("ambient", f"ambient-code[bot] <235912155+ambient-code[bot]@{GITHUB}>"),
    ("continue", f"continue[bot] <230936708+continue[bot]@{GITHUB}>"),
    ("marvin", f"marvin <225465937+marvin-context-protocol[bot]@{GITHUB}>"),
    ("bonk", f"ask-bonk[bot] <249159057+ask-bonk[bot]@{GITHUB}>"),
    ("think", f"agent-think[bot] <298805081+agent-think[bot]@{GITHUB}>"),
    ("qwen", f"qwen.ai[bot] <qwen.ai[bot]@{GITHUB}>"),
]

LINES = [
    ("claude", Certainty.DECLARED, "Claude-Session: https://claude.ai/code/session_01"),
    ("claude", Certainty.DECLARED, "Assisted-by: Claude"),
    ("claude", Certainty.DECLARED, "Assisted-by: Claude Code:claude-opus-4 coccinelle"),
    ("claude", Certainty.DECLARED, "Assisted-By: Claude:claude-3-opus"),
    (
        "claude",
        Certainty.DECLARED,
        "🤖 Generated with [Claude Code](https://claude.com/claude-code)",
    ),
    ("claude", Certainty.DECLARED, "Generated with Claude Code"),
    ("claude", Certainty.INFERRED, "made by https://claude.ai/code/session_01x"),
    ("claude", Certainty.INFERRED, "see https://docs.anthropic.com/s/claude-code"),
    ("copilot", Certainty.DECLARED, "Copilot-Session: 1234"),
    ("copilot", Certainty.DECLARED, "Agent-Logs-Url: https://github.com/o/r/sessions/12-ab"),
    ("copilot", Certainty.INFERRED, "<!-- START COPILOT CODING AGENT TIPS -->"),
    ("copilot", Certainty.INFERRED, "Let Copilot coding agent set things up for you"),
    ("copilot", Certainty.INFERRED, "(Commit message generated by Copilot)"),
    (
        "copilot",
        Certainty.INFERRED,
        "Firewall rules blocked me from connecting to one or more addresses",
    ),
    ("devin", Certainty.INFERRED, "Link to Devin run: https://app.devin.ai/sessions/0a1b"),
    ("codex", Certainty.INFERRED, "https://chatgpt.com/codex/tasks/task_e_1"),
    ("codex", Certainty.DECLARED, "🤖 Generated with OpenAI Codex"),
    ("codex", Certainty.DECLARED, "🤖 Generated with [Codex](https://openai.com)"),
    ("codex", Certainty.DECLARED, "Assisted-by: Codex:gpt-5.1"),
    ("cursor", Certainty.DECLARED, "Made-with: Cursor"),
    ("cursor", Certainty.DECLARED, "Assisted-by: Cursor"),
    ("amp", Certainty.DECLARED, "Amp-Thread-ID: https://ampcode.com/threads/T-1"),
    ("mux", Certainty.DECLARED, "_Generated with `mux` • Model: `x:y` • Thinking: `high`_"),
    ("mintlify", Certainty.DECLARED, "Generated-By: mintlify-agent"),
    ("firebender", Certainty.DECLARED, "🤖 Generated with [Firebender](https://x)"),
    ("claude", Certainty.DECLARED, "Agent-Signature: Claude Opus 4 on behalf of ann"),
    ("codex", Certainty.DECLARED, "Agent-Signature: codex-gpt-5.5-high on behalf of ann"),
    ("codex", Certainty.DECLARED, "Agent-Signature: gpt-5 on behalf of ann"),
    ("other", Certainty.DECLARED, "Agent-Signature: llama-4 on behalf of ann"),
    ("other", Certainty.SUSPECTED, "Assisted-by: Helpful:model-7 sparse"),
    ("claude", Certainty.DECLARED, "Assisted-by: Claude <noreply@anthropic.com>"),
]

BRANCHES = [
    *(
        (agent, Certainty.INFERRED, f"{word}/fix-it")
        for agent, word in [
            ("copilot", "copilot"),
            ("claude", "claude"),
            ("devin", "devin"),
            ("codex", "codex"),
            ("cursor", "cursor"),
            ("openhands", "openhands"),
            ("cline", "cline"),
            ("opencode", "opencode"),
        ]
    ),
    *(
        (agent, Certainty.SUSPECTED, f"{word}-fix-it")
        for agent, word in [
            ("copilot", "copilot"),
            ("claude", "claude"),
            ("codex", "codex"),
            ("cursor", "cursor"),
            ("openhands", "openhands"),
            ("jules", "jules"),
            ("amp", "amp"),
            ("roo", "roo"),
            ("cline", "cline"),
            ("opencode", "opencode"),
            ("gemini", "gemini"),
            ("droid", "factory"),
            ("droid", "droid"),
            ("kiro", "kiro"),
            ("aider", "aider"),
            ("mentat", "mentat"),
            ("windsurf", "windsurf"),
            ("amazon-q", "q-dev"),
            ("sweep", "sweep"),
            ("codegen", "codegen"),
            ("other", "agent"),
        ]
    ),
    ("other", Certainty.SUSPECTED, "agent/fix"),
    ("claude", Certainty.INFERRED, "refs/heads/claude/fix"),
    ("claude", Certainty.INFERRED, "Claude/Fix"),
]

REVIEW_BOTS = [
    f"gemini-code-assist[bot] <176961590+gemini-code-assist[bot]@{GITHUB}>",
    f"ellipsis-dev[bot] <65095814+ellipsis-dev[bot]@{GITHUB}>",
    f"greptile-apps[bot] <165735046+greptile-apps[bot]@{GITHUB}>",
    f"coderabbitai[bot] <136622811+coderabbitai[bot]@{GITHUB}>",
    f"cubic-dev-ai[bot] <191113872+cubic-dev-ai[bot]@{GITHUB}>",
    f"github-advanced-security[bot] <62310815+github-advanced-security[bot]@{GITHUB}>",
    f"github-code-quality[bot] <223894421+github-code-quality[bot]@{GITHUB}>",
]

MECHANICAL = [
    f"dependabot[bot] <49699333+dependabot[bot]@{GITHUB}>",
    f"dependabot-preview[bot] <27856297+dependabot-preview[bot]@{GITHUB}>",
    f"renovate[bot] <29139614+renovate[bot]@{GITHUB}>",
    f"github-actions[bot] <41898282+github-actions[bot]@{GITHUB}>",
    f"GitHub Action <41898282+github-actions[bot]@{GITHUB}>",
    f"pre-commit-ci[bot] <66853113+pre-commit-ci[bot]@{GITHUB}>",
    f"mergify[bot] <37929162+mergify[bot]@{GITHUB}>",
    f"stainless-app[bot] <142633134+stainless-app[bot]@{GITHUB}>",
    f"allcontributors[bot] <46447321+allcontributors[bot]@{GITHUB}>",
    f"depfu[bot] <23717796+depfu[bot]@{GITHUB}>",
    "opencode <opencode@sst.dev>",
    f"never-heard-of[bot] <123+never-heard-of[bot]@{GITHUB}>",
]

PEOPLE = [
    "Claude <claude@dupont.fr>",
    "Claude Dupont <claude.dupont@gmail.com>",
    "Devin <devin@gmail.com>",
    "Devin Gold <d@gold.io>",
    "Jules <jules@posteo.de>",
    "Kiro Tanaka <kiro@tanaka.jp>",
    f"claude <77+claude@{GITHUB}>",
    f"jules <jules@{GITHUB}>",
    "Sam Staff <sam@anthropic.com>",
    "Sam Staff <sam@openai.com>",
    "Sam Staff <sam@cline.bot>",
    "Cline Evaluation <cline@example.com>",
    "Ann Lee <noreply@example.com>",
    "Robot Lee <bot.lee@corp.io>",
]


@pytest.mark.parametrize(("agent", "who"), IDENTITIES)
def test_it_knows_an_agent_as_author(commit: MakeCommit, agent: str, who: str) -> None:
    found = attribute([commit(author=who)])

    assert (found.agent, found.confidence) == (agent, Certainty.DECLARED)
    assert found.operator is None


@pytest.mark.parametrize(("agent", "who"), IDENTITIES)
def test_it_knows_an_agent_as_co_author_and_the_author_as_operator(
    commit: MakeCommit, agent: str, who: str
) -> None:
    found = attribute([commit(f"Do it\n\nCo-authored-by: {who}\n")])

    assert (found.agent, found.confidence) == (agent, Certainty.DECLARED)
    assert found.operator == Person("Ann Lee", "ann@corp.io")


@pytest.mark.parametrize(("agent", "who"), IDENTITIES)
def test_it_takes_no_agent_for_a_person(commit: MakeCommit, agent: str, who: str) -> None:
    del agent

    assert is_machine(commit(author=who).author)


def test_it_tests_every_agent_of_the_table() -> None:
    tested = {row[0] for row in [*IDENTITIES, *LINES, *BRANCHES]}

    assert {machine.id for machine in AGENTS} == tested


def test_it_gives_each_sign_to_one_machine() -> None:
    for signs in ("mails", "accounts", "logins", "names", "trailers", "labels"):
        listed = [sign for machine in (*AGENTS, *OTHERS) for sign in getattr(machine, signs)]
        assert len(listed) == len(set(listed)), signs
        assert all(sign == sign.lower() for sign in listed if isinstance(sign, str)), signs


@pytest.mark.parametrize(("agent", "certainty", "line"), LINES)
@pytest.mark.parametrize("where", ["message", "middle", "description"])
def test_it_reads_trailers_and_markers(
    commit: MakeCommit, agent: str, certainty: Certainty, line: str, where: str
) -> None:
    texts = {"message": f"Do it\n\n{line}", "middle": f"Do it\n\n* one\n\n{line}\n\n* two\n\nend"}
    if where == "description":
        found = attribute([commit()], body=f"# What\r\n\r\n{line}\r\n")
    else:
        found = attribute([commit(texts[where])])

    assert (found.agent, found.confidence) == (agent, certainty)


@pytest.mark.parametrize(("agent", "certainty", "branch"), BRANCHES)
def test_it_reads_branch_names(
    commit: MakeCommit, agent: str, certainty: Certainty, branch: str
) -> None:
    found = attribute([commit()], branch=branch)

    assert (found.agent, found.confidence) == (agent, certainty)


@pytest.mark.parametrize(
    "subject",
    [
        "Merge pull request #1 from org/claude/fix",
        "Merge branch 'claude/fix'",
        "Merge branch 'claude/fix' into main",
        "Merge branch 'main' of https://example.com/r into claude/fix",
        "Merge remote-tracking branch 'origin/claude/fix' into dev",
    ],
)
def test_it_reads_the_branch_that_a_merge_names(commit: MakeCommit, subject: str) -> None:
    found = attribute([commit(f"{subject}\n\nTitle")])

    assert (found.agent, found.confidence) == ("claude", Certainty.INFERRED)


@pytest.mark.parametrize(
    "branch", ["main", "fix/claude", "claudette/x", "ampere", "recursor/x", "decode-x", ""]
)
def test_it_reads_nothing_into_other_branches(commit: MakeCommit, branch: str) -> None:
    assert attribute([commit()], branch=branch).agent is None


def test_it_does_not_take_a_fork_of_that_name_for_a_branch(commit: MakeCommit) -> None:
    assert attribute([commit("Merge pull request #1 from cursor/main")]).agent is None


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("place", ["author", "co-author", "assisted"])
def test_it_takes_no_person_for_an_agent(commit: MakeCommit, who: str, place: str) -> None:
    made = {
        "author": lambda: commit(author=who),
        "co-author": lambda: commit(f"Do it\n\nCo-authored-by: {who}"),
        "assisted": lambda: commit(f"Do it\n\nAssisted-by: {who}"),
    }[place]()

    assert attribute([made]) == UNATTRIBUTED
    assert not is_machine(commit(author=who).author)


@pytest.mark.parametrize("who", [*REVIEW_BOTS, *MECHANICAL])
def test_it_takes_no_other_bot_for_a_coding_agent(commit: MakeCommit, who: str) -> None:
    as_author = attribute([commit(author=who)])
    as_co_author = attribute([commit(f"Do it\n\nCo-authored-by: {who}")])

    assert (as_author.agent, as_author.mechanical) == (None, True)
    assert as_author.evidence
    assert (as_co_author.agent, as_co_author.mechanical) == (None, False)
    assert is_machine(commit(author=who).author)


def test_it_calls_nothing_mechanical_that_a_person_or_agent_had_a_part_in(
    commit: MakeCommit,
) -> None:
    bot = commit(author=MECHANICAL[0])

    assert not attribute([commit(), bot]).mechanical
    assert not attribute([bot], opener=Person("Ann Lee", login="ann")).mechanical
    with_agent = attribute([bot, commit(author="Claude <noreply@anthropic.com>")])
    assert (with_agent.agent, with_agent.mechanical) == ("claude", False)


def test_it_lets_the_address_decide_and_says_so(commit: MakeCommit) -> None:
    found = attribute([commit("x\n\nCo-authored-by: Codex Opus 4.6 <noreply@anthropic.com>")])

    assert found.agent == "claude"
    assert "the address decides" in found.evidence[0]


@pytest.mark.parametrize(
    ("who", "agent", "certainty"),
    [
        ("Amp <amp@example.com>", "amp", Certainty.INFERRED),
        ("Codex Agent <dev@corp.io>", "codex", Certainty.INFERRED),
        ("Claude Sonnet 4.5 <me@corp.io>", "claude", Certainty.INFERRED),
        ("Codex <someone@example.com>", "codex", Certainty.INFERRED),
        ("Cursor <someone@corp.io>", "cursor", Certainty.SUSPECTED),
        (
            "Copilot Autofix powered by AI <62310815+github-advanced-security[bot]@" + GITHUB + ">",
            "copilot",
            Certainty.INFERRED,
        ),
    ],
)
def test_it_says_less_where_only_a_name_speaks(
    commit: MakeCommit, who: str, agent: str, certainty: Certainty
) -> None:
    found = attribute([commit(f"x\n\nCo-authored-by: {who}")])

    assert (found.agent, found.confidence) == (agent, certainty)
    assert "name" in found.evidence[0]


def test_it_knows_a_person_who_runs_aider(commit: MakeCommit) -> None:
    found = attribute([commit(author="Ann Lee (aider) <ann@corp.io>")])

    assert (found.agent, found.confidence) == ("aider", Certainty.DECLARED)
    assert found.operator == Person("Ann Lee", "ann@corp.io")


@pytest.mark.parametrize(
    "line",
    [
        "Remove the Co-authored-by: Claude <noreply@anthropic.com> lines",
        "Generated by protoc",
        "Generated by Devin Gold",
        "Generated with cursory care",
        "Assisted-by: coffee",
        "Generated-by: make",
        "Agent-Logs-Url: https://example.com/sessions/1",
        "Fix the cursor: it jumps",
        "Reviewed-by: Claude <noreply@anthropic.com>",
    ],
)
def test_it_reads_nothing_into_other_lines(commit: MakeCommit, line: str) -> None:
    assert attribute([commit(f"x\n\n{line}")], title=line, body=line).agent is None


def test_it_reads_labels(commit: MakeCommit) -> None:
    found = attribute([commit()], labels=["bug", "Codex"])

    assert (found.agent, found.confidence) == ("codex", Certainty.INFERRED)


@pytest.mark.parametrize("login", ["Copilot", "devin-ai-integration[bot]", "app/cursor[bot]"])
def test_it_knows_an_agent_that_opened_the_change(commit: MakeCommit, login: str) -> None:
    found = attribute([commit()], opener=Person("", login=login))

    assert found.confidence is Certainty.DECLARED
    assert found.agent in {"copilot", "devin", "cursor"}


def test_it_lets_the_strongest_sign_win_and_lists_all(commit: MakeCommit) -> None:
    found = attribute(
        [commit("x\n\nCo-authored-by: Cursor <cursoragent@cursor.com>")],
        branch="claude/fix",
        labels=["codex"],
    )

    assert found.agent == "cursor"
    assert len(found.evidence) == 3
    assert "cursor, declared" in found.evidence[0]


def test_it_lets_the_first_of_equal_signs_win(commit: MakeCommit) -> None:
    claude = commit("x\n\nCo-authored-by: Claude <noreply@anthropic.com>", sha="1" * 40)
    cursor = commit("x\n\nCo-authored-by: Cursor <cursoragent@cursor.com>", sha="2" * 40)

    assert attribute([claude, cursor]).agent == "claude"
    assert attribute([cursor, claude]).agent == "cursor"


def test_it_names_the_operator_by_who_opened_the_change(commit: MakeCommit) -> None:
    opener = Person("Bob Ray", login="bob")
    found = attribute([commit(author="Claude <noreply@anthropic.com>")], opener=opener)

    assert found.operator == opener
    assert found.operator_evidence == "opened the change"


def test_it_names_a_human_committer_as_operator_but_not_the_forge(commit: MakeCommit) -> None:
    agent = "Claude <noreply@anthropic.com>"

    assert attribute([commit(author=agent, committer="Ann Lee <ann@corp.io>")]).operator == Person(
        "Ann Lee", "ann@corp.io"
    )
    for machine in ("GitHub <noreply@github.com>", MECHANICAL[2]):
        assert attribute([commit(author=agent, committer=machine)]).operator is None


@pytest.mark.parametrize(
    ("line", "operator"),
    [
        ("Requested by: Carol Poe (carol@corp.io)", Person("Carol Poe", "carol@corp.io")),
        ("**Requested by:** Carol Poe <carol@corp.io>", Person("Carol Poe", "carol@corp.io")),
        ("Requested by: @carol", Person("carol", "", "carol")),
        ("Agent-Signature: gpt-5 on behalf of Carol Poe", Person("Carol Poe")),
    ],
)
def test_it_keeps_a_named_requester_as_the_agents_claim(
    commit: MakeCommit, line: str, operator: Person
) -> None:
    found = attribute([commit(f"x\n\n{line}", author="Claude <noreply@anthropic.com>")])

    assert found.operator == operator
    assert "claim" in found.operator_evidence


def test_it_does_not_let_a_claim_replace_the_author(commit: MakeCommit) -> None:
    message = (
        "x\n\nCo-authored-by: Claude <noreply@anthropic.com>\nRequested by: Carol Poe <c@x.io>"
    )
    found = attribute([commit(message)])

    assert found.operator == Person("Ann Lee", "ann@corp.io")
    assert "Carol Poe" in found.operator_evidence


def test_it_keeps_a_co_author_that_an_agent_names_as_a_claim(commit: MakeCommit) -> None:
    found = attribute(
        [commit("x\n\nCo-authored-by: Ann Lee <ann@corp.io>", author=IDENTITIES[0][1])]
    )

    assert found.operator == Person("Ann Lee", "ann@corp.io")
    assert "claim" in found.operator_evidence


def test_it_keeps_evidence_to_one_printable_line(commit: MakeCommit) -> None:
    found = attribute([commit(f"x\n\nClaude-Session: \x1b[31m{'y' * 5000}\x07")])

    assert found.agent == "claude"
    assert all(it.isprintable() and len(it) < 400 for it in found.evidence)


def test_it_counts_the_evidence_that_it_does_not_list(commit: MakeCommit) -> None:
    author = "Claude <noreply@anthropic.com>"
    found = attribute([commit(author=author, sha=f"{n:040d}"[::-1]) for n in range(80)])

    assert len(found.evidence) == 51
    assert found.evidence[-1] == "and 30 more signs"


_attributions = st.builds(
    Attribution,
    agent=st.sampled_from([None, "claude", "codex"]),
    confidence=st.sampled_from(Certainty),
    operator=st.sampled_from([None, Person("Ann Lee", "a@x"), Person("Bob Ray", "b@x")]),
    evidence=st.sampled_from([(), ("one",), ("one", "two")]),
    mechanical=st.booleans(),
).filter(lambda it: (it.agent is None) == (it.confidence is Certainty.NONE))


@given(_attributions, _attributions)
def test_it_never_weakens_when_it_joins(one: Attribution, other: Attribution) -> None:
    joined = strongest(one, other)

    assert joined.confidence.rank == max(one.confidence.rank, other.confidence.rank)
    assert (joined.agent is None) == (one.agent is None and other.agent is None)
    assert (joined.operator is None) == (one.operator is None and other.operator is None)
    assert set(joined.evidence) == {*one.evidence, *other.evidence}
    assert strongest(joined, other) == joined


@given(st.text(max_size=400), st.text(max_size=60))
def test_it_reads_any_text(message: str, name: str) -> None:
    person = Person(name, name)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    commit = Commit(
        sha="1" * 40,
        parents=(),
        author=person,
        committer=person,
        authored_at=at,
        committed_at=at,
        message=message,
    )

    found = attribute([commit], branch=name, title=message, body=message, labels=[name])

    assert (found.agent is None) == (found.confidence is Certainty.NONE)
