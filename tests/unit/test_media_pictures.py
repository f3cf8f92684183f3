import hashlib
import struct
import warnings
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from tests.unit.test_media_samples import (
    bomb,
    encoded,
    jpeg_with,
    opened,
    painted,
    pictures,
    plain,
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


def animated(kind: str, **options: object) -> bytes:
    frames = [painted("RGB", (4, 4), bytes([shade])) for shade in (1, 99, 200)]
    return encoded(frames[0], kind, save_all=True, append_images=frames[1:], **options)


@settings(deadline=None)
@given(body=pictures())
def test_a_whole_picture_is_described(body: bytes) -> None:
    with opened(body) as image:
        kind, size = image.format, ImageOps.exif_transpose(image).size

    picture = inspect(body)

    assert picture.content_type == CONTENT_TYPES[str(kind)]
    assert (picture.width, picture.height) == size
    assert picture.size_bytes == len(body)
    assert picture.sha256 == hashlib.sha256(body).digest()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_measured_as_people_see_it(orientation: int) -> None:
    body = encoded(painted("RGB", (8, 3), b"\x55"), "JPEG", exif=turned(orientation))

    picture = inspect(body)

    shown = (3, 8) if orientation >= 5 else (8, 3)
    assert (picture.width, picture.height) == shown


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


def figure() -> Image.Image:
    """Return a white figure on no ground: a blank page, if that is white."""
    image = Image.new("RGBA", (16, 16), (255, 255, 255, 0))
    image.paste("white", (4, 4, 12, 12))
    return image


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
@pytest.mark.parametrize("alpha", [0, 128, 254])
def test_a_picture_that_one_sees_through_is_refused(kind: str, alpha: int) -> None:
    image = Image.new("RGBA", (16, 16), (200, 100, 0, 255))
    image.putpixel((7, 7), (200, 100, 0, alpha))
    body = encoded(image, kind, lossless=True)

    with pytest.raises(NotAPictureError, match="it is transparent in places"):
        inspect(body)


@pytest.mark.parametrize(
    "body",
    [
        encoded(figure(), "PNG"),
        encoded(figure().convert("LA"), "PNG"),
        encoded(figure().quantize(), "PNG"),
        encoded(Image.new("P", (8, 8), 0), "PNG", transparency=0),
        encoded(Image.new("P", (8, 8), 0), "PNG", transparency=b"\x7f"),
        encoded(Image.new("1", (8, 8), 1), "PNG", transparency=1),
        encoded(Image.new("L", (8, 8), 9), "PNG", transparency=9),
        encoded(Image.new("RGB", (8, 8), (1, 2, 3)), "PNG", transparency=(1, 2, 3)),
        encoded(Image.new("I;16", (8, 8), 0x4000), "PNG", transparency=0x4000),
    ],
    ids=["RGBA", "LA", "quantized", "index", "indices", "1", "L", "RGB", "I;16"],
)
def test_transparency_of_every_sort_is_refused(body: bytes) -> None:
    with pytest.raises(NotAPictureError, match="it is transparent in places"):
        inspect(body)


@pytest.mark.parametrize(
    "body",
    [
        plain("PNG", "RGBA"),
        plain("PNG", "LA"),
        plain("WEBP", "RGBA", lossless=True),
        encoded(Image.new("P", (8, 8), 1), "PNG", transparency=0),
        encoded(Image.new("P", (8, 8), 0), "PNG", transparency=b"\xff"),
    ],
    ids=["PNG RGBA", "PNG LA", "WEBP RGBA", "unused colour", "opaque colours"],
)
def test_a_picture_that_could_be_transparent_but_is_not_is_taken(body: bytes) -> None:
    judged = for_judging(body)

    assert inspect(body).size_bytes == len(body)
    assert inspect(judged).content_type == "image/jpeg"


def test_a_jpeg_of_several_pictures_is_refused() -> None:
    body = animated("MPO")

    with pytest.raises(NotAPictureError):
        inspect(body)


def test_a_jpeg_that_only_claims_several_pictures_is_refused() -> None:
    several = animated("MPO")
    first = several[: several.index(b"\xff\xd9") + 2]

    with pytest.raises(NotAPictureError):
        inspect(first)


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


def test_a_bomb_that_only_pillow_sees_is_refused() -> None:
    body = plain("JPEG")
    scan = next(part for part in jpeg.segments(body) if part.marker == jpeg.SOS)
    frame = b"\xff\xde\0\x0b\x08\x20\0\x20\0\1\1\x11\0"  # hierarchical, 8192 x 8192

    with pytest.raises(NotAPictureError, match="not what its header says"):
        inspect(body[: scan.start] + frame + body[scan.start :])


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


def test_an_unknown_chunk_is_no_hindrance() -> None:
    body = webp_with(plain("WEBP"), (b"abcd", b"xyz"))

    picture = inspect(body)

    assert picture.content_type == "image/webp"


def test_an_unknown_segment_is_no_hindrance() -> None:
    body = jpeg_with(plain("JPEG"), (0xE7, b"xyz"))

    picture = inspect(body)

    assert picture.content_type == "image/jpeg"
