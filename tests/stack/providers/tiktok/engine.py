"""How posts live: sent or fetched, processed, posted, moderated, or failed on the way.

Times are of the providers' clock, so that putting it forward ends a long moderation.
"""

import asyncio
from collections.abc import Coroutine
from datetime import datetime, timedelta
from hashlib import sha256

from tests.stack.providers.tiktok.creators import Creator
from tests.stack.providers.tiktok.limits import DAY, Limits
from tests.stack.providers.tiktok.media import fault_of_photo, fault_of_video
from tests.stack.providers.tiktok.misfortunes import Misfortune
from tests.stack.providers.tiktok.posts import Post, Status
from tests.stack.providers.tiktok.pulls import Puller, PullError
from tests.stack.providers.tiktok.settings import TikTokSettings
from tests.stack.providers.tiktok.tokens import Tokens
from tests.stack.providers.tiktok.webhooks import Courier
from tests.stack.providers.world import World

_GLANCE_S = 0.05
_EARLY_PATIENCE_S = 15
_TOO_MANY = "spam_risk_too_many_posts"


class TikTok:
    """Everybody and everything that the stand-in knows of."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.settings = TikTokSettings()
        self.tokens = Tokens(world.clock)
        self.limits = Limits(world.clock)
        self.courier = Courier(world)
        self.posts: dict[str, Post] = {}
        self.misfortunes: list[Misfortune] = []
        self._creators: dict[str, Creator] = {}
        self._puller = Puller()
        self._work: dict[str, asyncio.Task[None]] = {}

    def creator(self, username: str) -> Creator:
        """Return the creator of that name, who has always been there."""
        return self._creators.setdefault(username, Creator(username=username))

    def creators(self) -> list[Creator]:
        """Return the creators anybody has asked for."""
        return list(self._creators.values())

    def posts_of(self, creator: Creator) -> list[Post]:
        """Return a creator's posts, drafts and failures, in their order."""
        return [post for post in self.posts.values() if post.creator is creator]

    def posts_today(self, creator: Creator) -> int:
        """Return how many direct posts came within a day and did not fail."""
        return sum(
            self._is_of_today(post.sent_at)
            for post in self.posts_of(creator)
            if not post.is_draft and post.status is not Status.FAILED
        )

    def pending_shares(self, creator: Creator) -> int:
        """Return how many drafts of the last day wait to be posted."""
        return sum(
            self._is_of_today(post.created_at)
            for post in self.posts_of(creator)
            if post.is_draft and (post.is_in_process or post.status is Status.IN_INBOX)
        )

    def publishing_users(self) -> set[str]:
        """Return who has begun a post within a day."""
        lately = (p for p in self.posts.values() if self._is_of_today(p.created_at))
        return {post.creator.open_id for post in lately}

    def begin(self, post: Post) -> None:
        """Know the post; fetch it, if nobody will send it."""
        self.posts[post.id] = post
        if post.upload is None:
            post.sent_at = self.world.clock.now()
            self._start(post, self._download(post))

    def has_come(self, post: Post) -> None:
        """Go on with a video that was sent whole."""
        post.sent_at = self.world.clock.now()
        self._start(post, self._publish(post))

    async def told_early(self, post: Post) -> None:
        """Wait until all of the post is over and told, where webhooks come early."""
        address = self.settings.webhook_url
        if address is None or not self.world.webhooks.of(address).early:
            return
        await asyncio.wait([self._work[post.id]], timeout=_EARLY_PATIENCE_S)
        await self.courier.has_tried(post.id)

    def cancel(self, post: Post) -> bool:
        """End a download; return false if it is too late, or none."""
        if post.status is not Status.DOWNLOADING or post.is_transferred:
            return False
        self.fail(post, "publish_cancelled")
        return True

    def fail(self, post: Post, reason: str) -> None:
        """End a post by force, wherever it stands, and tell."""
        work = self._work.pop(post.id, None)
        if work is not None and work is not asyncio.current_task():
            work.cancel()
        post.status, post.fail_reason = Status.FAILED, reason
        post.is_available = False
        self._tell(post, "post.publish.failed", reason=reason)

    def approve(self, post: Post) -> None:
        """End the moderation well: everybody sees the post, if everybody may."""
        if post.is_public and not post.is_available:
            post.is_available = True
            self._tell(post, "post.publish.publicly_available", post_id=True)

    def take_down(self, post: Post) -> None:
        """Hide a post from the public."""
        self._tell(post, "post.publish.no_longer_publicaly_available", post_id=True)
        post.is_available = False

    def complete(self, post: Post) -> None:
        """Let a post appear: a direct one, or the creator's out of a draft."""
        post.status, post.completed_at = Status.COMPLETE, self.world.clock.now()
        post.new_post_id()
        self._tell(post, self.settings.complete_event)

    def post_draft(self, post: Post) -> None:
        """Let a draft appear, as its creator wants it."""
        post.is_available = False
        self.complete(post)
        self._start(post, self._moderate(post))

    def remove_authorization(self, creator: Creator, reason: int) -> bool:
        """Lock the app out, end what is under way, and tell why."""
        if not self.tokens.remove(creator.open_id):
            return False
        for post in self.posts_of(creator):
            if post.is_in_process:
                self.fail(post, "auth_removed")
        self.tell(creator, "authorization.removed", {"reason": reason})
        return True

    def tell(self, creator: Creator, event: str, content: dict[str, object]) -> None:
        """Send an event about a creator."""
        self.courier.tell(self.settings.webhook_url, event, creator.open_id, content)

    def forget(self) -> None:
        """Be as new."""
        for kept in (self.posts, self.misfortunes, self._creators, self._work):
            kept.clear()
        self.tokens.forget()
        self.limits.forget()
        self.courier.forget()

    async def close(self) -> None:
        """Close what is open to the outside."""
        await self.courier.close()
        await self._puller.close()

    def _start(self, post: Post, work: Coroutine[None, None, None]) -> None:
        self._work[post.id] = self.world.errands.start(work)

    async def _download(self, post: Post) -> None:
        await self._pass(self.settings.download_s)
        contents = []
        try:
            for url in post.urls:
                contents.append(await self._puller.fetch(url))
                post.downloaded += len(contents[-1])
        except PullError:
            kind = "photo" if post.is_photo else "video"
            self.fail(post, f"{kind}_pull_failed")
            return
        await self._publish(post, contents)

    async def _publish(self, post: Post, contents: list[bytes] | None = None) -> None:
        post.is_transferred = True
        files = [bytes(post.upload.content)] if post.upload else contents or []
        post.files = [
            {"size_bytes": len(file), "sha256": sha256(file).hexdigest()}
            for file in files
        ]
        flaw = self._flaw(post, files)
        await self._pass(self.settings.processing_s)
        reason = flaw or self._verdict(post, late=False)
        if reason is not None:
            self.fail(post, reason)
        elif post.is_draft:
            post.status = Status.IN_INBOX
            self._tell(post, "post.publish.inbox_delivered")
        else:
            self.complete(post)
            await self._moderate(post)

    async def _moderate(self, post: Post) -> None:
        if not self.settings.moderates:
            return
        await self._pass(self.settings.moderation_s)
        reason = self._verdict(post, late=True)
        if reason is not None:
            self.fail(post, reason)
        else:
            self.approve(post)

    def _flaw(self, post: Post, files: list[bytes]) -> str | None:
        if not self.settings.checks_media:
            return None
        if post.is_photo:
            flaws = (fault_of_photo(file) for file in files)
        else:
            longest_s = post.creator.max_video_post_duration_sec
            flaws = (fault_of_video(file, longest_s) for file in files)
        return next((flaw for flaw in flaws if flaw), None)

    def _verdict(self, post: Post, *, late: bool) -> str | None:
        """Return why a post may not be; it is itself one of today's posts."""
        struck = (m for m in self.misfortunes if m.strikes(post, late=late))
        misfortune = next(struck, None)
        if misfortune is not None:
            return misfortune.reason
        if post.is_draft or late:
            return None
        too_many = self.posts_today(post.creator) > self.settings.quotas.posts_a_day
        return _TOO_MANY if too_many else None

    def _tell(
        self, post: Post, event: str, *, post_id: bool = False, **more: object
    ) -> None:
        kind = "INBOX_SHARE" if post.is_draft else self.settings.direct_type
        content: dict[str, object] = {"publish_id": post.id, **more}
        if post_id:
            content["post_id"] = str(post.post_ids[-1])
        self.tell(post.creator, event, content | {"publish_type": kind})

    def _is_of_today(self, at: datetime | None) -> bool:
        return at is not None and self.world.clock.now() - at < DAY

    async def _pass(self, seconds: float) -> None:
        """Let time go by, until the providers' clock says it has."""
        clock = self.world.clock
        end = clock.now() + timedelta(seconds=seconds)
        while (left_s := (end - clock.now()).total_seconds()) > 0:  # noqa: ASYNC110 - a clock put forward tells nobody
            await asyncio.sleep(min(left_s, _GLANCE_S))
