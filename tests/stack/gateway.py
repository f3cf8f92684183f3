"""An API Gateway HTTP API: real HTTP in, a Lambda function, real HTTP out.

What it answers when there is nothing to hand on, always ``{"message": ...}``:

=== ======================== =========================================================
404 Not Found                no route (documented: http-api-develop-routes)
413 Request Entity Too Large a body over 10 MB (quota documented: http-api-quotas), or
                             an event over Lambda's 6 MB; words by experience
500 Internal Server Error    the function failed, crashed, timed out, answered over
                             6 MB or malformed (http-api-troubleshooting-lambda)
503 Service Unavailable      no answer within 30 s (limit documented; status by
                             experience: serverless/serverless issue 11222,
                             compiler-explorer/explain pull request 19)
=== ======================== =========================================================

A REST API would say 502 and 504 where an HTTP API says 500 and 503 (Lambda guide,
services-apigateway-errors); 502 and 504 are never said here.
"""

import asyncio
import contextlib
import json
import logging
import socket
import uuid
from collections.abc import AsyncGenerator, Generator
from http import HTTPStatus
from urllib.parse import quote

import uvicorn
from uvicorn._types import (
    ASGIReceiveCallable,
    ASGISendCallable,
    HTTPScope,
    Scope,
)

from tests.stack import payloads
from tests.stack.cors import Cors
from tests.stack.errors import InvocationError, RequestTooLargeError
from tests.stack.payloads import Headers, MalformedResponseError, Request, Response
from tests.stack.routes import Match, Table
from tests.stack.runtime import Runtime

BODY_LIMIT = 10 * 1024 * 1024
INTEGRATION_TIMEOUT_S = 30.0


class BodyTooLargeError(Exception):
    """The client sent more than API Gateway takes."""


class ClientGoneError(Exception):
    """The client left before it had sent everything."""


class Gateway:
    """The ASGI application in front of the functions."""

    def __init__(
        self,
        table: Table,
        runtime: Runtime,
        *,
        account: str,
        cors: Cors | None = None,
        integration_timeout_s: float = INTEGRATION_TIMEOUT_S,
    ) -> None:
        self._table = table
        self._runtime = runtime
        self._account = account
        self._cors = cors
        self._timeout_s = integration_timeout_s
        self._abandoned: set[asyncio.Task[bytes]] = set()

    async def __call__(
        self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable
    ) -> None:
        """Answer one request (ASGI)."""
        if scope["type"] != "http":
            return
        request_id = f"{uuid.uuid4().hex[:15]}="
        response = await self._respond(scope, receive, request_id)
        headers = [*response.headers, ("apigw-requestid", request_id)]
        await send(
            {
                "type": "http.response.start",
                "status": response.status,
                "headers": [(k.encode("latin-1"), v.encode()) for k, v in headers],
                "trailers": False,
            }
        )
        await send(
            {
                "type": "http.response.body",
                "body": response.body,
                "more_body": False,
            }
        )

    async def _respond(
        self, scope: HTTPScope, receive: ASGIReceiveCallable, request_id: str
    ) -> Response:
        try:
            request = _request(scope, await _body(receive), request_id)
        except BodyTooLargeError:
            return _message(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        except ClientGoneError:
            return _message(HTTPStatus.BAD_REQUEST)  # which nobody will read
        preflight = self._cors and self._cors.preflight(request)
        if preflight:
            return preflight
        match = self._table.find(request.method, request.raw_path)
        if match is None:
            return _message(HTTPStatus.NOT_FOUND)
        response = await self._integrate(request, match)
        return self._cors.applied(request, response) if self._cors else response

    async def _integrate(self, request: Request, match: Match) -> Response:
        event = payloads.event_of(request, match, account=self._account)
        payload = json.dumps(event, ensure_ascii=False).encode()
        try:
            return payloads.response_of(await self._invoke(match, payload))
        except RequestTooLargeError:
            return _message(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        except (InvocationError, MalformedResponseError):
            return _message(HTTPStatus.INTERNAL_SERVER_ERROR)
        except TimeoutError:
            return _message(HTTPStatus.SERVICE_UNAVAILABLE)

    async def _invoke(self, match: Match, payload: bytes) -> bytes:
        """Invoke, and give up waiting in time; the function runs on, as on AWS."""
        running = asyncio.create_task(
            self._runtime.invoke(match.route.function, payload)
        )
        try:
            done, _ = await asyncio.wait({running}, timeout=self._timeout_s)
        finally:
            if not running.done():
                self._abandoned.add(running)
                running.add_done_callback(self._forget)
        if not done:
            raise TimeoutError
        return running.result()

    def _forget(self, task: asyncio.Task[bytes]) -> None:
        self._abandoned.discard(task)
        if not task.cancelled():
            task.exception()


async def _body(receive: ASGIReceiveCallable) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise ClientGoneError
        body += message["body"]
        if len(body) > BODY_LIMIT:
            raise BodyTooLargeError
        if not message["more_body"]:
            return bytes(body)


def _request(scope: HTTPScope, body: bytes, request_id: str) -> Request:
    raw_path = scope["raw_path"] or quote(scope["path"]).encode()
    headers: Headers = [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, value in scope["headers"]
    ]
    return Request(
        method=scope["method"],
        raw_path=raw_path.decode("latin-1"),
        query=scope["query_string"].decode("latin-1"),
        headers=headers,
        body=body,
        protocol=f"HTTP/{scope['http_version']}",
        client=scope["client"][0] if scope["client"] else "127.0.0.1",
        request_id=request_id,
    )


def _message(status: HTTPStatus) -> Response:
    words = {HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "Request Entity Too Large"}
    message = {"message": words.get(status, status.phrase)}
    body = json.dumps(message, separators=(",", ":")).encode()
    headers = [
        ("content-type", "application/json"),
        ("content-length", str(len(body))),
    ]
    return Response(status, headers, body)


class _Server(uvicorn.Server):
    """A server that leaves the process's signals alone, and says when it is up."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_up.set()


@contextlib.asynccontextmanager
async def serving(gateway: Gateway, bound: socket.socket) -> AsyncGenerator[None]:
    """Answer HTTP on a bound socket; requests under way get two seconds at the end.

    Raises:
        OSError: somebody else listens there by now.
    """
    server = _Server(
        uvicorn.Config(
            gateway,
            access_log=False,
            lifespan="off",
            log_config=None,
            log_level="error",
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=2,
            ws="none",
        )
    )
    task = asyncio.create_task(server.serve(sockets=[bound]))
    up = asyncio.create_task(server.is_up.wait())
    try:
        await asyncio.wait({task, up}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            yield
    finally:
        up.cancel()
        # A request that is cut off by the end is no news, and no traceback.
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        server.should_exit = True
        await task
