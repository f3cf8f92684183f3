"""Every query by which people see what became of a post: its steps, its receipt."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select

from vixenbliss.callers import Caller
from vixenbliss.database import Connection
from vixenbliss.errors import PostNotFoundError
from vixenbliss.models.assets import SigningKey
from vixenbliss.models.posts import Post, PostAttempt, PostReceipt, PostStatus
from vixenbliss.repositories.access import MEMBER, read, seen_by_member
from vixenbliss.schemas.posts import PostAttemptRead

MOST_STEPS = 500
_of_mine = (Post.workspace_id == MEMBER.c.workspace_id, Post.id == bindparam("id"))
# Without a step, one row still says that the post is there.
_ATTEMPTS = seen_by_member(
    select(
        Post.id.label("post_id"),
        PostAttempt.attempt,
        PostAttempt.step,
        PostAttempt.outcome,
        PostAttempt.http_status,
        PostAttempt.error_class,
        PostAttempt.detail,
        PostAttempt.created_at,
    )
    .select_from(Post)
    .outerjoin(PostAttempt, PostAttempt.post_id == Post.id)
    .where(*_of_mine)
    .order_by(PostAttempt.id.desc())
    .limit(MOST_STEPS)
    .correlate(MEMBER)
)
_newest = (
    select(
        PostReceipt.payload,
        PostReceipt.signature,
        SigningKey.id.label("key_id"),
        SigningKey.algorithm,
        SigningKey.public_key_pem,
    )
    .join(SigningKey, SigningKey.id == PostReceipt.key_id)
    .where(PostReceipt.post_id == Post.id)
    .order_by(PostReceipt.created_at.desc(), PostReceipt.id.desc())
    .limit(1)
    .correlate(Post)
    .lateral("newest")
)
_RECEIPT = seen_by_member(
    select(Post.id.label("post_id"), Post.recalled_at, *_newest.c)
    .select_from(Post)
    .outerjoin(_newest, Post.status.in_((PostStatus.PUBLISHED, PostStatus.RECALLED)))
    .where(*_of_mine)
    .correlate(MEMBER)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedReceipt:
    """A receipt as it is kept, and when its post was taken back."""

    payload: str
    signature: bytes
    key_id: str
    algorithm: str
    public_key_pem: str
    recalled_at: datetime | None


class PostRecordRepository:
    """What became of a workspace's posts."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def attempts(
        self, caller: Caller, post_id: UUID
    ) -> Sequence[PostAttemptRead]:
        """Return the last steps that a post has taken, the first of them first.

        Raises:
            PostNotFoundError: the workspace has none of that id.
        """
        rows = await read(self._connection, caller, _ATTEMPTS, id=post_id)
        if not rows:
            raise PostNotFoundError
        taken = [row for row in reversed(rows) if row["step"]]
        return [PostAttemptRead.model_validate(dict(row)) for row in taken]

    async def receipt(self, caller: Caller, post_id: UUID) -> SignedReceipt | None:
        """Return a post's newest receipt; None unless it is, or was, there.

        Raises:
            PostNotFoundError: the workspace has none of that id.
        """
        rows = await read(self._connection, caller, _RECEIPT, id=post_id)
        if not rows:
            raise PostNotFoundError
        row = rows[0]
        if row["payload"] is None:
            return None
        return SignedReceipt(**{n: row[n] for n in SignedReceipt.__slots__})
