"""Items, as the outside sees them: what source 004 calls items, to the letter."""

from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import BeforeValidator, Field, PlainSerializer, model_validator

from vixenbliss.errors import ItemNotFoundError
from vixenbliss.models.assets import AssetKind
from vixenbliss.money import Currency
from vixenbliss.schemas.base import (
    MAX_ID,
    NFC,
    UNSENT,
    Input,
    IntegerId,
    Output,
    PageQuery,
    WholeSeconds,
    id_or,
    line,
    text,
)

MAX_PRICE = Decimal("99999999.99")
MAX_QUANTITY = 1_000_000
READ_ONLY = frozenset(
    {
        "id",
        "is_active",
        "created_at",
        "updated_at",
        "workspace_id",
        "product_id",
        "has_download",
        "version",
    }
)
"""What an item has that nobody writes; sent back as it was read, it is left alone."""


def _number(value: object) -> object:
    if isinstance(value, bool | str):
        message = "must be a number"
        raise ValueError(message)  # noqa: TRY004 - Pydantic tells of ValueErrors
    return value


ItemId = Annotated[int, id_or(ItemNotFoundError), Field(ge=1, le=MAX_ID)]
Name = Annotated[str, line(at_least=1, at_most=255), NFC]
Description = Annotated[str, text(at_most=5_000), NFC]
Bounded = Field(ge=0, le=MAX_PRICE, decimal_places=2)
NewPrice = Annotated[
    Decimal,
    Bounded,
    BeforeValidator(_number, json_schema_input_type=float),
    Field(description="In units of the currency, with two decimals at most."),
]
Price = Annotated[Decimal, PlainSerializer(float, return_type=float)]
"""Reckoned with as a decimal; a number on the wire and nowhere else."""
Quantity = Annotated[int, Field(strict=True, ge=0, le=MAX_QUANTITY)]


class _Writable(Input):
    """What a client writes of an item, whatever else of it they send along."""

    @model_validator(mode="before")
    @classmethod
    def _without_read_only(cls, sent: Any) -> Any:  # noqa: ANN401 - whatever came
        if not isinstance(sent, dict):
            return sent
        return {name: value for name, value in sent.items() if name not in READ_ONLY}


class ItemCreate(_Writable):
    """A new item; one that costs nothing is not sold, but given away."""

    name: Name
    description: Description | None = None
    price: NewPrice
    quantity: Quantity = 0
    category_id: IntegerId | None = None
    currency: Currency = Currency.USD
    avatar_id: UUID | None = None
    download_asset_id: UUID | None = None
    """The file that its buyers may download."""


class ItemReplace(_Writable):
    """An item as it is to be; of the last three, what is left out stays."""

    name: Name
    description: Description | None = None
    price: NewPrice
    quantity: Quantity = 0
    category_id: IntegerId | None = None
    currency: Currency = UNSENT
    avatar_id: UUID | None = UNSENT
    download_asset_id: UUID | None = UNSENT


class ItemUpdate(_Writable):
    """What may change about an item; what is left out stays, null empties."""

    name: Name = UNSENT
    description: Description | None = UNSENT
    price: NewPrice = UNSENT
    quantity: Quantity = UNSENT
    category_id: IntegerId | None = UNSENT
    currency: Currency = UNSENT
    avatar_id: UUID | None = UNSENT
    download_asset_id: UUID | None = UNSENT


class ItemQuery(PageQuery):
    """Which items are wanted, and which page of them."""

    category_id: Annotated[int, Field(ge=1, le=MAX_ID)] | None = None
    category: Annotated[str, line(at_least=1, at_most=120)] | None = None
    """The slug of a category, in whichever workspace."""
    min_price: Annotated[Decimal, Bounded] | None = None
    max_price: Annotated[Decimal, Bounded] | None = None
    q: Annotated[str, line(at_least=1, at_most=100), NFC] | None = None
    """Words of the name, as they stand there."""
    workspace_id: UUID | None = None
    include_inactive: bool = False
    """Whether a member wants to see what their workspace has taken from sale, too."""


class ItemRead(Output):
    """An item."""

    id: int
    name: str
    description: str | None
    price: Price
    quantity: int
    """What is left to be sold."""
    category_id: int | None
    is_active: bool
    created_at: WholeSeconds
    updated_at: WholeSeconds
    currency: Currency
    workspace_id: UUID
    avatar_id: UUID | None
    product_id: UUID | None
    """What of the catalogue sells it; None of what has never cost anything."""
    has_download: bool


class ItemDeleted(Output):
    """An item is not for sale any more."""

    deleted: bool = True


class ItemDownload(Output):
    """A link that opens an item's file for a few minutes."""

    url: str
    expires_at: WholeSeconds
    kind: AssetKind
    content_type: str
    ai_generated: bool
    ai_label: str | None
    """What is said of a file that a machine has made, to be shown with it."""
