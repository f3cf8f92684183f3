"""What a file turns out to be when somebody looks: a picture, or a video.

Looking changes nothing, here or outside, so it may happen twice.
"""

import asyncio
import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BufferedRandom
from mmap import ACCESS_READ, mmap
from tempfile import TemporaryFile

from vixenbliss.deadline import time_left_s
from vixenbliss.errors import PolicyUnavailableError, ValidationError
from vixenbliss.media import credentials, frames, pictures, videos
from vixenbliss.media.videos import Video
from vixenbliss.models.assets import AssetKind, C2paState
from vixenbliss.models.policy import Verdict
from vixenbliss.providers.s3 import Bucket
from vixenbliss.repositories.assets import StoredAsset
from vixenbliss.repositories.judgements import Judgement
from vixenbliss.services.gate import Gate
from vixenbliss.services.rules import Policy

ASKING_S = 15
"""What is left of a batch's time for asking the gate, once frames are decoded."""
LONGEST_LOOK_S = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What was seen of a file, and what the gate says of it."""

    judgement: Judgement
    width: int
    height: int
    duration_ms: int | None
    frames_per_s: float | None
    c2pa: C2paState
    says_it_is_ai: bool


@dataclass(frozen=True, slots=True)
class _Seen:
    """A video, as far as a judge needs it."""

    video: Video
    jpegs: list[bytes]
    has_c2pa: bool
    says_it_is_ai: bool


class Viewer:
    """Looks at files, and has the gate look at them."""

    def __init__(self, gate: Gate, bucket: Bucket) -> None:
        self._gate = gate
        self._bucket = bucket

    async def look(self, asset: StoredAsset, policy: Policy) -> View:
        """Look at a file, which must be the one that was announced.

        Raises:
            ValidationError: it is not, or is nothing that can be judged.
            ProviderRefusedError: it is not in the bucket.
            ProviderError: it could not be read or decoded now.
        """
        if asset.kind is AssetKind.VIDEO:
            return await self._watch(asset, policy)
        body = await self._bucket.get(asset.s3_key)
        _require_announced(asset, hashlib.sha256(body).digest())
        picture = pictures.inspect(body)
        _require_type(asset, picture.content_type)
        return View(
            judgement=await self._gate.judge_image(policy, pictures.for_judging(body)),
            width=picture.width,
            height=picture.height,
            duration_ms=None,
            frames_per_s=None,
            c2pa=_state(has_c2pa=credentials.has_c2pa(body)),
            says_it_is_ai=credentials.says_it_is_ai(body),
        )

    async def _watch(self, asset: StoredAsset, policy: Policy) -> View:
        with TemporaryFile() as file:
            await self._bucket.save(asset.s3_key, file, at_most=asset.size_bytes)
            seen = await asyncio.to_thread(_see, file, asset, _time_to_decode_s())
        judgement = await self._gate.judge_frames(policy, seen.jpegs)
        width, height = seen.video.shown_size
        return View(
            judgement=_unheard(judgement, seen.video),
            width=width,
            height=height,
            duration_ms=seen.video.duration_ms,
            frames_per_s=seen.video.frames_per_s,
            c2pa=_state(has_c2pa=seen.has_c2pa),
            says_it_is_ai=seen.says_it_is_ai,
        )


def _time_to_decode_s() -> float:
    return min(time_left_s() - ASKING_S, LONGEST_LOOK_S)


def _see(file: BufferedRandom, asset: StoredAsset, within_s: float) -> _Seen:
    ends_at = time.monotonic() + within_s
    file.seek(0)
    _require_announced(asset, hashlib.file_digest(file, "sha256").digest())
    with mmap(file.fileno(), 0, access=ACCESS_READ) as body:
        video = videos.inspect(body)
        _require_type(asset, video.content_type)
        has_c2pa, says_it_is_ai = videos.has_c2pa(body), videos.says_it_is_ai(body)
        with _in_time():
            jpegs = frames.for_judging(
                body, video.pictures, within_s=ends_at - time.monotonic()
            )
        return _Seen(video, jpegs, has_c2pa, says_it_is_ai)


@contextmanager
def _in_time() -> Iterator[None]:
    try:
        yield
    except frames.TooSlowError as error:
        raise PolicyUnavailableError(["FRAMES_TOO_SLOW"]) from error


def _unheard(judgement: Judgement, video: Video) -> Judgement:
    """Want a person for what no frame shows, unless the frames have decided already.

    A file with nothing but pictures, all of them shown, is judged by them alone.
    """
    reasons = [f"nobody has judged its track {kind!r}" for kind in video.others]
    if video.is_edited:
        reasons.append("it leaves pictures out, or shows them more than once")
    if not reasons or judgement.verdict not in (Verdict.ALLOW, Verdict.REVIEW):
        return judgement
    return replace(
        judgement,
        verdict=Verdict.REVIEW,
        reasons=(*judgement.reasons, *dict.fromkeys(reasons)),
    )


def _require_announced(asset: StoredAsset, sha256: bytes) -> None:
    if sha256 != asset.sha256:
        message = "the bytes are not those announced"
        raise ValidationError(message)


def _require_type(asset: StoredAsset, content_type: str) -> None:
    if content_type != asset.content_type:
        message = "the file is not of the type announced"
        raise ValidationError(message)


def _state(*, has_c2pa: bool) -> C2paState:
    return C2paState.PROVIDER_PRESERVED if has_c2pa else C2paState.NONE
