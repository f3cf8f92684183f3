"""/api/v1/posts/preflight and /slots: what may be known before anything is planned."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.auth import allow
from vixenbliss.api.responses import READS_BY_KEY, WRITES
from vixenbliss.callers import ANY_ROLE, Caller, Scope
from vixenbliss.providers.kms import KeyWrapper
from vixenbliss.providers.platforms import platforms
from vixenbliss.schemas.base import Instant
from vixenbliss.schemas.posts import Preflight, PreflightRead, Slots
from vixenbliss.services.platform_facts import PlatformFacts
from vixenbliss.services.post_records import SlotService
from vixenbliss.services.posts import PostPlanningService
from vixenbliss.services.token_keeping import TokenKeeper
from vixenbliss.services.token_vault import TokenVault
from vixenbliss.settings import settings

app = create_app("Post plans", needs=(settings().database, settings().jwt_secret))


async def _facts() -> PlatformFacts:
    keeper = TokenKeeper(platforms(settings()), TokenVault(KeyWrapper()))
    return PlatformFacts(settings(), keeper)


Facts = Annotated[PlatformFacts, Depends(_facts)]


async def _planning(facts: Facts) -> PostPlanningService:
    return PostPlanningService(facts)


async def _free_times(facts: Facts) -> SlotService:
    return SlotService(facts)


# These ask others, so they read the database themselves, before and after.
Planning = Annotated[PostPlanningService, Depends(_planning)]
FreeTimes = Annotated[SlotService, Depends(_free_times)]
Reader = Annotated[Caller, Depends(allow(*ANY_ROLE, key=Scope.POSTS_READ))]


@app.post("/api/v1/posts/preflight", responses=WRITES, tags=["posts"])
async def preflight(
    body: Preflight, caller: Reader, planning: Planning
) -> PreflightRead:
    """Say all that speaks against a post; it has no effect."""
    return await planning.preflight(caller, body)


@app.get("/api/v1/posts/slots", responses=READS_BY_KEY, tags=["posts"])
async def list_slots(
    account_id: UUID,
    caller: Reader,
    free_times: FreeTimes,
    since: Annotated[Instant | None, Query(alias="from")] = None,
) -> Slots:
    """List an account's free times in two weeks."""
    return await free_times.free(caller, account_id, since=since)


handler = lambda_handler(app)
