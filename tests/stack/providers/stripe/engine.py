"""Stripe without HTTP: its calls, its payers, and what itself does to us.

``StripeEngine(seed="storm")`` makes a world in this process: ``call`` asks as our code
would, the other methods are everybody else's part, and ``books`` is the truth.
"""

from typing import Any

from tests.stack.providers.settings import Clock
from tests.stack.providers.stripe.balance import Balance
from tests.stack.providers.stripe.books import Books
from tests.stack.providers.stripe.catalogue import Catalogue
from tests.stack.providers.stripe.changes import Changes
from tests.stack.providers.stripe.checkout import Checkout
from tests.stack.providers.stripe.commands import Asked, Command, named
from tests.stack.providers.stripe.customers import Customers
from tests.stack.providers.stripe.disputes import Disputes
from tests.stack.providers.stripe.errors import missing, unknown_path
from tests.stack.providers.stripe.events_api import Events
from tests.stack.providers.stripe.expansion import Expansion
from tests.stack.providers.stripe.forms import encode
from tests.stack.providers.stripe.invoice_lines import InvoiceLines
from tests.stack.providers.stripe.invoices import Invoices
from tests.stack.providers.stripe.names import Names
from tests.stack.providers.stripe.parameters import checked
from tests.stack.providers.stripe.payments import Payments
from tests.stack.providers.stripe.payouts import Payouts
from tests.stack.providers.stripe.portal import Portal
from tests.stack.providers.stripe.refunds import Refunds
from tests.stack.providers.stripe.renewals import Renewals
from tests.stack.providers.stripe.sales import Sales
from tests.stack.providers.stripe.sessions import Sessions
from tests.stack.providers.stripe.settings import StripeSettings
from tests.stack.providers.stripe.subscriptions import OVER, Subscriptions

type Json = dict[str, Any]


class StripeEngine:
    """All there is to Stripe, but for the wire."""

    def __init__(
        self,
        *,
        settings: StripeSettings | None = None,
        clock: Clock | None = None,
        seed: str | None = None,
        origin: str = "https://stripe.invalid",
    ) -> None:
        self.books = books = Books(
            clock=clock or Clock(),
            settings=settings or StripeSettings(),
            names=Names(seed),
            origin=origin,
        )
        self.expansion = Expansion(books)
        self.log = Events(books)
        self.customers = Customers(books)
        self.catalogue = Catalogue(books)
        self.sessions = Sessions(books, Sales(books, self.catalogue))
        self.balance = Balance(books)
        self.payments = Payments(books, self.balance)
        self.refunds = Refunds(books, self.balance)
        self.disputes = Disputes(books, self.balance)
        self.payouts = Payouts(books, self.balance)
        lines = InvoiceLines(books)
        self.invoices = Invoices(books, self.payments, lines)
        self.subscriptions = Subscriptions(books, self.payments, self.invoices, lines)
        self.renewals = Renewals(books, self.subscriptions, self.invoices, lines)
        self.changes = Changes(
            books, self.subscriptions, self.renewals, self.invoices, lines
        )
        self.checkout = Checkout(
            books, self.sessions, self.customers, self.payments, self.subscriptions
        )
        self.commands: dict[str, Command] = named(
            command
            for part in (
                self.balance,
                self.catalogue,
                self.changes,
                self.customers,
                self.disputes,
                self.invoices,
                self.log,
                self.payments,
                self.payouts,
                self.refunds,
                Portal(books),
                self.sessions,
                self.subscriptions,
            )
            for command in part.commands()
        ) | named([self._deletion()])
        self.pay = self.checkout.pay
        self.settle = self.checkout.settle
        self.renew = self.renewals.renew

    @property
    def settings(self) -> StripeSettings:
        """Return how Stripe behaves."""
        return self.books.settings

    @settings.setter
    def settings(self, settings: StripeSettings) -> None:
        self.books.settings = settings

    def call(self, name: str, id_: str = "", /, **params: object) -> Json:
        """Ask as over the wire, and return the answer.

        Raises:
            StripeError: Stripe refuses.
        """
        command = self.commands.get(name)
        if command is None:
            raise unknown_path(name)
        return self.carry_out(command, id_, checked(command.params, encode(params)))

    def _deletion(self) -> Command:
        """Return the call that forgets a customer."""

        def act(asked: Asked) -> Json:
            if self.books.get("customer", asked.id).get("deleted"):
                raise missing("customer", asked.id)
            return self.delete_customer(asked.id)

        path, params = "/v1/customers/{id}", "CustomerDeleteParams"
        return Command("customers.delete", "DELETE", path, params, act)

    def delete_customer(self, id_: str) -> Json:
        """Forget a customer, as the Dashboard does, and end what they subscribed to."""
        for each in self.books.of("subscription", "customer", id_):
            if each["status"] not in OVER:
                self.subscriptions.end(each, "cancellation_requested")
        return self.customers.delete(id_)

    def carry_out(self, command: Command, id_: str, params: Json) -> Json:
        """Do what a call asks, with its parameters checked."""
        self.balance.ripen()
        answer = command.act(Asked(id_, params))
        return self.expansion.shown(answer, params.get("expand", []))

    def events(self, kind: str | None = None) -> list[Json]:
        """Return what has happened, oldest first."""
        return [e for e in self.books.log.since(0) if kind in {None, e["type"]}]
