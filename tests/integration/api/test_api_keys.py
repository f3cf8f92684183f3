"""/api/v1/api-keys: keys that owners make for their programs, and take back."""

from typing import Any

import pytest

from tests.support.api import Api
from tests.support.api_keys import KEYS, Program, make_key
from tests.support.at_once import Wish, at_once
from tests.support.database import Sql, content, count
from tests.support.material import NOBODYS
from tests.support.people import Person, join

WANTED = {"name": "Importer", "scopes": ["avatars:read"]}
AVATARS = "/api/v1/avatars"
REVOKED = b"update api_keys set revoked_at = now()"
EXPIRED = b"update api_keys set expires_at = created_at + interval '1 microsecond'"
FILL = (
    "insert into api_keys (id, workspace_id, created_by, name, prefix, key_hash,"
    " scopes) select gen_random_uuid(), %s, %s, 'k', n, n::text::bytea,"
    " '{{avatars:read}}' from generate_series(1, {}) n"
)


def fill(sql: Sql, owner: Person, how_many: int) -> None:
    """Give a workspace so many keys that nobody knows."""
    sql.execute(FILL.format(how_many).encode(), [owner.workspace_id, owner.id])


def listed(owner: Person) -> list[dict[str, Any]]:
    return list(owner.api("GET", KEYS).ok()["items"])


def deeds(owner: Person, key_id: str) -> list[str]:
    found = owner.api("GET", f"/api/v1/ops/audit?target={key_id}").ok()["items"]
    return [deed["action"] for deed in reversed(found)]


CALLS = [
    ("POST", KEYS, WANTED),
    ("GET", KEYS, None),
    ("POST", f"{KEYS}/{NOBODYS}/rotate", None),
    ("DELETE", f"{KEYS}/{NOBODYS}", None),
]


@pytest.mark.parametrize(("method", "path", "body"), CALLS)
def test_nobody_gets_in_without_a_token(method: str, path: str, body: Any) -> None:
    answer = Api()(method, path, body)

    assert (answer.status, answer.code) == (401, "UNAUTHORIZED")


@pytest.mark.parametrize(("method", "path", "body"), CALLS)
def test_only_owners_have_to_do_with_keys(
    luna: Person, method: str, path: str, body: Any
) -> None:
    answer = join(luna, "editor").api(method, path, body)

    assert (answer.status, answer.code) == (403, "FORBIDDEN")


@pytest.mark.parametrize(("method", "path", "body"), CALLS)
def test_no_key_makes_or_ends_keys(
    luna: Person, method: str, path: str, body: Any
) -> None:
    key = make_key(luna)

    answer = Program(key=key["key"])(method, path, body)

    assert (answer.status, answer.code) == (401, "UNAUTHORIZED")


def test_a_key_is_told_once_and_in_no_list(luna: Person, sql: Sql) -> None:
    told = make_key(luna, "avatars:read", "avatars:read", name="Importer")

    (kept,) = listed(luna)
    assert kept == {name: told[name] for name in kept}
    assert told.keys() - kept.keys() == {"key"}
    assert (kept["name"], kept["scopes"]) == ("Importer", ["avatars:read"])
    assert kept["is_live"]
    assert told["key"].startswith(f"vb_{kept['prefix']}_")
    secret = told["key"].rpartition(kept["prefix"])[2]
    rows = sql.execute("select k::text || a::text from api_keys k, audit_log a")
    assert not [row for row in rows if secret in str(row)]


@pytest.mark.parametrize(
    "change",
    [
        {"scopes": []},
        {"scopes": ["avatars:own"]},
        {"scopes": "avatars:read"},
        {"name": " "},
        {"name": "x" * 81},
        {"expires_at": "2020-01-01T00:00:00Z"},
        {"expires_at": "2100-01-01T00:00:00"},
        {"key": "of my own"},
    ],
    ids=str,
)
def test_what_is_no_key_s_description_is_refused(
    luna: Person, sql: Sql, change: dict[str, Any]
) -> None:
    before = content(sql)

    answer = luna.api("POST", KEYS, WANTED | change)

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert content(sql) == before


def test_a_workspace_has_twenty_live_keys_at_most(luna: Person, sql: Sql) -> None:
    fill(sql, luna, 20)

    answer = luna.api("POST", KEYS, WANTED)

    assert (answer.status, answer.code) == (409, "CONFLICT")


def test_keys_that_have_ended_take_no_room(luna: Person, sql: Sql) -> None:
    fill(sql, luna, 20)
    sql.execute("update api_keys set revoked_at = now() where prefix = '1'")

    luna.api("POST", KEYS, WANTED).ok(201)

    assert count(sql, "api_keys") == 21


def test_of_two_who_want_the_last_key_one_gets_it(luna: Person, sql: Sql) -> None:
    fill(sql, luna, 19)

    answers = at_once(*[Wish(luna.api, "POST", KEYS, WANTED)] * 2)

    assert sorted(answer.status for answer in answers) == [201, 409]


def test_a_renewed_key_opens_and_the_one_before_does_not(luna: Person) -> None:
    told = make_key(luna)

    renewed = luna.api("POST", f"{KEYS}/{told['id']}/rotate").ok()

    Program(key=renewed["key"])("GET", AVATARS).ok()
    assert Program(key=told["key"])("GET", AVATARS).status == 401
    assert {name for name in told if told[name] != renewed[name]} == {"key"}


def test_who_renews_a_key_answers_for_it(luna: Person, sql: Sql) -> None:
    other = join(luna, "owner")
    told = make_key(other)
    renewed = luna.api("POST", f"{KEYS}/{told['id']}/rotate").ok()
    seat = f"/api/v1/workspaces/{luna.workspace_id}/members/{other.id}"
    luna.api("DELETE", seat).ok(204)

    answer = Program(key=renewed["key"])("GET", AVATARS)

    assert (answer.status, renewed["created_by"]) == (200, luna.id)


@pytest.mark.parametrize("ended", [REVOKED, EXPIRED], ids=["revoked", "expired"])
def test_a_key_that_has_ended_is_not_renewed(
    luna: Person, sql: Sql, ended: bytes
) -> None:
    told = make_key(luna)
    sql.execute(ended)

    answer = luna.api("POST", f"{KEYS}/{told['id']}/rotate")

    assert (answer.status, answer.code) == (409, "INVALID_STATE")


def test_a_revoked_key_opens_nothing_and_is_still_listed(luna: Person) -> None:
    told = make_key(luna)

    luna.api("DELETE", f"{KEYS}/{told['id']}").ok(204)

    assert Program(key=told["key"])("GET", AVATARS).status == 401
    (kept,) = listed(luna)
    assert (kept["is_live"], kept["revoked_at"] is None) == (False, False)


def test_a_key_is_revoked_once(luna: Person) -> None:
    told = make_key(luna)
    luna.api("DELETE", f"{KEYS}/{told['id']}").ok(204)
    (first,) = listed(luna)

    luna.api("DELETE", f"{KEYS}/{told['id']}").ok(204)

    assert listed(luna) == [first]
    assert deeds(luna, told["id"]) == ["api_key.created", "api_key.revoked"]


def test_a_key_s_life_is_in_the_trail(luna: Person) -> None:
    told = make_key(luna)
    luna.api("POST", f"{KEYS}/{told['id']}/rotate").ok()
    luna.api("DELETE", f"{KEYS}/{told['id']}").ok(204)

    assert deeds(luna, told["id"]) == [
        "api_key.created",
        "api_key.rotated",
        "api_key.revoked",
    ]


@pytest.mark.parametrize(
    ("method", "end"), [("POST", "/rotate"), ("DELETE", "")], ids=["rotate", "revoke"]
)
def test_another_workspace_s_key_is_as_if_there_were_none(
    luna: Person, stranger: Person, method: str, end: str
) -> None:
    told = make_key(luna)

    answer = stranger.api(method, f"{KEYS}/{told['id']}{end}")

    assert (answer.status, answer.json["detail"]) == (404, "API key not found")
    Program(key=told["key"])("GET", AVATARS).ok()


def test_another_workspace_s_keys_are_not_listed(
    luna: Person, stranger: Person
) -> None:
    make_key(luna)

    assert listed(stranger) == []
