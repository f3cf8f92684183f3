"""Customers."""

from typing import Any

from tests.stack.providers.stripe.books import Books
from tests.stack.providers.stripe.commands import Asked, Command
from tests.stack.providers.stripe.lists import listing

type Json = dict[str, Any]

_SAID = (
    "address",
    "description",
    "email",
    "name",
    "phone",
    "preferred_locales",
    "tax_exempt",
)


class Customers:
    """Who pays."""

    def __init__(self, books: Books) -> None:
        self._books = books

    def commands(self) -> list[Command]:
        """Return the calls about customers."""
        one, kind = "/v1/customers/{id}", "Customer"
        create, update = f"{kind}CreateParams", f"{kind}UpdateParams"
        books = self._books
        return [
            Command("customers.create", "POST", "/v1/customers", create, self.create),
            Command("customers.get", "GET", one, f"{kind}RetrieveParams", self.get),
            Command("customers.update", "POST", one, update, self.update),
            listing(books, "customer", "customers", f"{kind}ListParams", "email"),
        ]

    def create(self, asked: Asked) -> Json:
        """Know somebody new."""
        return self.make(**asked.only(*_SAID), metadata=asked.metadata())

    def make(self, **fields: Any) -> Json:
        """Know somebody new, whoever says so."""
        standard = {
            "balance": 0,
            "delinquent": False,
            "invoice_prefix": self._books.names.new("customer")[-8:].upper(),
            "next_invoice_sequence": 1,
            "preferred_locales": [],
            "tax_exempt": "none",
        }
        customer = self._books.new("customer", **standard | fields)
        self._books.tell("customer.created", customer)
        return customer

    def get(self, asked: Asked) -> Json:
        """Show a customer, or that it was deleted."""
        return self._books.get("customer", asked.id)

    def update(self, asked: Asked) -> Json:
        """Change what is named."""
        customer = self._books.get("customer", asked.id)
        said = asked.only(*_SAID) | {"metadata": asked.metadata(customer["metadata"])}
        self._books.change(customer, "customer.updated", **said)
        return customer

    def delete(self, id_: str) -> Json:
        """Forget somebody whose subscriptions are over; the id stays taken."""
        customer = self._books.get("customer", id_)
        self._books.tell("customer.deleted", customer)
        customer.clear()
        customer.update(id=id_, object="customer", deleted=True)
        return customer
