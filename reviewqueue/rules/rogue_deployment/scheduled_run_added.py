"""Something that newly runs on a schedule, or keeps running in the background.

What it flags
    Added schedules: a Kubernetes CronJob, a workflow's `schedule:`, Celery beat, APScheduler,
    Quartz, Hangfire, `@Scheduled`, node-cron, Bull's `repeat`, `pg_cron`, an EventBridge or
    Cloud Scheduler rule, a cron entry or daemon in an image.

Why it matters
    What runs by the clock runs unseen, with the rights of its place, long after the change was
    read. It is also the simplest way to come back.

How to review it
    Ask what it runs, with which credentials, and who is told when it fails.
    Is it listed where the team lists its jobs, and can it be switched off?

Not flagged
    Changed times of an existing job; deletions; prose. The schedule of a workflow that neither
    writes nor holds secrets is a low finding.

Seen in
    ATT&CK T1053 (Scheduled Task/Job), T1053.003 (Cron), T1053.007 (Container Orchestration
    Job), T1543 (Create or Modify System Process).
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, is_own
from reviewqueue.scan.rule import FileView, Hit, Rule, Stability, View, expression

_SCHEDULE = (
    r"^[ \t]*kind:\s*['\"]?CronJob\b|^[ \t]*kind:\s*['\"]?(?:ScheduledJob|CronWorkflow)\b|"
    r"\bCELERY_?BEAT_?SCHEDULE\b|\bbeat_schedule\b|\badd_periodic_task\s*\(|@periodic_task\b|"
    r"\bcelery\b[^\n]*\bbeat\b|\b(?:Background|AsyncIO|Blocking)Scheduler\s*\(|"
    r"\.scheduled_job\s*\(|\badd_job\s*\([^\n]*(?:['\"](?:cron|interval)['\"]|Trigger)|"
    r"\bWithCronSchedule\s*\(|\bWithSimpleSchedule\s*\(|\bRecurringJob\.AddOrUpdate|"
    r"@Scheduled\s*\(|@EnableScheduling\b|@Cron\s*\(|\bcron\.schedule\s*\(|\bnew\s+CronJob\s*\(|"
    r"\bschedule\.(?:scheduleJob|every)\s*\(|\bcron\.New\s*\(|\.AddFunc\s*\(\s*['\"`@]|"
    r"\bgocron\.\w+|\brepeat(?:able)?:\s*\{\s*(?:pattern|cron|every)\b|\bupsertJobScheduler\s*\(|"
    r"\bmodal\.(?:Cron|Period)\s*\(|\bSidekiq::Cron|\bsidekiq_cron|\bJobScheduler::new|"
    r"\baws_(?:cloudwatch_event_rule|scheduler_schedule)\b|\bgoogle_cloud_scheduler_job\b|"
    r"\bschedule_expression\s*=|\brate\(\d+\s+(?:minute|hour|day)s?\)|"
    r"\bgcloud\s+scheduler\s+jobs\s+create|\baws\s+events\s+put-rule|\baws\s+scheduler\s+create|"
    r"\"crons\"\s*:\s*\[|\[triggers\]|\btimerTrigger\b|\[TimerTrigger\(|\[FunctionName[^\n]*Timer|"
    r"^[ \t]*-?[ \t]*(?:ansible\.builtin\.)?cron:[ \t]+\w+=|"
    r"\bon_schedule\b|\btype:\s*['\"]cron['\"]|\bcron:\s*['\"][\d*]|\bkind:\s*['\"]?DaemonSet\b|"
    r"\bcrontab\s*\(\s*(?:minute|hour|day_of)|\bCronTab\s*\(|\bCronTrigger\b|"
    r"\btokio_cron_scheduler\b|\bOban\.Plugins\.Cron\b|\bJob::new(?:_async)?\s*\(\s*\"|"
    r"\bCI_PIPELINE_SOURCE\s*==\s*[\"']schedule|\bclokwerk\b|\b(?:new\s+)?Bree\s*\(|"
    r"\bagenda\.every\s*\(|\bwhenever\b[^\n]*every|\bIHostedService\b|:\s*BackgroundService\b|"
    r"\bsetInterval\s*\([^\n]*(?:fetch|exec|spawn)\s*\("
)
_IMAGE = (
    r"^(?:RUN\s[^\n]*\b|[ \t]+(?:[\w.+-]+[ \t]+)*)(?:cron|crond|cronie|dcron|supercronic|anacron|"
    r"supervisor|supervisord|runit|s6-overlay|openssh-server)(?:[ \t]|$)|"
    r"^(?:RUN\s[^\n]*|(?:[ \t]+[\w.+-]+)*[ \t]*)[ \t]at[ \t]*\\?\r?$"
)
_DAEMON = (
    r"^[ \t]*(?:exec[ \t]+)?(?:/usr/sbin/)?(?:cron|crond|atd|sshd|supervisord|"
    r"service[ \t]+cron[ \t]+start)\b[^:=\n]*$"
)
_WORKFLOW = r"^[ \t]*-?[ \t]*['\"]?cron['\"]?:\s*['\"]?[\d*]"
_POWER = (
    r":\s*write(?:-all)?\b|\bsecrets:\s*inherit|\bgit\s+push\b|"
    r"\bsecrets\.(?:[A-FH-Z]|G(?:[A-HJ-Z]|I(?:[A-SU-Z]|T[A-GI-Z])))"
)
"""What writes, or holds a secret other than `GITHUB_TOKEN`, which every job has."""


def check(view: View) -> Iterator[Hit]:
    """Mark new schedules, and daemons of images."""
    for file in view.where(_SCHEDULE, side=Side.NEW):
        more = file.matches(_SCHEDULE, Side.NEW) > file.matches(_SCHEDULE, Side.OLD)
        if more and is_own(file.labels):
            for line in file.new(_SCHEDULE):
                yield Hit.at(file, line, _told(line.whole), severity=_weight(file))
    for trigger in (_IMAGE, _DAEMON):
        for file in view.where(trigger, side=Side.NEW):
            if Label.CONTAINER in file.labels or _is_entry(file):
                for line in file.new(trigger):
                    yield Hit.at(file, line, "a daemon is put into the image, or started in it")
    yield from _workflows(view)


def _workflows(view: View) -> Iterator[Hit]:
    """Mark workflows that newly run by the clock; medium where they may write or hold secrets."""
    for file in view.where(_WORKFLOW, side=Side.NEW):
        if Label.CI in file.labels and not file.matches(_WORKFLOW, Side.OLD):
            for line in file.new(_WORKFLOW):
                powerful = expression(_POWER).search(file.added) is not None
                yield Hit.at(
                    file,
                    line,
                    "a workflow newly runs by the clock",
                    severity=Severity.MEDIUM if powerful else Severity.LOW,
                )


def _weight(file: FileView) -> Severity:
    return Severity.LOW if Label.CI in file.labels else Severity.MEDIUM


def _told(line: bytes) -> str:
    if expression(r"DaemonSet").search(line):
        return "a pod newly runs on every machine"
    return "something newly runs by the clock"


def _is_entry(file: FileView) -> bool:
    name = file.path.rpartition("/")[2].lower()
    return Label.SCRIPT in file.labels and any(
        word in name for word in ("entrypoint", "start", "init", "boot", "run")
    )


RULE = Rule(
    id="scheduled-run-added",
    pathway=Pathway.ROGUE_DEPLOYMENT,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    version=5,
    summary="lets something run by the clock or in the background",
    triggers=(_SCHEDULE, _IMAGE, _DAEMON, _WORKFLOW),
    check=check,
)
