"""What a function's answer to a batch means."""

import json
from typing import TYPE_CHECKING

import pytest

from tests.stack import batches
from tests.stack.wire import Json

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

_IDS = ["m1", "m2", "m3"]


def _failed(answer: Json, *, reports_failures: bool = True) -> set[str]:
    response = json.dumps(answer).encode()
    return batches.failed(response, _IDS, reports_failures=reports_failures)


@pytest.mark.parametrize(
    "answer", [None, {}, {"batchItemFailures": []}, {"batchItemFailures": None}]
)
def test_nothing_named_means_all_is_fine(answer: Json) -> None:
    failed = _failed(answer)

    assert failed == set()


def test_what_is_named_stays() -> None:
    answer: Json = {"batchItemFailures": [{"itemIdentifier": "m2"}]}

    failed = _failed(answer)

    assert failed == {"m2"}


@pytest.mark.parametrize(
    "answer",
    [
        {"batchItemFailures": [{"itemIdentifier": "m2"}, {"itemIdentifier": "m9"}]},
        {"batchItemFailures": [{"itemIdentifier": ""}]},
        {"batchItemFailures": [{"itemIdentifier": None}]},
        {"batchItemFailures": [{"itemIdentifier": 2}]},
        {"batchItemFailures": [{"id": "m2"}]},
        {"batchItemFailures": ["m2"]},
        {"batchItemFailures": [None]},
        {"batchItemFailures": {"itemIdentifier": "m2"}},
        {"batchItemFailures": "m2"},
        ["m2"],
        "m2",
        True,
    ],
)
def test_a_wrong_answer_fails_the_whole_batch(answer: Json) -> None:
    failed = _failed(answer)

    assert failed == set(_IDS)


def test_an_answer_that_is_not_json_fails_the_whole_batch() -> None:
    failed = batches.failed(b"<html>", _IDS, reports_failures=True)

    assert failed == set(_IDS)


def test_a_mapping_that_was_not_told_to_does_not_look_at_the_answer() -> None:
    answer: Json = {"batchItemFailures": [{"itemIdentifier": "m2"}]}

    failed = _failed(answer, reports_failures=False)

    assert failed == set()


def test_a_record_is_spelled_as_lambda_spells_it() -> None:
    message: MessageTypeDef = {
        "MessageId": "m1",
        "ReceiptHandle": "r1",
        "Body": "hello",
        "MD5OfBody": "5d41",
        "Attributes": {"ApproximateReceiveCount": "2"},
        "MessageAttributes": {
            "kind": {"StringValue": "a", "DataType": "String"},
            "blob": {"BinaryValue": b"\x00", "DataType": "Binary"},
        },
    }

    record = batches.record_of(message, queue_arn="arn:q", region="eu-west-1")

    assert record == {
        "messageId": "m1",
        "receiptHandle": "r1",
        "body": "hello",
        "md5OfBody": "5d41",
        "attributes": {"ApproximateReceiveCount": "2"},
        "messageAttributes": {
            "kind": {"stringValue": "a", "dataType": "String"},
            "blob": {"binaryValue": "AA==", "dataType": "Binary"},
        },
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:q",
        "awsRegion": "eu-west-1",
    }
