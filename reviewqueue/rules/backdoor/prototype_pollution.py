r"""Input that can change every object of a program.

What it flags
    Added JavaScript that writes to `__proto__` or to the prototype of a built-in, or that
    merges a request into an object deeply; and removed lines that refused `__proto__`,
    `constructor` or `prototype` as keys.

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

from reviewqueue.domain.finding import Confidence, Pathway, Severity
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import On, Pattern, Rule, Stability

_TEXT = frozenset({Label.DOCS, Label.LOCK, Label.GENERATED})
_JS = ("*.js", "*.mjs", "*.cjs", "*.jsx", "*.ts", "*.tsx", "*.mts", "*.cts", "*.vue", "*.svelte")

RULE = Rule(
    id="prototype-pollution",
    pathway=Pathway.BACKDOOR,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="lets input change every object of the program",
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
            r"\b(?:merge|mergeWith|extend|defaultsDeep|deepmerge|setWith|set|assign)\s*\([^\n]*"
            r"\b(?:req|request|ctx|event)\.(?:body|query|params)\b",
            "merges a request into an object, keys and all",
            line=r"\b(?:merge|mergeWith|defaultsDeep|deepmerge|setWith|_\.set|_\.extend|extend)\s*\(",
            globs=_JS,
            never=_TEXT,
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
