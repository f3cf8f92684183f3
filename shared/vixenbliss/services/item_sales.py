"""An item is sold through a product of the catalogue, which follows it.

Stripe is told of it by whoever first wants to pay (``services.checkouts``).
"""

from decimal import Decimal

from vixenbliss.callers import Member
from vixenbliss.database import Connection
from vixenbliss.errors import ValidationError
from vixenbliss.ids import new_id
from vixenbliss.models.catalogue import ProductKind
from vixenbliss.money import MOST_CHARGED_MINOR, minor_of
from vixenbliss.repositories.item_sales import ItemSaleRepository, Tagged
from vixenbliss.repositories.items import StoredItem
from vixenbliss.repositories.products import ProductRepository

NAME_LENGTH = 120
DESCRIPTION_LENGTH = 2_000
"""What of an item's name and description the catalogue has room for."""


def charged(price: Decimal, currency: str) -> int:
    """Return what is charged for an item, in minor units; nothing is, too.

    Raises:
        ValidationError: there is no such amount, or nobody may be charged it.
    """
    amount_minor = minor_of(price, currency)
    if amount_minor is None:
        message = f"There is no smaller amount than 1 in {currency}."
        raise ValidationError(message, field="price")
    if amount_minor > MOST_CHARGED_MINOR:
        message = f"At most {MOST_CHARGED_MINOR} of the smallest unit are charged."
        raise ValidationError(message, field="price")
    return amount_minor


async def follow(connection: Connection, member: Member, item: StoredItem) -> None:
    """Let the catalogue say of a held item what the item says; again is the same.

    What costs nothing, or is not for sale any more, is not there to be bought.
    """
    tagged = Tagged(charged(item.price, item.currency), item.currency)
    if item.product_id is None and tagged.amount_minor:
        await _offer(connection, member, item, tagged)
    elif item.product_id is not None:
        await _change(connection, item, tagged)


async def _offer(
    connection: Connection, member: Member, item: StoredItem, tagged: Tagged
) -> None:
    product_id = new_id()
    products, sales = ProductRepository(connection), ItemSaleRepository(connection)
    columns = {"kind": ProductKind.ITEM, **_told(item)}
    await products.add(member, product_id, columns)
    benefit_id = await sales.keep_benefit(member, item.id, item.name[:NAME_LENGTH])
    await products.put_benefits(product_id, [benefit_id])
    await products.add_price(product_id, new_id(), _columns_of(tagged))
    await sales.link(item.id, product_id)


async def _change(connection: Connection, item: StoredItem, tagged: Tagged) -> None:
    if item.product_id is None:
        return
    products, sales = ProductRepository(connection), ItemSaleRepository(connection)
    is_sold = item.is_active and tagged.amount_minor > 0
    await products.set(item.product_id, **_told(item), is_active=is_sold)
    if is_sold and await sales.price(item.product_id) != tagged:
        await sales.retire_prices(item.product_id)
        await products.add_price(item.product_id, new_id(), _columns_of(tagged))


def _told(item: StoredItem) -> dict[str, object]:
    """Return what the catalogue has of an item."""
    description = item.description[:DESCRIPTION_LENGTH] if item.description else None
    return {
        "name": item.name[:NAME_LENGTH],
        "description": description,
        "avatar_id": item.avatar_id,
    }


def _columns_of(tagged: Tagged) -> dict[str, object]:
    return {
        "amount_minor": tagged.amount_minor,
        "min_amount_minor": None,
        "max_amount_minor": None,
        "currency": tagged.currency,
        "interval": None,
        "trial_days": 0,
    }
