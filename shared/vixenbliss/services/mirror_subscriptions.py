"""Subscriptions, ``sub_``: who is a member of what, until when, and at which price."""

from datetime import timedelta

from vixenbliss.clock import now
from vixenbliss.database import Connection
from vixenbliss.models.subscriptions import OVER, SubscriptionStatus
from vixenbliss.providers.stripe_billing import StripeBilling
from vixenbliss.providers.stripe_shapes import Subscription
from vixenbliss.repositories.audit import AuditRepository
from vixenbliss.repositories.customers import CustomerRepository, HeldCustomer
from vixenbliss.repositories.mirrored_checkouts import (
    HeldCheckout,
    MirroredCheckoutRepository,
)
from vixenbliss.repositories.mirrored_subscriptions import (
    HeldSubscription,
    KnownPrice,
    MirroredSubscriptionRepository,
    Standing,
    Subscribed,
)
from vixenbliss.services import grants, notices
from vixenbliss.services.event_settling import awaken
from vixenbliss.services.mirrors import (
    ANOTHERS,
    NOT_OURS,
    PROCESSED,
    Verdict,
    checkout,
    deferred,
    ignored,
    named,
)
from vixenbliss.settings import Settings

TOLD_BEFORE_TRIAL_ENDS = timedelta(days=4)
"""Stripe says so three days before; a day more, for a look that comes early."""


class SubscriptionMirror:
    """Writes subscriptions as they stand; what is over stays over."""

    def __init__(self, settings: Settings, billing: StripeBilling) -> None:
        self._grace = timedelta(days=settings.grace_days)
        self._billing = billing

    async def look(self, object_id: str) -> Subscription:
        """Return a subscription as it stands."""
        return await self._billing.subscription(object_id)

    async def write(self, connection: Connection, seen: Subscription) -> Verdict:
        """Write a subscription and the rights that follow from it.

        A new one is known by the checkout that its metadata name, if that is of the
        same customer. One that we have is followed at whatever price the Dashboard may
        have put it; it opens what it opened, until it ends.
        """
        customer = await CustomerRepository(connection).lock_of_subscription(
            seen.customer, seen.id
        )
        if customer is None or not seen.items:
            return NOT_OURS
        rows = MirroredSubscriptionRepository(connection)
        price = await rows.price(seen.items[0].price.id)
        held = await rows.lock(seen.id)
        if held is None:
            return await self._add(connection, customer, price, seen)
        if held.customer_id != customer.id:
            return ANOTHERS
        if held.status not in OVER:
            standing = self._standing(held, price or held.price, seen)
            await rows.write(held.id, standing)
            await _follow(connection, customer, held, seen)
        return PROCESSED

    async def _add(
        self,
        connection: Connection,
        customer: HeldCustomer,
        price: KnownPrice | None,
        seen: Subscription,
    ) -> Verdict:
        if price is None:
            return ignored("no price of ours")
        checkout_id = named(seen.metadata)
        if checkout_id is None:
            return NOT_OURS
        held = await MirroredCheckoutRepository(connection).lock(checkout_id)
        if held is None:
            return deferred(checkout(checkout_id))
        if held.customer_id != customer.id:
            return ANOTHERS
        standing = self._standing(None, price, seen)
        rows = MirroredSubscriptionRepository(connection)
        await rows.add(_subscribed(held, seen), standing)
        await awaken(connection, seen.id)
        added = await rows.lock(seen.id)
        if added:
            await _follow(connection, customer, added, seen, is_new=True)
        return PROCESSED

    def _standing(
        self, held: HeldSubscription | None, told: KnownPrice, seen: Subscription
    ) -> Standing:
        """Return how a subscription stands, by what was seen and what it was before."""
        item = seen.items[0]
        price = price_now(held, told, seen)
        past_due_at = held.past_due_at if held else None
        grace_until = held.grace_until if held else None
        if seen.status in (SubscriptionStatus.ACTIVE, SubscriptionStatus.TRIALING):
            past_due_at = grace_until = None
        elif seen.status == SubscriptionStatus.PAST_DUE and past_due_at is None:
            past_due_at = now()
            grace_until = past_due_at + self._grace
        details = seen.cancellation_details
        return Standing(
            product_id=price.product_id,
            price_id=price.id,
            pending_price_id=None if told.id == price.id else told.id,
            stripe_item_id=item.id,
            status=SubscriptionStatus(seen.status),
            current_period_start=item.current_period_start,
            current_period_end=item.current_period_end,
            trial_end=seen.trial_end,
            cancel_at_period_end=_ends_with_period(seen),
            cancel_reason=details.reason if details else None,
            canceled_at=seen.canceled_at,
            ended_at=seen.ended_at,
            past_due_at=past_due_at,
            grace_until=grace_until,
        )


def price_now(
    held: HeldSubscription | None, told: KnownPrice, seen: Subscription
) -> KnownPrice:
    """Return the price by which it is known what may be opened.

    Stripe is told of a lesser price at once, and charges it at renewal; what has been
    paid for stays open until then: until the period is another one.
    """
    if held is None or told.per_year_minor >= held.price.per_year_minor:
        return told
    is_renewed = seen.items[0].current_period_start > held.current_period_start
    return told if is_renewed else held.price


def _ends_with_period(seen: Subscription) -> bool:
    """Tell whether it is to end, and not to be renewed; Stripe says so in two ways."""
    ends_by_date = (
        seen.cancel_at is not None
        and seen.cancel_at <= seen.items[0].current_period_end
    )
    return seen.cancel_at_period_end or ends_by_date


def _subscribed(held: HeldCheckout, seen: Subscription) -> Subscribed:
    return Subscribed(
        workspace_id=held.workspace_id,
        avatar_id=held.avatar_id,
        customer_id=held.customer_id,
        checkout_id=held.id,
        stripe_subscription_id=seen.id,
    )


async def _follow(
    connection: Connection,
    customer: HeldCustomer,
    before: HeldSubscription,
    seen: Subscription,
    *,
    is_new: bool = False,
) -> None:
    """Let rights, notices and the trail follow what a subscription has become."""
    await grants.follow_subscription(connection, before.id)
    await _tell(connection, customer, before, seen)
    if is_new or before.status != seen.status:
        await AuditRepository(connection).add_by_system(
            before.workspace_id,
            f"subscription.{seen.status}",
            ("subscription", before.id),
        )


async def _tell(
    connection: Connection,
    customer: HeldCustomer,
    held: HeldSubscription,
    seen: Subscription,
) -> None:
    """Remind somebody of a trial that ends soon, once."""
    if seen.status != SubscriptionStatus.TRIALING or seen.trial_end is None:
        return
    if seen.trial_end - now() <= TOLD_BEFORE_TRIAL_ENDS:
        at = seen.trial_end.isoformat()
        await notices.tell(
            connection,
            customer.user_id,
            held.workspace_id,
            notices.Kind.TRIAL_ENDS,
            about=f"{held.id}:{at}",
            subscription_id=str(held.id),
            at=at,
        )
