"""Every query on what avatars spend."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Update,
    bindparam,
    case,
    false,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import InstrumentedAttribute

from vixenbliss.callers import Caller
from vixenbliss.database import Connection
from vixenbliss.errors import AvatarNotFoundError, BudgetExceededError
from vixenbliss.models.avatars import Avatar, BudgetMonth
from vixenbliss.models.content_jobs import ContentJob
from vixenbliss.money import MICROS_PER_MINOR
from vixenbliss.repositories.access import MEMBER, read, seen_by_member
from vixenbliss.repositories.avatars import THIS_MONTH


@dataclass(frozen=True, slots=True)
class Counted:
    """What a job has just been counted at, or less than nothing if it is given back."""

    job_id: UUID
    workspace_id: UUID
    avatar_id: UUID
    attempts: int
    amount_micros: int
    currency: str
    counted_at: datetime


_amount = bindparam("amount", type_=BigInteger())
_limit = Avatar.monthly_budget_minor * MICROS_PER_MINOR
# Named by its id: a subquery of ON CONFLICT is not correlated with the row it is about.
_limit_again = (
    select(_limit).where(Avatar.id == bindparam("avatar_id")).scalar_subquery()
)

# One statement, one row: whoever else reserves at the same time waits for this row, and
# the condition is read again after the wait.
_HOLD = (
    insert(BudgetMonth)
    .from_select(
        ["avatar_id", "month", "held_micros"],
        select(Avatar.id, THIS_MONTH, _amount).where(
            Avatar.id == bindparam("avatar_id"),
            or_(_limit.is_(None), _limit >= _amount),
        ),
    )
    .on_conflict_do_update(
        index_elements=["avatar_id", "month"],
        set_={"held_micros": BudgetMonth.held_micros + _amount},
        where=or_(
            _limit_again.is_(None),
            _limit_again
            >= BudgetMonth.held_micros + BudgetMonth.spent_micros + _amount,
        ),
    )
    .returning(BudgetMonth.month)
)
_used = (
    select(BudgetMonth.held_micros + BudgetMonth.spent_micros)
    .where(BudgetMonth.avatar_id == Avatar.id, BudgetMonth.month == THIS_MONTH)
    .scalar_subquery()
)
_left = func.greatest(_limit - func.coalesce(_used, 0), 0).label("left")
_LEFT = select(_left).where(Avatar.id == bindparam("avatar_id"))
_LEFT_FOR_MEMBER = seen_by_member(
    select(Avatar.id, Avatar.monthly_budget_minor, _left)
    .where(
        Avatar.workspace_id == MEMBER.c.workspace_id, Avatar.id == bindparam("avatar")
    )
    .correlate(MEMBER)
)


def _counted(
    changed: Update,
    spent: ColumnElement[int],
    *,
    freed: ColumnElement[int] | InstrumentedAttribute[int],
) -> Select[Any]:
    """Return the statement that changes a job, and its avatar's month along with it.

    Its row says what the change has cost, for the books; there is none if the job was
    not changed.
    """
    job = changed.returning(
        ContentJob.id.label("job_id"),
        ContentJob.workspace_id,
        ContentJob.avatar_id,
        ContentJob.attempts,
        ContentJob.budget_month,
        spent.label("amount_micros"),
        freed.label("freed"),
        ContentJob.cost_currency.label("currency"),
        func.now().label("counted_at"),
    ).cte("job")
    month = (
        update(BudgetMonth)
        .where(
            BudgetMonth.avatar_id == job.c.avatar_id,
            BudgetMonth.month == job.c.budget_month,
        )
        .values(
            held_micros=BudgetMonth.held_micros - job.c.freed,
            spent_micros=BudgetMonth.spent_micros + job.c.amount_micros,
        )
        .cte("month")
    )
    told = [job.c[field.name] for field in fields(Counted)]
    return select(*told).add_cte(month)


def _settling(spent: ColumnElement[int], *, is_estimated: bool) -> Select[Any]:
    """Return the statement that ends a job's hold, the first time it is run."""
    settled = (
        update(ContentJob)
        .where(_is_job, ContentJob.cost_settled_at.is_(None))
        .values(
            cost_settled_at=func.now(),
            cost_actual_micros=ContentJob.cost_actual_micros + spent,
            cost_is_estimated=spent > 0 if is_estimated else false(),
        )
    )
    return _counted(settled, spent, freed=ContentJob.cost_reserved_micros)


_is_job = ContentJob.id == bindparam("job_id")
_spent = bindparam("spent", type_=BigInteger())
_nothing = literal(0, BigInteger())
_SETTLE = _settling(_spent, is_estimated=False)
# The row says whether the provider may have been reached.
_SETTLE_UNSEEN = _settling(
    case(
        (ContentJob.submitted_at.is_not(None), ContentJob.cost_reserved_micros), else_=0
    ),
    is_estimated=True,
)
_SPEND = _counted(
    update(ContentJob)
    .where(_is_job)
    .values(cost_actual_micros=ContentJob.cost_actual_micros + _spent),
    _spent,
    freed=_nothing,
)
_FORGIVE = _counted(
    update(ContentJob)
    .where(_is_job, ContentJob.cost_is_estimated)
    .values(
        cost_actual_micros=ContentJob.cost_actual_micros
        - ContentJob.cost_reserved_micros,
        cost_is_estimated=False,
    ),
    -ContentJob.cost_reserved_micros,
    freed=_nothing,
)


class BudgetRepository:
    """What avatars may spend in a month, have spent, and have promised.

    What is counted here belongs into the books as well: see ``services.spending``.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def hold(self, avatar_id: UUID, amount_micros: int) -> str:
        """Set an amount aside before it is spent; return the month that bears it.

        Raises:
            BudgetExceededError: the month does not bear it.
        """
        row = await self._connection.one(
            _HOLD, avatar_id=avatar_id, amount=amount_micros
        )
        if row is None:
            left = await self._connection.one(_LEFT, avatar_id=avatar_id)
            raise BudgetExceededError(
                needed_micros=amount_micros,
                left_micros=int(left["left"]) if left else 0,
            )
        return str(row["month"])

    async def left(self, caller: Caller, avatar_id: UUID) -> int | None:
        """Return the micros that the month still bears; None without a budget.

        Raises:
            AvatarNotFoundError: the workspace has no such avatar.
        """
        rows = await read(self._connection, caller, _LEFT_FOR_MEMBER, avatar=avatar_id)
        if not rows:
            raise AvatarNotFoundError
        return None if rows[0]["monthly_budget_minor"] is None else int(rows[0]["left"])

    async def settle(self, job_id: UUID, *, spent_micros: int) -> Counted | None:
        """Turn a job's hold into what its last try has cost, which may be nothing.

        The first settlement of a job stands; a second one changes nothing.
        """
        return await self._count(_SETTLE, job_id=job_id, spent=spent_micros)

    async def settle_unseen(self, job_id: UUID) -> Counted | None:
        """Settle a job of which nobody knows what it has cost.

        It counts at its estimate if its provider may have been reached, until
        ``forgive`` is told better; else at nothing.
        """
        return await self._count(_SETTLE_UNSEEN, job_id=job_id)

    async def spend(self, job_id: UUID, amount_micros: int) -> Counted | None:
        """Count what a try has cost that brought nothing; the hold is for the next."""
        return await self._count(_SPEND, job_id=job_id, spent=amount_micros)

    async def forgive(self, job_id: UUID) -> Counted | None:
        """Give back what a job was counted at unseen; its provider has not done it."""
        return await self._count(_FORGIVE, job_id=job_id)

    async def _count(self, statement: Select[Any], **binds: object) -> Counted | None:
        row = await self._connection.one(statement, **binds)
        return Counted(**row) if row else None
