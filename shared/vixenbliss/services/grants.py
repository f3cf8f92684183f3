"""What somebody may open follows from what they pay for.

Rights are derived from rows in the transaction that changes those; derived again, they
stay as they are. What is no longer paid for is revoked, for a reason that can be told.
"""

from datetime import datetime
from uuid import UUID

from vixenbliss.clock import now
from vixenbliss.database import Connection
from vixenbliss.models.grants import GrantSource
from vixenbliss.models.orders import OrderStatus
from vixenbliss.models.subscriptions import SubscriptionStatus
from vixenbliss.repositories.grants import (
    GrantRepository,
    OrderRight,
    Source,
    SubscriptionRight,
)

OPEN_WHILE = (SubscriptionStatus.TRIALING, SubscriptionStatus.ACTIVE)
PAID_FOR = (
    OrderStatus.PAID,
    OrderStatus.PARTIALLY_REFUNDED,
    OrderStatus.REFUNDED,
    OrderStatus.DISPUTED,
)
"""States of an order that opens things, unless access was taken back with the money."""
REFUNDED = "refunded"
CHANGED = "changed"


async def follow_subscription(connection: Connection, subscription_id: UUID) -> None:
    """Let somebody open what their subscription opens, for as long as it does.

    After a change of product, what only the other one opened is closed.
    """
    grants = GrantRepository(connection)
    right = await grants.of_subscription(subscription_id)
    source = Source(
        GrantSource.SUBSCRIPTION,
        subscription_id,
        right.workspace_id,
        right.customer_id,
    )
    if not _is_open(right):
        await grants.revoke(source, right.status)
        return
    if right.is_taken_back:
        await grants.revoke(source, REFUNDED)
        return
    benefit_ids = await grants.opened_by_product(right.product_id)
    await grants.revoke(source, CHANGED, besides=benefit_ids)
    ends_at = _end_of(right)
    is_over = ends_at is not None and ends_at <= now()
    await grants.give(source, () if is_over else benefit_ids, ends_at)


async def follow_order(connection: Connection, order_id: UUID) -> None:
    """Let somebody open what they have bought, unless the money has gone back.

    What was paid for a subscription's running period opens what that opens.
    """
    grants = GrantRepository(connection)
    right = await grants.of_order(order_id)
    if right.subscription_id is not None:
        await follow_subscription(connection, right.subscription_id)
        return
    source = Source(GrantSource.ORDER, order_id, right.workspace_id, right.customer_id)
    reason = _reason_to_revoke(right)
    if reason:
        await grants.revoke(source, reason)
        return
    await grants.give(source, await grants.opened_by_order(order_id), None)


def _is_open(right: SubscriptionRight) -> bool:
    return right.status in OPEN_WHILE or right.status is SubscriptionStatus.PAST_DUE


def _end_of(right: SubscriptionRight) -> datetime | None:
    """Return until when a subscription opens what it opens; None for no end yet."""
    if right.status is SubscriptionStatus.PAST_DUE:
        return right.grace_until
    return right.current_period_end if right.cancel_at_period_end else None


def _reason_to_revoke(right: OrderRight) -> str | None:
    if right.status not in PAID_FOR:
        return right.status
    return REFUNDED if right.is_taken_back else None
