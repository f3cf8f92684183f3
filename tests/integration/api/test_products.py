"""/api/v1/products: what is sold and for how much, here and at Stripe."""

from typing import Any

import pytest

from tests.support.api import Api
from tests.support.database import Sql, count
from tests.support.material import NOBODYS
from tests.support.people import Person, join
from tests.support.selling import BOUNDS, MONTHLY, ONCE, PRODUCTS, Shop, shop
from tests.support.world import World

NEW = {"kind": "membership", "name": "Gold"}
YEARLY = MONTHLY | {"amount_minor": 9_900, "interval": "year"}
ONE = f"{PRODUCTS}/{NOBODYS}"
ROUTES = [
    ("POST", PRODUCTS, NEW),
    ("PATCH", ONE, {"name": "Gold"}),
    ("POST", f"{ONE}/prices", MONTHLY),
    ("DELETE", f"{ONE}/prices/{NOBODYS}", None),
]


@pytest.fixture
def ours(luna: Person, world: World, sql: Sql) -> Shop:
    return shop(luna, world, sql)


def shown(product: dict[str, Any]) -> dict[str, Any]:
    return dict(Api()("GET", f"{PRODUCTS}/{product['id']}").ok())


def listed(by: str) -> list[str]:
    return [p["id"] for p in Api()("GET", f"{PRODUCTS}?{by}").ok()["items"]]


@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
def test_nobody_sells_without_a_token(method: str, path: str, body: Any) -> None:
    answer = Api()(method, path, body)

    assert (answer.status, answer.code) == (401, "UNAUTHORIZED")


@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
def test_only_the_owner_sells(luna: Person, method: str, path: str, body: Any) -> None:
    answer = join(luna, "editor").api(method, path, body)

    assert (answer.status, answer.code) == (403, "FORBIDDEN")


@pytest.mark.parametrize(("method", "path", "body"), ROUTES[1:])
def test_a_stranger_s_product_is_not_there(
    ours: Shop, stranger: Person, method: str, path: str, body: Any
) -> None:
    product = ours.offer()
    path = path.replace(NOBODYS, product["id"], 1)

    answer = stranger.api(method, path, body)

    assert (answer.status, answer.code) == (404, "NOT_FOUND")
    assert shown(product)["name"] == product["name"]


def test_an_offer_is_at_stripe_and_for_anybody_to_see(ours: Shop) -> None:
    benefit_id = ours.benefit()

    made = ours.offer(benefit_ids=[benefit_id], prices=[MONTHLY, YEARLY])

    (product,) = ours.stripe("product")
    prices = {p["lookup_key"]: p for p in ours.stripe("price")}
    assert product["id"] == f"prod_{made['id'].replace('-', '')}"
    assert prices.keys() == {p["id"] for p in made["prices"]}
    assert {p["unit_amount"] for p in prices.values()} == {999, 9_900}
    assert [b["id"] for b in made["benefits"]] == [benefit_id]
    assert shown(made) == made


def test_a_buyer_is_told_that_an_ai_is_behind_it(ours: Shop) -> None:
    told = shown(ours.offer())["ai_disclosure"]

    assert told["ai_generated"] is True
    assert told["avatar_name"] == "Luna"
    assert "artificial intelligence" in told["statement"]
    assert shown(ours.offer(avatar_id=None))["ai_disclosure"] is None


def test_what_is_for_sale_may_be_kept_for_a_minute(ours: Shop) -> None:
    product = ours.offer()

    for path in (
        f"{PRODUCTS}/{product['id']}",
        f"{PRODUCTS}?avatar_id={ours.avatar_id}",
    ):
        answer = Api()("GET", path)

        assert answer.headers["cache-control"] == "public, max-age=60"
        assert answer.headers["etag"].startswith('"')


def test_a_shop_is_listed_by_its_workspace_or_avatar(
    ours: Shop, stranger: Person
) -> None:
    gold, once = ours.offer(), ours.once(avatar_id=None)

    assert listed(f"workspace_id={ours.owner.workspace_id}") == [once["id"], gold["id"]]
    assert listed(f"avatar_id={ours.avatar_id}") == [gold["id"]]
    assert listed(f"avatar_id={ours.avatar_id}&kind=tip") == []
    assert listed(f"workspace_id={stranger.workspace_id}") == []
    assert Api()("GET", PRODUCTS).status == 400


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"prices": [MONTHLY | {"amount_minor": 49}]}, 400),
        ({"prices": [MONTHLY | {"amount_minor": 100_000_000}]}, 400),
        ({"prices": [MONTHLY | {"amount_minor": 9.99}]}, 400),
        ({"prices": [MONTHLY | {"currency": "xxx"}]}, 400),
        ({"prices": [MONTHLY | {"currency": "jpy", "amount_minor": 49}]}, 400),
        ({"prices": [MONTHLY, MONTHLY | {"amount_minor": 1_299}]}, 400),
        ({"prices": [ONCE]}, 400),
        ({"prices": [BOUNDS]}, 400),
        ({"prices": [MONTHLY | BOUNDS]}, 400),
        ({"prices": [MONTHLY | {"trial_days": 91}]}, 400),
        ({"kind": "one_off"}, 400),
        ({"kind": "one_off", "prices": [ONCE | {"trial_days": 7}]}, 400),
        ({"kind": "tip", "prices": [ONCE]}, 400),
        ({"kind": "tip", "prices": [BOUNDS], "avatar_id": None}, 400),
        ({"kind": "tip", "prices": [BOUNDS | {"min_amount_minor": 50_001}]}, 400),
        ({"name": ""}, 400),
        ({"name": "nude"}, 403),
        ({"description": "nude"}, 403),
        ({"avatar_id": NOBODYS}, 404),
        ({"benefit_ids": [NOBODYS]}, 404),
        ({"benefit_ids": [NOBODYS, NOBODYS]}, 400),
    ],
    ids=str,
)
def test_what_cannot_be_sold_is_refused(
    ours: Shop, wrong: dict[str, Any], status: int
) -> None:
    answer = ours.ask(**wrong)

    assert answer.status == status
    assert count(ours.sql, "products") == 0
    assert ours.stripe("product") == []


def test_what_is_another_s_cannot_be_sold(ours: Shop, stranger: Person) -> None:
    theirs = shop(stranger, ours.world, ours.sql)

    assert ours.ask(avatar_id=theirs.avatar_id).status == 404
    assert ours.ask(benefit_ids=[theirs.benefit()]).status == 404


@pytest.mark.parametrize(
    ("kind", "prices", "benefit"),
    [("tip", [BOUNDS], "feature"), ("course", [ONCE], "content_tier")],
)
def test_a_product_opens_what_fits_it(
    ours: Shop, kind: str, prices: list[Any], benefit: str
) -> None:
    benefit_id = ours.benefit(kind=benefit)

    answer = ours.ask(kind=kind, prices=prices, benefit_ids=[benefit_id])

    assert (answer.status, answer.json["errors"][0]["field"]) == (400, "benefit_ids")


def test_an_avatar_takes_tips_by_one_product(ours: Shop) -> None:
    jar = ours.tips()

    answer = ours.ask(kind="tip", name="Another", prices=[BOUNDS])

    assert (answer.status, answer.code) == (409, "CONFLICT")
    assert shown(jar)["prices"][0]["max_amount_minor"] == 50_000
    assert ours.stripe("price") == []


@pytest.mark.parametrize("call", ["products.create", "prices.create"])
@pytest.mark.parametrize("status", [400, 503])
def test_what_stripe_does_not_take_is_not_there(
    ours: Shop, call: str, status: int
) -> None:
    ours.world.fault("stripe", call, "status", status=status, times=None)

    answer = ours.ask()

    assert (answer.status, answer.code) == (502, "UPSTREAM_ERROR")
    assert count(ours.sql, "products") == 0
    assert count(ours.sql, "prices") == 0


@pytest.mark.parametrize("call", ["products.create", "prices.create"])
def test_an_answer_that_is_lost_once_is_asked_for_again(ours: Shop, call: str) -> None:
    ours.world.fault("stripe", call, "after")

    ours.offer()

    assert (len(ours.stripe("product")), len(ours.stripe("price"))) == (1, 1)


@pytest.fixture
def unfinished(ours: Shop) -> dict[str, Any]:
    """A product whose maker died before Stripe's answer was kept."""
    made = ours.offer()
    ours.sql.execute("update prices set stripe_price_id = null")
    ours.sql.execute("update products set stripe_product_id = null")
    return made


def test_what_stripe_does_not_have_is_not_for_sale(
    ours: Shop, unfinished: dict[str, Any]
) -> None:
    answer = Api()("GET", f"{PRODUCTS}/{unfinished['id']}")

    assert answer.status == 404
    assert listed(f"avatar_id={ours.avatar_id}") == []


@pytest.mark.parametrize(
    ("method", "below", "body"),
    [("PATCH", "", {"name": "Amber"}), ("POST", "/prices", YEARLY)],
)
def test_what_a_crash_left_is_finished_by_the_next_call(
    ours: Shop, unfinished: dict[str, Any], method: str, below: str, body: Any
) -> None:
    path = f"{PRODUCTS}/{unfinished['id']}{below}"

    answer = ours.owner.api(method, path, body)

    assert answer.status < 300
    assert len(ours.stripe("product")) == 1
    assert len(ours.stripe("price")) == len(shown(unfinished)["prices"])


def test_what_stripe_has_had_for_long_is_taken_as_it_is(
    ours: Shop, unfinished: dict[str, Any]
) -> None:
    taken = {"type": "invalid_request_error", "code": "resource_already_exists"}
    for call in ("products.create", "prices.create"):
        ours.world.fault("stripe", call, "reply", status=400, body={"error": taken})

    ours.owner.api("PATCH", f"{PRODUCTS}/{unfinished['id']}", {"name": "Amber"}).ok()

    (price,) = ours.stripe("price")
    assert ours.one("select * from prices")["stripe_price_id"] == price["id"]
    assert shown(unfinished)["name"] == ours.stripe("product")[0]["name"] == "Amber"


def test_tips_that_a_crash_left_are_begun_anew(ours: Shop) -> None:
    ours.tips()
    ours.sql.execute("update products set stripe_product_id = null")

    jar = ours.tips(name="Tips")

    assert shown(jar)["name"] == "Tips"
    assert count(ours.sql, "products") == 1


def test_a_change_is_told_to_stripe(ours: Shop) -> None:
    made, tier = ours.offer(description="All of it"), ours.benefit()
    wanted = {"name": "Amber", "description": None, "benefit_ids": [tier]}

    changed = ours.owner.api("PATCH", f"{PRODUCTS}/{made['id']}", wanted).ok()

    (product,) = ours.stripe("product")
    assert (product["name"], product["description"]) == ("Amber", None)
    assert [b["id"] for b in changed["benefits"]] == [tier]
    assert changed["version"] > made["version"]


def test_what_is_taken_from_sale_comes_back(ours: Shop) -> None:
    made = ours.offer()
    path = f"{PRODUCTS}/{made['id']}"

    ours.owner.api("PATCH", path, {"is_active": False}).ok()

    assert Api()("GET", path).status == 404
    assert ours.stripe("product")[0]["active"] is False
    assert ours.owner.api("PATCH", path, {"is_active": True}).ok()["is_active"]
    assert Api()("GET", path).status == 200


def test_a_price_replaces_the_older_one_on_its_terms(ours: Shop) -> None:
    made = ours.offer(prices=[MONTHLY, YEARLY])
    path = f"{PRODUCTS}/{made['id']}/prices"

    dearer = ours.owner.api("POST", path, MONTHLY | {"amount_minor": 1_299}).ok(201)

    amounts = {p["id"]: p["amount_minor"] for p in shown(made)["prices"]}
    assert amounts == {made["prices"][1]["id"]: 9_900, dearer["id"]: 1_299}
    assert sorted(p["active"] for p in ours.stripe("price")) == [False, True, True]
    assert count(ours.sql, "prices") == 3


def test_a_price_that_stripe_refuses_leaves_the_older_one(ours: Shop) -> None:
    made = ours.offer()
    ours.world.fault("stripe", "prices.create", "status", status=400)

    answer = ours.owner.api("POST", f"{PRODUCTS}/{made['id']}/prices", MONTHLY)

    assert answer.status == 502
    assert shown(made)["prices"] == made["prices"]


def test_bounds_replace_bounds_without_a_word_to_stripe(ours: Shop) -> None:
    jar = ours.tips()
    path = f"{PRODUCTS}/{jar['id']}/prices"

    ours.owner.api("POST", path, BOUNDS | {"max_amount_minor": 900}).ok(201)

    assert [p["max_amount_minor"] for p in shown(jar)["prices"]] == [900]
    assert ours.stripe("price") == []


def test_a_price_is_put_out_of_use_as_often_as_one_likes(ours: Shop) -> None:
    made = ours.offer()
    path = f"{PRODUCTS}/{made['id']}/prices/{made['prices'][0]['id']}"

    answers = [ours.owner.api("DELETE", path).status for _ in range(2)]

    assert answers == [204, 204]
    assert shown(made)["prices"] == []
    assert ours.stripe("price")[0]["active"] is False
    assert ours.owner.api("DELETE", path.replace(made["id"], NOBODYS)).status == 404


def test_products_of_an_archived_avatar_are_not_for_sale(ours: Shop) -> None:
    made = ours.offer()

    ours.owner.api("POST", f"/api/v1/avatars/{ours.avatar_id}/archive").ok()

    assert Api()("GET", f"{PRODUCTS}/{made['id']}").status == 404
    assert ours.ask().status == 404
