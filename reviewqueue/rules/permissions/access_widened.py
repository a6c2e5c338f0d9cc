"""Access widened: of files, users, databases or applications.

What it flags
    Added: world-writable or set-user-id modes, password-free sudo, members of administrators'
    groups, file capabilities, access lists for everybody; database grants and superusers,
    row-level security switched off; entitlements, extension, browser-window and run-time
    permissions that open more (`<all_urls>`, `--allow-all`, `nodeIntegration`); what a page
    shown in a program may reach of it (files, calls of the program's own). A mode that a
    program or a command gives to a file, and that lets more people read or write it than
    before; a script that no longer keeps what it writes from others (`umask`). A file that
    newly is executable or set-user-id; a file that nothing ran and that is moved to where CI or
    git runs it; a symbolic link there, or out of the repository.

Why it matters
    Access is easy to give and hardly ever taken back. The wider one is the one that the
    next mistake, or the next agent, will use.

How to review it
    Ask for the narrowest set that makes the task work.
    Check where this applies: a developer's machine, a build, production.

Not flagged
    Access that is narrowed or unchanged; new scripts that are executable from the start. Only
    noted: programs and documents that become executable, what a test writes for itself.

Seen in
    ATT&CK T1222 (file permissions), T1548.001 (setuid) and T1548.003 (sudo), T1098 (account
    manipulation); CWE-732, CWE-250. Row-level security left off in generated Supabase
    projects (CVE-2025-48757).
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import (
    FileView,
    Hit,
    On,
    Pattern,
    Rule,
    Stability,
    View,
    Wake,
    expression,
    is_named,
)
from reviewqueue.scan.structure.disappeared import lost
from reviewqueue.scan.structure.pairs import pairs_losing

_RUN = frozenset(
    {
        Label.CONFIG,
        Label.INFRASTRUCTURE,
        Label.CONTAINER,
        Label.CI,
        Label.SCRIPT,
        Label.SOURCE,
        Label.BUILD,
        Label.MIGRATION,
    }
)
_STATEMENT = (
    r"(?i)\bGRANT\s[^\n]*(?:\sTO\b|\sON\b|,\s*$)|\b(?:ALTER|CREATE)\s|\bDISABLE\s|\bSECURITY\s|"
    r"\bsp_|\b(?:USING|CHECK)\s*\(|\bOPTION\b"
)
_NOT_ONE_COMMAND = (
    r"NOPASSWD\s*:\s*(?:ALL\b|[^/\s]|$|/\S*(?:sh|bash|su|sudo|env|python3?|perl|vi|vim|less|find|"
    r"docker|chown|chmod|apt(?:-get)?|tee|cp|mv|\*)\b)|usermod|adduser|gpasswd|useradd|dseditgroup|"
    r"localgroup|LocalGroupMember|wheelNeedsPassword"
)
"""Leave to run one named program, that is not a shell in disguise, is no full right."""
_PRIVATE = (
    r"\b0o?[4-7][0-5]{2}\b|\bchmod\s+[4-7][0-5]{2}\b|"
    r"\bumask\s*\(?\s*0?o?0[0-7]7\b|\bmode['\"]?\s*(?:=>?|[:=])\s*['\"]?[0-7]?[4-7][0-5]{2}\b"
)
_MASK = r"^[ \t]*umask[ \t]+0?[0-7]?[67]7\b"
"""What keeps all that a script writes from others: a trigger."""
_OCTAL = r"\b0?o?([0-7]{3})\b"
_IS_MODE = r"(?i)mode|chmod|perm|writefile|openfile|mkdir|umask|\binstall\s|\bopen\(|creat|perms"
_NOT_RUN = frozenset({Label.DATA, Label.DOCS, Label.GENERATED, Label.VENDORED})
_WRITTEN = r"\.WriteFile\([^\n]*0o?[67][0-7][2367]\b"
_OF_TESTS = frozenset({Label.TEST})
_DOCUMENT = frozenset({Label.DOCS, Label.TEST})
_PROSE = ("*.md", "*.mdx", "*.rst", "*.adoc", "*.txt")
"""Documents by their names: nobody runs them by mistake."""
_READ_OR_WRITTEN = 0o066
_EXECUTABLE = 0o111
_SET_ID = 0o6000
_REGULAR = 0o100000
_LINK = 0o120000
_OUT_OF_TREE = (
    r"^(?:/|~/|(?:\.\./)+)(?:etc|proc|root|home|Users|var|dev|sys|usr|opt|tmp|run|mnt|\.ssh|\.aws)"
    r"\b[\w./-]*$"
)
_ACTS = frozenset({Label.CI, Label.HOOK})


def check(view: View) -> Iterator[Hit]:
    """Mark files that newly run, or that lead out of the repository."""
    yield from _modes(view)
    yield from _private(view)
    for file, line in lost(view, _MASK, _runs):
        told = "what this writes can be read by everybody on the machine"
        yield Hit.at(file, line, told, side=Side.OLD)
    yield from _links(view)
    for file in view.labelled(*_ACTS):
        if file.new_mode == _LINK and Label.AGENT_INSTRUCTIONS not in file.labels:
            message = "what runs here is a symbolic link: read what it leads to"
            yield Hit(message=message, text=file.path, path=file.path)
        if file.status == "R" and file.old_labels.isdisjoint(_ACTS):
            message = "a file that nothing ran is moved to where it runs: read all of it"
            yield Hit(message=message, text=f"{file.old_path} -> {file.path}", path=file.path)


def _runs(file: FileView) -> bool:
    is_run = not file.labels.isdisjoint(_RUN) and file.labels.isdisjoint(_NOT_RUN)
    return is_run and file.status != "D"


def _links(view: View) -> Iterator[Hit]:
    """Mark symbolic links that lead out of the repository."""
    for file in view.where(_OUT_OF_TREE, side=Side.NEW):
        for line in file.new(_OUT_OF_TREE) if file.new_mode == _LINK else ():
            depth = file.path.count("/")
            if line.text.startswith(("/", "~")) or line.text.count("../") > depth:
                message = "a symbolic link leads out of the repository"
                yield Hit.at(file, line, message, severity=Severity.MEDIUM)


def _private(view: View) -> Iterator[Hit]:
    """Mark files that fewer could read or write than can now."""
    octal, about = expression(_OCTAL), expression(_IS_MODE)
    for file in view.where(_PRIVATE, side=Side.OLD):
        if not _runs(file):
            continue
        for pair in pairs_losing(file, _PRIVATE):
            if not about.search(pair.new):
                continue
            was, now = octal.findall(pair.old), octal.findall(pair.new)
            if b"umask" in pair.new.lower():
                was, now = now, was
            if len(was) == len(now) and any(map(_is_wider, was, now)):
                message = "what others could not read or write is opened to them"
                yield Hit.on(file, pair.new_line, pair.new, message, discountable=True)


def _is_wider(was: bytes, now: bytes) -> bool:
    old, new = int(was, 8), int(now, 8)
    return bool(new & ~old & _READ_OR_WRITTEN)


def _modes(view: View) -> Iterator[Hit]:
    """Mark files that become executable, or set-user-id; programs and prose are only noted."""
    for file in view.files:
        old, new = file.old_mode, file.new_mode
        if not new & _REGULAR or old == new or not old:
            continue
        if new & _EXECUTABLE & ~old or new & _SET_ID & ~old:
            program = Label.SCRIPT in file.labels or Label.SOURCE in file.labels
            is_noted = program or (file.labels <= _DOCUMENT and is_named(file.path, _PROSE))
            yield Hit(
                message=f"the file's mode is widened from {old:o} to {new:o}",
                text=f"{old:o} -> {new:o}",
                path=file.path,
                severity=Severity.LOW if is_noted else Severity.MEDIUM,
            )


RULE = Rule(
    id="access-widened",
    pathway=Pathway.PERMISSIONS,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="widens access to files, accounts, databases or applications",
    patterns=(
        Pattern(
            r"\bchmod\s+(?:-\w+\s+)*(?:0?[0246]?777|0?666|a\+rwx?|o\+r?w|ugo\+rwx|a\+w|[ug]*\+s|"
            r"0?[4267][0-7]{3})\b|--chmod=0?777\b|"
            r"\.chmod\s*\([^\n]*(?:0o777|0o666|0o[4267][0-7]{3}|S_IS[UG]ID|S_IWOTH)|"
            r"\bsetcap\s+\S*cap_|(?:\.Chmod|\.chmodSync|\.chmod)\s*\([^\n]*0o?777|"
            r"\bos\.Mode(?:Setuid|Setgid)\b|"
            r"\binstall\b[^\n]*\s-\w*m\s*=?0?[246][0-7]{3}\b|--mode[= ]0?[246][0-7]{3}\b|"
            r"\bdefaultMode['\"]?\s*:\s*0?777\b|"
            r"\bumask\s*\(?\s*0?0{1,3}\b|\bPosixFilePermissions\.fromString\(\"rwxrwxrwx|"
            r"\bset_mode\(0o?777|\bmode\s*[:=]\s*['\"]?0?777\b|\bicacls\s[^\n]*Everyone:|"
            r"\bsetfacl\s[^\n]*o::?r?w|\bchown\s+root[^\n]*&&[^\n]*\bchmod\s+\S*s\b",
            "opens a file to everybody, or to its owner's rights",
        ),
        Pattern(
            _WRITTEN,
            "opens a file to everybody, or to its owner's rights",
            never=_OF_TESTS,
        ),
        Pattern(
            _WRITTEN,
            "a test writes a file that everybody may write",
            only=_OF_TESTS,
            severity=Severity.LOW,
        ),
        Pattern(
            r"\bNOPASSWD\s*:|\busermod\s[^\n]*-a?G\s+\S*(?:sudo|wheel|docker|root|adm|lxd|"
            r"libvirt)\b|"
            r"\b(?:adduser|gpasswd\s+-a)\s+\S+\s+(?:sudo|wheel|docker)\b|"
            r"\buseradd\s[^\n]*-G\s+\S*(?:sudo|wheel|docker|root)\b|"
            r"\bdseditgroup\s[^\n]*\badmin\b|\bnet\s+localgroup\s+administrators\s[^\n]*/add|"
            r"\bAdd-LocalGroupMember\s[^\n]*Administrators|"
            r"\bsecurity\.sudo\.wheelNeedsPassword\s*=\s*false",
            "gives administrator's rights, without a password",
            severity=Severity.HIGH,
            line=_NOT_ONE_COMMAND,
            only=_RUN,
        ),
        Pattern(
            r"\bpolkit\.Result\.YES\b|\bResult(?:Any|Active)=yes\b",
            "gives administrator's rights, without a password",
            only=_RUN,
        ),
        Pattern(
            r"(?i)\bGRANT\s+(?:ALL|SELECT|INSERT|UPDATE|DELETE|USAGE|EXECUTE|CREATE|CONNECT|"
            r"TRUNCATE|"
            r"REFERENCES|TRIGGER|OWNERSHIP|ROLE|SUPER|FILE|PROCESS|IMPERSONATE|APPLY|MONITOR|"
            r"OPERATE|DBA|SYSDBA|ANY|"
            r"DATABASE|pg_\w+|rds_\w+|db_\w+)\b|\bALTER\s+(?:ROLE|USER)\s[^\n;]*\b(?:SUPERUSER|"
            r"BYPASSRLS|CREATEROLE|CREATEDB)\b|"
            r"\bCREATE\s+(?:ROLE|USER)\s[^\n;]*\b(?:SUPERUSER|BYPASSRLS|CREATEROLE)\b|"
            r"\bDISABLE\s+ROW\s+LEVEL\s+SECURITY|\bSECURITY\s+DEFINER\b|"
            r"\bALTER\s+DEFAULT\s+PRIVILEGES\b|\bsp_add(?:srv)?rolemember\b|\bADD\s+MEMBER\b|\bUSING\s*\(\s*true\s*\)|"
            r"\bWITH\s+CHECK\s*\(\s*true\s*\)|\bGRANT\s+OPTION\b",
            "gives rights in a database",
            line=_STATEMENT,
            only=_RUN,
            never=frozenset({Label.TEST}),
        ),
        Pattern(
            r"(?i)\bENABLE\s+ROW\s+LEVEL\s+SECURITY|\bFORCE\s+ROW\s+LEVEL\s+SECURITY|"
            r"\bREVOKE\s+(?:ALL|SELECT|INSERT|UPDATE|DELETE|USAGE|EXECUTE|CREATE|CONNECT)\b",
            "what kept rows or rights from others is gone",
            on=On.REMOVED,
            only=_RUN,
        ),
        Pattern(
            r"<all_urls>|\bcom\.apple\.security\.(?:cs\.(?:disable-\w|allow-)|get-task-allow|"
            r"app-sandbox|temporary-exception|files\.all)|"
            r"\bnodeIntegration\s*:\s*true|\bcontextIsolation\s*:\s*false|"
            r"\bwebSecurity\s*:\s*false|"
            r"\bsandbox\s*:\s*false\b|\bdeno\s+run\s[^\n]*(?:-A\b|--allow-all)|"
            r"\bWRITE_EXTERNAL_STORAGE\b|\bMANAGE_EXTERNAL_STORAGE\b|\bSYSTEM_ALERT_WINDOW\b|"
            r"\bREQUEST_INSTALL_PACKAGES\b|\bBIND_ACCESSIBILITY_SERVICE\b|"
            r"\brequestedExecutionLevel\s[^\n]*(?:requireAdministrator|highestAvailable)|"
            r"--share=(?:network|ipc)\b|--filesystem=(?:host|home)\b|"
            r"--talk-name=org\.freedesktop\.Flatpak|"
            r"\bconfinement\s*:\s*['\"]?(?:classic|devmode)|\bdangerousRemoteDomainIpcAccess\b",
            "an application asks for, or is given, more than before",
            only=_RUN | {Label.MANIFEST},
        ),
        Pattern(
            r"\bandroid\.permission\.(?:READ_(?:SMS|CONTACTS|CALL_LOG)|SEND_SMS|RECORD_AUDIO|"
            r"ACCESS_BACKGROUND_LOCATION|QUERY_ALL_PACKAGES)\b|['\"](?:nativeMessaging|"
            r"webRequest(?:Blocking)?|debugger|cookies|management|proxy|history|tabs)['\"]",
            "an application asks for more than before",
            globs=("*manifest*.json", "*androidmanifest*.xml", "*.plist", "*wxt.config.*"),
        ),
        Pattern(
            r"\bandroid\.permission\.(?:CAMERA|ACCESS_(?:FINE|COARSE|MEDIA)_LOCATION|GET_ACCOUNTS|"
            r"(?:READ|WRITE)_(?:CALENDAR|CONTACTS|CALL_LOG|PHONE_\w+|SETTINGS|SECURE_SETTINGS)|"
            r"RECEIVE_(?:SMS|MMS|BOOT_COMPLETED)|READ_(?:PHONE|MEDIA|EXTERNAL|LOGS)\w*|CALL_PHONE|"
            r"BODY_SENSORS\w*|BLUETOOTH_(?:SCAN|CONNECT|ADVERTISE)|NEARBY_WIFI_DEVICES|"
            r"PACKAGE_USAGE_STATS|BIND_(?:DEVICE_ADMIN|VPN_SERVICE|NOTIFICATION_LISTENER\w*)|"
            r"ACTIVITY_RECOGNITION)\b|"
            r"['\"](?:\*|https?)://\*/\*?['\"]|['\"](?:scripting|downloads|bookmarks|geolocation|"
            r"clipboardRead|desktopCapture|tabCapture|pageCapture|privacy|browsingData|topSites|"
            r"declarativeNetRequestWithHostAccess|identity)['\"]",
            "an application asks for more than before",
            globs=("*manifest*.json", "*androidmanifest*.xml", "*wxt.config.*"),
            never=frozenset({Label.DOCS, Label.TEST}),
        ),
        Pattern(
            r"<key>com\.apple\.(?:security|developer|private|vm|rootless)\.[\w.-]+</key>",
            "an application is entitled to more than before",
            globs=("*.entitlements", "*entitlements*.plist"),
            never=frozenset({Label.DOCS, Label.TEST}),
        ),
        Pattern(
            r"\bset_?[aA]llow_?(?:File|Content)_?Access\w*\(\s*true|"
            r"\bset_?Mixed_?Content_?Mode\([^\n]*(?:ALWAYS_ALLOW|\b0\b)|"
            r"\bmixedContentMode=['\"{ ]+always|\ballow(?:Universal|File)Access(?:From\w+)?=\{true|"
            r"\baddJavascriptInterface\s*\(|\boriginWhitelist=\{\s*\[\s*['\"]\*|"
            r"\bwebviewTag['\"]?\s*[:=]\s*true|\benableRemoteModule['\"]?\s*[:=]\s*true|"
            r"\bnodeIntegrationIn(?:Worker|SubFrames)['\"]?\s*:\s*true|"
            r"\ballowFileAccessFrom\w+['\"]?\s*[:=(]\s*true",
            "a page that is shown in a program may reach more of it",
            only=_RUN,
            never=frozenset({Label.DOCS, Label.TEST, Label.VENDORED}),
        ),
        Pattern(
            r"\bdeno\s+(?:run|test|task)\s[^\n]*--allow-(?:run|write|ffi|all)\b(?:[^=]|$)|"
            r"^[ \t]*-[ \t]*(?:system-files|personal-files|home|removable-media|raw-usb|docker|"
            r"network-control|system-observe|mount-observe|process-control|kernel-module-control|"
            r"block-devices|raw-volume)[ \t]*$|"
            r"^[ \t]*['\"](?:shell|fs|process|http|os|sql|dialog|updater|"
            r"window):(?:allow-|default)[\w-]*['\"]|"
            r"^[ \t]*--device=all\b|^[ \t]*-[ \t]*--device=all\b|^[ \t]*permissive\s+\w+_t\s*;|"
            r"^[ \t]*(?:capability\s+(?:sys_\w+|dac_\w+|net_admin|setuid)|/(?:etc/|home/|"
            r"root/|proc/|sys/)?"
            r"\*\*\s+\w*w\w*),",
            "an application asks for, or is given, more than before",
            globs=(
                "*snapcraft.y*ml",
                "*capabilities/*.json",
                "*tauri*.json",
                "*deno.json*",
                "*package.json",
                "*.y*ml",
                "*apparmor*",
                "*.te",
                "*.sh",
                "*makefile",
            ),
            never=frozenset({Label.DOCS}),
        ),
        Pattern(
            r"\bprivileges\s*=\s*\[[^\n]*(?i:\"(?:insert|update|delete|truncate|all)\w*)|"
            r"\broles['\"]?\s*:\s*\[[^\n]*['\"](?:root|dbOwner|dbAdmin\w*|userAdmin\w*|readWriteAny\w*|"
            r"clusterAdmin)['\"]|\brole['\"]?\s*:\s*['\"](?:root|dbOwner|userAdmin\w*|clusterAdmin)['\"]|"
            r"^[ \t-]*['\"]?\+?grants['\"]?\s*:\s*\{|\+@all\b|\ballkeys\b|"
            r"\bprincipal['\"]?\s*[:=]\s*['\"]?User:\*|"
            r"\bkafka-acls\b[^\n]*--add|--allow-principal\b|\b(?:publish|subscribe)\s*:\s*['\"]>['\"]|"
            r"\ballow\.everyone\.if\.no\.acl\.found\s*=\s*true|\bsuper\.users\s*=",
            "gives rights in a database, a cache or a queue",
            only=_RUN,
        ),
        Pattern(
            r"\bauth/(?:cloud-platform|drive|gmail\.\w+|admin\.directory)\b|"
            r"\b(?:admin:org|admin:repo_hook|delete_repo|admin:public_key|admin:enterprise)\b",
            "an application asks for wide rights in somebody's account",
            only=_RUN,
            severity=Severity.LOW,
        ),
    ),
    added_triggers=(_OUT_OF_TREE,),
    removed_triggers=(_PRIVATE, _MASK),
    wakes=_ACTS | {Wake.MODES},
    check=check,
    version=8,
)
