"""/api/v1/posts: pieces planned for accounts, and when they appear."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.auth import allow
from vixenbliss.api.dependencies import Database, IdempotencyKey, Page, Version, tag
from vixenbliss.api.responses import READS_BY_KEY, VERSIONED, WRITES
from vixenbliss.callers import ANY_ROLE, EDITORS, Caller, Scope
from vixenbliss.models.posts import PostStatus
from vixenbliss.providers.kms import KeyWrapper
from vixenbliss.providers.platforms import platforms
from vixenbliss.schemas.base import Instant, Listing
from vixenbliss.schemas.posts import (
    PostCreate,
    PostGroup,
    PostRead,
    PostUpdate,
)
from vixenbliss.schemas.workspaces import Timezone
from vixenbliss.services.platform_facts import PlatformFacts
from vixenbliss.services.post_records import PostRecordService
from vixenbliss.services.posts import PostPlanningService
from vixenbliss.services.token_keeping import TokenKeeper
from vixenbliss.services.token_vault import TokenVault
from vixenbliss.settings import settings

app = create_app("Posts", needs=(settings().database, settings().jwt_secret))


async def _planning() -> PostPlanningService:
    keeper = TokenKeeper(platforms(settings()), TokenVault(KeyWrapper()))
    return PostPlanningService(PlatformFacts(settings(), keeper))


async def _posts(database: Database) -> PostRecordService:
    return PostRecordService(database)


# It asks others, so it opens its transactions itself, after having asked.
Planning = Annotated[PostPlanningService, Depends(_planning)]
Posts = Annotated[PostRecordService, Depends(_posts)]
Reader = Annotated[Caller, Depends(allow(*ANY_ROLE, key=Scope.POSTS_READ))]
Writer = Annotated[Caller, Depends(allow(*EDITORS, key=Scope.POSTS_WRITE))]


@app.post(
    "/api/v1/posts",
    status_code=HTTPStatus.CREATED,
    responses=WRITES,
    tags=["posts"],
)
async def create_posts(
    body: PostCreate, caller: Writer, planning: Planning, key: IdempotencyKey = None
) -> PostGroup:
    """Have a piece posted at every target, or at none."""
    return await planning.create(caller, body, key)


@app.get("/api/v1/posts", responses=READS_BY_KEY, tags=["posts"])
async def list_posts(
    caller: Reader,
    posts: Posts,
    page: Page,
    since: Annotated[Instant | None, Query(alias="from")] = None,
    until: Annotated[Instant | None, Query(alias="to")] = None,
    account_id: UUID | None = None,
    avatar_id: UUID | None = None,
    status: PostStatus | None = None,
    tz: Timezone | None = None,
) -> Listing[PostRead]:
    """List the posts of a stretch of time, in the order in which they are to appear."""
    wishes = {"account_id": account_id, "avatar_id": avatar_id, "status": status}
    return await posts.list(caller, page, since=since, until=until, tz=tz, **wishes)


@app.get("/api/v1/posts/{post_id}", responses=READS_BY_KEY, tags=["posts"])
async def read_post(
    post_id: UUID, caller: Reader, posts: Posts, response: Response
) -> PostRead:
    """Return a post."""
    post = await posts.get(caller, post_id)
    tag(response, post.version)
    return post


@app.patch("/api/v1/posts/{post_id}", responses=VERSIONED, tags=["posts"])
async def change_post(
    post_id: UUID,
    body: PostUpdate,
    caller: Writer,
    version: Version,
    planning: Planning,
    response: Response,
) -> PostRead:
    """Change a post that has not set out; it takes its piece along anew."""
    post = await planning.update(caller, post_id, body, version=version)
    tag(response, post.version)
    return post


handler = lambda_handler(app)
