"""What travels through the queues."""

from uuid import UUID

import pytest
from pydantic import ValidationError

from vixenbliss.ids import new_id
from vixenbliss.jobs.messages import Message, Queue, Task, finish, generate, moderate

ID = UUID("0190f000-0000-7000-8000-000000000000")


@pytest.mark.parametrize(
    ("message", "queue"),
    [
        (generate(ID), Queue.GENERATE),
        (finish(ID, "delivery-1"), Queue.FINISH),
        (moderate(ID), Queue.MODERATE),
    ],
)
def test_a_message_knows_its_queue(message: Message, queue: Queue) -> None:
    assert message.queue is queue
    assert message.subject_id == ID


def test_one_reason_is_one_message() -> None:
    assert generate(ID).dedupe_key == generate(ID).dedupe_key


@pytest.mark.parametrize("other", [generate(ID, "silent-1"), generate(new_id())])
def test_another_reason_or_another_row_is_another_message(other: Message) -> None:
    assert other.dedupe_key != generate(ID).dedupe_key


def test_a_message_is_an_id_and_nothing_else() -> None:
    assert Task(id=ID).model_dump_json() == f'{{"id":"{ID}"}}'


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"id": null}',
        '{"id": "luna"}',
        f'{{"id": "{ID}", "more": 1}}',
        f'"{ID}"',
    ],
)
def test_whatever_else_is_no_task(body: str) -> None:
    with pytest.raises(ValidationError):
        Task.model_validate_json(body)
