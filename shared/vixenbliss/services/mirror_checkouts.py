"""Checkout sessions, ``cs_``: how the page has ended on which somebody was to pay.

The order of what is paid once was written with its checkout. What it comes to, with
tax, is known when the session is completed; until then its payment waits to be booked.
"""

from vixenbliss.clock import now
from vixenbliss.database import Connection
from vixenbliss.models.checkouts import CheckoutMode, CheckoutStatus
from vixenbliss.providers.stripe_checkout import StripeCheckout
from vixenbliss.providers.stripe_shapes import CheckoutSession, PaymentIntent
from vixenbliss.repositories.customers import CustomerRepository
from vixenbliss.repositories.mirrored_checkouts import (
    HeldCheckout,
    MirroredCheckoutRepository,
)
from vixenbliss.repositories.orders import HeldOrder, OrderRepository, Totals
from vixenbliss.services import grants, order_states
from vixenbliss.services.event_settling import awaken
from vixenbliss.services.mirrors import (
    ANOTHERS,
    NOT_OURS,
    PROCESSED,
    Verdict,
    checkout,
    deferred,
    named,
)

ENDS = {"complete": CheckoutStatus.COMPLETED, "expired": CheckoutStatus.EXPIRED}
PAID = ("paid", "no_payment_required")
NOT_PAID_FOR_GOOD = ("requires_payment_method", "canceled")
"""What a completed session's payment is when the bank has said no, days later."""


class CheckoutMirror:
    """Writes how checkouts end."""

    def __init__(self, pages: StripeCheckout) -> None:
        self._pages = pages

    async def look(self, object_id: str) -> CheckoutSession:
        """Return a session as it stands, with its payment."""
        return await self._pages.session(object_id)

    async def write(self, connection: Connection, seen: CheckoutSession) -> Verdict:
        """Write a checkout's end and its order's; what is completed stays so."""
        checkout_id = named(seen.metadata)
        customer = await CustomerRepository(connection).lock_by_stripe(seen.customer)
        if checkout_id is None or customer is None:
            return NOT_OURS
        checkouts = MirroredCheckoutRepository(connection)
        held = await checkouts.lock(checkout_id)
        if held is None:
            return deferred(checkout(checkout_id))
        if held.customer_id != customer.id:
            return ANOTHERS
        if seen.status in ENDS:
            await _end(connection, held, seen)
        return PROCESSED


async def _end(
    connection: Connection, held: HeldCheckout, seen: CheckoutSession
) -> None:
    if held.status is not CheckoutStatus.COMPLETED:
        checkouts = MirroredCheckoutRepository(connection)
        await checkouts.end(held.id, ENDS[seen.status or ""], seen.id)
    await awaken(connection, checkout(held.id))
    if held.mode is CheckoutMode.PAYMENT:
        await _write_order(connection, held, seen)


async def _write_order(
    connection: Connection, held: HeldCheckout, seen: CheckoutSession
) -> None:
    orders = OrderRepository(connection)
    order = await orders.lock_of_checkout(held.id)
    if order is None:
        return
    if seen.status == "expired" or _is_lost(seen):
        await orders.void(order.id)
    else:
        await _write_totals(orders, held, order, seen)
    if seen.payment_status in PAID:
        await orders.mark_paid(order.id, now())
    status = await order_states.recompute(connection, order.id)
    await grants.follow_order(connection, order.id)
    await order_states.record(connection, order, status)


async def _write_totals(
    orders: OrderRepository,
    held: HeldCheckout,
    order: HeldOrder,
    seen: CheckoutSession,
) -> None:
    """Write what a session came to, once: money is booked by it afterwards."""
    if held.status is CheckoutStatus.COMPLETED or seen.amount_total is None:
        return
    details = seen.total_details
    totals = Totals(
        subtotal_minor=seen.amount_subtotal or seen.amount_total,
        tax_minor=details.amount_tax if details else 0,
        total_minor=seen.amount_total,
    )
    await orders.total(order.id, totals)


def _is_lost(seen: CheckoutSession) -> bool:
    """Tell whether a payment that takes days has come to nothing."""
    payment = seen.payment_intent
    return (
        seen.status == "complete"
        and seen.payment_status not in PAID
        and isinstance(payment, PaymentIntent)
        and payment.status in NOT_PAID_FOR_GOOD
    )
