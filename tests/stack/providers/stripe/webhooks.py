"""Webhooks as Stripe sends them: signed, in any order, and again until taken.

``Stripe-Signature: t=…,v1=…,v0=…``: v1 is the HMAC-SHA256 of ``t.body`` under the
whole secret; v0 is noise that receivers have to overlook (docs.stripe.com/webhooks).
"""

import asyncio
import hmac
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import Any

import httpx

from tests.stack.providers.dice import Dice
from tests.stack.providers.settings import WebhookBehaviour
from tests.stack.providers.stripe.keys import WEBHOOK_SECRET
from tests.stack.providers.stripe.settings import StripeSettings
from tests.stack.providers.tiktok.pulls import client, is_near
from tests.stack.providers.world import World

type Json = dict[str, Any]

_FIRST_GAP_S = 60
_EARLY_PATIENCE_S = 15


@dataclass
class Parcel:
    """One event on its way."""

    address: str
    event: Json
    body: bytes
    attempts: int
    due: float
    """When its first attempt may be, by the loop's clock."""
    tried: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True)
class Delivery:
    """One attempt, as a test may ask about it afterwards."""

    event: str
    id: str
    attempt: int
    status: int | None
    error: str | None


class Courier:
    """Sends events, and remembers how each attempt went."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._client = client()
        self._on_the_way: list[Parcel] = []
        self._deliveries: list[Delivery] = []
        self._last_act: asyncio.Task[None] | None = None
        self.taken: set[str] = set()
        """The events that somebody has answered well."""

    def send(self, events: Sequence[Json], settings: StripeSettings) -> None:
        """Send the events of one act to the endpoint, if there is one."""
        if settings.webhook_url is None or not events:
            return
        for event in events:
            event["pending_webhooks"] = 1
        address = settings.webhook_url
        delay_s = self._world.webhooks.of(address).delay_s
        due = asyncio.get_running_loop().time() + delay_s
        parcels = [
            Parcel(address, event, body_of(event), settings.attempts, due)
            for event in events
        ]
        self._on_the_way += parcels
        if settings.order == "at_once":
            for parcel in parcels:
                self._world.errands.start(self._carry(parcel))
            return
        if settings.order == "shuffled":
            dice = Dice(self._world.settings.seed, *(e["type"] for e in events))
            parcels = dice.shuffled(parcels)
        work = self._one_by_one(parcels, after=self._last_act)
        self._last_act = self._world.errands.start(work)

    async def has_tried(self) -> None:
        """Wait until everything on its way has been attempted once."""
        async with asyncio.timeout(_EARLY_PATIENCE_S):
            for parcel in list(self._on_the_way):
                await parcel.tried.wait()

    def deliveries(self) -> list[Json]:
        """Return all attempts in the order in which they ended."""
        return [asdict(delivery) for delivery in self._deliveries]

    def forget(self) -> None:
        """Remember no attempt."""
        self._on_the_way.clear()
        self._deliveries.clear()
        self._last_act = None
        self.taken.clear()

    async def close(self) -> None:
        """Close the connections to the receiver."""
        await self._client.aclose()

    async def _one_by_one(
        self, parcels: Sequence[Parcel], *, after: asyncio.Task[None] | None
    ) -> None:
        """Begin with each parcel once the one before was attempted."""
        if after is not None:
            await asyncio.wait([after])
        for parcel in parcels:
            self._world.errands.start(self._carry(parcel))
            await parcel.tried.wait()

    async def _carry(self, parcel: Parcel) -> None:
        behaviour = self._world.webhooks.of(parcel.address)
        if behaviour.drop:
            self._note(parcel, 0, None, "dropped by order")
        else:
            await asyncio.sleep(parcel.due - asyncio.get_running_loop().time())
            await self._insist(parcel)
        parcel.event["pending_webhooks"] = 0
        if parcel in self._on_the_way:
            self._on_the_way.remove(parcel)

    async def _insist(self, parcel: Parcel) -> None:
        for attempt in range(1, parcel.attempts + 1):
            gap_s = _FIRST_GAP_S * 2 ** (attempt - 2) if attempt > 1 else 0
            await asyncio.sleep(gap_s * self._world.settings.time_scale)
            if await self._attempt(parcel, attempt):
                self.taken.add(parcel.event["id"])
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
                headers=self._headers(parcel.body, behaviour),
                timeout=behaviour.timeout_s,
            )
        except httpx.HTTPError as error:
            return None, type(error).__name__
        return response.status_code, None

    def _headers(self, body: bytes, behaviour: WebhookBehaviour) -> dict[str, str]:
        at = int(self._world.clock.wall().timestamp()) + behaviour.skew_s
        return headers_of(body + b"!" if behaviour.corrupt else body, at)

    def _note(
        self, parcel: Parcel, attempt: int, status: int | None, error: str | None
    ) -> None:
        parcel.tried.set()
        event = parcel.event
        self._deliveries.append(
            Delivery(event["type"], event["id"], attempt, status, error)
        )


def body_of(event: Json) -> bytes:
    """Return an event's bytes, indented as Stripe's are."""
    return json.dumps(event, indent=2, ensure_ascii=False).encode()


def headers_of(body: bytes, at: int, secret: str = WEBHOOK_SECRET) -> dict[str, str]:
    """Return the headers of a body that is sent at that second."""
    return {
        "content-type": "application/json; charset=utf-8",
        "stripe-signature": signature(secret, at, body),
        "user-agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
    }


def signature(secret: str, at: int, body: bytes) -> str:
    """Return the ``Stripe-Signature`` header for a body sent at that second."""
    mac = hmac.digest(secret.encode(), f"{at}.".encode() + body, sha256)
    noise = sha256(mac).hexdigest()
    return f"t={at},v1={mac.hex()},v0={noise}"
