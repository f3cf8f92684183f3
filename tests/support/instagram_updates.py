"""Updates in Meta's own hand, delivered to our door."""

from typing import Any

from tests.stack.providers.instagram.keys import APP_SECRET
from tests.stack.providers.instagram.webhooks import signature, written
from tests.support.api import Answer, Api

DOOR = "/webhooks/instagram"
AT = 1_795_219_200


def comment(name: str = "179001", text: Any = "so pretty", **more: Any) -> Any:
    """Return what the value of a comment is."""
    return {
        "id": name,
        "from": {"id": "1234567890", "username": "fan_one"},
        "text": text,
        "media": {"id": "17950000000000001", "media_product_type": "REELS"},
    } | more


def message(mid: str = "m_1", sender: Any = "5551", **more: Any) -> Any:
    """Return what somebody sends in private; named parts replace the message's."""
    return {
        "sender": {"id": sender},
        "recipient": {"id": "17841400000000001"},
        "timestamp": AT * 1000,
        "message": {"mid": mid, "text": "hello"} | more,
    }


def edit(mid: str, text: str, number: int) -> Any:
    told = message(mid)
    del told["message"]
    return told | {"message_edit": {"mid": mid, "text": text, "num_edit": number}}


def changed(account: str, *values: Any, field: str = "comments", at: int = AT) -> Any:
    """Return a body of changes."""
    changes = [{"field": field, "value": value} for value in values]
    return body({"id": account, "time": at, "changes": changes})


def written_to(account: str, *messages: Any) -> Any:
    """Return a body of messages."""
    return body({"id": account, "time": AT * 1000, "messaging": list(messages)})


def body(*entries: Any) -> Any:
    return {"object": "instagram", "entry": list(entries)}


def signed(content: bytes, secret: str = APP_SECRET) -> dict[str, str]:
    return {"x-hub-signature-256": signature(secret, content)}


def deliver(told: Any, headers: dict[str, str] | None = None) -> Answer:
    """Deliver a body, signed unless headers are given."""
    content = told if isinstance(told, bytes) else written(told)
    sent = {"content-type": "application/octet-stream"}  # so nobody reads it as text
    sent |= signed(content) if headers is None else headers
    return Api()("POST", DOOR, content=content, headers=sent)
