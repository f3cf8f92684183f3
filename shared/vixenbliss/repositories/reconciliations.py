"""Every statement by which reconciliations begin, go on and end; global.

A claim is a lease with a fence, by the database's clock; every write names its fence.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Date,
    Integer,
    bindparam,
    cast,
    func,
    insert,
    literal_column,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from vixenbliss.database import Connection
from vixenbliss.errors import LeaseLostError
from vixenbliss.ids import new_id
from vixenbliss.models.reconciliations import (
    DifferenceKind,
    Reconciliation,
    ReconciliationDifference,
    ReconciliationStage,
    ReconciliationStatus,
)
from vixenbliss.repositories.terms import among, from_now

KEPT = timedelta(days=30)
"""For how long Stripe keeps events (docs.stripe.com/api/events)."""
OVERLAP = timedelta(hours=1)
"""How long before the watermark events are asked for again."""
PATIENCE = timedelta(minutes=3)
"""How long a reconciliation may be silent before the sweep looks for it."""
SWEEP_MARGIN = timedelta(seconds=15)

_is_running = Reconciliation.status == literal_column("'running'")
_is_done = Reconciliation.status == ReconciliationStatus.DONE
# Stripe tells seconds; the one in which a reconciliation begins is looked at, too.
_until = func.date_trunc("second", func.now()) + timedelta(seconds=1)
_watermark = select(func.max(Reconciliation.until)).where(_is_done).scalar_subquery()
_yesterday = cast(func.timezone("UTC", func.now()), Date()) - 1
_last_day = (
    select(func.max(Reconciliation.day))
    .where(_is_done, Reconciliation.requested_by.is_(None))
    .scalar_subquery()
)
_next_day = func.coalesce(_last_day + 1, _yesterday)
_id = bindparam("id", type_=Reconciliation.id.type)
_NAMES = ["id", "day", "requested_by", "events_since", "until", "check_at"]
_since = func.greatest(_watermark - OVERLAP, _until - KEPT)


def _beginning(day: Any, requested_by: Any, *where: Any) -> Any:  # noqa: ANN401 - SQLAlchemy's terms
    """Return the statement that begins a reconciliation, unless one is running."""
    return (
        upsert(Reconciliation)
        .from_select(
            _NAMES,
            select(_id, day, requested_by, _since, _until, func.now() + PATIENCE).where(
                *where
            ),
        )
        .on_conflict_do_nothing(
            index_elements=["status"], index_where=text("status = 'running'")
        )
        .returning(Reconciliation.id)
    )


_BEGIN = _beginning(
    bindparam("day", type_=Date()), bindparam("requested_by", type_=Integer())
)
_BEGIN_DUE = _beginning(_next_day, cast(None, Integer()), _next_day <= _yesterday)
_CLAIM = (
    update(Reconciliation)
    .where(
        Reconciliation.id == bindparam("id_"),
        _is_running,
        or_(
            Reconciliation.lease_until.is_(None),
            Reconciliation.lease_until < func.now(),
        ),
    )
    .values(
        fence=Reconciliation.fence + 1,
        lease_until=from_now("lease"),
        check_at=from_now("lease") + SWEEP_MARGIN,
    )
    .returning(
        Reconciliation.id,
        Reconciliation.day,
        Reconciliation.requested_by,
        Reconciliation.events_since,
        Reconciliation.until,
        Reconciliation.cursor,
        Reconciliation.stage,
        Reconciliation.attempts,
        Reconciliation.created_at,
        Reconciliation.fence,
    )
)
_is_it = Reconciliation.id == bindparam("id_")
_ADVANCE = (
    update(Reconciliation)
    .where(_is_it)
    .values(
        stage=bindparam("stage_"),
        cursor=bindparam("cursor_"),
        attempts=0,
        events_seen=Reconciliation.events_seen + bindparam("events"),
        events_missing=Reconciliation.events_missing + bindparam("missing"),
        rows_compared=Reconciliation.rows_compared + bindparam("rows"),
        differences=Reconciliation.differences + bindparam("differing"),
    )
)
_LEAVE = (
    update(Reconciliation)
    .where(_is_it)
    .values(
        lease_until=None,
        check_at=from_now("check_in"),
        attempts=Reconciliation.attempts + bindparam("tries"),
    )
)
_END = (
    update(Reconciliation)
    .where(_is_it)
    .values(
        status=ReconciliationStatus.DONE,
        lease_until=None,
        check_at=None,
        finished_at=func.now(),
    )
    .returning(Reconciliation.differences)
)
_KNOWN = select(Reconciliation.id).where(among(Reconciliation.id, "ids"))
_ours = (
    Reconciliation.id == bindparam("id_"),
    Reconciliation.fence == bindparam("fence_"),
    _is_running,
)
_HOLD = select(Reconciliation.id).where(*_ours).with_for_update()


@dataclass(frozen=True, slots=True)
class ClaimedRun:
    """A reconciliation that is ours until its lease ends."""

    id: UUID
    day: date
    requested_by: int | None
    """None where the clock has begun it."""
    events_since: datetime
    until: datetime
    cursor: str | None
    stage: ReconciliationStage
    attempts: int
    created_at: datetime
    fence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What a page has brought."""

    events: int = 0
    missing: int = 0
    rows: int = 0
    differing: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A movement of Stripe's balance on which the two books do not agree."""

    kind: DifferenceKind
    balance_transaction_id: str
    workspace_id: UUID | None
    currency: str
    stripe_micros: int | None
    ledger_micros: int | None
    note: str


class ReconciliationRepository:
    """The reconciliations, one running at a time."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def start(self, day: date, *, requested_by: int) -> UUID | None:
        """Begin to reconcile a day; return None if one is running."""
        row = await self._connection.one(
            _BEGIN, id=new_id(), day=day, requested_by=requested_by
        )
        return row["id"] if row else None

    async def begin_due(self) -> UUID | None:
        """Begin with the day after the last that was reconciled, up to yesterday.

        Without any before, that is yesterday. Returns None if nothing is due, or a
        reconciliation is running.
        """
        row = await self._connection.one(_BEGIN_DUE, id=new_id())
        return row["id"] if row else None

    async def claim(self, run_id: UUID, *, lease: timedelta) -> ClaimedRun | None:
        """Take a reconciliation that runs and that nobody is working on."""
        row = await self._connection.one(_CLAIM, id_=run_id, lease=lease)
        return ClaimedRun(**row) if row else None

    async def known(self, ids: Sequence[UUID]) -> set[UUID]:
        """Return which of these reconciliations there are."""
        rows = await self._connection.all(_KNOWN, ids=list(ids))
        return {row["id"] for row in rows}

    async def hold(self, run: ClaimedRun) -> None:
        """Keep others from a claimed reconciliation until the transaction ends.

        Raises:
            LeaseLostError: it is no longer ours.
        """
        row = await self._connection.one(_HOLD, id_=run.id, fence_=run.fence)
        if row is None:
            raise LeaseLostError

    async def advance(
        self,
        run: ClaimedRun,
        stage: ReconciliationStage,
        cursor: str | None,
        counted: Progress,
    ) -> ClaimedRun:
        """Write down how far a held reconciliation has come, and what was found."""
        await self._connection.run(
            _ADVANCE, id_=run.id, stage_=stage, cursor_=cursor, **asdict(counted)
        )
        return replace(run, stage=stage, cursor=cursor, attempts=0)

    async def leave(
        self, run: ClaimedRun, *, check_in: timedelta, tries: int = 0
    ) -> None:
        """Let others go on with a held reconciliation."""
        await self._connection.run(_LEAVE, id_=run.id, check_in=check_in, tries=tries)

    async def end(self, run: ClaimedRun) -> int:
        """End a held reconciliation that has been gone through; return what differs."""
        row = await self._connection.one(_END, id_=run.id)
        return int(row["differences"]) if row else 0

    async def add_differences(
        self, run: ClaimedRun, differences: Sequence[Difference]
    ) -> None:
        """Write down what does not agree."""
        if differences:
            rows = [{**asdict(d), "reconciliation_id": run.id} for d in differences]
            await self._connection.run(insert(ReconciliationDifference).values(rows))
