r"""Data that can run code when it is read, newly read.

What it flags
    Added calls that rebuild objects from bytes in formats that carry code: Python's
    `pickle`, `marshal`, `shelve`, `dill`, `jsonpickle`, `yaml.load` without a safe loader,
    Java's `ObjectInputStream` and `XMLDecoder`, C#'s `BinaryFormatter` and
    `TypeNameHandling`, PHP's `unserialize`, Ruby's `Marshal.load`, `node-serialize`,
    models loaded with code, and options that let such formats in (`allow_unsafe_types`,
    `--trust-remote-code`). High where the bytes come from a request or the network, or
    the result is called at once.
    Also message queues and YAML schemas that are set to carry such objects, and Java's lookups
    of names (JNDI), whose answer can be one.

Why it matters
    Whoever writes the bytes runs code in the reader.

How to review it
    Ask who can write what is read, now and later, and whether it is signed.
    Ask for JSON, `safe_load`, safetensors or a schema.

Not flagged
    Safe loaders, `weights_only=True`, writing such formats; docstrings; a test that reads
    back what it has written itself. Other tests that assert something weigh low.

Seen in
    CWE-502; CVE-2015-7501 and CVE-2015-4852 (Java object streams), CVE-2017-5941
    (node-serialize), CVE-2019-6446 (numpy's pickled arrays), CVE-2020-1747 (PyYAML).
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity
from reviewqueue.domain.paths import Label, read_by_machines
from reviewqueue.scan.rule import Capability, FileView, Hit, Line, Rule, Stability, View, expression
from reviewqueue.scan.structure.kinds import Kind, expressions, marked
from reviewqueue.scan.structure.said import is_sentence
from reviewqueue.scan.structure.tested import is_trial

_PYTHON = ("*.py", "*.pyw", "*.ipynb", "*.pyx", "*.y*ml")
_OFFERS = (
    r"\badd_argument\(|\boption\(|\bflags?\.|@click|:[ \t]*(?:bool|boolean|Boolean|"
    r"Optional\[bool\]|z\.bool)|"
    r"\b(?:bool|boolean|Boolean)[ \t]+\w+|\w[ \t]+bool\b|\?[ \t]*:|^[ \t]*['\"]--|"
    r"[:=][ \t]*(?:true|True)\b|:[ \t]*(?:true|false),[ \t]*$"
)
"""What declares an option, or sets it."""
_KINDS = (
    Kind(
        r"\b(?:c?[pP]ickle|_pickle|dill|cloudpickle|marshal|jsonpickle|joblib|shelve|pandas|pd|"
        r"klepto)"
        r"\s*\.\s*(?:loads?|Unpickler|open|decode|read_pickle)\s*\(|\bUnpickler\s*\(",
        "rebuilds objects from bytes that can carry code",
        unless=r"\b(?:pandas|pd)\.(?:loads?|open|decode)|\bshelve\.(?:loads?|decode)|"
        r"class\s|\b(?:joblib|dill|pickle)\.open",
        globs=_PYTHON,
    ),
    Kind(
        r"\byaml\.(?:load|load_all|unsafe_load|unsafe_load_all)\s*\(",
        "reads YAML with a loader that can build any object",
        unless=r"Safe\w*Loader|safe_load|BaseLoader|typ\s*=\s*['\"]safe",
        globs=_PYTHON,
    ),
    Kind(
        r"\btorch\.load\s*\(|\bkeras\.models\.load_model\s*\(|\btf\.keras\.models\.load_model\s*\(",
        "loads a model in a format that can carry code",
        unless=r"weights_only\s*=\s*True|safe_mode\s*=\s*True",
        severity=Severity.LOW,
        globs=_PYTHON,
    ),
    Kind(
        r"\bnew\s+ObjectInputStream\s*\(|\bnew\s+XMLDecoder\s*\(|\benableDefaultTyping\s*\(|"
        r"\bactivateDefaultTyping\s*\(|\bnew\s+XStream\s*\(|@JsonTypeInfo\s*\([^\n]*\.CLASS|"
        r"\bnew\s+Hessian2?Input\s*\(|\bsetAutoTypeSupport\s*\(\s*true",
        "rebuilds Java objects of any class from bytes",
        globs=("*.java", "*.kt", "*.scala", "*.groovy", "*.jsp*", "*.y*ml"),
    ),
    Kind(
        r"\b(?:BinaryFormatter|SoapFormatter|NetDataContractSerializer|LosFormatter|"
        r"ObjectStateFormatter|JavaScriptTypeResolver|SimpleTypeResolver)\s*\(|"
        r"\bTypeNameHandling\s*\.\s*(?:All|Auto|Objects|Arrays)\b",
        "rebuilds .NET objects of any type from bytes",
        globs=("*.cs", "*.vb", "*.fs", "*.cshtml", "*.ps1", "*.y*ml"),
    ),
    Kind(
        r"\bunserialize\s*\(|\bigbinary_unserialize\s*\(|\byaml_parse\s*\(",
        "rebuilds PHP objects from text",
        unless=r"allowed_classes['\"]?\s*=>\s*false|function\s+unserialize",
        globs=("*.php", "*.php?", "*.phtml", "*.inc", "*.module", "*.y*ml"),
    ),
    Kind(
        r"\bMarshal\.(?:load|restore)\b|\bYAML\.(?:load|unsafe_load)\b|\bOj\.(?:load|"
        r"object_load)\b",
        "rebuilds Ruby objects from bytes",
        unless=r"\bsafe|permitted_classes|load_file\b",
        globs=("*.rb", "*.erb", "*.rake", "*.gemspec"),
    ),
    Kind(
        r"(?i)\b(?:accept_content|task_serializer|result_serializer|event_serializer|serializer|"
        r"SESSION_SERIALIZER)\w*['\"]?\]?\s*[:=][^\n]*pickle",
        "lets messages carry objects with code in them",
        globs=(*_PYTHON, "*.cfg", "*.toml", "*.ini", "*.conf"),
    ),
    Kind(
        r"\bnew\s+Yaml\s*\(\s*new\s+Constructor\b|\bsetRegistrationRequired\s*\(\s*false|"
        r"\bAnyTypePermission\b|\breadUnshared\s*\(|\bSerializationUtils\.deserialize\s*\(|"
        r"\bLaissezFaireSubTypeValidator\b|\bnew\s+JsonReader\b[^\n]*USE_MAPS|"
        r"\bnew\s+Kryo\s*\(\s*\)",
        "rebuilds Java objects of any class from bytes",
        globs=("*.java", "*.kt", "*.scala", "*.groovy", "*.jsp*"),
    ),
    Kind(
        r"\b(?:Storable::)?(?:thaw|retrieve)\s*\(\s*\$|\bbinary_to_term\s*\(|"
        r"\bread(?:RDS|\.rds)\s*\([^\n]*https?:",
        "rebuilds objects from bytes",
        unless=r":safe\b|\bsafe\b",
        globs=("*.pl", "*.pm", "*.cgi", "*.erl", "*.ex", "*.exs", "*.r"),
    ),
    Kind(
        r"(?i)\b-{0,2}(?:(?:allow|permit|enable|accept|with)[_-]?(?:\w*[_-])?(?:unsafe|pickled?|"
        r"danger\w*|"
        r"untrusted|arbitrary)[_-]?(?:types?|class(?:es)?|deseriali\w*|load\w*|tags?|objects?|code|"
        r"eval|yaml|modules?|templates?|scripts?|globals|js)?|(?:trust|allow|"
        r"enable)[_-]?remote[_-]?code)"
        r"\b",
        "formats, or models, that carry code can newly be let in by an option",
        line=_OFFERS,
        unless=r"(?i)allow_?arbitrary_?types|unsafe_?(?:html|inline|options)",
    ),
    Kind(
        r"\bnew\s+Initial(?:Dir|Ldap)?Context\s*\(|\bJndi(?:Template|Manager|Lookup)\b",
        "looks names up where the answer can be code from elsewhere",
        unless=r"^\s*(?:import|package)\b",
        globs=("*.java", "*.kt", "*.scala", "*.groovy"),
    ),
    Kind(
        r"\bDEFAULT_FULL_SCHEMA\b|\bjs-yaml-js-types\b|\byaml\.load\s*\([^\n]*(?:FULL|"
        r"UNSAFE)\w*SCHEMA",
        "reads YAML with a schema that can build functions",
    ),
    Kind(
        r"require\s*\(\s*['\"](?:node-serialize|serialize-to-js|funcster|cryo)['\"]|"
        r"\bfrom\s+['\"](?:node-serialize|serialize-to-js|funcster|cryo)['\"]|"
        r"\bserialize\.unserialize\s*\(|\bv8\.deserialize\s*\(",
        "rebuilds JavaScript functions from text",
    ),
)
_REMOTE = (
    r"(?i)(?:request\s*\.|req\.(?:body|query|params|cookies)|\.recv\s*\(|urlopen|requests\.get|"
    r"cookies?\s*[\[.(]|\$_(?:GET|POST|REQUEST|COOKIE)|params\s*\[|getInputStream\s*\(|b64decode|"
    r"base64|redis\.|socket|\.content\b|message\.body|headers)"
)
_WRITES = (
    r"\b(?:pickle|marshal|dill|cloudpickle|joblib|yaml|jsonpickle|Marshal|YAML)"
    r"\.(?:dumps?|encode)\b|\bserialize\s*\("
)
_READ = 20_000
"""Added bytes of a test in which it writes what it reads back."""
_FAR = 1_000
"""Line of a test from which on a reader counts like any other."""
_CALLED = r"\bloads?\s*\([^\n]*\)\s*\(\s*[^)\n]*\)\s*$"


def check(view: View) -> Iterator[Hit]:
    """Mark each reader; worse, where the bytes come from outside or the result is called."""
    remote, called = expression(_REMOTE), expression(_CALLED)
    for kind, file, line in marked(view, _KINDS):
        if is_sentence(file, line.whole) or _is_round_trip(file, line):
            continue
        message, severity = kind.message, kind.severity
        if remote.search(line.whole):
            message, severity = f"{message}, which come from outside", Severity.HIGH
        elif called.search(line.whole):
            message, severity = f"{message}, and calls what it gets", Severity.HIGH
        elif is_trial(file):
            severity = Severity.LOW
        yield Hit.at(file, line, message, severity=severity)


def _is_round_trip(file: FileView, line: Line) -> bool:
    """Return whether a test reads back what it has written itself."""
    if Label.TEST not in file.labels or read_by_machines(file.labels):
        return False
    if expression(_REMOTE).search(line.whole) or (line.number or _FAR) >= _FAR:
        return False
    return expression(_WRITES).search(file.added[:_READ]) is not None


RULE = Rule(
    id="unsafe-deserialisation",
    pathway=Pathway.BACKDOOR,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    version=4,
    summary="reads data in a format that can run code",
    capability=Capability.EXECUTES,
    added_triggers=expressions(_KINDS),
    check=check,
)
