"""Data moved to object storage, a warehouse or another host.

What it flags
    Added commands, CI actions, library calls and SQL that put files or tables into a bucket,
    a blob store, a warehouse or on another machine: `aws s3 sync`, `gsutil cp`, `rclone copy`,
    `scp`, `PutObjectCommand`, `upload_file`, `UNLOAD`, `COPY … TO 's3://…'`, `EXPORT DATA`.
    Also a setting that names such a place as the target of dumps, exports or backups (told
    apart where it is another environment's).

Why it matters
    A bucket is outside the review: who may read it, for how long, and in which account is
    decided elsewhere. Whole tables leave by one such line, and a schedule repeats it.

How to review it
    Find whose bucket or host it is, and who may read and list it.
    Ask which columns or files go there: personal data, keys, source, weights?
    Check that the credential may do this and no more, and when the copy is deleted.

Not flagged
    Downloads and listings; prose weighs one level less; uploads of a user's own file
    inside an existing storage layer, where no new call is added.

Seen in
    ATT&CK T1567.002 (Exfiltration to Cloud Storage), T1537 (Transfer Data to Cloud Account)
    and T1048 (over an alternative protocol); rclone is the tool most reports of data theft
    before ransomware name.
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, is_own
from reviewqueue.scan.rule import FileView, Hit, Pattern, Rule, Stability, View, expression
from reviewqueue.scan.structure.comments import is_comment

_TARGET = (
    r"(?i)(?:export|dump|back_?up|archive|snapshot|upload|replica|offload|extract|"
    r"unload)[\w.-]*[\"']?\]?[ \t]*(?::=|=>|[:=])[ \t]*[\"'`]?(?:s3a?|gs|gcs|abfss?|wasbs?|r2|b2|"
    r"oss|swift|cos|obs)://|--(?:export|dump|backup|archive|upload|output|dest\w*|"
    r"target)[\w-]*[= ][\"']?(?:s3a?|gs|gcs|abfss?|wasbs?)://"
)
_ENVIRONMENTS = (
    ("production", r"(?i)(?:^|[^a-z])(?:prod|production|prd|live)(?:[^a-z]|$)"),
    ("staging", r"(?i)(?:^|[^a-z])(?:stag|stage|staging|preprod|uat)(?:[^a-z]|$)"),
    (
        "development",
        r"(?i)(?:^|[^a-z])(?:dev|develop|development|sandbox|integration|test|testing|qa)(?:[^a-z]|$)",
    ),
)
_NEVER = frozenset({Label.LOCK, Label.GENERATED, Label.VENDORED})


def check(view: View) -> Iterator[Hit]:
    """Mark settings that name storage as the target of dumps, exports and backups."""
    for file in view.where(_TARGET, side=Side.NEW):
        if is_own(file.labels):
            for line in file.new(_TARGET):
                if not is_comment(line.whole):
                    yield Hit.at(file, line, _among(file, line.whole))


def _among(file: FileView, text: bytes) -> str:
    """Return what a target means, given the environment the file is for."""
    here, there = _environment(file.path.encode()), _environment(text.partition(b"://")[2])
    if here and there and here != there:
        return f"what {here} holds is moved to storage of another environment, {there}"
    return "a dump, an export or a backup goes to this storage"


def _environment(text: bytes) -> str:
    for name, words in _ENVIRONMENTS:
        if expression(words).search(text):
            return name
    return ""


RULE = Rule(
    id="data-moved-to-storage",
    pathway=Pathway.EXFILTRATION,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="moves data to object storage, a warehouse or another host",
    patterns=(
        Pattern(
            r"\baws\s+s3\s+(?:cp|sync|mv)\b|\bs5cmd\s[^\n]*\b(?:cp|sync|mv)\s",
            "copies files into a bucket",
            line=r"\s(?:cp|sync|mv)\s+(?:--?[\w-]+(?:[= ][^\s-]\S*)?\s+)*(?:\\\s*$|[\"']?"
            r"(?:[^s\"'\s-]|s[^3\"'\s]|s3[^:\"'\s])\S*)",
            never=_NEVER,
        ),
        Pattern(
            r"\baws\s+s3api\s+(?:put-object|copy-object|upload-part)\b|"
            r"\bgsutil\s[^\n]*(?:cp|rsync|mv)\s|\bgcloud\s+storage\s+(?:cp|rsync|mv)\b|"
            r"\bs3cmd\s[^\n]*(?:put|sync)\s|"
            r"\baz\s+storage\s+(?:blob|fs|file)\s[^\n]*(?:upload|copy|sync)|"
            r"\bazcopy\s+(?:cp|copy|sync)\b|"
            r"\brclone\s+(?:copy|copyto|sync|move|moveto|rcat|bisync)\b|"
            r"\bmc\s+(?:cp|mirror|pipe)\s|\bb2\s+(?:upload-file|upload|sync|file upload)\b|"
            r"\br2\s+object\s+put\b|\boci\s+os\s+object\s+(?:put|bulk-upload|sync)\b|"
            r"\bossutil\s+(?:cp|sync)\b|\bgdrive\s+(?:files\s+)?upload\b|\bdropbox_uploader\b|"
            r"\bmegaput\b",
            "copies files into a bucket",
            never=_NEVER,
        ),
        Pattern(
            r"^[ \t]*-?[ \t]*uses:\s*['\"]?[\w.-]+/[\w./-]*(?:s3-sync|s3-upload|upload-s3|"
            r"s3-deploy|s3cmd|s3-cp|upload-to-s3|s3-artifact|upload-cloud-storage|gcs-upload|"
            r"upload-gcs|r2-upload|upload-r2|azure-blob|blob-upload|azcopy|rclone|b2-upload|"
            r"ftp-deploy|scp-action|rsync-deploy|rsync-action|ssh-scp)",
            "a workflow newly uploads to storage or another host",
        ),
        Pattern(
            r"\bPutObjectCommand\s*\(|\.put_object\s*\(|"
            r"\.PutObject(?:Async|WithContext|Request)?\s*\(|\bPutObjectRequest\b|"
            r"\.putObject\s*\(|\.upload_fileobj\s*\(|\.upload_file\s*\(|"
            r"\.upload_from_(?:filename|file|string)\s*\(|\.upload_blob\s*\(|\.UploadBlob\w*\s*\(|"
            r"\.UploadFromFile\w*\s*\(|\.fput_object\s*\(|\.FPutObject\s*\(|"
            r"\bCreateMultipartUpload\w*\s*\(|\.createMultipartUpload\s*\(|"
            r"['\"]@aws-sdk/lib-storage['\"]|\bTransferUtility\s*\(|"
            r"\b(?:s3)?manager\.NewUploader\s*\(|[bB](?:ucket|lob)\w*\.(?:upload|uploadFile|"
            r"uploadStream|uploadData|UploadAsync)\s*\(|\b[sS](?:3|torage)\w*\.uploadFile\s*\(|"
            r"\.upload_to_bucket\s*\(|\bcreateWriteStream\s*\(\s*\)\s*\.\s*end\s*\(",
            "writes data into object storage",
            never=_NEVER,
        ),
        Pattern(
            r"(?i)\bEXPORT\s+DATA\s+OPTIONS\b|^[^\n#]*\bUNLOAD\s*\(\s*['\"$]|"
            r"\bCOPY\s+INTO\s+['\"@][^\n]*\bFROM\b|"
            r"\bTO\s+['\"](?:s3|gs|gcs|azure|wasbs?|abfss?)://|\bINTO\s+OUTFILE\s+(?:S3\s)?['\"]|"
            r"\bquery_export_to_s3\b|\bINSERT\s+INTO\s+FUNCTION\s+(?:s3|gcs|url|remote)\w*\(|"
            r"\bexport_?table_?to_?(?:s3|gcs|storage|point)|\bextract_table\s*\(|\bbq\s+extract\b|"
            r"\bgcloud\s+sql\s+export\b|\brds\s+start-export-task\b|\bdynamodb\s+export-table|"
            r"BigQueryToGCSOperator|\w+ToS3Operator|\w+ToGCSOperator|LocalFilesystemTo\w+Operator",
            "exports tables to storage",
            never=_NEVER,
        ),
        Pattern(
            r"\.(?:to_(?:csv|parquet|json|pickle|feather)|write(?:Stream)?|save|parquet|csv|"
            r"json)\s*\(\s*[fr]?['\"`](?:s3a?|gs|gcs|abfss?|wasbs?|az|hdfs|r2)://",
            "writes a table to storage",
            never=_NEVER,
        ),
        Pattern(
            r"(?:\bpg_dump(?:all)?|\bmysqldump|\bmongodump|\bsqlite3\s[^\n]*\.dump|\btar\s[^\n|]*|"
            r"\bzip\s+-[^\n|]*)[^\n|]*\|[^\n]*(?:\baws\s+s3|\bgsutil|\bcurl\s|\bssh\s|\bnc\s|"
            r"\brclone|\bazcopy)",
            "sends a dump or an archive out",
            severity=Severity.HIGH,
            never=_NEVER,
        ),
        Pattern(
            r"\bscp\s|\brsync\s|\bsftp\s|\blftp\s",
            "copies files to another host",
            line=r"\b(?:scp|"
            r"rsync)\s+(?:-\S+\s+)*(?:\S+\s+)+[\"']?(?:[\w.$%{}()-]+@)[\w.${}()\[\]-]+:|"
            r"\b(?:sftp|lftp)\s[^\n]*(?:put|mirror -R|<<|-b\s)",
            never=_NEVER,
        ),
    ),
    added_triggers=(_TARGET,),
    version=3,
    check=check,
)
