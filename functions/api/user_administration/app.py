"""/api/v1/users/{user_id}: somebody's account, for themselves and for our staff."""

from typing import Annotated

from fastapi import Depends

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.auth import SignedInOrStaff, Staff
from vixenbliss.api.dependencies import Database
from vixenbliss.api.responses import READS, WRITES
from vixenbliss.schemas.base import SerialId
from vixenbliss.schemas.user_administration import UserAccountRead, UserAccountUpdate
from vixenbliss.services.user_administration import UserAdministration
from vixenbliss.settings import settings

app = create_app(
    "User administration", needs=(settings().database, settings().jwt_secret)
)


async def _administration(database: Database) -> UserAdministration:
    return UserAdministration(database)


Administration = Annotated[UserAdministration, Depends(_administration)]


@app.get("/api/v1/users/{user_id}", responses=READS, tags=["users"])
async def read_user(
    user_id: SerialId, caller: SignedInOrStaff, administration: Administration
) -> UserAccountRead:
    """Show an account: to its owner, and to the platform's staff."""
    return await administration.get(caller, user_id)


@app.patch("/api/v1/users/{user_id}", responses=WRITES, tags=["users"])
async def update_user(
    user_id: SerialId,
    body: UserAccountUpdate,
    caller: Staff,
    administration: Administration,
) -> UserAccountRead:
    """Open or close an account, or give it a role; for administrators.

    Closing an account ends its sessions. One active administrator stays.
    """
    return await administration.change(caller, user_id, body)


handler = lambda_handler(app)
