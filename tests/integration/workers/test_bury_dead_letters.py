"""The dead-letter queues: what no worker could digest, and what becomes of its row."""

import json
from typing import Any

import pytest

from tests.support.api import handler_of
from tests.support.studio import Studio
from tests.support.workers import record

IMAGE_PRICE_MICROS = 3000
BURY = "BuryDeadLettersFunction"
UNKNOWN = json.dumps({"id": "0190f000-0000-7000-8000-000000000000"})


def _bury(*records: dict[str, Any]) -> list[str]:
    """Return the ids of the records that are to come again."""
    answer = handler_of(BURY)({"Records": list(records)}, None)
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def _letter(body: str, queue: str = "Generate") -> dict[str, Any]:
    return record(body, f"stack-{queue}DeadLetters-1A2B")


def _let_the_outage_be_over(studio: Studio) -> None:
    studio.sql.execute(
        "update dead_letters set created_at = created_at - interval '1 hour'"
    )


def _open_letters(studio: Studio) -> int:
    query = "select count(*) as n from dead_letters where redriven_at is null"
    return int(studio.one(query)["n"])


@pytest.mark.parametrize("queue", ["Generate", "Finish"])
def test_a_job_whose_message_died_is_sent_on_its_way_once_more(
    studio: Studio, queue: str, aws: dict[str, str]
) -> None:
    (job_id,) = studio.wish()
    studio.workers.waiting("generate")

    again = _bury(_letter(json.dumps({"id": job_id}), queue))
    studio.fire("SweepFunction")
    studio.bring_home(job_id)

    assert again == []
    assert studio.standing(job_id) == ("succeeded", 1)
    assert len(studio.dead_letters()) == 1
    assert _open_letters(studio) == 0


@pytest.mark.parametrize("queue", ["Generate", "Finish"])
def test_a_job_whose_messages_die_twice_has_failed_and_holds_nothing(
    studio: Studio, queue: str
) -> None:
    (job_id,) = studio.wish()
    letter = _letter(json.dumps({"id": job_id}), queue)

    _bury(letter)
    _let_the_outage_be_over(studio)
    _bury(_letter(json.dumps({"id": job_id}), queue))

    assert studio.standing(job_id) == ("failed", 0)
    assert studio.job(job_id)["error_code"] == "DEAD_LETTER"
    assert _open_letters(studio) == 1
    assert studio.budget() == (0, 0)


def test_two_messages_that_die_of_one_outage_end_nothing(studio: Studio) -> None:
    (job_id,) = studio.wish()
    letters = [_letter(json.dumps({"id": job_id}), "Finish") for _ in range(2)]

    _bury(*letters)

    assert studio.standing(job_id) == ("queued", 0)
    assert _open_letters(studio) == 0


def test_a_failure_of_another_kind_before_does_not_end_a_job(studio: Studio) -> None:
    (job_id,) = studio.wish()
    studio.send()
    studio.world.fault("openai", "moderations.create", "status", status=503, times=None)
    studio.workers.run("finish", job_id)
    studio.deliver("finish")
    studio.owner.api("POST", f"/api/v1/content/jobs/{job_id}/retry").ok(202)
    _let_the_outage_be_over(studio)

    _bury(_letter(json.dumps({"id": job_id}), "Finish"))

    assert studio.standing(job_id)[0] == "moderating"


def test_what_a_job_given_up_had_asked_for_is_called_off(studio: Studio) -> None:
    studio.world.fault("replicate", "predictions.create", "stuck")
    (job_id,) = studio.wish()
    studio.deliver("generate")
    for _ in range(2):
        _bury(_letter(json.dumps({"id": job_id}), "Finish"))
        _let_the_outage_be_over(studio)
    counted = studio.budget()

    studio.deliver("finish")

    (prediction,) = studio.world.predictions(job_id)
    assert prediction["status"] == "canceled"
    assert counted == (0, IMAGE_PRICE_MICROS)
    assert studio.budget() == (0, 0)


def test_a_letter_that_comes_twice_is_buried_once(studio: Studio) -> None:
    (job_id,) = studio.wish()
    letter = _letter(json.dumps({"id": job_id}))

    _bury(letter, letter)
    _bury(letter)

    assert len(studio.dead_letters()) == 1
    assert studio.standing(job_id)[0] == "queued"


def test_a_letter_about_a_job_that_has_ended_changes_nothing(
    studio: Studio, aws: dict[str, str]
) -> None:
    (job_id,) = studio.wish()
    studio.bring_home(job_id)
    before = studio.budget()

    _bury(_letter(json.dumps({"id": job_id})))

    assert studio.standing(job_id) == ("succeeded", 1)
    assert studio.budget() == before
    assert _open_letters(studio) == 0


@pytest.mark.parametrize("body", ["", "no task", "{}", "[]", '{"id": 1}', UNKNOWN])
@pytest.mark.parametrize("queue", ["Generate", "Finish", "Moderate"])
def test_a_letter_that_means_nothing_is_kept_with_its_reason(
    studio: Studio, queue: str, body: str
) -> None:
    again = _bury(_letter(body, queue))

    assert again == []
    assert len(studio.dead_letters()) == 1
    assert _open_letters(studio) == 1


def _undecided(studio: Studio) -> str:
    """Return a decision that waits for the gate; nothing is on its way to it."""
    path = f"/api/v1/avatars/{studio.avatar_id}/sheet"
    sheet = studio.owner.api("GET", path).ok()
    changed = sheet["sheet"] | {"backstory": "Another one, drawn by a machine."}
    body = {"sheet": changed, "base_version": sheet["version"]}
    studio.owner.api("PUT", path, body).ok(201)
    (decision_id,) = studio.workers.waiting("moderate")
    return str(decision_id)


def _verdict(studio: Studio, decision_id: str) -> str:
    query = f"select verdict from policy_decisions where id = '{decision_id}'"  # noqa: S608 - our own id
    return str(studio.one(query)["verdict"])


def test_a_decision_whose_message_died_is_sent_on_its_way_once_more(
    studio: Studio,
) -> None:
    decision_id = _undecided(studio)

    _bury(_letter(json.dumps({"id": decision_id}), "Moderate"))
    studio.fire("SweepFunction")
    studio.deliver("moderate")

    assert _verdict(studio, decision_id) == "allow"
    assert _open_letters(studio) == 0


def test_a_decision_that_is_never_made_is_an_error(studio: Studio) -> None:
    decision_id = _undecided(studio)

    for _ in range(2):
        _bury(_letter(json.dumps({"id": decision_id}), "Moderate"))
        _let_the_outage_be_over(studio)

    assert _verdict(studio, decision_id) == "error"
    assert _open_letters(studio) == 1
