r"""Code that runs before, or without, being called.

What it flags
    Added entry points that nobody calls by name: `ifunc` resolvers, constructor
    attributes, `.init_array`, `#[ctor]`, `LD_PRELOAD` and its kin, `.pth` files that import,
    `sitecustomize`, `DllMain` and `JNI_OnLoad`, import hooks and audit of the interpreter's
    start (`PYTHONSTARTUP`, `NODE_OPTIONS=--require`, `BASH_ENV`, `RUBYOPT`), import-time
    replacement of built-in functions.
    Also libraries that open connections or start programs as soon as they are imported,
    functions put before those of others (`RTLD_NEXT`, detours, hooks), and commands that a
    shell runs before each of its own.

Why it matters
    It runs in every process that merely loads the library, before any check.

How to review it
    Read the code behind the entry point to its end.
    Ask why an explicit call would not do.

Not flagged
    Removing them; documents, locks and generated text; what stands below the end of a function
    that runs at loading. Another allocator, or what watches memory, loaded before all others is
    a low finding.

Seen in
    The xz backdoor (CVE-2024-3094: an `ifunc` resolver); ATT&CK T1574.006 (dynamic linker
    hijacking) and T1546 (event triggered execution).
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, set_aside
from reviewqueue.scan.rule import (
    Capability,
    FileView,
    Hit,
    Pattern,
    Rule,
    Stability,
    View,
    expression,
)
from reviewqueue.scan.structure.kinds import Kind, expressions, hits, is_code
from reviewqueue.scan.structure.near import stands_in

_TEXT = frozenset({Label.DOCS, Label.LOCK, Label.GENERATED})
_ALLOCATES = (
    r"\bLD_PRELOAD['\"]?[ \t]*[=:]?[ \t]*['\"]?(?:(?:/usr(?:/local)?)?/lib(?:64)?/(?:[\w-]+/)?)?"
    r"lib(?:jemalloc|tcmalloc(?:_minimal)?|mimalloc|[atlu]san)\.so[.\d]*(?:$|[\s'\";])|"
    r"\bunset[ \t]+LD_PRELOAD\b"
)
"""An allocator, or what watches memory, of the system's own; nothing that only has its name."""
_AT_START = r"^[ \t]*import\s|\bexec\s*\("

_KINDS = (
    Kind(
        r"__attribute__\s*\(\(\s*(?:__)?(?:ifunc|constructor|destructor)|\.init_array|\.preinit_array|"
        r"\bSTT_GNU_IFUNC\b|#\[(?:ctor::)?ctor\]|link_section\s*=\s*\"\.init|-Wl,-init[,=]|"
        r"\bGNU_IFUNC\b|#pragma\s+init\b|\bTLS_CALLBACK|\.CRT\$XL",
        "runs when the library is loaded, before anything calls it",
    ),
)
_WHEN_LOADED = (
    r"^func init\(\)|^[ \t]*static\s*\{|"
    r"^(?:_?\w+\s*=\s*)?_?\w*\.?(?:Thread|Timer)\s*\([^\n]*\.start\(\)"
)
_ON_REQUIRE = (
    r"^(?:\w+\s*=\s*)?(?:"
    r"(?:Net::HTTP\.(?:get|post|start|new)\w*|URI\.open|OpenURI\.\w+|HTTParty\.\w+|"
    r"Faraday\.(?:get|post|new)|RestClient\.\w+|(?:TCP|UDP|SSL)?Socket\.(?:new|open|tcp))\s*\(?\s*"
    r"(?:URI(?:\.parse)?\s*\(\s*)?['\"](?:https?:|[\w-]+\.[\w.-]+)|"
    r"open\s*\(?\s*(?:URI(?:\.parse)?\s*\(\s*)?['\"]https?:)"
)
_REACHES_OUT = (
    r"\bhttp\.(?:Get|Post|NewRequest)\w*\s*\(|\bnet\.Dial\w*\s*\(|\bexec\.Command\w*\s*\(|"
    r"\burlopen\s*\(|\brequests\.\w+\s*\(|\bsubprocess\.|\bos\.system\s*\(|"
    r"\bgetRuntime\(\)\.exec\s*\(|\bProcessBuilder\s*\(|"
    r"\bopenStream\s*\(|\bHttpURLConnection\b|\bsyscall\.(?:Exec|ForkExec)\s*\("
)
_FIRST_LINES = 12
"""Lines below the head of what is run at loading that surely belong to it."""


def check(view: View) -> Iterator[Hit]:
    """Mark what runs at Python's start, or as soon as a library is loaded."""
    for file in view.labelled(Label.BUILD):
        if file.path.casefold().endswith(".pth"):
            yield from _at_start(file)
    yield from hits(view, _KINDS)
    for file in view.where(_ON_REQUIRE, side=Side.NEW):
        if is_code(file) and file.path.casefold().endswith((".rb", ".gemspec")):
            for line in file.new(_ON_REQUIRE):
                told = "opens a connection as soon as the file is required"
                yield Hit.at(file, line, told)
    for file in view.where(_WHEN_LOADED, side=Side.NEW):
        if is_code(file) and not set_aside(file.labels):
            yield from _loaded(file)


def _loaded(file: FileView) -> Iterator[Hit]:
    """Mark what reaches out, or starts a program, as soon as somebody imports it."""
    reaches = expression(_REACHES_OUT)
    if not reaches.search(file.added):
        return
    starts = [line.number for line in file.new(_WHEN_LOADED) if line.number]
    ended = 0
    for number, text in file.added_lines() if starts else ():
        if text.startswith(b"}"):
            ended = number
        first = max(number - _FIRST_LINES, ended)
        if stands_in(starts, range(first, number + 1)) and reaches.search(text):
            told = "opens a connection or starts a program as soon as it is imported"
            yield Hit.on(file, number, text, told, discountable=True)


def _at_start(file: FileView) -> Iterator[Hit]:
    before = frozenset(file.removed.split(b"\n"))
    for number, text in file.added_lines():
        if text not in before and expression(_AT_START).search(text):
            yield Hit.on(
                file,
                number,
                text,
                "runs at every start of Python: a `.pth` file that imports",
                severity=Severity.HIGH,
                discountable=True,
            )


RULE = Rule(
    id="hidden-entry",
    pathway=Pathway.BACKDOOR,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="runs code that nothing calls by name",
    capability=Capability.EXECUTES,
    wakes=frozenset({Label.BUILD}),
    version=4,
    added_triggers=(_WHEN_LOADED, _ON_REQUIRE, *expressions(_KINDS)),
    check=check,
    patterns=(
        Pattern(
            r"\bdlsym\s*\(\s*RTLD_NEXT\b|\bDLL_PROCESS_ATTACH\b|\bModuleInitializer\b|\bDYLD_INTERPOSE\b|"
            r"\b__malloc_hook\b|\bDetourAttach\s*\(|\bMH_CreateHook\w*\s*\(|\bplthook_\w+\s*\(|"
            r"\bSetWindowsHookEx\w*\s*\(|\bmethod_exchangeImplementations\s*\(|\bInterceptor\.(?:attach|replace)\s*\(",
            "puts itself before a function that others call, or runs when the library is loaded",
            never=_TEXT,
            line=r"\(|\[|=|#define|\bcase\s",
        ),
        Pattern(
            r"^[ \t]*trap\s+['\"][^'\"\n]+['\"]\s+(?:DEBUG|RETURN)\b",
            "runs before every command of the shell",
            never=_TEXT,
        ),
        Pattern(
            r"\bLD_PRELOAD\b|\bLD_AUDIT\b|/etc/ld\.so\.preload|\bDYLD_INSERT_LIBRARIES\b|"
            r"\bAppInit_DLLs\b|\bPYTHONSTARTUP\b|\bBASH_ENV\s*=|\bPROMPT_COMMAND\s*=|"
            r"\bRUBYOPT\s*=|\bPERL5OPT\s*=|\bJAVA_TOOL_OPTIONS\b[^\n]*-(?:javaagent|agentpath)|"
            r"\bNODE_OPTIONS\b[^\n]*(?:--require|--import|-r\s)",
            "makes every process load code of somebody's choice",
            never=_TEXT,
            noted=_ALLOCATES,
        ),
        Pattern(
            r"\bsitecustomize\b|\busercustomize\b|\bsys\.meta_path\.(?:insert|append)\s*\(|"
            r"\bsys\.settrace\s*\(|\bsys\.setprofile\s*\(|"
            r"\b(?:builtins|__builtins__)\.(?:open|exec|eval|__import__|print|input|compile)\s*=|"
            r"\bModule\._(?:load|resolveFilename|compile|extensions\[[^\]\n]*\])\s*=",
            "puts itself between the interpreter and every program",
            never=_TEXT,
        ),
    ),
)
