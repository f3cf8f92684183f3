"""What a video shows, looked at here and there.

The only module that decodes video. FFmpeg is given the compressed pictures one by one,
as the file's tables tell them: none of its readers of files ever sees the file.
"""

import time
from collections.abc import Iterator
from fractions import Fraction

import av
from av.video.codeccontext import VideoCodecContext
from PIL import Image

from vixenbliss.media.boxes import Body
from vixenbliss.media.pictures import JUDGED_SIDE, as_judged
from vixenbliss.media.samples import key_before, spread
from vixenbliss.media.tracks import Track
from vixenbliss.media.videos import MAX_PIXELS, NotAVideoError

SAMPLED = 16
"""How many frames of a video are judged, spread evenly from the first to the last."""
MARGIN_PIXELS = 4_096 * 32
"""Codecs store whole blocks; what stands over is cut off when the picture is shown."""

# From the matrix of the track (ISO/IEC 14496-12, 8.3.2) to what stands it upright.
_TURNS = {
    (0, 1, -1, 0): Image.Transpose.ROTATE_270,
    (-1, 0, 0, -1): Image.Transpose.ROTATE_180,
    (0, -1, 1, 0): Image.Transpose.ROTATE_90,
    (-1, 0, 0, 1): Image.Transpose.FLIP_LEFT_RIGHT,
    (1, 0, 0, -1): Image.Transpose.FLIP_TOP_BOTTOM,
}


class TooSlowError(Exception):
    """The frames could not be had in time; nobody knows what they show."""


def for_judging(body: Body, track: Track, *, within_s: float) -> list[bytes]:
    """Return frames as a moderation service should see them, in the order of showing.

    JPEGs as ``pictures.for_judging`` makes them. The same file gives the same frames:
    at most 16, evenly spread, the first and the last among them.

    Raises:
        NotAVideoError: One of them cannot be decoded, or has another size than the
            file says.
        TooSlowError: It takes longer than this.
    """
    ends_at = time.monotonic() + within_s
    reel = _Reel(body, track, ends_at)
    chosen = spread(track.samples, SAMPLED)
    return [as_judged(_upright(reel.frame_at(index), track)) for index in chosen]


class _Reel:
    """A track that is wound forward from frame to frame."""

    def __init__(self, body: Body, track: Track, ends_at: float) -> None:
        self._body = body
        self._track = track
        self._ends_at = ends_at
        self._fed = -1
        self._frames: Iterator[av.VideoFrame] = iter(())

    def frame_at(self, index: int) -> av.VideoFrame:
        """Return the frame that a sample becomes, or the next one that can be shown.

        Decoded from the key frame before it, unless we are past that already.
        """
        key = key_before(self._track.samples, index)
        if key > self._fed:
            self._frames = self._decoded(key)
        wanted = self._track.samples[index].time
        try:
            shown = (f for f in self._frames if f.pts is not None and f.pts >= wanted)
            frame = next(shown, None)
        except av.FFmpegError as error:
            reason = "one of its frames cannot be decoded"
            raise NotAVideoError(reason) from error
        if frame is None or frame.is_corrupt:
            reason = "one of its frames is missing or broken"
            raise NotAVideoError(reason)
        return frame

    def _decoded(self, key: int) -> Iterator[av.VideoFrame]:
        """Yield the frames from a key frame on, in the order of showing."""
        decoder = _decoder(self._track)
        for index, sample in enumerate(self._track.samples[key:], key):
            if time.monotonic() > self._ends_at:
                raise TooSlowError
            self._fed = index
            packet = av.Packet(self._body[sample.start : sample.end])
            packet.pts = sample.time
            packet.time_base = Fraction(1, self._track.units_per_s)
            yield from decoder.decode(packet)
        yield from decoder.decode(None)


def _decoder(track: Track) -> VideoCodecContext:
    """Return a decoder that is bounded, and that complains rather than mends."""
    decoder = VideoCodecContext.create(track.codec, "r")
    decoder.extradata = track.configuration
    decoder.thread_count = 1
    decoder.options = {
        "max_pixels": str(MAX_PIXELS + MARGIN_PIXELS),
        "err_detect": "explode",
    }
    return decoder


def _upright(frame: av.VideoFrame, track: Track) -> Image.Image:
    if (frame.width, frame.height) != (track.width, track.height):
        reason = "its pixels are not what its header says"
        raise NotAVideoError(reason)
    scale = min(1, JUDGED_SIDE / max(frame.width, frame.height))
    bare = frame.reformat(
        width=max(1, round(frame.width * scale)),
        height=max(1, round(frame.height * scale)),
        format="rgb24",
    )
    (plane,) = bare.planes
    image = Image.frombytes(
        "RGB", (bare.width, bare.height), bytes(plane), "raw", "RGB", plane.line_size
    )
    turn = _TURNS.get(track.turn)
    return image if turn is None else image.transpose(turn)
