"""/api/v1/avatars/{id}/sheet: who an avatar is, version upon version."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.auth import AnyMember, Editor
from vixenbliss.api.dependencies import Database, locate
from vixenbliss.api.responses import READS, WRITES
from vixenbliss.schemas.avatars import SheetDiff, SheetRead, SheetUpdate
from vixenbliss.services.avatar_sheets import SheetService
from vixenbliss.settings import settings

app = create_app("Avatar sheets", needs=(settings().database, settings().jwt_secret))

MAX_VERSION = 2**31 - 1
SheetVersion = Annotated[int, Query(ge=1, le=MAX_VERSION)]


async def _sheets(database: Database) -> SheetService:
    return SheetService(database)


Sheets = Annotated[SheetService, Depends(_sheets)]


@app.get("/api/v1/avatars/{avatar_id}/sheet", responses=READS, tags=["avatars"])
async def read_sheet(
    avatar_id: UUID,
    caller: AnyMember,
    sheets: Sheets,
    version: SheetVersion | None = None,
) -> SheetRead:
    """Return a version of the identity sheet, by default the newest."""
    return await sheets.get(caller, avatar_id, version)


@app.put(
    "/api/v1/avatars/{avatar_id}/sheet",
    status_code=HTTPStatus.CREATED,
    responses=WRITES,
    tags=["avatars"],
)
async def write_sheet(
    avatar_id: UUID,
    body: SheetUpdate,
    caller: Editor,
    sheets: Sheets,
    response: Response,
) -> SheetRead:
    """Write the next version, made from the one that the editor saw."""
    written = await sheets.put(caller, avatar_id, body)
    locate(response, f"/api/v1/avatars/{avatar_id}/sheet?version={written.version}")
    return written


@app.get("/api/v1/avatars/{avatar_id}/sheet/diff", responses=READS, tags=["avatars"])
async def compare_sheets(
    avatar_id: UUID,
    caller: AnyMember,
    sheets: Sheets,
    older: Annotated[int, Query(alias="from", ge=1, le=MAX_VERSION)],
    newer: Annotated[int, Query(alias="to", ge=1, le=MAX_VERSION)],
) -> SheetDiff:
    """Return which fields differ between two versions."""
    return await sheets.diff(caller, avatar_id, older, newer)


handler = lambda_handler(app)
