r"""A limit on what may be asked of a program, taken off.

What it flags
    What stops reading, running or answering after so much (a reader with a maximum, a rate
    limiter, a bounded channel) that goes with nothing in its place; a limit set to none in
    words of its own (`client_max_body_size 0`, `DefaultBodyLimit::disable`, `memory_limit
    -1`, `MAX_IMAGE_PIXELS = None`); a limit that had a figure by default and has none now;
    a maximum written as a power of two that grows; a figure of a refusal that goes up, or of
    any limit under a title that says so; a quota, a rate limit or a limit of cost in settings
    that grows to a multiple; the limits of a container, a service or a namespace that are
    removed, also from the command that starts it.

Why it matters
    A limit is what turns a hostile or broken input into an error message. Without it one
    request takes the memory, the disk or the time of everybody.

How to review it
    Ask how much a stranger can send now, and what happens then.
    Look for the limit in front of the program that is meant to take over.

Not flagged
    Limits that move, or give way to another in the same file; tests; other figures that
    merely change (`safety-threshold-changed` compares them).

Seen in
    CWE-770 (allocation of resources without limits or throttling), CWE-400; ATT&CK T1499
    (endpoint denial of service).
"""

from collections.abc import Iterator, Mapping

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.effects.quotas import QUOTAS, raised
from reviewqueue.scan.rule import FileView, Hit, Rule, Stability, View, expression
from reviewqueue.scan.structure.disappeared import Disappeared, disappeared
from reviewqueue.scan.structure.hunks import numbered
from reviewqueue.scan.structure.pairs import Pair, changed_tokens, pairs_losing

_WRAPS = (
    r"\b(?:MaxBytes(?:Reader|Handler)|Limit(?:ed)?Reader|LimitListener|Bounded(?:Input|"
    r"Output)?(?:Stream|Reader)|"
    r"Limit(?:ed|ing)?InputStream|ByteStreams\.limit|RequestBodyLimit\w*|DefaultBodyLimit|"
    r"SizeLimit(?:ed|er|ing)\w*|SizeLimitAttribute|RequestSizeLimit|TimeoutHandler|limit_?reader|"
    r"bounded_?(?:read|reader|stream)|rate_?limit(?:er|ed)?[ \t]*\(|RateLimit(?:er|ing|Guard|ed)\b|"
    r"rateLimit[ \t]*\(|[tT]hrottler?Guard|throttle_classes|UserRateThrottle|loginLimiter|"
    r"[a-z]\w*Limiter\b,)|\.take\([ \t]*(?:\w+[.:]+)*\w*(?i:max|limit)\w*|"
    r"@(?:limiter|ratelimit|rate_limit|throttle)\b"
)
"""What stops after so much."""
_NONE = (
    r"(?i)\bclient_max_body_size[ \t]+0|\bmax_execution_time['\",= \t]+0\b|"
    r"\bset_time_limit\([ \t]*0\b|\bmemory_limit['\",= \t]+-1|"
    r"\bset_int_max_str_digits\([ \t]*0|\bulimit[ \t]+-\w[ \t]+unlimited|"
    r"\bDisableRequestSizeLimit|\bDefaultBodyLimit::disable|\blength:[ \t]*:infinity|"
    r"\bhuge_?tree[ \t]*=[ \t]*true|\b(?:XML_PARSE_HUGE|LIBXML_PARSEHUGE)\b|"
    r"\bMAX_IMAGE_PIXELS[ \t]*=[ \t]*None|\bfield_size_limit\([ \t]*sys\.maxsize|"
    r"\bentityExpansionLimit\b[^\n]*['\"]0['\"]|\bLimitRequest\w+[ \t]+0\b|"
    r"\b(?:disable|skip|bypass|ignore|without)_?(?:\w+_)??(?:rate_?limit\w*|throttl\w*|quotas?|"
    r"size_?limits?)['\"]?[ \t]*[:=][ \t]*['\"]?(?:true|yes|1)\b|"
    r"\b(?:enable|enforce|use)_?(?:\w+_)??(?:rate_?limit\w*|throttl\w*|quotas?|size_?limits?)"
    r"['\"]?[ \t]*[:=][ \t]*['\"]?(?:false|no|0)\b|"
    r"\b(?:rate_?limit\w*|throttling|quota)_?enabled['\"]?[ \t]*[:=][ \t]*['\"]?(?:false|no|0)\b"
)
"""No limit, in the words of a tool, or by the grammar of a name."""
_DEFAULT = (
    r"(?i)(?:limit|quota|max_\w+|_max)['\"]?[\])]*[ \t]*(?:\|\||\?\?|\bor\b|,|:-)[ \t]*['\"]?\d"
)
"""A limit that has a figure where nobody sets one."""
_NAME = r"(?i)\w*(?:limit|quota|max)\w*"
_POWER = r"<<[ \t]*(\d{1,2})\b"
_ITEMS = r"(?:chars|iter\w*|lines|bytes|map|filter|rev|skip|keys|values|windows)\([^\n]*\)\.take\("
"""Takes the first of some things, and limits nobody."""
_OPEN = r"(?:\|\||\?\?|\bor|[,(+])[ \t]*$"
_BOUNDS = r"(?i)limit|max|quota|size"
_COMPARED = r"[<>]=?[ \t]*\d[\d_]{2,}\b"
_NAMED = (
    r"(?i)(?:limit|max|quota|per_(?:minute|hour|day))\w*['\"]?\]?[ \t]*(?:=>|[:=(,]|"
    r":-)[ \t]*['\"]?\d|"
    r"\.default\([ \t]*\d"
)
_REFUSES = (
    r"(?i)\b(?:throw|raise|panic|abort|bail|reject|return\b[^\n]*(?:err|false|none|null|nil|4\d\d|"
    r"too|limit|exceed|invalid)|errorf?|fail\w*|deny|exceed\w*|too[ _](?:many|large|long|big))"
)
_RAISES = (
    r"(?i)\b(?:increas|rais|lift|relax|doubl|bump|allow more|higher|extend|"
    r"loosen)\w*\b[^:]*(?:\b|_)"
    r"(?:limits?|quotas?|max(?:imum)?|throttl\w*|rate|ceiling|cap|size|length|depth)(?:\b|_)"
)
"""Says of itself that a limit goes up."""
_LOOPS = r"EvalBranchQuota|\b(?:for|while)\b|setTimeout|sleep|status|version"
"""Compares what is no limit on anybody."""
_AFTER = 3
"""Lines below a comparison in which it refuses."""
_HELD = (
    r"^[ \t]*limits:[ \t]*$|\bkind:[ \t]*(?:LimitRange|ResourceQuota)\b|"
    r"^(?:Memory(?:Max|High|Limit)|CPUQuota|TasksMax|LimitNOFILE|LimitNPROC)=|"
    r"^[ \t]*(?:mem_limit|memswap_limit|pids_limit):|\blimit_(?:req|conn)(?:_zone)?[ \t]+\S|"
    r"\bdocker[ ]+run\b[^\n]*--(?:memory|pids-limit|cpus|ulimit)\b|"
    r"\b(?:ulimit[ \t]+-[a-z]+[ \t]+\d|client_max_body_size[ \t]+[1-9])"
)
"""A limit of what runs something, or stands in front of it."""
_LIMITS = f"{_WRAPS}|{_HELD}"
_RISES = f"{_COMPARED}|{_NAMED}"
_FIGURES = f"{_RISES}|{_DEFAULT}|{_POWER}"
_NEVER = frozenset(
    {Label.DOCS, Label.LOCK, Label.GENERATED, Label.DATA, Label.VENDORED, Label.TEST}
)
_SETTINGS = frozenset({Label.CONFIG, Label.INFRASTRUCTURE, Label.CONTAINER, Label.SCRIPT})
_READ = _SETTINGS | {Label.SOURCE}
_SPEAKS = ("#", "//", "*", "/*", "import ", "from ", "use ", "using ")
_MUCH = 2
"""Powers of two by which a maximum grows before it is another one."""


def check(view: View) -> Iterator[Hit]:
    """Mark limits that go, and those that no longer limit."""
    files = [file for file in view.where(_LIMITS) if _counts(file)]
    for found in disappeared(files, _LIMITS):
        yield from _lost(found) if found.file.status == "M" else ()
    for file in filter(_counts, view.where(_NONE, side=Side.NEW)):
        for line in file.new(_NONE):
            if not line.text.startswith(_SPEAKS):
                severity = Severity.LOW if file.status == "A" else Severity.MEDIUM
                yield Hit.at(file, line, "a limit is set to none", severity=severity)
    title = view.subject.headline[:500].encode("utf-8", "replace")
    raises, bumps = expression(_RAISES), expression(r" from v?\d")
    told = raises.search(title) is not None and bumps.search(title) is None
    for file in filter(_counts, view.where(_FIGURES, side=Side.OLD)):
        if file.status == "M" and not file.labels.isdisjoint(_READ):
            yield from _raised(file, told=told)
    for file in filter(_counts, view.where(QUOTAS, side=Side.OLD)):
        if file.status == "M" and not told:
            yield from raised(file)


def _lost(found: Disappeared) -> Iterator[Hit]:
    """Tell what limited a program, and what limits it from outside."""
    wraps, items = expression(_WRAPS), expression(_ITEMS)
    for line in found.lost:
        if line.text.startswith(_SPEAKS) or items.search(line.whole):
            continue
        if wraps.search(line.whole) and Label.SOURCE in found.file.labels:
            message = "what limited how much is read, or asked, is taken off"
        elif not wraps.search(line.whole) and not found.file.labels.isdisjoint(_SETTINGS):
            message = "a limit of what runs this, or stands in front of it, is removed"
        else:
            continue
        yield Hit.at(found.file, line, message, side=Side.OLD)


def _counts(file: FileView) -> bool:
    return file.labels.isdisjoint(_NEVER)


def _raised(file: FileView, *, told: bool) -> Iterator[Hit]:
    """Tell figures that go, or go up: where they refuse, or where the title says so."""
    shown: dict[int, bytes] = {}
    for pair in pairs_losing(file, _FIGURES):
        if _has_no_figure(pair):
            message = "a limit that had a figure by default has none now"
        elif _is_larger(pair):
            message = "a maximum grows by powers of two"
        elif rise := _rise(pair):
            shown = shown or _shown(file)
            if not (told or _is_refusal(shown, pair)):
                continue
            was, now = rise[0].decode(), rise[1].decode()
            message = f"a limit that refuses is raised from {was} to {now}"
        else:
            continue
        yield Hit.on(file, pair.new_line, pair.new, message)


def _rise(pair: Pair) -> tuple[bytes, bytes] | None:
    """Return the first figure, before and after, where nothing changed but figures that grew."""
    if not expression(_RISES).search(pair.old) or expression(_LOOPS).search(pair.old):
        return None
    if not (expression(_NAME).search(pair.old) or expression(_COMPARED).search(pair.old)):
        return None
    changed = changed_tokens(pair)
    if changed.gone or changed.came or not all(map(_is_more, changed.numbers)):
        return None
    return changed.numbers[0] if changed.numbers else None


def _shown(file: FileView) -> dict[int, bytes]:
    """Return the lines of the new side by their numbers."""
    found = (line for hunk in file.hunks() for line in numbered(hunk))
    return {number: text for mark, number, text in found if mark != b"-"}


def _is_refusal(shown: Mapping[int, bytes], pair: Pair) -> bool:
    """Return whether a comparison with a figure, or what stands below it, refuses."""
    if not expression(_COMPARED).search(pair.old):
        return False
    refuses = expression(_REFUSES)
    below = range(pair.new_line, pair.new_line + _AFTER + 1)
    return any(refuses.search(shown.get(number, b"")) for number in below)


def _is_more(figures: tuple[bytes, bytes]) -> bool:
    """Return whether a figure's whole part grew."""
    was, now = (expression(r"^[\d_]{1,18}").search(figure) for figure in figures)
    if was is None or now is None:
        return False
    return int(now[0].replace(b"_", b"")) > int(was[0].replace(b"_", b""))


def _has_no_figure(pair: Pair) -> bool:
    """Return whether the same limit is still read, and nothing stands in for it."""
    if not expression(_DEFAULT).search(pair.old) or expression(rf"\d|{_OPEN}").search(pair.new):
        return False
    name = expression(_NAME)
    return frozenset(name.findall(pair.old)) == frozenset(name.findall(pair.new))


def _is_larger(pair: Pair) -> bool:
    """Return whether a bound's power of two grew to that of another one."""
    bounds, power = expression(_BOUNDS), expression(_POWER)
    if not (bounds.search(pair.old) and bounds.search(pair.new)):
        return False
    was, now = (
        max((int(found) for found in power.findall(text)), default=0)
        for text in (pair.old, pair.new)
    )
    return was > 0 and now >= was + _MUCH


RULE = Rule(
    id="limit-taken-off",
    pathway=Pathway.SAFETY_SABOTAGE,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="takes off a limit on what may be asked of a program",
    added_triggers=(_NONE,),
    removed_triggers=(_LIMITS, _FIGURES, QUOTAS),
    check=check,
    version=3,
)
