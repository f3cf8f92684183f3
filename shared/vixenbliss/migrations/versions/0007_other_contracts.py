"""Mail, keys, limits, wishes about data; the shop, the academy, the analytics.

Revision ID: 0007
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# What no key has done keeps the hash that it has had before there were keys.
AUDIT_ROW_HASH = """
CREATE OR REPLACE FUNCTION audit_row_hash(entry audit_log)
RETURNS bytea LANGUAGE sql STABLE AS $$
  SELECT sha256(entry.prev_hash || convert_to((jsonb_build_array(
    entry.workspace_id, entry.position, entry.actor_kind, entry.actor_user_id,
    entry.action, entry.target_type, entry.target_id, entry.detail,
    (extract(epoch FROM entry.created_at) * 1000000)::bigint
  ){keys})::text, 'UTF8'))
$$;
"""
OF_A_KEY = """ || CASE WHEN entry.actor_api_key_id IS NULL THEN '[]'
    ELSE jsonb_build_array(entry.actor_api_key_id) END"""


def upgrade() -> None:
    op.add_column("audit_log", sa.Column("actor_api_key_id", sa.Uuid(), nullable=True))
    op.execute(AUDIT_ROW_HASH.format(keys=OF_A_KEY))
    op.create_table(
        "rate_limits",
        sa.Column("bucket", sa.String(length=160), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hits", sa.Integer(), nullable=False),
        sa.CheckConstraint("hits >= 0", name=op.f("ck_rate_limits_hits_not_negative")),
        sa.PrimaryKeyConstraint("bucket", name=op.f("pk_rate_limits")),
    )
    op.create_index("ix_rate_limits_ends_at", "rate_limits", ["ends_at"], unique=False)
    op.create_table(
        "rollup_runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "requested",
                "done",
                "failed",
                name="rollupstatus",
                native_enum=False,
                length=20,
            ),
            server_default="requested",
            nullable=False,
        ),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("check_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('requested', 'done', 'failed')",
            name=op.f("ck_rollup_runs_status_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rollup_runs")),
        sa.UniqueConstraint("day", name=op.f("uq_rollup_runs_day")),
    )
    op.create_index(
        "ix_rollup_runs_check_at",
        "rollup_runs",
        ["check_at"],
        unique=False,
        postgresql_where=sa.text("check_at IS NOT NULL"),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("prefix", sa.String(length=12), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "cardinality(scopes) > 0", name=op.f("ck_api_keys_opens_something")
        ),
        sa.CheckConstraint(
            "char_length(name) BETWEEN 1 AND 80", name=op.f("ck_api_keys_name_length")
        ),
        sa.CheckConstraint(
            "expires_at > created_at", name=op.f("ck_api_keys_expires_later")
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.id"], name=op.f("fk_api_keys_created_by")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_api_keys_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_api_keys_key_hash")),
        sa.UniqueConstraint("prefix", name=op.f("uq_api_keys_prefix")),
    )
    op.create_index(
        op.f("ix_api_keys_created_by"), "api_keys", ["created_by"], unique=False
    )
    op.create_index(
        op.f("ix_api_keys_workspace_id"), "api_keys", ["workspace_id"], unique=False
    )
    op.create_table(
        "categories",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("is_active", sa.Boolean(), server_default="true", nullable=False),
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
            name=op.f("ck_categories_name_length"),
        ),
        sa.CheckConstraint(
            "parent_id <> id", name=op.f("ck_categories_not_within_itself")
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["categories.id"], name=op.f("fk_categories_parent_id")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_categories_workspace_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_categories")),
    )
    op.create_index(
        op.f("ix_categories_parent_id"), "categories", ["parent_id"], unique=False
    )
    op.create_index(
        "ix_categories_slug",
        "categories",
        ["slug"],
        unique=False,
        postgresql_where=sa.text("is_active"),
    )
    op.create_index(
        "uq_categories_slug",
        "categories",
        ["workspace_id", "slug"],
        unique=True,
        postgresql_where=sa.text("is_active"),
    )
    op.create_table(
        "courses",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("thumbnail", sa.String(length=500), nullable=False),
        sa.Column("slug", sa.String(length=255), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft", "published", name="coursestatus", native_enum=False, length=20
            ),
            server_default="draft",
            nullable=False,
        ),
        sa.Column(
            "access",
            sa.Enum("free", "paid", name="courseaccess", native_enum=False, length=20),
            server_default="free",
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
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(status = 'published') = (published_at IS NOT NULL)",
            name=op.f("ck_courses_published_has_a_time"),
        ),
        sa.CheckConstraint(
            "access IN ('free', 'paid')", name=op.f("ck_courses_access_known")
        ),
        sa.CheckConstraint(
            "slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND slug ~ '[a-z]'",
            name=op.f("ck_courses_slug_spelled"),
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'published')", name=op.f("ck_courses_status_known")
        ),
        sa.CheckConstraint(
            "char_length(description) BETWEEN 1 AND 5000",
            name=op.f("ck_courses_description_length"),
        ),
        sa.CheckConstraint(
            "char_length(name) BETWEEN 1 AND 255", name=op.f("ck_courses_name_length")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_courses_workspace_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_courses")),
    )
    op.create_index(
        "ix_courses_published",
        "courses",
        [sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL AND status = 'published'"),
    )
    op.create_index(
        op.f("ix_courses_workspace_id"), "courses", ["workspace_id"], unique=False
    )
    op.create_index(
        "uq_courses_slug",
        "courses",
        ["slug"],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "data_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "export",
                "erasure",
                name="datarequestkind",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "received",
                "done",
                "failed",
                name="datarequeststatus",
                native_enum=False,
                length=20,
            ),
            server_default="received",
            nullable=False,
        ),
        sa.Column("s3_key", sa.String(length=512), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("check_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(status = 'done') = (done_at IS NOT NULL)",
            name=op.f("ck_data_requests_done_once"),
        ),
        sa.CheckConstraint(
            "kind IN ('export', 'erasure')", name=op.f("ck_data_requests_kind_known")
        ),
        sa.CheckConstraint(
            "status IN ('received', 'done', 'failed')",
            name=op.f("ck_data_requests_status_known"),
        ),
        sa.CheckConstraint(
            "(lease_token IS NULL) = (lease_until IS NULL)",
            name=op.f("ck_data_requests_lease_is_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_data_requests_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_requests")),
    )
    op.create_index(
        "ix_data_requests_check_at",
        "data_requests",
        ["check_at"],
        unique=False,
        postgresql_where=sa.text("check_at IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_data_requests_user_id"), "data_requests", ["user_id"], unique=False
    )
    op.create_index(
        "uq_data_requests_open",
        "data_requests",
        ["user_id", "kind"],
        unique=True,
        postgresql_where=sa.text("status = 'received'"),
    )
    op.create_table(
        "letters",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "verify_email",
                "reset_password",
                "change_email",
                "password_changed",
                "email_changed",
                "invitation",
                "export_ready",
                "erased",
                name="letterkind",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "queued",
                "sent",
                "failed",
                name="letterstatus",
                native_enum=False,
                length=20,
            ),
            server_default="queued",
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("message_id", sa.String(length=120), nullable=True),
        sa.Column("error_code", sa.String(length=60), nullable=True),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("check_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(status = 'sent') = (sent_at IS NOT NULL)",
            name=op.f("ck_letters_sent_once"),
        ),
        sa.CheckConstraint(
            "kind IN ('verify_email', 'reset_password', 'change_email', 'password_changed', 'email_changed', 'invitation', 'export_ready', 'erased')",
            name=op.f("ck_letters_kind_known"),
        ),
        sa.CheckConstraint(
            "status IN ('queued', 'sent', 'failed')",
            name=op.f("ck_letters_status_known"),
        ),
        sa.CheckConstraint(
            "(lease_token IS NULL) = (lease_until IS NULL)",
            name=op.f("ck_letters_lease_is_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_letters_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letters")),
    )
    op.create_index(
        "ix_letters_check_at",
        "letters",
        ["check_at"],
        unique=False,
        postgresql_where=sa.text("check_at IS NOT NULL"),
    )
    op.create_index(op.f("ix_letters_user_id"), "letters", ["user_id"], unique=False)
    op.create_table(
        "one_time_tokens",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "verify_email",
                "reset_password",
                "change_email",
                name="tokenpurpose",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "purpose IN ('verify_email', 'reset_password', 'change_email')",
            name=op.f("ck_one_time_tokens_purpose_known"),
        ),
        sa.CheckConstraint(
            "expires_at > created_at", name=op.f("ck_one_time_tokens_expires_later")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_one_time_tokens_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_one_time_tokens_token_hash")),
    )
    op.create_index(
        op.f("ix_one_time_tokens_user_id"), "one_time_tokens", ["user_id"], unique=False
    )
    op.create_table(
        "course_ratings",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("rating", sa.Integer(), nullable=False),
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
            "rating BETWEEN 1 AND 5", name=op.f("ck_course_ratings_one_to_five")
        ),
        sa.ForeignKeyConstraint(
            ["course_id"],
            ["courses.id"],
            name=op.f("fk_course_ratings_course_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_course_ratings_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_ratings")),
    )
    op.create_index(
        op.f("ix_course_ratings_user_id"), "course_ratings", ["user_id"], unique=False
    )
    op.create_index(
        "uq_course_ratings_live",
        "course_ratings",
        ["course_id", "user_id"],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "daily_money",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("avatar_id", sa.Uuid(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("income_micros", sa.BigInteger(), nullable=False),
        sa.Column("cost_micros", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "currency ~ '^[a-z]{3}$'", name=op.f("ck_daily_money_currency_spelled")
        ),
        sa.ForeignKeyConstraint(
            ["avatar_id"], ["avatars.id"], name=op.f("fk_daily_money_avatar_id")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_daily_money_workspace_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_daily_money")),
        sa.UniqueConstraint(
            "workspace_id",
            "day",
            "currency",
            "avatar_id",
            name=op.f("uq_daily_money_workspace_id_day_currency_avatar_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(
        op.f("ix_daily_money_avatar_id"), "daily_money", ["avatar_id"], unique=False
    )
    op.create_index("ix_daily_money_day", "daily_money", ["day"], unique=False)
    op.create_table(
        "daily_rollups",
        sa.Column("avatar_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("posts", sa.Integer(), nullable=False),
        sa.Column("views", sa.BigInteger(), nullable=False),
        sa.Column("likes", sa.BigInteger(), nullable=False),
        sa.Column("comments", sa.BigInteger(), nullable=False),
        sa.Column("shares", sa.BigInteger(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["avatar_id"], ["avatars.id"], name=op.f("fk_daily_rollups_avatar_id")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_daily_rollups_workspace_id"),
        ),
        sa.PrimaryKeyConstraint("avatar_id", "day", name=op.f("pk_daily_rollups")),
    )
    op.create_index("ix_daily_rollups_day", "daily_rollups", ["day"], unique=False)
    op.create_index(
        "ix_daily_rollups_workspace_id",
        "daily_rollups",
        ["workspace_id", "day"],
        unique=False,
    )
    op.create_table(
        "enrollments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column(
            "enrolled_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["course_id"], ["courses.id"], name=op.f("fk_enrollments_course_id")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_enrollments_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrollments")),
        sa.UniqueConstraint(
            "course_id", "user_id", name=op.f("uq_enrollments_course_id_user_id")
        ),
    )
    op.create_index(
        "ix_enrollments_user_id",
        "enrollments",
        ["user_id", "enrolled_at"],
        unique=False,
    )
    op.create_table(
        "lessons",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("slug", sa.String(length=255), nullable=False),
        sa.Column("video_url", sa.String(length=500), nullable=False),
        sa.Column("duration_s", sa.Integer(), nullable=True),
        sa.Column("is_preview", sa.Boolean(), server_default="false", nullable=False),
        sa.Column(
            "available_after_days", sa.Integer(), server_default="0", nullable=False
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
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'", name=op.f("ck_lessons_slug_spelled")
        ),
        sa.CheckConstraint(
            "available_after_days BETWEEN 0 AND 365",
            name=op.f("ck_lessons_opens_some_day"),
        ),
        sa.CheckConstraint(
            "char_length(description) BETWEEN 1 AND 5000",
            name=op.f("ck_lessons_description_length"),
        ),
        sa.CheckConstraint(
            "char_length(name) BETWEEN 1 AND 255", name=op.f("ck_lessons_name_length")
        ),
        sa.CheckConstraint("duration_s >= 0", name=op.f("ck_lessons_lasts_some_time")),
        sa.ForeignKeyConstraint(
            ["course_id"],
            ["courses.id"],
            name=op.f("fk_lessons_course_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lessons")),
    )
    op.create_index(
        "ix_lessons_order", "lessons", ["course_id", "position", "id"], unique=False
    )
    op.create_index(
        "uq_lessons_slug",
        "lessons",
        ["course_id", "slug"],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "teachers",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("avatar_id", sa.Uuid(), nullable=True),
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
            "char_length(name) BETWEEN 1 AND 255", name=op.f("ck_teachers_name_length")
        ),
        sa.ForeignKeyConstraint(
            ["avatar_id"], ["avatars.id"], name=op.f("fk_teachers_avatar_id")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_teachers_workspace_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teachers")),
    )
    op.create_index(
        op.f("ix_teachers_avatar_id"), "teachers", ["avatar_id"], unique=False
    )
    op.create_index(
        "uq_teachers_email",
        "teachers",
        ["workspace_id", sa.literal_column("lower(email)")],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "course_teachers",
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("teacher_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"],
            ["courses.id"],
            name=op.f("fk_course_teachers_course_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["teacher_id"], ["teachers.id"], name=op.f("fk_course_teachers_teacher_id")
        ),
        sa.PrimaryKeyConstraint(
            "course_id", "teacher_id", name=op.f("pk_course_teachers")
        ),
    )
    op.create_index(
        op.f("ix_course_teachers_teacher_id"),
        "course_teachers",
        ["teacher_id"],
        unique=False,
    )
    op.create_table(
        "items",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("avatar_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("price", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column(
            "currency", sa.String(length=3), server_default="usd", nullable=False
        ),
        sa.Column("quantity", sa.Integer(), server_default="0", nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=True),
        sa.Column("download_asset_id", sa.Uuid(), nullable=True),
        sa.Column("product_id", sa.Uuid(), nullable=True),
        sa.Column("is_active", sa.Boolean(), server_default="true", nullable=False),
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
        sa.CheckConstraint("btrim(name) <> ''", name=op.f("ck_items_name_not_blank")),
        sa.CheckConstraint(
            "currency ~ '^[a-z]{3}$'", name=op.f("ck_items_currency_spelled")
        ),
        sa.CheckConstraint(
            "char_length(description) BETWEEN 0 AND 5000",
            name=op.f("ck_items_description_length"),
        ),
        sa.CheckConstraint("price >= 0", name=op.f("ck_items_price_not_negative")),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_items_stock_not_negative")),
        sa.ForeignKeyConstraint(
            ["avatar_id"], ["avatars.id"], name=op.f("fk_items_avatar_id")
        ),
        sa.ForeignKeyConstraint(
            ["category_id"], ["categories.id"], name=op.f("fk_items_category_id")
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.id"], name=op.f("fk_items_created_by")
        ),
        sa.ForeignKeyConstraint(
            ["download_asset_id"],
            ["assets.id"],
            name=op.f("fk_items_download_asset_id"),
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_items_product_id")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_items_workspace_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_items")),
        sa.UniqueConstraint("product_id", name=op.f("uq_items_product_id")),
    )
    op.create_index(op.f("ix_items_avatar_id"), "items", ["avatar_id"], unique=False)
    op.create_index(
        "ix_items_category_id",
        "items",
        ["category_id", "price"],
        unique=False,
        postgresql_where=sa.text("is_active"),
    )
    op.create_index(
        op.f("ix_items_download_asset_id"),
        "items",
        ["download_asset_id"],
        unique=False,
    )
    op.create_index(
        "ix_items_newest",
        "items",
        [sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        postgresql_where=sa.text("is_active"),
    )
    op.create_index("ix_items_workspace_id", "items", ["workspace_id"], unique=False)
    op.create_table(
        "lesson_progress",
        sa.Column("enrollment_id", sa.Uuid(), nullable=False),
        sa.Column("lesson_id", sa.Integer(), nullable=False),
        sa.Column("position_s", sa.Integer(), server_default="0", nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "position_s >= 0", name=op.f("ck_lesson_progress_position_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["enrollment_id"],
            ["enrollments.id"],
            name=op.f("fk_lesson_progress_enrollment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["lesson_id"], ["lessons.id"], name=op.f("fk_lesson_progress_lesson_id")
        ),
        sa.PrimaryKeyConstraint(
            "enrollment_id", "lesson_id", name=op.f("pk_lesson_progress")
        ),
    )
    op.create_index(
        op.f("ix_lesson_progress_lesson_id"),
        "lesson_progress",
        ["lesson_id"],
        unique=False,
    )
    op.create_table(
        "measurements",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("gap_code", sa.String(length=60), nullable=True),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("check_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["social_accounts.id"],
            name=op.f("fk_measurements_account_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_measurements")),
    )
    op.create_index(
        "ix_measurements_check_at",
        "measurements",
        ["check_at"],
        unique=False,
        postgresql_where=sa.text("check_at IS NOT NULL"),
    )
    op.create_table(
        "post_metrics",
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("views", sa.BigInteger(), nullable=False),
        sa.Column("likes", sa.BigInteger(), nullable=True),
        sa.Column("comments", sa.BigInteger(), nullable=True),
        sa.Column("shares", sa.BigInteger(), nullable=True),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "least(views, likes, comments, shares) >= 0",
            name=op.f("ck_post_metrics_none_negative"),
        ),
        sa.ForeignKeyConstraint(
            ["post_id"],
            ["posts.id"],
            name=op.f("fk_post_metrics_post_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("post_id", "day", name=op.f("pk_post_metrics")),
    )
    op.create_index("ix_post_metrics_day", "post_metrics", ["day"], unique=False)
    op.create_table(
        "post_readings",
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["social_accounts.id"],
            name=op.f("fk_post_readings_account_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["post_id"],
            ["posts.id"],
            name=op.f("fk_post_readings_post_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_post_readings")),
    )
    op.create_index(
        "ix_post_readings_account_id",
        "post_readings",
        ["account_id", "due_at"],
        unique=False,
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index(
        "ix_posts_published_at",
        "posts",
        ["published_at"],
        unique=False,
        postgresql_where=sa.text("published_at IS NOT NULL"),
    )
    op.create_table(
        "stock_holds",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("put_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "quantity > 0", name=op.f("ck_stock_holds_quantity_is_positive")
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["items.id"], name=op.f("fk_stock_holds_item_id")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["orders.id"],
            name=op.f("fk_stock_holds_order_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("order_id", "item_id", name=op.f("pk_stock_holds")),
    )
    op.create_index(
        op.f("ix_stock_holds_item_id"), "stock_holds", ["item_id"], unique=False
    )
    op.add_column(
        "users",
        sa.Column("email_verified_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.add_column(
        "users", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column(
        "workspace_invitations",
        sa.Column("mailed_hash", sa.LargeBinary(), nullable=True),
    )
    op.create_unique_constraint(
        op.f("uq_workspace_invitations_mailed_hash"),
        "workspace_invitations",
        ["mailed_hash"],
    )


def downgrade() -> None:
    op.drop_constraint(
        op.f("uq_workspace_invitations_mailed_hash"),
        "workspace_invitations",
        type_="unique",
    )
    op.drop_column("workspace_invitations", "mailed_hash")
    op.drop_column("users", "erased_at")
    op.drop_column("users", "email_verified_at")
    op.drop_index(op.f("ix_stock_holds_item_id"), table_name="stock_holds")
    op.drop_table("stock_holds")
    op.drop_index(
        "ix_posts_published_at",
        table_name="posts",
        postgresql_where=sa.text("published_at IS NOT NULL"),
    )
    op.drop_index(
        "ix_post_readings_account_id",
        table_name="post_readings",
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.drop_table("post_readings")
    op.drop_index("ix_post_metrics_day", table_name="post_metrics")
    op.drop_table("post_metrics")
    op.drop_index(
        "ix_measurements_check_at",
        table_name="measurements",
        postgresql_where=sa.text("check_at IS NOT NULL"),
    )
    op.drop_table("measurements")
    op.drop_index(op.f("ix_lesson_progress_lesson_id"), table_name="lesson_progress")
    op.drop_table("lesson_progress")
    op.drop_index("ix_items_workspace_id", table_name="items")
    op.drop_index(
        "ix_items_newest", table_name="items", postgresql_where=sa.text("is_active")
    )
    op.drop_index(op.f("ix_items_download_asset_id"), table_name="items")
    op.drop_index(
        "ix_items_category_id",
        table_name="items",
        postgresql_where=sa.text("is_active"),
    )
    op.drop_index(op.f("ix_items_avatar_id"), table_name="items")
    op.drop_table("items")
    op.drop_index(op.f("ix_course_teachers_teacher_id"), table_name="course_teachers")
    op.drop_table("course_teachers")
    op.drop_index(
        "uq_teachers_email",
        table_name="teachers",
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index(op.f("ix_teachers_avatar_id"), table_name="teachers")
    op.drop_table("teachers")
    op.drop_index(
        "uq_lessons_slug",
        table_name="lessons",
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index("ix_lessons_order", table_name="lessons")
    op.drop_table("lessons")
    op.drop_index("ix_enrollments_user_id", table_name="enrollments")
    op.drop_table("enrollments")
    op.drop_index("ix_daily_rollups_workspace_id", table_name="daily_rollups")
    op.drop_index("ix_daily_rollups_day", table_name="daily_rollups")
    op.drop_table("daily_rollups")
    op.drop_index("ix_daily_money_day", table_name="daily_money")
    op.drop_index(op.f("ix_daily_money_avatar_id"), table_name="daily_money")
    op.drop_table("daily_money")
    op.drop_index(
        "uq_course_ratings_live",
        table_name="course_ratings",
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index(op.f("ix_course_ratings_user_id"), table_name="course_ratings")
    op.drop_table("course_ratings")
    op.drop_index(op.f("ix_one_time_tokens_user_id"), table_name="one_time_tokens")
    op.drop_table("one_time_tokens")
    op.drop_index(op.f("ix_letters_user_id"), table_name="letters")
    op.drop_index(
        "ix_letters_check_at",
        table_name="letters",
        postgresql_where=sa.text("check_at IS NOT NULL"),
    )
    op.drop_table("letters")
    op.drop_index(
        "uq_data_requests_open",
        table_name="data_requests",
        postgresql_where=sa.text("status = 'received'"),
    )
    op.drop_index(op.f("ix_data_requests_user_id"), table_name="data_requests")
    op.drop_index(
        "ix_data_requests_check_at",
        table_name="data_requests",
        postgresql_where=sa.text("check_at IS NOT NULL"),
    )
    op.drop_table("data_requests")
    op.drop_index(
        "uq_courses_slug",
        table_name="courses",
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index(op.f("ix_courses_workspace_id"), table_name="courses")
    op.drop_index(
        "ix_courses_published",
        table_name="courses",
        postgresql_where=sa.text("deleted_at IS NULL AND status = 'published'"),
    )
    op.drop_table("courses")
    op.drop_index(
        "uq_categories_slug",
        table_name="categories",
        postgresql_where=sa.text("is_active"),
    )
    op.drop_index(
        "ix_categories_slug",
        table_name="categories",
        postgresql_where=sa.text("is_active"),
    )
    op.drop_index(op.f("ix_categories_parent_id"), table_name="categories")
    op.drop_table("categories")
    op.drop_index(op.f("ix_api_keys_workspace_id"), table_name="api_keys")
    op.drop_index(op.f("ix_api_keys_created_by"), table_name="api_keys")
    op.drop_table("api_keys")
    op.drop_index(
        "ix_rollup_runs_check_at",
        table_name="rollup_runs",
        postgresql_where=sa.text("check_at IS NOT NULL"),
    )
    op.drop_table("rollup_runs")
    op.drop_index("ix_rate_limits_ends_at", table_name="rate_limits")
    op.drop_table("rate_limits")
    op.execute(AUDIT_ROW_HASH.format(keys=""))
    op.drop_column("audit_log", "actor_api_key_id")
