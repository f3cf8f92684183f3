"""What is told of Stripe's objects becomes rows: claim, look, write, settle.

Events are grouped by the object that they are about. Whoever gets an object's lease
looks at it, with no transaction open, and writes what was seen under the lease's fence,
together with what has become of the events that were open before the look: the newest
is answered, older ones are superseded. What comes during a look is left to another one.
So rows always hold the newest snapshot, in whatever order events come, and however
often.

No answer is no try, nor is that our key is not taken; both cost patience only. A
refusal or a crash is one; after three an event has failed, with a dead letter, until
somebody has it replayed.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from vixenbliss.database import Connection, transaction
from vixenbliss.errors import (
    DatabaseUnavailableError,
    InvalidStateError,
    LeaseLostError,
    ProviderError,
    ProviderRefusedError,
    ProviderUnavailableError,
)
from vixenbliss.log import log
from vixenbliss.loop import all_of
from vixenbliss.models.webhook_events import WebhookStatus
from vixenbliss.providers.stripe import Stripe, is_about_our_key
from vixenbliss.repositories.stripe_events import OpenEvent, StripeEventRepository
from vixenbliss.repositories.stripe_objects import StripeObjectRepository
from vixenbliss.services.event_settling import MARGIN, Look, settlement_of
from vixenbliss.services.mirrors import Mirror, Verdict, ignored
from vixenbliss.settings import Settings

UNKNOWN_ROW_WAIT_S = 60

type Mirrors = Mapping[str, Mirror[Any]]
"""Mirrors by how the names of what they look at begin."""
type Write = Callable[[Connection], Awaitable[Verdict]]


class Applying:
    """Applies events; the mirrors say how what is seen becomes rows."""

    def __init__(self, settings: Settings, stripe: Stripe, mirrors: Mirrors) -> None:
        self._retry_delays_s = settings.retry_delays_s
        self._lease = timedelta(seconds=settings.lease_s)
        self._stripe = stripe
        self._mirrors = mirrors

    async def apply(self, ids: Sequence[UUID]) -> dict[UUID, float]:
        """Apply the events; return those to be delivered again, in so many seconds.

        An object that somebody else is looking at is left to them: they see to what
        has come meanwhile. Applying twice is applying once.
        """
        async with transaction() as connection:
            events = StripeEventRepository(connection)
            known = await events.known(ids)
            wanted = {e.object_id for e in known if e.object_id and e.is_to_be_applied}
            looks = await self._claim(connection, wanted)
            old = [event.id for event in known if event.is_old]
            await events.settle(old, WebhookStatus.SUPERSEDED)
        await all_of(*(self._apply(look) for look in looks))
        unknown = set(ids) - {event.id for event in known}
        return dict.fromkeys(unknown, UNKNOWN_ROW_WAIT_S)

    async def during[Seen](
        self, object_id: str, act: Callable[[], Awaitable[Seen]]
    ) -> Seen:
        """Do something to an object and write what it is then, as its mirror would.

        For whoever changes an object by a call and is answered with what has become of
        it: nobody else looks meanwhile, so the answer is the newest snapshot.

        Raises:
            InvalidStateError: somebody is just looking at it.
            ProviderError: raised by ``act``; nothing is written.
        """
        async with transaction() as connection:
            claims = await StripeObjectRepository(connection).claim(
                [object_id], lease=self._lease
            )
        if not claims:
            message = "This is just being changed; try again in a moment."
            raise InvalidStateError(message)
        look = Look(claims[0], ())
        try:
            seen = await act()
            await _write(look, partial(self._mirror_of(object_id).write, seen=seen))
        finally:
            await _let_go(look)
        return seen

    async def _claim(
        self, connection: Connection, object_ids: Collection[str]
    ) -> list[Look]:
        """Take what nobody is looking at, with all that is open about it."""
        objects = StripeObjectRepository(connection)
        claims = await objects.claim(list(object_ids), lease=self._lease)
        by_object: dict[str, list[OpenEvent]] = defaultdict(list)
        for event in await StripeEventRepository(connection).take(
            [claim.object_id for claim in claims], check_in=self._lease + MARGIN
        ):
            by_object[event.object_id].append(event)
        for claim in claims:
            if claim.object_id not in by_object:  # somebody else was faster
                await objects.release(claim)
        return [
            Look(claim, by_object[claim.object_id])
            for claim in claims
            if claim.object_id in by_object
        ]

    async def _apply(self, look: Look) -> None:
        try:
            await _write(look, await self._look(look))
        except LeaseLostError:
            log.warning("lease lost", object_id=look.claim.object_id)
        except ProviderError as error:
            await self._failed(look, error, is_try=_is_try(error))
        except DatabaseUnavailableError:
            raise
        except Exception as error:
            await self._failed(look, error, is_try=True)
            raise

    async def _look(self, look: Look) -> Write:
        """Look at an object; return what writes down what was seen."""
        object_id = look.claim.object_id
        mirror = self._mirrors.get(_prefix_of(object_id))
        if mirror is None:
            return partial(_ignore, "nothing that we mirror")
        if look.is_live is not self._stripe.is_live:
            return partial(_ignore, "of the other mode")
        return partial(mirror.write, seen=await mirror.look(object_id))

    def _mirror_of(self, object_id: str) -> Mirror[Any]:
        return self._mirrors[_prefix_of(object_id)]

    async def _failed(self, look: Look, error: Exception, *, is_try: bool) -> None:
        """Put a look off, or end it, for want of an answer or after too many tries."""
        log.warning(
            "object not looked at",
            object_id=look.claim.object_id,
            error=type(error).__name__,
            words=getattr(error, "words", ""),
        )
        try:
            async with settlement_of(look) as settlement:
                if is_try:
                    await settlement.count_try(error, self._retry_delays_s)
                else:
                    await settlement.wait(error)
        except LeaseLostError:
            log.warning("lease lost", object_id=look.claim.object_id)


async def _write(look: Look, write: Write) -> None:
    """Write what was seen, and what has become of the events, in one transaction."""
    async with settlement_of(look) as settlement:
        await settlement.answer(await write(settlement.connection))


def _is_try(error: ProviderError) -> bool:
    """Tell whether Stripe has said no to a look, and not nothing, or no to our key."""
    if isinstance(error, ProviderRefusedError):
        return not is_about_our_key(error)
    return not isinstance(error, ProviderUnavailableError)


async def _ignore(note: str, _: Connection) -> Verdict:
    return ignored(note)


async def _let_go(look: Look) -> None:
    """Give a lease back that nothing has been written under."""
    async with transaction() as connection:
        await StripeObjectRepository(connection).release(look.claim)


def _prefix_of(object_id: str) -> str:
    """Return how a name begins: ``cs_`` of ``cs_test_1``, ``upcoming:`` of its kind."""
    head, sign, _ = object_id.partition(":")
    if sign:
        return head + sign
    head, sign, _ = object_id.partition("_")
    return head + sign
