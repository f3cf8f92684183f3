import struct

import pytest
from hypothesis import given, settings
from PIL import Image

from tests.unit.test_media_samples import (
    encoded,
    jpeg_with,
    packet,
    pictures,
    plain,
    png_with,
    samples,
    turned,
    webp_with,
    with_packet,
)
from vixenbliss.media import jpeg
from vixenbliss.media.credentials import has_c2pa, with_source_type
from vixenbliss.media.pictures import inspect

UUID = bytes.fromhex("63327061 0011 0010 8000 00AA00389B71")


def store(uuid: bytes = UUID, *, long: bool = False) -> bytes:
    """Craft the beginning of a manifest store, which is a box with a description."""
    description = struct.pack(">I", 30) + b"jumd" + uuid + b"\x03c2pa\0"
    content = description + struct.pack(">I4s", 16, b"json") + b'{"a": 1}'
    if long:
        return struct.pack(">I4sQ", 1, b"jumb", 16 + len(content)) + content
    return struct.pack(">I4s", 8 + len(content), b"jumb") + content


def app11(box: bytes, name: bytes = b"JP") -> bytes:
    return name + struct.pack(">HI", 1, 1) + box


@pytest.mark.parametrize(
    "body",
    [
        png_with(plain("PNG"), (b"caBX", store())),
        jpeg_with(plain("JPEG"), (jpeg.APP11, app11(store()))),
        jpeg_with(plain("JPEG"), (jpeg.APP11, app11(store(long=True)))),
        jpeg_with(
            plain("JPEG"),
            (jpeg.APP11, app11(store(bytes(16)))),
            (jpeg.APP11, app11(store())),
        ),
        webp_with(plain("WEBP"), (b"C2PA", store())),
        webp_with(plain("WEBP", exif=turned(1)), (b"C2PA", store())),
    ],
)
def test_a_manifest_store_is_seen(body: bytes) -> None:
    inspect(body)

    seen = has_c2pa(body)

    assert seen


def uncompressed(colours: bytes) -> bytes:
    """Make a PNG whose pixels stand in the file as they are."""
    image = Image.frombytes("RGB", (8, 8), (colours * 192)[:192])
    return encoded(image, "PNG", compress_level=0)


@pytest.mark.parametrize(
    "body",
    [
        *samples().values(),
        png_with(plain("PNG"), (b"tEXt", b"Comment\0c2pa caBX jumb jumd" + UUID)),
        png_with(plain("PNG"), (b"tEXt", b"a\0" + struct.pack(">I4s", 0, b"caBX"))),
        uncompressed(b"c2pacaBX"),
        jpeg_with(plain("JPEG"), (0xFE, app11(store()))),
        jpeg_with(plain("JPEG"), (jpeg.APP1, b"\xff\xeb" + app11(store()))),
        jpeg_with(plain("JPEG"), (jpeg.APP11, app11(store(bytes(16))))),
        jpeg_with(plain("JPEG"), (jpeg.APP11, app11(store(), b"XX"))),
        jpeg_with(plain("JPEG"), (jpeg.APP11, app11(store()[:20]))),
        jpeg_with(plain("JPEG"), (jpeg.APP11, b"")),
        webp_with(plain("WEBP"), (b"EXIF", b"C2PA" + store())),
        webp_with(plain("WEBP"), (b"c2pa", store())),
    ],
)
def test_the_mere_letters_are_no_manifest_store(body: bytes) -> None:
    inspect(body)

    seen = has_c2pa(body)

    assert not seen


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_link_to_a_store_elsewhere_is_not_embedded(kind: str) -> None:
    link = packet(
        '<d:provenance xmlns:d="http://purl.org/dc/terms/">'
        "https://example.com/a.c2pa</d:provenance>"
    )
    body = with_packet(kind, link)

    seen = has_c2pa(body)

    assert not seen


@settings(deadline=None)
@given(body=pictures())
def test_a_statement_is_no_manifest_store(body: bytes) -> None:
    marked = with_source_type(body)

    assert not has_c2pa(marked)
