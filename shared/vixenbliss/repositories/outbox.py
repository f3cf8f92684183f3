"""Every query on the outbox."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from vixenbliss.database import Connection
from vixenbliss.jobs.messages import Message, Queue
from vixenbliss.models.outbox import OutboxMessage
from vixenbliss.repositories.terms import among, before_now

_ADD = insert(OutboxMessage)
_SENT = (
    update(OutboxMessage)
    .where(among(OutboxMessage.id, "ids"))
    .values(sent_at=func.now())
)
_LEFT_BEHIND = (
    select(
        OutboxMessage.id,
        OutboxMessage.queue,
        OutboxMessage.subject_id,
        OutboxMessage.correlation_id,
    )
    .where(
        OutboxMessage.queue == bindparam("queue"),
        OutboxMessage.sent_at.is_(None),
        OutboxMessage.available_at < before_now("older_than"),
    )
    .order_by(OutboxMessage.available_at, OutboxMessage.id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_FORGET = delete(OutboxMessage).where(
    OutboxMessage.id.in_(
        select(OutboxMessage.id)
        .where(OutboxMessage.sent_at < before_now("older_than"))
        .order_by(OutboxMessage.sent_at)
        .limit(bindparam("limit"))
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
)


@dataclass(frozen=True, slots=True)
class Letter:
    """A stored message, ready to be sent."""

    id: int
    queue: Queue
    subject_id: UUID
    correlation_id: str | None
    delay_s: int = 0


class OutboxRepository:
    """Messages that leave with the transaction that wrote them; global."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(
        self, messages: Sequence[Message], *, correlation_id: str | None
    ) -> list[Letter]:
        """Write messages in one statement; what was written before is left out."""
        rows = [
            {
                "queue": message.queue,
                "subject_id": message.subject_id,
                "dedupe_key": message.dedupe_key,
                "correlation_id": correlation_id,
                "available_at": func.now() + message.delay,
            }
            for message in messages
        ]
        written = await self._connection.all(
            _ADD.values(rows)
            .on_conflict_do_nothing(index_elements=["queue", "dedupe_key"])
            .returning(OutboxMessage.id, OutboxMessage.queue, OutboxMessage.dedupe_key)
        )
        by_key = {(message.queue, message.dedupe_key): message for message in messages}
        return [
            _letter(row["id"], by_key[row["queue"], row["dedupe_key"]], correlation_id)
            for row in written
        ]

    async def mark_sent(self, ids: Sequence[int]) -> None:
        """Record that the queue has taken the messages."""
        await self._connection.run(_SENT, ids=list(ids))

    async def lock_left_behind(
        self, queue: Queue, *, older_than: timedelta, limit: int
    ) -> list[Letter]:
        """Return a queue's due messages that nobody else is sending, oldest first.

        They stay locked until the transaction ends.
        """
        rows = await self._connection.all(
            _LEFT_BEHIND, queue=queue, older_than=older_than, limit=limit
        )
        return [Letter(**{**row, "queue": Queue(row["queue"])}) for row in rows]

    async def forget_sent(self, *, older_than: timedelta, limit: int) -> int:
        """Delete messages sent so long ago, oldest first; return how many."""
        return await self._connection.run(_FORGET, older_than=older_than, limit=limit)


def _letter(letter_id: int, message: Message, correlation_id: str | None) -> Letter:
    delay_s = math.ceil(message.delay.total_seconds())
    return Letter(letter_id, message.queue, message.subject_id, correlation_id, delay_s)
