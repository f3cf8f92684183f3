"""/api/v1/me/entitlements: what is held, why, and presents of it."""

from datetime import timedelta
from typing import Any

import pytest

from tests.support.api import Api
from tests.support.at_once import Wish, at_once
from tests.support.database import Sql, content, count
from tests.support.material import NOBODYS
from tests.support.people import Person, avatar, join
from tests.support.rights import benefit, grant, price, product
from vixenbliss.clock import now

ALL = "/api/v1/me/entitlements"
EXPLAIN = f"{ALL}/explain"
COMPS = f"{ALL}/comps"
GOLD = f"{EXPLAIN}?kind=content_tier&ref=gold"
DOORS = [
    ("GET", ALL),
    ("GET", GOLD),
    ("POST", COMPS),
    ("DELETE", f"{ALL}/{NOBODYS}"),
]
WHY = {"reason": "a slip"}


@pytest.fixture
def fan(stranger: Person) -> Person:
    return stranger


@pytest.fixture
def gold(luna: Person, sql: Sql) -> str:
    """A tier of Luna's."""
    return benefit(sql, luna)


def held(fan: Person) -> list[dict[str, Any]]:
    return list(fan.api("GET", ALL).ok()["items"])


def give(owner: Person, fan: Person, benefit_id: str, **more: Any) -> Any:
    body = {"email": fan.email, "benefit_id": benefit_id} | more
    return owner.api("POST", COMPS, body)


@pytest.mark.parametrize(("method", "path"), DOORS)
def test_nobody_asks_without_a_token(database: str, method: str, path: str) -> None:
    answer = Api()(method, path)

    assert (answer.status, answer.code) == (401, "UNAUTHORIZED")


# What is held.


def test_what_is_held_is_listed_with_its_source_and_its_end(
    fan: Person, gold: str, sql: Sql
) -> None:
    grant_id = grant(sql, fan, gold, starts=-1, ends=1)

    (only,) = held(fan)

    assert (only["id"], only["source_type"]) == (grant_id, "subscription")
    assert only["benefit"]["id"] == gold
    assert (only["benefit"]["kind"], only["benefit"]["ref"]) == ("content_tier", "gold")
    assert only["ends_at"] is not None


@pytest.mark.parametrize(
    ("times", "is_held"),
    [
        ({"starts": 0}, True),
        ({"starts": -1, "ends": 1}, True),
        ({"starts": -1, "revoked": 1}, True),
        ({"starts": 1}, False),
        ({"starts": -2, "ends": -1}, False),
        ({"starts": -2, "revoked": -1}, False),
        ({"starts": -2, "ends": 1, "revoked": -1}, False),
    ],
    ids=str,
)
def test_only_what_lives_is_held(
    fan: Person, gold: str, sql: Sql, times: dict[str, int], *, is_held: bool
) -> None:
    grant(sql, fan, gold, **times)

    listed, told = held(fan), fan.api("GET", GOLD).ok()

    assert len(listed) == int(is_held)
    assert told["held"] is is_held
    assert [one["is_live"] for one in told["grants"]] == [is_held]
    assert (told["missing"] == []) is is_held


def test_nobody_sees_what_another_holds(
    luna: Person, fan: Person, gold: str, sql: Sql
) -> None:
    grant(sql, fan, gold)

    told = luna.api("GET", GOLD).ok()

    assert held(luna) == []
    assert (told["held"], told["grants"]) == (False, [])


# Why, or why not.


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"starts": 1}, "It has not begun."),
        ({"ends": -1}, "The time that was paid for is over."),
        ({"ends": -1, "source_type": "comp"}, "It was given until then."),
        ({"revoked": -1}, "The subscription was cancelled."),
        (
            {"revoked": -1, "revoke_reason": "refunded", "source_type": "order"},
            "The order was refunded.",
        ),
        (
            {"revoked": -1, "revoke_reason": "a slip", "source_type": "comp"},
            "It was taken back: a slip",
        ),
        (
            {"revoked": -1, "revoke_reason": "ended"},
            "The time that was paid for is over.",
        ),
        ({"revoked": -1, "revoke_reason": "odd"}, "It was ended: odd"),
        ({"revoked": 1}, None),
    ],
    ids=str,
)
def test_what_ended_a_grant_is_told_in_plain_words(
    fan: Person, gold: str, sql: Sql, changes: dict[str, Any], why: str | None
) -> None:
    grant(sql, fan, gold, **{"starts": -2, **changes})

    (only,) = fan.api("GET", GOLD).ok()["grants"]

    assert only["why"] == why


def test_the_past_is_explained_as_it_was(fan: Person, gold: str, sql: Sql) -> None:
    grant(sql, fan, gold, starts=-4, revoked=-2)
    then = now() - timedelta(hours=3)

    told = fan.api("GET", f"{GOLD}&at={then:%Y-%m-%dT%H:%M:%SZ}").ok()

    assert told["held"] is True
    assert [one["why"] for one in told["grants"]] == [None]


def test_all_grants_are_told_the_latest_first(fan: Person, gold: str, sql: Sql) -> None:
    ids = [grant(sql, fan, gold, starts=-4, ends=-2), grant(sql, fan, gold, starts=-1)]

    told = fan.api("GET", GOLD).ok()

    assert [one["id"] for one in told["grants"]] == ids[::-1]
    assert [one["is_live"] for one in told["grants"]] == [True, False]


def test_whoever_lacks_it_is_told_what_would_give_it(
    luna: Person, fan: Person, gold: str, sql: Sql
) -> None:
    offered = product(sql, luna, gold)
    monthly = price(sql, offered)
    price(sql, offered, is_active=False)
    price(sql, product(sql, luna, gold, is_active=False))

    told = fan.api("GET", GOLD).ok()

    (offer,) = told["offers"]
    assert told["missing"] == ["A grant for “Gold”."]
    assert (offer["product_id"], offer["kind"]) == (offered, "membership")
    assert offer["prices"] == [
        {
            "price_id": monthly,
            "amount_minor": 900,
            "currency": "eur",
            "interval": "month",
            "trial_days": 0,
        }
    ]


def test_what_an_archived_avatar_sold_is_not_offered(
    luna: Person, fan: Person, gold: str, sql: Sql
) -> None:
    avatar_id = avatar(luna)
    price(sql, product(sql, luna, gold, avatar_id=avatar_id))
    luna.api("POST", f"/api/v1/avatars/{avatar_id}/archive").ok()

    assert fan.api("GET", GOLD).ok()["offers"] == []


def test_whoever_holds_it_is_offered_nothing(
    luna: Person, fan: Person, gold: str, sql: Sql
) -> None:
    price(sql, product(sql, luna, gold))
    grant(sql, fan, gold)

    assert fan.api("GET", GOLD).ok()["offers"] == []


def test_a_workspace_picks_one_of_two_tiers_of_a_name(
    luna: Person, fan: Person, gold: str, sql: Sql
) -> None:
    grant(sql, fan, benefit(sql, fan))

    answers = [
        fan.api("GET", f"{GOLD}&workspace_id={owner.workspace_id}").ok()["held"]
        for owner in (luna, fan)
    ]

    assert answers == [False, True]
    assert fan.api("GET", GOLD).ok()["held"] is True


@pytest.mark.parametrize(("revoked", "is_held"), [(None, True), (-1, False)])
def test_many_tiers_of_a_name_do_not_hide_what_one_has_had(
    luna: Person, fan: Person, sql: Sql, revoked: int | None, *, is_held: bool
) -> None:
    sql.execute(
        "with shops as (insert into workspaces (id, name, slug)"
        " select gen_random_uuid(), 'Shop', 'shop-' || n from generate_series(1, 25) n"
        " returning id) insert into benefits (id, workspace_id, kind, ref, name)"
        " select gen_random_uuid(), id, 'content_tier', 'gold', 'Gold' from shops"
    )
    last = "ffffffff-ffff-7fff-bfff-ffffffffffff"
    theirs = benefit(sql, luna)
    sql.execute("update benefits set id = %s where id = %s", (last, theirs))
    grant(sql, fan, last, starts=-2, revoked=revoked)

    told = fan.api("GET", GOLD).ok()

    assert told["held"] is is_held
    assert len(told["grants"]) == 1


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("kind=content_tier&ref=silver", 404),
        ("kind=course&ref=gold", 404),
        ("kind=explicit&ref=gold", 400),
        ("kind=content_tier&ref=", 400),
        ("kind=content_tier", 400),
        ("kind=content_tier&ref=gold&at=yesterday", 400),
        ("kind=content_tier&ref=gold&at=2026-01-01T00:00:00", 400),
    ],
)
def test_only_what_there_is_is_explained(
    fan: Person, gold: str, query: str, status: int
) -> None:
    assert fan.api("GET", f"{EXPLAIN}?{query}").status == status


# Presents.


def test_a_present_opens_at_once(
    luna: Person, fan: Person, gold: str, sql: Sql
) -> None:
    given = give(luna, fan, gold).ok(201)

    assert [one["id"] for one in held(fan)] == [given["id"]]
    assert (given["source_type"], given["source_id"]) == ("comp", given["id"])
    assert given["ends_at"] is None
    assert count(sql, "grants", granted_by=luna.id) == 1
    assert count(sql, "audit_log", action="comp.given", target_id=given["id"]) == 1


def test_a_present_may_end(luna: Person, fan: Person, gold: str) -> None:
    given = give(luna, fan, gold, ends_at="2099-01-01T00:00:00Z").ok(201)

    assert given["ends_at"] == "2099-01-01T00:00:00Z"


def test_a_present_given_twice_is_one(
    luna: Person, fan: Person, gold: str, sql: Sql
) -> None:
    body = {"email": fan.email.upper(), "benefit_id": gold}
    one = Wish(luna.api, "POST", COMPS, body)

    answers = at_once(one, one)

    assert sorted(answer.status for answer in answers) == [201, 409]
    assert count(sql, "grants") == count(sql, "customers") == 1


def test_a_present_that_began_after_we_did_is_one(
    luna: Person, fan: Person, gold: str, sql: Sql
) -> None:
    give(luna, fan, gold).ok(201)
    sql.execute(  # as if whoever is waited for had begun after us
        "create function begin_later() returns trigger language plpgsql as"
        " $$ begin update grants set starts_at = clock_timestamp(); return new; end $$;"
        "create trigger begin_later before update on customers for each row"
        " execute function begin_later()"
    )

    answer = give(luna, fan, gold)

    sql.execute("drop function begin_later cascade")
    assert (answer.status, count(sql, "grants")) == (409, 1)


def test_what_has_ended_may_be_given_anew(
    luna: Person, fan: Person, gold: str, sql: Sql
) -> None:
    grant(sql, fan, gold, starts=-2, ends=-1, source_type="comp")
    grant(sql, fan, gold)

    give(luna, fan, gold).ok(201)

    assert count(sql, "grants", source_type="comp") == 2


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"email": "nobody@example.com"}, 404),
        ({"benefit_id": NOBODYS}, 404),
        ({"ends_at": "2020-01-01T00:00:00Z"}, 400),
        ({"ends_at": "2099-01-01T00:00:00"}, 400),
        ({"email": "nobody"}, 400),
        ({"source_type": "order"}, 400),
    ],
    ids=str,
)
def test_a_present_that_makes_no_sense_is_refused(
    luna: Person, gold: str, sql: Sql, changes: dict[str, str], status: int
) -> None:
    body = {"email": luna.email, "benefit_id": gold} | changes

    answer = luna.api("POST", COMPS, body)

    assert answer.status == status
    assert count(sql, "grants") == count(sql, "customers") == 0


def test_what_is_out_of_use_is_no_present(
    luna: Person, fan: Person, gold: str, sql: Sql
) -> None:
    sql.execute("update benefits set is_active = false")

    answer = give(luna, fan, gold)

    assert (answer.status, answer.code) == (409, "INVALID_STATE")


def test_nobody_gives_what_is_anothers(
    luna: Person, fan: Person, gold: str, sql: Sql
) -> None:
    answers = [
        give(fan, fan, gold),
        fan.api.working_in(luna.workspace_id)(
            "POST", COMPS, {"email": fan.email, "benefit_id": gold}
        ),
    ]

    assert [answer.status for answer in answers] == [404, 404]
    assert count(sql, "grants") == 0


@pytest.mark.parametrize("role", ["editor", "reviewer", "analyst"])
def test_only_owners_give_and_take(
    luna: Person, fan: Person, gold: str, role: str, sql: Sql
) -> None:
    guest = join(luna, role)
    given = give(luna, fan, gold).ok(201)
    before = content(sql)

    answers = [
        give(guest, guest, gold),
        guest.api("DELETE", f"{ALL}/{given['id']}", WHY),
    ]

    assert {(answer.status, answer.code) for answer in answers} == {(403, "FORBIDDEN")}
    assert content(sql) == before


def test_a_present_is_taken_back_once_and_for_a_reason(
    luna: Person, fan: Person, gold: str, sql: Sql
) -> None:
    given = give(luna, fan, gold).ok(201)
    path = f"{ALL}/{given['id']}"

    luna.api("DELETE", path, WHY).ok(204)
    luna.api("DELETE", path, {"reason": "another"}).ok(204)

    assert held(fan) == []
    (only,) = fan.api("GET", GOLD).ok()["grants"]
    assert only["why"] == "It was taken back: a slip"
    assert count(sql, "audit_log", action="comp.taken_back") == 1


def test_what_was_paid_for_is_not_taken_back(
    luna: Person, fan: Person, gold: str, sql: Sql
) -> None:
    grant_id = grant(sql, fan, gold)

    answer = luna.api("DELETE", f"{ALL}/{grant_id}", WHY)

    assert (answer.status, answer.code) == (409, "INVALID_STATE")
    assert len(held(fan)) == 1


def test_a_present_is_not_there_for_another_owner(
    luna: Person, fan: Person, gold: str
) -> None:
    given = give(luna, fan, gold).ok(201)

    answer = fan.api("DELETE", f"{ALL}/{given['id']}", WHY)

    assert (answer.status, answer.code) == (404, "NOT_FOUND")
    assert len(held(fan)) == 1
