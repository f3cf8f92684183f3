"""What becomes of events by one look at their object, in one transaction."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from vixenbliss.clock import now
from vixenbliss.database import Connection, transaction
from vixenbliss.errors import ProviderError, VixenBlissError
from vixenbliss.jobs.messages import Queue, apply
from vixenbliss.log import log
from vixenbliss.models.webhook_events import WebhookStatus
from vixenbliss.repositories.dead_letters import Burial, DeadLetterRepository
from vixenbliss.repositories.stripe_events import OpenEvent, StripeEventRepository
from vixenbliss.repositories.stripe_objects import Claim, StripeObjectRepository
from vixenbliss.services.mirrors import Verdict
from vixenbliss.services.outbox import Outbox

MAX_TRIES = 3
MARGIN = timedelta(seconds=15)
"""How long after a lease has run out, or a message is due, the sweep looks."""
PATIENCE = timedelta(minutes=3)
SHORTEST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(minutes=15)  # SQS delays no message for longer
DEFERRED_FIRST = timedelta(minutes=1)
DEFERRED_FOR = timedelta(days=3)
"""How long an event waits for a row that it is about; Stripe retries as long."""
CRASHED = "CRASHED"


@dataclass(frozen=True, slots=True)
class Look:
    """A claimed object, with the events that the look at it is to answer."""

    claim: Claim
    events: Sequence[OpenEvent]

    @property
    def ids(self) -> list[UUID]:
        """The events' ids."""
        return [event.id for event in self.events]

    @property
    def newest(self) -> datetime | None:
        """When the newest of what it answers has happened."""
        return max((event.occurred_at for event in self.events), default=None)

    @property
    def age(self) -> timedelta:
        """For how long the oldest of them has been here."""
        return _age(self.events)

    @property
    def is_live(self) -> bool:
        """Whether it is about real money, by the events' word."""
        return any(event.is_live for event in self.events)

    @property
    def last(self) -> OpenEvent:
        """The newest event."""
        return max(self.events, key=lambda event: (event.occurred_at, event.id))


@asynccontextmanager
async def settlement_of(look: Look) -> AsyncGenerator["Settlement"]:
    """Open the transaction that ends a look.

    Raises:
        LeaseLostError: somebody else has taken the object; nothing is written.
    """
    async with transaction() as connection:
        await StripeObjectRepository(connection).hold(look.claim)
        yield Settlement(connection, look)


class Settlement:
    """Says what becomes of the events that a look was for."""

    def __init__(self, connection: Connection, look: Look) -> None:
        self.connection = connection
        self._look = look
        self._events = StripeEventRepository(connection)
        self._objects = StripeObjectRepository(connection)

    async def answer(self, verdict: Verdict) -> None:
        """Settle the events by a mirror's word, and ring for what came meanwhile."""
        look = self._look
        await self._supersede()
        if verdict.status is WebhookStatus.DEFERRED:
            await self._defer(verdict)
        else:
            await self._events.settle(
                self._newest_ids, verdict.status, note=verdict.note
            )
        await self._objects.release(look.claim, told_at=look.newest)
        left = await self._events.left(look.claim.object_id)
        if left:
            await self._ring(left, "left")

    async def wait(self, error: Exception) -> None:
        """Have the look repeated when Stripe may answer again; that is no try."""
        pause = min(max(self._look.age, SHORTEST_PAUSE), LONGEST_PAUSE)
        await self._events.postpone(
            self._look.ids, str(error), check_in=pause + PATIENCE
        )
        await self._objects.release(self._look.claim)
        await self._ring(self._look.last.id, "waits", pause)

    async def count_try(self, error: Exception, delays_s: Sequence[int]) -> None:
        """Have the look repeated, three times in all; nobody looks before."""
        tries = 1 + max(event.attempts for event in self._look.events)
        if tries >= MAX_TRIES:
            await self._fail(_code_of(error), _reason_of(error))
            return
        pause = timedelta(seconds=delays_s[min(tries, len(delays_s)) - 1])
        await self._events.count_try(
            self._look.ids, _reason_of(error), check_in=pause + PATIENCE
        )
        await self._objects.pause(self._look.claim, pause)
        await self._ring(self._look.last.id, "again", pause)

    async def _defer(self, verdict: Verdict) -> None:
        age = _age(self._newest)
        if age > DEFERRED_FOR:
            await self._fail("DEFERRED", verdict.note)
            return
        await self._events.settle(
            self._newest_ids,
            WebhookStatus.DEFERRED,
            note=verdict.note,
            waits_for=verdict.waits_for,
            check_in=max(age, DEFERRED_FIRST),
        )

    async def _fail(self, code: str, reason: str) -> None:
        """End the events, with one dead letter about the newest."""
        last = self._look.last
        await self._events.settle(self._look.ids, WebhookStatus.FAILED, note=reason)
        await self._objects.release(self._look.claim)
        await DeadLetterRepository(self.connection).add(
            Burial(
                queue=Queue.EVENTS,
                dedupe_key=f"{last.id}:{self._look.claim.fence}",
                code=code,
                reason=reason,
                subject_id=last.id,
            )
        )
        log.error("event failed", event_id=str(last.id), code=code)

    async def _supersede(self) -> None:
        newest = self._look.newest
        older = [e.id for e in self._look.events if e.occurred_at != newest]
        await self._events.settle(older, WebhookStatus.SUPERSEDED)

    @property
    def _newest(self) -> list[OpenEvent]:
        """The events that the look answers: those of the last second."""
        newest = self._look.newest
        return [e for e in self._look.events if e.occurred_at == newest]

    @property
    def _newest_ids(self) -> list[UUID]:
        return [event.id for event in self._newest]

    async def _ring(
        self, event_id: UUID, why: str, delay: timedelta = timedelta(0)
    ) -> None:
        reason = f"{why}-{self._look.claim.fence}"
        await Outbox(self.connection).send(apply(event_id, reason, delay))


async def awaken(connection: Connection, name: str) -> None:
    """Have the events applied that wait for what is there now, by its name.

    For whoever writes the row, in the same transaction; see ``mirrors.deferred``.
    """
    awakened = await StripeEventRepository(connection).awaken(name, check_in=PATIENCE)
    await Outbox(connection).send(
        *(apply(event_id, f"awake-{until}") for event_id, until in awakened)
    )


def _age(events: Sequence[OpenEvent]) -> timedelta:
    """Return for how long the oldest of some events has been here."""
    since = min((event.received_at for event in events), default=now())
    return now() - since


def _code_of(error: Exception) -> str:
    return error.code if isinstance(error, VixenBlissError) else CRASHED


def _reason_of(error: Exception) -> str:
    """Return why something came to nothing; of a crash its kind, not its words."""
    if isinstance(error, ProviderError):
        return f"{error}: {error.words}" if error.words else str(error)
    return str(error) if isinstance(error, VixenBlissError) else type(error).__name__
