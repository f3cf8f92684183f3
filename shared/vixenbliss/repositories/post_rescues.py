"""Every query on posts whose messages died. Global, as the claims are."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, case, func, select, update

from vixenbliss.database import Connection
from vixenbliss.models.posts import Post, PostStatus

_IN_HAND = (
    PostStatus.QUEUED,
    PostStatus.PUBLISHING,
    PostStatus.PROCESSING,
    PostStatus.UNCONFIRMED,
)
_LOCK = (
    select(Post.workspace_id, Post.status)
    .where(Post.id == bindparam("id"))
    .with_for_update()
)
_WAKE = (
    update(Post)
    .where(Post.id == bindparam("id_"), Post.status.in_(_IN_HAND))
    .values(check_at=func.now())
)
_GIVE_UP = (
    update(Post)
    .where(Post.id == bindparam("id_"), Post.status.in_(_IN_HAND))
    .values(
        status=case(
            (Post.publish_intent_at.is_(None), PostStatus.FAILED),
            else_=PostStatus.UNCONFIRMED,
        ),
        fence=Post.fence + 1,
        lease_until=None,
        check_at=None,
        error_code=bindparam("code"),
        error_message=bindparam("message"),
        version=Post.version + 1,
    )
    .returning(Post.status)
)


@dataclass(frozen=True, slots=True)
class HeldPost:
    """A post that nobody else changes until the transaction ends."""

    workspace_id: UUID
    status: PostStatus

    @property
    def is_open(self) -> bool:
        """Whether something is still to come of it."""
        return self.status in _IN_HAND


class PostRescueRepository:
    """Posts that no worker could bring to an end."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def lock(self, post_id: UUID) -> HeldPost | None:
        """Return a post, held until the transaction ends; None if there is none."""
        row = await self._connection.one(_LOCK, id=post_id)
        return HeldPost(**row) if row else None

    async def wake(self, post_id: UUID) -> None:
        """Have the sweeper look at a post that is in hand."""
        await self._connection.run(_WAKE, id_=post_id)

    async def give_up(self, post_id: UUID, *, code: str, message: str) -> PostStatus:
        """End a locked post: failed, or unconfirmed if it may be there."""
        row = await self._connection.one(
            _GIVE_UP, id_=post_id, code=code, message=message
        )
        status: PostStatus = dict(row or {})["status"]
        return status
