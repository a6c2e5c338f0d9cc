"""A secret in the open.

What it flags
    Added text in the shape of a well-known credential: cloud keys, forge and package
    registry tokens, model, chat, mail and payment services' tokens, signed web tokens with
    claims, private keys, addresses with a password, storage keys; a random value given to a
    name like `api_key`, also in a short new file of data among the tests; a text in the program
    that signs or unlocks; files that hold state or keys (`terraform.tfstate`, key stores).
    Shapes that are plainly made up (repeated, ascending, "example") are left out; where a
    token carries a checksum, it is verified.

Why it matters
    What is in history stays in history and in every clone; bots find it within minutes.

How to review it
    Revoke it first; removing it from the next commit changes nothing.
    Then ask how it got here, and what it could reach.

Not flagged
    Names of variables that hold secrets, hashes, public keys, made-up values; prose weighs
    one level less, unless the checksum fits.

Seen in
    CWE-798 (Hard-coded Credentials), CWE-540, ATT&CK T1552.001 (Credentials In Files),
    T1552.004 (Private Keys); the Uber breach of 2016 began with keys in a repository.
"""

import base64
import binascii
import itertools
import json
from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, read_by_machines, set_aside
from reviewqueue.scan.rule import (
    FileView,
    Hit,
    Line,
    On,
    Pattern,
    Rule,
    Stability,
    View,
    expression,
)
from reviewqueue.scan.structure.pairs import finds
from reviewqueue.scan.tokens import checksum_fits, is_made_up, is_random

_BEGINS = (
    r"\b(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{4}|\bgh[pousr]_[A-Za-z0-9]{4}|\bgithub_pat_[A-Za-z0-9]|"
    r"\bgl(?:pat|ptt|rt|dt|cbt|soat|ft|imt|agent)-[\w-]{4}|\bGR1348941|\bxox[abeoprs][.-]|"
    r"\bxapp-\d|\bsk-(?:ant|proj|svcacct|or-v1|admin)-|T3BlbkFJ|\bAIza[\w-]{4}|\bGOCSPX-|\bya29\.|"
    r"\b[srp]k_(?:live|test)_|\bwhsec_|\bnpm_[A-Za-z0-9]{8}|\bpypi-AgE|\bhf_[A-Za-z]{8}|"
    r"\bSG\.[\w-]{4}|\bdo[opr]_v1_|\bshp(?:at|ss|ca|pa)_|\bhv[sbr]\.[\w-]{4}|\bAGE-SECRET-KEY-1|"
    r"\blin_api_|\bdapi[0-9a-f]{8}|\bgl(?:sa|c)_[\w+/=]{4}|\bNRAK-|\bsq0(?:atp|csp)-|\bPMAK-|"
    r"\brubygems_[0-9a-f]|\bdckr_pat_|\bfigd_|\bATATT3|\bLTAI[\w]{4}|\bAccountKey=|"
    r"\bSharedAccessKey=|\btfp_|\bpul-[0-9a-f]|\bsntry[su]_|\bsecret_[A-Za-z0-9]{8}|\bntn_\d|"
    r"\bgsk_[A-Za-z0-9]{4}|\br8_[A-Za-z0-9]{4}|\bxai-[A-Za-z0-9]{4}|\bpplx-[A-Za-z0-9]{4}|"
    r"\bAP[A-Za-z0-9]{2}_?[A-Za-z0-9]{0,4}-?AKC|\bEAACEdEose0cBA|\bkey-[0-9a-f]{8}|\bSK[0-9a-f]{8}|"
    r"\bpscale_|\bdp\.[pscau]t\.|\bshippo_|\bduffel_|\bdt0c01\.|\.atlasv1\.|\bapi_org_|"
    r"\bp8e-[a-z0-9]{4}|\bamzn\.mws\.|\baccess_token\$production|-us[0-9]{1,2}\b|:AA[\w-]{4}|"
    r"\beyJ[\w-]{4}"
)
_WHOLE = (
    r"\b(?:(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}\b|gh[pousr]_[A-Za-z0-9]{36,}|"
    r"github_pat_[A-Za-z0-9_]{60,}|gl(?:pat|ptt|rt|dt|cbt|soat|ft|imt|agent)-[\w-]{20,}|"
    r"GR1348941[\w-]{20}|xox[abeoprs][.-][\w.-]{10,}|xapp-\d-[A-Z0-9]+-\d+-\w{10,}|"
    r"sk-(?:ant|proj|svcacct|or-v1|admin)-[\w-]{30,}|sk-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}|"
    r"AIza[\w-]{35}|GOCSPX-[\w-]{28}|ya29\.[\w-]{40,}|[sr]k_(?:live|test)_[0-9a-zA-Z]{20,}|"
    r"whsec_[A-Za-z0-9+/]{30,}|npm_[A-Za-z0-9]{36}\b|pypi-AgE[\w-]{50,}|hf_[A-Za-z]{34}\b|"
    r"SG\.[\w-]{20,24}\.[\w-]{39,50}|do[opr]_v1_[a-f0-9]{64}|shp(?:at|ss|ca|pa)_[a-fA-F0-9]{32}|"
    r"hv[sbr]\.[\w-]{24,}|AGE-SECRET-KEY-1[0-9A-Z]{58}|lin_api_[A-Za-z0-9]{40}|"
    r"dapi[0-9a-f]{32}\b|gl(?:sa_[A-Za-z0-9]{32}_[0-9a-fA-F]{8}|c_[A-Za-z0-9+/]{32,})|"
    r"NRAK-[A-Z0-9]{27}|sq0(?:atp|csp)-[\w-]{22,}|PMAK-[0-9a-f]{24}-[0-9a-f]{34}|"
    r"rubygems_[0-9a-f]{48}|dckr_pat_[\w-]{27}|figd_[\w-]{40}|ATATT3[\w=-]{100,}|"
    r"LTAI[A-Za-z0-9]{20}\b|(?:Shared)?(?:Account|Access)Key=[A-Za-z0-9+/]{43,86}={1,2}|"
    r"tfp_[A-Za-z0-9]{40,}|pul-[0-9a-f]{40}|sntry[su]_[\w+/=]{40,}|"
    r"(?:secret|ntn)_[A-Za-z0-9]{40,}|gsk_[A-Za-z0-9]{40,}|r8_[A-Za-z0-9]{37}|xai-[A-Za-z0-9]{70,}|"
    r"pscale_(?:tkn|pw|oauth)_[\w=.-]{32,}|dp\.[pscau]t\.[A-Za-z0-9]{40,}|"
    r"(?:shippo|duffel)_(?:live|test)_[\w=-]{40,}|dt0c01\.[A-Z0-9]{24}\.[A-Z0-9]{64}|"
    r"[a-zA-Z0-9]{14}\.atlasv1\.[\w=-]{60,}|api_org_[A-Za-z]{34}|p8e-[a-f0-9]{32}|"
    r"amzn\.mws\.[0-9a-f-]{36}|access_token\$production\$[0-9a-z]{16}\$[0-9a-f]{32}|"
    r"[0-9a-f]{32}-us[0-9]{1,2}\b|[0-9]{8,10}:AA[\w-]{33}|"
    r"pplx-[A-Za-z0-9]{48}|EAACEdEose0cBA[A-Za-z0-9]+|key-[0-9a-f]{32}\b|SK[0-9a-f]{32}\b)"
)
_JWT = r"\beyJ[\w-]{10,}\.(eyJ[\w-]{10,})\.[\w-]{20,}"
_PRIVATE = r"-----BEGIN (?:RSA |EC |DSA |OPENSSH |ENCRYPTED |PGP )?PRIVATE KEY"
_BODY = r"PRIVATE KEY(?: BLOCK)?-----(?:\\n|\\r|[\s\"'+,;])+[A-Za-z0-9+/=\s\\:,.\"'-]{100}"
_SHORT_BODY = r"PRIVATE KEY(?: BLOCK)?-----[ \t]*\r?\n[A-Za-z0-9+/=]{16}"
_ADDRESS = r"\b[a-z][a-z0-9+]*://[\w.%+-]*:[^\s/@:\"'`<>{}$()*|]+@[\w-]"
_PARTS = r"\b([a-z][a-z0-9+]*)://([\w.%+-]*):([^\s/@:\"'`<>{}$()*|]{6,})@([\w-]+(?:\.[\w-]+)+)"
_ASSIGNED = (
    r"(?i)(?:secret|passw(?:or)?d|passphrase|api_?key|auth_?key|token|private_?key|access_?key|"
    r"credentials?|client_?id)[\w-]*[\"']?\]?\s*(?::=|=>|[:=,(])\s*[\"'`]?[\w+/=.~!@#%^&-]{12}"
)
_NAMED = (
    r"(?i)((?:[\w-]*)(?:secret|passw(?:or)?d|passphrase|api_?key|auth_?key|token|private_?key|"
    r"access_?key|credentials?|client_?id)[\w-]*)[\"']?\]?\s*(?::=|=>|[:=,(])\s*[\"'`]"
    r"([\w+/=.~!@#%^&-]{16,})[\"'`]"
)
_BARE = (
    r"(?i)^[ \t]*(?:export[ \t]+)?([\w.-]*(?:secret|passw(?:or)?d|api_?key|token|private_?key|"
    r"access_?key)[\w.-]*)[ \t]*[:=][ \t]*([A-Za-z0-9+/=_~-]{16,})[ \t]*$"
)
_OTHER_NAME = (
    r"(?i)public|hash|checksum|digest|sha\d|uuid|file|path|url|uri|name$|_id$|field|header|label|"
    r"type|tokeni[sz]|expected|csrf|nonce|etag|version|prefix|suffix|regex|pattern|message|cursor|"
    r"page|commit|revision|integrity|ref$|arn$|site_?key|^data-|test|mock|dummy|example|fake"
)
_PLAIN_HOST = (
    b"localhost",
    b"example.",
    b"127.0.0.1",
    b"0.0.0.0",
    b"host.",
    b".local",
    b".internal.test",
)
_CLAIMS = frozenset({"iss", "exp", "aud", "role", "scope", "email", "ref", "sub", "iat", "jti"})
_BLANK = (
    r"(?i)xxxx|your|\.\.\.|placeholder|change[-_ ]?me|replace|<[\w -]+>|\$\{|\{\{|insert|"
    r"redacted|\*\*\*"
)
_TEMPLATES = r"(?i)example|sample|template|\.dist\b|default|\.snap$|readme|cassette|recording"
_TESTS = (
    r"(?i)(?:^|/)(?:test_|conftest|setup)[^/]*$|[._-](?:test|tests|spec|specs)\.\w+$|(?:Test|"
    r"Tests|Spec|IT)\.\w+$"
)
_ASSERTS = (
    r"\bassert|\bexpect\s*\(|\bdescribe\s*\(|\b(?:def|func|fn)\s+test|@(?:Test|pytest)|\bmock"
)
_DISTINCT = 8
"""Different characters that a token surely has which somebody was given."""
_UP = 0.4
"""Share of neighbours that go up by one beyond which a token was typed by hand."""
_SHORT = 40
"""Lines up to which a new file among the tests may be nothing but a sample."""
_SKIPPED = frozenset({Label.LOCK, Label.MEDIA})


def check(view: View) -> Iterator[Hit]:
    """Mark tokens that are not plainly made up, private keys with a body, and passwords."""
    for file in view.where(_BEGINS, _PRIVATE, _ADDRESS, _ASSIGNED, side=Side.NEW):
        if file.labels.isdisjoint(_SKIPPED):
            yield from _tokens(file)
            yield from _keys(file)
            yield from _passwords(file)
            yield from _assigned(file)


def _tokens(file: FileView) -> Iterator[Hit]:
    """Mark the first token of each line."""
    for line in file.new(_BEGINS):
        text = line.text.encode()
        for found in expression(_WHOLE).finditer(text):
            if hit := _token(file, line, found[0].decode("latin-1")):
                yield hit
                break
        else:
            if (jwt := expression(_JWT).search(text)) and _has_claims(jwt[1]):
                told = "a signed web token with claims is committed"
                yield Hit.at(file, line, told, severity=Severity.MEDIUM, discountable=True)


def _token(file: FileView, line: Line, token: str) -> Hit | None:
    """Return the hit of a token; None where it is plainly a stand-in."""
    fits = checksum_fits(token)
    if fits:
        told = "a credential is committed, and its checksum fits: it was issued"
        return Hit.at(file, line, told)
    if is_made_up(token) or _is_counted(token):
        return _stand_in(file, line, token)
    if fits is False:
        told = "a credential is committed, though its checksum does not fit"
        return Hit.at(file, line, told, severity=Severity.MEDIUM, discountable=True)
    severity = Severity.MEDIUM if "_test_" in token[:9] else None
    return Hit.at(file, line, "a credential is committed", severity=severity, discountable=True)


def _is_counted(token: str) -> bool:
    """Return whether much of a token goes up one by one, as what is typed by hand does."""
    pairs = list(itertools.pairwise(token.lower()))
    return sum(ord(after) == ord(before) + 1 for before, after in pairs) > len(pairs) * _UP


def _stand_in(file: FileView, line: Line, token: str) -> Hit | None:
    """Return the hit of a token that may be made up, in a new file that is settings or data."""
    if not _is_sample(file) or expression(_BLANK).search(line.whole):
        return None
    if len(set(token.lower())) < _DISTINCT:
        return None
    told = "a credential is committed, though it may be a stand-in"
    return Hit.at(file, line, told, severity=Severity.MEDIUM)


def _is_sample(file: FileView) -> bool:
    """Return whether a file came with the change and holds settings or data, no program."""
    if file.status != "A" or (Label.DOCS in file.labels and not file.path.endswith(".txt")):
        return False
    if file.labels & {Label.SOURCE, Label.SCRIPT, Label.GENERATED, Label.LOCK, Label.VENDORED}:
        return False
    return not finds(_TEMPLATES)(file.path.encode())


def _is_short_sample(file: FileView) -> bool:
    """Return whether a new file among the tests is data for them: short, and no test itself."""
    if file.status != "A" or Label.DOCS in file.labels or file.added.count(b"\n") > _SHORT:
        return False
    path = file.path.encode()
    if finds(_TESTS)(path) or finds(_TEMPLATES)(path):
        return False
    return not finds(_ASSERTS)(file.added)


def _has_claims(payload: bytes) -> bool:
    """Return whether a token's payload names two of the usual claims, and no sample's subject."""
    try:
        text = base64.urlsafe_b64decode(payload + b"=" * (-len(payload) % 4))
        claims = json.loads(text)
    except (ValueError, binascii.Error, RecursionError):
        return False
    if not isinstance(claims, dict) or str(claims.get("sub")).startswith("12345"):
        return False
    return len(_CLAIMS & claims.keys()) > 1


def _keys(file: FileView) -> Iterator[Hit]:
    lines = file.new(_PRIVATE)
    if not lines:
        return
    is_whole = expression(_BODY).search(file.added)
    if is_whole or (_is_sample(file) and expression(_SHORT_BODY).search(file.added)):
        tested = Label.TEST in file.labels and not read_by_machines(file.labels)
        severity = None if is_whole and not tested else Severity.MEDIUM
        for line in lines:
            told = "a private key is committed"
            yield Hit.at(file, line, told, severity=severity, discountable=True)


def _passwords(file: FileView) -> Iterator[Hit]:
    for line in file.new(_ADDRESS):
        found = expression(_PARTS).search(line.text.encode())
        if not found or any(word in found[4].lower() for word in _PLAIN_HOST):
            continue
        password = found[3].decode("latin-1")
        if not is_made_up(password) and password.lower() != found[2].decode("latin-1").lower():
            told = "an address with its password is committed"
            yield Hit.at(file, line, told, severity=Severity.MEDIUM, discountable=True)


def _assigned(file: FileView) -> Iterator[Hit]:
    if file.labels & {Label.GENERATED, Label.DATA, Label.VENDORED}:
        return
    if set_aside(file.labels) and not (
        (Label.CONFIG in file.labels and _is_sample(file)) or _is_short_sample(file)
    ):
        return
    is_settings = Label.CONFIG in file.labels or file.path.endswith(".env")
    forms = (_NAMED, _BARE) if is_settings else (_NAMED,)
    for line in file.new(_ASSIGNED):
        text = line.text.encode()
        for found in (found for form in forms for found in expression(form).finditer(text)):
            name, value = found[1], found[2].decode("latin-1")
            if is_random(value) and not expression(_OTHER_NAME).search(name):
                told = f"a random value is given to {name.decode('latin-1')}"
                yield Hit.at(file, line, told, severity=Severity.MEDIUM)
                break


RULE = Rule(
    id="secret-committed",
    pathway=Pathway.CREDENTIALS,
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    stability=Stability.STABLE,
    summary="commits a secret",
    version=4,
    patterns=(
        Pattern(
            r"(?:^|/)(?:terraform\.tfstate(?:\.backup)?|[^/\n]+\.tfstate|id_(?:rsa|dsa|ecdsa|"
            r"ed25519)|"
            r"[^/\n]+\.(?:pfx|p12|jks|keystore|kdbx|ppk|agekey)|\.git-credentials|\.netrc|\.pgpass|"
            r"\.htpasswd|(?:client_secret|service[-_]?account|gcp[-_]?key)[^/\n]*\.json)$",
            "the file holds keys or state with secrets",
            on=On.PATH,
            severity=Severity.MEDIUM,
        ),
        Pattern(
            r"['\"](?:AKIA|ASIA|gh[pousr]_|github_pat_|glpat-|xox[abps]-|sk-ant-|sk-proj-|"
            r"[sr]k_live_|npm_|AIza|hf_)[\w-]{0,12}['\"]\s*(?:\+|\.\.?|&)\s*['\"][\w-]{6}",
            "a credential is put together from pieces, so that no search finds it",
            severity=Severity.MEDIUM,
            never=_SKIPPED | {Label.TEST, Label.DOCS},
        ),
        Pattern(
            r"(?i)\b(?:password|pwd)=[^;\"'\s{}$<>%*]{6}",
            "an address with its password is committed",
            line=r"(?i)(?:server|data\s?source|host|user\s?id|uid|user|database|"
            r"initial\s?catalog)=[^;]*;[^\n]*"
            r"(?:password|pwd)=[^;\"'\s{}$<>%*]*(?:\d[^;\"'\s{}$<>%*]*[a-z]|"
            r"[a-z][^;\"'\s{}$<>%*]*\d)",
            severity=Severity.MEDIUM,
            never=_SKIPPED | {Label.TEST, Label.DOCS},
        ),
        Pattern(
            r"(?i)^[ \t]*[\w.-]*(?:password|passwd)[\"']?[ \t]*[:=][ \t]*[\"']?[\w!@#%^&*+-]{8}",
            "a password is committed",
            line=r"[:=][ \t]*[\"']?(?:[A-Za-z0-9]*[A-Za-z][A-Za-z0-9]*[!@#%^&*+][\w!@#%^&*+]*\d|"
            r"[A-Za-z0-9]*\d[A-Za-z0-9]*[!@#%^&*+][\w!@#%^&*+]*[A-Za-z])"
            r"[\w!@#%^&*+]*[\"']?,?[ \t]*$",
            only=frozenset({Label.CONFIG}),
            severity=Severity.MEDIUM,
            never=_SKIPPED | {Label.TEST, Label.DOCS},
        ),
        Pattern(
            r"\b(?:jwt|jsonwebtoken|JWT|jose)\.(?:sign|encode|verify|"
            r"decode)\s*\([^\n]*,\s*[bu]?[\"'][^\"'\n]+[\"']|"
            r"\bAlgorithm\.HMAC\d+\s*\(\s*\"[^\"\n]+\"|\bsecretOrKey\s*:\s*[\"'][^\"'\n]+[\"']|"
            r"\bsetSigningKey\s*\(\s*\"|\bSecretKeySpec\s*\(\s*\"|"
            r"\bsshpass\s+-p\s*['\"]?[^\s$'\"{%]|"
            r"\bhttp_basic_authenticate_with\b[^\n]*password[^\n]*=>\s*[\"']|"
            r"\b(?:APP|JWT|SESSION|COOKIE|FLASK|DJANGO)?_?SECRET_KEY_?(?:BASE)?[\"']?\]?\s*[:=]\s*"
            r"[bu]?[\"'][^\"'${}<>\n]{6,}[\"']\s*(?:[,;#)]|$)",
            "what signs or unlocks is written in the program",
            severity=Severity.MEDIUM,
            never=_SKIPPED | {Label.TEST, Label.DOCS},
        ),
    ),
    added_triggers=(_BEGINS, _PRIVATE, _ADDRESS, _ASSIGNED),
    check=check,
)
