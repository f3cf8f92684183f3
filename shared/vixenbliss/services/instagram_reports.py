"""What Instagram tells of an account: kept once, and put where its owner reads it."""

from itertools import islice

from vixenbliss.database import Connection, transaction
from vixenbliss.errors import ValidationError
from vixenbliss.ids import new_id
from vixenbliss.models.social_accounts import Platform
from vixenbliss.models.webhook_events import WebhookSource, WebhookStatus
from vixenbliss.repositories.inbox_letters import InboxLetterRepository
from vixenbliss.repositories.webhook_events import (
    Delivery,
    WebhookEventRepository,
    storable,
)
from vixenbliss.services.instagram_updates import Update, updates_in

MOST = 1_000  # Graph API, "Webhooks": "aggregated ... with a maximum of 1000 updates"


class InstagramReports:
    """Takes Instagram's verified deliveries in."""

    async def take(self, body: object) -> None:
        """Store each update once, and deliver what people wrote; again is the same.

        Each has a transaction of its own: two deliveries that bring the same updates in
        different orders wait for each other, and never both at once.

        Raises:
            ValidationError: it nests too deeply to be kept.
        """
        try:
            kept = storable({"body": body})["body"]
        except RecursionError as error:
            message = "The body nests too deeply."
            raise ValidationError(message) from error
        for update in islice(updates_in(kept), MOST):
            async with transaction() as connection:
                await _take(connection, update)


async def _take(connection: Connection, update: Update) -> None:
    letters = InboxLetterRepository(connection)
    to = await letters.addressee(Platform.INSTAGRAM, update.account)
    is_ours = to is not None and update.letter is not None
    stored = await WebhookEventRepository(connection).store(
        Delivery(
            id=new_id(),
            source=WebhookSource.INSTAGRAM,
            external_id=update.name,
            event_type=update.kind,
            subject_id=to.id if to else None,
            provider_object_id=None,
            payload=update.payload,
            occurred_at=update.at,
            status=WebhookStatus.PROCESSED if is_ours else WebhookStatus.IGNORED,
        )
    )
    if stored and to and update.letter:
        await letters.keep(to, update.letter)
