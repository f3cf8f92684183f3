"""Amazon SQS: the queues."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from vixenbliss.aws import PATIENCE, until_restored, words_of
from vixenbliss.errors import ProviderUnavailableError
from vixenbliss.settings import settings

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import (
        ChangeMessageVisibilityBatchRequestEntryTypeDef,
        SendMessageBatchRequestEntryTypeDef,
    )

MAX_BATCH = 10  # SendMessageBatch


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message for a queue."""

    body: str
    correlation_id: str | None = None
    delay_s: int = 0


@dataclass(frozen=True, slots=True)
class Depth:
    """How many messages a queue has, about."""

    waiting: int
    in_flight: int


@cache
def _client() -> "SQSClient":
    until_restored(_client)
    return boto3.client("sqs", config=PATIENCE)


class Queues:
    """The queues that this function knows, by their names in the template."""

    async def send(self, name: str, parcels: Sequence[Parcel]) -> list[bool]:
        """Send up to ten messages; return which of them the queue has taken.

        Raises:
            ProviderUnavailableError: it is not known whether any was taken.
        """
        return await asyncio.to_thread(self._send, settings().queue_url(name), parcels)

    def _send(self, url: str, parcels: Sequence[Parcel]) -> list[bool]:
        entries = [_entry(number, parcel) for number, parcel in enumerate(parcels)]
        try:
            answer = _client().send_message_batch(QueueUrl=url, Entries=entries)
        except (BotoCoreError, ClientError) as error:
            raise ProviderUnavailableError(
                "SQS", "messages not sent", words=words_of(error)
            ) from error
        taken = {entry["Id"] for entry in answer.get("Successful", [])}
        return [str(number) in taken for number in range(len(parcels))]

    async def depth(self, name: str) -> Depth:
        """Return how full a queue is.

        Raises:
            ProviderUnavailableError: SQS does not say.
        """
        return await asyncio.to_thread(self._depth, settings().queue_url(name))

    def _depth(self, url: str) -> Depth:
        try:
            answer = _client().get_queue_attributes(
                QueueUrl=url, AttributeNames=["All"]
            )
        except (BotoCoreError, ClientError) as error:
            raise ProviderUnavailableError(
                "SQS", "queue not looked at", words=words_of(error)
            ) from error
        told = answer["Attributes"]
        return Depth(
            waiting=int(told["ApproximateNumberOfMessages"])
            + int(told["ApproximateNumberOfMessagesDelayed"]),
            in_flight=int(told["ApproximateNumberOfMessagesNotVisible"]),
        )

    async def show_again(self, name: str, receipts: Sequence[tuple[str, int]]) -> None:
        """Let received messages come again after so many seconds, best effort."""
        url = settings().queue_url(name)
        await asyncio.to_thread(self._show_again, url, receipts)

    def _show_again(self, url: str, receipts: Sequence[tuple[str, int]]) -> None:
        for start in range(0, len(receipts), MAX_BATCH):
            entries: list[ChangeMessageVisibilityBatchRequestEntryTypeDef] = [
                {"Id": str(n), "ReceiptHandle": handle, "VisibilityTimeout": seconds}
                for n, (handle, seconds) in enumerate(receipts[start:][:MAX_BATCH])
            ]
            try:
                _client().change_message_visibility_batch(QueueUrl=url, Entries=entries)
            except (BotoCoreError, ClientError) as error:
                raise ProviderUnavailableError(
                    "SQS", "not shown again", words=words_of(error)
                ) from error


def _entry(number: int, parcel: Parcel) -> "SendMessageBatchRequestEntryTypeDef":
    entry: SendMessageBatchRequestEntryTypeDef = {
        "Id": str(number),
        "MessageBody": parcel.body,
    }
    if parcel.delay_s:
        entry["DelaySeconds"] = parcel.delay_s
    if parcel.correlation_id:
        entry["MessageAttributes"] = {
            "correlation_id": {
                "DataType": "String",
                "StringValue": parcel.correlation_id,
            }
        }
    return entry
