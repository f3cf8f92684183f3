"""The shop: items on shelves, and what of them is held for who is about to pay."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Numeric,
    String,
    Uuid,
    text,
)

from vixenbliss.models.base import (
    Base,
    Born,
    CurrencyCode,
    Mapped,
    Touched,
    Version,
    in_currency,
    mapped_column,
    within,
)


class Category(Base):
    """A shelf, perhaps within another one of the same workspace."""

    __tablename__ = "categories"

    id: Mapped[int] = mapped_column(Integer(), Identity(), primary_key=True)
    workspace_id: Mapped[UUID] = mapped_column(Uuid(), ForeignKey("workspaces.id"))
    name: Mapped[str]
    slug: Mapped[str] = mapped_column(String(120))
    parent_id: Mapped[int | None] = mapped_column(
        Integer(), ForeignKey("categories.id"), index=True
    )
    is_active: Mapped[bool] = mapped_column(server_default="true")
    created_at: Mapped[Born]
    updated_at: Mapped[Touched]

    __table_args__ = (
        within("name", at_least=1, at_most=120),
        CheckConstraint("parent_id <> id", name="not_within_itself"),
        Index(
            "uq_categories_slug",
            "workspace_id",
            "slug",
            unique=True,
            postgresql_where=text("is_active"),
        ),
        Index("ix_categories_slug", "slug", postgresql_where=text("is_active")),
    )


class Item(Base):
    """Something that is sold by the piece, as long as there is some left.

    Sold through ``product_id``, a product of the catalogue that is kept in step: its
    price is the item's, and its benefit opens the item's download.
    """

    __tablename__ = "items"

    id: Mapped[int] = mapped_column(Integer(), Identity(), primary_key=True)
    workspace_id: Mapped[UUID] = mapped_column(Uuid(), ForeignKey("workspaces.id"))
    created_by: Mapped[int] = mapped_column(Integer(), ForeignKey("users.id"))
    avatar_id: Mapped[UUID | None] = mapped_column(
        Uuid(), ForeignKey("avatars.id"), index=True
    )
    name: Mapped[str] = mapped_column(String(255))
    description: Mapped[str | None]
    price: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    currency: Mapped[CurrencyCode] = mapped_column(server_default="usd")
    quantity: Mapped[int] = mapped_column(server_default="0")
    """What is left to be sold; what is held for somebody is not."""
    category_id: Mapped[int | None] = mapped_column(
        Integer(), ForeignKey("categories.id")
    )
    download_asset_id: Mapped[UUID | None] = mapped_column(
        Uuid(), ForeignKey("assets.id"), index=True
    )
    product_id: Mapped[UUID | None] = mapped_column(
        Uuid(), ForeignKey("products.id"), unique=True
    )
    """None of what has never cost anything."""
    is_active: Mapped[bool] = mapped_column(server_default="true")
    version: Mapped[Version]
    created_at: Mapped[Born]
    updated_at: Mapped[Touched]

    __table_args__ = (
        CheckConstraint("btrim(name) <> ''", name="name_not_blank"),
        within("description", at_most=5_000),
        in_currency(),
        CheckConstraint("price >= 0", name="price_not_negative"),
        CheckConstraint("quantity >= 0", name="stock_not_negative"),
        Index(
            "ix_items_newest",
            text("created_at DESC"),
            text("id DESC"),
            postgresql_where=text("is_active"),
        ),
        Index(
            "ix_items_category_id",
            "category_id",
            "price",
            postgresql_where=text("is_active"),
        ),
        Index("ix_items_workspace_id", "workspace_id"),
    )


class StockHold(Base):
    """So many of an item, held for an order: sold when it is paid, or put back once."""

    __tablename__ = "stock_holds"

    order_id: Mapped[UUID] = mapped_column(
        Uuid(), ForeignKey("orders.id", ondelete="CASCADE"), primary_key=True
    )
    item_id: Mapped[int] = mapped_column(
        Integer(), ForeignKey("items.id"), primary_key=True, index=True
    )
    quantity: Mapped[int]
    created_at: Mapped[Born]
    put_back_at: Mapped[datetime | None]

    __table_args__ = (CheckConstraint("quantity > 0", name="quantity_is_positive"),)
