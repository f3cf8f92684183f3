"""The journal: what is written of a call, and how it is read back."""

import hashlib
import json
from pathlib import Path

import httpx
import pytest

from tests.stack.providers import Entry, Journal, Outcome, Providers
from tests.stack.providers.journal import JournalWriter
from tests.unit.providers_standins.asking import (
    finished,
    prediction_of,
    response_of,
)


def entry(
    call: str, outcome: Outcome, job: str | None = None, keys: tuple[str, ...] = ()
) -> Entry:
    at, provider = "2026-11-20T12:00:00Z", "replicate"
    return Entry(at, provider, call, outcome, status=200, job=job, keys=keys)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    path = tmp_path / "journals" / "replicate.jsonl"
    writer = JournalWriter(path)
    writer.write(entry("predictions.create", Outcome.EFFECT, job="a", keys=("k", "l")))
    writer.write(entry("predictions.create", Outcome.FAULT, job="b"))
    writer.write(entry("predictions.create", Outcome.EFFECT, job="a", keys=("k",)))
    writer.write(entry("predictions.get", Outcome.READ))
    writer.close()
    return Journal(path)


def test_effects_are_what_was_paid_for(journal: Journal) -> None:
    assert [e.job for e in journal.effects("predictions.create")] == ["a", "a"]


def test_a_job_with_two_effects_stands_out(journal: Journal) -> None:
    assert journal.jobs("predictions.create") == {"a": 2}


def test_keys_are_counted_over_all_effects(journal: Journal) -> None:
    assert journal.keys() == {"k": 2, "l": 1}


def test_outcomes_are_counted_per_call(journal: Journal) -> None:
    assert journal.outcomes("predictions.create") == {"effect": 2, "fault": 1}


def test_a_line_not_yet_finished_is_not_read(journal: Journal) -> None:
    with journal.path.open("a") as file:
        file.write('{"at": "2026')

    assert len(journal.entries()) == 4


def test_a_journal_nobody_wrote_is_empty(tmp_path: Path) -> None:
    assert Journal(tmp_path / "none.jsonl").entries() == []


@pytest.mark.parametrize("name", ["replicate.jsonl", "new.jsonl"])
def test_from_now_on_only_what_is_new_is_read(journal: Journal, name: str) -> None:
    path = journal.path.with_name(name)
    later = Journal(path).from_now_on()
    writer = JournalWriter(path)

    for call in ("files.get", "files.put"):
        writer.write(entry(call, Outcome.READ))
        assert later.outcomes() == {"read": 1}
        later = later.from_now_on()

    writer.close()
    assert later.entries() == []


@pytest.mark.asyncio
async def test_a_prediction_leaves_its_job_seed_and_the_prompts_digest(
    replicate: httpx.AsyncClient, providers: Providers
) -> None:
    hook = "http://127.0.0.1:9/hook?job=job-1"

    done = await finished(replicate, prediction_of("Luna", seed=5, webhook=hook))

    line = providers.journals["replicate"].read_text().splitlines()[0]
    written = json.loads(line)
    assert written.pop("at").endswith("+00:00")
    assert written == {
        "provider": "replicate",
        "call": "predictions.create",
        "outcome": "effect",
        "status": 201,
        "id": done["id"],
        "job": "job-1",
        "keys": [],
        "seed": 5,
        "prompt_sha256": hashlib.sha256(b"Luna").hexdigest(),
        "fault": None,
    }


@pytest.mark.asyncio
async def test_a_response_leaves_its_keys_and_the_job_of_its_metadata(
    openai: httpx.AsyncClient, providers: Providers
) -> None:
    body = response_of(("a beach", "a café"), metadata={"job": "job-2"})

    await openai.post("responses", json=body)

    (effect,) = providers.journal("openai").effects("responses.create")
    assert (effect.keys, effect.job) == (("k0", "k1"), "job-2")


@pytest.mark.asyncio
async def test_refused_and_read_calls_have_no_effect(
    replicate: httpx.AsyncClient, providers: Providers
) -> None:
    await replicate.post("predictions", json={})
    await replicate.get("predictions")

    journal = providers.journal("replicate")
    assert journal.outcomes() == {"refused": 1, "read": 1}
    assert journal.effects() == []
