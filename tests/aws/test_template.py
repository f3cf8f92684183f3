"""The templates are true to every rule, for a small house and for one in production."""

from functools import cache

import pytest

from tests.aws.rules import (
    doors,
    limits,
    operations,
    queues,
    releases,
    rights,
    surroundings,
)
from tests.aws.whole import ROOT, SIZES, Rule, Whole

RULES = (
    *queues.RULES,
    *doors.RULES,
    *operations.RULES,
    *rights.RULES,
    *surroundings.RULES,
    *releases.RULES,
    *limits.RULES,
)


@cache
def whole(size: str) -> Whole:
    return Whole(ROOT, SIZES[size])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.__name__))
def test_the_templates_are_true_to_the_rule(rule: Rule, size: str) -> None:
    assert sorted(set(rule(whole(size)))) == []


@pytest.mark.parametrize("size", SIZES)
def test_there_is_something_to_look_at(size: str) -> None:
    house = whole(size).house

    assert len(house.functions) > 70
    assert len(house.sources) == 24
    assert len(house.schedules) >= 7
    assert len(whole(size).made) == 12


def test_every_stack_fits(capsys: pytest.CaptureFixture[str]) -> None:
    counted = limits.counts(whole("production"))

    with capsys.disabled():
        print(f"\n{limits.table(whole('production'))}")  # noqa: T201 - asked for
    assert max(count.resources for count in counted) <= limits.ENOUGH_RESOURCES
    assert sum(count.resources for count in counted) > limits.MAX_RESOURCES
