r"""An alert that speaks later, more softly, or of less.

What it flags
    A changed switch or figure of monitoring, shown old → new: thresholds, critical and
    warning levels, intervals, periods and attempts; fewer samples; an average or a
    smoothing put around what an alert looks at; a severity or a receiver that calls fewer
    people; alerts that are muted, paused or taken for healthy where there is no data. An
    expression that asks for one thing more, or looks at fewer things; how late or how old
    something may be, where the lines beside it speak of monitoring. The answers that a check
    of a service takes for healthy, where errors (401, 404, 500) come to be among them. A
    probe or a container's health check that drops one of its questions, that cannot fail, or
    that only looks whether a port is open; a function that answers one, and no longer says
    that the service is not well.

Why it matters
    An alert that still exists, and no longer fires, is missed by nobody until it is needed.

How to review it
    Ask which event of the last months would no longer have called anybody.
    Ask who chose the new figure, and from which measurements.

Not flagged
    Figures where neither line, block nor path speaks of monitoring; samples that become
    more; a term that only keeps an expression from dividing by zero; dashboards; prose and
    tests.

Seen in
    ATT&CK T1562.006 (indicator blocking) and T1562.001 (disable or modify tools).
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.effects.alert_terms import TERMS, narrowed
from reviewqueue.scan.effects.probes import ASKS, FAILS, asked_less
from reviewqueue.scan.rule import FileView, Hit, Rule, Stability, View, expression
from reviewqueue.scan.structure.openers import Openers
from reviewqueue.scan.structure.pairs import Pair, changed_tokens, exchanged, pairs_losing

_SUBJECTS = (
    r"(?i)monitor|alert|alarm|telemetry|tracing|sentry|datadog|prometheus|grafana|metrics?\b|"
    r"metric_|"
    r"_metric|watchdog|heartbeat|health_?-?check|probe\b|observab|otel\b|opentelemetry|guardduty|"
    r"cloudtrail|securityhub|flow_?logs?|anomaly|uptime|newrelic|pagerduty|insights|profiler|"
    r"appinsights|crash_?report|error_?report|incident|detector|tracer|sampl|log_?group|"
    r"log_?retention|"
    r"cloudwatch|audit_?log|icinga|nagios|zabbix|sensu|\bmonit|elastalert|sentinel|statping|"
    r"falco|wazuh|suricata|fail2ban|crowdsec|intrusion|fraud|\bsiem\b|sigma/|evaluator|"
    r"pingdom|statuscake|opsgenie|collectd|thanos|kapacitor|check_?mk|\[[\w.]*check|\bslos?\b|"
    r"\bdefine[ ](?:service|host)\b"
)
_SWITCH = (
    r"(?i)(?:freshness\w*|tolerance\w*|stale(?:ness|_after)\w*|max_?(?:age|lag|delay)\w*|"
    r"enabled?|disabled?|sampl\w*|rate|interval\w*|threshold\w*|muted?|paused?|is_?active|"
    r"evaluation_periods|datapoints_to_alarm|periodSeconds|failureThreshold|retention\w*|"
    r"safe_?count|default)['\"]?[ \t]*(?:[:=]+|=>)[ \t]*"
    r"['\"]?(?:-?\.?\d|true\b|false\b|on\b|off\b|yes\b|no\b)|"
    r"\.default\([ \t]*['\"]?(?:\d|true\b|false\b)|\bexpr:[ \t]|\bcondition[ ]val\b|"
    r"sampl(?:e_?r|ing_?r|e_?frac|ing_?p)\w*[^\n]*\d|^[ \t]*for:[ \t]*\d|"
    r"\b(?:critical|warning|crit|warn|num_events|max_check_attempts|max_attempts|timeframe)"
    r"['\"]?[ \t]*(?:=>|[:=])[ \t]*['\"]?[\d.]|\b(?:check_command|max_check_attempts)[ \t]|"
    r"<expression>|\bcycles[ \t]+then\b|target['\"]?[ \t]*(?:=>|[:=])[ \t]*['\"]|"
    r"(?-i:^[ \t]*(?:IF|FOR)[ \t])|\bANOMALY_DETECTION_BAND\(|\(last_\d+[mhdw]\)|\b(?:notif\w*|"
    r"executionErrorState|execErrState)"
    r"['\"]?[ \t]*(?:=>|[:=])[ \t]*['\"]?\w|"
    r"\b(?:severity|urgency|priority|receiver|treat_missing_data|"
    r"noDataState)['\"]?[ \t]*[:=][ \t]*['\"]?\w|"
    r"\b(?:max_?retry|find_?time|objective)\b['\"]?[ \t]*[:=]|\b\w+_interval[ \t]+\d|"
    r"\b(?:level|frequency|timeframe)=\"\d|"
    r"\bcondition:[^\n]*[<>]=?[ \t]*\d|\"params\":[ \t]*\[|"
    r"\benable_\w+['\"]?[ \t]*[:=][ \t]*['\"]?(?:true|false)\b"
)
"""A switch or a figure with its value, so that the search finds few lines."""
_SMOOTHS = (
    r"(?i)\b(moving_?(?:average|median|avg|rollup)|(?:avg|min|median|quantile)_over_time|"
    r"exponentialMovingAverage|holt_winters|ewma_\d+|rolling_?(?:avg|mean|average)|smooth\w*|"
    r"avg\(\d+[smhd]\)|rollup_?avg)"
)
"""What hides a short outburst from an alert."""
_URGENT = {
    word: rank
    for rank, words in enumerate(
        (
            b"none nobody keep_state never null blackhole devnull silent ignore notbreaching ok",
            b"info debug low ticket email p5 p4",
            b"warning warn medium missing slack p3 inoffice workhours office",
            b"high error major p2 alerting nodata",
            b"24x7 all everyone always critical page pager pagerduty opsgenie breaching urgent p1",
        )
    )
    for word in words.split()
}
"""How loudly a word calls somebody."""
_ANSWER = (
    r"(?i)\b(?:valid_|expected_?|accepted_?|success_?|ok_?|healthy_?)?(?:http_?)?status_?codes?"
    r"['\"]?[ \t]*(?:=>|[:=]|\bin\b)|\b(?:success|response)[-_]codes['\"]?:|\bmatcher[ \t]*=|"
    r"\bHttpCode['\"]?[ \t]*:|http-check[ \t]+expect|--accept[= ]|\bexpect(?:ed)?_?status\b|"
    r"\bhttp_code\b|\b(?:\w*code|status)\}?\"?[ \t]*(?:[!=]=?|=~|-ne|-eq|-gt|-ge)[ \t]|"
    r"\.status(?:_?code)?\(?\)?[ \t]*(?:[!=]==?|<|>|not in|in)[ \t]"
)
"""What a check takes for a good answer."""
_SET = r"(?i)codes?['\"]?[ \t]*[:=]|matcher|http-check|--accept|^[ \t]*-?[ \t]*status"
"""One of these in a setting, rather than in a program."""
_HEALTH = (
    r"(?i)health|probe|smoke|liveness|readiness|uptime|monitor|heartbeat|watchdog|status_?check|"
    r"check_?(?:status|service|endpoint|url|alive|up)|\bping\b|wait_?(?:for|until)"
)
_CODES = r"\b([1-5])(?:\d\d|[xX][xX])\b"
_ELSEWHERE = frozenset(
    {Label.TEST, Label.DOCS, Label.LOCK, Label.GENERATED, Label.VENDORED, Label.DATA, Label.MEDIA}
)
_GOOD = b"3"
"""The hundreds up to which an answer is no error."""
_PATIENCE = (
    r"(?i)(?:threshold|freshness|tolerance|staleness|stale_?after|max_?(?:age|lag|delay)|grace)\w*"
    r"['\"]?[ \t]*(?:=>|[:=])[ \t]*['\"]?\d"
)
"""A figure of how late, old or wrong something may be; its neighbours say for whom."""
_BESIDE = 3
_AROUND = 8
"""Lines before a switch that may name the block it stands in."""


def check(view: View) -> Iterator[Hit]:
    """Mark the switches and figures of monitoring that change."""
    for file in view.where(_SWITCH, side=Side.OLD):
        counts = file.labels.isdisjoint(_ELSEWHERE)
        if counts and file.gone(_SWITCH) and file.new(_SWITCH):
            yield from _changed(file)
    for file in view.where(_ANSWER, side=Side.OLD):
        if file.labels.isdisjoint(_ELSEWHERE - {Label.TEST}) and file.added:
            yield from _answered(file)
    for file in view.where(TERMS):
        if file.labels.isdisjoint(_ELSEWHERE):
            yield from narrowed(file)
    yield from asked_less(view, lambda file: file.labels.isdisjoint(_ELSEWHERE))


def _answered(file: FileView) -> Iterator[Hit]:
    """Tell checks that take an error for a good answer, beside those they took before."""
    answer, sets, health = expression(_ANSWER), expression(_SET), expression(_HEALTH)
    is_program = Label.SOURCE in file.labels or Label.SCRIPT in file.labels
    openers = Openers(file, reach=_AROUND)
    for pair in pairs_losing(file, _ANSWER):
        if not (answer.search(pair.old) and _is_wider(pair)):
            continue
        if is_program or not sets.search(pair.old):
            places = (pair.new, openers.above(pair.new_line), file.path.encode())
            if Label.TEST in file.labels or not any(map(health.search, places)):
                continue
        told = "a check newly takes an error for a good answer"
        yield exchanged(file, pair, told)


def _is_wider(pair: Pair) -> bool:
    """Return whether errors came among the answers that are taken, and no good one went."""
    was, now = _codes(pair.old), _codes(pair.new)
    if not was or max(was) > _GOOD or max(now, default=b"") <= _GOOD:
        return False
    limit = expression(r"<=?[ ]*[\"']?[45]|>=?[ ]*[\"']?[45]|-g[et][ ]+[45]").search(pair.new)
    return bool(limit) or was <= now


def _codes(line: bytes) -> frozenset[bytes]:
    """Return the hundreds of the answers that a line names."""
    text = expression(r"\bStatusOK\b|\b(?:codes|status|HttpStatus)\.(?:ok|OK)\b").sub(b"200", line)
    return frozenset(expression(_CODES).findall(text))


def _changed(file: FileView) -> Iterator[Hit]:
    """Tell switches and figures that change where the line or its block is about watching."""
    switch, about = expression(_SWITCH), expression(_SUBJECTS)
    openers = Openers(file, reach=_AROUND)
    for pair in pairs_losing(file, _SWITCH):
        if not (switch.search(pair.old) and switch.search(pair.new)):
            continue
        changed = changed_tokens(pair)
        values = (
            [(old, new) for old, new in changed.switches if _is_off(pair.new, new)]
            or _weaker(pair.new, changed.numbers)
            or (list(changed.numbers) if _is_patience(pair, changed.numbers) else [])
            or [swap for swap in changed.swapped if _is_softer(*swap)]
            or _smoothed(pair)
        )
        if not values:
            continue
        block = openers.above(pair.new_line)
        if Label.SOURCE not in file.labels and _is_patience(pair, changed.numbers):
            block += openers.beside(pair.new_line, _BESIDE)
        if any(about.search(text) for text in (pair.new, block, file.path.encode())):
            was, now = values[0][0].decode(), values[0][1].decode()
            yield Hit.on(
                file,
                pair.new_line,
                pair.new,
                f"a setting of monitoring is changed from {was} to {now}",
            )


def _is_patience(pair: Pair, numbers: tuple[tuple[bytes, bytes], ...]) -> bool:
    """Return whether a figure grows by whose name something may be late, old or wrong."""
    grows = bool(numbers) and all(_is_less(old, new) for old, new in numbers)
    return grows and expression(_PATIENCE).search(pair.new) is not None


def _is_softer(old: bytes, new: bytes) -> bool:
    """Return whether a word makes somebody be called later, or not at all."""
    before, after = _URGENT.get(old.lower()), _URGENT.get(new.lower())
    return before is not None and after is not None and after < before


def _is_off(line: bytes, value: bytes) -> bool:
    """Return whether a switch's new value means less watching."""
    negative = expression(r"(?i)disabl|mute|pause|silenc|opt_?out|skip|ignore").search(line)
    return (value.lower() in {b"false", b"no", b"off", b"disabled", b"never"}) != bool(negative)


def _weaker(line: bytes, numbers: tuple[tuple[bytes, bytes], ...]) -> list[tuple[bytes, bytes]]:
    """Return the figures of thresholds and intervals that changed, of samples that fell."""
    if expression(r"(?i)sampl").search(line) and not expression(r"(?i)interval|every").search(line):
        return [(old, new) for old, new in numbers if _is_less(new, old)]
    kind = expression(
        r"(?i)threshold|last_\d|(?-i:\bIF[ ])|interval|period|retention|count|expr\b|expression|"
        r"condition|\bfor\b|"
        r"\bcrit|\bwarn|params|frequency|level=|max_?retry|find_?time|objective|severity|events|attempts|timeframe|check_command|cycles"
    )
    return list(numbers) if kind.search(line) else []


def _smoothed(pair: Pair) -> list[tuple[bytes, bytes]]:
    """Return what newly evens out the figures that an alert looks at."""
    smooths = expression(_SMOOTHS)
    found = smooths.search(pair.new)
    return [(b"a figure", found[1])] if found and not smooths.search(pair.old) else []


def _is_less(figure: bytes, other: bytes) -> bool:
    """Return whether a figure is smaller; True where one of them is none that can be read."""
    try:
        return float(figure) < float(other)
    except ValueError:
        return True


RULE = Rule(
    id="alert-loosened",
    pathway=Pathway.SAFETY_SABOTAGE,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="makes an alert speak later, more softly, or of less",
    added_triggers=(TERMS,),
    removed_triggers=(_SWITCH, _ANSWER, ASKS, FAILS),
    check=check,
    version=3,
)
