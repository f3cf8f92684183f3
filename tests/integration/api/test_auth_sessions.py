"""/api/auth/sessions and /api/auth/logout-all: where one is signed in."""

import re
from typing import Any

import pytest

from tests.support.api import Answer, Api
from tests.support.database import Sql
from tests.support.material import NOBODYS
from tests.support.people import PASSWORD, Person, sign_in, sign_up

SESSIONS = "/api/auth/sessions"
IN_WHOLE_SECONDS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def sessions(person: Person) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = person.api("GET", SESSIONS).ok()["data"]["items"]
    return items


def refreshed(person: Person) -> Answer:
    return Api()("POST", "/api/auth/refresh", {"refresh_token": person.refresh_token})


def is_in(person: Person) -> bool:
    return person.api("GET", "/api/v1/users/me").status == 200


@pytest.fixture
def elsewhere(luna: Person) -> Person:
    """Luna, signed in a second time."""
    return sign_in(luna.email, luna.id)


def test_one_s_sessions_are_listed_newest_first(
    luna: Person, elsewhere: Person, stranger: Person
) -> None:
    found = sessions(luna)

    assert [one["is_current"] for one in found] == [False, True]
    assert [one["is_current"] for one in sessions(elsewhere)] == [True, False]


def test_a_session_is_told_by_what_its_owner_may_recognise(luna: Person) -> None:
    credentials = {"email": luna.email, "password": PASSWORD}
    agent = {"user-agent": "A browser"}
    Api()("POST", "/api/auth/login", credentials, headers=agent).ok()

    newest = sessions(luna)[0]

    assert newest.keys() == {
        "id",
        "is_current",
        "user_agent",
        "ip",
        "created_at",
        "last_used_at",
        "expires_at",
    }
    assert (newest["user_agent"], newest["ip"]) == ("A browser", "127.0.0.1")
    assert IN_WHOLE_SECONDS.fullmatch(newest["created_at"])


def test_a_session_was_last_used_when_it_was_renewed(luna: Person, sql: Sql) -> None:
    sql.execute("update user_sessions set created_at = created_at - interval '1 day'")
    refreshed(luna).ok()

    (session,) = sessions(luna)

    assert session["last_used_at"] > session["created_at"]


@pytest.mark.parametrize(
    "ending", ["revoked_at = now()", "expires_at = created_at + interval '1 us'"]
)
def test_a_session_that_has_ended_is_not_listed(
    luna: Person, elsewhere: Person, sql: Sql, ending: str
) -> None:
    other = next(one["id"] for one in sessions(luna) if not one["is_current"])
    sql.execute(f"update user_sessions set {ending} where id = '{other}'")  # noqa: S608 - a test's own words

    assert [one["is_current"] for one in sessions(luna)] == [True]


def test_a_session_is_ended_with_both_of_its_tokens(
    luna: Person, elsewhere: Person
) -> None:
    other = next(one["id"] for one in sessions(luna) if not one["is_current"])

    luna.api("DELETE", f"{SESSIONS}/{other}").ok()

    assert (is_in(luna), is_in(elsewhere)) == (True, False)
    assert refreshed(elsewhere).status == 401


def test_one_s_own_session_is_ended_likewise(luna: Person) -> None:
    (mine,) = sessions(luna)

    luna.api("DELETE", f"{SESSIONS}/{mine['id']}").ok()

    assert not is_in(luna)


def test_a_session_that_is_not_one_s_own_is_not_there(
    luna: Person, elsewhere: Person, stranger: Person
) -> None:
    other = next(one["id"] for one in sessions(luna) if not one["is_current"])
    luna.api("DELETE", f"{SESSIONS}/{other}").ok()
    (theirs,) = sessions(stranger)

    refusals = [
        luna.api("DELETE", f"{SESSIONS}/{session_id}")
        for session_id in (theirs["id"], other, NOBODYS)
    ]

    assert {(r.status, r.code) for r in refusals} == {(404, "NOT_FOUND")}
    assert len({r.json["error"]["message"] for r in refusals}) == 1
    assert is_in(stranger)


def test_one_signs_out_everywhere_at_once(
    luna: Person, elsewhere: Person, stranger: Person
) -> None:
    body = luna.api("POST", "/api/auth/logout-all").ok()

    assert body["data"] == {"revoked": 2}
    assert [is_in(one) for one in (luna, elsewhere, stranger)] == [False, False, True]
    assert refreshed(elsewhere).status == 401


def test_whoever_is_out_has_no_sessions_to_look_at(database: str) -> None:
    luna = sign_up()
    luna.api("POST", "/api/auth/logout-all").ok()

    answers = [
        luna.api("GET", SESSIONS),
        luna.api("POST", "/api/auth/logout-all"),
        luna.api("DELETE", f"{SESSIONS}/{NOBODYS}"),
        Api()("GET", SESSIONS),
    ]

    assert [(a.status, a.code) for a in answers] == [(401, "UNAUTHORIZED")] * 4
