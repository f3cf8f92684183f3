"""An SQS batch on its way to a function, and what its answer means; no I/O.

Source: Lambda guide, "Using Lambda with Amazon SQS" and "Implementing partial batch
responses".
"""

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from tests.stack.wire import Json, JsonObject

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

_RENAMED = {
    "StringValue": "stringValue",
    "BinaryValue": "binaryValue",
    "DataType": "dataType",
}


def record_of(message: "MessageTypeDef", *, queue_arn: str, region: str) -> JsonObject:
    """Return a message as a function sees it."""
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": {str(k): v for k, v in message.get("Attributes", {}).items()},
        "messageAttributes": {
            name: _attribute(value)
            for name, value in message.get("MessageAttributes", {}).items()
        },
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": region,
    }


def failed(response: bytes, ids: Sequence[str], *, reports_failures: bool) -> set[str]:
    """Return which messages of a batch stay in the queue after a successful return.

    A mapping without ReportBatchItemFailures never looks at the answer. With it, the
    batch is a complete success if the answer, or its list, is empty or null; it is a
    complete failure if an identifier is empty, null, unknown or under another name, or
    if the answer has another shape.
    """
    if not reports_failures:
        return set()
    everything = set(ids)
    try:
        named = _named(json.loads(response or b"null"))
    except (ValueError, TypeError, KeyError):
        return everything
    return everything if named - everything else named


def _named(answer: Json) -> set[str]:
    failures = answer.get("batchItemFailures") if isinstance(answer, dict) else answer
    if failures is None:
        return set()
    if not isinstance(answer, dict) or not isinstance(failures, list):
        raise TypeError
    return {_identifier(failure) for failure in failures}


def _identifier(failure: Json) -> str:
    identifier = failure["itemIdentifier"] if isinstance(failure, dict) else None
    if not isinstance(identifier, str) or not identifier:
        raise TypeError
    return identifier


def _attribute(value: Mapping[str, object]) -> JsonObject:
    return {
        _RENAMED[name]: b64encode(inner).decode() if isinstance(inner, bytes) else inner
        for name, inner in value.items()
        if name in _RENAMED and isinstance(inner, bytes | str)
    }
