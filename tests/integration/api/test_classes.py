"""/courses/{slug}/classes: in an order, and open to whoever may open them."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.academy import CLASS, COURSES, course, lesson, published
from tests.support.api import Answer, Api
from tests.support.database import Sql, count
from tests.support.people import Person, join
from tests.support.rights import benefit, grant, price, product
from vixenbliss.ids import new_id

PUBLIC = "public, max-age=60"
PRIVATE = "private, no-store"
_ENROL = (
    "insert into enrollments (id, course_id, user_id, enrolled_at)"
    " values (%s, %s, %s, now() - %s * interval '1 day')"
)
_MANY = (
    "insert into lessons (course_id, name, description, slug, video_url)"
    " select %s, 'A class', 'One of many.', 'class-' || n, 'https://example.com'"
    " from generate_series(1, 199) as n"
)


@dataclass(frozen=True, slots=True)
class Room:
    """A published course that is paid for, with one class and what opens it."""

    owner: Person
    fan: Person
    sql: Sql
    course: dict[str, Any]
    path: str
    benefit_id: str

    def enter(self, api: Api) -> Answer:
        return api("GET", self.path)

    def change(self, **columns: Any) -> None:
        self.owner.api("PATCH", self.path, columns).ok()


@pytest.fixture
def room(luna: Person, stranger: Person, sql: Sql) -> Room:
    shown, first = published(luna, access="paid")
    row = sql.execute("select id from benefits").fetchone() or {}
    path = f"{COURSES}/{shown['slug']}/classes/{first['id']}"
    return Room(luna, stranger, sql, shown, path, str(row["id"]))


def names(person: Person, slug: str) -> list[str]:
    classes = person.api("GET", f"{COURSES}/{slug}").ok()["classes"]
    return [one["name"] for one in classes]


@pytest.fixture
def abc(luna: Person) -> tuple[str, list[int]]:
    """A draft with the classes A, B and C; its slug, and their ids."""
    slug = course(luna)["slug"]
    return slug, [lesson(luna, slug, name=name)["id"] for name in "ABC"]


def test_a_paid_class_opens_to_holders_and_members(room: Room) -> None:
    gold = product(room.sql, room.owner, room.benefit_id)
    price(room.sql, gold)
    closed = [room.enter(api) for api in (Api(), room.fan.api)]
    grant(room.sql, room.fan, room.benefit_id)

    opened = [room.enter(person.api) for person in (room.fan, room.owner)]

    assert [(one.status, one.code) for one in closed] == [
        (403, "ENTITLEMENT_REQUIRED")
    ] * 2
    assert [one.json["offers"] for one in closed] == [[gold]] * 2
    assert [one.ok()["video_url"] for one in opened] == [CLASS["video_url"]] * 2
    assert {one.headers["cache-control"] for one in opened} == {PRIVATE}


@pytest.mark.parametrize(
    "held", [{"revoked": 0}, {"starts": 1}, {"starts": -2, "ends": -1}], ids=str
)
def test_what_is_held_no_longer_opens_nothing(room: Room, held: dict[str, int]) -> None:
    grant(room.sql, room.fan, room.benefit_id, **held)

    answer = room.enter(room.fan.api)

    assert (answer.status, answer.code) == (403, "ENTITLEMENT_REQUIRED")


def test_what_another_workspace_calls_this_course_opens_nothing(room: Room) -> None:
    ref = str(room.course["id"])
    forged = benefit(room.sql, room.fan, kind="course", ref=ref)
    grant(room.sql, room.fan, forged)

    assert room.enter(room.fan.api).status == 403


@pytest.mark.parametrize("way", ["preview", "free"])
def test_a_preview_and_a_free_class_open_to_anybody(room: Room, way: str) -> None:
    if way == "preview":
        room.change(is_preview=True)
    else:
        path = f"{COURSES}/{room.course['slug']}"
        room.owner.api("PATCH", path, {"access": "free"}).ok()

    answer = room.enter(Api())

    assert answer.ok()["video_url"] == CLASS["video_url"]
    assert answer.headers["cache-control"] == PUBLIC


def test_a_class_of_a_draft_is_seen_by_those_who_make_it(
    luna: Person, stranger: Person
) -> None:
    slug = course(luna)["slug"]
    path = f"{COURSES}/{slug}/classes/{lesson(luna, slug)['id']}"

    answers = [api("GET", path) for api in (luna.api, stranger.api, Api())]

    assert [answer.status for answer in answers] == [200, 404, 404]
    assert answers[0].headers["cache-control"] == PRIVATE


@pytest.mark.parametrize(
    ("days_ago", "status"), [(None, 403), (2, 403), (3, 200), (30, 200)]
)
def test_a_class_opens_some_days_after_enrolment(
    room: Room, days_ago: int | None, status: int
) -> None:
    room.change(available_after_days=3)
    grant(room.sql, room.fan, room.benefit_id)
    if days_ago is not None:
        who = (new_id(), room.course["id"], room.fan.id, days_ago)
        room.sql.execute(_ENROL, who)

    answers = [room.enter(room.fan.api), room.enter(room.owner.api)]

    assert [answer.status for answer in answers] == [status, 200]
    if status == 403:
        assert answers[0].code == "FORBIDDEN"
        assert "opens" in answers[0].json["detail"]


def test_a_class_is_of_its_course_alone(room: Room) -> None:
    other, _ = published(room.owner)
    path = room.path.replace(room.course["slug"], other["slug"], 1)

    answers = [
        room.owner.api(method, path, body)
        for method, body in (("GET", None), ("PATCH", {"name": "X"}), ("DELETE", None))
    ]

    assert [(one.status, one.json["detail"]) for one in answers] == [
        (404, "Class not found")
    ] * 3


@pytest.mark.parametrize(
    ("position", "order"), [(None, "ABCD"), (0, "DABC"), (1, "ADBC"), (99, "ABCD")]
)
def test_a_class_is_put_in_its_place(
    luna: Person, abc: tuple[str, list[int]], position: int | None, order: str
) -> None:
    slug, _ = abc

    lesson(luna, slug, name="D", position=position)

    assert "".join(names(luna, slug)) == order


def test_a_class_is_put_at_the_end_though_others_are_gone(
    luna: Person, abc: tuple[str, list[int]]
) -> None:
    slug, (a, b, _) = abc
    for gone in (a, b):
        luna.api("DELETE", f"{COURSES}/{slug}/classes/{gone}").ok(204)

    lesson(luna, slug, name="D")

    assert names(luna, slug) == ["C", "D"]


def test_a_class_moves(luna: Person, abc: tuple[str, list[int]]) -> None:
    slug, (a, *_) = abc

    moved = luna.api("PATCH", f"{COURSES}/{slug}/classes/{a}", {"position": 1}).ok()

    assert moved["position"] == 1
    assert names(luna, slug) == ["B", "A", "C"]


def test_classes_are_put_in_another_order(
    luna: Person, abc: tuple[str, list[int]], sql: Sql
) -> None:
    slug, ids = abc

    ordered = luna.api("PUT", f"{COURSES}/{slug}/classes/order", {"ids": ids[::-1]})

    assert [one["name"] for one in ordered.ok()] == ["C", "B", "A"]
    assert names(luna, slug) == ["C", "B", "A"]
    assert count(sql, "audit_log", action="class.arranged") == 1


def test_an_order_names_each_class_once(
    luna: Person, abc: tuple[str, list[int]]
) -> None:
    slug, (a, b, c) = abc
    wrong = [[], [a, b], [a, b, b], [a, b, c, c], [a, b, c, 2_147_483_647]]

    answers = [
        luna.api("PUT", f"{COURSES}/{slug}/classes/order", {"ids": ids})
        for ids in wrong
    ]

    assert [(one.status, one.code) for one in answers] == [
        (400, "VALIDATION_ERROR")
    ] * len(wrong)
    assert names(luna, slug) == ["A", "B", "C"]


def test_a_class_changes_what_is_said_of_it(
    luna: Person, abc: tuple[str, list[int]], sql: Sql
) -> None:
    slug, (a, *_) = abc
    path = f"{COURSES}/{slug}/classes/{a}"
    changes = {"name": "Dawn", "slug": "dawn", "duration_s": 90, "is_preview": True}

    changed = luna.api("PATCH", path, changes).ok()

    assert {name: changed[name] for name in changes} == changes
    assert luna.api("PATCH", path, {}).ok()["duration_s"] == 90
    assert luna.api("PATCH", path, {"duration_s": None}).ok()["duration_s"] is None
    assert count(sql, "audit_log", action="class.changed") == 3


def test_a_slug_is_a_course_s_own(luna: Person, abc: tuple[str, list[int]]) -> None:
    slug, (a, *_) = abc
    path = f"{COURSES}/{slug}/classes"

    answers = [
        luna.api("POST", path, CLASS | {"slug": "b"}),
        luna.api("PATCH", f"{path}/{a}", {"slug": "b"}),
    ]

    assert [(one.status, one.code) for one in answers] == [(409, "CONFLICT")] * 2
    assert lesson(luna, slug, name="B")["slug"] == "b-2"
    assert lesson(luna, course(luna)["slug"], name="B")["slug"] == "b"


def test_a_class_that_is_gone_is_gone(luna: Person, abc: tuple[str, list[int]]) -> None:
    slug, (a, *_) = abc
    path = f"{COURSES}/{slug}/classes/{a}"

    luna.api("DELETE", path).ok(204)

    assert [luna.api(way, path).status for way in ("GET", "DELETE")] == [404, 404]
    assert lesson(luna, slug, name="A")["slug"] == "a"


def test_a_published_course_keeps_a_class(room: Room) -> None:
    answer = room.owner.api("DELETE", room.path)

    assert (answer.status, answer.code) == (409, "INVALID_STATE")


def test_a_course_has_as_many_classes_as_can_be_told_at_once(
    luna: Person, sql: Sql
) -> None:
    made = course(luna)
    sql.execute(_MANY.encode(), (made["id"],))
    lesson(luna, made["slug"])

    answer = luna.api("POST", f"{COURSES}/{made['slug']}/classes", CLASS)

    assert (answer.status, answer.code) == (409, "CONFLICT")


def test_only_editors_write_classes(luna: Person, stranger: Person) -> None:
    slug = course(luna)["slug"]
    reviewer = join(luna, "reviewer")
    path = f"{COURSES}/{slug}/classes"

    answers = [api("POST", path, CLASS) for api in (reviewer.api, stranger.api, Api())]

    assert [answer.status for answer in answers] == [403, 404, 401]


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"name": ""}, 400),
        ({"name": "A nude model"}, 403),
        ({"description": "x" * 5_001}, 400),
        ({"slug": "Two Words"}, 400),
        ({"video_url": "https://10.0.0.1/a.mp4"}, 400),
        ({"position": -1}, 400),
        ({"duration_s": -1}, 400),
        ({"available_after_days": 366}, 400),
        ({"is_preview": None}, 400),
        ({"deleted_at": None}, 400),
    ],
    ids=str,
)
def test_what_is_no_class_is_refused(
    luna: Person, sql: Sql, wrong: dict[str, Any], status: int
) -> None:
    path = f"{COURSES}/{course(luna)['slug']}/classes"

    answer = luna.api("POST", path, CLASS | wrong)

    assert answer.status == status
    assert count(sql, "lessons") == 0
