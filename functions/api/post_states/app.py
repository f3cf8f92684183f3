"""/api/v1/posts/{id}/cancel, /retry, /confirm, /recall, and recalls of whole pieces."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.auth import Editor, allow
from vixenbliss.api.dependencies import Database, tag
from vixenbliss.api.responses import WRITES
from vixenbliss.callers import EDITORS, Caller, Scope
from vixenbliss.schemas.posts import Confirmation, PostRead, Recall, RecallAccepted
from vixenbliss.services.post_states import PostStateService
from vixenbliss.settings import settings

app = create_app("Post states", needs=(settings().database, settings().jwt_secret))


async def _posts(database: Database) -> PostStateService:
    return PostStateService(database)


Posts = Annotated[PostStateService, Depends(_posts)]
Writer = Annotated[Caller, Depends(allow(*EDITORS, key=Scope.POSTS_WRITE))]


@app.post("/api/v1/posts/{post_id}/cancel", responses=WRITES, tags=["posts"])
async def cancel_post(
    post_id: UUID, caller: Writer, posts: Posts, response: Response
) -> PostRead:
    """Call off a post that nobody can have seen yet."""
    post = await posts.cancel(caller, post_id)
    tag(response, post.version)
    return post


@app.post(
    "/api/v1/posts/{post_id}/retry",
    status_code=HTTPStatus.ACCEPTED,
    responses=WRITES,
    tags=["posts"],
)
async def retry_post(
    post_id: UUID, caller: Editor, posts: Posts, response: Response
) -> PostRead:
    """Try a failed post once more; never one of which nobody knows whether it is."""
    post = await posts.retry(caller, post_id)
    tag(response, post.version)
    return post


@app.post("/api/v1/posts/{post_id}/confirm", responses=WRITES, tags=["posts"])
async def confirm_post(
    post_id: UUID, body: Confirmation, caller: Editor, posts: Posts, response: Response
) -> PostRead:
    """Say whether an unconfirmed post is there, having looked."""
    post = await posts.confirm(caller, post_id, body)
    tag(response, post.version)
    return post


@app.post(
    "/api/v1/posts/{post_id}/recall",
    status_code=HTTPStatus.ACCEPTED,
    responses=WRITES,
    tags=["posts"],
)
async def recall_post(
    post_id: UUID, body: Recall, caller: Editor, posts: Posts, response: Response
) -> PostRead:
    """Take a post back, whether it is out or not."""
    post = await posts.recall(caller, post_id, reason=body.reason)
    tag(response, post.version)
    return post


@app.post(
    "/api/v1/pieces/{piece_id}/recall",
    status_code=HTTPStatus.ACCEPTED,
    responses=WRITES,
    tags=["pieces"],
)
async def recall_piece(
    piece_id: UUID, body: Recall, caller: Editor, posts: Posts
) -> RecallAccepted:
    """Take all posts of a piece back, and its approval."""
    return await posts.recall_piece(caller, piece_id, reason=body.reason)


handler = lambda_handler(app)
