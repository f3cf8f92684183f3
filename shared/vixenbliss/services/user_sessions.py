"""Where somebody is signed in, and how to sign out there."""

from uuid import UUID

from vixenbliss.callers import Caller
from vixenbliss.database import Connection
from vixenbliss.errors import SessionNotFoundError
from vixenbliss.repositories import access
from vixenbliss.repositories.user_sessions import UserSessionRepository
from vixenbliss.schemas.user_sessions import SessionList, SessionsRevoked


class UserSessionService:
    """The caller's sign-ins."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sessions = UserSessionRepository(connection)

    async def list(self, caller: Caller) -> SessionList:
        """Return where the caller is signed in, newest first."""
        return SessionList(items=await self._sessions.list(caller))

    async def revoke(self, caller: Caller, session_id: UUID) -> None:
        """End one of the caller's sessions, which may be the one that asks.

        Raises:
            SessionNotFoundError: it is somebody else's, or has ended.
        """
        user_id = await access.user(self._connection, caller)
        if not await self._sessions.revoke(user_id, session_id):
            raise SessionNotFoundError

    async def revoke_all(self, caller: Caller) -> SessionsRevoked:
        """End all of the caller's sessions, the one that asks included."""
        user_id = await access.user(self._connection, caller)
        return SessionsRevoked(revoked=await self._sessions.revoke_all(user_id))
