"""HTTP to Lambda and back: API Gateway's payload format 2.0, without any I/O.

By documentation (http-api-develop-integrations-lambda): the shape of both payloads,
joined headers and query values, cookies apart, and what a bare JSON result becomes.

By experience, told in public and not in the documentation:

* ``rawPath`` is decoded, ``rawQueryString`` is not (middleapi/standard-server pull
  request 93, ministackorg/ministack issue 1035).
* A body is text only for ``text/*`` and ``application/json|xml|javascript``; all else
  is base64, forms and bodies without a type too (ministack pull request 766).
* ``cookies`` become Set-Cookie headers before any Set-Cookie of ``headers`` (ministack,
  ``_invoke_lambda_proxy``); an answer without a type is ``text/plain``.
"""

import base64
import binascii
import json
import time
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qsl, unquote

from tests.stack.routes import Match
from tests.stack.wire import Json, JsonObject

type Headers = list[tuple[str, str]]

_TEXT_TYPES = frozenset(
    {"application/json", "application/xml", "application/javascript"}
)
_BETWEEN_TWO_HOPS = frozenset({"connection", "keep-alive", "transfer-encoding"})
_NOT_HANDED_ON = _BETWEEN_TWO_HOPS | {"cookie"}
_STATUSES = range(100, 1000)


class MalformedResponseError(Exception):
    """A function's result is not what API Gateway understands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """An HTTP request as it came over the wire."""

    method: str
    raw_path: str
    query: str
    headers: Headers
    body: bytes
    protocol: str
    client: str
    request_id: str


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP response as it goes over the wire."""

    status: int
    headers: Headers
    body: bytes


def event_of(request: Request, match: Match, *, account: str) -> JsonObject:
    """Return the event that the function behind a route gets."""
    headers, cookies = _joined(request)
    path = unquote(request.raw_path)
    event: JsonObject = {
        "version": "2.0",
        "routeKey": match.key,
        "rawPath": path,
        "rawQueryString": request.query,
        "headers": dict(headers),
        "requestContext": _context(request, match, headers, account),
        "isBase64Encoded": False,
    }
    if cookies:
        event["cookies"] = list(cookies)
    if request.query:
        values = parse_qsl(request.query, keep_blank_values=True)
        event["queryStringParameters"] = dict(_one_each(values))
    if match.parameters:
        event["pathParameters"] = dict(match.parameters)
    if request.body:
        event.update(_body(request.body, headers.get("content-type", "")))
    return event


def response_of(result: bytes) -> Response:
    """Return the HTTP response that a function's result stands for.

    Raises:
        MalformedResponseError: it stands for none.
    """
    try:
        value: Json = json.loads(result)
    except ValueError as error:
        raise MalformedResponseError from error
    if isinstance(value, dict) and "statusCode" in value:
        return _spelled_out(value)
    text = value if isinstance(value, str) else result.decode()
    return _response(200, [("content-type", "application/json")], text.encode())


def _joined(request: Request) -> tuple[dict[str, str], list[str]]:
    """Return the headers, one value each, and the cookies apart."""
    named = [(name.lower(), value) for name, value in request.headers]
    headers = _one_each((n, v) for n, v in named if n not in _NOT_HANDED_ON)
    cookies = [value.split(";") for name, value in named if name == "cookie"]
    forwarded = headers.get("x-forwarded-for")
    trace = f"Root=1-{int(time.time()):x}-{uuid.uuid4().hex[:24]}"
    return {
        "host": "",
        "x-amzn-trace-id": trace,
        **headers,
        "x-forwarded-for": ", ".join(filter(None, [forwarded, request.client])),
        "x-forwarded-port": headers.get("host", "").partition(":")[2] or "80",
        "x-forwarded-proto": "http",
    }, [cookie.strip() for some in cookies for cookie in some]


def _context(
    request: Request, match: Match, headers: Mapping[str, str], account: str
) -> JsonObject:
    now = datetime.now(UTC)
    return {
        "accountId": account,
        "apiId": "local",
        "domainName": headers["host"],
        "domainPrefix": "local",
        "http": {
            "method": request.method,
            "path": unquote(request.raw_path),
            "protocol": request.protocol,
            "sourceIp": request.client,
            "userAgent": headers.get("user-agent", ""),
        },
        "requestId": request.request_id,
        "routeKey": match.key,
        "stage": "$default",
        "time": now.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "timeEpoch": int(now.timestamp() * 1000),
    }


def _one_each(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Join what is repeated with commas."""
    values: dict[str, str] = {}
    for name, value in pairs:
        values[name] = f"{values[name]},{value}" if name in values else value
    return values


def _body(body: bytes, content_type: str) -> JsonObject:
    kind = content_type.partition(";")[0].strip().lower()
    if kind.startswith("text/") or kind in _TEXT_TYPES:
        return {"body": body.decode(errors="replace"), "isBase64Encoded": False}
    return {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}


def _spelled_out(value: JsonObject) -> Response:
    headers = [*_cookies(value.get("cookies")), *_headers(value.get("headers"))]
    if not any(name == "content-type" for name, _ in headers):
        headers.append(("content-type", "text/plain; charset=utf-8"))
    return _response(_status(value["statusCode"]), headers, _payload(value))


def _status(value: Json) -> int:
    if isinstance(value, int | str) and str(value).isdigit():
        status = int(value)
        if status in _STATUSES:
            return status
    raise MalformedResponseError


def _cookies(value: Json) -> Headers:
    if not isinstance(value, list | None):
        raise MalformedResponseError
    return [("set-cookie", str(cookie)) for cookie in value or []]


def _headers(value: Json) -> Headers:
    if not isinstance(value, dict | None):
        raise MalformedResponseError
    return [
        (name.lower(), _scalar(inner))
        for name, inner in (value or {}).items()
        if name.lower() not in _BETWEEN_TWO_HOPS | {"content-length"}
    ]


def _scalar(value: Json) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value)
    raise MalformedResponseError


def _payload(value: JsonObject) -> bytes:
    body = value.get("body")
    if not isinstance(body, str | None):
        raise MalformedResponseError
    if not value.get("isBase64Encoded"):
        return (body or "").encode()
    try:
        return base64.b64decode(body or "", validate=True)
    except binascii.Error as error:
        raise MalformedResponseError from error


def _response(status: int, headers: Iterable[tuple[str, str]], body: bytes) -> Response:
    return Response(status, [*headers, ("content-length", str(len(body)))], body)
