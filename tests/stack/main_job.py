"""The main job: from a campaign brief to posts, a sale, and the books of both.

Everything goes through the API and the queues, as for any client.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from tests.stack.brief import Brief, Membership, Publishing, Theme
from tests.stack.client import ApiError, Client, TooLateError
from tests.stack.harvest import Harvest, UntrueFileError
from tests.stack.posts import Post, dollars
from tests.stack.publishing import (
    NotConnectedError,
    NotPublishedError,
    Publisher,
)
from tests.stack.selling import NotSoldError, Shop
from tests.stack.show import Screen, Stage

GATE_S = 60
CONTENT_S = 240
ENDED = frozenset({"succeeded", "blocked", "failed", "cancelled"})


class StageFailedError(Exception):
    """A stage of the main job failed; the text says which, and why."""

    def __init__(self, stage: str, reason: str) -> None:
        super().__init__(f"{stage}: {reason}")


class ThemeFailedError(Exception):
    """One of the themes could not be worked on; the text names it."""

    def __init__(self, theme: Theme, reason: object) -> None:
        super().__init__(f"the theme {theme.scene!r}: {reason}")


_FAILURES = (
    ApiError,
    NotConnectedError,
    NotPublishedError,
    NotSoldError,
    ThemeFailedError,
    TooLateError,
    UntrueFileError,
    httpx.HTTPError,
)


class MainJob:
    """Works on one brief."""

    def __init__(self, client: Client, brief: Brief, screen: Screen, out: Path) -> None:
        self._client = client
        self._brief = brief
        self._screen = screen
        self._harvest = Harvest(client, out)
        self.statement: list[dict[str, Any]] = []
        """What the avatar has earned and cost, by currency; none if nothing is sold."""

    async def run(self) -> list[Post]:
        """Do all of it.

        Raises:
            StageFailedError: a stage failed; the stages before it stand.
        """
        self._harvest.clear()
        with self._stage("Make the avatar") as stage:
            avatar_id = await self._avatar(stage)
        with self._stage("Ask for images and captions") as stage:
            posts = await self._ask(avatar_id, stage)
        with self._stage("Make images and captions") as stage:
            await self._wait(posts, stage)
        with self._stage("Compose and judge the pieces") as stage:
            await self._compose(avatar_id, posts, stage)
        with self._stage("Review and approve") as stage:
            await self._approve(posts, stage)
        with self._stage("Fetch and verify the files") as stage:
            await self._harvest.gather(posts)
            stage.detail = f"{len(posts)} images with good hashes and signatures"
        if self._brief.publishing:
            await self._publish(avatar_id, posts, self._brief.publishing)
        if self._brief.membership:
            await self._sell(avatar_id, self._brief.membership)
        return posts

    async def _sell(self, avatar_id: str, wanted: Membership) -> None:
        shop = Shop(self._client, wanted, avatar_id)
        with self._stage("Offer a membership") as stage:
            await shop.offer(stage)
        with self._stage("Sell it, and take a tip") as stage:
            await shop.sell(stage)
        with self._stage("Balance the books") as stage:
            self.statement = await shop.statement(stage)

    async def _publish(
        self, avatar_id: str, posts: list[Post], wanted: Publishing
    ) -> None:
        publisher = Publisher(self._client, wanted)
        with self._stage("Connect the accounts") as stage:
            await publisher.connect(avatar_id, stage)
        with self._stage("Plan the posts") as stage:
            await publisher.post(posts, stage)
        if isinstance(wanted.at, datetime) or wanted.at == "next_slot":
            return  # the calendar has them
        with self._stage("Publish") as stage:
            await publisher.wait(posts, stage)
        with self._stage("Verify the receipts") as stage:
            self._harvest.keep_receipts(posts)
            count = sum(len(post.receipts) for post in posts)
            stage.detail = f"{count} receipts with good signatures"

    @contextmanager
    def _stage(self, what: str) -> Iterator[Stage]:
        try:
            with self._screen.stage(what) as stage:
                yield stage
        except _FAILURES as error:
            raise StageFailedError(what, str(error)) from error

    async def _avatar(self, stage: Stage) -> str:
        wanted = self._brief.avatar
        try:
            made = await self._client.post(
                "/api/v1/avatars/create",
                {
                    "avatar_name": wanted.name,
                    "nicho": wanted.nicho,
                    "aesthetic": wanted.aesthetic,
                },
            )
        except ApiError as error:
            if error.status != httpx.codes.CONFLICT:
                raise
            stage.detail = f"{wanted.name}, who was there already"
            return await self._known_avatar(wanted.name)
        avatar_id: str = made["avatar_id"]
        path = f"/api/v1/avatars/{avatar_id}"
        await self._client.put(
            f"{path}/budget", {"monthly_budget_minor": wanted.monthly_budget_cents}
        )
        sheet = wanted.sheet.model_dump(mode="json")
        await self._client.put(f"{path}/sheet", {"sheet": sheet, "base_version": 0})
        await self._client.post(f"{path}/attestations", {"basis": "fictional"})
        stage.tell("the policy gate reads the profile")
        await self._client.until(
            lambda: self._client.get(path),
            lambda avatar: avatar["profile_verdict"] not in (None, "pending"),
            what="the verdict on the profile",
            within_s=GATE_S,
        )
        await self._client.post(f"{path}/activate")
        stage.detail = f"{wanted.name}, active"
        return avatar_id

    async def _known_avatar(self, name: str) -> str:
        listed = await self._client.get("/api/v1/avatars?status=active&per_page=100")
        for avatar in listed["items"]:
            if avatar["avatar_name"].lower() == name.lower():
                return str(avatar["id"])
        reason = f"{name} exists and is not active; activate it first"
        raise StageFailedError("Make the avatar", reason)

    async def _ask(self, avatar_id: str, stage: Stage) -> list[Post]:
        campaign = self._brief.campaign
        posts: list[Post] = []
        cost = 0
        for theme in campaign.themes:
            with _naming(theme):
                images, captions = await self._generate(avatar_id, theme)
            cost += images["estimated_cost"]["amount_micros"]
            cost += captions["estimated_cost"]["amount_micros"]
            for pair in zip(images["job_ids"], captions["job_ids"], strict=True):
                posts.append(Post(len(posts) + 1, theme, *pair))
        stage.detail = f"{len(posts)} of each, at most {dollars(cost)}"
        return posts

    async def _generate(self, avatar_id: str, theme: Theme) -> tuple[Any, Any]:
        """Ask for a theme's images, and for as many captions."""
        campaign = self._brief.campaign
        each = {"avatar_id": avatar_id, "count": campaign.images_per_theme}
        image = {
            "kind": "image",
            "prompt": theme.scene,
            "params": {"aspect_ratio": campaign.aspect_ratio},
        }
        caption = {
            "kind": "caption",
            "prompt": theme.caption,
            "params": {"language": theme.language},
        }
        path = "/api/v1/content/generate"
        images = await self._client.post(path, each | image)
        return images, await self._client.post(path, each | caption)

    async def _wait(self, posts: list[Post], stage: Stage) -> None:
        ids = {post.image_job for post in posts} | {post.caption_job for post in posts}

        async def look() -> dict[str, Any]:
            jobs = {i: await self._client.get(f"/api/v1/content/jobs/{i}") for i in ids}
            done = sum(job["status"] in ENDED for job in jobs.values())
            stage.tell(f"{done} of {len(ids)} done")
            return jobs

        jobs = await self._client.until(
            look,
            lambda seen: all(job["status"] in ENDED for job in seen.values()),
            what="the content",
            within_s=CONTENT_S,
        )
        for post in posts:
            post.image, post.caption = jobs[post.image_job], jobs[post.caption_job]
            _require_success(post)
        cost = sum(post.cost_micros for post in posts)
        stage.detail = f"{len(jobs)} jobs, {dollars(cost)}"

    async def _compose(self, avatar_id: str, posts: list[Post], stage: Stage) -> None:
        for post in posts:
            with _naming(post.theme):
                body = {"avatar_id": avatar_id, **_composed(post)}
                post.piece = await self._client.post("/api/v1/pieces", body)
        for post in posts:
            post.piece = await self._judged(f"/api/v1/pieces/{post.piece['id']}")
        said = sorted({post.piece["verdict"] for post in posts})
        stage.detail = f"the gate says: {', '.join(said)}"

    async def _judged(self, path: str) -> Any:
        return await self._client.until(
            lambda: self._client.get(path),
            lambda piece: piece["verdict"] not in (None, "pending"),
            what="the verdict on a piece",
            within_s=GATE_S,
        )

    async def _approve(self, posts: list[Post], stage: Stage) -> None:
        for post in posts:
            path = f"/api/v1/pieces/{post.piece['id']}"
            with _naming(post.theme):
                submitted = await self._client.post(f"{path}/submit")
                seen = {"content_hash": submitted["content_hash"]}
                post.piece = await self._client.post(f"{path}/approve", seen)
        stage.detail = f"{len(posts)} approved, each by the hash of its content"


@contextmanager
def _naming(theme: Theme) -> Iterator[None]:
    """Say of which theme the API does not like something."""
    try:
        yield
    except ApiError as error:
        raise ThemeFailedError(theme, error) from error


def _require_success(post: Post) -> None:
    for job in (post.image, post.caption):
        if job["status"] != "succeeded":
            why = f"{job['error_code']}, {job['error_message']}"
            reason = f"the {job['kind']} {job['id']} is {job['status']}: {why}"
            raise ThemeFailedError(post.theme, reason)


def _composed(post: Post) -> dict[str, Any]:
    """Return a post's words and picture, as a piece has them."""
    written = post.caption["result"]
    shown = {"asset_id": post.image["asset_id"], "alt_text": written["alt_text"]}
    return {
        "caption": written["caption"],
        "hashtags": written["hashtags"],
        "assets": [shown],
    }
