"""Pictures that the media tests are about, made when asked for."""

import struct
import zlib
from functools import cache
from io import BytesIO
from itertools import product

import pytest
from hypothesis import strategies as st
from PIL import Image

from vixenbliss.media import jpeg, png, webp

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
    image.putalpha(255)
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


def plain(
    kind: str,
    mode: str = "RGB",
    size: tuple[int, int] = (6, 5),
    **options: object,
) -> bytes:
    return encoded(painted(mode, size, b"\x10\x80\xf0\xff"), kind, **options)


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


def packet(inside: str, *, attribute: str = "") -> bytes:
    return (
        '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF'
        ' xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description xmlns:q="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
        f' rdf:about="" {attribute}>{inside}</rdf:Description>'
        '</rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()


def with_packet(kind: str, content: bytes) -> bytes:
    if kind == "PNG":
        return png_with(plain("PNG"), (b"iTXt", png.XMP_KEYWORD + bytes(4) + content))
    if kind == "JPEG":
        return jpeg_with(plain("JPEG"), (jpeg.APP1, jpeg.XMP + content))
    return webp_with(plain("WEBP"), (webp.XMP, content))


@pytest.mark.parametrize("name", samples())
def test_a_sample_is_a_picture(name: str) -> None:
    body = samples()[name]

    size, _ = pixels(body)

    assert size == (5, 4)
