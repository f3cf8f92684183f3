"""HTTP to event, result to HTTP."""

import json

import pytest

from tests.stack import payloads
from tests.stack.payloads import Headers, MalformedResponseError, Request, Response
from tests.stack.routes import Match
from tests.stack.template import Route
from tests.stack.wire import Json, JsonObject

_MATCH = Match(Route(function="F", method="ANY", path="/x/{id}"), {"id": "a b"})


def _event(
    *, query: str = "", headers: Headers | None = None, body: bytes = b""
) -> JsonObject:
    request = Request(
        method="POST",
        raw_path="/x/a%20b",
        query=query,
        headers=[("Host", "127.0.0.1:8000"), *(headers or [])],
        body=body,
        protocol="HTTP/1.1",
        client="10.0.0.9",
        request_id="abc=",
    )
    return payloads.event_of(request, _MATCH, account="123456789012")


def test_the_event_says_which_route_and_which_path() -> None:
    event = _event()

    assert event["version"] == "2.0"
    assert event["routeKey"] == "ANY /x/{id}"
    assert event["rawPath"] == "/x/a b"
    assert event["pathParameters"] == {"id": "a b"}


def test_the_context_says_who_called_and_how() -> None:
    context = _event(headers=[("User-Agent", "me")])["requestContext"]

    assert isinstance(context, dict)
    assert context["accountId"] == "123456789012"
    assert context["stage"] == "$default"
    assert context["requestId"] == "abc="
    assert context["http"] == {
        "method": "POST",
        "path": "/x/a b",
        "protocol": "HTTP/1.1",
        "sourceIp": "10.0.0.9",
        "userAgent": "me",
    }


def test_repeated_headers_are_joined_and_cookies_stand_apart() -> None:
    headers = [("X-A", "1"), ("x-a", "2"), ("Cookie", "a=1; b=2"), ("cookie", "c=3")]

    event = _event(headers=headers)

    assert isinstance(event["headers"], dict)
    assert event["headers"]["x-a"] == "1,2"
    assert "cookie" not in event["headers"]
    assert event["cookies"] == ["a=1", "b=2", "c=3"]


def test_the_gateway_says_on_whose_behalf_it_asks() -> None:
    event = _event(headers=[("X-Forwarded-For", "1.2.3.4"), ("Connection", "close")])

    assert isinstance(event["headers"], dict)
    assert event["headers"]["x-forwarded-for"] == "1.2.3.4, 10.0.0.9"
    assert event["headers"]["x-forwarded-port"] == "8000"
    assert "connection" not in event["headers"]


def test_repeated_query_values_are_joined_and_the_raw_query_stays() -> None:
    event = _event(query="a=1&a=2&b=%20x&c=&d=1+2")

    assert event["rawQueryString"] == "a=1&a=2&b=%20x&c=&d=1+2"
    assert event["queryStringParameters"] == {
        "a": "1,2",
        "b": " x",
        "c": "",
        "d": "1 2",
    }


def test_what_is_not_there_is_left_out() -> None:
    event = _event()

    absent = {"body", "cookies", "queryStringParameters"}

    assert absent & event.keys() == set()
    assert event["isBase64Encoded"] is False


@pytest.mark.parametrize(
    ("content_type", "is_text"),
    [
        ("application/json; charset=utf-8", True),
        ("text/csv", True),
        ("application/xml", True),
        ("application/x-www-form-urlencoded", False),
        ("multipart/form-data; boundary=x", False),
        ("application/octet-stream", False),
        ("", False),
    ],
)
def test_only_text_stays_text(content_type: str, *, is_text: bool) -> None:
    event = _event(headers=[("content-type", content_type)], body=b"{}")

    assert event["isBase64Encoded"] is not is_text
    assert event["body"] == ("{}" if is_text else "e30=")


def _response(value: Json) -> Response:
    return payloads.response_of(json.dumps(value).encode())


def test_a_result_is_spelled_out() -> None:
    response = _response(
        {
            "statusCode": "201",
            "headers": {"X-A": "1", "X-N": 2, "Content-Length": "999"},
            "cookies": ["a=1; HttpOnly", "b=2"],
            "body": "made",
        }
    )

    assert response.status == 201
    assert response.body == b"made"
    assert response.headers == [
        ("set-cookie", "a=1; HttpOnly"),
        ("set-cookie", "b=2"),
        ("x-a", "1"),
        ("x-n", "2"),
        ("content-type", "text/plain; charset=utf-8"),
        ("content-length", "4"),
    ]


def test_a_base64_body_becomes_bytes() -> None:
    result: Json = {"statusCode": 200, "body": "AP8=", "isBase64Encoded": True}

    response = _response(result)

    assert response.body == b"\x00\xff"


@pytest.mark.parametrize(
    ("value", "body"),
    [
        ({"a": 1}, b'{"a": 1}'),
        ("hello", b"hello"),
        ([1], b"[1]"),
        (None, b"null"),
    ],
)
def test_a_bare_result_is_a_json_answer(value: Json, body: bytes) -> None:
    response = _response(value)

    assert (response.status, response.body) == (200, body)
    assert ("content-type", "application/json") in response.headers


@pytest.mark.parametrize(
    "value",
    [
        {"statusCode": "soon"},
        {"statusCode": None},
        {"statusCode": 20},
        {"statusCode": 200, "body": {"not": "text"}},
        {"statusCode": 200, "headers": ["a"]},
        {"statusCode": 200, "headers": {"a": {"b": 1}}},
        {"statusCode": 200, "cookies": "a=1"},
        {"statusCode": 200, "body": "%%%", "isBase64Encoded": True},
    ],
)
def test_other_shapes_are_malformed(value: Json) -> None:
    with pytest.raises(MalformedResponseError):
        _response(value)


def test_a_result_that_is_not_json_is_malformed() -> None:
    with pytest.raises(MalformedResponseError):
        payloads.response_of(b"<html>")
