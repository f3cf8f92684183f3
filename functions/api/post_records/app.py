"""/api/v1/posts/{id}/attempts and /receipt: what became of a post, and the proof."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Depends

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.auth import AnyMember, allow
from vixenbliss.api.dependencies import Database
from vixenbliss.api.responses import READS, READS_BY_KEY, problems
from vixenbliss.callers import ANY_ROLE, Caller, Scope
from vixenbliss.schemas.posts import PostAttemptRead, ReceiptRead
from vixenbliss.services.post_records import PostRecordService
from vixenbliss.settings import settings

app = create_app("Post records", needs=(settings().database, settings().jwt_secret))


async def _posts(database: Database) -> PostRecordService:
    return PostRecordService(database)


Posts = Annotated[PostRecordService, Depends(_posts)]
Reader = Annotated[Caller, Depends(allow(*ANY_ROLE, key=Scope.POSTS_READ))]


@app.get("/api/v1/posts/{post_id}/attempts", responses=READS, tags=["posts"])
async def list_attempts(
    post_id: UUID, caller: AnyMember, posts: Posts
) -> Sequence[PostAttemptRead]:
    """List the steps that a post has taken, the first first."""
    return await posts.attempts(caller, post_id)


@app.get(
    "/api/v1/posts/{post_id}/receipt",
    responses=READS_BY_KEY | problems(HTTPStatus.CONFLICT),
    tags=["posts"],
)
async def read_receipt(post_id: UUID, caller: Reader, posts: Posts) -> ReceiptRead:
    """Return what we say of a post that is there, signed."""
    return await posts.receipt(caller, post_id)


handler = lambda_handler(app)
