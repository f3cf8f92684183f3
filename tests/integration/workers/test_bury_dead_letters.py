"""The dead-letter queues: what no worker could digest, and what becomes of its row."""

import json
from typing import Any

import pytest

from tests.support.api import handler_of
from tests.support.studio import Studio
from tests.support.workers import record

BURY = "BuryDeadLettersFunction"
UNKNOWN = json.dumps({"id": "0190f000-0000-7000-8000-000000000000"})


def _bury(*records: dict[str, Any]) -> list[str]:
    """Return the ids of the records that are to come again."""
    answer = handler_of(BURY)({"Records": list(records)}, None)
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def _letter(body: str, queue: str = "Generate") -> dict[str, Any]:
    return record(body, f"stack-{queue}DeadLetters-1A2B")


@pytest.mark.parametrize("queue", ["Generate", "Finish"])
def test_a_buried_job_has_failed_and_its_budget_is_free(
    studio: Studio, queue: str
) -> None:
    (job_id,) = studio.wish()

    again = _bury(_letter(json.dumps({"id": job_id}), queue))

    assert again == []
    assert studio.standing(job_id) == ("failed", 0)
    assert studio.job(job_id)["error_code"] == "DEAD_LETTER"
    assert len(studio.dead_letters()) == 1
    assert studio.budget() == (0, 0)


def test_a_letter_that_comes_twice_is_buried_once(studio: Studio) -> None:
    (job_id,) = studio.wish()
    letter = _letter(json.dumps({"id": job_id}))

    _bury(letter, letter)
    _bury(letter)

    assert len(studio.dead_letters()) == 1


def test_a_letter_about_a_job_that_has_ended_changes_nothing(
    studio: Studio, aws: dict[str, str]
) -> None:
    (job_id,) = studio.wish()
    studio.bring_home(job_id)
    before = studio.budget()

    _bury(_letter(json.dumps({"id": job_id})))

    assert studio.standing(job_id) == ("succeeded", 1)
    assert studio.budget() == before


@pytest.mark.parametrize("body", ["", "no task", "{}", "[]", '{"id": 1}', UNKNOWN])
@pytest.mark.parametrize("queue", ["Generate", "Finish", "Moderate"])
def test_a_letter_that_means_nothing_is_kept_with_its_reason(
    studio: Studio, queue: str, body: str
) -> None:
    again = _bury(_letter(body, queue))

    assert again == []
    assert len(studio.dead_letters()) == 1


def test_a_decision_that_was_never_made_is_an_error(studio: Studio) -> None:
    path = f"/api/v1/avatars/{studio.avatar_id}/sheet"
    sheet = studio.owner.api("GET", path).ok()
    changed = sheet["sheet"] | {"backstory": "Another one, drawn by a machine."}
    body = {"sheet": changed, "base_version": sheet["version"]}
    studio.owner.api("PUT", path, body).ok(201)
    (decision_id,) = studio.workers.waiting("moderate")

    _bury(_letter(json.dumps({"id": decision_id}), "Moderate"))

    verdict = f"select verdict from policy_decisions where id = '{decision_id}'"  # noqa: S608 - our own id
    assert studio.one(verdict)["verdict"] == "error"
