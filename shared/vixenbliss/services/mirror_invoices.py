"""Invoices, ``in_``: each that a subscription makes is an order."""

from vixenbliss.database import Connection
from vixenbliss.models.orders import OrderReason
from vixenbliss.providers.stripe_billing import StripeBilling
from vixenbliss.providers.stripe_shapes import Invoice, InvoiceLine
from vixenbliss.repositories.customers import CustomerRepository, HeldCustomer
from vixenbliss.repositories.mirrored_subscriptions import (
    HeldSubscription,
    MirroredSubscriptionRepository,
)
from vixenbliss.repositories.orders import (
    HeldOrder,
    NewLine,
    NewOrder,
    OrderRepository,
    Totals,
)
from vixenbliss.services import grants, notices, order_states
from vixenbliss.services.event_settling import awaken
from vixenbliss.services.mirrors import (
    ANOTHERS,
    NOT_OURS,
    PROCESSED,
    Verdict,
    ignored,
)
from vixenbliss.services.ownership import of_unknown

REASON = {
    "subscription_create": OrderReason.SUBSCRIPTION_CREATE,
    "subscription_cycle": OrderReason.SUBSCRIPTION_CYCLE,
}
"""Stripe's words; all others mean that something was changed in between."""
NOT_PAID_FOR_GOOD = ("uncollectible", "void")


class InvoiceMirror:
    """Writes invoices of subscriptions as orders."""

    def __init__(self, billing: StripeBilling) -> None:
        self._billing = billing

    async def look(self, object_id: str) -> Invoice:
        """Return an invoice as it stands."""
        return await self._billing.invoice(object_id)

    async def write(self, connection: Connection, seen: Invoice) -> Verdict:
        """Write an invoice's order; seen before its subscription, it waits for that."""
        if seen.id is None or seen.subscription is None:
            return NOT_OURS
        if seen.status == "draft":
            return ignored("a draft")
        customer = await CustomerRepository(connection).lock_of_subscription(
            seen.customer, seen.subscription
        )
        if customer is None:
            return NOT_OURS
        subscriptions = MirroredSubscriptionRepository(connection)
        held = await subscriptions.lock(seen.subscription)
        if held is None:
            return await of_unknown(
                connection,
                customer,
                seen.metadata_of_subscription,
                waits_for=seen.subscription,
            )
        if held.customer_id != customer.id:
            return ANOTHERS
        order = await _order_of(connection, seen.id, held, seen)
        await _settle(connection, order, seen)
        await _tell(connection, customer, held, seen)
        status = await order_states.recompute(connection, order.id)
        await grants.follow_order(connection, order.id)
        await awaken(connection, seen.id)
        await order_states.record(connection, order, status)
        return PROCESSED


async def _order_of(
    connection: Connection, invoice_id: str, held: HeldSubscription, seen: Invoice
) -> HeldOrder:
    """Return an invoice's order, made if it is seen for the first time.

    An invoice that is no draft any more comes to what it comes to.
    """
    orders = OrderRepository(connection)
    order = await orders.lock_of_invoice(invoice_id)
    if order is None:
        new = NewOrder(
            workspace_id=held.workspace_id,
            avatar_id=held.avatar_id,
            customer_id=held.customer_id,
            subscription_id=held.id,
            stripe_invoice_id=invoice_id,
            reason=REASON.get(
                seen.billing_reason or "", OrderReason.SUBSCRIPTION_UPDATE
            ),
            currency=seen.currency,
        )
        return await orders.add(new, totals_of(seen), [_line(n) for n in seen.lines])
    return order


def totals_of(seen: Invoice) -> Totals:
    """Return what an invoice comes to; what is credited counts as taken off."""
    return Totals(
        subtotal_minor=seen.subtotal,
        tax_minor=sum(tax.amount for tax in seen.total_taxes or ()),
        total_minor=max(0, min(seen.total, seen.amount_due)),
    )


def _line(line: InvoiceLine) -> NewLine:
    details = line.pricing.price_details if line.pricing else None
    return NewLine(
        stripe_price_id=details.price if details else None,
        label=line.description or "",
        quantity=max(1, line.quantity or 1),
        total_minor=line.amount,
    )


async def _settle(connection: Connection, order: HeldOrder, seen: Invoice) -> None:
    orders = OrderRepository(connection)
    if seen.status == "paid":
        transitions = seen.status_transitions
        await orders.mark_paid(order.id, transitions.paid_at if transitions else None)
    elif seen.status in NOT_PAID_FOR_GOOD:
        await orders.void(order.id)


async def _tell(
    connection: Connection,
    customer: HeldCustomer,
    held: HeldSubscription,
    seen: Invoice,
) -> None:
    """Say that a renewal was not paid, and where it can be; once for an invoice.

    The first invoice's payer is still at the page where that is said.
    """
    is_failed = seen.status == "open" and seen.attempt_count > 0
    if is_failed and seen.billing_reason != "subscription_create":
        await notices.tell(
            connection,
            customer.user_id,
            held.workspace_id,
            notices.Kind.PAYMENT_FAILED,
            about=str(seen.id),
            subscription_id=str(held.id),
            url=seen.hosted_invoice_url,
        )
