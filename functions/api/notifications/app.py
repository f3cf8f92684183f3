"""/api/v1/notifications: what somebody should know."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Depends

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.auth import SignedIn
from vixenbliss.api.dependencies import Database, Page
from vixenbliss.api.responses import problems
from vixenbliss.schemas.base import Listing
from vixenbliss.schemas.notifications import NoticeRead, NoticesSeen
from vixenbliss.services.notifications import NotificationService
from vixenbliss.settings import settings

app = create_app("Notifications", needs=(settings().database, settings().jwt_secret))


async def _notices(database: Database) -> NotificationService:
    return NotificationService(database)


Notices = Annotated[NotificationService, Depends(_notices)]


@app.get(
    "/api/v1/notifications",
    responses=problems(HTTPStatus.UNAUTHORIZED),
    tags=["platform"],
)
async def list_notifications(
    caller: SignedIn, notices: Notices, page: Page, *, unread: bool = False
) -> Listing[NoticeRead]:
    """List one's notices, or those not read yet, newest first."""
    return await notices.list(caller, page, unread=unread)


@app.post(
    "/api/v1/notifications/read",
    status_code=HTTPStatus.NO_CONTENT,
    responses=problems(HTTPStatus.UNAUTHORIZED),
    tags=["platform"],
)
async def read_notifications(
    body: NoticesSeen, caller: SignedIn, notices: Notices
) -> None:
    """Say which notices one has read."""
    await notices.mark_read(caller, body)


handler = lambda_handler(app)
