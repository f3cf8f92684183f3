"""The social accounts of a workspace: seen, changed, and let go."""

from uuid import UUID
from zoneinfo import ZoneInfo

from vixenbliss.callers import Caller, Member
from vixenbliss.clock import now
from vixenbliss.database import Connection, reading, transaction
from vixenbliss.deadline import time_left_s, time_to_ask
from vixenbliss.errors import (
    InvalidStateError,
    ProviderError,
    ReauthenticationNeededError,
)
from vixenbliss.log import log
from vixenbliss.models.social_accounts import AccountStatus
from vixenbliss.providers.platforms import Platforms
from vixenbliss.repositories import access
from vixenbliss.repositories.audit import AuditRepository
from vixenbliss.repositories.avatars import AvatarRepository
from vixenbliss.repositories.calendars import Calendar, CalendarRepository
from vixenbliss.repositories.post_withdrawals import PostWithdrawalRepository
from vixenbliss.repositories.social_accounts import (
    LockedAccount,
    SocialAccountRepository,
)
from vixenbliss.repositories.social_tokens import KeptTokens, SocialTokenRepository
from vixenbliss.schemas.base import Listing, PageQuery
from vixenbliss.schemas.social_accounts import (
    AccountRead,
    AccountUpdate,
    PlannedDay,
    QuotaRead,
    RefreshAccepted,
)
from vixenbliss.services.slots import planned_days
from vixenbliss.services.token_keeping import TokenKeeper, holder_of
from vixenbliss.services.token_vault import TokenVault

ASKING_S = 20
"""How long whoever asks for a quota is kept waiting; a gateway waits for 30."""
REVOKING_S = 3
"""How long whoever disconnects is kept waiting by the platform."""


class SocialAccountService:
    """The social accounts of the workspace that the caller works in."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._accounts = SocialAccountRepository(connection)
        self._audit = AuditRepository(connection)

    async def list(
        self, caller: Caller, page: PageQuery, **filters: object
    ) -> Listing[AccountRead]:
        """Return the accounts that match, newest first, disconnected ones too."""
        return await self._accounts.list(caller, page, **filters)

    async def get(self, caller: Caller, account_id: UUID) -> AccountRead:
        """Return an account.

        Raises:
            SocialAccountNotFoundError: the workspace has none of that id.
        """
        return await self._accounts.get(caller, account_id)

    async def update(
        self, caller: Caller, account_id: UUID, wanted: AccountUpdate
    ) -> AccountRead:
        """Give an account to another avatar or other times, switch it off, or on.

        Raises:
            SocialAccountNotFoundError: the workspace has none of that id.
            AvatarNotFoundError: the workspace has no such live avatar.
            InvalidStateError: it is disconnected, or wants its owner's consent.
        """
        member = await access.member(self._connection, caller)
        account = await self._accounts.lock(member, account_id)
        changes = await self._changes(member, account, wanted)
        if changes:
            await self._accounts.set(account_id, **changes)
            await self._audit.add(
                member, "social_account.changed", ("social_account", account_id)
            )
        return await self._accounts.read(account_id)

    async def _changes(
        self, member: Member, account: LockedAccount, wanted: AccountUpdate
    ) -> dict[str, object]:
        changes: dict[str, object] = wanted.model_dump(
            include={"avatar_id", "posting_times"}, exclude_unset=True
        )
        if changes.get("avatar_id"):
            await AvatarRepository(self._connection).lock(
                member, UUID(str(changes["avatar_id"]))
            )
        if account.status is AccountStatus.DISCONNECTED:
            message = "The account is disconnected."
            raise InvalidStateError(message)
        if "disabled" in wanted.model_fields_set:
            changes |= _switched(account, off=wanted.disabled)
        return changes

    async def ask_for_refresh(
        self, caller: Caller, account_id: UUID
    ) -> RefreshAccepted:
        """Have an account's token refreshed within a minute or so; again is the same.

        Raises:
            SocialAccountNotFoundError: the workspace has none of that id.
            ReauthenticationNeededError: no refresh helps; its owner has to say yes.
            InvalidStateError: it is disconnected.
        """
        member = await access.member(self._connection, caller)
        account = await self._accounts.lock(member, account_id)
        if account.status is AccountStatus.NEEDS_REAUTH:
            raise ReauthenticationNeededError
        if account.status is AccountStatus.DISCONNECTED:
            message = "The account is disconnected."
            raise InvalidStateError(message)
        await self._accounts.ask_for_refresh(account_id)
        return RefreshAccepted(account_id=account_id, status=account.status)


def _switched(account: LockedAccount, *, off: bool) -> dict[str, object]:
    status = account.status
    if off is (status is AccountStatus.DISABLED):
        return {}
    if status is AccountStatus.NEEDS_REAUTH:
        if off:
            raise ReauthenticationNeededError
        return {}
    return {"status": AccountStatus.DISABLED if off else _awake(account)}


def _awake(account: LockedAccount) -> AccountStatus:
    """Return what an account is that is switched on: a platform's rest goes on."""
    until = account.rate_limited_until
    rests = until is not None and until > now()
    return AccountStatus.RATE_LIMITED if rests else AccountStatus.CONNECTED


class DisconnectingService:
    """Lets accounts go: at a member's word, or at the platform's."""

    def __init__(self, platforms: Platforms, vault: TokenVault) -> None:
        self._platforms = platforms
        self._vault = vault

    async def disconnect(self, caller: Caller, account_id: UUID) -> None:
        """Erase an account's tokens, then give them back; again changes nothing.

        What was planned for it is a draft again.

        Raises:
            SocialAccountNotFoundError: the workspace has none of that id.
        """
        async with transaction() as connection:
            member = await access.member(connection, caller)
            await SocialAccountRepository(connection).lock(member, account_id)
            kept = await SocialTokenRepository(connection).lock(account_id)
            if not await SocialAccountRepository(connection).disconnect(account_id):
                return
            posts = await PostWithdrawalRepository(connection).withdraw([account_id])
            audit = AuditRepository(connection)
            await audit.add(
                member, "social_account.disconnected", ("social_account", account_id)
            )
            for post_id, _ in posts:
                await audit.add(member, "post.withdrawn", ("post", post_id))
        await self._give_back(kept)

    async def _give_back(self, kept: KeptTokens | None) -> None:
        """Tell the platform, if it can be told; they are erased here either way."""
        if kept is None or kept.sealed is None:
            return
        try:
            with time_to_ask(min(REVOKING_S, time_left_s())):
                opened, _ = await self._vault.open(holder_of(kept), kept.sealed)
                await self._platforms[kept.platform].revoke(opened)
        except ProviderError as error:
            log.warning("token not given back", account_id=kept.id, code=error.code)


class QuotaService:
    """How much an account may still post, by the platform's own word."""

    def __init__(self, platforms: Platforms, keeper: TokenKeeper) -> None:
        self._platforms = platforms
        self._keeper = keeper

    async def read(self, caller: Caller, account_id: UUID) -> QuotaRead:
        """Return an account's quota.

        Raises:
            SocialAccountNotFoundError: the workspace has none of that id.
            InvalidStateError: there is no token to ask with.
            ProviderError: the platform does not tell.
        """
        async with reading() as connection:
            calendar = await CalendarRepository(connection).find(caller, account_id)
        with time_to_ask(ASKING_S):
            opened = await self._keeper.access_for(account_id)
            quota = await self._platforms[calendar.platform].quota(
                opened, calendar.platform_user_id
            )
        return QuotaRead(
            limit=quota.limit,
            used=quota.used,
            resets_at=now() + quota.per if quota.used else None,
            forecast=_forecast(calendar),
        )


def _forecast(calendar: Calendar) -> list[PlannedDay]:
    days = planned_days(calendar.planned, ZoneInfo(calendar.timezone), now=now())
    return [PlannedDay(day=day, posts=posts) for day, posts in days.items()]
