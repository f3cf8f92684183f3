"""The main job: from a campaign brief to approved content that one can look at.

Everything goes through the API and the queues, as for any client; what comes out is
checked the way a stranger would check it, by hash and signature.
"""

import base64
import hashlib
import json
import re
import shutil
import textwrap
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from tests.stack.brief import Brief, Theme
from tests.stack.client import ApiError, Client, TooLateError
from tests.stack.show import Screen, Stage

GATE_S = 60
CONTENT_S = 240
NAME_LENGTH = 24
ENDED = frozenset({"succeeded", "blocked", "failed", "cancelled"})
SUFFIX = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}


class StageFailedError(Exception):
    """A stage of the main job failed; the text says which, and why."""

    def __init__(self, stage: str, reason: str) -> None:
        super().__init__(f"{stage}: {reason}")


@dataclass(slots=True)
class Post:
    """A post on its way: wishes, then what they brought."""

    number: int
    theme: Theme
    image_job: str
    caption_job: str
    image: dict[str, Any] = field(default_factory=dict)
    caption: dict[str, Any] = field(default_factory=dict)
    piece: dict[str, Any] = field(default_factory=dict)
    file: Path | None = None

    @property
    def name(self) -> str:
        """What its files are called."""
        plain = unicodedata.normalize("NFKD", self.theme.scene.lower())
        words = re.findall(r"[a-z0-9]+", plain.encode("ascii", "ignore").decode())
        title = textwrap.shorten(" ".join(words), NAME_LENGTH, placeholder="")
        return f"{self.number:02d}-{title.replace(' ', '-')}".rstrip("-")


class MainJob:
    """Works on one brief."""

    def __init__(self, client: Client, brief: Brief, screen: Screen, out: Path) -> None:
        self._client = client
        self._brief = brief
        self._screen = screen
        self._out = out

    async def run(self) -> list[Post]:
        """Do all of it.

        Raises:
            StageFailedError: a stage failed; the stages before it stand.
        """
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
            await self._collect(posts, stage)
        return posts

    @contextmanager
    def _stage(self, what: str) -> Iterator[Stage]:
        try:
            with self._screen.stage(what) as stage:
                yield stage
        except (ApiError, TooLateError, httpx.HTTPError) as error:
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
            images = await self._generate(
                avatar_id,
                kind="image",
                prompt=theme.scene,
                count=campaign.images_per_theme,
                params={"aspect_ratio": campaign.aspect_ratio},
            )
            captions = await self._generate(
                avatar_id,
                kind="caption",
                prompt=theme.caption,
                count=campaign.images_per_theme,
            )
            cost += images["estimated_cost"]["amount_micros"]
            cost += captions["estimated_cost"]["amount_micros"]
            for pair in zip(images["job_ids"], captions["job_ids"], strict=True):
                posts.append(Post(len(posts) + 1, theme, *pair))
        stage.detail = f"{len(posts)} of each, at most {_dollars(cost)}"
        return posts

    async def _generate(self, avatar_id: str, **wanted: Any) -> Any:
        body = {"avatar_id": avatar_id, **wanted}
        return await self._client.post("/api/v1/content/generate", body)

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
        for job in jobs.values():
            if job["status"] != "succeeded":
                why = f"{job['error_code']}, {job['error_message']}"
                reason = f"the {job['kind']} {job['id']} is {job['status']}: {why}"
                raise StageFailedError("Make images and captions", reason)
        for post in posts:
            post.image, post.caption = jobs[post.image_job], jobs[post.caption_job]
        cost = sum(job["cost_actual_micros"] for job in jobs.values())
        stage.detail = f"{len(jobs)} jobs, {_dollars(cost)}"

    async def _compose(self, avatar_id: str, posts: list[Post], stage: Stage) -> None:
        for post in posts:
            written = post.caption["result"]
            post.piece = await self._client.post(
                "/api/v1/pieces",
                {
                    "avatar_id": avatar_id,
                    "caption": written["caption"],
                    "hashtags": written["hashtags"],
                    "assets": [
                        {
                            "asset_id": post.image["asset_id"],
                            "alt_text": written["alt_text"],
                        }
                    ],
                },
            )
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
            submitted = await self._client.post(f"{path}/submit")
            seen = {"content_hash": submitted["content_hash"]}
            post.piece = await self._client.post(f"{path}/approve", seen)
        stage.detail = f"{len(posts)} approved, each by the hash of its content"

    async def _collect(self, posts: list[Post], stage: Stage) -> None:
        shutil.rmtree(self._out, ignore_errors=True)
        self._out.mkdir(parents=True)
        async with httpx.AsyncClient(timeout=30) as plain:
            for post in posts:
                await self._fetch(plain, post)
        stage.detail = f"{len(posts)} images with good hashes and signatures"

    async def _fetch(self, plain: httpx.AsyncClient, post: Post) -> None:
        asset_id = post.image["asset_id"]
        asset = await self._client.get(f"/api/v1/assets/{asset_id}")
        link = await self._client.get(f"/api/v1/assets/{asset_id}/download")
        body = (await plain.get(link["url"])).raise_for_status().content
        sha256 = hashlib.sha256(body).hexdigest()
        stated = await self._client.get(f"/api/v1/provenance/{sha256}")
        _check(sha256, asset, stated)
        post.file = self._out / f"{post.name}.{SUFFIX[asset['content_type']]}"
        post.file.write_bytes(body)
        self._write(post, "caption", post.caption["result"])
        self._write(post, "provenance", stated)

    def _write(self, post: Post, kind: str, content: Mapping[str, Any]) -> None:
        text = json.dumps(content, indent=2, ensure_ascii=False)
        (self._out / f"{post.name}.{kind}.json").write_text(text + "\n", "utf-8")


def _check(sha256: str, asset: Mapping[str, Any], stated: Mapping[str, Any]) -> None:
    """Make sure that the file, its row and its signed statement speak of the same."""
    stage = "Fetch and verify the files"
    payload = base64.b64decode(stated["payload"])
    if not sha256 == asset["sha256"] == json.loads(payload)["sha256"]:
        raise StageFailedError(stage, f"the hashes of {asset['id']} differ")
    key = load_pem_public_key(stated["public_key"].encode())
    assert isinstance(key, ec.EllipticCurvePublicKey)
    try:
        key.verify(
            base64.b64decode(stated["signature"]), payload, ec.ECDSA(hashes.SHA256())
        )
    except InvalidSignature as error:
        raise StageFailedError(stage, f"the signature of {sha256} is wrong") from error


def _dollars(micros: int) -> str:
    return f"${micros / 1_000_000:.4f}"


def rows(posts: list[Post]) -> list[list[str]]:
    """Return what came of it: file, caption, status and cost, and then their sum."""
    lines = [
        [
            post.file.name if post.file else "",
            " ".join(str(post.caption["result"]["caption"]).split()),
            str(post.piece["review_status"]),
            _dollars(_cost(post)),
        ]
        for post in posts
    ]
    return [*lines, ["", f"{len(posts)} posts", "", _dollars(sum(map(_cost, posts)))]]


def _cost(post: Post) -> int:
    cost: int = post.image["cost_actual_micros"] + post.caption["cost_actual_micros"]
    return cost
