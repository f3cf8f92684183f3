"""What source 001, the course platform, has to do: each line of it is a test."""

import pytest
from alembic import command

from tests.support.academy import course, published, teacher
from tests.support.api import Api
from tests.support.database import Sql, count
from tests.support.people import Person
from vixenbliss.migrations.run import config, current, downgrade, upgrade

pytestmark = pytest.mark.usefixtures("database")


def test_a_new_course_reaches_the_database(luna: Person, sql: Sql) -> None:
    """A new course goes API -> service -> repository -> database."""
    made = course(luna)

    assert count(sql, "courses", id=made["id"], name=made["name"]) == 1


def test_the_list_is_bare_and_has_five_keys(luna: Person) -> None:
    """Bare list of five keys."""
    shown, _ = published(luna)

    (listed,) = Api()("GET", "/courses").ok()

    assert listed == {
        name: shown[name] for name in ("id", "name", "description", "thumbnail", "slug")
    }


def test_a_slug_leads_to_the_course_with_its_classes(luna: Person) -> None:
    """Slug detail with classes."""
    ada = teacher(luna)
    shown, first = published(luna, teacher_ids=[ada])

    detail = Api()("GET", f"/courses/{shown['slug']}").ok()

    assert detail == {
        "id": shown["id"],
        "name": "Drawing with light",
        "description": "How a picture comes to be.",
        "thumbnail": "https://images.example.com/light.jpg",
        "slug": "drawing-with-light",
        "teacher_id": [ada],
        "teacher_ids": [ada],
        "classes": [
            {
                "id": first["id"],
                "name": "The first ray",
                "description": "Where light comes from.",
                "slug": "the-first-ray",
            }
        ],
        "average_rating": 0.0,
        "total_ratings": 0,
    }


def test_a_class_opens_with_eight_keys(luna: Person) -> None:
    """GET /courses/{slug}/classes/{id}."""
    shown, first = published(luna)

    seen = Api()("GET", f"/courses/{shown['slug']}/classes/{first['id']}").ok()

    assert seen.keys() == {
        *("id", "name", "description", "slug", "video_url"),
        *("created_at", "updated_at", "deleted_at"),
    }
    assert seen["deleted_at"] is None


def test_a_course_that_is_not_there_is_said_not_to_be(luna: Person) -> None:
    """404 "Course not found"."""
    answer = Api()("GET", "/courses/nowhere")

    assert (answer.status, answer.json["detail"]) == (404, "Course not found")


def test_a_seeded_database_goes_up_down_and_up(luna: Person, sql: Sql) -> None:
    """`upgrade head`, `downgrade base`, `upgrade head`; `check` finds no drift."""
    published(luna, teacher_ids=[teacher(luna)])
    head = current()
    sql.close()

    downgrade("base")
    upgrade()

    assert current() == head
    command.check(config())
