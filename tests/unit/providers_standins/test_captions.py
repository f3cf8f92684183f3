"""Captions: about their theme, in their language, fit to be posted."""

import json
import re

import pytest

from tests.stack.providers.openai.captions import Assignment, Wish, compose, write
from tests.unit.providers_standins.asking import CAPTION_SCHEMA

THEMES = ["sunset on the beach", "morning coffee", "reading in the library", "gym day"]


def assignment(*wishes: Wish, **persona: str) -> Assignment:
    return Assignment(
        **{"name": "Luna Vega", "niche": "travel"} | persona, wishes=wishes
    )


def sentences(text: str) -> int:
    return len(re.findall(r"[.!?](?:\s|$)", text))


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("language", ["en", "es"])
def test_a_caption_is_of_two_or_three_sentences_with_tags_and_alt_text(
    theme: str, language: str
) -> None:
    (caption,) = compose(assignment(Wish("k", theme, language)))

    assert 2 <= sentences(caption.text) <= 3
    assert 3 <= len(caption.hashtags) <= 5
    assert len(set(caption.hashtags)) == len(caption.hashtags)
    assert all(tag.isalnum() for tag in caption.hashtags)
    assert "Luna Vega" in caption.alt_text


@pytest.mark.parametrize("theme", THEMES)
def test_an_english_caption_speaks_of_its_theme(theme: str) -> None:
    (caption,) = compose(assignment(Wish("k", theme)))

    assert theme in caption.text.casefold()


def test_a_spanish_caption_is_spanish_whatever_the_themes_language() -> None:
    wishes = [
        Wish("a", "sunset on the beach", "es"),
        Wish("b", "un café en la ciudad", "es"),
    ]

    english, spanish = compose(assignment(*wishes))

    assert "la playa al atardecer" in english.text.casefold()
    assert "un café en la ciudad" in spanish.text.casefold()
    assert english.alt_text.startswith("Ilustración")


def test_captions_on_one_theme_are_all_different() -> None:
    wishes = [Wish(f"k{number}", "morning coffee") for number in range(20)]

    captions = compose(assignment(*wishes))

    assert len({caption.text for caption in captions}) == 20


def test_the_persona_changes_the_words() -> None:
    wish = Wish("k", "morning coffee")

    luna, maya = (compose(assignment(wish, name=name))[0] for name in ("Luna", "Maya"))

    assert luna.text != maya.text


def test_an_assignment_is_found_behind_other_words() -> None:
    asked = {"persona": {"name": "Luna"}, "requests": [{"key": "a", "theme": "sea"}]}
    texts = ["Write.", f"Here it is: {json.dumps(asked)}"]

    found = Assignment.found_in(texts)

    assert (found.name, found.wishes) == ("Luna", (Wish("a", "sea"),))


def test_a_persona_may_be_known_by_its_topics_alone() -> None:
    persona = {"tone": "calm", "topics": ["travel", "food", "books"]}
    asked = {"persona": persona, "requests": [{"key": "a", "theme": "the sea"}]}

    found = Assignment.found_in([json.dumps(asked)])

    (caption,) = compose(found)
    assert found.niche == "travel & food"
    assert caption.alt_text.startswith("Illustration of an AI creator on a beach")


@pytest.mark.parametrize(
    "order", ["Write a short caption about ", "Escribe un texto sobre ", ""]
)
def test_an_order_is_not_repeated_as_the_theme(order: str) -> None:
    (caption,) = compose(assignment(Wish("k", f"{order}golden hour")))

    assert "golden hour" in caption.text.casefold()
    assert "write" not in caption.text.casefold()


@pytest.mark.parametrize("text", ["", "{", "{}", '{"requests": 3}', "[1]"])
def test_a_text_without_an_assignment_has_none(text: str) -> None:
    assert Assignment.found_in([text]) == Assignment()


def test_the_schema_decides_sign_count_and_length() -> None:
    captions = json.loads(json.dumps(CAPTION_SCHEMA["properties"]))["captions"]
    fields = captions["items"]["properties"]
    fields["hashtags"] = {
        "type": "array",
        "maxItems": 3,
        "items": {"type": "string", "pattern": "^#"},
    }
    fields["caption"]["maxLength"] = 40
    schema = {"type": "object", "properties": {"captions": captions}}

    text = write(schema, assignment(Wish("k", "sunset on the beach")))

    (caption,) = json.loads(text)["captions"]
    assert len(caption["hashtags"]) == 3
    assert all(tag.startswith("#") for tag in caption["hashtags"])
    assert len(caption["caption"]) == 40


def test_further_fields_of_a_caption_are_filled_in() -> None:
    item = {
        "type": "object",
        "properties": {
            "key": {"type": "string"},
            "mood": {"type": "string", "enum": ["calm", "bold"]},
            "score": {"type": "integer", "minimum": 3},
        },
    }
    captions = {"type": "array", "items": {"$ref": "#/$defs/caption"}}
    schema = {
        "type": "object",
        "properties": {"captions": captions},
        "$defs": {"caption": item},
    }

    text = write(schema, assignment(Wish("k", "sea")))

    assert json.loads(text) == {"captions": [{"key": "k", "mood": "calm", "score": 3}]}


def test_without_a_schema_the_captions_come_as_text() -> None:
    wish = Wish("k", "sunset on the beach")

    text = write(None, assignment(wish))

    assert text == compose(assignment(wish))[0].text
