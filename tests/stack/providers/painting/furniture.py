"""What stands and hangs in rooms."""

from tests.stack.providers.dice import Dice
from tests.stack.providers.painting.canvas import Canvas, Glow, Point, around, smooth
from tests.stack.providers.painting.colours import Colour, darker, hexed, lighter, mix
from tests.stack.providers.painting.light import Light

SPINES = (
    "b5493f",
    "d98e4a",
    "e8c872",
    "4f7f74",
    "33587a",
    "6c4a73",
    "f0e2c6",
    "3d3a4a",
)


def wall(canvas: Canvas, light: Light, code: str) -> Colour:
    """Paint a wall, and return its colour."""
    wall = mix(hexed(code), light.ambient, 0.1 + light.lean)
    if light.dark:
        wall = darker(wall, 0.42)
    canvas.gradient([(0.0, darker(wall, 0.1)), (0.6, lighter(wall, 0.06)), (1.0, wall)])
    return wall


def window(canvas: Canvas, light: Light, pane: tuple[Point, Point], sun: Point) -> None:
    """Paint a window and the light that falls through it."""
    (left, top), (right, bottom) = pane
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    canvas.tinted_area(corners, light.sky)
    middle = ((left + right) / 2, top + (bottom - top) * min(sun[1] + 0.3, 0.8))
    canvas.glow(Glow(middle, 0.3, light.sun, 0.5 if not light.dark else 0.25))
    bar = mix(light.ground, hexed("f6efe4"), 0.7 if not light.dark else 0.25)
    canvas.line([*corners, corners[0], corners[1]], bar, 0.016)
    canvas.line([(middle[0], top), (middle[0], bottom)], bar, 0.009)
    cross = top + (bottom - top) * 0.42
    canvas.line([(left, cross), (right, cross)], bar, 0.009)
    canvas.box(
        (left - 0.015, bottom), (right + 0.015, bottom + 0.016), lighter(bar, 0.2)
    )


def lamp(canvas: Canvas, at: Point) -> None:
    """Paint a hanging lamp and its light."""
    x, y = at
    canvas.line([(x, 0.0), (x, y)], hexed("2b2230"), 0.004)
    shade = [(x - 0.02, y), (x + 0.02, y), (x + 0.06, y + 0.05), (x - 0.06, y + 0.05)]
    canvas.area(shade, hexed("33272f"))
    canvas.glow(Glow((x, y + 0.06), 0.3, hexed("ffcf87"), 0.75))
    canvas.oval((x, y + 0.052), (0.045, 0.012), hexed("fff0cb"))


def shelf(
    canvas: Canvas, dice: Dice, place: tuple[float, float, float], wall: Colour
) -> None:
    """Paint a shelf with jars and cups; the place is its left, right and height."""
    left, right, y = place
    wood = mix(hexed("7a4e30"), wall, 0.2)
    x = left + 0.03
    while x < right - 0.05:
        high, wide = dice.between(0.04, 0.1), dice.between(0.03, 0.05)
        jar = mix(hexed(dice.one_of(SPINES)), wall, 0.2)
        canvas.box((x, y - high), (x + wide, y), jar)
        canvas.box((x, y - high), (x + wide * 0.25, y), lighter(jar, 0.18))
        x += wide + dice.between(0.012, 0.03)
    canvas.box((left, y), (right, y + 0.014), wood)
    canvas.box((left, y + 0.014), (right, y + 0.022), darker(wood, 0.35))


def books(canvas: Canvas, dice: Dice, floor: float, room: float) -> None:
    """Paint a row of books on a floor."""
    x = 0.0
    while x < 1.0:
        wide, high = dice.between(0.014, 0.034), room * dice.between(0.68, 1.0)
        spine = darker(hexed(dice.one_of(SPINES)), 0.22)
        canvas.box((x, floor - high), (x + wide, floor), spine)
        canvas.box((x, floor - high), (x + wide * 0.22, floor), lighter(spine, 0.14))
        band = floor - high * dice.between(0.6, 0.85)
        canvas.box((x, band), (x + wide, band + 0.006), lighter(spine, 0.35))
        x += wide + 0.0025


def cup(canvas: Canvas, light: Light, at: Point) -> None:
    """Paint a steaming cup on its saucer."""
    x, y = at
    china = mix(hexed("fff6e8"), light.ambient, light.lean)
    canvas.oval((x, y), (0.075, 0.013), darker(china, 0.2))
    bowl = smooth(
        [
            (x - 0.05, y - 0.07),
            (x - 0.035, y - 0.012),
            (x + 0.035, y - 0.012),
            (x + 0.05, y - 0.07),
        ],
        closed=False,
    )
    canvas.area(bowl, china)
    canvas.oval((x, y - 0.07), (0.05, 0.011), hexed("5a3420"))
    for dx in (-0.018, 0.014):
        steam = [
            (x + dx, y - 0.09),
            (x + dx + 0.014, y - 0.13),
            (x + dx - 0.01, y - 0.17),
            (x + dx + 0.012, y - 0.21),
        ]
        canvas.line(
            smooth(steam, closed=False), mix(china, light.sky[-1][1], 0.4), 0.004
        )


def dumbbell(canvas: Canvas, at: Point, accent: Colour) -> None:
    """Paint a dumbbell."""
    x, y = at
    canvas.line([(x - 0.03, y), (x + 0.03, y)], hexed("b9c0c7"), 0.01)
    for dx in (-0.032, 0.032):
        canvas.disc((x + dx, y), 0.026, hexed("1c1f26"))
        canvas.disc((x + dx, y), 0.012, accent)


def ring(canvas: Canvas, centre: Point, radius: float, colour: Colour) -> None:
    """Paint a thin ring."""
    radii = (radius * canvas.unit / canvas.width, radius * canvas.unit / canvas.height)
    course = around(centre, radii, 96)
    canvas.line([*course, *course[:2]], colour, 0.008)
