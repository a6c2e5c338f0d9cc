"""What an operating system confines a program to, widened.

What it flags
    In profiles and units that were there: a capability, a kind of network, a path that may be
    written or run, an exception, a profile that is no longer enforced (AppArmor); an `allow` rule
    or a boolean (SELinux); another call of the kernel, or an answer by default that lets pass
    (seccomp); a directive of a unit that goes, becomes less strict or lists more (systemd); a
    line of a jail that goes (firejail), an `(allow` of a macOS sandbox, another promise
    (`pledge`), another permission of a Java policy; an option by which a container was held
    back and that goes (`--userns`, `--read-only`, `runtimeClassName: gvisor`).

Why it matters
    This is what holds when the program itself is taken over. It is written once, by somebody
    who knew what the program needs, and is hardly ever made narrower again.

How to review it
    What fails without the new right? A denial in the log names one path or one call: grant that.
    Can what is written here be run, or read as settings, by something with more rights?

Not flagged
    New profiles and units; rights to read; what only moves, or stands in another order; tests.
    What containers are given is container-privilege-widened's.

Seen in
    ATT&CK T1562.001 (disable or modify tools), T1611 (escape to host); CWE-250, CWE-732.
    CVE-2023-2640 and CVE-2023-32629 (Ubuntu): a check that the kernel no longer asked of
    unprivileged users.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, set_aside
from reviewqueue.scan.effects.confined import SYNTAXES, widenings
from reviewqueue.scan.rule import FileView, Hit, Rule, Stability, View

_ASIDE = frozenset({Label.DOCS, Label.TEST, Label.VENDORED, Label.GENERATED, Label.LOCK})


def check(view: View) -> Iterator[Hit]:
    """Compare what is granted, and what is held to, before and after."""
    for syntax in SYNTAXES:
        side = Side.OLD if syntax.is_hold else Side.NEW
        if not view.where(syntax.trigger, side=side):
            continue
        files = tuple(
            file for file in view.where(syntax.trigger) if _counts(file) and syntax.counts(file)
        )
        for found in widenings(syntax, files):
            if found.file.status in {"M", "R"}:
                yield Hit.on(found.file, found.number, found.text, syntax.message, side=side)


def _counts(file: FileView) -> bool:
    return not set_aside(file.labels) and file.labels.isdisjoint(_ASIDE)


RULE = Rule(
    id="confinement-widened",
    pathway=Pathway.PERMISSIONS,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="lets a program do more than an operating system's profile held it to",
    triggers=tuple(syntax.trigger for syntax in SYNTAXES),
    check=check,
    budget=0.003,
)
