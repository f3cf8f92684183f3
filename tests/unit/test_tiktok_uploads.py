"""TikTok: how a video is cut, and where it may be sent."""

import pytest

from vixenbliss.providers.tiktok_uploads import may_send_to, plan_of

TIKTOK = "https://open.tiktokapis.com"
HERE = "http://127.0.0.1:8001/tiktok"
QUERY = "video/?upload_id=1&upload_token=t"


# Content Posting API, Media Transfer Guide: the whole-file rule, its rule of counting,
# and its own example of 50,000,123 bytes.
@pytest.mark.parametrize(
    ("size", "chunk", "ranges"),
    [
        (3_145_728, 64_000_000, [(0, 3_145_727)]),
        (64_000_001, 64_000_000, [(0, 64_000_000)]),
        (150_000_000, 64_000_000, [(0, 63_999_999), (64_000_000, 149_999_999)]),
        (
            50_000_123,
            10_000_000,
            [
                (0, 9_999_999),
                (10_000_000, 19_999_999),
                (20_000_000, 29_999_999),
                (30_000_000, 39_999_999),
                (40_000_000, 50_000_122),
            ],
        ),
    ],
)
def test_a_video_is_cut_as_documented(
    size: int, chunk: int, ranges: list[tuple[int, int]]
) -> None:
    plan = plan_of(size, chunk)

    assert plan.chunk == min(size, chunk)
    assert plan.count == len(ranges)
    assert [(first, plan.last_of(first)) for first, _ in ranges] == ranges


@pytest.mark.parametrize(
    "size", [1, 4_999_999, 5_000_000, 9_999_999, 10_000_000, 300_000_000, 4 * 2**30]
)
def test_what_we_send_is_within_tiktoks_bounds(size: int) -> None:
    plan = plan_of(size)

    assert plan.count == size // plan.chunk
    assert 1 <= plan.count <= 1_000
    assert plan.chunk == size or 5_000_000 <= plan.chunk <= 64_000_000
    assert size - plan.chunk * (plan.count - 1) <= 128_000_000


@pytest.mark.parametrize(
    "url",
    [
        f"https://open-upload.tiktokapis.com/{QUERY}",
        f"https://upload.us.tiktokapis.com/{QUERY}",
        f"https://open-upload.tiktokapis.com:443/{QUERY}",
    ],
)
def test_a_video_is_sent_to_tiktok(url: str) -> None:
    assert may_send_to(url, TIKTOK)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/video/",
        "https://",
        "https://[/video/",
        f"http://open-upload.tiktokapis.com/{QUERY}",
        f"ftp://open-upload.tiktokapis.com/{QUERY}",
        f"https://open-upload.tiktokapis.com:8443/{QUERY}",
        f"https://tiktokapis.com.evil.example/{QUERY}",
        f"https://eviltiktokapis.com/{QUERY}",
        f"https://x@open-upload.tiktokapis.com/{QUERY}",
        f"https://evil.example\\@open-upload.tiktokapis.com/{QUERY}",
        f"https://evil.example/@open-upload.tiktokapis.com/{QUERY}",
        f"https://evil.example#.tiktokapis.com/{QUERY}",
        f"https://169.254.169.254/{QUERY}",
        f"http://127.0.0.1:8001/{QUERY}",
        f"https://localhost/{QUERY}",
        f"https://[::1]/{QUERY}",
    ],
)
def test_a_video_is_sent_nowhere_else(url: str) -> None:
    assert not may_send_to(url, TIKTOK)


@pytest.mark.parametrize(
    ("url", "may"),
    [
        (f"http://127.0.0.1:8001/{QUERY}", True),
        (f"http://169.254.169.254/{QUERY}", False),
        (f"http://open-upload.tiktokapis.com/{QUERY}", False),
    ],
)
def test_a_stand_in_takes_videos_on_this_machine(url: str, may: bool) -> None:  # noqa: FBT001 - parametrised
    assert may_send_to(url, HERE) is may
