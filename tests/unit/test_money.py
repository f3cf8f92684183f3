"""Money in whole numbers."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vixenbliss.money import Cost, Currency, to_micros, to_minor


@given(amount=st.integers(0, 10**12), count=st.integers(0, 50))
def test_so_many_of_the_same_cost_so_many_times_as_much(
    amount: int, count: int
) -> None:
    assert Cost(amount) * count == Cost(sum([amount] * count))


def test_a_cost_keeps_its_currency() -> None:
    assert (Cost(5, "eur") * 3).currency == "eur"


def test_a_cost_is_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Cost(5).amount_micros = 6  # type: ignore[misc]  # that is the point


@given(amount=st.integers(-(10**9), 10**9), currency=st.sampled_from(Currency))
def test_minor_units_survive_being_micros(amount: int, currency: str) -> None:
    assert to_minor(to_micros(amount, currency), currency) == amount


@pytest.mark.parametrize(("currency", "minor"), [("usd", 1), ("jpy", None)])
def test_what_is_not_whole_in_minor_units_has_none(
    currency: str, minor: int | None
) -> None:
    assert to_minor(10_000, currency) == minor
    assert to_minor(10_001, currency) is None
