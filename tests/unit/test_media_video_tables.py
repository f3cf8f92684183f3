"""The tables of a video: lies are found out, frames are chosen evenly."""

import struct
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.films import TABLE, Change, box, changed, film
from vixenbliss.media.samples import MAX_SAMPLES, key_before, spread
from vixenbliss.media.videos import NotAVideoError, inspect

FILM = film()
NEVER = 0xFFFF_FFFF


def table(kind: bytes, change: Change) -> bytes:
    return changed(FILM, (*TABLE, kind), change)


def replaced(kind: bytes, form: str, *values: int) -> bytes:
    """Return a film with another table: version, flags and these numbers."""
    content = bytes(4) + struct.pack(form, *values)
    return table(kind, lambda _: box(kind, content))


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(replaced(b"stsz", ">II", 1, NEVER), id="samples without end"),
        pytest.param(replaced(b"stsz", ">II", 1, MAX_SAMPLES + 1), id="one too many"),
        pytest.param(replaced(b"stsz", ">II", 1, 0), id="no samples"),
        pytest.param(replaced(b"stsz", ">II", NEVER, 8), id="giant samples"),
        pytest.param(replaced(b"stsz", ">II9I", 0, 8, *[1] * 9), id="a size too many"),
        pytest.param(replaced(b"stsz", ">II8I", 0, 8, *[0] * 8), id="empty samples"),
        pytest.param(table(b"stsz", lambda _: box(b"stsz", bytes(5))), id="cut short"),
        pytest.param(replaced(b"stts", ">III", 1, NEVER, 1), id="times without end"),
        pytest.param(replaced(b"stts", ">III", 1, 8, 0), id="times that stand still"),
        pytest.param(replaced(b"stts", ">I", NEVER), id="entries that are not there"),
        pytest.param(table(b"stts", lambda _: box(b"stts")), id="an empty table"),
        pytest.param(
            replaced(b"ctts", ">IIIII", 2, 7, 0, 1, 2**31 - 1), id="one far away"
        ),
        pytest.param(replaced(b"stsc", ">I", 0), id="no chunks"),
        pytest.param(replaced(b"stsc", ">IIII", 1, 2, 8, 1), id="no first chunk"),
        pytest.param(replaced(b"stsc", ">IIII", 1, 1, NEVER, 1), id="a giant chunk"),
        pytest.param(replaced(b"stsc", ">IIII", 1, 1, 8, 2), id="another description"),
        pytest.param(
            replaced(b"stsc", ">I6I", 2, 1, 4, 1, 1, 4, 1), id="chunks out of order"
        ),
        pytest.param(replaced(b"stco", ">II", 1, NEVER), id="out of the file"),
        pytest.param(replaced(b"stco", ">I", 0), id="nowhere"),
        pytest.param(replaced(b"stss", ">II", 1, 2), id="it begins without a key"),
        pytest.param(replaced(b"stss", ">I", 0), id="no keys at all"),
    ],
)
def test_tables_that_lie_are_found_out(body: bytes) -> None:
    with pytest.raises(NotAVideoError):
        inspect(body)


def test_pictures_may_all_be_shown_later_than_they_say() -> None:
    body = replaced(b"ctts", ">III", 1, 8, 2**31 - 1)

    assert inspect(body).duration_ms == inspect(FILM).duration_ms


@settings(max_examples=200, deadline=None)
@given(at=st.integers(0, len(FILM) - 1), byte=st.integers(0, 255))
def test_whatever_byte_is_wrong_it_is_a_video_or_it_is_refused(
    at: int, byte: int
) -> None:
    body = FILM[:at] + bytes([byte]) + FILM[at + 1 :]

    try:
        samples = inspect(body).pictures.samples
    except NotAVideoError:
        samples = []

    assert all(0 <= sample.start < sample.end <= len(body) for sample in samples)


def test_frames_are_chosen_evenly_from_the_first_to_the_last() -> None:
    samples = inspect(film(colours=((9, 9, 9),) * 31)).pictures.samples

    chosen = spread(samples, 16)

    times = [samples[index].time for index in chosen]
    step = times[1] - times[0]
    assert len(chosen) == 16
    assert {other - one for one, other in pairwise(times)} == {step}
    assert times[-1] == max(sample.time for sample in samples)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_of_few_frames_all_are_chosen(count: int) -> None:
    samples = inspect(film(colours=((9, 9, 9),) * count)).pictures.samples

    assert sorted(spread(samples, 16)) == list(range(count))


def test_decoding_begins_at_the_key_before() -> None:
    samples = inspect(FILM).pictures.samples

    assert [key_before(samples, index) for index in (0, 3, 4, 7)] == [0, 0, 4, 4]
