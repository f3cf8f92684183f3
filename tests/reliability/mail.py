"""How Stripe's mail comes: in swarms, or again and again until it is taken."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import httpx

from tests.reliability.expected import Json
from tests.stack.providers.stripe.webhooks import body_of, headers_of

PATIENCE_S = 60
INSISTS_S = 120


@dataclass
class Mail:
    """What was sent to the webhook, and what it said."""

    sent: int = 0
    events: set[str] = field(default_factory=set)
    answers: Counter[int] = field(default_factory=Counter)


async def burst(url: str, mail: Sequence[Json], copies: int) -> Counter[int]:
    """Send each event in so many copies at once; return what was answered."""
    answers: Counter[int] = Counter()
    limits = httpx.Limits(max_connections=copies)
    async with httpx.AsyncClient(timeout=PATIENCE_S, limits=limits) as client:
        for event in mail:
            body = body_of(event)
            headers = headers_of(body, int(time.time()))
            sent = (
                client.post(url, content=body, headers=headers) for _ in range(copies)
            )
            answers.update(r.status_code for r in await asyncio.gather(*sent))
    return answers


def insist(door: httpx.Client, url: str, event: Json) -> list[int]:
    """Send an event until it is taken; return what was answered on the way."""
    body = body_of(event)
    answers = []
    end = time.monotonic() + INSISTS_S
    while True:
        headers = headers_of(body, int(time.time()))
        try:
            status = door.post(url, content=body, headers=headers).status_code
        except httpx.HTTPError:
            status = 0
        answers.append(status)
        if 200 <= status < 300:
            return answers
        assert time.monotonic() < end, f"{json.dumps(event)[:200]}: {answers[-5:]}"
        time.sleep(0.1)
