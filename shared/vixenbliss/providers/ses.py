"""Amazon SES: the mail that leaves us.

SES has no idempotency key (API v2 reference, SendEmail): asked twice, it sends twice.
So a crash between the call and the commit that says so costs a second letter, whose
one-time token replaces the one in the first.
"""

import asyncio
from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

from vixenbliss.aws import PATIENCE, until_restored
from vixenbliss.errors import (
    OutcomeUnknownError,
    ProviderError,
    ProviderRefusedError,
    ProviderUnavailableError,
)
from vixenbliss.settings import settings

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

NAME = "SES"
_REFUSED = {  # API v2 reference, SendEmail, "Errors"; the others pass, or are mended
    "BadRequestException",
    "MailFromDomainNotVerifiedException",
    "MessageRejected",
    "NotFoundException",
}
_SERVER_ERROR = 500


@cache
def _client() -> "SESV2Client":
    until_restored(_client)
    return boto3.client("sesv2", config=PATIENCE)


class Mailbox:
    """The address that our letters are from."""

    def __init__(self) -> None:
        self._from = settings().mail_from

    async def send(self, address: str, *, subject: str, text: str) -> str:
        """Send a plain letter; return how SES names it.

        Raises:
            ProviderRefusedError: SES does not take this letter.
            ProviderUnavailableError: it was not sent, and may be later.
            OutcomeUnknownError: it may have been sent.
        """
        return await asyncio.to_thread(self._send, address, subject, text)

    def _send(self, address: str, subject: str, text: str) -> str:
        try:
            answer = _client().send_email(
                FromEmailAddress=self._from,
                Destination={"ToAddresses": [address]},
                Content={
                    "Simple": {
                        "Subject": {"Data": subject, "Charset": "UTF-8"},
                        "Body": {"Text": {"Data": text, "Charset": "UTF-8"}},
                    }
                },
            )
        except ClientError as error:
            raise _translated(error) from error
        except HTTPClientError as error:  # the request had left
            raise OutcomeUnknownError(NAME, "no answer") from error
        except BotoCoreError as error:
            raise ProviderUnavailableError(NAME, "out of reach") from error
        return answer["MessageId"]


def _translated(error: ClientError) -> ProviderError:
    """Say in our words what SES has answered; its own may tell addresses."""
    code = error.response["Error"]["Code"]
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    if code in _REFUSED:
        return ProviderRefusedError(NAME, f"not taken ({code})", their_code=code)
    if status >= _SERVER_ERROR:
        return OutcomeUnknownError(NAME, f"no clear answer ({code})", their_code=code)
    return ProviderUnavailableError(NAME, f"not now ({code})", their_code=code)
