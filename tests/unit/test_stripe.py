"""Stripe: what its answers mean, and what no answer means."""

from dataclasses import replace
from typing import Any

import pytest

from tests.conftest import Set
from tests.support.world import World
from vixenbliss.credentials import Credential
from vixenbliss.deadline import time_to_ask
from vixenbliss.errors import (
    OutcomeUnknownError,
    ProviderError,
    ProviderRefusedError,
    ProviderUnavailableError,
)
from vixenbliss.loop import run
from vixenbliss.providers.stripe import Stripe
from vixenbliss.providers.stripe_shapes import Named, Page, Product
from vixenbliss.settings import settings

READ, EFFECT = "customers.get", "customers.create"
ALWAYS: dict[str, Any] = {"times": None}


@pytest.fixture
def stripe(world: World) -> Stripe:
    return Stripe(settings())


def make(stripe: Stripe, key: str = "customer:1:0", **more: Any) -> Named:
    """Make a customer."""
    told: Any = {"email": "fan@example.com"} | more
    return run(
        stripe.call(
            lambda client: client.v1.customers.create_async(
                told, {"idempotency_key": key}
            ),
            Named,
            effect=True,
        )
    )


def get(stripe: Stripe, id_: str) -> Named:
    return run(
        stripe.call(lambda client: client.v1.customers.retrieve_async(id_), Named)
    )


def error_of(stripe: Stripe, *, effect: bool, id_: str = "cus_1") -> ProviderError:
    with pytest.raises(ProviderError) as raised:
        _ = make(stripe) if effect else get(stripe, id_)
    return raised.value


def test_an_answer_is_read_as_far_as_we_need_it(stripe: Stripe) -> None:
    made = make(stripe)

    assert get(stripe, made.id) == made


@pytest.mark.parametrize("effect", [False, True])
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"action": "status", "status": 400}, ProviderRefusedError),
        ({"action": "status", "status": 401}, ProviderRefusedError),
        ({"action": "status", "status": 402}, ProviderRefusedError),
        ({"action": "status", "status": 404}, ProviderRefusedError),
        ({"action": "status", "status": 429}, ProviderUnavailableError),
        ({"action": "status", "status": 409}, None),
        ({"action": "status", "status": 500}, None),
        ({"action": "status", "status": 503}, None),
        ({"action": "before"}, None),
        ({"action": "rubbish"}, None),
    ],
    ids=str,
)
def test_what_matters_of_a_failure_is_whether_it_had_its_effect(
    stripe: Stripe,
    world: World,
    fault: dict[str, Any],
    kind: type[ProviderError] | None,
    *,
    effect: bool,
) -> None:
    id_ = make(stripe, "customer:0:0").id
    world.fault("stripe", EFFECT if effect else READ, **fault, **ALWAYS)

    error = error_of(stripe, effect=effect, id_=id_)

    otherwise = OutcomeUnknownError if effect else ProviderUnavailableError
    assert type(error) is (kind or otherwise)
    assert error.provider == "Stripe"


@pytest.mark.parametrize("effect", [False, True])
def test_who_does_not_answer_in_time_may_have_done_it(
    stripe: Stripe, world: World, surroundings: Set, *, effect: bool
) -> None:
    id_ = make(stripe, "customer:0:0").id
    surroundings(REQUEST_TIMEOUT_S="0.3")
    call = EFFECT if effect else READ
    world.fault("stripe", call, "hang_after", seconds=2, **ALWAYS)

    error = error_of(Stripe(settings()), effect=effect, id_=id_)

    kind = OutcomeUnknownError if effect else ProviderUnavailableError
    assert type(error) is kind


@pytest.mark.parametrize("action", ["after", "status_after"])
def test_a_lost_answer_is_asked_for_again_under_the_same_key(
    stripe: Stripe, world: World, action: str
) -> None:
    more = {"status": 500} if action == "status_after" else {}
    world.fault("stripe", EFFECT, action, times=1, **more)

    made = make(stripe)

    assert get(stripe, made.id) == made
    assert len(world.effects("stripe", EFFECT)) == 1
    assert len(world.calls("stripe", EFFECT)) == 2


def test_a_key_means_one_effect_however_often(stripe: Stripe, world: World) -> None:
    made = [make(stripe) for _ in range(3)]

    assert len({customer.id for customer in made}) == 1
    assert len(world.see("stripe", "objects/customer")) == 1


def test_a_key_does_not_mean_two_things(stripe: Stripe) -> None:
    make(stripe)

    with pytest.raises(ProviderRefusedError):
        make(stripe, email="another@example.com")


def test_stripe_s_own_word_for_the_trouble_is_kept(stripe: Stripe) -> None:
    with pytest.raises(ProviderRefusedError) as raised:
        get(stripe, "cus_of_nobody")

    assert raised.value.their_code == "resource_missing"
    assert raised.value.status == 404
    assert "cus_of_nobody" in raised.value.words
    assert "cus_of_nobody" not in str(raised.value)


def test_a_key_that_is_in_use_is_told_by_its_code(stripe: Stripe, world: World) -> None:
    told = {"type": "idempotency_error", "code": "idempotency_key_in_use"}
    world.fault("stripe", EFFECT, "reply", status=409, body={"error": told}, **ALWAYS)

    error = error_of(stripe, effect=True)

    assert type(error) is OutcomeUnknownError
    assert error.their_code == "idempotency_key_in_use"


def test_lists_come_in_pages(stripe: Stripe) -> None:
    for n in range(3):
        make(stripe, f"customer:{n}:0")

    page = run(
        stripe.call(
            lambda client: client.v1.customers.list_async({"limit": 2}), Page[Named]
        )
    )

    assert (len(page.data), page.has_more) == (2, True)


def test_an_answer_of_another_shape_is_none(stripe: Stripe) -> None:
    with pytest.raises(ProviderUnavailableError):
        run(
            stripe.call(
                lambda client: client.v1.customers.list_async({"limit": 1}), Product
            )
        )


@pytest.mark.parametrize(
    "changes",
    [
        {"stripe_api_key": Credential("STRIPE_API_KEY", (), None)},
        {"stripe_api_base": "http://stripe.test"},
        {"stripe_api_base": "http://127.0.0.1.stripe.test"},
    ],
    ids=["no key", "in the open", "in disguise"],
)
def test_without_a_key_or_in_the_open_nothing_is_asked(
    world: World, changes: dict[str, Any]
) -> None:
    stripe = Stripe(replace(settings(), **changes))

    assert type(error_of(stripe, effect=True)) is ProviderRefusedError
    assert world.calls("stripe", EFFECT) == []


def test_a_batch_without_time_left_asks_nothing(stripe: Stripe, world: World) -> None:
    with time_to_ask(0):
        error = error_of(stripe, effect=True)

    assert type(error) is ProviderUnavailableError
    assert world.calls("stripe", EFFECT) == []


@pytest.mark.parametrize(
    ("key", "is_live"),
    [
        ("sk_test_1", False),
        ("rk_test_1", False),
        ("sk_live_1", True),
        ("rk_live_1", True),
    ],
)
def test_a_key_says_whether_the_money_is_real(
    world: World, key: str, *, is_live: bool
) -> None:
    held = Credential("STRIPE_API_KEY", (key,), None)

    stripe = Stripe(replace(settings(), stripe_api_key=held))

    assert stripe.is_live is is_live


def test_without_a_key_nobody_knows_whose_money_it_is(world: World) -> None:
    none = Credential("STRIPE_API_KEY", (), None)

    with pytest.raises(ProviderRefusedError):
        _ = Stripe(replace(settings(), stripe_api_key=none)).is_live
