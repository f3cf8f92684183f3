"""Leaves, palms, pines and flowers."""

import math

from tests.stack.providers.dice import Dice
from tests.stack.providers.painting.canvas import Canvas, Point, smooth
from tests.stack.providers.painting.colours import Colour, darker, hexed, lighter, mix
from tests.stack.providers.painting.light import Light

_PETALS = 5


def leaf(canvas: Canvas, foot: Point, tip: Point, wide: float, colour: Colour) -> None:
    """Paint a pointed leaf with a lighter half."""
    (x, y), (u, v) = foot, tip
    dx, dy = (u - x), (v - y) * canvas.tall
    long = math.hypot(dx, dy) or 1.0
    nx, ny = -dy / long * wide, dx / long * wide / canvas.tall
    mid = (x + (u - x) * 0.45, y + (v - y) * 0.45)
    left, right = (mid[0] + nx, mid[1] + ny), (mid[0] - nx, mid[1] - ny)
    one = smooth([foot, left, tip], closed=False)
    other = smooth([tip, right, foot], closed=False)
    canvas.area([*one, *other], colour)
    canvas.area([*one, foot], lighter(colour, 0.1))


def palm(canvas: Canvas, light: Light, dice: Dice, foot: Point, top: float) -> None:
    """Paint a palm whose crown hangs over the picture's edge."""
    bark = darker(mix(hexed("8a5a3c"), light.ambient, light.lean), 0.35)
    green = darker(mix(hexed("2f7d4f"), light.ambient, light.lean), 0.3)
    lean = 0.08 if foot[0] < 0.5 else -0.08
    crown = (foot[0] + lean, top)
    mid = (foot[0] - lean * 0.25, (foot[1] + top) / 2)
    spine = smooth([foot, mid, crown], closed=False)
    canvas.line(spine, bark, 0.02)
    for number in range(9):
        turn = math.pi * (1.02 + 0.96 * number / 8)
        long = dice.between(0.16, 0.24)
        tip = (
            crown[0] + long * math.cos(turn),
            crown[1]
            + (long * 0.55 * math.sin(turn) + 0.1 * abs(math.cos(turn))) / canvas.tall,
        )
        leaf(canvas, crown, tip, 0.026, mix(green, darker(green, 0.3), dice.unit()))
    for dx in (-0.014, 0.012):
        canvas.disc((crown[0] + dx, crown[1] + 0.012), 0.014, darker(bark, 0.3))


def pine(canvas: Canvas, light: Light, foot: Point, high: float) -> None:
    """Paint a pine in three skirts."""
    green = darker(mix(hexed("2f5d4a"), light.ambient, light.lean), 0.25)
    x, y = foot
    for number in range(3):
        top = y - high * (1 - 0.24 * number)
        bottom = top + high * 0.48
        wide = high * (0.16 + 0.07 * number)
        canvas.area([(x, top), (x + wide, bottom), (x - wide, bottom)], green)
        canvas.area([(x, top), (x + wide, bottom), (x, bottom)], darker(green, 0.2))


def bush(canvas: Canvas, dice: Dice, at: Point, colour: Colour) -> None:
    """Paint a round of leaves."""
    for _ in range(4):
        puff = (at[0] + dice.between(-0.05, 0.05), at[1] + dice.between(-0.03, 0.03))
        shade = mix(colour, lighter(colour, 0.25), dice.unit() * 0.5)
        canvas.disc(puff, dice.between(0.035, 0.07), shade)


def flower(canvas: Canvas, dice: Dice, at: Point, size: float, colour: Colour) -> None:
    """Paint a flower seen from the front."""
    start = dice.unit()
    for number in range(_PETALS):
        turn = 2 * math.pi * (number / _PETALS + start)
        dx = size * math.cos(turn) * canvas.unit / canvas.width
        dy = size * math.sin(turn) * canvas.unit / canvas.height
        canvas.disc((at[0] + dx, at[1] + dy), size * 0.72, colour)
    canvas.disc(at, size * 0.5, mix(hexed("f7c948"), colour, 0.15))


def potted(canvas: Canvas, light: Light, dice: Dice, foot: Point) -> None:
    """Paint a plant in a pot."""
    pot = mix(hexed("c96f4a"), light.ambient, light.lean)
    green = mix(hexed("3f8560"), light.ambient, light.lean)
    x, y = foot
    for number in range(11):
        turn = math.pi * (1.1 + 0.8 * number / 10)
        long = dice.between(0.1, 0.2)
        tip = (
            x + long * math.cos(turn),
            y - 0.07 + long * math.sin(turn) / canvas.tall,
        )
        leaf(
            canvas,
            (x, y - 0.07),
            tip,
            0.024,
            mix(green, darker(green, 0.35), dice.unit()),
        )
    canvas.area(
        [(x - 0.055, y - 0.08), (x + 0.055, y - 0.08), (x + 0.04, y), (x - 0.04, y)],
        pot,
    )
    canvas.box((x - 0.062, y - 0.09), (x + 0.062, y - 0.07), lighter(pot, 0.12))
