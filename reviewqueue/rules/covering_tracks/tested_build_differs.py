r"""A build that searches for weaknesses, and leaves a part of the program out.

What it flags
    In builds for fuzzing or sanitizers (OSS-Fuzz and its like, files named so, builds with
    `-fsanitize`): an added option that leaves a feature out (`--disable-…`,
    `--without-…`, `-DENABLE_…=OFF`, `=disabled`, `--no-default-features`); a sanitizer, an
    engine or a target that is taken off the list; switches that are edited out of the
    sources before they are built; checks that a sanitizer no longer makes.

Why it matters
    What is left out there is still shipped. The search no longer comes across it, and
    nobody is told.

How to review it
    Ask what the option leaves out, and why it cannot be searched.
    Look at what changed in that part since, and who changed it.

Not flagged
    Options that leave out documents, tests, bindings, shared libraries and translations;
    options that the same build had; other builds.

Seen in
    CVE-2024-3094 (xz: in 2023 its OSS-Fuzz build got `--disable-ifunc`, and the backdoor
    came through that mechanism in 2024); ATT&CK T1562 (impair defenses).
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import FileView, Hit, Rule, Stability, View, expression, is_named
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.kinds import is_prose

_LEFT_OUT = (
    r"--(?:disable|without)-[a-z][\w-]+|-D[ ]?[\w.:-]{2,60}=(?:OFF|off|disabled|false|no|0)\b|"
    r"--no-default-features|--define[= ][\w.]{2,60}=(?:false|off|no|0)\b|--enable-[\w-]+=no\b|"
    r"--with-[\w-]+=no\b"
)
_LESS = (
    r"\bdetect_leaks=0|\bsed\s+-i[^\n]*(?:HAVE_|ENABLE_|USE_|#[ ]?(?:define|undef))|"
    r"\bhalt_on_error=0|\bfno-sanitize\b|\b__attribute__\(\(no_sanitize|"
    r"\bno_sanitize_(?:address|memory)"
)
_LISTED = (
    r"^[ \t]*-[ \t]*['\"]?(?:address|memory|undefined|thread|libfuzzer|afl|honggfuzz|i386|"
    r"x86_64)['\"]?[ \t]*$"
)
_TARGET = r"\b\w*fuzz\w*\.(?:c|cc|cpp|cxx|rs|go|py|java)\b|\bcompile_\w*fuzzer\b"
"""What is searched."""
_PLACES = (
    "*fuzz*", "*asan*", "*msan*", "*ubsan*", "*tsan*", "*sanitiz*", "*valgrind*",
    "*projects/*/build.sh", "*projects/*/dockerfile",
)  # fmt: skip
_LISTS = ("*projects/*/project.y*ml", "*fuzz*.y*ml", "*sanitiz*.y*ml")
_BUILDS = ("*projects/*/build.sh", "*projects/*/dockerfile", "*fuzz*/build.sh", "*fuzz*.sh")
_DECLARES = ("*cmakelists.txt", "*.cmake", "*.ac", "*.m4", "*meson.build")
"""Where options are declared and told of, for every build."""
_SEARCHES = (
    r"(?i)-fsanitize=|LIB_FUZZING_ENGINE|\bSANITIZER\b|FUZZING_ENGINE|fuzzing=true|ENABLE_FUZZ"
)
_ORDINARY = (
    r"(?i)shared|static|docs?\b|doc-|gtk-doc|manpages?|\bman\b|tests?(?:ing)?\b|nls\b|examples?|"
    r"dependency-tracking|silent-rules|werror|bindings?|python|perl|ruby|java|benchmarks?|"
    r"tools?\b|utils?\b|apps?\b|gui|x11|maintainer-mode|samples?|\bpic\b|debug|optimi[sz]|"
    r"warnings?|strip|lto|coverage|CMAKE_|rpath|install|wayland|opengl|sdl|programs?|cli\b|demos?|"
    r"gettext|libtool-lock|telemetry"
)


def check(view: View) -> Iterator[Hit]:
    """Mark what a build that searches for weaknesses leaves out."""
    for file in view.where(_LEFT_OUT, _LESS, side=Side.NEW):
        if _is_looked_at(file) and (is_named(file.path, _PLACES) or _searches(file)):
            yield from _left_out(file)
    yield from _no_longer_searched(view)


def _no_longer_searched(view: View) -> Iterator[Hit]:
    """Mark sanitizers and targets that leave a project's list."""
    for regex, globs in ((_LISTED, _LISTS), (_TARGET, _BUILDS)):
        for file in view.where(regex, side=Side.OLD):
            lost = file.gone(regex) if is_named(file.path, globs) and file.status == "M" else ()
            for line in lost if len(lost) > len(file.new(regex)) else ():
                message = "the search for weaknesses no longer covers what this line names"
                yield Hit.at(file, line, message, side=Side.OLD)


def _is_looked_at(file: FileView) -> bool:
    return not is_prose(file) and Label.VENDORED not in file.labels and file.status != "A"


def _searches(file: FileView) -> bool:
    """Return whether what the diff shows around builds with sanitizers or for a fuzzer."""
    if is_named(file.path, _DECLARES):
        return False
    searches = expression(_SEARCHES)
    return any(
        line[:1] != b"-" and searches.search(line) for _, _, lines in file.hunks() for line in lines
    )


def _left_out(file: FileView) -> Iterator[Hit]:
    ordinary, option = expression(_ORDINARY), expression(_LEFT_OUT)
    had = {found[0] for found in option.finditer(file.removed)}
    for line in file.new(_LEFT_OUT):
        for found in option.finditer(line.whole):
            if found[0] in had or ordinary.search(found[0]) or is_comment(line.whole):
                continue
            name = found[0].decode("latin-1")[:60]
            message = f"{name}: what is left out here is no longer searched for weaknesses"
            yield Hit.at(file, line, message)
            break
    for line in file.new(_LESS):
        yield Hit.at(
            file,
            line,
            "what is searched for weaknesses is changed, or what is found no longer told",
        )


RULE = Rule(
    id="tested-build-differs",
    pathway=Pathway.COVERING_TRACKS,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="leaves something out where weaknesses are searched for",
    added_triggers=(_LEFT_OUT, _LESS),
    removed_triggers=(_LISTED, _TARGET),
    version=2,
    check=check,
)
