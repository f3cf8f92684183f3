"""What is sold and for how much, as the outside sees it."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator

from vixenbliss.models.catalogue import (
    MAX_TRIAL_DAYS,
    BenefitKind,
    Interval,
    ProductKind,
)
from vixenbliss.money import LEAST_CHARGE, MOST_CHARGED_MINOR, Currency
from vixenbliss.schemas.base import NFC, UNSENT, Flag, Input, Output, line, text

MAX_BENEFITS = 20
MAX_PRICES = 20

ProductName = Annotated[str, line(at_least=1, at_most=120), NFC]
Description = Annotated[str, text(at_least=1, at_most=2_000), NFC]
Amount = Annotated[int, Field(strict=True, ge=1, le=MOST_CHARGED_MINOR)]
"""Of the currency's smallest unit: cents, or whole yen."""


def _each_once(ids: list[UUID]) -> list[UUID]:
    if len(set(ids)) < len(ids):
        message = "names a benefit twice"
        raise ValueError(message)
    return ids


BenefitIds = Annotated[
    list[UUID], Field(max_length=MAX_BENEFITS), AfterValidator(_each_once)
]


class PriceCreate(Input):
    """A new price. Of a tip it is not the amount that is told, but its bounds."""

    amount_minor: Amount | None = None
    min_amount_minor: Amount | None = None
    max_amount_minor: Amount | None = None
    currency: Currency
    interval: Interval | None = None
    trial_days: Annotated[int, Field(ge=0, le=MAX_TRIAL_DAYS)] = 0

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        bounds = (self.min_amount_minor, self.max_amount_minor)
        if (self.amount_minor is None) == (bounds == (None, None)):
            message = "send either amount_minor, or min_ and max_amount_minor"
            raise ValueError(message)
        least, most = self._bounds()
        if least > most:
            message = "min_amount_minor is above max_amount_minor"
            raise ValueError(message)
        if least < LEAST_CHARGE[self.currency]:
            message = f"the least is {LEAST_CHARGE[self.currency]} in {self.currency}"
            raise ValueError(message)
        return self

    def _bounds(self) -> tuple[int, int]:
        if self.amount_minor is not None:
            return self.amount_minor, self.amount_minor
        if self.min_amount_minor is None or self.max_amount_minor is None:
            message = "min_ and max_amount_minor go together"
            raise ValueError(message)
        return self.min_amount_minor, self.max_amount_minor

    @property
    def is_bounds(self) -> bool:
        """Whether the amount is named by whoever pays, within bounds."""
        return self.amount_minor is None


class ProductCreate(Input):
    """Something new to be sold."""

    kind: ProductKind
    name: ProductName
    description: Description | None = None
    avatar_id: UUID | None = None
    benefit_ids: BenefitIds = Field(default_factory=list)
    prices: Annotated[list[PriceCreate], Field(max_length=MAX_PRICES)] = Field(
        default_factory=list
    )


class ProductUpdate(Input):
    """What may change about a product; what is left out stays, null empties."""

    name: ProductName = UNSENT
    description: Description | None = UNSENT
    is_active: Flag = UNSENT
    benefit_ids: BenefitIds = UNSENT


class PriceRead(Output):
    """A price."""

    id: UUID
    amount_minor: int | None
    min_amount_minor: int | None
    max_amount_minor: int | None
    currency: Currency
    interval: Interval | None
    trial_days: int


class BenefitOffered(Output):
    """Something that a product opens."""

    id: UUID
    kind: BenefitKind
    name: str


class ProductRead(Output):
    """A product with what it opens, and the prices it may be had for."""

    id: UUID
    workspace_id: UUID
    avatar_id: UUID | None
    kind: ProductKind
    name: str
    description: str | None
    is_active: bool
    benefits: list[BenefitOffered]
    prices: list[PriceRead]
    version: int
    created_at: datetime
    updated_at: datetime


class AiDisclosure(Output):
    """What a buyer is told before they buy: whoever is behind this is no person."""

    ai_generated: Literal[True] = True
    avatar_name: str
    statement: str


class ProductDetail(ProductRead):
    """A product as somebody sees it who may buy it."""

    ai_disclosure: AiDisclosure | None
    """None where it is no avatar's."""
