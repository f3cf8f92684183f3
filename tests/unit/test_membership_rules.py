"""Which change of a subscription is for the better, and which are none."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from vixenbliss.errors import InvalidStateError, PriceNotFoundError
from vixenbliss.ids import new_id
from vixenbliss.models.catalogue import Interval, ProductKind
from vixenbliss.models.subscriptions import ChangeKind, SubscriptionStatus
from vixenbliss.repositories.offers import Offer
from vixenbliss.repositories.subscriptions import Membership
from vixenbliss.services.membership_rules import change_to

MONTH, YEAR = Interval.MONTH, Interval.YEAR
GOLD = Membership(
    id=new_id(),
    workspace_id=new_id(),
    avatar_id=new_id(),
    customer_id=new_id(),
    stripe_customer_id="cus_1",
    product_id=new_id(),
    price_id=new_id(),
    pending_price_id=None,
    amount_minor=1_000,
    currency="eur",
    interval=MONTH,
    stripe_subscription_id="sub_1",
    stripe_item_id="si_1",
    status=SubscriptionStatus.ACTIVE,
    current_period_end=datetime(2099, 12, 1, tzinfo=UTC),
    cancel_at_period_end=False,
)
OTHER = Offer(
    id=new_id(),
    product_id=new_id(),
    workspace_id=GOLD.workspace_id,
    avatar_id=GOLD.avatar_id,
    kind=ProductKind.MEMBERSHIP,
    name="Other",
    stripe_product_id="prod_1",
    amount_minor=1_000,
    min_amount_minor=None,
    max_amount_minor=None,
    currency="eur",
    interval=MONTH,
    trial_days=0,
    stripe_price_id="price_1",
)


@pytest.mark.parametrize(
    ("amount", "interval", "kind"),
    [
        (1_001, MONTH, ChangeKind.UPGRADE),
        (1_000, MONTH, ChangeKind.UPGRADE),
        (999, MONTH, ChangeKind.DOWNGRADE),
        (12_000, YEAR, ChangeKind.UPGRADE),
    ],
)
def test_a_change_is_judged_by_the_amount_a_month(
    amount: int, interval: Interval, kind: ChangeKind
) -> None:
    offer = replace(OTHER, amount_minor=amount, interval=interval)

    assert change_to(GOLD, offer) is kind


@pytest.mark.parametrize(
    ("membership", "offer"),
    [
        (GOLD, replace(OTHER, amount_minor=11_999, interval=YEAR)),
        (GOLD, replace(OTHER, currency="usd")),
        (GOLD, replace(OTHER, id=GOLD.price_id)),
        (replace(GOLD, pending_price_id=OTHER.id), OTHER),
        (replace(GOLD, pending_price_id=new_id()), OTHER),
        (replace(GOLD, cancel_at_period_end=True), OTHER),
        (replace(GOLD, status=SubscriptionStatus.PAST_DUE), OTHER),
        (replace(GOLD, status=SubscriptionStatus.CANCELED), OTHER),
    ],
    ids=range(8),
)
def test_what_cannot_be_changed_says_why(membership: Membership, offer: Offer) -> None:
    with pytest.raises(InvalidStateError):
        change_to(membership, offer)


@pytest.mark.parametrize(
    "offer",
    [
        None,
        replace(OTHER, workspace_id=GOLD.id),
        replace(OTHER, avatar_id=None),
        replace(OTHER, kind=ProductKind.ONE_OFF, interval=None),
        replace(OTHER, stripe_price_id=None),
    ],
    ids=range(5),
)
def test_what_is_no_membership_of_the_avatar_is_not_there(offer: Offer | None) -> None:
    with pytest.raises(PriceNotFoundError):
        change_to(GOLD, offer)


def test_a_change_that_is_due_is_taken_back_for_nothing() -> None:
    waiting = replace(GOLD, pending_price_id=new_id())

    assert change_to(waiting, replace(OTHER, id=GOLD.price_id)) is ChangeKind.DOWNGRADE


def test_nothing_is_changed_while_it_is_being_renewed() -> None:
    over = replace(GOLD, current_period_end=datetime(2026, 1, 1, tzinfo=UTC))

    with pytest.raises(InvalidStateError):
        change_to(over, replace(OTHER, amount_minor=2_000))
