"""What a session sells: its lines, with the prices they are at and the tax on them."""

from typing import Any

from tests.stack.providers.stripe.books import Books
from tests.stack.providers.stripe.catalogue import Catalogue
from tests.stack.providers.stripe.errors import invalid
from tests.stack.providers.stripe.money import tax_on

type Json = dict[str, Any]

_LINES = 100


class Sales:
    """Makes the lines of sessions."""

    def __init__(self, books: Books, catalogue: Catalogue) -> None:
        self._books = books
        self._catalogue = catalogue

    def lines(self, wanted: list[Json], mode: str, *, taxed: bool) -> list[Json]:
        """Return a session's lines.

        Raises:
            StripeError: There are none, or what they sell does not fit the mode.
        """
        if not 1 <= len(wanted) <= _LINES:
            raise invalid("You must specify line_items.", "line_items",
                          "parameter_missing")  # fmt: skip
        priced = [self._priced(line, n) for n, line in enumerate(wanted)]
        prices = [price for price, _ in priced]
        self._fits(prices, mode)
        return [self._line(price, many, taxed=taxed) for price, many in priced]

    def _priced(self, line: Json, place: int) -> tuple[Json, int]:
        if ("price" in line) == ("price_data" in line):
            raise invalid("Specify price or price_data.", f"line_items[{place}]")
        if "price_data" in line:
            price = self._catalogue.inline(line["price_data"])
        else:
            param = f"line_items[{place}][price]"
            price = self._books.get("price", line["price"], param=param)
            self._is_sold(price, param)
        return price, line.get("quantity", 1)

    def _is_sold(self, price: Json, param: str) -> None:
        product = self._books.get("product", price["product"])
        if not price["active"]:
            raise invalid(
                "The price specified is inactive. This field only accepts active "
                "prices.",
                param,
            )
        if not product["active"]:
            raise invalid("The product of this price is inactive.", param)

    def _fits(self, prices: list[Json], mode: str) -> None:
        recurring = [price["type"] == "recurring" for price in prices]
        if mode == "payment" and any(recurring):
            raise invalid(
                "You specified `payment` mode but passed a recurring price.", "mode"
            )
        if mode == "subscription" and not any(recurring):
            raise invalid(
                "You must provide at least one recurring price in `subscription` mode.",
                "mode",
            )
        if len({price["currency"] for price in prices}) > 1:
            raise invalid("All prices must have the same currency.", "line_items")

    def _line(self, price: Json, quantity: int, *, taxed: bool) -> Json:
        custom = price["custom_unit_amount"] or {}
        unit = price["unit_amount"]
        if unit is None:
            unit = custom.get("preset") or custom.get("minimum") or 0
        amount, percent = unit * quantity, self._books.settings.tax_percent
        tax, total = tax_on(amount, percent, price["tax_behavior"])
        return self._books.make(
            "item",
            amount_subtotal=amount,
            amount_tax=tax if taxed else 0,
            amount_total=total if taxed else amount,
            currency=price["currency"],
            description=self._books.get("product", price["product"])["name"],
            discounts=[],
            metadata={},
            price=price,
            quantity=quantity,
            taxes=[],
        )
