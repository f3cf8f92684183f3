"""The billing portal, where payers end their memberships themselves."""

from typing import Any

from tests.stack.providers.stripe.books import Books
from tests.stack.providers.stripe.commands import Asked, Command

type Json = dict[str, Any]


class Portal:
    """The sessions of the portal."""

    def __init__(self, books: Books) -> None:
        self._books = books

    def commands(self) -> list[Command]:
        """Return the one call."""
        return [
            Command(
                "billing_portal.sessions.create",
                "POST",
                "/v1/billing_portal/sessions",
                "billing_portal.SessionCreateParams",
                self.create,
            )
        ]

    def create(self, asked: Asked) -> Json:
        """Let a customer in, by an address nobody else knows."""
        said = asked.only(
            "configuration", "customer", "flow_data", "locale", "return_url"
        )
        self._books.get("customer", said.get("customer", ""), param="customer")
        session = self._books.new(
            "billing_portal.session",
            configuration=said.get("configuration", "bpc_stand_in"),
            customer=said["customer"],
            flow=said.get("flow_data"),
            locale=said.get("locale"),
            return_url=said.get("return_url"),
        )
        session["url"] = f"{self._books.origin}/portal/{session['id']}"
        return session
