"""Stripe's objects, as far as we read them, at the version that the SDK is pinned to.

Field names are Stripe's (docs.stripe.com/api). Enums are open, so words are read as
text and understood by whoever acts on them.
"""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field


def _id_of(told: object) -> object:
    """Return the id of what may have been expanded into the whole object."""
    return told.get("id") if isinstance(told, dict) else told


def _whole(told: object) -> object:
    """Return an object that was expanded; None for its mere id."""
    return told if isinstance(told, dict) else None


def _rows_of(told: object) -> object:
    """Return the rows of a list object; none where it was not sent."""
    return told.get("data", []) if isinstance(told, dict) else told or []


def _instant(told: object) -> object:
    try:
        return datetime.fromtimestamp(told, UTC) if type(told) is int else told
    except (OverflowError, OSError) as error:
        message = "no time that we could write down"
        raise ValueError(message) from error


Id = Annotated[str, Field(min_length=1, max_length=255)]
Ref = Annotated[Id | None, BeforeValidator(_id_of)]
"""Another object's id, whether or not that object was expanded."""
Instant = Annotated[datetime, BeforeValidator(_instant)]
Metadata = dict[str, str]


class Named(BaseModel):
    """An object that we only want to know by its id."""

    id: Id


class Deleted(Named):
    """What may have been deleted."""

    deleted: bool = False


class BalanceTransaction(Named):
    """A movement of the account's balance; all money comes from here."""

    amount: int
    """In minor units of ``currency``, which is the one that is settled in."""
    fee: int
    net: int
    currency: str
    type: str
    reporting_category: str = ""
    source: Ref = None
    created: Instant
    available_on: Instant | None = None
    description: str | None = None


class Charge(Named):
    """A card that was charged."""

    amount: int
    currency: str
    status: str
    paid: bool = False
    payment_intent: Ref = None
    customer: Ref = None
    balance_transaction: BalanceTransaction | Id | None = None
    receipt_url: str | None = None
    failure_code: str | None = None
    metadata: Metadata = Field(default_factory=dict)

    @property
    def settled(self) -> BalanceTransaction | None:
        """Its balance transaction, if there is one yet and it was expanded."""
        row = self.balance_transaction
        return row if isinstance(row, BalanceTransaction) else None


class LastError(BaseModel):
    """Why a payment has not succeeded."""

    code: str | None = None
    decline_code: str | None = None


class PaymentIntent(Named):
    """A payment, over all its attempts; ``latest_charge`` is the one that counts."""

    amount: int
    amount_received: int = 0
    currency: str
    status: str
    customer: Ref = None
    latest_charge: Charge | Id | None = None
    last_payment_error: LastError | None = None
    metadata: Metadata = Field(default_factory=dict)
    created: Instant

    @property
    def charge(self) -> Charge | None:
        """Its last charge, if it was expanded."""
        return self.latest_charge if isinstance(self.latest_charge, Charge) else None


Intent = Annotated[
    PaymentIntent | None,
    BeforeValidator(_whole),
    Field(validation_alias="payment_intent"),
]
"""The payment that an object is about, if it was expanded."""


class TotalDetails(BaseModel):
    """What makes a session's total differ from its subtotal."""

    amount_discount: int = 0
    amount_tax: int = 0
    amount_shipping: int | None = 0


class CheckoutSession(Named):
    """A page on which a fan pays."""

    mode: str
    status: str | None = None
    payment_status: str
    url: str | None = None
    customer: Ref = None
    payment_intent: PaymentIntent | Id | None = None
    subscription: Ref = None
    invoice: Ref = None
    amount_subtotal: int | None = None
    amount_total: int | None = None
    currency: str | None = None
    total_details: TotalDetails | None = None
    metadata: Metadata | None = None
    client_reference_id: str | None = None
    expires_at: Instant
    created: Instant


class Price(Named):
    """A price, as far as lines tell of it."""

    product: Ref = None
    unit_amount: int | None = None
    currency: str
    active: bool = True
    lookup_key: str | None = None


class Product(Named):
    """A product, as Stripe mirrors ours."""

    active: bool = True
    name: str = ""
    metadata: Metadata = Field(default_factory=dict)


class SubscriptionItem(Named):
    """What is subscribed to; since basil, periods are its."""

    price: Price
    quantity: int = 1
    current_period_start: Instant
    current_period_end: Instant


class CancellationDetails(BaseModel):
    """Why a subscription ends."""

    reason: str | None = None
    feedback: str | None = None
    comment: str | None = None


class Subscription(Named):
    """A subscription."""

    status: str
    customer: Ref
    items: Annotated[list[SubscriptionItem], BeforeValidator(_rows_of)]
    cancel_at_period_end: bool = False
    cancel_at: Instant | None = None
    canceled_at: Instant | None = None
    ended_at: Instant | None = None
    trial_end: Instant | None = None
    cancellation_details: CancellationDetails | None = None
    latest_invoice: Ref = None
    metadata: Metadata = Field(default_factory=dict)
    created: Instant


class SubscriptionDetails(BaseModel):
    """Which subscription an invoice is of."""

    subscription: Ref = None
    metadata: Metadata | None = None
    """As it was when the invoice was made."""


class InvoiceParent(BaseModel):
    """What an invoice is of."""

    type: str
    subscription_details: SubscriptionDetails | None = None


class PriceDetails(BaseModel):
    """Which price a line is of."""

    price: Ref = None
    product: Ref = None


class Pricing(BaseModel):
    """How a line's amount came about."""

    price_details: PriceDetails | None = None


class InvoiceLine(Named):
    """A line of an invoice."""

    amount: int
    quantity: int | None = 1
    description: str | None = None
    pricing: Pricing | None = None


class Tax(BaseModel):
    """A tax on an invoice."""

    amount: int
    tax_behavior: str = "exclusive"


class StatusTransitions(BaseModel):
    """When an invoice became what it is."""

    finalized_at: Instant | None = None
    paid_at: Instant | None = None


class PaidWith(BaseModel):
    """What an invoice's payment was made with."""

    type: str
    payment_intent: Ref = None
    charge: Ref = None


class InvoicePayment(Named):
    """What couples an invoice and a payment intent since basil."""

    invoice: Ref
    status: str
    payment: PaidWith


class Discount(BaseModel):
    """A discount on an invoice."""

    amount: int


class Invoice(BaseModel):
    """An invoice; an upcoming one has no id."""

    id: Id | None = None
    status: str | None = None
    billing_reason: str | None = None
    customer: Ref = None
    currency: str
    subtotal: int
    total: int
    amount_due: int = 0
    amount_paid: int = 0
    amount_remaining: int = 0
    total_taxes: list[Tax] | None = None
    total_discount_amounts: list[Discount] | None = None
    parent: InvoiceParent | None = None
    lines: Annotated[list[InvoiceLine], BeforeValidator(_rows_of)] = []
    payments: Annotated[list[InvoicePayment], BeforeValidator(_rows_of)] = []
    status_transitions: StatusTransitions | None = None
    attempt_count: int = 0
    next_payment_attempt: Instant | None = None
    hosted_invoice_url: str | None = None
    period_end: Instant | None = None
    created: Instant

    @property
    def subscription(self) -> str | None:
        """The id of the subscription that it is of."""
        details = self.parent.subscription_details if self.parent else None
        return details.subscription if details else None

    @property
    def metadata_of_subscription(self) -> Metadata:
        """What its subscription carried when the invoice was made."""
        details = self.parent.subscription_details if self.parent else None
        return (details.metadata if details else None) or {}


class PaymentOfInvoice(Named):
    """A payment of an invoice, with that invoice."""

    invoice: Invoice


class Refund(Named):
    """Money on its way back; read with both balance transactions."""

    amount: int
    currency: str
    status: str | None = None
    reason: str | None = None
    failure_reason: str | None = None
    charge: Ref = None
    payment_intent: Ref = None
    intent: Intent = None
    balance_transaction: BalanceTransaction | Id | None = None
    failure_balance_transaction: BalanceTransaction | Id | None = None
    metadata: Metadata | None = None
    created: Instant


class EvidenceDetails(BaseModel):
    """By when evidence is wanted."""

    due_by: Instant | None = None
    has_evidence: bool = False
    past_due: bool = False
    submission_count: int = 0


class Dispute(Named):
    """A payment that its payer takes back."""

    amount: int
    currency: str
    status: str
    reason: str | None = None
    charge: Ref = None
    payment_intent: Ref = None
    intent: Intent = None
    balance_transactions: list[BalanceTransaction] = []
    evidence_details: EvidenceDetails | None = None
    created: Instant


class FraudWarning(Named):
    """A network's suspicion, before any dispute."""

    charge: Ref
    payment_intent: Ref = None
    intent: Intent = None
    actionable: bool = False
    fraud_type: str | None = None
    created: Instant


class Payout(Named):
    """Money on its way to the bank."""

    amount: int
    currency: str
    status: str
    automatic: bool = True
    arrival_date: Instant | None = None
    balance_transaction: BalanceTransaction | Id | None = None
    failure_balance_transaction: BalanceTransaction | Id | None = None
    failure_code: str | None = None
    reconciliation_status: str | None = None
    created: Instant


class PortalSession(Named):
    """A page on which a customer looks after what they pay."""

    url: str


class EventData(BaseModel):
    """What an event is about."""

    object: dict[str, Any]
    previous_attributes: dict[str, Any] | None = None


class Event(Named):
    """Something that happened to an object, as the object was then."""

    type: Annotated[str, Field(min_length=1, max_length=120)]
    created: Instant
    api_version: str | None = None
    livemode: bool
    data: EventData


class Page[Item: BaseModel](BaseModel):
    """A page of a list."""

    data: list[Item]
    has_more: bool = False
