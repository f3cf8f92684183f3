"""The control doors below ``/control/stripe``: payers, banks, and Stripe itself."""

import base64
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.stack.providers.guests import Door, body_of
from tests.stack.providers.stripe import orders, webhooks
from tests.stack.providers.stripe.errors import StripeError
from tests.stack.providers.stripe.house import House
from tests.stack.providers.stripe.settings import StripeSettings

type Json = dict[str, Any]


class Doors:
    """What a test may ask, or do."""

    def __init__(self, house: House) -> None:
        self._house = house

    def table(self) -> list[Door]:
        """Return methods, paths and what they do."""
        doors: list[Door] = [
            ("GET", "settings", self.settings),
            ("PUT", "settings", self.change_settings),
            ("GET", "objects/{kind}", self.objects),
            ("GET", "balance", self.balance),
            ("GET", "events", self.events),
            ("POST", "batch", self.batch),
            ("POST", "events/send", self.send),
            ("POST", "events/signed", self.signed),
            ("GET", "deliveries", self.deliveries),
            *(
                ("POST", path, self._act(order))
                for path, order in orders.ORDERS.items()
            ),
        ]
        return [(method, f"stripe/{path}", door) for method, path, door in doors]

    def _act(
        self, order: type[orders.Order]
    ) -> Callable[[Request], Awaitable[Response]]:
        """Return the door by which an order is given."""

        async def door(request: Request) -> Response:
            told = order.model_validate(await body_of(request))
            try:
                answer = told.give(self._house.engine)
            except StripeError as refusal:
                return refusal.response()
            finally:
                self._house.send()
            await self._house.told_early()
            return JSONResponse(answer)

        return door

    async def batch(self, request: Request) -> Response:
        """Have many things done at once; ``do`` names the door of each."""
        told = Batch.model_validate(await body_of(request)).orders
        given = [_order(str(each.pop("do", "")), each) for each in told]
        answers = [_given(order, self._house) for order in given]
        self._house.send()
        return JSONResponse(answers)

    async def settings(self, request: Request) -> Response:
        """Show the settings."""
        del request
        return JSONResponse(self._house.engine.settings.model_dump(mode="json"))

    async def change_settings(self, request: Request) -> Response:
        """Change the settings that are named, and leave the others."""
        changes = await body_of(request)
        if not isinstance(changes, dict):
            raise TypeError("settings are an object")
        merged = self._house.engine.settings.model_dump(mode="json") | changes
        self._house.engine.settings = StripeSettings.model_validate(merged)
        return await self.settings(request)

    async def objects(self, request: Request) -> Response:
        """Show all objects of a kind, oldest first."""
        return JSONResponse(self._house.engine.books.all(request.path_params["kind"]))

    async def balance(self, request: Request) -> Response:
        """Show the balance."""
        del request
        return JSONResponse(self._house.engine.balance.shown())

    async def events(self, request: Request) -> Response:
        """Show all events, oldest first, or those of one type."""
        return JSONResponse(self._house.engine.events(request.query_params.get("type")))

    async def send(self, request: Request) -> Response:
        """Send an event again, some times, or all there are."""
        again = Again.model_validate(await body_of(request))
        engine = self._house.engine
        events = engine.events() if again.id is None else [self._event(again.id)]
        for _ in range(again.times):
            self._house.courier.send(events, engine.settings)
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def signed(self, request: Request) -> Response:
        """Return an event's bytes and headers, to be delivered by the test itself."""
        again = Signed.model_validate(await body_of(request))
        body = webhooks.body_of(self._event(again.id))
        at = int(self._house.world.clock.wall().timestamp()) + again.skew_s
        headers = webhooks.headers_of(body, at)
        encoded = base64.b64encode(body).decode()
        return JSONResponse(
            {"body": body.decode(), "base64": encoded, "headers": headers}
        )

    async def deliveries(self, request: Request) -> Response:
        """Show all attempts at delivering webhooks."""
        del request
        return JSONResponse(self._house.courier.deliveries())

    def _event(self, id_: str) -> Json:
        event = self._house.engine.books.log.find(id_)
        if event is None:
            raise ValueError("there is no such event")
        return event


def _order(name: str, told: Json) -> orders.Order:
    if name not in orders.ORDERS:
        raise ValueError(f"nobody can do {name!r}")
    return orders.ORDERS[name].model_validate(told)


def _given(order: orders.Order, house: House) -> Json:
    try:
        return order.give(house.engine)
    except StripeError as refusal:
        return refusal.body


class Batch(BaseModel):
    """Many orders, in their order."""

    orders: list[Json]


class Again(BaseModel):
    """Which event is sent again, and how often; no id for all."""

    id: str | None = None
    times: int = 1


class Signed(BaseModel):
    """Which event is signed, and how far from now."""

    id: str
    skew_s: int = 0
