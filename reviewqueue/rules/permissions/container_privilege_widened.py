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

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.disappeared import disappeared
from reviewqueue.scan.rule import FileView, Hit, On, Pattern, Rule, Stability, View, expression

_CONFIG = frozenset({Label.CONFIG, Label.CONTAINER, Label.INFRASTRUCTURE, Label.CI})
_RUN = _CONFIG | {Label.SCRIPT, Label.BUILD, Label.SOURCE, Label.HOOK}
_USER = r"^[ \t]*USER[ \t]+['\"]?([\w$-][\w${}.-]*)"
_ROOT = r"^(?:root|0)$"
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
    r"\bpod-security\.kubernetes\.io/enforce['\"]?\s*:\s*['\"]?(?:restricted|baseline)"
)


def check(view: View) -> Iterator[Hit]:
    """Mark builds that end as root, and hardening that is gone."""
    for file in view.where(_USER):
        if Label.CONTAINER in file.labels and file.status != "D":
            yield from _users(file)
    if view.where(_HARDENING, side=Side.OLD):
        files = [file for file in view.where(_HARDENING) if not file.labels.isdisjoint(_CONFIG)]
        for found in disappeared(files, _HARDENING):
            for line in found.lost if found.file.status != "D" else ():
                message = "what held this container or service back is gone"
                yield Hit.at(found.file, line, message, side=Side.OLD, discountable=True)


def _users(file: FileView) -> Iterator[Hit]:
    new, old = file.new(_USER), file.gone(_USER)
    last = [line for line in _last_users(file) if line]
    ends_as_root = bool(last) and expression(_ROOT).search(last[-1]) is not None
    roots = [line for line in new if _is_root(line.whole)]
    if roots and ends_as_root:
        yield Hit.at(file, roots[-1], "the container's last named user is root")
    elif old and not new and not last and not _is_root(old[-1].whole):
        yield Hit.at(file, old[-1], "the container newly runs as root", side=Side.OLD)


def _last_users(file: FileView) -> list[bytes]:
    """Return the users that the new side names, as far as the hunks show them."""
    found = []
    for _, _, lines in file.hunks():
        for line in lines:
            user = expression(_USER).search(line[1:]) if line[:1] in {b" ", b"+"} else None
            found.append(bytes(user[1]) if user else b"")
    return found


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
            r"\bprivileged_mode\s*=\s*true",
            "lets a container do what the host may",
            only=_RUN,
        ),
        Pattern(
            r"--cap-add\b|\bcap_add['\"]?\s*[:=]|\bcapAdd['\"]?\s*[:=]|"
            r"\bCAP_(?:SYS_(?:ADMIN|PTRACE|MODULE|RAWIO|CHROOT|BOOT|TIME)|NET_(?:ADMIN|RAW)|"
            r"DAC_(?:OVERRIDE|READ_SEARCH)|SETUID|SETGID|BPF|PERFMON|MKNOD)\b|"
            r"^[ \t]*-[ \t]*['\"]?(?:SYS_(?:ADMIN|PTRACE|MODULE|RAWIO|TIME)|NET_(?:ADMIN|RAW)|"
            r"DAC_OVERRIDE|IPC_LOCK|BPF|PERFMON|SYS_RESOURCE|MKNOD)['\"]?[ \t]*$|"
            r"\badd['\"]?\s*[:=]\s*\[\s*['\"]?(?:SYS_|NET_|DAC_|IPC_LOCK|BPF|PERFMON|ALL|MKNOD|"
            r"SETUID)",
            "a container gains a capability of the host's administrator",
            only=_RUN,
        ),
        Pattern(
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
            r"(?:\s-v|--volume)[= ]['\"]?/(?:etc|proc|sys|dev|root|var|boot)?(?:/[\w./-]*)?:/|"
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
            r"\boptions:[^\n]*--user[= ](?:root|0)\b",
            "a container runs as root",
            only=_CONFIG | {Label.HOOK},
        ),
        Pattern(
            r"\b(?:seccomp|apparmor|systempaths|label)[=:]\s*['\"]?(?:unconfined|disable)\b|"
            r"\bprocMount\s*:\s*['\"]?Unmasked|\bunconfined_t\b|"
            r"\bpod-security\.kubernetes\.io/(?:enforce|audit|"
            r"warn)['\"]?\s*[:=]\s*['\"]?privileged|"
            r"\bseLinuxContext|\btype\s*:\s*['\"]?Unconfined\b|--security-opt[= ]['\"]?(?:seccomp|"
            r"apparmor|label)|--no-sandbox\b",
            "what confines a container is switched off",
            line=r"(?i)unconfined|unmasked|privileged|disable|\bRunAsAny\b|no-sandbox",
            only=_CONFIG | {Label.SCRIPT, Label.HOOK},
        ),
        Pattern(
            r"\bsecurityContext\s*:\s*(?:\{\}|null|~)",
            "what confines a container is emptied",
            only=_CONFIG,
        ),
    ),
    triggers=(_USER, _HARDENING),
    check=check,
    budget=0.008,
)
