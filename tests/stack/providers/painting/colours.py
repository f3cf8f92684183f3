"""Colours, and what painters do to them."""

import colorsys

type Colour = tuple[int, int, int]

WHITE: Colour = (255, 255, 255)


def hexed(code: str) -> Colour:
    """Return the colour of a code such as ``f4a261``."""
    red, green, blue = bytes.fromhex(code)
    return red, green, blue


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """Return one colour with a share of the other in it."""
    red, green, blue = (
        round(a + (b - a) * share) for a, b in zip(one, other, strict=True)
    )
    return red, green, blue


def lighter(colour: Colour, share: float) -> Colour:
    """Return the colour with a share of white."""
    return mix(colour, WHITE, share)


def darker(colour: Colour, share: float) -> Colour:
    """Return the colour with a share of a deep blue, which dulls less than black."""
    return mix(colour, (14, 10, 34), share)


def turned(colour: Colour, degrees: float, more_vivid: float = 0.0) -> Colour:
    """Return the colour turned on the wheel, and made more vivid or duller."""
    hue, light, vivid = colorsys.rgb_to_hls(*(part / 255 for part in colour))
    vivid = min(1.0, max(0.0, vivid + more_vivid))
    found = colorsys.hls_to_rgb((hue + degrees / 360) % 1.0, light, vivid)
    red, green, blue = (round(part * 255) for part in found)
    return red, green, blue


def brightness(colour: Colour) -> float:
    """Return how bright the colour looks, from 0 to 1."""
    red, green, blue = colour
    return (0.299 * red + 0.587 * green + 0.114 * blue) / 255
