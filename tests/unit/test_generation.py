"""Where Replicate is asked to report."""

from uuid import UUID

import pytest

from vixenbliss.services.generation import webhook_of
from vixenbliss.settings import read

JOB = UUID("0190f000-0000-7000-8000-000000000000")
THEIRS = "https://api.replicate.com/v1"
STAND_IN = "http://127.0.0.1:9000/replicate/v1"


@pytest.mark.parametrize(
    ("base", "provider", "is_told"),
    [
        ("https://api.example.com", THEIRS, True),
        ("https://api.example.com", STAND_IN, True),
        ("http://127.0.0.1:8000", STAND_IN, True),
        ("http://127.0.0.1:8000", THEIRS, False),
        ("", STAND_IN, False),
    ],
)
def test_an_address_is_told_only_where_it_can_be_reached(
    base: str, provider: str, *, is_told: bool
) -> None:
    settings = read({"PUBLIC_API_BASE": base, "REPLICATE_API_BASE": provider})

    address = webhook_of(JOB, settings)

    assert address == (f"{base}/webhooks/replicate?job={JOB}" if is_told else "")
