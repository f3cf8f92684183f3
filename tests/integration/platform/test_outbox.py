"""Messages that leave with the transaction that writes them."""

import logging
import socket
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import boto3
import psycopg
import pytest

from tests.conftest import Set
from tests.support.api import handler_of
from tests.support.database import Sql, count
from tests.support.logs import listening
from tests.support.people import Person
from tests.support.workers import Workers
from tests.support.world import World
from vixenbliss.database import transaction
from vixenbliss.ids import new_id
from vixenbliss.jobs.messages import Message, Queue, Task, generate, moderate
from vixenbliss.loop import run
from vixenbliss.providers import sqs
from vixenbliss.repositories.outbox import OutboxRepository
from vixenbliss.services import outbox
from vixenbliss.services.outbox import Outbox

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

AGED = "update outbox set available_at = available_at - interval '10 seconds'"
CHECK = {"text": "a walk by the sea"}


class Post:
    """The queues, from the side where messages come out."""

    def __init__(self, client: "SQSClient", environment: dict[str, str]) -> None:
        self._client = client
        self._urls = {
            queue: environment[f"QUEUE_URL_{queue.upper()}"] for queue in Queue
        }

    def received(self, queue: Queue = Queue.GENERATE) -> list[UUID]:
        """Take out what can be taken now; return what it means."""
        ids: list[UUID] = []
        url = self._urls[queue]
        while messages := self._client.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10
        ).get("Messages"):
            for message in messages:
                ids.append(Task.model_validate_json(message["Body"]).id)
                self._client.delete_message(
                    QueueUrl=url, ReceiptHandle=message["ReceiptHandle"]
                )
        return ids


@pytest.fixture
def post(aws: dict[str, str]) -> Post:
    """Queues of moto, new: others have left what nobody takes out."""
    client: SQSClient = boto3.client("sqs")
    for queue in Queue:
        client.delete_queue(QueueUrl=aws[f"QUEUE_URL_{queue.upper()}"])
        client.create_queue(QueueName=queue)
    return Post(client, aws)


@pytest.fixture
def silence(aws: dict[str, str], surroundings: Set) -> Iterator[None]:
    """Let SQS not answer."""
    surroundings(AWS_ENDPOINT_URL="http://127.0.0.1:1")
    sqs._client.cache_clear()  # noqa: SLF001 - a container keeps it for life
    yield
    sqs._client.cache_clear()  # noqa: SLF001


@pytest.fixture
def hush(
    aws: dict[str, str], surroundings: Set, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Let SQS take every call, and say nothing."""
    monkeypatch.setattr(outbox, "HAND_OVER_S", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        queues = {f"QUEUE_URL_{queue.upper()}": f"{url}/1/{queue}" for queue in Queue}
        surroundings(AWS_ENDPOINT_URL=url, **queues)
        sqs._client.cache_clear()  # noqa: SLF001 - a container keeps it for life
        yield
    sqs._client.cache_clear()  # noqa: SLF001


async def send(*messages: Message) -> None:
    """Write messages in a transaction that ends well."""
    async with transaction() as connection:
        await Outbox(connection).send(*messages)


async def leave_behind(*messages: Message) -> None:
    """Write messages, and die between the commit and the sending."""
    async with transaction() as connection:
        await OutboxRepository(connection).add(messages, correlation_id=None)


def push() -> int:
    """Let the schedule come; return how many messages it has sent."""
    return int(handler_of("PushOutboxFunction")({}, None)["sent"])


def test_a_message_is_sent_once_it_is_committed(sql: Sql, post: Post) -> None:
    message = generate(new_id())

    run(send(message))

    assert post.received() == [message.subject_id]
    assert count(sql, "outbox", sent_at=None) == 0


def test_a_message_of_a_transaction_that_fails_is_never_sent(
    sql: Sql, post: Post
) -> None:
    async def failing() -> None:
        async with transaction() as connection:
            await Outbox(connection).send(generate(new_id()))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        run(failing())

    assert post.received() == []
    assert count(sql, "outbox") == 0


def test_one_reason_sends_one_message(sql: Sql, post: Post) -> None:
    message = generate(new_id())

    run(send(message))
    run(send(message))

    assert post.received() == [message.subject_id]
    assert count(sql, "outbox") == 1


def test_more_messages_than_fit_in_a_batch_are_all_sent(sql: Sql, post: Post) -> None:
    messages = [generate(new_id()) for _ in range(25)]

    run(send(*messages))

    assert set(post.received()) == {message.subject_id for message in messages}
    assert count(sql, "outbox", sent_at=None) == 0


def test_each_message_goes_to_its_queue(post: Post, database: str) -> None:
    wished, judged = generate(new_id()), moderate(new_id())

    run(send(wished, judged))

    assert post.received(Queue.GENERATE) == [wished.subject_id]
    assert post.received(Queue.MODERATE) == [judged.subject_id]


def test_a_message_that_is_left_behind_is_sent_by_the_schedule(
    sql: Sql, post: Post
) -> None:
    message = generate(new_id())
    run(leave_behind(message))
    sql.execute(AGED)

    sent = push()

    assert sent == 1
    assert post.received() == [message.subject_id]
    assert count(sql, "outbox", sent_at=None) == 0


def test_the_schedule_sends_nothing_twice(sql: Sql, post: Post) -> None:
    run(leave_behind(generate(new_id())))
    sql.execute(AGED)
    push()

    assert push() == 0


def test_a_message_that_is_on_its_way_is_left_to_its_writer(
    post: Post, database: str
) -> None:
    run(leave_behind(generate(new_id())))

    assert push() == 0
    assert post.received() == []


def test_the_schedule_sends_all_that_is_left(sql: Sql, post: Post) -> None:
    run(leave_behind(*(generate(new_id()) for _ in range(230))))
    sql.execute(AGED)

    assert push() == 230
    assert count(sql, "outbox", sent_at=None) == 0


def test_the_schedule_deletes_what_was_sent_long_ago(sql: Sql, post: Post) -> None:
    old, recent = generate(new_id()), generate(new_id())
    run(send(old, recent))
    sent_before = "update outbox set sent_at = now() - %s where subject_id = %s"
    sql.execute(sent_before, (timedelta(days=36), old.subject_id))
    sql.execute(sent_before, (timedelta(days=34), recent.subject_id))

    push()

    assert count(sql, "outbox", subject_id=old.subject_id) == 0
    assert count(sql, "outbox", subject_id=recent.subject_id) == 1


def test_the_schedule_deletes_nothing_that_was_not_sent(
    sql: Sql, silence: None
) -> None:
    run(leave_behind(generate(new_id())))
    sql.execute("update outbox set available_at = now() - interval '36 days'")

    push()

    assert count(sql, "outbox", sent_at=None) == 1


def test_the_schedule_deletes_some_at_a_time(
    sql: Sql, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "FORGET", 2)
    run(send(*(generate(new_id()) for _ in range(3))))
    sql.execute("update outbox set sent_at = now() - interval '36 days'")

    push()

    assert count(sql, "outbox") == 1


def test_a_delayed_message_is_not_seen_early(sql: Sql, post: Post) -> None:
    later = Message(Queue.GENERATE, new_id(), "later", delay=timedelta(minutes=10))

    run(send(later))

    assert post.received() == []
    assert count(sql, "outbox", sent_at=None) == 0


def test_the_schedule_does_not_send_a_delayed_message_early(
    sql: Sql, post: Post
) -> None:
    later = Message(Queue.GENERATE, new_id(), "later", delay=timedelta(minutes=10))
    run(leave_behind(later))
    sql.execute(AGED)

    assert push() == 0
    assert post.received() == []


def test_two_pushers_do_not_send_the_same_message(
    sql: Sql, post: Post, database: str
) -> None:
    messages = [generate(new_id()) for _ in range(3)]
    run(leave_behind(*messages))
    sql.execute(AGED)

    with psycopg.connect(database) as other:
        other.execute("select id from outbox order by id limit 1 for update")
        sent_beside = push()

    assert sent_beside == 2
    assert push() == 1
    assert set(post.received()) == {message.subject_id for message in messages}


def test_a_request_succeeds_while_no_queue_answers(
    luna: Person, sql: Sql, silence: None
) -> None:
    luna.api("POST", "/api/v1/policy/check", CHECK).ok(202)

    assert count(sql, "outbox", queue="moderate", sent_at=None) == 1


def test_a_request_is_answered_while_a_queue_hangs(
    luna: Person, sql: Sql, hush: None
) -> None:
    luna.api("POST", "/api/v1/policy/check", CHECK).ok(202)

    assert count(sql, "outbox", queue="moderate", sent_at=None) == 1


def test_a_request_succeeds_where_no_queue_is_known(luna: Person, sql: Sql) -> None:
    luna.api("POST", "/api/v1/policy/check", CHECK).ok(202)

    assert count(sql, "outbox", queue="moderate", sent_at=None) == 1


def test_the_schedule_survives_the_silence(sql: Sql, silence: None) -> None:
    run(leave_behind(generate(new_id())))
    sql.execute(AGED)

    assert push() == 0
    assert count(sql, "outbox", sent_at=None) == 1


def test_the_schedule_does_not_wait_for_a_silent_queue_again_and_again(
    sql: Sql, silence: None
) -> None:
    run(leave_behind(*(generate(new_id()) for _ in range(35))))
    sql.execute(AGED)

    with listening(logging.WARNING) as lines:
        push()

    assert lines.text.count("messages left in the outbox") == 1


def test_a_queue_that_is_not_there_holds_up_no_other(
    sql: Sql, post: Post, surroundings: Set
) -> None:
    surroundings(QUEUE_URL_GENERATE=None)
    message = moderate(new_id())
    run(leave_behind(generate(new_id()), message))
    sql.execute(AGED)

    sent = push()

    assert sent == 1
    assert post.received(Queue.MODERATE) == [message.subject_id]
    assert count(sql, "outbox", sent_at=None) == 1


def test_a_message_that_comes_twice_has_its_effect_once(
    luna: Person, workers: Workers, world: World
) -> None:
    decision = luna.api("POST", "/api/v1/policy/check", CHECK).ok(202)["decision_id"]

    workers.run("moderate", decision)
    workers.run("moderate", decision)

    assert len(world.calls("openai", "moderations.create")) == 1


def test_a_message_says_which_request_it_comes_from(
    luna: Person, aws: dict[str, str], post: Post, sql: Sql
) -> None:
    headers = {"x-request-id": "request-of-luna"}

    luna.api("POST", "/api/v1/policy/check", CHECK, headers=headers).ok(202)

    assert count(sql, "outbox", correlation_id="request-of-luna") == 1
