"""What somebody wants to pay for: whether it can be sold together. No I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from vixenbliss.errors import PriceNotFoundError, ValidationError
from vixenbliss.models.catalogue import ProductKind
from vixenbliss.models.checkouts import CheckoutMode
from vixenbliss.models.orders import OrderReason
from vixenbliss.money import LEAST_CHARGE, MOST_CHARGED_MINOR, Currency
from vixenbliss.repositories.offers import Offer
from vixenbliss.schemas.checkouts import LineCreate


@dataclass(frozen=True, slots=True)
class Line:
    """So many of something, at the amount of one."""

    offer: Offer
    quantity: int
    unit_minor: int

    @property
    def total_minor(self) -> int:
        """What the whole line comes to."""
        return self.unit_minor * self.quantity


@dataclass(frozen=True, slots=True)
class Goods:
    """What is sold in one go: all of one workspace, avatar and currency."""

    lines: Sequence[Line]

    @property
    def _first(self) -> Offer:
        return self.lines[0].offer

    @property
    def workspace_id(self) -> UUID:
        """Who sells."""
        return self._first.workspace_id

    @property
    def avatar_id(self) -> UUID | None:
        """In whose name."""
        return self._first.avatar_id

    @property
    def currency(self) -> str:
        """What it is paid in."""
        return self._first.currency

    @property
    def amount_minor(self) -> int:
        """What it comes to, before tax."""
        return sum(line.total_minor for line in self.lines)

    @property
    def counts(self) -> dict[int, int]:
        """How many of each item leave the shelf."""
        lines = self.lines
        return {li.offer.item_id: li.quantity for li in lines if li.offer.item_id}

    @property
    def membership(self) -> Offer | None:
        """What is subscribed to; None where something is paid once."""
        return self._first if self._first.kind is ProductKind.MEMBERSHIP else None

    @property
    def mode(self) -> CheckoutMode:
        """Whether it is paid again and again."""
        is_once = self.membership is None
        return CheckoutMode.PAYMENT if is_once else CheckoutMode.SUBSCRIPTION

    @property
    def reason(self) -> OrderReason:
        """What an order of it is for."""
        is_tip = self._first.kind is ProductKind.TIP
        return OrderReason.TIP if is_tip else OrderReason.PURCHASE

    @property
    def unknown_to_stripe(self) -> set[UUID]:
        """The products of which Stripe does not know all that selling takes."""
        offers = [line.offer for line in self.lines]
        return {offer.product_id for offer in offers if not offer.is_at_stripe}


def told(line: Line) -> dict[str, Any]:
    """Return a line as a checkout keeps it: all that Stripe is told of it."""
    kept = {
        "price_id": str(line.offer.id),
        "product_id": str(line.offer.product_id),
        "item_id": line.offer.item_id,
        "label": line.offer.name,
        "quantity": line.quantity,
        "unit_minor": line.unit_minor,
        "stripe_product_id": line.offer.stripe_product_id,
        "stripe_price_id": line.offer.stripe_price_id,
    }
    return {name: value for name, value in kept.items() if value is not None}


def goods_of(
    wanted: Sequence[LineCreate],
    offers: Mapping[UUID, Offer],
    of_items: Mapping[int, Offer],
) -> Goods:
    """Return what is wanted, if it can be sold together.

    Raises:
        PriceNotFoundError: one of the prices is not in use.
        ValidationError: it cannot.
    """
    named = [(line, _offer_of(line, offers, of_items)) for line in wanted]
    goods = Goods(
        [Line(offer, line.quantity, offer.amount_minor or 0) for line, offer in named]
    )
    wrong = _wrong_with(goods)
    if wrong:
        raise ValidationError(wrong, field="lines")
    return goods


def _offer_of(
    line: LineCreate, offers: Mapping[UUID, Offer], of_items: Mapping[int, Offer]
) -> Offer:
    if line.price_id and line.price_id in offers:
        return offers[line.price_id]
    if line.item_id is None:
        raise PriceNotFoundError
    if line.item_id in of_items:
        return of_items[line.item_id]
    message = f"Item {line.item_id} is not to be paid for."
    raise ValidationError(message, field="lines")


def tip_of(offers: Sequence[Offer], amount_minor: int, currency: Currency) -> Goods:
    """Return a tip of so much, if the avatar takes it.

    Raises:
        ValidationError: not in that currency, or not so much, or so little.
    """
    fitting = [offer for offer in offers if offer.currency == currency]
    if not fitting:
        message = f"This avatar takes no tips in {currency}."
        raise ValidationError(message, field="currency")
    offer = fitting[0]
    least = max(offer.min_amount_minor or 0, LEAST_CHARGE[currency])
    most = min(offer.max_amount_minor or 0, MOST_CHARGED_MINOR)
    if not least <= amount_minor <= most:
        message = f"A tip in {currency} is {least} at least and {most} at most."
        raise ValidationError(message, field="amount_minor")
    return Goods([Line(offer, 1, amount_minor)])


def _wrong_with(goods: Goods) -> str | None:
    """Return why goods cannot be sold together; None if they can."""
    offers = [line.offer for line in goods.lines]
    clash = _clash_of(offers)
    if clash:
        return clash
    if len({(o.workspace_id, o.avatar_id, o.currency) for o in offers}) > 1:
        return "All lines are of one workspace, one avatar and one currency."
    if any(li.quantity > 1 and li.offer.kind is not _COUNTED for li in goods.lines):
        return "Only items are sold in greater quantities than one."
    least = LEAST_CHARGE[Currency(goods.currency)]
    if not least <= goods.amount_minor <= MOST_CHARGED_MINOR:
        return f"All in all it is {least} at least and {MOST_CHARGED_MINOR} at most."
    return None


def _clash_of(offers: Sequence[Offer]) -> str | None:
    """Return why offers do not stand beside each other; None if they do."""
    kinds = {offer.kind for offer in offers}
    if ProductKind.TIP in kinds:
        return "A tip is given by a checkout of its own."
    if ProductKind.MEMBERSHIP in kinds and len(offers) > 1:
        return "A membership is paid for by a checkout of its own."
    # A price may have changed between the two ways in which an item is looked for.
    if len({offer.item_id or offer.id for offer in offers}) < len(offers):
        return "Two lines are about the same item."
    return None


_COUNTED = ProductKind.ITEM
