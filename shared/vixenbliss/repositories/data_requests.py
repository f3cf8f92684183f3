"""Every statement on what users want done with their own data.

Whoever works on a request holds its lease, whose token is the fence of all that
follows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import (
    String,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    text,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from vixenbliss.callers import Caller
from vixenbliss.database import Connection
from vixenbliss.errors import (
    DataRequestNotFoundError,
    LeaseLostError,
    UnauthorizedError,
)
from vixenbliss.ids import new_id
from vixenbliss.models.data_requests import (
    DataRequest,
    DataRequestKind,
    DataRequestStatus,
)
from vixenbliss.repositories.access import MEMBER, binds_of
from vixenbliss.repositories.terms import among, from_now

PATIENCE = timedelta(minutes=3)
"""How long a request may be silent before the sweep looks for it."""
SWEEP_MARGIN = timedelta(seconds=15)

_ADD = (
    insert(DataRequest)
    .values(
        id=bindparam("id"),
        user_id=bindparam("user_id"),
        kind=bindparam("kind"),
        check_at=func.now() + PATIENCE,
    )
    .on_conflict_do_nothing(
        index_elements=["user_id", "kind"], index_where=text("status = 'received'")
    )
    .returning(DataRequest.id)
)
_OPEN_ONE = select(DataRequest.id).where(
    DataRequest.user_id == bindparam("user_id"),
    DataRequest.kind == bindparam("kind"),
    DataRequest.status == DataRequestStatus.RECEIVED,
)
_found = (
    select(
        DataRequest.id,
        DataRequest.kind,
        DataRequest.status,
        DataRequest.s3_key,
        DataRequest.expires_at,
        (DataRequest.expires_at > func.now()).label("is_there"),
        DataRequest.created_at,
        DataRequest.done_at,
        literal(1).label("_found"),
    )
    .where(DataRequest.id == bindparam("id"), DataRequest.user_id == MEMBER.c.user_id)
    .correlate(MEMBER)
    .lateral("found")
)
_READ = select(_found).select_from(MEMBER.outerjoin(_found, true()))
_KNOWN = select(DataRequest.id).where(among(DataRequest.id, "ids"))
_is_that = DataRequest.id == bindparam("id_")
_is_open = DataRequest.status == DataRequestStatus.RECEIVED
_is_held = (_is_that, _is_open, DataRequest.lease_token == bindparam("lease"))
_LET_GO = {"lease_token": None, "lease_until": None}
_ENDED = _LET_GO | {"check_at": None}
_CLAIM = (
    update(DataRequest)
    .where(
        _is_that,
        _is_open,
        or_(DataRequest.lease_until.is_(None), DataRequest.lease_until < func.now()),
    )
    .values(
        lease_token=bindparam("lease"),
        lease_until=from_now("lasts"),
        check_at=from_now("lasts") + SWEEP_MARGIN,
        s3_key=case(
            (
                DataRequest.kind == DataRequestKind.EXPORT,
                func.coalesce(DataRequest.s3_key, bindparam("s3_key", type_=String())),
            )
        ),
    )
    .returning(
        DataRequest.id,
        DataRequest.user_id,
        DataRequest.kind,
        DataRequest.s3_key,
        DataRequest.attempts,
        DataRequest.lease_token,
    )
)
_HOLD = select(DataRequest.id).where(*_is_held).with_for_update()
_END = (
    update(DataRequest)
    .where(_is_that)
    .values(
        **_ENDED,
        status=DataRequestStatus.DONE,
        done_at=func.now(),
        expires_at=from_now("lasts"),
    )
)
_PAUSE = (
    update(DataRequest)
    .where(_is_that)
    .values(
        **_LET_GO,
        attempts=DataRequest.attempts + 1,
        check_at=from_now("pause"),
    )
)
_GIVE_UP = (
    update(DataRequest)
    .where(_is_that, _is_open)
    .values(**_ENDED, status=DataRequestStatus.FAILED)
)
_LOCK = (
    select(DataRequest.status)
    .where(DataRequest.id == bindparam("id"))
    .with_for_update()
)
_WAKE = update(DataRequest).where(_is_that, _is_open).values(check_at=func.now())
_REOPEN = (
    update(DataRequest)
    .where(_is_that, DataRequest.status == DataRequestStatus.FAILED)
    .values(
        status=DataRequestStatus.RECEIVED,
        attempts=0,
        check_at=func.now() + PATIENCE,
    )
)
_silent = (
    select(DataRequest.id)
    .where(DataRequest.check_at <= func.now())
    .order_by(DataRequest.check_at)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
    .cte("silent")
)
_CHECK_SILENT = (
    update(DataRequest)
    .where(DataRequest.id.in_(select(_silent.c.id)))
    .values(check_at=func.now() + PATIENCE)
    .returning(DataRequest.id, DataRequest.check_at)
)


@dataclass(frozen=True, slots=True)
class FoundRequest:
    """A request, as its user may see it."""

    id: UUID
    kind: DataRequestKind
    status: DataRequestStatus
    s3_key: str | None
    expires_at: datetime | None
    is_there: bool | None
    """Whether what was asked for has come and not expired."""
    created_at: datetime
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class ClaimedRequest:
    """A request that is ours until its lease ends."""

    id: UUID
    user_id: int
    kind: DataRequestKind
    s3_key: str | None
    """Where an export is put."""
    attempts: int
    lease_token: UUID


class DataRequestRepository:
    """The requests."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(self, user_id: int, kind: DataRequestKind) -> tuple[UUID, bool]:
        """Write a request down, and return it with whether it is a new one.

        As long as one of a kind is open, it is that one.
        """
        row = await self._connection.one(_ADD, id=new_id(), user_id=user_id, kind=kind)
        if row:
            return row["id"], True
        row = await self._connection.one(_OPEN_ONE, user_id=user_id, kind=kind)
        return (row["id"], False) if row else await self.add(user_id, kind)

    async def look_up(self, caller: Caller, request_id: UUID) -> FoundRequest:
        """Return a request of the caller's.

        Raises:
            UnauthorizedError: the session has ended.
            DataRequestNotFoundError: there is none, or it is somebody else's.
        """
        row = await self._connection.one(_READ, id=request_id, **binds_of(caller))
        if row is None:
            raise UnauthorizedError
        if not row["_found"]:
            raise DataRequestNotFoundError
        return FoundRequest(**{k: v for k, v in row.items() if k != "_found"})

    async def known(self, ids: Sequence[UUID]) -> set[UUID]:
        """Return which of these requests there are."""
        rows = await self._connection.all(_KNOWN, ids=list(ids))
        return {row["id"] for row in rows}

    async def claim(
        self, request_id: UUID, *, lease: timedelta, s3_key: str
    ) -> ClaimedRequest | None:
        """Take a request that is open and that nobody is working on.

        Its file keeps the name that it was given first.
        """
        row = await self._connection.one(
            _CLAIM, id_=request_id, lease=new_id(), lasts=lease, s3_key=s3_key
        )
        return ClaimedRequest(**row) if row else None

    async def hold(self, claimed: ClaimedRequest) -> None:
        """Keep others from a claimed request until the transaction ends.

        Raises:
            LeaseLostError: it is no longer ours.
        """
        held = await self._connection.one(
            _HOLD, id_=claimed.id, lease=claimed.lease_token
        )
        if held is None:
            raise LeaseLostError

    async def end(self, claimed: ClaimedRequest, *, lasts: timedelta | None) -> None:
        """Record that a held request was fulfilled, and how long its file is kept."""
        await self._connection.run(_END, id_=claimed.id, lasts=lasts)

    async def pause(self, claimed: ClaimedRequest, pause: timedelta) -> None:
        """Let go of a held request until the sweep takes it up."""
        await self._connection.run(_PAUSE, id_=claimed.id, pause=pause)

    async def give_up(self, request_id: UUID) -> None:
        """End a request that comes to nothing, whoever works on it."""
        await self._connection.run(_GIVE_UP, id_=request_id)

    async def lock(self, request_id: UUID) -> DataRequestStatus | None:
        """Return how a request stands, held until the transaction ends."""
        row = await self._connection.one(_LOCK, id=request_id)
        return DataRequestStatus(row["status"]) if row else None

    async def wake(self, request_id: UUID) -> None:
        """Have the sweep look at a request."""
        await self._connection.run(_WAKE, id_=request_id)

    async def reopen(self, request_id: UUID) -> bool:
        """Let a request that has failed go on; False if it has not.

        Raises:
            ConstraintViolatedError: another one of its kind is open.
        """
        return bool(await self._connection.run(_REOPEN, id_=request_id))

    async def check_silent(self, *, limit: int) -> list[tuple[UUID, datetime]]:
        """Return who has been silent for too long, with when it is looked at again."""
        rows = await self._connection.all(_CHECK_SILENT, limit=limit)
        return [(row["id"], row["check_at"]) for row in rows]
