"""Every query on what is wanted of subscriptions."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, delete, func, insert, select, update

from vixenbliss.database import Connection
from vixenbliss.models.catalogue import Price
from vixenbliss.models.subscriptions import (
    ChangeKind,
    ChangeStatus,
    Subscription,
    SubscriptionChange,
)

_is_pending = SubscriptionChange.status == ChangeStatus.PENDING
_STORED: Select[*tuple[Any, ...]] = (
    select(
        SubscriptionChange.id,
        SubscriptionChange.subscription_id,
        Subscription.workspace_id,
        Subscription.stripe_subscription_id,
        Subscription.stripe_item_id,
        SubscriptionChange.kind,
        SubscriptionChange.price_id,
        Price.stripe_price_id,
        SubscriptionChange.reason,
        SubscriptionChange.comment,
        SubscriptionChange.asked_by,
        SubscriptionChange.status,
        SubscriptionChange.error_code,
        SubscriptionChange.created_at,
    )
    .join(Subscription, Subscription.id == SubscriptionChange.subscription_id)
    .outerjoin(Price, Price.id == SubscriptionChange.price_id)
)
_PENDING = _STORED.where(
    SubscriptionChange.subscription_id == bindparam("subscription_id"), _is_pending
)
_BY_KEY = _STORED.where(
    SubscriptionChange.subscription_id == bindparam("subscription_id"),
    SubscriptionChange.client_key == bindparam("client_key"),
)
_READ = _STORED.where(SubscriptionChange.id == bindparam("id"))
_ADD = insert(SubscriptionChange).values(
    id=bindparam("id"),
    subscription_id=bindparam("subscription_id"),
    kind=bindparam("kind"),
    price_id=bindparam("price_id"),
    reason=bindparam("reason"),
    comment=bindparam("comment"),
    asked_by=bindparam("asked_by"),
    client_key=bindparam("client_key"),
)
_SETTLE = (
    update(SubscriptionChange)
    .where(SubscriptionChange.id == bindparam("id_"), _is_pending)
    .values(
        status=bindparam("status_"),
        error_code=bindparam("error_code_"),
        settled_at=func.now(),
    )
)
_FORGET = delete(SubscriptionChange).where(
    SubscriptionChange.id == bindparam("id_"), _is_pending
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is wanted of a subscription: all that Stripe is told."""

    id: UUID
    subscription_id: UUID
    workspace_id: UUID
    stripe_subscription_id: str
    stripe_item_id: str
    kind: ChangeKind
    price_id: UUID | None
    stripe_price_id: str | None
    reason: str | None
    comment: str | None
    asked_by: int
    status: ChangeStatus
    error_code: str | None
    created_at: datetime

    @property
    def key(self) -> str:
        """Under which key Stripe is told."""
        return f"change:{self.id}"


class SubscriptionChangeRepository:
    """Changes; whoever writes them has locked the customer and the subscription."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def pending(self, subscription_id: UUID) -> Change | None:
        """Return the one change that Stripe has not answered to."""
        row = await self._connection.one(_PENDING, subscription_id=subscription_id)
        return Change(**row) if row else None

    async def by_key(self, subscription_id: UUID, key: str) -> Change | None:
        """Return what was wanted under a client's key."""
        row = await self._connection.one(
            _BY_KEY, subscription_id=subscription_id, client_key=key
        )
        return Change(**row) if row else None

    async def add(self, change_id: UUID, columns: dict[str, Any]) -> Change:
        """Insert a change, the intent to tell Stripe."""
        await self._connection.run(_ADD, id=change_id, **columns)
        (row,) = await self._connection.all(_READ, id=change_id)
        return Change(**row)

    async def settle(
        self, change_id: UUID, status: ChangeStatus, error_code: str | None = None
    ) -> bool:
        """Keep what has become of a change; False if somebody has kept it before."""
        changed = await self._connection.run(
            _SETTLE, id_=change_id, status_=status, error_code_=error_code
        )
        return changed == 1

    async def forget(self, change_id: UUID) -> None:
        """Delete a change that has certainly had no effect."""
        await self._connection.run(_FORGET, id_=change_id)
