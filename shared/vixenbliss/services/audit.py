"""The trail of who did what, and whether it is whole."""

from vixenbliss.callers import Caller
from vixenbliss.database import Connection
from vixenbliss.repositories.audit import AuditRepository
from vixenbliss.schemas.base import Listing, PageQuery
from vixenbliss.schemas.operations import AuditRead, AuditVerified


class AuditService:
    """A workspace's audit trail, for its owners."""

    def __init__(self, connection: Connection) -> None:
        self._audit = AuditRepository(connection)

    async def list(
        self, caller: Caller, page: PageQuery, **filters: object
    ) -> Listing[AuditRead]:
        """Return the deeds that match, newest first."""
        return await self._audit.list(caller, page, **filters)

    async def verify(
        self, caller: Caller, first: int, last: int | None
    ) -> AuditVerified:
        """Walk the chain between two positions; say where it is first broken, if it is.

        The first row of the stretch is held against the one before it.
        """
        return await self._audit.verify(caller, first, last)
