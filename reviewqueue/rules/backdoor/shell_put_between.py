r"""A shell put between a program and what it starts.

What it flags
    A call that started a program with a list of arguments and now hands one text to a shell:
    `create_subprocess_exec` to `create_subprocess_shell`, `execFile` or `spawn` to `exec`,
    `exec.Command("git", …)` to `exec.Command("sh", "-c", …)`, a list to a text in
    `ProcessBuilder`, `Process`, `system`, `Command::new`, `System.cmd`; and `shell=True`,
    `shell: true` or a variable in its place, added to a call that was there without it.

Why it matters
    A shell reads more in its text than words: a file name, a branch or an address with `;`,
    `$(…)` or a quote in it becomes a command. The list had no such reading.

How to review it
    Ask what of the text comes from outside: names of files and branches do, too.
    Ask for the list of arguments back; where a shell is wanted, pass values as its arguments.

Not flagged
    New calls with a shell, tests, a shell that is taken away; `shell: bash` of a workflow.

Seen in
    CWE-78 (OS command injection); CVE-2024-27980 (Node.js on Windows, arguments of batch files
    that a shell reads).
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, set_aside
from reviewqueue.scan.rule import Capability, FileView, Hit, Rule, Stability, View
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.hunks import placed
from reviewqueue.scan.structure.kinds import is_code
from reviewqueue.scan.structure.pairs import Block, blocks, finds

_SWITCH = (
    r"\bshell\s*=\s*(?:True\b|[a-z_][\w.]*\s*(?:,|\)|$))|"
    r"\bshell:\s*(?:true\b|[a-z]\w*\s*(?:,|===|\.)|process\.platform)"
)
_SHELL = (
    r"\bcreate_subprocess_shell\b|\bfromShellCommandline\s*\(|\bSystem\.shell\s*\(|"
    r"\bUseShellExecute\s*=\s*true|\bos\.(?:system|popen)\s*\(|\bshell_exec\s*\(|"
    r"\bsubprocess\.(?:getoutput|getstatusoutput)\s*\(|\bexec(?:Sync|Async|Promise)?\s*\(\s*[`$]|"
    r"\bexec(?:Sync|Async|Promise)?\s*\(\s*[\"'][^\"'\n]*[\"']\s*\+|"
    r"[\"'](?:/bin/)?(?:ba|z|da)?sh[\"']\s*,\s*[\"']-l?c[\"']|[\"']cmd(?:\.exe)?[\"']\s*,\s*[\"']/c|"
    r"\bCommand::new\(\s*\"(?:/bin/)?(?:ba)?sh\"|\b(?:system|popen|capture\d?e?|spawn)\s*\(?\s*\"[^\"\n]*#\{|"
    r"\bgetRuntime\(\)\.exec\s*\(\s*\"|\bpopen\s*\(\s*(?:f?[\"']|\w+\s*\+)|\b(?:ba|z|da)?sh\s+-l?c\s"
)
_DIRECT = (
    r"\bcreate_subprocess_exec\b|\bexecFile(?:Sync|Async)?\s*\(|\bspawn(?:Sync)?\s*\(|\bexeca\s*\(|"
    r"\bsubprocess\.\w+\s*\(\s*(?:\[|\w+\s*[,)]|$)|\bPopen\s*\(\s*(?:\[|\w+\s*[,)]|$)|"
    r"\bexec\.Command(?:Context)?\s*\(|\bCommand::new\s*\(|\bProcessBuilder\s*\(|"
    r"\bnew\s+Process\s*\(\s*\[|\bSystem\.cmd\s*\(|\bArgumentList\b|\bUseShellExecute\s*=\s*false|"
    r"\b(?:system|popen|capture\d?e?|spawn|exec)\s*\(?\s*\[?[\"'][^\"'\n]*[\"']\s*,|"
    r"\bposix_spawn\w*\s*\(|\bexecv\w*\s*\(|\bsyscall\.Exec\s*\(|\b(?:cmd|args|argv|command)\s*=\s*\[|"
    r"\bos\.(?:exec|spawn)[lv]\w*\s*\("
)
_STARTS = (
    r"\b(?:subprocess\.\w+|Popen|run|call|check_output|check_call|spawn(?:Sync)?|exec\w*|fork)\s*\("
)
_ALONE = r"^[ \t]*shell\s*[:=][^=\n]*,?[ \t]*\r?$"
_ABOVE = 8
"""Lines of a call above its argument."""


def check(view: View) -> Iterator[Hit]:
    """Mark calls that newly go through a shell."""
    for file in view.where(_SHELL, _SWITCH, side=Side.NEW):
        if file.status != "M" or not _is_program(file):
            continue
        came = {line.number for line in (*file.new(_SHELL), *file.new(_SWITCH))}
        for block in blocks(file) if came and file.removed else ():
            if block.old and any(number in came for number, _ in block.new):
                yield from _replaced(file, block)
        if file.new(_SWITCH):
            yield from _switched(file)


def _is_program(file: FileView) -> bool:
    if set_aside(file.labels) or Label.TEST in file.labels or not is_code(file):
        return False
    return bool({Label.SOURCE, Label.SCRIPT} & file.labels)


def _replaced(file: FileView, block: Block) -> Iterator[Hit]:
    """Mark the first line of a block that hands to a shell what was a list of arguments."""
    goes_through, is_direct = finds(f"{_SHELL}|{_SWITCH}"), finds(_DIRECT)
    old = [text for _, text in block.old if not is_comment(text)]
    if any(map(goes_through, old)) or not any(map(is_direct, old)):
        return
    for number, text in block.new:
        if goes_through(text) and not is_comment(text):
            told = "what had a list of arguments now goes through a shell, which reads more in it"
            yield Hit.on(file, number, text, told)
            return


def _switched(file: FileView) -> Iterator[Hit]:
    """Mark a shell that is added, on a line of its own, to a call that was there."""
    alone, switch, starts = map(finds, (_ALONE, _SWITCH, _STARTS))
    for number, at, lines in placed(file):
        text = lines[at][1:]
        if alone(text) and switch(text):
            above = [line for line in lines[max(0, at - _ABOVE) : at] if line[:1] != b"-"]
            opened = [line[:1] for line in above if starts(line[1:])]
            if opened and opened[-1] == b" ":
                told = "a call that was there newly goes through a shell"
                yield Hit.on(file, number, text, told)


RULE = Rule(
    id="shell-put-between",
    pathway=Pathway.BACKDOOR,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="puts a shell between a program and what it starts",
    capability=Capability.EXECUTES,
    added_triggers=(_SHELL, _SWITCH),
    version=3,
    check=check,
)
