"""What videos say of their own making: C2PA credentials and XMP statements."""

import pytest

from tests.support.films import Kind, box, changed, film
from vixenbliss.media.frames import for_judging
from vixenbliss.media.packets import PACKET, TRAINED_ALGORITHMIC_MEDIA
from vixenbliss.media.videos import (
    C2PA_UUID,
    MAX_PACKET_BYTES,
    MAX_PACKETS,
    XMP_UUID,
    NotAVideoError,
    has_c2pa,
    inspect,
    missing_mark,
    says_it_is_ai,
    source_type,
)

FILM = film()
CAMERA = PACKET.replace(b"trainedAlgorithmicMedia", b"digitalCapture")
STORE = box(b"uuid", C2PA_UUID + bytes(4) + b"manifest\0" + bytes(40))
STORE_OF_AI = box(b"uuid", C2PA_UUID + bytes(4) + b"manifest\0 trainedAlgorithmicMedia")


def marked(packet: bytes = PACKET) -> bytes:
    return FILM + box(b"uuid", XMP_UUID + packet)


def in_user_data(packet: bytes) -> bytes:
    """Return a film that says it in QuickTime's own place, which PyAV has made."""
    atom = box(b"XMP_", packet)
    return changed(
        FILM, (b"moov", b"udta"), lambda old: box(b"udta", old[8:] + atom + bytes(4))
    )


@pytest.mark.parametrize("kind", ["mp4", "mov"])
def test_a_mark_leaves_the_pixels_and_the_tables_alone(kind: Kind) -> None:
    body = film(kind)

    signed = body + missing_mark(body)

    assert signed.startswith(body)
    assert inspect(signed) == inspect(body)
    seen = [for_judging(b, inspect(b).pictures, within_s=60) for b in (body, signed)]
    assert seen[0] == seen[1]


def test_a_mark_can_be_read_back() -> None:
    body = FILM + missing_mark(FILM)

    assert source_type(body) == TRAINED_ALGORITHMIC_MEDIA
    assert says_it_is_ai(body)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(marked(), id="marked"),
        pytest.param(marked(CAMERA), id="of a camera"),
        pytest.param(FILM + STORE, id="with credentials"),
        pytest.param(in_user_data(PACKET), id="marked in user data"),
    ],
)
def test_what_speaks_for_itself_gets_no_mark(body: bytes) -> None:
    assert missing_mark(body) == b""


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(marked(), id="box"),
        pytest.param(in_user_data(PACKET), id="user data"),
        pytest.param(FILM + STORE_OF_AI, id="credentials"),
    ],
)
def test_a_file_that_says_a_model_made_it_is_believed(body: bytes) -> None:
    assert says_it_is_ai(body)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(FILM, id="nothing said"),
        pytest.param(marked(CAMERA), id="of a camera"),
        pytest.param(FILM + STORE, id="credentials of something else"),
        pytest.param(FILM + box(b"free", PACKET), id="in a box that says nothing"),
        pytest.param(FILM + box(b"uuid", bytes(16)), id="unknown"),
    ],
)
def test_other_files_do_not_say_so(body: bytes) -> None:
    assert not says_it_is_ai(body)


@pytest.mark.parametrize("packets", [[CAMERA, PACKET], [b"", CAMERA, PACKET, CAMERA]])
def test_one_packet_of_several_is_enough(packets: list[bytes]) -> None:
    body = FILM + b"".join(box(b"uuid", XMP_UUID + packet) for packet in packets)

    assert says_it_is_ai(body)


def test_a_heap_of_packets_is_not_read() -> None:
    body = FILM + box(b"uuid", XMP_UUID + CAMERA) * (MAX_PACKETS + 1)

    with pytest.raises(NotAVideoError, match="too many XMP packets"):
        says_it_is_ai(body)


def test_credentials_are_told_by_their_uuid() -> None:
    seen = [has_c2pa(body) for body in (FILM + STORE, marked(), FILM)]

    assert seen == [True, False, False]


def test_a_giant_packet_is_not_read() -> None:
    body = marked(bytes(MAX_PACKET_BYTES))

    with pytest.raises(NotAVideoError, match="too large"):
        source_type(body)
