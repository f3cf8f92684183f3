"""/courses: what there is to learn; published courses are anybody's to look at."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Path, Query, Response

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.auth import Anybody, Editor, Owner
from vixenbliss.api.dependencies import Database, locate, show
from vixenbliss.api.responses import COUNTED, READS, WITHOUT_TOKEN, WRITES, problems
from vixenbliss.schemas.courses import (
    MAX_SLUG,
    CourseCreate,
    CourseDetail,
    CourseQuery,
    CourseRead,
    CourseUpdate,
    CourseWritten,
)
from vixenbliss.services.courses import CourseService
from vixenbliss.settings import settings

ALL = "/courses"
ONE = f"{ALL}/{{slug}}"
app = create_app("Courses", needs=(settings().database, settings().jwt_secret))

Slug = Annotated[str, Path(max_length=MAX_SLUG)]


async def _courses(database: Database) -> CourseService:
    return CourseService(database)


Courses = Annotated[CourseService, Depends(_courses)]


@app.get(
    ALL,
    responses=problems(HTTPStatus.UNAUTHORIZED) | COUNTED,
    openapi_extra=WITHOUT_TOKEN,
    tags=["academy"],
)
async def list_courses(
    wanted: Annotated[CourseQuery, Query()],
    caller: Anybody,
    courses: Courses,
    response: Response,
) -> list[CourseRead]:
    """List the published courses, newest first; how many there are is in a header.

    With a token, the drafts of one's own workspaces are among them.
    """
    listed = await courses.list(caller, wanted)
    show(response, listed, is_public=caller is None)
    response.headers["X-Total-Count"] = str(listed.pagination.total)
    return listed.items


@app.get(ONE, responses=READS, openapi_extra=WITHOUT_TOKEN, tags=["academy"])
async def read_course(
    slug: Slug, caller: Anybody, courses: Courses, response: Response
) -> CourseDetail:
    """Return a course with its classes; a draft to those who work where it is from."""
    course = await courses.get(caller, slug)
    show(response, course.detail, is_public=course.is_public)
    return course.detail


@app.post(ALL, status_code=HTTPStatus.CREATED, responses=WRITES, tags=["academy"])
async def create_course(
    body: CourseCreate, caller: Editor, courses: Courses, response: Response
) -> CourseWritten:
    """Make a course, which is a draft at first."""
    course = await courses.create(caller, body)
    locate(response, f"{ALL}/{course.slug}")
    return course


@app.patch(ONE, responses=WRITES, tags=["academy"])
async def update_course(
    slug: Slug, body: CourseUpdate, caller: Editor, courses: Courses
) -> CourseWritten:
    """Change a course; once it is published, its slug stays."""
    return await courses.update(caller, slug, body)


@app.post(f"{ONE}/publish", responses=WRITES, tags=["academy"])
async def publish_course(slug: Slug, caller: Editor, courses: Courses) -> CourseWritten:
    """Let anybody see a course, which has a class at least."""
    return await courses.publish(caller, slug)


@app.delete(ONE, status_code=HTTPStatus.NO_CONTENT, responses=WRITES, tags=["academy"])
async def delete_course(slug: Slug, caller: Owner, courses: Courses) -> None:
    """Take away a course that was never sold, and is not for sale."""
    await courses.delete(caller, slug)


handler = lambda_handler(app)
