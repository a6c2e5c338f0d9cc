"""What is fetched or installed, newly without asking where it comes from.

What it flags
    Switches of package managers and download tools that skip signatures, checksums or
    certificates: `--allow-unverified`, `--allow-untrusted`, `--nogpgcheck`, `gpgcheck=0`,
    `[trusted=yes]`, `--trusted-host`, `--no-check-certificate`, `--tls-verify=false`,
    `SigLevel = Never`, `-P NoSecurity`, `-SkipPublisherCheck`, `validate_certs: no`,
    `GOSUMDB=off`, `DOCKER_CONTENT_TRUST=0`, `insecure-registries`; lock files that are deleted
    or passed over before something is fetched; and removed commands that
    checked what was fetched (`sha256sum -c`, `gpg --verify`, `cosign verify`,
    `--require-hashes`) in a file that still fetches.

Why it matters
    Without the check whoever sits on the way, or takes over the address, decides what is
    installed, and nothing fails.

How to review it
    Ask what failed with the check on: an outdated key, a proxy, a wrong name. Repair that.
    Where it has to be, ask for a pinned checksum beside it.

Not flagged
    Switching a check on; documents, in which a switch is low at most; a check that is replaced
    by another one in its file, and one that only tests had.

Seen in
    CWE-494 (download of code without integrity check), CWE-347, CWE-295; ATT&CK T1195.002;
    the bash uploader of Codecov, whose checksum nearly nobody asked for (2021).
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, set_aside
from reviewqueue.scan.rule import FileView, Hit, Pattern, Rule, Stability, View
from reviewqueue.scan.structure.comments import is_comment
from reviewqueue.scan.structure.disappeared import disappeared
from reviewqueue.scan.structure.hunks import shown_after
from reviewqueue.scan.structure.kinds import is_code
from reviewqueue.scan.structure.pairs import finds

_NEVER = frozenset({Label.DOCS, Label.LOCK, Label.GENERATED})
_CHECKS = (
    r"\bsha\d+sum\s[^\n]*(?:-\w*c\b|--check\b)|\bshasum\s[^\n]*-c\b|\bgpg\d?\s[^\n]*--verify\b|"
    r"\bcosign\s+verify|--require-hashes\b|\bminisign\s+-V|\bhelm\s[^\n]*--verify\b|"
    r"\bgpgcheck\s*=\s*1|\bgh\s+attestation\s+verify|\bslsa-verifier\s"
)
_FETCHES = (
    r"\b(?:curl|wget|aria2c)\s|\bpip[\d.]*\s+install|\bhelm\s|\bdocker\s+pull|\bget_url\b|"
    r"\b(?:dnf|yum|apt(?:-get)?|apk)\s[^\n]*(?:install|add)|^baseurl\s*=|^ADD\s+https?:"
)


def check(view: View) -> Iterator[Hit]:
    """Mark checks of what is fetched that are gone, where the file still fetches."""
    for found in disappeared([file for file in view.where(_CHECKS) if _acts(file)], _CHECKS):
        if found.file.status == "D" or not _fetches(found.file):
            continue
        for line in found.lost:
            if not is_comment(line.whole):
                told = "what is fetched here is no longer checked"
                yield Hit.at(found.file, line, told, side=Side.OLD)


def _acts(file: FileView) -> bool:
    return is_code(file) and not set_aside(file.labels) and Label.TEST not in file.labels


def _fetches(file: FileView) -> bool:
    """Return whether an unchanged or a new line of the hunks fetches something."""
    return finds(_FETCHES)(shown_after(file))


RULE = Rule(
    id="origin-unchecked",
    pathway=Pathway.BACKDOOR,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="fetches or installs without asking where it comes from",
    patterns=(
        Pattern(
            r"gpgcheck\s*=\s*0|--no-?gpg-?checks?\b|\[trusted=yes\]|--trusted-host\s|"
            r"GOFLAGS\s*=\s*\S*-insecure|GON(?:OSUMDB|OSUMCHECK|SUMCHECK)\s*=|"
            r"GOSUMDB\s*=\s*['\"]?off|"
            r"--allow-(?:external|unverified|unauthenticated|untrusted|insecure-repositories)\b|"
            r"--(?:no-?signature|no-?digest|force-yes|no-check-sigs|no-verify-signatures?|"
            r"no-require-hashes|disable-content-trust|insecure-ignore-tlog|skip-checksums?|"
            r"ignore-checksums?|no-checksum|skip-signature)\b|"
            r"\bSkipPublisherCheck\b|(?:-P|--trust-policy)\s+NoSecurity\b|"
            r"\bSigLevel\s*=\s*(?:Never|TrustAll|Optional\s+TrustAll)|"
            r"\b(?:disable_gpg_check|allow_unauthenticated|allow_untrusted)['\"]?\s*(?::|=>|=)\s*"
            r"(?:yes|true|True)\b|\bgpg_?check['\"]?\s*(?::|=>)\s*(?:no|false|False|0|'0')|"
            r"\bAllow(?:Unauthenticated|InsecureRepositories)\s+[\"']?(?:true|1|yes)|"
            r"\bDOCKER_CONTENT_TRUST\s*=\s*0|\brequire-sigs\s*=\s*false|"
            r"\bchecksumBehavior['\"]?\s*:\s*['\"]?ignore",
            "accepts what nobody signed",
        ),
        Pattern(
            r"--no-check-certificate\b|--(?:src-|dest-)?tls-verify=false|--insecure-registry\b|"
            r"--insecure-skip-tls-verify(?:=true)?\b|\"insecure-registries\"\s*:\s*\[\s*\"|"
            r"--strict-ssl[= ]false|\bSTRICT_SSL\s*=\s*['\"]?false|\bGOINSECURE\s*=|"
            r"\bPYTHONHTTPSVERIFY['\"]?\s*[=:]\s*['\"]?0|\bsslverify\s*=\s*(?:0|false|no)\b|"
            r"\bvalidate_certs['\"]?\s*[:=]\s*(?:no|false|False)\b|"
            r"\bssl_verify_mode['\"]?\s*[:=]\s*0|"
            r"\b(?:ignoreHTTPSErrors|acceptInsecureCerts|ignore_https_errors)['\"]?\s*[:=]\s*[tT]rue|"
            r"--ignore-certificate-errors\b|--skip-ssl\b|--ssl-mode[= ]DISABLED|"
            r"(?i:\btrustServerCertificate\s*=\s*true|\b(?:skip_?tls_?verif\w*|tls_?skip_?verif\w*|"
            r"insecure_skip_verify)['\"]?\s*[:=]\s*['\"]?true)|\btlsAllowInvalid\w+\s*=\s*true",
            "talks to somebody without checking who it is",
            never=_NEVER,
        ),
        Pattern(
            r"\brm\s+(?:-\w+\s+)*[^\n;&|]*(?:\.terraform\.lock\.hcl|\bpackage-lock\.json|\byarn\.lock|"
            r"\bpnpm-lock\.yaml|\bbun\.lockb?|\bCargo\.lock|\bpoetry\.lock|\buv\.lock|\bPipfile\.lock|"
            r"\bGemfile\.lock|\bcomposer\.lock|\bgo\.sum)\b|--no-frozen-lockfile\b|"
            r"--frozen-lockfile[= ]false\b|--no-immutable\b|--no-package-lock\b",
            "what a lock file pins no longer holds here: whatever is published by then is fetched",
            only=frozenset({Label.SCRIPT, Label.CI, Label.BUILD, Label.CONTAINER, Label.HOOK}),
        ),
    ),
    removed_triggers=(_CHECKS,),
    version=3,
    check=check,
)
