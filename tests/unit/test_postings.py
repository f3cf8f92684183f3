"""What each movement of money means in the books."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vixenbliss.models.ledger import AccountCode, TransactionKind
from vixenbliss.money import to_micros
from vixenbliss.providers.stripe_shapes import BalanceTransaction, Payout
from vixenbliss.repositories.ledger import Posting
from vixenbliss.services import postings
from vixenbliss.services.postings import Sale, Shares

WORKSPACE, AVATAR = UUID(int=1), UUID(int=2)
THEN = datetime(2026, 11, 21, 12, tzinfo=UTC)
OF_AVATARS = {
    AccountCode.REVENUE,
    AccountCode.REFUNDS,
    AccountCode.PROCESSOR_FEES,
    AccountCode.DISPUTE_LOSS,
}

totals = st.integers(1, 99_999_999)
currencies = st.sampled_from(["eur", "usd", "jpy"])


@st.composite
def sales(draw: st.DrawFn) -> Sale:
    total = draw(totals)
    tax = draw(st.integers(0, total))
    return Sale(WORKSPACE, AVATAR, total, tax, draw(currencies))


def row(
    amount: int, fee: int = 0, currency: str = "eur", kind: str = "charge"
) -> BalanceTransaction:
    return BalanceTransaction(
        id="txn_1",
        amount=amount,
        fee=fee,
        net=amount - fee,
        currency=currency,
        type=kind,
        created=THEN,
    )


def sums(posting: Posting) -> dict[str, int]:
    """Return what a posting does to each account, in micros."""
    counted: Counter[str] = Counter()
    for leg in posting.legs:
        counted[leg.account.value] += leg.amount_micros
    return dict(counted)


def assert_sound(posting: Posting, about: BalanceTransaction) -> None:
    """Check what is true of each posting that moves Stripe's balance."""
    clearing = sums(posting).get("stripe_clearing", 0)
    assert sum(leg.amount_micros for leg in posting.legs) == 0
    assert clearing == to_micros(about.net, about.currency)
    assert all(leg.amount_micros for leg in posting.legs)
    assert {leg.currency for leg in posting.legs} <= {about.currency}
    assert all(
        leg.avatar_id == (AVATAR if leg.account in OF_AVATARS else None)
        for leg in posting.legs
    )


def parts_of(total: int, cuts: Sequence[int]) -> list[int]:
    """Return the parts into which these cuts divide a total."""
    marks = [0, *sorted({cut % total for cut in cuts} - {0}), total]
    return [after - before for before, after in pairwise(marks)]


@given(sales(), st.integers(-5_000, 5_000), currencies, totals)
def test_a_charge_adds_up(sale: Sale, fee: int, currency: str, settled: int) -> None:
    about = row(settled, fee, currency)

    posting = postings.charge(sale, about)

    assert_sound(posting, about)


@given(sales(), st.integers(0, 5_000))
def test_a_charge_brings_the_order_s_tax_to_the_cent(sale: Sale, fee: int) -> None:
    posted = sums(postings.charge(sale, row(sale.total_minor, fee, sale.currency)))

    assert -posted.get("tax_payable", 0) == to_micros(sale.tax_minor, sale.currency)
    assert -posted.get("revenue", 0) == to_micros(
        sale.total_minor - sale.tax_minor, sale.currency
    )


@given(sales(), st.lists(totals, max_size=12), currencies, st.integers(0, 300))
def test_parts_given_back_add_up_each(
    sale: Sale, cuts: list[int], currency: str, fee: int
) -> None:
    before = 0
    for part in parts_of(sale.total_minor, cuts):
        about = row(-part, fee, currency, "refund")
        posting = postings.refund(
            sale, about, refunded_before_minor=before, amount_minor=part
        )
        assert_sound(posting, about)
        before += part


@given(sales(), st.lists(totals, max_size=12))
def test_however_it_is_parted_the_tax_given_back_is_the_tax(
    sale: Sale, cuts: list[int]
) -> None:
    before, given_back = 0, 0
    for part in parts_of(sale.total_minor, cuts):
        posting = postings.refund(
            sale,
            row(-part, 0, sale.currency, "refund"),
            refunded_before_minor=before,
            amount_minor=part,
        )
        given_back += sums(posting).get("tax_payable", 0)
        before += part

    assert given_back == to_micros(sale.tax_minor, sale.currency)


@given(sales(), st.data())
def test_a_failed_refund_leaves_the_tax_of_what_stays_given_back(
    sale: Sale, data: st.DataObject
) -> None:
    first = data.draw(st.integers(1, sale.total_minor))
    second = data.draw(st.integers(0, sale.total_minor - first))
    currency = sale.currency
    posted = [
        postings.refund(
            sale, row(-first, 0, currency), refunded_before_minor=0, amount_minor=first
        )
    ]
    if second:
        posted.append(
            postings.refund(
                sale,
                row(-second, 0, currency),
                refunded_before_minor=first,
                amount_minor=second,
            )
        )
    posted.append(
        postings.refund_failure(
            sale,
            row(first, 0, currency),
            refunded_before_minor=second,
            amount_minor=first,
        )
    )

    tax = sum(sums(posting).get("tax_payable", 0) for posting in posted)

    stays = (
        postings.refund(
            sale,
            row(-second, 0, currency),
            refunded_before_minor=0,
            amount_minor=second,
        )
        if second
        else None
    )
    assert tax == (sums(stays).get("tax_payable", 0) if stays else 0)


@given(sales(), st.integers(-99_999_999, 99_999_999), st.integers(0, 5_000), currencies)
def test_a_dispute_is_lost_with_its_fee(
    sale: Sale, amount: int, fee: int, currency: str
) -> None:
    about = row(amount, fee, currency, "adjustment")

    posting = postings.dispute(sale, about)

    assert_sound(posting, about)
    assert sums(posting).get("dispute_loss", 0) == -to_micros(about.net, currency)


def test_a_charge_reads_as_the_books_have_it() -> None:
    sale = Sale(WORKSPACE, AVATAR, 1_000, 160, "eur")

    posting = postings.charge(sale, row(1_000, 59))

    assert sums(posting) == {
        "stripe_clearing": 9_410_000,
        "processor_fees": 590_000,
        "revenue": -8_400_000,
        "tax_payable": -1_600_000,
    }
    assert (posting.kind, posting.source_id, posting.occurred_at) == (
        TransactionKind.CHARGE,
        "txn_1",
        THEN,
    )


def test_a_refund_reads_as_the_books_have_it() -> None:
    sale = Sale(WORKSPACE, AVATAR, 1_000, 160, "eur")

    posting = postings.refund(
        sale, row(-1_000), refunded_before_minor=0, amount_minor=1_000
    )

    assert sums(posting) == {
        "stripe_clearing": -10_000_000,
        "refunds": 8_400_000,
        "tax_payable": 1_600_000,
    }


def test_yen_have_no_smaller_unit() -> None:
    sale = Sale(WORKSPACE, AVATAR, 1_000, 91, "jpy")

    posted = sums(postings.charge(sale, row(1_000, 36, "jpy")))

    assert posted["stripe_clearing"] == 964_000_000
    assert posted["tax_payable"] == -91_000_000


def test_what_was_paid_in_yen_is_booked_as_it_was_settled() -> None:
    sale = Sale(WORKSPACE, AVATAR, 1_000, 100, "jpy")

    posting = postings.charge(sale, row(613, 44, "eur"))

    assert sums(posting) == {
        "stripe_clearing": 5_690_000,
        "processor_fees": 440_000,
        "revenue": -5_520_000,
        "tax_payable": -610_000,
    }
    assert posting.memo == "paid in jpy"


@pytest.mark.parametrize(
    ("kind", "other"), [("stripe_fee", "processor_fees"), ("topup", "bank")]
)
def test_what_concerns_no_sale_is_the_platform_s(kind: str, other: str) -> None:
    posting = postings.of_platform(row(-200, 0, "usd", kind))

    assert posting.workspace_id is None
    assert sums(posting) == {"stripe_clearing": -2_000_000, other: 2_000_000}


def test_what_moves_nothing_has_no_legs() -> None:
    sale = Sale(WORKSPACE, None, 0, 0, "eur")

    assert not postings.charge(sale, row(0)).legs


@given(
    st.integers(1, 99_999_999),
    st.dictionaries(st.uuids() | st.none(), st.integers(-(10**9), 10**9), max_size=5),
)
def test_a_payout_is_shared_out_to_the_cent(
    amount: int, taken: dict[UUID | None, int]
) -> None:
    out, back = (
        row(-amount, 0, "eur", "payout"),
        row(amount, 0, "eur", "payout_failure"),
    )

    left = postings.payout(out, taken)
    returned = postings.payout_failure(back, taken, had_arrived=False)

    for posted, about in ((left, out), (returned, back)):
        assert all(not sum(leg.amount_micros for leg in one.legs) for one in posted)
        assert sum(sums(one)["stripe_clearing"] for one in posted) == to_micros(
            about.net, "eur"
        )
    assert [one.workspace_id for one in left] == [one.workspace_id for one in returned]
    assert all(
        sums(one)["payout_transit"] + sums(again)["payout_transit"] == 0
        for one, again in zip(left, returned, strict=True)
    )


def test_a_payout_goes_by_way_of_the_transit_to_the_bank() -> None:
    taken: Shares = {WORKSPACE: 7_000_000}
    told = Payout(id="po_1", amount=700, currency="eur", status="paid", created=THEN)

    (sent,) = postings.payout(row(-700, 0, "eur", "payout"), taken)
    (arrived,) = postings.payout_paid(told, taken, at=THEN)
    (back,) = postings.payout_failure(row(700), taken, had_arrived=True)

    assert sums(sent) == {"stripe_clearing": -7_000_000, "payout_transit": 7_000_000}
    assert sums(arrived) == {"bank": 7_000_000, "payout_transit": -7_000_000}
    assert sums(back) == {"stripe_clearing": 7_000_000, "bank": -7_000_000}
    assert (arrived.source_type, arrived.source_id) == ("payout", "po_1")
