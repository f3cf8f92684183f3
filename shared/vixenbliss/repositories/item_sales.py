"""Every statement that keeps the catalogue in step with an item."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from vixenbliss.callers import Member
from vixenbliss.database import Connection
from vixenbliss.ids import new_id
from vixenbliss.models.catalogue import Benefit, BenefitKind, Price
from vixenbliss.models.shop import Item

# Somebody may have made a benefit of that kind and ref before: it is the item's now.
_BENEFIT = (
    insert(Benefit)
    .values(
        id=bindparam("id"),
        workspace_id=bindparam("workspace_id"),
        kind=BenefitKind.ITEM,
        ref=bindparam("ref"),
        name=bindparam("name"),
    )
    .on_conflict_do_update(
        index_elements=["workspace_id", "kind", "ref"], set_={"is_active": True}
    )
    .returning(Benefit.id)
)
_LINK = (
    update(Item)
    .where(Item.id == bindparam("id_"))
    .values(product_id=bindparam("product"))
)
_PRICE = select(Price.amount_minor, Price.currency).where(
    Price.product_id == bindparam("product_id"), Price.is_active
)
_RETIRE = (
    update(Price)
    .where(Price.product_id == bindparam("product"), Price.is_active)
    .values(is_active=False)
)


@dataclass(frozen=True, slots=True)
class Tagged:
    """What a product costs at the moment."""

    amount_minor: int
    currency: str


class ItemSaleRepository:
    """The product, the price and the benefit of an item; the item is held."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def keep_benefit(self, member: Member, item_id: int, name: str) -> UUID:
        """Return the benefit that opens an item, which is made unless it is there."""
        (row,) = await self._connection.all(
            _BENEFIT,
            id=new_id(),
            workspace_id=member.workspace_id,
            ref=str(item_id),
            name=name,
        )
        benefit_id: UUID = row["id"]
        return benefit_id

    async def link(self, item_id: int, product_id: UUID) -> None:
        """Let a product be the one that sells an item."""
        await self._connection.run(_LINK, id_=item_id, product=product_id)

    async def price(self, product_id: UUID) -> Tagged | None:
        """Return what a product costs; None before it has a price."""
        row = await self._connection.one(_PRICE, product_id=product_id)
        return Tagged(**row) if row else None

    async def retire_prices(self, product_id: UUID) -> None:
        """Put the price in use out of use; who is about to pay it still may."""
        await self._connection.run(_RETIRE, product=product_id)
