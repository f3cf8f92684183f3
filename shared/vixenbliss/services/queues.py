"""The queues, as the platform's staff sees them, and what died in them."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

from vixenbliss.callers import Caller, Member, Role
from vixenbliss.database import Connection, reading, transaction
from vixenbliss.errors import (
    ConflictError,
    ConstraintViolatedError,
    DatabaseUnavailableError,
    InvalidStateError,
    JobNotFoundError,
    NotFoundError,
    PostNotFoundError,
    QueueNotFoundError,
)
from vixenbliss.jobs.messages import (
    Queue,
    confirm,
    mail,
    measure,
    moderate,
    privacy,
    reconcile,
    refund,
    roll_up,
)
from vixenbliss.log import log
from vixenbliss.providers.sqs import Queues
from vixenbliss.repositories import access
from vixenbliss.repositories.data_requests import DataRequestRepository
from vixenbliss.repositories.dead_letters import DeadLetterRepository, OpenLetter
from vixenbliss.repositories.judgements import JudgementRepository
from vixenbliss.repositories.letters import LetterRepository
from vixenbliss.repositories.measurement_rescues import MeasurementRescueRepository
from vixenbliss.repositories.post_rescues import PostRescueRepository
from vixenbliss.repositories.reconciliation_rescues import (
    ReconciliationRescueRepository,
)
from vixenbliss.repositories.refunds import RefundRepository
from vixenbliss.repositories.rollup_runs import RollupRunRepository
from vixenbliss.schemas.operations import QueueList, QueueRead, Redriven
from vixenbliss.services.content_jobs import ContentJobService
from vixenbliss.services.outbox import Outbox
from vixenbliss.services.policies import PATIENCE
from vixenbliss.services.post_changes import PostChanges
from vixenbliss.services.webhook_events import replay
from vixenbliss.settings import Settings

type Way = Callable[[Connection, OpenLetter], Awaitable[None]]
"""Sends the work behind a letter on its way."""


class QueueService:
    """What the platform's staff may see and do about the queues."""

    def __init__(self, settings: Settings, queues: Queues) -> None:
        self._settings = settings
        self._queues = queues

    async def list(self, caller: Caller) -> QueueList:
        """Return how each queue stands.

        Raises:
            ForbiddenError: an ordinary user asks.
            ProviderUnavailableError: SQS does not say.
        """
        async with reading() as connection:
            await access.admin(connection, caller)
            letters = DeadLetterRepository(connection)
            ages, dead = await letters.oldest_s(), await letters.count_open()
        depths = await asyncio.gather(*(self._queues.depth(queue) for queue in Queue))
        return QueueList(
            items=[
                QueueRead(
                    name=queue,
                    waiting=depth.waiting,
                    in_flight=depth.in_flight,
                    oldest_s=ages[queue],
                    dead_letters=dead.get(queue, 0),
                )
                for queue, depth in zip(Queue, depths, strict=True)
            ]
        )

    async def redrive(self, caller: Caller, name: str, *, limit: int) -> Redriven:
        """Send dead letters on their way again, oldest first, each on its own.

        A failed job is asked for again; a decision that could not be made waits for the
        gate again. A letter that nothing can be done for now stays, and comes last the
        next time.

        Raises:
            ForbiddenError: an ordinary user asks.
            QueueNotFoundError: no queue goes by that name.
        """
        async with reading() as connection:
            user_id = await access.admin(connection, caller)
            if name not in set(Queue):
                raise QueueNotFoundError
            letters = DeadLetterRepository(connection)
            ids = await letters.open_ones(Queue(name), limit=limit)
        redriven = [await self._redrive(Queue(name), id_, user_id) for id_ in ids]
        return Redriven(redriven=sum(redriven))

    async def _redrive(self, queue: Queue, letter_id: UUID, user_id: int) -> bool:
        try:
            async with transaction() as connection:
                letters = DeadLetterRepository(connection)
                letter = await letters.read(letter_id)
                if letter is None:
                    return False
                await self._again(connection, queue, letter, user_id)
                await letters.mark_redriven(letter_id)
        except DatabaseUnavailableError as error:
            log.warning("letter not redriven", code=error.code)
            return False
        except (NotFoundError, ConflictError) as error:
            log.warning("letter not redriven", code=error.code)
            async with transaction() as connection:
                await DeadLetterRepository(connection).mark_refused(letter_id)
            return False
        return True

    async def _again(
        self, connection: Connection, queue: Queue, letter: OpenLetter, user_id: int
    ) -> None:
        """Send the work behind a letter on its way.

        Raises:
            NotFoundError: it is gone.
            ConflictError: it has ended otherwise, or may not be done now.
        """
        if way := _way_of(queue):
            await way(connection, letter)
            return
        if letter.workspace_id is None:
            raise JobNotFoundError
        staff = Member(user_id, letter.workspace_id, Role.OWNER)
        if queue is Queue.PUBLISH:
            await PostChanges(connection, staff, {}).again(letter.subject_id)
            return
        jobs = ContentJobService(connection, self._settings)
        await jobs.repeat(staff, letter.subject_id)


async def _judge_again(connection: Connection, letter: OpenLetter) -> None:
    decisions = JudgementRepository(connection)
    if not await decisions.reopen(letter.subject_id, patience=PATIENCE):
        message = "The decision has been made, or is being made."
        raise InvalidStateError(message)
    again = moderate(letter.subject_id, f"redriven-{letter.id}")
    await Outbox(connection).send(again)


async def _reconcile_again(connection: Connection, letter: OpenLetter) -> None:
    """Let a reconciliation go on that has failed; one at a time is running."""
    runs = ReconciliationRescueRepository(connection)
    try:
        is_open = await runs.reopen(letter.subject_id)
    except ConstraintViolatedError as error:
        message = "Another reconciliation is running."
        raise InvalidStateError(message) from error
    if not is_open:
        message = "The reconciliation has not failed."
        raise InvalidStateError(message)
    again = reconcile(letter.subject_id, f"redriven-{letter.id}")
    await Outbox(connection).send(again)


async def _look_again(connection: Connection, letter: OpenLetter) -> None:
    posts = PostRescueRepository(connection)
    post = await posts.lock(letter.subject_id)
    if post is None:
        raise PostNotFoundError
    await Outbox(connection).send(confirm(letter.subject_id, f"redriven-{letter.id}"))


async def _ask_again(connection: Connection, letter: OpenLetter) -> None:
    if not await RefundRepository(connection).wake(letter.subject_id):
        message = "Stripe has told of this refund."
        raise InvalidStateError(message)
    await Outbox(connection).send(refund(letter.subject_id, f"redriven-{letter.id}"))


async def _send_again(connection: Connection, letter: OpenLetter) -> None:
    if not await LetterRepository(connection).reopen(letter.subject_id):
        message = "The letter is on its way, or has left, or nobody wants it any more."
        raise InvalidStateError(message)
    await Outbox(connection).send(mail(letter.subject_id, f"redriven-{letter.id}"))


async def _apply_again(connection: Connection, letter: OpenLetter) -> None:
    await replay(connection, letter.subject_id)


async def _measure_again(connection: Connection, letter: OpenLetter) -> None:
    if not await MeasurementRescueRepository(connection).reopen(letter.subject_id):
        message = "The account is being read, or has no posts to be read."
        raise InvalidStateError(message)
    again = measure(letter.subject_id, f"redriven-{letter.id}")
    await Outbox(connection).send(again)


async def _roll_up_again(connection: Connection, letter: OpenLetter) -> None:
    if not await RollupRunRepository(connection).reopen(letter.subject_id):
        message = "The day is rolled up, or on its way."
        raise InvalidStateError(message)
    again = roll_up(letter.subject_id, f"redriven-{letter.id}")
    await Outbox(connection).send(again)


async def _fulfil_again(connection: Connection, letter: OpenLetter) -> None:
    """Let a request about somebody's data go on; one of a kind is open at a time."""
    requests = DataRequestRepository(connection)
    try:
        is_open = await requests.reopen(letter.subject_id)
    except ConstraintViolatedError as error:
        message = "The user has asked again."
        raise InvalidStateError(message) from error
    if not is_open:
        message = "The request has not failed."
        raise InvalidStateError(message)
    await Outbox(connection).send(privacy(letter.subject_id, f"redriven-{letter.id}"))


def _way_of(queue: Queue) -> Way | None:
    """Return how work is sent on its way again that is no member's; None if it is."""
    ways: dict[Queue, Way] = {
        Queue.CONFIRM: _look_again,
        Queue.EVENTS: _apply_again,
        Queue.MAIL: _send_again,
        Queue.MEASURE: _measure_again,
        Queue.MODERATE: _judge_again,
        Queue.PRIVACY: _fulfil_again,
        Queue.RECONCILE: _reconcile_again,
        Queue.REFUND: _ask_again,
        Queue.ROLLUP: _roll_up_again,
    }
    return ways.get(queue)
