"""/api/v1/benefits: what may be opened by those who hold a grant for it."""

from typing import Any

import pytest

from tests.support.api import Answer, Api
from tests.support.database import Sql, count
from tests.support.material import NOBODYS
from tests.support.people import Person, join

ALL = "/api/v1/benefits"
GOLD = {"kind": "content_tier", "ref": "gold", "name": "Gold"}


def make(person: Person, **changes: Any) -> Answer:
    return person.api("POST", ALL, GOLD | changes)


@pytest.mark.parametrize(
    ("method", "path"), [("POST", ALL), ("GET", ALL), ("PATCH", f"{ALL}/{NOBODYS}")]
)
def test_nobody_gets_in_without_a_token(method: str, path: str) -> None:
    answer = Api()(method, path, GOLD)

    assert (answer.status, answer.code) == (401, "UNAUTHORIZED")


def test_a_benefit_is_made_and_listed(luna: Person, stranger: Person) -> None:
    config = {"colour": "amber", "rank": 2, "is_shiny": True}

    made = make(luna, config=config).ok(201)

    assert luna.api("GET", f"{ALL}?kind=content_tier").ok()["items"] == [made]
    assert made["config"] == config
    assert luna.api("GET", f"{ALL}?kind=course").ok()["pagination"]["total"] == 0
    assert stranger.api("GET", ALL).ok()["items"] == []


def test_a_kind_and_ref_are_there_once(luna: Person, stranger: Person) -> None:
    make(luna).ok(201)
    make(stranger).ok(201)

    answer = make(luna, name="Gold again")

    assert (answer.status, answer.code) == (409, "CONFLICT")


def test_a_benefit_changes_its_name_and_not_what_it_is(luna: Person, sql: Sql) -> None:
    path = f"{ALL}/{make(luna).ok(201)['id']}"

    changed = luna.api("PATCH", path, {"name": "Amber", "is_active": False}).ok()

    assert (changed["name"], changed["is_active"]) == ("Amber", False)
    assert (changed["ref"], changed["version"]) == ("gold", 2)
    assert luna.api("PATCH", path, {"ref": "silver"}).status == 400
    assert count(sql, "audit_log", action="benefit.changed") == 1


@pytest.mark.parametrize("role", ["editor", "reviewer", "analyst"])
def test_only_the_owner_makes_benefits(luna: Person, role: str) -> None:
    guest = join(luna, role)

    assert make(guest).status == 403
    assert guest.api("GET", ALL).status == 200


def test_a_stranger_s_benefit_is_not_there(luna: Person, stranger: Person) -> None:
    path = f"{ALL}/{make(luna).ok(201)['id']}"

    answer = stranger.api("PATCH", path, {"name": "Mine"})

    assert (answer.status, answer.code) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"kind": "castle"}, 400),
        ({"ref": ""}, 400),
        ({"ref": "two words"}, 400),
        ({"name": "nude"}, 403),
        ({"config": {"note": "nude"}}, 403),
        ({"config": {"deep": {"er": 1}}}, 400),
        ({"kind": "content_piece", "ref": "no-id"}, 400),
        ({"kind": "content_piece", "ref": NOBODYS.upper()}, 400),
        ({"kind": "content_piece", "ref": NOBODYS}, 404),
    ],
    ids=str,
)
def test_what_cannot_be_opened_is_refused(
    luna: Person, sql: Sql, wrong: dict[str, Any], status: int
) -> None:
    answer = make(luna, **wrong)

    assert answer.status == status
    assert count(sql, "benefits") == 0
