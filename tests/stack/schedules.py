"""The clock: fires functions when their schedules are due, or when asked to.

Invocations are asynchronous, as on AWS: a slow one does not delay the next. Unlike
Lambda we do not try again after a failure.
"""

import asyncio
import contextlib
import json
import logging
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from datetime import UTC, datetime

from tests.stack import expressions
from tests.stack.errors import InvocationError, UnknownNameError
from tests.stack.expressions import Cron, Rate
from tests.stack.template import Schedule
from tests.stack.wire import JsonObject

type Invoke = Callable[[str, bytes], Awaitable[bytes]]

_log = logging.getLogger(__name__)


class Schedules:
    """All schedules of a template.

    Raises:
        TemplateError: an expression is not understood.
    """

    def __init__(
        self,
        schedules: Iterable[Schedule],
        invoke: Invoke,
        *,
        account: str,
        region: str,
    ) -> None:
        self._schedules = {
            schedule: expressions.parse(schedule.expression, schedule.timezone)
            for schedule in schedules
        }
        self._invoke = invoke
        self._account = account
        self._region = region

    async def fire(self, function: str) -> bytes:
        """Invoke a function now with the event of its first schedule.

        Raises:
            UnknownNameError: the function has no schedule.
            InvocationError: the function failed.
        """
        for schedule in self._schedules:
            if schedule.function == function:
                return await self._invoke(function, self._payload(schedule))
        raise UnknownNameError(function, "schedule of a function")

    @contextlib.asynccontextmanager
    async def ticking(self) -> AsyncGenerator[None]:
        """Fire everything when it is due."""
        tasks = [
            asyncio.create_task(self._keep(schedule, expression))
            for schedule, expression in self._schedules.items()
            if schedule.is_enabled
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _keep(self, schedule: Schedule, expression: Rate | Cron) -> None:
        due = expression.next_after(datetime.now(UTC))
        async with asyncio.TaskGroup() as firings:
            while True:
                wait = (due - datetime.now(UTC)).total_seconds()
                if wait > 0:
                    await asyncio.sleep(wait)
                    firings.create_task(self._fire_quietly(schedule))
                due = expression.next_after(due)

    async def _fire_quietly(self, schedule: Schedule) -> None:
        try:
            await self._invoke(schedule.function, self._payload(schedule))
        except InvocationError as error:
            _log.info("schedule %s failed: %s", schedule.name, error)

    def _payload(self, schedule: Schedule) -> bytes:
        now = datetime.now(UTC)
        if schedule.kind == "ScheduleV2":
            return _scheduler_payload(schedule, now, self._account, self._region)
        if schedule.input is not None:
            return schedule.input.encode()
        rule = f"arn:aws:events:{self._region}:{self._account}:rule/{schedule.name}"
        event = _notice(now, self._account, self._region, rule)
        return json.dumps(event | {"source": "aws.events", "detail": {}}).encode()


def _scheduler_payload(
    schedule: Schedule, now: datetime, account: str, region: str
) -> bytes:
    """Return what EventBridge Scheduler sends: the input, its keywords filled in.

    Without an input it delivers a "default notification" (API reference, Target); its
    shape is by experience.
    """
    arn = f"arn:aws:scheduler:{region}:{account}:schedule/default/{schedule.name}"
    if schedule.input is None:
        event = _notice(now, account, region, arn)
        return json.dumps(event | {"source": "aws.scheduler", "detail": "{}"}).encode()
    text = schedule.input
    for keyword, value in {
        "schedule-arn": arn,
        "scheduled-time": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "execution-id": uuid.uuid4().hex[:16],
        "attempt-number": "1",
    }.items():
        text = text.replace(f"<aws.scheduler.{keyword}>", value)
    return text.encode()


def _notice(now: datetime, account: str, region: str, arn: str) -> JsonObject:
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "account": account,
        "time": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "region": region,
        "resources": [arn],
    }
