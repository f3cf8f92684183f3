"""What a create call asks for: read, checked, and made into a prediction."""

import asyncio
import re
from dataclasses import dataclass
from typing import Self

from tests.stack.providers.calls import About, Call, RefusedError
from tests.stack.providers.replicate import problems
from tests.stack.providers.replicate.engine import Engine, digest_of
from tests.stack.providers.replicate.models import Model, wrong_fields, wrong_inputs
from tests.stack.providers.replicate.predictions import Prediction
from tests.stack.providers.world import World

_BY_DEFAULT = ["output", "completed"]
_PREFER = re.compile(r"wait(?:=(\d{1,2}))?")
_LONGEST_WAIT_S = 60
_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?")
_SHORTEST_DEADLINE_S = 5


@dataclass(frozen=True)
class Creation:
    """A valid create call."""

    body: dict[str, object]
    input: dict[str, object]
    deadline_s: float | None

    @classmethod
    def read(cls, call: Call, *, versioned: bool) -> Self:
        """Return what the call asks for.

        Raises:
            RefusedError: The body or a header is not as the API wants it.
        """
        body = call.json()
        wrong = (
            [{"type": "invalid_type", "field": "", "description": "Body must be JSON"}]
            if body is None
            else wrong_fields(body, versioned=versioned)
        )
        inputs = (body or {}).get("input")
        if not wrong and isinstance(inputs, dict):
            wrong = wrong_inputs(inputs)
        if wrong or body is None or not isinstance(inputs, dict):
            raise RefusedError(problems.invalid_input(wrong))
        cancel_after = call.request.headers.get("cancel-after")
        return cls(body, inputs, deadline_of(cancel_after))

    def prediction(self, model: Model, world: World, engine: Engine) -> Prediction:
        """Return the prediction asked for, not yet begun."""
        webhook = self.body.get("webhook")
        events = self.body.get("webhook_events_filter", _BY_DEFAULT)
        return Prediction(
            model=model,
            input=self.input,
            seed=engine.seed_for(self.input),
            created_at=world.clock.now(),
            webhook=str(webhook) if webhook else None,
            events=frozenset(events if isinstance(events, list) else ()),
            deadline_s=self.deadline_s,
            credentials=world.settings.credentials,
        )

    def noted(self, prediction: Prediction) -> About:
        """Return what the journal says of it."""
        return {
            "id": prediction.id,
            "job": prediction.job,
            "seed": prediction.seed,
            "prompt_sha256": digest_of(prediction.prompt),
        }


async def awaited(prediction: Prediction, prefer: str | None) -> bool:
    """Wait as ``Prefer`` wishes; return false if that was not long enough."""
    wish = _PREFER.fullmatch(prefer or "")
    if wish is None:
        return True
    try:
        async with asyncio.timeout(int(wish[1] or _LONGEST_WAIT_S)):
            await prediction.over.wait()
    except TimeoutError:
        return False
    return True


def deadline_of(header: str | None) -> float | None:
    """Return the seconds a ``Cancel-After`` header means: ``90``, ``1m30s``, ``2h``.

    Raises:
        RefusedError: It means nothing, or less than the five seconds Replicate grants.
    """
    if header is None:
        return None
    parts = _DURATION.fullmatch(header.strip())
    seconds = -1 if parts is None else _seconds(parts)
    if seconds < _SHORTEST_DEADLINE_S:
        description = "Must be a duration of at least 5 seconds"
        wrong = {"type": "format", "field": "Cancel-After", "description": description}
        raise RefusedError(problems.invalid_input([wrong]))
    return seconds


def _seconds(parts: re.Match[str]) -> int:
    hours, minutes, seconds = (int(part or 0) for part in parts.groups())
    return 3600 * hours + 60 * minutes + seconds
