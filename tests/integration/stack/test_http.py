"""HTTP through the gateway into real worker processes and back."""

import pytest

from tests.integration.stack.conftest import Site

pytestmark = pytest.mark.stack


def test_a_request_becomes_an_event(site: Site) -> None:
    headers = [("x-a", "1"), ("x-a", "2"), ("cookie", "a=1; b=2")]

    answer = site.http.get("/echo/some%20where?q=1&q=2", headers=headers)

    event = answer.json()["event"]
    assert answer.status_code == 200
    assert event["routeKey"] == "ANY /echo/{proxy+}"
    assert event["rawPath"] == "/echo/some where"
    assert event["pathParameters"] == {"proxy": "some where"}
    assert event["queryStringParameters"] == {"q": "1,2"}
    assert event["headers"]["x-a"] == "1,2"
    assert event["cookies"] == ["a=1", "b=2"]


def test_a_function_finds_lambdas_environment_and_the_templates(site: Site) -> None:
    answer = site.http.get("/echo")

    environment = answer.json()["environment"]
    assert environment["AWS_LAMBDA_FUNCTION_NAME"] == "EchoFunction"
    assert environment["LAMBDA_TASK_ROOT"] == str(site.root / "functions/echo")
    assert environment["GREETING"] == "hello"
    assert environment["API"] == site.stack.api
    assert environment["WORK_QUEUE"] == site.stack.ref("WorkQueue")
    assert environment["AWS_ENDPOINT_URL"] == site.stack.aws.endpoint


def test_several_cookies_are_set(site: Site) -> None:
    answer = site.http.get("/echo/cookies")

    assert answer.status_code == 201
    assert answer.headers.get_list("set-cookie") == ["a=1; HttpOnly", "b=2"]
    assert answer.headers["x-words"] == "farewell"
    assert answer.text == "set"


def test_bytes_come_back_as_they_went(site: Site) -> None:
    everything = bytes(range(256)) * 100

    answer = site.http.post(
        "/echo/bytes", content=everything, headers={"content-type": "image/png"}
    )

    assert answer.content == everything
    assert answer.headers["content-type"] == "image/png"


def test_a_bare_result_is_an_answer(site: Site) -> None:
    answer = site.http.get("/echo/bare")

    assert (answer.status_code, answer.json()) == (200, {"bare": True})
    assert answer.headers["apigw-requestid"]


def test_a_head_request_gets_no_body(site: Site) -> None:
    answer = site.http.head("/echo/bare")

    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/nothing"), ("GET", "/things/"), ("POST", "/things/a")],
)
def test_without_a_route_nothing_is_found(site: Site, method: str, path: str) -> None:
    answer = site.http.request(method, path)

    assert answer.status_code == 404
    assert answer.text == '{"message":"Not Found"}'


@pytest.mark.parametrize("megabytes", [7, 11])
def test_too_large_a_request_is_refused(site: Site, megabytes: int) -> None:
    answer = site.http.post("/echo", content=b"x" * megabytes * 1024 * 1024)

    assert answer.status_code == 413
    assert answer.text == '{"message":"Request Entity Too Large"}'
