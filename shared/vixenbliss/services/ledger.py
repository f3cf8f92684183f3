"""The ledger: where money is written down, once, for good."""

from vixenbliss.database import Connection
from vixenbliss.repositories.ledger import LedgerRepository, Posting


class Ledger:
    """The books of all workspaces, and the platform's own."""

    def __init__(self, connection: Connection) -> None:
        self._rows = LedgerRepository(connection)

    async def post(self, posting: Posting) -> bool:
        """Write a posting down; return False if it was there, or moves nothing.

        Told twice, it is written once: it is known by its workspace, kind and source.
        What does not add up, the database refuses at the commit.
        """
        return bool(posting.legs) and await self._rows.add(posting)
