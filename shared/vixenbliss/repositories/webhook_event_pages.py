"""Every query by which the platform's staff looks at what providers reported."""

from uuid import UUID

from sqlalchemy import Integer, bindparam, func, select

from vixenbliss.callers import Caller
from vixenbliss.database import Connection
from vixenbliss.errors import EventNotFoundError
from vixenbliss.models.webhook_events import WebhookEvent
from vixenbliss.repositories.access import read_as_staff, seen_by_staff
from vixenbliss.repositories.terms import wish
from vixenbliss.schemas.base import Listing, PageQuery
from vixenbliss.schemas.webhook_events import WebhookEventDetail, WebhookEventRead

_COLUMNS = (
    WebhookEvent.id,
    WebhookEvent.source,
    WebhookEvent.external_id,
    WebhookEvent.event_type,
    WebhookEvent.subject_id,
    WebhookEvent.provider_object_id,
    WebhookEvent.status,
    WebhookEvent.attempts,
    WebhookEvent.waits_for,
    WebhookEvent.note,
    WebhookEvent.occurred_at,
    WebhookEvent.received_at,
    WebhookEvent.processed_at,
)
_that_match = (
    wish(WebhookEvent.source, "source"),
    wish(WebhookEvent.status, "status"),
    wish(WebhookEvent.event_type, "type"),
)
_total = (
    select(func.count())
    .select_from(select(WebhookEvent.id).where(*_that_match).subquery("matching"))
    .scalar_subquery()
)
_LIST = seen_by_staff(
    select(*_COLUMNS)
    .where(*_that_match)
    .order_by(WebhookEvent.received_at.desc(), WebhookEvent.id.desc())
    .limit(bindparam("limit", type_=Integer()))
    .offset(bindparam("offset", type_=Integer()))
).add_columns(_total.label("_total"))
_READ = seen_by_staff(
    select(*_COLUMNS, WebhookEvent.payload).where(WebhookEvent.id == bindparam("id"))
)


class WebhookEventPages:
    """Reports of providers, for the platform's staff; global."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def list(
        self, caller: Caller, page: PageQuery, **filters: object
    ) -> Listing[WebhookEventRead]:
        """Return the reports that match, newest first."""
        rows = await read_as_staff(
            self._connection,
            caller,
            _LIST,
            limit=page.per_page,
            offset=(page.page - 1) * page.per_page,
            **filters,
        )
        items = [WebhookEventRead.model_validate(dict(r)) for r in rows if r["_found"]]
        return page.listing(items, rows[0]["_total"])

    async def read(self, caller: Caller, event_id: UUID) -> WebhookEventDetail:
        """Return a report with what it says.

        Raises:
            EventNotFoundError: there is none of that id.
        """
        rows = await read_as_staff(self._connection, caller, _READ, id=event_id)
        if not rows[0]["_found"]:
            raise EventNotFoundError
        return WebhookEventDetail.model_validate(dict(rows[0]))
