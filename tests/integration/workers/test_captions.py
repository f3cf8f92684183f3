"""Queue generate: captions, several with one request, and none paid for twice."""

from threading import Timer
from typing import Any

import psycopg
import pytest

from tests.conftest import Set
from tests.integration.workers.test_generate_content import GATE_SILENT
from tests.support.studio import Studio
from tests.support.workers import left_running


def _asked(studio: Studio) -> int:
    """Return how many answers were paid for."""
    return len(studio.world.effects("openai", "responses.create"))


def test_captions_are_written_with_one_request(studio: Studio) -> None:
    job_ids = studio.wish(3, kind="caption")

    studio.deliver("generate")

    assert [studio.standing(id_) for id_ in job_ids] == [("succeeded", 1)] * 3
    assert _asked(studio) == 1
    captions = [studio.job(id_)["result"]["caption"] for id_ in job_ids]
    assert len(set(captions)) == 3


def test_what_captions_cost_is_booked(studio: Studio) -> None:
    studio.wish(2, kind="caption")

    studio.deliver("generate")

    held, spent = studio.budget()
    assert held == 0
    assert spent > 0


@pytest.mark.parametrize(
    "fault",
    [
        {"action": "after"},
        {"action": "hang_after", "seconds": 3},
        {"action": "status_after", "status": 500},
        {"action": "rubbish"},
    ],
    ids=lambda fault: str(fault["action"]),
)
def test_an_answer_that_was_lost_is_read_and_not_asked_for_again(
    studio: Studio, surroundings: Set, fault: dict[str, Any]
) -> None:
    surroundings(REQUEST_TIMEOUT_S="0.5")
    studio.world.fault("openai", "responses.create", **fault)
    job_ids = studio.wish(2, kind="caption")

    studio.deliver("generate")

    assert [studio.standing(id_) for id_ in job_ids] == [("succeeded", 1)] * 2
    assert _asked(studio) == 1


def test_a_theme_that_the_model_refuses_spoils_it_for_no_other(studio: Studio) -> None:
    studio.world.fault("openai", "responses.create", "refusal", error="no")
    job_ids = studio.wish(3, kind="caption")

    studio.deliver("generate")

    assert [studio.standing(id_) for id_ in job_ids] == [("succeeded", 2)] * 3
    assert _asked(studio) == 4


def test_a_refusal_after_a_lost_answer_is_paid_for_and_spoils_nothing(
    studio: Studio,
) -> None:
    studio.world.fault("openai", "responses.create", "before")
    studio.world.fault("openai", "responses.create", "refusal", error="no")
    job_ids = studio.wish(2, kind="caption")

    studio.deliver("generate")

    held, spent = studio.budget()
    costs = sum(studio.job(id_)["cost_actual_micros"] for id_ in job_ids)
    assert [studio.standing(id_) for id_ in job_ids] == [("succeeded", 3)] * 2
    assert len(studio.world.effects("openai", "responses.create")) == 3
    assert (held, spent) == (0, costs)


def test_a_caption_that_is_called_off_takes_no_other_with_it(
    studio: Studio, database: str
) -> None:
    job_ids = studio.wish(4, kind="caption")
    studio.world.fault("openai", "conversations.create", "slow", seconds=1)
    calling_off = Timer(0.5, _call_off, (database, job_ids[1]))
    calling_off.start()

    studio.workers.run("generate", *job_ids)
    calling_off.join()

    ends = [studio.standing(job_id)[0] for job_id in job_ids]
    assert ends == ["succeeded", "cancelled", "succeeded", "succeeded"]
    assert studio.world.calls("openai", "conversations.delete")


def _call_off(database: str, job_id: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "update content_jobs set status = 'cancelled', fence = fence + 1,"
            " finished_at = now(), cost_settled_at = now(), lease_until = null"
            " where id = %s",
            (job_id,),
        )


def _lose_the_answer(studio: Studio) -> None:
    """Let the next answer be lost, and not be found by looking at once."""
    studio.world.fault("openai", "responses.create", "after")
    studio.world.fault("openai", "conversations.items.list", "before")


def test_a_lost_answer_is_read_by_jobs_that_come_back_one_by_one(
    studio: Studio, surroundings: Set
) -> None:
    surroundings(REQUEST_TIMEOUT_S="0.5")
    _lose_the_answer(studio)
    job_ids = studio.wish(4, kind="caption")
    studio.workers.run("generate", *job_ids)
    studio.sql.execute("update content_jobs set next_attempt_at = now()")

    for job_id in job_ids:
        studio.workers.run("generate", job_id)

    assert [studio.standing(id_) for id_ in job_ids] == [("succeeded", 2)] * 4
    assert _asked(studio) == 1


def test_what_was_said_is_forgotten_once_every_job_has_read_it(studio: Studio) -> None:
    _lose_the_answer(studio)
    job_ids = studio.wish(2, kind="caption")
    studio.workers.run("generate", *job_ids)
    studio.sql.execute("update content_jobs set next_attempt_at = now()")

    kept = []
    for job_id in job_ids:
        studio.workers.run("generate", job_id)
        kept.append(not studio.world.calls("openai", "conversations.delete"))

    assert kept == [True, False]


def test_a_caption_of_which_nobody_knows_counts_at_its_estimate(
    studio: Studio,
) -> None:
    studio.world.fault("openai", "responses.create", "before", times=None)
    studio.world.fault("openai", "conversations.items.list", "before", times=None)
    (job_id,) = studio.wish(kind="caption")
    held, _ = studio.budget()

    studio.deliver("generate")

    assert studio.standing(job_id) == ("failed", 3)
    assert studio.budget() == (0, held)


@pytest.mark.parametrize(
    "fault",
    [
        {"action": "status", "status": 500},
        {"action": "status", "status": 429},
        {"action": "before"},
        {"action": "fail", "error": "server_error"},
    ],
    ids=lambda fault: f"{fault['action']} {fault.get('status', '')}",
)
def test_a_caption_that_is_never_written_fails_and_frees_the_budget(
    studio: Studio, fault: dict[str, Any]
) -> None:
    studio.world.fault("openai", "responses.create", times=None, **fault)
    (job_id,) = studio.wish(kind="caption")

    studio.deliver("generate")

    assert studio.standing(job_id)[0] == "failed"
    assert len(studio.dead_letters()) == 1
    assert studio.budget() == (0, 0)


@pytest.mark.parametrize(
    ("fault", "tries"),
    [
        ({"action": "refusal", "error": "no"}, 1),
        ({"action": "incomplete", "reason": "max_output_tokens"}, 3),
    ],
    ids=["refusal", "incomplete"],
)
def test_an_answer_of_no_use_is_paid_for(
    studio: Studio, fault: dict[str, Any], tries: int
) -> None:
    studio.world.fault("openai", "responses.create", times=None, **fault)
    (job_id,) = studio.wish(kind="caption")

    studio.deliver("generate")

    held, spent = studio.budget()
    assert studio.standing(job_id) == ("failed", tries)
    assert held == 0
    assert 0 < spent == studio.job(job_id)["cost_actual_micros"]
    assert len(studio.world.effects("openai", "responses.create")) == tries


@pytest.mark.parametrize("times", [1, 2])
def test_a_caption_is_written_once_the_provider_answers(
    studio: Studio, times: int
) -> None:
    studio.world.fault("openai", "responses.create", "status", status=500, times=times)
    (job_id,) = studio.wish(kind="caption")

    studio.deliver("generate")

    assert studio.standing(job_id) == ("succeeded", times + 1)
    assert _asked(studio) == 1


def test_a_worker_that_died_after_asking_is_followed_by_one_that_reads(
    studio: Studio,
) -> None:
    job_ids = studio.wish(3, kind="caption")
    # The first worker's last write is the one before it asks.
    studio.let_rows_die("content_jobs", when="new.status = 'succeeded'")
    studio.workers.run("generate", *job_ids)
    studio.sql.execute("drop trigger die on content_jobs")
    studio.let_leases_end()

    studio.workers.run("generate", *job_ids)

    assert [studio.standing(id_) for id_ in job_ids] == [("succeeded", 1)] * 3
    assert _asked(studio) == 1


def test_a_batch_that_crashes_leaves_no_captions_being_written(studio: Studio) -> None:
    studio.world.fault("openai", "responses.create", "slow_after", seconds=1, skip=1)
    job_ids = studio.wish(2, kind="caption")
    studio.sql.execute(  # so that each is a request of its own
        "update content_jobs set model = 'gpt-5.4' where id = %s", job_ids[:1]
    )
    studio.let_rows_die("content_jobs", when="new.status = 'succeeded'")

    studio.workers.run("generate", *job_ids)

    assert left_running() == []


def test_a_service_without_conversations_is_asked_anew(studio: Studio) -> None:
    studio.world.fault(
        "openai", "conversations.create", "status", status=404, times=None
    )
    studio.world.fault("openai", "responses.create", "before")
    (job_id,) = studio.wish(kind="caption")

    studio.deliver("generate")

    assert studio.standing(job_id) == ("succeeded", 2)


def _judged(studio: Studio, fault: dict[str, Any]) -> None:
    """Let the gate pass a prompt, and then do this to what is written."""
    studio.world.fault("openai", "moderations.create", skip=1, times=None, **fault)


@pytest.mark.parametrize("fault", GATE_SILENT)
def test_a_caption_that_nobody_could_judge_is_not_handed_out(
    studio: Studio, surroundings: Set, fault: dict[str, Any]
) -> None:
    surroundings(REQUEST_TIMEOUT_S="0.5")
    _judged(studio, fault)
    (job_id,) = studio.wish(kind="caption")

    studio.deliver("generate")

    assert studio.standing(job_id) == ("failed", 3)
    assert studio.job(job_id)["result"] is None
    assert _asked(studio) == 1


def test_a_caption_that_the_gate_refuses_is_not_handed_out(studio: Studio) -> None:
    _judged(studio, {"action": "scores", "scores": {"harassment": 0.99}})
    (job_id,) = studio.wish(kind="caption")

    studio.deliver("generate")

    assert studio.standing(job_id) == ("blocked", 1)
    assert studio.job(job_id)["result"] is None
