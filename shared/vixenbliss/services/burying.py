"""What no worker could digest gets a row with its reason, and its work an end."""

import hashlib
from dataclasses import dataclass
from uuid import UUID

from pydantic import ValidationError

from vixenbliss.database import Connection, transaction
from vixenbliss.jobs.messages import Queue, Task
from vixenbliss.log import log
from vixenbliss.models.content_jobs import JobStatus
from vixenbliss.models.policy import Verdict
from vixenbliss.repositories.audit import AuditRepository
from vixenbliss.repositories.budgets import BudgetRepository
from vixenbliss.repositories.dead_letters import Burial, DeadLetterRepository
from vixenbliss.repositories.job_progress import JobProgressRepository
from vixenbliss.repositories.judgements import Judgement, JudgementRepository

CODE = "DEAD_LETTER"
MALFORMED = "the message is not a task"
NEVER_ENDED = "received again and again without an end"


@dataclass(frozen=True, slots=True)
class Poison:
    """A message that reached a dead-letter queue."""

    queue: Queue
    message_id: str
    body: str


async def bury(poison: Poison) -> None:
    """Write a message's dead letter and end the work that it stood for.

    Doing it twice is doing it once: the letter is named by the message.
    """
    subject_id = _subject_of(poison.body)
    async with transaction() as connection:
        reason = NEVER_ENDED if subject_id else MALFORMED
        workspace_id = (
            await _end(connection, poison.queue, subject_id, reason)
            if subject_id
            else None
        )
        await DeadLetterRepository(connection).add(
            Burial(
                queue=poison.queue,
                dedupe_key=poison.message_id,
                code=CODE,
                reason=reason,
                subject_id=subject_id,
                workspace_id=workspace_id,
                payload_sha256=hashlib.sha256(poison.body.encode()).digest(),
            )
        )
    log.error("message buried", queue=poison.queue, message_id=poison.message_id)


def _subject_of(body: str) -> UUID | None:
    try:
        return Task.model_validate_json(body).id
    except ValidationError:
        return None


async def _end(
    connection: Connection, queue: Queue, subject_id: UUID, reason: str
) -> UUID | None:
    """End the row behind a message, unless it has ended; return its workspace."""
    if queue is Queue.MODERATE:
        judgement = Judgement(verdict=Verdict.ERROR, reasons=(reason,), scores={})
        await JudgementRepository(connection).decide(subject_id, judgement)
        return None
    await BudgetRepository(connection).settle(subject_id, spent_micros=0)
    workspace_id = await JobProgressRepository(connection).give_up(
        subject_id, code=CODE, message=reason
    )
    if workspace_id:
        await AuditRepository(connection).add_by_system(
            workspace_id,
            f"content.{JobStatus.FAILED}",
            ("job", subject_id),
            code=CODE,
        )
    return workspace_id
