"""PNG: a signature, then a row of chunks from IHDR to IEND.

Source: W3C, Portable Network Graphics (Third Edition), sections 5 and 11.
https://www.w3.org/TR/png-3/
"""

import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

SIGNATURE = b"\x89PNG\r\n\x1a\n"
FRAME_BYTES = 12  # length, type and checksum, around the data
ANIMATION = {b"acTL", b"fcTL", b"fdAT"}
C2PA = b"caBX"  # C2PA 2.1, appendix A, "Embedding manifests into PNG"
XMP_KEYWORD = b"XML:com.adobe.xmp\0"  # XMP Specification, Part 3 (2016), 1.1.5
MAX_XMP_BYTES = 1 << 20  # where Pillow, too, stops inflating a text


class Chunk(NamedTuple):
    """Where a chunk stands in the file, its length and checksum included."""

    kind: bytes
    start: int
    end: int

    def data(self, body: bytes) -> bytes:
        """Return what the chunk says."""
        return body[self.start + 8 : self.end - 4]


def matches(body: bytes) -> bool:
    """Tell whether the file begins like a PNG."""
    return body.startswith(SIGNATURE)


def chunks(body: bytes) -> Iterator[Chunk]:
    """Yield the chunks in order; together with the signature they are the file.

    Raises:
        ValueError: The row is broken, a checksum is wrong, the header is not exactly
            the first chunk, or something follows the last. It may come after the
            first chunks: only who has seen them all knows that the file is whole.
    """
    position, kind = len(SIGNATURE), b""
    while kind != b"IEND":
        chunk = _chunk_at(body, position)
        if (chunk.kind == b"IHDR") != (position == len(SIGNATURE)):
            msg = "its header is not its first chunk"
            raise ValueError(msg)
        yield chunk
        position, kind = chunk.end, chunk.kind
    if position != len(body):
        msg = "something follows its end"
        raise ValueError(msg)


def size(body: bytes) -> tuple[int, int]:
    """Return width and height after a walk through the whole file.

    Raises:
        ValueError: The file is malformed, animated or without pixels.
    """
    kinds = _kinds(body)
    if kinds & ANIMATION:
        msg = "it is animated"
        raise ValueError(msg)
    header = next(chunks(body)).data(body)
    if b"IDAT" not in kinds or len(header) != 13:  # noqa: PLR2004 - section 11.2.1
        msg = "its header or its pixels are missing"
        raise ValueError(msg)
    width, height = struct.unpack_from(">II", header)
    return width, height


def has_c2pa(body: bytes) -> bool:
    """Tell whether there is a C2PA chunk; its name is kept for manifest stores.

    Raises:
        ValueError: The file is malformed.
    """
    return C2PA in _kinds(body)


def xmp_packets(body: bytes) -> Iterator[bytes]:
    """Yield the XMP packets, inflated if need be; the standard allows one.

    Raises:
        ValueError: The file is malformed.
    """
    for chunk in chunks(body):
        if _is_xmp(body, chunk):
            yield _text(chunk.data(body))


def with_xmp(body: bytes, packet: bytes) -> bytes:
    """Return the file with this packet, and no other, right after its header.

    Raises:
        ValueError: The file is malformed.
    """
    kept = [chunk for chunk in chunks(body) if not _is_xmp(body, chunk)]
    header, *others = (body[chunk.start : chunk.end] for chunk in kept)
    xmp = _chunk(b"iTXt", XMP_KEYWORD + bytes(4) + packet)
    return b"".join([SIGNATURE, header, xmp, *others])


def _chunk_at(body: bytes, start: int) -> Chunk:
    kind = body[start + 4 : start + 8]
    end = start + FRAME_BYTES + int.from_bytes(body[start : start + 4])
    if end > len(body) or not kind.isalpha():
        msg = "it breaks off, or its chunks do not follow each other"
        raise ValueError(msg)
    checksum = zlib.crc32(memoryview(body)[start + 4 : end - 4])
    if checksum != int.from_bytes(body[end - 4 : end]):
        msg = "a checksum is wrong"
        raise ValueError(msg)
    return Chunk(kind, start, end)


def _chunk(kind: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)


def _kinds(body: bytes) -> set[bytes]:
    return {chunk.kind for chunk in chunks(body)}


def _is_xmp(body: bytes, chunk: Chunk) -> bool:
    return chunk.kind == b"iTXt" and body.startswith(XMP_KEYWORD, chunk.start + 8)


def _text(data: bytes) -> bytes:
    # After the keyword: two bytes about compression, then language, translated
    # keyword and text, parted by zeros (section 11.3.3.4).
    details = data[len(XMP_KEYWORD) :]
    *_, text = details[2:].split(b"\0", maxsplit=2)
    return _inflated(text) if details[:1] == b"\1" else text


def _inflated(text: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(text, MAX_XMP_BYTES)
    except zlib.error:
        return b""  # nobody can read it, so it says nothing
