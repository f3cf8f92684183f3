"""The frame a figure is drawn in: head heights around the face, tilted and turned.

The middle of the head is (0, 0), its chin (0, 0.49); x runs to the right, y down.
Whatever is drawn also falls on the silhouette, for the light on its edges.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from tests.stack.providers.painting.canvas import Canvas, Point, spread
from tests.stack.providers.painting.colours import Colour

_NECK: Point = (0.0, 0.55)
_COARSE = 4


@dataclass(frozen=True)
class Pose:
    """How somebody is placed."""

    at: Point
    """Where the middle of the head is, in parts of the picture."""
    size: float
    """The height of the head in parts of the shorter side."""
    tilt: float = 0.0
    """How far the head leans, in radians."""
    turn: float = 0.0
    """How far the features move to a side, from -1 to 1."""
    lean: float = 0.0
    """How far one shoulder is lower than the other."""


@dataclass(frozen=True)
class Shade:
    """A soft change of colour within a part."""

    colour: Colour
    share: float
    softness: float
    """In head heights."""


class Frame:
    """A canvas as the figure's parts see it."""

    def __init__(self, canvas: Canvas, pose: Pose) -> None:
        self.pose = pose
        self._canvas = canvas
        self._origin = canvas.px(pose.at)
        self._scale = pose.size * canvas.unit
        self._pen = ImageDraw.Draw(canvas.image)
        self.silhouette = Image.new("L", canvas.image.size)
        self._shadow_pen = ImageDraw.Draw(self.silhouette)

    def body(self, points: Iterable[Point]) -> list[Point]:
        """Return pixels of places on the body."""
        lean = self.pose.lean
        return [self._pixel((x, y + lean * x)) for x, y in points]

    def head(self, points: Iterable[Point]) -> list[Point]:
        """Return pixels of places on the head, which leans about the neck."""
        sine, cosine = math.sin(self.pose.tilt), math.cos(self.pose.tilt)
        pixels = []
        for x, y in points:
            dx, dy = x - _NECK[0], y - _NECK[1]
            turned = (dx * cosine - dy * sine, dx * sine + dy * cosine)
            pixels.append(self._pixel((turned[0] + _NECK[0], turned[1] + _NECK[1])))
        return pixels

    def features(self, points: Iterable[Point]) -> list[Point]:
        """Return pixels of places on the face, moved as the head turns."""
        shift = 0.055 * self.pose.turn
        return self.head((x + shift * (1 - abs(x)), y) for x, y in points)

    def fill(self, pixels: Sequence[Point], colour: Colour) -> None:
        """Cover a part."""
        self._pen.polygon(pixels, fill=colour)
        self._shadow_pen.polygon(pixels, fill=255)

    def tint(self, pixels: Sequence[Point], top: Colour, bottom: Colour) -> None:
        """Cover a part with one colour running into another downwards."""
        box = _box(pixels, self._canvas.image.size)
        if box is None:
            return
        mask = _mask(pixels, box, 1)
        strip = spread([(0.0, top), (1.0, bottom)], mask.size)
        self._canvas.image.paste(strip, box[:2], mask)
        self._shadow_pen.polygon(pixels, fill=255)

    def stroke(self, pixels: Sequence[Point], colour: Colour, width: float) -> None:
        """Draw a line with round ends."""
        wide = max(1, round(width * self._scale))
        self._pen.line(pixels, fill=colour, width=wide, joint="curve")
        for x, y in (pixels[0], pixels[-1]):
            r = wide / 2 - 0.5
            self._pen.ellipse((x - r, y - r, x + r, y + r), fill=colour)

    def dot(self, pixel: Point, radius: float, colour: Colour) -> None:
        """Cover a small circle."""
        (x, y), r = pixel, radius * self._scale
        self._pen.ellipse((x - r, y - r, x + r, y + r), fill=colour)
        self._shadow_pen.ellipse((x - r, y - r, x + r, y + r), fill=255)

    def shade(
        self, within: Sequence[Point], pixels: Sequence[Point], shade: Shade
    ) -> None:
        """Tint a place softly, as far as it lies within a part."""
        box = _box(within, self._canvas.image.size)
        if box is None:
            return
        soft = _mask(pixels, box, _COARSE)
        blur = ImageFilter.GaussianBlur(shade.softness * self._scale / _COARSE)
        soft = soft.filter(blur).point(lambda v: round(v * shade.share))
        clip = _mask(within, box, 1)
        mask = ImageChops.multiply(
            soft.resize(clip.size, Image.Resampling.BILINEAR), clip
        )
        self._canvas.image.paste(shade.colour, box, mask)

    def edge_light(self, colour: Colour, side: float, strength: float) -> None:
        """Light the silhouette's edge from a side."""
        small = self.silhouette.reduce(_COARSE)
        shift = max(1, round(0.035 * self._scale / _COARSE))
        moved = ImageChops.offset(small, round(-side * shift), shift)
        edge = ImageChops.subtract(small, moved)
        edge = edge.filter(ImageFilter.GaussianBlur(0.012 * self._scale / _COARSE))
        edge = edge.resize(self.silhouette.size, Image.Resampling.BILINEAR)
        edge = ImageChops.multiply(edge, self.silhouette)
        self._canvas.image.paste(
            colour, (0, 0), edge.point(lambda v: round(v * strength))
        )

    def lean_towards(self, colour: Colour, share: float) -> None:
        """Let the whole figure take on some of the surrounding light."""
        mask = self.silhouette.point(lambda v: round(v * share))
        self._canvas.image.paste(colour, (0, 0), mask)

    def _pixel(self, point: Point) -> Point:
        return (
            self._origin[0] + point[0] * self._scale,
            self._origin[1] + point[1] * self._scale,
        )


def mirrored(points: Sequence[Point]) -> list[Point]:
    """Return a course down the right side, carried on up the left."""
    return [*points, *((-x, y) for x, y in reversed(points) if x != 0)]


def _box(
    pixels: Sequence[Point], size: tuple[int, int]
) -> tuple[int, int, int, int] | None:
    left = max(0, math.floor(min(x for x, _ in pixels)))
    top = max(0, math.floor(min(y for _, y in pixels)))
    right = min(size[0], math.ceil(max(x for x, _ in pixels)))
    bottom = min(size[1], math.ceil(max(y for _, y in pixels)))
    return (left, top, right, bottom) if right > left and bottom > top else None


def _mask(
    pixels: Sequence[Point], box: tuple[int, int, int, int], coarse: int
) -> Image.Image:
    width = max(1, (box[2] - box[0]) // coarse)
    height = max(1, (box[3] - box[1]) // coarse)
    mask = Image.new("L", (width, height))
    moved = [((x - box[0]) / coarse, (y - box[1]) / coarse) for x, y in pixels]
    ImageDraw.Draw(mask).polygon(moved, fill=255)
    return mask
