"""The balance: what every movement of money leaves of it, and what that costs."""

from collections import Counter
from decimal import Decimal
from heapq import heappop, heappush
from typing import Any

from tests.stack.providers.stripe.books import Books
from tests.stack.providers.stripe.commands import Asked, Command
from tests.stack.providers.stripe.lists import candidates, fits, page
from tests.stack.providers.stripe.money import digits, half_up, minor

type Json = dict[str, Any]

_BY = ("created", "currency", "source", "type")


class Balance:
    """All balance transactions."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._pending: list[tuple[int, str]] = []

    def commands(self) -> list[Command]:
        """Return the calls about the balance."""
        of = "/v1/balance_transactions"
        kind = "BalanceTransaction"
        return [
            Command("balance.get", "GET", "/v1/balance", "BalanceRetrieveParams",
                    lambda _: self.shown()),
            Command("balance_transactions.get", "GET", f"{of}/{{id}}",
                    f"{kind}RetrieveParams", self.get),
            Command("balance_transactions.list", "GET", of, f"{kind}ListParams",
                    self.listed),
        ]  # fmt: skip

    def charged(self, charge: Json) -> Json:
        """Book what a charge brings, and what Stripe takes of it."""
        settings = self._books.settings
        amount, _, _ = self._settled(charge["amount"], charge["currency"])
        fee = half_up(amount * settings.fee_percent / 100) + settings.fee_fixed
        return self.book(charge, "charge", "charge", charge["amount"], fee=fee)

    def disputed(self, dispute: Json, *, is_won: bool = False) -> Json:
        """Book what a dispute takes, or gives back when it is won."""
        settings = self._books.settings
        _, currency, _ = self._settled(0, dispute["currency"])
        fee = minor(settings.dispute_fee, currency)
        amount = dispute["amount"] if is_won else -dispute["amount"]
        if is_won:
            fee = -fee if settings.dispute_fee_returned else 0
        category = "dispute_reversal" if is_won else "dispute"
        return self.book(dispute, "adjustment", category, amount, fee=fee)

    def book(  # noqa: PLR0913 - a movement is that much
        self,
        source: Json,
        kind: str,
        category: str,
        amount: int,
        *,
        fee: int = 0,
        is_settled: bool = False,
    ) -> Json:
        """Book a movement; the amount is in the source's currency unless settled."""
        at = self._books.now()
        currency, rate = source["currency"], None
        if not is_settled:
            amount, currency, rate = self._settled(amount, currency)
        wait_s = self._books.settings.available_after_s if kind != "payout" else 0
        booked = self._books.new(
            "balance_transaction",
            amount=amount,
            available_on=at + wait_s,
            balance_type="payments",
            currency=currency,
            exchange_rate=None if rate is None else float(rate),
            fee=fee,
            fee_details=_details(fee, currency),
            net=amount - fee,
            reporting_category=category,
            source=source["id"],
            status="pending" if wait_s else "available",
            type=kind,
        )
        if wait_s:
            heappush(self._pending, (booked["available_on"], booked["id"]))
        return booked

    def ripen(self) -> None:
        """Let what has been pending for long enough be available."""
        now = self._books.now()
        while self._pending and self._pending[0][0] <= now:
            _, id_ = heappop(self._pending)
            self._books.get("balance_transaction", id_)["status"] = "available"

    def transactions(self) -> list[Json]:
        """Return all movements, oldest first, each pending or available by now."""
        self.ripen()
        return self._books.all("balance_transaction")

    def unpaid(self, currency: str) -> list[Json]:
        """Return what is available and in no payout yet."""
        return [
            each
            for each in self.transactions()
            if each["currency"] == currency
            and each["status"] == "available"
            and each["id"] not in self._books.paid_out
        ]

    def available(self, currency: str) -> int:
        """Return how much could be paid out."""
        return sum(
            each["net"]
            for each in self.transactions()
            if each["currency"] == currency and each["status"] == "available"
        )

    def shown(self) -> Json:
        """Return the balance by currencies."""
        sums = {"available": Counter[str](), "pending": Counter[str]()}
        for each in self.transactions():
            sums[each["status"]][each["currency"]] += each["net"]
            sums["available"][each["currency"]] += 0
        shown = {
            name: [
                {
                    "amount": amount,
                    "currency": currency,
                    "source_types": {"card": amount},
                }
                for currency, amount in sorted(by_currency.items())
            ]
            for name, by_currency in sums.items()
        }
        return {"object": "balance", "livemode": False, "connect_reserved": []} | shown

    def get(self, asked: Asked) -> Json:
        """Show one movement."""
        return self._books.get("balance_transaction", asked.id)

    def listed(self, asked: Asked) -> Json:
        """List movements, all or those of a payout."""
        asked.only(*_BY, "payout", "limit", "starting_after", "ending_before")
        params = dict(asked.params)
        payout = params.pop("payout", None)
        found = candidates(self._books, "balance_transaction", params, ["source"])
        if payout is not None:
            self._books.get("payout", payout, param="payout")
            of = self._books.paid_out
            found = [each for each in found if of.get(each["id"]) == payout]
        matching = [each for each in found if fits(each, params)]
        return page(matching, params, "/v1/balance_transactions")

    def _settled(self, amount: int, currency: str) -> tuple[int, str, Decimal | None]:
        """Return an amount in the currency it settles in, and the rate if another."""
        to = self._books.settings.settlement_currency or currency
        if to == currency:
            return amount, currency, None
        rate = self._books.settings.exchange_rates.get(currency, Decimal(1))
        shift = digits(to) - digits(currency)
        return half_up((amount * rate).scaleb(shift)), to, rate


def _details(fee: int, currency: str) -> list[Json]:
    if not fee:
        return []
    told = {"type": "stripe_fee", "description": "Stripe processing fees"}
    return [told | {"amount": fee, "currency": currency, "application": None}]
