"""Places under a roof; through their windows one sees the same sky."""

from tests.stack.providers.dice import Dice
from tests.stack.providers.painting.canvas import Canvas, Glow, Point, smooth
from tests.stack.providers.painting.colours import (
    darker,
    hexed,
    lighter,
    mix,
)
from tests.stack.providers.painting.furniture import (
    books,
    cup,
    dumbbell,
    lamp,
    ring,
    shelf,
    wall,
    window,
)
from tests.stack.providers.painting.light import Light
from tests.stack.providers.painting.plants import potted

_FRUITS = ("e4572e", "f3a712", "a8c256", "d7263d", "8d4f9f", "f6d55c")


def cafe(canvas: Canvas, light: Light, dice: Dice, sun: Point) -> None:
    """Paint a window, lamps, a shelf of cups and a counter."""
    paint = wall(canvas, light, dice.one_of(("7a4b3a", "2f5d57", "c98b62")))
    window(canvas, light, ((0.06, 0.1), (0.46, 0.62)), sun)
    shelf(canvas, dice, (0.56, 0.97, 0.33), paint)
    shelf(canvas, dice, (0.56, 0.97, 0.52), paint)
    for x in (0.26, 0.62, 0.86):
        lamp(canvas, (x, dice.between(0.1, 0.2)))
    wood = mix(hexed("6b4026"), light.ambient, light.lean)
    canvas.box((0.0, 0.83), (1.0, 1.0), wood)
    canvas.box((0.0, 0.83), (1.0, 0.85), lighter(wood, 0.18))
    cup(canvas, light, (0.16, 0.835))
    potted(canvas, light, dice, (0.9, 0.84))


def kitchen(canvas: Canvas, light: Light, dice: Dice, sun: Point) -> None:
    """Paint tiles, a window, a shelf and a board with fruit."""
    paint = wall(canvas, light, dice.one_of(("e9dcc7", "cfe0dc", "f1d9c4")))
    for row in range(6):
        for column in range(12):
            if (row + column) % 2:
                corner = (column / 12, 0.42 + row * 0.06)
                tile = (corner[0] + 0.078, corner[1] + 0.055)
                canvas.box(corner, tile, mix(paint, (255, 255, 255), 0.22))
    window(canvas, light, ((0.56, 0.08), (0.94, 0.5)), sun)
    shelf(canvas, dice, (0.04, 0.44, 0.26), paint)
    shelf(canvas, dice, (0.04, 0.44, 0.4), paint)
    top = mix(hexed("dcb88a"), light.ambient, light.lean)
    canvas.box((0.0, 0.8), (1.0, 1.0), darker(top, 0.3))
    canvas.box((0.0, 0.79), (1.0, 0.83), top)
    for number in range(5):
        fruit = hexed(dice.one_of(_FRUITS))
        canvas.disc((0.08 + 0.045 * number, 0.775 - 0.012 * (number % 2)), 0.032, fruit)
    potted(canvas, light, dice, (0.9, 0.8))


def library(canvas: Canvas, light: Light, dice: Dice, sun: Point) -> None:
    """Paint shelves full of books, and a warm lamp."""
    del sun
    wood = mix(hexed("5a3826"), light.ambient, light.lean * 0.7)
    canvas.gradient([(0.0, darker(wood, 0.35)), (1.0, darker(wood, 0.1))])
    rows = 6
    for row in range(rows):
        floor = (row + 1) / rows * 1.02
        books(canvas, dice, floor, 0.135)
        canvas.box((0.0, floor - 0.008), (1.0, floor + 0.012), wood)
    for x in (0.0, 0.33, 0.67, 1.0):
        canvas.box((x - 0.012, 0.0), (x + 0.012, 1.0), lighter(wood, 0.07))
    canvas.glow(Glow((0.84, 0.24), 0.6, hexed("ffc46b"), 0.75))
    canvas.glow(Glow((0.12, 0.5), 0.4, hexed("ffc46b"), 0.35))


def home(canvas: Canvas, light: Light, dice: Dice, sun: Point) -> None:
    """Paint a living room with a window, a picture and a sofa."""
    paint = wall(canvas, light, dice.one_of(("d8b89a", "a9bfae", "c9b3c6", "e3cdb0")))
    window(canvas, light, ((0.08, 0.1), (0.5, 0.58)), sun)
    frame = mix(paint, hexed("4a3327"), 0.8)
    canvas.box((0.66, 0.14), (0.9, 0.4), frame)
    canvas.box((0.675, 0.152), (0.885, 0.388), lighter(paint, 0.5))
    canvas.disc((0.78, 0.26), 0.055, hexed(dice.one_of(_FRUITS)))
    hill = smooth(
        [(0.675, 0.34), (0.75, 0.28), (0.83, 0.34), (0.885, 0.3)], closed=False
    )
    canvas.area(
        [*hill, (0.885, 0.388), (0.675, 0.388)], mix(paint, hexed("33587a"), 0.6)
    )
    sofa = mix(
        hexed(dice.one_of(("3f6f72", "b5654a", "586a9c"))), light.ambient, light.lean
    )
    back = smooth([(-0.05, 0.74), (0.1, 0.66), (0.9, 0.66), (1.05, 0.74)], closed=False)
    canvas.area([*back, (1.05, 1.1), (-0.05, 1.1)], sofa)
    canvas.box((0.0, 0.86), (1.0, 1.0), darker(sofa, 0.18))
    for x, colour in ((0.14, "f0c987"), (0.86, "e9e0d0")):
        pillow = [(x - 0.1, 0.9), (x - 0.08, 0.72), (x + 0.09, 0.7), (x + 0.1, 0.9)]
        canvas.area(smooth(pillow), mix(hexed(colour), light.ambient, light.lean))
    lamp(canvas, (0.58, 0.16))


def gym(canvas: Canvas, light: Light, dice: Dice, sun: Point) -> None:
    """Paint tall windows, a rack of weights and a floor that mirrors them."""
    paint = wall(canvas, light, dice.one_of(("39424e", "2d3a45", "4a4650")))
    for number in range(3):
        left = 0.05 + 0.32 * number
        window(canvas, light, ((left, 0.06), (left + 0.26, 0.56)), sun)
    canvas.gradient([(0.0, lighter(paint, 0.12)), (1.0, darker(paint, 0.3))], 0.74)
    accent = hexed(dice.one_of(("f26430", "ffd23f", "3bceac")))
    canvas.box((0.0, 0.66), (1.0, 0.685), accent)
    for height in (0.76, 0.88):
        canvas.box((-0.02, height), (1.02, height + 0.012), darker(paint, 0.5))
        for number in range(9):
            dumbbell(canvas, (0.04 + 0.115 * number, height - 0.022), accent)


def studio(canvas: Canvas, light: Light, dice: Dice, sun: Point) -> None:
    """Paint a backdrop with bold shapes and a soft pool of light."""
    pairs = (
        ("f2cc8f", "e07a5f", "3d405b"),
        ("cdb4db", "7b6fa8", "ffc8dd"),
        ("a8dadc", "457b9d", "f1faee"),
        ("f7b267", "f25c54", "ffe8c2"),
        ("b7d1a8", "4f7f6b", "f4f1de"),
    )
    base, bold, pale = (
        mix(hexed(c), light.ambient, light.lean) for c in dice.one_of(pairs)
    )
    canvas.gradient([(0.0, base), (1.0, mix(base, bold, 0.45))])
    centre = (0.5 + dice.between(-0.14, 0.14), dice.between(0.34, 0.44))
    canvas.disc(centre, dice.between(0.34, 0.42), bold)
    ring(canvas, centre, dice.between(0.43, 0.47), pale)
    side = dice.one_of((-1, 1))
    wave = [
        (0.5 + side * 0.6, 0.62),
        (0.5 + side * 0.2, 0.78),
        (0.5 - side * 0.2, 0.74),
    ]
    edge = smooth([*wave, (0.5 - side * 0.6, 0.9)], closed=False)
    canvas.area(
        [*edge, (0.5 - side * 0.6, 1.1), (0.5 + side * 0.6, 1.1)], mix(pale, bold, 0.25)
    )
    canvas.glow(Glow((sun[0], 0.2), 0.8, lighter(base, 0.4), 0.3))


def market(canvas: Canvas, light: Light, dice: Dice, sun: Point) -> None:
    """Paint awnings, strings of lamps and crates of fruit."""
    wall(canvas, light, "d9b38c")
    window(canvas, light, ((0.3, 0.1), (0.7, 0.7)), sun)
    for left in (0.0, 0.52):
        colour = hexed(dice.one_of(("c8553d", "2a7f79", "e0a030", "5b5f97")))
        for stripe in range(6):
            x = left + 0.08 * stripe
            tone = colour if stripe % 2 else hexed("fff3dc")
            tone = mix(tone, light.ambient, light.lean)
            canvas.area(
                [(x, 0.2), (x + 0.08, 0.2), (x + 0.085, 0.34), (x - 0.005, 0.34)], tone
            )
            canvas.oval(
                (x + 0.04, 0.34), (0.042 * canvas.width / canvas.unit, 0.022), tone
            )
    cord = smooth(
        [(-0.05, 0.06), (0.25, 0.14), (0.5, 0.07), (0.75, 0.15), (1.05, 0.05)],
        closed=False,
    )
    canvas.line(cord, hexed("4a3327"), 0.003)
    for at in cord[2::5]:
        canvas.glow(Glow(at, 0.07, hexed("ffd27a"), 0.9))
        canvas.disc(at, 0.009, hexed("fff3c9"))
    for row in range(3):
        y = 0.72 + 0.1 * row
        for number in range(24):
            fruit = mix(
                hexed(_FRUITS[(number // 4 + row) % 6]), light.ambient, light.lean
            )
            canvas.disc(
                (number / 23, y + dice.between(-0.012, 0.012)), 0.03, darker(fruit, 0.1)
            )
            canvas.disc((number / 23 - 0.006, y - 0.014), 0.016, lighter(fruit, 0.22))
        wood = mix(hexed("8a5a3c"), light.ambient, light.lean)
        canvas.box((0.0, y + 0.022), (1.0, y + 0.08), darker(wood, 0.12 * row))


def stage(canvas: Canvas, light: Light, dice: Dice, sun: Point) -> None:
    """Paint beams of light over a dark stage and the heads before it."""
    del sun
    canvas.gradient(
        [(0.0, hexed("0c0a1f")), (0.7, hexed("2a1445")), (1.0, hexed("120a26"))]
    )
    beams = dice.shuffled(("ff4d8d", "5ad1ff", "ffd166", "9b5de5", "06d6a0"))
    for number, code in enumerate(beams):
        x = 0.1 + 0.2 * number
        foot = 0.5 + (x - 0.5) * dice.between(-0.6, 1.6)
        beam = [
            (x - 0.01, -0.02),
            (x + 0.01, -0.02),
            (foot + 0.16, 1.0),
            (foot - 0.16, 1.0),
        ]
        canvas.veil(beam, hexed(code), 0.22)
        canvas.glow(Glow((x, 0.0), 0.22, hexed(code), 0.9))
    for _ in range(40):
        canvas.disc(
            (dice.unit(), dice.unit() * 0.8), dice.between(0.001, 0.004), light.rim
        )
    for number in range(15):
        x = number / 14 + dice.between(-0.02, 0.02)
        canvas.disc((x, dice.between(0.93, 0.99)), 0.045, hexed("07050f"))
