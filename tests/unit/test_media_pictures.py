import hashlib
import struct
import warnings
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageOps, ImageStat

from tests.unit.test_media_samples import (
    encoded,
    jpeg_with,
    opened,
    painted,
    pictures,
    png_chunk,
    png_with,
    samples,
    turned,
    webp_with,
)
from vixenbliss.errors import ValidationError
from vixenbliss.media import jpeg, png
from vixenbliss.media.pictures import MAX_PIXELS, NotAPictureError, for_judging, inspect

TOO_LARGE = "at most 40000000 pixels"
CONTENT_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}


def plain(kind: str, mode: str = "RGB", size: tuple[int, int] = (16, 12)) -> bytes:
    return encoded(painted(mode, size, b"\x10\x80\xf0\xff"), kind)


def animated(kind: str, **options: object) -> bytes:
    frames = [painted("RGB", (4, 4), bytes([shade])) for shade in (1, 99, 200)]
    return encoded(frames[0], kind, save_all=True, append_images=frames[1:], **options)


@settings(deadline=None)
@given(body=pictures())
def test_a_whole_picture_is_described(body: bytes) -> None:
    with opened(body) as image:
        kind, size = image.format, image.size

    picture = inspect(body)

    assert picture.content_type == CONTENT_TYPES[str(kind)]
    assert (picture.width, picture.height) == size
    assert picture.size_bytes == len(body)
    assert picture.sha256 == hashlib.sha256(body).digest()


def test_a_picture_is_measured_as_it_is_stored() -> None:
    body = encoded(painted("RGB", (8, 3), b"\x55"), "JPEG", exif=turned(6))

    picture = inspect(body)

    assert (picture.width, picture.height) == (8, 3)


def test_the_error_is_a_complaint_about_the_request() -> None:
    with pytest.raises(ValidationError) as caught:
        inspect(b"hello")

    assert caught.value.code == "NOT_A_PICTURE"
    assert str(caught.value) == (
        "This is not a PNG, JPEG or WebP picture that we can take:"
        " it does not begin like one."
    )


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "PPM", "ICO", "JPEG2000"])
def test_other_formats_are_refused(kind: str) -> None:
    body = encoded(painted("RGB", (16, 16), b"\x33"), kind)

    with pytest.raises(NotAPictureError, match="does not begin like one"):
        inspect(body)


@pytest.mark.parametrize("body", [b"", b"\x89PNG", b"RIFF", b"<svg/>", bytes(100)])
def test_something_else_is_refused(body: bytes) -> None:
    with pytest.raises(NotAPictureError):
        inspect(body)


@settings(deadline=None)
@given(body=pictures(), data=st.data())
def test_a_truncated_picture_is_refused(body: bytes, data: st.DataObject) -> None:
    end = data.draw(st.integers(0, len(body) - 1))

    with pytest.raises(NotAPictureError):
        inspect(body[:end])


@pytest.mark.parametrize("name", samples())
@pytest.mark.parametrize("more", [b"\0", b"PK\x03\x04", b"\xff\xd9"])
def test_what_follows_the_end_is_refused(name: str, more: bytes) -> None:
    body = samples()[name] + more

    with pytest.raises(NotAPictureError, match="something follows its end"):
        inspect(body)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_an_animation_is_refused(kind: str) -> None:
    body = animated(kind)

    with pytest.raises(NotAPictureError, match="it is animated"):
        inspect(body)


def test_an_animation_of_one_frame_is_refused() -> None:
    body = png_with(plain("PNG"), (b"acTL", struct.pack(">II", 1, 0)))

    with pytest.raises(NotAPictureError, match="it is animated"):
        inspect(body)


def test_a_jpeg_of_several_pictures_is_refused() -> None:
    body = animated("MPO")

    with pytest.raises(NotAPictureError):
        inspect(body)


def test_a_jpeg_that_only_claims_several_pictures_is_refused() -> None:
    several = animated("MPO")
    first = several[: several.index(b"\xff\xd9") + 2]

    with pytest.raises(NotAPictureError):
        inspect(first)


def bomb(kind: str, side: int) -> bytes:
    """Claim a size that the pixels do not have."""
    body = plain(kind, size=(4, 4))
    if kind == "PNG":
        header = struct.pack(">II", side, side) + body[24:29]
        return body[:8] + png_chunk(b"IHDR", header) + body[33:]
    if kind == "JPEG":
        frame = next(part for part in jpeg.segments(body) if part.marker == 0xC0)
        at = frame.content + 1
        return body[:at] + struct.pack(">HH", side, side) + body[at + 4 :]
    at = body.index(b"\x9d\x01\x2a") + 3
    return body[:at] + struct.pack("<HH", side, side) + body[at + 4 :]


@pytest.mark.parametrize(
    ("kind", "side"),
    [("PNG", 0x7FFFFFFF), ("PNG", 6325), ("JPEG", 0xFFFF), ("WEBP", 0x3FFF)],
)
def test_a_bomb_is_refused_before_it_is_decoded(kind: str, side: int) -> None:
    body = bomb(kind, side)

    with pytest.raises(NotAPictureError, match=TOO_LARGE):
        inspect(body)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_picture_without_pixels_is_refused(kind: str) -> None:
    body = bomb(kind, 0)

    with pytest.raises(NotAPictureError, match="it is 0 x 0"):
        inspect(body)


def test_a_bomb_behind_an_extended_header_is_refused() -> None:
    small = encoded(painted("RGB", (4, 4), b"\x77"), "WEBP", exif=turned(1))
    body = small[:24] + b"\xff" * 6 + small[30:]

    with pytest.raises(NotAPictureError, match="fills the canvas"):
        inspect(body)


def test_a_bomb_behind_a_second_header_is_refused() -> None:
    huge = struct.pack(">IIBBBBB", 1 << 20, 1 << 20, 8, 2, 0, 0, 0)
    body = png_with(plain("PNG"), (b"IHDR", huge))

    with pytest.raises(NotAPictureError, match="header"):
        inspect(body)


def test_a_bomb_in_a_text_is_refused() -> None:
    text = png.XMP_KEYWORD + b"\1\0\0\0" + zlib.compress(bytes(1 << 24))
    body = png_with(plain("PNG"), (b"iTXt", text))

    with pytest.raises(NotAPictureError, match="cannot be read"):
        inspect(body)


def test_a_jpeg_with_very_many_scans_is_refused() -> None:
    body = encoded(painted("RGB", (16, 16), b"\x10\x99"), "JPEG", progressive=True)
    *_, scan, end = jpeg.segments(body)
    again = body[scan.start : scan.end] * jpeg.MAX_SCANS

    with pytest.raises(NotAPictureError, match="too many scans"):
        inspect(body[: end.start] + again + body[end.start :])


def test_forty_megapixels_are_taken() -> None:
    body = encoded(Image.new("1", (8000, 5000)), "PNG")

    picture = inspect(body)

    assert picture.width * picture.height == MAX_PIXELS


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("read", [inspect, for_judging])
def test_a_warning_about_exif_is_a_refusal(
    kind: str, read: Callable[[bytes], object], recwarn: pytest.WarningsRecorder
) -> None:
    broken = b"Exif\0\0II*\0\x08\0\0\0\x09\0\x12\x01\x03\0\x01\0\0\0\x06\0"
    body = encoded(painted("RGB", (4, 4), b"\x42"), kind, exif=broken)
    recwarn.clear()

    with pytest.raises(NotAPictureError, match="metadata cannot be read"):
        read(body)

    assert not recwarn.list


def test_threads_leave_the_warning_filters_as_they_were() -> None:
    before = list(warnings.filters)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(inspect, [plain("PNG"), plain("JPEG"), plain("WEBP")] * 50))

    assert list(warnings.filters) == before


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
def test_a_judge_sees_transparency_as_white(kind: str) -> None:
    body = encoded(Image.new("RGBA", (8, 8), (0, 0, 0, 0)), kind, lossless=True)

    judged = opened(for_judging(body))

    assert judged.getextrema() == ((255, 255),) * 3


@pytest.mark.parametrize(("mode", "clear"), [("P", 0), ("L", 0), ("RGB", (0, 0, 0))])
def test_a_judge_sees_a_transparent_colour_as_white(mode: str, clear: object) -> None:
    body = encoded(Image.new(mode, (8, 8), 0), "PNG", transparency=clear)

    judged = opened(for_judging(body))

    assert judged.getextrema() == ((255, 255),) * 3


@pytest.mark.parametrize("options", [{}, {"transparency": 0}])
def test_a_judge_sees_16_bits_scaled_not_clipped(options: dict[str, int]) -> None:
    body = encoded(Image.new("I;16", (8, 8), 0x4000), "PNG", **options)

    judged = opened(for_judging(body))

    assert judged.getextrema() == ((0x40, 0x40),) * 3


def test_a_judge_is_not_sent_a_bomb() -> None:
    body = bomb("PNG", 1 << 20)

    with pytest.raises(NotAPictureError, match=TOO_LARGE):
        for_judging(body)


def test_judging_the_same_picture_twice_sends_the_same_bytes() -> None:
    body = plain("WEBP", "RGBA")

    first, second = for_judging(body), for_judging(body)

    assert first == second


def test_an_unknown_chunk_is_no_hindrance() -> None:
    body = webp_with(plain("WEBP"), (b"abcd", b"xyz"))

    picture = inspect(body)

    assert picture.content_type == "image/webp"


def test_an_unknown_segment_is_no_hindrance() -> None:
    body = jpeg_with(plain("JPEG"), (0xE7, b"xyz"))

    picture = inspect(body)

    assert picture.content_type == "image/jpeg"
