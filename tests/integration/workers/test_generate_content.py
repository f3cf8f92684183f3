"""Queue generate: images, from a wish to a prediction, and what can go wrong there."""

from typing import Any

import pytest

from tests.conftest import Set
from tests.support.studio import Studio
from tests.support.workers import left_running

IMAGE_PRICE_MICROS = 3000
UNKNOWN_ID = "0190f000-0000-7000-8000-000000000000"

CREATE_FAILS = [
    pytest.param({"action": "status", "status": 500}, id="answers 500"),
    pytest.param(
        {"action": "status", "status": 429, "retry_after": 1}, id="answers 429"
    ),
    pytest.param({"action": "before"}, id="drops the call"),
    pytest.param({"action": "rubbish_before"}, id="answers rubbish"),
]
ANSWER_LOST = [
    pytest.param({"action": "after"}, id="connection dropped"),
    pytest.param({"action": "hang_after", "seconds": 3}, id="timeout"),
    pytest.param({"action": "status_after", "status": 500}, id="error in its place"),
    pytest.param({"action": "rubbish"}, id="malformed"),
]
_NO_SCORES = {"flagged": False, "categories": {}, "category_scores": {}}
GATE_SILENT = [
    pytest.param({"action": "status", "status": 500}, id="down"),
    pytest.param({"action": "status", "status": 429}, id="busy"),
    pytest.param({"action": "before"}, id="unreachable"),
    pytest.param({"action": "hang", "seconds": 3}, id="timeout"),
    pytest.param({"action": "rubbish"}, id="malformed"),
    pytest.param(
        {"action": "reply", "body": {"model": "m", "results": []}}, id="no result"
    ),
    pytest.param(
        {"action": "reply", "body": {"model": "m", "results": [_NO_SCORES]}},
        id="no scores",
    ),
]


def test_an_image_goes_from_wish_to_asset(studio: Studio, aws: dict[str, str]) -> None:
    (job_id,) = studio.wish()

    studio.bring_home(job_id)

    assert studio.standing(job_id) == ("succeeded", 1)
    assert studio.asset(job_id)["status"] == "ready"
    assert studio.budget() == (0, IMAGE_PRICE_MICROS)


def test_what_a_picture_is_to_avoid_is_judged_with_the_prompt(studio: Studio) -> None:
    (job_id,) = studio.wish(negative_prompt="crowds, only a loser stays at home")

    studio.deliver("generate")

    assert studio.standing(job_id) == ("blocked", 1)
    assert studio.world.predictions(job_id) == []
    assert studio.budget() == (0, 0)


def test_a_message_that_comes_twice_asks_once(studio: Studio) -> None:
    (job_id,) = studio.wish()

    again = studio.workers.run("generate", job_id, job_id)
    again += studio.workers.run("generate", job_id)

    assert again == []
    assert len(studio.world.predictions(job_id)) == 1
    assert studio.standing(job_id) == ("awaiting_provider", 1)


@pytest.mark.parametrize("fault", CREATE_FAILS)
def test_a_job_whose_provider_fails_three_times_has_failed(
    studio: Studio, fault: dict[str, Any]
) -> None:
    """Contract, source 000: failed with 3 attempt rows and one dead letter."""
    studio.world.fault("replicate", "predictions.create", times=3, **fault)
    (job_id,) = studio.wish()

    studio.deliver("generate")

    assert studio.standing(job_id) == ("failed", 3)
    assert len(studio.outcomes(job_id)) == 3
    seen = studio.job(job_id)
    ((code, reason),) = studio.dead_letters()
    assert code == seen["error_code"]
    assert reason.startswith(seen["error_message"])
    assert studio.budget() == (0, 0)
    assert studio.world.predictions(job_id) == []


def test_a_job_of_which_nobody_knows_counts_at_its_estimate(studio: Studio) -> None:
    studio.world.fault("replicate", "predictions.create", "before", times=None)
    studio.world.fault("replicate", "predictions.list", "before", times=None)
    (job_id,) = studio.wish()

    studio.deliver("generate")

    assert studio.standing(job_id) == ("failed", 3)
    assert studio.budget() == (0, IMAGE_PRICE_MICROS)


@pytest.mark.parametrize("fault", CREATE_FAILS)
def test_a_job_whose_provider_fails_twice_succeeds(
    studio: Studio, aws: dict[str, str], fault: dict[str, Any]
) -> None:
    """Contract, source 000: succeeds on the 3rd."""
    studio.world.fault("replicate", "predictions.create", times=2, **fault)
    (job_id,) = studio.wish()

    studio.bring_home(job_id)

    assert studio.standing(job_id) == ("succeeded", 3)
    assert studio.outcomes(job_id)[2] == "SUCCEEDED"
    assert studio.dead_letters() == []
    assert studio.budget() == (0, IMAGE_PRICE_MICROS)


def test_a_try_waits_for_its_time(studio: Studio, surroundings: Set) -> None:
    surroundings(RETRY_DELAYS_S="30,120")
    studio.world.fault("replicate", "predictions.create", "before")
    (job_id,) = studio.wish()
    studio.workers.run("generate", job_id)

    too_early = studio.workers.run("generate", job_id)

    assert len(too_early) == 1
    assert studio.standing(job_id) == ("retrying", 1)
    delays = studio.one(
        "select extract(epoch from available_at - created_at) as s from outbox"
        " where dedupe_key like '%try-2'"
    )
    assert 30 <= delays["s"] <= 30 * 1.25


def test_a_job_that_its_provider_refuses_is_not_tried_again(studio: Studio) -> None:
    studio.world.fault("replicate", "predictions.create", "status", status=422)
    (job_id,) = studio.wish()

    studio.deliver("generate")

    assert studio.standing(job_id) == ("failed", 1)
    assert len(studio.dead_letters()) == 1
    assert studio.budget() == (0, 0)


def test_without_a_key_a_job_fails_and_says_so(
    studio: Studio, surroundings: Set
) -> None:
    (job_id,) = studio.wish()
    surroundings(REPLICATE_API_TOKEN=None)

    studio.deliver("generate")

    assert studio.standing(job_id) == ("failed", 1)
    assert studio.job(job_id)["error_message"] == "no key is configured"


@pytest.mark.parametrize("fault", ANSWER_LOST)
def test_a_prediction_whose_answer_is_lost_is_found_and_not_asked_for_again(
    studio: Studio, surroundings: Set, aws: dict[str, str], fault: dict[str, Any]
) -> None:
    surroundings(REQUEST_TIMEOUT_S="0.5")
    studio.world.fault("replicate", "predictions.create", **fault)
    (job_id,) = studio.wish()

    studio.bring_home(job_id)

    assert studio.standing(job_id) == ("succeeded", 1)
    assert len(studio.world.predictions(job_id)) == 1


def test_a_lost_answer_that_cannot_be_looked_up_is_looked_up_later(
    studio: Studio, aws: dict[str, str]
) -> None:
    studio.world.fault("replicate", "predictions.create", "after")
    studio.world.fault("replicate", "predictions.list", "status", status=500, times=2)
    (job_id,) = studio.wish()

    studio.bring_home(job_id)

    assert studio.standing(job_id) == ("succeeded", 3)
    assert len(studio.world.predictions(job_id)) == 1


def test_a_lost_call_is_not_taken_for_the_failed_one_before(
    studio: Studio, aws: dict[str, str]
) -> None:
    studio.world.fault("replicate", "predictions.create", "fail", error="no memory")
    studio.world.fault("replicate", "predictions.create", "status", status=500)
    (job_id,) = studio.wish()
    studio.bring_home(job_id)

    studio.bring_home(job_id)

    assert studio.standing(job_id) == ("succeeded", 3)
    states = [made["status"] for made in studio.world.predictions(job_id)]
    assert states == ["failed", "succeeded"]


@pytest.mark.parametrize("aspect_ratio", ["1:1", "16:9"])
def test_a_lost_call_is_not_taken_for_another_jobs_of_the_same_seed(
    studio: Studio, aspect_ratio: str
) -> None:
    (first,) = studio.wish(params={"seed": 42})
    studio.deliver("generate")
    studio.world.fault("replicate", "predictions.create", "status", status=500)
    (second,) = studio.wish(params={"seed": 42, "aspect_ratio": aspect_ratio})

    studio.deliver("generate")

    assert studio.standing(second) == ("awaiting_provider", 2)
    assert [len(studio.world.predictions(id_)) for id_ in (first, second)] == [1, 1]


def test_two_jobs_of_the_same_seed_do_not_share_the_one_prediction_that_was_made(
    studio: Studio, aws: dict[str, str]
) -> None:
    studio.world.fault("replicate", "predictions.create", "after")
    studio.world.fault("replicate", "predictions.create", "before")
    studio.world.fault("replicate", "predictions.list", "status", status=500, times=2)
    job_ids = [*studio.wish(params={"seed": 42}), *studio.wish(params={"seed": 42})]

    studio.bring_home(*job_ids)

    assert [studio.standing(id_)[0] for id_ in job_ids] == ["succeeded"] * 2
    assert len(studio.world.effects("replicate", "predictions.create")) == 2


def test_a_batch_whose_time_is_up_leaves_the_question_open(
    studio: Studio, surroundings: Set
) -> None:
    surroundings(LEASE_S="2")
    studio.world.fault("replicate", "predictions.create", "hang_after", seconds=3)
    (job_id,) = studio.wish()
    studio.workers.run("generate", job_id)
    cut_off = studio.standing(job_id), studio.outcomes(job_id)

    studio.deliver("generate")

    assert cut_off == (("retrying", 1), ["OUTCOME_UNKNOWN"])
    assert studio.standing(job_id) == ("awaiting_provider", 2)
    assert len(studio.world.predictions(job_id)) == 1


def test_a_service_without_a_list_is_asked_anew(
    studio: Studio, aws: dict[str, str]
) -> None:
    studio.world.fault(
        "replicate", "predictions.list", "status", status=404, times=None
    )
    studio.world.fault("replicate", "predictions.create", "status", status=500, times=2)
    (job_id,) = studio.wish()

    studio.bring_home(job_id)

    assert studio.standing(job_id) == ("succeeded", 3)


def test_a_job_of_a_dead_worker_is_taken_again_within_the_same_try(
    studio: Studio,
) -> None:
    (job_id,) = studio.wish()
    studio.sql.execute(
        "update content_jobs set status = 'running', attempts = 1, fence = 1,"
        " lease_until = now() + interval '1 minute'"
    )
    held = studio.workers.run("generate", job_id)
    studio.let_leases_end()

    free = studio.workers.run("generate", job_id)

    assert (len(held), free) == (1, [])
    assert studio.standing(job_id) == ("awaiting_provider", 1)


def test_a_worker_that_died_after_asking_is_followed_by_one_that_finds_the_answer(
    studio: Studio,
) -> None:
    (job_id,) = studio.wish()
    studio.workers.run("generate", job_id)
    studio.sql.execute(  # as if the worker had not lived to write what it was answered
        "update content_jobs set status = 'running', provider_job_id = null,"
        " lease_until = now() - interval '1 second'"
    )

    studio.workers.run("generate", job_id)

    (prediction,) = studio.world.predictions(job_id)
    kept = studio.one("select provider_job_id from content_jobs")
    assert kept["provider_job_id"] == prediction["id"]


def test_a_worker_that_was_thought_dead_writes_nothing_and_calls_off(
    studio: Studio,
) -> None:
    studio.world.behave(latency_s=60)
    (job_id,) = studio.wish()
    studio.sql.execute(  # another takes the job while Replicate is being asked
        "create function steal() returns trigger language plpgsql as"
        " $$ begin new.fence := new.fence + 1; return new; end $$;"
        "create trigger steal before update of submitted_at on content_jobs"
        " for each row execute function steal()"
    )

    studio.workers.run("generate", job_id)

    (prediction,) = studio.world.predictions(job_id)
    assert prediction["status"] == "canceled"
    assert studio.one("select provider_job_id as it from content_jobs")["it"] is None


def test_a_batch_that_crashes_leaves_no_job_half_way(studio: Studio) -> None:
    studio.world.fault(
        "replicate", "predictions.create", "slow_after", seconds=1, skip=1
    )
    job_ids = studio.wish(2)
    studio.let_rows_die("content_jobs", when="new.status = 'awaiting_provider'")

    studio.workers.run("generate", *job_ids)

    assert left_running() == []


def test_an_id_that_no_row_has_comes_again_later(studio: Studio) -> None:
    again = studio.workers.run("generate", UNKNOWN_ID)

    assert len(again) == 1


@pytest.mark.parametrize("fault", GATE_SILENT)
def test_a_prompt_that_nobody_could_judge_is_not_sent(
    studio: Studio, surroundings: Set, fault: dict[str, Any]
) -> None:
    surroundings(REQUEST_TIMEOUT_S="0.5")
    studio.world.fault("openai", "moderations.create", times=None, **fault)
    (job_id,) = studio.wish()

    studio.deliver("generate")

    assert studio.standing(job_id) == ("failed", 3)
    assert studio.outcomes(job_id) == ["POLICY_UNAVAILABLE"] * 3
    assert studio.world.predictions(job_id) == []
    assert studio.budget() == (0, 0)


def test_without_a_key_for_the_gate_nothing_is_sent(
    studio: Studio, surroundings: Set
) -> None:
    (job_id,) = studio.wish()
    surroundings(OPENAI_API_KEY=None)

    studio.deliver("generate")

    assert studio.standing(job_id) == ("failed", 3)
    assert studio.world.predictions(job_id) == []


def test_a_prompt_that_the_gate_refuses_is_not_sent(studio: Studio) -> None:
    studio.world.fault(
        "openai", "moderations.create", "scores", scores={"sexual": 0.99}
    )
    (job_id,) = studio.wish()

    studio.deliver("generate")

    assert studio.standing(job_id) == ("blocked", 1)
    assert "sexual" in studio.job(job_id)["error_message"]
    assert studio.world.predictions(job_id) == []
    assert studio.budget() == (0, 0)


def test_the_words_of_a_batch_are_judged_with_one_request(studio: Studio) -> None:
    job_ids = studio.wish(5)

    studio.workers.run("generate", *job_ids)

    judged = studio.world.calls("openai", "moderations.create")
    assert len(judged) == len(["the avatar's profile", "the batch"])
    assert [len(studio.world.predictions(id_)) for id_ in job_ids] == [1] * 5
