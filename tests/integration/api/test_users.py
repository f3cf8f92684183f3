"""/api/v1/users/* and /users/*, entered as Lambda enters them."""

from typing import Any

import pytest

from tests.support.api import Api
from tests.support.at_once import Wish, at_once
from tests.support.database import Sql, count
from tests.support.people import PASSWORD, Person, sign_in

PATH = "/api/v1/users/"
SOMEBODY = {"email": "somebody@example.com", "password": PASSWORD}
KEYS = {"id", "email", "is_active", "created_at", "updated_at"}


@pytest.mark.parametrize("path", ["/api/v1/users/", "/api/v1/users", "/users/"])
def test_a_sign_up_is_told_in_exactly_five_keys(database: str, path: str) -> None:
    """Acceptance 002: sign-up body and 201; response has exactly five keys."""
    answer = Api()("POST", path, SOMEBODY)

    user = answer.ok(201)
    assert user.keys() == KEYS
    assert user["email"] == SOMEBODY["email"]
    assert user["is_active"] is True


def test_a_sign_up_says_where_the_user_is_found(database: str) -> None:
    answer = Api()("POST", PATH, SOMEBODY)

    person = sign_in(SOMEBODY["email"], answer.ok(201)["id"])
    found = person.api("GET", answer.headers["location"])
    assert found.ok() == answer.json


def test_a_user_may_start_inactive(database: str) -> None:
    user = Api()("POST", PATH, SOMEBODY | {"is_active": False}).ok(201)

    assert user["is_active"] is False


@pytest.mark.parametrize(
    "email",
    [
        "somebody@example.com",
        "SomeBody@Example.COM",
        " somebody@example.com ",
        "\uff53omebody@example.com",
    ],
)
def test_an_address_signs_up_once(database: str, sql: Sql, email: str) -> None:
    """Acceptance 002: existing e-mail (other case) -> 400."""
    Api()("POST", PATH, SOMEBODY).ok(201)

    answer = Api()("POST", PATH, SOMEBODY | {"email": email})

    assert (answer.status, answer.code) == (400, "USER_EXISTS")
    assert answer.json["detail"] == "A user with this email already exists"
    assert count(sql, "users") == 1


def test_of_two_sign_ups_at_once_one_succeeds(database: str, sql: Sql) -> None:
    wish = Wish(Api(), "POST", PATH, SOMEBODY)

    answers = at_once(wish, wish)

    assert sorted(a.status for a in answers) == [201, 400]
    assert count(sql, "users") == 1


@pytest.mark.parametrize(
    "password", ["", "seven c", "x" * 129, "e\u0301" * 7, "\ufdfa" * 8]
)
def test_a_password_has_eight_to_128_characters(
    database: str, sql: Sql, password: str
) -> None:
    """Acceptance 002: 7-character password -> 400."""
    answer = Api()("POST", PATH, SOMEBODY | {"password": password})

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert [e["field"] for e in answer.json["errors"]] == ["password"]
    assert count(sql, "users") == 0


@pytest.mark.parametrize("password", ["eight ch", "ñandúñan", "xy" * 64])
def test_a_password_is_counted_in_characters(database: str, password: str) -> None:
    answer = Api()("POST", PATH, SOMEBODY | {"password": password})

    assert answer.status == 201


@pytest.mark.parametrize("password", ["Passw0rd", "\uff11" * 8, SOMEBODY["email"]])
def test_a_password_that_is_guessed_first_is_refused(
    database: str, sql: Sql, password: str
) -> None:
    answer = Api()("POST", PATH, SOMEBODY | {"password": password})

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert [e["field"] for e in answer.json["errors"]] == ["password"]
    assert count(sql, "users") == 0


@pytest.mark.usefixtures("real_hasher")
def test_a_password_is_kept_as_argon2id_and_never_told(database: str, sql: Sql) -> None:
    """Acceptance 002: hash is Argon2id."""
    answer = Api()("POST", PATH, SOMEBODY)

    row = sql.execute("select hashed_password from users").fetchone()
    assert row is not None
    assert row["hashed_password"].startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert b"argon2" not in answer.content
    assert PASSWORD.encode() not in answer.content


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": None}, "email"),
        ({"email": ""}, "email"),
        ({"email": "somebody"}, "email"),
        ({"email": "some body@example.com"}, "email"),
        ({"email": "somebody@example"}, "email"),
        ({"email": "some\0body@example.com"}, "email"),
        ({"email": f"{'x' * 320}@example.com"}, "email"),
        ({"email": "\ud800@example.com"}, "email"),
        ({"email": "some\uff20body@example.com"}, "email"),
        ({"email": "somebody@ex\u3000ample.com"}, "email"),
        ({"email": "somebody@example.com\ufe52"}, "email"),
        ({"email": "\ufdfa" * 100 + "@example.com"}, "email"),
        ({"password": 12345678}, "password"),
        ({"password": "\ud800" * 8}, "password"),
        ({"is_active": "perhaps"}, "is_active"),
        ({"platform_role": "admin"}, "platform_role"),
        ({"id": 1}, "id"),
    ],
)
def test_wrong_input_is_named(
    database: str, sql: Sql, changes: dict[str, Any], field: str
) -> None:
    answer = Api()("POST", PATH, SOMEBODY | changes)

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert answer.headers["content-type"] == "application/problem+json"
    assert [e["field"] for e in answer.json["errors"]] == [field]
    assert count(sql, "users") == 0


@pytest.mark.parametrize("content", [b"", b"{", b"null", b"[]", b"\xff"])
def test_a_body_that_is_no_object_is_400(database: str, content: bytes) -> None:
    answer = Api()("POST", PATH, content=content)

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")


def test_a_body_of_another_type_is_415(database: str) -> None:
    plain = {"content-type": "text/plain"}

    answer = Api()("POST", PATH, SOMEBODY, headers=plain)

    assert (answer.status, answer.code) == (415, "UNSUPPORTED_MEDIA_TYPE")


def test_a_body_of_more_than_256_kb_is_413(database: str) -> None:
    answer = Api()("POST", PATH, SOMEBODY | {"email": "x" * 256 * 1024})

    assert (answer.status, answer.code) == (413, "PAYLOAD_TOO_LARGE")


def test_whoever_signs_up_owns_a_workspace(luna: Person) -> None:
    listed = luna.api("GET", "/api/v1/workspaces").ok()

    assert [w["role"] for w in listed["items"]] == ["owner"]


def test_a_sign_up_that_breaks_leaves_nothing(database: str, sql: Sql) -> None:
    sql.execute("drop table audit_log cascade")

    answer = Api()("POST", PATH, SOMEBODY)

    assert (answer.status, answer.code) == (500, "INTERNAL_ERROR")
    assert count(sql, "users") == 0
