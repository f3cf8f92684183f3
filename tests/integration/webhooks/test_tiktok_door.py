"""POST /webhooks/tiktok: who may report, what is refused, and what is only kept."""

import json
import time
from datetime import datetime
from typing import Any

import pytest

from tests.conftest import Set
from tests.support.api import Answer, Api
from tests.support.database import Sql, count
from tests.support.tiktok_events import DOOR, deliver, event, signed, statuses
from vixenbliss.api import deliveries
from vixenbliss.clock import now

COMPLETE = "post.publish.complete"
ABOUT = {"publish_id": "v_pub_url~v2-1.7412345678901234567"}
ANY_BODY = event(COMPLETE, "-000nobody", ABOUT, at=1_795_219_200)


# What is kept, and does nothing.


@pytest.mark.parametrize(
    "changes",
    [
        {"client_key": "awsomebodyelse"},
        {"client_key": ""},
        {"event": "portability.download.ready"},
        {"content": ""},
        {"content": "{"},
        {"content": "[]"},
        {"content": json.dumps({"publish_id": "x" * 121})},
        {"content": json.dumps({"publish_id": True})},
        {"content": "[" * 50_000},
    ],
    ids=lambda changes: f"{changes}"[:50],
)
def test_what_says_nothing_to_us_is_kept_and_ignored(
    world: object, sql: Sql, changes: dict[str, Any]
) -> None:
    answer = deliver(event(COMPLETE, "-000nobody", ABOUT, **changes))

    assert answer.status == 202
    assert statuses(sql) == ["ignored"]
    assert count(sql, "outbox") == 0


def test_without_a_client_key_no_event_is_ours(
    world: object, surroundings: Set, sql: Sql
) -> None:
    surroundings(TIKTOK_CLIENT_KEY=None)

    deliver(event(COMPLETE, "-000nobody", ABOUT, client_key="")).ok(202)

    assert statuses(sql) == ["ignored"]


# Who may report, and what is no report.


@pytest.mark.parametrize(
    "signature",
    ["", "t=1,s=", "s=" + "0" * 64, "t={now},s=" + "0" * 64, "t={now}"],
)
def test_a_signature_that_is_none_is_refused(
    world: object, sql: Sql, signature: str
) -> None:
    header = signature.replace("{now}", str(int(time.time())))

    answer = deliver(ANY_BODY, {"tiktok-signature": header})

    assert is_refused(answer, sql)


def test_somebody_else_s_signature_is_refused(world: object, sql: Sql) -> None:
    answer = deliver(ANY_BODY, signed(ANY_BODY, secret="another secret"))

    assert is_refused(answer, sql)


def test_another_body_s_signature_is_refused(world: object, sql: Sql) -> None:
    answer = deliver(ANY_BODY, signed(ANY_BODY + b" "))

    assert is_refused(answer, sql)


@pytest.mark.parametrize("age_s", [330, -330])
def test_a_report_from_another_time_is_refused(
    world: object, sql: Sql, age_s: int
) -> None:
    answer = deliver(ANY_BODY, signed(ANY_BODY, age_s=age_s))

    assert is_refused(answer, sql)


def is_refused(answer: Answer, sql: Sql) -> bool:
    """Tell whether a delivery was refused and nothing is left of it."""
    told = (answer.status, answer.code) == (400, "INVALID_SIGNATURE")
    return told and not count(sql, "webhook_events")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"{}",
        b"[" * 100_000,
        b"\xff",
        event("", "-000nobody", at=1),
        event(COMPLETE, "", at=1),
        event(COMPLETE, "x" * 121, at=1),
        event(COMPLETE, "-000nobody", create_time="soon"),
        event(COMPLETE, "-000nobody", create_time=-1),
        event(COMPLETE, "-000nobody", create_time=10**30),
        event(COMPLETE, "-000nobody", at=1, content={"publish_id": "1"}),
    ],
    ids=lambda body: repr(body[:50]),
)
def test_what_is_signed_and_no_event_is_refused(
    world: object, sql: Sql, body: bytes
) -> None:
    answer = deliver(body)

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert count(sql, "webhook_events") == 0


@pytest.mark.parametrize(("more", "status"), [(0, 202), (1, 413)])
def test_a_body_has_a_quarter_of_a_megabyte_at_most(
    world: object, sql: Sql, more: int, status: int
) -> None:
    body = ANY_BODY.ljust(256 * 1024 + more)

    answer = deliver(body)

    assert answer.status == status
    assert count(sql, "webhook_events") == (status == 202)


def test_too_large_a_body_is_refused_before_it_is_hashed(
    world: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[datetime] = []

    def look() -> datetime:
        looked.append(now())
        return looked[-1]

    monkeypatch.setattr(deliveries, "now", look)

    answer = deliver(b" " * (256 * 1024 + 1))

    assert (answer.status, looked) == (413, [])


def test_without_a_secret_there_is_no_door(
    world: object, surroundings: Set, sql: Sql
) -> None:
    surroundings(TIKTOK_CLIENT_SECRET=None)

    answer = deliver(ANY_BODY)

    assert (answer.status, answer.code) == (404, "NOT_FOUND")
    assert count(sql, "webhook_events") == 0


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_events_are_posted(database: str, method: str) -> None:
    assert Api()(method, DOOR).status == 405
