"""Every query on API keys; by which of them a request comes, ``access`` asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, bindparam, func, insert, join, or_, select, update

from vixenbliss.callers import Caller, Member, Role, Scope
from vixenbliss.database import Connection
from vixenbliss.errors import (
    ApiKeyNotFoundError,
    ConstraintViolatedError,
    ValidationError,
)
from vixenbliss.models.api_keys import ApiKey
from vixenbliss.models.users import User
from vixenbliss.models.workspaces import Workspace, WorkspaceMember
from vixenbliss.repositories.access import MEMBER
from vixenbliss.repositories.pages import page_seen_by_member, read_page
from vixenbliss.schemas.api_keys import ApiKeyRead
from vixenbliss.schemas.base import Listing, PageQuery

_EXPIRES_LATER = "ck_api_keys_expires_later"
_is_kept = and_(
    ApiKey.revoked_at.is_(None),
    or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > func.now()),
)
_maker_owns = (
    select(WorkspaceMember.user_id)
    .where(
        WorkspaceMember.workspace_id == ApiKey.workspace_id,
        WorkspaceMember.user_id == ApiKey.created_by,
        WorkspaceMember.role == Role.OWNER,
    )
    .correlate(ApiKey)
    .exists()
)
_COLUMNS = (
    ApiKey.id,
    ApiKey.name,
    ApiKey.prefix,
    ApiKey.scopes,
    ApiKey.created_by,
    and_(_is_kept, _maker_owns, User.is_active).label("is_live"),
    ApiKey.created_at,
    ApiKey.expires_at,
    ApiKey.revoked_at,
    ApiKey.last_used_at,
)
_AND_MAKER = join(ApiKey, User, User.id == ApiKey.created_by)
_LIST = page_seen_by_member(
    _COLUMNS,
    ApiKey.workspace_id == MEMBER.c.workspace_id,
    order_by=(ApiKey.created_at.desc(), ApiKey.id.desc()),
    sources=[_AND_MAKER],
)
_READ = select(*_COLUMNS).select_from(_AND_MAKER).where(ApiKey.id == bindparam("id"))
_HOLD_WORKSPACE = (
    select(Workspace.id)
    .where(Workspace.id == bindparam("workspace_id"))
    .with_for_update(key_share=True)
)
_COUNT = (
    select(func.count().label("kept"))
    .select_from(ApiKey)
    .where(ApiKey.workspace_id == bindparam("workspace_id"), _is_kept)
)
_ADD = insert(ApiKey).values(
    id=bindparam("id"),
    workspace_id=bindparam("workspace_id"),
    created_by=bindparam("created_by"),
    name=bindparam("name"),
    prefix=bindparam("prefix"),
    key_hash=bindparam("key_hash"),
    scopes=bindparam("scopes"),
    expires_at=bindparam("expires_at"),
)
_LOCK = (
    select(ApiKey.prefix, _is_kept.label("is_kept"))
    .where(
        ApiKey.id == bindparam("id"), ApiKey.workspace_id == bindparam("workspace_id")
    )
    .with_for_update()
)
_RENEW = (
    update(ApiKey)
    .where(ApiKey.id == bindparam("id_"))
    .values(key_hash=bindparam("hash"), created_by=bindparam("maker"))
)
_REVOKE = (
    update(ApiKey).where(ApiKey.id == bindparam("id_")).values(revoked_at=func.now())
)


@dataclass(frozen=True, slots=True)
class LockedKey:
    """A key that nobody else changes, as far as it matters to who changes it."""

    prefix: str
    is_kept: bool
    """Whether it is neither revoked nor past its time."""


class ApiKeyRepository:
    """The keys of workspaces."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def list(self, caller: Caller, page: PageQuery) -> Listing[ApiKeyRead]:
        """Return the keys of a workspace, the newest first."""
        return await read_page(self._connection, caller, _LIST, page, ApiKeyRead)

    async def count_kept(self, member: Member) -> int:
        """Return how many keys are kept; none is added until the transaction ends."""
        await self._connection.all(_HOLD_WORKSPACE, workspace_id=member.workspace_id)
        row = await self._connection.one(_COUNT, workspace_id=member.workspace_id)
        return int(row["kept"]) if row else 0

    async def add(  # noqa: PLR0913 - the columns of a row
        self,
        member: Member,
        key_id: UUID,
        *,
        name: str,
        prefix: str,
        key_hash: bytes,
        scopes: Sequence[Scope],
        expires_at: datetime | None,
    ) -> None:
        """Insert a key of the member's.

        Raises:
            ValidationError: it would have expired already.
        """
        try:
            await self._connection.run(
                _ADD,
                id=key_id,
                workspace_id=member.workspace_id,
                created_by=member.user_id,
                name=name,
                prefix=prefix,
                key_hash=key_hash,
                scopes=list(scopes),
                expires_at=expires_at,
            )
        except ConstraintViolatedError as error:
            if error.constraint != _EXPIRES_LATER:
                raise
            message = "expires_at is past"
            raise ValidationError(message, field="expires_at") from error

    async def read(self, key_id: UUID) -> ApiKeyRead:
        """Return a key that was just written.

        Raises:
            ApiKeyNotFoundError: there is none of that id.
        """
        row = await self._connection.one(_READ, id=key_id)
        if row is None:
            raise ApiKeyNotFoundError
        return ApiKeyRead.model_validate(dict(row))

    async def lock(self, member: Member, key_id: UUID) -> LockedKey:
        """Return a key, held until the transaction ends.

        Raises:
            ApiKeyNotFoundError: the workspace has none of that id.
        """
        row = await self._connection.one(
            _LOCK, id=key_id, workspace_id=member.workspace_id
        )
        if row is None:
            raise ApiKeyNotFoundError
        return LockedKey(**row)

    async def renew(self, member: Member, key_id: UUID, key_hash: bytes) -> None:
        """Let a locked key be another from now on, and the member's."""
        await self._connection.run(
            _RENEW, id_=key_id, hash=key_hash, maker=member.user_id
        )

    async def revoke(self, key_id: UUID) -> None:
        """Let a locked key open nothing any more."""
        await self._connection.run(_REVOKE, id_=key_id)
