"""The queues, as the platform's staff sees them, and what died in them."""

import asyncio
from uuid import UUID

from vixenbliss.callers import Caller, Member, Role
from vixenbliss.database import Connection
from vixenbliss.errors import ConflictError, NotFoundError, QueueNotFoundError
from vixenbliss.jobs.messages import Queue, moderate
from vixenbliss.log import log
from vixenbliss.providers.sqs import Queues
from vixenbliss.repositories import access
from vixenbliss.repositories.content_jobs import ContentJobRepository
from vixenbliss.repositories.dead_letters import DeadLetterRepository, OpenLetter
from vixenbliss.repositories.judgements import JudgementRepository
from vixenbliss.schemas.operations import QueueList, QueueRead, Redriven
from vixenbliss.services.content_jobs import ContentJobService
from vixenbliss.services.outbox import Outbox
from vixenbliss.services.policies import PATIENCE
from vixenbliss.settings import Settings


class QueueService:
    """What the platform's staff may see and do about the queues."""

    def __init__(
        self, connection: Connection, settings: Settings, queues: Queues
    ) -> None:
        self._connection = connection
        self._settings = settings
        self._queues = queues
        self._letters = DeadLetterRepository(connection)

    async def list(self, caller: Caller) -> QueueList:
        """Return how each queue stands.

        Raises:
            ForbiddenError: an ordinary user asks.
            ProviderUnavailableError: SQS does not say.
        """
        await access.admin(self._connection, caller)
        ages = await self._letters.oldest_s()
        letters = await self._letters.count_open()
        depths = await asyncio.gather(*(self._queues.depth(queue) for queue in Queue))
        return QueueList(
            items=[
                QueueRead(
                    name=queue,
                    waiting=depth.waiting,
                    in_flight=depth.in_flight,
                    oldest_s=ages[queue],
                    dead_letters=letters.get(queue, 0),
                )
                for queue, depth in zip(Queue, depths, strict=True)
            ]
        )

    async def redrive(self, caller: Caller, name: str, *, limit: int) -> Redriven:
        """Send dead letters on their way again, oldest first.

        A failed job is asked for anew, as a new job; a decision that could not be made
        waits for the gate again. A letter that nothing can be done for stays.

        Raises:
            ForbiddenError: an ordinary user asks.
            QueueNotFoundError: no queue goes by that name.
        """
        user_id = await access.admin(self._connection, caller)
        if name not in set(Queue):
            raise QueueNotFoundError
        letters = await self._letters.lock_open(Queue(name), limit=limit)
        redriven = 0
        for letter in letters:
            if await self._again(Queue(name), letter, user_id):
                await self._letters.mark_redriven(letter.id)
                redriven += 1
        return Redriven(redriven=redriven)

    async def _again(self, queue: Queue, letter: OpenLetter, user_id: int) -> bool:
        if queue is Queue.MODERATE:
            return await self._judge_again(letter.subject_id, letter.id)
        if letter.workspace_id is None:
            return False
        staff = Member(user_id, letter.workspace_id, Role.OWNER)
        try:
            job = await ContentJobRepository(self._connection).lock(
                staff, letter.subject_id
            )
            jobs = ContentJobService(self._connection, self._settings)
            await jobs.repeat(staff, job)
        except (NotFoundError, ConflictError) as error:
            log.warning("letter not redriven", code=error.code)
            return False
        return True

    async def _judge_again(self, decision_id: UUID, letter_id: UUID) -> bool:
        decisions = JudgementRepository(self._connection)
        if not await decisions.reopen(decision_id, patience=PATIENCE):
            return False
        redriven = f"redriven-{letter_id}"
        await Outbox(self._connection).send(moderate(decision_id, redriven))
        return True
