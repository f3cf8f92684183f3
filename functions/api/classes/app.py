"""/courses/{slug}/classes: what a course is made of, for whoever may open it."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Path, Response

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.auth import Anybody, Editor
from vixenbliss.api.dependencies import Database, locate, show
from vixenbliss.api.responses import READS, WITHOUT_TOKEN, WRITES, problems
from vixenbliss.schemas.base import SerialId
from vixenbliss.schemas.classes import (
    ClassCreate,
    ClassListed,
    ClassOrder,
    ClassRead,
    ClassUpdate,
    ClassWritten,
)
from vixenbliss.schemas.courses import MAX_SLUG
from vixenbliss.services.classes import ClassService
from vixenbliss.settings import settings

ALL = "/courses/{slug}/classes"
ONE = f"{ALL}/{{class_id}}"
app = create_app("Classes", needs=(settings().database, settings().jwt_secret))

Slug = Annotated[str, Path(max_length=MAX_SLUG)]


async def _classes(database: Database) -> ClassService:
    return ClassService(database)


Classes = Annotated[ClassService, Depends(_classes)]


@app.get(
    ONE,
    responses=READS | problems(HTTPStatus.FORBIDDEN),
    openapi_extra=WITHOUT_TOKEN,
    tags=["academy"],
)
async def read_class(
    slug: Slug,
    class_id: SerialId,
    caller: Anybody,
    classes: Classes,
    response: Response,
) -> ClassRead:
    """Open a class: of a free course, or a preview, to anybody; others to holders."""
    seen = await classes.open(caller, slug, class_id)
    show(response, seen.read, is_public=seen.is_public)
    return seen.read


@app.post(ALL, status_code=HTTPStatus.CREATED, responses=WRITES, tags=["academy"])
async def create_class(
    slug: Slug, body: ClassCreate, caller: Editor, classes: Classes, response: Response
) -> ClassWritten:
    """Add a class to a course, at its end or in a place of its own."""
    made = await classes.create(caller, slug, body)
    locate(response, f"/courses/{slug}/classes/{made.id}")
    return made


@app.put(f"{ALL}/order", responses=WRITES, tags=["academy"])
async def order_classes(
    slug: Slug, body: ClassOrder, caller: Editor, classes: Classes
) -> list[ClassListed]:
    """Put all classes of a course in another order."""
    return await classes.arrange(caller, slug, body)


@app.patch(ONE, responses=WRITES, tags=["academy"])
async def update_class(
    slug: Slug, class_id: SerialId, body: ClassUpdate, caller: Editor, classes: Classes
) -> ClassWritten:
    """Change a class."""
    return await classes.update(caller, slug, class_id, body)


@app.delete(ONE, status_code=HTTPStatus.NO_CONTENT, responses=WRITES, tags=["academy"])
async def delete_class(
    slug: Slug, class_id: SerialId, caller: Editor, classes: Classes
) -> None:
    """Take a class away; a published course keeps one at least."""
    await classes.delete(caller, slug, class_id)


handler = lambda_handler(app)
