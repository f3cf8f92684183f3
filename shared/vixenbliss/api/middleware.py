"""What happens to every request: an id, a bound, headers, one line in the log."""

import re
from uuid import UUID

from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vixenbliss.api.errors import tell
from vixenbliss.clock import monotonic_s
from vixenbliss.errors import PayloadTooLargeError
from vixenbliss.ids import new_id
from vixenbliss.log import log

RATE_LIMIT = "vixenbliss.rate_limit"
"""Where a request's scope has the headers that tell how often it may be tried."""
MAX_BODY_BYTES = 256 * 1024
MAX_REPORT_BYTES = 1024 * 1024
_REQUEST_ID = re.compile(r"[A-Za-z0-9._=-]{8,128}")
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
}


class Surroundings:
    """Wraps an app from outside, so that even a crash is answered in form."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, and log it in one line."""
        started = monotonic_s()
        scope["request_id"] = request_id = _request_id(scope)
        log.set_correlation_id(request_id)
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers.update(scope.get(RATE_LIMIT, {}))
                _complete(headers, request_id)
            await send(message)

        try:
            await self._answer(scope, receive, send_with_headers)
        finally:
            log.info(
                "request answered",
                method=scope["method"],
                route=_route(scope),
                status=status,
                ms=round((monotonic_s() - started) * 1000, 1),
            )

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        first = await receive()
        limit = _limit(scope["path"])
        if len(first.get("body", b"")) > limit:
            refusal = await tell(Request(scope), PayloadTooLargeError(limit))
            await refusal(scope, receive, send)
            return
        read = False

        async def receive_again() -> Message:
            nonlocal read
            if read:
                return await receive()
            read = True
            return first

        await self._app(scope, receive_again, send)


def _limit(path: str) -> int:
    """Return how long a body may be.

    A prediction brings its model's log along; Meta sends up to 1,000 updates at once.
    """
    if path.startswith(("/webhooks/replicate", "/webhooks/instagram")):
        return MAX_REPORT_BYTES
    return MAX_BODY_BYTES


def _request_id(scope: Scope) -> str:
    """Return the client's id for the request, or the gateway's, or a new one."""
    wished = Headers(scope=scope).get("x-request-id", "")
    if _REQUEST_ID.fullmatch(wished):
        return wished
    context = scope.get("aws.event", {}).get("requestContext", {})
    given: str | UUID = context.get("requestId") or new_id()
    return str(given)


def _complete(headers: MutableHeaders, request_id: str) -> None:
    headers["X-Request-Id"] = request_id
    headers.setdefault("Cache-Control", "no-store")
    for name, value in _ALWAYS.items():
        headers[name] = value


def _route(scope: Scope) -> str:
    """Return the route's pattern, which has no ids in it, if one matched."""
    return getattr(scope.get("route"), "path", "unknown")
