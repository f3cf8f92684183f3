"""The social accounts that content is published to, and who is on the way to one.

Revision ID: 0003
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "oauth_states",
        sa.Column("state_hash", sa.LargeBinary(), nullable=False),
        sa.Column("platform", sa.String(length=20), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("avatar_id", sa.Uuid(), nullable=True),
        sa.Column("verifier", sa.LargeBinary(), nullable=True),
        sa.Column("return_url", sa.String(length=512), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "platform IN ('instagram', 'tiktok')",
            name=op.f("ck_oauth_states_platform_known"),
        ),
        sa.ForeignKeyConstraint(
            ["avatar_id"], ["avatars.id"], name=op.f("fk_oauth_states_avatar_id")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["user_sessions.id"],
            name=op.f("fk_oauth_states_session_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_oauth_states_user_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_oauth_states_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("state_hash", name=op.f("pk_oauth_states")),
    )
    op.create_index(
        "ix_oauth_states_expires_at", "oauth_states", ["expires_at"], unique=False
    )
    op.create_table(
        "social_accounts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("avatar_id", sa.Uuid(), nullable=True),
        sa.Column("platform", sa.String(length=20), nullable=False),
        sa.Column("platform_user_id", sa.String(length=120), nullable=False),
        sa.Column("app_user_id", sa.String(length=120), nullable=False),
        sa.Column("username", sa.String(length=120), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column(
            "status", sa.String(length=20), server_default="connected", nullable=False
        ),
        sa.Column("data_key", sa.LargeBinary(), nullable=True),
        sa.Column("access_token", sa.LargeBinary(), nullable=True),
        sa.Column("refresh_token", sa.LargeBinary(), nullable=True),
        sa.Column(
            "token_version", sa.BigInteger(), server_default="1", nullable=False
        ),
        sa.Column("token_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refresh_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refreshed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refresh_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refresh_lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rate_limited_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(length=300), nullable=True),
        sa.Column("consented_by", sa.Integer(), nullable=False),
        sa.Column("consented_at", sa.DateTime(timezone=True), nullable=False),
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
            "platform IN ('instagram', 'tiktok')",
            name=op.f("ck_social_accounts_platform_known"),
        ),
        sa.CheckConstraint(
            "status = 'disconnected' OR (access_token IS NOT NULL"
            " AND data_key IS NOT NULL)",
            name=op.f("ck_social_accounts_connected_has_a_token"),
        ),
        sa.CheckConstraint(
            "status <> 'disconnected' OR (access_token IS NULL"
            " AND refresh_token IS NULL AND data_key IS NULL AND refresh_at IS NULL)",
            name=op.f("ck_social_accounts_disconnected_has_none"),
        ),
        sa.CheckConstraint(
            "status IN ('connected', 'needs_reauth', 'rate_limited', 'disabled',"
            " 'disconnected')",
            name=op.f("ck_social_accounts_status_known"),
        ),
        sa.ForeignKeyConstraint(
            ["avatar_id"], ["avatars.id"], name=op.f("fk_social_accounts_avatar_id")
        ),
        sa.ForeignKeyConstraint(
            ["consented_by"],
            ["users.id"],
            name=op.f("fk_social_accounts_consented_by"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_social_accounts_workspace_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_social_accounts")),
    )
    op.create_index(
        "ix_social_accounts_app_user_id",
        "social_accounts",
        ["platform", "app_user_id"],
        unique=False,
    )
    op.create_index(
        "ix_social_accounts_refresh_at", "social_accounts", ["refresh_at"], unique=False
    )
    op.create_index(
        "ix_social_accounts_workspace_id",
        "social_accounts",
        ["workspace_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "uq_social_accounts_live",
        "social_accounts",
        ["platform", "platform_user_id"],
        unique=True,
        postgresql_where=sa.text("status <> 'disconnected'"),
    )


def downgrade() -> None:
    op.drop_table("social_accounts")
    op.drop_table("oauth_states")
