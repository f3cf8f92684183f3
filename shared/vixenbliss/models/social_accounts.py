"""The social accounts that content is published to, and who is on the way to one."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    Uuid,
    text,
)

from vixenbliss.models.base import (
    Base,
    Born,
    Id,
    Mapped,
    Touched,
    Version,
    mapped_column,
    one_of,
)


class Platform(StrEnum):
    """Where content is published."""

    INSTAGRAM = "instagram"
    TIKTOK = "tiktok"


class AccountStatus(StrEnum):
    """Whether an account can be published to."""

    CONNECTED = "connected"
    NEEDS_REAUTH = "needs_reauth"
    RATE_LIMITED = "rate_limited"
    DISABLED = "disabled"
    DISCONNECTED = "disconnected"


class OauthState(Base):
    """Somebody who was sent to a platform to say yes; spent by their return.

    Known by its hash. The verifier of PKCE lies here wrapped by the token key.
    """

    __tablename__ = "oauth_states"
    __table_args__ = (
        one_of("platform", Platform),
        Index("ix_oauth_states_expires_at", "expires_at"),
    )

    state_hash: Mapped[bytes] = mapped_column(primary_key=True)
    platform: Mapped[Platform]
    workspace_id: Mapped[UUID] = mapped_column(
        Uuid(), ForeignKey("workspaces.id", ondelete="CASCADE")
    )
    user_id: Mapped[int] = mapped_column(
        Integer(), ForeignKey("users.id", ondelete="CASCADE")
    )
    session_id: Mapped[UUID] = mapped_column(
        Uuid(), ForeignKey("user_sessions.id", ondelete="CASCADE")
    )
    """Only while this sign-in lives does the return count."""
    avatar_id: Mapped[UUID | None] = mapped_column(Uuid(), ForeignKey("avatars.id"))
    verifier: Mapped[bytes | None]
    return_url: Mapped[str] = mapped_column(String(512))
    created_at: Mapped[Born]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SocialAccount(Base):
    """An account at a platform, and the tokens that open it.

    The tokens are encrypted under a data key of the row's own, which KMS has wrapped;
    the row's id, workspace, platform and ``token_version`` are bound into both, so that
    no ciphertext opens in another row or after another refresh. Disconnecting erases
    them in the same statement.
    """

    __tablename__ = "social_accounts"

    id: Mapped[Id]
    workspace_id: Mapped[UUID] = mapped_column(Uuid(), ForeignKey("workspaces.id"))
    avatar_id: Mapped[UUID | None] = mapped_column(Uuid(), ForeignKey("avatars.id"))
    platform: Mapped[Platform]
    platform_user_id: Mapped[str] = mapped_column(String(120))
    app_user_id: Mapped[str] = mapped_column(String(120))
    """How the platform calls them towards our app, as when they take it back."""
    username: Mapped[str] = mapped_column(String(120))
    scopes: Mapped[list[str]]
    status: Mapped[AccountStatus] = mapped_column(
        server_default=AccountStatus.CONNECTED
    )

    data_key: Mapped[bytes | None]
    access_token: Mapped[bytes | None]
    refresh_token: Mapped[bytes | None]
    token_version: Mapped[int] = mapped_column(BigInteger, server_default="1")
    token_expires_at: Mapped[datetime | None]
    refresh_expires_at: Mapped[datetime | None]
    refreshed_at: Mapped[datetime | None]
    refresh_at: Mapped[datetime | None]
    """When the token is to be refreshed, or a refresh is to be tried again."""
    refresh_lease_until: Mapped[datetime | None]

    posting_times: Mapped[list[str]] = mapped_column(
        server_default="{09:00,13:00,18:00}"
    )
    """Times of day, by the workspace's clock, at which posts are free to appear."""
    rate_limited_until: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(String(300))
    consented_by: Mapped[int] = mapped_column(Integer(), ForeignKey("users.id"))
    consented_at: Mapped[datetime]
    version: Mapped[Version]
    created_at: Mapped[Born]
    updated_at: Mapped[Touched]

    __table_args__ = (
        one_of("platform", Platform),
        one_of("status", AccountStatus),
        CheckConstraint(
            "status = 'disconnected' OR (access_token IS NOT NULL"
            " AND data_key IS NOT NULL)",
            name="connected_has_a_token",
        ),
        CheckConstraint(
            "status <> 'disconnected' OR (access_token IS NULL"
            " AND refresh_token IS NULL AND data_key IS NULL AND refresh_at IS NULL)",
            name="disconnected_has_none",
        ),
        Index(
            "uq_social_accounts_live",
            "platform",
            "platform_user_id",
            unique=True,
            postgresql_where=text("status <> 'disconnected'"),
        ),
        Index("ix_social_accounts_workspace_id", "workspace_id", "created_at", "id"),
        Index("ix_social_accounts_app_user_id", "platform", "app_user_id"),
        Index("ix_social_accounts_refresh_at", "refresh_at"),
    )
