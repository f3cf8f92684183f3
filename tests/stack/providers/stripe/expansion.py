"""Expanded answers: ids become what they stand for, and lists on demand appear."""

import json
from collections.abc import Callable
from typing import Any

from tests.stack.providers.stripe.books import Books
from tests.stack.providers.stripe.errors import invalid
from tests.stack.providers.stripe.lists import whole

type Json = dict[str, Any]

_DEEPEST = 4


class Expansion:
    """Shows objects in full."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._on_demand: dict[tuple[str, str], Callable[[Json], Json]] = {
            ("charge", "refunds"): self._refunds,
            ("checkout.session", "line_items"): self._line_items,
            ("customer", "subscriptions"): self._subscriptions,
            ("invoice", "payments"): self._payments,
        }

    def shown(self, answer: Json, paths: list[str]) -> Json:
        """Return a copy of an answer with what the paths name expanded.

        Raises:
            StripeError: A path leads nowhere, or too deep.
        """
        copy: Json = json.loads(json.dumps(answer))
        for path in paths:
            steps = path.split(".")
            if len(steps) - (steps[0] == "data") > _DEEPEST:
                raise invalid(f"You cannot expand more than 4 levels: {path}", "expand")
            self._expand(copy, steps, path)
        return copy

    def _expand(self, obj: Json, steps: list[str], path: str) -> None:
        field, *rest = steps
        on_demand = self._on_demand.get((obj.get("object", ""), field))
        if on_demand is not None and field not in obj:
            obj[field] = json.loads(json.dumps(on_demand(obj)))
        if field not in obj:
            raise invalid(f"This property cannot be expanded ({path}).", "expand")
        value = obj[field] = self._found(obj[field], path)
        for each in value if isinstance(value, list) else [value]:
            if rest and isinstance(each, dict):
                self._expand(each, rest, path)

    def _found(self, value: object, path: str) -> object:
        """Return what an id stands for; what is there already stays."""
        if not isinstance(value, str):
            return value
        found = self._books.find(value)
        if found is None:
            raise invalid(f"This property cannot be expanded ({path}).", "expand")
        return json.loads(json.dumps(found))

    def _refunds(self, charge: Json) -> Json:
        found = self._books.of("refund", "charge", charge["id"])[::-1]
        return whole(found, f"/v1/charges/{charge['id']}/refunds")

    def _line_items(self, session: Json) -> Json:
        url = f"/v1/checkout/sessions/{session['id']}/line_items"
        return whole(self._books.lines[session["id"]], url)

    def _subscriptions(self, customer: Json) -> Json:
        found = self._books.of("subscription", "customer", customer["id"])[::-1]
        alive = [each for each in found if each["status"] != "canceled"]
        return whole(alive, f"/v1/customers/{customer['id']}/subscriptions")

    def _payments(self, invoice: Json) -> Json:
        found = self._books.of("invoice_payment", "invoice", invoice["id"])
        return whole(found, "/v1/invoice_payments")
