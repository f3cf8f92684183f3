"""Every query on who is on the way to a platform and back."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, delete, func, insert, update

from vixenbliss.callers import Caller, Member
from vixenbliss.database import Connection
from vixenbliss.models.social_accounts import OauthState, Platform
from vixenbliss.repositories.terms import before_now, from_now

_ADD = (
    insert(OauthState)
    .values(
        state_hash=bindparam("state_hash"),
        platform=bindparam("platform"),
        workspace_id=bindparam("workspace_id"),
        user_id=bindparam("user_id"),
        session_id=bindparam("session_id"),
        avatar_id=bindparam("avatar_id"),
        verifier=bindparam("verifier"),
        return_url=bindparam("return_url"),
        expires_at=from_now("lasts"),
    )
    .returning(OauthState.expires_at)
)
_SPEND = (
    update(OauthState)
    .where(
        OauthState.state_hash == bindparam("hash_"),
        OauthState.platform == bindparam("platform_"),
        OauthState.used_at.is_(None),
        OauthState.expires_at > func.now(),
    )
    .values(used_at=func.now())
    .returning(
        OauthState.state_hash,
        OauthState.platform,
        OauthState.workspace_id,
        OauthState.user_id,
        OauthState.session_id,
        OauthState.avatar_id,
        OauthState.verifier,
        OauthState.return_url,
    )
)
_FORGET = delete(OauthState).where(OauthState.expires_at < before_now("ended_for"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """Somebody's way to a platform and back."""

    state_hash: bytes
    platform: Platform
    workspace_id: UUID
    user_id: int
    session_id: UUID
    avatar_id: UUID | None
    verifier: bytes | None
    return_url: str


class OauthStateRepository:
    """The journeys; known by the hash of what only the traveller carries."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(
        self, member: Member, caller: Caller, *, lasts: timedelta, **columns: object
    ) -> datetime:
        """Insert a journey of a member's session and return when it ends."""
        rows = await self._connection.all(
            _ADD,
            workspace_id=member.workspace_id,
            user_id=member.user_id,
            session_id=caller.session_id,
            lasts=lasts,
            **columns,
        )
        expires_at: datetime = rows[0]["expires_at"]
        return expires_at

    async def spend(self, platform: Platform, state_hash: bytes) -> Journey | None:
        """Return the journey that ends here; None if there is none, or was one."""
        row = await self._connection.one(_SPEND, hash_=state_hash, platform_=platform)
        return Journey(**row) if row else None

    async def forget_ended(self, *, ended_for: timedelta) -> int:
        """Delete journeys that ended so long ago; return how many."""
        return await self._connection.run(_FORGET, ended_for=ended_for)
