r"""A store of data, or a machine, that infrastructure no longer declares.

What it flags
    Databases, buckets, volumes, keys, clusters and registries whose declaration is removed
    from Terraform and its like; an entry that leaves a list of databases, buckets or
    machines; the declaration of a whole environment deleted.

Why it matters
    What is no longer declared is deleted by the next run, with all that it holds. The line
    that does it is a removal, which looks like tidying up.

How to review it
    Read the plan that this change makes: what is destroyed, and is there a copy?
    Ask whether the state was moved, or the thing was imported elsewhere.

Not flagged
    Declarations that move to another file; what is declared anew under the same name.

Seen in
    ATT&CK T1485 (data destruction).
"""

import re
from collections.abc import Iterator

from reviewqueue.domain.finding import Confidence, Pathway, Severity, Side
from reviewqueue.domain.paths import Label, set_aside
from reviewqueue.scan.rule import FileView, Hit, Rule, Stability, View
from reviewqueue.scan.structure.disappeared import disappeared
from reviewqueue.scan.structure.outline import outline

_LISTS = frozenset({Label.INFRASTRUCTURE, Label.CONFIG})
_DECLARED = (
    r"^[ \t]*resource\s+\"(?:aws_(?:s3_bucket|db_instance|rds_cluster|dynamodb_table|"
    r"efs_file_system|ebs_volume|kms_key|backup_vault|elasticsearch_domain|opensearch_domain|"
    r"redshift_cluster|docdb_cluster|secretsmanager_secret|ecr_repository|eks_cluster|"
    r"default_vpc|vpc)|google_(?:storage_bucket|sql_database(?:_instance)?|bigquery_(?:dataset|"
    r"table)|spanner_\w+|kms_\w+|container_cluster|project)|azurerm_(?:storage_account|"
    r"mssql_database|postgresql_\w+|cosmosdb_\w+|key_vault|kubernetes_cluster|resource_group))\"|"
    r"^[ \t]*module\s+\"[\w-]*(?:bucket|database|storage|backup|vault|cluster|rds)[\w-]*\""
)
"""What holds data or other things, and is deleted where it is no longer declared."""
_HELD = re.compile(
    r"engine(?:_version)?|instance_(?:class|type)|allocated_storage|bucket(?:_name)?|node_type|"
    r"disk_size(?:_gb)?|storage_(?:gb|class_name|type)|volume_size|database_version|db_?name|"
    r"machine_type|retention"
)
_HELD_KEY = (
    r"^[ \t]*['\"]?(?:engine(?:_version)?|instance_(?:class|type)|allocated_storage|"
    r"bucket(?:_?[nN]ame)?|node_type|disk_size\w*|volume_size|storage_gb|db_?name|machine_type|"
    r"database_version|tier)['\"]?\s*[:=]"
)
"""What an entry of a list of databases, buckets or machines says of itself."""
_WHOLE = 8
"""Deleted files of infrastructure that are more than tidying up."""


def check(view: View) -> Iterator[Hit]:
    """Mark stores that are no longer declared, or listed."""
    deleted = [file for file in view.labelled(Label.INFRASTRUCTURE) if file.status == "D"]
    if len(deleted) >= _WHOLE:
        yield Hit(
            message=f"the declaration of a whole environment is deleted: {len(deleted)} files",
            text=deleted[0].old_path,
            path=deleted[0].path,
        )
    for file in view.where(_HELD_KEY, side=Side.OLD):
        if file.status == "M" and not file.labels.isdisjoint(_LISTS) and _is_kept(file):
            yield from _unlisted(file)
    for found in disappeared(view.where(_DECLARED), _DECLARED):
        for line in found.lost if Label.INFRASTRUCTURE in found.file.labels else ():
            message = "is no longer declared: the next run deletes it, and what it holds"
            yield Hit.at(found.file, line, message, side=Side.OLD, discountable=True)


def _is_kept(file: FileView) -> bool:
    return not set_aside(file.labels) and file.labels.isdisjoint({Label.LOCK, Label.GENERATED})


def _unlisted(file: FileView) -> Iterator[Hit]:
    """Tell entries of a list of databases, buckets or machines that are no longer in it."""
    after = list(outline(file, Side.NEW))
    now = {entry.under[:-1][-1:] for entry in after if len(entry.under) > 1}
    listed = {entry.under[-1:] for entry in after if not entry.value}
    told: set[tuple[str, ...]] = set()
    for entry in outline(file, Side.OLD):
        name = entry.under[:-1][-1:]
        is_lost = entry.is_changed and entry.value and name and _HELD.fullmatch(entry.key)
        if is_lost and name not in now | listed | told:
            told.add(name)
            message = f"what holds data is no longer listed, and may be deleted: {name[0][:60]}"
            yield Hit.on(file, entry.number, entry.line, message, side=Side.OLD)


RULE = Rule(
    id="store-no-longer-declared",
    pathway=Pathway.DESTRUCTION,
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    stability=Stability.STABLE,
    summary="stops declaring a database, a bucket or another store",
    removed_triggers=(_DECLARED, _HELD_KEY),
    wakes=frozenset({Label.INFRASTRUCTURE}),
    check=check,
)
