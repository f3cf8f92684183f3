"""Everybody and everything at Instagram, as far as the stand-in knows of it."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from tests.stack.providers.instagram.accounts import Account, Accounts
from tests.stack.providers.instagram.containers import Container
from tests.stack.providers.instagram.files import Fetcher
from tests.stack.providers.instagram.posts import Comment, Post
from tests.stack.providers.instagram.settings import InstagramSettings
from tests.stack.providers.instagram.webhooks import Courier
from tests.stack.providers.world import World

CONTAINER, POST, COMMENT, USER = "1788", "1805", "1786", "17841"
"""What the ids of each kind begin with."""
DAY = timedelta(hours=24)
_DIGITS = 13


class Instagram:
    """The platform's memory; its clock is the providers' own."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.settings = InstagramSettings()
        self.accounts = Accounts()
        self.containers: dict[str, Container] = {}
        self.posts: dict[str, Post] = {}
        self.comments: dict[str, Comment] = {}
        self.fetcher = Fetcher()
        self.courier = Courier(world)

    def now(self) -> datetime:
        """Return the platform's time."""
        return self.world.clock.now()

    def keep(self, container: Container) -> None:
        """Take a container in."""
        self.containers[container.id] = container

    def publish(self, container: Container) -> Post:
        """Show a container to the world."""
        post = Post(numbered(POST), container, self.now())
        container.post_id = post.id
        for child in container.children:
            child.post_id = post.id
        self.posts[post.id] = post
        return post

    def comment(
        self, post: Post, text: str, *, author: tuple[str, str], parent_id: str | None
    ) -> Comment:
        """Write below a post; the author is an id and a name."""
        its_id = numbered(COMMENT)
        comment = Comment(its_id, post, *author, text, self.now(), parent_id)
        self.comments[its_id] = comment
        return comment

    def containers_today(self, account: Account) -> int:
        """Return how many containers the account made within a day."""
        return self._of_today(
            one.created_at for one in self.containers.values() if one.account is account
        )

    def posts_today(self, account: Account) -> int:
        """Return how many posts count against the quota; deleted ones do too."""
        return self._of_today(
            post.published_at for post in self.posts.values() if post.account is account
        )

    def posts_of(self, account: Account) -> list[Post]:
        """Return the account's posts that can be seen, newest first."""
        seen = (post for post in self.posts.values() if post.deleted_at is None)
        return [post for post in seen if post.account is account][::-1]

    def comments_of(self, post: Post) -> list[Comment]:
        """Return all comments and replies below a post, newest first."""
        return [one for one in self.comments.values() if one.post is post][::-1]

    def forget(self) -> None:
        """Be as new."""
        self.accounts.forget()
        self.containers.clear()
        self.posts.clear()
        self.comments.clear()
        self.courier.forget()

    def _of_today(self, times: Iterable[datetime]) -> int:
        since = self.now() - DAY
        return sum(at > since for at in times)


def numbered(prefix: str) -> str:
    """Return an id nobody has."""
    return prefix + str(secrets.randbelow(10**_DIGITS)).zfill(_DIGITS)
