"""What was sold: a fan's own orders, and those of a workspace."""

from uuid import UUID

from vixenbliss.callers import Caller
from vixenbliss.database import Connection
from vixenbliss.repositories.sales import SaleRepository
from vixenbliss.schemas.base import Listing, PageQuery
from vixenbliss.schemas.orders import OrderRead, OrderWithParts, RefundRead


class SaleService:
    """Orders, to be looked at: one's own, unless the caller names a workspace."""

    def __init__(self, connection: Connection) -> None:
        self._sales = SaleRepository(connection)

    async def list(
        self, caller: Caller, page: PageQuery, **filters: object
    ) -> Listing[OrderRead]:
        """Return the orders that match, newest first."""
        return await self._sales.list(caller, page, **filters)

    async def get(self, caller: Caller, order_id: UUID) -> OrderWithParts:
        """Return an order with its lines, payments and refunds.

        Raises:
            OrderNotFoundError: it is not the caller's to see.
        """
        return await self._sales.get(caller, order_id)

    async def refunds(
        self, caller: Caller, order_id: UUID, page: PageQuery
    ) -> Listing[RefundRead]:
        """Return what was given back of an order, newest first.

        Raises:
            OrderNotFoundError: it is not the caller's to see.
        """
        return await self._sales.refunds(caller, order_id, page)
