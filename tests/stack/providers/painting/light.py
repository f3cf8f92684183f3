"""What light there is: of the sky, on the figure, on its edges."""

from dataclasses import dataclass

from tests.stack.providers.painting.canvas import Stops
from tests.stack.providers.painting.colours import Colour, hexed


@dataclass(frozen=True)
class Light:
    """One kind of light, and the sky it comes from."""

    sky: Stops
    ambient: Colour
    """What all colours lean towards."""
    lean: float
    rim: Colour
    """What the lit edge of a figure takes on."""
    sun: Colour
    ground: Colour
    """What far hills and streets fade into."""
    dark: bool = False


def _sky(*codes: str) -> Stops:
    last = len(codes) - 1
    return [(index / last, hexed(code)) for index, code in enumerate(codes)]


DAY = Light(
    sky=_sky("4ea5d9", "8ecae6", "cde7f0", "fdf3e1"),
    ambient=hexed("fff1dc"),
    lean=0.06,
    rim=hexed("fff6e0"),
    sun=hexed("fff7d6"),
    ground=hexed("a9cfd8"),
)
SUNRISE = Light(
    sky=_sky("6d83c4", "c3a6d8", "f7c3b4", "ffe3b8", "fff3d6"),
    ambient=hexed("ffd9c2"),
    lean=0.12,
    rim=hexed("fff0c9"),
    sun=hexed("fff4d2"),
    ground=hexed("c9a9bf"),
)
SUNSET = Light(
    sky=_sky("3a2c66", "8a3f7f", "e0605e", "f79d4f", "ffd27a"),
    ambient=hexed("ff9d6e"),
    lean=0.18,
    rim=hexed("ffd08a"),
    sun=hexed("fff0b8"),
    ground=hexed("8c4a6b"),
)
NIGHT = Light(
    sky=_sky("0a0f2c", "131b47", "253067", "46447f"),
    ambient=hexed("3a479a"),
    lean=0.2,
    rim=hexed("9fb6ff"),
    sun=hexed("f1f1ff"),
    ground=hexed("1b2250"),
    dark=True,
)
NEON = Light(
    sky=_sky("0d0524", "26094a", "5b1173", "a01f86"),
    ambient=hexed("6a2ab0"),
    lean=0.2,
    rim=hexed("ff5fd2"),
    sun=hexed("7df9ff"),
    ground=hexed("2a0d52"),
    dark=True,
)
RAIN = Light(
    sky=_sky("5d7386", "8398a6", "aebcc2", "d3d6d2"),
    ambient=hexed("8fa3b0"),
    lean=0.18,
    rim=hexed("e6f0f2"),
    sun=hexed("e8ecec"),
    ground=hexed("8a9aa2"),
)
SNOW = Light(
    sky=_sky("8fb3d4", "b9d0e4", "e1ebf2", "f9f8f6"),
    ambient=hexed("d5e4f2"),
    lean=0.12,
    rim=hexed("ffffff"),
    sun=hexed("ffffff"),
    ground=hexed("c4d5e2"),
)
_BY_WEATHER = {"neon": NEON, "rain": RAIN, "snow": SNOW}
_BY_MOMENT = {"sunset": SUNSET, "sunrise": SUNRISE, "night": NIGHT}


def light_of(moment: str, weather: str) -> Light:
    """Return the light of a time of day in some weather; night beats all but neon."""
    if moment == "night" and weather != "neon":
        return NIGHT
    return _BY_WEATHER.get(weather) or _BY_MOMENT.get(moment, DAY)
