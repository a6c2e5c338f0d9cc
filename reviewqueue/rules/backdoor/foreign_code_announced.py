r"""A title that says that code comes from somewhere else, or that data are run.

What it flags
    A change whose own title takes a dependency or an image from a fork, a branch, an archive or
    a script, downloads what is built already, installs by itself, or lets remote, dynamic or a
    user's code be run. It marks the changed line that shares most with the title.

Why it matters
    What is installed from elsewhere runs with the rights of the project, and nobody here
    reviews what it becomes tomorrow.

How to review it
    Who owns the place, is a commit or a hash named, and what ends the exception?

Not flagged
    Titles of documentation, tests and dependency updates; what stops doing so, or is replaced. A
    title that speaks of running code is a low finding where no line that changes reads or runs
    what is not there yet.

Seen in
    ATT&CK T1195 (supply chain compromise). Codecov's installer (April 2021), changed at its
    source and run by thousands of pipelines.
"""

from reviewqueue.domain.finding import Confidence, Pathway, Severity
from reviewqueue.scan.effects.announced import NOT_COMPOUND, Announcement, announcing
from reviewqueue.scan.rule import Rule, Stability

_INSTALLS = Announcement(
    r"\b(?:install|pull|fetch|download|us|switch|point|mov|build|load|vendor)(?:e|es|s|ed|ing)?\b"
    r"[^:;]{0,50}\b(?:from (?:a |the |my |our |its )?(?:fork|source|git|master|main|branch|s3|"
    rf"gist|script|internet|tarball|nightly)(?:{NOT_COMPOUND}|[ ](?:code|repo\w*|branch\w*|head|"
    r"tree|checkout|builds?|releases?|tag|url|commit|server|bucket|mirror)\b)|(?:a |the |my |"
    r"our )?fork(?:ed)?"
    r"(?:$| (?:image|version|of|with|until|for)\b)|git://|unverified\b|unsigned\b|untrusted\b)|"
    r"\b(?:download|fetch|pull|install)(?:s|ed|ing)?\b[^:;]{0,30}\b(?:nightly|binar(?:y|ies)|"
    r"pre-?built|installers?|(?:the )?latest \w+$|at (?:runtime|build time|startup))\b|"
    r"\bauto-?install\w*\b|\bcurl\b[^:;]{0,20}\b(?:bash|sh)\b",
    "the title says that code is taken from somewhere else",
)
_FETCHES = Announcement(
    r"\b(?:add|run|us|new|execut|introduc)\w* (?:\w+ )?install(?:er|ation)? scripts?\b|\bget-pip\b|"
    r"\b(?:download|fetch|pull|install)(?:s|ed|ing)? (?:the )?[\w.-]+ (?:in|during|from|at|"
    r"inside|via|"
    r"through|with) (?:the )?(?:docker\w*|build|runtime|url|curl|wget|internet|web|entrypoint|"
    r"postinstall)\b|\b(?:add|load|us|insert)\w* [^:;]{0,20}\bscript tags?\b|\b(?:scripts?|"
    r"packages?|modules?|tool-?chains?|binar\w+|dependenc\w+|plugins?|"
    r"librar\w+)\b[^:;]{0,20}\bfrom "
    r"(?:an? |the )?(?:\w+ )?(?:url|cdn|fork)\b",
    "the title says that code is taken from somewhere else",
    unless=r"\b(?:fix\w*|test\w*|docs?|images?|avatar|logo|fonts?|link|icon|favicon|pars\w*|param\w*|"
    r"query|extract\w*|read\w*|remov\w*|handle\w*)\b",
)
_PLUGS = Announcement(
    r"\b(?:load|import|discover|resolv|instantiat)(?:e|es|s|ed|ing)?\b[^:;]{0,30}\b(?:plugins?|"
    r"extensions?|modules?|hooks?|handlers?|class(?:es)?|code)\b[^:;]{0,30}\b(?:dynamic\w*|by name|"
    r"at runtime|from (?:settings|config\w*|disk|paths?|user|entry ?points?|dir\w*|files?|env\w*|"
    r"string\w*))\b|\bdynamic(?:ally)? (?:execut|evaluat)\w*|\b(?:allow|support|enabl|let|run|add|"
    r"execut)\w*\b[^:;]{0,15}\b(?:custom|user|user-defined|user-supplied|arbitrary|"
    r"inline) (?:python |"
    r"js |javascript |shell |lua |bash )?(?:hooks?|scripts?|code|expressions?)\b|\beval(?:s|uate|"
    r"uates|uating)? (?:\w+ )?(?:expressions?|code|strings?)\b|\bexec(?:s|ute|utes|"
    r"uting)? (?:\w+ )?"
    r"(?:user|shell|custom|arbitrary) (?:scripts?|code|commands?)\b|\bweights_only\b|"
    r"\b(?:us|switch|cach|stor|load|sav)\w*\b[^:;]{0,20}\bpickle\b",
    "the title says that data or foreign code are run",
    unless=r"\b(?:fix\w*|remov\w*|avoid\w*|prevent\w*|replac\w*|test\w*|docs?|no|not|drop\w*|"
    r"instead|comments?)\b",
)
_RUN = (
    r"(?i)(?:^|[^.\w])(?:eval|exec\w*|compile|execfile|source)[ ]*\(|pickle|\bdill\b|joblib|"
    r"marshal|yaml\.(?:unsafe_|full_)?load|shell[ ]*=[ ]*true|\bnew[ ]+function\b|\bvm2?\b|"
    r"__import__|"
    r"import_?(?:module|lib)|importlib|\bsubprocess|child_process|\bspawn|\bpopen|os\.system|"
    r"trust_?remote|weights_only|\bunsigned|unverified|insecure|untrusted|registr|vendor|wasm|"
    r"(?:custom|user|remote|dynamic|arbitrary)_?(?:code|script|command|expression|plugin)"
)
"""What reads or runs what is not there yet."""
_READS = Announcement(
    r"\b(?:us|switch|add|load|read)(?:e|es|s|ed|ing|ching)?\b(?: to)?(?: \w+){0,2} (?:yaml\.load|"
    r"pickle|dill|joblib|marshal|"
    rf"cloudpickle|eval|exec|vm2|new function){NOT_COMPOUND}|\b(?:exec|eval|source)(?:s|ed|"
    r"ing)? (?:the )?(?:\w+ )?(?:config\w*|"
    r"user|files?|scripts?|expressions?|plugins?)\b|\b(?:allow|us|install|accept|enabl)(?:e|es|s|ed|ing)?\b"
    r"(?: \w+){0,2} (?:unsigned|unverified|unofficial|insecure|untrusted) (?:packages?|"
    r"registr\w+|repos?\w*|"
    r"sources?|mirrors?|plugins?|extensions?|binar\w+)\b|\bvendor(?:ed|ing)? (?:a )?(?:fork|"
    r"patched)\b",
    "the title says that data or foreign code are run",
    unless=r"\b(?:fix\w*|test\w*|docs?|lint|instead|avoid|replac\w*|remov\w*|prevent\w*|detect\w*|warn\w*)\b",
    shown=_RUN,
)
_RUNS = Announcement(
    r"\b(?:remote|arbitrary|dynamic|user[- ]supplied) (?:code|imports?|evaluation|execution)\b|"
    r"\b(?:enabl|allow|us|support|add|switch)(?:e|es|s|ed|ing)?\b[^:;]{0,30}\b(?:shell execution|"
    r"shell=true|pickle\b|unpickl\w*|eval\(|exec\(|code execution)",
    "the title says that data or foreign code are run",
    shown=_RUN,
)


RULE = Rule(
    id="foreign-code-announced",
    pathway=Pathway.BACKDOOR,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="says that code comes from somewhere else",
    version=5,
    check=announcing(_INSTALLS, _FETCHES, _RUNS, _PLUGS, _READS),
)
