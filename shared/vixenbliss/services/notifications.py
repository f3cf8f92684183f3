"""What people should know, for them to read."""

from vixenbliss.callers import Caller
from vixenbliss.database import Connection
from vixenbliss.repositories import access
from vixenbliss.repositories.notifications import NotificationRepository
from vixenbliss.schemas.base import Listing, PageQuery
from vixenbliss.schemas.notifications import NoticeRead, NoticesSeen


class NotificationService:
    """The notices of whoever asks."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._notices = NotificationRepository(connection)

    async def list(
        self, caller: Caller, page: PageQuery, *, unread: bool
    ) -> Listing[NoticeRead]:
        """Return the caller's notices, or those not read yet, newest first."""
        return await self._notices.list(caller, page, unread=unread)

    async def mark_read(self, caller: Caller, seen: NoticesSeen) -> None:
        """Note that the caller has read notices; when they first did stays noted."""
        user_id = await access.user(self._connection, caller)
        ids = None if seen.ids == "all" else seen.ids
        await self._notices.mark_read(user_id, ids)
