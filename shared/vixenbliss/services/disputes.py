"""Disputes of a workspace's orders, and what can be said in them."""

from uuid import UUID

from vixenbliss.callers import Caller
from vixenbliss.database import Connection
from vixenbliss.repositories.disputes import DisputeRepository
from vixenbliss.schemas.base import Listing, PageQuery
from vixenbliss.schemas.disputes import DisputeRead, DisputeWithEvidence


class DisputeService:
    """Disputes, to be looked at by those who answer for them."""

    def __init__(self, connection: Connection) -> None:
        self._disputes = DisputeRepository(connection)

    async def list(
        self, caller: Caller, page: PageQuery, **filters: object
    ) -> Listing[DisputeRead]:
        """Return the disputes that match, newest first."""
        return await self._disputes.list(caller, page, **filters)

    async def get(self, caller: Caller, dispute_id: UUID) -> DisputeWithEvidence:
        """Return a dispute with all that our records say of it.

        Raises:
            DisputeNotFoundError: the workspace has none of that id.
        """
        return await self._disputes.get(caller, dispute_id)
