"""Lines of invoices: a period of a subscription, or what of one is left to settle."""

from decimal import Decimal
from typing import Any

from tests.stack.providers.stripe.books import Books
from tests.stack.providers.stripe.money import half_up, shown, tax_on

type Json = dict[str, Any]


class InvoiceLines:
    """Makes the lines."""

    def __init__(self, books: Books) -> None:
        self._books = books

    def of_period(self, item: Json, start: int, end: int) -> Json:
        """Return the line of a whole period."""
        price, many = item["price"], item["quantity"]
        amount = (price["unit_amount"] or 0) * many
        name = self._books.get("product", price["product"])["name"]
        cost = shown(price["unit_amount"] or 0, price["currency"])
        said = f"{many} x {name} (at {cost} / {price['recurring']['interval']})"
        return self._line(item, amount, (start, end), said)

    def of_trial(self, item: Json, start: int, end: int) -> Json:
        """Return the line of a trial, which costs nothing."""
        name = self._books.get("product", item["price"]["product"])["name"]
        return self._line(item, 0, (start, end), f"Trial period for {name}")

    def of_rest(self, item: Json, at: int, *, is_credit: bool) -> Json:
        """Return what the rest of an item's period is worth, by seconds."""
        start, end = item["current_period_start"], item["current_period_end"]
        whole = (item["price"]["unit_amount"] or 0) * item["quantity"]
        part = Decimal(max(0, end - at)) / Decimal(end - start)
        amount = half_up(whole * part) * (-1 if is_credit else 1)
        name = self._books.get("product", item["price"]["product"])["name"]
        said = f"{'Unused' if is_credit else 'Remaining'} time on {name}"
        return self._line(item, amount, (at, end), said, is_proration=True)

    def of_sale(self, sold: Json, at: int) -> Json:
        """Return the line of something sold once beside a subscription."""
        line = self._plain(sold["price"], sold["quantity"], sold["amount_subtotal"])
        return line | {
            "description": sold["description"],
            "period": {"start": at, "end": at},
            "parent": {
                "type": "invoice_item_details",
                "invoice_item_details": {
                    "invoice_item": self._books.names.new("invoice_item"),
                    "proration": False,
                    "proration_details": None,
                    "subscription": None,
                },
                "subscription_item_details": None,
            },
        }

    def tax(self, line: Json) -> int:
        """Put the tax on a line, and return what it costs with it."""
        percent = self._books.settings.tax_percent
        price = self._books.get("price", line["pricing"]["price_details"]["price"])
        tax, total = tax_on(line["amount"], percent, price["tax_behavior"])
        behaviour = "inclusive" if total == line["amount"] and tax else "exclusive"
        line["taxes"] = [
            {
                "amount": tax,
                "tax_behavior": behaviour,
                "tax_rate_details": {"tax_rate": "txr_stand_in"},
                "taxability_reason": "standard_rated",
                "taxable_amount": total - tax,
                "type": "tax_rate_details",
            }
        ]
        return total

    def _line(
        self,
        item: Json,
        amount: int,
        period: tuple[int, int],
        said: str,
        *,
        is_proration: bool = False,
    ) -> Json:
        line = self._plain(item["price"], item["quantity"], amount)
        bill = self._books.names.new("invoice_item") if is_proration else None
        return line | {
            "description": said,
            "period": {"start": period[0], "end": period[1]},
            "subscription": item["subscription"],
            "parent": {
                "type": "subscription_item_details",
                "invoice_item_details": None,
                "subscription_item_details": {
                    "invoice_item": bill,
                    "proration": is_proration,
                    "proration_details": {"credited_items": None},
                    "subscription": item["subscription"],
                    "subscription_item": item["id"],
                },
            },
        }

    def _plain(self, price: Json, quantity: int, amount: int) -> Json:
        return self._books.make(
            "line_item",
            amount=amount,
            currency=price["currency"],
            discount_amounts=[],
            discountable=True,
            metadata={},
            pretax_credit_amounts=[],
            pricing={
                "type": "price_details",
                "price_details": {"price": price["id"], "product": price["product"]},
                "unit_amount_decimal": price["unit_amount_decimal"],
            },
            quantity=quantity,
            quantity_decimal=str(quantity),
            subtotal=amount,
            taxes=[],
        )
