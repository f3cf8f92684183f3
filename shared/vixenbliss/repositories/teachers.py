"""Every query on teachers; global, as anybody may know their names."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ARRAY,
    Integer,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)

from vixenbliss.callers import Caller, Member
from vixenbliss.database import Connection
from vixenbliss.errors import (
    ConflictError,
    ConstraintViolatedError,
    TeacherNotFoundError,
)
from vixenbliss.models.academy import Course, CourseTeacher, Teacher
from vixenbliss.repositories.access import (
    MEMBER,
    read_as_visitor,
    seen_by_visitor,
    works_in,
)
from vixenbliss.repositories.pages import page_seen_by_anybody, read_public_page
from vixenbliss.repositories.terms import among
from vixenbliss.schemas.base import Listing, PageQuery
from vixenbliss.schemas.teachers import TeacherDetail, TeacherRead

_COLUMNS = (
    Teacher.id,
    Teacher.name,
    Teacher.email,
    Teacher.avatar_id,
    Teacher.created_at,
    Teacher.updated_at,
)
_is_live = Teacher.deleted_at.is_(None)
_LIST = page_seen_by_anybody(
    (Teacher.id, Teacher.name), _is_live, order_by=(Teacher.id.asc(),)
)
_SHOW = seen_by_visitor(
    select(*_COLUMNS, works_in(Teacher.workspace_id).label("is_ours"))
    .where(Teacher.id == bindparam("teacher_id"), _is_live)
    .correlate(MEMBER)
)
_READ = select(*_COLUMNS).where(Teacher.id == bindparam("teacher_id"))
_ADD = (
    insert(Teacher)
    .values(
        workspace_id=bindparam("workspace_id"),
        name=bindparam("name"),
        email=bindparam("email"),
        avatar_id=bindparam("avatar_id"),
    )
    .returning(Teacher.id)
)
_mine = (Teacher.workspace_id == bindparam("workspace_id"), _is_live)
_LOCK = (
    select(Teacher.id)
    .where(Teacher.id == bindparam("teacher_id"), *_mine)
    .with_for_update()
)
# Held in the order of their ids, so that two who want the same ones never wait in a
# circle; shared, so that whoever teaches a course is not taken away meanwhile.
_HOLD = (
    select(Teacher.id)
    .where(among(Teacher.id, "ids"), *_mine)
    .order_by(Teacher.id)
    .with_for_update(read=True)
)
_TEACHES = (
    select(Course.id)
    .join(CourseTeacher, CourseTeacher.course_id == Course.id)
    .where(
        CourseTeacher.teacher_id == bindparam("teacher_id"), Course.deleted_at.is_(None)
    )
    .limit(1)
)
_DROP_COURSE = delete(CourseTeacher).where(
    CourseTeacher.course_id == bindparam("of_course")
)
_named = (
    func.unnest(bindparam("ids", type_=ARRAY(Integer())))
    .table_valued("teacher_id", with_ordinality="position", name="named")
    .render_derived()
)
_ADD_COURSE = insert(CourseTeacher).from_select(
    ["course_id", "teacher_id", "position"],
    select(
        bindparam("course_id", type_=Integer()),
        _named.c.teacher_id,
        _named.c.position,
    ),
)


@dataclass(frozen=True, slots=True)
class SeenTeacher:
    """A teacher, and whether whoever asks works where they are from."""

    detail: TeacherDetail
    is_ours: bool


class TeacherRepository:
    """Those who teach."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def list(self, page: PageQuery) -> Listing[TeacherRead]:
        """Return all teachers, of any workspace, in the order that they came."""
        return await read_public_page(self._connection, _LIST, page, TeacherRead)

    async def find(self, caller: Caller | None, teacher_id: int) -> SeenTeacher:
        """Return a teacher, of whatever workspace.

        Raises:
            UnauthorizedError: the session has ended.
            TeacherNotFoundError: there is none of that id.
        """
        rows = await read_as_visitor(
            self._connection, caller, _SHOW, teacher_id=teacher_id
        )
        if not rows:
            raise TeacherNotFoundError
        (row,) = rows
        return SeenTeacher(TeacherDetail.model_validate(dict(row)), row["is_ours"])

    async def add(self, member: Member, columns: dict[str, Any]) -> int:
        """Insert a teacher and return their id.

        Raises:
            ConflictError: the workspace has one of that address.
        """
        rows = await self._decided(_ADD, workspace_id=member.workspace_id, **columns)
        teacher_id: int = rows[0]["id"]
        return teacher_id

    async def lock(self, member: Member, teacher_id: int) -> None:
        """Hold a teacher until the transaction ends.

        Raises:
            TeacherNotFoundError: the workspace has none of that id.
        """
        row = await self._connection.one(
            _LOCK, teacher_id=teacher_id, workspace_id=member.workspace_id
        )
        if row is None:
            raise TeacherNotFoundError

    async def hold(self, member: Member, teacher_ids: Sequence[int]) -> None:
        """Make sure that teachers are there, and stay until the transaction ends.

        Raises:
            TeacherNotFoundError: the workspace lacks one of them.
        """
        rows = await self._connection.all(
            _HOLD, ids=list(teacher_ids), workspace_id=member.workspace_id
        )
        if len(rows) < len(teacher_ids):
            raise TeacherNotFoundError

    async def teach(self, course_id: int, teacher_ids: Sequence[int]) -> None:
        """Let exactly these, who are held, teach a locked course, in this order."""
        await self._connection.run(_DROP_COURSE, of_course=course_id)
        await self._connection.run(
            _ADD_COURSE, course_id=course_id, ids=list(teacher_ids)
        )

    async def set(self, teacher_id: int, **columns: object) -> None:
        """Write columns of a locked teacher.

        Raises:
            ConflictError: the workspace has another one of that address.
        """
        await self._decided(
            update(Teacher)
            .where(Teacher.id == teacher_id)
            .values(**columns, updated_at=func.now())
        )

    async def _decided(self, statement: Any, **binds: object) -> Sequence[Any]:  # noqa: ANN401 - an insert or an update
        try:
            return await self._connection.all(statement, **binds)
        except ConstraintViolatedError as error:
            message = "Another teacher has this address."
            raise ConflictError(message) from error

    async def delete(self, teacher_id: int) -> None:
        """Take a locked teacher away."""
        await self.set(teacher_id, deleted_at=func.now())

    async def teaches(self, teacher_id: int) -> bool:
        """Tell whether a locked teacher has a course."""
        return await self._connection.one(_TEACHES, teacher_id=teacher_id) is not None

    async def read(self, teacher_id: int) -> TeacherDetail:
        """Return a teacher who was just written."""
        row = await self._connection.one(_READ, teacher_id=teacher_id)
        if row is None:
            raise TeacherNotFoundError
        return TeacherDetail.model_validate(dict(row))
