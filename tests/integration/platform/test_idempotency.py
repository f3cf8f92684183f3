"""A request that comes twice under one key has its effect once, and one answer."""

import threading
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from tests.support.api import handler_of
from tests.support.at_once import Wish, at_once
from tests.support.database import count
from tests.support.keys import keyed
from tests.support.people import join
from tests.support.studio import Studio
from vixenbliss import database as connections

KEY = "wish-of-luna-1"
PATH = "/api/v1/content/generate"
EXPIRED = "update idempotency_keys set expires_at = now() - interval '1 second'"
HOLD = (
    "insert into idempotency_keys (scope, principal, key, request_hash, expires_at)"
    " values ('content.generate', %s, %s, 'x', now() + interval '1 day')"
)


def wish(studio: Studio, **changes: Any) -> dict[str, Any]:
    asked = {"avatar_id": studio.avatar_id, "kind": "image", "prompt": "on a beach"}
    return asked | changes


def principal(studio: Studio) -> str:
    return f"{studio.owner.id}:home"


def test_the_same_request_has_the_same_answer_and_one_effect(studio: Studio) -> None:
    api = keyed(studio.owner.api, KEY)

    first = api("POST", PATH, wish(studio)).ok(202)
    second = api("POST", PATH, wish(studio)).ok(202)

    assert first == second
    assert count(studio.sql, "content_jobs") == 1


def test_the_same_request_may_be_spelled_differently(studio: Studio) -> None:
    api = keyed(studio.owner.api, KEY)
    backwards = dict(reversed(wish(studio, count=1).items()))

    first = api("POST", PATH, wish(studio)).ok(202)
    second = api("POST", PATH, backwards).ok(202)

    assert first == second


def test_without_a_key_each_request_has_its_effect(studio: Studio) -> None:
    studio.owner.api("POST", PATH, wish(studio)).ok(202)
    studio.owner.api("POST", PATH, wish(studio)).ok(202)

    assert count(studio.sql, "content_jobs") == 2


def test_another_request_under_the_same_key_is_refused(studio: Studio) -> None:
    api = keyed(studio.owner.api, KEY)
    api("POST", PATH, wish(studio)).ok(202)

    answer = api("POST", PATH, wish(studio, prompt="in the mountains"))

    assert (answer.status, answer.code) == (409, "IDEMPOTENCY_MISMATCH")
    assert count(studio.sql, "content_jobs") == 1


def test_somebody_elses_key_is_another_key(studio: Studio) -> None:
    editor = join(studio.owner, "editor")

    ours = keyed(studio.owner.api, KEY)("POST", PATH, wish(studio)).ok(202)
    theirs = keyed(editor.api, KEY)("POST", PATH, wish(studio)).ok(202)

    assert ours["batch_id"] != theirs["batch_id"]


def test_a_request_that_failed_has_its_own_try(studio: Studio) -> None:
    api, path = keyed(studio.owner.api, KEY), f"/api/v1/avatars/{studio.avatar_id}"
    studio.owner.api("POST", f"{path}/pause").ok()
    assert api("POST", PATH, wish(studio)).status == 409
    studio.owner.api("POST", f"{path}/activate").ok()

    api("POST", PATH, wish(studio)).ok(202)

    assert count(studio.sql, "content_jobs") == 1


def test_a_request_that_died_leaves_its_key_free(studio: Studio, database: str) -> None:
    with psycopg.connect(database) as dying:
        dying.execute(HOLD, (principal(studio), KEY))
        dying.rollback()

    keyed(studio.owner.api, KEY)("POST", PATH, wish(studio)).ok(202)

    assert count(studio.sql, "content_jobs") == 1


def test_while_the_first_runs_the_second_is_told_to_wait(
    studio: Studio, own_engine: None, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "STATEMENT_TIMEOUT_MS", 100)

    with psycopg.connect(database) as first:
        first.execute(HOLD, (principal(studio), KEY))
        answer = keyed(studio.owner.api, KEY)("POST", PATH, wish(studio))

    assert (answer.status, answer.code) == (409, "REQUEST_IN_PROGRESS")
    assert answer.headers["retry-after"] == "2"


def test_the_second_goes_ahead_when_the_first_gives_up(
    studio: Studio, database: str
) -> None:
    with psycopg.connect(database) as first:
        first.execute(HOLD, (principal(studio), KEY))
        giving_up = threading.Timer(0.2, first.rollback)
        giving_up.start()
        answer = keyed(studio.owner.api, KEY)("POST", PATH, wish(studio))
        giving_up.join()

    answer.ok(202)


def test_many_at_once_are_one(studio: Studio) -> None:
    api = keyed(studio.owner.api, KEY)

    answers = at_once(*[Wish(api, "POST", PATH, wish(studio))] * 4)

    assert [answer.status for answer in answers] == [202] * 4, answers[0].content
    assert len({answer.content for answer in answers}) == 1
    assert count(studio.sql, "content_jobs") == 1


def test_a_key_lasts_for_a_day(studio: Studio) -> None:
    keyed(studio.owner.api, KEY)("POST", PATH, wish(studio)).ok(202)

    kept = studio.one("select expires_at - created_at as lasts from idempotency_keys")

    assert kept["lasts"] == timedelta(days=1)


def test_a_key_that_has_run_out_may_be_used_anew(studio: Studio) -> None:
    api = keyed(studio.owner.api, KEY)
    api("POST", PATH, wish(studio)).ok(202)
    studio.sql.execute(EXPIRED)

    api("POST", PATH, wish(studio, prompt="in the mountains")).ok(202)

    assert count(studio.sql, "content_jobs") == 2
    assert count(studio.sql, "idempotency_keys") == 1


def test_keys_that_have_run_out_are_forgotten(studio: Studio) -> None:
    keyed(studio.owner.api, KEY)("POST", PATH, wish(studio)).ok(202)
    studio.sql.execute(EXPIRED)

    swept = handler_of("SweepFunction")({}, None)

    assert swept["idempotency_keys"] == 1
    assert count(studio.sql, "idempotency_keys") == 0
