"""Classes of courses: written by members, opened by whoever may."""

from typing import NoReturn

from vixenbliss.callers import Caller, Member
from vixenbliss.database import Connection
from vixenbliss.errors import (
    ConflictError,
    EntitlementRequiredError,
    ForbiddenError,
    InvalidStateError,
    LessonNotOpenError,
    ValidationError,
)
from vixenbliss.models.academy import CourseStatus
from vixenbliss.repositories import access
from vixenbliss.repositories.audit import AuditRepository
from vixenbliss.repositories.classes import SLUG_TAKEN, ClassRepository, SeenClass
from vixenbliss.repositories.courses import CourseRepository, LockedCourse
from vixenbliss.schemas.classes import (
    MAX_CLASSES,
    ClassCreate,
    ClassListed,
    ClassOrder,
    ClassUpdate,
    ClassWritten,
)
from vixenbliss.services import policies
from vixenbliss.services.slugs import slug_of, spellings


class ClassService:
    """Classes; whoever writes one holds its course, so that they keep one order."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._classes = ClassRepository(connection)
        self._audit = AuditRepository(connection)

    async def open(self, caller: Caller | None, slug: str, class_id: int) -> SeenClass:
        """Return a class to whoever may open it.

        Those are: anybody, if the course is free or the class a preview; whoever works
        where it is from; whoever holds the course, as soon as the class is due.

        Raises:
            LessonNotFoundError: there is none that the caller may know of.
            EntitlementRequiredError: it opens to those who hold the course.
            LessonNotOpenError: it opens some days after they have enrolled.
            ForbiddenError: it would, but they have not.
        """
        seen = await self._classes.find(caller, slug, class_id)
        if not seen.is_open:
            raise EntitlementRequiredError(seen.offers)
        if not seen.is_due:
            _refuse_early(seen)
        return seen

    async def create(
        self, caller: Caller, slug: str, wanted: ClassCreate
    ) -> ClassWritten:
        """Add a class to a course, at its end or in a place of its own.

        Raises:
            CourseNotFoundError: the workspace has none of that slug.
            ConflictError: another class has the slug that was chosen, or the course
                has as many classes as it may.
            PolicyBlockedError: the floor refuses the words.
        """
        member = await access.member(self._connection, caller)
        policies.refuse_blocked(wanted.name, wanted.description, wanted.slug)
        course = await self._lock(member, slug)
        ids = await self._ids(course)
        if len(ids) >= MAX_CLASSES:
            message = f"The course has {MAX_CLASSES} classes, as many as it may."
            raise ConflictError(message)
        class_id = await self._add(course, len(ids), wanted)
        await self._place(ids, class_id, wanted.position)
        await self._audit.add(member, "class.created", ("class", class_id))
        return await self._classes.read(class_id)

    async def _add(self, course: LockedCourse, at_end: int, wanted: ClassCreate) -> int:
        columns = wanted.model_dump(exclude={"slug", "position"})
        chosen = [wanted.slug] if wanted.slug else None
        for slug in chosen or spellings(slug_of(wanted.name, otherwise="class")):
            class_id = await self._classes.add(course.id, slug, at_end, columns)
            if class_id is not None:
                return class_id
        raise ConflictError(SLUG_TAKEN)

    async def _place(self, ids: list[int], class_id: int, position: int | None) -> None:
        others = [one for one in ids if one != class_id]
        others.insert(len(others) if position is None else position, class_id)
        await self._classes.arrange(others)

    async def update(
        self, caller: Caller, slug: str, class_id: int, wanted: ClassUpdate
    ) -> ClassWritten:
        """Change a class.

        Raises:
            CourseNotFoundError: the workspace has none of that slug.
            LessonNotFoundError: the course has none of that id.
            ConflictError: another class has the new slug.
            PolicyBlockedError: the floor refuses the words.
        """
        member = await access.member(self._connection, caller)
        policies.refuse_blocked(wanted.name, wanted.description, wanted.slug)
        course = await self._lock(member, slug)
        changes = wanted.model_dump(exclude_unset=True)
        position = changes.pop("position", None)
        await self._classes.change(course.id, class_id, changes)
        if position is not None:
            await self._place(await self._ids(course), class_id, position)
        await self._audit.add(member, "class.changed", ("class", class_id))
        return await self._classes.read(class_id)

    async def delete(self, caller: Caller, slug: str, class_id: int) -> None:
        """Take a class away; who has come far in it has still come far in the others.

        Raises:
            CourseNotFoundError: the workspace has none of that slug.
            LessonNotFoundError: the course has none of that id.
            InvalidStateError: a published course would be left without any.
        """
        member = await access.member(self._connection, caller)
        course = await self._lock(member, slug)
        ids = await self._ids(course)
        if ids == [class_id] and course.status is CourseStatus.PUBLISHED:
            message = "A published course keeps at least one class."
            raise InvalidStateError(message)
        await self._classes.delete(course.id, class_id)
        await self._audit.add(member, "class.deleted", ("class", class_id))

    async def arrange(
        self, caller: Caller, slug: str, wanted: ClassOrder
    ) -> list[ClassListed]:
        """Put a course's classes in another order, and return them in it.

        Raises:
            CourseNotFoundError: the workspace has none of that slug.
            ValidationError: these are not exactly the classes of the course.
        """
        member = await access.member(self._connection, caller)
        course = await self._lock(member, slug)
        if set(wanted.ids) != set(await self._ids(course)):
            message = "Name each class of the course once, and no other."
            raise ValidationError(message, field="ids")
        await self._classes.arrange(wanted.ids)
        await self._audit.add(member, "class.arranged", ("course", course.id))
        return await self._classes.list(course.id)

    async def _lock(self, member: Member, slug: str) -> LockedCourse:
        return await CourseRepository(self._connection).lock(member, slug)

    async def _ids(self, course: LockedCourse) -> list[int]:
        return [one.id for one in await self._classes.list(course.id)]


def _refuse_early(seen: SeenClass) -> NoReturn:
    if seen.opens_at:
        raise LessonNotOpenError(seen.opens_at)
    message = "This class opens some days after you have enrolled in its course."
    raise ForbiddenError(message)
