r"""Input that can change every object of a program.

What it flags
    Added JavaScript that writes to `__proto__` or to the prototype of a built-in, or that
    merges a request into an object deeply; and removed lines that refused `__proto__`,
    `constructor` or `prototype` as keys.
    Also a path, split into names, that an object is walked into and filled by, where nothing
    refuses the names that reach the prototype.

Why it matters
    One such write changes what every object of the process answers: authorisation
    flags, paths, commands.

How to review it
    Send `{"__proto__": {"admin": true}}` and look at `({}).admin`.
    Ask for `Object.create(null)`, `Map`, or a schema in front of the merge.

Not flagged
    Adding such a refusal.

Seen in
    CWE-1321; CVE-2019-10744 (lodash `defaultsDeep`), CVE-2019-11358 (jQuery `extend`),
    CVE-2022-37601 (loader-utils).
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, set_aside
from reviewqueue.scan.rule import Hit, On, Pattern, Rule, Stability, View, expression, is_named
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.kinds import is_code
from reviewqueue.scan.structure.near import numbered, stands_in

_TEXT = frozenset({Label.DOCS, Label.LOCK, Label.GENERATED})
_JS = ("*.js", "*.mjs", "*.cjs", "*.jsx", "*.ts", "*.tsx", "*.mts", "*.cts", "*.vue", "*.svelte")

_STEPS = (
    r"\[\w+\]\s*(?:\|\||\?\?)\s*\{\s*\}\s*\)|"
    r"\[\w+\]\s*(?:\|\|=|\?\?=|=\s*\w+\[\w+\]\s*(?:\|\||\?\?))\s*\{\s*\}|"
    r"\b(?:cur(?:rent)?|node|target|obj|ref|o)\s*=\s*(?:cur(?:rent)?|node|target|obj|ref|o)\[\w+\]\s*;?\s*$"
)
"""A step into an object by a name that is computed, made where it is missing."""
_SPLITS = (
    r"\.split\s*\(\s*(?:[\"'`][.\]\[/][\"'`]|/[^/\n]*[.\[\]][^/\n]*/)|"
    r"\bfor\s*\([^)\n]*\bin\s+\w+|Object\.keys\s*\("
)
_REFUSED = r"__proto__|\bconstructor\b|hasOwn|Object\.create\s*\(\s*null|new\s+Map\b"
_NEAR = 6
"""Lines below a path that is split in which an object is walked into by its parts."""
_LONGEST = 1_000
"""Bytes of a line that somebody wrote."""


def check(view: View) -> Iterator[Hit]:
    """Mark objects that are walked into by the parts of a path, whatever the parts are."""
    for file in view.where(_STEPS, side=Side.NEW):
        if not is_code(file) or set_aside(file.labels) or not is_named(file.path, _JS):
            continue
        splits, refused = expression(_SPLITS), expression(_REFUSED)
        if refused.search(file.added) or not splits.search(file.added):
            continue
        split = [number for number, text in file.added_lines() if splits.search(text)]
        for at, line in numbered(file.new(_STEPS)):
            if is_comment(line.whole) or len(line.whole) > _LONGEST:
                continue
            if ".split" in line.text or stands_in(split, range(at - _NEAR, at + 1)):
                yield Hit.at(file, line, "walks into an object by names that it is given")


RULE = Rule(
    id="prototype-pollution",
    pathway=Pathway.BACKDOOR,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="lets input change every object of the program",
    version=3,
    added_triggers=(_STEPS,),
    check=check,
    patterns=(
        Pattern(
            r"\[['\"`]__proto__['\"`]\](?:\s*=[^=]|[.\[])|\.__proto__\s*[.\[][^\n=]*=[^=]|"
            r"\bObject\.prototype\.\w+\s*=[^=]|\bObject\.prototype\[[^\n\]]*\]\s*=[^=]|"
            r"\b(?:Array|String|Function|Promise|JSON|Number|Math)\.prototype\.\w+\s*=[^=]",
            "writes to the prototype that all objects share",
            globs=_JS,
            never=_TEXT,
        ),
        Pattern(
            r"\b(?:merge|mergeWith|extend|defaultsDeep|deepmerge|setWith|_\.set)\s*\([^\n]*"
            r"\b(?:req|request|ctx|event)\.(?:body|query|params)\b",
            "merges a request into an object, keys and all",
            globs=_JS,
            never=_TEXT,
        ),
        Pattern(
            r"=\s*Object\.create\s*\(\s*null\s*\)",
            "no longer keeps names apart from the prototype that all objects share",
            on=On.REMOVED,
            line=r"^\s*(?:(?:const|let|var)\s+)?[\w.#]+\s*(?::[^=]+)?=\s*Object",
            globs=_JS,
            never=_TEXT | {Label.TEST},
        ),
        Pattern(
            r"['\"`]__proto__['\"`]",
            "no longer refuses keys that reach the prototype",
            on=On.REMOVED,
            line=r"===?|!==?|includes|has\(|indexOf|Set\(|\[|case|throw|return|continue|test\(",
            globs=_JS,
            never=_TEXT,
        ),
    ),
)
