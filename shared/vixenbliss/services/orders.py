"""From a post to what its platform is told: files it can fetch, words, and the label.

Pictures are made over into what the platform takes, once per picture and platform; what
says of the file that a machine made it is said again in the new one.
"""

import asyncio
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from vixenbliss.database import reading
from vixenbliss.media import credentials
from vixenbliss.media.pictures import for_platform
from vixenbliss.models.assets import AssetKind
from vixenbliss.models.social_accounts import Platform
from vixenbliss.providers.publishing import Order, Picture, Video, Wishes
from vixenbliss.providers.s3 import Bucket
from vixenbliss.repositories.piece_media import PieceMediaRepository, PlacedFile
from vixenbliss.repositories.post_claims import ClaimedPost
from vixenbliss.repositories.post_progress import Told
from vixenbliss.services.publishing_rules import labelled

LINK_LASTS = timedelta(hours=2)  # TikTok wants an hour at least
_WIDTHS = {
    Platform.INSTAGRAM: (320, 1440),  # Content Publishing: image specifications
    Platform.TIKTOK: (320, 1080),  # Media Transfer Guide: photos of 1080p at most
}


@dataclass(frozen=True, slots=True)
class Request:
    """What a platform is told of a post, and its hash without what passes."""

    order: Order
    sha256: bytes

    @property
    def told(self) -> Told:
        """What of it is kept with the post."""
        return Told(self.sha256, self.order.caption, self.order.is_ai)


class Orders:
    """Makes orders of posts."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    async def request_of(self, post: ClaimedPost) -> Request:
        """Return what a post's platform is to be told.

        Raises:
            ProviderError: a file could not be read or written.
        """
        async with reading() as connection:
            files = await PieceMediaRepository(connection).files_of(post.piece_id)
        # What was said since to be a machine's is labelled, whatever was planned.
        post = replace(post, is_ai=post.is_ai or any(file.is_ai for file in files))
        pictures = [file for file in files if file.kind is AssetKind.IMAGE]
        videos = [file for file in files if file.kind is AssetKind.VIDEO]
        order = Order(
            format=post.format,
            caption=labelled(post),
            is_ai=post.is_ai,
            pictures=[await self._picture(post.platform, file) for file in pictures],
            video=self._video(videos[0]) if videos else None,
            wishes=Wishes(**post.settings),
        )
        return Request(order, _hash_of(post, order, files))

    async def _picture(self, platform: Platform, file: PlacedFile) -> Picture:
        mark = "-ai" if file.is_ai else ""
        folder = f"renditions/{file.workspace_id}/{file.sha256.hex()}"
        key = f"{folder}/{platform}{mark}.jpg"
        if await self._bucket.head(key) is None:
            body = await self._bucket.get(file.s3_key)
            made = await asyncio.to_thread(_made_over, body, platform, is_ai=file.is_ai)
            await self._bucket.put(key, made, "image/jpeg")
        url = self._bucket.public_link(key, lasts=LINK_LASTS)
        return Picture(url, file.alt_text)

    def _video(self, file: PlacedFile) -> Video:
        async def read(first: int, last: int) -> bytes:
            return await self._bucket.read(file.s3_key, first, last)

        url = self._bucket.public_link(file.s3_key, lasts=LINK_LASTS)
        return Video(url, file.size_bytes, file.content_type, read)


def _made_over(body: bytes, platform: Platform, *, is_ai: bool) -> bytes:
    narrowest, widest = _WIDTHS[platform]
    made = for_platform(body, narrowest=narrowest, widest=widest)
    return credentials.with_source_type(made) if is_ai else made


def _hash_of(post: ClaimedPost, order: Order, files: Sequence[PlacedFile]) -> bytes:
    """Return the hash of all that is told, files by their own hashes.

    Addresses are left out, which are others at each try, and tokens.
    """
    told = {
        "account": [post.platform, post.platform_user_id],
        "format": order.format,
        "caption": order.caption,
        "is_ai": order.is_ai,
        "files": [[file.sha256.hex(), file.alt_text] for file in files],
        "settings": post.settings,
        "post": str(post.id),
    }
    spelled = json.dumps(told, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(spelled.encode()).digest()
