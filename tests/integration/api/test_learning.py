"""/api/v1/learning: taking a course, and how far one has come."""

import psycopg
import pytest

from tests.support.api import Api
from tests.support.at_once import Wish, answer_after
from tests.support.classroom import LEARNING, Classroom, classroom
from tests.support.database import Sql, count
from tests.support.people import Person, avatar
from tests.support.rights import benefit, grant, price, product
from vixenbliss.ids import new_id

LOST = b"update grants set revoked_at = now(), revoke_reason = 'refunded'"
DRIP = {"available_after_days": 7}


@pytest.fixture
def course(luna: Person, sql: Sql) -> Classroom:
    return classroom(sql, luna)


@pytest.fixture
def held(luna: Person, stranger: Person, sql: Sql) -> Classroom:
    """A paid course, which the stranger has paid for, with a class to look at."""
    course = classroom(sql, luna, {}, {"is_preview": True}, access="paid")
    opens = benefit(sql, luna, kind="course", ref=str(course.id))
    price(sql, product(sql, luna, opens))
    grant(sql, stranger, opens)
    return course


def test_taking_a_course_makes_one_row(
    course: Classroom, stranger: Person, sql: Sql
) -> None:
    first = course.enroll(stranger)

    again = course.enroll(stranger)

    assert first.ok(201) == again.ok(200) == course.look(stranger)
    assert first.headers["location"] == course.path
    assert first.json["course"]["id"] == course.id
    assert (first.json["status"], first.json["percent"]) == ("active", 0)
    assert count(sql, "enrollments") == 1


def test_who_takes_a_course_at_one_moment_twice_is_in_it_once(
    course: Classroom, stranger: Person, database: str, sql: Sql
) -> None:
    with psycopg.connect(database) as other:
        other.execute(
            "insert into enrollments (id, course_id, user_id) values (%s, %s, %s)",
            (new_id(), course.id, stranger.id),
        )
        wish = Wish(stranger.api, "POST", f"{course.path}/enroll")

        answer = answer_after(other, wish)

    assert answer.ok(200)["status"] == "active"
    assert count(sql, "enrollments") == 1


def test_a_paid_course_is_taken_by_who_holds_it(
    luna: Person, held: Classroom, stranger: Person, sql: Sql
) -> None:
    (offer,) = sql.execute("select id from products").fetchall()
    other = benefit(sql, stranger, kind="course", ref=str(held.id))
    sql.execute("update grants set benefit_id = %s", (other,))

    refused = held.enroll(stranger)
    team = held.enroll(luna)

    assert (refused.status, refused.code) == (403, "ENTITLEMENT_REQUIRED")
    assert refused.json["offers"] == [str(offer["id"])]
    assert team.status == 201
    assert count(sql, "enrollments") == 1


@pytest.mark.parametrize("what", ["nobodys", "draft", "deleted"])
def test_a_course_out_of_sight_is_not_there(
    course: Classroom, stranger: Person, sql: Sql, what: str
) -> None:
    course.enroll(stranger).ok(201)
    sql.execute(
        "update courses set slug = case %(what)s when 'nobodys' then 'else' else slug"
        " end, status = case %(what)s when 'draft' then 'draft' else status end,"
        " published_at = case %(what)s when 'draft' then null else published_at end,"
        " deleted_at = case %(what)s when 'deleted' then now() end",
        {"what": what},
    )

    answers = [
        course.enroll(stranger),
        stranger.api("GET", course.path),
        course.tell(stranger, 0),
    ]

    assert [answer.status for answer in answers] == [404] * 3
    assert {answer.json["detail"] for answer in answers} == {"Course not found"}


def test_a_draft_is_taken_by_its_own_team_alone(
    luna: Person, stranger: Person, sql: Sql
) -> None:
    draft = classroom(sql, luna, status="draft")

    statuses = [draft.enroll(person).status for person in (luna, stranger)]

    assert statuses == [201, 404]


def test_who_does_not_take_a_course_has_no_progress_in_it(
    course: Classroom, stranger: Person, luna: Person, sql: Sql
) -> None:
    course.enroll(luna).ok(201)

    answers = [stranger.api("GET", course.path), course.tell(stranger, 0)]

    assert [answer.status for answer in answers] == [404] * 2
    assert count(sql, "lesson_progress") == 0


def test_whoever_has_no_token_learns_nothing(course: Classroom) -> None:
    ways = {
        "GET": [LEARNING, course.path],
        "POST": [f"{course.path}/enroll"],
        "PUT": [f"{course.path}/classes/1/progress"],
    }

    answers = [Api()(method, path) for method in ways for path in ways[method]]

    assert [answer.status for answer in answers] == [401] * 4


def test_class_after_class_completes_a_course(
    course: Classroom, stranger: Person, sql: Sql
) -> None:
    course.enroll(stranger).ok(201)
    course.tell(stranger, 0, 42).ok()
    half = course.finish(stranger, 0)

    middle = course.look(stranger)
    whole = course.finish(stranger, 1)
    end = course.look(stranger)

    assert (half, whole) == (50, 100)
    assert (middle["status"], middle["percent"]) == ("active", 50)
    assert middle["next_class"]["id"] == course.classes[1]
    assert (end["status"], end["percent"], end["next_class"]) == (
        "completed",
        100,
        None,
    )
    assert end["completed_at"]
    assert count(sql, "enrollments", completed_at=None) == 0


def test_a_course_tells_of_its_classes_in_their_order(
    luna: Person, stranger: Person, sql: Sql
) -> None:
    course = classroom(sql, luna, {}, DRIP)
    course.enroll(stranger).ok(201)
    gone, first = course.add(3), course.add(-1, duration_s=None)
    sql.execute("update lessons set deleted_at = now() where id = %s", (gone,))
    course.tell(stranger, 0, 42).ok()

    seen = course.look(stranger)

    assert [one["id"] for one in seen["classes"]] == [first, *course.classes]
    assert [one["position_seconds"] for one in seen["classes"]] == [0, 42, 0]
    assert [bool(one["opens_at"]) for one in seen["classes"]] == [False, False, True]
    assert seen["next_class"] == seen["classes"][0]
    assert seen["classes"][0]["duration_seconds"] is None


def test_completed_stays_completed_unless_it_is_taken_back(
    course: Classroom, stranger: Person, sql: Sql
) -> None:
    course.enroll(stranger).ok(201)
    course.finish(stranger, 0, 1)
    before = course.look(stranger)

    told = course.tell(stranger, 0, 7).ok()["percent"]
    course.finish(stranger, 1)
    kept = course.look(stranger)
    taken_back = course.tell(stranger, 0, 7, completed=False).ok()["percent"]

    assert (told, taken_back) == (100, 50)
    assert kept["completed_at"] == before["completed_at"]
    assert kept["classes"][0]["position_seconds"] == 7
    assert kept["classes"][1] == before["classes"][1]
    assert course.look(stranger)["status"] == "active"
    assert count(sql, "enrollments", completed_at=None) == 1


def test_the_last_two_classes_at_one_moment_complete_a_course(
    course: Classroom, stranger: Person, database: str
) -> None:
    course.enroll(stranger).ok(201)
    path = f"{course.path}/classes/{course.classes[1]}/progress"
    body = {"position_seconds": 9, "completed": True}
    with psycopg.connect(database) as other:
        other.execute("select id from enrollments for no key update")
        other.execute(
            "insert into lesson_progress (enrollment_id, lesson_id, completed_at)"
            " select id, %s, now() from enrollments",
            (course.classes[0],),
        )

        answer = answer_after(other, Wish(stranger.api, "PUT", path, body))

    assert answer.ok() == {"percent": 100}
    assert course.look(stranger)["status"] == "completed"


def test_a_class_that_comes_or_goes_changes_how_far_one_is(
    course: Classroom, stranger: Person, sql: Sql
) -> None:
    course.enroll(stranger).ok(201)
    course.finish(stranger, 0, 1)

    new = course.add()
    more = course.look(stranger)
    sql.execute("update lessons set deleted_at = now() where id = %s", (new,))
    less = course.look(stranger)

    assert (more["status"], more["percent"]) == ("active", 66)
    assert more["completed_at"] is None
    assert (less["status"], less["percent"]) == ("completed", 100)


@pytest.mark.parametrize(("told", "kept"), [(599, 599), (600, 600), (601, 600)])
def test_past_the_end_of_a_class_is_its_end(
    course: Classroom, stranger: Person, sql: Sql, told: int, kept: int
) -> None:
    course.enroll(stranger).ok(201)

    course.tell(stranger, 0, told).ok()

    assert count(sql, "lesson_progress", position_s=kept) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"position_seconds": -1},
        {"position_seconds": 1.5},
        {"position_seconds": 2**31},
        {"position_seconds": None},
        {"completed": "perhaps"},
    ],
    ids=repr,
)
def test_a_place_that_is_none_is_refused(
    course: Classroom, stranger: Person, sql: Sql, wrong: dict[str, object]
) -> None:
    course.enroll(stranger).ok(201)

    answer = course.tell(stranger, 0, **wrong)  # type: ignore[arg-type]  # on purpose

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert count(sql, "lesson_progress") == 0


def test_a_class_of_another_course_is_not_there(
    course: Classroom, luna: Person, stranger: Person, sql: Sql
) -> None:
    course.enroll(stranger).ok(201)
    other = classroom(sql, luna)
    path = f"{course.path}/classes/{other.classes[0]}/progress"

    answer = stranger.api("PUT", path, {"position_seconds": 1})

    assert answer.status == 404
    assert count(sql, "lesson_progress") == 0


def test_a_class_opens_some_days_after_one_has_enrolled(
    luna: Person, stranger: Person, sql: Sql
) -> None:
    course = classroom(sql, luna, {}, DRIP, DRIP | {"is_preview": True})
    course.enroll(stranger).ok(201)
    course.enroll(luna).ok(201)

    early = course.tell(stranger, 1)
    others = [course.tell(stranger, 0), course.tell(stranger, 2), course.tell(luna, 1)]
    opens_at = course.look(stranger)["classes"][1]["opens_at"]
    sql.execute("update enrollments set enrolled_at = now() - interval '7 days'")
    late = course.tell(stranger, 1)

    assert (early.status, early.code) == (403, "FORBIDDEN")
    assert early.json["detail"].startswith(f"This class opens at {opens_at[:19]}")
    assert [answer.status for answer in (*others, late)] == [200] * 4


def test_who_loses_a_course_keeps_what_they_have_done(
    held: Classroom, stranger: Person, sql: Sql
) -> None:
    held.enroll(stranger).ok(201)
    held.tell(stranger, 0, 42).ok()

    sql.execute(LOST)
    refused = [held.tell(stranger, 0, 50), held.enroll(stranger)]
    preview = held.tell(stranger, 1)
    seen = held.look(stranger)
    (listed,) = stranger.api("GET", LEARNING).ok()["items"]

    assert {answer.code for answer in refused} == {"ENTITLEMENT_REQUIRED"}
    assert all(len(answer.json["offers"]) == 1 for answer in refused)
    assert preview.status == 200
    assert seen["status"] == listed["status"] == "suspended"
    assert seen["classes"][0]["position_seconds"] == 42


def test_the_courses_that_one_takes_are_listed_latest_first(
    course: Classroom, luna: Person, stranger: Person, sql: Sql
) -> None:
    other = classroom(sql, luna)
    other.taught_by(luna, avatar(luna))
    course.taught_by(luna, None)
    other.enroll(luna).ok(201)
    for one in (course, other):
        one.enroll(stranger).ok(201)
    course.finish(stranger, 0)

    listed = stranger.api("GET", f"{LEARNING}?per_page=2").ok()
    second = stranger.api("GET", f"{LEARNING}?per_page=1&page=2").ok()

    told = [
        (one["course"]["slug"], one["percent"], one["ai_presented"])
        for one in listed["items"]
    ]
    assert told == [(other.slug, 0, True), (course.slug, 50, False)]
    assert second["items"] == listed["items"][1:]
    assert second["pagination"]["total"] == 2


@pytest.mark.parametrize("bad", ["Light", "a--b", "x" * 256, "%00", "%20"])
def test_a_slug_that_is_none_is_refused(luna: Person, bad: str) -> None:
    answer = luna.api("GET", f"{LEARNING}/{bad}")

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert luna.api("GET", f"{LEARNING}/{new_id()}").status == 404
