"""How the platform's staff looks after accounts."""

from vixenbliss.callers import Caller, Member, Role
from vixenbliss.database import Connection
from vixenbliss.errors import ForbiddenError, InvalidStateError, UserNotFoundError
from vixenbliss.models.users import PlatformRole
from vixenbliss.repositories import access
from vixenbliss.repositories.audit import AuditRepository
from vixenbliss.repositories.user_administration import (
    HeldAccount,
    UserAdministrationRepository,
)
from vixenbliss.repositories.user_sessions import UserSessionRepository
from vixenbliss.schemas.base import Listing, PageQuery
from vixenbliss.schemas.user_administration import UserAccountRead, UserAccountUpdate


class UserAdministration:
    """The accounts. Support looks, administrators change; one of those stays."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._accounts = UserAdministrationRepository(connection)

    async def list(
        self, caller: Caller, page: PageQuery, *, email: str | None
    ) -> Listing[UserAccountRead]:
        """Return the accounts, newest first.

        Raises:
            ForbiddenError: an ordinary user asks.
        """
        return await self._accounts.list(caller, page, email=email)

    async def get(self, caller: Caller, user_id: int) -> UserAccountRead:
        """Return an account to its owner, or to staff.

        Raises:
            UserNotFoundError: there is none, or it is not the caller's affair.
        """
        return await self._accounts.get(caller, user_id)

    async def change(
        self, caller: Caller, user_id: int, wanted: UserAccountUpdate
    ) -> UserAccountRead:
        """Open or close an account, or give it a role; closing ends its sessions.

        Raises:
            ForbiddenError: somebody else than an administrator asks.
            UserNotFoundError: there is no such account.
            InvalidStateError: no administrator would be left, or it was erased.
        """
        admin_id = await access.user(self._connection, caller)
        admins = await self._accounts.lock_admins()
        if admin_id not in admins:
            message = "Only the platform's administrators may do this."
            raise ForbiddenError(message)
        account = await self._accounts.lock(user_id)
        if account is None:
            raise UserNotFoundError
        is_active, role = _wanted(account, wanted)
        _refuse_the_last(
            account, admins, stays=is_active and role is PlatformRole.ADMIN
        )
        if (is_active, role) != (account.is_active, account.platform_role):
            await self._accounts.change(
                user_id, is_active=is_active, platform_role=role
            )
            await self._follow(admin_id, account, wanted, is_active=is_active)
        return await self._accounts.get(caller, user_id)

    async def _follow(
        self,
        admin_id: int,
        account: HeldAccount,
        wanted: UserAccountUpdate,
        *,
        is_active: bool,
    ) -> None:
        """End what a closed account has open, and write down who closed it."""
        if not is_active:
            await UserSessionRepository(self._connection).revoke_all(account.id)
        if account.home_id:
            await AuditRepository(self._connection).add(
                Member(admin_id, account.home_id, Role.OWNER),
                "user.changed",
                ("user", account.id),
                **wanted.model_dump(mode="json", exclude_unset=True),
            )


def _wanted(
    account: HeldAccount, wanted: UserAccountUpdate
) -> tuple[bool, PlatformRole]:
    if account.is_erased:
        message = "The account was erased; nothing brings it back."
        raise InvalidStateError(message)
    sent = wanted.model_dump(exclude_unset=True)
    is_active: bool = sent.get("is_active", account.is_active)
    return is_active, PlatformRole(sent.get("platform_role", account.platform_role))


def _refuse_the_last(account: HeldAccount, admins: set[int], *, stays: bool) -> None:
    if admins == {account.id} and not stays:
        message = "One active administrator stays."
        raise InvalidStateError(message)
