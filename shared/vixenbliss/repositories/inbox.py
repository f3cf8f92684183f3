"""Every query by which members read their inbox."""

from uuid import UUID

from sqlalchemy import bindparam, func, join, literal_column, select
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

from vixenbliss.callers import Caller
from vixenbliss.database import Connection
from vixenbliss.errors import ThreadNotFoundError
from vixenbliss.models.inbox import InboxMessage, InboxThread
from vixenbliss.models.social_accounts import SocialAccount
from vixenbliss.repositories.access import MEMBER, read, seen_by_member
from vixenbliss.repositories.pages import page_seen_by_member, read_page
from vixenbliss.repositories.terms import wish
from vixenbliss.schemas.base import Listing, PageQuery
from vixenbliss.schemas.inbox import ThreadRead, ThreadWithMessages

MOST = 200
"""How many messages of a thread are shown, the latest ones."""
_COLUMNS = (
    InboxThread.id,
    InboxThread.account_id,
    SocialAccount.platform,
    InboxThread.kind,
    InboxThread.media_id,
    InboxThread.participant,
    InboxThread.participant_id,
    InboxThread.last_message_at,
    InboxThread.created_at,
)
_mine = InboxThread.workspace_id == MEMBER.c.workspace_id
_with_account = join(
    InboxThread, SocialAccount, SocialAccount.id == InboxThread.account_id
)
_LIST = page_seen_by_member(
    _COLUMNS,
    _mine,
    wish(InboxThread.account_id, "account_id"),
    wish(InboxThread.kind, "kind"),
    order_by=(InboxThread.last_message_at.desc(), InboxThread.id.desc()),
    sources=[_with_account],
)
_latest = (
    select(InboxMessage)
    .where(InboxMessage.thread_id == InboxThread.id)
    .order_by(InboxMessage.sent_at.desc(), InboxMessage.id.desc())
    .limit(MOST)
    .correlate(InboxThread)
    .lateral("latest")
)
_shown = func.jsonb_build_object(
    "id",
    _latest.c.id,
    "author",
    _latest.c.author,
    "author_id",
    _latest.c.author_id,
    "body",
    _latest.c.body,
    "sent_at",
    _latest.c.sent_at,
)
_messages = (
    select(
        func.coalesce(
            func.jsonb_agg(aggregate_order_by(_shown, _latest.c.sent_at, _latest.c.id)),
            literal_column("'[]'::jsonb"),
            type_=JSONB,
        )
    )
    .select_from(_latest)
    .correlate(InboxThread)
    .scalar_subquery()
)
_GET = seen_by_member(
    select(*_COLUMNS, _messages.label("messages"))
    .select_from(_with_account)
    .where(_mine, InboxThread.id == bindparam("id"))
    .correlate(MEMBER)
)


class InboxRepository:
    """The inbox of a workspace."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def list(
        self, caller: Caller, page: PageQuery, **filters: object
    ) -> Listing[ThreadRead]:
        """Return the threads that match, the one with the latest news first."""
        return await read_page(
            self._connection, caller, _LIST, page, ThreadRead, **filters
        )

    async def get(self, caller: Caller, thread_id: UUID) -> ThreadWithMessages:
        """Return a thread with its latest messages.

        Raises:
            ThreadNotFoundError: the workspace has none of that id.
        """
        rows = await read(self._connection, caller, _GET, id=thread_id)
        if not rows:
            raise ThreadNotFoundError
        return ThreadWithMessages.model_validate(dict(rows[0]))
