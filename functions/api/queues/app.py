"""/api/v1/ops/queues: how the queues stand, and sending dead letters on their way."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Depends

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.auth import Staff
from vixenbliss.api.responses import problems
from vixenbliss.providers.sqs import Queues as SqsQueues
from vixenbliss.schemas.operations import QueueList, Redrive, Redriven
from vixenbliss.services.queues import QueueService
from vixenbliss.settings import settings

app = create_app("Queues", needs=(settings().database, settings().jwt_secret))

REFUSED = problems(
    HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.BAD_GATEWAY
)


async def _queues() -> QueueService:
    return QueueService(settings(), SqsQueues())


Queues = Annotated[QueueService, Depends(_queues)]


@app.get("/api/v1/ops/queues", responses=REFUSED, tags=["operations"])
async def list_queues(caller: Staff, queues: Queues) -> QueueList:
    """Say how each queue stands; for the platform's staff."""
    return await queues.list(caller)


@app.post(
    "/api/v1/ops/queues/{name}/redrive",
    status_code=HTTPStatus.ACCEPTED,
    responses=REFUSED | problems(HTTPStatus.NOT_FOUND),
    tags=["operations"],
)
async def redrive(
    name: str, caller: Staff, queues: Queues, body: Redrive | None = None
) -> Redriven:
    """Send a queue's dead letters on their way again; for the platform's staff."""
    limit = (body or Redrive()).max
    return await queues.redrive(caller, name, limit=limit)


handler = lambda_handler(app)
