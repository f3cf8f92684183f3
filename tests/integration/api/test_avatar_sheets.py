"""/api/v1/avatars/{id}/sheet: who an avatar is, version upon version."""

from copy import deepcopy
from typing import Any
from uuid import uuid4

import pytest

from tests.support.api import Answer, Api
from tests.support.at_once import Wish, at_once
from tests.support.database import Sql, count
from tests.support.people import SHEET, Person, avatar, join

ROUTES = [
    ("GET", "/sheet", None),
    ("PUT", "/sheet", {"sheet": SHEET, "base_version": 0}),
    ("GET", "/sheet/diff?from=1&to=2", None),
]


def _path(avatar_id: object) -> str:
    return f"/api/v1/avatars/{avatar_id}"


def _sheet(**changes: Any) -> dict[str, Any]:
    """Return a sheet with other values at dotted paths."""
    sheet = deepcopy(SHEET)
    for path, value in changes.items():
        *folders, name = path.split(".")
        inner = sheet
        for folder in folders:
            inner = inner[folder]
        inner[name] = value
    return sheet


def _write(person: Person, avatar_id: str, base: int, **changes: Any) -> Answer:
    body = {"sheet": _sheet(**changes), "base_version": base}
    return person.api("PUT", f"{_path(avatar_id)}/sheet", body)


@pytest.mark.parametrize(("method", "below", "body"), ROUTES)
def test_nobody_gets_in_without_a_token(method: str, below: str, body: Any) -> None:
    answer = Api()(method, _path(uuid4()) + below, body)

    assert (answer.status, answer.code) == (401, "UNAUTHORIZED")


@pytest.mark.parametrize(("method", "below", "body"), ROUTES)
def test_another_s_avatar_is_as_if_there_were_none(
    luna: Person, stranger: Person, method: str, below: str, body: Any
) -> None:
    avatar_id = avatar(luna)
    _write(luna, avatar_id, 0).ok(201)

    theirs = stranger.api(method, _path(avatar_id) + below, body)
    none = stranger.api(method, _path(uuid4()) + below, body)

    assert (theirs.status, theirs.code) == (404, "NOT_FOUND")
    assert theirs.json == none.json


@pytest.mark.parametrize("role", ["reviewer", "analyst"])
def test_only_owners_and_editors_write_sheets(
    luna: Person, sql: Sql, role: str
) -> None:
    answer = _write(join(luna, role), avatar(luna), 0)

    assert (answer.status, answer.code) == (403, "FORBIDDEN")
    assert count(sql, "avatar_sheets") == 0


def test_the_first_sheet_brings_its_avatar_into_review(luna: Person, sql: Sql) -> None:
    avatar_id = avatar(luna)

    answer = _write(join(luna, "editor"), avatar_id, 0)

    assert answer.ok(201)["version"] == 1
    assert answer.headers["location"] == f"{_path(avatar_id)}/sheet?version=1"
    shown = luna.api("GET", _path(avatar_id)).ok()
    assert (shown["status"], shown["current_sheet_version"]) == ("review", 1)
    assert count(sql, "outbox", queue="moderate") == 1


def test_the_newest_version_is_read(luna: Person) -> None:
    avatar_id = avatar(luna)
    _write(luna, avatar_id, 0).ok(201)
    _write(luna, avatar_id, 1, fictional_age=30).ok(201)

    body = join(luna, "analyst").api("GET", f"{_path(avatar_id)}/sheet").ok()

    assert (body["version"], body["sheet"]["fictional_age"]) == (2, 30)


def test_an_older_version_stays_as_it_was(luna: Person) -> None:
    avatar_id = avatar(luna)
    first = _write(luna, avatar_id, 0).ok(201)
    _write(luna, avatar_id, 1, fictional_age=30).ok(201)

    body = luna.api("GET", f"{_path(avatar_id)}/sheet?version=1").ok()

    assert body == first
    assert body["sheet"]["fictional_age"] == SHEET["fictional_age"]


def test_each_field_tells_in_which_version_it_got_its_value(luna: Person) -> None:
    avatar_id = avatar(luna)
    _write(luna, avatar_id, 0).ok(201)
    cut: dict[str, Any] = {"appearance.hair": "short black hair"}
    _write(luna, avatar_id, 1, **cut).ok(201)

    written = _write(luna, avatar_id, 2, **cut, backstory="Another one.").ok(201)

    origins = written["field_origins"]
    assert origins["appearance.hair"] == 2
    assert origins["backstory"] == 3
    assert origins["fictional_age"] == origins["voice.tone"] == 1


@pytest.mark.parametrize("query", ["", "?version=1", "?version=2147483647"])
def test_a_version_that_is_not_there_is_not_found(luna: Person, query: str) -> None:
    answer = luna.api("GET", f"{_path(avatar(luna))}/sheet{query}")

    assert (answer.status, answer.code) == (404, "NOT_FOUND")
    assert answer.json["detail"] == "Sheet not found"


@pytest.mark.parametrize(
    ("below", "field"),
    [
        ("/sheet?version=0", "version"),
        ("/sheet?version=x", "version"),
        ("/sheet?version=2147483648", "version"),
        ("/sheet/diff?from=0&to=1", "from"),
        ("/sheet/diff?from=1", "to"),
    ],
)
def test_a_wrong_version_is_named(luna: Person, below: str, field: str) -> None:
    answer = luna.api("GET", _path(avatar(luna)) + below)

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert [e["field"] for e in answer.json["errors"]] == [field]


@pytest.mark.parametrize("base", [0, 2])
def test_a_sheet_is_made_from_the_newest(luna: Person, sql: Sql, base: int) -> None:
    avatar_id = avatar(luna)
    _write(luna, avatar_id, 0).ok(201)

    answer = _write(luna, avatar_id, base, fictional_age=30)

    assert (answer.status, answer.code) == (409, "CONFLICT")
    assert count(sql, "avatar_sheets") == 1


def test_of_two_versions_at_once_one_is_written(luna: Person, sql: Sql) -> None:
    path = f"{_path(avatar(luna))}/sheet"
    wish = Wish(luna.api, "PUT", path, {"sheet": SHEET, "base_version": 0})

    answers = at_once(wish, wish)

    assert sorted(a.status for a in answers) == [201, 409]
    assert count(sql, "avatar_sheets") == 1


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("fictional_age", 17, "fictional_age"),
        ("fictional_age", 100, "fictional_age"),
        ("fictional_age", None, "fictional_age"),
        ("appearance.summary", "too short", "appearance.summary"),
        ("appearance.wardrobe", ["hat"] * 13, "appearance.wardrobe"),
        ("appearance.explicitness", 3, "appearance.explicitness"),
        ("voice.tone", "", "voice.tone"),
        ("voice.languages", [], "voice.languages"),
        ("voice.languages", ["english"], "voice.languages.0"),
        ("backstory", "x" * 2001, "backstory"),
        ("disclosure", "AI", "disclosure"),
    ],
)
def test_wrong_input_is_named(
    luna: Person, sql: Sql, path: str, value: Any, field: str
) -> None:
    answer = _write(luna, avatar(luna), 0, **{path: value})

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert [e["field"] for e in answer.json["errors"]] == [f"sheet.{field}"]
    assert count(sql, "avatar_sheets") == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"backstory": "She is a schoolgirl."},
        {"appearance.hair": "16 years old and blonde"},
        {"voice.topics": ["lingerie"]},
    ],
)
def test_words_that_the_floor_refuses_are_no_sheet(
    luna: Person, sql: Sql, changes: dict[str, Any]
) -> None:
    avatar_id = avatar(luna)

    answer = _write(luna, avatar_id, 0, **changes)

    assert (answer.status, answer.code) == (403, "POLICY_BLOCKED")
    assert count(sql, "avatar_sheets") == 0
    assert luna.api("GET", _path(avatar_id)).ok()["status"] == "created"


def test_an_archived_avatar_gets_no_sheet(luna: Person, sql: Sql) -> None:
    avatar_id = avatar(luna)
    luna.api("POST", f"{_path(avatar_id)}/archive").ok()

    answer = _write(luna, avatar_id, 0)

    assert (answer.status, answer.code) == (409, "INVALID_STATE")
    assert count(sql, "avatar_sheets") == 0


def test_a_difference_lists_what_changed(luna: Person) -> None:
    avatar_id = avatar(luna)
    _write(luna, avatar_id, 0).ok(201)
    changes = {"appearance.eyes": "green", "voice.topics": ["food"]}
    _write(luna, avatar_id, 1, **changes).ok(201)

    body = luna.api("GET", f"{_path(avatar_id)}/sheet/diff?from=1&to=2").ok()

    assert body["changes"] == [
        {"path": "appearance.eyes", "before": None, "after": "green"},
        {"path": "voice.topics", "before": ["travel"], "after": ["food"]},
    ]


def test_a_version_does_not_differ_from_itself(luna: Person) -> None:
    avatar_id = avatar(luna)
    _write(luna, avatar_id, 0).ok(201)

    body = luna.api("GET", f"{_path(avatar_id)}/sheet/diff?from=1&to=1").ok()

    assert body == {"changes": []}


def test_a_difference_wants_both_versions(luna: Person) -> None:
    avatar_id = avatar(luna)
    _write(luna, avatar_id, 0).ok(201)

    answer = luna.api("GET", f"{_path(avatar_id)}/sheet/diff?from=1&to=2")

    assert (answer.status, answer.json["detail"]) == (404, "Sheet not found")
