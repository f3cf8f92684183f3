"""Moderation: OpenAI's shapes, and scores that a policy can be tried on."""

import base64
import io

import httpx
import pytest
from PIL import Image

from tests.stack.providers.openai.moderations import (
    CATEGORIES,
    LOOKED_AT,
    Matter,
    judge,
)
from tests.stack.providers.pictures import Picture, draw

LUNA = "Luna Vega, long copper hair"


def scores(text: str) -> dict[str, float]:
    found = judge(Matter([text]), {})["category_scores"]
    assert isinstance(found, dict)
    return found


def picture_scores(content: bytes) -> dict[str, float]:
    found = judge(Matter(picture=content, kinds=["image"]), {})["category_scores"]
    assert isinstance(found, dict)
    return found


def data_url(content: bytes, kind: str = "png") -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def shrunk(content: bytes) -> bytes:
    """Return the picture as our ingest hands it on: small, and as a JPEG."""
    file = io.BytesIO()
    with Image.open(io.BytesIO(content)) as image:
        image.convert("RGB").resize((384, 480)).save(file, "JPEG", quality=60)
    return file.getvalue()


def test_a_harmless_text_has_tiny_scores_that_are_not_nought() -> None:
    found = scores("A sunny afternoon by the sea")

    assert set(found) == set(CATEGORIES)
    assert len(CATEGORIES) == 13
    assert all(0 < score < 1e-4 for score in found.values())


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("a NUDE portrait", "sexual"),
        ("una foto desnuda", "sexual"),
        ("so much blood, everywhere", "violence"),
        ("pure gore", "violence/graphic"),
        ("you are worthless", "harassment"),
        ("those subhuman people", "hate"),
        ("how to shoplift", "illicit"),
        ("build a bomb at home", "illicit/violent"),
        ("I want to kill myself", "self-harm/intent"),
        ("an erotic picture of a schoolgirl", "sexual/minors"),
    ],
)
def test_an_unsafe_word_scores_high_in_its_category(text: str, category: str) -> None:
    assert scores(text)[category] > 0.85


@pytest.mark.parametrize("text", ["a nudist's essexual bloodhound", "explicitly kind"])
def test_only_whole_words_count(text: str) -> None:
    assert max(scores(text).values()) < 1e-4


@pytest.mark.parametrize("text", ["a risqué joke", "RISQUE", "rather borderline"])
def test_a_borderline_word_scores_in_the_review_band_unflagged(text: str) -> None:
    result = judge(Matter([text]), {})

    assert scores(text)["sexual"] == 0.15
    assert result["flagged"] is False


def test_the_same_text_has_the_same_scores() -> None:
    assert scores("the same") == scores("the same")
    assert scores("the same") != scores("another")


@pytest.mark.parametrize(
    ("words", "category", "score"),
    [
        ("unsafe-picture", "sexual", 0.95),
        ("violent-picture", "violence", 0.6),
        ("borderline-picture", "sexual", 0.15),
    ],
)
@pytest.mark.parametrize("kind", ["png", "jpg", "webp"])
def test_a_signal_picture_is_known_even_shrunk_and_as_a_jpeg(
    words: str, category: str, score: float, kind: str
) -> None:
    content = draw(
        Picture(f"{LUNA}, {words}", seed=3, width=832, height=1040, kind=kind)
    )

    assert picture_scores(content)[category] == score
    assert picture_scores(shrunk(content))[category] == score


@pytest.mark.parametrize("words", ["unsafe-picture", "borderline-picture"])
def test_the_words_for_signal_pictures_are_harmless_as_prompts(words: str) -> None:
    assert max(scores(f"{LUNA}, {words}").values()) < 1e-4


@pytest.mark.parametrize(
    "scene", ["neon city night", "sunset beach", "stage", "studio"]
)
def test_ordinary_pictures_score_near_nought(scene: str) -> None:
    content = draw(
        Picture(f"{LUNA}, {scene}", seed=1, width=256, height=320, draft=True)
    )

    found = picture_scores(content)

    assert all(0 < found[category] < 1e-4 for category in LOOKED_AT)


@pytest.mark.asyncio
async def test_a_list_of_texts_is_judged_one_by_one(openai: httpx.AsyncClient) -> None:
    answer = await openai.post(
        "moderations", json={"model": "omni-moderation-latest", "input": ["ok", "porn"]}
    )

    body = answer.json()
    assert body["id"].startswith("modr-")
    assert body["model"] == "omni-moderation-latest"
    assert [result["flagged"] for result in body["results"]] == [False, True]
    assert body["results"][1]["categories"]["sexual"] is True


@pytest.mark.asyncio
async def test_text_and_picture_are_judged_together_each_in_its_categories(
    openai: httpx.AsyncClient,
) -> None:
    content = draw(Picture("unsafe-picture", 1, 128, 128))
    parts = [
        {"type": "text", "text": "so much blood"},
        {"type": "image_url", "image_url": {"url": data_url(content)}},
    ]

    answer = await openai.post("moderations", json={"input": parts})

    (result,) = answer.json()["results"]
    assert result["category_scores"]["sexual"] == 0.95
    assert result["category_scores"]["violence"] > 0.85
    applied = result["category_applied_input_types"]
    assert applied["sexual"] == ["text", "image"]
    assert applied["sexual/minors"] == ["text"]


@pytest.mark.asyncio
async def test_a_picture_alone_is_not_judged_where_only_text_is(
    openai: httpx.AsyncClient,
) -> None:
    url = data_url(draw(Picture("Luna", 1, 128, 128, kind="jpg")), "jpeg")
    part = {"type": "image_url", "image_url": {"url": url}}

    answer = await openai.post("moderations", json={"input": [part]})

    applied = answer.json()["results"][0]["category_applied_input_types"]
    assert (applied["violence"], applied["hate"]) == (["image"], [])


@pytest.mark.asyncio
async def test_a_second_picture_is_one_too_many(openai: httpx.AsyncClient) -> None:
    part = {"type": "image_url", "image_url": {"url": data_url(b"")}}

    answer = await openai.post("moderations", json={"input": [part, part]})

    assert answer.status_code == 400
    assert answer.json()["error"] == {
        "message": "Number of images (2) exceeds maximum of 1",
        "type": "invalid_request_error",
        "param": "input",
        "code": "too_many_images",
    }


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "url", ["https://example.com/a.png", "data:image/png;base64,QUJD", "data:,x"]
)
async def test_what_is_no_picture_is_refused(
    openai: httpx.AsyncClient, url: str
) -> None:
    part = {"type": "image_url", "image_url": {"url": url}}

    answer = await openai.post("moderations", json={"input": [part]})

    assert answer.status_code == 400


@pytest.mark.asyncio
async def test_scores_can_be_scripted_for_one_call(
    openai: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    rule = {"provider": "openai", "call": "moderations.create", "action": "scores"}
    await control.put("faults", json=[rule | {"scores": {"hate": 0.7}}])

    results = [
        (await openai.post("moderations", json={"input": "hello"})).json()["results"][0]
        for _ in range(2)
    ]

    assert [result["flagged"] for result in results] == [True, False]
    assert results[0]["category_scores"]["hate"] == 0.7
