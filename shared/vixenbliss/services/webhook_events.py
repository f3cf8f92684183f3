"""What providers reported, for the platform's staff, and having it worked on again."""

from uuid import UUID

from vixenbliss.callers import Caller
from vixenbliss.database import Connection
from vixenbliss.errors import EventNotFoundError, InvalidStateError
from vixenbliss.jobs.messages import apply
from vixenbliss.models.webhook_events import WebhookStatus
from vixenbliss.repositories import access
from vixenbliss.repositories.audit import AuditRepository
from vixenbliss.repositories.dead_letters import DeadLetterRepository
from vixenbliss.repositories.stripe_events import StripeEventRepository
from vixenbliss.repositories.stripe_objects import StripeObjectRepository
from vixenbliss.repositories.webhook_event_pages import WebhookEventPages
from vixenbliss.schemas.base import Listing, PageQuery
from vixenbliss.schemas.webhook_events import (
    Replayed,
    WebhookEventDetail,
    WebhookEventRead,
)
from vixenbliss.services.outbox import Outbox
from vixenbliss.services.stripe_events import PATIENCE


class WebhookEventService:
    """The reports; every method raises ForbiddenError if an ordinary user asks."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._pages = WebhookEventPages(connection)

    async def list(
        self, caller: Caller, page: PageQuery, **filters: object
    ) -> Listing[WebhookEventRead]:
        """Return the reports that match, newest first."""
        return await self._pages.list(caller, page, **filters)

    async def read(self, caller: Caller, event_id: UUID) -> WebhookEventDetail:
        """Return a report with what it says.

        Raises:
            EventNotFoundError: there is none of that id.
        """
        return await self._pages.read(caller, event_id)

    async def replay(self, caller: Caller, event_id: UUID, reason: str) -> Replayed:
        """Have a report of Stripe's worked on again; the trail says who and why.

        There is no workspace in it, so the trail is that of the caller's own.

        Raises:
            EventNotFoundError: Stripe has reported nothing of that id.
            InvalidStateError: it is being worked on, or there is nothing to look at.
        """
        await access.admin(self._connection, caller)
        await replay(self._connection, event_id)
        await AuditRepository(self._connection).add(
            await access.member(self._connection, caller),
            "webhook_event.replayed",
            ("webhook_event", event_id),
            reason=reason,
        )
        return Replayed(id=event_id, status=WebhookStatus.RECEIVED)


async def replay(connection: Connection, event_id: UUID) -> None:
    """Look at what an event of Stripe's is about, however old the event is.

    Raises:
        EventNotFoundError: Stripe has reported nothing of that id.
        InvalidStateError: it is being worked on, or there is nothing to look at.
    """
    events = StripeEventRepository(connection)
    found = await events.known([event_id])
    if not found:
        raise EventNotFoundError
    object_id = found[0].object_id
    if object_id is None:
        message = "The event is about nothing that could be looked at."
        raise InvalidStateError(message)
    await StripeObjectRepository(connection).doubt(object_id)  # which is held first
    held = await events.lock(event_id)
    if held is None or held.status is WebhookStatus.RECEIVED:
        message = "The event is being worked on."
        raise InvalidStateError(message)
    until = await events.open_again(event_id, check_in=PATIENCE)
    await DeadLetterRepository(connection).close_of(event_id)
    await Outbox(connection).send(apply(event_id, f"replay-{until}"))
