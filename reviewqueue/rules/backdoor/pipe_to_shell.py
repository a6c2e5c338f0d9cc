"""Running what was just fetched from the network.

What it flags
    Added text that downloads and hands the result straight to an interpreter:
    `curl … | sh`, `bash <(wget …)`, `eval "$(curl …)"`, `python -c "$(curl …)"`,
    `exec(requests.get(…).text)`, `iex (iwr …)`. High where the address is plain http
    or a bare number; medium otherwise.

Why it matters
    The program that runs is not in the diff, is not pinned, and can differ for each
    caller; whoever holds the address holds the build or the machine.

How to review it
    Ask for a pinned version with a checksum, or a package, instead.
    Look at who owns the address, and at where this runs: a build has secrets.

Not flagged
    Downloads that are checked or stored first; in prose it weighs one level less.
"""

from reviewqueue.domain.finding import Confidence, Pathway, Severity
from reviewqueue.scan.rule import Capability, Pattern, Rule, Stability

_FETCH = r"(?:curl|wget|fetch|aria2c)\s"
_SHELL = (
    r"(?:sudo\s+(?:-\w+\s+)*)?(?:env\s+[^\n|]*)?(?:/\S*/)?"
    r"(?:(?:ba|z|da|k)?sh|python[\d.]*|perl|ruby|node|php)"
    r"(?:\s+-(?:[^m\n]|\s|$)|\s*$|\s*[;&|)'\"`]|\s+/dev/stdin|\s+\S+=)"
)
_BARE = r"(?:http://(?:[a-z0-9.-]*\.[a-z]|[^l1\s])|https?://\d{1,3}(?:\.\d{1,3}){3})"

RULE = Rule(
    id="pipe-to-shell",
    pathway=Pathway.BACKDOOR,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="runs what it has just fetched from the network",
    capability=Capability.EXECUTES,
    patterns=(
        Pattern(
            rf"{_FETCH}[^\n|]*{_BARE}[^\n|]*\|\s*{_SHELL}",
            "pipes a download from an unprotected or bare address into an interpreter",
            severity=Severity.HIGH,
        ),
        Pattern(
            rf"{_FETCH}[^\n|]*\|\s*{_SHELL}",
            "pipes a download into an interpreter",
        ),
        Pattern(
            rf"(?:(?:ba|z|da|k)?sh|source|\.|python[\d.]*)\s+<\(\s*{_FETCH}|"
            rf"(?:eval|(?:ba|z|da|k)?sh\s+-c|python[\d.]*\s+-c|node\s+-e)\s+[\"'`]?\$?[(`]\s*{_FETCH}",
            "runs a download in an interpreter",
        ),
        Pattern(
            r"(?:^|[^\w.])(?:exec|eval)\s*\(\s*(?:await\s+)?\(?(?:requests\.get|httpx\.get|"
            r"urllib\.request\.urlopen|urlopen|fetch|axios\.get)\s*\(",
            "executes the body of a response",
            severity=Severity.HIGH,
        ),
        Pattern(
            r"(?i)(?:\biex\b|\bInvoke-Expression\b)[^\n]*(?:\biwr\b|\birm\b|Invoke-WebRequest|"
            r"Invoke-RestMethod|DownloadString)|"
            r"(?:\biwr\b|\birm\b|DownloadString)[^\n]*\|\s*(?:iex|Invoke-Expression)",
            "runs a download in PowerShell",
        ),
    ),
)
