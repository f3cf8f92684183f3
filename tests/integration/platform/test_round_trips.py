"""How often a request asks the database: once to read, and so many times to write."""

import json
from typing import Any

import pytest

from tests.support.academy import teacher
from tests.support.api import ROOT, Api
from tests.support.api_keys import program
from tests.support.classroom import classroom
from tests.support.database import Sql
from tests.support.instagram_updates import changed, comment, deliver
from tests.support.material import NOBODYS
from tests.support.people import SHEET, Person, avatar
from tests.support.platforms import forgotten
from tests.support.posting import press
from tests.support.rights import benefit, grant, price, product
from tests.support.rows import stripe_event
from tests.support.selling import Shop
from tests.support.shelves import category, item
from tests.support.sold import Market
from tests.support.studio import Studio
from tests.support.trips import trips
from tests.support.workers import Workers

READS = sorted(
    path
    for path, operations in json.loads((ROOT / "docs/openapi.json").read_text())[
        "paths"
    ].items()
    if "get" in operations
)
WITHOUT_DATABASE = {"/": 200, "/health": 200, "/webhooks/instagram": 404}
"""What answers without the database, and how, where there is no token to show."""
OF_STAFF = "/api/v1/ops/queues"
ASKS_PLATFORMS = {
    "/api/v1/social/{platform}/callback",
    "/api/v1/social/accounts/{account_id}/quota",
    "/api/v1/posts/slots",
}
ONE_EACH = [
    path for path in READS if path not in {*WITHOUT_DATABASE, *ASKS_PLATFORMS, OF_STAFF}
]
KINDS = (
    "account",
    "asset",
    "avatar",
    "checkout",
    "decision",
    "dispute",
    "event",
    "job",
    "order",
    "piece",
    "post",
    "product",
    "request",
    "subscription",
    "thread",
)
type Values = dict[str, str]


def address(path: str, values: Values) -> str:
    queries = {
        "diff": "from=1&to=2",
        "explain": "kind=content_tier&ref=gold",
        "products": f"workspace_id={values['workspace_id']}",
    }
    query = queries.get(path.rpartition("/")[2])
    filled = path.format_map(values)
    return f"{filled}?{query}" if query else filled


def nothing(person: Person) -> Values:
    """Name things that are not there, in a workspace where nothing is."""
    return dict.fromkeys((f"{kind}_id" for kind in KINDS), NOBODYS) | {
        "code": "0" * 32,
        "course_id": "2147483647",
        "slug": "nothing",
        "user_id": str(person.id),
        "item_id": "2147483647",
        "category_id": "2147483647",
        **dict.fromkeys(("class_id", "teacher_id"), "2147483647"),
        "workspace_id": person.workspace_id,
        "sha256": "0" * 64,
        "todo_id": "2147483647",
    }


@pytest.fixture
def something(studio: Studio, workers: Workers, aws: dict[str, str]) -> Values:
    """Name one thing of each kind, all in a workspace with something of everything."""
    api, avatar_id = studio.owner.api, studio.avatar_id
    second = {"sheet": SHEET | {"backstory": "Another."}, "base_version": 1}
    api("PUT", f"/api/v1/avatars/{avatar_id}/sheet", second).ok(201)
    workers.deliver("moderate")
    (job_id,) = studio.wish()
    studio.bring_home(job_id)
    asset = studio.asset(job_id)
    check = {"text": "a walk by the sea"}
    ours = press(studio)
    post = ours.post()
    ours.bring(post, "published")
    ours.sign(post, "{}")
    account = api("GET", f"/api/v1/social/accounts/{ours.account_id}").ok()
    deliver(changed(account["platform_user_id"], comment())).ok(202)
    (thread,) = api("GET", "/api/v1/inbox/threads").ok()["items"]
    sale = Market(
        studio.owner, avatar_id, studio.owner, studio.world, workers, studio.sql
    ).sell()
    sale.disputed()
    sale.market.tell()
    tier = benefit(studio.sql, studio.owner)
    grant(studio.sql, studio.owner, tier)
    product_id = product(studio.sql, studio.owner, tier)
    prices = [{"id": price(studio.sql, product_id)}]
    gold = {"id": product_id, "prices": prices}
    shop = Shop(studio.owner, avatar_id, studio.world, studio.sql)
    studio.sql.execute("update users set platform_role = 'admin'")
    (dispute,) = api("GET", "/api/v1/disputes").ok()["items"]
    todo = api("POST", "/todos/", {"title": "Buy lemons"}).ok()
    print_ = item(studio.owner, download_asset_id=asset["id"])
    course = classroom(studio.sql, studio.owner)
    course.enroll(studio.owner).ok(201)
    api("POST", course.ratings, {"rating": 5}).ok(201)
    return {
        "course_id": str(course.id),
        "slug": course.slug,
        "user_id": str(studio.owner.id),
        "item_id": str(print_["id"]),
        "category_id": str(category(studio.owner)["id"]),
        "todo_id": todo["id"],
        "checkout_id": str(sale.row()["checkout_id"]),
        "product_id": product_id,
        "subscription_id": shop.subscribed(studio.owner, gold, "active"),
        "dispute_id": dispute["id"],
        "class_id": str(course.classes[0]),
        "teacher_id": str(teacher(studio.owner)),
        "event_id": str(stripe_event(studio.sql, "processed")),
        "order_id": sale.id,
        "account_id": ours.account_id,
        "post_id": post["id"],
        "thread_id": thread["id"],
        "request_id": api("POST", "/api/v1/users/me/export").ok(202)["request_id"],
        "code": forgotten("nobody").ok()["confirmation_code"],
        "workspace_id": studio.owner.workspace_id,
        "avatar_id": avatar_id,
        "job_id": job_id,
        "asset_id": asset["id"],
        "sha256": asset["sha256"],
        "piece_id": ours.piece["id"],
        "decision_id": api("POST", "/api/v1/policy/check", check).ok(202)[
            "decision_id"
        ],
    }


def test_every_read_of_something_is_one_trip(studio: Studio, something: Values) -> None:
    counted = {
        path: trips(lambda: studio.owner.api("GET", address(path, something)).ok())  # noqa: B023 - called at once
        for path in ONE_EACH
    }

    assert counted == dict.fromkeys(ONE_EACH, 1)


def test_every_read_of_nothing_is_one_trip(
    luna: Person, aws: dict[str, str], sql: Sql
) -> None:
    sql.execute("update users set platform_role = 'admin'")
    values = nothing(luna)

    counted = {
        path: trips(lambda: luna.api("GET", address(path, values)))  # noqa: B023
        for path in ONE_EACH
    }

    assert counted == dict.fromkeys(ONE_EACH, 1)


@pytest.mark.parametrize("path", ["/api/v1/avatars", "/api/v1/workspaces"])
def test_a_longer_list_is_still_one_trip(luna: Person, path: str) -> None:
    for number in range(5):
        avatar(luna, avatar_name=f"Luna {number}")
        luna.api("POST", "/api/v1/workspaces", {"name": f"Place {number}"}).ok(201)

    assert trips(lambda: luna.api("GET", f"{path}?per_page=100").ok()) == 1


def test_a_program_s_read_is_one_trip_too(luna: Person) -> None:
    api = program(luna, "avatars:read")

    assert trips(lambda: api("GET", "/api/v1/avatars").ok()) == 1


@pytest.mark.parametrize("path", sorted(WITHOUT_DATABASE))
def test_what_needs_no_database_does_not_ask_it(luna: Person, path: str) -> None:
    status = WITHOUT_DATABASE[path]

    assert trips(lambda: luna.api("GET", path).ok(status)) == 0


def test_a_stranger_costs_no_trip(database: str) -> None:
    assert trips(lambda: Api("no token")("GET", "/api/v1/avatars")) == 0


def test_staff_see_all_queues_in_three_trips(
    luna: Person, aws: dict[str, str], sql: Any
) -> None:
    sql.execute("update users set platform_role = 'admin'")

    assert trips(lambda: luna.api("GET", OF_STAFF).ok()) == 3


def test_a_page_and_its_total_are_of_one_moment(luna: Person) -> None:
    avatar(luna)

    listed = luna.api("GET", "/api/v1/avatars?per_page=1&page=9").ok()

    assert (listed["items"], listed["pagination"]["total"]) == ([], 1)


def test_fifty_jobs_cost_as_many_trips_as_one(studio: Studio) -> None:
    one = trips(lambda: studio.wish(1))
    fifty = trips(lambda: studio.wish(50))

    assert one == fifty <= 12


def test_a_write_is_bounded(studio: Studio) -> None:
    api, path = studio.owner.api, f"/api/v1/avatars/{studio.avatar_id}"
    names = iter(["First", "Second"])
    versions = iter([1, 2])

    counted = {
        "create": trips(lambda: avatar(studio.owner, avatar_name=next(names))),
        "budget": trips(
            lambda: api("PUT", f"{path}/budget", {"monthly_budget_minor": 5}).ok()
        ),
        "sheet": trips(
            lambda: api(
                "PUT",
                f"{path}/sheet",
                {"sheet": SHEET, "base_version": next(versions)},
            ).ok(201)
        ),
        "policy": trips(lambda: api("PUT", "/api/v1/policy", {"rules": {}}).ok(201)),
        "check": trips(
            lambda: api("POST", "/api/v1/policy/check", {"text": "a walk"}).ok(202)
        ),
    }

    assert {name: count for name, count in counted.items() if count > 12} == {}
