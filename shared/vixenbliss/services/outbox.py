"""Messages that leave with the transaction that writes them.

A message is a row of the same transaction. Right after the commit it is handed to the
queue; should that fail, or the process die first, the schedule ``push_outbox`` finds
the row and hands it over later. It may be handed over twice, never not at all; whoever
reads the queue is used to that.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from vixenbliss.database import Connection, reading, transaction
from vixenbliss.errors import (
    DatabaseError,
    ProviderError,
    SettingMissingError,
)
from vixenbliss.jobs.messages import Message, Queue, Task
from vixenbliss.log import log
from vixenbliss.providers.sqs import MAX_BATCH, Parcel, Queues
from vixenbliss.repositories.outbox import Letter, OutboxRepository

LEFT_BEHIND_AFTER = timedelta(seconds=5)
"""A row younger than this is on its way by the hand of whoever wrote it."""
SWEEP = 100
KEPT_FOR = timedelta(days=35)
"""For how long a sent row keeps its message from being written, and sent, again."""
FORGET = 1_000
HAND_OVER_S = 2
"""How long whoever wrote messages is kept waiting by their queues."""


class Outbox:
    """Where a service leaves its messages."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._letters = OutboxRepository(connection)

    async def send(self, *messages: Message) -> None:
        """Write messages, to be handed over once the transaction is committed."""
        if not messages:
            return
        for letter in await self._letters.add(
            messages, correlation_id=log.get_correlation_id()
        ):
            self._connection.after_commit(letter, hand_over)


async def hand_over(letters: Sequence[Letter]) -> None:
    """Give committed messages to their queues; what fails is swept up later.

    So is what takes too long: the request that wrote them is committed, and is answered
    whatever the queues do.
    """
    taken: list[int] = []
    try:
        async with asyncio.timeout(HAND_OVER_S):
            await _give(letters, taken)
    except TimeoutError:
        log.warning("messages left in the outbox", code="TIMEOUT")
    try:
        async with reading() as connection:
            await OutboxRepository(connection).mark_sent(taken)
    except DatabaseError as error:
        log.warning("messages not marked as sent", code=error.code)


async def sweep() -> int:
    """Hand over what was left behind; return how many messages were taken.

    Queue by queue: one that is out of reach holds up no other. Rows are locked while
    they are sent, so that two sweeps do not send the same ones. Afterwards rows are
    deleted that were sent long ago, some at each sweep.
    """
    taken = sum([await _sweep(queue) for queue in Queue])
    async with transaction() as connection:
        await OutboxRepository(connection).forget_sent(
            older_than=KEPT_FOR, limit=FORGET
        )
    return taken


async def _sweep(queue: Queue) -> int:
    total = 0
    while True:
        async with transaction() as connection:
            outbox = OutboxRepository(connection)
            letters = await outbox.lock_left_behind(
                queue, older_than=LEFT_BEHIND_AFTER, limit=SWEEP
            )
            taken: list[int] = []
            await _give(letters, taken)
            await outbox.mark_sent(taken)
        total += len(taken)
        if len(letters) < SWEEP or not taken:
            return total


async def _give(letters: Sequence[Letter], taken: list[int]) -> None:
    """Send letters, queue by queue; add the ids to those that were taken.

    A queue that is out of reach holds up no other, and is not tried again. Who breaks
    off in the middle knows what has been taken until then.
    """
    by_queue: dict[Queue, list[Letter]] = defaultdict(list)
    for letter in letters:
        by_queue[letter.queue].append(letter)
    for queue, ours in by_queue.items():
        for start in range(0, len(ours), MAX_BATCH):
            given = await _give_batch(queue, ours[start : start + MAX_BATCH])
            if not given:
                break
            taken += given


async def _give_batch(queue: Queue, letters: Sequence[Letter]) -> list[int]:
    try:
        parcels = [_parcel(letter) for letter in letters]
        answers = await Queues().send(queue, parcels)
    except ProviderError as error:
        log.warning(
            "messages left in the outbox",
            queue=queue,
            code=error.code,
            words=error.words,
        )
        return []
    except SettingMissingError as error:
        log.warning("messages left in the outbox", queue=queue, code=error.code)
        return []
    return [letter.id for letter, ok in zip(letters, answers, strict=True) if ok]


def _parcel(letter: Letter) -> Parcel:
    body = Task(id=letter.subject_id).model_dump_json()
    return Parcel(body, letter.correlation_id, letter.delay_s)
