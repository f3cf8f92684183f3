"""/webhooks/meta: somebody leaves our app at Instagram, or is to be forgotten."""

import time
from typing import Any

import pytest

from tests.conftest import Set
from tests.stack.providers.instagram.accounts import Account
from tests.stack.providers.instagram.keys import APP_SECRET, META_APP_SECRET
from tests.support.api import Answer, Api
from tests.support.contract import operation
from tests.support.database import Sql, content, count
from tests.support.instagram_updates import changed, comment, deliver
from tests.support.people import Person
from tests.support.platforms import (
    connect,
    forgotten,
    hand_in,
    left,
    signed_request,
)

pytestmark = pytest.mark.usefixtures("world", "aws")
LUNA = Account("luna.vega").scoped_id
SAID = {"algorithm": "HMAC-SHA256", "issued_at": 1_900_000_000, "user_id": LUNA}
DOORS = ("deauthorize", "data-deletion")
SECRETS = "select data_key, access_token, refresh_token from social_accounts"


def test_who_removes_the_app_is_disconnected_and_their_token_erased(
    luna: Person, sql: Sql
) -> None:
    connect(luna, "instagram")

    answer = left("deauthorize", LUNA)

    assert answer.ok() == {"received": True}
    assert count(sql, "social_accounts", status="disconnected") == 1
    (row,) = sql.execute(SECRETS).fetchall()
    assert set(row.values()) == {None}


def test_the_same_report_again_changes_nothing(luna: Person, sql: Sql) -> None:
    connect(luna, "instagram")
    left("deauthorize", LUNA)
    before = content(sql)

    answer = left("deauthorize", LUNA)

    assert answer.status == 200
    assert content(sql) == before


@pytest.mark.parametrize("door", DOORS)
def test_a_consent_that_was_given_later_stays(
    luna: Person, sql: Sql, door: str
) -> None:
    connect(luna, "instagram")

    left(door, LUNA, at=time.time() - 60)

    assert count(sql, "social_accounts", status="connected") == 1


@pytest.mark.parametrize("door", DOORS)
def test_others_stay(luna: Person, sql: Sql, door: str) -> None:
    connect(luna, "instagram")
    connect(luna, "tiktok")

    left(door, "nobody")

    assert count(sql, "social_accounts", status="connected") == 2


def test_who_asks_for_it_is_forgotten(luna: Person, sql: Sql) -> None:
    account_id = connect(luna, "instagram")

    answer = forgotten(LUNA)

    code = answer.ok()["confirmation_code"]
    assert answer.json["url"] == f"https://api.test/webhooks/meta/data-deletion/{code}"
    seen = luna.api("GET", f"/api/v1/social/accounts/{account_id}").ok()
    assert seen["status"] == "disconnected"
    (row,) = sql.execute("select t::text as t from social_accounts t").fetchall()
    assert "luna.vega" not in row["t"]
    assert LUNA not in row["t"]


def test_what_was_written_to_somebody_is_forgotten_with_them(
    luna: Person, sql: Sql
) -> None:
    connect(luna, "instagram")
    row = sql.execute("select platform_user_id from social_accounts").fetchone() or {}
    deliver(changed(row["platform_user_id"], comment(text="so pretty"))).ok(202)
    deliver(changed("somebody else", comment(text="so pretty"))).ok(202)

    forgotten(LUNA).ok()

    assert count(sql, "inbox_messages") == 0
    assert count(sql, "inbox_threads") == 0
    kept = sql.execute("select payload from webhook_events").fetchall()
    assert sum("so pretty" in str(event["payload"]) for event in kept) == 1


def test_who_was_disconnected_before_is_forgotten_too(luna: Person, sql: Sql) -> None:
    account_id = connect(luna, "instagram")
    luna.api("DELETE", f"/api/v1/social/accounts/{account_id}").ok(204)

    forgotten(LUNA).ok()

    assert count(sql, "social_accounts", username="(forgotten)") == 1


def test_a_deletion_can_be_looked_up(database: str) -> None:
    at = time.time()
    codes = {
        left("data-deletion", LUNA, at=at).ok()["confirmation_code"] for _ in range(2)
    }

    (code,) = codes
    found = Api()("GET", f"/webhooks/meta/data-deletion/{code}")
    assert found.ok() == {"status": "completed"}
    assert Api()("GET", "/webhooks/meta/data-deletion/0").status == 404


@pytest.mark.parametrize("door", DOORS)
def test_answers_keep_to_the_contract(database: str, door: str) -> None:
    said = operation(f"POST /webhooks/meta/{door}")

    answers = [left(door, "nobody"), hand_in(door, "x.y")]

    assert [said.complaints(answer) for answer in answers] == [[], []]


def refused(request: str, door: str = "deauthorize") -> Answer:
    answer = hand_in(door, request)
    assert (answer.status, answer.code) == (400, "INVALID_SIGNATURE"), answer.content
    return answer


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    "request_",
    [
        "",
        ".",
        "x",
        "x.y.z",
        "%ff%00.%ff",
        signed_request(SAID, "another secret"),
        signed_request(SAID, ""),
        "." + signed_request(SAID, APP_SECRET).partition(".")[2],
        signed_request(SAID, APP_SECRET) + "A",
    ],
)
def test_what_meta_has_not_signed_is_refused(
    luna: Person, sql: Sql, door: str, request_: str
) -> None:
    before = content(sql)

    refused(request_, door)

    assert content(sql) == before


@pytest.mark.parametrize(
    "said",
    [
        [],
        "luna",
        {},
        SAID | {"algorithm": "none"},
        SAID | {"user_id": ""},
        SAID | {"user_id": "9" * 200},
        SAID | {"issued_at": -1},
        SAID | {"issued_at": 10**30},
        SAID | {"issued_at": None},
    ],
)
def test_what_is_signed_and_says_something_else_is_refused(
    database: str, said: Any
) -> None:
    refused(signed_request(said, APP_SECRET))


def test_either_secret_of_the_app_may_have_signed(
    luna: Person, surroundings: Set, sql: Sql
) -> None:
    connect(luna, "instagram")
    surroundings(INSTAGRAM_APP_SECRET=f"{APP_SECRET},{META_APP_SECRET}")

    hand_in("deauthorize", signed_request(SAID, META_APP_SECRET)).ok()

    assert count(sql, "social_accounts", status="disconnected") == 1


def test_without_a_secret_there_is_no_door(database: str, surroundings: Set) -> None:
    surroundings(INSTAGRAM_APP_SECRET=None)

    answers = [left(door, LUNA) for door in DOORS]

    assert [answer.status for answer in answers] == [404, 404]
