"""/api/v1/learning/courses: the courses that one takes, and how far one has come."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Response

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.auth import SignedIn
from vixenbliss.api.dependencies import Database, Page, locate
from vixenbliss.api.responses import READS, Responses, problems
from vixenbliss.schemas.base import Listing, SerialId
from vixenbliss.schemas.learning import (
    CourseSlug,
    EnrollmentDetail,
    EnrollmentRead,
    ProgressRead,
    ProgressUpdate,
)
from vixenbliss.services.learning import LearningService
from vixenbliss.settings import settings

ALL = "/api/v1/learning/courses"
ONE = f"{ALL}/{{slug}}"
HELD = READS | problems(HTTPStatus.FORBIDDEN)
AGAIN: Responses = {200: {"model": EnrollmentDetail, "description": "Taken already"}}
app = create_app("Learning", needs=(settings().database, settings().jwt_secret))


async def _learning(database: Database) -> LearningService:
    return LearningService(database)


Learning = Annotated[LearningService, Depends(_learning)]


@app.post(
    f"{ONE}/enroll",
    status_code=HTTPStatus.CREATED,
    responses=HELD | AGAIN,
    tags=["learning"],
)
async def enroll(
    slug: CourseSlug, caller: SignedIn, learning: Learning, response: Response
) -> EnrollmentDetail:
    """Take a course that is free, or that one holds; again is the same."""
    enrollment, is_new = await learning.enroll(caller, slug)
    locate(response, f"{ALL}/{slug}")
    if not is_new:
        response.status_code = HTTPStatus.OK
    return enrollment


@app.get(ALL, responses=problems(HTTPStatus.UNAUTHORIZED), tags=["learning"])
async def list_taken_courses(
    caller: SignedIn, learning: Learning, page: Page
) -> Listing[EnrollmentRead]:
    """List the courses that one takes, the latest first."""
    return await learning.list(caller, page)


@app.get(ONE, responses=READS, tags=["learning"])
async def read_taken_course(
    slug: CourseSlug, caller: SignedIn, learning: Learning
) -> EnrollmentDetail:
    """Return how far one has come, class by class, and which is next."""
    return await learning.get(caller, slug)


@app.put(f"{ONE}/classes/{{class_id}}/progress", responses=HELD, tags=["learning"])
async def tell_progress(
    slug: CourseSlug,
    class_id: SerialId,
    body: ProgressUpdate,
    caller: SignedIn,
    learning: Learning,
) -> ProgressRead:
    """Say where one is in a class, and whether one is through with it.

    Past its end is its end. What is completed stays so, unless `completed` is false.
    """
    return await learning.tell(caller, slug, class_id, body)


handler = lambda_handler(app)
