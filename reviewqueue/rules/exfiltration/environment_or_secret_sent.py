"""The environment, or a secret, sent out.

What it flags
    One added expression that sends the environment or a secret: `curl -d "$(env)"`,
    `requests.post(…, json=dict(os.environ))`, `fetch(…, {body: JSON.stringify(process.env)})`,
    a workflow secret in a `curl`, a DNS name built from one. Also a file that newly reads
    the whole environment or a credential store and newly sends to the network.

Why it matters
    The environment of a build or a server holds its keys. One request is enough, and it
    leaves no trace in the repository.

How to review it
    Find the address it goes to, and who owns it.
    List what the environment holds where this runs; rotate it if this has already run.

Not flagged
    Reading one named variable to authenticate to its own service; sending constants;
    passing the environment to a child process.
"""

from collections.abc import Iterator, Sequence

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import discountable
from reviewqueue.scan.rule import Capability, Hit, Line, Pattern, Rule, Stability, View

_ENVIRONMENT = (
    r"(?:dict|json\.dumps|str|repr|list|urlencode)\s*\(\s*\{?\s*(?:\*\*)?os\.environ\s*[,})]|"
    r"os\.environ\.(?:items|copy)\s*\(|JSON\.stringify\s*\(\s*\{?\s*(?:\.\.\.)?process\.env\s*[,})]|"
    r"Object\.(?:entries|assign|keys)\s*\([^\n]*process\.env\s*[,)]|\bos\.Environ\s*\(\s*\)|"
    r"std::env::vars(?:_os)?\s*\(|System\.getenv\s*\(\s*\)|ENV\.to_h(?:ash)?\b|\bprintenv\b|"
    r"(?:^|[;&|(`])[ \t]*env\s*[|>)`]|\$_ENV\b[^\[]"
)
_STORE = (
    r"(?:\.aws/credentials|\.ssh/id_|\.netrc\b|\.git-credentials|\.docker/config\.json|"
    r"\.kube/config|\.npmrc\b|\.pypirc\b|/proc/(?:self|\d+|\*|\{\w+\}|\$\{?\w+\}?)/environ)"
)
_SENDS = (
    r"requests\.(?:post|put|patch|request)\s*\(|httpx\.(?:post|put|patch|request)\s*\(|"
    r"\.sendall?\s*\(|urllib\.request\.(?:urlopen|Request)\s*\(|aiohttp\.ClientSession|"
    r"http\.client\.HTTPS?Connection|\bfetch\s*\(\s*['\"`]https?:|axios(?:\.(?:post|put))?\s*\(|"
    r"https?\.request\s*\(|http\.Post(?:Form)?\s*\(|http\.NewRequest\w*\s*\(|reqwest::|"
    r"\bcurl\s[^\n]*(?:-d|--data\S*|-F|--form|-T|--upload-file|-X\s*(?:POST|PUT))\b|"
    r"wget\s[^\n]*--post-(?:data|file)|Invoke-(?:WebRequest|RestMethod)[^\n]*-Method\s+Post|"
    r"smtplib\.SMTP|ftplib\.FTP|boto3\.client\(\s*['\"]s3|upload_file(?:obj)?\s*\("
)
_NEAR = 5
"""Lines between a reading and a sending that are one deed."""
_CLOSE = "sends the environment or a credential store"


def check(view: View) -> Iterator[Hit]:
    """Mark files that newly read everything and newly send: high where close together."""
    for file in view.where(_ENVIRONMENT, _STORE, side=Side.NEW):
        if discountable(file.labels):
            continue
        sends = file.new(_SENDS)
        reads = (*file.new(_ENVIRONMENT), *file.new(_STORE)) if sends else ()
        for line in (*reads, *sends) if reads else ():
            close = _is_near(line, sends) and _is_near(line, reads)
            yield Hit.at(
                file,
                line,
                _CLOSE if close else "the file newly reads what is secret, and newly sends",
                severity=Severity.HIGH if close else Severity.MEDIUM,
            )


def _is_near(line: Line, others: Sequence[Line]) -> bool:
    number = line.number
    return number is not None and any(
        other.number is not None and abs(other.number - number) <= _NEAR for other in others
    )


RULE = Rule(
    id="environment-or-secret-sent",
    pathway=Pathway.EXFILTRATION,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    stability=Stability.STABLE,
    summary="sends the environment or a secret out",
    capability=Capability.SENDS,
    patterns=(
        Pattern(
            r"\b(?:curl|wget|nc|ncat)\s[^\n]*(?:\$\(\s*(?:env|printenv|set)\b|`\s*(?:env|"
            r"printenv)\b)|(?:^|[\s;&|(`])(?:env|printenv)\s*\|[^\n]*\b(?:curl|wget|nc|ncat)\s",
            "sends the whole environment",
        ),
        Pattern(
            r"\b(?:curl|wget)\s[^\n]*(?:-d|--data\S*|-F|--form|--post-data|\?)[^\n]*"
            r"\$\{\{\s*(?:toJSON\(\s*)?secrets\b|toJSON\(\s*secrets\s*\)",
            "sends a workflow's secrets",
        ),
        Pattern(
            rf"(?:\bcurl|\bwget|\bscp|\bnc|\brsync)\s[^\n]*{_STORE}|"
            rf"{_STORE}[^\n]*\|[^\n]*\b(?:curl|wget|nc|ncat)\s",
            "sends a credential file",
        ),
        Pattern(
            r"\b(?:dig|nslookup|host)\s[^\n]*\$[({`]?[^\n]*\.[a-z0-9-]+\.[a-z]{2,}",
            "looks up a name built from local data, which carries it out",
        ),
    ),
    triggers=(_ENVIRONMENT, _STORE, _SENDS),
    check=check,
)
