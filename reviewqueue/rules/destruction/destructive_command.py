r"""A command that destroys what cannot be brought back.

What it flags
    Added commands that delete or overwrite beyond one's own work: `rm -rf` on a root, a
    home, a system's folder, a variable or what stands below one; forced pushes, hard resets
    and cleaned checkouts; infrastructure, clusters, volumes, buckets, releases and packages
    destroyed without a question, or with an option by which none is asked; disks
    overwritten; other people's processes killed.

Why it matters
    A destructive step is right only where it runs and only at what it names; an empty
    variable or a wrong context makes it everything.

How to review it
    Ask what the variable holds when it is empty, and in which account this runs.
    Ask for a backup, a dry run, or a narrower name.

Not flagged
    Removing named build folders, caches and temporary directories; system folders inside
    of an image that is built; variables that refuse to be empty (`${NAME:?}`); prose
    weighs one level less. A command that a line only shows (`echo`, `print`), and that
    nothing on it hands on, is noted.

Seen in
    The wiper prompt merged into the Amazon Q extension for Visual Studio Code (July 2025),
    which told an agent to delete home folders and cloud resources; `rm -rf "$STEAMROOT/"*`
    in Steam for Linux (2015); GitLab's lost database directory (January 2017). ATT&CK
    T1485 (data destruction), T1561 (disk wipe), T1489 (service stop).
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import ACTED_ON, Label, set_aside
from reviewqueue.scan.rule import FileView, Hit, Line, Pattern, Rule, Stability, View, expression
from reviewqueue.scan.structure.anew import anew
from reviewqueue.scan.structure.said import is_value
from reviewqueue.scan.structure.values import values

_IN_THE_CLOUD = "deletes cloud resources, storage or releases"
_SHELL = frozenset({Label.SCRIPT, Label.CI, Label.BUILD, Label.HOOK, Label.AGENT_INSTRUCTIONS})
_Q = r"[\"'`]?"
_RM = r"\brm[\"']?,?\s+[\"']?-(?:\w*[rR]|-recursive|-no-preserve)"
_TARGETS = (
    r"\brm[\"']?,?\s+((?:[\"']?-[\w-]+[\"']?,?\s+)*)"
    r"((?:[^;&|\n>)\s]|\$\([^)\n]*\)|\s)*)"
)
_TARGET = r"[\"']?\$\([^)\n]*\)[\"']?|[^\s,\]]+"
_ROOT = (
    rf"^{_Q}(?:/\*?|/(?:etc|usr|var|home|root|bin|sbin|lib|opt|srv|boot|Users|System|Library)"
    rf"/?\*?|(?:~|\$\{{?HOME\}}?|%USERPROFILE%|\$env:USERPROFILE){_Q}/?\*?){_Q}$"
)
_PASSING = (
    rf"^{_Q}(?:/tmp\b|/var/(?:tmp|cache|run|lib/apt/lists|lib/dnf|lib/yum)\b|/run/|/dev/shm|"
    r"/usr/share/(?:doc|man|info)|/root/\.|(?:~|\$\{?HOME\}?)[\"']?/\.(?:cache|npm|cargo/registry))"
)
_SYSTEM = (
    rf"^{_Q}/(?:usr|opt|var|etc|home|root|lib|srv|boot|s?bin|mnt|media|data|Users|System|Library|"
    r"Applications|lost\+found)/"
)
_HOME = (
    rf"^{_Q}(?:~|\$\{{?HOME\}}?|\$env:USERPROFILE)[\"']?/(?:\.(?:ssh|aws|gnupg|config|kube|git\w*|"
    r"docker|local|password-store)\b|Documents|Desktop|Library|Downloads|Pictures|\*)"
)
_BELOW = rf"^{_Q}\$[{{(]?\w+[}})]?{_Q}/(?:{_Q}\*|\.?\*|{_Q}$|{_Q}\$|\.\.)"
_BELOW_PASSING = (
    rf"^{_Q}\$[{{(]?(?i:\w*(?:te?mp|cache|build|dist|stag|scratch|work_?dir|out_?dir|output)\w*)"
    rf"[}})]?{_Q}/"
)
_VARIABLE = rf"^{_Q}(?:\$\{{?\w+\}}?|\$\([^)]*\)){_Q}$"
_OWN_VARIABLE = (
    rf"^{_Q}\$[{{(]?(?i:\w*(?:te?mp|cache|build|dist|stag|scratch|work_?(?:dir|tree)|out|frames|"
    rf"test|"
    rf"sandbox|clone|checkout|venv|artifact|extract|coverage|log|bundle|target|unpack)\w*|"
    rf"[a-z]{{1,3}}\d*)\b"
)
"""A name that says that the folder is the program's own."""
_EVERYTHING = rf"^{_Q}(?:\*|\./?|\./\*|\.\.(?:/\S*)?|\.git/?|\.\[!\.\]\*){_Q}$"
_ASSERTED = (
    r"^\s*(?:\w+::)*(?:debug_)?(?:assert|prop_assert|ensure)\w*!?\s*\(|"
    r"^\s*(?:self\.|t\.|cls\.)?assert\w*\b|\bexpect\w*\s*[({]|\b(?:require|assert)\.\w+\(|"
    r"\.(?:toBe|toEqual|toMatch|toThrow|should)\w*\(|->assert\w+\("
)
"""What is only asked about: the command is a text that something must tell."""
_QUOTED = r"['\"`][^'\"`\n]*\brm\s+-\w*[rR]"
_RUNS = r"(?i)exec|system|spawn|subprocess|popen|\b(?:run|sh|bash|shell|eval|call)\w*\s*[({!\[`]"
_PUSH = r"\bgit['\",\s]+push\b"
_FORCED = (
    r"--force(?:[\s\"',)\]]|$)|[\s\"']-f[\s\"',)\]]|[\s\"']-f$|--mirror\b|[\s\"']\"?\+\S+:|"
    r"--delete\b|\s:(?:refs/)?\w[\w/]*\s*$|--prune\b"
)
_COMMENT = r"^[ \t]*(?:#|//)[ \t]"
_SAID = (
    r"^[ \t]*(?:-[ \t]+)?(?:(?:run|script)[ \t]*:[ \t]*)?(?:echo|printf|print|console\.\w+|"
    r"(?i:log(?:ger|ging)?)(?:\.\w+)?|Write-Host)[ (](?:[^|<>`$&;\\\n]|\$[^(\n]|\\n)*$|"
    r"^[ \t>*_#/|-]*(?:\d+\.[ \t*_]*)?(?i:never|do not|don'?t|avoid|must not)\b"
    r"(?:[ *_]+(?i:ever|run|use|running|using|pass|passing|call|do|execute|try))*"
    r"[ *_]+[`\"']?\w+[ ][^;&|]*$"
)
"""What is only shown to somebody, nothing on the line hands it on, or what is forbidden."""
_OF_FOLDERS = r"\bgit\s+clean\s+-\w+(?:\s+-\w+)*\s+(?:--\s+)?[\w./-]*\w"
"""A cleaning that names its folders."""
_STARTS = r"(?i)\b(?:os\.system|system|popen|exec\w*|spawn\w*|subprocess\S*|eval)\s*[(!\[`]"
"""What hands a text to a shell."""
_TESTS = r"(?i)(?:^|[-_.])(?:tests?|spec|conftest|fixtures?)(?:[-_.]|$)"
_INJECTED = r"['\"`][^'\"`\n]*(?:[;|&\n]|\$\(|\\n)\s*(?:sudo\s+)?rm\s+-"
_KINDS: tuple[tuple[str, Severity | None, str], ...] = (
    (_ROOT, Severity.HIGH, "deletes everything below a root or a home"),
    (_PASSING, None, ""),
    (_HOME, Severity.MEDIUM, "deletes what somebody keeps in a home folder"),
    (_SYSTEM, Severity.MEDIUM, "deletes a folder of the whole system"),
    (_BELOW_PASSING, None, ""),
    (
        _BELOW,
        Severity.MEDIUM,
        "deletes everything below a variable: below the root where it is empty",
    ),
    (_EVERYTHING, Severity.MEDIUM, "deletes everything where it runs, or the history kept there"),
    (_OWN_VARIABLE, Severity.LOW, "deletes what a variable names"),
    (_VARIABLE, Severity.MEDIUM, "deletes what a variable names, with all below it"),
)
"""What a target may look like, the first that fits decides: how much it is, what to say."""


def check(view: View) -> Iterator[Hit]:
    """Look at what each recursive deletion names."""
    for file in view.where(_RM, side=Side.NEW):
        if not file.labels.isdisjoint(ACTED_ON):
            for line in file.new(_RM):
                yield from _deletions(file, line)
    for file in view.where(_PUSH, side=Side.NEW):
        if not file.labels.isdisjoint(ACTED_ON):
            yield from _pushes(file)


def _pushes(file: FileView) -> Iterator[Hit]:
    """Tell forced pushes that were not there before in other words."""
    forced = expression(_FORCED)
    was = any(forced.search(line.whole) for line in file.gone(_PUSH))
    for line in anew(file, _PUSH) if was else file.new(_PUSH):
        if forced.search(line.whole):
            yield _hit(file, line, "rewrites or deletes shared history", Severity.MEDIUM)


def _deletions(file: FileView, line: Line) -> Iterator[Hit]:
    """Tell the widest target of one command line."""
    if b"--no-preserve-root" in line.whole:
        yield _hit(file, line, "deletes everything below the root", Severity.HIGH)
        return
    commands = expression(_TARGETS).finditer(line.whole[:4_000])
    targets = {bytes(one) for each in commands for one in expression(_TARGET).findall(each[2])}
    in_image = Label.CONTAINER in file.labels
    found = [kind for one in sorted(targets) if (kind := _kind(one, in_image=in_image))]
    if found and not _is_asked_about(line):
        severity, message = max(found, key=lambda kind: list(Severity).index(kind[0]))
        if expression(_COMMENT).search(line.whole) and Label.SOURCE in file.labels:
            severity = Severity.LOW
        if set_aside(file.labels) or _is_named_for_tests(file):
            most = Severity.LOW if _is_given(line) else Severity.MEDIUM
            severity = min(severity, most, key=list(Severity).index)
        yield _hit(file, line, message, severity)


def _is_asked_about(line: Line) -> bool:
    """Return whether the command is a text that an assertion is about, and nothing runs it."""
    if not all(expression(regex).search(line.whole) for regex in (_ASSERTED, _QUOTED)):
        return False
    return expression(_RUNS).search(line.whole) is None


def _is_named_for_tests(file: FileView) -> bool:
    """Return whether a file of source is one that tests, by its own name."""
    name = file.path.rpartition("/")[2].encode("utf-8", "replace")
    return Label.SOURCE in file.labels and expression(_TESTS).search(name) is not None


def _is_given(line: Line) -> bool:
    """Return whether the command is a text that a test gives or expects, and runs nowhere.

    Or it stands behind another in a text: what a test must refuse.
    """
    if expression(_STARTS).search(values(line.whole[:4_000])):
        return False
    found = expression(_RM).search(line.whole)
    return (found is not None and is_value(line.whole, found.start())) or (
        expression(_INJECTED).search(line.whole) is not None
    )


def _kind(target: bytes, *, in_image: bool) -> tuple[Severity, str] | None:
    """Return how much a target is, and what to say of it."""
    for regex, severity, message in _KINDS:
        if expression(regex).search(target):
            is_told = severity is not None and not (in_image and regex == _SYSTEM)
            return (severity or Severity.LOW, message) if is_told else None
    return None


def _hit(file: FileView, line: Line, message: str, severity: Severity) -> Hit:
    if expression(_SAID).search(line.whole):
        severity = Severity.LOW
    return Hit.at(file, line, message, severity=severity, discountable=True)


RULE = Rule(
    id="destructive-command",
    pathway=Pathway.DESTRUCTION,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="destroys what cannot be brought back",
    version=7,
    patterns=(
        Pattern(
            r"\bRemove-Item\b[^\n]*-Recurse|\b(?:rmdir|rd)\s+/[sS]|\bdel\s+/[sSfFqQ]|"
            r"\bformat\s+[A-Za-z]:|\bcipher\s+/w:|\b(?:Format-Volume|Clear-Disk|"
            r"Remove-Partition)\b",
            "deletes a whole tree on Windows",
            noted=_SAID,
            line=r"(?i)(?:[\s\"'][A-Z]:\\+(?:\*|Users|Windows|Program|\s|\"|'|$)|%USERPROFILE%|"
            r"\$env:(?:USERPROFILE|HOME|SystemDrive|ProgramFiles|APPDATA|[A-SU-Z]\w*\s+-)|"
            r"\bformat\s|cipher\s+/w|Format-Volume|Clear-Disk|Remove-Partition|"
            r"\$(?:HOME|\w+)[\\/]\*)",
            only=ACTED_ON,
        ),
        Pattern(
            r"-delete\b|-exec\s+(?:sudo\s+)?(?:rm|shred)\b|\bxargs\b[^\n]*\brm\b",
            "deletes whatever a search finds",
            noted=_SAID,
            line=r"\bfind\s+(?:-\w+\s+)?[\"']?(?:/(?:\s|etc|usr|var/(?:log|lib|www)|home|root|opt|"
            r"srv)|~|\$\{?HOME)|\bls\b[^\n]*\|[^\n]*xargs[^\n]*\brm\b",
            only=ACTED_ON,
        ),
        Pattern(
            r"-auto-approve\b|--yes\b|--assume-yes\b|--no-confirm\w*|"
            r"--skip-(?:confirm\w*|preview)|--auto-confirm\b|--yes-i-really\S*|"
            r"\bconfirm['\"]?[ \t]*[:=][ \t]*false\b",
            "nobody is asked before something is destroyed",
            noted=_SAID,
            line=r"(?i)[\s'\"(|:_-](?:destroy|teardown|tear-down|delete|drop|purge|prune|reset|"
            r"nuke|wipe|uninstall)\b",
            only=ACTED_ON,
            never=frozenset({Label.TEST}),
        ),
        Pattern(
            r"\.push\([^\n]*force\s*=\s*True|\.push\([^\n]*['\"](?:--force|-f)['\"]|"
            r"\bPushOptions\{[^\n]*Force:\s*true|\bsetForce\(\s*true|"
            r"updateRef\([^\n]*force:\s*true|\bgit['\",\s]+(?:filter-branch|filter-repo)\b|"
            r"\bbfg\b[^\n]*--(?:delete|strip|replace)",
            "rewrites or deletes shared history",
            only=ACTED_ON,
        ),
        Pattern(
            r"\bgit['\",\s]+(?:clean['\",\s]+-\w*[fdx]|reset['\",\s]+--hard|stash['\",\s]+(?:drop|"
            r"clear)|checkout['\",\s]+(?:-f|--force|--\s+\.|\.)[\s\"']?$|update-ref['\",\s]+-d|"
            r"branch['\",\s]+-D['\",\s]|worktree['\",\s]+remove['\",\s]+--force)|"
            r"\.git\.(?:reset\(\s*['\"]--hard|clean\(\s*['\"]-\w*[fdx])|\bHardReset\b|"
            r"ResetType\.HARD|ResetType::Hard|ResetMode\.Hard",
            "throws away work that is not committed, or the branch that holds it",
            noted=f"{_SAID}|{_OF_FOLDERS}",
            only=frozenset(
                {Label.SCRIPT, Label.HOOK, Label.AGENT_INSTRUCTIONS, Label.BUILD, Label.SOURCE}
            ),
            never=frozenset({Label.TEST}),
        ),
        Pattern(
            r"\b(?:terraform|tofu|terragrunt|pulumi|cdk|cdktf|vagrant|sls|serverless|copilot|"
            r"sst)\s+(?:\S+\s+){0,3}(?:destroy|remove)\b|\bterraform\s[^\n]*-destroy\b|"
            r"\"destroy\",\s*\"-auto-approve|\bterraform\s+(?:state\s+rm|taint|force-unlock)\b|"
            r"\bkubectl\s[^\n]*\bdelete\b|[\"']kubectl[\"'],[^\n]*[\"']delete[\"']|"
            r"\boc\s+delete\b|\bhelm(?:file)?\s+(?:uninstall|delete|destroy)\b|\bargocd\s+app\s+delete\b|"
            r"\beksctl\s+delete\b|\bvelero\s+backup\s+delete\b|\bflux\s+(?:delete|uninstall)\b",
            "destroys infrastructure",
            noted=_SAID,
            only=ACTED_ON,
            never=frozenset({Label.TEST}),
        ),
        Pattern(
            r"\baws\s+[\w-]+\s+(?:delete|terminate|purge|batch-delete|deregister|schedule-key)-|"
            r"\baws\s+s3\s+(?:rb|rm)\s[^\n]*(?:--recursive|--force)|"
            r"\baws\s+s3\s+sync\s[^\n]*--delete\b|"
            r"\bgsutil\s+(?:-m\s+)?(?:rm\s+-\w*[ra]|rb|rsync\s[^\n]*-d)\b|"
            r"\bgcloud\s[^\n]*\sdelete\b|\bgcloud\s+storage\s+rm\b|\bbq\s+rm\b|"
            r"\bheroku\s+(?:pg:reset|apps:destroy|addons:destroy)|"
            r"\bfly(?:ctl)?\s+(?:apps|volumes|pg|machine)\s+destroy|"
            r"\bwrangler\s+(?:delete|r2\s[^\n]*delete)|"
            r"\bfirebase\s[^\n]*(?:firestore|database|projects):(?:delete|remove)|"
            r"\bmc\s+r[mb]\s+(?:--?\w[\w-]*\s+)*--force\b|\brclone\s+(?:purge|delete|sync)\b|"
            r"\bs3cmd\s+(?:del|rb)\b|"
            r"\bvault\s+(?:kv\s+(?:destroy|metadata\s+delete)|secrets\s+disable)|"
            r"\betcdctl\s+del\b|\bconsul\s+kv\s+delete\b|"
            r"\bgh\s+(?:repo|release|run|secret|cache)\s+delete\b|"
            r"\bRemove-(?:Az|EC2|S3|RDS|GC|AD|VM|SPO|Mg)[A-Z]\w+|\bgh\s+api\s[^\n]*-X\s*DELETE",
            _IN_THE_CLOUD,
            noted=_SAID,
            only=ACTED_ON,
            never=frozenset({Label.TEST}),
        ),
        Pattern(
            r"\b(?:az|doctl)\s+[a-z][a-z-]*\s",
            _IN_THE_CLOUD,
            noted=_SAID,
            line=r"\b(?:az\s[^\n|]*\s(?:delete|purge|delete-batch)|doctl\s[^\n]*\s(?:delete|destroy))\b",
            only=ACTED_ON,
            never=frozenset({Label.TEST}),
        ),
        Pattern(
            r"\b(?:npm|pnpm|yarn)\s+(?:npm\s+)?unpublish\b|\bcargo\s+yank\b|\bgem\s+yank\b|"
            r"uses:\s*[\"']?[\w.-]+/[\w.-]*(?:delete-package|delete-workflow-runs|ghcr-cleanup|"
            r"delete-tag|delete-release|delete-artifact|container-retention)[\w.-]*",
            "takes away what was published, or the record of past runs",
            only=ACTED_ON,
        ),
        Pattern(
            r"\b(?:docker|podman|nerdctl)\s+(?:(?:system|volume|image|container|builder|buildx|"
            r"network)\s+(?:prune|rm)|rmi)\b|"
            r"\b(?:docker|podman)[\s-]compose\s[^\n]*\bdown\s[^\n]*(?:-v\b|--volumes|--rmi)|"
            r"\b(?:docker|podman)\s+rm\s[^\n]*\$\(|\bcrictl\s+rmi\b|\bctr\s[^\n]*images\s+rm\b|"
            r"uses:\s*[\"']?[\w.-]+/[\w.-]*(?:free-disk-space|maximize-build-space|"
            r"disk-space-reclaimer|cleanup-disk|disk-cleanup)",
            "deletes images, volumes or tools of the whole machine",
            noted=_SAID,
            line=r"prune|\brmi\b|\s(?:-f|-v|--force|--volumes|--rmi)\b|volume\s+rm|\$\(|uses:",
            only=ACTED_ON,
            never=frozenset({Label.TEST}),
        ),
        Pattern(
            r"\bdd\s[^\n]*\bof=/dev/(?:sd|nvme|vd|xvd|disk|mmc|hd|mapper|md)|"
            r"\bmkfs(?:\.\w+)?\s+[^\n]*/dev/|\bwipefs\b|\bshred\s+(?:-\S+\s+)*[^\n]*/|"
            r">\s*/dev/(?:sd|nvme\d|vd|hd)[a-z0-9]*\b|\bsgdisk\s+(?:-Z|--zap)|\bblkdiscard\b|"
            r"\bhdparm\s[^\n]*--security-erase|\bz(?:fs|pool)\s+destroy\b|\b(?:lv|vg|pv)remove\b|"
            r"\bbtrfs\s+subvolume\s+delete\b|\bcryptsetup\s+(?:luksErase|erase)|\bdiskpart\b|"
            r"\bdiskutil\s+(?:erase|zero|partition)|:\(\)\s*\{\s*:\|:&\s*\};:",
            "overwrites or takes apart a disk",
            severity=Severity.HIGH,
            only=ACTED_ON,
        ),
        Pattern(
            r"\bvssadmin\s+delete\b|\bwbadmin\s+delete\b|\bwmic\s+shadowcopy\s+delete|"
            r"\bbcdedit\s[^\n]*(?:recoveryenabled\s+no|ignoreallfailures)|"
            r"\btmutil\s+(?:delete|disable)|\brestic\s+forget\b|\bborg\s+(?:delete|prune)\b|"
            r"\bpgbackrest\s[^\n]*(?:expire|stanza-delete)|\bwal-g\s+delete\b|\bbarman\s+delete\b",
            "deletes backups, or the means of recovery",
            severity=Severity.HIGH,
            only=ACTED_ON,
        ),
        Pattern(
            r"\bkillall\b|\bpkill\s|\btaskkill\b|\bStop-Process\b|\bscancel\s|\bkill\s+-9\s+-1\b|"
            r"\bfuser\s+-\w*k|[\"'](?:pkill|killall)[\"']|"
            r"\bdocker\s+(?:kill|stop)\s+\$\$?\(",
            "kills more than its own processes",
            noted=_SAID,
            line=r"\bkillall[\"']?,?\s+[\"']?[-\w.$]|"
            r"\bpkill[\"']?,?\s+(?:[\"']?-\S+,?\s+)*[\"']?[\w.$]|(?i:taskkill)\b[^\n]*/(?i:IM)\b|"
            r"Stop-Process\b[^\n]*-Name|Get-Process\b[^\n]*Stop-Process|\bscancel\s+(?:-u|--user)|"
            r"\bkill\s+-9\s+-1|\bfuser\s+-\w*k|\$\$?\(",
            only=frozenset({*_SHELL, Label.CONTAINER, Label.MANIFEST}),
        ),
        Pattern(
            r"\bos\.kill(?:pg)?\(\s*-1\b|\bkill\(\s*-1\s*,|\bkill\s+-(?:9|KILL)\s+-1\b",
            "kills more than its own processes",
            noted=_SAID,
            only=ACTED_ON,
        ),
    ),
    added_triggers=(_RM, _PUSH),
    check=check,
)
