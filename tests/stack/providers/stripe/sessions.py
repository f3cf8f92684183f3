"""Checkout sessions, until somebody pays."""

from typing import Any

from tests.stack.providers.stripe.books import Books
from tests.stack.providers.stripe.commands import Asked, Command, merged, retrieval
from tests.stack.providers.stripe.errors import invalid
from tests.stack.providers.stripe.lists import listing, page
from tests.stack.providers.stripe.money import LEAST, MOST
from tests.stack.providers.stripe.sales import Sales

type Json = dict[str, Any]

_SHORTEST_S, _LONGEST_S, _SLACK_S = 30 * 60, 24 * 3600, 60
_KEPT = (
    "allow_promotion_codes",
    "allowed_payment_method_types",
    "billing_address_collection",
    "cancel_url",
    "client_reference_id",
    "consent_collection",
    "customer",
    "customer_creation",
    "customer_email",
    "excluded_payment_method_types",
    "locale",
    "payment_method_collection",
    "submit_type",
    "success_url",
)
_ORDERED = ("automatic_tax", "expires_at", "line_items", "mode", "ui_mode")
_DATA = {"payment": "payment_intent_data", "subscription": "subscription_data"}
_DATA_KNOWN = {
    "payment": {"description", "metadata"},
    "subscription": {"description", "metadata", "trial_period_days"},
}


class Sessions:
    """All sessions."""

    def __init__(self, books: Books, sales: Sales) -> None:
        self._books = books
        self._sales = sales
        self.orders: dict[str, Json] = {}
        """What each session was asked to pass on to what becomes of it."""

    def commands(self) -> list[Command]:
        """Return the calls about sessions."""
        path, name, kind = "checkout/sessions", "checkout.sessions", "checkout.Session"
        one, books = f"/v1/{path}/{{id}}", self._books
        listed = listing(
            books, "checkout.session", path, f"{kind}ListParams",
            "customer", "payment_intent", "subscription", "status", "created",
        )  # fmt: skip
        return [
            Command(f"{name}.create", "POST", f"/v1/{path}", f"{kind}CreateParams",
                    self.create),
            retrieval(books, "checkout.session", path, name, f"{kind}RetrieveParams"),
            Command(f"{name}.line_items", "GET", f"{one}/line_items",
                    f"{kind}ListLineItemsParams", self.line_items),
            Command(f"{name}.expire", "POST", f"{one}/expire", f"{kind}ExpireParams",
                    lambda asked: self.expire(asked.id)),
            Command(f"{name}.list", "GET", listed.path, listed.params, listed.act),
        ]  # fmt: skip

    def create(self, asked: Asked) -> Json:
        """Open a session whose page somebody may pay at."""
        mode = asked.params.get("mode")
        if mode not in _DATA:
            raise invalid("The stand-in has payment and subscription only.", "mode")
        said = asked.only(*_KEPT, *_ORDERED, *_DATA.values())
        order = self._order(said, mode)
        self._is_paid_by_somebody(said)
        self._has_pages(said)
        taxed = said.get("automatic_tax", {}).get("enabled", False)
        expires_at = self._expiry(said.get("expires_at"))
        lines = self._sales.lines(said.get("line_items", []), mode, taxed=taxed)
        sums = _sums(lines, is_trial="trial_period_days" in order)
        _is_chargeable(sums["amount_total"], lines[0]["currency"])
        session = self._books.new(
            "checkout.session",
            **{name: said[name] for name in _KEPT if name in said},
            **sums,
            automatic_tax=_tax(is_enabled=taxed),
            currency=lines[0]["currency"],
            expires_at=expires_at,
            metadata=asked.metadata(),
            mode=mode,
            payment_method_types=["card"],
            payment_status="unpaid",
            status="open",
            ui_mode="hosted_page",
        )
        session["url"] = f"{self._books.origin}/pay/{session['id']}"
        self._books.lines[session["id"]] = lines
        self.orders[session["id"]] = order
        return session

    def line_items(self, asked: Asked) -> Json:
        """List what a session sells."""
        session = self._books.get("checkout.session", asked.id)
        url = f"/v1/checkout/sessions/{session['id']}/line_items"
        return page(self._books.lines[session["id"]], asked.params, url)

    def expire(self, id_: str) -> Json:
        """End an open session.

        Raises:
            StripeError: It is complete, or has expired.
        """
        session = self.open(id_, late=True)
        session |= {"status": "expired", "url": None}
        self._books.tell("checkout.session.expired", session)
        return session

    def open(self, id_: str, *, late: bool = False) -> Json:
        """Return a session that can still be paid, or ended, however late.

        Raises:
            StripeError: There is no such session, or it is over.
        """
        session = self._books.get("checkout.session", id_)
        is_late = session["expires_at"] <= self._books.now() and not late
        if session["status"] != "open" or is_late:
            state = "expired" if is_late else session["status"]
            raise invalid(
                'Only Checkout Sessions with a status in ["open"] can be expired or '
                f"paid. This Checkout Session has a status of {state}."
            )
        return session

    def _order(self, said: Json, mode: str) -> Json:
        for other in _DATA.keys() - {mode}:
            if _DATA[other] in said:
                raise invalid(
                    f"You can not pass `{_DATA[other]}` in `{mode}` mode.", _DATA[other]
                )
        order = dict(said.get(_DATA[mode], {}))
        unknown = order.keys() - _DATA_KNOWN[mode]
        if unknown:
            raise invalid(f"The stand-in has no {min(unknown)}.", _DATA[mode])
        if mode == "subscription" and "submit_type" in said:
            raise invalid("`submit_type` is for payments only.", "submit_type")
        if order.get("trial_period_days", 1) < 1:
            raise invalid("The minimum number of trial days is 1.", _DATA[mode])
        return order | {"metadata": merged({}, order.get("metadata", {}) or {})}

    def _is_paid_by_somebody(self, said: Json) -> None:
        if "customer" in said and "customer_email" in said:
            raise invalid(
                "You may only specify one of these parameters: customer, "
                "customer_email.",
                "customer",
            )
        if "customer" in said:
            customer = self._books.get("customer", said["customer"], param="customer")
            if customer.get("deleted"):
                raise invalid("This customer was deleted.", "customer",
                              "resource_missing")  # fmt: skip

    def _has_pages(self, said: Json) -> None:
        for name in ("success_url", "cancel_url"):
            url = said.get(name)
            if url is not None and not url.startswith(("http://", "https://")):
                raise invalid("Not a valid URL", name, "url_invalid")
        if "success_url" not in said:
            raise invalid("You must specify success_url.", "success_url",
                          "parameter_missing")  # fmt: skip

    def _expiry(self, wanted: int | None) -> int:
        now = self._books.now()
        if wanted is None:
            return now + _LONGEST_S
        if not _SHORTEST_S - _SLACK_S <= wanted - now <= _LONGEST_S + _SLACK_S:
            raise invalid(
                "The `expires_at` timestamp must be between 30 minutes and 24 hours "
                "from Checkout Session creation.",
                "expires_at",
            )
        return wanted


def _is_chargeable(total: int, currency: str) -> None:
    """Refuse what is too little or too much to be charged."""
    if 0 < total < LEAST.get(currency, 1):
        raise invalid(
            "The Checkout Session's total amount due must be more.",
            code="amount_too_small",
        )
    if total > MOST:
        raise invalid("The amount is too large.", code="amount_too_large")


def _sums(lines: list[Json], *, is_trial: bool) -> Json:
    """Return what is due today."""
    due = [line for line in lines if not (is_trial and line["price"]["recurring"])]
    return {
        "amount_subtotal": sum(line["amount_subtotal"] for line in due),
        "amount_total": sum(line["amount_total"] for line in due),
        "total_details": {
            "amount_discount": 0,
            "amount_shipping": 0,
            "amount_tax": sum(line["amount_tax"] for line in due),
        },
    }


def _tax(*, is_enabled: bool) -> Json:
    """Return how tax is found."""
    if not is_enabled:
        return {"enabled": False, "liability": None, "provider": None, "status": None}
    found = {"liability": {"type": "self"}, "provider": "stripe"}
    return {"enabled": True, "status": "complete", **found}
