"""/teachers: who teaches; anybody may know their names."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Response

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.auth import Anybody, Editor, Owner
from vixenbliss.api.dependencies import Database, Page, locate, publish, show
from vixenbliss.api.responses import COUNTED, READS, WITHOUT_TOKEN, WRITES, problems
from vixenbliss.schemas.base import SerialId
from vixenbliss.schemas.teachers import (
    TeacherCreate,
    TeacherDetail,
    TeacherRead,
    TeacherUpdate,
)
from vixenbliss.services.teachers import TeacherService
from vixenbliss.settings import settings

ALL = "/teachers"
ONE = f"{ALL}/{{teacher_id}}"
app = create_app("Teachers", needs=(settings().database, settings().jwt_secret))


async def _teachers(database: Database) -> TeacherService:
    return TeacherService(database)


Teachers = Annotated[TeacherService, Depends(_teachers)]


@app.get(ALL, responses=problems() | COUNTED, tags=["academy"])
async def list_teachers(
    page: Page, teachers: Teachers, response: Response
) -> list[TeacherRead]:
    """List all teachers; how many there are is in a header."""
    listed = await teachers.list(page)
    publish(response, listed)
    response.headers["X-Total-Count"] = str(listed.pagination.total)
    return listed.items


@app.get(ONE, responses=READS, openapi_extra=WITHOUT_TOKEN, tags=["academy"])
async def read_teacher(
    teacher_id: SerialId, caller: Anybody, teachers: Teachers, response: Response
) -> TeacherDetail | TeacherRead:
    """Return a teacher; their address only to those who work where they are from."""
    teacher = await teachers.get(caller, teacher_id)
    show(response, teacher, is_public=caller is None)
    return teacher


@app.post(ALL, status_code=HTTPStatus.CREATED, responses=WRITES, tags=["academy"])
async def create_teacher(
    body: TeacherCreate, caller: Editor, teachers: Teachers, response: Response
) -> TeacherDetail:
    """Take somebody on who teaches, perhaps an avatar."""
    teacher = await teachers.create(caller, body)
    locate(response, f"{ALL}/{teacher.id}")
    return teacher


@app.patch(ONE, responses=WRITES, tags=["academy"])
async def update_teacher(
    teacher_id: SerialId, body: TeacherUpdate, caller: Editor, teachers: Teachers
) -> TeacherDetail:
    """Change a teacher."""
    return await teachers.update(caller, teacher_id, body)


@app.delete(ONE, status_code=HTTPStatus.NO_CONTENT, responses=WRITES, tags=["academy"])
async def delete_teacher(
    teacher_id: SerialId, caller: Owner, teachers: Teachers
) -> None:
    """Let somebody go who teaches no course."""
    await teachers.delete(caller, teacher_id)


handler = lambda_handler(app)
