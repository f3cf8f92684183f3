"""Events in Stripe's own hand, delivered to our door."""

import hashlib
import hmac
import itertools
import json
import time
from collections.abc import Mapping
from typing import Any

from tests.support.api import Answer, Api
from tests.support.database import Sql

DOOR = "/webhooks/stripe"
SECRET = "whsec_of_today"
_numbers = itertools.count(1)


def event(type_: str, about: Any, **changes: Any) -> bytes:
    """Return an event's body."""
    told = {
        "id": f"evt_{next(_numbers)}",
        "object": "event",
        "api_version": "2026-10-28.endive",
        "created": int(time.time()),
        "livemode": False,
        "type": type_,
        "data": {"object": about},
    }
    return json.dumps(told | changes).encode()


def signed(body: bytes, *, age_s: int = 0, secret: str = SECRET) -> dict[str, str]:
    at = int(time.time()) - age_s
    mac = hmac.digest(secret.encode(), f"{at}.".encode() + body, hashlib.sha256)
    return {"stripe-signature": f"t={at},v1={mac.hex()},v0={'0' * 64}"}


def deliver(body: bytes, headers: Mapping[str, str] | None = None) -> Answer:
    """Deliver a body, signed unless headers are given."""
    told = {"content-type": "application/octet-stream"}  # so nobody reads it as text
    told |= signed(body) if headers is None else headers
    return Api()("POST", DOOR, content=body, headers=told)


def statuses(sql: Sql) -> list[str]:
    """Return how far each event has come, in the order in which they were stored."""
    rows = sql.execute("select status from webhook_events order by received_at, id")
    return [row["status"] for row in rows]
