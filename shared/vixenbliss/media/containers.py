"""The three kinds of files that we take, seen alike.

Each is a module of its own that fulfils ``Container``. All of them complain with
``ValueError``; ``vixenbliss.media.pictures.refusing`` makes that an error for callers.
"""

from collections.abc import Iterator
from typing import Literal, Protocol

from vixenbliss.media import jpeg, png, webp

ContentType = Literal["image/jpeg", "image/png", "image/webp"]


class Container(Protocol):
    """What we ask of a file without looking at its pixels.

    All but ``matches`` walk through the whole file and raise ``ValueError`` if it is
    malformed.
    """

    def matches(self, body: bytes) -> bool:
        """Tell whether the file begins like one of this kind."""
        ...

    def size(self, body: bytes) -> tuple[int, int]:
        """Return width and height, as stored; animated pictures are refused."""
        ...

    def has_c2pa(self, body: bytes) -> bool:
        """Tell whether the file carries a C2PA manifest store."""
        ...

    def xmp_packets(self, body: bytes) -> Iterator[bytes]:
        """Yield the XMP packets, of which there should be one at most."""
        ...

    def with_xmp(self, body: bytes, packet: bytes) -> bytes:
        """Return the same picture with this XMP packet and no other."""
        ...


KINDS: dict[ContentType, Container] = {
    "image/png": png,
    "image/jpeg": jpeg,
    "image/webp": webp,
}


def content_type_of(body: bytes) -> ContentType:
    """Name the kind of file by its first bytes.

    Raises:
        ValueError: It begins like none of the three.
    """
    for content_type, kind in KINDS.items():
        if kind.matches(body):
            return content_type
    msg = "it does not begin like one"
    raise ValueError(msg)


def container_of(body: bytes) -> Container:
    """Return the reader for this file, by its first bytes.

    Raises:
        ValueError: It begins like none of the three.
    """
    return KINDS[content_type_of(body)]
