"""What signed-in users change of what they sign in with."""

from vixenbliss.callers import Caller
from vixenbliss.database import reading, transaction
from vixenbliss.errors import InvalidCredentialsError, UserExistsError
from vixenbliss.models.letters import LetterKind
from vixenbliss.repositories import access
from vixenbliss.repositories.accounts import Account, AccountRepository
from vixenbliss.repositories.audit import AuditRepository
from vixenbliss.repositories.one_time_tokens import OneTimeTokenRepository
from vixenbliss.repositories.users import UserRepository
from vixenbliss.schemas.users import PasswordChange, UserRead, UserUpdate
from vixenbliss.services import passwords
from vixenbliss.services.letters import write_letter
from vixenbliss.services.limits import NEW_ADDRESSES, PASSWORDS, Count


class AccountService:
    """Who the caller is.

    Opens its own transactions: tries are counted, and passwords hashed, outside of
    them.
    """

    def __init__(self, count: Count) -> None:
        self._count = count

    async def me(self, caller: Caller) -> UserRead:
        """Return the signed-in user.

        Raises:
            UnauthorizedError: the session has ended.
        """
        async with reading() as connection:
            return await UserRepository(connection).get(caller)

    async def update(self, caller: Caller, wanted: UserUpdate) -> UserRead:
        """Have an address confirmed that is to be the caller's; until then, it is not.

        That an address is taken is said at once: sign-ups say so, too, to anybody.

        Raises:
            UserExistsError: it is somebody else's.
            TooManyRequestsError: too many letters were asked for.
        """
        me = await self.me(caller)
        if wanted.email is None or wanted.email.casefold() == me.email.casefold():
            return me
        await self._count(NEW_ADDRESSES, str(me.id))
        async with transaction() as connection:
            accounts = AccountRepository(connection)
            await access.user(connection, caller)
            if await accounts.is_taken(wanted.email, by_other_than=me.id):
                raise UserExistsError
            await write_letter(
                connection, LetterKind.CHANGE_EMAIL, email=wanted.email, user_id=me.id
            )
        return me

    async def change_password(self, caller: Caller, wanted: PasswordChange) -> None:
        """Take another password, and end all sessions but the caller's.

        Raises:
            ValidationError: the new one is one of those that are tried first.
            InvalidCredentialsError: the current one is another.
            TooManyRequestsError: it was tried too often.
        """
        async with reading() as connection:
            account = await AccountRepository(connection).get(caller)
        passwords.refuse_guessable(
            wanted.new_password, email=account.email, field="new_password"
        )
        await self._count(PASSWORDS, str(account.id))
        if not await passwords.matches(
            wanted.current_password, account.hashed_password
        ):
            raise InvalidCredentialsError
        await _keep(caller, account, await passwords.hashed(wanted.new_password))


async def _keep(caller: Caller, account: Account, hashed: str) -> None:
    """Keep a password instead of the one that was checked; of two at once, one."""
    async with transaction() as connection:
        member = await access.member(connection, caller)
        if not await AccountRepository(connection).change_password(
            account, hashed, session_id=caller.session_id
        ):
            raise InvalidCredentialsError
        await OneTimeTokenRepository(connection).forget_all(account.id)
        await write_letter(
            connection,
            LetterKind.PASSWORD_CHANGED,
            email=account.email,
            user_id=account.id,
        )
        await AuditRepository(connection).add(
            member, "user.password_changed", ("user", account.id)
        )
