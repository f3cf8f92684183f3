"""Payouts: what Stripe sends to the bank, and whose money it is.

The one account pays out for all workspaces at once. What a payout is made of says how
much of it is whose; so it waits until the books have all of that.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from vixenbliss.clock import now
from vixenbliss.database import Connection
from vixenbliss.models.ledger import AccountCode, TransactionKind
from vixenbliss.models.payouts import PayoutStatus
from vixenbliss.providers.stripe_balance import StripeBalance
from vixenbliss.providers.stripe_shapes import BalanceTransaction, Payout
from vixenbliss.repositories.ledger import LedgerRepository
from vixenbliss.repositories.payouts import PayoutRepository, PayoutRow
from vixenbliss.services import postings
from vixenbliss.services.ledger import Ledger
from vixenbliss.services.mirrors import PROCESSED, Verdict, deferred, ignored
from vixenbliss.services.postings import Shares

GATHERING = "in_progress"
_ENDED_BADLY = frozenset({PayoutStatus.FAILED, PayoutStatus.CANCELED})


@dataclass(frozen=True, slots=True)
class SeenPayout:
    """A payout, and what it is made of; one that was ordered by hand does not say."""

    payout: Payout
    rows: Sequence[BalanceTransaction]


class PayoutMirror:
    """Mirrors payouts (``po_``)."""

    def __init__(self, balance: StripeBalance) -> None:
        self._balance = balance

    async def look(self, object_id: str) -> SeenPayout:
        """Return a payout as it stands; no transaction is open.

        Raises:
            ProviderError: it could not be read.
        """
        payout = await self._balance.payout(object_id)
        rows = await self._balance.paid_out(object_id) if payout.automatic else []
        return SeenPayout(payout, [row for row in rows if row.source != object_id])

    async def write(self, connection: Connection, seen: SeenPayout) -> Verdict:
        """Write the row, and into the books what has been moved; told twice, once."""
        payout = seen.payout
        if payout.status not in set(PayoutStatus):
            return ignored(f"a payout that is {payout.status[:40]}")
        await PayoutRepository(connection).keep(_row(payout))
        movement = _expanded(payout.balance_transaction)
        if movement is None:
            return PROCESSED  # nothing has moved yet
        books = _PayoutBooks(connection, payout, movement)
        missing = await books.send(seen.rows)
        return deferred(missing) if missing else await books.end()


class _PayoutBooks:
    """What the books have of one payout."""

    def __init__(
        self, connection: Connection, payout: Payout, movement: BalanceTransaction
    ) -> None:
        self._ledger = Ledger(connection)
        self._rows = LedgerRepository(connection)
        self._payout = payout
        self._movement = movement

    async def send(self, rows: Sequence[BalanceTransaction]) -> str | None:
        """Post that a payout is on its way; return what has to be known before, if any.

        Whose part is how large is settled once: later looks find it in the books.
        """
        if await self._taken():
            return None
        if not self._is_told_whole(rows):
            return f"{self._payout.id}:rows"
        return await self._share_out(rows)

    async def _share_out(self, rows: Sequence[BalanceTransaction]) -> str | None:
        moved = await self._rows.moved([row.id for row in rows])
        unknown = [row for row in rows if row.net and row.id not in moved]
        if missing := next((row for row in unknown if _is_told_of(row)), None):
            return missing.id
        taken = Counter[UUID | None]()
        for row in unknown:
            await self._ledger.post(postings.of_platform(row))
        for shares in moved.values():
            taken.update(shares)
        for posting in postings.payout(self._movement, taken):
            await self._ledger.post(posting)
        return None

    def _is_told_whole(self, rows: Sequence[BalanceTransaction]) -> bool:
        """Tell whether the rows are all that a payout is made of.

        Stripe may still be gathering them when it tells of the payout for the first
        time (docs.stripe.com/api/payouts/object, reconciliation_status).
        """
        is_gathering = self._payout.reconciliation_status == GATHERING
        whole = sum(row.net for row in rows) == -self._movement.net
        return whole or not is_gathering

    async def end(self) -> Verdict:
        """Post how a payout has ended, if it has."""
        if self._payout.status in _ENDED_BADLY:
            return await self._bring_back()
        if self._payout.status == PayoutStatus.PAID:
            at = min(self._payout.arrival_date or now(), now())
            for posting in postings.payout_paid(
                self._payout, await self._taken(), at=at
            ):
                await self._ledger.post(posting)
        return PROCESSED

    async def _bring_back(self) -> Verdict:
        movement = _expanded(self._payout.failure_balance_transaction)
        if movement is None:
            return deferred(f"{self._payout.id}:failure")
        arrived = await self._rows.shares(
            TransactionKind.PAYOUT_PAID, self._payout.id, AccountCode.BANK
        )
        for posting in postings.payout_failure(
            movement, await self._taken(), had_arrived=bool(arrived)
        ):
            await self._ledger.post(posting)
        return PROCESSED

    async def _taken(self) -> Shares:
        """Return what was taken of each workspace's money, by the books."""
        return await self._rows.shares(
            TransactionKind.PAYOUT, self._movement.id, AccountCode.PAYOUT_TRANSIT
        )


def _is_told_of(row: BalanceTransaction) -> bool:
    """Tell whether a movement has an event of its own, which writes it down."""
    return postings.is_of_sale(row) or row.type in postings.PAYOUTS


def _expanded(
    movement: BalanceTransaction | str | None,
) -> BalanceTransaction | None:
    return movement if isinstance(movement, BalanceTransaction) else None


def _row(payout: Payout) -> PayoutRow:
    movement = _expanded(payout.balance_transaction)
    return PayoutRow(
        stripe_payout_id=payout.id,
        amount_minor=payout.amount,
        currency=payout.currency,
        status=PayoutStatus(payout.status),
        balance_transaction_id=movement.id if movement else None,
        failure_code=payout.failure_code,
        arrival_at=payout.arrival_date,
    )
