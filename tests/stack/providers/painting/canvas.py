"""A canvas twice the size of its picture, so that edges come out smooth.

Places are given in parts of the width and height, sizes in parts of the shorter side:
the same scene fits a square and a tall story.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from tests.stack.providers.painting.colours import Colour, mix

type Point = tuple[float, float]
type Stops = Sequence[tuple[float, Colour]]

FINE = 2
_STRIP = 256
_SOFT = 8
_QUICK = Image.Resampling.BILINEAR


@dataclass(frozen=True)
class Glow:
    """Light around a place, fading outwards."""

    at: Point
    radius: float
    colour: Colour
    strength: float = 1.0


class Canvas:
    """What is painted on."""

    def __init__(self, width: int, height: int, *, fine: int = FINE) -> None:
        self.width = width * fine
        self.height = height * fine
        self.unit = min(self.width, self.height)
        self.image = Image.new("RGB", (self.width, self.height))
        self._pen = ImageDraw.Draw(self.image)
        self._fine = fine

    @property
    def tall(self) -> float:
        """How many times as high as wide it is."""
        return self.height / self.width

    def px(self, point: Point) -> Point:
        """Return where a place is in pixels."""
        return point[0] * self.width, point[1] * self.height

    def finished(self) -> Image.Image:
        """Return the picture at its own size."""
        if self._fine == 1:
            return self.image
        return self.image.reduce(self._fine)

    # What covers

    def gradient(self, stops: Stops, top: float = 0.0, bottom: float = 1.0) -> None:
        """Cover a band with colours that run into each other downwards."""
        first, last = round(top * self.height), round(bottom * self.height)
        strip = spread(stops, (self.width, max(last - first, 1)))
        self.image.paste(strip, (0, first))

    def area(self, points: Iterable[Point], colour: Colour) -> None:
        """Cover the area within the places."""
        self._pen.polygon([self.px(point) for point in points], fill=colour)

    def tinted_area(self, points: Iterable[Point], stops: Stops) -> None:
        """Cover the area within the places with colours running downwards."""
        corners = [self.px(point) for point in points]
        left, top = (max(0, math.floor(min(c[i] for c in corners))) for i in (0, 1))
        right = min(self.width, math.ceil(max(c[0] for c in corners)))
        bottom = min(self.height, math.ceil(max(c[1] for c in corners)))
        if right <= left or bottom <= top:
            return
        mask = Image.new("L", (right - left, bottom - top))
        moved = [(x - left, y - top) for x, y in corners]
        ImageDraw.Draw(mask).polygon(moved, fill=255)
        self.image.paste(spread(stops, mask.size), (left, top), mask)

    def disc(self, centre: Point, radius: float, colour: Colour) -> None:
        """Cover a circle."""
        self.oval(centre, (radius, radius), colour)

    def oval(self, centre: Point, radii: Point, colour: Colour) -> None:
        """Cover an upright oval."""
        (x, y), (rx, ry) = self.px(centre), radii
        rx, ry = rx * self.unit, ry * self.unit
        self._pen.ellipse((x - rx, y - ry, x + rx, y + ry), fill=colour)

    def box(self, corner: Point, opposite: Point, colour: Colour) -> None:
        """Cover a rectangle."""
        self._pen.rectangle([*self.px(corner), *self.px(opposite)], fill=colour)

    def line(self, points: Iterable[Point], colour: Colour, width: float) -> None:
        """Draw a line with round corners."""
        pixels = [self.px(point) for point in points]
        wide = max(1, round(width * self.unit))
        self._pen.line(pixels, fill=colour, width=wide, joint="curve")

    # What lets through

    def veil(self, points: Iterable[Point], colour: Colour, share: float) -> None:
        """Tint the area within the places."""
        mask = Image.new("L", (self.width // 2, self.height // 2))
        half = [(x / 2, y / 2) for x, y in map(self.px, points)]
        ImageDraw.Draw(mask).polygon(half, fill=round(255 * share))
        self.image.paste(colour, (0, 0), mask.resize(self.image.size, _QUICK))

    def shade(self, points: Iterable[Point], colour: Colour, softness: float) -> None:
        """Tint the area within the places, with edges that fade."""
        size = (self.width // _SOFT, self.height // _SOFT)
        mask = Image.new("L", size)
        small = [(x / _SOFT, y / _SOFT) for x, y in map(self.px, points)]
        ImageDraw.Draw(mask).polygon(small, fill=150)
        blur = ImageFilter.GaussianBlur(softness * self.unit / _SOFT)
        mask = mask.filter(blur).resize(self.image.size, _QUICK)
        self.image.paste(colour, (0, 0), mask)

    def glow(self, glow: Glow) -> None:
        """Add light around a place."""
        x, y = self.px(glow.at)
        radius = glow.radius * self.unit
        box = (
            round(x - radius),
            round(y - radius),
            round(x + radius),
            round(y + radius),
        )
        size = (box[2] - box[0], box[3] - box[1])
        if min(size) < 1:
            return
        light = _falloff(glow.colour, glow.strength).resize(size, _QUICK)
        lit = ImageChops.screen(self.image.crop(box), light)
        self.image.paste(lit, box[:2])

    def wash(self, stops: Stops, share: float) -> None:
        """Tint everything with colours that run downwards."""
        strip = spread(stops, self.image.size)
        self.image.paste(Image.blend(self.image, strip, share))


def spread(stops: Stops, size: tuple[int, int]) -> Image.Image:
    """Return an image of colours that run into each other downwards."""
    strip = ramp(stops).resize((1, size[1]), _QUICK)
    return strip.resize(size, Image.Resampling.NEAREST)


def ramp(stops: Stops) -> Image.Image:
    """Return a strip of colours that run into each other downwards."""
    strip = Image.new("RGB", (1, _STRIP))
    strip.putdata([_between(stops, row / (_STRIP - 1)) for row in range(_STRIP)])
    return strip


def smooth(
    points: Sequence[Point], *, closed: bool = True, steps: int = 10
) -> list[Point]:
    """Return a rounded course through the places (Catmull-Rom)."""
    count = len(points)
    last = count if closed else count - 1
    course: list[Point] = []
    for index in range(last):
        around = [
            _neighbour(points, index + step, closed=closed) for step in (-1, 0, 1, 2)
        ]
        course += [_on_spline(around, step / steps) for step in range(steps)]
    return course if closed else [*course, points[-1]]


def around(centre: Point, radii: Point, count: int = 24) -> list[Point]:
    """Return places on an oval, for those who bend it."""
    turns = (2 * math.pi * index / count for index in range(count))
    return [
        (centre[0] + radii[0] * math.cos(turn), centre[1] + radii[1] * math.sin(turn))
        for turn in turns
    ]


def _neighbour(points: Sequence[Point], index: int, *, closed: bool) -> Point:
    if closed:
        return points[index % len(points)]
    return points[min(max(index, 0), len(points) - 1)]


def _on_spline(p: Sequence[Point], t: float) -> Point:
    def along(axis: int) -> float:
        a, b, c, d = (point[axis] for point in p)
        return 0.5 * (
            2 * b
            + (c - a) * t
            + (2 * a - 5 * b + 4 * c - d) * t * t
            + (3 * b - a - 3 * c + d) * t**3
        )

    return along(0), along(1)


def _between(stops: Stops, place: float) -> Colour:
    for (low, first), (high, second) in pairwise(stops):
        if place <= high:
            return mix(first, second, (place - low) / (high - low) if high > low else 1)
    return stops[-1][1]


def _falloff(colour: Colour, strength: float) -> Image.Image:
    """Return a small picture of light that fades from its middle."""
    rings = Image.radial_gradient("L")
    level = rings.point(lambda v: round(max(0.0, 1 - v / 181) ** 2 * 255 * strength))
    parts = [level.point(lambda v, part=part: v * part // 255) for part in colour]
    return Image.merge("RGB", parts)
