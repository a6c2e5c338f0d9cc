r"""A program that behaves differently for some people, machines or days.

What it flags
    Added conditions on who or where the user is, other than to speak his language: a
    country's domain or time zone, a looked-up location, a named host or user. High where
    the lines below do harm: they disable the page, play, delete, end, download or execute
    something. A condition on a fixed date, or on the time since the first use, only where
    it guards such harm, which is high. Also harm that is added to a piece that had such a
    condition.

Why it matters
    Protestware and logic bombs are harmless wherever they are tested: the reviewer is in
    the wrong country, or the day has not come.

How to review it
    Ask who will see the other branch, and why only they.
    Run the branch by hand, with the clock or the locale set to meet the condition.

Not flagged
    Translations and formats chosen by language, expiry of caches and sessions, feature
    flags, checks for localhost or root; the harm that a test does.

Seen in
    ATT&CK T1480 (execution guardrails), T1614 (system location discovery); CWE-511 (logic
    or time bomb); peacenotwar in node-ipc (CVE-2022-23812), sweetalert2 from 11.6.14 on,
    es5-ext from 0.10.54 on (all 2022).
"""

from collections.abc import Iterator, Sequence

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import Capability, FileView, Hit, Rule, Stability, View, expression
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.flow import uses
from reviewqueue.scan.structure.kinds import is_code
from reviewqueue.scan.structure.near import lines_in, numbered, stands_in
from reviewqueue.scan.structure.pairs import finds

_LOCALE = (
    r"navigator\.(?:user)?languages?\b|\bresolvedOptions\(\)\.timeZone|\blocation\.host(?:name)?\b|"
    r"\bdocument\.domain\b|\bgetDefaultLocale|\blocale\.getdefaultlocale|\btime\.tzname\b|"
    r"\bTimeZoneInfo\.Local\b|\bTimeZone\.getDefault\(|\bLocale\.getDefault\(|"
    r"\bCultureInfo\.(?:Current|Installed)\w*|\bget_localzone\b|\bGetKeyboardLayout|"
    r"\bGetUserDefaultLangID|\bGetSystemDefaultLangID|\bGetUserDefaultLCID|"
    r"\bgetTimezoneOffset\s*\(|\btime\.(?:timezone|altzone)\b|\bdate_default_timezone_get\b|"
    r"/etc/timezone\b|\btimedatectl\b|\.Now\(\)\.Zone\(\)|\bTime\.now\.zone\b|\b(?:ENV|env|environ|getenv)\b[.(\['\"]{1,7}"
    r"(?:get\(['\"])?(?:LANG|LC_ALL|LC_MESSAGES|LANGUAGE|TZ)\b|\$\{?(?:LANG|LC_ALL|TZ)\b"
)
_LOOKED_UP = (
    r"(?i)\b(?:ip-?api\.com|ipgeolocation\.io|ipinfo\.io|ipapi\.co|freegeoip|geoip2?|geolite|"
    r"ipwho\.is|geoip_\w+|ip2location|maxmind|country_?(?:code|name))\b"
)
_NAMED = (
    r"\bgetpass\.getuser\s*\(\)|\bos\.getlogin\s*\(\)|\buserInfo\(\)\.username|\bEnvironment\."
    r"(?:UserName|MachineName|UserDomainName)\b|\bos\.hostname\s*\(\)|\bgethostname\s*\(|"
    r"\bplatform\.node\s*\(\)|\bos\.Hostname\s*\(\)|\buser\.Current\s*\(\)|"
    r"\bgetProperty\s*\(\s*\"user\.(?:name|country|language|timezone)\"|\bgetLocalHost\(\)|"
    r"\bGetIPGlobalProperties\b|\$\((?:hostname|whoami)[^)]*\)|\$\{?(?:USERDOMAIN|COMPUTERNAME)\b|\buname\(\)\.nodename"
)
_DATED = (
    r"\b(?:datetime(?:\.datetime)?\.(?:now|utcnow|today)|date\.today|Date\.now|time\.time|"
    r"new\s+Date|LocalDate(?:Time)?\.now|Instant\.now|time\.Now|Time\.now|Date\.today|"
    r"DateTime\.now|System\.currentTimeMillis|mktime)\s*\([^()\n]*\)|"
    r"\blocaltime(?:_r)?\s*\(|->\s*tm_(?:hour|wday|mday|mon|year)\b|"
    r"(?i:\b(?:now|getdate)\s*\(\s*\)|\bcurrent_(?:date|timestamp)\b|\bsysdate\b)\s*[<>]|"
    r"\btime\(\)|\bDateTime\.(?:Utc)?Now\b|\$\(date\s|\bDate\.parse\s*\(|\bSystemTime::now\(\)|\bUtc::now\(\)"
)
_BEFORE_OR_AFTER = (
    r"(?:[<>]=?|===?|-g[te]|-l[te]|-eq)\s*(?:\(?\s*(?:datetime(?:\.date(?:time)?)?|date|new\s+Date|DateTime|"
    r"Date\.UTC|Date\.parse|LocalDate\.of|time\.Date|Time\.(?:new|mktime|at))\s*\(\s*['\"]?\d|"
    r"['\"]?20\d\d-?\d\d|1[5-9]\d{8}|2\d{9}|1[5-9]\d{11})|"
    r"\.CompareTo\s*\(|->\s*tm_\w+\s*(?:[<>]=?|==)\s*\d|"
    r"\.(?:isAfter|isBefore|After|Before|after|before)\s*\(\s*(?:LocalDate\.of|time\.Date|"
    r"new\s+Date|datetime|Instant\.parse)\s*\(|"
    r"\.(?:getDay|getDate|getMonth|getFullYear|getHours|month|day|year|weekday|hour)\w*\s*"
    r"(?:\(\))?\s*(?:[<>=!]==?|[<>])\s*\d"
)
_SINCE_FIRST = (
    r"\b(?:86400|8\.64e7|86_?400_?000)\b|"
    r"24\s*\*\s*(?:3600|36e2)\b|60\s*\*\s*(?:60\s*\*\s*)?24|24\s*\*\s*60|timedelta\s*\(\s*days"
)
_SINCE = r"[<>]=?\s*\d"
_TONGUE = (
    r"[\"'](?:ru|be|uk|zh|fa|he|ar|ko|kk|ka|uz)[_-](?:[A-Z]{2}[\"'.]|[\"'*])|"
    r"[ =](?:ru|be|uk|zh|fa|he|kk)_(?:[A-Z]{2}\b|\*)"
)
"""A language of a country, not merely a language."""
_TLD = r"\\?\.\(?\s*(?:(?:ru|su|by|ua|cn|ir|il|kp|sy|cu|us)\b[|)'\"/$]|xn--)|\bxn--[a-z0-9]{4}"
_ZONE = r"['\"/^\[|(](?:Europe|Asia|America|Africa|Australia)/[A-Z]"
_OWN_ZONE = (
    r"\bresolvedOptions\(\)\.timeZone|\bTimeZone\.getDefault\(|\btime\.tzname\b|"
    r"\bgetTimezoneOffset\s*\(|\.Now\(\)\.Zone\(\)|\bTime\.now\.zone\b"
)
_OFFSET = (
    r"(?:getTimezoneOffset\s*\(\)|\btime\.(?:timezone|altzone))\s*[!=]==?\s*-?[1-9]\d|"
    r"[!=]==?\s*-[1-6]\d\d\b|[\[,(]\s*-(?:120|180|210|240|270|300|330|480)\s*[,\])]|"
    r"['\"](?:MSK|MSD|SAMT|YEKT|NOVT|IRST|IRDT|KST)['\"]|"
    r"[!=]==?\s*0x0?(?:419|422|423|804|429|40[dD])\b"
)
"""A time zone, by its distance or its letters."""
_SOME_ZONES = 3
_COUNTRY = (
    r"(?i)country\w*['\")\]\s.]*(?:===?|!==?|\bin\b|\.(?:toLowerCase\(\)\.)?(?:includes|equals|"
    r"match|startsWith|indexOf|toLowerCase))|(?:===?|\.includes\s*\()\s*['\"](?:russia|belarus|"
    r"ukraine|china|iran|israel|RU|BY|UA|CN|IR|IL|KP)['\"]"
)
_IS_NAMED = (
    r"(?:===?|!==?|=~|\bin\b|\.(?:includes|startsWith|startswith|endsWith|endswith|match|test|"
    r"contains|equals|equalsIgnoreCase)\s*\(|\bstrings\.(?:Contains|HasPrefix)\s*\()\s*"
    r"[\[({]?\s*(?:['\"/]\w)|['\"][\w.-]{3,}['\"]\s*\)?\s*(?:===?|\bin\b)"
)
_ENDS = (
    r"(?:HasSuffix|HasPrefix|Contains|IsMatch|matches|find|contains|match)\s*\([^\n]*"
    r"[\"'`/][\w.(^-]"
)
_ORDINARY_NAME = r"(?i)['\"](?:root|localhost|127\.|administrator|runner|0\.0|nobody|www-data)|SUDO"
_HARM = (
    r"pointerEvents\s*=|\.play\s*\(|createElement\s*\(\s*['\"](?:audio|video|script|iframe)|"
    r"document\.(?:body|documentElement)\.(?:innerHTML|remove|style)|document\.write|\balert\s*\(|"
    r"process\.(?:exit|kill|abort)|sys\.exit|os\._exit|\bexit\s*\(|\brmtree\s*\(|\brm\s+-|"
    r"(?:unlink|rmdir|rm|writeFile|truncate)(?:Sync)?\s*\(|RemoveAll\s*\(|os\.remove|"
    r"sendBeacon|\bDELETE\s+FROM\b|\bUPDATE\s+\w+\s+SET\b|\bsystem\s*\(|\bcurl\s|\bwget\s|\bbeacon\s*\(|"
    r"File\.Delete|Directory\.Delete|\bexec\w*\s*\(|\beval\s*\(|os\.system|subprocess\.|spawn\w*\s*\(|"
    r"while\s*\(?\s*(?:true|True|1|!0)\b|for\s*\(\s*;;|shutdown|mkfs|DROP\s+TABLE|"
    r"Runtime\.getRuntime|Process\.Start|(?:panic|fatal)\w*!?\s*\("
)
_PLACE = (
    rf"{_TLD}|{_ZONE}|{_TONGUE}|{_OFFSET}|"
    r"\b(?:Moscow|Minsk|Kiev|Kyiv|Tehran|Shanghai|Pyongyang)\b"
)
_CONDITIONS = (
    (_LOCALE, _PLACE, "behaves differently in one country", Severity.MEDIUM),
    (_LOOKED_UP, _COUNTRY, "behaves differently in one country", Severity.MEDIUM),
    (
        _NAMED,
        _IS_NAMED,
        "behaves differently on a named machine or for a named user",
        Severity.MEDIUM,
    ),
    (_DATED, _BEFORE_OR_AFTER, "behaves differently from a fixed day on", None),
    (_SINCE_FIRST, _SINCE, "waits some days before it acts", None),
)
"""What is asked, which answer it takes, the words, and what it weighs where it does no harm."""
_GUARD = rf"(?:{_LOCALE})[^\n]*(?:{_TLD}|{_ZONE})|(?:{_NAMED})[^\n]*(?:===?|\bin\b)\s*['\"]"
_DISRUPTS = r"pointerEvents\s*=|\bcreateElement\s*\(\s*['\"]audio|\.play\(\)"
_BRANCHES = (
    r"(?i)\b(?:if|elif|elsif|unless|when|while|switch|case|until)\b|&&|\|\||\?\s|return\b|\[\["
)
_LONGEST = 2_000
"""Bytes of a line beyond which it is generated text, no condition somebody wrote."""
_NEAR = 12
"""Lines below a condition in which harm counts as guarded by it."""


def check(view: View) -> Iterator[Hit]:
    """Mark conditions on place, person or time; worse, where they guard harm."""
    for trigger, refined, message, severity in _CONDITIONS:
        for file in view.where(trigger, side=Side.NEW):
            if _is_looked_at(file):
                yield from _conditions(file, trigger, refined, message, severity)
    yield from _by_several_lines(view)


def _by_several_lines(view: View) -> Iterator[Hit]:
    """Mark what several lines together make depend on place, person or time."""
    for file in view.where(_DISRUPTS, side=Side.NEW):
        if _is_looked_at(file):
            yield from _guarded(file)
    for file in view.where(_NAMED, _OWN_ZONE, side=Side.NEW):
        if _is_looked_at(file):
            yield from _asked_later(file)
    for file in view.where(_OWN_ZONE, side=Side.NEW):
        if _is_looked_at(file) and file.matches(_ZONE, Side.NEW) >= _SOME_ZONES:
            for line in file.new(_OWN_ZONE):
                message = "compares the user's time zone with a list of places"
                yield Hit.at(file, line, message, severity=Severity.MEDIUM, discountable=True)


def _asked_later(file: FileView) -> Iterator[Hit]:
    """Mark conditions on what a line above found out about the machine or the user."""
    fits, ordinary = expression(rf"{_PLACE}|{_IS_NAMED}|{_ENDS}"), expression(_ORDINARY_NAME)
    found = [
        use
        for use in uses(file, rf"{_NAMED}|{_OWN_ZONE}", _BRANCHES)
        if fits.search(use.text) and not ordinary.search(use.text)
    ]
    harmful = _harmful(file) if found else ()
    for use in found:
        told = f"behaves differently for what line {use.source} finds out about the machine"
        severity = Severity.HIGH if _does_harm(use.number, harmful) else Severity.MEDIUM
        yield Hit.on(file, use.number, use.text, told, severity=severity, discountable=True)


def _is_looked_at(file: FileView) -> bool:
    return is_code(file) and Label.VENDORED not in file.labels and Label.SOURCE in file.labels


def _conditions(
    file: FileView, trigger: str, refined: str, message: str, severity: Severity | None
) -> Iterator[Hit]:
    found = [line for line in file.new(trigger) if _is_condition(line.whole, refined)]
    harmful = _harmful(file) if found else ()
    for line in found:
        if line.number is not None and _does_harm(line.number, harmful):
            worse = Severity.HIGH
            yield Hit.at(file, line, f"{message}, and does harm there", severity=worse)
        elif severity:
            yield Hit.at(file, line, message, severity=severity, discountable=True)


def _is_condition(text: bytes, refined: str) -> bool:
    """Return whether somebody wrote a condition that takes one answer, and no ordinary one."""
    if len(text) > _LONGEST or is_comment(text) or not finds(refined)(text):
        return False
    return not finds(_ORDINARY_NAME)(text) and finds(_BRANCHES)(text)


def _harmful(file: FileView) -> list[int]:
    """Return the numbers of the added lines that do harm; what a test does harms nobody."""
    if Label.TEST in file.labels:
        return []
    does_harm = finds(_HARM)
    return [number for number, text in file.added_lines() if does_harm(text)]


def _does_harm(condition: int, harmful: Sequence[int]) -> bool:
    """Return whether one of the harmful lines stands right below a condition's line."""
    return stands_in(harmful, range(condition, condition + _NEAR))


def _guarded(file: FileView) -> Iterator[Hit]:
    """Mark what disrupts, where the unchanged text around it asks for a place or a person."""
    guard = expression(_GUARD)
    guarded = False
    disrupting = numbered(file.new(_DISRUPTS))
    for _, start, lines in file.hunks():
        if any(line[:1] != b"-" and guard.search(line) for line in lines):
            guarded = True
            for _, line in lines_in(disrupting, range(start, start + len(lines))):
                yield Hit.at(
                    file,
                    line,
                    "disrupts the page for people of one country, machine or name only",
                    severity=Severity.HIGH,
                )
    if not guarded:
        yield from _late(file)


def _late(file: FileView) -> Iterator[Hit]:
    """Mark what disrupts the page, where the file newly counts days."""
    if not any(expression(_SINCE).search(line.whole) for line in file.new(_SINCE_FIRST)):
        return
    for line in file.new(_DISRUPTS):
        yield Hit.at(file, line, "disrupts the page, but only after some days of use")


RULE = Rule(
    id="acts-only-for-some",
    pathway=Pathway.BACKDOOR,
    severity=Severity.HIGH,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    version=4,
    summary="behaves differently for some people, machines or days",
    capability=Capability.HIDES,
    added_triggers=(*(trigger for trigger, *_ in _CONDITIONS), _DISRUPTS, _OWN_ZONE),
    check=check,
)
