"""Something made to stay: it starts again after the task, the session or the reboot.

What it flags
    Added text that installs a cron entry, a systemd unit or timer, a launchd agent, a
    Windows task or Run key, a line in a shell's start-up file, an SSH key; a process
    detached from its session; a runner registered on one's own machine.

Why it matters
    What stays outlives the review of the task. A deployment that nobody listed is one
    that nobody watches or stops.

How to review it
    Ask who will own, watch and stop it, and where it is listed.
    Read what it starts, with whose rights, and whether it can be removed.

Not flagged
    Removing such entries; listing them; ordinary services in the folders of
    infrastructure weigh the same: say there that they are expected.
"""

from reviewqueue.domain.finding import Confidence, Pathway, Severity
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import Capability, On, Pattern, Rule, Stability

RULE = Rule(
    id="persistence-added",
    pathway=Pathway.ROGUE_DEPLOYMENT,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="installs something that starts again by itself",
    capability=Capability.PERSISTS,
    patterns=(
        Pattern(
            r"\|\s*(?:sudo\s+)?crontab\s+(?:-u\s+\S+\s+)?-(?:\s|$|['\"])|\bcrontab\s+(?:-u\s+\S+\s+)?"
            r"[\w./$\"'{][^\s-]*\s*$|(?:>>?|tee\s+(?:-a\s+)?|open\(\s*f?['\"]|writeFile\w*\(\s*['\"])"
            r"\s*/(?:etc/cron[\w./]*|var/spool/cron)|^[ \t]*@reboot\s",
            "installs a cron entry",
        ),
        Pattern(
            r"\bsystemctl\s+(?:--user\s+|--now\s+|-q\s+)*enable\b|\bloginctl\s+enable-linger\b|"
            r"\bsc(?:\.exe)?\s+create\s",
            "installs a system service",
        ),
        Pattern(
            r"/etc/(?:systemd/system|init\.d|rc\.local|profile\.d|ld\.so\.preload)\b",
            "writes where the system starts its services",
            line=r">>?\s*/|\btee\s|\bopen\(|\bcp\s|\binstall\s|\bmv\s|\bln\s|[wW]rite|COPY\s|ADD\s",
        ),
        Pattern(
            r"(?i)\bWantedBy\s*=\s*(?:multi-user|default|graphical|timers)\.target",
            "adds a unit that starts with the system",
        ),
        Pattern(
            r"^ExecStart\s*=",
            "adds a system service",
            only=frozenset({Label.INFRASTRUCTURE}),
        ),
        Pattern(
            r"Library/Launch(?:Agents|Daemons)/|\blaunchctl\s+(?:load|bootstrap|enable)\b|"
            r"<key>(?:RunAtLoad|KeepAlive)</key>",
            "installs a launchd agent",
        ),
        Pattern(
            r"(?i)\bschtasks(?:\.exe)?\s+/create|\bRegister-ScheduledTask\b|"
            r"\\+CurrentVersion\\+Run(?:Once)?\b",
            "installs a start-up entry of Windows",
        ),
        Pattern(
            r"(?:>>|tee\s+-a)\s*[\"']?(?:~|\$\{?HOME\}?|/home/\w+|/root|/etc)/?\.?"
            r"(?:bashrc|bash_profile|profile|zshrc|zprofile|zshenv|bash\.bashrc)\b|"
            r"\.(?:bashrc|zshrc|bash_profile|profile)['\"]\)?\s*,\s*['\"]a",
            "adds a line to a shell's start-up file",
        ),
        Pattern(
            r"\bauthorized_keys\b",
            "adds a key that lets somebody log in",
            line=r">|\btee\s|\bopen\(|[aA]ppend|[wW]rite|\bcopy|\bcp\s|\becho\s|\bmv\s",
            severity=Severity.HIGH,
        ),
        Pattern(
            r"actions-runner[^\n]*config\.(?:sh|cmd)|\./config\.sh\s[^\n]*--token|"
            r"gitlab-runner\s+register\b",
            "registers a runner",
            severity=Severity.HIGH,
        ),
        Pattern(
            r"^[ \t]*-?[ \t]*runs-on:\s*\[?\s*['\"]?self-hosted\b",
            "moves a job to a machine of one's own",
            only=frozenset({Label.CI}),
        ),
        Pattern(
            r"(?:^|/)etc/cron\.|(?:^|/)Library/Launch(?:Agents|Daemons)/[^\n]+\.plist$",
            "the file's place makes it start by itself",
            on=On.PATH,
        ),
    ),
)
