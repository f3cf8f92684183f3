"""Queue finish: from a prediction to an asset, marked, judged and vouched for."""

import hashlib
from typing import Any

import pytest

from tests.conftest import Set
from tests.integration.workers.test_generate_content import (
    GATE_SILENT,
    IMAGE_PRICE_MICROS,
)
from tests.support.studio import Studio
from tests.support.workers import left_running

pytestmark = pytest.mark.usefixtures("aws")
AI_MADE = b"trainedAlgorithmicMedia"


def _output(studio: Studio, job_id: str) -> bytes:
    """Return the picture as Replicate made it."""
    (prediction,) = studio.world.predictions(job_id)
    return studio.world.fetch(prediction["output"])


def test_a_picture_is_marked_as_made_by_a_machine(studio: Studio) -> None:
    (job_id,) = studio.wish()

    studio.bring_home(job_id)

    assert AI_MADE not in _output(studio, job_id)
    assert AI_MADE in studio.file(job_id)


def test_a_picture_with_content_credentials_is_kept_to_the_byte(
    studio: Studio,
) -> None:
    studio.world.fault("replicate", "predictions.create", "credentials")
    (job_id,) = studio.wish()

    studio.bring_home(job_id)

    assert studio.file(job_id) == _output(studio, job_id)
    sha256 = studio.asset(job_id)["sha256"]
    told = studio.owner.api("GET", f"/api/v1/provenance/{sha256}").ok()
    assert told["statement"]["c2pa"] == "provider_preserved"


def test_an_asset_is_what_lies_in_the_bucket(studio: Studio) -> None:
    (job_id,) = studio.wish(params={"aspect_ratio": "16:9"})

    studio.bring_home(job_id)

    asset, file = studio.asset(job_id), studio.file(job_id)
    assert asset["sha256"] == hashlib.sha256(file).hexdigest()
    assert asset["size_bytes"] == len(file)
    assert round(asset["width"] / asset["height"], 1) == round(16 / 9, 1)


def test_a_report_that_comes_often_brings_one_asset(studio: Studio) -> None:
    (job_id,) = studio.wish()
    studio.send()

    again = studio.workers.run("finish", *[job_id] * 10)
    again += studio.workers.run("finish", job_id)

    assert again == []
    assert studio.count("assets") == 1
    assert len(studio.world.calls("replicate", "files.get")) == 1
    assert studio.budget() == (0, IMAGE_PRICE_MICROS)


def test_a_worker_that_was_overtaken_while_it_fetched_writes_nothing(
    studio: Studio,
) -> None:
    (job_id,) = studio.wish()
    studio.send()
    studio.sql.execute(
        "create function steal() returns trigger language plpgsql as"
        " $$ begin update content_jobs set fence = fence + 1; return new; end $$;"
        "create trigger steal after insert on assets"
        " for each row execute function steal()"
    )
    studio.workers.run("finish", job_id)
    written = studio.count("assets"), studio.budget()[1]
    studio.sql.execute("drop trigger steal on assets")
    studio.let_leases_end()

    studio.workers.run("finish", job_id)

    assert written == (0, 0)
    assert len(studio.world.calls("replicate", "files.get")) == 2
    assert studio.count("assets") == 1
    assert studio.budget() == (0, IMAGE_PRICE_MICROS)


def test_two_jobs_that_bring_the_same_bytes_share_an_asset(studio: Studio) -> None:
    seed = {"seed": 7}
    job_ids = studio.wish(params=seed) + studio.wish(params=seed)

    studio.bring_home(*job_ids)

    assert [studio.standing(id_)[0] for id_ in job_ids] == ["succeeded"] * 2
    assert studio.count("assets") == 1


def test_a_job_whose_report_never_comes_is_swept_up_and_finished(
    studio: Studio,
) -> None:
    (job_id,) = studio.wish()
    studio.send()
    studio.let_silence_last()

    swept = studio.fire("SweepFunction")
    studio.deliver("finish")

    assert swept["jobs"] == 1
    assert studio.standing(job_id) == ("succeeded", 1)


def test_a_job_that_lost_its_message_is_swept_up_and_sent(studio: Studio) -> None:
    (job_id,) = studio.wish()
    studio.sql.execute("delete from outbox")
    studio.let_silence_last()

    studio.fire("SweepFunction")
    studio.bring_home(job_id)

    assert studio.standing(job_id) == ("succeeded", 1)


def test_a_second_sweep_finds_nothing_more(studio: Studio) -> None:
    studio.wish()
    studio.let_silence_last()
    studio.fire("SweepFunction")

    swept = studio.fire("SweepFunction")

    assert swept["jobs"] == 0


def test_a_prediction_that_still_runs_is_waited_for(studio: Studio) -> None:
    studio.world.fault("replicate", "predictions.create", "stuck")
    (job_id,) = studio.wish()
    studio.deliver("generate")

    again = studio.workers.run("finish", job_id)

    assert again == []
    assert studio.standing(job_id) == ("awaiting_provider", 1)


def test_a_prediction_that_runs_for_too_long_is_called_off_and_asked_for_anew(
    studio: Studio,
) -> None:
    studio.world.fault("replicate", "predictions.create", "stuck")
    (job_id,) = studio.wish()
    studio.deliver("generate")
    studio.sql.execute(
        "update content_jobs set submitted_at = now() - interval '1 hour'"
    )

    studio.workers.run("finish", job_id)
    studio.bring_home(job_id)

    states = [made["status"] for made in studio.world.predictions(job_id)]
    assert states == ["canceled", "succeeded"]
    assert studio.standing(job_id) == ("succeeded", 2)


def test_a_prediction_that_fails_is_asked_for_anew(studio: Studio) -> None:
    studio.world.fault("replicate", "predictions.create", "fail", error="no memory")
    (job_id,) = studio.wish()
    studio.bring_home(job_id)

    studio.bring_home(job_id)

    assert studio.standing(job_id) == ("succeeded", 2)
    assert studio.job(job_id)["attempt_log"][0]["error"] == "no memory"


def test_a_prediction_that_fails_three_times_is_the_end(studio: Studio) -> None:
    studio.world.fault(
        "replicate", "predictions.create", "fail", error="no memory", times=3
    )
    (job_id,) = studio.wish()

    for _ in range(3):
        studio.bring_home(job_id)

    assert studio.standing(job_id) == ("failed", 3)
    assert [reason for _, reason in studio.dead_letters()] == ["no memory"]
    assert studio.budget() == (0, 0)


def test_a_picture_that_its_maker_withholds_is_not_asked_for_again(
    studio: Studio,
) -> None:
    studio.world.fault(
        "replicate", "predictions.create", "fail", error="NSFW content detected"
    )
    (job_id,) = studio.wish()

    studio.bring_home(job_id)

    assert studio.standing(job_id) == ("failed", 1)


def test_output_that_has_expired_is_asked_for_anew(studio: Studio) -> None:
    (job_id,) = studio.wish()
    studio.send()
    studio.world.expire()
    studio.workers.run("finish", job_id)

    studio.bring_home(job_id)

    assert studio.standing(job_id) == ("succeeded", 2)
    assert studio.job(job_id)["cost_actual_micros"] == 2 * IMAGE_PRICE_MICROS
    assert studio.budget() == (0, 2 * IMAGE_PRICE_MICROS)


@pytest.mark.parametrize(
    "output",
    [
        None,
        [],
        "https://example.com/picture.png",
        "http://127.0.0.1:9/picture.png",
        "file:///etc/hostname",
    ],
)
def test_output_that_cannot_be_had_is_a_failed_try(
    studio: Studio, output: object
) -> None:
    studio.world.fault("replicate", "predictions.create", "output", body=output)
    (job_id,) = studio.wish()

    studio.bring_home(job_id)

    assert studio.standing(job_id) == ("retrying", 1)
    assert studio.count("assets") == 0
    assert studio.budget() == (IMAGE_PRICE_MICROS, IMAGE_PRICE_MICROS)


@pytest.mark.parametrize("call", ["predictions.get", "files.get"])
def test_a_provider_that_is_silent_for_a_while_is_asked_again(
    studio: Studio, call: str
) -> None:
    studio.world.fault("replicate", call, "status", status=503, times=2)
    (job_id,) = studio.wish()
    studio.send()

    studio.workers.run("finish", job_id)
    studio.deliver("finish")

    assert studio.standing(job_id) == ("succeeded", 1)
    assert len(studio.world.predictions(job_id)) == 1


def test_a_provider_that_stays_silent_ends_the_job(studio: Studio) -> None:
    studio.world.fault("replicate", "predictions.get", "status", status=503, times=None)
    (job_id,) = studio.wish()
    studio.send()

    studio.workers.run("finish", job_id)
    studio.deliver("finish")

    assert studio.standing(job_id)[0] == "failed"
    assert len(studio.dead_letters()) == 1
    assert studio.budget() == (0, IMAGE_PRICE_MICROS)  # it was made, as far as we know


@pytest.mark.parametrize("fault", GATE_SILENT)
def test_pixels_that_nobody_could_judge_are_never_ready(
    studio: Studio, surroundings: Set, fault: dict[str, Any]
) -> None:
    surroundings(REQUEST_TIMEOUT_S="0.5")
    (job_id,) = studio.wish()
    studio.send()
    studio.world.fault("openai", "moderations.create", times=None, **fault)

    studio.workers.run("finish", job_id)
    studio.deliver("finish")

    assert studio.standing(job_id)[0] == "failed"
    assert studio.asset(job_id)["status"] == "pending"
    assert len(studio.world.predictions(job_id)) == 1  # it is not bought again
    assert studio.budget() == (0, IMAGE_PRICE_MICROS)


def test_pixels_that_the_gate_refuses_go_into_quarantine(studio: Studio) -> None:
    (job_id,) = studio.wish()
    studio.send()
    studio.world.fault(
        "openai", "moderations.create", "scores", scores={"sexual": 0.99}
    )

    studio.workers.run("finish", job_id)

    assert studio.standing(job_id) == ("blocked", 1)
    assert studio.asset(job_id)["status"] == "quarantined"
    assert studio.budget() == (0, IMAGE_PRICE_MICROS)


def test_a_worker_that_died_after_copying_is_followed_by_one_that_judges(
    studio: Studio,
) -> None:
    (job_id,) = studio.wish()
    studio.send()
    studio.world.fault("openai", "moderations.create", "before")
    studio.workers.run("finish", job_id)
    studio.world.expire()

    studio.workers.run("finish", job_id)

    assert studio.standing(job_id) == ("succeeded", 1)
    assert len(studio.world.calls("replicate", "files.get")) == 1


def test_a_report_on_what_another_job_has_is_not_taken_up(studio: Studio) -> None:
    first, second = (
        *studio.wish(params={"seed": 42}),
        *studio.wish(params={"seed": 42}),
    )
    studio.workers.run("generate", first)
    (prediction,) = studio.world.predictions(first)
    studio.sql.execute(  # as if the second had lost its call, and the report were its
        "update content_jobs set status = 'retrying', attempts = 1,"
        " submitted_at = now() where id = %s",
        (second,),
    )
    studio.sql.execute(
        "insert into webhook_events (id, source, external_id, event_type, subject_id,"
        " provider_object_id, payload, occurred_at) values (gen_random_uuid(),"
        " 'replicate', 'msg_1', 'prediction.succeeded', %s, %s, '{}', now())",
        (second, prediction["id"]),
    )

    again = studio.workers.run("finish", second)

    assert again == []
    assert studio.standing(second) == ("retrying", 1)


def test_a_job_whose_second_prediction_hesitates_once_is_not_given_up(
    studio: Studio,
) -> None:
    (job_id,) = studio.wish()
    studio.send()
    studio.world.fault("replicate", "predictions.get", "status", status=500, times=4)
    studio.world.expire()
    for _ in range(5):
        studio.workers.run("finish", job_id)
    studio.send()
    studio.world.fault("replicate", "predictions.get", "status", status=500)

    studio.workers.run("finish", job_id)

    assert studio.standing(job_id) == ("awaiting_provider", 2)


def test_a_job_in_somebody_elses_hands_is_left_to_them(studio: Studio) -> None:
    (job_id,) = studio.wish()
    studio.send()
    studio.sql.execute(
        "update content_jobs set status = 'ingesting', fence = fence + 1,"
        " lease_until = now() + interval '1 minute'"
    )
    held = studio.workers.run("finish", job_id)
    studio.let_leases_end()

    free = studio.workers.run("finish", job_id)

    assert (len(held), free) == (1, [])
    assert studio.standing(job_id) == ("succeeded", 1)


def test_a_batch_that_crashes_leaves_no_picture_half_taken_in(studio: Studio) -> None:
    job_ids = studio.wish(2)
    studio.send()
    studio.world.fault("replicate", "predictions.get", "slow", seconds=1, skip=1)
    studio.let_rows_die("content_jobs", when="new.status = 'moderating'")

    studio.workers.run("finish", *job_ids)

    assert left_running() == []


def test_a_bucket_that_is_away_costs_no_try(
    studio: Studio, surroundings: Set, aws: dict[str, str]
) -> None:
    (job_id,) = studio.wish()
    studio.send()
    surroundings(AWS_ENDPOINT_URL="http://127.0.0.1:9")
    studio.workers.run("finish", job_id)
    surroundings(AWS_ENDPOINT_URL=aws["AWS_ENDPOINT_URL"])

    studio.workers.run("finish", job_id)

    assert studio.standing(job_id) == ("succeeded", 1)


def test_a_cancelled_job_calls_its_prediction_off(studio: Studio) -> None:
    studio.world.fault("replicate", "predictions.create", "stuck")
    (job_id,) = studio.wish()
    studio.deliver("generate")
    path = f"/api/v1/content/jobs/{job_id}/cancel"
    studio.owner.api("POST", path).ok()

    studio.deliver("finish")

    (prediction,) = studio.world.predictions(job_id)
    assert prediction["status"] == "canceled"
    assert studio.budget() == (0, 0)


def test_a_prediction_that_may_be_charged_counts_until_it_is_seen_to_have_stopped(
    studio: Studio,
) -> None:
    studio.world.fault("replicate", "predictions.create", "stuck")
    studio.world.fault("replicate", "predictions.cancel", "status", status=503, times=1)
    (job_id,) = studio.wish()
    studio.deliver("generate")
    studio.owner.api("POST", f"/api/v1/content/jobs/{job_id}/cancel").ok()

    studio.deliver("finish")
    after_silence = studio.budget()
    studio.workers.run("finish", job_id, job_id)
    studio.workers.run("finish", job_id)

    assert after_silence == (0, IMAGE_PRICE_MICROS)
    assert studio.budget() == (0, 0)


def test_a_prediction_that_was_made_before_its_job_was_cancelled_is_counted(
    studio: Studio,
) -> None:
    (job_id,) = studio.wish()
    studio.send()
    studio.owner.api("POST", f"/api/v1/content/jobs/{job_id}/cancel").ok()

    studio.deliver("finish")

    assert studio.standing(job_id)[0] == "cancelled"
    assert studio.budget() == (0, IMAGE_PRICE_MICROS)


def test_a_picture_that_waits_for_its_job_is_judged_by_nobody_else(
    studio: Studio,
) -> None:
    (job_id,) = studio.wish()
    studio.send()
    studio.world.fault("openai", "moderations.create", "status", status=503, times=None)
    studio.workers.run("finish", job_id)
    asset_id = studio.asset(job_id)["id"]

    answer = studio.owner.api("POST", "/api/v1/policy/check", {"asset_id": asset_id})

    assert (answer.status, answer.code) == (409, "INVALID_STATE")


def test_a_prediction_that_ends_well_at_the_last_moment_is_taken_in(
    studio: Studio,
) -> None:
    (job_id,) = studio.wish()
    studio.send()
    (made,) = studio.world.predictions(job_id)
    running = made | {"status": "processing", "output": None}
    studio.world.fault("replicate", "predictions.get", "reply", body=running)
    studio.sql.execute(
        "update content_jobs set submitted_at = now() - interval '1 hour'"
    )

    studio.workers.run("finish", job_id)

    assert studio.standing(job_id) == ("succeeded", 1)
    assert len(studio.world.predictions(job_id)) == 1


def test_a_picture_that_was_bought_and_not_judged_is_not_bought_again(
    studio: Studio,
) -> None:
    (job_id,) = studio.wish()
    studio.send()
    studio.world.fault("openai", "moderations.create", "status", status=503, times=None)
    studio.workers.run("finish", job_id)
    studio.deliver("finish")
    assert studio.standing(job_id)[0] == "failed"
    studio.world.heal()

    path = f"/api/v1/content/jobs/{job_id}/retry"
    again = studio.owner.api("POST", path).ok(202)
    studio.deliver("finish")

    assert again["job_id"] == job_id
    assert again["estimated_cost"]["amount_micros"] == 0
    assert studio.standing(job_id) == ("succeeded", 1)
    assert studio.asset(job_id)["status"] == "ready"
    assert len(studio.world.predictions(job_id)) == 1
    assert studio.budget() == (0, IMAGE_PRICE_MICROS)


def test_where_nobody_can_report_the_provider_is_polled(
    studio: Studio, surroundings: Set
) -> None:
    surroundings(PUBLIC_API_BASE=None)
    studio.world.behave(latency_s=0.5)
    (job_id,) = studio.wish()
    studio.workers.deliver("generate")

    first = studio.workers.deliver("finish")
    studio.world.wait()
    second = studio.workers.deliver("finish")

    assert (first, second) == ([job_id], [job_id])
    assert studio.standing(job_id) == ("succeeded", 1)
