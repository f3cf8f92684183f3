"""/api/v1/avatars/{id}/activate, /pause, /archive: an avatar's states."""

from typing import Any
from uuid import uuid4

import pytest

from tests.support.api import Answer, Api
from tests.support.database import Sql, count
from tests.support.material import wish
from tests.support.people import SHEET, Person, avatar, join
from tests.support.studio import Studio
from tests.support.workers import Workers
from tests.support.world import World

MOVES = ["activate", "pause", "archive"]


def _path(avatar_id: str) -> str:
    return f"/api/v1/avatars/{avatar_id}"


def _move(person: Person, avatar_id: str, move: str, body: Any = None) -> Answer:
    return person.api("POST", f"{_path(avatar_id)}/{move}", body)


def _status(person: Person, avatar_id: str) -> str:
    return str(person.api("GET", _path(avatar_id)).ok()["status"])


@pytest.mark.parametrize("move", MOVES)
def test_nobody_gets_in_without_a_token(move: str) -> None:
    answer = Api()("POST", f"{_path(str(uuid4()))}/{move}")

    assert (answer.status, answer.code) == (401, "UNAUTHORIZED")


@pytest.mark.parametrize("move", MOVES)
def test_another_s_avatar_is_as_if_there_were_none(
    luna: Person, stranger: Person, move: str
) -> None:
    avatar_id = avatar(luna)

    theirs = _move(stranger, avatar_id, move)
    none = _move(stranger, str(uuid4()), move)

    assert (theirs.status, theirs.code) == (404, "NOT_FOUND")
    assert theirs.json == none.json
    assert _status(luna, avatar_id) == "created"


@pytest.mark.parametrize(
    ("role", "move"),
    [
        ("reviewer", "activate"),
        ("analyst", "activate"),
        ("reviewer", "pause"),
        ("analyst", "pause"),
        ("editor", "archive"),
        ("reviewer", "archive"),
        ("analyst", "archive"),
    ],
)
def test_a_role_too_weak_moves_nothing(luna: Person, role: str, move: str) -> None:
    avatar_id = avatar(luna)

    answer = _move(join(luna, role), avatar_id, move)

    assert (answer.status, answer.code) == (403, "FORBIDDEN")
    assert _status(luna, avatar_id) == "created"


def test_an_avatar_is_told_all_that_it_lacks(luna: Person) -> None:
    avatar_id = avatar(luna)

    answer = _move(luna, avatar_id, "activate")

    assert (answer.status, answer.code) == (409, "INVALID_STATE")
    assert answer.json["missing"] == [
        "an identity sheet",
        "a live attestation",
        "the policy gate's allowance of its profile",
    ]
    assert _status(luna, avatar_id) == "created"


def test_an_avatar_that_was_not_judged_is_not_activated(luna: Person) -> None:
    avatar_id = avatar(luna)
    path = _path(avatar_id)
    luna.api("PUT", f"{path}/sheet", {"sheet": SHEET, "base_version": 0}).ok(201)
    luna.api("POST", f"{path}/attestations", {"basis": "fictional"}).ok(201)

    answer = _move(luna, avatar_id, "activate")

    assert answer.status == 409
    assert answer.json["missing"] == ["the policy gate's allowance of its profile"]


def test_an_avatar_whose_attestation_has_ended_is_not_activated(
    studio: Studio,
) -> None:
    _move(studio.owner, studio.avatar_id, "pause").ok()
    studio.sql.execute(
        "update likeness_attestations set created_at = now() - interval '2 days',"
        " expires_at = now() - interval '1 day'"
    )

    answer = _move(studio.owner, studio.avatar_id, "activate")

    assert answer.status == 409
    assert answer.json["missing"] == ["a live attestation"]


def test_an_editor_activates_what_lacks_nothing(
    luna: Person, workers: Workers, world: World
) -> None:
    editor = join(luna, "editor")
    avatar_id = avatar(editor)
    path = _path(avatar_id)
    editor.api("PUT", f"{path}/sheet", {"sheet": SHEET, "base_version": 0}).ok(201)
    luna.api("POST", f"{path}/attestations", {"basis": "fictional"}).ok(201)
    workers.deliver("moderate")

    answer = _move(editor, avatar_id, "activate")

    assert answer.ok()["status"] == "active"
    assert answer.headers["etag"] == f'"v{answer.json["version"]}"'


@pytest.mark.parametrize("body", [None, {}, {"reason": "She is on holiday."}])
def test_an_active_avatar_pauses(studio: Studio, body: Any) -> None:
    answer = _move(studio.owner, studio.avatar_id, "pause", body)

    assert answer.ok()["status"] == "paused"


def test_a_paused_avatar_is_activated_again(studio: Studio) -> None:
    _move(studio.owner, studio.avatar_id, "pause").ok()

    answer = _move(studio.owner, studio.avatar_id, "activate")

    assert answer.ok()["status"] == "active"


@pytest.mark.parametrize("reason", ["", " ", "x" * 501, 7])
def test_a_wrong_reason_is_named(luna: Person, reason: Any) -> None:
    answer = _move(luna, avatar(luna), "pause", {"reason": reason})

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert [e["field"] for e in answer.json["errors"]] == ["reason"]


def test_an_avatar_that_is_not_active_does_not_pause(luna: Person) -> None:
    avatar_id = avatar(luna)

    answer = _move(luna, avatar_id, "pause")

    assert (answer.status, answer.code) == (409, "INVALID_STATE")
    assert _status(luna, avatar_id) == "created"


@pytest.mark.parametrize(
    ("moves", "status"),
    [(["pause", "activate"], "active"), (["pause"], "paused")],
)
def test_a_move_is_made_once(studio: Studio, moves: list[str], status: str) -> None:
    for move in moves:
        _move(studio.owner, studio.avatar_id, move).ok()

    again = _move(studio.owner, studio.avatar_id, moves[-1])

    assert (again.status, again.code) == (409, "INVALID_STATE")
    assert _status(studio.owner, studio.avatar_id) == status


@pytest.mark.parametrize("move", MOVES)
def test_an_archived_avatar_moves_no_more(studio: Studio, move: str) -> None:
    _move(studio.owner, studio.avatar_id, "archive").ok()

    answer = _move(studio.owner, studio.avatar_id, move)

    assert (answer.status, answer.code) == (409, "INVALID_STATE")
    assert _status(studio.owner, studio.avatar_id) == "archived"


def test_an_archived_avatar_takes_its_open_jobs_with_it(studio: Studio) -> None:
    jobs = studio.wish(2)

    body = _move(studio.owner, studio.avatar_id, "archive").ok()

    assert (body["status"], body["cancelled_jobs"]) == ("archived", 2)
    assert {studio.job(job)["status"] for job in jobs} == {"cancelled"}
    assert studio.budget() == (0, 0)


def test_an_archived_avatar_s_name_is_free_again(luna: Person, sql: Sql) -> None:
    _move(luna, avatar(luna), "archive").ok()

    avatar(luna)

    assert count(sql, "avatars", avatar_name="Luna") == 2


def test_an_avatar_described_anew_waits_for_the_gate_before_content_is_made(
    studio: Studio,
) -> None:
    path = f"{_path(studio.avatar_id)}/sheet"
    sheet = SHEET | {"backstory": "Only a loser stays at home."}
    studio.owner.api("PUT", path, {"sheet": sheet, "base_version": 1}).ok(201)

    answer = studio.owner.api(
        "POST", "/api/v1/content/generate", wish(studio.avatar_id)
    )
    studio.deliver("moderate")

    assert (answer.status, answer.code) == (409, "INVALID_STATE")
    assert answer.json["missing"] == ["the policy gate's allowance of its profile"]
    assert _status(studio.owner, studio.avatar_id) == "paused"


def test_a_paused_avatar_gets_no_content(studio: Studio) -> None:
    _move(studio.owner, studio.avatar_id, "pause").ok()
    wish = {"avatar_id": studio.avatar_id, "kind": "image", "prompt": "on a beach"}

    answer = studio.owner.api("POST", "/api/v1/content/generate", wish)

    assert (answer.status, answer.code) == (409, "INVALID_STATE")
    assert studio.count("content_jobs") == 0
