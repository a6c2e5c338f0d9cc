r"""Data that can run code when it is read, newly read.

What it flags
    Added calls that rebuild objects from bytes in formats that carry code: Python's
    `pickle`, `marshal`, `shelve`, `dill`, `jsonpickle`, `yaml.load` without a safe loader,
    Java's `ObjectInputStream` and `XMLDecoder`, C#'s `BinaryFormatter` and
    `TypeNameHandling`, PHP's `unserialize`, Ruby's `Marshal.load`, `node-serialize`,
    models loaded with code. High where the bytes come from a request or the network, or
    the result is called at once.

Why it matters
    Whoever writes the bytes runs code in the reader.

How to review it
    Ask who can write what is read, now and later, and whether it is signed.
    Ask for JSON, `safe_load`, safetensors or a schema.

Not flagged
    Safe loaders, `weights_only=True`, writing such formats.

Seen in
    CWE-502; CVE-2015-7501 and CVE-2015-4852 (Java object streams), CVE-2017-5941
    (node-serialize), CVE-2019-6446 (numpy's pickled arrays), CVE-2020-1747 (PyYAML).
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity
from reviewqueue.scan.kinds import Kind, expressions, marked
from reviewqueue.scan.rule import Capability, Hit, Rule, Stability, View, expression

_PYTHON = ("*.py", "*.pyw", "*.ipynb", "*.pyx", "*.y*ml")
_KINDS = (
    Kind(
        r"\b(?:c?[pP]ickle|_pickle|dill|cloudpickle|marshal|jsonpickle|joblib|shelve|pandas|pd|klepto)"
        r"\s*\.\s*(?:loads?|Unpickler|open|decode|read_pickle)\s*\(|\bUnpickler\s*\(",
        "rebuilds objects from bytes that can carry code",
        unless=r"\b(?:pandas|pd)\.(?:loads?|open|decode)|\bshelve\.(?:loads?|decode)|"
        r"class\s|\b(?:joblib|dill|pickle)\.open",
        globs=_PYTHON,
    ),
    Kind(
        r"\byaml\.(?:load|load_all|unsafe_load|unsafe_load_all)\s*\(",
        "reads YAML with a loader that can build any object",
        line=r"\byaml\.(?:unsafe_load|load)",
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
        r"\bMarshal\.(?:load|restore)\b|\bYAML\.(?:load|unsafe_load)\b|\bOj\.(?:load|object_load)\b",
        "rebuilds Ruby objects from bytes",
        unless=r"safe|permitted_classes|load_file\b",
        globs=("*.rb", "*.erb", "*.rake", "*.gemspec"),
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
_CALLED = r"\bloads?\s*\([^\n]*\)\s*\(\s*[^)\n]*\)\s*$"


def check(view: View) -> Iterator[Hit]:
    """Mark each reader; worse, where the bytes come from outside or the result is called."""
    remote, called = expression(_REMOTE), expression(_CALLED)
    for kind, file, line in marked(view, _KINDS):
        message, severity = kind.message, kind.severity
        if remote.search(line.whole):
            message, severity = f"{message}, which come from outside", Severity.HIGH
        elif called.search(line.whole):
            message, severity = f"{message}, and calls what it gets", Severity.HIGH
        yield Hit.at(file, line, message, severity=severity)


RULE = Rule(
    id="unsafe-deserialisation",
    pathway=Pathway.BACKDOOR,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="reads data in a format that can run code",
    capability=Capability.EXECUTES,
    added_triggers=expressions(_KINDS),
    check=check,
)
