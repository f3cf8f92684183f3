"""What a fan is told of a card that was declined."""

import pytest
from pydantic import TypeAdapter

from vixenbliss.schemas.orders import SUSPICIONS, DeclineCode

TOLD = TypeAdapter[str | None](DeclineCode)


@pytest.mark.parametrize("code", sorted(SUSPICIONS))
def test_nobody_is_told_what_a_bank_suspects(code: str) -> None:
    assert TOLD.validate_python(code) == "generic_decline"


@pytest.mark.parametrize("code", ["insufficient_funds", "expired_card", None])
def test_what_can_be_helped_is_told(code: str | None) -> None:
    assert TOLD.validate_python(code) == code
