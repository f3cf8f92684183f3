"""The idempotency_keys table: what a request was answered, for when it comes again."""

from datetime import datetime

from sqlalchemy import String

from vixenbliss.models.base import Base, Born, Json, Mapped, mapped_column


class IdempotencyKey(Base):
    """One answered request.

    The row is written in the transaction that has the effect, so it exists exactly when
    the effect does, and a second request waits on its key until the first has ended.
    """

    __tablename__ = "idempotency_keys"

    scope: Mapped[str] = mapped_column(String(80), primary_key=True)
    principal: Mapped[str] = mapped_column(String(80), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    request_hash: Mapped[bytes]
    response: Mapped[Json | None]
    created_at: Mapped[Born]
    expires_at: Mapped[datetime] = mapped_column(index=True)
