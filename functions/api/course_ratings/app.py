"""/courses/{course_id}/ratings: what people think of a course; anybody may look."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Response

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.auth import SignedIn
from vixenbliss.api.dependencies import Database, Page, locate, publish
from vixenbliss.api.responses import COUNTED, READS, Responses, problems
from vixenbliss.schemas.base import SerialId
from vixenbliss.schemas.course_ratings import (
    RatingCreate,
    RatingRead,
    RatingStats,
    RatingUpdate,
)
from vixenbliss.services.course_ratings import CourseRatingService
from vixenbliss.settings import settings

ALL = "/courses/{course_id}/ratings"
ONE = f"{ALL}/{{user_id}}"
OWN = READS | problems(HTTPStatus.FORBIDDEN)
AGAIN: Responses = {200: {"model": RatingRead, "description": "Rated before, now anew"}}
UNSAID: Responses = {204: {"description": "Not rated yet"}}
app = create_app("Course ratings", needs=(settings().database, settings().jwt_secret))


async def _ratings(database: Database) -> CourseRatingService:
    return CourseRatingService(database)


Ratings = Annotated[CourseRatingService, Depends(_ratings)]


@app.post(ALL, status_code=HTTPStatus.CREATED, responses=OWN | AGAIN, tags=["academy"])
async def rate_course(
    course_id: SerialId,
    body: RatingCreate,
    caller: SignedIn,
    ratings: Ratings,
    response: Response,
) -> RatingRead:
    """Rate a course, or rate it anew.

    Whoever is signed in and can open it may: if it is free, everybody; else who holds
    it, and who works where it is from.
    """
    rating, is_new = await ratings.rate(caller, course_id, body)
    locate(response, f"/courses/{course_id}/ratings/user/{rating.user_id}")
    if not is_new:
        response.status_code = HTTPStatus.OK
    return rating


@app.get(ALL, responses=problems(HTTPStatus.NOT_FOUND) | COUNTED, tags=["academy"])
async def list_ratings(
    course_id: SerialId, ratings: Ratings, page: Page, response: Response
) -> list[RatingRead]:
    """List a course's ratings, newest first; how many there are is in a header."""
    listed = await ratings.list(course_id, page)
    publish(response, listed)
    response.headers["X-Total-Count"] = str(listed.pagination.total)
    return listed.items


@app.get(f"{ALL}/stats", responses=problems(HTTPStatus.NOT_FOUND), tags=["academy"])
async def read_rating_stats(
    course_id: SerialId, ratings: Ratings, response: Response
) -> RatingStats:
    """Return how many have rated a course, and how."""
    stats = await ratings.stats(course_id)
    publish(response, stats)
    return stats


@app.get(
    f"{ALL}/user/{{user_id}}",
    response_model=RatingRead,
    responses=OWN | UNSAID,
    tags=["academy"],
)
async def read_own_rating(
    course_id: SerialId, user_id: SerialId, caller: SignedIn, ratings: Ratings
) -> RatingRead | Response:
    """Return one's own rating; 204 while there is none."""
    rating = await ratings.own(caller, course_id, user_id)
    return rating or Response(status_code=HTTPStatus.NO_CONTENT)


@app.put(ONE, responses=OWN, tags=["academy"])
async def update_rating(
    course_id: SerialId,
    user_id: SerialId,
    body: RatingUpdate,
    caller: SignedIn,
    ratings: Ratings,
) -> RatingRead:
    """Change one's own rating, as long as the course is open to one."""
    return await ratings.change(caller, course_id, user_id, body.rating)


@app.delete(ONE, status_code=HTTPStatus.NO_CONTENT, responses=OWN, tags=["academy"])
async def delete_rating(
    course_id: SerialId, user_id: SerialId, caller: SignedIn, ratings: Ratings
) -> None:
    """Take one's own rating back."""
    await ratings.take_back(caller, course_id, user_id)


handler = lambda_handler(app)
