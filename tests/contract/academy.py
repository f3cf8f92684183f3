"""A day at the academy: a course is made, looked at, changed, and taken away."""

from tests.support.academy import COURSES, TEACHERS, course, lesson, teacher
from tests.support.people import Person


def teach_for_a_day(boss: Person) -> None:
    """Have a team make a course and think better of it."""
    api = boss.api
    ada = teacher(boss)
    api("PATCH", f"{TEACHERS}/{ada}", {"name": "Ada B."}).ok()
    path = f"{COURSES}/{course(boss, access='paid', teacher_ids=[ada])['slug']}"
    slug = path.rpartition("/")[2]
    first, second = (lesson(boss, slug)["id"] for _ in range(2))
    api("PUT", f"{path}/classes/order", {"ids": [second, first]}).ok()
    api("PATCH", f"{path}/classes/{first}", {"is_preview": True}).ok()
    api("POST", f"{path}/publish").ok()
    api("GET", f"{COURSES}?q=light&teacher_id={ada}").ok()
    api("GET", path).ok()
    api("GET", f"{path}/classes/{first}").ok()
    api("GET", f"{TEACHERS}/{ada}").ok()
    api("GET", TEACHERS).ok()
    api("DELETE", f"{path}/classes/{second}").ok(204)
    api("PATCH", path, {"teacher_ids": []}).ok()
    api("DELETE", path).ok(204)
    api("DELETE", f"{TEACHERS}/{ada}").ok(204)
