"""/api/v1/content/*: content that is asked for, watched, and called off."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Depends

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.auth import Editor, allow
from vixenbliss.api.dependencies import Database, IdempotencyKey, Page
from vixenbliss.api.responses import READS_BY_KEY, WRITES
from vixenbliss.callers import ANY_ROLE, EDITORS, Caller, Scope
from vixenbliss.models.content_jobs import JobStatus
from vixenbliss.schemas.base import Listing
from vixenbliss.schemas.content_jobs import (
    Estimate,
    Generate,
    Generation,
    JobDetail,
    JobRead,
)
from vixenbliss.services.content_jobs import ContentJobService
from vixenbliss.services.idempotency import IdempotencyService
from vixenbliss.settings import settings

app = create_app("Content jobs", needs=(settings().database, settings().jwt_secret))


async def _jobs(database: Database) -> ContentJobService:
    return ContentJobService(database, settings())


async def _idempotency(database: Database) -> IdempotencyService:
    return IdempotencyService(database)


Jobs = Annotated[ContentJobService, Depends(_jobs)]
Idempotency = Annotated[IdempotencyService, Depends(_idempotency)]
Reader = Annotated[Caller, Depends(allow(*ANY_ROLE, key=Scope.CONTENT_READ))]
Writer = Annotated[Caller, Depends(allow(*EDITORS, key=Scope.CONTENT_WRITE))]


@app.post(
    "/api/v1/content/generate",
    status_code=HTTPStatus.ACCEPTED,
    responses=WRITES,
    tags=["content"],
)
async def generate(
    body: Generate,
    caller: Writer,
    jobs: Jobs,
    idempotency: Idempotency,
    key: IdempotencyKey = None,
) -> Generation:
    """Ask for images or captions; the budget holds their cost from now on."""
    return await idempotency.once(
        caller,
        "content.generate",
        key,
        request=body,
        reply=Generation,
        act=lambda: jobs.generate(caller, body),
    )


@app.post("/api/v1/content/estimate", responses=READS_BY_KEY, tags=["content"])
async def estimate(body: Generate, caller: Reader, jobs: Jobs) -> Estimate:
    """Say what a generation would cost at most, and what the month still bears."""
    return await jobs.estimate(caller, body)


@app.get("/api/v1/content/jobs", responses=READS_BY_KEY, tags=["content"])
async def list_jobs(
    caller: Reader,
    jobs: Jobs,
    page: Page,
    avatar_id: UUID | None = None,
    status: JobStatus | None = None,
    batch_id: UUID | None = None,
) -> Listing[JobRead]:
    """List the workspace's jobs, newest first."""
    return await jobs.list(
        caller, page, avatar_id=avatar_id, status=status, batch_id=batch_id
    )


@app.get("/api/v1/content/jobs/{job_id}", responses=READS_BY_KEY, tags=["content"])
async def read_job(job_id: UUID, caller: Reader, jobs: Jobs) -> JobDetail:
    """Return a job with its tries."""
    return await jobs.get(caller, job_id)


@app.post("/api/v1/content/jobs/{job_id}/cancel", responses=WRITES, tags=["content"])
async def cancel_job(job_id: UUID, caller: Writer, jobs: Jobs) -> JobDetail:
    """Call off a job that has not ended; its hold goes back."""
    return await jobs.cancel(caller, job_id)


@app.post(
    "/api/v1/content/jobs/{job_id}/retry",
    status_code=HTTPStatus.ACCEPTED,
    responses=WRITES,
    tags=["content"],
)
async def retry_job(job_id: UUID, caller: Editor, jobs: Jobs) -> Generation:
    """Ask anew for what a failed or cancelled job did not bring, as a new job."""
    return await jobs.retry(caller, job_id)


handler = lambda_handler(app)
