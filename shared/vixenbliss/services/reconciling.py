"""Reconciliation: Stripe's books held against ours, and what never came brought in.

First Stripe's events since the last time are listed; those that have never come go
through the same door and the same engine as all others. When they are applied, the
day's movements of the balance are compared with the books, in pages. Each page is one
transaction under the run's fence, with a cursor: whoever dies in between is followed by
somebody who goes on there. Run again, it changes nothing.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from vixenbliss.clock import now
from vixenbliss.database import Connection, reading, transaction
from vixenbliss.deadline import time_left_s
from vixenbliss.errors import (
    LeaseLostError,
    ProviderError,
    ProviderRefusedError,
    ProviderUnavailableError,
    ValidationError,
)
from vixenbliss.log import log
from vixenbliss.models.reconciliations import ReconciliationStage
from vixenbliss.providers.stripe_balance import StripeBalance
from vixenbliss.providers.stripe_shapes import BalanceTransaction
from vixenbliss.repositories.booked import BookedRepository
from vixenbliss.repositories.missed_events import MissedEventRepository
from vixenbliss.repositories.reconciliations import (
    ClaimedRun,
    Progress,
    ReconciliationRepository,
)
from vixenbliss.services.comparing import compare
from vixenbliss.services.reconciliation_runs import end, fail, holding, leave
from vixenbliss.services.stripe_events import StripeEvents
from vixenbliss.settings import Settings

MAX_TRIES = 3
UNKNOWN_ROW_WAIT_S = 60
ONE_STEP_S = 15
"""What a page may take; with less time left, somebody else goes on."""
PAUSE = timedelta(seconds=10)
"""Between looks whether all events have been applied."""
OUTAGE = timedelta(minutes=5)
"""Before Stripe is asked again when it gave no answer."""
SETTLED_BY = timedelta(hours=1)
"""After so long, what has not been applied is compared as it is: as missing."""
SUSPECTS = 100
"""How many movements that only the books have are looked up with a page."""
GONE = "resource_missing"
_SECOND = timedelta(seconds=1)


class Reconciling:
    """Takes reconciliations a part of their way, until they are done."""

    def __init__(self, settings: Settings, balance: StripeBalance) -> None:
        self._lease = timedelta(seconds=settings.lease_s)
        self._retry_delays_s = settings.retry_delays_s
        self._balance = balance

    async def reconcile(self, ids: Sequence[UUID]) -> dict[UUID, float]:
        """Go on with reconciliations; return those to be delivered again.

        One that somebody else is working on is left to them.
        """
        async with transaction() as connection:
            runs = ReconciliationRepository(connection)
            known = await runs.known(ids)
            claimed = [await runs.claim(run_id, lease=self._lease) for run_id in known]
        for run in filter(None, claimed):
            await self._go_on(run)
        return dict.fromkeys(set(ids) - known, UNKNOWN_ROW_WAIT_S)

    async def _go_on(self, run: ClaimedRun) -> None:
        try:
            while advanced := await self._step(run):
                run = advanced
                if run.stage is ReconciliationStage.DONE:
                    return
                if time_left_s() < ONE_STEP_S:
                    break
            await leave(run, timedelta(0) if advanced else PAUSE)
        except LeaseLostError:
            log.warning("lease lost", reconciliation_id=str(run.id))
        except ProviderError as error:
            await self._put_off(run, error)

    async def _step(self, run: ClaimedRun) -> ClaimedRun | None:
        """Take one step; return where the run stands then, or None if it has to wait.

        Raises:
            LeaseLostError: the run is no longer ours.
            ProviderError: Stripe does not say.
        """
        if run.stage is ReconciliationStage.EVENTS:
            return await self._take_in(run)
        if run.stage is ReconciliationStage.SETTLING:
            return await _settled(run)
        return await self._compare(run)

    async def _take_in(self, run: ClaimedRun) -> ClaimedRun:
        """Store a page of events, as far as they have never come."""
        page = await self._balance.events(run.events_since, run.until, after=run.cursor)
        names = [str(event.get("id")) for event in page.data]
        async with holding(run) as connection:
            runs = ReconciliationRepository(connection)
            known = await MissedEventRepository(connection).known(names)
            taken = [
                await _take(connection, event)
                for event, name in zip(page.data, names, strict=True)
                if name not in known
            ]
            stage, cursor = _after(page.has_more, names, run.stage)
            found = Progress(events=len(names), missing=sum(taken))
            return await runs.advance(run, stage, cursor, found)

    async def _compare(self, run: ClaimedRun) -> ClaimedRun:
        """Hold a page of the day's movements against the books."""
        since, until = window_of(run)
        upto = until if run.cursor is None else await self._moment_of(run.cursor)
        page = await self._balance.movements(since, until, after=run.cursor)
        names = [row.id for row in page.data]
        down_to = page.data[-1].created if page.has_more else since
        others, gone = await self._look_up(await _others(down_to, upto, names))
        elsewhere = [row for row in others if not since <= row.created < until]
        async with holding(run) as connection:
            runs = ReconciliationRepository(connection)
            differing = await compare(connection, [*page.data, *elsewhere], gone)
            await runs.add_differences(run, differing)
            stage, cursor = _after(page.has_more, names, run.stage)
            found = Progress(rows=len(names), differing=len(differing))
            run = await runs.advance(run, stage, cursor, found)
            if stage is ReconciliationStage.DONE:
                await end(connection, run)
        return run

    async def _moment_of(self, name: str) -> datetime:
        return (await self._balance.movement(name)).created

    async def _look_up(
        self, names: Sequence[str]
    ) -> tuple[list[BalanceTransaction], list[str]]:
        """Return what Stripe says of movements by name, and which it does not know.

        Those that it knows are on another page of the day, or the books have them at
        another time.
        """
        there, gone = list[BalanceTransaction](), list[str]()
        for name in names:
            try:
                there.append(await self._balance.movement(name))
            except ProviderRefusedError as error:
                if error.their_code != GONE:
                    raise
                gone.append(name)
        return there, gone

    async def _put_off(self, run: ClaimedRun, error: ProviderError) -> None:
        """Have a run go on when Stripe may answer; end it after three refusals."""
        log.warning("reconciliation put off", code=error.code, words=error.words)
        if isinstance(error, ProviderUnavailableError):
            await leave(run, OUTAGE)
        elif run.attempts + 1 < MAX_TRIES:
            tries = min(run.attempts, len(self._retry_delays_s) - 1)
            pause = timedelta(seconds=self._retry_delays_s[tries])
            await leave(run, pause, tries=1)
        else:
            await fail(run, error)


def window_of(run: ClaimedRun) -> tuple[datetime, datetime]:
    """Return between which instants movements are compared: a day, as far as it is."""
    begins = datetime.combine(run.day, time.min, UTC)
    return begins, min(begins + timedelta(days=1), run.until)


def _after(
    has_more: bool,  # noqa: FBT001 - as the page tells it
    names: Sequence[str],
    stage: ReconciliationStage,
) -> tuple[ReconciliationStage, str | None]:
    """Return the stage and the cursor after a page of these names."""
    if has_more and names:
        return stage, names[-1]
    stages = list(ReconciliationStage)
    return stages[stages.index(stage) + 1], None


async def _take(connection: Connection, event: dict[str, Any]) -> bool:
    try:
        return await StripeEvents(connection).take(event)
    except ValidationError as error:
        log.error("event not understood", code=error.code)
        return False


async def _settled(run: ClaimedRun) -> ClaimedRun | None:
    """Go on to the balance if all events have been applied, or will not be soon."""
    async with reading() as connection:
        events = MissedEventRepository(connection)
        is_unsettled = await events.is_unsettled(run.until)
    if is_unsettled and now() < run.created_at + SETTLED_BY:
        return None
    async with holding(run) as connection:
        runs = ReconciliationRepository(connection)
        return await runs.advance(run, ReconciliationStage.BALANCE, None, Progress())


async def _others(since: datetime, until: datetime, names: Sequence[str]) -> list[str]:
    """Return which movements the books have of a stretch, besides those."""
    async with reading() as connection:
        books = BookedRepository(connection)
        return await books.others(since, until, besides=names, limit=SUSPECTS)
