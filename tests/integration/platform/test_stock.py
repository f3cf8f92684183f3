"""Stock: taken once, put back once, never below nothing, whoever asks how often."""

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from tests.support.billing import Billing
from tests.support.database import Sql, count
from tests.support.people import Person, sign_up
from tests.support.selling import Shop, order, shop
from tests.support.shelves import ITEMS, buy, item, left, of_item
from tests.support.workers import Workers
from tests.support.world import World
from vixenbliss import database as connections
from vixenbliss.callers import Caller
from vixenbliss.errors import OutOfStockError
from vixenbliss.ids import new_id
from vixenbliss.loop import run
from vixenbliss.providers.stripe import Stripe
from vixenbliss.schemas.checkouts import CheckoutCreate
from vixenbliss.services.checkouts import CheckoutService
from vixenbliss.settings import settings

FANS = 50
AT_ONCE = 25
"""Containers that have a connection each; a fan has to wait for one, at times."""
_MANY_FANS = (
    "with fans as (insert into users (email, hashed_password)"
    " select 'fan' || n || '@example.com', '' from generate_series(1, %s) n"
    " returning id)"
    " insert into user_sessions (id, user_id, family_hash, refresh_hash, expires_at)"
    " select gen_random_uuid(), id, sha256(id::text::bytea), sha256(id::text::bytea),"
    " now() + interval '1 hour' from fans returning id, user_id"
)


@dataclass(frozen=True, slots=True)
class Counter:
    """A shop, a fan, and Stripe between them."""

    ours: Shop
    fan: Person
    billing: Billing

    @property
    def owner(self) -> Person:
        return self.ours.owner

    def end(self, door: str = "expire") -> None:
        """Let the page that was opened last end in some way; we are told, twice."""
        session = self.ours.stripe("checkout.session")[-1]
        self.billing.act(door, session=session["id"])
        news = self.billing.news()
        self.billing.tell(*news, *news) if news else None

    def held(self) -> list[tuple[int, bool]]:
        """Return what is held or was, and whether it was put back."""
        rows = self.ours.sql.execute(
            "select quantity, put_back_at is not null as is_back from stock_holds"
            " order by item_id"
        )
        return [(row["quantity"], row["is_back"]) for row in rows]

    def orders(self) -> list[str]:
        """Return what has become of all orders, oldest first."""
        rows = self.ours.sql.execute("select status from orders order by number")
        return [row["status"] for row in rows]


@pytest.fixture
def counter(luna: Person, workers: Workers, world: World, sql: Sql) -> Counter:
    ours, fan = shop(luna, world, sql), sign_up()
    return Counter(ours, fan, Billing(ours, fan, workers, world, sql))


@pytest.fixture
def many_containers(own_engine: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let one process have the connections of many containers."""

    def wide(url: str, **options: Any) -> Any:
        return create_async_engine(url, **options | {"pool_size": AT_ONCE})

    monkeypatch.setattr(connections, "create_async_engine", wide)


def test_what_is_about_to_be_paid_is_held(counter: Counter) -> None:
    poster = item(counter.owner, quantity=5)["id"]
    frame = item(counter.owner, quantity=2)["id"]
    lines = of_item(poster, quantity=3)["lines"] + of_item(frame)["lines"]

    counter.fan.api("POST", "/api/v1/checkout", of_item() | {"lines": lines}).ok(201)

    (session,) = counter.ours.stripe("checkout.session")
    sold = counter.ours.sql.execute(
        "select label, quantity from order_lines"
    ).fetchall()
    assert session["amount_total"] == 4 * 1_500
    assert sorted(row["quantity"] for row in sold) == [1, 3]
    assert counter.held() == [(3, False), (1, False)]
    assert (left(counter.owner, poster), left(counter.owner, frame)) == (2, 1)


def test_an_item_is_bought_by_its_price_as_well(counter: Counter) -> None:
    made = item(counter.owner)
    shown = counter.fan.api("GET", f"/api/v1/products/{made['product_id']}").ok()

    counter.ours.buy(counter.fan, shown).ok(201)

    assert counter.held() == [(1, False)]
    assert left(counter.owner, made["id"]) == 0


def test_what_is_paid_for_is_gone_and_opens_the_item(counter: Counter) -> None:
    made = item(counter.owner)
    buy(counter.fan, made["id"]).ok(201)

    counter.end("pay")

    assert (counter.orders(), counter.held()) == (["paid"], [(1, False)])
    assert counter.billing.held() == [str(made["id"])]
    assert left(counter.owner, made["id"]) == 0


def test_what_nobody_pays_is_put_back_once(counter: Counter) -> None:
    made = item(counter.owner, quantity=3)
    buy(counter.fan, made["id"], quantity=2).ok(201)

    counter.end()

    assert (counter.orders(), counter.held()) == (["void"], [(2, True)])
    assert left(counter.owner, made["id"]) == 3


def test_a_page_that_is_refused_holds_nothing(counter: Counter) -> None:
    made = item(counter.owner)
    fault = ("stripe", "checkout.sessions.create", "status")
    counter.ours.world.fault(*fault, status=400)

    answer = buy(counter.fan, made["id"])

    assert (answer.status, counter.held()) == (502, [])
    assert left(counter.owner, made["id"]) == 1


def test_a_page_that_nobody_opened_is_given_up_by_the_sweep(counter: Counter) -> None:
    made = item(counter.owner)
    counter.ours.world.fault("stripe", "checkout.sessions.create", "before", times=None)
    assert buy(counter.fan, made["id"]).status == 502
    counter.ours.sql.execute("update checkouts set expires_at = now()")

    for _ in range(2):
        counter.billing.sweep()

    assert (counter.orders(), counter.held()) == (["void"], [(1, True)])
    assert left(counter.owner, made["id"]) == 1


@pytest.mark.parametrize(("stock", "end"), [(1, (1, False)), (0, (1, True))])
def test_what_is_paid_after_all_is_taken_again_if_it_is_there(
    counter: Counter, stock: int, end: tuple[int, bool]
) -> None:
    made = item(counter.owner)
    buy(counter.fan, made["id"]).ok(201)
    counter.ours.sql.execute("update orders set status = 'void'")
    counter.ours.sql.execute("update stock_holds set put_back_at = now()")
    counter.ours.sql.execute("update items set quantity = %s", (stock,))

    counter.end("pay")

    assert (counter.orders(), counter.held()) == (["paid"], [end])
    assert left(counter.owner, made["id"]) == 0


def test_one_key_takes_stock_once(counter: Counter) -> None:
    made = item(counter.owner, quantity=5)
    key = {"Idempotency-Key": "the-fan-clicked-once"}
    wanted = of_item(made["id"])

    answers = [
        counter.fan.api("POST", "/api/v1/checkout", wanted, headers=key).ok(201)
        for _ in range(2)
    ]

    assert answers[0] == answers[1]
    assert left(counter.owner, made["id"]) == 4


def test_more_than_there_are_is_refused_as_a_whole(counter: Counter) -> None:
    many, few = item(counter.owner, quantity=9)["id"], item(counter.owner)["id"]

    answer = buy(counter.fan, many, few, quantity=2)

    assert (answer.status, answer.code) == (409, "OUT_OF_STOCK")
    assert (left(counter.owner, many), left(counter.owner, few)) == (9, 1)
    assert count(counter.ours.sql, "checkouts") == 0


def test_what_cannot_be_bought_is_not_held(counter: Counter) -> None:
    kept, free = item(counter.owner), item(counter.owner, price=0)
    gone = item(counter.owner)
    counter.owner.api("DELETE", f"{ITEMS}{gone['id']}").ok()
    shown = counter.fan.api("GET", f"/api/v1/products/{kept['product_id']}").ok()
    price_id = shown["prices"][0]["id"]
    same = [{"price_id": price_id}, {"item_id": kept["id"]}]
    both = [{"price_id": price_id, "item_id": kept["id"]}]
    wishes = {
        "gone": of_item(gone["id"]),
        "never there": of_item(2**31 - 1),
        "free": of_item(free["id"]),
        "twice": of_item(kept["id"], kept["id"]),
        "twice in two ways": of_item() | {"lines": same},
        "both at once": of_item() | {"lines": both},
        "neither": of_item() | {"lines": [{"quantity": 1}]},
        "a price of what is gone": order(str(new_id())),
    }

    answers = {
        name: counter.fan.api("POST", "/api/v1/checkout", wish).status
        for name, wish in wishes.items()
    }

    assert answers == dict.fromkeys(wishes, 400) | dict.fromkeys(
        ("gone", "never there", "a price of what is gone"), 404
    )
    assert counter.held() == []


async def _all_want(item_id: int, callers: list[Caller]) -> list[str]:
    """Let everybody want an item at once; return what each has got."""
    checkouts = CheckoutService(settings(), Stripe(settings()))
    wanted = CheckoutCreate.model_validate(of_item(item_id))

    async def one(caller: Caller) -> str:
        try:
            return (await checkouts.start(caller, wanted, None)).url
        except OutOfStockError as error:
            return error.code

    return list(await asyncio.gather(*map(one, callers)))


@pytest.mark.usefixtures("many_containers")
def test_fifty_want_the_last_one_at_once(counter: Counter) -> None:
    last = item(counter.owner, quantity=2)["id"]
    buy(counter.fan, last).ok(201)
    fans = counter.ours.sql.execute(_MANY_FANS.encode(), (FANS,)).fetchall()
    callers = [Caller(row["user_id"], row["id"]) for row in fans]

    got = run(_all_want(last, callers))

    assert got.count("OUT_OF_STOCK") == FANS - 1
    assert (len(counter.orders()), left(counter.owner, last)) == (2, 0)
    assert counter.held() == [(1, False)] * 2
