"""Every table of identity, platform and studio.

Revision ID: 0001
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "idempotency_keys",
        sa.Column("scope", sa.String(length=80), nullable=False),
        sa.Column("principal", sa.String(length=80), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(), nullable=False),
        sa.Column("response", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(
            "scope", "principal", "key", name=op.f("pk_idempotency_keys")
        ),
    )
    op.create_index(
        op.f("ix_idempotency_keys_expires_at"),
        "idempotency_keys",
        ["expires_at"],
        unique=False,
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("queue", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("dedupe_key", sa.String(length=200), nullable=False),
        sa.Column("correlation_id", sa.String(length=128), nullable=True),
        sa.Column(
            "available_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint(
            "queue", "dedupe_key", name=op.f("uq_outbox_queue_dedupe_key")
        ),
    )
    op.create_index(
        "ix_outbox_sent_at",
        "outbox",
        ["sent_at"],
        unique=False,
        postgresql_where=sa.text("sent_at IS NOT NULL"),
    )
    op.create_index(
        "ix_outbox_unsent",
        "outbox",
        ["available_at", "id"],
        unique=False,
        postgresql_where=sa.text("sent_at IS NULL"),
    )
    op.create_table(
        "signing_keys",
        sa.Column("id", sa.String(length=120), nullable=False),
        sa.Column("algorithm", sa.String(length=40), nullable=False),
        sa.Column("public_key_pem", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_keys")),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("hashed_password", sa.String(length=255), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column(
            "platform_role",
            sa.Enum(
                "member",
                "support",
                "admin",
                name="platformrole",
                native_enum=False,
                length=20,
            ),
            server_default="member",
            nullable=False,
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "platform_role IN ('member', 'support', 'admin')",
            name=op.f("ck_users_platform_role_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
    )
    op.create_index(
        "uq_users_email", "users", [sa.literal_column("lower(email)")], unique=True
    )
    op.create_table(
        "webhook_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "source",
            sa.Enum("replicate", name="webhooksource", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("external_id", sa.String(length=255), nullable=False),
        sa.Column("event_type", sa.String(length=120), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("provider_object_id", sa.String(length=120), nullable=True),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "received",
                "processed",
                "ignored",
                name="webhookstatus",
                native_enum=False,
                length=20,
            ),
            server_default="received",
            nullable=False,
        ),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "received_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("processed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "source IN ('replicate', 'instagram')", name=op.f("ck_webhook_events_source_known")
        ),
        sa.CheckConstraint(
            "status IN ('received', 'processed', 'ignored')",
            name=op.f("ck_webhook_events_status_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_events")),
        sa.UniqueConstraint(
            "source", "external_id", name=op.f("uq_webhook_events_source_external_id")
        ),
    )
    op.create_index(
        "ix_webhook_events_subject_id", "webhook_events", ["subject_id"], unique=False
    )
    op.create_table(
        "workspaces",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column(
            "timezone", sa.String(length=64), server_default="UTC", nullable=False
        ),
        sa.Column(
            "require_second_reviewer",
            sa.Boolean(),
            server_default="false",
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "char_length(name) BETWEEN 1 AND 120",
            name=op.f("ck_workspaces_name_length"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workspaces")),
        sa.UniqueConstraint("slug", name=op.f("uq_workspaces_slug")),
    )
    op.create_table(
        "audit_log",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column(
            "position",
            sa.BigInteger(),
            server_default=sa.FetchedValue(),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "actor_kind",
            sa.Enum(
                "user",
                "system",
                "provider",
                name="actorkind",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("actor_user_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(length=80), nullable=False),
        sa.Column("target_type", sa.String(length=40), nullable=False),
        sa.Column("target_id", sa.String(length=64), nullable=False),
        sa.Column(
            "detail",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="{}",
            nullable=False,
        ),
        sa.Column(
            "prev_hash",
            sa.LargeBinary(),
            server_default=sa.FetchedValue(),
            nullable=False,
        ),
        sa.Column(
            "row_hash",
            sa.LargeBinary(),
            server_default=sa.FetchedValue(),
            nullable=False,
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "actor_kind IN ('user', 'system', 'provider')",
            name=op.f("ck_audit_log_actor_kind_known"),
        ),
        sa.ForeignKeyConstraint(
            ["actor_user_id"], ["users.id"], name=op.f("fk_audit_log_actor_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_audit_log_workspace_id")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "position", name=op.f("pk_audit_log")),
        sa.UniqueConstraint("row_hash", name=op.f("uq_audit_log_row_hash")),
    )
    op.create_table(
        "avatars",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("avatar_name", sa.Text(), nullable=False),
        sa.Column("nicho", sa.Text(), nullable=False),
        sa.Column("aesthetic_style", sa.Text(), nullable=False),
        sa.Column("bio", sa.Text(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "created",
                "review",
                "active",
                "paused",
                "archived",
                name="avatarstatus",
                native_enum=False,
                length=20,
            ),
            server_default="created",
            nullable=False,
        ),
        sa.Column(
            "current_sheet_version", sa.Integer(), server_default="0", nullable=False
        ),
        sa.Column("profile_sha256", sa.LargeBinary(), nullable=True),
        sa.Column("monthly_budget_minor", sa.BigInteger(), nullable=True),
        sa.Column(
            "budget_currency", sa.String(length=3), server_default="usd", nullable=False
        ),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(status = 'archived') = (archived_at IS NOT NULL)",
            name=op.f("ck_avatars_archived_at_set"),
        ),
        sa.CheckConstraint(
            "status IN ('created', 'review', 'active', 'paused', 'archived')",
            name=op.f("ck_avatars_status_known"),
        ),
        sa.CheckConstraint(
            "char_length(aesthetic_style) BETWEEN 1 AND 120",
            name=op.f("ck_avatars_aesthetic_style_length"),
        ),
        sa.CheckConstraint(
            "char_length(avatar_name) BETWEEN 3 AND 50",
            name=op.f("ck_avatars_avatar_name_length"),
        ),
        sa.CheckConstraint(
            "char_length(bio) BETWEEN 0 AND 500", name=op.f("ck_avatars_bio_length")
        ),
        sa.CheckConstraint(
            "char_length(nicho) BETWEEN 3 AND 80", name=op.f("ck_avatars_nicho_length")
        ),
        sa.CheckConstraint(
            "monthly_budget_minor >= 0", name=op.f("ck_avatars_budget_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.id"], name=op.f("fk_avatars_created_by")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_avatars_workspace_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_avatars")),
    )
    op.create_index(
        "ix_avatars_workspace_id",
        "avatars",
        ["workspace_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "uq_avatars_name_live",
        "avatars",
        ["workspace_id", sa.literal_column("lower(avatar_name)")],
        unique=True,
        postgresql_where=sa.text("archived_at IS NULL"),
    )
    op.create_table(
        "dead_letters",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("queue", sa.String(length=40), nullable=False),
        sa.Column("dedupe_key", sa.String(length=200), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("payload_sha256", sa.LargeBinary(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("redriven_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "char_length(reason) BETWEEN 1 AND 2000",
            name=op.f("ck_dead_letters_reason_length"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_dead_letters_workspace_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dead_letters")),
        sa.UniqueConstraint(
            "queue", "dedupe_key", name=op.f("uq_dead_letters_queue_dedupe_key")
        ),
    )
    op.create_index(
        "ix_dead_letters_open",
        "dead_letters",
        ["queue", "created_at"],
        unique=False,
        postgresql_where=sa.text("redriven_at IS NULL"),
    )
    op.create_index(
        "ix_dead_letters_subject_id", "dead_letters", ["subject_id"], unique=False
    )
    op.create_table(
        "policy_versions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("rules", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.id"], name=op.f("fk_policy_versions_created_by")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_policy_versions_workspace_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_versions")),
        sa.UniqueConstraint(
            "workspace_id",
            "version",
            name=op.f("uq_policy_versions_workspace_id_version"),
        ),
    )
    op.create_index(
        "uq_policy_versions_active",
        "policy_versions",
        ["workspace_id"],
        unique=True,
        postgresql_where=sa.text("active"),
    )
    op.create_table(
        "user_sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("family_hash", sa.LargeBinary(), nullable=False),
        sa.Column("refresh_hash", sa.LargeBinary(), nullable=False),
        sa.Column("previous_hash", sa.LargeBinary(), nullable=True),
        sa.Column("rotated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("user_agent", sa.String(length=255), nullable=True),
        sa.Column("ip", postgresql.INET(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "expires_at > created_at", name=op.f("ck_user_sessions_expires_later")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_user_sessions_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_sessions")),
    )
    op.create_index(
        op.f("ix_user_sessions_user_id"), "user_sessions", ["user_id"], unique=False
    )
    op.create_table(
        "workspace_invitations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "owner",
                "editor",
                "reviewer",
                "analyst",
                name="role",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("invited_by", sa.Integer(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "role IN ('owner', 'editor', 'reviewer', 'analyst')",
            name=op.f("ck_workspace_invitations_role_known"),
        ),
        sa.ForeignKeyConstraint(
            ["invited_by"],
            ["users.id"],
            name=op.f("fk_workspace_invitations_invited_by"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_workspace_invitations_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workspace_invitations")),
        sa.UniqueConstraint(
            "token_hash", name=op.f("uq_workspace_invitations_token_hash")
        ),
    )
    op.create_index(
        "uq_workspace_invitations_open",
        "workspace_invitations",
        ["workspace_id", sa.literal_column("lower(email)")],
        unique=True,
        postgresql_where=sa.text("accepted_at IS NULL"),
    )
    op.create_table(
        "workspace_members",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "owner",
                "editor",
                "reviewer",
                "analyst",
                name="role",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("is_home", sa.Boolean(), server_default="false", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "role IN ('owner', 'editor', 'reviewer', 'analyst')",
            name=op.f("ck_workspace_members_role_known"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_workspace_members_user_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_workspace_members_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "workspace_id", "user_id", name=op.f("pk_workspace_members")
        ),
    )
    op.create_index(
        "ix_workspace_members_user_id", "workspace_members", ["user_id"], unique=False
    )
    op.create_index(
        "uq_workspace_members_home",
        "workspace_members",
        ["user_id"],
        unique=True,
        postgresql_where=sa.text("is_home"),
    )
    op.create_table(
        "assets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("avatar_id", sa.Uuid(), nullable=True),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("image", name="assetkind", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column(
            "origin",
            sa.Enum(
                "generated",
                "uploaded",
                name="assetorigin",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("ai_generated", sa.Boolean(), nullable=False),
        sa.Column("s3_key", sa.String(length=512), nullable=False),
        sa.Column("content_type", sa.String(length=80), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "ready",
                "quarantined",
                "deleted",
                name="assetstatus",
                native_enum=False,
                length=20,
            ),
            server_default="pending",
            nullable=False,
        ),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(status = 'deleted') = (deleted_at IS NOT NULL)",
            name=op.f("ck_assets_deleted_at_set"),
        ),
        sa.CheckConstraint("kind IN ('image')", name=op.f("ck_assets_kind_known")),
        sa.CheckConstraint(
            "origin <> 'generated' OR ai_generated",
            name=op.f("ck_assets_says_it_is_ai"),
        ),
        sa.CheckConstraint(
            "origin IN ('generated', 'uploaded')", name=op.f("ck_assets_origin_known")
        ),
        sa.CheckConstraint(
            "status <> 'ready' OR uploaded_at IS NOT NULL",
            name=op.f("ck_assets_ready_has_bytes"),
        ),
        sa.CheckConstraint(
            "status IN ('pending', 'ready', 'quarantined', 'deleted')",
            name=op.f("ck_assets_status_known"),
        ),
        sa.CheckConstraint(
            "octet_length(sha256) = 32", name=op.f("ck_assets_sha256_length")
        ),
        sa.CheckConstraint("size_bytes > 0", name=op.f("ck_assets_not_empty")),
        sa.ForeignKeyConstraint(
            ["avatar_id"], ["avatars.id"], name=op.f("fk_assets_avatar_id")
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.id"], name=op.f("fk_assets_created_by")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_assets_workspace_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assets")),
        sa.UniqueConstraint("s3_key", name=op.f("uq_assets_s3_key")),
    )
    op.create_index("ix_assets_sha256", "assets", ["sha256"], unique=False)
    op.create_index(
        "ix_assets_status",
        "assets",
        ["workspace_id", "status", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_assets_workspace_id",
        "assets",
        ["workspace_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "uq_assets_sha256",
        "assets",
        ["workspace_id", "sha256"],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "avatar_sheets",
        sa.Column("avatar_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sheet", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "field_origins", postgresql.JSONB(astext_type=sa.Text()), nullable=False
        ),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "(sheet->>'fictional_age')::int >= 18", name=op.f("ck_avatar_sheets_adult")
        ),
        sa.CheckConstraint(
            "version >= 1", name=op.f("ck_avatar_sheets_version_counts")
        ),
        sa.ForeignKeyConstraint(
            ["avatar_id"], ["avatars.id"], name=op.f("fk_avatar_sheets_avatar_id")
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.id"], name=op.f("fk_avatar_sheets_created_by")
        ),
        sa.PrimaryKeyConstraint("avatar_id", "version", name=op.f("pk_avatar_sheets")),
    )
    op.create_table(
        "budget_months",
        sa.Column("avatar_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("held_micros", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("spent_micros", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "held_micros >= 0", name=op.f("ck_budget_months_held_not_negative")
        ),
        sa.CheckConstraint(
            "spent_micros >= 0", name=op.f("ck_budget_months_spent_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["avatar_id"], ["avatars.id"], name=op.f("fk_budget_months_avatar_id")
        ),
        sa.PrimaryKeyConstraint("avatar_id", "month", name=op.f("pk_budget_months")),
    )
    op.create_table(
        "content_pieces",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("avatar_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("caption", sa.Text(), nullable=False),
        sa.Column(
            "hashtags", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False
        ),
        sa.Column(
            "access",
            sa.Enum(
                "public",
                "members",
                "tier",
                "purchase",
                name="pieceaccess",
                native_enum=False,
                length=20,
            ),
            server_default="public",
            nullable=False,
        ),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column("text_sha256", sa.LargeBinary(), nullable=False),
        sa.Column(
            "review_status",
            sa.Enum(
                "draft",
                "in_review",
                "changes_requested",
                "approved",
                "rejected",
                name="reviewstatus",
                native_enum=False,
                length=20,
            ),
            server_default="draft",
            nullable=False,
        ),
        sa.Column("approved_hash", sa.LargeBinary(), nullable=True),
        sa.Column("approved_by", sa.Integer(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "self_approved", sa.Boolean(), server_default="false", nullable=False
        ),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("authors", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "access IN ('public', 'members', 'tier', 'purchase')",
            name=op.f("ck_content_pieces_access_known"),
        ),
        sa.CheckConstraint(
            "review_status <> 'approved' OR (approved_hash = content_hash AND approved_by IS NOT NULL AND approved_at IS NOT NULL AND self_approved = (approved_by = ANY (authors)))",
            name=op.f("ck_content_pieces_approval_is_of_this_content"),
        ),
        sa.CheckConstraint(
            "review_status IN ('draft', 'in_review', 'changes_requested', 'approved', 'rejected')",
            name=op.f("ck_content_pieces_review_status_known"),
        ),
        sa.CheckConstraint(
            "char_length(caption) BETWEEN 0 AND 2200",
            name=op.f("ck_content_pieces_caption_length"),
        ),
        sa.CheckConstraint(
            "char_length(title) BETWEEN 1 AND 200",
            name=op.f("ck_content_pieces_title_length"),
        ),
        sa.ForeignKeyConstraint(
            ["approved_by"], ["users.id"], name=op.f("fk_content_pieces_approved_by")
        ),
        sa.ForeignKeyConstraint(
            ["avatar_id"], ["avatars.id"], name=op.f("fk_content_pieces_avatar_id")
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.id"], name=op.f("fk_content_pieces_created_by")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_content_pieces_workspace_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_content_pieces")),
    )
    op.create_index(
        "ix_content_pieces_avatar_id", "content_pieces", ["avatar_id"], unique=False
    )
    op.create_index(
        "ix_content_pieces_workspace_id",
        "content_pieces",
        ["workspace_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "policy_decisions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column(
            "subject_type",
            sa.Enum(
                "prompt",
                "image",
                "caption",
                "profile",
                "text",
                name="subjecttype",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("subject_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("subject_text", sa.Text(), nullable=True),
        sa.Column(
            "verdict",
            sa.Enum(
                "pending",
                "allow",
                "review",
                "block",
                "error",
                name="verdict",
                native_enum=False,
                length=20,
            ),
            server_default="pending",
            nullable=False,
        ),
        sa.Column(
            "scores",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="{}",
            nullable=False,
        ),
        sa.Column(
            "reasons", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False
        ),
        sa.Column("model", sa.String(length=80), nullable=True),
        sa.Column("policy_version_id", sa.Uuid(), nullable=True),
        sa.Column("policy_sha256", sa.LargeBinary(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("check_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("overridden_by", sa.Integer(), nullable=True),
        sa.Column("override_reason", sa.Text(), nullable=True),
        sa.Column("overridden_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "overridden_by IS NULL OR (verdict = 'review' AND overridden_at IS NOT NULL AND override_reason IS NOT NULL)",
            name=op.f("ck_policy_decisions_only_review_is_overridden"),
        ),
        sa.CheckConstraint(
            "subject_type IN ('prompt', 'image', 'caption', 'profile', 'text')",
            name=op.f("ck_policy_decisions_subject_type_known"),
        ),
        sa.CheckConstraint(
            "verdict IN ('pending', 'allow', 'review', 'block', 'error')",
            name=op.f("ck_policy_decisions_verdict_known"),
        ),
        sa.CheckConstraint(
            "verdict IN ('pending', 'error') OR policy_sha256 IS NOT NULL",
            name=op.f("ck_policy_decisions_verdict_names_its_policy"),
        ),
        sa.CheckConstraint(
            "char_length(override_reason) BETWEEN 1 AND 1000",
            name=op.f("ck_policy_decisions_override_reason_length"),
        ),
        sa.CheckConstraint(
            "char_length(subject_text) BETWEEN 0 AND 20000",
            name=op.f("ck_policy_decisions_subject_text_length"),
        ),
        sa.ForeignKeyConstraint(
            ["overridden_by"],
            ["users.id"],
            name=op.f("fk_policy_decisions_overridden_by"),
        ),
        sa.ForeignKeyConstraint(
            ["policy_version_id"],
            ["policy_versions.id"],
            name=op.f("fk_policy_decisions_policy_version_id"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_policy_decisions_workspace_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_decisions")),
    )
    op.create_index(
        "ix_policy_decisions_pending",
        "policy_decisions",
        ["check_at"],
        unique=False,
        postgresql_where=sa.text("verdict = 'pending'"),
    )
    op.create_index(
        "ix_policy_decisions_subject",
        "policy_decisions",
        ["workspace_id", "subject_type", "subject_sha256", "created_at"],
        unique=False,
    )
    op.create_index(
        "ix_policy_decisions_subject_id",
        "policy_decisions",
        ["subject_id", "created_at"],
        unique=False,
    )
    op.create_table(
        "asset_provenance",
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(length=120), nullable=False),
        sa.Column(
            "c2pa_state",
            sa.Enum(
                "none",
                "provider_preserved",
                name="c2pastate",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "c2pa_state IN ('none', 'provider_preserved')",
            name=op.f("ck_asset_provenance_c2pa_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["asset_id"], ["assets.id"], name=op.f("fk_asset_provenance_asset_id")
        ),
        sa.ForeignKeyConstraint(
            ["key_id"], ["signing_keys.id"], name=op.f("fk_asset_provenance_key_id")
        ),
        sa.PrimaryKeyConstraint("asset_id", name=op.f("pk_asset_provenance")),
    )
    op.create_table(
        "content_jobs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("avatar_id", sa.Uuid(), nullable=False),
        sa.Column("sheet_version", sa.Integer(), nullable=False),
        sa.Column("requested_by", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("retry_of", sa.Uuid(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum("image", "caption", name="jobkind", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column(
            "provider",
            sa.Enum(
                "replicate", "openai", name="provider", native_enum=False, length=20
            ),
            nullable=False,
        ),
        sa.Column("model", sa.String(length=120), nullable=False),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("negative_prompt", sa.Text(), server_default="", nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column(
            "params",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="{}",
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "queued",
                "running",
                "awaiting_provider",
                "ingesting",
                "moderating",
                "succeeded",
                "blocked",
                "retrying",
                "failed",
                "cancelled",
                name="jobstatus",
                native_enum=False,
                length=20,
            ),
            server_default="queued",
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("finish_attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error_code", sa.String(length=60), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("provider_job_id", sa.String(length=120), nullable=True),
        sa.Column("result", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("asset_id", sa.Uuid(), nullable=True),
        sa.Column("budget_month", sa.String(length=7), nullable=False),
        sa.Column("cost_reserved_micros", sa.BigInteger(), nullable=False),
        sa.Column(
            "cost_actual_micros", sa.BigInteger(), server_default="0", nullable=False
        ),
        sa.Column(
            "cost_is_estimated", sa.Boolean(), server_default="false", nullable=False
        ),
        sa.Column(
            "cost_currency", sa.String(length=3), server_default="usd", nullable=False
        ),
        sa.Column("cost_settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("check_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "(status IN ('succeeded', 'blocked', 'failed', 'cancelled')) = (finished_at IS NOT NULL)",
            name=op.f("ck_content_jobs_finished_at_set"),
        ),
        sa.CheckConstraint(
            "kind IN ('image', 'caption')", name=op.f("ck_content_jobs_kind_known")
        ),
        sa.CheckConstraint(
            "provider IN ('replicate', 'openai')",
            name=op.f("ck_content_jobs_provider_known"),
        ),
        sa.CheckConstraint(
            "status <> 'awaiting_provider' OR provider_job_id IS NOT NULL",
            name=op.f("ck_content_jobs_awaits_a_known_call"),
        ),
        sa.CheckConstraint(
            "status <> 'failed' OR error_code IS NOT NULL",
            name=op.f("ck_content_jobs_failure_has_a_code"),
        ),
        sa.CheckConstraint(
            "status <> 'succeeded' OR asset_id IS NOT NULL OR result IS NOT NULL",
            name=op.f("ck_content_jobs_success_has_a_result"),
        ),
        sa.CheckConstraint(
            "status IN ('queued', 'running', 'awaiting_provider', 'ingesting', 'moderating', 'succeeded', 'blocked', 'retrying', 'failed', 'cancelled')",
            name=op.f("ck_content_jobs_status_known"),
        ),
        sa.CheckConstraint(
            "attempts BETWEEN 0 AND 3", name=op.f("ck_content_jobs_three_tries")
        ),
        sa.CheckConstraint(
            "char_length(error_message) BETWEEN 0 AND 2000",
            name=op.f("ck_content_jobs_error_message_length"),
        ),
        sa.CheckConstraint(
            "char_length(negative_prompt) BETWEEN 0 AND 2000",
            name=op.f("ck_content_jobs_negative_prompt_length"),
        ),
        sa.CheckConstraint(
            "char_length(prompt) BETWEEN 1 AND 8000",
            name=op.f("ck_content_jobs_prompt_length"),
        ),
        sa.CheckConstraint(
            "finished_at IS NULL OR cost_settled_at IS NOT NULL",
            name=op.f("ck_content_jobs_no_hold_outlives_its_job"),
        ),
        sa.ForeignKeyConstraint(
            ["asset_id"], ["assets.id"], name=op.f("fk_content_jobs_asset_id")
        ),
        sa.ForeignKeyConstraint(
            ["avatar_id", "sheet_version"],
            ["avatar_sheets.avatar_id", "avatar_sheets.version"],
            name=op.f("fk_content_jobs_avatar_id_sheet_version"),
        ),
        sa.ForeignKeyConstraint(
            ["requested_by"], ["users.id"], name=op.f("fk_content_jobs_requested_by")
        ),
        sa.ForeignKeyConstraint(
            ["retry_of"], ["content_jobs.id"], name=op.f("fk_content_jobs_retry_of")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_content_jobs_workspace_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_content_jobs")),
    )
    op.create_index(
        "ix_content_jobs_asset_id", "content_jobs", ["asset_id"], unique=False
    )
    op.create_index(
        "ix_content_jobs_avatar_id",
        "content_jobs",
        ["avatar_id", "created_at"],
        unique=False,
    )
    op.create_index(
        "ix_content_jobs_avatar_id_asset_id",
        "content_jobs",
        ["avatar_id", "asset_id"],
        unique=False,
        postgresql_where=sa.text("asset_id IS NOT NULL"),
    )
    op.create_index(
        "ix_content_jobs_batch_id", "content_jobs", ["batch_id"], unique=False
    )
    op.create_index(
        "ix_content_jobs_check_at",
        "content_jobs",
        ["check_at"],
        unique=False,
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.create_index(
        "ix_content_jobs_status",
        "content_jobs",
        ["workspace_id", "status", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_content_jobs_workspace_id",
        "content_jobs",
        ["workspace_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "uq_content_jobs_provider_job_id",
        "content_jobs",
        ["provider_job_id"],
        unique=True,
        postgresql_where=sa.text("provider = 'replicate'"),
    )
    op.create_index(
        "uq_content_jobs_retry_of",
        "content_jobs",
        ["retry_of"],
        unique=True,
        postgresql_where=sa.text("retry_of IS NOT NULL"),
    )
    op.create_table(
        "content_piece_assets",
        sa.Column("piece_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("alt_text", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "char_length(alt_text) BETWEEN 0 AND 1000",
            name=op.f("ck_content_piece_assets_alt_text_length"),
        ),
        sa.CheckConstraint(
            "position BETWEEN 0 AND 9",
            name=op.f("ck_content_piece_assets_position_in_carousel"),
        ),
        sa.ForeignKeyConstraint(
            ["asset_id"], ["assets.id"], name=op.f("fk_content_piece_assets_asset_id")
        ),
        sa.ForeignKeyConstraint(
            ["piece_id"],
            ["content_pieces.id"],
            name=op.f("fk_content_piece_assets_piece_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "piece_id", "position", name=op.f("pk_content_piece_assets")
        ),
        sa.UniqueConstraint(
            "piece_id",
            "asset_id",
            name=op.f("uq_content_piece_assets_piece_id_asset_id"),
        ),
    )
    op.create_index(
        op.f("ix_content_piece_assets_asset_id"),
        "content_piece_assets",
        ["asset_id"],
        unique=False,
    )
    op.create_table(
        "likeness_attestations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("avatar_id", sa.Uuid(), nullable=False),
        sa.Column(
            "basis",
            sa.Enum(
                "fictional",
                "self",
                "written_consent",
                name="attestationbasis",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("evidence_asset_id", sa.Uuid(), nullable=True),
        sa.Column("attested_by", sa.Integer(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoke_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "basis <> 'written_consent' OR evidence_asset_id IS NOT NULL",
            name=op.f("ck_likeness_attestations_consent_needs_evidence"),
        ),
        sa.CheckConstraint(
            "basis IN ('fictional', 'self', 'written_consent')",
            name=op.f("ck_likeness_attestations_basis_known"),
        ),
        sa.CheckConstraint(
            "char_length(revoke_reason) BETWEEN 1 AND 500",
            name=op.f("ck_likeness_attestations_revoke_reason_length"),
        ),
        sa.CheckConstraint(
            "expires_at > created_at",
            name=op.f("ck_likeness_attestations_expires_later"),
        ),
        sa.ForeignKeyConstraint(
            ["attested_by"],
            ["users.id"],
            name=op.f("fk_likeness_attestations_attested_by"),
        ),
        sa.ForeignKeyConstraint(
            ["avatar_id"],
            ["avatars.id"],
            name=op.f("fk_likeness_attestations_avatar_id"),
        ),
        sa.ForeignKeyConstraint(
            ["evidence_asset_id"],
            ["assets.id"],
            name=op.f("fk_likeness_attestations_evidence_asset_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_likeness_attestations")),
    )
    op.create_index(
        "uq_likeness_attestations_live",
        "likeness_attestations",
        ["avatar_id"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_table(
        "reviews",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("piece_id", sa.Uuid(), nullable=False),
        sa.Column("reviewer_id", sa.Integer(), nullable=False),
        sa.Column(
            "decision",
            sa.Enum(
                "approve",
                "changes",
                "reject",
                name="reviewdecision",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "decision IN ('approve', 'changes', 'reject')",
            name=op.f("ck_reviews_decision_known"),
        ),
        sa.CheckConstraint(
            "char_length(comment) BETWEEN 1 AND 2000",
            name=op.f("ck_reviews_comment_length"),
        ),
        sa.ForeignKeyConstraint(
            ["piece_id"], ["content_pieces.id"], name=op.f("fk_reviews_piece_id")
        ),
        sa.ForeignKeyConstraint(
            ["reviewer_id"], ["users.id"], name=op.f("fk_reviews_reviewer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviews")),
    )
    op.create_index(op.f("ix_reviews_piece_id"), "reviews", ["piece_id"], unique=False)
    op.create_table(
        "content_job_attempts",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("attempt", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "started_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=60), nullable=True),
        sa.Column("http_status", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "attempt BETWEEN 1 AND 3", name=op.f("ck_content_job_attempts_three_tries")
        ),
        sa.CheckConstraint(
            "char_length(error) BETWEEN 0 AND 2000",
            name=op.f("ck_content_job_attempts_error_length"),
        ),
        sa.ForeignKeyConstraint(
            ["job_id"],
            ["content_jobs.id"],
            name=op.f("fk_content_job_attempts_job_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "job_id", "attempt", name=op.f("pk_content_job_attempts")
        ),
    )


def downgrade() -> None:
    op.drop_table("content_job_attempts")
    op.drop_index(op.f("ix_reviews_piece_id"), table_name="reviews")
    op.drop_table("reviews")
    op.drop_index(
        "uq_likeness_attestations_live",
        table_name="likeness_attestations",
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.drop_table("likeness_attestations")
    op.drop_index(
        op.f("ix_content_piece_assets_asset_id"), table_name="content_piece_assets"
    )
    op.drop_table("content_piece_assets")
    op.drop_index(
        "uq_content_jobs_retry_of",
        table_name="content_jobs",
        postgresql_where=sa.text("retry_of IS NOT NULL"),
    )
    op.drop_index(
        "uq_content_jobs_provider_job_id",
        table_name="content_jobs",
        postgresql_where=sa.text("provider = 'replicate'"),
    )
    op.drop_index("ix_content_jobs_workspace_id", table_name="content_jobs")
    op.drop_index("ix_content_jobs_status", table_name="content_jobs")
    op.drop_index(
        "ix_content_jobs_check_at",
        table_name="content_jobs",
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.drop_index("ix_content_jobs_batch_id", table_name="content_jobs")
    op.drop_index(
        "ix_content_jobs_avatar_id_asset_id",
        table_name="content_jobs",
        postgresql_where=sa.text("asset_id IS NOT NULL"),
    )
    op.drop_index("ix_content_jobs_avatar_id", table_name="content_jobs")
    op.drop_index("ix_content_jobs_asset_id", table_name="content_jobs")
    op.drop_table("content_jobs")
    op.drop_table("asset_provenance")
    op.drop_index("ix_policy_decisions_subject_id", table_name="policy_decisions")
    op.drop_index("ix_policy_decisions_subject", table_name="policy_decisions")
    op.drop_index(
        "ix_policy_decisions_pending",
        table_name="policy_decisions",
        postgresql_where=sa.text("verdict = 'pending'"),
    )
    op.drop_table("policy_decisions")
    op.drop_index("ix_content_pieces_workspace_id", table_name="content_pieces")
    op.drop_index("ix_content_pieces_avatar_id", table_name="content_pieces")
    op.drop_table("content_pieces")
    op.drop_table("budget_months")
    op.drop_table("avatar_sheets")
    op.drop_index(
        "uq_assets_sha256",
        table_name="assets",
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index("ix_assets_workspace_id", table_name="assets")
    op.drop_index("ix_assets_status", table_name="assets")
    op.drop_index("ix_assets_sha256", table_name="assets")
    op.drop_table("assets")
    op.drop_index(
        "uq_workspace_members_home",
        table_name="workspace_members",
        postgresql_where=sa.text("is_home"),
    )
    op.drop_index("ix_workspace_members_user_id", table_name="workspace_members")
    op.drop_table("workspace_members")
    op.drop_index(
        "uq_workspace_invitations_open",
        table_name="workspace_invitations",
        postgresql_where=sa.text("accepted_at IS NULL"),
    )
    op.drop_table("workspace_invitations")
    op.drop_index(op.f("ix_user_sessions_user_id"), table_name="user_sessions")
    op.drop_table("user_sessions")
    op.drop_index(
        "uq_policy_versions_active",
        table_name="policy_versions",
        postgresql_where=sa.text("active"),
    )
    op.drop_table("policy_versions")
    op.drop_index("ix_dead_letters_subject_id", table_name="dead_letters")
    op.drop_index(
        "ix_dead_letters_open",
        table_name="dead_letters",
        postgresql_where=sa.text("redriven_at IS NULL"),
    )
    op.drop_table("dead_letters")
    op.drop_index(
        "uq_avatars_name_live",
        table_name="avatars",
        postgresql_where=sa.text("archived_at IS NULL"),
    )
    op.drop_index("ix_avatars_workspace_id", table_name="avatars")
    op.drop_table("avatars")
    op.drop_table("audit_log")
    op.drop_table("workspaces")
    op.drop_index("ix_webhook_events_subject_id", table_name="webhook_events")
    op.drop_table("webhook_events")
    op.drop_index("uq_users_email", table_name="users")
    op.drop_table("users")
    op.drop_table("signing_keys")
    op.drop_index(
        "ix_outbox_unsent",
        table_name="outbox",
        postgresql_where=sa.text("sent_at IS NULL"),
    )
    op.drop_index(
        "ix_outbox_sent_at",
        table_name="outbox",
        postgresql_where=sa.text("sent_at IS NOT NULL"),
    )
    op.drop_table("outbox")
    op.drop_index(op.f("ix_idempotency_keys_expires_at"), table_name="idempotency_keys")
    op.drop_table("idempotency_keys")
