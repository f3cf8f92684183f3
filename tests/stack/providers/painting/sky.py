"""Skies: their colours, what shines in them, and what falls from them."""

from tests.stack.providers.dice import Dice
from tests.stack.providers.painting.canvas import Canvas, Glow, Point, smooth
from tests.stack.providers.painting.colours import Colour, lighter, mix
from tests.stack.providers.painting.light import DAY, RAIN, SNOW, Light

_STARS = 90
_DROPS = 150
_FLAKES = 130


def paint_sky(canvas: Canvas, light: Light, dice: Dice, sun: Point) -> None:
    """Paint the sky with its sun or moon, stars or clouds."""
    canvas.gradient(light.sky)
    if light.dark:
        _stars(canvas, dice)
        _moon(canvas, light, sun)
    else:
        _sun(canvas, light, sun)
        for _ in range(dice.whole(2, 4)):
            _cloud(canvas, light, dice)


def paint_hills(
    canvas: Canvas, light: Light, dice: Dice, heights: tuple[float, ...]
) -> None:
    """Paint rows of hills, each nearer and deeper in colour than the one behind."""
    for number, height in enumerate(heights):
        share = (number + 1) / len(heights)
        colour = mix(
            lighter(light.ground, 0.25), mix(light.ground, (24, 30, 52), 0.35), share
        )
        canvas.area(_ridge(dice, height, 0.05 + 0.02 * number), colour)


def paint_weather(canvas: Canvas, weather: str, dice: Dice, share: float) -> None:
    """Let rain or snow fall over everything painted so far, a share of all of it."""
    if weather == "rain":
        for _ in range(round(_DROPS * share)):
            x, y, long = dice.unit(), dice.unit(), dice.between(0.02, 0.05)
            drop = [(x, y), (x - long * 0.25, y + long)]
            canvas.line(drop, (205, 218, 226), 0.0013)
    if weather == "snow":
        for _ in range(round(_FLAKES * share)):
            canvas.disc(
                (dice.unit(), dice.unit()), dice.between(0.0015, 0.006), (255, 255, 255)
            )


def _sun(canvas: Canvas, light: Light, at: Point) -> None:
    canvas.glow(Glow(at, 0.75, light.sun, 0.55))
    canvas.glow(Glow(at, 0.3, light.sun, 0.8))
    if light not in (DAY, RAIN, SNOW):
        canvas.disc(at, 0.1, lighter(light.sun, 0.3))


def _moon(canvas: Canvas, light: Light, at: Point) -> None:
    canvas.glow(Glow(at, 0.42, light.sun, 0.4))
    canvas.disc(at, 0.055, lighter(light.sun, 0.2))
    for dx, dy, radius in (
        (-0.018, -0.012, 0.013),
        (0.015, 0.012, 0.018),
        (0.01, -0.025, 0.008),
    ):
        spot = (at[0] + dx, at[1] + dy / canvas.tall)
        canvas.disc(spot, radius, mix(light.sun, light.ambient, 0.18))


def _stars(canvas: Canvas, dice: Dice) -> None:
    for _ in range(_STARS):
        at = (dice.unit(), dice.unit() ** 1.4 * 0.7)
        canvas.disc(at, dice.between(0.0006, 0.0026), (230, 232, 255))


def _cloud(canvas: Canvas, light: Light, dice: Dice) -> None:
    """Lay a flat-bottomed cloud of overlapping discs."""
    x, y = dice.between(-0.05, 1.0), dice.between(0.06, 0.38)
    colour = mix(light.sky[-1][1], (255, 255, 255), 0.35)
    wide = dice.between(0.1, 0.2)
    for number in range(5):
        share = number / 4
        high = 0.045 * (1 - abs(2 * share - 1)) + 0.014
        puff = (x + wide * (share - 0.5), y - high * 0.4)
        canvas.oval(
            puff, (0.055 - 0.015 * abs(2 * share - 1), high), _thin(colour, light)
        )
    canvas.oval((x, y), (wide * 0.62, 0.014), _thin(colour, light))


def _thin(colour: Colour, light: Light) -> Colour:
    return mix(colour, light.sky[1][1], 0.45)


def _ridge(dice: Dice, height: float, rough: float) -> list[Point]:
    count = 9
    places = [
        (-0.1 + 1.2 * number / (count - 1), height + dice.between(-rough, rough))
        for number in range(count)
    ]
    return [*smooth(places, closed=False), (1.1, 1.1), (-0.1, 1.1)]
