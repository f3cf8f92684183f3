"""Where a card hangs between its neighbours."""

from decimal import Decimal

import pytest

from vixenbliss.repositories.board import Gap
from vixenbliss.services.board import is_too_narrow, middle_of


@pytest.mark.parametrize(
    ("above", "below", "place"),
    [
        (None, None, "1"),
        (None, "1", "0"),
        (None, "-3.5", "-4.5"),
        ("7", None, "8"),
        ("1", "2", "1.5"),
        ("1", "1.000000001", "1.0000000005"),
    ],
)
def test_a_place_is_between_its_neighbours(
    above: str | None, below: str | None, place: str
) -> None:
    gap = Gap(above and Decimal(above), below and Decimal(below))  # type: ignore[arg-type]  # or None

    assert not is_too_narrow(gap)
    assert middle_of(gap) == Decimal(place)


@pytest.mark.parametrize("below", ["1", "1.0000000001", "1.0000000009"])
def test_without_room_the_column_is_numbered_anew(below: str) -> None:
    assert is_too_narrow(Gap(Decimal(1), Decimal(below)))
