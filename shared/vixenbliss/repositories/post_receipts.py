"""Every query on the receipts of posts, as workers write them. Global."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from vixenbliss.database import Connection
from vixenbliss.ids import new_id
from vixenbliss.models.posts import Post, PostFormat, PostReceipt, PostStatus
from vixenbliss.models.social_accounts import Platform, SocialAccount
from vixenbliss.repositories.provenance import KEEP_KEY

_newest = (
    select(PostReceipt.payload)
    .where(PostReceipt.post_id == Post.id)
    .order_by(PostReceipt.id.desc())
    .limit(1)
    .scalar_subquery()
    .label("newest")
)
_TOLD = (
    select(
        Post.id,
        Post.workspace_id,
        Post.avatar_id,
        Post.piece_id,
        Post.format,
        Post.caption,
        Post.content_hash,
        Post.request_sha256,
        Post.is_ai,
        Post.handle,
        Post.platform_post_id,
        Post.permalink,
        Post.label_read_back,
        Post.scheduled_at,
        Post.publish_intent_at,
        Post.published_at,
        Post.attempts,
        SocialAccount.platform,
        SocialAccount.platform_user_id,
        SocialAccount.username,
        Post.approved_by,
        _newest,
    )
    .join(SocialAccount, SocialAccount.id == Post.account_id)
    .where(Post.id == bindparam("id"), Post.status == PostStatus.PUBLISHED)
)
_ADD = insert(PostReceipt).values(
    id=bindparam("id"),
    post_id=bindparam("post_id"),
    payload=bindparam("payload"),
    signature=bindparam("signature"),
    key_id=bindparam("key_id"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldPost:
    """All of a published post that a receipt tells, and what the newest one told."""

    id: UUID
    workspace_id: UUID
    avatar_id: UUID
    piece_id: UUID
    format: PostFormat
    caption: str
    content_hash: bytes
    request_sha256: bytes | None
    is_ai: bool
    handle: str | None
    platform_post_id: str | None
    permalink: str | None
    label_read_back: bool | None
    scheduled_at: datetime
    publish_intent_at: datetime | None
    published_at: datetime | None
    attempts: int
    platform: Platform
    platform_user_id: str
    username: str
    approved_by: int | None
    newest: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReceipt:
    """A receipt, signed, as it is about to be kept."""

    post_id: UUID
    payload: str
    signature: bytes
    key_id: str
    algorithm: str
    public_key_pem: str


class PostReceiptRepository:
    """Receipts of posts."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def told(self, post_id: UUID) -> ToldPost | None:
        """Return what a receipt would tell of a post; None unless it is published."""
        row = await self._connection.one(_TOLD, id=post_id)
        return ToldPost(**row) if row else None

    async def add(self, receipt: NewReceipt) -> None:
        """Keep a receipt beside those that were there."""
        await self._connection.run(
            KEEP_KEY,
            id=receipt.key_id,
            algorithm=receipt.algorithm,
            public_key_pem=receipt.public_key_pem,
        )
        await self._connection.run(
            _ADD,
            id=new_id(),
            post_id=receipt.post_id,
            payload=receipt.payload,
            signature=receipt.signature,
            key_id=receipt.key_id,
        )
