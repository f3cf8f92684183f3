"""Every query on whether Stripe's events have come, and been applied; global."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, literal_column, select

from vixenbliss.database import Connection
from vixenbliss.models.webhook_events import (
    WebhookEvent,
    WebhookSource,
    WebhookStatus,
)
from vixenbliss.repositories.terms import among

_KNOWN = select(WebhookEvent.external_id).where(
    WebhookEvent.source == WebhookSource.STRIPE,
    among(WebhookEvent.external_id, "external_ids"),
)
_IS_UNSETTLED = (
    select(WebhookEvent.id)
    .where(
        WebhookEvent.source == WebhookSource.STRIPE,
        WebhookEvent.status == literal_column(f"'{WebhookStatus.RECEIVED}'"),
        WebhookEvent.provider_object_id.is_not(None),
        WebhookEvent.occurred_at < bindparam("until"),
    )
    .limit(1)
)


class MissedEventRepository:
    """What reconciliations want to know of Stripe's events."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def known(self, external_ids: Sequence[str]) -> set[str]:
        """Return which of Stripe's events have come, by Stripe's names."""
        rows = await self._connection.all(_KNOWN, external_ids=list(external_ids))
        return {row["external_id"] for row in rows}

    async def is_unsettled(self, until: datetime) -> bool:
        """Tell whether an event from before then is still to be applied."""
        return await self._connection.one(_IS_UNSETTLED, until=until) is not None
