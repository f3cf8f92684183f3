"""OpenAI: captions, and the scores that the policy gate judges by."""

import json
from typing import Any

import pytest

from tests.support.material import picture
from tests.support.world import World
from vixenbliss.errors import (
    OutcomeUnknownError,
    ProviderUnavailableError,
)
from vixenbliss.loop import run
from vixenbliss.providers.openai import Answer, OpenAI, Question
from vixenbliss.services import captions
from vixenbliss.services.rules import FLOOR
from vixenbliss.settings import settings

MESSAGE = json.dumps(
    {
        "persona": {
            "tone": "warm",
            "topics": [],
            "avoid": [],
            "disclosure": "I am AI.",
        },
        "requests": [
            {"key": "k1", "theme": "sunset", "language": "en", "tone": "warm"}
        ],
    }
)
RESULT = {"flagged": False, "categories": {}, "category_scores": {}}


@pytest.fixture
def openai(world: World) -> OpenAI:
    return OpenAI(settings())


def ask(openai: OpenAI, conversation: str | None = None) -> Answer:
    question = Question(
        model="gpt-5.4-mini",
        instructions=captions.INSTRUCTIONS,
        message=MESSAGE,
        schema=captions.SCHEMA,
        max_output_tokens=2_000,
    )
    return run(openai.ask(question, conversation=conversation))


def test_a_question_is_answered_in_the_form_that_is_asked_for(openai: OpenAI) -> None:
    answer = ask(openai)

    assert captions.read(answer.text).keys() == {"k1"}
    assert answer.input_tokens > 0
    assert answer.output_tokens > 0


@pytest.mark.parametrize("action", ["after", "status_after", "rubbish"])
def test_a_lost_answer_is_read_in_its_conversation(
    openai: OpenAI, world: World, action: str
) -> None:
    conversation = run(openai.open_conversation("captions"))
    assert conversation is not None
    world.fault("openai", "responses.create", action)
    with pytest.raises(OutcomeUnknownError):
        ask(openai, conversation)

    (text, *_) = run(openai.read_answers(conversation)) or [""]

    assert captions.read(text).keys() == {"k1"}
    assert len(world.effects("openai", "responses.create")) == 1


def test_a_conversation_without_an_answer_is_empty(openai: OpenAI) -> None:
    conversation = run(openai.open_conversation("captions"))
    assert conversation is not None

    assert run(openai.read_answers(conversation)) == []


def test_a_conversation_that_was_closed_is_gone(openai: OpenAI) -> None:
    conversation = run(openai.open_conversation("captions"))
    assert conversation is not None

    run(openai.close_conversation(conversation))

    assert run(openai.read_answers(conversation)) is None


@pytest.mark.parametrize("status", [404, 405, 501])
def test_a_service_may_lack_conversations(
    openai: OpenAI, world: World, status: int
) -> None:
    world.fault("openai", "conversations.create", "status", status=status)

    assert run(openai.open_conversation("captions")) is None


def test_a_refusal_of_the_model_is_an_answer_with_its_price(
    openai: OpenAI, world: World
) -> None:
    world.fault("openai", "responses.create", "refusal", error="I would rather not.")

    answer = ask(openai)

    assert answer.is_refusal
    assert answer.text == ""
    assert answer.input_tokens > 0


def test_an_answer_that_breaks_off_is_given_as_far_as_it_got(
    openai: OpenAI, world: World
) -> None:
    world.fault("openai", "responses.create", "incomplete")

    answer = ask(openai)

    assert captions.read(answer.text) == {}
    assert answer.output_tokens > 0


def test_a_model_that_fails_may_be_asked_again(openai: OpenAI, world: World) -> None:
    world.fault("openai", "responses.create", "fail", error="oops")

    with pytest.raises(ProviderUnavailableError):
        ask(openai)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"id": "r", "status": "completed"},
        {"id": "r", "status": "completed", "output": "text"},
        {
            "id": "r",
            "status": "completed",
            "output": [],
            "usage": {"input_tokens": -1, "output_tokens": 0},
        },
    ],
    ids=str,
)
def test_an_answer_that_is_malformed_is_an_open_question(
    openai: OpenAI, world: World, body: dict[str, Any]
) -> None:
    world.fault("openai", "responses.create", "reply", body=body)

    with pytest.raises(OutcomeUnknownError):
        ask(openai)


def test_only_what_the_assistant_writes_is_the_answer(
    openai: OpenAI, world: World
) -> None:
    texts = [("reasoning", None), ("message", "user"), ("message", "assistant")]
    output = [
        {
            "type": kind,
            "role": role,
            "content": [{"type": "output_text", "text": str(n)}],
        }
        for n, (kind, role) in enumerate(texts)
    ]
    body = {"id": "r", "status": "completed", "output": output}
    world.fault("openai", "responses.create", "reply", body=body)

    assert ask(openai) == Answer("2", 0, 0)


def test_a_busy_service_says_for_how_long(openai: OpenAI, world: World) -> None:
    world.fault("openai", "responses.create", "status", status=429, retry_after=11)

    with pytest.raises(ProviderUnavailableError) as caught:
        ask(openai)

    assert caught.value.retry_after_s == 11


def test_texts_are_scored_in_their_order_with_one_request(
    openai: OpenAI, world: World
) -> None:
    world.fault("openai", "moderations.create", "scores", scores={"hate": 0.9})

    (scored, other) = run(openai.score_texts(["a walk", "a beach"]))

    assert scored.by_category.keys() == other.by_category.keys() >= FLOOR.keys()
    assert scored.by_category["hate"] >= 0.9
    assert scored.model


def test_a_picture_is_scored(openai: OpenAI) -> None:
    scores = run(openai.score_image(picture("JPEG"), "image/jpeg"))

    assert scores.by_category.keys() >= FLOOR.keys()


@pytest.mark.parametrize(
    "results",
    [
        [],
        [RESULT],
        [RESULT] * 3,
        [RESULT, RESULT | {"category_scores": {"hate": 1.5}}],
        [RESULT, RESULT | {"category_scores": {"hate": "low"}}],
        [RESULT, {"flagged": False}],
    ],
    ids=str,
)
def test_half_an_answer_is_no_score(
    openai: OpenAI, world: World, results: list[dict[str, Any]]
) -> None:
    body = {"model": "a-model", "results": results}
    world.fault("openai", "moderations.create", "reply", body=body)

    with pytest.raises(ProviderUnavailableError):
        run(openai.score_texts(["a walk", "a beach"]))


def test_a_score_that_is_null_is_missing_but_for_illicit_advice(
    openai: OpenAI, world: World
) -> None:
    result = RESULT | {"category_scores": {"hate": None, "illicit/violent": None}}
    body = {"model": "a-model", "results": [result]}
    world.fault("openai", "moderations.create", "reply", body=body)

    (scores,) = run(openai.score_texts(["a walk"]))

    assert scores.by_category == {"illicit/violent": 0.0}


def test_the_flags_of_the_model_are_kept(openai: OpenAI, world: World) -> None:
    flags = {"hate": True, "sexual": False, "illicit": None}
    body = {"model": "a-model", "results": [RESULT | {"categories": flags}]}
    world.fault("openai", "moderations.create", "reply", body=body)

    (scores,) = run(openai.score_texts(["a walk"]))

    assert scores.flagged == {"hate"}
