r"""A host that asks less of whoever signs in.

What it flags
    In the stacks of PAM: a module that had to be passed (`auth required`, `requisite`) and is
    gone, or only `sufficient` or `optional` now; `pam_permit.so` that answers first; `nullok`
    where it was not given. The same done by a script or a playbook: `sed` that deletes such a
    line, puts it into a comment or writes another word into it, a line of `/etc/pam.d` that
    has to be absent, `authselect disable-feature`, `pam-auth-update --remove`. Fewer of
    sshd's `AuthenticationMethods`, `!authenticate` for sudo, and rules of polkit that newly say
    yes.

Why it matters
    One line is the second factor, or the lock after wrong passwords, of a whole fleet. It stands
    in a file that no program of the repository reads, and that no test covers.

How to review it
    Which ways in does the file stand for: the console, ssh, sudo, the screen lock?
    What is asked for there now? Try it on a host before all of them get it.

Not flagged
    Modules that ask for nothing (`pam_env`, `pam_motd`); a module that another one takes the place
    of; lines that move, stacks that are deleted as a whole, new ones; tests and prose.

Seen in
    CWE-308 (use of single-factor authentication), CWE-287 (improper authentication); ATT&CK
    T1556.003 (modify authentication process: pluggable authentication modules).
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, set_aside
from reviewqueue.scan.rule import FileView, Hit, Pattern, Rule, Stability, View, expression
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.hunks import numbered
from reviewqueue.scan.structure.pairs import Numbered, finds

_MODULE = re.compile(rb"\bpam_\w+")
_STACK = (
    r"^[ \t]*-?(?:[a-z][\w-]*[ \t]+)?(auth|account|password)[ \t]+(required|requisite|"
    r"sufficient|optional|binding|\[[^\]\n]*\])[ \t]+(?:/\S*/)?(pam_\w+)(?:\.so)?\b([^\n]*)"
)
"""A line of a stack: a trigger."""
_SILENT = (
    r"^pam_(?:env|permit|motd|echo|mail|keyinit|loginuid|debug|warn|cap|gnome_keyring|kwallet\d?|"
    r"ecryptfs|mount|systemd|umask|limits|lastlog|mkhomedir|rootok|exec|issue|selinux)$"
)
"""Modules that ask nobody for anything."""
_MUST = r"^(?:required|requisite|binding)$|=die\b|default=bad\b"
_FIRST = r"^(?:required|requisite|sufficient|binding)$|success=(?:done|ok)"
_NULL = r"\bnullok\b"
_DONE = (
    r"\bsed\b[^\n]*pam_[a-z][^\n]*/d\b|\bsed\b[^\n]*\bs[/|#,@][^\n]*pam_[^\n]*"
    r"(?:[/|,@][ \t]*\\?#|sufficient|optional|pam_permit)|"
    r"\bauthselect[ ]+disable-feature\b|\bpam-auth-update\b[^\n]*--(?:remove|disable)\b|"
    r"\bauthconfig\b[^\n]*--disable"
)
_ABSENT = r"\bpam_[a-z]\w*"
_STATE = r"^[ \t]*-?[ \t]*state:[ \t]*['\"]?absent"
_AROUND = 8
"""Lines of a playbook around what has to be absent."""
_METHODS = r"^[ \t]*AuthenticationMethods[ \t]+[^\n]+"
_PLAYS = (".yml", ".yaml")


def check(view: View) -> Iterator[Hit]:
    """Compare the stacks of PAM, and read what scripts and playbooks do to them."""
    for file in view.where(_STACK):
        if file.status in {"M", "R"} and _counts(file):
            yield from _compared(file, view)
    for file in view.where(_ABSENT, side=Side.NEW):
        if file.path.endswith(_PLAYS) and _counts(file):
            yield from _absent(file)
    for file in view.where(_METHODS, side=Side.OLD):
        if file.status in {"M", "R"} and _counts(file):
            yield from _methods(file)


def _counts(file: FileView) -> bool:
    return not set_aside(file.labels) and Label.TEST not in file.labels


def _compared(file: FileView, view: View) -> Iterator[Hit]:
    must, silent = finds(_MUST), finds(_SILENT)
    old, new = (list(_lines(lines)) for lines in (file.removed_lines(), file.added_lines()))
    there = {(kind, module): (way, rest) for _, _, kind, way, module, rest in new}
    demanded = {module for _, _, _, way, module, _ in new if must(way) and not silent(module)}
    demanded -= {module for _, _, _, way, module, _ in old if must(way)}
    for number, text, kind, way, module, _ in old:
        if silent(module) or not must(way):
            continue
        after = there.get((kind, module))
        if after and not must(after[0]):
            told = "a module that had to be passed need not be passed any more"
        elif not after and not demanded and not view.once(_gained)[module]:
            told = "a module that had to be passed is gone"
        else:
            continue
        yield Hit.on(file, number, text, told, side=Side.OLD)
    before = {(kind, module): rest for _, _, kind, _, module, rest in old}
    permits = any(module == b"pam_permit" and kind == b"auth" for kind, module in before)
    for number, text, kind, way, module, rest in new:
        if module == b"pam_permit" and kind == b"auth" and finds(_FIRST)(way) and not permits:
            yield Hit.on(file, number, text, "whoever signs in is let in unasked")
        elif finds(_NULL)(rest) and not finds(_NULL)(before.get((kind, module), rest)):
            yield Hit.on(file, number, text, "an empty password is a password now")


def _gained(view: View) -> Counter[bytes]:
    """Return in how many stacks of the change each module newly stands."""
    files = view.where(_STACK, side=Side.NEW)
    return Counter(
        module
        for file in files
        for module in {
            name
            for _, text in file.added_lines()
            if not is_comment(text)
            for name in _MODULE.findall(text)
        }
    )


def _lines(
    lines: Iterable[Numbered],
) -> Iterator[tuple[int, bytes, bytes, bytes, bytes, bytes]]:
    stack = expression(_STACK)
    for number, text in lines:
        found = stack.search(text) if b"pam_" in text and not is_comment(text) else None
        if found:
            yield number, text, found[1], found[2], found[3], found[4]


def _absent(file: FileView) -> Iterator[Hit]:
    """Mark what a playbook takes out of a stack."""
    names, state = finds(_ABSENT), finds(_STATE)
    for hunk in file.hunks():
        lines = [line for line in numbered(hunk) if line[0] != b"-"]
        for at, (mark, number, text) in enumerate(lines):
            if mark != b"+" or not state(text):
                continue
            around = b"\n".join([line for _, _, line in lines[max(0, at - _AROUND) : at + _AROUND]])
            if names(around):
                told = "a playbook takes a module away that is asked when somebody signs in"
                yield Hit.on(file, number, text, told)
                break


def _methods(file: FileView) -> Iterator[Hit]:
    """Mark the ways of signing in to sshd that are fewer at once, or none."""
    methods = expression(_METHODS)
    most = max((found[0].count(b",") for found in methods.finditer(file.added)), default=-1)
    for number, text in file.removed_lines():
        if methods.search(text) and text.count(b",") > max(most, 0):
            told = "fewer proofs at once are asked of who signs in by ssh"
            yield Hit.on(file, number, text, told, side=Side.OLD)
            return


RULE = Rule(
    id="login-asks-less",
    pathway=Pathway.PERMISSIONS,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="asks less of whoever signs in to a host",
    added_triggers=(_STACK, _ABSENT),
    removed_triggers=(_STACK, _METHODS),
    check=check,
    patterns=(
        Pattern(
            r"\bpam_[a-z]|\bauthselect[ ]+disable|\bpam-auth-update\b|\bauthconfig\b",
            "a module is taken away that is asked when somebody signs in",
            line=_DONE,
            never=frozenset({Label.TEST, Label.DOCS, Label.GENERATED, Label.VENDORED, Label.LOCK}),
        ),
        Pattern(
            r"^[ \t]*Defaults[^\n]*!authenticate\b|\bpolkit\.Result\.YES\b|"
            r"<allow_(?:any|inactive|active)>[ ]*yes[ ]*<",
            "who acts for root is not asked for a password",
            never=frozenset({Label.TEST, Label.DOCS, Label.GENERATED, Label.VENDORED, Label.LOCK}),
        ),
    ),
)
