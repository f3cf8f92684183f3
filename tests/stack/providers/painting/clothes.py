"""Clothes: five garments in a persona's colours, cut for a half figure."""

from collections.abc import Callable, Sequence

from tests.stack.providers.painting.canvas import Point, smooth
from tests.stack.providers.painting.colours import Colour, darker, lighter, mix, turned
from tests.stack.providers.painting.frame import Frame, Shade, mirrored
from tests.stack.providers.painting.persona import Persona

_DEEP = 4.0
_SHOULDER = [(0.56, 0.79), (0.8, 0.9), (0.95, 1.12), (1.02, 1.7), (1.05, 2.5)]
_DOWN = [(1.06, _DEEP), (0.0, _DEEP)]
_NECK = [
    (0.125, 0.3),
    (0.128, 0.55),
    (0.16, 0.66),
    (0.26, 0.75),
    (0.2, 0.95),
    (0.0, 1.02),
]


class Wardrobe:
    """Paints neck, shoulders and what is worn over them."""

    def __init__(self, frame: Frame, persona: Persona, side: float) -> None:
        self._frame = frame
        self._who = persona
        self._side = side
        self._wide = 1.04 if persona.masculine else 0.84
        self._cloth = persona.clothes
        self._dim = turned(darker(persona.clothes, 0.26), 0, 0.04)

    def paint(self, garment: str) -> None:
        """Paint the neck, and the garment by its name."""
        garments: dict[str, Callable[[], None]] = {
            "tee": self._tee,
            "strap": self._strap,
            "shirt": self._shirt,
            "knit": self._knit,
            "jacket": self._jacket,
        }
        if garment in {"tee", "strap"}:
            self._skin_below()
        self._neck()
        garments[garment]()

    def _neck(self) -> None:
        skin = self._who.skin
        strong = 1.22 if self._who.masculine else 1.0
        half = [(x * strong, y) for x, y in [(0.0, 0.28), *_NECK]]
        neck = self._frame.body(smooth(mirrored(half)))
        self._frame.tint(neck, darker(skin, 0.14), skin)
        chin = [(-0.3, 0.3), (0.3, 0.3), (0.17, 0.6), (0.0, 0.66), (-0.17, 0.6)]
        shadow = turned(darker(skin, 0.32), -8, 0.12)
        self._frame.shade(neck, self._frame.head(chin), Shade(shadow, 0.75, 0.03))

    def _skin_below(self) -> None:
        outline = self._cut([(0.0, 0.72), (0.22, 0.72), *_SHOULDER, *_DOWN])
        self._frame.fill(outline, self._who.skin)
        self._arms(turned(darker(self._who.skin, 0.3), -8, 0.1), outline)
        bones = turned(darker(self._who.skin, 0.22), -8, 0.1)
        for side in (-1, 1):
            bone = [(side * 0.07, 0.9), (side * 0.16, 0.87), (side * 0.3, 0.86)]
            self._frame.stroke(self._body(smooth(bone, closed=False)), bones, 0.012)

    def _tee(self) -> None:
        sleeve = [(0.25, 0.7), *_SHOULDER[:3], (1.02, 1.5), (0.66, 1.6), (0.64, 1.45)]
        cut = self._cut([(0.0, 0.93), (0.16, 0.87), *sleeve, (0.56, 2.2), (0.6, _DEEP)])
        self._cover(cut)
        collar = smooth([(0.225, 0.735), (0.16, 0.87), (0.0, 0.93)], closed=False)
        self._seam([*collar, *[(-x, y) for x, y in reversed(collar)]], 0.03)

    def _strap(self) -> None:
        cut = self._cut(
            [
                (0.0, 1.08),
                (0.2, 1.04),
                (0.32, 0.95),
                (0.35, 0.755),
                (0.45, 0.765),
                (0.5, 1.05),
                (0.63, 1.42),
                (0.55, 2.2),
                (0.62, _DEEP),
            ]
        )
        self._cover(cut)
        hem = smooth(
            [(0.35, 0.77), (0.32, 0.95), (0.2, 1.04), (0.0, 1.08)], closed=False
        )
        self._seam([*hem, *[(-x, y) for x, y in reversed(hem)]], 0.016)

    def _shirt(self) -> None:
        opening = self._body([(-0.2, 0.7), (0.2, 0.7), (0.03, 1.24), (-0.03, 1.24)])
        self._frame.fill(opening, self._who.skin)
        outline = self._cut([(0.0, 1.2), (0.2, 0.72), *_SHOULDER, *_DOWN])
        self._cover(outline)
        self._arms(self._dim, outline)
        for side in (-1, 1):
            flap = [(side * 0.17, 0.62), (side * 0.27, 0.7), (side * 0.34, 0.95)]
            flap += [(side * 0.17, 1.08), (side * 0.03, 1.2)]
            self._frame.fill(self._body(flap), lighter(self._cloth, 0.14))
            self._seam([flap[2], flap[3], flap[4]], 0.01)
        self._seam([(0.0, 1.2), (0.0, _DEEP)], 0.012)
        for row in range(4):
            (button,) = self._body([(0.035, 1.4 + 0.36 * row)])
            self._frame.dot(button, 0.022, self._who.accent)

    def _knit(self) -> None:
        outline = self._cut([(0.0, 0.78), (0.2, 0.7), *_SHOULDER, *_DOWN])
        self._cover(outline)
        self._arms(self._dim, outline)
        roll = mirrored(
            [(0.0, 0.6), (0.19, 0.53), (0.215, 0.66), (0.2, 0.78), (0.0, 0.86)]
        )
        self._frame.tint(
            self._body(smooth(roll)), lighter(self._cloth, 0.12), self._cloth
        )
        for x in (-0.14, -0.07, 0.0, 0.07, 0.14):
            self._seam([(x, 0.6), (x * 1.05, 0.83)], 0.008)

    def _jacket(self) -> None:
        half = [(0.0, 0.96), (0.1, 0.9), (0.2, 0.72), (0.45, 0.8), (0.45, _DEEP)]
        under = mix(self._who.accent, (255, 250, 240), 0.55)
        self._frame.fill(self._body(mirrored(half)), under)
        for side in (-1, 1):
            edge = smooth(self._widened([(0.2, 0.7), *_SHOULDER]), closed=False)
            half = [*edge, (1.06, _DEEP), (0.14, _DEEP), (0.2, 2.0), (0.3, 1.2)]
            front = self._body([(side * x, y) for x, y in half])
            self._frame.tint(front, lighter(self._cloth, 0.05), self._dim)
            lapel = [(0.19, 0.66), (0.34, 0.75), (0.5, 1.1), (0.4, 1.16), (0.43, 1.26)]
            lapel += [(0.2, 2.0), (0.27, 1.2)]
            shape = self._body([(side * x, y) for x, y in lapel])
            self._frame.fill(shape, lighter(self._cloth, 0.12))
        self._arms(darker(self._dim, 0.2), self._cut([(0.2, 0.7), *_SHOULDER, *_DOWN]))

    def _cover(self, outline: Sequence[Point]) -> None:
        """Cover a part with cloth, darker below and away from the light."""
        self._frame.tint(outline, lighter(self._cloth, 0.06), self._dim)
        far = [(-0.15 * self._side, 0.6), (-1.4 * self._side, 0.6)]
        far += [(-1.4 * self._side, _DEEP), (-0.35 * self._side, _DEEP)]
        self._frame.shade(outline, self._frame.body(far), Shade(self._dim, 0.5, 0.12))

    def _arms(self, colour: Colour, within: Sequence[Point]) -> None:
        """Set the arms off from the body."""
        for side in (-1, 1):
            fold = [(0.68, 1.36), (0.63, 1.7), (0.6, 2.3), (0.63, _DEEP)]
            course = smooth(
                [(side * x, y) for x, y in self._widened(fold)], closed=False
            )
            pixels = self._frame.body(course)
            broad = [
                *pixels,
                *self._frame.body((x - side * 0.1, y) for x, y in reversed(course)),
            ]
            self._frame.shade(within, broad, Shade(colour, 0.6, 0.03))
            self._frame.stroke(pixels, colour, 0.012)

    def _seam(self, points: Sequence[Point], width: float) -> None:
        self._frame.stroke(self._body(points), self._dim, width)

    def _cut(self, half: Sequence[Point]) -> list[Point]:
        return self._body(smooth(mirrored(self._widened(half)), steps=8))

    def _widened(self, points: Sequence[Point]) -> list[Point]:
        """Fit shoulders and all below to the persona's build."""
        return [(x * self._wide if x > 0.4 else x, y) for x, y in points]

    def _body(self, points: Sequence[Point]) -> list[Point]:
        return self._frame.body(points)
