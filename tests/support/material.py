"""What a studio works on, made through the API: pictures, wishes, pieces."""

import hashlib
import itertools
from io import BytesIO
from typing import Any

import httpx
from PIL import Image

from tests.support.people import Person
from tests.support.workers import Workers

NOBODYS = "0199a000-0000-7000-8000-000000000000"
"""An id that nothing has."""
_shades = itertools.count(1)
_browser = httpx.Client()


def picture(kind: str = "PNG") -> bytes:
    """Return a small picture unlike any other.

    Of a dull colour: pure ones mean something to the gate's stand-in.
    """
    shade = next(_shades)
    colour = (64 + shade % 128, 64 + shade // 128 % 128, 128)
    answer = BytesIO()
    Image.new("RGB", (16, 12), colour).save(answer, kind)
    return answer.getvalue()


def announcement(body: bytes, **changes: Any) -> dict[str, Any]:
    """Return what a client says of a file before it uploads it."""
    return {
        "content_type": "image/png",
        "size_bytes": len(body),
        "sha256": hashlib.sha256(body).hexdigest(),
        "ai_generated": True,
    } | changes


def announce(person: Person, body: bytes, **changes: Any) -> Any:
    """Announce a file and return the answer."""
    wanted = announcement(body, **changes)
    return person.api("POST", "/api/v1/assets/uploads", wanted).ok(201)


def send(form: dict[str, Any], body: bytes) -> httpx.Response:
    """Post a file to the bucket, the way a browser does."""
    return _browser.post(form["url"], data=form["fields"], files={"file": body})


def upload(person: Person, body: bytes, **changes: Any) -> str:
    """Bring a file up to where the policy gate looks at it; return the asset's id."""
    announced = announce(person, body, **changes)
    assert send(announced["upload"], body).is_success
    path = f"/api/v1/assets/{announced['asset_id']}/complete"
    person.api("POST", path).ok(202)
    return str(announced["asset_id"])


def ready_asset(person: Person, workers: Workers, **changes: Any) -> str:
    """Bring a picture that the gate lets through; wants the stand-ins and moto."""
    asset_id = upload(person, picture(), **changes)
    workers.deliver("moderate")
    return asset_id


def wish(avatar_id: str, **changes: Any) -> dict[str, Any]:
    """Return what one asks for when one asks for images."""
    asked = {"avatar_id": avatar_id, "kind": "image", "prompt": "on a quiet beach"}
    return asked | changes


def generate(person: Person, avatar_id: str, **changes: Any) -> Any:
    """Ask for content and return the jobs that were taken on."""
    asked = wish(avatar_id, **changes)
    return person.api("POST", "/api/v1/content/generate", asked).ok(202)


def composed(avatar_id: str, asset_id: str, **changes: Any) -> dict[str, Any]:
    """Return what one sends to compose a piece."""
    return {
        "avatar_id": avatar_id,
        "caption": "A slow morning by the sea",
        "hashtags": ["sea"],
        "assets": [{"asset_id": asset_id, "alt_text": "waves at dawn"}],
    } | changes


def piece(person: Person, avatar_id: str, asset_id: str, **changes: Any) -> Any:
    """Compose a piece and return it."""
    body = composed(avatar_id, asset_id, **changes)
    return person.api("POST", "/api/v1/pieces", body).ok(201)


def submitted(
    person: Person, workers: Workers, avatar_id: str, asset_id: str, **changes: Any
) -> Any:
    """Compose a piece and hand it to the reviewers."""
    made = piece(person, avatar_id, asset_id, **changes)
    workers.deliver("moderate")
    return person.api("POST", f"/api/v1/pieces/{made['id']}/submit").ok()


def approve(person: Person, handed_in: dict[str, Any]) -> Any:
    """Approve a piece as it was handed in."""
    seen = {"content_hash": handed_in["content_hash"]}
    return person.api("POST", f"/api/v1/pieces/{handed_in['id']}/approve", seen).ok()
