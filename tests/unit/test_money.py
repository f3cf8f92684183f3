"""Money in whole numbers."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vixenbliss.money import Cost


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
