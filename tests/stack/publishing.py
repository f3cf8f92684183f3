"""The main job's last stages: accounts are connected, and pieces become posts there."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from tests.stack.brief import Publishing
from tests.stack.client import ApiError, Client
from tests.stack.posts import Post
from tests.stack.show import Stage

CONSENT_S = 300
PUBLISHED_S = 180
FORMATS = {"instagram": "feed", "tiktok": "photo"}
ENDED = frozenset({"published", "unconfirmed", "failed", "cancelled", "draft"})
LOOPBACK = ("127.0.0.1", "localhost")


class NotConnectedError(Exception):
    """An account could not be connected."""


class NotPublishedError(Exception):
    """A post has not come where it was to go."""


class Publisher:
    """Brings posts to the platforms of a brief."""

    def __init__(self, client: Client, wanted: Publishing) -> None:
        self._client = client
        self._wanted = wanted
        self._accounts: dict[str, str] = {}

    async def connect(self, avatar_id: str, stage: Stage) -> None:
        """Connect an account at each platform, unless the avatar has one there.

        Stand-ins say yes at once; at a platform itself, its page waits for somebody.

        Raises:
            NotConnectedError: nobody said yes.
        """
        names = []
        for platform in self._wanted.platforms:
            account = await self._known(platform, avatar_id)
            if account is None:
                await self._ask_for(platform, avatar_id, stage)
                account = await self._client.until(
                    lambda name=platform: self._known(name, avatar_id),  # type: ignore[misc]  # mypy infers no default
                    lambda found: found is not None,
                    what=f"the consent at {platform}",
                    within_s=CONSENT_S,
                )
            self._accounts[platform] = account["id"]
            names.append(f"{account['username']} at {platform}")
        stage.detail = ", ".join(names)

    async def _known(self, platform: str, avatar_id: str) -> Any:
        path = f"/api/v1/social/accounts?platform={platform}&status=connected"
        found = (await self._client.get(path))["items"]
        ours = (account for account in found if account["avatar_id"] == avatar_id)
        return next(ours, None)

    async def _ask_for(self, platform: str, avatar_id: str, stage: Stage) -> None:
        home = str(self._client.http.base_url)
        wish = {"avatar_id": avatar_id, "return_url": home, "consent": True}
        path = f"/api/v1/social/{platform}/connect"
        offer = await self._client.post(path, wish)
        url = str(offer["authorization_url"])
        if urlsplit(url).hostname in LOOPBACK:
            await _say_yes(url)
        else:
            stage.tell(f"say yes at {url}")

    async def post(self, posts: Sequence[Post], stage: Stage) -> None:
        """Ask for the posts of all pieces, at all platforms."""
        for post in posts:
            targets = [self._target(platform) for platform in self._wanted.platforms]
            body = {
                "piece_id": post.piece["id"],
                "targets": targets,
                "scheduled_at": self._wanted.at,
            }
            key = {"Idempotency-Key": post.piece["id"]}
            made = await self._client.post("/api/v1/posts", body, **key)
            post.posted = {one["platform"]: one for one in made["posts"]}
        count = len(posts) * len(self._wanted.platforms)
        stage.detail = f"{count} posts, {self._wanted.at}"

    def _target(self, platform: str) -> dict[str, Any]:
        target: dict[str, Any] = {
            "account_id": self._accounts[platform],
            "format": FORMATS[platform],
        }
        if platform == "tiktok":
            target["settings"] = {"privacy_level": self._wanted.tiktok_privacy}
        return target

    async def wait(self, posts: Sequence[Post], stage: Stage) -> None:
        """Wait until each post is there and has its receipt.

        Raises:
            NotPublishedError: one is not there.
        """

        async def look() -> list[Any]:
            seen = [one for post in posts for one in await self._seen(post)]
            there = sum(one["status"] == "published" for one in seen)
            stage.tell(f"{there} of {len(seen)} published")
            return seen

        ended = await self._client.until(
            look,
            lambda seen: all(one["status"] in ENDED for one in seen),
            what="the posts",
            within_s=PUBLISHED_S,
        )
        for one in ended:
            _require_published(one)
        for post in posts:
            await self._fetch_receipts(post)
        stage.detail = f"{len(ended)} published, each with its receipt"

    async def _seen(self, post: Post) -> list[Any]:
        for platform, one in post.posted.items():
            post.posted[platform] = await self._client.get(f"/api/v1/posts/{one['id']}")
        return list(post.posted.values())

    async def _fetch_receipts(self, post: Post) -> None:
        for platform, one in post.posted.items():
            post.receipts[platform] = await self._client.until(
                lambda path=f"/api/v1/posts/{one['id']}/receipt": self._receipt(path),  # type: ignore[misc]  # mypy infers no default
                lambda receipt: receipt is not None,
                what="a receipt",
                within_s=PUBLISHED_S,
            )

    async def _receipt(self, path: str) -> Any:
        try:
            return await self._client.get(path)
        except ApiError as error:
            if error.status != httpx.codes.CONFLICT:
                raise
            return None


def _require_published(one: Mapping[str, Any]) -> None:
    if one["status"] != "published":
        why = f"{one['status']}, {one['error_code']}, {one['error_message']}"
        raise NotPublishedError(f"the post {one['id']} is {why}")


async def _say_yes(url: str) -> None:
    """Walk through a stand-in's page as a browser does, and come back to us.

    Raises:
        NotConnectedError: the way back does not end with an account.
    """
    async with httpx.AsyncClient(timeout=30) as browser:
        back = (await browser.get(url)).headers["location"]
        home = (await browser.get(back)).headers.get("location", "")
    told = parse_qs(urlsplit(home).query)
    if "account_id" not in told:
        raise NotConnectedError(f"the platform said {told.get('error', ['nothing'])}")
