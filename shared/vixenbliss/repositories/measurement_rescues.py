"""Every statement for accounts whose reading is stuck, or was given up; global."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Integer, bindparam, func, select, update

from vixenbliss.database import Connection
from vixenbliss.models.analytics import Measurement, PostReading
from vixenbliss.models.social_accounts import SocialAccount
from vixenbliss.repositories.measurements import PATIENCE

LEFT_ALONE = timedelta(days=1)
"""How long posts are not read that no worker could digest."""
_is_open = Measurement.check_at.is_not(None)
_is_it = Measurement.account_id == bindparam("id_")
_LOCK = (
    select(SocialAccount.workspace_id, _is_open.label("is_open"))
    .join(SocialAccount, SocialAccount.id == Measurement.account_id)
    .where(Measurement.account_id == bindparam("id"))
    .with_for_update(of=Measurement)
)
_WAKE = update(Measurement).where(_is_it, _is_open).values(check_at=func.now())
_GIVE_UP = (
    update(Measurement)
    .where(_is_it)
    .values(
        lease_token=None, lease_until=None, check_at=None, gap_code=bindparam("code")
    )
)
_LEAVE_ALONE = (
    update(PostReading)
    .where(PostReading.account_id == bindparam("id_"), PostReading.due_at <= func.now())
    .values(due_at=func.now() + LEFT_ALONE)
)
_HURRY = (
    update(PostReading)
    .where(PostReading.account_id == bindparam("id_"), PostReading.due_at.is_not(None))
    .values(due_at=func.least(PostReading.due_at, func.now()))
)
_REOPEN = (
    update(Measurement)
    .where(_is_it, Measurement.check_at.is_(None))
    .values(check_at=func.now() + PATIENCE, attempts=0)
)
_silent = (
    select(Measurement.account_id)
    .where(Measurement.check_at <= func.now())
    .order_by(Measurement.check_at)
    .limit(bindparam("limit", type_=Integer()))
    .with_for_update(skip_locked=True)
    .cte("silent")
)
_CHECK_SILENT = (
    update(Measurement)
    .where(Measurement.account_id.in_(select(_silent.c.account_id)))
    .values(check_at=func.now() + PATIENCE)
    .returning(Measurement.account_id, Measurement.check_at)
)


@dataclass(frozen=True, slots=True)
class HeldMeasurement:
    """An account whose reading nobody else changes until the transaction ends."""

    workspace_id: UUID
    is_open: bool


class MeasurementRescueRepository:
    """Accounts whose reading somebody else than its worker looks after."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def lock(self, account_id: UUID) -> HeldMeasurement | None:
        """Return how an account's reading stands, held; None if it was never due."""
        row = await self._connection.one(_LOCK, id=account_id)
        return HeldMeasurement(**row) if row else None

    async def wake(self, account_id: UUID) -> None:
        """Have the sweep look at an account that is to be read."""
        await self._connection.run(_WAKE, id_=account_id)

    async def give_up(self, account_id: UUID, *, code: str) -> None:
        """End a reading that comes to nothing; leave its posts alone for a day."""
        await self._connection.run(_LEAVE_ALONE, id_=account_id)
        await self._connection.run(_GIVE_UP, id_=account_id, code=code)

    async def reopen(self, account_id: UUID) -> bool:
        """Have an account read now; False if it is being read, or has nothing left."""
        if not await self._connection.run(_HURRY, id_=account_id):
            return False
        return bool(await self._connection.run(_REOPEN, id_=account_id))

    async def check_silent(self, *, limit: int) -> list[tuple[UUID, datetime]]:
        """Return who has been silent for too long, with when it is looked at again."""
        rows = await self._connection.all(_CHECK_SILENT, limit=limit)
        return [(row["account_id"], row["check_at"]) for row in rows]
