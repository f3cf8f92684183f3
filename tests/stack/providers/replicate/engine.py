"""How predictions live: created, started, finished, and forgotten after an hour."""

import asyncio
from collections import Counter
from hashlib import sha256

from tests.stack.providers.dice import Dice
from tests.stack.providers.faults import Action, Rule
from tests.stack.providers.replicate.predictions import (
    Prediction,
    Status,
    readable_id,
)
from tests.stack.providers.replicate.webhooks import TERMINAL_EVENT, Courier
from tests.stack.providers.words import whole_words
from tests.stack.providers.world import World

NSFW = "NSFW content detected. Try running it again, or try a different prompt."
NSFW_WORDS = frozenset({"nsfw", "nude", "naked", "porn", "pornographic", "explicit"})
_STARTING_SHARE = 0.25
_JITTER = 0.25
_MAX_SEED = 2**31 - 1


class Engine:
    """All predictions, and the work on those that are not over."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._work: dict[str, asyncio.Task[None]] = {}
        self._asked: Counter[str] = Counter()
        self.courier = Courier(world)
        self.predictions: dict[str, Prediction] = {}

    @property
    def api(self) -> str:
        """The base of the API, as clients are told it."""
        return f"{self._world.origin}/replicate/v1"

    def seed_for(self, inputs: dict[str, object]) -> int:
        """Return the seed an input names, or one that the world's seed decides.

        The same prompt gets another seed each time it is asked for, as with the
        real models, yet the same ones in each run of a test.
        """
        named = inputs.get("seed")
        if isinstance(named, int):
            return named
        prompt = str(inputs.get("prompt"))
        self._asked[prompt] += 1
        return Dice(self._world.settings.seed, prompt, self._asked[prompt]).whole(
            0, _MAX_SEED
        )

    def start(self, prediction: Prediction, rule: Rule | None) -> None:
        """Take the prediction on, and begin to work on it."""
        self.predictions[prediction.id] = prediction
        work = self._live(prediction, rule)
        self._work[prediction.id] = self._world.errands.start(work)

    async def finished_and_told(self, prediction: Prediction) -> None:
        """Wait until the prediction is over and each webhook was tried once."""
        await asyncio.wait([self._work[prediction.id]])
        await self.courier.has_tried(prediction)

    def cancel(self, prediction: Prediction) -> bool:
        """End the prediction by its creator's wish; return false if it was over."""
        if prediction.is_over():
            return False
        self._work[prediction.id].cancel()
        self._finish(prediction, Status.CANCELED)
        return True

    def shown(self, prediction: Prediction) -> dict[str, object]:
        """Return the prediction as the API shows it now."""
        return prediction.on_the_wire(self.api, removed=self.is_removed(prediction))

    def is_removed(self, prediction: Prediction) -> bool:
        """Whether the prediction's data is gone by now."""
        retention_s = self._world.settings.retention_s
        return prediction.is_removed(self._world.clock.now(), retention_s)

    def forget(self) -> None:
        """Be as new."""
        self.predictions.clear()
        self._work.clear()
        self._asked.clear()
        self.courier.forget()

    async def _live(self, prediction: Prediction, rule: Rule | None) -> None:
        """Work until the end or the deadline."""
        deadline_s = prediction.deadline_s
        if deadline_s is not None:
            deadline_s *= self._world.settings.time_scale
        try:
            async with asyncio.timeout(deadline_s):
                await self._run(prediction, rule)
        except TimeoutError:
            ran = prediction.started_at is not None
            self._finish(prediction, Status.CANCELED if ran else Status.ABORTED)

    async def _run(self, prediction: Prediction, rule: Rule | None) -> None:
        latency_s = self._latency_s(prediction)
        await asyncio.sleep(latency_s * _STARTING_SHARE)
        stuck = rule is not None and rule.action is Action.STUCK
        if rule and stuck and rule.reason == Status.STARTING:
            await _stay(prediction)
            return
        self._begin(prediction)
        if stuck:
            await _stay(prediction)
            return
        await asyncio.sleep(latency_s * (1 - _STARTING_SHARE))
        self._conclude(prediction, rule)

    def _begin(self, prediction: Prediction) -> None:
        prediction.status = Status.PROCESSING
        prediction.started_at = self._world.clock.now()
        self._announce(prediction, "start")
        prediction.logs = f"Using seed: {prediction.seed}\n"
        self._announce(prediction, "logs")

    def _conclude(self, prediction: Prediction, rule: Rule | None) -> None:
        if rule and rule.action is Action.FAIL:
            prediction.error = rule.error or "Prediction failed: CUDA out of memory"
        elif whole_words(prediction.prompt) & NSFW_WORDS:
            prediction.error = NSFW
        if prediction.error is not None:
            self._finish(prediction, Status.FAILED)
            return
        self._put_out(prediction, rule)
        self._finish(prediction, Status.SUCCEEDED)

    def _put_out(self, prediction: Prediction, rule: Rule | None) -> None:
        kind = str(prediction.input.get("output_format", "webp"))
        count = prediction.input.get("num_outputs", 1)
        place = f"{self._world.origin}/replicate/delivery/xezq/{prediction.id}"
        for number in range(count if isinstance(count, int) else 1):
            prediction.files.append(f"{place}/{readable_id(12)}/out-{number}.{kind}")
        scripted = rule is not None and rule.action is Action.OUTPUT
        prediction.output = rule.body if rule and scripted else list(prediction.files)
        self._announce(prediction, "output")

    def _finish(self, prediction: Prediction, status: Status) -> None:
        if prediction.is_over():
            return
        prediction.end(status, self._world.clock.now())
        self._announce(prediction, TERMINAL_EVENT)

    def _announce(self, prediction: Prediction, event: str) -> None:
        self.courier.announce(prediction, event, self.api)

    def _latency_s(self, prediction: Prediction) -> float:
        settings = self._world.settings
        dice = Dice("latency", settings.seed, prediction.seed, prediction.prompt)
        return settings.latency_s * dice.between(1 - _JITTER, 1 + _JITTER)


async def _stay(prediction: Prediction) -> None:
    """Get no further, and keep nobody waiting but a deadline."""
    if prediction.deadline_s is not None:
        await prediction.over.wait()


def digest_of(prompt: str) -> str:
    """Return by what the journal knows a prompt, without repeating it."""
    return sha256(prompt.encode()).hexdigest()
