"""What the tests of Stripe's stand-in ask over and over, by the official SDK."""

from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from stripe import HTTPXClient, StripeClient

from tests.stack.providers import Providers

MARKS = [
    pytest.mark.asyncio,
    # The SDK still sends forms the way httpx would rather not have it.
    pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning"),
]
SUCCESS = "https://studio.test/thanks?session={CHECKOUT_SESSION_ID}"
MONTHLY: dict[str, Any] = {"interval": "month"}

type Json = dict[str, Any]


@dataclass
class Till:
    """Stripe as our code sees it, and the door by which others act."""

    sdk: StripeClient
    control: httpx.AsyncClient
    plain: httpx.AsyncClient

    async def do(self, door: str, **what: object) -> Json:
        """Have somebody do something, and return what it was done to."""
        answer = await self.control.post(f"stripe/{door}", json=what)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    async def refuses(self, door: str, **what: object) -> Json:
        """Try to have something done that Stripe refuses, and return why."""
        answer = await self.control.post(f"stripe/{door}", json=what)
        assert answer.status_code in {400, 402, 404}, answer.text
        error: Json = answer.json()["error"]
        return error

    async def turn(self, **settings: object) -> None:
        """Change settings."""
        answer = await self.control.put("stripe/settings", json=settings)
        assert answer.status_code == 200, answer.text

    async def all(self, kind: str) -> list[Json]:
        """Return all objects of a kind, oldest first."""
        answer = await self.control.get(f"stripe/objects/{kind}")
        found: list[Json] = answer.json()
        return found

    async def events(self, *kinds: str) -> list[Json]:
        """Return all events, oldest first, or those of some types."""
        found = (await self.control.get("stripe/events")).json()
        return [event for event in found if not kinds or event["type"] in kinds]

    async def told(self) -> list[str]:
        """Return the types of all events, oldest first."""
        return [event["type"] for event in await self.events()]

    async def price(self, amount: int = 999, **more: Any) -> str:
        """Return the id of a new price by the month, or of what more says."""
        product = await self.sdk.v1.products.create_async(params={"name": "Luna"})
        wanted = {
            "currency": "eur",
            "product": product.id,
            "recurring": MONTHLY,
            "unit_amount": amount,
        }
        kept = {k: v for k, v in (wanted | more).items() if v is not None}
        return (await self.sdk.v1.prices.create_async(params=kept)).id  # type: ignore[arg-type] # made of parts

    async def session(self, **more: Any) -> str:
        """Return the id of a new session, for a tip of 5 € if nothing else is said."""
        return (await self.sdk.v1.checkout.sessions.create_async(tip(**more))).id  # type: ignore[arg-type] # made of parts

    async def subscribed(self, amount: int = 999, **more: Any) -> Json:
        """Return a new subscription by the month, paid for or on trial."""
        price = await self.price(amount)
        session = await self.session(
            mode="subscription", line_items=[{"price": price, "quantity": 1}], **more
        )
        await self.do("pay", session=session)
        return (await self.all("subscription"))[-1]

    async def charged(
        self, amount: int = 500, currency: str = "eur", **more: Any
    ) -> Json:
        """Return the charge of a new payment."""
        session = await self.session(**tip(amount, currency, **more))
        await self.do("pay", session=session)
        return (await self.all("charge"))[-1]

    async def balance(self, currency: str = "eur") -> int:
        """Return what the balance comes to, pending and available."""
        shown = (await self.control.get("stripe/balance")).json()
        every = shown["available"] + shown["pending"]
        return sum(each["amount"] for each in every if each["currency"] == currency)


def tip(amount: int = 500, currency: str = "eur", **more: Any) -> Json:
    """Return what a session for a tip is asked for with."""
    price = {
        "currency": currency,
        "unit_amount": amount,
        "product_data": {"name": "Tip"},
    }
    return {
        "mode": "payment",
        "success_url": SUCCESS,
        "line_items": [{"price_data": price, "quantity": 1}],
    } | more


def till(
    providers: Providers,
    control: httpx.AsyncClient,
    plain: httpx.AsyncClient,
    *,
    key: str | None = None,
) -> Till:
    """Return a till whose SDK asks once only."""
    return Till(sdk_of(providers, plain, key=key), control, plain)


def sdk_of(
    providers: Providers, plain: httpx.AsyncClient, *, key: str | None = None
) -> StripeClient:
    """Return the SDK, speaking to the stand-in."""
    http = HTTPXClient()
    http._client_async = plain  # noqa: SLF001 - no certificates are loaded
    return StripeClient(
        key or providers.stripe_api_key,
        base_addresses={"api": providers.stripe_base},
        http_client=http,
        max_network_retries=0,
    )
