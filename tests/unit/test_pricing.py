"""What a job may cost at most, and what it did cost."""

from decimal import ROUND_CEILING, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vixenbliss.models.content_jobs import JobKind
from vixenbliss.money import Cost
from vixenbliss.services.pricing import PriceList
from vixenbliss.settings import read

PRICES = PriceList(read({}))
tokens = st.integers(0, 10_000_000)
prices = st.integers(0, 100_000_000)


def test_an_image_costs_what_the_settings_say() -> None:
    prices = PriceList(read({"IMAGE_PRICE_MICROS": "4500"}))

    assert prices.image() == prices.at_most(JobKind.IMAGE) == Cost(4500, "usd")


@pytest.mark.parametrize(
    ("read_tokens", "written_tokens", "micros"),
    [
        (0, 0, 0),
        (1000, 0, 750),
        (0, 1000, 4500),
        (1000, 1000, 5250),
        (1, 0, 1),  # 0.75
        (4, 0, 3),  # 3.0, exactly
        (5, 0, 4),  # 3.75
        (0, 1, 5),  # 4.5
        (1, 1, 6),  # 5.25: rounded once, not twice
    ],
)
def test_tokens_are_rounded_up_to_the_micro_once(
    read_tokens: int, written_tokens: int, micros: int
) -> None:
    assert PRICES.caption(read_tokens, written_tokens) == Cost(micros)


@given(a=tokens, b=tokens, price_a=prices, price_b=prices)
def test_a_caption_costs_what_exact_arithmetic_says(
    a: int, b: int, price_a: int, price_b: int
) -> None:
    priced = PriceList(
        read(
            {
                "CAPTION_INPUT_PRICE_MICROS": str(price_a),
                "CAPTION_OUTPUT_PRICE_MICROS": str(price_b),
            }
        )
    )

    exact = (Decimal(a) * price_a + Decimal(b) * price_b) / 1000
    assert priced.caption(a, b) == Cost(int(exact.to_integral_value(ROUND_CEILING)))


@given(a=st.integers(0, 2_500), b=st.integers(0, 700))
def test_the_estimate_bears_every_caption_within_its_bounds(a: int, b: int) -> None:
    at_most = PRICES.at_most(JobKind.CAPTION).amount_micros

    assert PRICES.caption(a, b).amount_micros <= at_most
