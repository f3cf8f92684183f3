"""Every query on what accounts' owners say yes to, and take back.

Most of these are global: a platform knows no workspace of ours.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, func, insert, select, update

from vixenbliss.callers import Member
from vixenbliss.database import Connection
from vixenbliss.models.social_accounts import AccountStatus, Platform, SocialAccount
from vixenbliss.repositories.social_accounts import DISCONNECTED
from vixenbliss.repositories.social_tokens import Replacement

FORGOTTEN = "(forgotten)"
_is_live = SocialAccount.status != AccountStatus.DISCONNECTED
_FIND_LIVE = select(
    SocialAccount.id, SocialAccount.workspace_id, SocialAccount.token_version
).where(
    SocialAccount.platform == bindparam("platform"),
    SocialAccount.platform_user_id == bindparam("platform_user_id"),
    _is_live,
)
_tokens: Mapping[str, ColumnElement[Any]] = {
    "data_key": bindparam("new_data_key"),
    "access_token": bindparam("new_access"),
    "refresh_token": bindparam("new_refresh"),
    "token_expires_at": bindparam("ends"),
    "refresh_expires_at": bindparam("refresh_ends"),
    "refresh_at": bindparam("due"),
}
_ADD = insert(SocialAccount).values(
    id=bindparam("id"),
    workspace_id=bindparam("workspace_id"),
    avatar_id=bindparam("avatar_id"),
    platform=bindparam("platform"),
    platform_user_id=bindparam("platform_user_id"),
    app_user_id=bindparam("app_user_id"),
    username=bindparam("username"),
    scopes=bindparam("scopes"),
    consented_by=bindparam("consented_by"),
    consented_at=func.now(),
    **_tokens,
)
_RENEW = (
    update(SocialAccount)
    .where(
        SocialAccount.id == bindparam("account_id"),
        SocialAccount.token_version == bindparam("at_version"),
        _is_live,
    )
    .values(
        avatar_id=func.coalesce(bindparam("avatar"), SocialAccount.avatar_id),
        app_user_id=bindparam("app_user"),
        username=bindparam("name"),
        scopes=bindparam("granted"),
        consented_by=bindparam("by"),
        consented_at=func.now(),
        status=AccountStatus.CONNECTED,
        token_version=SocialAccount.token_version + 1,
        refresh_lease_until=None,
        rate_limited_until=None,
        last_error=None,
        version=SocialAccount.version + 1,
        **_tokens,
    )
)
_DEAUTHORIZE = (
    update(SocialAccount)
    .where(
        SocialAccount.platform == bindparam("on_platform"),
        SocialAccount.app_user_id == bindparam("app_user"),
        SocialAccount.consented_at < bindparam("taken_back_at"),
        _is_live,
    )
    .values(DISCONNECTED)
    .returning(SocialAccount.id, SocialAccount.workspace_id)
)

_FORGET = (
    update(SocialAccount)
    .where(
        SocialAccount.platform == bindparam("on_platform"),
        SocialAccount.app_user_id == bindparam("app_user"),
        SocialAccount.consented_at < bindparam("taken_back_at"),
    )
    .values(
        DISCONNECTED
        | {
            "platform_user_id": FORGOTTEN,
            "app_user_id": FORGOTTEN,
            "username": FORGOTTEN,
            "last_error": None,
        }
    )
    .returning(SocialAccount.id, SocialAccount.workspace_id)
)


@dataclass(frozen=True, slots=True)
class LiveAccount:
    """An account that some workspace is connected to."""

    id: UUID
    workspace_id: UUID
    token_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What an account's owner has said yes to, and through whom."""

    platform: Platform
    platform_user_id: str
    app_user_id: str
    username: str
    scopes: Sequence[str]
    avatar_id: UUID | None


class SocialConsentRepository:
    """The consents by which accounts are connected."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def find_live(
        self, platform: Platform, platform_user_id: str
    ) -> LiveAccount | None:
        """Return who is connected to an account, in whichever workspace."""
        row = await self._connection.one(
            _FIND_LIVE, platform=platform, platform_user_id=platform_user_id
        )
        return LiveAccount(**row) if row else None

    async def add(
        self, member: Member, account_id: UUID, consent: Consent, tokens: Replacement
    ) -> None:
        """Insert an account.

        Raises:
            ConstraintViolatedError: somebody is connected to it.
        """
        await self._connection.run(
            _ADD,
            id=account_id,
            workspace_id=member.workspace_id,
            consented_by=member.user_id,
            **_columns(consent),
            **tokens.binds,
        )

    async def renew(
        self, member: Member, live: LiveAccount, consent: Consent, tokens: Replacement
    ) -> bool:
        """Connect an account again; False if its tokens have been replaced since."""
        changed = await self._connection.run(
            _RENEW,
            account_id=live.id,
            at_version=live.token_version,
            avatar=consent.avatar_id,
            app_user=consent.app_user_id,
            name=consent.username,
            granted=consent.scopes,
            by=member.user_id,
            **tokens.binds,
        )
        return bool(changed)

    async def deauthorize(
        self, platform: Platform, app_user_id: str, *, taken_back_at: datetime
    ) -> Sequence[tuple[UUID, UUID]]:
        """Erase the tokens of whoever took their consent back.

        A consent that was given later stays. Return the accounts, with their
        workspaces; of whichever workspace, for the platform knows none.
        """
        rows = await self._connection.all(
            _DEAUTHORIZE,
            on_platform=platform,
            app_user=app_user_id,
            taken_back_at=taken_back_at,
        )
        return [(row["id"], row["workspace_id"]) for row in rows]

    async def forget(
        self, platform: Platform, app_user_id: str, *, taken_back_at: datetime
    ) -> Sequence[tuple[UUID, UUID]]:
        """Erase who somebody was at the platform, and their tokens.

        Like ``deauthorize``, but of accounts too that were disconnected before.
        """
        rows = await self._connection.all(
            _FORGET,
            on_platform=platform,
            app_user=app_user_id,
            taken_back_at=taken_back_at,
        )
        return [(row["id"], row["workspace_id"]) for row in rows]


def _columns(consent: Consent) -> Mapping[str, object]:
    return {
        "platform": consent.platform,
        "platform_user_id": consent.platform_user_id,
        "app_user_id": consent.app_user_id,
        "username": consent.username,
        "scopes": consent.scopes,
        "avatar_id": consent.avatar_id,
    }
