"""/api/v1/notifications: what somebody should know, and has read or not."""

import json
from typing import Any

import pytest

from tests.support.api import Api
from tests.support.database import Sql, count
from tests.support.people import Person
from vixenbliss.ids import new_id

ALL = "/api/v1/notifications"
READ = f"{ALL}/read"


def told(sql: Sql, person: Person, *kinds: str) -> list[str]:
    """Tell a person of these things; return the notices' ids, the latest first."""
    ids = [new_id() for _ in kinds]
    for notice_id, kind in zip(ids, kinds, strict=True):
        sql.execute(
            "insert into notices (id, user_id, kind, dedupe_key, detail)"
            " values (%s, %s, %s, %s, %s)",
            (notice_id, person.id, kind, str(notice_id), json.dumps({"amount": 900})),
        )
    return [str(notice_id) for notice_id in reversed(ids)]


def listed(person: Person, query: str = "") -> list[dict[str, Any]]:
    return list(person.api("GET", f"{ALL}{query}").ok()["items"])


@pytest.mark.parametrize(("method", "path"), [("GET", ALL), ("POST", READ)])
def test_nobody_asks_without_a_token(database: str, method: str, path: str) -> None:
    answer = Api()(method, path)

    assert (answer.status, answer.code) == (401, "UNAUTHORIZED")


def test_people_see_their_own_notices_the_latest_first(
    luna: Person, stranger: Person, sql: Sql
) -> None:
    told(sql, stranger, "renewal_ahead")
    ids = told(sql, luna, "renewal_ahead", "payment_failed")

    notices = listed(luna)

    assert [notice["id"] for notice in notices] == ids
    assert [n["kind"] for n in notices] == ["payment_failed", "renewal_ahead"]
    assert {n["read_at"] for n in notices} == {None}
    assert notices[0]["detail"] == {"amount": 900}


def test_what_has_been_read_is_not_unread_any_more(luna: Person, sql: Sql) -> None:
    late, early = told(sql, luna, "renewal_ahead", "payment_failed")

    luna.api("POST", READ, {"ids": [early]}).ok(204)

    assert [notice["id"] for notice in listed(luna, "?unread=true")] == [late]
    assert [bool(notice["read_at"]) for notice in listed(luna)] == [False, True]


def test_all_are_read_at_once(luna: Person, stranger: Person, sql: Sql) -> None:
    told(sql, stranger, "payment_failed")
    told(sql, luna, "renewal_ahead", "payment_failed")

    luna.api("POST", READ, {"ids": "all"}).ok(204)

    assert listed(luna, "?unread=true") == []
    assert count(sql, "notices", read_at=None) == 1


def test_a_notice_read_twice_was_read_the_first_time(luna: Person, sql: Sql) -> None:
    ids = told(sql, luna, "payment_failed")
    luna.api("POST", READ, {"ids": ids}).ok(204)
    before = listed(luna)

    luna.api("POST", READ, {"ids": ids}).ok(204)

    assert listed(luna) == before


def test_nobody_reads_what_is_anothers(
    luna: Person, stranger: Person, sql: Sql
) -> None:
    ids = told(sql, luna, "payment_failed")

    stranger.api("POST", READ, {"ids": ids}).ok(204)

    assert len(listed(luna, "?unread=true")) == 1


@pytest.mark.parametrize("ids", [None, [], "none", ["luna"], [7]], ids=str)
def test_only_notices_are_read(luna: Person, ids: Any) -> None:
    answer = luna.api("POST", READ, {"ids": ids})

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert answer.json["errors"][0]["field"].startswith("ids")
