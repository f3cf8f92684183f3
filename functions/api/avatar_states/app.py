"""/api/v1/avatars/{id}/activate, /pause, /archive: an avatar's states."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.auth import Editor, Owner
from vixenbliss.api.dependencies import Database, tag
from vixenbliss.api.responses import WRITES
from vixenbliss.schemas.avatars import AvatarArchived, AvatarRead, AvatarStateChange
from vixenbliss.services.avatars import AvatarService
from vixenbliss.settings import settings

app = create_app("Avatar states", needs=(settings().database, settings().jwt_secret))


async def _avatars(database: Database) -> AvatarService:
    return AvatarService(database)


Avatars = Annotated[AvatarService, Depends(_avatars)]


@app.post("/api/v1/avatars/{avatar_id}/activate", responses=WRITES, tags=["avatars"])
async def activate_avatar(
    avatar_id: UUID, caller: Editor, avatars: Avatars, response: Response
) -> AvatarRead:
    """Let content be made, given a sheet, an attestation and the gate's yes."""
    avatar = await avatars.activate(caller, avatar_id)
    tag(response, avatar.version)
    return avatar


@app.post("/api/v1/avatars/{avatar_id}/pause", responses=WRITES, tags=["avatars"])
async def pause_avatar(
    avatar_id: UUID,
    caller: Editor,
    avatars: Avatars,
    response: Response,
    body: AvatarStateChange | None = None,
) -> AvatarRead:
    """Let no content be made for now; what is under way is finished."""
    reason = body.reason if body else None
    avatar = await avatars.pause(caller, avatar_id, reason=reason)
    tag(response, avatar.version)
    return avatar


@app.post("/api/v1/avatars/{avatar_id}/archive", responses=WRITES, tags=["avatars"])
async def archive_avatar(
    avatar_id: UUID, caller: Owner, avatars: Avatars
) -> AvatarArchived:
    """End an avatar for good, and its open jobs with it; its name is free again."""
    return await avatars.archive(caller, avatar_id)


handler = lambda_handler(app)
