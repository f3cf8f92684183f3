"""Which texts are idempotency keys."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from vixenbliss.api.dependencies import IdempotencyKey

KEY: TypeAdapter[str | None] = TypeAdapter(IdempotencyKey)
visible = st.characters(min_codepoint=0x21, max_codepoint=0x7E)


@given(st.text(visible, min_size=8, max_size=255))
def test_eight_to_255_visible_characters_are_a_key(text: str) -> None:
    assert KEY.validate_python(text) == text


def test_a_request_needs_no_key() -> None:
    assert KEY.validate_python(None) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "seven77",
        "x" * 256,
        "with space",
        "new\nlines",
        "ñandú-key",
        "keys\x7f\x00\x01x",
    ],
)
def test_anything_else_is_no_key(text: str) -> None:
    with pytest.raises(ValidationError):
        KEY.validate_python(text)


def test_a_key_is_not_trimmed_or_folded() -> None:
    assert KEY.validate_python("KEY-of-Luna") != KEY.validate_python("key-of-luna")
