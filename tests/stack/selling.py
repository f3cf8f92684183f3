"""The main job's sale: a membership and a tip, from the offer to the books."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import httpx

from tests.stack.brief import Membership
from tests.stack.client import Client, sign_in
from tests.stack.show import Stage
from vixenbliss.money import (
    MICROS_PER_UNIT,
    WITHOUT_MINOR_UNIT,
    micros_per_minor,
    to_micros,
)

PAID_S = 300
BOOKED_S = 60
LOOPBACK = ("127.0.0.1", "localhost")
FIGURES = ("revenue", "refunds", "fees", "disputes", "generation_cost", "margin")


class NotSoldError(Exception):
    """A sale has not come to its end."""


class Shop:
    """Sells what a brief offers, to a fan of its own making."""

    def __init__(self, owner: Client, wanted: Membership, avatar_id: str) -> None:
        self._owner = owner
        self._wanted = wanted
        self._avatar_id = avatar_id
        self._price_id = ""

    async def offer(self, stage: Stage) -> None:
        """Put the membership and the tips on sale."""
        wanted = self._wanted
        tier = secrets.token_hex(4)
        benefit = await self._owner.post(
            "/api/v1/benefits",
            {"kind": "content_tier", "ref": tier, "name": wanted.name},
        )
        sold = await self._owner.post(
            "/api/v1/products",
            {
                "kind": "membership",
                "name": wanted.name,
                "avatar_id": self._avatar_id,
                "benefit_ids": [benefit["id"]],
                "prices": [
                    {
                        "amount_minor": wanted.price_minor,
                        "currency": wanted.currency,
                        "interval": "month",
                    }
                ],
            },
        )
        self._price_id = sold["prices"][0]["id"]
        await self._offer_tips()
        price = amount(wanted.price_minor, wanted.currency)
        stage.detail = f"{wanted.name}, {price} a month, and tips"

    async def _offer_tips(self) -> None:
        """Take tips up to ten times what is given; those of before stand."""
        path = f"/api/v1/products?avatar_id={self._avatar_id}&kind=tip"
        if (await self._owner.get(path))["items"]:
            return
        bounds = {
            "min_amount_minor": self._wanted.tip_minor,
            "max_amount_minor": 10 * self._wanted.tip_minor,
        }
        await self._owner.post(
            "/api/v1/products",
            {
                "kind": "tip",
                "name": "A tip",
                "avatar_id": self._avatar_id,
                "prices": [bounds | {"currency": self._wanted.currency}],
            },
        )

    async def sell(self, stage: Stage) -> None:
        """Let somebody sign up, subscribe, and give a tip.

        Raises:
            NotSoldError: a page to pay on did not take the payment.
        """
        home = str(self._owner.http.base_url)
        async with httpx.AsyncClient(base_url=home, timeout=40) as http:
            fan = await _signed_up(http)
            back = {"success_url": home, "cancel_url": home}
            member = await fan.post(
                "/api/v1/checkout",
                {"lines": [{"price_id": self._price_id, "quantity": 1}], **back},
                **{"Idempotency-Key": secrets.token_hex(16)},
            )
            await self._pay(fan, member, stage)
            tip = await fan.post(
                "/api/v1/checkout/tips",
                {
                    "avatar_id": self._avatar_id,
                    "amount_minor": self._wanted.tip_minor,
                    "currency": self._wanted.currency,
                    "message": "For the lemons.",
                    **back,
                },
                **{"Idempotency-Key": secrets.token_hex(16)},
            )
            await self._pay(fan, tip, stage)
            held = await fan.until(
                lambda: fan.get("/api/v1/me/entitlements"),
                lambda seen: bool(seen["items"]),
                what="the membership",
                within_s=BOOKED_S,
            )
        opened = ", ".join(grant["benefit"]["name"] for grant in held["items"])
        stage.detail = f"a fan now holds {opened}, and has left a tip"

    async def _pay(
        self, fan: Client, checkout: Mapping[str, Any], stage: Stage
    ) -> None:
        """Pay as a browser would; at Stripe itself, somebody has to."""
        url = str(checkout["url"])
        if urlsplit(url).hostname in LOOPBACK:
            await _pay_at(url)
        else:
            stage.tell(f"pay at {url}")
        path = f"/api/v1/checkout/{checkout['checkout_id']}"
        await fan.until(
            lambda: fan.get(path),
            lambda seen: seen["status"] == "completed",
            what="the payment",
            within_s=PAID_S,
        )

    async def statement(self, stage: Stage) -> list[dict[str, Any]]:
        """Return the avatar's statement, by currency, once both payments are in it."""
        currency = self._wanted.currency
        paid = to_micros(self._wanted.price_minor + self._wanted.tip_minor, currency)
        path = f"/api/v1/ledger/statement?avatar_id={self._avatar_id}"
        told = await self._owner.until(
            lambda: self._owner.get(path),
            lambda seen: _income(seen["summary"], currency) >= paid,
            what="the books",
            within_s=BOOKED_S,
        )
        summary: list[dict[str, Any]] = told["summary"]
        stage.detail = ", ".join(
            f"{micros(one['margin']['micros'], one['currency'])} margin"
            for one in summary
        )
        return summary


async def _signed_up(http: httpx.AsyncClient) -> Client:
    """Return a client for a fan who was not there before."""
    email = f"fan-{secrets.token_hex(4)}@example.com"
    password = secrets.token_urlsafe(12)
    answer = await http.post(
        "/api/v1/users/", json={"email": email, "password": password}
    )
    answer.raise_for_status()
    return await sign_in(http, email, password)


async def _pay_at(url: str) -> None:
    """Fill in a stand-in's form.

    Raises:
        NotSoldError: it does not lead back to us.
    """
    async with httpx.AsyncClient(timeout=30) as browser:
        (await browser.get(url)).raise_for_status()
        paid = await browser.post(url)
    if paid.status_code != httpx.codes.SEE_OTHER:
        raise NotSoldError(f"the page to pay on said {paid.status_code}")


def _income(summary: Sequence[Mapping[str, Any]], currency: str) -> int:
    """Return what came in, in micros."""
    of_it = (one for one in summary if one["currency"] == currency)
    return sum(int(one["revenue"]["micros"]) for one in of_it)


def columns(summary: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what stands above the statement's columns."""
    return ["", *(str(one["currency"]).upper() for one in summary)]


def rows(summary: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """Return the statement, a line for each figure; the margin is the last."""
    return [
        [
            figure.replace("_", " "),
            *(micros(one[figure]["micros"], one["currency"]) for one in summary),
        ]
        for figure in FIGURES
    ]


def amount(minor: int, currency: str) -> str:
    """Return an amount in minor units as people write it."""
    return micros(to_micros(minor, currency), currency)


def micros(told: int, currency: str) -> str:
    """Return an amount in micros, as exact as it has to be."""
    is_whole = told % micros_per_minor(currency) == 0
    decimals = (0 if currency in WITHOUT_MINOR_UNIT else 2) if is_whole else 4
    return f"{told / MICROS_PER_UNIT:,.{decimals}f} {currency.upper()}"
