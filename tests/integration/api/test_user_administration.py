"""GET /api/v1/users/ and /api/v1/users/{user_id}: accounts, and who changes them."""

from typing import Any

import pytest

from tests.support.api import Answer, Api
from tests.support.at_once import Wish, at_once
from tests.support.database import Sql, count
from tests.support.people import PASSWORD, Person, sign_up

USERS = "/api/v1/users"
KEYS = {
    "id",
    "email",
    "is_active",
    "platform_role",
    "email_verified_at",
    "created_at",
    "updated_at",
    "erased_at",
}


def employ(sql: Sql, person: Person, role: str = "admin") -> Person:
    """Give somebody a role on the platform."""
    sql.execute("update users set platform_role = %s where id = %s", (role, person.id))
    return person


def change(by: Person, whom: Person, **changes: Any) -> Answer:
    return by.api("PATCH", f"{USERS}/{whom.id}", changes)


@pytest.fixture
def admin(stranger: Person, sql: Sql) -> Person:
    return employ(sql, stranger)


@pytest.mark.parametrize("role", ["support", "admin"])
def test_staff_lists_the_users_newest_first(
    luna: Person, stranger: Person, sql: Sql, role: str
) -> None:
    employ(sql, stranger, role)

    body = stranger.api("GET", f"{USERS}?per_page=1").ok()

    assert body["pagination"] == {"page": 1, "per_page": 1, "total": 2}
    assert [user["id"] for user in body["items"]] == [stranger.id]
    assert body["items"][0].keys() == KEYS


def test_staff_finds_whoever_has_an_address(luna: Person, admin: Person) -> None:
    body = admin.api("GET", f"{USERS}/?email={luna.email.upper()}").ok()

    assert [user["id"] for user in body["items"]] == [luna.id]
    assert body["pagination"]["total"] == 1


def test_an_ordinary_user_lists_nobody(luna: Person) -> None:
    answer = luna.api("GET", USERS)

    assert (answer.status, answer.code) == (403, "FORBIDDEN")


def test_an_account_is_shown_to_its_owner_and_to_staff(
    luna: Person, admin: Person
) -> None:
    seen = [by.api("GET", f"{USERS}/{luna.id}").ok() for by in (luna, admin)]

    assert seen[0] == seen[1]
    assert (seen[0]["id"], seen[0]["platform_role"]) == (luna.id, "member")


def test_somebody_else_s_account_is_not_there(luna: Person, stranger: Person) -> None:
    theirs = luna.api("GET", f"{USERS}/{stranger.id}")
    nobodys = luna.api("GET", f"{USERS}/2147483647")

    assert (theirs.status, theirs.code) == (404, "NOT_FOUND")
    assert theirs.json["detail"] == nobodys.json["detail"]


def test_an_account_is_closed_with_its_sessions(
    luna: Person, admin: Person, sql: Sql
) -> None:
    account = change(admin, luna, is_active=False).ok()

    login = {"email": luna.email, "password": PASSWORD}
    assert account["is_active"] is False
    assert luna.api("GET", f"{USERS}/me").status == 401
    assert Api()("POST", "/api/auth/login", login).status == 401
    assert count(sql, "user_sessions", user_id=luna.id, revoked_at=None) == 0


def test_an_account_that_is_opened_again_has_to_sign_in(
    luna: Person, admin: Person
) -> None:
    change(admin, luna, is_active=False).ok()
    change(admin, luna, is_active=True).ok()

    login = {"email": luna.email, "password": PASSWORD}

    assert luna.api("GET", f"{USERS}/me").status == 401
    assert Api()("POST", "/api/auth/login", login).status == 200


def test_who_changed_an_account_is_written_down_once(
    luna: Person, admin: Person
) -> None:
    for _ in range(2):
        change(admin, luna, platform_role="support").ok()

    deeds = luna.api("GET", "/api/v1/ops/audit?action=user.changed").ok()["items"]

    assert [(d["actor_user_id"], d["detail"]) for d in deeds] == [
        (admin.id, {"platform_role": "support"})
    ]


@pytest.mark.parametrize("role", ["member", "support"])
def test_only_an_administrator_changes_accounts(
    luna: Person, stranger: Person, sql: Sql, role: str
) -> None:
    employ(sql, luna, role)

    refusals = [
        change(luna, whom, platform_role="admin").status for whom in (luna, stranger)
    ]

    assert refusals == [403, 403]
    assert count(sql, "users", platform_role="admin") == 0


@pytest.mark.parametrize("changes", [{"is_active": False}, {"platform_role": "member"}])
def test_the_last_administrator_stays(
    admin: Person, luna: Person, sql: Sql, changes: dict[str, Any]
) -> None:
    change(admin, luna, platform_role="admin").ok()
    change(admin, luna, is_active=False).ok()

    refused = change(admin, admin, **changes)

    assert (refused.status, refused.code) == (409, "INVALID_STATE")
    assert count(sql, "users", id=admin.id, is_active=True, platform_role="admin") == 1


def test_two_administrators_do_not_take_each_other_s_role(
    admin: Person, luna: Person, sql: Sql
) -> None:
    employ(sql, luna)
    body = {"platform_role": "member"}
    wishes = [
        Wish(by.api, "PATCH", f"{USERS}/{whom.id}", body)
        for by, whom in ((admin, luna), (luna, admin))
    ]

    answers = at_once(*wishes)

    assert sorted(answer.status for answer in answers) == [200, 403]
    assert count(sql, "users", platform_role="admin") == 1


def test_an_account_that_was_erased_stays_erased(
    luna: Person, admin: Person, sql: Sql
) -> None:
    sql.execute(
        "update users set erased_at = now(), is_active = false where id = %s",
        (luna.id,),
    )

    refused = change(admin, luna, is_active=True)

    assert (refused.status, refused.code) == (409, "INVALID_STATE")


@pytest.mark.parametrize(
    "changes",
    [
        {"is_active": None},
        {"is_active": "no"},
        {"platform_role": "king"},
        {"email": "other@example.com"},
    ],
)
def test_what_may_not_be_changed_is_refused(
    admin: Person, changes: dict[str, Any]
) -> None:
    answer = change(admin, admin, **changes)

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")


@pytest.mark.parametrize("user_id", ["abc", "0", "-1", "2147483648", "9" * 30])
def test_what_is_no_user_s_number_is_refused(admin: Person, user_id: str) -> None:
    answer = admin.api("GET", f"{USERS}/{user_id}")

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")


def test_nothing_to_change_changes_nothing(admin: Person, luna: Person) -> None:
    before = admin.api("GET", f"{USERS}/{luna.id}").ok()

    assert change(admin, luna).ok() == before


def test_nobody_changes_anything_without_a_token(database: str) -> None:
    somebody = sign_up()

    answers = [
        Api()(method, f"{USERS}/{somebody.id}", {"is_active": False})
        for method in ("GET", "PATCH")
    ]

    assert [answer.status for answer in answers] == [401, 401]
