"""Conversations and their items, as the Conversations API keeps them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

from starlette.responses import JSONResponse, Response

from tests.stack.providers.calls import Call, RefusedError
from tests.stack.providers.openai import errors
from tests.stack.providers.world import World, new_id

MOST_ITEMS_AT_ONCE = 20
_DEFAULT_LIMIT = 20
_LARGEST_LIMIT = 100
_MOST_METADATA = 16
_LONGEST_KEY = 64
_LONGEST_VALUE = 512
_TEXT_TYPES = {"user": "input_text", "assistant": "output_text"}

type Item = dict[str, object]


@dataclass
class Conversation:
    """Items in their order; locked while a response is being written on it."""

    created_at: int
    metadata: dict[str, object]
    id: str = field(default_factory=lambda: new_id("conv_", 48))
    items: list[Item] = field(default_factory=list)
    locked: bool = False

    def on_the_wire(self) -> dict[str, object]:
        """Return the object as the API shows it."""
        return {
            "id": self.id,
            "object": "conversation",
            "created_at": self.created_at,
            "metadata": self.metadata,
        }


class ConversationsApi:
    """The calls on ``/conversations``."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.kept: dict[str, Conversation] = {}

    def named(self, its_id: str) -> Conversation:
        """Return the conversation of that id.

        Raises:
            RefusedError: There is none.
        """
        if its_id not in self.kept:
            raise RefusedError(errors.unknown("Conversation", its_id))
        return self.kept[its_id]

    async def create(self, call: Call) -> Response:
        """Begin a conversation, empty or with items."""
        body = body_of(call)
        created_at = int(self._world.clock.now().timestamp())
        conversation = Conversation(created_at, metadata_of(body))
        conversation.items += _items_of(body)
        self.kept[conversation.id] = conversation
        call.effect(id=conversation.id)
        return JSONResponse(conversation.on_the_wire())

    async def get(self, call: Call) -> Response:
        """Return a conversation without its items."""
        return JSONResponse(self._asked_for(call).on_the_wire())

    async def update(self, call: Call) -> Response:
        """Replace a conversation's metadata."""
        conversation, body = self._asked_for(call), body_of(call)
        if "metadata" not in body:
            raise RefusedError(errors.missing("metadata"))
        conversation.metadata = metadata_of(body)
        call.effect(id=conversation.id)
        return JSONResponse(conversation.on_the_wire())

    async def delete(self, call: Call) -> Response:
        """Forget a conversation."""
        conversation = self._asked_for(call)
        del self.kept[conversation.id]
        call.effect(id=conversation.id)
        gone = {"id": conversation.id, "object": "conversation.deleted"}
        return JSONResponse(gone | {"deleted": True})

    async def add_items(self, call: Call) -> Response:
        """Put items behind the others."""
        conversation, body = self._asked_for(call), body_of(call)
        if "items" not in body:
            raise RefusedError(errors.missing("items"))
        if conversation.locked:
            raise RefusedError(errors.locked())
        added = _items_of(body)
        conversation.items += added
        call.effect(id=conversation.id)
        return JSONResponse(_list(added, has_more=False))

    async def list_items(self, call: Call) -> Response:
        """Return a page of items, newest first unless asked otherwise."""
        items = list(self._asked_for(call).items)
        query = call.request.query_params
        if query.get("order", "desc") == "desc":
            items.reverse()
        limit = _limit(query.get("limit", str(_DEFAULT_LIMIT)))
        rest = _behind(items, query.get("after"))
        return JSONResponse(_list(rest[:limit], has_more=len(rest) > limit))

    def _asked_for(self, call: Call) -> Conversation:
        its_id = str(call.request.path_params["conversation_id"])
        call.about["id"] = its_id
        return self.named(its_id)


def item_of(given: object) -> Item:
    """Return an input item as a conversation keeps it.

    A text stands for a message of the user; messages get an id, a status and content
    in parts; items of other types are kept as they are.
    """
    fields = given if isinstance(given, dict) else {"role": "user", "content": given}
    kind = fields.get("type", "message")
    if kind != "message":
        return {"id": new_id("item_", 48), **fields}
    role = str(fields.get("role", "user"))
    content = fields.get("content")
    if isinstance(content, str):
        text = {"type": _TEXT_TYPES.get(role, "input_text"), "text": content}
        content = [text | ({"annotations": []} if role == "assistant" else {})]
    return {
        "type": "message",
        "id": fields.get("id") or new_id("msg_", 48),
        "status": "completed",
        "role": role,
        "content": content,
    }


def body_of(call: Call) -> dict[str, object]:
    """Return a call's body.

    Raises:
        RefusedError: It is no JSON object.
    """
    body = call.json()
    if body is None:
        raise RefusedError(errors.not_json())
    return body


def metadata_of(body: dict[str, object]) -> dict[str, object]:
    """Return a body's metadata.

    Raises:
        RefusedError: It has more than 16 keys, or one too long, or a value no text.
    """
    metadata = body.get("metadata") or {}
    if not isinstance(metadata, dict) or len(metadata) > _MOST_METADATA:
        raise RefusedError(errors.bad("metadata", "Invalid 'metadata'."))
    for key, value in metadata.items():
        fits = isinstance(value, str) and len(value) <= _LONGEST_VALUE
        if not fits or len(key) > _LONGEST_KEY:
            raise RefusedError(
                errors.bad(f"metadata.{key}", f"Invalid 'metadata.{key}'.")
            )
    return metadata


def _items_of(body: dict[str, object]) -> list[Item]:
    items = body.get("items") or []
    if not isinstance(items, list) or len(items) > MOST_ITEMS_AT_ONCE:
        message = f"Invalid 'items': expected at most {MOST_ITEMS_AT_ONCE} items."
        raise RefusedError(errors.bad("items", message, "array_above_max_length"))
    return [item_of(item) for item in items]


def _limit(given: str) -> int:
    if not given.isdecimal() or not 1 <= int(given) <= _LARGEST_LIMIT:
        message = f"Invalid 'limit': expected a value from 1 to {_LARGEST_LIMIT}."
        raise RefusedError(
            errors.refusal(HTTPStatus.BAD_REQUEST, message, param="limit")
        )
    return int(given)


def _behind(items: Sequence[Item], after: str | None) -> Sequence[Item]:
    if after is None:
        return items
    places = [place for place, item in enumerate(items) if item["id"] == after]
    if not places:
        raise RefusedError(errors.unknown("Item", after))
    return items[places[0] + 1 :]


def _list(items: Sequence[Item], *, has_more: bool) -> dict[str, object]:
    return {
        "object": "list",
        "data": list(items),
        "first_id": items[0]["id"] if items else None,
        "last_id": items[-1]["id"] if items else None,
        "has_more": has_more,
    }
