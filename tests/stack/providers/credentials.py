"""Content credentials of the kind providers put in pictures, in outline.

The manifest store is a JUMBF superbox with C2PA's label and nothing signed in it: what
matters is that its bytes are where a real one's are, and whether they are kept. Places:
C2PA 2.2, appendix A (``caBX`` in PNG, APP11 in JPEG, ``C2PA`` in RIFF).
"""

import struct
import zlib
from io import BytesIO

from PIL import Image

_C2PA = bytes.fromhex("6332706100110010800000aa00389b71")
_JSON = bytes.fromhex("6a736f6e00110010800000aa00389b71")
_HAS_LABEL = b"\x03"
_CLAIM = (
    b'{"claim_generator":"stand-in","digitalSourceType":'
    b'"http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"}'
)
_PNG_HEADER = 33  # signature and IHDR
_JPEG_START = 2
_RIFF_HEADER = 12


def manifest_store() -> bytes:
    """Return the superbox that stands for a provider's signed manifest."""
    claim = _box(b"jumb", _described(_JSON, b"stand-in.claim") + _box(b"json", _CLAIM))
    return _box(b"jumb", _described(_C2PA, b"c2pa") + claim)


def with_credentials(content: bytes, kind: str) -> bytes:
    """Return the picture file with a manifest store in its proper place."""
    if kind == "png":
        return _in_png(content)
    return _in_jpeg(content) if kind == "jpg" else _in_webp(content)


def _in_png(content: bytes) -> bytes:
    chunk = b"caBX" + manifest_store()
    size, check = len(chunk) - 4, zlib.crc32(chunk)
    framed = struct.pack(">I", size) + chunk + struct.pack(">I", check)
    return content[:_PNG_HEADER] + framed + content[_PNG_HEADER:]


def _in_jpeg(content: bytes) -> bytes:
    body = b"JP" + struct.pack(">HI", 1, 1) + manifest_store()
    segment = b"\xff\xeb" + struct.pack(">H", len(body) + 2) + body
    return content[:_JPEG_START] + segment + content[_JPEG_START:]


def _in_webp(content: bytes) -> bytes:
    """Return the file in the extended format, which alone may hold further chunks."""
    with Image.open(BytesIO(content)) as image:
        width, height = image.size
    canvas = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    extended = _chunk(b"VP8X", bytes(4) + canvas)
    chunks = extended + content[_RIFF_HEADER:] + _chunk(b"C2PA", manifest_store())
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WEBP" + chunks


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)


def _described(kind: bytes, label: bytes) -> bytes:
    return _box(b"jumd", kind + _HAS_LABEL + label + b"\x00")


def _box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body) + 8) + name + body
