"""An avatar's description, in the words that are judged and that prompts end with."""

import hashlib
from typing import Any

import pytest

from tests.support.people import SHEET
from vixenbliss.ids import new_id
from vixenbliss.models.avatars import AvatarStatus
from vixenbliss.models.policy import SubjectType
from vixenbliss.repositories.avatars import LockedAvatar
from vixenbliss.schemas.avatars import Sheet
from vixenbliss.services.profiles import looks, profile_subject

AVATAR_ID = new_id()
WORDS = {
    "appearance": {
        "summary": "woman of many words",
        "hair": "word-hair",
        "eyes": "word-eyes",
        "wardrobe": ["word-hat", "word-coat"],
        "marks": ["word-freckles"],
    },
    "voice": {"tone": "word-tone", "languages": ["en"], "topics": ["word-topic"]},
    "backstory": "word-story",
    "disclosure": "word-disclosure",
}


def avatar(**changes: Any) -> LockedAvatar:
    facts: dict[str, Any] = {
        "id": AVATAR_ID,
        "avatar_name": "Luna",
        "nicho": "travel",
        "aesthetic_style": "warm film",
        "bio": "Drawn by a machine.",
        "status": AvatarStatus.CREATED,
        "current_sheet_version": 1,
        "profile_sha256": None,
        "version": 1,
    }
    return LockedAvatar(**facts | changes)


def sheet(**changes: Any) -> Sheet:
    return Sheet.model_validate(SHEET | changes)


def test_a_profile_is_named_by_the_hash_of_its_words() -> None:
    subject = profile_subject(avatar(), sheet())

    assert subject.type is SubjectType.PROFILE
    assert subject.id == AVATAR_ID
    assert subject.text is not None
    assert subject.sha256 == hashlib.sha256(subject.text.encode()).digest()


def test_the_same_words_have_the_same_name() -> None:
    one = profile_subject(avatar(), sheet())
    other = profile_subject(avatar(version=9, status=AvatarStatus.ACTIVE), sheet())

    assert one == other


@pytest.mark.parametrize("field", ["avatar_name", "nicho", "aesthetic_style", "bio"])
def test_what_is_said_of_an_avatar_is_judged(field: str) -> None:
    text = profile_subject(avatar(**{field: "canary words"}), sheet()).text

    assert text is not None
    assert "canary words" in text


@pytest.mark.parametrize(
    "word",
    ["many", "hair", "eyes", "hat", "coat", "freckles", "tone", "topic", "story"],
)
def test_what_a_sheet_says_is_judged(word: str) -> None:
    text = profile_subject(avatar(), sheet(**WORDS)).text

    assert text is not None
    assert word in text


def test_what_an_avatar_leaves_out_leaves_no_empty_line() -> None:
    bare = {"appearance": {"summary": "woman of many words"}}

    text = profile_subject(avatar(bio=None), sheet(**bare)).text

    assert text is not None
    assert text.startswith("Luna\ntravel\nwarm film\nwoman of many words\nwarm and")


def test_a_prompt_says_first_that_the_persona_is_an_adult() -> None:
    assert looks(sheet(fictional_age=27)).startswith("adult, 27 years old, ")


def test_a_prompt_names_how_the_avatar_looks_and_nothing_else() -> None:
    said = looks(sheet(**WORDS))

    assert said == (
        "adult, 27 years old, woman of many words, word-hair, word-eyes, word-hat,"
        " word-coat, word-freckles"
    )


def test_what_a_sheet_leaves_out_leaves_no_gap() -> None:
    bare = {"summary": "woman of many words"}

    assert looks(sheet(appearance=bare)) == ("adult, 27 years old, woman of many words")
