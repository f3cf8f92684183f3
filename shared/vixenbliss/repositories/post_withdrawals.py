"""The statement by which posts leave the calendar of an account that is let go."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import update

from vixenbliss.database import Connection
from vixenbliss.models.posts import Post, PostStatus
from vixenbliss.repositories.terms import among

UNSEEN = (PostStatus.SCHEDULED, PostStatus.QUEUED, PostStatus.PUBLISHING)
"""Where nothing has been done yet that anybody could see."""
# The fence moves, so that a worker that prepares one of them finds it is not its own.
_WITHDRAW = (
    update(Post)
    .where(among(Post.account_id, "account_ids"), Post.status.in_(UNSEEN))
    .values(
        status=PostStatus.DRAFT,
        fence=Post.fence + 1,
        lease_until=None,
        check_at=None,
        handle=None,
        handle_expires_at=None,
        version=Post.version + 1,
    )
    .returning(Post.id, Post.workspace_id)
)


class PostWithdrawalRepository:
    """Posts of accounts that are let go; global, as platforms let them go too."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def withdraw(self, account_ids: Sequence[UUID]) -> list[tuple[UUID, UUID]]:
        """Make drafts of what nobody has seen; return the posts and their workspaces.

        When they were due stays. A post whose one call has been made, or may have been,
        goes its way: what the platform shows is not ours to take back.
        """
        rows = await self._connection.all(_WITHDRAW, account_ids=list(account_ids))
        return [(row["id"], row["workspace_id"]) for row in rows]
