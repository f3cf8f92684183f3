"""What a test may turn on Stripe's stand-in while it runs."""

from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class StripeSettings(BaseModel):
    """How Stripe behaves when nothing is scripted to go wrong."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    webhook_url: str | None = None
    """Where events are sent; null for nowhere."""
    order: Literal["in_order", "shuffled", "at_once"] = "in_order"
    """How the events of one act leave; retries wait for nobody in any case."""
    completed: Literal["first", "last"] = "last"
    """Where ``checkout.session.completed`` stands among its act; both were seen."""
    attempts: int = Field(default=4, ge=1, le=20)
    """How often a delivery is tried at most; a sandbox retries three times."""

    fee_percent: Decimal = Field(default=Decimal("2.9"), ge=0, le=100)
    fee_fixed: int = Field(default=30, ge=0)
    """In minor units of whatever the charge settles in."""
    dispute_fee: Decimal = Field(default=Decimal(15), ge=0)
    """In whole units of the settlement currency."""
    dispute_fee_returned: bool = False
    """Whether a dispute that is won gives its fee back."""
    settlement_currency: str | None = None
    """What all balances are kept in; null for whatever was paid in."""
    exchange_rates: dict[str, Decimal] = Field(default_factory=dict)
    """What one unit of a currency is worth in the settlement currency; else 1."""
    available_after_s: int = Field(default=0, ge=0)
    """How long money is pending."""
    balance: Literal["at_once", "after", "by_order"] = "at_once"
    """When a charge has its balance transaction.

    ``after``: null at ``charge.succeeded``, told by ``charge.updated`` of the same act;
    ``by_order``: null until the control door books it.
    """

    tax_percent: Decimal = Field(default=Decimal(0), ge=0, le=100)
    """What automatic tax finds, where it is enabled."""
    country: str = "DE"
    """Where payers say they live."""
    cards: Literal["good", "declined"] = "good"
    """What becomes of payments nobody attends: of changed plans."""
    refunds: Literal["succeeded", "pending"] = "succeeded"
    """What a refund is at first."""
    payouts: Literal["in_transit", "paid"] = "in_transit"
    """What a payout is at first."""
    final_failure: Literal["cancel", "unpaid", "past_due"] = "cancel"
    """What becomes of a subscription after the last failed attempt."""
    retry_after_s: int = Field(default=259_200, ge=1)
    """When a failed invoice is tried again."""
