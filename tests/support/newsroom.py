"""A press at work: posts in workers' hands, and what their platforms saw of them."""

import itertools
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import DictRow

from tests.support.films import FRAMES_PER_S, film
from tests.support.material import approve, submitted, upload
from tests.support.platforms import connect
from tests.support.posting import Press, approved
from tests.support.studio import Studio
from tests.support.workers import Workers
from tests.support.world import World
from vixenbliss.ids import new_id

_shades = itertools.count(1)
PUBLISHING = {
    ("instagram", "feed"): "media_publish",
    ("instagram", "reel"): "media_publish",
    ("tiktok", "photo"): "content.init",
    ("tiktok", "video"): "video.upload",
}
"""To a platform and a format, the one call after which nothing is repeated."""
PICTURES = {"instagram": "feed", "tiktok": "photo"}
WISHES = {"instagram": "{}", "tiktok": '{"privacy_level": "PUBLIC_TO_EVERYONE"}'}


@dataclass(frozen=True, slots=True)
class Newsroom:
    """A press for one platform and format, with workers that publish."""

    press: Press
    platform: str
    format: str

    @property
    def sql(self) -> psycopg.Connection[DictRow]:
        return self.press.sql

    @property
    def world(self) -> World:
        return self.press.studio.world

    @property
    def workers(self) -> Workers:
        return self.press.studio.workers

    def post(self, **changes: Any) -> str:
        """Put a post of the piece, or of another one, into the workers' hands."""
        columns = {
            "id": new_id(),
            "account_id": self.press.account_id,
            "piece_id": self.press.piece["id"],
            "format": self.format,
            "settings": WISHES[self.platform],
            "status": "queued",
            "allow_duplicate": False,
        } | changes
        self.sql.execute(
            "insert into posts (id, workspace_id, group_id, avatar_id, piece_id,"
            " account_id, format, settings, caption, content_hash, approved_by, is_ai,"
            " status,"
            " allow_duplicate, scheduled_at, due_at, check_at, created_by)"
            " select %(id)s, workspace_id, %(id)s, avatar_id, id, %(account_id)s,"
            " %(format)s, %(settings)s, caption || ' #vx' || %(id)s,"
            " content_hash, approved_by, true,"
            " %(status)s, %(allow_duplicate)s, now(), now(),"
            " now() + interval '2 minutes', created_by"
            " from content_pieces where id = %(piece_id)s",
            columns,
        )
        return str(columns["id"])

    def publish(self, *post_ids: str) -> list[str]:
        """Give posts to the worker that publishes."""
        return self.workers.run("publish", *post_ids)

    def confirm(self, *post_ids: str) -> list[str]:
        """Give posts to the worker that finds out."""
        return self.workers.run("confirm", *post_ids)

    def bring(self, post_id: str) -> dict[str, Any]:
        """Take a post from the queue to its end, as far as it comes today."""
        self.publish(post_id)
        self.world.wait()
        self.confirm(post_id)
        return self.row(post_id)

    def row(self, post_id: str) -> dict[str, Any]:
        """Return a post as it is stored."""
        found = self.sql.execute("select * from posts where id = %s", (post_id,))
        return dict(found.fetchone() or {})

    def status(self, post_id: str) -> str:
        return str(self.row(post_id)["status"])

    def steps(self, post_id: str) -> list[tuple[str, str]]:
        """Return what a post has gone through."""
        rows = self.sql.execute(
            "select step, outcome from post_attempts where post_id = %s order by id",
            (post_id,),
        )
        return [(row["step"], row["outcome"]) for row in rows]

    @property
    def the_call(self) -> str:
        """The one call after which nothing is repeated."""
        return PUBLISHING[self.platform, self.format]

    def published(self) -> int:
        """Return how often the platform has shown something to the world."""
        return len(self.world.effects(self.platform, self.the_call))

    def let_leases_end(self) -> None:
        """Let all workers that hold a post be thought dead."""
        self.sql.execute(
            "update posts set lease_until = now() - interval '1 second'"
            " where lease_until is not null"
        )

    def let_time_pass(self) -> None:
        """Let leases, pauses and minutes be over, for posts and their account."""
        self.let_leases_end()
        self.sql.execute("delete from platform_calls")
        self.sql.execute(
            "update social_accounts set rate_limited_until = now()"
            " where rate_limited_until is not null"
        )
        self.sql.execute(
            "update posts set due_at = now(),"
            " check_at = case when check_at is not null then now() end"
        )

    def grow_old(self, post_id: str, interval: str) -> None:
        """Let a post have been sent so long ago."""
        self.sql.execute(
            "update posts set publish_intent_at = publish_intent_at - %s::interval"
            " where id = %s",
            (interval, post_id),
        )

    def account(self) -> dict[str, Any]:
        found = self.sql.execute(
            "select * from social_accounts where id = %s", (self.press.account_id,)
        )
        return dict(found.fetchone() or {})


def newsroom(studio: Studio, platform: str, form: str = "") -> Newsroom:
    """Furnish a studio for one platform; pictures, if no other form is wished for."""
    studio.world.turn("instagram", image_s=0, video_s=0)
    form = form or PICTURES[platform]
    is_film = form in ("reel", "video")
    piece = filmed(studio) if is_film else approved(studio)
    account_id = connect(studio.owner, platform)
    return Newsroom(Press(studio, account_id, piece, studio.sql), platform, form)


def filmed(studio: Studio) -> dict[str, Any]:
    """Compose a piece of a new film, and have it approved."""
    body = film(
        colours=[(9, 80, next(_shades) % 256)] * (FRAMES_PER_S * 4),
        size=(360, 640),
        is_streamable=True,
    )
    asset_id = upload(studio.owner, body, content_type="video/mp4")
    studio.deliver("moderate")
    handed_in = submitted(studio.owner, studio.workers, studio.avatar_id, asset_id)
    return dict(approve(studio.owner, handed_in))
