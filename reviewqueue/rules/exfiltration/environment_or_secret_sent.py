"""The environment, or a secret, sent out.

What it flags
    One added expression that sends the environment, a file or a secret: `curl -d "$(env)"`,
    `curl -F file=@…`, `requests.post(…, json=dict(os.environ))`, `fetch(…, {body:
    JSON.stringify(process.env)})`, a workflow secret in a `curl` to a host without a name in
    the file, encoded content in an address, a DNS name built from data. Also a file that
    newly reads the whole environment, the host's identity or a credential store and newly
    sends to the network; and what comes out of a key file, a page's cookies and storage, a
    password or card field or a wallet, followed by its name into a sending; every variable of
    the environment, gathered in a loop and followed into a request; names that are looked up
    with data in front of a written domain.

Why it matters
    The environment of a build or a server holds its keys. One request is enough, and it
    leaves no trace in the repository.

How to review it
    Find the address it goes to, and who owns it.
    List what the environment holds where this runs; rotate it if this has already run.

Not flagged
    Reading one named variable to authenticate to its own service; sending constants;
    passing the environment to a child process.

Seen in
    ATT&CK T1041, T1048.003, T1071.004 (DNS), T1552.001; Codecov's bash uploader (2021) sent
    `git remote -v` and `env`; event-stream (2018) and ctx (PyPI, 2022) sent wallets and
    environments; Shai-Hulud (npm, 2025) sent what it found to a webhook.
"""

from collections.abc import Iterator, Sequence

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, set_aside
from reviewqueue.scan.rule import (
    Capability,
    FileView,
    Hit,
    Line,
    Pattern,
    Rule,
    Stability,
    View,
    expression,
)
from reviewqueue.scan.structure.flow import REACHES, SENDS, Use, abroad, uses
from reviewqueue.scan.structure.kinds import Kind, expressions, hits, is_code
from reviewqueue.scan.structure.near import stands_in

_ENVIRONMENT = (
    r"(?:dict|json\.dumps|str|repr|list|urlencode)\s*\(\s*\{?\s*(?:\*\*)?os\.environ\s*[,})]|"
    r"os\.environ\.(?:items|copy)\s*\(|"
    r"JSON\.stringify\s*\(\s*\{?\s*(?:\.\.\.)?process\.env\s*[,})]|"
    r"Object\.(?:entries|assign|keys)\s*\([^\n]*process\.env\s*[,)]|\bos\.Environ\s*\(\s*\)|"
    r"std::env::vars(?:_os)?\s*\(|System\.getenv\s*\(\s*\)|ENV\.to_h(?:ash)?\b|\bprintenv\b|"
    r"(?:^|[;&|(`])[ \t]*env\s*[|>)`]|\$_ENV\b[^\[]|Environment\.GetEnvironmentVariables\s*\(|"
    r"Get-ChildItem\s+[Ee]nv:|\bgci\s+env:|\bgetenv\(\s*\)|\benviron\s*\[\s*i\s*\]|"
    r"=\s*os\.environ\s*$|JSON\.(?:dump|generate)\s*\(\s*ENV\b|"
    r"process\[\s*['\"]env['\"]\s*\]\s*[,)]|\b(?:platform\.node|socket\.gethostname|"
    r"getpass\.getuser|os\.hostname|os\.userInfo|os\.getlogin)\s*\(\s*\)"
)
_STORE = (
    r"(?:\.aws/credentials|\.ssh/id_|\.netrc\b|\.git-credentials|\.docker/config\.json|"
    r"\.kube/config|\.gnupg/|\.config/gcloud|\.azure/|wallet\.dat|Login Data|\.npmrc\b|\.pypirc\b|"
    r"/proc/(?:self|\d+|\*|\{\w+\}|\$\{?\w+\}?)/environ)"
)
_SENDS = (
    r"\burlopen\s*\([^\n]*,|=\s*urllib2?\.(?:request\.)?urlopen\b|"
    r"requests\.(?:post|put|patch|request)\s*\(|httpx\.(?:post|put|patch|request)\s*\(|"
    r"\.sendall?\s*\(|urllib\.request\.(?:urlopen|Request)\s*\(|aiohttp\.ClientSession|"
    r"http\.client\.HTTPS?Connection|\bfetch\s*\(\s*['\"`]https?:|axios(?:\.(?:post|put))?\s*\(|"
    r"https?\.request\s*\(|http\.Post(?:Form)?\s*\(|http\.NewRequest\w*\s*\(|reqwest::|"
    r"\bcurl\s[^\n]*(?:-d|--data\S*|-F|--form|-T|--upload-file|-X\s*(?:POST|PUT))\b|"
    r"wget\s[^\n]*--post-(?:data|file)|Invoke-(?:WebRequest|RestMethod)[^\n]*-Method\s+Post|"
    r"\bHttpClient\b[^\n]*\.(?:Post|Put|Send)Async|\.PostAsync\s*\(|HttpRequest\.newBuilder|"
    r"OkHttpClient|HttpURLConnection|Net::HTTP\.(?:post|new|start)|RestClient\.post|"
    r"Faraday\.(?:new|post)|HTTParty\.post|\bcurl_setopt\s*\(|curl_easy_setopt\s*\(|"
    r"URLSession\.shared|XMLHttpRequest|navigator\.sendBeacon|\bgot\.(?:post|put)\s*\(|"
    r"needle\.post|superagent\.post|undici|ureq::|hyper::Client|UploadString|UploadFile\s*\(|"
    r"DownloadString|new\s+WebSocket\s*\(|smtplib\.SMTP|nodemailer|ftplib\.FTP|"
    r"boto3\.client\(\s*['\"]s3|upload_file(?:obj)?\s*\("
)
_PRIVATE = (
    r"\bdocument\.cookie\b|\{\s*\.\.\.(?:local|session)Storage\b|"
    r"\bJSON\.stringify\s*\(\s*(?:local|session)Storage\b|"
    r"\bObject\.(?:keys|entries|values)\s*\(\s*(?:local|session)Storage\b|"
    r"\b(?:mnemonic|seed_?[pP]hrase|secretRecoveryPhrase)\b|\bwallet\w*\.(?:private|secret)\w*|"
    r"['\"`/~]\.(?:ssh|aws|kube|gnupg|netrc|npmrc|pypirc|git-credentials)\b|"
    r"['\"`/]id_(?:rsa|ed25519|ecdsa|dsa)\b|/etc/(?:shadow|passwd|master\.passwd)\b|"
    r"(?:open|read\w*|Path|ReadFile|readFileSync|read_text|file_get_contents|File)\s*\(\s*[\"'`](?:\.{0,2}/)*\.env\b|"
    r"querySelector\w*\s*\([^\n]*(?:password|\bcc\b|card|cvv)|\b(?:card_?number|cardNumber|cvv|cvc)\b|"
    r"\bkeyring\.get_password\s*\(|\bSecItemCopyMatching\b|\bjson_encode\s*\(\s*\$_(?:SERVER|ENV)\b|"
    r"\bget(?:AllCookies|_cookies)\s*\(|\bcookies\.getAll\s*\("
)
"""What nobody else should have: where one of its names is followed into a sending."""
_WHOLE = (
    r"\bfor\s+[\w, ]+\s+in\s+(?:os\.)?environ(?:\.(?:items|values|keys)\(\)|\s*[:\])]|\s*$)|"
    r"\bimport\s+environ\s+as\s|\bin\s+process\.env\s*\)|\bprocess\.env\s*[,)]|"
    r"\bENV\.(?:map|each\w*|to_\w+|values|inspect|collect|select)\b|\$_(?:SERVER|ENV)\s+as\s|"
    r"\bgetenv\s*\(\s*\)|\bSystem\.get_env\s*\(\s*\)|\bos\.Environ\s*\(|\benv::vars|%ENV\b|"
    r"\bos\.environ\s*[,)]|\bGetEnvironmentVariables\s*\(|\bprintenv\b|\bcompgen\s+-e\b|"
    r"\bexport\s+-p\b|\bdeclare\s+-x?p\b|\b(?:gci|Get-ChildItem)\s+[Ee]nv:|=\s*environ\s*;|"
    r"\bprocessInfo\.environment\s*(?:\.|$)|\bDeno\.env\.toObject\b|"
    r"open\s*\(\s*[\"'](?:env|set|printenv)[\"'\s|]"
)
"""Every variable of the environment: where it is followed into a request."""
_REACH = 12
_FAR = 25
"""Lines below it within which a value is followed, and all variables, which a loop gathers."""
_NAMES = (
    Kind(
        r"\b(?:gethostby\w+|getaddrinfo|dns[\"')]*(?:\.promises)?\.(?:lookup|resolve\w*)|"
        r"net\.Lookup\w+|Dns\.GetHost\w+|resolver\.(?:resolve|query)|InetAddress\.getByName|"
        r"checkdnsrr|dns_get_record|Resolv\.getaddress|lookup_host|to_socket_addrs|"
        r"Resolve-DnsName)\s*\(",
        "looks up a name with data in front, which its domain's owner gets to read",
        severity=Severity.MEDIUM,
        line=r"(?:\w|\)|\])\s*(?:\+|\.\.?)\s*[\"'`]\.[\w-]+\.[\w.-]+\.[a-z]{2,}\.?[\"'`]|"
        r"[\"'`](?:%[sdxv]|[$#]?\{[^}\n]*\}|\{\})[^\s\"'`]*\.[\w-]+\.[\w-]+\.[a-z]{2,}\.?[\"'`]",
        unless=r"\.(?:local|internal|svc|arpa|localhost|lan|test|consul|spamhaus\.org|example\.\w+)\b",
    ),
    Kind(
        r"(?:^|[\s;&|(`])ping6?\s[^\n]*\$",
        "asks for a name with data in front, which its domain's owner gets to read",
        severity=Severity.MEDIUM,
        line=r"\$\{?\w+\}?(?:\.\w+)*\.[\w-]+\.[a-z]{2,}\b|\$\([^\n]*\)\.[\w.-]+\.[a-z]{2,}\b",
    ),
)
"""Names of machines that are made of something."""
_TO_A_CHILD = r"\benv:\s*Object\.assign\s*\(|\.Env\s*=\s*append\s*\("
_FORMED = r"(?:\w|\)|\])\s*(?:\+|\.\.?)\s*[\"'`]\.[\w-]+\.[\w.-]+\.[a-z]{2,}\.?[\"'`]\s*;?\s*$"
_NEAR = 5
"""Lines between a reading and a sending that are one deed."""

_ALL_OF_IT = (
    r"(?:os\.environ\s*[,)}]|dict\(os\.environ|process\.env\s*[,)}]|os\.Environ\(\)|"
    r"open\(\s*[\"'](?:/etc/passwd|/etc/shadow|~/|\.env)|"
    r"readFileSync\([^\n)]*(?:\.env|\.ssh|\.aws|\.npmrc|passwd))"
)
"""The whole environment, or a file that is nobody else's business."""
_IN_AN_ADDRESS = "puts local data into an address"
_GETS = r"(?:\bcurl|\bwget|\bfetch|\bInvoke-\w+|requests\.get|urlopen|http\.[Gg]et)"


def check(view: View) -> Iterator[Hit]:
    """Mark files that newly read everything and newly send: high where close together."""
    for file in view.where(_ENVIRONMENT, _STORE, side=Side.NEW):
        if Label.GENERATED in file.labels or file.path.endswith(".map"):
            continue
        sends = file.new(_SENDS)
        found = (*file.new(_ENVIRONMENT), *file.new(_STORE)) if sends else ()
        reads = [line for line in found if not expression(_TO_A_CHILD).search(line.whole)]
        reading, sending = _numbers(reads), _numbers(sends)
        for line in (*reads, *sends) if reads else ():
            close = _is_near(line, sending) and _is_near(line, reading)
            if set_aside(file.labels) and not close:
                continue
            weighs = Severity.MEDIUM if set_aside(file.labels) else Severity.HIGH
            yield Hit.at(
                file,
                line,
                "sends the environment or a credential store"
                if close
                else "the file newly reads what is secret, and newly sends",
                severity=weighs if close else Severity.MEDIUM,
                discountable=True,
            )
    yield from _followed(view)
    yield from hits(view, _NAMES)


def _followed(view: View) -> Iterator[Hit]:
    """Mark the sendings that get what is private, or every variable, by its name."""
    for source, reach, told in (
        (_WHOLE, _FAR, "sends the variables of the environment that line {} goes through"),
        (_PRIVATE, _REACH, "sends what line {} reads: a file, a key or a cookie"),
    ):
        for file in view.where(source, side=Side.NEW):
            severity = Severity.MEDIUM if set_aside(file.labels) else None
            for use in _abroad(file, source, reach):
                message = told.format(use.source)
                yield Hit.on(file, use.number, use.text, message, severity=severity)
    for file in view.where(_NAMES[0].regex, side=Side.NEW):
        for use in uses(file, _FORMED, _NAMES[0].regex) if is_code(file) else ():
            if not expression(_NAMES[0].unless).search(use.origin):
                message = f"looks up the name that line {use.source} makes of data"
                yield Hit.on(file, use.number, use.text, message, severity=Severity.MEDIUM)


def _abroad(file: FileView, source: str, reach: int) -> Iterator[Use]:
    """Yield the requests that get a value: those that send, or whose host is written beside."""
    found = tuple(uses(file, source, REACHES, reach)) if is_code(file) else ()
    hosts = abroad(file) if found else ()
    for use in found:
        near = range(use.number - _NEAR, use.number + _NEAR + 1)
        if stands_in(hosts, near) or (source == _PRIVATE and expression(SENDS).search(use.text)):
            yield use


def _numbers(lines: Sequence[Line]) -> Sequence[int]:
    return sorted({line.number for line in lines if line.number is not None})


def _is_near(line: Line, others: Sequence[int]) -> bool:
    number = line.number
    return number is not None and stands_in(others, range(number - _NEAR, number + _NEAR + 1))


RULE = Rule(
    id="environment-or-secret-sent",
    version=6,
    pathway=Pathway.EXFILTRATION,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    stability=Stability.STABLE,
    summary="sends the environment or a secret out",
    capability=Capability.SENDS,
    patterns=(
        Pattern(
            r"\bJSON\.stringify\s*\(\s*\{?\s*(?:\.\.\.)?process(?:\.env|"
            r"\[\s*['\"]env['\"]\s*\])\s*[,})]|\bENV\.to_h(?:ash)?\.to_(?:json|yaml)\b|"
            r"\bJSON\.(?:dump|generate)\s*\(\s*ENV\b|"
            r"\bjson\.dumps\s*\(\s*(?:dict\s*\(\s*)?os\.environ\s*[,)]",
            "turns the whole environment into one text, ready to be sent",
        ),
        Pattern(
            r"\b(?:json|data|body|params|payload|content|form)\s*[=:]\s*(?:\w+(?:\.\w+)?\s*\(\s*)?"
            r"(?:dict\s*\(\s*|\{\s*\*\*\s*)?os\.environ\s*[,)}]",
            "hands the whole environment to a call, whatever its name is",
        ),
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
            r"\bcurl\b[^\n]*(?:\s-d\s*|--data(?:-binary|-raw|-urlencode)?[= ]|\s-T\s*|"
            r"--upload-file[= ]|\s-F\s*|--form[= ])[\"']?(?:[\w\[\]]+=)?@|"
            r"\bwget\s[^\n]*--(?:post|body)-file",
            "sends a local file",
            line=r"@[\"']?(?:/|~|\$|\.\w|\.\.|-|[\w-]+\.(?:tar|t?gz|zip|sql|db|log|pem|key|env|csv|"
            r"json|txt|bin|conf|ya?ml))|-file",
            severity=Severity.MEDIUM,
        ),
        Pattern(
            rf"{_GETS}[\s(][^\n]*\b(?:base64\b|b64encode\b|btoa\b|hexlify\b|xxd\W)",
            _IN_AN_ADDRESS,
            line=rf"{_GETS}[\s(][^\n]{{0,300}}(?:\$\(|`|\{{)[^\n)`}}]{{0,200}}\b(?:base64|b64encode|btoa|"
            r"xxd|hexlify)\b",
        ),
        Pattern(
            rf"{_GETS}[\s(][^\n]*(?:\$\(|`)\s*(?:hostname\b|whoami\b|uname\s|id[\s)`])",
            _IN_AN_ADDRESS,
            line=rf"{_GETS}[\s(][^\n]*(?:\$\(|`)\s*(?:hostname\b|whoami\b|uname\s+-[a-z]*[an]|id[\s)`])",
        ),
        Pattern(
            _ALL_OF_IT,
            "sends the environment or a private file",
            line=r"(?:requests\.\w+|httpx\.\w+|fetch|axios(?:\.\w+)?|http\.Post\w*|\.send(?:all|to)?|"
            r"\b(?:send|report|upload|submit|track|publish)(?:_\w+)?|"
            rf"urlopen|\.PostAsync|\.post)\s*\([^\n]*{_ALL_OF_IT}",
        ),
        Pattern(
            rf"(?:\bcurl|\bwget|\bscp|\bnc|\brsync)\s[^\n]*{_STORE}|"
            rf"{_STORE}[^\n]*\|[^\n]*\b(?:curl|wget|nc|ncat)\s",
            "sends a credential file",
        ),
        Pattern(
            r"\b(?:dig|nslookup|host)\s+(?:[-+@]\S+\s+)*[^\s=]*\$[({`\w]",
            "looks up a name built from local data, which carries it out",
            line=r"(?:^|[\s;&|(`\"'$])(?:dig|nslookup|host)\s+(?:[-+@]\S+\s+)*[\"']?[^\s=]{0,80}\$[({`\w]"
            r"[^\n]{0,200}\.[a-z0-9-]+\.[a-z]{2,}",
        ),
        Pattern(
            r"(?:gethostbyname|getaddrinfo|dns\.(?:lookup|resolve\w*)|net\.Lookup\w+|"
            r"Dns\.GetHost\w+|resolver\.(?:resolve|query)|InetAddress\.getByName|"
            r"Resolve-DnsName)\s*\(?[^\n]*(?:b64|base64|base32|hex|encode|btoa|environ|\benv\b|"
            r"hostname|secret|token|chunk)[^\n]*\.[a-z]{2,}\b",
            "looks up a name built from local data, which carries it out",
            line=r"(?:gethostbyname|getaddrinfo|dns\.(?:lookup|resolve\w*)|net\.Lookup\w+|Dns\.GetHost\w+|"
            r"resolver\.(?:resolve|query)|InetAddress\.getByName|"
            r"Resolve-DnsName)\s*\(?[^\n]{0,200}(?:b64|base64|base32|hex|encode|btoa|environ|"
            r"\benv\b|hostname|secret|token|chunk)[^\n]{0,120}\.[a-z]{2,}\b",
        ),
    ),
    added_triggers=(_ENVIRONMENT, _STORE, _SENDS, _PRIVATE, _WHOLE, *expressions(_NAMES)),
    check=check,
)
