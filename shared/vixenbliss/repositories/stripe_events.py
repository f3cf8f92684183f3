"""Every query on Stripe's events that are still to be applied, or were.

An event is open while it is ``received`` or ``deferred``; ``check_at`` says when the
sweep is to look whether it still is. Global: Stripe knows no workspace.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import (
    Boolean,
    bindparam,
    case,
    func,
    literal_column,
    select,
    update,
)

from vixenbliss.database import Connection
from vixenbliss.models.stripe_objects import StripeObject
from vixenbliss.models.webhook_events import (
    WebhookEvent,
    WebhookSource,
    WebhookStatus,
)
from vixenbliss.repositories.terms import among, from_now

OPEN = (WebhookStatus.RECEIVED, WebhookStatus.DEFERRED)

# Spelled out, as the partial indices are.
_is_received = WebhookEvent.status == literal_column("'received'")
_is_deferred = WebhookEvent.status == literal_column("'deferred'")
_is_open = WebhookEvent.status.in_(
    (literal_column("'received'"), literal_column("'deferred'"))
)
_is_stripe_s = WebhookEvent.source == WebhookSource.STRIPE

_KNOWN = (
    select(
        WebhookEvent.id,
        WebhookEvent.provider_object_id.label("object_id"),
        WebhookEvent.status,
        (WebhookEvent.occurred_at < StripeObject.told_at).label("is_old"),
    )
    .outerjoin(StripeObject, StripeObject.object_id == WebhookEvent.provider_object_id)
    .where(among(WebhookEvent.id, "ids"), _is_stripe_s)
)
_TAKE = (
    update(WebhookEvent)
    .where(among(WebhookEvent.provider_object_id, "object_ids"), _is_stripe_s, _is_open)
    .values(check_at=from_now("check_in"))
    .returning(
        WebhookEvent.id,
        WebhookEvent.provider_object_id.label("object_id"),
        WebhookEvent.occurred_at,
        WebhookEvent.received_at,
        WebhookEvent.attempts,
        WebhookEvent.payload["livemode"].as_boolean().label("is_live"),
    )
)
_SETTLE = (
    update(WebhookEvent)
    .where(among(WebhookEvent.id, "ids"), _is_open)
    .values(
        status=bindparam("status_"),
        note=bindparam("note_"),
        waits_for=bindparam("waits_for_"),
        check_at=from_now("check_in"),
        processed_at=case(
            (bindparam("is_done", type_=Boolean()), func.now()), else_=None
        ),
    )
)
_TRIED = (
    update(WebhookEvent)
    .where(among(WebhookEvent.id, "ids"), _is_open)
    .values(
        attempts=WebhookEvent.attempts + 1,
        note=bindparam("note_"),
        check_at=from_now("check_in"),
    )
)
_POSTPONE = (
    update(WebhookEvent)
    .where(among(WebhookEvent.id, "ids"), _is_open)
    .values(note=bindparam("note_"), check_at=from_now("check_in"))
)
_LEFT = (
    select(WebhookEvent.id)
    .where(
        WebhookEvent.provider_object_id == bindparam("object_id"),
        _is_stripe_s,
        _is_received,
    )
    .order_by(WebhookEvent.occurred_at.desc(), WebhookEvent.id.desc())
    .limit(1)
)
_AWAKEN = (
    update(WebhookEvent)
    .where(WebhookEvent.waits_for == bindparam("name"), _is_stripe_s, _is_deferred)
    .values(
        status=WebhookStatus.RECEIVED,
        waits_for=None,
        check_at=from_now("check_in"),
    )
    .returning(WebhookEvent.id, WebhookEvent.check_at)
)
_silent = (
    select(WebhookEvent.id)
    .where(WebhookEvent.check_at <= func.now(), _is_stripe_s, _is_open)
    .order_by(WebhookEvent.check_at)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
    .scalar_subquery()
)
_CHECK_SILENT = (
    update(WebhookEvent)
    .where(WebhookEvent.id.in_(_silent))
    .values(check_at=from_now("check_in"))
    .returning(WebhookEvent.id, WebhookEvent.check_at)
)
_LOCK = (
    select(
        WebhookEvent.status,
        WebhookEvent.provider_object_id.label("object_id"),
        WebhookEvent.attempts,
    )
    .where(WebhookEvent.id == bindparam("id"), _is_stripe_s)
    .with_for_update()
)
_WAKE = (
    update(WebhookEvent)
    .where(WebhookEvent.id == bindparam("id_"), _is_open)
    .values(check_at=func.now())
)
_OPEN_AGAIN = (
    update(WebhookEvent)
    .where(WebhookEvent.id == bindparam("id_"))
    .values(
        status=WebhookStatus.RECEIVED,
        attempts=0,
        note=None,
        waits_for=None,
        processed_at=None,
        check_at=from_now("check_in"),
    )
    .returning(WebhookEvent.check_at)
)


@dataclass(frozen=True, slots=True)
class KnownEvent:
    """An event that a message is about."""

    id: UUID
    object_id: str | None
    status: WebhookStatus
    is_old: bool | None
    """Whether its object was looked at after something newer was told of it."""

    @property
    def is_to_be_applied(self) -> bool:
        """Whether its object is to be looked at because of it."""
        return self.status in OPEN and not self.is_old


@dataclass(frozen=True, slots=True)
class OpenEvent:
    """An event that the look at its object is to answer."""

    id: UUID
    object_id: str
    occurred_at: datetime
    received_at: datetime
    attempts: int
    is_live: bool | None


@dataclass(frozen=True, slots=True)
class HeldEvent:
    """An event that nobody else changes until the transaction ends."""

    status: WebhookStatus
    object_id: str | None
    attempts: int

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done about it."""
        return self.status in OPEN


class StripeEventRepository:
    """Stripe's events, and how far each has come."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def known(self, ids: Sequence[UUID]) -> list[KnownEvent]:
        """Return what is known of some events; of others, nothing."""
        rows = await self._connection.all(_KNOWN, ids=list(ids))
        return [KnownEvent(**row) for row in rows]

    async def take(
        self, object_ids: Sequence[str], *, check_in: timedelta
    ) -> list[OpenEvent]:
        """Return all open events of claimed objects; the sweep leaves them alone."""
        rows = await self._connection.all(
            _TAKE, object_ids=list(object_ids), check_in=check_in
        )
        return [OpenEvent(**row) for row in rows]

    async def settle(
        self,
        ids: Sequence[UUID],
        status: WebhookStatus,
        *,
        note: str = "",
        waits_for: str | None = None,
        check_in: timedelta | None = None,
    ) -> None:
        """Say what has been done about open events."""
        if ids:
            await self._connection.run(
                _SETTLE,
                ids=list(ids),
                status_=status,
                note_=note[:300] or None,
                waits_for_=waits_for,
                check_in=check_in,
                is_done=status not in OPEN,
            )

    async def count_try(
        self, ids: Sequence[UUID], note: str, *, check_in: timedelta
    ) -> None:
        """Record that a try came to nothing."""
        await self._connection.run(
            _TRIED, ids=list(ids), note_=note[:300], check_in=check_in
        )

    async def postpone(
        self, ids: Sequence[UUID], note: str, *, check_in: timedelta
    ) -> None:
        """Record why nothing has come of open events yet; it was not a try."""
        await self._connection.run(
            _POSTPONE, ids=list(ids), note_=note[:300], check_in=check_in
        )

    async def left(self, object_id: str) -> UUID | None:
        """Return the newest event that came while somebody was looking, if any."""
        row = await self._connection.one(_LEFT, object_id=object_id)
        return row["id"] if row else None

    async def awaken(
        self, name: str, *, check_in: timedelta
    ) -> list[tuple[UUID, datetime]]:
        """Open the events again that wait for a name; return them, each with a time."""
        rows = await self._connection.all(_AWAKEN, name=name, check_in=check_in)
        return [(row["id"], row["check_at"]) for row in rows]

    async def check_silent(
        self, *, limit: int, patience: timedelta
    ) -> list[tuple[UUID, datetime]]:
        """Return open events that are due to be looked at, each with its next time."""
        rows = await self._connection.all(_CHECK_SILENT, limit=limit, check_in=patience)
        return [(row["id"], row["check_at"]) for row in rows]

    async def lock(self, event_id: UUID) -> HeldEvent | None:
        """Return an event, held until the transaction ends."""
        row = await self._connection.one(_LOCK, id=event_id)
        return HeldEvent(**row) if row else None

    async def wake(self, event_id: UUID) -> None:
        """Have the sweep look at an open event."""
        await self._connection.run(_WAKE, id_=event_id)

    async def open_again(self, event_id: UUID, *, check_in: timedelta) -> datetime:
        """Have an event applied anew; return by when the sweep would look at it."""
        row = await self._connection.one(_OPEN_AGAIN, id_=event_id, check_in=check_in)
        checked_at: datetime = dict(row or {})["check_at"]
        return checked_at
