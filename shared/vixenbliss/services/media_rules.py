"""What each format shows, and how large and long it may be. No I/O.

Numbers are the platforms' own: Instagram's reference of IG User/media, TikTok's Media
Transfer Guide and its references of photos and of direct posts. Megabytes are taken for
millions of bytes, which is never more than what a platform may mean.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vixenbliss.models.posts import PostFormat
from vixenbliss.models.social_accounts import Platform
from vixenbliss.services.candidates import Candidate, Finding, Rule, Shown, error

INSTAGRAM_ALT_TEXT = 1_000
INSTAGRAM_TALLEST, INSTAGRAM_BROADEST = 4 / 5, 1.91
TIKTOK_PHOTO_WIDEST, TIKTOK_PHOTO_TALLEST = 1_080, 1_920
"""1080p; we make photos no wider than that, which keeps their ratio."""
TIKTOK_LONGEST_S = 600
SLOWEST_PER_S, FASTEST_PER_S = 23, 60
"""Frames: of reels, stories, and TikTok's videos alike."""
_WITH_COVER = (PostFormat.REEL, PostFormat.VIDEO)
_FRAMED = (PostFormat.FEED, PostFormat.CAROUSEL)


@dataclass(frozen=True, slots=True)
class Takes:
    """How many of what a format takes."""

    counts: range
    pictures: bool = False
    videos: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """What a video may be."""

    shortest_s: float = 0
    longest_s: float
    largest_bytes: int
    widest: int
    shortest_side: int = 1
    longest_side: int | None = None

    def holds(self, one: Shown) -> bool:
        """Tell whether a video is neither too large nor too small to be shown."""
        sides = (one.width, one.height)
        is_short = max(sides) <= (self.longest_side or max(sides))
        return (
            one.width <= self.widest and is_short and min(sides) >= self.shortest_side
        )

    @property
    def way_out(self) -> str:
        """What helps a video that it does not hold."""
        if self.longest_side is None:
            return f"Make it {self.widest} pixels wide at most."
        return f"Make its sides {self.shortest_side} to {self.longest_side} pixels."


FORMATS = {
    (Platform.INSTAGRAM, PostFormat.FEED): Takes(range(1, 2), pictures=True),
    (Platform.INSTAGRAM, PostFormat.CAROUSEL): Takes(range(2, 11), pictures=True),
    (Platform.INSTAGRAM, PostFormat.REEL): Takes(range(1, 2), videos=True),
    (Platform.INSTAGRAM, PostFormat.STORY): Takes(
        range(1, 2), pictures=True, videos=True
    ),
    (Platform.TIKTOK, PostFormat.PHOTO): Takes(range(1, 36), pictures=True),
    (Platform.TIKTOK, PostFormat.VIDEO): Takes(range(1, 2), videos=True),
}
FILMS = {
    (Platform.INSTAGRAM, PostFormat.REEL): Film(
        shortest_s=3, longest_s=900, largest_bytes=300_000_000, widest=1_920
    ),
    (Platform.INSTAGRAM, PostFormat.STORY): Film(
        shortest_s=3, longest_s=60, largest_bytes=100_000_000, widest=1_920
    ),
    (Platform.TIKTOK, PostFormat.VIDEO): Film(
        longest_s=TIKTOK_LONGEST_S,
        largest_bytes=4_000_000_000,
        widest=4_096,
        shortest_side=360,
        longest_side=4_096,
    ),
}


def _ready(candidate: Candidate) -> Iterator[Finding]:
    if not all(one.is_ready for one in candidate.pictures):
        message = "Something that it shows is not ready."
        yield error("pictures", message, "Wait for the gate, or choose another.")


def _format(candidate: Candidate) -> Iterator[Finding]:
    count = len(candidate.pictures)
    takes = FORMATS.get((candidate.platform, candidate.format))
    if takes is None:
        message = f"{candidate.platform} has no format {candidate.format}."
        yield error("format", message, "Choose a format of that platform.")
    elif count not in takes.counts:
        message = f"{candidate.format} takes {_bounds(takes.counts)}, not {count}."
        yield error("count", message, "Choose other pictures, or another format.")
    elif not all(_fits(takes, one) for one in candidate.pictures):
        kinds = "pictures" if takes.pictures else "a video"
        message = f"{candidate.format} takes {kinds}."
        yield error("kind", message, "Choose another format, or show something else.")


def _fits(takes: Takes, one: Shown) -> bool:
    return takes.videos if one.is_video else takes.pictures


def _pictures(candidate: Candidate) -> Iterator[Finding]:
    for number, one in enumerate(candidate.pictures, 1):
        if one.is_video:
            continue
        if candidate.platform is Platform.TIKTOK:
            yield from _photo(number, one)
        elif candidate.format in _FRAMED:
            yield from _framed(number, one)


def _framed(number: int, one: Shown) -> Iterator[Finding]:
    if not INSTAGRAM_TALLEST <= one.ratio <= INSTAGRAM_BROADEST:
        message = f"Picture {number} is {one.width} x {one.height}."
        yield error("ratio", message, "Crop it to between 4:5 and 1.91:1.")
    if len(one.alt_text or "") > INSTAGRAM_ALT_TEXT:
        message = f"The alt text of picture {number} is too long."
        yield error("alt_text", message, f"Keep to {INSTAGRAM_ALT_TEXT}.")


def _photo(number: int, one: Shown) -> Iterator[Finding]:
    width = min(one.width, TIKTOK_PHOTO_WIDEST)
    if one.height * width > TIKTOK_PHOTO_TALLEST * one.width:
        message = f"Picture {number} is {one.width} x {one.height}."
        yield error("ratio", message, "Crop it to 9:16, or broader.")


def _videos(candidate: Candidate) -> Iterator[Finding]:
    film = FILMS.get((candidate.platform, candidate.format))
    if film is None:
        return
    for one in filter(lambda one: one.is_video, candidate.pictures):
        yield from _length(one, film, _longest_s(candidate, film))
        yield from _speed(one)
        yield from _extent(one, film)


def _longest_s(candidate: Candidate, film: Film) -> float:
    told = candidate.facts.longest_video_s if candidate.facts else None
    return min(film.longest_s, told or film.longest_s)


def _length(one: Shown, film: Film, longest_s: float) -> Iterator[Finding]:
    shortest_s = max(film.shortest_s, 0.001)  # what has no length is not known
    if not shortest_s <= one.duration_s <= longest_s:
        message = f"The video is {one.duration_s:g} seconds long."
        fix = f"Make it at most {longest_s:g} seconds"
        fix += f" and at least {film.shortest_s:g}." if film.shortest_s else "."
        yield error("duration", message, fix)


def _speed(one: Shown) -> Iterator[Finding]:
    # To a tenth: an average of whole ticks is seldom the rate that was meant.
    if not SLOWEST_PER_S <= round(one.frames_per_s, 1) <= FASTEST_PER_S:
        message = f"The video shows {one.frames_per_s:.1f} frames per second."
        fix = f"Make it {SLOWEST_PER_S} to {FASTEST_PER_S} frames per second."
        yield error("frame_rate", message, fix)


def _extent(one: Shown, film: Film) -> Iterator[Finding]:
    if one.size_bytes > film.largest_bytes:
        message = f"The video has {one.size_bytes / 1e6:.1f} MB."
        fix = f"Make it {film.largest_bytes // 1_000_000} MB at most."
        yield error("size", message, fix)
    if not film.holds(one):
        message = f"The video is {one.width} x {one.height}."
        yield error("width", message, film.way_out)


def _cover(candidate: Candidate) -> Iterator[Finding]:
    cover_ms = candidate.wishes.cover_ms
    if cover_ms is None or candidate.format not in _WITH_COVER:
        return
    ends_ms = min((one.duration_s * 1_000 for one in candidate.pictures), default=0)
    if not 0 <= cover_ms < ends_ms:
        message = f"The video has no moment {cover_ms} for its cover."
        yield error("cover", message, f"Name one before {ends_ms:.0f} milliseconds.")


def _bounds(allowed: range) -> str:
    least, most = allowed[0], allowed[-1]
    return f"{least}" if least == most else f"{least} to {most}"


MEDIA_RULES: Sequence[Rule] = (_ready, _format, _pictures, _videos, _cover)
