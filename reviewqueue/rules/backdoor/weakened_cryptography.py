r"""Cryptography made weaker.

What it flags
    Broken ciphers and modes (DES, RC4, Blowfish, ECB), broken hashes where something is
    signed or a password is stored, short keys, old TLS versions, constant salts, nonces and
    initial vectors, few rounds of a password hash, tokens drawn from a predictable
    generator; and, in one file, a strong hash, a secure generator or a comparison in
    constant time replaced by a weaker one (high for secure randomness that goes).
    Also a keyed hash (HMAC) that gives way to a plain one, a number of rounds that sinks to
    less than half, and a token that is newly read without checking who signed it; the oldest
    version of TLS, or the ciphers and versions refused by name, that are no longer set.

Why it matters
    Weak cryptography works in every test; only whoever attacks it notices.

How to review it
    Compare with what stood there before, and ask what forced the change.
    Look at what is protected: a cache key may be MD5, a password may not.

Not flagged
    MD5 and SHA-1 as plain checksums, ordinary random numbers; removing weak ciphers.

Seen in
    CWE-327, CWE-326, CWE-330, CWE-208; CVE-2008-0166 (Debian's predictable OpenSSL keys),
    CVE-2015-7755 and CVE-2015-7756 (the constants changed in Juniper's ScreenOS).
"""

from collections import Counter
from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, set_aside
from reviewqueue.scan.rule import FileView, Hit, Line, Pattern, Rule, Stability, View, expression
from reviewqueue.scan.structure.disappeared import lost
from reviewqueue.scan.structure.hunks import shown
from reviewqueue.scan.structure.kinds import is_code
from reviewqueue.scan.structure.pairs import finds

_TEXT = frozenset({Label.DOCS, Label.LOCK, Label.GENERATED, Label.DATA, Label.VENDORED})
_PROTECTS = (
    r"(?i)(?:passw|passphrase|secret|token|sign|hmac|\bmac\b|auth|session|credential|"
    r"api_?key|csrf|nonce|otp\b|reset|jwt|verif(?:y|ier)|webhook)"
)
_BROKEN_HASH = (
    r"\bhashlib\.(?:md5|sha1|md4)\s*\(|createH(?:ash|mac)\s*\(\s*['\"](?:md5|sha1|md4)['\"]|"
    r"getInstance\s*\(\s*\"(?:Hmac)?(?:MD5|SHA-?1|MD2)\"|\b(?:HMAC)?(?:MD5|SHA1)\.Create\s*\(|"
    r"\bnew\s+(?:HMAC)?(?:MD5|SHA1)\w*\s*\(|\b(?:md5|sha1)\.(?:New|Sum)\b|\bDigest::(?:MD5|SHA1)\b|"
    r"\bhash_hmac\s*\(\s*['\"](?:md5|sha1)['\"]|\b(?:md5|sha1)\s*\(\s*\$|\bEVP_(?:md5|sha1)\s*\(|"
    r"\bInsecure\.(?:MD5|SHA1)\b|\b(?:Md5|Sha1)::(?:new|digest)\b|\bhashes\.(?:MD5|SHA1)\s*\(|\bCryptoJS\.(?:Hmac)?(?:MD5|SHA1)\b"
)
_STRONG_HASH = (
    r"(?i)\b(?:sha-?_?(?:2|3|256|384|512)\w*|sha3\w*|blake2\w*|"
    r"blake3|argon2\w*|bcrypt|scrypt|pbkdf2\w*)\b"
)
_SECURE = (
    r"\bsecrets\.(?:token|choice|randbelow|randbits)\w*|\bcrypto\.random(?:Bytes|UUID|Int|FillSync)|"
    r"\bgetRandomValues\b|\bSecureRandom\b|\"crypto/rand\"|\bos\.urandom\b|"
    r"\bRandomNumberGenerator\b|\brandom_(?:bytes|int)\s*\(|\bOsRng\b|\bSystemRandom\b|\bgetrandom\b|"
    r"\bRAND_bytes\b|/dev/u?random"
)
_PREDICTABLE = (
    r"\bMath\.random\s*\(|\brandom\.(?:random|randint|randrange|choices?|sample|getrandbits|uniform)"
    r"\s*\(|\brand\.(?:Intn?|Int31n?|Int63n?|Read|Seed|New)\s*\(|\bnew\s+(?:java\.util\.)?Random\s*\(|"
    r"\bmt_rand\s*\(|\bs?rand\s*\(|\buniqid\s*\(|\bthread_rng\b|\bSmallRng\b|\bRandom\.next(?:Bytes|Int|Long)\s*\(|\bseed_from_u64\s*\(|\bfrom_seed\s*\(|\blcg_value\s*\(|"
    r"\"math/rand\"|\bRandomStringUtils\b|\bfastrand\b|\bSecureRandom\s*\(\s*\w*(?:seed|\d)"
)
_WANTED = (
    r"(?i:[^a-z](?:reset|auth|access|api|session|csrf|invite|refresh|bearer)_?-?token|"
    r"\btoken\s*(?::=|[:=])|secret|passw|\botp|nonce|\bsalt|session_?id|csrf|api_?key|"
    r"verification_?code|private_?key)"
)
_CONSTANT_TIME = (
    r"\b(?:Utf8|MessageDigest|CryptoUtils?|SecurityUtils?)\.isEqual\s*\(|\bcompare_digest\b|\btimingSafeEqual\b|\bconstant_?time_?(?:compare|eq\w*)\b|"
    r"\bConstantTimeCompare\b|\bhash_equals\b|\bsecure_compare\b|\bFixedTimeEquals\b|"
    r"\bCRYPTO_memcmp\b|\bMessageDigest\.isEqual\b|\bhmac\.Equal\b|\bct_eq\b|"
    r"\bverify_slices_are_equal\b|\|=[ \t(]*\w[\w.>-]*\[[^\]\n]*\][ \t]*\^[ \t]*\w[\w.>-]*\["
)
_KEYED = (
    r"(?i)\bhmac\b|\bcreateHmac\b|\bhash_hmac\b|\bhmac\.|\bHMACSHA\d+|\bHmac(?:SHA|Sha)\d|\bhmac_\w+|"
    r"\bcrypto_auth\b|\bpoly1305\b|\bCMAC\b|\bblake2\w*\([^\n]*key="
)
_PLAIN_HASH = (
    r"\b(?:hashlib\.)?(?:sha\d+|md5|blake2\w)\s*\(\s*\S|\bhashlib\.new\s*\(|\bcreateHash\s*\(|"
    r"\b(?:sha\d+|md5)\.(?:New|Sum\d*)\s*\(|\bMessageDigest\.getInstance\s*\(|\bDigestUtils\.\w+\s*\(|"
    r"\bhash\s*\(\s*['\"]\w+['\"]|\bDigest::\w+|\b(?:SHA\d+|MD5)\.(?:Create|HashData)\s*\(|"
    r"\b(?:Sha\d+|Md5)::(?:new|digest)|\bhash_?(?:method|func\w*|fn|algo\w*)\s*\(|\bEVP_Digest\w*\s*\(|"
    r"\bsubtle\.digest\s*\("
)
_DRAWN = rf"{_WANTED}[^\n]{{0,200}}(?:{_PREDICTABLE})|(?:{_PREDICTABLE})[^\n]{{0,100}}{_WANTED}"
_READS = r"\brand\.Read\s*\("
_COMPARES = (
    r"===?[^=]|!==?|\.equals\s*\(|\b\w*(?:str|mem)n?cmp\s*\(|\bbytes\.Equal\s*\(|\bEqual\s*\("
)
_REPLACED = (
    (
        r"\bjwt\.verify\s*\(|\bjwtVerify\s*\(|\bparseClaimsJws\s*\(|\bParseWithClaims\s*\(",
        r"\bjwt\.decode\s*\(|\bjwt_?[dD]ecode\w*\s*\(|\bdecodeJwt\s*\(|\bparseClaimsJwt\s*\(|\bParseUnverified\s*\(",
        "a token is read without checking who signed it",
        Severity.HIGH,
    ),
    (
        _SECURE,
        _PREDICTABLE,
        "secure randomness gives way to a predictable generator",
        Severity.HIGH,
    ),
    (_CONSTANT_TIME, _COMPARES, "a comparison is no longer in constant time", Severity.MEDIUM),
    (_STRONG_HASH, _BROKEN_HASH, "a strong hash gives way to a broken one", Severity.MEDIUM),
    (_KEYED, _PLAIN_HASH, "a keyed hash gives way to one that anybody can make", Severity.MEDIUM),
)
_NO_FLOOR = "the oldest version of TLS that is accepted is no longer set"
_SHOWN = 3
"""Places of one replacement that are marked; a comparison may be anywhere."""
_FEW_ROUNDS = r"\bpbkdf2\w*\s*\((?:[^,\n]*[A-Za-z\"'$][^,\n]*,)+\s*\d{1,4}\s*[,)]"
"""The first number among the arguments is that of the rounds; a later one is a length."""
_ROUNDS = (
    r"(?i)\b(\w*(?:iterations|rounds|work_?factor|bcrypt_?cost|hash_?cost|time_?cost|memory_?cost|"
    r"n_?iter|saltrounds|kdf_\w+))[\"']?\s*[:=]\s*([\d_]{1,12})\b"
)
_FLOOR = (
    r"\bMin(?:imum)?(?:TLS)?Version:|\b(?:ctx|context|ssl\w*|http|conn|self)\.min(?:imum)?_version"
    r"[ ]*=|\bmin(?:TLS)?Version['\"]?:[ ]*['\"]TLS|set_min_proto_version\(|\bssl-min-ver\b|"
    r"\bssl_(?:min_)?version['\"]?\]?[ ]*[:=]|\bsetEnabledProtocols\(|\bCURLOPT_SSLVERSION\b|"
    r"\bmin(?:imum)?_?tls_?version['\"]?[ ]*[:=]|\bTLSMinimum\w*|\bMinProtocol[ ]*=|"
    r"\bgetInstance\(\"TLSv1\.[23]\"|\bSslProtocols\.Tls1[23]\b|\bmin_protocol_version\(Some|"
    r"\bConnectionSpec\.(?:RESTRICTED|MODERN)_TLS\b|\bssl_protocols[ ]|\bSSLProtocol[ ]|"
    r"\bmin_protocol_version\b"
)
"""The oldest version that is spoken, where a line says so."""
_REFUSED = (
    r"(?:\bSSL_)?\bOP_NO_(?:SSL|TLS)v?\w+|\bSSL_OP_NO_\w+|!(?:RC4|3DES|DES|MD5|aNULL|eNULL|NULL|"
    r"EXP(?:ORT)?|LOW|SHA1|PSK)\b|\bWithValidMethods\("
)
"""Versions, ciphers and algorithms that are named to be refused."""
_ABOUT_SECRETS = r"(?i)passw|hash|bcrypt|pbkdf|scrypt|argon|kdf|salt|crypt|derive"
_HALF = 2


def check(view: View) -> Iterator[Hit]:
    """Mark files that lose something strong and gain what is weaker in its place."""
    yield from _replaced(view)
    for file in view.where(_PREDICTABLE, side=Side.NEW):
        yield from _predictable(file) if _TEXT.isdisjoint(file.labels) else ()
    yield from _fewer(view)
    for file, line in lost(view, _FLOOR, _acts):
        yield Hit.at(file, line, _NO_FLOOR, side=Side.OLD)
    for file in filter(_acts, view.where(_REFUSED, side=Side.OLD)):
        refused = expression(_REFUSED)
        if Counter(refused.findall(file.removed)) - Counter(refused.findall(file.added)):
            for line in file.gone(_REFUSED)[:1]:
                yield Hit.at(file, line, "what was refused by name no longer is", side=Side.OLD)


def _replaced(view: View) -> Iterator[Hit]:
    for strong, weak, message, severity in _REPLACED:
        for file in view.where(strong, side=Side.OLD):
            if not is_code(file) or set_aside(file.labels) or file.status == "D":
                continue
            if not file.gone(strong) or file.new(strong):
                continue
            for line in file.new(weak)[:_SHOWN]:
                yield Hit.at(file, line, message, severity=severity)


def _predictable(file: FileView) -> Iterator[Hit]:
    """Mark secrets that are drawn from what can be predicted; Go has two of one name."""
    is_drawn, reads = finds(_DRAWN), finds(_READS)
    drawn = [line for line in file.new(_PREDICTABLE) if is_drawn(line.whole)]
    is_secure = bool(drawn) and b'"math/rand' not in shown(file)
    for line in drawn:
        is_another = is_secure and reads(line.whole)
        yield Hit.at(
            file,
            line,
            "draws a secret from a generator whose next value can be predicted",
            severity=Severity.LOW if is_another else None,
            discountable=True,
        )


def _acts(file: FileView) -> bool:
    """Return whether a file is run, or says what is, and is still there."""
    is_aside = set_aside(file.labels) or Label.TEST in file.labels or file.status == "D"
    return not is_aside and (is_code(file) or Label.CONFIG in file.labels)


def _fewer(view: View) -> Iterator[Hit]:
    """Mark a number of rounds that sinks to less than half."""
    for file in view.where(_ROUNDS, side=Side.OLD):
        if not is_code(file) or set_aside(file.labels) or not file.new(_ROUNDS):
            continue
        if not _is_about_secrets(file):
            continue
        old = {name: count for line in file.gone(_ROUNDS) for name, count in _counts(line)}
        for line in file.new(_ROUNDS):
            for name, count in _counts(line):
                if old.get(name, 0) > _HALF * count:
                    sinks = f"{name.decode()} sinks from {old[name]} to {count}"
                    yield Hit.at(file, line, f"{sinks}: guessing gets cheaper")


def _is_about_secrets(file: FileView) -> bool:
    """Return whether the file's name or a line around its changes speaks of them."""
    speaks = finds(_ABOUT_SECRETS)
    return speaks(file.path.encode()) or speaks(shown(file))


def _counts(line: Line) -> Iterator[tuple[bytes, int]]:
    for found in expression(_ROUNDS).finditer(line.whole[:2000]):
        yield bytes(found[1]).lower(), int(found[2].replace(b"_", b"") or b"0")


RULE = Rule(
    id="weakened-cryptography",
    pathway=Pathway.BACKDOOR,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="makes cryptography weaker",
    patterns=(
        Pattern(
            r"\bMODE_ECB\b|/ECB/|\baes-\d+-ecb\b|\bmodes\.ECB\s*\(|\bCipherMode\.ECB\b|\bmode\.ECB\b|"
            r"\bDESede\b|\bTripleDES\w*\.|\b(?:DES3?|ARC4|ARC2|RC4|Blowfish|IDEA|CAST5)\.new\s*\(|"
            r"\bgetInstance\s*\(\s*\"(?:DES|RC4|ARCFOUR|RC2|Blowfish)[\"/]|"
            r"\bCipher\.getInstance\s*\(\s*\"AES\"|"
            r"\bcreate(?:Cipher|Decipher)(?:iv)?\s*\(\s*['\"](?:des|rc4|rc2|bf|aes-\d+-ecb)|"
            r"\bcreateCipher\s*\(|\b(?:des\.New|rc4\.New|des\.NewTriple)\w*Cipher\s*\(|"
            r"\balgorithms\.(?:ARC4|Blowfish|TripleDES|IDEA|CAST5|SEED)\b|\bDES\.Create\s*\(|"
            r"\bRC2\.Create\s*\(|\bEVP_(?:des|rc4|bf)_\w+|\bMCRYPT_\w+|\bOpenSSL::Cipher::DES",
            "uses a cipher or a mode that is broken",
            never=_TEXT,
        ),
        Pattern(
            _BROKEN_HASH,
            "protects something with a hash that is broken",
            line=_PROTECTS,
            never=_TEXT,
        ),
        Pattern(
            r"\bPROTOCOL_(?:SSLv2|SSLv3|SSLv23|TLSv1|TLSv1_1)\b|\bTLSVersion\.(?:SSLv3|TLSv1|TLSv1_1)\b|"
            r"\b(?:tls\.)?Version(?:SSL30|TLS10|TLS11)\b|"
            r"\bmin(?:imum)?_?(?:tls_?|ssl_?|protocol_?)?version['\"]?\s*[:=]\s*['\"]?(?:TLS_?v?1(?:[._][01])?|SSLv?3)['\"]|"
            r"(?i)\bssl_protocols\s[^\n;]*TLSv1(?:\.1)?[\s;]|\bSSLProtocol\s[^\n]*\+?(?:SSLv3|TLSv1(?:\.1)?)(?:\s|$)|"
            r"\bSslProtocols\.(?:Tls|Tls11|Ssl2|Ssl3)\b|\bSecurityProtocolType\.(?:Tls|Tls11|Ssl3)\b|"
            r"\bsecureProtocol\s*:\s*['\"](?:SSLv|TLSv1_(?:1_)?method)|\bTLSv1_method\s*\(|"
            r"\bELBSecurityPolicy-(?:2016-08|2015-\d\d|TLS-1-[01]-\S*|FS-2018-06|TLS13-1-[01]-\S*)|"
            r"\bmin(?:imum)?_(?:tls|protocol)_version['\"]?\s*[:=]\s*['\"](?:TLSv?1(?:[._][01])?(?:_2016)?|SSLv3|_?1[._][01]|TLS1_[01])['\"]|"
            r"\bsecurity_policy\s*=\s*\"TLS_1_0|"
            r"\bDEFAULT@SECLEVEL=[01]\b|\bOP_LEGACY_SERVER_CONNECT\b",
            "accepts versions of TLS that are broken",
            never=_TEXT,
        ),
        Pattern(
            r"\b(?:key_?size|modulusLength|key_?bits|rsa_?bits|keysize|bits)\s*[:=]\s*(?:512|768|1024)\b|"
            r"\b(?:RSA|DSA)\.generate\s*\(\s*(?:512|768|1024)\b|"
            r"\bRSA_generate_key(?:_ex)?\s*\([^\n]*\b(?:512|768|1024)\b|"
            r"\bGenerateKey\s*\(\s*rand\.Reader\s*,\s*(?:512|768|1024)\b|"
            r"\bRSACryptoServiceProvider\s*\(\s*(?:512|768|1024)\b|\brsa:(?:512|768|1024)\b|"
            r"\bgenrsa\s[^\n]*\b(?:512|768|1024)\b|\bssh-keygen\s[^\n]*-b\s*(?:512|768|1024)\b",
            "makes keys that are too short",
            line=r"(?i)rsa|dsa|key_?size|modulus|KeyPair|RSA_|cipher|ssh-keygen|GenerateKey",
            never=_TEXT,
        ),
        Pattern(
            r"(?i)\b(?:iv|nonce|salt|init(?:ial(?:ization|isation)?)?_?vector)\w*\s*(?::=|[:=])\s*"
            r"(?:new\s+byte\s*\[\s*\]\s*\{|new\s+byte\s*\[\s*\d+\s*\]|b['\"][^'\"\n]{4}|bytes\s*\(\s*\d+\s*\)|"
            r"Buffer\.alloc\s*\(\s*\d|Buffer\.from\s*\(\s*['\"]|\[\s*0(?:u8)?\s*;|\[\]byte\s*\(\s*\"|"
            r"bytearray\s*\(\s*\d)",
            "uses a constant where every use needs a fresh one",
            never=_TEXT,
        ),
        Pattern(
            r"(?i)\b(?:salt_?rounds|bcrypt_?(?:rounds|cost)|BCRYPT_LOG_ROUNDS|hash_?rounds)\w*['\"]?\s*[:=]\s*[1-9]\b|"
            r"\bgensalt\s*\(\s*(?:rounds\s*=\s*)?[1-9]\s*\)|\bGenerateFromPassword\s*\([^\n]*(?:MinCost|,\s*[1-9]\s*\))|"
            + _FEW_ROUNDS,
            "hashes passwords with too few rounds",
            never=_TEXT,
        ),
    ),
    version=7,
    added_triggers=(_PREDICTABLE,),
    removed_triggers=(*(strong for strong, *_ in _REPLACED), _ROUNDS, _FLOOR, _REFUSED),
    check=check,
)
