"""Ratings: what people think of a course that they can open, each person once."""

from vixenbliss.callers import Caller
from vixenbliss.database import Connection
from vixenbliss.errors import EntitlementRequiredError, ForbiddenError
from vixenbliss.repositories.course_ratings import CourseRatingRepository, Rater
from vixenbliss.schemas.base import Listing, PageQuery
from vixenbliss.schemas.course_ratings import RatingCreate, RatingRead, RatingStats


class CourseRatingService:
    """The ratings of courses that anybody may know of.

    Whoever can open a course may rate it: everybody if it is free, else who holds it
    and who works where it is from. What has been said stays when they lose it, and
    they may still take it back.
    """

    def __init__(self, connection: Connection) -> None:
        self._ratings = CourseRatingRepository(connection)

    async def list(self, course_id: int, page: PageQuery) -> Listing[RatingRead]:
        """Return a course's ratings, newest first.

        Raises:
            CourseNotFoundError: there is no such course.
        """
        return await self._ratings.list(course_id, page)

    async def stats(self, course_id: int) -> RatingStats:
        """Return what all together think of a course.

        Raises:
            CourseNotFoundError: there is no such course.
        """
        return await self._ratings.stats(course_id)

    async def rate(
        self, caller: Caller, course_id: int, wanted: RatingCreate
    ) -> tuple[RatingRead, bool]:
        """Say what the caller thinks of a course, and whether for the first time.

        The same once more changes nothing but the time; of several at once the last
        one stays.

        Raises:
            CourseNotFoundError: there is no such course.
            ForbiddenError: the rating is told as somebody else's.
            EntitlementRequiredError: the caller cannot open the course.
        """
        rater = await self._ratings.rater(caller, course_id)
        _require_own(rater, wanted.user_id or rater.user_id)
        _require_right(rater)
        return await self._ratings.put(rater, wanted.rating)

    async def own(
        self, caller: Caller, course_id: int, user_id: int
    ) -> RatingRead | None:
        """Return what the caller thinks of a course, if they have said so.

        Raises:
            CourseNotFoundError: there is no such course.
            ForbiddenError: it is somebody else's rating.
        """
        rater = await self._ratings.rater(caller, course_id)
        _require_own(rater, user_id)
        return rater.rating

    async def change(
        self, caller: Caller, course_id: int, user_id: int, rating: int
    ) -> RatingRead:
        """Change what the caller thinks of a course.

        Raises:
            CourseNotFoundError: there is no such course.
            ForbiddenError: it is somebody else's rating.
            EntitlementRequiredError: the caller can no longer open the course.
            RatingNotFoundError: they have not rated it.
        """
        rater = await self._ratings.rater(caller, course_id)
        _require_own(rater, user_id)
        _require_right(rater)
        return await self._ratings.change(rater, rating)

    async def take_back(self, caller: Caller, course_id: int, user_id: int) -> None:
        """Take back what the caller thinks of a course, whether they hold it or not.

        Raises:
            CourseNotFoundError: there is no such course.
            ForbiddenError: it is somebody else's rating.
            RatingNotFoundError: they have not rated it.
        """
        rater = await self._ratings.rater(caller, course_id)
        _require_own(rater, user_id)
        await self._ratings.drop(rater)


def _require_own(rater: Rater, user_id: int) -> None:
    if user_id != rater.user_id:
        message = "Everybody rates for themselves."
        raise ForbiddenError(message)


def _require_right(rater: Rater) -> None:
    if not rater.is_open:
        raise EntitlementRequiredError(rater.offers)
