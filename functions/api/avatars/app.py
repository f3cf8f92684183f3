"""/api/v1/avatars, /avatars: the personas of a workspace."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.auth import Editor, Owner, allow
from vixenbliss.api.dependencies import Database, Page, Version, locate, tag
from vixenbliss.api.responses import READS_BY_KEY, VERSIONED, WRITES
from vixenbliss.callers import ANY_ROLE, EDITORS, Caller, Scope
from vixenbliss.models.avatars import AvatarStatus
from vixenbliss.schemas.avatars import (
    AvatarCreate,
    AvatarCreated,
    AvatarCreatedBySample,
    AvatarDetail,
    AvatarRead,
    AvatarUpdate,
    BudgetUpdate,
    Nicho,
)
from vixenbliss.schemas.base import Listing
from vixenbliss.services.avatars import AvatarService
from vixenbliss.settings import settings

app = create_app("Avatars", needs=(settings().database, settings().jwt_secret))


async def _avatars(database: Database) -> AvatarService:
    return AvatarService(database)


Avatars = Annotated[AvatarService, Depends(_avatars)]
Reader = Annotated[Caller, Depends(allow(*ANY_ROLE, key=Scope.AVATARS_READ))]
Writer = Annotated[Caller, Depends(allow(*EDITORS, key=Scope.AVATARS_WRITE))]


@app.post(
    "/api/v1/avatars/create",
    status_code=HTTPStatus.CREATED,
    responses=WRITES,
    tags=["avatars"],
)
async def create_avatar(
    body: AvatarCreate, caller: Writer, avatars: Avatars, response: Response
) -> AvatarCreated:
    """Make an avatar, with a name that no live avatar of the workspace has."""
    avatar_id = await avatars.create(caller, body)
    locate(response, f"/api/v1/avatars/{avatar_id}")
    return AvatarCreated(avatar_id=avatar_id)


@app.post("/avatars/", responses=WRITES, tags=["avatars"])
async def create_avatar_by_sample(
    body: AvatarCreate, caller: Writer, avatars: Avatars
) -> AvatarCreatedBySample:
    """Make an avatar; answers as the first sample of this API did."""
    return AvatarCreatedBySample(avatar_id=await avatars.create(caller, body))


@app.get("/api/v1/avatars", responses=READS_BY_KEY, tags=["avatars"])
async def list_avatars(
    caller: Reader,
    avatars: Avatars,
    page: Page,
    status: AvatarStatus | None = None,
    nicho: Nicho | None = None,
) -> Listing[AvatarRead]:
    """List the workspace's avatars, newest first."""
    return await avatars.list(caller, page, status=status, nicho=nicho)


@app.get("/api/v1/avatars/{avatar_id}", responses=READS_BY_KEY, tags=["avatars"])
async def read_avatar(
    avatar_id: UUID, caller: Reader, avatars: Avatars, response: Response
) -> AvatarDetail:
    """Return an avatar with its figures."""
    avatar = await avatars.get(caller, avatar_id)
    tag(response, avatar.version)
    return avatar


@app.patch("/api/v1/avatars/{avatar_id}", responses=VERSIONED, tags=["avatars"])
async def update_avatar(
    avatar_id: UUID,
    body: AvatarUpdate,
    caller: Editor,
    version: Version,
    avatars: Avatars,
    response: Response,
) -> AvatarRead:
    """Change an avatar that is still as its editor saw it."""
    avatar = await avatars.update(caller, avatar_id, body, version=version)
    tag(response, avatar.version)
    return avatar


@app.put("/api/v1/avatars/{avatar_id}/budget", responses=WRITES, tags=["avatars"])
async def set_budget(
    avatar_id: UUID,
    body: BudgetUpdate,
    caller: Owner,
    avatars: Avatars,
    response: Response,
) -> AvatarRead:
    """Bound what the avatar may cost in a calendar month (UTC)."""
    avatar = await avatars.set_budget(caller, avatar_id, body)
    tag(response, avatar.version)
    return avatar


handler = lambda_handler(app)
