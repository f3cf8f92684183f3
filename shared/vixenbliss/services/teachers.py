"""Teachers: known to anybody by their names, and to their workspace by more."""

from uuid import UUID

from vixenbliss.callers import Caller, Member
from vixenbliss.database import Connection
from vixenbliss.errors import AvatarNotFoundError, ConflictError
from vixenbliss.models.avatars import AvatarStatus
from vixenbliss.repositories import access
from vixenbliss.repositories.audit import AuditRepository
from vixenbliss.repositories.avatars import AvatarRepository
from vixenbliss.repositories.teachers import TeacherRepository
from vixenbliss.schemas.base import Listing, PageQuery
from vixenbliss.schemas.teachers import (
    TeacherCreate,
    TeacherDetail,
    TeacherRead,
    TeacherUpdate,
)
from vixenbliss.services import policies


class TeacherService:
    """Those who teach; those are written who are of the caller's workspace."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._teachers = TeacherRepository(connection)
        self._audit = AuditRepository(connection)

    async def list(self, page: PageQuery) -> Listing[TeacherRead]:
        """Return all teachers, of any workspace, in the order that they came."""
        return await self._teachers.list(page)

    async def get(
        self, caller: Caller | None, teacher_id: int
    ) -> TeacherDetail | TeacherRead:
        """Return a teacher; how to reach them is told to their own workspace alone.

        Raises:
            TeacherNotFoundError: there is none of that id.
        """
        seen = await self._teachers.find(caller, teacher_id)
        if seen.is_ours:
            return seen.detail
        return TeacherRead(id=seen.detail.id, name=seen.detail.name)

    async def create(self, caller: Caller, wanted: TeacherCreate) -> TeacherDetail:
        """Take somebody on who teaches.

        Raises:
            ConflictError: the workspace has a teacher of that address.
            AvatarNotFoundError: the workspace has no such avatar.
            PolicyBlockedError: the floor refuses the name.
        """
        member = await access.member(self._connection, caller)
        policies.refuse_blocked(wanted.name)
        await self._require_avatar(member, wanted.avatar_id)
        teacher_id = await self._teachers.add(member, wanted.model_dump())
        await self._audit.add(member, "teacher.created", ("teacher", teacher_id))
        return await self._teachers.read(teacher_id)

    async def update(
        self, caller: Caller, teacher_id: int, wanted: TeacherUpdate
    ) -> TeacherDetail:
        """Change a teacher.

        Raises:
            TeacherNotFoundError: the workspace has none of that id.
            ConflictError: another one has the new address.
            AvatarNotFoundError: the workspace has no such avatar.
            PolicyBlockedError: the floor refuses the name.
        """
        member = await access.member(self._connection, caller)
        policies.refuse_blocked(wanted.name)
        await self._teachers.lock(member, teacher_id)
        await self._require_avatar(member, wanted.avatar_id)
        changes = wanted.model_dump(exclude_unset=True)
        await self._teachers.set(teacher_id, **changes)
        await self._audit.add(member, "teacher.changed", ("teacher", teacher_id))
        return await self._teachers.read(teacher_id)

    async def delete(self, caller: Caller, teacher_id: int) -> None:
        """Let somebody go who has no course.

        Raises:
            TeacherNotFoundError: the workspace has none of that id.
            ConflictError: they have one.
        """
        member = await access.member(self._connection, caller)
        await self._teachers.lock(member, teacher_id)
        if await self._teachers.teaches(teacher_id):
            message = "The teacher has courses; let somebody else teach them first."
            raise ConflictError(message)
        await self._teachers.delete(teacher_id)
        await self._audit.add(member, "teacher.deleted", ("teacher", teacher_id))

    async def _require_avatar(self, member: Member, avatar_id: UUID | None) -> None:
        if avatar_id is None:
            return
        avatar = await AvatarRepository(self._connection).lock(member, avatar_id)
        if avatar.status is AvatarStatus.ARCHIVED:
            raise AvatarNotFoundError
