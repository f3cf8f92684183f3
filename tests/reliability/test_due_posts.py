"""The calendar under bad luck: schedulers overlap and die; each post leaves once."""

import os
import random
import time
from collections.abc import Mapping
from multiprocessing.context import ForkServerProcess

import psycopg
from psycopg.rows import DictRow

from tests.support.api import handler_of
from tests.support.containers import births, live_in
from tests.support.studio import Studio

POSTS = 1_000
SCHEDULERS = 3
KILLS = 4
GLANCE_S = 0.01
PATIENCE_S = 120
MANY = (
    "insert into posts (id, workspace_id, group_id, avatar_id, piece_id, account_id,"
    " format, caption, content_hash, is_ai, allow_duplicate, scheduled_at, due_at,"
    " created_by) select gen_random_uuid(), workspace_id, id, avatar_id, id,"
    " %(account)s, 'feed', '', content_hash, true, true, now(), now(), created_by"
    " from content_pieces cross join generate_series(1, %(posts)s)"
)
HELD = "select from posts order by id desc limit 100 for update"
"""So that work is left for those who come after the dead, however fast the others are.

Schedulers pass over what somebody holds.
"""
LEFT = "select count(*) as n from posts where status = 'scheduled'"


def _strike(environment: Mapping[str, str]) -> None:
    """Be a scheduler whose clock strikes again and again."""
    live_in(environment)
    while True:
        handler_of("PublishDueFunction")({}, None)


def _scheduler() -> ForkServerProcess:
    process = births().Process(target=_strike, args=(dict(os.environ),))
    process.start()
    return process


def _wait(sql: psycopg.Connection[DictRow], *, fewer_than: int) -> None:
    """Wait until so few posts are left on the calendar."""
    end = time.monotonic() + PATIENCE_S
    while left(sql) >= fewer_than:
        assert time.monotonic() < end, f"{left(sql)} posts are left"
        time.sleep(GLANCE_S)


def left(sql: psycopg.Connection[DictRow]) -> int:
    return int(one(sql, LEFT)["n"])


def one(sql: psycopg.Connection[DictRow], query: str) -> DictRow:
    found = sql.execute(query.encode()).fetchone()
    assert found
    return found


def test_overlapping_and_dying_schedulers_take_each_post_once(studio: Studio) -> None:
    luck = random.Random(1)
    sql = studio.sql
    sql.execute(
        "insert into social_accounts (id, workspace_id, platform, platform_user_id,"
        " app_user_id, username, scopes, access_token, data_key, consented_by,"
        " consented_at) select id, workspace_id, 'instagram', '1', '1', 'luna', '{}',"
        " 'x', 'x', created_by, now() from avatars"
    )
    sql.execute(
        "insert into content_pieces (id, workspace_id, avatar_id, caption,"
        " content_hash, text_sha256, created_by, authors) select id, workspace_id, id,"
        " '', sha256(''), sha256(''), created_by, array[created_by] from avatars"
    )
    sql.execute(MANY, {"account": studio.avatar_id, "posts": POSTS})
    schedulers = [_scheduler() for _ in range(SCHEDULERS)]
    with sql.transaction():
        sql.execute(HELD.encode())
        _wait(sql, fewer_than=POSTS)
        for _ in range(KILLS):
            time.sleep(luck.uniform(0.01, 0.1))
            killed = luck.randrange(SCHEDULERS)
            schedulers[killed].kill()
            schedulers[killed] = _scheduler()

    _wait(sql, fewer_than=1)
    for scheduler in schedulers:
        scheduler.kill()
        scheduler.join(PATIENCE_S)

    sent = one(
        sql,
        "select count(*) as n, count(distinct subject_id) as posts from outbox"
        " where queue = 'publish'",
    )
    assert (sent["n"], sent["posts"]) == (POSTS, POSTS)
    assert one(sql, "select max(version) as n from posts")["n"] == 2
