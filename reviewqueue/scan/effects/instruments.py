"""Figures that a program keeps of itself, and no longer does: counters, gauges, histograms.

An instrument is known by the way it is made, in whatever library, or by the call that counts.
A feature that goes takes its figures with it; a figure that goes alone was somebody's eyes.
"""

from collections.abc import Callable, Iterator

from reviewqueue.domain.finding import Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import FileView, Hit, Line, View
from reviewqueue.scan.structure.comments import is_bare, is_comment
from reviewqueue.scan.structure.disappeared import disappeared
from reviewqueue.scan.structure.hunks import shown
from reviewqueue.scan.structure.pairs import blocks_losing, finds, matching

MADE = (
    r"(?:Counter|Gauge|Histogram|Summary|Timer|Meter)(?:Vec|Func|Family|Opts|Type)?"
    r"(?:\(|\{|::new\(|\.builder\(|\.build\(|<\w+>\()|"
    r"(?:_counter|_gauge|_histogram|[rR]egistry\.(?:counter|gauge|timer|histogram|summary|meter)|"
    r"[mM]etrics?\.(?:counter|gauge|timer|histogram|distribution|increment|timing))(?:_vec)?!?\(|"
    r"\b(?:counter|gauge|histogram|increment_counter)!\(|"
    r"[sS]tats[dD]?\w*\.(?:incr|gauge|timing|count|histogram|distribution|set)\w*\("
)
"""An instrument that is made: a trigger of both sides."""
COUNTS = (
    r"(?i:counter|gauge|histogram|metrics?|_total|failures?|errors?|duration|latency)\w*"
    r"(?:\([^()\n]*\))?\.(?:inc|Inc|increment|Increment|Add|observe|Observe|mark|"
    r"recordFailure|RecordFailure)\(|\b(?:WithLabelValues|with_label_values|labels|WithLabels|With)"
    r"\([^()\n]*\)\.(?:inc|Inc|Add|observe|Observe)\(|:telemetry\.execute\("
)
"""The call that counts: likewise."""
_MADE = (
    r"\b(?:New|new|create|Create|make|Make|register|Register|with|With|U?Int64|Float64|Int|"
    r"Observable|UpDown|Async)[\w.]*(?:Counter|Gauge|Histogram|Meter)|"
    r"\b(?:Counter|Gauge|Histogram|Summary)\([ ]*(?:['\"`][a-zA-Z]+[._]|\{|$)|"
    r"(?:Counter|Gauge|Histogram|Summary)(?:Vec|Family|Opts)|(?:Counter|Gauge|Histogram)::new|"
    r"\b(?:Counter|Gauge|Timer|DistributionSummary)\.build|_(?:counter|gauge|histogram)(?:_vec)?!?\(|"
    r"egistry\.|etrics?\.|[sS]tats|!\("
)
"""What tells such an instrument from other things of the name."""
_LIBRARY = (
    r"(?i)metric|prometheus|promauto|statsd|telemetry|micrometer|meter_?(?:provider|registry)|"
    r"datadog|otel|instrumentation"
)
_OTHERWISE = r"^[ \t]*(?:func|def|fn|function|public|private|interface)\b"
_ABOUT = (
    r"(?i)counter|gauge|histogram|metric|statsd|prom(?:etheus|auto)|telemetry|\bmeter|_total\b|"
    r"duration|observe|^[ \t]*(?:(?:name|help|unit|labels?|labelnames|namespace|subsystem|"
    r"description|buckets?)['\"]?[ \t]*[:=]|\[?['\"][\w., '\"]*\]?[,)]*[ \t]*$)"
)
_PER_LOSS = 4
"""Other lines that may go with each lost instrument, before it is taken for a feature's."""
_SLACK = 8
_ALONE = 4
"""Removed lines of a block up to which a call that counts goes by itself."""


def unmeasured(view: View, counts: Callable[[FileView], bool]) -> Iterator[Hit]:
    """Mark the figures that a program no longer keeps, while what they told of stays."""
    if not view.where(MADE, COUNTS, side=Side.OLD):
        return
    files = [file for file in view.where(MADE, COUNTS) if counts(file) and _is_program(file)]
    told = "a figure that told how the program does is no longer kept"
    lost = list(_lost(files, MADE, _is_made))
    weight = Severity.MEDIUM if lost and _goes_alone(view, len(lost)) else Severity.LOW
    for file, line in lost:
        yield Hit.at(file, line, told, side=Side.OLD, severity=weight)
    if not lost:
        yield from _uncounted(files, told)


def _uncounted(files: list[FileView], told: str) -> Iterator[Hit]:
    """Tell calls that count and are gone, while nothing around them changed."""
    alone: dict[str, frozenset[int]] = {}
    for file, line in _lost(files, COUNTS, bool):
        if file.path not in alone:
            alone[file.path] = frozenset(_by_themselves(file))
        if line.number in alone[file.path] and file.status == "M":
            yield Hit.at(file, line, told, side=Side.OLD)


def _is_program(file: FileView) -> bool:
    return Label.SOURCE in file.labels


def _keeps_figures(file: FileView) -> bool:
    """Return whether a file speaks of what such instruments are part of."""
    library = finds(_LIBRARY)
    return library(file.path.encode("utf-8", "replace")) or library(shown(file))


def _is_made(text: bytes) -> bool:
    return finds(_MADE)(text) and not finds(_OTHERWISE)(text)


def _lost(
    files: list[FileView], regex: str, wanted: Callable[[bytes], bool]
) -> Iterator[tuple[FileView, Line]]:
    """Yield the lines that go, where the whole change gains fewer of the kind."""
    gone = [
        (found.file, line)
        for found in disappeared(files, regex)
        if found.lost and _keeps_figures(found.file)
        for line in found.lost
        if wanted(line.whole) and not is_comment(line.whole)
    ]
    new = (line.whole for file in files for line in file.new(regex)) if gone else ()
    came = sum(wanted(text) and not is_comment(text) for text in new)
    if len(gone) > came:
        yield from gone


def _goes_alone(view: View, lost: int) -> bool:
    """Return whether the programs of a change lose hardly more than their figures."""
    programs = [file for file in view.files if _is_program(file) and Label.TEST not in file.labels]
    if any(file.status == "D" for file in programs):
        return False
    fewer = sum(file.removed.count(b"\n") - file.added.count(b"\n") for file in programs)
    about = sum(len(matching(file.removed, _ABOUT)) for file in programs)
    return fewer - about <= _PER_LOSS * lost + _SLACK


def _by_themselves(file: FileView) -> Iterator[int]:
    """Yield the numbers of the calls that count, and go from between lines that stay."""
    about = finds(_ABOUT)
    for block in blocks_losing(file, COUNTS):
        said = [text for _, text in block.old[: _ALONE + 1] if not is_bare(text)]
        if not block.new and len(block.old) <= _ALONE and all(map(about, said)):
            yield from (number for number, _ in block.old)
