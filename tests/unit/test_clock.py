"""The one clock."""

import re
from datetime import UTC, datetime, timedelta

from vixenbliss import clock


def test_now_is_aware_and_in_utc() -> None:
    assert clock.now().utcoffset() == timedelta(0)


def test_a_timestamp_is_in_whole_seconds_and_ends_in_z() -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", clock.timestamp())


def test_a_timestamp_is_of_now() -> None:
    told = datetime.strptime(clock.timestamp(), "%Y-%m-%dT%H:%M:%SZ").replace(
        tzinfo=UTC
    )

    assert abs(clock.now() - told) < timedelta(seconds=5)


def test_monotonic_seconds_never_run_backwards() -> None:
    seen = [clock.monotonic_s() for _ in range(1000)]

    assert seen == sorted(seen)
