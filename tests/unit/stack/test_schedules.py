"""The clock, sped up."""

import asyncio
import json
from datetime import timedelta

import pytest

from tests.stack import expressions
from tests.stack.errors import InvocationError, TemplateError, UnknownNameError
from tests.stack.expressions import Rate
from tests.stack.schedules import Schedules
from tests.stack.template import Schedule
from tests.stack.wire import JsonObject


class _Functions:
    """Remember who was invoked with what, and fail when told to."""

    def __init__(self, *, failing: bool = False) -> None:
        self.calls: list[tuple[str, JsonObject]] = []
        self.three_calls = asyncio.Event()
        self._failing = failing

    async def invoke(self, function: str, payload: bytes) -> bytes:
        self.calls.append((function, json.loads(payload)))
        if len(self.calls) == 3:
            self.three_calls.set()
        if self._failing:
            raise InvocationError(function, {"errorMessage": "no"})
        return b'"done"'


def _schedule(
    *,
    kind: str = "ScheduleV2",
    text: str | None = None,
    is_enabled: bool = True,
    expression: str = "rate(1 minute)",
) -> Schedule:
    return Schedule(
        function="Sweep",
        name="SweepHourly",
        kind=kind,
        expression=expression,
        timezone="UTC",
        input=text,
        is_enabled=is_enabled,
    )


def _schedules(functions: _Functions, *schedules: Schedule) -> Schedules:
    return Schedules(
        schedules, functions.invoke, account="123456789012", region="eu-west-1"
    )


async def _fired(schedule: Schedule) -> JsonObject:
    functions = _Functions()
    await _schedules(functions, schedule).fire("Sweep")
    return functions.calls[0][1]


@pytest.mark.asyncio
@pytest.mark.parametrize("failing", [False, True])
async def test_a_schedule_fires_again_and_again(
    monkeypatch: pytest.MonkeyPatch, *, failing: bool
) -> None:
    often = Rate(timedelta(milliseconds=5))
    monkeypatch.setattr(expressions, "parse", lambda _expression, _zone: often)
    functions = _Functions(failing=failing)

    async with _schedules(functions, _schedule()).ticking():
        await asyncio.wait_for(functions.three_calls.wait(), 60)

    assert {function for function, _ in functions.calls} == {"Sweep"}


@pytest.mark.asyncio
async def test_a_disabled_schedule_fires_only_by_hand() -> None:
    functions = _Functions()
    schedules = _schedules(functions, _schedule(is_enabled=False))

    async with schedules.ticking():
        answer = await schedules.fire("Sweep")

    assert (answer, len(functions.calls)) == (b'"done"', 1)


@pytest.mark.asyncio
async def test_the_scheduler_sends_a_notice_when_it_has_no_input() -> None:
    event = await _fired(_schedule())

    assert event["source"] == "aws.scheduler"
    assert event["detail-type"] == "Scheduled Event"
    assert event["detail"] == "{}"
    assert event["resources"] == [
        "arn:aws:scheduler:eu-west-1:123456789012:schedule/default/SweepHourly"
    ]


@pytest.mark.asyncio
async def test_a_rule_sends_its_own_notice() -> None:
    event = await _fired(_schedule(kind="Schedule"))

    assert (event["source"], event["detail"]) == ("aws.events", {})
    assert event["resources"] == [
        "arn:aws:events:eu-west-1:123456789012:rule/SweepHourly"
    ]


@pytest.mark.asyncio
@pytest.mark.parametrize("kind", ["ScheduleV2", "Schedule"])
async def test_an_input_is_sent_as_it_is(kind: str) -> None:
    event = await _fired(_schedule(kind=kind, text='{"depth": 3}'))

    assert event == {"depth": 3}


@pytest.mark.asyncio
async def test_the_schedulers_keywords_are_filled_in() -> None:
    event = await _fired(_schedule(text='{"try": "<aws.scheduler.attempt-number>"}'))

    assert event == {"try": "1"}


@pytest.mark.asyncio
async def test_a_function_without_a_schedule_cannot_be_fired() -> None:
    schedules = _schedules(_Functions(), _schedule())

    with pytest.raises(UnknownNameError, match="Migrate"):
        await schedules.fire("Migrate")


def test_a_wrong_expression_is_found_at_the_start() -> None:
    with pytest.raises(TemplateError, match="whenever"):
        _schedules(_Functions(), _schedule(expression="whenever"))
