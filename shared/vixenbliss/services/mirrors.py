"""What every mirror of Stripe's objects has in common.

An event is a doorbell: it says which object to look at. A mirror looks at the object as
it stands and writes what it saw into our rows, in whatever order events come.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from vixenbliss.database import Connection
from vixenbliss.models.webhook_events import WebhookStatus


@dataclass(frozen=True, slots=True)
class Verdict:
    """What has been done about an event."""

    status: WebhookStatus
    note: str = ""
    waits_for: str | None = None
    """What has to become known first; see ``services.event_settling.awaken``."""


PROCESSED = Verdict(WebhookStatus.PROCESSED)


def ignored(note: str) -> Verdict:
    """Return the verdict on something that is not ours, or of no use to us."""
    return Verdict(WebhookStatus.IGNORED, note)


def deferred(waits_for: str) -> Verdict:
    """Return the verdict on something that is about a row which is not there yet."""
    return Verdict(WebhookStatus.DEFERRED, f"waits for {waits_for}", waits_for)


NOT_OURS = ignored("nothing of ours")
ANOTHERS = ignored("another customer's")


def named(metadata: Mapping[str, str] | None, key: str = "checkout_id") -> UUID | None:
    """Return which row an object's metadata name; that makes it nobody's.

    The object's customer has to be the row's, too.
    """
    try:
        return UUID((metadata or {}).get(key, ""))
    except ValueError:
        return None


def checkout(checkout_id: UUID) -> str:
    """Return the name by which events wait for what becomes of a checkout."""
    return f"checkout:{checkout_id}"


class Mirror[Seen](Protocol):
    """How one kind of Stripe's objects becomes rows of ours."""

    async def look(self, object_id: str) -> Seen:
        """Return the object as it stands; no transaction is open.

        Raises:
            ProviderError: it could not be read.
        """

    async def write(self, connection: Connection, seen: Seen) -> Verdict:
        """Write what was seen, in the transaction that holds the object's fence.

        It first locks the customer's row; seen twice, it is written once.
        """
