r"""Code that runs before, or without, being called.

What it flags
    Added entry points that nobody calls by name: `ifunc` resolvers, constructor
    attributes, `.init_array`, `#[ctor]`, `LD_PRELOAD` and its kin, `.pth` files that import,
    `sitecustomize`, `DllMain` and `JNI_OnLoad`, import hooks and audit of the interpreter's
    start (`PYTHONSTARTUP`, `NODE_OPTIONS=--require`, `BASH_ENV`, `RUBYOPT`), import-time
    replacement of built-in functions.

Why it matters
    It runs in every process that merely loads the library, before any check.

How to review it
    Read the code behind the entry point to its end.
    Ask why an explicit call would not do.

Not flagged
    Removing them; prose weighs one level less.

Seen in
    The xz backdoor (CVE-2024-3094: an `ifunc` resolver); ATT&CK T1574.006 (dynamic linker
    hijacking) and T1546 (event triggered execution).
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity
from reviewqueue.domain.paths import Label
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

_TEXT = frozenset({Label.DOCS, Label.LOCK, Label.GENERATED})
_AT_START = r"^[ \t]*import\s|\bexec\s*\("


def check(view: View) -> Iterator[Hit]:
    """Mark the `.pth` files that do more than name folders."""
    for file in view.labelled(Label.BUILD):
        if file.path.casefold().endswith(".pth"):
            yield from _at_start(file)


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
    check=check,
    patterns=(
        Pattern(
            r"__attribute__\s*\(\(\s*(?:__)?(?:ifunc|constructor|destructor)|\.init_array|\.preinit_array|"
            r"\bSTT_GNU_IFUNC\b|#\[(?:ctor::)?ctor\]|link_section\s*=\s*\"\.init|-Wl,-init[,=]|"
            r"\bGNU_IFUNC\b|#pragma\s+init\b|\bTLS_CALLBACK|\.CRT\$XL",
            "runs when the library is loaded, before anything calls it",
            never=_TEXT,
        ),
        Pattern(
            r"\bLD_PRELOAD\b|\bLD_AUDIT\b|/etc/ld\.so\.preload|\bDYLD_INSERT_LIBRARIES\b|"
            r"\bAppInit_DLLs\b|\bPYTHONSTARTUP\b|\bBASH_ENV\s*=|\bPROMPT_COMMAND\s*=|"
            r"\bRUBYOPT\s*=|\bPERL5OPT\s*=|\bJAVA_TOOL_OPTIONS\b[^\n]*-(?:javaagent|agentpath)|"
            r"\bNODE_OPTIONS\b[^\n]*(?:--require|--import|-r\s)",
            "makes every process load code of somebody's choice",
            never=_TEXT,
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
