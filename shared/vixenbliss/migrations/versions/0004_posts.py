"""The posts on their way to accounts, what fans write back, and what is left to do.

Revision ID: 0004
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


CHANGED = (
    ("assets", "kind", "'image', 'video'"),
    ("webhook_events", "source", "'replicate', 'instagram', 'tiktok'"),
)
BEFORE = (
    ("assets", "kind", "'image'"),
    ("webhook_events", "source", "'replicate', 'instagram'"),
)

V_PUBLICATIONS = """
CREATE VIEW v_publications AS
SELECT posts.id AS post_id, posts.workspace_id, posts.group_id, posts.avatar_id,
       posts.piece_id, posts.account_id, social_accounts.platform, posts.format,
       posts.status, posts.attempts, posts.is_ai, posts.label_read_back, posts.handle,
       posts.platform_post_id, posts.permalink, posts.error_class, posts.error_code,
       posts.scheduled_at, posts.due_at, posts.publish_intent_at, posts.published_at,
       posts.recalled_at, posts.lease_until, posts.check_at, posts.created_at
FROM posts JOIN social_accounts ON social_accounts.id = posts.account_id
"""


def upgrade() -> None:
    op.create_table(
        "inbox_threads",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "comment",
                "mention",
                "direct",
                name="threadkind",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("external_id", sa.String(length=160), nullable=False),
        sa.Column("media_id", sa.String(length=120), nullable=True),
        sa.Column("participant_id", sa.String(length=120), nullable=True),
        sa.Column("participant", sa.String(length=120), nullable=True),
        sa.Column("last_message_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "kind IN ('comment', 'mention', 'direct')",
            name=op.f("ck_inbox_threads_kind_known"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["social_accounts.id"],
            name=op.f("fk_inbox_threads_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_inbox_threads_workspace_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_threads")),
        sa.UniqueConstraint(
            "account_id",
            "kind",
            "external_id",
            name=op.f("uq_inbox_threads_account_id_kind_external_id"),
        ),
    )
    op.create_index(
        "ix_inbox_threads_workspace_id",
        "inbox_threads",
        ["workspace_id", "last_message_at", "id"],
        unique=False,
    )
    op.create_table(
        "platform_calls",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("call", sa.String(length=30), nullable=False),
        sa.Column(
            "made_at", postgresql.ARRAY(sa.DateTime(timezone=True)), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["social_accounts.id"],
            name=op.f("fk_platform_calls_account_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", "call", name=op.f("pk_platform_calls")),
    )
    op.create_table(
        "posts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("avatar_id", sa.Uuid(), nullable=False),
        sa.Column("piece_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column(
            "format",
            sa.Enum(
                "feed",
                "carousel",
                "reel",
                "story",
                "video",
                "photo",
                name="postformat",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "settings",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="{}",
            nullable=False,
        ),
        sa.Column("caption", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column("approved_by", sa.Integer(), nullable=True),
        sa.Column("is_ai", sa.Boolean(), nullable=False),
        sa.Column(
            "allow_duplicate", sa.Boolean(), server_default="false", nullable=False
        ),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "scheduled",
                "queued",
                "publishing",
                "processing",
                "published",
                "unconfirmed",
                "failed",
                "cancelled",
                "recalled",
                name="poststatus",
                native_enum=False,
                length=20,
            ),
            server_default="scheduled",
            nullable=False,
        ),
        sa.Column("scheduled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("handle", sa.String(length=120), nullable=True),
        sa.Column("handle_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("publish_intent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("request_sha256", sa.LargeBinary(), nullable=True),
        sa.Column("platform_post_id", sa.String(length=120), nullable=True),
        sa.Column("permalink", sa.String(length=512), nullable=True),
        sa.Column("label_read_back", sa.Boolean(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recall_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recall_reason", sa.Text(), nullable=True),
        sa.Column("recalled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recall_note", sa.String(length=300), nullable=True),
        sa.Column(
            "error_class",
            sa.Enum(
                "retry",
                "fix_content",
                "reauthenticate",
                "stop",
                name="failure",
                native_enum=False,
                length=20,
            ),
            nullable=True,
        ),
        sa.Column("error_code", sa.String(length=60), nullable=True),
        sa.Column("error_message", sa.String(length=500), nullable=True),
        sa.Column("fence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("check_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.Integer(), nullable=False),
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
            "(status = 'recalled') = (recalled_at IS NOT NULL)",
            name=op.f("ck_posts_recalled_at_set"),
        ),
        sa.CheckConstraint(
            "error_class IN ('retry', 'fix_content', 'reauthenticate', 'stop')",
            name=op.f("ck_posts_error_class_known"),
        ),
        sa.CheckConstraint(
            "format IN ('feed', 'carousel', 'reel', 'story', 'video', 'photo')",
            name=op.f("ck_posts_format_known"),
        ),
        sa.CheckConstraint(
            "status <> 'failed' OR error_code IS NOT NULL",
            name=op.f("ck_posts_failure_has_a_code"),
        ),
        sa.CheckConstraint(
            "status <> 'published' OR published_at IS NOT NULL",
            name=op.f("ck_posts_published_has_a_time"),
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'scheduled', 'queued', 'publishing', 'processing', 'published', 'unconfirmed', 'failed', 'cancelled', 'recalled')",
            name=op.f("ck_posts_status_known"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('draft', 'scheduled', 'queued', 'publishing') OR publish_intent_at IS NULL",
            name=op.f("ck_posts_intent_is_not_taken_back"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('processing', 'published', 'unconfirmed') OR publish_intent_at IS NOT NULL",
            name=op.f("ck_posts_intent_comes_first"),
        ),
        sa.CheckConstraint(
            "attempts BETWEEN 0 AND 3", name=op.f("ck_posts_three_tries")
        ),
        sa.CheckConstraint(
            "char_length(caption) BETWEEN 0 AND 4000",
            name=op.f("ck_posts_caption_length"),
        ),
        sa.CheckConstraint(
            "char_length(recall_reason) BETWEEN 1 AND 500",
            name=op.f("ck_posts_recall_reason_length"),
        ),
        sa.CheckConstraint(
            "octet_length(content_hash) = 32", name=op.f("ck_posts_content_hash_length")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["social_accounts.id"], name=op.f("fk_posts_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["approved_by"], ["users.id"], name=op.f("fk_posts_approved_by")
        ),
        sa.ForeignKeyConstraint(
            ["avatar_id"], ["avatars.id"], name=op.f("fk_posts_avatar_id")
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.id"], name=op.f("fk_posts_created_by")
        ),
        sa.ForeignKeyConstraint(
            ["piece_id"], ["content_pieces.id"], name=op.f("fk_posts_piece_id")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_posts_workspace_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posts")),
    )
    op.create_index(
        "ix_posts_account_id", "posts", ["account_id", "scheduled_at"], unique=False
    )
    op.create_index(
        "ix_posts_appears_at",
        "posts",
        [
            "account_id",
            sa.literal_column("coalesce(published_at, publish_intent_at, due_at)"),
        ],
        unique=False,
    )
    op.create_index("ix_posts_avatar_id", "posts", ["avatar_id"], unique=False)
    op.create_index(
        "ix_posts_check_at",
        "posts",
        ["check_at"],
        unique=False,
        postgresql_where=sa.text("check_at IS NOT NULL"),
    )
    op.create_index(
        "ix_posts_due_at",
        "posts",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("status = 'scheduled'"),
    )
    op.create_index("ix_posts_group_id", "posts", ["group_id"], unique=False)
    op.create_index("ix_posts_piece_id", "posts", ["piece_id"], unique=False)
    op.create_index(
        "ix_posts_workspace_id",
        "posts",
        ["workspace_id", "scheduled_at", "id"],
        unique=False,
    )
    op.create_index(
        "uq_posts_handle",
        "posts",
        ["account_id", "handle"],
        unique=True,
        postgresql_where=sa.text("handle IS NOT NULL"),
    )
    op.create_index(
        "uq_posts_live_content",
        "posts",
        ["account_id", "content_hash"],
        unique=True,
        postgresql_where=sa.text(
            "NOT allow_duplicate AND status NOT IN ('draft', 'failed', 'cancelled', 'recalled')"
        ),
    )
    op.create_index(
        "uq_posts_platform_post_id",
        "posts",
        ["account_id", "platform_post_id"],
        unique=True,
        postgresql_where=sa.text("platform_post_id IS NOT NULL"),
    )
    op.create_table(
        "inbox_messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("thread_id", sa.Uuid(), nullable=False),
        sa.Column("external_id", sa.String(length=255), nullable=False),
        sa.Column("author_id", sa.String(length=120), nullable=True),
        sa.Column("author", sa.String(length=120), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "char_length(body) BETWEEN 0 AND 10000",
            name=op.f("ck_inbox_messages_body_length"),
        ),
        sa.ForeignKeyConstraint(
            ["thread_id"],
            ["inbox_threads.id"],
            name=op.f("fk_inbox_messages_thread_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_messages")),
        sa.UniqueConstraint(
            "thread_id",
            "external_id",
            name=op.f("uq_inbox_messages_thread_id_external_id"),
        ),
    )
    op.create_table(
        "post_attempts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column(
            "step",
            sa.Enum(
                "check",
                "prepare",
                "readiness",
                "publish",
                "outcome",
                "read_back",
                "confirm",
                "recall",
                name="poststep",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("outcome", sa.String(length=60), nullable=False),
        sa.Column("http_status", sa.Integer(), nullable=True),
        sa.Column(
            "error_class",
            sa.Enum(
                "retry",
                "fix_content",
                "reauthenticate",
                "stop",
                name="failure",
                native_enum=False,
                length=20,
            ),
            nullable=True,
        ),
        sa.Column("detail", sa.String(length=500), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "error_class IN ('retry', 'fix_content', 'reauthenticate', 'stop')",
            name=op.f("ck_post_attempts_error_class_known"),
        ),
        sa.CheckConstraint(
            "step IN ('check', 'prepare', 'readiness', 'publish', 'outcome', 'read_back', 'confirm', 'recall')",
            name=op.f("ck_post_attempts_step_known"),
        ),
        sa.ForeignKeyConstraint(
            ["post_id"],
            ["posts.id"],
            name=op.f("fk_post_attempts_post_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_attempts")),
    )
    op.create_index(
        "ix_post_attempts_post_id", "post_attempts", ["post_id", "id"], unique=False
    )
    op.create_table(
        "post_receipts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(length=120), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["key_id"], ["signing_keys.id"], name=op.f("fk_post_receipts_key_id")
        ),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_post_receipts_post_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_receipts")),
    )
    op.create_index(
        op.f("ix_post_receipts_post_id"), "post_receipts", ["post_id"], unique=False
    )
    op.create_table(
        "todos",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("completed", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=True),
        sa.Column(
            "board_column",
            sa.Enum(
                "backlog",
                "doing",
                "review",
                "done",
                name="boardcolumn",
                native_enum=False,
                length=20,
            ),
            server_default="backlog",
            nullable=False,
        ),
        sa.Column(
            "position",
            sa.Numeric(precision=20, scale=10),
            server_default="0",
            nullable=False,
        ),
        sa.Column("avatar_id", sa.Uuid(), nullable=True),
        sa.Column("piece_id", sa.Uuid(), nullable=True),
        sa.Column("post_id", sa.Uuid(), nullable=True),
        sa.Column("assignee_id", sa.Integer(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
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
            "board_column IN ('backlog', 'doing', 'review', 'done')",
            name=op.f("ck_todos_board_column_known"),
        ),
        sa.CheckConstraint("btrim(title) <> ''", name=op.f("ck_todos_title_not_blank")),
        sa.CheckConstraint(
            "completed = (board_column = 'done')", name=op.f("ck_todos_done_is_done")
        ),
        sa.ForeignKeyConstraint(
            ["assignee_id"], ["users.id"], name=op.f("fk_todos_assignee_id")
        ),
        sa.ForeignKeyConstraint(
            ["avatar_id"], ["avatars.id"], name=op.f("fk_todos_avatar_id")
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_todos_owner_id")
        ),
        sa.ForeignKeyConstraint(
            ["piece_id"], ["content_pieces.id"], name=op.f("fk_todos_piece_id")
        ),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_todos_post_id")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_todos_workspace_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_todos")),
        sa.UniqueConstraint("post_id", name=op.f("uq_todos_post_id")),
    )
    op.create_index("ix_todos_owner_id", "todos", ["owner_id", "id"], unique=False)
    op.create_index(
        "ix_todos_workspace_id",
        "todos",
        ["workspace_id", "board_column", "position"],
        unique=False,
    )
    op.add_column("assets", sa.Column("duration_ms", sa.Integer(), nullable=True))
    op.add_column("assets", sa.Column("frames_per_s", sa.Float(), nullable=True))
    op.add_column(
        "social_accounts",
        sa.Column(
            "posting_times",
            postgresql.ARRAY(sa.Text()),
            server_default="{09:00,13:00,18:00}",
            nullable=False,
        ),
    )
    op.add_column(
        "workspaces",
        sa.Column("publishing_paused_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_index(
        "ix_webhook_events_open",
        "webhook_events",
        ["provider_object_id"],
        unique=False,
        postgresql_where=sa.text("status = 'received'"),
    )

    for table, column, words in CHANGED:
        name = f"ck_{table}_{column}_known"
        op.drop_constraint(op.f(name), table, type_="check")
        op.create_check_constraint(op.f(name), table, f"{column} IN ({words})")
    op.execute(V_PUBLICATIONS)
    op.execute(
        "CREATE TRIGGER post_receipts_written_once BEFORE UPDATE OR DELETE OR TRUNCATE"
        " ON post_receipts FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    op.execute("DROP VIEW v_publications")
    op.drop_index(
        "ix_webhook_events_open",
        table_name="webhook_events",
        postgresql_where=sa.text("status = 'received'"),
    )
    op.drop_column("workspaces", "publishing_paused_at")
    op.drop_column("social_accounts", "posting_times")
    op.drop_column("assets", "frames_per_s")
    op.drop_column("assets", "duration_ms")
    op.drop_index("ix_todos_workspace_id", table_name="todos")
    op.drop_index("ix_todos_owner_id", table_name="todos")
    op.drop_table("todos")
    op.drop_index(op.f("ix_post_receipts_post_id"), table_name="post_receipts")
    op.drop_table("post_receipts")
    op.drop_index("ix_post_attempts_post_id", table_name="post_attempts")
    op.drop_table("post_attempts")
    op.drop_table("inbox_messages")
    op.drop_index(
        "uq_posts_platform_post_id",
        table_name="posts",
        postgresql_where=sa.text("platform_post_id IS NOT NULL"),
    )
    op.drop_index(
        "uq_posts_live_content",
        table_name="posts",
        postgresql_where=sa.text(
            "NOT allow_duplicate AND status NOT IN ('draft', 'failed', 'cancelled', 'recalled')"
        ),
    )
    op.drop_index(
        "uq_posts_handle",
        table_name="posts",
        postgresql_where=sa.text("handle IS NOT NULL"),
    )
    op.drop_index("ix_posts_workspace_id", table_name="posts")
    op.drop_index("ix_posts_piece_id", table_name="posts")
    op.drop_index("ix_posts_group_id", table_name="posts")
    op.drop_index(
        "ix_posts_due_at",
        table_name="posts",
        postgresql_where=sa.text("status = 'scheduled'"),
    )
    op.drop_index(
        "ix_posts_check_at",
        table_name="posts",
        postgresql_where=sa.text("check_at IS NOT NULL"),
    )
    op.drop_index("ix_posts_avatar_id", table_name="posts")
    op.drop_index("ix_posts_appears_at", table_name="posts")
    op.drop_index("ix_posts_account_id", table_name="posts")
    op.drop_table("posts")
    op.drop_table("platform_calls")
    op.drop_index("ix_inbox_threads_workspace_id", table_name="inbox_threads")
    op.drop_table("inbox_threads")

    for table, column, words in BEFORE:
        name = f"ck_{table}_{column}_known"
        op.drop_constraint(op.f(name), table, type_="check")
        op.create_check_constraint(op.f(name), table, f"{column} IN ({words})")
