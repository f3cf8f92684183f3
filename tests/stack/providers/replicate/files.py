"""The files behind a prediction's output, drawn when somebody first asks for them.

A storm of predictions that nobody looks at costs no drawing; a picture follows from
its prompt and seed, so drawing late is drawing the same.
"""

import asyncio
from collections import OrderedDict

from tests.stack.providers.pictures import Picture, draw
from tests.stack.providers.replicate.models import size_of
from tests.stack.providers.replicate.predictions import Prediction
from tests.stack.providers.world import World

_KEPT = 64
_DEFAULT_QUALITY = 80


class Darkroom:
    """Draws output files, two at a time, and keeps the last ones."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._places = asyncio.Semaphore(2)

    async def file(self, prediction: Prediction, address: str) -> bytes:
        """Return the bytes of one of the prediction's files."""
        async with self._places:
            if address not in self._kept:
                picture = self._picture(prediction, prediction.files.index(address))
                self._kept[address] = await asyncio.to_thread(draw, picture)
                self._forget_the_oldest()
            return self._kept[address]

    def _picture(self, prediction: Prediction, number: int) -> Picture:
        inputs, settings = prediction.input, self._world.settings
        width, height = size_of(inputs)
        quality = inputs.get("output_quality", _DEFAULT_QUALITY)
        return Picture(
            prompt=prediction.prompt,
            seed=prediction.seed + number,
            width=width,
            height=height,
            kind=str(inputs.get("output_format", "webp")),
            quality=quality if isinstance(quality, int) else _DEFAULT_QUALITY,
            draft=settings.pictures == "draft",
            credentials=prediction.credentials,
        )

    def _forget_the_oldest(self) -> None:
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
