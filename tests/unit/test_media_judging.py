import pytest
from hypothesis import given, settings
from PIL import Image, ImageChops, ImageOps, ImageStat

from tests.unit.test_media_samples import (
    bomb,
    encoded,
    opened,
    pictures,
    plain,
    turned,
)
from vixenbliss.media.pictures import NotAPictureError, for_judging, inspect


@settings(deadline=None)
@given(body=pictures())
def test_a_judge_gets_a_bare_jpeg(body: bytes) -> None:
    with opened(for_judging(body)) as judged:
        judged.load()

    assert (judged.format, judged.mode) == ("JPEG", "RGB")
    assert set(judged.info) == {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


@pytest.mark.parametrize(
    ("stored", "judged"),
    [
        ((1500, 500), (1024, 341)),
        ((500, 1500), (341, 1024)),
        ((2500, 2000), (1024, 819)),
        ((3000, 1), (1024, 1)),
        ((40, 30), (40, 30)),
    ],
)
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_judge_gets_1024_pixels_at_most(
    kind: str, stored: tuple[int, int], judged: tuple[int, int]
) -> None:
    body = plain(kind, size=stored)

    answer = inspect(for_judging(body))

    assert (answer.width, answer.height) == judged


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_judge_sees_the_picture_upright(kind: str, orientation: int) -> None:
    image = Image.new("RGB", (48, 32), "black")
    image.paste("red", (0, 0, 24, 16))
    image.paste("blue", (24, 16, 48, 32))
    body = encoded(image, kind, exif=turned(orientation))

    judged = opened(for_judging(body))

    expected = ImageOps.exif_transpose(opened(body)).convert("RGB")
    assert judged.size == expected.size
    difference = ImageStat.Stat(ImageChops.difference(judged, expected))
    assert max(difference.mean) < 8


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_a_judge_sees_an_opaque_picture_whatever_its_mode(kind: str) -> None:
    body = encoded(Image.new("RGBA", (8, 8), (0, 0, 0, 255)), kind, lossless=True)

    judged = opened(for_judging(body))

    assert judged.getextrema() == ((0, 0),) * 3


def test_a_judge_sees_16_bits_scaled_not_clipped() -> None:
    body = encoded(Image.new("I;16", (8, 8), 0x4000), "PNG")

    judged = opened(for_judging(body))

    assert judged.getextrema() == ((0x40, 0x40),) * 3


def test_a_judge_is_not_asked_about_what_is_hidden() -> None:
    body = encoded(Image.new("RGBA", (8, 8), (255, 0, 255, 0)), "PNG")

    with pytest.raises(NotAPictureError, match="transparent"):
        for_judging(body)


def test_a_judge_is_not_sent_a_bomb() -> None:
    body = bomb("PNG", 1 << 20)

    with pytest.raises(NotAPictureError, match="at most 40000000 pixels"):
        for_judging(body)


def test_judging_the_same_picture_twice_sends_the_same_bytes() -> None:
    body = plain("WEBP", "RGBA")

    first, second = for_judging(body), for_judging(body)

    assert first == second
