"""/courses/{course_id}/ratings: what people think of a course, each person once."""

import pytest

from tests.support.api import Api
from tests.support.at_once import Wish, at_once
from tests.support.classroom import Classroom, classroom
from tests.support.database import Sql, count
from tests.support.people import Person, sign_up
from tests.support.rights import benefit, grant, price, product

EMPTY = dict.fromkeys("12345", 0)
OUT_OF_SIGHT = {
    "draft": b"update courses set status = 'draft', published_at = null",
    "deleted": b"update courses set deleted_at = now()",
}
_RATED = (
    "with person as (insert into users (email, hashed_password)"
    " values ('rater' || %(age)s || '@example.com', '') returning id)"
    " insert into course_ratings (course_id, user_id, rating, created_at) select"
    " %(course)s, id, %(rating)s, now() - %(age)s * interval '1 hour' from person"
)
NOWHERE = "/courses/2147483647/ratings"


@pytest.fixture
def course(luna: Person, sql: Sql) -> Classroom:
    return classroom(sql, luna)


def paid(sql: Sql, owner: Person) -> tuple[Classroom, str]:
    """Store a course that is to be paid for; return it and its benefit."""
    course = classroom(sql, owner, access="paid")
    return course, benefit(sql, owner, kind="course", ref=str(course.id))


def rated(sql: Sql, course: Classroom, *ratings: int) -> None:
    """Store ratings of as many people, the last one the newest."""
    for age, rating in enumerate(reversed(ratings)):
        sql.execute(
            _RATED.encode(), {"course": course.id, "age": age, "rating": rating}
        )


def test_a_first_rating_is_made_and_a_second_one_replaces_it(
    course: Classroom, stranger: Person, sql: Sql
) -> None:
    first = stranger.api("POST", course.ratings, {"rating": 2}).ok(201)

    second = stranger.api("POST", course.ratings, {"rating": 5}).ok(200)

    assert first.keys() == {
        *("id", "course_id", "user_id", "rating"),
        *("created_at", "updated_at"),
    }
    assert (second["id"], second["rating"]) == (first["id"], 5)
    assert (second["user_id"], second["course_id"]) == (stranger.id, course.id)
    assert count(sql, "course_ratings") == 1


def test_twenty_first_ratings_at_once_are_one(
    course: Classroom, stranger: Person, sql: Sql
) -> None:
    wish = Wish(stranger.api, "POST", course.ratings, {"rating": 4})

    answers = at_once(*[wish] * 20)

    assert sorted(answer.status for answer in answers) == [200] * 19 + [201]
    assert count(sql, "course_ratings") == 1


@pytest.mark.parametrize("rating", [0, 6, 4.5, "5", True, None], ids=repr)
def test_a_rating_is_a_whole_number_from_one_to_five(
    course: Classroom, stranger: Person, sql: Sql, rating: object
) -> None:
    answer = stranger.api("POST", course.ratings, {"rating": rating})

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert count(sql, "course_ratings") == 0


def test_nobody_rates_in_anothers_name(
    course: Classroom, luna: Person, stranger: Person, sql: Sql
) -> None:
    stranger.api("POST", course.ratings, {"rating": 5, "user_id": stranger.id}).ok(201)
    theirs = f"{course.ratings}/{stranger.id}"

    answers = [
        luna.api("POST", course.ratings, {"rating": 1, "user_id": stranger.id}),
        luna.api("GET", f"{course.ratings}/user/{stranger.id}"),
        luna.api("PUT", theirs, {"rating": 1}),
        luna.api("DELETE", theirs),
    ]

    assert [(a.status, a.code) for a in answers] == [(403, "FORBIDDEN")] * 4
    assert count(sql, "course_ratings", rating=5, deleted_at=None) == 1


def test_whoever_has_no_token_rates_nothing(course: Classroom) -> None:
    answers = [
        Api()("POST", course.ratings, {"rating": 5}),
        Api()("GET", f"{course.ratings}/user/1"),
        Api()("PUT", f"{course.ratings}/1", {"rating": 5}),
        Api()("DELETE", f"{course.ratings}/1"),
    ]

    assert [answer.status for answer in answers] == [401] * 4


def test_whoever_has_signed_out_rates_nothing(
    course: Classroom, stranger: Person
) -> None:
    stranger.api("POST", "/api/auth/logout").ok()

    assert stranger.api("POST", course.ratings, {"rating": 5}).status == 401


def test_a_paid_course_is_rated_by_who_holds_it(
    luna: Person, stranger: Person, sql: Sql
) -> None:
    course, opens = paid(sql, luna)
    on_sale = product(sql, luna, opens)
    price(sql, on_sale)

    before = stranger.api("POST", course.ratings, {"rating": 5})
    grant(sql, stranger, opens)
    stranger.api("POST", course.ratings, {"rating": 5}).ok(201)
    team = luna.api("POST", course.ratings, {"rating": 4})

    assert (before.status, before.code) == (403, "ENTITLEMENT_REQUIRED")
    assert before.json["offers"] == [on_sale]
    assert team.status == 201


def test_what_was_said_stays_when_the_course_is_lost_and_may_be_taken_back(
    luna: Person, stranger: Person, sql: Sql
) -> None:
    course, opens = paid(sql, luna)
    grant(sql, stranger, opens)
    stranger.api("POST", course.ratings, {"rating": 5}).ok(201)
    sql.execute("update grants set revoked_at = now(), revoke_reason = 'refunded'")
    own = f"{course.ratings}/{stranger.id}"

    changed = stranger.api("PUT", own, {"rating": 1})
    kept = Api()("GET", course.ratings).ok()
    stranger.api("DELETE", own).ok(204)

    assert changed.code == "ENTITLEMENT_REQUIRED"
    assert [one["rating"] for one in kept] == [5]
    assert Api()("GET", course.ratings).ok() == []


def test_one_sees_changes_and_takes_back_ones_own(
    course: Classroom, stranger: Person
) -> None:
    own, seen = (f"{course.ratings}/{way}{stranger.id}" for way in ("", "user/"))
    assert stranger.api("GET", seen).ok(204) is None
    assert stranger.api("PUT", own, {"rating": 3}).status == 404
    made = stranger.api("POST", course.ratings, {"rating": 2}).ok(201)

    changed = stranger.api("PUT", own, {"rating": 3}).ok()

    assert stranger.api("GET", seen).ok() == changed
    assert (changed["id"], changed["rating"]) == (made["id"], 3)
    stranger.api("DELETE", own).ok(204)
    assert stranger.api("DELETE", own).status == 404
    assert stranger.api("GET", seen).status == 204
    again = stranger.api("POST", course.ratings, {"rating": 5}).ok(201)
    assert again["id"] != made["id"]


def test_ratings_are_listed_newest_first_page_by_page(
    course: Classroom, sql: Sql
) -> None:
    rated(sql, course, 1, 2, 3, 4, 5)

    pages = [
        Api()("GET", f"{course.ratings}?page={page}&per_page=2")
        for page in (1, 2, 3, 4)
    ]

    told = [[one["rating"] for one in page.ok()] for page in pages]
    assert told == [[5, 4], [3, 2], [1], []]
    assert {page.headers["x-total-count"] for page in pages} == {"5"}
    assert pages[0].headers["cache-control"] == "public, max-age=60"
    assert len({page.headers["etag"] for page in pages}) == 4


def test_the_numbers_are_those_of_what_is_said_now(course: Classroom, sql: Sql) -> None:
    nobody = Api()("GET", f"{course.ratings}/stats").ok()
    rated(sql, course, 5, 5, 4, 1)
    sql.execute("update course_ratings set deleted_at = now() where rating = 1")

    stats = Api()("GET", f"{course.ratings}/stats")

    assert nobody == {
        "average_rating": 0,
        "total_ratings": 0,
        "rating_distribution": EMPTY,
    }
    assert stats.ok() == {
        "average_rating": 4.67,
        "total_ratings": 3,
        "rating_distribution": EMPTY | {"5": 2, "4": 1},
    }
    assert stats.headers["cache-control"] == "public, max-age=60"


@pytest.mark.parametrize("fate", OUT_OF_SIGHT)
def test_a_course_out_of_sight_has_no_ratings(
    course: Classroom, luna: Person, sql: Sql, fate: str
) -> None:
    luna.api("POST", course.ratings, {"rating": 5}).ok(201)
    sql.execute(OUT_OF_SIGHT[fate])
    own = f"{course.ratings}/{luna.id}"

    answers = [
        Api()("GET", course.ratings),
        Api()("GET", f"{course.ratings}/stats"),
        luna.api("GET", f"{course.ratings}/user/{luna.id}"),
        luna.api("POST", course.ratings, {"rating": 1}),
        luna.api("PUT", own, {"rating": 1}),
        luna.api("DELETE", own),
    ]

    assert [answer.status for answer in answers] == [404] * 6
    assert answers[0].json["detail"] == "Course not found"
    assert count(sql, "course_ratings", rating=5, deleted_at=None) == 1


@pytest.mark.parametrize("bad", ["abc", "0", "-1", "2147483648", "9" * 30])
def test_a_number_that_no_course_has_is_refused(database: str, bad: str) -> None:
    answer = Api()("GET", f"/courses/{bad}/ratings")

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert Api()("GET", NOWHERE).status == 404


def test_another_course_has_ratings_of_its_own(
    course: Classroom, luna: Person, sql: Sql
) -> None:
    other = classroom(sql, luna)
    fan = sign_up()

    fan.api("POST", course.ratings, {"rating": 5}).ok(201)
    fan.api("POST", other.ratings, {"rating": 1}).ok(201)

    assert [one["rating"] for one in Api()("GET", other.ratings).ok()] == [1]
