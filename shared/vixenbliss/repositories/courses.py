"""Every query on courses; published ones are global, as anybody may look at them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ARRAY,
    Integer,
    RowMapping,
    Text,
    bindparam,
    cast,
    func,
    literal_column,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by, insert

from vixenbliss.callers import Caller, Member
from vixenbliss.database import Connection
from vixenbliss.errors import (
    ConflictError,
    ConstraintViolatedError,
    CourseNotFoundError,
)
from vixenbliss.models.academy import (
    Course,
    CourseAccess,
    CourseRating,
    CourseStatus,
    CourseTeacher,
    Lesson,
)
from vixenbliss.repositories.access import MEMBER, read_as_visitor, seen_by_visitor
from vixenbliss.repositories.course_rights import IS_PUBLIC, IS_SHOWN
from vixenbliss.repositories.pages import (
    page_seen_by_anybody,
    page_seen_by_member,
    read_page,
    read_public_page,
)
from vixenbliss.schemas.base import Listing
from vixenbliss.schemas.courses import (
    CourseDetail,
    CourseQuery,
    CourseRead,
    CourseWritten,
)

SLUG_TAKEN = "Another course goes by this slug."

_LISTED = (Course.id, Course.name, Course.description, Course.thumbnail, Course.slug)
_teacher = bindparam("teacher_id", type_=Integer(), value=None)
_q = bindparam("q", type_=Text(), value=None)
_wished = (
    or_(
        cast(_teacher, Integer()).is_(None),
        select(CourseTeacher.course_id)
        .where(
            CourseTeacher.course_id == Course.id, CourseTeacher.teacher_id == _teacher
        )
        .correlate(Course)
        .exists(),
    ),
    or_(
        cast(_q, Text()).is_(None),
        func.strpos(func.lower(Course.name), func.lower(_q)) > 0,
    ),
)
_newest_first = (Course.created_at.desc(), Course.id.desc())
_LIST = page_seen_by_anybody(_LISTED, IS_PUBLIC, *_wished, order_by=_newest_first)
_LIST_FOR_MEMBER = page_seen_by_member(
    _LISTED, IS_SHOWN, *_wished, order_by=_newest_first
)
_teacher_ids = (
    select(
        func.coalesce(
            func.array_agg(
                aggregate_order_by(
                    CourseTeacher.teacher_id,
                    CourseTeacher.position,
                    CourseTeacher.teacher_id,
                )
            ),
            cast(literal_column("'{}'"), ARRAY(Integer())),
        )
    )
    .where(CourseTeacher.course_id == Course.id)
    .correlate(Course)
    .scalar_subquery()
)
_classes = (
    select(
        func.coalesce(
            func.jsonb_agg(
                aggregate_order_by(
                    func.jsonb_build_object(
                        *("id", Lesson.id, "name", Lesson.name),
                        *("description", Lesson.description, "slug", Lesson.slug),
                    ),
                    Lesson.position,
                    Lesson.id,
                )
            ),
            func.jsonb_build_array(),
        )
    )
    .where(Lesson.course_id == Course.id, Lesson.deleted_at.is_(None))
    .correlate(Course)
    .scalar_subquery()
)
_rated = (
    select(
        func.coalesce(func.round(func.avg(CourseRating.rating), 2), 0).label(
            "average_rating"
        ),
        func.count().label("total_ratings"),
    )
    .where(CourseRating.course_id == Course.id, CourseRating.deleted_at.is_(None))
    .correlate(Course)
    .lateral("rated")
)
_DETAIL = (
    *_LISTED,
    _teacher_ids.label("teacher_id"),
    _teacher_ids.label("teacher_ids"),
    _classes.label("classes"),
    _rated,
)
_READ = (
    select(
        *_DETAIL,
        Course.workspace_id,
        Course.status,
        Course.access,
        Course.version,
        Course.created_at,
        Course.updated_at,
        Course.published_at,
    )
    .select_from(Course)
    .join(_rated, true())
    .where(Course.id == bindparam("course_id"))
)
_SHOW = seen_by_visitor(
    select(*_DETAIL, IS_PUBLIC.label("is_public"))
    .select_from(Course)
    .join(_rated, true())
    .where(Course.slug == bindparam("slug"), IS_SHOWN)
    .correlate(MEMBER)
)
_LOCK = (
    select(Course.id, Course.name, Course.slug, Course.status, Course.access)
    .where(
        Course.slug == bindparam("slug"),
        Course.workspace_id == bindparam("workspace_id"),
        Course.deleted_at.is_(None),
    )
    .with_for_update()
)
_ADD = (
    insert(Course)
    .values(
        workspace_id=bindparam("workspace_id"),
        slug=bindparam("slug"),
        name=bindparam("name"),
        description=bindparam("description"),
        thumbnail=bindparam("thumbnail"),
        access=bindparam("access"),
    )
    .on_conflict_do_nothing(
        index_elements=[Course.slug], index_where=Course.deleted_at.is_(None)
    )
    .returning(Course.id)
)


@dataclass(frozen=True, slots=True)
class SeenCourse:
    """A course that whoever asks may know of."""

    detail: CourseDetail
    is_public: bool
    """Whether anybody may, and gets the same to see."""


@dataclass(frozen=True, slots=True)
class LockedCourse:
    """A course that nobody else changes until the transaction ends."""

    id: int
    name: str
    slug: str
    status: CourseStatus
    access: CourseAccess


class CourseRepository:
    """The academy's courses."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def list(
        self, caller: Caller | None, wanted: CourseQuery
    ) -> Listing[CourseRead]:
        """Return the courses that match and that whoever asks may know of.

        The newest first; those of the caller's workspaces while they are drafts, too.

        Raises:
            UnauthorizedError: the session has ended.
        """
        asked = {"q": wanted.q, "teacher_id": wanted.teacher_id}
        if caller is None:
            return await read_public_page(
                self._connection, _LIST, wanted, CourseRead, **asked
            )
        return await read_page(
            self._connection, caller, _LIST_FOR_MEMBER, wanted, CourseRead, **asked
        )

    async def find(self, caller: Caller | None, slug: str) -> SeenCourse | None:
        """Return the course of a slug, if whoever asks may know of it.

        Raises:
            UnauthorizedError: the session has ended.
        """
        rows = await read_as_visitor(self._connection, caller, _SHOW, slug=slug)
        return _seen(rows)

    async def lock(self, member: Member, slug: str) -> LockedCourse:
        """Return a course, held until the transaction ends, and with it its classes.

        Raises:
            CourseNotFoundError: the workspace has none of that slug.
        """
        row = await self._connection.one(
            _LOCK, slug=slug, workspace_id=member.workspace_id
        )
        if row is None:
            raise CourseNotFoundError
        return LockedCourse(**row)

    async def add(
        self, member: Member, slug: str, columns: dict[str, Any]
    ) -> int | None:
        """Insert a course and return its id; None if the slug is taken."""
        row = await self._connection.one(
            _ADD, workspace_id=member.workspace_id, slug=slug, **columns
        )
        return row["id"] if row else None

    async def set(self, course_id: int, **columns: object) -> None:
        """Write columns of a locked course.

        Raises:
            ConflictError: its new slug is taken.
        """
        statement = (
            update(Course)
            .where(Course.id == course_id)
            .values(**columns, version=Course.version + 1)
        )
        try:
            await self._connection.run(statement)
        except ConstraintViolatedError as error:
            raise ConflictError(SLUG_TAKEN) from error

    async def publish(self, course_id: int) -> None:
        """Let anybody see a locked course."""
        await self.set(
            course_id, status=CourseStatus.PUBLISHED, published_at=func.now()
        )

    async def delete(self, course_id: int) -> None:
        """Take a locked course away; its slug is free again."""
        await self.set(course_id, deleted_at=func.now())

    async def read(self, course_id: int) -> CourseWritten:
        """Return a course that was just written."""
        row = await self._connection.one(_READ, course_id=course_id)
        if row is None:
            raise CourseNotFoundError
        return CourseWritten.model_validate(dict(row))


def _seen(rows: Sequence[RowMapping]) -> SeenCourse | None:
    if not rows:
        return None
    (row,) = rows
    return SeenCourse(CourseDetail.model_validate(dict(row)), row["is_public"])
