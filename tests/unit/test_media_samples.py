"""Pictures that the media tests are about, made when asked for."""

import struct
import zlib
from functools import cache
from io import BytesIO
from itertools import product

import pytest
from hypothesis import strategies as st
from PIL import Image

MODES = {
    "PNG": ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"),
    "JPEG": ("L", "RGB", "CMYK"),
    "WEBP": ("RGB", "RGBA"),
}
STYLES = {
    "PNG": ({},),
    "JPEG": ({}, {"progressive": True}, {"restart_marker_blocks": 1, "quality": 95}),
    "WEBP": ({}, {"lossless": True}),
}
ORIENTATION = 0x0112


def painted(mode: str, size: tuple[int, int], colours: bytes) -> Image.Image:
    needed = 4 * size[0] * size[1]
    image = Image.frombytes("RGBA", size, (colours * needed)[:needed])
    return image.convert("L").convert(mode) if mode == "I;16" else image.convert(mode)


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    answer = BytesIO()
    image.save(answer, kind, **options)
    return answer.getvalue()


def opened(body: bytes) -> Image.Image:
    return Image.open(BytesIO(body))


def pixels(body: bytes) -> tuple[tuple[int, int], bytes]:
    with opened(body) as image:
        return image.size, image.convert("RGBA").tobytes()


def turned(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return exif


@cache
def samples() -> dict[str, bytes]:
    """One small picture of every kind, mode and style, each with Exif and without."""
    return {
        f"{kind} {mode} {' '.join(style)}{' exif' if exif else ''}": encoded(
            painted(mode, (5, 4), bytes(range(251))), kind, **style, **exif
        )
        for kind, modes in MODES.items()
        for mode, style, exif in product(modes, STYLES[kind], ({}, {"exif": turned(6)}))
    }


@st.composite
def pictures(draw: st.DrawFn) -> bytes:
    """Any picture of a kind that we take, of a few pixels."""
    kind = draw(st.sampled_from(sorted(MODES)))
    mode = draw(st.sampled_from(MODES[kind]))
    size = draw(st.tuples(st.integers(1, 24), st.integers(1, 24)))
    colours = draw(st.binary(min_size=1, max_size=64))
    options: dict[str, object] = dict(draw(st.sampled_from(STYLES[kind])))
    if draw(st.booleans()):
        options["exif"] = turned(draw(st.integers(1, 8)))
    if draw(st.booleans()) and kind != "PNG":
        options["xmp"] = b"<somebody's/>"
    return encoded(painted(mode, size, colours), kind, **options)


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + checksum(kind + data)


def checksum(data: bytes) -> bytes:
    return zlib.crc32(data).to_bytes(4)


def png_with(body: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    """Put chunks right after the header of a PNG."""
    return body[:33] + b"".join(png_chunk(*chunk) for chunk in chunks) + body[33:]


def jpeg_with(body: bytes, *segments: tuple[int, bytes]) -> bytes:
    """Put segments right after the start of a JPEG."""
    made = (
        struct.pack(">BBH", 0xFF, marker, 2 + len(data)) + data
        for marker, data in segments
    )
    return body[:2] + b"".join(made) + body[2:]


def webp_with(body: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    """Put chunks at the end of a WebP."""
    made = (
        kind + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)
        for kind, data in chunks
    )
    return resized(body + b"".join(made))


def resized(body: bytes) -> bytes:
    """Let a RIFF file tell its true length."""
    return body[:4] + (len(body) - 8).to_bytes(4, "little") + body[8:]


@pytest.mark.parametrize("name", samples())
def test_a_sample_is_a_picture(name: str) -> None:
    body = samples()[name]

    size, _ = pixels(body)

    assert size == (5, 4)
