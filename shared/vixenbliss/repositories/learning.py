"""Every query on who takes which course; global, as learners belong nowhere.

What somebody holds is asked in the statement that reads their enrolment, never kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    and_,
    bindparam,
    case,
    func,
    join,
    literal,
    null,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by, insert

from vixenbliss.callers import Caller
from vixenbliss.database import Connection
from vixenbliss.errors import (
    CourseNotFoundError,
    EnrollmentNotFoundError,
)
from vixenbliss.ids import new_id
from vixenbliss.models.academy import Course, CourseTeacher, Lesson, Teacher
from vixenbliss.models.learning import Enrollment, LessonProgress
from vixenbliss.repositories.access import MEMBER, read, seen_by_member
from vixenbliss.repositories.course_rights import (
    IS_OPEN,
    IS_OURS,
    IS_SHOWN,
    OFFERS,
    product_ids,
)
from vixenbliss.repositories.pages import page_seen_by_member, read_page
from vixenbliss.schemas.base import Listing, PageQuery
from vixenbliss.schemas.learning import EnrollmentRead, EnrollmentStatus, LessonTaken

_lives = and_(Lesson.course_id == Enrollment.course_id, Lesson.deleted_at.is_(None))
_of_it = and_(
    LessonProgress.lesson_id == Lesson.id,
    LessonProgress.enrollment_id == Enrollment.id,
)
_total: ColumnElement[int] = (
    select(func.count(Lesson.id)).where(_lives).correlate(Enrollment).scalar_subquery()
)
_completed = (
    select(LessonProgress.completed_at)
    .join(Lesson, _of_it)
    .where(_lives, LessonProgress.completed_at.is_not(None))
    .correlate(Enrollment)
)
_done: ColumnElement[int] = _completed.with_only_columns(func.count()).scalar_subquery()
_last: ColumnElement[datetime | None] = _completed.with_only_columns(
    func.max(LessonProgress.completed_at)
).scalar_subquery()
IS_COMPLETE = and_(_done == _total, _total > 0)
PERCENT = func.coalesce(100 * _done // func.nullif(_total, 0), 0)
# Also where the last class that was missing has been taken out of the course.
_COMPLETED_AT = case((IS_COMPLETE, func.coalesce(Enrollment.completed_at, _last)))
_STATUS = case(
    (~IS_OPEN, EnrollmentStatus.SUSPENDED),
    (IS_COMPLETE, EnrollmentStatus.COMPLETED),
    else_=EnrollmentStatus.ACTIVE,
)
_AI_PRESENTED = (
    select(Teacher.id)
    .join(CourseTeacher, CourseTeacher.teacher_id == Teacher.id)
    .where(
        CourseTeacher.course_id == Course.id,
        Teacher.avatar_id.is_not(None),
        Teacher.deleted_at.is_(None),
    )
    .correlate(Course)
    .exists()
)
_course = func.jsonb_build_object(
    *("id", Course.id),
    *("slug", Course.slug),
    *("name", Course.name),
    *("thumbnail", Course.thumbnail),
    type_=JSONB,
)
OPENS_AT: ColumnElement[datetime | None] = case(
    (or_(Lesson.is_preview, Lesson.available_after_days == 0, IS_OURS), null()),
    else_=Enrollment.enrolled_at
    + func.make_interval(0, 0, 0, 0, 24 * Lesson.available_after_days),
)
"""When a class opens to somebody enrolled; null if it always has been open."""
_lesson = func.jsonb_build_object(
    *("id", Lesson.id),
    *("name", Lesson.name),
    *("slug", Lesson.slug),
    *("duration_seconds", Lesson.duration_s),
    *("position_seconds", func.coalesce(LessonProgress.position_s, 0)),
    *("completed_at", LessonProgress.completed_at),
    *("opens_at", OPENS_AT),
    type_=JSONB,
)
_classes = (
    select(
        func.jsonb_agg(aggregate_order_by(_lesson, Lesson.position, Lesson.id)),
    )
    .select_from(Lesson)
    .outerjoin(LessonProgress, _of_it)
    .where(_lives)
    .correlate(Enrollment, Course, MEMBER)
    .scalar_subquery()
)
_TAKEN = (
    Enrollment.id,
    _course.label("course"),
    _AI_PRESENTED.label("ai_presented"),
    _STATUS.label("status"),
    PERCENT.label("percent"),
    Enrollment.enrolled_at,
    _COMPLETED_AT.label("completed_at"),
)
_LIST = page_seen_by_member(
    _TAKEN,
    Enrollment.user_id == MEMBER.c.user_id,
    IS_SHOWN,
    order_by=(Enrollment.enrolled_at.desc(), Enrollment.id.desc()),
    sources=[join(Enrollment, Course, Course.id == Enrollment.course_id)],
)
BY_SLUG = (Course.slug == bindparam("slug"), IS_SHOWN)
IS_MINE = and_(
    Enrollment.course_id == Course.id, Enrollment.user_id == MEMBER.c.user_id
)
_ONE = seen_by_member(
    select(*_TAKEN, _classes.label("classes"))
    .select_from(Course)
    .outerjoin(Enrollment, IS_MINE)
    .where(*BY_SLUG)
    .correlate(MEMBER)
)
_VISITOR = seen_by_member(
    select(
        Course.id.label("course_id"),
        MEMBER.c.user_id.label("visitor"),
        IS_OPEN.label("is_open"),
        OFFERS.label("offers"),
    )
    .where(*BY_SLUG)
    .correlate(MEMBER)
)
_ENROLL = (
    insert(Enrollment)
    .values(
        id=bindparam("id"),
        course_id=bindparam("course_id"),
        user_id=bindparam("user_id"),
    )
    .on_conflict_do_nothing(index_elements=["course_id", "user_id"])
    .returning(literal(1))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Whoever would like to take a course."""

    visitor: int
    course_id: int
    is_open: bool
    offers: Sequence[str]
    """The products for sale that would open it."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Somebody in a course, with its classes in order."""

    enrollment: EnrollmentRead
    classes: Sequence[LessonTaken]


class LearningRepository:
    """The courses that people take, of whatever workspaces."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def list(self, caller: Caller, page: PageQuery) -> Listing[EnrollmentRead]:
        """Return the courses that the caller takes, the latest first."""
        return await read_page(self._connection, caller, _LIST, page, EnrollmentRead)

    async def get(self, caller: Caller, slug: str) -> Taken:
        """Return a course that the caller takes.

        Raises:
            CourseNotFoundError: there is no such course.
            EnrollmentNotFoundError: they do not take it.
        """
        rows = await read(self._connection, caller, _ONE, slug=slug)
        if not rows:
            raise CourseNotFoundError
        (row,) = rows
        if row["id"] is None:
            raise EnrollmentNotFoundError
        classes = [LessonTaken.model_validate(one) for one in row["classes"] or ()]
        return Taken(EnrollmentRead.model_validate(dict(row)), classes)

    async def visitor(self, caller: Caller, slug: str) -> Visitor:
        """Return the caller as somebody who would like to take a course.

        Raises:
            CourseNotFoundError: there is no such course.
        """
        rows = await read(self._connection, caller, _VISITOR, slug=slug)
        if not rows:
            raise CourseNotFoundError
        known = {name: rows[0][name] for name in Visitor.__dataclass_fields__}
        return Visitor(**known | {"offers": product_ids(rows[0]["offers"])})

    async def enroll(self, visitor: Visitor) -> bool:
        """Put somebody into a course, and return whether they were not in it."""
        rows = await self._connection.all(
            _ENROLL,
            id=new_id(),
            course_id=visitor.course_id,
            user_id=visitor.visitor,
        )
        return bool(rows)
