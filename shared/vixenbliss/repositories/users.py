"""Every query on users and their sessions."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import and_, bindparam, func, insert, or_, select, update

from vixenbliss.callers import Caller
from vixenbliss.database import Connection
from vixenbliss.errors import (
    ConstraintViolatedError,
    UnauthorizedError,
    UserExistsError,
)
from vixenbliss.models.sessions import UserSession
from vixenbliss.models.users import PlatformRole, User
from vixenbliss.repositories.access import MEMBER, binds_of
from vixenbliss.repositories.terms import before_now, from_now
from vixenbliss.schemas.users import UserRead

_READABLE = (User.id, User.email, User.is_active, User.created_at, User.updated_at)

_ADD = (
    insert(User)
    .values(
        email=bindparam("email"),
        hashed_password=bindparam("hashed_password"),
        is_active=bindparam("is_active"),
        platform_role=bindparam("platform_role"),
    )
    .returning(*_READABLE)
)
_ME = select(*_READABLE).join(MEMBER, MEMBER.c.user_id == User.id)
_BY_EMAIL = select(User.id, User.email, User.hashed_password, User.is_active).where(
    func.lower(User.email) == func.lower(bindparam("email"))
)
_REHASH = (
    update(User)
    .where(User.id == bindparam("id_"), User.hashed_password == bindparam("checked"))
    .values(hashed_password=bindparam("hash"))
)
_PROMOTE = (
    update(User)
    .where(func.lower(User.email) == func.lower(bindparam("email_")))
    .values(platform_role=bindparam("role"))
)

# Whoever changes a password or closes an account writes the user's row, and then ends
# the sessions there are. A sign-in that has looked at the row before either holds it
# until its session can be ended with the others, or finds it changed and opens none.
_ADD_SESSION = (
    insert(UserSession)
    .from_select(
        [
            "id",
            "user_id",
            "family_hash",
            "refresh_hash",
            "user_agent",
            "ip",
            "expires_at",
        ],
        select(
            bindparam("id", type_=UserSession.id.type),
            User.id,
            bindparam("family_hash", type_=UserSession.family_hash.type),
            bindparam("refresh_hash", type_=UserSession.refresh_hash.type),
            bindparam("user_agent", type_=UserSession.user_agent.type),
            bindparam("ip", type_=UserSession.ip.type),
            from_now("lasts"),
        )
        .where(
            User.id == bindparam("user_id"),
            User.hashed_password == bindparam("checked"),
            User.is_active,
        )
        .with_for_update(read=True),
    )
    .returning(UserSession.id)
)
_live = and_(
    UserSession.id == bindparam("id_"),
    UserSession.revoked_at.is_(None),
    UserSession.expires_at > func.now(),
)
_ROTATE = (
    update(UserSession)
    .where(
        _live,
        UserSession.refresh_hash == bindparam("presented"),
        UserSession.user_id == User.id,
        User.is_active,
    )
    .values(
        previous_hash=UserSession.refresh_hash,
        refresh_hash=bindparam("next"),
        rotated_at=func.now(),
    )
    .returning(UserSession.user_id, User.email)
)
# A token spent a moment ago comes again when an answer was lost or two tabs refresh at
# once; any other is in a stranger's hands, and the whole family ends.
_PUNISH_REUSE = (
    update(UserSession)
    .where(
        _live,
        or_(
            UserSession.previous_hash.is_distinct_from(bindparam("presented")),
            UserSession.rotated_at < before_now("grace"),
        ),
    )
    .values(revoked_at=func.now())
    .returning(UserSession.user_id)
)
_REVOKE = update(UserSession).where(_live).values(revoked_at=func.now())
_OF_FAMILY = select(UserSession.id).where(
    _live, UserSession.family_hash == bindparam("family")
)


@dataclass(frozen=True, slots=True)
class StoredUser:
    """What a sign-in is checked against."""

    id: int
    email: str
    hashed_password: str
    is_active: bool


class UserRepository:
    """The users; global, for whoever signs in has no workspace yet."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(
        self,
        *,
        email: str,
        hashed_password: str,
        is_active: bool,
        platform_role: PlatformRole = PlatformRole.MEMBER,
    ) -> UserRead:
        """Insert a user.

        Raises:
            UserExistsError: the address is taken, in whatever case it is written.
        """
        try:
            row = await self._connection.one(
                _ADD,
                email=email,
                hashed_password=hashed_password,
                is_active=is_active,
                platform_role=platform_role,
            )
        except ConstraintViolatedError as error:
            raise UserExistsError from error
        return UserRead.model_validate(dict(row or {}))

    async def find_by_email(self, email: str) -> StoredUser | None:
        """Return the user of an address, or None."""
        row = await self._connection.one(_BY_EMAIL, email=email)
        return StoredUser(**row) if row else None

    async def get(self, caller: Caller) -> UserRead:
        """Return the signed-in user.

        Raises:
            UnauthorizedError: the session has ended.
        """
        row = await self._connection.one(_ME, **binds_of(caller))
        if row is None:
            raise UnauthorizedError
        return UserRead.model_validate(dict(row))

    async def rehash(self, user: StoredUser, hashed_password: str) -> None:
        """Keep a password under newer hashing parameters, if it is still that one."""
        await self._connection.run(
            _REHASH,
            id_=user.id,
            checked=user.hashed_password,
            hash=hashed_password,
        )

    async def promote(self, email: str, role: PlatformRole) -> None:
        """Give a user a role on the platform."""
        await self._connection.run(_PROMOTE, email_=email, role=role)


class SessionRepository:
    """The sign-ins; a session's id and token are what its holder is known by."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(  # noqa: PLR0913 - the columns of a row
        self,
        session_id: UUID,
        user: StoredUser,
        *,
        family_hash: bytes,
        refresh_hash: bytes,
        lasts: timedelta,
        user_agent: str | None,
        ip: str | None,
    ) -> bool:
        """Insert a session of a user as whom somebody has signed in.

        False if the password has changed since, or the account was closed.
        """
        row = await self._connection.one(
            _ADD_SESSION,
            id=session_id,
            user_id=user.id,
            checked=user.hashed_password,
            family_hash=family_hash,
            refresh_hash=refresh_hash,
            lasts=lasts,
            user_agent=user_agent,
            ip=ip,
        )
        return row is not None

    async def rotate(
        self, session_id: UUID, *, presented: bytes, following: bytes
    ) -> tuple[int, str] | None:
        """Spend a refresh token for the next one; one of many at once succeeds.

        Returns the user's id and address, or None where the token is not the current
        one of a live session.
        """
        row = await self._connection.one(
            _ROTATE, id_=session_id, presented=presented, next=following
        )
        return (row["user_id"], row["email"]) if row else None

    async def punish_reuse(
        self, session_id: UUID, *, presented: bytes, grace: timedelta
    ) -> bool:
        """End the session unless the token was its last one until a moment ago."""
        row = await self._connection.one(
            _PUNISH_REUSE, id_=session_id, presented=presented, grace=grace
        )
        return row is not None

    async def is_of_family(self, session_id: UUID, family: bytes) -> bool:
        """Tell whether a token was one of a session's that has not ended."""
        row = await self._connection.one(_OF_FAMILY, id_=session_id, family=family)
        return row is not None

    async def revoke(self, session_id: UUID) -> None:
        """End a session; ending it twice is once."""
        await self._connection.run(_REVOKE, id_=session_id)
