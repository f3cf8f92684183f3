"""Stock: taken when an order is committed, put back when nobody will pay it."""

from collections.abc import Mapping
from uuid import UUID

from vixenbliss.database import Connection
from vixenbliss.errors import ItemNotFoundError, OutOfStockError
from vixenbliss.log import log
from vixenbliss.repositories.stock import StockRepository


async def take(connection: Connection, counts: Mapping[int, int]) -> None:
    """Take so many of each item, all of them or none.

    Before its order is written: whoever changes an item holds it before its product.

    Raises:
        OutOfStockError: there are not as many left of one of them.
        ItemNotFoundError: one of them is not for sale any more.
    """
    stock = StockRepository(connection)
    for item_id in sorted(counts):
        if await stock.take(item_id, counts[item_id]):
            continue
        left = await stock.left(item_id)
        if left is None:
            raise ItemNotFoundError
        raise OutOfStockError(left.name, left.quantity)


async def hold(
    connection: Connection, order_id: UUID, counts: Mapping[int, int]
) -> None:
    """Write down for which order it was taken."""
    stock = StockRepository(connection)
    for item_id in sorted(counts):
        await stock.hold(order_id, item_id, counts[item_id])


async def follow(connection: Connection, *order_ids: UUID) -> None:
    """Let stock be where the orders say: put back if they are void, held if not.

    Whoever makes an order void calls it in the same transaction; again it does
    nothing. Where one is paid after all, what was put back is taken once more; if it
    has been sold to somebody else meanwhile, a person has to see to it.
    """
    stock = StockRepository(connection)
    if not order_ids or not await stock.lock_items(order_ids):
        return
    await stock.put_back(order_ids)
    for missed in await stock.missed(order_ids):
        if not await stock.take_again(missed):
            log.error(
                "item oversold", order_id=str(missed.order_id), item_id=missed.item_id
            )
