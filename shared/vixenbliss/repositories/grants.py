"""Every statement by which rights come and go. Global, as what they follow is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, bindparam, case, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from vixenbliss.database import Connection
from vixenbliss.ids import new_id
from vixenbliss.models.catalogue import ProductBenefit
from vixenbliss.models.grants import Grant, GrantSource
from vixenbliss.models.orders import Order, OrderLine, OrderStatus, Refund, RefundStatus
from vixenbliss.models.subscriptions import Subscription, SubscriptionStatus
from vixenbliss.repositories.terms import among

_is_taken_back = exists().where(
    Refund.order_id == Order.id,
    Refund.status == RefundStatus.SUCCEEDED,
    Refund.revoke_access,
)
# What was paid in the running period: an older invoice's money has opened the past.
_is_unpaid_again = exists().where(
    Order.subscription_id == Subscription.id,
    Order.paid_at >= Subscription.current_period_start,
    or_(Order.status == OrderStatus.CHARGED_BACK, _is_taken_back),
)
_SUBSCRIPTION = select(
    Subscription.workspace_id,
    Subscription.customer_id,
    Subscription.product_id,
    Subscription.status,
    Subscription.cancel_at_period_end,
    Subscription.current_period_end,
    Subscription.grace_until,
    _is_unpaid_again.label("is_taken_back"),
).where(Subscription.id == bindparam("id"))
_ORDER = select(
    Order.workspace_id,
    Order.customer_id,
    Order.status,
    Order.subscription_id,
    _is_taken_back.label("is_taken_back"),
).where(Order.id == bindparam("id"))
_OF_PRODUCT = select(ProductBenefit.benefit_id).where(
    ProductBenefit.product_id == bindparam("product_id")
)
_OF_ORDER = (
    select(ProductBenefit.benefit_id)
    .distinct()
    .join(OrderLine, OrderLine.product_id == ProductBenefit.product_id)
    .where(OrderLine.order_id == bindparam("order_id"))
)
_live_of_source = (
    Grant.source_type == bindparam("source_type_"),
    Grant.source_id == bindparam("source_id_"),
    Grant.revoked_at.is_(None),
)
_REVOKE = (
    update(Grant)
    .where(*_live_of_source, ~among(Grant.benefit_id, "kept"))
    .values(revoked_at=func.now(), revoke_reason=bindparam("reason"))
)
# A right that has ended is not prolonged over the time in between: a new one begins.
_CLOSE_ENDED = (
    update(Grant)
    .where(*_live_of_source, Grant.ends_at <= func.now())
    .values(revoked_at=Grant.ends_at, revoke_reason="ended")
)
_ends_at = bindparam("ends_at_", type_=DateTime(timezone=True))
_MOVE_END = (
    update(Grant)
    .where(
        *_live_of_source,
        or_(Grant.ends_at.is_(None), Grant.ends_at > func.now()),
        Grant.ends_at.is_distinct_from(_ends_at),
    )
    .values(
        ends_at=case(
            (_ends_at.is_(None), None),
            else_=func.greatest(Grant.starts_at, _ends_at),
        )
    )
)
_ADD = insert(Grant).on_conflict_do_nothing(
    index_elements=["customer_id", "benefit_id", "source_type", "source_id"],
    index_where=Grant.revoked_at.is_(None),
)


@dataclass(frozen=True, slots=True)
class Source:
    """Where rights come from, and whose they are."""

    type: GrantSource
    id: UUID
    workspace_id: UUID
    customer_id: UUID


@dataclass(frozen=True, slots=True)
class SubscriptionRight:
    """All that the rights of a subscription follow from."""

    workspace_id: UUID
    customer_id: UUID
    product_id: UUID
    status: SubscriptionStatus
    cancel_at_period_end: bool
    current_period_end: datetime
    grace_until: datetime | None
    is_taken_back: bool
    """Whether what was paid for the running period has gone back, and access too."""


@dataclass(frozen=True, slots=True)
class OrderRight:
    """All that the rights of an order follow from."""

    workspace_id: UUID
    customer_id: UUID
    status: OrderStatus
    subscription_id: UUID | None
    is_taken_back: bool
    """Whether money was given back, and access with it."""


class GrantRepository:
    """Rights, each from one source."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def of_subscription(self, subscription_id: UUID) -> SubscriptionRight:
        """Return what the rights of a subscription follow from."""
        row = await self._connection.one(_SUBSCRIPTION, id=subscription_id)
        return SubscriptionRight(**dict(row or {}))

    async def of_order(self, order_id: UUID) -> OrderRight:
        """Return what the rights of an order follow from."""
        row = await self._connection.one(_ORDER, id=order_id)
        return OrderRight(**dict(row or {}))

    async def opened_by_product(self, product_id: UUID) -> list[UUID]:
        """Return the benefits of a product."""
        rows = await self._connection.all(_OF_PRODUCT, product_id=product_id)
        return [row["benefit_id"] for row in rows]

    async def opened_by_order(self, order_id: UUID) -> list[UUID]:
        """Return the benefits of all products that an order is about."""
        rows = await self._connection.all(_OF_ORDER, order_id=order_id)
        return [row["benefit_id"] for row in rows]

    async def revoke(
        self, source: Source, reason: str, *, besides: Sequence[UUID] = ()
    ) -> None:
        """End the rights from a source now, besides those to some benefits."""
        await self._connection.run(
            _REVOKE, **_named(source), reason=reason, kept=list(besides)
        )

    async def give(
        self, source: Source, benefit_ids: Sequence[UUID], ends_at: datetime | None
    ) -> None:
        """Make rights to these benefits live until then; those that do are moved.

        What has come to its end stays ended, and is given anew.
        """
        await self._connection.run(_CLOSE_ENDED, **_named(source))
        await self._connection.run(_MOVE_END, **_named(source), ends_at_=ends_at)
        if benefit_ids:
            await self._connection.run(
                _ADD.values(
                    [
                        {
                            "id": new_id(),
                            "workspace_id": source.workspace_id,
                            "customer_id": source.customer_id,
                            "benefit_id": benefit_id,
                            "source_type": source.type,
                            "source_id": source.id,
                            "starts_at": func.now(),
                            "ends_at": ends_at,
                        }
                        for benefit_id in benefit_ids
                    ]
                )
            )


def _named(source: Source) -> dict[str, object]:
    return {"source_type_": source.type, "source_id_": source.id}
