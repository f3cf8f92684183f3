"""What the mirrors read and write of subscriptions. Global, as Stripe's events are."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Uuid, bindparam, insert, select, update

from vixenbliss.database import Connection
from vixenbliss.ids import new_id
from vixenbliss.models.catalogue import Interval, Price
from vixenbliss.models.subscriptions import Subscription, SubscriptionStatus

_own_price = Price.__table__.alias("own_price")
_LOCK = (
    select(
        Subscription.id,
        Subscription.workspace_id,
        Subscription.avatar_id,
        Subscription.customer_id,
        Subscription.product_id,
        Subscription.price_id,
        Subscription.status,
        Subscription.current_period_start,
        Subscription.current_period_end,
        Subscription.past_due_at,
        Subscription.grace_until,
        _own_price.c.amount_minor,
        _own_price.c.interval,
    )
    .join(_own_price, _own_price.c.id == Subscription.price_id)
    .where(Subscription.stripe_subscription_id == bindparam("stripe_id"))
    .with_for_update(of=Subscription)
)
_PRICE = select(Price.id, Price.product_id, Price.amount_minor, Price.interval).where(
    Price.stripe_price_id == bindparam("stripe_id")
)
_instant = DateTime(timezone=True)
_STANDING = {
    "product_id": bindparam("product_id_", type_=Uuid()),
    "price_id": bindparam("price_id_", type_=Uuid()),
    "pending_price_id": bindparam("pending_price_id_", type_=Uuid()),
    "stripe_item_id": bindparam("stripe_item_id_"),
    "status": bindparam("status_"),
    "current_period_start": bindparam("current_period_start_", type_=_instant),
    "current_period_end": bindparam("current_period_end_", type_=_instant),
    "trial_end": bindparam("trial_end_", type_=_instant),
    "cancel_at_period_end": bindparam("cancel_at_period_end_"),
    "cancel_reason": bindparam("cancel_reason_"),
    "canceled_at": bindparam("canceled_at_", type_=_instant),
    "ended_at": bindparam("ended_at_", type_=_instant),
    "past_due_at": bindparam("past_due_at_", type_=_instant),
    "grace_until": bindparam("grace_until_", type_=_instant),
}
_ADD = insert(Subscription).values(
    id=bindparam("id"),
    workspace_id=bindparam("workspace_id"),
    avatar_id=bindparam("avatar_id"),
    customer_id=bindparam("customer_id"),
    checkout_id=bindparam("checkout_id"),
    stripe_subscription_id=bindparam("stripe_subscription_id"),
    **_STANDING,
)
_WRITE = (
    update(Subscription).where(Subscription.id == bindparam("id_")).values(**_STANDING)
)


@dataclass(frozen=True, slots=True)
class KnownPrice:
    """A price of ours that a membership is paid by."""

    id: UUID
    product_id: UUID
    amount_minor: int
    interval: Interval

    @property
    def per_year_minor(self) -> int:
        """What it comes to in a year, by which memberships are better or lesser."""
        times = 12 if self.interval is Interval.MONTH else 1
        return self.amount_minor * times


@dataclass(frozen=True, slots=True)
class HeldSubscription:
    """A subscription that nobody else changes until the transaction ends."""

    id: UUID
    workspace_id: UUID
    avatar_id: UUID | None
    customer_id: UUID
    price: KnownPrice
    status: SubscriptionStatus
    current_period_start: datetime
    current_period_end: datetime
    past_due_at: datetime | None
    grace_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a subscription stands."""

    product_id: UUID
    price_id: UUID
    pending_price_id: UUID | None
    stripe_item_id: str
    status: SubscriptionStatus
    current_period_start: datetime
    current_period_end: datetime
    trial_end: datetime | None
    cancel_at_period_end: bool
    cancel_reason: str | None
    canceled_at: datetime | None
    ended_at: datetime | None
    past_due_at: datetime | None
    grace_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribed:
    """Who has subscribed, where, and by which checkout."""

    workspace_id: UUID
    avatar_id: UUID | None
    customer_id: UUID
    checkout_id: UUID
    stripe_subscription_id: str


class MirroredSubscriptionRepository:
    """Subscriptions, as Stripe has them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def lock(self, stripe_id: str) -> HeldSubscription | None:
        """Return a subscription by Stripe's name, held until the transaction ends."""
        row = await self._connection.one(_LOCK, stripe_id=stripe_id)
        if row is None:
            return None
        told = dict(row)
        price = KnownPrice(
            told.pop("price_id"),
            told.pop("product_id"),
            told.pop("amount_minor"),
            Interval(told.pop("interval")),
        )
        return HeldSubscription(**told, price=price)

    async def price(self, stripe_price_id: str) -> KnownPrice | None:
        """Return a price by Stripe's name, if it is a membership's of ours."""
        row = await self._connection.one(_PRICE, stripe_id=stripe_price_id)
        if row is None or row["interval"] is None or row["amount_minor"] is None:
            return None
        return KnownPrice(**row)

    async def add(self, subscribed: Subscribed, standing: Standing) -> None:
        """Insert a subscription.

        Raises:
            ConstraintViolatedError: the customer has a live one of the product.
        """
        await self._connection.run(
            _ADD,
            id=new_id(),
            workspace_id=subscribed.workspace_id,
            avatar_id=subscribed.avatar_id,
            customer_id=subscribed.customer_id,
            checkout_id=subscribed.checkout_id,
            stripe_subscription_id=subscribed.stripe_subscription_id,
            **_binds(standing),
        )

    async def write(self, subscription_id: UUID, standing: Standing) -> None:
        """Replace how a subscription stands."""
        await self._connection.run(_WRITE, id_=subscription_id, **_binds(standing))


def _binds(standing: Standing) -> dict[str, object]:
    return {f"{name}_": getattr(standing, name) for name in Standing.__slots__}
