"""Every statement by which users change what they sign in with."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, func, literal, select, update

from vixenbliss.callers import Caller
from vixenbliss.database import Connection
from vixenbliss.errors import (
    ConstraintViolatedError,
    UnauthorizedError,
    UserExistsError,
)
from vixenbliss.models.api_keys import ApiKey
from vixenbliss.models.sessions import UserSession
from vixenbliss.models.users import User
from vixenbliss.repositories.access import MEMBER, binds_of

_ME = select(User.id, User.email, User.hashed_password).join(
    MEMBER, MEMBER.c.user_id == User.id
)
_IS_TAKEN = select(literal(1)).where(
    func.lower(User.email) == func.lower(bindparam("email")),
    User.id != bindparam("user_id"),
)
_is_that = User.id == bindparam("id_")
_SET_PASSWORD = update(User).where(_is_that).values(hashed_password=bindparam("hash"))
_CHANGE_PASSWORD = _SET_PASSWORD.where(User.hashed_password == bindparam("before"))
_SET_EMAIL = (
    update(User)
    .where(_is_that)
    .values(email=bindparam("email_"), email_verified_at=func.now())
)
_MARK_VERIFIED = (
    update(User)
    .where(_is_that)
    .values(email_verified_at=func.coalesce(User.email_verified_at, func.now()))
)
_REVOKE_KEYS = (
    update(ApiKey)
    .where(
        ApiKey.created_by == User.id,
        _is_that,
        User.email_verified_at.is_(None),
        ApiKey.revoked_at.is_(None),
    )
    .values(revoked_at=func.now())
)
_END_SESSIONS = (
    update(UserSession)
    .where(UserSession.user_id == bindparam("id_"), UserSession.revoked_at.is_(None))
    .values(revoked_at=func.now())
)
_END_OTHER_SESSIONS = _END_SESSIONS.where(UserSession.id != bindparam("but"))


@dataclass(frozen=True, slots=True)
class Account:
    """What a signed-in user signs in with."""

    id: int
    email: str
    hashed_password: str


class AccountRepository:
    """Addresses and passwords. Sessions are ended after those have been written.

    Then no sign-in with what was good before, which holds the user's row while it opens
    its session, is missed.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def get(self, caller: Caller) -> Account:
        """Return what the caller signs in with.

        Raises:
            UnauthorizedError: the session has ended.
        """
        row = await self._connection.one(_ME, **binds_of(caller))
        if row is None:
            raise UnauthorizedError
        return Account(**row)

    async def is_taken(self, email: str, *, by_other_than: int) -> bool:
        """Tell whether an address is somebody else's."""
        row = await self._connection.one(_IS_TAKEN, email=email, user_id=by_other_than)
        return row is not None

    async def set_password(self, user_id: int, hashed: str) -> None:
        """Keep another password's hash, and let nobody in with the one before."""
        await self._connection.run(_SET_PASSWORD, id_=user_id, hash=hashed)
        await self._connection.run(_END_SESSIONS, id_=user_id)

    async def change_password(
        self, account: Account, hashed: str, *, session_id: UUID
    ) -> bool:
        """Keep another hash instead of a known one, and end all sessions but one.

        False, and nothing, if the password has become another in the meantime.
        """
        changed = await self._connection.run(
            _CHANGE_PASSWORD,
            id_=account.id,
            hash=hashed,
            before=account.hashed_password,
        )
        if changed:
            await self._connection.run(
                _END_OTHER_SESSIONS, id_=account.id, but=session_id
            )
        return bool(changed)

    async def set_email(self, user_id: int, email: str) -> None:
        """Give a user another address, which they have proved; end all sessions.

        Raises:
            UserExistsError: it has become somebody else's.
        """
        try:
            await self._connection.run(_SET_EMAIL, id_=user_id, email_=email)
        except ConstraintViolatedError as error:
            raise UserExistsError from error
        await self._connection.run(_END_SESSIONS, id_=user_id)

    async def revoke_unproved_keys(self, user_id: int) -> None:
        """End a user's API keys, unless the address was proved to be theirs before.

        Whoever made them may have signed up with somebody else's address.
        """
        await self._connection.run(_REVOKE_KEYS, id_=user_id)

    async def mark_verified(self, user_id: int) -> None:
        """Record that a user's address is theirs."""
        await self._connection.run(_MARK_VERIFIED, id_=user_id)
