"""Every query on identity sheets and attestations."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    func,
    insert,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB

from vixenbliss.callers import Caller, Member
from vixenbliss.database import Connection
from vixenbliss.errors import (
    AvatarNotFoundError,
    ConflictError,
    ConstraintViolatedError,
    SheetNotFoundError,
)
from vixenbliss.models.avatars import (
    Avatar,
    AvatarSheet,
)
from vixenbliss.repositories.access import MEMBER, read, seen_by_member
from vixenbliss.repositories.terms import among
from vixenbliss.schemas.avatars import Sheet, SheetRead

_wanted_version = bindparam("version", type_=AvatarSheet.version.type, value=None)


def _versions_that(condition: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Return the statement of an avatar's versions; one row even where none is."""
    return seen_by_member(
        select(
            Avatar.id.label("avatar_id"),
            AvatarSheet.version,
            AvatarSheet.sheet,
            AvatarSheet.field_origins,
            AvatarSheet.created_at,
        )
        .select_from(Avatar)
        .outerjoin(AvatarSheet, and_(AvatarSheet.avatar_id == Avatar.id, condition))
        .where(
            Avatar.workspace_id == MEMBER.c.workspace_id,
            Avatar.id == bindparam("avatar"),
        )
        .correlate(MEMBER)
    )


_GET = _versions_that(
    AvatarSheet.version == func.coalesce(_wanted_version, Avatar.current_sheet_version)
)
_GET_SOME = _versions_that(among(AvatarSheet.version, "versions"))
_CURRENT = (
    select(AvatarSheet.sheet, AvatarSheet.version, AvatarSheet.field_origins)
    .join(Avatar, Avatar.id == AvatarSheet.avatar_id)
    .where(
        Avatar.id == bindparam("avatar"),
        AvatarSheet.version == Avatar.current_sheet_version,
    )
)
_AT = select(AvatarSheet.sheet).where(
    AvatarSheet.avatar_id == bindparam("avatar"),
    AvatarSheet.version == bindparam("version"),
)
_ADD = insert(AvatarSheet).values(
    avatar_id=bindparam("avatar_id"),
    version=bindparam("version"),
    sheet=bindparam("sheet", type_=JSONB),
    field_origins=bindparam("field_origins", type_=JSONB),
    created_by=bindparam("created_by"),
)


@dataclass(frozen=True, slots=True)
class StoredSheet:
    """A version of a sheet, and in which version each field got its value."""

    version: int
    sheet: Sheet
    field_origins: dict[str, int]


class SheetRepository:
    """The identity sheets of a workspace's avatars."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def get(
        self, caller: Caller, avatar_id: UUID, version: int | None = None
    ) -> SheetRead:
        """Return a version of the sheet, by default the newest.

        Raises:
            AvatarNotFoundError: the workspace has no such avatar.
            SheetNotFoundError: the avatar has no such version.
        """
        rows = await read(
            self._connection, caller, _GET, avatar=avatar_id, version=version
        )
        if not rows:
            raise AvatarNotFoundError
        if rows[0]["version"] is None:
            raise SheetNotFoundError
        return SheetRead.model_validate(dict(rows[0]))

    async def get_some(
        self, caller: Caller, avatar_id: UUID, *versions: int
    ) -> list[SheetRead]:
        """Return these versions of the sheet, in the order they are named.

        Raises:
            AvatarNotFoundError: the workspace has no such avatar.
            SheetNotFoundError: the avatar lacks one of the versions.
        """
        rows = await read(
            self._connection, caller, _GET_SOME, avatar=avatar_id, versions=[*versions]
        )
        if not rows:
            raise AvatarNotFoundError
        found = {row["version"]: row for row in rows}
        if not found.keys() >= {*versions}:
            raise SheetNotFoundError
        return [SheetRead.model_validate(dict(found[version])) for version in versions]

    async def add(
        self,
        member: Member,
        avatar_id: UUID,
        *,
        version: int,
        sheet: dict[str, Any],
        field_origins: dict[str, int],
    ) -> None:
        """Write a version, once.

        Raises:
            ConflictError: somebody has written that version.
        """
        try:
            await self._connection.run(
                _ADD,
                avatar_id=avatar_id,
                version=version,
                sheet=sheet,
                field_origins=field_origins,
                created_by=member.user_id,
            )
        except ConstraintViolatedError as error:
            message = f"Version {version} of the sheet exists."
            raise ConflictError(message) from error

    async def current(self, avatar_id: UUID) -> StoredSheet | None:
        """Return an avatar's newest version; None if there is none."""
        row = await self._connection.one(_CURRENT, avatar=avatar_id)
        if row is None:
            return None
        sheet = Sheet.model_validate(row["sheet"])
        return StoredSheet(row["version"], sheet, row["field_origins"])

    async def at(self, avatar_id: UUID, version: int) -> Sheet:
        """Return a version of the sheet, for a worker.

        Raises:
            SheetNotFoundError: the avatar has no such version.
        """
        row = await self._connection.one(_AT, avatar=avatar_id, version=version)
        if row is None:
            raise SheetNotFoundError
        return Sheet.model_validate(row["sheet"])
