"""How a call comes in: who asks, by which key, for what; and how it is answered."""

import json
from collections.abc import Awaitable, Callable, Mapping
from hashlib import sha256
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.stack.providers import calls
from tests.stack.providers.calls import Call, RefusedError
from tests.stack.providers.faults import Provider
from tests.stack.providers.stripe import errors
from tests.stack.providers.stripe.commands import Command
from tests.stack.providers.stripe.errors import StripeError
from tests.stack.providers.stripe.forms import decode
from tests.stack.providers.stripe.house import House
from tests.stack.providers.stripe.keys import API_KEY, VERSION
from tests.stack.providers.stripe.parameters import checked
from tests.stack.providers.stripe.replays import Replay, key_of

type Json = dict[str, Any]
type Endpoint = Callable[[Request], Awaitable[Response]]

API = "/stripe"


class Dialect:
    """How Stripe words what is the same for all its calls."""

    provider: Provider = "stripe"

    def __init__(self, house: House) -> None:
        self._house = house

    def stranger(self, request: Request) -> Response | None:
        """Refuse whoever has no key, or an idempotency key that is in use."""
        key = request.headers.get("authorization", "").removeprefix("Bearer ")
        if key != API_KEY:
            return errors.stranger(key).response()
        version = request.headers.get("stripe-version", VERSION)
        if version != VERSION:
            return errors.invalid(f"Invalid Stripe API version: {version}").response()
        refusal = self._house.replays.refusal(request)
        return None if refusal is None else refusal.response()

    def trouble(self, status: int, retry_after_s: int | None) -> Json | str:
        """Return the usual error of that status."""
        del retry_after_s
        return errors.body_of(status)

    def headers(self) -> dict[str, str]:
        """Return the headers all answers carry."""
        return {"stripe-version": VERSION}


class Gate:
    """The routes of all calls."""

    def __init__(self, house: House) -> None:
        self._house = house

    def routes(self) -> list[Route]:
        """Return the calls, each with its path."""
        return [
            Route(route.path, self._keyed(route.endpoint), methods=route.methods)
            for route in calls.routes(
                self._house.world,
                Dialect(self._house),
                [
                    (c.method, f"{API}{c.path}", c.name, self._handler(c.name))
                    for c in self._house.engine.commands.values()
                ],
            )
        ]

    def _keyed(self, endpoint: Endpoint) -> Endpoint:
        """Let a call hold its idempotency key until it is answered."""

        async def answer(request: Request) -> Response:
            with self._house.replays.running(request):
                return await endpoint(request)

        return answer

    def _handler(self, name: str) -> calls.Handler:
        async def handle(call: Call) -> Response:
            house = self._house
            request_id = house.engine.books.names.new("request")
            try:
                answer = self._answer(call, house.engine.commands[name], request_id)
            except StripeError as refusal:
                response = refusal.response()
                response.headers["request-id"] = request_id
                raise RefusedError(response) from refusal
            finally:
                house.send()
            await house.told_early()
            return answer

        return handle

    def _answer(self, call: Call, command: Command, request_id: str) -> Response:
        key = key_of(call.request)
        id_ = str(call.request.path_params.get("id", ""))
        sent = decode(_text(call))
        print_ = sha256(f"{command.name} {id_} {json.dumps(sent)}".encode()).hexdigest()
        kept = self._house.replays.find(key, print_)
        if kept is None:
            params = checked(command.params, sent)
            kept = self._carried_out(command, id_, params, (key, print_, request_id))
            body = json.loads(kept.body)
            if command.changes:
                call.effect(**_about(body, key))
            return _worded(kept, key, request_id)
        replayed = {"idempotent-replayed": "true"}
        return _worded(kept, key, request_id, replayed)

    def _carried_out(
        self, command: Command, id_: str, params: Json, by: tuple[str | None, str, str]
    ) -> Replay:
        """Carry out a call; a card's refusal counts as an answer like any other."""
        key, print_, request_id = by
        log = self._house.engine.books.log
        log.request = {"id": request_id, "idempotency_key": key}
        try:
            body = self._house.engine.carry_out(command, id_, params)
            status = HTTPStatus.OK
        except StripeError as refusal:
            if refusal.status != HTTPStatus.PAYMENT_REQUIRED:
                raise
            body, status = refusal.body, HTTPStatus.PAYMENT_REQUIRED
        finally:
            log.request = {"id": None, "idempotency_key": None}
        kept = Replay(print_, request_id, status, json.dumps(body).encode())
        self._house.replays.keep(key, kept)
        return kept


def _text(call: Call) -> str:
    """Return the form, wherever it stands."""
    if call.request.method in {"GET", "DELETE"} and not call.body:
        return call.request.url.query
    return call.body.decode()


def _about(body: Json, key: str | None) -> calls.About:
    """Return what the journal says: the id, the key, and the metadata."""
    metadata = body.get("metadata") or {}
    told: calls.About = {
        "id": body.get("id"),
        "keys": tuple(f"{name}={value}" for name, value in metadata.items()),
    }
    if key is not None:
        told["job"] = key
    return told


def _worded(
    kept: Replay,
    key: str | None,
    request_id: str,
    more: Mapping[str, str] | None = None,
) -> Response:
    headers = {"request-id": request_id, **(more or {})}
    if key is not None:
        headers |= {"idempotency-key": key, "original-request": kept.request_id}
    return Response(kept.body, kept.status, headers, media_type="application/json")
