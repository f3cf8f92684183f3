"""Every query by which people read their notices."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Boolean, bindparam, func, or_, update

from vixenbliss.callers import Caller
from vixenbliss.database import Connection
from vixenbliss.models.notices import Notice
from vixenbliss.repositories.access import MEMBER
from vixenbliss.repositories.pages import page_seen_by_member, read_page
from vixenbliss.repositories.terms import among
from vixenbliss.schemas.base import Listing, PageQuery
from vixenbliss.schemas.notifications import NoticeRead

_LIST = page_seen_by_member(
    (
        Notice.id,
        Notice.workspace_id,
        Notice.kind,
        Notice.detail,
        Notice.created_at,
        Notice.read_at,
    ),
    Notice.user_id == MEMBER.c.user_id,
    or_(~bindparam("unread", type_=Boolean()), Notice.read_at.is_(None)),
    order_by=(Notice.created_at.desc(), Notice.id.desc()),
)
_READ_ALL = (
    update(Notice)
    .where(Notice.user_id == bindparam("user_id_"), Notice.read_at.is_(None))
    .values(read_at=func.now())
)
_READ = _READ_ALL.where(among(Notice.id, "ids"))


class NotificationRepository:
    """The notices of people."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def list(
        self, caller: Caller, page: PageQuery, *, unread: bool
    ) -> Listing[NoticeRead]:
        """Return the caller's notices, newest first."""
        return await read_page(
            self._connection, caller, _LIST, page, NoticeRead, unread=unread
        )

    async def mark_read(self, user_id: int, ids: Sequence[UUID] | None) -> None:
        """Note that a user has read those of these that are theirs; None for all."""
        if ids is None:
            await self._connection.run(_READ_ALL, user_id_=user_id)
        else:
            await self._connection.run(_READ, user_id_=user_id, ids=list(ids))
