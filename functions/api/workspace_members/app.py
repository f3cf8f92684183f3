"""/api/v1/workspaces/{id}/members: who is in a workspace, and who is asked to join."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Depends

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.auth import AnyMember, Owner, SignedIn
from vixenbliss.api.dependencies import Database, Page
from vixenbliss.api.limits import Limited, per_address
from vixenbliss.api.responses import READS, WRITES, problems
from vixenbliss.schemas.base import Listing
from vixenbliss.schemas.workspaces import (
    InvitationAccept,
    InvitationRead,
    MemberInvite,
    MemberRead,
    MembershipRead,
    MemberUpdate,
)
from vixenbliss.services.limits import INVITATIONS, tokens_from_there
from vixenbliss.services.workspaces import MemberService
from vixenbliss.settings import settings

app = create_app("Members", needs=(settings().database, settings().jwt_secret))


async def _members(database: Database) -> MemberService:
    return MemberService(database)


async def _counted(caller: Owner, limits: Limited) -> None:
    await limits.count(INVITATIONS, str(caller.user_id))


Members = Annotated[MemberService, Depends(_members)]


@app.get(
    "/api/v1/workspaces/{workspace_id}/members",
    responses=READS,
    tags=["workspaces"],
)
async def list_members(
    workspace_id: UUID, caller: AnyMember, members: Members, page: Page
) -> Listing[MemberRead]:
    """List the members, the oldest first."""
    return await members.list(caller, workspace_id, page)


@app.post(
    "/api/v1/workspaces/{workspace_id}/members",
    status_code=HTTPStatus.ACCEPTED,
    dependencies=[Depends(_counted)],
    responses=WRITES | problems(HTTPStatus.TOO_MANY_REQUESTS),
    tags=["workspaces"],
)
async def invite_member(
    workspace_id: UUID, body: MemberInvite, caller: Owner, members: Members
) -> InvitationRead:
    """Keep a seat for an address; pass the token on to the person, it is told once."""
    return await members.invite(caller, workspace_id, body)


@app.patch(
    "/api/v1/workspaces/{workspace_id}/members/{user_id}",
    responses=WRITES,
    tags=["workspaces"],
)
async def update_member(
    workspace_id: UUID,
    user_id: int,
    body: MemberUpdate,
    caller: Owner,
    members: Members,
) -> MemberRead:
    """Give a member another role; one owner stays."""
    return await members.set_role(caller, workspace_id, user_id, body.role)


@app.delete(
    "/api/v1/workspaces/{workspace_id}/members/{user_id}",
    status_code=HTTPStatus.NO_CONTENT,
    responses=WRITES,
    tags=["workspaces"],
)
async def remove_member(
    workspace_id: UUID, user_id: int, caller: AnyMember, members: Members
) -> None:
    """Take a member out (owners), or leave (everybody); one owner stays."""
    await members.remove(caller, workspace_id, user_id)


@app.post(
    "/api/v1/workspaces/invitations/accept",
    dependencies=[per_address(tokens_from_there)],
    responses=problems(
        HTTPStatus.UNAUTHORIZED, HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS
    ),
    tags=["workspaces"],
)
async def accept_invitation(
    body: InvitationAccept, caller: SignedIn, members: Members
) -> MembershipRead:
    """Take the seat that is kept for the caller's address."""
    return await members.accept(caller, body.token)


handler = lambda_handler(app)
