"""Pieces that may be posted, accounts to post them to, and the posts of both."""

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import DictRow

from tests.support.api import Answer
from tests.support.material import approve, ready_asset, submitted
from tests.support.people import Person
from tests.support.platforms import connect
from tests.support.studio import Studio
from vixenbliss.ids import new_id

ALL = "/api/v1/posts"
SENT = ("processing", "published", "unconfirmed", "recalled")
ON_TIKTOK = {"format": "photo", "settings": {"privacy_level": "SELF_ONLY"}}


@dataclass(frozen=True, slots=True)
class Press:
    """A studio with an account, an approved piece, and what posts are made of both."""

    studio: Studio
    account_id: str
    piece: dict[str, Any]
    sql: psycopg.Connection[DictRow]

    @property
    def owner(self) -> Person:
        return self.studio.owner

    def approved(self, **changes: Any) -> dict[str, Any]:
        """Return another approved piece."""
        return approved(self.studio, **changes)

    def target(self, **changes: Any) -> dict[str, Any]:
        return {"account_id": self.account_id, "format": "feed"} | changes

    def order(self, **changes: Any) -> dict[str, Any]:
        """Return what one sends to have the piece posted."""
        return {
            "piece_id": self.piece["id"],
            "targets": [self.target()],
            "scheduled_at": "2026-12-24T18:00:00Z",
        } | changes

    def ask(self, **changes: Any) -> Answer:
        return self.owner.api("POST", ALL, self.order(**changes))

    def post(self, **changes: Any) -> dict[str, Any]:
        """Have the piece posted and return the post."""
        return dict(self.ask(**changes).ok(201)["posts"][0])

    def post_that_is(self, status: str, **changes: Any) -> dict[str, Any]:
        """Return a post that has come so far; workers are not asked to bring it."""
        post = self.post(**changes)
        self.bring(post, status)
        return self.read(post)

    def bring(self, post: dict[str, Any], status: str) -> None:
        """Put a post where a worker would have brought it."""
        self.sql.execute(
            "update posts set status = %(status)s::text,"
            " publish_intent_at = case when %(is_sent)s then now() end,"
            " published_at = case when %(is_there)s then now() end,"
            " recalled_at = case when %(status)s::text = 'recalled' then now() end,"
            " error_code = case when %(status)s::text = 'failed' then '100' end"
            " where id = %(id)s",
            {
                "status": status,
                "is_sent": status in SENT,
                "is_there": status in ("published", "recalled"),
                "id": post["id"],
            },
        )

    def sign(self, post: dict[str, Any], said: str) -> None:
        """Keep a receipt, as a worker does, under the key of a picture's statement."""
        self.sql.execute(
            "insert into post_receipts (id, post_id, payload, signature, key_id)"
            " select %s, %s, %s, 'signed', id from signing_keys",
            (new_id(), post["id"], said),
        )

    def read(self, post: dict[str, Any]) -> dict[str, Any]:
        return dict(self.owner.api("GET", f"{ALL}/{post['id']}").ok())

    def act(self, post: dict[str, Any], verb: str, body: Any = None) -> Answer:
        return self.owner.api("POST", f"{ALL}/{post['id']}/{verb}", body)

    def messages(self, queue: str = "publish") -> list[tuple[str, str]]:
        """Return what the queue was sent: which post, and why."""
        rows = self.sql.execute(
            "select subject_id, dedupe_key from outbox where queue = %s order by id",
            (queue,),
        )
        return [
            (str(row["subject_id"]), row["dedupe_key"].partition(":")[2])
            for row in rows
        ]

    def trail(self, target: str) -> list[str]:
        """Return what was done to something, the latest first."""
        path = f"/api/v1/ops/audit?target={target}"
        return [e["action"] for e in self.owner.api("GET", path).ok()["items"]]


def approved(studio: Studio, **changes: Any) -> dict[str, Any]:
    """Compose a piece of a new picture, and have it approved."""
    asset_id = ready_asset(studio.owner, studio.workers)
    handed_in = submitted(
        studio.owner, studio.workers, studio.avatar_id, asset_id, **changes
    )
    return dict(approve(studio.owner, handed_in))


def press(studio: Studio, platform: str = "instagram") -> Press:
    """Furnish a studio with an account and an approved piece."""
    account_id = connect(studio.owner, platform)
    return Press(studio, account_id, approved(studio), studio.sql)
