"""An audience that grows by itself."""

from datetime import timedelta

from tests.stack.providers.audience import Counts, grown


def test_numbers_only_ever_grow() -> None:
    ages = [timedelta(hours=hours) for hours in (0, 1, 6, 24)]

    views = [grown(age).views for age in ages]

    assert views == sorted(set(views))
    assert grown(ages[0]) == Counts()
