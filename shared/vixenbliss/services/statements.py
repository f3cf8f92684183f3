"""What the books say: balances, statements, payouts."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from vixenbliss.callers import Caller
from vixenbliss.clock import now
from vixenbliss.database import Connection
from vixenbliss.errors import AvatarNotFoundError, ValidationError
from vixenbliss.models.ledger import AccountCode
from vixenbliss.repositories.statements import Movement, StatementRepository
from vixenbliss.schemas.base import Listing, PageQuery
from vixenbliss.schemas.ledger import (
    AccountBalance,
    AccountMovement,
    Amount,
    Balances,
    EntryRead,
    Excerpt,
    PayoutShare,
    StatementRead,
    Summary,
    TransactionRead,
)


class StatementService:
    """The books of a workspace, for its owners and analysts."""

    def __init__(self, connection: Connection) -> None:
        self._books = StatementRepository(connection)

    async def balances(self, caller: Caller, *, as_of: datetime | None) -> Balances:
        """Return what was on each account before an instant; without one, now."""
        rows = await self._books.balances(caller, as_of=as_of)
        items = [
            AccountBalance(
                account=row["code"],
                kind=row["kind"],
                avatar_id=row["avatar_id"],
                currency=row["currency"],
                balance=Amount.of(row["balance_micros"], row["currency"]),
            )
            for row in rows
        ]
        return Balances(as_of=rows[0]["as_of"] if rows else as_of or now(), items=items)

    async def statement(
        self, caller: Caller, page: PageQuery, wanted: Excerpt
    ) -> StatementRead:
        """Return the books between two instants; without any, of this month.

        Raises:
            AvatarNotFoundError: the workspace has no such avatar.
            ValidationError: the stretch ends before it begins.
        """
        books = await self._books.stretch(caller, page, wanted)
        if books.until < books.since:
            message = "A statement ends after it begins."
            raise ValidationError(message, field="to" if wanted.until else "from")
        if not books.is_avatar_there:
            raise AvatarNotFoundError
        return StatementRead(
            since=books.since,
            until=books.until,
            avatar_id=wanted.avatar_id,
            accounts=[_account(movement) for movement in books.movements],
            summary=summaries(books.movements),
            transactions=[_transaction(it) for it in books.transactions],
            pagination=page.listing([], books.total).pagination,
        )

    async def payouts(self, caller: Caller, page: PageQuery) -> Listing[PayoutShare]:
        """Return the payouts that had money of the workspace's, newest first."""
        return await self._books.payouts(caller, page)


def summaries(movements: Iterable[Movement]) -> list[Summary]:
    """Return what accounts' movements come to, in each currency."""
    changes = defaultdict[str, Counter[str]](Counter)
    for movement in movements:
        changes[movement.currency][movement.account] += _change(movement)
    return [_summary(currency, changes[currency]) for currency in sorted(changes)]


def _summary(currency: str, changes: Counter[str]) -> Summary:
    revenue = -changes[AccountCode.REVENUE]
    spent = {
        "refunds": changes[AccountCode.REFUNDS],
        "fees": changes[AccountCode.PROCESSOR_FEES],
        "disputes": changes[AccountCode.DISPUTE_LOSS],
        "generation_cost": changes[AccountCode.GENERATION_COST],
    }
    return Summary(
        currency=currency,
        revenue=Amount.of(revenue, currency),
        margin=Amount.of(revenue - sum(spent.values()), currency),
        tax=Amount.of(-changes[AccountCode.TAX_PAYABLE], currency),
        **{name: Amount.of(micros, currency) for name, micros in spent.items()},
    )


def _change(movement: Movement) -> int:
    return movement.closing_micros - movement.opening_micros


def _account(movement: Movement) -> AccountMovement:
    currency = movement.currency
    return AccountMovement(
        account=movement.account,
        kind=movement.kind,
        avatar_id=movement.avatar_id,
        currency=currency,
        opening=Amount.of(movement.opening_micros, currency),
        change=Amount.of(_change(movement), currency),
        closing=Amount.of(movement.closing_micros, currency),
    )


def _transaction(told: Mapping[str, Any]) -> TransactionRead:
    entries: Sequence[Mapping[str, Any]] = told["entries"]
    read = [
        EntryRead(**entry, amount=Amount.of(entry["amount_micros"], entry["currency"]))
        for entry in entries
    ]
    return TransactionRead(**{**told, "entries": read})
