r"""A service, a program or an account of a host with more rights than before.

What it flags
    In units and settings of services (systemd, supervisor, launchd, php-fpm, nginx, uwsgi,
    init scripts, also as templates of a configuration management): the user that a service ran
    as is gone or is root now; a start script that no longer gives up root (`gosu`, `su-exec`,
    `chpst -u`, `setpriv`). Capabilities that a program newly gets, in any list or variable. The
    settings of a container daemon that hold every container back (`seccomp-profile`,
    `userns-remap`, `no-new-privileges`, `icc`). Leave in sudo's or doas' own syntax, in any
    file. An account that joins `wheel`, `sudo`, `docker` and the like; a program that
    newly runs a command with `sudo`.

Why it matters
    Outside a cluster nothing else stands between a hole in a service and the machine. What
    writes to its log as root today is a shell as root tomorrow.

How to review it
    What does the service need root for? A port below 1024, or one folder, can be given alone.
    For a daemon's own settings: every container of the machine loses the protection.

Not flagged
    A user replaced by another ordinary one; capabilities that were there; users of databases.

Seen in
    CWE-250 (execution with unnecessary privileges); ATT&CK T1543.002 (systemd service), T1548.001
    (setuid and capabilities), T1548.003 (sudo), T1611 (escape to host).
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, set_aside
from reviewqueue.scan.rule import FileView, Hit, On, Pattern, Rule, Stability, View, expression
from reviewqueue.scan.structure.disappeared import lost
from reviewqueue.scan.structure.hunks import shown
from reviewqueue.scan.structure.pairs import pairs_losing

_SETTINGS = frozenset({Label.CONFIG, Label.INFRASTRUCTURE, Label.CONTAINER, Label.CI})
_RUN = _SETTINGS | {Label.SCRIPT, Label.BUILD, Label.SOURCE, Label.HOOK}
_NO_PROSE = frozenset({Label.DOCS, Label.VENDORED, Label.GENERATED})
_USER = (
    r"^[ \t]*(?:(?:User|user|command_user|runas_user|uid|RunAs|RUN_AS(?:_USER)?|DynamicUser)"
    r"[ \t]*(?:=>?|[ \t])[ \t]*['\"]?([\w${%-][^\s'\";]*)|setuid[ \t]+([\w$-]+)[ \t]*$|"
    r"<key>(UserName)</key>)"
)
_ROOT = r"^(?:root|0)$"
_SERVICE = (
    r"(?i)\[(?:program|service|www|pool|uwsgi|supervisord?|mysqld|inet_http_server)\b|"
    r"\bexecstart|^[ \t]*(?:command|autostart|autorestart|directory|listen|start_cmd|respawn|"
    r"stdout_logfile|worker_processes|restart|socket|master|chdir|pid|ServerRoot|DocumentRoot)\b|"
    r"\bserviceConfig\b|<key>(?:Label|ProgramArguments|KeepAlive|RunAtLoad)</key>|"
    r"\b(?:supervisor|systemd|upstart|launchd|monit|runit|daemontools)[\w:]*"
)
_STARTS = (
    r"\b(?:gosu|su-exec|setuidgid|chpst[ ]+-u|setpriv|runuser[ ]+-u|s6-setuidgid|"
    r"start-stop-daemon)\b"
)
_GIVEN_UP = (
    r"\b(?:set(?:res|re|e)?[ug]id|initgroups|setgroups|drop_?(?:root|priv\w*|caps?\w*|"
    r"capabilit\w*)|"
    r"pledge|unveil|cap_enter|landlock_restrict_self|seccomp_load|sandbox_init\w*|Setres[ug]id|"
    r"Set[ug]id|Setgroups|Pledge|Unveil)\s*\(|\bPR_SET_NO_NEW_PRIVS\b"
)
"""What a program gives up of its own rights before it goes on."""
_CAPABILITY = (
    r"\bcap_(?:sys|net|dac|set|chown|fowner|fsetid|kill|mknod|bpf|perfmon|checkpoint|audit|mac|ipc|"
    r"linux|lease|syslog)\w*"
)
_GIVES = r"(?i)capabilit|setcap|\bcaps?\b|file_caps|\+e?i?p|=e?i?p"


def check(view: View) -> Iterator[Hit]:
    """Compare who services run as, and which capabilities programs get."""
    for file in view.where(_USER, side=Side.OLD):
        is_unit = not file.labels.isdisjoint(_SETTINGS) or file.path.endswith(".nix")
        if _counts(file) and is_unit:
            yield from _run_as(file)
    for file in view.where(_STARTS, side=Side.OLD):
        if _counts(file):
            yield from _kept_root(file)
    for file, line in lost(view, _GIVEN_UP, _counts):
        message = "a program no longer gives up rights that it started with"
        yield Hit.at(file, line, message, side=Side.OLD)
    for file in view.where(_CAPABILITY, side=Side.NEW):
        if not file.labels.isdisjoint(_RUN - {Label.SOURCE}) and not set_aside(file.labels):
            yield from _capable(file)


def _counts(file: FileView) -> bool:
    return file.status in {"M", "R"} and not set_aside(file.labels)


def _run_as(file: FileView) -> Iterator[Hit]:
    """Tell services whose user is gone, or is root now."""
    if not expression(_SERVICE).search(shown(file) + b"\n" + file.path.encode()):
        return
    came, gone = file.new(_USER), file.gone(_USER)
    if not gone or all(_is_root(line.whole) for line in gone):
        return
    roots = [line for line in came if _is_root(line.whole)]
    if roots:
        yield Hit.at(file, roots[0], "a service newly runs as root")
    elif not came and not file.matches(_USER, Side.NEW):
        told = "a service no longer runs as the user that was named"
        yield Hit.at(file, gone[0], told, side=Side.OLD)


def _is_root(line: bytes) -> bool:
    found = expression(_USER).search(line)
    name = next(filter(None, found.groups()), b"") if found else b""
    return expression(_ROOT).search(name) is not None or (
        b"DynamicUser" in line and expression(r"(?i)\b(?:no|false)\b").search(line) is not None
    )


def _kept_root(file: FileView) -> Iterator[Hit]:
    """Tell starts that stay, without what gave up root."""
    starts = expression(_STARTS)
    for pair in pairs_losing(file, _STARTS):
        if starts.search(pair.old) and not starts.search(pair.new):
            message = "a program that gave up root before it started no longer does"
            yield Hit.on(file, pair.new_line, pair.new, message)


def _capable(file: FileView) -> Iterator[Hit]:
    """Tell capabilities that the old side, as far as it shows, did not give."""
    capability, gives = expression(_CAPABILITY), expression(_GIVES)
    before = set(capability.findall(file.removed))
    for line in file.new(_CAPABILITY):
        came = [name for name in capability.findall(line.whole) if name not in before]
        if came and gives.search(line.whole):
            shown = ", ".join(sorted({name.decode() for name in came})[:4])
            yield Hit.at(file, line, f"a program newly gets a right of root's: {shown}")


RULE = Rule(
    id="service-rights-raised",
    pathway=Pathway.PERMISSIONS,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="lets a service or an account of a host do more",
    patterns=(
        Pattern(
            r"['\"]?\b(?:seccomp-profile|seccomp_profile)['\"]?\s*[:=]\s*['\"](?:unconfined|)['\"]|"
            r"['\"](?:no-new-privileges|selinux-enabled|iptables)['\"]\s*:\s*false|"
            r"['\"]icc['\"]\s*:\s*true|['\"]userns-remap['\"]\s*:\s*['\"]{2}|"
            r"\bapparmor_profile\s*=\s*\"\"|\bprotectKernelDefaults['\"]?\s*:\s*false|"
            r"\breadOnlyPort['\"]?\s*:\s*10255|\btcp://0\.0\.0\.0:237[56]\b",
            "what holds back every container of the host is switched off",
            only=_RUN,
            never=_NO_PROSE,
        ),
        Pattern(
            r"['\"](?:userns-remap|no-new-privileges|seccomp-profile|selinux-enabled|"
            r"authorization-plugins)['\"]\s*:",
            "what held back every container of the host is gone",
            on=On.REMOVED,
            only=_RUN,
            never=_NO_PROSE,
        ),
        Pattern(
            r"\bALL\s*=\s*(?:\([^)\n]*\)\s*)?(?:NOPASSWD\s*:|ALL\b)|"
            r"\bnopassword['\"]?\s*:\s*(?:true|yes)\b|"
            r"^[ \t]*permit\s+(?:nopass|keepenv)\b|\bDefaults(?::\w+)?\s+!(?:authenticate|"
            r"requiretty)\b|"
            r"\bCmnd_Alias\s+\w+\s*=",
            "an account may do something as another, without a password",
            only=_RUN,
            never=_NO_PROSE,
        ),
        Pattern(
            r"['\"`]sudo\s+(?:-\w+\s+)*[$\w{%]",
            "a program newly runs a command as root",
            line=r"^[ \t]*[^*#/ \t]",
            only=frozenset({Label.SOURCE}),
            never=_NO_PROSE | {Label.TEST},
        ),
        Pattern(
            r"(?i)\b(?:extra_?|optional_?|append_?|supplementary_?)?groups?['\"]?\s*(?:=>|[:=])\s*"
            r"[\[{(]?[ \t'\":,\w-]*\b(?:sudo|sudoers|wheel|docker|lxd|libvirtd?|disk|"
            r"shadow|root)\b",
            "an account joins a group that has root's rights",
            line=r"(?i)(?:extra_?|optional_?|append_?|supplementary_?)groups?|groups['\"]?\s*(?:=>|[:=])\s*"
            r"[\[{(]?[ \t'\":,\w-]*\b(?:sudo|sudoers|wheel|docker|lxd|libvirtd?|disk|shadow)\b",
            only=_SETTINGS | {Label.SOURCE},
            never=_NO_PROSE | {Label.TEST},
        ),
    ),
    added_triggers=(_CAPABILITY,),
    removed_triggers=(_USER, _STARTS, _GIVEN_UP),
    check=check,
    budget=0.003,
    version=2,
)
