"""Checkouts, as whoever pays sees them."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator

from vixenbliss.models.checkouts import CheckoutMode, CheckoutStatus
from vixenbliss.money import Currency
from vixenbliss.schemas.base import NFC, VISIBLE, Input, IntegerId, Output, text
from vixenbliss.schemas.products import Amount

MAX_LINES = 20
MAX_QUANTITY = 99

PageUrl = Annotated[str, Field(min_length=1, max_length=2_048, pattern=VISIBLE)]
"""One of our pages; ``{CHECKOUT_SESSION_ID}`` in it becomes Stripe's session."""
Message = Annotated[str, text(at_least=1, at_most=300), NFC]


class LineCreate(Input):
    """Something that is to be paid: by its price, or an item at what it costs."""

    price_id: UUID | None = None
    item_id: IntegerId | None = None
    quantity: Annotated[int, Field(ge=1, le=MAX_QUANTITY)] = 1

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.price_id is None) == (self.item_id is None):
            message = "send either price_id or item_id"
            raise ValueError(message)
        return self


def _each_once(lines: list[LineCreate]) -> list[LineCreate]:
    if len({(line.price_id, line.item_id) for line in lines}) < len(lines):
        message = "names a price or an item twice"
        raise ValueError(message)
    return lines


class CheckoutCreate(Input):
    """The wish to pay: for one membership, or once for several things."""

    lines: Annotated[
        list[LineCreate],
        Field(min_length=1, max_length=MAX_LINES),
        AfterValidator(_each_once),
    ]
    success_url: PageUrl
    cancel_url: PageUrl


class TipCreate(Input):
    """The wish to give an avatar something."""

    avatar_id: UUID
    amount_minor: Amount
    currency: Currency
    message: Message | None = None
    success_url: PageUrl | None = None
    """Where the browser goes when all is paid; our first page, if nothing is said."""
    cancel_url: PageUrl | None = None


class CheckoutCreated(Output):
    """The page on which to pay, and until when."""

    checkout_id: UUID
    url: str
    expires_at: datetime


class CheckoutRead(Output):
    """What has become of a checkout."""

    checkout_id: UUID
    status: CheckoutStatus
    mode: CheckoutMode
    amount_minor: int
    """Of a membership, what it costs by the interval."""
    currency: Currency
    url: str | None
    """The page on which to pay, as long as one may."""
    expires_at: datetime
    created_at: datetime
    order_id: UUID | None
    subscription_id: UUID | None
