"""How a call goes through a stand-in: who asks, what strikes it, what came of it.

Strangers are turned away first, so that they never use up a counted fault; then come
the faults that leave nothing behind, then the call itself, then those that let the
caller down after it has had its effect. The journal line is written before the answer
leaves.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Protocol, TypedDict, Unpack

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.stack.providers.connections import Dropped, Hung
from tests.stack.providers.faults import Action, Provider, Rule
from tests.stack.providers.journal import Entry, Outcome
from tests.stack.providers.world import World

type Handler = Callable[["Call"], Awaitable[Response]]

_BROKEN = '{"id":"half-an-answ'
_PATIENT = {Action.SLOW_AFTER, Action.HANG, Action.HANG_AFTER}


class Dialect(Protocol):
    """How a provider words what is the same for all its calls."""

    provider: Provider

    def stranger(self, request: Request) -> Response | None:
        """Return the refusal of a caller without a valid key."""
        ...

    def trouble(
        self, status: int, retry_after_s: int | None
    ) -> dict[str, object] | str:
        """Return the usual body of an error of that status."""
        ...

    def headers(self) -> dict[str, str]:
        """Return the headers all answers carry."""
        ...


class About(TypedDict, total=False):
    """What the journal may say of a call beyond how it went."""

    id: str | None
    job: str | None
    keys: tuple[str, ...]
    seed: int | None
    prompt_sha256: str | None


class RefusedError(Exception):
    """The provider would not do this, and says why."""

    def __init__(self, response: Response) -> None:
        super().__init__(f"refused with {response.status_code}")
        self.response = response


@dataclass
class Call:
    """One call under way, and what the journal will say of it."""

    world: World
    dialect: Dialect
    name: str
    request: Request
    body: bytes
    rule: Rule | None = None
    outcome: Outcome = Outcome.READ
    about: About = field(default_factory=About)

    def effect(self, **about: Unpack[About]) -> None:
        """Note that something was paid for, or can now be seen."""
        self.outcome = Outcome.EFFECT
        self.about |= about

    def struck_by(self, action: Action) -> Rule | None:
        """Return the rule that strikes this call, if that is what it does."""
        return self.rule if self.rule and self.rule.action is action else None

    def json(self) -> dict[str, object] | None:
        """Return the body, if it is a JSON object."""
        try:
            parsed: object = json.loads(self.body or b"{}")
        except ValueError:
            return None
        return parsed if isinstance(parsed, dict) else None

    def settle(self, response: Response, outcome: Outcome) -> Response:
        """Write the journal's line, and return the answer with its headers."""
        silent = isinstance(response, Dropped | Hung)
        entry = Entry(
            at=self.world.clock.now().isoformat(timespec="milliseconds"),
            provider=self.dialect.provider,
            call=self.name,
            outcome=outcome,
            status=None if silent else response.status_code,
            fault=self.rule.action if self.rule else None,
        )
        entry = replace(entry, **self.about)
        self.world.journals[self.dialect.provider].write(entry)
        response.headers.update(self.dialect.headers())
        return response


def routes(
    world: World, dialect: Dialect, table: Iterable[tuple[str, str, str, Handler]]
) -> list[Route]:
    """Return the routes of a table of methods, paths, names of calls and handlers."""
    return [
        Route(path, _through(world, dialect, name, handler), methods=[method])
        for method, path, name, handler in table
    ]


def _through(
    world: World, dialect: Dialect, name: str, handler: Handler
) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint of a call, with all that can happen to it."""

    async def endpoint(request: Request) -> Response:
        call = Call(world, dialect, name, request, await request.body())
        stranger = dialect.stranger(request)
        if stranger is not None:
            return call.settle(stranger, Outcome.REFUSED)
        call.rule = world.faults.take(dialect.provider, name, _visible(call))
        return await _answer(call, handler)

    return endpoint


async def _answer(call: Call, handler: Handler) -> Response:
    await _wait_before(call)
    struck = _instead(call)
    if struck is not None:
        return call.settle(struck, Outcome.FAULT)
    try:
        response = await handler(call)
    except RefusedError as refusal:
        return call.settle(refusal.response, Outcome.REFUSED)
    response = call.settle(_afterwards(call) or response, call.outcome)
    if call.struck_by(Action.SLOW_AFTER) and call.rule and call.rule.seconds:
        await asyncio.sleep(call.rule.seconds)
    return response


async def _wait_before(call: Call) -> None:
    rule = call.rule
    if rule and rule.seconds and rule.action not in _PATIENT:
        await asyncio.sleep(rule.seconds)


def _instead(call: Call) -> Response | None:
    """Return what is answered in place of the call, before anything happens."""
    match call.rule.action if call.rule else None:
        case Action.BEFORE:
            return Dropped(call.world.connections)
        case Action.HANG:
            return _hung(call)
        case Action.STATUS:
            return _trouble(call)
        case Action.RUBBISH_BEFORE:
            return _rubbish(call)
        case Action.REPLY:
            return _reply(call)
    return None


def _afterwards(call: Call) -> Response | None:
    """Return what is answered in place of the truth, once the call has happened."""
    match call.rule.action if call.rule else None:
        case Action.AFTER:
            return Dropped(call.world.connections)
        case Action.HANG_AFTER:
            return _hung(call)
        case Action.STATUS_AFTER:
            return _trouble(call)
        case Action.RUBBISH:
            return _rubbish(call)
    return None


def _hung(call: Call) -> Response:
    return Hung(call.world.connections, call.rule.seconds if call.rule else None)


def _trouble(call: Call) -> Response:
    rule = _rule(call)
    status = rule.status or HTTPStatus.INTERNAL_SERVER_ERROR
    body = rule.body
    if "body" not in rule.model_fields_set:
        body = call.dialect.trouble(status, rule.retry_after)
    return _worded(rule, body, status)


def _rubbish(call: Call) -> Response:
    rule = _rule(call)
    body = rule.body if "body" in rule.model_fields_set else _BROKEN
    return _worded(rule, body, rule.status or HTTPStatus.OK)


def _reply(call: Call) -> Response:
    rule = _rule(call)
    return _worded(rule, rule.body, rule.status or HTTPStatus.OK)


def _worded(rule: Rule, body: object, status: int) -> Response:
    """Return the scripted answer; a text goes out as it stands, all else as JSON."""
    content = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    headers = dict(rule.headers)
    if rule.retry_after is not None:
        headers["retry-after"] = str(rule.retry_after)
    kind = None if "content-type" in headers else "application/json"
    return Response(content, status, headers, media_type=kind)


def _rule(call: Call) -> Rule:
    if call.rule is None:
        raise LookupError(call.name)
    return call.rule


def _visible(call: Call) -> str:
    """Return all a rule may match: path, query, headers and body."""
    url = call.request.url
    headers = (f"{key}: {value}" for key, value in call.request.headers.items())
    body = call.body.decode(errors="replace")
    return "\n".join([f"{url.path}?{url.query}", *headers, body])
