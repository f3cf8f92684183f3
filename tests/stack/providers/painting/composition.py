"""The whole picture: a place, somebody in it, and the light over both."""

from collections.abc import Callable, Mapping

from PIL import Image, ImageChops

from tests.stack.providers.dice import Dice
from tests.stack.providers.motifs import MOMENTS, PLACES, WEATHERS, first
from tests.stack.providers.painting import indoors, outdoors
from tests.stack.providers.painting.canvas import Canvas, Glow, Point
from tests.stack.providers.painting.colours import hexed
from tests.stack.providers.painting.figure import Look, paint_figure
from tests.stack.providers.painting.frame import Pose
from tests.stack.providers.painting.light import Light, light_of
from tests.stack.providers.painting.persona import Reading, persona_of
from tests.stack.providers.painting.sky import paint_weather
from tests.stack.providers.words import contains

type Scene = Callable[[Canvas, Light, Dice, Point], None]

SCENES: Mapping[str, Scene] = {
    "beach": outdoors.beach,
    "cafe": indoors.cafe,
    "gym": indoors.gym,
    "garden": outdoors.garden,
    "mountain": outdoors.mountain,
    "kitchen": indoors.kitchen,
    "library": indoors.library,
    "market": indoors.market,
    "forest": outdoors.forest,
    "stage": indoors.stage,
    "desert": outdoors.desert,
    "lake": outdoors.lake,
    "home": indoors.home,
    "city": outdoors.city,
    "studio": indoors.studio,
}
_OPEN = {"beach", "garden", "mountain", "forest", "desert", "lake", "city"}
_GARMENTS = {
    "beach": ("strap", "tee", "shirt"),
    "gym": ("strap", "tee"),
    "mountain": ("jacket", "knit"),
    "stage": ("jacket", "strap"),
    "studio": ("jacket", "shirt", "knit"),
    "city": ("jacket", "shirt", "tee"),
    "desert": ("shirt", "strap"),
}
_WARM = ("tee", "shirt", "knit", "strap")
_EMPTY = ("no people", "without people", "still life", "empty")
_GRAIN = 5
_STORY = 1.4


def compose(prompt: str, seed: int, canvas: Canvas) -> None:
    """Paint what the prompt speaks of; the seed decides how it is seen."""
    dice = Dice("picture", prompt, seed)
    scene = Reading.of(prompt).scene
    place = first(scene, PLACES, _unnamed_place(scene))
    weather = first(scene, WEATHERS, "")
    light = light_of(first(scene, MOMENTS, ""), weather)
    side = dice.one_of((-1.0, 1.0))
    sun = (0.5 + side * dice.between(0.16, 0.34), dice.between(0.16, 0.4))
    SCENES[place](canvas, light, dice, sun)
    if place in _OPEN:
        paint_weather(canvas, weather, dice, 1.0)
    if not any(contains(scene, words) for words in _EMPTY):
        _set_off(canvas, light)
        look = _look(dice, canvas, place, side)
        paint_figure(canvas, persona_of(prompt), look, light)
    if place in _OPEN:
        paint_weather(canvas, weather, dice, 0.2)
    canvas.wash([(0.0, light.sky[0][1]), (1.0, hexed("2a1633"))], 0.05)


def _unnamed_place(prompt: str) -> str:
    """Return where a picture is set whose prompt names no place."""
    return Dice("place", prompt).one_of(("studio", "home", "city", "garden"))


def grained(picture: Image.Image, seed: int) -> Image.Image:
    """Return the picture with a little grain, the same for the same seed."""
    width, height = picture.size
    noise = Image.frombytes(
        "L", picture.size, Dice("grain", seed).noise(width * height)
    )
    fine = noise.point(lambda v: 128 + (v - 128) * _GRAIN // 128)
    return ImageChops.overlay(picture, Image.merge("RGB", (fine, fine, fine)))


def _look(dice: Dice, canvas: Canvas, place: str, side: float) -> Look:
    size = dice.between(0.27, 0.46) * (1.14 if canvas.tall > _STORY else 1.0)
    drift = dice.between(-0.13, 0.13)
    at = (0.5 + drift, dice.between(0.34, 0.4) + 0.06 * (canvas.tall > 1))
    pose = Pose(
        at=at,
        size=size,
        tilt=dice.between(-0.09, 0.09),
        turn=dice.between(-1.0, 1.0),
        lean=dice.between(-0.06, 0.06),
    )
    garment = dice.one_of(_GARMENTS.get(place, _WARM))
    return Look(pose, garment, light_from=side, smile=dice.between(0.25, 1.0))


def _set_off(canvas: Canvas, light: Light) -> None:
    """Brighten what lies behind the head, so that it stands out."""
    canvas.glow(Glow((0.5, 0.4), 0.62, light.sky[-1][1], 0.22))
