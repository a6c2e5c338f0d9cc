"""The first tables."""

import sqlalchemy as sa
from alembic import op

from reviewqueue.store.guards import create_guards, drop_guards
from reviewqueue.store.tables import Count, Instant, Json

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "delivery",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("headers", Json, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("parked", sa.Boolean(), nullable=False),
        sa.Column("handled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
    )
    op.create_index(
        "ix_delivery_pending",
        "delivery",
        ["received_at"],
        unique=False,
        sqlite_where=sa.text("handled = 0 AND parked = 0"),
        postgresql_where=sa.text("NOT handled AND NOT parked"),
    )

    op.create_table(
        "event",
        sa.Column("seq", Count, autoincrement=False, nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("payload", sa.String(), nullable=False),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_event")),
    )
    op.create_index(op.f("ix_event_kind_seq"), "event", ["kind", "seq"], unique=False)
    op.create_index(op.f("ix_event_subject_seq"), "event", ["subject", "seq"], unique=False)

    op.create_table(
        "handled",
        sa.Column("delivery", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("delivery", name=op.f("pk_handled")),
    )
    op.create_table(
        "repository",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("default_branch", sa.String(), nullable=False),
        sa.Column("first_seen_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repository")),
    )
    op.create_table(
        "change",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("seq", Count, nullable=False),
        sa.Column("repository", sa.String(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("branch", sa.String(), nullable=False),
        sa.Column("number", Count, nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("author", Json, nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("dated_by", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("state_reason", sa.String(), nullable=False),
        sa.Column("revision", sa.String(), nullable=False),
        sa.Column("revision_number", sa.Integer(), nullable=False),
        sa.Column("assigned_note", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["repository"], ["repository.id"], name=op.f("fk_change_repository_repository")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change")),
    )
    op.create_index(op.f("ix_change_repository_ref"), "change", ["repository", "ref"], unique=False)
    op.create_index(
        op.f("ix_change_state_repository"), "change", ["state", "repository"], unique=False
    )

    op.create_table(
        "jump",
        sa.Column("seq", Count, autoincrement=False, nullable=False),
        sa.Column("repository", sa.String(), nullable=False),
        sa.Column("sha", sa.String(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["repository"], ["repository.id"], name=op.f("fk_jump_repository_repository")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_jump")),
    )
    op.create_index(op.f("ix_jump_repository"), "jump", ["repository"], unique=False)

    op.create_table(
        "pull",
        sa.Column("seq", Count, autoincrement=False, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("repository", sa.String(), nullable=False),
        sa.Column("tip", sa.String(), nullable=False),
        sa.Column("heads", sa.Integer(), nullable=False),
        sa.Column("landings", sa.Integer(), nullable=False),
        sa.Column("left_out", Json, nullable=False),
        sa.Column("notes", Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["repository"], ["repository.id"], name=op.f("fk_pull_repository_repository")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_pull")),
    )
    op.create_index(op.f("ix_pull_repository_seq"), "pull", ["repository", "seq"], unique=False)

    op.create_table(
        "assignment",
        sa.Column("change", sa.String(), nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.String(), nullable=False),
        sa.Column("handle", sa.String(), nullable=False),
        sa.Column("reviewer", Json, nullable=False),
        sa.Column("reasons", Json, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["change"], ["change.id"], name=op.f("fk_assignment_change_change")
        ),
        sa.PrimaryKeyConstraint("change", "ordinal", name=op.f("pk_assignment")),
    )
    op.create_index(op.f("ix_assignment_handle"), "assignment", ["handle"], unique=False)

    op.create_table(
        "attribution",
        sa.Column("change", sa.String(), nullable=False),
        sa.Column("revision", sa.String(), nullable=False),
        sa.Column("agent", sa.String(), nullable=True),
        sa.Column("confidence", sa.String(), nullable=False),
        sa.Column("operator", Json, nullable=True),
        sa.Column("evidence", Json, nullable=False),
        sa.Column("operator_evidence", sa.String(), nullable=False),
        sa.Column("mechanical", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["change"], ["change.id"], name=op.f("fk_attribution_change_change")
        ),
        sa.PrimaryKeyConstraint("change", name=op.f("pk_attribution")),
    )
    op.create_index(op.f("ix_attribution_agent"), "attribution", ["agent"], unique=False)

    op.create_table(
        "decision",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("seq", Count, nullable=False),
        sa.Column("change", sa.String(), nullable=False),
        sa.Column("revision", sa.String(), nullable=False),
        sa.Column("reviewer", Json, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("development", sa.Boolean(), nullable=False),
        sa.Column("dismissed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["change"], ["change.id"], name=op.f("fk_decision_change_change")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    op.create_index(op.f("ix_decision_change_seq"), "decision", ["change", "seq"], unique=False)

    op.create_table(
        "disposition",
        sa.Column("seq", Count, autoincrement=False, nullable=False),
        sa.Column("change", sa.String(), nullable=False),
        sa.Column("revision", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("reviewer", Json, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("development", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["change"], ["change.id"], name=op.f("fk_disposition_change_change")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_disposition")),
    )
    op.create_index(
        op.f("ix_disposition_change_fingerprint"),
        "disposition",
        ["change", "fingerprint"],
        unique=False,
    )

    op.create_table(
        "head",
        sa.Column("repository", sa.String(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("sha", sa.String(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("change", sa.String(), nullable=True),
        sa.Column("detail", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["change"], ["change.id"], name=op.f("fk_head_change_change")),
        sa.ForeignKeyConstraint(
            ["repository"], ["repository.id"], name=op.f("fk_head_repository_repository")
        ),
        sa.PrimaryKeyConstraint("repository", "ref", name=op.f("pk_head")),
    )
    op.create_index(op.f("ix_head_change"), "head", ["change"], unique=False)

    op.create_table(
        "landing",
        sa.Column("repository", sa.String(), nullable=False),
        sa.Column("sha", sa.String(), nullable=False),
        sa.Column("seq", Count, nullable=False),
        sa.Column("change", sa.String(), nullable=True),
        sa.Column("revision", sa.String(), nullable=True),
        sa.Column("landed_at", Instant(), nullable=False),
        sa.Column("dated_by", sa.String(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("by", Json, nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("attribution", Json, nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("risk", sa.String(), nullable=True),
        sa.Column("unscannable", sa.Boolean(), nullable=False),
        sa.Column("findings", sa.Integer(), nullable=False),
        sa.Column("unanswered", sa.Integer(), nullable=False),
        sa.Column("added", Count, nullable=False),
        sa.Column("removed", Count, nullable=False),
        sa.Column("review_class", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("claims", Json, nullable=False),
        sa.Column("later_class", sa.String(), nullable=True),
        sa.Column("later_reason", sa.String(), nullable=True),
        sa.Column("later_decision", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["change"], ["change.id"], name=op.f("fk_landing_change_change")),
        sa.ForeignKeyConstraint(
            ["repository"], ["repository.id"], name=op.f("fk_landing_repository_repository")
        ),
        sa.PrimaryKeyConstraint("repository", "sha", name=op.f("pk_landing")),
    )
    op.create_index(op.f("ix_landing_change"), "landing", ["change"], unique=False)
    op.create_index(op.f("ix_landing_landed_at"), "landing", ["landed_at"], unique=False)
    op.create_index(
        op.f("ix_landing_repository_landed_at"),
        "landing",
        ["repository", "landed_at"],
        unique=False,
    )

    op.create_table(
        "revision",
        sa.Column("change", sa.String(), nullable=False),
        sa.Column("sha", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("base", sa.String(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("authors", Json, nullable=False),
        sa.Column("pusher", Json, nullable=True),
        sa.Column("commits", Json, nullable=False),
        sa.Column("content_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["change"], ["change.id"], name=op.f("fk_revision_change_change")),
        sa.PrimaryKeyConstraint("change", "sha", name=op.f("pk_revision")),
    )
    op.create_index(
        op.f("ix_revision_change_number"), "revision", ["change", "number"], unique=False
    )
    op.create_index(op.f("ix_revision_content_id"), "revision", ["content_id"], unique=False)
    op.create_index(op.f("ix_revision_sha"), "revision", ["sha"], unique=False)

    op.create_table(
        "verdict",
        sa.Column("change", sa.String(), nullable=False),
        sa.Column("revision", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("sentence", sa.String(), nullable=False),
        sa.Column("verdict", Json, nullable=False),
        sa.ForeignKeyConstraint(["change"], ["change.id"], name=op.f("fk_verdict_change_change")),
        sa.PrimaryKeyConstraint("change", name=op.f("pk_verdict")),
    )
    op.create_table(
        "scan",
        sa.Column("change", sa.String(), nullable=False),
        sa.Column("revision", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("risk", sa.String(), nullable=False),
        sa.Column("unscannable", sa.String(), nullable=True),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("added", Count, nullable=False),
        sa.Column("removed", Count, nullable=False),
        sa.Column("rules_version", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["change", "revision"],
            ["revision.change", "revision.sha"],
            name=op.f("fk_scan_change_revision_revision"),
        ),
        sa.PrimaryKeyConstraint("change", "revision", name=op.f("pk_scan")),
    )
    op.create_table(
        "finding",
        sa.Column("change", sa.String(), nullable=False),
        sa.Column("revision", sa.String(), nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("pathway", sa.String(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("confidence", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("locations", Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["change", "revision"],
            ["scan.change", "scan.revision"],
            name=op.f("fk_finding_change_revision_scan"),
        ),
        sa.PrimaryKeyConstraint("change", "revision", "ordinal", name=op.f("pk_finding")),
    )
    op.create_index(op.f("ix_finding_rule"), "finding", ["rule"], unique=False)

    create_guards(op.get_bind())


def downgrade() -> None:
    """Take back."""
    drop_guards(op.get_bind())
    op.drop_index(op.f("ix_finding_rule"), table_name="finding")

    op.drop_table("finding")
    op.drop_table("scan")
    op.drop_table("verdict")
    op.drop_index(op.f("ix_revision_sha"), table_name="revision")
    op.drop_index(op.f("ix_revision_content_id"), table_name="revision")
    op.drop_index(op.f("ix_revision_change_number"), table_name="revision")

    op.drop_table("revision")
    op.drop_index(op.f("ix_landing_repository_landed_at"), table_name="landing")
    op.drop_index(op.f("ix_landing_landed_at"), table_name="landing")
    op.drop_index(op.f("ix_landing_change"), table_name="landing")

    op.drop_table("landing")
    op.drop_index(op.f("ix_head_change"), table_name="head")

    op.drop_table("head")
    op.drop_index(op.f("ix_disposition_change_fingerprint"), table_name="disposition")

    op.drop_table("disposition")
    op.drop_index(op.f("ix_decision_change_seq"), table_name="decision")

    op.drop_table("decision")
    op.drop_index(op.f("ix_attribution_agent"), table_name="attribution")

    op.drop_table("attribution")
    op.drop_index(op.f("ix_assignment_handle"), table_name="assignment")

    op.drop_table("assignment")
    op.drop_index(op.f("ix_pull_repository_seq"), table_name="pull")

    op.drop_table("pull")
    op.drop_index(op.f("ix_jump_repository"), table_name="jump")

    op.drop_table("jump")
    op.drop_index(op.f("ix_change_state_repository"), table_name="change")
    op.drop_index(op.f("ix_change_repository_ref"), table_name="change")

    op.drop_table("change")
    op.drop_table("repository")
    op.drop_table("handled")
    op.drop_index(op.f("ix_event_subject_seq"), table_name="event")
    op.drop_index(op.f("ix_event_kind_seq"), table_name="event")

    op.drop_table("event")
    op.drop_index(
        "ix_delivery_pending",
        table_name="delivery",
        sqlite_where=sa.text("handled = 0 AND parked = 0"),
        postgresql_where=sa.text("NOT handled AND NOT parked"),
    )

    op.drop_table("delivery")
