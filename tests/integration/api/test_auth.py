"""/api/auth/* and /api/v1/auth/token: signing in, staying signed in, signing out."""

import os
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import jwt
import psycopg
import pytest
from argon2 import PasswordHasher

from tests.conftest import Set
from tests.support.api import Answer, Api
from tests.support.at_once import Wish, answer_after, at_once
from tests.support.database import Sql, count
from tests.support.material import NOBODYS
from tests.support.people import PASSWORD, Person, sign_in, sign_up

SECRET = os.environ["JWT_SECRET"]
ANOTHER_SECRET = "another secret that is long enough for HS256 to be content"
FORM = {"content-type": "application/x-www-form-urlencoded"}


def _login(email: str, password: str = PASSWORD) -> Answer:
    credentials = {"email": email, "password": password}
    return Api()("POST", "/api/auth/login", credentials)


def _refresh(token: str) -> Answer:
    return Api()("POST", "/api/auth/refresh", {"refresh_token": token})


def _me(token: str) -> int:
    return Api(token)("GET", "/api/v1/users/me").status


def _grant(**form: str) -> Answer:
    content = urlencode(form).encode()
    return Api()("POST", "/api/v1/auth/token", content=content, headers=FORM)


def _claims(person: Person) -> dict[str, Any]:
    assert person.api.token is not None
    token = person.api.token
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def _let_pass(sql: Sql, seconds: int) -> None:
    """Make every session's last change so much older."""
    sql.execute(
        "update user_sessions set created_at = created_at - %(by)s,"
        " expires_at = expires_at - %(by)s, rotated_at = rotated_at - %(by)s",
        {"by": timedelta(seconds=seconds)},
    )


def test_a_login_brings_both_tokens_in_an_envelope(luna: Person) -> None:
    body = _login(luna.email).ok()

    assert body.keys() == {"success", "data", "message", "timestamp"}
    data = body["data"]
    assert data["user"] == {"id": luna.id, "email": luna.email}
    assert (data["token_type"], data["expires_in"]) == ("bearer", 900)
    assert _me(data["token"]) == 200
    assert _refresh(data["refresh_token"]).status == 200


def test_an_address_signs_in_in_whatever_case(luna: Person) -> None:
    answer = _login(luna.email.upper())

    assert answer.ok()["data"]["user"]["id"] == luna.id


def test_a_refused_login_does_not_tell_why(luna: Person) -> None:
    inactive = {"email": "inactive@example.com", "password": PASSWORD}
    Api()("POST", "/api/v1/users/", inactive | {"is_active": False}).ok(201)

    refusals = [
        _login(luna.email, "not her password"),
        _login("nobody@example.com"),
        _login(inactive["email"]),
    ]

    assert [r.status for r in refusals] == [401] * 3
    assert [r.code for r in refusals] == ["INVALID_CREDENTIALS"] * 3
    assert len({r.json["error"]["message"] for r in refusals}) == 1
    assert {r.headers["www-authenticate"] for r in refusals} == {"Bearer"}


@pytest.mark.parametrize(
    "change",
    [
        "update users set hashed_password = 'another'",
        "update users set is_active = false",
    ],
)
def test_what_changes_during_a_login_refuses_it(
    luna: Person, sql: Sql, database: str, change: str
) -> None:
    credentials = {"email": luna.email, "password": PASSWORD}
    wish = Wish(Api(), "POST", "/api/auth/login", credentials)
    with psycopg.connect(database) as holder:
        holder.execute(change.encode())

        answer = answer_after(holder, wish)

    assert (answer.status, answer.code) == (401, "INVALID_CREDENTIALS")
    assert count(sql, "user_sessions") == 1


@pytest.mark.parametrize("password", ["x", "password"])
def test_a_login_does_not_judge_the_password(luna: Person, password: str) -> None:
    answer = _login(luna.email, password)

    assert answer.status == 401


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"email": "luna@example.com"}, "password"),
        ({"email": "luna@example.com", "password": ""}, "password"),
        ({"email": "luna", "password": PASSWORD}, "email"),
        ({"email": "luna@example.com", "password": PASSWORD, "admin": 1}, "admin"),
    ],
)
def test_a_wrong_login_is_told_in_an_envelope(body: dict[str, Any], field: str) -> None:
    answer = Api()("POST", "/api/auth/login", body)

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert answer.json.keys() == {"success", "error", "timestamp"}
    assert answer.json["error"]["details"]["field"] == field


@pytest.mark.usefixtures("real_hasher")
def test_a_password_is_hashed_anew_where_its_hash_is_outdated(
    luna: Person, sql: Sql
) -> None:
    weak = PasswordHasher(memory_cost=64, time_cost=1, parallelism=1).hash(PASSWORD)
    sql.execute("update users set hashed_password = %s", (weak,))

    _login(luna.email).ok()

    row = sql.execute("select hashed_password from users").fetchone()
    assert row is not None
    assert "m=19456" in row["hashed_password"]
    assert _login(luna.email).status == 200


def test_a_refresh_token_is_spent_for_new_tokens(luna: Person) -> None:
    data = _refresh(luna.refresh_token).ok()["data"]

    assert data["user"] == {"id": luna.id, "email": luna.email}
    assert data["refresh_token"] != luna.refresh_token
    assert _me(data["token"]) == 200
    assert _refresh(data["refresh_token"]).status == 200


def test_only_hashes_of_refresh_tokens_are_kept(luna: Person, sql: Sql) -> None:
    _refresh(luna.refresh_token).ok()

    row = sql.execute("select s::text as told from user_sessions s").fetchone()

    assert row is not None
    secrets = luna.refresh_token.split(".")[1:]
    assert [secret for secret in secrets if secret in row["told"]] == []


def test_a_refresh_token_spent_a_moment_ago_is_refused_and_no_more(
    luna: Person,
) -> None:
    following = _refresh(luna.refresh_token).ok()["data"]

    again = _refresh(luna.refresh_token)

    assert (again.status, again.code) == (401, "TOKEN_REUSED")
    assert _me(following["token"]) == 200
    assert _refresh(following["refresh_token"]).status == 200


def test_a_refresh_token_spent_long_ago_ends_its_family(luna: Person, sql: Sql) -> None:
    following = _refresh(luna.refresh_token).ok()["data"]
    _let_pass(sql, 11)

    again = _refresh(luna.refresh_token)

    assert (again.status, again.code) == (401, "TOKEN_REUSED")
    assert _me(following["token"]) == 401
    assert _refresh(following["refresh_token"]).status == 401


def test_a_refresh_token_two_generations_old_ends_its_family(luna: Person) -> None:
    following = _refresh(luna.refresh_token).ok()["data"]
    last = _refresh(following["refresh_token"]).ok()["data"]

    again = _refresh(luna.refresh_token)

    assert (again.status, again.code) == (401, "TOKEN_REUSED")
    assert _me(last["token"]) == 401


def test_the_end_of_a_family_spares_the_others(luna: Person, sql: Sql) -> None:
    elsewhere = sign_in(luna.email, luna.id)
    _refresh(luna.refresh_token).ok()
    _let_pass(sql, 11)

    _refresh(luna.refresh_token)

    assert elsewhere.api("GET", "/api/v1/users/me").status == 200
    assert _refresh(elsewhere.refresh_token).status == 200


def test_of_many_refreshes_at_once_one_succeeds(luna: Person) -> None:
    body = {"refresh_token": luna.refresh_token}
    wish = Wish(Api(), "POST", "/api/auth/refresh", body)

    answers = at_once(wish, wish, wish)

    assert sorted(a.status for a in answers) == [200, 401, 401]
    (fresh,) = [a.json["data"] for a in answers if a.status == 200]
    assert _refresh(fresh["refresh_token"]).status == 200


def test_a_session_is_not_ended_by_who_knows_its_id_alone(
    luna: Person, stranger: Person
) -> None:
    session_id, family, once = luna.refresh_token.split(".")
    others = stranger.refresh_token.partition(".")[2]

    refusals = [
        _refresh(f"{session_id}.{guess}")
        for guess in ("x", f"x.{once}", others, f"{family}x.{once}", f".{once}")
    ]

    assert {(r.status, r.code) for r in refusals} == {(401, "UNAUTHORIZED")}
    assert luna.api("GET", "/api/v1/users/me").status == 200
    assert _refresh(luna.refresh_token).status == 200


@pytest.mark.parametrize(
    "token",
    ["nonsense", "nonsense.secret", f"{NOBODYS}.secret", f"{NOBODYS}.secret.secret"],
)
def test_a_refresh_token_that_is_none_of_ours_is_refused(
    database: str, token: str
) -> None:
    answer = _refresh(token)

    assert (answer.status, answer.code) == (401, "UNAUTHORIZED")


@pytest.mark.parametrize("body", [{}, {"refresh_token": ""}, {"refresh_token": 1}])
def test_a_refresh_without_a_token_is_400(database: str, body: dict[str, Any]) -> None:
    answer = Api()("POST", "/api/auth/refresh", body)

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert answer.json["error"]["details"]["field"] == "refresh_token"


def test_a_session_ends_after_thirty_days(luna: Person, sql: Sql) -> None:
    _let_pass(sql, 30 * 24 * 60 * 60)

    refused = _refresh(luna.refresh_token)

    assert refused.status == 401
    assert luna.api("GET", "/api/v1/users/me").status == 401


def test_a_closed_account_is_shut_out_at_once(luna: Person, sql: Sql) -> None:
    sql.execute("update users set is_active = false")

    statuses = [
        luna.api("GET", "/api/v1/users/me").status,
        luna.api("GET", "/api/v1/workspaces").status,
        luna.api("GET", "/api/v1/avatars").status,
        _refresh(luna.refresh_token).status,
    ]

    assert statuses == [401] * 4


def test_a_logout_ends_both_tokens_at_once(luna: Person) -> None:
    luna.api("POST", "/api/auth/logout").ok()

    again = luna.api("POST", "/api/auth/logout")

    assert (again.status, again.code) == (401, "UNAUTHORIZED")
    assert luna.api("GET", "/api/v1/avatars").status == 401
    assert _refresh(luna.refresh_token).status == 401


def test_a_logout_is_of_one_session_alone(luna: Person) -> None:
    elsewhere = sign_in(luna.email, luna.id)

    body = luna.api("POST", "/api/auth/logout").ok()

    assert (body["success"], body["data"]) == (True, {})
    assert elsewhere.api("GET", "/api/v1/users/me").status == 200


def test_nobody_logs_out_without_a_token() -> None:
    answer = Api()("POST", "/api/auth/logout")

    assert (answer.status, answer.code) == (401, "UNAUTHORIZED")
    assert answer.json["success"] is False
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/auth/login", 405, "METHOD_NOT_ALLOWED"),
        ("POST", "/api/auth/nowhere", 404, "NOT_FOUND"),
    ],
)
def test_what_is_not_there_is_told_in_an_envelope(
    method: str, path: str, status: int, code: str
) -> None:
    answer = Api()(method, path)

    assert (answer.status, answer.code) == (status, code)
    assert answer.json["success"] is False


def test_an_access_token_is_good_for_a_quarter_of_an_hour(luna: Person) -> None:
    claims = _claims(luna)
    life = claims["exp"] - claims["iat"]
    aged = {k: claims[k] - life - 60 for k in ("iat", "nbf", "exp")}

    status = _me(jwt.encode(claims | aged, SECRET))

    assert life == 15 * 60
    assert status == 401


def test_a_tampered_access_token_is_refused(luna: Person, stranger: Person) -> None:
    assert luna.api.token is not None
    header, _, signature = luna.api.token.split(".")
    others = {"sub": str(stranger.id), "sid": _claims(stranger)["sid"]}
    tampered = jwt.encode(_claims(luna) | others, ANOTHER_SECRET).split(".")[1]

    status = _me(f"{header}.{tampered}.{signature}")

    assert status == 401


def test_an_unsigned_access_token_is_refused(luna: Person) -> None:
    unsigned = jwt.encode(_claims(luna), "", algorithm="none")

    assert _me(unsigned) == 401


def test_an_access_token_signed_in_another_way_is_refused(luna: Person) -> None:
    another = jwt.encode(_claims(luna), SECRET * 2, algorithm="HS512")

    assert _me(another) == 401


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "somebody else"},
        {"aud": "another product"},
        {"typ": "refresh"},
        {"sid": NOBODYS},
        {"sid": "no id"},
        {"sub": "no number"},
        {"sub": "0"},
    ],
)
def test_an_access_token_that_says_something_else_is_refused(
    luna: Person, changes: dict[str, str]
) -> None:
    status = _me(jwt.encode(_claims(luna) | changes, SECRET))

    assert status == 401


@pytest.mark.parametrize(
    "claim", ["exp", "iat", "nbf", "iss", "aud", "sub", "sid", "jti", "typ"]
)
def test_an_access_token_that_says_too_little_is_refused(
    luna: Person, claim: str
) -> None:
    claims = _claims(luna)
    del claims[claim]

    status = _me(jwt.encode(claims, SECRET))

    assert status == 401


def test_a_user_s_token_opens_no_session_of_another(
    luna: Person, stranger: Person
) -> None:
    others = {"sid": _claims(stranger)["sid"]}

    status = _me(jwt.encode(_claims(luna) | others, SECRET))

    assert status == 401


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer nonsense", "Bearer a.b.c", "Basic bHVuYTo="]
)
def test_what_is_no_bearer_token_is_refused(database: str, header: str) -> None:
    answer = Api()("GET", "/api/v1/users/me", headers={"authorization": header})

    assert (answer.status, answer.code) == (401, "UNAUTHORIZED")


def test_a_token_outlives_the_rotation_of_the_secret(
    luna: Person, surroundings: Set
) -> None:
    surroundings(JWT_SECRET=f"{ANOTHER_SECRET},{SECRET}")

    status = luna.api("GET", "/api/v1/users/me").status

    assert status == 200


def test_a_rotated_secret_signs_at_once(luna: Person, surroundings: Set) -> None:
    surroundings(JWT_SECRET=f"{ANOTHER_SECRET},{SECRET}")

    token = _login(luna.email).ok()["data"]["token"]

    surroundings(JWT_SECRET=ANOTHER_SECRET)
    assert _me(token) == 200


def test_a_token_signed_by_an_unknown_secret_is_refused(
    luna: Person, surroundings: Set
) -> None:
    surroundings(JWT_SECRET=ANOTHER_SECRET)

    status = luna.api("GET", "/api/v1/users/me").status

    assert status == 401


def test_a_form_brings_tokens_as_oauth2_has_them(luna: Person) -> None:
    answer = _grant(username=luna.email, password=PASSWORD, grant_type="password")

    body = answer.ok()
    assert body.keys() == {"access_token", "token_type", "expires_in", "refresh_token"}
    assert _me(body["access_token"]) == 200
    assert answer.headers["cache-control"] == "no-store"


def test_a_form_with_wrong_credentials_is_an_invalid_grant(luna: Person) -> None:
    answer = _grant(username=luna.email, password="wrong", grant_type="password")

    assert answer.status == 400
    assert answer.json.keys() == {"error", "error_description"}
    assert answer.json["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "form",
    [
        {"password": PASSWORD},
        {"username": "luna@example.com"},
        {"username": "luna", "password": PASSWORD},
        {"username": "luna@example.com", "password": PASSWORD, "grant_type": "magic"},
    ],
)
def test_a_form_that_is_not_filled_in_right_is_an_invalid_request(
    database: str, form: dict[str, str]
) -> None:
    answer = _grant(**form)

    assert answer.status == 400
    assert answer.json["error"] == "invalid_request"


def test_two_sign_ins_are_two_sessions(database: str, sql: Sql) -> None:
    somebody = sign_up()

    sign_in(somebody.email, somebody.id)

    assert count(sql, "user_sessions") == 2
