"""Every statement by which refunds are asked for and written down.

Whoever writes here holds the customer's row; amounts are compared under it. What a
worker does is global: it serves every workspace.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, insert, select, update

from vixenbliss.callers import Member
from vixenbliss.database import Connection
from vixenbliss.ids import new_id
from vixenbliss.models.orders import (
    Order,
    OrderStatus,
    Payment,
    PaymentStatus,
    Refund,
    RefundReason,
    RefundStatus,
)
from vixenbliss.repositories.terms import before_now, from_now
from vixenbliss.schemas.orders import RefundRead

KEYS_LAST = timedelta(hours=20)
"""Stripe keeps idempotency keys for a day at least (docs.stripe.com/api)."""
_HOLDING = (RefundStatus.PENDING, RefundStatus.SUCCEEDED)
"""What has gone of the rest, or may have."""

_ORDER = select(Order.customer_id).where(
    Order.id == bindparam("id"), Order.workspace_id == bindparam("workspace_id")
)
_LOCK_ORDER = (
    select(Order.status, Order.total_minor, Order.currency)
    .where(Order.id == bindparam("id"))
    .with_for_update()
)
_held = (
    select(func.coalesce(func.sum(Refund.amount_minor), 0))
    .where(Refund.payment_id == Payment.id, Refund.status.in_(_HOLDING))
    .correlate(Payment)
    .scalar_subquery()
)
_PAYMENTS = (
    select(Payment.id, Payment.amount_minor, _held.label("held_minor"))
    .where(
        Payment.order_id == bindparam("order_id"),
        Payment.status == PaymentStatus.SUCCEEDED,
    )
    .order_by((Payment.amount_minor - _held).desc(), Payment.id)
    .limit(100)
)
_ADD = insert(Refund).values(
    id=bindparam("id"),
    order_id=bindparam("order_id"),
    payment_id=bindparam("payment_id"),
    amount_minor=bindparam("amount_minor"),
    currency=bindparam("currency"),
    reason=bindparam("reason"),
    revoke_access=bindparam("revoke_access"),
    requested_by=bindparam("requested_by"),
    client_key=bindparam("client_key"),
    request_sha256=bindparam("request_sha256"),
    check_at=from_now("patience"),
)
_BY_KEY = select(Refund.id, Refund.request_sha256).where(
    Refund.order_id == bindparam("order_id"), Refund.client_key == bindparam("key")
)
_READ = select(
    Refund.id,
    Refund.order_id,
    Refund.amount_minor,
    Refund.currency,
    Refund.reason,
    Refund.revoke_access,
    Refund.status,
    Refund.error_code,
    Refund.created_at,
).where(Refund.id == bindparam("id"))
_REFUSED_WITH = select(Refund.error_code).where(
    Refund.id == bindparam("id"),
    Refund.status == RefundStatus.FAILED,
    Refund.stripe_refund_id.is_(None),
)
_FIND = (
    select(
        Refund.id,
        Order.customer_id,
        Order.workspace_id,
        Payment.transaction_id,
        Refund.stripe_refund_id,
        Refund.amount_minor,
        Refund.reason,
        Refund.status,
        Refund.attempts,
        (Refund.created_at < before_now("keys_last")).label("is_old"),
    )
    .join(Payment, Payment.id == Refund.payment_id)
    .join(Order, Order.id == Refund.order_id)
    .where(Refund.id == bindparam("id"))
)
_open = (
    Refund.id == bindparam("id_"),
    Refund.status == RefundStatus.PENDING,
    Refund.stripe_refund_id.is_(None),
)
_IS_OPEN = select(Refund.attempts).where(*_open).with_for_update()
_PAUSE = (
    update(Refund)
    .where(*_open)
    .values(attempts=Refund.attempts + 1, check_at=from_now("pause"))
)
_REFUSE = (
    update(Refund)
    .where(*_open)
    .values(
        status=RefundStatus.FAILED, error_code=bindparam("error_code"), check_at=None
    )
)
_WAKE = update(Refund).where(*_open).values(check_at=func.now())
_REST = update(Refund).where(*_open).values(check_at=None)
_silent = (
    select(Refund.id)
    .where(Refund.check_at <= func.now())
    .order_by(Refund.check_at)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
    .cte("silent")
)
_CHECK_SILENT = (
    update(Refund)
    .where(Refund.id.in_(select(_silent.c.id)))
    .values(check_at=from_now("patience"))
    .returning(Refund.id, Refund.check_at)
)


@dataclass(frozen=True, slots=True)
class HeldOrder:
    """An order that nobody else changes until the transaction ends."""

    status: OrderStatus
    total_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class PaidPart:
    """A payment that has succeeded, and how much of it is given back, or may be."""

    id: UUID
    amount_minor: int
    held_minor: int

    @property
    def left_minor(self) -> int:
        """What of it can still be given back."""
        return self.amount_minor - self.held_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRefund:
    """A refund, as it is about to be asked for."""

    order_id: UUID
    payment_id: UUID
    amount_minor: int
    currency: str
    reason: RefundReason
    revoke_access: bool
    client_key: str | None
    request_sha256: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedRefund:
    """A refund, as Stripe is asked for it: the same each time."""

    id: UUID
    customer_id: UUID
    workspace_id: UUID
    transaction_id: str
    stripe_refund_id: str | None
    amount_minor: int
    reason: RefundReason
    status: RefundStatus
    attempts: int
    is_old: bool
    """Whether Stripe may have forgotten the key."""

    @property
    def is_open(self) -> bool:
        """Whether Stripe has not answered yet."""
        return self.status is RefundStatus.PENDING and self.stripe_refund_id is None


class RefundRepository:
    """Refunds that are asked for by us."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def customer_of(self, workspace_id: UUID, order_id: UUID) -> UUID | None:
        """Return whose order of the workspace it is; None if there is none."""
        row = await self._connection.one(_ORDER, id=order_id, workspace_id=workspace_id)
        return row["customer_id"] if row else None

    async def lock_order(self, order_id: UUID) -> HeldOrder:
        """Return an order, held until the transaction ends."""
        row = await self._connection.one(_LOCK_ORDER, id=order_id)
        return HeldOrder(**dict(row or {}))

    async def payments(self, order_id: UUID) -> Sequence[PaidPart]:
        """Return what was paid for an order, the one with the largest rest first."""
        rows = await self._connection.all(_PAYMENTS, order_id=order_id)
        return [
            PaidPart(row["id"], row["amount_minor"], int(row["held_minor"]))
            for row in rows
        ]

    async def add(self, member: Member, new: NewRefund, *, patience: timedelta) -> UUID:
        """Store a refund that Stripe is about to be asked for; return its id.

        Should that not come to pass, the sweep looks for it when patience is over.
        """
        refund_id = new_id()
        await self._connection.run(
            _ADD,
            id=refund_id,
            order_id=new.order_id,
            payment_id=new.payment_id,
            amount_minor=new.amount_minor,
            currency=new.currency,
            reason=new.reason,
            revoke_access=new.revoke_access,
            requested_by=member.user_id,
            client_key=new.client_key,
            request_sha256=new.request_sha256,
            patience=patience,
        )
        return refund_id

    async def by_key(self, order_id: UUID, key: str) -> tuple[UUID, bytes] | None:
        """Return the refund asked for under a client's key, and its request's hash."""
        row = await self._connection.one(_BY_KEY, order_id=order_id, key=key)
        return (row["id"], row["request_sha256"]) if row else None

    async def read(self, refund_id: UUID) -> RefundRead:
        """Return a refund that is there, as the outside sees it."""
        row = await self._connection.one(_READ, id=refund_id)
        return RefundRead.model_validate(dict(row or {}))

    async def refused_with(self, refund_id: UUID) -> str | None:
        """Return the code with which Stripe refused a refund; None if it did not."""
        row = await self._connection.one(_REFUSED_WITH, id=refund_id)
        return row["error_code"] if row else None

    async def find(self, refund_id: UUID) -> AskedRefund | None:
        """Return a refund as Stripe is asked for it; None if there is none."""
        row = await self._connection.one(_FIND, id=refund_id, keys_last=KEYS_LAST)
        return AskedRefund(**row) if row else None

    async def lock_open(self, refund_id: UUID) -> bool:
        """Hold a refund, unless Stripe has answered or it has ended; tell which."""
        return await self._connection.one(_IS_OPEN, id_=refund_id) is not None

    async def pause(self, refund_id: UUID, *, until: timedelta) -> bool:
        """Count a question without an answer; False if it was answered meanwhile."""
        return await self._connection.run(_PAUSE, id_=refund_id, pause=until) > 0

    async def refuse(self, refund_id: UUID, *, error_code: str) -> bool:
        """End a refund that Stripe does not make; False if it was answered otherwise.

        What it held of the rest is free again.
        """
        changed = await self._connection.run(
            _REFUSE, id_=refund_id, error_code=error_code
        )
        return changed > 0

    async def wake(self, refund_id: UUID) -> bool:
        """Have the sweep send an open refund on its way; False if it is not open."""
        return await self._connection.run(_WAKE, id_=refund_id) > 0

    async def rest(self, refund_id: UUID) -> bool:
        """Leave an open refund to people; False if it is not open.

        Nobody asks for it of themselves any more.
        """
        return await self._connection.run(_REST, id_=refund_id) > 0

    async def check_silent(
        self, *, limit: int, patience: timedelta
    ) -> Sequence[tuple[UUID, datetime]]:
        """Return open refunds that it is time to ask for, and until when not again.

        Two sweeps at once find different ones.
        """
        rows: Sequence[Any] = await self._connection.all(
            _CHECK_SILENT, limit=limit, patience=patience
        )
        return [(row["id"], row["check_at"]) for row in rows]
