"""What is asked of a model that writes captions, and how its answer is read. No I/O."""

import json
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, Field, ValidationError, field_validator

from vixenbliss.repositories.job_claims import ClaimedJob
from vixenbliss.schemas.avatars import Sheet
from vixenbliss.schemas.base import HASHTAG_LENGTH
from vixenbliss.schemas.pieces import MAX_CAPTION

MAX_HASHTAGS = 8
_EMOJI_STYLES = "\ufe0e\ufe0f"  # marks by their category, though of no letter
INSTRUCTIONS = """\
You write captions for posts of an openly artificial creator on Instagram and TikTok.
Write in the voice described in "persona", one caption for each entry of "requests", in
the entry's language and tone, and return each under its own key.
A caption has one to three short sentences, no hashtags and no links in its text, and
fits the theme. Give three to five hashtags without the sign, and an alt text that tells
a blind person what the picture for this theme would show.
The persona is an AI and never says or hints that it is a human being. It speaks of no
politics, medicine or money, makes nobody jealous, guilty or hurried, promises no
relation with anybody, and is safe for all ages.
"""
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["captions"],
    "properties": {
        "captions": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["key", "caption", "hashtags", "alt_text"],
                "properties": {
                    "key": {"type": "string"},
                    "caption": {"type": "string"},
                    "hashtags": {"type": "array", "items": {"type": "string"}},
                    "alt_text": {"type": "string"},
                },
            },
        }
    },
}


class WrittenCaption(BaseModel):
    """A caption as a model wrote it, made fit to be kept."""

    key: str
    caption: Annotated[str, Field(min_length=1, max_length=MAX_CAPTION)]
    hashtags: list[str] = Field(max_length=30)
    alt_text: Annotated[str, Field(max_length=1_000)]

    @field_validator("hashtags")
    @classmethod
    def _bare(cls, hashtags: list[str]) -> list[str]:
        """Return the tags as words, each once, as a piece takes them."""
        bare = map(_word, hashtags)
        return list(dict.fromkeys(filter(None, bare)))[:MAX_HASHTAGS]

    @property
    def text(self) -> str:
        """All of its words, as the policy gate reads them."""
        return "\n".join([self.caption, " ".join(self.hashtags), self.alt_text])

    def as_result(self) -> dict[str, Any]:
        """Return what is kept with the job."""
        return self.model_dump(exclude={"key"})


def _word(tag: str) -> str:
    """Return a tag's letters with their marks, its digits and underscores.

    Of any script: in many, vowels are marks. What has no letter or digit is no word.
    """
    kept = "".join(filter(_is_of_a_word, unicodedata.normalize("NFC", tag)))
    return kept[:HASHTAG_LENGTH] if any(map(str.isalnum, kept)) else ""


def _is_of_a_word(char: str) -> bool:
    category = unicodedata.category(char)
    is_mark = category in {"Mn", "Mc"} and char not in _EMOJI_STYLES
    return is_mark or category[0] == "L" or category == "Nd" or char == "_"


class _Written(BaseModel):
    captions: list[Any]


def key_of(job: ClaimedJob) -> str:
    """Return a job's name in the conversation: short, and the same at every try."""
    return job.id.hex[-8:]


def message_for(sheet: Sheet, jobs: Sequence[ClaimedJob]) -> str:
    """Return the one message that asks for all the captions."""
    voice = sheet.voice
    return json.dumps(
        {
            "persona": {
                "tone": voice.tone,
                "topics": voice.topics,
                "avoid": voice.avoid,
                "disclosure": sheet.disclosure,
            },
            "requests": [
                {
                    "key": key_of(job),
                    "theme": job.prompt,
                    "language": job.params.get("language") or voice.languages[0],
                    "tone": job.params.get("tone") or voice.tone,
                }
                for job in jobs
            ],
        },
        ensure_ascii=False,
    )


def read(text: str) -> dict[str, WrittenCaption]:
    """Return an answer's captions by their keys; what is malformed is left out."""
    try:
        written = _Written.model_validate_json(text)
    except ValidationError:
        return {}
    read_ones = filter(None, map(_caption, written.captions))
    return {caption.key: caption for caption in read_ones}


def _caption(written: object) -> WrittenCaption | None:
    try:
        return WrittenCaption.model_validate(written)
    except ValidationError:
        return None
