"""Responses: what was asked, what the model writes, and the object on the wire.

Shape: ``Response``, ``ResponseOutputMessage`` and ``ResponseUsage`` of
openai-python 3.52.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from starlette.responses import Response

from tests.stack.providers.calls import Call, RefusedError
from tests.stack.providers.faults import Action, Rule
from tests.stack.providers.openai import errors
from tests.stack.providers.openai.conversations import body_of, metadata_of
from tests.stack.providers.openai.schemas import looseness
from tests.stack.providers.world import new_id

MODELS = (
    "gpt-6-astra",
    "gpt-6-sol",
    "gpt-6-luna",
    "gpt-6.1-sol",
    "gpt-6.1-terra",
    "gpt-5.6-sol",
    "gpt-5.6-terra",
    "gpt-5.6-luna",
    "gpt-5.5",
    "gpt-5.4",
    "gpt-5.4-mini",
    "gpt-5.1",
    "gpt-5",
    "gpt-5-mini",
    "gpt-5-nano",
    "gpt-4.1",
    "gpt-4.1-mini",
    "gpt-4o",
    "gpt-4o-mini",
)
_NOT_USED: dict[str, object] = {
    "background": False,
    "max_tool_calls": None,
    "parallel_tool_calls": True,
    "previous_response_id": None,
    "reasoning": {"effort": None, "summary": None},
    "service_tier": "default",
    "tool_choice": "auto",
    "tools": [],
    "top_logprobs": 0,
    "truncation": "disabled",
    "user": None,
}
_CHARACTERS_A_TOKEN = 4
_REFUSAL = "I'm sorry, but I can't assist with that request."
_FAILURE = "The model failed to generate a response."


@dataclass(frozen=True)
class Question:
    """A valid create call."""

    body: dict[str, object]
    model: str
    items: Sequence[object]
    metadata: dict[str, object]
    conversation: str | None
    schema: Mapping[str, object] | None

    @classmethod
    def read(cls, call: Call) -> "Question":
        """Return what the call asks for.

        Raises:
            RefusedError: The body is not as the API wants it.
        """
        body = body_of(call)
        for refusal in (_without_model(body), _without_input(body), _beyond_us(body)):
            if refusal is not None:
                raise RefusedError(refusal)
        given = body["input"]
        return cls(
            body=body,
            model=str(body["model"]),
            items=given if isinstance(given, list) else [given],
            metadata=metadata_of(body),
            conversation=_conversation_id(body),
            schema=_schema(body),
        )

    def texts(self) -> list[str]:
        """Return all that was said, instructions first."""
        said = [str(self.body.get("instructions") or "")]
        for item in self.items:
            content = item.get("content") if isinstance(item, Mapping) else item
            parts = content if isinstance(content, list) else [content]
            for part in parts:
                text = part.get("text", "") if isinstance(part, Mapping) else part
                said.append(str(text or ""))
        return said

    def input_tokens(self) -> int:
        """Return about how many tokens were put in."""
        return tokens("".join(self.texts()) + json.dumps(self.schema or {}))


@dataclass
class Answer:
    """What the model came up with."""

    text: str = ""
    refusal: str | None = None
    incomplete: str | None = None
    error: dict[str, object] | None = None
    id: str = field(default_factory=lambda: new_id("resp_", 48))

    @property
    def status(self) -> str:
        """How it ended."""
        if self.error is not None:
            return "failed"
        return "incomplete" if self.incomplete else "completed"

    def output(self) -> list[dict[str, object]]:
        """Return the output items."""
        if self.error is not None:
            return []
        part: dict[str, object] = {
            "type": "output_text",
            "text": self.text,
            "annotations": [],
            "logprobs": [],
        }
        if self.refusal is not None:
            part = {"type": "refusal", "refusal": self.refusal}
        message: dict[str, object] = {
            "id": new_id("msg_", 48),
            "type": "message",
            "status": "incomplete" if self.incomplete else "completed",
            "role": "assistant",
            "content": [part],
        }
        return [message]


def answer(question: Question, text: str, rule: Rule | None) -> Answer:
    """Return the model's answer: the text, unless a rule or the limit is against it."""
    match rule.action if rule else None:
        case Action.FAIL:
            message = (rule.error if rule else None) or _FAILURE
            return Answer(error={"code": "server_error", "message": message})
        case Action.REFUSAL:
            return Answer(refusal=(rule.error if rule else None) or _REFUSAL)
        case Action.INCOMPLETE:
            reason = (rule.reason if rule else None) or "max_output_tokens"
            return Answer(text[: len(text) // 2], incomplete=reason)
    limit = question.body.get("max_output_tokens")
    if isinstance(limit, int) and tokens(text) > limit:
        cut = text[: limit * _CHARACTERS_A_TOKEN]
        return Answer(cut, incomplete="max_output_tokens")
    return Answer(text)


def on_the_wire(
    question: Question, given: Answer, output: Sequence[object], at: tuple[int, int]
) -> dict[str, object]:
    """Return the response object; ``at`` is when it was created and completed."""
    shown: dict[str, object] = {
        "id": given.id,
        "object": "response",
        "created_at": at[0],
        "status": given.status,
        "completed_at": at[1] if given.status == "completed" else None,
        "error": given.error,
        "incomplete_details": (
            {"reason": given.incomplete} if given.incomplete else None
        ),
        "model": question.model,
        "output": list(output),
        "usage": _usage(question, given),
        "metadata": question.metadata,
    }
    if question.conversation is not None:
        shown["conversation"] = {"id": question.conversation}
    return shown | _echoed(question.body) | _NOT_USED


def tokens(text: str) -> int:
    """Return about how many tokens a text has."""
    return -(-len(text) // _CHARACTERS_A_TOKEN)


def _echoed(body: dict[str, object]) -> dict[str, object]:
    """Return what the response repeats of its request."""
    store = body.get("store")
    return {
        "instructions": body.get("instructions"),
        "max_output_tokens": body.get("max_output_tokens"),
        "prompt_cache_key": body.get("prompt_cache_key"),
        "safety_identifier": body.get("safety_identifier"),
        "store": True if store is None else store,
        "temperature": body.get("temperature", 1.0),
        "text": _text_config(body),
        "top_p": body.get("top_p", 1.0),
    }


def _usage(question: Question, given: Answer) -> dict[str, object] | None:
    if given.error is not None:
        return None
    into, out = question.input_tokens(), tokens(given.text or given.refusal or "")
    return {
        "input_tokens": into,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": out,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": into + out,
    }


def _text_config(body: dict[str, object]) -> dict[str, object]:
    given = body.get("text")
    config = dict(given) if isinstance(given, Mapping) else {}
    return {"format": {"type": "text"}, "verbosity": "medium"} | config


def _without_model(body: dict[str, object]) -> Response | None:
    model = body.get("model")
    if not isinstance(model, str):
        return errors.missing("model")
    return None if model in MODELS else errors.unknown_model(model)


def _without_input(body: dict[str, object]) -> Response | None:
    given = body.get("input")
    if isinstance(given, str | list) and given:
        return None
    return errors.missing("input")


def _beyond_us(body: dict[str, object]) -> Response | None:
    """Refuse, loudly, what the stand-in cannot do."""
    for param in ("stream", "background", "previous_response_id", "tools", "prompt"):
        if body.get(param):
            message = f"The stand-in does not support '{param}'."
            return errors.bad(param, message, "unsupported_value")
    return None


def _conversation_id(body: dict[str, object]) -> str | None:
    given = body.get("conversation")
    found = given.get("id") if isinstance(given, Mapping) else given
    return None if found is None else str(found)


def _schema(body: dict[str, object]) -> Mapping[str, object] | None:
    """Return the schema the text must fit; none for free text."""
    config = body.get("text")
    wanted = config.get("format") if isinstance(config, Mapping) else None
    if not isinstance(wanted, Mapping) or wanted.get("type") != "json_schema":
        return None
    schema = wanted.get("schema")
    if not isinstance(schema, Mapping) or "name" not in wanted:
        missing = "name" if "name" not in wanted else "schema"
        raise RefusedError(errors.missing(f"text.format.{missing}"))
    loose = looseness(schema) if wanted.get("strict") else None
    if loose is not None:
        message = f"Invalid schema for response_format '{wanted['name']}': {loose}"
        bad = errors.bad("text.format.schema", message, "invalid_json_schema")
        raise RefusedError(bad)
    return schema
