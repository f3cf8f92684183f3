"""/api/v1/workspaces: what a team owns together."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.auth import AnyMember, Editor, Owner, SignedIn
from vixenbliss.api.dependencies import Database, Page, Version, locate, tag
from vixenbliss.api.responses import READS, problems
from vixenbliss.schemas.base import Listing
from vixenbliss.schemas.workspaces import (
    PublishingPause,
    PublishingPaused,
    WorkspaceCreate,
    WorkspaceRead,
    WorkspaceUpdate,
)
from vixenbliss.services.workspaces import WorkspaceService
from vixenbliss.settings import settings

SWITCHES = READS | problems(HTTPStatus.FORBIDDEN)
app = create_app("Workspaces", needs=(settings().database, settings().jwt_secret))


async def _workspaces(database: Database) -> WorkspaceService:
    return WorkspaceService(database)


Workspaces = Annotated[WorkspaceService, Depends(_workspaces)]


@app.post(
    "/api/v1/workspaces",
    status_code=HTTPStatus.CREATED,
    responses=problems(HTTPStatus.UNAUTHORIZED, HTTPStatus.CONFLICT),
    tags=["workspaces"],
)
async def create_workspace(
    body: WorkspaceCreate, caller: SignedIn, workspaces: Workspaces, response: Response
) -> WorkspaceRead:
    """Make a workspace that the caller owns, beside the one they have from sign-up."""
    made = await workspaces.create(caller, body)
    locate(response, f"/api/v1/workspaces/{made.id}")
    tag(response, made.version)
    return made


@app.get(
    "/api/v1/workspaces",
    responses=problems(HTTPStatus.UNAUTHORIZED),
    tags=["workspaces"],
)
async def list_workspaces(
    caller: SignedIn, workspaces: Workspaces, page: Page
) -> Listing[WorkspaceRead]:
    """List the caller's workspaces, their own first."""
    return await workspaces.list(caller, page)


@app.get("/api/v1/workspaces/{workspace_id}", responses=READS, tags=["workspaces"])
async def read_workspace(
    workspace_id: UUID, caller: AnyMember, workspaces: Workspaces, response: Response
) -> WorkspaceRead:
    """Return a workspace of the caller's."""
    workspace = await workspaces.get(caller, workspace_id)
    tag(response, workspace.version)
    return workspace


@app.patch(
    "/api/v1/workspaces/{workspace_id}",
    responses=SWITCHES
    | problems(HTTPStatus.PRECONDITION_FAILED, HTTPStatus.PRECONDITION_REQUIRED),
    tags=["workspaces"],
)
async def update_workspace(
    workspace_id: UUID,
    body: WorkspaceUpdate,
    caller: Owner,
    version: Version,
    workspaces: Workspaces,
    response: Response,
) -> WorkspaceRead:
    """Change a workspace that is still as its editor saw it."""
    workspace = await workspaces.update(caller, workspace_id, body, version=version)
    tag(response, workspace.version)
    return workspace


@app.post(
    "/api/v1/workspaces/{workspace_id}/pause-publishing",
    responses=SWITCHES,
    tags=["workspaces"],
)
async def pause_publishing(
    workspace_id: UUID,
    body: PublishingPause,
    caller: Editor,
    workspaces: Workspaces,
) -> PublishingPaused:
    """Publish nothing until an owner says so: the kill switch."""
    return await workspaces.pause_publishing(caller, workspace_id, reason=body.reason)


@app.post(
    "/api/v1/workspaces/{workspace_id}/resume-publishing",
    responses=SWITCHES,
    tags=["workspaces"],
)
async def resume_publishing(
    workspace_id: UUID, caller: Owner, workspaces: Workspaces
) -> WorkspaceRead:
    """Publish again."""
    return await workspaces.resume_publishing(caller, workspace_id)


handler = lambda_handler(app)
