"""Hair: what falls behind the shoulders, and what frames the face.

The hair in front is two curtains that meet at the parting. A curtain is the space
between two courses from the parting to the tip; its strands lie between them.
"""

from collections.abc import Sequence

from tests.stack.providers.dice import Dice
from tests.stack.providers.painting.canvas import Point, around, smooth
from tests.stack.providers.painting.colours import (
    Colour,
    brightness,
    darker,
    lighter,
    mix,
    turned,
)
from tests.stack.providers.painting.frame import Frame, Shade, mirrored
from tests.stack.providers.painting.persona import Persona

type Curtain = tuple[Sequence[Point], Sequence[Point]]

_CAP = [(0.0, -0.61), (0.23, -0.555), (0.37, -0.38), (0.42, -0.14), (0.41, 0.1)]
_FALLS: dict[str, list[Point]] = {
    "long": [(0.47, 0.4), (0.54, 0.9), (0.58, 1.4), (0.3, 1.55)],
    "waves": [
        (0.52, 0.3),
        (0.48, 0.6),
        (0.63, 0.95),
        (0.58, 1.25),
        (0.64, 1.5),
        (0.3, 1.6),
    ],
    "bob": [(0.48, 0.25), (0.5, 0.48), (0.42, 0.64), (0.2, 0.62)],
    "bun": [(0.3, 0.3), (0.15, 0.4)],
    "tail": [(0.3, 0.25), (0.15, 0.3)],
    "crop": [(0.35, 0.2), (0.15, 0.3)],
    "curls": [(0.35, 0.2), (0.15, 0.3)],
}
_HIGH: Curtain = (
    [(0.1, -0.61), (0.25, -0.545), (0.375, -0.38), (0.42, -0.16), (0.395, 0.07)],
    [(0.08, -0.425), (0.18, -0.39), (0.285, -0.26), (0.335, -0.09), (0.356, 0.07)],
)
_CURTAINS: dict[str, Curtain] = {
    "long": (
        [
            (0.25, -0.56),
            (0.395, -0.38),
            (0.447, -0.1),
            (0.47, 0.3),
            (0.5, 0.75),
            (0.53, 1.15),
            (0.46, 1.45),
        ],
        [
            (0.15, -0.34),
            (0.265, -0.21),
            (0.328, 0.0),
            (0.35, 0.3),
            (0.37, 0.7),
            (0.4, 1.1),
            (0.46, 1.45),
        ],
    ),
    "waves": (
        [
            (0.25, -0.565),
            (0.4, -0.38),
            (0.455, -0.1),
            (0.51, 0.22),
            (0.46, 0.52),
            (0.58, 0.86),
            (0.53, 1.16),
            (0.58, 1.5),
        ],
        [
            (0.15, -0.33),
            (0.26, -0.2),
            (0.325, 0.0),
            (0.36, 0.26),
            (0.335, 0.55),
            (0.42, 0.88),
            (0.39, 1.15),
            (0.58, 1.5),
        ],
    ),
    "bob": (
        [
            (0.25, -0.56),
            (0.395, -0.38),
            (0.455, -0.1),
            (0.495, 0.2),
            (0.5, 0.42),
            (0.385, 0.62),
        ],
        [
            (0.15, -0.35),
            (0.26, -0.22),
            (0.325, -0.02),
            (0.345, 0.2),
            (0.355, 0.42),
            (0.385, 0.62),
        ],
    ),
    "crop": (
        [(0.08, -0.675), (0.26, -0.61), (0.385, -0.42), (0.415, -0.16), (0.39, 0.04)],
        [(0.06, -0.37), (0.2, -0.35), (0.285, -0.28), (0.328, -0.1), (0.356, 0.04)],
    ),
    "curls": (
        [(0.25, -0.58), (0.4, -0.42), (0.45, -0.2), (0.43, 0.05)],
        [(0.16, -0.38), (0.27, -0.26), (0.33, -0.1), (0.36, 0.05)],
    ),
}
_BETWEEN = (0.18, 0.36, 0.54, 0.72, 0.88)


class Hair:
    """One head of hair."""

    def __init__(self, frame: Frame, persona: Persona, side: float) -> None:
        self._frame = frame
        self._side = side
        self._style = persona.style
        self._tone = persona.hair
        self._deep = turned(darker(persona.hair, 0.36), 0, 0.05)
        share = 0.14 if brightness(persona.hair) < 0.3 else 0.24
        self._shine = lighter(persona.hair, share)
        self._parting = (-0.11 if persona.style != "tail" else 0.0) * side

    def paint_behind(self) -> None:
        """Paint what lies behind neck and shoulders."""
        if self._style == "curls":
            self._curls(0.63, 40, self._deep)
        if self._style == "bun":
            self._bun()
        if self._style == "tail":
            self._tail()
        fall = smooth(mirrored([*_CAP, *_FALLS[self._style]]))
        self._frame.tint(self._frame.head(fall), self._deep, darker(self._deep, 0.12))

    def paint_before(self, face: Sequence[Point]) -> None:
        """Paint what frames the face, and the shadow it casts on the brow."""
        curtains = [self._curtain(side) for side in (-1.0, 1.0)]
        shadow = Shade(darker((140, 70, 60), 0.25), 0.36, 0.022)
        for outer, inner in curtains:
            cast = [(x * 0.97, y + 0.05) for x, y in [*outer, *reversed(inner)]]
            self._frame.shade(face, self._frame.head(cast), shadow)
        for outer, inner in curtains:
            shape = self._frame.head([*outer, *reversed(inner)])
            self._frame.tint(shape, lighter(self._tone, 0.05), self._tone)
            self._sheen(shape)
            self._strands(outer, inner)
        if self._style == "curls":
            self._curls(0.5, 26, self._tone)

    def _curtain(self, side: float) -> Curtain:
        outer, inner = _CURTAINS.get(self._style, _HIGH)
        lift = 0.04 if self._style == "crop" else 0.0
        return (
            self._course([(self._parting, -0.615 - lift)], outer, side),
            self._course([(self._parting, -0.425 + lift)], inner, side),
        )

    def _course(
        self, start: Sequence[Point], half: Sequence[Point], side: float
    ) -> list[Point]:
        return smooth([*start, *((side * x, y) for x, y in half)], closed=False)

    def _sheen(self, shape: Sequence[Point]) -> None:
        """Lay a band of light over the crown, brighter where the light comes from."""
        x = 0.16 * self._side
        band = around((x, -0.36), (0.27, 0.075))
        shine = Shade(self._shine, 0.55, 0.04)
        self._frame.shade(shape, self._frame.head(band), shine)

    def _strands(self, outer: Sequence[Point], inner: Sequence[Point]) -> None:
        for number, share in enumerate(_BETWEEN):
            course = [
                (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share)
                for a, b in zip(outer, inner, strict=True)
            ]
            colour = mix(self._tone, self._deep, 0.55) if number % 2 else self._shine
            first = 2 + number
            self._frame.stroke(self._frame.head(course[first:-1]), colour, 0.007)

    def _bun(self) -> None:
        x = 0.03 * self._side
        bun = self._frame.head(smooth(around((x, -0.69), (0.19, 0.165), 9)))
        self._frame.tint(bun, lighter(self._tone, 0.06), self._deep)
        for height in (-0.78, -0.7, -0.62):
            curl = [
                (x - 0.13, height + 0.04),
                (x, height - 0.03),
                (x + 0.13, height + 0.03),
            ]
            pixels = self._frame.head(smooth(curl, closed=False))
            self._frame.stroke(pixels, self._shine, 0.008)

    def _tail(self) -> None:
        side = -self._side
        outer = [
            (0.15, -0.58),
            (0.48, -0.56),
            (0.68, -0.18),
            (0.66, 0.4),
            (0.76, 0.95),
            (0.6, 1.3),
        ]
        inner = [
            (0.15, -0.3),
            (0.36, -0.34),
            (0.47, -0.05),
            (0.44, 0.42),
            (0.5, 0.9),
            (0.6, 1.3),
        ]
        courses = [self._course([], half, side) for half in (outer, inner)]
        shape = self._frame.head([*courses[0], *reversed(courses[1])])
        self._frame.tint(shape, self._tone, self._deep)
        self._strands(courses[0], courses[1])

    def _curls(self, radius: float, count: int, colour: Colour) -> None:
        """Paint a crown of round curls, the same for the same head."""
        dice = Dice("curls", self._tone, radius)
        for x, y in around((0.0, -0.14), (radius * 0.84, radius * 0.94), count):
            if y > radius * 0.45:
                continue
            bent = (x + dice.between(-0.03, 0.03), y + dice.between(-0.03, 0.03))
            size = dice.between(0.085, 0.135)
            (centre,) = self._frame.head([bent])
            self._frame.dot(centre, size, colour)
            arc = around((bent[0], bent[1]), (size * 0.62, size * 0.62), 20)[11:17]
            glint = mix(colour, self._shine, 0.55)
            self._frame.stroke(self._frame.head(arc), glint, 0.014)
