"""WebP: a RIFF header, then a row of chunks.

Source: RFC 9649, sections 2.3 to 2.7, and 3.4 for the header of lossless pixels;
RFC 6386, section 9.1, for the header of lossy pixels.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

HEADER_BYTES = 12
LOSSY, LOSSLESS, EXTENDED = b"VP8 ", b"VP8L", b"VP8X"
ANIMATION = {b"ANIM", b"ANMF"}
EXIF, XMP = b"EXIF", b"XMP "
C2PA = b"C2PA"  # C2PA 2.1, appendix A, on formats based on RIFF
ALPHA_FLAG, XMP_FLAG, ANIMATION_FLAG = 0x10, 0x04, 0x02
EXTENDED_BYTES = 10  # flags, three reserved bytes, width - 1, height - 1


class Chunk(NamedTuple):
    """Where a chunk stands in the file, its padding included."""

    kind: bytes
    start: int
    content_end: int
    end: int

    def data(self, body: bytes) -> bytes:
        """Return what the chunk says."""
        return body[self.start + 8 : self.content_end]


class Canvas(NamedTuple):
    """What a simple file tells in its pixels, and an extended one in its header."""

    width: int
    height: int
    has_alpha: bool


def matches(body: bytes) -> bool:
    """Tell whether the file begins like a WebP."""
    return body.startswith(b"RIFF") and body.startswith(b"WEBP", 8)


def chunks(body: bytes) -> Iterator[Chunk]:
    """Yield the chunks in order; together with the RIFF header they are the file.

    Raises:
        ValueError: The row is broken, does not fill the file exactly, or begins with
            a chunk that cannot be the first.
    """
    if int.from_bytes(body[4:8], "little") != len(body) - 8:
        msg = "it breaks off, or something follows its end"
        raise ValueError(msg)
    if body[12:16] not in {LOSSY, LOSSLESS, EXTENDED}:
        msg = "its first chunk is not of a picture"
        raise ValueError(msg)
    position = HEADER_BYTES
    while position < len(body):
        chunk = _chunk_at(body, position)
        yield chunk
        position = chunk.end


def size(body: bytes) -> tuple[int, int]:
    """Return width and height after a walk through the whole file.

    Raises:
        ValueError: The file is malformed, animated, or not of exactly one picture
            that fills the canvas.
    """
    row = list(chunks(body))
    if _is_animated(body, row):
        msg = "it is animated"
        raise ValueError(msg)
    pictures = [chunk for chunk in row if chunk.kind in {LOSSY, LOSSLESS}]
    sizes = {_canvas(body, chunk)[:2] for chunk in (row[0], *pictures)}
    if len(pictures) != 1 or len(sizes) != 1:
        msg = "it is not made of one picture that fills the canvas"
        raise ValueError(msg)
    return sizes.pop()


def has_c2pa(body: bytes) -> bool:
    """Tell whether there is a C2PA chunk; its name is kept for manifest stores.

    Raises:
        ValueError: The file is malformed.
    """
    return C2PA in {chunk.kind for chunk in chunks(body)}


def xmp_packets(body: bytes) -> Iterator[bytes]:
    """Yield the XMP packets; the standard allows one.

    Raises:
        ValueError: The file is malformed.
    """
    for chunk in chunks(body):
        if chunk.kind == XMP:
            yield chunk.data(body)


def with_xmp(body: bytes, packet: bytes) -> bytes:
    """Return the file with this packet, and no other, after its pixels and Exif.

    A simple file becomes an extended one, for only that has XMP.

    Raises:
        ValueError: The file is malformed.
    """
    kept = [chunk for chunk in chunks(body) if chunk.kind != XMP]
    header = _extended_header(body, kept[0])
    others = kept[1:] if kept[0].kind == EXTENDED else kept
    before = {LOSSY, LOSSLESS, EXIF, *ANIMATION}
    places = [place for place, chunk in enumerate(others, 1) if chunk.kind in before]
    place = max(places, default=0)
    parts = [body[chunk.start : chunk.end] for chunk in others]
    row = b"".join([header, *parts[:place], _chunk(XMP, packet), *parts[place:]])
    return b"RIFF" + struct.pack("<I", 4 + len(row)) + b"WEBP" + row


def _chunk_at(body: bytes, start: int) -> Chunk:
    length = int.from_bytes(body[start + 4 : start + 8], "little")
    content_end = start + 8 + length
    end = content_end + length % 2
    if end > len(body):
        msg = "it breaks off in a chunk"
        raise ValueError(msg)
    return Chunk(body[start : start + 4], start, content_end, end)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return kind + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)


def _extended_header(body: bytes, first: Chunk) -> bytes:
    if first.kind == EXTENDED:
        flags, *others = _extended_data(body, first)
        return _chunk(EXTENDED, bytes([flags | XMP_FLAG, *others]))
    canvas = _canvas(body, first)
    flags = XMP_FLAG | (ALPHA_FLAG if canvas.has_alpha else 0)
    width, height = (canvas.width - 1), (canvas.height - 1)
    sides = width.to_bytes(3, "little") + height.to_bytes(3, "little")
    return _chunk(EXTENDED, bytes([flags, 0, 0, 0]) + sides)


def _is_animated(body: bytes, row: list[Chunk]) -> bool:
    first = row[0]
    if first.kind == EXTENDED and _extended_data(body, first)[0] & ANIMATION_FLAG:
        return True
    return any(chunk.kind in ANIMATION for chunk in row)


def _canvas(body: bytes, chunk: Chunk) -> Canvas:
    if chunk.kind == EXTENDED:
        data = _extended_data(body, chunk)
        width, height = (int.from_bytes(data[at : at + 3], "little") for at in (4, 7))
        return Canvas(width + 1, height + 1, has_alpha=bool(data[0] & ALPHA_FLAG))
    return (_lossy if chunk.kind == LOSSY else _lossless)(chunk.data(body))


def _extended_data(body: bytes, chunk: Chunk) -> bytes:
    data = chunk.data(body)
    if len(data) < EXTENDED_BYTES:
        msg = "its header is cut short"
        raise ValueError(msg)
    return data


def _lossy(data: bytes) -> Canvas:
    # RFC 6386, 9.1: three bytes of frame tag, a start code, then 14 bits per side;
    # the two bits above tell how far to scale up, which WebP ignores.
    width, height = (
        int.from_bytes(data[at : at + 2], "little") & 0x3FFF for at in (6, 8)
    )
    if data[3:6] != b"\x9d\x01\x2a" or not (width and height):
        msg = "its lossy pixels do not begin with a key frame"
        raise ValueError(msg)
    return Canvas(width, height, has_alpha=False)


def _lossless(data: bytes) -> Canvas:
    # RFC 9649, 3.4: a signature, then 14 bits per side (less one) and one for alpha.
    bits = int.from_bytes(data[1:5], "little")
    if data[:1] != b"\x2f" or len(data) < 5:  # noqa: PLR2004 - as the line above says
        msg = "its lossless pixels do not begin with their signature"
        raise ValueError(msg)
    width, height = bits & 0x3FFF, bits >> 14 & 0x3FFF
    return Canvas(width + 1, height + 1, has_alpha=bool(bits >> 28 & 1))
