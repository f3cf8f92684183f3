"""/api/v1/inbox: what people write to a workspace's accounts."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.auth import AnyMember, allow
from vixenbliss.api.dependencies import Database, Page
from vixenbliss.api.responses import READS, READS_BY_KEY
from vixenbliss.callers import ANY_ROLE, Caller, Scope
from vixenbliss.models.inbox import ThreadKind
from vixenbliss.schemas.base import Listing
from vixenbliss.schemas.inbox import ThreadRead, ThreadWithMessages
from vixenbliss.services.inbox import InboxService
from vixenbliss.settings import settings

app = create_app("Inbox", needs=(settings().database, settings().jwt_secret))


async def _inbox(database: Database) -> InboxService:
    return InboxService(database)


Inbox = Annotated[InboxService, Depends(_inbox)]
Reader = Annotated[Caller, Depends(allow(*ANY_ROLE, key=Scope.INBOX_READ))]


@app.get("/api/v1/inbox/threads", responses=READS_BY_KEY, tags=["social"])
async def list_threads(
    caller: Reader,
    inbox: Inbox,
    page: Page,
    account_id: UUID | None = None,
    kind: ThreadKind | None = None,
) -> Listing[ThreadRead]:
    """List the threads, the one with the latest news first."""
    return await inbox.list(caller, page, account_id=account_id, kind=kind)


@app.get("/api/v1/inbox/threads/{thread_id}", responses=READS, tags=["social"])
async def read_thread(
    thread_id: UUID, caller: AnyMember, inbox: Inbox
) -> ThreadWithMessages:
    """Return a thread with its latest messages."""
    return await inbox.get(caller, thread_id)


handler = lambda_handler(app)
