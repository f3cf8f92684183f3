"""What a test can have others do, one class for each order."""

from abc import ABC, abstractmethod
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from tests.stack.providers.stripe.checkout import Outcome
from tests.stack.providers.stripe.engine import StripeEngine
from tests.stack.providers.stripe.renewals import Renewal
from tests.stack.providers.stripe.subscriptions import Status

type Json = dict[str, Any]


class Order(BaseModel, ABC):
    """Something to be done; the answer is the object it was done to."""

    model_config = ConfigDict(extra="forbid")

    @abstractmethod
    def give(self, engine: StripeEngine) -> Json:
        """Have it done."""


class Call(Order):
    """Our own code asks, without the wire."""

    name: str
    id: str = ""
    params: dict[str, Any] = Field(default_factory=dict)

    def give(self, engine: StripeEngine) -> Json:
        return engine.call(self.name, self.id, **self.params)


class Pay(Order):
    """Somebody pays a session at its page."""

    session: str
    outcome: Outcome = "paid"
    email: str | None = None

    def give(self, engine: StripeEngine) -> Json:
        return engine.pay(self.session, self.outcome, email=self.email)


class Settle(Order):
    """A payment that took days ends."""

    session: str
    is_paid: bool = True

    def give(self, engine: StripeEngine) -> Json:
        return engine.settle(self.session, is_paid=self.is_paid)


class Expire(Order):
    """A session's time is over."""

    session: str

    def give(self, engine: StripeEngine) -> Json:
        return engine.sessions.expire(self.session)


class Book(Order):
    """A charge gets its balance transaction, where that is by order."""

    charge: str

    def give(self, engine: StripeEngine) -> Json:
        return engine.payments.book(engine.books.get("charge", self.charge))


class Refund(Order):
    """Somebody gives money back in the Dashboard."""

    charge: str | None = None
    payment_intent: str | None = None
    amount: int | None = None
    reason: str | None = None

    def give(self, engine: StripeEngine) -> Json:
        said = self.model_dump(exclude_none=True)
        return engine.call("refunds.create", **said)


class RefundOutcome(Order):
    """A refund arrives, or comes back."""

    refund: str
    outcome: Literal["succeeded", "failed"]

    def give(self, engine: StripeEngine) -> Json:
        return engine.refunds.end(self.refund, is_good=self.outcome == "succeeded")


class Dispute(Order):
    """A payer has the bank take a charge back."""

    charge: str
    amount: int | None = None
    reason: str = "fraudulent"
    is_inquiry: bool = False

    def give(self, engine: StripeEngine) -> Json:
        return engine.disputes.open(
            self.charge, self.amount, reason=self.reason, is_inquiry=self.is_inquiry
        )


class DisputeOutcome(Order):
    """The bank decides."""

    dispute: str
    outcome: Literal["won", "lost"]

    def give(self, engine: StripeEngine) -> Json:
        return engine.disputes.end(self.dispute, is_won=self.outcome == "won")


class FraudWarning(Order):
    """A card's network has doubts."""

    charge: str
    fraud_type: str = "made_with_stolen_card"

    def give(self, engine: StripeEngine) -> Json:
        return engine.disputes.warn(self.charge, self.fraud_type)


class Payout(Order):
    """All that is available goes to our bank."""

    currency: str

    def give(self, engine: StripeEngine) -> Json:
        return engine.payouts.pay(self.currency)


class PayoutOutcome(Order):
    """A payout arrives, or comes back, even after it arrived."""

    payout: str
    outcome: Literal["paid", "failed"]

    def give(self, engine: StripeEngine) -> Json:
        return engine.payouts.end(self.payout, is_good=self.outcome == "paid")


class Renew(Order):
    """A period, or a trial, is over."""

    subscription: str
    outcome: Renewal = "paid"

    def give(self, engine: StripeEngine) -> Json:
        return engine.renew(self.subscription, self.outcome)


class Retry(Order):
    """An open invoice is tried again; ``final`` fails for good."""

    invoice: str
    outcome: Literal["paid", "failed", "final"] = "paid"

    def give(self, engine: StripeEngine) -> Json:
        return engine.renewals.retry(self.invoice, self.outcome)


class SetStatus(Order):
    """Stripe decides how a subscription is."""

    subscription: str
    status: Status

    def give(self, engine: StripeEngine) -> Json:
        return engine.subscriptions.set_status(self.subscription, self.status)


class TrialWillEnd(Order):
    """A trial has three days left."""

    subscription: str

    def give(self, engine: StripeEngine) -> Json:
        return engine.renewals.trial_will_end(self.subscription)


class DeleteCustomer(Order):
    """Somebody deletes a customer in the Dashboard."""

    customer: str

    def give(self, engine: StripeEngine) -> Json:
        return engine.delete_customer(self.customer)


ORDERS: dict[str, type[Order]] = {
    "call": Call,
    "pay": Pay,
    "settle": Settle,
    "expire": Expire,
    "book": Book,
    "refund": Refund,
    "refund_outcome": RefundOutcome,
    "dispute": Dispute,
    "dispute_outcome": DisputeOutcome,
    "fraud_warning": FraudWarning,
    "payout": Payout,
    "payout_outcome": PayoutOutcome,
    "renew": Renew,
    "retry": Retry,
    "subscription_status": SetStatus,
    "trial_will_end": TrialWillEnd,
    "delete_customer": DeleteCustomer,
}
