"""Source 004: contracts.md, section 4, line by line."""

import re

import pytest

from tests.support.api import Answer, Api
from tests.support.contract import operations
from tests.support.database import Sql
from tests.support.people import Person
from tests.support.shelves import ITEMS, PRINT, item
from vixenbliss.models.content_jobs import MAX_RETRIES
from vixenbliss.schemas.base import DEFAULT_PAGE_SIZE

SECONDS = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
SUCCESS = {"success", "data", "message", "timestamp"}
KEYS = {
    "id",
    "name",
    "description",
    "price",
    "quantity",
    "category_id",
    "is_active",
    "created_at",
    "updated_at",
}
FORGED = {"id": 4711, "created_at": "2000-01-01T00:00:00Z", "is_active": False}


def names(answer: Answer) -> list[str]:
    """Return what the items of a list are called, in its order."""
    return [one["name"] for one in answer.ok()["data"]["items"]]


def is_told_in_envelope(answer: Answer) -> bool:
    """Tell whether an answer is what source 004 says, whatever its status."""
    body = answer.json
    is_failure = answer.status >= 400
    keys = {"success", "error", "timestamp"} if is_failure else SUCCESS
    is_whole = body.keys() == keys and body["success"] is not is_failure
    has_error = not is_failure or body["error"].keys() == {"code", "message", "details"}
    return bool(is_whole and has_error and SECONDS.match(body["timestamp"]))


def test_an_empty_list_is_a_success(database: str) -> None:
    """004: the five tests of the seed: an empty list is 200, success, no items."""
    answer = Api()("GET", ITEMS)

    assert answer.status == 200
    assert answer.json["success"] is True
    assert answer.json["data"] == {
        "items": [],
        "pagination": {"page": 1, "per_page": 20, "total": 0},
    }


def test_an_item_is_made(luna: Person) -> None:
    """004: the five tests of the seed: create is 201 and echoes the name."""
    made = luna.api("POST", ITEMS, PRINT).ok(201)

    assert made["message"] == "Item created successfully"
    assert made["data"]["name"] == "Print"
    assert made["data"].keys() >= KEYS
    assert (made["data"]["price"], made["data"]["is_active"]) == (15.0, True)
    assert SECONDS.match(made["data"]["created_at"])


def test_an_item_without_what_it_needs_is_refused(luna: Person) -> None:
    """004: the five tests of the seed: validation is 400 VALIDATION_ERROR."""
    answer = luna.api("POST", ITEMS, {"description": "neither name nor price"})

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert answer.json["error"]["details"]["field"] == "name"


def test_an_item_that_is_not_there_is_not_found(database: str) -> None:
    """004: the five tests of the seed: /api/items/999 is 404, success false."""
    answer = Api()("GET", f"{ITEMS}999")

    assert (answer.status, answer.code) == (404, "NOT_FOUND")
    assert answer.json["success"] is False
    assert answer.json["error"]["message"] == "Item not found"


def test_nobody_makes_an_item_without_a_token(database: str) -> None:
    """004: the five tests of the seed: create without a token is 401."""
    answer = Api()("POST", ITEMS, PRINT)

    assert (answer.status, answer.code) == (401, "UNAUTHORIZED")


def test_every_status_comes_in_an_envelope(luna: Person, sql: Sql) -> None:
    """004: envelope on every status, an unknown /api/x, 405 and 500 among them."""
    made = item(luna)
    path = f"{ITEMS}{made['id']}"
    old = {"If-Match": '"v7"'}
    answers = [
        luna.api("GET", path),
        luna.api("POST", ITEMS, PRINT),
        luna.api("POST", ITEMS, {}),
        luna.api("POST", ITEMS, content=b"{"),
        luna.api("POST", ITEMS, content=b"x", headers={"content-type": "text/plain"}),
        luna.api("POST", ITEMS, content=b" " * 300_000),
        luna.api("GET", f"{ITEMS}abc"),
        luna.api("GET", "/api/x"),
        luna.api("PATCH", ITEMS),
        luna.api("PATCH", path, {"price": 1}, headers=old),
        Api()("DELETE", path),
        luna.api("DELETE", path),
    ]
    sql.execute("alter table items rename to elsewhere")

    answers.append(luna.api("GET", path))

    statuses = [200, 201, 400, 400, 415, 413, 404, 404, 405, 412, 401, 200, 500]
    assert [answer.status for answer in answers] == statuses
    assert [a.content for a in answers if not is_told_in_envelope(a)] == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Free", "Poster", "Print"]),
        ("min_price=0", ["Free", "Poster", "Print"]),
        ("max_price=0", ["Free"]),
        ("min_price=15", ["Poster", "Print"]),
        ("min_price=15.01&max_price=20", ["Poster"]),
        ("category_id={id}", ["Poster"]),
        ("category=wall-art", ["Poster"]),
        ("q=pri", ["Print"]),
        ("q=%25", []),
        ("category_id=999", []),
        ("page=2&per_page=2", ["Print"]),
    ],
)
def test_a_list_is_filtered(luna: Person, query: str, found: list[str]) -> None:
    """004: filters incl. min_price=0."""
    art = luna.api("POST", "/api/categories/", {"name": "Wall art"}).ok(201)["data"]
    item(luna)
    item(luna, name="Poster", price=20, category_id=art["id"])
    item(luna, name="Free", price=0)

    answer = Api()("GET", f"{ITEMS}?{query.format_map(art)}")

    assert names(answer) == found


@pytest.mark.parametrize(
    "query",
    ["min_price=2&max_price=1", "min_price=-1", "page=0", "per_page=101", "page=x"],
)
def test_a_filter_that_cannot_be_meant_is_refused(database: str, query: str) -> None:
    """004: filters."""
    answer = Api()("GET", f"{ITEMS}?{query}")

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")


def test_an_inactive_item_is_hidden(luna: Person, stranger: Person) -> None:
    """004: inactive hidden; its workspace's members see it if they ask."""
    path = f"{ITEMS}{item(luna)['id']}"
    luna.api("DELETE", path).ok()
    every = "include_inactive=true"

    seen = [
        api("GET", f"{path}{query}").status
        for api in (Api(), stranger.api, luna.api)
        for query in ("", f"?{every}")
    ]
    listed = [
        names(api("GET", f"{ITEMS}?{every}")) for api in (Api(), stranger.api, luna.api)
    ]

    assert seen == [404, 404, 404, 404, 404, 200]
    assert listed == [[], [], ["Print"]]
    assert luna.api("DELETE", path).status == 404


def test_the_order_is_stable_under_equal_timestamps(luna: Person, sql: Sql) -> None:
    """004: order stable under equal timestamps."""
    made = [item(luna)["id"] for _ in range(5)]
    sql.execute("update items set created_at = now()")

    pages = [Api()("GET", f"{ITEMS}?per_page=2&page={page}") for page in (1, 2, 3)]

    shown = [one["id"] for page in pages for one in page.ok()["data"]["items"]]
    assert shown == made[::-1]


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_an_update_writes_what_may_be_written(luna: Person, method: str) -> None:
    """004: update ignores id, created_at, is_active."""
    made = item(luna)

    changed = luna.api(method, f"{ITEMS}{made['id']}", made | FORGED | {"name": "A4"})

    told = changed.ok()
    assert told["message"] == "Item updated successfully"
    stays = {"updated_at": told["data"]["updated_at"], "name": "A4"}
    assert told["data"] == made | stays


def test_the_names_of_the_source_are_there() -> None:
    """004: MAX_RETRIES = 3 and DEFAULT_PAGE_SIZE = 20 exist."""
    assert (MAX_RETRIES, DEFAULT_PAGE_SIZE) == (3, 20)


def test_every_operation_of_the_source_is_in_the_contract() -> None:
    """004: what the source names, and what contracts.md adds to it."""
    ours = ("/api/items/", "/api/categories/")

    named = {str(one) for one in operations() if one.path.startswith(ours)}

    item_, category = "/api/items/{item_id}", "/api/categories/{category_id}"
    assert named == {
        *(f"{method} /api/items/" for method in ("GET", "POST")),
        *(f"{method} {item_}" for method in ("GET", "PUT", "PATCH", "DELETE")),
        f"GET {item_}/download",
        *(f"{method} /api/categories/" for method in ("GET", "POST")),
        *(f"{method} {category}" for method in ("GET", "PATCH", "DELETE")),
    }
