"""What each movement of money means in the books; exact, and without a database.

Amounts come from Stripe's balance transactions, never from a price list, so that for
each of them the entries on ``stripe_clearing`` add up to its net. They are in the
currency that is settled in, which need not be the one that was paid in.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from vixenbliss.models.ledger import AccountCode, TransactionKind
from vixenbliss.money import share, to_micros
from vixenbliss.providers.stripe_shapes import BalanceTransaction, Payout
from vixenbliss.repositories.ledger import BALANCE_TRANSACTION, Leg, Posting

PAYOUT = "payout"
type Shares = Mapping[UUID | None, int]
"""Micros of each workspace's money, and of the platform's own."""
TOP_UPS = frozenset({"topup", "topup_reversal"})
PAYOUTS = frozenset({"payout", "payout_cancel", "payout_failure"})
OF_SALES = frozenset(
    {
        "charge",
        "payment",
        "payment_failure_refund",
        "payment_refund",
        "payment_reversal",
        "payment_unreconciled",
        "refund",
        "refund_failure",
    }
)
DISPUTES = frozenset({"dispute", "dispute_reversal"})
"""The reporting categories of adjustments that are about a sale."""


@dataclass(frozen=True, slots=True)
class Sale:
    """An order, as far as its money goes; amounts are what the fan was asked for."""

    workspace_id: UUID
    avatar_id: UUID | None
    total_minor: int
    tax_minor: int
    currency: str


def charge(sale: Sale, row: BalanceTransaction) -> Posting:
    """Return what a payment brings: revenue and tax in, Stripe's fee out."""
    tax = share(row.amount, sale.tax_minor, sale.total_minor) if sale.total_minor else 0
    return _of_sale(
        sale, row, TransactionKind.CHARGE, income=AccountCode.REVENUE, tax_minor=tax
    )


def refund(
    sale: Sale,
    row: BalanceTransaction,
    *,
    refunded_before_minor: int,
    amount_minor: int,
) -> Posting:
    """Return what giving back takes: some of the sale, and the tax that was on it.

    ``refunded_before_minor`` is what the books have as given back without this refund,
    ``amount_minor`` the refund's amount, both as the fan sees them. However a sale is
    given back in parts, its tax comes back to the cent, as each part takes what the sum
    up to it has more than the sum before it.
    """
    part = _tax_between(sale, refunded_before_minor, amount_minor)
    return _of_sale(
        sale,
        row,
        TransactionKind.REFUND,
        income=AccountCode.REFUNDS,
        tax_minor=-_settled(part, row, amount_minor),
    )


def refund_failure(
    sale: Sale,
    row: BalanceTransaction,
    *,
    refunded_before_minor: int,
    amount_minor: int,
) -> Posting:
    """Return what comes back when a refund could not be delivered.

    ``refunded_before_minor`` is what stays given back without this refund; so the tax
    is right again for what has been given back in all, whichever refund has failed.
    """
    part = _tax_between(sale, refunded_before_minor, amount_minor)
    return _of_sale(
        sale,
        row,
        TransactionKind.REFUND_FAILURE,
        income=AccountCode.REFUNDS,
        tax_minor=_settled(part, row, amount_minor),
    )


def dispute(sale: Sale, row: BalanceTransaction) -> Posting:
    """Return what a dispute takes, with its fee, or brings back when it is won."""
    loss = Leg(AccountCode.DISPUTE_LOSS, -_net(row), row.currency, sale.avatar_id)
    return _of_row(sale.workspace_id, row, TransactionKind.DISPUTE, [loss])


def is_of_sale(row: BalanceTransaction) -> bool:
    """Return whether a movement comes of a sale, and not of the account itself."""
    return row.type in OF_SALES or row.reporting_category in DISPUTES


def of_platform(row: BalanceTransaction) -> Posting:
    """Return what concerns no sale: Stripe's own fees, and what is paid in."""
    is_top_up = row.type in TOP_UPS
    account = AccountCode.BANK if is_top_up else AccountCode.PROCESSOR_FEES
    other = Leg(account, -_net(row), row.currency)
    return _of_row(None, row, TransactionKind.STRIPE_FEE, [other], memo=row.type)


def payout(row: BalanceTransaction, taken: Shares) -> list[Posting]:
    """Return what a payout takes from Stripe's balance, of each workspace's money.

    What the workspaces' shares leave of the row is the platform's own, so that the
    whole is the row's net.
    """
    kind, other = TransactionKind.PAYOUT, AccountCode.PAYOUT_TRANSIT
    moved = {workspace_id: -share for workspace_id, share in taken.items()}
    return _payout(row, kind, moved, other)


def payout_failure(
    row: BalanceTransaction, taken: Shares, *, had_arrived: bool
) -> list[Posting]:
    """Return what a payout that failed brings back, to those from whom it was taken.

    ``had_arrived`` says that the books have it at the bank already.
    """
    other = AccountCode.BANK if had_arrived else AccountCode.PAYOUT_TRANSIT
    return _payout(row, TransactionKind.PAYOUT_FAILURE, taken, other)


def payout_paid(told: Payout, taken: Shares, *, at: datetime) -> list[Posting]:
    """Return what has arrived at the bank, of each workspace's money."""
    accounts = (AccountCode.BANK, AccountCode.PAYOUT_TRANSIT)
    return [
        Posting(
            workspace_id=workspace_id,
            kind=TransactionKind.PAYOUT_PAID,
            source_type=PAYOUT,
            source_id=told.id,
            occurred_at=at,
            legs=_pair(accounts, share, told.currency),
        )
        for workspace_id, share in _shared_out(taken)
    ]


def _payout(
    row: BalanceTransaction, kind: TransactionKind, moved: Shares, other: AccountCode
) -> list[Posting]:
    rest = _net(row) - sum(moved.values())
    whole = {**moved, None: moved.get(None, 0) + rest}
    accounts = (AccountCode.STRIPE_CLEARING, other)
    return [
        Posting(
            workspace_id=workspace_id,
            kind=kind,
            source_type=BALANCE_TRANSACTION,
            source_id=row.id,
            occurred_at=row.created,
            legs=_pair(accounts, share, row.currency),
        )
        for workspace_id, share in _shared_out(whole)
    ]


def _shared_out(shares: Shares) -> list[tuple[UUID | None, int]]:
    """Return the shares that are any, always in the same order."""
    return sorted(
        ((whose, share) for whose, share in shares.items() if share),
        key=lambda one: str(one[0]),
    )


def _pair(
    accounts: tuple[AccountCode, AccountCode], micros: int, currency: str
) -> tuple[Leg, Leg]:
    debit, credit = accounts
    return Leg(debit, micros, currency), Leg(credit, -micros, currency)


def _of_sale(
    sale: Sale,
    row: BalanceTransaction,
    kind: TransactionKind,
    *,
    income: AccountCode,
    tax_minor: int,
) -> Posting:
    currency, avatar_id = row.currency, sale.avatar_id
    tax = to_micros(tax_minor, currency)
    fee = to_micros(row.fee, currency)
    legs = [
        Leg(AccountCode.PROCESSOR_FEES, fee, currency, avatar_id),
        Leg(income, tax - to_micros(row.amount, currency), currency, avatar_id),
        Leg(AccountCode.TAX_PAYABLE, -tax, currency),
    ]
    memo = "" if currency == sale.currency else f"paid in {sale.currency}"
    return _of_row(sale.workspace_id, row, kind, legs, memo=memo)


def _of_row(
    workspace_id: UUID | None,
    row: BalanceTransaction,
    kind: TransactionKind,
    legs: Iterable[Leg],
    *,
    memo: str = "",
) -> Posting:
    clearing = Leg(AccountCode.STRIPE_CLEARING, _net(row), row.currency)
    return Posting(
        workspace_id=workspace_id,
        kind=kind,
        source_type=BALANCE_TRANSACTION,
        source_id=row.id,
        occurred_at=row.created,
        legs=[leg for leg in (clearing, *legs) if leg.amount_micros],
        memo=memo,
    )


def _net(row: BalanceTransaction) -> int:
    return to_micros(row.net, row.currency)


def _tax_between(sale: Sale, before_minor: int, amount_minor: int) -> int:
    """Return the tax on a part of a sale that begins after so much of it."""
    if not sale.total_minor:
        return 0
    upto = share(before_minor + amount_minor, sale.tax_minor, sale.total_minor)
    return upto - share(before_minor, sale.tax_minor, sale.total_minor)


def _settled(part_minor: int, row: BalanceTransaction, amount_minor: int) -> int:
    """Return a part of an amount as it was settled: in the row's currency."""
    return share(abs(row.amount), part_minor, amount_minor)
