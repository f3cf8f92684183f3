"""What may be changed about a subscription, and how. No I/O."""

from collections.abc import Mapping

from vixenbliss.clock import now
from vixenbliss.errors import InvalidStateError, PriceNotFoundError
from vixenbliss.models.catalogue import Interval, ProductKind
from vixenbliss.models.subscriptions import OVER, ChangeKind, SubscriptionStatus
from vixenbliss.repositories.offers import Offer
from vixenbliss.repositories.subscriptions import Membership

MONTHS = {Interval.MONTH: 1, Interval.YEAR: 12}
_RENEWED = (
    SubscriptionStatus.TRIALING,
    SubscriptionStatus.ACTIVE,
    SubscriptionStatus.PAST_DUE,
)
_DECLINED: Mapping[str, str] = {
    "authentication_required": "The bank wants the payment to be confirmed",
    "card_declined": "The card was declined",
    "expired_card": "The card has expired",
    "insufficient_funds": "The card does not bear the amount",
    "subscription_payment_intent_requires_action": (
        "The bank wants the payment to be confirmed"
    ),
}
"""Stripe's codes (docs.stripe.com/error-codes), in words."""


def require_not_over(membership: Membership) -> None:
    """Make sure that a subscription can be ended.

    Raises:
        InvalidStateError: it has ended.
    """
    if membership.status in OVER:
        message = "The subscription has ended."
        raise InvalidStateError(message)


def ends_with_period(membership: Membership) -> bool:
    """Tell whether a subscription is to end with its period already.

    Raises:
        InvalidStateError: it is not one that is renewed.
    """
    require_not_over(membership)
    if membership.status not in _RENEWED:
        message = f"A subscription that is {membership.status} only ends now."
        raise InvalidStateError(message)
    return membership.cancel_at_period_end


def require_ending(membership: Membership) -> None:
    """Make sure that a subscription can be resumed.

    Raises:
        InvalidStateError: it has ended, or nobody wanted it to.
    """
    require_not_over(membership)
    if not membership.cancel_at_period_end:
        message = "The subscription is not about to end."
        raise InvalidStateError(message)


def change_to(membership: Membership, offer: Offer | None) -> ChangeKind:
    """Return whether another price is better, and paid now, or lesser, at renewal.

    Raises:
        PriceNotFoundError: it is none of the avatar's memberships.
        InvalidStateError: the subscription cannot be changed now, or not to this.
    """
    if offer is None or not _is_alike(membership, offer):
        raise PriceNotFoundError
    why_not = _why_not_now(membership) or _why_not_to(membership, offer)
    if why_not:
        raise InvalidStateError(why_not)
    is_lesser = _compared(membership, offer) < 0
    is_taken_back = offer.id == membership.price_id
    lesser = is_lesser or is_taken_back  # nothing is charged before renewal
    return ChangeKind.DOWNGRADE if lesser else ChangeKind.UPGRADE


def _is_alike(membership: Membership, offer: Offer) -> bool:
    """Tell whether an offer is a membership of the same avatar, and Stripe has it."""
    is_theirs = (offer.workspace_id, offer.avatar_id) == (
        membership.workspace_id,
        membership.avatar_id,
    )
    is_membership = offer.kind is ProductKind.MEMBERSHIP
    return is_theirs and is_membership and offer.stripe_price_id is not None


def _why_not_now(membership: Membership) -> str | None:
    if membership.status not in (
        SubscriptionStatus.ACTIVE,
        SubscriptionStatus.TRIALING,
    ):
        return f"A subscription that is {membership.status} cannot be changed."
    if membership.cancel_at_period_end:
        return "The subscription is about to end; resume it first."
    if membership.current_period_end <= now():  # nobody knows what was charged
        return "The subscription is being renewed; try again in a moment."
    return None


def _why_not_to(membership: Membership, offer: Offer) -> str | None:
    is_current = offer.id == membership.price_id
    has_pending = membership.pending_price_id is not None
    if is_current and not has_pending:
        return "This price is paid already."
    if offer.id == membership.pending_price_id:
        return "This price is due at renewal already."
    if offer.currency != membership.currency:
        return "The other price is in another currency."
    if has_pending and not is_current:
        return "Another change is due at renewal; take that back first."
    if _compared(membership, offer) < 0 and offer.interval != membership.interval:
        return "A lesser price by another interval begins anew: cancel, then subscribe."
    return None


def _compared(membership: Membership, offer: Offer) -> int:
    """Return by how much an offer is better, per month, in some unit."""
    if offer.interval is None or offer.amount_minor is None:
        raise PriceNotFoundError
    theirs = offer.amount_minor * MONTHS[membership.interval]
    return theirs - membership.amount_minor * MONTHS[offer.interval]


def refused(code: str | None) -> InvalidStateError:
    """Return what is said of a change that Stripe has refused for a reason."""
    said = _DECLINED.get(code or "", "Stripe did not agree to it")
    message = f"{said}; nothing has changed."
    return InvalidStateError(message)
