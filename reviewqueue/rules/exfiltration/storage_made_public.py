"""Storage or a repository opened to everybody.

What it flags
    Added settings that let anyone read: a public canned ACL, `allUsers` or
    `allAuthenticatedUsers` on a bucket, a bucket policy for principal `*`, block-public-access
    switched off, a container with anonymous access, a repository, image or gist made public.

Why it matters
    Public buckets are found by scanners within hours; what was read once is out for good.

How to review it
    List what is in it today, not what is meant to be in it.
    Prefer signed addresses or a content network with its own identity.

Not flagged
    Private ACLs; prose weighs one level less.

Seen in
    ATT&CK T1530 (Data from Cloud Storage), T1537; the long list of leaks from buckets that
    were readable by anyone.
"""

from reviewqueue.domain.finding import Confidence, Pathway, Severity
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import Capability, Pattern, Rule, Stability

_NEVER = frozenset({Label.LOCK, Label.GENERATED, Label.VENDORED})

RULE = Rule(
    id="storage-made-public",
    pathway=Pathway.EXFILTRATION,
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    stability=Stability.STABLE,
    version=2,
    summary="lets everybody read storage or a repository",
    capability=Capability.SENDS,
    patterns=(
        Pattern(
            r"\b(?:public-read(?:-write)?|publicRead(?:Write)?|PublicRead(?:Write)?|"
            r"PUBLIC_READ(?:_WRITE)?|PublicAccessType\.Blob\w*|authenticated-read)\b",
            "gives everybody the right to read what is stored",
            never=_NEVER,
        ),
        Pattern(
            r"\b(?:allUsers|allAuthenticatedUsers)\b",
            "gives everybody access in the cloud",
            never=_NEVER,
        ),
        Pattern(
            r"(?i)\b(?:block_?public_?(?:acls|policy)|ignore_?public_?acls|"
            r"restrict_?public_?buckets|blockPublicAccess)\b[\"']?\s*[:=]\s*(?:false|none)\b|"
            r"\bdelete-public-access-block\b",
            "switches off what keeps a bucket from being public",
            never=_NEVER,
        ),
        Pattern(
            r"(?i)\b(?:container_access_type|public_?access(?:_?type|_?level)?|"
            r"allow_?blob_?public_?access|allow_nested_items_to_be_public|objectViewer_all|"
            r"publicly_readable|public_network_access_enabled)\b[\"']?\s*[:=]\s*[\"']?(?:blob|"
            r"container|true|enabled|objectread\w*)\b|--public-access\s+(?:blob|container)\b",
            "lets anybody read a container without signing in",
            never=_NEVER,
        ),
        Pattern(
            r"\bgh\s+repo\s+(?:create|edit)\s[^\n]*(?:--public\b|--visibility[= ]public)|"
            r"\bgsutil\s+(?:iam\s+ch\s+allUsers|acl\s+ch\s+-u\s+AllUsers|defacl\s+set\s+public)|"
            r"\bgh\s+gist\s+create\s[^\n]*(?:-p\b|--public\b)|"
            r"\bmodify-(?:db-snapshot|image|snapshot)-attribute\b[^\n]*\ball\b|"
            r"\b(?:setVisibility|set_visibility|update_repo_visibility)\s*\([^\n]*(?:public|"
            r"private\s*=\s*False)",
            "makes a repository, an image or a snapshot public",
            severity=Severity.HIGH,
            never=_NEVER,
        ),
        Pattern(
            r"\bvisibility\s*=\s*\"public\"",
            "makes a repository public",
            globs=("*.tf", "*.hcl"),
        ),
    ),
)
