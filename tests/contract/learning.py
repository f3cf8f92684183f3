"""A day of learning, from the first class to a word on it; every call once."""

from tests.support.api import Api
from tests.support.classroom import LEARNING, classroom
from tests.support.database import Sql
from tests.support.people import Person


def learn_for_a_day(boss: Person, sql: Sql) -> None:
    """Have somebody take a course of theirs, and say what they think of it."""
    course = classroom(sql, boss, {}, {"available_after_days": 7})
    course.enroll(boss).ok(201)
    course.enroll(boss).ok(200)
    course.finish(boss, 0)
    boss.api("GET", course.path).ok()
    boss.api("GET", LEARNING).ok()
    _rate(boss.api, course.ratings, boss.id)


def _rate(api: Api, path: str, user_id: int) -> None:
    own = f"{path}/user/{user_id}"
    api("GET", own).ok(204)
    api("POST", path, {"rating": 4}).ok(201)
    api("POST", path, {"rating": 5}).ok(200)
    api("PUT", f"{path}/{user_id}", {"rating": 4}).ok()
    api("GET", own).ok()
    api("GET", path).ok()
    api("GET", f"{path}/stats").ok()
    api("DELETE", f"{path}/{user_id}").ok(204)
