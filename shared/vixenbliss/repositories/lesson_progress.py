"""Every query on how far people have come in the classes of a course."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Integer,
    and_,
    bindparam,
    case,
    func,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from vixenbliss.callers import Caller
from vixenbliss.database import Connection
from vixenbliss.errors import (
    CourseNotFoundError,
    EnrollmentNotFoundError,
    LessonNotFoundError,
)
from vixenbliss.models.academy import Course, Lesson
from vixenbliss.models.learning import Enrollment, LessonProgress
from vixenbliss.repositories.access import MEMBER, read, seen_by_member
from vixenbliss.repositories.course_rights import IS_OPEN, OFFERS, product_ids
from vixenbliss.repositories.learning import (
    BY_SLUG,
    IS_COMPLETE,
    IS_MINE,
    OPENS_AT,
    PERCENT,
)

_SEAT = seen_by_member(
    select(
        Enrollment.id.label("enrollment_id"),
        Lesson.id.label("lesson_id"),
        Lesson.duration_s,
        or_(IS_OPEN, func.coalesce(Lesson.is_preview, False)).label("is_open"),
        OPENS_AT.label("opens_at"),
        (func.now() < OPENS_AT).label("is_early"),
        OFFERS.label("offers"),
    )
    .select_from(Course)
    .outerjoin(Enrollment, IS_MINE)
    .outerjoin(
        Lesson,
        and_(
            Lesson.id == bindparam("lesson_id"),
            Lesson.course_id == Course.id,
            Lesson.deleted_at.is_(None),
        ),
    )
    .where(*BY_SLUG)
    .correlate(MEMBER)
)
# Whoever tells of a class holds the enrolment, so that the last two classes cannot be
# completed at one moment, each without having seen the other.
_held = (
    select(Enrollment.id)
    .where(Enrollment.id == bindparam("enrollment_id"))
    .with_for_update(key_share=True)
    .cte("held")
)
_completed = bindparam("completed", type_=Boolean())
_told = insert(LessonProgress).from_select(
    ["enrollment_id", "lesson_id", "position_s", "completed_at"],
    select(
        _held.c.id,
        bindparam("lesson_id", type_=Integer()),
        bindparam("position_s", type_=Integer()),
        case((_completed, func.now()), else_=null()),
    ),
)
_TELL = _told.on_conflict_do_update(
    index_elements=["enrollment_id", "lesson_id"],
    set_={
        "position_s": _told.excluded.position_s,
        "completed_at": case(
            (_completed, func.coalesce(LessonProgress.completed_at, func.now())),
            (_completed.is_(None), LessonProgress.completed_at),
            else_=null(),
        ),
        "updated_at": func.now(),
    },
)
_SETTLE = (
    update(Enrollment)
    .where(Enrollment.id == bindparam("enrollment_id"))
    .values(
        completed_at=case(
            (IS_COMPLETE, func.coalesce(Enrollment.completed_at, func.now())),
            else_=null(),
        )
    )
    .returning(PERCENT.label("percent"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """Somebody in a class of a course that they take."""

    enrollment_id: UUID
    lesson_id: int
    duration_s: int | None
    is_open: bool
    """Whether the class is open to them, by what they hold."""
    opens_at: datetime | None
    is_early: bool | None
    """Whether that is still to come."""
    offers: Sequence[str]


class LessonProgressRepository:
    """Learners in the classes of the courses that they take."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def seat(self, caller: Caller, slug: str, lesson_id: int) -> Seat:
        """Return the caller in a class of a course that they take.

        Raises:
            CourseNotFoundError: there is no such course.
            LessonNotFoundError: it has no such class.
            EnrollmentNotFoundError: they do not take it.
        """
        rows = await read(
            self._connection, caller, _SEAT, slug=slug, lesson_id=lesson_id
        )
        if not rows:
            raise CourseNotFoundError
        if rows[0]["lesson_id"] is None:
            raise LessonNotFoundError
        if rows[0]["enrollment_id"] is None:
            raise EnrollmentNotFoundError
        known = {name: rows[0][name] for name in Seat.__dataclass_fields__}
        return Seat(**known | {"offers": product_ids(rows[0]["offers"])})

    async def keep(self, seat: Seat, *, position_s: int, completed: bool | None) -> int:
        """Keep where somebody is in a class; return the percent of the course.

        What is completed stays so, unless it is told not to be.
        """
        await self._connection.run(
            _TELL,
            enrollment_id=seat.enrollment_id,
            lesson_id=seat.lesson_id,
            position_s=position_s,
            completed=completed,
        )
        (row,) = await self._connection.all(_SETTLE, enrollment_id=seat.enrollment_id)
        return int(row["percent"])
