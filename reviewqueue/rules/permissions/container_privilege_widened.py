"""A container or service that may do more on its host.

What it flags
    Added: privileged containers, capabilities, the host's network, processes, devices,
    folders or container socket, root as user, confinement switched off
    (`seccomp=unconfined`, `procMount: Unmasked` …), namespaces labelled privileged; in
    Kubernetes, Compose, Dockerfiles, CI jobs, Nomad, ECS, Terraform, commands and client
    code. Removed: the lines that took such rights away (`runAsNonRoot`, `drop: [ALL]`,
    `allowPrivilegeEscalation: false`, `USER app`, `NoNewPrivileges=yes` …), where the file
    gains none of the kind.

Why it matters
    A container shares its host's kernel. With these rights, code inside it is code on the
    host, and with the container socket it is root there.

How to review it
    Which single capability, device or folder is really needed? Name that one.
    Is this a developer's machine, a build or production, and who can reach it?

Not flagged
    A Dockerfile that becomes root and steps back to another user; rights that move.

Seen in
    ATT&CK T1611 (escape to host) and T1610; TeamTNT and Kinsing mine on hosts through
    privileged containers and mounted sockets; CVE-2019-5736 and CVE-2024-21626 (runc)
    weigh most where root runs in the container. CWE-250.
"""

from collections.abc import Iterator, Sequence

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, set_aside
from reviewqueue.scan.rule import (
    FileView,
    Hit,
    Line,
    On,
    Pattern,
    Rule,
    Stability,
    View,
    expression,
)
from reviewqueue.scan.structure.disappeared import disappeared
from reviewqueue.scan.structure.hunks import shown, shown_after
from reviewqueue.scan.structure.openers import Openers
from reviewqueue.scan.structure.outline import outline
from reviewqueue.scan.structure.pairs import pairs_losing

_CONFIG = frozenset({Label.CONFIG, Label.CONTAINER, Label.INFRASTRUCTURE, Label.CI})
_RUN = _CONFIG | {Label.SCRIPT, Label.BUILD, Label.SOURCE, Label.HOOK}
_USER = r"^[ \t]*USER[ \t]+['\"]?([\w$-][\w${}.-]*)"
_ROOT = r"^(?:root|0)$"
_TEMPLATES = (
    ".tmpl",
    ".tpl",
    ".j2",
    ".erb",
    ".in",
    ".mustache",
    ".hbs",
    ".ejs",
    ".template",
    ".txt",
)
_INSTRUCTION = r"^(?:FROM|RUN|COPY|ENTRYPOINT|WORKDIR|CMD)\s+[\[\w./$\"{-]"
_HARDENING = (
    r"\brunAsNonRoot['\"]?\s*[:=]\s*true|\brun_as_non_root\s*=\s*true|"
    r"\breadOnlyRootFilesystem['\"]?\s*:\s*true|\bread_only_root_filesystem\s*=\s*true|"
    r"\ballowPrivilegeEscalation['\"]?\s*:\s*false|\ballow_privilege_escalation\s*=\s*false|"
    r"\bdrop['\"]?\s*[:=]\s*\[\s*['\"]?(?i:all)\b|^[ \t]*-[ \t]*['\"]?ALL['\"]?[ \t]*$|"
    r"\bno-new-privileges\b|\bseccompProfile\s*:|--cap-drop|\bcap_drop\s*[:=]|"
    r"\bautomountServiceAccountToken['\"]?\s*:\s*false|\brunAsUser\s*:\s*[1-9]|"
    r"^(?:NoNewPrivileges|ProtectSystem|ProtectHome|PrivateTmp|PrivateDevices|"
    r"RestrictAddressFamilies|CapabilityBoundingSet|SystemCallFilter|DynamicUser|"
    r"ProtectKernel\w+|RestrictNamespaces)\s*=|"
    r"\bpod-security\.kubernetes\.io/enforce['\"]?\s*:\s*['\"]?(?:restricted|baseline)|"
    r"\.(?:podS|s)ecurityContext\b|\bkind\s*:\s*['\"]?(?:NetworkPolicy|CiliumNetworkPolicy|"
    r"PodDisruptionBudget|ResourceQuota|LimitRange|PodSecurityPolicy)\b"
)

_EMPTIED = r"\b(?:podS|s)ecurityContext\s*:\s*(?:\{\}|null|~)"
_WAS_FULL = r"\b(?:podS|s)ecurityContext\s*:\s*(?:\{[^}]|&|$)"
_DROPPED = r"(?i)drop|remove|disabled?|denied|deny|forbid|mask(?:ed)?|readonly_?paths|withheld"
"""Names of lists that say what a container must not have."""
_NAME = (
    r"^[ \t]*(?:-[ \t]*)?['\"`]?(?:CAP_)?(?:SYS_\w+|NET_\w+|DAC_\w+|MKNOD|SETUID|SETGID|SETPCAP|"
    r"SETFCAP|BPF|PERFMON|AUDIT_\w+|MAC_\w+|IPC_LOCK|CHOWN|FOWNER|FSETID|KILL|LEASE|SYSLOG|"
    r"LINUX_IMMUTABLE|WAKE_ALARM|BLOCK_SUSPEND|CHECKPOINT_RESTORE)"
    r"['\"`]?,?[ \t]*(?:(?:#|//)[^\n]*)?$|"
    r"^[ \t]*(?:-[ \t]*)?['\"`]/(?:proc|sys)/[\w/-]+['\"`],?[ \t]*$|"
    r"^[ \t]*(?:unix|syscall|cap|capability|specs)\.\w*(?:CAP|SYS)_\w+,[ \t]*$"
)
"""A capability, or a path of the kernel, on a line of its own."""
_MARK = r":ro\b"
_READ_ONLY = r":/[^\s:]*:ro\b"
_SYSCALL = (
    r"^[ \t]*['\"](?:ptrace|bpf|mount|umount2?|unshare|setns|clone3?|keyctl|add_key|request_key|"
    r"kexec_\w+|init_module|finit_module|delete_module|perf_event_open|process_vm_\w+|pivot_root|"
    r"userfaultfd|open_by_handle_at|name_to_handle_at|move_mount|fsopen|fsmount|open_tree|chroot|"
    r"reboot|swapon|swapoff|personality|io_uring_\w+|iopl|ioperm|quotactl|acct|settimeofday|"
    r"clock_settime|syslog|vmsplice|socket|setuid|setgid|set_mempolicy|mbind|move_pages|kcmp)"
    r"['\"],?[ \t]*$"
)
_POLICY = r"\bkind\s*:\s*['\"]?(?:\w*NetworkPolicy|ResourceQuota|LimitRange|PodSecurityPolicy)\b"
"""What holds back other files' containers."""


def check(view: View) -> Iterator[Hit]:
    """Mark builds that end as root, and hardening that is gone."""
    for file in view.where(_USER):
        if file.status != "D" and (Label.CONTAINER in file.labels or _builds_image(file)):
            yield from _users(file)
    for trigger, side, told in (
        (_EMPTIED, Side.NEW, _emptied),
        (_READ_ONLY, Side.OLD, _writable),
        (_SYSCALL, Side.NEW, _asked),
        (_NAME, Side.OLD, _granted),
    ):
        for file in view.where(trigger, side=side):
            if not file.labels.isdisjoint(_RUN) and file.status != "D":
                yield from told(file)
    if view.where(_HARDENING, side=Side.OLD):
        files = [file for file in view.where(_HARDENING) if not file.labels.isdisjoint(_CONFIG)]
        for found in disappeared(files, _HARDENING):
            for line in found.lost if _is_loss(found.file, found.lost) else ():
                message = "what held this container or service back is gone"
                yield Hit.at(found.file, line, message, side=Side.OLD, discountable=True)


def _emptied(file: FileView) -> Iterator[Hit]:
    if file.labels.isdisjoint(_CONFIG) or not expression(_WAS_FULL).search(file.removed):
        return
    for line in file.new(_EMPTIED):
        yield Hit.at(file, line, "what confines a container is emptied", discountable=True)


def _asked(file: FileView) -> Iterator[Hit]:
    """Tell calls that a list of what a container may ask newly has."""
    if expression(r"(?i)seccomp").search(file.path.encode()) and file.status == "M":
        for line in file.new(_SYSCALL):
            yield Hit.at(file, line, "a container may newly ask this of the kernel")


def _writable(file: FileView) -> Iterator[Hit]:
    """Tell what a container could only read, and can write now."""
    if file.labels.isdisjoint(_CONFIG) or set_aside(file.labels):
        return
    for pair in pairs_losing(file, _READ_ONLY):
        was = b"".join(expression(_MARK).sub(b"", pair.old).split())
        if was == b"".join(expression(r":rw\b").sub(b"", pair.new).split()):
            yield Hit.on(
                file, pair.new_line, pair.new, "what was mounted to be read can be written"
            )


def _granted(file: FileView) -> Iterator[Hit]:
    """Tell what a list of withheld capabilities or paths no longer names."""
    gone = {line.number for line in file.gone(_NAME)}
    if not gone:
        return
    openers = Openers(file, Side.OLD)
    for entry in outline(file, Side.OLD):
        if entry.number not in gone:
            continue
        names = " ".join(entry.under).encode() + openers.above(entry.number)
        if expression(_DROPPED).search(names):
            message = "what was withheld from a container no longer is"
            yield Hit.on(file, entry.number, entry.line, message, side=Side.OLD)


def _is_loss(file: FileView, lost: Sequence[Line]) -> bool:
    """Return whether something else than a container goes with its own hardening."""
    policy = expression(_POLICY)
    return file.status != "D" or any(policy.search(line.whole) for line in lost)


def _builds_image(file: FileView) -> bool:
    """Return whether a file of another name, or a template, shows itself to be a Dockerfile."""
    if not file.path.endswith(_TEMPLATES):
        return False
    return expression(_INSTRUCTION).search(shown(file)) is not None


def _users(file: FileView) -> Iterator[Hit]:
    """Tell builds whose last user is root, or that no longer name one."""
    new, old = file.new(_USER), file.gone(_USER)
    left = expression(_USER).findall(shown_after(file))
    roots = [line for line in new if _is_root(line.whole)]
    if roots and expression(_ROOT).search(left[-1]):
        yield Hit.at(file, roots[-1], "the container's last named user is root")
    elif old and not left and not _is_root(old[-1].whole):
        yield Hit.at(file, old[-1], "the container newly runs as root", side=Side.OLD)


def _is_root(line: bytes) -> bool:
    user = expression(_USER).search(line)
    return user is not None and expression(_ROOT).search(user[1]) is not None


RULE = Rule(
    id="container-privilege-widened",
    pathway=Pathway.PERMISSIONS,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="lets a container or service do more on its host",
    patterns=(
        Pattern(
            r"[:-](?:nonroot|rootless|unprivileged)\b",
            "an image that runs as an ordinary user is given up",
            on=On.REMOVED,
            line=r"(?i)image|^[ \t]*FROM\b",
            only=_CONFIG,
        ),
        Pattern(
            r"^[ \t]+['\"]?user['\"]?[ \t]*:[ \t]*['\"]?[\w$]",
            "a service no longer runs as the user that was named",
            on=On.REMOVED,
            line=r"user['\"]?[ \t]*:[ \t]*['\"]?(?:[1-9$a-qs-z]|r[a-np-z])",
            globs=("*compose*.y*ml",),
        ),
        Pattern(
            r"(?i)\b\w*(?:ALLOW_?(?:RUN_?AS_?)?|RUN_?AS_?)ROOT\b['\"]?\s*[=:]\s*['\"]?(?:1|true|yes)\b",
            "a program is told that it may run as root",
            only=_RUN,
        ),
        Pattern(
            r"\b[Pp]rivileged['\"]?\s*[:=]\s*(?:true|True|\"true\"|yes|pointer\.Bool\w*\(true|"
            r"ptr\.To\(true|boolPtr\(true|&\w*[tT]rue)|[\s'\"=]--privileged\b|"
            r"\ballow_?[pP]rivilege_?[eE]scalation['\"]?\s*[:=]\s*true\b|"
            r"\bprivileged_mode\s*=\s*true|\bsecurityContext/(?:privileged|runAsUser|capabilities|"
            r"allowPrivilegeEscalation)\b|/spec/host(?:Network|PID|IPC)\b|\blxc\.cap\.drop\s*=\s*$|"
            r"\bAmbientCapabilities\s*=",
            "lets a container do what the host may",
            only=_RUN,
        ),
        Pattern(
            r"--cap-add\b|\bcap_add['\"]?\s*[:=]|\bcapAdd['\"]?\s*[:=]|"
            r"\bCAP_(?:SYS_(?:ADMIN|PTRACE|MODULE|RAWIO|CHROOT|BOOT|TIME)|NET_(?:ADMIN|RAW)|"
            r"DAC_(?:OVERRIDE|READ_SEARCH)|SETUID|SETGID|BPF|PERFMON|MKNOD)\b[ \t]*(?:$|[^\s\w.])|"
            r"^[ \t]*-[ \t]*['\"]?(?:SYS_(?:ADMIN|PTRACE|MODULE|RAWIO|TIME)|NET_(?:ADMIN|RAW)|"
            r"DAC_OVERRIDE|IPC_LOCK|BPF|PERFMON|SYS_RESOURCE|MKNOD)['\"]?[ \t]*$|"
            r"\badd['\"]?\s*[:=]\s*\[\s*['\"]?(?:SYS_|NET_|DAC_|IPC_LOCK|BPF|PERFMON|ALL|MKNOD|"
            r"SETUID)",
            "a container gains a capability of the host's administrator",
            only=_RUN,
        ),
        Pattern(
            r"\bshareProcessNamespace['\"]?\s*:\s*true\b|\bmountPropagation['\"]?\s*:\s*['\"]?Bidirectional|"
            r"\bhost_?(?:Network|network|PID|pid|IPC|ipc|Users)['\"]?\s*[:=]\s*(?:true|True)\b|"
            r"\b(?:network_mode|networkMode|pid_mode|ipc_mode|userns_mode|pidMode)['\"]?\s*[:=]\s*"
            r"['\"]?host\b|^[ \t]*(?:pid|ipc|network)\s*:\s*['\"]?host\b|"
            r"[\s'\"]--(?:net|network|pid|ipc|userns|uts)[= ]['\"]?host\b|"
            r"\bnetwork['\"]?\s*[:=]\s*['\"]host['\"]",
            "a container shares the host's network or processes",
            only=_RUN,
        ),
        Pattern(
            r"/(?:var/run|run)/(?:docker|podman/podman|crio/crio|containerd/containerd)\.sock\b",
            "whoever holds the container socket is root on the host",
            line=r"\.sock['\"]?\s*[:,]|(?i:hostPath|volume|mount|source|path|host_path|bind)\b|"
            r"-v\s|--mount",
            only=_RUN | {Label.AGENT_INSTRUCTIONS},
        ),
        Pattern(
            r"\bhostPath['\"]?\s*:|\bHostPathVolumeSource\b|\bhost_path\s*\{|"
            r"(?:\s-v|--volume)[= ]['\"]?/(?:etc|proc|sys|dev|root|var|boot|home)?(?:/[\w./-]*)?:/|"
            r"^[ \t]*-[ \t]*['\"]?/(?:etc|proc|sys|dev|root|boot|home)?(?:/[\w./-]*)?:/|"
            r"\s--device(?:-cgroup-rule)?[= ]|^[ \t]*devices\s*:[ \t]*$",
            "opens the host's files or devices to a container",
            only=_CONFIG | {Label.SCRIPT, Label.BUILD, Label.SOURCE},
            never=frozenset({Label.VENDORED}),
        ),
        Pattern(
            r"\brunAsUser['\"]?\s*:\s*0\b|\brun_as_user\s*=\s*['\"]?0\b|"
            r"\brunAsNonRoot['\"]?\s*:\s*false\b|\breadOnlyRootFilesystem['\"]?\s*:\s*false\b|"
            r"^[ \t]+user\s*:\s*['\"]?(?:root|0)(?::(?:root|0))?['\"]?[ \t]*$|"
            r"\s(?:--user|-u)[= ]['\"]?(?:root|0)(?::(?:root|0))?\b|"
            r"\boptions:[^\n]*--user[= ](?:root|0)\b|"
            r"\b(?:remoteUser|containerUser)['\"]?\s*:\s*['\"]root\b",
            "a container runs as root",
            only=_CONFIG | {Label.HOOK},
        ),
        Pattern(
            r"\b(?:seccomp|apparmor|systempaths|label)[\w.]*\s*[=:]\s*['\"]?(?:unconfined|disable)\b|"
            r"\bprocMount\s*:\s*['\"]?Unmasked|\bunconfined_t\b|"
            r"\bpod-security\.kubernetes\.io/(?:enforce|audit|"
            r"warn)['\"]?\s*[:=]\s*['\"]?privileged|"
            r"\bseLinuxContext|\btype\s*:\s*['\"]?Unconfined\b|--security-opt[= ]['\"]?(?:seccomp|"
            r"apparmor|label)|--no-sandbox\b",
            "what confines a container is switched off",
            line=r"(?i)unconfined|unmasked|privileged|disable|\bRunAsAny\b|no-sandbox",
            only=_CONFIG | {Label.SCRIPT, Label.HOOK},
        ),
    ),
    triggers=(_USER, _HARDENING),
    added_triggers=(_EMPTIED, _SYSCALL),
    removed_triggers=(_NAME, _READ_ONLY),
    check=check,
    budget=0.008,
    version=2,
)
