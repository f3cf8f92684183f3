"""What a mapping does with one batch, on a queue that only remembers."""

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

import pytest

from tests.stack.aws import Aws
from tests.stack.errors import InvocationError
from tests.stack.mappings import Feed, Mapping
from tests.stack.template import QueueSource
from tests.stack.wire import Json

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef


@dataclass
class _Queue:
    """An SQS client that knows one call."""

    deleted: list[str] = field(default_factory=list)

    def delete_message_batch(
        self,
        *,
        QueueUrl: str,  # noqa: N803 - SQS's own names
        Entries: list[dict[str, str]],  # noqa: N803
    ) -> None:
        assert QueueUrl == "http://queue"
        assert len(Entries) <= 10
        self.deleted += [entry["ReceiptHandle"] for entry in Entries]


@dataclass
class _Function:
    """A function with one answer to everything."""

    answer: Json = None
    error: InvocationError | None = None
    seen: list[str] = field(default_factory=list)

    async def invoke(self, name: str, payload: bytes) -> bytes:
        assert name == "Worker"
        self.seen += [record["messageId"] for record in json.loads(payload)["Records"]]
        if self.error:
            raise self.error
        return json.dumps(self.answer).encode()


def _feed(*patterns: str) -> Feed:
    source = QueueSource(
        function="Worker",
        queue="Jobs",
        batch_size=10,
        window_s=0,
        reports_item_failures=True,
        max_concurrency=2,
        patterns=patterns,
    )
    return Feed(source=source, url="http://queue", arn="arn:jobs", parallelism=2)


def _aws(queue: _Queue) -> Aws:
    nothing = cast("Any", None)
    return Aws(
        endpoint="http://aws",
        region="eu-west-1",
        account="123456789012",
        environment={},
        kms=cast("KMSClient", nothing),
        s3=cast("S3Client", nothing),
        secrets=cast("SecretsManagerClient", nothing),
        ses=cast("SESV2Client", nothing),
        sqs=cast("SQSClient", queue),
    )


def _mapping(queue: _Queue, function: _Function, *patterns: str) -> Mapping:
    return Mapping(_feed(*patterns), _aws(queue), function.invoke)


def _messages(count: int) -> list["MessageTypeDef"]:
    return [
        {
            "MessageId": f"m{number}",
            "ReceiptHandle": f"r{number}",
            "Body": json.dumps({"number": number}),
            "MD5OfBody": "",
        }
        for number in range(count)
    ]


@pytest.mark.asyncio
async def test_all_that_succeeds_is_deleted() -> None:
    queue, function = _Queue(), _Function()

    await _mapping(queue, function).work(_messages(12))

    assert queue.deleted == [f"r{number}" for number in range(12)]


@pytest.mark.asyncio
async def test_a_mapping_may_act_as_its_function() -> None:
    stacks, functions = _Queue(), _Queue()
    feed = replace(_feed(), sqs=cast("SQSClient", functions))
    mapping = Mapping(feed, _aws(stacks), _Function().invoke)

    await mapping.work(_messages(2))

    assert (stacks.deleted, functions.deleted) == ([], ["r0", "r1"])


@pytest.mark.asyncio
async def test_what_fails_stays() -> None:
    queue = _Queue()
    function = _Function({"batchItemFailures": [{"itemIdentifier": "m1"}]})

    await _mapping(queue, function).work(_messages(3))

    assert queue.deleted == ["r0", "r2"]


@pytest.mark.asyncio
async def test_after_a_crash_everything_stays() -> None:
    queue = _Queue()
    error = InvocationError("Runtime.ExitError", {"errorMessage": "killed"})

    await _mapping(queue, _Function(error=error)).work(_messages(3))

    assert queue.deleted == []


@pytest.mark.asyncio
async def test_what_the_filter_drops_is_deleted_unseen() -> None:
    queue, function = (
        _Queue(),
        _Function({"batchItemFailures": [{"itemIdentifier": ""}]}),
    )
    pattern = '{"body": {"number": [{"numeric": [">", 1]}]}}'

    await _mapping(queue, function, pattern).work(_messages(4))

    assert function.seen == ["m2", "m3"]
    assert queue.deleted == ["r0", "r1"]


@pytest.mark.asyncio
async def test_a_batch_that_is_all_dropped_invokes_nobody() -> None:
    queue, function = _Queue(), _Function()

    await _mapping(queue, function, '{"body": {"other": [1]}}').work(_messages(2))

    assert function.seen == []
    assert queue.deleted == ["r0", "r1"]
