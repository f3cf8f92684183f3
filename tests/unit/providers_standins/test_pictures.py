"""Pictures: the same each time, different where they should be, free of metadata."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from tests.stack.providers.painting.composition import SCENES
from tests.stack.providers.painting.persona import Reading, key_of, persona_of
from tests.stack.providers.pictures import Picture, draw
from tests.stack.providers.replicate.models import SIZES

ROOT = Path(__file__).parents[3]
LUNA = "Luna Vega, 27, long wavy copper hair, olive skin, green eyes"


def small(prompt: str, seed: int = 1) -> Picture:
    return Picture(prompt, seed, width=160, height=200)


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def difference(one: bytes, other: bytes) -> float:
    """Return how far two pictures are apart on average, from 0 to 255."""
    apart = ImageChops.difference(opened(one).convert("L"), opened(other).convert("L"))
    return ImageStat.Stat(apart).mean[0]


@pytest.mark.parametrize("kind", ["png", "jpg", "webp"])
def test_the_same_prompt_and_seed_give_the_same_bytes(kind: str) -> None:
    picture = Picture(f"{LUNA}, beach", 7, width=160, height=200, kind=kind)

    assert draw(picture) == draw(picture)


def test_the_bytes_are_the_same_in_another_process() -> None:
    code = (
        "import sys; from tests.stack.providers.pictures import Picture, draw;"
        "sys.stdout.buffer.write(draw(Picture('Luna at the lake', 5, 160, 200)))"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "7"}

    elsewhere = subprocess.run(  # noqa: S603 # our own code, in our own Python
        [sys.executable, "-c", code], env=environment, capture_output=True, check=True
    )

    assert elsewhere.stdout == draw(small("Luna at the lake", 5))


def test_another_place_is_visibly_another_picture() -> None:
    pictures = [draw(small(f"{LUNA}, {place}")) for place in sorted(SCENES)]

    pairs = [(a, b) for n, a in enumerate(pictures) for b in pictures[:n]]
    assert min(difference(a, b) for a, b in pairs) > 8


def test_another_time_of_day_is_visibly_another_picture() -> None:
    day, sunset, night = (
        draw(small(f"{LUNA}, on the beach {moment}"))
        for moment in ("", "at sunset", "at night")
    )

    assert min(difference(day, sunset), difference(sunset, night)) > 8


def test_another_seed_changes_how_it_is_seen() -> None:
    one, other = (draw(small(f"{LUNA}, at the market", seed)) for seed in (1, 2))

    assert difference(one, other) > 4


@pytest.mark.parametrize("ratio", sorted(SIZES))
def test_each_aspect_ratio_is_kept(ratio: str) -> None:
    width, height = SIZES[ratio]

    picture = opened(draw(Picture(LUNA, 1, width, height, draft=True)))

    left, right = map(int, ratio.split(":"))
    assert picture.size == (width, height)
    assert abs(width / height - left / right) < 0.001


@pytest.mark.parametrize("kind", ["png", "jpg", "webp"])
def test_a_picture_tells_nothing_of_its_prompt(kind: str) -> None:
    content = draw(Picture(f"{LUNA}, beach", 1, 160, 200, kind=kind))

    picture = opened(content)

    assert b"Luna" not in content
    assert not picture.getexif()
    assert set(picture.info) <= {
        "jfif",
        "jfif_version",
        "jfif_unit",
        "jfif_density",
    } | {
        "loop",
        "background",
        "timestamp",
        "duration",
    }


def test_a_person_looks_the_same_whatever_the_scene() -> None:
    looks = {
        persona_of(f"{LUNA}, {scene}") for scene in ("beach", "gym", "a café at night")
    }

    assert len(looks) == 1


@pytest.mark.parametrize("scene", ["Sunset at the beach", "In the gym, training"])
def test_a_description_behind_the_scene_is_somebodys_own(scene: str) -> None:
    described = "adult, 27 years old, calm smile, copper, sea-green eyes, linen shirt"

    reading = Reading.of(f"{scene}. {described}")

    assert (reading.scene, reading.description) == (f"{scene}. ", described)
    assert persona_of(f"{scene}. {described}") == persona_of(f"{described}. {scene}")


def test_the_scene_is_not_read_from_the_description() -> None:
    described = "adult, 30 years old, eyes like the sea, a beach dress"

    at_home, by_the_sea = (
        draw(small(f"{scene}. {described}")) for scene in ("A sofa", "The beach")
    )

    assert difference(at_home, by_the_sea) > 8


def test_what_the_description_says_of_looks_holds() -> None:
    copper = persona_of("Luna Vega with copper hair")
    black = persona_of("Luna Vega with black hair")

    assert copper.hair != black.hair
    assert copper.skin == black.skin


@pytest.mark.parametrize(
    ("prompt", "key"),
    [
        ("A photo of Luna Vega at the beach", "Luna Vega"),
        ("a portrait of Luna in the rain", "Luna"),
        ("a young creator with curls, in the gym", "a young creator with curls"),
    ],
)
def test_a_person_is_known_by_name_or_opening_words(prompt: str, key: str) -> None:
    assert key_of(prompt) == key


def test_a_still_life_has_nobody_in_it() -> None:
    alone = draw(small("a cup of coffee, still life"))
    somebody = draw(small("a cup of coffee"))

    assert difference(alone, somebody) > 8
