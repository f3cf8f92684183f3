"""Payments, ``pi_``: once each, by whatever event they are heard of, and in the books.

What a charge's events say is looked at here, too. A payment of a checkout names it by
its metadata; that of an invoice names nothing, so the invoice is asked for.
"""

from dataclasses import dataclass
from uuid import UUID

from vixenbliss.database import Connection
from vixenbliss.models.checkouts import CheckoutStatus
from vixenbliss.models.orders import PaymentStatus
from vixenbliss.providers.stripe_billing import StripeBilling
from vixenbliss.providers.stripe_payments import StripePayments
from vixenbliss.providers.stripe_shapes import (
    BalanceTransaction,
    Invoice,
    PaymentIntent,
)
from vixenbliss.repositories.customers import CustomerRepository, HeldCustomer
from vixenbliss.repositories.mirrored_checkouts import MirroredCheckoutRepository
from vixenbliss.repositories.mirrored_subscriptions import (
    MirroredSubscriptionRepository,
)
from vixenbliss.repositories.orders import HeldOrder, OrderRepository
from vixenbliss.repositories.payments import PaymentRepository, SeenPayment
from vixenbliss.services import grants, order_states, postings
from vixenbliss.services.event_settling import awaken
from vixenbliss.services.ledger import Ledger
from vixenbliss.services.mirrors import (
    ANOTHERS,
    NOT_OURS,
    PROCESSED,
    Verdict,
    checkout,
    deferred,
    named,
)
from vixenbliss.services.ownership import of_unknown


@dataclass(frozen=True, slots=True)
class SeenIntent:
    """A payment, and the invoice that it is for, where it names no checkout."""

    intent: PaymentIntent
    invoice: Invoice | None


class PaymentMirror:
    """Writes payments, and what follows from them."""

    def __init__(self, payments: StripePayments, billing: StripeBilling) -> None:
        self._payments = payments
        self._billing = billing

    async def look(self, object_id: str) -> SeenIntent:
        """Return a payment with its charge, its movement of money, and its invoice."""
        intent = await self._payments.payment(object_id)
        if named(intent.metadata):
            return SeenIntent(intent, None)
        return SeenIntent(intent, await self._billing.invoice_paid_by(object_id))

    async def write(self, connection: Connection, seen: SeenIntent) -> Verdict:
        """Write a payment, its order's state, rights, and its entry in the books."""
        intent = seen.intent
        customer = await CustomerRepository(connection).lock_of_payment(
            intent.customer, intent.id
        )
        if customer is None:
            return NOT_OURS
        found = await _order_of(connection, customer, seen)
        if isinstance(found, Verdict):
            return found
        if found.customer_id != customer.id:
            return ANOTHERS
        if not await PaymentRepository(connection).write(_payment(found, intent)):
            return ANOTHERS
        status = await order_states.recompute(connection, found.id)
        await grants.follow_order(connection, found.id)
        await _book(connection, found, intent)
        await awaken(connection, intent.id)
        await order_states.record(connection, found, status)
        return PROCESSED


async def _order_of(
    connection: Connection, customer: HeldCustomer, seen: SeenIntent
) -> HeldOrder | Verdict:
    """Return what a payment is for, or why that cannot be said, or not yet."""
    checkout_id = named(seen.intent.metadata)
    if checkout_id:
        return await _of_checkout(connection, customer, checkout_id, seen.intent)
    if seen.invoice is None or seen.invoice.id is None:
        return NOT_OURS
    order = await OrderRepository(connection).lock_of_invoice(seen.invoice.id)
    if order:
        return order
    return await _of_unknown_invoice(connection, customer, seen.invoice)


async def _of_checkout(
    connection: Connection,
    customer: HeldCustomer,
    checkout_id: UUID,
    intent: PaymentIntent,
) -> HeldOrder | Verdict:
    """Return a checkout's order, once its session has said what it comes to.

    Booked before, the tax would be missing in the books for good.
    """
    held = await MirroredCheckoutRepository(connection).lock(checkout_id)
    order = await OrderRepository(connection).lock_of_checkout(checkout_id)
    if held is not None and held.customer_id != customer.id:
        return ANOTHERS
    is_final = held is not None and held.status is CheckoutStatus.COMPLETED
    if order is None or (intent.status == "succeeded" and not is_final):
        return deferred(checkout(checkout_id))
    return order


async def _of_unknown_invoice(
    connection: Connection, customer: HeldCustomer, invoice: Invoice
) -> Verdict:
    """Return the verdict on the payment of an invoice that is no order, or not yet."""
    if invoice.id is None or invoice.subscription is None:
        return NOT_OURS
    rows = MirroredSubscriptionRepository(connection)
    held = await rows.lock(invoice.subscription)
    if held:
        is_theirs = held.customer_id == customer.id
        return deferred(invoice.id) if is_theirs else ANOTHERS
    metadata = invoice.metadata_of_subscription
    return await of_unknown(connection, customer, metadata, waits_for=invoice.id)


def _payment(order: HeldOrder, intent: PaymentIntent) -> SeenPayment:
    charge, error = intent.charge, intent.last_payment_error
    row = charge.settled if charge else None
    is_paid = intent.status == "succeeded"
    return SeenPayment(
        order_id=order.id,
        transaction_id=intent.id,
        charge_id=charge.id if charge else None,
        status=status_of(intent),
        amount_minor=intent.amount_received if is_paid else intent.amount,
        currency=intent.currency,
        fee_minor=row.fee if row else None,
        balance_transaction_id=row.id if row else None,
        decline_code=(error.decline_code or error.code) if error else None,
        receipt_url=charge.receipt_url if charge else None,
    )


def status_of(intent: PaymentIntent) -> PaymentStatus:
    """Return what a payment is; one that was declined may still be tried again."""
    if intent.status == "succeeded":
        return PaymentStatus.SUCCEEDED
    has_failed = intent.last_payment_error and intent.status == (
        "requires_payment_method"
    )
    if has_failed or intent.status == "canceled":
        return PaymentStatus.FAILED
    return PaymentStatus.PENDING


async def _book(
    connection: Connection, order: HeldOrder, intent: PaymentIntent
) -> None:
    """Write the money into the books, once Stripe has moved it; again does nothing."""
    row = _moved(intent)
    if row is None:
        return
    sale = postings.Sale(
        workspace_id=order.workspace_id,
        avatar_id=order.avatar_id,
        total_minor=order.total_minor,
        tax_minor=order.tax_minor,
        currency=order.currency,
    )
    await Ledger(connection).post(postings.charge(sale, row))


def _moved(intent: PaymentIntent) -> BalanceTransaction | None:
    is_paid = intent.status == "succeeded" and intent.charge is not None
    return intent.charge.settled if is_paid and intent.charge else None
