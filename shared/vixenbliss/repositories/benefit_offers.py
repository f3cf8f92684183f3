"""What is for sale that opens something, for the statements that look for it."""

from typing import Any

from sqlalchemy import ColumnElement, func, literal_column, select
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

from vixenbliss.models.avatars import Avatar
from vixenbliss.models.catalogue import Price, Product, ProductBenefit

MOST_OFFERS = 20

_for_sale = (
    Price.product_id == Product.id,
    Price.is_active,
    Price.stripe_price_id.is_not(None),
)
_is_archived = (
    select(Avatar.id)
    .where(Avatar.id == Product.avatar_id, Avatar.archived_at.is_not(None))
    .correlate(Product)
    .exists()
)
IS_FOR_SALE = (
    Product.is_active
    & Product.stripe_product_id.is_not(None)
    & select(Price.id).where(*_for_sale).correlate(Product).exists()
    & ~_is_archived
)
"""Whether a product of the statement can be bought; Stripe has it, and a price."""
_price = func.jsonb_build_object(
    "price_id",
    Price.id,
    "amount_minor",
    Price.amount_minor,
    "currency",
    Price.currency,
    "interval",
    Price.interval,
    "trial_days",
    Price.trial_days,
    type_=JSONB,
)
_prices = (
    select(
        func.jsonb_agg(
            aggregate_order_by(_price, Price.currency, Price.amount_minor, Price.id)
        )
    )
    .where(*_for_sale)
    .correlate(Product)
    .scalar_subquery()
)
_offer = func.jsonb_build_object(
    "product_id",
    Product.id,
    "avatar_id",
    Product.avatar_id,
    "kind",
    Product.kind,
    "name",
    Product.name,
    "prices",
    _prices,
    type_=JSONB,
)


def offers(opens: ColumnElement[bool], *of: Any) -> ColumnElement[Any]:  # noqa: ANN401 - tables, of whatever kind
    """Return the products for sale of which a benefit ``opens`` something, with prices.

    The condition is on ``ProductBenefit``, and on the tables that the statement around
    it selects ``of``. The oldest come first; there are twenty at most.
    """
    found = (
        select(_offer.label("offer"), Product.created_at, Product.id)
        .where(
            IS_FOR_SALE,
            select(ProductBenefit.product_id)
            .where(ProductBenefit.product_id == Product.id, opens)
            .correlate(Product, *of)
            .exists(),
        )
        .order_by(Product.created_at, Product.id)
        .limit(MOST_OFFERS)
        .correlate(*of)
        .lateral("found")
    )
    listed = aggregate_order_by(found.c.offer, found.c.created_at, found.c.id)
    return (
        select(
            func.coalesce(
                func.jsonb_agg(listed), literal_column("'[]'::jsonb"), type_=JSONB
            )
        )
        .select_from(found)
        .correlate(*of)
        .scalar_subquery()
    )
