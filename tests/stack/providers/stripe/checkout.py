"""What happens at a session's page: somebody pays, at once or in days, or cannot."""

from typing import Any, Literal

from tests.stack.providers.stripe.books import Books
from tests.stack.providers.stripe.customers import Customers
from tests.stack.providers.stripe.errors import invalid
from tests.stack.providers.stripe.payments import Payments
from tests.stack.providers.stripe.sessions import Sessions
from tests.stack.providers.stripe.subscriptions import Subscriptions

type Json = dict[str, Any]
type Outcome = Literal[
    "paid", "declined", "unpaid", "unpaid_then_paid", "unpaid_then_failed"
]

_EMAIL = "fan@example.com"


class Checkout:
    """The payer's part."""

    def __init__(
        self,
        books: Books,
        sessions: Sessions,
        customers: Customers,
        payments: Payments,
        subscriptions: Subscriptions,
    ) -> None:
        self._books = books
        self._sessions = sessions
        self._customers = customers
        self._payments = payments
        self._subscriptions = subscriptions

    def pay(
        self, id_: str, outcome: Outcome = "paid", *, email: str | None = None
    ) -> Json:
        """Let somebody try to pay an open session.

        Raises:
            StripeError: It is not open any more.
        """
        session = self._sessions.open(id_)
        mark = len(self._books.log)
        intent = self._begun(session, email)
        if outcome == "declined":
            self._decline(session, intent)
            return session
        if outcome == "paid" or intent is None:
            self._paid(session, intent)
            status = "paid" if intent else "no_payment_required"
            self._complete(session, status, mark)
            return session
        self._subscriptions.promise(session)
        self._payments.process(intent)
        self._complete(session, "unpaid", mark)
        if outcome != "unpaid":
            self.settle(id_, is_paid=outcome == "unpaid_then_paid")
        return session

    def settle(self, id_: str, *, is_paid: bool) -> Json:
        """End a payment that took days.

        Raises:
            StripeError: None is under way.
        """
        session = self._books.get("checkout.session", id_)
        intent = self._intent_of(session)
        if intent is None or intent["status"] != "processing":
            raise invalid("No payment of this session is under way.")
        if is_paid:
            self._paid(session, intent)
            session["payment_status"] = "paid"
            event = "checkout.session.async_payment_succeeded"
        else:
            self._decline(session, intent)
            event = "checkout.session.async_payment_failed"
        self._books.tell(event, session)
        return session

    def _begun(self, session: Json, email: str | None) -> Json | None:
        """Return the payment that is to be made, none where nothing is due."""
        customer = self._customer(session, email)
        session["customer"] = customer["id"] if customer else None
        session["customer_details"] = self._details(session, customer, email)
        order = self._sessions.orders[session["id"]]
        if session["mode"] == "subscription":
            return self._subscriptions.begin(session, order)
        intent = self._intent_of(session)
        if intent is not None or not session["amount_total"]:
            return intent
        intent = self._payments.intend(
            session["amount_total"],
            session["currency"],
            customer=session["customer"],
            description=order.get("description"),
            metadata=dict(order["metadata"]),
        )
        session["payment_intent"] = intent["id"]
        self._books.attach(session, "payment_intent", intent["id"])
        return intent

    def _intent_of(self, session: Json) -> Json | None:
        if session["mode"] == "subscription":
            return self._subscriptions.first_payment(session)
        return self._books.find(session["payment_intent"])

    def _paid(self, session: Json, intent: Json | None) -> None:
        if session["mode"] == "subscription":
            self._subscriptions.confirm(session)
        elif intent is not None:
            self._payments.succeed(intent)

    def _decline(self, session: Json, intent: Json | None) -> None:
        if intent is None:
            raise invalid("Nothing is to be paid here.")
        if session["mode"] == "subscription":
            self._subscriptions.refuse(session)
        else:
            self._payments.decline(intent)

    def _complete(self, session: Json, payment_status: str, mark: int) -> None:
        session |= {
            "status": "complete",
            "payment_status": payment_status,
            "url": None,
        }
        self._books.tell("checkout.session.completed", session)
        if self._books.settings.completed == "first":
            self._books.log.put_last_first(mark)

    def _customer(self, session: Json, email: str | None) -> Json | None:
        """Return who pays: whom we named, or somebody new if one is needed."""
        if session["customer"] is not None:
            return self._books.find(session["customer"])
        is_wanted = session["customer_creation"] == "always"
        if session["mode"] == "payment" and not is_wanted:
            return None
        address = session["customer_email"] or email or _EMAIL
        customer = self._customers.make(email=address, metadata={})
        self._books.attach(session, "customer", customer["id"])
        return customer

    def _details(self, session: Json, customer: Json | None, email: str | None) -> Json:
        """Return what the payer says at the page."""
        known = customer or {}
        nowhere = dict.fromkeys(("city", "line1", "line2", "postal_code", "state"))
        address = known.get("address") or {}
        country = {"country": self._books.settings.country}
        return {
            "address": nowhere | country | address,
            "business_name": None,
            "email": known.get("email") or session["customer_email"] or email or _EMAIL,
            "individual_name": None,
            "name": known.get("name"),
            "phone": known.get("phone"),
            "tax_exempt": "none",
            "tax_ids": [],
        }
