r"""A title that says that data, or what keeps it, is deleted.

What it flags
    A change whose own title drops, deletes, destroys, purges or truncates back-ups, snapshots,
    buckets, databases, tables, columns, views, volumes, clusters or what is retained, or that lets
    such a thing be destroyed by force. It marks the changed line that shares most with it.

Why it matters
    What a declared resource's removal destroys stands in no line of the diff: the lines are
    gone, and the tool that applies them does the rest.

How to review it
    Is there a back-up, has somebody restored from it, and does nobody read the data any more?

Not flagged
    Titles about code (a path, a package, a class), tests and documents; what is moved,
    renamed or reverted. Where nothing that changes keeps data or does away with it (a statement,
    a call, a migration, a declared resource), it is a low finding.

Seen in
    The coding agent that deleted a company's production database during a freeze (Replit,
    July 2025). ATT&CK T1485 (data destruction), T1490 (inhibit system recovery).
"""

from reviewqueue.domain.finding import Confidence, Pathway, Severity
from reviewqueue.scan.effects.announced import Announcement, announcing
from reviewqueue.scan.rule import Rule, Stability

_STORED = (
    r"(?:accounts?|users?|customers?|tenants?|builds?|artifacts?|records?|rows?|sessions?|"
    r"messages?|conversations?|events?|entries|images?|instances?|projects?|data|documents?|"
    r"objects?|uploads?|recordings?|history|logs|releases|backups?)\b"
)
_KEPT = (
    r"(?i)(?:^|/)(?:migrations?|migrate|alembic|flyway|liquibase)/|"
    r"\b(?:drop|truncate|alter|rename|create)[ ]+(?:\w+[ ]+)?(?:table|column|database|schema|view|"
    r"keyspace|collection|index|user|role)\b|\bdelete[ ]+from\b|\btruncate\b|\bcascade|"
    r"(?:drop|remove|delete|destroy|truncate|purge|wipe|clear|reset|prune|expire|evict)_?"
    r"(?:all|many|table|column|database|db|collection|bucket|index|volume|snapshot|object|file|"
    r"record|row|entr|user|account|data|old|stale|dir|tree|references?)|"
    r"\.(?:delete|destroy|purge|truncate|drop|unlink|rm|rmdir|wipe)\w*[!(]|\b(?:rmtree|rimraf)\b|"
    r"\brm[ ]+-|\b(?:gcloud|aws|az|kubectl|helm|docker|terraform|velero)\b[^\n]*\b(?:rm|rb|delete|"
    r"destroy|uninstall|prune)\b|\b(?:back_?-?ups?|snapshots?|retention\w*|dump|restore|buckets?|"
    r"volumes?|pvcs?|persistent\w*|replicas?|prevent_destroy|force_destroy|deletion_protection|"
    r"soft_?-?delet\w*|deleted_at|skip_final_snapshot|versioning|write_truncate|lifecycle\w*|"
    r"namespaces?|push[ ]+(?:-f|--force\S*))\b|^[ \t]*resource[ ]+\""
)
"""What keeps data, or does away with it, in a line."""
_WIPES = (
    r"\b(?:delet|purg|destroy|wip|truncat|eras|prun|hard[- ]delet|nuk)(?:e|es|s|ed|ing|ning)?\b"
)
_PURGES = Announcement(
    rf"{_WIPES}[^:;]{{0,30}}\b{_STORED}[^:;]{{0,30}}\b(?:inactive|old(?:er)?|stale|expired|all|"
    r"every|automatic\w*|permanent\w*|nightly|daily|after|than|on (?:request|delete|removal|logout|"
    rf"close)|before|in bulk|cascad\w*)\b|{_WIPES}[^:;]{{0,12}}\b(?:inactive|old(?:er)?|stale|"
    rf"expired|all|every|orphan\w*)\b[^:;]{{0,20}}\b{_STORED}|\bforce[- ]?push\w*|"
    r"\bhard[- ]delet\w*",
    "the title says that data, or what keeps it, is deleted",
    unless=r"\b(?:fix\w*|test\w*|button|dialog|modal|ui|page|don'?t|not|prevent\w*|confirm\w*)\b",
    shown=_KEPT,
)
_NO_WAY_BACK = Announcement(
    r"\b(?:remov|drop|disabl|turn(?:s|ed|ing)? off)\w*\b[^:;]{0,15}\b(?:soft[- ]delet\w*|pitr|"
    r"point[- ]in[- ]time|trash|recycle bin|undo|backups?)\b|\bcascad(?:e|es|ing) delet\w*|"
    r"\bdelet\w* cascad\w*|\b(?:prun|wip|reset|nuk|purg)(?:e|es|ed|ing|s|"
    r"ting)?\b(?: [\w./'-]+){0,2} (?:docker|volumes?|"
    r"data|databases?|db|disks?|caches? (?:dir\w*|folder)|namespaces?|clusters?|storage|history)\b",
    "the title says that data, or what keeps it, is deleted",
    unless=r"\b(?:fix\w*|test\w*|button|dialog|modal|ui|page|don'?t|not|prevent\w*|confirm\w*|"
    r"docs?|password|form|state|css)\b",
    shown=_KEPT,
)
_DELETES = Announcement(
    r"\b(?:drop|delet|destroy|purg|wip|truncat|remov|decommission|disabl|tear)"
    r"(?:s|es|e|ed|ing|ped|ping|ing down|s down)?\b[^:;]{0,60}"
    r"\b(?:backups?|back-ups?|snapshots?|s3 buckets?|buckets?|databases?|tables?|columns?|"
    r"filestores?|volumes?|volume ?snap\w*|disks?|clusters?|replicas?|retention|helm releases?|"
    r"namespaces?|"
    r"deletion protection|prevent_destroy|versioning)"
    r"(?:$|[ ](?:for|from|in|on|of|and|to|after|that|which|with|policy|\()|[^\w -])|"
    r"\b(?:drop|delet|remov|truncat|purg|wip)(?:s|e|es|ed|ing|ped|ping)?\b[^:;]{0,40}\b(?:from "
    r"(?:the )?\w+ (?:table|schema|database|db)|(?:\w+ )?(?:views?|collections?|schemas?|topics?)"
    r"(?:$| (?:from|and|in)\b)|user data)\b|\bwrite[_ ]truncate\b|"
    r"\b(?:us\w*|via|with|through|by)\b[^:;]{0,20}\btruncat(?:e|ion|ing)\b[^:;]{0,30}\b(?:load|"
    r"tables?|databases?|bigquery)\b|\breset\w*\b[^:;]{0,30}\b(?:system |whole |entire )?(?:db|"
    r"databases?)\b|"
    r"\bstop\w* [^:;]{0,20}\bback-?ups?\b|\bforce[- _]destroy\b|\bdrop cascade\b|"
    r"\bskip[- _]final[- _]snapshot\b",
    "the title says that data, or what keeps it, is deleted",
    unless=r"\w/(?:\w+/)?(?:backups?|snapshots?|buckets?|databases?|tables?|db)(?:/|\b)|"
    r"\b(?:database|table|snapshot|column|volume|cluster)s? (?:packages?|modules?|class(?:es)?|"
    r"types?|structs?|interfaces?|helpers?|methods?|imports?|wrappers?)\b",
    shown=_KEPT,
)


RULE = Rule(
    id="deletion-announced",
    pathway=Pathway.DESTRUCTION,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="says that data, or what keeps it, is deleted",
    version=7,
    check=announcing(_NO_WAY_BACK, _DELETES, _PURGES),
)
