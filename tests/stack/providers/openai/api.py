"""OpenAI's HTTP API, as far as captions and moderation need it."""

import asyncio
import json
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.stack.providers.calls import Call, Handler, RefusedError, routes
from tests.stack.providers.faults import Action, Provider
from tests.stack.providers.openai import errors, responses
from tests.stack.providers.openai.captions import Assignment, write
from tests.stack.providers.openai.conversations import (
    Conversation,
    ConversationsApi,
    body_of,
    item_of,
)
from tests.stack.providers.openai.moderations import (
    Matter,
    UnreadablePictureError,
    judge,
    picture_in,
)
from tests.stack.providers.world import OPENAI_KEY, World, new_id

MODERATION_MODELS = ("omni-moderation-latest", "omni-moderation-2024-09-26")
_REQUESTS_A_MINUTE = 10_000
_TOKENS_A_MINUTE = 2_000_000
_MINUTE_S = 60.0


class OpenAIDialect:
    """How OpenAI knows its callers and words its troubles."""

    provider: Provider = "openai"

    def __init__(self) -> None:
        self._calls: deque[float] = deque()

    def stranger(self, request: Request) -> Response | None:
        """Return the refusal of a caller without our key."""
        given = request.headers.get("authorization")
        if given is None:
            return errors.no_key()
        key = given.removeprefix("Bearer ")
        return None if key == OPENAI_KEY else errors.wrong_key(key)

    def trouble(self, status: int, retry_after_s: int | None) -> dict[str, object]:
        """Return the usual body of an error of that status."""
        return errors.body_of(status, retry_after_s)

    def headers(self) -> dict[str, str]:
        """Return the request's id and what is left of the limits."""
        now = time.monotonic()
        while self._calls and now - self._calls[0] > _MINUTE_S:
            self._calls.popleft()
        self._calls.append(now)
        left = max(_REQUESTS_A_MINUTE - len(self._calls), 0)
        return {
            "x-request-id": new_id("req_", 32),
            "openai-processing-ms": "12",
            "openai-version": "2020-10-01",
            "x-ratelimit-limit-requests": str(_REQUESTS_A_MINUTE),
            "x-ratelimit-limit-tokens": str(_TOKENS_A_MINUTE),
            "x-ratelimit-remaining-requests": str(left),
            "x-ratelimit-remaining-tokens": str(_TOKENS_A_MINUTE),
            "x-ratelimit-reset-requests": "6ms",
            "x-ratelimit-reset-tokens": "0s",
        }


class OpenAIApi:
    """The calls."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._conversations = ConversationsApi(world)
        self._responses: dict[str, dict[str, object]] = {}

    def routes(self) -> list[Route]:
        """Return the paths under ``/openai``."""
        v1, talk = "/openai/v1", self._conversations
        one = f"{v1}/responses/{{response_id}}"
        many_talks = f"{v1}/conversations"
        one_talk = f"{many_talks}/{{conversation_id}}"
        items = f"{one_talk}/items"
        table: list[tuple[str, str, str, Handler]] = [
            ("POST", f"{v1}/moderations", "moderations.create", self.moderate),
            ("POST", f"{v1}/responses", "responses.create", self.respond),
            ("GET", one, "responses.get", self.get_response),
            ("DELETE", one, "responses.delete", self.delete_response),
            ("GET", f"{v1}/models", "models.list", self.models),
            ("POST", many_talks, "conversations.create", talk.create),
            ("GET", one_talk, "conversations.get", talk.get),
            ("POST", one_talk, "conversations.update", talk.update),
            ("DELETE", one_talk, "conversations.delete", talk.delete),
            ("POST", items, "conversations.items.create", talk.add_items),
            ("GET", items, "conversations.items.list", talk.list_items),
        ]
        return routes(self._world, OpenAIDialect(), table)

    def forget(self) -> None:
        """Be as new."""
        self._conversations.kept.clear()
        self._responses.clear()

    async def moderate(self, call: Call) -> Response:
        """Judge texts one by one, or texts and a picture together."""
        body = body_of(call)
        model = str(body.get("model", MODERATION_MODELS[0]))
        if model not in MODERATION_MODELS:
            raise RefusedError(errors.unknown_model(model))
        rule = call.struck_by(Action.SCORES)
        at_least = (rule.scores if rule else None) or {}
        matters = _matters(body.get("input"))
        results = [
            await asyncio.to_thread(judge, matter, at_least) for matter in matters
        ]
        call.about["id"] = its_id = new_id("modr-", 32)
        return JSONResponse({"id": its_id, "model": model, "results": results})

    async def respond(self, call: Call) -> Response:
        """Write a response, and add it to its conversation if there is one."""
        question = responses.Question.read(call)
        conversation = self._conversation(question)
        created_at = int(self._world.clock.now().timestamp())
        with _locked(conversation):
            await asyncio.sleep(self._world.settings.openai_latency_s)
            assignment = Assignment.found_in(question.texts())
            text = write(question.schema, assignment)
            given = responses.answer(question, text, call.rule)
            output = given.output()
            if conversation is not None and given.error is None:
                asked = [item_of(item) for item in question.items]
                conversation.items += [*asked, *output]
        at = (created_at, int(self._world.clock.now().timestamp()))
        shown = responses.on_the_wire(question, given, output, at)
        if shown["store"]:
            self._responses[given.id] = shown
        self._note(call, question, given, assignment)
        return JSONResponse(shown)

    async def get_response(self, call: Call) -> Response:
        """Return a stored response."""
        return JSONResponse(self._response(call))

    async def delete_response(self, call: Call) -> Response:
        """Forget a stored response."""
        its_id = str(self._response(call)["id"])
        del self._responses[its_id]
        call.effect(id=its_id)
        return JSONResponse({"id": its_id, "object": "response", "deleted": True})

    async def models(self, call: Call) -> Response:
        """Return the models there are."""
        del call
        names = (*responses.MODELS, *MODERATION_MODELS)
        shown = {"object": "model", "created": 1_767_225_600, "owned_by": "system"}
        data = [{"id": name} | shown for name in names]
        return JSONResponse({"object": "list", "data": data})

    def _conversation(self, question: responses.Question) -> Conversation | None:
        if question.conversation is None:
            return None
        return self._conversations.named(question.conversation)

    def _response(self, call: Call) -> dict[str, object]:
        its_id = str(call.request.path_params["response_id"])
        if its_id not in self._responses:
            raise RefusedError(errors.unknown("Response", its_id))
        return self._responses[its_id]

    def _note(
        self,
        call: Call,
        question: responses.Question,
        given: responses.Answer,
        assignment: Assignment,
    ) -> None:
        """Journal the response: it is paid for, however it ended."""
        job = question.metadata.get("job")
        call.effect(
            id=given.id,
            job=None if job is None else str(job),
            keys=tuple(wish.key for wish in assignment.wishes),
        )


@contextmanager
def _locked(conversation: Conversation | None) -> Iterator[None]:
    """Keep others off the conversation for the while."""
    if conversation is None:
        yield
        return
    if conversation.locked:
        raise RefusedError(errors.locked())
    conversation.locked = True
    try:
        yield
    finally:
        conversation.locked = False


def _matters(given: object) -> Sequence[Matter]:
    """Return what a moderation call wants judged, each alone."""
    if isinstance(given, str):
        return [Matter([given])]
    if not isinstance(given, list) or not given:
        raise RefusedError(errors.missing("input"))
    if all(isinstance(part, str) for part in given):
        return [Matter([text]) for text in given]
    return [_parts(given)]


def _parts(parts: Sequence[object]) -> Matter:
    texts: list[str] = []
    pictures: list[str] = []
    for part in parts:
        fields = part if isinstance(part, Mapping) else {}
        match fields:
            case {"type": "text", "text": str(text)}:
                texts.append(text)
            case {"type": "image_url", "image_url": {"url": str(url)}}:
                pictures.append(url)
            case _:
                message = f"Invalid input part: {json.dumps(part)[:80]}"
                raise RefusedError(errors.bad("input", message))
    return _matter(texts, pictures)


def _matter(texts: Sequence[str], pictures: Sequence[str]) -> Matter:
    if len(pictures) > 1:
        message = f"Number of images ({len(pictures)}) exceeds maximum of 1"
        raise RefusedError(errors.bad("input", message, "too_many_images"))
    try:
        picture = picture_in(pictures[0]) if pictures else None
    except UnreadablePictureError as error:
        message = "Invalid image: the data URL could not be decoded."
        bad = errors.bad("input", message, "invalid_base64_image")
        raise RefusedError(bad) from error
    given = [("text", texts), ("image", pictures)]
    return Matter(texts, picture, [kind for kind, there in given if there])
