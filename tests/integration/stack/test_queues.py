"""Queues: redelivery, partial failures, dead letters, order."""

import json
from collections import Counter

import pytest
from mypy_boto3_sqs.type_defs import SendMessageRequestTypeDef

from tests.integration.stack.conftest import Site, eventually
from tests.stack.wire import Json, JsonObject

pytestmark = pytest.mark.stack
TRIES = 2
"""The tiny product's ``maxReceiveCount``; nothing comes back there by itself."""


def _send(site: Site, queue: str, **body: Json) -> None:
    text = json.dumps(body)
    message: SendMessageRequestTypeDef
    message = {"QueueUrl": site.stack.ref(queue), "MessageBody": text}
    if "group" in body:
        message["MessageGroupId"] = str(body["group"])
        message["MessageDeduplicationId"] = text
    site.stack.aws.sqs.send_message(**message)


def _records(site: Site, test: str) -> list[JsonObject]:
    """Return what the function has seen of a test's messages."""
    return [r for r in site.diary() if json.loads(str(r["body"]))["test"] == test]


def _seen(site: Site, test: str) -> list[dict[str, Json]]:
    return [json.loads(str(record["body"])) for record in _records(site, test)]


def _failed(site: Site, test: str) -> list[JsonObject]:
    """Return the records of a test's messages that came to nothing."""
    bodies = [(record, json.loads(str(record["body"]))) for record in site.diary()]
    return [
        record
        for record, body in bodies
        if body["test"] == test and (body.get("fail") or body.get("crash"))
    ]


def _bring_back(site: Site, test: str) -> None:
    """Make a test's message visible as soon as it has failed, until it is dead."""

    def has_failed_again() -> bool:
        return len(_failed(site, test)) > len(seen)

    seen: list[JsonObject] = []
    while len(seen) < TRIES:
        eventually(has_failed_again)
        seen = _failed(site, test)
        site.stack.aws.sqs.change_message_visibility(
            QueueUrl=site.stack.ref("WorkQueue"),
            ReceiptHandle=str(seen[-1]["receiptHandle"]),
            VisibilityTimeout=0,
        )


def _dead(site: Site) -> set[str]:
    """Return whose messages are among the dead letters, and leave them there."""
    answer = site.stack.aws.sqs.receive_message(
        QueueUrl=site.stack.ref("DeadLetters"),
        MaxNumberOfMessages=10,
        VisibilityTimeout=0,
    )
    return {json.loads(m["Body"])["test"] for m in answer.get("Messages", [])}


def _is_empty(site: Site, *queues: str) -> bool:
    depths = site.stack.queue_depths()
    return not any(depths[queue].total for queue in queues)


def test_what_succeeds_is_done_once(site: Site) -> None:
    for number in range(12):
        _send(site, "WorkQueue", test="once", number=number)

    eventually(lambda: len(_seen(site, "once")) >= 12 and _is_empty(site, "WorkQueue"))

    counts = Counter(str(body["number"]) for body in _seen(site, "once"))
    assert set(counts.values()) == {1}


def test_a_poison_message_ends_among_the_dead_and_harms_nobody(site: Site) -> None:
    for number in range(5):
        _send(site, "WorkQueue", test="poison", number=number, fail=number == 2)

    _bring_back(site, "poison")

    eventually(lambda: "poison" in _dead(site))

    counts = Counter(body["number"] for body in _seen(site, "poison"))
    assert counts == {0: 1, 1: 1, 2: 2, 3: 1, 4: 1}


def test_a_crash_brings_the_whole_batch_back(site: Site) -> None:
    _send(site, "WorkQueue", test="crash", crash=True)

    _bring_back(site, "crash")

    eventually(lambda: "crash" in _dead(site))

    tries = [record["attributes"] for record in _records(site, "crash")]
    counts = [t["ApproximateReceiveCount"] for t in tries if isinstance(t, dict)]
    assert counts == ["1", "2"]


def test_a_group_keeps_its_order(site: Site) -> None:
    for number in range(12):
        _send(site, "OrderedQueue", test="order", number=number, group="g")

    eventually(lambda: len(_seen(site, "order")) >= 12)

    assert [body["number"] for body in _seen(site, "order")] == list(range(12))


def test_a_record_names_its_queue(site: Site) -> None:
    _send(site, "WorkQueue", test="name")

    eventually(lambda: len(_seen(site, "name")) == 1)

    (record,) = _records(site, "name")
    assert str(record["eventSourceARN"]).endswith(":WorkQueue")
    assert record["awsRegion"] == site.stack.aws.region


def test_a_letter_is_put_where_it_can_be_read(site: Site) -> None:
    sender = site.stack.ref("MailFrom")

    site.stack.aws.ses.send_email(
        FromEmailAddress=sender,
        Destination={"ToAddresses": ["luna@example.com"]},
        Content={
            "Simple": {
                "Subject": {"Data": "Hello"},
                "Body": {"Text": {"Data": "Adiós"}},
            }
        },
    )

    (letter,) = (site.root / ".local/mail").iterdir()
    assert letter.name == "0001 luna@example.com.txt"
    head, _, body = letter.read_text(encoding="utf-8").partition("\n\n")
    assert head.splitlines()[1:] == ["To: luna@example.com", "Subject: Hello"]
    assert body == "Adiós"
