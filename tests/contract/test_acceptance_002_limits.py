"""Source 002, as far as it is about limits: contracts.md, section 4, line by line."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from tests.stack import cors
from tests.stack.intrinsics import Addresses
from tests.stack.payloads import Request, Response
from tests.support.api import Answer, Api, product, renewed_handler_of
from tests.support.at_once import Wish, at_once
from tests.support.database import Sql
from tests.support.people import PASSWORD, Person

LOGIN = "/api/auth/login"
REFRESH = "/api/auth/refresh"
OURS = "https://studio.example.com"
NOTHING = Response(200, [], b"")


def login(email: str, password: str = PASSWORD) -> Answer:
    return Api()("POST", LOGIN, {"email": email, "password": password})


def by_form(email: str, password: str = PASSWORD) -> Answer:
    content = urlencode({"username": email, "password": password}).encode()
    kind = {"content-type": "application/x-www-form-urlencoded"}
    return Api()("POST", "/api/v1/auth/token", content=content, headers=kind)


def refresh(token: str) -> Answer:
    return Api()("POST", REFRESH, {"refresh_token": token})


@pytest.mark.parametrize("door", [login, by_form])
def test_the_sixth_login_is_one_too_many(
    sql: Sql, luna: Person, door: Callable[[str], Answer]
) -> None:
    """002: 429 after the limit with Retry-After; the right password changes nothing."""
    sql.execute("delete from rate_limits")  # of luna's first sign-in
    wrong = [login(luna.email, "wrong").status for _ in range(4)]
    wrong.append(by_form(luna.email.upper(), "wrong").status)

    sixth = door(luna.email)

    assert wrong == [401, 401, 401, 401, 400]
    assert sixth.status == 429
    assert 0 < int(sixth.headers["retry-after"]) <= 15 * 60


def test_a_counter_survives_a_new_sandbox(luna: Person) -> None:
    """002: the sixth login in the window is 429; a new container remembers."""
    for _ in range(4):  # the first time, luna signed in by herself
        login(luna.email, "wrong")

    renewed_handler_of("AuthFunction")

    assert login(luna.email).status == 429


def test_the_next_window_is_open_again(luna: Person, sql: Sql) -> None:
    """002: login 5 per 15 min per account."""
    for _ in range(5):
        login(luna.email, "wrong")
    sql.execute("update rate_limits set ends_at = now()")

    answer = login(luna.email)

    assert answer.status == 200


def test_of_twenty_uses_of_a_refresh_token_one_wins_and_a_replay_ends_all(
    luna: Person, sql: Sql
) -> None:
    """002: 20 parallel uses of one refresh token: one winner; a replay kills all."""
    wish = Wish(Api(), "POST", REFRESH, {"refresh_token": luna.refresh_token})

    answers = at_once(*[wish] * 20)

    (winner,) = [answer for answer in answers if answer.status == 200]
    sql.execute(
        "update user_sessions set rotated_at = rotated_at - %s",
        (timedelta(seconds=11),),
    )
    replayed = refresh(luna.refresh_token)
    assert [answer.status for answer in answers].count(401) == 19
    assert (replayed.status, replayed.code) == (401, "TOKEN_REUSED")
    assert refresh(winner.json["data"]["refresh_token"]).status == 401
    assert luna.api("GET", "/api/v1/users/me").status == 401


@pytest.mark.parametrize("method", ["OPTIONS", "GET"])
@pytest.mark.parametrize(
    ("listed", "origin", "is_let_in"),
    [
        (OURS, OURS, True),
        (OURS, "https://evil.example.com", False),
        (None, OURS, False),
    ],
)
def test_cors_refuses_an_unlisted_origin(
    method: str, listed: str | None, origin: str, *, is_let_in: bool
) -> None:
    """002: CORS refuses an unlisted origin; without any listed, every origin."""
    read = product()
    origins = listed or read.parameters["CorsOrigins"] or ""
    rules = cors.read(read.cors, Addresses(refs={"CorsOrigins": origins}))
    assert rules is not None
    asked = [("origin", origin), ("access-control-request-method", "POST")]
    request = Request(
        method=method,
        raw_path=LOGIN,
        query="",
        headers=asked,
        body=b"",
        protocol="HTTP/1.1",
        client="127.0.0.1",
        request_id="a-test",
    )

    answer = rules.preflight(request) or rules.applied(request, NOTHING)

    told = dict(answer.headers).get("access-control-allow-origin")
    assert told == (origin if is_let_in else None)
