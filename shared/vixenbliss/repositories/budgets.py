"""Every query on what avatars spend."""

from uuid import UUID

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Update,
    and_,
    bindparam,
    case,
    false,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from vixenbliss.callers import Caller
from vixenbliss.database import Connection
from vixenbliss.errors import AvatarNotFoundError, BudgetExceededError
from vixenbliss.models.avatars import Avatar, BudgetMonth
from vixenbliss.models.content_jobs import ContentJob
from vixenbliss.money import MICROS_PER_MINOR
from vixenbliss.repositories.access import MEMBER, read, seen_by_member
from vixenbliss.repositories.avatars import THIS_MONTH

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


def _settling(spent: ColumnElement[int], *, is_estimated: bool) -> Update:
    """Return the statement that ends a job's hold, the first time it is run."""
    settled = (
        update(ContentJob)
        .where(
            ContentJob.id == bindparam("job_id"), ContentJob.cost_settled_at.is_(None)
        )
        .values(
            cost_settled_at=func.now(),
            cost_actual_micros=ContentJob.cost_actual_micros + spent,
            cost_is_estimated=spent > 0 if is_estimated else false(),
        )
        .returning(
            ContentJob.avatar_id,
            ContentJob.budget_month,
            ContentJob.cost_reserved_micros,
            spent.label("spent"),
        )
        .cte("settled")
    )
    return (
        update(BudgetMonth)
        .where(_month_of(settled))
        .values(
            held_micros=BudgetMonth.held_micros - settled.c.cost_reserved_micros,
            spent_micros=BudgetMonth.spent_micros + settled.c.spent,
        )
    )


def _month_of(job: CTE) -> ColumnElement[bool]:
    return and_(
        BudgetMonth.avatar_id == job.c.avatar_id,
        BudgetMonth.month == job.c.budget_month,
    )


_spent = bindparam("spent", type_=BigInteger())
_SETTLE = _settling(_spent, is_estimated=False)
# The row says whether the provider may have been reached.
_SETTLE_UNSEEN = _settling(
    case(
        (ContentJob.submitted_at.is_not(None), ContentJob.cost_reserved_micros), else_=0
    ),
    is_estimated=True,
)
_paid = (
    update(ContentJob)
    .where(ContentJob.id == bindparam("job_id"))
    .values(cost_actual_micros=ContentJob.cost_actual_micros + _spent)
    .returning(ContentJob.avatar_id, ContentJob.budget_month)
    .cte("paid")
)
_SPEND = (
    update(BudgetMonth)
    .where(_month_of(_paid))
    .values(spent_micros=BudgetMonth.spent_micros + _spent)
)
_forgiven = (
    update(ContentJob)
    .where(ContentJob.id == bindparam("job_id"), ContentJob.cost_is_estimated)
    .values(
        cost_actual_micros=ContentJob.cost_actual_micros
        - ContentJob.cost_reserved_micros,
        cost_is_estimated=False,
    )
    .returning(
        ContentJob.avatar_id, ContentJob.budget_month, ContentJob.cost_reserved_micros
    )
    .cte("forgiven")
)
_FORGIVE = (
    update(BudgetMonth)
    .where(_month_of(_forgiven))
    .values(spent_micros=BudgetMonth.spent_micros - _forgiven.c.cost_reserved_micros)
)


class BudgetRepository:
    """What avatars may spend in a month, have spent, and have promised."""

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

    async def settle(self, job_id: UUID, *, spent_micros: int) -> None:
        """Turn a job's hold into what its last try has cost, which may be nothing.

        The first settlement of a job stands; a second one changes nothing.
        """
        await self._connection.run(_SETTLE, job_id=job_id, spent=spent_micros)

    async def settle_unseen(self, job_id: UUID) -> None:
        """Settle a job of which nobody knows what it has cost.

        It counts at its estimate if its provider may have been reached, until
        ``forgive`` is told better; else at nothing.
        """
        await self._connection.run(_SETTLE_UNSEEN, job_id=job_id)

    async def spend(self, job_id: UUID, amount_micros: int) -> None:
        """Count what a try has cost that brought nothing; the hold is for the next."""
        await self._connection.run(_SPEND, job_id=job_id, spent=amount_micros)

    async def forgive(self, job_id: UUID) -> None:
        """Give back what a job was counted at unseen; its provider has not done it."""
        await self._connection.run(_FORGIVE, job_id=job_id)
