"""The workspaces, their members, and who has been asked to join."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String, Uuid, func, text

from vixenbliss.callers import Role
from vixenbliss.models.base import (
    Base,
    Born,
    Id,
    Mapped,
    Touched,
    Version,
    mapped_column,
    one_of,
    within,
)


class Workspace(Base):
    """What a team owns together; every avatar, job and piece lies in one."""

    __tablename__ = "workspaces"
    __table_args__ = (within("name", at_least=1, at_most=120),)

    id: Mapped[Id]
    name: Mapped[str]
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    timezone: Mapped[str] = mapped_column(String(64), server_default="UTC")
    require_second_reviewer: Mapped[bool] = mapped_column(server_default="false")
    publishing_paused_at: Mapped[datetime | None]
    """Since when nothing is published: the kill switch."""
    version: Mapped[Version]
    created_at: Mapped[Born]
    updated_at: Mapped[Touched]


class WorkspaceMember(Base):
    """A user in a workspace. Each user has one that is home: the one signed up with."""

    __tablename__ = "workspace_members"

    workspace_id: Mapped[UUID] = mapped_column(
        Uuid(), ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(
        Integer(), ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    role: Mapped[Role]
    is_home: Mapped[bool] = mapped_column(server_default="false")
    created_at: Mapped[Born]

    __table_args__ = (
        one_of("role", Role),
        Index(
            "uq_workspace_members_home",
            "user_id",
            unique=True,
            postgresql_where=text("is_home"),
        ),
        Index("ix_workspace_members_user_id", "user_id"),
    )


class WorkspaceInvitation(Base):
    """A seat kept for an address, opened with a token that is told once.

    Two tokens open it: whoever invites is told one, the letter brings another.
    """

    __tablename__ = "workspace_invitations"

    id: Mapped[Id]
    workspace_id: Mapped[UUID] = mapped_column(
        Uuid(), ForeignKey("workspaces.id", ondelete="CASCADE")
    )
    email: Mapped[str] = mapped_column(String(320))
    role: Mapped[Role]
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    mailed_hash: Mapped[bytes | None] = mapped_column(unique=True)
    """Of the token in the letter, which is made when that is sent."""
    invited_by: Mapped[int] = mapped_column(Integer(), ForeignKey("users.id"))
    created_at: Mapped[Born]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]

    __table_args__ = (
        one_of("role", Role),
        Index(
            "uq_workspace_invitations_open",
            "workspace_id",
            func.lower(email),
            unique=True,
            postgresql_where=text("accepted_at IS NULL"),
        ),
    )
