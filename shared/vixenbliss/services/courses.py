"""Courses: made, published, and shown to anybody."""

from collections.abc import Sequence
from typing import Any

from vixenbliss.callers import Caller, Member
from vixenbliss.database import Connection
from vixenbliss.errors import ConflictError, CourseNotFoundError, InvalidStateError
from vixenbliss.models.academy import CourseAccess, CourseStatus
from vixenbliss.repositories import access
from vixenbliss.repositories.audit import AuditRepository
from vixenbliss.repositories.classes import ClassRepository
from vixenbliss.repositories.course_benefits import CourseBenefitRepository, Ties
from vixenbliss.repositories.courses import (
    SLUG_TAKEN,
    CourseRepository,
    LockedCourse,
    SeenCourse,
)
from vixenbliss.repositories.teachers import TeacherRepository
from vixenbliss.schemas.base import Listing
from vixenbliss.schemas.courses import (
    CourseCreate,
    CourseQuery,
    CourseRead,
    CourseUpdate,
    CourseWritten,
)
from vixenbliss.services import policies
from vixenbliss.services.slugs import slug_of, spellings


class CourseService:
    """The academy's courses; those are written that are of the caller's workspace."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._courses = CourseRepository(connection)
        self._benefits = CourseBenefitRepository(connection)
        self._audit = AuditRepository(connection)

    async def list(
        self, caller: Caller | None, wanted: CourseQuery
    ) -> Listing[CourseRead]:
        """Return the courses that match, newest first; drafts to their members only."""
        return await self._courses.list(caller, wanted)

    async def get(self, caller: Caller | None, slug: str) -> SeenCourse:
        """Return the course of a slug.

        Raises:
            CourseNotFoundError: there is none, or it is another workspace's draft.
        """
        seen = await self._courses.find(caller, slug)
        if seen is None:
            raise CourseNotFoundError
        return seen

    async def create(self, caller: Caller, wanted: CourseCreate) -> CourseWritten:
        """Make a course; a slug that nobody chose gets out of another one's way.

        Raises:
            ConflictError: the slug is taken.
            TeacherNotFoundError: the workspace lacks one of the teachers.
            PolicyBlockedError: the floor refuses the words.
        """
        member = await access.member(self._connection, caller)
        policies.refuse_blocked(wanted.name, wanted.description, wanted.slug)
        course_id = await self._add(member, wanted)
        await self._teach(member, course_id, wanted.teacher_ids)
        if wanted.access is CourseAccess.PAID:
            await self._benefits.keep(member, course_id, wanted.name)
        await self._audit.add(member, "course.created", ("course", course_id))
        return await self._courses.read(course_id)

    async def _add(self, member: Member, wanted: CourseCreate) -> int:
        columns = wanted.model_dump(exclude={"slug", "teacher_ids"})
        chosen = [wanted.slug] if wanted.slug else None
        for slug in chosen or spellings(slug_of(wanted.name, otherwise="course")):
            course_id = await self._courses.add(member, slug, columns)
            if course_id is not None:
                return course_id
        raise ConflictError(SLUG_TAKEN)

    async def _teach(
        self, member: Member, course_id: int, teacher_ids: Sequence[int]
    ) -> None:
        teachers = TeacherRepository(self._connection)
        await teachers.hold(member, teacher_ids)
        await teachers.teach(course_id, teacher_ids)

    async def update(
        self, caller: Caller, slug: str, wanted: CourseUpdate
    ) -> CourseWritten:
        """Change a course. One that is paid for keeps open to those who hold it.

        Raises:
            CourseNotFoundError: the workspace has none of that slug.
            ConflictError: the new slug is taken.
            InvalidStateError: it is published, and its slug is known to the world.
            TeacherNotFoundError: the workspace lacks one of the teachers.
            PolicyBlockedError: the floor refuses the words.
        """
        member = await access.member(self._connection, caller)
        policies.refuse_blocked(wanted.name, wanted.description, wanted.slug)
        course = await self._courses.lock(member, slug)
        changes = wanted.model_dump(exclude_unset=True)
        _require_address_stays(course, changes)
        teacher_ids = changes.pop("teacher_ids", None)
        await self._courses.set(course.id, **changes)
        if teacher_ids is not None:
            await self._teach(member, course.id, teacher_ids)
        if wanted.access is CourseAccess.PAID:
            name = changes.get("name", course.name)
            await self._benefits.keep(member, course.id, name)
        await self._audit.add(member, "course.changed", ("course", course.id))
        return await self._courses.read(course.id)

    async def publish(self, caller: Caller, slug: str) -> CourseWritten:
        """Let anybody see a course; one that everybody sees already stays as it is.

        Raises:
            CourseNotFoundError: the workspace has none of that slug.
            InvalidStateError: it has no class.
        """
        member = await access.member(self._connection, caller)
        course = await self._courses.lock(member, slug)
        if course.status is CourseStatus.DRAFT:
            await self._publish(member, course)
        return await self._courses.read(course.id)

    async def _publish(self, member: Member, course: LockedCourse) -> None:
        if not await ClassRepository(self._connection).list(course.id):
            message = "A course without a class cannot be published."
            raise InvalidStateError(message)
        await self._courses.publish(course.id)
        await self._audit.add(member, "course.published", ("course", course.id))

    async def delete(self, caller: Caller, slug: str) -> None:
        """Take away a course that nobody has paid for.

        Raises:
            CourseNotFoundError: the workspace has none of that slug.
            ConflictError: it is for sale, being paid for, or was sold.
        """
        member = await access.member(self._connection, caller)
        course = await self._courses.lock(member, slug)
        _require_untied(await self._benefits.retire(member, course.id))
        await self._courses.delete(course.id)
        await self._audit.add(member, "course.deleted", ("course", course.id))


def _require_untied(ties: Ties) -> None:
    """Make sure that nobody has a right to a course, or is about to get one.

    Raises:
        ConflictError: somebody has, or is.
    """
    if ties.is_sold:
        message = "The course was sold; those who hold it keep it."
        raise ConflictError(message)
    if ties.is_for_sale:
        message = "The course is for sale; take its products from sale first."
        raise ConflictError(message)
    if ties.is_being_paid:
        message = "Somebody is about to pay for the course; try again in an hour."
        raise ConflictError(message)


def _require_address_stays(course: LockedCourse, changes: dict[str, Any]) -> None:
    """Make sure that links to a published course go on leading there.

    Raises:
        InvalidStateError: they would not.
    """
    is_moved = changes.get("slug", course.slug) != course.slug
    if is_moved and course.status is CourseStatus.PUBLISHED:
        message = "The slug of a published course does not change: others link to it."
        raise InvalidStateError(message)
