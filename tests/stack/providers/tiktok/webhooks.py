"""Webhooks as TikTok sends them: one address per app, signed, tried for 72 hours.

Signature: ``TikTok-Signature: t=…,s=…`` with HMAC-SHA256 of ``t.body`` under the
client secret (webhooks-verification). What the event is about is a JSON *string* in
``content`` (webhooks-events). Nothing names a delivery: copies look alike.
"""

import asyncio
import hmac
import json
from dataclasses import asdict, dataclass, field
from hashlib import sha256

import httpx

from tests.stack.providers.settings import WebhookBehaviour
from tests.stack.providers.tiktok.keys import CLIENT_KEY, CLIENT_SECRET
from tests.stack.providers.tiktok.pulls import client, is_near
from tests.stack.providers.world import World

_FIRST_GAP_S = 60
GAPS_S = (0, *(_FIRST_GAP_S * 2**n for n in range(12)))  # the last one after 68 hours
_EARLY_PATIENCE_S = 15


@dataclass
class Parcel:
    """One event on its way."""

    address: str
    event: str
    publish_id: str | None
    body: bytes
    tried: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True)
class Delivery:
    """One attempt, as a test may ask about it afterwards."""

    event: str
    publish_id: str | None
    attempt: int
    status: int | None
    error: str | None


class Courier:
    """Sends webhooks, and remembers how each attempt went."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._client = client()
        self._parcels: list[Parcel] = []
        self._deliveries: list[Delivery] = []

    def tell(
        self, address: str | None, event: str, open_id: str, content: dict[str, object]
    ) -> None:
        """Send an event to the app's address, if it has one."""
        if address is None:
            return
        shown = {
            "client_key": CLIENT_KEY,
            "event": event,
            "create_time": int(self._world.clock.now().timestamp()),
            "user_openid": open_id,
            "content": _compact(content),
        }
        publish_id = content.get("publish_id")
        about = None if publish_id is None else str(publish_id)
        parcel = Parcel(address, event, about, _compact(shown).encode())
        self._parcels.append(parcel)
        self._world.errands.start(self._carry(parcel))

    async def has_tried(self, publish_id: str) -> None:
        """Wait until each event of the post has been attempted once."""
        own = [parcel for parcel in self._parcels if parcel.publish_id == publish_id]
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
        """Close the connections to the receiver."""
        await self._client.aclose()

    async def _carry(self, parcel: Parcel) -> None:
        behaviour = self._world.webhooks.of(parcel.address)
        if behaviour.drop:
            self._note(parcel, 0, None, "dropped by order")
            return
        await asyncio.sleep(behaviour.delay_s)
        for attempt, gap_s in enumerate(GAPS_S, start=1):
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
        if not is_near(parcel.address):
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
            "tiktok-signature": signature(CLIENT_SECRET, at, signed),
        }

    def _note(
        self, parcel: Parcel, attempt: int, status: int | None, error: str | None
    ) -> None:
        parcel.tried.set()
        self._deliveries.append(
            Delivery(parcel.event, parcel.publish_id, attempt, status, error)
        )


def signature(secret: str, at: int, body: bytes) -> str:
    """Return the ``TikTok-Signature`` header for a body sent at that second."""
    mac = hmac.digest(secret.encode(), f"{at}.".encode() + body, sha256)
    return f"t={at},s={mac.hex()}"


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))
