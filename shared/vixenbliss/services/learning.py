"""Learning: taking a course, and how far one has come.

Access follows what is held at the moment; what has been learnt is kept whatever happens
to it, and who comes back goes on where they were.
"""

from vixenbliss.callers import Caller
from vixenbliss.database import Connection
from vixenbliss.errors import EntitlementRequiredError, LessonNotOpenError
from vixenbliss.repositories.learning import LearningRepository, Taken
from vixenbliss.repositories.lesson_progress import LessonProgressRepository, Seat
from vixenbliss.schemas.base import Listing, PageQuery
from vixenbliss.schemas.learning import (
    EnrollmentDetail,
    EnrollmentRead,
    ProgressRead,
    ProgressUpdate,
)


class LearningService:
    """The courses that whoever asks takes."""

    def __init__(self, connection: Connection) -> None:
        self._learning = LearningRepository(connection)
        self._progress = LessonProgressRepository(connection)

    async def enroll(self, caller: Caller, slug: str) -> tuple[EnrollmentDetail, bool]:
        """Take a course; return how it stands, and whether it was not taken before.

        Raises:
            CourseNotFoundError: there is no such course.
            EntitlementRequiredError: it opens to those who hold it.
        """
        visitor = await self._learning.visitor(caller, slug)
        if not visitor.is_open:
            raise EntitlementRequiredError(visitor.offers)
        is_new = await self._learning.enroll(visitor)
        return _detail(await self._learning.get(caller, slug)), is_new

    async def list(self, caller: Caller, page: PageQuery) -> Listing[EnrollmentRead]:
        """Return the courses that the caller takes, the latest first."""
        return await self._learning.list(caller, page)

    async def get(self, caller: Caller, slug: str) -> EnrollmentDetail:
        """Return how far the caller has come in a course, class by class.

        Raises:
            CourseNotFoundError: there is no such course.
            EnrollmentNotFoundError: they do not take it.
        """
        return _detail(await self._learning.get(caller, slug))

    async def tell(
        self, caller: Caller, slug: str, lesson_id: int, wanted: ProgressUpdate
    ) -> ProgressRead:
        """Keep where the caller is in a class, at its end at most.

        Of two devices the last one is right about the place; completed stays completed
        unless it is taken back.

        Raises:
            CourseNotFoundError: there is no such course.
            LessonNotFoundError: it has no such class.
            EnrollmentNotFoundError: they do not take it.
            EntitlementRequiredError: they do not hold it any more.
            LessonNotOpenError: the class opens later.
        """
        seat = await self._progress.seat(caller, slug, lesson_id)
        _require_open(seat)
        percent = await self._progress.keep(
            seat,
            position_s=_within(seat, wanted.position_seconds),
            completed=wanted.completed,
        )
        return ProgressRead(percent=percent)


def _detail(taken: Taken) -> EnrollmentDetail:
    ahead = (one for one in taken.classes if one.completed_at is None)
    return EnrollmentDetail(
        **taken.enrollment.model_dump(),
        next_class=next(ahead, None),
        classes=list(taken.classes),
    )


def _require_open(seat: Seat) -> None:
    if not seat.is_open:
        raise EntitlementRequiredError(seat.offers)
    if seat.opens_at and seat.is_early:
        raise LessonNotOpenError(seat.opens_at)


def _within(seat: Seat, position_s: int) -> int:
    # A player rounds up: what is told past the end is the end, and no error.
    return position_s if seat.duration_s is None else min(position_s, seat.duration_s)
