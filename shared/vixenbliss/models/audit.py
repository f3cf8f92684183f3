"""The audit_log table: who did what, chained so that no row can be changed unseen.

The database fills ``position`` and the two hashes in a trigger (see the migration):
rows of a workspace are numbered without gaps, each carries the hash of the one before,
and neither update nor delete is allowed.
"""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, FetchedValue, ForeignKey, Integer, String, Uuid

from vixenbliss.models.base import Base, Born, Json, Mapped, mapped_column, one_of


class ActorKind(StrEnum):
    """What kind of actor acted."""

    USER = "user"
    SYSTEM = "system"
    PROVIDER = "provider"


class AuditEntry(Base):
    """One deed in a workspace."""

    __tablename__ = "audit_log"
    __table_args__ = (one_of("actor_kind", ActorKind),)

    workspace_id: Mapped[UUID] = mapped_column(
        Uuid(), ForeignKey("workspaces.id"), primary_key=True
    )
    position: Mapped[int] = mapped_column(
        BigInteger, FetchedValue(), primary_key=True, autoincrement=False
    )
    actor_kind: Mapped[ActorKind]
    actor_user_id: Mapped[int | None] = mapped_column(Integer(), ForeignKey("users.id"))
    actor_api_key_id: Mapped[UUID | None]
    """The user's key by which it was done, if by one.

    No foreign key: to look at the key's row, whose rotation waits for the trail's lock,
    while that is held is a deadlock.
    """
    action: Mapped[str] = mapped_column(String(80))
    target_type: Mapped[str] = mapped_column(String(40))
    target_id: Mapped[str] = mapped_column(String(64))
    detail: Mapped[Json] = mapped_column(server_default="{}")
    prev_hash: Mapped[bytes] = mapped_column(FetchedValue())
    row_hash: Mapped[bytes] = mapped_column(FetchedValue(), unique=True)
    created_at: Mapped[Born]
