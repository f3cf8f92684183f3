"""The pictures the image models make: drawn, worth a look, and the same each time.

A prompt that contains ``unsafe-picture``, ``violent-picture`` or ``borderline-picture``
gets a picture in the one colour that the moderation stand-in knows it by, so that what
a model may come up with for a harmless prompt can be played through.
"""

import io
from dataclasses import dataclass

from PIL import Image

from tests.stack.providers.credentials import with_credentials
from tests.stack.providers.painting.canvas import Canvas, around
from tests.stack.providers.painting.colours import Colour, mix
from tests.stack.providers.painting.composition import compose, grained
from tests.stack.providers.words import contains

SIGNALS: dict[str, Colour] = {
    "unsafe-picture": (255, 0, 255),
    "violent-picture": (255, 0, 0),
    "borderline-picture": (0, 255, 255),
}
_DRAFT = 4


@dataclass(frozen=True)
class Picture:
    """What a picture follows from."""

    prompt: str
    seed: int
    width: int = 1024
    height: int = 1024
    kind: str = "png"
    quality: int = 80
    draft: bool = False
    credentials: bool = False


def draw(picture: Picture) -> bytes:
    """Return the file: equal bytes for equal pictures, and no word of the prompt."""
    content = _encoded(_drawn(picture), picture)
    return with_credentials(content, picture.kind) if picture.credentials else content


def _drawn(picture: Picture) -> Image.Image:
    for words, colour in SIGNALS.items():
        if contains(picture.prompt, words):
            return _signal(picture, colour)
    if picture.draft:
        size = (picture.width, picture.height)
        canvas = Canvas(max(size[0] // _DRAFT, 1), max(size[1] // _DRAFT, 1), fine=1)
        compose(picture.prompt, picture.seed, canvas)
        return canvas.finished().resize(size, Image.Resampling.NEAREST)
    canvas = Canvas(picture.width, picture.height)
    compose(picture.prompt, picture.seed, canvas)
    return grained(canvas.finished(), picture.seed)


def _signal(picture: Picture, colour: Colour) -> Image.Image:
    """Return a plain sheet with a shadow of somebody, small enough not to matter."""
    canvas = Canvas(picture.width, picture.height)
    canvas.gradient([(0.0, colour), (1.0, colour)])
    shadow = mix(colour, (0, 0, 0), 0.45)
    canvas.disc((0.5, 0.45), 0.11, shadow)
    canvas.area([p for p in around((0.5, 0.84), (0.24, 0.24)) if p[1] < 1.0], shadow)
    return canvas.finished()


def _encoded(image: Image.Image, picture: Picture) -> bytes:
    """Return the image as a file without any metadata."""
    file = io.BytesIO()
    match picture.kind:
        case "jpg":
            image.save(file, "JPEG", quality=picture.quality)
        case "webp":
            effort = 0 if picture.draft else 2
            image.save(file, "WEBP", quality=picture.quality, method=effort)
        case _:
            image.save(file, "PNG", compress_level=1 if picture.draft else 4)
    return file.getvalue()
