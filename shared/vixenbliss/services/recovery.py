"""Getting back in, and proving an address: both with a token that a letter brings."""

from vixenbliss.callers import Caller, Member, Role
from vixenbliss.database import Connection, reading, transaction
from vixenbliss.errors import InvalidTokenError
from vixenbliss.ids import digest
from vixenbliss.models.letters import LetterKind
from vixenbliss.models.one_time_tokens import TokenPurpose
from vixenbliss.repositories.accounts import AccountRepository
from vixenbliss.repositories.audit import AuditRepository
from vixenbliss.repositories.one_time_tokens import OneTimeTokenRepository, SpentToken
from vixenbliss.repositories.users import UserRepository
from vixenbliss.services import passwords
from vixenbliss.services.letters import write_letter
from vixenbliss.services.limits import LETTERS, Count


class RecoveryService:
    """What is done with nothing but a mailbox.

    Opens its own transactions: tries are counted, and passwords hashed, outside of
    them.
    """

    def __init__(self, count: Count) -> None:
        self._count = count

    async def ask_for_reset(self, email: str) -> None:
        """Have a letter sent by which a password is reset, should there be a user.

        Whether there is one is asked when the letter is sent, and not here: for a known
        and an unknown address the same is done, and so it takes the same time.

        Raises:
            TooManyRequestsError: too many were asked for.
        """
        await self._count(LETTERS, email)
        async with transaction() as connection:
            await write_letter(connection, LetterKind.RESET_PASSWORD, email=email)

    async def ask_for_proof(self, caller: Caller) -> None:
        """Have the caller's address confirmed, again; a proved one gets no letter.

        Raises:
            UnauthorizedError: the session has ended.
            TooManyRequestsError: too many letters were asked for.
        """
        async with reading() as connection:
            me = await UserRepository(connection).get(caller)
        await self._count(LETTERS, me.email)
        async with transaction() as connection:
            await write_letter(
                connection, LetterKind.VERIFY_EMAIL, email=me.email, user_id=me.id
            )

    async def prove(self, token: str) -> None:
        """Take a token as proof of an address, which becomes the user's if it is new.

        A new address ends all sessions: it is another name to sign in with.

        Raises:
            InvalidTokenError: unknown, spent, too old, or for an address of before.
            UserExistsError: the address has become somebody else's.
        """
        async with transaction() as connection:
            tokens = OneTimeTokenRepository(connection)
            spent = await tokens.spend_verify(digest(token))
            if spent is None:
                raise InvalidTokenError
            if spent.purpose is TokenPurpose.CHANGE_EMAIL:
                await _change_email(connection, spent)
            else:
                await AccountRepository(connection).mark_verified(spent.user_id)
                await _note(connection, spent, "user.email_verified")

    async def reset(self, token: str, new_password: str) -> None:
        """Take another password from whoever shows a token; end all sessions.

        Raises:
            InvalidTokenError: unknown, spent, too old, or for an address of before.
            ValidationError: the password is one of those that are tried first; the
                token is still good.
        """
        token_hash = digest(token)
        async with reading() as connection:
            email = await OneTimeTokenRepository(connection).find_reset(token_hash)
        if email is None:
            raise InvalidTokenError
        passwords.refuse_guessable(new_password, email=email, field="new_password")
        await _reset(token_hash, await passwords.hashed(new_password))


async def _reset(token_hash: bytes, hashed: str) -> None:
    """Spend a token for a password; of many at once, one succeeds."""
    async with transaction() as connection:
        tokens = OneTimeTokenRepository(connection)
        spent = await tokens.spend_reset(token_hash)
        if spent is None:
            raise InvalidTokenError
        accounts = AccountRepository(connection)
        await accounts.set_password(spent.user_id, hashed)
        await accounts.revoke_unproved_keys(spent.user_id)
        await accounts.mark_verified(spent.user_id)
        await tokens.forget_all(spent.user_id)
        await write_letter(
            connection,
            LetterKind.PASSWORD_CHANGED,
            email=spent.old_email,
            user_id=spent.user_id,
        )
        await _note(connection, spent, "user.password_reset")


async def _change_email(connection: Connection, spent: SpentToken) -> None:
    """Give a user the address that they have proved, and tell the old one."""
    await AccountRepository(connection).set_email(spent.user_id, spent.email)
    await OneTimeTokenRepository(connection).forget_all(spent.user_id)
    await write_letter(
        connection,
        LetterKind.EMAIL_CHANGED,
        email=spent.old_email,
        user_id=spent.user_id,
    )
    await _note(connection, spent, "user.email_changed")


async def _note(connection: Connection, spent: SpentToken, action: str) -> None:
    """Leave a trace of what a user has done, in their own workspace."""
    user = Member(spent.user_id, spent.home_id, Role.OWNER)
    await AuditRepository(connection).add(user, action, ("user", spent.user_id))
