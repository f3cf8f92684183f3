"""What a picture says about its own making: C2PA credentials and an XMP statement.

Regulation (EU) 2024/1689, Art. 50(2), wants generated pictures marked so that a
machine can tell. Files are read and written by their containers; pixels stay as they
are.
"""

from vixenbliss.media.containers import container_of
from vixenbliss.media.packets import PACKET, stated_source_type
from vixenbliss.media.pictures import refusing

AI_TERM = "trainedAlgorithmicMedia"
"""IPTC's term; ``compositeWithTrainedAlgorithmicMedia`` ends in it, capitalised."""


def has_c2pa(body: bytes) -> bool:
    """Tell whether the file carries a C2PA manifest store, valid or not.

    A link to a store elsewhere (``dcterms:provenance`` in XMP) does not count.

    Raises:
        NotAPictureError: The file is none of our three formats, or malformed.
    """
    with refusing():
        return container_of(body).has_c2pa(body)


def source_type(body: bytes) -> str | None:
    """Return the IPTC DigitalSourceType that the picture's XMP states, if any.

    Raises:
        NotAPictureError: The file is none of our three formats, or malformed.
    """
    with refusing():
        packets = list(container_of(body).xmp_packets(body))
    stated = (stated_source_type(packet) for packet in packets)
    return next((value for value in stated if value), None)


def says_it_is_ai(body: bytes) -> bool:
    """Tell whether the file itself states that a trained model has made it.

    A C2PA store is not read, let alone verified: that it spells the IPTC term is
    enough to disbelieve somebody who says the contrary.

    Raises:
        NotAPictureError: The file is none of our three formats, or malformed.
    """
    stated = source_type(body) or ""
    return AI_TERM in stated or (has_c2pa(body) and AI_TERM.encode() in body)


def with_source_type(body: bytes) -> bytes:
    """Return the same picture, stating in XMP that a trained model has made it.

    A picture that states any source type already comes back byte for byte, so doing
    it twice is doing it once. Other XMP is replaced, not merged.

    Never for a file with C2PA (ask ``has_c2pa`` first): its signature covers the file,
    and a new chunk makes valid credentials read as tampered with. This function does
    not look.

    Raises:
        NotAPictureError: The file is none of our three formats, or malformed.
    """
    if source_type(body):
        return body
    with refusing():
        return container_of(body).with_xmp(body, PACKET)
