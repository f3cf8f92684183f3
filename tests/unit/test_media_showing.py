"""What a platform gets of a picture: a JPEG of a width that it takes, and no more."""

import pytest
from hypothesis import given, settings

from tests.unit.test_media_samples import opened, pictures, plain, turned
from vixenbliss.media.credentials import source_type, with_source_type
from vixenbliss.media.pictures import for_platform, inspect


def shown(body: bytes) -> bytes:
    """Return a picture as Instagram takes it."""
    return for_platform(body, narrowest=320, widest=1440)


@settings(deadline=None)
@given(body=pictures())
def test_a_platform_gets_a_bare_jpeg(body: bytes) -> None:
    with opened(shown(body)) as picture:
        picture.load()

    assert (picture.format, picture.mode) == ("JPEG", "RGB")
    assert set(picture.info) == {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        ((832, 1040), (832, 1040)),
        ((1440, 1800), (1440, 1800)),
        ((2880, 3600), (1440, 1800)),
        ((160, 200), (320, 400)),
    ],
)
def test_its_width_is_within_bounds_and_its_ratio_stays(
    stored: tuple[int, int], expected: tuple[int, int]
) -> None:
    picture = inspect(shown(plain("PNG", size=stored)))

    assert (picture.width, picture.height) == expected


def test_what_was_turned_stands_upright() -> None:
    picture = inspect(shown(plain("JPEG", size=(800, 400), exif=turned(6))))

    assert (picture.width, picture.height) == (400, 800)


def test_it_can_say_again_who_has_made_it() -> None:
    labelled = with_source_type(shown(plain("PNG", size=(400, 400))))

    assert "trainedAlgorithmicMedia" in (source_type(labelled) or "")
