"""Courses with classes and learners, stored past the API that makes them."""

import itertools
from dataclasses import dataclass
from typing import Any

from tests.support.api import Answer
from tests.support.database import Sql
from tests.support.people import Person

LEARNING = "/api/v1/learning/courses"
_numbers = itertools.count(1)
_COURSE = (
    "insert into courses (workspace_id, name, description, thumbnail, slug, access,"
    " status, published_at) values (%(workspace)s, 'Light', 'How it falls.',"
    " 'https://media.test/light.png', %(slug)s, %(access)s, %(status)s::text,"
    " case when %(status)s::text = 'published' then now() end) returning id"
)
_LESSON = (
    "insert into lessons (course_id, position, name, description, slug, video_url,"
    " duration_s, is_preview, available_after_days) values (%(course)s, %(position)s,"
    " 'A class', 'Of light.', %(slug)s, 'https://media.test/light.mp4', %(duration_s)s,"
    " %(is_preview)s, %(available_after_days)s) returning id"
)
_TAUGHT = (
    "with teacher as (insert into teachers (workspace_id, name, email, avatar_id)"
    " values (%(workspace)s, 'Luna', %(email)s, %(avatar)s) returning id)"
    " insert into course_teachers (course_id, teacher_id)"
    " select %(course)s, id from teacher"
)


@dataclass(frozen=True, slots=True)
class Classroom:
    """A course and its classes, in order."""

    sql: Sql
    id: int
    slug: str
    classes: tuple[int, ...]

    @property
    def path(self) -> str:
        return f"{LEARNING}/{self.slug}"

    @property
    def ratings(self) -> str:
        return f"/courses/{self.id}/ratings"

    def enroll(self, person: Person) -> Answer:
        return person.api("POST", f"{self.path}/enroll")

    def look(self, person: Person) -> Any:
        """Return how somebody stands in the course."""
        return person.api("GET", self.path).ok()

    def tell(
        self, person: Person, number: int, position: int = 0, **more: Any
    ) -> Answer:
        """Tell where somebody is in the class of that place, counted from 0."""
        path = f"{self.path}/classes/{self.classes[number]}/progress"
        return person.api("PUT", path, {"position_seconds": position} | more)

    def finish(self, person: Person, *numbers: int) -> int:
        """Complete classes; return the percent that this has come to."""
        answers = [self.tell(person, n, completed=True).ok() for n in numbers]
        return int(answers[-1]["percent"])

    def add(self, position: int = 9, **columns: Any) -> int:
        """Add a class and return its id."""
        return _lesson(self.sql, self.id, position, columns)

    def taught_by(self, owner: Person, avatar_id: str | None) -> None:
        """Have somebody, perhaps an avatar, teach the course."""
        told = {"course": self.id, "workspace": owner.workspace_id}
        email = f"teacher{next(_numbers)}@example.com"
        self.sql.execute(_TAUGHT.encode(), told | {"avatar": avatar_id, "email": email})


def classroom(
    sql: Sql, owner: Person, *classes: dict[str, Any], **changes: Any
) -> Classroom:
    """Store a free course that is published; of two classes if none is described."""
    number = next(_numbers)
    columns = {"slug": f"light-{number}", "access": "free", "status": "published"}
    columns |= changes | {"workspace": owner.workspace_id}
    row = sql.execute(_COURSE.encode(), columns).fetchone() or {}
    ids = [
        _lesson(sql, row["id"], position, described)
        for position, described in enumerate(classes or ({}, {}))
    ]
    return Classroom(sql, row["id"], columns["slug"], tuple(ids))


def _lesson(sql: Sql, course_id: int, position: int, columns: dict[str, Any]) -> int:
    known = {
        "course": course_id,
        "position": position,
        "slug": f"class-{next(_numbers)}",
        "duration_s": 600,
        "is_preview": False,
        "available_after_days": 0,
    }
    row = sql.execute(_LESSON.encode(), known | columns).fetchone() or {}
    return int(row["id"])
