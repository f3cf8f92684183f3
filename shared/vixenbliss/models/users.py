"""The users table: whoever signs in."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Identity, Index, String, func

from vixenbliss.models.base import Base, Born, Mapped, Touched, mapped_column, one_of


class PlatformRole(StrEnum):
    """What a user may do to the platform itself, beside their workspaces."""

    MEMBER = "member"
    SUPPORT = "support"
    ADMIN = "admin"


class User(Base):
    """A person with an address and a password."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    email: Mapped[str] = mapped_column(String(320))
    hashed_password: Mapped[str] = mapped_column(String(255))
    is_active: Mapped[bool] = mapped_column(server_default="true")
    platform_role: Mapped[PlatformRole] = mapped_column(
        server_default=PlatformRole.MEMBER
    )
    email_verified_at: Mapped[datetime | None]
    """When the address was last proved to be the user's."""
    created_at: Mapped[Born]
    updated_at: Mapped[Touched]
    erased_at: Mapped[datetime | None]
    """When all that told who it was went; what they paid stays in the books."""

    __table_args__ = (
        one_of("platform_role", PlatformRole),
        Index("uq_users_email", func.lower(email), unique=True),
    )
