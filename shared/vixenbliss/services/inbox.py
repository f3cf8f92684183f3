"""The inbox: what people wrote to a workspace's accounts."""

from uuid import UUID

from vixenbliss.callers import Caller
from vixenbliss.database import Connection
from vixenbliss.repositories.inbox import InboxRepository
from vixenbliss.schemas.base import Listing, PageQuery
from vixenbliss.schemas.inbox import ThreadRead, ThreadWithMessages


class InboxService:
    """The inbox of the workspace that the caller works in."""

    def __init__(self, connection: Connection) -> None:
        self._inbox = InboxRepository(connection)

    async def list(
        self, caller: Caller, page: PageQuery, **filters: object
    ) -> Listing[ThreadRead]:
        """Return the threads that match, the one with the latest news first."""
        return await self._inbox.list(caller, page, **filters)

    async def get(self, caller: Caller, thread_id: UUID) -> ThreadWithMessages:
        """Return a thread with its latest messages.

        Raises:
            ThreadNotFoundError: the workspace has none of that id.
        """
        return await self._inbox.get(caller, thread_id)
