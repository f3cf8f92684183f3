"""Identity sheets, version upon version."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from vixenbliss.callers import Caller
from vixenbliss.database import Connection
from vixenbliss.errors import ConflictError, InvalidStateError
from vixenbliss.models.avatars import AvatarStatus
from vixenbliss.repositories import access
from vixenbliss.repositories.audit import AuditRepository
from vixenbliss.repositories.avatars import AvatarRepository, LockedAvatar
from vixenbliss.repositories.sheets import (
    SheetRepository,
    StoredSheet,
)
from vixenbliss.schemas.avatars import (
    Sheet,
    SheetChange,
    SheetDiff,
    SheetRead,
    SheetUpdate,
)
from vixenbliss.services import policies
from vixenbliss.services.profiles import profile_subject


class SheetService:
    """The identity sheets of the workspace's avatars."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sheets = SheetRepository(connection)
        self._avatars = AvatarRepository(connection)

    async def get(
        self, caller: Caller, avatar_id: UUID, version: int | None
    ) -> SheetRead:
        """Return a version, by default the newest.

        Raises:
            AvatarNotFoundError: the workspace has no such avatar.
            SheetNotFoundError: the avatar has no such version.
        """
        return await self._sheets.get(caller, avatar_id, version)

    async def put(
        self, caller: Caller, avatar_id: UUID, wanted: SheetUpdate
    ) -> SheetRead:
        """Write the next version and put its words before the policy gate.

        Raises:
            AvatarNotFoundError: the workspace has no such avatar.
            ConflictError: the editor did not start from the newest version.
            InvalidStateError: the avatar is archived.
            PolicyBlockedError: the floor refuses the words.
        """
        member = await access.member(self._connection, caller)
        avatar = await self._avatars.lock(member, avatar_id)
        if avatar.status is AvatarStatus.ARCHIVED:
            message = "An archived avatar does not change."
            raise InvalidStateError(message)
        version = _next_version(avatar, wanted.base_version)
        subject = profile_subject(avatar, wanted.sheet)
        policies.refuse_blocked(subject.text)
        await self._sheets.add(
            member,
            avatar_id,
            version=version,
            sheet=wanted.sheet.model_dump(mode="json"),
            field_origins=_origins(await self._sheets.current(avatar_id), wanted.sheet),
        )
        await self._advance(avatar, version, subject.sha256)
        await policies.ask(self._connection, member.workspace_id, subject)
        await AuditRepository(self._connection).add(
            member, "sheet.written", ("avatar", avatar_id), version=version
        )
        return await self._sheets.get(caller, avatar_id)

    async def _advance(
        self, avatar: LockedAvatar, version: int, profile_sha256: bytes
    ) -> None:
        await self._avatars.set(
            avatar.id, current_sheet_version=version, profile_sha256=profile_sha256
        )
        if avatar.status is AvatarStatus.CREATED:
            await self._avatars.move(avatar, AvatarStatus.REVIEW)

    async def diff(
        self, caller: Caller, avatar_id: UUID, older: int, newer: int
    ) -> SheetDiff:
        """Return which fields differ between two versions.

        Raises:
            AvatarNotFoundError: the workspace has no such avatar.
            SheetNotFoundError: the avatar lacks one of the versions.
        """
        before, after = await self._sheets.get_some(caller, avatar_id, older, newer)
        one, other = _fields(before.sheet), _fields(after.sheet)
        return SheetDiff(
            changes=[
                SheetChange(path=path, before=one.get(path), after=other.get(path))
                for path in sorted(one.keys() | other.keys())
                if one.get(path) != other.get(path)
            ]
        )


def _next_version(avatar: LockedAvatar, base_version: int) -> int:
    if base_version != avatar.current_sheet_version:
        message = f"The sheet is at version {avatar.current_sheet_version} now."
        raise ConflictError(message)
    return base_version + 1


def _origins(before: StoredSheet | None, sheet: Sheet) -> dict[str, int]:
    """Return in which version each field got its value: this one, if it changed."""
    if before is None:
        return dict.fromkeys(_fields(sheet), 1)
    known = _fields(before.sheet)
    return {
        path: before.field_origins[path]
        if path in known and known[path] == value
        else before.version + 1
        for path, value in _fields(sheet).items()
    }


def _fields(sheet: Sheet) -> dict[str, Any]:
    return dict(_leaves(sheet.model_dump(mode="json")))


def _leaves(value: object, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each field that holds no others, under its dotted path."""
    if not isinstance(value, dict):
        yield path, value
        return
    for key, inner in value.items():
        yield from _leaves(inner, f"{path}.{key}" if path else key)
