"""Every query on how often an account was used lately; sliding windows, per call."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Interval, bindparam, column, func, select, true
from sqlalchemy.dialects.postgresql import ARRAY, array, insert

from vixenbliss.database import Connection
from vixenbliss.models.posts import PlatformCalls

_per = bindparam("per", type_=Interval())
_now = func.clock_timestamp()
_made = (
    func.unnest(PlatformCalls.made_at)
    .table_valued(column("at", DateTime(timezone=True)), name="made")
    .render_derived()
)
_lately = select(_made.c.at).where(_made.c.at > _now - _per)
_count = select(func.count()).select_from(_lately.subquery()).scalar_subquery()
_kept = func.array(_lately.scalar_subquery(), type_=ARRAY(DateTime(timezone=True)))
_first: array[Any] = array([_now], type_=DateTime(timezone=True))
_TAKE = (
    insert(PlatformCalls)
    .values(account_id=bindparam("account_id"), call=bindparam("call"), made_at=_first)
    .on_conflict_do_update(
        index_elements=["account_id", "call"],
        set_={"made_at": func.array_append(_kept, _now)},
        where=_count < bindparam("most"),
    )
    .returning(PlatformCalls.call)
)
_OLDEST = (
    select(func.min(_made.c.at).label("at"), _now.label("now"))
    .select_from(PlatformCalls)
    .join(_made, true())
    .where(
        PlatformCalls.account_id == bindparam("account_id"),
        PlatformCalls.call == bindparam("call"),
        _made.c.at > _now - _per,
    )
)


class PlatformCallRepository:
    """How often accounts were used."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def take(
        self, account_id: UUID, call: str, *, most: int, per: timedelta
    ) -> timedelta | None:
        """Count a call, or return for how long there is no room for it.

        Within any window of that length there are at most so many, whoever counts.
        """
        taken = await self._connection.one(
            _TAKE, account_id=account_id, call=call, most=most, per=per
        )
        if taken:
            return None
        row = await self._connection.one(
            _OLDEST, account_id=account_id, call=call, per=per
        )
        if row is None or row["at"] is None:
            return timedelta(0)
        wait: timedelta = row["at"] + per - row["now"]
        return max(wait, timedelta(0))
