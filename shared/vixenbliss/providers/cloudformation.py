"""AWS CloudFormation: it waits for our answer about a resource of our own.

The answer is put to an address that CloudFormation has signed, together with what it
expects to be sent: no type of content. Source: CloudFormation guide, "Custom resource
response objects".
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import httpx

from vixenbliss.errors import ProviderUnavailableError
from vixenbliss.providers.http import keep_quiet

NAME = "CloudFormation"
PATIENCE_S = 2
TRIES = 2
MAX_REASON_BYTES = 1_000
"""The whole answer may have 4,096."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of a resource."""

    status: Literal["SUCCESS", "FAILED"]
    resource_id: str
    """Always the same for the same resource: another one means that it was replaced."""
    reason: str = ""
    data: Mapping[str, str] = field(default_factory=dict)


def tell(event: Mapping[str, Any], reply: Reply) -> None:
    """Answer a custom resource's event; an answer that is lost is sent once more.

    Raises:
        ProviderUnavailableError: it was not taken; CloudFormation waits in vain.
    """
    body = {
        "Status": reply.status,
        "Reason": _in_short(reply.reason),
        "PhysicalResourceId": reply.resource_id,
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
        "Data": dict(reply.data),
    }
    for tries_left in reversed(range(TRIES)):
        try:
            _put(event["ResponseURL"], json.dumps(body).encode())
        except httpx.HTTPError as error:
            if not tries_left:
                # Nothing of theirs is told: it holds the address with its signature.
                reason = f"answer not taken ({type(error).__name__})"
                raise ProviderUnavailableError(NAME, reason) from None
        else:
            return


def _put(url: str, body: bytes) -> None:
    """Put bytes of no type to an address, character by character as it was signed."""
    keep_quiet()
    response = httpx.put(url, content=body, timeout=PATIENCE_S)
    response.raise_for_status()


def _in_short(reason: str) -> str:
    return reason.encode()[:MAX_REASON_BYTES].decode(errors="ignore")
