"""/, /health, /openapi.json, and every path that nobody else answers."""

import re

import pytest

from tests.conftest import Set
from tests.support.api import Api, product
from vixenbliss import database as connections
from vixenbliss.loop import run

SECONDS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
NOWHERE = "postgresql://nobody@127.0.0.1:1/nowhere"


@pytest.fixture
def no_database(database: str, surroundings: Set) -> None:
    """Let the database be away."""
    run(connections.engine().dispose())
    connections.engine.cache_clear()
    surroundings(DATABASE_URL=NOWHERE)


def test_home_says_what_this_is() -> None:
    home = Api()("GET", "/").ok()

    assert home.keys() == {"message", "project", "version"}
    assert home["project"] == "VixenBliss Creator"


def test_a_healthy_function_says_so() -> None:
    health = Api()("GET", "/health").ok()

    assert health.keys() == {"status", "service", "version", "timestamp"}
    assert health["status"] == "ok"
    assert SECONDS.fullmatch(health["timestamp"])


def test_a_function_is_ready_with_its_database(database: str) -> None:
    ready = Api()("GET", "/health/ready").ok()

    assert ready["database"] == "ok"
    assert ready["migrations"]


@pytest.mark.usefixtures("no_database")
def test_a_function_without_its_database_is_not_ready() -> None:
    ready = Api()("GET", "/health/ready").ok(503)

    assert ready == {"database": "unavailable", "migrations": None}


@pytest.mark.usefixtures("no_database")
def test_a_function_without_its_database_is_alive() -> None:
    answer = Api()("GET", "/health")

    assert answer.status == 200


@pytest.mark.usefixtures("no_database")
def test_without_a_database_others_are_asked_to_come_again() -> None:
    answer = Api()("GET", f"/api/v1/provenance/{'0' * 64}")

    assert (answer.status, answer.code) == (503, "UNAVAILABLE")
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/favicon.ico", "/admin", "/.env"])
def test_there_is_nothing_else_to_find(path: str) -> None:
    answer = Api()("GET", path)

    assert (answer.status, answer.code) == (404, "NOT_FOUND")


@pytest.mark.parametrize("path", ["/health/", "/health/ready/"])
def test_a_slash_at_the_end_does_no_harm(database: str, path: str) -> None:
    answer = Api()("GET", path)

    assert answer.status == 200


def test_a_client_may_name_its_request() -> None:
    answer = Api()("GET", "/health", headers={"X-Request-Id": "from-the-client-1"})

    assert answer.headers["x-request-id"] == "from-the-client-1"


@pytest.mark.parametrize("wished", ["short", "x" * 129, "with space 1", 'quo"te-here'])
def test_a_name_that_is_none_is_not_taken(wished: str) -> None:
    answer = Api()("GET", "/health", headers={"X-Request-Id": wished})

    assert answer.headers["x-request-id"] == "test-request"


@pytest.mark.parametrize(
    "path", ["/health", "/nowhere", "/api/nowhere", "/api/v1/users/me"]
)
def test_every_answer_has_its_safety_headers(database: str, path: str) -> None:
    headers = Api()("GET", path).headers

    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["strict-transport-security"].startswith("max-age=")
    assert headers["cache-control"] == "no-store"


def test_health_answers_what_no_other_function_does() -> None:
    functions = [
        route.function for route in product().routes if route.path == "$default"
    ]

    assert functions == ["HealthFunction"]
