"""Courses, classes and teachers, made through the API as a team would make them."""

from typing import Any

from tests.support.people import Person

COURSES = "/courses"
TEACHERS = "/teachers"
COURSE: dict[str, Any] = {
    "name": "Drawing with light",
    "description": "How a picture comes to be.",
    "thumbnail": "https://images.example.com/light.jpg",
}
CLASS: dict[str, Any] = {
    "name": "The first ray",
    "description": "Where light comes from.",
    "video_url": "https://videos.example.com/ray.mp4",
}
TEACHER: dict[str, Any] = {"name": "Ada", "email": "ada@example.com"}


def course(person: Person, **changes: Any) -> dict[str, Any]:
    """Make a course, a draft."""
    made: dict[str, Any] = person.api("POST", COURSES, COURSE | changes).ok(201)
    return made


def lesson(person: Person, slug: str, **changes: Any) -> dict[str, Any]:
    """Add a class to a course."""
    path = f"{COURSES}/{slug}/classes"
    made: dict[str, Any] = person.api("POST", path, CLASS | changes).ok(201)
    return made


def published(person: Person, **changes: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Make a course with one class that anybody may see; return both."""
    slug = course(person, **changes)["slug"]
    made = lesson(person, slug)
    shown: dict[str, Any] = person.api("POST", f"{COURSES}/{slug}/publish").ok()
    return shown, made


def teacher(person: Person, **changes: Any) -> int:
    """Take a teacher on; return their id."""
    made = person.api("POST", TEACHERS, TEACHER | changes).ok(201)
    return int(made["id"])
