"""Receipts of posts: what was sent, what the platform shows, when; signed.

A receipt is written when a post is there, and once more whenever the platform tells
more of it: an address, a label. Writing it again with nothing new writes nothing.
"""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from vixenbliss.clock import timestamp
from vixenbliss.database import reading, transaction
from vixenbliss.models.posts import PostFormat
from vixenbliss.providers.kms import Signer
from vixenbliss.repositories.post_receipts import (
    NewReceipt,
    PostReceiptRepository,
    ToldPost,
)
from vixenbliss.services.provenance import canonical

RECEIPT_VERSION = 1


class Receipts:
    """Writes receipts."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer

    async def write(self, post_id: UUID) -> None:
        """Write a published post's receipt, unless the newest one says it all.

        Raises:
            ProviderUnavailableError: KMS did not sign.
        """
        async with reading() as connection:
            post = await PostReceiptRepository(connection).told(post_id)
        if post is None:
            return
        said = receipt_of(post)
        if post.newest and _said_before(post.newest) == said:
            return
        payload = canonical(said | {"stated_at": timestamp()})
        signature = await self._signer.sign(payload.encode())
        async with transaction() as connection:
            await PostReceiptRepository(connection).add(
                NewReceipt(
                    post_id=post_id,
                    payload=payload,
                    signature=signature.value,
                    key_id=signature.key_id,
                    algorithm=signature.algorithm,
                    public_key_pem=signature.public_key_pem,
                )
            )


def receipt_of(post: ToldPost) -> dict[str, Any]:
    """Return what we say of a post, but for the time at which we say it."""
    return {
        "version": RECEIPT_VERSION,
        "post_id": str(post.id),
        "workspace_id": str(post.workspace_id),
        "avatar_id": str(post.avatar_id),
        "piece_id": str(post.piece_id),
        "platform": post.platform,
        "account": {"id": post.platform_user_id, "username": post.username},
        "format": post.format,
        "content_sha256": post.content_hash.hex(),
        "request_sha256": (post.request_sha256 or b"").hex(),
        "approved_by": post.approved_by,
        "handle": post.handle,
        "platform_post_id": post.platform_post_id,
        "permalink": post.permalink,
        "ai_label": {
            "needed": post.is_ai,
            "told_by": _told_by(post),
            "read_back": post.label_read_back,
        },
        "scheduled_at": _spelled(post.scheduled_at),
        "intended_at": _spelled(post.publish_intent_at),
        "published_at": _spelled(post.published_at),
        "attempts": post.attempts,
    }


def _told_by(post: ToldPost) -> str | None:
    """Return how the platform was told that a machine made it: TikTok by words."""
    if not post.is_ai:
        return None
    return "caption" if post.format is PostFormat.PHOTO else "flag"


def _said_before(payload: str) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(payload)
    said.pop("stated_at", None)
    return said


def _spelled(at: datetime | None) -> str | None:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ") if at else None
