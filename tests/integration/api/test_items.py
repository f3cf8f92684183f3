"""/api/items: who may change an item, what follows it, and who opens its file."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from tests.support.api import Answer, Api
from tests.support.api_keys import program
from tests.support.database import Sql, count
from tests.support.material import NOBODYS
from tests.support.people import Person, join
from tests.support.rights import benefit, grant
from tests.support.rows import piece_that_may_be_seen
from tests.support.shelves import ITEMS, PRINT, category, item
from vixenbliss.errors import ValidationError
from vixenbliss.services.item_sales import charged

CHANGES = [
    ("POST", ITEMS, PRINT),
    ("PUT", f"{ITEMS}{{id}}", PRINT),
    ("PATCH", f"{ITEMS}{{id}}", {"price": 2}),
    ("DELETE", f"{ITEMS}{{id}}", None),
]
CATALOGUE = (
    "select p.name, p.description, p.is_active, p.stripe_product_id, r.amount_minor,"
    " r.currency, b.kind || ' ' || b.ref as opens from products p"
    " join prices r on r.product_id = p.id and r.is_active"
    " join product_benefits o on o.product_id = p.id"
    " join benefits b on b.id = o.benefit_id order by p.id"
)


@dataclass(frozen=True, slots=True)
class Bundle:
    """An item with a file that a machine has made, and whoever would like it."""

    id: int
    asset_id: str
    owner: Person
    fan: Person
    sql: Sql

    def open(self, person: Person) -> Answer:
        return person.api("GET", f"{ITEMS}{self.id}/download")


@pytest.fixture
def bundle(luna: Person, stranger: Person, sql: Sql) -> Bundle:
    asset_id = piece_that_may_be_seen(sql, luna.workspace_id)["asset"]
    made = item(luna, download_asset_id=str(asset_id))
    return Bundle(made["id"], str(asset_id), luna, stranger, sql)


def change(person: Person, made: dict[str, Any], **changes: Any) -> Answer:
    return person.api("PATCH", f"{ITEMS}{made['id']}", changes)


def catalogue(sql: Sql) -> list[dict[str, Any]]:
    """Return what the catalogue has on sale, or had, at its latest price."""
    return list(sql.execute(CATALOGUE.encode()).fetchall())


@pytest.mark.parametrize(("method", "path", "body"), CHANGES)
def test_items_are_changed_by_those_who_may(
    luna: Person, stranger: Person, method: str, path: str, body: Any
) -> None:
    made = item(luna)
    path = path.format_map(made)
    crew = {role: join(luna, role).api for role in ("analyst", "reviewer")}
    doors = {"nobody": Api(), "stranger": stranger.api, **crew}

    statuses = {who: api(method, path, body).status for who, api in doors.items()}

    elsewhere = 201 if method == "POST" else 404
    refused = {"nobody": 401, "stranger": elsewhere, "analyst": 403, "reviewer": 403}
    assert statuses == refused
    assert join(luna, "editor").api(method, path, body).status in (200, 201)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"name": " "}, 400),
        ({"name": "x" * 256}, 400),
        ({"description": "x" * 5_001}, 400),
        ({"price": "15"}, 400),
        ({"price": True}, 400),
        ({"price": -0.01}, 400),
        ({"price": 0.001}, 400),
        ({"price": 100_000_000}, 400),
        ({"price": 1_000_000}, 400),
        ({"price": 1.5, "currency": "jpy"}, 400),
        ({"price": None}, 400),
        ({"quantity": -1}, 400),
        ({"quantity": 1.5}, 400),
        ({"category_id": 4711}, 400),
        ({"colour": "red"}, 400),
        ({"name": "nude"}, 403),
        ({"avatar_id": NOBODYS}, 404),
        ({"download_asset_id": NOBODYS}, 404),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_and_leaves_all_as_it_was(
    luna: Person, sql: Sql, changes: dict[str, Any], status: int
) -> None:
    made = item(luna)

    answers = [
        luna.api("POST", ITEMS, PRINT | changes),
        luna.api("PUT", f"{ITEMS}{made['id']}", PRINT | changes),
        change(luna, made, **changes),
    ]

    assert [answer.status for answer in answers] == [status] * 3
    assert luna.api("GET", f"{ITEMS}{made['id']}").ok()["data"] == made
    assert count(sql, "items") == count(sql, "products") == 1


def test_what_is_elsewhere_is_not_taken(luna: Person, stranger: Person) -> None:
    theirs = category(stranger)["id"]

    answer = luna.api("POST", ITEMS, PRINT | {"category_id": theirs})

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert answer.json["error"]["details"]["field"] == "category_id"


def test_the_catalogue_follows_an_item(luna: Person, sql: Sql) -> None:
    made = item(luna, description="On paper")
    offered = catalogue(sql)

    change(luna, made, name="Poster", price=20, currency="jpy").ok()

    first = {
        "name": "Print",
        "description": "On paper",
        "is_active": True,
        "stripe_product_id": None,
        "amount_minor": 1_500,
        "currency": "eur",
        "opens": f"item {made['id']}",
    }
    then = {"name": "Poster", "amount_minor": 20, "currency": "jpy"}
    assert offered == [first]
    assert catalogue(sql) == [first | then]
    assert count(sql, "prices", is_active=False) == 1


def test_a_price_that_stays_is_not_written_again(luna: Person, sql: Sql) -> None:
    made = item(luna)

    change(luna, made, quantity=7, price=15.0).ok()

    assert count(sql, "prices") == 1


def test_what_is_given_away_is_not_in_the_catalogue(luna: Person, sql: Sql) -> None:
    made = item(luna, price=0)
    assert (made["product_id"], count(sql, "products")) == (None, 0)

    on_sale = [
        change(luna, made, price=price).ok()["data"]["product_id"]
        and count(sql, "products", is_active=True)
        for price in (5, 0, 6)
    ]

    assert on_sale == [1, 0, 1]
    assert count(sql, "products") == count(sql, "benefits") == 1


def test_what_is_withdrawn_is_not_in_the_catalogue(luna: Person, sql: Sql) -> None:
    made = item(luna)

    luna.api("DELETE", f"{ITEMS}{made['id']}").ok()

    assert [one["is_active"] for one in catalogue(sql)] == [False]
    trail = sql.execute("select action from audit_log order by position desc limit 1")
    assert [row["action"] for row in trail] == ["item.deleted"]


def test_what_sells_an_item_says_what_the_item_says(luna: Person, sql: Sql) -> None:
    made = item(luna)
    path = f"/api/v1/products/{made['product_id']}"
    shown = Api()("GET", path).ok()
    price = {"amount_minor": 900, "currency": "eur"}
    before = catalogue(sql)

    answers = [
        luna.api("PATCH", path, {"name": "Cheap"}),
        luna.api("POST", f"{path}/prices", price),
        luna.api("DELETE", f"{path}/prices/{shown['prices'][0]['id']}"),
    ]

    assert [(a.status, a.code) for a in answers] == [(409, "CONFLICT")] * 3
    assert catalogue(sql) == before
    listed = f"/api/v1/products?workspace_id={luna.workspace_id}&kind=item"
    assert Api()("GET", listed).ok()["items"][0]["id"] == made["product_id"]


def test_a_replaced_item_keeps_what_the_source_does_not_know(luna: Person) -> None:
    made = item(luna, description="On paper", currency="jpy")
    whole = {"name": "Poster", "price": 9}

    changed = luna.api("PUT", f"{ITEMS}{made['id']}", whole).ok()["data"]

    told = {"description": None, "quantity": 0, "updated_at": changed["updated_at"]}
    assert changed == made | whole | told


def test_who_has_not_seen_the_latest_changes_nothing(luna: Person) -> None:
    made = item(luna)
    path = f"{ITEMS}{made['id']}"
    seen = {"If-Match": luna.api("GET", path).headers["etag"]}
    luna.api("PATCH", path, {"price": 9}, headers=seen).ok()

    answer = luna.api("PATCH", path, {"price": 8}, headers=seen)

    assert (answer.status, answer.code) == (412, "PRECONDITION_FAILED")
    assert change(luna, made, price=7).ok()["data"]["price"] == 7


@pytest.mark.parametrize("who", ["member", "holder"])
def test_a_file_is_opened_by_who_may(bundle: Bundle, who: str) -> None:
    opens = count(bundle.sql, "benefits", kind="item", ref=str(bundle.id))
    held = bundle.sql.execute("select id from benefits").fetchall()
    grant(bundle.sql, bundle.fan, str(held[0]["id"]))
    person = bundle.fan if who == "holder" else join(bundle.owner, "analyst")

    told = bundle.open(person).ok()["data"]

    assert opens == 1
    assert bundle.asset_id in told["url"]
    assert told["ai_generated"] is True
    assert told["ai_label"] == "I am an AI-made character."


def test_a_file_that_is_not_held_is_offered(bundle: Bundle) -> None:
    tier = benefit(bundle.sql, bundle.owner)
    grant(bundle.sql, bundle.fan, tier)

    answer = bundle.open(bundle.fan)

    product = bundle.sql.execute("select id from products").fetchall()
    assert (answer.status, answer.code) == (403, "ENTITLEMENT_REQUIRED")
    assert answer.json["error"]["details"]["offers"] == [str(product[0]["id"])]


def test_what_is_given_away_is_open_to_who_is_signed_in(bundle: Bundle) -> None:
    change(bundle.owner, {"id": bundle.id}, price=0).ok()

    statuses = [
        bundle.open(bundle.fan).status,
        Api()("GET", f"{ITEMS}{bundle.id}/download").status,
    ]

    assert statuses == [200, 401]


@pytest.mark.parametrize(
    ("ruin", "to_fan", "to_member"),
    [
        ("update items set is_active = false", 404, 200),
        ("update items set is_active = false, price = 0", 404, 200),
        ("update assets set status = 'quarantined'", 403, 409),
        ("update assets set status = 'deleted', deleted_at = now()", 404, 404),
        ("update items set download_asset_id = null", 404, 404),
    ],
)
def test_a_file_that_is_put_away_opens_to_nobody_new(
    bundle: Bundle, ruin: str, to_fan: int, to_member: int
) -> None:
    bundle.sql.execute(ruin.encode())

    statuses = [bundle.open(who).status for who in (bundle.fan, bundle.owner)]

    assert statuses == [to_fan, to_member]


def test_a_file_that_an_item_brings_is_not_deleted(bundle: Bundle) -> None:
    bundle.sql.execute("delete from content_piece_assets")

    answer = bundle.owner.api("DELETE", f"/api/v1/assets/{bundle.asset_id}")

    assert (answer.status, answer.code) == (409, "INVALID_STATE")


@pytest.mark.parametrize(
    ("price", "currency", "amount_minor"),
    [
        ("0", "eur", 0),
        ("0.29", "eur", 29),
        ("1999.99", "usd", 199_999),
        ("5", "jpy", 5),
    ],
)
def test_a_price_is_charged_to_the_cent(
    price: str, currency: str, amount_minor: int
) -> None:
    assert charged(Decimal(price), currency) == amount_minor


@pytest.mark.parametrize(
    ("price", "currency"), [("0.5", "jpy"), ("1000000", "usd"), ("99999999.99", "eur")]
)
def test_what_cannot_be_charged_is_no_price(price: str, currency: str) -> None:
    with pytest.raises(ValidationError):
        charged(Decimal(price), currency)


def test_a_program_sees_what_its_workspace_has_taken_from_sale(
    luna: Person, stranger: Person
) -> None:
    ours, theirs = item(luna), item(stranger)
    for person, made in ((luna, ours), (stranger, theirs)):
        person.api("DELETE", f"{ITEMS}{made['id']}").ok()
    shown = f"{ITEMS}?include_inactive=true"

    seen = program(luna, "items:read")("GET", shown).ok()["data"]["items"]

    assert [one["id"] for one in seen] == [ours["id"]]
    refused = program(luna, "items:write")("GET", shown)
    assert (refused.status, refused.code) == (403, "FORBIDDEN")
    assert program(luna, "items:write")("GET", ITEMS).status == 200
