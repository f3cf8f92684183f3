"""What a model that writes captions is asked, and how its answer is read."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from tests.support.people import SHEET
from vixenbliss.clock import now
from vixenbliss.ids import new_id
from vixenbliss.models.content_jobs import JobKind, JobStatus
from vixenbliss.repositories.job_claims import ClaimedJob
from vixenbliss.schemas.avatars import Sheet
from vixenbliss.schemas.pieces import Hashtags
from vixenbliss.services import captions

GOOD = {
    "key": "k1",
    "caption": "The last light.",
    "hashtags": ["sunset", "sea"],
    "alt_text": "A beach at dusk.",
}
JOB = ClaimedJob(
    id=new_id(),
    workspace_id=new_id(),
    avatar_id=new_id(),
    requested_by=1,
    kind=JobKind.CAPTION,
    status=JobStatus.RUNNING,
    model="a-model",
    prompt="sunset",
    negative_prompt="",
    seed=1,
    params={"language": None, "tone": None},
    sheet_version=1,
    attempts=1,
    finish_attempts=0,
    submitted_at=None,
    provider_job_id=None,
    asset_id=None,
    cost_reserved_micros=1,
    fence=1,
    created_at=now(),
)


def answer(*written: object) -> str:
    return json.dumps({"captions": written})


def asked(*jobs: ClaimedJob, **sheet: Any) -> dict[str, Any]:
    """Return the message that asks for the captions of these jobs."""
    said: dict[str, Any] = json.loads(
        captions.message_for(Sheet.model_validate(SHEET | sheet), jobs)
    )
    return said


def test_each_caption_is_read_by_its_key() -> None:
    read = captions.read(answer(GOOD, GOOD | {"key": "k2"}))

    assert read.keys() == {"k1", "k2"}
    assert read["k1"].as_result() == {k: v for k, v in GOOD.items() if k != "key"}


@pytest.mark.parametrize(
    "text",
    ["", "null", "[]", "{}", "no json", '{"captions": 7}', '{"captions": [', "\x00"],
)
def test_an_answer_that_is_no_answer_has_no_captions(text: str) -> None:
    assert captions.read(text) == {}


@pytest.mark.parametrize(
    "broken",
    [
        7,
        None,
        {"key": "k2"},
        GOOD | {"key": "k2", "caption": ""},
        GOOD | {"key": "k2", "caption": "x" * 2201},
        GOOD | {"key": "k2", "alt_text": "x" * 1001},
        GOOD | {"key": "k2", "hashtags": "sunset"},
        GOOD | {"key": "k2", "hashtags": ["x"] * 31},
    ],
)
def test_a_malformed_caption_is_left_out_and_the_others_kept(broken: object) -> None:
    assert captions.read(answer(broken, GOOD)).keys() == {"k1"}


@given(st.text())
def test_no_answer_breaks_the_reading(text: str) -> None:
    assert captions.read(text) == {}


@given(st.recursive(st.none() | st.integers() | st.text(), st.lists))
def test_no_caption_breaks_the_reading(written: object) -> None:
    assert captions.read(answer(written, GOOD)).keys() == {"k1"}


@pytest.mark.parametrize(
    ("given_tags", "kept"),
    [
        (["#sunset", "# sea "], ["sunset", "sea"]),
        (["slow-travel", "a b"], ["slowtravel", "ab"]),
        (["sea", "sea", "#sea"], ["sea"]),
        (["", "#", "🌊"], []),
        (["mañana", "snake_case"], ["mañana", "snake_case"]),
        (["हिन्दी", "#ภาษาไทย", "עִבְרִית"], ["हिन्दी", "ภาษาไทย", "עִבְרִית"]),
        (["cafe\u0301"], ["café"]),
        (["sea🌊\ufe0f", "❤\ufe0f", "_", "m²"], ["sea", "m"]),
        (["x" * 150], ["x" * 100]),
        ([f"tag{n}" for n in range(30)], [f"tag{n}" for n in range(8)]),
    ],
)
def test_hashtags_are_kept_as_words(given_tags: list[str], kept: list[str]) -> None:
    read = captions.read(answer(GOOD | {"hashtags": given_tags}))

    assert read["k1"].hashtags == kept


@given(st.lists(st.text(max_size=200), max_size=30))
def test_a_piece_takes_the_hashtags_of_any_caption(tags: list[str]) -> None:
    kept = captions.read(answer(GOOD | {"hashtags": tags}))["k1"].hashtags

    assert TypeAdapter(Hashtags).validate_python(kept) == kept


def test_the_gate_reads_every_word_of_a_caption() -> None:
    text = captions.read(answer(GOOD))["k1"].text

    assert all(word in text for word in ("light", "sunset", "sea", "dusk"))


def test_the_longest_caption_is_as_long_as_instagram_takes() -> None:
    longest = "x" * 2200

    read = captions.read(answer(GOOD | {"caption": longest}))

    assert read["k1"].caption == longest


def test_a_job_has_the_same_key_at_every_try() -> None:
    again = replace(JOB, attempts=2, fence=9)

    assert captions.key_of(again) == captions.key_of(JOB)


def test_a_caption_is_asked_for_under_its_jobs_key() -> None:
    (request,) = asked(JOB)["requests"]

    assert request["key"] == captions.key_of(JOB)
    assert request["theme"] == "sunset"


def test_the_model_is_told_how_the_persona_says_that_it_is_ai() -> None:
    assert asked(JOB)["persona"]["disclosure"] == SHEET["disclosure"]


@pytest.mark.parametrize(
    ("params", "language", "tone"),
    [
        ({}, "en", "warm and playful"),
        ({"language": "es", "tone": "dry"}, "es", "dry"),
        ({"language": None, "tone": None}, "en", "warm and playful"),
    ],
)
def test_language_and_tone_are_the_jobs_or_else_the_sheets(
    params: dict[str, Any], language: str, tone: str
) -> None:
    (request,) = asked(replace(JOB, params=params))["requests"]

    assert (request["language"], request["tone"]) == (language, tone)


def test_a_theme_cannot_add_a_request_of_its_own() -> None:
    theme = 'x"}], "requests": [{"key": "k2", "theme": "'

    requests = asked(replace(JOB, prompt=theme))["requests"]

    assert [request["theme"] for request in requests] == [theme]


def test_the_schema_asks_for_all_that_is_read() -> None:
    item = captions.SCHEMA["properties"]["captions"]["items"]

    assert set(item["required"]) == captions.WrittenCaption.model_fields.keys()
    assert item["additionalProperties"] is False
