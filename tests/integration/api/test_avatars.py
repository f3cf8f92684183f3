"""/api/v1/avatars and /avatars, entered as Lambda enters them."""

from typing import Any
from uuid import uuid4

import pytest

from tests.support.api import Api
from tests.support.at_once import Wish, at_once
from tests.support.database import Sql, count
from tests.support.logs import listening
from tests.support.material import NOBODYS, picture, upload
from tests.support.people import SHEET, Person, avatar, join
from tests.support.studio import Studio

CREATE = "/api/v1/avatars/create"
LUNA = {"avatar_name": "Luna", "nicho": "travel", "aesthetic": "warm film"}
BUDGET = {"monthly_budget_minor": 500}
SEEN = {"if-match": '"v1"'}
KEYS = {
    "id",
    "avatar_name",
    "nicho",
    "aesthetic",
    "bio",
    "status",
    "current_sheet_version",
    "monthly_budget_minor",
    "budget_currency",
    "version",
    "created_at",
    "updated_at",
}
ON_ONE = [("GET", "", None), ("PATCH", "", {"bio": "x"}), ("PUT", "/budget", BUDGET)]


def _path(avatar_id: object) -> str:
    return f"/api/v1/avatars/{avatar_id}"


def _names(person: Person, query: str = "") -> list[str]:
    listed = person.api("GET", f"/api/v1/avatars{query}").ok()
    return [a["avatar_name"] for a in listed["items"]]


def test_a_created_avatar_is_told_in_exactly_two_keys(luna: Person) -> None:
    """Acceptance 000: create avatar -> exactly two keys."""
    answer = luna.api("POST", CREATE, LUNA)

    body = answer.ok(201)
    assert body.keys() == {"avatar_id", "status"}
    assert body["status"] == "created"
    assert answer.headers["location"] == f"/api/v1/avatars/{body['avatar_id']}"


@pytest.mark.parametrize("path", ["/avatars/", "/avatars"])
def test_the_first_sample_is_answered_with_its_one_key(luna: Person, path: str) -> None:
    sample = {"avatar_name": "Luna", "nicho": "travel", "aesthetic_style": "film"}

    body = luna.api("POST", path, sample).ok(200)

    assert body.keys() == {"avatar_id"}
    made = luna.api("GET", _path(body["avatar_id"])).ok()
    assert made["aesthetic"] == "film"


@pytest.mark.parametrize("path", [CREATE, "/avatars/"])
@pytest.mark.parametrize("name", ["Luna", "LUNA", "  luna "])
def test_a_name_is_taken_once(luna: Person, sql: Sql, path: str, name: str) -> None:
    """Acceptance 000: twice -> 409 with that detail."""
    luna.api("POST", CREATE, LUNA).ok(201)

    answer = luna.api("POST", path, LUNA | {"avatar_name": name})

    assert (answer.status, answer.code) == (409, "DUPLICATE_AVATAR")
    assert answer.json["detail"] == "Avatar name exists"
    assert count(sql, "avatars") == 1


def test_names_that_look_alike_are_alike(luna: Person) -> None:
    luna.api("POST", CREATE, LUNA | {"avatar_name": "Zo\u00eb"}).ok(201)

    answer = luna.api("POST", CREATE, LUNA | {"avatar_name": "Zoe\u0308"})

    assert answer.status == 409


def test_of_two_avatars_of_one_name_at_once_one_is_made(luna: Person, sql: Sql) -> None:
    wish = Wish(luna.api, "POST", CREATE, LUNA)

    answers = at_once(wish, wish)

    assert sorted(a.status for a in answers) == [201, 409]
    assert count(sql, "avatars") == 1


def test_another_workspace_has_names_of_its_own(
    luna: Person, stranger: Person, sql: Sql
) -> None:
    luna.api("POST", CREATE, LUNA).ok(201)

    answer = stranger.api("POST", CREATE, LUNA)

    assert answer.status == 201
    assert count(sql, "avatars") == 2


@pytest.mark.parametrize("path", [CREATE, "/avatars/"])
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"avatar_name": "Lu"}, "avatar_name"),
        ({"avatar_name": " Lu "}, "avatar_name"),
        ({"avatar_name": "x" * 51}, "avatar_name"),
        ({"avatar_name": "Lu\0na"}, "avatar_name"),
        ({"avatar_name": "Lu\nna"}, "avatar_name"),
        ({"avatar_name": "\ud800una"}, "avatar_name"),
        ({"avatar_name": 123}, "avatar_name"),
        ({"nicho": "ab"}, "nicho"),
        ({"nicho": "x" * 81}, "nicho"),
        ({"nicho": None}, "nicho"),
        ({"aesthetic": ""}, "aesthetic"),
        ({"aesthetic": "x" * 121}, "aesthetic"),
        ({"aesthetic": None}, "aesthetic"),
        ({"aesthetic_style": "film"}, "aesthetic"),
        ({"status": "active"}, "status"),
    ],
)
def test_wrong_input_is_named(
    luna: Person, sql: Sql, path: str, changes: dict[str, Any], field: str
) -> None:
    """Acceptance 000: two-letter name, missing aesthetic -> 400."""
    answer = luna.api("POST", path, LUNA | changes)

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert [e["field"] for e in answer.json["errors"]] == [field]
    assert count(sql, "avatars") == 0


def test_an_avatar_has_a_look(luna: Person) -> None:
    """Acceptance 000: missing aesthetic -> 400."""
    answer = luna.api("POST", CREATE, {"avatar_name": "Luna", "nicho": "travel"})

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")


@pytest.mark.parametrize("field", ["avatar_name", "nicho", "aesthetic"])
def test_words_that_the_floor_refuses_make_no_avatar(
    luna: Person, sql: Sql, field: str
) -> None:
    answer = luna.api("POST", CREATE, LUNA | {field: "nude teenager"})

    assert (answer.status, answer.code) == (403, "POLICY_BLOCKED")
    assert count(sql, "avatars") == 0


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", CREATE),
        ("POST", "/avatars/"),
        ("GET", "/api/v1/avatars"),
        *((method, _path(NOBODYS) + below) for method, below, _ in ON_ONE),
    ],
)
def test_nobody_gets_in_without_a_token(method: str, path: str) -> None:
    """Acceptance 000: no token -> 401."""
    answer = Api()(method, path, LUNA)

    assert (answer.status, answer.code) == (401, "UNAUTHORIZED")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_crash_tells_nothing_and_is_logged(luna: Person, sql: Sql) -> None:
    """Acceptance 000: forced crash -> 500 "Internal error", nothing leaked, logged."""
    sql.execute("drop table audit_log cascade")

    with listening() as log:
        answer = luna.api("POST", CREATE, LUNA)

    assert (answer.status, answer.code) == (500, "INTERNAL_ERROR")
    assert answer.json.keys() == {
        "type",
        "title",
        "status",
        "detail",
        "code",
        "request_id",
    }
    assert answer.json["detail"] == "Internal error"
    (told,) = [e for e in log.entries if e["level"] == "ERROR"]
    assert told["correlation_id"] == answer.headers["x-request-id"]
    assert count(sql, "avatars") == 0


def test_a_row_that_cannot_be_understood_is_a_crash_too(luna: Person, sql: Sql) -> None:
    avatar_id = avatar(luna)
    sql.execute("alter table avatars drop constraint ck_avatars_status_known")
    sql.execute("update avatars set status = 'unheard-of'")

    with listening() as log:
        answer = luna.api("GET", _path(avatar_id))

    assert (answer.status, answer.json["detail"]) == (500, "Internal error")
    assert b"unheard-of" not in answer.content
    assert [e["level"] for e in log.entries].count("ERROR") == 1


@pytest.mark.parametrize(("method", "below", "body"), ON_ONE)
def test_another_s_avatar_is_as_if_there_were_none(
    luna: Person, stranger: Person, method: str, below: str, body: Any
) -> None:
    path = _path(avatar(luna)) + below

    theirs = stranger.api(method, path, body, headers=SEEN)
    none = stranger.api(method, _path(uuid4()) + below, body, headers=SEEN)

    assert (theirs.status, theirs.code) == (404, "NOT_FOUND")
    assert theirs.json == none.json


@pytest.mark.parametrize(("method", "below", "body"), ON_ONE)
def test_another_s_workspace_is_as_if_there_were_none(
    luna: Person, stranger: Person, method: str, below: str, body: Any
) -> None:
    path = _path(avatar(luna)) + below
    there = stranger.api.working_in(luna.workspace_id)

    answer = there(method, path, body, headers=SEEN)

    assert (answer.status, answer.code) == (404, "NOT_FOUND")
    assert answer.json["detail"] == "Workspace not found"


def test_nobody_makes_an_avatar_in_another_s_workspace(
    luna: Person, stranger: Person, sql: Sql
) -> None:
    answer = stranger.api.working_in(luna.workspace_id)("POST", CREATE, LUNA)

    assert (answer.status, answer.code) == (404, "NOT_FOUND")
    assert count(sql, "avatars") == 0


@pytest.mark.parametrize("path", [CREATE, "/avatars/"])
@pytest.mark.parametrize("role", ["reviewer", "analyst"])
def test_only_owners_and_editors_make_avatars(
    luna: Person, sql: Sql, role: str, path: str
) -> None:
    answer = join(luna, role).api("POST", path, LUNA)

    assert (answer.status, answer.code) == (403, "FORBIDDEN")
    assert count(sql, "avatars") == 0


@pytest.mark.parametrize("role", ["reviewer", "analyst"])
def test_only_owners_and_editors_change_avatars(luna: Person, role: str) -> None:
    path = _path(avatar(luna))

    answer = join(luna, role).api("PATCH", path, {"bio": "x"}, headers=SEEN)

    assert (answer.status, answer.code) == (403, "FORBIDDEN")
    assert luna.api("GET", path).ok()["bio"] is None


@pytest.mark.parametrize("role", ["editor", "reviewer", "analyst"])
def test_only_owners_set_budgets(luna: Person, role: str) -> None:
    path = _path(avatar(luna))

    answer = join(luna, role).api("PUT", f"{path}/budget", BUDGET)

    assert (answer.status, answer.code) == (403, "FORBIDDEN")
    assert luna.api("GET", path).ok()["monthly_budget_minor"] is None


def test_what_an_editor_makes_is_the_workspace_s(luna: Person) -> None:
    editor = join(luna, "editor")

    avatar_id = avatar(editor)

    assert luna.api("GET", _path(avatar_id)).ok()["avatar_name"] == "Luna"


def test_an_avatar_is_read_with_its_figures(luna: Person) -> None:
    avatar_id = avatar(luna)

    answer = join(luna, "analyst").api("GET", _path(avatar_id))

    body = answer.ok()
    assert body.keys() == KEYS | {"profile_verdict", "is_attested", "stats"}
    assert {k: body[k] for k in LUNA} == LUNA
    assert (body["id"], body["status"]) == (avatar_id, "created")
    assert (body["profile_verdict"], body["is_attested"]) == (None, False)
    assert set(body["stats"].values()) == {0}
    assert answer.headers["etag"] == '"v1"'


def test_an_avatar_s_figures_count_what_was_made(studio: Studio) -> None:
    studio.wish(2)

    body = studio.owner.api("GET", _path(studio.avatar_id)).ok()

    held, _ = studio.budget()
    assert body["stats"]["jobs"] == 2
    assert body["stats"]["held_this_month_micros"] == held > 0
    assert (body["profile_verdict"], body["is_attested"]) == ("allow", True)


def test_a_picture_counts_once_however_often_it_was_made(
    studio: Studio, aws: dict[str, str], sql: Sql
) -> None:
    studio.wish(3)
    photo = upload(studio.owner, picture())
    sql.execute(
        "update content_jobs set asset_id = %s where id in"
        " (select id from content_jobs order by id limit 2)",
        [photo],
    )

    stats = studio.owner.api("GET", _path(studio.avatar_id)).ok()["stats"]

    assert (stats["jobs"], stats["assets"], stats["pieces"]) == (3, 1, 0)


def test_avatars_are_listed_newest_first_in_pages(luna: Person) -> None:
    for name in ("Luna", "Stella", "Nova"):
        avatar(luna, avatar_name=name)

    body = luna.api("GET", "/api/v1/avatars?per_page=2").ok()

    assert [a["avatar_name"] for a in body["items"]] == ["Nova", "Stella"]
    assert body["pagination"] == {"page": 1, "per_page": 2, "total": 3}
    assert body["items"][0].keys() == KEYS
    assert _names(luna, "?per_page=2&page=2") == ["Luna"]


def test_a_page_beyond_the_last_is_empty(luna: Person) -> None:
    avatar(luna)

    body = luna.api("GET", "/api/v1/avatars?page=2").ok()

    assert body == {
        "items": [],
        "pagination": {"page": 2, "per_page": 20, "total": 1},
    }


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?nicho=food", ["Stella"]),
        ("?status=archived", ["Luna"]),
        ("?status=created", ["Stella"]),
        ("?status=created&nicho=travel", []),
    ],
)
def test_a_list_holds_what_is_asked_for(
    luna: Person, query: str, names: list[str]
) -> None:
    ended = avatar(luna)
    luna.api("POST", f"{_path(ended)}/archive").ok()
    avatar(luna, avatar_name="Stella", nicho="food")

    listed = _names(luna, query)

    assert listed == names


def test_a_list_holds_nothing_of_another_workspace(
    luna: Person, stranger: Person
) -> None:
    avatar(luna)

    assert _names(stranger) == []


@pytest.mark.parametrize(
    "query", ["page=0", "per_page=0", "per_page=101", "status=asleep", "nicho=ab"]
)
def test_a_wrong_question_is_400(luna: Person, query: str) -> None:
    answer = luna.api("GET", f"/api/v1/avatars?{query}")

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert [e["field"] for e in answer.json["errors"]] == [query.partition("=")[0]]


@pytest.mark.parametrize(
    "changes",
    [
        {"avatar_name": "Stella"},
        {"nicho": "food"},
        {"aesthetic": "cold digital"},
        {"bio": "Two\nlines."},
    ],
)
def test_an_editor_changes_what_they_send(
    luna: Person, changes: dict[str, str]
) -> None:
    path = _path(avatar(luna))
    before = luna.api("GET", path).ok()

    answer = luna.api("PATCH", path, changes, headers=SEEN)

    after = answer.ok()
    expected = before | changes | {"version": 2, "updated_at": after["updated_at"]}
    assert after == {key: expected[key] for key in KEYS}
    assert answer.headers["etag"] == '"v2"'


def test_null_takes_a_bio_away(luna: Person) -> None:
    path = _path(avatar(luna))
    luna.api("PATCH", path, {"bio": "Drawn."}, headers=SEEN).ok()

    answer = luna.api("PATCH", path, {"bio": None}, headers={"if-match": '"v2"'})

    assert answer.ok()["bio"] is None


def test_a_change_of_an_older_version_is_refused(luna: Person) -> None:
    path = _path(avatar(luna))
    luna.api("PATCH", path, {"bio": "first"}, headers=SEEN).ok()

    answer = luna.api("PATCH", path, {"bio": "second"}, headers=SEEN)

    assert (answer.status, answer.code) == (412, "PRECONDITION_FAILED")
    assert luna.api("GET", path).ok()["bio"] == "first"


def test_a_change_names_the_version_it_is_of(luna: Person) -> None:
    answer = luna.api("PATCH", _path(avatar(luna)), {"bio": "x"})

    assert (answer.status, answer.code) == (428, "PRECONDITION_REQUIRED")


def test_a_name_is_not_changed_to_one_that_is_taken(luna: Person) -> None:
    avatar(luna, avatar_name="Stella")
    path = _path(avatar(luna))

    answer = luna.api("PATCH", path, {"avatar_name": "STELLA"}, headers=SEEN)

    assert (answer.status, answer.code) == (409, "DUPLICATE_AVATAR")
    assert answer.json["detail"] == "Avatar name exists"
    assert luna.api("GET", path).ok()["version"] == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"avatar_name": "Lu"}, "avatar_name"),
        ({"bio": "x" * 501}, "bio"),
        ({"bio": "bell \a"}, "bio"),
        ({"status": "active"}, "status"),
        ({"version": 9}, "version"),
        ({"avatar_name": None}, "avatar_name"),
        ({"nicho": None}, "nicho"),
        ({"aesthetic": None}, "aesthetic"),
    ],
)
def test_a_wrong_change_is_named(
    luna: Person, changes: dict[str, Any], field: str
) -> None:
    answer = luna.api("PATCH", _path(avatar(luna)), changes, headers=SEEN)

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert [e["field"] for e in answer.json["errors"]] == [field]


def test_words_that_the_floor_refuses_change_nothing(luna: Person) -> None:
    path = _path(avatar(luna))

    answer = luna.api("PATCH", path, {"bio": "nude teenager"}, headers=SEEN)

    assert (answer.status, answer.code) == (403, "POLICY_BLOCKED")
    assert luna.api("GET", path).ok()["version"] == 1


@pytest.mark.parametrize("changes", [{"bio": "She sails."}, {"aesthetic": "noir"}])
def test_new_words_are_judged_anew(luna: Person, sql: Sql, changes: Any) -> None:
    path = _path(avatar(luna))
    luna.api("PUT", f"{path}/sheet", {"sheet": SHEET, "base_version": 0}).ok(201)
    seen = luna.api("GET", path).headers["etag"]

    luna.api("PATCH", path, changes, headers={"if-match": seen}).ok()

    assert count(sql, "outbox", queue="moderate") == 2


def test_an_archived_avatar_does_not_change(luna: Person) -> None:
    path = _path(avatar(luna))
    luna.api("POST", f"{path}/archive").ok()
    seen = luna.api("GET", path).headers["etag"]

    answer = luna.api("PATCH", path, {"bio": "x"}, headers={"if-match": seen})

    assert (answer.status, answer.code) == (409, "INVALID_STATE")


def test_an_owner_bounds_what_an_avatar_costs(luna: Person) -> None:
    path = _path(avatar(luna))

    answer = luna.api("PUT", f"{path}/budget", BUDGET | {"currency": "usd"})

    assert answer.ok()["monthly_budget_minor"] == 500
    assert answer.headers["etag"] == '"v2"'
    assert luna.api("GET", path).ok()["monthly_budget_minor"] == 500


def test_a_budget_set_twice_is_the_later_one(luna: Person) -> None:
    path = f"{_path(avatar(luna))}/budget"
    luna.api("PUT", path, BUDGET).ok()

    body = luna.api("PUT", path, {"monthly_budget_minor": 0}).ok()

    assert body["monthly_budget_minor"] == 0


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "monthly_budget_minor"),
        ({"monthly_budget_minor": -1}, "monthly_budget_minor"),
        ({"monthly_budget_minor": 1.5}, "monthly_budget_minor"),
        ({"monthly_budget_minor": 100_000_001}, "monthly_budget_minor"),
        ({"monthly_budget_minor": None}, "monthly_budget_minor"),
        (BUDGET | {"currency": "eur"}, "currency"),
    ],
)
def test_a_wrong_budget_is_named(
    luna: Person, body: dict[str, Any], field: str
) -> None:
    answer = luna.api("PUT", f"{_path(avatar(luna))}/budget", body)

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert [e["field"] for e in answer.json["errors"]] == [field]
