"""Every query on the classes of courses."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    Integer,
    and_,
    bindparam,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from vixenbliss.callers import Caller
from vixenbliss.database import Connection
from vixenbliss.errors import (
    ConflictError,
    ConstraintViolatedError,
    LessonNotFoundError,
)
from vixenbliss.models.academy import Course, CourseAccess, Lesson
from vixenbliss.models.learning import Enrollment
from vixenbliss.repositories.access import MEMBER, read_as_visitor, seen_by_visitor
from vixenbliss.repositories.course_rights import (
    IS_OPEN,
    IS_OURS,
    IS_PUBLIC,
    IS_SHOWN,
    OFFERS,
    product_ids,
)
from vixenbliss.schemas.classes import ClassListed, ClassRead, ClassWritten

SLUG_TAKEN = "Another class of the course goes by this slug."

_LISTED = (Lesson.id, Lesson.name, Lesson.description, Lesson.slug)
_COLUMNS = (
    *_LISTED,
    Lesson.video_url,
    Lesson.created_at,
    Lesson.updated_at,
    Lesson.deleted_at,
)
_is_live = Lesson.deleted_at.is_(None)
_is_for_all = or_(Course.access == CourseAccess.FREE, Lesson.is_preview)
_waited = func.make_interval(0, 0, 0, Lesson.available_after_days)
_opens_at = Enrollment.enrolled_at + _waited
_SHOW = seen_by_visitor(
    select(
        *_COLUMNS,
        and_(IS_PUBLIC, _is_for_all).label("is_public"),
        or_(_is_for_all, IS_OPEN).label("is_open"),
        or_(
            _is_for_all,
            IS_OURS,
            Lesson.available_after_days == 0,
            func.coalesce(_opens_at <= func.now(), False),
        ).label("is_due"),
        _opens_at.label("opens_at"),
        OFFERS.label("offers"),
    )
    .select_from(Lesson)
    .join(Course, Course.id == Lesson.course_id)
    .outerjoin(
        Enrollment,
        and_(
            Enrollment.course_id == Course.id,
            Enrollment.user_id == MEMBER.c.user_id,
        ),
    )
    .where(
        Course.slug == bindparam("slug"),
        Lesson.id == bindparam("class_id"),
        _is_live,
        IS_SHOWN,
    )
    .correlate(MEMBER)
)
_READ = select(
    *_COLUMNS,
    Lesson.position,
    Lesson.duration_s,
    Lesson.is_preview,
    Lesson.available_after_days,
).where(Lesson.id == bindparam("class_id"))
_LIST = (
    select(*_LISTED)
    .where(Lesson.course_id == bindparam("course_id"), _is_live)
    .order_by(Lesson.position, Lesson.id)
)
_ADD = (
    insert(Lesson)
    .values(
        course_id=bindparam("course_id"),
        slug=bindparam("slug"),
        position=bindparam("position"),
        name=bindparam("name"),
        description=bindparam("description"),
        video_url=bindparam("video_url"),
        duration_s=bindparam("duration_s"),
        is_preview=bindparam("is_preview"),
        available_after_days=bindparam("available_after_days"),
    )
    .on_conflict_do_nothing(
        index_elements=[Lesson.course_id, Lesson.slug], index_where=_is_live
    )
    .returning(Lesson.id)
)
_ordered = (
    func.unnest(bindparam("ids", type_=ARRAY(Integer())))
    .table_valued("id", with_ordinality="place", name="ordered")
    .render_derived()
)
_ARRANGE = (
    update(Lesson)
    .where(
        Lesson.id == _ordered.c.id,
        Lesson.position != _ordered.c.place - 1,
    )
    .values(position=_ordered.c.place - 1, updated_at=Lesson.updated_at)
)


@dataclass(frozen=True, slots=True)
class SeenClass:
    """A class of a course that whoever asks may know of, open to them or not."""

    read: ClassRead
    is_public: bool
    """Whether it is open to anybody."""
    is_open: bool
    """Whether it is to whoever asks, by what they hold."""
    is_due: bool
    """Whether they have been enrolled for as many days as it takes."""
    opens_at: datetime | None
    """When they will have been; None while they are not enrolled."""
    offers: Sequence[str]
    """The products for sale that would open it."""


class ClassRepository:
    """The classes of courses; who writes them holds their course."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def find(self, caller: Caller | None, slug: str, class_id: int) -> SeenClass:
        """Return a class of the course of a slug.

        Raises:
            UnauthorizedError: the session has ended.
            LessonNotFoundError: whoever asks may know of none of that id.
        """
        rows = await read_as_visitor(
            self._connection, caller, _SHOW, slug=slug, class_id=class_id
        )
        if not rows:
            raise LessonNotFoundError
        (row,) = rows
        return SeenClass(
            read=ClassRead.model_validate(dict(row)),
            is_public=row["is_public"],
            is_open=row["is_open"],
            is_due=row["is_due"],
            opens_at=row["opens_at"],
            offers=product_ids(row["offers"]),
        )

    async def list(self, course_id: int) -> list[ClassListed]:
        """Return a course's classes in their order; their number is bounded."""
        rows = await self._connection.all(_LIST, course_id=course_id)
        return [ClassListed.model_validate(dict(row)) for row in rows]

    async def add(
        self, course_id: int, slug: str, position: int, columns: dict[str, Any]
    ) -> int | None:
        """Insert a class and return its id; None if the slug is taken."""
        row = await self._connection.one(
            _ADD, course_id=course_id, slug=slug, position=position, **columns
        )
        return row["id"] if row else None

    async def change(
        self, course_id: int, class_id: int, changes: dict[str, Any]
    ) -> None:
        """Change a class.

        Raises:
            LessonNotFoundError: the course has none of that id.
            ConflictError: its new slug is taken.
        """
        statement = (
            update(Lesson)
            .where(Lesson.id == class_id, Lesson.course_id == course_id, _is_live)
            .values(**changes, updated_at=func.now())
        )
        try:
            changed = await self._connection.run(statement)
        except ConstraintViolatedError as error:
            raise ConflictError(SLUG_TAKEN) from error
        if not changed:
            raise LessonNotFoundError

    async def delete(self, course_id: int, class_id: int) -> None:
        """Take a class away; its slug is free again.

        Raises:
            LessonNotFoundError: the course has none of that id.
        """
        await self.change(course_id, class_id, {"deleted_at": func.now()})

    async def arrange(self, class_ids: Sequence[int]) -> None:
        """Put all classes of one course in this order."""
        await self._connection.run(_ARRANGE, ids=list(class_ids))

    async def read(self, class_id: int) -> ClassWritten:
        """Return a class that was just written."""
        row = await self._connection.one(_READ, class_id=class_id)
        if row is None:
            raise LessonNotFoundError
        return ClassWritten.model_validate(dict(row))
