"""Every query by which a platform's reports find the posts they are about.

Global: a platform knows no workspace of ours. It names an account as it calls it
towards our app, and a post by the handle that it gave us.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, exists, func, select, update
from sqlalchemy.orm import aliased

from vixenbliss.database import Connection
from vixenbliss.models.posts import LIVE, Post, PostStatus
from vixenbliss.models.social_accounts import Platform, SocialAccount

BEFORE = timedelta(hours=1)
"""How long after the one call its first report may come."""
SKEW = timedelta(seconds=5)
"""By how much a platform's clock may be behind ours."""
_SENT = (PostStatus.PROCESSING, PostStatus.UNCONFIRMED)
_of_account = (
    SocialAccount.platform == bindparam("platform"),
    SocialAccount.app_user_id == bindparam("app_user_id"),
)
_KNOWN_AS = (
    select(Post.id)
    .join(SocialAccount, SocialAccount.id == Post.account_id)
    .where(*_of_account, Post.handle == bindparam("handle"))
    .order_by(Post.id)
)
# Two reports at once take turns here: the second finds a post that has a handle.
_NAMELESS = (
    select(Post.id)
    .join(SocialAccount, SocialAccount.id == Post.account_id)
    .where(
        *_of_account,
        Post.status.in_(_SENT),
        Post.handle.is_(None),
        Post.publish_intent_at > bindparam("after"),
        Post.publish_intent_at <= bindparam("until"),
    )
    .order_by(Post.id)
    .with_for_update(of=Post)
)
_NAME = (
    update(Post)
    .where(
        Post.id == bindparam("post_id"),
        Post.handle.is_(None),
        Post.status.in_(_SENT),
    )
    .values(handle=bindparam("new_handle"))
)
_other = aliased(Post)
_SHOW = (
    update(Post)
    .where(
        Post.id == bindparam("post_id"),
        Post.platform_post_id.is_(None),
        ~exists().where(
            _other.account_id == Post.account_id,
            _other.platform_post_id == bindparam("shown_as"),
        ),
    )
    .values(platform_post_id=bindparam("shown_as"), version=Post.version + 1)
)
_DOUBT = (
    update(Post)
    .where(
        Post.id == bindparam("post_id"),
        Post.status == PostStatus.FAILED,
        Post.publish_intent_at.is_not(None),
        ~exists().where(
            _other.account_id == Post.account_id,
            _other.content_hash == Post.content_hash,
            _other.status.in_(LIVE),
        ),
    )
    .values(
        status=PostStatus.UNCONFIRMED, check_at=func.now(), version=Post.version + 1
    )
)


class PostReportRepository:
    """Posts, as a platform speaks of them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def known_as(
        self, platform: Platform, app_user_id: str, handle: str
    ) -> list[UUID]:
        """Return the posts of an account that the platform knows by that handle."""
        rows = await self._connection.all(
            _KNOWN_AS, platform=platform, app_user_id=app_user_id, handle=handle
        )
        return [row["id"] for row in rows]

    async def lock_nameless(
        self, platform: Platform, app_user_id: str, *, at: datetime
    ) -> Sequence[UUID]:
        """Return an account's posts whose one call was never answered, by then.

        Nobody else names them until the transaction ends.
        """
        rows = await self._connection.all(
            _NAMELESS,
            platform=platform,
            app_user_id=app_user_id,
            after=at - BEFORE,
            until=at + SKEW,
        )
        return [row["id"] for row in rows]

    async def name(self, post_id: UUID, handle: str) -> bool:
        """Say how the platform knows a post; False if that is known by now."""
        return bool(
            await self._connection.run(_NAME, post_id=post_id, new_handle=handle)
        )

    async def show(self, post_id: UUID, platform_post_id: str) -> None:
        """Keep how the platform shows a post, unless that is known already."""
        await self._connection.run(_SHOW, post_id=post_id, shown_as=platform_post_id)

    async def doubt(self, post_id: UUID) -> None:
        """Have a post looked at again that was said not to be there.

        Not where its content has been posted anew meanwhile: that one counts.
        """
        await self._connection.run(_DOUBT, post_id=post_id)
