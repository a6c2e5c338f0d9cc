r"""What an operating system's confinement grants a program, and what it holds it to.

Each syntax is read line by line into grants (a path that may be written, a call, a capability)
and holds (a directive, and how strict it is). Both are compared as sets: only a grant that the
old side did not have, and a hold that the new one lacks, is a widening.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from reviewqueue.scan.rule import FileView, expression
from reviewqueue.scan.structure.hunks import shown
from reviewqueue.scan.structure.pairs import finds

Read = Callable[[bytes], Iterator[bytes]]
"""Yields what a line grants, or holds to, each in a word of its own."""


@dataclass(frozen=True, slots=True)
class Syntax:
    """One way to write down what a program is confined to."""

    trigger: str
    read: Read
    message: str
    is_hold: bool = False
    path: str = ""
    """What the file's path, or a line that its hunks show, matches; empty for anything."""

    def counts(self, file: FileView) -> bool:
        """Return whether a file is written in it."""
        if not self.path:
            return True
        is_of = finds(self.path)
        return is_of(file.path.encode("utf-8", "replace")) or is_of(shown(file))


_LONG = 500
"""Bytes of a line from which it is no rule that somebody writes."""

_PROFILE = (
    r"(?i:apparmor)|\binclude[ ]+(?:if exists )?<(?:abstractions|tunables)/|"
    r"^[ \t]*(?:profile[ ]\S+|/\S+)[^\n]*\{[ \t]*$|^[ \t]*capability[ ]\w+,"
)
_CAPABLE = (
    r"^[ \t]*(?:(?:audit|allow|owner)[ ]+)*(?:capability[ \t]+[a-z_ ]+|(?:network|ptrace|mount|"
    r"userns|change_profile|unix|dbus|signal)\b[^\n]*),[ \t]*(?:#[^\n]*)?$"
)
_PATH_RULE = (
    r"^[ \t]*(?:(?:audit|allow|owner)[ ]+)*(?:/(?:etc|usr|var|proc|sys|dev|run|tmp|home|opt|lib|"
    r"bin|sbin|srv|root|data|mnt)\b|@\{(?:HOME|PROC|run|sys|etc|bin|lib)\w*\}|/\*\*)[^\n,]*[ \t]"
    r"[rwamklUuPpCcix]{1,8}(?:[ ]*->[ ]*[^\n,]+)?,[ \t]*(?:#[^\n]*)?$"
)
_PATH_AND_RIGHTS = r"(\S+)[ \t]+([rwamklUuPpCcix]{1,8})(?:[ ]*->[ ]*[^\n,]+)?,"
_UNENFORCED = r"\bflags=\([^)\n]*\b(?:complain|unconfined)\b"
_DENIES = r"^[ \t]*(?:audit[ ]+)?deny[ ]+(?:/|@\{|capability\b|network\b|ptrace\b|mount\b)[^\n]*,"

_TYPE_RULE = r"^[ \t]*(?:auto)?allow[ \t]+[\w$-]+[ \t]+[\w$-]+[ \t]*:[ \t]*[\w{]"
_BOOLEAN = (
    r"\bsetsebool[ \t]+(?:-P[ \t]+)?\w+(?:[ \t]+|=)(?:on|1|true)\b|"
    r"\bsemanage[ \t]+(?:permissive|boolean)[ \t]|\bunconfined_domain\w*\("
)
_CALLS = (
    r"\bSC_ALLOW\w*\([ \t]*\w+|\bSCMP_ACT_ALLOW\b[^\n]*\bSCMP_SYS\([ \t]*\w+|"
    r"\bALLOW_SYSCALL\w*\([ \t]*\w+|\bseccomp_allow\w*\([^\n)]*\w+"
)
_CALL = r"(?:SC_ALLOW\w*|SCMP_SYS|ALLOW_SYSCALL\w*)\([ \t]*(\w+)|\"(\w+)\""
_BY_DEFAULT = r"\bdefaultAction['\"]?[ \t]*:[ \t]*['\"]?SCMP_ACT_\w+"
_BEATEN = r"SCMP_ACT_(KILL|ERRNO|TRAP)"

_UNIT_HOLDS = (
    r"^[ \t]*['\"]?(?:Protect(?:System|Home|Clock|Hostname|ControlGroups|Proc|Kernel\w+)|"
    r"Private(?:Tmp|Devices|Users|Network|Mounts|IPC|PIDs)|MemoryDenyWriteExecute|NoNewPrivileges|"
    r"LockPersonality|Restrict(?:Realtime|SUIDSGID|Namespaces|AddressFamilies|FileSystems)|"
    r"SystemCall(?:Filter|Architectures)|CapabilityBoundingSet|InaccessiblePaths|ReadOnlyPaths|"
    r"NoExecPaths|IPAddressDeny|KeyringMode|ProcSubset|RemoveIPC|DevicePolicy)['\"]?[ \t]*="
)
_UNIT_GRANTS = (
    r"^[ \t]*['\"]?(?:ReadWritePaths|BindPaths|DeviceAllow|ExecPaths|CapabilityBoundingSet|"
    r"SystemCallFilter|RestrictAddressFamilies|IPAddressAllow)['\"]?[ \t]*="
)
_DIRECTIVE = r"^[ \t]*['\"]?(\w+)['\"]?[ \t]*=[ \t]*([^;#\n]*)"
_STRICTNESS = {
    b"strict": 3,
    b"full": 2,
    b"yes": 3,
    b"true": 3,
    b"1": 3,
    b"on": 3,
    b"tmpfs": 3,
    b"read-only": 1,
    b"invisible": 3,
    b"ptraceable": 2,
    b"noaccess": 2,
    b"pid": 3,
    b"private": 3,
    b"closed": 2,
}
_OF_SYSTEM = {b"yes": 1, b"true": 1, b"1": 1, b"on": 1}
"""How strict these words are for the one directive that has stricter ones."""
_LISTS = frozenset(
    b"SystemCallFilter CapabilityBoundingSet RestrictAddressFamilies InaccessiblePaths "
    b"ReadOnlyPaths NoExecPaths IPAddressDeny SystemCallArchitectures RestrictFileSystems".split()
)
_ALWAYS = frozenset(b"ReadWritePaths BindPaths DeviceAllow ExecPaths".split())
"""Lists that grant even where they are new: the others hold back by being there."""

_JAILED = (
    r"^(?:nonewprivs|noroot|seccomp|caps\.drop|private-(?:dev|tmp|etc|bin|cache)|net[ ]none|"
    r"apparmor|dbus-(?:user|system)[ ](?:none|filter)|disable-mnt|blacklist[ ]|read-only[ ]|"
    r"noexec[ ]|memory-deny-write-execute|restrict-namespaces|netfilter|protocol[ ])[^\n]*$"
)
_LET_OUT = (
    r"^(?:noblacklist|ignore[ ](?:seccomp|caps\.drop|noroot|nonewprivs|apparmor)|read-write)\b"
)
_JAIL = r"(?i)firejail|(?:^|/)profile-[a-z-]+/|\.profile$"
_SEATBELT = (
    r"\(allow[ \t]+(?:file-|network|process-|mach-|sysctl|iokit|signal|system-|default|user-pref|"
    r"ipc-|job-)[^\n]*"
)
_PROMISED = r"\b(?:pledge|Pledge(?:Promises)?|unix\.PledgePromises)\([ \t]*\"[a-z_ ]+\""
_PERMITTED = r"^[ \t]*permission[ \t]+(?:java|javax|sun|org|com)\.[\w.]+Permission\b"

_OPTIONS = (
    r"[\s'\"\[](?:--(?:userns|cap-drop|read-only|security-opt|pids-limit|runtime|unshare-\w+|ro-bind|"
    r"die-with-parent|no-new-privs|net(?:work)?[= ]['\"]?none|user[= ]['\"]?[1-9a-z$]))|"
    r"^[ \t]*['\"]?(?:runtimeClassName|runtime|userns_mode|hostUsers|read_only|pids_limit)"
    r"['\"]?[ \t]*:"
)
_OPTION = (
    r"--(userns|cap-drop|read-only|security-opt|pids-limit|runtime|unshare-\w+|ro-bind|"
    r"die-with-parent|no-new-privs|network|net|user)\b|"
    r"^[ \t]*['\"]?(?:(runtimeClassName|runtime)['\"]?[ \t]*:[ \t]*['\"]?(?:gvisor|runsc|kata)|"
    r"(userns_mode|pids_limit)['\"]?[ \t]*:|(hostUsers)['\"]?[ \t]*:[ \t]*false|"
    r"(read_only)['\"]?[ \t]*:[ \t]*true)"
)
_CONTAINERS = (
    r"(?i)\b(?:docker|podman|nerdctl|bwrap|bubblewrap|nsjail|runsc|containers?|services|kubectl)\b"
)


def _line(text: bytes) -> Iterator[bytes]:
    yield b" ".join(text.partition(b"#")[0].split()).rstrip(b",; ")


def _rights(text: bytes) -> Iterator[bytes]:
    """Yield what a rule of a path lets write or run; reading alone is no widening."""
    found = expression(_PATH_AND_RIGHTS).search(text)
    for right in sorted(set(bytes(found[2]))) if found else ():
        if right in b"wakx":
            yield found[1] + b" " + bytes([right])
        elif right in b"UuPpCc":
            # An environment that is not cleaned is another right than one that is.
            yield found[1] + b" x" + (b"u" if right in b"uU" else b"p")


def _called(text: bytes) -> Iterator[bytes]:
    for groups in expression(_CALL).findall(text):
        yield next(filter(None, groups), b"").removeprefix(b"__NR_").removeprefix(b"SYS_")


def _beaten(text: bytes) -> Iterator[bytes]:
    if expression(_BEATEN).search(text):
        yield b"defaultAction"


def _held(text: bytes) -> Iterator[bytes]:
    """Yield a directive once for each degree of its strictness, or each thing it keeps away."""
    found = expression(_DIRECTIVE).search(text)
    if not found:
        return
    name, value = bytes(found[1]), bytes(found[2]).strip(b" \t'\"[]")
    if name in _LISTS:
        yield name
        denies = name.endswith((b"Paths", b"Deny")) or value.startswith(b"~")
        yield from (name + b" " + word for word in value.lstrip(b"~").split() if denies)
        return
    degrees = _OF_SYSTEM | {b"strict": 3, b"full": 2} if name == b"ProtectSystem" else _STRICTNESS
    for degree in range(degrees.get(value.lower(), 0)):
        yield name + b" " + b"#" * (degree + 1)


def _given(text: bytes) -> Iterator[bytes]:
    found = expression(_DIRECTIVE).search(text)
    value = bytes(found[2]).strip(b" \t'\"[]") if found else b"~"
    if not value.startswith(b"~"):
        yield from (bytes(found[1]) + b" " + word.strip(b"'\"-+") for word in value.split())


def _optional(text: bytes) -> Iterator[bytes]:
    """Yield the options by which a container, or what runs in it, is held back."""
    for groups in expression(_OPTION).findall(text):
        yield next(filter(None, groups), b"")


def _promises(text: bytes) -> Iterator[bytes]:
    yield from bytes(expression(r"\"([a-z_ ]+)\"").search(text)[1]).split()


_NEWLY = "what confines a program newly lets it do this"
_GONE = "what held a program back is gone, or less strict"
SYNTAXES = (
    Syntax(_CAPABLE, _line, _NEWLY, path=_PROFILE),
    Syntax(_PATH_RULE, _rights, _NEWLY, path=_PROFILE),
    Syntax(_UNENFORCED, _line, "a profile is no longer enforced"),
    Syntax(_DENIES, _line, _GONE, is_hold=True),
    Syntax(_TYPE_RULE, _line, _NEWLY, path=r"(?i)\.(?:te|cil|if|te\.in|te\.erb)$|sepolicy"),
    Syntax(_BOOLEAN, _line, _NEWLY),
    Syntax(_CALLS, _called, _NEWLY),
    Syntax(_BY_DEFAULT, _beaten, _GONE, is_hold=True),
    Syntax(_UNIT_HOLDS, _held, _GONE, is_hold=True),
    Syntax(_UNIT_GRANTS, _given, _NEWLY),
    Syntax(_JAILED, _line, _GONE, is_hold=True, path=_JAIL),
    Syntax(_LET_OUT, _line, _NEWLY, path=_JAIL),
    Syntax(_SEATBELT, _line, _NEWLY),
    Syntax(_PROMISED, _promises, _NEWLY),
    Syntax(_PERMITTED, _line, _NEWLY),
    Syntax(_OPTIONS, _optional, _GONE, is_hold=True, path=_CONTAINERS),
)


@dataclass(frozen=True, slots=True)
class Widening:
    """One line that grants more, or a removed one that held to more."""

    file: FileView
    number: int
    text: bytes
    syntax: Syntax


def widenings(syntax: Syntax, files: tuple[FileView, ...]) -> Iterator[Widening]:
    """Yield the lines of one syntax by which the files, taken together, confine less."""
    there = {
        word
        for file in files
        for _, _, words in _words(syntax, file, old=not syntax.is_hold)
        for word in words
    }
    names = frozenset(word.partition(b" ")[0] for word in there)
    for file in files:
        for number, text, words in _words(syntax, file, old=syntax.is_hold):
            if words and not there.issuperset(words) and _is_wider(syntax, text, names):
                yield Widening(file, number, text, syntax)


def _is_wider(syntax: Syntax, text: bytes, names: frozenset[bytes]) -> bool:
    """Return whether a grant adds to a list that there was, where a new one would hold back."""
    if syntax.read is not _given:
        return True
    name = bytes(expression(_DIRECTIVE).search(text)[1])
    return name in _ALWAYS or name in names


def _words(
    syntax: Syntax, file: FileView, *, old: bool
) -> Iterator[tuple[int, bytes, frozenset[bytes]]]:
    """Yield (number, text, words) of the changed lines of one side that are of a syntax."""
    is_of = finds(syntax.trigger)
    for number, text in file.removed_lines() if old else file.added_lines():
        if len(text) < _LONG and is_of(text):
            yield number, text, frozenset(syntax.read(text))
