"""Every query on where somebody is signed in."""

from uuid import UUID

from sqlalchemy import String, Uuid, and_, bindparam, cast, func, select, update

from vixenbliss.callers import Caller
from vixenbliss.database import Connection
from vixenbliss.errors import UnauthorizedError
from vixenbliss.models.sessions import UserSession
from vixenbliss.repositories.access import MEMBER, binds_of
from vixenbliss.schemas.user_sessions import SessionRead

MOST = 100
_is_live = and_(UserSession.revoked_at.is_(None), UserSession.expires_at > func.now())
_LIST = (
    select(
        UserSession.id,
        (UserSession.id == bindparam("_session_id", type_=Uuid())).label("is_current"),
        UserSession.user_agent,
        cast(func.host(UserSession.ip), String).label("ip"),
        UserSession.created_at,
        func.coalesce(UserSession.rotated_at, UserSession.created_at).label(
            "last_used_at"
        ),
        UserSession.expires_at,
    )
    .join(MEMBER, MEMBER.c.user_id == UserSession.user_id)
    .where(_is_live)
    .order_by(UserSession.created_at.desc(), UserSession.id.desc())
    .limit(MOST)
)
_REVOKE = (
    update(UserSession)
    .where(
        UserSession.user_id == bindparam("user_id_"),
        UserSession.id == bindparam("id_"),
        _is_live,
    )
    .values(revoked_at=func.now())
)
_REVOKE_ALL = (
    update(UserSession)
    .where(UserSession.user_id == bindparam("user_id_"), _is_live)
    .values(revoked_at=func.now())
)


class UserSessionRepository:
    """A user's sign-ins."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def list(self, caller: Caller) -> list[SessionRead]:
        """Return the caller's live sessions, newest first; at most a hundred.

        Raises:
            UnauthorizedError: the session has ended; a live one would be among them.
        """
        rows = await self._connection.all(_LIST, **binds_of(caller))
        if not rows:
            raise UnauthorizedError
        return [SessionRead.model_validate(dict(row)) for row in rows]

    async def revoke(self, user_id: int, session_id: UUID) -> bool:
        """End one of the user's live sessions; False if it is none."""
        return bool(
            await self._connection.run(_REVOKE, user_id_=user_id, id_=session_id)
        )

    async def revoke_all(self, user_id: int) -> int:
        """End all of the user's live sessions; return how many."""
        return await self._connection.run(_REVOKE_ALL, user_id_=user_id)
