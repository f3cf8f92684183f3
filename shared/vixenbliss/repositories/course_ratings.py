"""Every query on what people think of courses; global, as courses are public."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Executable,
    Integer,
    RowMapping,
    bindparam,
    func,
    literal,
    literal_column,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from vixenbliss.callers import Caller
from vixenbliss.database import Connection
from vixenbliss.errors import CourseNotFoundError, RatingNotFoundError
from vixenbliss.models.academy import Course, CourseRating
from vixenbliss.repositories.access import MEMBER, read, seen_by_member
from vixenbliss.repositories.course_rights import (
    IS_OPEN,
    IS_PUBLIC,
    OFFERS,
    product_ids,
)
from vixenbliss.schemas.base import Listing, PageQuery
from vixenbliss.schemas.course_ratings import RatingRead, RatingStats

_RATING = (
    CourseRating.id,
    CourseRating.course_id,
    CourseRating.user_id,
    CourseRating.rating,
    CourseRating.created_at,
    CourseRating.updated_at,
)
_is_live = CourseRating.deleted_at.is_(None)
_which = (Course.id == bindparam("course_id"), IS_PUBLIC)
_of_course = (CourseRating.course_id == Course.id, _is_live)
_numbers = (
    select(
        func.count().label("total_ratings"),
        func.coalesce(func.round(func.avg(CourseRating.rating), 2), 0).label(
            "average_rating"
        ),
        *(
            func.count().filter(CourseRating.rating == stars).label(str(stars))
            for stars in range(1, 6)
        ),
    )
    .where(*_of_course)
    .correlate(Course)
    .lateral("numbers")
)
_STATS = select(_numbers).select_from(Course).join(_numbers, true()).where(*_which)
_total = select(func.count()).where(*_of_course).correlate(Course).scalar_subquery()
_page = (
    select(*_RATING)
    .where(*_of_course)
    .order_by(CourseRating.created_at.desc(), CourseRating.id.desc())
    .limit(bindparam("_limit", type_=Integer()))
    .offset(bindparam("_offset", type_=Integer()))
    .correlate(Course)
    .lateral("page")
)
_LIST = (
    select(_total.label("_total"), _page)
    .select_from(Course)
    .outerjoin(_page, true())
    .where(*_which)
)
_OWN = seen_by_member(
    select(
        *_RATING,
        IS_OPEN.label("is_open"),
        OFFERS.label("offers"),
        MEMBER.c.user_id.label("asks"),
    )
    .select_from(Course)
    .outerjoin(
        CourseRating,
        (CourseRating.user_id == MEMBER.c.user_id)
        & (CourseRating.course_id == Course.id)
        & _is_live,
    )
    .where(*_which)
    .correlate(MEMBER)
)
_new = insert(CourseRating).values(
    course_id=bindparam("course_id"),
    user_id=bindparam("user_id"),
    rating=bindparam("rating"),
)
_PUT: Executable = _new.on_conflict_do_update(
    index_elements=[CourseRating.course_id, CourseRating.user_id],
    index_where=_is_live,
    set_={"rating": _new.excluded.rating, "updated_at": func.now()},
).returning(*_RATING, literal_column("xmax = 0").label("is_new"))
"""A row that was made just now has no transaction in ``xmax``; one rewritten has."""
_mine = (
    CourseRating.course_id == bindparam("of_course"),
    CourseRating.user_id == bindparam("of_user"),
    _is_live,
)
_CHANGE = (
    update(CourseRating)
    .where(*_mine)
    .values(rating=bindparam("stars"), updated_at=func.now())
    .returning(*_RATING)
)
_DROP = (
    update(CourseRating)
    .where(*_mine)
    .values(deleted_at=func.now(), updated_at=func.now())
    .returning(literal(1))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rater:
    """Whoever asks about a course, and what they may do about it."""

    user_id: int
    course_id: int
    rating: RatingRead | None
    """What they think of it; None if they have not said so."""
    is_open: bool
    """Whether its classes are open to them."""
    offers: Sequence[str]
    """The products for sale that would open them."""


class CourseRatingRepository:
    """What people think of the courses that anybody may know of."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def list(self, course_id: int, page: PageQuery) -> Listing[RatingRead]:
        """Return a course's ratings, newest first.

        Raises:
            CourseNotFoundError: there is no such course.
        """
        window = {"_limit": page.per_page, "_offset": (page.page - 1) * page.per_page}
        rows = await self._connection.all(_LIST, course_id=course_id, **window)
        if not rows:
            raise CourseNotFoundError
        items = [_rating(row) for row in rows if row["id"] is not None]
        return page.listing(items, rows[0]["_total"])

    async def stats(self, course_id: int) -> RatingStats:
        """Return what all together think of a course.

        Raises:
            CourseNotFoundError: there is no such course.
        """
        row = await self._connection.one(_STATS, course_id=course_id)
        if row is None:
            raise CourseNotFoundError
        return RatingStats(
            average_rating=float(row["average_rating"]),
            total_ratings=row["total_ratings"],
            rating_distribution={stars: row[stars] for stars in "12345"},
        )

    async def rater(self, caller: Caller, course_id: int) -> Rater:
        """Return what the caller thinks of a course, and whether they may say so.

        Raises:
            CourseNotFoundError: there is no such course.
        """
        rows = await read(self._connection, caller, _OWN, course_id=course_id)
        if not rows:
            raise CourseNotFoundError
        (row,) = rows
        return Rater(
            user_id=row["asks"],
            course_id=course_id,
            rating=None if row["id"] is None else _rating(row),
            is_open=row["is_open"],
            offers=product_ids(row["offers"]),
        )

    async def put(self, rater: Rater, rating: int) -> tuple[RatingRead, bool]:
        """Store what somebody thinks, and return it, and whether it is their first.

        Of several at once one is the first, and the last one stays.
        """
        (row,) = await self._connection.all(
            _PUT, course_id=rater.course_id, user_id=rater.user_id, rating=rating
        )
        return _rating(row), row["is_new"]

    async def change(self, rater: Rater, rating: int) -> RatingRead:
        """Change what somebody thinks.

        Raises:
            RatingNotFoundError: they have not said what they think.
        """
        row = await self._connection.one(_CHANGE, **_of(rater), stars=rating)
        if row is None:
            raise RatingNotFoundError
        return _rating(row)

    async def drop(self, rater: Rater) -> None:
        """Take back what somebody thinks; they may rate anew.

        Raises:
            RatingNotFoundError: they have not said what they think.
        """
        if await self._connection.one(_DROP, **_of(rater)) is None:
            raise RatingNotFoundError


def _of(rater: Rater) -> dict[str, int]:
    return {"of_course": rater.course_id, "of_user": rater.user_id}


def _rating(row: RowMapping) -> RatingRead:
    known: dict[str, Any] = {name: row[name] for name in RatingRead.model_fields}
    return RatingRead(**known)
