"""What must be made of a market, by Stripe's own rows and by nothing of ours."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from vixenbliss.money import to_micros

type Json = dict[str, Any]
type See = Callable[[str], list[Json]]
"""Returns all that Stripe has of a kind, oldest first."""
type Books = Counter[tuple[str, str]]
"""Micros by account and currency; debits are positive."""


def books(see: See) -> Books:
    """Return what the books must say; no tax is charged."""
    wanted: Books = Counter()
    for row in see("balance_transaction"):
        for account, minor in _sides(row):
            wanted[account, row["currency"]] += to_micros(minor, row["currency"])
    return without_zeros(wanted)


def without_zeros(kept: Books) -> Books:
    """Return books without the accounts that nothing is on."""
    return Counter({key: micros for key, micros in kept.items() if micros})


def subscribed(see: See) -> set[str]:
    """Return who has a membership that is not over; after a failed payment, too."""
    return {it["customer"] for it in _living(see)}


def members(see: See) -> set[str]:
    """Return whose memberships are open.

    Not so where the running period's money has gone back, all of it or by a lost
    dispute: the subscription lives, and opens again with the next period (decision 29).
    """
    closed = _taken_back(see)
    return {it["customer"] for it in _living(see) if it["id"] not in closed}


def charged_for(see: See) -> dict[str, str]:
    """Return what was charged for the running periods of subscriptions."""
    charges = {it["payment_intent"]: it["id"] for it in see("charge") if it["paid"]}
    return {it: charges[paid_by] for it, paid_by in _paid_for(see)}


def _living(see: See) -> list[Json]:
    statuses = {"active", "trialing", "past_due"}
    return [it for it in see("subscription") if it["status"] in statuses]


def _taken_back(see: See) -> set[str]:
    """Return the subscriptions whose running period's money has gone back."""
    gone = _gone(see)
    return {it for it, paid_by in _paid_for(see) if paid_by in gone}


def _gone(see: See) -> set[str]:
    """Return the payments of which nothing is left to us."""
    lost = {it["payment_intent"] for it in see("dispute") if it["status"] == "lost"}
    return lost | {it["payment_intent"] for it in see("charge") if it["refunded"]}


def _paid_for(see: See) -> Iterable[tuple[str, str]]:
    """Yield subscriptions with the payments of their running periods."""
    known = {it["id"]: it for it in see("subscription")}
    invoices = {it["id"]: it for it in see("invoice") if it["status"] == "paid"}
    for owed in see("invoice_payment"):
        if owed["invoice"] in invoices:
            invoice = invoices[owed["invoice"]]
            id_ = invoice["parent"]["subscription_details"]["subscription"]
            (item,) = known[id_]["items"]["data"]
            paid_at = invoice["status_transitions"]["paid_at"]
            if paid_at >= item["current_period_start"]:
                yield id_, owed["payment"]["payment_intent"]


def _sides(row: Json) -> Iterable[tuple[str, int]]:
    """Yield what a balance transaction does to accounts, in minor units."""
    other = {
        "charge": "revenue",
        "payment": "revenue",
        "refund": "refunds",
        "payment_refund": "refunds",
        "payout": "payout_transit",
        "adjustment": "dispute_loss",
    }[row["type"]]
    yield "stripe_clearing", row["net"]
    if other == "dispute_loss":
        yield other, -row["net"]
        return
    yield "processor_fees", row["fee"]
    yield other, -row["amount"]
