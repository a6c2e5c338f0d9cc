r"""Generated or minified program text that changes without its source.

What it flags
    Bundles, minified files and generated code that change although nothing in the same
    change could have made them change: no source of theirs, no manifest, no generator.

Why it matters
    Nobody reads a bundle, and the next build hides what was edited by hand, or ships it:
    the difference between what is reviewed and what runs is where a backdoor fits.

How to review it
    Build the file again from the source at the same commit, and compare.
    Ask why the bundle is in the repository at all.

Not flagged
    Generated files that change together with source, a manifest, a lock file or the
    generator; vendored updates that bring their own sources; generated data.

Seen in
    flatmap-stream 0.1.1, by which event-stream was attacked (2018): its minified file
    differed from its source. The xz release archives of 2024 (CVE-2024-3094), which held
    a build script that the repository did not. CWE-506 (embedded malicious code).
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import FileView, Hit, Rule, Stability, View, expression

_MADE = (
    r"(?i)\.min\.(?:js|mjs|css)$|(?:^|/)(?:dist|bundles?)/[^\s]*\.(?:js|mjs|cjs)$|"
    r"[.-]bundle\.(?:js|mjs)$|_pb2(?:_grpc)?\.py$|\.pb\.(?:go|cc|h)$|\.g\.dart$|"
    r"(?:^|/)action/dist/|(?:^|[._])generated\.\w+$"
)
_RELEASE = r"(?i)\brelease|\bv?\d+\.\d+|\bdist\b|\bbundle|\bbuild\b|generat|regenerat|vendor"


def check(view: View) -> Iterator[Hit]:
    """Mark made files where the change holds nothing that makes them."""
    made = [file for file in view.labelled(Label.BUILT) if _is_made(file)]
    if not made or any(_makes(file) for file in view.files if not _is_made(file)):
        return
    told = expression(_RELEASE).search(view.subject.headline[:500].encode("utf-8", "replace"))
    for file in made:
        if file.status in {"M", "A", "R"} and file.added:
            number, text = next(iter(file.added_lines()), (1, b""))
            yield Hit.on(
                file,
                number,
                text,
                "what is generated changes here, and nothing that it is made from",
                severity=Severity.LOW if told else Severity.MEDIUM,
            )


def _is_made(file: FileView) -> bool:
    return expression(_MADE).search(file.path.encode("utf-8", "replace")) is not None


def _makes(file: FileView) -> bool:
    """Return whether a file could be what a generated one is made from."""
    return bool(file.labels & {Label.SOURCE, Label.MANIFEST, Label.LOCK, Label.BUILD, Label.CONFIG})


RULE = Rule(
    id="generated-changed-alone",
    pathway=Pathway.COVERING_TRACKS,
    severity=Severity.MEDIUM,
    confidence=Confidence.LOW,
    stability=Stability.STABLE,
    summary="changes what is generated, and not what it is made from",
    wakes=frozenset({Label.BUILT}),
    check=check,
)
