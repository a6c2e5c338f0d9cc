r"""A title that says that something runs by itself from here on.

What it flags
    A change whose own title adds a cron job, a scheduled task, a service that starts with the
    machine, a self-hosted runner or remote access. It marks the changed line that shares most
    with the title.

Why it matters
    What runs by itself outlives the change, the person and often the memory of both.

How to review it
    Who looks after it, with whose rights does it run, and how is it taken away again?

Not flagged
    Titles of documentation, tests and dependency updates; what is taken away; what such a thing
    only says or needs ("auto-update notifications", "a lock file for the autostart"). What a
    program does at its own start, and nothing that changes starts by itself, is a low finding.

Seen in
    ATT&CK T1053 (scheduled task or job), T1543 (create or modify system process).
"""

from reviewqueue.domain.finding import Confidence, Pathway, Severity
from reviewqueue.scan.effects.announced import OF_IT, Announcement, announcing
from reviewqueue.scan.rule import Rule, Stability

_BY_ITSELF = (
    r"(?i)\bcron|systemd|systemctl|launchd|launchctl|launch_?agent|schtasks|auto_?-?(?:start|launch|"
    r"run|updat|upgrad|deploy)|login_?items?|currentversion|rc\.local|init\.d|@reboot|schedul|"
    r"interval|every\b|hourly|daily|nightly|weekly|monthly|periodic|timer|ticker|daemon|nohup|disown|"
    r"\brestart|wantedby|self-?hosted|runs-on|runner|ngrok|cloudflared|tailscale|tunnel|ssh|\bvnc|"
    r"\brdp|\btelnet|remote|updater|background|\.service\b|\bservices?[:(]|register\w*service|"
    r"dispatch|cask|brew|thread|spawn|fork\(|sleep\("
)
"""What starts something later, elsewhere or without anybody."""
_STAYS = Announcement(
    r"\b(?:start|launch|run|open|restart|spawn|execut)(?:s|es|ed|ing|ning)?\b[^:;]{0,40}\b(?:on|"
    r"at) "
    r"(?:system )?(?:boot|start-?up|login|logon|reboot)\b|\bauto-?(?:start|update|restart|launch|"
    r"upgrade|deploy)(?:s|ed|er|ing|ting)?\b|\bregister\w*\b[^:;]{0,15}\bservices?\b|\b(?:run|start|"
    r"install|add)\w*\b[^:;]{0,20}\b(?:as (?:an? )?(?:\w+ )?(?:service|daemon)|"
    r"in (?:the )?background)"
    r"\b|\bdaemoni[sz]e\w*\b",
    "the title says that something runs by itself from here on",
    unless=r"\b(?:fix\w*|test\w*|doc\w*|stop\w*|disabl\w*|remov\w*|pre-commit)\b|"
    rf"\bauto-?(?:start|update|restart|launch|upgrade|deploy)\w*{OF_IT}",
    shown=_BY_ITSELF,
)
_KEEPS = Announcement(
    r"\b(?:us|switch|mov|register|add|run)(?:e|es|s|ed|ing|ning|"
    r"ching)?\b[^:;]{0,30}\bself[- ]?hosted (?:\w+ )?"
    r"runners?\b|\bnohup\b|\bdisown\b|\breverse (?:ssh )?tunnels?\b|\b(?:ngrok|cloudflared|"
    r"tailscale)\b|"
    r"\b(?:new|add|introduc\w*|creat\w*) (?:\w+ ){0,2}(?:nightly|hourly|daily|weekly|scheduled|"
    r"periodic|cron) "
    r"(?:\w+ )?(?:jobs?|tasks?|workflows?|runs?|scripts?|sync|builds?)\b|"
    r"\b(?:enabl|start|install|run|add)\w*\b[^:;]{0,10}\b(?:sshd?|ssh server|vnc|rdp|telnet|"
    r"remote desktop)"
    r"(?:$| (?:in|on|to|for|server|access)\b)|\bback ?doors?\b",
    "the title says that something runs by itself from here on",
    unless=r"\b(?:fix\w*|test\w*|doc\w*|stop\w*|disabl\w*|remov\w*|"
    r"detect\w*|prevent\w*|config for)\b",
)
_STARTS = Announcement(
    r"\b(?:add|creat|install|set ?up|introduc|enabl|schedul|register|initiali[sz]|"
    r"bootstrap)(?:e|es|s|ed|ing|ting)?\b"
    r"[^:;]{0,40}\b(?:cron(?: ?jobs?)?|cron ?tab|scheduled (?:jobs?|tasks?|workflows?|runs?|"
    r"backups?)|systemd|launchd|launch ?agents?|autostart|startup (?:scripts?|tasks?|items?)|"
    r"(?:on|at) (?:boot|startup|login)|self-hosted runners?|background services?|"
    r"reverse (?:shell|tunnel)|remote (?:access|control|shell))\b|"
    r"\b(?:run|runs|running|schedul(?:e|es|ing)|scheduled (?:to|for|at)|trigger\w*|"
    r"execut\w+)\b[^:;]{0,40}\b(?:daily|weekly|hourly|"
    r"nightly|monthly|every (?:\w+ )?(?:minutes?|hours?|days?|nights?|weeks?|months?)|"
    r"twice a \w+|at midnight)\b",
    "the title says that something runs by itself from here on",
    unless=r"\b(?:test|mock|event)s?\b",
)


RULE = Rule(
    id="running-announced",
    pathway=Pathway.ROGUE_DEPLOYMENT,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="says that something runs by itself",
    version=5,
    check=announcing(_STARTS, _STAYS, _KEEPS),
)
