"""Posts that platforms count, days that are rolled up, past all that leads there."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tests.support.api import handler_of
from tests.support.database import Sql
from tests.support.platforms import connect
from tests.support.studio import Studio
from tests.support.tiktok import publisher, sent, told
from tests.support.workers import Workers
from tests.support.world import World
from tests.unit.providers_standins.host import picture
from vixenbliss.ids import new_id
from vixenbliss.loop import run
from vixenbliss.models.posts import PostFormat
from vixenbliss.providers.instagram_publishing import InstagramPublisher
from vixenbliss.providers.publishing import Order, Picture
from vixenbliss.providers.s3 import Bucket
from vixenbliss.settings import settings

SAID = {"views": 120, "likes": 30, "comments": 4, "shares": 2}
NAMES = tuple(SAID)
_PIECE = (
    "insert into content_pieces (id, workspace_id, avatar_id, caption, content_hash,"
    " text_sha256, created_by, authors) select %(piece)s, workspace_id, id, '',"
    " sha256(%(piece)s::text::bytea), sha256(''), created_by, array[created_by]"
    " from avatars where id = %(avatar)s"
)
_POST = (
    "insert into posts (id, workspace_id, group_id, avatar_id, piece_id, account_id,"
    " format, caption, content_hash, is_ai, status, scheduled_at, due_at, created_by,"
    " publish_intent_at, published_at, platform_post_id)"
    " select %(post)s, workspace_id, %(post)s, avatar_id, id, %(account)s, %(format)s,"
    " '', content_hash, true, 'published', now(), now(), created_by, now(),"
    " now() - %(age)s, %(name)s from content_pieces where id = %(piece)s"
)
_ACCOUNT = (
    "insert into social_accounts (id, workspace_id, platform, platform_user_id,"
    " app_user_id, username, scopes, status, consented_by, consented_at)"
    " select %(account)s, workspace_id, 'tiktok', %(account)s, %(account)s, 'luna',"
    " '{}', 'disconnected', created_by, now() from avatars where id = %(avatar)s"
)


async def _anything(call: str) -> None:
    del call


def on_instagram(world: World, form: PostFormat = PostFormat.FEED) -> str:
    """Publish a picture of Luna's at Instagram, past us; return its name there."""
    world.turn("instagram", image_s=0, video_s=0)
    given = world.tell("instagram", "tokens", username="luna.vega")
    instagram = InstagramPublisher(
        settings(), given["access_token"], given["user_id"], _anything
    )
    bucket = Bucket()
    run(bucket.put("renditions/sea.jpg", picture(), "image/jpeg"))
    shown = Picture(bucket.link("renditions/sea.jpg")[0], "waves")
    order = Order(format=form, caption="", is_ai=True, pictures=[shown])
    made = run(instagram.publish(order, run(instagram.prepare(order))))
    world.tell("instagram", "posts/numbers", id=made.post_id, **SAID)
    return str(made.post_id)


def on_tiktok(world: World) -> str:
    """Publish a video of Luna's at TikTok, past us; return its name there."""
    handle = sent(publisher(world, []))
    world.wait()
    world.tell("tiktok", "posts/numbers", id=handle, **SAID)
    return str(told(world)["post_ids"][0])


def post(
    sql: Sql,
    avatar_id: str,
    account_id: str,
    **changes: Any,
) -> str:
    """Store a post that has been there for an hour; return its id."""
    columns = {
        "post": new_id(),
        "piece": new_id(),
        "avatar": avatar_id,
        "account": account_id,
        "name": None,
        "age": timedelta(hours=1),
        "format": "video",
    } | changes
    sql.execute(_PIECE.encode(), columns)
    sql.execute(_POST.encode(), columns)
    return str(columns["post"])


def account(sql: Sql, avatar_id: str) -> str:
    """Store an account that nobody can open; return its id."""
    account_id = new_id()
    sql.execute(_ACCOUNT.encode(), {"account": account_id, "avatar": avatar_id})
    return str(account_id)


@dataclass(frozen=True, slots=True)
class Desk:
    """An account with one post at its platform, and whoever reads its numbers."""

    studio: Studio
    account_id: str
    post_id: str
    name: str
    platform: str

    @property
    def world(self) -> World:
        return self.studio.world

    @property
    def workers(self) -> Workers:
        return self.studio.workers

    @property
    def sql(self) -> Sql:
        return self.studio.sql

    def another(self, **changes: Any) -> str:
        """Store another post of the account's; return its id."""
        return post(self.sql, self.studio.avatar_id, self.account_id, **changes)

    @property
    def call(self) -> str:
        """What the platform calls the reading of numbers."""
        return {"instagram": "media.insights", "tiktok": "video.query"}[self.platform]

    def asked(self) -> int:
        """Return how often the platform was asked for numbers."""
        return len(self.world.calls(self.platform, self.call))

    def says(self, **counts: int) -> None:
        """Have the platform say something else."""
        name = self.name
        if self.platform == "tiktok":
            name = told(self.world)["publish_id"]
        self.world.tell(self.platform, "posts/numbers", id=name, **SAID | counts)

    def strike(self) -> int:
        """Let the hour strike; return how many accounts are handed over."""
        return int(handler_of("MeasureDueFunction")({}, None)["queued"])

    def read(self) -> None:
        """Let the hour strike, and the worker read."""
        self.strike()
        self.workers.deliver("measure")

    def sweep(self) -> int:
        """Let what was put off be due, and swept to the worker."""
        self.sql.execute(
            "update measurements set check_at = now() where check_at is not null"
        )
        swept = handler_of("SweepFunction")({}, None)
        self.workers.deliver("measure")
        return int(swept["measurements"])

    def let_be_due(self) -> None:
        """Let the next reading's time come."""
        self.sql.execute("update post_readings set due_at = now()")

    def state(self) -> dict[str, Any]:
        """Return how the account's reading stands."""
        row = self.sql.execute("select * from measurements").fetchone()
        return dict(row or {})

    def kept(self) -> list[tuple[int | None, ...]]:
        """Return the numbers that are kept, day by day."""
        rows = self.sql.execute("select * from post_metrics order by day").fetchall()
        return [tuple(row[name] for name in NAMES) for row in rows]

    def next_in_hours(self) -> float | None:
        """Return how long after its appearance the post is read next."""
        row = self.sql.execute(
            "select extract(epoch from r.due_at - p.published_at)::float / 3600 as h"
            " from post_readings r join posts p on p.id = r.post_id where p.id = %s",
            (self.post_id,),
        ).fetchone()
        hours = dict(row or {})["h"]
        return None if hours is None else round(hours, 3)


def desk(studio: Studio, platform: str) -> Desk:
    """Connect an account that has one post; wants AWS."""
    account_id = connect(studio.owner, platform)
    is_video = platform == "tiktok"
    name = on_tiktok(studio.world) if is_video else on_instagram(studio.world)
    form = "video" if is_video else "feed"
    ids = (studio.avatar_id, account_id)
    post_id = post(studio.sql, *ids, name=name, format=form)
    return Desk(studio, account_id, post_id, name, platform)


def roll_up(sql: Sql, workers: Workers, *days: date) -> None:
    """Order days, and have them rolled up."""
    for day in days:
        sql.execute(
            "insert into rollup_runs (id, day) values (%s, %s) on conflict (day)"
            " do update set status = 'requested'",
            (new_id(), day),
        )
    rows = sql.execute("select id from rollup_runs where status = 'requested'")
    workers.run("rollup", *(row["id"] for row in rows.fetchall()))


def counted(sql: Sql, post_id: str, day: date, **counts: int | None) -> None:
    """Keep what was counted of a post on a day."""
    said: dict[str, int | None] = {**dict.fromkeys(NAMES, 0), **counts}
    sql.execute(
        "insert into post_metrics (post_id, day, views, likes, comments, shares,"
        " measured_at) values (%(post)s, %(day)s, %(views)s, %(likes)s, %(comments)s,"
        " %(shares)s, now())",
        {**said, "post": post_id, "day": day},
    )
