"""Each path speaks its own dialect, whatever goes wrong, and none speaks HTML."""

import json
import re
from http import HTTPStatus
from typing import Any

import pytest

from tests.support.api import Answer, Api
from tests.support.contract import operations
from tests.support.database import Sql
from tests.support.people import PASSWORD, Person

SECONDS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
CREDENTIALS = {"email": "luna@example.com", "password": PASSWORD}
FORM = {"content-type": "application/x-www-form-urlencoded"}


def is_bare(answer: Answer, code: str) -> bool:
    """Tell whether an error is told as RFC 9457 has it, with our code."""
    body = answer.json
    members = {"type", "title", "status", "detail", "code", "request_id"}
    return bool(
        answer.headers["content-type"] == "application/problem+json"
        and body.keys() - {"errors", "missing"} == members
        and body["status"] == answer.status
        and body["title"] == HTTPStatus(answer.status).phrase
        and body["request_id"] == answer.headers["x-request-id"]
        and body["code"] == code
    )


def is_enveloped(answer: Answer, code: str) -> bool:
    """Tell whether an error is told as source 004 has it."""
    body = answer.json
    return bool(
        answer.headers["content-type"] == "application/json"
        and body.keys() == {"success", "error", "timestamp"}
        and body["success"] is False
        and body["error"].keys() == {"code", "message", "details"}
        and SECONDS.fullmatch(body["timestamp"])
        and body["error"]["code"] == code
    )


def is_oauth(answer: Answer, code: str) -> bool:
    """Tell whether an error is told as RFC 6749, section 5.2, has it."""
    body = answer.json
    told = body.keys() == {"error", "error_description"} and body["error"] == code
    return bool(told and answer.headers["content-type"] == "application/json")


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere",
        "/users/nowhere/at/all",
        "/api/v1/nowhere",
        "/api/v1/avatars/a/b/c",
        "/api/v1/content/nowhere",
        "/webhooks/nowhere",
        "/webhooks/replicate/nowhere",
        "//",
        "/%00",
        "/" + "x" * 5_000,
    ],
    ids=lambda path: path[:40],
)
def test_an_unknown_path_of_the_bare_dialect(path: str) -> None:
    answer = Api()("GET", path)

    assert answer.status == 404
    assert is_bare(answer, "NOT_FOUND")


@pytest.mark.parametrize(
    "path", ["/api/nowhere", "/api/auth/nowhere", "/api/items/7/nowhere"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_an_unknown_path_of_the_envelope_dialect(method: str, path: str) -> None:
    answer = Api()(method, path)

    assert answer.status == 404
    assert is_enveloped(answer, "NOT_FOUND")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "/health"),
        ("POST", "/"),
        ("PUT", "/api/v1/pieces"),
        ("PATCH", "/api/v1/policy"),
        ("GET", "/api/v1/content/generate"),
        ("GET", "/webhooks/replicate"),
    ],
)
def test_an_unknown_method_of_the_bare_dialect(method: str, path: str) -> None:
    answer = Api()(method, path)

    assert answer.status == 405
    assert is_bare(answer, "METHOD_NOT_ALLOWED")
    assert answer.headers["allow"]


def test_an_unknown_method_of_the_envelope_dialect() -> None:
    answer = Api()("PUT", "/api/auth/login")

    assert answer.status == 405
    assert is_enveloped(answer, "METHOD_NOT_ALLOWED")
    assert answer.headers["allow"] == "POST"


def test_an_unknown_method_of_the_oauth_dialect() -> None:
    answer = Api()("GET", "/api/v1/auth/token")

    assert answer.status == 405
    assert is_oauth(answer, "invalid_request")


def test_wrong_input_in_the_bare_dialect(luna: Person) -> None:
    answer = luna.api("POST", "/api/v1/pieces", {})

    assert answer.status == 400
    assert is_bare(answer, "VALIDATION_ERROR")
    assert {wrong["field"] for wrong in answer.json["errors"]} == {
        "avatar_id",
        "caption",
        "assets",
    }


def test_wrong_input_in_the_envelope_dialect(database: str) -> None:
    answer = Api()("POST", "/api/auth/login", {})

    assert answer.status == 400
    assert is_enveloped(answer, "VALIDATION_ERROR")
    details = answer.json["error"]["details"]
    assert details["field"] == details["errors"][0]["field"] == "email"


def test_wrong_input_in_the_oauth_dialect(database: str) -> None:
    answer = Api()("POST", "/api/v1/auth/token", content=b"x=1", headers=FORM)

    assert answer.status == 400
    assert is_oauth(answer, "invalid_request")


@pytest.mark.parametrize("content_type", ["application/json", "text/plain"])
def test_a_body_of_another_type_in_the_oauth_dialect(
    database: str, content_type: str
) -> None:
    kind = {"content-type": content_type}

    answer = Api()("POST", "/api/v1/auth/token", CREDENTIALS, headers=kind)

    assert answer.status == 415
    assert is_oauth(answer, "invalid_request")
    assert "x-www-form-urlencoded" in answer.json["error_description"]


# A crash: the table that the request needs is gone.


@pytest.fixture
def ruin(sql: Sql) -> None:
    """Let what every sign-in needs be gone."""
    sql.execute("alter table users rename to elsewhere")


@pytest.mark.usefixtures("ruin")
def test_a_crash_in_the_bare_dialect() -> None:
    answer = Api()("POST", "/api/v1/users/", CREDENTIALS)

    assert answer.status == 500
    assert is_bare(answer, "INTERNAL_ERROR")
    assert answer.json["detail"] == "Internal error"


@pytest.mark.usefixtures("ruin")
def test_a_crash_in_the_envelope_dialect() -> None:
    answer = Api()("POST", "/api/auth/login", CREDENTIALS)

    assert answer.status == 500
    assert is_enveloped(answer, "INTERNAL_ERROR")
    assert answer.json["error"]["message"] == "Internal error"


@pytest.mark.usefixtures("ruin")
def test_a_crash_in_the_oauth_dialect() -> None:
    form = f"username=luna@example.com&password={PASSWORD}".encode()

    answer = Api()("POST", "/api/v1/auth/token", content=form, headers=FORM)

    assert answer.status == 500
    assert is_oauth(answer, "server_error")


@pytest.mark.usefixtures("ruin")
def test_a_crash_tells_nothing_of_itself() -> None:
    told = Api()("POST", "/api/auth/login", CREDENTIALS).content.decode().lower()

    assert [
        word for word in ("users", "sql", "traceback", "select") if word in told
    ] == []


# No HTML, from anywhere, for anybody.


@pytest.mark.parametrize("accept", ["text/html", "application/xhtml+xml,*/*;q=0.1"])
def test_no_route_speaks_html(luna: Person, accept: str) -> None:
    headers = {"accept": accept}
    doors: list[tuple[str, str]] = [(one.method, one.at()) for one in operations()]
    doors += [
        ("GET", path) for path in ("/nowhere", "/docs", "/redoc", "/openapi.json")
    ]
    doors += [(method, "/health") for method in ("HEAD", "OPTIONS", "TRACE", "POST")]

    answers = [
        (door, client(*door, headers=headers))
        for door in doors
        for client in (Api(), luna.api)
    ]

    spoken: dict[Any, str] = {
        door: answer.headers.get("content-type", "") for door, answer in answers
    }
    assert {d: kind for d, kind in spoken.items() if kind and "json" not in kind} == {}
    contents = [answer.content for _, answer in answers if answer.content]
    assert all(json.loads(content) is not None for content in contents)
