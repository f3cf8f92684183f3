"""Stripe's balance held against the books, movement by movement."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from vixenbliss.database import Connection
from vixenbliss.models.reconciliations import DifferenceKind
from vixenbliss.money import to_micros
from vixenbliss.providers.stripe_shapes import BalanceTransaction
from vixenbliss.repositories.booked import Booked, BookedRepository
from vixenbliss.repositories.reconciliations import Difference
from vixenbliss.services import postings
from vixenbliss.services.ledger import Ledger

NOTES = {
    DifferenceKind.ALTERED: "Stripe and the books have different amounts.",
    DifferenceKind.DOUBLED: "The books have it more than once.",
    DifferenceKind.MISSING: "Stripe has it, the books do not.",
    DifferenceKind.UNKNOWN: "The books have it, Stripe does not.",
}


async def compare(
    connection: Connection,
    rows: Sequence[BalanceTransaction],
    unknown_to_stripe: Sequence[str],
) -> list[Difference]:
    """Return on which movements the two books do not agree.

    What concerns the account itself and no sale is nobody's to tell us of: it is
    written into the platform's books here.
    """
    books = BookedRepository(connection)
    booked = await books.named([*(row.id for row in rows), *unknown_to_stripe])
    for row in rows:
        if row.id not in booked and _is_platform_s(row):
            await Ledger(connection).post(postings.of_platform(row))
    differing = [row for row in rows if row.id in booked or not _is_platform_s(row)]
    owners = await books.whose([row.source for row in differing if row.source])
    found = [difference(row, booked.get(row.id), owners) for row in differing]
    return [
        *filter(None, found),
        *(_unknown(booked[name]) for name in unknown_to_stripe if name in booked),
    ]


def difference(
    row: BalanceTransaction, booked: Booked | None, owners: Mapping[str, UUID]
) -> Difference | None:
    """Return how the two books disagree on a movement; None if they agree."""
    kind = _kind(row, booked)
    if kind is None:
        return None
    owner = booked.workspace_id if booked else owners.get(row.source or "")
    return Difference(
        kind=kind,
        balance_transaction_id=row.id,
        workspace_id=owner,
        currency=row.currency,
        stripe_micros=to_micros(row.net, row.currency),
        ledger_micros=booked.net_micros if booked else None,
        note=f"{NOTES[kind]} ({row.type})",
    )


def _kind(row: BalanceTransaction, booked: Booked | None) -> DifferenceKind | None:
    if booked is None:
        return DifferenceKind.MISSING if row.net else None
    if booked.transactions > 1 and not booked.is_payout:
        return DifferenceKind.DOUBLED
    told = (to_micros(row.net, row.currency), row.currency, row.currency)
    kept = (booked.net_micros, booked.currency, booked.other_currency)
    return None if told == kept else DifferenceKind.ALTERED


def _unknown(booked: Booked) -> Difference:
    kind = DifferenceKind.UNKNOWN
    return Difference(
        kind=kind,
        balance_transaction_id=booked.source_id,
        workspace_id=booked.workspace_id,
        currency=booked.currency,
        stripe_micros=None,
        ledger_micros=booked.net_micros,
        note=NOTES[kind],
    )


def _is_platform_s(row: BalanceTransaction) -> bool:
    return not postings.is_of_sale(row) and row.type not in postings.PAYOUTS
