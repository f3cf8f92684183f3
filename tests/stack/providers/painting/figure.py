"""A person, from the back of the hair to the edge of light."""

from dataclasses import dataclass

from tests.stack.providers.painting.canvas import Canvas, around
from tests.stack.providers.painting.clothes import Wardrobe
from tests.stack.providers.painting.face import Face
from tests.stack.providers.painting.frame import Frame, Pose
from tests.stack.providers.painting.hair import Hair
from tests.stack.providers.painting.light import Light
from tests.stack.providers.painting.persona import Persona


@dataclass(frozen=True)
class Look:
    """How somebody appears this time."""

    pose: Pose
    garment: str
    light_from: float
    """The side the light comes from: -1 left, 1 right."""
    smile: float


def paint_figure(canvas: Canvas, persona: Persona, look: Look, light: Light) -> None:
    """Paint somebody on the canvas."""
    frame = Frame(canvas, look.pose)
    hair = Hair(frame, persona, look.light_from)
    face = Face(frame, persona, look.light_from)
    hair.paint_behind()
    Wardrobe(frame, persona, look.light_from).paint(look.garment)
    face.paint_skin()
    face.paint_features(look.smile)
    hair.paint_before(face.outline)
    if persona.earrings:
        _earrings(frame, persona)
    frame.lean_towards(light.ambient, light.lean)
    frame.edge_light(light.rim, look.light_from, 0.8 if light.dark else 0.55)


def _earrings(frame: Frame, persona: Persona) -> None:
    for side in (-1, 1):
        (place,) = frame.head([(side * 0.365, 0.16)])
        frame.dot(place, 0.032, persona.accent)
        ring = frame.head(around((side * 0.365, 0.235), (0.045, 0.055), 16))
        frame.stroke([*ring, ring[0]], persona.accent, 0.014)
