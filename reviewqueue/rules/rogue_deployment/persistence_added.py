"""Something made to stay: it starts again after the task, the session or the reboot.

What it flags
    Added text that installs a cron entry, a systemd unit or timer, a launchd agent, a
    Windows task, service or Run key, a login item, an autostart entry, a line in a shell's
    start-up file; a process detached from its session; a runner registered on one's own
    machine, and a job of CI that moves from hosted machines to others. Also a change that says
    of itself that it installs a cron job, a unit, a launch agent or an automatic start.

Why it matters
    What stays outlives the review of the task. A deployment that nobody listed is one
    that nobody watches or stops.

How to review it
    Ask who will own, watch and stop it, and where it is listed.
    Read what it starts, with whose rights, and whether it can be removed.

Not flagged
    Removing such entries; listing them; titles that mend what there is, or speak of a workflow
    of CI, which has a rule of its own. Ordinary services in the folders of infrastructure
    weigh the same: say there that they are expected.

Seen in
    ATT&CK T1053.003 (Cron), T1053.005 (Scheduled Task), T1543.001-004 (Launch Agent, systemd,
    Windows Service, Launch Daemon), T1547.001 (Run Keys), T1547.013 (XDG Autostart), T1546.004
    (Shell Configuration); Shai-Hulud (npm, November 2025) registered self-hosted runners on the
    machines it reached.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity
from reviewqueue.domain.paths import Label
from reviewqueue.scan.effects.machines import elsewhere
from reviewqueue.scan.rule import (
    Capability,
    Hit,
    On,
    Pattern,
    Rule,
    Stability,
    View,
    expression,
)
from reviewqueue.scan.structure.headline import meant, says

_SAID = (
    r"(?i)\b(?:cron(?:[ -]?(?:job|tab|task|triggered|based))?s?|systemd|launchd|"
    r"launch[ -]?(?:agent|daemon)s?|login[ -]?items?|auto-?start(?:s|ed|ing|up)?|"
    r"scheduled (?:tasks?|jobs?|workflows?|runs?)|start(?:s|ed|ing)? (?:at|on) (?:boot|login|"
    r"logon|startup)|self-hosted runners?|windows service|daemon ?sets?|run at (?:login|boot)|"
    r"(?:hourly|daily|nightly|weekly|periodic)\b[^\n]*\b(?:jobs?|tasks?|workflows?|builds?|sync|"
    r"exports?|backups?))\b"
)
_MENDS = (
    r"(?i)^\W*(?:\w+(?:\([^)]*\))*!?:[ ]*)?(?:fix(?:e[sd])?|repair(?:s|ed)?|correct(?:s|ed)?|"
    r"(?:ensure|make sure|handle|tolerate|avoid|prevent)[sd]?)[ ]"
)
"""Says that what there is works again."""
_OF_A_KEY = r"(?i)\bcron[ -]?(?:job )?(?:secret|token|key|auth|password|credential)"
"""What asks who calls a job, rather than the job."""
_PERIODIC = (
    r"(?i)\b(?:hourly|daily|nightly|weekly|periodic|scheduled)\b[^\n]*\b(?:workflows?|builds?|"
    r"runs?|jobs?)\b"
)
"""What CI does by the clock."""
_ABOUT = (
    r"(?i)\bcron|systemd|systemctl|launchd|launchctl|launch_?agent|login_?item|auto_?start|"
    r"schedul|WantedBy|ExecStart|RunAtLoad|self-hosted"
)
_MESSAGE = (
    "the change says that it lets something run by itself: who watches it, and who can stop it?"
)
_ACTING = (
    "*.y*ml",
    "*.json",
    "*.tf",
    "*.hcl",
    "*.toml",
    "*.conf",
    "*.env",
    "*.nix",
    "*.service",
    "*.sh",
    "*.bash",
    "*.ps1",
    "*dockerfile*",
    "*makefile*",
    "*.py",
    "*.go",
    "*.rs",
    "*.ts",
    "*.js",
    "*.mjs",
    "*.rb",
    "*.php",
    "*.java",
    "*.kt",
    "*.cs",
)
"""Files that do something, not pages that show it."""
_NEVER = frozenset({Label.LOCK, Label.GENERATED, Label.VENDORED, Label.DATA})
_TAKEN_AWAY = (
    r"^[ \t]*(?:\S*(?i:sudo)\S*[ ]+)?(?:rm|rmdir|unlink)[ ](?:[^;&|>`$]|\$[^(])*"
    r"(?:[12&]?>+[ ]*(?:/dev/null|&1)[ ]*)*$"
)
"""A line that takes a unit away, and does nothing else."""
_LONGEST = 500
"""Bytes of a title that are read."""


def check(view: View) -> Iterator[Hit]:
    """Mark what a change means that says it lets something run by itself."""
    yield from _machines(view)
    if says(view.subject, _SAID) and not _is_told_elsewhere(view):
        yield from meant(view, _ABOUT, _MESSAGE)


def _machines(view: View) -> Iterator[Hit]:
    """Tell jobs of CI that run on another machine than one that is thrown away after them."""
    for file in view.labelled(Label.CI):
        if file.status != "D":
            for number, text in elsewhere(file):
                yield Hit.on(file, number, text, "moves a job to a machine of one's own")


def _is_told_elsewhere(view: View) -> bool:
    """Return whether a title only mends what there is, or speaks of a workflow of CI alone."""
    said = view.subject.headline[:_LONGEST].encode("utf-8", "replace")
    if expression(_MENDS).search(said) or expression(_OF_A_KEY).search(said):
        return True
    return expression(_PERIODIC).search(said) is not None and all(
        Label.CI in file.labels for file in view.files
    )


RULE = Rule(
    id="persistence-added",
    pathway=Pathway.ROGUE_DEPLOYMENT,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    version=6,
    summary="installs something that starts again by itself",
    capability=Capability.PERSISTS,
    patterns=(
        Pattern(
            r"\|\s*(?:sudo\s+)?crontab\s+(?:-u\s+\S+\s+)?-(?:\s|$|['\"])|"
            r"\bcrontab\s+(?:-u\s+\S+\s+)?[\w./$\"'{][^\s-]*\s*$|(?:>>?|tee\s+(?:-a\s+)?|(?:open|"
            r"Path|File|WriteFile|copy\w*)\(\s*f?['\"]|"
            r"writeFile\w*\(\s*['\"])\s*/(?:etc/cron[\w./]*|var/spool/cron)|^[ \t]*@reboot\s",
            "installs a cron entry",
        ),
        Pattern(
            r"\bsystemctl\s+(?:--user\s+|--now\s+|-q\s+)*enable\b|\bloginctl\s+enable-linger\b|"
            r"\bsc(?:\.exe)?\s+create\s|\bNew-Service\b|\bCreateService[AW]?\s*\(|"
            r"\bnssm\s+install\b|\bupdate-rc\.d\s|\bchkconfig\s[^\n]*\bon\b|\brc-update\s+add\b|"
            r"\bpm2\s+(?:startup|save)\b|\bbrew\s+services\s+(?:start|restart)\b|"
            r"[\"']systemctl[\"'][^\n]*[\"']enable[\"']|\bauto_launch\b|\bAutoLaunch\w*|"
            r"\bauto-launch\b|\bservice\.New\s*\(|\bRegSetValueEx[AW]?\s*\([^\n]*[rR]un|\bwinsw\b|"
            r"UseWindowsService\s*\(|\bservice\.Install\s*\(",
            "installs a system service",
        ),
        Pattern(
            r"\.config/systemd/user/|/etc/(?:systemd/system|init\.d|rc\.local|profile\.d|"
            r"ld\.so\.preload)\b",
            "writes where the system starts its services",
            line=r"\.config/systemd/user|>>?\s*/|\btee\s|\bopen\(|\bcp\s|\binstall\s|\bmv\s|\bln\s|[wW]rite|COPY\s|ADD\s",
            noted=_TAKEN_AWAY,
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
            r"Library/Launch(?:Agents|Daemons)/|\blaunchctl\b[\"',\s]+(?:load|bootstrap|enable)\b|"
            r"<key>(?:RunAtLoad|KeepAlive|StartInterval|StartCalendarInterval)</key>|"
            r"\bRunAtLoad\b|\bSMAppService\b|\bSMLoginItemSetEnabled\b|\bSMJobBless\b|"
            r"\bLSSharedFileList\w+|make login item|\bsetLoginItemSettings\s*\(|"
            r"\btauri_plugin_autostart\b",
            "installs a launchd agent",
        ),
        Pattern(
            r"(?i)\bschtasks(?:\.exe)?\s+/create|\bRegister-ScheduledTask\b|"
            r"\bNew-ScheduledTaskTrigger\b|\bnew\s+TaskService\(\)\s*\)|"
            r"\bMicrosoft\.Win32\.TaskScheduler\b|\bITaskService\b|"
            r"[\\/]CurrentVersion[\\/]+Run(?:Once)?\b|\bStart Menu\\+Programs\\+Startup\b|"
            r"shell:startup\b|\bWinlogon\\+(?:Shell|Userinit)\b|__EventFilter\b",
            "installs a start-up entry of Windows",
        ),
        Pattern(
            r"(?i)\\(?:Image File Execution Options|Control\\Print\\(?:Monitors|Environments)|"
            r"Active Setup\\Installed|Session Manager\\(?:AppCertDlls|BootExecute)|"
            r"W32Time\\TimeProviders|Office test\\Special|SilentProcessExit|"
            r"Explorer\\(?:Browser Helper|ShellExecuteHooks|SharedTaskScheduler|Shell Folders)|"
            r"Policies\\Explorer\\Run|Command Processor|Environment\b[^\n]*UserInitMprLogonScript|"
            r"Lsa[\"' /\\]+[^\n]*(?:Security Packages|Authentication Packages|"
            r"Notification Packages)|CurrentVersion\\Windows\b[^\n]*Load)|"
            r"\bUserInitMprLogonScript\b|\bCOR_(?:ENABLE_PROFILING|PROFILER(?:_PATH)?)\b|"
            r"\bSCRNSAVE\.EXE\b|\bAppCertDLLs\b|\bInstall-TransportAgent\b|"
            r"\bnetsh(?:\.exe)?\s+add\s+helper\b|\bpnputil(?:\.exe)?\s+[-/](?:i|a|add-driver)|"
            r"\bCLSID\b[^\n]*\bInprocServer32\b|\bInprocServer32\b[^\n]*\.dll|"
            r"\bassoc\s+[.#]\S+\s*=|\bftype\s+\w+=|\bAdd-Content\s[^\n]*\$profile|"
            r"\bSetNotifyCmdLine\b|\bmofcomp(?:\.exe)?\s|\bWMI(?:Event)?Consumer\b|"
            r"\bCommandLineEventConsumer\b",
            "makes Windows load or start something of one's own",
            never=_NEVER | {Label.DOCS},
        ),
        Pattern(
            r"com\.apple\.loginwindow\b[^\n]*(?:LoginHook|LogoutHook)|/Library/StartupItems/|"
            r"/etc/emond\.d|\brc\.common\b|/etc/(?:rc\.local|at\.allow|update-motd\.d|"
            r"NetworkManager/dispatcher\.d|apt/apt\.conf\.d)/?\b[^\n]*(?:>|tee|cp|chmod)|(?:>|tee|"
            r"cp|chmod)[^\n]*/etc/(?:rc\.local|update-motd\.d|NetworkManager/dispatcher\.d|"
            r"udev/rules\.d|apt/apt\.conf\.d)|\.bash_(?:logout|aliases)\b[^\n]*(?:>>|echo)|"
            r"(?:>>|tee)[^\n]*\.bash_logout",
            "lets something start with the system or the session",
            never=_NEVER | {Label.DOCS},
        ),
        Pattern(
            r"[/'\"~}]\.(?:bashrc|bash_profile|profile|zshrc|zprofile|zshenv)\b|"
            r"/etc/(?:bashrc|profile|zshrc|zprofile|zshenv|bash\.bashrc)\b",
            "adds a line to a shell's start-up file",
            line=r"(?:>>|tee\s+-a)\s*[\"']?(?:~|\$\{?HOME\}?|/home/\w+|/root|/etc)/?\.?"
            r"(?:bashrc|bash_profile|profile|zshrc|zprofile|zshenv|bash\.bashrc)\b|"
            r"\.(?:bashrc|zshrc|bash_profile|profile)['\"]\)?\s*,\s*['\"]a|\b(?:expanduser|home|"
            r"homedir|HOME)\b[^\n]*[/'\"]\.(?:bashrc|zshrc|bash_profile|zprofile|profile|"
            r"zshenv)['\"]",
            slight=frozenset({Label.TEST}),
        ),
        Pattern(
            r"/autostart/[\w.${}-]*|\bX-GNOME-Autostart-enabled\s*=\s*true|"
            r"^[ \t]*dbus-update-activation|--autostart\b|[\"']autostart[\"']",
            "lets something start with the session",
            line=r"(?i)\.desktop|/autostart/|=true|--autostart|mkdir|write|enable|true",
            never=_NEVER | {Label.TEST},
        ),
        Pattern(
            r"\bnohup\s|\bsetsid\s|\bdisown\b|\bdaemonize\b|\bDaemonContext\s*\(|"
            r"\bstart_new_session\s*=\s*True|\bpreexec_fn\s*=\s*os\.setsid|\bdetached:\s*true|"
            r"\bDETACHED_PROCESS\b|\bCREATE_BREAKAWAY_FROM_JOB\b|\bSetsid:\s*true|"
            r"\bos\.setsid\s*\(|\bpcntl_fork\s*\(|\bProcess\.daemon\b|\bscreen\s+-d?mS?\b|"
            r"\btmux\s+new(?:-session)?\s[^\n]*-d\b",
            "starts a process that outlives what started it",
            never=_NEVER | {Label.DOCS, Label.TEST},
        ),
        Pattern(
            r"\b(?:docker|podman)\s+run\s[^\n]*--restart[= ](?:always|unless-stopped)",
            "starts a container that comes back by itself",
            never=_NEVER | {Label.DOCS},
        ),
        Pattern(
            r"/var/run/docker\.sock\b|/run/docker\.sock\b|\brestart_policy\s*=\s*\{[^\n]*always|"
            r"\bRestartPolicy\w*\W+[^\n]*always",
            "gives a container the machine's own Docker, or lets it come back by itself",
            line=r"^[^/#*\n]*(?:-v\s|volumes?|mount|:/|restart|Restart)|^\s*-\s*[\"']?/(?:var/)?run/docker",
            globs=_ACTING,
            never=_NEVER | {Label.DOCS, Label.TEST},
        ),
        Pattern(
            r"actions-runner[^\n]*config\.(?:sh|cmd)|\./config\.sh\s[^\n]*--token|"
            r"gitlab-runner\s+register\b|actions/runners/registration-token|"
            r"\bbuildkite-agent\s+start\b|\benable_organization_runners\b|"
            r"\b(?:philips-labs|github-aws-runners)/(?:terraform-aws-)?github-runner|"
            r"\bactions-runner-controller\b|\bgha-runner-scale-set\b|\bact_runner\s+register\b|"
            r"kind:\s*['\"]?(?:RunnerDeployment|AutoscalingRunnerSet)\b|"
            r"\bactions/runner/releases/download\b",
            "registers a runner",
            severity=Severity.HIGH,
        ),
        Pattern(
            r"(?:^|/)etc/cron\.|(?:^|/)Library/Launch(?:Agents|Daemons)/[^\n]+\.plist$|"
            r"(?:^|/)(?:etc/xdg|\.config)/autostart/|"
            r"(?:^|/)etc/(?:systemd/system|init\.d|profile\.d)/|(?:^|/)\.config/systemd/user/",
            "the file's place makes it start by itself",
            on=On.PATH,
        ),
    ),
    check=check,
)
