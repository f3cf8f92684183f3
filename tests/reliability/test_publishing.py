"""Publishing under bad luck: each call of a platform fails in each way, once.

Published at most once, whatever happens; exactly once where the luck turns; otherwise
`unconfirmed` or `failed`, with a code. What came of each is printed as a table.
"""

import itertools
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.conftest import Set
from tests.reliability.tables import Table
from tests.support.api import handler_of
from tests.support.containers import killed_when
from tests.support.newsroom import Newsroom, newsroom
from tests.support.studio import Studio
from tests.support.workers import WORKERS, record

ROUNDS = 6
IS_QUICK = "ROUNDS" not in os.environ
type Make = Callable[[str, str], Newsroom]
TABLE = Table("What became of a post when a call went wrong once")


@dataclass(frozen=True, slots=True)
class Step:
    """A call on the way of a post, and the worker that makes it."""

    platform: str
    call: str
    form: str = ""
    worker: str = "publish"
    is_the_one: bool = False
    """Whether this is the call after which nothing is repeated."""
    after_losing: str = ""
    """The call whose answer is lost before, so that it comes to this one."""

    def __str__(self) -> str:
        film = f" {self.form}" if self.form else ""
        after = f" (after a lost {self.after_losing})" if self.after_losing else ""
        return f"{self.platform}{film} {self.call}{after}"


@dataclass(frozen=True, slots=True)
class Luck:
    """A way in which a call goes wrong."""

    name: str
    fault: dict[str, Any]
    kills: bool = False


STEPS = (
    Step("instagram", "accounts.limit"),
    Step("instagram", "media.create"),
    Step("instagram", "media.status"),
    Step("instagram", "media_publish", is_the_one=True),
    Step("instagram", "media.get", worker="confirm"),
    Step("instagram", "media.status", worker="confirm", after_losing="media_publish"),
    Step("instagram", "media.list", worker="confirm", after_losing="media_publish"),
    Step("tiktok", "creator_info.query"),
    Step("tiktok", "content.init", is_the_one=True),
    Step("tiktok", "status.fetch", worker="confirm"),
    Step("instagram", "media.create", "reel"),
    Step("instagram", "media_publish", "reel", is_the_one=True),
    Step("tiktok", "video.init", "video"),
    Step("tiktok", "status.fetch", "video"),
    Step("tiktok", "video.upload", "video", is_the_one=True),
)
REJECTED = {
    "instagram": {"error": {"message": "no", "code": 1, "is_transient": True}},
    "tiktok": {"data": {}, "error": {"code": "internal_error", "message": "no"}},
}
BAD_LUCK = (
    Luck("killed before", {"action": "hang"}, kills=True),
    Luck("killed after", {"action": "hang_after"}, kills=True),
    Luck("reply lost", {"action": "after"}),
    Luck("slow", {"action": "slow", "seconds": 0.3}),
    Luck("too slow", {"action": "hang_after", "seconds": 3}),
    Luck("429", {"action": "status", "status": 429, "retry_after": 1}),
    Luck("500", {"action": "status", "status": 500}),
    Luck("malformed 200", {"action": "rubbish"}),
    Luck("rejected 200", {"action": "reply", "status": 200}),
)
QUICK = {"media_publish", "content.init"}
CASES = [
    (step, luck)
    for step, luck in itertools.product(STEPS, BAD_LUCK)
    if not IS_QUICK or (step.call in QUICK and not luck.kills)
]


@pytest.fixture
def news(
    studio: Studio, aws: object, surroundings: Set
) -> Callable[[str, str], Newsroom]:
    surroundings(REQUEST_TIMEOUT_S="1")
    return lambda platform, form: newsroom(studio, platform, form)


@pytest.mark.parametrize(
    ("step", "luck"), CASES, ids=lambda part: str(getattr(part, "name", part))
)
def test_a_post_is_published_at_most_once(news: Make, step: Step, luck: Luck) -> None:
    room = news(step.platform, step.form)
    post_id = room.post()

    _go_wrong(room, step, luck, post_id)
    room.world.heal()
    row = _settled(room, post_id)

    published = room.published()
    TABLE.add(str(step), luck.name, row["status"], published, row["error_code"])
    assert published <= 1
    assert (row["status"] == "published") <= (published == 1)
    if row["status"] != "published":
        assert step.is_the_one
        assert row["status"] in ("unconfirmed", "failed")
        assert row["error_code"]


def _go_wrong(room: Newsroom, step: Step, luck: Luck, post_id: str) -> None:
    """Take a post to where its step goes wrong."""
    if step.after_losing:
        room.world.fault(step.platform, step.after_losing, "after")
    if step.worker == "confirm":
        room.publish(post_id)
        room.world.wait()
    fault = dict(luck.fault)
    if fault["action"] == "reply":
        fault["body"] = REJECTED[step.platform]
    room.world.fault(step.platform, step.call, **fault)
    if luck.kills:
        _kill(room, step, luck, post_id)
    else:
        room.workers.run(step.worker, post_id)


def _kill(room: Newsroom, step: Step, luck: Luck, post_id: str) -> None:
    """Kill the worker in the middle of its call."""

    def is_struck() -> bool:
        calls = room.world.calls(step.platform, step.call)
        return any(call.fault == luck.fault["action"] for call in calls)

    work = record(json.dumps({"id": post_id}), step.worker)
    killed_when(is_struck, WORKERS[step.worker], [work])
    assert is_struck()


def _settled(room: Newsroom, post_id: str) -> dict[str, Any]:
    """Let time pass until nothing comes of the post any more; return it."""
    for _ in range(ROUNDS):
        room.let_time_pass()
        room.grow_old(post_id, "1 hour")
        for schedule in ("PublishDueFunction", "SweepFunction"):
            handler_of(schedule)({}, None)
        for queue in ("publish", "confirm"):
            room.workers.deliver(queue)
            room.world.wait()
        row = room.row(post_id)
        if row["status"] in ("published", "failed") and row["check_at"] is None:
            break
    return room.row(post_id)
