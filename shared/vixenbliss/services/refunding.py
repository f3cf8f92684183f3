"""Giving money back: who may, how much, and the row that comes before the call."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from vixenbliss.callers import Caller, Member
from vixenbliss.database import Connection, reading, transaction
from vixenbliss.errors import (
    ConflictError,
    IdempotencyMismatchError,
    OrderNotFoundError,
)
from vixenbliss.models.orders import OrderStatus
from vixenbliss.repositories import access
from vixenbliss.repositories.audit import AuditRepository
from vixenbliss.repositories.customers import CustomerRepository
from vixenbliss.repositories.refunds import (
    HeldOrder,
    NewRefund,
    PaidPart,
    RefundRepository,
)
from vixenbliss.schemas.orders import RefundCreate, RefundRead
from vixenbliss.services.refund_asking import RefundAsking, refusal

PATIENCE = timedelta(minutes=2)
"""How long the request that stores a refund may take to have Stripe's answer."""
_NOT_REFUNDABLE = {
    OrderStatus.PENDING: "Nothing has been paid for this order yet.",
    OrderStatus.VOID: "Nothing was paid for this order.",
    OrderStatus.REFUNDED: "All of this order has been given back.",
    OrderStatus.DISPUTED: "The payer's bank holds this payment; see its dispute.",
    OrderStatus.CHARGED_BACK: "The payer's bank has given this payment back.",
}


class RefundingService:
    """Refunds of a workspace's orders."""

    def __init__(self, asking: RefundAsking) -> None:
        self._asking = asking

    async def refund(
        self, caller: Caller, order_id: UUID, wanted: RefundCreate, key: str | None
    ) -> RefundRead:
        """Store a refund, then have Stripe make it; return how it stands.

        If Stripe's answer is lost, it is asked again, under the same key, by the worker
        of queue *refund*; so the refund is pending then. One that comes again under the
        client's key is answered as it stands.

        Raises:
            OrderNotFoundError: the workspace has no order of that id.
            ConflictError: that much is not left, or the order's state does not allow
                it, or Stripe does not.
            IdempotencyMismatchError: the key came with another request.
            ProviderRefusedError: Stripe does not let us in.
        """
        async with transaction() as connection:
            member = await access.member(connection, caller)
            refund_id, is_new = await _intend(connection, member, order_id, wanted, key)
        await self._asking.ask(refund_id, is_new=is_new)
        async with reading() as connection:
            refunds = RefundRepository(connection)
            if error_code := await refunds.refused_with(refund_id):
                raise refusal(error_code)
            return await refunds.read(refund_id)


async def _intend(
    connection: Connection,
    member: Member,
    order_id: UUID,
    wanted: RefundCreate,
    key: str | None,
) -> tuple[UUID, bool]:
    """Store the refund that is wanted, once for a key; and return its id.

    With it comes whether it is new: Stripe cannot have been asked for it.
    """
    refunds = RefundRepository(connection)
    customer_id = await refunds.customer_of(member.workspace_id, order_id)
    if customer_id is None:
        raise OrderNotFoundError
    await CustomerRepository(connection).lock(customer_id)
    order = await refunds.lock_order(order_id)
    spelled = hashlib.sha256(wanted.model_dump_json().encode()).digest()
    if key and (known := await refunds.by_key(order_id, key)):
        return _the_same(known, spelled), False
    payments = await refunds.payments(order_id)
    amount_minor = _amount(order, payments, wanted.amount_minor)
    new = NewRefund(
        order_id=order_id,
        payment_id=payments[0].id,
        amount_minor=amount_minor,
        currency=order.currency,
        reason=wanted.reason,
        revoke_access=wanted.revoke_access,
        client_key=key,
        request_sha256=spelled,
    )
    refund_id = await refunds.add(member, new, patience=PATIENCE)
    await AuditRepository(connection).add(
        member, "order.refund_asked", ("order", order_id), amount_minor=amount_minor
    )
    return refund_id, True


def _the_same(known: tuple[UUID, bytes], spelled: bytes) -> UUID:
    refund_id, first = known
    if first != spelled:
        raise IdempotencyMismatchError
    return refund_id


def _amount(
    order: HeldOrder, payments: Sequence[PaidPart], wanted_minor: int | None
) -> int:
    """Return how much of the payment with the largest rest is to be given back.

    All of that rest, unless less is wanted.

    Raises:
        ConflictError: so much is not left, or the order's state does not allow it.
    """
    if order.status in _NOT_REFUNDABLE:
        raise ConflictError(_NOT_REFUNDABLE[order.status])
    rest = order.total_minor - sum(payment.held_minor for payment in payments)
    left = min(rest, payments[0].left_minor) if payments else 0
    if left <= 0 or (wanted_minor or 0) > left:
        shown = f"{max(left, 0)} {order.currency.upper()}"
        message = f"At most {shown}, in minor units, can be given back now."
        raise ConflictError(message)
    return wanted_minor or left
