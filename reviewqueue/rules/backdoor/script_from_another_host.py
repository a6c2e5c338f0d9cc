r"""A script of somebody else's host, put into a page.

What it flags
    A page, a template or a program that newly loads a script from another host without the
    script's checksum (`integrity`): a `<script src=…>`, a framework's tag or helper
    (`<Script>`, `javascript_include_tag`, `wp_enqueue_script`), an element's `.src`, a module
    that a page imports. Low on a well-known host of libraries. Medium also where a script
    that was there comes from another host from now on.

Why it matters
    Whoever holds the host can change the script at any time, and it sees all that the
    page's visitors see and type.

How to review it
    Ask who owns the host, and whether the file can lie beside the page.
    Ask for an address with a version, and for `integrity`.

Not flagged
    Scripts with a checksum; the same machine; tests and prose; the tags of payment,
    sign-in and statistics services which allow no checksum.

Seen in
    polyfill.io (2024: the sold domain served malicious code to the sites that loaded it);
    British Airways (2018, Magecart); CWE-829, CWE-353; ATT&CK T1195.002.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, set_aside
from reviewqueue.scan.rule import FileView, Hit, Line, Rule, Stability, View, expression, is_named
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.kinds import is_code
from reviewqueue.scan.structure.near import stands_in
from reviewqueue.scan.structure.pairs import finds

_TAG = (
    r"<[Ss]cript\b[^\n>]*\bsrc\s*=\s*[\"'{`\\]*(?:https?:)?//|\bjavascript_include_tag\b[^\n]*//|"
    r"\bwp_(?:enqueue|register)_script\s*\([^\n]*//|\.src\s*=\s*[\"'`](?:https?:)?//|"
    r"\b(?:setAttribute|attr)\s*\(\s*[\"']src[\"']\s*,\s*[\"'](?:https?:)?//"
)
_MODULE = r"\bfrom\s*[\"'](?:https?:)?//|\"\s*:\s*\"https?://[^\"\s]+\.m?js\""
"""A module, in a page."""
_PAGES = ("*.htm*", "*.php", "*.erb", "*.ejs", "*.j2", "*.jinja*", "*.twig", "*.tmpl", "*.vue")
_ADDRESS = r"(?:https?:)?//([\w-]+(?:\.[\w-]+)+)(?::\d+)?(/[^\s\"'`<>)]*)?"
_SCRIPT = r"(?i)<script\b|javascript_include_tag|_script\s*\(|\.m?js\b|/js\b|script"
_CHECKED = r"(?i)\bintegrity\b|sha(?:256|384|512)-"
_LIBRARIES = (
    r"(?:^|\.)(?:jsdelivr\.net|unpkg\.com|cdnjs\.cloudflare\.com|ajax\.googleapis\.com|"
    r"code\.jquery\.com|bootstrapcdn\.com|ajax\.aspnetcdn\.com|d3js\.org|esm\.sh|deno\.land|jsr\.io|skypack\.dev|"
    r"cdn\.tailwindcss\.com|cdn\.plot\.ly|mathjax\.org|gstatic\.com|polyfill-fastly\.net|"
    r"cdnjs\.com|jspm\.io|esm\.run|tailwindcss\.com)$"
)
_SERVICES = (
    r"(?:^|\.)(?:googletagmanager\.com|google-analytics\.com|google\.com|googleapis\.com|"
    r"googlesyndication\.com|stripe\.com|paypal\.com|cloudflare\.com|cloudflareinsights\.com|"
    r"hcaptcha\.com|recaptcha\.net|facebook\.net|twitter\.com|youtube\.com|vimeo\.com|apple\.com|"
    r"microsoft\.com|microsoftonline\.com|github\.com|githubassets\.com|squareup\.com|"
    r"squarecdn\.com|plausible\.io|posthog\.com|sentry-cdn\.com|segment\.com|hotjar\.com|"
    r"intercom\.io|hs-scripts\.com|telegram\.org|vercel-scripts\.com|giscus\.app|utteranc\.es|"
    r"readthedocs\.io|buttons\.github\.io|adyen\.com|auth0\.com|mapbox\.com|umami\.is|"
    r"razorpay\.com|clarity\.ms|linkedin\.com|discord\.com|shopify\.com|wordpress\.com)$"
)
_OWN = r"(?i)localhost|127\.0\.0\.1|example\.(?:com|org|net)$|\.(?:test|local|internal|invalid)$"
_HERE = r"(?i)^localhost|^127\."
_LONGEST = 2_000
"""Bytes of a line beyond which it is generated text."""
_ASIDE = frozenset({Label.BUILT, Label.DOCS, Label.TEST, Label.VENDORED})
_AROUND = 6
"""Lines of a tag in which its checksum may stand."""


def check(view: View) -> Iterator[Hit]:
    """Mark scripts of other hosts that have no checksum."""
    for file in view.where(_TAG, side=Side.NEW):
        if not is_code(file) or set_aside(file.labels):
            continue
        if file.labels.isdisjoint(_ASIDE):
            yield from _loaded(file, _TAG)
    for file in view.where(_MODULE, side=Side.NEW):
        if is_named(file.path, _PAGES) and file.labels.isdisjoint(_ASIDE):
            yield from _loaded(file, _MODULE)


def _loaded(file: FileView, wanted: str) -> Iterator[Hit]:
    """Mark the scripts of other hosts on the wanted lines: new ones, and those that moved."""
    before = {name: host for line in file.gone(wanted) for host, name in _named(line.whole)}
    had = frozenset(before.values())
    for line in _unchecked(file, wanted):
        host, name = next(_named(line.whole), ("", b""))
        if name in before and before[name] != host and not _is_known(host):
            told = f"a script that came from {before[name]} now comes from {host}"
            yield Hit.at(file, line, told)
        elif host and host not in had and (told := _told(host)):
            yield Hit.at(file, line, told, severity=_weight(host))


def _unchecked(file: FileView, wanted: str) -> Iterator[Line]:
    """Yield the wanted lines that load a script whose tag has no checksum in the lines below."""
    loads, checked = finds(_SCRIPT), finds(_CHECKED)
    lines = file.new(wanted)
    sums = [number for number, text in file.added_lines() if checked(text)] if lines else ()
    for line in lines:
        text = line.whole
        if len(text) > _LONGEST or is_comment(text) or not loads(text) or checked(text):
            continue
        at = line.number
        if at is None or not stands_in(sums, range(at, at + _AROUND)):
            yield line


def _named(text: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the host and the file's name of each address of a line."""
    for found in expression(_ADDRESS).finditer(text[:_LONGEST]):
        name = (found[2] or b"").partition(b"?")[0].rpartition(b"/")[2]
        yield found[1].decode("latin-1").lower(), name or found[1]


def _told(host: str) -> str:
    """Return what to say of a host's script; nothing of the own machine, and of services."""
    raw = host.encode("latin-1")
    if expression(_OWN).search(raw) or expression(_SERVICES).search(raw):
        return ""
    return f"loads a script from {host} without its checksum: who holds that host can change it"


def _is_known(host: str) -> bool:
    raw = host.encode("latin-1")
    known = rf"{_LIBRARIES}|{_SERVICES}|{_HERE}"
    return expression(known).search(raw) is not None


def _weight(host: str) -> Severity:
    """Return what it weighs: little, where a host of libraries is asked."""
    is_library = expression(_LIBRARIES).search(host.encode("latin-1")) is not None
    return Severity.LOW if is_library else Severity.MEDIUM


RULE = Rule(
    id="script-from-another-host",
    pathway=Pathway.BACKDOOR,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="loads a script from somebody else's host",
    added_triggers=(_TAG, _MODULE),
    version=2,
    check=check,
)
