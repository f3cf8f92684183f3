"""Every statement by which a social account's tokens are read and replaced.

Whoever refreshes takes the row's lease, so that one asks the platform at a time; and
names the version that they opened, so that whoever is late writes nothing. Both go by
the database's clock. All of these are global: a token is kept for every workspace.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, case, func, or_, select, update

from vixenbliss.database import Connection
from vixenbliss.models.social_accounts import AccountStatus, Platform, SocialAccount
from vixenbliss.repositories.terms import from_now

_AT_AN_END = (AccountStatus.NEEDS_REAUTH, AccountStatus.DISCONNECTED)
_lease_is_free = or_(
    SocialAccount.refresh_lease_until.is_(None),
    SocialAccount.refresh_lease_until < func.now(),
)
_is_that = SocialAccount.id == bindparam("account_id")
_at_that_version = SocialAccount.token_version == bindparam("at_version")
_is_live = SocialAccount.status != AccountStatus.DISCONNECTED
_by_that_lease = SocialAccount.refresh_lease_until == bindparam("lease")
_FIND = select(
    SocialAccount.id,
    SocialAccount.workspace_id,
    SocialAccount.platform,
    SocialAccount.platform_user_id,
    SocialAccount.status,
    SocialAccount.data_key,
    SocialAccount.access_token,
    SocialAccount.refresh_token,
    SocialAccount.token_version,
    SocialAccount.refresh_expires_at,
    (SocialAccount.token_expires_at > from_now("ahead")).label("is_fresh"),
    (SocialAccount.refresh_at <= func.now()).label("is_due"),
    (SocialAccount.token_expires_at > from_now("a_moment")).label("lasts"),
    (~_lease_is_free).label("is_leased"),
).where(_is_that)
_LOCK = _FIND.with_for_update()
_LEASE = (
    update(SocialAccount)
    .where(
        _is_that,
        _at_that_version,
        _lease_is_free,
        SocialAccount.status.not_in(_AT_AN_END),
    )
    .values(refresh_lease_until=from_now("lasts"))
    .returning(SocialAccount.refresh_lease_until)
)
_KEEP = (
    update(SocialAccount)
    .where(_is_that, _at_that_version, _is_live)
    .values(
        data_key=bindparam("new_data_key"),
        access_token=bindparam("new_access"),
        refresh_token=bindparam("new_refresh"),
        token_version=SocialAccount.token_version + 1,
        token_expires_at=bindparam("ends"),
        refresh_expires_at=bindparam("refresh_ends"),
        refresh_at=bindparam("due"),
        refreshed_at=func.now(),
        refresh_lease_until=None,
        last_error=None,
        status=case(
            (
                SocialAccount.status == AccountStatus.NEEDS_REAUTH,
                AccountStatus.CONNECTED,
            ),
            else_=SocialAccount.status,
        ),
    )
)
_RELEASE = (
    update(SocialAccount)
    .where(_is_that, _by_that_lease)
    .values(
        refresh_lease_until=None,
        refresh_at=from_now("again_in"),
        last_error=bindparam("reason"),
    )
)
_END = (
    update(SocialAccount)
    .where(_is_that, _at_that_version, _by_that_lease, _is_live)
    .values(
        status=AccountStatus.NEEDS_REAUTH,
        refresh_lease_until=None,
        refresh_at=None,
        last_error=bindparam("reason"),
        version=SocialAccount.version + 1,
    )
)
_DUE = (
    select(SocialAccount.id)
    .where(
        SocialAccount.refresh_at <= func.now(),
        _lease_is_free,
        SocialAccount.status.not_in(_AT_AN_END),
    )
    .order_by(SocialAccount.refresh_at, SocialAccount.id)
    .limit(bindparam("limit"))
)


@dataclass(frozen=True, slots=True)
class Sealed:
    """Tokens as they lie in the database."""

    data_key: bytes
    access: bytes
    refresh: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """Sealed tokens, and until when they are of use."""

    sealed: Sealed
    ends: datetime
    refresh_ends: datetime | None
    due: datetime
    """When they are to be refreshed."""

    @property
    def binds(self) -> Mapping[str, object]:
        """What the statements that store them are bound to."""
        return {
            "new_data_key": self.sealed.data_key,
            "new_access": self.sealed.access,
            "new_refresh": self.sealed.refresh,
            "ends": self.ends,
            "refresh_ends": self.refresh_ends,
            "due": self.due,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptTokens:
    """A social account's tokens; None of a disconnected one's are left."""

    id: UUID
    workspace_id: UUID
    platform: Platform
    platform_user_id: str
    status: AccountStatus
    data_key: bytes | None
    access_token: bytes | None
    refresh_token: bytes | None
    token_version: int
    refresh_expires_at: datetime | None
    is_fresh: bool | None
    """Whether it need not be refreshed before it is used."""
    is_due: bool | None
    """Whether it is to be refreshed now, or was asked to be."""
    lasts: bool | None
    """Whether it can still be used if it cannot be refreshed."""
    is_leased: bool
    """Whether somebody is refreshing it."""

    @property
    def sealed(self) -> Sealed | None:
        """The tokens, if there are any."""
        if self.data_key is None or self.access_token is None:
            return None
        return Sealed(self.data_key, self.access_token, self.refresh_token)


class SocialTokenRepository:
    """The tokens of social accounts."""

    AHEAD = timedelta(minutes=10)
    A_MOMENT = timedelta(minutes=1)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def find(self, account_id: UUID) -> KeptTokens | None:
        """Return an account's tokens."""
        row = await self._connection.one(
            _FIND, account_id=account_id, ahead=self.AHEAD, a_moment=self.A_MOMENT
        )
        return KeptTokens(**row) if row else None

    async def lock(self, account_id: UUID) -> KeptTokens | None:
        """Return an account's tokens, held until the transaction ends."""
        row = await self._connection.one(
            _LOCK, account_id=account_id, ahead=self.AHEAD, a_moment=self.A_MOMENT
        )
        return KeptTokens(**row) if row else None

    async def lease(self, tokens: KeptTokens, *, lasts: timedelta) -> datetime | None:
        """Let nobody else refresh these; None if somebody does, or did already."""
        row = await self._connection.one(
            _LEASE,
            account_id=tokens.id,
            at_version=tokens.token_version,
            lasts=lasts,
        )
        return row["refresh_lease_until"] if row else None

    async def keep(self, tokens: KeptTokens, new: Replacement) -> bool:
        """Put new tokens in the place of these; False if these are there no more."""
        return bool(
            await self._connection.run(
                _KEEP,
                account_id=tokens.id,
                at_version=tokens.token_version,
                **new.binds,
            )
        )

    async def release(
        self, account_id: UUID, lease: datetime, *, reason: str, again_in: timedelta
    ) -> None:
        """Let go of a lease, to be tried again later."""
        await self._connection.run(
            _RELEASE,
            account_id=account_id,
            lease=lease,
            reason=reason,
            again_in=again_in,
        )

    async def end(self, tokens: KeptTokens, lease: datetime, *, reason: str) -> bool:
        """Ask for a new consent; False if these tokens are there no more."""
        return bool(
            await self._connection.run(
                _END,
                account_id=tokens.id,
                at_version=tokens.token_version,
                lease=lease,
                reason=reason,
            )
        )

    async def due(self, *, limit: int) -> list[UUID]:
        """Return accounts whose tokens are to be refreshed, the longest due first."""
        rows = await self._connection.all(_DUE, limit=limit)
        return [row["id"] for row in rows]
