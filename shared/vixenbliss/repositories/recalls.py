"""Every statement by which posts are taken back, one or many."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Select, bindparam, func, select, update

from vixenbliss.database import Connection
from vixenbliss.models.posts import Post, PostStatus
from vixenbliss.repositories.terms import among, from_now

type Extent = tuple[Literal["post", "piece", "avatar"], UUID]
"""Whose posts are meant: itself, all of a piece, all of an avatar."""

NOT_OUT = (
    PostStatus.DRAFT,
    PostStatus.SCHEDULED,
    PostStatus.QUEUED,
    PostStatus.PUBLISHING,
)
"""What nobody can have seen: the schema has it that no intent is committed."""
MAYBE_OUT = (PostStatus.PROCESSING, PostStatus.PUBLISHED, PostStatus.UNCONFIRMED)
"""What somebody may have seen."""
MOST = 1_000

_COLUMN = {"post": Post.id, "piece": Post.piece_id, "avatar": Post.avatar_id}


def _lock(extent: str) -> Select[*tuple[Any, ...]]:
    return (
        select(Post.id)
        .where(
            _COLUMN[extent] == bindparam("id"), Post.status.in_((*NOT_OUT, *MAYBE_OUT))
        )
        .order_by(Post.id)
        .with_for_update()
    )


_LOCKS = {extent: _lock(extent) for extent in _COLUMN}
# A worker that has begun loses the post: its fence moves.
_CANCEL = (
    update(Post)
    .where(among(Post.id, "ids"), Post.status.in_(NOT_OUT))
    .values(
        status=PostStatus.CANCELLED,
        recall_asked_at=func.now(),
        recall_reason=bindparam("reason"),
        fence=Post.fence + 1,
        lease_until=None,
        check_at=None,
        version=Post.version + 1,
    )
    .returning(Post.id)
)
# A worker that has made the one call keeps the post: only it knows what came of it.
_ASK = (
    update(Post)
    .where(
        among(Post.id, "ids"),
        Post.status.in_(MAYBE_OUT),
        Post.recall_asked_at.is_(None),
    )
    .values(
        recall_asked_at=func.now(),
        recall_reason=bindparam("reason"),
        check_at=func.coalesce(Post.check_at, from_now("patience")),
        version=Post.version + 1,
    )
    .returning(Post.id, Post.version)
)
_RECALLED = (
    select(Post.id)
    .where(Post.piece_id == bindparam("piece_id"), Post.recall_asked_at.is_not(None))
    .order_by(Post.id)
    .limit(MOST)
)


class RecallRepository:
    """Posts on their way back; global: whoever asks has been let in before."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def lock(self, extent: Extent) -> list[UUID]:
        """Return the posts that can be taken back, held until the transaction ends.

        So none of them slips from one state to another between the next statements.
        """
        rows = await self._connection.all(_LOCKS[extent[0]], id=extent[1])
        return [row["id"] for row in rows]

    async def cancel(self, ids: Sequence[UUID], reason: str) -> list[UUID]:
        """End those of the locked posts that nobody can have seen; return which."""
        rows = await self._connection.all(_CANCEL, ids=list(ids), reason=reason)
        return [row["id"] for row in rows]

    async def ask(
        self, ids: Sequence[UUID], reason: str, *, patience: timedelta
    ) -> list[tuple[UUID, int]]:
        """Want those of the locked posts back that may be out; once each.

        Returns their ids and versions.
        """
        rows = await self._connection.all(
            _ASK, ids=list(ids), reason=reason, patience=patience
        )
        return [(row["id"], row["version"]) for row in rows]

    async def recalled(self, piece_id: UUID) -> list[UUID]:
        """Return the posts of a piece that were wanted back, whatever came of it."""
        rows = await self._connection.all(_RECALLED, piece_id=piece_id)
        return [row["id"] for row in rows]
