"""/teachers: known to anybody by name, and to their own workspace by more."""

from typing import Any

import pytest

from tests.support.academy import TEACHER, TEACHERS, course, teacher
from tests.support.api import Api
from tests.support.database import Sql, count
from tests.support.material import NOBODYS
from tests.support.people import Person, avatar, join


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", TEACHERS), ("PATCH", f"{TEACHERS}/1"), ("DELETE", f"{TEACHERS}/1")],
)
def test_nobody_writes_without_a_token(method: str, path: str) -> None:
    answer = Api()(method, path, TEACHER)

    assert (answer.status, answer.code) == (401, "UNAUTHORIZED")


def test_anybody_knows_teachers_by_name(luna: Person, stranger: Person) -> None:
    ada = {"id": teacher(luna), "name": "Ada"}
    bea = {"id": teacher(stranger, name="Bea"), "name": "Bea"}

    answer = Api()("GET", f"{TEACHERS}?per_page=1&page=2")

    assert answer.ok() == [bea]
    assert answer.headers["x-total-count"] == "2"
    assert answer.headers["cache-control"] == "public, max-age=60"
    assert luna.api("GET", TEACHERS).ok() == [ada, bea]


def test_an_address_is_told_to_the_teacher_s_workspace(
    luna: Person, stranger: Person
) -> None:
    path = f"{TEACHERS}/{teacher(luna)}"

    answers = [api("GET", path) for api in (luna.api, stranger.api, Api())]

    assert [answer.ok().get("email") for answer in answers] == [
        *("ada@example.com", None, None)
    ]
    assert answers[1].json == answers[2].json == {"id": 1, "name": "Ada"}
    assert [answer.headers["cache-control"] for answer in answers] == [
        *("private, no-store", "private, no-store", "public, max-age=60")
    ]


def test_an_address_is_one_teacher_s_in_a_workspace(
    luna: Person, stranger: Person
) -> None:
    teacher(luna)
    teacher(stranger)
    bea = teacher(luna, email="bea@example.com")
    taken = {"email": "ADA@example.com"}

    answers = [
        luna.api("POST", TEACHERS, TEACHER | taken),
        luna.api("PATCH", f"{TEACHERS}/{bea}", taken),
    ]

    assert [(one.status, one.code) for one in answers] == [(409, "CONFLICT")] * 2


def test_a_teacher_changes(luna: Person, sql: Sql) -> None:
    path = f"{TEACHERS}/{teacher(luna)}"
    changes = {"name": "Ada B.", "avatar_id": avatar(luna)}

    changed = luna.api("PATCH", path, changes).ok()

    assert {name: changed[name] for name in changes} == changes
    assert luna.api("PATCH", path, {}).ok()["name"] == "Ada B."
    assert luna.api("PATCH", path, {"avatar_id": None}).ok()["avatar_id"] is None
    assert count(sql, "audit_log", action="teacher.changed") == 3


def test_a_teacher_with_a_course_stays(luna: Person) -> None:
    ada = teacher(luna)
    path = f"/courses/{course(luna, teacher_ids=[ada])['slug']}"

    answer = luna.api("DELETE", f"{TEACHERS}/{ada}")

    assert (answer.status, answer.code) == (409, "CONFLICT")
    luna.api("DELETE", path).ok(204)
    assert luna.api("DELETE", f"{TEACHERS}/{ada}").status == 204


def test_a_teacher_who_is_gone_is_gone(luna: Person, sql: Sql) -> None:
    path = f"{TEACHERS}/{teacher(luna)}"

    luna.api("DELETE", path).ok(204)

    assert [luna.api(way, path).status for way in ("GET", "DELETE")] == [404, 404]
    assert Api()("GET", TEACHERS).ok() == []
    assert teacher(luna) > 1
    assert count(sql, "audit_log", action="teacher.deleted") == 1


def test_owners_let_teachers_go(luna: Person) -> None:
    path = f"{TEACHERS}/{teacher(luna)}"
    editor = join(luna, "editor")

    answer = editor.api("DELETE", path)

    assert answer.status == 403
    assert editor.api("PATCH", path, {"name": "Bea"}).status == 200


def test_a_stranger_s_teacher_is_not_theirs_to_change(
    luna: Person, stranger: Person
) -> None:
    path = f"{TEACHERS}/{teacher(luna)}"

    answers = [
        stranger.api(method, path, {"name": "Mine"} if method == "PATCH" else None)
        for method in ("PATCH", "DELETE")
    ]

    assert [(one.status, one.code) for one in answers] == [(404, "NOT_FOUND")] * 2


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"name": ""}, 400),
        ({"name": "nude"}, 403),
        ({"email": "nobody"}, 400),
        ({"avatar_id": NOBODYS}, 404),
        ({"id": 7}, 400),
    ],
    ids=str,
)
def test_what_is_no_teacher_is_refused(
    luna: Person, sql: Sql, wrong: dict[str, Any], status: int
) -> None:
    answer = luna.api("POST", TEACHERS, TEACHER | wrong)

    assert answer.status == status
    assert count(sql, "teachers") == 0


def test_a_stranger_s_avatar_teaches_nothing_here(
    luna: Person, stranger: Person
) -> None:
    wanted = TEACHER | {"avatar_id": avatar(stranger)}

    answer = luna.api("POST", TEACHERS, wanted)

    assert (answer.status, answer.code) == (404, "NOT_FOUND")
