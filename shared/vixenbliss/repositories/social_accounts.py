"""Every query on social accounts, save those on their tokens."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, select, update

from vixenbliss.callers import Caller, Member
from vixenbliss.database import Connection
from vixenbliss.errors import SocialAccountNotFoundError
from vixenbliss.models.social_accounts import AccountStatus, Platform, SocialAccount
from vixenbliss.repositories.access import MEMBER, read, seen_by_member
from vixenbliss.repositories.pages import page_seen_by_member, read_page
from vixenbliss.repositories.terms import among, wish
from vixenbliss.schemas.base import Listing, PageQuery
from vixenbliss.schemas.social_accounts import AccountRead

_COLUMNS = (
    SocialAccount.id,
    SocialAccount.platform,
    SocialAccount.platform_user_id,
    SocialAccount.username,
    SocialAccount.avatar_id,
    SocialAccount.scopes,
    SocialAccount.status,
    SocialAccount.posting_times,
    SocialAccount.token_expires_at,
    SocialAccount.refreshed_at,
    SocialAccount.rate_limited_until,
    SocialAccount.last_error,
    SocialAccount.consented_by,
    SocialAccount.consented_at,
    SocialAccount.version,
    SocialAccount.created_at,
    SocialAccount.updated_at,
)
_mine = SocialAccount.workspace_id == MEMBER.c.workspace_id
_is_live = SocialAccount.status != AccountStatus.DISCONNECTED
_LIST = page_seen_by_member(
    _COLUMNS,
    _mine,
    wish(SocialAccount.platform, "platform"),
    wish(SocialAccount.status, "status"),
    order_by=(SocialAccount.created_at.desc(), SocialAccount.id.desc()),
)
_GET = seen_by_member(
    select(*_COLUMNS)
    .where(_mine, SocialAccount.id == bindparam("id"))
    .correlate(MEMBER)
)
_READ = select(*_COLUMNS).where(SocialAccount.id == bindparam("id"))
_AMONG = seen_by_member(
    select(SocialAccount.id, SocialAccount.platform, SocialAccount.platform_user_id)
    .where(_mine, among(SocialAccount.id, "ids"))
    .order_by(SocialAccount.id)
    .correlate(MEMBER)
)
_LOCK = (
    select(
        SocialAccount.id,
        SocialAccount.platform,
        SocialAccount.status,
        SocialAccount.rate_limited_until,
    )
    .where(
        SocialAccount.id == bindparam("id"),
        SocialAccount.workspace_id == bindparam("workspace_id"),
    )
    .with_for_update()
)
# One statement: an account that is not ours any more never has a token.
DISCONNECTED: dict[str, Any] = {
    "status": AccountStatus.DISCONNECTED,
    "data_key": None,
    "access_token": None,
    "refresh_token": None,
    "token_expires_at": None,
    "refresh_expires_at": None,
    "refresh_at": None,
    "refresh_lease_until": None,
    "rate_limited_until": None,
    "version": SocialAccount.version + 1,
}
_DISCONNECT = (
    update(SocialAccount)
    .where(SocialAccount.id == bindparam("account_id"), _is_live)
    .values(DISCONNECTED)
)


@dataclass(frozen=True, slots=True)
class LockedAccount:
    """A social account that nobody else changes until the transaction ends."""

    id: UUID
    platform: Platform
    status: AccountStatus
    rate_limited_until: datetime | None


@dataclass(frozen=True, slots=True)
class AskedAccount:
    """A social account that its platform may be asked about."""

    id: UUID
    platform: Platform
    platform_user_id: str


class SocialAccountRepository:
    """The social accounts of a workspace."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def list(
        self, caller: Caller, page: PageQuery, **filters: object
    ) -> Listing[AccountRead]:
        """Return the accounts that match, newest first."""
        return await read_page(
            self._connection, caller, _LIST, page, AccountRead, **filters
        )

    async def get(self, caller: Caller, account_id: UUID) -> AccountRead:
        """Return an account.

        Raises:
            SocialAccountNotFoundError: the workspace has none of that id.
        """
        rows = await read(self._connection, caller, _GET, id=account_id)
        if not rows:
            raise SocialAccountNotFoundError
        return AccountRead.model_validate(dict(rows[0]))

    async def among(
        self, caller: Caller, account_ids: Sequence[UUID]
    ) -> Sequence[AskedAccount]:
        """Return those of the accounts that are the workspace's."""
        rows = await read(self._connection, caller, _AMONG, ids=[*account_ids])
        return [
            AskedAccount(row["id"], row["platform"], row["platform_user_id"])
            for row in rows
        ]

    async def read(self, account_id: UUID) -> AccountRead:
        """Return an account that this transaction has changed."""
        row = await self._connection.one(_READ, id=account_id)
        return AccountRead.model_validate(dict(row or {}))

    async def lock(self, member: Member, account_id: UUID) -> LockedAccount:
        """Return an account, held until the transaction ends.

        Raises:
            SocialAccountNotFoundError: the workspace has none of that id.
        """
        row = await self._connection.one(
            _LOCK, id=account_id, workspace_id=member.workspace_id
        )
        if row is None:
            raise SocialAccountNotFoundError
        return LockedAccount(**row)

    async def set(self, account_id: UUID, **changes: object) -> None:
        """Change columns of a locked account."""
        await self._connection.run(
            update(SocialAccount)
            .where(SocialAccount.id == account_id)
            .values(**changes, version=SocialAccount.version + 1)
        )

    async def ask_for_refresh(self, account_id: UUID) -> None:
        """Have a locked account's token refreshed at the next occasion."""
        await self._connection.run(
            update(SocialAccount)
            .where(SocialAccount.id == account_id)
            .values(refresh_at=func.now())
        )

    async def disconnect(self, account_id: UUID) -> bool:
        """Erase a locked account's tokens; False if it has none."""
        return bool(await self._connection.run(_DISCONNECT, account_id=account_id))
