"""Webhooks as Meta sends them: one address per app, signed, tried for a day and a half.

Signature: ``X-Hub-Signature-256`` over the body, in which all that is not ASCII is
escaped as lowercase ``\\uXXXX``; the older SHA-1 goes beside it. Nothing names a
delivery: copies look alike. "Getting started", Graph API webhooks.
"""

import asyncio
import hmac
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import httpx

from tests.stack.providers.instagram import loopback
from tests.stack.providers.settings import WebhookBehaviour
from tests.stack.providers.world import World

_FIRST_GAP_S = 60
GAPS_S = (0, 0, *(_FIRST_GAP_S * 2**n for n in range(11)))  # the last after 34 hours


@dataclass(frozen=True)
class Parcel:
    """One body on its way to the app."""

    address: str
    about: str
    body: bytes
    secret: str


@dataclass(frozen=True)
class Delivery:
    """One attempt, as a test may ask about it afterwards."""

    about: str
    attempt: int
    status: int | None
    error: str | None


@dataclass(frozen=True)
class Reply:
    """What a receiver said, or why there is no answer."""

    status: int | None = None
    text: str = ""
    error: str | None = None

    @property
    def is_taken(self) -> bool:
        """Whether it was a 2xx."""
        return self.status is not None and self.status // 100 == 2


class Courier:
    """Speaks to the app, and remembers how each attempt went."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._client = loopback.client()
        self._deliveries: list[Delivery] = []

    def send(self, parcel: Parcel) -> None:
        """Begin to deliver."""
        self._world.errands.start(self._carry(parcel))

    def deliveries(self) -> list[dict[str, object]]:
        """Return all attempts in the order in which they ended."""
        return [asdict(delivery) for delivery in self._deliveries]

    def forget(self) -> None:
        """Remember no attempt."""
        self._deliveries.clear()

    async def close(self) -> None:
        """Close the connections to the app."""
        await self._client.aclose()

    async def ask(self, address: str, query: Mapping[str, str]) -> Reply:
        """Get an address of the app, with these parameters."""
        return await self._speak(httpx.Request("GET", address, params=dict(query)))

    async def hand_in(self, address: str, form: Mapping[str, str]) -> Reply:
        """Post a form to an address of the app."""
        return await self._speak(httpx.Request("POST", address, data=dict(form)))

    async def _carry(self, parcel: Parcel) -> None:
        behaviour = self._world.webhooks.of(parcel.address)
        if behaviour.drop:
            self._note(parcel, 0, Reply(error="dropped by order"))
            return
        await asyncio.sleep(behaviour.delay_s)
        for attempt, gap_s in enumerate(GAPS_S, start=1):
            await asyncio.sleep(gap_s * self._world.settings.time_scale)
            if await self._attempt(parcel, attempt):
                return

    async def _attempt(self, parcel: Parcel, attempt: int) -> bool:
        """Send all copies at once; return whether every one was taken."""
        behaviour = self._world.webhooks.of(parcel.address)
        headers = _headers(parcel, behaviour)
        copies = (
            self._speak(
                httpx.Request(
                    "POST", parcel.address, content=parcel.body, headers=headers
                ),
                behaviour.timeout_s,
            )
            for _ in range(behaviour.duplicate)
        )
        replies = await asyncio.gather(*copies)
        for reply in replies:
            self._note(parcel, attempt, reply)
        return all(reply.is_taken for reply in replies)

    async def _speak(self, request: httpx.Request, timeout_s: float = 10) -> Reply:
        if not loopback.is_near(str(request.url)):
            return Reply(error="not sent: stand-ins speak to loopback only")
        request.extensions["timeout"] = httpx.Timeout(timeout_s).as_dict()
        try:
            answer = await self._client.send(request)
        except httpx.HTTPError as error:
            return Reply(error=type(error).__name__)
        return Reply(answer.status_code, answer.text)

    def _note(self, parcel: Parcel, attempt: int, reply: Reply) -> None:
        self._deliveries.append(
            Delivery(parcel.about, attempt, reply.status, reply.error)
        )


def signature(secret: str, body: bytes, digest: str = "sha256") -> str:
    """Return the ``X-Hub-Signature-256`` header for a body, or that of SHA-1."""
    return f"{digest}={hmac.digest(secret.encode(), body, digest).hex()}"


def written(value: object) -> bytes:
    """Return a body as Meta writes it: no blanks, and nothing but ASCII."""
    return json.dumps(value, separators=(",", ":")).encode()


def _headers(parcel: Parcel, behaviour: WebhookBehaviour) -> dict[str, str]:
    signed = parcel.body + b"!" if behaviour.corrupt else parcel.body
    return {
        "content-type": "application/json",
        "user-agent": "facebookplatform/1.0 (+http://developers.facebook.com)",
        "x-hub-signature": signature(parcel.secret, signed, "sha1"),
        "x-hub-signature-256": signature(parcel.secret, signed),
    }
