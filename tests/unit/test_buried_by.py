"""Whose dead letters a queue has, which its name tells."""

import pytest

from tests.support.workers import record
from vixenbliss.errors import QueueNotFoundError
from vixenbliss.jobs.messages import Queue
from vixenbliss.services.burying import Poison
from vixenbliss.worker.consumer import bury_all

HOUSES = ["vixenbliss", "my-events", "mail", "events-dead-letters", "MAIL-dead-letters"]


def buried(name: str) -> Poison:
    """Bury one letter of a queue, and return what was buried."""
    seen: list[Poison] = []

    async def bury(poison: Poison) -> None:
        seen.append(poison)

    bury_all(bury)({"Records": [record("{}", name)]}, None)
    return seen[0]


@pytest.mark.parametrize("queue", Queue)
@pytest.mark.parametrize("house", HOUSES)
def test_a_name_of_ours_tells_the_queue(house: str, queue: Queue) -> None:
    assert buried(f"{house}-{queue}-dead-letters").queue is queue


@pytest.mark.parametrize("queue", Queue)
@pytest.mark.parametrize("lot", ["1A2B3C", "MAIL1EVENTS", "CONFIRM"])
def test_so_does_a_name_that_cloudformation_makes(queue: Queue, lot: str) -> None:
    name = f"my-events-Queues-1X-{queue.capitalize()}DeadLetters-{lot}"

    assert buried(name).queue is queue


@pytest.mark.parametrize("queue", Queue)
def test_so_does_a_logical_id(queue: Queue) -> None:
    assert buried(f"{queue.capitalize()}DeadLetters").queue is queue


@pytest.mark.parametrize("name", ["my-events", "house-schedules-dead-letters", ""])
def test_a_queue_of_none_is_named_as_such(name: str) -> None:
    with pytest.raises(QueueNotFoundError):
        buried(name)
