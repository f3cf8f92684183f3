"""What every call of Stripe's shares: keys, parameters, lists, expansion, faults."""

import asyncio
from typing import Any

import httpx
import pytest
from stripe import (
    APIConnectionError,
    APIError,
    AuthenticationError,
    IdempotencyError,
    InvalidRequestError,
    RateLimitError,
)

from tests.stack.providers import Providers
from tests.unit.providers_standins.asking import script
from tests.unit.providers_standins.stripe_asking import MARKS, Till, till, tip

pytestmark = MARKS

CREATE: dict[str, object] = {"provider": "stripe", "call": "customers.create"}
LOST: list[tuple[dict[str, object], bool]] = [
    ({"action": "before"}, False),
    ({"action": "hang", "seconds": 0}, False),
    ({"action": "after"}, True),
    ({"action": "hang_after", "seconds": 0}, True),
]
WRONG: list[tuple[dict[str, object], bool]] = [
    ({"action": "status", "status": 500}, False),
    ({"action": "rubbish_before"}, False),
    ({"action": "status_after", "status": 503}, True),
    ({"action": "rubbish"}, True),
]


def with_key(key: str) -> Any:
    return {"idempotency_key": key}


async def customer(stripe: Till, key: str = "key-1", name: str = "Fan") -> Any:
    return await stripe.sdk.v1.customers.create_async(
        params={"name": name}, options=with_key(key)
    )


async def test_a_key_that_opens_nothing_is_refused(
    providers: Providers, stripe: Till
) -> None:
    stranger = till(providers, stripe.control, stripe.plain, key="sk_test_other")

    with pytest.raises(AuthenticationError):
        await stranger.sdk.v1.balance.retrieve_async()


async def test_another_version_is_not_spoken(stripe: Till) -> None:
    old = {"stripe-version": "2024-06-20"}

    answer = await stripe.plain.get("v1/balance", headers=old)

    assert answer.status_code == 400


async def test_the_same_key_is_answered_the_same(stripe: Till) -> None:
    first = await customer(stripe)

    second = await customer(stripe)

    assert first.id == second.id
    assert "idempotent-replayed" not in first.last_response.headers
    assert second.last_response.headers["idempotent-replayed"] == "true"
    assert len(await stripe.all("customer")) == 1


async def test_a_key_is_for_one_thing_only(stripe: Till) -> None:
    await customer(stripe, name="Fan")

    with pytest.raises(IdempotencyError) as refusal:
        await customer(stripe, name="Another")

    assert refusal.value.http_status == 400


async def test_a_key_is_not_spent_on_what_was_never_done(stripe: Till) -> None:
    wrong: Any = {"address": "street"}
    with pytest.raises(InvalidRequestError):
        await stripe.sdk.v1.customers.create_async(wrong, with_key("key-1"))

    found = await customer(stripe)

    assert found.name == "Fan"


async def test_a_key_in_use_has_to_wait(stripe: Till) -> None:
    await script(stripe.control, CREATE | {"action": "slow_after", "seconds": 1})
    calls = [asyncio.create_task(customer(stripe)) for _ in range(2)]

    results = await asyncio.gather(*calls, return_exceptions=True)

    (refusal,) = [each for each in results if isinstance(each, APIError)]
    (made,) = await stripe.all("customer")
    body: Any = refusal.json_body
    assert refusal.http_status == 409
    assert body["error"]["code"] == "idempotency_key_in_use"
    assert (await customer(stripe)).id == made["id"]


@pytest.mark.parametrize(("fault", "happens"), LOST)
async def test_a_lost_answer_is_had_again_by_its_key(
    stripe: Till,
    fault: dict[str, object],
    happens: bool,  # noqa: FBT001 - parametrised
) -> None:
    await script(stripe.control, CREATE | fault)
    with pytest.raises(APIConnectionError):
        await customer(stripe)
    before = len(await stripe.all("customer"))

    found = await customer(stripe)

    assert before == int(happens)
    assert [each["id"] for each in await stripe.all("customer")] == [found.id]


@pytest.mark.parametrize(("fault", "happens"), WRONG)
async def test_a_wrong_answer_is_had_right_by_its_key(
    stripe: Till,
    fault: dict[str, object],
    happens: bool,  # noqa: FBT001 - parametrised
) -> None:
    await script(stripe.control, CREATE | fault)
    with pytest.raises(APIError):
        await customer(stripe)
    before = len(await stripe.all("customer"))

    found = await customer(stripe)

    assert before == int(happens)
    assert [each["id"] for each in await stripe.all("customer")] == [found.id]


async def test_too_many_calls_are_told_so(stripe: Till) -> None:
    await script(stripe.control, CREATE | {"action": "status", "status": 429})

    with pytest.raises(RateLimitError):
        await customer(stripe)


async def test_the_journal_tells_effects_from_replays(
    stripe: Till, providers: Providers
) -> None:
    for _ in range(3):
        await stripe.sdk.v1.customers.create_async(
            params={"metadata": {"fan": "1"}}, options=with_key("key-1")
        )
    await stripe.sdk.v1.balance.retrieve_async()

    journal = providers.journal("stripe")

    assert journal.outcomes("customers.create") == {"effect": 1, "read": 2}
    assert journal.outcomes("balance.get") == {"read": 1}
    assert journal.jobs() == {"key-1": 1}
    assert journal.keys() == {"fan=1": 1}


@pytest.mark.parametrize(
    ("form", "code", "param"),
    [
        ("currency=eur&colour=red", "parameter_unknown", "colour"),
        ("unit_amount=5", "parameter_missing", "currency"),
        ("currency=eur&unit_amount=five", "parameter_invalid_integer", "unit_amount"),
        ("currency=eur&active=maybe", None, "active"),
        ("currency=eur&recurring=monthly", None, "recurring"),
        ("currency=eur&recurring[interval]=eon", None, "recurring[interval]"),
        (
            "currency=eur&recurring[intervall]=month",
            "parameter_unknown",
            "recurring[intervall]",
        ),
        ("currency=eur&unit_amount=5&product=prod_no", "resource_missing", "product"),
    ],
)
async def test_what_stripe_would_not_understand_is_refused(
    stripe: Till, form: str, code: str | None, param: str
) -> None:
    kind = {"content-type": "application/x-www-form-urlencoded"}

    answer = await stripe.plain.post("v1/prices", content=form, headers=kind)

    error = answer.json()["error"]
    assert (answer.status_code, error["type"]) == (400, "invalid_request_error")
    assert (error.get("code"), error["param"]) == (code, param)


async def test_nobody_has_that_id(stripe: Till) -> None:
    with pytest.raises(InvalidRequestError) as refusal:
        await stripe.sdk.v1.charges.retrieve_async("ch_none")

    assert (refusal.value.http_status, refusal.value.code) == (404, "resource_missing")


async def test_metadata_are_merged_key_by_key(stripe: Till) -> None:
    created = await stripe.sdk.v1.customers.create_async(
        params={"metadata": {"a": "1", "b": "2"}}
    )
    customers = stripe.sdk.v1.customers

    merged = await customers.update_async(
        created.id, params={"metadata": {"a": "", "c": "3"}}
    )
    emptied = await customers.update_async(created.id, params={"metadata": ""})

    assert merged.metadata is not None
    assert merged.metadata.to_dict() == {"b": "2", "c": "3"}
    assert emptied.metadata is not None
    assert emptied.metadata.to_dict() == {}


async def test_lists_come_in_pages_newest_first(stripe: Till) -> None:
    made = [(await customer(stripe, f"key-{n}")).id for n in range(5)]
    customers = stripe.sdk.v1.customers

    first = await customers.list_async(params={"limit": 2})
    walked = [each.id async for each in first.auto_paging_iter()]

    assert first.has_more is True
    assert [each.id for each in first.data] == [made[4], made[3]]
    assert walked == made[::-1]


@pytest.mark.parametrize("limit", [0, 101])
async def test_a_page_has_up_to_a_hundred(stripe: Till, limit: int) -> None:
    with pytest.raises(InvalidRequestError) as refusal:
        await stripe.sdk.v1.charges.list_async(params={"limit": limit})

    assert refusal.value.param == "limit"


async def test_lists_are_of_what_was_asked_for(stripe: Till) -> None:
    one, other = await stripe.charged(500), await stripe.charged(700)
    v1 = stripe.sdk.v1
    for charge in (one, other):
        await v1.refunds.create_async(params={"charge": charge["id"], "amount": 100})

    refunds = await v1.refunds.list_async(params={"charge": one["id"]})
    charges = await v1.charges.list_async(
        params={"payment_intent": other["payment_intent"]}
    )
    booked = await v1.balance_transactions.list_async(params={"type": "refund"})
    recent = await v1.events.list_async(
        params={"types": ["refund.created"], "created": {"gte": one["created"]}}
    )

    assert [each.charge for each in refunds.data] == [one["id"]]
    assert [each.id for each in charges.data] == [other["id"]]
    assert [each.amount for each in booked.data] == [-100, -100]
    assert [each.type for each in recent.data] == ["refund.created"] * 2


async def test_events_are_kept_for_thirty_days(stripe: Till) -> None:
    await customer(stripe)
    await stripe.control.post("clock", json={"advance_s": 30 * 86_400})

    found = await stripe.sdk.v1.events.list_async()

    assert found.data == []


async def test_what_cannot_be_expanded_is_refused(stripe: Till) -> None:
    charge = await stripe.charged()

    with pytest.raises(InvalidRequestError, match="cannot be expanded"):
        await stripe.sdk.v1.charges.retrieve_async(
            charge["id"], params={"expand": ["colour"]}
        )


async def test_prices_are_found_by_their_keys(stripe: Till) -> None:
    old = await stripe.price(999, lookup_key="luna_month")
    with pytest.raises(InvalidRequestError):
        await stripe.price(1099, lookup_key="luna_month")
    new = await stripe.price(1099, lookup_key="luna_month", transfer_lookup_key=True)

    found = await stripe.sdk.v1.prices.list_async(
        params={"lookup_keys": ["luna_month"]}
    )

    assert [price.id for price in found.data] == [new]
    assert (await stripe.sdk.v1.prices.retrieve_async(old)).lookup_key is None


async def test_a_product_may_have_an_id_of_ours_once(stripe: Till) -> None:
    wanted: Any = {"id": "luna", "name": "Luna"}
    created = await stripe.sdk.v1.products.create_async(params=wanted)

    with pytest.raises(InvalidRequestError) as refusal:
        await stripe.sdk.v1.products.create_async(params=wanted)

    assert created.id == "luna"
    assert refusal.value.code == "resource_already_exists"


async def test_much_can_be_done_at_once(stripe: Till) -> None:
    made = {"do": "call", "name": "checkout.sessions.create", "params": tip()}
    begun = await stripe.control.post("stripe/batch", json={"orders": [made] * 20})
    sessions = [session["id"] for session in begun.json()]
    wanted = [{"do": "pay", "session": id_} for id_ in [*sessions, "cs_none"]]

    done = await stripe.control.post("stripe/batch", json={"orders": wanted})

    *paid, refused = done.json()
    assert {session["payment_status"] for session in paid} == {"paid"}
    assert refused["error"]["code"] == "resource_missing"
    assert len(await stripe.all("charge")) == 20


async def test_a_batch_that_is_not_understood_is_not_begun(stripe: Till) -> None:
    wrong = [{"do": "call", "name": "customers.create"}, {"do": "dance"}]

    answer = await stripe.control.post("stripe/batch", json={"orders": wrong})

    assert answer.status_code == 400
    assert await stripe.all("customer") == []


async def test_forgetting_leaves_the_settings(stripe: Till) -> None:
    await stripe.turn(tax_percent="19")
    await customer(stripe)

    await stripe.control.delete("state")

    kept: httpx.Response = await stripe.control.get("stripe/settings")
    assert await stripe.all("customer") == []
    assert kept.json()["tax_percent"] == "19"
    assert (await customer(stripe)).name == "Fan"


async def test_a_reset_takes_back_the_settings(stripe: Till) -> None:
    await stripe.turn(tax_percent="19")

    await stripe.control.post("reset")

    assert (await stripe.control.get("stripe/settings")).json()["tax_percent"] == "0"
