"""The users table: whoever signs in."""

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
    created_at: Mapped[Born]
    updated_at: Mapped[Touched]

    __table_args__ = (
        one_of("platform_role", PlatformRole),
        Index("uq_users_email", func.lower(email), unique=True),
    )
