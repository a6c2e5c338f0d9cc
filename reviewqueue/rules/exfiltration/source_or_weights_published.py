"""Source, weights or prompts copied out of where they belong.

What it flags
    Added code that publishes a repository, a model or a prompt: a push to a model hub, a new
    git remote that is pushed to, a mirror push, a bundle, an archive of the checkout that is
    uploaded, a workflow artifact holding the whole workspace, `.env` or `.git`.
    Also replication to another place, the history or keys in an image, and a package that is
    no longer kept private.

Why it matters
    Weights, source and system prompts are what is worth stealing, and one command takes all
    of them. An artifact can be downloaded by everybody who may read the repository.

How to review it
    Whose account and which host is it, and is it public?
    Is the artifact's path as small as the step needs? `.git/config` may hold the job's token.

Not flagged
    Artifacts of a named build folder; loading from a hub; pushing to the origin, also where
    its address is put together with the job's token.

Seen in
    ATT&CK T1567.001 (Exfiltration to Code Repository), T1213.003 (Code Repositories); the
    "ArtiPACKED" research on tokens in workflow artifacts (2024).
"""

from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label
from reviewqueue.scan.rule import (
    Capability,
    FileView,
    Hit,
    On,
    Pattern,
    Rule,
    Stability,
    View,
    expression,
)
from reviewqueue.scan.structure.hunks import on_side
from reviewqueue.scan.structure.near import stands_in

_ARTIFACT = r"\bactions/upload-artifact@"
_WHOLE = (
    r"^[ \t]*path:\s*['\"]?(?:\./?|\*\*/?\*?|\.\./?|~/?|/|\$\{\{\s*github\.workspace\s*\}\}/?|"
    r"(?:\./)?\.(?:env|git|aws|ssh|npmrc)\b[\w./*]*)['\"]?\s*$"
)
_WITHIN = 10
"""Lines after the action within which its path stands."""


def check(view: View) -> Iterator[Hit]:
    """Mark artifacts that hold the whole workspace, or what no artifact may hold."""
    for file in view.where(_WHOLE, side=Side.NEW):
        if Label.CI in file.labels:
            ends = [number for number, text in _lines(file) if expression(_ARTIFACT).search(text)]
            for line in file.new(_WHOLE):
                number = line.number or 0
                if stands_in(ends, range(number - _WITHIN, number)):
                    yield Hit.at(
                        file, line, "a workflow artifact holds the whole workspace or keys"
                    )


def _lines(file: FileView) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of the new side that the diff shows, changed or not."""
    for _, start, lines in file.hunks():
        for number, line in enumerate(on_side(lines, Side.NEW), start):
            yield number, line[1:]


RULE = Rule(
    id="source-or-weights-published",
    pathway=Pathway.EXFILTRATION,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    version=3,
    summary="copies source, weights or prompts out",
    capability=Capability.SENDS,
    patterns=(
        Pattern(
            r"\.push_to_hub\s*\(|\bpush_to_hub\s*=\s*True|\bpush_to_hub:\s*true|"
            r"\bupload_large_folder\s*\(|\bupload_folder\s*\(|"
            r"\b(?:huggingface-cli|hf)\s+(?:upload|repo\s+create)|\bHfApi\s*\([^\n]*\.upload|"
            r"\bsave_to_hub\s*\(|\bkaggle\s+(?:datasets|models|kernels)\s+(?:create|version|push)|"
            r"\bmodelscope\s+upload\b|\bollama\s+push\b|\bkagglehub\.\w+_upload\(|"
            r"\bwandb\s+artifact\s+put\b|\bpublish_to_hub\b",
            "publishes a model or a data set on a hub",
            never=frozenset({Label.LOCK}),
        ),
        Pattern(
            r"\bgit\s+push\s+(?:-\S+\s+)*(?:--mirror\b|[\"']?(?:https?|ssh)://|[\"']?git@)|"
            r"\bgit\s+bundle\s+create\b|\bgit\s+push\s+--mirror\b",
            "pushes the repository's content to another place",
        ),
        Pattern(
            r"\bgit\s+remote\s+(?:add|set-url)\s",
            "points a git remote at another place",
            line=r"remote\s+(?:add|set-url)\s+(?:--\S+\s+)*(?:origin\s+[\"']?(?:https?://|git@|ssh://)"
            r"(?:[^\s@/]*@)?[\w.-]+[:/][\w./-]+[\"']?\s*$|(?:[^o\s]|o[^r\s])[\w-]*\s+[\"']?(?:https?://|git@|ssh://))",
            only=frozenset({Label.SCRIPT, Label.CI, Label.BUILD, Label.CONTAINER, Label.HOOK}),
        ),
        Pattern(
            r"\bresource\s+\"aws_s3_bucket_replication_configuration\"|\bput_bucket_replication\s*\(|\bPutBucketReplicationCommand\b|"
            r"\bput-bucket-replication\b|\bgoogle_storage_transfer_job\b|\bresource\s+\"aws_dms_replication_task\"|"
            r"\bmodify_db_snapshot_attribute\s*\(|\bmodify_(?:snapshot|image)_attribute\s*\(|\bshare_snapshot\w*\(",
            "copies what is stored to another place or account, from now on",
            never=frozenset({Label.LOCK, Label.DOCS, Label.TEST}),
        ),
        Pattern(
            r"^(?:COPY|ADD)[ \t]+(?:--\S+[ \t]+)*(?:\S+[ \t]+)*(?:\./)?\."
            r"(?:git|env(?:\.\w+)?|aws|ssh|npmrc|netrc|docker)/?[ \t]",
            "puts the history or keys of the project into an image",
            only=frozenset({Label.CONTAINER}),
        ),
        Pattern(
            r"\"publishConfig\"\s*:\s*\{[^}\n]*\"access\"\s*:\s*\"public\"",
            "lets everybody load the package",
            only=frozenset({Label.MANIFEST}),
            severity=Severity.LOW,
        ),
        Pattern(
            r"^[ \t]*\"private\"[ \t]*:[ \t]*true",
            "the package is no longer kept from being published",
            on=On.REMOVED,
            globs=("package.json", "*/package.json"),
        ),
        Pattern(
            r"\b(?:shutil\.make_archive|zipfile\.ZipFile|tarfile\.open|archiver|AdmZip|"
            r"new\s+JSZip|zip\.NewWriter)\s*\([^\n]*(?:repo|root|workspace|src|source|project|cwd|"
            r"home|\.git|__file__)",
            "packs the checkout or a home",
            line=r"(?i)repo_?root|workspace|project_?root|getcwd|cwd\(|home|\.git\b|src",
            never=frozenset({Label.LOCK, Label.DOCS, Label.TEST}),
            severity=Severity.LOW,
        ),
        Pattern(
            r"[\"'`](?:npm|pnpm|yarn|cargo|gem|twine|poetry|dotnet\s+nuget|vsce|"
            r"ovsx)[\"'`]?\s*(?:,\s*\[?\s*[\"'`]|\s)(?:publish|push|upload|unpublish)\b",
            "publishes a package from within a program",
            line=r"(?i)\b(?:exec\w*|spawn\w*|system|popen|run|call|check_\w+|Popen|Command::new|\$)\s*[(`]",
            never=frozenset({Label.LOCK, Label.DOCS, Label.CI, Label.BUILD, Label.TEST}),
        ),
        Pattern(
            r"\bgit\s+archive\b[^\n|]*\|[^\n]*(?:curl|ssh|nc|aws|gsutil)\b|\b(?:tar|"
            r"zip)\s[^\n]*(?:\.git\b|\s\.\s|\s/workspace|\$GITHUB_WORKSPACE)[^\n]*(?:\||&&|"
            r";)[^\n]*\b(?:curl|wget|nc|scp|ssh|aws\s+s3|gsutil|rclone)\s",
            "packs the checkout and sends it",
            severity=Severity.HIGH,
        ),
    ),
    added_triggers=(_WHOLE,),
    check=check,
)
