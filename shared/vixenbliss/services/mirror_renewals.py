"""Renewals ahead, ``upcoming:``: who pays once a year is told before it happens.

An invoice to come has no name and is nothing to be looked at; its subscription is.
"""

from vixenbliss.database import Connection
from vixenbliss.models.catalogue import Interval
from vixenbliss.models.subscriptions import SubscriptionStatus
from vixenbliss.providers.stripe_billing import StripeBilling
from vixenbliss.providers.stripe_shapes import Subscription
from vixenbliss.repositories.customers import CustomerRepository
from vixenbliss.repositories.mirrored_subscriptions import (
    MirroredSubscriptionRepository,
)
from vixenbliss.services import notices
from vixenbliss.services.mirrors import (
    ANOTHERS,
    NOT_OURS,
    PROCESSED,
    Verdict,
    ignored,
)
from vixenbliss.services.ownership import of_unknown
from vixenbliss.services.stripe_events import UPCOMING


class RenewalMirror:
    """Leaves notices of what is going to be charged."""

    def __init__(self, billing: StripeBilling) -> None:
        self._billing = billing

    async def look(self, object_id: str) -> Subscription:
        """Return the subscription that is to be renewed."""
        return await self._billing.subscription(object_id.removeprefix(UPCOMING))

    async def write(self, connection: Connection, seen: Subscription) -> Verdict:
        """Tell the owner of a subscription by the year; of one renewal, once."""
        customer = await CustomerRepository(connection).lock_by_stripe(seen.customer)
        if customer is None or not seen.items:
            return NOT_OURS
        held = await MirroredSubscriptionRepository(connection).lock(seen.id)
        if held is None:
            return await of_unknown(
                connection, customer, seen.metadata, waits_for=seen.id
            )
        if held.customer_id != customer.id:
            return ANOTHERS
        is_renewed = seen.status == SubscriptionStatus.ACTIVE
        if not is_renewed or held.price.interval is not Interval.YEAR:
            return ignored("no notice is due")
        at = seen.items[0].current_period_end.isoformat()
        await notices.tell(
            connection,
            customer.user_id,
            held.workspace_id,
            notices.Kind.RENEWAL_AHEAD,
            about=f"{held.id}:{at}",
            subscription_id=str(held.id),
            at=at,
        )
        return PROCESSED
