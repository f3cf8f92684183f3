"""What a program may do with a key: what its scopes say, in one workspace, and no more.

Each key stands in for its maker, and falls with them.
"""

import json
from typing import Any

import pytest

from tests.integration.api.test_rubbish import GOOD, SEEN
from tests.support.api import ROOT, Api
from tests.support.api_keys import (
    EVERYTHING,
    KEYS,
    Program,
    as_user,
    make_key,
    program,
)
from tests.support.at_once import Wish, at_once
from tests.support.contract import Operation, operations
from tests.support.database import Sql, count
from tests.support.material import NOBODYS
from tests.support.people import Person, avatar
from tests.support.studio import Studio

RIGHTS = json.loads((ROOT / "docs" / "authz.json").read_text())["operations"]
BY_KEY = [one for one in operations() if RIGHTS[str(one)]["scope"]]
BY_TOKEN_ALONE = [
    one
    for one in operations()
    if one.said.get("security") and not RIGHTS[str(one)]["scope"]
]
AVATARS = "/api/v1/avatars"
CREATE = f"{AVATARS}/create"
LUNA = {"avatar_name": "Luna", "nicho": "travel", "aesthetic": "film"}
UNKNOWN = f"vb_{'0' * 12}_{'a' * 43}"


def ask(api: Api, one: Operation) -> Any:
    # Free slots are of an account; what is public opens wider by the other.
    query = f"?account_id={NOBODYS}&include_inactive=true"
    return api(one.method, one.at() + query, GOOD.get(str(one)), headers=SEEN)


def made(studio: Studio) -> str:
    """Return the id of a picture that was made in a studio."""
    (job_id,) = studio.wish()
    studio.bring_home(job_id)
    return str(studio.asset(job_id)["id"])


def used(sql: Sql) -> Any:
    return sql.execute("select last_used_at from api_keys").fetchone()


def test_a_key_gets_in_wherever_its_scopes_say(
    luna: Person, aws: dict[str, str]
) -> None:
    api = program(luna)

    answers = {str(one): ask(api, one).status for one in BY_KEY}

    assert {name: s for name, s in answers.items() if s in (401, 403, 500)} == {}


def test_a_key_without_the_scope_is_refused(luna: Person, aws: dict[str, str]) -> None:
    api = {
        scope: program(luna, *(other for other in EVERYTHING if other != scope))
        for scope in {RIGHTS[str(one)]["scope"] for one in BY_KEY}
    }

    answers = {
        str(one): ask(api[RIGHTS[str(one)]["scope"]], one).status for one in BY_KEY
    }

    assert answers == {str(one): 403 for one in BY_KEY}


def test_no_other_route_knows_keys(luna: Person) -> None:
    api = program(luna)

    answers = {str(one): ask(api, one).status for one in BY_TOKEN_ALONE}

    assert answers == {str(one): 401 for one in BY_TOKEN_ALONE}


@pytest.mark.parametrize("path", [AVATARS, "/api/v1/workspaces"])
def test_a_token_and_a_key_at_once_are_not_understood(luna: Person, path: str) -> None:
    key = make_key(luna)["key"]

    answer = luna.api("GET", path, headers={"x-api-key": key})

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")


@pytest.mark.parametrize(
    "ending",
    [
        "update api_keys set revoked_at = now()",
        "update api_keys set expires_at = created_at + interval '1 microsecond'",
        "update api_keys set key_hash = 'another'",
        "update users set is_active = false",
        "update workspace_members set role = 'editor'",
        "delete from workspace_members",
        "delete from api_keys",
    ],
)
@pytest.mark.parametrize(("method", "path"), [("GET", AVATARS), ("POST", CREATE)])
def test_a_key_that_opens_nothing_is_as_if_unknown(
    luna: Person, sql: Sql, ending: str, method: str, path: str
) -> None:
    api = program(luna)
    sql.execute(ending.encode())

    answer = api(method, path, LUNA)

    unknown = Program(key=UNKNOWN)(method, path, LUNA)
    malformed = Program(key="luna")(method, path, LUNA)
    assert (answer.status, answer.code) == (401, "UNAUTHORIZED")
    assert {a.json["detail"] for a in (answer, unknown, malformed)} == {
        answer.json["detail"]
    }


def test_a_key_works_in_its_workspace_alone(luna: Person) -> None:
    other = luna.api("POST", "/api/v1/workspaces", {"name": "Other"}).ok(201)["id"]
    api = program(luna)

    answers = {
        (name, method): api.working_in(place)(method, path, LUNA).status
        for name, place in (("own", luna.workspace_id), ("other", other))
        for method, path in (("POST", CREATE), ("GET", AVATARS))
    }

    assert answers == {
        ("own", "POST"): 201,
        ("own", "GET"): 200,
        ("other", "POST"): 404,
        ("other", "GET"): 404,
    }


def test_a_key_to_a_second_workspace_is_no_key_to_the_first(luna: Person) -> None:
    second = luna.api("POST", "/api/v1/workspaces", {"name": "Other"}).ok(201)["id"]
    at_home = avatar(luna)
    api = program(as_user(luna, luna.api.working_in(second)))

    listed = api("GET", AVATARS).ok()["items"]

    assert listed == []
    assert api("GET", f"{AVATARS}/{at_home}").status == 404


def test_another_s_things_are_as_if_there_were_none(
    studio: Studio, stranger: Person, aws: dict[str, str]
) -> None:
    api = program(stranger)
    wish = {"avatar_id": studio.avatar_id, "kind": "image", "prompt": "a beach"}
    asset_id = made(studio)

    answers = [
        api("GET", f"{AVATARS}/{studio.avatar_id}"),
        api("POST", "/api/v1/content/generate", wish),
        api("GET", f"/api/v1/assets/{asset_id}"),
        api("GET", f"/api/v1/assets/{asset_id}/download"),
    ]

    assert [answer.status for answer in answers] == [404] * 4
    program(studio.owner)("GET", f"/api/v1/assets/{asset_id}/download").ok()


def test_a_key_opens_no_file_of_its_maker_s_other_workspaces(
    studio: Studio, aws: dict[str, str]
) -> None:
    asset_id = made(studio)
    luna = studio.owner
    other = luna.api("POST", "/api/v1/workspaces", {"name": "Other"}).ok(201)["id"]
    api = program(as_user(luna, luna.api.working_in(other)))

    answer = api("GET", f"/api/v1/assets/{asset_id}/download")

    assert (answer.status, answer.code) == (404, "NOT_FOUND")


def test_the_trail_names_the_key_and_whose_it_is(luna: Person) -> None:
    key = make_key(luna)
    Program(key=key["key"])("POST", CREATE, LUNA).ok(201)

    trail = "/api/v1/ops/audit"
    deed = luna.api("GET", f"{trail}?action=avatar.created").ok()["items"][0]
    assert (deed["actor_user_id"], deed["actor_api_key_id"]) == (luna.id, key["id"])
    assert luna.api("GET", f"{trail}/verify").ok()["intact"]


@pytest.mark.parametrize(
    "change", ["actor_api_key_id = null", "actor_api_key_id = gen_random_uuid()"]
)
def test_nobody_takes_a_key_out_of_the_trail_unseen(
    luna: Person, sql: Sql, change: str
) -> None:
    program(luna)("POST", CREATE, LUNA).ok(201)
    sql.execute("alter table audit_log disable trigger user")
    sql.execute(
        f"update audit_log set {change} where action = 'avatar.created'".encode()  # noqa: S608 - of two
    )
    sql.execute("alter table audit_log enable trigger user")

    seen = luna.api("GET", "/api/v1/ops/audit/verify").ok()

    assert not seen["intact"]


def test_one_idempotency_key_means_one_thing_to_each(studio: Studio) -> None:
    path = "/api/v1/content/generate"
    wish = {"avatar_id": studio.avatar_id, "kind": "image", "prompt": "on a beach"}
    named = {"idempotency-key": "wish-of-luna-1"}
    luna, key = studio.owner.api, make_key(studio.owner)
    first = Program(key=key["key"])("POST", path, wish, headers=named).ok(202)
    luna("POST", path, wish, headers=named).ok(202)
    renewed = luna("POST", f"{KEYS}/{key['id']}/rotate").ok()

    again = Program(key=renewed["key"])("POST", path, wish, headers=named)

    assert again.ok(202) == first
    assert count(studio.sql, "content_jobs") == 2


@pytest.mark.parametrize(("method", "path"), [("GET", AVATARS), ("POST", CREATE)])
def test_it_is_known_to_the_hour_when_a_key_was_used(
    luna: Person, sql: Sql, method: str, path: str
) -> None:
    api = program(luna)
    ages: list[bool] = []

    for age in ("null", "now() - interval '59 minutes'", "now() - interval '1 hour'"):
        sql.execute(f"update api_keys set last_used_at = {age}".encode())  # noqa: S608 - of three
        before = used(sql)
        api(method, path, LUNA | {"avatar_name": f"Luna {len(ages)}"})
        ages.append(used(sql) != before)

    assert ages == [True, False, True]


def test_a_key_in_full_use_is_renewed_without_harm(luna: Person) -> None:
    key = make_key(luna)
    acts = [
        Wish(Program(key=key["key"]), "POST", CREATE, LUNA | {"avatar_name": name})
        for name in ("Luna", "Sol", "Mar")
    ]
    renewal = Wish(luna.api, "POST", f"{KEYS}/{key['id']}/rotate")

    *answers, renewed = at_once(*acts, renewal)

    assert {answer.status for answer in answers} <= {201, 401}
    assert renewed.status == 200
    assert luna.api("GET", "/api/v1/ops/audit/verify").ok()["intact"]
