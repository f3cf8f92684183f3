"""How often a door may be knocked at, and what its answers tell of it."""

from typing import Any

import pytest

from tests.conftest import Set
from tests.support.api import Answer, Api, handler_of
from tests.support.database import Sql, count
from tests.support.people import PASSWORD, Person, sign_up
from vixenbliss.api.limits import _house

LOGIN = "/api/auth/login"
LIMITS = ("ratelimit-limit", "ratelimit-remaining", "ratelimit-reset")


def login(email: str, password: str = PASSWORD) -> Answer:
    return Api()("POST", LOGIN, {"email": email, "password": password})


def limits(answer: Answer) -> list[int]:
    return [int(answer.headers[name]) for name in LIMITS]


@pytest.mark.parametrize(("password", "status"), [(PASSWORD, 200), ("wrong", 401)])
def test_an_answer_tells_how_often_one_may_still_try(
    luna: Person, password: str, status: int
) -> None:
    answer = login(luna.email, password)

    assert answer.status == status
    assert limits(answer)[:2] == [5, 3]  # luna has signed in once
    assert 0 < limits(answer)[2] <= 900


def test_a_refusal_tells_when_to_try_again(sql: Sql) -> None:
    for _ in range(5):
        login("nobody@example.com")

    refused = login("nobody@example.com")

    assert (refused.status, refused.code) == (429, "RATE_LIMITED")
    assert limits(refused)[:2] == [5, 0]
    assert refused.headers["retry-after"] == refused.headers["ratelimit-reset"]


def test_another_account_is_not_concerned(luna: Person, stranger: Person) -> None:
    for _ in range(5):
        login(luna.email)

    answer = login(stranger.email)

    assert answer.status == 200


def test_one_address_may_not_try_all_accounts(database: str, surroundings: Set) -> None:
    surroundings(LOGIN_TRIES_PER_ADDRESS="3")

    answers = [login(f"nobody{number}@example.com") for number in range(4)]

    assert [answer.status for answer in answers] == [401, 401, 401, 429]
    assert [limits(answer)[1] for answer in answers] == [2, 1, 0, 0]


def test_whoever_is_stopped_by_address_locks_nobody_out(
    luna: Person, surroundings: Set
) -> None:
    surroundings(LOGIN_TRIES_PER_ADDRESS="1")
    for _ in range(5):
        login(luna.email, "wrong")
    surroundings(LOGIN_TRIES_PER_ADDRESS=None)

    answer = login(luna.email)

    assert answer.status == 200


def test_so_many_sign_up_from_one_address(sql: Sql, surroundings: Set) -> None:
    surroundings(SIGN_UPS_PER_ADDRESS="1")
    sign_up()

    body = {"email": "late@example.com", "password": PASSWORD}
    refused = Api()("POST", "/users/", body)

    assert (refused.status, refused.code) == (429, "RATE_LIMITED")
    assert int(refused.headers["retry-after"]) <= 3600
    assert count(sql, "users") == 1


def test_invitations_are_not_guessed(luna: Person, surroundings: Set) -> None:
    surroundings(LOGIN_TRIES_PER_ADDRESS="2")
    body = {"token": "a guess that is long enough to be one"}

    answers = [
        luna.api("POST", "/api/v1/workspaces/invitations/accept", body)
        for _ in range(3)
    ]

    assert [answer.status for answer in answers] == [400, 400, 429]


@pytest.mark.parametrize("body", [{}, {"email": "no address", "password": "x"}])
def test_what_is_no_try_does_not_count(sql: Sql, body: dict[str, Any]) -> None:
    Api()("POST", LOGIN, body)

    assert count(sql, "rate_limits") == 0


def test_counters_that_are_over_are_forgotten(luna: Person, sql: Sql) -> None:
    sql.execute("update rate_limits set ends_at = now() - interval '1 second'")
    login(luna.email)

    swept = handler_of("SweepFunction")({}, None)

    assert (swept["counters"], count(sql, "rate_limits")) == (1, 2)


@pytest.mark.parametrize(
    ("address", "house"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::9", "2001:db8:1:2::/64"),
        ("", ""),
    ],
)
def test_whoever_has_many_addresses_counts_once(address: str, house: str) -> None:
    assert _house(address) == house
