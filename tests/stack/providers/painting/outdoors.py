"""Places under the sky."""

from tests.stack.providers.dice import Dice
from tests.stack.providers.painting.canvas import Canvas, Glow, Point, smooth
from tests.stack.providers.painting.colours import (
    Colour,
    darker,
    hexed,
    lighter,
    mix,
)
from tests.stack.providers.painting.light import Light
from tests.stack.providers.painting.plants import bush, flower, leaf, palm, pine
from tests.stack.providers.painting.sky import paint_hills, paint_sky

_BLOOMS = ("e85d75", "f4a261", "f9d56e", "b56bd6", "ffffff", "ff8fa3")


def beach(canvas: Canvas, light: Light, dice: Dice, sun: Point) -> None:
    """Paint sea, sand and palms."""
    horizon = dice.between(0.52, 0.58)
    paint_sky(canvas, light, dice, (sun[0], min(sun[1], horizon - 0.06)))
    sea = mix(hexed("1d8fb0"), light.ambient, 0.1 + light.lean * 1.6)
    canvas.gradient([(0.0, lighter(sea, 0.3)), (1.0, darker(sea, 0.25))], horizon)
    _glitter(canvas, light, dice, sun[0], horizon)
    shore = horizon + 0.2
    sand = mix(hexed("f0d5a3"), light.ambient, light.lean * 1.7)
    wave = [
        (-0.1, shore),
        (0.2, shore + 0.025),
        (0.5, shore - 0.01),
        (0.8, shore + 0.03),
    ]
    edge = smooth([*wave, (1.1, shore)], closed=False)
    foam = [(x, y - 0.014) for x, y in edge]
    canvas.area([*foam, (1.1, 1.1), (-0.1, 1.1)], lighter(sea, 0.75))
    canvas.tinted_area(
        [*edge, (1.1, 1.1), (-0.1, 1.1)], [(0.0, darker(sand, 0.12)), (1.0, sand)]
    )
    for side in dice.shuffled([-1, 1])[: dice.whole(1, 2)]:
        foot = (0.5 + side * dice.between(0.4, 0.48), 1.0)
        palm(canvas, light, dice, foot, dice.between(0.16, 0.26))


def lake(canvas: Canvas, light: Light, dice: Dice, sun: Point) -> None:
    """Paint still water that holds the hills."""
    horizon = dice.between(0.55, 0.62)
    paint_sky(canvas, light, dice, sun)
    paint_hills(canvas, light, dice, (horizon - 0.16, horizon - 0.09, horizon - 0.03))
    water = mix(light.sky[1][1], hexed("2a6f86"), 0.45)
    stops = [(0.0, mix(light.sky[-1][1], water, 0.4)), (1.0, darker(water, 0.3))]
    canvas.gradient(stops, horizon)
    _glitter(canvas, light, dice, sun[0], horizon)
    for _ in range(16):
        x = dice.one_of((0.0, 0.85)) + dice.between(-0.02, 0.17)
        stalk = [(x, 1.02), (x + dice.between(-0.03, 0.03), dice.between(0.72, 0.86))]
        canvas.line(
            stalk, darker(mix(hexed("5c7f4b"), light.ambient, light.lean), 0.3), 0.006
        )


def mountain(canvas: Canvas, light: Light, dice: Dice, sun: Point) -> None:
    """Paint peaks with snow on them, and pines before them."""
    paint_sky(canvas, light, dice, sun)
    for number in range(3):
        _peak(canvas, light, dice, (dice.between(0.1, 0.3) + 0.32 * number, number))
    paint_hills(canvas, light, dice, (0.68, 0.78))
    for number in range(14):
        x = number / 13 + dice.between(-0.03, 0.03)
        if 0.28 < x < 0.72:
            continue
        pine(canvas, light, (x, dice.between(0.88, 0.98)), dice.between(0.14, 0.28))


def desert(canvas: Canvas, light: Light, dice: Dice, sun: Point) -> None:
    """Paint dunes with a lit and a shaded side."""
    paint_sky(canvas, light, dice, sun)
    sand = mix(hexed("e9a765"), light.ambient, light.lean * 1.4)
    for number in range(4):
        base = 0.52 + 0.13 * number
        crest = dice.between(0.2, 0.8)
        near = number / 3
        lit = mix(lighter(sand, 0.35), sand, near)
        low, high = base + 0.09, base - 0.04
        dune = smooth([(-0.2, low), (crest * 0.5, base), (crest, high)], closed=False)
        back = smooth(
            [(crest, high), (crest + 0.3, base + 0.04), (1.2, low)], closed=False
        )
        canvas.area([*dune, *back, (1.2, 1.2), (-0.2, 1.2)], lit)
        bend = smooth(
            [(crest, high), (crest - 0.06, base + 0.1), (crest + 0.05, 1.1)],
            closed=False,
        )
        canvas.area(
            [*bend, (1.2, 1.2), *reversed(back)], darker(lit, 0.2 + 0.08 * near)
        )


def forest(canvas: Canvas, light: Light, dice: Dice, sun: Point) -> None:
    """Paint rows of trunks in haze, and ferns before them."""
    mist = mix(light.sky[-1][1], hexed("cfe3c4"), 0.5 if not light.dark else 0.05)
    deep = mix(hexed("2c4a38"), light.ambient, light.lean)
    canvas.gradient(
        [(0.0, mix(mist, deep, 0.35)), (0.6, mist), (1.0, mix(mist, deep, 0.6))]
    )
    canvas.glow(Glow((sun[0], 0.25), 0.7, light.sun, 0.35))
    for row in range(4):
        colour = mix(mist, deep, 0.25 + 0.25 * row)
        for _ in range(9 - 2 * row):
            x, wide = dice.unit(), dice.between(0.008, 0.016) * (row + 1)
            if row == 3 and 0.25 < x < 0.75:
                continue
            canvas.area(
                [
                    (x - wide / 2, -0.1),
                    (x + wide / 2, -0.1),
                    (x + wide, 1.1),
                    (x - wide, 1.1),
                ],
                colour,
            )
        for _ in range(7):
            at = (dice.unit(), dice.between(-0.02, 0.16))
            bush(canvas, dice, at, mix(colour, hexed("5f8f4e"), 0.3))
    _rays(canvas, light, sun)
    for number in range(26):
        x = number / 25
        tip = (x + dice.between(-0.06, 0.06), dice.between(0.8, 0.93))
        leaf(
            canvas, (x, 1.03), tip, 0.022, mix(deep, hexed("4f8a4a"), dice.unit() * 0.6)
        )


def garden(canvas: Canvas, light: Light, dice: Dice, sun: Point) -> None:
    """Paint hedges, and more flowers than one can count."""
    paint_sky(canvas, light, dice, sun)
    green = mix(hexed("5d9a58"), light.ambient, light.lean * 1.3)
    for row in range(4):
        colour = darker(green, 0.12 * row)
        for _ in range(13):
            at = (
                dice.between(-0.05, 1.05),
                0.52 + 0.12 * row + dice.between(-0.05, 0.05),
            )
            bush(canvas, dice, at, mix(colour, lighter(colour, 0.2), dice.unit()))
        canvas.box((0.0, 0.58 + 0.12 * row), (1.0, 1.0), colour)
    for _ in range(95):
        depth = dice.unit() ** 0.6
        x, y = dice.unit(), 0.6 + 0.4 * depth
        bloom = mix(hexed(dice.one_of(_BLOOMS)), light.ambient, light.lean)
        flower(canvas, dice, (x, y), 0.006 + 0.02 * depth, bloom)


def city(canvas: Canvas, light: Light, dice: Dice, sun: Point) -> None:
    """Paint a skyline with lit windows."""
    paint_sky(canvas, light, dice, sun)
    for row in range(3):
        tone = mix(light.ground, hexed("151a33"), 0.2 + 0.28 * row)
        x = -0.05
        while x < 1.05:
            wide = dice.between(0.07, 0.14) * (1 + 0.25 * row)
            top = dice.between(0.24, 0.5) + 0.13 * row
            _tower(canvas, light, dice, ((x, top), (x + wide, 1.0), tone))
            x += wide + dice.between(0.0, 0.015)
    if light.dark:
        canvas.glow(Glow((0.5, 1.0), 0.9, light.rim, 0.35))


def _tower(
    canvas: Canvas, light: Light, dice: Dice, shape: tuple[Point, Point, Colour]
) -> None:
    (left, top), (right, bottom), tone = shape
    canvas.box((left, top), (right, bottom), tone)
    canvas.box((left, top), (left + (right - left) * 0.18, bottom), lighter(tone, 0.06))
    if dice.chance(0.35):
        mid = (left + right) / 2
        canvas.line([(mid, top), (mid, top - 0.06)], tone, 0.004)
    warm = (
        hexed("ffd98a")
        if not light.dark
        else hexed(dice.one_of(("ffd98a", "ffe9b8", "8fd3ff")))
    )
    share = 0.55 if light.dark else 0.18
    columns, rows = max(2, int((right - left) / 0.022)), int((bottom - top) / 0.03)
    for column in range(columns):
        for row in range(rows):
            if dice.chance(1 - share):
                continue
            x = left + (right - left) * (column + 0.3) / columns
            y = top + 0.02 + 0.03 * row
            glass = mix(tone, warm, dice.between(0.5, 1.0))
            canvas.box((x, y), (x + (right - left) * 0.4 / columns, y + 0.013), glass)


def _peak(canvas: Canvas, light: Light, dice: Dice, place: tuple[float, int]) -> None:
    x, number = place
    top = 0.26 + 0.05 * dice.unit() + 0.03 * (number % 2)
    wide, base = dice.between(0.34, 0.46), 0.82
    rock = mix(light.ground, hexed("4c5f7d"), 0.55)
    canvas.area([(x - wide, base), (x, top), (x + wide, base)], rock)
    ridge = [(x, top), (x + 0.03, top + 0.14), (x - 0.02, top + 0.26), (x + 0.05, base)]
    canvas.area([*ridge, (x + wide, base)], darker(rock, 0.28))
    snow = lighter(light.sky[-1][1], 0.55)
    fall = (base - top) / wide
    cap = [
        (x, top),
        (x + 0.1, top + 0.1 * fall),
        (x + 0.055, top + 0.12),
        (x + 0.02, top + 0.19),
    ]
    cap += [(x - 0.03, top + 0.12), (x - 0.06, top + 0.16), (x - 0.1, top + 0.1 * fall)]
    canvas.area(cap, snow)
    canvas.area([cap[0], cap[1], cap[2], cap[3], ridge[1]], darker(snow, 0.18))


def _glitter(canvas: Canvas, light: Light, dice: Dice, x: float, top: float) -> None:
    """Lay the sun's path on the water."""
    for number in range(60):
        depth = number / 60
        wide = 0.01 + 0.05 * depth * dice.unit()
        at = x + dice.between(-0.04, 0.04) * (1 + 5 * depth)
        y = top + 0.004 + 0.2 * depth
        canvas.oval(
            (at, y),
            (wide, 0.0018 + 0.002 * depth),
            mix(light.sun, light.sky[-1][1], 0.3),
        )


def _rays(canvas: Canvas, light: Light, sun: Point) -> None:
    for number in range(4):
        x = sun[0] + 0.1 * number - 0.15
        beam = [(x, -0.05), (x + 0.06, -0.05), (x + 0.32, 1.0), (x + 0.14, 1.0)]
        canvas.veil(beam, lighter(light.sun, 0.2), 0.1)
