"""Signing in, staying signed in, signing out."""

from dataclasses import dataclass

from vixenbliss.callers import Caller
from vixenbliss.database import reading, transaction
from vixenbliss.errors import (
    InvalidCredentialsError,
    TokenReusedError,
    UnauthorizedError,
)
from vixenbliss.ids import new_id
from vixenbliss.repositories import access
from vixenbliss.repositories.users import (
    SessionRepository,
    StoredUser,
    UserRepository,
)
from vixenbliss.schemas.users import LoginRequest
from vixenbliss.services import passwords
from vixenbliss.services.tokens import (
    ACCESS_LASTS,
    REFRESH_LASTS,
    REUSE_GRACE,
    AccessTokens,
    Claims,
    RefreshToken,
)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a sign-in comes from, for its owner to recognise."""

    user_agent: str | None
    ip: str | None


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a client holds after signing in."""

    user_id: int
    email: str
    access_token: str
    refresh_token: str
    expires_in_s: int = int(ACCESS_LASTS.total_seconds())


class SessionService:
    """The sign-ins.

    Opens its own transactions: a reused token ends its session and is refused, and the
    refusal must not undo the end.
    """

    def __init__(self, tokens: AccessTokens) -> None:
        self._tokens = tokens

    async def sign_in(self, wanted: LoginRequest, origin: Origin) -> Tokens:
        """Open a session for whoever knows the password.

        Raises:
            InvalidCredentialsError: unknown address, wrong password or closed account,
                said alike and after the same work.
        """
        async with reading() as connection:
            user = await UserRepository(connection).find_by_email(wanted.email)
        fits = await passwords.matches(
            wanted.password, user.hashed_password if user else None
        )
        if user is None or not fits or not user.is_active:
            raise InvalidCredentialsError
        return await self._open(user, wanted.password, origin)

    async def _open(self, user: StoredUser, password: str, origin: Origin) -> Tokens:
        session_id = new_id()
        refresh = RefreshToken.of(session_id)
        async with transaction() as connection:
            if not await SessionRepository(connection).add(
                session_id,
                user,
                family_hash=refresh.family_hash,
                refresh_hash=refresh.hash,
                lasts=REFRESH_LASTS,
                user_agent=origin.user_agent,
                ip=origin.ip,
            ):
                raise InvalidCredentialsError
        if passwords.is_outdated(user.hashed_password):
            hashed = await passwords.hashed(password)
            async with transaction() as connection:
                await UserRepository(connection).rehash(user, hashed)
        access_token = self._tokens.issue(Claims(user.id, session_id))
        return Tokens(user.id, user.email, access_token, str(refresh))

    async def refresh(self, text: str) -> Tokens:
        """Spend a refresh token for new tokens; of many at once, one succeeds.

        A token that was spent before ends the whole session, unless that was a moment
        ago: then an answer was lost, or two tabs asked at once.

        Raises:
            TokenReusedError: it was spent before.
            UnauthorizedError: it is none of ours, or its session has ended.
        """
        presented = RefreshToken.read(text)
        if presented is None:
            raise _not_ours()
        following = presented.following
        async with transaction() as connection:
            user = await SessionRepository(connection).rotate(
                presented.session_id,
                presented=presented.hash,
                following=following.hash,
            )
        if user is None:
            await self._refuse(presented)
        else:
            access_token = self._tokens.issue(Claims(user[0], presented.session_id))
            return Tokens(*user, access_token, str(following))
        raise TokenReusedError

    async def _refuse(self, presented: RefreshToken) -> None:
        """End the session if the token was one of its own, and not until just now.

        Who only knows the session's id, which is no secret, ends nothing.
        """
        async with transaction() as connection:
            sessions = SessionRepository(connection)
            if not await sessions.is_of_family(
                presented.session_id, presented.family_hash
            ):
                raise _not_ours()
            await sessions.punish_reuse(
                presented.session_id, presented=presented.hash, grace=REUSE_GRACE
            )

    async def sign_out(self, caller: Caller) -> None:
        """End the caller's session, its access token included.

        Raises:
            UnauthorizedError: it has ended already.
        """
        async with transaction() as connection:
            await access.user(connection, caller)
            await SessionRepository(connection).revoke(caller.session_id)


def _not_ours() -> UnauthorizedError:
    return UnauthorizedError("The refresh token is not valid, or no longer.")
