"""/api/categories: a tree without circles, of shelves that nobody pulls away."""

from typing import Any

import psycopg
import pytest

from tests.support.api import Answer, Api
from tests.support.at_once import Wish, answer_after
from tests.support.database import Sql
from tests.support.people import Person, join
from tests.support.shelves import CATEGORIES, ITEMS, PRINT, category, item


def path_of(made: dict[str, Any]) -> str:
    return f"{CATEGORIES}{made['id']}"


def move(person: Person, made: dict[str, Any], parent_id: int | None) -> Answer:
    return person.api("PATCH", path_of(made), {"parent_id": parent_id})


def test_anybody_sees_the_shelves(luna: Person, stranger: Person) -> None:
    made = [category(luna, "Wall art"), category(luna, "Café noir"), category(stranger)]

    everywhere = Api()("GET", CATEGORIES)
    ours = Api()("GET", f"{CATEGORIES}?workspace_id={luna.workspace_id}").ok()

    listed = everywhere.ok()["data"]["items"]
    assert [one["slug"] for one in listed] == ["cafe-noir", "prints", "wall-art"]
    assert [one["name"] for one in ours["data"]["items"]] == ["Café noir", "Wall art"]
    assert Api()("GET", path_of(made[0])).ok()["data"] == made[0]
    assert everywhere.headers["cache-control"] == "public, max-age=60"


@pytest.mark.parametrize(
    ("method", "role", "status"),
    [
        ("POST", "editor", 201),
        ("POST", "analyst", 403),
        ("PATCH", "editor", 200),
        ("PATCH", "reviewer", 403),
        ("DELETE", "editor", 403),
    ],
)
def test_shelves_are_changed_by_those_who_may(
    luna: Person, method: str, role: str, status: int
) -> None:
    made = category(luna)
    path = CATEGORIES if method == "POST" else path_of(made)
    body = None if method == "DELETE" else {"name": "Posters"}

    answer = join(luna, role).api(method, path, body)

    assert answer.status == status
    assert Api()(method, path, body).status == 401


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_another_workspaces_shelf_is_not_there(
    luna: Person, stranger: Person, method: str
) -> None:
    made = category(luna)

    answers = [
        stranger.api(method, path, {"name": "Mine"} if method == "PATCH" else None)
        for path in (path_of(made), f"{CATEGORIES}4711", f"{CATEGORIES}abc")
    ]

    assert {(a.status, a.code) for a in answers} == {(404, "NOT_FOUND")}


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        ({}, 400),
        ({"name": " "}, 400),
        ({"name": "日本"}, 400),
        ({"name": "Posters", "slug": "No Slug"}, 400),
        ({"name": "Posters", "parent_id": 4711}, 400),
        ({"name": "nude"}, 403),
        ({"name": "PRINTS!"}, 409),
        ({"name": "Posters", "slug": "prints"}, 409),
    ],
    ids=str,
)
def test_a_shelf_that_cannot_be_is_refused(
    luna: Person, wanted: dict[str, Any], status: int
) -> None:
    category(luna)

    assert luna.api("POST", CATEGORIES, wanted).status == status


def test_letters_that_stand_for_several_make_a_slug_that_fits(luna: Person) -> None:
    made = category(luna, "㏒" * 120)

    assert made["slug"] == "log" * 40


def test_a_slug_is_free_again_when_its_shelf_is_gone(
    luna: Person, stranger: Person
) -> None:
    category(stranger)
    luna.api("DELETE", path_of(category(luna))).ok()

    assert category(luna)["slug"] == "prints"


def test_a_shelf_does_not_stand_within_itself(luna: Person) -> None:
    top = category(luna, "Top")
    middle = category(luna, "Middle", parent_id=top["id"])
    bottom = category(luna, "Bottom", parent_id=middle["id"])

    statuses = [move(luna, top, one["id"]).status for one in (top, middle, bottom)]

    assert statuses == [409, 409, 409]
    assert move(luna, bottom, top["id"]).ok()["data"]["parent_id"] == top["id"]
    assert move(luna, bottom, None).ok()["data"]["parent_id"] is None


def test_two_moves_at_once_make_no_circle(luna: Person, database: str) -> None:
    left, right = category(luna, "Left"), category(luna, "Right")
    into_left = Wish(luna.api, "PATCH", path_of(right), {"parent_id": left["id"]})

    with psycopg.connect(database) as other:
        other.execute("select id from categories order by id for update")
        other.execute(
            "update categories set parent_id = %s where id = %s",
            (right["id"], left["id"]),
        )
        answer = answer_after(other, into_left)

    assert (answer.status, answer.code) == (409, "CONFLICT")


@pytest.mark.parametrize("what", ["item", "category"])
def test_a_shelf_with_something_on_it_stays(luna: Person, what: str) -> None:
    made = category(luna)
    if what == "item":
        path = f"{ITEMS}{item(luna, category_id=made['id'])['id']}"
    else:
        path = path_of(category(luna, "Within", parent_id=made["id"]))

    full = luna.api("DELETE", path_of(made))
    luna.api("DELETE", path).ok()
    empty = luna.api("DELETE", path_of(made))

    assert (full.status, full.code) == (409, "CONFLICT")
    assert empty.ok()["data"] == {"deleted": True}
    assert Api()("GET", path_of(made)).status == 404


def test_nothing_is_put_on_a_shelf_that_is_pulled_away(
    luna: Person, database: str, sql: Sql
) -> None:
    made = category(luna)
    onto_it = Wish(luna.api, "POST", ITEMS, PRINT | {"category_id": made["id"]})

    with psycopg.connect(database) as other:
        other.execute("update categories set is_active = false")
        answer = answer_after(other, onto_it)

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
