"""Webhooks as Replicate sends them: signed, for wanted events, retried for a minute.

Signature: Standard Webhooks, over ``id.timestamp.body`` with the key behind ``whsec_``.
Retries (docs/topics/webhooks): the terminal event only, with growing gaps, the last
one about a minute after the prediction ended. Redirects are not followed.
"""

import asyncio
import base64
import hmac
import json
import ssl
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from urllib.parse import urlsplit

import httpx

from tests.stack.providers.replicate.predictions import Prediction
from tests.stack.providers.settings import WebhookBehaviour
from tests.stack.providers.world import WEBHOOK_SECRET, World, new_id

TERMINAL_EVENT = "completed"
GAPS_S = (0, 1, 2, 4, 8, 16, 29)  # the last attempt is a minute after the first
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_EARLY_PATIENCE_S = 15


@dataclass
class Parcel:
    """One event on its way to its receiver."""

    address: str
    prediction: str
    event: str
    body: bytes
    id: str = field(default_factory=lambda: new_id("msg_", 24))
    tried: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True)
class Delivery:
    """One attempt, as a test may ask about it afterwards."""

    webhook_id: str
    prediction: str
    event: str
    attempt: int
    status: int | None
    error: str | None


class Courier:
    """Sends webhooks, and remembers how each attempt went."""

    def __init__(self, world: World) -> None:
        self._world = world
        # No certificates are loaded: on loopback it never comes to TLS.
        plain = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._client = httpx.AsyncClient(trust_env=False, verify=plain)
        self._parcels: list[Parcel] = []
        self._deliveries: list[Delivery] = []

    def announce(self, prediction: Prediction, event: str, api: str) -> None:
        """Send the prediction as it is now, if its creator wants this event."""
        if prediction.webhook is None or event not in prediction.events:
            return
        body = json.dumps(prediction.on_the_wire(api, removed=False)).encode()
        parcel = Parcel(prediction.webhook, prediction.id, event, body)
        self._parcels.append(parcel)
        self._world.errands.start(self._carry(parcel))

    async def has_tried(self, prediction: Prediction) -> None:
        """Wait until each event of the prediction has been attempted once."""
        own = [p for p in self._parcels if p.prediction == prediction.id]
        async with asyncio.timeout(_EARLY_PATIENCE_S):
            await asyncio.gather(*(parcel.tried.wait() for parcel in own))

    def deliveries(self) -> list[dict[str, object]]:
        """Return all attempts in the order in which they ended."""
        return [asdict(delivery) for delivery in self._deliveries]

    def forget(self) -> None:
        """Remember no attempt."""
        self._parcels.clear()
        self._deliveries.clear()

    async def close(self) -> None:
        """Close the connections to the receivers."""
        await self._client.aclose()

    async def _carry(self, parcel: Parcel) -> None:
        behaviour = self._world.webhooks.of(parcel.address)
        if behaviour.drop:
            self._note(parcel, 0, None, "dropped by order")
            return
        await asyncio.sleep(behaviour.delay_s)
        gaps = GAPS_S if parcel.event == TERMINAL_EVENT else GAPS_S[:1]
        for attempt, gap_s in enumerate(gaps, start=1):
            await asyncio.sleep(gap_s * self._world.settings.time_scale)
            if await self._attempt(parcel, attempt):
                return

    async def _attempt(self, parcel: Parcel, attempt: int) -> bool:
        """Send all copies at once; return whether every one was taken."""
        behaviour = self._world.webhooks.of(parcel.address)
        copies = (self._send(parcel, behaviour) for _ in range(behaviour.duplicate))
        results = await asyncio.gather(*copies)
        for status, error in results:
            self._note(parcel, attempt, status, error)
        return all(status is not None and status // 100 == 2 for status, _ in results)

    async def _send(
        self, parcel: Parcel, behaviour: WebhookBehaviour
    ) -> tuple[int | None, str | None]:
        if urlsplit(parcel.address).hostname not in _LOOPBACK:
            return None, "not sent: stand-ins speak to loopback only"
        try:
            response = await self._client.post(
                parcel.address,
                content=parcel.body,
                headers=self._headers(parcel, behaviour),
                timeout=behaviour.timeout_s,
            )
        except httpx.HTTPError as error:
            return None, type(error).__name__
        return response.status_code, None

    def _headers(self, parcel: Parcel, behaviour: WebhookBehaviour) -> dict[str, str]:
        at = int(self._world.clock.wall().timestamp()) + behaviour.skew_s
        signed = parcel.body + b"!" if behaviour.corrupt else parcel.body
        return {
            "content-type": "application/json",
            "webhook-id": parcel.id,
            "webhook-timestamp": str(at),
            "webhook-signature": signature(WEBHOOK_SECRET, parcel.id, at, signed),
        }

    def _note(
        self, parcel: Parcel, attempt: int, status: int | None, error: str | None
    ) -> None:
        parcel.tried.set()
        self._deliveries.append(
            Delivery(parcel.id, parcel.prediction, parcel.event, attempt, status, error)
        )


def signature(secret: str, message_id: str, at: int, body: bytes) -> str:
    """Return the ``webhook-signature`` header for a message."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{message_id}.{at}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, sha256)).decode()
