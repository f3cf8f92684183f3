"""/api/v1/workspaces, entered as Lambda enters them."""

from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.support.api import Api
from tests.support.at_once import Wish, answer_after
from tests.support.database import Sql, count
from tests.support.material import NOBODYS
from tests.support.people import Person, join

PATH = "/api/v1/workspaces"
WHY = {"reason": "a bad day"}
KEYS = {
    "id",
    "name",
    "slug",
    "timezone",
    "require_second_reviewer",
    "publishing_paused_at",
    "role",
    "version",
    "created_at",
}


def _home(person: Person) -> str:
    return f"{PATH}/{person.workspace_id}"


def _ids(person: Person, query: str = "") -> list[str]:
    return [w["id"] for w in person.api("GET", f"{PATH}{query}").ok()["items"]]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", PATH),
        ("GET", PATH),
        ("GET", f"{PATH}/{NOBODYS}"),
        ("PATCH", f"{PATH}/{NOBODYS}"),
    ],
)
def test_nobody_gets_in_without_a_token(method: str, path: str) -> None:
    answer = Api()(method, path, {"name": "Atelier"})

    assert (answer.status, answer.code) == (401, "UNAUTHORIZED")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_workspace_is_owned_by_its_maker(luna: Person) -> None:
    answer = luna.api("POST", PATH, {"name": "Atelier"})

    made = answer.ok(201)
    assert made.keys() == KEYS
    assert (made["name"], made["role"], made["timezone"]) == ("Atelier", "owner", "UTC")
    assert answer.headers["location"] == f"{PATH}/{made['id']}"
    assert answer.headers["etag"] == '"v1"'
    assert luna.api("GET", f"{PATH}/{made['id']}").ok() == made


def test_a_slug_is_taken_once(luna: Person, stranger: Person, sql: Sql) -> None:
    wanted = {"name": "Atelier", "slug": "atelier-luna"}
    luna.api("POST", PATH, wanted).ok(201)

    answer = stranger.api("POST", PATH, wanted)

    assert (answer.status, answer.code) == (409, "CONFLICT")
    assert count(sql, "workspaces", slug="atelier-luna") == 1


def test_a_workspace_without_a_slug_gets_one_of_its_own(luna: Person) -> None:
    made = [luna.api("POST", PATH, {"name": "Atelier"}).ok(201) for _ in range(2)]

    assert len({w["slug"] for w in made}) == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": None}, "name"),
        ({"name": ""}, "name"),
        ({"name": " \t "}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"name": "two\nlines"}, "name"),
        ({"slug": ""}, "slug"),
        ({"slug": "Not a slug"}, "slug"),
        ({"slug": "-atelier"}, "slug"),
        ({"slug": "x" * 61}, "slug"),
        ({"role": "owner"}, "role"),
    ],
)
def test_wrong_input_is_named(
    luna: Person, sql: Sql, changes: dict[str, Any], field: str
) -> None:
    answer = luna.api("POST", PATH, {"name": "Atelier"} | changes)

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert [e["field"] for e in answer.json["errors"]] == [field]
    assert count(sql, "workspaces") == 1


def test_one_s_own_workspace_is_listed_first(luna: Person, stranger: Person) -> None:
    second = stranger.api("POST", PATH, {"name": "Atelier"}).ok(201)["id"]

    guest = join(luna, "editor")

    assert second not in _ids(guest)
    assert _ids(guest)[1:] == [luna.workspace_id]
    assert _ids(stranger) == [stranger.workspace_id, second]


def test_a_list_comes_in_pages(luna: Person) -> None:
    for name in ("Atelier", "Bureau"):
        luna.api("POST", PATH, {"name": name}).ok(201)

    body = luna.api("GET", f"{PATH}?page=2&per_page=1").ok()

    assert [w["name"] for w in body["items"]] == ["Atelier"]
    assert body["pagination"] == {"page": 2, "per_page": 1, "total": 3}


def test_a_page_beyond_the_last_is_empty(luna: Person) -> None:
    body = luna.api("GET", f"{PATH}?page=2").ok()

    assert body["items"] == []
    assert body["pagination"] == {"page": 2, "per_page": 20, "total": 1}


@pytest.mark.parametrize("query", ["", "?page=2"])
def test_no_page_is_shown_after_the_session(luna: Person, query: str) -> None:
    luna.api("POST", "/api/auth/logout").ok()

    answer = luna.api("GET", f"{PATH}{query}")

    assert (answer.status, answer.code) == (401, "UNAUTHORIZED")


@pytest.mark.parametrize(
    "query", ["page=0", "page=x", "page=100001", "per_page=0", "per_page=101"]
)
def test_a_wrong_page_is_400(luna: Person, query: str) -> None:
    answer = luna.api("GET", f"{PATH}?{query}")

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")


@pytest.mark.parametrize("method", ["GET", "PATCH"])
def test_another_s_workspace_is_as_if_there_were_none(
    luna: Person, stranger: Person, method: str
) -> None:
    version = {"if-match": '"v1"'}

    theirs = stranger.api(method, _home(luna), {"name": "Mine"}, headers=version)
    none = stranger.api(method, f"{PATH}/{uuid4()}", {"name": "Mine"}, headers=version)

    assert (theirs.status, theirs.code) == (404, "NOT_FOUND")
    assert theirs.json == none.json


def test_every_member_reads_the_workspace_with_their_role(luna: Person) -> None:
    analyst = join(luna, "analyst")

    workspace = analyst.api("GET", _home(luna)).ok()

    assert workspace["role"] == "analyst"
    assert workspace["id"] == luna.workspace_id


def test_an_owner_changes_what_they_send(luna: Person) -> None:
    changes = {"timezone": "Europe/Madrid", "require_second_reviewer": True}
    before = luna.api("GET", _home(luna))

    answer = luna.api(
        "PATCH", _home(luna), changes, headers={"if-match": before.headers["etag"]}
    )

    assert answer.ok() == before.json | changes | {"version": 2}
    assert answer.headers["etag"] == '"v2"'
    assert luna.api("GET", _home(luna)).ok() == answer.json


def test_a_change_of_an_older_version_is_refused(luna: Person) -> None:
    seen = {"if-match": '"v1"'}
    luna.api("PATCH", _home(luna), {"name": "Atelier"}, headers=seen).ok()

    answer = luna.api("PATCH", _home(luna), {"name": "Bureau"}, headers=seen)

    assert (answer.status, answer.code) == (412, "PRECONDITION_FAILED")
    assert luna.api("GET", _home(luna)).ok()["name"] == "Atelier"


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({}, 428, "PRECONDITION_REQUIRED"),
        ({"if-match": "1"}, 400, "VALIDATION_ERROR"),
        ({"if-match": '"v1", "v2"'}, 400, "VALIDATION_ERROR"),
    ],
)
def test_a_change_names_the_version_it_is_of(
    luna: Person, headers: dict[str, str], status: int, code: str
) -> None:
    answer = luna.api("PATCH", _home(luna), {"name": "Atelier"}, headers=headers)

    assert (answer.status, answer.code) == (status, code)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"timezone": "Europe/Atlantis"}, "timezone"),
        ({"require_second_reviewer": "often"}, "require_second_reviewer"),
        ({"name": None}, "name"),
        ({"timezone": None}, "timezone"),
        ({"require_second_reviewer": None}, "require_second_reviewer"),
        ({"slug": "another"}, "slug"),
    ],
)
def test_a_wrong_change_is_named(
    luna: Person, changes: dict[str, Any], field: str
) -> None:
    answer = luna.api("PATCH", _home(luna), changes, headers={"if-match": '"v1"'})

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert [e["field"] for e in answer.json["errors"]] == [field]


@pytest.mark.parametrize("role", ["editor", "reviewer", "analyst"])
def test_only_owners_change_a_workspace(luna: Person, role: str) -> None:
    member = join(luna, role)

    answer = member.api(
        "PATCH", _home(luna), {"name": "Mine"}, headers={"if-match": '"v1"'}
    )

    assert (answer.status, answer.code) == (403, "FORBIDDEN")
    assert luna.api("GET", _home(luna)).ok()["version"] == 1


@pytest.mark.parametrize("chosen", ["", "nowhere"])
def test_a_chosen_workspace_is_named_by_its_id(luna: Person, chosen: str) -> None:
    answer = luna.api("GET", _home(luna), headers={"x-workspace-id": chosen})

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert [e["field"] for e in answer.json["errors"]] == ["X-Workspace-Id"]


@pytest.mark.parametrize("role", ["owner", "editor"])
def test_publishing_is_paused(luna: Person, role: str) -> None:
    who = luna if role == "owner" else join(luna, role)
    path = f"/api/v1/workspaces/{luna.workspace_id}"

    paused = who.api("POST", f"{path}/pause-publishing", WHY).ok()

    assert paused == {
        "paused_at": luna.api("GET", path).ok()["publishing_paused_at"],
        "stopped": {"posts": 0, "jobs": 0, "replies": 0},
    }


def test_an_owner_resumes_publishing(luna: Person) -> None:
    path = f"/api/v1/workspaces/{luna.workspace_id}"
    luna.api("POST", f"{path}/pause-publishing", WHY).ok()

    resumed = luna.api("POST", f"{path}/resume-publishing").ok()

    assert resumed["publishing_paused_at"] is None
    assert resumed["version"] == 3
    assert resumed == luna.api("GET", path).ok()


def test_an_editor_pauses_and_resumes_nothing(luna: Person) -> None:
    path = f"/api/v1/workspaces/{luna.workspace_id}"
    editor = join(luna, "editor")
    editor.api("POST", f"{path}/pause-publishing", WHY).ok()

    answer = editor.api("POST", f"{path}/resume-publishing")

    assert answer.status == 403
    assert luna.api("GET", path).ok()["publishing_paused_at"]


@pytest.mark.parametrize("verb", ["pause", "resume"])
def test_to_pause_twice_is_to_pause_once(luna: Person, verb: str) -> None:
    path = f"/api/v1/workspaces/{luna.workspace_id}"
    luna.api("POST", f"{path}/pause-publishing", WHY).ok()
    body = WHY if verb == "pause" else None

    answers = [
        luna.api("POST", f"{path}/{verb}-publishing", body).ok() for _ in range(2)
    ]

    assert answers[0] == answers[1]
    trail = luna.api("GET", f"/api/v1/ops/audit?target={luna.workspace_id}").ok()
    told = [e["action"] for e in trail["items"] if "publishing" in e["action"]]
    expected = ["workspace.publishing_paused", "workspace.publishing_resumed"]
    assert told[::-1] == expected[: 1 + (verb == "resume")]


@pytest.mark.parametrize("verb", ["pause", "resume"])
def test_only_those_who_publish_pause_it(
    luna: Person, stranger: Person, verb: str
) -> None:
    path = f"/api/v1/workspaces/{luna.workspace_id}/{verb}-publishing"

    answers = [
        Api()("POST", path, WHY),
        stranger.api("POST", path, WHY),
        join(luna, "reviewer").api("POST", path, WHY),
        join(luna, "analyst").api("POST", path, WHY),
    ]

    assert [answer.status for answer in answers] == [401, 404, 403, 403]


@pytest.mark.parametrize("reason", ["", "x" * 501, 7, None])
def test_a_reason_to_pause_is_a_sentence(luna: Person, reason: object) -> None:
    path = f"/api/v1/workspaces/{luna.workspace_id}/pause-publishing"

    assert luna.api("POST", path, {"reason": reason}).status == 400


def test_a_pause_waits_for_what_is_being_committed(luna: Person, database: str) -> None:
    path = f"/api/v1/workspaces/{luna.workspace_id}/pause-publishing"
    with psycopg.connect(database) as worker:
        worker.execute("select from workspaces for share")

        answer = answer_after(worker, Wish(luna.api, "POST", path, WHY))

    assert answer.ok()["paused_at"]
