"""Moderation that judges by lists of words and by the colours of pictures.

Shape of requests and results: the ``moderation*`` types of openai-python 3.52. Which
categories look at pictures: OpenAI's moderation guide.
"""

import base64
import binascii
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from PIL import Image, UnidentifiedImageError

from tests.stack.providers.dice import Dice
from tests.stack.providers.openai.unsafe_words import BORDERLINE, CHILDREN, LISTS
from tests.stack.providers.words import contains

CATEGORIES = (
    "harassment",
    "harassment/threatening",
    "hate",
    "hate/threatening",
    "illicit",
    "illicit/violent",
    "self-harm",
    "self-harm/instructions",
    "self-harm/intent",
    "sexual",
    "sexual/minors",
    "violence",
    "violence/graphic",
)
LOOKED_AT = frozenset(
    {
        "self-harm",
        "self-harm/instructions",
        "self-harm/intent",
        "sexual",
        "violence",
        "violence/graphic",
    }
)
FLAGGED_FROM = 0.5
REVIEW = 0.15
_NOISE = (1e-6, 9e-5)
_UNSAFE_TEXT = (0.86, 0.99)
_LOOK = (32, 32)
_DOMINANT = 0.5

type Colour = tuple[int, int, int]

_SIGNALS: dict[Colour, tuple[str, float]] = {
    (255, 0, 255): ("sexual", 0.95),
    (255, 0, 0): ("violence", 0.6),
    (0, 255, 255): ("sexual", REVIEW),
}
_NEAR = 48  # what a downscale and a JPEG leave of a pure colour is within this


@dataclass(frozen=True)
class Matter:
    """What is judged together: texts, and at most one picture."""

    texts: Sequence[str] = ()
    picture: bytes | None = None
    kinds: Sequence[str] = field(default=("text",))


class UnreadablePictureError(ValueError):
    """A data URL holds no picture."""


def judge(matter: Matter, at_least: Mapping[str, float]) -> dict[str, object]:
    """Return one moderation result; scores are raised to ``at_least``."""
    text = "\n".join(matter.texts)
    scores = {category: _text_score(category, text) for category in CATEGORIES}
    if matter.picture is not None:
        for category, score in _picture_scores(matter.picture).items():
            scores[category] = max(scores[category], score)
    scores |= at_least
    flags = {category: score >= FLAGGED_FROM for category, score in scores.items()}
    return {
        "flagged": any(flags.values()),
        "categories": flags,
        "category_scores": scores,
        "category_applied_input_types": {
            category: [k for k in matter.kinds if k == "text" or category in LOOKED_AT]
            for category in CATEGORIES
        },
    }


def picture_in(url: str) -> bytes:
    """Return the bytes of a data URL.

    Raises:
        UnreadablePictureError: It is no data URL, or holds no picture.
    """
    head, _, data = url.partition(",")
    if not head.startswith("data:image/") or not head.endswith(";base64"):
        raise UnreadablePictureError(head[:40])
    try:
        content = base64.b64decode(data, validate=True)
        with Image.open(io.BytesIO(content)) as image:
            image.verify()
    except (binascii.Error, UnidentifiedImageError, OSError, SyntaxError) as error:
        raise UnreadablePictureError(head) from error
    return content


def _text_score(category: str, text: str) -> float:
    dice = Dice("moderation", category, text)
    if any(contains(text, word) for word in LISTS[category]):
        return round(dice.between(*_UNSAFE_TEXT), 6)
    if category == "sexual/minors" and _sexualises_children(text):
        return round(dice.between(*_UNSAFE_TEXT), 6)
    if category == "sexual" and any(contains(text, word) for word in BORDERLINE):
        return REVIEW
    return dice.between(*_NOISE)


def _sexualises_children(text: str) -> bool:
    children = any(contains(text, word) for word in CHILDREN)
    return children and any(contains(text, word) for word in LISTS["sexual"])


def _picture_scores(content: bytes) -> dict[str, float]:
    """Return what a picture's dominant colour says, over a hint of noise."""
    with Image.open(io.BytesIO(content)) as image:
        small = image.convert("RGB").resize(_LOOK, Image.Resampling.BOX)
    pixels = list(small.get_flattened_data())
    dice = Dice("picture", small.tobytes())
    scores = {category: dice.between(*_NOISE) for category in sorted(LOOKED_AT)}
    for colour, (category, score) in _SIGNALS.items():
        share = sum(_is_near(pixel, colour) for pixel in pixels) / len(pixels)
        if share >= _DOMINANT:
            scores[category] = score
    return scores


def _is_near(pixel: object, colour: Colour) -> bool:
    if not isinstance(pixel, tuple):
        return False
    return all(abs(a - b) <= _NEAR for a, b in zip(pixel, colour, strict=True))
