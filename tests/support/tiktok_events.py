"""Events in TikTok's own hand, delivered to our door."""

import json
import time
from typing import Any

from tests.stack.providers.tiktok.keys import CLIENT_KEY, CLIENT_SECRET
from tests.stack.providers.tiktok.webhooks import signature
from tests.support.api import Answer, Api
from tests.support.database import Sql

DOOR = "/webhooks/tiktok"


def event(
    name: str,
    open_id: str,
    about: Any = None,
    *,
    at: float | None = None,
    **changes: Any,
) -> bytes:
    """Return an event's body; the content is JSON within the JSON."""
    told = {
        "client_key": CLIENT_KEY,
        "event": name,
        "create_time": int(time.time() if at is None else at),
        "user_openid": open_id,
        "content": json.dumps(about or {}),
    }
    return json.dumps(told | changes).encode()


def signed(
    body: bytes, *, age_s: int = 0, secret: str = CLIENT_SECRET
) -> dict[str, str]:
    return {"tiktok-signature": signature(secret, int(time.time()) - age_s, body)}


def deliver(body: bytes, headers: Any = None) -> Answer:
    """Deliver a body, signed unless headers are given."""
    told = {"content-type": "application/octet-stream"}  # so nobody reads it as text
    told |= signed(body) if headers is None else headers
    return Api()("POST", DOOR, content=body, headers=told)


def statuses(sql: Sql) -> list[str]:
    """Return how far each report has come, in their order."""
    rows = sql.execute("select status from webhook_events order by received_at, id")
    return [row["status"] for row in rows]
