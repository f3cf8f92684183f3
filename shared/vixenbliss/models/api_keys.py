"""The api_keys table: what a team's programs sign in with."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Integer, String, Uuid

from vixenbliss.models.base import Base, Born, Id, Mapped, mapped_column, within


class ApiKey(Base):
    """A key to one workspace, for some scopes; only its hash is kept.

    It opens nothing any more once whoever made it is no owner of the workspace.
    """

    __tablename__ = "api_keys"
    __table_args__ = (
        within("name", at_least=1, at_most=80),
        CheckConstraint("cardinality(scopes) > 0", name="opens_something"),
        CheckConstraint("expires_at > created_at", name="expires_later"),
    )

    id: Mapped[Id]
    workspace_id: Mapped[UUID] = mapped_column(
        Uuid(), ForeignKey("workspaces.id", ondelete="CASCADE"), index=True
    )
    created_by: Mapped[int] = mapped_column(
        Integer(), ForeignKey("users.id"), index=True
    )
    name: Mapped[str]
    prefix: Mapped[str] = mapped_column(String(12), unique=True)
    """How the key begins, by which its owner recognises it."""
    key_hash: Mapped[bytes] = mapped_column(unique=True)
    scopes: Mapped[list[str]]
    created_at: Mapped[Born]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    """To the hour."""
