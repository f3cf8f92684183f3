"""Faces: a few calm shapes, lit from one side."""

from tests.stack.providers.painting.canvas import Point, around, smooth
from tests.stack.providers.painting.colours import (
    Colour,
    brightness,
    darker,
    hexed,
    lighter,
    mix,
    turned,
)
from tests.stack.providers.painting.frame import Frame, Shade, mirrored
from tests.stack.providers.painting.persona import Persona

_SOFT_JAW = [
    (0.0, -0.5),
    (0.19, -0.47),
    (0.315, -0.31),
    (0.352, -0.08),
    (0.335, 0.12),
    (0.272, 0.29),
    (0.165, 0.425),
    (0.062, 0.485),
    (0.0, 0.492),
]
_FIRM_JAW = [
    (0.0, -0.5),
    (0.2, -0.47),
    (0.325, -0.31),
    (0.36, -0.08),
    (0.352, 0.12),
    (0.318, 0.3),
    (0.215, 0.43),
    (0.085, 0.497),
    (0.0, 0.5),
]
_LASH = hexed("2a1a22")
_EYE_X = 0.15
_EYE_Y = -0.005


class Face:
    """One face, from skin to lashes."""

    def __init__(self, frame: Frame, persona: Persona, side: float) -> None:
        self._frame = frame
        self._who = persona
        self._side = side
        jaw = _FIRM_JAW if persona.masculine else _SOFT_JAW
        self.outline = frame.head(smooth(mirrored(jaw)))

    def paint_skin(self) -> None:
        """Paint ears, head and the shadows on them."""
        frame, skin = self._frame, self._who.skin
        for side in (-1, 1):
            ear = frame.head(around((side * 0.352, 0.035), (0.048, 0.085)))
            frame.fill(ear, mix(skin, self._shadow(), 0.35))
        frame.tint(self.outline, lighter(skin, 0.05), skin)
        dark = frame.head(
            smooth(
                [
                    (-0.12 * self._side, -0.6),
                    (-0.7 * self._side, -0.4),
                    (-0.7 * self._side, 0.7),
                    (0.1 * self._side, 0.62),
                    (-0.17 * self._side, 0.2),
                ]
            )
        )
        frame.shade(self.outline, dark, Shade(self._shadow(), 0.42, 0.045))
        self._blush()

    def paint_features(self, smile: float) -> None:
        """Paint brows, eyes, nose and mouth."""
        for side in (-1.0, 1.0):
            self._brow(side)
            self._eye(side)
        self._nose()
        if self._who.beard:
            self._beard()
        self._mouth(smile)
        if self._who.freckles:
            self._freckles()
        if self._who.glasses:
            self._glasses()

    def _shadow(self) -> Colour:
        return turned(darker(self._who.skin, 0.26), -8, 0.12)

    def _blush(self) -> None:
        warm = turned(mix(self._who.skin, hexed("e0485a"), 0.45), 0, 0.05)
        for side in (-1, 1):
            cheek = self._frame.features(around((side * 0.2, 0.165), (0.075, 0.05)))
            self._frame.shade(self.outline, cheek, Shade(warm, 0.5, 0.035))

    def _brow(self, side: float) -> None:
        dark = brightness(self._who.hair) < 0.62
        colour = darker(self._who.hair, 0.25 if dark else 0.4)
        high = 0.012 if self._who.masculine else 0.0
        shape = [
            (0.068, -0.108 + high),
            (0.13, -0.138 + high),
            (0.2, -0.137 + high),
            (0.252, -0.1 + high),
            (0.2, -0.118 + high),
            (0.13, -0.113 + high),
            (0.07, -0.084 + high),
        ]
        brow = smooth([(side * x, y) for x, y in shape], steps=5)
        self._frame.fill(self._frame.features(brow), colour)

    def _eye(self, side: float) -> None:
        frame = self._frame

        def at(points: list[Point]) -> list[Point]:
            return frame.features(
                [(side * (_EYE_X + x), _EYE_Y + y) for x, y in points]
            )

        almond = [(-0.062, 0.012), (-0.03, -0.026), (0.02, -0.032), (0.066, -0.008)]
        almond += [(0.03, 0.022), (-0.02, 0.026)]
        frame.shade(
            self.outline,
            at(around((0.005, -0.03), (0.085, 0.045))),
            Shade(self._shadow(), 0.4, 0.02),
        )
        frame.fill(at(smooth(almond)), hexed("fbf6f1"))
        gaze = 0.012 * self._frame.pose.turn * side
        (centre,) = at([(gaze, -0.004)])
        frame.dot(centre, 0.0305, darker(self._who.eyes, 0.35))
        frame.dot(centre, 0.025, self._who.eyes)
        frame.dot(centre, 0.0135, hexed("17101a"))
        (spark,) = at([(gaze - 0.009 * side, -0.014)])
        frame.dot(spark, 0.0075, hexed("ffffff"))
        lid = smooth(
            [(-0.068, 0.014), (-0.03, -0.03), (0.02, -0.037), (0.072, -0.012)],
            closed=False,
        )
        frame.stroke(at(lid), _LASH, 0.017 if not self._who.masculine else 0.011)
        if not self._who.masculine:
            frame.stroke(at([(0.066, -0.012), (0.09, -0.03)]), _LASH, 0.011)
        crease = smooth(
            [(-0.05, -0.035), (-0.01, -0.058), (0.04, -0.054)], closed=False
        )
        frame.stroke(at(crease), self._shadow(), 0.007)

    def _nose(self) -> None:
        frame, side = self._frame, -self._side
        bridge = [(0.03 * side, -0.03), (0.042 * side, 0.06), (0.062 * side, 0.135)]
        bridge += [(0.03 * side, 0.158), (0.012 * side, 0.1), (0.018 * side, 0.0)]
        shadow = Shade(self._shadow(), 0.55, 0.012)
        frame.shade(self.outline, frame.features(smooth(bridge)), shadow)
        base = smooth(
            [(-0.045, 0.148), (-0.02, 0.168), (0.02, 0.168), (0.045, 0.148)],
            closed=False,
        )
        frame.stroke(frame.features(base), mix(self._shadow(), _LASH, 0.2), 0.009)

    def _mouth(self, smile: float) -> None:
        frame = self._frame
        rose = hexed("b8404e") if not self._who.masculine else hexed("a5604f")
        lip = mix(self._who.skin, rose, 0.62 if not self._who.masculine else 0.4)
        wide, up = 0.1 + 0.025 * smile, 0.03 * smile
        upper = [(-wide, 0.285 - up), (-0.045, 0.258), (0.0, 0.266), (0.045, 0.258)]
        upper += [(wide, 0.285 - up), (0.04, 0.291), (-0.04, 0.291)]
        lower = [(-wide, 0.285 - up), (-0.04, 0.29), (0.04, 0.29), (wide, 0.285 - up)]
        lower += [(0.05, 0.326), (-0.05, 0.326)]
        frame.fill(frame.features(smooth(lower, steps=6)), lighter(lip, 0.12))
        frame.fill(frame.features(smooth(upper, steps=6)), darker(lip, 0.14))
        if smile > 0.6:
            teeth = [(-0.07, 0.28), (0.07, 0.28), (0.045, 0.298), (-0.045, 0.298)]
            frame.fill(frame.features(smooth(teeth, steps=5)), hexed("fffaf5"))
        glint = frame.features(around((0.015, 0.309), (0.026, 0.006), 12))
        frame.fill(glint, lighter(lip, 0.4))

    def _beard(self) -> None:
        colour = darker(self._who.hair, 0.12)
        jaw = [(0.36, 0.02), (0.37, 0.3), (0.24, 0.52), (0.0, 0.58)]
        inner = [(0.0, 0.225), (0.1, 0.235), (0.2, 0.27), (0.29, 0.16), (0.325, 0.0)]
        half = smooth([(-x, y) for x, y in jaw] + [(-x, y) for x, y in inner])
        for side in (-1, 1):
            shape = self._frame.head([(side * x, y) for x, y in half])
            self._frame.shade(self.outline, shape, Shade(colour, 0.82, 0.012))

    def _freckles(self) -> None:
        tone = mix(self._who.skin, self._shadow(), 0.6)
        for x, y in [
            (0.13, 0.12),
            (0.17, 0.1),
            (0.21, 0.125),
            (0.15, 0.15),
            (0.05, 0.08),
        ]:
            for side in (-1, 1):
                (spot,) = self._frame.features([(side * x, y + 0.006 * side)])
                self._frame.dot(spot, 0.007, tone)

    def _glasses(self) -> None:
        for side in (-1, 1):
            ring = around((side * _EYE_X, 0.0), (0.105, 0.095), 32)
            pixels = self._frame.features(ring)
            self._frame.stroke([*pixels, pixels[0]], hexed("3a2a2a"), 0.014)
        bridge = self._frame.features([(-0.045, -0.02), (0.0, -0.035), (0.045, -0.02)])
        self._frame.stroke(bridge, hexed("3a2a2a"), 0.012)
