"""Every statement that takes stock of items and puts it back.

Global: fans buy from any workspace. Several items are held in the order of their ids,
and before the products that sell them, so that no two who want them wait in a circle.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Integer, bindparam, func, insert, select, update

from vixenbliss.database import Connection
from vixenbliss.models.orders import Order, OrderStatus
from vixenbliss.models.shop import Item, StockHold
from vixenbliss.repositories.terms import among

_count = bindparam("count", type_=Integer())
_TAKE_AGAIN = (
    update(Item)
    .where(Item.id == bindparam("id_"), Item.quantity >= _count)
    .values(quantity=Item.quantity - _count, version=Item.version + 1)
)
_TAKE = _TAKE_AGAIN.where(Item.is_active)
_LEFT = select(Item.name, Item.quantity).where(
    Item.id == bindparam("id"), Item.is_active
)
_HOLD = insert(StockHold).values(
    order_id=bindparam("order_id"),
    item_id=bindparam("item_id"),
    quantity=bindparam("quantity"),
)
_LOCK_ITEMS = (
    select(Item.id)
    .where(
        Item.id.in_(
            select(StockHold.item_id).where(among(StockHold.order_id, "order_ids"))
        )
    )
    .order_by(Item.id)
    .with_for_update()
)
_back = (
    update(StockHold)
    .where(
        among(StockHold.order_id, "order_ids"),
        StockHold.put_back_at.is_(None),
        StockHold.order_id == Order.id,
        Order.status == OrderStatus.VOID,
    )
    .values(put_back_at=func.now())
    .returning(StockHold.item_id, StockHold.quantity)
    .cte("back")
)
_counted = (
    select(_back.c.item_id, func.sum(_back.c.quantity).label("quantity"))
    .group_by(_back.c.item_id)
    .subquery("counted")
)
_PUT_BACK = (
    update(Item)
    .where(Item.id == _counted.c.item_id)
    .values(quantity=Item.quantity + _counted.c.quantity, version=Item.version + 1)
)
_MISSED = (
    select(StockHold.order_id, StockHold.item_id, StockHold.quantity)
    .join(Order, Order.id == StockHold.order_id)
    .where(
        among(StockHold.order_id, "order_ids"),
        StockHold.put_back_at.is_not(None),
        Order.status != OrderStatus.VOID,
    )
    .order_by(StockHold.item_id)
)
_HELD_AGAIN = (
    update(StockHold)
    .where(
        StockHold.order_id == bindparam("order"),
        StockHold.item_id == bindparam("item"),
    )
    .values(put_back_at=None)
)


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of an item that is for sale."""

    name: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Missed:
    """So many of an item, put back and wanted after all."""

    order_id: UUID
    item_id: int
    quantity: int


class StockRepository:
    """What is left of items, and what of them is held for orders."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def take(self, item_id: int, quantity: int) -> bool:
        """Take so many of an item that is for sale; False if there are not as many."""
        return await self._connection.run(_TAKE, id_=item_id, count=quantity) == 1

    async def left(self, item_id: int) -> Left | None:
        """Return what is left of an item; None if it is not for sale."""
        row = await self._connection.one(_LEFT, id=item_id)
        return Left(**row) if row else None

    async def hold(self, order_id: UUID, item_id: int, quantity: int) -> None:
        """Write down for which order so many were taken."""
        await self._connection.run(
            _HOLD, order_id=order_id, item_id=item_id, quantity=quantity
        )

    async def lock_items(self, order_ids: Sequence[UUID]) -> bool:
        """Hold the items of orders until the transaction ends; False if none has any.

        Whoever changes holds, holds their items first.
        """
        return bool(await self._connection.all(_LOCK_ITEMS, order_ids=list(order_ids)))

    async def put_back(self, order_ids: Sequence[UUID]) -> None:
        """Put back what is held for those of the orders that are void, once."""
        await self._connection.run(_PUT_BACK, order_ids=list(order_ids))

    async def missed(self, order_ids: Sequence[UUID]) -> Sequence[Missed]:
        """Return what was put back of orders that are not void."""
        rows = await self._connection.all(_MISSED, order_ids=list(order_ids))
        return [Missed(**row) for row in rows]

    async def take_again(self, missed: Missed) -> bool:
        """Take again what was put back; False if there are not as many any more."""
        taken = await self._connection.run(
            _TAKE_AGAIN, id_=missed.item_id, count=missed.quantity
        )
        if taken:
            await self._connection.run(
                _HELD_AGAIN, order=missed.order_id, item=missed.item_id
            )
        return taken == 1
