"""Every statement by which days are ordered to be rolled up, claimed and done; global.

A claim is a lease, by the database's clock; every write names its token.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import (
    Date,
    DateTime,
    Integer,
    Uuid,
    bindparam,
    cast,
    column,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert

from vixenbliss.database import Connection
from vixenbliss.errors import LeaseLostError
from vixenbliss.ids import new_id
from vixenbliss.models.analytics import RollupRun, RollupStatus
from vixenbliss.models.ledger import LedgerTransaction
from vixenbliss.models.workspaces import Workspace
from vixenbliss.repositories.terms import among, from_now

PATIENCE = timedelta(minutes=3)
"""How long a run may be silent before the sweep looks for it."""
SWEEP_MARGIN = timedelta(seconds=15)
BOOKED_UNSEEN = timedelta(hours=1)
"""How long before a rollup an entry can have been begun that it has not seen yet."""

_today = cast(func.timezone("UTC", func.now()), Date())
_day = (
    func.unnest(bindparam("days", type_=ARRAY(Date())))
    .table_valued(column("day", Date()), name="one")
    .render_derived()
)
_begins = func.timezone("UTC", cast(_day.c.day, DateTime()))
_booked_since = (
    select(LedgerTransaction.id)
    .where(
        LedgerTransaction.occurred_at >= _begins,
        LedgerTransaction.occurred_at < _begins + timedelta(days=1),
        LedgerTransaction.created_at >= RollupRun.done_at - BOOKED_UNSEEN,
    )
    .exists()
)
_DUE = (
    select(_day.c.day)
    .outerjoin(RollupRun, RollupRun.day == _day.c.day)
    .where(
        select(Workspace.id).exists(),
        or_(
            _day.c.day >= bindparam("always_since", type_=Date()),
            RollupRun.done_at.is_(None),
            _booked_since,
        ),
    )
    .order_by(_day.c.day)
)
_wanted = (
    func.unnest(
        bindparam("ids", type_=ARRAY(Uuid())), bindparam("days", type_=ARRAY(Date()))
    )
    .table_valued(column("id", Uuid()), column("day", Date()), name="wanted")
    .render_derived()
)
_REQUEST = (
    insert(RollupRun)
    .from_select(
        ["id", "day", "check_at"],
        select(_wanted.c.id, _wanted.c.day, func.now() + PATIENCE),
    )
    .on_conflict_do_update(
        index_elements=["day"],
        set_={
            "status": RollupStatus.REQUESTED.value,
            "check_at": func.now() + PATIENCE,
        },
        where=RollupRun.status != RollupStatus.REQUESTED,
    )
    .returning(RollupRun.id, RollupRun.check_at)
)
_is_requested = RollupRun.status == RollupStatus.REQUESTED
_CLAIM = (
    update(RollupRun)
    .where(
        RollupRun.id == bindparam("id_"),
        _is_requested,
        or_(RollupRun.lease_until.is_(None), RollupRun.lease_until < func.now()),
    )
    .values(
        lease_token=bindparam("token"),
        lease_until=from_now("lease"),
        check_at=from_now("lease") + SWEEP_MARGIN,
    )
    .returning(RollupRun.id, RollupRun.day, RollupRun.lease_token)
)
_KNOWN = select(RollupRun.id).where(among(RollupRun.id, "ids"))
_END = (
    update(RollupRun)
    .where(
        RollupRun.id == bindparam("id_"),
        RollupRun.lease_token == bindparam("token"),
        _is_requested,
    )
    .values(
        status=RollupStatus.DONE,
        lease_token=None,
        lease_until=None,
        check_at=None,
        done_at=func.now(),
    )
)
_is_it = RollupRun.id == bindparam("id_")
_LOCK = (
    select(RollupRun.status).where(RollupRun.id == bindparam("id")).with_for_update()
)
_WAKE = update(RollupRun).where(_is_it, _is_requested).values(check_at=func.now())
_GIVE_UP = (
    update(RollupRun)
    .where(_is_it, _is_requested)
    .values(
        status=RollupStatus.FAILED, lease_token=None, lease_until=None, check_at=None
    )
)
_REOPEN = (
    update(RollupRun)
    .where(_is_it, RollupRun.status == RollupStatus.FAILED)
    .values(status=RollupStatus.REQUESTED, check_at=func.now() + PATIENCE)
)
_silent = (
    select(RollupRun.id)
    .where(RollupRun.check_at <= func.now())
    .order_by(RollupRun.check_at)
    .limit(bindparam("limit", type_=Integer()))
    .with_for_update(skip_locked=True)
    .cte("silent")
)
_CHECK_SILENT = (
    update(RollupRun)
    .where(RollupRun.id.in_(select(_silent.c.id)))
    .values(check_at=func.now() + PATIENCE)
    .returning(RollupRun.id, RollupRun.check_at)
)


@dataclass(frozen=True, slots=True)
class ClaimedDay:
    """A day that is ours to roll up until the lease ends."""

    id: UUID
    day: date
    lease_token: UUID


class RollupRunRepository:
    """The days, and how far each is rolled up."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def today(self) -> date:
        """Return the day it is, by the database's clock, in UTC."""
        row = await self._connection.one(select(_today.label("today")))
        today: date = dict(row or {})["today"]
        return today

    async def due(self, days: Sequence[date], *, always_since: date) -> list[date]:
        """Return which days are late ones, were never done, or have got entries since.

        Where nobody is, no day is due.
        """
        rows = await self._connection.all(
            _DUE, days=list(days), always_since=always_since
        )
        return [row["day"] for row in rows]

    async def request(self, days: Sequence[date]) -> list[tuple[UUID, datetime]]:
        """Order days to be rolled up; return the runs, save those on their way."""
        ids = [new_id() for _ in days]
        rows = await self._connection.all(_REQUEST, ids=ids, days=list(days))
        return [(row["id"], row["check_at"]) for row in rows]

    async def known(self, ids: Sequence[UUID]) -> set[UUID]:
        """Return which of these runs there are."""
        rows = await self._connection.all(_KNOWN, ids=list(ids))
        return {row["id"] for row in rows}

    async def claim(self, run_id: UUID, *, lease: timedelta) -> ClaimedDay | None:
        """Take a day that is to be rolled up and that nobody is working on."""
        row = await self._connection.one(
            _CLAIM, id_=run_id, token=new_id(), lease=lease
        )
        return ClaimedDay(**row) if row else None

    async def end(self, run: ClaimedDay) -> None:
        """Write down that a day is done; whoever else ends it now waits, and fails.

        Raises:
            LeaseLostError: the day is no longer ours.
        """
        if not await self._connection.run(_END, id_=run.id, token=run.lease_token):
            raise LeaseLostError

    async def lock(self, run_id: UUID) -> RollupStatus | None:
        """Return how a run stands, held until the transaction ends."""
        row = await self._connection.one(_LOCK, id=run_id)
        return RollupStatus(row["status"]) if row else None

    async def wake(self, run_id: UUID) -> None:
        """Have the sweep look at a run."""
        await self._connection.run(_WAKE, id_=run_id)

    async def give_up(self, run_id: UUID) -> None:
        """End a run that comes to nothing; the next night may order it again."""
        await self._connection.run(_GIVE_UP, id_=run_id)

    async def reopen(self, run_id: UUID) -> bool:
        """Order a failed run again; False if it has not failed."""
        return bool(await self._connection.run(_REOPEN, id_=run_id))

    async def check_silent(self, *, limit: int) -> list[tuple[UUID, datetime]]:
        """Return who has been silent for too long, with when it is looked at again."""
        rows = await self._connection.all(_CHECK_SILENT, limit=limit)
        return [(row["id"], row["check_at"]) for row in rows]
