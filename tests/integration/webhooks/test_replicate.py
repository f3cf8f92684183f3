"""POST /webhooks/replicate: who may report, what is kept, and that once is enough."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.conftest import Set
from tests.support.api import Answer, Api
from tests.support.database import Sql, count
from vixenbliss.api import deliveries

HOOK = "/webhooks/replicate"
KEY = base64.b64encode(b"the key of today, 24 bytes").decode()
OLD_KEY = base64.b64encode(b"the key of yesterday").decode()
JOB = "0199a000-0000-7000-8000-00000000000a"
MAX_BODY_BYTES = 1024 * 1024
PREDICTION = {
    "id": "r9xk3w1testpred0cvixen",
    "model": "black-forest-labs/flux-schnell",
    "version": "hidden",
    "status": "succeeded",
    "input": {"prompt": "portrait"},
    "output": ["https://replicate.delivery/xezq/test/out-0.webp"],
    "error": None,
    "completed_at": "2026-01-12T10:00:00.123456Z",
}
BODY = json.dumps(PREDICTION).encode()


@pytest.fixture(autouse=True)
def _secrets(database: str, surroundings: Set) -> None:
    surroundings(REPLICATE_WEBHOOK_SECRET=f"whsec_{KEY},whsec_{OLD_KEY}")


def signed(
    body: bytes = BODY, *, key: str = KEY, name: str = "msg_1", age_s: int = 0
) -> dict[str, str]:
    """Return the headers that Standard Webhooks wants."""
    sent_at = str(int(time.time()) - age_s)
    message = f"{name}.{sent_at}.".encode() + body
    mac = hmac.new(base64.b64decode(key), message, hashlib.sha256).digest()
    signature = base64.b64encode(mac).decode()
    return {
        "webhook-id": name,
        "webhook-timestamp": sent_at,
        "webhook-signature": f"v1,{signature}",
    }


def deliver(
    headers: dict[str, str], body: bytes = BODY, query: str = f"?job={JOB}"
) -> Answer:
    return Api()("POST", f"{HOOK}{query}", headers=headers, content=body)


def without(name: str) -> dict[str, str]:
    return {header: value for header, value in signed().items() if header != name}


def is_refused(answer: Answer, sql: Sql, code: str = "INVALID_SIGNATURE") -> bool:
    """Tell whether a delivery was refused and nothing is left of it."""
    told = (answer.status, answer.code) == (400, code)
    return told and not count(sql, "webhook_events") and not count(sql, "outbox")


def test_a_report_is_kept_and_rings_for_its_job(sql: Sql) -> None:
    answer = deliver(signed())

    assert answer.ok(202) == {"received": True}
    assert count(sql, "outbox", queue="finish", subject_id=JOB) == 1
    (event,) = sql.execute("select * from webhook_events").fetchall()
    assert event["external_id"] == "msg_1"
    assert event["event_type"] == "prediction.succeeded"
    assert event["provider_object_id"] == PREDICTION["id"]
    assert str(event["subject_id"]) == JOB
    assert event["payload"] == PREDICTION


def test_a_report_that_comes_again_is_kept_once(sql: Sql) -> None:
    headers = signed()

    answers = [deliver(headers) for _ in range(5)]

    assert [answer.status for answer in answers] == [202] * 5
    assert count(sql, "webhook_events") == 1
    assert count(sql, "outbox") == 1


def test_a_report_signed_anew_under_its_old_name_is_the_same(sql: Sql) -> None:
    deliver(signed(age_s=60)).ok(202)
    other = json.dumps(PREDICTION | {"status": "failed"}).encode()

    answer = deliver(signed(other), other)

    assert answer.status == 202
    assert count(sql, "webhook_events", event_type="prediction.succeeded") == 1
    assert count(sql, "webhook_events") == 1


def test_two_reports_on_one_prediction_are_two(sql: Sql) -> None:
    deliver(signed()).ok(202)

    deliver(signed(name="msg_2")).ok(202)

    assert count(sql, "webhook_events", provider_object_id=PREDICTION["id"]) == 2
    assert count(sql, "outbox") == 2


@pytest.mark.parametrize(("query", "messages"), [("", 0), (f"?job={JOB}", 1)])
def test_a_report_on_a_prediction_that_we_do_not_know_is_kept(
    sql: Sql, query: str, messages: int
) -> None:
    answer = deliver(signed(), query=query)

    assert answer.status == 202
    assert count(sql, "webhook_events") == 1
    assert count(sql, "outbox") == messages


@pytest.mark.parametrize("job", ["7", "luna", "%00", f"{JOB}0", "'"])
def test_a_report_on_what_cannot_be_a_job_is_refused(sql: Sql, job: str) -> None:
    answer = deliver(signed(), query=f"?job={job}")

    assert is_refused(answer, sql, "VALIDATION_ERROR")


# Who may report.


@pytest.mark.parametrize("name", signed())
def test_each_header_is_wanted(sql: Sql, name: str) -> None:
    answer = deliver(without(name))

    assert is_refused(answer, sql)


@pytest.mark.parametrize("age_s", [-330, -301 - 5, 302, 86_400])
def test_a_report_from_another_time_is_refused(sql: Sql, age_s: int) -> None:
    answer = deliver(signed(age_s=age_s))

    assert is_refused(answer, sql)


@pytest.mark.parametrize("age_s", [-270, 0, 290])
def test_a_clock_may_be_five_minutes_off(age_s: int) -> None:
    answer = deliver(signed(age_s=age_s))

    assert answer.status == 202


@pytest.mark.parametrize(
    "changes",
    [
        {"webhook-id": "msg_2"},
        {"webhook-id": ""},
        {"webhook-id": "m" * 256},
        {"webhook-timestamp": ""},
        {"webhook-timestamp": "now"},
        {"webhook-timestamp": "-1"},
        {"webhook-timestamp": "1.7e9"},
        {"webhook-timestamp": "\N{ARABIC-INDIC DIGIT ZERO}"},
        {"webhook-timestamp": "9" * 30},
        {"webhook-timestamp": "{now} "},
        {"webhook-signature": ""},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v1"},
        {"webhook-signature": "v1,ñ"},
        {"webhook-signature": "v1," + "A" * 44},
        {"webhook-signature": "v1," + "A" * 100_000},
    ],
    ids=lambda changes: f"{changes}"[:60],
)
def test_an_altered_header_is_found_out(sql: Sql, changes: dict[str, str]) -> None:
    (name, value), *_ = changes.items()

    answer = deliver(signed() | {name: value.replace("{now}", f"{time.time():.0f}")})

    assert is_refused(answer, sql)


@pytest.mark.parametrize("version", ["v1a", "v2", "V1", ""])
def test_a_signature_of_another_version_is_none(sql: Sql, version: str) -> None:
    headers = signed()
    mac = headers["webhook-signature"].removeprefix("v1,")

    answer = deliver(headers | {"webhook-signature": f"{version},{mac}"})

    assert is_refused(answer, sql)


@pytest.mark.parametrize(
    "altered",
    [
        BODY.replace(b"succeeded", b"failed"),
        BODY + b" ",
        BODY[:-1],
        json.dumps(PREDICTION, indent=1).encode(),
        b"",
    ],
    ids=["status", "space behind", "cut", "spelled anew", "empty"],
)
def test_an_altered_body_is_found_out(sql: Sql, altered: bytes) -> None:
    answer = deliver(signed(), altered)

    assert is_refused(answer, sql)


def test_another_key_signs_for_nobody(sql: Sql) -> None:
    key = base64.b64encode(b"somebody else's key").decode()

    answer = deliver(signed(key=key))

    assert is_refused(answer, sql)


def test_the_previous_secret_is_good_while_it_is_listed() -> None:
    answer = deliver(signed(key=OLD_KEY))

    assert answer.status == 202


def test_the_previous_secret_is_no_good_once_it_is_gone(
    sql: Sql, surroundings: Set
) -> None:
    surroundings(REPLICATE_WEBHOOK_SECRET=f"whsec_{KEY}")

    answer = deliver(signed(key=OLD_KEY))

    assert is_refused(answer, sql)


def test_one_good_signature_among_others_is_enough() -> None:
    headers = signed()
    listed = f"v1,{'A' * 43}= v1a,x {headers['webhook-signature']}"

    answer = deliver(headers | {"webhook-signature": listed})

    assert answer.status == 202


@pytest.mark.parametrize("secret", [None, ""])
def test_without_a_secret_the_door_does_not_exist(
    sql: Sql, surroundings: Set, secret: str | None
) -> None:
    surroundings(REPLICATE_WEBHOOK_SECRET=secret)

    answer = deliver(signed())

    assert (answer.status, answer.code) == (404, "NOT_FOUND")
    assert count(sql, "webhook_events") == 0


@pytest.mark.parametrize("secret", ["whsec_", "whsec_!!!", "not base64 at all"])
def test_a_secret_that_is_none_lets_nobody_in(
    sql: Sql, surroundings: Set, secret: str
) -> None:
    surroundings(REPLICATE_WEBHOOK_SECRET=secret)

    answer = deliver(signed(key=""))

    assert is_refused(answer, sql)


# Replicate's own words and our arithmetic, at the moment they were written down.

WRITTEN_DOWN_AT = 1795219200
WRITTEN_DOWN_SECRET = "whsec_dml4ZW5ibGlzcy1zdGFuZGFyZC13ZWJob29rcy1rZXk="
WRITTEN_DOWN = (
    b'{"id":"r9xk3w1testpred0cvixen","model":"black-forest-labs/flux-schnell",'
    b'"version":"hidden","status":"succeeded","input":{"prompt":"portrait"},'
    b'"output":["https://replicate.delivery/xezq/test/out-0.webp"],"error":null,'
    b'"created_at":"2026-11-20T12:00:00.000Z"}'
)
WRITTEN_DOWN_MAC = "v1,Hhba9CA6dQdXXeS07Xir8p38+m9qYa2utuTlSQlb90Y="


@pytest.fixture
def long_ago(
    monkeypatch: pytest.MonkeyPatch, surroundings: Set
) -> Callable[[int], None]:
    """Turn the clock to so many seconds after it was written down."""
    surroundings(REPLICATE_WEBHOOK_SECRET=WRITTEN_DOWN_SECRET)

    def turn(later_s: int) -> None:
        then = datetime.fromtimestamp(WRITTEN_DOWN_AT + later_s, UTC)
        monkeypatch.setattr(deliveries, "now", lambda: then)

    return turn


@pytest.mark.parametrize(
    ("later_s", "signature", "status"),
    [
        (0, WRITTEN_DOWN_MAC, 202),
        (0, f"v1,{'A' * 43}= {WRITTEN_DOWN_MAC}", 202),
        (300, WRITTEN_DOWN_MAC, 202),
        (301, WRITTEN_DOWN_MAC, 400),
        (-301, WRITTEN_DOWN_MAC, 400),
    ],
)
def test_a_delivery_that_was_written_down_is_judged_right(
    sql: Sql,
    long_ago: Callable[[int], None],
    later_s: int,
    signature: str,
    status: int,
) -> None:
    long_ago(later_s)
    headers = {
        "webhook-id": "msg_2vTestReplicate0001",
        "webhook-timestamp": str(WRITTEN_DOWN_AT),
        "webhook-signature": signature,
    }

    answer = deliver(headers, WRITTEN_DOWN)

    assert answer.status == status
    assert count(sql, "webhook_events") == (status == 202)


# What is signed, and nonsense all the same.


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"succeeded"',
        b"{}",
        b'{"id": "p1"}',
        b'{"id": "", "status": "succeeded"}',
        b'{"id": 7, "status": "succeeded"}',
        json.dumps(PREDICTION | {"id": "p" * 121}).encode(),
        json.dumps(PREDICTION | {"status": "s" * 41}).encode(),
        json.dumps(PREDICTION | {"completed_at": "yesterday"}).encode(),
        b'\xff\xfe{"id": "p1", "status": "succeeded"}',
        b'{"id": "p1", "status": "succeeded", "logs": "\xff"}',
        b'{"id": "p\\u0000", "status": "succeeded"}',
        b'{"id": "p1", "status": "\\u0000"}',
        b'{"id": "p1", "status": "\\ud800"}',
        b'{"id": "p1", "status": "succeeded", "deep": ' + b"[" * 200_000,
        b'{"id": "p1", "status": "succeeded", "n": ' + b"9" * 5_000 + b"}",
    ],
    ids=lambda body: repr(body[:60]),
)
def test_a_signed_body_that_is_no_prediction_is_refused(sql: Sql, body: bytes) -> None:
    as_it_is = {"content-type": "application/octet-stream"}

    answer = deliver(signed(body) | as_it_is, body)

    assert is_refused(answer, sql, "VALIDATION_ERROR")


def _with(more: bytes) -> bytes:
    return b'{"id": "p1", "status": "succeeded", ' + more + b"}"


@pytest.mark.parametrize(
    "odd",
    [
        b'"logs": "step 1\\u0000step 2"',
        b'"logs": "half a \\ud83d"',
        b'"\\u0000": 1',
        b'"metrics": {"predict_time": NaN}',
        b'"metrics": {"predict_time": 1e999}',
        b'"metrics": {"predict_time": -Infinity}',
        b'"deep": ' + b"[" * 900 + b"]" * 900,
        b'"n": ' + b"9" * 4_000,
        b'"logs": "' + b"x" * 900_000 + b'"',
    ],
    ids=lambda odd: repr(odd[:60]),
)
def test_what_else_is_in_a_prediction_does_not_lose_it(sql: Sql, odd: bytes) -> None:
    body = _with(odd)

    answer = deliver(signed(body), body)

    assert answer.status == 202
    assert count(sql, "webhook_events", provider_object_id="p1") == 1


@pytest.mark.parametrize(("size", "status"), [(0, 202), (1, 413)])
def test_a_body_has_a_megabyte_at_most(sql: Sql, size: int, status: int) -> None:
    body = BODY + b" " * (MAX_BODY_BYTES - len(BODY) + size)

    answer = deliver(signed(body), body)

    assert answer.status == status
    assert count(sql, "webhook_events") == (status == 202)


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_reports_are_posted(method: str) -> None:
    answer = Api()(method, HOOK)

    assert (answer.status, answer.code) == (405, "METHOD_NOT_ALLOWED")


def test_a_refusal_tells_nothing_of_the_secret() -> None:
    answer = deliver(signed(key=base64.b64encode(b"guess").decode()))

    told: Any = answer.content.decode()
    assert KEY not in told
    assert "guess" not in told
