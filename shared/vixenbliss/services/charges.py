"""Whose money it is that Stripe tells of: what refunds and disputes have in common."""

from vixenbliss.database import Connection
from vixenbliss.providers.stripe_shapes import PaymentIntent
from vixenbliss.repositories.audit import AuditRepository
from vixenbliss.repositories.charges import ChargedPayment, ChargeRepository
from vixenbliss.repositories.customers import CustomerRepository
from vixenbliss.services import grants, order_states
from vixenbliss.services.mirrors import NOT_OURS, Verdict, deferred, named
from vixenbliss.services.postings import Sale


async def held_charge(
    connection: Connection, intent_id: str | None, charge_id: str | None
) -> ChargedPayment | None:
    """Return what was paid by an intent or a charge; its customer's row is held.

    None if nothing was, as far as we know by now.
    """
    charges = ChargeRepository(connection)
    known = await charges.find(intent_id, charge_id)
    if known is None:
        return None
    await CustomerRepository(connection).lock(known.customer_id)
    return await charges.find(intent_id, charge_id)


async def of_unknown(connection: Connection, intent: PaymentIntent | None) -> Verdict:
    """Return the verdict on what is about a payment that we do not have.

    We may have it soon, if it is one of our customers' or names a checkout; until then
    it waits for the payment.
    """
    if intent is None:
        return NOT_OURS
    is_ours = await ChargeRepository(connection).is_customer(intent.customer)
    if is_ours or named(intent.metadata):
        return deferred(intent.id)
    return NOT_OURS


async def follow(connection: Connection, charged: ChargedPayment) -> None:
    """Let the order and what it opens follow from its refunds and disputes."""
    status = await order_states.recompute(connection, charged.order_id)
    await grants.follow_order(connection, charged.order_id)
    if status is not charged.status:
        await AuditRepository(connection).add_by_system(
            charged.workspace_id, f"order.{status}", ("order", charged.order_id)
        )


def sale_of(charged: ChargedPayment) -> Sale:
    """Return what a payment's movements are about."""
    return Sale(
        workspace_id=charged.workspace_id,
        avatar_id=charged.avatar_id,
        total_minor=charged.total_minor,
        tax_minor=charged.tax_minor,
        currency=charged.currency,
    )
