"""Content under bad luck: workers are killed, reports come in swarms or not at all.

`make reliability` repeats each storm ROUNDS times with other luck.
"""

import random
import time
from collections.abc import Iterator

import pytest

from tests.reliability.plant import LEASE_S, Plant

pytestmark = pytest.mark.stack
WORKERS = ("GenerateContentFunction", "FinishContentFunction")
IMAGES = 15
CAPTIONS = 12
STORM_S = 8


@pytest.fixture(autouse=True)
def _fair_weather(plant: Plant) -> Iterator[None]:
    plant.behave(latency_s=0.3, openai_latency_s=0.2, pictures="draft", time_scale=0.05)
    yield
    plant.webhooks()


def test_killed_workers_lose_no_job_and_pay_for_none_twice(
    plant: Plant, rounds: int
) -> None:
    for seed in range(rounds):
        luck = random.Random(seed)
        images = plant.wish(IMAGES)
        captions = plant.wish(CAPTIONS, kind="caption")

        died = plant.kill(STORM_S, *WORKERS, luck=luck)
        ended = plant.finish(*images, *captions)

        assert died > 0
        assert ended == {"succeeded": IMAGES + CAPTIONS}
        predictions = plant.journal("replicate").jobs("predictions.create")
        assert [predictions[id_] for id_ in images] == [1] * IMAGES
        written = plant.journal("openai").keys("responses.create")
        assert [written[_key(id_)] for id_ in captions] == [1] * CAPTIONS


def test_32_reports_at_once_bring_one_asset(plant: Plant) -> None:
    plant.webhooks(duplicate=32)
    since = time.monotonic()
    (job_id,) = plant.wish(1)

    ended = plant.finish(job_id)

    assert ended == {"succeeded": 1}
    assert _assets(plant, job_id) == 1
    assert plant.journal("replicate").jobs("predictions.create")[job_id] == 1
    took_s = time.monotonic() - since
    assert 1 <= _fetched(plant, job_id) <= _tries(plant, job_id, took_s)
    missing = "select 1 - count(*) from webhook_events where subject_id = %s"
    plant.wait_for(missing, job_id)  # the sweep may have been faster than the report


def test_a_report_that_comes_before_our_own_commit_is_taken_up_after_it(
    plant: Plant,
) -> None:
    plant.webhooks(early=True)
    job_ids = plant.wish(3)

    ended = plant.finish(*job_ids)

    assert ended == {"succeeded": 3}
    assert [_assets(plant, id_) for id_ in job_ids] == [1] * 3


def test_reports_that_never_come_are_not_missed(plant: Plant) -> None:
    plant.webhooks(drop=True)
    job_ids = plant.wish(3)

    ended = plant.finish(*job_ids)

    assert ended == {"succeeded": 3}


def _key(job_id: str) -> str:
    """Return a job's name in what OpenAI is asked."""
    return job_id.replace("-", "")[-8:]


def _assets(plant: Plant, job_id: str) -> int:
    return plant.value(
        "select count(*) from assets a join content_jobs j on a.id = j.asset_id"
        " where j.id = %s",
        job_id,
    )


def _tries(plant: Plant, job_id: str, took_s: float) -> int:
    """Return how many workers may have had a job's file to fetch.

    One, unless its lease ran out on a busy machine, or the file or the bucket was not
    to be had. Then another worker fetches it anew; who was overtaken writes nothing.
    """
    again = plant.value(
        "select finish_attempts from content_jobs where id = %s", job_id
    )
    return 1 + int(took_s // LEASE_S) + again


def _fetched(plant: Plant, job_id: str) -> int:
    """Return how often a job's file was fetched."""
    entries = plant.journal("replicate").entries("files.get")
    return sum(entry.job == job_id for entry in entries)
