"""XMP packets: the one that we write, and the one statement that we read.

Sources: XMP Specification, Part 1 (ISO 16684-1), 7, for the packet and its RDF;
IPTC Photo Metadata Standard 2025.1, "Digital Source Type", for the property;
https://cv.iptc.org/newscodes/digitalsourcetype/ for its values.
"""

from contextlib import suppress
from xml.parsers import expat

TRAINED_ALGORITHMIC_MEDIA = (
    "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
)
"""Made by a model that was trained on samples; what the IPTC asks of generators."""

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
IPTC_EXTENSION = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"

# Marked read-only ("r"), as Part 3, 1.1.5, asks for PNG: who edits it in place would
# break the checksum.
PACKET = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    f'<rdf:RDF xmlns:rdf="{RDF}">'
    f'<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="{IPTC_EXTENSION}"'
    f' Iptc4xmpExt:DigitalSourceType="{TRAINED_ALGORITHMIC_MEDIA}"/>'
    "</rdf:RDF></x:xmpmeta>"
    '<?xpacket end="r"?>'
).encode()

_ROOT = f"{RDF} RDF"
_SUBJECT = f"{RDF} Description"
_RESOURCE = f"{RDF} resource"
_PROPERTY = f"{IPTC_EXTENSION} DigitalSourceType"


def stated_source_type(packet: bytes) -> str | None:
    """Return the DigitalSourceType that the packet states of its file, if any.

    What it states of other things, such as ingredients, does not count. A packet that
    breaks off, or declares a document type, says what it has said up to there.
    """
    statement = _Statement()
    parser = expat.ParserCreate("utf-8", namespace_separator=" ")
    parser.StartElementHandler = statement.opened
    parser.CharacterDataHandler = statement.read
    parser.EndElementHandler = statement.closed
    parser.StartDoctypeDeclHandler = statement.declared
    with suppress(expat.ExpatError, _DoctypeError):
        parser.Parse(packet, True)  # noqa: FBT003 - takes no keywords
    return statement.value.strip() or None


class _DoctypeError(Exception):
    """A document type: no XMP has one, and only those can define entities."""


class _Statement:
    """Listens to the parser for the property, as an attribute or as an element."""

    def __init__(self) -> None:
        self.value = ""
        self._path: list[str] = []

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        self._path.append(name)
        if self._path[-2:] == [_ROOT, _SUBJECT]:
            self.value += attributes.get(_PROPERTY, "")
        elif self._is_within_property():
            self.value += attributes.get(_RESOURCE, "")

    def read(self, text: str) -> None:
        if self._is_within_property():
            self.value += text

    def closed(self, _name: str) -> None:
        self._path.pop()

    def declared(self, *_: object) -> None:
        raise _DoctypeError

    def _is_within_property(self) -> bool:
        return self._path[-3:] == [_ROOT, _SUBJECT, _PROPERTY]
