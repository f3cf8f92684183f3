"""OpenAI: captions, and the scores that the policy gate judges by.

https://developers.openai.com/api/reference. A response has no idempotency key and no
list to find it in, so it is asked for within a conversation that we have made, and
noted, before: what became of a lost request is read there.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, Field

from vixenbliss.errors import ProviderRefusedError, ProviderUnavailableError
from vixenbliss.providers.http import NO_SUCH_API, HttpProvider
from vixenbliss.settings import Settings


class _Content(BaseModel):
    type: str
    text: str | None = None
    refusal: str | None = None


class _Item(BaseModel):
    type: str
    role: str | None = None
    content: list[_Content] = Field(default_factory=list)


class _Usage(BaseModel):
    input_tokens: int = Field(ge=0)
    output_tokens: int = Field(ge=0)


class _Response(BaseModel):
    id: str
    status: str
    output: list[_Item]
    usage: _Usage | None = None


class _Conversation(BaseModel):
    id: str = Field(min_length=1, max_length=120)


class _Items(BaseModel):
    data: list[_Item]


class _Anything(BaseModel):
    pass


class _ModerationResult(BaseModel):
    flagged: bool
    category_scores: dict[str, Annotated[float, Field(ge=0, le=1)] | None]
    categories: dict[str, bool | None]


class _Moderations(BaseModel):
    model: str = Field(min_length=1, max_length=80)
    results: list[_ModerationResult] = Field(min_length=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a model is asked for: JSON of a (strict) schema."""

    model: str
    instructions: str
    message: str
    schema: Mapping[str, Any]
    max_output_tokens: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model wrote, and the tokens it took."""

    text: str
    input_tokens: int
    output_tokens: int
    is_refusal: bool = False


@dataclass(frozen=True, slots=True)
class Scores:
    """A subject's score in each moderation category, 0 to 1, and which are flagged."""

    model: str
    by_category: Mapping[str, float]
    flagged: frozenset[str]


class OpenAI:
    """The project at OpenAI."""

    def __init__(self, settings: Settings) -> None:
        self._http = HttpProvider(
            "OpenAI", settings.openai_base_url, settings.openai_api_key
        )
        self._moderation_model = settings.moderation_model

    async def score_texts(self, texts: Sequence[str]) -> list[Scores]:
        """Return each text's scores, in order, by one request.

        Raises:
            ProviderUnavailableError: there is no usable answer.
            ProviderRefusedError: there will be none.
        """
        return await self._score(list(texts), len(texts))

    async def score_image(self, image: bytes, content_type: str) -> Scores:
        """Return an image's scores; the service takes one image a request.

        Pictures are scored for sexual content, violence and self-harm only; the
        category of minors does not look at pictures.

        Raises:
            ProviderUnavailableError: there is no usable answer.
            ProviderRefusedError: there will be none.
        """
        encoded = base64.b64encode(image).decode()
        url = f"data:{content_type};base64,{encoded}"
        part = {"type": "image_url", "image_url": {"url": url}}
        (scores,) = await self._score([part], 1)
        return scores

    async def _score(self, subject: Sequence[Any], expected: int) -> list[Scores]:
        answer = await self._http.call(
            "POST",
            "/moderations",
            _Moderations,
            body={"model": self._moderation_model, "input": subject},
        )
        if len(answer.results) != expected:
            raise ProviderUnavailableError("OpenAI", "scores are missing")
        return [_scores(answer.model, result) for result in answer.results]

    async def open_conversation(self, purpose: str) -> str | None:
        """Make a conversation to ask within; free of charge, and harmless if repeated.

        Returns its id, or None where ``OPENAI_BASE_URL`` is a service that lacks
        conversations: a lost answer is then asked for anew.
        """
        try:
            made = await self._http.call(
                "POST",
                "/conversations",
                _Conversation,
                body={"metadata": {"purpose": purpose}},
            )
        except ProviderRefusedError as error:
            if error.status in NO_SUCH_API:
                return None
            raise
        return made.id

    async def ask(
        self, question: Question, *, conversation: str | None = None
    ) -> Answer:
        """Ask a model, within a conversation if there is one.

        A refusal, and what the model did not get to the end of, are answers, too: they
        are paid for.

        Raises:
            ProviderUnavailableError: nothing was asked; try again later.
            ProviderRefusedError: the request is not taken.
            OutcomeUnknownError: it may have answered; read the conversation.
        """
        body: dict[str, Any] = {
            "model": question.model,
            "instructions": question.instructions,
            "input": [
                {
                    "role": "user",
                    "content": [{"type": "input_text", "text": question.message}],
                }
            ],
            "text": {
                "format": {
                    "type": "json_schema",
                    "name": "captions",
                    "schema": question.schema,
                    "strict": True,
                }
            },
            "max_output_tokens": question.max_output_tokens,
            "store": conversation is not None,
        }
        if conversation:
            body["conversation"] = conversation
        response = await self._http.call(
            "POST", "/responses", _Response, effect=True, body=body
        )
        return _answer(response)

    async def read_answers(self, conversation: str) -> list[str] | None:
        """Return what the model has written in a conversation, newest first.

        None if the conversation is gone.
        """
        try:
            items = await self._http.call(
                "GET",
                f"/conversations/{conversation}/items",
                _Items,
                query={"limit": "20", "order": "desc"},
            )
        except ProviderRefusedError as error:
            if error.status in NO_SUCH_API:
                return None
            raise
        return [text for item in items.data if (text := _text(item))]

    async def close_conversation(self, conversation: str) -> None:
        """Delete a conversation, and with it what was said."""
        await self._http.call("DELETE", f"/conversations/{conversation}", _Anything)


def _scores(model: str, result: _ModerationResult) -> Scores:
    # Models that do not know the category of illicit advice score it as null; a null
    # anywhere else is a score that is missing.
    unknown = {name: 0.0 for name in result.category_scores if "illicit" in name}
    scored = result.category_scores | {
        name: zero
        for name, zero in unknown.items()
        if result.category_scores[name] is None
    }
    return Scores(
        model=model,
        by_category={name: s for name, s in scored.items() if s is not None},
        flagged=frozenset(name for name, is_so in result.categories.items() if is_so),
    )


def _answer(response: _Response) -> Answer:
    if response.status not in ("completed", "incomplete"):
        raise ProviderUnavailableError("OpenAI", f"the response is {response.status}")
    text = "".join(_text(item) for item in response.output)
    usage = response.usage or _Usage(input_tokens=0, output_tokens=0)
    is_refusal = any(_refuses(item) for item in response.output)
    return Answer(text, usage.input_tokens, usage.output_tokens, is_refusal=is_refusal)


def _refuses(item: _Item) -> bool:
    return any(part.type == "refusal" for part in item.content)


def _text(item: _Item) -> str:
    if item.type != "message" or item.role != "assistant":
        return ""
    return "".join(p.text or "" for p in item.content if p.type == "output_text")
