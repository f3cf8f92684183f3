"""/courses: made and published by a team, looked at by anybody."""

from typing import Any

import psycopg
import pytest

from tests.support.academy import (
    COURSE,
    COURSES,
    course,
    lesson,
    published,
    teacher,
)
from tests.support.api import Api
from tests.support.at_once import Wish, answer_after
from tests.support.database import Sql, count
from tests.support.people import Person, join
from tests.support.rights import grant, product

PAID = {"access": "paid"}
_BENEFIT = "select id::text from benefits where kind = 'course' and ref = %s"
_RATE = (
    "insert into course_ratings (course_id, user_id, rating, deleted_at)"
    " values (%s, %s, %s, %s)"
)


def slugs(api: Api, query: str = "") -> list[str]:
    return [one["slug"] for one in api("GET", f"{COURSES}{query}").ok()]


def benefit_of(sql: Sql, made: dict[str, Any]) -> str:
    row = sql.execute(_BENEFIT.encode(), (str(made["id"]),)).fetchone()
    assert row is not None
    return str(row["id"])


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", COURSES),
        ("PATCH", f"{COURSES}/light"),
        ("POST", f"{COURSES}/light/publish"),
        ("DELETE", f"{COURSES}/light"),
    ],
)
def test_nobody_writes_without_a_token(method: str, path: str) -> None:
    answer = Api()(method, path, COURSE)

    assert (answer.status, answer.code) == (401, "UNAUTHORIZED")


def test_a_draft_is_seen_by_those_who_make_it(luna: Person, stranger: Person) -> None:
    made = course(luna)
    path = f"{COURSES}/{made['slug']}"

    answers = [api("GET", path) for api in (luna.api, stranger.api, Api())]

    assert [answer.status for answer in answers] == [200, 404, 404]
    assert answers[0].headers["cache-control"] == "private, no-store"
    lists = [slugs(api) for api in (luna.api, stranger.api, Api())]
    assert lists == [[made["slug"]], [], []]


def test_a_published_course_may_be_kept_by_any_cache(luna: Person) -> None:
    shown, _ = published(luna)
    paths = [COURSES, f"{COURSES}/{shown['slug']}"]

    answers = [Api()("GET", path) for path in paths]

    assert {answer.headers["cache-control"] for answer in answers} == {
        "public, max-age=60"
    }
    assert {answer.headers["vary"] for answer in answers} == {"Origin, Authorization"}
    assert all(answer.headers["etag"] for answer in answers)


def test_a_list_with_drafts_is_kept_by_none(luna: Person) -> None:
    answer = luna.api("GET", COURSES)

    assert answer.headers["cache-control"] == "private, no-store"


def test_whoever_shows_a_token_shows_one_that_is_good(luna: Person) -> None:
    luna.api("POST", "/api/auth/logout").ok()

    answers = [luna.api("GET", path) for path in (COURSES, f"{COURSES}/light")]

    assert [answer.status for answer in answers] == [401, 401]


def test_courses_are_found_by_name_and_teacher(luna: Person) -> None:
    ada = teacher(luna)
    published(luna, name="Drawing with LIGHT", teacher_ids=[ada])
    published(luna, name="100% shade")

    answer = Api()("GET", f"{COURSES}?per_page=1&page=2")

    assert [one["slug"] for one in answer.ok()] == ["drawing-with-light"]
    assert answer.headers["x-total-count"] == "2"
    found = {
        query: slugs(Api(), query)
        for query in ("?q=light", "?q=%25", "?q=nowhere", f"?teacher_id={ada}")
    }
    assert found == {
        "?q=light": ["drawing-with-light"],
        "?q=%25": ["100-shade"],
        "?q=nowhere": [],
        f"?teacher_id={ada}": ["drawing-with-light"],
    }


def test_a_rating_is_the_average_of_those_that_stand(
    luna: Person, stranger: Person, sql: Sql
) -> None:
    shown, _ = published(luna)
    for person, stars, deleted_at in (
        (luna, 5, None),
        (stranger, 4, None),
        (luna, 1, "2026-01-01T00:00:00Z"),
    ):
        sql.execute(_RATE, (shown["id"], person.id, stars, deleted_at))

    detail = Api()("GET", f"{COURSES}/{shown['slug']}").ok()

    assert (detail["average_rating"], detail["total_ratings"]) == (4.5, 2)


def test_a_slug_that_nobody_chose_gets_out_of_the_way(
    luna: Person, stranger: Person
) -> None:
    made = [course(one)["slug"] for one in (luna, stranger, luna)]

    assert made == ["drawing-with-light", *(f"drawing-with-light-{n}" for n in (2, 3))]


def test_a_slug_that_was_chosen_is_taken_once(luna: Person, stranger: Person) -> None:
    course(stranger, slug="light")
    course(luna)

    answers = [
        luna.api("POST", COURSES, COURSE | {"slug": "light"}),
        luna.api("PATCH", f"{COURSES}/drawing-with-light", {"slug": "light"}),
    ]

    assert [(one.status, one.code) for one in answers] == [(409, "CONFLICT")] * 2


def test_of_two_at_once_each_gets_a_slug(luna: Person, database: str) -> None:
    made = course(luna)
    with psycopg.connect(database) as holder:
        holder.execute(
            "insert into courses (workspace_id, name, description, thumbnail, slug)"
            " select workspace_id, name, description, thumbnail, slug || '-2'"
            " from courses where id = %s",
            (made["id"],),
        )

        answer = answer_after(holder, Wish(luna.api, "POST", COURSES, COURSE))

    assert answer.ok(201)["slug"] == "drawing-with-light-3"


def test_a_course_changes_and_is_found_under_its_new_slug(
    luna: Person, sql: Sql
) -> None:
    path = f"{COURSES}/{course(luna, teacher_ids=[teacher(luna)])['slug']}"
    bea = teacher(luna, email="bea@example.com")
    changes = {"name": "Shade", "slug": "shade", "teacher_ids": [bea]}

    changed = luna.api("PATCH", path, changes).ok()

    assert (changed["name"], changed["teacher_ids"]) == ("Shade", [bea])
    assert changed["version"] == 2
    assert luna.api("GET", f"{COURSES}/shade").status == 200
    assert luna.api("GET", path).status == 404
    assert count(sql, "audit_log", action="course.changed") == 1


def test_the_slug_of_a_published_course_stays(luna: Person) -> None:
    shown, _ = published(luna)
    path = f"{COURSES}/{shown['slug']}"

    answer = luna.api("PATCH", path, {"slug": "elsewhere"})

    assert (answer.status, answer.code) == (409, "INVALID_STATE")
    assert luna.api("PATCH", path, {"slug": shown["slug"]}).status == 200


def test_a_course_without_a_class_is_not_published(luna: Person) -> None:
    path = f"{COURSES}/{course(luna)['slug']}/publish"

    answer = luna.api("POST", path)

    assert (answer.status, answer.code) == (409, "INVALID_STATE")


def test_publishing_twice_is_publishing_once(luna: Person, sql: Sql) -> None:
    shown, _ = published(luna)

    again = luna.api("POST", f"{COURSES}/{shown['slug']}/publish").ok()

    assert again == shown
    assert count(sql, "audit_log", action="course.published") == 1


@pytest.mark.parametrize(
    ("role", "makes", "deletes"), [("editor", 201, 403), ("reviewer", 403, 403)]
)
def test_editors_make_courses_and_owners_take_them_away(
    luna: Person, role: str, makes: int, deletes: int
) -> None:
    guest = join(luna, role)
    course(luna, slug="light")

    answers = [
        guest.api("POST", COURSES, COURSE),
        guest.api("DELETE", f"{COURSES}/light"),
    ]

    assert [answer.status for answer in answers] == [makes, deletes]


def test_a_stranger_s_course_is_not_there(luna: Person, stranger: Person) -> None:
    shown, _ = published(luna)
    path = f"{COURSES}/{shown['slug']}"

    answers = [
        stranger.api("PATCH", path, {"name": "Mine"}),
        stranger.api("POST", f"{path}/publish"),
        stranger.api("DELETE", path),
    ]

    assert [(one.status, one.code) for one in answers] == [(404, "NOT_FOUND")] * 3


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"name": " "}, 400),
        ({"name": "x" * 256}, 400),
        ({"name": "A nude model"}, 403),
        ({"description": "porn"}, 403),
        ({"slug": "porn"}, 403),
        ({"slug": "101"}, 400),
        ({"slug": "Light"}, 400),
        ({"slug": "a--b"}, 400),
        ({"thumbnail": "http://images.example.com/a.jpg"}, 400),
        ({"access": "rented"}, 400),
        ({"teacher_ids": [1, 1]}, 400),
        ({"teacher_ids": [0]}, 400),
        ({"teacher_ids": [2_147_483_647]}, 404),
        ({"status": "published"}, 400),
    ],
    ids=str,
)
def test_what_is_no_course_is_refused(
    luna: Person, sql: Sql, wrong: dict[str, Any], status: int
) -> None:
    answer = luna.api("POST", COURSES, COURSE | wrong)

    assert answer.status == status
    assert count(sql, "courses") == 0


def test_a_stranger_s_teacher_teaches_nothing_here(
    luna: Person, stranger: Person
) -> None:
    wanted = COURSE | {"teacher_ids": [teacher(stranger)]}

    answer = luna.api("POST", COURSES, wanted)

    assert (answer.status, answer.json["detail"]) == (404, "Teacher not found")


def test_a_course_has_a_benefit_as_soon_as_it_is_paid(luna: Person, sql: Sql) -> None:
    made = course(luna)
    path = f"{COURSES}/{made['slug']}"
    for access in ("paid", "free", "paid"):
        luna.api("PATCH", path, {"access": access}).ok()

    paid = course(luna, **PAID)

    assert count(sql, "benefits", kind="course", ref=str(made["id"])) == 1
    assert count(sql, "benefits", kind="course", ref=str(paid["id"])) == 1
    assert count(sql, "benefits") == 2


def test_a_benefit_out_of_use_is_in_use_again_when_the_course_is_paid(
    luna: Person, sql: Sql
) -> None:
    made = course(luna, **PAID)
    sql.execute("update benefits set is_active = false")

    luna.api("PATCH", f"{COURSES}/{made['slug']}", PAID).ok()

    assert count(sql, "benefits", is_active=True) == 1


def test_a_course_that_nobody_has_paid_for_goes_with_its_benefit(
    luna: Person, sql: Sql
) -> None:
    made = course(luna, **PAID)
    path = f"{COURSES}/{made['slug']}"

    luna.api("DELETE", path).ok(204)

    assert luna.api("GET", path).status == 404
    assert luna.api("DELETE", path).status == 404
    assert count(sql, "benefits", is_active=False) == 1
    assert course(luna)["slug"] == made["slug"]
    assert count(sql, "audit_log", action="course.deleted") == 1


@pytest.mark.parametrize(
    ("held", "status"),
    [
        ({}, 409),
        ({"source_type": "order", "revoked": 0}, 409),
        ({"source_type": "comp"}, 409),
        ({"source_type": "comp", "revoked": 0}, 204),
    ],
    ids=str,
)
def test_a_course_that_was_sold_stays(
    luna: Person, stranger: Person, sql: Sql, held: dict[str, Any], status: int
) -> None:
    made = course(luna, **PAID)
    grant(sql, stranger, benefit_of(sql, made), **held)

    answer = luna.api("DELETE", f"{COURSES}/{made['slug']}")

    assert answer.status == status
    assert count(sql, "benefits", is_active=True) == (1 if status == 409 else 0)


def test_a_course_that_is_for_sale_stays(luna: Person, sql: Sql) -> None:
    made = course(luna, **PAID)
    product(sql, luna, benefit_of(sql, made))

    answer = luna.api("DELETE", f"{COURSES}/{made['slug']}")

    assert (answer.status, answer.code) == (409, "CONFLICT")


def test_a_draft_of_another_course_has_no_class_of_it(luna: Person) -> None:
    first = course(luna)
    lesson(luna, first["slug"])
    second = course(luna)

    answer = luna.api("POST", f"{COURSES}/{second['slug']}/publish")

    assert answer.status == 409
